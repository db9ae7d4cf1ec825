"""The rows that the tables must hold of what was planted, said in the words of the export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lab.plan import machine_id

from .machines import SSHD, Daemon, Planted, days_ago
from .plant import BY_CERTIFICATE, YES, Key, Line, Person, Verdict, Way, fingerprint

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


def lines(host: Planted, daemon: Daemon = SSHD) -> Iterator[tuple[Person, str, int, Line, Verdict]]:
    """Each line that gives a row: whose, in which file, its number, and what becomes of it."""
    for one in host.people:
        for path, given in one.files.items():
            for number, line in enumerate(given, 1):
                if line.verdict.accepted != "skipped":
                    file = path if path.startswith("/") else f"{one.home}/{path}"
                    yield one, file, number, line, together(daemon.doors.get(one.name, one.door), line.verdict)


def together(*verdicts: Verdict) -> Verdict:
    """A no holds whatever else is not known."""
    for word in ("no", "unknown"):
        for verdict in verdicts:
            if verdict.accepted == word:
                return verdict
    return YES


def grants(fleet: Sequence[Planted], base_passwd: str) -> list[Row]:
    found = []
    for host in fleet:
        for daemon in host.daemons if host.seen else ():
            for one, path, number, line, verdict in lines(host, daemon):
                row = _grant(host, daemon, one.name, path, number, line, verdict) | {
                    "opens_root": opens_root(one.root_by, line, verdict),
                    "accepted_from": _accepted_from(one, verdict),
                    "writable_by": one.writable_by if verdict.accepted != "no" else None,
                }
                found.append(row)
            for authority in host.authorities:
                line = Line(b"", authority.key, authority.comment, authority=True)
                for name, person in everybody(host, base_passwd).items():
                    verdict, root_by = authority.verdict(name), person.root_by if person else host.root_by
                    line = replace(line, principals=authority.named.get(name))
                    row = _grant(host, daemon, name, authority.file, authority.line, line, verdict) | {
                        "opens_root": opens_root(root_by, line, verdict),
                        "accepted_from": _accepted_from(person, verdict),
                        "writable_by": None,
                    }
                    found.append(row)
    return found


def _accepted_from(one: Person | None, verdict: Verdict) -> list[str] | None:
    return [one.source] if one and one.source != "*" and verdict == YES else None


def _grant(host: Planted, daemon: Daemon, account: str, path: str, number: int, line: Line, verdict: Verdict) -> Row:
    return {
        "host": host.name,
        "daemon": daemon.name,
        "account": account,
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
        "comment": line.comment,
        "cause": verdict.cause,
        "marks": list(line.marks),
        "principals": list(line.principals) if line.principals is not None else None,
    }


def everybody(host: Planted, base_passwd: str) -> dict[str, Person | None]:
    """The accounts of a host; None stands for one of the tree."""
    names = [entry.split(":")[0] for entry in base_passwd.splitlines()]
    return dict.fromkeys(names) | {one.name: one for one in host.people}


def key_uses(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {
            "host": host.name,
            "account": use.account,
            "fingerprint": use.key.fingerprint,
            "source": use.source,
            "first_used": days_ago(max(use.days)),
            "last_used": days_ago(min(use.days)),
            "uses": len(use.days),
        }
        for host in fleet
        for use in host.uses
    ]


def dynamic_sources(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {
            "host": host.name,
            "daemon": "sshd",
            "keyword": "authorizedkeyscommand",
            "scope": "*",
            "program": program.path,
            "run_as": program.run_as,
            "fault": program.fault,
            "works": program.works,
        }
        for host in fleet
        if host.seen
        for program in host.programs
    ]


def revoked_keys(fleet: Sequence[Planted]) -> list[Row]:
    return [
        {"host": host.name, "daemon": "sshd", "fingerprint": key.fingerprint, "file": path}
        for host in fleet
        if host.seen
        for path, revoked in host.revoked.items()
        for key in revoked
    ]


def opens_root(root_by: str, line: Line, verdict: Verdict) -> str:
    """root, or everything by sudo without a password, and no forced command."""
    if verdict.accepted == "no" or line.command is not None or root_by == "none":
        return "no"
    return "unknown" if root_by == "unknown" else verdict.accepted


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
            for authority in host.authorities:
                planted[authority.key.fingerprint] = authority.key
                comments.setdefault(authority.key.fingerprint, Counter()).update([authority.comment])
    found |= {name: {"type": key.type, "bits": key.bits, "weakness": key.weakness} for name, key in planted.items()}
    return [
        row | {"fingerprint": name, "comment": _commonest(comments.get(name, Counter()))} for name, row in found.items()
    ]


BY_PROGRAM = "keys that a program supplies (AuthorizedKeysCommand) cannot be listed"


def _commonest(comments: Counter[str]) -> str | None:
    return min(comments, key=lambda text: (-comments[text], text.encode()), default=None)


# ---------------------------------------------------------------- ways in


def login_paths(fleet: Sequence[Planted], base_passwd: str) -> list[Row]:
    found = []
    for host in fleet:
        for daemon in host.daemons if host.seen else ():
            for name, one in everybody(host, base_passwd).items():
                found += [_path(host, daemon, name, *way) for way in _ways(host, daemon, name, one)]
    return found


def _ways(host: Planted, daemon: Daemon, name: str, one: Person | None) -> Iterator[tuple[str | None, Way]]:
    """One way for each class of source and forced command, then what takes no key."""
    certain: dict[tuple[str, str | None, bool], Way] = {}
    doubtful: dict[tuple[str, str | None, bool], Way] = {}
    given = [(line, verdict) for each, _, _, line, verdict in lines(host, daemon) if each is one]
    trusted = Line(b"", authority=True)
    given += [(trusted, authority.verdict(name)) for authority in host.authorities]
    for line, verdict in given:
        if verdict.accepted != "no":
            everywhere = one.source if one else "*"
            source = ",".join(line.from_patterns) if line.from_patterns and line.limits else everywhere
            place = (source, line.command, line.authority)
            if verdict.accepted == "yes":
                note = BY_CERTIFICATE if line.authority else None
                certain.setdefault(place, Way("publickey", ("key",), note=note, source=source))
            else:
                doubtful.setdefault(place, Way("publickey", reason=verdict.reason, source=source))
    for (_, command, _), way in (doubtful | certain).items():
        yield command, way
    # whom a program may name keys for, nobody knows
    if any(program.works == "yes" for program in host.programs) and ("*", None, False) not in certain:
        yield None, Way("publickey", reason=BY_PROGRAM)
    for way in one.ways if one else [host.base_way] if host.base_way else ():
        yield None, way


def _path(host: Planted, daemon: Daemon, account: str, command: str | None, way: Way) -> Row:
    known = way.reason is None
    return {
        "host": host.name,
        "daemon": daemon.name,
        "account": account,
        "source": way.source,
        "methods": way.methods,
        "factors": len(way.kinds) if known else None,
        "kinds": list(way.kinds),
        "via": command,
        "verdict": "one" if known else "unknown",
        "reason": way.note if known else way.reason,
    }


# ---------------------------------------------------------------- gaps


def gaps(fleet: Sequence[Planted]) -> set[tuple[str, str]]:
    """Subject and area."""
    return {
        (host.name if gap.account is None else f"{host.name}:{gap.account}", gap.area)
        for host in fleet
        for gap in host.gaps
    }
