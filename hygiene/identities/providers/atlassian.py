"""Atlassian: managed accounts of an organisation as its administration exports them.

What the export holds: Atlassian Support, "Export managed accounts" and "Export accounts from domains".
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.person import Doubt, Person, by_word
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_STATUS: Mapping[str, bool] = {
    "active": True,
    "deactivated": False,
    "inactive": False,
    "suspended": False,
    "closed": False,
    "deleted": False,
}


def _person(row: Row) -> Person:
    user = row.user("user", "name")
    enabled = row.word("status", _STATUS)
    has = row.truth("has")
    # with single sign-on the other provider asks for the second factor, and this column says no
    if not has and row.truth("saml"):
        return Person(user, None, enabled, SecondFactor.UNKNOWN, (), Doubt.ELSEWHERE)
    return by_word(user, None, enabled, has, when_has=SecondFactor.UNKNOWN)


FORMAT = Format(
    name="Atlassian accounts",
    columns={
        "user": ("email", "emailaddress", "atlassianid", "accountid"),
        "name": ("name",),
        "status": ("status", "accountstatus"),
        "has": ("twostepverification", "twostepverificationenabled", "2stepverification"),
        "saml": ("samlsinglesignon", "samlsso", "singlesignon"),
    },
    needs=(("user",), ("has",)),
    person=_person,
    names=("user", "name"),
)
