"""Real modules that ask for codes, tried with every answer that somebody can give.

The modules come from a tree of the lab, the accounts and files of tokens from here; all secrets are made in the run.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import struct
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

from lab.tree import ensure_tree
from second_factor.hosts import recipe

from hygiene.model import PasswordState
from hygiene.pam.question import Conf, Person, Stat

from . import real
from .hosts import Host
from .real import Ask

HOME, PLACE = Path("/home"), Path("/mnt")  # folders that every Debian has, and that others may enter
ALICE_UID = 1000
_NEEDED = ("liboath", "libduo", "libfido2", "libcbor", "libykclient", "libykpers", "libyubikey", "libldap", "liblber")
STEP_S = 30  # RFC 6238
_TRIES_MAX = 150  # of one stack at a time

Text = tuple[str, ...]  # the forms that a typed text is made of; empty for a wrong one


@dataclass(frozen=True)
class Secrets:
    """What somebody may know or have."""

    password: str = field(repr=False, default_factory=lambda: f"Pw-{secrets.token_hex(6)}x")
    pin: str = field(repr=False, default_factory=lambda: f"Pin{secrets.token_hex(3)}x")
    google: bytes = field(repr=False, default_factory=lambda: secrets.token_bytes(10))
    oath: bytes = field(repr=False, default_factory=lambda: secrets.token_bytes(20))

    def typed(self, text: Text) -> str:
        """The text as it is typed just now."""
        pieces = {
            "password": self.password,
            "pin": self.pin,
            "google": code(self.google),
            "oath": code(self.oath),
            "junk": "zzzzzz",
        }
        return "".join(pieces[piece] for piece in text) or "wrong"


def code(secret: bytes) -> str:
    """The six digits of RFC 6238 for now."""
    digest = hmac.digest(secret, struct.pack(">Q", int(time.time()) // STEP_S), "sha1")
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass(frozen=True)
class File:
    """A file of tokens below PLACE, or below alice's home: what is in it, and whose it is."""

    path: Path
    text: str = field(repr=False)
    mode: int = 0o400
    uid: int = ALICE_UID


def google_file(known: Secrets, path: Path, mode: int = 0o400, uid: int = ALICE_UID) -> File:
    secret = base64.b32encode(known.google).decode()
    return File(path, f'{secret}\n" WINDOW_SIZE 21\n" TOTP_AUTH\n', mode, uid)


def oath_file(known: Secrets, path: Path, pin: str, name: str = "alice") -> File:
    """A users file; the PIN is `-`, `+`, or `set`."""
    pin = known.pin if pin == "set" else pin
    return File(path, f"# users\nHOTP/T30 {name} {pin} {known.oath.hex()}\n", 0o600, 0)


