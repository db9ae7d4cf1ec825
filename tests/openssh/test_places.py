"""Sources: each class of places that Match and lists of addresses tell apart has one, and what has none is said."""

from __future__ import annotations

import random

import pytest

from hygiene.openssh.config import Config, read
from hygiene.openssh.connection import Connection, Source
from hygiene.openssh.places import Criteria, sources
from hygiene.openssh.settings import Settings
from hygiene.openssh.sources import matches
from hygiene.openssh.spans import spans
from hygiene.openssh.version import Vendor, Version

from .random_configs import LISTS

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
ELSEWHERE = Source("*", "192.0.2.1")
ALL_OF_FOUR, ALL_OF_SIX = ((0, (1 << 32) - 1),), ((0, (1 << 128) - 1),)


def _config(text: str) -> Config:
    return read({"/etc/ssh/sshd_config": text.encode()}, {}, BOOKWORM)


def _matching(*criteria: str) -> Config:
    return _config("".join(f"Match {line}\nX11Forwarding yes\n" for line in criteria))


CLASSES = {
    "nothing": ([], [], [ELSEWHERE]),
    "accounts-are-no-places": (["User bob", "Group ops"], [], [ELSEWHERE]),
    "network": (["Address 10.0.0.0/8"], [], [Source("10.0.0.0/8", "10.0.0.0"), ELSEWHERE]),
    "one-list-is-one-class": (
        ["Address 10.0.0.0/8,192.168.0.0/16"],
        [],
        [Source("10.0.0.0/8,192.168.0.0/16", "10.0.0.0"), ELSEWHERE],
    ),
    "exception-is-elsewhere": (
        ["Address 10.0.0.0/8,!10.1.0.0/16"],
        [],
        [Source("10.0.0.0/8", "10.0.0.0"), ELSEWHERE],
    ),
    "network-in-a-network": (
        ["Address 10.0.0.0/8", "Address 10.1.0.0/16"],
        [],
        [Source("10.0.0.0/8", "10.0.0.0"), Source("10.1.0.0/16", "10.1.0.0"), ELSEWHERE],
    ),
    "same-network-twice": (
        ["Address 10.0.0.0/8 User a", "Address 10.0.0.0/8"],
        [],
        [Source("10.0.0.0/8", "10.0.0.0"), ELSEWHERE],
    ),
    "pattern": (["Address 10.0.*"], [], [Source("10.0.*", "10.0.0.0"), ELSEWHERE]),
    "pattern-across-a-network": (
        ["Address 10.0.0.0/15", "Address 10.1*"],
        [],
        [
            Source("10.0.0.0/15", "10.0.0.0"),
            Source("10.1* and 10.0.0.0/15", "10.1.0.0"),
            Source("10.1*", "10.10.0.0"),
            ELSEWHERE,
        ],
    ),
    "host-is-the-address": (["Host 10.*,*.example.com"], [], [Source("10.*", "10.0.0.0"), ELSEWHERE]),
    "host-is-no-network": (["Host 10.0.0.0/8"], [], [ELSEWHERE]),
    "both-families": (["Address 0.0.0.0/0"], [], [Source("0.0.0.0/0", "192.0.2.1"), Source("*", "2001:db8::1")]),
    "everything": (["Address *"], [], [ELSEWHERE]),
    "from-list": ([], ["10.0.0.1,10.0.0.2"], [Source("10.0.0.1,10.0.0.2", "10.0.0.1"), ELSEWHERE]),
    "from-list-that-is-an-error": ([], ["10.0.0.1/8"], [ELSEWHERE]),
    "user-pattern": ([], ["bob@10.0.0.1", "bob"], [Source("10.0.0.1", "10.0.0.1"), ELSEWHERE]),
    "port": (
        ["LocalPort 2222"],
        [],
        [Source("local port 2222", "192.0.2.1", local_port=2222), Source("*", "192.0.2.1", local_port=22)],
    ),
    "address-and-port": (
        ["Address 10.0.0.1 LocalPort 22"],
        [],
        [
            Source("10.0.0.1 and local port 22", "10.0.0.1", local_port=22),
            Source("10.0.0.1", "10.0.0.1", local_port=1024),
            Source("local port 22", "192.0.2.1", local_port=22),
            Source("*", "192.0.2.1", local_port=1024),
        ],
    ),
    "local-address": (
        ["LocalAddress 10.0.0.1"],
        [],
        [
            Source("local address 10.0.0.1", "192.0.2.1", local_address="10.0.0.1"),
            Source("*", "192.0.2.1", local_address="192.0.2.1"),
        ],
    ),
    "routing-domain": (
        ["RDomain blue"],
        [],
        [Source("rdomain blue", "192.0.2.1", rdomain="blue"), Source("*", "192.0.2.1")],
    ),
    "pattern-without-ranges": (
        ["Address *.5"],
        [],
        [Source("::/0", "2001:db8::1"), Source("*", "192.0.2.1", unclear=frozenset(("*.5",)))],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("criteria", "more", "found"), CLASSES.values(), ids=CLASSES)
def test_one_source_for_each_class(criteria: list[str], more: list[str], found: list[Source]) -> None:
    assert list(_matching(*criteria).sources(more)) == found


def test_clients_with_names_make_lists_of_names_unclear() -> None:
    config = _config("UseDNS yes\nMatch Host *.example.com\nX11Forwarding yes\n")
    (source,) = config.sources(["*.example.org"])
    assert source == Source("*", "192.0.2.1", unclear=frozenset(("*.example.org",)))
    assert not config.settings(source.connection("bob", frozenset())).is_known("x11forwarding")


def test_settings_that_hang_on_what_is_unclear_are_not_known() -> None:
    config = _config("Match Address *.5\nX11Forwarding yes\nMatch Address 10.0.0.0/8\nMaxSessions 3\n")
    told = {source.label: config.settings(source.connection("bob", frozenset(("bob",)))) for source in config.sources()}
    assert {label: (_known(one, "x11forwarding"), _known(one, "maxsessions")) for label, one in told.items()} == {
        "10.0.0.0/8": ("?", "3"),
        "::/0": ("no", "10"),
        "*": ("?", "10"),
    }


def _known(settings: Settings, keyword: str) -> str | None:
    return settings.value(keyword) if settings.is_known(keyword) else "?"


def test_too_many_networks_are_one_source_that_nobody_is_sure_of() -> None:
    lists = [f"10.{number // 250}.{number % 250}.0/24" for number in range(10_000)]
    config = _matching(*(f"Address {text}" for text in lists))
    (source,) = config.sources()
    assert source == Source("*", "192.0.2.1", unclear=frozenset(lists))
    settings = config.settings(source.connection("bob", frozenset()))
    assert not settings.is_known("x11forwarding")
    assert settings.is_known("passwordauthentication")


@pytest.mark.parametrize("number", range(100))
def test_every_address_is_in_a_class_that_answers_for_it(number: int) -> None:
    chance = random.Random(number)
    lists = chance.sample(LISTS, 3) + [_random_list(chance) for _ in range(3)]
    classes = sources(Criteria.of(()), lists)
    answers = {tuple(_answers(lists, source.address, source)) for source in classes}
    for _ in range(50):
        address = _address(chance)
        own = tuple(matches(text, address) for text in lists)
        assert any(_agree(own, other) for other in answers), (address, lists)


def _answers(lists: list[str], address: str | None, source: Source) -> list[bool | str | None]:
    return ["?" if text in source.unclear else matches(text, address) for text in lists]


def _agree(own: tuple[bool | None, ...], other: tuple[bool | str | None, ...]) -> bool:
    return all(theirs in ("?", mine) for mine, theirs in zip(own, other, strict=True))


def _random_list(chance: random.Random) -> str:
    items = []
    for _ in range(chance.randrange(1, 4)):
        length = chance.choice([8, 12, 16, 24, 25, 30, 32])
        number = int.from_bytes(bytes(map(int, _address(chance, 4).split("."))), "big") >> 32 - length << 32 - length
        network = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
        parts = _address(chance, 4).split(".")[: chance.randrange(1, 4)]
        items.append(chance.choice([f"{network}/{length}", ".".join(parts) + ".*", f"{network[:-1]}?", "!" + network]))
    return ",".join(items)


def _address(chance: random.Random, family: int = 0) -> str:
    if family == 4 or chance.random() < 0.8:
        return ".".join(str(chance.choice([0, 1, 2, 10, 19, 100, 168, 192, 255])) for _ in range(4))
    return chance.choice(["::1", "2001:db8::5", "fd00:1::1", "2001:db9::", "fe80::1", "::"])


SPANS = {
    "network": ("10.*", 4, ((10 << 24, (11 << 24) - 1),)),
    "network-and-the-other-family": ("10.*", 16, ()),
    "digits": ("192.168.1.?", 4, ((0xC0A80100, 0xC0A80109),)),
    "three-digits": ("192.168.1.1??", 4, ((0xC0A80164, 0xC0A801C7),)),
    "several-ranges": ("10.0.0.1*", 4, ((0x0A000001, 0x0A000001), (0x0A00000A, 0x0A000013), (0x0A000064, 0x0A0000C7))),
    "a-mark-that-is-a-dot": ("10?1.2.3", 4, ((0x0A010203, 0x0A010203),)),
    "no-number": ("256.*", 4, ()),
    "leading-zero": ("10.00.*", 4, ()),
    "five-parts": ("10.0.0.*.*", 4, ()),
    "star": ("*", 4, ALL_OF_FOUR),
    "stars-and-the-other-family": ("**", 16, ALL_OF_SIX),
    "four-parts": ("*.*.*.*", 4, ALL_OF_FOUR),
    "too-many": ("*.5", 4, None),
    "groups": ("2001:db8:*", 16, ((0x20010DB8 << 96, (0x20010DB9 << 96) - 1),)),
    "groups-and-the-other-family": ("2001:db8:*", 4, ()),
    "capitals-are-not-printed": ("2001:DB8:*", 16, ()),
    "a-group-of-zeros-may-be-shortened": ("2001:0:*", 16, None),
    "all-with-colons": ("*:*", 16, ALL_OF_SIX),
    "name": ("*.example.com", 4, ()),
}


@pytest.mark.parametrize(("pattern", "size", "found"), SPANS.values(), ids=SPANS)
def test_patterns_over_text_are_ranges(pattern: str, size: int, found: tuple[tuple[int, int], ...] | None) -> None:
    assert spans(pattern, size) == found


def test_a_source_is_a_connection_with_somebody() -> None:
    source = Source("x", "10.0.0.1", None, "10.0.0.2", 22, "blue", frozenset(("*.5",)))
    assert source.connection("bob", None, invalid_user=True) == Connection(
        "bob", None, "10.0.0.1", None, "10.0.0.2", 22, "blue", True, frozenset(("*.5",))
    )
