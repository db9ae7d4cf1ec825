"""Scores beside the first zxcvbn, the one in JavaScript. It fails without node: what was not compared is not equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from passwords import agreement


@pytest.mark.prove
@pytest.mark.timeout(7_200)
def test_100_000_varied_passwords(tmp_path: Path) -> None:
    passwords = list(agreement.sample())
    answers = agreement.ask_npm(agreement.install_npm(tmp_path), passwords)
    assert len(answers) > 0.9 * agreement.COUNT
    found = agreement.differences(agreement.ours(passwords), answers, agreement.why_npm)
    assert [one for one in found if one.reason is None] == []
