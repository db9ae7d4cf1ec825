"""The lab itself: its hosts answer, are apart from each other, and leave no trace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from .fleet import Lab
from .plan import COLLECTOR_PATH, auditor_account, join
from .spec import AUDITOR_ADDRESS, OTHER_ADDRESS, AccountSpec, Directory, Fifo, File, HostSpec, Link
from .tree import LabError, cache_root

pytestmark = pytest.mark.real_sshd

KEY = asyncssh.generate_private_key("ssh-ed25519")
PUBLIC = KEY.export_public_key().decode().strip()
STRANGER = asyncssh.generate_private_key("ssh-ed25519")
PASSWORD = "-".join(["lab", "only", "4711"])
COLLECTOR = b'#!/bin/sh\nIFS= read -r nonce && printf \'%s %s\\n\' "$nonce" "$(/usr/bin/id -u)"\n'
FLEET = [f"web{number:02}" for number in range(1, 21)]


def _host(name: str) -> HostSpec:
    host = HostSpec(
        name,
        accounts=(
            AccountSpec("root", 0, authorized_keys=[PUBLIC]),
            AccountSpec("alice", 1000, password=PASSWORD, authorized_keys=[f'from="{AUDITOR_ADDRESS}" {PUBLIC}']),
            AccountSpec("carol", 1001, authorized_keys=[PUBLIC], groups=["adm"]),
            AccountSpec("dave", 1002, password=PASSWORD, hash_method="sha512crypt", shell="/usr/sbin/nologin"),
            AccountSpec("erin", 1003, shadow="!", home="/srv/erin", home_mode=0o750, files={
                "notes/a.txt": File(b"a\n", 0o640, gid=4),
                "link": Link("/nowhere"),
                "pipe": Fifo(),
                ".ssh": Directory(0o777),
            }),
        ),
        groups={"ops": 2000},
        sudoers_d={"carol": "carol ALL=(ALL:ALL) NOPASSWD: ALL\n"},
        files={"/etc/motd": File(f"this is {name}\n".encode())},
    )  # fmt: skip
    return join(host, auditor_account(PUBLIC, COLLECTOR, source=AUDITOR_ADDRESS))


@pytest.fixture(scope="module")
def lab(lab_tree: Path) -> Iterator[Lab]:
    started = time.monotonic()
    with Lab(lab_tree, [_host(name) for name in FLEET]) as lab:
        sys.stderr.write(f"{len(FLEET)} hosts up in {time.monotonic() - started:.1f} s\n")
        yield lab


def _said(lab: Lab, host: str, *argv: str) -> str:
    done = lab.exec_root(host, argv)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


async def _over_ssh(lab: Lab, host: str, user: str, command: str | None, stdin: str = "") -> tuple[int | None, str]:
    async with await lab.connect(host, user, client_keys=[KEY]) as connection:
        done = await connection.run(command, input=stdin)
        return done.exit_status, str(done.stdout)


def test_a_key_opens_root_on_every_host_and_each_is_another_machine(lab: Lab) -> None:
    async def ask_all() -> list[tuple[int | None, str]]:
        command = "hostname; cat /etc/machine-id /etc/motd; echo $SSH_CONNECTION | cut -d' ' -f1,3,4"
        return await asyncio.gather(*(_over_ssh(lab, name, "root", command) for name in FLEET))

    expected = [
        (0, f"{host.name}\n{host.machine_id}\nthis is {host.name}\n{AUDITOR_ADDRESS} {host.address} 22\n")
        for host in lab.hosts.values()
    ]
    assert asyncio.run(ask_all()) == expected
    assert len({host.machine_id for host in lab.hosts.values()}) == len(FLEET)
    assert len({host.host_keys[0].public for host in lab.hosts.values()}) == len(FLEET)


@pytest.mark.parametrize(
    ("user", "credentials", "expected"),
    [
        pytest.param("alice", {"key": KEY}, True, id="key"),
        pytest.param("alice", {"key": STRANGER}, False, id="other key"),
        pytest.param("alice", {"key": KEY, "source": OTHER_ADDRESS}, False, id="from= of another source"),
        pytest.param("carol", {"key": KEY, "source": OTHER_ADDRESS}, True, id="no from="),
        pytest.param("alice", {"password": PASSWORD}, True, id="yescrypt through PAM"),
        pytest.param("dave", {"password": PASSWORD}, True, id="sha512crypt; nologin still authenticates"),
        pytest.param("alice", {"password": PASSWORD.upper()}, False, id="wrong password"),
        pytest.param("carol", {"password": PASSWORD}, False, id="no password set"),
        pytest.param("root", {"password": PASSWORD}, False, id="PermitRootLogin is Debian's prohibit-password"),
    ],
)  # fmt: skip
def test_the_daemon_decides_who_gets_in(
    lab: Lab, user: str, credentials: dict[str, asyncssh.SSHKey | str], expected: bool
) -> None:
    assert lab.login("web01", user, **credentials) is expected


@pytest.mark.parametrize(
    ("user", "command", "stdin", "expected"),
    [
        pytest.param("root", "id -u", "", (0, "0\n"), id="as root"),
        pytest.param("carol", "sudo -n id -u", "", (0, "0\n"), id="sudo -n with NOPASSWD"),
        pytest.param("alice", "sudo -n id -u", "", (1, ""), id="sudo -n without a rule"),
        pytest.param("alice", "cat /etc/shadow", "", (1, ""), id="unprivileged"),
        pytest.param("hygiene", "id -u", "abc123\n", (0, "abc123 0\n"), id="forced command through sudo with digest"),
    ],
)
def test_a_collector_can_enter_in_every_way(
    lab: Lab, user: str, command: str, stdin: str, expected: tuple[int, str]
) -> None:
    assert asyncio.run(_over_ssh(lab, "web02", user, command, stdin)) == expected


def test_a_changed_collector_is_refused_by_the_digest(lab: Lab) -> None:
    lab.plant("web20", {COLLECTOR_PATH: File(COLLECTOR + b"# changed\n", 0o755)})

    assert asyncio.run(_over_ssh(lab, "web20", "hygiene", "", "abc123\n")) == (1, "")


def test_files_have_the_owners_and_modes_that_were_asked_for(lab: Lab) -> None:
    listing = _said(
        lab, "web10", "find", "/srv/erin", "/home", "/etc/sudoers.d/carol", "-printf", "%p %y %m %U:%G %l\n"
    )

    assert sorted(listing.splitlines()) == [
        "/etc/sudoers.d/carol f 440 0:0 ",
        "/home d 755 0:0 ",
        "/home/alice d 700 1000:1000 ",
        "/home/alice/.ssh d 700 1000:1000 ",
        "/home/alice/.ssh/authorized_keys f 600 1000:1000 ",
        "/home/carol d 700 1001:1001 ",
        "/home/carol/.ssh d 700 1001:1001 ",
        "/home/carol/.ssh/authorized_keys f 600 1001:1001 ",
        "/home/dave d 700 1002:1002 ",
        "/srv/erin d 750 1003:1003 ",
        "/srv/erin/.ssh d 777 1003:1003 ",
        "/srv/erin/link l 777 1003:1003 /nowhere",
        "/srv/erin/notes d 700 1003:1003 ",
        "/srv/erin/notes/a.txt f 640 1003:4 ",
        "/srv/erin/pipe p 600 1003:1003 ",
    ]


def test_the_base_is_what_debian_installs(lab: Lab) -> None:
    pam = _said(lab, "web01", "grep", "-v", "^#", "/etc/pam.d/common-auth")
    assert pam.split("\n") == [
        "",
        "auth\t[success=1 default=ignore]\tpam_unix.so nullok",
        "auth\trequisite\t\t\tpam_deny.so",
        "auth\trequired\t\t\tpam_permit.so",
        "",
    ]
    assert _said(lab, "web01", "dpkg", "--audit") == ""
    assert _said(lab, "web01", "readlink", "-f", "/usr/bin/awk") == "/usr/bin/mawk\n"
    assert _said(lab, "web01", "passwd", "-S", "erin").split()[:2] == ["erin", "L"]
    effective = _said(lab, "web01", "sshd", "-T").splitlines()
    assert [
        line for line in effective if line.split()[0] in {"usepam", "permitrootlogin", "passwordauthentication"}
    ] == [
        "usepam yes",
        "permitrootlogin without-password",
        "passwordauthentication yes",
    ]


def test_hosts_see_neither_each_other_nor_the_machine(lab: Lab) -> None:
    lab.plant("web01", {"/root/only-here": File(b"")})
    for name, found in (("web01", "/root/only-here\n"), ("web02", "")):
        assert lab.exec_root(name, ["find", "/root/only-here"]).stdout.decode() == found
    processes = _said(lab, "web03", "ps", "-eo", "args").splitlines()
    assert processes == [
        "COMMAND",
        "sleep infinity",
        "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
        "ps -eo args",
    ]
    mounts = [line.split()[1] for line in _said(lab, "web03", "cat", "/proc/mounts").splitlines()]
    assert mounts == ["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run"]
    assert "default" not in _said(lab, "web03", "ip", "route")


def test_commands_and_sockets_stand_in_the_auditors_network(lab: Lab, tmp_path: Path) -> None:
    known = lab.known_hosts(tmp_path / "known_hosts")
    probe = f"""
