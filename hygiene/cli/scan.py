"""Commands that collect, derive and judge: audit, collect, import, check, passwords, identities."""

from __future__ import annotations

import socket
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from hygiene import audit
from hygiene.api import Audit
from hygiene.audit import Terms
from hygiene.cli import exits, output
from hygiene.cli.breached import breaches_of, check_breached
from hygiene.cli.errand import dry_run, errand_of, me
from hygiene.cli.identities import people_table
from hygiene.cli.lists import against_of, check_defaults, digest_key_of, knowledge_of, reading_of
from hygiene.cli.matching import hash_files_of, match_budget_of, opened_lines
from hygiene.cli.progress import Watch, say, watching
from hygiene.cli.show import no_check
from hygiene.collect.gather import Errand, Gathered, gather
from hygiene.counted import counted
from hygiene.errors import InputError, LockedError, UsageError
from hygiene.evidence.bundles import import_bundle, write_bundle
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import ScanInfo, Severity
from hygiene.policy import baseline, policy
from hygiene.policy.baseline import Baseline
from hygiene.policy.policy import Policy
from hygiene.reach import entries
from hygiene.registry.load import Registry
from hygiene.store.store import Store

_DEFAULT_POLICY = Path("hygiene.toml")


def run_audit(args: Namespace, registry: Registry, version: str) -> int:
    """Collect, read lists, judge, report."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    if not (args.inventory or args.root or args.passwords or args.hashes or args.identities):
        raise UsageError(
            "nothing to audit: give hosts with -i FILE, an image with --root DIR, a list with --passwords FILE, hashes"
            " with --hashes FILE, or an export with --identities FILE"
        )
    hashes = hash_files_of(args)
    budget_s = match_budget_of(args, lists=bool(args.passwords))
    check_breached(args, terms.policy, lists=bool(args.passwords))
    check_defaults(args, lists=bool(args.passwords))
    digest_key = digest_key_of(terms.policy)
    errand = errand_of(args, digest_key) if args.inventory or args.root else None
    if args.dry_run:
        return dry_run(errand, args.passwords, args.identities, (file.path for file in hashes))
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    with _store(args.db, folder) as store, _watching(args) as watch:
        started_at = datetime.now(UTC)
        if args.identities:
            audit.read_identities((store,), args.identities, terms.policy)
        if args.passwords or hashes:
            # before the hosts: a list that cannot be read must not cost a whole scan
            with breaches_of(args, terms.policy, watch) as breaches:
                targets = errand.targets if errand is not None else ()
                knowledge = knowledge_of(terms.policy, started_at.year, store, targets)
                against = against_of(args, knowledge, digest_key, breaches, budget_s)
                reading = reading_of(args, terms.policy)
                audit.read_lists((store,), args.passwords, watch.passwords, reading, against, hashes, watch)
            _tell_opened(args, store)
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
    errand = errand_of(args, digest_key_of(chosen))
    if args.dry_run:
        return dry_run(errand, [])
    folder = EvidenceFolder.beside(args.db)
    _check_database(args.db)
    with _watching(args) as watch:
        gathered = _gather(errand, folder, watch)
    if args.bundle is not None:
        hosts = write_bundle(args.bundle, folder, gathered.scan)
        _note(args, f"wrote {args.bundle}: evidence of {counted(hosts, 'host')}")
    with _store(args.db, folder) as store:
        audit.update(store, folder)
        return exits.INTERRUPTED if gathered.stopped else exits.for_gaps(store.fleet(), chosen)


def _check_database(path: Path) -> None:
    """A database that cannot be used must not cost a scan; one that another collector writes is no obstacle yet."""
    if path.exists():
        with suppress(LockedError), Store.open(path, create=False):
            pass


def run_import(args: Namespace) -> int:
    """Take bundles in, and derive the tables."""
    folder = EvidenceFolder.beside(args.db)
    with _store(args.db, folder) as store:
        for path in args.files:
            taken = import_bundle(path, folder)
            _note(args, f"{path}: {counted(taken.hosts, 'host')}" + ("" if taken.new else ", imported before"))
        audit.update(store, folder)
    return exits.CLEAN


def run_check(args: Namespace, registry: Registry, version: str) -> int:
    """Judge what is stored."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    # the tables can be made again from the evidence: a collector that was killed leaves that alone
    with Store.open(args.db, create=folder.path.is_dir()) as store:
        audit.update(store, folder)
        fleet = store.fleet()
        if not store.digests() and not any(map(fleet.table_present, ("password_entries", "list_hashes", "identities"))):
            raise UsageError(f"{args.db}: holds no host, list or export; collect, import or score something first")
        return _report(args, registry, audit.judge_all(store, terms, datetime.now(UTC)), reports, terms.policy)


