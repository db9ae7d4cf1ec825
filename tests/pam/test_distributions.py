"""What sshd's stacks of distributions, as they are shipped, take of an account of the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hygiene.model import PasswordState, Truth
from hygiene.openssh.connection import Source
from hygiene.pam.account import account_stage
from hygiene.pam.auth import auth_stage
from hygiene.pam.question import Conversation
from hygiene.pam.stack import read

from .distributions import DEBIAN_AUTH, RHEL_7, RHEL_FAILLOCK, RHEL_MINIMAL, SSSD, debian, rhel, suse
from .test_account import ALICE, QUIET, RHEL_CONF

FROM = Source("*", address="192.0.2.1")
WORD, NOTHING = [frozenset({"password"})], [frozenset[str]()]


@pytest.mark.parametrize("conversation", Conversation)
@pytest.mark.parametrize(
    ("files", "empty"),
    [
        pytest.param(debian(), NOTHING, id="debian"),
        pytest.param(debian(DEBIAN_AUTH + "auth optional pam_cap.so\n"), NOTHING, id="ubuntu-with-capabilities"),
        pytest.param(debian(DEBIAN_AUTH.replace(" nullok", "")), [], id="debian-without-nullok"),
        pytest.param(rhel(RHEL_MINIMAL), NOTHING, id="rhel-9-minimal"),
        pytest.param(rhel(RHEL_FAILLOCK), [], id="rhel-with-faillock-without-nullok"),
        pytest.param(rhel(RHEL_7), NOTHING, id="rhel-7"),
        pytest.param(suse(), [], id="opensuse"),
    ],
)
def test_the_password_opens_and_nothing_else(
    files: dict[str, bytes | None], empty: list[frozenset[str]], conversation: Conversation
) -> None:
    stacks = read({f"/etc/pam.d/{name}": data for name, data in files.items()}, "sshd")

    def takes(state: PasswordState) -> tuple[list[frozenset[str]], str | None]:
        person = replace(ALICE, password=state)
        found = auth_stage(stacks, person, FROM, QUIET, allow_empty=True, conversation=conversation)
        return [passed.given for passed in found.sets], found.doubt

    states = (PasswordState.SET, PasswordState.EMPTY, PasswordState.LOCKED)
    assert [takes(state) for state in states] == [(WORD, None), (empty, None), ([], None)]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(debian(), id="debian"),
        pytest.param(rhel(RHEL_MINIMAL), id="rhel-9-minimal"),
        pytest.param(rhel(RHEL_FAILLOCK), id="rhel-with-faillock"),
        pytest.param(rhel(RHEL_7), id="rhel-7"),
        pytest.param(rhel(SSSD), id="sssd"),
        pytest.param(suse(), id="opensuse"),
    ],
)
def test_the_account_stage_lets_local_accounts_pass(files: dict[str, bytes | None]) -> None:
    stacks = read({f"/etc/pam.d/{name}": data for name, data in files.items()}, "sshd")
    assert account_stage(stacks, ALICE, FROM, RHEL_CONF).answer is Truth.YES


@pytest.mark.real_sshd
def test_debian_as_it_is_installed(lab_tree: Path) -> None:
    files = {str(path): path.read_bytes() for path in (lab_tree / "etc/pam.d").iterdir()}
    stacks = read({f"/etc/pam.d/{Path(path).name}": data for path, data in files.items()}, "sshd", debian=True)
    person = replace(ALICE, password=PasswordState.SET)
    found = auth_stage(stacks, person, FROM, QUIET)
    assert ([passed.given for passed in found.sets], found.possible) == (WORD, ())