import asyncio, asyncssh
async def main():
    key = asyncssh.read_private_key({str(tmp_path / "key")!r})
    host = {lab.hosts["web05"].address!r}
    async with asyncssh.connect(host, username="root", client_keys=[key], known_hosts={str(known)!r}, config=None) as c:
        print((await c.run("hostname")).stdout, end="")
asyncio.run(main())
"""
    (tmp_path / "key").write_bytes(KEY.export_private_key())
    done = lab.run([sys.executable, "-c", probe], text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "web05\n", "")


def test_a_test_can_play_a_host_itself(lab: Lab) -> None:
    client = "import socket; socket.create_connection(('10.77.9.9', 22)).sendall(b'hello')"
    with lab.listen("10.77.9.9", 22) as played, lab.popen([sys.executable, "-c", client]):
        accepted, _ = played.accept()
        with accepted:
            assert accepted.recv(10) == b"hello"


def test_a_host_can_be_the_way_to_another(lab: Lab) -> None:
    async def through() -> str:
        async with await lab.connect("web08", "carol", client_keys=[KEY]) as bastion:
            behind = lab.hosts["web09"]
            async with bastion.connect_ssh(
                behind.address, username="root", client_keys=[KEY], config=None, agent_path=None,
                known_hosts=asyncssh.import_known_hosts(f"* {behind.host_keys[0].public}\n"),
            ) as connection:  # fmt: skip
                return str((await connection.run("hostname; echo $SSH_CONNECTION | cut -d' ' -f1")).stdout)

    assert asyncio.run(through()) == f"web09\n{lab.hosts['web08'].address}\n"


def test_inventory_and_known_hosts_name_each_host(lab: Lab, tmp_path: Path) -> None:
    first, second = lab.hosts["web01"], lab.hosts["web02"]
    names = ["web01", "web02"]

    assert lab.inventory(tmp_path / "hosts.txt", names=names).read_text() == (
        f"root@{first.address}:22\nroot@{second.address}:22\n"
    )
    assert lab.inventory(tmp_path / "hosts.csv", user="carol", names=names).read_text() == (
        f"host,address,port,user,tenant,tags\nweb01,{first.address},22,carol,,\nweb02,{second.address},22,carol,,\n"
    )
    assert lab.known_hosts(tmp_path / "known", names=names).read_text() == (
        f"{first.address} {first.host_keys[0].public}\n{second.address} {second.host_keys[0].public}\n"
    )


def test_what_the_daemon_logs_can_be_read(lab: Lab) -> None:
    assert lab.login("web06", "alice", key=KEY)

    accepted = [line for line in lab.log("web06") if "Accepted publickey for alice from 10.77.0.1 " in line]
    assert [line.endswith(f"ssh2: ED25519 {KEY.get_fingerprint()}") for line in accepted] == [True]


def test_a_config_planted_later_counts_after_a_restart(lab: Lab) -> None:
    lab.plant("web07", {"/etc/ssh/sshd_config.d/50-no-alice.conf": File(b"DenyUsers alice\n")})
    assert lab.login("web07", "alice", key=KEY) is True
    lab.restart_sshd("web07")
    assert lab.login("web07", "alice", key=KEY) is False


def test_a_stopped_host_is_gone_and_the_others_stay(lab: Lab) -> None:
    assert lab.login("web19", "root", key=KEY)
    lab.stop("web19")

    with pytest.raises(LabError, match="No route to host"):
        lab.dial("web19")
    assert lab.login("web18", "root", key=KEY)


def test_a_host_without_its_daemon_refuses_until_it_is_started_again(lab: Lab) -> None:
    lab.stop_sshd("web17")
    with pytest.raises(LabError, match="Connection refused"):
        lab.dial("web17")
    lab.restart_sshd("web17")
    assert lab.login("web17", "root", key=KEY)


def test_a_host_whose_daemon_refuses_its_config_is_an_error_that_says_so(lab_tree: Path) -> None:
    with pytest.raises(LabError, match=r"host odd: sshd ended with 255: .*Bad configuration option: PermitRoot"):
        Lab(lab_tree, [HostSpec("odd", sshd_config="PermitRoot yes\n")]).__enter__()


def _traces() -> tuple[str, list[str], list[str]]:
    """What a lab could leave on the machine: mounts, network interfaces, files in its cache."""
    interfaces = sorted(path.name for path in Path("/sys/class/net").iterdir())
    files = sorted(str(path) for path in cache_root().glob("*") if not path.name.startswith("building-"))
    files += sorted(str(path) for path in (cache_root() / "mnt").glob("*"))
    return Path("/proc/self/mountinfo").read_text(), interfaces, files


def _now_ticks() -> int:
    """The time since boot, in the unit of a process's start time (proc_pid_stat(5), field 22)."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def _living(namespaces: frozenset[str], until_ticks: int) -> list[str]:
    """Processes that live in any of these namespaces and were started before `until_ticks`.

    Younger ones do not count: the kernel gives the number of a namespace that is gone to the next one, of another test
    run perhaps. A zombie lives no more.
    """
    found = []
    for link in Path("/proc").glob("[0-9]*/ns/*"):
        try:
            before, _, after = (link.parents[1] / "stat").read_text().rpartition(")")
            state, started_ticks = after.split()[0], int(after.split()[19])
            if state != "Z" and started_ticks <= until_ticks and str(link.readlink()) in namespaces:
                found.append(f"{before} {link.name} {started_ticks}")
        except OSError:  # ended meanwhile, or the machine's own with more rights than ours
            continue
    return found


