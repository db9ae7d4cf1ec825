"""The key of digests of hashes: one for each run, or that of the file which the policy names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from hygiene.cli.lists import digest_key_of
from hygiene.errors import UsageError
from hygiene.policy.policy import Policy

BYTES = bytes(range(16))


def key_of(path: Path) -> str:
    return digest_key_of(Policy(path="hygiene.toml", digest_key=path))


def test_a_run_has_a_key_of_its_own() -> None:
    keys = {digest_key_of(Policy()) for _ in range(3)}
    assert [len(bytes.fromhex(key)) for key in keys] == [16, 16, 16]


def test_the_key_of_a_file_is_the_same_in_every_run(tmp_path: Path) -> None:
    path = tmp_path / "digests.key"
    path.write_bytes(BYTES)
    path.chmod(0o400)
    assert key_of(path) == key_of(path) == hashlib.blake2b(BYTES, digest_size=16).hexdigest()


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        pytest.param(None, 0, "cannot be read: No such file or directory; check the path", id="missing"),
        pytest.param(BYTES, 0o640, "others can read or write it (mode 0640)", id="group-reads"),
        pytest.param(BYTES, 0o604, "others can read or write it (mode 0604)", id="others-read"),
        pytest.param(BYTES, 0o620, "others can read or write it (mode 0620)", id="group-writes"),
        pytest.param(BYTES[1:], 0o600, "expected a file of 16 bytes to 1 MiB; make one with: (umask 077;", id="short"),
        pytest.param(bytes((1 << 20) + 1), 0o600, "expected a file of 16 bytes to 1 MiB", id="long"),
    ],
)
def test_a_file_that_cannot_be_the_key(tmp_path: Path, content: bytes | None, mode: int, message: str) -> None:
    path = tmp_path / "digests.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(UsageError) as error:
        key_of(path)
    assert str(error.value).startswith(f"hygiene.toml: digest_key: {path}: {message}")
    assert len(str(error.value).splitlines()) == 1


def test_what_is_no_file_cannot_be_the_key(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (pipe, tmp_path):
        with pytest.raises(UsageError, match=f"{path}: is no regular file"):
            key_of(path)
