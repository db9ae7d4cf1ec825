"""passwd, group, shadow and nsswitch.conf: odd lines, hostile lines, and what sshd makes of them."""

from __future__ import annotations

import pytest

from hygiene.accounts import group, nsswitch, passwd, shadow
from hygiene.accounts.group import GroupEntry, Groups, Membership
from hygiene.accounts.passwd import Passwd, PasswdEntry, root_by_uid
from hygiene.accounts.shadow import UNKNOWN, Password, ShadowEntry
from hygiene.model import AccountState, PasswordState, RootBy, Truth

EMPTY = Password(PasswordState.EMPTY, locked=Truth.NO)
NOTHING = [None] * 6


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        pytest.param(b"a:x:1:2:A,,:/home/a:/bin/sh", PasswdEntry("a", 1, 2, "/home/a", "/bin/sh", None, 1), id="plain"),
        pytest.param(b"a::1:2:::", PasswdEntry("a", 1, 2, "", "", EMPTY, 1), id="no-password-and-no-x"),
        pytest.param(b"a:x:1:2", PasswdEntry("a", 1, 2, "", "", None, 1), id="glibc-takes-a-short-line"),
        pytest.param(
            b"  toor:x:0:0::/:/bin/sh", PasswdEntry("toor", 0, 0, "/", "/bin/sh", None, 1), id="blanks-before"
        ),
        pytest.param(b"a:x: +0:0::/:", PasswdEntry("a", 0, 0, "/", "", None, 1), id="a-zero-with-a-sign"),
        pytest.param(b"a:x:-1:0::/:", PasswdEntry("a", 2**32 - 1, 0, "/", "", None, 1), id="minus-wraps-around"),
        pytest.param(
            b"a:x:4294967296:0::/:", PasswdEntry("a", 2**32 - 1, 0, "/", "", None, 1), id="too-large-is-not-zero"
        ),
        pytest.param(b"caf\xe9:x:1:1::/:", PasswdEntry("caf\\xe9", 1, 1, "/", "", None, 1), id="latin-1"),
        pytest.param(b"a:x:1:1::/:/bin/sh:x", PasswdEntry("a", 1, 1, "/", "/bin/sh:x", None, 1), id="colon-in-shell"),
        pytest.param(
            b"a:set,6,rounds=5000:1:1::/:",
            PasswdEntry("a", 1, 1, "/", "", Password(PasswordState.SET, "sha512crypt", "rounds=5000", Truth.NO), 1),
            id="hash-in-passwd",
        ),
    ],
)
def test_passwd_line(line: bytes, entry: PasswdEntry) -> None:
    assert passwd.parse(line + b"\n# comment\n\n") == Passwd((entry,), (), False)


@pytest.mark.parametrize(
    ("line", "problem", "remote"),
    [
        pytest.param(b"+::::::", "a + entry: accounts of a directory, which are not listed here", True, id="plus"),
        pytest.param(b"-bob", "a - entry: accounts of a directory, which are not listed here", True, id="minus"),
        pytest.param(
            b"root:x:1:1::/:",
            "a second entry of an account; the one in line 1 holds",
            False,
            id="the-first-entry-holds",
        ),
        pytest.param(b"a:x:0x0:0::/:", "not a passwd line; expected name:x:uid:gid:gecos:home:shell", False, id="hex"),
        pytest.param(b"a:x::0::/:", "not a passwd line; expected name:x:uid:gid:gecos:home:shell", False, id="no-uid"),
        pytest.param(b":x:0:0::/:", "not a passwd line; expected name:x:uid:gid:gecos:home:shell", False, id="no-name"),
        pytest.param(b"a:x:0", "not a passwd line; expected name:x:uid:gid:gecos:home:shell", False, id="cut"),
        pytest.param(b"a\0:x:0:0::/:", "not a passwd line; expected name:x:uid:gid:gecos:home:shell", False, id="nul"),
        pytest.param(
            b"a:x:" + b"9" * 100_000 + b":0::/:",
            "not a passwd line; expected name:x:uid:gid:gecos:home:shell",
            False,
            id="endless-number",
        ),
    ],
)
def test_passwd_problem(line: bytes, problem: str, remote: bool) -> None:
    root = PasswdEntry("root", 0, 0, "/root", "/bin/sh", None, 1)
    data = b"root:x:0:0::/root:/bin/sh\n" + line + b"\n"
    assert passwd.parse(data) == Passwd((root,), (f"/etc/passwd:2: {problem}",), remote)


