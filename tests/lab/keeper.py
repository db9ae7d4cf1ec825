"""Program: holds a lab's namespaces, and does in them what the test run asks for.

    python -m lab.keeper SOCKET TREE FOLDER

SOCKET is a descriptor (wire.py), TREE the Debian tree, FOLDER an empty folder that gets the lab's tmpfs, visible to
nobody outside. The process that does the work is number 1 of a PID namespace; when it ends, the kernel ends every host
with it. Another process waits outside and ends it as soon as the socket is closed or the test run is gone.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import boot, kernel, wire
from .spec import AUDITOR_ADDRESS, OTHER_ADDRESS, Node

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
_HOST_FLAGS = kernel.NEWPID | kernel.NEWNET | kernel.NEWUTS | kernel.NEWIPC
_LISTEN_DEADLINE_S = 20.0
_LOG_LINES = 10_000


@dataclass(frozen=True, slots=True)
class HostPlan:
    """All that the keeper needs to know of a host."""

    name: str
    address: str
    port: int
    sshd: tuple[str, ...]
    files: Mapping[str, Node] = field(repr=False)


@dataclass(slots=True)
class _Host:
    plan: HostPlan
    pid: int  # process 1 of the host
    link: str  # our end of its network cable
    log: socket.socket  # /dev/log of the host
    lines: list[bytes]
    namespaces: dict[str, int]
    sshd: subprocess.Popen[bytes] | None = None


class KeeperError(Exception):
    """What was asked for did not work; the message goes back to the test."""


class Keeper:
    """Answers one request after another."""

    def __init__(self, channel: socket.socket, folder: Path, tree: Path) -> None:
        self._channel = channel
        self._selector = selectors.DefaultSelector()
        self._selector.register(channel, selectors.EVENT_READ, self._answer)
        self._own = kernel.open_namespaces("self")
        self._hosts: dict[str, _Host] = {}
        self._links = 0
        kernel.mount("lab", str(folder), "tmpfs", kernel.NODEV, "mode=700")
        kernel.mount("proc", "/proc", "proc")
        os.chdir(folder)
        Path("base").mkdir()
        kernel.mount(str(tree), "base", None, kernel.BIND)
        kernel.mount("base", "base", None, kernel.BIND | kernel.REMOUNT | kernel.RDONLY)
        kernel.mount("dev", "base/dev", "tmpfs", kernel.NOSUID, "mode=755")
        kernel.make_devices(Path("base/dev"))  # mkpasswd of older releases takes its salt from /dev/urandom
        kernel.mount("proc", "base/proc", "proc")  # `ip` of newer releases finds the hosts' networks there
        self._ip(
            "link set lo up",
            "link add hosts type bridge",
            f"addr add {AUDITOR_ADDRESS}/16 dev hosts",
            f"addr add {OTHER_ADDRESS}/16 dev hosts",
            "link set hosts up",
        )
        # one ARP question, for 0.2 s, instead of three for a second each: that a host is gone shows soon
        for name, value in (("mcast_solicit", "1"), ("retrans_time_ms", "200")):
            Path(f"/proc/sys/net/ipv4/neigh/hosts/{name}").write_text(value)

    def serve(self) -> None:
        while True:
            self._turn(None)

    def _turn(self, timeout_s: float | None) -> None:
        for key, _ in self._selector.select(timeout_s):
            if self._selector.get_map().get(key.fd) is key:  # a request answered just now may have closed it
                key.data()

    def _answer(self) -> None:
        try:
            (name, arguments), descriptors = wire.receive(self._channel)
        except EOFError:
            os._exit(0)
        requests: dict[str, Callable[..., Any]] = {
            "start": self.start,
            "stop": self.stop,
            "stop_sshd": self.stop_sshd,
            "restart_sshd": self.restart_sshd,
            "plant": self.plant,
            "run": self.run,
            "connect": self.connect,
            "listen": self.listen,
            "come_from": self.come_from,
            "log": self.log,
            "running": self.running,
            "namespaces": self.namespaces,
        }
        try:
            reply, handed = requests[name](*arguments, *descriptors), ()
            if isinstance(reply, socket.socket):
                reply, handed = None, (reply.detach(),)
            wire.send(self._channel, (True, reply), handed)
            descriptors = [*descriptors, *handed]
        except (KeeperError, OSError, subprocess.SubprocessError) as error:
            wire.send(self._channel, (False, f"{name}: {error}"))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    # what a test can ask for

    def start(self, plans: Sequence[HostPlan]) -> None:
        """Boot hosts side by side; returns when all their daemons listen."""
        booting = [(plan, *self._boot(plan)) for plan in plans]
        for plan, pid, log, report in booting:
            with os.fdopen(report, "rb") as reading:
                failure = reading.read().decode()
            if failure:
                raise KeeperError(f"host {plan.name} did not come up: {failure}")
            lines: list[bytes] = []
            self._links += 1
            self._hosts[plan.name] = _Host(plan, pid, f"h{self._links}", log, lines, kernel.open_namespaces(pid))
            self._selector.register(log, selectors.EVENT_READ, _reader(log, lines))
        hosts = [self._hosts[plan.name] for plan in plans]
        cable = "link add {} up master hosts type veth peer name eth0 netns {}"
        self._ip(*(cable.format(host.link, host.pid) for host in hosts))
        for host in hosts:
            self._start_sshd(host)
        for host in hosts:
            self._await_sshd(host)

    def stop(self, name: str) -> None:
        """Power a host off: its processes and its network interface are gone when this returns."""
        host = self._hosts.pop(name)
        # the kernel would take its network away some time after its last process
        self._ip(f"link del {host.link}", "neigh flush dev hosts")
        self._selector.unregister(host.log)
        host.log.close()
        os.kill(host.pid, signal.SIGKILL)
        # the daemon first: process 1 of a PID namespace does not end while a child of ours in it is not waited for
        _end(host.sshd)
        os.waitpid(host.pid, 0)
        for descriptor in host.namespaces.values():
            os.close(descriptor)
        shutil.rmtree(name)

    def stop_sshd(self, name: str) -> None:
        host = self._hosts[name]
        host.sshd.terminate()
        _end(host.sshd)

    def restart_sshd(self, name: str) -> None:
        host = self._hosts[name]
        if host.sshd.poll() is None:
            self.stop_sshd(name)
        self._start_sshd(host)
        self._await_sshd(host)

    def plant(self, name: str, files: Mapping[str, Node]) -> None:
        """Write files on a running host."""
        host = self._hosts[name]
        read_end, write_end = os.pipe()
        pid = os.fork()
        if not pid:
            boot.reporting(write_end, lambda: (self._enter(host)(), boot.plant(files)))
        os.close(write_end)
        with os.fdopen(read_end, "rb") as reading:
            failure = reading.read().decode()
        os.waitpid(pid, 0)
        if failure:
            raise KeeperError(failure)

    def run(self, name: str | None, argv: Sequence[str], timeout_s: float, stdin: int, stdout: int, stderr: int) -> int:
        """Run a program on a host, or in the bare tree, with these descriptors; gives its exit status."""
        child = self._spawn(name, argv, stdin, stdout, stderr)
        if not self._await_end(child, timeout_s):
            child.kill()
            child.wait()
            raise KeeperError(f"{argv[0]} on {name}: still running after {timeout_s} s; it was killed")
        return child.returncode

    def connect(self, address: str, port: int, source: str) -> socket.socket:
        """A connected socket, as if from the auditor's machine."""
        with contextlib.ExitStack() as cleanup:
            family = socket.AF_INET6 if ":" in source else socket.AF_INET
            connection = cleanup.enter_context(socket.socket(family))
            connection.bind((source, 0))
            connection.settimeout(10)
            connection.connect((address, port))
            connection.settimeout(None)
            cleanup.pop_all()
            return connection

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening socket in the auditor's network, for hosts that a test plays itself."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(KeeperError):  # it may be there already
            self._ip(f"addr add {address}/16 dev hosts")
        listening.bind((address, port))
        listening.listen(128)
        return listening

    def come_from(self, address: str) -> None:
        """One more address of the auditor's machine; a host answers it once it has a route."""
        self._ip(f"addr add {address}/64 dev hosts nodad" if ":" in address else f"addr add {address}/32 dev hosts")

    def log(self, name: str) -> list[bytes]:
        """What the host's programs have sent to /dev/log so far."""
        self._turn(0)
        return list(self._hosts[name].lines)

    def running(self) -> list[str]:
        """The names of the hosts that are up."""
        return list(self._hosts)

    def namespaces(self) -> frozenset[str]:
        """The identities of the lab's namespaces, as in `net:[4026532290]`."""
        return kernel.namespaces_of("self").union(*(kernel.namespaces_of(host.pid) for host in self._hosts.values()))

    # how

    def _boot(self, plan: HostPlan) -> tuple[int, socket.socket, int]:
        log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        log.setblocking(False)
        read_end, write_end = os.pipe()
        # created here, so that the child is process 1 and its network can be joined as soon as its pid is known
        kernel.unshare(_HOST_FLAGS)
        pid = os.fork()
        if not pid:
            boot.reporting(write_end, lambda: boot.boot(plan.name, log, plan.files))
        os.close(write_end)
        for name in ("pid", "net", "uts", "ipc"):
            kernel.setns(self._own[name], kernel.NAMESPACES[name])
        return pid, log, read_end

    def _enter(self, host: _Host) -> Callable[[], None]:
        def enter() -> None:
            for name in ("uts", "ipc", "net", "mnt"):
                kernel.setns(host.namespaces[name], kernel.NAMESPACES[name])
            os.umask(0o022)

        return enter

    def _spawn(
        self, name: str | None, argv: Sequence[str], stdin: int, stdout: int, stderr: int
    ) -> subprocess.Popen[bytes]:
        host = self._hosts[name] if name is not None else None
        before = self._enter(host) if host else lambda: (os.chroot("base"), os.chdir("/"))
        if host:
            kernel.setns(host.namespaces["pid"], kernel.NEWPID)
        try:
            return subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=ENVIRONMENT,
                preexec_fn=before,
                start_new_session=True,
            )
        finally:
            kernel.setns(self._own["pid"], kernel.NEWPID)

    def _ip(self, *lines: str, host: str | None = None) -> None:
        read_end, write_end = os.pipe()
        os.write(write_end, "".join(f"{line}\n" for line in lines).encode())
        os.close(write_end)
        with os.fdopen(read_end, "rb") as batch:
            child = self._spawn(host, ["/sbin/ip", "-batch", "-"], batch.fileno(), subprocess.DEVNULL, subprocess.PIPE)
        _, errors = child.communicate()
        if child.returncode:
            raise KeeperError(f"ip: {errors.decode(errors='replace')}")

    def _start_sshd(self, host: _Host) -> None:
        if host.sshd is None:
            self._ip(
                "link set lo up",
                f"addr add {host.plan.address}/16 dev eth0",
                "link set eth0 up",
                host=host.plan.name,
            )
        host.sshd = self._spawn(host.plan.name, host.plan.sshd, subprocess.DEVNULL, subprocess.DEVNULL, subprocess.PIPE)

    def _await_sshd(self, host: _Host) -> None:
        """Wait until the port is open, by the host's socket table: a connection would leave a trace in the daemon."""
        deadline = time.monotonic() + _LISTEN_DEADLINE_S
        ending = f":{host.plan.port:04X}"
        while True:
            if host.sshd.poll() is not None:
                said = host.sshd.stderr.read().decode(errors="replace")
                log = b"\n".join(host.lines).decode(errors="replace")
                raise KeeperError(f"host {host.plan.name}: sshd ended with {host.sshd.returncode}: {said}{log}")
            for table in ("tcp", "tcp6"):
                for line in Path(f"/proc/{host.pid}/net/{table}").read_text().splitlines()[1:]:
                    local, state = line.split()[1:4:2]
                    if local.endswith(ending) and state == "0A":  # TCP_LISTEN
                        return
            if time.monotonic() > deadline:
                raise KeeperError(f"host {host.plan.name}: nothing listens on port {host.plan.port}")
            self._turn(0.003)

    def _await_end(self, child: subprocess.Popen[bytes], timeout_s: float) -> bool:
        """Whether a child ends in time; the rest of the lab is served meanwhile."""
        ended: list[bool] = []
        descriptor = os.pidfd_open(child.pid)
        self._selector.register(descriptor, selectors.EVENT_READ, lambda: ended.append(True))
        deadline = time.monotonic() + timeout_s
        while not ended and time.monotonic() < deadline:
            self._turn(deadline - time.monotonic())
        self._selector.unregister(descriptor)
        os.close(descriptor)
        if ended:
            child.wait()
        return bool(ended)


def _reader(log: socket.socket, lines: list[bytes]) -> Callable[[], None]:
    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            while len(lines) < _LOG_LINES:
                lines.append(log.recv(65536))

    return read


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.wait()
    daemon.stderr.close()  # not read to its end: sessions that are still open may hold it


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    tree, folder = Path(sys.argv[2]), Path(sys.argv[3])
    kernel.enclose(kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWNET, channel.fileno())
    outer_pid = int(Path("/proc/self").readlink().name)  # /proc is still the machine's own
    try:
        keeper = Keeper(channel, folder, tree)
        wire.send(channel, (True, outer_pid))
    except (KeeperError, OSError, subprocess.SubprocessError):
        wire.send(channel, (False, traceback.format_exc()))
        return
    keeper.serve()


if __name__ == "__main__":
    main()
