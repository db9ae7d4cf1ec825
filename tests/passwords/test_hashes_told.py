"""Where a password should be, only what has the whole form of a hash is one; what may be either is scored, and said."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.schemes import classify
from hygiene.passwords.lists import score_lists
from hygiene.passwords.read import open_hashes, open_list
from hygiene.passwords.read.hashes import Doubtful, is_hash, may_be_hash
from hygiene.passwords.read.reader import HashLine, RawEntry
from passwords.hashes_made import PREFIXES, made
from passwords.program_hashes import HASHES

UNMARKED = ("des", "bsdi")
EACH = [
    pytest.param(scheme, cost, text, id=f"{program}-{number}-{scheme}")
    for program, rows in HASHES.items()
    for number, (scheme, cost, _, text) in enumerate(rows)
]
DOUBT = (
    " with what may be a hash (hexadecimal digits, DES, an unknown scheme) where a password should be; scored as a"
    " password: if they are hashes, give user:hash lines with --hashes"
)


@pytest.mark.parametrize(("scheme", "cost", "text"), EACH)
def test_what_programs_write_is_a_hash(scheme: str, cost: str | None, text: str) -> None:
    standing = classify(text)
    assert (standing.scheme, standing.cost, standing.is_hash) == (scheme, cost, True)
    assert is_hash(text) is (scheme not in UNMARKED)
    assert is_hash(f" {text}\r") is is_hash(text)


@pytest.mark.parametrize("scheme", PREFIXES)
def test_what_this_libcrypt_writes_is_a_hash(scheme: str) -> None:
    assert is_hash(made(scheme, "a-word")) is (scheme not in UNMARKED)


SIGNS = string.ascii_letters + string.digits
ALPHABETS = {
    "letters, digits and !$%, as was seen": (SIGNS + "!$%", (18, 40)),
    "letters and digits of DES": (SIGNS + "./", (13, 20)),
    "hex digits": ("0123456789abcdef", (32, 64)),
    "all that can be typed": (string.printable.strip(), (12, 26, 60)),
    "signs of hashes alone": ("$16y2ab./{}SHAMD5_*", (10, 34, 60)),
    "letters and an underscore": (SIGNS + "_", (20,)),
}


@pytest.mark.parametrize(
    "count", [pytest.param(3_000, id="some"), pytest.param(35_000, id="many", marks=pytest.mark.prove)]
)
@pytest.mark.parametrize(("alphabet", "lengths"), ALPHABETS.values(), ids=ALPHABETS)
def test_no_random_password_is_a_hash(alphabet: str, lengths: tuple[int, ...], count: int) -> None:
    rng = random.Random(1)
    words = ("".join(rng.choices(alphabet, k=lengths[at % len(lengths)])) for at in range(count))
    assert [word for word in words if is_hash(word)] == []


BEGINNINGS = ("$k$", "!$x$", "$1$", "$6$", "$2b$", "$y$j9T$", "{SHA}", "{SSHA}", "{CRYPT}", "*", "pbkdf2_", "md5")


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_what_begins_like_a_hash_is_a_password(beginning: str) -> None:
    """Whatever its length, with a sign that no salt has."""
    rng = random.Random(beginning)
    words = (beginning + "!" + "".join(rng.choices(SIGNS + "!$%", k=length)) for length in range(100) for _ in "1234")
    assert [word for word in words if is_hash(word)] == []


MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        pytest.param(MD5, True, id="MD5 or NT"),
        pytest.param(MD5.upper(), True, id="in capitals"),
        pytest.param(MD5[:-1] + "F", False, id="in both"),
        pytest.param(MD5 + "0" * 8, True, id="SHA-1"),
        pytest.param(MD5 * 2, True, id="SHA-256"),
        pytest.param(MD5[:31], False, id="no digest's length"),
        pytest.param("$99$abcdefgh$12345678901234567890ab", True, id="unknown scheme"),
        pytest.param("$14$S0me$3Gxr$salt$x" + "a" * 43, True, id="with more parts"),
        pytest.param("$99$abcdefgh$short", False, id="a digest too short"),
        pytest.param("$99$" + "a" * 43, False, id="no salt"),
        pytest.param("{X-NEW}" + "a" * 43 + "=", True, id="unknown name in braces"),
        pytest.param("{x}" + "a" * 43, False, id="braces of no name"),
        pytest.param("$k$Sommer2024!", False, id="password"),
    ],
)
def test_what_may_be_a_hash(text: str, doubtful: bool) -> None:
    assert (is_hash(text), may_be_hash(text)) == (False, doubtful)


DES = "e86Ddl.0KAI3c"
BSDI = "_3...IkanzX4Ee.ya5uc"


@pytest.mark.parametrize(
    ("passwords", "count"),
    [
        pytest.param([DES, DES, BSDI], 3, id="all are DES"),
        pytest.param([DES] * 9 + ["Sommer24"], 9, id="nine in ten"),
        pytest.param([DES] * 8 + ["Sommer24"] * 2, 0, id="eight in ten"),
        pytest.param([DES, DES], 0, id="two"),
        pytest.param(["abcdefghijkl" + last for last in string.digits], 0, id="of 13 letters, not as DES ends"),
        pytest.param([MD5, "Sommer24"] + [DES] * 2, 1, id="one of hex digits among others"),
    ],
)
def test_des_counts_where_nearly_all_have_its_form(passwords: list[str], count: int) -> None:
    doubtful = Doubtful()
    for password in passwords:
        doubtful.look(password)
    assert doubtful.count == count


def read(path: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]], tuple[str, ...]]:
    """The passwords, the hashes, and what is doubtful."""
    with open_list(path) as reader:
        found = list(reader)
    passwords = [(entry.row, entry.password) for entry in found if isinstance(entry, RawEntry)]
    return (
        passwords,
        [(entry.row, entry.field) for entry in found if isinstance(entry, HashLine)],
        reader.tally.unread(),
    )


SEEN = ("$1$DEX5H14MfHeXzQx", "$3$8b!5AYiSkR9QCBj", "$5$uVQdaLSpdydZdwa", "$gY$EWCXqlOLq7sjEo")


def test_passwords_that_were_taken_for_hashes_are_scored(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("user,system,password\n" + "".join(f"u{at},h,{word}\n" for at, word in enumerate(SEEN)))
    assert read(path) == (list(enumerate(SEEN, 2)), [], ())


@pytest.mark.prove
def test_the_list_in_which_they_were_seen(tmp_path: Path) -> None:
    rng = random.Random(1)
    words = ["".join(rng.choices(SIGNS + "!$%", k=18)) for _ in range(60_000)]
    assert [word for word in words if word in SEEN] == list(SEEN)
    path = tmp_path / "list.csv"
    path.write_text("user,system,password\n" + "".join(f"u{at},h,{word}\n" for at, word in enumerate(words)))
    assert read(path) == (list(enumerate(words, 2)), [], ())


def test_a_column_of_digests_is_scored_and_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"user,password\na,{MD5}\nb,Sommer24\nc,{MD5[::-1]}\nd,{HASHES['php'][0][3]}\n")
    reason = f"2 rows{DOUBT}"
    assert read(path) == (
        [(2, MD5), (3, "Sommer24"), (4, MD5[::-1])],
        [(5, HASHES["php"][0][3])],
        (reason,),
    )
    audit = score_lists([path], processes=1)
    assert [(entry.row, entry.score) for entry in audit.entries] == [(2, 4), (3, 1), (4, 4)]
    assert (audit.lists[0].unread, audit.lists[0].hashes) == ((reason,), 1)


@pytest.mark.parametrize(
    ("fields", "hashes"),
    [
        pytest.param([DES] * 12, True, id="twelve of DES"),
        pytest.param([DES] * 11, False, id="eleven"),
        pytest.param(["abcdefghijklm"] * 12, False, id="twelve of 13 letters"),
        pytest.param([DES] * 11 + [HASHES["htpasswd"][0][3]], True, id="beside one that says its scheme"),
        pytest.param([MD5] * 12, False, id="digests"),
    ],
)
def test_lines_of_des_are_hashes_where_so_many_are_no_chance(tmp_path: Path, fields: list[str], hashes: bool) -> None:
    path = tmp_path / "list.txt"
    path.write_text("".join(f"u{number}:{field}\n" for number, field in enumerate(fields)))
    rows = list(enumerate(fields, 1))
    passwords, found, doubts = read(path)
    assert (passwords, found) == (([], rows) if hashes else (rows, []))
    doubtful = not hashes and fields[0] != "abcdefghijklm"
    assert doubts == ((f"{len(fields)} rows{DOUBT}",) if doubtful else ())


def test_what_is_handed_in_as_hashes_may_be_of_any_scheme(tmp_path: Path) -> None:
    path = tmp_path / "users"
    fields = [MD5, "$99$abcdefgh$12345678901234567890ab", DES, "{X-NEW}" + "a" * 44, "*", "!" + MD5]
    path.write_text("".join(f"u{number}:{field}\n" for number, field in enumerate(fields)))
    with open_hashes(path) as reader:
        assert list(reader) == [HashLine(f"u{number}", field, number + 1) for number, field in enumerate(fields)]
    assert [classify(field).scheme for field in fields] == ["other", "other", "des", "other", None, "other"]


def test_hashes_of_unknown_worth_are_a_gap_of_their_file(tmp_path: Path) -> None:
    path, php = tmp_path / "users", HASHES["php"][0][3]
    path.write_text(f"a:{MD5}\nb:{php}\nc:!$P$B{'a' * 30}\nd:*\n")
    audit = score_lists([], processes=1, hashes=[HashFile(path)])
    assert [row.weakness for row in audit.hashes] == ["unknown", "cheap", "unknown", None]
    assert audit.lists[0].unread == (
        "2 hashes of a scheme or cost that is not judged: judge them by hand, then accept this",
    )


def test_a_line_of_htpasswd_without_a_hash_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / ".htpasswd"
    good = HASHES["htpasswd"][0][3]
    path.write_text(f"a:{good}\n" * 100 + "b:Sommer24\nc:$k$Sommer2024!\n")
    passwords, found, doubts = read(path)
    assert (passwords, found) == ([], [(row, good) for row in range(1, 101)])
    assert doubts == ("2 rows in another form than the htpasswd lines; not read: mend these",)
