"""By what a command judges and where its reports go: what cannot be meant is said before anything long has run."""

from __future__ import annotations

import socket
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hygiene import audit
from hygiene.api import Audit, Report
from hygiene.audit import Terms
from hygiene.cli import exits, output
from hygiene.cli.errand import me
from hygiene.cli.progress import note, say
from hygiene.cli.show import no_check
from hygiene.errors import UsageError
from hygiene.model import Severity
from hygiene.policy import baseline, policy
from hygiene.policy.baseline import Baseline
from hygiene.policy.policy import Policy
from hygiene.registry.load import Registry
from hygiene.store.store import Store

_DEFAULT_POLICY = Path("hygiene.toml")


@dataclass(frozen=True, slots=True)
class Judging:
    """The terms of a command, and the reports that it was asked for."""

    terms: Terms
    reports: tuple[type[Report], ...]
    folder: Path | None  # of the reports; None: one goes to standard output
    fail_on: Severity
    zero: bool  # end with 0 in spite of findings and gaps
    no_color: bool
    quiet: bool

    @property
    def on_terminal(self) -> bool:
        """Whether standard output gets the table of findings, and not another format that must stay whole."""
        return self.folder is not None or self.reports in ((), (self._table,))

    @property
    def _table(self) -> type[Report]:
        return self.terms.registry.reports["table"]

    def judge(self, store: Store, started_at: datetime) -> Audit:
        """Run the checks on what is stored."""
        return audit.judge_all(store, self.terms, started_at)

    def report(self, judged: Audit) -> int:
        """Write the reports, and give the exit code."""
        for line in audit.expired(self.terms.policy, judged.scan.finished_at.date()):
            say(line)
        for path in output.write_reports(judged, self.reports, self._table, self.folder, self.no_color):
            note(f"wrote {path}", quiet=self.quiet)
        return exits.of(judged, self.fail_on, zero=self.zero)


def judging_of(args: Namespace, registry: Registry, version: str) -> Judging:
    """Put together what the command line and the policy say. UsageError for what cannot be meant."""
    terms = _terms(args, registry, version)
    return Judging(
        terms=terms,
        reports=tuple(output.check_formats(list(registry.reports.values()), args.formats, args.output)),
        folder=args.output,
        fail_on=Severity(args.fail_on) if args.fail_on else terms.policy.fail_on,
        zero=args.exit_zero,
        no_color=args.no_color,
        quiet=args.quiet,
    )


def policy_of(args: Namespace, registry: Registry) -> Policy:
    """The policy that is named, else the one that lies here, else the built-in one."""
    path = args.policy or (_DEFAULT_POLICY if _DEFAULT_POLICY.exists() else None)
    return Policy() if path is None else policy.load(path, registry.checks.values())


def _terms(args: Namespace, registry: Registry, version: str) -> Terms:
    chosen = policy_of(args, registry)
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
