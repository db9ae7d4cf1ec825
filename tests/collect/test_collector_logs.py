"""Key use by the logs of a host: which lines count, when they were written, how far back the logs reach."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.evidence import tables
from hygiene.evidence.frames import Note, Transcript
from hygiene.evidence.tables import Use

from .disk import AWKS, collect, installed, make, snapshot, with_awk

FP = f"SHA256:{'A' * 43}"
OTHER = f"SHA256:{'B' * 42}+"
CA = f"SHA256:{'C' * 42}/"
HEAD = "2026-01-02T03:04:05+00:00 web1 sshd[123]: "
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MADE = datetime(2026, 1, 5, tzinfo=UTC).timestamp()  # long ago, so that ls shows the year


def log(user: str = "ann", address: str = "10.0.0.1", fp: str = FP, kind: str = "ED25519") -> str:
    return f"Accepted publickey for {user} from {address} port 50022 ssh2: {kind} {fp}"


def read(folder: Path, files: Mapping[str, str | bytes], made: float = MADE, text: bytes | None = None) -> Transcript:
    root = make(folder, {"/etc/passwd": "", **{f"/var/log/{name}": content for name, content in files.items()}})
    for name in files:
        os.utime(root / "var/log" / name, (made, made))
    before = snapshot(root)
    found = collect(root, text=text, options=["-l"])
    assert snapshot(root) == before
    return found


def uses(found: Transcript) -> list[tuple[str, str, str, datetime, datetime, int]]:
    return [
        (use.user.decode(), use.fingerprint, use.address, use.first, use.last, use.count)
        for use in tables.key_uses(found)
    ]


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        pytest.param(HEAD + log(), [("ann", FP, "10.0.0.1")], id="a key"),
        pytest.param(HEAD + log(address="fe80::1%eth0"), [("ann", FP, "fe80::1%eth0")], id="IPv6 with a zone"),
        pytest.param(HEAD + log(address="UNKNOWN"), [("ann", FP, "UNKNOWN")], id="a socket without address"),
        pytest.param(HEAD + log("DOM\\\\ann b"), [("DOM\\\\ann b", FP, "10.0.0.1")], id="blank in a name"),
        pytest.param(HEAD + log("x from 1.2.3.4"), [("x from 1.2.3.4", FP, "10.0.0.1")], id="from in a name"),
        pytest.param(
            HEAD + log("x from 9.9.9.9 port 1 ssh2"),
            [("x from 9.9.9.9 port 1 ssh2", FP, "10.0.0.1")],
            id="half a line in a name",
        ),
        pytest.param(
            HEAD + log(kind="ED25519-CERT") + f" ID ann@x (serial 5) CA RSA {CA}",
            [("ann", FP, "10.0.0.1"), ("ann", CA, "10.0.0.1")],
            id="a certificate counts for its key and its authority",
        ),
        pytest.param(
            HEAD + log().replace("Accepted", "Partial"), [("ann", FP, "10.0.0.1")], id="the first of two steps"
        ),
        pytest.param(HEAD.replace("sshd", "sshd-session") + log(), [("ann", FP, "10.0.0.1")], id="OpenSSH 9.8"),
        pytest.param(HEAD.replace("sshd", "authpriv.info sshd") + log(), [("ann", FP, "10.0.0.1")], id="busybox"),
        pytest.param(
            HEAD + log(kind="ED25519-CERT") + f" ID x from 1.2.3.4 port 1 ssh2: RSA {OTHER} (serial 5) CA RSA {CA}",
            [],
            id="a certificate's ID holds the words once more",
        ),
        pytest.param(
            HEAD + log(kind="ED25519-CERT") + f" ID x from 1.2.3.4 port 1 ssh2: RSA {OTHER}",
            [],
            id="and the line is cut there",
        ),
        pytest.param(
            HEAD + f"Failed password for invalid user {log('root')} from 6.6.6.6 port 9 ssh2", [], id="in a name"
        ),
        pytest.param(HEAD + f"Invalid user {HEAD}{log('root')} from 6.6.6.6 port 9", [], id="a whole line in a name"),
        pytest.param(HEAD + log().replace("Accepted", "Failed"), [], id="refused"),
        pytest.param(HEAD + log().replace("publickey", "password"), [], id="no key"),
        pytest.param(HEAD + log() + " and more", [], id="something behind it"),
        pytest.param(HEAD + log(fp="SHA256:short"), [], id="no whole fingerprint"),
        pytest.param(HEAD + log(fp="3b:0f:aa"), [], id="MD5 fingerprint of old versions"),
        pytest.param(HEAD.replace("sshd", "notsshd") + log(), [], id="another program"),
        pytest.param(HEAD.replace("sshd[123]", "sshd") + log(), [], id="without a pid"),
        pytest.param("x " + HEAD + log(), [], id="not at the start"),
    ],
)
def test_which_lines_count(tmp_path: Path, line: str, seen: list[tuple[str, str, str]]) -> None:
    found = read(tmp_path, {"auth.log": line + "\n"})
    assert uses(found) == [(*key, WHEN, WHEN, 1) for key in seen]


@pytest.mark.parametrize(
    ("stamp", "when"),
    [
        pytest.param("2026-01-02T03:04:05Z", WHEN, id="Z"),
        pytest.param("2026-01-02T04:04:05.123456+01:00", WHEN, id="fraction and zone"),
        pytest.param("2026-01-01T21:34:05-0530", WHEN, id="west, without a colon"),
        pytest.param("2024-02-29T00:00:00+00:00", datetime(2024, 2, 29, tzinfo=UTC), id="leap day"),
        pytest.param("2000-03-01T00:00:00+00:00", datetime(2000, 3, 1, tzinfo=UTC), id="leap century"),
        pytest.param("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC), id="far"),
        pytest.param("Jan  2 03:04:05", WHEN, id="without a year"),
        pytest.param("Dec 31 23:59:59", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), id="the year before the file"),
    ],
)
def test_when_a_line_was_written(tmp_path: Path, stamp: str, when: datetime) -> None:
    found = read(tmp_path, {"secure": f"{stamp} web1 sshd[1]: {log()}\n"})
    assert uses(found) == [("ann", FP, "10.0.0.1", when, when, 1)]
    assert tables.logs_reach(found) == (when, when)


FAMILY = {
    "auth.log": "Jan  3 10:00:00 web1 sshd[1]: Server listening on 0.0.0.0 port 22.\nJan  4 10:00:00 web1 cron[1]: x\n",
    "auth.log.1": f"Nov 20 10:00:00 web1 sshd[1]: {log()}\nDec 24 10:00:00 web1 sshd[1]: {log()}\n"
    f"Jan  1 10:00:00 web1 sshd[1]: {log()}\nJan  2 10:00:00 web1 sshd[1]: {log('bea', fp=OTHER)}",
    "auth.log.2.gz": gzip.compress(f"Oct  1 10:00:00 web1 sshd[1]: {log()}\n".encode()),
    "auth.log.3.gz": gzip.compress(
        f"Feb  1 10:00:00 web1 sshd[1]: {log(address='10.0.0.9')}\nOct  1 09:00:00 x y\n".encode()
    ),
    "auth.log.save": f"Jan  1 10:00:00 web1 sshd[1]: {log('copied')}\n",
    "authentic": f"Jan  1 10:00:00 web1 sshd[1]: {log('other')}\n",
}


@pytest.mark.parametrize("awk", AWKS)
def test_a_log_and_its_rotated_parts(tmp_path: Path, awk: str) -> None:
    if not installed(AWKS[awk].split()[0]):
        pytest.skip(f"{AWKS[awk]} is not installed here")
    found = read(tmp_path / "root", FAMILY, text=with_awk(AWKS[awk], tmp_path / "bin"))
    october = datetime(2025, 10, 1, 10, tzinfo=UTC)
    january, february = datetime(2026, 1, 2, 10, tzinfo=UTC), datetime(2025, 2, 1, 10, tzinfo=UTC)
    assert sorted(uses(found)) == [
        ("ann", FP, "10.0.0.1", october, datetime(2026, 1, 1, 10, tzinfo=UTC), 4),
        ("ann", FP, "10.0.0.9", february, february, 1),
        ("bea", OTHER, "10.0.0.1", january, january, 1),
    ]
    assert tables.logs_reach(found) == (february, datetime(2026, 1, 3, 10, tzinfo=UTC))
    assert found.notes == ()


def test_what_lies_behind_a_gap_is_not_claimed(tmp_path: Path) -> None:
    """A part that cannot be read: what is older tells of use, and the logs do not reach beyond it."""
    files: dict[str, str | bytes] = {
        "secure": f"{HEAD}{log()}\n",
        "secure-20251228.xz": b"\xfd7zXZ",
        "secure-20251221": f"2025-12-15T00:00:00Z web1 sshd[1]: {log('old')}\n",
        "messages": f"2026-01-01T00:00:00Z web1 sshd[1]: {log('before')}\n{HEAD}{log()}\n",
        "messages.1.gz": b"\x1f\x8b broken",
    }
    found = read(tmp_path, files)
    before = datetime(2026, 1, 1, tzinfo=UTC)
    # what both files hold counts once
    assert uses(found) == [("ann", FP, "10.0.0.1", WHEN, WHEN, 1), ("before", FP, "10.0.0.1", before, before, 1)]
    assert tables.logs_reach(found) == (before, WHEN)
    assert found.notes == (
        Note("logs", "compression", "/var/log/secure-20251228.xz"),
        Note("logs", "not-read", "/var/log/messages.1.gz"),
    )


def test_only_when_asked(tmp_path: Path) -> None:
    root = make(tmp_path, {"/etc/passwd": "", "/var/log/auth.log": f"{HEAD}{log()}\n"})
    found = collect(root)
    assert (found.first("key_uses"), found.first("logs_since"), tables.logs_reach(found)) == (None, None, None)
    assert [use.user for use in tables.key_uses(collect(root, text=script.text(logs=True)))] == [b"ann"]


def journalled(folder: Path, said: str, status: int) -> bytes:
    """The script, made to find a journal in a folder."""
    text = with_awk("awk", folder)
    (folder / "awk").unlink()
    (folder / "said").write_text(said)
    (folder / "journalctl").write_text(
        '#!/bin/sh\ncase "$*" in *_UID=0*-t\\ sshd\\ -t\\ sshd-session) '
        f"cat {folder}/said; exit {status} ;; esac\nexit 1\n"
    )
    (folder / "journalctl").chmod(0o755)
    asked = b'if (LIVE && lone("command -v journalctl")'
    assert text.count(asked) == 1
    return text.replace(asked, b'if (lone("command -v journalctl")')


def test_the_journal_comes_first(tmp_path: Path) -> None:
    """What a log file holds of the journal's time counts once; what it has from before goes on behind it."""
    text = journalled(tmp_path / "bin", f"{HEAD.replace('+00:00', '+0000')}{log()}\n", 0)
    files = {"auth.log": f"2025-06-01T00:00:00Z web1 sshd[1]: {log()}\n{HEAD}{log()}\n"}
    found = read(tmp_path / "root", files, text=text)
    june = datetime(2025, 6, 1, tzinfo=UTC)
    assert uses(found) == [("ann", FP, "10.0.0.1", june, WHEN, 2)]
    assert tables.logs_reach(found) == (june, WHEN)
    assert found.notes == ()


