"""Marked passwords go through the whole command, on every way it may end, and appear in nothing that it leaves."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import string
from collections.abc import Callable
from pathlib import Path

import pytest

from passwords.canaries import CANARIES, ONE, PASSPHRASE, READABLE, REFUSED, THREE, TWO, found_in, hash_files, vaults
from passwords.leaving import Left, parquet, run

REPORTS = ("--format", "json", "--format", "html", "--output", "reports", "--verbose")
VAULTS = vaults()
FILES, HASHES = hash_files()


def saved(folder: Path, files: dict[str, bytes]) -> list[Path]:
    lists = folder / "lists"
    lists.mkdir(exist_ok=True)
    for name, data in files.items():
        (lists / name).write_bytes(data)
    return [lists / name for name in files]


def long_list(folder: Path) -> Path:
    """Enough to be interrupted; the marked ones are among the first, and again at the end."""
    rng = random.Random(5)
    middle = ("".join(rng.choices(string.ascii_letters, k=30)) for _ in range(20_000))
    (path,) = saved(folder, {"long.txt": "\n".join((*CANARIES, *middle, *CANARIES, "")).encode()})
    return path


def breached(folder: Path) -> Path:
    """A list of breached passwords with the marked ones: in it their digests are looked for."""
    digests = sorted(hashlib.sha1(secret.encode()).hexdigest().upper() for secret in (*CANARIES, "x", "y"))
    (path,) = saved(folder, {"breached.txt": "".join(f"{digest}:7\n" for digest in digests).encode()})
    return path


@pytest.mark.parametrize("command", [("passwords",), pytest.param(("audit",), marks=pytest.mark.prove)], ids=" ".join)
def test_every_format_at_once(tmp_path: Path, command: tuple[str, ...]) -> None:
    secret = saved(tmp_path, {"passphrase": PASSPHRASE.encode()})[0]
    lists: list[str | Path] = [*saved(tmp_path, READABLE | VAULTS)]
    if command == ("audit",):
        lists = [piece for path in lists for piece in ("--passwords", path)]
    handed = [piece for path in saved(tmp_path, FILES) for piece in ("--hashes", f"web1={path}")]
    matching = (*handed, "--match", "--match-budget", "5")
    defaults = saved(tmp_path, {"defaults.csv": f"user,password\nroot,{ONE}\n*,{TWO}\nu,{THREE}\n".encode()})[0]
    left = run(
        tmp_path,
        *(*command, *lists, "--passphrase-file", secret, "--breached", breached(tmp_path), *matching, *REPORTS),
        *("--defaults", defaults),
    )
    assert left.code == 10, left.err
    assert len(left.workers) >= 1
    assert left.core_limits == {"0 0"}
    assert found_in(left.everything, (*CANARIES, PASSPHRASE, *HASHES)) == []
    for name in (b"password_entries", b"password-breached", b"password-default", b"lists/pairs.txt", b"web1"):
        assert name in left.tables + left.files


def kill(pid: int, number: int) -> bool:
    os.kill(pid, number)
    return True


def by(number: signal.Signals) -> Callable[[int, set[int]], bool]:
    return lambda pid, _: kill(pid, number)


@pytest.mark.parametrize(
    ("during", "code", "message"),
    [
        pytest.param(by(signal.SIGINT), 130, "interrupted", id="interrupted"),
        pytest.param(
            lambda _, workers: kill(max(workers), signal.SIGKILL),
            1,
            "a scoring process ended unexpectedly (out of memory?); run again",
            id="a process that scores is killed",
        ),
        *(
            pytest.param(by(number), -number, None, id=f"ended by {number.name}", marks=pytest.mark.prove)
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)
        ),
    ],
)
def test_ended_in_the_middle(
    tmp_path: Path, during: Callable[[int, set[int]], bool], code: int, message: str | None
) -> None:
    left = run(tmp_path, "passwords", long_list(tmp_path), *REPORTS, during=during)
    assert (left.code, left.err.decode().splitlines()[-1:]) == (code, [f"hygiene: {message}"] if message else [])
    assert found_in(left.everything) == []
    assert list((tmp_path / "run").rglob("core*")) == []


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        pytest.param((), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)), id="a full disk"),
        *(
            pytest.param(arguments, None, id=" ".join(arguments), marks=pytest.mark.prove)
            for arguments in (("--db", "file/x.duckdb"), ("--db", "/proc/x.duckdb"), ("--output", "/proc/x"))
        ),
    ],
)
def test_nothing_can_be_written(tmp_path: Path, arguments: tuple[str, ...], limit: Callable[[], None] | None) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "file").touch()
    left = run(tmp_path, "passwords", *saved(tmp_path, READABLE), *REPORTS, *arguments, limit=limit)
    assert left.code in (1, 2)
    assert left.err.startswith(b"hygiene: ")
    assert b"Traceback" not in left.err
    assert found_in(left.everything) == []


def refused(folder: Path, name: str, data: bytes, *arguments: str | Path) -> Left:
    left = run(folder, "passwords", *saved(folder, {name: data}), *REPORTS, *arguments)
    assert (left.code, left.out, left.err.count(b"\n")) == (2, b"", 1)
    return left


@pytest.mark.prove
@pytest.mark.parametrize("name", REFUSED)
def test_a_list_that_is_refused(tmp_path: Path, name: str) -> None:
    assert found_in(refused(tmp_path, name, REFUSED[name]).everything) == []


@pytest.mark.prove
@pytest.mark.skipif(not VAULTS, reason="KDBX needs pykeepass: pip install 'ssh-hygiene[keepass]'")
def test_a_wrong_passphrase(tmp_path: Path) -> None:
    (secret,) = saved(tmp_path, {"passphrase": (PASSPHRASE + "x").encode()})
    left = refused(tmp_path, "four.kdbx", VAULTS["four.kdbx"], "--passphrase-file", secret)
    assert found_in(left.everything, (*CANARIES, PASSPHRASE)) == []


@pytest.mark.prove
@pytest.mark.timeout(1_200)
def test_every_table_in_every_format(tmp_path: Path) -> None:
    lists = saved(tmp_path, READABLE | FILES)
    scored = run(tmp_path, "passwords", *lists, "--breached", breached(tmp_path), "--match", "--match-budget", "5")
    assert scored.code == 10, scored.err
    secrets = (*CANARIES, *HASHES)
    for table in ("password_lists", "password_entries", "list_hashes", "breach_lookups", "entry_accounts", "gaps"):
        for form in ("jsonl", "csv", "parquet"):
            left = run(tmp_path, "export", table, "--format", form, "--output", f"{table}.{form}")
            assert (left.code, left.err) == (0, b"")
            assert (tmp_path / "run" / f"{table}.{form}").stat().st_size > 0
        read = parquet(tmp_path / "run" / f"{table}.parquet")
        assert (table, read == b"[]" and table not in ("entry_accounts", "gaps")) == (table, False)
        assert found_in(left.everything + read, secrets) == []


def damaged(data: bytes) -> dict[str, bytes]:
    """Cut at several places, and with a bit turned at several."""
    size = len(data)
    cuts = {f"cut at {share}%": data[: size * share // 100] for share in (3, 40, 75, 97)}
    flips = {}
    for share in (1, 20, 50, 90):
        at = size * share // 100
        flips[f"a bit at {share}%"] = data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :]
    return cuts | flips


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [*READABLE, *VAULTS, *FILES])
def test_damaged(tmp_path: Path, name: str) -> None:
    data = (READABLE | VAULTS | FILES)[name]
    (secret,) = saved(tmp_path, {"passphrase": PASSPHRASE.encode()})
    for way, torn in damaged(data).items():
        left = run(tmp_path, "passwords", *saved(tmp_path, {name: torn}), "--passphrase-file", secret, *REPORTS)
        assert (way, left.code in (0, 2, 3, 10), b"Traceback" in left.err) == (way, True, False)
        assert left.code != 2 or left.err.count(b"\n") == 1
        assert (way, found_in(left.everything, (*CANARIES, PASSPHRASE, *HASHES))) == (way, [])


def test_the_search_finds_what_a_run_leaves(tmp_path: Path) -> None:
    """A name of the list is told everywhere, on purpose: were a password told there, it would be found there too."""
    told = "Pf3marked-name"
    data = f"user;password;system\n{told};{ONE};h\n{told};{ONE};i\n".encode()
    left = run(tmp_path, "passwords", *saved(tmp_path, {f"{told}.csv": data}), *REPORTS)
    for part in (left.out, left.files, left.tables, left.seen):
        assert found_in(part, (told, told.upper())) == [told, told.upper()]
    assert found_in(left.everything) == []
