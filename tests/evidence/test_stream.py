"""What the decoder makes of streams that are whole, cut, altered, noisy, or hostile."""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hygiene.evidence import tables
from hygiene.evidence.cksum import cksum
from hygiene.evidence.frames import Frame, Note, Transcript
from hygiene.evidence.stream import MAX_STREAM_BYTES, decode

from .streams import HEAD, NONCE, STEPS, batch, lines, real, text, whole

PASSWD = b"passwd ok 2 /etc/passwd\nroot:x:0:0::/root:/bin/sh\nann:x:1:1::/home/ann:/bin/sh\n"
PASSWD_FRAME = Frame("passwd", b"/etc/passwd", "ok", b"root:x:0:0::/root:/bin/sh\nann:x:1:1::/home/ann:/bin/sh\n")


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return real(tmp_path_factory.mktemp("root"))


def test_a_whole_stream() -> None:
    found = decode(
        whole(
            text(PASSWD + b"group absent 0 /etc/group\nps ok 0 \nodd ok 1 /with blank\n\xff\0\n"),
            b"@N sudo include-by-host-name /etc/sudoers.%h\n",
            batch(
                "akeys", {b"/root/.ssh/authorized_keys": b"no line end \xfe\0", b"/a b": b"", b"/c": b"\n\n1 2 .x\n"}
            ),
            text(b"links ok 2 \n/a b\n/c\n"),
            b"@N pam odd\n",
        ),
        NONCE,
    )
    frames = (
        PASSWD_FRAME,
        Frame("group", b"/etc/group", "absent"),
        Frame("ps", b"", "ok"),
        Frame("odd", b"/with blank", "ok", b"\xff\0\n"),
        Frame("akeys", b"/root/.ssh/authorized_keys", "ok", b"no line end \xfe\0"),
        Frame("akeys", b"/a b", "ok"),
        Frame("akeys", b"/c", "ok", b"\n\n1 2 .x\n"),
        Frame("links", b"", "ok", b"/a b\n/c\n"),
    )
    assert found == Transcript(
        complete=True,
        problem="",
        version=1,
        time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        uid=0,
        mode="offline",
        root="/",
        frames=frames,
        notes=(Note("sudo", "include-by-host-name", "/etc/sudoers.%h"), Note("pam", "odd", "")),
        links={b"/a b": b"/c"},
        index={(frame.kind, frame.path): frame for frame in frames},
    )
    assert found.all("akeys") == frames[4:7]
    assert found.file("akeys", b"/a b") == frames[5]
    assert found.file("group", b"/nowhere") is None


def test_a_file_is_found_behind_links() -> None:
    found = decode(
        whole(batch("akeys", {b"/data/a/keys": b"x"}), text(b"links ok 2 \n/home/a/keys\n/data/a/keys\n")), NONCE
    )
    assert found.file("akeys", b"/home/a/keys") == Frame("akeys", b"/data/a/keys", "ok", b"x")


def test_hex_where_there_is_no_base64() -> None:
    dump = b" 70 73 20 6f\n 6b 20 30 20 0a\n"
    found = decode(whole(b"@T\n" + dump + b"@E\n", head=HEAD.replace(b"b64", b"hex")), NONCE)
    assert (found.problem, found.frames) == ("", (Frame("ps", b"", "ok"),))


@pytest.mark.parametrize(
    ("noise", "problem"),
    [
        pytest.param(b"Welcome!\nLast login: today\n\n", "", id="greeting"),
        pytest.param(b"no line end" + b"\n", "", id="greeting that the collector's empty line ended"),
        pytest.param(b"\xff\0\x1b[2J\r\n", "", id="binary"),
        pytest.param(b"@HYG1 fedcba9876543210 v=1\n@SUM 1 1\n@END fedcba9876543210 0 0 0\n", "", id="another run"),
        pytest.param(b"@T\n@E\n", "", id="frames of nobody"),
        pytest.param(b"x" + HEAD, "", id="the first line inside a line"),
        pytest.param(b"Welcome! ", "the collector's first line is missing", id="greeting in the first line"),
    ],
)
def test_noise_before_the_first_line(noise: bytes, problem: str) -> None:
    assert decode(noise + whole(text(PASSWD)), NONCE).problem == problem


def test_noise_behind_the_last_line_is_ignored() -> None:
    assert decode(whole(text(PASSWD)) + b"bye\n@N x y\n", NONCE).complete


FRAME = text(PASSWD)
SECOND = text(b"group absent 0 /etc/group\n")


