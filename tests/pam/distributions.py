"""PAM stacks of sshd as distributions ship them: Debian 12's own files, the others written from their sources."""

from __future__ import annotations

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


def debian(auth: str = DEBIAN_AUTH, account: str = DEBIAN_ACCOUNT, sshd: str = DEBIAN_SSHD) -> dict[str, bytes | None]:
    others: dict[str, bytes | None] = {"common-session": b"session required pam_unix.so\n", "common-password": b""}
    return {"sshd": sshd.encode(), "common-auth": auth.encode(), "common-account": account.encode(), **others}


def rhel(stack: str, sshd: str = RHEL_SSHD) -> dict[str, bytes | None]:
    return {"sshd": sshd.encode(), "password-auth": stack.encode(), "postlogin": b"session optional pam_umask.so\n"}


def suse() -> dict[str, bytes | None]:
    return {
        "sshd": SUSE_SSHD.encode(),
        "common-auth": b"auth required pam_env.so\nauth required pam_unix.so try_first_pass\n",
        "common-account": b"account required pam_unix.so try_first_pass\n",
    }
