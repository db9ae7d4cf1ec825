"""Certificates: whom an authority lets in, as whom, and what the certificate itself limits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import asyncssh
from lab.spec import Directory, File, Link, Node

from differential.case import Case, Scene
from differential.cases import account
from differential.keys import certificate, fingerprint, fresh, line_of, pair, shared

KEYS = ".ssh/authorized_keys"
_CAS = "/etc/ssh/authorities"


@dataclass(frozen=True)
class Asked:
    """A certificate, and how its authority is trusted by the account's own file: @CA@ is its line."""

    content: bytes | None  # of authorized_keys
    principals: tuple[str, ...] = ("@NAME@",)
    options: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Node] = field(default_factory=dict)  # below the home
    brief: bool = False
    # the row tells whether some certificate of the authority lets in: this one does not, another might
    other_certificate: bool = False


_OWN: dict[str, Asked] = {
    "plain": Asked(b"cert-authority @CA@\n", brief=True),
    "without-option": Asked(b"@CA@\n", other_certificate=False),
    "capitals": Asked(b"Cert-Authority @CA@\n"),
    "principals": Asked(b'cert-authority,principals="ops" @CA@\n', ("ops",)),
    "principals-first": Asked(b'principals="a,ops",cert-authority @CA@\n', ("ops",)),
    "principals-own-name": Asked(b'cert-authority,principals="@NAME@" @CA@\n'),
    "principals-blank": Asked(b'cert-authority,principals="a, ops" @CA@\n', ("ops",), other_certificate=True),
    "principals-empty": Asked(b'cert-authority,principals="" @CA@\n'),
    "principals-pattern": Asked(b'cert-authority,principals="o*" @CA@\n', ("ops",), other_certificate=True),
    "principals-star-literal": Asked(b'cert-authority,principals="*" @CA@\n', ("*",)),
    "principals-twice": Asked(b'cert-authority,principals="a",principals="ops" @CA@\n', ("ops",)),
    "wrong-principal": Asked(b"cert-authority @CA@\n", ("somebody",), other_certificate=True),
    "command": Asked(b'cert-authority,command="echo by-line" @CA@\n'),
    "command-of-certificate": Asked(b"cert-authority @CA@\n", options={"force_command": "echo by-certificate"}),
    "commands-equal": Asked(b'cert-authority,command="echo same" @CA@\n', options={"force_command": "echo same"}),
    "commands-differ": Asked(
        b'cert-authority,command="echo by-line" @CA@\n',
        options={"force_command": "echo by-certificate"},
        other_certificate=True,
    ),
    "no-pty": Asked(b"cert-authority,no-pty @CA@\n"),
    "from-here": Asked(b'cert-authority,from="10.77.0.1" @CA@\n'),
    "from-nobody": Asked(b'cert-authority,from="!10.0.0.0/8" @CA@\n'),
    "source-address": Asked(b"cert-authority @CA@\n", options={"source_address": ["10.77.0.1"]}),
    "expired": Asked(b"cert-authority @CA@\n", options={"valid_after": 1, "valid_before": 2}, other_certificate=True),
    "not-yet": Asked(b"cert-authority @CA@\n", options={"valid_after": 4_000_000_000}, other_certificate=True),
    "line-expired": Asked(b'cert-authority,expiry-time="20200101" @CA@\n'),
    "line-dead": Asked(b"cert-authority,no-such-option @CA@\n"),
    "commented": Asked(b"#cert-authority @CA@\n"),
    "option-behind-key": Asked(b"@CA@ cert-authority\n"),
    "plain-line-then-authority": Asked(b"@CA@\ncert-authority @CA@\n"),
    "sk-options": Asked(b"cert-authority,verify-required @CA@\n"),
}


def scenes() -> Iterator[Scene]:
    yield Scene("ca-lines", tuple(_own()), "UsePAM yes\n")
    yield from _trusted()


