"""Public keys: type, bits and fingerprint are what ssh-keygen says, and only what sshd decodes is a key."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest

from hygiene.openssh.curves import P256, P384, P521
from hygiene.openssh.keys import KeyFormatError, PublicKey, decode, encode, unbase64

from . import material
from .material import ECDSA, ED, RSA, blob, fields, string

KINDS = {
    "rsa-1024": ("ssh-rsa", {"key_size": 1024}),
    "rsa-2048": ("ssh-rsa", {"key_size": 2048}),
    "rsa-3072": ("ssh-rsa", {"key_size": 3072}),
    "dsa": ("ssh-dss", {}),
    "nistp256": ("ecdsa-sha2-nistp256", {}),
    "nistp384": ("ecdsa-sha2-nistp384", {}),
    "nistp521": ("ecdsa-sha2-nistp521", {}),
    "ed25519": ("ssh-ed25519", {}),
}
SHOWN = {"RSA": "rsa", "DSA": "ssh-dss", "ECDSA": "ecdsa", "ED25519": "ed25519"}
_POINT = fields(blob(ECDSA))[2]
# no authenticator is at hand, and the public half is enough
SK = {
    "sk-ed25519": encode(b"sk-ssh-ed25519@openssh.com", b"\x17" * 32, b"ssh:"),
    "sk-ecdsa": encode(b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", _POINT, b"ssh:"),
}


def _ssh_keygen(tmp_path: Path, line: bytes) -> tuple[int, str]:
    """Bits and fingerprint as `ssh-keygen -l` prints them."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("there is no ssh-keygen to compare with")
    file = tmp_path / "key.pub"
    file.write_bytes(line + b"\n")
    said = subprocess.run([program, "-lf", file], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    bits, fingerprint, *_ = said.stdout.split()
    return int(bits), fingerprint


@pytest.mark.parametrize(("algorithm", "options"), KINDS.values(), ids=KINDS)
@pytest.mark.filterwarnings("ignore:SSH DSA keys")
def test_plain_keys_and_their_certificates_are_as_ssh_keygen_lists_them(
    tmp_path: Path, algorithm: str, options: dict[str, int]
) -> None:
    key = asyncssh.generate_private_key(algorithm, **options)
    plain = decode(blob(key))
    assert (plain.bits, plain.fingerprint) == _ssh_keygen(tmp_path, material.line(key))
    assert (plain.type, plain.plain_type, plain.is_certificate, plain.blob) == (algorithm, algorithm, False, blob(key))
    certificate = material.AUTHORITY.generate_user_certificate(key, "test").export_certificate().split()
    name = certificate[0].decode()
    assert decode(unbase64(certificate[1])) == PublicKey(
        name, plain.bits, plain.fingerprint, plain.blob, True, plain.n, plain.e
    )
    assert decode(unbase64(certificate[1])).plain_type == algorithm
    assert _ssh_keygen(tmp_path, b" ".join(certificate[:2])) == (plain.bits, plain.fingerprint)


@pytest.mark.parametrize("data", SK.values(), ids=SK)
def test_keys_of_authenticators_are_as_ssh_keygen_lists_them(tmp_path: Path, data: bytes) -> None:
    key = decode(data)
    line = key.type.encode() + b" " + base64.b64encode(data)
    assert (key.bits, key.fingerprint) == _ssh_keygen(tmp_path, line)


def test_rsa_numbers_are_given() -> None:
    public = RSA.convert_to_public().pyca_key.public_numbers()
    key = decode(blob(RSA))
    assert (key.n, key.e) == (public.n, public.e)
    assert str(public.n) not in repr(key)


def test_one_key_has_one_fingerprint() -> None:
    padded = base64.b64encode(blob(RSA).replace(b"\0\0\1\1\0", b"\0\0\1\2\0\0"))  # the modulus alone
    forms = [padded, material.RSA_PADDED, material.RSA_NAMED_SHORT, material.RSA_NAMED_SHA2]
    assert {decode(unbase64(form)) for form in forms} == {decode(blob(RSA))}
    webauthn = SK["sk-ecdsa"].replace(
        string(b"sk-ecdsa-sha2-nistp256@openssh.com"), string(b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com")
    )
    assert decode(webauthn) == decode(SK["sk-ecdsa"])


_BIG = 1 << 16384
BROKEN = {
    "empty": (b"", "the key is cut short"),
    "length-without-bytes": (b"\0\0\0", "the key is cut short"),
    "length-too-large": (b"\xff\xff\xff\xffssh-rsa", "the key is cut short"),
    "unknown-type": (encode(b"ssh-foo", b"x"), "the key is of an unknown type"),
    "short-name-of-a-certificate": (encode(b"RSA-CERT", b"x"), "the key is of an unknown type"),
    "short-name-without-a-curve": (encode(b"ecdsa", b"nistp256", _POINT), "the key is of an unknown type"),
    "nul-in-the-type": (encode(b"ssh\0-rsa", 3, 5), "there is a NUL byte in a name"),
    "two-nuls-behind-the-type": (encode(b"ssh-rsa\0\0", 3, 5), "there is a NUL byte in a name"),
    "ed25519-too-short": (encode(b"ssh-ed25519", b"x" * 31), "the key has a wrong size"),
    "rsa-negative": (encode(b"ssh-rsa", b"\x80", b"\x80"), "a number in the key is negative"),
    "rsa-negative-with-the-usual-exponent": (
        encode(b"ssh-rsa", 65537, b"\x80" * 256),
        "a number in the key is negative",
    ),
    "rsa-too-large-with-the-usual-exponent": (
        encode(b"ssh-rsa", 65537, _BIG),
        "a number in the key is longer than 16384 bits",
    ),
    "rsa-with-bytes-behind-and-the-usual-exponent": (
        encode(b"ssh-rsa", 65537, _BIG - 1) + b"x",
        "there are bytes behind the key",
    ),
    "rsa-without-modulus": (encode(b"ssh-rsa", 3), "the key is cut short"),
    "rsa-too-large": (encode(b"ssh-rsa", 3, _BIG), "a number in the key is longer than 16384 bits"),
    "rsa-with-too-many-zeros": (
        encode(b"ssh-rsa", 3, b"\0" * 2050),
        "a number in the key is longer than 16384 bits",
    ),
    "exponent-too-large": (encode(b"ssh-rsa", _BIG, 5), "a number in the key is longer than 16384 bits"),
    "bytes-behind": (blob(ED) + b"x", "there are bytes behind the key"),
    "point-at-infinity": (encode(b"ecdsa-sha2-nistp256", b"nistp256", b"\0"), "the point is not on the curve"),
    "point-hybrid": (
        encode(b"ecdsa-sha2-nistp256", b"nistp256", b"\x06" + _POINT[1:]),
        "the point is not on the curve",
    ),
    "certificate-cut": (encode(b"ssh-ed25519-cert-v01@openssh.com", b"nonce", b"x" * 32), "the key is cut short"),
    "certificate-of-a-third-kind": (
        encode(b"ssh-ed25519-cert-v01@openssh.com", b"nonce", b"x" * 32) + b"\0" * 8 + b"\0\0\0\3",
        "the certificate is neither a user's nor a host's",
    ),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_sshd_does_not_decode_is_no_key(data: bytes, reason: str) -> None:
    with pytest.raises(KeyFormatError) as caught:
        decode(data)
    assert str(caught.value) == reason


def test_the_largest_rsa_key_is_decoded() -> None:
    key = decode(encode(b"ssh-rsa", 3, _BIG - 1))
    assert (key.bits, key.n, key.e) == (16384, _BIG - 1, 3)


BASE64 = {
    "plain": (b"aGVsbG8h", b"hello!"),
    "one-pad": (b"aGVsbG8=", b"hello"),
    "two-pads": (b"aGVsbA==", b"hell"),
    "white-space-everywhere": (b"\ra\fG\vVsbA\n= =\t", b"hell"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize(("text", "data"), BASE64.values(), ids=BASE64)
def test_base64(text: bytes, data: bytes) -> None:
    assert unbase64(text) == data


BAD_BASE64 = {
    "no-padding": b"aGVsbG8",
    "too-much-padding": b"aGVsbG8==",
    "padding-of-nothing": b"aGVs====",
    "only-padding": b"=",
    "something-behind": b"aGVsbA==aGVs",
    "unused-bits-set": b"aGVsbG9=",
    "unused-bits-set-before-two-pads": b"aGVsbB==",
    "other-alphabet": b"aGVsb-8=",
    "not-ascii": b"aGVsb\xc3\xa9=",
    "one-character-left": b"aGVsb",
}


@pytest.mark.parametrize("text", BAD_BASE64.values(), ids=BAD_BASE64)
def test_bad_base64(text: bytes) -> None:
    with pytest.raises(KeyFormatError):
        unbase64(text)


def test_the_curves_hold_their_generators_and_nothing_near_them() -> None:
    for curve, name in ((P256, "nistp256"), (P384, "nistp384"), (P521, "nistp521")):
        point = fields(blob(asyncssh.generate_private_key(f"ecdsa-sha2-{name}")))[2]
        assert curve.holds(point)
        assert not curve.holds(point[:-1] + bytes([point[-1] ^ 1]))
        assert not curve.holds(point + b"\0")
        assert not curve.holds(b"\x04" + bytes(len(point) - 1))
