"""All that a check or a report may import.

A check is a frozen dataclass that derives from `Check`: class variables say what it is, its fields are
parameters that the policy may set, its docstring is its page (`hygiene explain ID`), `run` yields findings.
A report derives from `Report` and gives text. Both are loaded through entry points (`hygiene.checks`,
`hygiene.reports`): one entry for a package, naming a list of classes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from hygiene.counted import counted
from hygiene.model import (
    Account,
    AccountState,
    Area,
    AreaName,
    AreaState,
    BreachLookup,
    CheckRun,
    Confidence,
    Coverage,
    EntryAccount,
    EntryTie,
    Finding,
    FindingStatus,
    Gap,
    Grant,
    HashState,
    HashWeakness,
    Host,
    HostHash,
    HostKey,
    Identity,
    Key,
    ListHash,
    LoginCounts,
    LoginPath,
    PasswordEntry,
    PasswordList,
    PasswordState,
    PathVerdict,
    PeopleCounts,
    Places,
    PrivateKey,
    RootBy,
    RootPath,
    RootStep,
    Scan,
    SecondFactor,
    Setting,
    Severity,
    Share,
    Status,
    Subject,
    SubjectKind,
    Summary,
    Token,
    Truth,
    UnknownReason,
    Verdict,
    WeakestPath,
    account_subject,
    together,
)
from hygiene.passwords.hashes.costs import weakness_of as hash_weakness
from hygiene.passwords.hashes.policy import PROFILES as HASH_PROFILES
from hygiene.passwords.hashes.schemes import UNSALTED as UNSALTED_HASHES
from hygiene.passwords.profiles import PROFILES as PASSWORD_PROFILES
from hygiene.passwords.profiles import Profile as PasswordProfile
from hygiene.store.fleet import Fleet
from hygiene.visible import ACTS_OR_HIDES, visible

__all__ = [
    "ACTS_OR_HIDES",
    "HASH_PROFILES",
    "PASSWORD_PROFILES",
    "UNSALTED_HASHES",
    "Account",
    "AccountState",
    "Area",
    "AreaName",
    "AreaState",
    "Audit",
    "BreachLookup",
    "Check",
    "CheckRun",
    "Confidence",
    "Coverage",
    "EntryAccount",
    "EntryTie",
    "Finding",
    "FindingStatus",
    "Fleet",
    "Gap",
    "Grant",
    "HashState",
    "HashWeakness",
    "Host",
    "HostHash",
    "HostKey",
    "Identity",
    "Key",
    "ListHash",
    "LoginCounts",
    "LoginPath",
    "Medium",
    "PasswordEntry",
    "PasswordList",
    "PasswordProfile",
    "PasswordState",
    "PathVerdict",
    "PeopleCounts",
    "Places",
    "PrivateKey",
    "Report",
    "RootBy",
    "RootPath",
    "RootStep",
    "Scan",
    "SecondFactor",
    "Setting",
    "Severity",
    "Share",
    "Status",
    "Subject",
    "SubjectKind",
    "Summary",
    "Token",
    "Truth",
    "UnknownReason",
    "Verdict",
    "WeakestPath",
    "account_subject",
    "counted",
    "hash_weakness",
    "together",
    "visible",
]

CHECK_ID: Final = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


class Check(ABC):
    """One question to the fleet. Derive a frozen dataclass; its fields (all with defaults) are its parameters."""

    id: ClassVar[str]
    title: ClassVar[str]  # a few words, reads well in a table
    severity: ClassVar[Severity]  # the worst it gives by default
    confidence: ClassVar[Confidence] = Confidence.HIGH
    subject: ClassVar[SubjectKind]
    needs: ClassVar[frozenset[str]] = frozenset()  # tables without which it cannot be asked: `password_entries`
    controls: ClassVar[tuple[str, ...]] = ()  # `NIST SP 800-53 r5 AC-6`, ...

    @abstractmethod
    def run(self, fleet: Fleet) -> Iterable[Finding]:
        """Yield one finding for each thing to fix; in any order."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What a report tells: verdicts worst first, gaps, the books, and the fleet for plots and tables."""

    scan: Scan
    summary: Summary
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...]
    checks: tuple[CheckRun, ...]
    fleet: Fleet


@dataclass(frozen=True, slots=True)
class Medium:
    """Where a report goes: `width` in columns (None: no limit), colours or not."""

    width: int | None = None
    colour: bool = False


class Report(ABC):
    """One output format."""

    name: ClassVar[str]  # `--format NAME`
    extension: ClassVar[str]  # of `report.EXT`, without the dot

    @abstractmethod
    def render(self, audit: Audit, medium: Medium) -> Iterator[str]:
        """Give the report in pieces of text. All that came from hosts and lists is escaped for this medium."""


def parameters(check: type[Check]) -> dict[str, Any]:
    """Give a check's parameters with their defaults."""
    return {name: f.default for name, f in getattr(check, "__dataclass_fields__", {}).items()}
