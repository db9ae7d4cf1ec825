"""How what we say is held against what the daemon did."""

from __future__ import annotations

import pytest
from lab.spec import AccountSpec

from hygiene.model import Host, HostFacts, LoginPath, PathVerdict, Status

from .agreement import Word, compare
from .case import Case, Forms, forms, least
from .telling import Told, covers, tell

KEY, PASSWORD, CODE, VERIFIED = (frozenset({form}) for form in ("key", "password", "code", "verified-key"))
BOTH = PASSWORD | CODE
NOTHING: Forms = frozenset()


def _case(**fields: object) -> Case:
    return Case("of-the-tests", AccountSpec("alice", 1000), **fields)  # type: ignore[arg-type]


def _told(
    *sets: Forms, conditional: tuple[Forms, ...] = (), doubts: tuple[str, ...] = (), miscounted: tuple[str, ...] = ()
) -> Told:
    return Told(least(frozenset(sets)), frozenset(conditional), doubts, miscounted, ())


@pytest.mark.parametrize(
    ("case", "observed", "told", "expected"),
    [
        pytest.param(_case(), {KEY, BOTH}, _told(KEY, BOTH), (Word.SAME, ()), id="equal"),
        pytest.param(_case(), set(), _told(), (Word.SAME, ()), id="nobody"),
        pytest.param(
            _case(), {PASSWORD}, _told(BOTH), (Word.UNSAFE, ("opens and is not said: password",)), id="more than needed"
        ),
        pytest.param(_case(), {KEY}, _told(), (Word.UNSAFE, ("opens and is not said: key",)), id="path is missing"),
        pytest.param(
            _case(),
            {NOTHING},
            _told(PASSWORD),
            (Word.UNSAFE, ("opens and is not said: nothing at all",)),
            id="nothing is asked",
        ),
        pytest.param(
            _case(),
            {BOTH},
            _told(PASSWORD),
            (Word.WRONG, ("said and does not open: password",)),
            id="fewer than needed",
        ),
        pytest.param(
            _case(),
            {KEY},
            _told(KEY, BOTH),
            (Word.WRONG, ("said and does not open: code + password",)),
            id="a way that is not there",
        ),
        pytest.param(
            _case(), {PASSWORD}, _told(BOTH, doubts=("why",)), (Word.UNKNOWN, ("why",)), id="in doubt, so not unsafe"
        ),
        pytest.param(
            _case(),
            {BOTH},
            _told(PASSWORD, doubts=("why",)),
            (Word.WRONG, ("said and does not open: password",)),
            id="in doubt, and yet wrong",
        ),
        pytest.param(
            _case(),
            {KEY},
            _told(KEY, doubts=("why",), miscounted=("key: 2 two",)),
            (Word.UNSAFE, ("miscounted: key: 2 two",)),
            id="two where it is one",
        ),
        pytest.param(
            _case(), {PASSWORD}, _told(BOTH, conditional=(PASSWORD,)),
            (Word.UNSAFE, ("opens and is not said: password",)), id="condition that is not so",
        ),
        pytest.param(
            _case(away="code"), {PASSWORD}, _told(BOTH, conditional=(PASSWORD,)), (Word.SAME, ()), id="server is away"
        ),
        pytest.param(
            _case(away="code"), set(), _told(BOTH), (Word.SAME, ()), id="server is away, and that way cannot be seen"
        ),
        pytest.param(
            _case(away="code"),
            set(),
            _told(PASSWORD),
            (Word.WRONG, ("said and does not open: password",)),
            id="server is away, and it takes no code",
        ),
        pytest.param(
            _case(broader="why"), set(), _told(BOTH), (Word.SAME, ()), id="nobody can tell that it does not open"
        ),
        pytest.param(
            _case(broader="why"),
            {PASSWORD},
            _told(BOTH),
            (Word.UNSAFE, ("opens and is not said: password",)),
            id="nobody can tell that more opens: unsafe all the same",
        ),
        pytest.param(
            _case(), {VERIFIED}, _told(KEY), (Word.WRONG, ("said and does not open: key",)), id="the PIN is asked"
        ),
        pytest.param(
            _case(),
            {KEY},
            _told(VERIFIED),
            (Word.UNSAFE, ("opens and is not said: key",)),
            id="the PIN is not asked",
        ),
    ],
)  # fmt: skip
def test_the_word_for_an_answer(
    case: Case, observed: set[Forms], told: Told, expected: tuple[Word, tuple[str, ...]]
) -> None:
    assert compare(case, frozenset(observed), told) == expected


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        pytest.param({KEY, KEY | PASSWORD}, {KEY}, id="less is enough"),
        pytest.param({KEY, PASSWORD}, {KEY, PASSWORD}, id="either"),
        pytest.param({NOTHING, KEY}, {NOTHING}, id="nothing is enough"),
        pytest.param({VERIFIED, KEY}, {KEY}, id="whoever has the PIN has the token"),
        pytest.param({VERIFIED, KEY | CODE}, {VERIFIED, KEY | CODE}, id="a token and its PIN are no code"),
        pytest.param({VERIFIED, VERIFIED | KEY}, {VERIFIED}, id="and they are a key"),
    ],
)
def test_the_least_sets(sets: set[Forms], expected: set[Forms]) -> None:
    assert least(sets) == expected


