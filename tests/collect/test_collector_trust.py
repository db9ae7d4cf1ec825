"""What the collector brings for hosts that vouch and for tickets, and what it keeps back."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh
import pytest

from hygiene.evidence.frames import Frame, Transcript

from .disk import AWKS, Link, collect, installed, make, snapshot, with_awk

KEY = " ".join(asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[:2])
HASH = "$6$rounds=5000$canarysalt$CANARYcanaryCANARYcanaryCANARYcanaryCANARYcanary"
EQUIV = {
    # text of the file: what of it leaves, line by line (None: nothing)
    "client.example.org": "client.example.org",
    " 10.77.0.1\tann ": " 10.77.0.1\tann ",
    "fe80::1%eth0 ann": "fe80::1%eth0 ann",
    "-client -ann": "-client -ann",
    "+ +": "+ +",
    "+@hosts +@people": "+@hosts +@people",
    "client crlf\r": "client crlf ",
    "": "",
    "# CANARY": "#",
    "client ann CANARY": "#",
    "pc$ ann$": "pc$ ann$",
    "NO_PLUS": "NO_PLUS",
    f"root:{HASH}:19700:0:99999:7:::": None,
    "CANARY::19700:0:99999:7:::": None,
    "CANARY:x:0:0:root:/root:/bin/sh": None,
    "password=CANARY": None,
    "0123456789abcdef0123456789abcdef": None,
    "CANARY" * 12: None,
    f"{'a' * 1020} CANARY": None,
    "-----BEGIN RSA PRIVATE KEY-----": None,
    "CANARYinside": None,
    "-----END RSA PRIVATE KEY-----": None,
    "last": "last",
}
KNOWN = {
    f"client.example.org,10.77.0.1 {KEY} CANARY": f"client.example.org,10.77.0.1 {KEY}",
    f"  @cert-authority\t*.example.org\t{KEY}  CANARY": f"  @cert-authority\t*.example.org\t{KEY}",
    f"@revoked @cert-authority * {KEY}": "#",
    f"@revoked * {KEY}": f"@revoked * {KEY}",
    f"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {KEY}": (
        f"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {KEY}"
    ),
    f"[client]:2222,!other,?x* {KEY}": f"[client]:2222,!other,?x* {KEY}",
    "client 1024 35 1234567890": "#",
    "# CANARY": "#",
    "": "",
    "client ssh-ed25519": None,
    f"cli'CANARY {KEY}": None,
    f"{KEY} CANARY": None,
    "CANARY": None,
}
LOGIN = {
    "ann@EXAMPLE.ORG": "ann@EXAMPLE.ORG",
    "host/web1.example.org@EXAMPLE.ORG": "host/web1.example.org@EXAMPLE.ORG",
    "CANARY": "#",
    " ann@EXAMPLE.ORG": None,
    "ann@EXAMPLE.ORG\r": "#",
    "ann@EXAMPLE.ORG ": "#",
    "CANARY password@x=": None,
    "": "",
}
CONF = {
    "# CANARY": "#",
    "[libdefaults]": "[libdefaults]",
    "  default_realm = EXAMPLE.ORG": "  default_realm = EXAMPLE.ORG",
    "\tk5login_directory = /etc/k5": "\tk5login_directory = /etc/k5",
    "default_keytab_name = FILE:/etc/keys": "default_keytab_name = FILE:/etc/keys",
    "dns_lookup_realm = CANARY": "#",
    "[realms]": "[realms]",
    "EXAMPLE.ORG = {": "#",
    "auth_to_local = RULE:[1:$1](CANARY)s/x/y/": "auth_to_local = ?",
    "}": "}",
    "includedir /etc/krb5.conf.d/": "includedir /etc/krb5.conf.d/",
}


def text(lines: dict[str, str] | dict[str, str | None]) -> str:
    return "".join(f"{line}\n" for line in lines)


def sent(lines: dict[str, str] | dict[str, str | None]) -> bytes:
    return "".join(f"hyg:dropped {len(line)}\n" if out is None else f"{out}\n" for line, out in lines.items()).encode()


ROOT: dict[str, str | bytes | Link | int] = {
    "/etc/passwd": "".join(
        f"{name}:x:{uid}:100::/home/{name}:/bin/sh\n" for name, uid in (("ann", 1001), ("bea", 1002), ("cat", 1003))
    ),
    "/etc/ssh/sshd_config": "HostbasedAuthentication yes\nMatch User bea\n  GSSAPIAuthentication yes\n",
    "/etc/ssh/shosts.equiv": text(EQUIV),
    "/etc/ssh/ssh_known_hosts": text(KNOWN),
    "/home/ann/.shosts": "client\0CANARY\nlast",
    "/home/ann/.ssh/known_hosts": f"client {KEY}\n",
    "/home/bea/.rhosts": Link("/root/names"),
    "/root/names": "CANARY\n",
    "/home/cat/.rhosts": 0o755,
    "/home/ann/.k5login": text(LOGIN),
    "/etc/krb5.keytab": "CANARY",
    "/etc/krb5.conf": text(CONF),
    "/etc/krb5.conf.d/more": "include /etc/krb5.more\n",
    "/etc/krb5.more": "[plugins]\nlocalauth = {\nmodule = CANARY\n}\n",
}


@pytest.fixture(scope="module", params=AWKS)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    awk = AWKS[request.param]
    if not installed(awk.split()[0]):
        pytest.skip(f"{awk} is not installed here")
    root = make(tmp_path_factory.mktemp("root"), ROOT)
    (root / "root").chmod(0o700)
    before = snapshot(root)
    found = collect(root, text=with_awk(awk, tmp_path_factory.mktemp("bin")))
    assert snapshot(root) == before
    assert b"CANARY" not in b"".join(frame.data for frame in found.frames)
    return found


def test_files_that_name_hosts(found: Transcript) -> None:
    assert found.all("equiv") == (
        Frame("equiv", b"/etc/hosts.equiv", "absent"),
        Frame("equiv", b"/etc/ssh/shosts.equiv", "ok", sent(EQUIV)),
        Frame("equiv", b"/home/ann/.shosts", "ok", b"client\nlast\n"),
        Frame("equiv", b"/home/ann/.rhosts", "absent"),
        Frame("equiv", b"/home/bea/.shosts", "absent"),
        Frame("equiv", b"/home/bea/.rhosts", "ok", b"hyg:dropped 6\n"),
        Frame("equiv", b"/home/cat/.shosts", "absent"),
        Frame("equiv", b"/home/cat/.rhosts", "notregular"),
    )


def test_keys_of_hosts(found: Transcript) -> None:
    assert found.all("khosts") == (
        Frame("khosts", b"/etc/ssh/ssh_known_hosts", "ok", sent(KNOWN)),
        Frame("khosts", b"/etc/ssh/ssh_known_hosts2", "absent"),
        Frame("khosts", b"/home/ann/.ssh/known_hosts", "ok", f"client {KEY}\n".encode()),
        *(
            Frame("khosts", f"/home/{name}/.ssh/known_hosts{number}".encode(), "absent")
            for name, number in (("ann", "2"), ("bea", ""), ("bea", "2"), ("cat", ""), ("cat", "2"))
        ),
    )


def test_what_decides_about_tickets(found: Transcript) -> None:
    kinds = ("keytab", "krb5conf", "k5login")
    assert [frame for kind in kinds for frame in found.all(kind)] == [
        Frame("keytab", b"/etc/krb5.keytab", "ok"),
        Frame("krb5conf", b"/etc/krb5.conf", "ok", sent(CONF)),
        Frame("krb5conf", b"/etc/krb5.conf.d/more", "ok", b"include /etc/krb5.more\n"),
        Frame("krb5conf", b"/etc/krb5.more", "ok", b"[plugins]\nlocalauth = ?\n#\n}\n"),
        Frame("k5login", b"/home/ann/.k5login", "ok", sent(LOGIN)),
        Frame("k5login", b"/home/bea/.k5login", "absent"),
        Frame("k5login", b"/home/cat/.k5login", "absent"),
    ]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        pytest.param("HostbasedAuthentication no", set(), id="off"),
        pytest.param("#HostbasedAuthentication yes", set(), id="a comment"),
        pytest.param("hostbasedauthentication=Yes", {"equiv"}, id="another case"),
        pytest.param('Match User x\n HostbasedAuthentication "yes"', {"equiv"}, id="for one account"),
        pytest.param("GSSAPIAuthentication yes", {"keytab", "krb5conf", "k5login"}, id="tickets alone"),
        pytest.param("KerberosAuthentication yes", {"keytab", "krb5conf", "k5login"}, id="passwords of Kerberos"),
    ],
)
def test_nothing_is_read_where_nothing_asks_for_it(tmp_path: Path, line: str, kinds: set[str]) -> None:
    tree: dict[str, str | bytes | Link | int] = {
        "/etc/passwd": "ann:x:1001:100::/home/ann:/bin/sh\n",
        "/etc/ssh/sshd_config": f"{line}\n",
        "/home/ann/.ssh/known_hosts": f"client {KEY}\n",
    }
    found = collect(make(tmp_path, tree))
    assert {f.kind for f in found.frames} & {"equiv", "khosts", "keytab", "krb5conf", "k5login"} == (
        kinds | ({"khosts"} if "equiv" in kinds else set())
    )
    # where no file names a host, nobody has to know whom the account knows
    assert found.file("khosts", b"/home/ann/.ssh/known_hosts") is None


@pytest.mark.parametrize(
    ("mode", "owner", "leaves"),
    [
        pytest.param(0o644, 0, True, id="everybody can read it"),
        pytest.param(0o640, 0, False, id="only root can"),
        pytest.param(0o600, 1001, True, id="the account's own"),
        pytest.param(0o600, 1002, False, id="somebody else's"),
    ],
)
@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param(".rhosts", "client", id="rhosts"),
        pytest.param(".ssh/known_hosts", f"client {KEY}", id="known hosts"),
        pytest.param(".k5login", "ann@EXAMPLE.ORG", id="k5login"),
    ],
)
def test_a_user_lends_us_no_eyes(tmp_path: Path, mode: int, owner: int, leaves: bool, name: str, line: str) -> None:
    if os.getuid() != 0:
        pytest.skip("gives files away, which only root can")
    tree: dict[str, str | bytes | Link | int] = {
        "/etc/passwd": "ann:x:1001:100::/home/ann:/bin/sh\n",
        "/etc/ssh/sshd_config": "HostbasedAuthentication yes\nGSSAPIAuthentication yes\n",
        "/etc/hosts.equiv": "client\n",
        "/srv/file": f"{line}\n",
        f"/home/ann/{name}": Link("/srv/file"),
    }
    root = make(tmp_path, tree)
    (root / "srv/file").chmod(mode)
    os.chown(root / "srv/file", owner, owner)
    found = collect(root)
    (data,) = {frame.data for frame in found.frames if frame.path == f"/home/ann/{name}".encode()}
    assert data == (f"{line}\n" if leaves else f"hyg:dropped {len(line)}\n").encode()


def test_files_that_are_too_large(tmp_path: Path) -> None:
    tree: dict[str, str | bytes | Link | int] = {
        "/etc/passwd": "ann:x:1001:100::/home/ann:/bin/sh\n",
        "/etc/ssh/sshd_config": "HostbasedAuthentication yes\n",
        "/etc/hosts.equiv": "client\n" * 50_000,
        "/home/ann/.rhosts": Link("/dev/zero"),
    }
    found = collect(make(tmp_path, tree))
    assert found.all("equiv") == (
        Frame("equiv", b"/etc/hosts.equiv", "toolarge"),
        Frame("equiv", b"/etc/ssh/shosts.equiv", "absent"),
        Frame("equiv", b"/home/ann/.shosts", "absent"),
        Frame("equiv", b"/home/ann/.rhosts", "absent"),
    )
