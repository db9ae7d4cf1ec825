"""A line of sshd_config cut into words, as each version of sshd does it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

_BLANK = " \t\r\n"
_DELIMITER = re.compile(r'[ \t\r\n"=]')
_WITHOUT_EQUALS = re.compile(r'[ \t\r\n"]')


def shown(text: str) -> str:
    """Text with one character for each byte, as people read it: what is not UTF-8 appears as `\\xNN`."""
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "backslashreplace")


def as_bytes(text: str) -> str:
    """Text as it is compared here: one character for each byte of its UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


class WordError(ValueError):
    """The quotes in a line do not close; sshd refuses the file."""


def next_word(text: str | None, equals: bool = True) -> tuple[str | None, str | None]:
    """Cut off the next word as strdelim in misc.c does: the word and the rest, each None at the end.

    A word ends at a blank or at one `=`; quotes are taken off. Without `equals` (strdelimw) that sign is a letter.
    """
    if text is None:
        return None, None
    match = (_DELIMITER if equals else _WITHOUT_EQUALS).search(text)
    if match is None:
        return text, None
    at = match.start()
    if text[at] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            raise WordError("a double quote is not closed")
        return text[:at] + text[at + 1 : end], text[end + 1 :].lstrip(_BLANK)
    rest = text[at + 1 :].lstrip(_BLANK)
    if equals and text[at] != "=" and rest.startswith("="):
        rest = rest[1:].lstrip(_BLANK)
    return text[:at], rest


def words(text: str) -> list[str]:
    """Cut the arguments of a keyword as argv_split in misc.c does, since 8.7: a word that starts with # ends it."""
    if not set(text) & set("\\\"'"):
        plain = [word for word in text.replace("\t", " ").split(" ") if word]
        return list(itertools.takewhile(lambda word: not word.startswith("#"), plain))
    found = []
    at, size = 0, len(text)
    while at < size:
        if text[at] in " \t":
            at += 1
            continue
        if text[at] == "#":
            break
        word: list[str] = []
        quote = ""
        while at < size and (quote or text[at] not in " \t"):
            char, following = text[at], text[at + 1 : at + 2]
            if char == "\\" and (following in ("'", '"', "\\") or (not quote and following == " ")) and following:
                word.append(following)
                at += 1
            elif quote and char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                word.append(char)
            at += 1
        if quote:
            raise WordError("a quote is not closed")
        found.append("".join(word))
    return found


def old_words(text: str, equals: bool = True) -> list[str]:
    """Cut the arguments of a keyword as sshd did before 8.7: no comments, and `=` separates.

    Quotes that do not close end the arguments without a word.
    """
    found: list[str] = []
    rest: str | None = text
    while rest:
        try:
            word, rest = next_word(rest, equals)
        except WordError:
            break
        found.append(word or "")
    while found and not found[-1]:
        found.pop()  # nothing looks at an empty argument behind the others
    return found


def assembled(arguments: Sequence[str]) -> str:
    """Put arguments together again, quoted where they hold blanks (argv_assemble in misc.c)."""
    shown = []
    for argument in arguments:
        text = re.sub(r"([\\'\"])", r"\\\1", argument)
        shown.append(f'"{text}"' if re.search(r"[ \t]", text) else text)
    return " ".join(shown)
