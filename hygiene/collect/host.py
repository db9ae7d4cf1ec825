"""Collect one host: connect, log in, run the collector once, judge how it ended, and give its evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncssh

from hygiene.collect import faults, script, ssh
from hygiene.collect.faults import Outcome
from hygiene.collect.identity import Identity
from hygiene.collect.jump import JumpError, JumpHost
from hygiene.collect.known_hosts import KnownHosts
from hygiene.collect.session import Held, Limits, Session, run
from hygiene.collect.ssh import Deadlines
from hygiene.evidence.stream import decode
from hygiene.model import Evidence, Login, Target
from hygiene.passwords.hashes.shared import key_name


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is said to a host and how its answer is judged."""

    command: Callable[[str, bool], str]  # nonce, with sudo
    payload: Callable[[str], bytes]  # nonce -> standard input
    problem: Callable[[bytes, str], str | None]  # output, nonce -> what is missing; None: it is whole
    begun: Callable[[bytes, str], bool]  # output, nonce -> whether our collector spoke at all
    digest_key: str | None = None  # the name of the key for digests that the payload holds


def our_exchange(logs: bool = False, digest_key: str | None = None) -> Exchange:
    """What is said to a host with our own collector, and judged by its frames.

    `logs`: which keys were used, too. `digest_key`: of which digests of password hashes are made; None: none are.
    """

    def problem(stream: bytes, nonce: str) -> str | None:
        transcript = decode(stream, nonce)
        return None if transcript.complete else transcript.problem

    return Exchange(
        command=script.remote_command,
        payload=lambda nonce: script.stdin_payload(nonce, logs, digest_key),
        problem=problem,
        begun=lambda stream, nonce: f"@HYG1 {nonce} ".encode() in stream,
        digest_key=None if digest_key is None else key_name(digest_key),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """How a run gets into its hosts."""

    user: str  # for targets that name none
    identities: Sequence[Identity]
    known_hosts: KnownHosts
    sudo: bool = True
    jump: Target | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Collected:
    """The evidence of one attempt, and in how many seconds a second one may help (None: it would not)."""

    evidence: Evidence
    retry_after_s: float | None = None


@dataclass(slots=True)
class _Attempt:
    """What is known of a host while it is being collected."""

    target: Target
    user: str
    nonce: str
    client: ssh.Client
    session: Session
    late: str = ""  # which deadline ended it


class HostCollector:
    """Collects hosts one by one over SSH; made once for a run, used by many tasks of one event loop."""

    def __init__(
        self,
        scan: str,
        way: Way,
        exchange: Exchange,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_nonce: Callable[[], str] = script.new_nonce,
    ) -> None:
        self._scan = scan
        self._way = way
        self._exchange = exchange
        self._clock = clock
        self._new_nonce = new_nonce
        self._options = ssh.build_options()
        self._held = Held(way.limits.together_bytes)
        self._jump: JumpHost | None = None
        if (jump := way.jump) is not None:
            self._jump = JumpHost(
                jump.host,
                lambda: self._client(jump),
                jump.user or way.user,
                self._options,
                way.deadlines.login_s,
            )

    async def close(self) -> None:
        """End the connection to the jump host."""
        if self._jump is not None:
            await self._jump.close()

    async def collect(self, target: Target) -> Collected:
        """Collect one host within its deadlines; nothing that a host does raises here."""
        started_at = self._clock()
        attempt = _Attempt(
            target,
            target.user or self._way.user,
            self._new_nonce(),
            self._client(target),
            Session(self._way.limits, self._held),
        )
        self._held.answers += 1
        try:
            async with asyncio.timeout(self._way.deadlines.host_s):
                outcome = await self._through_jump(attempt)
        except TimeoutError as error:
            attempt.late = f"the host took longer than {self._way.deadlines.host_s:g} s in all"
            outcome = self._end(attempt, error, self._way.deadlines.host_s)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # not we were cancelled, but something inside the library on the way to this host
            outcome = self._surprise(attempt, error)
        # One of the two places that may catch everything: one host's surprise must not end the run
        except Exception as error:  # noqa: BLE001
            outcome = self._surprise(attempt, error)
        finally:
            self._held.answers -= 1
            self._held.now_bytes -= len(attempt.session.stdout)
        return Collected(self._evidence(attempt, outcome, started_at), outcome.retry_after_s)

    def _client(self, target: Target) -> ssh.Client:
        return ssh.Client(target, self._way.known_hosts, self._way.identities)

    async def _through_jump(self, attempt: _Attempt) -> Outcome:
        if self._jump is None:
            return await self._with_legacy_key(attempt, None)
        try:
            tunnel = await self._jump.tunnel()
            outcome = await self._with_legacy_key(attempt, tunnel)
            if outcome is not faults.COMPLETE and tunnel.is_closed():
                # lost under way, and no fault of this host: once more through a new connection
                attempt.client = self._client(attempt.target)
                self._held.now_bytes -= len(attempt.session.stdout)
                attempt.session = Session(self._way.limits, self._held)
                outcome = await self._with_legacy_key(attempt, await self._jump.tunnel())
        except JumpError as error:
            return faults.unreachable(f"jump host {self._jump.host}: {error}", error.outcome.retry_after_s)
        return outcome

    async def _with_legacy_key(self, attempt: _Attempt, tunnel: asyncssh.SSHClientConnection | None) -> Outcome:
        client, known_hosts = attempt.client, self._way.known_hosts
        outcome = await self._once(attempt, ssh.host_key_algorithms(known_hosts, attempt.target), tunnel)
        if client.server_version is None or client.host_key is not None:
            return outcome
        # No key was offered: perhaps the host has only signatures that we did not ask for. Ask for them once, and
        # only where known_hosts has such a key; it is still compared strictly.
        legacy = ssh.host_key_algorithms(known_hosts, attempt.target, legacy=True)
        if not legacy:
            return outcome
        attempt.client = self._client(attempt.target)
        return await self._once(attempt, legacy, tunnel)

    async def _once(
        self, attempt: _Attempt, algorithms: Sequence[str], tunnel: asyncssh.SSHClientConnection | None
    ) -> Outcome:
        connection = None
        deadlines = self._way.deadlines
        try:
            async with asyncio.timeout(deadlines.login_s):
                connection = await ssh.connect(attempt.client, attempt.user, self._options, algorithms, tunnel)
            async with asyncio.timeout(deadlines.collect_s):
                command = self._exchange.command(attempt.nonce, self._way.sudo and attempt.user != "root")
                await run(connection, attempt.session, command, self._exchange.payload(attempt.nonce))
        except TimeoutError as error:
            if connection is not None:
                attempt.late = f"collection did not end within {deadlines.collect_s:g} s"
            return self._end(attempt, error, deadlines.login_s)
        except (asyncssh.Error, OSError, ValueError) as error:
            return self._end(attempt, error, deadlines.login_s)
        else:
            return self._end(attempt, None, deadlines.login_s)
        finally:
            if connection is not None:
                await ssh.close(connection)

    def _end(self, attempt: _Attempt, error: Exception | None, deadline_s: float) -> Outcome:
        """How it ended: what was said decides, not how the connection went away."""
        session, client = attempt.session, attempt.client
        if not client.authenticated:
            assert error is not None
            return faults.before_session(client, attempt.user, deadline_s, error)
        if isinstance(error, asyncssh.ChannelOpenError):
            return faults.no_commands(client.server_version)
        if error is not None and not attempt.late and not session.stdout:
            return faults.before_session(client, attempt.user, deadline_s, error)
        stream = bytes(session.stdout)
        problem = self._exchange.problem(stream, attempt.nonce)
        if problem is None and not session.over_limit:
            return faults.COMPLETE
        begun = self._exchange.begun(stream, attempt.nonce)
        return faults.not_collected(client.server_version, session, problem or "", begun, attempt.late)

    def _surprise(self, attempt: _Attempt, error: BaseException) -> Outcome:
        reason = f"internal error: {type(error).__name__}"
        if attempt.client.authenticated:
            return faults.partial(reason)
        return faults.refused(reason) if attempt.client.verdict is not None else faults.unreachable(reason, None)

    def _evidence(self, attempt: _Attempt, outcome: Outcome, started_at: datetime) -> Evidence:
        client = attempt.client
        login = None
        if client.authenticated:
            login = Login(attempt.user, client.accepted.fingerprint if client.accepted else None)
        return Evidence(
            scan=self._scan,
            target=attempt.target,
            status=outcome.status,
            stage=outcome.stage,
            reason=outcome.reason,
            started_at=started_at,
            finished_at=self._clock(),
            nonce=attempt.nonce,
            login=login,
            server_version=client.server_version,
            host_key=client.host_key,
            stream=bytes(attempt.session.stdout),
            digest_key=self._exchange.digest_key,
        )
