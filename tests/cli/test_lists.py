"""Password lists beside hosts: what an entry opens, and what lists are held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.demo.plan import plan
from hygiene.demo.roots import keyring, write_host
from hygiene.testing.hosts import public_host_key

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


def test_hosts_and_lists_meet_in_the_database(hygiene: Hygiene, image: tuple[Path, Path]) -> None:
    root, owners = image
    path = hygiene.write("list.csv", LIST)
    assert hygiene("collect", "-q", "--root", f"{HOST.name}={root}", "--owners", owners).code == 0
    assert hygiene("passwords", "-q", path, "--exit-zero").code == 0
    assert [tie["row"] for tie in hygiene.rows("entry_accounts")] == [2, 3]
    assert hygiene("check", "-q", "--select", "password-opens-account").code == 10
    hygiene.write("list.csv", LIST.replace("\nroot;Qx7!a", "\nno-such;Qx7!a"))
    assert hygiene("passwords", "-q", path, "--exit-zero").code == 0
    assert [tie["row"] for tie in hygiene.rows("entry_accounts")] == [3], "those of the list before are gone"


KNOWN = "user;password\nx;kadolfia2024!\n"


@pytest.mark.parametrize(
    ("policy", "inventory", "expected"),
    [
        pytest.param("", "", False, id="nothing known"),
        pytest.param('[passwords]\norganisation = ["Kadolfia AG"]\n', "", True, id="the organisation"),
        pytest.param("", "127.61.9.1:1 tenant=Kadolfia\n", True, id="a customer"),
        pytest.param("", "web1.kadolfia.invalid\n", True, id="a host"),
    ],
)
def test_words_of_the_run(hygiene: Hygiene, policy: str, inventory: str, *, expected: bool) -> None:
    hygiene.write("hygiene.toml", policy)
    args: list[str | Path] = ["audit", "-q", "--passwords", hygiene.write("list.csv", KNOWN), "--exit-zero"]
    if inventory:
        # none of them answers
        args += ["-i", hygiene.write("hosts.txt", inventory), "--key", hygiene.write("key", KEYS.auditor.file())]
    answer = hygiene(*args)
    assert (answer.code, answer.err) == (0, "")
    (entry,) = hygiene.rows("password_entries")
    assert ("context" in entry["reasons"], entry["length_band"] is None) == (expected, expected)


def test_defaults_of_a_file_stand_beside_ours(hygiene: Hygiene) -> None:
    path = hygiene.write("list.csv", "user;password\ncisco;cisco\nBox;Kl4pperk1ste\n")
    defaults = hygiene.write("defaults.csv", "vendor,username,password\nAcme,box,Kl4pperk1ste\n")
    assert hygiene("passwords", "-q", path, "--defaults", defaults, "--exit-zero").code == 0
    assert ["default" in entry["reasons"] for entry in hygiene.rows("password_entries")] == [True, True]


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
    path = hygiene.write("list.csv", KNOWN)
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
