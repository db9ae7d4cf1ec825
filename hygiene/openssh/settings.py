"""The settings of one daemon: what `sshd -T` printed, or what its files come to, in one record."""

from __future__ import annotations

import enum
from dataclasses import dataclass

SSHD_T = "sshd -T"  # the source of a value that the daemon itself printed


class RootLogin(enum.StrEnum):
    """PermitRootLogin, whatever name the version prints."""

    YES = "yes"
    NO = "no"
    KEYS_ONLY = "prohibit-password"
    FORCED_COMMANDS_ONLY = "forced-commands-only"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `sshd -T`: keyword in lower case, value as printed, source `file:line`, `default` or `sshd -T`."""

    keyword: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a connection, or outside every Match block."""

    entries: tuple[Entry, ...]  # in the order of `sshd -T`; several for one keyword stay in their order
    has_match: bool | None  # None: the files were not looked at
    unresolved: tuple[str, ...] = ()  # keywords whose value could not be found out
    problems: tuple[str, ...] = ()  # why nothing here can be relied on; empty when it can
    none_is_a_file: tuple[str, ...] = ()  # keywords whose `none` sshd takes for the name of a file, see `path`

    def value(self, keyword: str) -> str | None:
        """The value of the keyword, of its first line; None when it is not known or has none."""
        return next((entry.value for entry in self.entries if entry.keyword == keyword), None)

    def values(self, keyword: str) -> tuple[str, ...]:
        """The values of all lines of the keyword, in order."""
        return tuple(entry.value for entry in self.entries if entry.keyword == keyword)

    def flag(self, keyword: str) -> bool | None:
        """True for yes, False for no, None when it is neither or not known."""
        return {"yes": True, "no": False}.get((self.value(keyword) or "").lower())

    def number(self, keyword: str) -> int | None:
        """The value as a number; None when it is none or not known."""
        text = self.value(keyword) or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    def path(self, keyword: str) -> str | None:
        """The value, where `none` and absence are None. Ask `is_known` first.

        Of RevokedKeys and AuthorizedPrincipalsFile, sshd understands `none` outside Match blocks alone. Inside one it
        looks for a file of this name and finds none, so that every key is refused as revoked, and every certificate
        of TrustedUserCAKeys for want of principals: here that is `none`, a relative name.
        """
        value = self.value(keyword)
        if value is not None and value.lower() == "none" and keyword in self.none_is_a_file:
            return value
        return None if value is None or value.lower() == "none" else value

    def is_known(self, keyword: str) -> bool:
        """False when nothing can be said about the keyword, not even that it is unset."""
        return not self.problems and keyword not in self.unresolved

    @property
    def root_login(self) -> RootLogin | None:
        """PermitRootLogin; `without-password` is the older name of `prohibit-password`."""
        value = (self.value("permitrootlogin") or "").lower()
        try:
            return RootLogin("prohibit-password" if value == "without-password" else value)
        except ValueError:
            return None


def read_effective(text: bytes) -> Settings:
    """Read what `sshd -T` or `sshd -G` printed, of any version: 10.5 prints keywords in MixedCase.

    Lines without a keyword and a value are no settings: warnings of sshd go to its standard error.
    """
    entries = []
    for line in text.decode("utf-8", "backslashreplace").split("\n"):
        keyword, blank, value = line.strip("\r").partition(" ")
        if blank and keyword.isascii() and keyword.isalnum():
            entries.append(Entry(_SAME.get(keyword.lower(), keyword.lower()), value, SSHD_T))
    keywords = {entry.keyword for entry in entries}
    problems = () if "port" in keywords else ("sshd -T printed no settings",)
    if "persourcepenalties" in keywords:
        entries += [Entry(name, "none", SSHD_T) for name in _SILENT_NONE if name not in keywords]
    return Settings(_merged(entries), None, problems=problems)


# since 10.3 they are not printed when they are none; before 9.8, penalties were not
_SILENT_NONE = ("authorizedkeysfile", "revokedkeys")


# names that older versions print; one name for one setting in every table
_SAME = {
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
}


def _merged(entries: list[Entry]) -> tuple[Entry, ...]:
    """Before 8.7 two names stood for one setting: keyboard-interactive does something when both are on."""
    old = next((entry for entry in entries if entry.keyword == "challengeresponseauthentication"), None)
    if old is None:
        return tuple(entries)
    kept = []
    for entry in entries:
        if entry.keyword == "kbdinteractiveauthentication" and old.value == "no":
            kept.append(Entry(entry.keyword, "no", entry.source))
        elif entry is not old:
            kept.append(entry)
    if not any(entry.keyword == "kbdinteractiveauthentication" for entry in kept):
        kept.append(Entry("kbdinteractiveauthentication", old.value, old.source))
    return tuple(kept)


def with_sources(effective: Settings, files: Settings) -> Settings:
    """What `sshd -T` printed, with the places that the files give for the same values, and what they say of Match.

    A problem of the files is a problem of the whole: an Include folder that our account could not list is skipped by
    its `sshd -T` as well, without a word.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for entry in files.entries:
        found.setdefault((entry.keyword, entry.value.lower()), []).append(entry.source)
    entries = []
    for entry in effective.entries:
        sources = found.get((entry.keyword, entry.value.lower()))
        entries.append(Entry(entry.keyword, entry.value, sources.pop(0) if sources else entry.source))
    return Settings(tuple(entries), files.has_match, (), effective.problems + files.problems)


# printed when they are set alone, or not by older versions when they are none
_LISTS = frozenset(("allowusers", "denyusers", "allowgroups", "denygroups", "acceptenv", "setenv", "subsystem"))


def conflicts(printed: Settings, ours: Settings) -> tuple[str, ...]:
    """The keywords of which `sshd -T -C` printed other values than the files come to, for the same connection.

    Only what both know is compared; lists of algorithms without their order, and names that changed as one name.
    Nothing when one of them has problems: then they are no two answers.
    """
    if printed.problems or ours.problems:
        return ()
    found = []
    for keyword in dict.fromkeys((*(entry.keyword for entry in ours.entries), *sorted(_LISTS))):
        theirs, own = printed.values(keyword), ours.values(keyword)
        if not ours.is_known(keyword) or (not theirs and (keyword not in _LISTS or own in (("none",), ("any",)))):
            continue
        if _comparable(keyword, theirs) != _comparable(keyword, own):
            found.append(keyword)
    return tuple(found)


def _comparable(keyword: str, values: tuple[str, ...]) -> object:
    low = [value.strip() for value in values]
    if keyword.endswith("algorithms"):
        return [frozenset(value.split(",")) for value in low]
    if keyword == "permitrootlogin":
        return ["prohibit-password" if value.lower() == "without-password" else value.lower() for value in low]
    return low
