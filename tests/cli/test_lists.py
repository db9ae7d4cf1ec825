"""Password lists beside hosts: what an entry opens, and what lists are held against."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from hygiene.cli.lists import knowledge_of
from hygiene.demo.plan import plan
from hygiene.demo.roots import keyring, write_host
from hygiene.model import Account, Host, HostFacts, Target
from hygiene.passwords.score.judgement import Knowledge
from hygiene.policy.policy import Policy
from hygiene.store.store import Store
from hygiene.testing.hosts import public_host_key
from hygiene.testing.planting import plant, rows_of

from .commands import Hygiene

PLAN = plan(60)
KEYS = keyring(PLAN)
HOST = next(host for host in PLAN.hosts if host.root_password and not host.directory)
# made up, and short; `nightly` is locked below
LIST = f"user;password;system\nroot;Qx7!a;{HOST.name}\nnightly;Qx7!b;{HOST.name}\nroot;Qx7!c;elsewhere\n"


@pytest.fixture
def image(tmp_path: Path) -> tuple[Path, Path]:
    """The image of a host whose root has a password that lets in, and the owners of its files."""
    root, owners = tmp_path / "image", tmp_path / "image.mtree"
    root.mkdir()
    write_host(HOST, KEYS, public_host_key("lists", "127.0.0.1"), root, owners)
    for name, line in (
        ("passwd", "nightly:x:4000:4000::/home/nightly:/bin/sh\n"),
        ("shadow", "nightly:!$y$j9T$x$y:19000:0:99999:7:::\n"),
    ):
        with (root / "etc" / name).open("a") as file:
            file.write(line)
    return root, owners


def test_a_list_that_opens_root_is_critical_and_a_disabled_account_is_not(
    hygiene: Hygiene, image: tuple[Path, Path]
) -> None:
    root, owners = image
    path = hygiene.write("list.csv", LIST)
    answer = hygiene(
        *("audit", "-q", "--root", f"{HOST.name}={root}", "--owners", owners, "--passwords", path),
        *("--select", "password-opens-account", "--format", "json", "-o", "out"),
    )
    assert answer.code == 10, answer.err
    (finding,) = hygiene.rows("findings")
    assert (finding["severity"], finding["subject"]) == ("critical", f"{HOST.name}:root")
    assert finding["message"] == (
        f"1 entry of password lists is for {HOST.name}:root, which a password alone enters; 1 is shorter than 8"
        " characters, 1 easy to guess"
    )
    ties = [(tie["row"], tie["account"], tie["tie"]) for tie in hygiene.rows("entry_accounts")]
    assert ties == [(2, "root", "name"), (3, "nightly", "name")]
    assert [row["list"] for row in hygiene.rows("password_lists")] == ["list.csv"]
    assert "Qx7" not in (hygiene.work / "out" / "report.json").read_text()


def test_what_is_no_entry_is_said(hygiene: Hygiene) -> None:
    """Rows and sheets that were left out, and what was made of the others."""
    book = openpyxl.Workbook()
    hidden, other = book.active, book.create_sheet("Andere")
    assert hidden is not None
    for row in (("user", "password"), ("anna", "Qx7!a"), ("bert", "siehe Tresor"), ("carl", None), ("dora", 4711)):
        hidden.append(row)
    hidden.title, hidden.sheet_state = "Alte", "hidden"
    other.append(("Wer", "Wo"))
    book.save(hygiene.work / "book.xlsx")
    bare = hygiene.write("bare.csv", "user;password\n")
    answer = hygiene("passwords", "book.xlsx", bare, "--select", "password-default", "--exit-zero")
    assert answer.err.splitlines() == [
        (
            "hygiene: book.xlsx: 1 row without a password (cell or line empty or blank);"
            " 1 row with a placeholder where a password should be;"
            " 1 row with a password stored as a number, date or truth value (excel-mangled): what it dropped is lost;"
            " sheet 'Alte' is hidden; it was read; sheet 'Alte': header in row 1, 2 passwords;"
            " sheet 'Andere' has no password column; not read"
        ),
        "hygiene: bare.csv: no password in it",
    ]
    assert hygiene("passwords", "-q", "book.xlsx", "--select", "password-default", "--exit-zero").err == ""


def test_hosts_and_lists_meet_in_the_database(hygiene: Hygiene, image: tuple[Path, Path]) -> None:
    root, owners = image
    path = hygiene.write("list.csv", LIST)
    assert hygiene("collect", "-q", "--root", f"{HOST.name}={root}", "--owners", owners).code == 0
    assert hygiene("passwords", "-q", path, "--exit-zero").code == 0
    assert [tie["row"] for tie in hygiene.rows("entry_accounts")] == [2, 3]
    hygiene.write("list.csv", LIST.replace("\nroot;Qx7!a", "\nno-such;Qx7!a"))
    assert hygiene("passwords", "-q", path, "--exit-zero").code == 0
    assert [tie["row"] for tie in hygiene.rows("entry_accounts")] == [3], "those of the list before are gone"


@pytest.mark.parametrize(
    ("policy", "target", "rows", "expected"),
    [
        pytest.param(Policy(), None, "", (), id="nothing known"),
        pytest.param(
            Policy(organisation=("Kadolfia AG",)),
            None,
            "",
            ("kadolfia ag", "kadolfia", "kadolfiaag"),
            id="the organisation",
        ),
        pytest.param(Policy(), Target("web1", "192.0.2.1", tenant="Kadolfia"), "", ("kadolfia",), id="a customer"),
        pytest.param(Policy(), Target("web1", "web1.kadolfia.example"), "", ("kadolfia",), id="a host's address"),
        pytest.param(Policy(), Target("web1", "/srv/kadolfia"), "", (), id="the folder of an image"),
        pytest.param(
            Policy(),
            None,
            "hosts: host=kadolfia-7 tenant=Quxolin\naccounts: host=kadolfia-7 account=mkrawuttke",
            ("quxolin", "kadolfia", "mkrawuttke"),
            id="hosts that were scanned before, and their people",
        ),
        pytest.param(
            Policy(), None, "accounts: host=web1 account=qmailsrvd uid=81", (), id="accounts of the system say nothing"
        ),
    ],
)
def test_words_of_the_run(policy: Policy, target: Target | None, rows: str, expected: tuple[str, ...]) -> None:
    with Store.in_memory() as store:
        planted = rows_of(rows)
        hosts = [row for row in planted if isinstance(row, Host)] or list(plant("hosts", host="web1"))
        accounts = tuple(row for row in planted if isinstance(row, Account))
        store.put_hosts([HostFacts(host, accounts=accounts) for host in hosts])
        found = knowledge_of(policy, 2026, store, [target] if target is not None else [])
    assert found == Knowledge(2026, expected)


def test_the_policy_and_a_file_of_defaults_reach_the_scores(hygiene: Hygiene) -> None:
    hygiene.write("hygiene.toml", '[passwords]\norganisation = ["Kadolfia AG"]\n')
    path = hygiene.write("list.csv", "user;password\ncisco;cisco\nBox;Kl4pperk1ste\nx;kadolfia2024!\n")
    defaults = hygiene.write("defaults.csv", "vendor,username,password\nAcme,box,Kl4pperk1ste\n")
    answer = hygiene("passwords", "-q", path, "--defaults", defaults, "--exit-zero")
    assert (answer.code, answer.err) == (0, "")
    entries = hygiene.rows("password_entries")
    assert ["default" in entry["reasons"] for entry in entries] == [True, True, False]
    assert ["context" in entry["reasons"] for entry in entries] == [True, False, True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot be read (No such file or directory)", id="missing"),
        pytest.param(b"vendor;user;password\n", "expected a first row that names the columns", id="semicolons"),
        pytest.param(b"user,password\nroot\n", ":2: the row has no password column", id="short row"),
        pytest.param(b"user,password\nroot,\xff\n", "is not UTF-8", id="bytes"),
    ],
)
def test_damaged_defaults_are_refused(hygiene: Hygiene, content: bytes | None, message: str) -> None:
    path = hygiene.write("list.csv", "user;password\nx;y\n")
    if content is not None:
        hygiene.write("defaults.csv", content)
    answer = hygiene("passwords", "-q", path, "--defaults", "defaults.csv")
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1)
    assert "defaults.csv" in answer.err
    assert message in answer.err
    assert "hygiene.duckdb" not in hygiene.left()


def test_defaults_without_a_list(hygiene: Hygiene) -> None:
    answer = hygiene("audit", "-i", hygiene.write("hosts.txt", "web1\n"), "--defaults", "defaults.csv")
    assert answer.code == 2
    assert "--defaults belongs to password lists; add --passwords FILE" in answer.err
