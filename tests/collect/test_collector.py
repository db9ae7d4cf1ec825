"""The collector on folders that hold a host's files: what it gives under every shell and awk, and what never."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Note, Transcript
from hygiene.evidence.stream import decode
from hygiene.model import Truth

from . import planted_tokens
from .disk import AWKS, NONCE, SHELLS, Link, collect, installed, make, snapshot, stream, with_awk

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAX5BwFLQOMiA6FjUt7NfSU0aB6xYZMRsnaHh2uCthk+"
HASH = "$6$rounds=5000$canarysalt$CANARYcanaryCANARYcanaryCANARYcanaryCANARYcanary"
YESCRYPT = "$y$j9T$canarysalt$CANARYcanaryCANARYcanaryCANARYcanary"
PASSED_ON = b"CANARY"

ROOT = {
    "/usr/lib/os-release": "ID=debian\nVERSION_ID=12\n",
    "/etc/os-release": Link("../usr/lib/os-release"),
    "/etc/machine-id": "00112233445566778899aabbccddeeff\n",
    "/etc/hostname": "web1\n",
    "/etc/nsswitch.conf": "passwd: files sss\n",
    "/etc/passwd": (
        f"root:x:0:0:The CANARY Admin:/root:/bin/bash\nalice:{HASH}:1001:1001:,,,:/home/alice:/bin/sh\n"
        "bob::1002:1002::/home/bob/:/bin/gone\nfr ank:x:1003:1003::/home/fr 'ank:/etc/passwd\n+@admins\n"
        "CANARY-not-a-line\nnobody:*:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    ),
    "/etc/group": f"root:x:0:\nusers:{HASH}:100:alice,bob\n",
    "/etc/shadow": (
        f"root:{HASH}:19000:0:99999:7:::\nalice:!{YESCRYPT}:19000:0:99999:7::20000:\nbob::19000:0:99999:7:::\n"
        "svc:*:19000::::::\nlocked:!!:19000::::::\nblow:$2b$12$CANARYcanaryCANARYcanaryCANARYcanaryCANARY:1:0:9:7:::\n"
        "old:CANARYcanary1:1:0:9:7:::\narg:$argon2id$v=19$m=65536,t=3,p=4$CANARY$CANARY:1:0:9:7:::\n"
        f"broken {HASH}\nshort:x:19000:CANARY:::::\n"
    ),
    "/etc/sudoers": 'Defaults env_reset\n@includedir /etc/sudoers.d\n#include local\n@include "/etc/sudo ers"\n'
    "@include /etc/sudoers.%h\n",
    "/etc/sudoers.d/10-admins": "%admins ALL=(ALL) NOPASSWD: ALL\n#includedir more.d\n",
    "/etc/sudoers.d/more.d/x": "alice ALL=(ALL) ALL",
    "/etc/sudoers.d/README.txt": "sudo skips names with a dot\n",
    "/etc/sudoers.d/backup~": "and these\n",
    "/etc/local": "bob ALL=(root) /bin/ls\r\n",
    "/etc/sudo ers": "# by a quoted name\n",
    "/etc/doas.conf": "permit nopass alice\n",
    "/etc/ssh/sshd_config": (
        "Include sshd_config.d/*.conf /etc/ssh/missing.conf\nHostKey /etc/keys/host_key\n"
        'AuthorizedKeysFile .ssh/authorized_keys "/etc/ssh/keys/%u" # comment .ssh/no\n'
        "TrustedUserCAKeys=/etc/ssh/ca.pub\nRevokedKeys /etc/ssh/revoked\n"
    ),
    "/etc/ssh/sshd_config.d/20-b.conf": "Include /etc/ssh/deep/1\nPasswordAuthentication no\n",
    "/etc/ssh/sshd_config.d/10-a.conf": "Match Group sftp\n  AuthorizedKeysFile /srv/keys/%U\n",
    "/etc/ssh/sshd_config.d/ignored": "PermitRootLogin yes\n",
    "/etc/ssh/deep/1": "include /etc/ssh/deep/2\n",
    "/etc/ssh/deep/2": "Include /etc/ssh/deep/3\n",
    "/etc/ssh/deep/3": "Include /etc/ssh/deep/4\n",
    "/etc/ssh/deep/4": "UseDNS no\n",
    "/etc/default/ssh": "SSHD_OPTS=-4\n",
    "/etc/ssh/ssh_host_ed25519_key.pub": KEY + " root@web1\n",
    "/etc/keys/host_key.pub": KEY + "\n",
    "/etc/ssh/ca.pub": KEY + " ca\nCANARY not a key\n",
    "/etc/ssh/revoked": b"SSHKRL\n\0\0\0\0\1\nsome \xff binary\n",
    "/etc/pam.d/sshd": "#%PAM-1.0 password=CANARY\nauth required pam_x.so Bind_PassWord=CANARY debug\n"
    "auth required pam_y.so [secret=CANARY CANARY] try_first_pass api_token=CANARY\n@include common-auth\n",
    "/etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so nullok\n",
    "/var/lib/dpkg/status": (
        "Package: openssh-client\nStatus: install ok installed\nVersion: 1:9.9\n\n"
        "Package: openssh-server\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:9.2p1-2+deb12u7\n\n"
        "Package: zzz\nVersion: 1\n\n"
    ),
    "/bin/bash": "",
    "/bin/sh": "",
    "/usr/sbin/nologin": "",
    "/usr/bin/sudo": "",
    "/root/.ssh/authorized_keys": f'# who: ops\n\n{KEY} ops\nfrom="10.0.0.0/8" {KEY} \xfc tail\n',
    # a pattern of sshd_config: for one account there is a file
    "/etc/ssh/keys/alice": KEY.replace("ssh-ed25519", "ED25519") + " short name\n",
    "/home/alice/.ssh/authorized_keys": Link("/etc/shadow"),
    "/home/alice/.ssh/authorized_keys2": Link("../../../../../../etc/hostname"),
    "/srv/keys/1001": Link("1002"),
    "/srv/keys/1002": Link("1001"),
    # a home behind a link, and a file with what must not be in it
    "/data/bob/.ssh/authorized_keys": f"# CANARY\n{KEY} bob\nroot:{HASH}:1:\n-----BEGIN OPENSSH PRIVATE KEY-----\n"
    f"CANARYcanary\nssh-rsa AAAA CANARY\n-----END OPENSSH PRIVATE KEY-----\n rsa CANARY\n{KEY} end",
    "/home/bob": Link("../data/bob"),
    "/home/fr 'ank/.ssh/authorized_keys": f"{KEY} frank\n",
    **planted_tokens.TREE,
}
FILTERED_BOB = f"""#
{KEY} bob
hyg:dropped {len(f"root:{HASH}:1:")}
hyg:dropped 35
hyg:dropped 12
hyg:dropped 19
hyg:dropped 33
hyg:dropped 11
{KEY} end
""".encode()
REVOKED = ROOT["/etc/ssh/revoked"]
EXPECTED = [
    Frame("os-release", b"/etc/os-release", "ok", b"ID=debian\nVERSION_ID=12\n"),
    Frame("machine-id", b"/etc/machine-id", "ok", b"00112233445566778899aabbccddeeff\n"),
    Frame("hostname", b"/etc/hostname", "ok", b"web1\n"),
    Frame(
        "passwd",
        b"/etc/passwd",
        "ok",
        b"root:x:0:0::/root:/bin/bash\nalice:set,6,rounds=5000:1001:1001::/home/alice:/bin/sh\n"
        b"bob::1002:1002::/home/bob/:/bin/gone\nfr ank:x:1003:1003::/home/fr 'ank:/etc/passwd\n+@admins\n"
        b"hyg:dropped 17\nnobody:star,,:65534:65534::/nonexistent:/usr/sbin/nologin\n",
    ),
    Frame("group", b"/etc/group", "ok", b"root:x:0:\nusers:set,6,rounds=5000:100:alice,bob\n"),
    Frame("nsswitch", b"/etc/nsswitch.conf", "ok", b"passwd: files sss\n"),
    Frame(
        "shadow",
        b"/etc/shadow",
        "ok",
        b"root:set,6,rounds=5000:19000:0:99999:7:::\nalice:locked-hash,y,j9T:19000:0:99999:7::20000:\n"
        b"bob:empty,,:19000:0:99999:7:::\nsvc:star,,:19000::::::\nlocked:locked-none,,:19000::::::\nblow:set,2b,12:1:0:9:7:::\n"
        b"old:set,des,:1:0:9:7:::\narg:set,argon2id,m=65536;t=3;p=4:1:0:9:7:::\n"
        + f"hyg:dropped {len('broken ' + HASH)}\n".encode()
        + b"short:star,,:19000:?:::::\n",
    ),
    Frame("sudoers", b"/etc/sudoers", "ok", ROOT["/etc/sudoers"].encode()),
    Frame("sudoers", b"/etc/sudoers.d/10-admins", "ok", b"%admins ALL=(ALL) NOPASSWD: ALL\n#includedir more.d\n"),
    Frame("sudoers", b"/etc/local", "ok", b"bob ALL=(root) /bin/ls\r\n"),
    Frame("sudoers", b"/etc/sudo ers", "ok", b"# by a quoted name\n"),
    Frame("sudoers", b"/etc/sudoers.d/more.d/x", "ok", b"alice ALL=(ALL) ALL\n"),
    Frame("doas", b"/etc/doas.conf", "ok", b"permit nopass alice\n"),
    Frame("sshd_env", b"/etc/default/ssh", "ok", b"SSHD_OPTS=-4\n"),
    Frame("sshd_config", b"/etc/ssh/sshd_config", "ok", ROOT["/etc/ssh/sshd_config"].encode()),
    Frame("sshd_config", b"/etc/ssh/sshd_config.d/10-a.conf", "ok", ROOT["/etc/ssh/sshd_config.d/10-a.conf"].encode()),
    Frame("sshd_config", b"/etc/ssh/sshd_config.d/20-b.conf", "ok", ROOT["/etc/ssh/sshd_config.d/20-b.conf"].encode()),
    Frame("sshd_config", b"/etc/ssh/missing.conf", "absent"),
    Frame("sshd_config", b"/etc/ssh/deep/1", "ok", b"include /etc/ssh/deep/2\n"),
    Frame("sshd_config", b"/etc/ssh/deep/2", "ok", b"Include /etc/ssh/deep/3\n"),
    Frame("sshd_config", b"/etc/ssh/deep/3", "ok", b"Include /etc/ssh/deep/4\n"),
    Frame(
        "sshd_package",
        b"/var/lib/dpkg/status",
        "ok",
        b"Status: install ok installed\nArchitecture: amd64\nVersion: 1:9.2p1-2+deb12u7\n",
    ),
    Frame("pam", b"/etc/pam.d/common-auth", "ok", b"auth [success=1 default=ignore] pam_unix.so nullok\n"),
    Frame(
        "pam",
        b"/etc/pam.d/sshd",
        "ok",
        b"#\nauth required pam_x.so Bind_PassWord=REDACTED debug\n"
        b"auth required pam_y.so [secret=REDACTED] try_first_pass api_token=REDACTED\n@include common-auth\n",
    ),
    *planted_tokens.FRAMES,
    *(
        Frame("pamconf", b"/etc/" + name, "absent")
        for name in (
            b"security/access.conf",
            b"security/time.conf",
            b"security/sepermit.conf",
            b"security/faillock.conf",
            b"login.defs",
            b"shells",
        )
    ),
    planted_tokens.LISTED,
    *planted_tokens.MODULES,
    Frame("hostkey_pub", b"/etc/ssh/ca.pub", "ok", f"{KEY} ca\nhyg:dropped 16\n".encode()),
    Frame("hostkey_pub", b"/etc/ssh/ssh_host_ed25519_key.pub", "ok", f"{KEY} root@web1\n".encode()),
    Frame("hostkey_pub", b"/etc/keys/host_key.pub", "ok", f"{KEY}\n".encode()),
    Frame("trust", b"/etc/ssh/ca.pub", "filtered", f"{KEY} ca\nhyg:dropped 16\n".encode()),
    Frame("trust", b"/etc/ssh/revoked", "ok", REVOKED),
]
AKEYS = {
    b"/root/.ssh/authorized_keys": ("ok", ROOT["/root/.ssh/authorized_keys"].encode()),
    b"/root/.ssh/authorized_keys2": ("absent", b""),
    b"/etc/ssh/keys/root": ("absent", b""),
    b"/etc/ssh/keys/alice": ("ok", ROOT["/etc/ssh/keys/alice"].encode()),
    b"/etc/ssh/keys/bob": ("absent", b""),
    b"/etc/ssh/keys/fr ank": ("absent", b""),
    b"/etc/ssh/keys/nobody": ("absent", b""),
    b"/srv/keys/0": ("absent", b""),
    b"/srv/keys/1001": ("badlink", b""),
    b"/srv/keys/1002": ("badlink", b""),
    b"/srv/keys/1003": ("absent", b""),
    b"/srv/keys/65534": ("absent", b""),
    b"/home/alice/.ssh/authorized_keys": (
        "filtered",
        b"".join(f"hyg:dropped {len(line)}\n".encode() for line in ROOT["/etc/shadow"].splitlines()),
    ),
    b"/home/alice/.ssh/authorized_keys2": ("filtered", b"hyg:dropped 4\n"),
    b"/home/bob/.ssh/authorized_keys": ("filtered", FILTERED_BOB),
    b"/home/bob/.ssh/authorized_keys2": ("absent", b""),
    b"/home/fr 'ank/.ssh/authorized_keys": ("ok", f"{KEY} frank\n".encode()),
    b"/home/fr 'ank/.ssh/authorized_keys2": ("absent", b""),
    b"/nonexistent/.ssh/authorized_keys": ("absent", b""),
    b"/nonexistent/.ssh/authorized_keys2": ("absent", b""),
}
NOTES = (
    Note("sudo", "include-by-host-name", "/etc/sudoers.%h"),
    Note("sshd", "includes-too-deep", "/etc/ssh/deep/3"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("root with blanks"), ROOT)
    for name in ("bash", "sh"):
        (folder / "bin" / name).chmod(0o755)
    (folder / "usr/bin/sudo").chmod(0o4755)
    return folder


# folders that are asked for in every root, and are in few of these
USUAL = (b"/etc/systemd/system", b"/run/systemd/system", b"/usr/lib/systemd/system", b"/lib/systemd/system")
USUAL += (b"/etc/security/access.d",)


def folders(found: Transcript) -> dict[bytes, str]:
    states = dict(tables.states(found, "dirs"))
    assert [states.pop(path) for path in USUAL] == ["absent"] * len(USUAL)
    return states


def judge(found: Transcript) -> None:
    """Everything that ROOT gives, frame by frame."""
    tabled = {"akeys", "enrolments", "meta", "links", "symlinks", "shells", "exists", "dirs", "private_keys"}
    assert [frame for frame in found.frames if frame.kind not in tabled] == EXPECTED
    akeys = {frame.path: (frame.status, frame.data) for frame in found.all("akeys")}
    assert akeys == AKEYS
    assert found.notes == NOTES
    owner = (os.getuid(), os.getgid())
    assert tables.enrolments(found) == planted_tokens.STATES | {
        path.encode(): tables.Status("d", 0o755, *owner) if path == "/var/yubico" else tables.Status("-", 0o644, *owner)
        for path in planted_tokens.PRESENT
    }
    assert dict(found.links) == {
        b"/etc/os-release": b"/usr/lib/os-release",
        b"/home/alice/.ssh/authorized_keys": b"/etc/shadow",
        b"/home/alice/.ssh/authorized_keys2": b"/etc/hostname",
        b"/home/bob": b"/data/bob",
        b"/home/bob/.ssh/authorized_keys": b"/data/bob/.ssh/authorized_keys",
        **planted_tokens.LINKS,
    }
    assert tables.symlinks(found) == {
        b"/etc/os-release": b"../usr/lib/os-release",
        b"/home/alice/.ssh/authorized_keys": b"/etc/shadow",
        b"/home/alice/.ssh/authorized_keys2": b"../../../../../../etc/hostname",
        b"/home/bob": b"../data/bob",
        b"/srv/keys/1001": b"1002",
        b"/srv/keys/1002": b"1001",
        **planted_tokens.SYMLINKS,
    }
    assert tables.states(found, "shells") == {
        b"/bin/bash": "ok",
        b"/bin/sh": "ok",
        b"/bin/gone": "missing",
        b"/etc/passwd": "notexecutable",
        b"/usr/sbin/nologin": "notexecutable",
    }
    assert folders(found) == {
        b"/etc/sudoers.d": "ok",
        b"/etc/sudoers.d/more.d": "ok",
        b"/etc/ssh/sshd_config.d": "ok",
        b"/etc/pam.d": "ok",
        b"/etc/sssd/conf.d": "ok",
        b"/etc/ssh": "ok",
    }
    assert tables.states(found, "exists")[b"/usr/bin/sudo"] == "present"
    assert tables.states(found, "exists")[b"/etc/nologin"] == "absent"
    assert (found.version, found.uid, found.mode, found.root) == (1, os.getuid(), "offline", "?")
    assert tables.private_keys(found) == ()
    metas = tables.metas(found)
    sudo = metas[b"/usr/bin/sudo"]
    assert (sudo.type, sudo.mode, sudo.uid, sudo.gid, sudo.size) == ("-", 0o4755, os.getuid(), os.getgid(), 0)
    assert metas[b"/data/bob/.ssh"].type == "d"
    assert metas[b"/home/fr 'ank/.ssh/authorized_keys"].size == len(KEY) + 7
    assert b"/home/bob" not in metas


@pytest.mark.parametrize("shell", SHELLS)
def test_gives_the_same_under_every_shell(root: Path, shell: str) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    judge(collect(root, shell=SHELLS[shell]))


@pytest.mark.prove
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("awk", AWKS)
def test_gives_the_same_under_every_shell_with_every_awk(root: Path, tmp_path: Path, shell: str, awk: str) -> None:
    if not (installed(SHELLS[shell][0]) and installed(AWKS[awk].split()[0])):
        pytest.skip(f"{shell} or {AWKS[awk]} is not installed here")
    judge(collect(root, shell=SHELLS[shell], text=with_awk(AWKS[awk], tmp_path / "bin")))


@pytest.mark.parametrize("awk", AWKS)
def test_gives_the_same_under_every_awk(root: Path, tmp_path: Path, awk: str) -> None:
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    judge(collect(root, text=with_awk(AWKS[awk], tmp_path / "bin")))


NULS: dict[str, tuple[bytes, bytes]] = {
    # what a file holds, and what leaves: a NUL is told, and nothing behind it
    "comment": (f"{KEY} a\0ssh-rsa AAAA CANARY\n{KEY} b\n".encode(), f"{KEY} a\0\n{KEY} b\n".encode()),
    "filtered": (
        f"{KEY} a\0ssh-rsa AAAA CANARY\njunk\n{KEY} b".encode(),
        f"{KEY} a\0\nhyg:dropped 4\n{KEY} b\n".encode(),
    ),
    "behind-type": (KEY.replace(" ", "\0 ").encode(), b"hyg:dropped 81\0\n"),
    "behind-blob": (f"{KEY}\0\n".encode(), f"{KEY}\0\n".encode()),
    "first": (f"\0{KEY}\n".encode(), b"\0\n"),
    "behind-blank": (f" \t\0{KEY}\n".encode(), b" \0\n"),
    "in-a-remark": (f"# CANARY\0CANARY\njunk\0junk\n{KEY}\n".encode(), f"#\0\nhyg:dropped 9\0\n{KEY}\n".encode()),
    "other-octets": (f'command="a\1b\2c" {KEY}\n'.encode(),) * 2,
    "forged": (f"hyg:nul {KEY}\n{KEY}\n".encode(), f"hyg:dropped 88\n{KEY}\n".encode()),
}


@pytest.mark.parametrize("awk", AWKS)
def test_a_nul_ends_the_text_but_not_the_line(tmp_path: Path, awk: str) -> None:
    """sshd reads to the line end and then takes a C string; before 7.8 it passes over such a line, and the next."""
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    passwd = "".join(f"{name}:x:1:1::/{name}:/bin/sh\n" for name in NULS)
    files = {f"/{name}/.ssh/authorized_keys": text for name, (text, _) in NULS.items()}
    root = make(tmp_path / "root", {"/etc/passwd": passwd, **files})
    frames = collect(root, text=with_awk(AWKS[awk], tmp_path / "bin")).all("akeys")
    assert {frame.path.decode().split("/")[1]: (frame.status, frame.data) for frame in frames if frame.data} == {
        name: ("ok" if name == "other-octets" else "filtered", left) for name, (_, left) in NULS.items()
    }


def test_never_gives_what_it_must_not(root: Path) -> None:
    """Nothing with the mark that stands in hashes, comments, passwords and keys, plain or in any base64 of it."""
    said = [stream(root), *(frame.data for frame in collect(root).frames)]
    said += [_loose(token) for text in tuple(said) for token in re.findall(rb"[A-Za-z0-9+/]{16,}", text)]
    assert not any(PASSED_ON in text for text in said)
    # the search itself works: this comment of a key is given
    assert any(b"short name" in text for text in said)


def _loose(token: bytes) -> bytes:
    return base64.b64decode(token[: len(token) // 4 * 4])


def test_changes_nothing(root: Path) -> None:
    before = snapshot(root)
    stream(root)
    assert snapshot(root) == before


def test_does_not_leave_the_root(tmp_path: Path) -> None:
    """Links that lead out of it are read as the host would: from its own /."""
    outside = make(tmp_path / "outside", {"keys": f"{KEY} outside\n", "conf.d/x.conf": "PermitRootLogin yes\n"})
    up = "../" * 30
    root = make(
        tmp_path / "root",
        {
            "/etc/passwd": Link(f"{up}{outside}/keys"),
            "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n",
            "/etc/ssh/sshd_config.d": Link(outside / "conf.d"),
            "/etc/pam.d": Link(Path(up) / str(outside)[1:]),
            "/home": Link(outside),
        },
    )
    found = collect(root)
    assert [(frame.kind, frame.path, frame.status) for frame in found.frames if frame.data == b""][:5] == [
        ("os-release", b"/usr/lib/os-release", "absent"),
        ("machine-id", b"/var/lib/dbus/machine-id", "absent"),
        ("passwd", b"/etc/passwd", "absent"),
        ("group", b"/etc/group", "absent"),
        ("nsswitch", b"/etc/nsswitch.conf", "absent"),
    ]
    assert folders(found) == {
        b"/etc/ssh/sshd_config.d": "absent",
        b"/etc/ssh": "ok",
        b"/etc/pam.d": "absent",
    }
    # where a link points is told, and nothing of what lies there
    assert b"outside" not in b"".join(frame.data for frame in found.frames if frame.kind != "symlinks")


def test_opens_only_regular_files_of_a_fair_size(tmp_path: Path) -> None:
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(
                f"{name}:x:1:1::/{name}:/bin/sh\n" for name in ("fifo", "folder", "big", "loop", "none")
            ),
            "/fifo/.ssh": 0o755,
            "/folder/.ssh/authorized_keys": 0o755,
            "/big/.ssh/authorized_keys": (KEY + "\n") * 60_000,
            "/loop/.ssh": Link("../loop/.ssh"),
            "/etc/group": Link("/dev/zero"),
            "/dev": 0o755,
        },
    )
    os.mkfifo(root / "fifo/.ssh/authorized_keys")
    os.mkfifo(root / "etc/sudoers")
    found = collect(root)
    assert {frame.path: frame.status for frame in found.all("akeys") if not frame.path.endswith(b"2")} == {
        b"/fifo/.ssh/authorized_keys": "notregular",
        b"/folder/.ssh/authorized_keys": "notregular",
        b"/big/.ssh/authorized_keys": "toolarge",
        b"/loop/.ssh/authorized_keys": "badlink",
        b"/none/.ssh/authorized_keys": "absent",
    }
    assert [(frame.kind, frame.status) for frame in found.frames if frame.path == b"/etc/sudoers"] == [
        ("sudoers", "notregular")
    ]


ODD_NAMES = [
    pytest.param("two words", id="blank"),
    pytest.param("quo'te\"`$(id)`", id="shell characters"),
    pytest.param("back\\slash", id="backslash"),
    pytest.param("a -> b", id="looks like a link"),
    pytest.param("*", id="pattern"),
    pytest.param("-rf", id="option"),
    pytest.param("x ./etc", id="looks like a path of ls"),
    pytest.param("\u00fcmlaut\u202e", id="not ASCII"),
    pytest.param("tab\tand\x1b[31m", id="control characters"),
    pytest.param("plain", id="nothing odd"),
]


@pytest.fixture(scope="module", params=["dash", "bash"])
def odd_homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Transcript]:
    names = [str(param.values[0]) for param in ODD_NAMES]
    passwd = "".join(f"u{at}:x:{at}:1::/home/{name}:/bin/sh\n" for at, name in enumerate(names))
    files = {f"/home/{name}/.ssh/authorized_keys": f"{KEY} {name[:3]}\n" for name in names}
    root = make(tmp_path_factory.mktemp("root"), {"/etc/passwd": passwd, **files})
    return root, collect(root, shell=SHELLS[request.param])


@pytest.mark.parametrize("name", ODD_NAMES)
def test_takes_any_name_of_a_home(odd_homes: tuple[Path, Transcript], name: str) -> None:
    root, found = odd_homes
    file = f"/home/{name}/.ssh/authorized_keys".encode()
    assert found.index["akeys", file] == Frame("akeys", file, "ok", f"{KEY} {name[:3]}\n".encode())
    mode = tables.metas(found)[f"/home/{name}/.ssh".encode()].mode
    assert mode == (root / f"home/{name}/.ssh").stat().st_mode & 0o7777
    assert len([frame for frame in found.all("akeys") if frame.status != "absent"]) == len(ODD_NAMES)


def test_follows_links_but_sends_only_keys_from_behind_one(tmp_path: Path) -> None:
    """A folder that is a link is somebody's home; a file that is one could be any file. Odd names are not followed."""
    text = f"# a comment\n{KEY} x\n"
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(
                f"{name}:x:1:1::{home}:/bin/sh\n"
                for name, home in (
                    ("a", "/home/a"),
                    ("b", "/home/b"),
                    ("c", "/home/c"),
                    ("d", "/home/o dd"),
                    ("e", "/home/e"),
                )
            ),
            "/data/.ssh/authorized_keys": text,
            "/home/a": Link("/data"),
            "/home/b/.ssh": Link("../../data/.ssh/."),
            "/home/c/.ssh/authorized_keys": Link("/data/.ssh/authorized_keys"),
            "/home/o dd": Link("/data"),
            "/home/e/.ssh/authorized_keys": Link("/home/o dd/.ssh/authorized_keys"),
        },
    )
    found = collect(root)
    given = {
        name: found.file("akeys", f"/home/{name}/.ssh/authorized_keys".encode())
        for name in ("a", "b", "c", "o dd", "e")
    }
    assert {name: (frame.status, frame.data) for name, frame in given.items() if frame} == {
        "a": ("ok", text.encode()),
        "b": ("ok", text.encode()),
        "c": ("filtered", f"#\n{KEY} x\n".encode()),
        "o dd": ("badlink", b""),
        "e": ("badlink", b""),
    }


