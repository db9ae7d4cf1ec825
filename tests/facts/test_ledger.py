"""The books of one host: an area that is not seen whole always has a gap, and the worst word stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hygiene.facts.ledger import COLLECTED, Ledger
from hygiene.model import AreaName, AreaState, Gap

PAM = AreaName.PAM


@pytest.mark.parametrize(
    ("told", "state", "gaps"),
    [
        pytest.param([], AreaState.UNSEEN, (), id="nothing was said: not seen"),
        pytest.param([lambda host: host.seen(PAM)], AreaState.SEEN, (), id="seen"),
        pytest.param([lambda host: host.absent(PAM)], AreaState.ABSENT, (), id="absent is no gap"),
        pytest.param(
            [lambda host: host.partial(PAM, "r"), lambda host: host.seen(PAM)],
            AreaState.PARTIAL,
            (Gap("h", "h", "pam", "r"),),
            id="partial stays partial",
        ),
        pytest.param(
            [lambda host: host.unseen(PAM, "r"), lambda host: host.partial(PAM, "s")],
            AreaState.UNSEEN,
            (Gap("h", "h", "pam", "r"), Gap("h", "h", "pam", "s")),
            id="unseen stays unseen",
        ),
        pytest.param(
            [
                lambda host: host.seen(PAM),
                lambda host: host.doubt(PAM, "r", "bob"),
                lambda host: host.doubt(PAM, "r", "bob"),
            ],
            AreaState.SEEN,
            (Gap("h", "h:bob", "pam", "r"),),
            id="a doubt about an account, once",
        ),
        pytest.param(
            [lambda host: host.seen(PAM), lambda host: [host.doubt(PAM, "r", f"a{n}") for n in range(6)]],
            AreaState.SEEN,
            (Gap("h", "h", "pam", "r (6 accounts)"),),
            id="a reason of many accounts is the host's",
        ),
        pytest.param(
            [lambda host: host.seen(PAM), lambda host: host.doubt(PAM, "r", "bob"), lambda host: host.doubt(PAM, "r")],
            AreaState.SEEN,
            (Gap("h", "h", "pam", "r"),),
            id="a reason of the host covers its accounts",
        ),
    ],
)
def test_ledger(told: list[Callable[[Ledger], object]], state: AreaState, gaps: tuple[Gap, ...]) -> None:
    ledger = Ledger("h")
    for tell in told:
        tell(ledger)
    assert ledger.state(PAM) is state
    assert ledger.gaps() == gaps


def test_areas_are_those_that_this_version_collects() -> None:
    assert [area.area for area in Ledger("h").areas()] == list(COLLECTED)
    assert AreaName.LOGS not in COLLECTED


def test_an_address_of_version_6_stands_in_brackets() -> None:
    ledger = Ledger("fe80::1")
    ledger.doubt(PAM, "r", "bob")
    assert ledger.gaps() == (Gap("fe80::1", "[fe80::1]:bob", "pam", "r"),)
