"""The way to root as a whole: a login and the step behind it, joined by the forms of what they take."""

from __future__ import annotations

import pytest

from hygiene.factors.root import Climb, root_paths, uid0_paths, unknown
from hygiene.factors.steps import ISSUER
from hygiene.model import LoginPath, PathVerdict, RootPath, RootStep, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.auth import Credentials, Pass

SUDO, SU = RootStep.SUDO, RootStep.SU
ONE, TWO, UNKNOWN = PathVerdict.ONE, PathVerdict.TWO, PathVerdict.UNKNOWN
INSIDE = "10.0.0.0/8"
AWAY = "the RADIUS server cannot be reached"


def login(*kinds: str, source: str = "*", **more: object) -> LoginPath:
    """A way into anna; methods and verdict as its kinds have it."""
    factors = len(kinds) + ("verified-key" in kinds)
    path: dict[str, object] = {
        "host": "web1",
        "daemon": "sshd",
        "account": "anna",
        "source": source,
        "methods": ",".join("publickey" if "key" in kind else kind for kind in kinds) or "none",
        "factors": factors,
        "kinds": kinds,
        "via": None,
        "verdict": ONE if factors < 2 else TWO,
        "reason": None,
    }
    return LoginPath(**(path | more))  # type: ignore[arg-type]


def closed(reason: str = "PAM was not seen", **more: object) -> LoginPath:
    return login(methods="password", factors=None, verdict=UNKNOWN, reason=reason, **more)


def takes(*sets: str, step: RootStep = SUDO, **more: object) -> Climb:
    """A step that each of these sets passes: `password code`."""
    passes = tuple(Pass(frozenset(words.split())) for words in sets)
    return Climb(step, Credentials(passes), **more)  # type: ignore[arg-type]


def row(path: LoginPath, step: RootStep, *kinds: str, reason: str | None = None, **more: object) -> RootPath:
    factors = len(kinds) + ("verified-key" in kinds)
    whole: dict[str, object] = {
        "host": "web1",
        "daemon": "sshd",
        "account": "anna",
        "source": path.source,
        "methods": path.methods,
        "step": step,
        "factors": factors,
        "kinds": kinds,
        "via": None,
        "verdict": ONE if factors < 2 else TWO,
        "reason": reason,
    }
    return RootPath(**(whole | more))  # type: ignore[arg-type]


def doubt(path: LoginPath, step: RootStep, reason: str, **more: object) -> RootPath:
    return row(path, step, factors=None, verdict=UNKNOWN, reason=reason, **more)


