"""Which password of a list opens which hash, within a budget; and that neither shows."""

from __future__ import annotations

import itertools
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest

from hygiene.passwords.hashes.crypt import Libcrypt
from hygiene.passwords.hashes.matching import Matches, Opened, match, threads_for
from hygiene.passwords.hashes.own import OPENS, apr1
from hygiene.passwords.hashes.plan import Group, Plan, Untried, Work, duration, plan
from passwords.hashes_made import PREFIXES, crypt, made, setting
from passwords.program_hashes import HASHCAT, HASHES, ONE, TWO

SCHEMES = sorted({*PREFIXES, *OPENS})
WORDS = ["Zq8canary-Eins!", "Yq8canary-Zwöi€9", "vx7kolibri", "", "a\0b", "x" * 600, "\ud800"]


def encoded(*words: str) -> list[bytes]:
    return [word.encode("utf-8", "surrogatepass") for word in words]


GUESSES = encoded(*WORDS)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_password_of_the_list_opens_its_hash_and_no_other(scheme: str) -> None:
    hashes = [made(scheme, "Yq8canary-Zwöi€9"), "!" + made(scheme, "vx7kolibri"), made(scheme, "not-in-it")]
    found = match(GUESSES[:3] if scheme in ("scrypt", "sunmd5") else GUESSES, hashes, 60.0)
    assert (found.opened, found.untried) == ((Opened(0, 1), Opened(1, 2)), {})


def test_passwords_open_what_programs_made_of_them() -> None:
    rows = [row for rows in HASHES.values() for row in rows]
    candidates = ["Sommerwind-8", ONE, "Gruesse an 42", TWO, HASHCAT, ONE + " "]
    found = match(encoded(*candidates), [text for *_, text in rows], 60.0)
    # the first version of argon2; what has no name here, bigcrypt of slappasswd too
    untried = {at for at, (scheme, _, _, text) in enumerate(rows) if scheme == "other" or "$v=16$" in text}
    assert found.untried == dict.fromkeys(sorted(untried), Untried.UNKNOWN_SCHEME)
    opened = {at: candidates.index(word) for at, (_, _, word, _) in enumerate(rows) if at not in untried}
    cut = {at for at, (scheme, *_) in enumerate(rows) if scheme == "des"}
    assert [one for one in found.opened if one.hash not in cut] == [
        Opened(*one) for one in opened.items() if one[0] not in cut
    ]
    # 8 letters of DES
    assert [(one.hash, one.candidate) for one in found.opened if one.hash in cut] == [
        (at, to) for at in sorted(cut) for to in (0, 1, 5)
    ]


def test_lanes_of_argon2_are_tried_one_hash_at_a_time() -> None:
    """Several threads at once would get no answer."""
    text = next(text for *_, text in HASHES["argon2"] if text.startswith("$argon2id$v=19$"))
    found = match(encoded(*(f"word{number}" for number in range(300)), TWO), [text] * 3, 60.0, threads=4)
    assert (found.opened, found.untried) == (tuple(Opened(number, 300) for number in range(3)), {})


def test_an_empty_password_opens_its_hash() -> None:
    assert match(GUESSES, [made("sha512crypt", "")], 60.0).opened == (Opened(0, 3),)


def test_a_password_with_a_nul_opens_nothing_by_what_stands_before_it() -> None:
    assert match(encoded("a\0b"), [made("md5", "a")], 60.0).opened == ()


def test_what_cannot_be_tried_is_said_and_not_taken_for_closed() -> None:
    hashes = [
        "",
        "*",
        "!",
        "x",
        "$99$abcdefgh$12345678901234",
        setting("$6$", 999_999_999) + "$" + "a" * 86,
        "$2b$31$" + "a" * 53,
        "$y$jZT$salt$" + "a" * 43,
        "$argon2id$v=19$m=4294967295,t=9,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2d$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$pbkdf2-sha256$2147483647$c2FsdHNhbHQ$" + "A" * 43,
        "$pbkdf2-sha256$9999999999$c2FsdHNhbHQ$" + "A" * 43,
        "$pbkdf2-sha256$0$c2FsdHNhbHQ$" + "A" * 43,
        "$pbkdf2-sha256$100$c$" + "A" * 43,
        "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$scrypt$ln=1,r=1,p=1073741823$c2FsdHNhbHQ$" + "A" * 43,
        "$scrypt$ln=1,r=1,p=9000000$c2FsdHNhbHQ$" + "A" * 43,
        "$scrypt$ln=99,r=9999999999,p=9999999999$c2FsdHNhbHQ$" + "A" * 43,
        "$scrypt$ln=0,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "scrypt$17$salt$8$1$" + "A" * 86 + "==",
        "$7$//..../zzzzz" + "s" * 22 + "$" + "a" * 43,
        "$argon2id$v=19$m=800000,t=1,p=100000$c2FsdHNhbHQ$" + "A" * 43,
        "$P$S" + "a" * 30,
        "$P$z" + "a" * 30,
        "$S$/" + "a" * 51,
        made("md5", WORDS[0]),
    ]
    found = match(GUESSES, hashes, 60.0)
    costly, unknown = Untried.TOO_COSTLY, Untried.UNKNOWN_SCHEME
    none = dict.fromkeys(range(4), Untried.NO_HASH)
    reasons = [unknown, *[costly] * 4, unknown, costly, costly, unknown, unknown, *[costly] * 4, unknown, unknown]
    reasons += [costly, unknown, costly, unknown, unknown]
    assert found.untried == none | dict(enumerate(reasons, 4))
    assert found.opened == (Opened(len(hashes) - 1, 0),)


