"""What a host says of its password hashes, and what is made of it: rows, and gaps for what was not compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hygiene.evidence.frames import Frame
from hygiene.facts.host import facts
from hygiene.model import Gap, HashState, HashWeakness, HostHash, PasswordState

from .images import NAME, Said, Scan, assert_founded

KEY_NAME = "0123456789abcdef"
SET, EMPTY, LOCKED_HASH, LOCKED, NONE = (
    *(HashState.SET, HashState.EMPTY, HashState.LOCKED_HASH, HashState.LOCKED, HashState.NONE),
)
CHANGED = datetime(2022, 1, 8, tzinfo=UTC)  # day 19000
DIGEST = "0a" * 16
LINE = f"{DIGEST}{'1b' * 16}  -\n"


def told(
    image: Said, shadow: str, digests: Mapping[str, str] | None, *, passwd: str = "anna:x", mode: str = "streamed"
) -> Said:
    """A host with one account; digests by number, None from a collector that makes none."""
    host = image.with_file("passwd", "/etc/passwd", f"{passwd}:1000:1000::/home/anna:/bin/bash\n")
    host = host.with_file("shadow", "/etc/shadow", shadow)
    if digests is not None:
        frames = (Frame("digest", number.encode(), "ok", line.encode()) for number, line in digests.items())
        host = replace(host, frames=(*host.frames, Frame("digests", b"sha256sum", "ok"), *frames))
    return replace(host, mode=mode)


def hashes(host: Said, key: str | None = KEY_NAME) -> tuple[tuple[HostHash, ...], list[Gap]]:
    found = facts(replace(Scan().evidence(host.stream()), digest_key=key), "key")
    assert_founded(found)
    return found.host_hashes, [gap for gap in found.gaps if gap.area == "shadow"]


def row(state: HashState, **known: object) -> HostHash:
    given = {
        "scheme": None, "cost": None, "weakness": None, "changed_at": CHANGED, "never_expires": True,
        "digest_key": KEY_NAME if state in (SET, LOCKED_HASH) else None,
    }  # fmt: skip
    return HostHash(NAME, "anna", state, **{**given, **known})


@pytest.mark.parametrize(
    ("shadow", "expected"),
    [
        pytest.param(
            "anna:set,y,j9T,1:19000:0:99999:7:::\n", row(SET, scheme="yescrypt", cost="j9T", digest=DIGEST), id="set"
        ),
        pytest.param(
            "anna:locked-hash,1,,1:19000:0:99999:7:::\n",
            row(LOCKED_HASH, scheme="md5", weakness=HashWeakness.BROKEN, digest=DIGEST),
            id="behind a bang",
        ),
        pytest.param(
            "anna:star,2b,04,1:19000:0:99999:7:::\n",
            row(LOCKED_HASH, scheme="bcrypt", cost="04", weakness=HashWeakness.CHEAP, digest=DIGEST),
            id="behind *LOCKED*",
        ),
        pytest.param(
            "anna:set,md5,rounds=904,1:19000:0:99999:7:::\n",
            row(SET, scheme="sunmd5", cost="rounds=904", weakness=HashWeakness.BROKEN, digest=DIGEST),
            id="the md5 of Solaris",
        ),
        pytest.param(
            "anna:set,7,N=2^10;r=8;p=1,1:19000:0:99999:7:::\n",
            row(SET, scheme="scrypt", cost="N=2^10;r=8;p=1", weakness=HashWeakness.CHEAP, digest=DIGEST),
            id="scrypt tells its cost",
        ),
        pytest.param("anna:empty,,:19000:0:99999:7:::\n", row(EMPTY), id="empty"),
        pytest.param("anna:locked-none,,:19000:0:99999:7:::\n", row(LOCKED), id="a bang alone"),
        pytest.param("anna:star,,:19000:0:99999:7:::\n", row(NONE), id="a star"),
        pytest.param(
            "anna:set,y,j9T,1:19000:0:90:7:::\n",
            row(SET, scheme="yescrypt", cost="j9T", never_expires=False, digest=DIGEST),
            id="expires after 90 days",
        ),
        pytest.param(
            "anna:set,y,j9T,1:0:0::7:::\n",
            row(SET, scheme="yescrypt", cost="j9T", changed_at=None, digest=DIGEST),
            id="has to be changed at the next login",
        ),
        pytest.param(
            "anna:set,y,j9T,1:99999999999:0:99999:7:::\n",
            row(SET, scheme="yescrypt", cost="j9T", changed_at=None, digest=DIGEST),
            id="a day that no calendar has",
        ),
        pytest.param(
            "anna:set,y,j9T,1::0:90:7:::\n",
            row(SET, scheme="yescrypt", cost="j9T", changed_at=None, digest=DIGEST),
            id="without a day of the last change there is no ageing",
        ),
        pytest.param("", row(NONE, changed_at=None, never_expires=None), id="no line"),
    ],
)
def test_row(said: Said, shadow: str, expected: HostHash) -> None:
    assert hashes(told(said, shadow, {"1": LINE})) == ((expected,), [])


def test_a_hash_in_passwd_has_no_age(said: Said) -> None:
    host = told(said, "anna:set,y,j9T,2:19000:0:90:7:::\n", {"1": LINE}, passwd="anna:set,des,,1")
    weak = row(SET, scheme="des", weakness=HashWeakness.BROKEN, changed_at=None, never_expires=True, digest=DIGEST)
    assert hashes(host) == ((weak,), [])


OF_ANNA = "its hash came without a digest: it was not compared with others"


@pytest.mark.parametrize(
    "digests",
    [
        pytest.param({}, id="none"),
        pytest.param({"2": LINE}, id="another's"),
        pytest.param({"1": ""}, id="empty"),
        pytest.param({"1": DIGEST + "\n"}, id="short"),
        pytest.param({"1": LINE * 9_000}, id="long"),
        pytest.param({"1": LINE.upper()}, id="upper case"),
        pytest.param({"1": "z" * 64 + "  -\n"}, id="not hex"),
        pytest.param({"1": "\x1b[31m" * 60 + LINE}, id="signs before it"),
        pytest.param({"1": f"= {LINE}\n{LINE}"}, id="two lines"),
        pytest.param({"1 ": LINE}, id="a number that is none"),
        pytest.param({"\u0661": LINE}, id="not an ASCII digit"),
        pytest.param({"0" * 4_000 + "1": LINE}, id="a long number"),
    ],
)
def test_what_is_no_digest_is_a_gap(said: Said, digests: Mapping[str, str]) -> None:
    host = told(said, "anna:set,y,j9T,1:19000:0:99999:7:::\n", digests)
    without = row(SET, scheme="yescrypt", cost="j9T")
    assert hashes(host) == ((without,), [Gap(NAME, f"{NAME}:anna", "shadow", OF_ANNA)])


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("set,y,j9T", id="none"),
        pytest.param("set,y,j9T,", id="empty"),
        pytest.param("set,y,j9T,x", id="not a number"),
        pytest.param("set,y,j9T,-1", id="negative"),
        pytest.param("set,y,j9T," + "9" * 5_000, id="long"),
        pytest.param("set,y,j9T,\u0661", id="not an ASCII digit"),
        pytest.param("set,y,j9T,$y$j9T$salt", id="junk"),
    ],
)
def test_what_is_no_number_costs_the_digest_alone(said: Said, field: str) -> None:
    host = told(said, f"anna:{field}:19000:0:99999:7:::\n", {"1": LINE})
    without = row(SET, scheme="yescrypt", cost="j9T")
    assert hashes(host) == ((without,), [Gap(NAME, f"{NAME}:anna", "shadow", OF_ANNA)])


SHADOW = "anna:set,y,j9T:19000:0:99999:7:::\n"
WITHOUT = row(SET, scheme="yescrypt", cost="j9T")
ONE = "1 hash was not compared with those of others"
OLD = "the collector installed there is of an older version"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        pytest.param("installed", f"{OLD}: {ONE}; install what `hygiene collector` prints", id="installed"),
        pytest.param("streamed", f"the collector is of an older version: {ONE}", id="in a bundle"),
    ],
)
def test_an_older_collector_makes_none(said: Said, mode: str, reason: str) -> None:
    host = told(said, SHADOW, None, mode=mode)
    assert hashes(host) == ((WITHOUT,), [Gap(NAME, NAME, "shadow", reason)])


def test_a_host_without_a_program_makes_none(said: Said) -> None:
    host = replace(said, frames=(*told(said, SHADOW, None).frames, Frame("digests", b"", "noprogram")))
    reason = f"no program makes SHA-256 there (sha256sum, sha256, shasum, openssl or digest): {ONE}"
    assert hashes(host) == ((WITHOUT,), [Gap(NAME, NAME, "shadow", reason)])


def test_who_asked_for_no_digest_gets_no_gap_and_none(said: Said) -> None:
    """Of a run with no key the run says so; a digest that comes all the same belongs to no key."""
    host = told(said, "anna:set,y,j9T,1:19000:0:99999:7:::\n", {"1": LINE})
    assert hashes(host, None) == ((replace(WITHOUT, digest_key=None),), [])


def test_no_hash_needs_no_digest(said: Said) -> None:
    assert hashes(told(said, "anna:star,,:19000:0:99999:7:::\n", None, mode="installed"))[1] == []


def test_a_scheme_that_nobody_knows_is_a_gap(said: Said) -> None:
    host = told(said, "anna:set,99,,1:19000:0:99999:7:::\n", {"1": LINE})
    unknown = row(SET, scheme="other", weakness=HashWeakness.UNKNOWN, digest=DIGEST)
    reason = "the scheme or the cost of its hash is not understood: what it is worth is unknown"
    assert hashes(host) == ((unknown,), [Gap(NAME, f"{NAME}:anna", "shadow", reason)])


def test_what_was_not_read_has_no_row(said: Said) -> None:
    host = told(said, SHADOW, {}).status("shadow", "/etc/shadow", "unreadable")
    assert hashes(host)[0] == ()


def test_directory_accounts_have_no_row(said: Said) -> None:
    host = told(said, SHADOW, {"1": LINE})
    host = host.with_file("nsspasswd", "", "dir:set,1,,1:5000:5000::/home/dir:/bin/bash\n")
    assert [found.account for found in hashes(host)[0]] == ["anna"]


def bsd(image: Said, line: str, uname: str = "FreeBSD bsd1 14.1-RELEASE amd64", digests: bool = True) -> Said:
    """A host with master.passwd, and a passwd of which the fields say nothing."""
    host = told(image.without("shadow"), line, {"1": LINE} if digests else None, passwd="anna:star,,")
    host = host.without("shadow").with_file("shadow", "/etc/master.passwd", line)
    return host.with_file("uname", "", uname + "\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "anna:set,6,,1:1000:1000::0:0::/home/anna:/bin/sh\n",
            row(SET, scheme="sha512crypt", changed_at=None, digest=DIGEST),
            id="set",
        ),
        pytest.param(
            "anna:star,2b,08,1:1000:1000:staff::::/home/anna:/bin/sh\n",
            row(LOCKED_HASH, scheme="bcrypt", cost="08", weakness=HashWeakness.CHEAP, changed_at=None, digest=DIGEST),
            id="behind *LOCKED*, in a class of its own",
        ),
        pytest.param("anna:star,,:1000:1000::0:0::/:/bin/sh\n", row(NONE, changed_at=None), id="a star"),
        pytest.param("anna:empty,,:1000:1000::0:0::/:/bin/sh\n", row(EMPTY, changed_at=None), id="empty"),
        pytest.param("", row(NONE, changed_at=None, never_expires=None), id="no line"),
    ],
)
@pytest.mark.parametrize("system", ["FreeBSD", "OpenBSD", "NetBSD", "DragonFly"])
def test_master_passwd_holds_the_passwords_of_the_bsds(said: Said, line: str, expected: HostHash, system: str) -> None:
    assert hashes(bsd(said, line, f"{system} bsd1 7")) == ((expected,), [])


@pytest.mark.parametrize("dates", ["1767225600:0", "0:1767225600", "1:2"], ids=["change", "expire", "both"])
def test_what_a_date_of_master_passwd_ends_is_not_judged(said: Said, dates: str) -> None:
    found = hashes(bsd(said, f"anna:set,6,,1:1000:1000::{dates}::/home/anna:/bin/sh\n"))
    without = row(SET, scheme="sha512crypt", changed_at=None, never_expires=None, digest=DIGEST)
    reason = "when it or its password ends, by /etc/master.passwd, is not judged by this version"
    assert found == ((without,), [Gap(NAME, f"{NAME}:anna", "shadow", reason)])


@pytest.mark.parametrize("uname", ["Darwin mac 24.1", "Haiku h 1"])
def test_master_passwd_of_other_systems_is_a_gap_and_no_field_of_passwd_counts(said: Said, uname: str) -> None:
    reason = "/etc/master.passwd is read for FreeBSD, OpenBSD, NetBSD and DragonFly alone: password states are unknown"
    host = bsd(said, "anna:set,6,,1:1000:1000::0:0::/home/anna:/bin/sh\n", uname)
    assert hashes(host) == ((), [Gap(NAME, NAME, "shadow", reason)])
    found = facts(Scan().evidence(host.stream()), "key")
    assert [account.password_state for account in found.accounts] == [PasswordState.UNKNOWN]


def test_master_passwd_that_was_not_read_leaves_all_unknown(said: Said) -> None:
    host = bsd(said, "").status("shadow", "/etc/master.passwd", "unreadable")
    rows, (gap,) = hashes(host)
    assert (rows, gap.subject) == ((), NAME)
    assert gap.reason.startswith("/etc/master.passwd could not be read")
    assert [account.password_state for account in facts(Scan().evidence(host.stream()), "key").accounts] == [
        PasswordState.UNKNOWN
    ]


def test_no_linux_reads_master_passwd(said: Said) -> None:
    line = "anna:set,y,j9T,1:19000:0:99999:7:::\n"
    host = bsd(said, "anna:empty,,:1000:1000::0:0::/:/bin/sh\n", "Linux web1 6.1")
    host = host.with_file("shadow", "/etc/shadow", line).with_file("passwd", "/etc/passwd", "anna:x:1000:1000::/:/x\n")
    assert hashes(host) == ((replace(WITHOUT, digest=DIGEST),), [])
