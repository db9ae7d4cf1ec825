"""What the daemon does: logins from every source, and the daemon's own log of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncssh
from lab.fleet import Lab

from .case import Case

OWN = "our own command ran"
_AT_ONCE = 8
_TRIES = 2
_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")  # the daemon may take one of them only


@dataclass(frozen=True, slots=True)
class Login:
    """What became of one login; the rest says nothing where it was refused."""

    source: str
    accepted: bool
    port: int  # the client's, by which the log names the connection
    place: str | None = None  # `file:line` that let in, where the daemon tells it
    partial: bool = False  # the key was taken, and another method is asked for besides
    output: str = ""  # what came of our command
    pty: bool | None = None  # None: not tried
    forwarding: bool | None = None
    said: tuple[str, ...] = ()  # the daemon's log of it


def second_address(lab: Lab, host: str) -> str:
    """The address of a host for clients that come by IPv6."""
    return f"fd77::{100 + list(lab.hosts).index(host)}"


class UnclearError(Exception):
    """A login that failed for another reason than that it was refused."""


async def ask(lab: Lab, host: str, account: str, case: Case) -> tuple[Login, ...]:
    """Try the case's login from each of its sources."""
    return tuple([await _login(lab, host, account, case, source) for source in case.sources])


async def ask_all(lab: Lab, questions: Sequence[tuple[str, str, Case]]) -> list[tuple[Login, ...]]:
    """The same for many cases (host, account, case), several at once, with what the hosts logged."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(host: str, account: str, case: Case) -> tuple[Login, ...]:
        async with gate:
            return await ask(lab, host, account, case)

    answers = await asyncio.gather(*(one(*question) for question in questions))
    logs = {host: _by_port(lab.log(host)) for host in {host for host, _, _ in questions}}
    return [
        tuple(_with_log(login, logs[host]) for login in logins)
        for (host, _, _), logins in zip(questions, answers, strict=True)
    ]


async def _login(lab: Lab, host: str, account: str, case: Case, source: str) -> Login:
    """The first login that succeeds with one of the key's signatures, else the last refusal."""
    algorithms = _RSA if case.offer.algorithm == b"ssh-rsa" else ("*",)
    for algorithm in algorithms:
        login = await _login_signed(lab, host, account, case, source, algorithm)
        if login.accepted:
            break
    return login


async def _login_signed(lab: Lab, host: str, account: str, case: Case, source: str, algorithm: str) -> Login:
    for tried in range(_TRIES):
        connection = lab.dial(host, source, second_address(lab, host) if ":" in source else None)
        port = connection.getsockname()[1]
        try:
            async with await _connect(lab, host, account, case, connection, algorithm) as session:
                return await _inside(session, Login(source, True, port))
        except asyncssh.PermissionDenied:
            return Login(source, False, port)
        except (asyncssh.DisconnectError, ConnectionError) as error:
            # PAM's account stage and forced-commands-only end the connection; so does a full daemon, before any login
            if _begun(lab, host, port):
                return Login(source, False, port)
            if tried + 1 == _TRIES:
                raise UnclearError(f"{host}: {case.id} from {source}: {error}") from error
    raise AssertionError


async def _connect(
    lab: Lab, host: str, account: str, case: Case, connection: object, algorithm: str
) -> asyncssh.SSHClientConnection:
    known = asyncssh.import_known_hosts("".join(f"* {key.public}\n" for key in lab.hosts[host].host_keys))
    return await asyncssh.connect(
        lab.hosts[host].address,
        sock=connection,
        username=account,
        client_keys=[case.offer],
        password=case.password,
        known_hosts=known,
        config=None,
        agent_path=None,
        gss_host=None,
        login_timeout=30,
        signature_algs=[algorithm] if algorithm != "*" else "*",
    )


def _begun(lab: Lab, host: str, port: int) -> bool:
    """Whether the daemon got as far as judging this login."""
    return any(_JUDGED.search(line) for line in _by_port(lab.log(host)).get(port, ()))


_JUDGED = re.compile(
    r"Access denied for user|(?:Accepted|Failed) publickey|not allowed because|ROOT LOGIN REFUSED|fatal: PAM: initiali"
)


async def _inside(session: asyncssh.SSHClientConnection, login: Login) -> Login:
    """What the session allows; the connection may be dropped at its start, and then nobody got in."""
    try:
        ran = await session.run(f"echo '{OWN}'", stdin=asyncssh.DEVNULL, timeout=30)
    except asyncssh.ChannelOpenError:
        return replace(login, accepted=False)
    login = replace(login, output=str(ran.stdout).strip())
    try:
        # not waited for: whoever has to change the password is asked for it there
        (await session.create_process("true", stdin=asyncssh.DEVNULL, term_type="xterm")).close()
        login = replace(login, pty=True)
    except asyncssh.ChannelOpenError:
        login = replace(login, pty=False)
    try:
        _, writer = await session.open_connection("127.0.0.1", 22)
        writer.close()
        login = replace(login, forwarding=True)
    except asyncssh.ChannelOpenError:
        login = replace(login, forwarding=False)
    return login


_PROCESS = re.compile(r"sshd(?:-session|-auth)?\[(\d+)\]: ")
_CONNECTION = re.compile(r"Connection from \S+ port (\d+) on ")
_PLACE = re.compile(r"Accepted key \S+ \S+ found at (\S+)")
_PARTIAL = re.compile(r"Partial publickey for ")
_BY_KEY = re.compile(r"(?:Accepted|Partial) publickey for ")


def _by_port(log: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The daemon's lines by the client's port: its processes name themselves, and the connection once."""
    ports: dict[str, int] = {}
    lines: dict[int, list[str]] = {}
    for line in log:
        process = _PROCESS.search(line)
        if process is None:
            continue
        if begins := _CONNECTION.search(line):
            ports[process[1]] = int(begins[1])
        if process[1] in ports:
            lines.setdefault(ports[process[1]], []).append(line[process.end() :].removesuffix("\n"))
    return {port: tuple(said) for port, said in lines.items()}


def _with_log(login: Login, log: dict[int, tuple[str, ...]]) -> Login:
    said = log.get(login.port, ())
    places = [found[1] for line in said if (found := _PLACE.search(line))]
    partial = any(_PARTIAL.search(line) for line in said)
    by_key = any(_BY_KEY.search(line) for line in said)
    return replace(
        login,
        accepted=(login.accepted and by_key) or partial,
        partial=partial,
        place=places[-1] if places else None,
        said=said,
    )
