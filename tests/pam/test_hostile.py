"""Anything in a file that a module or libpam reads: an answer, and never an exception."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from hygiene.openssh.connection import Source
from hygiene.pam.account import account_stage, places
from hygiene.pam.auth import auth_stage
from hygiene.pam.question import Conf
from hygiene.pam.stack import read

from .test_account import ALICE

_WORDS = [
    "account", "auth", "required", "sufficient", "[success=1 default=ignore]", "[", "]", "\\", "#", "include",
    "substack", "@include", "sshd", "more", "pam_access.so", "pam_time.so", "pam_listfile.so", "pam_succeed_if.so",
    "pam_unix.so", "pam_sepermit.so", "pam_usertype.so", "pam_shells.so", "pam_localuser.so", "pam_faillock.so",
    "pam_nologin.so", "file=/conf", "accessfile=/conf", "conffile=/conf", "conf=/conf", "item=user", "item=group",
    "sense=deny", "fieldsep=", "listsep=", "issystem", "uid", "user", "rhost", "<", "eq", "=~", "ingroup", "in",
    "0x", "-1", "9" * 30, "[a-", "*?[", "+", "-", ":", "ALL", "EXCEPT", "(", ")", "@", "10.", "1.2.3.4/", "::/129",
    ";", "!", "&", "|", "Al0000-2400", "Wk", "UID_MIN", "%", "hyg:dropped 9", "\0", "\t", "\r", "\x80", "é",
]  # fmt: skip


def _line(random: Random) -> str:
    words = [random.choice([*_WORDS, " ", " ", " "]) for _ in range(random.randint(0, 9))]
    return "".join(word + random.choice(["", " ", " "]) for word in words)


def _text(random: Random) -> bytes:
    lines = [_line(random) for _ in range(random.randint(0, 8))]
    text = random.choice(["\n", "\n", "\n", " \\\n"]).join(lines).encode("latin-1", "replace")
    return text + random.choice([b"", b"\n"])


def _ask(seed: int) -> None:
    random = Random(seed)
    start = b"account required " + random.choice(_WORDS).encode() + b" file=/conf accessfile=/conf conffile=/conf "
    files: dict[str, bytes | None] = {
        f"/etc/pam.d/{name}": _text(random) if random.random() < 0.7 else start + _text(random)
        for name in ("sshd", "more", "other")
    }
    if random.random() < 0.1:
        files["/etc/pam.d/more"] = None
    paths = ("/conf", "/etc/security/access.conf", "/etc/security/time.conf", "/etc/login.defs", "/etc/shells")
    conf = Conf({path: _text(random) for path in paths}, access_d=())
    stacks = read(files, debian=random.choice([True, False, None]))
    person = replace(ALICE, groups=random.choice([None, frozenset({"ALL"})]), shell="", name=random.choice(_WORDS))
    source = Source(
        "x", address=random.choice([None, "10.0.0.1", "::1", "nonsense"]), host=random.choice([None, "a.b"])
    )
    for each in (account_stage(stacks, person, source, conf), auth_stage(stacks, person, source, conf)):
        assert "\n" not in repr(each)
    assert all("\n" not in place for place in places(stacks, conf))


def test_anything_gets_an_answer() -> None:
    for seed in range(1500):
        _ask(seed)


@pytest.mark.prove
@pytest.mark.parametrize("block", range(1, 5))
def test_a_lot_of_anything_gets_an_answer(block: int) -> None:
    for seed in range(block * 20_000, (block + 1) * 20_000):
        _ask(seed)
