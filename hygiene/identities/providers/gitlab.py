"""GitLab: users as its API gives them to an administrator, as JSON, or as CSV made of that.

Source of the attributes: GitLab Docs, Users API, "List users" as an administrator.
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
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
    return by_word(
        row.user("user"),
        row.truth("admin"),
        enabled,
        row.truth("has"),
        # an app, or a WebAuthn device
        when_has=SecondFactor.STRONG,
    )


FORMAT = Format(
    name="GitLab users",
    columns={
        "user": ("username",),
        "has": ("twofactorenabled", "2faenabled"),
        "admin": ("isadmin", "admin"),
        "state": ("state",),
        "bot": ("bot",),
    },
    needs=(("user",), ("has",)),
    person=_person,
)