@pytest.mark.parametrize(
    ("stream", "problem", "frames"),
    [
        pytest.param(b"", "the host sent nothing", 0, id="nothing"),
        pytest.param(b"sh: not found\n", "the collector's first line is missing", 0, id="something else"),
        pytest.param(HEAD[:-1], "the stream breaks off in its first line", 0, id="cut in the first line"),
        pytest.param(HEAD + FRAME, "the stream breaks off before its last line", 1, id="no end"),
        pytest.param(HEAD + FRAME[:-3], "the stream breaks off inside a frame", 0, id="cut in a frame"),
        pytest.param(whole(FRAME)[:-1], "the stream breaks off before its last line", 1, id="no last line end"),
        pytest.param(
            whole(FRAME, b"hello\n", SECOND), "something else stands between the frames", 1, id="noise between"
        ),
        pytest.param(
            whole(FRAME, b"\n", SECOND), "something else stands between the frames", 1, id="empty line between"
        ),
        pytest.param(
            whole(FRAME, SECOND.replace(b"@E", b"noise\n@E")),
            "a frame holds something that is no data",
            1,
            id="noise in",
        ),
        pytest.param(whole(b"@T\n!!\n@E\n"), "a frame holds something that is no data", 0, id="no blank"),
        pytest.param(whole(b"@T\n !!\n@E\n"), "a frame holds something that is no data", 0, id="no base64"),
        pytest.param(whole(b"@T\n YQ\n@E\n"), "a frame holds something that is no data", 0, id="base64 not padded"),
        pytest.param(
            whole(b"@T\n YQ==\n YQ==\n@E\n"), "a frame holds something that is no data", 0, id="padding inside"
        ),
        pytest.param(whole(b"@T\n@T\n@E\n"), "a frame is not closed", 0, id="frame in a frame"),
        pytest.param(whole(text(b"passwd ok 3 /x\na\nb\n")), "a frame's items do not add up", 0, id="lines missing"),
        pytest.param(whole(text(b"passwd ok 1 /x\na\nb\n")), "a frame's items do not add up", 0, id="lines too many"),
        pytest.param(whole(text(b"PASSWD ok 0 /x\n")), "a frame's items do not add up", 0, id="no kind"),
        pytest.param(
            whole(FRAME).replace(b"@SUM", b"@CUT\n@SUM"), "the answer went over the collector's limit", 1, id="cap"
        ),
        pytest.param(whole(FRAME, nonce="f" * 16), "the last line is another run's", 1, id="other nonce at the end"),
        pytest.param(
            whole(FRAME).replace(b" 1 ", b" 2 "),
            "the counts in the last line are not those of the stream",
            1,
            id="frames",
        ),
        pytest.param(
            whole(FRAME).replace(b"@SUM ", b"@SUM 0"), "the stream breaks off before its last line", 1, id="0s"
        ),
        pytest.param(
            whole(FRAME).replace(b"t=1767", b"t=1768"), "the checksum is not that of the stream", 1, id="altered head"
        ),
        pytest.param(
            whole(FRAME, head=HEAD.replace(b"v=1", b"v=2")),
            "the collector is of another version",
            0,
            id="other version",
        ),
        pytest.param(
            HEAD + FRAME + whole(FRAME), "something else stands between the frames", 1, id="begun a second time"
        ),
    ],
)
def test_what_is_not_whole_is_not_complete(stream: bytes, problem: str, frames: int) -> None:
    found = decode(stream, NONCE)
    assert (found.complete, found.problem) == (False, problem)
    assert found.frames == (PASSWD_FRAME,) * frames


@pytest.mark.parametrize("nonce", ["", "short", "a b", "é" * 20])
def test_without_a_nonce_nothing_is_complete(nonce: str) -> None:
    assert decode(whole(FRAME, nonce=nonce), nonce) == Transcript(False, "no nonce to check the answer against")


def test_an_endless_answer_is_not_read() -> None:
    assert decode(bytes(MAX_STREAM_BYTES + 1), NONCE).problem == "the answer is over 67,108,864 bytes"


@pytest.mark.parametrize(
    ("index", "data", "expected"),
    [
        pytest.param(b"1 1 ./a\n\n", b"x", [Frame("akeys", b"/a", "changed")], id="another sum"),
        pytest.param(b"%d 2 ./a\n\n" % cksum(b"x"), b"x", [Frame("akeys", b"/a", "changed")], id="shorter"),
        pytest.param(
            b"%d 1 ./a\n%d 1 ./b\n\n" % (cksum(b"x"), cksum(b"y")),
            b"xz",
            [Frame("akeys", b"/a", "ok", b"x"), Frame("akeys", b"/b", "changed")],
            id="one of two",
        ),
        pytest.param(b"\n", b"", [], id="no file could be read"),
        pytest.param(b"", b"", [], id="nothing"),
    ],
)
def test_files_that_changed_while_they_were_read(index: bytes, data: bytes, expected: list[Frame]) -> None:
    found = decode(whole(b"@B akeys\n" + lines(index + data) + b"@E\n"), NONCE)
    assert (found.problem, list(found.frames)) == ("", expected)