def test_a_salt_that_is_no_text_breaks_nothing() -> None:
    odd = "\ud800\u00e4"
    hashes = [f"$apr1${odd}${'a' * 22}", f"$1${odd}${'a' * 22}", f"$6${odd}${'a' * 86}"]
    found = match(GUESSES, hashes, 60.0)
    unknown = Untried.UNKNOWN_SCHEME
    assert (found.opened, found.untried) == ((), {1: unknown, 2: unknown})


@pytest.mark.parametrize(
    ("memory_kib", "threads"),
    [((), 64), ((0, 16_384), 64), ((16_384, 1 << 20), 2), ((3 << 20,), 1)],
    ids=["nothing", "usual", "1-gib", "more-than-there-is"],
)
def test_dear_hashes_share_the_memory_of_all_threads(memory_kib: tuple[int, ...], threads: int) -> None:
    works = tuple(Work(Group("yescrypt", {}, 1.0, kib), range(1)) for kib in memory_kib)
    assert threads_for(Plan(works[:1], works[1:], {}, 60.0, 1.0, 1.0), 64) == threads


def ticking(step_s: float) -> itertools.count[float]:
    return itertools.count(0.0, step_s)


def test_the_cheapest_come_first_and_what_is_beyond_the_budget_is_refused_beforehand() -> None:
    hashes = [made("yescrypt", WORDS[0]), made("md5", WORDS[0]), made("des", WORDS[0])]
    time = iter(
        [0.0, 0.01, 20.0, 20.1, 30.0, 31.0]
    )  # 10 ms, 100 ms and 1 s for one guess of each, by the table's order
    own = (7, 3)
    told = plan(100, hashes, 20.0, first={0: own, 1: own}, threads=2, libcrypt=library(), clock=lambda: next(time))
    assert [(work.group.scheme, work.candidates, work.guesses) for work in told.works] == [
        ("md5", (3, 7), 2),
        ("yescrypt", (3, 7), 2),
        ("des", range(100), 100),
        ("md5", range(100), 98),
    ]
    assert [(work.group.scheme, work.candidates, work.guesses) for work in told.beyond] == [
        ("yescrypt", range(100), 98)
    ]
    assert told.untried == {}
    assert (round(told.planned_s, 3), round(told.whole_s, 3)) == (6.5, 55.5)
    assert told.estimate == "300 guesses on 3 hashes would take about 56 s; as many as 20 s allow"


def test_costs_beyond_a_share_of_the_budget_are_not_measured() -> None:
    hashes = [crypt("a", setting("$6$", 1000 + number)) for number in range(40)]
    told = plan(1, hashes, 4.0, libcrypt=library(), clock=ticking(0.125).__next__)
    by_time = [round(work.group.guess_s, 6) for work in told.works]
    assert (by_time.count(0.125), len(by_time)) == (8, 40)


def library() -> Libcrypt:
    from hygiene.passwords.hashes.crypt import load

    found = load()
    assert found is not None
    return found


def test_a_plan_that_fits_is_told_in_one_line() -> None:
    told = plan(1, [made("md5", "a")], 60.0, libcrypt=library(), clock=ticking(0.125).__next__)
    assert told.estimate == "1 guess on 1 hash, about 1 s"


def test_the_estimate_is_told_before_and_progress_after() -> None:
    hashes = [made("md5", WORDS[0]), made("sha512crypt", "not-in-it")]
    plans: list[Plan] = []
    steps: list[tuple[float, float]] = []
    found = match(GUESSES, hashes, 60.0, planned=plans.append, progress=lambda done, whole: steps.append((done, whole)))
    assert plans == [found.plan]
    assert found.plan.untried == {}
    assert steps == sorted(steps)
    assert {whole for _, whole in steps} == {steps[-1][0]}


def locked(times: Iterator[float]) -> Callable[[], float]:
    """A clock that several threads may look at."""
    lock = threading.Lock()

    def clock() -> float:
        with lock:
            return next(times)

    return clock


