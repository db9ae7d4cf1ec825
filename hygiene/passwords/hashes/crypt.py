"""crypt(3) of this system, by ctypes: the schemes are those that its logins know, and threads run it at once."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterable, Iterator
from typing import Final

# libxcrypt's struct crypt_data has 32 KiB, glibc's own 128 KiB and a little
_STATE_BYTES: Final = 256 << 10
# libxcrypt's CRYPT_MAX_PASSPHRASE_SIZE, its end included
PASSWORD_BYTES_MAX: Final = 511
# libxcrypt of most systems, that without the old interfaces, what -dev packages link; musl has it in libc
_LIBRARIES: Final = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so", None)


class Libcrypt:
    """One loaded library; its buffers belong to the threads that call."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._crypt_r = library.crypt_r
        self._crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
        self._crypt_r.restype = ctypes.c_char_p
        self._local = threading.local()

    def hash(self, password: bytes, setting: bytes) -> bytes | None:
        """The hash of a password under the setting of another hash; None if the library does not know the scheme."""
        return next(self.hashes([password], setting))

    def hashes(self, passwords: Iterable[bytes], setting: bytes) -> Iterator[bytes | None]:
        """The hash of each password, in their order. Call `wipe` in the same thread after the last one."""
        buffer = getattr(self._local, "buffer", None)
        if buffer is None:
            buffer = self._local.buffer = ctypes.create_string_buffer(_STATE_BYTES)
        crypt_r = self._crypt_r
        for password in passwords:
            made: bytes | None = crypt_r(password, setting, buffer)
            # crypt(3): what begins so is no hash, but tells of a setting that is not taken
            yield None if not made or made.startswith(b"*") else made

    def wipe(self) -> None:
        """Clear this thread's buffer: libraries other than libxcrypt may leave a password there."""
        buffer = getattr(self._local, "buffer", None)
        if buffer is not None:
            ctypes.memset(buffer, 0, _STATE_BYTES)


def load() -> Libcrypt | None:
    """This system's library, None where there is none with crypt_r(3)."""
    for name in _LIBRARIES:
        with contextlib.suppress(OSError, AttributeError):
            return Libcrypt(ctypes.CDLL(name))
    return None
