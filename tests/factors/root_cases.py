"""Hosts on which an account may become root, and what each asks for that is special."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import asyncssh
from lab.spec import AccountSpec, File, HostSpec, Node

KEY = asyncssh.generate_private_key("ssh-ed25519")
OWN, ROOTS, TOORS = (secrets.token_hex(8) for _ in range(3))
SEED = secrets.token_bytes(20)
_LINE = KEY.export_public_key().decode().strip()
_SSHD = "UsePAM yes\nKbdInteractiveAuthentication no\nPasswordAuthentication yes\nMaxStartups 300\nMaxSessions 200\n"
KEY_ONLY = "PasswordAuthentication no\n"
CODES = "pam_google_authenticator.so"
_CODE = f"{CODES} nullok"
CODE = f"auth required {_CODE}\n"
_REST = "@include common-account\n@include common-session-noninteractive\n"
_AUTH = "@include common-auth\n"
# without the directory that this tree's own file asks besides
_LOCAL = {
    "common-auth": (
        "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
    )
}
_SU = "auth sufficient pam_rootok.so\n"
_ALL = "anna ALL=(ALL:ALL) ALL\n"
_ENROLLED: Mapping[str, Node] = {
    ".google_authenticator": File(f'{base64.b32encode(SEED).decode()}\n" TOTP_AUTH\n'.encode(), 0o400)
}


@dataclass(frozen=True, slots=True)
class Case:
    """One host. The person has the key and anna's password, or root's, or a code."""

    id: str
    sudoers: str = ""
    sshd: str = ""
    pam: Mapping[str, str] = field(default_factory=dict)
    anna: Mapping[str, object] = field(default_factory=dict)  # fields of the account
    root: Mapping[str, object] = field(default_factory=dict)
    others: tuple[AccountSpec, ...] = ()
    groups: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, Node] = field(default_factory=dict)
    unknown: bool = False  # that we do not know it all is right
    brief: bool = False

    def host(self, name: str) -> HostSpec:
        anna = AccountSpec("anna", 1000, password=OWN, authorized_keys=[_LINE], files=_ENROLLED)
        root = AccountSpec("root", 0, shadow="*")
        return HostSpec(
            name,
            accounts=(replace(anna, **self.anna), replace(root, **self.root), *self.others),  # type: ignore[arg-type]
            groups=self.groups,
            # the first value counts
            sshd_config=self.sshd + _SSHD,
            sudoers=f"Defaults passwd_tries=1\nroot ALL=(ALL:ALL) ALL\n{self.sudoers}",
            pam=self.pam,
            files=self.files,
        )


def _sudo(auth: str, rest: str = _REST) -> dict[str, str]:
    return {"sudo": auth + rest}


def _su(auth: str, rest: str = _REST) -> dict[str, str]:
    return {"su": auth + rest}


WITH_ROOT = {"password": ROOTS, "shadow": None}
WHEEL = {"groups": {"wheel": 900}}


def cases() -> Iterator[Case]:
    yield Case("nobody-is-root")
    yield from _sudo_cases()
    yield from _whose()
    yield from _services()
    yield from _su_cases()
    yield from _sessions()


def _sudo_cases() -> Iterator[Case]:
    yield Case("sudo-free", "anna ALL=NOPASSWD: ALL\n", KEY_ONLY)
    yield Case("sudo-not-authenticate", f"Defaults !authenticate\n{_ALL}")
    yield Case("sudo-exempt-group", f"Defaults exempt_group=ops\n{_ALL}", groups={"ops": 900}, anna={"groups": ["ops"]})
    yield Case("sudo-asks", _ALL)
    yield Case("sudo-asks-behind-a-key", _ALL, KEY_ONLY, brief=True)
    yield Case("sudo-asks-behind-both", _ALL, "AuthenticationMethods publickey,password\n")
    yield Case("sudo-free-behind-both", "anna ALL=NOPASSWD: ALL\n", "AuthenticationMethods publickey,password\n")
    yield Case("sudo-asks-who-has-no-password", _ALL, anna={"password": None, "shadow": "*"}, pam=_LOCAL)
    yield Case("sudo-asks-who-is-locked", _ALL, anna={"password": None, "shadow": "!"}, pam=_LOCAL)
    yield Case("sudo-asks-for-an-empty-password", _ALL, KEY_ONLY, anna={"password": None, "shadow": ""})
    yield Case("sudo-of-a-group", "%ops ALL=(ALL) ALL\n", groups={"ops": 900}, anna={"groups": ["ops"]})
    yield Case("sudo-never-tries", f"{_ALL}Defaults passwd_tries=0\n")
    yield Case("sudo-asks-by-a-tag", "Defaults !authenticate\nanna ALL=PASSWD: ALL\n", KEY_ONLY)


def _whose() -> Iterator[Case]:
    yield Case(
        "root's-password", f"Defaults rootpw\n{_ALL}", KEY_ONLY, root=WITH_ROOT, pam=_su("auth required pam_deny.so\n")
    )
    yield Case("root's-password-behind-a-password", f"Defaults rootpw\n{_ALL}", root=WITH_ROOT)
    yield Case("root's-password-is-none", f"Defaults rootpw\n{_ALL}")
    yield Case("target's-password", "Defaults targetpw\nALL ALL=(ALL) ALL\n", KEY_ONLY, root=WITH_ROOT)
    yield Case(
        "default-target's-password",
        f"Defaults runaspw, runas_default=bob\n{_ALL}",
        KEY_ONLY,
        others=(AccountSpec("bob", 1001, password=ROOTS),),
    )


def _services() -> Iterator[Case]:
    yield Case("sudo-with-a-code", _ALL, KEY_ONLY, pam={**_sudo(_AUTH + CODE), "sudo-i": _AUTH + CODE + _REST})
    yield Case("sudo-i-without-the-code", _ALL, KEY_ONLY, pam=_sudo(_AUTH + CODE), brief=True)
    yield Case("sudo-by-code-alone", _ALL, KEY_ONLY, pam=_sudo(CODE))
    yield Case("sudo-by-code-or-password", _ALL, pam=_sudo(f"auth sufficient {_CODE}\n{_AUTH}"))
    yield Case(
        "sudo-with-a-code-nobody-has",
        _ALL,
        KEY_ONLY,
        pam={**_sudo(_AUTH + CODE), "sudo-i": CODE + _REST},
        anna={"files": {}},
    )
    yield Case("sudo-permits", _ALL, KEY_ONLY, pam=_sudo("auth required pam_permit.so\n"))
    yield Case(
        "sudo-denies", _ALL, pam={**_sudo("auth required pam_deny.so\n"), "sudo-i": "auth required pam_deny.so\n"}
    )
    yield Case("sudo-does-not-run-as-root", _ALL, KEY_ONLY, pam=_sudo(f"auth sufficient pam_rootok.so\n{_AUTH}"))
    yield Case(
        "sudo-of-a-group-is-free",
        _ALL,
        KEY_ONLY,
        groups={"ops": 900},
        anna={"groups": ["ops"]},
        pam=_sudo(f"auth sufficient pam_succeed_if.so user ingroup ops\n{_AUTH}"),
    )
    yield Case(
        "sudo-by-another-service",
        f"Defaults pam_service=weak\n{_ALL}",
        KEY_ONLY,
        pam={"weak": "auth required pam_permit.so\n" + _REST},
    )
    yield Case("sudo-by-no-service", f"Defaults pam_service=none, pam_login_service=none\n{_ALL}", KEY_ONLY)
    yield Case(
        "sudo-refused-by-the-account-stage",
        _ALL,
        pam={**_sudo(_AUTH, "account required pam_access.so\n"), "sudo-i": "auth required pam_deny.so\n"},
        files={"/etc/security/access.conf": File(b"-:anna:LOCAL\n")},
    )
    yield Case(
        "sudo-without-the-account-stage",  # which older versions of sudo do not leave out
        f"Defaults !pam_acct_mgmt\n{_ALL}",
        KEY_ONLY,
        pam={
            **_sudo(_AUTH, "account required pam_deny.so\nsession required pam_permit.so\n"),
            "sudo-i": "auth required pam_deny.so\n",
        },
        unknown=True,
    )
    yield Case(
        "sudo-from-a-network",
        _ALL,
        KEY_ONLY,
        pam={
            **_sudo(_AUTH, "account required pam_access.so\nsession required pam_permit.so\n"),
            "sudo-i": "auth required pam_deny.so\n",
        },
        files={"/etc/security/access.conf": File(b"-:anna:10.0.0.0/8\n-:anna:.example.org\n+:anna:LOCAL\n-:ALL:ALL\n")},
    )


def _su_cases() -> Iterator[Case]:
    yield Case("su", sshd=KEY_ONLY, root=WITH_ROOT, brief=True)
    yield Case("su-behind-a-password", root=WITH_ROOT)
    yield Case("su-beside-sudo", "anna ALL=NOPASSWD: ALL\n", KEY_ONLY, root=WITH_ROOT)
    yield Case("su-of-nobody", root={"shadow": "!"})
    yield Case("su-to-an-empty-password", sshd=KEY_ONLY, root={"shadow": ""})
    yield Case("su-to-an-expired-root", root={**WITH_ROOT, "ages": ("19700", "0", "99999", "7", "", "1")})
    yield Case(
        "su-to-another-root",
        sshd=KEY_ONLY,
        others=(AccountSpec("toor", 0, 0, "/root", password=TOORS, home_mode=None),),
    )
    yield Case(
        "su-for-wheel",
        sshd=KEY_ONLY,
        root=WITH_ROOT,
        **WHEEL,
        anna={"groups": ["wheel"]},
        pam=_su(f"{_SU}auth required pam_wheel.so\n{_AUTH}"),
        brief=True,
    )
    yield Case(
        "su-for-others-than-wheel",
        root=WITH_ROOT,
        **WHEEL,
        pam=_su(f"{_SU}auth required pam_wheel.so use_uid\n{_AUTH}"),
    )
    yield Case("su-without-wheel", root=WITH_ROOT, pam=_su(f"{_SU}auth required pam_wheel.so\n{_AUTH}"))
    yield Case(
        "su-trusts-wheel",
        sshd=KEY_ONLY,
        root=WITH_ROOT,
        **WHEEL,
        anna={"groups": ["wheel"]},
        pam=_su(f"{_SU}auth sufficient pam_wheel.so trust use_uid\n{_AUTH}"),
    )
    yield Case(
        "su-denies-a-group",
        root=WITH_ROOT,
        groups={"nosu": 900},
        anna={"groups": ["nosu"]},
        pam=_su(f"{_SU}auth required pam_wheel.so deny group=nosu\n{_AUTH}"),
    )
    yield Case(
        "su-for-callers",
        sshd=KEY_ONLY,
        root=WITH_ROOT,
        pam=_su(f"{_SU}auth required pam_succeed_if.so use_uid user = anna\n{_AUTH}"),
    )
    yield Case(
        "su-for-listed-callers",
        root=WITH_ROOT,
        pam=_su(f"{_SU}auth required pam_listfile.so item=ruser sense=deny file=/etc/nosu\n{_AUTH}"),
        files={"/etc/nosu": File(b"bob\nanna\n")},
    )
    yield Case(
        "su-l-is-another-service",
        sshd=KEY_ONLY,
        root=WITH_ROOT,
        pam={"su": "auth required pam_deny.so\n", "su-l": _AUTH + _REST},
    )
    yield Case(
        "su-with-a-code",
        sshd=KEY_ONLY,
        root={**WITH_ROOT, "files": _ENROLLED},
        pam=_su(_SU + _AUTH + CODE),
    )
    yield Case("su-to-a-shell-that-runs-nothing", root={**WITH_ROOT, "shell": "/usr/sbin/nologin"}, unknown=True)


def _sessions() -> Iterator[Case]:
    yield Case("session-of-nologin", "anna ALL=NOPASSWD: ALL\n", root=WITH_ROOT, anna={"shell": "/usr/sbin/nologin"})
    yield Case(
        "session-of-a-forced-command",
        "anna ALL=NOPASSWD: ALL\n",
        KEY_ONLY,
        root=WITH_ROOT,
        anna={"authorized_keys": [f'command="/usr/bin/id" {_LINE}']},
        brief=True,
    )
    yield Case(
        "session-of-a-forced-command-or-a-password",
        "anna ALL=NOPASSWD: ALL\n",
        root=WITH_ROOT,
        anna={"authorized_keys": [f'command="/usr/bin/id" {_LINE}']},
    )
    yield Case("session-forced-for-all", "anna ALL=NOPASSWD: ALL\n", "ForceCommand /usr/bin/id\n", root=WITH_ROOT)
