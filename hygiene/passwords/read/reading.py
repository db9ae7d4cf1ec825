"""How lists are to be read: what the policy and the command line say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What is told about lists besides the files. The default: nothing."""

    # by a name that only messages show: which column of a table is `password`, `user`, `system`, `tenant`
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # gives the passphrase of an encrypted list, None where there is none to give; called only when a list needs one
    passphrase: Callable[[Path], str | None] | None = field(default=None, repr=False)
    key_file: Path | None = None  # of KeePass databases
