"""A host on which private keys lie about, in the forms that they have."""

from __future__ import annotations

from lab.spec import HostSpec

from .keys import Keys, root
from .machines import KeyFile, Planted
from .plant import Key, ed25519, person

# a path that must show wherever paths of hosts show: what finds it there would find a secret there
MARKER = "marker-heron-4711"
PASSPHRASE = "-".join(["open", "Sesame", "1001", "tamarisk"])


def hosts(keys: Keys) -> list[Planted]:
    carl = ed25519("carl")
    people = (root(keys), person("carl", 1090))
    files = (
        _file("/root/.ssh/id_ed25519", "openssh", "root", keys.ops, "openssh"),
        _file("/home/carl/.ssh/id_ed25519", "openssh", "carl", carl, "openssh", encrypted=True, uid=1090),
        _file("/home/carl/.ssh/id_rsa", "pem-rsa", "carl", keys.medium, "pkcs1-pem", uid=1090),
        _file("/home/carl/old keys/rsa", "pem-rsa", "carl", keys.small, "pkcs1-pem",
              encrypted=True, shown=False, uid=1090),
        # outside every home, so that it is its owner's
        _file("/srv/app/large.pem", "pkcs8", "root", keys.large, "pkcs8-pem", mode=0o644),
        _file("/srv/app/backup.pem", "pkcs8", "carl", keys.backup, "pkcs8-pem", encrypted=True, shown=False, uid=1090),
        # who has it signs for all that trust it, passphrase or not
        _file("/root/ca/signing", "openssh", "root", keys.authority, "openssh", encrypted=True),
        _file(f"/opt/{MARKER}/curve.key", "pem-ec", "root", keys.curve, "pkcs1-pem"),
    )  # fmt: skip
    return [Planted(HostSpec("d-keys", tenant="delta", tags=("misc",)), people, key_files=files)]


def _file(
    path: str, kind: str, account: str, key: Key, form: str, *,
    encrypted: bool = False, shown: bool = True, mode: int = 0o600, uid: int | None = None,
) -> KeyFile:  # fmt: skip
    data = key.pair.export_private_key(form, passphrase=PASSPHRASE if encrypted else None)
    return KeyFile(
        path, data, kind, account, "yes" if encrypted else "no", key if shown else None, mode, uid, secret=key
    )
