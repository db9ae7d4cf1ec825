"""Is an account, a host, a run-as user or a command in a list of a sudoers rule?"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hygiene.accounts import globs
from hygiene.accounts.group import Membership
from hygiene.accounts.passwd import PasswdEntry
from hygiene.accounts.sudoers_commands import command_bits
from hygiene.accounts.sudoers_grammar import Alias
from hygiene.accounts.sudoers_words import Command, Member, Members
from hygiene.accounts.text import number
from hygiene.accounts.verdicts import MATCH, NO_MATCH, REFUSED, last, maybe, negated

_DEPTH_MAX = 50  # aliases of aliases


@dataclass(frozen=True, slots=True)
class Machine:
    """By what names rules may call this host; None where that is not known."""

    name: str | None
    addresses: tuple[str, ...] | None = None


class Lists:
    """The lists of one sudoers on one host. `why` is the last thing that was not known, for whoever asks next."""

    def __init__(
        self,
        aliases: Iterable[Alias],
        doubt: str | None,
        roots: tuple[PasswdEntry, ...],
        groups: Mapping[str, Membership],
        machine: Machine,
        remote_groups: str | None,
    ) -> None:
        self.aliases: dict[tuple[str, str], Alias] = {}
        for alias in aliases:
            self.aliases.setdefault((alias.kind, alias.name), alias)
        self.doubt = doubt  # a statement that may define aliases was not understood
        self.roots, self.groups, self.machine, self.remote_groups = roots, groups, machine, remote_groups
        self.why = ""
        self.entry: PasswdEntry | None = None  # the account that is being judged
        self._memo: dict[tuple[str, str, str], int] = {}

    def command(self, command: Command, probe: str, depth: int = 0) -> int:
        if command.kind != "alias":
            return command_bits(command, probe, self.say)
        alias = self.aliases.get(("cmnd", command.path))
        if alias is None or depth > _DEPTH_MAX:
            return self._undefined(command.path)
        key = ("cmnd", command.path, probe)
        if key not in self._memo:
            self._memo[key] = NO_MATCH  # an alias inside itself matches nothing
            self._memo[key] = last(self.command(item, probe, depth + 1) for item in reversed(alias.commands))
        bits = self._memo[key]
        return negated(bits, command.negated)

    def said(self, place: str) -> str | None:
        """What was not known, with the place of the rule; None when nothing."""
        return f"{place}: {self.why}" if self.why else None

    def say(self, reason: str) -> None:
        self.why = reason

    def _undefined(self, name: str) -> int:
        if self.doubt is None:
            return NO_MATCH
        self.why = f"{self.doubt} (it may define {name[:40]})"
        return MATCH | REFUSED | NO_MATCH

    def members(self, members: Members, kind: str, account: str, depth: int = 0) -> int:
        return last(self._member(member, kind, account, depth) for member in reversed(members))

    def _member(self, member: Member, kind: str, account: str, depth: int) -> int:
        if member.kind == "alias" and ((kind, member.value) in self.aliases or self.doubt):
            key = (kind, member.value, account)
            alias = self.aliases.get(key[:2])
            if alias is None or depth > _DEPTH_MAX:
                return self._undefined(member.value)
            if key not in self._memo:
                self._memo[key] = NO_MATCH
                self._memo[key] = self.members(alias.members, kind, account, depth + 1)
            return negated(self._memo[key], member.negated)
        if kind == "user":
            bits = self.user(member, account)
        elif kind == "runas":
            bits = self._root(member)
        else:
            bits = self._host(member)
        return negated(bits, member.negated)

    def user(self, member: Member, account: str) -> int:
        value = member.value
        entry = self.entry
        match member.kind:
            case "all":
                return MATCH
            case "word" | "alias":
                return self._same(value, [account])
            case "uid":
                return MATCH if entry is not None and number(value) == entry.uid else NO_MATCH
            case "group" | "gid":
                mine = self.groups.get(account)
                if mine is None:
                    found = NO_MATCH
                elif member.kind == "gid":
                    found = MATCH if number(value) in mine.gids else NO_MATCH
                else:
                    found = self._same(value, mine.names)
                if found == NO_MATCH and self.remote_groups:
                    self.why = f"group {value[:40]}: {self.remote_groups}"
                    return maybe(MATCH)
                return found
            case _:
                self.why = f"{value[:40]}: members of netgroups and of plugin groups are not known"
                return maybe(MATCH)

    def _same(self, value: str, names: Iterable[str]) -> int:
        low = value.lower()
        found = NO_MATCH
        for name in names:
            if name == value:
                return MATCH
            if name.lower() == low:
                # sudoers(5), case_insensitive_user and _group: on by default, but only since 1.8.19
                self.why = f"{value[:40]}: the rule's name differs in case"
                found = maybe(MATCH)
        return found

    def _root(self, member: Member) -> int:
        match member.kind:
            case "all":
                return MATCH
            case "word" | "alias":
                return MATCH if member.value == "root" or any(r.name == member.value for r in self.roots) else NO_MATCH
            case "uid":
                return MATCH if number(member.value) == 0 else NO_MATCH
            case "group" | "gid":
                for root in self.roots:
                    mine = self.groups.get(root.name, Membership(frozenset(), frozenset({0})))
                    if member.value in mine.names or (member.kind == "gid" and number(member.value) in mine.gids):
                        return MATCH
                return NO_MATCH
            case _:
                self.why = f"{member.value[:40]}: members of netgroups and of plugin groups are not known"
                return maybe(MATCH)

    def _host(self, member: Member) -> int:
        match member.kind:
            case "all":
                return MATCH
            case "word" | "alias":
                return self._named(member.value)
            case "network":
                return self._in_network(member.value)
            case _:
                self.why = f"{member.value[:40]}: hosts of netgroups are not known"
                return maybe(MATCH)

    def _named(self, value: str) -> int:
        if self.machine.name is None:
            self.why = "a rule for a named host, and this host's name is not known"
            return maybe(MATCH)
        name, pattern = self.machine.name.lower(), value.lower()
        short = name.partition(".")[0]
        if "." not in pattern:
            return MATCH if globs.matches(pattern, short) else NO_MATCH
        if "." in name:
            return MATCH if globs.matches(pattern, name) else NO_MATCH
        # with `Defaults fqdn`, which some distributions build in, sudo asks DNS for the rest of the name
        if globs.matches(pattern.partition(".")[0], short) or globs.is_pattern(pattern.partition(".")[0]):
            self.why = f"{value[:40]}: a rule for a full host name, and only the short one is known"
            return maybe(MATCH)
        return NO_MATCH

    def _in_network(self, value: str) -> int:
        if self.machine.addresses is None:
            self.why = "a rule for an address, and this host's addresses are not known"
            return maybe(MATCH)
        try:
            network = ipaddress.ip_network(value, strict=False)
            inside = any(ipaddress.ip_address(address) in network for address in self.machine.addresses)
        except ValueError:
            self.why = f"{value[:40]}: an address that cannot be read"
            return maybe(MATCH)
        return MATCH if inside else NO_MATCH
