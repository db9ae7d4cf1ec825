"""Which PAM stacks of sshd count as the distribution's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.model import Truth
from hygiene.pam.plain import PlainPam, recognise, stopped_by_nologin

DEBIAN_SSHD = """\
# PAM configuration for the Secure Shell service
@include common-auth
# Disallow non-root logins when /etc/nologin exists.
account    required     pam_nologin.so
# account  required     pam_access.so
@include common-account
session [success=ok ignore=ignore module_unknown=ignore default=bad]        pam_selinux.so close
@include common-session
@include common-password
"""
DEBIAN_AUTH = """\
auth\t[success=1 default=ignore]\tpam_unix.so nullok
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
"""
DEBIAN_ACCOUNT = """\
account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\x20
account\trequisite\t\t\tpam_deny.so
account\trequired\t\t\tpam_permit.so
"""
RHEL_SSHD = """\
#%PAM-1.0
auth       substack     password-auth
auth       include      postlogin
account    required     pam_sepermit.so
account    required     pam_nologin.so
account    include      password-auth
password   include      password-auth
"""
RHEL_MINIMAL = """\
auth        required                                     pam_env.so
auth        required                                     pam_faildelay.so delay=2000000
auth        sufficient                                   pam_unix.so nullok
auth        required                                     pam_deny.so
account     required                                     pam_unix.so
"""
RHEL_FAILLOCK = """\
auth        required      pam_env.so
auth        required      pam_faillock.so preauth silent
auth        sufficient    pam_unix.so
auth        required      pam_faillock.so authfail
auth        required      pam_deny.so
account     required      pam_faillock.so
account     required      pam_unix.so
"""
RHEL_7 = """\
auth        required      pam_env.so
auth        sufficient    pam_unix.so nullok try_first_pass
auth        requisite     pam_succeed_if.so uid >= 1000 quiet_success
auth        required      pam_deny.so
account     required      pam_unix.so
account     sufficient    pam_localuser.so
account     sufficient    pam_succeed_if.so uid < 1000 quiet
account     required      pam_permit.so
"""
SSSD = """\
auth        required                                     pam_env.so
auth        [default=1 ignore=ignore success=ok]         pam_localuser.so
auth        sufficient                                   pam_unix.so nullok
auth        sufficient                                   pam_sss.so forward_pass
auth        required                                     pam_deny.so
account     required                                     pam_unix.so
account     sufficient                                   pam_localuser.so
account     sufficient                                   pam_usertype.so issystem
account     [default=bad success=ok user_unknown=ignore] pam_sss.so
account     required                                     pam_permit.so
"""
SUSE_SSHD = """\
auth        requisite   pam_nologin.so
auth        include     common-auth
account     requisite   pam_nologin.so
account     include     common-account
"""
PLAIN = PlainPam(Truth.YES, Truth.YES, Truth.YES, True)
PLAIN_NO_EMPTY = PlainPam(Truth.YES, Truth.YES, Truth.NO, True)
ROOM = "not a rule of a plain distribution's"


def debian(auth: str = DEBIAN_AUTH, account: str = DEBIAN_ACCOUNT, sshd: str = DEBIAN_SSHD) -> dict[str, bytes | None]:
    others: dict[str, bytes | None] = {"common-session": b"session required pam_unix.so\n", "common-password": b""}
    return {"sshd": sshd.encode(), "common-auth": auth.encode(), "common-account": account.encode(), **others}


def rhel(stack: str, sshd: str = RHEL_SSHD) -> dict[str, bytes | None]:
    return {"sshd": sshd.encode(), "password-auth": stack.encode(), "postlogin": b"session optional pam_umask.so\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(debian(), PLAIN, id="debian"),
        pytest.param(debian(DEBIAN_AUTH + "auth optional pam_cap.so\n"), PLAIN, id="ubuntu-with-capabilities"),
        pytest.param(debian(DEBIAN_AUTH.replace(" nullok", "")), PLAIN_NO_EMPTY, id="without-nullok"),
        pytest.param(
            debian(DEBIAN_AUTH.replace("nullok", "nullok_secure")),
            PlainPam(Truth.YES, Truth.YES, Truth.UNKNOWN, True),
            id="nullok-secure-depends-on-the-version",
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("nullok", "nullok try_first_pass")), PLAIN, id="second-of-several-modules"
        ),
        pytest.param(
            debian(
                DEBIAN_AUTH.replace("[success=1 default=ignore]", "[ DEFAULT=ignore\tsuccess=1 ]").replace(
                    "auth", "AUTH"
                )
            ),
            PLAIN,
            id="order-case-and-blanks-do-not-matter",
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("auth\trequired", "auth \\\n required") + "# end"), PLAIN, id="joined-lines"
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("pam_unix.so", "/lib/x86_64-linux-gnu/security/pam_unix.so")),
            PLAIN,
            id="full-path",
        ),
        pytest.param(
            debian(sshd=DEBIAN_SSHD.replace("account    required     pam_nologin.so\n", "")),
            PlainPam(Truth.YES, Truth.YES, Truth.YES, False),
            id="without-nologin",
        ),
        pytest.param(rhel(RHEL_MINIMAL), PLAIN, id="rhel-9-minimal"),
        pytest.param(rhel(RHEL_FAILLOCK), PLAIN_NO_EMPTY, id="rhel-with-faillock-without-nullok"),
        pytest.param(rhel(RHEL_7), PLAIN, id="rhel-7"),
        pytest.param(
            {
                "sshd": SUSE_SSHD.encode(),
                "common-auth": b"auth required pam_env.so\nauth required pam_unix.so try_first_pass\n",
                "common-account": b"account required pam_unix.so try_first_pass\n",
            },
            PLAIN_NO_EMPTY,
            id="opensuse",
        ),
        pytest.param(
            rhel(SSSD),
            PlainPam(
                Truth.UNKNOWN,
                Truth.YES,
                Truth.UNKNOWN,
                True,
                f"/etc/pam.d/password-auth:2: {ROOM} auth stage: [default=1 ignore=ignore success=ok] pam_localuser",
            ),
            id="sssd-lets-local-accounts-pass-and-may-know-their-passwords",
        ),
    ],
)
def test_recognised(files: dict[str, bytes | None], expected: PlainPam) -> None:
    assert recognise(files) == expected


OTP = "auth required pam_google_authenticator.so\n"


@pytest.mark.parametrize(
    ("files", "auth", "account"),
    [
        pytest.param(
            debian(sshd=DEBIAN_SSHD.replace("@include common-auth\n", "@include common-auth\n" + OTP)),
            f"/etc/pam.d/sshd:3: {ROOM} auth stage: required pam_google_authenticator",
            None,
            id="one-time-code-behind",
        ),
        pytest.param(
            debian(OTP + DEBIAN_AUTH),
            f"/etc/pam.d/common-auth:1: {ROOM} auth stage: required pam_google_authenticator",
            None,
            id="one-time-code-before",
        ),
        pytest.param(
            debian("auth sufficient pam_permit.so\n" + DEBIAN_AUTH),
            f"/etc/pam.d/common-auth:1: {ROOM} auth stage: sufficient pam_permit",
            None,
            id="everybody",
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("success=1", "success=2")),
            f"/etc/pam.d/common-auth:1: {ROOM} auth stage: [default=ignore success=2] pam_unix",
            None,
            id="another-jump",
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("requisite", "optional")),
            f"/etc/pam.d/common-auth:2: {ROOM} auth stage: optional pam_deny",
            None,
            id="deny-that-does-not",
        ),
        pytest.param(
            debian(DEBIAN_AUTH.replace("nullok", "nullok broken_option")),
            f"/etc/pam.d/common-auth:1: {ROOM} auth stage: [default=ignore success=1] pam_unix",
            None,
            id="option-that-is-not-known",
        ),
        pytest.param(
            debian("\n".join(DEBIAN_AUTH.splitlines()[:2])),
            "/etc/pam.d/sshd: its auth stage is not the one that the distribution ships: it ends too early",
            None,
            id="cut",
        ),
        pytest.param(
            debian(sshd=DEBIAN_SSHD.replace("# account  required     pam_access.so", "account required pam_access.so")),
            None,
            f"/etc/pam.d/sshd:5: {ROOM} account stage: required pam_access",
            id="access-list",
        ),
        pytest.param(
            rhel(
                RHEL_7,
                RHEL_SSHD.replace("account    include ", "account    substack") + "account required pam_access.so\n",
            ),
            None,
            f"/etc/pam.d/sshd:8: {ROOM} account stage: required pam_access",
            id="sufficient-ends-a-substack-only",
        ),
        pytest.param(
            {**debian(), "common-auth": None},
            "/etc/pam.d/sshd:2: /etc/pam.d/common-auth could not be read",
            "/etc/pam.d/sshd:2: /etc/pam.d/common-auth could not be read",
            id="unreadable-file",
        ),
        pytest.param(
            {"sshd": DEBIAN_SSHD.encode()},
            "/etc/pam.d/sshd:2: common-auth is not there",
            "/etc/pam.d/sshd:2: common-auth is not there",
            id="missing-include",
        ),
        pytest.param(
            {"other": b"auth required pam_unix.so\n"},
            "/etc/pam.d/sshd is not there, and a folder of the vendor was not seen",
            "/etc/pam.d/sshd is not there, and a folder of the vendor was not seen",
            id="no-service-file",
        ),
        pytest.param(
            {**debian(), "sshd": b"auth required pam_unix.so\n", "other": b"account required pam_deny.so\n"},
            None,
            "/etc/pam.d/sshd has no account stage; libpam takes /etc/pam.d/other then",
            id="no-stage",
        ),
        pytest.param(
            {"sshd": b"@include sshd\n"},
            "/etc/pam.d/sshd:1: includes are nested 16 deep",
            "/etc/pam.d/sshd:1: includes are nested 16 deep",
            id="include-of-itself",
        ),
        pytest.param(
            {"sshd": b"auth [success=1 pam_unix.so\n"},
            "/etc/pam.d/sshd:1: not a rule; expected a type, a control and a module",
            "/etc/pam.d/sshd: its account stage is not the one that the distribution ships: it ends too early",
            id="open-bracket",
        ),
        pytest.param(
            {"sshd": b"auth required\n"},
            "/etc/pam.d/sshd:1: not a rule; expected a type, a control and a module",
            "/etc/pam.d/sshd: its account stage is not the one that the distribution ships: it ends too early",
            id="half-a-rule",
        ),
        pytest.param(
            {"sshd": b"\xff\0 required pam_unix.so\n"},
            "/etc/pam.d/sshd:1: the line has a NUL byte",
            "/etc/pam.d/sshd:1: the line has a NUL byte",
            id="noise",
        ),
    ],
)
def test_not_recognised(files: dict[str, bytes | None], auth: str | None, account: str | None) -> None:
    found = recognise(files)
    assert (found.auth, found.auth_reason, found.account, found.account_reason) == (
        Truth.UNKNOWN if auth else Truth.YES,
        auth,
        Truth.UNKNOWN if account else Truth.YES,
        account,
    )


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"@include sshd\n" * 20_000, id="including-itself-often"),
        pytest.param(b"auth required pam_env.so\n" * 20_000, id="endless-stack"),
        pytest.param(b"auth [" + b"a " * 200_000, id="endless-control"),
        pytest.param(b"\\\n" * 200_000, id="endless-continuation"),
    ],
)
def test_hostile_files_end_soon(data: bytes) -> None:
    assert recognise({"sshd": data}).auth is Truth.UNKNOWN


@pytest.mark.real_sshd
def test_debian_as_it_is_installed(lab_tree: Path) -> None:
    folder = lab_tree / "etc/pam.d"
    assert recognise({path.name: path.read_bytes() for path in folder.iterdir()}) == PLAIN


@pytest.mark.parametrize(
    ("pam", "use_pam", "nologin", "uid", "expected"),
    [
        pytest.param(PLAIN, True, False, 1000, False, id="no-file"),
        pytest.param(PLAIN, True, True, 1000, True, id="stopped"),
        pytest.param(PLAIN, True, True, 0, False, id="root-is-not"),
        pytest.param(PlainPam(Truth.YES, Truth.YES, Truth.YES, False), True, True, 1000, False, id="module-not-asked"),
        pytest.param(PlainPam(Truth.YES, Truth.YES, Truth.YES, False), False, True, 1000, True, id="by-sshd-itself"),
    ],
)
def test_nologin(pam: PlainPam, use_pam: bool, nologin: bool, uid: int, expected: bool) -> None:
    assert stopped_by_nologin(pam, use_pam=use_pam, nologin=nologin, uid=uid) is expected
