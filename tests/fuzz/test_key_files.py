"""Fuzzing of the parsers of key files: a little by default, more in `make prove`, by coverage where atheris is."""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .key_files import SEEDS, TARGETS

_PIECES = [
    b" ", b"\t", b",", b'"', b"\\", b"=", b"\n", b"\r", b"\0", b"#", b"!", b"*", b"/", b":", b"AAAA", b"ssh-rsa ",
    b"ssh-ed25519 ", b"no-pty", b"restrict", b"cert-authority", b'command="', b'from="10.0.0.0/8"', b'principals="a,b"',
    b'expiry-time="20990101"', b'permitopen="h:1"', b'environment="A=b"', b"\xff", b"\0\0\0\x0bssh-ed25519",
]  # fmt: skip
_ITERATIONS = int(os.environ.get("HYGIENE_FUZZ_RUNS", "20000"))


def _changed(data: bytes, chance: random.Random) -> bytes:
    """Cut, doubled, swapped or with something put in, a few times."""
    for _ in range(chance.randrange(1, 5)):
        at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.choice(_PIECES) + data[at:]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:end] + data[at:]
            case 3:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case _:
                data = data[end:] + data[:at]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_break_nothing(name: str) -> None:
    chance = random.Random(name)
    for seed in SEEDS[name]:
        TARGETS[name](seed)
    for _ in range(150):
        TARGETS[name](_changed(chance.choice(SEEDS[name]), chance))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.lists(st.sampled_from(_PIECES) | st.binary(max_size=40), max_size=30).map(b"".join))
def test_any_pieces_break_nothing(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", TARGETS)
def test_many_changes_break_nothing(name: str, tmp_path: Path) -> None:
    """With atheris, by coverage; without it, as many changes of the seeds."""
    if importlib.util.find_spec("atheris") is None:
        chance = random.Random(f"{name} long")
        for _ in range(_ITERATIONS):
            TARGETS[name](_changed(chance.choice(SEEDS[name]), chance))
        return
    for number, seed in enumerate(SEEDS[name]):
        (tmp_path / f"seed{number}").write_bytes(seed)
    command = [sys.executable, "-m", "fuzz.coverage_guided", name, f"-runs={_ITERATIONS}", "-seed=1", "-timeout=20"]
    command += ["-max_len=20000", "-rss_limit_mb=1024", f"-artifact_prefix={tmp_path}/", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
