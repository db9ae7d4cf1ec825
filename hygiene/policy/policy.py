"""The policy file: read, validated with line numbers, and what it sets."""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from hygiene.api import Check
from hygiene.errors import PolicyError
from hygiene.model import AreaName, Gap, Severity
from hygiene.policy.lines import Path as KeyPath
from hygiene.policy.lines import locate

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_TOP = {"fail_on", "auditor_keys", "checks", "identities", "passwords", "range_api", "accepted_gap"}
_RANGE_API_KEYS = {"url": "https://api.pwnedpasswords.com", "proxy": "http://proxy.example.org:3128"}
_ADDRESS = re.compile(r"https?://[!-~]+")
_GAP_KEYS = ("subject", "area", "owner", "reason", "until")
# besides those of hosts: the host as a whole, password lists, and identity exports
_AREAS = (*(area.value for area in AreaName), "collect", "probe", "passwords", "identities", "*")
_COLUMN_KEYS = {
    "identities": ("user", "admin", "enabled", "methods", "second_factor"),
    "passwords": ("password", "user", "system", "tenant"),
}
# of [passwords] itself; all else there is a table of columns
_PASSWORD_KEYS = ("organisation", "digest_key")
# of each table one of these must be there, so that there is anything to read
_COLUMNS_NEEDED = {"identities": (("user",), ("methods", "second_factor")), "passwords": (("password",),)}


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """A gap that is known and meant: `subject` and `area` may hold `*`; nothing is accepted after `until`."""

    subject: str
    area: str
    owner: str
    reason: str
    until: date
    line: int = 0

    def covers(self, gap: Gap, today: date) -> bool:
        if today > self.until:
            return False
        return fnmatch.fnmatchcase(gap.subject, _brackets(self.subject)) and self.area in ("*", gap.area)


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """What the policy says of one check."""

    enabled: bool = True
    severity: Severity | None = None  # for all its findings, instead of its own
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """A validated policy; the default one is what holds without a file."""

    path: str | None = None
    digest: str = hashlib.sha256(b"").hexdigest()[:16]
    fail_on: Severity = Severity.HIGH
    auditor_keys: frozenset[str] = frozenset()
    checks: Mapping[str, CheckPolicy] = field(default_factory=dict)
    # by the name of a table with people in it: which of its columns says what
    identities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # the same for password lists
    password_columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    organisation: tuple[str, ...] = ()  # its names, as people would put them into a password
    digest_key: Path | None = None  # the file that makes digests of hashes the same in every run
    # `url` and `proxy`, where it is allowed to ask a service for breached passwords
    range_api: Mapping[str, str] | None = None
    accepted_gaps: tuple[AcceptedGap, ...] = ()

    def accepts(self, gap: Gap, today: date) -> bool:
        return any(accepted.covers(gap, today) for accepted in self.accepted_gaps)

    def expired(self, today: date) -> tuple[AcceptedGap, ...]:
        return tuple(accepted for accepted in self.accepted_gaps if today > accepted.until)

    def configure(self, checks: Iterable[type[Check]]) -> tuple[Check, ...]:
        """Give the checks that are on, each with the parameters that this policy sets."""
        made = []
        for check in checks:
            wanted = self.checks.get(check.id, CheckPolicy())
            if wanted.enabled:
                made.append(check(**wanted.parameters))
        return tuple(made)


