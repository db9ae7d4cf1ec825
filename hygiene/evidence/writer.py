"""Writing evidence so that a kill, a power cut or a full disk costs at most what was in flight."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from hygiene.errors import StorageError
from hygiene.evidence import records
from hygiene.model import Evidence

HOSTS_PER_SEGMENT = 200
SYNC_DELAY_S = 0.5


class SegmentWriter:
    """Appends evidence to a segment of its own; safe to use from several threads.

    A record is handed to the operating system at once, in one piece, so that it outlives this process; a thread makes
    it outlive the machine at most SYNC_DELAY_S later, so that the caller never waits for the disk.
    """

    def __init__(self, folder: Path, hosts_per_segment: int = HOSTS_PER_SEGMENT) -> None:
        self._folder = folder
        self._limit = hosts_per_segment
        self._lock = threading.RLock()
        self._fd = -1
        self._path = folder
        self._header = b""
        self._size = 0
        self._hosts = 0
        self._timer: threading.Timer | None = None
        self._failed: StorageError | None = None

    def append(self, evidence: Evidence) -> None:
        """Keep one host. StorageError when that is not possible; what was kept before stays."""
        with self._lock:
            self._raise_failure()
            if self._fd < 0:
                self._open()
            self._write(records.host_record(self._header, evidence))
            self._hosts += 1
            if self._hosts >= self._limit:
                self._close_segment()
            elif self._timer is None:
                self._timer = threading.Timer(SYNC_DELAY_S, self._sync)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Close the segment. StorageError when the last records may not be on the disk."""
        with self._lock:
            self._close_segment()
            self._raise_failure()

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        with contextlib.suppress(StorageError):  # the first error is the one to tell
            self.close()

    def _open(self) -> None:
        path = self._folder / f"{secrets.token_hex(12)}.part"
        with writing(path):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._path, self._header, self._size, self._hosts = path, records.new_header(), 0, 0
        self._write(self._header)

    def _write(self, data: bytes) -> None:
        try:
            with writing(self._path):
                written = 0
                while written < len(data):
                    written += os.write(self._fd, data[written:])
        except StorageError:
            # half a record must not stay; if even this fails, readers know a torn end when they see it
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
                os.lseek(self._fd, self._size, os.SEEK_SET)
            if self._size == 0:
                self._abandon()
            raise
        self._size += len(data)

    def _abandon(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._fd)
            self._path.unlink()
        self._fd = -1

    def _sync(self) -> None:
        with self._lock:
            self._timer = None
            fd = os.dup(self._fd) if self._fd >= 0 else -1
        if fd < 0:
            return
        try:
            with writing(self._path):
                os.fsync(fd)
        except StorageError as error:
            self._failed = error
        finally:
            os.close(fd)

    def _close_segment(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._fd < 0:
            return
        if self._hosts == 0:
            self._abandon()
            return
        fd, self._fd = self._fd, -1
        try:
            with writing(self._path):
                os.fsync(fd)
                self._path.rename(self._path.with_suffix(".segment"))
                _sync_folder(self._folder)
        finally:
            os.close(fd)

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed


def write_aside(path: Path, parts: Iterable[bytes]) -> None:
    """Write a whole file, closed to others, under another name, then give it its own: it is there whole or not."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with writing(path):
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write into one message."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path}: cannot write: {error.strerror}; "
            "what was finished before is kept: make room, then run the same command again to resume"
        ) from error