@pytest.mark.parametrize("listing", ["ls", "busybox ls"])
def test_names_with_a_line_end_forge_nothing(tmp_path: Path, listing: str) -> None:
    """A user cannot make ls say something about somebody else's file, by a link's target or a name."""
    forged = "x\n-rwxrwxrwx 1 0 0 666 Jan 1 2000 ./root/.ssh/authorized_keys"
    root = make(
        tmp_path / "root",
        {
            "/etc/passwd": "mallory:x:1:1::/home/mallory:/bin/sh\nroot:x:0:0::/root:/bin/sh\n",
            "/root/.ssh/authorized_keys": f"{KEY} root\n",
            "/home/mallory/.ssh/authorized_keys": Link(forged),
            "/home/mallory/.ssh/authorized_keys2": Link("y -> /etc/passwd"),
            "/etc/pam.d/plain": "auth required pam_unix.so\n",
        },
    )
    (root / "etc/pam.d" / forged.replace("/", "_")).write_text("auth sufficient pam_permit.so\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ls").write_text(
        f'#!/bin/sh\nexec {listing.replace("ls", "/bin/ls") if listing == "ls" else listing} "$@"\n'
    )
    (tmp_path / "bin/ls").chmod(0o755)
    text = with_awk("awk", tmp_path / "awk").replace(bytes(tmp_path / "awk"), bytes(tmp_path / "bin"))
    found = collect(root, text=text)
    assert tables.metas(found)[b"/root/.ssh/authorized_keys"].size == len(KEY) + 6
    assert [(frame.path, frame.status) for frame in found.all("akeys") if frame.status != "absent"] == [
        (b"/home/mallory/.ssh/authorized_keys", "badlink"),
        (b"/home/mallory/.ssh/authorized_keys2", "badlink"),
        (b"/root/.ssh/authorized_keys", "ok"),
    ]
    assert [frame.path for frame in found.all("pam")] == [b"/etc/pam.d/plain"]
    assert found.notes == (Note("pam", "odd-file-names", "1 in /etc/pam.d"),)


