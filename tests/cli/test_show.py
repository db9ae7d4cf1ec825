"""Commands that show something, and where the output goes: terminals, pipes, readers who have gone."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import asyncssh
import pytest
from hygiene_checks import CHECKS

from hygiene.collect import script
from hygiene.store.store import Store

from .commands import Answer, Hygiene

COMMANDS = {
    "audit": ("--inventory", "--limit", "--exclude", "--root", "--passwords", "--user", "--key", "--known-hosts",
              "--jump", "--sudo", "--no-sudo", "--passphrase-file", "--jobs", "--deadline", "--dry-run", "--fresh",
              "--logs", "--db", "--format", "--output", "--policy", "--baseline", "--fail-on", "--select", "--ignore",
              "--quiet", "--verbose", "--no-color", "--exit-zero", "--owners", "--sshd-version",
              "--probe", "--identities", "--key-file", "--breached", "--breached-online"),
    "collect": ("--inventory", "--root", "--key", "--jump", "--deadline", "--dry-run", "--db", "--bundle", "--policy",
                "--probe"),
    "import": ("FILE", "--db"),
    "check": ("--db", "--format", "--output", "--policy", "--baseline", "--fail-on", "--select", "--ignore"),
    "passwords": ("FILE", "--db", "--format", "--policy", "--key-file", "--passphrase-file", "--breached",
                  "--breached-online"),
    "breached-index": ("LIST", "--output", "--quiet"),
    "identities": ("FILE", "--db", "--format", "--output", "--policy", "--fail-on"),
    "who": ("--db",),
    "export": ("TABLE", "--db", "--format", "--output"),
    "checks": (),
    "explain": ("ID",),
    "collector": ("--notes", "--logs"),
    "doctor": ("--key", "--known-hosts", "--db"),
    "demo": ("--hosts", "--db", "--format", "--output", "--fail-on", "--exit-zero"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(hygiene: Hygiene, command: str) -> None:
    answer = hygiene(command, "--help")
    assert (answer.code, answer.err) == (0, "")
    for option in COMMANDS[command]:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", answer.out), option


def test_help_and_version(hygiene: Hygiene) -> None:
    answer = hygiene("--help")
    assert (answer.code, answer.err) == (0, "")
    assert all(re.search(rf"^ +{command}\b", answer.out, re.MULTILINE) for command in COMMANDS)
    assert "10  findings at or above --fail-on" in answer.out
    assert hygiene("--version") == Answer(0, f"hygiene {version('ssh-hygiene')}\n", "")


def test_checks_lists_them_worst_first(hygiene: Hygiene) -> None:
    answer = hygiene("checks")
    listed = [line.split()[:2] for line in answer.out.splitlines()[2:] if line and not line.startswith("`")]
    assert (answer.code, answer.err) == (0, "")
    assert listed == [
        [check.id, check.severity.value] for check in sorted(CHECKS, key=lambda check: (-check.severity.rank, check.id))
    ]


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_explain_prints_the_whole_page(hygiene: Hygiene, check: str) -> None:
    answer = hygiene("explain", check)
    assert (answer.code, answer.err) == (0, "")
    for section in ("What it looks for", "Why it matters", "Example", "What to do", "Limits", "References"):
        assert section in answer.out


def test_the_collector_is_printed_byte_for_byte_and_its_digest_with_it(hygiene: Hygiene) -> None:
    answer = hygiene("collector")
    assert answer.code == 0
    assert answer.out.encode() == script.text()
    digest = hashlib.sha256(script.text()).hexdigest()
    assert f'hygiene ALL=(root) NOPASSWD: sha256:{digest} /usr/local/libexec/hygiene-collector ""' in answer.err
    notes = hygiene("collector", "--notes")
    assert notes == Answer(0, answer.err, "")
    (line,) = [line for line in answer.err.splitlines() if line.startswith("restrict,")]
    assert line.startswith('restrict,from="AUDITOR",command="/usr/bin/sudo -n /usr/local/libexec/hygiene-collector" ')


NO_KNOWN_HOSTS = "give one with --known-hosts FILE; hosts without a known key are refused"


def test_doctor_says_what_is_missing(hygiene: Hygiene) -> None:
    answer = hygiene("doctor")
    missing = [line for line in answer.out.splitlines() if line.startswith("MISSING")]
    assert (answer.code, answer.err) == (2, "")
    assert missing == [
        "MISSING an SSH agent (SSH_AUTH_SOCK): start one, or name a key with --key FILE",
        f"MISSING known host keys in {hygiene.home}/.ssh/known_hosts: " + NO_KNOWN_HOSTS,
    ]


def test_doctor_says_that_all_is_there(hygiene: Hygiene) -> None:
    hygiene.write("key", "")
    hygiene.write("known_hosts", "")
    answer = hygiene("doctor", "--key", "key", "--known-hosts", "known_hosts")
    assert (answer.code, answer.err) == (0, "")
    assert {line.split()[0] for line in answer.out.splitlines()} == {"ok"}
    assert hygiene.left() == ["key", "known_hosts"]


LIST = "web1 tenant=acme tag=prod\nroot@[2001:db8::1]:2222\nweb2:22\n"
DRY = [
    "host         address             user    tenant    tags",
    "-----------  ------------------  ------  --------  ------",
    "web1         web1:22                     acme      prod",
    "2001:db8::1  [2001:db8::1]:2222  root",
    "image        offline",
    "secrets.csv  password list",
    "shadow       file of hashes",
    "",
    "5 would be scanned, 1 is left out",
]


def test_dry_run_lists_and_touches_nothing(hygiene: Hygiene) -> None:
    hygiene.write("hosts.txt", LIST)
    hygiene.write("image/etc/passwd", "")
    answer = hygiene(
        *("audit", "-i", "hosts.txt", "--root", "image", "--exclude", "web2", "--passwords", "secrets.csv"),
        *("--hashes", "web9=shadow", "--match", "--dry-run", "--format", "json", "-o", "out", "--key", "none"),
    )
    assert (answer.code, answer.err) == (0, "")
    assert [line.rstrip() for line in answer.out.splitlines()] == DRY
    assert hygiene.left() == ["hosts.txt", "image"]
    given = hygiene("collect", "-i", "-", "--dry-run", stdin=LIST.encode())
    assert (given.code, given.err) == (0, "")
    assert "3 would be scanned, 0 are left out" in given.out


# ---------------------------------------------------------------- where it goes


def start(hygiene: Hygiene, *args: str, **more: object) -> subprocess.Popen[bytes]:
    """Start the command as a user does, by this Python."""
    command = [sys.executable, "-m", "hygiene", *args]
    return subprocess.Popen(command, cwd=hygiene.work, env=hygiene.environment, **more)  # type: ignore[call-overload]


def test_python_m_hygiene_and_the_script_are_the_command(hygiene: Hygiene) -> None:
    said = [
        subprocess.run(command, env=hygiene.environment, capture_output=True, text=True, check=False)
        for command in (
            [sys.executable, "-m", "hygiene", "explain", "none"],
            [Path(sys.executable).with_name("hygiene"), "explain", "none"],
        )
    ]
    expected = (2, "", "hygiene: there is no check 'none'; `hygiene checks` lists them\n")
    assert [(done.returncode, done.stdout, done.stderr) for done in said] == [expected] * 2


@pytest.mark.parametrize("args", [("collector",), ("explain", "key-reuse")], ids=["bytes", "text"])
def test_a_reader_who_has_gone_is_no_traceback(hygiene: Hygiene, args: Sequence[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(hygiene, *args, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 1)


@pytest.mark.parametrize(
    "args",
    [("collector",), ("checks",), ("passwords", "list.txt"), ("passwords", "list.txt", "--format", "json")],
    ids=["bytes", "text", "table", "report"],
)
def test_a_full_standard_output_is_one_message(hygiene: Hygiene, args: Sequence[str]) -> None:
    hygiene.write("list.txt", "correct horse battery staple\n")
    assert hygiene(*args, stdout=Path("/dev/full")) == Answer(
        1, "", "hygiene: standard output: cannot be written: No space left on device; make room and run again\n"
    )


def test_an_output_that_knows_few_characters(hygiene: Hygiene) -> None:
    environment = {**hygiene.environment, "PYTHONIOENCODING": "ascii:strict"}
    command = [sys.executable, "-m", "hygiene", "audit", "--passwords", "Kennw\u00f6rter.csv", "--dry-run"]
    done = subprocess.run(command, cwd=hygiene.work, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2].split("  ")[0] == "Kennw\\xf6rter.csv"


COLOUR = re.compile(rb"\x1b\[[0-9;]+m")


@pytest.mark.parametrize(
    ("args", "env", "coloured"),
    [
        pytest.param((), {}, True, id="terminal"),
        pytest.param(("--no-color",), {}, False, id="no-color"),
        pytest.param((), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param((), {"NO_COLOR": ""}, True, id="empty-NO_COLOR-is-none"),
    ],
)
def test_colours_on_a_terminal(hygiene: Hygiene, args: Sequence[str], env: Mapping[str, str], coloured: bool) -> None:
    hygiene.write("list.txt", "123456\n")
    ours, theirs = pty.openpty()
    answer = hygiene("passwords", "list.txt", *args, env=env, stdout=Path(os.ttyname(theirs)))
    os.close(theirs)
    said = _drain(ours)
    assert (answer.code, answer.err) == (10, "")
    assert b"password-short" in said
    assert bool(COLOUR.search(said)) == coloured


def test_no_colours_in_a_pipe(hygiene: Hygiene) -> None:
    hygiene.write("list.txt", "123456\n")
    assert "\x1b" not in hygiene("passwords", "list.txt").out


def test_a_bar_on_a_terminal(hygiene: Hygiene) -> None:
    """Standard error is the terminal, standard output a file: the bar and the report do not mix."""
    hygiene.write("hosts.txt", "127.61.9.9:1\n")
    hygiene.write("key", asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    args = ("collect", "-i", "hosts.txt", "--key", "key")
    with start(hygiene, *args, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = _drain(ours)
        assert process.stdout is not None
        assert (process.stdout.read(), process.wait()) == (b"", 3)
    assert b"hosts 100% |" in said
    assert b" 1/1 " in said
    assert b"1 unreachable" in said


def _drain(terminal: int) -> bytes:
    """All that was written to a terminal whose other side is closed."""
    parts = []
    try:
        while select.select([terminal], [], [], 60)[0] and (part := os.read(terminal, 1 << 16)):
            parts.append(part)
    except OSError:
        pass  # EIO: the other side is closed
    os.close(terminal)
    return b"".join(parts)


def test_an_agent_that_does_not_answer(hygiene: Hygiene) -> None:
    hygiene.write("hosts.txt", "web1\n")
    answer = hygiene("audit", "-i", "hosts.txt", env={"SSH_AUTH_SOCK": str(hygiene.folder / "none")})
    assert answer == Answer(
        2,
        "",
        f"hygiene: {hygiene.folder}/none: the agent does not answer; start it, or name a key with --key FILE\n",
    )
    assert hygiene.left() == ["hosts.txt"]


def test_a_locked_database_is_said_and_left_alone(hygiene: Hygiene) -> None:
    image = hygiene.write("image/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    with Store.open(hygiene.work / "hygiene.duckdb", create=True):
        message = (
            "hygiene: hygiene.duckdb: another process is using this database; wait until it has ended, or name another"
            " file with --db\n"
        )
        for args in (("audit", "--root", "image"), ("check",), ("export", "hosts")):
            assert hygiene(*args) == Answer(2, "", message)
    assert image.exists()
    assert hygiene("audit", "-q", "--root", "image", "--select", "weak-key").code == 3


def test_a_database_of_another_version(hygiene: Hygiene) -> None:
    path = hygiene.work / "hygiene.duckdb"
    with Store.open(path, create=True) as store:
        store.set_meta("schema", 99)
    before = path.read_bytes()
    for args in (("check",), ("export", "hosts"), ("passwords", "list.txt")):
        assert hygiene(*args) == Answer(
            2,
            "",
            "hygiene: hygiene.duckdb: database of version 99; expected version 4: name another file with --db, or move"
            " this one away and collect or import again\n",
        )
    assert path.read_bytes() == before
