"""Trying to become root on a host of the lab: each program, with every choice of credentials."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import re
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncssh
from lab.fleet import Lab
from root_cases import CODES, KEY, OWN, ROOTS, SEED, TOORS, Case

Atoms = frozenset[str]
_AT_ONCE = 60  # a refused password is answered after some seconds
_PROMPT = re.compile(r"(?:(password)|(code))[^\n]*: ?\Z", re.IGNORECASE)
_IS_ROOT = re.compile(r"(?m)^uid=0\(")
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "sudo": ("sudo -u root -k id", "sudo -u root -k -i id"),
    "su": ("su root -c id", "su - root -c id"),
}
_MORE: Mapping[str, str] = {
    "su-to-another-root": "su toor -c id",
    "su-to-a-shell-that-runs-nothing": "su -s /bin/sh root -c id",
}
_PASSWORDS = {"own": OWN, "root's": ROOTS, "toor's": TOORS}
_WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Tried:
    """The smallest sets of credentials that open a session and in it, by each step, root."""

    ways: Mapping[str, frozenset[Atoms]]

    @property
    def least(self) -> frozenset[Atoms]:
        """The smallest sets by form."""
        return smallest(forms(some) for sets in self.ways.values() for some in sets)


def smallest(sets: Iterable[Atoms]) -> frozenset[Atoms]:
    found = frozenset(sets)
    return frozenset(some for some in found if not any(other < some for other in found))


def forms(atoms: Atoms) -> Atoms:
    return frozenset(atom if atom in ("key", "code") else "password" for atom in atoms)


async def climb(lab: Lab, cases: Mapping[str, Case]) -> dict[str, Tried]:
    """Try everything on all these hosts, side by side."""
    busy = asyncio.Semaphore(_AT_ONCE)
    found = await asyncio.gather(*(_host(lab, name, case, busy) for name, case in cases.items()))
    return dict(zip(cases, found, strict=True))


async def _host(lab: Lab, name: str, case: Case, busy: asyncio.Semaphore) -> Tried:
    secrets = [_WRONG, "own", *(["root's"] if case.root or case.others else []), *(["toor's"] if case.others else [])]
    codes = (False, True) if any(CODES in text for text in case.pam.values()) else (False,)
    commands = [(step, command) for step, some in PROGRAMS.items() for command in some]
    if case.id in _MORE:
        commands.append(("su", _MORE[case.id]))
    ways: dict[str, set[Atoms]] = {step: set() for step in PROGRAMS}
    opened = False
    for credentials in (frozenset({"key"}), frozenset({"own"}), frozenset({"key", "own"})):
        if opened and len(credentials) > 1:
            break
        try:
            connection = await _enter(lab, name, credentials)
        except asyncssh.PermissionDenied:
            continue
        opened = True
        async with connection:
            found = await asyncio.gather(
                *(
                    _try(connection, command, shown, busy)
                    for _, command in commands
                    for shown in itertools.product(secrets, codes)
                )
            )
        steps = [step for step, _ in commands for _ in range(len(codes) * len(secrets))]
        for step, atoms in zip(steps, found, strict=True):
            if atoms is not None:
                ways[step].add(credentials | atoms)
    assert opened, case.id
    return Tried({step: smallest(sets) for step, sets in ways.items()})


async def _enter(lab: Lab, name: str, credentials: Atoms) -> asyncssh.SSHClientConnection:
    return await lab.connect(
        name,
        "anna",
        client_keys=[KEY] if "key" in credentials else None,
        password=OWN if "own" in credentials else None,
    )


async def _try(
    connection: asyncssh.SSHClientConnection, command: str, shown: tuple[str, bool], busy: asyncio.Semaphore
) -> Atoms | None:
    """The credentials that were shown, where root answered."""
    asked: set[str] = set()
    async with busy, connection.create_process(command, term_type="xterm") as process:
        said = ""
        while part := await asyncio.wait_for(process.stdout.read(4096), 60):
            said += part
            prompt = _PROMPT.search(said)
            if prompt is None:
                continue
            kind = "password" if prompt[1] else "code"
            if kind in asked:
                return None
            asked.add(kind)
            said = ""
            right = shown[0] != _WRONG if kind == "password" else shown[1]
            answer = _PASSWORDS[shown[0]] if kind == "password" and right else _code() if right else "000000"
            process.stdin.write(f"{answer}\n")
    if _IS_ROOT.search(said.replace("\r", "")) is None:
        return None
    used = {shown[0]} if "password" in asked and shown[0] != _WRONG else set()
    return frozenset(used | ({"code"} if "code" in asked and shown[1] else set()))


def _code() -> str:
    """The code of the moment (RFC 6238)."""
    digest = hmac.digest(SEED, struct.pack(">Q", int(time.time()) // 30), "sha1")
    number = struct.unpack_from(">I", digest, digest[19] & 15)[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"
