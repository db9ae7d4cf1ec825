"""Files of hashes are handed on as hashes, and a hash in any other list is no password."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.lists import score_lists
from hygiene.passwords.read import open_list
from hygiene.passwords.read.hashes import is_hash
from hygiene.passwords.read.reader import HashLine, RawEntry

# the forms of hashes; none of them is one of anything
SALT, SHA512, BCRYPT = "abcdefgh", "x" * 86, "y" * 53
CRYPT6, CRYPT2, APR1 = f"$6${SALT}${SHA512}", f"$2y$05${BCRYPT}", f"$apr1${SALT}${'z' * 22}"
YESCRYPT = f"$y$j9T${'s' * 22}${'h' * 43}"
DES = "abABcdCD01./x"

Row = tuple[str | None, str, int]


def read(path: Path) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    rows: list[Row] = []
    with open_list(path) as reader:
        for line in reader:
            assert isinstance(line, HashLine)
            rows.append((line.account, line.field, line.row))
    return rows, reader.tally.notes(), reader.tally.unread()


@pytest.mark.parametrize(
    ("text", "kind", "rows"),
    [
        pytest.param(
            f"root:{CRYPT6}:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\nx:!{YESCRYPT}:::::::\ny::1::::::\nz:!!:1::::::\n",
            "shadow",
            [("root", CRYPT6, 1), ("bin", "*", 2), ("x", f"!{YESCRYPT}", 3), ("y", "", 4), ("z", "!!", 5)],
            id="shadow",
        ),
        pytest.param("root:*:19000:0:99999:7:::\n", "shadow", [("root", "*", 1)], id="shadow without a hash"),
        pytest.param(
            f"# $FreeBSD$\n\nroot:{CRYPT2}:0:0::0:0:Charlie &:/root:/bin/sh\nbin:*LOCKED*:3:7:daemon:0:0:B:/:/x\n",
            "master.passwd",
            [("root", CRYPT2, 3), ("bin", "*LOCKED*", 4)],
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
            "".join(f"u{n}:{DES}\n" for n in range(3)),
            "htpasswd",
            [(f"u{n}", DES, n + 1) for n in range(3)],
            id="htpasswd -d: several fields of 13 letters are no chance",
        ),
        pytest.param(
            f"A:500:{'a' * 32}:{'0A' * 16}:::\nB$:1000:NO PASSWORD*********************:{'1' * 32}:::\n".replace(
                "NO PASSWORD", "NO_PASSWORD"
            ),
            "pwdump",
            [("A", f"$3$${'0a' * 16}", 1), ("B$", f"$3$${'1' * 32}", 2)],
            id="pwdump: the NT hash as crypt(5) writes it",
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
    assert (len(found[0]), found[2]) == (100, ("1 row in another form than the htpasswd lines; not read",))


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
        (f"pbkdf2_sha256$600000${SALT}${'h' * 44}", True),
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


def test_hashes_are_not_scored(tmp_path: Path) -> None:
    """What is recognised and not judged is said, and worth a gap."""
    path = tmp_path / "shadow"
    path.write_text(f"root:{CRYPT6}:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\n")
    audit = score_lists([path], processes=1)
    assert list(audit.entries) == []
    assert audit.lists[0].unread == ("2 rows with a password's hash; recognised, but not judged",)


def test_two_fields_of_13_letters_may_be_passwords(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"a:{DES}\nb:{DES}\n")
    with open_list(path) as reader:
        assert list(reader) == [RawEntry(1, DES, "a"), RawEntry(2, DES, "b")]
