"""Exports as their providers write them, with made-up people, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hygiene.identities.exports import IdentityAudit, read_exports
from hygiene.model import Identity, SecondFactor


def read(folder: Path, content: str | bytes, mappings: Mapping[str, Mapping[str, str]] | None = None) -> IdentityAudit:
    """What an export holds; its name says nothing of what it is."""
    path = folder / "export"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_exports([path], mappings)


def person(
    user: str,
    factor: str,
    *methods: str,
    admin: bool | None = None,
    enabled: bool | None = None,
    source: str = "export",
) -> Identity:
    return Identity(source, user, admin, enabled, SecondFactor(factor), methods)


def as_json(value: Any) -> str:
    return json.dumps(value)


ENTRA_HEADER = (
    "userPrincipalName,userDisplayName,userType,isAdmin,isSsprRegistered,isSsprEnabled,isSsprCapable,isMfaRegistered,"
    "isMfaCapable,isPasswordlessCapable,methodsRegistered,defaultMfaMethod,lastUpdatedDateTime"
)


def entra(*rows: str) -> str:
    """Rows of `user|admin|registered|capable|methods`."""
    lines = [ENTRA_HEADER]
    for row in rows:
        user, admin, has, usable, methods = row.split("|")
        lines.append(f'{user},Name,member,{admin},True,True,True,{has},{usable},False,"{methods}",none,2026-11-01')
    return "\r\n".join(lines) + "\r\n"


def graph(*people: Mapping[str, Any], **more: Any) -> str:
    return as_json({"@odata.context": "https://graph.example/$metadata", "value": list(people), **more})


def registration(user: str, *methods: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "00000000-0000-4000-8000-000000000000",
        "userPrincipalName": user,
        "userDisplayName": "Name",
        "userType": "member",
        "isAdmin": False,
        "isMfaRegistered": True,
        "isMfaCapable": True,
        "isPasswordlessCapable": False,
        "methodsRegistered": list(methods),
        "defaultMfaMethod": "none",
        **more,
    }


AWS_HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)


def aws(*rows: str) -> str:
    """Rows of `user|password_enabled|mfa_active`."""
    lines = [AWS_HEADER]
    for row in rows:
        user, password, mfa = row.split("|")
        arn = "arn:aws:iam::123456789012:user/x"
        rest = "true,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        lines.append(f"{user},{arn},2024-01-01T00:00:00+00:00,{password},N/A,N/A,N/A,{mfa},{rest}")
    return "\n".join(lines) + "\n"


GOOGLE_HEADER = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
    "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],New Primary Email [UPLOAD ONLY],Status [READ ONLY],"
    "Last Sign In [READ ONLY],Recovery Email,2sv Enrolled [READ ONLY],2sv Enforced [READ ONLY],"
    "New Status [UPLOAD ONLY],Advanced Protection Program enrollment"
)


def google(*rows: str) -> str:
    """Rows of `user|status|enrolled|protected`."""
    lines = [GOOGLE_HEADER]
    for row in rows:
        user, status, enrolled, protected = row.split("|")
        lines.append(f"A,B,{user},****,,/,,{status},Never logged in,,{enrolled},False,,{protected}")
    return "\n".join(lines) + "\n"


def keycloak(*users: Mapping[str, Any], **more: Any) -> str:
    return as_json({"id": "r", "realm": "r", "enabled": True, "roles": {"realm": []}, "users": list(users), **more})


def realm_user(name: str, *types: str, **more: Any) -> dict[str, Any]:
    credentials = [{"type": kind, "secretData": '{"value":"x"}', "credentialData": "{}"} for kind in types]
    return {
        "username": name,
        "enabled": True,
        "totp": False,
        "credentials": credentials,
        "requiredActions": [],
        "realmRoles": ["default-roles-r"],
        "groups": [],
        **more,
    }


def okta_user(login: str, *factors: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    """Factors as `type` or `type STATUS`."""
    made = []
    for factor in factors:
        kind, _, state = factor.partition(" ")
        made.append({"id": "f", "factorType": kind, "provider": "OKTA", "status": state or "ACTIVE"})
    profile = {"login": login, "email": login, "firstName": "A"}
    return {"id": "u", "status": status, "profile": profile, "factors": made, **more}
