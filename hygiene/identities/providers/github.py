"""GitHub: people of an organisation or enterprise, as its People page exports them.

What the report holds: GitHub Docs, "Exporting member information for your organization".
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.methods import COMMON, registered
from hygiene.identities.person import Person, by_methods, by_word
from hygiene.identities.row import FALSE, TRUE, Row
from hygiene.model import SecondFactor

_ROLE: Mapping[str, bool] = {
    "owner": True,
    "admin": True,
    "administrator": True,
    "enterpriseowner": True,
    "member": False,
    "directmember": False,
    "user": False,
    "billingmanager": False,
    "outsidecollaborator": False,
    "collaborator": False,
    "unaffiliated": False,
    "guestcollaborator": False,
    "organizationowner": True,
    "organizationmember": False,
    "enterprisemember": False,
}
# GitHub calls SMS insecure, also beside other methods, and apps, keys, passkeys and its mobile app secure:
# GitHub Docs, "Requiring two-factor authentication in your organization"
_STATE: Mapping[str, tuple[bool, SecondFactor]] = {
    **dict.fromkeys(sorted(TRUE), (True, SecondFactor.UNKNOWN)),
    **dict.fromkeys(sorted(FALSE), (False, SecondFactor.NONE)),
    "secure": (True, SecondFactor.STRONG),
    "insecure": (True, SecondFactor.PHISHABLE),
    "required": (True, SecondFactor.UNKNOWN),
}


def _person(row: Row) -> Person:
    user = row.user("user")
    admin = row.any_word("role", _ROLE)
    state = row.word("has", _STATE)
    if state is not None and state[0] and (words := row.words("methods")):
        return by_methods(user, admin, None, registered(words, COMMON))
    has, meaning = state or (None, SecondFactor.UNKNOWN)
    return by_word(user, admin, None, has, when_has=meaning)


FORMAT = Format(
    name="GitHub people",
    columns={
        "user": ("login", "githubcomlogin", "githublogin"),
        "has": (
            *("tfaenabled", "2faenabled", "twofactorenabled", "hastwofactorenabled", "twofactorauthentication"),
            *("twofactorauth", "githubcomtwofactorauth", "githubcomtwofactorauthentication", "2fa", "twofactor"),
        ),
        "methods": ("twofactormethods", "2famethods", "tfamethods"),
        "role": ("role", "orgrole", "githubcomenterpriserole"),
    },
    needs=(("user",), ("has",)),
    person=_person,
    names=("user",),
)
