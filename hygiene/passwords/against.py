"""What the passwords and hashes of a run are held against, besides each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from hygiene.passwords.breach.breaches import Breaches
from hygiene.passwords.breach.online import RangeApi
from hygiene.passwords.defaults.pairs import Defaults, vendor_defaults
from hygiene.passwords.score.judgement import Knowledge


@dataclass(frozen=True, slots=True)
class Against:
    """The default: what comes with this tool, and the present year."""

    knowledge: Knowledge | None = None
    defaults: Defaults = field(default_factory=vendor_defaults)
    breaches: Breaches | RangeApi | None = None  # None: nothing is looked up
    match_budget_s: float | None = None  # for trying passwords on hashes; None: none is tried
    digest_key: str | None = field(default=None, repr=False)  # for digests of hashes; None: one that dies with the run