def test_says_what_it_was_not_allowed_to_read(tmp_path: Path) -> None:
    """As an ordinary user: never `absent`, never an empty folder, when the truth is that it cannot be seen."""
    root = make(
        tmp_path / "root",
        {
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1:1::/home/ann:/bin/sh\nbea:x:2:2::/home/bea:/bin/sh\n",
            "/etc/shadow": f"root:{HASH}:1::::::\n",
            "/etc/sudoers": "@includedir /etc/sudoers.d\n",
            "/etc/sudoers.d/x": "ann ALL=(ALL) NOPASSWD: ALL\n",
            "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nInclude /etc/ssh/sshd_config.d/one.conf\n",
            "/etc/ssh/sshd_config.d/one.conf": "PasswordAuthentication yes\n",
            "/home/ann/.ssh/authorized_keys": f"{KEY} ann\n",
            "/home/bea/.ssh/authorized_keys": f"{KEY} bea\n",
            "/root/.ssh/authorized_keys": f"{KEY} root\n",
        },
    )
    (root / "etc/shadow").chmod(0)
    for name in ("etc/sudoers.d", "etc/ssh/sshd_config.d", "home/ann/.ssh", "root"):
        (root / name).chmod(0)
    (root / "home/bea/.ssh/authorized_keys").chmod(0)
    # pytest's own folders are closed to others
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    found = collect(root, user=65534 if os.getuid() == 0 else None)
    states = {(frame.kind, frame.path): frame.status for frame in found.frames}
    assert {
        key: status
        for key, status in states.items()
        if key[0] in {"shadow", "sudoers", "sshd_config"} or (key[0] == "akeys" and not key[1].endswith(b"2"))
    } == {
        ("shadow", b"/etc/shadow"): "unreadable",
        ("sudoers", b"/etc/sudoers"): "ok",
        ("sshd_config", b"/etc/ssh/sshd_config"): "ok",
        ("sshd_config", b"/etc/ssh/sshd_config.d/one.conf"): "unreadable",
        ("akeys", b"/root/.ssh/authorized_keys"): "unreadable",
        ("akeys", b"/home/ann/.ssh/authorized_keys"): "unreadable",
        ("akeys", b"/home/bea/.ssh/authorized_keys"): "unreadable",
    }
    assert folders(found) == {
        b"/etc/sudoers.d": "unreadable",
        b"/etc/ssh/sshd_config.d": "unreadable",
        b"/etc/pam.d": "absent",
        b"/etc/ssh": "ok",
    }
    assert {(note.area, note.word) for note in found.notes} == {("private_keys", "unreadable")}


