"""Random key files and random settings with accounts: the same for the same seed, keys aside."""

from __future__ import annotations

import random
from collections.abc import Iterator

from lab.spec import Directory, File, Node

from differential.case import Case, Scene
from differential.cases import account
from differential.keys import fingerprint, fresh, line_of, pair

SEED = 20_260_601
_FILES = 120
_HOSTS = 12
_ALICE_AND_OTHERS = ("alice", "bob", "carol", "root")

_OPTIONS = (
    'command="echo forced"', 'command="echo \\"a\\""', "no-pty", "pty", "restrict", "No-Port-Forwarding",
    "port-forwarding", "no-agent-forwarding", "no-user-rc", 'from="10.77.0.1"', 'from="10.77.0.2,10.9.*"',
    'from="!10.77.0.1,10.77.*"', 'from="10.77.0.0/16"', 'from="10.77.0.1/8"', 'environment="A=b"',
    'expiry-time="20991231"', 'expiry-time="20200101"', 'expiry-time="2099-12-31"', 'permitopen="127.0.0.1:22"',
    'principals="x"', "cert-authority", "verify-required", "bogus", "no-pty=yes", 'tunnel="0"', 'command=""', "",
)  # fmt: skip
_BREAKS = (b"\n", b"\n", b"\n", b"\n", b"\r\n", b"\r", b"\x0b", b"\n\n", b"\x00\n", b" \n", b" comment\n", b" # x\n")
_LEADS = (b"", b"", b"", b"", b"", b" ", b"\t", b"\x0c", b"#", b"\xef\xbb\xbf", b"\x00", b"junk ", b'"', b'" ')
_BETWEEN = (b" ", b" ", b" ", b" ", b" ", b"  ", b"\t", b"\x0b", b"\xa0", b"", b", ")


def scenes() -> Iterator[Scene]:
    yield Scene("generated-files", tuple(_key_files()), "UsePAM yes\nPermitUserEnvironment yes\n")
    for number in range(_HOSTS):
        yield _host(number)


def _key_files() -> Iterator[Case]:
    for number in range(_FILES):
        dice = random.Random(SEED + number)
        key, other = fresh(), fresh()
        lines = [line_of(key), line_of(other)]
        content = b"".join(_line(dice, dice.choice(lines)) for _ in range(dice.randrange(1, 6)))
        # somewhere in two of three files stands the key as it should
        if dice.random() < 2 / 3:
            content += b"\n" + _options(dice, 1) + line_of(key) + b"\n"
        yield Case(
            f"generated/file-{number}",
            account(files={".ssh/authorized_keys": File(content, 0o600)}),
            pair(key),
            fingerprint(key),
        )


def _line(dice: random.Random, line: bytes) -> bytes:
    kind, blob = line.split()
    text = dice.choice(_LEADS) + _options(dice, dice.randrange(3)) + kind + dice.choice(_BETWEEN) + blob
    if dice.random() < 0.2:  # one byte more, less or other
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice((b"", b"=", b"\x0b", b" ", b'"', b"\\", b"A", b"\xff")) + text[at + 1 :]
    return text + dice.choice(_BREAKS)


def _options(dice: random.Random, count: int) -> bytes:
    if not count:
        return b""
    return ",".join(dice.choice(_OPTIONS) for _ in range(count)).encode() + dice.choice(_BETWEEN)


_SETTINGS = (
    "PubkeyAuthentication no", "PubkeyAuthentication yes", "PermitRootLogin no", "PermitRootLogin yes",
    "PermitRootLogin forced-commands-only", "PermitRootLogin prohibit-password", "AllowUsers alice root",
    "AllowUsers *@10.77.0.1", "DenyUsers bob", "AllowGroups ops root", "DenyGroups ops", "ForceCommand echo settings",
    "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u", "AuthorizedKeysFile /etc/ssh/keys/%u",
    "AuthorizedKeysFile none", "AuthenticationMethods publickey", "AuthenticationMethods publickey,password",
    "PermitTTY yes",
)  # fmt: skip
_GLOBAL = ("UsePAM yes", "UsePAM no", "StrictModes yes", "StrictModes no")
_MATCHES = (
    "User alice", "User bob,carol", "User *,!alice", "Group ops", "Group carol", "Address 10.77.0.1",
    "Address 10.77.0.0/16", "Address *,!10.77.0.2", "LocalPort 22", "LocalPort 23", "User a* Address 10.77.0.2",
    "Group ops User alice", "all",
)  # fmt: skip
_SHADOWS = ("*", "!", "!!", "", "!*")
_MODES = (0o600, 0o644, 0o664, 0o666, 0o400, 0o000)
_HOMES = (0o700, 0o755, 0o755, 0o770, 0o777)


def _host(number: int) -> Scene:
    dice = random.Random(SEED - number)
    blocks = [dice.choice(_GLOBAL), dice.choice(_GLOBAL), *dice.sample(_SETTINGS, dice.randrange(4))]
    for match in dice.sample(_MATCHES, dice.randrange(4)):
        blocks += [f"Match {match}", *dice.sample(_SETTINGS, dice.randrange(1, 3))]
    cases = tuple(_person(dice, number, name) for name in _ALICE_AND_OTHERS)
    config = "".join(f"{line}\n" for line in blocks)
    return Scene(f"generated-{number}", cases, config, groups={"ops": 3600})


def _person(dice: random.Random, number: int, name: str) -> Case:
    key = fresh()
    line = line_of(key)
    plain, limited = line + b"\n", b'command="echo forced" ' + line + b"\n"
    files: dict[str, Node] = {}
    if dice.random() < 0.8:
        files[".ssh"] = Directory(dice.choice((0o700, 0o700, 0o755, 0o777)))
        files[".ssh/authorized_keys"] = File(dice.choice((plain, limited)), dice.choice(_MODES))
    there: dict[str, Node] = {}
    if dice.random() < 0.6:
        there["/etc/ssh/keys/@NAME@"] = File(dice.choice((plain, limited)), dice.choice((0o644, 0o600)))
    fields: dict[str, object] = {"uid": 0, "gid": 0} if name == "root" else {"home_mode": dice.choice(_HOMES)}
    if dice.random() < 0.5:
        fields["groups"] = ("ops",)
    return Case(
        f"generated/host-{number}-{name}",
        account(**fields, shadow=dice.choice(_SHADOWS), files=files),
        pair(key),
        fingerprint(key),
        name=name,
        host_files=there,
        line_limits=False,
    )