def test_root_by_another_name() -> None:
    found = passwd.parse(b"root:x:0:0::/:\ntoor:x:0:0::/:\na:x:1:0::/:\n")
    assert [root_by_uid(entry) for entry in found.accounts] == [RootBy.UID0, RootBy.UID0, None]


def test_an_empty_shell_is_sh() -> None:
    assert [entry.login_shell for entry in passwd.parse(b"a:x:1:1::/:\nb:x:2:2::/:/bin/zsh\n").accounts] == [
        "/bin/sh",
        "/bin/zsh",
    ]


def test_groups() -> None:
    data = b"root:x:0:\nops:x:7:a, b,,\nops:x:8:c\n+:::\nbad:x:y:\n"
    groups = group.parse(data)
    assert groups == Groups(
        (GroupEntry("root", 0, ()), GroupEntry("ops", 7, ("a", "b")), GroupEntry("ops", 8, ("c",))),
        (
            "/etc/group:4: a + entry: groups of a directory, which are not listed here",
            "/etc/group:5: not a group line; expected name:x:gid:member,member",
        ),
        True,
    )
    accounts = passwd.parse(b"root:x:0:0::/:\na:x:1:8::/:\nd:x:2:99::/:\n").accounts
    assert group.memberships(accounts, groups) == {
        "root": Membership(frozenset({"root"}), frozenset({0})),
        "a": Membership(frozenset({"ops"}), frozenset({7, 8})),
        "d": Membership(frozenset(), frozenset({99})),
    }


