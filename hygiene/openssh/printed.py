"""What was found for a keyword, as the lines that `sshd -T` prints (dump_config in servconf.c)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from hygiene.openssh import algorithms
from hygiene.openssh.defaults import defaults, penalties, print_penalties
from hygiene.openssh.keywords import BY_NAME, Keyword
from hygiene.openssh.lines import SIGNATURES
from hygiene.openssh.program import Values
from hygiene.openssh.version import Version

_PARTS = ("maxstartups", "persourcepenalties", "rekeylimit")

Lines = list[tuple[str, str]]  # values and places


def lines(keyword: Keyword, found: Mapping[str, Values], version: Version) -> Lines | None:
    """The values and places of one keyword, in their order; None when they cannot be told."""
    name = keyword.name
    if name == "listenaddress":
        return _listen_addresses(found)
    if name == "kbdinteractiveauthentication" and not version.since(8, 7):
        return _keyboard_interactive(found)
    if name == "subsystem":
        return _known([entry for slot, given in found.items() if slot.startswith("subsystem/") for entry in given])
    if name in _PARTS and any(slot.startswith(f"{name}/") for slot in found):
        return _combined(name, found, version)
    given = found.get(name)
    if given:
        return _given(name, given, version)
    if not version.since(*keyword.since):
        return []
    default = defaults(keyword, version)
    return None if default is None else [(value, "default") for value in default]


def _known(given: Values) -> Lines | None:
    told = [(value, place) for value, place in given if value is not None]
    return told if len(told) == len(given) else None


def _given(name: str, given: Values, version: Version) -> Lines | None:
    told = _known(given)
    if told is None:
        return None
    if name in SIGNATURES:
        value, place = told[0]
        names = signature_names(name, value, version)
        return None if names is None else [(",".join(names), place)]
    if name == "permitrootlogin" and version.since(10, 1):
        return [("prohibit-password" if value == "without-password" else value, place) for value, place in told]
    if name == "maxstartups":  # 10.1 and later: the parts that were given
        value, place = told[0]
        parts = zip(value.split(":"), ("10", "30", "100"), strict=True)
        return [(":".join(part or default for part, default in parts), place)]
    if name == "logverbose":
        return [(" ".join(value for value, _ in told), told[0][1])]
    return told


def signature_names(name: str, value: str, version: Version) -> tuple[str, ...] | None:
    """The algorithms that a list of signatures comes to; None when it hangs on a default that is not known."""
    from_default = value[:1] in ("+", "-", "^")
    if from_default and _default_names(name, version) is None:
        return None
    plain_only = name == "casignaturealgorithms"
    return algorithms.assemble(value, _default_names(name, version) or (), version, plain_only)


def _default_names(name: str, version: Version) -> tuple[str, ...] | None:
    default = defaults(BY_NAME[name], version)
    return tuple(default[0].split(",")) if default else None


def _keyboard_interactive(found: Mapping[str, Values]) -> Lines | None:
    """Until 8.6 it takes two settings: the method is offered when one is on, and does nothing without the other."""
    challenge = (found.get("challengeresponseauthentication") or [("yes", "default")])[0]
    if challenge[0] != "yes":
        return _known([challenge])
    # main() in sshd.c turns the other one on; a Match block may turn it off again, then it stands in `/match`
    offered = found.get("kbdinteractiveauthentication/match")
    return _known(offered[:1]) if offered else [("yes", challenge[1])]


def _combined(name: str, found: Mapping[str, Values], version: Version) -> Lines | None:
    given = {slot.partition("/")[2]: values[-1] for slot, values in found.items() if slot.startswith(f"{name}/")}
    if any(value is None for value, _ in given.values()):
        return None
    told = {part: value or "" for part, (value, _) in given.items()}
    place = next(iter(given.values()))[1]
    if name == "rekeylimit":
        return [(f"{told.get('size', '0')} {told.get('time', '0')}", place)]
    if name == "maxstartups":
        return [(f"{told.get('begin', '10')}:{told.get('rate', '30')}:{told.get('full', '100')}", place)]
    if told.pop("enabled", "yes") == "no":
        return [("no", place)]
    if "overflow" in told:
        told.setdefault("overflow6", told["overflow"])
    return [
        (print_penalties({part: told.get(part, value) for part, value in penalties(version).items()}, version), place)
    ]


def _listen_addresses(found: Mapping[str, Values]) -> Lines | None:
    family = (found.get("addressfamily") or [("any", "")])[0][0]
    ports = _known(found.get("port") or [("22", "default")])
    given = found.get("listenaddress/settled")
    if family is None or ports is None:
        return None
    if not given:
        wild = [("[::]", "inet6"), ("0.0.0.0", "inet")]  # noqa: S104 - text to be printed, nothing is bound
        return [
            (f"{address}:{port}", "default") for port, _ in ports for address, kind in wild if family in ("any", kind)
        ]
    told = _known(given)
    if told is None:
        return None
    shown = []
    for text, place in told:
        port, _, address = text.partition(" ")
        line = _listen_address(address, port)
        if line is None:
            return None
        shown.append((line, place))
    return shown


def _listen_address(text: str, port: str) -> str | None:
    """An address with its port; None for a name, which is looked up when sshd starts."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
