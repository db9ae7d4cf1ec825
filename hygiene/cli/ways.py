"""One line for each way in and each way to root, for a person: what it takes, from where, and why no more than that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from hygiene.factors.steps import ISSUER, KDC
from hygiene.model import Grant, Key, LoginPath, PathVerdict, RootBy, RootPath, RootStep, Token
from hygiene.reach.who import Entrance

_KEYS_MAX: Final = 3  # named in one line
_FORMS: Final[Mapping[str, str]] = {"password": "password", "code": "one-time code", "key": "security key"}
_NUMBERS: Final = ("no credential is asked for", "one factor", "two factors", "three factors")
# what is shown by methods that are not PAM's, keys apart: its form, and what it is called
_METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "hostbased": ("host", "the word of another host"),
    "gssapi-with-mic": ("ticket", "Kerberos ticket"),
    "gssapi-keyex": ("ticket", "Kerberos ticket"),
}
_NO_PAM: Final = "sshd runs no PAM auth for keys"
_NOT_ASKED: Final = " is not asked"
_NOPASSWD: Final = "sudo asks for nothing (NOPASSWD)"
_AGAIN: Final = re.compile(r"the ([a-z-]++) that (?:sudo|su) asks for is no factor of its own")
_WHOSE: Final = re.compile(r"(?:sudo|su) asks for what (\S++) shows")


def way_in(path: LoginPath, lines: Sequence[Grant], known: Mapping[str, Key], tokens: Iterable[Token]) -> str:
    """`key SHA256:... from anywhere: one factor; why`. `lines`: those whose keys open it; `tokens`: the account's."""
    if path.verdict is PathVerdict.UNKNOWN:
        told = f"{_tried(path.methods, lines, known)}{_where(path, by=' ' in path.methods and ',' in path.methods)}"
        return f"{told}: unknown: {path.reason or 'no reason is given'}"
    told = f"{_shown(path.methods, path.kinds, lines, known)}{_where(path)}"
    return "; ".join((f"{told}: {_factors(path)}", *_notes(path, tokens)))


def ways_to_root(entrance: Entrance) -> Iterator[tuple[RootPath, str]]:
    """`becomes root by sudo without a password: one factor in all (after key from anywhere)`.

    An account that is root already has none.
    """
    for path in entrance.roots:
        if path.step is not RootStep.UID0:
            yield path, _to_root(path, entrance)


# ---------------------------------------------------------------- what is asked for


def _shown(
    methods: str, kinds: Sequence[str], lines: Sequence[Grant] = (), known: Mapping[str, Key] | None = None
) -> str:
    """What one shows, in its order: `key SHA256:..., then password and one-time code`."""
    chain = _shortest(methods)
    own: set[str] = set()
    pieces: list[str] = []
    if "publickey" in chain:
        own |= {"key", "verified-key"}
        pieces.append(_keys(chain.count("publickey"), lines, known or {}, verified="verified-key" in kinds))
    for name, (form, words) in _METHODS.items():
        if name in chain:
            own.add(form)
            pieces.append(words)
    if any(name not in _METHODS and name != "publickey" for name in chain):
        forms = sorted((form for form in kinds if form not in own), key=_password_first)
        nothing = "nothing" if "none" in chain else "any answer"
        pieces.append(_and(forms) or nothing)
    return ", then ".join(pieces)


def _tried(methods: str, lines: Sequence[Grant], known: Mapping[str, Key]) -> str:
    """What one tries where it is not known what it takes: `key SHA256:..., then keyboard-interactive`."""
    chain = _shortest(methods)
    if "," not in methods:
        return " or ".join(_keys(1, lines, known) if name == "publickey" else name for name in methods.split(" "))
    return ", then ".join(_keys(1, lines, known) if name == "publickey" else name for name in chain)


def _shortest(methods: str) -> list[str]:
    """Of several lists of methods that take the same, the shortest."""
    return min((names.split(",") for names in methods.split(" ")), key=len)


def _password_first(form: str) -> tuple[bool, str]:
    return form != "password", form


def _and(forms: Iterable[str]) -> str:
    return " and ".join(_FORMS.get(form, form) for form in forms)


def _keys(number: int, lines: Sequence[Grant], known: Mapping[str, Key], *, verified: bool = False) -> str:
    named = list(dict.fromkeys(_named(line, known, verified=verified) for line in lines))
    rest = [f"{len(named) - _KEYS_MAX:,} more"] if len(named) > _KEYS_MAX else []
    shown = " or ".join([*named[:_KEYS_MAX], *rest])
    noun = "certificate of authority" if any(line.is_authority for line in lines) else "key"
    if number > 1:
        return f"{number} keys" + (f" of {shown}" if shown else "")
    return f"{noun} {shown}" if shown else f"{noun} with PIN or finger" if verified else noun


def _named(line: Grant, known: Mapping[str, Key], *, verified: bool) -> str:
    key = known.get(line.fingerprint or "")
    if verified:
        return f"{line.fingerprint} with PIN or finger"
    touch = key is not None and key.type.startswith("sk-") and not line.is_authority
    return f"{line.fingerprint} (security key, touch alone)" if touch else f"{line.fingerprint}"


