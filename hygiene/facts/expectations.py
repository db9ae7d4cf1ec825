"""What the evidence of a host lets us expect of its daemon when it is asked what it would accept for an account.

A query is answered by less than decides a login: PermitRootLogin and PAM's account stage come after the signature
(userauth_finish in auth2.c, mm_answer_keyallowed in monitor.c), and from= depends on where the question comes from.
What depends on these has no expectation here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from hygiene.model import (
    Account,
    AreaName,
    AreaState,
    Cause,
    Grant,
    HostFacts,
    PasswordState,
    Setting,
    SettingState,
    Truth,
    account_subject,
)
from hygiene.openssh import version

NONE: Final = "none"  # the method that asks for nothing
_FLAGS: Final = {
    "publickey": "pubkeyauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
}
LOGIN: Final = "login"  # not a method: that a key was enough
METHODS: Final = (NONE, *_FLAGS)
_MORE_FLAGS: Final = {
    **_FLAGS,
    "hostbased": "hostbasedauthentication",
    "gssapi-with-mic": "gssapiauthentication",
}
_OTHERS: Final = ("authenticationmethods", "permitrootlogin", "permitemptypasswords", "maxauthtries", "port")
_ALGORITHMS: Final = "pubkeyacceptedalgorithms"
_ASKED: Final = frozenset((*_MORE_FLAGS.values(), *_OTHERS, _ALGORITHMS))
# why a line is dead for a query as well
_TOLD: Final = frozenset(
    (Cause.TYPO, Cause.VERSION, Cause.PERMISSIONS, Cause.UNREAD, Cause.EXPIRED, Cause.SETTINGS, Cause.REVOKED)
)
_ROOT_BY_KEY: Final = ("yes", "prohibit-password", "without-password")
_SOON: Final = timedelta(days=1)  # zones, and the time between the collection and the question
_FROM_NO: Final = (Truth.NO, Truth.UNKNOWN, Truth.YES)
_TRIES: Final = 6  # MaxAuthTries when it is not known, as by default


class Expectations:
    """What is expected of one daemon of a host."""

    def __init__(self, rows: HostFacts, daemon: str) -> None:
        self.daemon = daemon
        self._rows = rows
        self._settings: dict[tuple[str, str], list[Setting]] = {}  # by keyword and scope
        for setting in rows.settings:
            if setting.daemon == daemon and setting.keyword in _ASKED:
                account, _, source = setting.scope.partition(" from ")
                scope = f"{account} from" if source else account
                self._settings.setdefault((setting.keyword, scope), []).append(setting)
        self._grants: dict[str, list[Grant]] = {}
        for grant in rows.grants:
            # the key of an authority itself lets nobody in
            if grant.daemon == daemon and grant.fingerprint is not None and not grant.is_authority:
                self._grants.setdefault(grant.account, []).append(grant)
        self._accounts = {account.account: account for account in rows.accounts}
        self._keys: dict[str, Mapping[str, Truth]] = {}
        self._not_seen = {gap.subject for gap in rows.gaps if gap.area == AreaName.AUTHORIZED_KEYS}

    def accounts(self) -> tuple[Account, ...]:
        """The accounts that may be asked about: asking for the methods offered must not be a login without a password.

        Names that have no form in UTF-8 cannot be sent.
        """
        return tuple(
            account
            for account in self._accounts.values()
            if account.account.isprintable() and "\\" not in account.account and self._opens_alone(account) is Truth.NO
        )

    def keys(self, account: str) -> Mapping[str, Truth]:
        """By fingerprint, whether a signature would be asked for; without those where that depends on other things."""
        if account not in self._keys:
            by_key: dict[str, list[Grant]] = {}
            for grant in self._grants.get(account, ()):
                by_key.setdefault(str(grant.fingerprint), []).append(grant)
            found = {key: self._key(account, grants) for key, grants in by_key.items()}
            self._keys[account] = {key: truth for key, truth in found.items() if truth is not None}
        return self._keys[account]

    def lines(self, account: str, fingerprint: str) -> Sequence[Grant]:
        """The lines of a key."""
        return [grant for grant in self._grants.get(account, ()) if grant.fingerprint == fingerprint]

    def method(self, account: str, name: str) -> Truth:
        """Whether a method is offered to begin with. That one is on does not say so: only publickey with a key does."""
        known = self._accounts.get(account)
        if name == NONE:
            return self._opens_alone(known) if known is not None else Truth.UNKNOWN
        if name not in _FLAGS:
            return Truth.UNKNOWN
        flag, first = self.value(account, _FLAGS[name]), self._first(account)
        if flag == "no" or (first is not None and not first & {name, "any"}):
            return Truth.UNKNOWN if name == "keyboard-interactive" and self._two_names() else Truth.NO
        # a list that names a method that is off is skipped as a whole: of several, some may begin otherwise
        certain = flag == "yes" and first is not None and first <= {name, "any"}
        if name == "publickey" and certain and Truth.YES in self.keys(account).values():
            return Truth.YES
        return Truth.UNKNOWN

    def our_key(self, account: str) -> str | None:
        """The key with which the run logged in, where a line of the account may take it."""
        ours = self._rows.host.login_fingerprint
        if ours is None or all(grant.accepted is Truth.NO for grant in self.lines(account, ours)):
            return None
        return ours

    def asks_for_more(self, account: str) -> bool:
        """Whether a list of AuthenticationMethods wants something behind a key."""
        return any(methods[0] == "publickey" and len(methods) > 1 for methods, _ in self._lists(account) or ())

    def our_signature(self, account: str) -> Truth:
        """Whether our key is right for the account, if it need not be enough."""
        lines = self.lines(account, self._rows.host.login_fingerprint or "")
        plain = [grant for grant in lines if grant.from_patterns is None and grant.accepted_from is None]
        if any(grant.accepted is Truth.YES and not self._ends_soon(grant) for grant in plain):
            return Truth.YES
        return Truth.UNKNOWN if self.our_key(account) is not None else Truth.NO

    def login(self, account: str) -> Truth:
        """Whether our key opens the account alone."""
        lists = self._lists(account)
        if lists is None:
            return Truth.UNKNOWN
        enough = _best(whole for methods, whole in lists if methods == ("publickey",))
        signature = self.our_signature(account)
        return min(enough, signature, key=_FROM_NO.index)

    def behind_key(self, account: str, name: str) -> Truth:
        """Whether a method is offered when a key was right and is not enough (auth2_update_methods_lists, auth2.c)."""
        lists = self._lists(account)
        if lists is None:
            return Truth.UNKNOWN
        left = [(methods[1:] if methods[0] == "publickey" else methods, whole) for methods, whole in lists]
        return _best(whole for methods, whole in left if methods and methods[0] == name)

    def most_refusals(self, account: str) -> int:
        """How many queries may be refused before sshd hangs up."""
        text = self.value(account, "maxauthtries") or ""
        return (int(text) if text.isascii() and text.isdigit() and len(text) < 6 else _TRIES) - 1

    def algorithms(self, account: str) -> str | None:
        """The signature algorithms that are accepted, as a list of patterns; None: not known."""
        return self.value(account, _ALGORITHMS)

    def value(self, account: str, keyword: str) -> str | None:
        """What holds for an account from everywhere; None where that is not known, or depends on the source."""
        if (keyword, f"{account} from") in self._settings:
            return None
        holds = self._settings.get((keyword, account)) or self._settings.get((keyword, "*"))
        if not holds or any(setting.state is not SettingState.EFFECTIVE for setting in holds):
            return None
        return holds[0].value.lower()

    # ------------------------------------------------------------ inside

    def _key(self, account: str, grants: Sequence[Grant]) -> Truth | None:
        if any(grant.from_patterns is not None or grant.accepted_from is not None for grant in grants):
            return None
        first = self._first(account)
        if first is not None and not first & {"publickey", "any"}:
            return None  # no query is looked at before another method has succeeded
        answers = {grant.accepted for grant in grants}
        if Truth.YES in answers:
            return None if any(self._ends_soon(grant) for grant in grants) else Truth.YES
        if any(not self._told(grant) for grant in grants if grant.accepted is Truth.NO):
            return None
        if Truth.UNKNOWN in answers or first is None or self._others_may_name(account):
            return Truth.UNKNOWN
        return Truth.NO

    def _told(self, grant: Grant) -> bool:
        """Whether what keeps the line from letting in keeps a query from succeeding as well."""
        if grant.cause is not Cause.SETTINGS:
            return grant.cause in _TOLD
        known = self._accounts.get(grant.account)
        return known is not None and (known.uid != 0 or self.value(grant.account, "permitrootlogin") in _ROOT_BY_KEY)

    def _ends_soon(self, grant: Grant) -> bool:
        seen = self._rows.host.collected_at
        return grant.expires_at is not None and (seen is None or grant.expires_at < seen + _SOON)

    def _others_may_name(self, account: str) -> bool:
        """Whether the key may stand where we did not see it: in a program's answer, or in a file that was not read."""
        if any(
            source.keyword == "authorizedkeyscommand" and source.daemon == self.daemon and source.works is not Truth.NO
            for source in self._rows.dynamic_sources
        ):
            return True
        area = AreaName.AUTHORIZED_KEYS
        if any(each.area is area and each.state is AreaState.SEEN for each in self._rows.areas):
            return False
        host = self._rows.host.host
        return not self._not_seen.isdisjoint((host, account_subject(host, account)))

    def _opens_alone(self, account: Account) -> Truth:
        """Whether the account may be open to whoever names it."""
        if account.password_state not in (PasswordState.EMPTY, PasswordState.UNKNOWN):
            return Truth.NO
        return Truth.NO if self.value(account.account, "permitemptypasswords") == "no" else Truth.UNKNOWN

    def _lists(self, account: str) -> list[tuple[tuple[str, ...], Truth]] | None:
        """The lists of AuthenticationMethods, and whether each counts: one that names a method that is off does not.

        None where they are not known. `any` is a list of one method each.
        """
        value = self.value(account, "authenticationmethods")
        if value is None:
            return None
        lists = [tuple(name.partition(":")[0] for name in words.split(",")) for words in value.split()]
        if lists == [("any",)]:
            lists = [(name,) for name in _MORE_FLAGS]
        found = [
            (methods, min((self._is_on(account, name) for name in methods), key=_FROM_NO.index)) for methods in lists
        ]
        return [(methods, whole) for methods, whole in found if whole is not Truth.NO]

    def _is_on(self, account: str, name: str) -> Truth:
        flag = self.value(account, _MORE_FLAGS[name]) if name in _MORE_FLAGS else None
        if flag == "no":
            return Truth.UNKNOWN if name == "keyboard-interactive" and self._two_names() else Truth.NO
        return Truth.YES if flag == "yes" else Truth.UNKNOWN

    def _first(self, account: str) -> frozenset[str] | None:
        """The methods with which the lists of AuthenticationMethods begin, or `any`; None where that is not known."""
        value = self.value(account, "authenticationmethods")
        if value is None:
            return None
        return frozenset(methods.partition(",")[0].partition(":")[0] for methods in value.split())

    def _two_names(self) -> bool:
        """Before 8.7 two keywords stood for keyboard-interactive, and one was enough for it to be offered."""
        found = version.from_package(self._rows.host.sshd_version or "")
        return found is None or not found.since(8, 7)


def daemon_at(rows: HostFacts, port: int) -> str | None:
    """The daemon that answers at a port of the host; None where that cannot be told."""
    named: dict[str, set[str]] = {}
    for setting in rows.settings:
        ports = named.setdefault(setting.daemon, set())
        if setting.keyword == "port":
            ports.add(setting.value)
    if len(named) == 1:
        return next(iter(named))
    return _only(name for name, ports in named.items() if str(port) in ports)


def _best(answers: Iterable[Truth]) -> Truth:
    return max(answers, key=_FROM_NO.index, default=Truth.NO)


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None
