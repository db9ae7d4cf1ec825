"""Commands that collect, derive and judge: audit, collect, import, check, passwords, identities."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from hygiene import audit
from hygiene.cli import exits, output
from hygiene.cli.errand import dry_run, errand_of
from hygiene.cli.identities import people_table
from hygiene.cli.judging import judging_of, policy_of
from hygiene.cli.lists import digest_key_of, knowledge_of, lists_of, read_lists
from hygiene.cli.progress import Watch, note, say, watching
from hygiene.collect.gather import Errand, Gathered, gather
from hygiene.counted import counted
from hygiene.errors import InputError, LockedError, UsageError
from hygiene.evidence.bundles import import_bundle, write_bundle
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import ScanInfo
from hygiene.reach import entries
from hygiene.registry.load import Registry
from hygiene.store.store import Store


def run_audit(args: Namespace, registry: Registry, version: str) -> int:
    """Collect, read lists, judge, report."""
    judging = judging_of(args, registry, version)
    if not (args.inventory or args.root or args.passwords or args.hashes or args.identities):
        raise UsageError(
            "nothing to audit: give hosts with -i FILE, an image with --root DIR, a list with --passwords FILE, hashes"
            " with --hashes FILE, or an export with --identities FILE"
        )
    policy = judging.terms.policy
    lists = lists_of(args, args.passwords, policy)
    errand = errand_of(args, lists.digest_key) if args.inventory or args.root else None
    if args.dry_run:
        return dry_run(errand, lists.passwords, args.identities, (file.path for file in lists.hashes))
    output.make_folder(args.output)
    with _store(args) as (store, folder), _watching(args) as watch:
        started_at = datetime.now(UTC)
        if args.identities:
            audit.read_identities(store, args.identities, policy)
        if lists.any:
            # before the hosts: a list that cannot be read must not cost a whole scan
            targets = errand.targets if errand is not None else ()
            read_lists(lists, store, knowledge_of(policy, started_at.year, store, targets), watch)
        if errand is not None and _gather(errand, folder, watch).stopped:
            return exits.INTERRUPTED
        audit.update(store, folder)
        return judging.report(judging.judge(store, started_at))


def run_collect(args: Namespace, registry: Registry) -> int:
    """Collect, and derive the tables; no checks."""
    if not (args.inventory or args.root):
        raise UsageError("nothing to collect: give hosts with -i FILE or an image with --root DIR")
    chosen = policy_of(args, registry)
    errand = errand_of(args, digest_key_of(chosen))
    if args.dry_run:
        return dry_run(errand, [])
    folder = EvidenceFolder.beside(args.db)
    _check_database(args.db)
    with _watching(args) as watch:
        gathered = _gather(errand, folder, watch)
    if args.bundle is not None:
        hosts = write_bundle(args.bundle, folder, gathered.scan)
        note(f"wrote {args.bundle}: evidence of {counted(hosts, 'host')}", quiet=args.quiet)
    with _store(args) as (store, _):
        audit.update(store, folder)
        return exits.INTERRUPTED if gathered.stopped else exits.for_gaps(store.fleet(), chosen)


def _check_database(path: Path) -> None:
    """A database that cannot be used must not cost a scan; one that another collector writes is no obstacle yet."""
    if path.exists():
        with suppress(LockedError), Store.open(path, create=False):
            pass


def run_import(args: Namespace) -> int:
    """Take bundles in, and derive the tables."""
    with _store(args) as (store, folder):
        for path in args.files:
            taken = import_bundle(path, folder)
            before = "" if taken.new else ", imported before"
            note(f"{path}: {counted(taken.hosts, 'host')}{before}", quiet=args.quiet)
        audit.update(store, folder)
    return exits.CLEAN


def run_check(args: Namespace, registry: Registry, version: str) -> int:
    """Judge what is stored."""
    judging = judging_of(args, registry, version)
    output.make_folder(args.output)
    folder = EvidenceFolder.beside(args.db)
    # the tables can be made again from the evidence: a collector that was killed leaves that alone
    with Store.open(args.db, create=folder.path.is_dir()) as store:
        audit.update(store, folder)
        fleet = store.fleet()
        if not store.digests() and not any(map(fleet.table_present, ("password_entries", "list_hashes", "identities"))):
            raise UsageError(f"{args.db}: holds no host, list or export; collect, import or score something first")
        return judging.report(judging.judge(store, datetime.now(UTC)))


def run_passwords(args: Namespace, registry: Registry, version: str) -> int:
    """Score lists alone: they are kept in the database, and judged by themselves."""
    judging = judging_of(args, registry, version)
    lists = lists_of(args, args.files, judging.terms.policy)
    if not lists.any:
        raise UsageError("nothing to read: give a list of passwords, or hashes with --hashes FILE")
    output.make_folder(args.output)
    with _store(args) as (store, _), _watching(args) as watch:
        started_at = datetime.now(UTC)
        read_lists(lists, store, knowledge_of(judging.terms.policy, started_at.year, store), watch)
        with audit.lists_alone(store) as alone:
            entries.tie(store)
            return judging.report(judging.judge(alone, started_at))


def run_identities(args: Namespace, registry: Registry, version: str) -> int:
    """Read identity exports alone: they are kept in the database, and judged by themselves."""
    judging = judging_of(args, registry, version)
    output.make_folder(args.output)
    with _store(args) as (store, _):
        started_at = datetime.now(UTC)
        exports = audit.read_identities(store, args.files, judging.terms.policy)
        with audit.exports_alone(store) as alone:
            judged = judging.judge(alone, started_at)
            if judging.on_terminal:
                output.text(people_table(exports, alone.fleet()), "\n")
            return judging.report(judged)


@contextmanager
def _store(args: Namespace) -> Iterator[tuple[Store, EvidenceFolder]]:
    """Open the database, or make it; one that was made for a command that could not begin goes again."""
    new, folder = not args.db.exists(), EvidenceFolder.beside(args.db)
    try:
        with Store.open(args.db, create=True) as store:
            yield store, folder
    except (UsageError, InputError):
        if new:
            with suppress(OSError):  # not empty: something was collected
                if folder.path.is_dir():
                    folder.path.rmdir()
                args.db.unlink()
        raise


def _watching(args: Namespace) -> AbstractContextManager[Watch]:
    return watching(quiet=args.quiet, verbose=args.verbose)


def _gather(errand: Errand, folder: EvidenceFolder, watch: Watch) -> Gathered:
    def resuming(scan: ScanInfo, done: int) -> None:
        begun = f"{scan.started_at:%Y-%m-%d %H:%M} UTC"
        say(f"resuming the scan of {begun}, {counted(done, 'host')} done; --fresh starts anew")

    gathered = gather(errand, folder, resuming=resuming, progress=watch.hosts, kept=watch.host, asked=watch.asked)
    if gathered.stopped:
        say("interrupted: finished hosts are kept; run the same command again to resume")
    return gathered
