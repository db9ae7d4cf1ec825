"""Asking a real sshd what it would accept, alone and after a collection by the command line."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh
import pytest
from hygiene_checks.probe_contradiction import ProbeContradiction
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, AccountSpec, File, HostSpec

from hygiene import audit
from hygiene.collect.probe import ask
from hygiene.evidence.segments import EvidenceFolder
from hygiene.facts.host import facts
from hygiene.facts.questions import answered
from hygiene.model import AfterKey, Answers, Evidence, KeyAnswer, Query, Question, Target
from hygiene.store.store import Store

pytestmark = pytest.mark.real_sshd


@dataclass(frozen=True)
class Key:
    pair: asyncssh.SSHKey = field(repr=False)
    line: str
    fingerprint: str
    query: Query


def _key(kind: str = "ssh-ed25519", algorithm: str = "ssh-ed25519") -> Key:
    pair = asyncssh.generate_private_key(kind)
    line = pair.export_public_key().decode().strip()
    query = Query(pair.get_fingerprint(), algorithm, pair.public_data)
    return Key(pair, line, pair.get_fingerprint(), query)


OURS, GOOD, GONE, TYPO = _key(), _key(), _key(), _key()
RSA = _key("ssh-rsa", "rsa-sha2-512")
FROM = f'from="{AUDITOR_ADDRESS}" {OURS.line}'  # depends on the source, and is not asked about
VERBOSE = {"log.conf": "LogLevel VERBOSE\n"}
OLD = 'expiry-time="20200101"'


def _root(*lines: str) -> AccountSpec:
    return AccountSpec("root", 0, authorized_keys=lines)


def _user(name: str, *lines: str, mode: int = 0o600, **more: object) -> AccountSpec:
    text = "".join(f"{line}\n" for line in lines)
    return AccountSpec(name, 1000, files={".ssh/authorized_keys": File(text.encode(), mode)}, **more)  # type: ignore[arg-type]


SUDO = {"ops": "ops ALL=(ALL:ALL) NOPASSWD: ALL\n"}


def _for_ops(lists: str) -> str:
    """These lists for all but the account that collects."""
    ours = "Match User ops\n  AuthenticationMethods publickey\n"
    return f"KbdInteractiveAuthentication yes\nAuthenticationMethods {lists}\n{ours}"


HOSTS = [
    HostSpec(
        "lines",
        [_root(OURS.line, f"{OLD} {GONE.line}", f"no-such-option {TYPO.line}", GOOD.line)],
        sshd_config_d=VERBOSE,
    ),
    HostSpec("strict", [_root(FROM), _user("ann", GOOD.line, mode=0o666)], sshd_config_d=VERBOSE),
    HostSpec(
        "revoked",
        [_root(FROM), _user("ann", GONE.line, RSA.line)],
        sshd_config_d={**VERBOSE, "revoked.conf": "RevokedKeys /etc/ssh/revoked\nPasswordAuthentication no\n"},
        files={"/etc/ssh/revoked": File(f"{GONE.line}\n".encode())},
    ),
    HostSpec(
        "few",
        [_root(FROM), _user("ann", f"{OLD} {GONE.line}", f"no-such-option {TYPO.line}", GOOD.line)],
        sshd_config_d={**VERBOSE, "few.conf": "MaxAuthTries 2\n"},
    ),
    HostSpec(
        "second",
        [_root(FROM), _user("ann", GOOD.line)],
        sshd_config_d={**VERBOSE, "second.conf": "Match User ann\n  AuthenticationMethods password,publickey\n"},
    ),
    HostSpec(
        "stages",
        [
            _root(GOOD.line),
            _user("ann", GOOD.line, ages=("19700", "0", "99999", "7", "", "1")),
            AccountSpec("bob", 1001, authorized_keys=[GOOD.line], shell="/usr/sbin/nologin"),
            AccountSpec("eve", 1002, authorized_keys=[f"restrict {GOOD.line}"], shell="/no/such/shell"),
            AccountSpec("ops", 1003, authorized_keys=[OURS.line]),
        ],
        sshd_config_d={**VERBOSE, "root.conf": "PermitRootLogin no\n"},
        sudoers_d=SUDO,
    ),
    HostSpec(
        "more",
        [_root(OURS.line), AccountSpec("ops", 1003, authorized_keys=[OURS.line])],
        sshd_config_d={**VERBOSE, "more.conf": _for_ops("publickey,keyboard-interactive")},
        sudoers_d=SUDO,
    ),
    HostSpec(
        "lists",
        [_root(OURS.line), AccountSpec("ops", 1003, authorized_keys=[OURS.line])],
        sshd_config_d={**VERBOSE, "lists.conf": _for_ops("publickey,password keyboard-interactive")},
        sudoers_d=SUDO,
    ),
    HostSpec(
        "user",
        [_root(f"{OLD} {GONE.line}", GOOD.line, OURS.line), _user("ann", OURS.line)],
        sshd_config_d={
            **VERBOSE,
            "user.conf": "Match User ann\n  AuthenticationMethods publickey,publickey publickey,password\n",
        },
    ),
]


@pytest.fixture(scope="module")
def lab(lab_tree: Path) -> Iterator[Lab]:
    with Lab(lab_tree, HOSTS) as lab:
        yield lab


@dataclass(frozen=True)
class Run:
    """What `hygiene audit --probe` left."""

    done: subprocess.CompletedProcess[str]
    folder: Path
    logs: Mapping[str, list[str]]  # what each host's sshd wrote meanwhile

    def export(self, lab: Lab, table: str) -> list[dict[str, object]]:
        done = lab.hygiene("export", table, "--db", str(self.folder / "h.duckdb"))
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def evidence(self, host: str) -> Evidence:
        folder = EvidenceFolder(self.folder / "h.evidence")
        return folder.load(folder.index().newest()[host].attempt)


@pytest.fixture(scope="module")
def audited(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("probe")
    key = folder / "key"
    key.write_bytes(OURS.pair.export_private_key())
    key.chmod(0o600)
    inventory = "".join(
        f"{host.name},{host.address},{'ops' if host.name in ('stages', 'more', 'lists') else 'root'}\n"
        for host in lab.hosts.values()
    )
    (folder / "hosts.csv").write_text(f"host,address,user\n{inventory}")
    known = lab.known_hosts(folder / "known_hosts")
    before = {name: len(lab.log(name)) for name in lab.hosts}
    done = lab.hygiene(
        *("audit", "--probe", "-i", str(folder / "hosts.csv"), "--key", str(key), "--known-hosts", str(known)),
        *("--db", str(folder / "h.duckdb"), "--format", "json", "-o", str(folder), "--exit-zero"),
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return Run(done, folder, {name: lab.log(name)[before[name] :] for name in lab.hosts})


def test_what_hosts_answer_is_what_was_read_there(lab: Lab, audited: Run) -> None:
    found = [
        (row["host"], row["account"], row["what"], row["expected"], row["observed"])
        for row in audited.export(lab, "probes")
        if str(row["what"]).startswith("SHA256:") and row["after"] is None
    ]
    assert found == [
        ("few", "ann", GONE.fingerprint, "no", "no"),
        ("lines", "root", GONE.fingerprint, "no", "no"),
        ("lines", "root", TYPO.fingerprint, "no", "no"),
        ("lines", "root", GOOD.fingerprint, "yes", "yes"),
        ("lists", "root", OURS.fingerprint, "yes", "yes"),
        ("more", "root", OURS.fingerprint, "yes", "yes"),
        ("revoked", "ann", GONE.fingerprint, "no", "no"),
        ("revoked", "ann", RSA.fingerprint, "yes", "yes"),
        ("stages", "bob", GOOD.fingerprint, "yes", "yes"),
        ("strict", "ann", GOOD.fingerprint, "no", "no"),
        ("user", "ann", OURS.fingerprint, "yes", "yes"),
    ]
    report = json.loads((audited.folder / "report.json").read_text())
    assert [each for each in report["findings"] if each["check"] == "probe-contradiction"] == []
    assert [gap for gap in audited.export(lab, "gaps") if gap["area"] == "probe"] == []


def test_the_methods_that_hosts_offer(lab: Lab, audited: Run) -> None:
    found = {
        (row["host"], row["what"]): (row["expected"], row["observed"])
        for row in audited.export(lab, "probes")
        if row["host"] in ("lines", "revoked", "second") and not str(row["what"]).startswith("SHA256:")
    }
    assert found == {
        ("lines", "none"): ("no", "no"),
        ("lines", "publickey"): ("yes", "yes"),
        ("lines", "password"): ("unknown", "yes"),
        ("lines", "keyboard-interactive"): ("no", "no"),
        ("revoked", "none"): ("no", "no"),
        ("revoked", "publickey"): ("yes", "yes"),
        ("revoked", "password"): ("no", "no"),
        ("revoked", "keyboard-interactive"): ("no", "no"),
        # of root: for ann a password comes before any key, so that there is nothing to ask
        ("second", "none"): ("no", "no"),
        ("second", "publickey"): ("unknown", "yes"),
        ("second", "password"): ("unknown", "yes"),
        ("second", "keyboard-interactive"): ("no", "no"),
    }


def test_what_hosts_ask_for_besides_our_key(lab: Lab, audited: Run) -> None:
    found = {
        (row["host"], row["account"], "key" if row["what"] == row["after"] else row["what"]): (
            row["expected"],
            row["observed"],
        )
        for row in audited.export(lab, "probes")
        if row["after"] is not None
    }
    no, yes = ("no", "no"), ("yes", "yes")
    names = ("key", "login", "publickey", "password", "keyboard-interactive")
    assert found == {
        (host, account, name): answer
        for host, account, answers in (
            ("lists", "root", (yes, no, no, yes, yes)),
            ("more", "root", (yes, no, no, no, yes)),
            ("user", "ann", (yes, no, yes, yes, no)),
        )
        for name, answer in zip(names, answers, strict=True)
    }


def test_no_key_is_asked_about_where_another_method_comes_first(lab: Lab) -> None:
    found = _ask(lab, "second", Question("ann", (GOOD.query,)))
    assert (found.methods, found.keys, found.problem) == (("password",), (), "")


@pytest.mark.parametrize(
    ("host", "failed", "postponed", "partial"),
    [
        ("lines", 2, 1, 0),
        ("strict", 1, 0, 0),
        ("revoked", 1, 1, 0),
        ("few", 1, 0, 0),
        ("second", 0, 0, 0),
        ("stages", 0, 1, 0),
        ("more", 0, 1, 1),
        ("lists", 0, 1, 1),
        ("user", 0, 1, 1),
    ],
)
def test_the_log_of_a_host_shows_one_connection_more(
    audited: Run, host: str, failed: int, postponed: int, partial: int
) -> None:
    log = audited.logs[host]
    ports = [
        found[1] for line in log if (found := re.search(rf"Connection from {AUDITOR_ADDRESS} port (\d+) on", line))
    ]
    _, probing = ports
    words = ("Accepted", "Failed publickey", "Postponed publickey", "Partial publickey", "Failed", "Too many")
    said = [line for line in log if re.search(rf" port {probing}\b", line)]
    assert {word: sum(word in line for line in said) for word in words} == {
        "Accepted": 0,
        "Failed publickey": failed,
        "Postponed publickey": postponed,
        "Partial publickey": partial,
        "Failed": failed,
        "Too many": 0,
    }


def _ask(lab: Lab, host: str, question: Question) -> Answers:
    known = lab.hosts[host]
    key = known.host_keys[0].public
    return ask(Target(host, known.address), key, question, connect=lambda *_: lab.dial(host), sign=_sign)


def _sign(query: Query, data: bytes, _: float) -> bytes:
    (key,) = (key for key in (OURS, GOOD, RSA, GONE) if key.query == query)
    return key.pair.sign(data, query.algorithm.encode())


@pytest.mark.parametrize(
    ("host", "user", "accepted"),
    [
        pytest.param("stages", "root", True, id="PermitRootLogin no comes after the signature"),
        pytest.param("stages", "ann", True, id="so does the account stage: this account has expired"),
        pytest.param("stages", "bob", True, id="a shell that lets nobody in runs"),
        pytest.param("stages", "eve", False, id="a shell that is not there makes the account invalid"),
        pytest.param("stages", "nobody-of-this-name", False, id="no account"),
        pytest.param("strict", "ann", False, id="StrictModes"),
        pytest.param("revoked", "ann", False, id="another key than those of the file"),
        pytest.param("lines", "root", True, id="a plain line"),
    ],
)
def test_what_a_query_reaches(lab: Lab, host: str, user: str, accepted: bool) -> None:
    found = _ask(lab, host, Question(user, (GOOD.query,)))
    assert (found.problem, found.keys) == ("", ((GOOD.fingerprint, accepted),))


@pytest.mark.parametrize(
    ("host", "user", "key", "became", "methods", "problem"),
    [
        pytest.param("lines", "root", GOOD, AfterKey.ENTERED, (), "", id="a plain line"),
        pytest.param("revoked", "ann", RSA, AfterKey.ENTERED, (), "", id="RSA"),
        pytest.param("stages", "bob", GOOD, AfterKey.ENTERED, (), "", id="a shell that lets nobody in runs"),
        pytest.param("more", "ops", OURS, AfterKey.ENTERED, (), "", id="a Match block asks for the key alone"),
        pytest.param("more", "root", OURS, AfterKey.MORE, ("keyboard-interactive",), "", id="one method more"),
        pytest.param(
            *("lists", "root", OURS, AfterKey.MORE, ("password", "keyboard-interactive"), ""),
            id="one method more, or another list",
        ),
        pytest.param("user", "ann", OURS, AfterKey.MORE, ("publickey", "password"), "", id="a second key"),
        pytest.param(
            "stages", "root", GOOD, AfterKey.REFUSED, ("publickey", "password"), "", id="PermitRootLogin no"
        ),
        pytest.param(
            "revoked", "ann", GONE, AfterKey.REFUSED, ("publickey",), "", id="a revoked key"
        ),
        pytest.param(
            "stages", "ann", GOOD, None, (), "it closed the connection", id="PAM's account stage hangs up"
        ),
    ],
)  # fmt: skip
def test_what_a_login_with_our_key_reaches(
    lab: Lab, host: str, user: str, key: Key, became: AfterKey | None, methods: tuple[str, ...], problem: str
) -> None:
    before = len(lab.log(host))
    found = _ask(lab, host, Question(user, (), key.query))
    expected = None if became is None else KeyAnswer(key.fingerprint, became, methods)
    assert (found.problem, found.signed) == (problem, expected)
    said = lab.log(host)[before:]
    assert not any("Starting session" in line for line in said)


def test_a_line_that_was_added_after_the_collection(lab: Lab, audited: Run) -> None:
    evidence = audited.evidence("strict")
    asked = audit.ask(evidence)
    assert asked == Question("ann", (GOOD.query,))
    lab.exec_root("strict", ["chmod", "0600", "/home/ann/.ssh/authorized_keys"])
    try:
        evidence = replace(evidence, answers=_ask(lab, "strict", asked))
    finally:
        lab.exec_root("strict", ["chmod", "0666", "/home/ann/.ssh/authorized_keys"])
    with Store.in_memory() as store:
        store.put_hosts([answered(facts(evidence, ""), evidence)])
        store.finish()
        found = list(ProbeContradiction().run(store.fleet()))
    assert [(each.subject.id, each.message) for each in found] == [
        ("strict", "sshd of strict contradicts what was read there about ann: 1 key is accepted that should be refused")
    ]


def test_the_host_key_of_the_evidence_decides(lab: Lab) -> None:
    known, other = lab.hosts["lines"], lab.hosts["strict"].host_keys[0].public
    before = len(lab.log("lines"))
    found = ask(
        Target("lines", known.address), other, Question("root", (GOOD.query,)), connect=lambda *_: lab.dial("lines")
    )
    assert (found.user, found.keys, found.problem) == (
        None,
        (),
        "its host key is not the one that the collection saw",
    )
    assert not any("root" in line for line in lab.log("lines")[before:])
    assert base64.b64encode(GOOD.query.blob).decode() in GOOD.line
