"""A line of sshd_config cut into words, as each version of sshd does it."""

from __future__ import annotations

import re

_BLANK = " \t\r\n"
_DELIMITER = re.compile(r'[ \t\r\n"=]')


class WordError(ValueError):
    """The quotes in a line do not close; sshd refuses the file."""


def next_word(text: str | None) -> tuple[str | None, str | None]:
    """Cut off the next word as strdelim in misc.c does: the word and the rest, each None at the end.

    A word ends at a blank or at one `=`; quotes are taken off.
    """
    if text is None:
        return None, None
    match = _DELIMITER.search(text)
    if match is None:
        return text, None
    at = match.start()
    if text[at] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            raise WordError("a double quote is not closed")
        return text[:at] + text[at + 1 : end], text[end + 1 :].lstrip(_BLANK)
    rest = text[at + 1 :].lstrip(_BLANK)
    if text[at] != "=" and rest.startswith("="):
        rest = rest[1:].lstrip(_BLANK)
    return text[:at], rest


def words(text: str) -> list[str]:
    """Cut the arguments of a keyword as argv_split in misc.c does, since 8.7: a word that starts with # ends it."""
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


def old_words(text: str) -> list[str]:
    """Cut the arguments of a keyword as sshd did before 8.7: no comments, and `=` separates."""
    found: list[str] = []
    rest: str | None = text
    while rest:
        word, rest = next_word(rest)
        if word:
            found.append(word)
    return found
