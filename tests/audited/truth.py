"""The rows that the tables must hold of what was planted, said in the words of the export."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.plan import machine_id

from .plant import YES, Key, Line, Person, Planted, Verdict, Way, fingerprint

Row = dict[str, object]

_AREAS = ("accounts", "shadow", "sudo", "sshd", "pam", "authorized_keys", "private_keys", "host_keys")
# of /etc/passwd of the lab's tree, root aside: the others end a login, and none has a password
_BASE_STATE = "no-shell"
_BASE_PASSWORD = "none"


def hosts(fleet: Sequence[Planted], addresses: Mapping[str, str], system: str, audit: Key, folder: Path) -> list[Row]:
    """The rows of `hosts` without what only the run knows: times, boot id, digest of the evidence.

    `folder` has the key and the known_hosts of the run, with a line for each host.
    """
    told = {
        host.name: {
            "audit": audit.fingerprint,
            "key": folder / "key",
            "known_hosts": f"{folder / 'known_hosts'}:{number}",
            "offered": fingerprint(host.host_key.public),
            "address": addresses[host.name],
        }
        for number, host in enumerate(fleet, 1)
    }
    return [
        {
            "host": host.name,
            "address": addresses[host.name],
            "port": host.spec.port,
            "tenant": host.spec.tenant,
            "tags": sorted(host.spec.tags),
            "status": host.status,
            "stage": host.stage,
            "reason": host.reason.format(**told[host.name]),
            "machine_id": machine_id(host.spec) if host.seen else None,
            "os": system if host.seen else None,
            "sshd_version": "9.2p1" if host.seen else None,
            "clock_skew_s": 0 if host.seen else None,
            "login_user": host.user if host.seen else None,
            "login_fingerprint": audit.fingerprint if host.seen else None,
        }
        for host in fleet
    ]


def areas(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {"host": host.name, "area": area, "state": host.areas.get(area, "seen") if host.seen else "unseen"}
        for host in fleet
        for area in _AREAS
    ]


def accounts(fleet: Sequence[Planted], base_passwd: str) -> list[Row]:
    """Those of the tree and those that were planted; a planted one of the same name takes the other's place."""
    found = []
    for host in fleet:
        if not host.seen:
            continue
        planted = {one.name: one for one in host.people}
        for entry in base_passwd.splitlines():
            name, _, uid, gid, _, home, shell = entry.split(":")
            if name not in planted:
                row = _account(host, name, int(uid), int(gid), home, shell)
                found.append(row | {"state": _BASE_STATE, "root_by": host.root_by, "password_state": _BASE_PASSWORD})
        for one in host.people:
            spec = one.spec
            gid = spec.uid if spec.gid is None else spec.gid
            row = _account(host, one.name, spec.uid, gid, one.home, spec.shell)
            row |= {"state": one.state, "root_by": one.root_by}
            found.append(row | {"password_state": one.password, "hash_scheme": one.scheme})
    for row in found:
        state = next(host.password for host in fleet if host.name == row["host"])
        if state is not None:
            row |= {"password_state": state, "hash_scheme": None}
    return found


def _account(host: Planted, name: str, uid: int, gid: int, home: str, shell: str) -> Row:
    return {
        "host": host.name, "account": name, "uid": uid, "gid": gid, "home": home, "shell": shell, "hash_scheme": None,
    }  # fmt: skip


# ---------------------------------------------------------------- keys and lines


def lines(host: Planted) -> Iterator[tuple[Person, str, int, Line, Verdict]]:
    """Each line that gives a row: whose, in which file, its number, and what becomes of it."""
    for one in host.people:
        for path, given in one.files.items():
            for number, line in enumerate(given, 1):
                if line.verdict.accepted != "skipped":
                    yield one, f"{one.home}/{path}", number, line, together(line.verdict, one.door)


def together(*verdicts: Verdict) -> Verdict:
    """A no holds whatever else is not known."""
    for word in ("no", "unknown"):
        for verdict in verdicts:
            if verdict.accepted == word:
                return verdict
    return YES


def grants(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {
            "host": host.name,
            "daemon": "sshd",
            "account": one.name,
            "fingerprint": line.key.fingerprint if line.key else None,
            "file": path,
            "line": number,
            "options": list(line.options),
            "from_patterns": list(line.from_patterns) if line.from_patterns else None,
            "command": line.command,
            "restricted": line.command is not None or line.limits,
            "expires_at": line.expires_at,
            "is_authority": line.authority,
            "accepted": verdict.accepted,
            "reason": verdict.reason,
            "opens_root": opens_root(one, line, verdict),
            "comment": line.comment,
        }
        for host in fleet
        if host.seen
        for one, path, number, line, verdict in lines(host)
    ]


def opens_root(one: Person, line: Line, verdict: Verdict) -> str:
    """root, or everything by sudo without a password, and no forced command."""
    if verdict.accepted == "no" or line.command is not None or one.root_by == "none":
        return "no"
    return "unknown" if one.root_by == "unknown" else verdict.accepted


def private_keys(fleet: Sequence[Planted]) -> list[Row]:
    """The files that were planted, and the host's own key."""
    found = []
    for host in fleet:
        if not host.seen:
            continue
        if host.user_sees_all:
            found.append(
                _private(host, "root", "/etc/ssh/ssh_host_ed25519_key", "openssh", "no",
                         fingerprint(host.host_key.public), 0o600)
            )  # fmt: skip
        found += [
            _private(host, kept.account, kept.path, kept.kind, kept.encrypted,
                     kept.key.fingerprint if kept.key else None, kept.mode)
            for kept in host.key_files
        ]  # fmt: skip
    return found


