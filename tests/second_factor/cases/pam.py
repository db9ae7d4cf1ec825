"""What a PAM stack decides, whatever its modules are: controls, includes, what is missing, who is exempt."""

from __future__ import annotations

from collections.abc import Iterator

from lab.spec import File

from second_factor.case import BOTH, Case

from .making import BOTH_METHODS, CODE, COMMON, UNIX, alice, case, with_code

_PASSWORD_AUTH = "auth sufficient pam_unix.so nullok\nauth required pam_deny.so\n"
_DENY = "auth requisite pam_deny.so\n"
_PERMIT = "auth required pam_permit.so\n"
# authselect's profile `sssd` of Red Hat 9
_RED_HAT = """\
auth        required                                     pam_env.so
auth        required                                     pam_faildelay.so delay=2000000
auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
auth        [default=1 ignore=ignore success=ok]         pam_localuser.so
auth        sufficient                                   pam_unix.so nullok
auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
auth        sufficient                                   pam_sss.so forward_pass
auth        required                                     pam_deny.so
"""
_FAILLOCK = """\
auth required pam_faillock.so preauth silent deny=1000 unlock_time=600
auth sufficient pam_unix.so nullok
auth [default=die] pam_faillock.so authfail deny=1000 unlock_time=600
auth required pam_deny.so
"""


def _coded(name: str, auth: str, *config: str, **fields: object) -> Case:
    """The account has a code enrolled."""
    account = fields.pop("account", None) or with_code()
    return case(name, *config, auth=auth, account=account, **fields)  # type: ignore[arg-type]


def cases() -> Iterator[Case]:
    yield from _controls()
    yield from _includes()
    yield from _missing()
    yield from _exempt()
    yield from _alone()
    yield from _accounts()


def _controls() -> Iterator[Case]:
    yield _coded("pam/sufficient-password-then-code", "auth sufficient pam_unix.so\n" + CODE, brief=True)
    yield _coded("pam/sufficient-code-then-password", CODE.replace("required", "sufficient") + UNIX)
    yield _coded(
        "pam/jump-over-code", f"auth [success=2 default=ignore] pam_unix.so\n{CODE}{_DENY}{_PERMIT}", brief=True
    )
    yield _coded("pam/jump-onto-code", f"auth [success=1 default=ignore] pam_unix.so\n{_DENY}{CODE}")
    yield _coded("pam/jump-beyond-the-end", "auth [success=5 default=ignore] pam_unix.so\n" + CODE)
    yield _coded("pam/code-optional", UNIX + CODE.replace("required", "optional"))
    yield _coded("pam/password-optional-code-required", "auth optional pam_unix.so\n" + CODE)
    yield _coded("pam/both-optional", "auth optional pam_unix.so\n" + CODE.replace("required", "optional"))
    yield _coded("pam/requisite-password-then-code", UNIX.replace("required", "requisite") + CODE)
    yield _coded("pam/code-then-password", CODE + UNIX)
    yield _coded("pam/required-fails-then-sufficient", UNIX + CODE.replace("required", "sufficient") + _PERMIT)
    yield _coded("pam/done-after-password", "auth [success=done default=die] pam_unix.so\n" + CODE)
    yield _coded("pam/die-without-password", "auth [success=ok default=die] pam_unix.so\n" + CODE)
    yield _coded("pam/ignore-bad-code", UNIX + "auth [success=ok default=ignore] pam_google_authenticator.so\n")
    yield _coded(
        "pam/bad-code-counts-as-good", UNIX + "auth [success=ok auth_err=ok default=bad] pam_google_authenticator.so\n"
    )
    yield _coded(
        "pam/reset-forgets-the-password",
        "auth required pam_unix.so\nauth [default=reset] pam_warn.so\n" + CODE,
    )
    yield _coded("pam/capital-words", "AUTH REQUIRED pam_unix.so\nAuth Required pam_google_authenticator.so\n")
    yield _coded("pam/continued-line", "auth required \\\n  pam_unix.so\n" + CODE)
    yield _coded("pam/comment-behind-the-module", "auth required pam_unix.so # the password\n" + CODE)
    yield _coded(
        "pam/whole-path-of-module", UNIX + "auth required /lib/x86_64-linux-gnu/security/pam_google_authenticator.so\n"
    )


