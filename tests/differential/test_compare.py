"""The comparison itself: it sees every way in which two answers can differ, and nothing where they agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hygiene.model import Grant, Truth

from .agreement import disagreements
from .asking import OWN, Login
from .case import Case
from .cases import account
from .keys import fingerprint, fresh, pair
from .telling import Told

KEY = fresh()
FILE = "/home/u/.ssh/authorized_keys"
HERE, THERE = "10.77.0.1", "10.77.0.2"


def case(**fields: object) -> Case:
    return Case("a/case", account(), pair(KEY), fingerprint(KEY), **fields)  # type: ignore[arg-type]


def row(
    line: int = 1,
    accepted: Truth = Truth.YES,
    command: str | None = None,
    options: tuple[str, ...] = (),
) -> Grant:
    return Grant(
        host="h",
        daemon="sshd",
        account="u",
        fingerprint=fingerprint(KEY),
        file=FILE,
        line=line,
        options=options,
        from_patterns=None,
        command=command,
        restricted=False,
        expires_at=None,
        is_authority=False,
        accepted=accepted,
        reason=None,
        opens_root=Truth.NO,
    )


def let_in(**fields: object) -> Login:
    said: dict[str, object] = {"place": f"{FILE}:1", "output": OWN, "pty": True, "forwarding": True}
    return Login(HERE, True, 1, **(said | fields))  # type: ignore[arg-type]


REFUSED = Login(THERE, False, 2)
NO = Told(Truth.NO, "why", (row(accepted=Truth.NO),))


def yes(*rows: Grant) -> Told:
    return Told(Truth.YES, None, rows)


@pytest.mark.parametrize(
    ("asked", "logins", "told", "found"),
    [
        pytest.param(case(), [let_in()], yes(row()), [], id="both let in"),
        pytest.param(case(), [REFUSED], NO, [], id="both refuse"),
        pytest.param(case(), [let_in(), REFUSED], yes(row()), [], id="one source is enough"),
        pytest.param(case(), [let_in()], NO, ["false no: the daemon lets in"], id="false no"),
        pytest.param(case(), [REFUSED, let_in()], NO, ["false no: the daemon lets in"], id="false no from one source"),
        pytest.param(case(), [REFUSED], yes(row()), ["false yes: the daemon refuses"], id="false yes"),
        pytest.param(case(broader="others"), [REFUSED], yes(row()), [], id="the row is about other certificates too"),
        pytest.param(case(broader="others"), [let_in()], NO, ["false no: the daemon lets in"], id="false no yet"),
        pytest.param(case(), [let_in()], Told(Truth.UNKNOWN, "why", ()), [], id="unknown is no disagreement"),
        pytest.param(
            case(),
            [let_in(place=f"{FILE}:2")],
            yes(row(), row(2, Truth.NO)),
            [f"wrong line: {FILE}:2 let in, and we do not say so"],
            id="another line than ours let in",
        ),
        pytest.param(
            case(),
            [let_in()],
            Told(Truth.UNKNOWN, "why", (row(accepted=Truth.NO), row(2, Truth.UNKNOWN))),
            [f"wrong line: {FILE}:1 let in, and we do not say so"],
            id="unknown for another line than the one that let in",
        ),
        pytest.param(
            case(),
            [let_in(place=f"{FILE}:9")],
            yes(row()),
            [f"wrong line: {FILE}:9 let in, and we do not say so"],
            id="a line without a row let in",
        ),
        pytest.param(case(), [let_in(place=None, output="x")], yes(row()), [], id="old daemons do not name the line"),
        pytest.param(case(), [let_in(output="forced")], yes(row(command="echo forced")), [], id="forced as we say"),
        pytest.param(
            case(),
            [let_in(output="forced")],
            yes(row()),
            [f"wrong command: {FILE}:1 ran 'forced', and we say None"],
            id="forced, and we do not say so",
        ),
        pytest.param(
            case(),
            [let_in()],
            yes(row(command="echo forced")),
            [f"wrong command: {FILE}:1 ran None, and we say 'echo forced'"],
            id="not forced, and we say so",
        ),
        pytest.param(case(line_limits=False), [let_in(output="x")], yes(row()), [], id="settings limit it besides"),
        pytest.param(case(), [let_in(partial=True, output="", pty=None)], yes(row()), [], id="no session to look at"),
        pytest.param(case(), [let_in(pty=False)], yes(row(options=("restrict", "port-forwarding"))), [], id="no pty"),
        pytest.param(
            case(),
            [let_in(pty=False)],
            yes(row(options=("no-pty", "PTY"))),
            [f"wrong limit: {FILE}:1 allows pty: False, and its options ('no-pty', 'PTY') say otherwise"],
            id="the last word counts",
        ),
        pytest.param(
            case(),
            [let_in(forwarding=True)],
            yes(row(options=("Restrict", "pty"))),
            [f"wrong limit: {FILE}:1 allows port-forwarding: True, and its options ('Restrict', 'pty') say otherwise"],
            id="forwarding that we deny",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_said(asked: Case, logins: Sequence[Login], told: Told, found: list[str]) -> None:
    assert list(disagreements(asked, logins, told)) == found
