"""The main job on real hosts: what was planted, and nothing else, stands in the tables and decides the exit code."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from audited import clean, faulty, lists, offline, runs, told, truth, truth_settings
from audited.hosts_keys import MARKER
from audited.machines import SSHD
from audited.plant import KEYS, ed25519
from audited.runs import Answers, Asked, Audited, Bundled, left_behind, planted_secrets
from audited.secrets import Search, of_text
from audited.world import HYGIENE, Login, Row, World
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS, File

pytestmark = pytest.mark.real_sshd


@pytest.fixture(scope="module")
def world(lab_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("audited")
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    environment = {"PATH": os.defpath, "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "LC_ALL": "C.UTF-8"}
    script = subprocess.run([HYGIENE, "collector"], env=environment, capture_output=True, check=True).stdout
    breached, key = faulty.build(script), ed25519("clean-auditor")
    spotless = clean.build(key, script)
    specs = [host.host_spec() for host in (*breached.hosts, *spotless) if host.up]
    with Lab(lab_tree, specs) as lab:
        world = World(lab, lab_tree, breached, spotless, key, folder, environment)
        world.stir()
        yield world


@pytest.fixture(scope="module")
def audited(world: World) -> Audited:
    return runs.audit(world)


@pytest.fixture(scope="module")
def bundled(world: World, audited: Audited) -> Bundled:
    return runs.carry(world, audited)


@pytest.fixture(scope="module")
def answers(world: World) -> Answers:
    return runs.ask(world)


def _differences(got: list[Row], expected: list[Row]) -> tuple[list[str], list[str]]:
    """The rows that are missing and those that should not be there, in the columns that are stated of all rows."""
    columns = sorted(expected[0])
    found = Counter(json.dumps({column: row[column] for column in columns}) for row in got)
    wanted = Counter(json.dumps({column: row[column] for column in columns}) for row in expected)
    return sorted((wanted - found).elements()), sorted((found - wanted).elements())


def _planted_table(world: World, name: str) -> list[Row]:
    fleet, base = world.faulty.hosts, world.base_passwd
    match name:
        case "hosts":
            addresses = {host.name: world.address(host) for host in fleet}
            return truth.hosts(fleet, addresses, world.system, world.faulty.keys.audit, world.folder / "faulty")
        case "areas":
            return truth.areas(fleet)
        case "accounts":
            return truth.accounts(fleet, base)
        case "keys":
            return truth.keys(fleet)
        case "grants":
            return truth.grants(fleet, base)
        case "private_keys":
            return truth.private_keys(fleet)
        case "host_keys":
            return truth.host_keys(fleet)
        case "login_paths":
            return truth.login_paths(fleet, base)
        case "dynamic_sources":
            return truth.dynamic_sources(fleet)
        case "revoked_keys":
            return truth.revoked_keys(fleet)
        case "password_entries":
            return lists.rows(faulty.LISTED)
    raise LookupError(name)


@pytest.mark.parametrize(
    "table",
    [
        *("hosts", "areas", "accounts", "keys", "grants", "private_keys", "host_keys", "login_paths"),
        *("dynamic_sources", "revoked_keys", "password_entries"),
    ],
)
def test_the_table_holds_what_was_planted_and_nothing_else(world: World, audited: Audited, table: str) -> None:
    expected = _planted_table(world, table)
    assert _differences(audited.tables[table], expected) == ([], [])


def test_the_settings_are_what_the_daemons_say(world: World, audited: Audited) -> None:
    expected = []
    for host in world.faulty.hosts:
        if host.seen:
            expected += truth_settings.settings(host, world.printed(host), world.sshd_files(host), world.base_passwd)
    assert _differences(audited.tables["settings"], expected) == ([], [])


def test_the_findings_are_what_was_planted(world: World, audited: Audited) -> None:
    # a daemon that was not told of a change may run with another value of everything that it prints
    (late,) = (host for host in world.faulty.hosts if host.pending)
    pending = len({line.split()[0] for line in world.printed(late)(SSHD, {}).splitlines()})
    expected: list[Row] = [
        {
            "id": hashlib.sha256(f"{check}\0{subject}".encode()).hexdigest()[:32],
            "check": check,
            "subject": subject,
            "severity": severity,
            "confidence": confidence,
            "status": "open",
            "measure": json.dumps(measure, sort_keys=True),
        }
        for check, subject, severity, confidence, measure in faulty.findings(world.faulty, pending)
    ]
    assert _differences(audited.tables["findings"], expected) == ([], [])


def test_the_gaps_are_what_was_planted(world: World, audited: Audited) -> None:
    got = {(row["subject"], row["area"]) for row in audited.tables["gaps"]}
    expected = truth.gaps(world.faulty.hosts)
    assert (sorted(expected - got), sorted(got - expected)) == ([], [])


def test_every_unknown_stands_on_a_gap_of_its_account_or_host(audited: Audited) -> None:
    subjects = {row["subject"] for row in audited.tables["gaps"]}
    unfounded = [
        (table, row["host"], row.get("account"))
        for table, rows in audited.tables.items()
        for row in rows
        if "unknown" in [value for column, value in row.items() if column not in ("comment", "reason")]
        and not {row["host"], f"{row['host']}:{row.get('account')}"} & subjects
    ]
    unknown = {table for table, rows in audited.tables.items() for row in rows if "unknown" in row.values()}
    assert (unfounded, sorted(unknown)) == ([], ["accounts", "grants", "login_paths"])


def test_the_books_balance(world: World, audited: Audited) -> None:
    scan = json.loads((audited.output / "report.json").read_text())["scan"]
    planted = Counter(host.status for host in world.faulty.hosts)
    words = ("complete", "partial", "unreachable", "refused", "skipped")
    assert scan["coverage"] == {word: planted[word] for word in words}
    assert (sum(scan["coverage"].values()), scan["targets"]) == (len(world.faulty.hosts), len(world.faulty.hosts))


# ---------------------------------------------------------------- what the daemons and sudo say of the same


def _wrong(asked: list[Asked]) -> list[str]:
    return [one.login.name for one in asked if one.let_in is not one.planted]


def _counts(asked: list[Asked]) -> tuple[int, int]:
    """How many are let in, and how many are not."""
    let_in = sum(one.let_in for one in asked)
    return let_in, len(asked) - let_in


def test_the_real_daemons_let_in_whom_the_table_lets_in(answers: Answers) -> None:
    assert (_wrong(answers.by_key), _counts(answers.by_key)) == ([], (112, 27))


def test_the_real_daemons_answer_as_planted_to_certificates_other_places_and_ports(answers: Answers) -> None:
    assert (_wrong(answers.otherwise), _counts(answers.otherwise)) == ([], (17, 26))


def test_the_real_daemons_take_passwords_where_the_table_says_so(answers: Answers) -> None:
    assert (_wrong(answers.by_password), _counts(answers.by_password)) == ([], (11, 2))


def test_the_real_sudo_makes_root_whom_the_table_makes_root(world: World) -> None:
    wrong = []
    for name in ("c-sudo", "c-unclear", "c-noroot", "b-empty", "e-forced"):
        host = world.faulty.named(name)
        people = [one for one in host.people if one.root_by in ("sudo", "none")]
        script = 'for u; do runuser -u "$u" -- sudo -n /bin/bash -c "id -u" 2>/dev/null || echo -; done'
        said = world.read(host, "sh", "-c", script, "sh", *(one.name for one in people)).split()
        wrong += [
            (name, one.name, one.root_by)
            for one, uid in zip(people, said, strict=True)
            if (uid == "0") is not (one.root_by == "sudo")
        ]
    assert wrong == []


@pytest.mark.parametrize("name", ["a-db1", "d-match", "d-allow", "c-noroot"])
def test_who_names_those_whom_the_daemons_let_in(world: World, audited: Audited, answers: Answers, name: str) -> None:
    said = told.read(world.hygiene("who", name, "--db", audited.database).stdout)
    host, let_in = world.faulty.named(name), _let_in(answers, [name])

    def keys(signed: bool) -> set[tuple[str, str, str]]:
        return {
            (next(one.name for one in host.daemons if one.port == login.port), login.user, key.fingerprint)
            for login in let_in
            if (key := login.authority if signed else login.key) and bool(login.authority) is signed
        }

    by_password = {("sshd", login.user) for login in let_in if login.key is None}
    planted = {one.name for one in host.people}
    assert (said.keys, said.authorities, said.otherwise) == (keys(signed=False), keys(signed=True), by_password)
    assert said.nobody & planted == planted - {login.user for login in let_in}

    by_fingerprint = {login.key.fingerprint: login.key for login in let_in if login.key}
    ports = {one.name: one.port for one in host.daemons}
    near = [
        Login(host, user, by_fingerprint[key], source=source, port=ports[daemon])
        for daemon, user, key in sorted(said.anywhere)
        for source in (AUDITOR_ADDRESS, OTHER_ADDRESS)
    ]
    wrong = [login.name for login, answer in zip(near, world.logins(near), strict=True) if not answer]
    assert (wrong, len(near) >= 4) == ([], True)


def test_who_says_nobody_of_none_whom_a_daemon_lets_in(world: World, audited: Audited, answers: Answers) -> None:
    names = ["d-akc", "d-sss", "c-unclear", "e-twin1"]
    said = {name: told.read(world.hygiene("who", name, "--db", audited.database).stdout).nobody for name in names}
    assert [login.name for login in _let_in(answers, names) if login.user in said[login.host.name]] == []


def _let_in(answers: Answers, names: list[str]) -> list[Login]:
    """Of all logins at these hosts those that the daemons let in."""
    asked = (*answers.by_key, *answers.otherwise, *answers.by_password)
    return [one.login for one in asked if one.let_in and one.login.host.name in names]


# ---------------------------------------------------------------- logs


def test_the_logs_tell_which_keys_are_used_and_from_where(world: World, audited: Audited) -> None:
    names = ["a-web1", "a-web2", "a-perm"]
    database, output = world.folder / "logs.duckdb", world.folder / "logs-out"
    way_in = audited.options[: audited.options.index("--passwords")]
    limit = [part for name in names for part in ("--limit", name)]
    done = world.hygiene("audit", *way_in, *limit, "--logs", "--db", database, "--format", "json", "-o", output)
    assert done.returncode == 10, done.stderr
    tables = world.export(database, ["key_uses", "hosts", "findings"])
    assert _differences(tables["key_uses"], truth.key_uses(world.faulty.hosts)) == ([], [])
    keys = world.faulty.keys
    found = [
        (row["subject"], row["check"], row["confidence"], row["measure"])
        for row in tables["findings"]
        if row["check"] in ("stale-key", "key-used-from-new-source")
    ]
    # that the logs of a-perm reach back two months says nothing of its keys
    assert sorted(found) == sorted(
        [
            (keys.deploy.fingerprint, "stale-key", "high", '{"days": 180}'),
            (keys.small.fingerprint, "stale-key", "high", '{"days": 360}'),
            (keys.medium.fingerprint, "key-used-from-new-source", "high", '{"sources": 1}'),
        ]
    )


# ---------------------------------------------------------------- the same hosts as images


def test_the_root_folder_of_a_host_gives_what_the_host_gives(world: World, audited: Audited) -> None:
    names = ["a-db1", "a-perm", "b-acct", "b-nopw", "d-match", "d-allow", "d-include", "e-twin1"]
    database = world.folder / "offline.duckdb"
    done = offline.collect(world, [world.faulty.named(name) for name in names], database)
    assert done.returncode in (0, 3), done.stderr
    images = world.export(database, ["hosts", "grants", "settings"])
    assert {row["host"]: row["status"] for row in images["hosts"]} == dict.fromkeys(names, "complete")
    live = {table: [row for row in audited.tables[table] if row["host"] in names] for table in images}
    assert _differences(images["grants"], live["grants"]) == ([], [])
    # of lists whose default differs by build only the daemon can tell it
    unsaid = [row for row in live["settings"] if row["source"] == "sshd -T"]
    assert {row["keyword"] for row in unsaid} == truth_settings.ONLY_PRINTED
    said = [row for row in live["settings"] if row["source"] != "sshd -T"]
    assert _differences(images["settings"], said) == ([], [])


# ---------------------------------------------------------------- secrets


def test_no_secret_is_anywhere(world: World, audited: Audited, bundled: Bundled) -> None:
    search = planted_secrets(world)
    assert list(world.temporary.iterdir()) == []
    assert {place: search(data) for place, data in left_behind(world, audited, bundled).items()} == {
        place: set() for place in
        ("tables", "segments", "bundle", "log", "report.json", "report.html", "temporary files")
    }  # fmt: skip


def test_the_search_finds_what_was_put_there_on_purpose(world: World, audited: Audited, bundled: Bundled) -> None:
    left = world.temporary / "left-behind"
    left.write_text(f"{MARKER}\n")
    try:
        places = left_behind(world, audited, bundled)
    finally:
        left.unlink()
    search = Search({"the marker": of_text(MARKER)})
    assert {place: search(data) for place, data in places.items()} == {place: {"the marker"} for place in places}


def test_the_search_knows_the_secrets_where_they_really_lie(world: World) -> None:
    search = planted_secrets(world)
    host = world.faulty.named("d-keys")
    for kept in host.key_files:
        lying = world.lab.exec_root(host.name, ["cat", kept.path]).stdout
        assert search(lying) >= {f"the private key d-keys:{kept.path}"}
    assert search(world.read(host, "cat", "/etc/ssh/ssh_host_ed25519_key").encode()) == {"the host key of d-keys"}
    shadow = world.read(world.faulty.named("b-acct"), "cat", "/etc/shadow").encode()
    assert search(shadow) == {"the hash of b-acct:barred", "the hash of b-acct:oldhash"}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_search_knows_a_secret_in_base64_wherever_it_begins(before: str) -> None:
    search = Search({"it": of_text("q7#Zk!p")})
    coded = base64.b64encode(f"{before}q7#Zk!p and more".encode())
    assert search(b"some " + coded) == {"it"}


# ---------------------------------------------------------------- exit codes


def test_an_audit_of_the_faulty_fleet_ends_with_10(audited: Audited) -> None:
    headline = "1 key opens root on 21 of 30 hosts, 5 tenants"
    assert (audited.done.returncode, audited.done.stdout.splitlines()[0]) == (10, headline)
    assert "Traceback" not in audited.done.stderr


def test_what_is_known_and_accepted_does_not_gate_and_what_grew_does(world: World, audited: Audited) -> None:
    report = json.loads((audited.output / "report.json").read_text())
    policy = world.folder / "accepted.toml"
    policy.write_text(
        "".join(
            f"[[accepted_gap]]\nsubject = {json.dumps(subject)}\narea = {json.dumps(area)}\n"
            'owner = "operations"\nreason = "known"\nuntil = 9999-12-31\n\n'
            for subject, area in sorted({(gap["subject"], gap["area"]) for gap in report["gaps"]})
        )
    )
    baseline = ["--baseline", str(audited.output / "report.json")]
    again = [*audited.options, *baseline, "-o", str(world.folder / "again")]
    assert world.hygiene("audit", *again, "--policy", policy).returncode == 0
    # without the policy the gaps are left
    assert world.hygiene("check", "--db", audited.database, *baseline).returncode == 3

    host = world.faulty.named("d-include")
    keys = world.faulty.keys
    before = f"{keys.audit.public} auditor@planted\n"
    world.lab.plant(host.name, {f"/root/{KEYS}": File(f"{before}{keys.ops.public} ops\n".encode(), 0o600)})
    try:
        # what is known of the other hosts stays
        assert world.hygiene("audit", *again, "--policy", policy, "--limit", host.name).returncode == 10
    finally:
        world.lab.plant(host.name, {f"/root/{KEYS}": File(before.encode(), 0o600)})
    grown = [row for row in world.export(audited.database, ["findings"])["findings"] if row["status"] == "open"]
    assert [
        (row["check"], row["subject"], row["measure"]) for row in grown if row["severity"] in ("high", "critical")
    ] == [("root-key-reuse", keys.ops.fingerprint, '{"root_hosts": 22}')]


def test_a_clean_fleet_ends_with_0_and_with_3_when_a_host_is_down(world: World) -> None:
    database, output = world.folder / "clean.duckdb", world.folder / "clean-out"
    book = world.folder / "clean"
    options = world.write_fleet("clean", world.clean, world.clean_key)
    options += ["--passwords", str(lists.write(book / lists.NAME, clean.LISTED)), "--db", str(database)]
    options += ["--format", "json", "-o", str(output)]

    done = world.hygiene("audit", *options)
    tables = world.export(database, ["hosts", "findings", "gaps"])
    assert (done.returncode, tables["gaps"]) == (0, [])
    assert [(row["host"], row["status"], row["login_user"]) for row in tables["hosts"]] == [
        (host.name, "complete", "hygiene") for host in sorted(world.clean, key=lambda host: host.name)
    ]
    assert {row["severity"] for row in tables["findings"]} == {"medium", "low"}

    world.lab.stop(world.clean[-1].name)
    down = world.hygiene("audit", *options)
    tables = world.export(database, ["hosts", "gaps"])
    assert down.returncode == 3
    assert [(row["subject"], row["area"]) for row in tables["gaps"]] == [(world.clean[-1].name, "collect")]
    assert Counter(row["status"] for row in tables["hosts"]) == {"complete": 2, "unreachable": 1}


def test_a_typo_in_the_policy_ends_with_2_before_any_host_is_touched(world: World, audited: Audited) -> None:
    policy = world.folder / "typo.toml"
    policy.write_text('fail_on = "high"\n\n[checks.root-key-resue]\nhigh = 5\n')
    database = world.folder / "typo.duckdb"
    done = world.hygiene("audit", *audited.options, "--policy", policy, "--db", database)
    assert (done.returncode, done.stdout, database.exists()) == (2, "", False)
    assert done.stderr == (
        f"hygiene: {policy}:3: there is no check `root-key-resue` (did you mean `root-key-reuse`?); "
        "`hygiene checks` lists them\n"
    )


# ---------------------------------------------------------------- bundles


def test_a_bundle_judged_elsewhere_gives_the_same_findings(audited: Audited, bundled: Bundled) -> None:
    assert (bundled.collected.returncode, bundled.imported.returncode, bundled.checked.returncode) == (3, 0, 10)
    of_lists = [row for row in audited.tables["findings"] if row["check"] == "password-opens-account"]
    of_lists += [row for row in audited.tables["findings"] if row["subject"] == lists.NAME]
    ours = [row for row in audited.tables["findings"] if row not in of_lists]
    assert bundled.tables["findings"] == ours
    assert bundled.tables["grants"] == audited.tables["grants"]
