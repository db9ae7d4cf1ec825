"""Runs one target under atheris: `python -m fuzz.coverage_guided TARGET [options of libFuzzer] [corpus folder]`.

atheris is not among the project's dependencies; where it is installed, `make prove` runs every target for a while.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["hygiene.openssh"]):
    from .key_files import TARGETS


def main() -> None:
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
