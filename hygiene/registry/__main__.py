"""Write the pages of our own checks into one Markdown file: `python -m hygiene.registry checks/README.md`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hygiene.api import Check
from hygiene.registry.load import Registry, load
from hygiene.registry.page import markdown, page_of

OURS: Final = "ssh-hygiene"

_HEAD: Final = """# Checks

Made from the docstrings of the checks by `make pages`; `hygiene explain ID` prints one page. How to write a check of
your own: [CONTRIBUTING](../.github/CONTRIBUTING.md).

Severity says how bad it is if true, confidence how sure we are. **critical**: one stolen or guessed thing opens many
systems or customers as root. **high**: it opens root on one, or any account with a password or with nothing.
**medium**: a weakness that needs a second step. **low**: hygiene. Thresholds are parameters: set them in
`hygiene.toml` under `[checks.ID]`, where `severity` and `enabled` can be set too."""


def readme(checks: Iterable[type[Check]]) -> str:
    """Give the file: a table of the checks, then their pages."""
    pages = [(check, page_of(check)) for check in checks]
    table = ["| check | about | at worst | what it finds |", "|---|---|---|---|"]
    for check, page in pages:
        table.append(f"| [{page.id}](#{page.id}) | {check.subject} | {check.severity} | {page.title} |")
    return "\n\n".join([_HEAD, "\n".join(table), *(markdown(page) for _, page in pages)]) + "\n"


def ours(registry: Registry) -> list[type[Check]]:
    """Give the checks that come with this distribution."""
    return [check for name, check in registry.checks.items() if registry.origins[name] == OURS]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hygiene.registry", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.parse_args().file.write_text(readme(ours(load())), encoding="utf-8")


if __name__ == "__main__":
    main()
