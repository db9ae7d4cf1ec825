"""Whether the two agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.fleet import Lab

from hygiene.model import Grant, Truth

from .asking import OWN, Login, ask_all, second_address
from .case import BOTH, Case, Scene
from .hosts import host_of, named
from .telling import How, Told, look, tell

_FORCED = "echo "  # every forced command of the suite prints its own name


@dataclass(frozen=True, slots=True)
class Result:
    """One case on one version, looked at in one way."""

    version: str
    how: How
    scene: str
    account: str
    case: Case
    logins: tuple[Login, ...]
    told: Told
    disagreements: tuple[str, ...]

    @property
    def let_in(self) -> bool:
        return any(login.accepted for login in self.logins)

    def __str__(self) -> str:
        lines = [f"{self.case.id} ({self.version}, {self.how}, host {self.scene}, account {self.account})"]
        lines += [f"  disagreement: {text}" for text in self.disagreements]
        lines += [f"  we: {self.told.answer}: {self.told.reason}"]
        for row in self.told.rows:
            lines.append(f"    {row.file}:{row.line} {row.accepted} {row.reason} {row.options}")
        for login in self.logins:
            lines.append(f"  from {login.source}: {'accepted' if login.accepted else 'refused'} {login.output!r}")
            lines += [f"    {text}" for text in login.said]
        return "\n".join(lines)


def run(tree: Path, version: str, scenes: Iterable[Scene], hows: Sequence[How] = tuple(How)) -> list[Result]:
    """Put every case to the daemon and to us."""
    standing = [scene for scene in scenes if scene.stands_on(version)]
    placed = {scene.name: named(scene) for scene in standing}
    with Lab(tree, [host_of(scene, version) for scene in standing]) as lab:
        _lay_roads(lab, standing)
        questions = [(scene, account.name, case) for scene, cases in placed.items() for case, account in cases]
        facts = {
            (scene.name, how): look(lab, scene.name, how, _banner(lab, scene.name))
            for scene in standing
            for how in hows
        }
        answers = asyncio.run(ask_all(lab, questions))
    results = []
    for (scene, account, case), logins in zip(questions, answers, strict=True):
        for how in hows:
            told = tell(facts[scene, how], account, case.fingerprint, certified=case.certified)
            wrong = tuple(disagreements(case, logins, told))
            results.append(Result(version, how, scene, account, case, logins, told, wrong))
    return results


def _banner(lab: Lab, host: str) -> str:
    with lab.dial(host) as connection, connection.makefile("rb") as reading:
        return reading.readline().decode().strip().removeprefix("SSH-2.0-")


def _lay_roads(lab: Lab, scenes: Sequence[Scene]) -> None:
    """Give the auditor every address that a case comes from, and the hosts a way back to it."""
    sources = {source for scene in scenes for case in scene.cases for source in case.sources}
    for address in sorted(sources.difference(BOTH)):
        lab.come_from(address)
    for scene in scenes:
        own = f"{second_address(lab, scene.name)}/64"
        for words in (["route", "add", "default", "dev", "eth0"], ["addr", "add", own, "dev", "eth0", "nodad"]):
            lab.exec_root(scene.name, ["ip", *words])


def disagreements(case: Case, logins: Sequence[Login], told: Told) -> Iterator[str]:
    """What we say wrongly; of what is unknown only that a line lets in of which we say no."""
    let_in = [login for login in logins if login.accepted]
    if let_in and told.answer is Truth.NO:
        yield "false no: the daemon lets in"
        return
    if not let_in and told.answer is Truth.YES:
        if case.broader is None:
            yield "false yes: the daemon refuses"
        return
    rows = {f"{row.file}:{row.line}": row for row in told.rows}
    for login in let_in:
        row = rows.get(login.place or "")
        if login.place is None or login.place.rpartition(":")[0] not in {row.file for row in told.rows}:
            continue
        if row is None or row.accepted is Truth.NO:
            yield f"wrong line: {login.place} let in, and we do not say so"
        elif case.line_limits and not login.partial:
            yield from _limits(login, row)


def _limits(login: Login, row: Grant) -> Iterator[str]:
    """Whether the limits of the line are those that the session met."""
    forced = None if login.output == OWN else login.output
    said = None if row.command is None else row.command.removeprefix(_FORCED).strip("'\"")
    if forced != said and row.command != "":
        yield f"wrong command: {login.place} ran {forced!r}, and we say {row.command!r}"
    allowed = _allowed(row.options)
    if any(option.lower().startswith("permitopen=") for option in row.options):
        login = replace(login, forwarding=None)  # to where we tried, or not: the row says where
    for what, real in (("pty", login.pty), ("port-forwarding", login.forwarding)):
        if real is not None and real != allowed[what]:
            yield f"wrong limit: {login.place} allows {what}: {real}, and its options {row.options} say otherwise"


def _allowed(options: Sequence[str]) -> Mapping[str, bool]:
    """What a line's options leave of a session: the last word counts."""
    allowed = {"pty": True, "port-forwarding": True}
    for option in options:
        word = option.lower()
        if word == "restrict":
            allowed = dict.fromkeys(allowed, False)
        elif word.removeprefix("no-") in allowed:
            allowed[word.removeprefix("no-")] = not word.startswith("no-")
    return allowed
