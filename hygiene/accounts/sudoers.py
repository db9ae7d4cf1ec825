"""Who may run everything as root, without a password or after authenticating, by sudoers(5).

sudo looks for the last rule that matches account, host, run-as user and command; this is done here for the commands
of `PROBES`, with three answers for each step instead of two: yes, no, and not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hygiene.accounts import sudoers_asking
from hygiene.accounts.group import Membership
from hygiene.accounts.passwd import PasswdEntry
from hygiene.accounts.sudoers_asking import BUILT_IN, CERTAIN, UNCLEAR, SudoAuth, Values
from hygiene.accounts.sudoers_commands import ANY, PROBES
from hygiene.accounts.sudoers_files import Placed, Sudoers
from hygiene.accounts.sudoers_grammar import DECIDING, Alias, Defaults, Opaque, Rule
from hygiene.accounts.sudoers_lists import Lists, Machine
from hygiene.accounts.sudoers_words import Member, Members
from hygiene.accounts.verdicts import ASKS, DENIED, FREE, MATCH, NO_MATCH, REFUSED, last, maybe
from hygiene.model import RootBy

_MATCHES_MAX = 2000  # rules that name one account and decide something
_ORDER = {name: at for at, name in enumerate(BUILT_IN)}
_COMPARISONS_MAX = 5_000_000  # accounts times names in lists, beyond the plain lists that are looked up


@dataclass(frozen=True, slots=True)
class Root:
    """Whether an account is root, or becomes root with everything, and what sudo asks for.

    `by` tells of ways without a password alone. `asks`: the ways that take one, the certain ones first; those that
    SUDO makes needless are left out.
    """

    by: RootBy
    reason: str | None = None  # why it is unknown
    asks: tuple[SudoAuth, ...] = ()


@dataclass(frozen=True, slots=True)
class _Effect:
    """A rule, or a statement that may hold one, reduced to what it does for each probe."""

    place: str
    users: Members | None  # None: everybody, perhaps
    answers: tuple[tuple[tuple[int, ...], bool | None], ...]  # bits for each probe, and the tag; in order
    doubt: str | None = None


def judge(
    sudoers: Sudoers,
    accounts: Sequence[PasswdEntry],
    groups: Mapping[str, Membership],
    machine: Machine,
    *,
    remote_groups: str | None = None,
    remote_rules: str | None = None,
) -> dict[str, Root]:
    """What holds for each account, by its name.

    `remote_groups` and `remote_rules` say why group members and sudo rules may come from elsewhere too (a directory);
    None when the files are all there is. SUDO needs no other source: a rule of the files gives it.
    """
    judgement = _Judgement(sudoers, accounts, groups, machine, remote_groups, remote_rules)
    return {account.name: judgement.of(account) for account in accounts}


class _Judgement:
    def __init__(
        self,
        sudoers: Sudoers,
        accounts: Sequence[PasswdEntry],
        groups: Mapping[str, Membership],
        machine: Machine,
        remote_groups: str | None,
        remote_rules: str | None,
    ) -> None:
        self.remote_rules = remote_rules
        self.asking_doubt: str | None = None
        self._answers: dict[object, tuple[RootBy, tuple[SudoAuth, ...]]] = {}
        aliases: list[Alias] = []
        doubt: str | None = None
        defaults: list[tuple[str, Defaults]] = []
        for placed in sudoers.statements:
            match placed.statement:
                case Alias() as alias:
                    aliases.append(alias)
                case Defaults() as line if any(name in DECIDING for name, _ in line.settings):
                    defaults.append((placed.place, line))
                case Opaque() as opaque if opaque.users is None or opaque.is_alias:
                    doubt = f"{placed.place}: {opaque.reason}"
                case Opaque(is_asking=True, reason=reason):
                    self.asking_doubt = f"{placed.place}: {reason}"
        self.defaults = defaults
        self.says_how = any(name in BUILT_IN for _, line in defaults for name, _ in line.settings)
        self.roots = tuple(account for account in accounts if account.is_root)
        self._root_names = tuple(root.name for root in self.roots)
        self.lists = Lists(aliases, doubt, self.roots, groups, machine, remote_groups)
        self.runas_default = self._runas_default()
        self.effects = [effect for placed in sudoers.statements for effect in self._effect(placed)]
        self._index(len(accounts))

    # ------------------------------------------------------------ what does not depend on the account

    def _effect(self, placed: Placed) -> Iterable[_Effect]:
        match placed.statement:
            case Opaque(users=users, reason=reason) if users != ():
                yield _Effect(placed.place, users, (), f"{placed.place}: {reason}")
            case Rule(users=users, privileges=privileges):
                answers: list[tuple[tuple[int, ...], bool | None]] = []
                self.lists.why = ""
                for hosts, grants in privileges:
                    on_host = self.lists.members(hosts, "host", "")
                    for grant in grants:
                        as_root = self._runas(grant.runas)
                        if not on_host & MATCH or not as_root & MATCH:
                            continue
                        sure = on_host == MATCH and as_root == MATCH and not grant.limited
                        if grant.limited:
                            self.lists.why = "a rule that holds for a time, in a chroot or with some privileges only"
                        bits = tuple(self.lists.command(grant.command, probe) for probe in PROBES)
                        if any(bit != NO_MATCH for bit in bits):
                            answers.append((bits if sure else tuple(map(maybe, bits)), grant.nopasswd))
                if answers:
                    yield _Effect(placed.place, users, tuple(answers), self.lists.said(placed.place))

    def _runas(self, runas: Members | None) -> int:
        return self.runas_default if runas is None else self.lists.members(runas, "runas", "") if runas else NO_MATCH

    def _runas_default(self) -> int:
        bits = MATCH
        for _, line in self.defaults:
            for name, value in line.settings:
                if name == "runas_default":
                    asked = MATCH if value in {"root", "#0", *(root.name for root in self.roots)} else NO_MATCH
                    bits = asked if not line.scope else bits | asked
        return bits

    # ------------------------------------------------------------ one account

    def _index(self, accounts: int) -> None:
        """Rules for plain names are looked up; only the others are compared with every account."""
        self.by_name: dict[str, list[int]] = {}
        self.general: list[int] = []
        for index, effect in enumerate(self.effects):
            users = effect.users
            if users is not None and all(user.kind == "word" and not user.negated for user in users):
                for name in {user.value.lower() for user in users}:
                    self.by_name.setdefault(name, []).append(index)
            else:
                self.general.append(index)
        size = sum(len(self.effects[index].users or ()) + 1 for index in self.general)
        size += sum(len(line.members) + 1 for _, line in self.defaults)
        size += sum(len(alias.members) for (kind, _), alias in self.lists.aliases.items() if kind == "user")
        self.too_many = size * accounts > _COMPARISONS_MAX

    def of(self, account: PasswdEntry) -> Root:
        if account.is_root:
            return Root(RootBy.UID0)
        if self.too_many:
            return Root(RootBy.UNKNOWN, "sudoers: too many rules and accounts to compare them all")
        self.lists.entry = account
        self.lists.why = ""
        doubts: list[str] = []
        mine: list[tuple[int, int]] = []
        for index in sorted([*self.by_name.get(account.name.lower(), ()), *self.general]):
            effect = self.effects[index]
            self.lists.why = ""
            bits = maybe(MATCH) if effect.users is None else self.lists.members(effect.users, "user", account.name)
            if bits & MATCH:
                mine.append((index, bits))
                doubts.extend(filter(None, (self.lists.said(effect.place), effect.doubt)))
        if len(mine) > _MATCHES_MAX:
            return Root(RootBy.UNKNOWN, f"sudoers: more than {_MATCHES_MAX:,} rules for one account")
        self.lists.why = ""
        asks = self._asks(account.name) if mine else ()
        how = self._how(account.name) if mine else ()
        if self.lists.why:
            doubts.append(self.lists.why)
        key = (tuple(mine), asks, how)
        if key not in self._answers:
            self._answers[key] = self._answer(mine, asks, how)
        by, ways = self._answers[key]
        why = f"sudoers: {doubts[0] if doubts else self.asking_doubt or 'a rule that was not understood'}"
        authenticated = tuple(
            way if way.doubt is None else replace(way, doubt=why if way.doubt == UNCLEAR else f"sudoers: {way.doubt}")
            for way in ways
        )
        if by is RootBy.UNKNOWN:
            return Root(by, why, authenticated)
        if by is RootBy.NONE and self.remote_rules:
            return Root(RootBy.UNKNOWN, self.remote_rules, authenticated)
        return Root(by, None, authenticated)

    def _answer(
        self, mine: list[tuple[int, int]], asks: tuple[tuple[int, int], ...], how: tuple[Values, ...]
    ) -> tuple[RootBy, tuple[SudoAuth, ...]]:
        outcomes = []
        for position, (untagged, tagged) in enumerate(asks):
            by_tag = {None: untagged, True: FREE, False: tagged}
            outcome = last(
                _outcome(bits, asked, user)
                for index, user in reversed(mine)
                for bits, asked in self._steps(index, position, by_tag)
            )
            if outcome == FREE:
                return RootBy.SUDO, ()
            outcomes.append(outcome)
        unknown = any(outcome & FREE for outcome in outcomes)
        found: dict[SudoAuth, None] = {}
        for position, outcome in enumerate(outcomes):
            if not outcome & ASKS:
                continue
            # where it may be that nothing is asked for, what is asked for is still enough
            sure = not outcome & ~(ASKS | FREE) and self.asking_doubt is None
            for way in sudoers_asking.ways(how[position], self._root_names, login=self._login(position)):
                found.setdefault(way if sure or way.doubt else replace(way, doubt=UNCLEAR))
        return RootBy.UNKNOWN if unknown else RootBy.NONE, tuple(_without_lesser(found))

    def _login(self, position: int) -> bool:
        """Is root's shell, which -i runs, this probe? The probe for any command stands for shells that are none."""
        shells = {root.login_shell for root in self.roots}
        return PROBES[position] in shells or (position == 0 and not shells & set(PROBES))

    def _steps(self, index: int, position: int, by_tag: Mapping[bool | None, int]) -> Iterable[tuple[int, int]]:
        effect = self.effects[index]
        if not effect.answers:  # not understood: it may give and it may take away
            yield MATCH | REFUSED | NO_MATCH, FREE | ASKS
        for bits, nopasswd in reversed(effect.answers):
            yield bits[position], by_tag[nopasswd]

    def _asks(self, account: str) -> tuple[tuple[int, int], ...]:
        """For each probe: is a password asked for where no tag says so, and where the tag is PASSWD?"""
        # sudoers(5): settings for run-as users are applied after the general ones, those for commands last
        general = self._waves(ASKS, ("", "host", "user"), account, ANY)
        general = self._waves(general, ("runas",), account, ANY)
        exempt = self._exempt(account)
        per_command = any(line.scope == "cmnd" for _, line in self.defaults)
        found: list[tuple[int, int]] = []
        for probe in PROBES if per_command else PROBES[:1]:
            untagged = self._waves(general, ("cmnd",), account, probe)
            if exempt == MATCH:
                found.append((FREE, FREE))
            else:
                found.append((untagged | FREE, ASKS | FREE) if exempt & MATCH else (untagged, ASKS))
        return tuple(found if per_command else found * len(PROBES))

    def _how(self, account: str) -> tuple[Values, ...]:
        """For each probe, what the settings may be that say whom sudo asks, and how."""
        if not self.says_how:
            return (CERTAIN,) * len(PROBES)
        general = self._valued(CERTAIN, ("", "host", "user"), account, ANY)
        general = self._valued(general, ("runas",), account, ANY)
        if not any(line.scope == "cmnd" for _, line in self.defaults):
            return (general,) * len(PROBES)
        return tuple(self._valued(general, ("cmnd",), account, probe) for probe in PROBES)

    def _valued(self, values: Values, scopes: tuple[str, ...], account: str, probe: str) -> Values:
        found = list(values)
        for place, line in self.defaults:
            if line.scope not in scopes:
                continue
            for name, given in line.settings:
                if name not in BUILT_IN or (value := sudoers_asking.setting(name, given)) is None:
                    continue
                if (bits := self._holds(place, line, account, probe)) & MATCH:
                    at = _ORDER[name]
                    found[at] = frozenset({value}) if bits == MATCH else found[at] | {value}
        return tuple(found)

    def _waves(self, asked: int, scopes: tuple[str, ...], account: str, probe: str) -> int:
        for place, line in self.defaults:
            if line.scope not in scopes:
                continue
            for name, value in line.settings:
                if name == "authenticate" and (bits := self._holds(place, line, account, probe)) & MATCH:
                    setting = FREE if value == "!" else ASKS
                    asked = setting if bits == MATCH else asked | setting
        return asked

    def _exempt(self, account: str) -> int:
        """Is the account in `exempt_group`, whose members are never asked?"""
        found = NO_MATCH
        for place, line in self.defaults:
            for name, value in line.settings:
                if name == "exempt_group" and (bits := self._holds(place, line, account, ANY)) & MATCH:
                    group = NO_MATCH
                    if value and value != "!":
                        group = self.lists.user(Member(False, "group", value.removeprefix("%")), account)
                    found = group if bits == MATCH else found | group
        return found

    def _holds(self, place: str, line: Defaults, account: str, probe: str) -> int:
        if not line.scope:
            return MATCH
        before, self.lists.why = self.lists.why, ""
        if line.scope == "cmnd":
            bits = last(self.lists.command(command, probe) for command in reversed(line.commands))
        else:
            bits = self.lists.members(line.members, line.scope, account)
        self.lists.why = self.lists.said(place) or before
        return bits


def _outcome(bits: int, asked: int, user: int) -> int:
    """The end that a matching step leads to: with or without a password, denied, or to the rule before it."""
    found = NO_MATCH if bits & NO_MATCH or user != MATCH else 0
    if bits & MATCH:
        found |= asked
    return found | (DENIED if bits & REFUSED else 0)


def _without_lesser(found: Iterable[SudoAuth]) -> Iterator[SudoAuth]:
    """The certain ways first; without those of which another leaves the same choice of services, or more."""
    kept: list[SudoAuth] = []
    for way in sorted(found, key=lambda way: (way.doubt is not None, -len(way.services))):
        if not any(
            set(way.services) <= set(other.services)
            and replace(way, services=other.services, doubt=other.doubt) == other
            for other in kept
        ):
            kept.append(way)
            yield way
