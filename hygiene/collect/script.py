"""The collector as it goes to a host: its text, the command that starts it, what goes to its standard input."""

from __future__ import annotations

import functools
import re
import secrets
from importlib import resources

_NONCE = re.compile(r"[A-Za-z0-9]{16,64}")
_KEY = re.compile(r"[0-9a-f]{32}")
# collector.sh is a shell script around one awk program, whose parts stand here in this order
_PARTS = (
    "paths",
    "text",
    "config",
    "match",
    "system",
    "pam",
    "tokens",
    "keyfiles",
    "principals",
    "hostbased",
    "private_keys",
    "logs",
    "main",
)
_PLACE = b"@AWK@\n"
_LOGS = b" hyg_logs=0\n"


@functools.cache
def text(logs: bool = False) -> bytes:
    """The script, as `hygiene collector` prints it and as every host gets it.

    With `logs` it also tells which keys were used, by the host's logs, without being asked to by its option -l.
    """
    folder = resources.files("hygiene.collect")
    parts = [folder.joinpath(f"awk/{name}.awk").read_bytes() for name in _PARTS]
    before, _, after = folder.joinpath("collector.sh").read_bytes().partition(_PLACE)
    if logs:
        before = before.replace(_LOGS, b" hyg_logs=1\n")
    return before + b"\n".join(parts) + after


def remote_command(nonce: str, sudo: bool) -> str:
    """The one line to execute on the host: a POSIX shell that reads the script from its standard input.

    With `sudo`, and when the login is not root's, `sudo -n` is tried first; where it is refused the script runs as
    the user that logged in. The line means the same to a Bourne shell, csh and fish as login shell: one word in single
    quotes, without `!`, backslash or line end. The trial of sudo reads nothing: the script is left for the shell.
    """
    _check(nonce)
    run = f"exec sh -s -- {nonce}"
    if not sudo:
        return f"sh -c '{run}'"
    trial = "sudo -n sh -c : </dev/null >/dev/null 2>&1"
    return f"""sh -c 'if [ "$(id -u)" = 0 ]; then :; elif {trial}; then exec sudo -n sh -s -- {nonce}; fi; {run}'"""


def new_nonce() -> str:
    """A nonce that nobody has seen; it begins with K, which tells an installed collector that a second line follows."""
    return f"K{secrets.token_hex(16)}"


def stdin_payload(nonce: str, logs: bool = False, digest_key: str | None = None) -> bytes:
    """What to write to the command: `: NONCE`, which does nothing in a shell, `hyg_key=KEY`, then the script.

    A collector that is installed as a forced command is started instead of our command, reads these two lines (an older
    one, which makes no digests, the first) and ignores the rest (`logs` too); so one payload serves all. The key stands
    neither in arguments nor in the environment, where others on the host would see it.
    """
    _check(nonce)
    if digest_key is not None and not _KEY.fullmatch(digest_key):
        raise ValueError("a key for digests is 32 lower-case hex digits")
    return f": {nonce}\nhyg_key={digest_key or ''}\n".encode() + text(logs)


def _check(nonce: str) -> None:
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a nonce is 16 to 64 letters and digits")
