"""Okta: users with their factors as the API gives them, and two reports of the Admin console.

Source of types and states: Okta API reference, Users and User Factors; of the reports: Okta Help Center,
"MFA Enrollment by User report" and "MFA Usage report".
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.errors import ExportError
from hygiene.identities.format import Format
from hygiene.identities.methods import Method, fold, registered
from hygiene.identities.person import Doubt, Person, by_methods
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_STATUS: Mapping[str, bool] = {
    "active": True,
    "provisioned": True,
    "passwordexpired": True,
    "passwordreset": True,
    "recovery": True,
    "lockedout": True,  # for a while
    "staged": False,
    "pendinguseraction": True,
    "suspended": False,
    "deprovisioned": False,
    "deactivated": False,
}
# of a factor: whether it can be used
_USABLE: Mapping[str, bool] = {
    "active": True,
    "enrolled": True,
    "disabled": False,
    "expired": False,
    "inactive": False,
    "notsetup": False,
    "pendingactivation": False,
}
_TYPES: Mapping[str, tuple[Method, ...]] = {
    "password": (),
    "call": (Method.VOICE,),
    "sms": (Method.SMS,),
    "email": (Method.EMAIL,),
    "question": (Method.SECURITY_QUESTIONS,),
    "push": (Method.PUSH,),
    "signednonce": (Method.PLATFORM_KEY,),
    "token": (Method.HARDWARE_OTP,),
    "tokenhardware": (Method.HARDWARE_OTP,),
    "tokenhotp": (Method.TOTP,),
    "tokensoftwaretotp": (Method.TOTP,),
    "u2f": (Method.FIDO2,),
    "webauthn": (Method.FIDO2,),
}
# as the reports write them
_NAMES: Mapping[str, tuple[Method, ...]] = {
    **_TYPES,
    "emailauthentication": (Method.EMAIL,),
    "emailmagiclink": (Method.EMAIL,),
    "phone": (Method.SMS, Method.VOICE),
    "smsauthentication": (Method.SMS,),
    "voicecallauthentication": (Method.VOICE,),
    "voicecall": (Method.VOICE,),
    "securityquestion": (Method.SECURITY_QUESTIONS,),
    "oktaverify": (Method.PUSH,),
    "oktaverifypush": (Method.PUSH,),
    "oktaverifytotp": (Method.TOTP,),
    "oktaverifyfastpass": (Method.PLATFORM_KEY,),
    "oktafastpass": (Method.PLATFORM_KEY,),
    "googleauthenticator": (Method.TOTP,),
    "customotp": (Method.TOTP,),
    "fido2webauthn": (Method.FIDO2,),
    "securitykeyorbiometric": (Method.FIDO2,),
    "securitykeyorbiometricauthenticator": (Method.FIDO2,),
    "passkey": (Method.PASSKEY,),
    "passkeys": (Method.PASSKEY,),
    "passkeysfido2webauthn": (Method.PASSKEY,),
    "u2fsecuritykeyu2f": (Method.FIDO2,),
    "yubikey": (Method.HARDWARE_OTP,),
    "yubikeytoken": (Method.HARDWARE_OTP,),
    "yubikeyauthenticator": (Method.HARDWARE_OTP,),
    "symantecvip": (Method.HARDWARE_OTP,),
    "rsasecurid": (Method.HARDWARE_OTP,),
    "rsaonpremmfa": (Method.HARDWARE_OTP,),
    "onpremmfa": (Method.HARDWARE_OTP,),
    "smartcard": (Method.CERTIFICATE,),
    "smartcardauthenticator": (Method.CERTIFICATE,),
    "smartcardidp": (Method.CERTIFICATE,),
    "temporaryaccesscode": (Method.TEMPORARY_PASS,),
}


def _user(row: Row) -> Person:
    profile = row.get("profile")
    login = profile.get("login") or profile.get("email") if isinstance(profile, dict) else None
    row = Row(row.place, {**row.cells, "login": login}, {**row.headers, "login": "profile.login"})
    user = row.user("login", "id")
    enabled = row.word("status", _STATUS)
    roles = row.get("roles")
    admin = row.truth("admin") if roles is None else bool(roles)
    factors = row.objects("factors")
    if factors is None:
        return Person(user, admin, enabled, SecondFactor.UNKNOWN, (), Doubt.WHETHER)
    types = [_text(row, factor, "factorType") for factor in factors if _usable(row, factor)]
    return by_methods(user, admin, enabled, registered(types, _TYPES))


def _usable(row: Row, factor: Mapping[str, object]) -> bool:
    status = _text(row, factor, "status")
    usable = _USABLE.get(fold(status))
    if usable is None:
        raise Row(row.place, {"status": status}, {"status": "factors.status"}).refuse(
            "status", "expected ACTIVE, PENDING_ACTIVATION or another state of the Factors API"
        )
    return usable


def _text(row: Row, factor: Mapping[str, object], name: str) -> str:
    value = factor.get(name)
    if not isinstance(value, str) or not value:
        raise ExportError(
            f"{row.place}: a factor has no {name}; expected the answer of /api/v1/users/ID/factors, unchanged"
        )
    return value


def _reported(row: Row) -> Person:
    held = registered(row.words("methods"), _NAMES)
    return by_methods(row.user("user", "email"), row.truth("admin"), row.word("status", _STATUS), held)


USERS = Format(
    name="Okta users with factors",
    columns={
        "id": ("id",),
        "profile": ("profile",),
        "status": ("status",),
        "factors": ("factors",),
        "roles": ("roles",),
        "admin": ("isadmin",),
    },
    needs=(("profile",), ("status",), ("factors",)),
    person=_user,
    nested=True,
)
ENROLLMENT = Format(
    name="Okta report MFA Enrollment by User",
    columns={
        "user": ("login", "username", "userlogin"),
        "email": ("useremail", "email", "primaryemail"),
        "methods": (
            *("authenticatortype", "authenticatortypes", "authenticators", "enrolledauthenticators"),
            *("authenticatorsenrolled", "authenticatornames", "factors", "enrolledfactors"),
        ),
        "admin": ("userisadmin", "isadmin"),
        "status": ("userstatus", "status"),
    },
    needs=(("user", "email"), ("methods",)),
    person=_reported,
    names=("user", "email"),
    without=("profile",),
)
USAGE = Format(
    name="Okta report MFA Usage",
    columns={"user": ("login",), "methods": ("mfafactor",)},
    needs=(("user",), ("methods",)),
    person=_reported,
    lacks="this report lists enrolled people alone, so whoever has no second factor is not in it; give the report MFA"
    " Enrollment by User",
    row_per_method=True,
)
