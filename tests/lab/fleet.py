"""The lab as tests use it: hosts from specs, up for the length of a `with` block."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import asyncssh

from . import plan, wire
from .keeper import HostPlan
from .spec import AUDITOR_ADDRESS, HostSpec, Node
from .tree import LabError, package_parent

_KEEPER_ENDED = "the lab's keeper ended; what it had to say is on standard error"


@dataclass(frozen=True, slots=True)
class Host:
    """A host that is up, or was."""

    name: str
    address: str
    port: int
    machine_id: str
    host_keys: tuple[plan.HostKey, ...]
    spec: HostSpec


class Lab:
    """Hosts that are up inside the `with` block and leave nothing behind after it.

    Addresses, host keys and machine-ids are known before the hosts are up. Not for several threads at once.
    """

    def __init__(self, tree: Path, specs: Sequence[HostSpec]) -> None:
        self._tree = tree
        self._keeper: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self.keeper_pid = 0  # the process outside that watches over the lab
        self.first_pid = 0  # the lab's process 1, as this process sees it
        self._lock = threading.Lock()
        self.hosts: dict[str, Host] = {}
        for index, spec in enumerate(specs):
            if spec.name in self.hosts:
                raise ValueError(f"two hosts are named {spec.name}")
            keys = tuple(plan.make_host_key(kind) for kind in spec.host_key_types)
            self.hosts[spec.name] = Host(
                spec.name, plan.address_of(index), spec.port, plan.machine_id(spec), keys, spec
            )

    # up and down

    def __enter__(self) -> Lab:
        ours, theirs = socket.socketpair()
        folder = self._tree.parent / "mnt"
        folder.mkdir(mode=0o700, exist_ok=True)
        with theirs:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.keeper", str(theirs.fileno()), str(self._tree), str(folder)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={"PYTHONPATH": str(package_parent()), "PATH": os.defpath},
                start_new_session=True,  # Ctrl-C reaches the test run alone
            )
        self._channel, self.keeper_pid = ours, self._keeper.pid
        try:
            self.first_pid = self._reply()[0]
            self._start(list(self.hosts.values()))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every host; returns when the kernel has taken all processes away."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._keeper is not None:
            self._keeper.wait()
            self._keeper = None

    def stop(self, name: str) -> None:
        """Power one host off; from then on nothing answers at its address ("No route to host", soon)."""
        self._ask("stop", name)

    def stop_all(self) -> None:
        for name in self._ask("running"):
            self.stop(name)

    def stop_sshd(self, name: str) -> None:
        """Stop a host's daemon only: its port refuses connections, sessions that are open go on."""
        self._ask("stop_sshd", name)

    def restart_sshd(self, name: str) -> None:
        """Stop a host's daemon, if it runs, and start it again, so that it reads its configuration anew."""
        self._ask("restart_sshd", name)

    # looking in, and planting changes

    def exec_root(
        self, name: str, argv: Sequence[str], stdin: bytes = b"", timeout_s: float = 30
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program on a host as root, past sshd; its exit status is not checked."""
        return self._run(name, argv, stdin, timeout_s)

    def plant(self, name: str, files: Mapping[str, Node]) -> None:
        """Write files on a host that is up."""
        self._ask("plant", name, dict(files))

    def log(self, name: str) -> list[str]:
        """What sshd, sudo and PAM on a host have sent to syslog so far."""
        return [line.decode(errors="replace") for line in self._ask("log", name)]

    def namespaces(self) -> frozenset[str]:
        """The identities of all namespaces that the lab lives in, as in `net:[4026532290]`."""
        return self._ask("namespaces")

    # reaching the hosts

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a command in the auditor's network; it dies with this process. Options as for Popen."""
        enter = Path(__file__).with_name("enter.py")
        network = f"/proc/{self.first_pid}/ns/net"
        return subprocess.Popen([sys.executable, "-IS", str(enter), network, *argv], **options)

    def run(self, argv: Sequence[str], *, timeout_s: float = 120, **options: Any) -> subprocess.CompletedProcess[Any]:
        """Run a command in the auditor's network; gives its output and exit status. Options as for Popen."""
        stdin = options.pop("input", None)
        pipes = {"stdin": subprocess.PIPE if stdin is not None else subprocess.DEVNULL}
        pipes |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.popen(argv, **(pipes | options)) as running:
            try:
                output, errors = running.communicate(stdin, timeout_s)
            except BaseException:
                running.kill()
                raise
        return subprocess.CompletedProcess(list(argv), running.returncode, output, errors)

    def hygiene(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[Any]:
        """Run this environment's `hygiene` command in the auditor's network, with text in and out."""
        program = Path(sys.executable).with_name("hygiene")
        return self.run([str(program), *arguments], **({"text": True} | options))

    def dial(self, name: str, source: str = AUDITOR_ADDRESS, address: str | None = None) -> socket.socket:
        """A socket connected to a host's daemon, for clients inside this process; `address` is another of the host's.

        Other sources than the auditor's two addresses are made by `come_from`.
        """
        host = self.hosts[name]
        return self._ask_socket("connect", address or host.address, host.port, source)

    def come_from(self, address: str) -> None:
        """Give the auditor's machine one more address; a host answers it once it has a route there."""
        self._ask("come_from", address)

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening socket at an address of the lab's network, for a host that the test plays itself."""
        return self._ask_socket("listen", address, port)

    async def connect(
        self, name: str, user: str, *, source: str = AUDITOR_ADDRESS, **options: Any
    ) -> asyncssh.SSHClientConnection:
        """An asyncssh connection to a host, host key checked; nothing of the machine's own user is read or offered."""
        host = self.hosts[name]
        known = asyncssh.import_known_hosts("".join(f"* {key.public}\n" for key in host.host_keys))
        defaults: dict[str, Any] = {"client_keys": None, "known_hosts": known, "config": None, "agent_path": None}
        defaults |= {"gss_host": None, "login_timeout": 20, "username": user}
        return await asyncssh.connect(host.address, sock=self.dial(name, source), **(defaults | options))

    def login(
        self,
        name: str,
        user: str,
        *,
        key: asyncssh.SSHKey | bytes | None = None,
        password: str | None = None,
        source: str = AUDITOR_ADDRESS,
        **options: Any,
    ) -> bool:
        """Whether the daemon lets this user in with exactly these credentials.

        True when authentication and the account checks of sshd and PAM succeeded; the shell is not asked. Anything but
        a plain refusal raises.
        """
        if isinstance(key, bytes):
            key = asyncssh.import_private_key(key)
        offered: dict[str, Any] = {"client_keys": [key] if key else None, "password": password}

        async def try_it() -> bool:
            try:
                async with await self.connect(name, user, source=source, **(offered | options)):
                    return True
            except asyncssh.PermissionDenied:
                return False

        return asyncio.run(try_it())

    # files for the command line

    def known_hosts(self, path: Path, names: Iterable[str] | None = None) -> Path:
        """Write a known_hosts file for these hosts, all by default."""
        with path.open("w") as out:
            for host in self._chosen(names):
                place = host.address if host.port == 22 else f"[{host.address}]:{host.port}"
                out.writelines(f"{place} {key.public}\n" for key in host.host_keys)
        return path

    def inventory(self, path: Path, user: str = "root", names: Iterable[str] | None = None) -> Path:
        """Write an inventory of these hosts: CSV with names if the path ends in .csv, else a host list of addresses."""
        out = io.StringIO()
        if path.suffix == ".csv":
            out.write("host,address,port,user,tenant,tags\n")
        for host in self._chosen(names):
            tenant, tags = host.spec.tenant or "", host.spec.tags
            if path.suffix == ".csv":
                out.write(f"{host.name},{host.address},{host.port},{user},{tenant},{' '.join(tags)}\n")
            else:
                words = [f"tenant={tenant}"] * bool(tenant) + [f"tag={tag}" for tag in tags]
                out.write(" ".join([f"{user}@{host.address}:{host.port}", *words]) + "\n")
        path.write_text(out.getvalue())
        return path

    # how

    def _chosen(self, names: Iterable[str] | None) -> list[Host]:
        return [self.hosts[name] for name in (self.hosts if names is None else names)]

    def _start(self, hosts: Sequence[Host]) -> None:
        base = plan.Base.read(self._tree)
        hashes = self._hash_passwords([host.spec for host in hosts])
        plans = [
            HostPlan(
                host.name,
                host.address,
                host.port,
                tuple(host.spec.sshd),
                plan.files_of(host.spec, host.address, base, host.host_keys, hashes[host.name]),
            )
            for host in hosts
        ]
        self._ask("start", plans)

    def _hash_passwords(self, specs: Sequence[HostSpec]) -> dict[str, dict[str, str]]:
        """Hashes by host and account, made by the tree's own mkpasswd, each with its own salt."""
        wanted = [(spec.name, *request) for spec in specs for request in plan.passwords_to_hash(spec)]
        hashes: dict[str, dict[str, str]] = {spec.name: {} for spec in specs}
        if not wanted:
            return hashes
        script = 'while IFS= read -r m && IFS= read -r p; do printf "%s\\n" "$p" | mkpasswd -s -m "$m" || exit; done'
        lines = "".join(f"{method}\n{password}\n" for _, _, method, password in wanted)
        done = self._run(None, ["/bin/sh", "-c", script], lines.encode(), 120)
        made = done.stdout.decode().splitlines()
        if done.returncode or len(made) != len(wanted):
            raise LabError(f"mkpasswd in the tree: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        for (host, account, _, _), hashed in zip(wanted, made, strict=True):
            hashes[host][account] = hashed
        return hashes

    def _run(
        self, name: str | None, argv: Sequence[str], stdin: bytes, timeout_s: float
    ) -> subprocess.CompletedProcess[bytes]:
        # files in memory instead of pipes: a background process that keeps them open holds up nobody
        files = [os.fdopen(os.memfd_create(part), "r+b") for part in ("stdin", "stdout", "stderr")]
        try:
            files[0].write(stdin)
            files[0].seek(0)
            status = self._ask("run", name, list(argv), timeout_s, descriptors=[file.fileno() for file in files])
            output, errors = (os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0) for file in files[1:])
        finally:
            for file in files:
                file.close()
        return subprocess.CompletedProcess(list(argv), status, output, errors)

    def _ask(self, request: str, *arguments: Any, descriptors: Sequence[int] = ()) -> Any:
        return self._exchange(request, arguments, descriptors)[0]

    def _ask_socket(self, request: str, *arguments: Any) -> socket.socket:
        _, descriptors = self._exchange(request, arguments, ())
        return socket.socket(fileno=descriptors[0])

    def _exchange(self, request: str, arguments: tuple[Any, ...], descriptors: Sequence[int]) -> tuple[Any, list[int]]:
        with self._lock:
            if self._channel is None:
                raise LabError(f"{request}: the lab is not up; use it inside its with block")
            try:
                wire.send(self._channel, (request, arguments), descriptors)
                return self._reply()
            except LabError:
                raise
            except ConnectionError:
                raise LabError(_KEEPER_ENDED) from None
            except BaseException:
                # cut off by a timeout or Ctrl-C: the late reply would be taken for that of the next request
                self.close()
                raise

    def _reply(self) -> tuple[Any, list[int]]:
        try:
            (good, value), descriptors = wire.receive(self._channel)
        except (EOFError, ConnectionError):
            raise LabError(_KEEPER_ENDED) from None
        if not good:
            raise LabError(value)
        return value, descriptors