def test_expands_patterns_of_authorized_keys_files(tmp_path: Path) -> None:
    """OpenSSH 10 takes patterns; an older sshd takes the same text as a name, which is for the reader to decide."""
    root = make(
        tmp_path,
        {
            "/etc/passwd": "ann:x:1:1::/home/ann:/bin/sh\n",
            "/etc/ssh/sshd_config": "AuthorizedKeysFile .ssh/ak.d/*.pub /etc/keys/%u/%%/[ab]\n",
            "/home/ann/.ssh/ak.d/1.pub": f"{KEY} 1\n",
            "/home/ann/.ssh/ak.d/2.pub": f"{KEY} 2\n",
            "/home/ann/.ssh/ak.d/3": f"{KEY} 3\n",
            "/etc/keys/ann/%/a": f"{KEY} a\n",
            "/etc/keys/ann/%/c": f"{KEY} c\n",
        },
    )
    assert [frame.path for frame in collect(root).all("akeys") if frame.status == "ok"] == [
        b"/home/ann/.ssh/ak.d/1.pub",
        b"/home/ann/.ssh/ak.d/2.pub",
        b"/etc/keys/ann/%/a",
    ]


def test_passes_the_owners_file_on(tmp_path: Path) -> None:
    root = make(tmp_path / "root", {"/etc/passwd": ""})
    owners = tmp_path / "own ers.mtree"
    owners.write_bytes(b"#mtree\n./etc uid=0 gid=0 mode=0755 \xff\n")
    assert collect(root, options=["-O", str(owners)]).first("owners") == Frame(
        "owners", bytes(owners), "ok", owners.read_bytes()
    )