class Bench:
    """A folder of services and files, and the real modules asked about them."""

    def __init__(self, folder: Path, known: Secrets, files: Iterable[File]) -> None:
        self._folder, self._known = folder, known
        made = subprocess.run(
            ["openssl", "passwd", "-1", "-salt", "salt", "-stdin"],
            input=known.password,
            capture_output=True,
            text=True,
            check=True,
        )
        self._host = Host(shadow={"alice": (1, 0, 99999, 7, "", "")}, hashes={"alice": made.stdout.strip()})
        self._files = tuple(files)
        self._over = dict(self._host.plant(folder / "host"))
        for place in (HOME, PLACE):
            own = folder / place.name
            own.mkdir()
            own.chmod(0o755)
            self._over[own] = str(place)
        (folder / HOME.name / "alice").mkdir()
        os.chown(folder / HOME.name / "alice", ALICE_UID, ALICE_UID)
        (folder / "kept").mkdir()
        self._restore: dict[str, str] = {}
        for number, file in enumerate(self._files):
            kept = folder / "kept" / str(number)
            kept.write_text(file.text)
            own = self._own(file.path)
            own.parent.mkdir(parents=True, exist_ok=True)
            os.chown(own.parent, file.uid, file.uid)
            own.write_text(file.text)
            own.chmod(file.mode)
            os.chown(own, file.uid, file.uid)
            if "oath" in own.name:  # pam_oath writes down each code
                self._restore[str(kept)] = str(file.path)
        tree = ensure_tree(recipe())
        self.modules = next(tree.glob("usr/lib/*/security"))
        # pam_yubico lies where Debian's libpam looks besides
        self._more = {
            file.name: file for folder in (self.modules, tree / "usr/lib/security") for file in folder.iterdir()
        }
        self._libraries = folder / "libraries"
        self._libraries.mkdir()
        for library in self.modules.parent.iterdir():
            if library.name.startswith(_NEEDED):
                (self._libraries / library.name).symlink_to(library)
        (folder / "pam.d").mkdir()
        (folder / "pam.d" / "other").write_text("auth required pam_deny.so\naccount required pam_deny.so\n")

    def _own(self, path: Path) -> Path:
        place = HOME if path.is_relative_to(HOME) else PLACE
        return self._folder / place.name / path.relative_to(place)

    def person(self) -> Person:
        return replace(self._host.person("alice"), password=PasswordState.SET)

    def conf(self, contents: Mapping[str, bytes], absent: Iterable[str] = ()) -> Conf:
        """What evidence has of the files; `contents` as the collector lets it out."""
        base = self._host.conf()
        stats = {str(file.path): Stat("-", file.uid, file.uid, file.mode) for file in self._files}
        return replace(base, files={**base.files, **contents}, stats=stats, absent=base.absent | set(absent))

    def plant(self, services: Mapping[str, str]) -> None:
        """Write services; the modules of the tree are named by their paths."""
        for name, text in services.items():
            for module, file in self._more.items():
                if not any(Path("/lib").glob(f"*/security/{module}")):
                    text = text.replace(f" {module}", f" {file}")
            (self._folder / "pam.d" / name).write_text(text)

    def opened(self, texts: Mapping[str, Sequence[Text]]) -> dict[str, set[frozenset[str]] | None]:
        """By service: the forms of every way of answering prompts one by one that gets in, the least ones at least.

        None where there are more ways than can be tried.
        """
        found: dict[str, set[frozenset[str]] | None] = {name: set() for name in texts}
        waiting: list[tuple[str, tuple[Text, ...]]] = [(name, ()) for name in texts]
        while waiting:
            asks = [self._ask(name, script=tuple(map(self._known.typed, script))) for name, script in waiting]
            said = real.conversations(self._folder / "pam.d", asks, self._over, self._libraries)
            more: dict[str, list[tuple[Text, ...]]] = {}
            for (name, script), (answer, asked) in zip(waiting, said, strict=True):
                known = found[name]
                if asked > len(script):
                    more.setdefault(name, []).extend((*script, text) for text in texts[name])
                elif answer == 0 and known is not None:
                    known.add(_of(script))
            waiting = []
            for name, scripts in more.items():
                known = found[name] or set()
                useful = [script for script in scripts if not any(least <= _of(script) for least in known)]
                if len(useful) > _TRIES_MAX:
                    found[name] = None
                else:
                    waiting += ((name, script) for script in useful)
        return found

    def opened_by_one(self, texts: Mapping[str, Sequence[Text]]) -> dict[str, set[frozenset[str]] | None]:
        """By service: the forms of every text that gets in when it is the answer to every hidden prompt."""
        tried = [(name, text) for name, each in texts.items() for text in each]
        asks = [replace(self._ask(name), answer=self._known.typed(text), hidden=True) for name, text in tried]
        said = real.conversations(self._folder / "pam.d", asks, self._over, self._libraries)
        passed = [(name, forms(text)) for (name, text), (answer, _) in zip(tried, said, strict=True) if answer == 0]
        return {name: {given for each, given in passed if each == name} for name in texts}

    def _ask(self, name: str, script: tuple[str, ...] | None = None) -> Ask:
        return Ask(name, "auth", "alice", "192.0.2.7", script=script, restore=self._restore)


def forms(pieces: Iterable[str]) -> frozenset[str]:
    names = {"pin": "password", "google": "code", "oath": "code"}
    return frozenset(names.get(piece, piece) for piece in pieces if piece != "junk")


def _of(script: Iterable[Text]) -> frozenset[str]:
    return forms(piece for text in script for piece in text)


def minimal(sets: Iterable[frozenset[str]]) -> set[frozenset[str]]:
    every = set(sets)
    return {one for one in every if not any(other < one for other in every)}


def all_texts(pieces: Sequence[str], most: int = 2) -> list[Text]:
    """Every text of some pieces, in any order, and the wrong one."""
    return [(), *_texts(pieces, most)]


def _texts(pieces: Sequence[str], most: int) -> Iterator[Text]:
    for size in range(1, most + 1):
        yield from permutations(pieces, size)
