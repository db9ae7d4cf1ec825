"""With what an account is entered: a table, and the real sshd asked the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.spec import AccountSpec, HostSpec

from hygiene.accounts import shadow
from hygiene.factors.door import Daemon, Door, Ways
from hygiene.factors.paths import login_paths
from hygiene.model import Cause, Grant, LoginPath, PathVerdict, Truth
from hygiene.openssh.permissions import Judgement
from hygiene.openssh.settings import Entry, Settings, read_effective
from hygiene.pam.plain import NOT_SEEN, PlainPam, recognise

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PLAIN = PlainPam(YES, YES, YES, True)
NO_NULLOK = PlainPam(YES, YES, NO, True)
OTP = PlainPam(UNKNOWN, YES, UNKNOWN, True, "/etc/pam.d/sshd:3: another module")
DEBIAN = {
    "port": "22",
    "usepam": "yes",
    "permitrootlogin": "without-password",
    "pubkeyauthentication": "yes",
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "no",
    "permitemptypasswords": "no",
    "hostbasedauthentication": "no",
    "gssapiauthentication": "no",
    "forcecommand": "none",
    "chrootdirectory": "none",
    "trustedusercakeys": "none",
    "authenticationmethods": "any",
    "pubkeyauthoptions": "none",
}
A, B = "SHA256:a", "SHA256:b"


def daemon(pam: PlainPam = PLAIN, **changed: str | None) -> Daemon:
    entries = tuple(Entry(k, v, "default") for k, v in {**DEBIAN, **changed}.items() if v is not None)
    unresolved = tuple(keyword for keyword, value in changed.items() if value is None)
    return Daemon("web1", "sshd", Settings(entries, False, unresolved), pam)


def door(field: str = "*", uid: int = 1000, expired: Truth = NO, shell: Truth = YES, *grants: Grant) -> Door:
    return Door("anna", uid, shadow.read_field(field), expired, shell, grants, frozenset({B}))


def grant(
    accepted: Truth = YES,
    reason: str | None = None,
    fingerprint: str = A,
    sources: tuple[str, ...] | None = None,
    command: str | None = None,
    options: tuple[str, ...] = (),
    authority: bool = False,
) -> Grant:
    return Grant(
        "web1",
        "sshd",
        "anna",
        fingerprint,
        "/home/anna/.ssh/authorized_keys",
        1,
        options,
        sources,
        command,
        command is not None,
        None,
        authority,
        accepted,
        reason,
        NO,
    )


def one(methods: str, *kinds: str, source: str = "*", via: str | None = None) -> LoginPath:
    return LoginPath("web1", "sshd", "anna", source, methods, len(kinds), kinds, via, PathVerdict.ONE, None)


def unknown(methods: str, reason: str, *, source: str = "*", via: str | None = None) -> LoginPath:
    return LoginPath("web1", "sshd", "anna", source, methods, None, (), via, PathVerdict.UNKNOWN, reason)


SET = "set,y,j9T"
ISSUER = "by certificate: its authority may have asked for more before it signed"
KBD = {"passwordauthentication": "no", "kbdinteractiveauthentication": "yes"}
NOT_LISTED = Judgement(NO, "AllowUsers does not name the account", Cause.SETTINGS)
BY_ACCESS = Judgement(UNKNOWN, "/etc/pam.d/sshd:5: pam_access")


@pytest.mark.parametrize(
    ("at", "account", "expected"),
    [
        pytest.param(daemon(), door(SET), [one("password", "password")], id="password"),
        pytest.param(daemon(**KBD), door(SET), [one("keyboard-interactive", "password")], id="by-keyboard-interactive"),
        pytest.param(
            daemon(kbdinteractiveauthentication="yes"),
            door(SET),
            [one("password keyboard-interactive", "password")],
            id="by-both-is-one-path",
        ),
        pytest.param(daemon(usepam="no"), door(SET), [one("password", "password")], id="shadow-alone"),
        pytest.param(daemon(usepam="no", **KBD), door(SET), [], id="keyboard-interactive-needs-pam"),
        pytest.param(daemon(NOT_SEEN, usepam="no"), door(SET), [one("password", "password")], id="pam-does-not-matter"),
        pytest.param(daemon(passwordauthentication="no"), door(SET), [], id="passwords-off"),
        pytest.param(daemon(), door("*"), [], id="no-password"),
        pytest.param(daemon(), door("locked-hash,6,"), [], id="locked-password"),
        pytest.param(daemon(), door(SET, expired=YES), [], id="expired"),
        pytest.param(daemon(), door(SET, shell=NO), [], id="no-shell"),
        pytest.param(
            daemon(chrootdirectory="/srv/%u"),
            door(SET, shell=NO),
            [one("password", "password")],
            id="shell-in-a-chroot",
        ),
        pytest.param(
            daemon(forcecommand="internal-sftp"),
            door(SET),
            [one("password", "password", via="internal-sftp")],
            id="forced-command-of-the-daemon",
        ),
        pytest.param(daemon(), door(SET, uid=0), [], id="root-by-keys-only"),
        pytest.param(
            daemon(permitrootlogin="yes"), door(SET, uid=0), [one("password", "password")], id="root-by-password"
        ),
        pytest.param(daemon(permitrootlogin="forced-commands-only"), door(SET, uid=0), [], id="root-by-commands-only"),
        pytest.param(daemon(permitemptypasswords="yes"), door(""), [one("none")], id="empty-password"),
        pytest.param(daemon(), door(""), [], id="empty-password-not-allowed"),
        pytest.param(daemon(NO_NULLOK, permitemptypasswords="yes"), door(""), [], id="empty-password-without-nullok"),
        pytest.param(
            daemon(NO_NULLOK, usepam="no", permitemptypasswords="yes"), door(""), [one("none")], id="empty-without-pam"
        ),
        pytest.param(
            daemon(permitemptypasswords="yes", **KBD),
            door(""),
            [one("keyboard-interactive")],
            id="empty-by-keyboard-interactive",
        ),
        pytest.param(
            daemon(permitemptypasswords="yes", authenticationmethods="password"),
            door(""),
            [one("password")],
            id="empty-where-none-is-no-method",
        ),
        pytest.param(daemon(permitemptypasswords="yes"), door("", uid=0), [], id="root-with-an-empty-password"),
        pytest.param(
            daemon(permitemptypasswords="yes", permitrootlogin="yes"), door("", uid=0), [one("none")], id="root-open"
        ),
        pytest.param(
            daemon(passwordauthentication="no"),
            door("*", 1000, NO, YES, grant(), grant()),
            [one("publickey", "key")],
            id="two-keys-are-one-path",
        ),
        pytest.param(
            daemon(),
            door(
                "*", 1000, NO, YES, grant(), grant(sources=("10.0.0.0/8",)), grant(sources=("*",)), grant(command="/b")
            ),
            [
                one("publickey", "key"),
                one("publickey", "key", source="10.0.0.0/8"),
                one("publickey", "key", via="/b"),
            ],
            id="by-source-and-command",
        ),
        pytest.param(daemon(), door("*", 1000, NO, YES, grant(NO, "dead")), [], id="dead-line"),
        pytest.param(
            daemon(),
            door("*", 1000, NO, YES, grant(UNKNOWN, "why"), grant(UNKNOWN, "other", command="/b")),
            [unknown("publickey", "why"), unknown("publickey", "other", via="/b")],
            id="doubtful-keys",
        ),
        pytest.param(
            daemon(),
            door("*", 1000, NO, YES, grant(UNKNOWN, "why"), grant()),
            [one("publickey", "key")],
            id="doubtful-key-beside-a-certain-one",
        ),
        pytest.param(
            daemon(),
            door("*", 1000, NO, YES, grant(authority=True), grant(fingerprint=B)),
            [replace(one("publickey", "key"), reason=ISSUER), one("publickey", "key")],
            id="a-certificate-beside-a-key",
        ),
        pytest.param(
            daemon(), door("*", 1000, NO, YES, grant(fingerprint=B)), [one("publickey", "key")], id="touch-is-no-factor"
        ),
        pytest.param(
            daemon(),
            door("*", 1000, NO, YES, grant(fingerprint=B, options=("Verify-Required",))),
            [unknown("publickey", "a security key that asks for a PIN or a finger is not judged by this version")],
            id="verify-required",
        ),
        pytest.param(
            daemon(pubkeyauthoptions="touch-required,verify-required"),
            door("*", 1000, NO, YES, grant(fingerprint=B), grant(options=("verify-required",))),
            [one("publickey", "key")],
            id="verify-required-is-nothing-to-ordinary-keys",
        ),
        pytest.param(
            daemon(),
            door(SET, 1000, NO, YES, grant()),
            [one("publickey", "key"), one("password", "password")],
            id="both",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,password"),
            door(SET, 1000, NO, YES, grant()),
            [
                unknown("publickey", "AuthenticationMethods asks for more than publickey"),
                unknown("password", "AuthenticationMethods asks for more than password"),
            ],
            id="two-methods",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,password publickey"),
            door(SET, 1000, NO, YES, grant()),
            [one("publickey", "key"), unknown("password", "AuthenticationMethods asks for more than password")],
            id="one-weak-list-is-enough",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey"),
            door(SET, 1000, NO, YES, grant()),
            [one("publickey", "key")],
            id="keys-only-by-methods",
        ),
        pytest.param(
            daemon(authenticationmethods="keyboard-interactive:pam", **KBD),
            door(SET),
            [one("keyboard-interactive", "password")],
            id="method-with-a-device",
        ),
        pytest.param(
            daemon(OTP), door(SET), [unknown("password", "/etc/pam.d/sshd:3: another module")], id="other-pam"
        ),
        pytest.param(daemon(OTP), door("*"), [unknown("password", "/etc/pam.d/sshd:3: another module")], id="no-hash"),
        pytest.param(daemon(OTP, passwordauthentication="no"), door(SET), [], id="other-pam-not-asked"),
        pytest.param(
            daemon(),
            replace(door(SET), stage=BY_ACCESS),
            [unknown("password", "/etc/pam.d/sshd:5: pam_access")],
            id="pam-account",
        ),
        pytest.param(
            daemon(usepam="no"), replace(door(SET), stage=BY_ACCESS), [one("password", "password")], id="pam-not-asked"
        ),
        pytest.param(
            daemon(usepam=None),
            replace(door(SET), stage=BY_ACCESS),
            [unknown("password", "UsePAM is not known")],
            id="whether-pam-is-asked-is-not-known",
        ),
        pytest.param(
            daemon(), door("odd"), [unknown("password", "the state of the password is not known")], id="shadow-not-seen"
        ),
        pytest.param(
            daemon(),
            door(SET, expired=UNKNOWN),
            [unknown("password", "whether the account has expired is not known")],
            id="expiry-not-seen",
        ),
        pytest.param(daemon(), door(SET, shell=UNKNOWN), [unknown("password", "the shell was not seen")], id="shell"),
        pytest.param(daemon(), replace(door(SET), allowed=NOT_LISTED), [], id="not-on-the-list"),
        pytest.param(daemon(refuseconnection="yes"), door(SET), [], id="refused-connection"),
        pytest.param(
            daemon(passwordauthentication=None),
            door(SET),
            [unknown("password", "PasswordAuthentication is not known")],
            id="setting-not-known",
        ),
        pytest.param(
            Daemon("web1", "sshd", None, PLAIN),
            door(SET),
            [unknown("password", "the settings of sshd are not known")],
            id="settings-not-seen",
        ),
        pytest.param(Daemon("web1", "sshd", None, PLAIN), door("*"), [], id="settings-not-seen-and-no-password"),
        pytest.param(
            daemon(hostbasedauthentication="yes", gssapiauthentication="yes", trustedusercakeys="/etc/ssh/ca.pub"),
            door("*"),
            [
                unknown("hostbased", "whether hostbased lets somebody in is not judged by this version"),
                unknown("gssapi-with-mic", "whether gssapi-with-mic lets somebody in is not judged by this version"),
            ],
            id="hosts-and-tickets",
        ),
        pytest.param(
            daemon(hostbasedauthentication="yes", gssapiauthentication="yes", trustedusercakeys="/etc/ssh/ca.pub"),
            door("*", expired=YES),
            [],
            id="none-of-them-for-the-expired",
        ),
        pytest.param(
            daemon(hostbasedauthentication="yes", permitrootlogin="no"),
            door("*", uid=0),
            [],
            id="nor-for-root-when-refused",
        ),
    ],
)
def test_paths(at: Daemon, account: Door, expected: list[LoginPath]) -> None:
    reasons = {grant.reason for grant in account.grants}
    doubts = [f"{p.methods}: {p.reason}" for p in expected if p.factors is None and p.reason not in reasons]
    assert login_paths(at, account) == Ways(tuple(expected), tuple(doubts))


_LOGINS_AT_A_TIME = 16  # more of them would let a slow machine run into sshd's time for a login
WORD = "-".join(["lab", "only", "4711"])
ACCOUNTS = (
    AccountSpec("root", 0, password=WORD),
    AccountSpec("anna", 1000, password=WORD),
    AccountSpec("empty", 1001, shadow=""),
    AccountSpec("star", 1002, shadow="*"),
    AccountSpec("expired", 1003, password=WORD, ages=("19700", "0", "99999", "7", "", "19800")),
    AccountSpec("noshell", 1004, password=WORD, shell="/usr/sbin/nologin"),
    AccountSpec("gone", 1005, password=WORD, shell="/opt/gone"),
)
FIELDS = {"empty": "", "star": "*"}
STRICT = "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
HOSTS = {
    "debian": "",
    "rootpassword": "PermitRootLogin yes\n",
    "open": "PermitRootLogin yes\nPermitEmptyPasswords yes\n",
    "keysonly": "PasswordAuthentication no\n",
    "keyboard": "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nPermitRootLogin yes\n",
    "openkeyboard": "PasswordAuthentication no\nKbdInteractiveAuthentication yes\nPermitEmptyPasswords yes\n",
    "withoutpam": "UsePAM no\nPermitEmptyPasswords yes\n",
    "keyboardwithoutpam": "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n",
    "nonullok": "PermitEmptyPasswords yes\n",
    "methods": "AuthenticationMethods password\nPermitEmptyPasswords yes\n",
}


async def _enters(lab: Lab, host: str, account: str, password: str) -> bool:
    try:
        async with await lab.connect(host, account, password=password):
            return True
    # sshd hangs up where the password was right and the account is refused
    except (asyncssh.PermissionDenied, asyncssh.ConnectionLost):
        return False


async def _kinds(lab: Lab, host: str, account: str) -> set[tuple[str, ...]]:
    """With what the account is really entered; an account with an empty password takes any answer."""
    if await _enters(lab, host, account, WORD):
        return {()} if account == "empty" else {("password",)}
    return set()


@pytest.fixture(scope="module")
def lab(lab_tree: Path) -> Iterator[Lab]:
    pam = {"nonullok": {"common-auth": STRICT}}
    specs = [
        HostSpec(name, accounts=ACCOUNTS, sshd_config_d={"test.conf": text}, pam=pam.get(name, {}))
        for name, text in HOSTS.items()
    ]
    with Lab(lab_tree, specs) as lab:
        yield lab


@pytest.fixture(scope="module")
def real(lab: Lab) -> dict[tuple[str, str], set[tuple[str, ...]]]:
    """What sshd does, asked side by side: it takes its time over each wrong password."""
    asked = [(host, spec.name) for host in HOSTS for spec in ACCOUNTS]

    async def ask() -> list[set[tuple[str, ...]]]:
        at_once = asyncio.Semaphore(_LOGINS_AT_A_TIME)

        async def one(host: str, account: str) -> set[tuple[str, ...]]:
            async with at_once:
                return await _kinds(lab, host, account)

        return await asyncio.gather(*(one(host, account) for host, account in asked))

    return dict(zip(asked, asyncio.run(ask()), strict=True))


@pytest.mark.real_sshd
@pytest.mark.parametrize("host", HOSTS)
def test_sshd_lets_in_with_just_that(
    lab: Lab, lab_tree: Path, real: dict[tuple[str, str], set[tuple[str, ...]]], host: str
) -> None:
    printed = lab.exec_root(host, ["/usr/sbin/sshd", "-T"]).stdout
    settings = replace(read_effective(printed), has_match=False)
    files = {path.name: path.read_bytes() for path in (lab_tree / "etc/pam.d").iterdir()}
    files |= {name: text.encode() for name, text in lab.hosts[host].spec.pam.items()}
    at = Daemon(host, "sshd", settings, recognise(files))
    said = {}
    for spec in ACCOUNTS:
        field = shadow.read_field(FIELDS.get(spec.name, SET))
        expired, shell = (YES if spec.name == "expired" else NO), (NO if spec.name == "gone" else YES)
        paths = login_paths(at, Door(spec.name, spec.uid, field, expired, shell)).paths
        assert [path for path in paths if path.verdict is not PathVerdict.ONE] == []
        said[spec.name] = {path.kinds for path in paths}
    assert said == {spec.name: real[host, spec.name] for spec in ACCOUNTS}
