"""Commands that collect, derive and judge: audit, collect, import, check, passwords."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from argparse import Namespace
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from tabulate import tabulate

from hygiene import audit
from hygiene.api import Audit
from hygiene.audit import Terms
from hygiene.cli import exits, output
from hygiene.cli.progress import Watch, say, watching
from hygiene.collect.gather import Errand, Gathered, gather
from hygiene.collect.identity import PassphraseNeededError, from_file
from hygiene.collect.offline import Root
from hygiene.collect.run import Access
from hygiene.errors import UsageError
from hygiene.evidence.bundles import import_bundle, write_bundle
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import ScanInfo, Severity, Target
from hygiene.policy import baseline, policy
from hygiene.policy.baseline import Baseline
from hygiene.policy.policy import Policy
from hygiene.registry.load import Registry
from hygiene.store.store import Store
from hygiene.targets.address import parse_login
from hygiene.targets.inventory import load
from hygiene.targets.select import select

_DEFAULT_POLICY = Path("hygiene.toml")
_KNOWN_HOSTS = Path("~/.ssh/known_hosts")


def run_audit(args: Namespace, registry: Registry, version: str) -> int:
    """Collect, read lists, judge, report."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    if not (args.inventory or args.root or args.passwords):
        raise UsageError(
            "nothing to audit: give hosts with -i FILE, an image with --root DIR, or a list with --passwords FILE"
        )
    errand = _errand(args) if args.inventory or args.root else None
    if args.dry_run:
        return _dry_run(errand, args.passwords)
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    with Store.open(args.db, create=True) as store, _watching(args) as watch:
        started_at = datetime.now(UTC)
        if args.passwords:
            # before the hosts: a list that cannot be read must not cost a whole scan
            audit.read_lists((store,), args.passwords, watch.passwords)
        if errand is not None and _gather(errand, folder, watch).stopped:
            return exits.INTERRUPTED
        audit.update(store, folder)
        judged = audit.judge_all(store, terms, started_at)
        return _report(args, registry, judged, reports, terms.policy)


def run_collect(args: Namespace, registry: Registry) -> int:
    """Collect, and derive the tables; no checks."""
    if not (args.inventory or args.root):
        raise UsageError("nothing to collect: give hosts with -i FILE or an image with --root DIR")
    chosen = _policy(args, registry)
    errand = _errand(args)
    if args.dry_run:
        return _dry_run(errand, [])
    folder = EvidenceFolder.beside(args.db)
    with Store.open(args.db, create=True) as store, _watching(args) as watch:
        gathered = _gather(errand, folder, watch)
        audit.update(store, folder)
        if args.bundle is not None:
            hosts = write_bundle(args.bundle, folder, gathered.scan)
            _note(args, f"wrote {args.bundle}: evidence of {hosts:,} hosts")
        if gathered.stopped:
            return exits.INTERRUPTED
        fleet = store.fleet()
        return exits.for_gaps(fleet, chosen)


def run_import(args: Namespace) -> int:
    """Take bundles in, and derive the tables."""
    folder = EvidenceFolder.beside(args.db)
    with Store.open(args.db, create=True) as store:
        for path in args.files:
            taken = import_bundle(path, folder)
            _note(args, f"{path}: {taken.hosts:,} hosts" + ("" if taken.new else ", imported before"))
        audit.update(store, folder)
    return exits.CLEAN


def run_check(args: Namespace, registry: Registry, version: str) -> int:
    """Judge what is stored."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    with Store.open(args.db, create=False) as store:
        if folder.path.is_dir():
            audit.update(store, folder)
        if not store.digests() and not store.fleet().table_present("password_entries"):
            raise UsageError(f"{args.db}: holds no host and no list; collect, import or score something first")
        return _report(args, registry, audit.judge_all(store, terms, datetime.now(UTC)), reports, terms.policy)


def run_passwords(args: Namespace, registry: Registry, version: str) -> int:
    """Score lists alone: they are kept in the database, and judged by themselves."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    output.make_folder(args.output)
    with Store.open(args.db, create=True) as store, Store.in_memory() as alone, _watching(args) as watch:
        started_at = datetime.now(UTC)
        audit.read_lists((store, alone), args.files, watch.passwords)
        return _report(args, registry, audit.judge_all(alone, terms, started_at), reports, terms.policy)


def _watching(args: Namespace) -> AbstractContextManager[Watch]:
    return watching(quiet=args.quiet, verbose=args.verbose)


def _note(args: Namespace, text: str) -> None:
    if not args.quiet:
        say(text)


