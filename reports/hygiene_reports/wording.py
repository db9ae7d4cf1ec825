"""What every format says in the same words: headline, books, gaps and scope. Nothing here is escaped yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hygiene.api import (
    AreaName,
    Audit,
    BreachLookup,
    Coverage,
    FindingStatus,
    Gap,
    LoginCounts,
    PeopleCounts,
    Scan,
    SecondFactor,
    Severity,
    Verdict,
    WeakestPath,
    counted,
    together,
)

SEVERITIES: Final = tuple(sorted(Severity, key=lambda severity: -severity.rank))

# What to do about an area that was not seen; an area of another version falls back to the last line.
HINTS: Final[Mapping[str, str]] = {
    "collect": "check name, network, known_hosts and login of these hosts, then run the same command again",
    AreaName.ACCOUNTS: "directory accounts are listed elsewhere: give their export, or accept the gap in the policy",
    AreaName.SHADOW: "password states need root, those of a directory are listed there: log in as root, allow the"
    " collector through sudo, or accept the gap in the policy",
    AreaName.SUDO: "sudoers needs root: log in as root, or allow the collector through sudo",
    AreaName.SSHD: "the daemon's settings need root, or hold what this version does not resolve",
    AreaName.PAM: "the PAM stack was not readable, or holds a module this version does not know",
    AreaName.AUTHORIZED_KEYS: "key files need root; keys that a program or a directory gives must be reviewed there",
    AreaName.PRIVATE_KEYS: "homes of others need root: log in as root, or allow the collector through sudo",
    AreaName.HOST_KEYS: "host keys were not readable or not understood",
    "passwords": "do what the reasons say, then read the lists again; --format json -o DIR writes every reason",
    "checks": "report the crash to whoever wrote the check, then judge again with `hygiene check`",
    "identities": "look these people up at their provider, or give an export that says more; the reasons name which",
    AreaName.LOGS: "logs need root, and sshd that writes to the journal, auth.log or secure",
}
WEAKEST: Final[Mapping[WeakestPath, str]] = {
    WeakestPath.NOTHING: "nothing at all",
    WeakestPath.ONE: "one factor",
    WeakestPath.TWO: "two or more",
    WeakestPath.UNKNOWN: "unknown",
    WeakestPath.CLOSED: "closed",
}
SECOND_FACTORS: Final[Mapping[SecondFactor, str]] = {
    SecondFactor.NONE: "none",
    SecondFactor.PHISHABLE: "phishable",
    SecondFactor.STRONG: "strong",
    SecondFactor.UNKNOWN: "unknown",
}
OTHER_HINT: Final = "do what the reasons say; --format json -o DIR writes every reason"


@dataclass(frozen=True, slots=True)
class AreaGaps:
    """The gaps of one area: how many, the most frequent reason with its count, and what to do."""

    area: str
    count: int
    reason: str
    reason_count: int
    hint: str


def headline(audit: Audit) -> str:
    """Give the audit's own headline, else the worst open finding, else exactly what was seen without one."""
    if audit.summary.headline:
        return audit.summary.headline
    worst = next(iter(open_verdicts(audit.verdicts)), None)
    return worst.finding.message if worst else nothing_found(audit)


def strongest(verdicts: Sequence[Verdict]) -> str:
    """Give the sentence over the worst of a check's findings, worst first; else the message of the first."""
    first = verdicts[0]
    sentence = together(verdict.finding for verdict in verdicts if verdict.severity is first.severity)
    return sentence.message if sentence is not None and len(verdicts) > 1 else first.finding.message


def nothing_found(audit: Audit) -> str:
    """Say on how much of what was meant nothing was found; never more than was seen."""
    coverage, lists = audit.scan.coverage, len(audit.scan.lists)
    if not coverage.targets and not lists:
        return "Nothing was looked at: no host and no list was in scope"
    if not any(check.state == "ran" for check in audit.checks):
        return "Nothing was judged: no check ran"
    seen = coverage.complete + coverage.partial
    where = [f"on {_of(seen, coverage.targets)}"] if seen else []
    where += [f"in {counted(lists, 'list')}"] if lists else []
    if not where:
        return f"Nothing was seen: {_of(coverage.targets, coverage.targets)} in scope could not be read"
    said = [f"No {'open ' if audit.verdicts else ''}findings at or above low {' and '.join(where)}"]
    if not coverage.targets:
        said.append("no host was in scope")
    if coverage.partial:
        said.append(f"{counted(coverage.partial, 'host')} {_was(coverage.partial)} seen only in part")
    if unseen := coverage.targets - seen:
        said.append(f"{counted(unseen, 'host')} {_was(unseen)} not seen")
    gaps = sum(area.count for area in gaps_by_area(audit.gaps))
    if gaps and not unseen and not coverage.partial:
        said.append(f"{counted(gaps, 'gap')} {'remains' if gaps == 1 else 'remain'}")
    if crashed := sum(check.state == "crashed" for check in audit.checks):
        said.append(f"{counted(crashed, 'check')} crashed")
    return "; ".join(said)


def _of(part: int, whole: int) -> str:
    if part == whole:
        return "the one host" if whole == 1 else f"all {whole:,} hosts"
    return f"{part:,} of {counted(whole, 'host')}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def books(coverage: Coverage) -> tuple[tuple[str, int], ...]:
    """Give the five states of the books in their order, zeros too."""
    return (
        ("complete", coverage.complete),
        ("partial", coverage.partial),
        ("unreachable", coverage.unreachable),
        ("refused", coverage.refused),
        ("skipped", coverage.skipped),
    )


