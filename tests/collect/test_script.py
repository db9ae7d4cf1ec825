"""How the collector is started: the remote command under several login shells, and the installed one's first line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.evidence import tables
from hygiene.evidence.stream import decode
from hygiene.passwords.hashes.shared import digest

from .disk import NONCE, SHELLS, installed
from .older import without_digests

# instead of the collector: says how it was called, and that the rest of standard input is still there
PROBE = f': {NONCE}\nread rest <<EOF\n$(id -u)\nEOF\necho "$# $1 ${{ELEVATED:-plain}}"\n'.encode()
LOGIN_SHELLS = {
    "dash": ["dash", "-c"],
    "bash": ["bash", "-c"],
    "busybox": ["busybox", "sh", "-c"],
    "rbash": ["bash", "--restricted", "-c"],
    "tcsh": ["tcsh", "-c"],
    "fish": ["fish", "-c"],
    "ksh93": ["ksh93", "-c"],
    "mksh": ["mksh", "-c"],
    "yash": ["yash", "-c"],
}
START = 'cd "${hyg_root:-/}/"'
SUDOS = {
    "allowed": '#!/bin/sh\n[ "$1" = -n ] || exit 9\nshift\nELEVATED=root exec "$@"\n',
    "needs a password": '#!/bin/sh\ncat\necho "sudo: a password is required" >&2\nexit 1\n',
    "greedy but refused": "#!/bin/sh\nread line\nread line\nexit 1\n",
}


def _environment(folder: Path, sudo: str | None, uid: int) -> dict[str, str]:
    folder.mkdir()
    programs = {"id": f"#!/bin/sh\necho {uid}\n"}
    if sudo is not None:
        programs["sudo"] = SUDOS[sudo]
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


@pytest.mark.parametrize("login_shell", LOGIN_SHELLS)
@pytest.mark.parametrize(
    ("sudo", "uid", "wanted", "said"),
    [
        pytest.param("allowed", 1000, True, "root", id="through sudo"),
        pytest.param("allowed", 0, True, "plain", id="root needs none"),
        pytest.param("allowed", 1000, False, "plain", id="not wanted"),
        pytest.param("needs a password", 1000, True, "plain", id="refused"),
        pytest.param("greedy but refused", 1000, True, "plain", id="refused, and reads"),
    ],
)
def test_remote_command(tmp_path: Path, login_shell: str, sudo: str, uid: int, wanted: bool, said: str) -> None:
    if not installed(LOGIN_SHELLS[login_shell][0]):
        pytest.skip(f"{login_shell} is not installed here")
    ran = subprocess.run(
        [*LOGIN_SHELLS[login_shell], script.remote_command(NONCE, sudo=wanted)],
        input=PROBE,
        capture_output=True,
        env=_environment(tmp_path / "bin", sudo, uid),
        timeout=20,
        check=False,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (f"1 {NONCE} {said}\n".encode(), b"", 0)


def test_remote_command_without_any_sudo(tmp_path: Path) -> None:
    environment = _environment(tmp_path / "bin", None, 1000)
    for name in ("sh", "read"):
        (tmp_path / "bin" / name).symlink_to("/bin/sh")
    ran = subprocess.run(
        ["/bin/sh", "-c", script.remote_command(NONCE, sudo=True)],
        input=PROBE,
        capture_output=True,
        env={**environment, "PATH": str(tmp_path / "bin")},
        timeout=20,
        check=False,
    )
    assert (ran.stdout, ran.returncode) == (f"1 {NONCE} plain\n".encode(), 0)


@pytest.mark.parametrize("nonce", ["", "short", "a" * 65, "0123456789abcde'", "0123456789abcdef\n", "0123456789abcdé"])
def test_a_nonce_that_is_none_goes_nowhere(nonce: str) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        script.remote_command(nonce, sudo=True)
    with pytest.raises(ValueError, match="16 to 64"):
        script.stdin_payload(nonce)


def test_a_text_that_was_cut_runs_nothing(tmp_path: Path) -> None:
    """Every line but the last belongs to a function."""
    lines = script.text().splitlines(keepends=True)
    assert lines[-1] == b'hyg_main "$@"\n'
    for end in range(0, len(lines), 7):
        ran = subprocess.run(
            ["dash", "-s", "--", "-R", str(tmp_path), NONCE],
            input=b"".join(lines[:end]),
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert ran.stdout == b""


def test_is_one_readable_file() -> None:
    """Put together from parts, none of which ends the awk program early; with -l as default when asked for."""
    text = script.text()
    assert (text.count(b"@AWK@"), text.count(b"hyg_read() {")) == (0, 1)
    program = text.partition(b'awk "$hyg_keylike"\'\n')[2].partition(b"\n}'\n")[0]
    assert b"'" not in program
    assert max(map(len, text.splitlines())) < 320
    assert len(text) < 128 << 10  # Linux takes no longer argument, and the program is one
    one, other = text.splitlines(), script.text(logs=True).splitlines()
    changed = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    assert [(old.split()[-1], new.split()[-1]) for old, new in changed] == [(b"hyg_logs=0", b"hyg_logs=1")]
    assert script.stdin_payload(NONCE, logs=True).endswith(script.text(logs=True))


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("logs", [False, True])
def test_parses_before_any_of_it_runs(shell: str, logs: bool) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    ran = subprocess.run([*SHELLS[shell], "-n"], input=script.text(logs), capture_output=True, timeout=20, check=True)
    # ksh93 has advice on its own style
    assert ran.stdout + b"".join(line for line in ran.stderr.splitlines() if b": warning: line " not in line) == b""


@pytest.fixture
def installed_collector(tmp_path: Path) -> Path:
    """The script as a file, made to look at an empty folder instead of this machine."""
    assert script.text().count(START.encode()) == 1
    path = tmp_path / "hygiene-collector"
    (tmp_path / "host").mkdir()
    path.write_bytes(script.text().replace(START.encode(), f'cd "{tmp_path}/host/"'.encode()))
    return path


FIRST_LINES = {
    "bare": f"{NONCE}\n".encode(),
    "what a client sends in any case": script.stdin_payload(NONCE),
    "what a client sends with a key": script.stdin_payload(NONCE, False, "0" * 32),
    "without a line end": NONCE.encode(),
    "rubbish behind it": f"{NONCE}\n".encode() + b"\xff\0" * 100_000,
}


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        # in each run all lines under one shell, and what a client sends under all
        pytest.param(shell, line, id=f"{shell}-{name}", marks=() if usual else pytest.mark.prove)
        for shell in SHELLS
        for name, line in FIRST_LINES.items()
        for usual in [shell == "dash" or name.startswith("what a client")]
    ],
)
def test_installed_takes_its_nonce_from_the_first_line(installed_collector: Path, shell: str, line: bytes) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    ran = subprocess.run(
        [*SHELLS[shell], str(installed_collector)],
        input=line,
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, "SSH_ORIGINAL_COMMAND": "rm -rf /"},
    )
    found = decode(ran.stdout, NONCE)
    assert (found.complete, found.problem, found.mode, ran.stderr) == (True, "", "installed", b"")


KEYED = "K" + NONCE
DIGEST_KEY = "00112233445566778899aabbccddeeff"
HASH = "$1$salt$" + "x" * 22


def digests(host: Path, collector: Path, sent: bytes, shell: str = "dash") -> tables.Digests | None:
    """What an installed collector makes of the one hash of its host when this is sent to it."""
    (host / "etc").mkdir(exist_ok=True)
    (host / "etc/shadow").write_text(f"anna:{HASH}:1::::::\n")
    command = [*SHELLS[shell], str(collector)]
    ran = subprocess.run(command, input=sent, capture_output=True, timeout=60, check=True)
    found = decode(ran.stdout, sent.split(b"\n")[0].removeprefix(b": ").decode())
    assert (found.complete, found.problem, ran.stderr) == (True, "", b"")
    return tables.digests(found)


@pytest.mark.parametrize("shell", SHELLS)
def test_installed_takes_the_key_of_digests_from_the_second_line(
    tmp_path: Path, installed_collector: Path, shell: str
) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    made = digests(tmp_path / "host", installed_collector, script.stdin_payload(KEYED, False, DIGEST_KEY), shell)
    assert made == tables.Digests(program=True, by_number={1: digest(HASH, DIGEST_KEY)})


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(f": {KEYED}\n", id="the line alone"),
        pytest.param(f": {KEYED}\nhyg_key=\n", id="no key"),
        pytest.param(f": {KEYED}\nhyg_key={DIGEST_KEY.upper()}\n", id="not a key"),
        pytest.param(f": x{KEYED}\nhyg_key={DIGEST_KEY}\n", id="a nonce that announces none"),
        pytest.param(f": {KEYED}\n{DIGEST_KEY}\n", id="another line"),
        pytest.param(f": {KEYED}\n#!/bin/sh\nhyg_key={DIGEST_KEY}\n", id="a third line"),
    ],
)
def test_installed_without_a_key_makes_no_digests(tmp_path: Path, installed_collector: Path, sent: str) -> None:
    assert digests(tmp_path / "host", installed_collector, sent.encode()) is None


def test_a_collector_that_knows_the_nonce_alone_takes_what_we_send(tmp_path: Path, installed_collector: Path) -> None:
    """One of before there were digests: it reads one line, and what follows it says nothing to it."""
    installed_collector.write_text(without_digests().replace(START, f'cd "{tmp_path}/host/"'))
    assert digests(tmp_path / "host", installed_collector, script.stdin_payload(KEYED, False, DIGEST_KEY)) is None


def test_a_nonce_is_new_and_announces_the_second_line() -> None:
    one, other = script.new_nonce(), script.new_nonce()
    assert one != other
    assert (one[0], len(one)) == ("K", 33)


@pytest.mark.parametrize("key", ["", "0" * 31, "0" * 31 + "\n", "0" * 31 + "G", "'; id; '" + "0" * 24])
def test_a_key_that_is_none_goes_nowhere(key: str) -> None:
    with pytest.raises(ValueError, match="32 lower-case hex digits"):
        script.stdin_payload(NONCE, False, key)


def test_installed_does_not_wait_behind_the_line(installed_collector: Path) -> None:
    """The line may come in pieces, and the client may keep its end open for as long as it likes."""
    with subprocess.Popen(["dash", str(installed_collector)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for piece in (b": 01234567", b"89abcdef", b"\n"):
            process.stdin.write(piece)
            process.stdin.flush()
        assert decode(process.stdout.read(), NONCE).complete


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="empty"),
        pytest.param(b"0123456789abcde\n", id="short"),
        pytest.param(b"a" * 65 + b"\n", id="long"),
        pytest.param(b"a" * 1_000_000, id="endless"),
        pytest.param(b":0123456789abcdef\n", id="no blank"),
        pytest.param(b"0123456789abcdef; id\n", id="a command"),
        pytest.param(b"0123456789abcde\xe9\n", id="not ASCII"),
        pytest.param(b"0123456789abcdef\r\n", id="carriage return"),
        pytest.param(b"-R / 0123456789abcdef\n", id="options"),
    ],
)
def test_installed_refuses_any_other_line(installed_collector: Path, shell: str, line: bytes) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    ran = subprocess.run(
        [*SHELLS[shell], str(installed_collector)], input=line, capture_output=True, timeout=20, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (
        b"",
        b"hygiene-collector: expected a nonce of 16 to 64 letters and digits, as one line on standard input\n",
        2,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["-x", NONCE], b"usage:", id="unknown option"),
        pytest.param(["-R", "/"], b"usage:", id="root without nonce"),
        pytest.param(["-R", "/no/such/folder", NONCE], b"cannot be entered", id="no such root"),
        pytest.param(["short"], b"expected a nonce", id="no nonce"),
    ],
)
def test_refuses_other_arguments(arguments: list[str], message: bytes) -> None:
    ran = subprocess.run(
        ["dash", "-s", "--", *arguments], input=script.text(), capture_output=True, timeout=20, check=False
    )
    assert (ran.stdout, ran.returncode) == (b"", 2)
    assert message in ran.stderr
