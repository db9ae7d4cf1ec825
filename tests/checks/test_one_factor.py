"""Ways that take one factor or none: each has exactly one check that speaks of it, whose page says what is counted."""

from __future__ import annotations

import pytest
from hygiene_checks import CHECKS

from hygiene.api import Check
from hygiene.registry import page_of
from hygiene.testing.planting import planted, rows_of

IDS = (
    "empty-password-login",
    "password-login",
    "hostbased-login",
    "single-factor-root",
    "single-factor-login",
    "second-factor-not-enrolled",
    "second-factor-fails-open",
    "second-factor-bypassed-by-key",
)
FACTOR_CHECKS = [check for check in CHECKS if check.id in IDS]
WAYS = [
    ("methods=none kinds= factors=0", "empty-password-login"),
    ("methods=keyboard-interactive kinds= factors=0", "empty-password-login"),
    ("methods=password kinds=password", "password-login"),
    ("methods=keyboard-interactive kinds=password", "password-login"),
    ("methods=hostbased kinds=host", "hostbased-login"),
    ("methods=keyboard-interactive kinds=code", "single-factor"),
    ("methods=publickey kinds=key", "single-factor"),
    ("methods=publickey,publickey kinds=key", "single-factor"),
    ("methods=keyboard-interactive kinds=key", "single-factor"),
    ("methods=gssapi-with-mic kinds=ticket", "single-factor"),
    ("methods=x kinds=retina", "single-factor"),
]


def _that_speak(rows: str) -> list[str]:
    with planted(rows_of(rows)) as fleet:
        return [check.id for check in FACTOR_CHECKS if list(check().run(fleet))]


@pytest.mark.parametrize(("way", "speaks"), WAYS, ids=[way for way, _ in WAYS])
@pytest.mark.parametrize("account", ["root", "anna"])
def test_one_check_speaks_of_each_way(way: str, speaks: str, account: str) -> None:
    uid0 = "accounts: host=web1 account=root uid=0 root_by=uid0\n"
    ours = (
        {"root": "single-factor-root", "anna": "single-factor-login"}[account] if speaks == "single-factor" else speaks
    )
    assert _that_speak(f"{uid0}login_paths: host=web1 account={account} {way}") == [ours]
    away = "condition='the server of pam_duo cannot be reached'"
    assert _that_speak(f"{uid0}login_paths: host=web1 account={account} {way} {away}") == ["second-factor-fails-open"]


@pytest.mark.parametrize("check", FACTOR_CHECKS, ids=lambda check: check.id)
def test_page_says_how_forms_are_factors(check: type[Check]) -> None:
    assert "in the words of nist sp 800-63b" in " ".join(page_of(check).sections["Limits"].lower().split())
