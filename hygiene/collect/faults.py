"""Why a host was not collected: an outcome with status, stage and one line for a person.

Stage and status go together: what ends in `connect` is unreachable (there was no SSH transport), in
`login` refused (its host key or our login was not accepted), in `collect` partial, in `done` complete.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import assert_never

import asyncssh

from hygiene.collect.known_hosts import HostKeyState
from hygiene.collect.session import Session
from hygiene.collect.ssh import Client
from hygiene.model import Status

_LONGEST_QUOTE = 120
_DROPPED_BEFORE_BANNER = (
    "connection dropped before the SSH banner (MaxStartups, PerSourcePenalties, a ban or a firewall); try again later"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a host ended. `retry_after_s` says when a second attempt may help; None: it would not."""

    status: Status
    stage: str
    reason: str = ""
    retry_after_s: float | None = None


COMPLETE = Outcome(Status.COMPLETE, "done")


def unreachable(reason: str, retry_after_s: float | None = 0.0) -> Outcome:
    return Outcome(Status.UNREACHABLE, "connect", reason, retry_after_s)


def refused(reason: str) -> Outcome:
    return Outcome(Status.REFUSED, "login", reason)


def partial(reason: str) -> Outcome:
    return Outcome(Status.PARTIAL, "collect", reason)


def before_session(client: Client, user: str, deadline_s: float, error: Exception) -> Outcome:
    """The outcome when there is no session: judged by how far the connection came, then by the error."""
    timed_out = isinstance(error, TimeoutError)
    if not client.connected:
        return _not_connected(client, deadline_s, error)
    if client.server_version is None:
        if timed_out:
            return unreachable(f"no SSH banner within {deadline_s:g} s: the port accepts connections and says nothing")
        if isinstance(error, asyncssh.ProtocolError | asyncssh.ProtocolNotSupported):
            return unreachable("what answers at this port does not speak SSH 2", None)
        # PerSourcePenalties of OpenSSH 9.8 and later hold for 15 s and more
        return unreachable(_DROPPED_BEFORE_BANNER, 30.0)
    if client.verdict is None:
        if timed_out:
            return unreachable(f"the key exchange did not end within {deadline_s:g} s")
        return unreachable(f"the key exchange failed: {_words(error)}", None)
    if client.verdict.state is not HostKeyState.KNOWN:
        return refused(_host_key(client))
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return refused(f"the host's certificate does not hold: {_words(error)}")
    if timed_out:
        return refused(f"login as {user} did not end within {deadline_s:g} s")
    if isinstance(error, asyncssh.PermissionDenied):
        return refused(_denied(client, user))
    if client.authenticated:
        return partial(f"the host opened no session: {_words(error)}")
    return refused(f"connection closed while logging in as {user}: {_words(error)}")


def _not_connected(client: Client, deadline_s: float, error: Exception) -> Outcome:
    address = printable(client.target.address)
    where = f"{address} port {client.target.port}"
    match error:
        case asyncssh.ChannelOpenError():
            return unreachable(f"the jump host cannot connect to {where}: {_words(error)}")
        case TimeoutError():
            return unreachable(f"no answer from {where} within {deadline_s:g} s")
        case socket.gaierror() | UnicodeError():
            return unreachable(f"the name {address} does not resolve; correct it in the inventory")
        case ConnectionRefusedError():
            return unreachable(f"connection to {where} refused: nothing listens there")
        case OSError():
            # asyncio joins the errors of several addresses into one without a number
            what = os.strerror(error.errno) if error.errno else _words(error)
            return unreachable(f"cannot connect to {where}: {what}")
        case _:
            return unreachable(f"cannot connect to {where}: {_words(error)}")


def _host_key(client: Client) -> str:
    verdict = client.verdict
    assert verdict is not None
    key_type = (client.host_key or "").partition(" ")[0]
    key = f"{key_type} {client.host_key_fingerprint}"
    match verdict.state:
        case HostKeyState.UNKNOWN:
            return (
                f"host key is not in known_hosts ({key}); compare it on the console, then add it, "
                "or pass --known-hosts FILE"
            )
        case HostKeyState.CHANGED:
            if verdict.known_type != key_type:
                has = f"{verdict.place} has only a {verdict.known_type} key"
            else:
                has = f"{verdict.place} has another"
            return f"host key has changed: offered {key}, {has}; find out why on the console before changing that line"
        case HostKeyState.REVOKED:
            return f"host key is revoked ({key}, {verdict.place}); give the host a new key and record that one"
        case HostKeyState.KNOWN:
            return ""
        case _:
            assert_never(verdict.state)