KEY, PASSWORD, BOTH, VERIFIED = login("key"), login("password"), login("key", "password"), login("verified-key")
FREE = takes("")
AGAIN = "the password that sudo asks for is no factor of its own"
AGAIN_SU = "the password that su asks for is no factor of its own"
CASES = {
    "nobody gets in": ([], [takes("password")], []),
    "no step": ([KEY], [], []),
    "a step that nobody passes": ([KEY], [takes()], []),
    "free behind a key": ([KEY], [FREE], [row(KEY, SUDO, "key")]),
    "free behind two": ([BOTH], [FREE], [row(BOTH, SUDO, "key", "password")]),
    "a key and a password": ([KEY], [takes("password")], [row(KEY, SUDO, "key", "password")]),
    "two passwords are one": ([PASSWORD], [takes("password")], [row(PASSWORD, SUDO, "password", reason=AGAIN)]),
    "a verified key and a password are three": (
        [VERIFIED],
        [takes("password")],
        [row(VERIFIED, SUDO, "password", "verified-key")],
    ),
    "a verified key and a key are two": (
        [VERIFIED],
        [takes("key")],
        [row(VERIFIED, SUDO, "verified-key", reason="the key that sudo asks for is no factor of its own")],
    ),
    "nothing at all": ([login()], [FREE], [row(login(), SUDO)]),
    "several sets": (
        [KEY],
        [takes("code", "password")],
        [row(KEY, SUDO, "code", "key"), row(KEY, SUDO, "key", "password")],
    ),
    "less by another login": (
        [KEY, PASSWORD],
        [takes("password")],
        [row(PASSWORD, SUDO, "password", reason=AGAIN)],
    ),
    "less by another step": ([KEY], [FREE, takes("password", step=SU)], [row(KEY, SUDO, "key")]),
    "as much by another step": (
        [PASSWORD],
        [takes("password"), takes("password", step=SU)],
        [row(PASSWORD, SUDO, "password", reason=AGAIN), row(PASSWORD, SU, "password", reason=AGAIN_SU)],
    ),
    "as much by another service": (
        [KEY],
        [takes("password"), takes("password", notes=("sudo asks the PAM service sudo-i",))],
        [row(KEY, SUDO, "key", "password")],
    ),
    "less by another service": (
        [KEY],
        [takes("password code"), takes("code", notes=("sudo asks the PAM service sudo-i",))],
        [row(KEY, SUDO, "code", "key", reason="sudo asks the PAM service sudo-i")],
    ),
    "less from a network alone": (
        [BOTH, login("key", source=INSIDE)],
        [FREE],
        [row(BOTH, SUDO, "key", "password"), row(login("key", source=INSIDE), SUDO, "key")],
    ),
    "more from a network alone": (
        [KEY, login("key", "password", source=INSIDE)],
        [FREE],
        [row(KEY, SUDO, "key")],
    ),
    "a forced command leads no further": ([login("key", via="/bin/backup")], [FREE], []),
    "a forced command beside a way that does": (
        [login("key", via="/bin/backup"), PASSWORD],
        [FREE],
        [row(PASSWORD, SUDO, "password")],
    ),
    "the login's reason is part of it": (
        [login("key", reason="by certificate")],
        [takes("password", notes=("sudo asks for what root shows",))],
        [
            row(
                login("key", reason="by certificate"),
                SUDO,
                "key",
                "password",
                reason="by certificate; sudo asks for what root shows",
            )
        ],
    ),
    "a login by an issuer that may ask for more drops no other": (
        [login("key", reason=f"{ISSUER}; x")],
        [FREE, unknown(SUDO, "doas")],
        [
            row(login("key"), SUDO, "key", reason=f"{ISSUER}; x"),
            doubt(KEY, SUDO, "doas"),
        ],
    ),
    "a login that is not known": ([closed()], [FREE], [doubt(closed(), SUDO, "PAM was not seen")]),
    "a login that is not known beside one that is": (
        [KEY, closed()],
        [takes("password")],
        [row(KEY, SUDO, "key", "password"), doubt(closed(), SUDO, "PAM was not seen")],
    ),
    "a login that is not known where nothing is asked for": ([login(), closed()], [FREE], [row(login(), SUDO)]),
    "a step that is not known": ([KEY], [unknown(SUDO, "doas")], [doubt(KEY, SUDO, "doas")]),
    "a step that is not known beside one that is": (
        [KEY],
        [unknown(SUDO, "doas"), takes("password")],
        [row(KEY, SUDO, "key", "password"), doubt(KEY, SUDO, "doas")],
    ),
    "a step that is not known beside a free one": ([KEY], [unknown(SUDO, "doas"), FREE], [row(KEY, SUDO, "key")]),
    "a set that perhaps passes": (
        [KEY],
        [Climb(SUDO, Credentials((), (Pass(frozenset({"code"})),), "no file"))],
        [doubt(KEY, SUDO, "no file")],
    ),
    "a set that perhaps passes, and takes no less than one that does": (
        [KEY],
        [Climb(SUDO, Credentials((Pass(frozenset({"code"})),), (Pass(frozenset({"code", "password"})),), "no file"))],
        [row(KEY, SUDO, "code", "key")],
    ),
    "refused by the account stage": ([KEY], [takes("", approved=Judgement(Truth.NO, "expired"))], []),
    "perhaps refused by the account stage": (
        [KEY],
        [takes("", approved=Judgement(Truth.UNKNOWN, "no file"))],
        [doubt(KEY, SUDO, "no file")],
    ),
    "on a condition": (
        [KEY],
        [Climb(SUDO, Credentials((Pass(frozenset({"password"})), Pass(frozenset(), ("fails open",), AWAY))))],
        [row(KEY, SUDO, "key", "password"), row(KEY, SUDO, "key", reason="fails open", condition=AWAY)],
    ),
    "on the same condition twice": (
        [login("key", condition=AWAY)],
        [Climb(SUDO, Credentials((Pass(frozenset(), (), AWAY),)))],
        [row(KEY, SUDO, "key", condition=AWAY)],
    ),
    "on two conditions": (
        [login("key", condition="the first is away")],
        [Climb(SUDO, Credentials((Pass(frozenset(), (), "the second is away"),)))],
        [row(KEY, SUDO, "key", condition="the first is away and the second is away")],
    ),
    "on a condition that does not matter": (
        [KEY, login("key", condition=AWAY)],
        [takes("password")],
        [row(KEY, SUDO, "key", "password")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_whole_way(case: str) -> None:
    paths, climbs, expected = CASES[case]
    assert list(root_paths(paths, climbs)) == expected


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        pytest.param(YES, [row(KEY, SUDO, "key")], id="a session that runs programs"),
        pytest.param(Judgement(Truth.NO, "nologin"), [], id="a session that runs none"),
        pytest.param(Judgement(Truth.UNKNOWN, "a chroot"), [doubt(KEY, SUDO, "a chroot")], id="perhaps"),
    ],
)
def test_the_session_between(session: Judgement, expected: list[RootPath]) -> None:
    assert list(root_paths([KEY], [FREE], session)) == expected


def test_an_account_that_is_root_is_its_login() -> None:
    forced, away = login("password", via="/bin/backup"), login("key", "code", reason="x", condition=AWAY)
    assert list(uid0_paths([KEY, forced, closed(), away])) == [
        row(KEY, RootStep.UID0, "key"),
        doubt(closed(), RootStep.UID0, "PAM was not seen"),
        row(away, RootStep.UID0, "key", "code", reason="x", condition=AWAY),
    ]
