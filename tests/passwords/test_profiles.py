"""What each standard asks of a password's length, with and without a second factor."""

from __future__ import annotations

import pytest

from hygiene.passwords.profiles import PROFILES, Minimum, minimum, own

NIST = "NIST SP 800-63B-4, 3.1.1.2"
PCI = "PCI DSS 4.0.1, 8.3.6"


@pytest.mark.parametrize(
    ("profile", "second_factor", "expected"),
    [
        pytest.param("nist", False, Minimum(15, NIST), id="NIST, alone"),
        pytest.param("nist", True, Minimum(8, NIST), id="NIST, beside a second factor"),
        pytest.param("nist", None, Minimum(15, NIST), id="NIST, not known: as if alone"),
        pytest.param("pci", False, Minimum(12, PCI), id="PCI, alone"),
        pytest.param("pci", True, Minimum(12, PCI), id="PCI makes no difference"),
        pytest.param("bsi", False, None, id="the BSI names no number"),
        pytest.param("bsi", True, None, id="nor beside a second factor"),
    ],
)
def test_minimum(profile: str, second_factor: bool | None, expected: Minimum | None) -> None:
    assert minimum(PROFILES[profile], second_factor) == expected


@pytest.mark.parametrize(
    ("single", "beside", "second_factor", "expected"),
    [
        pytest.param(20, 10, False, 20, id="alone"),
        pytest.param(20, 10, True, 10, id="beside a second factor"),
        pytest.param(20, None, True, 20, id="one length for both"),
    ],
)
def test_own(single: int, beside: int | None, second_factor: bool, expected: int) -> None:
    assert minimum(own(single, beside), second_factor) == Minimum(expected, "own policy, password length")


def test_each_profile_says_where_it_stands() -> None:
    assert {
        name: (rules.source, rules.blocklist and rules.blocklist.place, rules.demands_kinds)
        for name, rules in PROFILES.items()
    } == {
        "nist": (NIST, "3.1.1.2", False),
        "bsi": ("BSI IT-Grundschutz, ORP.4.A22", "ORP.4.A8", False),
        "pci": (PCI, None, True),
    }