def _me() -> str:
    """Who runs this; in a container the user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the one before Python 3.13, the other since
        return str(os.getuid())


def _errand(args: Namespace) -> Errand:
    """What the command line asks to collect; raises what is wrong with it before any host is touched."""
    if "-" in args.inventory and args.passphrase_file == "-":  # noqa: S105  # standard input
        raise UsageError("-i - and --passphrase-file - both want standard input; give one of them as a file")
    targets = load(args.inventory, sys.stdin.buffer) if args.inventory else ()
    roots, more = _roots(args, {target.host for target in targets})
    chosen = select((*targets, *more), args.limit, args.exclude)
    for pattern in chosen.unmatched:
        say(f"{pattern}: matches no host; check --limit and --exclude")
    if not chosen.kept:
        raise UsageError("no host is left to scan; check --exclude")
    return Errand(
        targets=chosen.kept,
        access=_access(args),
        excluded=tuple(target.host for target in chosen.excluded),
        roots=roots,
        jobs=args.jobs,
        deadline_s=args.deadline,
        fresh=args.fresh,
    )


def _access(args: Namespace) -> Access:
    if args.key is None and args.passphrase_file is not None:
        raise UsageError("--passphrase-file belongs to a key; add --key FILE")
    default = _KNOWN_HOSTS.expanduser()
    return Access(
        user=args.user or _me(),
        known_hosts=[args.known_hosts] if args.known_hosts is not None else [default] if default.exists() else [],
        key_files=[args.key] if args.key is not None else [],
        passphrase=_passphrase(args) if args.key is not None and not args.dry_run else None,
        agent_socket=os.environ.get("SSH_AUTH_SOCK"),
        sudo=args.sudo,
        jump=_jump(args.jump) if args.jump is not None else None,
    )


def _jump(text: str) -> Target:
    try:
        user, address, port = parse_login(text)
    except ValueError as error:
        raise UsageError(f"--jump {text}: {error}") from None
    return Target(address, address, port or 22, user, place="--jump")


def _passphrase(args: Namespace) -> bytes | None:
    """The passphrase of the key, from the file or asked for; one line end after it is dropped."""
    name = args.passphrase_file
    if name is None:
        try:
            from_file(args.key)
        except PassphraseNeededError:
            if not sys.stdin.isatty():
                raise
            return getpass.getpass(f"Passphrase of {args.key}: ").encode()
        return None
    try:
        data = sys.stdin.buffer.read(1 << 16) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot read the passphrase: {error.strerror}") from None
    return data.removesuffix(b"\n").removesuffix(b"\r")


def _roots(args: Namespace, taken: set[str]) -> tuple[dict[str, Root], list[Target]]:
    roots: dict[str, Root] = {}
    targets = []
    for given in args.root:
        name, equals, folder = given.partition("=")
        path = Path(folder if equals else given)
        host = name if equals else path.resolve().name
        if not path.is_dir():
            raise UsageError(f"--root {given}: {path} is no folder; expected the root of an unpacked image")
        if not host:
            raise UsageError(f"--root {given}: the folder has no name; give the image one: --root NAME=DIR")
        if host in taken or host in roots:
            raise UsageError(f"--root {given}: the name {host} is taken; give the image another: --root NAME=DIR")
        roots[host] = Root(args.owners, args.sshd_version)
        targets.append(Target(host, str(path.resolve()), place=f"--root {given}"))
    if (args.owners or args.sshd_version) and not args.root:
        raise UsageError("--owners and --sshd-version belong to an offline image; add --root DIR")
    return roots, targets


def _dry_run(errand: Errand | None, lists: Iterable[Path]) -> int:
    """List what would be scanned."""
    rows = [
        (
            t.host,
            "offline" if errand and t.host in errand.roots else f"{t.address}:{t.port}",
            t.user or "",
            t.tenant or "",
            " ".join(t.tags),
        )
        for t in (errand.targets if errand else ())
    ]
    rows += [(path.name, "password list", "", "", "") for path in lists]
    output.text(tabulate(rows, ["host", "address", "user", "tenant", "tags"], disable_numparse=True) + "\n")
    excluded = len(errand.excluded) if errand else 0
    output.text(f"\n{len(rows):,} would be scanned, {excluded:,} are left out\n")
    return exits.CLEAN


def _gather(errand: Errand, folder: EvidenceFolder, watch: Watch) -> Gathered:
    def resuming(scan: ScanInfo, done: int) -> None:
        say(f"resuming the scan of {scan.started_at:%Y-%m-%d %H:%M} UTC, {done:,} hosts are done; --fresh starts anew")

    gathered = gather(errand, folder, resuming=resuming, progress=watch.hosts, kept=watch.host)
    if gathered.stopped:
        say("interrupted: finished hosts are kept; run the same command again to resume")
    return gathered


def _terms(args: Namespace, registry: Registry, version: str) -> Terms:
    chosen = _policy(args, registry)
    for name in (*args.select, *args.ignore):
        if name not in registry.checks:
            raise UsageError(f"there is no check {name!r}; `hygiene checks` lists them")
    wanted = {name for name in registry.checks if (not args.select or name in args.select) and name not in args.ignore}
    configured = {check.id: check for check in chosen.configure(registry.checks.values()) if check.id in wanted}
    if not configured:
        raise UsageError("no check is left to run; look at --select, --ignore and the policy")
    return Terms(
        registry=registry,
        policy=chosen,
        baseline=baseline.load(args.baseline) if args.baseline is not None else Baseline(),
        checks=tuple(configured.values()),
        ignored=frozenset(registry.checks.keys() - configured.keys()),
        run_by=f"{_me()}@{socket.gethostname()}",
        tool_version=version,
    )


def _policy(args: Namespace, registry: Registry) -> Policy:
    path = args.policy or (_DEFAULT_POLICY if _DEFAULT_POLICY.exists() else None)
    return Policy() if path is None else policy.load(path, registry.checks.values())


def _report(args: Namespace, registry: Registry, judged: Audit, reports: list[type], chosen: Policy) -> int:
    for line in audit.expired(chosen, judged.scan.finished_at.date()):
        say(line)
    table = registry.reports["table"]
    for path in output.write_reports(judged, reports, table, args.output, args.no_color):
        _note(args, f"wrote {path}")
    fail_on = Severity(args.fail_on) if args.fail_on else chosen.fail_on
    return exits.of(judged, fail_on, zero=args.exit_zero)
