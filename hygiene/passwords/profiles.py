"""What standards ask of passwords, as data: how long they have to be, what they have to be compared with.

Each rule names the standard, its edition and the place in it. What a standard does not say is None, not a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a standard asks for."""

    place: str  # in the standard: `3.1.1.2`
    says: str  # short, in the standard's sense


@dataclass(frozen=True, slots=True)
class Profile:
    """What one standard asks for."""

    name: str  # as the policy names it
    standard: str
    edition: str
    single_factor: int | None  # the least characters of a password that stands alone; None: no number is named
    second_factor: int | None  # of one with a second factor beside it
    length: Rule
    blocklist: Rule | None
    # which says that kinds of characters must not be demanded, or that they have to be; None: it says neither
    composition: Rule | None
    demands_kinds: bool

    @property
    def source(self) -> str:
        """`NIST SP 800-63B-4, 3.1.1.2`: who asks for the length."""
        return f"{self.standard}, {self.length.place}"


@dataclass(frozen=True, slots=True)
class Minimum:
    """How long a password has to be, and who says so."""

    characters: int
    source: str


# texts: NIST SP 800-63B-4 (August 2025), 3.1.1.2; BSI IT-Grundschutz-Kompendium, Edition 2023, ORP.4;
# PCI DSS 4.0.1 (June 2024), 8.3.6
_PROFILES: Final = (
    Profile(
        "nist",
        "NIST SP 800-63B-4",
        "2025",
        15,
        8,
        Rule("3.1.1.2", "a single factor at least 15 characters, as part of several factors at least 8"),
        Rule("3.1.1.2", "the whole password is compared with a list of common, expected and compromised ones"),
        Rule("3.1.1.2", "no rules about kinds of characters"),
        demands_kinds=False,
    ),
    Profile(
        "bsi",
        "BSI IT-Grundschutz",
        "2023",
        None,
        None,
        Rule("ORP.4.A22", "so complex that it is not easy to guess; no number is named"),
        Rule("ORP.4.A8", "not easy to guess, and in no common list of passwords"),
        None,
        demands_kinds=False,
    ),
    Profile(
        "pci",
        "PCI DSS 4.0.1",
        "2024",
        12,
        12,
        Rule("8.3.6", "at least 12 characters; 8 only where the system takes no more"),
        None,
        Rule("8.3.6", "digits and letters"),
        demands_kinds=True,
    ),
)
PROFILES: Final[Mapping[str, Profile]] = {profile.name: profile for profile in _PROFILES}


def minimum(profile: Profile, second_factor: bool | None) -> Minimum | None:
    """Give the least length that a profile asks for, None where it names no number.

    `second_factor`: whether one stands beside the password. None (not known) asks for what holds without one.
    """
    characters = profile.second_factor if second_factor else profile.single_factor
    return None if characters is None else Minimum(characters, profile.source)


def own(single_factor: int, second_factor: int | None = None, name: str = "own") -> Profile:
    """A profile of the organisation's own: it names lengths and asks for nothing else."""
    beside = single_factor if second_factor is None else second_factor
    rule = Rule("password length", "the organisation's own rule")
    return Profile(name, "own policy", "", single_factor, beside, rule, None, None, demands_kinds=False)
