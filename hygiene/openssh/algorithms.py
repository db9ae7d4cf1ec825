"""Signature algorithms: which a version takes for public keys, and which a key can sign with."""

from __future__ import annotations

from hygiene.openssh.keys import PublicKey
from hygiene.openssh.patterns import match_list
from hygiene.openssh.version import Version

_CERT = "-cert-v01@openssh.com"
_ED25519, _SK_ED25519 = "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
_SK_ECDSA, _WEBAUTHN = "sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
_ECDSA = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


def _certified(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.partition("@")[0] + _CERT for name in names)


def defaults(version: Version) -> tuple[str, ...] | None:
    """PubkeyAcceptedAlgorithms of upstream (KEX_DEFAULT_PK_ALG in myproposal.h); None before 8.0.

    Builds that follow a crypto policy (Red Hat's) set their own in a file.
    """
    if not version.since(8, 0):
        return None
    sk = version.since(8, 2)
    if version.since(8, 5):
        plain: tuple[str, ...] = (_ED25519, *_ECDSA, _SK_ED25519, _SK_ECDSA)
        plain += ((_WEBAUTHN,) if version.since(10, 3) else ()) + _RSA
    else:
        plain = (*_ECDSA, *((_SK_ECDSA,) if sk else ()), _ED25519, *((_SK_ED25519,) if sk else ()), *_RSA)
    if not version.since(8, 8):
        plain += ("ssh-rsa",)
    return (*_certified(plain), *plain)


def known(version: Version) -> tuple[str, ...]:
    """Every name that may stand in PubkeyAcceptedAlgorithms, in the order of keyimpls in sshkey.c."""
    names: list[str] = []
    for name in (_ED25519, _SK_ED25519, *_ECDSA, _SK_ECDSA):
        if name not in (_SK_ED25519, _SK_ECDSA) or version.since(8, 2):
            names += (name, *_certified((name,)))
    if version.since(8, 4):
        names.append(_WEBAUTHN)
    if version.since(10, 3):
        names += _certified((_WEBAUTHN,))
    for name in ("ssh-dss", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"):
        if name != "ssh-dss" or not version.since(10, 0):
            names += (name, *_certified((name,)))
    return tuple(names)


def assemble(value: str, version: Version) -> tuple[str, ...] | None:
    """Apply a list with `+`, `-`, `^` or patterns to the default (kex_assemble_names in kex.c).

    None when the default is not known; a list that ends empty is refused by sshd and comes out empty.
    """
    default = defaults(version)
    if value[:1] in ("+", "-", "^") and default is None:
        return None
    base = list(default or ())
    if value.startswith("-"):
        return tuple(name for name in base if not match_list(name, value[1:]))
    patterns = value.removeprefix("+").removeprefix("^").split(",")
    patterns = base + patterns if value.startswith("+") else patterns + base if value.startswith("^") else patterns
    names = known(version)
    found = dict.fromkeys(
        name for pattern in dict.fromkeys(patterns) for name in names if pattern and match_list(name, pattern)
    )
    return tuple(found)


def signing(key: PublicKey) -> tuple[str, ...]:
    """The algorithms with which the holder of this plain key can sign."""
    match key.plain_type:
        case "ssh-rsa":
            return (*_RSA, "ssh-rsa")
        case "sk-ecdsa-sha2-nistp256@openssh.com":
            return (_SK_ECDSA, _WEBAUTHN)
        case other:
            return (other,)
