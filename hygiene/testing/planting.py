"""Rows planted by hand, and the examples of checks' pages: for tests of checks, ours and others'.

    rows = [*plant("grants", host="web{1..10}", account="root", fingerprint="SHA256:ops", opens_root="yes")]
    assert findings(RootKeyReuse(), rows) == [...]

An example is a block of lines: `TABLE: column=value ...` plants a row, `finds: SEVERITY SUBJECT measure=1 MESSAGE` or
`finds: nothing` says what the check must find. Any other line goes on with the one before it; `{1..10}` in a line
makes ten rows of it; several values of a list stand between commas; what is not said has an ordinary value.
Hosts that are only named by other rows are there and complete.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

from hygiene.api import Check, Finding, Fleet
from hygiene.model import TABLES, Gap, Host, HostFacts, Key
from hygiene.store.schema import RUN_TABLES, Column, columns
from hygiene.store.store import Store

_SEEN_AT: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

# an ordinary row: a grant that sshd accepts and that opens no root, an account without rights, a long password
_ORDINARY: Final[Mapping[str, Mapping[str, Any]]] = {
    "hosts": {
        "port": 22,
        "tags": (),
        "status": "complete",
        "stage": "done",
        "reason": "",
        "os": "debian 12",
        "sshd_version": "9.2",
        "collected_at": _SEEN_AT,
        "clock_skew_s": 0,
    },
    "areas": {"state": "seen"},
    "accounts": {
        "account": "anna",
        "uid": 1000,
        "home": "/home/anna",
        "shell": "/bin/sh",
        "state": "active",
        "root_by": "none",
        "password_state": "none",
        "gid": 1000,
    },
    "keys": {"type": "ssh-ed25519", "bits": 256},
    "grants": {
        "daemon": "sshd",
        "account": "anna",
        "file": ".ssh/authorized_keys",
        "line": 1,
        "options": (),
        "restricted": False,
        "is_authority": False,
        "accepted": "yes",
        "opens_root": "no",
        "marks": (),
    },
    "private_keys": {"kind": "openssh", "encrypted": "yes", "mode": "0600", "path": "/home/anna/.ssh/id_ed25519"},
    "host_keys": {"type": "ssh-ed25519", "bits": 256},
    "settings": {"daemon": "sshd", "scope": "*", "source": "default", "state": "effective"},
    "dynamic_sources": {
        "daemon": "sshd",
        "keyword": "authorizedkeyscommand",
        "scope": "*",
        "program": "/usr/bin/sss_ssh_authorizedkeys",
        "run_as": "nobody",
        "works": "yes",
    },
    "revoked_keys": {"daemon": "sshd", "file": "/etc/ssh/revoked_keys"},
    "login_paths": {
        "daemon": "sshd",
        "account": "anna",
        "source": "*",
        "methods": "publickey",
        "factors": 1,
        "kinds": ("key",),
        "verdict": "one",
    },
    "root_paths": {
        "daemon": "sshd",
        "account": "anna",
        "source": "*",
        "methods": "publickey",
        "step": "sudo",
        "factors": 1,
        "kinds": ("key",),
        "verdict": "one",
    },
    "tokens": {
        "daemon": "sshd",
        "account": "anna",
        "module": "pam_google_authenticator",
        "place": "/etc/pam.d/sshd:4",
        "form": "code",
        "enrolled": "yes",
        "passes_without": "no",
        "fails_open": "no",
    },
    "key_uses": {"account": "anna", "uses": 1},
    "probes": {
        "daemon": "sshd",
        "account": "anna",
        "expected": "yes",
        "observed": "yes",
        "detail": "a signature was asked for",
    },
    "host_hashes": {"account": "root", "state": "set", "scheme": "yescrypt", "cost": "j9T", "never_expires": False},
    "password_lists": {
        "format": "CSV",
        "rows": 2,
        "entries": 1,
        "hashes": 0,
        "mode": "0600",
        "encrypted": "no",
        "encryptable": False,
    },
    "list_hashes": {"row": 1, "state": "set", "scheme": "yescrypt", "cost": "j9T", "never_expires": False},
    "entry_accounts": {"row": 2, "tie": "name"},
    "password_entries": {
        "row": 2,
        "length_band": "15+",
        "zxcvbn_score": 4,
        "score": 4,
        "group_size": 1,
        "reasons": (),
        "similar_size": 1,
        "similar_by": (),
    },
    "breach_lookups": {
        "source": "pwned.txt",
        "kind": "sha1",
        "passwords": 1,
        "breached": 0,
        "unanswered": 0,
        "online": False,
    },
    "identities": {"admin": False, "enabled": True, "second_factor": "strong", "methods": ()},
    "gaps": {"reason": "not seen", "accepted": False},
}
_RANGE: Final = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MEASURE: Final = re.compile(r"([a-z_]++)=(\d++)")


def plant(table: str, **values: Any) -> Iterator[Any]:
    """Give the records of a table with these values; texts are read as the column asks, `{1..3}` makes three."""
    record = TABLES[table]
    known = {column.name: column for column in columns(record)}
    unknown = values.keys() - known.keys()
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    for number in _numbers(values.values()):
        row = dict(_ORDINARY.get(table, {}))
        row.update({name: _value(known[name], value, number) for name, value in values.items()})
        if table == "hosts":
            row.setdefault("address", row["host"])
        if table == "password_lists":
            row.setdefault("path", row["list"])
        if table == "gaps":
            row.setdefault("subject", row.get("host"))
        missing = [name for name, column in known.items() if row.get(name) is None and not column.nullable]
        if missing:
            raise ValueError(f"a row of {table} must say its {', '.join(missing)}")
        yield record(**{name: _typed(column, row.get(name)) for name, column in known.items()})


def _numbers(values: Iterable[Any]) -> range:
    for value in values:
        if isinstance(value, str) and (found := _RANGE.search(value)):
            return range(int(found[1]), int(found[2]) + 1)
    return range(1)


def _value(column: Column, value: Any, number: int) -> Any:
    if not isinstance(value, str):
        return value
    text = _RANGE.sub(str(number), value)
    match column.sql_type:
        case "BIGINT":
            return int(text)
        case "BOOLEAN":
            return None if text == "unknown" else text == "yes"
        case "VARCHAR[]":
            return tuple(text.split(",")) if text else ()
        case "TIMESTAMP":
            return datetime.fromisoformat(text)
        case _:
            return text


def _typed(column: Column, value: Any) -> Any:
    return column.words(value) if column.words is not None and value is not None else value


@contextlib.contextmanager
def planted(rows: Iterable[Any], auditor_keys: Iterable[str] = ()) -> Iterator[Fleet]:
    """Give a fleet that holds these rows; hosts that are only named by them are complete."""
    rows = list(rows)
    hosts = {row.host: row for row in rows if isinstance(row, Host)}
    for row in rows:
        name = getattr(row, "host", None)
        if name is not None and name not in hosts:
            (hosts[name],) = plant("hosts", host=name)
    with Store.in_memory() as store:
        store.put_hosts(_facts(host, rows, first=not number) for number, host in enumerate(hosts.values()))
        store.finish()
        store.put_gaps(row for row in rows if isinstance(row, Gap) and row.host is None)
        for table in RUN_TABLES:
            record = TABLES[table]
            if some := [row for row in rows if isinstance(row, record)]:
                store.put(record, some)
        yield store.fleet(frozenset(auditor_keys))


def _facts(host: Host, rows: Sequence[Any], *, first: bool) -> HostFacts:
    """Give the rows of one host; keys belong to no host, the first brings them."""
    parts: dict[str, tuple[Any, ...]] = {}
    for field in fields(HostFacts):
        record = TABLES.get(field.name)
        if record is Key:
            parts["keys"] = tuple(row for row in rows if isinstance(row, Key)) if first else ()
        elif record is not None:
            parts[field.name] = tuple(
                row for row in rows if isinstance(row, record) and getattr(row, "host", None) == host.host
            )
    return HostFacts(host, **parts)


def findings(check: Check, rows: Iterable[Any], auditor_keys: Iterable[str] = ()) -> list[Finding]:
    """Give what a check finds in these rows, by subject; every place is asked for, so its SQL has been run."""
    with planted(rows, auditor_keys) as fleet:
        found = sorted(check.run(fleet), key=lambda finding: finding.subject.id)
        for finding in found:
            fleet.sample(finding.places, 1)
        return found


# ---------------------------------------------------------------- examples of pages


@dataclass(frozen=True, slots=True)
class Expected:
    """What an example says of a finding."""

    severity: str
    subject: str
    measure: Mapping[str, int]
    message: str


@dataclass(frozen=True, slots=True)
class Example:
    """Rows and what the check finds in them."""

    rows: tuple[Any, ...]
    auditor_keys: tuple[str, ...]
    expected: tuple[Expected, ...]


def examples(text: str) -> Iterator[Example]:
    """Read the Example section of a page. Raises ValueError for a line that it does not understand."""
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        lines = _joined(block)
        finds = [line.removeprefix("finds: ") for line in lines if line.startswith("finds: ")]
        if not finds:
            raise ValueError("the block does not say what the check finds")
        keys = [key for line in lines if line.startswith("auditor_keys: ") for key in line.split()[1:]]
        rows = [row for line in lines if not line.startswith(("finds: ", "auditor_keys: ")) for row in _rows(line)]
        yield Example(tuple(rows), tuple(keys), tuple(_expected(rest) for rest in finds if rest != "nothing"))


def rows_of(text: str) -> list[Any]:
    """Read lines that plant rows. Raises ValueError for a line that it does not understand."""
    return [row for line in _joined(text) for row in _rows(line)] if text.strip() else []


def _rows(line: str) -> Iterator[Any]:
    table, _, rest = line.partition(": ")
    values = [part.partition("=") for part in shlex.split(rest)]
    if table not in TABLES or not all(equals for _, equals, _ in values):
        raise ValueError(f"{line!r}; expected a table, and column=value for each of its values")
    return plant(table, **{name: value for name, _, value in values})


def _joined(block: str) -> list[str]:
    lines: list[str] = []
    for line in filter(None, map(str.strip, block.split("\n"))):
        if line.partition(": ")[0] in (*TABLES, "finds", "auditor_keys"):
            lines.append(line)
        elif lines:
            lines[-1] += f" {line}"
        else:
            raise ValueError(f"{line!r}; expected a table and its values, or `finds:`")
    return lines


def _expected(text: str) -> Expected:
    severity, subject, *words = text.split(" ")
    measure: dict[str, int] = {}
    while words and (found := _MEASURE.fullmatch(words[0])):
        measure[found[1]] = int(found[2])
        words = words[1:]
    return Expected(severity, subject, measure, " ".join(words))


def told(finding: Finding) -> Expected:
    """Give a finding as an example tells it."""
    return Expected(finding.severity.value, finding.subject.id, dict(finding.measure), finding.message)
