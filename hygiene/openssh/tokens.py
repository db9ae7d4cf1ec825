"""The files that AuthorizedKeysFile and AuthorizedPrincipalsFile name for one account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hygiene.accounts import globs
from hygiene.openssh.version import Version

_PATH_MAX = 4096  # with the NUL at its end, linux/limits.h
_SHOWN = 40
_SLASHES = re.compile("//+")


class TokenError(ValueError):
    """sshd ends the connection when it comes to this name; the message says why."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The account that a name is expanded for."""

    name: str
    uid: int
    home: str


@dataclass(frozen=True, slots=True)
class Named:
    """The files that sshd reads for one account, in its order."""

    paths: tuple[str, ...]  # absolute, with single slashes; a path with wildcards stands for all that match
    version: Version | None
    fatal: str | None = None  # why it goes no further than these: neither to files nor to authorities behind them

    def among(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The paths without wildcards, and of `paths` those that match the others, in the order in which sshd reads.

        `paths` are the files that are there: what else glob(3) would find is not known here.
        """
        found: dict[str, None] = {}
        there: list[str] = []
        if self.patterns:
            there = sorted(paths, key=lambda path: path.encode("utf-8", "surrogatepass"))
        for path in self.paths:
            if self.version is None or not is_pattern(path, self.version):
                found.setdefault(path)
            if is_pattern(path, self.version):
                found.update(dict.fromkeys(other for other in there if matches(path, other)))
        return tuple(found)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths that stand for all files that match."""
        return tuple(path for path in self.paths if is_pattern(path, self.version))


def names(value: str) -> tuple[str, ...]:
    """The names in a value as `sshd -T` prints it, which puts a blank between them and no quotes around any."""
    return tuple(name for name in value.split() if name.lower() != "none")


def named(patterns: Iterable[str], holder: Holder, version: Version | None) -> Named:
    """Expand the names of AuthorizedKeysFile, or the one of AuthorizedPrincipalsFile, without `none`."""
    paths: dict[str, None] = {}
    for pattern in patterns:
        try:
            paths.setdefault(expand(pattern, holder, version))
        except TokenError as error:
            return Named(tuple(paths), version, str(error))
    return Named(tuple(paths), version)


def expand(pattern: str, holder: Holder, version: Version | None) -> str:
    """Replace %h, %u, %U and %% in one name; what is relative lies under the home (expand_authorized_keys in auth.c).

    TokenError where sshd ends the connection. %U is known since 7.8. The path comes with single slashes, and from `/`
    on also where the home is relative: that is where sshd stands.
    """
    tokens = {"h": holder.home, "u": holder.name, "%": "%"}
    if version is None or version.since(7, 8):
        tokens["U"] = str(holder.uid)
    pieces: list[str] = []
    at = 0
    while (found := pattern.find("%", at)) >= 0:
        token = pattern[found + 1 : found + 2]
        if token not in tokens:
            what = f"the token %{token}, which sshd does not know there" if token else "a single % at its end"
            raise TokenError(f"{pattern[:_SHOWN]} holds {what}")
        pieces += pattern[at:found], tokens[token]
        at = found + 2
    path = "".join((*pieces, pattern[at:]))
    if not path.startswith("/"):
        path = f"{holder.home}/{path}"
        if len(path.encode("utf-8", "replace")) >= _PATH_MAX:
            raise TokenError(f"{pattern[:_SHOWN]} makes a path that is too long")
    return _SLASHES.sub("/", path if path.startswith("/") else f"/{path}")


def is_pattern(path: str, version: Version | None) -> bool:
    """Whether glob(3) decides what the path stands for, which it does since 10.0; None: some version takes it so."""
    return (version is None or version.since(10, 0)) and globs.is_pattern(path)


def matches(pattern: str, path: str) -> bool:
    """Whether glob(3) gives this path for a pattern; a leading dot of a name is matched by a dot alone."""
    segments, parts = pattern.split("/"), path.split("/")
    if len(segments) != len(parts):
        return False
    hidden = any(
        part.startswith(".") and not segment.lstrip("\\").startswith(".")
        for segment, part in zip(segments, parts, strict=True)
    )
    return not hidden and globs.matches(pattern, path)


def fixed_folder(pattern: str) -> str:
    """The folder below which all that a pattern can match lies, and which must have been listed to know it."""
    head = re.split(r"[*?\[\\]", pattern, maxsplit=1)[0]
    return head.rpartition("/")[0] or "/"
