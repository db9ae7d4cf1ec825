"""Texts of options in messages and rows, and the error for those that sshd refuses."""

from __future__ import annotations


class OptionError(ValueError):
    """sshd refuses the whole line for its options; the message says why."""


def text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def shown(data: bytes) -> str:
    """A piece of the line for a message: short, and with its control characters made visible."""
    cut = data[:40]
    safe = text(cut)
    if not safe.isprintable():
        safe = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in safe)
    return f'"{safe}{"..." if len(data) > len(cut) else ""}"'
