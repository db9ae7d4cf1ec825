"""GitLab: users as its API gives them to an administrator, as JSON, or as CSV made of that.

Source of the attributes: GitLab Docs, Users API, "List users" as an administrator. Two-factor authentication is an app
or a WebAuthn device; in newer versions a code by mail can stand in for either, where that is on for a user.
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.methods import Method
from hygiene.identities.person import Person, by_word
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_STATE: Mapping[str, bool] = {
    "active": True,
    "blocked": False,
    "ldapblocked": False,
    "blockedpendingapproval": False,
    "deactivated": False,
    "banned": False,
}


def _person(row: Row) -> Person:
    # nobody signs in as a bot: it has tokens
    enabled = False if row.truth("bot") else row.word("state", _STATE)
    user, admin, has = row.user("user"), row.truth("admin"), row.truth("has")
    if "mail" not in row.cells:
        return by_word(user, admin, enabled, has, when_has=SecondFactor.UNKNOWN)
    # a date, from which on a code is sent by mail
    if row.text("mail"):
        return Person(user, admin, enabled, SecondFactor.PHISHABLE, (Method.EMAIL.value,))
    return by_word(user, admin, enabled, has, when_has=SecondFactor.STRONG)


FORMAT = Format(
    name="GitLab users",
    columns={
        "user": ("username",),
        "has": ("twofactorenabled", "2faenabled"),
        "admin": ("isadmin", "admin"),
        "state": ("state",),
        "bot": ("bot",),
        "mail": ("emailotprequiredafter",),
    },
    needs=(("user",), ("has",)),
    person=_person,
    names=("user",),
)
