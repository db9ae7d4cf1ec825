"""The demo finds what it planted: the real command, over real SSH, as a newcomer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hygiene.demo.plan import FORMER, OPERATOR, DemoHost, Kind, Plan, plan
from hygiene.demo.roots import AUDITOR


@dataclass(frozen=True)
class Ran:
    """One run of the demo, its folder and what it was meant to hold."""

    folder: Path
    plan: Plan
    code: int
    stdout: str
    stderr: str
    temp: Path

    def table(self, name: str) -> list[dict[str, Any]]:
        ran = subprocess.run(
            [sys.executable, "-m", "hygiene", "export", name, "--db", "hygiene-demo/hygiene.duckdb"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in ran.stdout.splitlines()]

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.folder / "hygiene-demo/report.json").read_text())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder, temp = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("temp")
    done = subprocess.run(
        [sys.executable, "-m", "hygiene", "demo", "--hosts", "36"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(temp)},
    )
    return Ran(folder, plan(36), done.returncode, done.stdout, done.stderr, temp)


def of(plan: Plan, kind: Kind) -> list[DemoHost]:
    return [host for host in plan.hosts if host.kind is kind]


def test_ends_as_an_audit_with_findings_and_says_where_the_report_is(ran: Ran) -> None:
    assert ran.code == 10, ran.stderr
    assert ran.stdout.startswith(f"{ran.plan.headline}\n")
    assert f"planted: {ran.plan.headline}" in ran.stderr
    assert f"the report: {ran.folder}/hygiene-demo/report.html" in ran.stderr
    assert ran.plan.headline.split(",")[0] in (ran.folder / "hygiene-demo/report.html").read_text()


def test_headline_and_coverage_are_what_was_planted(ran: Ran) -> None:
    assert ran.report["summary"]["headline"] == ran.plan.headline
    directory = sum(host.directory for host in ran.plan.hosts)
    assert ran.report["scan"]["coverage"] == {
        "complete": len(of(ran.plan, Kind.OPEN)) + len(of(ran.plan, Kind.CLEAN)) - directory,
        "partial": directory,
        "unreachable": len(of(ran.plan, Kind.DEAD)),
        "refused": len(of(ran.plan, Kind.CHANGED)),
        "skipped": 0,
    }


def test_the_one_key_opens_root_where_it_was_planted_and_nowhere_else(ran: Ran) -> None:
    opened = [row for row in ran.table("grants") if row["opens_root"] != "no"]
    assert {row["fingerprint"] for row in opened} == {
        row["fingerprint"] for row in ran.table("private_keys") if row["encrypted"] == "no"
    }
    assert sorted(row["host"] for row in opened) == sorted(host.name for host in of(ran.plan, Kind.OPEN))


def test_passwords_open_accounts_where_sshd_was_told_so(ran: Ran) -> None:
    paths = [row for row in ran.table("login_paths") if row["kinds"] == ["password"]]
    assert {row["host"] for row in paths} == {host.name for host in ran.plan.hosts if host.passwords}
    roots = {row["host"] for row in paths if row["account"] == "root"}
    assert roots == {host.name for host in ran.plan.hosts if host.root_password}


def test_the_list_leads_into_the_accounts_that_passwords_enter_and_no_other(ran: Ran) -> None:
    hosts = ran.plan.hosts
    named = {(row["host"], row["account"]) for row in ran.table("entry_accounts")}
    roots = [host.name for host in hosts if host.root_password]
    beside = [host.name for host in hosts if host.second_factor]
    left = [host.name for host in hosts if host.left]
    assert (len(roots), len(beside), len(left)) == (2, 1, 1)
    assert named == {
        *((host, "root") for host in roots),
        *((host, OPERATOR) for host in beside),
        *((host, FORMER) for host in left),
    }
    found = [
        (row["severity"], row["subject"]["id"])
        for row in ran.report["findings"]
        if row["check"] == "password-opens-account"
    ]
    assert sorted(found) == [
        *sorted(("critical", f"{host}:root") for host in roots),
        *(("medium", f"{host}:{OPERATOR}") for host in beside),
    ]
    assert f"planted: a list with {ran.plan.of_the_list}" in ran.stderr


def test_findings_are_those_that_were_planted(ran: Ran) -> None:
    hosts = ran.plan.hosts
    tenants = len({host.tenant for host in hosts if host.weak})
    rows = Counter(row.password.partition("-")[0] for row in ran.plan.rows)
    found = {
        (row["check"], row["severity"], tuple(sorted(row["measure"].items())))
        for row in ran.report["findings"]
        if row["severity"] in ("critical", "high") and row["check"] not in ("password-login", "password-weak")
    }
    count = len(of(ran.plan, Kind.OPEN))
    groups = Counter(row.password for row in ran.plan.rows if row.password not in ("short", "long"))
    shared = {name: size for name, size in groups.items() if size > 1}
    short = rows["short"]
    below_15 = short + rows["same"] + rows["pair"]
    assert found >= {
        ("root-key-reuse", "high", (("root_hosts", count),)),
        ("password-short", "high", (("entries", below_15),)),
        ("password-reused", "high", (("entries", sum(shared.values())), ("largest_group", max(shared.values())))),
        ("host-key-shared", "high", (("hosts", sum(host.cloned for host in hosts)),)),
        ("private-key-unencrypted", "high", (("keys", 1),)),
        ("weak-key", "high", (("bits", 1024),)),
    }
    crossing = [row for row in found if row[0] == "cross-tenant-key"]
    assert len(crossing) == (2 if tenants > 1 else 1)


def test_lines_that_deceive_are_found_where_they_were_planted(ran: Ran) -> None:
    (odd,) = (host.name for host in ran.plan.hosts if host.odd)
    authorities = {row["fingerprint"] for row in ran.table("grants") if row["is_authority"]}
    checks = ("ineffective-key-line", "no-op-restriction", "obfuscated-key-line", "ca-without-principals")
    found = [
        (row["check"], row["severity"], row["subject"]["id"], row["measure"])
        for row in ran.report["findings"]
        if row["check"] in checks
    ]
    (authority,) = authorities
    assert sorted(found) == [
        ("ca-without-principals", "high", authority, {"hosts": 1}),
        ("ineffective-key-line", "low", odd, {"lines": 1}),
        ("no-op-restriction", "medium", odd, {"lines": 1}),
        ("obfuscated-key-line", "high", odd, {"lines": 1}),
    ]


def test_our_own_key_is_no_finding(ran: Ran) -> None:
    (ours,) = {row["login_fingerprint"] for row in ran.table("hosts") if row["login_user"] == AUDITOR}
    assert ours not in {row["subject"]["id"] for row in ran.report["findings"]}


def test_every_gap_was_planted(ran: Ran) -> None:
    odd = {h.name for h in ran.plan.hosts if h.directory or h.kind in (Kind.DEAD, Kind.CHANGED)}
    assert {row["host"] for row in ran.table("gaps")} == odd


def test_nothing_is_left_behind(ran: Ran) -> None:
    assert list(ran.temp.iterdir()) == []
    assert sorted(path.name for path in ran.folder.iterdir()) == ["hygiene-demo"]
    # processes that the run started have its folder for temporary files in their environment
    mark = f"TMPDIR={ran.temp}".encode()
    assert [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mark in _environment(path)] == []


def _environment(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:  # ended meanwhile, or somebody else's
        return []


def test_an_ordinary_user_without_a_network(tmp_path: Path) -> None:
    """Nothing of the demo needs root, and nothing leaves the machine: there is only a loopback to leave by."""
    alone = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c"]
    as_nobody = "ip link set lo up && exec unshare --user --map-user=65534 --map-group=65534"
    if subprocess.run([*alone, f"{as_nobody} true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces and ip")
    done = subprocess.run(
        [*alone, f"{as_nobody} {sys.executable} -m hygiene demo --hosts 16"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
    )
    made = plan(16)
    ran = Ran(tmp_path, made, done.returncode, done.stdout, done.stderr, tmp_path)
    assert done.returncode == 10, done.stderr
    test_headline_and_coverage_are_what_was_planted(ran)
    test_every_gap_was_planted(ran)
    assert [path.name for path in tmp_path.iterdir()] == ["hygiene-demo"]


def test_another_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hygiene-demo").mkdir()
    (tmp_path / "hygiene-demo/mine").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "hygiene", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no demo made it; name another folder with -o DIR" in done.stderr
    assert (tmp_path / "hygiene-demo/mine").read_text() == "mine"


@pytest.mark.parametrize(
    ("hosts", "headline"),
    [
        pytest.param(16, "1 key opens root on 12 of 16 hosts, 3 tenants", id="smallest"),
        pytest.param(60, "1 key opens root on 56 of 60 hosts, 5 tenants", id="default"),
        pytest.param(1034, "1 key opens root on 1,001 of 1,034 hosts, 80 tenants", id="the breach"),
    ],
)
def test_plan_has_the_shape_of_the_breach(hosts: int, headline: str) -> None:
    made = plan(hosts)
    assert made.headline == headline
    assert len(made.hosts) == hosts == len({host.name for host in made.hosts})
