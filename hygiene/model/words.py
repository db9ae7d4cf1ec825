"""The fixed sets of words: an enum for each, whose value is the word in the tables."""

from __future__ import annotations

import enum


class Status(enum.StrEnum):
    """How the scan of a host ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"  # no SSH transport: DNS, refused port, timeout
    REFUSED = "refused"  # transport, but the host key or our login was not accepted
    SKIPPED = "skipped"  # not tried


class AreaName(enum.StrEnum):
    """What is looked at on a host."""

    ACCOUNTS = "accounts"
    SHADOW = "shadow"
    SUDO = "sudo"
    SSHD = "sshd"
    PAM = "pam"
    AUTHORIZED_KEYS = "authorized_keys"
    PRIVATE_KEYS = "private_keys"
    HOST_KEYS = "host_keys"
    LOGS = "logs"  # read on request only


class AreaState(enum.StrEnum):
    SEEN = "seen"
    PARTIAL = "partial"
    UNSEEN = "unseen"
    ABSENT = "absent"


class Truth(enum.StrEnum):
    """What we know of a yes-or-no question; each `unknown` stands on a gap."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class AccountState(enum.StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    EXPIRED = "expired"
    NO_SHELL = "no-shell"


class RootBy(enum.StrEnum):
    UID0 = "uid0"
    SUDO = "sudo"  # everything as root, without a password
    NONE = "none"
    UNKNOWN = "unknown"


class PasswordState(enum.StrEnum):
    SET = "set"
    EMPTY = "empty"
    LOCKED = "locked"  # a hash behind `!`
    NONE = "none"  # nothing a password could match: `*`, `!`, `!!`
    UNKNOWN = "unknown"


class HashState(enum.StrEnum):
    """What stands where a password's hash belongs."""

    SET = "set"
    EMPTY = "empty"  # a login without a password
    LOCKED_HASH = "locked-hash"  # `!` before a hash: unlocking brings the old password back
    LOCKED = "locked"  # `!`, `!!`: nothing to bring back
    NONE = "none"  # `*` and other texts that no password gives
    ELSEWHERE = "elsewhere"  # `x`: the hash stands in another file


class HashWeakness(enum.StrEnum):
    BROKEN = "broken"  # the scheme itself: guessing takes next to nothing
    CHEAP = "cheap"  # the cost is below the profile's
    UNKNOWN = "unknown"  # a scheme or cost that is not understood


class EntryTie(enum.StrEnum):
    """Why an entry of a password list belongs to an account of a host."""

    NAME = "name"  # the list names the system and the user
    HASH = "hash"  # the password opens the account's hash


class SettingState(enum.StrEnum):
    EFFECTIVE = "effective"
    PENDING = "pending"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


class Cause(enum.StrEnum):
    """Why a line lets nobody in."""

    TYPO = "typo"  # no version of OpenSSH takes the line
    VERSION = "version"  # another version of OpenSSH would take it
    PERMISSIONS = "permissions"  # sshd does not open the file, or StrictModes refuses it
    UNREAD = "unread"  # sshd does not read this file for this account
    EXPIRED = "expired"
    SOURCE = "source"  # from= matches nobody whom the settings let in
    SETTINGS = "settings"  # switched off, not allowed for the account, or the algorithm is not accepted
    ACCOUNT = "account"  # expired, locked, without a shell that runs, refused by PAM
    REVOKED = "revoked"
    AUTHORITY = "authority"  # no certificate that this authority signs is taken for the account


class PathVerdict(enum.StrEnum):
    ONE = "one"  # also for none at all
    TWO = "two"
    UNKNOWN = "unknown"


class WeakestPath(enum.StrEnum):
    """What the weakest way into an account takes. What is unknown may be anything, so it is never `two`."""

    NOTHING = "nothing"
    ONE = "one"
    TWO = "two"
    UNKNOWN = "unknown"
    CLOSED = "closed"  # nobody gets in


class RootStep(enum.StrEnum):
    """How an account that somebody has entered becomes root."""

    UID0 = "uid0"  # it is root
    SUDO = "sudo"
    SU = "su"


class SecondFactor(enum.StrEnum):
    """What an identity export says of a person's second factor."""

    NONE = "none"
    PHISHABLE = "phishable"  # a code by SMS, voice or mail
    STRONG = "strong"
    UNKNOWN = "unknown"


class Severity(enum.StrEnum):
    """How bad it is if true; compare with `rank`, larger is worse."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return {"low": 0, "medium": 1, "high": 2, "critical": 3}[self.value]


class Confidence(enum.StrEnum):
    """How sure we are that it is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SubjectKind(enum.StrEnum):
    """What a finding is about; `Subject.id` is its name in the admin's world."""

    HOST = "host"
    ACCOUNT = "account"  # `host:account`, or the account's name over the fleet
    KEY = "key"  # `SHA256:...`
    LIST = "list"
    SOURCE = "source"
    FLEET = "fleet"


class FindingStatus(enum.StrEnum):
    OPEN = "open"
    WAIVED = "waived"
    BASELINE = "baseline"


class AfterKey(enum.StrEnum):
    """What became of a login with one key."""

    ENTERED = "entered"
    MORE = "more"  # the key was right, and is not enough
    REFUSED = "refused"