def _denied(client: Client, user: str) -> str:
    if not client.asked_for_key:
        return f"login as {user} denied: the host does not offer public key login"
    keys = ", ".join(f"{each.fingerprint} ({each.source})" for each in client.offered)
    if not keys:
        return f"login as {user} denied: there is no key to offer; name one with --key FILE, or load one into the agent"
    if not client.exhausted:
        # the host took the key and then struck public keys off its list: it wants something else besides
        last = client.offered[-1]
        besides = " or ".join(client.asked_besides) or "something else"
        ours = f"our key {last.fingerprint} ({last.source})"
        return f"login as {user} denied: {ours} was accepted, and {besides} is asked for besides"
    denied = f"login as {user} denied; offered {keys}"
    if client.not_offered:
        denied += f"; {client.not_offered} more keys were not offered, name the right one with --key"
    return denied


def not_collected(server_version: str | None, session: Session, problem: str, begun: bool, late: str) -> Outcome:
    """The outcome when a session gave no whole evidence.

    `problem` is what is wrong with the stream, `begun` whether our collector spoke in it at all, and
    `late` which deadline ended it, or nothing.
    """
    if session.over_limit:
        return partial(f"the host was cut off: it said {session.over_limit}")
    if begun:
        return partial(f"{late}; {problem}" if late else problem)
    text = bytes(session.stdout[:4096] + b"\n" + session.stderr[:4096]).decode("utf-8", "replace").lower()
    banner = server_version or ""
    if "for_windows" in banner.lower() or any(sign in text for sign in _WINDOWS):
        return partial(f"no POSIX shell: this is Windows ({printable(banner)})")
    if late:
        return partial(f"{late}; the collector did not begin")
    if any(banner.lower().startswith(sign) for sign in _APPLIANCES) or any(sign in text for sign in _NO_SHELL):
        return partial(f"no POSIX shell: this looks like an appliance ({printable(banner)}){_quote(session)}")
    if "account is currently not available" in text or "sftp connections only" in text:
        return partial(f"the account's shell or a forced command runs nothing for us{_quote(session)}")
    if "sudo" in text and ("password" in text or "not allowed" in text or "not in the sudoers" in text):
        return partial(f"sudo does not let this account run the collector{_quote(session)}")
    if session.lost:
        return partial("connection lost before the collector began")
    return partial(
        f"the host ran something else than the collector (a forced command, or a login script that ends the shell)"
        f"{_quote(session)}"
    )


def no_commands(server_version: str | None) -> Outcome:
    """The outcome when the host let us in and then refused to run any command."""
    return partial(f"no POSIX shell: the host runs no commands ({printable(server_version or '')})")


# cmd.exe and PowerShell, whatever SSH server stands before them
_WINDOWS = ("is not recognized as an internal or external command", "commandnotfoundexception", "microsoft windows")
# banners of network gear: Cisco, MikroTik, Huawei, HPE Comware and ProCurve, Dell, Zyxel and other RomPager
_APPLIANCES = ("cisco-", "rosssh", "huawei-", "comware-", "mocana", "romsshell", "lancom", "netscreen", "ipssh-")
_NO_SHELL = ("% invalid input", "invalid input detected", "unknown command", "unrecognized command", "syntax error at")


def _quote(session: Session) -> str:
    """The first line that the host said, for a person; errors before output."""
    for data in (session.stderr, session.stdout):
        for line in bytes(data[:4096]).splitlines():
            if text := printable(line.decode("utf-8", "replace").strip()):
                return f": {text[:_LONGEST_QUOTE]}"
    return ""


def printable(text: str) -> str:
    """One line without control characters, terminal escapes or direction marks."""
    return "".join(each if each.isprintable() else " " for each in text).strip()


def _words(error: Exception) -> str:
    return printable(str(error))[:_LONGEST_QUOTE] or type(error).__name__
