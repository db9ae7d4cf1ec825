"""RevokedKeys: lists of keys and KRLs hold what ssh-keygen and sshd say they hold, and break where theirs break."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import ensure_tree

from hygiene.openssh import certificates, keys, krl, revoked
from hygiene.openssh.certificates import Certificate
from hygiene.openssh.keys import PublicKey, encode
from hygiene.openssh.krl import MAGIC
from hygiene.openssh.revoked import Revoked
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.wire import string

from . import material
from .asked import EVERY_RELEASE, installed, settings_for_tests
from .material import AUTHORITY, CERTIFICATE_LINE, ECDSA, ED, ED_LINE, RSA, RSA_LINE, RSA_PADDED, b64, blob

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
TRIXIE = Version(10, 0, 2, Vendor.DEBIAN)
UBUNTU_18 = Version(7, 6, 1, Vendor.UBUNTU)
OTHER_AUTHORITY = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
KEYS = {"ed": ED, "rsa": RSA, "ecdsa": ECDSA, "authority": AUTHORITY}
DSS = b"ssh-dss " + b64(b"ssh-dss", b"\3" * 128, b"\5" * 20, b"\2", b"\7" * 128)
SMALL = b"ssh-rsa " + b64(b"ssh-rsa", b"\3", b"\0" + b"\x91" * 96)


def key(private: asyncssh.SSHKey) -> PublicKey:
    return keys.decode(blob(private))


def certificate(private: asyncssh.SSHKey, authority: asyncssh.SSHKey, serial: int, key_id: str) -> Certificate:
    signed = authority.generate_user_certificate(private, key_id, serial=serial, principals=["x"])
    return certificates.decode(signed.public_data)


CERTIFICATES = {
    f"{name}:{serial}:{key_id}": (authority, serial, key_id)
    for name, authority in (("authority", AUTHORITY), ("other", OTHER_AUTHORITY))
    for serial in (0, 1, 7, 9, 1000, 2**64 - 1)
    for key_id in ("alice", "bob")
}


def _held(data: bytes, version: Version | None = BOOKWORM) -> set[str] | str:
    """The names of the keys and certificates that a file revokes."""
    found = revoked.read(data, version)
    if isinstance(found, str):
        return found
    held = {name for name, private in KEYS.items() if found.holds(key(private))}
    return held | {name for name, about in CERTIFICATES.items() if found.holds_certificate(certificate(RSA, *about))}


def _of(*names: str) -> set[str]:
    """These keys and certificates, with all certificates of a key or authority that is among them."""
    return {*names, *(name for name in CERTIFICATES if "rsa" in names or name.split(":")[0] in names)}


TEXTS: dict[str, tuple[bytes, set[str] | str]] = {
    "empty": (b"", set()),
    "comments": (b"# nothing\n\n  \t\n", set()),
    "key": (ED_LINE + b" alice\n", _of("ed")),
    "key-of-certificates": (RSA_LINE, _of("rsa")),
    "authority": (material.line(AUTHORITY), _of("authority")),
    "two": (b"  " + ED_LINE + b"\n# \n\t" + material.ECDSA_LINE, _of("ed", "ecdsa")),
    "same-key-in-other-bytes": (b"ssh-rsa " + RSA_PADDED, _of("rsa")),
    "certificate-counts-as-its-key": (CERTIFICATE_LINE, _of("ed")),
    "carriage-returns": (ED_LINE + b"\r\n" + RSA_LINE + b" x\r\n", _of("ed", "rsa")),
    "too-short-a-key": (SMALL + b"\n" + ED_LINE, _of("ed")),
    "dsa": (DSS + b"\n" + ED_LINE, _of("ed")),
    # sshd refuses every key
    "empty-line-with-a-carriage-return": (ED_LINE + b"\n\r\n", "line 2 is no key: there is a carriage return in it"),
    "options": (b"restrict " + ED_LINE, "line 1 is no key: there is no key in the line"),
    "cut": (ED_LINE[:-4], "line 1 is no key: the key is cut short"),
    "fingerprint": (key(ED).fingerprint.encode(), "line 1 is no key: there is no key in the line"),
    "certificate-with-a-wrong-signature": (
        CERTIFICATE_LINE.split()[0]
        + b" "
        + base64.b64encode(base64.b64decode(CERTIFICATE_LINE.split()[1])[:-1] + b"!"),
        "line 1 is no key: the signature of the certificate is wrong",
    ),
}


@pytest.mark.parametrize(("data", "held"), TEXTS.values(), ids=TEXTS)
def test_text_lists(data: bytes, held: set[str] | str) -> None:
    assert _held(data) == held


VERSIONS: dict[str, tuple[bytes, Version | None, set[str] | str]] = {
    "dsa-10.0": (DSS, TRIXIE, "line 1 is no key: OpenSSH 10.0p2 does not know the type ssh-dss"),
    "dsa-unknown-version": (DSS + b"\n" + ED_LINE, None, _of("ed")),
    "too-short-a-key-7.9": (
        SMALL,
        Version(7, 9),
        "line 1 is no key: the RSA key has 768 bits, fewer than the 1024 that sshd needs",
    ),
    "tabs-7.6": (ED_LINE.replace(b" ", b"\t"), UBUNTU_18, "line 1 is no key: there is no key in the line"),
    "line-that-an-old-sshd-does-not-see": (ED_LINE + b" a\0\nx\n" + RSA_LINE, UBUNTU_18, _of("rsa")),
    "more-than-a-megabyte-8.1": (
        b"#" * (1 << 20) + b"\n" + ED_LINE,
        Version(8, 1),
        "the file is larger than 1 MB, which OpenSSH 8.1 does not read",
    ),
    "more-than-a-megabyte-8.2": (b"#" * (1 << 20) + b"\n" + ED_LINE, Version(8, 2), _of("ed")),
    "short-name-inside-9.8": (b"ssh-rsa " + material.RSA_NAMED_SHORT, Version(9, 8), _of("rsa")),
    "short-name-inside-9.9": (
        b"ssh-rsa " + material.RSA_NAMED_SHORT,
        Version(9, 9),
        "line 1 is no key: the key names its type in short, which OpenSSH 9.9 does not know",
    ),
}


@pytest.mark.parametrize(("data", "version", "held"), VERSIONS.values(), ids=VERSIONS)
def test_versions_differ(data: bytes, version: Version | None, held: set[str] | str) -> None:
    assert _held(data, version) == held


def test_fingerprints_for_the_table() -> None:
    found = revoked.read(ED_LINE + b"\nssh-rsa " + RSA_PADDED, BOOKWORM)
    assert isinstance(found, Revoked)
    assert found.fingerprints == tuple(sorted([key(ED).fingerprint, key(RSA).fingerprint]))


# ---------------------------------------------------------------- KRLs


def _krl(*sections: tuple[int, bytes], form: int = 1, comment: bytes = b"") -> bytes:
    head = MAGIC + form.to_bytes(4, "big") + (3).to_bytes(8, "big") + bytes(16) + string(b"") + string(comment)
    return head + b"".join(bytes([kind]) + string(body) for kind, body in sections)


def _issued(*sections: tuple[int, bytes], authority: bytes = blob(AUTHORITY)) -> tuple[int, bytes]:
    return 1, string(authority) + string(b"") + b"".join(bytes([kind]) + string(body) for kind, body in sections)


def _u64(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "big") for number in numbers)


def _certs(authority: str, *serials: int) -> set[str]:
    return {name for name in CERTIFICATES if name.split(":")[0] == authority and int(name.split(":")[1]) in serials}


_ALICE = {name for name in CERTIFICATES if name.endswith(":alice")}
_EXTENSION = string(b"new@example.com") + b"\0" + string(b"value")
KRLS: dict[str, tuple[bytes, Version, set[str] | str]] = {
    "empty": (_krl(comment=b"nothing"), BOOKWORM, set()),
    "keys": (_krl((2, string(blob(ED)) + string(blob(RSA)))), BOOKWORM, _of("ed", "rsa")),
    "key-in-other-bytes-is-no-key": (_krl((2, string(base64.b64decode(RSA_PADDED)))), BOOKWORM, set()),
    "authority": (_krl((2, string(blob(AUTHORITY)))), BOOKWORM, _of("authority")),
    "sha1": (_krl((3, string(keys.sha1(blob(ED))))), UBUNTU_18, _of("ed")),
    "sha256": (_krl((5, string(keys.sha256(blob(ECDSA))))), BOOKWORM, _of("ecdsa")),
    "serials": (_krl(_issued((0x20, _u64(1, 9)))), BOOKWORM, _certs("authority", 1, 9)),
    "serials-of-any-authority": (
        _krl(_issued((0x20, _u64(7)), authority=b"")),
        BOOKWORM,
        _certs("authority", 7) | _certs("other", 7),
    ),
    "range": (_krl(_issued((0x21, _u64(7, 2**64 - 1)))), BOOKWORM, _certs("authority", 7, 9, 1000, 2**64 - 1)),
    "bitmap": (_krl(_issued((0x22, _u64(7) + string(b"\5")))), BOOKWORM, _certs("authority", 7, 9)),
    "bitmap-of-nothing": (_krl(_issued((0x22, _u64(0) + string(b"")))), BOOKWORM, set()),
    "bitmap-from-zero-without-the-zero": (
        _krl(_issued((0x22, _u64(0) + string(b"\2")))),
        BOOKWORM,
        _certs("authority", 1),
    ),
    "key-ids": (_krl(_issued((0x23, string(b"alice")), authority=b"")), BOOKWORM, _ALICE),
    "two-authorities": (
        _krl(_issued((0x20, _u64(1))), _issued((0x20, _u64(9)), authority=blob(OTHER_AUTHORITY))),
        BOOKWORM,
        _certs("authority", 1) | _certs("other", 9),
    ),
    "empty-lists": (_krl(_issued((0x20, b""), (0x23, b"")), (2, b""), (3, b"")), BOOKWORM, set()),
    "extension-9.4": (_krl((255, _EXTENSION), (2, string(blob(ED)))), Version(9, 4), _of("ed")),
    "extension-of-certificates-9.4": (
        _krl(_issued((0x39, _EXTENSION), (0x20, _u64(1)))),
        TRIXIE,
        _certs("authority", 1),
    ),
    "signature-9.4-is-not-looked-at": (
        _krl((4, b"no key")) + string(b"no signature") + b"\2" + string(string(blob(ED))),
        TRIXIE,
        _of("ed"),
    ),
    "certificate-as-an-authority": (
        _krl(_issued((0x20, _u64(1)), authority=ED.generate_user_certificate(AUTHORITY, "x").public_data)),
        BOOKWORM,
        set(),
    ),
    # sshd refuses every key
    "magic-alone": (MAGIC, BOOKWORM, "the list is cut short"),
    "format-2": (_krl(form=2), BOOKWORM, "the list has a format that is not known"),
    "sha256-before-7.9": (
        _krl((5, b"")),
        Version(7, 8),
        "the list has a section of the kind 5, which OpenSSH 7.8 does not know",
    ),
    "extension-before-9.4": (
        _krl((255, _EXTENSION)),
        BOOKWORM,
        "the list has a section of the kind 255, which OpenSSH 9.2p1 does not know",
    ),
    "extension-critical": (
        _krl((255, _EXTENSION.replace(b"com\0", b"com\1"))),
        TRIXIE,
        "the list has an extension that is critical and not known",
    ),
    "extension-with-more": (
        _krl((255, _EXTENSION + b"x")),
        TRIXIE,
        "an extension of the list has more in it than it should",
    ),
    "section-of-another-kind": (
        _krl((9, b"")),
        TRIXIE,
        "the list has a section of the kind 9, which OpenSSH 10.0p2 does not know",
    ),
    "certificates-by-another-kind": (
        _krl(_issued((0x24, b""))),
        TRIXIE,
        "the list has certificates by the kind 36, which OpenSSH 10.0p2 does not know",
    ),
    "serial-0": (_krl(_issued((0x20, _u64(0)))), BOOKWORM, "the list revokes the serial 0, which cannot be"),
    "serial-cut": (_krl(_issued((0x20, b"\0" * 7))), BOOKWORM, "a section of the list is cut short"),
    "range-from-0": (_krl(_issued((0x21, _u64(0, 5)))), BOOKWORM, "the list revokes the serial 0, which cannot be"),
    "range-backwards": (
        _krl(_issued((0x21, _u64(5, 4)))),
        BOOKWORM,
        "the list revokes a range of serials that ends before it begins",
    ),
    "range-with-more": (
        _krl(_issued((0x21, _u64(5, 6, 7)))),
        BOOKWORM,
        "a section of the list has more in it than it should",
    ),
    "bitmap-with-serial-0": (
        _krl(_issued((0x22, _u64(0) + string(b"\1")))),
        BOOKWORM,
        "the list revokes the serial 0, which cannot be",
    ),
    "bitmap-beyond-the-last-serial": (
        _krl(_issued((0x22, _u64(2**64 - 1) + string(b"\2")))),
        BOOKWORM,
        "the list revokes serials that do not exist",
    ),
    "bitmap-negative": (
        _krl(_issued((0x22, _u64(1) + string(b"\x80")))),
        BOOKWORM,
        "a number in a section of the list is negative",
    ),
    "fingerprint-cut": (_krl((3, string(b"x" * 19))), BOOKWORM, "a fingerprint in the list has a wrong length"),
    "nul-in-a-key-id": (_krl(_issued((0x23, string(b"a\0b")))), BOOKWORM, "there is a NUL byte in a name"),
    "nul-in-the-comment": (_krl(comment=b"a\0b"), BOOKWORM, "there is a NUL byte in a name"),
    "authority-that-is-no-key": (_krl(_issued(authority=b"x")), BOOKWORM, "the key is cut short"),
    "authority-of-a-later-version": (
        _krl(_issued(authority=encode(b"sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:"))),
        UBUNTU_18,
        "the list names an authority whose key OpenSSH 7.6p1 does not take",
    ),
    "signature-9.3-is-checked": (
        _krl((4, blob(ED))) + string(encode(b"ssh-ed25519", b"x" * 64)),
        BOOKWORM,
        "a signature of the list is wrong",
    ),
    "signature-9.3-by-no-key": (_krl((4, b"no key")) + string(b""), BOOKWORM, "the key is cut short"),
}


@pytest.mark.parametrize(("data", "version", "held"), KRLS.values(), ids=KRLS)
def test_krls(data: bytes, version: Version, held: set[str] | str) -> None:
    assert _held(data, version) == held


def _signed(data: bytes, *signers: asyncssh.SSHKey) -> bytes:
    for signer in signers:
        data += b"\4" + string(blob(signer))
        data += string(signer.sign(data, b"ssh-ed25519"))
    return data


def test_signatures_of_old_lists() -> None:
    plain = _krl((2, string(blob(RSA))))
    assert _held(_signed(plain, ED)) == _of("rsa")
    assert _held(_signed(plain, ED, AUTHORITY)) == _of("rsa")
    assert _held(_signed(plain, ED, ED)) == "the list is signed twice with one key"
    assert _held(_signed(plain, ED) + b"\2" + string(b"")) == "something stands behind a signature in the list"
    own = _krl((2, string(blob(ED))))
    assert _held(_signed(own, ED)) == "all keys that signed the list are revoked by it"
    assert _held(_signed(own, ED, AUTHORITY)) == _of("ed")
    assert _held(_signed(own, ED), TRIXIE) == _of("ed")


def test_fingerprints_of_a_krl() -> None:
    data = _krl(
        (2, string(blob(ED)) + string(base64.b64decode(RSA_PADDED)) + string(b"junk")),
        (3, string(keys.sha1(blob(RSA)))),
        (5, string(keys.sha256(blob(ECDSA)))),
    )
    found = revoked.read(data, BOOKWORM)
    assert isinstance(found, Revoked)
    assert found.fingerprints == tuple(sorted([key(ED).fingerprint, key(ECDSA).fingerprint]))


def test_a_krl_cut_anywhere_holds_no_key_or_is_broken() -> None:
    whole = _krl(_issued((0x20, _u64(1)), (0x22, _u64(7) + string(b"\5")), (0x23, string(b"alice"))), comment=b"c")
    for size in range(len(MAGIC), len(whole)):
        found = _held(whole[:size])
        assert isinstance(found, str) or (found, size) == (set(), len(_krl(comment=b"c")))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen to compare with")
def test_ssh_keygen_makes_and_asks_the_same_lists(tmp_path: Path) -> None:
    program = str(shutil.which("ssh-keygen"))
    authority = tmp_path / "authority.pub"
    authority.write_bytes(material.line(AUTHORITY) + b"\n")
    files = {}
    for name, private in KEYS.items():
        files[name] = tmp_path / f"{name}.pub"
        files[name].write_bytes(material.line(private) + b"\n")
    for number, (name, (signer, serial, key_id)) in enumerate(CERTIFICATES.items()):
        signed = signer.generate_user_certificate(RSA, key_id, serial=serial, principals=["x"])
        files[name] = tmp_path / f"cert{number}.pub"
        files[name].write_bytes(signed.export_certificate())
    specifications = {
        "certificates": "serial: 1\nserial: 5-900\nserial: 1000\nid: bob\n",
        "many-serials": "".join(f"serial: {number}\n" for number in (*range(1, 400, 3), *range(7, 12), 1000)),
        "keys": f"key: {ED_LINE.decode()}\nsha1: {RSA_LINE.decode()}\nsha256: {material.ECDSA_LINE.decode()}\n",
        "hash": f"hash: {key(AUTHORITY).fingerprint}\n",
    }
    for name, text in specifications.items():
        specification, made = tmp_path / f"{name}.txt", tmp_path / f"{name}.krl"
        specification.write_text(text)
        of_authority = ["-s", authority] if name in ("certificates", "many-serials") else []
        subprocess.run([program, "-q", "-k", "-f", made, *of_authority, specification], check=True)
        held = {
            one
            for one, file in files.items()
            if subprocess.run([program, "-Q", "-f", made, file], capture_output=True, check=False).returncode
        }
        assert (name, _held(made.read_bytes())) == (name, held)
        assert held


HOSTILE = {
    "bitmaps": _krl(*[_issued((0x22, _u64(1) + string(b"\x55" * 2048)))] * 400),
    "serials": _krl(_issued((0x20, _u64(*range(1, 100_000))))),
    "ranges": _krl(_issued(*[(0x21, _u64(number, number + 2)) for number in range(1, 50_000)])),
    "authorities": _krl(*[_issued((0x20, _u64(1)))] * 5_000),
    "sections": _krl(*[(2, b"")] * 200_000),
    "key-ids": _krl(_issued((0x23, string(b"") * 250_000))),
    "text": b"\n".join([ED_LINE] * 10_000),
    "signatures": _krl() + (b"\4" + string(b"") + string(b"")) * 100_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_lists_take_linear_time(data: bytes) -> None:
    assert isinstance(revoked.read(data, BOOKWORM), (Revoked, str))
    assert isinstance(_held(data, TRIXIE), (set, str))


def test_the_list_says_what_it_is() -> None:
    found = krl.read(_krl(comment=b"fleet"), BOOKWORM)
    assert not isinstance(found, str)
    assert (found.number, found.comment) == (3, "fleet")


@pytest.mark.real_sshd
@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_sshd_refuses_what_the_lists_hold(release: str) -> None:
    cases = {f"text-{name}": data for name, (data, _) in TEXTS.items()}
    cases |= {f"krl-{name}": data for name, (data, _, _) in KRLS.items()}
    if release != DEFAULT:
        cases |= {f"version-{name}": data for name, (data, _, _) in VERSIONS.items()}
    users = {f"u{number}": name for number, name in enumerate(cases)}
    files = {f"/etc/ssh/revoked/{user}": File(cases[name]) for user, name in users.items()}
    keys_file = File(ED_LINE + b"\ncert-authority " + material.line(AUTHORITY) + b"\n", 0o600)
    accounts = [
        AccountSpec(user, 2000 + number, files={".ssh/authorized_keys": keys_file}) for number, user in enumerate(users)
    ]
    config = settings_for_tests(release)
    config += "".join(f"Match User {user}\n  RevokedKeys /etc/ssh/revoked/{user}\n" for user in users)
    certificates_ = {
        "serial-9": AUTHORITY.generate_user_certificate(RSA, "alice", serial=9, principals=list(users)),
        "serial-1000": AUTHORITY.generate_user_certificate(RSA, "bob", serial=1000, principals=list(users)),
    }
    verdicts, ours = {}, {}
    with Lab(ensure_tree(RELEASES[release]), [HostSpec("sshd", accounts, sshd_config=config, files=files)]) as lab:
        version = installed(lab, "sshd")
        for user, name in users.items():
            found = revoked.read(cases[name], version)
            verdicts[name, "key"] = lab.login("sshd", user, key=ED)
            ours[name, "key"] = not isinstance(found, str) and not found.holds(key(ED))
            for each, signed in certificates_.items() if name.startswith("krl") or release != DEFAULT else ():
                verdicts[name, each] = lab.login("sshd", user, client_keys=[(RSA, signed)])
                read = certificates.decode(signed.public_data)
                ours[name, each] = not isinstance(found, str) and not found.holds_certificate(read)
    assert ours == verdicts
    assert set(verdicts.values()) == {True, False}
