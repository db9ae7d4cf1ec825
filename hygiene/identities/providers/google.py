"""Google Workspace: users as the Admin console downloads them, as its report of accounts shows them, as the Directory
API and GAM give them. None of them names the methods.
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.person import Person, by_word
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_STATUS: Mapping[str, bool] = {"active": True, "suspended": False, "archived": False, "deleted": False}
_ENROLLED: Mapping[str, bool] = {
    "true": True,
    "yes": True,
    "enrolled": True,
    "on": True,
    "false": False,
    "no": False,
    "notenrolled": False,
    "off": False,
}
_ADMIN: Mapping[str, bool] = {
    "true": True,
    "yes": True,
    "superadmin": True,
    "superadministrator": True,
    "delegatedadmin": True,
    "admin": True,
    "false": False,
    "no": False,
    "none": False,
    "user": False,
}


def _person(row: Row) -> Person:
    # Advanced Protection lets nobody in but with a security key or a passkey
    protected = row.word("protected", _ENROLLED) is True
    return by_word(
        row.user("user"),
        _admin(row),
        _enabled(row),
        row.word("enrolled", _ENROLLED),
        # two-step verification may be a call or an SMS unless a policy forbids that
        when_has=SecondFactor.STRONG if protected else SecondFactor.UNKNOWN,
    )


def _admin(row: Row) -> bool | None:
    told = (row.word("admin", _ADMIN), row.word("delegated", _ADMIN))
    if True in told:
        return True
    return None if told[0] is None else False


def _enabled(row: Row) -> bool | None:
    if row.truth("suspended") or row.truth("archived"):
        return False
    if "status" in row.cells:
        return row.word("status", _STATUS)
    return True if row.truth("suspended") is False else None


_SHARED: Mapping[str, tuple[str, ...]] = {
    "admin": ("isadmin", "adminstatus", "adminrole"),
    "delegated": ("isdelegatedadmin",),
    "suspended": ("suspended",),
    "archived": ("archived",),
    "status": ("status", "useraccountstatus", "accountstatus"),
    "protected": ("advancedprotectionprogramenrollment", "advancedprotection"),
}
USERS = Format(
    name="Google Workspace users",
    columns={
        "user": ("emailaddress", "primaryemail", "email"),
        "enrolled": ("2svenrolled", "isenrolledin2sv"),
        **_SHARED,
    },
    needs=(("user",), ("enrolled",)),
    person=_person,
    names=("user",),
)
REPORT = Format(
    name="Google Workspace account report",
    columns={
        "user": ("user", "email", "emailaddress"),
        "enrolled": ("2stepverificationenrollment", "2stepverificationenrolment", "2stepverificationenrolled"),
        **_SHARED,
    },
    needs=(("user",), ("enrolled",)),
    person=_person,
    names=("user",),
)
