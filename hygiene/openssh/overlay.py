"""What the Match blocks of a connection set: the second pass over the configuration (parse_server_match_config)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hygiene.openssh.connection import Connection
from hygiene.openssh.keywords import Taking
from hygiene.openssh.match import Match
from hygiene.openssh.parts import Parts
from hygiene.openssh.program import Found, Program, Values, take
from hygiene.openssh.values import ValueRefusedError

_NONE_IS_A_FILE = ("revokedkeys", "authorizedprincipalsfile")


@dataclass(slots=True)
class Overlay:
    """The values of blocks that count, and what is said in blocks of which nobody knows whether they do."""

    found: Found = field(default_factory=dict)
    _maybe: dict[str, list[tuple[str | None, ...]]] = field(default_factory=dict)
    _unsure: set[str] = field(default_factory=set)  # slots that cannot be told, whatever the values are

    def __bool__(self) -> bool:
        return bool(self.found or self._maybe or self._unsure)

    def over(self, program: Program) -> Mapping[str, Values]:
        """Everything that was found, where these values replace those of the first pass."""
        subsystems = any(slot.startswith("subsystem/") for slot in self.found)
        below = {
            slot: given
            for slot, given in program.found.items()
            if not (subsystems and slot.startswith("subsystem/"))
        }  # fmt: skip
        above = dict(self.found)
        if "kbdinteractiveauthentication" in above and not program.version.since(8, 7):
            above["kbdinteractiveauthentication/match"] = above.pop("kbdinteractiveauthentication")
        return below | above

    def is_doubtful(self, keyword: str, program: Program, printed: tuple[str, ...]) -> bool:
        """True when a block that may count would change the keyword from what is printed now."""
        if any(slot.partition("/")[0] == keyword for slot in self._unsure):
            return True
        for slot, candidates in self._maybe.items():
            if slot.partition("/")[0] != keyword:
                continue
            given = self.found.get(slot) or program.found.get(slot)
            now = printed if given is None and slot == keyword else tuple(value for value, _ in given or ())
            if any(candidate != now for candidate in candidates):
                return True
        return False

    @property
    def none_is_a_file(self) -> tuple[str, ...]:
        """The keywords that a Match block sets to a `none` that sshd does not understand there."""
        return tuple(name for name in _NONE_IS_A_FILE if (self.found.get(name) or [("", "")])[0][0] in ("none", "None"))

    def take(self, parts: Parts, place: str) -> None:
        """Take a line of a block that counts."""
        take(self.found, parts, place)
        for part in parts:
            if part.taking is Taking.LAST:
                self._maybe.pop(part.slot, None)
                self._unsure.discard(part.slot)

    def doubt(self, parts: Parts) -> None:
        """Keep in mind a line of a block that may count."""
        for part in parts:
            if part.taking is Taking.FIRST and not part.slot.startswith("subsystem/"):
                if part.slot not in self.found:
                    self._maybe.setdefault(part.slot, []).append(part.values)
            else:
                self._unsure.add(part.slot)


def overlay(program: Program, connection: Connection | None) -> Overlay:
    """Run the second pass for a connection; ValueRefusedError when sshd ends the connection there."""
    result = Overlay()
    by_name = use_dns(program)
    for section in program.sections:
        if section.methods_any and "authenticationmethods" in result.found:
            raise ValueRefusedError(f'{section.methods_any}: "any" follows other AuthenticationMethods')
        answer = _answer(section.matches, program, connection, by_name)
        if answer is False:
            continue
        for line in section.statements:
            if line.refused is not None:
                if line.keyword is not None and line.keyword.name not in result.found:
                    raise ValueRefusedError(f"{line.place}: {line.refused}")
            elif answer:
                result.take(line.parts, line.place)
            else:
                result.doubt(line.parts)
        if section.methods_any and "authenticationmethods" in result.found:
            _refuse_any(section.methods_any, result)
    return result


def _refuse_any(place: str, result: Overlay) -> None:
    value, where = result.found["authenticationmethods"][0]
    if where != place:
        raise ValueRefusedError(f'{place}: "any" follows other AuthenticationMethods ({value})')


def _answer(
    matches: tuple[Match, ...] | None, program: Program, connection: Connection | None, by_name: bool | None
) -> bool | None:
    """Whether the connection meets all Match lines: each is asked only where those before it are met."""
    if matches is None:
        return False
    sure = True
    for match in matches:
        answer = match.answer(connection, program.version, by_name)
        if answer is False:
            return False
        sure = sure and answer is not None
    return True if sure else None


def use_dns(program: Program) -> bool | None:
    """Whether a client may have a name; None when UseDNS is not known."""
    value = (program.found.get("usedns") or [("no", "")])[0][0]
    return {"yes": True, "no": False}.get(value or "")
