"""RevokedKeys: which keys and certificates sshd refuses, whatever else lets them in."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from hygiene.openssh import key_text, keys, krl
from hygiene.openssh.certificates import Certificate, is_signed
from hygiene.openssh.key_text import BLANK, LAST, NEWEST, find_key, rules
from hygiene.openssh.keys import KeyFormatError, PublicKey
from hygiene.openssh.krl import Krl
from hygiene.openssh.version import Version

_OLD_SIZE_MAX = 1 << 20  # MAX_KEY_FILE_SIZE, up to 8.1


@dataclass(frozen=True, slots=True)
class Revoked:
    """What one file revokes."""

    keys: frozenset[bytes]  # canonical blobs of plain keys
    krl: Krl | None = None

    def holds(self, key: PublicKey) -> bool:
        """Whether the key is revoked, or the one that a certificate certifies. An authority revokes what it signed."""
        return key.blob in self.keys or (self.krl is not None and krl.is_listed(key, self.krl))

    def holds_certificate(self, certificate: Certificate) -> bool:
        """Whether the certificate is revoked: by its key, by its authority, by serial or by key id."""
        if self.holds(certificate.key) or self.holds(certificate.authority):
            return True
        return self.krl is not None and self.krl.holds_certificate(certificate)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The keys that are revoked by themselves, sorted; those known by a SHA-1 digest alone have none."""
        found = {keys.fingerprint(blob) for blob in self.keys}
        if self.krl is not None:
            found |= {keys.fingerprint(blob) for blob in self.krl.keys if _is_canonical(blob)}
            found |= {"SHA256:" + base64.b64encode(digest).rstrip(b"=").decode() for digest in self.krl.sha256}
        return tuple(sorted(found))


def read(data: bytes, version: Version | None) -> Revoked | str:
    """Read a RevokedKeys file, a list of keys or a KRL (sshkey_check_revoked in authfile.c).

    A text says why sshd cannot read it, and then it refuses every key. With `version` None it is read as the newest
    version does that can.
    """
    if version is not None:
        return _read(data, version)
    first = _read(data, NEWEST)
    if isinstance(first, str):
        others = (_read(data, other) for other in LAST)
        return next((found for found in others if not isinstance(found, str)), first)
    return first


def _read(data: bytes, version: Version) -> Revoked | str:
    if len(data) > _OLD_SIZE_MAX and not version.since(8, 2):
        return f"the file is larger than 1 MB, which OpenSSH {version} does not read"
    if data.startswith(krl.MAGIC):
        found = krl.read(data, version)
        return found if isinstance(found, str) else Revoked(frozenset(), found)
    return _read_text(data, version)


def _read_text(data: bytes, version: Version) -> Revoked | str:
    """Read a list of keys. For one line that is none sshd refuses all keys, as for an empty one that ends in CR LF."""
    by = rules(version)
    blobs: set[bytes] = set()
    for number, (line, hidden) in enumerate(key_text.lines(data, by), 1):
        text = line.partition(b"\0")[0].lstrip(b" \t")
        if hidden is not None or not text or text.startswith(b"#"):
            continue
        found = find_key(text, by)
        if isinstance(found, str):
            reason = found if text.strip(BLANK) else "there is a carriage return in it"
            return f"line {number} is no key: {reason}"
        reading = found.reading
        refused = key_text.why_refused(reading, by)
        if refused is not None:
            if reading.key.n is not None and not reading.short_name and by.version.since(8, 0):
                continue  # a key that is too short is passed over
            return f"line {number} is no key: {refused}"
        if reading.form.cert and is_signed(found.token) is False:
            return f"line {number} is no key: the signature of the certificate is wrong"
        blobs.add(reading.key.blob)
    return Revoked(frozenset(blobs))


def _is_canonical(blob: bytes) -> bool:
    try:
        reading = keys.inspect(blob)
    except KeyFormatError:
        return False
    return reading.canonical and not reading.form.cert
