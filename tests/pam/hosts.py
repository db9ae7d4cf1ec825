"""A host of our own for modules to look at: accounts, groups, ages and the files of /etc/security."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from hygiene.accounts import group, passwd, shadow
from hygiene.model import PasswordState, Truth
from hygiene.openssh.connection import Source
from hygiene.pam.modules.unix import ages
from hygiene.pam.question import Conf, Person

TODAY = (datetime.now(UTC).date() - date(1970, 1, 1)).days
PASSWD = b"""\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
alice:x:1000:1000:Alice:/home/alice:/bin/bash
bob:x:1001:100:Bob:/srv/bob:/bin/odd
carol:x:1002:1002::/home/carol:
open:secretless:1003:100::/home/open:/bin/sh
"""
GROUP = b"""\
root:x:0:
daemon:x:1:
users:x:100:
wheel:x:10:alice
ops:x:2000:alice,bob
alice:x:1000:
carol:x:1002:
nogroup:x:65534:
"""


@dataclass(frozen=True)
class Host:
    """The planted files, and the same as our models take them."""

    security: Mapping[str, bytes] = field(default_factory=dict)  # of /etc/security, by name; `access.d/x.conf` too
    etc: Mapping[str, bytes] = field(default_factory=dict)  # other files of /etc that every Debian has
    shadow: Mapping[str, tuple[object, ...]] = field(default_factory=dict)  # by name: the ages, from the last change on
    hashes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def plant(self, folder: Path) -> Mapping[Path, str]:
        """Write all files; gives what goes over which path."""
        security = folder / "security"
        (security / "access.d").mkdir(parents=True)
        for name, data in self.security.items():
            (security / name).write_bytes(data)
        over = {security: "/etc/security"}
        for name, data in {"passwd": PASSWD, "group": GROUP, "shadow": self.shadow_file(), **self.etc}.items():
            (folder / name).write_bytes(data)
            over[folder / name] = f"/etc/{name}"
        return over

    def shadow_file(self) -> bytes:
        lines = [
            f"{name}:{self.hashes.get(name, '*')}:{':'.join(map(str, ages_of))}:\n"
            for name, ages_of in self.shadow.items()
        ]
        return "".join(lines).encode()

    def conf(self, version: tuple[int, ...] | None = None) -> Conf:
        files: dict[str, bytes | None] = {f"/etc/security/{name}": data for name, data in self.security.items()}
        files |= {f"/etc/{name}": data for name, data in self.etc.items()}
        files["/etc/passwd"] = PASSWD
        seldom = ("access.conf", "time.conf", "faillock.conf", "list", "none")
        absent = frozenset(f"/etc/security/{name}" for name in seldom if name not in self.security)
        access_d = tuple(path for path in files if path.startswith("/etc/security/access.d/"))
        return Conf(files, absent, access_d=access_d, nologin=Truth.NO, version=version)

    def person(self, name: str) -> Person:
        accounts = passwd.parse(PASSWD)
        entry = accounts.by_name()[name]
        member = group.memberships(accounts.accounts, group.parse(GROUP))[name]
        line = shadow.parse(self.shadow_file()).entries.get(name)
        return Person(
            name,
            entry.uid,
            entry.gid,
            member.names,
            entry.home,
            entry.shell,
            local=True,
            gids=member.gids,
            shadow=ages(line, shadowed=entry.password is None, seen=True, day=TODAY),
            password=PasswordState.NONE,
        )


def source(rhost: str) -> Source:
    return Source(rhost, address=rhost)