@pytest.mark.parametrize(
    ("atoms", "expected"),
    [
        pytest.param({"key", "second-key"}, KEY, id="two keys are one form"),
        pytest.param({"certificate", "code"}, KEY | CODE, id="a certificate is a key"),
        pytest.param({"token"}, KEY, id="a touch is no factor"),
        pytest.param({"token", "pin"}, VERIFIED, id="a PIN is"),
        pytest.param(set(), NOTHING, id="nothing"),
    ],
)
def test_the_forms_of_what_was_shown(atoms: set[str], expected: Forms) -> None:
    assert forms(frozenset(atoms)) == expected


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param("*", True, id="anywhere"),
        pytest.param("10.77.0.1", True, id="the address"),
        pytest.param("10.77.0.2", False, id="another"),
        pytest.param("10.77.0.0/31", True, id="a network"),
        pytest.param("10.77.0.2/31", False, id="another network"),
        pytest.param("*,!10.77.0.1", False, id="anywhere but there"),
        pytest.param("*,!10.77.0.2", True, id="anywhere but elsewhere"),
        pytest.param("10.77.0.1 within 10.77.0.0/16", True, id="both"),
        pytest.param("10.77.0.1 within 10.77.0.2", False, id="one of both"),
    ],
)
def test_the_sources_of_a_row(patterns: str, expected: bool) -> None:
    assert covers(patterns, "10.77.0.1") is expected


def _path(
    kinds: tuple[str, ...],
    factors: int | None,
    verdict: PathVerdict,
    *,
    account: str = "alice",
    source: str = "*",
    condition: str | None = None,
) -> LoginPath:
    return LoginPath("web1", "sshd", account, source, "publickey", factors, kinds, None, verdict, "why", condition)


ONE, TWO, UNKNOWN = PathVerdict.ONE, PathVerdict.TWO, PathVerdict.UNKNOWN


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param([_path(("key",), 1, ONE)], ({KEY}, set(), (), ()), id="a path"),
        pytest.param([_path((), 0, ONE)], ({NOTHING}, set(), (), ()), id="nothing is asked"),
        pytest.param([_path(("key",), 1, ONE, account="bob")], (set(), set(), (), ()), id="of another account"),
        pytest.param([_path(("key",), 1, ONE, source="10.77.0.2")], (set(), set(), (), ()), id="from elsewhere"),
        pytest.param(
            [_path(("password",), 1, ONE, condition="away")], (set(), {PASSWORD}, (), ()), id="on a condition"
        ),
        pytest.param([_path((), None, UNKNOWN)], (set(), set(), ("why",), ()), id="in doubt"),
        pytest.param([_path(("verified-key",), 2, TWO)], ({VERIFIED}, set(), (), ()), id="a verified key is two"),
        pytest.param(
            [_path(("key",), 1, TWO)], ({KEY}, set(), (), ("publickey ('key',): 1 two",)), id="one that is called two"
        ),
        pytest.param(
            [_path(("key",), 2, TWO)],
            ({KEY}, set(), (), ("publickey ('key',): 2 two",)),
            id="one that is counted twice",
        ),
    ],
)
def test_what_the_rows_say(
    paths: list[LoginPath], expected: tuple[set[Forms], set[Forms], tuple[str, ...], tuple[str, ...]]
) -> None:
    host = Host("web1", "web1", 22, None, (), Status.COMPLETE, "done", "", None, None, None, None, None)
    told = tell(HostFacts(host, login_paths=tuple(paths)), _case(), "10.77.0.1")
    assert (told.sets, told.conditional, told.doubts, told.miscounted) == expected