def _own() -> Iterator[Case]:
    for title, asked in _OWN.items():
        yield _case(f"certificates/line-{title}", fresh(), asked)
    for kind in ("rsa-2048", "ecdsa-256"):
        yield _case(f"certificates/line-{kind}", shared(kind), Asked(b"cert-authority @CA@\n"))
    # the authority's own key does not log in by a line that trusts it
    ca = fresh()
    content = b"cert-authority " + line_of(ca) + b"\n"
    yield Case(
        "certificates/line-key-of-the-authority",
        account(files={KEYS: File(content, 0o600)}),
        pair(ca),
        fingerprint(ca),
    )


def _case(title: str, ca: asyncssh.SSHKey, asked: Asked, name: str | None = None) -> Case:
    files = dict(asked.files)
    if asked.content is not None:
        files[KEYS] = File(asked.content.replace(b"@CA@", line_of(ca)), 0o600)
    return _Later(title, ca, asked, files, name).case()


@dataclass(frozen=True)
class _Later:
    title: str
    ca: asyncssh.SSHKey
    asked: Asked
    files: Mapping[str, Node]
    name: str | None

    def case(self) -> Case:
        user = fresh()
        # the host gives names in order; a certificate must know its own before
        name = self.name or "u-" + self.title.rpartition("/")[2][:28]
        principals = [text.replace("@NAME@", name) for text in self.asked.principals]
        signed = certificate(self.ca, user, principals, **self.asked.options)
        return Case(
            self.title,
            account(files=self.files),
            pair(user, signed),
            fingerprint(self.ca),
            certified=True,
            name=name,
            brief=self.asked.brief,
            broader="the authority's other certificates" if self.asked.other_certificate else None,
        )


# ---------------------------------------------------------------- TrustedUserCAKeys

_PRINCIPALS = "AuthorizedPrincipalsFile /etc/ssh/principals/%u\n"


def _trusted() -> Iterator[Scene]:
    yield from _file("plain", b"@CA@\n", brief=True)
    yield from _file("comment", b"@CA@ our authority\n")
    yield from _file("options", b"no-pty @CA@\n")
    yield from _file("cert-authority", b"cert-authority @CA@\n")
    yield from _file("crlf", b"@CA@\r\n")
    yield from _file("blank-first", b"  @CA@\n")
    yield from _file("second-line", b"# list\njunk\n@CA@\n")
    yield from _file("missing", None)
    yield from _file("0600", b"@CA@\n", mode=0o600)
    yield from _file("0666", b"@CA@\n", mode=0o666)
    yield from _file("stranger", b"@CA@\n", uid=3999)
    yield from _file("link", b"@CA@\n", link=True)
    yield from _file("none", b"@CA@\n", config="TrustedUserCAKeys none\n")
    yield from _file("no-pubkey", b"@CA@\n", extra="PubkeyAuthentication no\n")
    yield from _file("by-user", b"@CA@\n", config=f"Match User alice\nTrustedUserCAKeys {_CAS}\n")
    yield from _principals()


def _scene(title: str, config: str, files: Mapping[str, Node], cases: Iterator[Case]) -> Scene:
    return Scene(f"ca-{title}", tuple(cases), f"UsePAM yes\n{config}", files=files)


def _file(
    title: str,
    content: bytes | None,
    *,
    mode: int = 0o644,
    uid: int = 0,
    link: bool = False,
    config: str = f"TrustedUserCAKeys {_CAS}\n",
    extra: str = "",
    brief: bool = False,
) -> Iterator[Scene]:
    ca = fresh()
    files: dict[str, Node] = {}
    if content is not None:
        files[_CAS] = File(content.replace(b"@CA@", line_of(ca)), mode, uid, uid)
    if link:
        files = {"/srv/loose": Directory(0o777), "/srv/loose/ca": files[_CAS], _CAS: Link("/srv/loose/ca")}
    start = f"certificates/trusted-{title}"

    def cases() -> Iterator[Case]:
        for what, asked in {
            "own-name": Asked(None, brief=brief),
            "other-name": Asked(None, ("somebody",), other_certificate=True),
            "empty-principals": Asked(None, (), other_certificate=True),
            "expired": Asked(None, options={"valid_before": int(time.time()) - 60}, other_certificate=True),
        }.items():
            if title == "plain" or what == "own-name":
                yield _case(f"{start}-{what}", ca, asked)
        if title == "by-user":
            yield _case(f"{start}-alice", ca, Asked(None), "alice")

    yield _scene(f"trusted-{title}", extra + config, files, cases())