@pytest.mark.parametrize(
    ("data", "database", "reason"),
    [
        pytest.param(None, "passwd", None, id="no-file"),
        pytest.param(b"passwd: files systemd\n", "passwd", None, id="systemd-is-no-source-of-logins"),
        pytest.param(b"passwd: compat\n", "passwd", None, id="compat"),
        pytest.param(
            b"passwd:\tfiles sss # x\n",
            "passwd",
            "accounts also come from sss (nsswitch.conf, passwd), which cannot be listed from the host's files",
            id="sssd",
        ),
        pytest.param(
            b"passwd: files [NOTFOUND=return] ldap winbind\n",
            "passwd",
            "accounts also come from ldap, winbind (nsswitch.conf, passwd), "
            "which cannot be listed from the host's files",
            id="actions-are-no-promise",
        ),
        pytest.param(
            b"passwd: files nis\n",
            "shadow",
            "password states also come from nis (nsswitch.conf, shadow), which cannot be listed from the host's files",
            id="shadow-follows-passwd",
        ),
        pytest.param(b"passwd: files nis\nshadow: files\n", "shadow", None, id="shadow-of-its-own"),
        pytest.param(b"passwd: files nis\n", "group", None, id="group-does-not"),
        pytest.param(
            b"sudoers: files sss\n",
            "sudoers",
            "sudo rules also come from sss (nsswitch.conf, sudoers), which cannot be listed from the host's files",
            id="sudoers",
        ),
        pytest.param(b"passwd: [ldap\n\0\xff:::\n", "passwd", None, id="noise"),
    ],
)
def test_sources(data: bytes | None, database: str, reason: str | None) -> None:
    assert nsswitch.gap_reason(nsswitch.parse(data), database) == reason


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("", EMPTY, id="empty"),
        pytest.param("empty,-,", EMPTY, id="empty-said"),
        pytest.param("*", Password(PasswordState.NONE, locked=Truth.NO), id="star"),
        pytest.param("star,-,", Password(PasswordState.NONE, locked=Truth.NO), id="star-said"),
        pytest.param("!", Password(PasswordState.NONE, locked=Truth.YES), id="bang"),
        pytest.param("!!", Password(PasswordState.NONE, locked=Truth.YES), id="two-bangs"),
        pytest.param("locked-none,-,", Password(PasswordState.NONE, locked=Truth.YES), id="bang-said"),
        pytest.param("none,-,", Password(PasswordState.NONE, locked=Truth.UNKNOWN), id="one-of-them"),
        pytest.param("set,y,j9T", Password(PasswordState.SET, "yescrypt", "j9T", Truth.NO), id="yescrypt"),
        pytest.param("set,gy,j9T", Password(PasswordState.SET, "gost-yescrypt", "j9T", Truth.NO), id="gost"),
        pytest.param("set,2b,10", Password(PasswordState.SET, "bcrypt", "10", Truth.NO), id="bcrypt"),
        pytest.param("set,5,", Password(PasswordState.SET, "sha256crypt", None, Truth.NO), id="sha256"),
        pytest.param("set,1,", Password(PasswordState.SET, "md5", None, Truth.NO), id="md5"),
        pytest.param("set,des,", Password(PasswordState.SET, "des", None, Truth.NO), id="des"),
        pytest.param("set,7,", Password(PasswordState.SET, "scrypt", None, Truth.NO), id="scrypt"),
        pytest.param(
            "set,argon2id,m=65536,t=3,p=4",
            Password(PasswordState.SET, "argon2", "m=65536,t=3,p=4", Truth.NO),
            id="argon2-has-commas",
        ),
        pytest.param(
            "set,argon2id,m=65536;t=3;p=4",
            Password(PasswordState.SET, "argon2", "m=65536;t=3;p=4", Truth.NO),
            id="argon2-without-commas",
        ),
        pytest.param("set,sha512crypt,", Password(PasswordState.SET, "sha512crypt", None, Truth.NO), id="by-name"),
        pytest.param("set,zz,", Password(PasswordState.SET, "other", None, Truth.NO), id="unheard-of"),
        pytest.param(
            "locked-hash,6,", Password(PasswordState.LOCKED, "sha512crypt", None, Truth.YES), id="hash-behind-a-bang"
        ),
        pytest.param(
            "set,6," + "a" * 86, Password(PasswordState.SET, "sha512crypt", None, Truth.NO), id="no-cost-so-long"
        ),
        pytest.param("set,1,,7", Password(PasswordState.SET, "md5", None, Truth.NO, 7), id="numbered"),
        pytest.param(
            "set,6,rounds=5000,12",
            Password(PasswordState.SET, "sha512crypt", "rounds=5000", Truth.NO, 12),
            id="cost-and-number",
        ),
        pytest.param(
            "set,argon2id,m=65536;t=3;p=4,12",
            Password(PasswordState.SET, "argon2", "m=65536;t=3;p=4", Truth.NO, 12),
            id="argon2-and-number",
        ),
        pytest.param(
            "set,7,N=2^14;r=32;p=1,2",
            Password(PasswordState.SET, "scrypt", "N=2^14;r=32;p=1", Truth.NO, 2),
            id="scrypt-cost",
        ),
        pytest.param("set,md5,rounds=904", Password(PasswordState.SET, "sunmd5", "rounds=904", Truth.NO), id="sunmd5"),
        pytest.param(
            "set,6,rounds=5000,", Password(PasswordState.SET, "sha512crypt", "rounds=5000", Truth.NO), id="no-number"
        ),
        pytest.param(
            "set,6,rounds=5000,x9",
            Password(PasswordState.SET, "sha512crypt", "rounds=5000", Truth.NO),
            id="a-number-that-is-none",
        ),
        pytest.param(
            "set,6,,123456", Password(PasswordState.SET, "sha512crypt", None, Truth.NO), id="a-number-too-long"
        ),
        pytest.param(
            "star,6,rounds=5000,3",
            Password(PasswordState.NONE, "sha512crypt", "rounds=5000", Truth.NO, 3),
            id="hash-behind-a-star",
        ),
        pytest.param("locked-none,6,,3", Password(PasswordState.NONE, locked=Truth.YES), id="no-hash-has-no-number"),
        pytest.param("$6$salt$hash", UNKNOWN, id="not-reduced"),
    ],
)
def test_password_field(field: str, expected: Password) -> None:
    assert shadow.read_field(field) == expected


def test_shadow() -> None:
    found = shadow.parse(
        b"root:*:19700:0:99999:7:::\na:set,6,:19700:0:90:7:30:20000:\na:empty:::::::\n"
        b"b:none,,:x:::::::\nc\n+:\nd:!:-1::::::\nhyg:dropped 99\ne:!:1:2:3:4\ne:*:1:2:3:4:5:6\n"
    )
    assert found.entries == {
        "root": ShadowEntry("root", Password(PasswordState.NONE, locked=Truth.NO), 19700, 0, 99999, 7, None, None),
        "a": ShadowEntry("a", Password(PasswordState.SET, "sha512crypt", None, Truth.NO), 19700, 0, 90, 7, 30, 20000),
        "b": ShadowEntry("b", UNKNOWN, *NOTHING),
        "c": ShadowEntry("c", UNKNOWN, *NOTHING),
        "hyg": ShadowEntry("hyg", UNKNOWN, *NOTHING),
        "e": ShadowEntry("e", Password(PasswordState.NONE, locked=Truth.NO), 1, 2, 3, 4, 5, 6),
    }
    assert found.problems == (
        "/etc/shadow:3: a second line of an account; the first one holds",
        "/etc/shadow:4: not a shadow line; expected nine fields with ages in days",
        "/etc/shadow:5: not a shadow line; expected nine fields with ages in days",
        "/etc/shadow:6: a + entry: password states of a directory, which are not listed here",
        "/etc/shadow:8: not a shadow line; expected nine fields with ages in days",
    )


