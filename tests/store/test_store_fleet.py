"""Questions to the fleet: one SELECT each, in a stable order, and no way to a file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from hygiene.model import Coverage, Gap, Grant, Host, Places, Setting
from hygiene.store.books import unfounded
from hygiene.store.places import Look
from hygiene.store.store import Store
from hygiene.testing.planting import planted, rows_of

ROWS = """
hosts: host=web{1..3} tenant=acme
hosts: host=db1 status=unreachable
hosts: host=db2 status=refused
hosts: host=db3 status=skipped
hosts: host=db4 status=partial
grants: host=web{1..3} account=anna fingerprint=SHA256:a
grants: host=web1 account=root fingerprint=SHA256:a opens_root=yes line=2
grants: host=web2 account=root fingerprint=SHA256:b accepted=unknown opens_root=unknown restricted=yes
grants: host=web3 account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
grants: host=web3 account=root fingerprint=SHA256:dead accepted=no opens_root=yes
grants: host=web3 account=root
"""


def test_query_gives_tuples_and_named_gives_mappings() -> None:
    with planted(rows_of(ROWS)) as fleet:
        sql = "SELECT host, line FROM grants WHERE account = $account AND line > $line"
        asked = {"account": "root", "line": 1}

        assert list(fleet.query(sql, asked)) == [("web1", 2)]
        assert list(fleet.named(sql, asked)) == [{"host": "web1", "line": 2}]


def test_questions_may_be_open_at_the_same_time() -> None:
    with planted(rows_of(ROWS)) as fleet:
        pairs = [
            (a, b)
            for (a,) in fleet.query("SELECT host FROM hosts WHERE tenant = 'acme' ORDER BY host")
            for (b,) in fleet.query(
                "SELECT account FROM grants WHERE host = $h AND line = 1 ORDER BY account", {"h": a}
            )
        ]

    assert pairs == [
        ("web1", "anna"),
        ("web2", "anna"),
        ("web2", "root"),
        *[("web3", account) for account in ("anna", "root", "root", "root")],
    ]


def test_large_answers_come_in_pieces() -> None:
    with planted([]) as fleet:
        assert sum(number for (number,) in fleet.query("SELECT * FROM range(25000)")) == 25000 * 24999 // 2


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("DELETE FROM grants", id="writes"),
        pytest.param("SELECT 1; SELECT 2", id="two statements"),
        pytest.param("SELECT 1; DROP TABLE grants", id="a second that drops"),
        pytest.param("CREATE TABLE t AS SELECT 1", id="makes a table"),
        pytest.param("COPY grants TO '/tmp/stolen.csv'", id="writes a file"),
        pytest.param("ATTACH '/tmp/x.duckdb'", id="opens a database"),
        pytest.param("SET enable_external_access = true", id="changes settings"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_question_is_one_select(sql: str) -> None:
    with planted(rows_of(ROWS)) as fleet:
        with pytest.raises(ValueError, match="one SELECT"):
            list(fleet.query(sql))
        assert fleet.hosts_total() == 7


@pytest.mark.parametrize(
    "source",
    [
        "read_text('{path}')",
        "read_csv('{path}')",
        "read_blob('{path}')",
        "'{path}'",
        "glob('{folder}/*')",
        "read_text('/etc/passwd')",
    ],
)
def test_no_question_reads_a_file(tmp_path: Path, source: str) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")
    with planted([]) as fleet, pytest.raises(duckdb.Error) as raised:
        list(fleet.query(f"SELECT * FROM {source.format(path=path, folder=tmp_path)}"))

    assert "disabled by configuration" in str(raised.value)


def test_rows_are_records_that_a_condition_chooses() -> None:
    with planted(rows_of(ROWS)) as fleet:
        assert [row.host for row in fleet.rows(Host, "status <> $status", {"status": "complete"})] == [
            "db1",
            "db2",
            "db3",
            "db4",
        ]
        assert [row.line for row in fleet.rows(Grant, "host = 'web1'")] == [1, 2]


def test_rows_of_a_host_keep_their_order() -> None:
    settings = """
    settings: host=web1 keyword=hostkey value=/z
    settings: host=web1 keyword=hostkey value=/a
    settings: host=db1 keyword=hostkey value=/m
    """
    with planted(rows_of(settings)) as fleet:
        assert [(row.host, row.value) for row in fleet.rows(Setting)] == [("db1", "/m"), ("web1", "/z"), ("web1", "/a")]


def test_the_books_of_the_run() -> None:
    with planted(rows_of(ROWS)) as fleet:
        assert fleet.coverage() == Coverage(complete=3, partial=1, unreachable=1, refused=1, skipped=1)
        assert fleet.hosts_total() == 7


def test_openings_are_the_grants_that_let_someone_in_as_far_as_we_know() -> None:
    with planted(rows_of(ROWS), auditor_keys=["SHA256:b"]) as fleet:
        rows = list(fleet.named("SELECT * FROM openings ORDER BY host, account, fingerprint"))

    def row(host: str, account: str, fingerprint: str, line: int = 1, **flags: bool) -> dict[str, object]:
        plain = {"restricted": False, "is_authority": False, "proven": True}
        flags = {**plain, "root": False, "root_proven": False, "auditor": False, **flags}
        place = {"file": ".ssh/authorized_keys", "line": line}
        return {
            "host": host,
            "tenant": "acme",
            "daemon": "sshd",
            "account": account,
            "fingerprint": f"SHA256:{fingerprint}",
            **place,
            **flags,
        }

    assert rows == [
        row("web1", "anna", "a"),
        row("web1", "root", "a", line=2, root=True, root_proven=True),
        row("web2", "anna", "a"),
        row("web2", "root", "b", restricted=True, proven=False, root=True, auditor=True),
        row("web3", "anna", "a"),
        row("web3", "root", "ca", is_authority=True, root=True, root_proven=True),
    ]


def test_auditor_grants_are_what_we_entered_with_and_what_the_policy_names() -> None:
    rows = """
    hosts: host=web1 login_user=audit login_fingerprint=SHA256:login
    hosts: host=web2 login_user=audit
    grants: host=web1 account=audit fingerprint=SHA256:login
    grants: host=web2 account=audit fingerprint=SHA256:login
    grants: host=web2 account=root fingerprint=SHA256:named
    """
    sql = "SELECT host, account, fingerprint FROM auditor_grants ORDER BY ALL"
    with planted(rows_of(rows)) as fleet:
        assert list(fleet.query(sql)) == [("web1", "audit", "SHA256:login")]
    with planted(rows_of(rows), auditor_keys=["SHA256:named"]) as fleet:
        assert list(fleet.query(sql)) == [("web1", "audit", "SHA256:login"), ("web2", "root", "SHA256:named")]


def test_a_second_fleet_has_its_own_auditor() -> None:
    with Store.in_memory() as store:
        store.fleet(frozenset({"SHA256:a"}))

        assert list(store.fleet().query("SELECT * FROM auditor_keys")) == []


# ---------------------------------------------------------------- places

BY_KEY = "SELECT fingerprint, host, account FROM grants WHERE fingerprint = $fingerprint ORDER BY host, account"


def test_places_are_counted_and_sampled_with_plain_values() -> None:
    places = Places("SELECT host, collected_at, tags FROM hosts WHERE tenant = $t ORDER BY host", {"t": "acme"})
    with planted(rows_of(ROWS)) as fleet:
        assert fleet.count(places) == 3
        assert fleet.sample(places, 1) == ({"host": "web1", "collected_at": "2026-06-01T12:00:00Z", "tags": []},)


@pytest.mark.parametrize(
    ("sql", "total"),
    [
        pytest.param("SELECT host FROM hosts ORDER BY host, address", 7, id="an order, which is left out"),
        pytest.param("SELECT host FROM hosts", 7, id="no order"),
        pytest.param("SELECT host FROM hosts ORDER BY host LIMIT 3", 3, id="a limit behind it"),
        pytest.param("SELECT host FROM hosts ORDER BY host offset 1", 6, id="an offset behind it"),
        pytest.param("SELECT host FROM hosts QUALIFY row_number() OVER (ORDER BY host) < 3", 2, id="of a window"),
        pytest.param("SELECT host FROM hosts WHERE host <> 'ORDER BY host'", 7, id="in a text"),
        pytest.param("SELECT host FROM hosts -- ORDER BY host", 7, id="in a comment"),
        pytest.param("SELECT host FROM hosts ORDER BY host -- by name", 7, id="a comment behind it"),
    ],
)
def test_places_are_counted_without_their_order(sql: str, total: int) -> None:
    with planted(rows_of(ROWS)) as fleet:
        assert fleet.count(Places(sql, {})) == total


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        pytest.param(BY_KEY, [{"fingerprint": f"SHA256:{k}"} for k in ("a", "b", "none", "ca", "a")], id="usual form"),
        pytest.param(
            "SELECT host, account, line FROM grants WHERE host = $host AND line <= $most ORDER BY account DESC",
            [{"host": h, "most": m} for h in ("web1", "web2", "db1") for m in (1, 2)],
            id="another parameter that differs",
        ),
        pytest.param(
            BY_KEY.replace("fingerprint, host", "host"),
            [{"fingerprint": "SHA256:a"}, {"fingerprint": "SHA256:b"}],
            id="the subject is no column",
        ),
        pytest.param(
            BY_KEY.partition(" ORDER")[0], [{"fingerprint": "SHA256:ca"}, {"fingerprint": "SHA256:b"}], id="no order"
        ),
        pytest.param(
            "SELECT host, count(*) AS n FROM grants WHERE host = $host GROUP BY host ORDER BY host LIMIT 1",
            [{"host": "web1"}, {"host": "web2"}],
            id="a limit of its own",
        ),
        pytest.param(
            "SELECT fingerprint, host FROM grants WHERE fingerprint IS NOT NULL AND host IN "
            "(SELECT host FROM grants WHERE fingerprint = $fingerprint) ORDER BY host, line",
            [{"fingerprint": "SHA256:a"}, {"fingerprint": "SHA256:b"}],
            id="the usual form, but it means something else",
        ),
        pytest.param(
            "SELECT host, row_number() OVER (ORDER BY line) AS n FROM grants WHERE host = $host ORDER BY n",
            [{"host": "web2"}, {"host": "web1"}, {"host": "web3"}],
            id="numbers that would run on",
        ),
        pytest.param("SELECT host FROM hosts ORDER BY host", [{}, {}], id="no parameters"),
    ],
)
def test_places_of_many_findings_are_those_of_each(sql: str, parameters: list[dict[str, object]]) -> None:
    places = [Places(sql, given) for given in parameters]
    with planted(rows_of(ROWS)) as fleet:
        together = fleet.look(places, 2)
        alone = [Look(fleet.count(place), fleet.sample(place, 2)) for place in places]

    assert together == alone
    assert sum(look.total for look in alone) > 0


def test_places_of_different_findings_keep_their_order() -> None:
    places = [
        Places(BY_KEY, {"fingerprint": "SHA256:b"}),
        Places("SELECT host FROM hosts WHERE host = $host ORDER BY host", {"host": "db1"}),
        Places(BY_KEY, {"fingerprint": "SHA256:a"}),
    ]
    with planted(rows_of(ROWS)) as fleet:
        assert [(look.total, look.sample[0]["host"]) for look in fleet.look(places, 1)] == [
            (1, "web2"),
            (1, "db1"),
            (4, "web1"),
        ]
        assert fleet.look([], 5) == []


# ---------------------------------------------------------------- books


def test_what_is_unknown_without_a_gap_is_a_fault() -> None:
    rows = """
    grants: host=web1 fingerprint=SHA256:a accepted=unknown
    private_keys: host=web2 encrypted=unknown
    login_paths: host=web3 verdict=unknown
    accounts: host=web4 account=a root_by=unknown
    settings: host=web5 keyword=a value=b state=unknown
    grants: host=web6 fingerprint=SHA256:a accepted=no
    gaps: host=web2 area=private_keys
    """
    with planted(rows_of(rows)) as fleet:
        assert [row.host for row in fleet.rows(Gap)] == ["web2"]
        assert unfounded(fleet) == [
            ("accounts", "web4"),
            ("grants", "web1"),
            ("settings", "web5"),
            ("login_paths", "web3"),
        ]
