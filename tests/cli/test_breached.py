"""Breached passwords through the command: lists in each form, the range API, the index, and what must not leave."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from passwords.breaches import digests, folder, lines
from passwords.range_api import ranges, serving

from hygiene.passwords.breach import open_text
from hygiene.passwords.breach.build import build
from hygiene.passwords.breach.kind import Kind

from .commands import Hygiene

# in the list, then beside it: another case, end or number, a blank more, one letter less
BREACHED = (
    "Sommer-2024-Sonne!",
    "kr\u00e4henfu\u00df und Igel",
    "correct horse battery",
    "\U0001f511 zum Gl\u00fcck 77",
    "x7Q" * 100,
)
CLEAN = ("sommer-2024-sonne!", "Sommer-2024-Sonne", "kraehenfuss und Igel", "correct horse battery ", "x7Q" * 99 + "x7",
         "Vq9#zT2$mK5&wR8x", "nie wieder dasselbe 4")  # fmt: skip
# a row of the list for each, some twice
ROWS = (*BREACHED, *CLEAN, BREACHED[0], CLEAN[5], BREACHED[1])
TABLE = "user;password\n" + "".join(f"u{number};{word}\n" for number, word in enumerate(ROWS))
COUNTS = {kind: dict.fromkeys(digests(kind, (*BREACHED, *(f"other {n}" for n in range(3_000)))), 7) for kind in Kind}
LOOK = ("passwords", "list.csv", "--format", "json", "--select", "password-breached", "--exit-zero")
STRONG = ("Vq9#zT2$mK5&wR8x", "7hB!pLx0@Nf3^sWd")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list in each form."""
    path = tmp_path_factory.mktemp("breached")
    (path / "sha1.txt").write_bytes(lines(COUNTS[Kind.SHA1], end="\r\n"))
    (path / "ntlm.txt").write_bytes(lines(COUNTS[Kind.NTLM], small=True))
    # files for what is asked and for what is sampled
    prefixes = {f"{at:05X}" for at in (*range(0, 16**5, 16**5 // 64), 16**5 - 1)}
    prefixes |= {digest.hex().upper()[:5] for digest in digests(Kind.SHA1, CLEAN)}
    folder(path / "prefixes", COUNTS[Kind.SHA1])
    for prefix in prefixes:
        file = path / "prefixes" / f"{prefix}.txt"
        if not file.exists():
            file.write_bytes(b"0" * 35 + b":3\r\n")
    with open_text(path / "sha1.txt") as text:
        build(text, path / "sha1.idx")
    return path


def told(hygiene: Hygiene) -> list[str | None]:
    """What is said of each row, in order; that the reasons say the same is held here."""
    rows = sorted(hygiene.rows("password_entries"), key=lambda row: row["row"])
    for row in rows:
        assert ("breached" in row["reasons"][-1:]) == ("breached" in row["reasons"]) == (row["breached"] == "yes")
    return [row["breached"] for row in rows]


def forms(word: str) -> Iterator[bytes]:
    yield word.encode()
    for digest in digests(Kind.SHA1, [word]) + digests(Kind.NTLM, [word]):
        yield digest[:8]
        for text in (digest.hex(), digest.hex().upper()):
            yield text[:8].encode()
            yield text[5:13].encode()  # what stays here when a prefix is asked for


def leaked(hygiene: Hygiene, *inputs: str) -> list[str]:
    """Passwords that are written in any form to what the command printed or left behind, its inputs aside."""
    kept = {hygiene.work / name for name in inputs}
    files = [path for path in hygiene.folder.rglob("*") if path.is_file() and path not in kept]
    everything = b"".join(path.name.encode() + path.read_bytes() for path in files if path.parent not in kept)
    assert b"hygiene: " in everything or b"password-breached" in everything
    return [word for word in dict.fromkeys(ROWS) if any(form in everything for form in forms(word))]


def test_the_search_for_leaks_finds_what_is_planted(hygiene: Hygiene) -> None:
    hygiene.write("said", b"hygiene: " + digests(Kind.NTLM, CLEAN[:1])[0].hex().encode() + BREACHED[1].encode())
    assert leaked(hygiene) == [BREACHED[1], CLEAN[0]]


def expected() -> list[str]:
    return ["yes" if word in BREACHED else "no" for word in ROWS]


@pytest.mark.parametrize(
    ("given", "kind", "source"),
    [
        pytest.param(("sha1.txt",), "sha1", "sha1.txt", id="text"),
        pytest.param(("ntlm.txt",), "ntlm", "ntlm.txt", id="nt-hashes-in-small-letters"),
        pytest.param(("prefixes",), "sha1", "prefixes", id="folder-of-prefixes"),
        pytest.param(("sha1.idx",), "sha1", "sha1.idx", id="index-alone", marks=pytest.mark.prove),
        pytest.param(("sha1.txt", "sha1.idx"), "sha1", "sha1.idx", id="index-and-its-text-in-any-order"),
    ],
)
def test_planted_ones_are_found_and_no_other(
    hygiene: Hygiene, made: Path, given: tuple[str, ...], kind: str, source: str
) -> None:
    hygiene.write("list.csv", TABLE)
    answer = hygiene(*LOOK, "-q", *(arg for name in given for arg in ("--breached", made / name)))
    assert (answer.code, answer.err) == (0, "")
    assert told(hygiene) == expected()
    lookup = {"source": source, "kind": kind, "passwords": 12, "breached": 5, "unanswered": 0, "online": False}
    assert hygiene.rows("breach_lookups") == [lookup]
    report = json.loads(answer.out)
    assert report["scan"]["breaches"] == lookup
    (finding,) = report["findings"]
    assert (finding["severity"], finding["message"], finding["measure"], finding["places_total"]) == (
        "high", "7 of 15 entries are known from a breach", {"entries": 7}, 7,
    )  # fmt: skip
    assert finding["places"][0] == {"list": "list.csv", "row": 2, "account": "u0", "system": None, "tenant": None}
    assert report["gaps"] == []
    assert leaked(hygiene, "list.csv") == []


def test_without_a_list_the_check_does_not_run(hygiene: Hygiene, made: Path) -> None:
    hygiene.write("list.csv", TABLE)
    hygiene(*LOOK, "-q", "--breached", made / "sha1.txt")
    answer = hygiene(*LOOK, "-q")
    assert told(hygiene) == [None] * len(ROWS)
    assert hygiene.rows("breach_lookups") == []
    report = json.loads(answer.out)
    assert report["scan"]["breaches"] is None
    (check,) = [check for check in report["checks"] if check["id"] == "password-breached"]
    assert (check["state"], check["note"]) == ("not-run", "needs breach_lookups, which was not given (--breached FILE)")


def without_a_file(path: Path) -> None:
    """A folder that has what is sampled when it is opened, and misses what is looked up."""
    path.mkdir()
    for prefix in (*range(0, 16**5, 16**5 // 64), 16**5 - 1):
        (path / f"{prefix:05X}.txt").write_bytes(b"0" * 35 + b":3\r\n")


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        pytest.param(
            lambda made: (made / "sha1.txt").read_bytes()[:-50],
            "a line that is no HASH:COUNT; expected the Pwned Passwords list as its downloader writes it, sorted by"
            " hash; it may be cut: get it again",
            id="cut",
        ),
        pytest.param(
            lambda made: (made / "sha1.idx").read_bytes()[:-3],
            "the index of breached passwords is cut or damaged; build it again from the list",
            id="index-cut",
        ),
        pytest.param(
            None,
            "a file of the folder is missing or cannot be read; 00000.txt to FFFFF.txt have to be there; expected the"
            " Pwned Passwords list as its downloader writes it, sorted by hash",
            id="met-by-a-look-up",
        ),
    ],
)
def test_a_damaged_list_ends_it_before_any_host(
    hygiene: Hygiene, made: Path, damaged: Callable[[Path], bytes] | None, said: str
) -> None:
    hygiene.write("list.csv", TABLE)
    if damaged is None:
        without_a_file(hygiene.work / "pwned")
    else:
        hygiene.write("pwned", damaged(made))
    (hygiene.work / "image").mkdir()
    answer = hygiene("audit", "--root", "image", "--passwords", "list.csv", "--breached", "pwned")
    assert (answer.code, answer.out, answer.err) == (2, "", f"hygiene: pwned: {said}\n")
    assert leaked(hygiene, "list.csv", "pwned") == []
    assert hygiene.left() == ["image", "list.csv", "pwned"]


POLICY = '[range_api]\nurl = "{url}"\n'


@pytest.mark.parametrize("by_proxy", [False, True], ids=["directly", "through-the-proxy-of-the-policy"])
def test_a_service_sees_five_digits_of_each_once_and_padded(hygiene: Hygiene, by_proxy: bool) -> None:
    hygiene.write("list.csv", TABLE)
    with serving(ranges(COUNTS[Kind.SHA1])) as server:
        url = "http://localhost:1" if by_proxy else server.url
        hygiene.write("hygiene.toml", POLICY.format(url=url) + f'proxy = "{server.url}"\n' * by_proxy)
        args = ("-o", "out", "--format", "html", "--breached-online")
        answer = hygiene(*LOOK, *args)
    host = url.removeprefix("http://")
    assert answer.code == 0
    assert answer.err.startswith(
        f"hygiene: asking {host}: the first 5 of 40 digits of each password's SHA-1 leave this machine\n"
    )
    assert told(hygiene) == expected()
    lookup = {"source": host, "kind": "sha1", "passwords": 12, "breached": 5, "unanswered": 0, "online": True}
    assert json.loads((hygiene.work / "out" / "report.json").read_text())["scan"]["breaches"] == lookup
    page = (hygiene.work / "out" / "report.html").read_text()
    assert "the first 5 of 40 digits of each one" in page
    assert leaked(hygiene, "list.csv") == []
    start = f"{url}/range/" if by_proxy else "/range/"
    paths = [f"{start}{digest.hex().upper()[:5]}" for digest in digests(Kind.SHA1, dict.fromkeys(ROWS))]
    asked = [path for path, _, _ in server.asked]
    assert sorted(asked) == sorted(paths)
    assert asked != paths  # the order of the list is not told
    assert {padding for _, padding, _ in server.asked} == {"true"}


def test_without_an_answer_it_is_unknown_and_a_gap(hygiene: Hygiene) -> None:
    hygiene.write("list.txt", "\n".join(STRONG))
    hygiene.write("hygiene.toml", POLICY.format(url="http://127.0.0.1:1"))
    answer = hygiene("passwords", "-q", "list.txt", "--breached-online", "--format", "json")
    assert answer.code == 3
    assert told(hygiene) == ["unknown", "unknown"]
    report = json.loads(answer.out)
    assert report["findings"] == []
    reason = (
        "2 of 2 passwords could not be looked up among breached ones; 127.0.0.1:1: the range API cannot be reached;"
        " ask again, or look them up in the list itself with --breached FILE"
    )
    assert [(gap["subject"], gap["area"], gap["reason"]) for gap in report["gaps"]] == [("fleet", "passwords", reason)]
    (check,) = [check for check in report["checks"] if check["id"] == "password-breached"]
    assert check["state"] == "ran"


ALLOW = (
    "--breached-online sends the first 5 of 40 digits of each password's SHA-1 to a service; to allow that, write a"
    " table [range_api] into {} (url = and proxy = may stand in it)"
)


@pytest.mark.parametrize(
    ("args", "policy", "said"),
    [
        pytest.param(("passwords", "a", "--breached-online"), None, ALLOW.format("hygiene.toml"), id="no-policy"),
        pytest.param(("passwords", "a", "--breached-online", "--policy", "p.toml"), "fail_on = 'low'\n",
                     ALLOW.format("p.toml"), id="a-policy-that-does-not-allow-it"),
        pytest.param(("passwords", "a", "--breached-online", "--breached", "b", "--policy", "p.toml"), "[range_api]\n",
                     "--breached and --breached-online are two ways to ask the same; give one of them", id="both"),
        pytest.param(("passwords", "a", "--breached", "b", "--breached", "b", "--breached", "b"), None,
                     "--breached: give one list, or an index and the list that it was made of", id="three-lists"),
        pytest.param(("audit", "-i", "hosts", "--breached", "b"), None,
                     "--breached and --breached-online look passwords up; add a list with --passwords FILE",
                     id="no-passwords"),
        pytest.param(("passwords", "a", "--breached-online", "--policy", "p.toml"),
                     "[range_api]\nurl = 'http://api.example.org'\n",
                     "[range_api] url: the address of the range API has to begin with https://, so that no one reads"
                     " along", id="no-encryption"),
        pytest.param(("passwords", "a", "--breached", "b"), None,
                     "b: the list of breached passwords cannot be read: No such file or directory", id="no-such-list"),
        pytest.param(("passwords", "a", "--policy", "p.toml"), "[range_api]\nproxy = 'me:secret77@host'\n",
                     "p.toml:2: `proxy` is no address; expected one like http://proxy.example.org:3128",
                     id="a-proxy-is-not-shown"),
        pytest.param(("passwords", "a", "--policy", "p.toml"), "[range_api]\nuri = 'https://a'\n",
                     "p.toml:2: unknown entry `uri` (did you mean `url`?); expected url or proxy", id="a-typo"),
        pytest.param(("passwords", "a", "--policy", "p.toml"), "range_api = true\n",
                     "p.toml:1: `range_api` is not a table; expected [range_api], which may be empty", id="no-table"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said_in_one_line(
    hygiene: Hygiene, args: tuple[str, ...], policy: str | None, said: str
) -> None:
    hygiene.write("a", "some words here\n")
    if policy is not None:
        hygiene.write("p.toml", policy)
    answer = hygiene(*args)
    assert (answer.code, answer.out, answer.err) == (2, "", f"hygiene: {said}\n")
    assert hygiene.left() == ["a"] + ["p.toml"] * (policy is not None)


def test_an_index_is_made_once_and_says_what_next(hygiene: Hygiene, made: Path) -> None:
    hygiene.write("pwned 1.txt", (made / "sha1.txt").read_bytes())
    answer = hygiene("breached-index", "pwned 1.txt", "-o", "pwned 1.idx")
    size = (hygiene.work / "pwned 1.idx").stat().st_size
    assert (answer.code, answer.out) == (
        0,
        (
            f"pwned 1.idx: 3,005 lines, {size / 1e6:,.0f} MB (sha1)\n"
            "look passwords up:          hygiene passwords FILE --breached 'pwned 1.idx'\n"
            "where the list stays here:  hygiene passwords FILE --breached 'pwned 1.idx' --breached 'pwned 1.txt'\n"
        ),
    )
    assert answer.err == f"hygiene: index: 100% of {len((made / 'sha1.txt').read_bytes()) - 2:,}\n"
    assert (hygiene.work / "pwned 1.idx").read_bytes() == (made / "sha1.idx").read_bytes()
    before = (hygiene.work / "pwned 1.idx").stat()
    again = hygiene("breached-index", "-q", "pwned 1.txt", "-o", "pwned 1.idx")
    said = "hygiene: pwned 1.idx: is there already; remove it, or give another name with -o\n"
    assert (again.code, again.out, again.err) == (2, "", said)
    assert (hygiene.work / "pwned 1.idx").stat() == before
    hygiene.write("other.txt", (made / "sha1.txt").read_bytes()[44:])
    hygiene.write("list.csv", TABLE)
    mixed = hygiene(*LOOK, "--breached", "pwned 1.idx", "--breached", "other.txt")
    assert (mixed.code, mixed.out) == (2, "")
    assert "the index was made of another list than other.txt" in mixed.err


def disordered(made: Path) -> bytes:
    rows = (made / "sha1.txt").read_bytes().split(b"\r\n")
    # samples look at four lines of every twelve
    rows[30:33] = rows[30:33][::-1]
    return b"\r\n".join(rows)


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        pytest.param("no list", b"user;password\n", 2, "no list of HASH:COUNT lines", id="no-list"),
        pytest.param("disordered", None, 2, "not sorted by hash", id="met-on-the-way"),
        pytest.param("none", b"", 2, "empty", id="empty"),
    ],
)
def test_half_an_index_does_not_stay(
    hygiene: Hygiene, made: Path, name: str, content: bytes | None, code: int, said: str
) -> None:
    hygiene.write(name, disordered(made) if content is None else content)
    answer = hygiene("breached-index", "-q", name, "-o", "out.idx")
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1
    assert said in answer.err
    assert hygiene.left() == [name]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="interrupted", marks=pytest.mark.prove),
        pytest.param(signal.SIGTERM, id="terminated"),
    ],
)
def test_half_an_index_does_not_stay_when_it_is_stopped(hygiene: Hygiene, made: Path, number: signal.Signals) -> None:
    hygiene.write("list", (made / "sha1.txt").read_bytes())
    command = [sys.executable, "-m", "hygiene", "breached-index", "list", "-o", "out.idx"]
    with subprocess.Popen(command, cwd=hygiene.work, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        # the list is read then, and the directory of the index still to be made
        assert process.stderr.readline().startswith("hygiene: index: 100%")
        process.send_signal(number)
        assert process.stderr.read() == "hygiene: interrupted\n"
    assert process.returncode == 130
    assert hygiene.left() == ["list"]


def test_half_an_index_does_not_stay_on_a_full_disk(hygiene: Hygiene, made: Path) -> None:
    hygiene.write("list", (made / "sha1.txt").read_bytes())
    answer = hygiene("breached-index", "-q", "list", "-o", "out.idx", limit_bytes=1 << 20)
    assert answer.code == 1
    assert answer.err.startswith("hygiene: out.idx: the index cannot be written: ")
    assert hygiene.left() == ["list"]
