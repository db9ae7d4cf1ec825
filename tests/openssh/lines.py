"""Lines of authorized_keys, and what OpenSSH 9.2 makes of them: None, or why it takes nothing from the line.

Each row is tried twice: by the reader, and by a login on a real sshd with the line as the account's only one. Only what
depends on the line stands here; the clients come from 10.77.0.1.
"""

from __future__ import annotations

from .material import (
    CERTIFICATE_LINE,
    COMPRESSED,
    ECDSA_LINE,
    ED_AND_MORE,
    ED_BLOB,
    ED_LINE,
    ED_WITH_NUL,
    OFF_CURVE,
    OTHER_CURVE,
    RSA_BLOB,
    RSA_LINE,
    RSA_NAMED_SHA2,
    RSA_NAMED_SHORT,
    RSA_PADDED,
)

_NO_KEY = "there is no key in the line"
_UNCLOSED = "a double quote in the options is not closed"
_OTHER_TYPE = "the key is of another type than the line says"
_CHARACTERS = "the base64 of the key holds other characters"
_PADDING = "the base64 of the key has a wrong length or padding"
_COMMA = "there is something other than a comma behind the option "
_NOT_KNOWN = " is not known to OpenSSH 9.2p1"
_ONCE = "; OpenSSH 7.6 took the line"
_ENVIRONMENT = "environment= does not hold NAME=value with letters, digits and _ in the name"
ED = ED_LINE
_UNPADDED = RSA_BLOB.rstrip(b"=")


def _options(text: bytes) -> bytes:
    return text + b" " + ED_LINE


