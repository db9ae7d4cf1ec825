"""The closed list of methods for a second factor, and what a person's methods come to."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hygiene.model import SecondFactor

UNKNOWN = "unknown:"
_WORD_CHARACTERS = 40
_NOT_IN_WORDS = re.compile(r"[^a-z0-9]++")


class Method(enum.StrEnum):
    """A way to show a second factor; `methods` of a row hold these words."""

    TOTP = "totp"  # a code from an app
    PUSH = "push"  # a question in an app
    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    FIDO2 = "fido2"  # a security key
    PASSKEY = "passkey"
    WINDOWS_HELLO = "windows-hello"
    PLATFORM_KEY = "platform-key"  # a key in the chip of a device: Okta FastPass, Platform SSO of macOS
    HARDWARE_OTP = "hardware-otp"
    CERTIFICATE = "certificate"
    BACKUP_CODES = "backup-codes"
    SECURITY_QUESTIONS = "security-questions"
    TEMPORARY_PASS = "temporary-pass"  # noqa: S105  a code that an administrator hands out, for some hours


# NIST SP 800-63B-4 3.1.3.3 restricts codes over the telephone network and allows none by mail
PHISHABLE = frozenset({Method.SMS, Method.VOICE, Method.EMAIL})
# Something known, as the password is: NIST SP 800-63B-4 has no such authenticator any more
_KNOWN_BY_HEART = frozenset({Method.SECURITY_QUESTIONS})
# it is how a person registers a method, and says nothing of the day after
_PASSING = frozenset({Method.TEMPORARY_PASS})


@dataclass(frozen=True, slots=True)
class Registered:
    """Methods as an export names them: those on the list, and words that are not."""

    methods: frozenset[Method] = frozenset()
    unknown: frozenset[str] = frozenset()

    def words(self) -> tuple[str, ...]:
        """As the table holds them, sorted."""
        return (*sorted(method.value for method in self.methods), *sorted(f"{UNKNOWN}{word}" for word in self.unknown))


def registered(names: Iterable[str], vocabulary: Mapping[str, tuple[Method, ...]]) -> Registered:
    """Look method names up, folded as `fold` does; a name whose entry is empty is no second factor (a password)."""
    methods: set[Method] = set()
    unknown: set[str] = set()
    for name in names:
        known = vocabulary.get(fold(name))
        if known is None:
            unknown.add(_NOT_IN_WORDS.sub("-", name.casefold())[:_WORD_CHARACTERS].strip("-") or "?")
        else:
            methods.update(known)
    return Registered(frozenset(methods), frozenset(unknown))


def fold(name: str) -> str:
    """Letters and digits alone, lower case: `Two-step verification` and `two_step_verification` are one name."""
    return _fold(name) if len(name) <= _WORD_CHARACTERS else _letters(name)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


# the cells of a column are a few words, said a million times
_fold = functools.lru_cache(maxsize=4096)(_letters)


def second_factor(held: Registered, *, not_for_sign_in: frozenset[Method] = frozenset()) -> SecondFactor:
    """What the methods come to when whoever signs in may choose among them: the weakest decides.

    `not_for_sign_in` are methods that this provider never takes instead of a second factor. A security question alone
    is something known, as the password is, so it is none; beside another method it can be chosen instead of that.
    """
    usable = held.methods - not_for_sign_in - _PASSING
    if usable & PHISHABLE:
        return SecondFactor.PHISHABLE
    if held.unknown:
        return SecondFactor.UNKNOWN
    if not usable - _KNOWN_BY_HEART:
        return SecondFactor.NONE
    return SecondFactor.PHISHABLE if usable & _KNOWN_BY_HEART else SecondFactor.STRONG


# What people and providers write, folded. A provider's own words stand in its module.
COMMON: Mapping[str, tuple[Method, ...]] = {
    "password": (),
    "none": (),
    "totp": (Method.TOTP,),
    "otp": (Method.TOTP,),
    "app": (Method.TOTP,),
    "authenticator": (Method.TOTP,),
    "authenticatorapp": (Method.TOTP,),
    "googleauthenticator": (Method.TOTP,),
    "softwaretoken": (Method.TOTP,),
    "push": (Method.PUSH,),
    "mobileapp": (Method.PUSH,),
    "githubmobile": (Method.PUSH,),
    "sms": (Method.SMS,),
    "textmessage": (Method.SMS,),
    "text": (Method.SMS,),
    "phone": (Method.SMS, Method.VOICE),
    "voice": (Method.VOICE,),
    "call": (Method.VOICE,),
    "phonecall": (Method.VOICE,),
    "email": (Method.EMAIL,),
    "mail": (Method.EMAIL,),
    "fido2": (Method.FIDO2,),
    "fido": (Method.FIDO2,),
    "u2f": (Method.FIDO2,),
    "webauthn": (Method.FIDO2,),
    "securitykey": (Method.FIDO2,),
    "securitykeys": (Method.FIDO2,),
    "passkey": (Method.PASSKEY,),
    "passkeys": (Method.PASSKEY,),
    "windowshello": (Method.WINDOWS_HELLO,),
    "platformkey": (Method.PLATFORM_KEY,),
    "hardwareotp": (Method.HARDWARE_OTP,),
    "hardwaretoken": (Method.HARDWARE_OTP,),
    "yubikey": (Method.HARDWARE_OTP,),
    "certificate": (Method.CERTIFICATE,),
    "smartcard": (Method.CERTIFICATE,),
    "backupcodes": (Method.BACKUP_CODES,),
    "recoverycodes": (Method.BACKUP_CODES,),
    "securityquestion": (Method.SECURITY_QUESTIONS,),
    "securityquestions": (Method.SECURITY_QUESTIONS,),
    "temporarypass": (Method.TEMPORARY_PASS,),
}
