"""Hand-made audits: a small one with everything in it, a hostile one, a large one, and ones that found nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hygiene.api import (
    Audit,
    BreachLookup,
    CheckRun,
    Confidence,
    Coverage,
    Finding,
    FindingStatus,
    Gap,
    LoginCounts,
    PeopleCounts,
    Places,
    Scan,
    SecondFactor,
    Severity,
    Subject,
    SubjectKind,
    Summary,
    UnknownReason,
    Verdict,
    WeakestPath,
)

DEPLOY = "SHA256:6oPkpFMnFVYgKqrRU0DQoKPxbFa2ByoGKY5b1ZLWv0E"
OLD = "SHA256:q1TFbBlaN8QmkVVJWOLBdSI8BNcgKLq0C1UzVKo0nvk"
# each acts on another medium: a terminal, a bidirectional paragraph, HTML, Markdown, a spreadsheet, a decoder
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "a\u202etxt.exe\u2066\u200b\ufeff",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"><svg onload='alert(3)'>&amp;",
    "[click](javascript:alert(4)) | `x` | **y**",
    '=HYPERLINK("http://192.0.2.1","x")',
    "tab\tline\r\nbreak\u2028\u0085end",
    "byte \udcff half \ud83d",
    "tag \U000e0041\U000e007f end",
)
HOSTILE_TEXT = " ".join(HOSTILE)
# a finding's identity is taken of its subject, and rows hold no lone surrogates
HOSTILE_SUBJECT = HOSTILE_TEXT.replace("\udcff", "").replace("\ud83d", "")


def finding(check: str, severity: Severity, kind: SubjectKind, subject: str, message: str, **measure: int) -> Finding:
    return Finding(
        check,
        severity,
        Confidence.HIGH,
        Subject(kind, subject),
        message,
        measure,
        Places("SELECT 1 AS one WHERE false"),
    )


def verdict(
    found: Finding,
    *sample: dict[str, object],
    status: FindingStatus = FindingStatus.OPEN,
    places_total: int | None = None,
    why: str = "Whoever has it has all of it.",
    remediation: str = "Remove it, then rotate what it opened.",
    controls: tuple[str, ...] = (),
) -> Verdict:
    total = len(sample) if places_total is None else places_total
    return Verdict(found, found.severity, status, total, sample, why, remediation, controls)


def audit_of(
    verdicts: tuple[Verdict, ...] = (),
    gaps: tuple[Gap, ...] = (),
    checks: tuple[CheckRun, ...] = (),
    coverage: Coverage = Coverage(0, 0, 0, 0, 0),  # noqa: B008  frozen
    headline: str = "",
    fleet: object = None,
    lists: tuple[str, ...] = (),
    logins: LoginCounts | None = None,
    people: PeopleCounts | None = None,
    breaches: BreachLookup | None = None,
) -> Audit:
    is_open = [v for v in verdicts if v.status is FindingStatus.OPEN]
    scan = Scan(
        id="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        started_at=datetime(2026, 3, 1, 10, 0, tzinfo=UTC),
        finished_at=datetime(2026, 3, 1, 10, 4, 30, tzinfo=UTC),
        coverage=coverage,
        excluded=(),
        lists=lists,
        policy_path=None,
        policy_digest="fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
        baseline_path=None,
        run_by="auditor@console",
        tool_version="0.1.0",
        breaches=breaches,
    )
    summary = Summary(
        headline=headline,
        findings_by_severity=Counter(v.severity for v in is_open),
        findings_by_check=Counter(v.finding.check for v in is_open),
        gaps_by_area=Counter(gap.area for gap in gaps if not gap.accepted),
        logins=logins,
        people=people,
    )
    return Audit(scan, summary, verdicts, gaps, checks, fleet)


def by_weakest(*numbers: int) -> dict[WeakestPath, int]:
    """Nothing, one, two, unknown, closed."""
    return dict(zip(WeakestPath, numbers, strict=True))


def by_factor(*numbers: int) -> dict[SecondFactor, int]:
    """None, phishable, strong, unknown."""
    return dict(zip(SecondFactor, numbers, strict=True))


LOGINS = LoginCounts(
    accounts=by_weakest(1, 2410, 38, 61, 30_122),
    roots=by_weakest(0, 1001, 3, 12, 30),
    accounts_on_condition=by_weakest(0, 4, 0, 0, 0),
    roots_on_condition=by_weakest(0, 1, 0, 0, 0),
    reasons=(
        UnknownReason("keys come from AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys", 40, 2),
        UnknownReason("pam_sss of /etc/pam.d/common-auth:20 asks a directory", 15, 6),
        UnknownReason("sudoers was not read", 0, 4),
    ),
    reasons_total=3,
)
PEOPLE = PeopleCounts(by_factor(2, 1, 40, 0), by_factor(31, 208, 900, 12), by_factor(0, 0, 0, 5), 17)


def small_audit() -> Audit:
    reuse = finding(
        "root-key-reuse",
        Severity.CRITICAL,
        SubjectKind.KEY,
        DEPLOY,
        "Key deploy@ci opens root on 1,001 of 1,034 hosts, 80 tenants",
        root_hosts=1001,
        tenants=80,
    )
    passwords = finding(
        "password-login",
        Severity.HIGH,
        SubjectKind.HOST,
        "web-03.example.net",
        "2 accounts can be entered with a password alone: deploy, müller",
        accounts=2,
    )
    listed = finding(
        "password-short",
        Severity.HIGH,
        SubjectKind.LIST,
        "shared.xlsx",
        "412 of 1,231 entries are shorter than 8",
        entries=412,
    )
    weak = finding("weak-key", Severity.LOW, SubjectKind.KEY, OLD, "RSA key of 2,048 bits", bits=2048)
    waived = finding("key-reuse", Severity.LOW, SubjectKind.KEY, OLD, "One key on 3 hosts", hosts=3, accounts=3)
    known = finding(
        "single-factor-login", Severity.LOW, SubjectKind.HOST, "db-1", "4 accounts need one key only", accounts=4
    )
    unseen = "no route to host"
    return replace(
        audit_of(
            verdicts=(
                verdict(
                    reuse,
                    {"host": "db-1", "account": "root", "file": "/root/.ssh/authorized_keys", "line": 1},
                    {"host": "web-03.example.net", "account": "root", "file": "/root/.ssh/authorized_keys", "line": 12},
                    places_total=1001,
                    controls=("NIST SP 800-53 r5 AC-6", "PCI DSS 4.0.1 8.6.1"),
                ),
                verdict(passwords, {"host": "web-03.example.net", "account": "deploy"}),
                verdict(listed, places_total=412),
                verdict(weak, {"host": "db-1", "account": "backup", "file": None, "line": None}),
                verdict(waived, status=FindingStatus.WAIVED),
                verdict(known, status=FindingStatus.BASELINE),
            ),
            gaps=(
                Gap("web-17", "web-17", "collect", unseen),
                Gap("web-18", "web-18", "collect", unseen),
                Gap("web-19", "web-19", "collect", "host key is not in known_hosts"),
                Gap(
                    "db-1",
                    "db-1:svc",
                    "authorized_keys",
                    "keys come from AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys",
                ),
                Gap("db-1", "db-1", "accounts", "directory accounts (sss) are not listed", accepted=True),
            ),
            checks=(
                CheckRun("root-key-reuse", "One key opens root on many hosts", "ran"),
                CheckRun("password-login", "A password alone opens an account", "ran"),
                CheckRun("password-short", "Short passwords", "ran"),
                CheckRun("weak-key", "Weak keys", "ran"),
                CheckRun("key-reuse", "One key in many places", "ran"),
                CheckRun("single-factor-login", "One key opens an account", "ran"),
                CheckRun("stale-key", "Keys nobody uses", "not-run", "key_uses is empty"),
                CheckRun("host-key-shared", "Shared host keys", "crashed", "ValueError: bad row"),
                CheckRun("expired-key", "Expired keys", "ignored"),
            ),
            coverage=Coverage(1001, 12, 15, 4, 2),
            headline="1 key opens root on 1,001 of 1,034 hosts, 80 tenants",
            lists=("shared.xlsx",),
            logins=LOGINS,
            people=PEOPLE,
        ),
        scan=replace(
            audit_of(coverage=Coverage(1001, 12, 15, 4, 2), lists=("shared.xlsx",)).scan,
            excluded=tuple(f"lab-{number:02}" for number in range(1, 12)),
            policy_path="hygiene.toml",
            baseline_path="last/report.json",
        ),
    )


def large_audit() -> Audit:
    """57 findings of two checks: more than a table shows one by one."""
    return audit_of(
        verdicts=(
            *(
                verdict(
                    finding(
                        "root-key-reuse",
                        Severity.HIGH,
                        SubjectKind.KEY,
                        f"SHA256:{number:043}",
                        f"Key ops-{number} opens root on {100 - number} hosts",
                        root_hosts=100 - number,
                    )
                )
                for number in range(50)
            ),
            *(
                verdict(
                    finding(
                        "single-factor-login",
                        Severity.LOW,
                        SubjectKind.HOST,
                        f"web-{number}",
                        f"{number + 2} accounts need one key only",
                        accounts=number + 2,
                    )
                )
                for number in range(7)
            ),
        ),
        checks=(CheckRun("root-key-reuse", "", "ran"), CheckRun("single-factor-login", "", "ran")),
        coverage=Coverage(100, 0, 0, 0, 0),
    )


def hostile_audit() -> Audit:
    """Every text that can come from a host, a list, a file name or a third party's check is hostile."""
    found = finding("root-key-reuse", Severity.CRITICAL, SubjectKind.HOST, HOSTILE_SUBJECT, HOSTILE_TEXT, hosts=1)
    told = verdict(
        found,
        {"host": HOSTILE_TEXT, HOSTILE_TEXT: HOSTILE_TEXT},
        why=HOSTILE_TEXT,
        remediation=HOSTILE_TEXT,
        controls=(HOSTILE_TEXT,),
    )
    audit = audit_of(
        verdicts=(told,),
        gaps=(
            Gap(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT),
            Gap(HOSTILE_TEXT, HOSTILE_TEXT, "sshd", "", True),
        ),
        checks=(
            CheckRun("root-key-reuse", HOSTILE_TEXT, "crashed", HOSTILE_TEXT),
            CheckRun("x", "", "not-run", HOSTILE_TEXT),
        ),
        coverage=Coverage(1, 0, 1, 0, 0),
        headline=HOSTILE_TEXT,
        lists=(HOSTILE_TEXT,),
        logins=replace(LOGINS, reasons=(UnknownReason(HOSTILE_TEXT, 1, 0),), reasons_total=9),
        people=PEOPLE,
    )
    scan = replace(
        audit.scan,
        id=HOSTILE_TEXT,
        excluded=(HOSTILE_TEXT,),
        policy_path=HOSTILE_TEXT,
        policy_digest=HOSTILE_TEXT,
        baseline_path=HOSTILE_TEXT,
        run_by=HOSTILE_TEXT,
        tool_version=HOSTILE_TEXT,
    )
    return replace(audit, scan=scan)
