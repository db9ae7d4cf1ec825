"""Settings that decide whether a key is taken: switches, algorithms, Match blocks, Include, revocation, commands."""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import asyncssh
from lab.spec import Directory, File, Node

from differential.case import Case, Scene
from differential.cases import account
from differential.cases.accounts import KEYS, plain_case
from differential.keys import certificate, fingerprint, fresh, line_of, pair, shared

_OLD, _NEW = "PubkeyAcceptedKeyTypes", "PubkeyAcceptedAlgorithms"  # the name since 8.5


def scenes() -> Iterator[Scene]:
    yield from _people()
    yield from _kinds()
    yield from _includes()
    yield from _revoked()
    yield from _programs()


# ---------------------------------------------------------------- the same three accounts under many settings

_TEXTS: dict[str, str] = {
    "nothing": "",
    "pubkey-no": "PubkeyAuthentication no\n",
    "pubkey-no-then-yes": "PubkeyAuthentication no\nPubkeyAuthentication yes\n",
    "keyword-capitals": "PUBKEYAUTHENTICATION NO\n".replace(" NO", " no"),
    "equals": "PubkeyAuthentication=no\n",
    "equals-with-blanks": "PubkeyAuthentication  =  no\n",
    "quoted": 'PubkeyAuthentication "no"\n',
    "tab": "\tPubkeyAuthentication\tno\n",
    "crlf": "PubkeyAuthentication no\r\n",
    "comment-behind": "PubkeyAuthentication yes # no\n",
    "no-newline-at-end": "PubkeyAuthentication no",
    "methods-publickey": "AuthenticationMethods publickey\n",
    "methods-both": "AuthenticationMethods publickey,password\n",
    "methods-password-first": "PermitRootLogin yes\nAuthenticationMethods password,publickey\n",
    "methods-password": "PermitRootLogin yes\nAuthenticationMethods password\n",
    "methods-any": "AuthenticationMethods any\n",
    "methods-either": "AuthenticationMethods password publickey\n",
    "methods-two-keys": "AuthenticationMethods publickey,publickey\n",
    "force-command": "ForceCommand echo by-settings\n",
    "force-command-none": "ForceCommand none\n",
    "no-tty": "PermitTTY no\n",
    "no-forwarding": "DisableForwarding yes\n",
    "chroot": "ChrootDirectory /srv\n",
    "max-auth-tries-1": "MaxAuthTries 1\n",
    "match-user-off": "Match User alice\nPubkeyAuthentication no\n",
    "match-user-on": "PubkeyAuthentication no\nMatch User alice\nPubkeyAuthentication yes\n",
    "match-user-list": "PubkeyAuthentication no\nMatch User bob,alice\nPubkeyAuthentication yes\n",
    "match-user-pattern": "PubkeyAuthentication no\nMatch User a*\nPubkeyAuthentication yes\n",
    "match-user-negated": "PubkeyAuthentication no\nMatch User *,!alice\nPubkeyAuthentication yes\n",
    "match-user-only-negated": "PubkeyAuthentication no\nMatch User !alice\nPubkeyAuthentication yes\n",
    "match-user-capital": "PubkeyAuthentication no\nMatch User Alice\nPubkeyAuthentication yes\n",
    "match-user-at-address": "PubkeyAuthentication no\nMatch User alice@10.77.0.1\nPubkeyAuthentication yes\n",
    "match-group": "PubkeyAuthentication no\nMatch Group ops\nPubkeyAuthentication yes\n",
    "match-group-primary": "PubkeyAuthentication no\nMatch Group bob\nPubkeyAuthentication yes\n",
    "match-group-negated": "PubkeyAuthentication no\nMatch Group *,!ops\nPubkeyAuthentication yes\n",
    "match-group-pattern": "PubkeyAuthentication no\nMatch Group o?s\nPubkeyAuthentication yes\n",
    "match-address": "PubkeyAuthentication no\nMatch Address 10.77.0.1\nPubkeyAuthentication yes\n",
    "match-address-cidr": "PubkeyAuthentication no\nMatch Address 10.77.0.0/24\nPubkeyAuthentication yes\n",
    "match-address-elsewhere": "PubkeyAuthentication no\nMatch Address 192.0.2.0/24\nPubkeyAuthentication yes\n",
    "match-address-off-everywhere": "Match Address *\nPubkeyAuthentication no\n",
    "match-address-negated": "PubkeyAuthentication no\nMatch Address !10.77.0.1,*\nPubkeyAuthentication yes\n",
    "match-host": "PubkeyAuthentication no\nMatch Host 10.77.0.1\nPubkeyAuthentication yes\n",
    "match-host-name": "PubkeyAuthentication no\nMatch Host *.example.org\nPubkeyAuthentication yes\n",
    "match-local-port": "PubkeyAuthentication no\nMatch LocalPort 22\nPubkeyAuthentication yes\n",
    "match-local-port-other": "PubkeyAuthentication no\nMatch LocalPort 2222\nPubkeyAuthentication yes\n",
    "match-local-address": "PubkeyAuthentication no\nMatch LocalAddress 10.77.0.0/16\nPubkeyAuthentication yes\n",
    "match-all": "PubkeyAuthentication no\nMatch all\nPubkeyAuthentication yes\n",
    "match-user-and-address": (
        "PubkeyAuthentication no\nMatch User alice Address 10.77.0.2\nPubkeyAuthentication yes\n"
    ),
    "match-user-and-group": "PubkeyAuthentication no\nMatch User bob Group ops\nPubkeyAuthentication yes\n",
    "match-first-wins": "Match User alice\nPubkeyAuthentication no\nMatch all\nPubkeyAuthentication yes\n",
    "match-global-wins-not": "PubkeyAuthentication yes\nMatch User alice\nPubkeyAuthentication no\n",
    "match-then-global-is-inside": "Match User alice\nForceCommand echo inside\nPubkeyAuthentication no\n",
    "match-force-command": "Match Group ops\nForceCommand echo for-ops\n",
    "match-methods": "Match User alice\nAuthenticationMethods password\n",
    "match-methods-by-address": "Match Address 10.77.0.1\nAuthenticationMethods password\n",
    "match-equals": "PubkeyAuthentication no\nMatch User=alice\nPubkeyAuthentication yes\n",
    "match-quoted": 'PubkeyAuthentication no\nMatch User "alice"\nPubkeyAuthentication yes\n',
    "match-pattern-question": "PubkeyAuthentication no\nMatch User ?????\nPubkeyAuthentication yes\n",
    "match-root": "PubkeyAuthentication no\nMatch User root\nPubkeyAuthentication yes\n",
}
# the versions that start with them: an unknown word or form stops sshd
_SINCE = {"methods-any": (7, 3), "no-forwarding": (7, 4)}
_BEFORE = {"match-equals": (9, 9)}  # 9.9 alone refuses `User=alice`
_BRIEF = frozenset({"methods-both", "match-group", "match-address"})
_LIMITS_BESIDES = frozenset({"no-tty", "no-forwarding", "chroot"})
# an Address in no test's reach: somebody there gets in
_ELSEWHERE = {"match-address-elsewhere": ("192.0.2.1",)}


