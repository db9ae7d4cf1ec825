"""What was seen of a host and what was not, as it is found out: areas and gaps."""

from __future__ import annotations

from hygiene.model import Area, AreaName, AreaState, Gap, account_subject

# areas that are always collected; logs have a row and gaps where somebody asked for them
COLLECTED = tuple(area for area in AreaName if area is not AreaName.LOGS)
# one reason that concerns more accounts than this is a gap of the host
_ACCOUNTS_NAMED = 5
_WORSE = (AreaState.ABSENT, AreaState.SEEN, AreaState.PARTIAL, AreaState.UNSEEN)


class Ledger:
    """The books of one host. An area that is not seen whole always has a gap that says why."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._areas: dict[AreaName, AreaState] = {}
        self._gaps: dict[tuple[str, str], dict[str | None, None]] = {}

    def seen(self, area: AreaName) -> None:
        """The area was read; what is said of it elsewhere may still make it partial."""
        self._mark(area, AreaState.SEEN)

    def absent(self, area: AreaName) -> None:
        """The host has nothing of this area; that is no gap."""
        self._mark(area, AreaState.ABSENT)

    def partial(self, area: AreaName, reason: str, account: str | None = None) -> None:
        """Something of the area was not seen."""
        self._mark(area, AreaState.PARTIAL)
        self.doubt(area, reason, account)

    def unseen(self, area: AreaName, reason: str) -> None:
        """Nothing of the area was seen."""
        self._mark(area, AreaState.UNSEEN)
        self.doubt(area, reason)

    def doubt(self, area: AreaName | str, reason: str, account: str | None = None) -> None:
        """The area was seen, and still this cannot be decided from it."""
        self._gaps.setdefault((str(area), reason), {})[account] = None

    def _mark(self, area: AreaName, state: AreaState) -> None:
        now = self._areas.get(area, AreaState.ABSENT)
        self._areas[area] = max(now, state, key=_WORSE.index)

    def state(self, area: AreaName) -> AreaState:
        return self._areas.get(area, AreaState.UNSEEN)

    def areas(self) -> tuple[Area, ...]:
        return tuple(Area(self._host, area, self.state(area)) for area in self._asked())

    def not_whole(self) -> tuple[AreaName, ...]:
        """The areas that were not seen whole."""
        return tuple(area for area in self._asked() if self.state(area) in (AreaState.PARTIAL, AreaState.UNSEEN))

    def _asked(self) -> tuple[AreaName, ...]:
        return (*COLLECTED, *(area for area in self._areas if area not in COLLECTED))

    def gaps(self) -> tuple[Gap, ...]:
        rows = []
        for (area, reason), accounts in self._gaps.items():
            named = [account for account in accounts if account is not None]
            if None in accounts or len(named) > _ACCOUNTS_NAMED:
                more = f" ({len(named):,} accounts)" if None not in accounts else ""
                rows.append(Gap(self._host, self._host, area, reason + more))
            else:
                rows += [Gap(self._host, account_subject(self._host, name), area, reason) for name in named]
        return tuple(rows)
