"""What the command line and the policy say of how password lists are to be read."""

from __future__ import annotations

import contextlib
import getpass
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

from hygiene.cli.errand import read_passphrase
from hygiene.errors import UsageError
from hygiene.passwords.read.reading import Reading
from hygiene.policy.policy import Policy


def reading_of(args: Namespace, policy: Policy) -> Reading:
    """Columns from the policy; the passphrase of a vault, from the file or asked for when one is met."""
    return Reading(policy.password_columns, partial(_passphrase, args.passphrase_file), args.key_file)


def _passphrase(name: str | None, vault: Path) -> str | None:
    if name is None:
        return (getpass.getpass(f"Passphrase of {vault}: ") or None) if sys.stdin.isatty() else None
    text = None
    # judged below, outside: this error holds the bytes
    with contextlib.suppress(UnicodeDecodeError):
        text = read_passphrase(name).decode()
    if text is None:
        raise UsageError(f"{name}: the passphrase is not UTF-8; save the file as UTF-8")
    return text or None
