"""What holds of a line wherever one comes from: it is alive, and has not expired by the host's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hygiene.accounts.shadow import read_field
from hygiene.model import Cause, Truth
from hygiene.openssh.accept import Clock, by_line, locked
from hygiene.openssh.authorized_keys import Line, parse
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.version import Vendor, Version

from .material import ED_LINE

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
NOW = Clock(datetime(2027, 6, 30, 12, tzinfo=UTC))


def line(text: bytes = ED_LINE, version: Version | None = BOOKWORM) -> Line:
    return next(iter(parse(text, version)))


def expired(time: str) -> Judgement:
    return Judgement(Truth.NO, f"the line expired at {time}", Cause.EXPIRED)


WITHIN = Judgement(Truth.UNKNOWN, "the line expires within hours, and the time zone of the host is not known")
EXPIRY: dict[str, tuple[bytes, timedelta | None, Judgement]] = {
    "long-ago": (b"20270101", None, expired("2027-01-01 00:00:00")),
    "far-away": (b"20280101", None, YES),
    "today-somewhere-on-earth": (b"202706301300", None, WITHIN),
    "past-in-the-west": (b"202706292359", None, expired("2027-06-29 23:59:00")),
    "not-yet-past-in-the-west": (b"202706300001", None, WITHIN),
    "past-in-no-zone": (b"202707010200", None, YES),
    "zone-of-the-host-east": (b"202706301359", timedelta(hours=2), expired("2027-06-30 13:59:00")),
    "zone-of-the-host-east-not-yet": (b"202706301400", timedelta(hours=2), YES),
    "zone-of-the-host-west": (b"202706300459", timedelta(hours=-7), expired("2027-06-30 04:59:00")),
    "zone-of-the-host-west-not-yet": (b"202706300500", timedelta(hours=-7), YES),
    "utc": (b"202706301159Z", timedelta(hours=2), expired("2027-06-30 11:59:00")),
    "utc-not-yet": (b"202706301200Z", timedelta(hours=2), YES),
    "last-day-of-the-calendar": (b"99991231", None, YES),
}


@pytest.mark.parametrize(("time", "offset", "expected"), EXPIRY.values(), ids=EXPIRY)
def test_expiry_is_judged_by_the_host_s_clock(time: bytes, offset: timedelta | None, expected: Judgement) -> None:
    read = line(b'expiry-time="' + time + b'" ' + ED_LINE)
    assert by_line(read, replace(NOW, offset=offset)) == expected


def test_expiry_needs_a_clock() -> None:
    unclear = Judgement(Truth.UNKNOWN, "the time on the host is not known")
    assert by_line(line(b'expiry-time="20280101" ' + ED_LINE), None) == unclear
    assert by_line(line(), None) == YES


def test_a_line_that_is_not_understood() -> None:
    typo = Judgement(Truth.NO, 'the option "no-such" is not known to OpenSSH 9.2p1', Cause.TYPO)
    assert by_line(line(b"no-such " + ED_LINE), NOW) == typo
    service = line(b'permitopen="a:some-service" ' + ED_LINE)
    assert service.doubt is not None
    assert by_line(service, NOW) == Judgement(Truth.UNKNOWN, service.doubt)
    past = line(b'expiry-time="20270101",permitopen="a:some-service" ' + ED_LINE)
    assert by_line(past, NOW) == expired("2027-01-01 00:00:00")


LOCKS = {
    "set": ("set,sha512crypt,-", [Truth.NO] * 4),
    "mark": ("!", [Truth.YES, Truth.NO, Truth.NO, Truth.UNKNOWN]),
    "mark-before-a-hash": ("locked-hash,yescrypt,-", [Truth.YES, Truth.NO, Truth.NO, Truth.UNKNOWN]),
    "star": ("*", [Truth.NO, Truth.UNKNOWN, Truth.NO, Truth.UNKNOWN]),
    "one-of-the-two": ("none", [Truth.UNKNOWN, Truth.UNKNOWN, Truth.NO, Truth.UNKNOWN]),
    "empty": ("", [Truth.NO] * 4),
    "not-understood": ("?", [Truth.UNKNOWN] * 4),
}


@pytest.mark.parametrize(("field", "expected"), LOCKS.values(), ids=LOCKS)
def test_locks_differ_by_system(field: str, expected: list[Truth]) -> None:
    password = read_field(field)
    assert [locked(password, system) for system in ("Linux", "FreeBSD", "OpenBSD", None)] == expected