def _password() -> str:
    return secrets.token_hex(8)


def _people() -> Iterator[Scene]:
    for title, config in _TEXTS.items():
        common: dict[str, Any] = {
            "password": _password() if "methods" in title else None,
            "line_limits": title not in _LIMITS_BESIDES,
            "brief": title in _BRIEF,
        }
        cases = [
            plain_case(f"settings/{title}-alice", name="alice", groups=("ops",), **common),
            plain_case(f"settings/{title}-bob", name="bob", **common),
            plain_case(f"settings/{title}-root", name="root", uid=0, gid=0, **(common | {"brief": False})),
        ]
        cases = [replace(case, sources=(*case.sources, *_ELSEWHERE.get(title, ()))) for case in cases]
        files: dict[str, Node] = {"/srv/bin": Directory()} if title == "chroot" else {}
        yield Scene(
            f"settings-{title}",
            tuple(cases),
            f"UsePAM yes\n{config}",
            groups={"ops": 3600},
            files=files,
            since=_SINCE.get(title, (0, 0)),
            before=_BEFORE.get(title, (99, 0)),
        )


# ---------------------------------------------------------------- algorithms and sizes

_ALGORITHMS: dict[str, str] = {
    "ed25519-only": "ssh-ed25519",
    "rsa-sha2-only": "rsa-sha2-512,rsa-sha2-256",
    "ssh-rsa-only": "ssh-rsa",
    "ssh-rsa-added": "+ssh-rsa",
    "ed25519-taken": "-ssh-ed25519",
    "all-ecdsa-taken": "-ecdsa-*",
    "rsa-pattern-taken": "-*rsa*",
    "certificates-only": "*-cert-v01@openssh.com",
    "ed25519-first": "^ssh-ed25519",
}


def _kinds() -> Iterator[Scene]:
    for title, value in _ALGORITHMS.items():
        old = (0, 0) if value[0] not in "-^" and "*" not in value else (8, 0)
        for keyword, since, before in ((_OLD, old, (8, 5)), (_NEW, (8, 5), (99, 0))):
            cases = tuple(_kind_cases(f"algorithms/{title}"))
            yield Scene(f"algorithms-{title}-{keyword[14:].lower()}", cases, f"UsePAM yes\n{keyword} {value}\n",
                        since=since, before=before)  # fmt: skip
    for least in (1024, 2048, 3000, 4096):
        cases = tuple(_kind_cases(f"sizes/{least}"))
        yield Scene(f"sizes-{least}", cases, f"UsePAM yes\nRequiredRSASize {least}\n", since=(9, 1))