@pytest.mark.parametrize(
    ("ages", "day", "pam", "expected"),
    [
        pytest.param("19700:0:99999:7::", 30000, True, False, id="never"),
        pytest.param("19700:0:99999:7::20000", 19999, True, False, id="the-day-before"),
        pytest.param("19700:0:99999:7::20000", 20000, True, True, id="pam-refuses-on-the-day"),
        pytest.param("19700:0:99999:7::20000", 20000, False, False, id="sshd-alone-does-not"),
        pytest.param("19700:0:99999:7::20000", 20001, False, True, id="sshd-refuses-a-day-later"),
        pytest.param("19700:0:99999:7::0", 19000, True, True, id="zero-is-a-day"),
        pytest.param("19700:0:90:7:30:", 19820, True, False, id="overdue-but-not-inactive"),
        pytest.param("19700:0:90:7:30:", 19821, True, True, id="inactive"),
        pytest.param("19700:0:90:7:30:", 19821, False, False, id="inactive-is-nothing-to-sshd-alone"),
        pytest.param("0:0:90:7:30:", 19821, True, False, id="must-be-changed-is-not-expired"),
    ],
)
def test_expired(ages: str, day: int, pam: bool, expected: bool) -> None:
    entry = shadow.parse(f"a:set,6,:{ages}:\n".encode()).entries["a"]
    assert entry.expired(day, pam=pam) is expected


SET = Password(PasswordState.SET, "yescrypt", None, Truth.NO)
LOCKED = Password(PasswordState.LOCKED, "yescrypt", None, Truth.YES)


@pytest.mark.parametrize(
    ("password", "expired", "shell", "expected"),
    [
        pytest.param(SET, False, True, AccountState.ACTIVE, id="active"),
        pytest.param(LOCKED, True, False, AccountState.EXPIRED, id="expired-before-all"),
        pytest.param(LOCKED, False, False, AccountState.NO_SHELL, id="no-shell-before-locked"),
        pytest.param(LOCKED, False, True, AccountState.LOCKED, id="locked-hash"),
        pytest.param(shadow.read_field("!"), False, True, AccountState.LOCKED, id="locked-without-a-hash"),
        pytest.param(shadow.read_field("*"), False, True, AccountState.ACTIVE, id="a-star-is-not-locked"),
        pytest.param(UNKNOWN, False, True, AccountState.ACTIVE, id="shadow-not-seen"),
    ],
)
def test_account_state(password: Password, expired: bool, shell: bool, expected: AccountState) -> None:
    assert shadow.account_state(password, expired=expired, shell=shell) is expected


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        pytest.param("/bin/sh", True, id="sh"),
        pytest.param("/usr/sbin/nologin", False, id="nologin"),
        pytest.param("/bin/false", False, id="false"),
        pytest.param("/opt/gone", False, id="missing"),
        pytest.param("/opt/unseen", True, id="not-looked-at"),
    ],
)
def test_has_shell(shell: str, expected: bool) -> None:
    assert shadow.has_shell(shell, {"/bin/sh": True, "/opt/gone": False}) is expected


def test_where_the_password_comes_from() -> None:
    entry = ShadowEntry("a", SET, *NOTHING)
    assert [
        shadow.password_of(EMPTY, entry, shadow_seen=True),
        shadow.password_of(None, entry, shadow_seen=True),
        shadow.password_of(None, None, shadow_seen=True),
        shadow.password_of(None, None, shadow_seen=False),
    ] == [EMPTY, SET, Password(PasswordState.NONE, locked=Truth.NO), UNKNOWN]


@pytest.mark.parametrize("data", [bytes(range(256)) * 1000, b":" * 200_000, b"\n" * 200_000, b"a" * 200_000])
@pytest.mark.timeout(10)
def test_hostile_bytes_end_soon(data: bytes) -> None:
    passwd.parse(data)
    group.parse(data)
    shadow.parse(data)
    nsswitch.parse(data)
