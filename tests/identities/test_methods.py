"""The weakest method that can be chosen decides."""

from __future__ import annotations

import pytest

from hygiene.identities.methods import COMMON, Method, Registered, fold, registered, second_factor
from hygiene.identities.providers import okta


@pytest.mark.parametrize(
    ("names", "factor"),
    [
        pytest.param([], "none", id="nothing"),
        pytest.param(["password"], "none", id="a password is the first factor"),
        *(pytest.param([word], "strong", id=word) for word in ("totp", "push", "webauthn", "passkey", "smart card")),
        *(pytest.param([word], "strong", id=word) for word in ("windows hello", "hardware token", "backup codes")),
        *(pytest.param([word], "phishable", id=word) for word in ("sms", "phone call", "email", "phone")),
        pytest.param(["totp", "sms"], "phishable", id="whoever signs in chooses SMS"),
        pytest.param(["passkey", "email"], "phishable", id="whoever signs in chooses mail"),
        pytest.param(["security question"], "none", id="a question is something known"),
        pytest.param(["security question", "totp"], "phishable", id="the question can be chosen instead of the app"),
        pytest.param(["carrier pigeon"], "unknown", id="a word that is not on the list"),
        pytest.param(["carrier pigeon", "passkey"], "unknown", id="and may be the weaker one"),
        pytest.param(["carrier pigeon", "sms"], "phishable", id="nothing is weaker than SMS but none at all"),
        pytest.param(["temporary pass"], "none", id="gone tomorrow"),
        pytest.param(["temporary pass", "passkey"], "strong", id="gone tomorrow, beside a passkey"),
    ],
)
def test_second_factor(names: list[str], factor: str) -> None:
    assert second_factor(registered(names, COMMON)) == factor


@pytest.mark.parametrize(
    ("methods", "factor"),
    [
        pytest.param({Method.EMAIL}, "none", id="alone"),
        pytest.param({Method.EMAIL, Method.TOTP}, "strong", id="beside a strong one"),
        pytest.param({Method.EMAIL, Method.SMS}, "phishable", id="beside another phishable one"),
    ],
)
def test_what_is_never_taken_for_sign_in_does_not_count(methods: set[Method], factor: str) -> None:
    held = Registered(frozenset(methods))
    assert second_factor(held, not_for_sign_in=frozenset({Method.EMAIL})) == factor


def test_words_are_sorted_and_hold_no_more_than_letters_and_digits() -> None:
    held = registered(["SMS", "Google Authenticator", "x" * 100, "Ünder=cmd|'/c'!A1\x1b[31m\u202e", "", "???"], COMMON)

    assert held.words() == ("sms", "totp", "unknown:?", "unknown:nder-cmd-c-a1-31m", "unknown:" + "x" * 40)


@pytest.mark.parametrize("vocabulary", [COMMON, okta._NAMES])
def test_vocabularies_are_folded(vocabulary: dict[str, tuple[Method, ...]]) -> None:
    assert [word for word in vocabulary if fold(word) != word] == []
