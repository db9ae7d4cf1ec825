"""What we say a login takes is what real sshd, libpam and modules ask for: never more, never less."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS

from . import suite
from .agreement import Result, Word, run, show

# what these daemons were seen to ask for; who has less is not let in
_NEEDED = {
    ("sshd/all-methods-on", AUDITOR_ADDRESS): "key, or password",
    ("sshd/passwords-off-but-kbd-on", AUDITOR_ADDRESS): "key, or password",
    ("sshd/code-and-methods-unset", AUDITOR_ADDRESS): "key, or code + password",
    ("sshd/code-but-password-method-only", AUDITOR_ADDRESS): "nobody",
    ("sshd/pam-off", AUDITOR_ADDRESS): "key, or password",
    ("methods/key-then-password-and-code", AUDITOR_ADDRESS): "code + key + password",
    ("methods/key-then-code-nullok-not-enrolled-permit", AUDITOR_ADDRESS): "key",
    ("methods/two-keys", AUDITOR_ADDRESS): "key",
    ("match/inside-a-key-is-enough", AUDITOR_ADDRESS): "key",
    ("match/inside-a-key-is-enough", OTHER_ADDRESS): "code + key + password",
    ("root/prohibit-password", AUDITOR_ADDRESS): "key",
    ("empty/permitted", AUDITOR_ADDRESS): "nothing at all",
    ("pam/sufficient-password-then-code", AUDITOR_ADDRESS): "code, or key, or password",
    ("pam/jump-over-code", AUDITOR_ADDRESS): "key, or password",
    ("pam/include-ends-the-caller", AUDITOR_ADDRESS): "key, or password",
    ("pam/substack-does-not", AUDITOR_ADDRESS): "key, or code + password",
    ("exempt/member", AUDITOR_ADDRESS): "key, or password",
    ("exempt/network", AUDITOR_ADDRESS): "key, or password",
    ("exempt/network", OTHER_ADDRESS): "key, or code + password",
    ("google/nullok-not-enrolled", AUDITOR_ADDRESS): "key, or password",
    ("google/unknown-option", AUDITOR_ADDRESS): "key",
    ("oath/enrolled", AUDITOR_ADDRESS): "key, or code + password",
    ("duo/away-safe", AUDITOR_ADDRESS): "key, or password",
    ("radius/up-asked-anew", AUDITOR_ADDRESS): "key, or code + password",
    ("radius/away-sufficient-first", AUDITOR_ADDRESS): "key, or password",
    ("u2f/no-file-nouserok", AUDITOR_ADDRESS): "key, or password",
    ("certificate/trusted", AUDITOR_ADDRESS): "key",
    ("token/verified-by-line", AUDITOR_ADDRESS): "verified-key",
    ("token/verified-beside-a-key", AUDITOR_ADDRESS): "key",
}

pytestmark = pytest.mark.real_sshd


@pytest.fixture(scope="module")
def brief() -> Sequence[Result]:
    return run(suite.brief(), quick=True)


@pytest.fixture(scope="module")
def whole() -> Sequence[Result]:
    return run(list(suite.everything()))


def _wrong(results: Sequence[Result]) -> list[str]:
    return [str(result) for result in results if result.word in (Word.UNSAFE, Word.WRONG)]


def test_a_part_of_the_suite(brief: Sequence[Result]) -> None:
    assert _wrong(brief) == []


def test_of_that_part_nothing_is_unknown(brief: Sequence[Result]) -> None:
    unknown = [result for result in brief if result.word is Word.UNKNOWN]
    assert [str(result) for result in unknown if result.tried.case.unknowable is None] == []


def test_what_the_daemons_of_that_part_ask_for(brief: Sequence[Result]) -> None:
    """A client that shows nothing, or a host that is not what it should be, would agree with anything."""
    found = {(result.tried.case.id, result.tried.source): show(result.needed) for result in brief}
    assert found == _NEEDED


@pytest.mark.prove
@pytest.mark.timeout(3600)  # thousands of logins; the first run downloads the modules
def test_the_whole_suite(whole: Sequence[Result]) -> None:
    assert _wrong(whole) == []
