"""What hosts do to an audit: the exit code, and the one line that says why a host was not seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import asyncssh
import pytest

from hygiene.demo.plan import Kind, Plan, plan
from hygiene.demo.roots import AUDITOR, keyring, write_host
from hygiene.testing.hosts import Fault, ServedFleet, SshHost, public_host_key, serving

from .commands import Answer, Hygiene, Starter

SEED = "cli"
CLEAN, UNKNOWN_KEY, CHANGED, DENIED, SILENT = (f"127.61.0.{number}" for number in range(1, 6))
FAULTS = {
    CHANGED: Fault.WRONG_HOST_KEY,
    DENIED: Fault.REFUSES_LOGIN,
    "127.61.0.10": Fault.NOT_SSH,
    "127.61.0.11": Fault.CLOSES_AT_LOGIN,
    "127.61.0.12": Fault.NO_PUBLIC_KEY_LOGIN,
    "127.61.0.13": Fault.NO_COMMANDS,
    "127.61.0.14": Fault.WINDOWS,
    "127.61.0.15": Fault.APPLIANCE,
    "127.61.0.16": Fault.NO_SHELL,
    "127.61.0.17": Fault.SUDO_DENIED,
    "127.61.0.18": Fault.OTHER_COMMAND,
    "127.61.0.19": Fault.WRONG_NONCE,
    "127.61.0.20": Fault.CUT,
    "127.61.0.21": Fault.CLOSES_AT_COMMAND,
}


@dataclass(frozen=True, slots=True)
class Served:
    """A served fleet and the key that opens it."""

    fleet: ServedFleet
    key: bytes
    fingerprint: str

    def inventory(self, *addresses: str) -> str:
        return "".join(f"{address}:{self.fleet.port}\n" for address in addresses)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hosts")
    made: Plan = plan(16)
    keys = keyring(made)
    (clean,) = [host for host in made.hosts if host.kind is Kind.CLEAN][:1]
    root, owners = folder / "root", folder / "root.mtree"
    root.mkdir()
    write_host(clean, keys, public_host_key(SEED, CLEAN), root, owners)
    logins = {AUDITOR: (" ".join(keys.auditor.public.split()[:2]),)}

    def host(address: str, fault: Fault = Fault.NONE) -> SshHost:
        return SshHost(
            address,
            logins,
            root=root,
            owners=owners,
            installed=True,
            banner="OpenSSH_9.2p1 Debian-2+deb12u7",
            fault=fault,
            fault_at=5000,
        )

    hosts = [host(CLEAN), host(UNKNOWN_KEY), *(host(address, fault) for address, fault in FAULTS.items())]
    with serving(hosts, SEED) as fleet:
        yield Served(fleet, keys.auditor.file(), keys.auditor.fingerprint)


@pytest.fixture
def hygiene(hygiene: Hygiene, served: Served) -> Hygiene:
    return with_way_in(hygiene, served)


def with_way_in(hygiene: Hygiene, served: Served) -> Hygiene:
    """Give a command the key and all host keys but one."""
    hygiene.write("key", served.key)
    known = [line for line in served.fleet.known_hosts().splitlines(True) if f"[{UNKNOWN_KEY}]" not in line]
    (hygiene.home / ".ssh").mkdir()
    (hygiene.home / ".ssh/known_hosts").write_text("".join(known))
    return hygiene


def audit(hygiene: Hygiene, served: Served, *addresses: str) -> Answer:
    hygiene.write("hosts.txt", served.inventory(*addresses))
    return hygiene("audit", "-q", "-i", "hosts.txt", "-u", AUDITOR, "--key", "key", "--format", "json")


def refused(address: str, port: int) -> str:
    return f"connection to {address} port {port} refused: nothing listens there"


def fingerprint(seed: str, address: str) -> str:
    return asyncssh.import_public_key(public_host_key(seed, address)).get_fingerprint()


def test_a_host_that_is_seen_whole_and_has_nothing_to_find(hygiene: Hygiene, served: Served) -> None:
    answer = audit(hygiene, served, CLEAN)
    report = json.loads(answer.out)
    assert (answer.code, answer.err, report["gaps"]) == (0, "", [])
    assert report["scan"]["coverage"] == {
        "complete": 1, "partial": 0, "unreachable": 0, "refused": 0, "skipped": 0
    }  # fmt: skip
    assert not any(finding["severity"] in ("high", "critical") for finding in report["findings"])


ROWS = [
    ("unknown-host-key", UNKNOWN_KEY, "refused", "login",
     ("host key is not in known_hosts (ssh-ed25519 {own}); compare it on the console, then add it, or pass"
     " --known-hosts FILE")),
    ("changed-host-key", CHANGED, "refused", "login",
     ("host key has changed: offered ssh-ed25519 {other}, {known_hosts}:2 has another; find out why on the console"
     " before changing that line")),
    ("wrong-key", DENIED, "refused", "login", "login as hygiene denied; offered {auditor} (key)"),
    ("refused-port", SILENT, "unreachable", "connect",
     "connection to 127.61.0.5 port {port} refused: nothing listens there"),
    ("something-else-answers", "127.61.0.10", "unreachable", "connect",
     "what answers at this port does not speak SSH 2"),
    ("closes-at-login", "127.61.0.11", "refused", "login",
     "connection closed while logging in as hygiene: Connection lost"),
    ("no-key-login", "127.61.0.12", "refused", "login",
     "login as hygiene denied: the host does not offer public key login"),
    ("no-commands", "127.61.0.13", "partial", "collect",
     "no POSIX shell: the host runs no commands (OpenSSH_9.2p1 Debian-2+deb12u7)"),
    ("windows", "127.61.0.14", "partial", "collect",
     "no POSIX shell: this is Windows (OpenSSH_9.2p1 Debian-2+deb12u7)"),
    ("appliance", "127.61.0.15", "partial", "collect",
     ("no POSIX shell: this looks like an appliance (OpenSSH_9.2p1 Debian-2+deb12u7): % Invalid input detected at '^'"
     " marker.")),
    ("no-shell", "127.61.0.16", "partial", "collect",
     "the account's shell or a forced command runs nothing for us: This account is currently not available."),
    ("sudo-denied", "127.61.0.17", "partial", "collect",
     "sudo does not let this account run the collector: sudo: a password is required"),
    ("forced-command", "127.61.0.18", "partial", "collect",
     ("the host ran something else than the collector (a forced command, or a login script that ends the shell):"
     " backup finished: 0 files")),
    ("answer-of-another-run", "127.61.0.19", "partial", "collect", None),
    ("cut-in-the-stream", "127.61.0.20", "partial", "collect", "the stream breaks off inside a frame"),
    ("closes-at-command", "127.61.0.21", "partial", "collect", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def seen(_starter: Starter, served: Served, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hygiene, Answer]:
    """One audit of all of them."""
    hygiene = with_way_in(_starter.hygiene(tmp_path_factory.mktemp("seen")), served)
    return hygiene, audit(hygiene, served, CLEAN, UNKNOWN_KEY, SILENT, *FAULTS)


def test_the_books_balance_when_much_goes_wrong(seen: tuple[Hygiene, Answer]) -> None:
    _, answer = seen
    report = json.loads(answer.out)
    assert (answer.code, answer.err) == (3, "")
    assert report["scan"]["coverage"] == {
        "complete": 1, "partial": 9, "unreachable": 2, "refused": 5, "skipped": 0
    }  # fmt: skip
    assert report["scan"]["targets"] == 3 + len(FAULTS)


@pytest.mark.parametrize(("address", "status", "stage", "reason"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_a_host_that_is_not_seen_is_a_gap(
    seen: tuple[Hygiene, Answer], served: Served, address: str, status: str, stage: str, reason: str | None
) -> None:
    hygiene, answer = seen
    (host,) = [row for row in hygiene.rows("hosts") if row["host"] == address]
    if reason is None:
        reason = host["reason"]
        assert reason
    expected = reason.format(
        own=fingerprint(SEED, address),
        other=fingerprint(SEED, f"not {address}"),
        known_hosts=hygiene.home / ".ssh/known_hosts",
        auditor=served.fingerprint,
        port=served.fleet.port,
    )
    assert (host["status"], host["stage"], host["reason"]) == (status, stage, expected)
    begun = reason == "the stream breaks off inside a frame"
    assert [
        gap["reason"]
        for gap in json.loads(answer.out)["gaps"]
        if gap["subject"] == address and gap["area"] == "collect"
    ] == [f"the evidence is not whole: {expected}" if begun else f"{status}: {expected}"]


@pytest.mark.parametrize("address", [UNKNOWN_KEY, SILENT])
def test_one_host_that_is_not_seen_is_exit_code_3(hygiene: Hygiene, served: Served, address: str) -> None:
    assert audit(hygiene, served, address).code == 3


def test_verbose_says_of_each_host_how_it_went(hygiene: Hygiene, served: Served) -> None:
    hygiene.write("hosts.txt", served.inventory(CLEAN, SILENT))
    answer = hygiene("collect", "-v", "-i", "hosts.txt", "-u", AUDITOR, "--key", "key")
    told = [line for line in answer.err.splitlines() if "127." in line]
    assert (answer.code, answer.out, sorted(told)) == (
        3,
        "",
        [
            f"hygiene: {CLEAN}: complete",
            f"hygiene: {SILENT}: unreachable: {refused(SILENT, served.fleet.port)}",
        ],
    )


@pytest.mark.parametrize("way", ["file", "file with CR LF", "standard input"])
def test_a_key_with_a_passphrase(hygiene: Hygiene, served: Served, way: str) -> None:
    secret = b"open sesame"
    key = asyncssh.import_private_key(served.key)
    hygiene.write("key", key.export_private_key("pkcs8-pem", passphrase=secret.decode()))
    hygiene.write("hosts.txt", served.inventory(CLEAN))
    hygiene.write("secret", secret + (b"\r\n" if "CR" in way else b"\n"))
    given = "-" if way == "standard input" else "secret"
    answer = hygiene(
        "audit", "-i", "hosts.txt", "-u", AUDITOR, "--key", "key", "--passphrase-file", given, stdin=secret + b"\n"
    )
    assert answer.code == 0, answer.err
    written = b"".join(path.read_bytes() for path in (hygiene.work / "hygiene.evidence").iterdir())
    assert secret not in written + (hygiene.work / "hygiene.duckdb").read_bytes()
    assert secret.decode() not in answer.out + answer.err


def test_no_sudo_and_a_jump_host_that_is_not_there(hygiene: Hygiene, served: Served) -> None:
    hygiene.write("hosts.txt", served.inventory(CLEAN))
    answer = hygiene(
        "collect", "-v", "-i", "hosts.txt", "-u", AUDITOR, "--key", "key", "--no-sudo", "--jump", f"{SILENT}:1"
    )
    assert answer.code == 3
    assert f"{CLEAN}: unreachable: jump host {SILENT}: connection to {SILENT} port 1 refused" in answer.err


def test_a_user_without_a_name(hygiene: Hygiene) -> None:
    """In a container the process may run as a number that no passwd knows."""
    namespace = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces")
    hygiene.write("hosts.txt", "web1\n")
    environment = {name: value for name, value in hygiene.environment.items() if name != "LOGNAME"}
    command = [*namespace, sys.executable, "-m", "hygiene", "audit", "-i", "hosts.txt", "--dry-run"]
    done = subprocess.run(command, cwd=hygiene.work, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
