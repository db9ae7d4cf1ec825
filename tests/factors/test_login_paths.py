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
from hygiene.factors.door import Daemon, Door, PamAnswers, Ways
from hygiene.factors.paths import login_paths
from hygiene.factors.steps import ISSUER, KDC
from hygiene.model import Cause, Grant, LoginPath, PasswordState, PathVerdict, Truth
from hygiene.openssh.connection import Source
from hygiene.openssh.permissions import Judgement
from hygiene.openssh.settings import Entry, Settings, read_effective
from hygiene.pam.auth import Credentials, Pass, auth_stage
from hygiene.pam.question import Conf, Conversation, Person
from hygiene.pam.stack import read
from hygiene.pam.tokens import TokenRule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
WORD, CODE, BOTH, NOTHING = (frozenset(forms) for forms in (("password",), ("code",), ("code", "password"), ()))
UNTOLD = "/etc/pam.d/sshd:3: another module"
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
A, B, C = "SHA256:a", "SHA256:b", "SHA256:c"


def pam(*sets: frozenset[str] | Pass, possible: frozenset[str] | None = None) -> PamAnswers:
    """The same answers however its prompts are answered."""
    passing = tuple(some if isinstance(some, Pass) else Pass(some) for some in sets)
    doubtful = () if possible is None else (Pass(possible),)
    asked = Credentials(passing, doubtful, None if possible is None else UNTOLD)
    return PamAnswers(asked, asked)


def daemon(**changed: str | None) -> Daemon:
    entries = tuple(Entry(k, v, "default") for k, v in {**DEBIAN, **changed}.items() if v is not None)
    unresolved = tuple(keyword for keyword, value in changed.items() if value is None)
    return Daemon("web1", "sshd", Settings(entries, False, unresolved))


def door(field: str = "*", uid: int = 1000, expired: Truth = NO, shell: Truth = YES, *grants: Grant) -> Door:
    """An account of a host with the plain stack of a distribution, which takes its password."""
    password = shadow.read_field(field)
    asked = {
        PasswordState.SET: pam(WORD),
        PasswordState.EMPTY: pam(NOTHING),
        PasswordState.UNKNOWN: pam(possible=WORD),
    }.get(password.state, pam())
    return Door("anna", uid, password, expired, shell, grants, frozenset({B}), pam=asked)


def asking(answers: PamAnswers, *grants: Grant, uid: int = 1000) -> Door:
    """An account with a password behind another stack."""
    return replace(door(SET, uid, NO, YES, *grants), pam=answers)


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


def one(methods: str, *kinds: str, source: str = "*", via: str | None = None, reason: str | None = None) -> LoginPath:
    return LoginPath("web1", "sshd", "anna", source, methods, len(kinds), kinds, via, PathVerdict.ONE, reason)


def two(methods: str, *kinds: str, factors: int = 2, source: str = "*", via: str | None = None) -> LoginPath:
    return LoginPath("web1", "sshd", "anna", source, methods, factors, kinds, via, PathVerdict.TWO, None)


def unknown(methods: str, reason: str, *, source: str = "*", via: str | None = None) -> LoginPath:
    return LoginPath("web1", "sshd", "anna", source, methods, None, (), via, PathVerdict.UNKNOWN, reason)


