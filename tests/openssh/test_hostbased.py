"""Files that name hosts, keys of hosts, and what they come to together; real daemons are asked in tests/facts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence

import asyncssh
import pytest

from hygiene.model import Truth
from hygiene.openssh import equiv, hostbased, known_keys
from hygiene.openssh.equiv import Entry, canonical
from hygiene.openssh.hostbased import Budget, KnownPair, Lists, Naming
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.known_keys import Marker
from hygiene.openssh.permissions import YES, Judgement

KEY, OTHER = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
LINE, OTHER_LINE = (" ".join(key.export_public_key().decode().split()[:2]) for key in (KEY, OTHER))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("host", Entry(1, "host", None), id="the account's own name"),
        pytest.param("host user", Entry(1, "host", "user"), id="another's"),
        pytest.param("\t host\v user\f\r", Entry(1, "host", "user"), id="blanks as sscanf knows them"),
        pytest.param("host\xa0user", Entry(1, "host\\xa0user", None), id="no other blanks"),
        pytest.param("-host", Entry(1, "host", None, denies=True), id="denied"),
        pytest.param("+host -user", Entry(1, "host", "user", denies=True), id="denied by the user"),
        pytest.param("--host", Entry(1, "-host", None, denies=True), id="one sign is taken off"),
        pytest.param("@group", Entry(1, "@group", None, groups=True), id="a netgroup"),
        pytest.param("-@group @people", Entry(1, "@group", "@people", denies=True, groups=True), id="denied netgroups"),
        pytest.param("host user\0 more", Entry(1, "host", "user"), id="the text ends at a NUL"),
        pytest.param("# host", None, id="a comment"),
        pytest.param("host user #", None, id="three words"),
        pytest.param("+", None, id="anybody is nobody"),
        pytest.param("host -", None, id="a bare sign"),
        pytest.param("NO_PLUS host", None, id="NO_PLUS, and what follows"),
        pytest.param("\r", None, id="nothing"),
        pytest.param("", None, id="an empty line"),
    ],
)
def test_lines(line: str, expected: Entry | None) -> None:
    found = equiv.read(line.encode("latin-1") + b"\n", "f").entries
    assert found == (() if expected is None else (expected,))


def test_a_line_is_read_in_pieces() -> None:
    data = b"x" * 1020 + b" yz more\nlast\n"
    assert equiv.read(data, "f").entries == (
        Entry(1, "x" * 1020, "yz"),
        Entry(1, "more", None),
        Entry(2, "last", None),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10.0.0.1", "10.0.0.1", id="an address"),
        pytest.param("FE80::1%eth0", "fe80::1%eth0", id="one with a zone, in capitals"),
        pytest.param("2001:db8:0::1", None, id="written otherwise than sshd does"),
        pytest.param("::ffff:10.0.0.1", None, id="sshd makes IPv4 of it"),
        pytest.param("010.0.0.1", None, id="leading zeros"),
        pytest.param("host", None, id="a name"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_addresses_as_sshd_writes_them(text: str, expected: str | None) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("line", "host", "expected"),
    [
        pytest.param(f"host {LINE}", "host", Marker.NONE, id="plain"),
        pytest.param(f"HOST,x {LINE}", "host", Marker.NONE, id="in capitals"),
        pytest.param(f"h?st,!x {LINE} c", "host", Marker.NONE, id="a pattern"),
        pytest.param(f"h*,!host {LINE}", "host", None, id="left out"),
        pytest.param(f"@cert-authority * {LINE}", "host", Marker.AUTHORITY, id="an authority"),
        pytest.param(f"@revoked * {LINE}", "host", Marker.REVOKED, id="revoked"),
        pytest.param(
            f"@revoked\t*\t{LINE}", "host", None, id="check_markers looks for a blank before it does for a tab"
        ),
        pytest.param(f"@revoked\t*\t{LINE}".replace(" ", "\t"), "host", Marker.REVOKED, id="tabs alone"),
        pytest.param(f"@Revoked * {LINE}", "host", None, id="a marker is in small letters"),
        pytest.param(f"@revoked @cert-authority * {LINE}", "host", None, id="two markers"),
        pytest.param(f"host x{LINE}", "host", None, id="no key"),
        pytest.param("host", "host", None, id="a name alone"),
        pytest.param(f"|1|AAAA|AAAA {LINE}", "host", None, id="a hash that is none"),
        pytest.param(f"|2|{'A' * 27}=|{'A' * 27}= {LINE}", "host", None, id="a hash of another kind"),
        pytest.param(f"|1|\xff|x {LINE}", "host", None, id="a hash that is no text"),
        pytest.param(f"#host {LINE}", "host", None, id="a comment"),
    ],
)
def test_known_hosts(line: str, host: str, expected: Marker | None) -> None:
    found = known_keys.read(f"\n{line}\n".encode("latin-1"), "f", None).of(host)
    assert [(each.line, each.marker) for each in found] == ([] if expected is None else [(2, expected)])


def test_a_hashed_name() -> None:
    digest = base64.b64encode(hmac.new(bytes(range(20)), b"10.77.0.1", hashlib.sha1).digest()).decode()
    file = known_keys.read(f"|1|AAECAwQFBgcICQoLDA0ODxAREhM=|{digest} {LINE}\n".encode(), "f", None)
    assert ([each.line for each in file.of("10.77.0.1")], file.of("10.77.0.2")) == ([1], ())


BY_ADDRESS, BY_DNS, BY_PACKET = Naming(False, False), Naming(False, True), Naming(True, False)
IP = "10.0.0.1"
UNSEEN = Judgement(Truth.UNKNOWN, "x was not seen")


def ask(
    lists: Sequence[str | Judgement],
    known: Sequence[str | Judgement | None] = (f"{IP},host {LINE}",),
    naming: Naming = BY_ADDRESS,
    takes: Judgement = YES,
    budget: Budget | None = None,
) -> tuple[str, str | None]:
    """`known`: the system's file, the account's, and the second ones of both."""
    files = [
        known_keys.read(each.encode(), f"known{number}", None) if isinstance(each, str) else each
        for number, each in enumerate((*known, None, None, None, None)[:4])
    ]

    def judged(key: PublicKey, authority: bool) -> Judgement:
        assert (key.type, authority) == ("ssh-ed25519", False)
        return takes

    found = hostbased.judge(
        "ann",
        Lists(
            tuple(
                equiv.read(each.encode(), f"list{number}") for number, each in enumerate(lists) if isinstance(each, str)
            ),
            tuple(each for each in lists if isinstance(each, Judgement)),
        ),
        (KnownPair(files[0], files[1]), KnownPair(files[2], files[3])),
        naming,
        judged,
        Budget() if budget is None else budget,
    )
    return found.answer.value, found.reason


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(ask([IP]), ("yes", f"{IP} vouches for its user ann by list0:1"), id="an address"),
        pytest.param(ask(["", f"{IP} x"]), ("yes", f"{IP} vouches for its user x by list1:1"), id="the second list"),
        pytest.param(ask([]), ("no", "no file names a host that may vouch for the account"), id="no list"),
        pytest.param(ask([f"-{IP}"]), ("no", "no file names a host that may vouch for the account"), id="denied alone"),
        pytest.param(ask([IP], []), ("no", "no key of another host is known"), id="no key at all"),
        pytest.param(ask([IP], [f"x {LINE}"]), ("no", f"list0:1: no key of {IP} is known"), id="another's key"),
        pytest.param(
            ask(["host"]),
            ("no", "list0:1 names host, and with UseDNS no only addresses are compared"),
            id="a name, and UseDNS no",
        ),
        pytest.param(ask(["host"], naming=BY_DNS), ("yes", "host vouches for its user ann by list0:1"), id="UseDNS"),
        pytest.param(
            ask([IP], naming=BY_DNS),
            ("unknown", "list0:1 names an address, and under what name UseDNS knows it is not known"),
            id="an address, and UseDNS",
        ),
        pytest.param(
            ask(["HOST"], naming=BY_PACKET), ("yes", "HOST vouches for its user ann by list0:1"), id="says its own name"
        ),
        pytest.param(
            ask([IP], naming=Naming(None, False)),
            ("unknown", "HostbasedUsesNameFromPacketOnly is not known"),
            id="nobody knows who names it",
        ),
        pytest.param(ask([IP], naming=Naming(False, None)), ("unknown", "UseDNS is not known"), id="UseDNS not known"),
        pytest.param(
            ask([f"-{IP} ann\n{IP}"]), ("no", f"list0:2: a line before it keeps ann of {IP} out"), id="the first line"
        ),
        pytest.param(
            ask([f"-{IP}\n{IP} ann"]), ("no", f"list0:2: a line before it keeps ann of {IP} out"), id="its own name"
        ),
        pytest.param(ask([f"-{IP}\n{IP} x"]), ("yes", f"{IP} vouches for its user x by list0:2"), id="that of another"),
        pytest.param(
            ask(["a\nb\nc\n" + IP], budget=Budget(5)),
            ("unknown", "there are more names of hosts and of known keys than are compared"),
            id="too much to compare",
        ),
        pytest.param(
            ask([f"-{IP} ann\n{IP}", IP]), ("yes", f"{IP} vouches for its user ann by list0:2"), id="in its file alone"
        ),
        pytest.param(
            ask([f"-@group\n{IP}"]),
            ("unknown", f"list0:2: whether a line before it keeps ann of {IP} out is not known"),
            id="a netgroup that may deny",
        ),
        pytest.param(
            ask(["@group"]), ("unknown", "list0:1 names a netgroup, whose members are not known"), id="a netgroup"
        ),
        pytest.param(ask([f"@group\n{IP}"]), ("yes", f"{IP} vouches for its user ann by list0:2"), id="and an address"),
        pytest.param(
            ask(["hyg:dropped 9"]), ("unknown", "list0:1 was not collected"), id="a line that was not collected"
        ),
        pytest.param(
            ask([f"hyg:dropped 9\n{IP}"]), ("unknown", "list0:1 was not collected"), id="it may deny what follows"
        ),
        pytest.param(ask([UNSEEN]), ("unknown", "x was not seen"), id="a list that was not seen"),
        pytest.param(ask([IP, UNSEEN]), ("yes", f"{IP} vouches for its user ann by list0:1"), id="and one that was"),
        pytest.param(
            ask([UNSEEN], []), ("no", "no key of another host is known"), id="whatever it says, no key is known"
        ),
        pytest.param(ask([IP], [UNSEEN]), ("unknown", "list0:1: x was not seen"), id="keys that were not seen"),
        pytest.param(
            ask([IP], [f"{IP} {LINE}", UNSEEN]), ("unknown", "list0:1: x was not seen"), id="they may revoke a key"
        ),
        pytest.param(
            ask([IP], [f"{IP} {LINE}\nhyg:dropped 9"]),
            ("unknown", "list0:1: known0 holds lines that were not collected"),
            id="lines of keys that were not collected",
        ),
        pytest.param(
            ask([IP], takes=Judgement(Truth.NO, "too old")), ("no", "list0:1: too old"), id="a key that is not taken"
        ),
        pytest.param(
            ask([IP], takes=Judgement(Truth.UNKNOWN, "not known")),
            ("unknown", "list0:1: not known"),
            id="nobody knows whether it is",
        ),
        pytest.param(
            ask([IP], [f"{IP} {LINE}\n@revoked * {LINE}"]),
            ("no", f"list0:1: the key of {IP} is revoked where it is known"),
            id="a revoked key",
        ),
        pytest.param(
            ask([IP], [f"{IP} {LINE}\n@revoked * {OTHER_LINE}"]),
            ("yes", f"{IP} vouches for its user ann by list0:1"),
            id="another is revoked",
        ),
        pytest.param(
            ask([IP], [f"@revoked * {LINE}", None, f"{IP} {LINE}"]),
            ("no", f"list0:1: the key of {IP} is revoked where it is known"),
            id="revoked in the first files, known in the second",
        ),
        pytest.param(
            ask([IP], [None, None, None, f"{IP} {LINE}"]),
            ("yes", f"{IP} vouches for its user ann by list0:1"),
            id="known in the second files",
        ),
    ],
)
def test_answers(answer: tuple[str, str | None], expected: tuple[str, str | None]) -> None:
    assert answer == expected


def test_the_second_files_count_where_the_first_know_nothing() -> None:
    refused = Judgement(Truth.NO, "not this one")
    first, second = f"{IP} {OTHER_LINE}", f"{IP} {LINE}"
    ours = known_keys.read(second.encode(), "s", None).lines[0].key

    def takes(key: PublicKey, authority: bool) -> Judgement:
        return YES if key == ours and not authority else refused

    lists = Lists((equiv.read(IP.encode(), "f"),))
    pairs = [KnownPair(known_keys.read(each.encode(), "k", None), None) for each in (first, second)]
    assert hostbased.judge("ann", lists, pairs, BY_ADDRESS, takes, Budget()) == Judgement(Truth.NO, "f:1: not this one")
    assert hostbased.judge("ann", lists, pairs[1:], BY_ADDRESS, takes, Budget()).answer is Truth.YES


@pytest.mark.parametrize(
    ("lists", "known"),
    [
        pytest.param("host\n" * 50_000, f"x {LINE}\n", id="one line again and again"),
        pytest.param(
            "".join(f"10.{n >> 8 & 255}.{n & 255}.1\n" for n in range(20_000)), f"x* {LINE}\n" * 40, id="both"
        ),
        pytest.param("".join(f"-@g{n}\n10.0.0.1 u{n}\n" for n in range(10_000)), f"x {LINE}\n", id="netgroups"),
        pytest.param("10.0.0.1\n", f"{'*a' * 4000} {LINE}\n" * 30, id="patterns"),
        pytest.param("10.0.0.1\n", f"{','.join('a' * 900)} {LINE}\n" * 30, id="many names"),
    ],
)
def test_hostile_files_take_no_time(lists: str, known: str) -> None:
    began = time.process_time()
    answer, _ = ask([lists], [known])
    assert answer in ("no", "unknown")
    assert time.process_time() - began < 5
