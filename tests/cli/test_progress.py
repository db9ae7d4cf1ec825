"""What moves while lists are read, where standard error is no terminal."""

from __future__ import annotations

import pytest

from hygiene.cli.progress import watching
from hygiene.passwords.lists import Progress

STEPS = (
    Progress(0, 0, 0),
    Progress(90_000, 50_000, 40_000),
    Progress(100_000, 60_000, 40_000),
    Progress(110_000, 70_000, 50_000),
    Progress(190_000, 120_000, 101_000),
    Progress(200_000, 120_000, 120_000),
    Progress(200_000, 120_000, 120_000, 100_000),
    Progress(200_000, 120_000, 120_000, 200_000),
)


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        pytest.param(
            False,
            [
                "hygiene: passwords: 100,000 entries read, 40,000 distinct ones scored",
                "hygiene: passwords: 190,000 entries read, 101,000 distinct ones scored",
                "hygiene: passwords: 200,000 entries read, 120,000 distinct ones scored",
                "hygiene: passwords: 200,000 entries read, 120,000 distinct ones scored, 200,000 stored",
            ],
            id="a line when enough is read, scored or stored",
        ),
        pytest.param(True, [], id="quiet"),
    ],
)
def test_lists_on_their_way(quiet: bool, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with watching(quiet=quiet, verbose=False) as watch:
        for step in STEPS:
            watch.passwords(step)
    told = capsys.readouterr()
    assert (told.err.splitlines(), told.out) == (expected, "")
