from __future__ import annotations

from dataclasses import replace

import pytest
from hygiene_checks.password_short import PasswordShort
from scenarios import Found, ask

from hygiene.testing.planting import plant, planted

NIST = "; NIST SP 800-63B-4, 3.1.1.2, asks for 15"
LONG = "password_entries: list=a.csv row={100..109} length_band=15+\n"


def found(severity: str, message: str, entries: int, *first: str) -> list[Found]:
    return [Found(severity, "high", "list a.csv", message, {"entries": entries}, entries, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param(LONG, [], id="all are long"),
        pytest.param(
            LONG + "password_entries: list=a.csv row={2..3} account=anna length_band=12-14",
            found(
                "medium",
                "2 of 12 entries are shorter than 15 characters" + NIST,
                2,
                "a.csv 2 anna 12-14",
                "a.csv 3 anna 12-14",
            ),
            id="below the minimum of a password alone",
        ),
        pytest.param(
            LONG
            + """
            password_entries: list=a.csv row=4 account=anna system=db1 tenant=acme length_band=<8
            password_entries: list=a.csv row=3 account=bert length_band=8-11
            password_entries: list=a.csv row=2 length_band=12-14
            """,
            found(
                "high",
                "1 of 13 entries is shorter than 8 characters, 2 more shorter than 15" + NIST,
                3,
                "a.csv 2 12-14",
                "a.csv 3 bert 8-11",
            ),
            id="every band",
        ),
        pytest.param(
            "password_entries: list=a.csv row={2..1300} length_band=<8",
            found(
                "high",
                "1,299 of 1,299 entries are shorter than 8 characters" + NIST,
                1299,
                "a.csv 2 <8",
                "a.csv 3 <8",
            ),
            id="thousands have separators",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordShort(), rows) == expected


def test_each_list_is_a_finding() -> None:
    rows = "password_entries: list=list{1..2}.csv length_band=<8"

    assert [f.subject for f in ask(PasswordShort(), rows)] == ["list list1.csv", "list list2.csv"]


def test_an_entry_without_a_band_is_another_checks() -> None:
    (told,) = plant("password_entries", list="a.csv", row=2, length_band="<8")
    (silent,) = plant("password_entries", list="a.csv", row=3, reasons=("context",))

    with planted([told, replace(silent, length_band=None)]) as fleet:
        (finding,) = PasswordShort().run(fleet)
        (look,) = fleet.look([finding.places], 2)

    assert (finding.message, finding.measure) == ("1 of 1 entry is shorter than 8 characters" + NIST, {"entries": 1})
    assert [place["row"] for place in look.sample] == [2]


@pytest.mark.parametrize(
    ("check", "band", "expected"),
    [
        pytest.param(PasswordShort(), "8-11", [("medium", "15 characters" + NIST)], id="default"),
        pytest.param(PasswordShort(), "12-14", [("medium", "15 characters" + NIST)], id="NIST asks for 15"),
        pytest.param(PasswordShort(), "15+", [], id="15 are enough for NIST"),
        pytest.param(
            PasswordShort(profile="pci"),
            "8-11",
            [("medium", "12 characters; PCI DSS 4.0.1, 8.3.6, asks for 12")],
            id="PCI asks for 12",
        ),
        pytest.param(PasswordShort(profile="pci"), "12-14", [], id="12 are enough for PCI"),
        pytest.param(PasswordShort(profile="bsi"), "8-11", [], id="the BSI names no number"),
        pytest.param(PasswordShort(profile="bsi"), "<8", [("high", "8 characters")], id="below 8 is high in any case"),
        pytest.param(PasswordShort(high=12), "8-11", [("high", "12 characters" + NIST)], id="a stricter policy"),
        pytest.param(PasswordShort(medium=8), "8-11", [], id="a laxer policy"),
        pytest.param(
            PasswordShort(profile="pci", medium=15), "12-14", [("medium", "15 characters")], id="a length of one's own"
        ),
    ],
)
def test_thresholds(check: PasswordShort, band: str, expected: list[tuple[str, str]]) -> None:
    found = ask(check, f"password_entries: list=a.csv length_band={band}")

    assert [(f.severity, f.message.removeprefix("1 of 1 entry is shorter than ")) for f in found] == expected
