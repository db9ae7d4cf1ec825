"""The collector on tokens that are odd: bytes, sizes and kinds of files, other people's, and very many."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Note, Transcript
from hygiene.evidence.tables import Status

from .disk import AWKS, Link, collect, installed, make, with_awk
from .test_collector_live import alive

PASSWD = "".join(f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n" for name, uid in (("ann", 1001), ("bea", 1002)))
RULES = """\
auth required pam_oath.so usersfile=/etc/oath
auth required pam_u2f.so authfile=/etc/u2f
auth required pam_yubico.so authfile=/etc/yubico
auth required pam_duo.so conf=/etc/duo
auth required pam_radius_auth.so conf=/etc/radius
auth required pam_sss.so
auth required pam_krb5.so
auth required pam_winbind.so
"""
HUGE = b"CANARY" * 5000
# file: its bytes, and what leaves; where a NUL stands the text of a C program ends
BYTES: dict[str, tuple[bytes, bytes]] = {
    "/etc/oath": (
        b"HOTP ann - CANARY\0CANARY\nHOTP ann\0 - CANARY\n\0HOTP ann - CANARY\nHOTP bea + " + HUGE + b"\nhyg:unended\n",
        b"HOTP ann -\n#\n\nHOTP bea +\n#\n",
    ),
    "/etc/u2f": (
        b"ann:CANARY,CANARY,es256,+pre\0sence\nbea\0:CANARY,CANARY\nann:" + HUGE + b",CANARY\nbea:CANARY,CANARY,es256,"
        b"+presence\xff\nann:CANARY,CANARY,es256," + b"+presence" * 8,
        b"ann:?\nbea:\nann:+presence\nbea:?\nann:?\n",
    ),
    "/etc/yubico": (b"ann\0:CANARY\nann\0CANARY\nbea:CANARY\0\n" + HUGE, b"ann:\nann:\nbea:\nhyg:dropped 30000\n"),
    "/etc/duo": (
        b"[duo]\nfailmode = secure\0CANARY\nfailmode = s\xc3\xa9cure\n" + HUGE + b"\n",
        b"[duo]\nhyg:dropped 24\nfailmode = REDACTED\nhyg:dropped 30000\n",
    ),
    "/etc/radius": (b"host\0 CANARY\nhost CANARY\0CANARY\n" + HUGE, b"#\nserver\nhyg:dropped 30000\n"),
    "/etc/sssd/sssd.conf": (
        b"[sssd]\nservices = nss\0CANARY\ndomains = " + HUGE + b"\n \0\nid_provider = CANARY\xff\n",
        b"[sssd]\nhyg:dropped 21\nhyg:dropped 30010\nhyg:dropped 2\nid_provider = REDACTED\n",
    ),
    "/etc/krb5.conf": (b"default_realm = A\0CANARY\ndefault_realm = " + HUGE, b"default_realm = A\n#\n"),
    "/etc/security/pam_winbind.conf": (
        b"[global\0CANARY]\nsilent = yes\0CANARY\nkrb5_ccache_type = " + HUGE,
        b"#\nsilent = yes\nkrb5_ccache_type = REDACTED\n",
    ),
}


@pytest.mark.parametrize("awk", AWKS)
def test_bytes_that_text_has_not(tmp_path: Path, awk: str) -> None:
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    tree = {path: data for path, (data, _) in BYTES.items()}
    root = make(tmp_path / "root", {"/etc/passwd": PASSWD, "/etc/pam.d/sshd": RULES, **tree})
    found = collect(root, text=with_awk(AWKS[awk], tmp_path / "bin"))
    frames = {frame.path.decode(): frame for frame in found.all("pamconf")}
    assert {path: frames[path].data for path in BYTES} == {path: left for path, (_, left) in BYTES.items()}
    assert b"CANARY" not in b"".join(frame.data for frame in found.frames)


def enrolled(found: Transcript) -> dict[str, Status | str]:
    return {path.decode(): state for path, state in tables.enrolments(found).items()}


def test_files_that_are_none(tmp_path: Path) -> None:
    """They are told as what they are, and none is opened."""
    names = ("big", "dir", "fifo", "loop", "gone", "none")
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(f"{name}:x:1:1::/{name}:/bin/sh\n" for name in names),
            "/etc/pam.d/sshd": "auth required pam_yubico.so\nauth required pam_google_authenticator.so\n",
            "/big/.yubico/authorized_yubikeys": "big:CANARY\n" * 30_000,
            "/dir/.yubico/authorized_yubikeys": 0o755,
            "/fifo/.yubico": 0o755,
            "/loop/.yubico": Link("../loop/.yubico"),
            "/gone/.google_authenticator": Link("../nobody/has/it"),
        },
    )
    os.mkfifo(root / "fifo/.yubico/authorized_yubikeys")
    found = collect(root)
    owner = (os.getuid(), os.getgid())
    fifo = (root / "fifo/.yubico/authorized_yubikeys").stat().st_mode & 0o7777
    assert enrolled(found) == {
        "/big/.yubico/authorized_yubikeys": Status("-", 0o644, *owner),
        "/dir/.yubico/authorized_yubikeys": Status("d", 0o755, *owner),
        "/fifo/.yubico/authorized_yubikeys": Status("p", fifo, *owner),
        "/loop/.yubico/authorized_yubikeys": "badlink",
        "/gone/.yubico/authorized_yubikeys": "absent",
        "/none/.yubico/authorized_yubikeys": "absent",
        **{f"/{name}/.google_authenticator": "absent" for name in names},
    }
    frames = {frame.path.decode(): frame.status for frame in found.all("pamconf") if b"yubico" in frame.path}
    assert frames == {
        "/big/.yubico/authorized_yubikeys": "toolarge",
        "/dir/.yubico/authorized_yubikeys": "notregular",
        "/fifo/.yubico/authorized_yubikeys": "notregular",
    }


def test_as_an_ordinary_user_other_homes_are_not_known(tmp_path_factory: pytest.TempPathFactory) -> None:
    if os.getuid() != 0:
        pytest.skip("becomes another user, which only root can")
    root = make(
        tmp_path_factory.mktemp("root"),
        {
            "/etc/passwd": PASSWD,
            "/etc/pam.d/sshd": (
                "auth required pam_google_authenticator.so\nauth required pam_oath.so usersfile=/etc/oath\n"
            ),
            "/etc/oath": "HOTP ann - CANARY\n",
            "/home/ann/.google_authenticator": "CANARY\n",
            "/home/bea/.google_authenticator": "CANARY\n",
        },
    )
    for folder in (root, *root.parents[:3]):
        folder.chmod(0o755)
    (root / "home/ann").chmod(0o700)
    (root / "etc/oath").chmod(0o600)
    found = collect(root, user=65534)
    assert enrolled(found) == {
        "/home/ann/.google_authenticator": "unreadable",
        "/home/bea/.google_authenticator": Status("-", 0o644, 0, 0),
        "/etc/oath": Status("-", 0o600, 0, 0),
    }
    assert found.file("pamconf", b"/etc/oath") == Frame("pamconf", b"/etc/oath", "unreadable")


def test_stays_away_from_network_file_systems(tmp_path: Path) -> None:
    """One note tells of all of them."""
    root = make(
        tmp_path,
        {
            "/proc/mounts": "/dev/sda1 / ext4 rw 0 0\nserver:/homes /home nfs4 rw 0 0\n",
            "/etc/passwd": PASSWD,
            "/etc/pam.d/sshd": (
                "auth required pam_google_authenticator.so secret=/var/${USER}\nauth required pam_otpw.so\n"
            ),
            "/home/ann/.otpw": "CANARY\n",
            "/var/bea": "CANARY\n",
        },
    )
    found = collect(root, text=alive(script.text()))
    assert enrolled(found) == {
        "/var/ann": "absent",
        "/var/bea": Status("-", 0o644, os.getuid(), os.getgid()),
        "/home/ann/.otpw": "notvisited",
        "/home/bea/.otpw": "notvisited",
    }
    assert [note for note in found.notes if note.area == "pam"] == [
        Note("pam", "network-file-system", "/home/ann/.otpw")
    ]


def test_more_accounts_than_are_looked_at(tmp_path: Path) -> None:
    """In parts, and so many in all: that there are more is said, and none of those is called absent."""
    text = script.text()
    for old, new in ((b"TOKMAX = 40000", b"TOKMAX = 40"), (b"TOKPART = 4000", b"TOKPART = 7")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(f"u{n}:x:{n}:{n}::/home/u{n}:/bin/sh\n" for n in range(9)),
            "/etc/pam.d/sshd": "".join(
                f"auth required pam_google_authenticator.so secret=/var/{n}/${{USER}}\n" for n in range(5)
            ),
            "/var/0/u0": "CANARY",
            "/var/2/u3": Link("../0/u0"),
            "/var/4/u3": "CANARY",
            "/var/4/u4": "CANARY",
            "/home/u0/.ssh/authorized_keys": "# CANARY\n",
        },
    )
    found = collect(root, text=text)
    there = Status("-", 0o644, os.getuid(), os.getgid())
    looked = {f"/var/{n}/u{m}": "absent" for n in range(5) for m in range(9) if (n, m) < (4, 4)}
    assert enrolled(found) == looked | dict.fromkeys(("/var/0/u0", "/var/2/u3", "/var/4/u3"), there)
    assert Note("pam", "too-many-files", "/var/4/u4") in found.notes
    # what was asked of them is forgotten, what was asked of all else is not
    paths = {path.decode() for path in tables.metas(found)}
    assert not any(path.startswith("/var/") and path != "/var/run" for path in paths)
    assert {"/home/u0", "/home/u0/.ssh", "/home/u0/.ssh/authorized_keys"} <= paths


SERVICES = ("sshd", "sudo", "sudo-i", "su", "su-l", "login", "other", "ssh-by-another-name")


def test_every_service_of_a_large_folder(tmp_path: Path) -> None:
    tree: Mapping[str, str] = {
        **{f"/etc/pam.d/{name}": f"auth include part-of-{name}\n" for name in SERVICES},
        **{f"/etc/pam.d/part-of-{name}": "auth required pam_unix.so\n" for name in SERVICES},
        **{f"/etc/pam.d/filler{n}": "auth required pam_deny.so\n" for n in range(500)},
    }
    found = collect(make(tmp_path, {"/etc/passwd": PASSWD, **tree}))
    assert {frame.path.decode(): frame.data.decode() for frame in found.all("pam")} == tree


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        pytest.param("secret=/var/${USER}/x nullok", "secret=/var/${USER}/x nullok", id="a path"),
        pytest.param("[secret=/a b/~] nullok", "[secret=/a b/~] nullok", id="in brackets"),
        pytest.param("secret=~/x", "secret=~/x", id="home"),
        pytest.param("secret=CANARY nullok", "secret=REDACTED nullok", id="no path"),
        pytest.param("secret=/CANARY'x", "secret=REDACTED", id="odd characters"),
        pytest.param("key=/CANARY password=CANARY", "key=REDACTED password=REDACTED", id="other options"),
    ],
)
def test_the_path_behind_secret_is_no_secret(tmp_path: Path, rule: str, sent: str) -> None:
    line = (
        "auth required pam_google_authenticator.so \\\n  {}\n"
        "auth required pam_x.so secret=/CANARY pinverification=12345\n"
    )
    found = collect(make(tmp_path, {"/etc/passwd": "", "/etc/pam.d/sshd": line.format(rule)}))
    expected = line.format(sent).replace(
        "secret=/CANARY pinverification=12345", "secret=REDACTED pinverification=REDACTED"
    )
    assert [frame.data.decode() for frame in found.all("pam")] == [expected]
