"""Authorities: who is one, and whether a certificate of theirs lets in, as a real sshd decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncssh
import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import ensure_tree

from hygiene.model import Cause, Truth
from hygiene.openssh import authorities, keys, principals
from hygiene.openssh.authorities import Authority, judge_line, judge_trusted, names, takes_nameless
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Entry, Settings, read_effective
from hygiene.openssh.version import Vendor, Version

from . import material
from .asked import EVERY_RELEASE, installed, settings_for_tests
from .material import AUTHORITY, CERTIFICATE_LINE, ED, ED_LINE, RSA, RSA_LINE, b64, blob

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
NEW = Version(10, 3)
SMALL = b"ssh-rsa " + b64(b"ssh-rsa", b"\3", b"\0" + b"\x91" * 96)
DSS = b"ssh-dss " + b64(b"ssh-dss", b"\3" * 128, b"\5" * 20, b"\2", b"\7" * 128)
_ED, _RSA = keys.decode(blob(ED)), keys.decode(blob(RSA))
_ENDED = "line {} is no key, and sshd reads no further"
_OPTIONS = "options stand before the key, and TrustedUserCAKeys takes none"
_NO_KEY = "there is no key in the line"
_SHORT = "the RSA key has 768 bits, fewer than the 1024 that sshd needs"

FILES: dict[str, tuple[bytes, Version | None, list[Authority]]] = {
    "keys": (
        ED_LINE + b" ca of the fleet\n\n# old\n  " + RSA_LINE + b"\r\n",
        BOOKWORM,
        [Authority(1, _ED, "ca of the fleet"), Authority(4, _RSA)],
    ),
    "options": (b"cert-authority " + ED_LINE, BOOKWORM, [Authority(1, None, None, _OPTIONS, Cause.TYPO)]),
    "what-stands-behind-a-bad-line-is-not-read": (
        ED_LINE + b"\nno key\n" + RSA_LINE,
        BOOKWORM,
        [
            Authority(1, _ED),
            Authority(2, None, None, _NO_KEY, Cause.TYPO),
            Authority(3, _RSA, None, _ENDED.format(2), Cause.TYPO),
        ],
    ),
    "an-empty-line-with-a-carriage-return-ends-the-file": (
        ED_LINE + b"\r\n\r\n" + RSA_LINE,
        BOOKWORM,
        [Authority(1, _ED), Authority(3, _RSA, None, _ENDED.format(2), Cause.TYPO)],
    ),
    "a-certificate-is-no-authority-and-harmless": (
        CERTIFICATE_LINE + b"\n" + RSA_LINE,
        BOOKWORM,
        [
            Authority(
                1, keys.decode(keys.unbase64(CERTIFICATE_LINE.split()[1])), None, "a certificate is no authority",
                Cause.TYPO,
            ),
            Authority(2, _RSA),
        ],
    ),
    "a-short-key-is-passed-over-since-8.0": (
        SMALL + b"\n" + ED_LINE,
        Version(8, 0),
        [Authority(1, keys.decode(keys.unbase64(SMALL.split()[1])), None, _SHORT, Cause.VERSION), Authority(2, _ED)],
    ),
    "a-short-key-ends-the-file-before": (
        SMALL + b"\n" + ED_LINE,
        Version(7, 9),
        [
            Authority(1, keys.decode(keys.unbase64(SMALL.split()[1])), None, _SHORT, Cause.VERSION),
            Authority(2, _ED, None, _ENDED.format(1), Cause.TYPO),
        ],
    ),
    "dsa-ends-the-file-of-10.0": (
        DSS + b"\n" + ED_LINE,
        Version(10, 0),
        [
            Authority(1, None, None, "OpenSSH 10.0 does not know the type ssh-dss", Cause.TYPO),
            Authority(2, _ED, None, _ENDED.format(1), Cause.TYPO),
        ],
    ),
    "dsa-unknown-version": (
        DSS + b"\n" + ED_LINE,
        None,
        [Authority(1, keys.decode(keys.unbase64(DSS.split()[1]))), Authority(2, _ED)],
    ),
    "line-that-an-old-sshd-does-not-see": (
        ED_LINE + b" a\0\nno key\n" + RSA_LINE,
        Version(7, 6),
        [
            Authority(
                1, _ED, "a", "there is a NUL byte in the line, which OpenSSH 7.6 skips", Cause.VERSION
            ),
            Authority(
                2, None, None, "OpenSSH 7.6 skips the line behind one with a NUL byte", Cause.VERSION
            ),
            Authority(3, _RSA),
        ],
    ),
    "empty": (b"\n# nobody\n", BOOKWORM, []),
}  # fmt: skip


@pytest.mark.parametrize(("data", "version", "expected"), FILES.values(), ids=FILES)
def test_trusted_files(data: bytes, version: Version | None, expected: list[Authority]) -> None:
    assert list(authorities.read(data, version)) == expected


# ---------------------------------------------------------------- judgements

_ALGORITHMS = "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519"
_ALLOWED = "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512"


def _settings(**values: str) -> Settings:
    values = {"pubkeyacceptedalgorithms": _ALGORITHMS, "casignaturealgorithms": _ALLOWED} | values
    return Settings(tuple(Entry(name, value, "sshd_config:1") for name, value in values.items() if value), False)


def _no(reason: str, cause: Cause = Cause.AUTHORITY) -> Judgement:
    return Judgement(Truth.NO, reason, cause)


_NOBODY = _no("principals= names nobody, so no certificate is taken")
_NO_SIGNATURE = _no("CASignatureAlgorithms has none for an authority's key of type ssh-rsa", Cause.SETTINGS)
_NO_CERTIFICATES = _no("PubkeyAcceptedAlgorithms holds no algorithm for certificates", Cause.SETTINGS)

JUDGED: dict[str, tuple[bytes, Settings, Version | None, Judgement, tuple[str, ...]]] = {
    "plain": (b"cert-authority " + ED_LINE, _settings(), BOOKWORM, YES, ("root",)),
    "principals": (b'cert-authority,principals="a,b" ' + ED_LINE, _settings(), BOOKWORM, YES, ("a", "b")),
    "principals-empty": (b'cert-authority,principals="" ' + ED_LINE, _settings(), BOOKWORM, _NOBODY, ()),
    "principals-begin-with-a-comma": (
        b'cert-authority,principals=",a" ' + ED_LINE,
        _settings(),
        BOOKWORM,
        _NOBODY,
        (),
    ),
    "principals-end-at-an-empty-one": (
        b'cert-authority,principals="a,,b" ' + ED_LINE,
        _settings(),
        NEW,
        YES,
        ("a",),
    ),
    "principals-with-a-blank-are-names-with-a-blank": (
        b'cert-authority,principals="a, b" ' + ED_LINE,
        _settings(),
        BOOKWORM,
        YES,
        ("a", " b"),
    ),
    "dead-line": (
        b"cert-authority,no-such " + ED_LINE,
        _settings(),
        BOOKWORM,
        _no('the option "no-such" is not known to OpenSSH 9.2p1'),
        ("root",),
    ),
    "rsa-with-sha2": (b"cert-authority " + RSA_LINE, _settings(), BOOKWORM, YES, ("root",)),
    "rsa-without": (
        b"cert-authority " + RSA_LINE,
        _settings(casignaturealgorithms="ssh-ed25519"),
        BOOKWORM,
        _NO_SIGNATURE,
        ("root",),
    ),
    "signatures-not-known": (
        b"cert-authority " + RSA_LINE,
        _settings(casignaturealgorithms=""),
        BOOKWORM,
        Judgement(Truth.UNKNOWN, "CASignatureAlgorithms is not known"),
        ("root",),
    ),
    "signatures-before-7.9": (
        b"cert-authority " + RSA_LINE,
        _settings(casignaturealgorithms=""),
        Version(7, 6),
        YES,
        ("root",),
    ),
    "no-certificates": (
        b"cert-authority " + ED_LINE,
        _settings(pubkeyacceptedalgorithms="ssh-ed25519,ssh-rsa"),
        BOOKWORM,
        _NO_CERTIFICATES,
        ("root",),
    ),
    "certificates-of-another-type-than-the-authority": (
        b"cert-authority " + ED_LINE,
        _settings(pubkeyacceptedalgorithms="rsa-sha2-*-cert-v01@openssh.com"),
        BOOKWORM,
        YES,
        ("root",),
    ),
    "rsa-size-is-for-what-is-certified": (
        b"cert-authority " + RSA_LINE,
        _settings(requiredrsasize="16384"),
        BOOKWORM,
        YES,
        ("root",),
    ),
}


@pytest.mark.parametrize(("text", "settings", "version", "judgement", "named"), JUDGED.values(), ids=JUDGED)
def test_lines_of_authorities(
    text: bytes, settings: Settings, version: Version | None, judgement: Judgement, named: tuple[str, ...]
) -> None:
    (line,) = parse(text, version)
    assert (judge_line(line, "root", settings, version), names(line, "root")) == (judgement, named)


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        pytest.param(b"cert-authority ", BOOKWORM, True, id="up-to-10.2"),
        pytest.param(b"cert-authority ", None, True, id="unknown-version"),
        pytest.param(b"cert-authority ", NEW, False, id="since-10.3"),
        pytest.param(b'cert-authority,principals="a" ', BOOKWORM, False, id="with-principals"),
        pytest.param(b"", BOOKWORM, False, id="no-authority"),
    ],
)
def test_certificates_that_name_nobody(text: bytes, version: Version | None, expected: bool) -> None:
    (line,) = parse(text + ED_LINE, version)
    assert takes_nameless(line, version) is expected


_GIVEN = Authority(1, _ED)
_COMMAND = _settings(authorizedprincipalscommand="/usr/bin/names %u")
_DYNAMIC = Judgement(Truth.UNKNOWN, "principals that a program supplies (AuthorizedPrincipalsCommand) are not listed")
_MISSING = _no("the file is not there", Cause.PERMISSIONS)
TRUSTED: dict[str, tuple[Authority, bytes | Judgement | None, Settings, Judgement]] = {
    "no-principals-file": (_GIVEN, None, _settings(), YES),
    "principals": (_GIVEN, b"alice\n", _settings(), YES),
    "principals-empty": (
        _GIVEN,
        b"# nobody\n",
        _settings(),
        _no("no principal is named for the account in AuthorizedPrincipalsFile"),
    ),
    "principals-all-dead": (
        _GIVEN,
        b"alice bob\n",
        _settings(),
        _no("no principal is named for the account in AuthorizedPrincipalsFile"),
    ),
    "principals-file-missing": (
        _GIVEN,
        _MISSING,
        _settings(),
        _no("sshd reads no principals of the account: the file is not there"),
    ),
    "principals-file-not-seen": (
        _GIVEN,
        Judgement(Truth.UNKNOWN, "not seen"),
        _settings(),
        Judgement(Truth.UNKNOWN, "not seen"),
    ),
    "command": (_GIVEN, None, _COMMAND, _DYNAMIC),
    "command-beside-an-empty-file": (_GIVEN, b"", _COMMAND, _DYNAMIC),
    "command-beside-a-missing-file": (_GIVEN, _MISSING, _COMMAND, _DYNAMIC),
    "command-beside-principals": (_GIVEN, b"alice", _COMMAND, YES),
    "command-none": (_GIVEN, None, _settings(authorizedprincipalscommand="none"), YES),
    "dead-authority": (
        Authority(1, None, None, _OPTIONS, Cause.TYPO),
        None,
        _settings(),
        _no(_OPTIONS, Cause.TYPO),
    ),
    "authority-without-algorithm": (Authority(1, _RSA), None, _settings(casignaturealgorithms="ssh-*"), YES),
    "authority-that-may-not-sign": (
        Authority(1, _RSA),
        None,
        _settings(casignaturealgorithms="ssh-ed25519"),
        _NO_SIGNATURE,
    ),
    "doubtful-principal": (
        _GIVEN,
        b'permitopen="h:http" alice',
        _settings(),
        Judgement(Truth.UNKNOWN, 'permitopen names the service "http", and the host\'s list of them was not seen'),
    ),
}


@pytest.mark.parametrize(("authority", "named", "settings", "expected"), TRUSTED.values(), ids=TRUSTED)
def test_trusted_authorities(
    authority: Authority, named: bytes | Judgement | None, settings: Settings, expected: Judgement
) -> None:
    listed = tuple(principals.read(named, BOOKWORM)) if isinstance(named, bytes) else named
    assert judge_trusted(authority, listed, settings, BOOKWORM) == expected


def test_what_revokes_an_authority_comes_first() -> None:
    revoked = _no("the key is revoked", Cause.REVOKED)
    assert judge_trusted(_GIVEN, None, _settings(), BOOKWORM, revoked) == revoked
    unknown = Settings((), None, ("authorizedprincipalscommand",))
    assert judge_trusted(_GIVEN, None, unknown, BOOKWORM) == Judgement(
        Truth.UNKNOWN, "AuthorizedPrincipalsCommand is not known"
    )


# ---------------------------------------------------------------- a real sshd


@dataclass(frozen=True)
class Case:
    """One account on a host that trusts AUTHORITY, and a certificate with which somebody tries."""

    login: bool
    certificate: Sequence[str] = ("alice",)
    lines: bytes = b""
    principals: bytes | None = None
    by: asyncssh.SSHKey = field(default_factory=lambda: AUTHORITY)


_CA = b"cert-authority"
_LINE = material.line(AUTHORITY)
_RSA_AUTHORITY = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
_OTHER = asyncssh.generate_private_key("ssh-ed25519")
CASES: dict[str, Case] = {
    # TrustedUserCAKeys with AuthorizedPrincipalsFile
    "principal": Case(True, principals=b"alice\n"),
    "principal-missing-file": Case(False),
    "principal-empty-file": Case(False, principals=b"# alice\n"),
    "principal-own-name-is-not-enough": Case(False, ("{account}",), principals=b"alice\n"),
    "principal-with-carriage-return": Case(False, principals=b"alice\r\n"),
    "principal-with-options": Case(True, principals=b"no-pty,restrict alice\n"),
    "principal-second-word": Case(False, principals=b"bob alice\n"),
    "principal-comment": Case(True, principals=b"alice # the boss\n"),
    "principal-star": Case(False, principals=b"*\n"),
    "principal-from-elsewhere": Case(False, principals=b'from="10.9.9.9" alice\n'),
    "principal-from-elsewhere-first": Case(False, principals=b'from="10.9.9.9" alice\nalice\n'),
    "principal-expired-first": Case(False, principals=b'expiry-time="20200101Z" alice\nalice\n'),
    "principal-dead-first": Case(True, principals=b"no-such alice\nalice\n"),
    "principal-cert-authority": Case(False, principals=b"cert-authority alice\n"),
    "principal-of-a-nameless-certificate": Case(False, (), principals=b"alice\n"),
    "principal-rsa-authority-below-the-size": Case(True, principals=b"alice\n", by=_RSA_AUTHORITY),
    "principal-authority-behind-a-bad-line": Case(False, principals=b"alice\n", by=_OTHER),
    # cert-authority lines, to which the file of principals says nothing
    "line": Case(True, ("{account}",), _CA + b" " + material.line(_OTHER), by=_OTHER),
    "line-other-name": Case(False, ("alice",), _CA + b" " + material.line(_OTHER), by=_OTHER),
    "line-nameless-certificate": Case(True, (), _CA + b" " + material.line(_OTHER), by=_OTHER),
    "line-principals": Case(True, ("alice",), _CA + b',principals="bob,alice" ' + material.line(_OTHER), by=_OTHER),
    "line-principals-blank": Case(
        False, ("alice",), _CA + b',principals="bob, alice" ' + material.line(_OTHER), by=_OTHER
    ),
    "line-principals-named-with-blank": Case(
        True, (" alice",), _CA + b',principals="bob, alice" ' + material.line(_OTHER), by=_OTHER
    ),
    "line-principals-empty": Case(False, ("alice",), _CA + b',principals="" ' + material.line(_OTHER), by=_OTHER),
    "line-principals-empty-item": Case(
        False, ("alice",), _CA + b',principals="bob,,alice" ' + material.line(_OTHER), by=_OTHER
    ),
    "line-principals-nameless-certificate": Case(
        False, (), _CA + b',principals="alice" ' + material.line(_OTHER), by=_OTHER
    ),
    "line-dead": Case(False, ("{account}",), _CA + b",no-such " + material.line(_OTHER), by=_OTHER),
}
_TRUSTED = b"\n".join([b"# ours", _LINE + b" x", CERTIFICATE_LINE, material.line(_RSA_AUTHORITY), SMALL, b"bad"])
_TRUSTED += b"\n" + material.line(_OTHER) + b"\n"
_CONFIG = """\
TrustedUserCAKeys /etc/ssh/ca.pub
AuthorizedPrincipalsFile /etc/ssh/principals/%u
"""


@pytest.mark.real_sshd
@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_sshd_agrees(release: str) -> None:
    users = {f"u{number}": name for number, name in enumerate(CASES)}
    accounts = [
        AccountSpec(user, 2000 + number, files={".ssh/authorized_keys": File(CASES[name].lines + b"\n", 0o600)})
        for number, (user, name) in enumerate(users.items())
    ]
    files = {"/etc/ssh/ca.pub": File(_TRUSTED)}
    for user, name in users.items():
        data = CASES[name].principals
        if data is not None:
            files[f"/etc/ssh/principals/{user}"] = File(data)
    verdicts, ours = {}, {}
    size = "RequiredRSASize 4096\n" if tuple(map(int, release.split("."))) >= (9, 1) else ""
    host = HostSpec("sshd", accounts, sshd_config=settings_for_tests(release) + _CONFIG + size, files=files)
    with Lab(ensure_tree(RELEASES[release]), [host]) as lab:
        version = installed(lab, "sshd")
        said = lab.exec_root("sshd", ["/usr/sbin/sshd", "-T"]).stdout
        for user, name in users.items():
            case = CASES[name]
            of = [principal.format(account=user) for principal in case.certificate]
            signed = case.by.generate_user_certificate(ED, "x", principals=of)
            verdicts[name] = lab.login("sshd", user, client_keys=[(ED, signed)])
            ours[name] = _could_enter(case, user, set(of), version, said)
    assert ours == verdicts
    if release == DEFAULT:
        assert verdicts == {name: case.login for name, case in CASES.items()}


def _could_enter(case: Case, user: str, held: set[str], version: Version, said: bytes) -> bool:
    """What the functions come to for this certificate, from an address that only from= of nobody keeps out."""
    settings = read_effective(said)
    authority = keys.decode(blob(case.by))
    for line in parse(case.lines, version):
        if line.key == authority and judge_line(line, user, settings, version) == YES:
            nameless = not held and takes_nameless(line, version)
            if nameless or held & set(names(line, user)):
                return True
    listed: Sequence[principals.Principal] | Judgement = _MISSING
    if case.principals is not None:
        listed = tuple(principals.read(case.principals, version))
    if isinstance(listed, Judgement):
        listed = ()
    usable = [
        one for one in listed
        if one.dead is None and one.name in held and not one.options.limits_source and not one.options.expires
    ]  # fmt: skip
    return any(
        trusted.key == authority and judge_trusted(trusted, usable, settings, version) == YES
        for trusted in authorities.read(_TRUSTED, version)
    )
