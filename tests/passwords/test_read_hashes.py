"""Files of hashes are handed on as hashes, and a hash in any other list is no password."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.model import HashState, HashWeakness, ListHash
from hygiene.passwords.against import Against
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.shared import digest, key_name
from hygiene.passwords.lists import ListInfo, score_lists
from hygiene.passwords.read import open_hashes, open_list
from hygiene.passwords.read.exposure import Exposure
from hygiene.passwords.read.hashes import is_hash
from hygiene.passwords.read.reader import HashLine, RawEntry

# the forms of hashes; none of them is one of anything
SALT, SHA512, BCRYPT = "abcdefgh", "x" * 86, "y" * 53
CRYPT6, CRYPT2, APR1 = f"$6${SALT}${SHA512}", f"$2y$05${BCRYPT}", f"$apr1${SALT}${'z' * 22}"
YESCRYPT = f"$y$j9T${'s' * 22}${'h' * 43}"
DES = "abABcdCD01./x"
NO_PASSWORD = "NO PASSWORD*********************"

Row = tuple[str | None, str, int] | tuple[str | None, str, int, int | None, bool]


def read(path: Path) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    rows: list[Row] = []
    with open_list(path) as reader:
        for line in reader:
            assert isinstance(line, HashLine)
            ages = () if line.never_expires is None else (line.changed_day, line.never_expires)
            rows.append((line.account, line.field, line.row, *ages))
    return rows, reader.tally.notes(), reader.tally.unread()


@pytest.mark.parametrize(
    ("text", "kind", "rows"),
    [
        pytest.param(
            f"root:{CRYPT6}:19000:0:99999:7:::\nbin:*:0:0:-1:7:::\nx:!{YESCRYPT}:::::::\ny::1::90::::\nz:!!:0::0::::\na:*:::90::::\n",
            "shadow",
            [
                ("root", CRYPT6, 1, 19000, True),
                ("bin", "*", 2, None, True),
                ("x", f"!{YESCRYPT}", 3, None, True),
                ("y", "", 4, 1, False),
                ("z", "!!", 5, None, False),
                ("a", "*", 6, None, True),
            ],
            id="shadow",
        ),
        pytest.param(
            "root:*:19000:0:99999:7:::\n", "shadow", [("root", "*", 1, 19000, True)], id="shadow without a hash"
        ),
        pytest.param(
            f"# $FreeBSD$\n\nroot:{CRYPT2}:0:0::0:0:Charlie &:/root:/bin/sh\nbin:*LOCKED*:3:7:daemon:9:0:B:/:/x\n",
            "master.passwd",
            [("root", CRYPT2, 3, None, True), ("bin", "*LOCKED*", 4, None, False)],
            id="master.passwd, with comments",
        ),
        pytest.param(
            f"root:x:0:0:root:/root:/bin/bash\nold:{DES}:100:100::/home/old:/bin/sh\n",
            "passwd",
            [("root", "x", 1), ("old", DES, 2)],
            id="passwd with a hash in it",
        ),
        pytest.param(
            f"a:{APR1}\nb:{CRYPT2}\nc:{{SHA}}{'s' * 28}\nd:{DES}\n",
            "htpasswd",
            [("a", APR1, 1), ("b", CRYPT2, 2), ("c", f"{{SHA}}{'s' * 28}", 3), ("d", DES, 4)],
            id="htpasswd",
        ),
        pytest.param(
            "".join(f"u{n}:abABcdCD01./w\n" for n in range(12)),
            "htpasswd",
            [(f"u{n}", "abABcdCD01./w", n + 1) for n in range(12)],
            id="htpasswd -d: so many fields that end as DES does are no chance",
        ),
        pytest.param(
            f"A:500:{'a' * 32}:{'0A' * 16}:::\nB$:1000:{NO_PASSWORD}:{'1' * 32}:::\n"
            f"C:1:{NO_PASSWORD}:{NO_PASSWORD}:::\n"
            f"D:2:{NO_PASSWORD}:31D6cfe0d16ae931b73c59d7e0c089c0:::\nE:3:{'X' * 32}:{'X' * 32}:::\n",
            "pwdump",
            [("A", f"$3$${'0a' * 16}", 1), ("B$", f"$3$${'1' * 32}", 2), ("C", "", 3), ("D", "", 4), ("E", "*", 5)],
            id="pwdump: the NT hash as crypt(5) writes it, and that of no password",
        ),
    ],
)
def test_files(tmp_path: Path, text: str, kind: str, rows: list[Row]) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert read(path) == (rows, (f"{kind} lines: hashes, no passwords",), ())


def test_other_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / ".htpasswd"
    path.write_text(f"a:{APR1}\n" * 100 + "b\n")
    found = read(path)
    assert (len(found[0]), found[2]) == (
        100,
        ("1 row in another form than the htpasswd lines; not read: mend these",),
    )


def test_accounts_of_a_directory_are_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "passwd"
    path.write_text(f"root:{CRYPT6}:0:0::/:/x\n+::::::\n-@guests::0:0:::\n+anna:x:5:5:::\n")
    found = read(path)
    reason = "3 rows that stand for accounts of a directory (+ or -), which are not in this file: "
    reason += "give those from there too"
    assert (found[0], found[2]) == ([("root", CRYPT6, 1)], (reason,))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(f"a:{DES}\n", [("a", DES, 1)], id="one field of 13 letters"),
        pytest.param(f"a:{DES}\nb:!{DES}\nc:*\n", [("a", DES, 1), ("b", f"!{DES}", 2), ("c", "*", 3)], id="locked"),
    ],
)
def test_what_is_handed_in_as_hashes_needs_less_of_a_mark(tmp_path: Path, text: str, rows: list[Row]) -> None:
    path = tmp_path / "old"
    path.write_text(text)
    with open_hashes(path) as reader:
        assert list(reader) == [HashLine(account, field, row) for account, field, row in rows]
    with open_list(path) as other:
        assert not any(isinstance(entry, HashLine) for entry in other)


@pytest.mark.parametrize(
    "text",
    ["user;password\nroot;Sommer2024!\n", "root:Sommer2024!\nhans:x\n", "Sommer2024!\n", "# nothing\n"],
    ids=["table", "name:password", "plain", "comment"],
)
def test_what_is_handed_in_as_hashes_and_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list"
    path.write_text(text)
    with pytest.raises(ListError) as caught:
        open_hashes(path)
    assert str(caught.value) == (
        f"{path}: no file of hashes; expected lines of shadow, master.passwd, passwd, htpasswd or pwdump;"
        " a list of passwords is given without --hashes"
    )


def test_htdigest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "digest"
    path.write_text(f"a:realm:{'0' * 32}\n")
    with pytest.raises(ListError) as caught:
        open_list(path)
    assert str(caught.value) == (
        f"{path}: an htdigest file, the hashes of which are not judged; make it anew with htpasswd -B"
    )


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        *((text, True) for text in (CRYPT6, CRYPT2, APR1, YESCRYPT, f"$1${SALT}${'z' * 22}", f"$P$B{'z' * 30}")),
        *(
            (text, True)
            for text in (f"{{SSHA}}{'A' * 32}", f"{{CRYPT}}{CRYPT6}", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA")
        ),
        (f"pbkdf2_sha256$600000${SALT}${'h' * 43}=", True),
        *(
            (text, False)
            for text in (DES, "$6$", "$ecret123", "$2b or not", "{SHA}", "password1", "scrypt$1", "", "$1$ab cd efgh")
        ),
    ],
)
def test_is_hash(text: str, hashed: bool) -> None:
    assert is_hash(text) is hashed


def test_a_hash_in_a_column_of_passwords(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(f"user;password\na;{CRYPT2}\nb;plain-1\n")
    with open_list(path) as reader:
        found = list(reader)
    assert found == [HashLine("a", CRYPT2, 2), RawEntry(3, "plain-1", "b")]
    assert [repr(entry) for entry in found] == ["HashLine(row=2)", "RawEntry(row=3)"]


def test_hashes_are_rows_of_their_own_and_none_is_scored(tmp_path: Path) -> None:
    shadow, table = tmp_path / "shadow", tmp_path / "users.csv"
    shadow.write_text(f"root:{CRYPT6}:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\n")
    table.write_text(f"user;password\na;{CRYPT2}\nb;plain-1\n")
    for path in (table, shadow):
        path.chmod(0o600)
    private = Exposure("0600")
    key = "0123456789abcdef" * 2
    audit = score_lists(
        [table, shadow], processes=1, against=Against(digest_key=key), hashes=[HashFile(shadow, "web1")]
    )
    day = datetime(2022, 1, 8, tzinfo=UTC)
    set_, none, cheap = HashState.SET, HashState.NONE, HashWeakness.CHEAP
    rows = [
        ListHash(
            *("users.csv", 2, None, "a", set_, "bcrypt", "05", cheap, None, None, digest(CRYPT2, key), key_name(key))
        ),
        ListHash(
            *("shadow", 1, "web1", "root", set_, "sha512crypt", None, None),
            *(day, True, digest(CRYPT6, key), key_name(key)),
        ),
        ListHash("shadow", 2, "web1", "bin", none, None, None, None, day, True, None, None),
    ]
    assert [(entry.list, entry.row) for entry in audit.entries] == [("users.csv", 3)]
    assert list(audit.hashes) == rows
    assert audit.lists == (
        ListInfo("users.csv", str(table), "CSV", 3, 1, "utf-8", (), (), 1, private),
        ListInfo(
            "shadow", str(shadow), "shadow", 2, 0, "utf-8", ("shadow lines: hashes, no passwords",), (), 2, private
        ),
    )


def test_digests_without_a_key_are_of_one_run(tmp_path: Path) -> None:
    path = tmp_path / "shadow"
    path.write_text(f"root:{CRYPT6}:::::::\neva:{CRYPT6}:::::::\n")
    (one, two), (three, _) = (score_lists([path], processes=1).hashes for _ in range(2))
    assert one.digest == two.digest != three.digest
    assert one.digest_key == two.digest_key != three.digest_key


def test_two_fields_of_13_letters_may_be_passwords(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"a:{DES}\nb:{DES}\n")
    with open_list(path) as reader:
        assert list(reader) == [RawEntry(1, DES, "a"), RawEntry(2, DES, "b")]
