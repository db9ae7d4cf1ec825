"""Commands that show something and touch no host: checks, explain, collector, export, doctor."""

from __future__ import annotations

import difflib
import hashlib
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tabulate import tabulate

from hygiene.cli import exits, output
from hygiene.collect import script
from hygiene.errors import DatabaseError, HygieneError, UsageError
from hygiene.registry.load import Registry, load
from hygiene.registry.page import markdown, page_of
from hygiene.store.export import export
from hygiene.store.store import Store

_INSTALLED = "/usr/local/libexec/hygiene-collector"
_LIBRARIES = (
    "asyncssh",
    "paramiko",
    "cryptography",
    "duckdb",
    "badkeys",
    "gmpy2",
    "python-calamine",
    "zxcvbn",
    "tabulate",
)


def run(args: Namespace) -> int:
    """Run one of the commands that only show something, and give its exit code."""
    match args.command:
        case "checks":
            output.text(checks(load()))
        case "explain":
            output.text(explain(load(), args.id))
        case "collector" if args.notes:
            output.text(collector_notes(args.logs))
        case "collector":
            with output.standard_output() as out:
                out.buffer.write(script.text(args.logs))
            sys.stderr.write(collector_notes(args.logs))
        case "export":
            export_table(args)
        case _:
            told, good = doctor(args)
            output.text(told)
            return exits.CLEAN if good else exits.USAGE
    return exits.CLEAN


def checks(registry: Registry) -> str:
    """The checks, worst first, in the order of their ids."""
    rows = sorted(registry.checks.values(), key=lambda check: (-check.severity.rank, check.id))
    table = [(check.id, check.severity.value, check.subject.value, check.title) for check in rows]
    return tabulate(table, ["check", "at worst", "about", "finds"]) + "\n\n`hygiene explain ID` prints one page.\n"


def explain(registry: Registry, name: str) -> str:
    """One check's page."""
    if name not in registry.checks:
        raise no_check(registry, name)
    return markdown(page_of(registry.checks[name])) + "\n"


def no_check(registry: Registry, name: str) -> UsageError:
    """The error for a check that there is not, with the one that was perhaps meant."""
    near = difflib.get_close_matches(name, registry.checks, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return UsageError(f"there is no check {name!r}{hint}; `hygiene checks` lists them")


def collector_notes(logs: bool = False) -> str:
    """How to install the collector as a forced command: the file, the account, the key line, the sudoers rule."""
    digest = hashlib.sha256(script.text(logs)).hexdigest()
    return f"""\
# The smallest access that does the work: one key that can start one file, and nothing else.
#
# 1. On this machine: save the collector, read it, and copy it to each host, owned by root:
hygiene collector{" --logs" if logs else ""} > hygiene-collector
install -o root -g root -m 0755 hygiene-collector {_INSTALLED}
#
# 2. On each host: an account without a password
useradd --system --create-home --shell /bin/sh --password '*' hygiene
#
# 3. The key line, in the account's ~/.ssh/authorized_keys; put the addresses of your auditor and its public key there:
restrict,from="AUDITOR",command="/usr/bin/sudo -n {_INSTALLED}" ssh-ed25519 AAAA... auditor
#
# 4. The sudoers rule, in /etc/sudoers.d/hygiene (visudo -f): that one file, without arguments, and only while its
#    content is this one (SHA-256)
Defaults!{_INSTALLED} env_reset,secure_path=/usr/sbin:/usr/bin:/sbin:/bin
hygiene ALL=(root) NOPASSWD: sha256:{digest} {_INSTALLED} ""
#
# The collector reads a line with a nonce, and a second one with the run's key for digests of password hashes; no hash
# leaves the host. Install it anew with each version that changes it: one of before goes on working, without digests.
#
# 5. Here again: hygiene audit -i hosts.txt -u hygiene --key auditor_key
"""


def export_table(args: Namespace) -> None:
    """Write one table to standard output or to a file."""
    with Store.open(args.db, create=False, read_only=True) as store:
        fleet = store.fleet()
        if args.output is not None:
            with output.writing(args.output) as file:
                export(fleet, args.table, args.format, file)
        else:
            if args.format == "parquet" and sys.stdout.isatty():
                raise UsageError("parquet is no text for a terminal; add -o FILE")
            with output.standard_output() as out:
                export(fleet, args.table, args.format, out.buffer)


def doctor(args: Namespace) -> tuple[str, bool]:
    """What a scan needs, a line each, and whether all of it is there."""
    lines = [(f"{'ok' if good else 'MISSING':8}{text}", good) for good, text in _findings(args)]
    return "\n".join(text for text, _ in lines) + "\n", all(good for _, good in lines)


def _findings(args: Namespace) -> Iterator[tuple[bool, str]]:
    yield sys.version_info >= (3, 11), f"Python {platform.python_version()}"
    for name in _LIBRARIES:
        yield True, f"{name} {version(name)}"
    agent = os.environ.get("SSH_AUTH_SOCK")
    if args.key is not None:
        yield args.key.is_file(), f"private key {args.key}"
    else:
        there = bool(agent) and Path(agent or "").exists()
        yield there, "an SSH agent (SSH_AUTH_SOCK)" + ("" if there else ": start one, or name a key with --key FILE")
    known_hosts = args.known_hosts or Path("~/.ssh/known_hosts").expanduser()
    there = known_hosts.is_file()
    hint = "" if there else ": give one with --known-hosts FILE; hosts without a known key are refused"
    yield there, f"known host keys in {known_hosts}{hint}"
    folder = args.db.parent
    yield os.access(folder, os.W_OK), f"results can be written to {folder.resolve()}"
    if args.db.exists():
        try:
            with Store.open(args.db, create=False, read_only=True) as store:
                yield True, f"{args.db}: {store.fleet().hosts_total():,} hosts stored"
        except DatabaseError as error:
            yield False, str(error)
        except HygieneError as error:
            yield True, f"{args.db}: {error}"