def load(path: Path, checks: Iterable[type[Check]]) -> Policy:
    """Read a policy file; raises PolicyError that names every bad entry with its line."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}; give another file with --policy") from None
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: is not valid TOML: {error}") from None
    reader = _Reader(path, locate(text), {check.id: check for check in checks})
    policy = reader.policy(data)
    if reader.problems:
        raise PolicyError("\n".join(reader.problems))
    return replace(policy, path=str(path), digest=hashlib.sha256(raw).hexdigest()[:16])


class _Reader:
    """Turns the decoded TOML into a Policy and gathers problems, so that one run names them all."""

    def __init__(self, path: Path, lines: Mapping[KeyPath, int], checks: Mapping[str, type[Check]]) -> None:
        self._path = path
        self._lines = lines
        self._checks = checks
        self.problems: list[str] = []

    def policy(self, data: Mapping[str, Any]) -> Policy:
        for key in sorted(data.keys() - _TOP):
            self._problem((key,), f"unknown entry `{key}`; expected one of {', '.join(sorted(_TOP))}{_hint(key, _TOP)}")
        return Policy(
            fail_on=self._severity(("fail_on",), data.get("fail_on", Severity.HIGH.value)) or Severity.HIGH,
            auditor_keys=self._fingerprints(data.get("auditor_keys", [])),
            checks=self._check_policies(data.get("checks", {})),
            identities=self._tables("identities", data.get("identities", {})),
            password_columns=self._tables("passwords", data.get("passwords", {}), apart=_PASSWORD_KEYS),
            organisation=self._organisation(data.get("passwords")),
            digest_key=self._digest_key(data.get("passwords")),
            range_api=self._range_api(data["range_api"]) if "range_api" in data else None,
            accepted_gaps=self._gaps(data.get("accepted_gap", [])),
        )

    def _problem(self, key: KeyPath, message: str) -> None:
        line = self._line(key)
        place = f"{self._path}:{line}" if line else str(self._path)
        self.problems.append(f"{place}: {message}")

    def _line(self, key: KeyPath) -> int:
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 0)

    def _severity(self, key: KeyPath, value: object) -> Severity | None:
        if isinstance(value, str) and value in {severity.value for severity in Severity}:
            return Severity(value)
        self._problem(key, f"`{key[-1]}` is {value!r}; expected one of {', '.join(s.value for s in Severity)}")
        return None

    def _fingerprints(self, value: object) -> frozenset[str]:
        key = ("auditor_keys",)
        if not isinstance(value, list):
            self._problem(key, "`auditor_keys` is not a list; expected fingerprints as `ssh-keygen -l` prints them")
            return frozenset()
        for item in value:
            if not (isinstance(item, str) and _FINGERPRINT.fullmatch(item)):
                self._problem(
                    key, f"{item!r} is no fingerprint; expected SHA256: and 43 characters, as `ssh-keygen -l` prints"
                )
        return frozenset(item for item in value if isinstance(item, str))

    def _check_policies(self, value: object) -> dict[str, CheckPolicy]:
        if not isinstance(value, dict):
            self._problem(("checks",), "`checks` is not a table; expected [checks.ID]")
            return {}
        return {name: self._check_policy(name, entry) for name, entry in value.items()}

    def _check_policy(self, name: str, entry: object) -> CheckPolicy:
        key: KeyPath = ("checks", name)
        check = self._checks.get(name)
        if check is None:
            self._problem(key, f"there is no check `{name}`{_hint(name, self._checks)}; `hygiene checks` lists them")
            return CheckPolicy()
        if not isinstance(entry, dict):
            self._problem(key, f"`{name}` is not a table; expected [checks.{name}] with its parameters below it")
            return CheckPolicy()
        parameters = {}
        known = {f.name: f for f in fields(check)}  # type: ignore[arg-type]  # registry: every check is a dataclass
        for parameter, setting in entry.items():
            here = (*key, parameter)
            if parameter in ("enabled", "severity"):
                continue
            if parameter not in known:
                names = ["enabled", "severity", *known]
                self._problem(
                    here, f"`{name}` has no parameter `{parameter}`{_hint(parameter, names)}; it has {', '.join(names)}"
                )
                continue
            default = known[parameter].default
            if type(setting) is not type(default) and not (isinstance(default, float) and type(setting) is int):
                self._problem(here, f"`{parameter}` is {setting!r}; expected {_kind(default)} (default {default!r})")
                continue
            choices = known[parameter].metadata.get("choices", ())
            if choices and setting not in choices:
                self._problem(here, f"`{parameter}` is {setting!r}; expected one of {', '.join(map(repr, choices))}")
                continue
            minimum = known[parameter].metadata.get("min")
            if minimum is not None and setting < minimum:
                self._problem(here, f"`{parameter}` is {setting!r}; expected at least {minimum}")
                continue
            parameters[parameter] = setting
        enabled = entry.get("enabled", True)
        if not isinstance(enabled, bool):
            self._problem((*key, "enabled"), f"`enabled` is {enabled!r}; expected true or false")
        severity = self._severity((*key, "severity"), entry["severity"]) if "severity" in entry else None
        return CheckPolicy(enabled is True, severity, parameters)

    def _tables(self, kind: str, value: object, apart: tuple[str, ...] = ()) -> dict[str, Mapping[str, str]]:
        if not isinstance(value, dict):
            self._problem((kind,), f"`{kind}` is not a table; expected [{kind}.NAME]")
            return {}
        return {name: self._columns((kind, name), entry) for name, entry in value.items() if name not in apart}

    def _organisation(self, passwords: object) -> tuple[str, ...]:
        names = passwords.get("organisation", []) if isinstance(passwords, dict) else []
        if isinstance(names, list) and all(isinstance(name, str) and name.strip() for name in names):
            return tuple(names)
        self._problem(
            ("passwords", "organisation"), 'expected `organisation` to be a list of names, like ["Example AG", "EXA"]'
        )
        return ()

    def _digest_key(self, passwords: object) -> Path | None:
        name = passwords.get("digest_key") if isinstance(passwords, dict) else None
        if name is None:
            return None
        if isinstance(name, str) and name.strip() and "\0" not in name:
            return self._path.parent / name
        # not shown: it may be a key where its file belongs
        self._problem(("passwords", "digest_key"), "expected `digest_key` to be the name of a file")
        return None

    def _columns(self, key: tuple[str, str], entry: object) -> dict[str, str]:
        kind, name = key
        if not isinstance(entry, dict):
            self._problem(key, f"`{name}` is not a table; expected [{kind}.{name}] with column names below it")
            return {}
        columns = {}
        for word, column in entry.items():
            if word not in _COLUMN_KEYS[kind]:
                known = ", ".join(_COLUMN_KEYS[kind])
                self._problem(
                    (*key, word), f"unknown entry `{word}`{_hint(word, _COLUMN_KEYS[kind])}; expected {known}"
                )
            elif not isinstance(column, str) or not any(map(str.isalnum, column)):
                self._problem((*key, word), f"`{word}` is {column!r}; expected the name of a column")
            else:
                columns[word] = column
        for words in _COLUMNS_NEEDED[kind]:
            if not set(words) & entry.keys():
                one = "; expected one of them" if len(words) > 1 else ""
                self._problem(key, f"`{name}` names no column for {' or '.join(f'`{word}`' for word in words)}{one}")
        return columns

    def _range_api(self, value: object) -> dict[str, str]:
        key = ("range_api",)
        if not isinstance(value, dict):
            self._problem(key, "`range_api` is not a table; expected [range_api], which may be empty")
            return {}
        addresses = {}
        for name, address in value.items():
            if name not in _RANGE_API_KEYS:
                self._problem(
                    (*key, name), f"unknown entry `{name}`{_hint(name, _RANGE_API_KEYS)}; expected url or proxy"
                )
            elif not isinstance(address, str) or _ADDRESS.fullmatch(address) is None:
                # not shown: a proxy's address may hold a password
                self._problem((*key, name), f"`{name}` is no address; expected one like {_RANGE_API_KEYS[name]}")
            else:
                addresses[name] = address
        return addresses

    def _gaps(self, value: object) -> tuple[AcceptedGap, ...]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._problem(("accepted_gap",), "`accepted_gap` is not a list of tables; expected [[accepted_gap]]")
            return ()
        found = (self._gap(("accepted_gap", number), item) for number, item in enumerate(value))
        return tuple(gap for gap in found if gap is not None)

    def _gap(self, key: KeyPath, entry: Mapping[str, object]) -> AcceptedGap | None:
        before = len(self.problems)
        for name in sorted(entry.keys() - set(_GAP_KEYS)):
            self._problem(
                (*key, name), f"unknown entry `{name}`{_hint(name, _GAP_KEYS)}; expected {', '.join(_GAP_KEYS)}"
            )
        texts = {}
        for name in _GAP_KEYS[:4]:
            text = entry.get(name)
            if not isinstance(text, str) or not text.strip():
                self._problem((*key, name), f"accepted gap {int(key[1]) + 1}: `{name}` is missing; expected a text")
            else:
                texts[name] = text
        if texts.get("area", "*") not in _AREAS:
            self._problem((*key, "area"), f"`area` is {texts['area']!r}; expected one of {', '.join(_AREAS)}")
        until = entry.get("until")
        if type(until) is not date:
            self._problem(
                (*key, "until"), f"`until` is {str(until)!r}; expected a date like 2027-06-30, without quotes"
            )
        if len(self.problems) > before or type(until) is not date:
            return None
        return AcceptedGap(until=until, line=self._line(key), **texts)


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean `{near[0]}`?)" if near else ""


def _kind(default: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a number"),
        (str, "a text"),
    )
    return next((word for kind, word in kinds if isinstance(default, kind)), f"a {type(default).__name__}")


def _brackets(pattern: str) -> str:
    """Only `*` and `?` are wild: brackets in a subject belong to IPv6 addresses."""
    return pattern.replace("[", "[[]")
