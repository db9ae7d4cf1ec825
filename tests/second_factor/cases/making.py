"""What the tables are written with: the account, PAM's files as Debian has them, and a code's enrolment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lab.spec import AccountSpec, File, Node

from second_factor.case import Case
from second_factor.person import person

UNIX = "auth required pam_unix.so\n"
COMMON = "@include common-auth\n"  # Debian's: the password, and nothing else
CODE = "auth required pam_google_authenticator.so\n"
BOTH_METHODS = "AuthenticationMethods publickey,keyboard-interactive"

_COMMON = {
    "common-auth": (
        "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
    ),
    "common-account": (
        "account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
        "account requisite pam_deny.so\naccount required pam_permit.so\n"
    ),
    "common-session": "session required pam_permit.so\nsession required pam_unix.so\n",
    "common-password": "password required pam_unix.so obscure yescrypt\n",
}
_REST = "account required pam_nologin.so\n@include common-account\n@include common-session\n@include common-password\n"


def settings(*lines: str) -> str:
    """An sshd_config; PAM is on, as on Debian."""
    return "".join(f"{line}\n" for line in ("UsePAM yes", *lines))


def service(auth: str, rest: str = _REST) -> str:
    """The service file of sshd with this auth stage."""
    return auth + rest


def alice(
    *, files: Mapping[str, Node] | None = None, lines: tuple[str, ...] = ("@key@",), **fields: object
) -> AccountSpec:
    """The account, with a password and a key."""
    own = person()
    wanted: dict[str, object] = {
        "name": "alice",
        "uid": 1000,
        "password": own.password,
        "hash_method": "sha512crypt",  # the cheapest to check of those in use
        "authorized_keys": [_filled(line) for line in lines],
        "files": files or {},
    }
    return AccountSpec(**(wanted | fields))  # type: ignore[arg-type]


def _filled(line: str) -> str:
    """The line with each `@name@` as that key."""
    for name, key in person().lines.items():
        line = line.replace(f"@{name}@", key)
    return line


def root(**fields: object) -> AccountSpec:
    return alice(**({"name": "root", "uid": 0} | fields))  # type: ignore[arg-type]


def enrolled(options: str = '" TOTP_AUTH\n', **fields: object) -> dict[str, Node]:
    """The file of pam_google_authenticator in the account's home."""
    node = File(f"{person().seed_base32}\n{options}".encode(), **({"mode": 0o400} | fields))  # type: ignore[arg-type]
    return {".google_authenticator": node}


def with_code(**fields: object) -> AccountSpec:
    return alice(files=enrolled(), **fields)  # type: ignore[arg-type]


def case(
    name: str, *config: str, auth: str = COMMON, account: AccountSpec | None = None, rest: str = _REST, **fields: object
) -> Case:
    """One configuration: lines of sshd_config, the auth stage of sshd's service file, and the account."""
    more: dict[str, object] = dict(fields)
    pam = {**_COMMON, "sshd": service(auth, rest), **more.pop("pam", {})}  # type: ignore[dict-item]
    made = Case(name, account or alice(), settings(*config), pam=pam)
    return replace(made, **more)  # type: ignore[arg-type]
