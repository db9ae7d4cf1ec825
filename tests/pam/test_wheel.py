"""pam_wheel, as its source has it; the real su of the suite for ways to root agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hygiene.pam.codes import Code
from hygiene.pam.modules.wheel import wheel
from hygiene.pam.question import Conf, Person, Question

from .hosts import GROUP, Host, source

IGNORE, SUCCESS, DENIED, AUTH_ERR = Code.IGNORE, Code.SUCCESS, Code.PERM_DENIED, Code.AUTH_ERR
PEOPLE = {name: Host().person(name) for name in ("root", "alice", "bob", "carol")}
SEEN = Conf(files={"/etc/group": GROUP})
WITHOUT_WHEEL = Conf(files={"/etc/group": b"root:x:0:\nops:x:2000:alice,bob\n"})
TWINS = Conf(files={"/etc/group": GROUP + b"admins:x:2000:\n"})
UNSEEN = Conf()


def ask(rule: str, caller: Person | None, conf: Conf = SEEN, target: str = "root") -> set[Code]:
    person = PEOPLE[target]
    answer = wheel(Question(tuple(rule.split()), person, source(""), conf, "su", in_auth=True, caller=caller))
    assert (len(answer) == 1) == (answer[0].doubt is None)
    return {outcome.code for outcome in answer}


@pytest.mark.parametrize(
    ("rule", "caller", "conf", "expected"),
    [
        pytest.param("", "alice", SEEN, {IGNORE}, id="a member goes on"),
        pytest.param("use_uid debug nonsense", "alice", SEEN, {IGNORE}, id="other options change nothing"),
        pytest.param("", "bob", SEEN, {DENIED}, id="who is no member is refused"),
        pytest.param("trust", "alice", SEEN, {SUCCESS}, id="a member is trusted"),
        pytest.param("trust", "bob", SEEN, {DENIED}, id="who is no member is not"),
        pytest.param("deny", "alice", SEEN, {DENIED}, id="a member is refused"),
        pytest.param("deny", "bob", SEEN, {IGNORE}, id="others are not"),
        pytest.param("deny trust", "bob", SEEN, {SUCCESS}, id="others are trusted"),
        pytest.param("deny trust", "alice", SEEN, {DENIED}, id="and a member is not"),
        pytest.param("group=ops", "bob", SEEN, {IGNORE}, id="another group"),
        pytest.param("group=ops group=wheel", "bob", SEEN, {DENIED}, id="the last group counts"),
        pytest.param("group=none", "alice", SEEN, {AUTH_ERR}, id="a group that is not there"),
        pytest.param("deny group=none", "alice", SEEN, {IGNORE}, id="a group that is not there refuses nobody"),
        pytest.param("deny trust group=none", "alice", SEEN, {IGNORE}, id="and trusts nobody"),
        pytest.param("group=admins", "alice", TWINS, {IGNORE}, id="another name of a gid of the caller's"),
        pytest.param("", "carol", WITHOUT_WHEEL, {DENIED}, id="without wheel it is the group 0"),
        pytest.param("", "root", WITHOUT_WHEEL, {IGNORE}, id="whose members go on"),
        pytest.param("", "root", SEEN, {DENIED}, id="but with wheel they do not"),
        pytest.param("", "alice", UNSEEN, {IGNORE}, id="a member although the groups were not seen"),
        pytest.param("", "bob", UNSEEN, {DENIED}, id="no member, whichever group it is"),
        pytest.param("", "root", UNSEEN, {DENIED, IGNORE}, id="which group it is was not seen"),
        pytest.param("group=staff", "bob", UNSEEN, {DENIED, AUTH_ERR}, id="there is such a group, or not"),
        pytest.param("deny trust group=staff", "bob", UNSEEN, {SUCCESS, IGNORE}, id="it trusts, or does not"),
    ],
)
def test_what_it_says_of_a_caller(rule: str, caller: str, conf: Conf, expected: set[Code]) -> None:
    assert ask(rule, PEOPLE[caller], conf) == expected


def test_another_target_than_root_is_left_alone() -> None:
    assert [ask("root_only", PEOPLE["bob"], target=target) for target in ("root", "alice")] == [{DENIED}, {IGNORE}]


def test_groups_of_a_directory_may_hold_the_caller() -> None:
    assert ask("trust", replace(PEOPLE["bob"], groups=None, gids=None)) == {SUCCESS, DENIED, AUTH_ERR}


def test_nobody_runs_sshd() -> None:
    assert ask("", None) == {IGNORE, DENIED, AUTH_ERR, Code.SERVICE_ERR}