_NAMED: dict[str, tuple[bytes | None, tuple[str, ...]]] = {
    # the account's file, principals of the certificate
    "one": (b"ops\n", ("ops",)),
    "own-name-not-in-file": (b"ops\n", ("@NAME@",)),
    "several": (b"# who\n\nadmins\n  ops  \n", ("ops",)),
    "missing": (None, ("@NAME@",)),
    "empty": (b"", ("@NAME@",)),
    "only-comments": (b"# ops\n", ("ops",)),
    "crlf": (b"ops\r\n", ("ops",)),
    "no-newline": (b"ops", ("ops",)),
    "tab": (b"\tops\n", ("ops",)),
    "two-words": (b"ops admins\n", ("admins",)),
    "options": (b'command="echo by-principal" ops\n', ("ops",)),
    "options-unknown": (b"no-such-option ops\n", ("ops",)),
    "options-from": (b'from="10.77.0.1" ops\n', ("ops",)),
    "comma": (b"ops,admins\n", ("ops",)),
    "pattern": (b"o*\n", ("ops",)),
    "comment-behind": (b"ops # the team\n", ("ops",)),
    "capital": (b"Ops\n", ("ops",)),
}
_WRONG_CERTIFICATE = frozenset({"own-name-not-in-file", "pattern", "capital", "comma", "crlf"})


def _principals() -> Iterator[Scene]:
    ca = fresh()
    files: dict[str, Node] = {_CAS: File(line_of(ca) + b"\n")}
    cases = []
    for title, (content, principals) in _NAMED.items():
        made = _case(
            f"certificates/principals-{title}",
            ca,
            Asked(None, principals, other_certificate=title in _WRONG_CERTIFICATE, brief=title in ("one", "missing")),
        )
        cases.append(made)
        if content is not None:
            files[f"/etc/ssh/principals/{made.name}"] = File(content)
    for title, mode, uid in (("0600-root", 0o600, 0), ("0666", 0o666, 0), ("stranger", 0o644, 3999)):
        made = _case(f"certificates/principals-{title}", ca, Asked(None, ("ops",)))
        cases.append(made)
        files[f"/etc/ssh/principals/{made.name}"] = File(b"ops\n", mode, uid, uid)
    yield _scene("principals", f"TrustedUserCAKeys {_CAS}\n{_PRINCIPALS}", files, iter(cases))

    lax = [_case("certificates/principals-lax-0666", ca, Asked(None, ("ops",)))]
    planted = {_CAS: files[_CAS], f"/etc/ssh/principals/{lax[0].name}": File(b"ops\n", 0o666)}
    yield _scene("principals-lax", f"StrictModes no\nTrustedUserCAKeys {_CAS}\n{_PRINCIPALS}", planted, iter(lax))

    home = [
        _case(
            "certificates/principals-in-home", ca, Asked(None, ("ops",), files={".ssh/names": File(b"ops\n", 0o600)})
        ),
        _case("certificates/principals-in-home-missing", ca, Asked(None)),
    ]
    config = f"TrustedUserCAKeys {_CAS}\nAuthorizedPrincipalsFile .ssh/names\n"
    yield _scene("principals-home", config, {_CAS: files[_CAS]}, iter(home))

    # AuthorizedPrincipalsFile says nothing about authorities that a key file trusts
    line = [_case("certificates/principals-file-and-line", fresh(), Asked(b"cert-authority @CA@\n"))]
    yield _scene("principals-line", f"TrustedUserCAKeys {_CAS}\n{_PRINCIPALS}", {_CAS: files[_CAS]}, iter(line))
