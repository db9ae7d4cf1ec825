"""Private keys: whose they are, by their public part; never more than the file says."""

from __future__ import annotations

import asyncssh
import pytest
from cryptography.hazmat.primitives.asymmetric import x448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hygiene.model import Truth
from hygiene.openssh.keys import decode
from hygiene.openssh.private_keys import PrivateKeyFile, PublicPart, read

from .material import ECDSA, ED, RSA, blob, line

KEYS = {
    "ed25519": ED,
    "rsa": RSA,
    "nistp256": ECDSA,
    "nistp521": asyncssh.generate_private_key("ecdsa-sha2-nistp521"),
    "dsa": asyncssh.generate_private_key("ssh-dss"),
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_way_to_write_the_public_part_gives_the_same_key(key: asyncssh.SSHKey) -> None:
    spki = key.convert_to_public().pyca_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parts = [
        (PublicPart.HEX, blob(key).hex()),
        (PublicPart.BASE64, line(key).split()[1].decode()),
        (PublicPart.SPKI, spki.hex()),
    ]
    expected = PrivateKeyFile("openssh", Truth.YES, "aes256-ctr", decode(blob(key)))
    assert [read("openssh", Truth.YES, "aes256-ctr", part, text) for part, text in parts] == [expected] * 3


_X448 = x448.X448PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
BAD = {
    "no-public-part": (None, "", "the file does not show its public part"),
    "empty": (PublicPart.HEX, "", "the file does not show its public part"),
    "not-hexadecimal": (PublicPart.HEX, "xyz", "the public part is not hexadecimal"),
    "odd-number-of-digits": (PublicPart.SPKI, "300", "the public part is not hexadecimal"),
    "not-a-key": (PublicPart.HEX, "00000000", "the key is of an unknown type"),
    "not-base64": (PublicPart.BASE64, "é", "the base64 of the key holds other characters"),
    "not-der": (PublicPart.SPKI, "3000", "the public part is not a SubjectPublicKeyInfo that is understood"),
    "a-type-that-ssh-has-not": (
        PublicPart.SPKI,
        _X448.hex(),
        "the public part is of a type that OpenSSH does not have",
    ),
    "endless": (PublicPart.HEX, "00" * 40_000, "the public part is too long"),
}


@pytest.mark.parametrize(("part", "text", "problem"), BAD.values(), ids=BAD)
def test_what_is_no_key_says_why(part: PublicPart | None, text: str, problem: str) -> None:
    assert read("pkcs8", Truth.UNKNOWN, None, part, text) == PrivateKeyFile("pkcs8", Truth.UNKNOWN, None, None, problem)
