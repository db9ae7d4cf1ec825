"""Signatures of keys, as sshkey_verify in sshkey.c checks them."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hygiene.openssh.keys import NAMES, PublicKey
from hygiene.openssh.wire import KeyFormatError, Reader

# rsa_hash_id_from_ident in ssh-rsa.c; sshd itself makes no ssh-rsa signature any more, and still checks them
_RSA_HASHES: dict[bytes, type[hashes.HashAlgorithm]] = {
    b"ssh-rsa": hashes.SHA1,
    b"rsa-sha2-256": hashes.SHA256,
    b"rsa-sha2-512": hashes.SHA512,
}
# sshkey_ec_nid_to_hash_alg in sshkey.c
_CURVES: dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
    b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
    b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


def algorithm(signature: bytes) -> str:
    """The name that a signature bears; KeyFormatError when there is none."""
    return Reader(signature, "the signature").cstring().decode("utf-8", "backslashreplace")


def verify(key: PublicKey, signature: bytes, data: bytes) -> bool | None:
    """Whether the signature was made with this key; None for keys whose signatures are not checked here.

    Those are DSA, ML-DSA, and the keys of authenticators, which sign more than the data.
    """
    reader = Reader(signature, "the signature")
    try:
        name, body = reader.cstring(), reader.string()
        if key.plain_type.startswith(("sk-", "ssh-dss", "ssh-mldsa")):
            return None
        return not reader.left() and _verify(key, name, body, data)
    except (KeyFormatError, InvalidSignature, ValueError):
        return False
    except UnsupportedAlgorithm:
        return None


def _verify(key: PublicKey, name: bytes, body: bytes, data: bytes) -> bool:
    """True, or one of the exceptions for what is no signature."""
    if key.n is not None and key.e is not None:
        hashed = _RSA_HASHES.get(name)
        size = (key.bits + 7) // 8
        if hashed is None or len(body) > size or key.bits < 1024:
            return False
        public = rsa.RSAPublicNumbers(key.e, key.n).public_key()
        public.verify(body.rjust(size, b"\0"), data, padding.PKCS1v15(), hashed())  # a short signature is filled up
        return True
    if name.decode("latin-1") != key.plain_type:
        return False
    fields = Reader(key.blob)
    fields.string()
    if key.plain_type == "ssh-ed25519":
        ed25519.Ed25519PublicKey.from_public_bytes(fields.string()).verify(body, data)
        return True
    form = NAMES[key.plain_type.encode()]
    if form.curve is None:
        return False
    curve, hash_ = _CURVES[fields.string()]
    numbers = Reader(body, "the signature")
    r, s = (int.from_bytes(numbers.mpint(), "big") for _ in range(2))
    if numbers.left():
        return False
    point = ec.EllipticCurvePublicKey.from_encoded_point(curve, fields.string())
    point.verify(encode_dss_signature(r, s), data, ec.ECDSA(hash_))
    return True
