"""`hygiene demo`: plant the fleet of the breach, audit it as any other, and say what was planted."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

from hygiene.cli import arguments, scan
from hygiene.cli.progress import say
from hygiene.demo.fleet import DemoFleet, demo_fleet
from hygiene.demo.plan import FEWEST_HOSTS, Kind, Plan
from hygiene.errors import UsageError
from hygiene.registry.load import Registry

_MOST = 100_000
_FOLDER = Path("hygiene-demo")
_MARK = "made-by-hygiene-demo"


def run_demo(args: Namespace, registry: Registry, version: str) -> int:
    """Run the real audit on planted hosts; the exit code is the audit's own."""
    if not FEWEST_HOSTS <= args.hosts <= _MOST:
        raise UsageError(f"--hosts {args.hosts}: expected {FEWEST_HOSTS} to {_MOST:,}; 1034 is the size of the breach")
    if args.output is None and not args.formats:
        args.output, args.formats = _own_folder(), ["html", "json"]
    args.db = args.db or (args.output or _own_folder()) / "hygiene.duckdb"
    if not args.quiet:
        say(f"planting {args.hosts:,} hosts on 127.20.0.0/16 ...")
    with demo_fleet(args.hosts) as fleet:
        code = scan.run_audit(_audit(args, fleet, version), registry, version)
        if not args.quiet:
            _tell(fleet.plan, args.output)
    return code


def _audit(args: Namespace, fleet: DemoFleet, version: str) -> Namespace:
    """The audit of the fleet as it would be asked for, with the options that the demo was given itself."""
    asked = ["audit", "--fresh", "-i", str(fleet.inventory), "--passwords", str(fleet.passwords)]
    asked += ["-u", fleet.user, "--key", str(fleet.key), "--known-hosts", str(fleet.known_hosts)]
    return Namespace(**vars(arguments.parser(version).parse_args(asked)) | vars(args))


def _own_folder() -> Path:
    """A folder for the results, emptied of what an earlier demo left there, and of nothing else."""
    mark = _FOLDER / _MARK
    if _FOLDER.exists() and not mark.exists():
        raise UsageError(
            f"{_FOLDER.resolve()} is there and no demo made it; name another folder with -o DIR --format html"
        )
    if mark.exists():
        shutil.rmtree(_FOLDER)
    _FOLDER.mkdir(mode=0o700)
    mark.touch()
    return _FOLDER


def _tell(plan: Plan, folder: Path | None) -> None:
    dead, changed = plan.count(Kind.DEAD), plan.count(Kind.CHANGED)
    say(f"planted: {plan.headline}; {dead} silent, {changed} with another host key")
    say(f"planted: a list with {plan.of_the_list}")
    if folder is not None:
        for path in sorted(folder.resolve().glob("report.*")):
            say(f"the report: {path}")
