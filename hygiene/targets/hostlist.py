"""Host lists: `[user@]host[:port] [tenant=X] [tag=Y]...` a line, IPv6 in brackets, `#` comments."""

from __future__ import annotations

from hygiene.model import Target
from hygiene.targets.address import check_label, parse_login
from hygiene.targets.reading import TARGETS_MAX, Problems, lines


def parse(text: str, name: str, problems: Problems) -> list[Target]:
    """The targets in the order of the lines; bad lines go to `problems`. `name` is the file's, for the places."""
    targets: list[Target] = []
    for number, line in enumerate(lines(text), 1):
        words = _words(line)
        if not words:
            continue
        place = f"{name}:{number}"
        if len(targets) >= TARGETS_MAX:
            problems.add(place, f"more than {TARGETS_MAX:,} hosts; split the list")
            break
        try:
            targets.append(_target(words, place))
        except ValueError as error:
            problems.add(place, error)
    return targets


def _words(line: str) -> list[str]:
    words = line.split()
    for index, word in enumerate(words):
        if word.startswith("#"):
            return words[:index]
    return words


def _target(words: list[str], place: str) -> Target:
    user, address, port = parse_login(words[0])
    tenant: str | None = None
    tags: list[str] = []
    for position, word in enumerate(words[1:], 2):
        key, equals, value = word.partition("=")
        if key == "tag" and equals:
            tags.extend(check_label(tag, "tag") for tag in value.split(","))
        elif key == "tenant" and equals and tenant is None:
            tenant = check_label(value, "tenant")
        elif key == "tenant" and equals:
            raise ValueError("two tenants on one line; a host has one")
        else:
            # what stands here may be a password that somebody wrote behind the host: only its place is named
            raise ValueError(f"word {position} is neither tenant=X nor tag=Y; write one host a line")
    return Target(address, address, port or 22, user, tenant, tuple(sorted(set(tags))), place)
