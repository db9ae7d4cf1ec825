"""`hygiene identities` and `audit --identities`, from exports to tables, findings and exit codes."""

from __future__ import annotations

import json

import pytest
from identities.exporting import as_json, aws, entra, okta_user

from .commands import Answer, Hygiene

ENTRA = entra(
    "admin1@example.org|True|True|True|fido2SecurityKey",
    "admin2@example.org|True|False|False|",
    "user1@example.org|False|True|True|mobilePhone, softwareOneTimePasscode",
    "user2@example.org|False|False|False|email",
    "user3@example.org|False|True|True|spaceRay",
)
AWS = aws("<root_account>|not_supported|true", "user1|true|true", "robot1|false|false")
OKTA = as_json([okta_user("user1", "webauthn"), okta_user("user2", status="SUSPENDED")])

PEOPLE = """\
entra.csv: Microsoft Entra registration details
                  people    none    phishable    strong    unknown    cannot sign in
administrators         2       1            0         1          0                 0
other people           3       1            1         0          1                 0
aws.csv: AWS IAM credential report
                  people    none    phishable    strong    unknown    cannot sign in
administrators         1       0            0         1          0                 0
role not said          1       0            0         1          0                 1
"""
FOUND = [
    ("admin-without-second-factor", "critical", "1 of 2 administrators has no second factor"),
    ("identity-without-second-factor", "high", "1 of 3 people has no second factor"),
    ("phishable-second-factor", "medium", "1 of 5 people can sign in with a code by SMS, voice or mail"),
]
UNKNOWN = (
    "1 person: they have a method that this version does not know; look at `unknown:` in `hygiene export identities`"
)


@pytest.fixture
def exports(hygiene: Hygiene) -> None:
    hygiene.write("entra.csv", ENTRA)
    hygiene.write("aws.csv", AWS)
    hygiene.write("okta.json", OKTA)


@pytest.mark.usefixtures("exports")
def test_people_then_findings(hygiene: Hygiene) -> None:
    answer = hygiene("identities", "entra.csv", "aws.csv")
    assert (answer.code, answer.err) == (10, "")
    assert answer.out.startswith(PEOPLE + "\n1 of 2 administrators has no second factor\n")
    assert "Lists     entra.csv, aws.csv\n" in answer.out


@pytest.mark.usefixtures("exports")
def test_json_stays_whole_and_says_all(hygiene: Hygiene) -> None:
    answer = hygiene("identities", "entra.csv", "--format", "json")
    report = json.loads(answer.out)
    assert (answer.code, answer.err) == (10, "")
    assert [(found["check"], found["severity"], found["message"]) for found in report["findings"]] == FOUND
    assert [found["subject"] for found in report["findings"]] == [{"kind": "source", "id": "entra.csv"}] * 3
    assert [found["measure"] for found in report["findings"]] == [{"people": 1}] * 3
    assert [(gap["subject"], gap["area"], gap["reason"]) for gap in report["gaps"]] == [
        ("entra.csv", "identities", UNKNOWN)
    ]
    with_files = hygiene("identities", "entra.csv", "--format", "json", "-o", "out")
    assert with_files.out.startswith("entra.csv: Microsoft Entra registration details\n")


@pytest.mark.usefixtures("exports")
@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param(("entra.csv", "--ignore", "admin-without-second-factor", "--fail-on", "critical"), 3, id="a gap"),
        pytest.param(("entra.csv", "--exit-zero"), 0, id="for reports alone"),
    ],
)
def test_exit_codes(hygiene: Hygiene, args: tuple[str, ...], code: int) -> None:
    assert hygiene("identities", *args).code == code


@pytest.mark.usefixtures("exports")
def test_a_gap_can_be_accepted_and_a_table_mapped_in_the_policy(hygiene: Hygiene) -> None:
    hygiene.write("vpn.csv", "Account;Token\nuser1;TOTP\nuser2;carrier pigeon\n")
    mapping = '[identities.vpn]\nuser = "Account"\nmethods = "Token"\n'
    accepted = (
        '[[accepted_gap]]\nsubject = "vpn.csv"\narea = "identities"\nowner = "a"\nreason = "b"\nuntil = 9999-01-01\n'
    )
    assert hygiene("identities", "vpn.csv").code == 2
    hygiene.write("hygiene.toml", mapping)
    answer = hygiene("identities", "vpn.csv")
    assert (answer.code, answer.out.splitlines()[0]) == (3, "vpn.csv: [identities.vpn] of the policy")
    hygiene.write("hygiene.toml", mapping + accepted)
    assert hygiene("identities", "vpn.csv").code == 0


@pytest.mark.usefixtures("exports")
def test_audit_keeps_people_beside_what_else_it_is_given(hygiene: Hygiene) -> None:
    hygiene.write("list.txt", "correct horse battery staple\n")
    answer = hygiene("audit", "--passwords", "list.txt", "--identities", "okta.json", "--identities", "aws.csv")
    assert (answer.code, answer.err) == (0, "")
    assert "Lists     list.txt, okta.json, aws.csv\n" in answer.out
    assert len(hygiene.rows("password_entries")) == 1
    assert hygiene.rows("identities") == [
        _row("aws.csv", "<root_account>", "strong", admin=True, enabled=True),
        _row("aws.csv", "user1", "strong", enabled=True),
        _row("aws.csv", "robot1", "none", enabled=False),
        _row("okta.json", "user1", "strong", "fido2", enabled=True),
        _row("okta.json", "user2", "none", enabled=False),
    ]
    assert hygiene("check").code == 0


def _row(
    source: str, user: str, factor: str, *methods: str, admin: bool | None = None, enabled: bool | None = None
) -> dict[str, object]:
    return {"source": source, "user": user, "admin": admin, "enabled": enabled} | {
        "second_factor": factor,
        "methods": list(methods),
    }


@pytest.mark.usefixtures("exports")
def test_exports_are_replaced_as_a_whole_or_stay(hygiene: Hygiene) -> None:
    hygiene("identities", "entra.csv", "aws.csv")
    before = hygiene.tables(["identities", "gaps"])
    hygiene.write("cut.csv", ENTRA[:-30])
    assert hygiene("identities", "okta.json", "cut.csv").code == 2
    assert hygiene.tables(["identities", "gaps"]) == before
    assert hygiene("identities", "okta.json").code == 0
    assert {row["source"] for row in hygiene.rows("identities")} == {"okta.json"}
    assert hygiene.rows("gaps") == []


def test_names_that_would_act_on_a_terminal_are_shown_harmless(hygiene: Hygiene) -> None:
    name = "a\x1b[31m\u202eb\0c\ud800"
    hygiene.write("users.json", as_json([{"username": name, "two_factor_enabled": False, "is_admin": True}]))
    answer = hygiene("identities", "users.json", "--format", "json", "-o", "out")
    (finding,) = json.loads((hygiene.work / "out/report.json").read_bytes())["findings"]
    assert answer.code == 10
    assert [place["user"] for place in finding["places"]] == ["a\x1b[31m\u202eb\0c\\ud800"]
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out


def test_a_dry_run_names_exports(hygiene: Hygiene) -> None:
    hygiene.write("people.csv", "not read")
    answer = hygiene("audit", "--identities", "people.csv", "--dry-run")
    assert answer == Answer(
        0,
        "host        address          user    tenant    tags\n"
        "----------  ---------------  ------  --------  ------\n"
        "people.csv  identity export\n\n1 would be scanned, 0 are left out\n",
        "",
    )
