"""Signature algorithms: which a version takes for public keys, and which a key can sign with."""

from __future__ import annotations

from hygiene.openssh.keys import PublicKey
from hygiene.openssh.patterns import list_verdict, match_list
from hygiene.openssh.version import Version

_CERT = "-cert-v01@openssh.com"
_ED25519, _SK_ED25519 = "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
_SK_ECDSA, _WEBAUTHN = "sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
_ECDSA = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


def _certified(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.partition("@")[0] + _CERT for name in names)


def defaults(version: Version) -> tuple[str, ...]:
    """PubkeyAcceptedAlgorithms of upstream (KEX_DEFAULT_PK_ALG in myproposal.h), since 7.0.

    Builds that follow a crypto policy (Red Hat's) set their own in a file.
    """
    sk = version.since(8, 2)
    rsa = _RSA if version.since(7, 2) else ()
    if version.since(8, 5):
        plain: tuple[str, ...] = (_ED25519, *_ECDSA, _SK_ED25519, _SK_ECDSA)
        plain += ((_WEBAUTHN,) if version.since(10, 3) else ()) + rsa
    else:
        plain = (*_ECDSA, *((_SK_ECDSA,) if sk else ()), _ED25519, *((_SK_ED25519,) if sk else ()), *rsa)
    if not version.since(8, 8):
        plain += ("ssh-rsa",)
    certified = plain if version.since(7, 8) else tuple(name for name in plain if name not in _RSA)
    key, certificate = _mldsa(version) if version.since(10, 6) else ("", "")
    mldsa = ((key,), (certificate,)) if key else ((), ())
    return (*_certified(certified), *mldsa[1], *plain, *mldsa[0])


def of_authorities(version: Version) -> tuple[str, ...]:
    """CASignatureAlgorithms of upstream (SSH_ALLOWED_CA_SIGALGS in myproposal.h), since 7.9."""
    if not version.since(8, 2):
        return (*_ECDSA, _ED25519, *_RSA, "ssh-rsa")
    if not version.since(8, 5):
        return (*_ECDSA, _SK_ECDSA, _ED25519, _SK_ED25519, *_RSA)
    return (_ED25519, *_ECDSA, _SK_ED25519, _SK_ECDSA, *((_WEBAUTHN,) if version.since(10, 3) else ()), *_RSA)


def known(version: Version) -> tuple[str, ...]:
    """Every name that may stand in PubkeyAcceptedAlgorithms, in the order of the table in sshkey.c."""
    return _known_since_9_2(version) if version.since(9, 2) else _known_before_9_2(version)


def _known_since_9_2(version: Version) -> tuple[str, ...]:
    names: list[str] = []
    for name in (_ED25519, _SK_ED25519, *_ECDSA, _SK_ECDSA):
        names += (name, *_certified((name,)))
        if name == _SK_ED25519:
            names += _mldsa(version)
    names.append(_WEBAUTHN)
    if version.since(10, 3):
        names += _certified((_WEBAUTHN,))
    for name in ("ssh-dss", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"):
        if name != "ssh-dss" or not version.since(9, 8):  # since then only builds that ask for it have it
            names += (name, *_certified((name,)))
    return tuple(names)


def _mldsa(version: Version) -> tuple[str, ...]:
    """The key type of FIPS 204 and its certificates, whose names changed between 10.5 and 10.6."""
    if version.since(10, 6):
        return ("ssh-mldsa44-ed25519", "ssh-mldsa44-ed25519-cert")
    return ("ssh-mldsa44-ed25519@openssh.com", f"ssh-mldsa44-ed25519{_CERT}") if version.since(10, 4) else ()


def _known_before_9_2(version: Version) -> tuple[str, ...]:
    sk = (_SK_ECDSA,) if version.since(8, 2) else ()
    names = [_ED25519, *_certified((_ED25519,))]
    if sk:
        names += [_SK_ED25519, *_certified((_SK_ED25519,))]
    rsa = ("ssh-rsa", *(_RSA[::-1] if version.since(7, 2) else ()))
    names += [*rsa, "ssh-dss", *_ECDSA, *sk]
    if version.since(8, 4):
        names.append(_WEBAUTHN)
    return (*names, *_certified(rsa if version.since(7, 8) else rsa[:1]), *_certified(("ssh-dss", *_ECDSA, *sk)))


def are_valid(value: str, version: Version, plain_only: bool = False) -> bool:
    """False for a list that keeps sshd from starting (sshkey_names_valid2 in sshkey.c)."""
    if value.startswith("-"):
        return True
    names = value[1:] if value[:1] in ("+", "^") else value
    if not names:
        return False
    all_names = known(version)
    short = _SHORT_OF_CERTIFICATES if not version.since(7, 8) else frozenset[str]()
    for name in names.split(","):
        if not name:
            return True  # the rest is not looked at
        if name in all_names:
            if plain_only and name.endswith(_CERT):
                return False
        elif name.lower() not in _SHORT | short and not any(list_verdict(one, name) for one in all_names):
            return False
    return True


# keys of the same names without the dashes of their types (sshkey_type_from_name in sshkey.c); they match no algorithm
_SHORT = frozenset(("ed25519", "ed25519-sk", "ecdsa", "ecdsa-sk", "rsa", "dsa"))
_SHORT_OF_CERTIFICATES = frozenset(f"{name}-cert" for name in ("ed25519", "ecdsa", "rsa", "dsa"))


def assemble(value: str, default: tuple[str, ...], version: Version, plain_only: bool = False) -> tuple[str, ...]:
    """Apply a list with `+`, `-`, `^` or patterns to the default (kex_assemble_names in kex.c).

    `plain_only`: a pattern stands for no algorithm of certificates. A list that ends empty is refused by sshd and
    comes out empty.
    """
    if value.startswith("-") and version.since(7, 5):
        return tuple(name for name in default if not match_list(name, value[1:]))
    added = value[1:] if value[:1] in ("+", "^") else value
    patterns = added.split(",")
    if value.startswith("+"):
        patterns = [*default, *patterns]
    elif value.startswith("^"):
        patterns += default
    if not version.since(7, 8):  # patterns stay, and are matched when a key comes
        return tuple(dict.fromkeys(patterns)) if value.startswith("+") else tuple(patterns)
    names = [name for name in known(version) if not (plain_only and name.endswith(_CERT))]
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
