"""Certificates: every field is what ssh-keygen wrote, and only what sshd decodes is one."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from hygiene.openssh import certificates, signatures
from hygiene.openssh.certificates import Certificate, Kind
from hygiene.openssh.keys import KeyFormatError, decode, encode
from hygiene.openssh.wire import string

from . import material
from .material import ED, RSA, blob, utc

KEYGEN = shutil.which("ssh-keygen")
needs_keygen = pytest.mark.skipif(KEYGEN is None, reason="there is no ssh-keygen to make certificates with")
_PERMITS = tuple(
    (f"permit-{name}", b"") for name in ("X11-forwarding", "agent-forwarding", "port-forwarding", "pty", "user-rc")
)


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Make an authority of a type and a certificate for ED, and give the certificate's blob."""
    folder = tmp_path_factory.mktemp("authorities")
    subject = folder / "subject.pub"
    subject.write_bytes(material.ED_LINE + b"\n")

    def run(*arguments: str | Path) -> None:
        subprocess.run([str(KEYGEN), "-q", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def make(kind: str, *options: str) -> bytes:
        authority = folder / kind.replace(" ", "")
        if not authority.exists():
            run("-t", *kind.split(), "-N", "", "-f", authority)
        run("-s", authority, *options, subject)
        return base64.b64decode((folder / "subject-cert.pub").read_bytes().split()[1])

    return make


@needs_keygen
def test_every_field_is_what_ssh_keygen_wrote(sign: Callable[..., bytes]) -> None:
    data = sign(
        "ed25519", "-I", "id of it", "-z", "4711", "-n", "alice,root-web", "-V", "20260101000000Z:20270102030405Z",
        "-O", "force-command=/bin/true", "-O", "source-address=10.0.0.0/8", "-O", "no-pty", "-O", "critical:x=y",
    )  # fmt: skip
    found = certificates.decode(data)
    assert found == Certificate(
        key=decode(data),
        serial=4711,
        kind=Kind.USER,
        key_id="id of it",
        principals=("alice", "root-web"),
        valid_after=utc(2026, 1, 1),
        valid_before=utc(2027, 1, 2, 3, 4, 5),
        critical_options=(
            ("force-command", string(b"/bin/true")),
            ("source-address", string(b"10.0.0.0/8")),
            ("x", string(b"y")),
        ),
        extensions=tuple(permit for permit in _PERMITS if permit[0] != "permit-pty"),
        authority=found.authority,
        signature_algorithm="ssh-ed25519",
        signature=found.signature,
        signed=data[: -4 - len(found.signature)],
    )
    assert (found.key.fingerprint, found.key.is_certificate) == (decode(blob(ED)).fingerprint, True)
    assert (found.option("force-command"), found.option("none")) == ("/bin/true", None)


@needs_keygen
@pytest.mark.parametrize(
    ("kind", "options", "algorithm"),
    [
        pytest.param("ed25519", (), "ssh-ed25519", id="ed25519"),
        pytest.param("ecdsa -b 256", (), "ecdsa-sha2-nistp256", id="nistp256"),
        pytest.param("ecdsa -b 384", (), "ecdsa-sha2-nistp384", id="nistp384"),
        pytest.param("ecdsa -b 521", (), "ecdsa-sha2-nistp521", id="nistp521"),
        pytest.param("rsa -b 2048", (), "rsa-sha2-512", id="rsa"),
        pytest.param("rsa -b 2048", ("-t", "rsa-sha2-256"), "rsa-sha2-256", id="rsa-sha2-256"),
        pytest.param("rsa -b 2048", ("-t", "ssh-rsa"), "ssh-rsa", id="rsa-with-sha1"),
        pytest.param("rsa -b 1024", (), "rsa-sha2-512", id="rsa-1024"),
    ],
)
def test_signatures_of_every_kind_are_checked(
    sign: Callable[..., bytes], kind: str, options: tuple[str, ...], algorithm: str
) -> None:
    data = sign(kind, "-I", "x", "-h", "-V", "always:forever", *options)
    found = certificates.decode(data)
    assert (found.kind, found.principals, found.valid_after, found.valid_before) == (Kind.HOST, (), None, None)
    assert (found.signature_algorithm, found.is_signed()) == (algorithm, True)
    key_id = data.index(string(b"x"))
    assert certificates.decode(data[: key_id + 4] + b"y" + data[key_id + 5 :]).is_signed() is False
    assert certificates.decode(data[:-1] + bytes([data[-1] ^ 1])).is_signed() is False


def test_signatures_that_are_not_checked_are_unknown() -> None:
    authenticator = decode(encode(b"sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:"))
    assert signatures.verify(authenticator, encode(b"sk-ssh-ed25519@openssh.com", b"x" * 64), b"data") is None
    assert signatures.verify(authenticator, b"", b"data") is False


def test_a_signature_is_nothing_but_a_signature() -> None:
    key = decode(blob(ED))
    signed = bytes(ED.sign(b"data", b"ssh-ed25519"))
    assert signatures.verify(key, signed, b"data") is True
    for other in (signed + b"x", signed.replace(b"ssh-ed25519", b"ssh-ed25518"), signed[:-1], b""):
        assert signatures.verify(key, other, b"data") is False
    with_sha2 = bytes(RSA.sign(b"data", b"rsa-sha2-256"))
    assert signatures.verify(decode(blob(RSA)), with_sha2, b"data") is True
    assert signatures.verify(decode(blob(RSA)), with_sha2.replace(b"-256", b"-512"), b"data") is False
    assert signatures.verify(decode(blob(RSA)), signed, b"data") is False


def _built(
    key_id: bytes = b"id", kind: int = 1, principals: bytes = b"", options: bytes = b"", authority: bytes = blob(RSA)
) -> bytes:
    """A certificate of ED, whose signature is nothing but its form."""
    parts = [
        string(b"ssh-ed25519-cert-v01@openssh.com"), string(b"nonce"), string(material.fields(blob(ED))[1]),
        (7).to_bytes(8, "big"), kind.to_bytes(4, "big"), string(key_id), string(principals),
        (10**18).to_bytes(8, "big"), (2**64 - 1).to_bytes(8, "big"),
        string(options), string(b""), string(b""), string(authority), string(encode(b"rsa-sha2-512", b"sig")),
    ]  # fmt: skip
    return b"".join(parts)


def test_times_beyond_all_calendars() -> None:
    found = certificates.decode(_built())
    assert (found.valid_after, found.valid_before) == (
        utc(9999, 12, 31, 23, 59, 59).replace(microsecond=999999),
        None,
    )
    assert found.is_signed() is False


BROKEN = {
    "plain-key": (blob(ED), "the key is no certificate"),
    "empty": (b"", "the certificate is cut short"),
    "third-kind": (_built(kind=3), "the certificate is neither a user's nor a host's"),
    "nul-in-the-key-id": (_built(key_id=b"a\0b"), "there is a NUL byte in a name"),
    "principal-cut": (_built(principals=b"\0\0\0\x09alice"), "the list of principals is cut short"),
    "nul-in-a-principal": (_built(principals=string(b"a\0b")), "there is a NUL byte in a name"),
    "257-principals": (_built(principals=string(b"a") * 257), "the certificate has more than 256 principals"),
    "option-without-a-value": (_built(options=string(b"force-command")), "the list of options is cut short"),
    "authority-cut": (_built(authority=blob(RSA)[:-1]), "the key is cut short"),
    "authority-is-a-certificate": (_built(authority=_built()), "the authority's key is a certificate"),
    "bytes-behind": (_built() + b"x", "there are bytes behind the key"),
}


@pytest.mark.parametrize(("data", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_sshd_does_not_decode_is_no_certificate(data: bytes, reason: str) -> None:
    with pytest.raises(KeyFormatError) as caught:
        certificates.decode(data)
    assert str(caught.value) == reason


def test_a_certificate_cut_anywhere_is_none() -> None:
    whole = asyncssh.generate_private_key("ecdsa-sha2-nistp256").generate_user_certificate(ED, "x").public_data
    assert certificates.decode(whole).is_signed() is True
    for size in range(len(whole)):
        with pytest.raises(KeyFormatError):
            certificates.decode(whole[:size])
