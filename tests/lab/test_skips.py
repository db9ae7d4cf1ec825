"""A run that cannot have real daemons says so in its last line, and fails where that is not allowed."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

A_DAEMON = """
@pytest.mark.real_sshd
def test_daemon_{number}(): ...
"""
SOMETHING_ELSE = """
import pytest

def test_of_something_else(): ...
"""
_PR_CAPBSET_DROP, _CAP_SYS_ADMIN = 24, 21  # linux/prctl.h, linux/capability.h


def _give_up_namespaces() -> None:
    """Be a root that may not make namespaces, as in a container; another user may not anyway."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0)


def _run(folder: Path, count: int, **environment: str) -> tuple[int, list[str]]:
    test_file = folder / "test_daemons.py"
    test_file.write_text(SOMETHING_ELSE + "".join(A_DAEMON.format(number=number) for number in range(count)))
    tests = Path(__file__).resolve().parents[1]
    inherited = {name: value for name, value in os.environ.items() if name not in {"CI", "HYGIENE_REQUIRE_REAL_SSHD"}}
    plugins = ("-p", "conftest", "-p", "pytest_timeout", "-p", "no:cacheprovider")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            tests.parent / "pyproject.toml",
            *plugins,
            f"--rootdir={folder}",
            test_file,
        ],
        env={**inherited, "PYTHONPATH": str(tests), "COLUMNS": "300", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        | environment,
        preexec_fn=_give_up_namespaces,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


NEEDS = {
    True: "they need the right to make namespaces (CAP_SYS_ADMIN), which this container does not have",
    False: "they need root: run the tests as root, or with sudo",
}[os.geteuid() == 0]


@pytest.mark.parametrize(
    ("count", "last"),
    [
        pytest.param(1, f"1 real-sshd test was skipped: {NEEDS}", id="one"),
        pytest.param(3, f"3 real-sshd tests were skipped: {NEEDS}", id="several"),
    ],
)
def test_the_last_line_counts_and_explains_what_was_skipped(tmp_path: Path, count: int, last: str) -> None:
    status, said = _run(tmp_path, count)

    assert (status, said[-1]) == (0, last)


@pytest.mark.parametrize("name_and_value", [("CI", "true"), ("HYGIENE_REQUIRE_REAL_SSHD", "1")], ids="=".join)
def test_where_daemons_are_demanded_their_lack_is_a_failure(tmp_path: Path, name_and_value: tuple[str, str]) -> None:
    status, said = _run(tmp_path, 2, **dict([name_and_value]))

    expected = f"real-sshd tests must run here, but {NEEDS}"
    assert (status, [line.endswith(expected) for line in said if line.startswith("ERROR ")]) == (1, [True, True])


def test_nothing_is_said_when_nothing_was_skipped(tmp_path: Path) -> None:
    status, said = _run(tmp_path, 0)

    assert (status, [line for line in said if "real-sshd" in line]) == (0, [])