def _kind_cases(title: str) -> Iterator[Case]:
    for kind in ("ed25519", "rsa-1024", "rsa-2048", "rsa-3072", "ecdsa-256"):
        key = shared(kind)
        yield Case(
            f"{title}-{kind}",
            account(files={KEYS: File(line_of(key) + b"\n", 0o600)}),
            pair(key),
            fingerprint(key),
        )
    ca, user = shared("rsa-2048"), fresh()
    name = "certified"
    yield Case(
        f"{title}-certificate",
        account(files={KEYS: File(b"cert-authority " + line_of(ca) + b"\n", 0o600)}),
        pair(user, certificate(ca, user, [name])),
        fingerprint(ca),
        certified=True,
        name=name,
    )


# ---------------------------------------------------------------- Include

_INCLUDED: dict[str, tuple[str, Mapping[str, str]]] = {
    # the main file, and what lies in /etc/ssh/conf.d
    "before": ("Include conf.d/*.conf\nPubkeyAuthentication yes\n", {"a.conf": "PubkeyAuthentication no\n"}),
    "behind": ("PubkeyAuthentication yes\nInclude conf.d/*.conf\n", {"a.conf": "PubkeyAuthentication no\n"}),
    "absolute": ("Include /etc/ssh/conf.d/a.conf\n", {"a.conf": "PubkeyAuthentication no\n"}),
    "order-of-names": (
        "Include conf.d/*\n",
        {"10-b": "PubkeyAuthentication no\n", "9-a": "PubkeyAuthentication yes\n"},
    ),
    "order-of-case": (
        "Include conf.d/*\n",
        {"B.conf": "PubkeyAuthentication no\n", "a.conf": "PubkeyAuthentication yes\n"},
    ),
    "hidden": ("Include conf.d/*\n", {".a.conf": "PubkeyAuthentication no\n"}),
    "other-suffix": ("Include conf.d/*.conf\n", {"a.conf.bak": "PubkeyAuthentication no\n"}),
    "missing": ("Include conf.d/none.conf\nPubkeyAuthentication no\n", {"a.conf": ""}),
    "two-on-a-line": (
        "Include conf.d/none.conf conf.d/a.conf\n",
        {"a.conf": "PubkeyAuthentication no\n"},
    ),
    "class": ("Include conf.d/[0-9]*.conf\n", {"1.conf": "PubkeyAuthentication no\n"}),
    "negated-class": ("Include conf.d/[!0-9]*.conf\n", {"1.conf": "PubkeyAuthentication no\n"}),
    "nested": (
        "Include conf.d/a.conf\n",
        {"a.conf": "Include conf.d/b.inc\n", "b.inc": "PubkeyAuthentication no\n"},
    ),
    "match-inside-ends-with-file": (
        "Include conf.d/*.conf\nPubkeyAuthentication no\n",
        {"a.conf": "Match User alice\nPubkeyAuthentication yes\n"},
    ),
    "inside-match": (
        "Match User alice\nInclude conf.d/*.conf\n",
        {"a.conf": "PubkeyAuthentication no\n"},
    ),
    "match-inside-match": (
        "Match User alice\nInclude conf.d/*.conf\n",
        {"a.conf": "Match User bob\nPubkeyAuthentication no\nMatch User alice\nForceCommand echo nested\n"},
    ),
    "quoted-blank": ('Include "conf.d/a b.conf"\n', {"a b.conf": "PubkeyAuthentication no\n"}),
}


def _includes() -> Iterator[Scene]:
    for title, (main, included) in _INCLUDED.items():
        cases = tuple(
            plain_case(f"include/{title}-{name}", name=name, brief=title == "inside-match") for name in ("alice", "bob")
        )
        files: dict[str, Node] = {f"/etc/ssh/conf.d/{name}": File(text.encode()) for name, text in included.items()}
        yield Scene(f"include-{title}", cases, f"UsePAM yes\n{main}", files=files, since=(8, 2))


# ---------------------------------------------------------------- RevokedKeys

_REVOKED = "/etc/ssh/revoked"
_CAS = "/etc/ssh/authorities"


def _revoked() -> Iterator[Scene]:
    """One host for each form of the list; `revoked` is on it, `other` is not."""
    texts = "text text-with-options text-crlf text-comment text-fingerprint missing empty 0600 junk folder none"
    lists = "krl-keys krl-fingerprints krl-hashes krl-serial krl-range krl-id krl-cut"
    for title in f"{texts} {lists}".split():
        yield _revoked_scene(title)