SET = "set,y,j9T"
KBD = {"passwordauthentication": "no", "kbdinteractiveauthentication": "yes"}
NOT_LISTED = Judgement(NO, "AllowUsers does not name the account", Cause.SETTINGS)
BY_OTHERS = {"hostbasedauthentication": "yes", "gssapiauthentication": "yes"}
OTP = TokenRule("pam_otp", "/etc/pam.d/sshd:4", "code", YES, NO, NO)
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
        pytest.param(
            daemon(usepam="no"), asking(PamAnswers()), [one("password", "password")], id="pam-does-not-matter"
        ),
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
        pytest.param(daemon(), replace(door(""), pam=pam()), [], id="empty-password-not-allowed"),
        pytest.param(
            daemon(permitemptypasswords="yes"), replace(door(""), pam=pam()), [], id="empty-password-without-nullok"
        ),
        pytest.param(
            daemon(usepam="no", permitemptypasswords="yes"),
            replace(door(""), pam=pam()),
            [one("none")],
            id="empty-without-pam",
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
                *("*", 1000, NO, YES, grant()),
                grant(fingerprint=B, sources=("10.0.0.0/8",)),
                grant(fingerprint=C, sources=("*",)),
                grant(fingerprint="SHA256:d", command="/b"),
            ),
            [
                one("publickey", "key"),
                one("publickey", "key", source="10.0.0.0/8"),
                one("publickey", "key", via="/b"),
            ],
            id="by-source-and-command",
        ),
        pytest.param(
            daemon(),
            door(
                *("*", 1000, NO, YES, grant(fingerprint=B, options=("verify-required",))),
                grant(fingerprint=B, command="/b"),
            ),
            [two("publickey", "verified-key")],
            id="the-first-line-that-passes-decides",
        ),
        pytest.param(
            daemon(),
            door(
                *("*", 1000, NO, YES, grant(fingerprint=B, sources=("10.0.0.0/8",), options=("verify-required",))),
                grant(fingerprint=B),
            ),
            [one("publickey", "key")],
            id="a-first-line-for-some-places-only-is-not-counted-on",
        ),
        pytest.param(daemon(), door("*", 1000, NO, YES, grant(NO, "dead")), [], id="dead-line"),
        pytest.param(
            daemon(), replace(door("*"), unseen_keys="a program"), [unknown("publickey", "a program")], id="unseen-keys"
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,password"),
            replace(door(SET, 1000, NO, YES, grant()), unseen_keys="a program"),
            [two("publickey,password", "key", "password")],
            id="unseen-keys-beside-one-that-is-enough",
        ),
        pytest.param(
            daemon(**KBD),
            replace(asking(pam(BOTH)), unseen_keys="a program"),
            [unknown("publickey", "a program"), two("keyboard-interactive", "code", "password")],
            id="two-factors-and-perhaps-a-key",
        ),
        pytest.param(
            daemon(pubkeyauthentication="no"), replace(door("*"), unseen_keys="a program"), [], id="no-keys-at-all"
        ),
        pytest.param(
            daemon(permitrootlogin="no"), replace(door("*", uid=0), unseen_keys="a program"), [], id="no-keys-for-root"
        ),
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
            [two("publickey", "verified-key")],
            id="verify-required",
        ),
        pytest.param(
            daemon(pubkeyauthoptions="touch-required,verify-required"),
            door("*", 1000, NO, YES, grant(fingerprint=B), grant(options=("verify-required",))),
            [one("publickey", "key")],
            id="verify-required-is-nothing-to-ordinary-keys",
        ),
        pytest.param(
            daemon(pubkeyauthoptions="touch-required,verify-required"),
            door("*", 1000, NO, YES, grant(fingerprint=B)),
            [two("publickey", "verified-key")],
            id="verify-required-for-all",
        ),
        pytest.param(
            daemon(),
            door("*", 1000, NO, YES, grant(fingerprint=B, options=("verify-required", "no-verify-required"))),
            [one("publickey", "key")],
            id="the-later-option-holds",
        ),
        pytest.param(
            daemon(),
            door(
                "*", 1000, NO, YES, grant(options=("verify-required", "cert-authority"), authority=True, fingerprint=B)
            ),
            [one("publickey", "key", reason=ISSUER)],
            id="an-authority-may-sign-ordinary-keys",
        ),
        pytest.param(
            daemon(pubkeyauthoptions=None),
            door("*", 1000, NO, YES, grant(fingerprint=B)),
            [unknown("publickey", "whether PubkeyAuthOptions asks security keys for a PIN or a finger is not known")],
            id="verify-required-not-known",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,password"),
            door(SET, 1000, NO, YES, grant(fingerprint=B, options=("verify-required",)), grant(UNKNOWN, "why")),
            [
                two("publickey,password", "password", "verified-key", factors=3),
                unknown("publickey,password", "why"),
            ],
            id="a-key-with-a-pin-and-a-password",
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
            [two("publickey,password", "key", "password")],
            id="two-methods",
        ),
        pytest.param(daemon(authenticationmethods="publickey,password"), door(SET), [], id="two-methods-and-no-key"),
        pytest.param(
            daemon(authenticationmethods="publickey,password publickey"),
            door(SET, 1000, NO, YES, grant()),
            [one("publickey", "key")],
            id="one-weak-list-is-enough",
        ),
        pytest.param(
            daemon(
                authenticationmethods="publickey,keyboard-interactive publickey,password",
                **{**KBD, "passwordauthentication": "yes"},
            ),
            asking(replace(pam(BOTH), once=Credentials(())), grant()),
            [two("publickey,keyboard-interactive", "code", "key", "password", factors=3)],
            id="one-text-for-two-prompts-is-not-enough",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,hostbased publickey,password"),
            door(SET, 1000, NO, YES, grant()),
            [two("publickey,password", "key", "password")],
            id="a-list-with-a-method-that-is-off",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,hostbased"),
            door(SET, 1000, NO, YES, grant()),
            [],
            id="no-list-left",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,publickey"),
            door(SET, 1000, NO, YES, grant()),
            [],
            id="the-same-key-twice",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,publickey"),
            door(SET, 1000, NO, YES, grant(), grant(fingerprint=C)),
            [one("publickey,publickey", "key")],
            id="two-keys-are-one-factor",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,publickey"),
            door(SET, 1000, NO, YES, grant(authority=True)),
            [one("publickey,publickey", "key", reason=ISSUER)],
            id="an-authority-signs-two-keys",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,publickey"),
            door(SET, 1000, NO, YES, grant(sources=("10.0.0.0/8",)), grant(fingerprint=C, command="/b")),
            [one("publickey,publickey", "key", source="10.0.0.0/8", via="/b")],
            id="both-keys-limit",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,password", permitrootlogin="prohibit-password"),
            door(SET, 0, NO, YES, grant()),
            [],
            id="root-never-completes-a-list-with-a-password",
        ),
        pytest.param(
            daemon(authenticationmethods=None),
            door(SET, 1000, NO, YES, grant()),
            [
                unknown("publickey", "AuthenticationMethods is not known"),
                unknown("password", "AuthenticationMethods is not known"),
            ],
            id="methods-not-known",
        ),
        pytest.param(
            daemon(authenticationmethods="keyboard-interactive:bsdauth", **KBD), door(SET), [], id="another-device"
        ),
        pytest.param(
            daemon(**KBD, permitrootlogin="yes"),
            asking(pam(BOTH), grant(), uid=0),
            [one("publickey", "key"), two("keyboard-interactive", "code", "password")],
            id="a-code-for-passwords-alone",
        ),
        pytest.param(
            daemon(**KBD),
            asking(replace(pam(BOTH), tokens=(OTP,)), grant()),
            [
                one("publickey", "key", reason="/etc/pam.d/sshd:4: pam_otp is skipped: sshd runs no PAM auth for keys"),
                two("keyboard-interactive", "code", "password"),
            ],
            id="the-key-skips-the-code",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(WORD, CODE)),
            [one("keyboard-interactive", "password"), one("keyboard-interactive", "code")],
            id="either-is-enough",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(Pass(WORD, ("nullok",)), BOTH)),
            [one("keyboard-interactive", "password", reason="nullok")],
            id="what-takes-more-is-no-path",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(Pass(WORD, (), "away"), BOTH)),
            [
                replace(one("keyboard-interactive", "password"), condition="away"),
                two("keyboard-interactive", "code", "password"),
            ],
            id="a-condition-elsewhere",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(Pass(WORD, (), "away"), WORD)),
            [one("keyboard-interactive", "password")],
            id="a-condition-that-is-not-needed",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,keyboard-interactive", **KBD),
            asking(pam(Pass(NOTHING, ("nullok",))), grant()),
            [one("publickey,keyboard-interactive", "key", reason="nullok")],
            id="two-methods-one-factor",
        ),
        pytest.param(
            daemon(authenticationmethods="publickey,keyboard-interactive", **KBD),
            asking(pam(possible=WORD), grant()),
            [unknown("publickey,keyboard-interactive", UNTOLD)],
            id="key-and-something-unknown",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(WORD, possible=NOTHING)),
            [one("keyboard-interactive", "password"), unknown("keyboard-interactive", UNTOLD)],
            id="less-may-be-enough",
        ),
        pytest.param(
            daemon(**KBD),
            asking(pam(WORD, possible=BOTH)),
            [one("keyboard-interactive", "password")],
            id="more-may-be-asked-for-elsewhere",
        ),
        pytest.param(
            daemon(permitemptypasswords="yes"),
            replace(door("", 1000, NO, YES, grant(), grant(command="/b")), pam=pam(NOTHING)),
            [one("none")],
            id="nothing-is-less-than-a-key",
        ),
        pytest.param(
            daemon(permitemptypasswords="yes", forcecommand="/menu"),
            replace(door("", 1000, NO, YES, grant(command="/menu")), pam=pam(NOTHING)),
            [one("none", via="/menu")],
            id="nothing-is-less-for-the-same-command",
        ),
        pytest.param(
            daemon(permitemptypasswords=None),
            replace(door(""), pam=pam(NOTHING)),
            [one("password")],
            id="less-than-what-is-certain-does-not-matter",
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
        pytest.param(daemon(), asking(pam(possible=WORD)), [unknown("password", UNTOLD)], id="other-pam"),
        pytest.param(
            daemon(), asking(PamAnswers()), [unknown("password", "the PAM files were not seen")], id="pam-not-seen"
        ),
        pytest.param(daemon(passwordauthentication="no"), asking(PamAnswers()), [], id="other-pam-not-asked"),
        pytest.param(
            daemon(kerberosauthentication="yes"),
            door("*"),
            [unknown("password", "whether a Kerberos server takes a password for it is not known")],
            id="a-password-of-kerberos",
        ),
        pytest.param(
            daemon(kerberosauthentication=None),
            door("*"),
            [unknown("password", "whether a Kerberos server takes a password for it is not known")],
            id="whether-kerberos-is-asked-is-not-known",
        ),
        pytest.param(
            daemon(**BY_OTHERS, gssapikeyexchange=None),
            replace(door("*"), gssapi=Judgement(YES)),
            [one("gssapi-with-mic", "ticket", reason=KDC), unknown("gssapi-keyex", "GSSAPIKeyExchange is not known")],
            id="whether-tickets-are-taken-in-the-key-exchange-is-not-known",
        ),
        pytest.param(
            daemon(),
            asking(replace(pam(WORD), account=BY_ACCESS)),
            [unknown("password", "/etc/pam.d/sshd:5: pam_access")],
            id="pam-account",
        ),
        pytest.param(
            daemon(usepam="no"),
            asking(replace(pam(WORD), account=BY_ACCESS)),
            [one("password", "password")],
            id="pam-not-asked",
        ),
        pytest.param(
            daemon(usepam=None),
            asking(replace(pam(WORD), account=BY_ACCESS)),
            [unknown("password", "UsePAM is not known")],
            id="whether-pam-is-asked-is-not-known",
        ),
        pytest.param(
            daemon(usepam="no"),
            door("odd"),
            [unknown("password", "the state of the password is not known")],
            id="shadow-not-seen",
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
            Daemon("web1", "sshd", None),
            door(SET),
            [unknown("password keyboard-interactive", "the settings of sshd are not known")],
            id="settings-not-seen",
        ),
        pytest.param(Daemon("web1", "sshd", None), door("*"), [], id="settings-not-seen-and-no-password"),
        pytest.param(
            daemon(**BY_OTHERS),
            replace(door("*"), hostbased=Judgement(YES, "/etc/ssh/shosts.equiv:1"), gssapi=Judgement(YES)),
            [one("hostbased", "host", reason="/etc/ssh/shosts.equiv:1"), one("gssapi-with-mic", "ticket", reason=KDC)],
            id="hosts-and-tickets",
        ),
        pytest.param(
            daemon(**BY_OTHERS, gssapikeyexchange="yes"),
            replace(door("*"), hostbased=Judgement(UNKNOWN, "why"), gssapi=Judgement(UNKNOWN, "why not")),
            [unknown("hostbased", "why"), unknown("gssapi-with-mic gssapi-keyex", "why not")],
            id="doubtful-hosts-and-tickets",
        ),
        pytest.param(daemon(**BY_OTHERS), door("*"), [], id="neither-hosts-nor-tickets"),
        pytest.param(
            daemon(**BY_OTHERS),
            replace(door("*", expired=YES), hostbased=Judgement(YES), gssapi=Judgement(YES)),
            [],
            id="none-of-them-for-the-expired",
        ),
        pytest.param(
            daemon(**BY_OTHERS, authenticationmethods="hostbased,publickey"),
            replace(door("*", 1000, NO, YES, grant()), hostbased=Judgement(YES)),
            [two("hostbased,publickey", "host", "key")],
            id="a-host-and-a-key",
        ),
        pytest.param(
            daemon(hostbasedauthentication="yes", permitrootlogin="no"),
            replace(door("*", uid=0), hostbased=Judgement(YES)),
            [],
            id="nor-for-root-when-refused",
        ),
    ],
)
def test_paths(at: Daemon, account: Door, expected: list[LoginPath]) -> None:
    reasons = {account.unseen_keys, *(grant.reason for grant in account.grants)}
    doubts = [f"{p.methods}: {p.reason}" for p in expected if p.factors is None and p.reason not in reasons]
    assert login_paths(at, account) == Ways(tuple(expected), tuple(doubts))


