"""The tables of cases."""

from __future__ import annotations

from lab.spec import AccountSpec


def account(**fields: object) -> AccountSpec:
    """An account that gets its name and uid from the host that it comes to stand on."""
    return AccountSpec(**({"name": "", "uid": -1} | fields))  # type: ignore[arg-type]