def test_a_real_stream_cut_at_any_byte_is_not_complete(answer: bytes) -> None:
    full = decode(answer, NONCE)
    assert full.complete
    assert {frame.status for frame in full.all("akeys")} == {"ok", "absent"}
    for end in range(len(answer)):
        found = decode(answer[:end], NONCE)
        assert not found.complete
        assert found.problem
        # what it does give is what the whole gives
        assert found.frames == full.frames[: len(found.frames)]


@STEPS
def test_a_real_stream_with_any_bit_flipped_is_not_complete(answer: bytes, step: int) -> None:
    for bit in range(0, len(answer) * 8, step):
        altered = bytearray(answer)
        altered[bit // 8] ^= 1 << bit % 8
        assert not decode(bytes(altered), NONCE).complete


def test_a_real_stream_altered_in_many_ways_is_not_complete(answer: bytes) -> None:
    chance = random.Random(7)
    for _ in range(3000):
        begin = chance.randrange(len(answer))
        end = min(len(answer), begin + chance.randrange(1, 200))
        other = chance.choice(
            (b"", b"\n", answer[end : end + 100], answer[begin:end] * 2, chance.randbytes(end - begin))
        )
        altered = answer[:begin] + other + answer[end:]
        # what stands behind the last line is not part of it
        assert altered.startswith(answer) or not decode(altered, NONCE).complete


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([HEAD, b"@T\n", b"@B akeys\n", b"@E\n", b"@SUM 1 1\n", f"@END {NONCE} 0 0 0\n".encode(), b"\n"]),
    st.binary(max_size=200).map(text),
    st.binary(max_size=200).map(lambda data: b"@B akeys\n" + lines(data) + b"@E\n"),
    st.binary(max_size=200).map(lambda data: b"@K akeys\n" + lines(b"1 2 ./a\n\n" + data) + b"@E\n"),
    st.lists(st.text(alphabet="@N x\n\0é", max_size=10)).map(lambda parts: " ".join(parts).encode()),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12), st.booleans())
def test_never_raises(pieces: list[bytes], closed: bool) -> None:
    stream = whole(*pieces) if closed else HEAD + b"".join(pieces)
    found = decode(stream, NONCE)
    assert found.complete == (not found.problem)
    tables.metas(found)
    tables.private_keys(found)
    tables.states(found, "shells")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["meta", "private_keys", "shells", "links", "sysctl", "conf_times", "key_uses", "logs_since"]),
    st.lists(st.binary(max_size=120), max_size=20),
)
def test_tables_never_raise(kind: str, rows: list[bytes]) -> None:
    body = b"".join(row.replace(b"\n", b"") + b"\n" for row in rows)
    found = decode(whole(text(b"%s ok %d \n" % (kind.encode(), len(rows)) + body)), NONCE)
    assert found.complete
    tables.metas(found)
    tables.private_keys(found)
    tables.states(found, "shells")
    tables.sysctls(found)
    tables.conf_times(found)
    tables.key_uses(found)
    tables.logs_reach(found)


LINES = [
    # kind, what comes over, what it stands for
    pytest.param("akeys", b"hyg:nul a b\nc\n", b"a b\0\nc\n", id="a NUL"),
    pytest.param("akeys", b"hyg:nul \nhyg:nul #\n", b"\0\n#\0\n", id="a NUL in front, and in a comment"),
    pytest.param("akeys", b"x hyg:nul a\nhyg:nul\n", b"x hyg:nul a\nhyg:nul\n", id="elsewhere in a line"),
    pytest.param("trust", b"hyg:nul a\n", b"a\0\n", id="a NUL in a list of authorities"),
    pytest.param("principals", b"hyg:nul a\n", b"a\0\n", id="a NUL in a list of principals"),
    pytest.param("akeys", b"a\nhyg:unended\n", b"a\nhyg:unended\n", id="nobody needs the end of key files"),
    pytest.param("pamconf", b"a\nb\nhyg:unended\n", b"a\nb", id="no line end at the end"),
    pytest.param("pam", b"a\n", b"a\n", id="a line end at the end"),
    pytest.param("shadow", b"hyg:nul a\nhyg:unended\n", b"hyg:nul a\nhyg:unended\n", id="other files"),
]


@pytest.mark.parametrize(("kind", "said", "data"), LINES)
def test_what_lines_cannot_carry(kind: str, said: bytes, data: bytes) -> None:
    found = decode(whole(text(b"%s ok %d /x\n" % (kind.encode(), said.count(b"\n")) + said)), NONCE)
    assert found.frames == (Frame(kind, b"/x", "ok", data),)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 65_535, 65_536, 100_000])
def test_cksum_is_that_of_posix(size: int, tmp_path: Path) -> None:
    data = random.Random(size).randbytes(size)
    (tmp_path / "file").write_bytes(data)
    said = subprocess.run(["cksum", tmp_path / "file"], capture_output=True, check=True).stdout
    assert said.split()[:2] == [b"%d" % cksum(data), b"%d" % size]