def _private(
    host: Planted, account: str | None, path: str, kind: str, encrypted: str, print_: str | None, mode: int
) -> Row:
    return {
        "host": host.name, "account": account, "path": path, "kind": kind, "encrypted": encrypted,
        "fingerprint": print_, "mode": f"{mode:04o}",
    }  # fmt: skip


def host_keys(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {"host": host.name, "fingerprint": fingerprint(host.host_key.public), "type": "ssh-ed25519", "bits": 256}
        for host in fleet
        if host.seen
    ]


def keys(fleet: Sequence[Planted]) -> list[Row]:
    """Each key once, with the comment that most lines give it, of equals the first."""
    planted: dict[str, Key] = {}
    comments: dict[str, Counter[str]] = {}
    found = {
        str(row["fingerprint"]): {"type": "ssh-ed25519", "bits": 256, "weakness": None} for row in host_keys(fleet)
    }
    for host in fleet:
        if host.seen:
            for _, _, _, line, _ in lines(host):
                if line.key is not None:
                    planted[line.key.fingerprint] = line.key
                    comments.setdefault(line.key.fingerprint, Counter()).update([line.comment] if line.comment else [])
            planted |= {kept.key.fingerprint: kept.key for kept in host.key_files if kept.key}
    found |= {name: {"type": key.type, "bits": key.bits, "weakness": key.weakness} for name, key in planted.items()}
    return [
        row | {"fingerprint": name, "comment": _commonest(comments.get(name, Counter()))} for name, row in found.items()
    ]


def _commonest(comments: Counter[str]) -> str | None:
    return min(comments, key=lambda text: (-comments[text], text.encode()), default=None)


# ---------------------------------------------------------------- ways in


def login_paths(fleet: Sequence[Planted], base_passwd: str) -> list[Row]:
    found = []
    for host in fleet:
        if not host.seen:
            continue
        for one in host.people:
            found += [_path(host, one.name, *way) for way in _ways(host, one)]
        if host.base_way is not None:
            planted = {one.name for one in host.people}
            names = [entry.split(":")[0] for entry in base_passwd.splitlines()]
            found += [_path(host, name, "*", None, host.base_way) for name in names if name not in planted]
    return found


def _ways(host: Planted, one: Person) -> Iterator[tuple[str, str | None, Way]]:
    """One way for each class of source and forced command, then what takes no key."""
    certain: dict[tuple[str, str | None], Way] = {}
    doubtful: dict[tuple[str, str | None], Way] = {}
    for person, _, _, line, verdict in lines(host):
        if person is one and verdict.accepted != "no":
            place = (",".join(line.from_patterns) if line.from_patterns and line.limits else "*", line.command)
            if verdict.accepted == "yes":
                certain.setdefault(place, Way("publickey", ("key",)))
            else:
                doubtful.setdefault(place, Way("publickey", reason=verdict.reason))
    for place, way in (doubtful | certain).items():
        yield *place, way
    for way in one.ways:
        yield "*", None, way


def _path(host: Planted, account: str, source: str, command: str | None, way: Way) -> Row:
    known = way.reason is None
    return {
        "host": host.name,
        "daemon": "sshd",
        "account": account,
        "source": source,
        "methods": way.methods,
        "factors": len(way.kinds) if known else None,
        "kinds": list(way.kinds),
        "via": command,
        "verdict": "one" if known else "unknown",
        "reason": way.reason,
    }


# ---------------------------------------------------------------- settings and gaps


# lists whose default differs by build, so that only the daemon knows it: where it was not asked they have no row
_ONLY_PRINTED = {"ciphers", "macs", "kexalgorithms", "casignaturealgorithms", "gssapikexalgorithms"}


def settings(host: Planted, printed: str, files: Mapping[str, str]) -> list[Row]:
    """What `sshd -T` printed on the host, a row for each line, and where the host's files say so."""
    places: dict[str, str] = {}
    _places(_MAIN_CONFIG, files, places)
    found = []
    for line in printed.splitlines():
        keyword, _, value = line.partition(" ")
        if host.sshd_t or keyword not in _ONLY_PRINTED:
            source = places.get(keyword, "sshd -T" if keyword in _ONLY_PRINTED else "default")
            row: Row = {"host": host.name, "daemon": "sshd", "scope": "*", "keyword": keyword, "value": value}
            found.append(row | {"source": source, "state": "effective"})
    return found


_MAIN_CONFIG = "/etc/ssh/sshd_config"


def _places(path: str, files: Mapping[str, str], found: dict[str, str]) -> None:
    """Where each keyword stands first, up to the first Match: an Include stands for its files, in order of names."""
    for number, line in enumerate(files[path].splitlines(), 1):
        keyword, *rest = line.split() or ["#"]
        if keyword == "Match":
            return
        if keyword == "Include":
            for name in sorted(files):
                if fnmatch.fnmatchcase(name, rest[0]):
                    _places(name, files, found)
        elif not keyword.startswith("#"):
            found.setdefault(keyword.lower(), f"{path}:{number}")


def gaps(fleet: Sequence[Planted]) -> set[tuple[str, str]]:
    """Subject and area."""
    return {
        (host.name if gap.account is None else f"{host.name}:{gap.account}", gap.area)
        for host in fleet
        for gap in host.gaps
    }