LINES: dict[str, tuple[bytes, str | None]] = {
    # the key
    "plain-ed25519": (ED, None),
    "plain-rsa": (RSA_LINE, None),
    "plain-ecdsa": (ECDSA_LINE, None),
    "comment": (ED + b" alice@laptop and more", None),
    "comment-not-utf8": (ED + b" caf\xe9", None),
    "comment-of-100-kB": (ED + b" " + b"x" * 100_000, None),
    "leading-blanks": (b" \t  " + ED, None),
    "leading-blanks-300-kB": (b" " * 300_000 + ED, None),
    "tabs-between": (ED.replace(b" ", b"\t\t") + b"\tme", None),
    "carriage-return-at-the-end": (ED + b"\r", None),
    "carriage-return-behind-the-comment": (ED + b" me\r", None),
    "carriage-return-in-the-middle": (b"# no\r" + ED, "comment"),
    "form-feed-in-the-blob": (ED.replace(ED_BLOB, ED_BLOB[:20] + b"\f" + ED_BLOB[20:]), None),
    "vertical-tab-in-the-blob": (ED.replace(ED_BLOB, ED_BLOB[:20] + b"\v" + ED_BLOB[20:]), None),
    "vertical-tab-in-front": (b"\v" + ED, _NO_KEY),
    "byte-order-mark": (b"\xef\xbb\xbf" + ED, _NO_KEY),
    "next-line-character": (b"# no\xc2\x85" + ED, "comment"),
    "comment-sign-in-front": (b"#" + ED, "comment"),
    "comment-sign-behind-the-type": (b"ssh-ed25519 #" + ED_BLOB, _CHARACTERS),
    "comment-sign-behind-the-key": (ED + b" # disabled", None),
    "nul-behind-the-key": (ED + b"\0 more", None),
    "nul-in-the-comment": (ED + b" me\0you", None),
    "nul-in-front": (b"\0" + ED, "the line starts with a NUL byte"),
    "nul-in-the-blob": (ED.replace(ED_BLOB, ED_BLOB[:20] + b"\0" + ED_BLOB[20:]), "the key is cut short"),
    "type-in-capitals": (b"SSH-ED25519 " + ED_BLOB, _NO_KEY),
    "short-type": (b"ED25519 " + ED_BLOB, _NO_KEY + _ONCE),
    "type-of-a-signature": (b"rsa-sha2-512 " + RSA_BLOB, None),
    "type-of-another-key": (b"ssh-rsa " + ED_BLOB, _OTHER_TYPE),
    "type-and-nothing": (b"ssh-ed25519", "there is no key behind its type"),
    "type-and-blanks": (b"ssh-ed25519  \t", "there is no key behind its type"),
    "blob-without-type": (ED_BLOB, _NO_KEY),
    "blob-cut": (ED[:-4], "the key is cut short"),
    "blob-with-a-stray-character": (ED.replace(ED_BLOB, ED_BLOB[:20] + b"-" + ED_BLOB[20:]), _CHARACTERS),
    "blob-with-one-character-less": (ED[:-1], _PADDING),
    "blob-with-padding-too-much": (ED + b"====", _PADDING),
    "blob-with-bytes-behind-the-key": (b"ssh-ed25519 " + ED_AND_MORE, "there are bytes behind the key"),
    "rsa-with-more-zeros": (b"ssh-rsa " + RSA_PADDED, None),
    "rsa-with-a-short-name-inside": (b"ssh-rsa " + RSA_NAMED_SHORT, None),
    "rsa-with-the-name-of-a-signature-inside": (b"ssh-rsa " + RSA_NAMED_SHA2, None),
    "name-with-a-nul-inside": (b"ssh-ed25519 " + ED_WITH_NUL, None),
    "point-compressed": (b"ecdsa-sha2-nistp256 " + COMPRESSED, "the point is not on the curve"),
    "point-off-the-curve": (b"ecdsa-sha2-nistp256 " + OFF_CURVE, "the point is not on the curve"),
    "curve-of-another-size": (b"ecdsa-sha2-nistp256 " + OTHER_CURVE, "the key names another curve"),
    "certificate": (CERTIFICATE_LINE, "a certificate in this file lets nobody in"),
    # options
    "flags": (_options(b"no-pty,no-port-forwarding"), None),
    "flags-in-capitals": (_options(b"No-PTY,RESTRICT"), None),
    "flag-unknown": (_options(b"no-such-thing"), f'the option "no-such-thing"{_NOT_KNOWN}'),
    "flag-misspelt": (_options(b"no-ptty"), f'the option "no-ptty"{_NOT_KNOWN}'),
    "flag-with-a-value": (_options(b'no-pty="yes"'), f'the option "no-pty"{_NOT_KNOWN}'),
    "flag-negated-twice": (_options(b"no-no-pty"), f'the option "no-no-pty"{_NOT_KNOWN}'),
    "flag-that-cannot-be-negated": (_options(b"no-restrict"), f'the option "no-restrict"{_NOT_KNOWN}'),
    "comma-in-front": (_options(b",no-pty"), None),
    "comma-at-the-end": (_options(b"no-pty,"), None),
    "two-commas": (_options(b"no-pty,,no-user-rc"), None),
    "only-a-comma": (_options(b","), None),
    "blank-behind-a-comma": (_options(b"no-pty, no-user-rc"), _NO_KEY),
    "two-lots-of-options": (_options(b"no-pty no-user-rc"), _NO_KEY),
    "options-behind-the-key": (ED + b' command="/bin/false"', None),
    "command": (_options(b'command="/bin/echo a b"'), None),
    "command-of-100-kB": (_options(b'command="' + b"x" * 100_000 + b'"'), None),
    "command-with-quotes": (_options(b'command="echo \\"a b\\" c"'), None),
    "command-that-ends-in-a-backslash": (_options(b'command="echo \\\\"'), _UNCLOSED),
    "command-without-quotes": (_options(b"command=true"), 'the value of "command"= does not stand in double quotes'),
    "command-in-single-quotes": (
        _options(b"command='true'"),
        'the value of "command"= does not stand in double quotes',
    ),
    "command-not-closed": (_options(b'command="true'), _UNCLOSED),
    "command-closed-twice": (_options(b'command="a""b"'), f'{_COMMA}"command"'),
    "command-empty": (_options(b'command=""'), None),
    "command-in-capitals": (_options(b'COMMAND="true"'), None),
    "command-twice": (_options(b'command="a",command="b"'), "the option command= is given twice" + _ONCE),
    "quote-in-a-flag": (_options(b'no"-"pty'), f'the option "no"{_NOT_KNOWN}'),
    "backslash-and-quote-outside": (_options(b'no-pty\\"'), f'the option "no-pty\\"{_NOT_KNOWN}'),
    "environment": (_options(b'environment="LANG=C"'), None),
    "environment-without-equals": (_options(b'environment="LANG"'), _ENVIRONMENT + _ONCE),
    "environment-bad-name": (_options(b'environment="A-B=c"'), _ENVIRONMENT + _ONCE),
    "environment-without-a-name": (
        _options(b'environment="=c"'),
        _ENVIRONMENT + "; OpenSSH 7.8 took the line",
    ),
    "permitopen": (_options(b'permitopen="host:22",permitopen="[::1]:*"'), None),
    "permitopen-without-port": (_options(b'permitopen="host"'), 'permitopen is "host", not host:port'),
    "permitopen-port-too-large": (_options(b'permitopen="host:65536"'), 'permitopen is "host:65536", not host:port'),
    "permitopen-port-with-a-blank-and-a-sign": (_options(b'permitopen="host: +22"'), None),
    "permitopen-port-with-a-blank-behind": (
        _options(b'permitopen="host:22 "'),
        'permitopen is "host:22 ", not host:port',
    ),
    "permitopen-port-minus-zero": (_options(b'permitopen="host:-0"'), 'permitopen is "host:-0", not host:port'),
    "permitopen-port-negative": (_options(b'permitopen="host:-22"'), 'permitopen is "host:-22", not host:port'),
    "tunnel-negative": (_options(b'tunnel="-1"'), 'tunnel is "-1", neither a number nor any'),
    "tunnel-with-a-sign": (_options(b'tunnel=" -0"'), None),
    "permitlisten-port": (_options(b'permitlisten="8080"'), None),
    "permitlisten-empty": (_options(b'permitlisten=""'), 'permitlisten is "*:", not host:port'),
    "tunnel": (_options(b'tunnel="0"'), None),
    "tunnel-bad": (_options(b'tunnel="x"'), 'tunnel is "x", neither a number nor any'),
    "principals-without-authority": (
        _options(b'principals="a"'),
        "principals= stands on a key that is no authority" + _ONCE,
    ),
    "touch-and-verify-on-an-ordinary-key": (_options(b"no-touch-required,verify-required"), None),
    # times
    "expiry-far": (_options(b'expiry-time="20990101"'), None),
    "expiry-far-with-zone": (_options(b'expiry-time="20990101Z"'), None),
    "expiry-far-in-utc": (_options(b'expiry-time="209901011200UTC"'), None),
    "expiry-twice": (_options(b'expiry-time="20990101",expiry-time="20980101"'), None),
    "expiry-31-june": (_options(b'expiry-time="20990631"'), None),
    "expiry-1969": (
        _options(b'expiry-time="19691231"'),
        'expiry-time is "19691231", not a date like 20270630; OpenSSH 10.4 takes the line',
    ),
    "expiry-day-40": (
        _options(b'expiry-time="20990140"'),
        'expiry-time is "20990140", not a date like 20270630; OpenSSH 9.0 took the line',
    ),
    "expiry-blanks-for-zeros": (_options(b'expiry-time="2099 1 1"'), None),
    "expiry-month-13": (_options(b'expiry-time="20991301"'), 'expiry-time is "20991301", not a date like 20270630'),
    "expiry-with-dashes": (
        _options(b'expiry-time="2099-01-01"'),
        'expiry-time is "2099-01-01", not a date like 20270630',
    ),
    # where from
    "from-our-network": (_options(b'from="10.77.0.0/16"'), None),
    "from-our-address": (_options(b'from="10.77.0.1"'), None),
    "from-star": (_options(b'from="*"'), None),
    "from-all-networks": (_options(b'from="0.0.0.0/0,::/0"'), None),
    "from-zero": (_options(b'from="0/0"'), None),
    "from-wildcard": (_options(b'from="10.77.*"'), None),
    "from-with-an-exception": (_options(b'from="!10.99.0.0/16,10.*"'), None),
    "from-host-bits": (
        _options(b'from="10.77.0.1/8,*"'),
        "from= holds the network 10.77.0.1/8, whose host bits are set, so it never matches",
    ),
    "from-mask-too-long": (
        _options(b'from="10.77.0.1/33,*"'),
        "from= holds the network 10.77.0.1/33, whose mask is too long, so it never matches",
    ),
    "from-empty-item": (_options(b'from="10.77.0.1,,*"'), "an empty item in from= makes the list invalid"),
    "from-only-excludes": (_options(b'from="!10.99.0.0/16"'), "from= only excludes, so it never matches"),
    "from-twice": (_options(b'from="*",from="10.77.0.1"'), "the option from= is given twice" + _ONCE),
    "from-bad-mask-is-a-name": (_options(b'from="10.77.0.1/x,*"'), None),
}