def run_passwords(args: Namespace, registry: Registry, version: str) -> int:
    """Score lists alone: they are kept in the database, and judged by themselves."""
    hashes = hash_files_of(args)
    if not (args.files or hashes):
        raise UsageError("nothing to read: give a list of passwords, or hashes with --hashes FILE")
    budget_s = match_budget_of(args, lists=bool(args.files))
    terms = _terms(args, registry, version)
    check_breached(args, terms.policy, lists=bool(args.files))
    check_defaults(args, lists=bool(args.files))
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    output.make_folder(args.output)
    digest_key = digest_key_of(terms.policy)
    folder = EvidenceFolder.beside(args.db)
    with _store(args.db, folder) as store, Store.in_memory() as alone, _watching(args) as watch:
        started_at = datetime.now(UTC)
        with breaches_of(args, terms.policy, watch) as breaches:
            knowledge = knowledge_of(terms.policy, started_at.year, store)
            against = against_of(args, knowledge, digest_key, breaches, budget_s)
            reading = reading_of(args, terms.policy)
            audit.read_lists((alone, store), args.files, watch.passwords, reading, against, hashes, watch)
        _tell_opened(args, alone)
        entries.tie(store)
        return _report(args, registry, audit.judge_all(alone, terms, started_at), reports, terms.policy)


def run_identities(args: Namespace, registry: Registry, version: str) -> int:
    """Read identity exports alone: they are kept in the database, and judged by themselves."""
    terms = _terms(args, registry, version)
    reports = output.check_formats(list(registry.reports.values()), args.formats, args.output)
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    with _store(args.db, folder) as store, Store.in_memory() as alone:
        started_at = datetime.now(UTC)
        exports = audit.read_identities((store, alone), args.files, terms.policy)
        judged = audit.judge_all(alone, terms, started_at)
        if args.output is not None or not reports or reports == [registry.reports["table"]]:
            # beside the table of findings; another format on standard output must stay whole
            output.text(people_table(exports, alone.fleet()), "\n")
        return _report(args, registry, judged, reports, terms.policy)


@contextmanager
def _store(path: Path, folder: EvidenceFolder) -> Iterator[Store]:
    """Open the database, or make it; one that was made for a command that could not begin goes again."""
    new = not path.exists()
    try:
        with Store.open(path, create=True) as store:
            yield store
    except (UsageError, InputError):
        if new:
            with suppress(OSError):  # not empty: something was collected
                if folder.path.is_dir():
                    folder.path.rmdir()
                path.unlink()
        raise


def _watching(args: Namespace) -> AbstractContextManager[Watch]:
    return watching(quiet=args.quiet, verbose=args.verbose)


def _note(args: Namespace, text: str) -> None:
    if not args.quiet:
        say(text)


def _tell_opened(args: Namespace, store: Store) -> None:
    for line in opened_lines(store.fleet()):
        _note(args, line)


def _gather(errand: Errand, folder: EvidenceFolder, watch: Watch) -> Gathered:
    def resuming(scan: ScanInfo, done: int) -> None:
        begun = f"{scan.started_at:%Y-%m-%d %H:%M} UTC"
        say(f"resuming the scan of {begun}, {counted(done, 'host')} done; --fresh starts anew")

    gathered = gather(errand, folder, resuming=resuming, progress=watch.hosts, kept=watch.host, asked=watch.asked)
    if gathered.stopped:
        say("interrupted: finished hosts are kept; run the same command again to resume")
    return gathered


def _terms(args: Namespace, registry: Registry, version: str) -> Terms:
    chosen = _policy(args, registry)
    for name in (*args.select, *args.ignore):
        if name not in registry.checks:
            raise no_check(registry, name)
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
        run_by=f"{me()}@{socket.gethostname()}",
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