def test_a_journal_that_breaks_off_counts_for_nothing(tmp_path: Path) -> None:
    """It gives the newest lines last: a key would seem unused that was used yesterday."""
    found = read(tmp_path / "root", {}, text=journalled(tmp_path / "bin", f"{HEAD}{log()}\n", 124))
    assert (uses(found), tables.logs_reach(found)) == ([], None)
    assert found.notes == (Note("logs", "not-read", "the journal"),)


def test_logs_larger_than_our_bound(tmp_path: Path) -> None:
    """The end of the newest file is read, and nothing older."""
    files = {
        "auth.log": f"{HEAD}{log('cut')}\n" * 3 + f"{HEAD}{log('end')}\n" * 20,
        "auth.log.1": f"{HEAD}{log('old')}\n",
    }
    bound = b"LOGBUDGET = 67108864"
    assert script.text().count(bound) == 1
    found = read(tmp_path, files, text=script.text().replace(bound, b"LOGBUDGET = 3000"))
    assert [use[0] for use in uses(found)] == ["end"]
    assert found.notes == (Note("logs", "too-large", "/var/log/auth.log"),)


def test_uses_are_told_as_records(tmp_path: Path) -> None:
    found = read(tmp_path, {"auth.log": f"{HEAD}{log()}\n"})
    assert tables.key_uses(found) == (Use(b"ann", FP, "10.0.0.1", WHEN, WHEN, 1),)
