"""Who connects, from where and to where: all that sshd compares the criteria of a Match block with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connection:
    """One login attempt as sshd sees it before it knows any key (struct connection_info in servconf.h).

    What is None was not given and matches no criterion, as a field that `sshd -T -C` is not told; except for groups.
    """

    user: str
    groups: frozenset[str] | None  # names, the primary group among them; None: not known
    address: str | None = None
    host: str | None = None  # None: the address, as with UseDNS no
    local_address: str | None = None
    local_port: int | None = None
    rdomain: str | None = None
    invalid_user: bool = False  # there is no such account
    unclear: frozenset[str] = frozenset()  # see Source


@dataclass(frozen=True, slots=True)
class Source:
    """A place to come from, or a way in, that stands for all of its class: they get the same answers."""

    label: str  # in sshd's own pattern syntax: `10.0.0.0/8`; `*` for what no criterion names
    address: str | None = None
    host: str | None = None  # None: the address, as with UseDNS no
    local_address: str | None = None
    local_port: int | None = None
    rdomain: str | None = None
    unclear: frozenset[str] = frozenset()  # lists of addresses that not all of the class get the same answer of

    def connection(self, user: str, groups: frozenset[str] | None, invalid_user: bool = False) -> Connection:
        """The same place, with somebody who comes from there."""
        return Connection(
            user,
            groups,
            self.address,
            self.host,
            self.local_address,
            self.local_port,
            self.rdomain,
            invalid_user,
            self.unclear,
        )
