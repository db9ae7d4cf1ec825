"""The least credentials of a stack, where that can be told in another way."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest

from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome, ways
from hygiene.pam.least import Found, Least, Step, least, reached
from hygiene.pam.modules import known
from hygiene.pam.question import Conversation
from hygiene.pam.replies import Asks, Case, First, Keeps, Says, Shows
from hygiene.pam.stack import Kind, Rule, Stage, read

from . import real, stacks
from .real import Ask

EACH, ONE = Conversation.EACH, Conversation.ONE
NOTHING = frozenset[str]()


def _for_auth(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data.replace(b"account", b"auth").replace(b"acct=", b"auth=") for name, data in files.items()}


def _steps(rules: tuple[Rule, ...], hidden: frozenset[Rule] = frozenset()) -> list[Step]:
    """Modules that ask for nothing; those that are hidden may say anything."""
    return [Step(rule, Says(known.anything(rule) if rule in hidden else _outcomes(rule))) for rule in rules]


def _outcomes(rule: Rule) -> tuple[Outcome, ...]:
    return stacks.outcomes(rule, "auth") if rule.kind is Kind.MODULE else (Outcome(Code.PERM_DENIED, rule.why),)


def _verdict(found: Least) -> bool | None:
    """Whether everybody passes; None where that is not known."""
    assert all(one.given == NOTHING for one in (*found.sure, *found.possible))
    return True if found.sure else None if found.possible else False


@pytest.mark.skipif(real.why_not() is not None, reason=f"needs {real.why_not()}")
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(2, 8))])
def test_stacks_that_ask_for_nothing_pass_where_libpam_lets_pass(tmp_path: Path, seed: int) -> None:
    random, count = Random(seed), 300 if seed == 1 else 2000
    files = {"other": stacks.OTHER}
    services = [f"s{number}" for number in range(count)]
    for name in services:
        files |= _for_auth(stacks.service(name, random))
    real.plant(tmp_path, files)
    said = real.answers(tmp_path, [Ask(name, "auth") for name in services])
    host = stacks.in_pam_d(files)
    wrong, certain = [], 0
    for name, code in zip(services, said, strict=True):
        read_as = read(host, name, debian=True)
        rules = read_as.rules(Stage.AUTH)
        told = False if read_as.failed else _verdict(least(_steps(rules), EACH))
        hidden = frozenset(rule for rule in rules if rule.kind is Kind.MODULE and random.random() < 0.3)
        unsure = False if read_as.failed else _verdict(least(_steps(rules, hidden), EACH))
        certain += bool(hidden) and unsure is not None
        if (told is not None and told != (code == Code.SUCCESS)) or (unsure is not None and unsure != (code == 0)):
            wrong.append((files[name].decode(), told, unsure, code))
    assert wrong == []
    assert certain > count / 10
    assert {0, 6, 7} <= set(said)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_in_doubt_is_what_the_walk_of_the_account_stage_doubts(seed: int) -> None:
    random = Random(seed)
    for _ in range(150):
        name = "s"
        host = stacks.in_pam_d({"other": stacks.OTHER, **_for_auth(stacks.service(name, random))})
        rules = read(host, name, debian=True).rules(Stage.AUTH)
        hidden = frozenset(rule for rule in rules if rule.kind is Kind.MODULE and random.random() < 0.4)
        found = ways(rules, lambda rule, h=hidden: known.anything(rule) if rule in h else _outcomes(rule))
        ends = {None if way.code is None else way.code is Code.SUCCESS for way in found}
        expected = True if ends == {True} else False if ends == {False} else None
        assert _verdict(least(_steps(rules, hidden), EACH)) == expected


OK, BAD = (Outcome(Code.SUCCESS),), (Outcome(Code.AUTH_ERR),)
EITHER = (Outcome(Code.SUCCESS, doubt="who knows"), Outcome(Code.AUTH_ERR, doubt="who knows"))


def rule(control: str, number: int = 1) -> Rule:
    found = read({"/etc/pam.d/sshd": b"\n" * (number - 1) + f"auth {control} pam_x.so\n".encode()})
    return found.rules(Stage.AUTH)[0]


def asks(form: str, first: First = First.IGNORED, *, prefix: bool = False, echo: bool = False) -> Asks:
    keeps = Keeps.PREFIX if prefix else Keeps.TEXT
    return Asks((Case((form,), OK, prefix, keeps),), BAD, first, BAD, echo, BAD, keeps=Keeps.TEXT)


def sets(*words: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(word.split()) for word in words)


@pytest.mark.parametrize(
    ("steps", "conversation", "sure", "possible"),
    [
        pytest.param([], EACH, sets(), sets(), id="no-rule"),
        pytest.param([Step(rule("required"), Says(OK))], EACH, sets(""), sets(""), id="everybody"),
        pytest.param([Step(rule("required"), Says(EITHER))], EACH, sets(), sets(""), id="who-knows"),
        pytest.param([Step(rule("required"), Shows("key", OK, BAD))], EACH, sets("key"), sets("key"), id="key"),
        pytest.param([Step(rule("required"), Shows("key", OK, BAD))], ONE, sets("key"), sets("key"), id="no-text"),
        pytest.param(
            [Step(rule("required"), asks("password")), Step(rule("required"), asks("code"))],
            EACH, sets("code password"), sets("code password"), id="both",
        ),
        pytest.param(
            [Step(rule("required"), asks("password")), Step(rule("required"), asks("code"))],
            ONE, sets(), sets(), id="one-text-is-not-two",
        ),
        pytest.param(
            [Step(rule("sufficient"), asks("password")), Step(rule("required"), asks("code"))],
            EACH, sets("code", "password"), sets("code", "password"), id="either",
        ),
        pytest.param(
            [
                Step(rule("required"), asks("code", prefix=True)),
                Step(rule("required"), asks("password", First.INSTEAD)),
            ],
            ONE, sets("code password"), sets("code password"), id="one-text-of-two-pieces",
        ),
        pytest.param(
            [Step(rule("required"), asks("password")), Step(rule("required"), asks("password", First.ONLY))],
            EACH, sets("password"), sets("password"), id="kept",
        ),
        pytest.param(
            [Step(rule("required"), asks("password:a")), Step(rule("required"), asks("password:b", First.ONLY))],
            EACH, sets(), sets("password"), id="two-passwords-may-be-one",
        ),
        pytest.param(
            [Step(rule("required"), asks("code:a")), Step(rule("required"), asks("code:b", First.ONLY))],
            EACH, sets(), sets(), id="two-codes-are-two",
        ),
        pytest.param(
            [Step(rule("optional"), asks("password")), Step(rule("required"), asks("code", First.BEFORE))],
            EACH, sets("code"), sets("code"), id="asked-again",
        ),
        pytest.param(
            [Step(rule("[success=bad default=ignore]"), asks("password")), Step(rule("required"), asks("code"))],
            EACH, sets("code"), sets("code"), id="a-wrong-answer-may-be-the-better-one",
        ),
        pytest.param([Step(rule("required"), asks("code", echo=True))], ONE, sets(), sets(), id="shown"),
        pytest.param([Step(rule("required"), asks("code", echo=True))], EACH, sets("code"), sets("code"), id="typed"),
        pytest.param(
            [Step(rule("sufficient"), Says(EITHER)), Step(rule("required"), asks("code"))],
            EACH, sets("code"), sets(""), id="a-code-does-whatever-is-so",
        ),
        pytest.param(
            [Step(rule("optional"), Says(EITHER, opaque=True)), Step(rule("required"), asks("code", First.ONLY))],
            EACH, sets(), sets("code"), id="an-unknown-module-may-have-asked",
        ),
    ],
)  # fmt: skip
def test_least_sets(
    steps: list[Step],
    conversation: Conversation,
    sure: tuple[frozenset[str], ...],
    possible: tuple[frozenset[str], ...],
) -> None:
    found = least(steps, conversation)
    assert tuple(one.given for one in found.sure) == sure
    assert tuple(one.given for one in found.possible) == possible


def test_rules_that_nobody_reaches() -> None:
    steps = [Step(rule("sufficient"), Says(OK)), Step(rule("required", 2), asks("code"))]
    assert reached(steps) == {0}


def test_more_ways_than_can_be_counted_are_not_known() -> None:
    steps = [Step(rule("required", n), asks(f"code:{n}", First.BEFORE, prefix=True)) for n in range(1, 200)]
    begin = time.process_time()
    found = least(steps, EACH)
    told = "/etc/pam.d/sshd:199: there are too many ways through the rules up to here"
    assert found == Least((), (Found(NOTHING, doubt=told),))
    assert time.process_time() - begin < 5
