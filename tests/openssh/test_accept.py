"""accepted: a line lets somebody in exactly when a real sshd would, and what is not known stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hygiene.model import Truth
from hygiene.openssh.accept import Clock, LoginAccount, accepted
from hygiene.openssh.authorized_keys import Line, parse
from hygiene.openssh.config import resolve
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Settings, read_effective
from hygiene.openssh.version import Vendor, Version

from .material import ED_LINE, RSA_LINE, b64

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
NOW = Clock(datetime(2027, 6, 30, 12, tzinfo=UTC))
ANN = LoginAccount("ann", 1000, "/home/ann", shell_runs=Truth.YES, expired=Truth.NO, locked=Truth.NO)
ROOT = LoginAccount("root", 0, "/root", shell_runs=Truth.YES, expired=Truth.NO, locked=Truth.NO)


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def settings(text: str = "", version: Version = BOOKWORM) -> Settings:
    return resolve({"/etc/ssh/sshd_config": f"UsePAM yes\n{text}".encode()}, {}, version)


def line(text: bytes = ED_LINE, version: Version | None = BOOKWORM) -> Line:
    return next(iter(parse(text, version)))


def ask(
    read: Line | None = None,
    text: str = "",
    account: LoginAccount = ANN,
    *,
    file: str | None = None,
    version: Version | None = BOOKWORM,
    given: Settings | None = None,
    permissions: Judgement = YES,
    pam_account: Judgement = YES,
    nologin: Truth = Truth.NO,
    clock: Clock | None = NOW,
) -> Judgement:
    return accepted(
        read or line(),
        file or f"{account.home}/.ssh/authorized_keys",
        account,
        version=version,
        settings=given or settings(text),
        permissions=permissions,
        pam_account=pam_account,
        nologin=nologin,
        clock=clock,
    )


NO_PAM = "Port 22\n"
DSA = b"ssh-dss " + b64(b"ssh-dss", b"\3" * 128, b"\5" * 20, b"\2", b"\7" * 128)
MATCH = "Match User ann\nPubkeyAuthentication yes\n"
ANSWERS: dict[str, tuple[Judgement, Judgement]] = {
    "plain": (ask(), YES),
    "second-default-file": (ask(file="/home/ann/.ssh/authorized_keys2"), YES),
    "home-with-a-slash-at-its-end": (
        ask(account=replace(ANN, home="/home/ann/"), file="/home/ann/.ssh/authorized_keys"),
        YES,
    ),
    "shipped-setting-of-one-file": (ask(text="AuthorizedKeysFile .ssh/authorized_keys\n"), YES),
    "file-that-is-not-read": (
        ask(text="AuthorizedKeysFile .ssh/authorized_keys\n", file="/home/ann/.ssh/authorized_keys2"),
        no("sshd does not read this file: AuthorizedKeysFile is .ssh/authorized_keys"),
    ),
    "no-file-is-read": (
        ask(text="AuthorizedKeysFile none\n"),
        no("sshd does not read this file: AuthorizedKeysFile is none"),
    ),
    "file-elsewhere": (
        ask(text="AuthorizedKeysFile /etc/ssh/keys/%u\n"),
        unknown("AuthorizedKeysFile is /etc/ssh/keys/%u"),
    ),
    "dead-line": (ask(line(b"no-such " + ED_LINE)), no('the option "no-such" is not known to OpenSSH 9.2p1')),
    "permissions": (
        ask(permissions=no("the home directory is writable by others")),
        no("the home directory is writable by others"),
    ),
    "permissions-unknown": (
        ask(permissions=unknown("the key file is a symbolic link")),
        unknown("the key file is a symbolic link"),
    ),
    "public-keys-off": (ask(text="PubkeyAuthentication no\n"), no("PubkeyAuthentication is no")),
    "methods-without-keys": (
        ask(text="AuthenticationMethods password keyboard-interactive,password\n"),
        no("AuthenticationMethods leaves publickey out"),
    ),
    "methods-with-keys": (ask(text="AuthenticationMethods publickey,password\n"), YES),
    "algorithm-not-accepted": (
        ask(text="PubkeyAcceptedAlgorithms rsa-sha2-512\n"),
        no("PubkeyAcceptedAlgorithms has none for ssh-ed25519"),
    ),
    "rsa-with-sha2": (ask(line(RSA_LINE), "PubkeyAcceptedAlgorithms rsa-sha2-512\n"), YES),
    "dsa-by-default": (ask(line(DSA)), no("PubkeyAcceptedAlgorithms has none for ssh-dss")),
    "dsa-turned-on": (ask(line(DSA), "PubkeyAcceptedAlgorithms +ssh-dss\n"), YES),
    "rsa-too-small": (
        ask(line(RSA_LINE), "RequiredRSASize 3072\n"),
        no("the RSA key has 2048 bits, and RequiredRSASize is 3072"),
    ),
    "size-says-nothing-of-ed25519": (ask(text="RequiredRSASize 3072\n"), YES),
    # root
    "root-by-default": (ask(account=ROOT), YES),
    "root-not-at-all": (ask(text="PermitRootLogin no\n", account=ROOT), no("PermitRootLogin is no")),
    "root-by-another-name": (
        ask(text="PermitRootLogin no\n", account=replace(ROOT, name="toor")),
        no("PermitRootLogin is no"),
    ),
    "not-root": (ask(text="PermitRootLogin no\n"), YES),
    "root-with-a-forced-command": (
        ask(line(b'command="true" ' + ED_LINE), "PermitRootLogin forced-commands-only\n", ROOT),
        YES,
    ),
    "root-without-a-forced-command": (
        ask(text="PermitRootLogin forced-commands-only\n", account=ROOT),
        no("PermitRootLogin is forced-commands-only, and the line has no command="),
    ),
    # the account
    "shell-missing": (
        ask(account=replace(ANN, shell_runs=Truth.NO)),
        no("the shell is missing or not executable"),
    ),
    "shell-unseen": (ask(account=replace(ANN, shell_runs=Truth.UNKNOWN)), unknown("the shell was not seen")),
    "shell-does-not-matter-in-a-chroot": (
        ask(text="ChrootDirectory /srv\n", account=replace(ANN, shell_runs=Truth.NO)),
        YES,
    ),
    "expired": (ask(account=replace(ANN, expired=Truth.YES)), no("the account has expired")),
    "locked-with-pam": (ask(account=replace(ANN, locked=Truth.YES)), YES),
    "locked-without-pam": (
        ask(account=replace(ANN, locked=Truth.YES), given=resolve({"/etc/ssh/sshd_config": b""}, {}, BOOKWORM)),
        no("the account is locked and UsePAM is no"),
    ),
    "pam-refuses": (ask(pam_account=no("pam_access refuses")), no("pam_access refuses")),
    "pam-unknown": (ask(pam_account=unknown("pam_sss is not known")), unknown("pam_sss is not known")),
    "pam-does-not-count-without-it": (
        ask(pam_account=no("pam_access refuses"), given=resolve({"/etc/ssh/sshd_config": b""}, {}, BOOKWORM)),
        YES,
    ),
    "nologin": (ask(nologin=Truth.YES), no("a nologin file is there")),
    "nologin-lets-root-in": (ask(nologin=Truth.YES, account=ROOT), YES),
    "nologin-without-pam": (
        ask(nologin=Truth.YES, given=resolve({"/etc/ssh/sshd_config": b""}, {}, BOOKWORM)),
        YES,
    ),
    # what later versions will decide
    "allow-users": (ask(text="AllowUsers ann\n"), unknown("AllowUsers is set")),
    "deny-groups": (ask(text="DenyGroups x\n"), unknown("DenyGroups is set")),
    "revoked-keys": (ask(text="RevokedKeys /etc/ssh/revoked\n"), unknown("RevokedKeys is set")),
    "no-revoked-keys": (ask(text="RevokedKeys none\n"), YES),
    "match": (ask(text=MATCH), unknown("sshd_config has Match blocks")),
    "match-may-lift-a-no": (
        ask(text="PubkeyAuthentication no\n" + MATCH),
        unknown("sshd_config has Match blocks"),
    ),
    "match-does-not-lift-a-dead-line": (
        ask(line(b"no-such " + ED_LINE), MATCH),
        no('the option "no-such" is not known to OpenSSH 9.2p1'),
    ),
    "match-unseen": (
        ask(given=replace(settings(), has_match=None)),
        unknown("whether sshd_config has Match blocks is not known"),
    ),
    "a-keyword-that-was-not-printed": (
        ask(given=replace(read_effective(b"port 22\nusepam yes\npubkeyauthentication yes\n"), has_match=False)),
        unknown("AuthorizedKeysFile is not known"),
    ),
    "authority": (
        ask(line(b"cert-authority " + ED_LINE)),
        unknown("which certificates an authority has signed is not judged"),
    ),
    "authority-in-a-file-that-nobody-reads": (
        ask(line(b"cert-authority " + ED_LINE), "AuthorizedKeysFile none\n"),
        no("sshd does not read this file: AuthorizedKeysFile is none"),
    ),
    "version-unknown": (
        ask(line(ED_LINE, None), version=None),
        unknown("the version of sshd is not known"),
    ),
    "version-unknown-and-refused-by-all": (
        ask(line(b"no-such " + ED_LINE, None), version=None),
        no('the option "no-such" is not known to OpenSSH 10.5'),
    ),
    "settings-with-a-problem": (
        ask(given=Settings((), None, (), ("/etc/ssh/sshd_config could not be read",))),
        unknown("the settings of sshd are not known: /etc/ssh/sshd_config could not be read"),
    ),
    "settings-with-a-problem-and-a-refused-file": (
        ask(
            given=Settings((), None, (), ("/etc/ssh/sshd_config could not be read",)),
            permissions=no("the key file is writable by others"),
        ),
        no("the key file is writable by others"),
    ),
    # from=
    "names-without-dns": (
        ask(line(b'from="*.example.com" ' + ED_LINE)),
        no("from= holds host names only, and UseDNS is no"),
    ),
    "names-with-dns": (
        ask(line(b'from="*.example.com" ' + ED_LINE), "UseDNS yes\n"),
        unknown("from= holds host names only, and UseDNS is not no"),
    ),
    "from-somewhere": (ask(line(b'from="192.0.2.7" ' + ED_LINE)), YES),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_accepted(answer: Judgement, expected: Judgement) -> None:
    assert answer == expected


def test_settings_that_were_not_seen_decide_nothing() -> None:
    answer = accepted(
        line(),
        "/home/ann/.ssh/authorized_keys",
        ANN,
        version=BOOKWORM,
        settings=None,
        permissions=YES,
        pam_account=YES,
        nologin=Truth.NO,
        clock=NOW,
    )
    assert answer == unknown("the settings of sshd are not known")


WITHIN = unknown("the line expires within hours, and the time zone of the host is not known")
EXPIRY: dict[str, tuple[bytes, timedelta | None, Judgement]] = {
    "long-ago": (b"20270101", None, no("the line expired at 2027-01-01 00:00:00")),
    "far-away": (b"20280101", None, YES),
    "today-somewhere-on-earth": (b"202706301300", None, WITHIN),
    "past-in-the-west": (b"202706292359", None, no("the line expired at 2027-06-29 23:59:00")),
    "not-yet-past-in-the-west": (b"202706300001", None, WITHIN),
    "past-in-no-zone": (b"202707010200", None, YES),
    "zone-of-the-host-east": (b"202706301359", timedelta(hours=2), no("the line expired at 2027-06-30 13:59:00")),
    "zone-of-the-host-east-not-yet": (b"202706301400", timedelta(hours=2), YES),
    "zone-of-the-host-west": (b"202706300459", timedelta(hours=-7), no("the line expired at 2027-06-30 04:59:00")),
    "zone-of-the-host-west-not-yet": (b"202706300500", timedelta(hours=-7), YES),
    "utc": (b"202706301159Z", timedelta(hours=2), no("the line expired at 2027-06-30 11:59:00")),
    "utc-not-yet": (b"202706301200Z", timedelta(hours=2), YES),
    "last-day-of-the-calendar": (b"99991231", None, YES),
}


@pytest.mark.parametrize(("time", "offset", "expected"), EXPIRY.values(), ids=EXPIRY)
def test_expiry_is_judged_by_the_host_s_clock(time: bytes, offset: timedelta | None, expected: Judgement) -> None:
    read = line(b'expiry-time="' + time + b'" ' + ED_LINE)
    assert ask(read, clock=replace(NOW, offset=offset)) == expected


def test_expiry_needs_a_clock() -> None:
    assert ask(line(b'expiry-time="20280101" ' + ED_LINE), clock=None) == unknown("the time on the host is not known")
    assert ask(clock=None) == YES
