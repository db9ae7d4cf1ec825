"""Hosts for the tests of facts: the files of an image, what the real collector says of it, and changes to that."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from evidence.streams import NONCE, text, whole

from hygiene.collect import script
from hygiene.evidence.frames import Frame
from hygiene.evidence.stream import decode
from hygiene.facts.host import facts
from hygiene.model import AreaState, Evidence, HostFacts, Status, Target

NAME = "web1"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Key:
    """A key made for the tests."""

    def __init__(self) -> None:
        self._private = ed25519.Ed25519PrivateKey.generate()
        self.line = self._private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    @property
    def file(self) -> str:
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


ROOT_KEY, ANNA_KEY, BOB_KEY, HOST_KEY = Key(), Key(), Key(), Key()

_PAM = {
    "sshd": "@include common-auth\naccount required pam_nologin.so\n@include common-account\n",
    "sudo": "@include common-auth\n@include common-account\n",
    "su": "auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n",
    "su-l": "auth include su\naccount include su\n",
    "common-auth": (
        "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
    ),
    "common-account": (
        "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
        "account requisite pam_deny.so\naccount required pam_permit.so\n"
    ),
}
FILES: Mapping[str, str] = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/hostname": "web1\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\n",
    "etc/passwd": (
        "root:x:0:0:root:/root:/bin/bash\n"
        "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
        "anna:x:1000:1000::/home/anna:/bin/bash\n"
        "bob:x:1001:1001::/home/bob:/bin/bash\n"
        "eve:x:1002:1002::/home/eve:/bin/bash\n"
    ),
    "etc/group": "root:x:0:\ndaemon:x:1:\nsudo:x:27:anna\nanna:x:1000:\nbob:x:1001:\neve:x:1002:\n",
    "etc/shadow": (
        "root:*:19700:0:99999:7:::\n"
        "daemon:*:19700:0:99999:7:::\n"
        "anna:$y$j9T$abcdefghijklmnop$0123456789012345678901234567890123456789012:19700:0:99999:7:::\n"
        "bob:!:19700:0:99999:7:::\n"
        "eve:$y$j9T$abcdefghijklmnop$0123456789012345678901234567890123456789012:19700:0:99999:7::1:\n"
    ),
    "etc/sudoers": "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
    "etc/sudoers.d/anna": "anna ALL=(ALL) NOPASSWD: ALL\n",
    "etc/ssh/sshd_config": (
        "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin prohibit-password\nKbdInteractiveAuthentication no\n"
        "UsePAM yes\n"
    ),
    "etc/ssh/sshd_config.d/10-passwords.conf": "PasswordAuthentication yes\n",
    "etc/ssh/ssh_host_ed25519_key.pub": f"{HOST_KEY.line} root@web1\n",
    "root/.ssh/authorized_keys": f"{ROOT_KEY.line} ops\n",
    "home/anna/.ssh/authorized_keys": f"# mine\n{ANNA_KEY.line} anna@laptop\n",
    "home/bob/.ssh/authorized_keys": f'restrict,command="/bin/backup",from="10.0.0.0/8" {BOB_KEY.line} bob\n',
    "home/eve/.ssh/authorized_keys": f"{BOB_KEY.line} eve\n",
    "home/anna/.ssh/id_ed25519": ANNA_KEY.file,
    "var/lib/dpkg/status": "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2+deb12u7\n\n",
    "bin/bash": "",
    "usr/bin/su": "",
    "usr/bin/sudo": "",
    "usr/sbin/sshd": "",
    "usr/sbin/nologin": "",
    **{f"etc/pam.d/{name}": content for name, content in _PAM.items()},
}
_PROGRAMS = ("bin/", "usr/bin/", "usr/sbin/")
_UIDS = {"home/anna": 1000, "home/bob": 1001, "home/eve": 1002}


@dataclass(frozen=True)
class Image:
    """An offline root on disk, and the list that says who owns what."""

    root: Path
    owners: bytes

    @classmethod
    def write(cls, folder: Path, files: Mapping[str, str | bytes], modes: Mapping[str, int] | None = None) -> Image:
        """Write files; each belongs to the account in whose home it lies, folders are 0755 and files 0644."""
        root = folder / "root"
        paths = {*files, *(str(above) for name in files for above in Path(name).parents)} - {"."}
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
        lines = ["#mtree", "/set gid=0", ". type=dir mode=0755 uid=0"]
        for name in sorted(paths):
            kind = "dir" if (root / name).is_dir() else "file"
            mode = (modes or {}).get(name, 0o755 if kind == "dir" or name.startswith(_PROGRAMS) else 0o644)
            (root / name).chmod(mode | 0o700 if kind == "dir" else mode | 0o600)
            uid = next((uid for home, uid in _UIDS.items() if name == home or name.startswith(f"{home}/")), 0)
            lines.append(f"./{name} type={kind} mode={mode:04o} uid={uid} gid={uid}")
        return cls(root, "".join(f"{line}\n" for line in lines).encode())

    def stream(self) -> bytes:
        """What the collector says of it."""
        listed = self.root.with_name("owners.mtree")
        listed.write_bytes(self.owners)
        command = ["sh", "-s", "--", "-R", str(self.root), *(("-O", str(listed)) if self.owners else ()), NONCE]
        said = subprocess.run(command, input=script.text(), capture_output=True, check=True, timeout=60).stdout
        return said[said.index(b"@HYG1") :]


@dataclass(frozen=True)
class Said:
    """What a host said, item by item, so that a test can change what it wants and leave the rest as it was."""

    frames: tuple[Frame, ...]
    notes: tuple[str, ...] = ()  # `area word detail`
    uid: int = 0
    mode: str = "offline"
    at: datetime = NOW

    @classmethod
    def of(cls, stream: bytes) -> Said:
        transcript = decode(stream, NONCE)
        assert transcript.complete, transcript.problem
        return cls(transcript.frames)

    def with_file(self, kind: str, path: str, data: str | bytes, status: str = "ok") -> Said:
        """Replace a file, or add it."""
        raw = data.encode() if isinstance(data, str) else data
        frame = Frame(kind, path.encode(), status, raw)
        if not any((each.kind, each.path) == (kind, frame.path) for each in self.frames):
            return replace(self, frames=(*self.frames, frame))
        return replace(
            self,
            frames=tuple(frame if (each.kind, each.path) == (kind, frame.path) else each for each in self.frames),
        )

    def without(self, kind: str, path: str | None = None) -> Said:
        """Leave out a file, or all of a kind."""
        kept = (f for f in self.frames if f.kind != kind or (path is not None and f.path != path.encode()))
        return replace(self, frames=tuple(kept))

    def edited(self, kind: str, old: str, new: str) -> Said:
        """Replace a text in all items of a kind; it must be there."""
        assert any(old.encode() in frame.data for frame in self.frames if frame.kind == kind), (kind, old)
        return replace(
            self,
            frames=tuple(
                replace(frame, data=frame.data.replace(old.encode(), new.encode())) if frame.kind == kind else frame
                for frame in self.frames
            ),
        )

    def status(self, kind: str, path: str, status: str) -> Said:
        """A file that was not read."""
        return self.with_file(kind, path, b"", status)

    def stream(self, *, items: int | None = None) -> bytes:
        """The stream that says it; only so many of its items, and then it breaks off, when `items` is given."""
        head = (
            f"@HYG1 {NONCE} v=1 t={self.at.timestamp():.0f} uid={self.uid} mode={self.mode} enc=b64 root=/\n".encode()
        )
        if items is None:
            notes = (f"@N {note}\n".encode() for note in self.notes)
            return whole(text(b"".join(map(_item, self.frames))), *notes, head=head)
        return head + b"".join(text(_item(frame)) for frame in self.frames[:items])


def _item(frame: Frame) -> bytes:
    data = frame.data if not frame.data or frame.data.endswith(b"\n") else frame.data + b"\n"
    return f"{frame.kind} {frame.status} {data.count(10)} ".encode() + frame.path + b"\n" + data


@dataclass(frozen=True)
class Scan:
    """How a host was reached."""

    status: Status = Status.COMPLETE
    reason: str = ""
    offline: bool = False
    server_version: str | None = "OpenSSH_9.2p1 Debian-2+deb12u7"
    host_key: str | None = None
    sshd_version: str | None = None
    owners: bytes = b""
    took: timedelta = field(default=timedelta(seconds=2))

    def evidence(self, stream: bytes) -> Evidence:
        return Evidence(
            scan="scan-1",
            target=Target(NAME, "10.0.0.1", tenant="acme", tags=("prod",)),
            status=self.status,
            stage="done" if self.status is Status.COMPLETE else "collect",
            reason=self.reason,
            started_at=NOW,
            finished_at=NOW + self.took,
            nonce=NONCE,
            server_version=None if self.offline else self.server_version,
            host_key=self.host_key,
            offline=self.offline,
            sshd_version=self.sshd_version,
            owners=self.owners,
            stream=stream,
        )


def facts_of(said: Said | bytes, scan: Scan | None = None) -> HostFacts:
    """The rows of what was said; whatever is unknown in them must stand on a gap."""
    stream = said if isinstance(said, bytes) else said.stream()
    found = facts((scan or Scan()).evidence(stream), "key")
    assert_founded(found)
    return found


_ROOT = {"sudo", "accounts", "collect"}
_PASSWORD = {"shadow", "accounts", "collect"}
_DOOR = {"authorized_keys", "sshd", "pam", "shadow", "accounts", "collect"}
# where the reason for an unknown must stand, by table and column
_FOUNDED: Mapping[tuple[str, str], set[str]] = {
    ("accounts", "root_by"): _ROOT,
    ("accounts", "password_state"): _PASSWORD,
    ("grants", "accepted"): _DOOR,
    ("grants", "opens_root"): _DOOR | _ROOT,
    ("private_keys", "encrypted"): {"private_keys", "collect"},
    ("settings", "state"): {"sshd", "collect"},
    ("login_paths", "verdict"): _DOOR,
    ("root_paths", "verdict"): _DOOR | _ROOT,
    ("host_hashes", "weakness"): {"shadow"},
}


def assert_founded(found: HostFacts) -> None:
    """Every unknown stands on a gap of its host or account, and every area that was not seen whole too."""
    host = found.host.host
    gaps = {(gap.subject, gap.area) for gap in found.gaps}
    whole_host = {area for subject, area in gaps if subject == host}
    for (table, column), areas in _FOUNDED.items():
        for row in getattr(found, table):
            if getattr(row, column) == "unknown":
                account = getattr(row, "account", None) or getattr(row, "scope", "").partition(" from ")[0]
                own = {area for subject, area in gaps if subject == f"{host}:{account}"}
                assert (whole_host | own) & areas, (row, found.gaps)
    if found.host.status not in (Status.UNREACHABLE, Status.REFUSED, Status.SKIPPED):
        for area in found.areas:
            if area.state in (AreaState.PARTIAL, AreaState.UNSEEN):
                told = {gap.area for gap in found.gaps}
                assert area.area.value in told or "collect" in told, (area, found.gaps)
    if found.host.status is Status.COMPLETE:
        assert {area.state for area in found.areas} <= {AreaState.SEEN, AreaState.ABSENT}
    assert not any("internal error" in gap.reason for gap in found.gaps)


Change = Callable[[Said], Said]


def changes(*steps: Change) -> Change:
    """Several changes, one after the other."""

    def all_of_them(said: Said) -> Said:
        for step in steps:
            said = step(said)
        return said

    return all_of_them


def gaps_of(found: HostFacts) -> set[tuple[str, str, str]]:
    return {(gap.subject, gap.area, gap.reason) for gap in found.gaps}


def grants_of(found: HostFacts) -> Iterable[tuple[str, int, str, str | None, str]]:
    """Account, line, accepted, why not, opens root."""
    return [(g.account, g.line, g.accepted.value, g.reason, g.opens_root.value) for g in found.grants]
