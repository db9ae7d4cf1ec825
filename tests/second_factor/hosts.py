"""From configurations to hosts of the lab."""

from __future__ import annotations

from dataclasses import replace

from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import HostSpec
from lab.tree import Recipe

from .case import Case

_MODULES = (
    "libpam-google-authenticator",
    "libpam-oath",
    "libpam-u2f",
    "libpam-duo",
    "libpam-radius-auth",
    "libpam-yubico",
    "libpam-sss",
)
# many logins at once, and all of them from one address
_HEAD = "LogLevel VERBOSE\nMaxStartups 300\nLoginGraceTime 100\nMaxAuthTries 20\n"


def recipe() -> Recipe:
    """The release of the default run, with the modules that Debian packages."""
    own = RELEASES[DEFAULT]
    return replace(own, packages=(*own.packages, *_MODULES))


def host_of(name: str, case: Case) -> HostSpec:
    return HostSpec(
        name,
        accounts=(case.account, *case.others),
        groups=case.groups,
        sshd_config=_HEAD + case.config,
        pam=case.pam,
        files=case.files,
    )


def prepare(lab: Lab, name: str, case: Case) -> None:
    """What cannot be said by planting files."""
    for command in case.prepare:
        done = lab.exec_root(name, command)
        if done.returncode:
            raise RuntimeError(f"{case.id}: {command}: {done.stderr.decode(errors='replace')}")
