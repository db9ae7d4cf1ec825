"""Our minimal sets against logins through the real modules, with every answer that somebody can give."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from lab.tree import why_no_lab

from hygiene.openssh.connection import Source
from hygiene.pam.auth import Credentials, auth_stage
from hygiene.pam.question import Conversation
from hygiene.pam.stack import read

from . import real, tokens
from .tokens import HOME, PLACE, Bench, Secrets, Text, google_file, oath_file

WHY_NOT = real.why_not() or why_no_lab()
pytestmark = [
    pytest.mark.real_sshd,  # it takes the same rights and the same tree
    pytest.mark.skipif(WHY_NOT is not None, reason=f"needs {WHY_NOT}"),
]

OWN = HOME / "alice/.google_authenticator"
_GOOGLE = {
    "": OWN,
    f"secret={PLACE}/wide": PLACE / "wide",
    f"secret={PLACE}/wide allowed_perm=0644": PLACE / "wide",
    f"secret={PLACE}/rooted": PLACE / "rooted",
    f"secret={PLACE}/rooted no_strict_owner": PLACE / "rooted",
    f"secret={PLACE}/of/${{USER}} user=root": PLACE / "of/alice",
    f"secret={PLACE}/none": None,
}
_GOOGLE_OPTIONS = [
    "",
    "",
    "nullok",
    "forward_pass",
    "forward_pass nullok",
    "try_first_pass",
    "use_first_pass",
    "forward_pass try_first_pass",
    "forward_pass use_first_pass",
    "echo_verification_code",
    "noskewadj debug authtok_prompt=Code:",
    "grace_period=x",
    "nullOK",
]
_OATH = {"oath-none": "-", "oath-any": "+", "oath-pin": "set", "oath-others": None, "oath-missing": None}
_OATH_OPTIONS = ["", "digits=6", "digits=6", "use_first_pass", "try_first_pass", "digits=6 try_first_pass", "alwaysok"]
_UNIX_OPTIONS = ["", "", "try_first_pass", "use_first_pass", "nullok likeauth"]
_CONTROLS = [
    "required",
    "required",
    "required",
    "requisite",
    "sufficient",
    "optional",
    "[success=1 default=ignore]",
    "[success=1 default=die]",
    "[success=ok ignore=ignore default=die]",
    "[success=ok user_unknown=ignore default=bad]",
]


def _bench(folder: Path, known: Secrets) -> Bench:
    files = [
        google_file(known, OWN),
        google_file(known, PLACE / "wide", mode=0o644),
        google_file(known, PLACE / "rooted", mode=0o444 & 0o600 | 0o004, uid=0),
        google_file(known, PLACE / "of/alice", uid=0),
        *(oath_file(known, PLACE / name, pin) for name, pin in _OATH.items() if pin is not None),
        oath_file(known, PLACE / "oath-others", "-", "bob"),
    ]
    return Bench(folder, known, files)


def _contents() -> dict[str, bytes]:
    """The users files as the collector lets them out."""
    found = {f"{PLACE}/{name}": f"#\nHOTP/T30 alice {pin}\n".encode() for name, pin in _OATH.items() if pin}
    return {**found, f"{PLACE}/oath-others": b"#\nHOTP/T30 bob -\n"}


def _stack(random: Random) -> tuple[str, list[Text]]:
    """A random stack, and the texts that are worth trying on it."""
    kinds = random.choice([["google"], ["google"], ["oath"], ["google", "oath"]])
    place = random.choice([*[""] * 4, *_GOOGLE])
    users = random.choice(list(_OATH))
    rules: list[str] = []
    for _ in range(random.randint(1, 3) if len(kinds) == 1 else random.randint(2, 4)):
        match random.choice(["unix", "unix", *kinds, *kinds, "other"]):
            case "google":
                module = f"pam_google_authenticator.so {place} {random.choice(_GOOGLE_OPTIONS)}"
            # pam_oath takes no code twice, which is more than anybody has to know of two rules for one file
            case "oath" if not any("pam_oath" in rule for rule in rules):
                module = f"pam_oath.so usersfile={PLACE}/{users} window=20 {random.choice(_OATH_OPTIONS)}"
            case "unix":
                module = f"pam_unix.so nodelay {random.choice(_UNIX_OPTIONS)}"
            case _:
                module = random.choice(["pam_permit.so", "pam_deny.so", "pam_env.so", "pam_nope.so"])
        rules.append(f"auth {random.choice(_CONTROLS)} {module}\n")
    pieces = ["password"]
    pieces += ["google"] if any("google" in rule for rule in rules) else []
    pieces += ["oath", "pin"] if any("pam_oath" in rule for rule in rules) else []
    texts = tokens.all_texts(pieces)
    # pam_oath cuts the end off, a right one or not, and the rest is kept
    texts += [("password", "junk")] if "pin" in pieces else []
    return "".join(rules), texts


def _compare(folder: Path, seed: int, count: int) -> None:
    random, known = Random(seed), Secrets()
    bench = _bench(folder, known)
    stacks = {f"s{number}": _stack(random) for number in range(count)}
    bench.plant({name: text for name, (text, _) in stacks.items()})
    texts = {name: each for name, (_, each) in stacks.items()}
    opened = {Conversation.EACH: bench.opened(texts), Conversation.ONE: bench.opened_by_one(texts)}
    conf = bench.conf(_contents(), (f"{PLACE}/none", f"{PLACE}/oath-missing"))
    wrong, doubtful, judged = [], 0, 0
    for name, (text, _) in stacks.items():
        files: dict[str, bytes | None] = {f"/etc/pam.d/{name}": text.encode()}
        for conversation, seen in opened.items():
            told = auth_stage(
                read(files, name, debian=True), bench.person(), Source("*"), conf, conversation=conversation
            )
            ways = seen[name]
            if ways is None:
                continue
            judged += 1
            doubtful += bool(told.possible)
            if not _agrees(told, tokens.minimal(ways)):
                wrong.append((text, conversation, told, tokens.minimal(ways)))
    assert wrong == []
    # what is in doubt: which version of pam_oath says what of an account without a line
    assert doubtful < judged / 5
    assert judged > count


def _agrees(told: Credentials, seen: set[frozenset[str]]) -> bool:
    """All that is sure is so, and nothing is so that is not at least possible."""
    sure, possible = {one.given for one in told.sets}, {one.given for one in told.possible}
    if not possible:
        return seen == sure
    return all(any(one <= given for one in seen) for given in sure) and all(
        any(given <= one for given in sure | possible) for one in seen
    )


def test_random_stacks_of_real_modules_open_with_what_we_say(tmp_path: Path) -> None:
    _compare(tmp_path, seed=1, count=30)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, 7))
def test_hundreds_of_stacks_of_real_modules_open_with_what_we_say(tmp_path: Path, seed: int) -> None:
    _compare(tmp_path, seed, count=60)
