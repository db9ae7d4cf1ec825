"""How a setting of sshd is judged: what is bad about a value, what makes it moot, and lists of what is weak."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from hygiene.api import Severity

OFF: Final = "off"
_LEVELS: Final = (OFF, *(severity.value for severity in reversed(Severity)))


@dataclass(frozen=True, slots=True)
class Moot:
    """Another keyword that leaves a setting without effect, the values with which it does, and the first release."""

    keyword: str
    words: tuple[str, ...]
    since: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One setting that is judged, by its keyword as sshd_config(5) writes it."""

    keyword: str
    words: tuple[str, ...] = ()  # bad as the value, or as an item of it; in lower case
    above: str | None = None  # the parameter that says above what a number is bad
    moot: tuple[Moot, ...] = ()  # any of these is enough


def judged(level: str, doc: str, rule: Rule) -> Any:
    """Give the field of a check whose value is the severity of this setting, or `off`."""
    return field(default=level, metadata={"doc": doc, "choices": _LEVELS, "rule": rule})


# serverloop.c, session.c: DisableForwarding reached agents and X11 in 10.0 only, tunnels in 10.4
NO_TCP: Final = Moot("DisableForwarding", ("yes",))
NO_AGENT: Final = Moot("DisableForwarding", ("yes",), (10, 0))
NO_TUNNEL: Final = Moot("DisableForwarding", ("yes",), (10, 4))

# patterns of variables with which a program is made to run other code (ld.so(8), bash(1), sh(1))
CODE_VARIABLES: Final = ("*", "ld_*", "ld_preload", "ld_library_path", "bash_env", "env")

SHA1_SIGNATURES: Final = ("ssh-rsa", "ssh-rsa-cert-v01@openssh.com", "ssh-dss", "ssh-dss-cert-v01@openssh.com")
WEAK_CIPHERS: Final = (
    *("3des-cbc", "blowfish-cbc", "cast128-cbc", "arcfour", "arcfour128", "arcfour256"),
    *("aes128-cbc", "aes192-cbc", "aes256-cbc", "rijndael-cbc@lysator.liu.se"),
)
WEAK_MACS: Final = (
    *("hmac-md5", "hmac-md5-96", "hmac-sha1-96", "hmac-ripemd160", "hmac-ripemd160@openssh.com"),
    *("hmac-md5-etm@openssh.com", "hmac-md5-96-etm@openssh.com"),
    *("hmac-sha1-96-etm@openssh.com", "hmac-ripemd160-etm@openssh.com"),
)
WEAK_EXCHANGES: Final = ("diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1")
