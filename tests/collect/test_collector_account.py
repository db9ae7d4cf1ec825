"""What the collector brings for the account stage: principals, what PAM modules read; and what it keeps back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Transcript

from .disk import AWKS, Link, collect, installed, make, snapshot, with_awk

HASH = "$6$rounds=5000$canarysalt$CANARYcanaryCANARYcanaryCANARYcanaryCANARYcanary"
PRINCIPALS = {
    # text of the file: what of it leaves, line by line (None: nothing)
    "ann": "ann",
    "  ann@EXAMPLE.org \t": "  ann@EXAMPLE.org \t",
    "crlf\r": "crlf\r",
    "": "",
    "# CANARY": "#",
    "ops # CANARY": "ops #",
    'from="10.0.0.0/8",no-pty role_a/b': 'from="10.0.0.0/8",no-pty role_a/b',
    "restrict\tops": "restrict\tops",
    'Command="echo x" *': 'Command="echo x" *',
    "two words": None,
    f"root:{HASH}:1::::::": None,
    "user:CANARY": None,
    "password=CANARY": None,
    "machine git.example.org login ann password CANARY": None,
    "DOMAIN\\CANARY": None,
    "0123456789abcdef0123456789abcdef": None,
    "CANARY" * 12: None,
    "-----BEGIN RSA PRIVATE KEY-----": None,
    "CANARYinside": None,
    "-----END RSA PRIVATE KEY-----": None,
    "behind-it": "behind-it",
}
SENT = "".join(f"{sent if sent is not None else f'hyg:dropped {len(line)}'}\n" for line, sent in PRINCIPALS.items())
PAM = (
    "account required pam_listfile.so item=user sense=allow onerr=fail \\\n  file=/etc/ssh/allowed\n"
    "account required pam_access.so [accessfile=/etc/access for ssh] nodefgroup\n"
    "account required pam_time.so conffile=/etc/other-time.conf\n"
    "account required pam_nologin.so file=/var/lib/closed\n# pam_access.so accessfile=/etc/comment\n"
    "auth required pam_other.so file=/etc/other-file conf=/etc/other-conf\n"
    "account required pam_faillock.so conf=/etc/lock.conf\naccount required pam_sepermit.so conf=/etc/se.conf\n"
    "account sufficient pam_localuser.so file=/etc/passwd\n"
    "account sufficient pam_localuser.so file=/var/lib/extrausers/passwd\n"
    "account sufficient pam_localuser.so file=/etc/ssh/allowed"
)
ROOT: dict[str, str | bytes | Link | int] = {
    "/etc/passwd": "".join(
        f"{name}:x:{uid}:100::/home/{name}:/bin/sh\n" for name, uid in (("ann", 1001), ("bea", 1002))
    ),
    "/etc/ssh/sshd_config": "AuthorizedPrincipalsFile /etc/ssh/principals/%u\nMatch User bea\n"
    "  AuthorizedPrincipalsFile .ssh/principals\n",
    "/etc/ssh/principals/ann": "".join(f"{line}\n" for line in PRINCIPALS),
    "/etc/ssh/principals/bea": "bea\0CANARY\nlast",
    "/home/ann/.ssh/principals": "plain\n",
    "/home/bea/.ssh/principals": Link("/root/names"),
    "/root/names": "CANARY\n",
    "/etc/pam.d/sshd": PAM,
    "/etc/pam.d/long": f"# {'CANARY' * 170}\n#{'CANARY' * 171}\nauth required x.so password={'CANARY' * 200}\na\0b\n"
    "hyg:unended\n# CANARY",
    "/etc/security/access.conf": f"# CANARY\n+ : root : LOCAL\n-:administrators:ALL EXCEPT LOCAL\nx:{HASH}:y\n",
    "/etc/security/access.d/10-ssh.conf": "- : ALL : ALL",
    "/etc/security/access.d/empty.conf": "",
    "/etc/security/access.d/ended.conf": "+ : \xfcte : ALL\n\n",
    "/etc/security/access.d/notes": "CANARY\n",
    "/etc/security/access.d/nul.conf": "+:ann\0CANARY:ALL\n+:bea:ALL\n\nhyg:unended\n",
    "/etc/security/access.d/utf8.conf": "+ : \xfcte : ALL",
    "/etc/security/sepermit.conf": "# CANARY\n%guest:exclusive\n",
    "/usr/etc/security/faillock.conf": "deny = 3\n",
    "/etc/login.defs": "UID_MIN 1000\n",
    "/etc/shells": "/bin/sh\n",
    "/etc/lock.conf": "silent\n",
    "/etc/se.conf": "ann\n",
    "/var/lib/extrausers/passwd": (
        f"eve:{HASH}:1:2:CANARY:/CANARY:/bin/CANARY\ndom+ain@x-y.z$:\n+@admins::::\nCANARY\n\n:CANARY\n# CANARY\n"
        f"CANARY CANARY:x:\n{'0' * 65}:x:"
    ),
    "/etc/ssh/allowed": f"ann\nroot:CANARY:1:2:\n# {'CANARY' * 43}\nbea\n",
    "/etc/access for ssh": "+:ann:ALL\n",
    "/etc/other-time.conf": Link("/dev/zero"),
    "/var/lib/closed": "",
}


@pytest.fixture(scope="module", params=[*AWKS, "counts characters"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    awk = AWKS.get(request.param, "mawk")
    if not installed(awk.split()[0]):
        pytest.skip(f"{awk} is not installed here")
    text = with_awk(awk, tmp_path_factory.mktemp("bin"))
    if request.param not in AWKS:
        assert text.count(b"BYTES = (") == 1
        text = text.replace(b"BYTES = (", b"BYTES = 0 && (")
    root = make(tmp_path_factory.mktemp("root"), ROOT)
    (root / "root").chmod(0o700)
    before = snapshot(root)
    found = collect(root, text=text)
    assert snapshot(root) == before
    assert b"CANARY" not in b"".join(frame.data for frame in found.frames)
    return found


def test_only_what_can_be_a_principal_leaves(found: Transcript) -> None:
    frames = {frame.path: frame for frame in found.all("principals")}
    assert frames == {
        frame.path: frame
        for frame in (
            Frame("principals", b"/etc/ssh/principals/ann", "filtered", SENT.encode()),
            Frame("principals", b"/etc/ssh/principals/bea", "ok", b"bea\0\nlast\n"),
            Frame("principals", b"/home/ann/.ssh/principals", "ok", b"plain\n"),
            Frame("principals", b"/home/bea/.ssh/principals", "filtered", b"hyg:dropped 6\n"),
        )
    }


def test_what_modules_of_the_account_stage_read(found: Transcript) -> None:
    folder = b"/etc/security/access.d/"
    access = b"#\n+ : root : LOCAL\n-:administrators:ALL EXCEPT LOCAL\n" + f"hyg:dropped {len(HASH) + 4}\n".encode()
    names = b"eve:\ndom+ain@x-y.z$:\n+@admins:\n\n\nhyg:dropped 7\n\nhyg:dropped 16\nhyg:dropped 68"
    assert list(found.all("pamconf")) == [
        Frame("pamconf", b"/etc/security/access.conf", "ok", access),
        Frame("pamconf", b"/etc/security/time.conf", "absent"),
        Frame("pamconf", b"/etc/security/sepermit.conf", "ok", b"#\n%guest:exclusive\n"),
        Frame("pamconf", b"/etc/security/faillock.conf", "absent"),
        Frame("pamconf", b"/usr/etc/security/faillock.conf", "ok", b"deny = 3\n"),
        Frame("pamconf", b"/etc/login.defs", "ok", b"UID_MIN 1000\n"),
        Frame("pamconf", b"/etc/shells", "ok", b"/bin/sh\n"),
        # the last line has no end: pam_access passes over it
        Frame("pamconf", folder + b"10-ssh.conf", "ok", b"- : ALL : ALL"),
        Frame("pamconf", folder + b"empty.conf", "ok"),
        Frame("pamconf", folder + b"ended.conf", "ok", "+ : \xfcte : ALL\n\n".encode()),
        Frame("pamconf", folder + b"nul.conf", "ok", b"hyg:dropped 16\n+:bea:ALL\n\nhyg:dropped 11\n"),
        Frame("pamconf", folder + b"utf8.conf", "ok", "+ : \xfcte : ALL".encode()),
        # pam_localuser names it too, and pam_listfile wants all of it
        Frame("pamconf", b"/etc/ssh/allowed", "ok", b"ann\nhyg:dropped 16\nhyg:dropped 260\nbea\n"),
        Frame("pamconf", b"/etc/access for ssh", "ok", b"+:ann:ALL\n"),
        Frame("pamconf", b"/etc/other-time.conf", "absent"),
        Frame("pamconf", b"/etc/lock.conf", "ok", b"silent\n"),
        Frame("pamconf", b"/etc/se.conf", "ok", b"ann\n"),
        Frame("pamconf", b"/var/lib/extrausers/passwd", "ok", names),
    ]
    assert tables.states(found, "exists")[b"/var/lib/closed"] == "present"
    assert tables.states(found, "dirs")[b"/etc/security/access.d"] == "ok"
    assert {frame.path: frame.data for frame in found.all("pam")} == {
        # libpam before 1.6 reads 1,022 bytes of a line at a time
        b"/etc/pam.d/long": b"#\nhyg:dropped 1027\nhyg:dropped 1228\nhyg:dropped 3\nhyg:dropped 11\n#",
        b"/etc/pam.d/sshd": PAM.replace("# pam_access.so accessfile=/etc/comment", "#").encode(),
    }


@pytest.mark.parametrize(
    ("mode", "owner", "sent"),
    [
        pytest.param(0o644, 0, b"name\n", id="everybody can read it"),
        pytest.param(0o640, 0, b"hyg:dropped 4\n", id="only root can"),
        pytest.param(0o600, 1001, b"name\n", id="the account's own"),
        pytest.param(0o600, 1002, b"hyg:dropped 4\n", id="somebody else's"),
    ],
)
@pytest.mark.parametrize(
    ("pattern", "link"),
    [
        pytest.param("%h/list", None, id="in the home"),
        pytest.param("%h/principals", "/home/ann/principals", id="behind a link in the home"),
        pytest.param("/etc/principals/%u", "/etc/principals/ann", id="behind a link elsewhere"),
    ],
)
def test_a_user_lends_us_no_eyes(
    tmp_path: Path, mode: int, owner: int, sent: bytes, pattern: str, link: str | None
) -> None:
    """What the account could not read itself does not leave, though it looks like a list of names."""
    if os.getuid() != 0:
        pytest.skip("gives files away, which only root can")
    file = "/home/ann/list" if link is None else "/srv/list"
    tree: dict[str, str | bytes | Link | int] = {
        "/etc/passwd": "ann:x:1001:100::/home/ann:/bin/sh\n",
        "/etc/ssh/sshd_config": f"AuthorizedPrincipalsFile {pattern}\n",
        file: "name\n",
    }
    if link is not None:
        tree[link] = Link(file)
    root = make(tmp_path, tree)
    (root / file[1:]).chmod(mode)
    os.chown(root / file[1:], owner, owner)
    assert [frame.data for frame in collect(root).all("principals")] == [sent]


def test_principals_files_that_are_none(tmp_path: Path) -> None:
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(f"{name}:x:1:1::/{name}:/bin/sh\n" for name in ("big", "dir", "fifo", "none")),
            "/etc/ssh/sshd_config": "AuthorizedPrincipalsFile %h/p\nMatch User none\nAuthorizedPrincipalsFile none\n",
            "/big/p": "name\n" * 60_000,
            "/dir/p": 0o755,
            "/fifo": 0o755,
        },
    )
    os.mkfifo(root / "fifo/p")
    assert {frame.path: frame.status for frame in collect(root).all("principals")} == {
        b"/big/p": "toolarge",
        b"/dir/p": "notregular",
        b"/fifo/p": "notregular",
        b"/none/p": "absent",
    }