def _revoked_scene(title: str) -> Scene:
    revoked, other, ca, bad_ca = fresh(), fresh(), fresh(), fresh()
    cases = [_listed(f"revoked/{title}-revoked", revoked), _listed(f"revoked/{title}-other", other)]
    listed = [revoked, bad_ca]
    for what, authority, serial in (("by-authority", ca, 7), ("serial-kept", ca, 8), ("by-bad-authority", bad_ca, 1)):
        user = fresh()
        name = f"u-{what}"
        made = certificate(authority, user, [name], serial=serial)
        cases.append(
            Case(
                f"revoked/{title}-{what}",
                account(),
                pair(user, made),
                fingerprint(authority),
                certified=True,
                name=name,
                broader="the authority's other certificates" if "krl" in title and authority is ca else None,
            )
        )
    files: dict[str, Node] = {_CAS: File(line_of(ca) + b"\n" + line_of(bad_ca) + b"\n")}
    lines = b"".join(line_of(key) + b"\n" for key in listed)
    content: dict[str, bytes | None] = {
        "text": lines,
        "text-with-options": b"".join(b"no-pty " + line_of(key) + b"\n" for key in listed),
        "text-crlf": lines.replace(b"\n", b"\r\n"),
        "text-comment": b"# gone\n\n" + lines,
        "text-fingerprint": b"".join(fingerprint(key).encode() + b"\n" for key in listed),
        "missing": None,
        "empty": b"",
        "0600": lines,
        "junk": b"this is no list\n",
        "krl-keys": _krl(_section(2, b"".join(_text(_blob(key)) for key in listed))),
        "krl-fingerprints": _krl(_section(3, b"".join(_text(_digest(key, "sha1")) for key in listed))),
        "krl-hashes": _krl(_section(5, b"".join(_text(_digest(key, "sha256")) for key in listed))),
        "krl-serial": _krl(_certificates(ca, _section(0x20, struct.pack("!Q", 7)))),
        "krl-range": _krl(_certificates(ca, _section(0x21, struct.pack("!QQ", 1, 7)))),
        "krl-id": _krl(_certificates(ca, _section(0x23, _text(b"of the tests")))),
        "krl-cut": _krl(_section(2, _text(_blob(revoked))))[:-10],
        "none": lines,
    }
    if title == "folder":
        files[_REVOKED] = Directory()
    elif (text := content[title]) is not None:
        files[_REVOKED] = File(text, 0o600 if title == "0600" else 0o644)
    value = "none" if title == "none" else _REVOKED
    config = f"UsePAM yes\nTrustedUserCAKeys {_CAS}\nRevokedKeys {value}\n"
    return Scene(f"revoked-{title}", tuple(cases), config, files=files)


def _listed(title: str, key: asyncssh.SSHKey) -> Case:
    entry = account(files={KEYS: File(line_of(key) + b"\n", 0o600)})
    return Case(title, entry, pair(key), fingerprint(key), brief=title.startswith("revoked/text-revoked"))


# PROTOCOL.krl


def _krl(sections: bytes) -> bytes:
    return b"SSHKRL\n\0" + struct.pack("!IQQQ", 1, 1, 1_700_000_000, 0) + _text(b"") + _text(b"of the tests") + sections


def _section(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + _text(data)


def _certificates(ca: asyncssh.SSHKey, sections: bytes) -> bytes:
    return _section(1, _text(_blob(ca)) + _text(b"") + sections)


def _text(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def _blob(key: asyncssh.SSHKey) -> bytes:
    return base64.b64decode(line_of(key).split()[1])


def _digest(key: asyncssh.SSHKey, name: str) -> bytes:

    return hashlib.new(name, _blob(key), usedforsecurity=False).digest()


# ---------------------------------------------------------------- AuthorizedKeysCommand


def _programs() -> Iterator[Scene]:
    """Keys that a program gives: which cannot be known from files."""
    key, own = fresh(), fresh()
    script = b"#!/bin/sh\necho '" + line_of(key) + b"'\n"
    cases = (
        Case(
            "programs/key-of-the-program",
            account(),
            pair(key),
            fingerprint(key),
            unknowable="a program gives the keys",
        ),
        Case(
            "programs/key-of-the-file",
            account(files={KEYS: File(line_of(own) + b"\n", 0o600)}),
            pair(own),
            fingerprint(own),
        ),
    )
    config = "UsePAM yes\nAuthorizedKeysCommand /usr/local/bin/keys %u\nAuthorizedKeysCommandUser nobody\n"
    yield Scene("programs", cases, config, files={"/usr/local/bin/keys": File(script, 0o755)})
    fault = tuple(replace(case, id=f"{case.id}-writable") for case in cases)
    yield Scene("programs-writable", fault, config, files={"/usr/local/bin/keys": File(script, 0o777)})