_LOGINS_AT_A_TIME = 16  # more of them would let a slow machine run into sshd's time for a login
PASSPHRASE = "-".join(["lab", "only", "4711"])
ACCOUNTS = (
    AccountSpec("root", 0, password=PASSPHRASE),
    AccountSpec("anna", 1000, password=PASSPHRASE),
    AccountSpec("empty", 1001, shadow=""),
    AccountSpec("star", 1002, shadow="*"),
    AccountSpec("expired", 1003, password=PASSPHRASE, ages=("19700", "0", "99999", "7", "", "19800")),
    AccountSpec("noshell", 1004, password=PASSPHRASE, shell="/usr/sbin/nologin"),
    AccountSpec("gone", 1005, password=PASSPHRASE, shell="/opt/gone"),
)
ELSEWHERE = Source("*", address="192.0.2.1")
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
    if await _enters(lab, host, account, PASSPHRASE):
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
    at = Daemon(host, "sshd", settings)
    stacks = read({f"/etc/pam.d/{name}": data for name, data in files.items()}, "sshd", debian=True)
    said = {}
    for spec in ACCOUNTS:
        field = shadow.read_field(FIELDS.get(spec.name, SET))
        person = Person(spec.name, spec.uid, 100, frozenset(), "/", "/bin/sh", local=True, password=field.state)
        empty = settings.flag("permitemptypasswords") is True
        once, each = (
            auth_stage(stacks, person, ELSEWHERE, Conf(), allow_empty=empty, conversation=conversation)
            for conversation in (Conversation.ONE, Conversation.EACH)
        )
        expired, shell = (YES if spec.name == "expired" else NO), (NO if spec.name == "gone" else YES)
        asked = Door(spec.name, spec.uid, field, expired, shell, pam=PamAnswers(once, each))
        paths = login_paths(at, asked).paths
        assert [path for path in paths if path.verdict is not PathVerdict.ONE] == []
        said[spec.name] = {path.kinds for path in paths}
    assert said == {spec.name: real[host, spec.name] for spec in ACCOUNTS}
