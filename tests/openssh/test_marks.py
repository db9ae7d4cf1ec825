"""Marks: what is odd about a line of a key file."""

from __future__ import annotations

import pytest

from hygiene.openssh import marks
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.version import Vendor, Version

from .material import CERTIFICATE_LINE, ED_BLOB, ED_LINE, RSA_BLOB, RSA_LINE, RSA_NAMED_SHORT, RSA_PADDED, b64

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
RHEL_7 = Version(7, 4, 1, Vendor.REDHAT)
SK = b"sk-ssh-ed25519@openssh.com " + b64(b"sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:")
WEBAUTHN = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"

EVERYONE = (marks.FROM_EVERYONE,)
DEAD = (marks.FROM_ITEM_DEAD,)
BEHIND = (marks.OPTIONS_BEHIND_KEY,)
TOUCH = (marks.VERIFY_WITHOUT_EFFECT,)
HIDDEN = (marks.OBFUSCATED,)
LINES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "plain": (ED_LINE + b" alice@laptop", ()),
    "plain-rsa-with-windows-line-end": (RSA_LINE + b"\r", ()),
    "options": (b'from="10.0.0.0/8",command="x y" ' + ED_LINE, ()),
    # from=
    "from-star": (b'from="*" ' + ED_LINE, EVERYONE),
    "from-all-of-ipv4": (b'from="10.0.0.1,0.0.0.0/0" ' + ED_LINE, EVERYONE),
    "from-host-bits": (b'from="10.1.2.3/8" ' + ED_LINE, DEAD),
    "from-mask-too-long": (b'from="10.0.0.0/33" ' + ED_LINE, DEAD),
    "from-blank-behind-the-comma": (b'from="10.0.0.1, 10.0.0.2" ' + ED_LINE, DEAD),
    "from-tab": (b'from="10.0.0.1,\t10.0.0.2" ' + ED_LINE, DEAD),
    "from-empty-item": (b'from="10.0.0.1,," ' + ED_LINE, DEAD),
    "from-host-bits-beside-an-unknown-option": (b'no-such,from="10.1.2.3/8" ' + ED_LINE, DEAD),
    "from-star-and-a-blank": (b'from="*, 10.0.0.1" ' + ED_LINE, EVERYONE + DEAD),
    "from-name": (b'from="bastion.example.com,10.0.0.1" ' + ED_LINE, ()),
    # behind the key
    "flag-behind": (ED_LINE + b" no-pty", BEHIND),
    "flags-behind": (ED_LINE + b" no-pty,no-port-forwarding alice", BEHIND),
    "value-behind-the-comment": (ED_LINE + b' alice@laptop from="10.0.0.1"', BEHIND),
    "command-in-capitals-behind": (ED_LINE + b' COMMAND="/bin/true"', BEHIND),
    "flag-behind-with-windows-line-end": (ED_LINE + b" restrict\r", BEHIND),
    "comment-that-looks-like-one": (ED_LINE + b" no-reply@example.com", ()),
    "comment-with-a-flag-as-a-word": (ED_LINE + b" key to restrict things", ()),
    "comment-with-an-equals-sign": (ED_LINE + b' name="alice"', ()),
    # touch and verify
    "verify-on-an-ordinary-key": (b"verify-required " + ED_LINE, TOUCH),
    "no-touch-on-an-ordinary-key": (b"No-Touch-Required " + RSA_LINE, TOUCH),
    "verify-on-a-security-key": (b"verify-required " + SK, ()),
    "verify-on-an-authority": (b"cert-authority,verify-required " + ED_LINE, ()),
    # hard to see
    "type-of-a-signature": (b"rsa-sha2-512 " + RSA_BLOB, HIDDEN),
    "tab-between": (ED_LINE.replace(b" ", b"\t"), HIDDEN),
    "two-blanks-between": (ED_LINE.replace(b" ", b"  "), HIDDEN),
    "form-feed-in-the-blob": (b"ssh-ed25519 " + ED_BLOB[:9] + b"\f" + ED_BLOB[9:], HIDDEN),
    "more-zeros": (b"ssh-rsa " + RSA_PADDED, HIDDEN),
    "short-name-inside": (b"ssh-rsa " + RSA_NAMED_SHORT, HIDDEN),
    "behind-many-blanks": (b" " * 5000 + ED_LINE, HIDDEN),
    "behind-a-long-command": (b'command="' + b"x" * 5000 + b'" ' + ED_LINE, HIDDEN),
    "blanks-in-front": (b"  \t" + ED_LINE, ()),
    "security-key": (SK, ()),
    "dead-and-odd": (b"no-such " + ED_LINE.replace(b" ", b"\t"), ()),
    "certificate": (CERTIFICATE_LINE, ()),
    "no-key": (b"x no-pty", ()),
}


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_marks_of_a_line(line: bytes, expected: tuple[str, ...]) -> None:
    assert [read.marks for read in parse(line, BOOKWORM)] == [expected]


def test_short_names_are_hard_to_see_where_they_live() -> None:
    assert [(line.dead, line.marks) for line in parse(b"Ed25519 " + ED_BLOB, RHEL_7)] == [(None, HIDDEN)]


@pytest.mark.parametrize(
    ("junk", "expected"),
    [
        pytest.param(b"#\n" * 999, (), id="a-long-comment"),
        pytest.param(b"#\n" * 1000, HIDDEN, id="more-comments-than-anybody-reads"),
        pytest.param(b"junk\n" * 20_000, HIDDEN, id="junk"),
        pytest.param(b"\n" * 1000, HIDDEN, id="blank-lines"),
        pytest.param((b"#\n" * 900 + RSA_LINE + b"\n") * 3, (), id="keys-between"),
        pytest.param(b"ssh-ed25519 AAAA\n" * 1000, HIDDEN, id="keys-that-are-none"),
    ],
)
def test_a_key_far_behind_junk_is_hard_to_see(junk: bytes, expected: tuple[str, ...]) -> None:
    *_, last, behind = parse(junk + ED_LINE + b"\n" + ED_LINE + b" me", BOOKWORM)
    assert (last.marks, behind.marks) == (expected, ())


FROM: dict[str, tuple[bytes, bool]] = {
    "addresses": (b'from="10.0.0.1,10.0.0.0/8,10.*"', False),
    "a-name-among-them": (b'from="10.0.0.1,bastion"', True),
    "a-name-with-a-wildcard": (b'from="*.example.com"', True),
    "a-name-that-is-excluded": (b'from="!bad.example.com,*"', False),
    "none": (b"restrict", False),
}


@pytest.mark.parametrize(("text", "expected"), FROM.values(), ids=FROM)
def test_names_in_from(text: bytes, expected: bool) -> None:
    (line,) = parse(text + b" " + ED_LINE, BOOKWORM)
    assert marks.has_names(line.options) is expected
