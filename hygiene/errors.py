"""The tree of errors that a caller can act on.

    HygieneError                  anything that ends a command with one clear message
    ├── UsageError                flags that do not go together, nothing to do            exit 2
    ├── InputError                a file we were given cannot be used                     exit 2
    │   ├── InventoryError        host list, Ansible inventory, CSV
    │   ├── PolicyError           hygiene.toml
    │   ├── BaselineError         the report given as --baseline
    │   ├── ListError             a password list
    │   ├── ExportError           an export of an identity provider
    │   ├── EvidenceError         a bundle or a segment
    │   └── DatabaseError         a database of another version, or no database at all
    ├── LockedError               another process of ours writes this database            exit 2
    └── StorageError              we could not write: disk full, no permission            exit 1

Every message says what, where, what was expected and what to do, and holds no secret.
"""

from __future__ import annotations


class HygieneError(Exception):
    """A command ends here with this one message; `exit_code` is what it ends with."""

    exit_code = 2


class UsageError(HygieneError):
    """The command line asks for something that makes no sense together."""


class InputError(HygieneError):
    """A file we were given cannot be used."""


class InventoryError(InputError):
    """A host list, an Ansible inventory or a CSV of hosts has a line that cannot be used."""


class PolicyError(InputError):
    """The policy file has an entry that cannot be used."""


class BaselineError(InputError):
    """The report given as a baseline cannot be used."""


class ListError(InputError):
    """A password list cannot be read."""


class ExportError(InputError):
    """An export of an identity provider cannot be read, or holds what cannot be understood."""


class EvidenceError(InputError):
    """A bundle or a segment of evidence cannot be used."""


class DatabaseError(InputError):
    """The database is missing, is not one of ours, or was written by another version."""


class LockedError(HygieneError):
    """Another process of ours writes this database."""


class StorageError(HygieneError):
    """Something could not be written; what was finished before is kept."""

    exit_code = 1
