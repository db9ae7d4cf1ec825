"""Which files an Include names, from the files and folder listings that were collected."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass

Files = Mapping[str, bytes | None]  # by absolute path; None: it is there and could not be read
Listings = Mapping[str, tuple[str, ...] | None]  # by absolute path: the names in it; None: it could not be listed


class UnseenError(ValueError):
    """Something that an Include depends on was not seen; the message says what."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What was collected of the configuration. A folder that is not there is listed as `()`."""

    files: Files
    listings: Listings

    def expand(self, pattern: str) -> list[str]:
        """The files that glob(3) gives for an absolute pattern, in its order; UnseenError when that cannot be told."""
        if "\\" in pattern:
            raise UnseenError(f"Include {pattern} holds a backslash, which is not resolved")
        paths = [""]
        for part in pattern.split("/"):
            if not part:
                continue
            if any(char in part for char in "*?["):
                paths = [f"{path}/{name}" for path in paths for name in self._matching(path or "/", part)]
            else:
                paths = [f"{path}/{part}" for path in paths]
        return sorted(path for path in paths if self._is_there(path))

    def _matching(self, folder: str, pattern: str) -> list[str]:
        names = self._names(folder)
        hidden = pattern.startswith(".")
        return [
            name
            for name in names
            if name.startswith(".") == hidden and name not in (".", "..") and fnmatch.fnmatchcase(name, pattern)
        ]

    def _names(self, folder: str) -> tuple[str, ...]:
        if folder in self.files:
            return ()
        if folder not in self.listings:
            parent, _, name = folder.rpartition("/")
            if name and name not in (self.listings.get(parent or "/") or (name,)):
                return ()
            raise UnseenError(f"{folder} was not listed")
        names = self.listings[folder]
        if names is None:
            # sshd -T of an account that cannot list the folder skips it without a word
            raise UnseenError(f"{folder} could not be listed")
        return names

    def _is_there(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return path in self.files or name in self._names(folder or "/")

    def read(self, path: str) -> bytes:
        """The bytes of a file, none of a folder, which opens and holds no line; UnseenError when they were not read."""
        data = self.files.get(path)
        if path not in self.files and path in self.listings:
            return b""
        if data is None:
            raise UnseenError(f"{path} {'could not be' if path in self.files else 'was not'} read")
        return data
