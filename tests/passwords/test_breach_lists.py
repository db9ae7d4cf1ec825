"""Look-ups in lists of breached passwords: the text, the folder of prefixes and the index give the same counts."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hygiene.errors import InputError, StorageError
from hygiene.passwords.breach import open_breaches, open_text
from hygiene.passwords.breach.build import build
from hygiene.passwords.breach.index import DIRECTORY_AT, MAGIC, SUFFIXES_AT
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.md4 import md4
from passwords.breaches import digests, folder, lines

EXPECTED = "expected the Pwned Passwords list as its downloader writes it, sorted by hash"


def counts_of(kind: Kind, number: int) -> dict[bytes, int]:
    return {
        key: at % 1000 * at % 99_991 + 1 for at, key in enumerate(digests(kind, (f"word{n}" for n in range(number))))
    }


def asked(kind: Kind, counts: Mapping[bytes, int], seed: int = 6) -> list[bytes]:
    """Half of them are in the list; the first and the last of all, one missing at each end, some twice."""
    rng = random.Random(seed)
    some = rng.sample(sorted(counts), min(len(counts), 500))
    others = digests(kind, (f"other{n}" for n in range(len(some))))
    ends = [min(counts), max(counts), bytes(kind.size), b"\xff" * kind.size]
    questions = [*some, *others, *ends, *some[:50]]
    rng.shuffle(questions)
    return questions


def of_line_ends(end: str, *, small: bool = False) -> Callable[[Mapping[bytes, int]], bytes]:
    return lambda counts: lines(counts, end=end, small=small)


def of_mixed_case(counts: Mapping[bytes, int]) -> bytes:
    rows = lines(counts).split(b"\n")
    return b"\n".join(row.lower() if at % 977 == 5 else row for at, row in enumerate(rows))


@pytest.mark.parametrize(
    ("data", "vector"),
    [
        # RFC 1320, A.5
        (b"", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        (b"a", "bde52cb31de33e46245e05fbdbd6fb24"),
        (b"abc", "a448017aaf21d8525fc10ae87aa6729d"),
        (b"message digest", "d9130a8164549fe818874806e1c7014b"),
        (b"abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4"),
        (b"1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
    ids=["empty", "one-letter", "three", "words", "alphabet", "two-blocks-by-padding", "two-blocks"],
)
def test_md4_is_that_of_the_rfc(data: bytes, vector: str) -> None:
    assert md4(data).hex() == vector


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        (Kind.SHA1, "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"),
        (Kind.NTLM, "8846f7eaee8fb117ad06bdd830b7586c"),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
def test_the_digest_of_a_word_is_the_one_that_lists_hold(kind: Kind, digest: str) -> None:
    assert kind.digest("password").hex() == digest
    assert len(kind.digest("\ud800ä€\0")) == kind.size  # no error for what no encoding has


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
@pytest.mark.parametrize("number", [1, 2, 5_000], ids=["one", "two", "many"])
@pytest.mark.parametrize(
    "written",
    [
        of_line_ends("\n"),
        of_line_ends("\r\n"),
        of_line_ends("\n", small=True),
        of_mixed_case,
        lambda counts: lines(counts).rstrip(b"\n"),
        lambda counts: b"\xef\xbb\xbf" + lines(counts, end="\r\n") + b"\r\n\r\n",
    ],
    ids=["lf", "crlf", "small-letters", "mixed-letters", "no-last-line-end", "byte-order-mark-and-blank-lines"],
)
def test_a_text_and_its_index_give_each_count(
    tmp_path: Path, kind: Kind, number: int, written: Callable[[Mapping[bytes, int]], bytes]
) -> None:
    counts = counts_of(kind, number)
    path = tmp_path / "list.txt"
    path.write_bytes(written(counts))
    questions = asked(kind, counts)
    expected = [counts.get(question, 0) for question in questions]
    with open_breaches(path) as breaches:
        assert (breaches.kind, breaches.counted) == (kind, True)
        assert list(breaches.count(questions)) == expected


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_an_index_gives_each_count_by_the_text_that_it_was_made_of(tmp_path: Path, kind: Kind) -> None:
    counts = counts_of(kind, 60)
    path = tmp_path / "list.txt"
    path.write_bytes(of_mixed_case(counts).replace(b"\n", b"\r\n"))
    questions = asked(kind, counts)
    with open_text(path) as text:
        assert build(text, tmp_path / "index") == 60
    with open_breaches(tmp_path / "index") as index:
        assert (index.kind, index.counted) == (kind, False)
        assert list(index.count(questions)) == [int(question in counts) for question in questions]
    with open_breaches(tmp_path / "index", path) as index:
        assert (index.kind, index.counted) == (kind, True)
        assert list(index.count(questions)) == [counts.get(question, 0) for question in questions]


@pytest.mark.parametrize(
    "values",
    [
        [bytes([0] * 17) + bytes([a, b, 7]) for a in range(20) for b in range(100)],
        [bytes([255] * 8) + bytes([0] * 9) + bytes([a, b, 7]) for a in range(20) for b in range(100)],
        [(2**n).to_bytes(20) for n in range(160)] + [(2**160 - 2**n).to_bytes(20) for n in range(158)],
    ],
    ids=["all-at-the-begin", "all-at-the-end", "crowded-at-both-ends"],
)
def test_digests_that_are_not_spread_evenly_are_found_too(tmp_path: Path, values: list[bytes]) -> None:
    counts = {value: at + 1 for at, value in enumerate(values)}
    path = tmp_path / "list.txt"
    path.write_bytes(lines(counts))
    questions = [*counts, *(value[:-1] + b"\x08" for value in values), bytes(20), b"\x80" * 20, b"\xff" * 20]
    with open_breaches(path) as breaches:
        assert list(breaches.count(questions)) == [counts.get(question, 0) for question in questions]
    if values[0] != bytes(17) + b"\0\0\x07":
        return  # building takes a second whatever the list is
    with open_text(path) as text:
        build(text, tmp_path / "index")
    with open_breaches(tmp_path / "index") as index:
        assert list(index.count(questions[:1])) == [1]
    with open_breaches(tmp_path / "index", path) as index:
        assert list(index.count(questions)) == [counts.get(question, 0) for question in questions]


def test_the_index_finds_each_of_many(tmp_path: Path) -> None:
    counts = counts_of(Kind.SHA1, 60_000)  # more than a piece that is read at a time
    path = tmp_path / "list.txt"
    path.write_bytes(lines(counts, end="\r\n"))
    told: list[tuple[int, int]] = []
    with open_text(path) as text:
        assert build(text, tmp_path / "index", lambda done, whole: told.append((done, whole))) == len(counts)
    assert told[-1][0] == told[-1][1]
    assert sorted(told) == told
    questions = [*counts, *digests(Kind.SHA1, (f"other{n}" for n in range(10_000)))]
    with open_breaches(tmp_path / "index") as index, open_breaches(path) as text:
        assert list(index.count(questions)) == [int(question in counts) for question in questions]
        assert list(text.count(questions)) == [counts.get(question, 0) for question in questions]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["index", "list.txt"]


def test_a_hit_of_the_index_that_the_text_does_not_have_is_none(tmp_path: Path) -> None:
    first = bytes.fromhex("0123456789abcdef" + "00" * 12)
    twin = bytes.fromhex("0123456789abcdef" + "11" * 12)
    path = tmp_path / "list.txt"
    neighbours = [bytes.fromhex("aaaaaa" + rest + "00" * 12) for rest in ("1122334455", "6677889900", "7788990011")]
    path.write_bytes(lines({first: 7, **dict.fromkeys(neighbours, 3)}))
    with open_text(path) as text:
        build(text, tmp_path / "index")
    with open_breaches(tmp_path / "index", path) as index:
        assert list(index.count([twin, first])) == [0, 7]
    # the end of one and the begin of the next, and one that stands there besides
    across = bytes.fromhex("aaaaaa" + "3344556677" + "00" * 12)
    with open_breaches(tmp_path / "index") as index:
        assert list(index.count([across, *neighbours])) == [0, 1, 1, 1]


def test_one_line_in_small_letters_among_others_is_found(tmp_path: Path) -> None:
    counts = counts_of(Kind.SHA1, 60_000)
    rows = lines(counts).split(b"\n")
    keys = sorted(counts)[30_080:30_240]
    path = tmp_path / "list.txt"
    # samples look at four lines of 234; what is asked before it tells where to look
    for at in range(30_160, 30_164):
        path.write_bytes(b"\n".join([*rows[:at], rows[at].lower(), *rows[at + 1 :]]))
        for some in (keys, keys[:80] + keys[81:][::-1], [*keys[::7], sorted(counts)[at]]):
            with open_breaches(path) as breaches:
                assert list(breaches.count(some)) == [counts[key] for key in some]


def complete(path: Path, kind: Kind) -> None:
    """The files that are sampled on opening, each with a line of its own, unless it has lines."""
    for prefix in (*range(0, 16**5, 16**5 // 64), 16**5 - 1):
        file = path / f"{prefix:05X}.txt"
        if not file.exists():
            file.write_bytes(b"0" * (kind.digits - 5) + b":3\r\n")


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_folder_of_prefixes_gives_each_count(tmp_path: Path, kind: Kind, end: str) -> None:
    counts = counts_of(kind, 300)
    path = folder(tmp_path / "hibp", counts, end=end)
    complete(path, kind)
    missing = [key[:-1] + bytes([key[-1] ^ 1]) for key in counts]
    questions = [*counts, *missing, *counts]
    with open_breaches(path) as breaches:
        assert (breaches.kind, breaches.counted) == (kind, True)
        assert list(breaches.count(questions)) == [counts.get(question, 0) for question in questions]


def broken_text(name: str) -> bytes:
    counts = counts_of(Kind.SHA1, 3_000)
    good = lines(counts)
    rows = good.split(b"\n")[:-1]
    match name:
        case "by-count":
            return b"\n".join(sorted(rows, key=lambda row: -int(row.split(b":")[1])))
        case "cut":
            return good[:-20]
        case "cut-in-the-hash":
            return good[: -(len(rows[-1]) + 1) + 11]
        case "empty":
            return b""
        case "no-counts":
            return b"\n".join(row[:40] for row in rows)
        case "two-kinds":
            return b"\n".join([*rows[:1500], *(row[:32] + row[40:] for row in rows[1500:])])
        case "passwords":
            return b"\n".join(b"secret%d:secret" % at for at in range(50))
        case "one-endless-line":
            return rows[0] + b"\n" + b"A" * 100_000
        case "zeros":
            return bytes(100_000)
        case "gzip":
            return b"\x1f\x8b\x08\x00" + good
    raise AssertionError(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("by-count", f"not sorted by hash; {EXPECTED}; the list ordered by count cannot be looked up"),
        ("cut-in-the-hash", f"a line that is no HASH:COUNT; {EXPECTED}; it may be cut: get it again"),
        ("empty", f"empty; {EXPECTED}"),
        ("no-counts", f"no list of HASH:COUNT lines; {EXPECTED}"),
        ("two-kinds", f"a line that is no HASH:COUNT; {EXPECTED}; it may be cut: get it again"),
        ("passwords", f"no list of HASH:COUNT lines; {EXPECTED}"),
        ("one-endless-line", f"a line that is no HASH:COUNT; {EXPECTED}; it may be cut: get it again"),
        ("zeros", f"no list of HASH:COUNT lines; {EXPECTED}"),
        ("gzip", f"compressed; {EXPECTED}; unpack it first"),
    ],
    ids=lambda value: value if "expected" not in value else "",
)
def test_what_is_no_sorted_list_is_refused_in_one_line(tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(broken_text(name))
    with pytest.raises(InputError) as error:
        open_breaches(path)
    assert str(error.value) == f"{path}: {message}"


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        open_breaches(tmp_path / "none")
    reason = "the list of breached passwords cannot be read: No such file or directory"
    assert str(error.value) == f"{tmp_path / 'none'}: {reason}"


def test_a_disorder_between_the_samples_is_met_by_look_ups_and_by_the_index(tmp_path: Path) -> None:
    counts = counts_of(Kind.SHA1, 60_000)
    rows = lines(counts).split(b"\n")[:-1]
    # samples look at four lines of 234
    rows[30_100:30_220] = rows[30_100:30_220][::-1]
    path = tmp_path / "list.txt"
    path.write_bytes(b"\n".join(rows) + b"\n")
    keys = sorted(counts)[30_080:30_240]
    with open_text(path) as text:
        with pytest.raises(InputError) as error:
            list(text.count(keys))
        assert str(error.value) == f"{path}: not sorted by hash; {EXPECTED}"
        with pytest.raises(InputError) as error:
            build(text, tmp_path / "index")
    assert str(error.value) == f"{path}: not sorted by hash; {EXPECTED}"
    assert [one.name for one in tmp_path.iterdir()] == ["list.txt"]  # no half of an index is left


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], "the index of breached passwords is cut or damaged; build it again from the list"),
        (lambda data: data[:40], "the index of breached passwords is cut or damaged; build it again from the list"),
        (lambda data: data + b"\0", "the index of breached passwords is cut or damaged; build it again from the list"),
        (
            lambda data: data[:24] + bytes([data[24] ^ 1]) + data[25:],
            "the index of breached passwords is cut or damaged; build it again from the list",
        ),
        (
            lambda data: data[:16] + b"\x02" + data[17:],
            "an index of version 2, this program reads version 1; build it again from the list",
        ),
        (
            lambda data: data[:DIRECTORY_AT] + bytes(SUFFIXES_AT - DIRECTORY_AT) + data[SUFFIXES_AT:],
            "the index of breached passwords is cut or damaged; build it again from the list",
        ),
        (
            lambda data: data[:DIRECTORY_AT] + b"\xff" * (SUFFIXES_AT - DIRECTORY_AT) + data[SUFFIXES_AT:],
            "the index of breached passwords is cut or damaged; build it again from the list",
        ),
    ],
    ids=["cut", "cut-in-the-header", "longer", "other-number", "other-version", "empty-directory", "wild-directory"],
)
def test_a_damaged_index_is_refused_in_one_line(
    tmp_path: Path, small_index: bytes, damage: Callable[[bytes], bytes], message: str
) -> None:
    path = tmp_path / "index"
    path.write_bytes(damage(small_index))
    with pytest.raises(InputError) as error:
        open_breaches(path)
    assert str(error.value) == f"{path}: {message}"


@pytest.fixture(scope="module")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = tmp_path_factory.mktemp("small")
    (place / "list.txt").write_bytes(lines(counts_of(Kind.SHA1, 100)))
    with open_text(place / "list.txt") as text:
        build(text, place / "index")
    data = (place / "index").read_bytes()
    assert data.startswith(MAGIC)
    return data


def test_the_index_of_another_text_is_refused(tmp_path: Path, small_index: bytes) -> None:
    (tmp_path / "index").write_bytes(small_index)
    other = counts_of(Kind.SHA1, 100)
    other[max(other)] += 1
    (tmp_path / "list.txt").write_bytes(lines(other))
    with pytest.raises(InputError) as error:
        open_breaches(tmp_path / "index", tmp_path / "list.txt")
    assert str(error.value) == (
        f"{tmp_path / 'index'}: the index was made of another list than {tmp_path / 'list.txt'};"
        " build it again from the list, or leave one out"
    )


def test_an_index_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(lines(counts_of(Kind.SHA1, 10)))
    with open_text(tmp_path / "list.txt") as text, pytest.raises(StorageError) as error:
        build(text, tmp_path / "none" / "index")
    assert str(error.value) == f"{tmp_path / 'none' / 'index'}: the index cannot be written: No such file or directory"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda path: (path / "00000.txt").unlink(),
            "a file of the folder is missing or cannot be read; 00000.txt to FFFFF.txt have to be there",
        ),
        (lambda path: (path / "FFFFF.txt").unlink(), "a folder without the files 00000.txt to FFFFF.txt"),
        (
            lambda path: (path / "00000.txt").write_bytes(b"<html>"),
            "a file of the folder holds a line that is no SUFFIX:COUNT",
        ),
        (lambda path: (path / "00000.txt").write_bytes(b"0" * 27 + b":1\n"), "files with hashes of several kinds"),
    ],
    ids=["missing", "last-missing", "an-error-page", "both-kinds"],
)
def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path, spoil: Callable[[Path], object], message: str) -> None:
    path = folder(tmp_path / "hibp", {})
    complete(path, Kind.SHA1)
    spoil(path)
    with pytest.raises(InputError) as error:
        open_breaches(path)
    assert str(error.value) == f"{path}: {message}; {EXPECTED}"


def test_a_prefix_that_is_missing_is_met_by_a_look_up_and_not_named(tmp_path: Path) -> None:
    path = folder(tmp_path / "hibp", {})
    complete(path, Kind.SHA1)
    digest = Kind.SHA1.digest("Zq8canary-Eins!")
    with open_breaches(path) as breaches, pytest.raises(InputError) as error:
        list(breaches.count([digest]))
    assert digest.hex()[:5] not in (str(error.value) + repr(error.value.__context__)).lower().replace(str(path), "")


@pytest.mark.parametrize("line", [b"0" * 20, b"0" * 36 + b":3", b""], ids=["cut", "a-digit-more", "blank"])
def test_a_file_with_another_line_is_met_by_a_look_up(tmp_path: Path, line: bytes) -> None:
    digest = Kind.SHA1.digest("Zq8canary-Eins!")
    path = folder(tmp_path / "hibp", {digest: 4})
    complete(path, Kind.SHA1)
    file = path / f"{digest.hex().upper()[:5]}.txt"
    file.write_bytes(line + b"\r\n" + file.read_bytes())
    with open_breaches(path) as breaches, pytest.raises(InputError) as error:
        list(breaches.count([digest]))
    assert str(error.value) == f"{path}: a file of the folder holds a line that is no SUFFIX:COUNT; {EXPECTED}"


def test_digests_of_another_kind_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(lines(counts_of(Kind.SHA1, 10)))
    with open_breaches(tmp_path / "list.txt") as breaches:
        with pytest.raises(ValueError, match="a digest of another size than sha1 has"):
            list(breaches.count([os.urandom(16)]))
        assert list(breaches.count([])) == []