def test_the_end_of_the_budget_leaves_the_rest_untried() -> None:
    hashes = [made("sha512crypt", "not-in-it"), made("sha512crypt", WORDS[0])]
    # the quickest of three guesses takes 1 ms; then time runs faster than thought, and the budget ends within the first
    clock = locked(itertools.chain([0.0, 0.0, 0.009, 0.009, 0.010, 0.010, 0.019], ticking(1.0)))
    found = match(encoded(*(f"word{number}" for number in range(500)), WORDS[0]), hashes, 10.0, threads=1, clock=clock)
    assert found.opened == ()
    assert found.untried == {0: Untried.OVER_BUDGET, 1: Untried.OVER_BUDGET}
    assert found.plan.beyond == ()
    assert [round(work.group.guess_s, 6) for work in found.plan.works] == [0.001, 0.001]


def test_what_is_beyond_the_budget_is_tried_as_far_as_it_goes_the_likely_ones_first() -> None:
    hashes = [made("sha512crypt", word) for word in ("word7", "not-in-it", "word0", "word59")]
    guesses = encoded(*(f"word{number}" for number in range(60)))
    # a guess is measured as 0.3 s: the four of their own take 1.2 s and each rest 17.7 s, of which one fits
    times = itertools.chain([0.0, 0.0, 0.3], ticking(0.09375))
    first = dict.fromkeys(range(4), (59,))
    found = match(guesses, hashes, 20.0, first=first, threads=1, clock=locked(times))
    assert [work.guesses for work in found.plan.works] == [1, 1, 1, 1, 59]
    assert [work.guesses for work in found.plan.beyond] == [59, 59, 59]
    # the time ends within the rest: each has had its turn, and the one that nothing opens is not known to hold
    assert found.opened == (Opened(0, 7), Opened(2, 0), Opened(3, 59))
    assert found.untried == {1: Untried.OVER_BUDGET}


def test_a_guess_serves_all_hashes_of_one_salt() -> None:
    salt = setting("$6$", 1000)
    hashes = [crypt(WORDS[0], salt), crypt(WORDS[2], salt), crypt("not-in-it", salt), crypt(WORDS[0], salt)]
    hashes += [made("nt", word) for word in WORDS[:3]]
    found = match(GUESSES, hashes, 60.0)
    opened = ((0, 0), (1, 2), (3, 0), (4, 0), (5, 1), (6, 2))
    assert found.opened == tuple(itertools.starmap(Opened, opened))
    assert sorted((work.group.scheme, work.guesses) for work in found.plan.works) == [
        ("nt", len(WORDS)),
        ("sha512crypt", len(WORDS)),
    ]


@pytest.mark.parametrize(
    ("scheme", "hashed", "opening"),
    [
        ("des", "longpass1", ["longpassword", "longpass", "longpassage"]),
        ("des", "l\u00e4ng", ["l\u00e4ng", "lC$ng"]),
        ("bsdi", "l\u00e4ngeres1", ["l\u00e4ngeres1", "lC$ngeres1"]),
        ("bcrypt", "x" * 72 + "y", ["x" * 72, "x" * 72 + "z"]),
        ("md5", "longpass1", ["longpass1"]),
    ],
    ids=["8 letters of DES", "7 bits of DES", "7 bits of bsdi", "72 bytes of bcrypt", "all of MD5"],
)
def test_all_that_open_are_named_with_any_number_of_threads(scheme: str, hashed: str, opening: list[str]) -> None:
    candidates = [f"word{number:04}" for number in range(300)]
    candidates[111:111] = ["longpas", *opening, "lang", "x" * 71]
    found = match(encoded(*candidates), [made(scheme, hashed)], 60.0, threads=8)
    assert found.opened == tuple(Opened(0, 112 + number) for number in range(len(opening)))
    assert found.untried == {}


def test_nothing_of_passwords_and_hashes_shows() -> None:
    hashes = [made(scheme, WORDS[0]) for scheme in SCHEMES if scheme not in ("scrypt", "sunmd5")]
    shown: list[object] = []

    def fail(_: float, __: float) -> None:
        raise RuntimeError("the caller's own trouble")

    found = match(GUESSES, hashes, 60.0, planned=shown.append)
    shown += [found, *found.plan.works, *(work.group for work in found.plan.works)]
    with pytest.raises(RuntimeError, match="the caller's own trouble") as error:
        match(GUESSES, hashes, 60.0, progress=fail)
    shown += traceback.format_exception(error.value)
    said = repr(shown) + "".join(map(str, shown))
    secrets = [*WORDS[:3], *hashes, *(text.rpartition("$")[2] for text in hashes)]
    assert not [secret for secret in secrets if secret in said]
    assert isinstance(found, Matches)


def test_apr1_is_that_of_openssl() -> None:
    # a vector of OpenSSL's own tests (test/recipes/20-test_passwd.t)
    assert apr1(b"password", b"xxxxxxxx") == "dxHfLAsjHkDRmG83UXe8K0"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (119, "119 s"), (121, "3 min"), (7201, "3 h"), (61_200, "17 h"), (864_000, "10 days")],
    ids=["little", "seconds", "minutes", "hours", "a-night", "days"],
)
def test_durations_are_said_as_a_person_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text