def open_verdicts(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Give what is neither waived nor in the baseline, worst first, else in the audit's order."""
    found = [verdict for verdict in verdicts if verdict.status is FindingStatus.OPEN]
    return sorted(found, key=lambda verdict: -verdict.severity.rank)


def findings_line(audit: Audit) -> str:
    """Give `3 critical, 12 high, 40 medium, 80 low; 2 waived, 4 in the baseline`, zeros left out."""
    by_severity = Counter(verdict.severity for verdict in open_verdicts(audit.verdicts))
    by_status = Counter(verdict.status for verdict in audit.verdicts)
    said = ", ".join(f"{by_severity[severity]:,} {severity}" for severity in SEVERITIES if by_severity[severity])
    beside = [
        f"{by_status[status]:,} {words}"
        for status, words in ((FindingStatus.WAIVED, "waived"), (FindingStatus.BASELINE, "in the baseline"))
        if by_status[status]
    ]
    return "; ".join([said or "none open", *([", ".join(beside)] if beside else [])])


def gaps_by_area(gaps: Iterable[Gap]) -> list[AreaGaps]:
    """Count the gaps that are not accepted by area, the largest first."""
    areas: dict[str, Counter[str]] = {}
    for gap in gaps:
        if not gap.accepted:
            areas.setdefault(str(gap.area), Counter())[gap.reason] += 1
    told = []
    for area, reasons in areas.items():
        reason, reason_count = min(reasons.items(), key=lambda item: (-item[1], item[0]))
        told.append(AreaGaps(area, reasons.total(), reason, reason_count, HINTS.get(area, OTHER_HINT)))
    return sorted(told, key=lambda gaps_of_area: (-gaps_of_area.count, gaps_of_area.area))


def weakest_rows(logins: LoginCounts | None) -> list[tuple[str, int, int]]:
    """Give what the weakest way in takes with its accounts and roots, the weakest first; empty where none was seen."""
    if logins is None or not sum(logins.accounts.values()):
        return []
    return [(words, logins.accounts[word], logins.roots[word]) for word, words in WEAKEST.items()]


def on_condition(logins: LoginCounts) -> str:
    """Say how many are as weak as they are counted only on a condition; empty for none."""
    accounts, roots = sum(logins.accounts_on_condition.values()), sum(logins.roots_on_condition.values())
    who = " and ".join(counted(number, noun) for number, noun in ((accounts, "account"), (roots, "root")) if number)
    verb = "is" if accounts + roots == 1 else "are"
    when = "while the server of a token is away, or for a while after a login"
    return f"{who} {verb} that weak only at times: {when}." if who else ""


def people_rows(people: PeopleCounts | None) -> list[tuple[str, int, int, int]]:
    """Give each second factor with its admins, other people and those of whom it is not said; the worst first."""
    if people is None:
        return []
    return [(words, people.admins[w], people.others[w], people.unsaid[w]) for w, words in SECOND_FACTORS.items()]


def without_second_factor(people: PeopleCounts) -> str:
    """Say how many people have no second factor, admins first; who is disabled is left out and counted."""
    groups = (
        (people.admins, "admin", "admins"),
        (people.others, "other person", "other people"),
        (people.unsaid, "person of unknown role", "people of unknown role"),
    )
    without = [(group[SecondFactor.NONE], one, many) for group, one, many in groups if group[SecondFactor.NONE]]
    who = few(counted(*words) for words in without) or "nobody that is known"
    left_out = f" {counted(people.disabled, 'disabled person', 'disabled people')} left out." if people.disabled else ""
    return f"Without a second factor: {who}.{left_out}"


def accepted_gaps(gaps: Iterable[Gap]) -> int:
    """Count the gaps that the policy names as known and meant."""
    return sum(gap.accepted for gap in gaps)


def scope(scan: Scan) -> list[tuple[str, str]]:
    """Say who ran what version when, with which policy, on what, and what was left out."""
    policy = f"{scan.policy_path} (SHA-256 {scan.policy_digest[:16]})" if scan.policy_path else "the built-in one"
    return [
        ("Run by", f"{scan.run_by}, hygiene {scan.tool_version}"),
        ("When", f"{scan.started_at:%Y-%m-%d %H:%M} to {scan.finished_at:%Y-%m-%d %H:%M} UTC"),
        ("Policy", policy),
        ("Baseline", scan.baseline_path or "none"),
        ("Targets", counted(scan.coverage.targets, "host")),
        ("Lists", few(scan.lists) or "none"),
        *([("Breached", breaches(scan.breaches))] if scan.breaches else []),
        ("Excluded", few(scan.excluded) or "nothing"),
        ("Evidence", scan.id),
    ]


def breaches(lookup: BreachLookup) -> str:
    """Say where passwords were looked up, what came of it, and what left this machine for it."""
    asked = f"{counted(lookup.passwords, 'distinct password')} looked up in {lookup.source}: {lookup.breached:,} known"
    if lookup.unanswered:
        asked += f", {lookup.unanswered:,} without an answer"
    if lookup.online:
        asked += "; the first 5 of 40 digits of each one's SHA-1 left this machine"
    return asked


def few(names: Iterable[str], most: int = 8) -> str:
    """Give the first names, and how many more there are."""
    named = list(names)
    rest = f" and {len(named) - most:,} more" if len(named) > most else ""
    return ", ".join(named[:most]) + rest


def by_check(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Group verdicts by check, in the order in which each check first appears."""
    grouped: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        grouped.setdefault(verdict.finding.check, []).append(verdict)
    return grouped
