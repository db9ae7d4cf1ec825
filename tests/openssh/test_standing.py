"""Which line lets in, wins and is shadowed: first that passes, file after file, for each class of sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import asyncssh
import pytest

from hygiene.model import Cause, Truth
from hygiene.openssh.accept import Clock, LoginAccount, Situation
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.connection import Connection
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Settings, read_effective
from hygiene.openssh.standing import Entry, Login, Standing, anywhere, has_effect, shadowed, standings
from hygiene.openssh.version import Vendor, Version

from .material import AUTHORITY, ED_LINE, RSA_LINE, line

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
ANN = LoginAccount("ann", 1000, "/home/ann", shell_runs=Truth.YES, expired=Truth.NO, locked=Truth.NO)
ROOT = replace(ANN, name="root", uid=0, home="/root")
NOW = Clock(datetime(2027, 6, 30, 12, tzinfo=UTC))
INSIDE, OUTSIDE = "10.0.0.7", "192.0.2.7"
ED, RSA = ED_LINE, RSA_LINE
CA = line(AUTHORITY)
FILE, SECOND = ".ssh/authorized_keys", ".ssh/authorized_keys2"
USUAL = {
    "port": "22",
    "usepam": "yes",
    "pubkeyauthentication": "yes",
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "no",
    "permitrootlogin": "prohibit-password",
    "authorizedkeysfile": f"{FILE} {SECOND}",
    "pubkeyacceptedalgorithms": "ssh-ed25519,rsa-sha2-512",
    "requiredrsasize": "1024",
    "authenticationmethods": "any",
    "usedns": "no",
}


def settings(**values: str | None) -> Settings:
    """The usual ones, with some changed; None takes one away, and then it is not known."""
    given = {**USUAL, **values}
    printed = "".join(f"{keyword} {value}\n" for keyword, value in given.items() if value is not None)
    unresolved = tuple(keyword for keyword, value in given.items() if value is None)
    return replace(read_effective(printed.encode()), unresolved=unresolved)


def entries(
    *lines: bytes, file: str = FILE, home: str = "/home/ann", version: Version | None = BOOKWORM
) -> list[Entry]:
    return [Entry(f"{home}/{file}", read) for read in parse(b"".join(text + b"\n" for text in lines), version)]


def login(account: LoginAccount = ANN, **changes: object) -> Login:
    return replace(Login(account, BOOKWORM, YES, Truth.NO, NOW), **changes)  # type: ignore[arg-type]


def situation(address: str | None = INSIDE, given: Settings | None = None, name: str = "ann") -> Situation:
    return Situation(Connection(name, frozenset({name}), address), given or settings())


def no(reason: str, cause: Cause) -> Judgement:
    return Judgement(Truth.NO, reason, cause)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def judged(
    lines: Sequence[Entry], address: str | None = INSIDE, who: Login | None = None, **values: str | None
) -> list[Judgement]:
    who = who or login()
    return [
        found.judgement for found in standings(lines, who, situation(address, settings(**values), who.account.name))
    ]


ONE = entries(ED)
IN_ROOT = entries(ED, home="/root")
FORCED = b'command="true" '
ELSEWHERE = no("from= keeps out every address that the settings let in", Cause.SOURCE)
WITHOUT_COMMAND = "PermitRootLogin is forced-commands-only, and {} has no command="

ROWS: dict[str, tuple[list[Judgement], Judgement]] = {
    "plain": (judged(ONE), YES),
    # the line
    "dead": (
        judged(entries(b"no-such " + ED)),
        no('the option "no-such" is not known to OpenSSH 9.2p1', Cause.TYPO),
    ),
    "dead-in-this-version": (
        judged(entries(b'expiry-time="20990101" ' + ED, version=Version(7, 6)), who=login(version=Version(7, 6))),
        no('the option "expiry-time" is not known to OpenSSH 7.6; OpenSSH 7.7 takes the line', Cause.VERSION),
    ),
    "expired": (
        judged(entries(b'expiry-time="20270101" ' + ED)),
        no("the line expired at 2027-01-01 00:00:00", Cause.EXPIRED),
    ),
    "dead-comes-before-all-else": (
        judged(entries(b"no-such " + ED), who=login(replace(ANN, shell_runs=Truth.NO)), pubkeyauthentication="no"),
        no('the option "no-such" is not known to OpenSSH 9.2p1', Cause.TYPO),
    ),
    # the file
    "file-not-read": (
        judged(ONE, authorizedkeysfile="/etc/keys/%u"),
        no("sshd does not read this file: AuthorizedKeysFile is /etc/keys/%u", Cause.UNREAD),
    ),
    "file-by-tokens": (judged(ONE, authorizedkeysfile="%h/.ssh/authorized_keys"), YES),
    "no-files": (
        judged(ONE, authorizedkeysfile="none"),
        no("sshd does not read this file: AuthorizedKeysFile is none", Cause.UNREAD),
    ),
    "file-behind-a-fatal-name": (
        judged(entries(ED, file=SECOND), authorizedkeysfile=f"{FILE} %x {SECOND}"),
        no(
            "sshd ends the connection before it reads this file: AuthorizedKeysFile %x holds the token %x, which sshd "
            "does not know there",
            Cause.UNREAD,
        ),
    ),
    "file-before-a-fatal-name": (judged(ONE, authorizedkeysfile=f"{FILE} %x"), YES),
    "files-unknown": (judged(ONE, authorizedkeysfile=None), unknown("AuthorizedKeysFile is not known")),
    "permissions": (
        judged([replace(ONE[0], opened=no("the key file is writable by others", Cause.PERMISSIONS))]),
        no("the key file is writable by others", Cause.PERMISSIONS),
    ),
    "permissions-unknown": (
        judged([replace(ONE[0], opened=unknown("/home was not seen"))]),
        unknown("/home was not seen"),
    ),
    # the settings
    "public-keys-off": (judged(ONE, pubkeyauthentication="no"), no("PubkeyAuthentication is no", Cause.SETTINGS)),
    "public-keys-unknown": (judged(ONE, pubkeyauthentication=None), unknown("PubkeyAuthentication is not known")),
    "methods-with-keys": (judged(ONE, authenticationmethods="password publickey,password"), YES),
    "methods-with-submethods": (
        judged(ONE, authenticationmethods="publickey,keyboard-interactive:pam", kbdinteractiveauthentication="yes"),
        YES,
    ),
    "methods-without-keys": (
        judged(ONE, authenticationmethods="password keyboard-interactive"),
        no("AuthenticationMethods leaves publickey out", Cause.SETTINGS),
    ),
    "methods-of-which-one-is-off": (
        judged(ONE, authenticationmethods="publickey,keyboard-interactive password"),
        no("in AuthenticationMethods publickey stands beside methods that are off", Cause.SETTINGS),
    ),
    "methods-of-which-one-is-not-known": (
        judged(ONE, authenticationmethods="publickey,password", passwordauthentication=None),
        unknown("which methods of AuthenticationMethods are on is not known"),
    ),
    "methods-unknown": (judged(ONE, authenticationmethods=None), unknown("AuthenticationMethods is not known")),
    "connections-refused": (judged(ONE, refuseconnection="yes"), no("RefuseConnection is yes", Cause.SETTINGS)),
    "connections-not-refused": (judged(ONE, refuseconnection="no"), YES),
    "connections-unknown": (judged(ONE, refuseconnection=None), unknown("RefuseConnection is not known")),
    "not-allowed": (judged(ONE, allowusers="bob"), no("AllowUsers does not hold the account", Cause.SETTINGS)),
    "settings-with-a-problem": (
        [standings(ONE, login(), situation(given=Settings((), None, (), ("x could not be read",))))[0].judgement],
        unknown("the settings of sshd are not known: x could not be read"),
    ),
    "settings-with-a-problem-and-a-missing-shell": (
        [
            standings(
                ONE,
                login(replace(ANN, expired=Truth.YES)),
                situation(given=Settings((), None, (), ("x could not be read",))),
            )[0].judgement
        ],
        no("the account has expired", Cause.ACCOUNT),
    ),
    "version-unknown": (judged(ONE, who=login(version=None)), unknown("the version of sshd is not known")),
    # the key
    "algorithm": (
        judged(ONE, pubkeyacceptedalgorithms="rsa-sha2-512"),
        no("PubkeyAcceptedAlgorithms has none for ssh-ed25519", Cause.SETTINGS),
    ),
    "algorithms-unknown": (
        judged(ONE, pubkeyacceptedalgorithms=None),
        unknown("PubkeyAcceptedAlgorithms is not known"),
    ),
    "rsa": (judged(entries(RSA)), YES),
    "rsa-too-small": (
        judged(entries(RSA), requiredrsasize="3072"),
        no("the RSA key has 2048 bits, and RequiredRSASize is 3072", Cause.SETTINGS),
    ),
    "rsa-size-unknown": (judged(entries(RSA), requiredrsasize=None), unknown("RequiredRSASize is not known")),
    "size-unknown-of-others-does-not-matter": (judged(ONE, requiredrsasize=None), YES),
    "revoked": (
        judged([replace(ONE[0], revoked=no("the key is revoked by /etc/krl", Cause.REVOKED))]),
        no("the key is revoked by /etc/krl", Cause.REVOKED),
    ),
    # root
    "root": (judged(IN_ROOT, who=login(ROOT)), YES),
    "root-not-at-all": (
        judged(IN_ROOT, who=login(ROOT), permitrootlogin="no"),
        no("PermitRootLogin is no", Cause.SETTINGS),
    ),
    "root-by-another-name": (
        judged(ONE, who=login(replace(ANN, uid=0)), permitrootlogin="no"),
        no("PermitRootLogin is no", Cause.SETTINGS),
    ),
    "root-without-password-is-the-old-name": (
        judged(IN_ROOT, who=login(ROOT), permitrootlogin="without-password"),
        YES,
    ),
    "root-unknown": (judged(IN_ROOT, who=login(ROOT), permitrootlogin=None), unknown("PermitRootLogin is not known")),
    "root-unknown-does-not-matter": (judged(ONE, permitrootlogin=None), YES),
    "forced-commands-only": (
        judged(IN_ROOT, who=login(ROOT), permitrootlogin="forced-commands-only"),
        no(WITHOUT_COMMAND.format("the line"), Cause.SETTINGS),
    ),
    "forced-commands-only-and-forcecommand": (
        judged(IN_ROOT, who=login(ROOT), permitrootlogin="forced-commands-only", forcecommand="/bin/true"),
        no(WITHOUT_COMMAND.format("the line"), Cause.SETTINGS),
    ),
    "forced-commands-only-and-an-authority": (
        judged(entries(b"cert-authority " + CA, home="/root"), who=login(ROOT), permitrootlogin="forced-commands-only"),
        YES,
    ),
    "authority-that-lets-nobody-in": (
        judged([replace(entries(b"cert-authority " + CA)[0], authority=no("nobody", Cause.AUTHORITY))]),
        no("nobody", Cause.AUTHORITY),
    ),
    # the account
    "shell": (
        judged(ONE, who=login(replace(ANN, shell_runs=Truth.NO))),
        no("the shell is missing or not executable", Cause.ACCOUNT),
    ),
    "shell-in-a-chroot": (judged(ONE, who=login(replace(ANN, shell_runs=Truth.NO)), chrootdirectory="/srv"), YES),
    "shell-and-perhaps-a-chroot": (
        judged(ONE, who=login(replace(ANN, shell_runs=Truth.NO)), chrootdirectory=None),
        unknown("ChrootDirectory is not known, and the shell is missing or not executable"),
    ),
    "expired-account": (
        judged(ONE, who=login(replace(ANN, expired=Truth.YES))),
        no("the account has expired", Cause.ACCOUNT),
    ),
    "locked-with-pam": (judged(ONE, who=login(replace(ANN, locked=Truth.YES))), YES),
    "locked-without-pam": (
        judged(ONE, who=login(replace(ANN, locked=Truth.YES)), usepam="no"),
        no("the account is locked and UsePAM is no", Cause.ACCOUNT),
    ),
    "locked-and-pam-unknown": (
        judged(ONE, who=login(replace(ANN, locked=Truth.YES)), usepam=None),
        unknown("UsePAM is not known"),
    ),
    "pam-unknown-does-not-matter": (judged(ONE, usepam=None), YES),
    "pam-refuses": (
        judged(ONE, who=login(pam_account=Judgement(Truth.NO, "pam_access refuses"))),
        no("pam_access refuses", Cause.ACCOUNT),
    ),
    "pam-is-not-asked": (judged(ONE, who=login(pam_account=Judgement(Truth.NO, "x")), usepam="no"), YES),
    "nologin": (judged(ONE, who=login(nologin=Truth.YES)), no("a nologin file is there", Cause.ACCOUNT)),
    "nologin-and-root": (judged(IN_ROOT, who=login(ROOT, nologin=Truth.YES)), YES),
    "nologin-without-pam": (judged(ONE, who=login(nologin=Truth.YES), usepam="no"), YES),
    # from=
    "from-here": (judged(entries(b'from="10.0.0.0/8" ' + ED)), YES),
    "from-elsewhere": (judged(entries(b'from="192.0.2.0/24" ' + ED)), ELSEWHERE),
    "from-everywhere": (judged(entries(b'from="*" ' + ED)), YES),
    "from-everywhere-and-no-address": (judged(entries(b'from="0.0.0.0/0" ' + ED), None), YES),
    "from-somewhere-and-no-address": (
        judged(entries(b'from="10.0.0.0/8" ' + ED), None),
        unknown("from= limits the line, and from where one comes is not known"),
    ),
    "from-names": (
        judged(entries(b'from="*.example.org" ' + ED)),
        no("from= holds host names only, and UseDNS is no", Cause.SOURCE),
    ),
    "from-names-with-dns": (
        judged(entries(b'from="*.example.org" ' + ED), usedns="yes"),
        unknown("from= holds host names only, and UseDNS is not no"),
    ),
    "from-comes-last": (
        judged(entries(b'from="192.0.2.0/24" ' + ED), who=login(replace(ANN, shell_runs=Truth.NO))),
        no("the shell is missing or not executable", Cause.ACCOUNT),
    ),
}


@pytest.mark.parametrize(("answers", "expected"), ROWS.values(), ids=ROWS)
def test_one_line(answers: list[Judgement], expected: Judgement) -> None:
    assert answers == [expected]


def test_names_of_hosts_and_lists_that_are_not_clear() -> None:
    named = entries(b'from="*.example.org" ' + ED)
    there = situation(given=settings(usedns="yes"))
    here = replace(there, connection=replace(there.connection, host="a.example.org"))
    assert standings(named, login(), here)[0].judgement == YES
    other = replace(there, connection=replace(there.connection, host="a.example.com"))
    assert standings(named, login(), other)[0].judgement.cause is Cause.SOURCE
    some = replace(there, connection=replace(there.connection, unclear=frozenset({"10.0.0.0/24"})))
    (found,) = standings(entries(b'from="10.0.0.0/24" ' + ED), login(), some)
    assert found.judgement == unknown("from= names some of these addresses, not all")


# ------------------------------------------------------------------------------------------ the line that wins

TODAY = b'expiry-time="202706301300" '  # whether it has expired depends on the zone of the host
OUT = f'from="{OUTSIDE}" '.encode()
# by name: the lines, in two files, and of each line the winner of its key: inside, outside
WINNERS: dict[str, tuple[list[Entry], Mapping[str, list[int | None]]]] = {
    "alone": (entries(ED), {INSIDE: [0], OUTSIDE: [0]}),
    "first": (entries(ED, FORCED + ED), {INSIDE: [0, 0], OUTSIDE: [0, 0]}),
    "each-key-has-its-own": (entries(ED, RSA, ED, RSA), {INSIDE: [0, 1, 0, 1], OUTSIDE: [0, 1, 0, 1]}),
    "dead-line-first": (entries(b"no-such " + ED, ED), {INSIDE: [1, 1], OUTSIDE: [1, 1]}),
    "first-from-elsewhere": (entries(OUT + ED, ED), {INSIDE: [1, 1], OUTSIDE: [0, 0]}),
    "nobody": (entries(OUT + ED), {INSIDE: [None], OUTSIDE: [0]}),
    "first-is-not-known": (entries(TODAY + ED, ED), {INSIDE: [None, None], OUTSIDE: [None, None]}),
    "second-is-not-known": (entries(ED, TODAY + ED), {INSIDE: [0, 0], OUTSIDE: [0, 0]}),
    "second-file-first": (
        [*entries(FORCED + ED, file=SECOND), *entries(ED)],
        {INSIDE: [1, 1], OUTSIDE: [1, 1]},
    ),
    "first-file-is-not-opened": (
        [replace(entries(ED)[0], opened=no("x", Cause.PERMISSIONS)), *entries(FORCED + ED, file=SECOND)],
        {INSIDE: [1, 1], OUTSIDE: [1, 1]},
    ),
    "an-authority-is-no-key": (
        entries(b"cert-authority " + ED, FORCED + ED),
        {INSIDE: [0, 1], OUTSIDE: [0, 1]},
    ),
    "authorities-for-other-names": (
        entries(b'cert-authority,principals="a" ' + ED, b'cert-authority,principals="b" ' + ED),
        {INSIDE: [0, 1], OUTSIDE: [0, 1]},
    ),
    "the-same-key-in-other-bytes": (entries(RSA, FORCED + RSA + b" comment"), {INSIDE: [0, 0], OUTSIDE: [0, 0]}),
}


def everywhere(lines: Sequence[Entry]) -> list[tuple[Standing, ...]]:
    return [standings(lines, login(), situation(address)) for address in (INSIDE, OUTSIDE)]


@pytest.mark.parametrize(("lines", "expected"), WINNERS.values(), ids=WINNERS)
def test_the_first_line_that_passes_wins(lines: list[Entry], expected: Mapping[str, list[int | None]]) -> None:
    found = everywhere(lines)
    assert [[one.winner for one in standing] for standing in found] == list(expected.values())


def test_forced_commands_only_asks_the_line_that_wins() -> None:
    def ask(*lines: bytes, address: str = INSIDE) -> list[Judgement]:
        found = entries(*lines, home="/root")
        return judged(found, address, login(ROOT), permitrootlogin="forced-commands-only")

    wins = "line 1 of /root/.ssh/authorized_keys, which wins,"
    refused = no(WITHOUT_COMMAND.format("the line"), Cause.SETTINGS)
    shadow = no(WITHOUT_COMMAND.format(wins), Cause.SETTINGS)
    assert ask(ED, FORCED + ED) == [refused, shadow]
    assert ask(FORCED + ED, ED) == [YES, YES]
    assert ask(OUT + ED, FORCED + ED) == [ELSEWHERE, YES]
    assert ask(OUT + ED, FORCED + ED, address=OUTSIDE) == [refused, shadow]
    unclear = unknown("which line of the key wins is not known, and PermitRootLogin asks for a command=")
    zone = unknown("the line expires within hours, and the time zone of the host is not known")
    assert ask(TODAY + ED, FORCED + ED) == [zone, unclear]
    assert ask(TODAY.strip() + b"," + FORCED + ED, FORCED + ED) == [zone, YES]


SHADOWED: dict[str, tuple[list[Entry], set[int]]] = {
    "alone": (entries(FORCED + ED), set()),
    "command-behind-a-plain-line": (entries(ED, FORCED + ED), {1}),
    "plain-line-behind-a-command": (entries(FORCED + ED, ED), set()),
    "same-limits": (entries(FORCED + ED, b'command="other" ' + ED), set()),
    "more-limits": (entries(FORCED + ED, b'restrict,command="true" ' + ED), {1}),
    "other-key": (entries(ED, FORCED + RSA), set()),
    "it-wins-elsewhere": (entries(OUT + ED, FORCED + ED), set()),
    "its-own-from-lies-within": (entries(ED, OUT + ED), {1}),
    "earlier-line-is-dead": (entries(b"no-such " + ED, FORCED + ED), set()),
    "itself-is-dead": (entries(ED, b"no-such,restrict " + ED), set()),
    "earlier-line-is-not-known": (entries(TODAY + ED, FORCED + ED), set()),
    "in-the-second-file": ([*entries(FORCED + ED, file=SECOND), *entries(ED)], {0}),
    "single-ports-behind-no-forwarding": (entries(b"restrict " + ED, b'permitopen="a:1" ' + ED), set()),
    "single-ports-behind-a-plain-line": (entries(ED, b'permitopen="a:1" ' + ED), {1}),
    "expiry": (entries(ED, b'expiry-time="20990101" ' + ED), {1}),
}


@pytest.mark.parametrize(("lines", "expected"), SHADOWED.values(), ids=SHADOWED)
def test_shadowed(lines: list[Entry], expected: set[int]) -> None:
    assert shadowed(lines, everywhere(lines)) == expected


def test_has_effect() -> None:
    lines = entries(OUT + ED, ED, FORCED + ED, b"no-such " + ED, TODAY + RSA, RSA)
    found = everywhere(lines)
    assert [has_effect(index, found) for index in range(len(lines))] == [True, True, False, False, True, True]


def test_anywhere() -> None:
    off, away = no("PubkeyAuthentication is no", Cause.SETTINGS), ELSEWHERE
    gone = no("the line expired at 2027-01-01 00:00:00", Cause.EXPIRED)
    unclear = unknown("x")
    assert anywhere([off, unclear, YES]) == YES
    assert anywhere([off, unclear, away]) == unclear
    assert anywhere([off, away]) == anywhere([away, off]) == away
    assert anywhere([off, gone]) == off
    assert anywhere([]) == unknown("no place to come from was judged")


def test_many_lines_cost_linear_time() -> None:
    keys = [line(asyncssh.generate_private_key("ssh-ed25519")) for _ in range(20)]
    lines = entries(*(keys[number % 20] + f" {number}".encode() for number in range(20_000)))
    found = standings(lines, login(), situation())
    assert [one.winner for one in found] == [number % 20 for number in range(20_000)]
