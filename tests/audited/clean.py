"""A fleet without faults: own host keys, no passwords over SSH, strong keys each in one tenant and root on one host.

It is entered by a restricted auditor's key through the installed collector. Medium and low findings remain: root is
entered with one key, people too.
"""

from __future__ import annotations

from lab.spec import HostSpec

from . import lists
from .hosts_entered import auditor, installed
from .machines import Planted
from .plant import Key, ed25519, line, person, rsa

LISTED = lists.STRONG


def build(audit: Key, collector: bytes) -> tuple[Planted, ...]:
    config = {"10-keys.conf": "PasswordAuthentication no\n"}
    people = {
        "x-web1": ("xray", rsa("nora", 3072)),
        "x-db1": ("xray", ed25519("nils")),
        "y-web1": ("yankee", ed25519("nell")),
    }
    return tuple(
        Planted(
            installed(HostSpec(name, tenant=tenant, sshd_config_d=config), audit, collector),
            (auditor(audit), person("root", 0, line(ed25519(f"root of {name}"))), person("staff", 1000, line(key))),
            user="hygiene",
        )
        for name, (tenant, key) in people.items()
    )  # fmt: skip
