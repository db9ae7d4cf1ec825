"""Rows go in and come out as they were, whatever a host says, and findings of other rows do not survive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hygiene.model import (
    TABLES,
    Account,
    AccountState,
    Area,
    AreaName,
    AreaState,
    Confidence,
    FindingRow,
    FindingStatus,
    Gap,
    Grant,
    Host,
    HostFacts,
    HostKey,
    Identity,
    Key,
    LoginPath,
    PasswordEntry,
    PasswordState,
    PathVerdict,
    PrivateKey,
    RootBy,
    SecondFactor,
    Setting,
    SettingState,
    Severity,
    Status,
    SubjectKind,
    Truth,
)
from hygiene.store.schema import KeptScan, columns, ddl
from hygiene.store.store import Store

NOW = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)


def host(name: str = "web1", **changes: Any) -> Host:
    plain = Host(name, name, 22, None, (), Status.COMPLETE, "done", "", None, None, None, None, None)
    return replace(plain, **changes)


def grant(name: str = "web1", fingerprint: str | None = "SHA256:a", comment: str | None = None) -> Grant:
    return Grant(
        name,
        "sshd",
        "anna",
        fingerprint,
        "f",
        1,
        (),
        None,
        None,
        False,
        None,
        False,
        Truth.YES,
        None,
        Truth.NO,
        comment,
    )


def facts(name: str, *grants: Grant, keys: Iterable[Key] = (), **parts: Any) -> HostFacts:
    return HostFacts(host(name), grants=grants, keys=tuple(keys), **parts)


def key(fingerprint: str, weakness: str | None = None, comment: str | None = None) -> Key:
    return Key(fingerprint, "ssh-rsa", 2048, comment, weakness)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


def table(store: Store, record: type[Any]) -> list[Any]:
    return list(store.fleet().rows(record))


WHOLE = HostFacts(
    host(
        tenant="acme",
        tags=("a", "b"),
        machine_id="m",
        os="debian",
        sshd_version="9.2",
        collected_at=NOW,
        clock_skew_s=-3,
        boot_id="b",
        login_user="root",
        login_fingerprint="SHA256:x",
        evidence="digest",
    ),
    areas=(Area("web1", AreaName.SSHD, AreaState.SEEN), Area("web1", AreaName.LOGS, AreaState.ABSENT)),
    accounts=(
        Account(
            "web1", "root", 0, "/root", "/bin/sh", AccountState.ACTIVE, RootBy.UID0, PasswordState.SET, "yescrypt", 0
        ),
        Account("web1", "x", 1, "/", "", AccountState.NO_SHELL, RootBy.UNKNOWN, PasswordState.UNKNOWN, None),
    ),
    keys=(key("SHA256:a", "rsa-2048"),),
    grants=(
        Grant(
            "web1",
            "sshd",
            "root",
            "SHA256:a",
            "/root/.ssh/authorized_keys",
            7,
            ("no-pty", 'command="a,b"'),
            ("10.0.0.1", "!bad"),
            'echo "x"',
            True,
            NOW,
            True,
            Truth.UNKNOWN,
            "why",
            Truth.YES,
            "me@laptop",
        ),
        grant(fingerprint=None),
    ),
    private_keys=(PrivateKey("web1", None, "/p", "openssh", Truth.UNKNOWN, None, "0600"),),
    host_keys=(HostKey("web1", "SHA256:h", "ssh-ed25519", None),),
    settings=(
        Setting("web1", "sshd", "*", "hostkey", "/z", "/etc/ssh/sshd_config:2", SettingState.EFFECTIVE),
        Setting("web1", "sshd", "*", "hostkey", "/a", "/etc/ssh/sshd_config:3", SettingState.PENDING),
    ),
    login_paths=(
        LoginPath("web1", "sshd", "root", "*", "publickey", None, (), None, PathVerdict.UNKNOWN, "why"),
        LoginPath("web1", "sshd", "root", "*", "publickey", 1, ("key",), "/bin/x", PathVerdict.ONE, None),
    ),
    gaps=(Gap("web1", "web1", "pam", "r", False), Gap("web1", "web1:x", "sshd", "r", True)),
)


@pytest.mark.parametrize(
    "name", ["areas", "accounts", "grants", "private_keys", "host_keys", "settings", "login_paths", "gaps"]
)
def test_rows_of_a_host_come_back_as_they_were_in_their_order(store: Store, name: str) -> None:
    store.put_hosts([WHOLE])

    assert table(store, TABLES[name]) == list(getattr(WHOLE, name))


def test_the_host_itself_comes_back(store: Store) -> None:
    store.put_hosts([WHOLE])

    assert table(store, Host) == [WHOLE.host]
    assert store.digests() == {"web1": "digest"}


def test_times_are_kept_in_utc(store: Store) -> None:
    here = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    store.put_hosts([HostFacts(host(collected_at=here))])

    assert [row.collected_at for row in table(store, Host)] == [datetime(2026, 1, 1, 7, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("a\0b", "a\0b", id="a zero byte"),
        pytest.param("\x1b[2J\r\n\t\x85\u202e", "\x1b[2J\r\n\t\x85\u202e", id="control characters"),
        pytest.param("'; DROP TABLE hosts; --", "'; DROP TABLE hosts; --", id="SQL"),
        pytest.param('{"a": ["b\\u0000"]}\\', '{"a": ["b\\u0000"]}\\', id="JSON"),
        pytest.param("\udc80x", "\\udc80x", id="a lone surrogate is spelt out"),
        pytest.param("\U0001f511\u00fc", "\U0001f511\u00fc", id="beyond the basic plane"),
        pytest.param("x" * 1_000_000, "x" * 1_000_000, id="long"),
    ],
)
def test_hostile_text_is_kept_or_spelt_out(store: Store, given: str, kept: str) -> None:
    row = replace(grant(comment=given), options=(given, "plain"), account=given)
    store.put_hosts([HostFacts(host(), grants=(row, grant()))])

    assert table(store, Grant) == [replace(grant(comment=kept), options=(kept, "plain"), account=kept), grant()]


@pytest.mark.parametrize(
    ("given", "kept"), [(2**70, 2**63 - 1), (-(2**70), -(2**63)), (2**63 - 1, 2**63 - 1)], ids=["high", "low", "limit"]
)
def test_numbers_that_no_column_holds_become_the_nearest(store: Store, given: int, kept: int) -> None:
    store.put_hosts([HostFacts(host(), grants=(replace(grant(), line=given), grant()))])

    assert [row.line for row in table(store, Grant)] == [kept, 1]


def test_putting_a_host_again_replaces_all_its_rows_and_no_others(store: Store) -> None:
    other = facts("web2", grant("web2"), gaps=(Gap("web2", "web2", "sshd", "r"),))
    store.put_hosts([WHOLE, other])
    store.put_hosts([facts("web1", grant("web1", "SHA256:new"))])

    assert table(store, Host) == [host("web1"), host("web2")]
    assert table(store, Grant) == [grant("web1", "SHA256:new"), grant("web2")]
    assert table(store, Gap) == [Gap("web2", "web2", "sshd", "r")]
    assert [table(store, TABLES[name]) for name in ("areas", "accounts", "settings", "login_paths")] == [[]] * 4


def test_a_host_given_twice_is_there_once_as_it_was_last(store: Store) -> None:
    store.put_hosts([facts("web1", grant(comment="first")), facts("web1", grant(comment="last"))])

    assert table(store, Grant) == [grant(comment="last")]


def test_more_rows_than_fit_in_one_batch(store: Store) -> None:
    many = [facts(f"h{i:05}", *[grant(f"h{i:05}")] * 300) for i in range(200)]
    store.put_hosts(iter(many))

    assert list(store.fleet().query("SELECT count(*), count(DISTINCT host) FROM grants")) == [(60_000, 200)]


def test_forgotten_hosts_are_gone(store: Store) -> None:
    store.put_hosts([WHOLE, facts("web2", grant("web2"))])
    store.forget_hosts(["web1", "never-known"])

    assert table(store, Host) == [host("web2")]
    assert table(store, Gap) == []
    assert store.digests() == {}


# ---------------------------------------------------------------- keys


def comments(*given: str | None) -> list[HostFacts]:
    return [facts(f"h{i}", grant(f"h{i}", comment=c), keys=[key("SHA256:a")]) for i, c in enumerate(given)]


@pytest.mark.parametrize(
    ("given", "comment"),
    [
        pytest.param(["b", "a", "b"], "b", id="the most frequent"),
        pytest.param(["b", "a"], "a", id="then bytewise first"),
        pytest.param(["a", "B"], "B", id="bytes, not letters"),
        pytest.param(["", "", "x"], "x", id="an empty one is none"),
        pytest.param([None, ""], None, id="none"),
    ],
)
def test_the_comment_of_a_key(store: Store, given: list[str | None], comment: str | None) -> None:
    store.put_hosts(comments(*given))
    store.finish()

    assert table(store, Key) == [key("SHA256:a", comment=comment)]


def test_keys_are_those_that_some_host_shows(store: Store) -> None:
    store.put_hosts(
        [
            HostFacts(
                host("web1"),
                keys=tuple(key(f"SHA256:{name}") for name in "agph"),
                grants=(grant("web1", "SHA256:g"),),
                private_keys=(PrivateKey("web1", None, "/p", "openssh", Truth.NO, "SHA256:p", "0600"),),
                host_keys=(HostKey("web1", "SHA256:h", "ssh-rsa", 2048),),
            )
        ]
    )
    store.finish()
    assert [row.fingerprint for row in table(store, Key)] == ["SHA256:g", "SHA256:h", "SHA256:p"]

    store.put_hosts([HostFacts(host("web1"))])
    store.finish()
    assert table(store, Key) == []

    store.put_hosts([facts("web1", grant("web1", "SHA256:g"), keys=[key("SHA256:g")])])
    store.finish()
    assert table(store, Key) == [key("SHA256:g")]


def test_what_a_key_is_follows_the_newest_word(store: Store) -> None:
    for weakness in (None, "rsa-2048", None, "factorable"):
        store.put_hosts([facts("web1", grant(), keys=[key("SHA256:a", weakness)])])
        store.finish()
        assert table(store, Key) == [key("SHA256:a", weakness)]


P, Q, R, S = 1_000_003, 1_000_033, 1_000_037, 1_000_039


def moduli(**numbers: int) -> HostFacts:
    name = "-".join(numbers)
    return facts(
        name,
        *[grant(name, fingerprint) for fingerprint in numbers],
        keys=[key(fingerprint) for fingerprint in numbers],
        moduli=tuple((fingerprint, f"{number:x}") for fingerprint, number in numbers.items()),
    )


def weaknesses(store: Store) -> Mapping[str, str | None]:
    store.finish()
    return {row.fingerprint: row.weakness for row in table(store, Key)}


def test_factors_shared_over_the_fleet_make_keys_factorable(store: Store) -> None:
    store.put_hosts([moduli(a=P * Q), moduli(c=R * S)])
    assert weaknesses(store) == {"a": None, "c": None}

    store.put_hosts([moduli(b=P * R)])
    assert weaknesses(store) == {"a": "factorable", "b": "factorable", "c": "factorable"}

    store.forget_hosts(["b"])
    assert weaknesses(store) == {"a": None, "c": None}


def test_factors_are_found_again_after_the_database_was_closed(tmp_path: Any) -> None:
    path = tmp_path / "x.duckdb"
    with Store.open(path, create=True) as store:
        store.put_hosts([moduli(a=P * Q)])
        store.finish()
    with Store.open(path, create=False) as store:
        store.put_hosts([moduli(b=P * R)])
        assert weaknesses(store) == {"a": "factorable", "b": "factorable"}
    with Store.open(path, create=False) as store:
        assert weaknesses(store) == {"a": "factorable", "b": "factorable"}


# ---------------------------------------------------------------- lists, findings, gaps


def entry(row: int, name: str = "a.csv") -> PasswordEntry:
    return PasswordEntry(name, row, "anna", None, "acme", "8-11", 2, 1, 4, 2, ("common", "short"))


FINDING = FindingRow(
    "0" * 32,
    "root-key-reuse",
    Severity.HIGH,
    Confidence.MEDIUM,
    FindingStatus.OPEN,
    SubjectKind.KEY,
    "SHA256:a",
    "1 key",
    '{"root_hosts": 2}',
    2,
)


def test_lists_are_replaced_as_a_whole(store: Store) -> None:
    store.put(PasswordEntry, [entry(3), entry(2), entry(2, "b.csv")])
    store.put(PasswordEntry, iter([entry(9), entry(8)]))

    assert table(store, PasswordEntry) == [entry(8), entry(9)]


def test_findings_come_back(store: Store) -> None:
    store.put(FindingRow, [FINDING])
    store.put(FindingRow, [FINDING, replace(FINDING, check="a-check")])

    assert table(store, FindingRow) == [replace(FINDING, check="a-check"), FINDING]


def test_filled_tables_are_present_even_when_nothing_was_in(store: Store) -> None:
    before = {name: store.fleet().table_present(name) for name in (*TABLES, "meta", "nothing")}
    store.put(PasswordEntry, [])
    store.put(FindingRow, [])
    after = {name: store.fleet().table_present(name) for name in (*TABLES, "meta", "nothing")}

    of_lists = {"password_lists", "password_entries", "list_hashes", "breach_lookups", "entry_accounts"}
    later = {*of_lists, "identities", "key_uses", "probes", "findings"}
    assert before == {**{name: name not in later for name in TABLES}, "meta": False, "nothing": False}
    assert after == {**before, "password_entries": True, "findings": True}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda store: store.put_hosts([facts("web1")]), id="hosts were put"),
        pytest.param(lambda store: store.forget_hosts(["web1"]), id="hosts were forgotten"),
        pytest.param(lambda store: store.put(PasswordEntry, []), id="lists were read"),
        pytest.param(lambda store: store.put(Identity, []), id="exports were read"),
    ],
)
def test_findings_of_other_facts_are_dropped(store: Store, change: Any) -> None:
    store.put_hosts([facts("web1")])
    store.put(FindingRow, [FINDING])
    change(store)

    assert table(store, FindingRow) == []
    assert not store.fleet().table_present("findings")


def test_findings_stay_when_nothing_was_put(store: Store) -> None:
    store.put(FindingRow, [FINDING])
    store.put_hosts([])
    store.forget_hosts(["never-known"])

    assert table(store, FindingRow) == [FINDING]


def test_gaps_of_no_host_are_replaced_apart(store: Store) -> None:
    store.put_hosts([facts("web1", gaps=(Gap("web1", "web1", "sshd", "r"),))])
    store.put_gaps([Gap(None, "a.csv", "passwords", "old")])
    store.put_gaps([Gap(None, "a.csv", "passwords", "new")])

    assert table(store, Gap) == [Gap("web1", "web1", "sshd", "r"), Gap(None, "a.csv", "passwords", "new")]


def test_a_host_s_gap_does_not_come_without_it(store: Store) -> None:
    with pytest.raises(ValueError, match="come with its facts"):
        store.put_gaps([Gap("web1", "web1", "sshd", "r")])


def test_gaps_are_accepted_by_the_last_word_on_them(store: Store) -> None:
    gaps = [Gap("web1", "web1", "pam", "r"), Gap("web1", "web1", "sshd", "r")]
    store.put_hosts([facts("web1", gaps=tuple(gaps))])
    store.put_gaps([Gap(None, "a.csv", "passwords", "r")])

    store.accept_gaps(lambda gap: gap.area != "sshd")
    assert [(gap.area, gap.accepted) for gap in table(store, Gap)] == [
        ("pam", True),
        ("sshd", False),
        ("passwords", True),
    ]

    store.accept_gaps(lambda gap: gap.area == "sshd")
    assert [gap.area for gap in table(store, Gap) if gap.accepted] == ["sshd"]


def test_scans_are_kept_once_each(store: Store) -> None:
    scan = KeptScan("s", NOW, NOW, 3, 1, 1, 1, 0, 0, "p", "0.1")
    store.put_scan(scan)
    store.put_scan(replace(scan, id="t"))
    store.put_scan(replace(scan, tool_version="0.2"))

    assert sorted(store.fleet().query("SELECT id, tool_version, targets FROM scans")) == [
        ("s", "0.2", 3),
        ("t", "0.1", 3),
    ]


def test_meta_keeps_what_json_can_say(store: Store) -> None:
    store.set_meta("a", {"b": [1, None, "x"]})
    store.set_meta("a", {"b": [2]})

    assert (store.get_meta("a"), store.get_meta("never")) == ({"b": [2]}, None)


def test_what_fails_in_the_middle_leaves_the_rows_as_they_were(store: Store) -> None:
    store.put(PasswordEntry, [entry(2)])

    def broken() -> Iterator[PasswordEntry]:
        yield from (entry(row) for row in range(50_000))
        raise RuntimeError("the list ended in the middle")

    with pytest.raises(RuntimeError, match="ended in the middle"):
        store.put(PasswordEntry, broken())

    assert table(store, PasswordEntry) == [entry(2)]


def test_the_tables_are_those_of_the_records() -> None:
    statements = "\n".join(ddl().values())

    assert 'CREATE TABLE keys ("fingerprint" VARCHAR NOT NULL, "type" VARCHAR NOT NULL, "bits" BIGINT, ' in statements
    assert '"tags" VARCHAR[] NOT NULL, "status" VARCHAR NOT NULL' in statements
    assert (
        '"from_patterns" VARCHAR[], "command" VARCHAR, "restricted" BOOLEAN NOT NULL, "expires_at" TIMESTAMP,'
        in statements
    )
    for name, record in TABLES.items():
        assert f"CREATE TABLE {name} (" in statements
        assert [column.name for column in columns(record)] == [field.name for field in fields(record)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            (entry(3, "b.csv"), entry(2, "a.csv"), replace(entry(1), reasons=(), account=None)),
            id="rows of a run, in their order",
        ),
        pytest.param((), id="nothing was found, which is not the same as not asked"),
        pytest.param(None, id="not asked"),
    ],
)
def test_apart_shows_some_tables_and_nothing_else(rows: tuple[PasswordEntry, ...] | None) -> None:
    with Store.in_memory() as store:
        store.put(Identity, [Identity("ad.csv", "eva", False, True, SecondFactor.NONE, ())])
        store.put_gaps([Gap(None, "a.csv", "passwords", "row 3 is wider")])
        store.set_meta("lists", ["a.csv"])
        if rows is not None:
            store.put(PasswordEntry, rows)
        # its own files are closed by that
        before = store.fleet()
        with store.apart(PasswordEntry) as apart:
            fleet = apart.fleet()
            assert fleet.table_present("password_entries") is (rows is not None)
            assert [*fleet.query("SELECT row FROM password_entries")] == [(row.row,) for row in rows or ()]
            assert [*fleet.rows(PasswordEntry)] == [*store.fleet().rows(PasswordEntry)]
            assert (fleet.table_present("identities"), [*fleet.rows(Identity)]) == (False, [])
            assert ([*fleet.rows(Gap)], apart.get_meta("lists")) == ([], None)
            # what is written there is not written here
            apart.put_gaps([Gap(None, "fleet", "checks", "one crashed")])
            apart.set_meta("lists", ["b.csv"])
            assert [*store.fleet().rows(Gap)] == [Gap(None, "a.csv", "passwords", "row 3 is wider")]
            assert store.get_meta("lists") == ["a.csv"]
        assert [row.source for row in before.rows(Identity)] == ["ad.csv"]
        with store.apart(Identity) as apart:
            assert [row.source for row in apart.fleet().rows(Identity)] == ["ad.csv"]
