"""Keycloak: users of a realm export (`kc.sh export --users ...`), or as the Admin API lists them.

Source: Keycloak Server Administration Guide and the representations UserRepresentation and CredentialRepresentation
of its Admin REST API. Of credentials the type alone is read; hashes and seeds are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.methods import Method, registered
from hygiene.identities.person import Doubt, Person, by_methods
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_TYPES: Mapping[str, tuple[Method, ...]] = {
    "password": (),
    "passwordhistory": (),
    "kerberos": (),
    "totp": (Method.TOTP,),
    "hotp": (Method.TOTP,),
    "otp": (Method.TOTP,),
    "webauthn": (Method.FIDO2,),
    "webauthnpasswordless": (Method.PASSKEY,),
    "recoveryauthncodes": (Method.BACKUP_CODES,),
}
_PASSWORDLESS = "webauthn-passwordless"
# roles with which a realm, or all of them, can be administered
_REALM_ADMIN = frozenset({"admin", "realm-admin", "create-realm"})
_CLIENT_ADMIN = frozenset(
    {"realm-admin", "manage-users", "manage-realm", "manage-clients", "manage-authorization", "impersonation"}
)


def _person(row: Row) -> Person:
    user = row.user("user", "id")
    admin = _admin(row)
    # nobody signs in as the account of a service: it has the client's secret
    enabled = False if row.text("service") else row.truth("enabled")
    credentials = row.objects("credentials")
    if credentials is None:
        return _by_flag(row, user, admin, enabled)
    # one without a type may be anything
    types = [kind if isinstance(kind := item.get("type"), str) else "?" for item in credentials]
    held = registered(types, _TYPES)
    if not types and (row.get("brokers") or row.text("directory")):
        return Person(user, admin, enabled, SecondFactor.UNKNOWN, (), Doubt.ELSEWHERE)
    if "password" in types and not held.unknown and held.methods == {Method.PASSKEY} and _PASSWORDLESS in types:
        return Person(user, admin, enabled, SecondFactor.UNKNOWN, held.words(), Doubt.EITHER)
    return by_methods(user, admin, enabled, held)


def _by_flag(row: Row, user: str, admin: bool | None, enabled: bool | None) -> Person:
    """The Admin API's list says of the app alone; without it there may be a security key."""
    if row.truth("totp"):
        return by_methods(user, admin, enabled, registered(["totp"], _TYPES))
    return Person(user, admin, enabled, SecondFactor.UNKNOWN, (), Doubt.WHETHER)


def _admin(row: Row) -> bool | None:
    """By roles given to the user; those of groups are not followed, so what is not there is not known."""
    realm, clients = row.get("roles"), row.get("client_roles")
    given = {role for role in realm if isinstance(role, str)} if isinstance(realm, list) else set()
    if given & _REALM_ADMIN:
        return True
    if isinstance(clients, dict):
        for roles in clients.values():
            if isinstance(roles, list) and any(role in _CLIENT_ADMIN for role in roles if isinstance(role, str)):
                return True
    told = isinstance(realm, list) or isinstance(clients, dict)
    return False if told and not row.get("groups") else None


FORMAT = Format(
    name="Keycloak users",
    columns={
        "user": ("username",),
        "id": ("id",),
        "enabled": ("enabled",),
        "credentials": ("credentials",),
        "totp": ("totp",),
        "roles": ("realmroles",),
        "client_roles": ("clientroles",),
        "groups": ("groups",),
        "service": ("serviceaccountclientid", "serviceaccountclientlink"),
        "brokers": ("federatedidentities",),
        "directory": ("federationlink",),
    },
    needs=(("user",), ("enabled",), ("credentials", "totp")),
    person=_person,
    without=("twofactorenabled",),
    nested=True,
)
