"""Tables for other programs: complete, in a stable order, harmless to what opens them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import duckdb
import pytest

from hygiene.errors import UsageError
from hygiene.model import TABLES, FindingRow
from hygiene.store.export import FORMATS, export
from hygiene.store.schema import columns
from hygiene.store.store import Store
from hygiene.testing.planting import plant, planted, rows_of

GAPS = """
gaps: host=web2 area=sshd reason=second
gaps: host=web1 area=sshd reason="first, \\"quoted\\""
"""


def exported(rows: list[object], table: str, form: str) -> bytes:
    out = io.BytesIO()
    with planted(rows) as fleet:
        export(fleet, table, form, out)
    return out.getvalue()


def test_json_lines() -> None:
    rows = [*plant("hosts", host="web1", tags="a,b", tenant="M\u00fcnchen")]

    assert exported(rows, "hosts", "jsonl") == (
        b'{"host": "web1", "address": "web1", "port": 22, "tenant": "M\\u00fcnchen", "tags": ["a", "b"], '
        b'"status": "complete", "stage": "done", "reason": "", "machine_id": null, "os": "debian 12", '
        b'"sshd_version": "9.2", "collected_at": "2026-06-01T12:00:00Z", "clock_skew_s": 0, "boot_id": null, '
        b'"login_user": null, "login_fingerprint": null, "evidence": null, "logs_since": null}\n'
    )


def test_csv() -> None:
    rows = [*plant("hosts", host="web1", tags="a,b", tenant="M\u00fcnchen")]

    assert exported(rows, "hosts", "csv").decode() == (
        "host,address,port,tenant,tags,status,stage,reason,machine_id,os,sshd_version,collected_at,clock_skew_s,boot_id,"
        "login_user,login_fingerprint,evidence,logs_since\n"
        'web1,web1,22,M\u00fcnchen,"[""a"", ""b""]",complete,done,"",,debian 12,9.2,2026-06-01T12:00:00Z,0,,,,,\n'
    )


def test_truth_and_quotes_in_csv_and_a_stable_order() -> None:
    assert exported(rows_of(GAPS), "gaps", "csv").decode() == (
        'host,subject,area,reason,accepted\nweb1,web1,sshd,"first, ""quoted""",false\nweb2,web2,sshd,second,false\n'
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\t=1", "'\t=1", id="tab"),
        pytest.param("\r=1", '"\'\r=1"', id="carriage return"),
        pytest.param('=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"', id="a formula with quotes"),
        pytest.param("a=b", "a=b", id="not at the beginning"),
        pytest.param(" =1", '" =1"', id="a blank before is kept"),
        pytest.param("\x1b[2J\x07\x9b\x00", "\\x1b[2J\\x07\\x9b\\x00", id="what acts on a terminal is spelt out"),
        pytest.param("a\nb", '"a\nb"', id="a line end"),
        pytest.param("", '""', id="an empty text is not absence"),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet(text: str, cell: str) -> None:
    (gap,) = plant("gaps", host="web1", area="sshd")
    row = type(gap)("web1", "web1", "sshd", text, False)

    assert (
        exported([row], "gaps", "csv").decode() == f"host,subject,area,reason,accepted\nweb1,web1,sshd,{cell},false\n"
    )


def test_numbers_below_zero_stay_numbers_in_csv() -> None:
    assert b",-5," in exported([*plant("hosts", host="web1", clock_skew_s=-5)], "hosts", "csv")


def test_parquet_holds_the_same_rows_and_types(tmp_path: Path) -> None:
    path = tmp_path / "it's grants.parquet"
    rows = rows_of("grants: host=web{1..3} fingerprint=SHA256:a options=a,b expires_at=2026-01-02T03:04:05+00:00")
    path.write_bytes(exported(rows, "grants", "parquet"))

    with duckdb.connect() as connection:
        relation = connection.from_parquet(str(path))
        names, types = relation.columns, [str(kind) for kind in relation.types]
        cells = relation.fetchall()
    assert list(zip(names, types, strict=True)) == [(c.name, c.sql_type) for c in columns(TABLES["grants"])]
    assert [(row[0], row[6]) for row in cells] == [("web1", ["a", "b"]), ("web2", ["a", "b"]), ("web3", ["a", "b"])]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("table", sorted(TABLES.keys() - {"findings"}))
def test_every_table_is_there_in_every_format(table: str, form: str) -> None:
    assert exported([], table, form) or form == "jsonl"


@pytest.mark.parametrize("form", FORMATS)
def test_exports_repeat_byte_by_byte(form: str) -> None:
    rows = rows_of("grants: host=web{1..30} account=anna fingerprint=SHA256:a\ngrants: host=web{1..30} account=bert")

    assert exported(rows, "grants", form) == exported(rows, "grants", form)


def test_json_lines_can_be_read_whatever_a_host_says() -> None:
    (grant,) = plant("grants", host="web1", comment='\x00\x1b\u2028\ud800"\\')

    (line,) = exported([grant], "grants", "jsonl").splitlines()
    assert json.loads(line)["comment"] == '\x00\x1b\u2028\\ud800"\\'


def test_a_reader_exports_too(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    Store.open(path, create=True).close()
    out = io.BytesIO()
    with Store.open(path, create=False, read_only=True) as store:
        export(store.fleet(), "grants", "parquet", out)

    assert out.getvalue()[:4] == b"PAR1"
    assert [name.name for name in tmp_path.iterdir()] == ["x.duckdb"]


@pytest.mark.parametrize(
    ("table", "form", "message"),
    [
        pytest.param("grant", "csv", "there is no table 'grant'; expected one of hosts, areas,", id="table"),
        pytest.param("meta", "csv", "there is no table 'meta'", id="our own tables are not for others"),
        pytest.param("grants", "xml", "there is no format 'xml'; expected one of jsonl, csv, parquet", id="format"),
        pytest.param("findings", "csv", ":memory:: no check has run on what is stored", id="findings before a check"),
    ],
)
def test_what_cannot_be_exported_is_said(table: str, form: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        exported([], table, form)

    assert message in str(raised.value)


def test_findings_are_exported_once_a_check_has_run() -> None:
    out = io.BytesIO()
    with Store.in_memory() as store:
        store.put(FindingRow, [])
        export(store.fleet(), "findings", "csv", out)

    assert out.getvalue().startswith(b"id,check,severity,")
