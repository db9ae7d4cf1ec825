"""Any table whose columns the policy names."""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format, header_name
from hygiene.identities.methods import COMMON, registered
from hygiene.identities.person import Person, by_methods, by_word
from hygiene.identities.row import FALSE, TRUE, Row
from hygiene.model import SecondFactor

# UNKNOWN: there is one, and the word does not say which
_HAS: Mapping[str, SecondFactor] = {
    **dict.fromkeys(sorted(TRUE), SecondFactor.UNKNOWN),
    **dict.fromkeys(sorted(FALSE), SecondFactor.NONE),
    **{factor.value: factor for factor in SecondFactor if factor is not SecondFactor.UNKNOWN},
    "enrolled": SecondFactor.UNKNOWN,
    "notenrolled": SecondFactor.NONE,
    "registered": SecondFactor.UNKNOWN,
    "notregistered": SecondFactor.NONE,
}
_ADMIN: Mapping[str, bool] = {
    **dict.fromkeys(sorted(TRUE), True),
    **dict.fromkeys(sorted(FALSE), False),
    **dict.fromkeys(("admin", "administrator", "superadmin", "owner", "root"), True),
    **dict.fromkeys(("user", "member", "guest", "none"), False),
}
_ENABLED: Mapping[str, bool] = {
    **dict.fromkeys(sorted(TRUE), True),
    **dict.fromkeys(sorted(FALSE), False),
    "active": True,
    **dict.fromkeys(("inactive", "locked", "blocked", "suspended", "deactivated", "archived", "deleted"), False),
}


def mapped(name: str, columns: Mapping[str, str]) -> Format:
    """The format of `[identities.NAME]`; `columns` are headers by `user`, `admin`, `enabled`, `methods`,
    `second_factor`, of which `user` and one of the last two are there.
    """
    return Format(
        name=f"[identities.{name}] of the policy",
        columns={key: (header_name(header),) for key, header in columns.items()},
        needs=tuple((key,) for key in columns),
        person=_person,
        names=("user",),
    )


def _person(row: Row) -> Person:
    user, admin, enabled = row.user("user"), row.word("admin", _ADMIN), row.word("enabled", _ENABLED)
    words = row.words("methods")
    if "second_factor" not in row.cells:
        return by_methods(user, admin, enabled, registered(words, COMMON))
    factor = row.word("second_factor", _HAS)
    if words and factor is not SecondFactor.NONE:
        return by_methods(user, admin, enabled, registered(words, COMMON))
    if factor is None:
        return by_word(user, admin, enabled, None, when_has=SecondFactor.UNKNOWN)
    return by_word(user, admin, enabled, factor is not SecondFactor.NONE, when_has=factor)
