"""CSV, TSV, semicolon and plain lists: what is read of which bytes."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections import deque
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.read import open_list
from hygiene.passwords.read.delimited import UNDEFINED_NOTE
from hygiene.passwords.read.reader import RawEntry
from hygiene.passwords.read.reading import Reading

Row = tuple[int | str | None, ...]


def row(entry: RawEntry) -> Row:
    """Row, password, account, system, tenant, without what is missing at the end."""
    cells = [entry.row, entry.password, entry.account, entry.system, entry.tenant]
    while cells[-1] is None:
        cells.pop()
    return tuple(cells)


def read(path: Path) -> tuple[list[Row], str | None, tuple[str, ...], tuple[str, ...]]:
    with open_list(path) as reader:
        rows = [row(entry) for entry in reader]
    return rows, reader.encoding, reader.tally.notes(), reader.tally.unread()


UMLAUTS = "Benutzer;Kennwort;Gerät;Kunde\njörg;Süß€Größe9;röntgen;Müller\n"
UMLAUT_ROWS = [(2, "Süß€Größe9", "jörg", "röntgen", "Müller")]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(UMLAUTS.encode(), "utf-8", id="utf-8"),
        pytest.param(UMLAUTS.encode("utf-8-sig"), "utf-8 (byte order mark)", id="utf-8 as Excel saves it"),
        pytest.param(UMLAUTS.encode("utf-16"), "utf-16 (byte order mark)", id="utf-16 as Excel's Unicode text"),
        pytest.param(b"\xfe\xff" + UMLAUTS.encode("utf-16-be"), "utf-16 (byte order mark)", id="utf-16 big-endian"),
        pytest.param(UMLAUTS.encode("utf-16-le"), "utf-16-le", id="utf-16 without a mark, by its NULs"),
        pytest.param(UMLAUTS.encode("utf-16-be"), "utf-16-be", id="utf-16 big-endian without a mark"),
        pytest.param(UMLAUTS.encode("utf-32"), "utf-32 (byte order mark)", id="utf-32: its mark begins as utf-16's"),
        pytest.param(UMLAUTS.encode("cp1252"), "cp1252", id="cp1252 with umlauts and the euro sign"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    assert read(path) == (UMLAUT_ROWS, encoding, (), ())


@pytest.mark.parametrize("end", [pytest.param(end, id=repr(end)) for end in ("\n", "\r\n", "\r")])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_lines_across_pieces(tmp_path: Path, codec: str, end: str) -> None:
    """A file is read piece by piece, 16 KiB each: a line, its end or a character may lie in two of them."""
    path = tmp_path / "list.txt"
    for length in range(1 << 14, (1 << 14) - 12, -1):
        lines = ("x" * (length // (2 if codec == "utf-16" else 1)), "Süß€1", "", "  ", "z" * 40_000, "last")
        path.write_bytes(end.join(lines).encode(codec))
        rows, *_ = read(path)
        assert rows == [(number, line) for number, line in enumerate(lines, 1) if line.strip()], length


def test_cp850_is_not_guessed_but_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Benutzer;Kennwort\nhans;Tür9\n".encode("cp850"))
    rows, encoding, notes, unread = read(path)
    assert (rows, encoding, unread) == ([(2, "T\x81r9", "hans")], "cp1252", ())
    assert notes == (UNDEFINED_NOTE,)


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        pytest.param("l.csv", "user;password\na;p1\n", [(2, "p1", "a")], id="semicolon"),
        pytest.param("l.csv", "user,password\na,p1\n", [(2, "p1", "a")], id="comma"),
        pytest.param("l.tsv", "user\tpassword\na\tp1\n", [(2, "p1", "a")], id="tab"),
        pytest.param("l.csv", "user|password\na|p1\n", [(2, "p1", "a")], id="bar"),
        pytest.param("l.txt", "user;password\na;p1\n", [(2, "p1", "a")], id="content before extension"),
        pytest.param("l", "user;password\r\na;p1\r\n", [(2, "p1", "a")], id="no extension, CRLF"),
        pytest.param(
            "l.csv",
            "user;password;url\na;x,y,z,1;https://h/a,b,c\nb;q,r,s,2;https://h/d,e,f\n",
            [(2, "x,y,z,1", "a", "https://h/a,b,c"), (3, "q,r,s,2", "b", "https://h/d,e,f")],
            id="commas in cells of a semicolon list",
        ),
        pytest.param("l.csv", "sep=;\nuser;password\na;p1\n", [(3, "p1", "a")], id="sep= names the delimiter"),
        pytest.param("l.csv", "sep=#\nuser#password\na#p;1\n", [(3, "p;1", "a")], id="sep= with a rare sign"),
        pytest.param("l.csv", "user;password\na; p1  \n", [(2, " p1  ", "a")], id="passwords are not stripped"),
        pytest.param("l.csv", " User ;\tPassword \n a ;p\n", [(2, "p", "a")], id="names are stripped"),
        pytest.param("l.csv", 'user;password\na;"p;""1"""\n', [(2, 'p;"1"', "a")], id="quoted delimiter and quotes"),
        pytest.param(
            "l.csv",
            'note;password\n"two\nlines";p1\nx;p2\n',
            [(2, "p1"), (3, "p2")],
            id="a quoted cell over two lines is one row",
        ),
        pytest.param(
            "l.csv",
            "user;password\n\na;p1\n\nb;p2\n",
            [(3, "p1", "a"), (5, "p2", "b")],
            id="blank lines count as rows",
        ),
        pytest.param("l.csv", "Passwort\nab;c,d\nx|y\n", [(2, "ab;c,d"), (3, "x|y")], id="one column"),
        pytest.param(
            "l.csv",
            "Passwort\na;1\nb,2\nc|3\nd\t4\n",
            [(n, p) for n, p in enumerate(("a;1", "b,2", "c|3", "d\t4"), 2)],
            id="one column, each delimiter in some password",
        ),
        pytest.param(
            "l.csv",
            "Login;Passwort\nx;a\ny;b,c\n",
            [(2, "a", "x"), (3, "b,c", "y")],
            id="a header that is one cell for another delimiter",
        ),
        pytest.param(
            "l.csv",
            "Root;Passwort\nx;a\ny;b;c\n",
            [(2, "a"), (3, "b")],
            id="the same with a column that is not known and an uneven row",
        ),
        pytest.param(
            "l.csv",
            "login_uri,login_username,login_password\nhttps://h,u,p\n",
            [(2, "p", "u", "https://h")],
            id="names of an export",
        ),
        pytest.param(
            "l.csv",
            "Account,Login Name,Password,Web Site\nT,u,p,h\n",
            [(2, "p", "u", "h")],
            id="login name before account",
        ),
        pytest.param(
            "l.csv",
            "GERÄT;BENUTZER(NAME);Kenn-Wort;Mandant\ng;u;p;m\n",
            [(2, "p", "u", "g", "m")],
            id="case, umlauts and punctuation fold",
        ),
        pytest.param(
            "l.csv",
            "Benutzer;Passwort alt;Passwort (neu)\nu;p1;p2\nv;;p3\n",
            [(2, "p1", "u"), (2, "p2", "u"), (3, "p3", "v")],
            id="two password columns: both",
        ),
        pytest.param("l.csv", "user;pass\nshort\na;p\n", [(3, "p", "a")], id="a row that is too short"),
        pytest.param(
            "l.txt",
            "abc\n  x y \r\n\nlast",
            [(1, "abc"), (2, "  x y "), (4, "last")],
            id="plain lines keep their blanks, not their ends",
        ),
        pytest.param(
            "l.txt",
            "root:p1:x\nhans: p2 \n\neva:\n",
            [(1, "p1:x", "root"), (2, " p2 ", "hans")],
            id="name:password, up to the first colon",
        ),
        pytest.param(
            "l.txt",
            "root: p1:x\nhans:\tp 2 \neva:\nida: p3",
            [(1, "p1:x", "root"), (2, "p 2 ", "hans"), (4, "p3", "ida")],
            id="a blank behind every colon belongs to it",
        ),
        pytest.param("l.txt", "a\rb\r", [(1, "a"), (2, "b")], id="lone carriage returns"),
        pytest.param("l.txt", "x\u2028y\x85z\n", [(1, "x\u2028y\x85z")], id="Unicode line separators are no ends"),
        pytest.param("l.txt", "a:b\nplain\n", [(1, "a:b"), (2, "plain")], id="a colon in a plain list"),
        pytest.param(
            "l.lst",
            "123456\npassword\nqwerty\n",
            [(1, "123456"), (2, "password"), (3, "qwerty")],
            id="a common password is no header below a title",
        ),
    ],
)
def test_tables_and_lines(tmp_path: Path, name: str, text: str, rows: list[Row]) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert read(path)[0] == rows


