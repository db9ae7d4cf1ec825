"""A client that shows a daemon exactly what it is told to, one method after another."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Sequence

import paramiko

from .case import Step, Way
from .person import WRONG, Person

_QUIET = "second_factor.client"  # connections that a daemon drops are answers here
logging.getLogger(_QUIET).propagate = False
logging.getLogger(_QUIET).addHandler(logging.NullHandler())
_DEADLINE_S = 60
_CODE = re.compile(r"code|otp|one-time|token|yubikey|challenge", re.IGNORECASE)
_BOTH = re.compile(r"password & verification", re.IGNORECASE)  # pam_google_authenticator's with forward_pass


class UnclearError(Exception):
    """A connection that ended for another reason than that it was refused."""


def attempt(
    connection: socket.socket, host_key: str, account: str, steps: Sequence[Step], person: Person, code: str
) -> Way:
    """Log in by these steps; each but the last one is expected to be a partial success."""
    prompts: list[str] = []
    with connection, paramiko.Transport(connection) as transport:
        transport.set_log_channel(_QUIET)
        transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = _DEADLINE_S
        try:
            transport.start_client(timeout=_DEADLINE_S)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise UnclearError(f"{account}: {error}") from error
        offered = transport.get_remote_server_key()
        if f"{offered.get_name()} {offered.get_base64()}" != host_key:
            raise UnclearError(f"{account}: another host key than the host's")
        allowed: tuple[str, ...] = ()
        for step in steps:
            try:
                allowed = tuple(_show(transport, account, step, person, code, prompts))
            except paramiko.BadAuthenticationType as error:
                return Way(tuple(steps), "refused", tuple(sorted(error.allowed_types)), tuple(prompts), "not allowed")
            except (paramiko.SSHException, EOFError) as error:
                if isinstance(error, paramiko.AuthenticationException) and "timeout" in str(error).lower():
                    raise UnclearError(f"{account}: {step}: {error}") from error
                return Way(tuple(steps), "refused", (), tuple(prompts), f"{type(error).__name__}: {error}")
        if allowed:
            return Way(tuple(steps), "partial", allowed, tuple(prompts))
        return _enter(transport, Way(tuple(steps), "entered", (), tuple(prompts)))


def _show(
    transport: paramiko.Transport, account: str, step: Step, person: Person, code: str, prompts: list[str]
) -> Sequence[str]:
    """The methods that the daemon goes on with; none when it asks for no more."""
    match step.method:
        case "none":
            return transport.auth_none(account)
        case "publickey":
            return transport.auth_publickey(account, person.offers[step.shown])
        case "password":
            return transport.auth_password(account, _text(step.shown, person, code), fallback=False)
        case "keyboard-interactive":
            return transport.auth_interactive(account, _answers(step.shown, person, code, prompts))
    raise ValueError(step.method)


def _answers(
    shown: str, person: Person, code: str, prompts: list[str]
) -> Callable[[str, str, list[tuple[str, bool]]], list[str]]:
    def answer(title: str, instructions: str, asked: list[tuple[str, bool]]) -> list[str]:  # noqa: ARG001 paramiko's
        prompts.extend(prompt for prompt, _ in asked)
        if shown != "each":
            return [_text(shown, person, code) for _ in asked]
        return [_text(_wanted(prompt), person, code) for prompt, _ in asked]

    return answer


def _wanted(prompt: str) -> str:
    """What a prompt asks for."""
    if _BOTH.search(prompt):
        return "joined"
    return "code" if _CODE.search(prompt) else "password"


def _text(shown: str, person: Person, code: str) -> str:
    match shown:
        case "wrong":
            return WRONG
        case "empty":
            return ""
        case "password":
            return person.password
        case "code":
            return code
        case "joined":
            return person.password + code
        case "password and no code":
            return person.password + person.wrong_code
        case "code and no password":
            return WRONG + code
    raise ValueError(shown)


def _enter(transport: paramiko.Transport, way: Way) -> Way:
    """Open a session: the account may still be refused there."""
    try:
        channel = transport.open_session(timeout=_DEADLINE_S)
        channel.settimeout(_DEADLINE_S)
        channel.exec_command("true")
        channel.recv_exit_status()
    except (paramiko.SSHException, EOFError, ConnectionError) as error:
        return Way(way.steps, "refused", (), way.prompts, f"no session: {error}")
    return way
