"""Words known for a whole run, and what they do to scores."""

from __future__ import annotations

import random
import string

import pytest

from hygiene.passwords.score.judgement import Judgement, Knowledge, Mark
from hygiene.passwords.score.known import known_words
from hygiene.passwords.score.overlay import Judge


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(((), (), (), ()), (), id="nothing known"),
        pytest.param(
            (("Öhrli AG",), (), (), ()),
            ("öhrli ag", "öhrli", "oehrli", "ohrli", "öhrliag", "oehrliag", "ohrliag"),
            id="organisation: whole, in pieces, umlauts spelt out",
        ),
        pytest.param((("IBM",), ("Acme GmbH",), (), ()), ("ibm", "acme gmbh", "acme", "acmegmbh"), id="customer"),
        pytest.param((("Server",), (), (), ()), ("server",), id="what the policy names counts, dictionaries or not"),
        pytest.param(
            ((), (), ("kadolf-web01.nordkontor.example", "kadolf-db2.nordkontor.example", "backup7"), ()),
            ("kadolf", "nordkontor"),
            id="hosts: no short pieces, no words that everybody uses",
        ),
        pytest.param(((), (), ("a.zzkx", "b.zzkx", "c.yykx"), ()), ("zzkx", "yykx"), id="those of most hosts first"),
        pytest.param(((), (), ("10.11.12.13", "2001:db8::1", "k8s-prd0815"), ()), ("prd0815",), id="digits"),
        pytest.param(((), (), (), ("anna", "bkrawuttke", "root")), ("bkrawuttke",), id="users"),
    ],
)
def test_known_words(names: tuple[tuple[str, ...], ...], expected: tuple[str, ...]) -> None:
    organisation, tenants, hosts, users = names
    assert known_words(organisation, tenants, hosts, users) == expected


def test_they_lower_the_scores_of_what_is_made_of_them() -> None:
    judge = Judge(Knowledge(2026, known_words(("Nordkontor AG",), (), ("kadolf-web01.example",), ())))
    assert [judge.judge(password) for password in ("Nordkontor2024!", "kadolf_7", "Webserver1!")] == [
        Judgement(4, 1, Mark.CONTEXT),
        Judgement(2, 1, Mark.CONTEXT),
        Judge(Knowledge(2026)).judge("Webserver1!"),
    ]


def test_random_passwords_keep_their_scores() -> None:
    """[measured with 100,000 hosts on 10,000 passwords: the mean falls by 0.0001, one has another score]"""
    chance = random.Random(7)
    syllables = [first + second for first in "bdfgklmnprstvw" for second in ("a", "e", "i", "o", "u", "er", "en")]
    hosts = ["".join(chance.choices(syllables, k=3)) + f"-web{number}.example" for number in range(5000)]
    words = known_words((), (), hosts, ())
    assert len(words) > 3000
    with_words, without = Judge(Knowledge(2026, words)), Judge(Knowledge(2026))
    signs = string.ascii_letters + string.digits
    passwords = ["".join(chance.choices(signs, k=chance.randint(6, 16))) for _ in range(1000)]
    differ = sum(with_words.judge(password) != without.judge(password) for password in passwords)
    assert differ <= 2
