"""Lines of authorized_keys: what makes one live or dead, and what it allows."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator

import asyncssh
from lab.spec import File

from differential.case import BOTH, Case, Scene
from differential.cases import account
from differential.keys import PRESENT, VERIFIED, SecurityKey, fingerprint, fresh, line_of, pair, shared

# @LINE@ is `type blob` of the case's key, @TYPE@ and @BLOB@ its halves, @OTHER@ the line of a key nobody offers
_ENDS: dict[str, bytes] = {
    "plain": b"@LINE@\n",
    "comment": b"@LINE@ anna@laptop\n",
    "no-newline-at-end": b"@LINE@",
    "crlf": b"@LINE@\r\n",
    "crlf-behind-comment": b"@LINE@ anna\r\n",
    "cr-alone-is-no-end": b"# junk\r@LINE@\n",
    "cr-first": b"\r@LINE@\n",
    "vt-is-no-end": b"# junk\x0b@LINE@\n",
    "form-feed-is-no-end": b"# junk\x0c@LINE@\n",
    "nel-is-no-end": b"# junk\xc2\x85@LINE@\n",
    "line-separator-is-no-end": b"# junk\xe2\x80\xa8@LINE@\n",
    "bom-first": b"\xef\xbb\xbf@LINE@\n",
    "bom-on-line-before": b"\xef\xbb\xbf# list\n@LINE@\n",
    "utf-16": "@LINE@\n".encode("utf-16"),
    "nul-first": b"\x00@LINE@\n",
    "nul-before-type": b" \x00@LINE@\n",
    "nul-behind-type": b"@TYPE@\x00 @BLOB@\n",
    "nul-in-comment": b"@LINE@ an\x00na\n",
    "nul-behind-blob": b"@LINE@\x00\n",
    "nul-on-line-before": b"junk\x00junk\n@LINE@\n",
    "latin-1-comment": b"@LINE@ J\xf6rg\n",
    "escape-in-comment": b"@LINE@ \x1b[2Janna\n",
    "empty-file": b"",
    "only-blank-lines": b"\n \n\t\n",
    "other-key": b"@OTHER@\n",
    "commented-out": b"#@LINE@\n",
    "commented-out-indented": b"  \t# @LINE@\n",
    "hash-behind-line-is-no-comment": b"@LINE@ # old\n",
    "junk-line-before": b"this is no key\n\n@LINE@\n",
    "many-junk-lines-before": b"junk junk junk\n" * 20_000 + b"@LINE@\n",
    "unbalanced-quote-on-line-before": b'command="never ends @OTHER@\n@LINE@\n',
    "not-utf-8-on-line-before": b"\xff\xfe\xfd\n@LINE@\n",
    "private-key-before": b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n@LINE@\n",
    "backslash-newline-joins-nothing": b"@TYPE@ \\\n@BLOB@\n",
    "two-keys-on-a-line": b"@OTHER@ @LINE@\n",
}
_BLANKS: dict[str, bytes] = {
    "leading-blanks": b"   @LINE@\n",
    "leading-tab": b"\t@LINE@\n",
    "leading-vt": b"\x0b@LINE@\n",
    "leading-form-feed": b"\x0c@LINE@\n",
    "leading-nbsp": b"\xc2\xa0@LINE@\n",
    "tab-between": b"@TYPE@\t@BLOB@\n",
    "blanks-between": b"@TYPE@   @BLOB@\n",
    "tab-before-comment": b"@LINE@\tanna\n",
    "vt-between": b"@TYPE@\x0b@BLOB@\n",
    "trailing-blank": b"@LINE@ \n",
    "leading-300-kb": b" " * 300_000 + b"@LINE@\n",
    "comment-100-kb": b"@LINE@ " + b"c" * 100_000 + b"\n",
    "comment-just-under-8-kb": b"@LINE@ " + b"c" * (8_190 - 82) + b"\n",
    "comment-just-over-8-kb": b"@LINE@ " + b"c" * 8_200 + b"\n",
    "comment-just-over-16-kb": b"@LINE@ " + b"c" * 16_400 + b"\n",
    "long-line-before": b"j" * 100_000 + b"\n@LINE@\n",
    "long-line-holds-the-line-at-its-cut": b"j" * 16_382 + b"\n@LINE@\n",
}
_TYPES: dict[str, bytes] = {
    "type-in-capitals": b"SSH-ED25519 @BLOB@\n",
    "type-short": b"ED25519 @BLOB@\n",
    "type-short-lower": b"ed25519 @BLOB@\n",
    "type-of-certificate": b"ssh-ed25519-cert-v01@openssh.com @BLOB@\n",
    "type-of-other-key": b"ssh-rsa @BLOB@\n",
    "type-missing": b"@BLOB@\n",
    "type-twice": b"@TYPE@ @LINE@\n",
    "type-unknown": b"ssh-ed448 @BLOB@\n",
    "type-unknown-on-line-before": b"ssh-future AAAA x\n@LINE@\n",
    "type-quoted": b'"@TYPE@" @BLOB@\n',
    "blob-empty": b"@TYPE@ \n",
    "blob-cut": b"@TYPE@ @CUT@\n",
    "blob-wrapped": b"@TYPE@ @HALF1@\n@HALF2@\n",
    "blob-blank-inside": b"@TYPE@ @HALF1@ @HALF2@\n",
    "blob-cr-inside": b"@TYPE@ @HALF1@\r@HALF2@\n",
    "blob-vt-inside": b"@TYPE@ @HALF1@\x0b@HALF2@\n",
    "blob-form-feed-inside": b"@TYPE@ @HALF1@\x0c@HALF2@\n",
    "blob-nbsp-inside": b"@TYPE@ @HALF1@\xc2\xa0@HALF2@\n",
    "blob-star-inside": b"@TYPE@ @HALF1@*@HALF2@\n",
    "blob-url-safe": b"@TYPE@ @HALF1@-_@HALF2@\n",
    "blob-padding-added": b"@TYPE@ @BLOB@=\n",
    "blob-four-equals-added": b"@TYPE@ @BLOB@====\n",
    "blob-letters-added": b"@TYPE@ @BLOB@AAAA\n",
    "blob-comma-behind": b"@TYPE@ @BLOB@,\n",
    "known-hosts-line": b"web1 @LINE@\n",
    "bubble-babble": b"---- BEGIN SSH2 PUBLIC KEY ----\n@BLOB@\n---- END SSH2 PUBLIC KEY ----\n",
    "dropbear-prefix": b"public key portion is:\n@LINE@\n",
}
_OPTIONS: dict[str, bytes] = {
    "opt-no-pty": b"no-pty @LINE@\n",
    "opt-no-port-forwarding": b"no-port-forwarding @LINE@\n",
    "opt-restrict": b"restrict @LINE@\n",
    "opt-restrict-pty": b"restrict,pty @LINE@\n",
    "opt-pty-restrict": b"pty,restrict @LINE@\n",
    "opt-restrict-port-forwarding": b"restrict,port-forwarding @LINE@\n",
    "opt-no-pty-pty": b"no-pty,pty @LINE@\n",
    "opt-capitals": b"No-Pty,RESTRICT,Pty @LINE@\n",
    "opt-comma-first": b",no-pty @LINE@\n",
    "opt-comma-twice": b"no-pty,,no-user-rc @LINE@\n",
    "opt-comma-last": b"no-pty, @LINE@\n",
    "opt-comma-alone": b", @LINE@\n",
    "opt-blank-behind-comma": b"no-pty, no-user-rc @LINE@\n",
    "opt-tab-before-key": b"no-pty\t@LINE@\n",
    "opt-blanks-before-key": b"no-pty    @LINE@\n",
    "opt-behind-key": b"@LINE@ no-pty\n",
    "opt-unknown": b"no-such-option @LINE@\n",
    "opt-unknown-behind-good": b"no-pty,no-such-option @LINE@\n",
    "opt-no-restrict": b"no-restrict @LINE@\n",
    "opt-no-cert-authority": b"no-cert-authority @LINE@\n",
    "opt-flag-with-value": b'no-pty="yes" @LINE@\n',
    "opt-flag-with-bare-value": b"no-pty=yes @LINE@\n",
    "opt-twice": b"no-pty,no-pty @LINE@\n",
    "opt-quoted": b'"no-pty" @LINE@\n',
    "opt-command": b'command="echo opt-command" @LINE@\n',
    "opt-command-capitals": b'Command="echo shouted" @LINE@\n',
    "opt-command-empty": b'command="" @LINE@\n',
    "opt-command-without-quotes": b"command=echo @LINE@\n",
    "opt-command-single-quotes": b"command='echo' @LINE@\n",
    "opt-command-without-value": b"command @LINE@\n",
    "opt-command-escaped-quote": b'command="echo \\"a b\\"" @LINE@\n',
    "opt-command-two-backslashes-quote": b'command="echo a\\\\" @LINE@\n',
    "opt-command-blank-behind-equals": b'command= "echo a" @LINE@\n',
    "opt-command-junk-behind-quote": b'command="echo a"b @LINE@\n',
    "opt-command-twice": b'command="echo a",command="echo b" @LINE@\n',
    "opt-command-unterminated": b'command="echo a @LINE@\n',
    "opt-command-with-comma": b'command="echo a,no-pty" @LINE@\n',
    "opt-command-with-hash": b'command="echo a#b" @LINE@\n',
    "opt-command-16-kb": b'command="echo ' + b"a" * 16_500 + b'" @LINE@\n',
    "opt-command-behind-key": b'@LINE@ command="echo never"\n',
    "opt-environment": b'environment="A=b" @LINE@\n',
    "opt-environment-bad-name": b'environment="A-B=c" @LINE@\n',
    "opt-environment-without-equals": b'environment="A" @LINE@\n',
    "opt-environment-empty-name": b'environment="=c" @LINE@\n',
    "opt-environment-empty": b'environment="" @LINE@\n',
    "opt-environment-900": b",".join(b'environment="A%d=b"' % n for n in range(900)) + b" @LINE@\n",
    "opt-environment-1100": b",".join(b'environment="A%d=b"' % n for n in range(1100)) + b" @LINE@\n",
    "opt-permitopen": b'permitopen="127.0.0.1:22" @LINE@\n',
    "opt-permitopen-any-port": b'permitopen="127.0.0.1:*" @LINE@\n',
    "opt-permitopen-bad-port": b'permitopen="127.0.0.1:http!" @LINE@\n',
    "opt-permitopen-port-too-large": b'permitopen="127.0.0.1:70000" @LINE@\n',
    "opt-permitopen-without-port": b'permitopen="127.0.0.1" @LINE@\n',
    "opt-permitopen-v6-without-brackets": b'permitopen="::1:22" @LINE@\n',
    "opt-permitopen-v6": b'permitopen="[::1]:22" @LINE@\n',
    "opt-permitopen-none": b'permitopen="none" @LINE@\n',
    "opt-permitlisten": b'permitlisten="8080" @LINE@\n',
    "opt-permitlisten-host": b'permitlisten="localhost:8080" @LINE@\n',
    "opt-permitlisten-junk": b'permitlisten="a:b:c" @LINE@\n',
    "opt-tunnel": b'tunnel="1" @LINE@\n',
    "opt-tunnel-junk": b'tunnel="x y" @LINE@\n',
    "opt-tunnel-any": b'tunnel="any" @LINE@\n',
    "opt-no-touch-required": b"no-touch-required @LINE@\n",
    "opt-verify-required": b"verify-required @LINE@\n",
    "opt-principals-on-plain-key": b'principals="@NAME@" @LINE@\n',
    "opt-principals-empty-on-plain-key": b'principals="" @LINE@\n',
    "opt-cert-authority": b"cert-authority @LINE@\n",
    "opt-user-rc": b"no-user-rc,user-rc @LINE@\n",
    "opt-x11": b"no-X11-forwarding,X11-forwarding @LINE@\n",
    "opt-agent": b"no-agent-forwarding @LINE@\n",
    "opt-idle-timeout": b"idle-timeout=5m @LINE@\n",
    "opt-ten-thousand": b"no-pty," * 10_000 + b"no-pty @LINE@\n",
    "opt-zos-key-ring": b'zos-key-ring-label="A/B C" @LINE@\n',
    "opt-nul-in-value": b'command="echo a\x00b" @LINE@\n',
    "opt-cr-in-value": b'command="echo a\rb" @LINE@\n',
}
_ADDRESSES: dict[str, bytes] = {
    "from-here": b'from="10.77.0.1" @LINE@\n',
    "from-there": b'from="10.77.0.2" @LINE@\n',
    "from-nowhere-here": b'from="10.77.0.3" @LINE@\n',
    "from-star": b'from="*" @LINE@\n',
    "from-prefix-pattern": b'from="10.77.*" @LINE@\n',
    "from-question-mark": b'from="10.77.0.?" @LINE@\n',
    "from-cidr": b'from="10.77.0.0/16" @LINE@\n',
    "from-cidr-32": b'from="10.77.0.1/32" @LINE@\n',
    "from-cidr-0": b'from="0.0.0.0/0" @LINE@\n',
    "from-cidr-host-bits": b'from="10.77.0.1/16" @LINE@\n',
    "from-cidr-33": b'from="10.77.0.1/33" @LINE@\n',
    "from-cidr-bad-mask-then-good": b'from="10.0.0.0/x,10.77.0.1" @LINE@\n',
    "from-cidr-host-bits-then-good": b'from="10.77.1.1/16,10.77.0.1" @LINE@\n',
    "from-cidr-negated-host-bits": b'from="!10.77.0.1/16,10.77.0.1" @LINE@\n',
    "from-netmask-dotted": b'from="10.77.0.0/255.255.0.0" @LINE@\n',
    "from-negated-only": b'from="!10.77.0.9" @LINE@\n',
    "from-negated-and-star": b'from="!10.77.0.2,*" @LINE@\n',
    "from-star-and-negated": b'from="*,!10.77.0.2" @LINE@\n',
    "from-all-negated": b'from="!10.77.0.0/16,*" @LINE@\n',
    "from-blank-behind-comma": b'from="10.77.0.9, 10.77.0.1" @LINE@\n',
    "from-blank-first": b'from=" 10.77.0.1" @LINE@\n',
    "from-empty": b'from="" @LINE@\n',
    "from-empty-item": b'from="10.77.0.9,,10.77.0.1" @LINE@\n',
    "from-comma-last": b'from="10.77.0.1," @LINE@\n',
    "from-comma-alone": b'from="," @LINE@\n',
    "from-name": b'from="*.example.org" @LINE@\n',
    "from-name-and-address": b'from="*.example.org,10.77.0.1" @LINE@\n',
    "from-localhost": b'from="localhost" @LINE@\n',
    "from-bang-alone": b'from="!" @LINE@\n',
    "from-two-bangs": b'from="!!10.77.0.1,*" @LINE@\n',
    "from-quoted-capitals": b'FROM="10.77.0.1" @LINE@\n',
    "from-twice": b'from="10.77.0.1",from="10.77.0.2" @LINE@\n',
    "from-without-quotes": b"from=10.77.0.1 @LINE@\n",
    "from-mapped-v6": b'from="::ffff:10.77.0.1" @LINE@\n',
    "from-v6-cidr": b'from="::/0" @LINE@\n',
    "from-mapped-cidr": b'from="::ffff:10.77.0.0/112" @LINE@\n',
    "from-leading-zeros": b'from="010.077.000.001" @LINE@\n',
    "from-long-pattern": b'from="' + b"1" * 1030 + b',10.77.0.1" @LINE@\n',
    "from-address-with-star-mask": b'from="10.77.0.0/*" @LINE@\n',
    "from-three-octets-cidr": b'from="10.77/16" @LINE@\n',
    "from-behind-key": b'@LINE@ from="10.77.0.9"\n',
}
_SEVERAL: dict[str, bytes] = {
    "same-key-twice": b"@LINE@\n@LINE@\n",
    "same-key-dead-then-live": b"no-such-option @LINE@\n@LINE@\n",
    "same-key-limits-then-none": b'restrict,command="echo first" @LINE@\n@LINE@\n',
    "same-key-none-then-limits": b'@LINE@\nrestrict,command="echo second" @LINE@\n',
    "same-key-here-then-anywhere": b'from="10.77.0.1",command="echo here" @LINE@\nno-pty @LINE@\n',
    "same-key-nowhere-then-limits": b'from="10.9.9.9" @LINE@\nno-port-forwarding @LINE@\n',
    "same-key-authority-then-plain": b"cert-authority @LINE@\n@LINE@\n",
    "same-key-expired-then-live": b'expiry-time="20200101" @LINE@\nno-pty @LINE@\n',
    "same-key-commented-then-live": b'#command="echo x" @LINE@\n@LINE@\n',
    "same-key-in-other-spelling": b"no-pty @TYPE@ @HALF1@\x0b@HALF2@\n@LINE@\n",
}
_EXPIRY: dict[str, bytes] = {
    "expiry-past": b'expiry-time="20200101" @LINE@\n',
    "expiry-future": b'expiry-time="20991231" @LINE@\n',
    "expiry-future-minutes": b'expiry-time="209912312359" @LINE@\n',
    "expiry-future-seconds": b'expiry-time="20991231235959" @LINE@\n',
    "expiry-past-seconds": b'expiry-time="20200101000000" @LINE@\n',
    "expiry-iso": b'expiry-time="2099-12-31" @LINE@\n',
    "expiry-with-t": b'expiry-time="20991231T2359" @LINE@\n',
    "expiry-zulu": b'expiry-time="20991231Z" @LINE@\n',
    "expiry-zulu-minutes": b'expiry-time="209912312359Z" @LINE@\n',
    "expiry-zulu-past": b'expiry-time="20200101Z" @LINE@\n',
    "expiry-zulu-small": b'expiry-time="20991231z" @LINE@\n',
    "expiry-utc-word": b'expiry-time="20991231UTC" @LINE@\n',
    "expiry-month-13": b'expiry-time="20991331" @LINE@\n',
    "expiry-february-30": b'expiry-time="20990230" @LINE@\n',
    "expiry-day-0": b'expiry-time="20991200" @LINE@\n',
    "expiry-hour-24": b'expiry-time="209912312460" @LINE@\n',
    "expiry-second-60": b'expiry-time="20991231235960" @LINE@\n',
    "expiry-empty": b'expiry-time="" @LINE@\n',
    "expiry-word": b'expiry-time="never" @LINE@\n',
    "expiry-without-quotes": b"expiry-time=20991231 @LINE@\n",
    "expiry-twice-earlier-first": b'expiry-time="20200101",expiry-time="20991231" @LINE@\n',
    "expiry-twice-later-first": b'expiry-time="20991231",expiry-time="20200101" @LINE@\n',
    "expiry-1969": b'expiry-time="19690101" @LINE@\n',
    "expiry-1970": b'expiry-time="19700101Z" @LINE@\n',
    "expiry-9999": b'expiry-time="99991231" @LINE@\n',
    "expiry-blank": b'expiry-time="20991231 " @LINE@\n',
    "expiry-capitals": b'Expiry-Time="20200101" @LINE@\n',
    "valid-before": b'valid-before="20200101" @LINE@\n',
}
# stand in the part that every test run does
_BRIEF = (
    "plain cr-alone-is-no-end bom-first nul-in-comment junk-line-before tab-between comment-just-over-16-kb type-short",
    "blob-vt-inside blob-blank-inside opt-restrict-pty opt-comma-last opt-blank-behind-comma opt-unknown opt-command",
    "opt-command-escaped-quote opt-command-two-backslashes-quote opt-command-twice opt-principals-on-plain-key",
    "from-cidr-host-bits from-cidr-host-bits-then-good from-negated-only from-name same-key-limits-then-none",
    "same-key-here-then-anywhere expiry-past expiry-iso expiry-zulu",
)


# those that neither of the lab's usual two addresses tells apart
_SOURCES = {
    "from-nowhere-here": "10.77.0.3",
    "from-all-negated": "192.0.2.1",
    "from-blank-behind-comma": "10.77.0.9",
    "from-v6-cidr": "fd77::1",
    "from-mapped-v6": "fd77::1",
    "from-mapped-cidr": "fd77::1",
    "from-leading-zeros": "8.63.0.1",  # getaddrinfo(3) reads the numbers as octal
    "from-three-octets-cidr": "10.0.0.77",
}


def scenes() -> Iterator[Scene]:
    """Two hosts for all lines."""
    cases = [*_texts(), *_kinds(), *_encodings(), *_security_keys()]
    half = (len(cases) + 1) // 2  # the log of one host holds so many logins
    yield Scene("lines-1", tuple(cases[:half]), config=_CONFIG)
    yield Scene("lines-2", tuple(cases[half:]), config=_CONFIG)


_CONFIG = "UsePAM yes\nPermitUserEnvironment yes\n"


def _texts() -> Iterator[Case]:
    brief = frozenset(" ".join(_BRIEF).split())
    for table in (_ENDS, _BLANKS, _TYPES, _OPTIONS, _ADDRESSES, _SEVERAL, _EXPIRY):
        for name, content in table.items():
            key = fresh()
            yield line_case(name, _filled(content, key), key, brief=name in brief)


def line_case(name: str, content: bytes, key: asyncssh.SSHKey, *, brief: bool = False) -> Case:
    """An account whose one key file has this content."""
    return Case(
        f"lines/{name}",
        account(files={".ssh/authorized_keys": File(content, 0o600)}),
        pair(key),
        fingerprint(key),
        sources=(*BOTH, *([_SOURCES[name]] if name in _SOURCES else [])),
        brief=brief,
        line_limits=name != "opt-environment-1100",  # where it is taken, the session dies of it
    )


def _filled(content: bytes, key: asyncssh.SSHKey) -> bytes:
    line = line_of(key)
    kind, blob = line.split()
    for mark, text in (
        (b"@LINE@", line),
        (b"@TYPE@", kind),
        (b"@BLOB@", blob),
        (b"@CUT@", blob[:-4]),
        (b"@HALF1@", blob[:32]),
        (b"@HALF2@", blob[32:]),
        (b"@OTHER@", line_of(fresh())),
    ):
        content = content.replace(mark, text)
    if content[:2] == b"\xff\xfe":  # the marks stand in UTF-16
        content = f"{line.decode()}\n".encode("utf-16")
    return content


def _kinds() -> Iterator[Case]:
    """Keys of other types, under their own names and others."""
    for kind in ("rsa-1024", "rsa-2048", "rsa-3072", "ecdsa-256", "ecdsa-384", "ecdsa-521", "dsa"):
        key = shared(kind)
        yield line_case(kind, line_of(key) + b"\n", key, brief=kind in ("rsa-1024", "rsa-2048", "ecdsa-256", "dsa"))
    rsa, ecdsa = shared("rsa-2048"), shared("ecdsa-256")
    rsa_blob, ecdsa_blob = line_of(rsa).split()[1], line_of(ecdsa).split()[1]
    for name in (b"rsa-sha2-256", b"rsa-sha2-512", b"RSA", b"rsa", b"ssh-rsa-cert-v01@openssh.com", b"ssh-dss"):
        brief = name == b"rsa-sha2-512"
        yield line_case(f"rsa-named-{name.decode()}", name + b" " + rsa_blob + b"\n", rsa, brief=brief)
    for name in (
        b"ecdsa",
        b"ECDSA",
        b"ecdsa-sha2-nistp384",
        b"ecdsa-sha2-nistp521",
        b"sk-ecdsa-sha2-nistp256@openssh.com",
    ):
        yield line_case(f"ecdsa-named-{name.decode()}", name + b" " + ecdsa_blob + b"\n", ecdsa)


def _encodings() -> Iterator[Case]:
    """Other bytes for the same key."""
    rsa = shared("rsa-2048")
    kind, blob = line_of(rsa).split()
    name, exponent, modulus = _strings(base64.b64decode(blob))
    spellings: dict[str, Callable[[], bytes]] = {
        "rsa-zero-byte-more": lambda: _joined(name, exponent, b"\0" + modulus),
        "rsa-zero-bytes-in-exponent": lambda: _joined(name, b"\0\0" + exponent, modulus),
        "rsa-many-zero-bytes": lambda: _joined(name, exponent, b"\0" * 300 + modulus),
        "rsa-byte-behind": lambda: _joined(name, exponent, modulus) + b"\0",
        "rsa-negative": lambda: _joined(name, exponent, modulus.lstrip(b"\0")),
    }
    for title, spell in spellings.items():
        content = kind + b" " + base64.b64encode(spell()) + b"\n"
        yield line_case(title, content, rsa, brief=title == "rsa-zero-byte-more")
    key = fresh()
    kind, blob = line_of(key).split()
    name, point = _strings(base64.b64decode(blob))
    yield line_case("ed25519-zero-byte-more", kind + b" " + base64.b64encode(_joined(name, b"\0" + point)) + b"\n", key)
    # the last letter holds bits that no byte takes: 51 bytes need none, so a comment byte is added to the blob's name
    ecdsa = shared("ecdsa-256")
    kind, blob = line_of(ecdsa).split()
    if blob.endswith(b"="):
        letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        at = len(blob.rstrip(b"=")) - 1
        odd = blob[:at] + letters[letters.index(blob[at : at + 1]) + 1 :][:1] + blob[at + 1 :]
        yield line_case("base64-unused-bits-set", kind + b" " + odd + b"\n", ecdsa)
        yield line_case("base64-without-padding", kind + b" " + blob.rstrip(b"=") + b"\n", ecdsa, brief=True)
        spaced = blob.rstrip(b"=") + b"\x0b" + blob[len(blob.rstrip(b"=")) :]
        yield line_case("base64-vt-before-padding", kind + b" " + spaced + b"\n", ecdsa)


def _strings(blob: bytes) -> list[bytes]:
    found = []
    while blob:
        (size,) = struct.unpack("!I", blob[:4])
        found.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return found


def _joined(*strings: bytes) -> bytes:
    return b"".join(struct.pack("!I", len(text)) + text for text in strings)


def _security_keys() -> Iterator[Case]:
    """FIDO keys: with and without touch and PIN. `accepted` is about the key that does what the line asks for."""
    table = {
        "sk-touched": (b"", PRESENT),
        "sk-verified": (b"", PRESENT | VERIFIED),
        "sk-verify-required-verified": (b"verify-required ", PRESENT | VERIFIED),
        "sk-no-touch-required-untouched": (b"no-touch-required ", 0),
        "sk-no-touch-required-touched": (b"no-touch-required ", PRESENT),
        "sk-verify-required-capitals": (b"Verify-Required ", PRESENT | VERIFIED),
    }
    for name, (options, flags) in table.items():
        key = SecurityKey(flags)
        yield Case(
            f"lines/{name}",
            account(files={".ssh/authorized_keys": File(options + key.line + b"\n", 0o600)}),
            key,
            key.fingerprint,
            brief=name == "sk-touched",
        )