def _where(path: LoginPath, *, by: bool = True) -> str:
    methods = "" if path.methods == "publickey" or not by else f" (by {' or '.join(path.methods.split(' '))})"
    via = f", runs only {path.via}" if path.via is not None else ""
    return f" {_places(path.source)}{methods}{via}{_at_times(path)}"


def _at_times(path: LoginPath | RootPath) -> str:
    return f", while {path.condition}" if path.condition is not None else ""


def _places(source: str) -> str:
    """`from anywhere but 10.0.0.0/8` for `*,!10.0.0.0/8`."""
    if source == "*":
        return "from anywhere"
    first, *others = source.split(",")
    if first == "*" and others and all(other.startswith("!") for other in others):
        return f"from anywhere but {','.join(other[1:] for other in others)}"
    return f"from {source}"


def _factors(path: LoginPath | RootPath) -> str:
    number = path.factors or 0
    words = _NUMBERS[number] if number < len(_NUMBERS) else f"{number} factors"
    chains = [names.split(",") for names in path.methods.split(" ")]
    if number == 1 and all(names.count("publickey") > 1 for names in chains):
        return f"{words}, since keys are stolen together"
    return words


# ---------------------------------------------------------------- why no more than that


def _notes(path: LoginPath, tokens: Iterable[Token]) -> Iterator[str]:
    own = [token for token in tokens if token.daemon == path.daemon]
    by_place = {token.place: token for token in own}
    skipped: list[str] = []
    for note in filter(None, (path.reason or "").split("; ")):
        place = next((place for place in by_place if note.startswith(f"{place}: ")), None)
        if note.endswith(_NO_PAM):
            skipped.append(note)
        elif note in (ISSUER, KDC):
            yield note.partition(": ")[2]
        elif place is not None:
            yield _passed(by_place[place], note.removeprefix(f"{place}: "), path.kinds)
        else:
            yield note
    if skipped:
        yield _skipped(path, own) if own else "; ".join(skipped)


def _passed(token: Token, note: str, kinds: Sequence[str]) -> str:
    where = f"{token.module}, {token.place}"
    if note == f"{token.module}{_NOT_ASKED}":
        note = "the stack does not get there"
    asked = "" if token.form in kinds else f"no {_FORMS.get(token.form, token.form)} is asked for: "
    return f"{asked}{note} ({where})"


def _skipped(path: LoginPath, tokens: Sequence[Token]) -> str:
    """`PAM's one-time code (pam_oath, /etc/pam.d/sshd:2) is skipped because sshd runs no PAM auth for keys`."""
    forms = " and ".join(dict.fromkeys(_FORMS.get(token.form, token.form) for token in tokens))
    rules = "; ".join(dict.fromkeys(f"{token.module}, {token.place}" for token in tokens))
    names = {name for names in path.methods.split(" ") for name in names.split(",")}
    what = "keys" if "publickey" in names else "hosts" if "hostbased" in names else "tickets"
    return f"PAM's {forms} is skipped because sshd runs no PAM auth for {what} ({rules})"


# ---------------------------------------------------------------- root


def _to_root(path: RootPath, entrance: Entrance) -> str:
    login = _login(path, entrance.paths)
    if path.verdict is PathVerdict.UNKNOWN:
        after = f"after {_tried(path.methods, (), {})} {_places(path.source)}"
        return f"becomes root by {path.step}{_at_times(path)}: unknown: {path.reason or 'no reason is given'} ({after})"
    kinds = path.kinds if login is None else login.kinds
    after = f"after {_shown(path.methods, kinds)} {_places(path.source)}"
    notes = [note for note in (path.reason or "").split("; ") if note]
    again = [found[1] for note in notes if (found := _AGAIN.fullmatch(note))]
    whose = next((found[1] for note in notes if (found := _WHOSE.fullmatch(note))), None)
    told = {*((login.reason or "").split("; ") if login is not None else ()), _NOPASSWD}
    more = [note for note in notes if note not in told and not _AGAIN.fullmatch(note) and not _WHOSE.fullmatch(note)]
    by_sudo = path.step is RootStep.SUDO and entrance.account.root_by is RootBy.SUDO
    asked = [*(form for form in path.kinds if form not in kinds), *again]
    step = _with(asked, whose, same=bool(again), free=_NOPASSWD in notes or by_sudo)
    return "; ".join((f"becomes root by {path.step} {step}{_at_times(path)}: {_factors(path)} in all ({after})", *more))


def _with(asked: Sequence[str], whose: str | None, *, same: bool, free: bool) -> str:
    if not asked:
        return "without a password" if free else "without being asked for more"
    ordered = sorted(dict.fromkeys(asked), key=_password_first)
    forms = _and(ordered)
    if whose is not None:
        return f"with {whose}'s {forms}"
    return f"with the same {forms}" if same and len(ordered) == 1 else f"with its {forms}"


def _login(path: RootPath, paths: Iterable[LoginPath]) -> LoginPath | None:
    """The way into the account that this way to root begins with."""
    alike = [
        login
        for login in paths
        if (login.daemon, login.source, login.methods, login.via) == (path.daemon, path.source, path.methods, path.via)
        and (path.verdict is PathVerdict.UNKNOWN or set(login.kinds) <= set(path.kinds))
    ]
    return max(alike, key=lambda login: (login.condition in (None, path.condition), len(login.kinds)), default=None)