def _includes() -> Iterator[Case]:
    files = {"password-auth": _PASSWORD_AUTH}
    yield _coded("pam/include-ends-the-caller", "auth include password-auth\n" + CODE, pam=files, brief=True)
    yield _coded("pam/substack-does-not", "auth substack password-auth\n" + CODE, pam=files, brief=True)
    yield _coded("pam/at-include-ends-the-caller", "@include password-auth\n" + CODE, pam=files)
    yield _coded("pam/red-hat-substack", "auth substack password-auth\n" + CODE, pam={"password-auth": _RED_HAT})
    yield _coded("pam/red-hat-include", "auth include password-auth\n" + CODE, pam={"password-auth": _RED_HAT})
    yield _coded("pam/faillock-then-code", "auth substack password-auth\n" + CODE, pam={"password-auth": _FAILLOCK})
    yield _coded("pam/code-then-substack", CODE + "auth substack password-auth\n", pam=files)
    yield _coded(
        "pam/jump-over-substack",
        f"auth [success=1 default=ignore] pam_succeed_if.so user = alice\nauth substack password-auth\n{CODE}",
        pam=files,
    )
    yield _coded(
        "pam/substack-that-dies", "auth substack inner\n" + CODE, pam={"inner": "auth requisite pam_unix.so\n"}
    )
    yield _coded("pam/include-of-nothing", "auth include no-such-file\n" + UNIX + CODE)
    yield _coded("pam/at-include-of-nothing", "@include no-such-file\n" + UNIX + CODE)


def _missing() -> Iterator[Case]:
    yield case("pam/missing-module", auth="auth required pam_no_such_module.so\n" + UNIX)
    yield case("pam/missing-module-with-dash", auth="-auth required pam_no_such_module.so\n" + UNIX)
    yield case("pam/missing-module-optional", auth="auth optional pam_no_such_module.so\n" + UNIX)
    yield case("pam/missing-module-sufficient", auth="auth sufficient pam_no_such_module.so\n" + UNIX)
    yield case("pam/missing-module-ignored", auth=UNIX + "auth [success=ok default=ignore] pam_no_such_module.so\n")
    yield case(
        "pam/missing-module-unknown-ignored",
        auth=UNIX + "auth [success=ok module_unknown=ignore default=bad] pam_no_such_module.so\n",
    )
    yield case("pam/no-service-file", prepare=(("rm", "/etc/pam.d/sshd"),))
    yield case(
        "pam/no-service-file-and-other-denies",
        prepare=(("rm", "/etc/pam.d/sshd"),),
        pam={"other": "auth required pam_deny.so\naccount required pam_permit.so\n"},
    )
    yield _coded(
        "pam/no-service-file-and-other-asks-for-a-code",
        COMMON,
        prepare=(("rm", "/etc/pam.d/sshd"),),
        pam={"other": UNIX + CODE + "account required pam_permit.so\nsession required pam_permit.so\n"},
    )
    yield case("pam/no-auth-line", auth="")
    yield case("pam/line-without-module", auth=UNIX + "auth required\n")
    yield case("pam/unknown-control", auth=UNIX + "auth necessary pam_permit.so\n")
    yield case("pam/unknown-type", auth="authentication required pam_deny.so\n" + UNIX)


