"""Which lines let somebody in from one class of places, which of them wins for its key, and all places joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hygiene.model import Cause, Truth
from hygiene.openssh import accept, tokens
from hygiene.openssh.accept import Clock, LoginAccount, Situation
from hygiene.openssh.authorized_keys import Line
from hygiene.openssh.options import Options
from hygiene.openssh.permissions import YES, Judgement, worst
from hygiene.openssh.settings import Settings
from hygiene.openssh.tokens import Holder, Named
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a file that may hold keys of the account, and what is known of it besides the situation."""

    file: str
    line: Line
    opened: Judgement = YES  # of the file: `permissions.opened`
    revoked: Judgement = YES  # of the key: no where RevokedKeys holds it, or where that file cannot be read
    authority: Judgement = YES  # of a cert-authority line: whether a certificate that it signs would be taken


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of a line in one situation."""

    judgement: Judgement  # whether its key lets in
    passes: Truth  # sshd takes the line itself when it comes to it
    winner: int | None  # the entry whose restrictions hold for its key; None: nobody comes in, or it is not known


@dataclass(frozen=True, slots=True)
class Login:
    """What holds for every key of an account at one daemon, wherever one comes from."""

    account: LoginAccount
    version: Version | None
    pam_account: Judgement  # the account stage of PAM; asked with UsePAM only
    nologin: Truth  # a nologin file is there and PAM asks for it
    clock: Clock | None


def standings(entries: Sequence[Entry], login: Login, situation: Situation) -> tuple[Standing, ...]:
    """Judge the lines of one account in one situation, with the answers in the order of the entries.

    sshd goes through the files in the order of AuthorizedKeysFile; the first line of a key that passes wins, and gives
    its restrictions: PermitRootLogin forced-commands-only asks that line for its command=. Of a line that would pass
    behind the winner the judgement is the key's. The reasons come in this order: the line, its file, the settings, the
    key, the account, from=; so from= is named where all else lets in. A no stands where other things are not known.
    """
    gate = _Gate.of(login, situation)
    ranks = gate.ranks({entry.file for entry in entries})
    files = [gate.file(entry, ranks) for entry in entries]
    own = [worst([file, accept.by_source(entry.line, situation)]) for file, entry in zip(files, entries, strict=True)]
    candidates: dict[object, list[int]] = {}
    for index in sorted(range(len(entries)), key=lambda index: ranks.get(entries[index].file, len(ranks))):
        if own[index].answer is not Truth.NO:
            candidates.setdefault(_identity(entries[index].line), []).append(index)
    found = []
    for index, entry in enumerate(entries):
        first = _first(candidates.get(_identity(entry.line), ()), own)
        winner = first[0] if len(first) == 1 and own[first[0]].answer is Truth.YES else None
        judgement = worst(
            [
                files[index],
                gate.settings,
                _root(index, first, entries, gate),
                entry.revoked,
                entry.authority,
                accept.by_key(entry.line, situation.settings, login.version) if gate.known else YES,
                gate.account,
                gate.unclear,
                own[index],
            ]
        )
        found.append(Standing(judgement, own[index].answer, winner))
    return tuple(found)


def named_files(settings: Settings, account: LoginAccount, version: Version | None) -> Named | None:
    """The files that AuthorizedKeysFile names for the account; None when the setting is not known."""
    value = settings.value("authorizedkeysfile")
    if value is None:
        return None
    return tokens.named(tokens.names(value), Holder(account.name, account.uid, account.home), version)


def anywhere(judgements: Iterable[Judgement]) -> Judgement:
    """Join the judgements of all situations: yes from one of them, else unknown from one, else why not.

    Where from= is all that keeps a line out somewhere, that is the reason; else that of the first situation.
    """
    given = list(judgements)
    for answer in (Truth.YES, Truth.UNKNOWN):
        for judgement in given:
            if judgement.answer is answer:
                return judgement
    for judgement in given:
        if judgement.cause is Cause.SOURCE:
            return judgement
    return given[0] if given else Judgement(Truth.UNKNOWN, "no place to come from was judged")


def has_effect(index: int, everywhere: Iterable[Sequence[Standing]]) -> bool:
    """Whether the restrictions of a line itself may hold somewhere: it wins, or which line wins is not known.

    A line without effect gives its key nothing that an earlier line of the key does not give.
    """
    for standings_ in everywhere:
        standing = standings_[index]
        if standing.judgement.answer is not Truth.NO and standing.winner in (index, None):
            return True
    return False


def shadowed(entries: Sequence[Entry], everywhere: Sequence[Sequence[Standing]]) -> frozenset[int]:
    """The lines that an earlier line of the same key makes useless, and that would limit the key more than that does.

    A line counts where it would pass by itself; where it wins in one situation, it is not shadowed.
    """
    found = set()
    for index, entry in enumerate(entries):
        winners = [standings_[index].winner for standings_ in everywhere if standings_[index].passes is not Truth.NO]
        limits = _limits(entry.line.options)
        if winners and None not in winners and index not in winners:
            held = [_limits(entries[winner].line.options) for winner in winners if winner is not None]
            if any(limits - others for others in held):
                found.add(index)
    return frozenset(found)


# ---------------------------------------------------------------- one situation


@dataclass(frozen=True, slots=True)
class _Gate:
    """What is the same for all lines of an account in one situation."""

    login: Login
    situation: Situation
    named: Named | None  # the files that sshd reads; None: not known
    known: bool  # the settings are
    unclear: Judgement  # unknown where the settings or the version are
    settings: Judgement
    account: Judgement

    @classmethod
    def of(cls, login: Login, situation: Situation) -> _Gate:
        settings, unclear = situation.settings, YES
        if login.version is None:
            unclear = Judgement(Truth.UNKNOWN, "the version of sshd is not known")
        if settings.problems:
            unclear = Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
        return cls(
            login,
            situation,
            named_files(settings, login.account, login.version),
            known=not settings.problems,
            unclear=unclear,
            settings=unclear if settings.problems else accept.by_settings(situation, login.version),
            account=accept.by_account(login.account, settings, login.pam_account, login.nologin),
        )

    def ranks(self, files: Iterable[str]) -> Mapping[str, int]:
        """The place of each file that sshd reads."""
        return {} if self.named is None else {file: place for place, file in enumerate(self.named.among(files))}

    def file(self, entry: Entry, ranks: Mapping[str, int]) -> Judgement:
        """Whether sshd comes to the line and takes it, from= aside (auth_check_authkey_line, auth2-pubkeyfile.c)."""
        return worst([accept.by_line(entry.line, self.login.clock), self._reads(entry.file, ranks), entry.opened])

    def _reads(self, file: str, ranks: Mapping[str, int]) -> Judgement:
        if self.named is None:
            return self.unclear if not self.known else Judgement(Truth.UNKNOWN, "AuthorizedKeysFile is not known")
        if file in ranks:
            return YES
        if self.named.fatal is not None:
            reason = f"sshd ends the connection before it reads this file: AuthorizedKeysFile {self.named.fatal}"
        else:
            value = self.situation.settings.value("authorizedkeysfile")
            reason = f"sshd does not read this file: AuthorizedKeysFile is {value}"
        return Judgement(Truth.NO, reason, Cause.UNREAD)


def _identity(line: Line) -> object:
    """What two lines have in common of which the first one wins; authorities differ by the names they admit."""
    options = line.options
    return (line.key and line.key.fingerprint, options.cert_authority, options.principals)


def _first(candidates: Sequence[int], own: Sequence[Judgement]) -> list[int]:
    """The line that wins, behind those of which it is not known whether they pass."""
    first = []
    for index in candidates:
        first.append(index)
        if own[index].answer is Truth.YES:
            break
    return first


def _root(index: int, first: Sequence[int], entries: Sequence[Entry], gate: _Gate) -> Judgement:
    """PermitRootLogin, which asks the line that wins for a forced command."""
    if not gate.known:
        return YES
    account, settings = gate.login.account, gate.situation.settings
    answers = []
    for place in first or (index,):
        entry = entries[place]
        forced = entry.line.options.command is not None or entry.line.options.cert_authority
        what = "the line" if place == index else f"line {entry.line.number} of {entry.file}, which wins,"
        answers.append(accept.by_root(forced, account, settings, what))
    if any(answer.answer is not answers[0].answer for answer in answers):
        return Judgement(
            Truth.UNKNOWN, "which line of the key wins is not known, and PermitRootLogin asks for a command="
        )
    return answers[0]


def _limits(options: Options) -> frozenset[str]:
    """The kinds of limits that a line sets; what forbids all forwarding sets those of single ports too."""
    flags = {
        "command": options.command is not None,
        "from": options.limits_source,
        "expiry": options.expires is not None,
        "port-forwarding": not options.port_forwarding,
        "agent-forwarding": not options.agent_forwarding,
        "x11-forwarding": not options.x11_forwarding,
        "pty": not options.pty,
        "user-rc": not options.user_rc,
        "touch": options.touch_required,
        "verify": options.verify_required,
        "permitopen": bool(options.permitopen) or not options.port_forwarding,
        "permitlisten": bool(options.permitlisten) or not options.port_forwarding,
    }
    return frozenset(name for name, limited in flags.items() if limited)
