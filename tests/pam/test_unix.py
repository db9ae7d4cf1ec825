"""The ages of shadow(5) as pam_unix takes them, by version."""

from __future__ import annotations

import pytest

from hygiene.accounts.shadow import parse
from hygiene.pam.codes import Code
from hygiene.pam.modules.unix import ages
from hygiene.pam.question import SHADOW_UNSEEN

DAY = 20_000
SUCCESS, CHANGE, OVERDUE, EXPIRED = Code.SUCCESS, Code.NEW_AUTHTOK_REQD, Code.AUTHTOK_EXPIRED, Code.ACCT_EXPIRED


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("19990:0:99999:7::", {SUCCESS}, id="nothing"),
        pytest.param(":::::", {SUCCESS}, id="no-ages"),
        pytest.param(f"19990:0:99999:7::{DAY}", {EXPIRED}, id="day-of-expiry"),
        pytest.param(f"19990:0:99999:7::{DAY + 1}", {SUCCESS}, id="day-before"),
        pytest.param("0:0:99999:7::", {CHANGE}, id="to-be-changed-at-once"),
        pytest.param("19990:0:11:7:5:", {SUCCESS}, id="last-day-of-a-password"),
        pytest.param("19990:0:10:7:5:", {SUCCESS, CHANGE}, id="day-on-which-versions-differ"),
        pytest.param("19990:0:9:7:5:", {CHANGE}, id="overdue"),
        pytest.param("19990:0:5:7:5:", {CHANGE, OVERDUE}, id="day-of-inactivity-on-which-versions-differ"),
        pytest.param("19990:0:4:7:5:", {OVERDUE}, id="overdue-for-too-long"),
        pytest.param("19990:0:4:7:0:", {OVERDUE}, id="no-inactive-days"),
        pytest.param("20010:0:4:7:0:", {SUCCESS}, id="changed-in-the-future"),
        pytest.param(":0:4:7:0:", {SUCCESS, OVERDUE}, id="no-last-change"),
        pytest.param("19999:5:99999:7::", {SUCCESS}, id="too-early-to-change-again"),
        pytest.param("soon:0:99999:7::", SHADOW_UNSEEN, id="not-understood"),
    ],
)
def test_ages(line: str, expected: set[Code]) -> None:
    entry = parse(f"alice:*:{line}:\n".encode()).entries["alice"]
    assert ages(entry, shadowed=True, seen=True, day=DAY) == expected


@pytest.mark.parametrize(
    ("shadowed", "seen", "expected"),
    [
        pytest.param(True, True, {Code.AUTHINFO_UNAVAIL}, id="no-line"),
        pytest.param(True, False, SHADOW_UNSEEN, id="not-seen"),
        pytest.param(False, True, {SUCCESS}, id="shadow-is-not-asked"),
        pytest.param(None, True, SHADOW_UNSEEN, id="passwd-field-not-known"),
    ],
)
def test_no_entry(shadowed: bool | None, seen: bool, expected: set[Code]) -> None:
    assert ages(None, shadowed=shadowed, seen=seen, day=DAY) == expected
