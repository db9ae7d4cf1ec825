"""The command line: the only place that prints, colours and picks an exit code."""

from hygiene.cli.main import main

__all__ = ["main"]
