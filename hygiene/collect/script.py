"""The collector as it goes to a host: its text, the command that starts it, what goes to its standard input."""

from __future__ import annotations

import functools
import re
from importlib import resources

_NONCE = re.compile(r"[A-Za-z0-9]{16,64}")
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


def stdin_payload(nonce: str, logs: bool = False) -> bytes:
    """What to write to the command: `: NONCE`, which does nothing in a shell, then the script.

    A collector that is installed as a forced command is started instead of our command, reads the first line, and
    ignores the rest (`logs` too); so one payload serves both.
    """
    _check(nonce)
    return b": " + nonce.encode() + b"\n" + text(logs)


def _check(nonce: str) -> None:
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a nonce is 16 to 64 letters and digits")