def _pem(key: object, form: str, passphrase: bytes | None = None) -> bytes:
    private: ec.EllipticCurvePrivateKey = key  # type: ignore[assignment]
    return private.private_bytes(
        serialization.Encoding.PEM,
        getattr(serialization.PrivateFormat, form),
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption(),
    )


def _blob(key: object) -> bytes:
    private: ec.EllipticCurvePrivateKey = key  # type: ignore[assignment]
    line = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return base64.b64decode(line.split()[1])


@pytest.fixture(scope="module")
def keys() -> dict[str, object]:
    return {
        "ed": ed25519.Ed25519PrivateKey.generate(),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(65537, 2048),
        "rsa4096": rsa.generate_private_key(65537, 4096),
    }


def _private_bytes(key: object) -> list[bytes]:
    """What makes a key private, as it lies in files of any format."""
    match key:
        case ed25519.Ed25519PrivateKey():
            return [key.private_bytes_raw()]
        case ec.EllipticCurvePrivateKey():
            return [key.private_numbers().private_value.to_bytes(32)]
        case rsa.RSAPrivateKey():
            numbers = key.private_numbers()
            values = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
            return [value.to_bytes((value.bit_length() + 7) // 8) for value in values]
    raise AssertionError


FORMS = {
    # where: key, format, encrypted; what the table says of it, and whether the public part can be read
    "/root/.ssh/id_ed25519": ("ed", "OpenSSH", False, "openssh", Truth.NO, True),
    "/home/a/.ssh/id_ed25519": ("ed", "OpenSSH", True, "openssh", Truth.YES, True),
    "/home/a/.ssh/id_rsa": ("rsa", "OpenSSH", False, "openssh", Truth.NO, True),
    "/home/a/deploy/key with blank": ("rsa4096", "OpenSSH", False, "openssh", Truth.NO, True),
    "/home/a/.ssh/id_ecdsa": ("ec", "OpenSSH", False, "openssh", Truth.NO, True),
    "/etc/ssh/ssh_host_rsa_key": ("rsa", "TraditionalOpenSSL", False, "pem-rsa", Truth.NO, True),
    "/srv/enc.pem": ("rsa", "TraditionalOpenSSL", True, "pem-rsa", Truth.YES, False),
    "/srv/ec.pem": ("ec", "TraditionalOpenSSL", False, "pem-ec", Truth.NO, True),
    "/srv/rsa.p8": ("rsa4096", "PKCS8", False, "pkcs8", Truth.NO, True),
    "/srv/ed.p8": ("ed", "PKCS8", False, "pkcs8", Truth.NO, True),
    "/srv/enc.p8": ("ec", "PKCS8", True, "pkcs8", Truth.YES, False),
}


@pytest.mark.parametrize("awk", AWKS)
def test_describes_private_keys_and_gives_none(tmp_path: Path, keys: dict[str, object], awk: str) -> None:
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    tree: dict[str, bytes] = {"/etc/passwd": b"a:x:1:1::/home/a:/bin/sh\n"}
    for path, (name, form, encrypted, *_) in FORMS.items():
        tree[path] = _pem(keys[name], form, b"a passphrase" if encrypted else None)
    tree["/srv/crlf"] = b"some text before\r\n" + tree["/root/.ssh/id_ed25519"].replace(b"\n", b"\r\n")
    tree["/srv/cut"] = tree["/root/.ssh/id_ed25519"][:120]
    tree["/srv/no.git/.git/key"] = tree["/root/.ssh/id_ed25519"]
    tree["/home/a/.ssh/authorized_keys"] = tree["/root/.ssh/id_ed25519"]
    tree["/srv/key\nwith line end"] = tree["/root/.ssh/id_ed25519"]
    root = make(tmp_path / "root", tree)
    (root / "root/.ssh/id_ed25519").chmod(0o600)
    answer = stream(root, text=with_awk(AWKS[awk], tmp_path / "bin"))
    found = decode(answer, NONCE)
    assert found.problem == ""
    told = {
        key.path.decode(): (key.kind, key.encrypted, key.public, key.mode, key.uid)
        for key in tables.private_keys(found)
    }
    uid = os.getuid()
    ed = _blob(keys["ed"])
    assert told == {
        **{
            path: (kind, truth, _blob(keys[name]) if readable else None, 0o644, uid)
            for path, (name, _, _, kind, truth, readable) in FORMS.items()
        },
        "/root/.ssh/id_ed25519": ("openssh", Truth.NO, ed, 0o600, uid),
        "/srv/crlf": ("openssh", Truth.NO, ed, 0o644, uid),
        "/srv/cut": ("openssh", Truth.NO, None, 0o644, uid),
        "/home/a/.ssh/authorized_keys": ("openssh", Truth.NO, ed, 0o644, uid),
    }
    assert found.notes == (Note("private_keys", "file-names-with-newline", "1"),)
    said = [answer, *(frame.data for frame in found.frames)]
    said += [_loose(token) for text in tuple(said) for token in re.findall(rb"[A-Za-z0-9+/]{16,}", text)]
    for key in keys.values():
        for secret in _private_bytes(key):
            # in pieces too: a part of it would be too much
            assert not any(piece in text for piece in (secret[:8], secret[8:16], secret[-8:]) for text in said)
            assert not any(secret.hex()[:16].encode() in text for text in said)


def test_describes_putty_keys(tmp_path: Path, keys: dict[str, object]) -> None:
    public = base64.b64encode(_blob(keys["rsa"])).decode()
    lines = [public[at : at + 64] for at in range(0, len(public), 64)]
    text = "\r\n".join(
        [
            "PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\r\nComment: x",
            f"Public-Lines: {len(lines)}",
            *lines,
            "Private-Lines: 1\r\nCANARY\r\nPrivate-MAC: CANARY\r\n",
        ]
    )
    root = make(tmp_path, {"/etc/passwd": "", "/srv/a.ppk": text, "/srv/b.ppk": text.replace("none", "aes256-cbc")})
    found = collect(root)
    assert {(key.path, key.kind, key.encrypted, key.public) for key in tables.private_keys(found)} == {
        (b"/srv/a.ppk", "putty", Truth.NO, _blob(keys["rsa"])),
        (b"/srv/b.ppk", "putty", Truth.YES, _blob(keys["rsa"])),
    }
    assert PASSED_ON not in b"".join(frame.data for frame in found.frames)


def _runs(pid: str) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ends_when_something_hangs(tmp_path: Path) -> None:
    """A program that never answers, as on a dead file system: the run ends, incomplete, and nothing of it stays."""
    folder = tmp_path / "bin"
    text = with_awk("awk", folder)
    (folder / "awk").unlink()
    (folder / "ls").write_text(f"#!/bin/sh\necho $$ >>{tmp_path}/pids\nexec sleep 1000\n")
    (folder / "ls").chmod(0o755)
    # in one second instead of four minutes
    for old, new in ((b"-lt 240", b"-lt 1"), (b"sleep 10", b"sleep 1"), (b"ulimit -f 0", b":")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "collector").write_bytes(text)
    root = make(tmp_path / "root", {"/etc/passwd": ""})
    shells = [shell for shell, command in SHELLS.items() if installed(command[0])]
    running = {
        shell: subprocess.Popen(
            [*SHELLS[shell], str(tmp_path / "collector"), "-R", str(root), NONCE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for shell in shells
    }
    problems = {shell: decode(process.communicate(timeout=30)[0], NONCE).problem for shell, process in running.items()}
    assert problems == dict.fromkeys(shells, "the stream breaks off before its last line")
    hung = (tmp_path / "pids").read_text().split()
    assert len(hung) == len(shells)
    assert wait_until(lambda: not any(map(_runs, hung)))


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether it becomes true; a killed process takes a moment to go."""
    for _ in range(1000):
        if true():
            return True
        os.sched_yield()
    return False


@pytest.mark.parametrize("awk", AWKS)
def test_a_file_that_becomes_a_link_gives_nothing(tmp_path: Path, awk: str) -> None:
    """Between the look at a file and the reading of it a user may put something else in its place."""
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    folder = tmp_path / "bin"
    text = with_awk(AWKS[awk], folder)
    root = make(
        tmp_path / "root",
        {
            "/etc/passwd": "".join(f"{name}:x:1:1::/{name}:/bin/sh\n" for name in ("ann", "bea", "cy", "dee")),
            "/etc/shadow": f"root:{HASH}:1::::::\n",
            "/ann/.ssh/authorized_keys": f"# no line end at the end of {KEY}",
            "/bea/.ssh/authorized_keys": f"{KEY} bea\n",
            "/cy/.ssh/authorized_keys": f"{KEY} cy\n",
            "/dee/.ssh/authorized_keys": "# dee\n\n" + f"{KEY} dee",
        },
    )
    # cksum runs first in a batch: there the exchange happens
    (folder / "cksum").write_text(
        '#!/bin/sh\n[ $# = 0 ] || { /usr/bin/cksum "$@"; ln -sf ../../etc/shadow ./bea/.ssh/authorized_keys; '
        "rm ./cy/.ssh/authorized_keys; exit; }\nexec /usr/bin/cksum\n"
    )
    (folder / "cksum").chmod(0o755)
    found = collect(root, text=text)
    assert {frame.path: (frame.status, frame.data) for frame in found.all("akeys") if frame.status != "absent"} == {
        b"/ann/.ssh/authorized_keys": ("ok", f"# no line end at the end of {KEY}".encode()),
        b"/bea/.ssh/authorized_keys": ("changed", b""),
        b"/cy/.ssh/authorized_keys": ("changed", b""),
        b"/dee/.ssh/authorized_keys": ("ok", f"# dee\n\n{KEY} dee".encode()),
    }
    make(root, {"/cy/.ssh/authorized_keys": f"{KEY} cy\n"})
    (root / "bea/.ssh/authorized_keys").unlink()
    make(root, {"/bea/.ssh/authorized_keys": f"{KEY} bea\n"})
    blocks = re.findall(rb"(?:^ .*\n)+", stream(root, text=text), re.MULTILINE)
    said = b"".join(base64.b64decode(block) for block in blocks)
    assert b"hyg:file ./bea/.ssh/authorized_keys\nhyg:dropped" in said
    assert PASSED_ON not in said