@pytest.mark.parametrize(
    ("name", "text", "rows", "notes", "unread"),
    [
        pytest.param(
            "l.csv",
            "Passwörter\nStand;1.1.2024\n\nuser;password\na;p1\n",
            [(5, "p1")],
            ("the header is row 4; what stands above it was not read",),
            (),
            id="titles above the header",
        ),
        pytest.param(
            "l.csv",
            "user;password\na;\nb; \nc;n/a\nd;-\ne;Siehe KeePass\nf;{REF:P@I:46C9B1FF}\ng;*****\nh;see bitwarden (x)\n"
            "i;xxx\nj;siehe oben\nk;a{REF:P@I:46C9B1FF}b\nl;k.A.\nm;(leer)\n",
            [],
            (
                "2 rows without a password (cell or line empty or blank)",
                "11 rows with a placeholder where a password should be",
            ),
            (),
            id="what is no password is counted",
        ),
        pytest.param(
            "l.csv",
            "user;password\na;xxxxxx\nb;na\nc;-x\nd;siehe\ne;**\nf;{ref}\n",
            [(2, "xxxxxx"), (3, "na"), (4, "-x"), (5, "siehe"), (6, "**"), (7, "{ref}")],
            (),
            (),
            id="what may be a password is one",
        ),
        pytest.param(
            "l.csv",
            "user;password\na;p;1\nb;q\n",
            [(2, "p"), (3, "q")],
            (),
            ("1 row wider than the header; a password may be cut at a delimiter (row 2): quote such cells",),
            id="a delimiter in a password that is not quoted",
        ),
        pytest.param(
            "l.txt",
            "root:p\nadmin:q\n:r\n",
            [(1, "root:p"), (2, "admin:q"), (3, ":r")],
            (),
            (
                (
                    "2 of the first 3 lines read like name:password, the others do not; each line was taken for a"
                    " password: give pairs as CSV with a header"
                ),
            ),
            id="most lines are pairs",
        ),
        pytest.param("l.txt", "p\nq:r\n", [(1, "p"), (2, "q:r")], (), (), id="a colon in half of the passwords"),
        pytest.param(
            "l.csv", "user;password;\na;p;note\n", [(2, "p")], (), (), id="a column without a name is no excess"
        ),
        pytest.param(
            "l.csv",
            "user;password;Passwort geändert am\na;p;2024\n",
            [(2, "p")],
            (),
            (
                (
                    "column C speaks of passwords in its header; not read as one: if it is, name it in the policy's"
                    " [passwords.NAME]"
                ),
            ),
            id="a column that only speaks of passwords",
        ),
        pytest.param(
            "l.csv",
            'user;password\na;"p\nq"\n',
            [(2, "p\nq")],
            ("1 row with a password that spans several lines",),
            (),
            id="a password over two lines",
        ),
        pytest.param(
            "l.txt",
            "password\nabc\n",
            [(1, "password"), (2, "abc")],
            ("row 1 reads like a column name; it was scored as a password",),
            (),
            id="a plain list has no header",
        ),
    ],
)
def test_what_is_said(
    tmp_path: Path, name: str, text: str, rows: list[tuple[int, str]], notes: tuple[str, ...], unread: tuple[str, ...]
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    found = read(path)
    assert ([cells[:2] for cells in found[0]], found[2], found[3]) == (rows, notes, unread)


EXPECTED = (
    "expected a column named like Passwort, Kennwort or password (beside Benutzer/user, System/host, Kunde/tenant)"
)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param(
            "l.csv",
            b"Benutzer;System;Farbe\na;b;c\n",
            f"no password column; {EXPECTED}; found the columns Benutzer, System and 1 more (semicolon separated);"
            " name the column, or give a list of passwords alone as .txt",
            id="headers found are named, unknown ones only counted",
        ),
        pytest.param(
            "l.csv",
            b"root;hunter2;web1\nadmin;hunter3;web2\n",
            f"no password column; {EXPECTED}; found no column names that are known (semicolon separated);"
            " name the column, or give a list of passwords alone as .txt",
            id="no header: no cell is shown",
        ),
        pytest.param(
            "l.txt",
            b"root\thunter2\nadmin\thunter3\n",
            f"no password column; {EXPECTED}; found no column names that are known (tab separated);"
            " name the column, or give a list of passwords alone as .txt",
            id="a table by its content",
        ),
        pytest.param(
            "l.csv", b"", "the file is empty; expected a password list (CSV, TSV, plain lines, XLSX)", id="empty"
        ),
        pytest.param(
            "l.csv",
            b'user;password\na;"p\nb;q\nc;r\n',
            "row 2: a quoted cell does not end as CSV demands; double the quotes inside it, or save the list as XLSX",
            id="a quote that is never closed swallows no rows in silence",
        ),
        pytest.param(
            "l.csv",
            b'user;password\na;"p"q\n',
            "row 2: a quoted cell does not end as CSV demands; double the quotes inside it, or save the list as XLSX",
            id="text after a closing quote",
        ),
        pytest.param(
            "l.csv",
            b'user;password\na;"' + b"x\n" * 2000,
            "a quoted cell spans more than 1,000 lines; look for a quote that is never closed",
            id="a quote that is never closed in a long list",
        ),
        pytest.param(
            "l.txt",
            b"x" * 200_000,
            "line 1 is longer than 131,072 characters; expected a list, one entry a line",
            id="a line without an end",
        ),
        pytest.param(
            "l.txt",
            b"abc\n" + b"x\0y" * 2 + b"\n" + b"z" * 99,
            "line 2 holds a NUL byte; expected text, not a binary file",
            id="binary",
        ),
        pytest.param(
            "l.txt",
            b"abc\n" * 9000 + b"x" * 200_000,
            "line 9001 is longer than 131,072 characters; expected a list, one entry a line",
            id="a line without an end, far down",
        ),
        pytest.param(
            "l.txt",
            b"abc\n" * 9000 + b"x" * 131_071 + b"\n" + b"x" * 131_072 + b"\n",
            "line 9002 is longer than 131,072 characters; expected a list, one entry a line",
            id="a line that is too long by its end alone",
        ),
        pytest.param(
            "l.txt",
            b"abc\n" * 9000 + b"x\0" + b"y" * 20_000 + b"\nz",
            "line 9001 holds a NUL byte; expected text, not a binary file",
            id="binary, far down",
        ),
        pytest.param(
            "l.txt",
            b"\xff\xfea\0b\0\n\0c",
            "near line 2: not utf-16 (byte order mark), which its first bytes promise; save the list as UTF-8",
            id="cut utf-16",
        ),
        pytest.param(
            "l.csv",
            b"\xef\xbb\xbfuser;password\na;\xe4\n",
            "near line 1: not utf-8 (byte order mark), which its first bytes promise; save the list as UTF-8",
            id="a mark that lies",
        ),
        pytest.param(
            "l.txt",
            b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5",
            "the KeePass database is damaged or cut; copy it again",
            id="a vault by its first bytes",
        ),
    ],
)
def test_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ListError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing.csv", "No such file or directory", id="missing"),
        pytest.param("folder", "Is a directory", id="folder"),
        pytest.param("loop", "Too many levels of symbolic links", id="a link to itself"),
    ],
)
def test_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ListError) as caught:
        open_list(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: cannot be read ({reason}); check the path and its permissions"


@pytest.mark.parametrize("path", [Path("/dev/zero"), Path("/dev/null"), Path("/dev/full")], ids=str)
def test_a_device_is_refused(path: Path) -> None:
    """Some never end."""
    with pytest.raises(ListError) as caught:
        open_list(path)
    assert str(caught.value) == f"{path}: a device, which may never end; give a file or a pipe"


def test_a_pipe_is_read(tmp_path: Path) -> None:
    """`--passwords <(decrypt list)`: the list need not lie on a disk."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"user;password\na;p\n",))
    writer.start()
    rows = read(path)[0]
    writer.join()
    assert rows == [(2, "p", "a")]


def test_a_long_list_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as out:
        out.write("user;password;host\n")
        out.writelines(f"user{n};password{n:>20};host{n}\n" for n in range(100_000))
    tracemalloc.start()
    try:
        with open_list(path) as reader:
            last = deque(reader, maxlen=1).pop()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (last.row, last.account, reader.tally.rows) == (100_001, "user99999", 100_001)
    # the file has 5 MB; read whole as rows it would take more than 20 MB
    assert peak < 3_000_000


MAPPED = Reading(columns={"safe": {"password": "Geheimwort", "user": "Wer?", "tenant": "Kd."}})


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "Stand;heute;\nKd;Geheim-Wort;Wer\nNord;p1;hans\n",
            [(3, "p1", "hans", None, "Nord")],
            id="columns that the policy names, folded",
        ),
        pytest.param(
            "Kd.;Geheimwort;Wer?;Passwort\nNord;p1;hans;x\n",
            [(2, "p1", "hans", None, "Nord")],
            id="they come before what is known",
        ),
        pytest.param("Kd.;Geheimwort;Passwort\nNord;p1;x\n", [(2, "x")], id="not where one of them is missing"),
        pytest.param(
            "Kd.;Geheimwort;Wer?;Geheimwort\nNord;p1;hans;p2\n",
            [(2, "p1", "hans", None, "Nord"), (2, "p2", "hans", None, "Nord")],
            id="both of one name",
        ),
    ],
)
def test_columns_of_the_policy(tmp_path: Path, text: str, rows: list[Row]) -> None:
    path = tmp_path / "l.csv"
    path.write_text(text)
    with open_list(path, MAPPED) as reader:
        assert [row(entry) for entry in reader if isinstance(entry, RawEntry)] == rows


def test_a_line_without_a_colon_among_pairs_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    path.write_text("a:p\n" * 100 + "lone\n")
    rows, _, notes, unread = read(path)
    assert (rows[-1], notes) == ((100, "p", "a"), ("read as name:password lines",))
    assert unread == (
        "1 row without a colon in a list of name:password lines; not read: give lone passwords as a list of their own",
    )
