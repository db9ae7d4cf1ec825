"""Checks and reports, loaded through entry points and validated; the pages of checks, read from their docstrings.

`python -m hygiene.registry checks/README.md` writes the pages of our own checks into one file.
"""

from hygiene.registry.load import Registry, load, registry_of
from hygiene.registry.page import Page, Parameter, page_of

__all__ = ["Page", "Parameter", "Registry", "load", "page_of", "registry_of"]
