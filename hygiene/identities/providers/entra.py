"""Microsoft Entra ID: details of the registration of authentication methods.

The report of the portal (Authentication methods, User registration details) as CSV, the Graph objects
`userRegistrationDetails` as JSON, and what PowerShell's Export-Csv makes of them.
Source of the properties: Microsoft Graph reference, userRegistrationDetails.
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.methods import Method, Registered, registered, second_factor
from hygiene.identities.person import Doubt, Person, by_methods
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_METHODS: Mapping[str, tuple[Method, ...]] = {
    "password": (),
    "none": (),
    "mobilephone": (Method.SMS, Method.VOICE),
    "phoneauthentication": (Method.SMS, Method.VOICE),
    "alternatemobilephone": (Method.VOICE,),
    "officephone": (Method.VOICE,),
    "sms": (Method.SMS,),
    "voicemobile": (Method.VOICE,),
    "voicealternatemobile": (Method.VOICE,),
    "voiceoffice": (Method.VOICE,),
    "email": (Method.EMAIL,),
    "securityquestion": (Method.SECURITY_QUESTIONS,),
    "securityquestions": (Method.SECURITY_QUESTIONS,),
    "microsoftauthenticatorpush": (Method.PUSH,),
    "microsoftauthenticatorpasswordless": (Method.PUSH,),
    "microsoftauthenticator": (Method.PUSH,),
    "appnotification": (Method.PUSH,),
    "push": (Method.PUSH,),
    "appcode": (Method.TOTP,),
    "oath": (Method.TOTP,),
    "softwareonetimepasscode": (Method.TOTP,),
    "hardwareonetimepasscode": (Method.HARDWARE_OTP,),
    "fido2": (Method.FIDO2,),
    "fido2securitykey": (Method.FIDO2,),
    "passkeydevicebound": (Method.PASSKEY,),
    "passkeydeviceboundauthenticator": (Method.PASSKEY,),
    "passkeydeviceboundwindowshello": (Method.PASSKEY,),
    "passkeysynced": (Method.PASSKEY,),
    "windowshelloforbusiness": (Method.WINDOWS_HELLO,),
    "macossecureenclavekey": (Method.PLATFORM_KEY,),
    "certificate": (Method.CERTIFICATE,),
    "x509certificate": (Method.CERTIFICATE,),
    "x509certificatemultifactor": (Method.CERTIFICATE,),
    "temporaryaccesspass": (Method.TEMPORARY_PASS,),
    "temporaryaccesspassonetime": (Method.TEMPORARY_PASS,),
    "temporaryaccesspassmultiuse": (Method.TEMPORARY_PASS,),
}
# They reset a password and never answer for a second factor: Microsoft Learn, "Microsoft Entra authentication overview"
_FOR_RESET = frozenset({Method.EMAIL, Method.SECURITY_QUESTIONS})
# Export-Csv and string conversion write the type in place of what is in an array
_NO_LIST = ("system.string[]", "system.object[]", "system.collections.")


_NAMES = ("user", "mail", "id")


def _person(row: Row) -> Person:
    user = row.user(*_NAMES)
    admin = row.truth("admin")
    # "This method doesn't work for disabled users": Graph reference, List userRegistrationDetails
    enabled = row.truth("enabled") is not False
    mfa_registered, mfa_capable = row.truth("registered"), row.truth("capable")
    value = row.get("methods")
    told = not (value is None or (isinstance(value, str) and value.strip().casefold().startswith(_NO_LIST)))
    held = registered(row.words("methods"), _METHODS) if told else Registered()
    # capable: registered, and allowed by the policy of the tenant; what is not allowed opens nothing
    if mfa_capable is False or mfa_registered is False:
        return Person(user, admin, enabled, SecondFactor.NONE, held.words())
    factor = second_factor(held, not_for_sign_in=_FOR_RESET)
    if factor is not SecondFactor.NONE or (told and mfa_registered is None and mfa_capable is None):
        return by_methods(user, admin, enabled, held, not_for_sign_in=_FOR_RESET)
    registered_at_all = mfa_registered or mfa_capable
    doubt = Doubt.WHICH if registered_at_all else Doubt.WHETHER
    return Person(user, admin, enabled, SecondFactor.UNKNOWN, held.words(), doubt)


FORMAT = Format(
    name="Microsoft Entra registration details",
    columns={
        "user": ("userprincipalname",),
        "mail": ("mail",),
        "id": ("id", "userid", "objectid"),
        "admin": ("isadmin",),
        "enabled": ("accountenabled",),
        "registered": ("ismfaregistered", "mfaregistered", "multifactorauthenticationregistered"),
        "capable": ("ismfacapable", "mfacapable", "multifactorauthenticationcapable"),
        "methods": ("methodsregistered", "registeredmethods", "authmethods"),
    },
    needs=(("user",), ("methods", "registered", "capable")),
    person=_person,
    names=_NAMES,
)
