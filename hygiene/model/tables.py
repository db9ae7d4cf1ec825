"""The tables by name, each with the record that is its row."""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.model.findings import FindingRow
from hygiene.model.hosts import (
    Account,
    Area,
    DynamicSource,
    Gap,
    Grant,
    Host,
    HostHash,
    HostKey,
    Key,
    KeyUse,
    LoginPath,
    PrivateKey,
    Probe,
    RevokedKey,
    RootPath,
    Setting,
    Token,
)
from hygiene.model.lists import BreachLookup, EntryAccount, Identity, ListHash, PasswordEntry, PasswordList

TABLES: Mapping[str, type] = {
    "hosts": Host,
    "areas": Area,
    "accounts": Account,
    "keys": Key,
    "grants": Grant,
    "private_keys": PrivateKey,
    "host_keys": HostKey,
    "settings": Setting,
    "dynamic_sources": DynamicSource,
    "revoked_keys": RevokedKey,
    "login_paths": LoginPath,
    "root_paths": RootPath,
    "tokens": Token,
    "key_uses": KeyUse,
    "probes": Probe,
    "host_hashes": HostHash,
    "password_lists": PasswordList,
    "password_entries": PasswordEntry,
    "list_hashes": ListHash,
    "breach_lookups": BreachLookup,
    "entry_accounts": EntryAccount,
    "identities": Identity,
    "findings": FindingRow,
    "gaps": Gap,
}
