"""What is planted where: pure, the same for the same number of hosts."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from hygiene.counted import counted

# In the breach one key opened root on more than 1,000 servers of a provider for 80 insurers.
BREACH_HOSTS = 1034
OPERATOR = "operator"
FORMER = "trainee-2022"
FEWEST_HOSTS = 16  # so that the one key opens at least 10, where reuse begins to be high
_TENANTS = 80
_CLEAN = 27
_DEAD = 4
_CHANGED = 2


class Kind(enum.Enum):
    """What a host is in the story."""

    OPEN = "open"  # the one key opens root here
    CLEAN = "clean"  # nothing to find
    DEAD = "dead"  # listed, but nobody answers
    CHANGED = "changed"  # shows another host key than the one we know


@dataclass(frozen=True, slots=True)
class DemoHost:
    """One planned host."""

    number: int
    name: str
    address: str
    tenant: str
    kind: Kind
    passwords: bool = False  # sshd lets passwords in
    root_password: bool = False  # ... for root too
    second_factor: bool = False  # ... for the operator alone, and beside a key
    left: bool = False  # the account of somebody who left is there, disabled
    directory: bool = False  # accounts from a directory that the host does not list
    build: bool = False  # the private half of the one key lies here, without a passphrase
    weak: bool = False  # an RSA key of 1024 bits opens an account here
    cloned: bool = False  # shows the host key of another machine
    odd: bool = False  # a key file here holds lines that do not do what they seem to do


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of the password list that goes round; `password` names what kind of password is made for it."""

    system: str
    user: str
    tenant: str
    password: str  # `same`, `pair-N`, `short`, `long`


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole fleet and what an audit must say of it."""

    hosts: tuple[DemoHost, ...]
    rows: tuple[ListRow, ...]

    def count(self, kind: Kind) -> int:
        return sum(host.kind is kind for host in self.hosts)

    @property
    def tenants_of_the_key(self) -> int:
        return len({host.tenant for host in self.hosts if host.kind is Kind.OPEN})

    @property
    def headline(self) -> str:
        """The sentence that the report must begin with."""
        return (
            f"1 key opens root on {self.count(Kind.OPEN):,} of {len(self.hosts):,} hosts,"
            f" {self.tenants_of_the_key:,} tenants"
        )

    @property
    def of_the_list(self) -> str:
        """What the entries of the password list are worth."""
        roots = sum(host.root_password for host in self.hosts)
        beside = sum(host.second_factor for host in self.hosts)
        left = sum(host.left for host in self.hosts)
        return (
            f"passwords for root on {counted(roots, 'host')} that a password alone enters, for"
            f" {counted(beside, 'account')} with a key beside it, and for {counted(left, 'disabled one')}"
        )


def plan(hosts: int) -> Plan:
    """Plan a fleet shaped like the breach, of FEWEST_HOSTS or more: at 1,034 it has the breach's own numbers."""
    if hosts < FEWEST_HOSTS:
        raise ValueError(f"a demo fleet has at least {FEWEST_HOSTS} hosts")
    clean = max(2, round(hosts * _CLEAN / BREACH_HOSTS))
    dead = max(1, hosts * _DEAD // BREACH_HOSTS)
    changed = max(1, hosts * _CHANGED // BREACH_HOSTS)
    open_hosts = hosts - clean - dead - changed
    kinds = [Kind.OPEN] * open_hosts + [Kind.CLEAN] * clean + [Kind.DEAD] * dead + [Kind.CHANGED] * changed
    tenants = min(_TENANTS, max(3, hosts // 12))
    made = tuple(_host(number, kind, tenants) for number, kind in enumerate(kinds))
    return Plan(made, _rows(made))


def _host(number: int, kind: Kind, tenants: int) -> DemoHost:
    tenant = f"insurer-{number % tenants + 1:02d}"
    role = ("app", "db", "web", "file")[number // tenants % 4]
    is_open = kind is Kind.OPEN
    return DemoHost(
        number=number,
        name=f"{role}{number // tenants + 1:02d}.{tenant}.example",
        address=f"127.20.{number // 250}.{number % 250 + 1}",
        tenant=tenant,
        kind=kind,
        passwords=is_open and number % 4 == 1,
        root_password=is_open and number % 16 == 5,
        second_factor=is_open and number == 11,
        left=is_open and number == 1,
        directory=is_open and number == 2,
        build=is_open and number == 0,
        weak=is_open and number in (3, 4, 6),
        cloned=is_open and number in (7, 8, 9),
        odd=is_open and number == 10,
    )


def _rows(hosts: tuple[DemoHost, ...]) -> tuple[ListRow, ...]:
    """A row for the administrator and the service account of every third host, and for accounts that are there."""
    rows = []
    for position, host in enumerate(hosts[::3]):
        rows.append(ListRow(host.name, "administrator", host.tenant, "same" if position % 3 else "long"))
        service = ("short", f"pair-{position // 6}", "long", "short")[position % 4]
        rows.append(ListRow(host.name, f"svc-{position + 1:03d}", host.tenant, service))
    rows += [ListRow(host.name, "root", host.tenant, "same") for host in hosts if host.root_password]
    rows += [ListRow(host.name, OPERATOR, host.tenant, "short") for host in hosts if host.second_factor]
    rows += [ListRow(host.name, FORMER, host.tenant, "same") for host in hosts if host.left]
    return tuple(rows)