def _exempt() -> Iterator[Case]:
    ingroup = "auth [success=1 default=ignore] pam_succeed_if.so quiet user ingroup no-code\n"
    group = {"groups": {"no-code": 500}}
    yield _coded("exempt/member", UNIX + ingroup + CODE, account=with_code(groups=("no-code",)), **group, brief=True)
    yield _coded("exempt/no-member", UNIX + ingroup + CODE, **group)
    yield _coded(
        "exempt/member-needs-nothing",
        f"auth [success=2 default=ignore] pam_succeed_if.so user ingroup no-code\n{UNIX}{CODE}{_PERMIT}",
        account=with_code(groups=("no-code",)),
        **group,
    )
    yield _coded(
        "exempt/sufficient-for-members",
        f"auth sufficient pam_succeed_if.so user ingroup no-code\n{UNIX}{CODE}",
        account=with_code(groups=("no-code",)),
        **group,
    )
    yield _coded("exempt/uid", UNIX + "auth [success=1 default=ignore] pam_succeed_if.so uid < 2000\n" + CODE)
    network = "auth [success=1 default=ignore] pam_access.so accessfile=/etc/security/no-code.conf\n"
    inside = {"/etc/security/no-code.conf": File(b"+ : ALL : 10.77.0.1\n- : ALL : ALL\n")}
    yield _coded("exempt/network", UNIX + network + CODE, files=inside, sources=BOTH, brief=True)
    yield _coded("exempt/network-key-then-kbd", UNIX + network + CODE, BOTH_METHODS, files=inside, sources=BOTH)
    listed = "auth [success=1 default=ignore] pam_listfile.so item=user sense=allow onerr=fail file=/etc/no-code\n"
    yield _coded("exempt/listed", UNIX + listed + CODE, files={"/etc/no-code": File(b"alice\n")})
    yield _coded("exempt/not-listed", UNIX + listed + CODE, files={"/etc/no-code": File(b"bob\n")})
    yield _coded("exempt/list-is-missing", UNIX + listed + CODE)
    yield _coded("exempt/list-is-missing-and-passes", UNIX + listed.replace("onerr=fail", "onerr=succeed") + CODE)
    yield _coded("exempt/local-accounts", UNIX + "auth [success=1 default=ignore] pam_localuser.so\n" + CODE)


def _alone() -> Iterator[Case]:
    yield case("alone/permit", auth=_PERMIT)
    yield case("alone/permit-key-then-kbd", BOTH_METHODS, auth=_PERMIT)
    yield case("alone/deny", auth="auth required pam_deny.so\n")
    yield case("alone/rootok", auth="auth sufficient pam_rootok.so\n" + UNIX)
    yield case("alone/warn", auth="auth required pam_warn.so\n")
    yield case("alone/nologin", auth="auth required pam_nologin.so\n")
    yield case("alone/exec-true", auth="auth required pam_exec.so /bin/true\n")
    yield case("alone/exec-false", auth=UNIX + "auth required pam_exec.so /bin/false\n")
    yield case("alone/wheel-trust", auth="auth sufficient pam_wheel.so trust use_uid\n" + UNIX)
    yield case("alone/sss-without-its-daemon", auth="auth sufficient pam_sss.so\n" + UNIX)
    yield case("alone/unix-nullok-and-faildelay", auth="auth optional pam_faildelay.so delay=1000\n" + UNIX)


def _accounts() -> Iterator[Case]:
    tail = "session required pam_permit.so\n"
    access = {"/etc/security/access.conf": File(b"+ : ALL : 10.77.0.1\n- : ALL : ALL\n")}
    yield case(
        "stage/access-by-source",
        rest="account required pam_access.so\naccount required pam_unix.so\n" + tail,
        files=access,
        sources=BOTH,
    )
    yield case("stage/account-denies", rest="account required pam_deny.so\n" + tail)
    yield case(
        "stage/account-sufficient-before-deny",
        rest="account sufficient pam_permit.so\naccount required pam_deny.so\n" + tail,
    )
    yield case("stage/account-missing", rest="account required pam_no_such_module.so\n" + tail)
    yield case(
        "stage/expired-but-permit",
        account=alice(ages=("19700", "0", "99999", "7", "", "100")),
        rest="account required pam_permit.so\n" + tail,
    )
