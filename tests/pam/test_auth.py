"""Which credentials the auth stage takes: our minimal sets, also against logins that libpam lets through."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from hygiene.model import PasswordState
from hygiene.openssh.connection import Source
from hygiene.pam.auth import Credentials, Pass, auth_stage
from hygiene.pam.question import Person
from hygiene.pam.stack import read

from . import real, stacks
from .distributions import DEBIAN_AUTH, RHEL_FAILLOCK, SSSD, debian, rhel
from .hosts import Host
from .real import Ask
from .test_account import ALICE, QUIET, host

NOTHING, WORD = frozenset[str](), frozenset({"password"})
NOBODY = Credentials(())
EVERYBODY = Credentials((Pass(NOTHING),))
PASSWORD = Credentials((Pass(WORD),))
WITH_PASSWORD = replace(ALICE, password=PasswordState.SET)
CODE = "auth required pam_foo.so\n"  # a module of which nothing is known


def maybe(doubt: str, *possible: frozenset[str], sets: tuple[frozenset[str], ...] = ()) -> Credentials:
    return Credentials(tuple(map(Pass, sets)), tuple(map(Pass, possible)), doubt)


def doubted(line: str, *possible: frozenset[str], sets: tuple[frozenset[str], ...] = ()) -> Credentials:
    return maybe(f"{line}: what pam_foo.so says is not known", *possible, sets=sets)


def sshd(text: str, **others: str) -> dict[str, bytes | None]:
    return {"sshd": text.encode(), **{name: data.encode() for name, data in others.items()}}


def having(state: PasswordState) -> Person:
    return replace(ALICE, password=state)


UNIX = "auth required pam_unix.so nullok\n"


@pytest.mark.parametrize(
    ("files", "person", "allow_empty", "expected"),
    [
        pytest.param(debian(), WITH_PASSWORD, False, PASSWORD, id="debian"),
        pytest.param(debian(), having(PasswordState.LOCKED), False, NOBODY, id="debian-locked"),
        pytest.param(debian(), having(PasswordState.NONE), True, NOBODY, id="debian-without-password"),
        pytest.param(debian(), having(PasswordState.EMPTY), True, EVERYBODY, id="empty-password"),
        pytest.param(debian(), having(PasswordState.EMPTY), False, NOBODY, id="empty-password-that-sshd-forbids"),
        pytest.param(
            debian(DEBIAN_AUTH.replace(" nullok", "")),
            having(PasswordState.EMPTY),
            True,
            NOBODY,
            id="empty-password-without-nullok",
        ),
        pytest.param(
            debian(),
            having(PasswordState.UNKNOWN),
            False,
            maybe("/etc/pam.d/common-auth:1: the state of the password is not known", WORD),
            id="password-not-seen",
        ),
        pytest.param(rhel(RHEL_FAILLOCK), WITH_PASSWORD, False, PASSWORD, id="rhel-with-faillock"),
        pytest.param(
            rhel(SSSD),
            WITH_PASSWORD,
            False,
            PASSWORD,
            id="a-directory-too-wants-a-password",
        ),
        pytest.param(sshd(UNIX + CODE), WITH_PASSWORD, False, doubted("/etc/pam.d/sshd:2", WORD), id="code-behind"),
        pytest.param(
            sshd(UNIX.replace("required", "sufficient") + CODE),
            WITH_PASSWORD,
            False,
            doubted("/etc/pam.d/sshd:2", NOTHING, sets=(WORD,)),
            id="sufficient-password-or-code",
        ),
        pytest.param(
            sshd("auth [success=1 default=ignore] pam_unix.so\n" + CODE + "auth required pam_permit.so\n"),
            WITH_PASSWORD,
            False,
            doubted("/etc/pam.d/sshd:2", NOTHING, sets=(WORD,)),
            id="jump-over-the-code",
        ),
        pytest.param(
            sshd("auth include enough\n" + CODE, enough=RHEL_FAILLOCK),
            WITH_PASSWORD,
            False,
            PASSWORD,
            id="sufficient-in-an-include-skips-the-code",
        ),
        pytest.param(
            sshd("auth substack enough\n" + CODE, enough=RHEL_FAILLOCK),
            WITH_PASSWORD,
            False,
            doubted("/etc/pam.d/sshd:2", WORD),
            id="not-in-a-substack",
        ),
        pytest.param(
            # a password to change is an answer, too, and one that `optional` hands on
            sshd(UNIX + CODE.replace("required", "optional")),
            WITH_PASSWORD,
            False,
            doubted("/etc/pam.d/sshd:2", WORD),
            id="optional-code",
        ),
        pytest.param(
            sshd("auth [success=done default=ignore] pam_succeed_if.so user ingroup ops\n" + UNIX + CODE),
            WITH_PASSWORD,
            False,
            EVERYBODY,
            id="exempt-group",
        ),
        pytest.param(
            sshd("auth [success=1 default=ignore] pam_succeed_if.so user ingroup ops\n" + CODE + UNIX),
            WITH_PASSWORD,
            False,
            PASSWORD,
            id="group-exempt-from-the-code",
        ),
        pytest.param(sshd("auth required pam_permit.so\n"), ALICE, False, EVERYBODY, id="permit"),
        pytest.param(sshd("auth required pam_deny.so\n"), WITH_PASSWORD, False, NOBODY, id="deny"),
        pytest.param(
            sshd("auth [success=bad default=ignore] pam_unix.so\n" + UNIX), WITH_PASSWORD, False, NOBODY,
            id="one-answer-for-all-prompts",
        ),
        pytest.param(
            sshd("auth required pam_unix.so use_first_pass\n"),
            WITH_PASSWORD,
            False,
            NOBODY,
            id="nobody-asked",
        ),
        pytest.param(
            {"sshd": None}, ALICE, False, maybe("/etc/pam.d/sshd could not be read", NOTHING), id="unread"
        ),
        pytest.param(sshd("@include missing\n"), ALICE, False, NOBODY, id="pam-does-not-start"),
    ],
)  # fmt: skip
def test_minimal_sets(files: dict[str, bytes | None], person: Person, allow_empty: bool, expected: Credentials) -> None:
    assert auth_stage(read(host(files)), person, Source("*"), QUIET, allow_empty=allow_empty) == expected


def _stack(random: Random, included: bool) -> str:
    rules = []
    for _ in range(random.randint(1, 4)):
        control = random.choice(
            [
                "required",
                "requisite",
                "sufficient",
                "optional",
                "[success=1 default=ignore]",
                "[success=bad default=ignore]",
                "[success=done default=die]",
                "[success=2 default=1]",
                "[success=ok default=reset]",
            ]
        )
        module = random.choice(
            [
                "pam_unix.so nodelay",
                "pam_unix.so nodelay nullok",
                "pam_unix.so nodelay try_first_pass",
                "pam_permit.so",
                "pam_deny.so",
                "pam_succeed_if.so uid >= 1000",
                "pam_succeed_if.so user = bob",
                "pam_env.so",
                "pam_faildelay.so delay=0",
            ]
        )
        rules.append(f"auth {control} {module}\n")
    if included:
        rules.insert(random.randrange(len(rules) + 1), f"auth {random.choice(['include', 'substack'])} @/part\n")
    return "".join(rules)


@pytest.mark.real_sshd
def test_random_stacks_open_with_what_we_say(tmp_path: Path) -> None:
    _try_all(tmp_path, seed=5, count=40)


@pytest.mark.prove
@pytest.mark.real_sshd
@pytest.mark.parametrize("seed", range(6, 10))
def test_hundreds_of_random_stacks_open_with_what_we_say(tmp_path: Path, seed: int) -> None:
    _try_all(tmp_path, seed, count=500)


def _try_all(tmp_path: Path, seed: int, count: int) -> None:
    """Every set of credentials is really tried: the right password, and a wrong one."""
    random = Random(seed)
    right, wrong = f"{random.getrandbits(64):x}", f"{random.getrandbits(64):x}"
    made = subprocess.run(
        ["openssl", "passwd", "-5", "-salt", "salt", "-stdin"], input=right, capture_output=True, text=True, check=True
    )
    planted = Host(shadow={"alice": (1, 0, 99999, 7, "", "")}, hashes={"alice": made.stdout.strip()})
    services = tmp_path / "pam.d"
    services.mkdir()
    files = {"other": stacks.OTHER}
    names = [f"s{number}" for number in range(count)]
    for name in names:
        files[f"{name}-part"] = _stack(random, included=False).encode()
        files[name] = _stack(random, included=random.random() < 0.5).replace("@/part", f"@/{name}-part").encode()
    real.plant(services, files)
    asks = [Ask(name, "auth", "alice", "192.0.2.7", answer) for name in names for answer in (wrong, right)]
    codes = real.answers(services, asks, planted.plant(tmp_path / "host"))
    opened = {(ask.service, ask.answer == right): code == 0 for ask, code in zip(asks, codes, strict=True)}
    person = replace(planted.person("alice"), password=PasswordState.SET)
    wrong_sets = []
    for name in names:
        told = auth_stage(read(stacks.in_pam_d(files), name, debian=True), person, Source("*"), planted.conf())
        tried = {NOTHING: opened[name, False], WORD: opened[name, True]}
        seen = [given for given, passed in tried.items() if passed]
        if told != Credentials(tuple(map(Pass, seen[:1]))):
            wrong_sets.append((files[name].decode(), told, tried))
    assert wrong_sets == []
    assert len(set(opened.values())) == 2