def _left(namespaces: frozenset[str], until_ticks: int) -> list[str]:
    """What still lives when those that are about to end have had their time: a killed namespace ends one by one."""
    for link in Path("/proc").glob("[0-9]*/ns/mnt"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in namespaces:
                end = os.pidfd_open(int(link.parents[1].name))
                select.select([end], [], [], 20)
                os.close(end)
    return _living(namespaces, until_ticks)


def test_teardown_leaves_no_trace(lab_tree: Path) -> None:
    specs = [HostSpec("one"), HostSpec("two")]
    with Lab(lab_tree, specs):
        pass
    before = _traces()
    with Lab(lab_tree, specs) as lab:
        namespaces = lab.namespaces()
        during = _traces()
        assert len(namespaces) == 3 * 5
        up_ticks = _now_ticks()
        assert len(_living(namespaces, up_ticks)) > len(namespaces)
    assert _living(namespaces, up_ticks) == []
    assert (during, _traces()) == (before, before)


@pytest.mark.parametrize("which", ["outside", "inside"])
def test_when_the_keeper_is_killed_all_goes_with_it_and_the_test_is_told(lab_tree: Path, which: str) -> None:
    with Lab(lab_tree, [HostSpec("one")]) as lab:
        namespaces = lab.namespaces()
        up_ticks = _now_ticks()
        inside, keeper = os.pidfd_open(lab.first_pid), os.pidfd_open(lab.keeper_pid)
        os.kill(lab.keeper_pid if which == "outside" else lab.first_pid, signal.SIGKILL)
        assert select.select([keeper], [], [], 20)[0] == [keeper]
        os.close(keeper)
        with pytest.raises(LabError, match="the lab's keeper ended"):
            lab.exec_root("one", ["true"])
        assert select.select([inside], [], [], 20)[0] == [inside]
        os.close(inside)
    assert _left(namespaces, up_ticks) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_killed_run_leaves_no_trace(lab_tree: Path, number: signal.Signals) -> None:
    before = _traces()
    program = (
        "import sys, time; from pathlib import Path; from lab.fleet import Lab; from lab.spec import HostSpec\n"
        f"with Lab(Path({str(lab_tree)!r}), [HostSpec('one'), HostSpec('two')]) as lab:\n"
        "    command = lab.popen(['sleep', '1000'])\n"
        "    print(lab.keeper_pid, command.pid, *sorted(lab.namespaces()), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    with run:
        keeper, command, *namespaces = run.stdout.readline().split()
        up_ticks = _now_ticks()
        ends = [os.pidfd_open(int(pid)) for pid in (keeper, command)]
        run.send_signal(number)
        run.wait()
        for end in ends:
            assert select.select([end], [], [], 20)[0] == [end]
            os.close(end)
    assert _left(frozenset(namespaces), up_ticks) == []
    assert _traces() == before
