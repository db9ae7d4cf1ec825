"""OpenSSH's own client with the authenticator of its regression suite: what the daemon makes of touch and PIN.

The suite's tokens sign in Python (authenticator.py); here the same answers come from keys that ssh-keygen made and
ssh(1) signed with, through Debian's sk-dummy.so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import ensure_tree

pytestmark = [pytest.mark.real_sshd, pytest.mark.prove, pytest.mark.timeout(1800)]

_PROVIDER = "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"
_CONFIG = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n"
_KEYS = {"touch": "", "pin": "verify-required", "no-touch": "no-touch-required"}
# the client asks for the PIN before it signs; sk-dummy takes any
_SSH = f"""\
export SSH_ASKPASS=/usr/local/bin/pin SSH_ASKPASS_REQUIRE=force
exec ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \\
    -o SecurityKeyProvider={_PROVIDER} -o PreferredAuthentications=publickey -i /root/"$1" alice@127.0.0.1 true
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    own = RELEASES[DEFAULT]
    host = HostSpec(
        "tokens",
        accounts=[AccountSpec("alice", 1000)],
        sshd_config=_CONFIG,
        files={"/usr/local/bin/pin": File(b"#!/bin/sh\necho 0000\n", 0o755), "/root/ssh.sh": File(_SSH.encode())},
    )
    with Lab(ensure_tree(replace(own, packages=(*own.packages, "openssh-tests"))), [host]) as lab:
        for kind in ("ed25519", "ecdsa"):
            for name, option in _KEYS.items():
                made = ["ssh-keygen", "-q", "-t", f"{kind}-sk", "-w", _PROVIDER, "-N", "", "-f", f"/root/{kind}-{name}"]
                done = lab.exec_root("tokens", [*made, *(["-O", option] if option else [])])
                assert done.returncode == 0, done.stderr.decode()
        yield lab


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
@pytest.mark.parametrize(
    ("options", "settings", "expected"),
    [
        pytest.param("", "", {"touch", "pin"}, id="a touch is asked for by default"),
        pytest.param("no-touch-required", "", {"touch", "pin", "no-touch"}, id="nothing is asked for"),
        pytest.param("verify-required", "", {"pin"}, id="the PIN by the line"),
        pytest.param("", "PubkeyAuthOptions verify-required", {"pin"}, id="the PIN by the settings"),
        pytest.param(
            "no-touch-required", "PubkeyAuthOptions touch-required", {"touch", "pin"}, id="settings over line"
        ),
        pytest.param("verify-required,no-touch-required", "", {"pin"}, id="the PIN without a touch"),
    ],
)
def test_what_the_daemon_asks_of_a_security_key(
    lab: Lab, kind: str, options: str, settings: str, expected: set[str]
) -> None:
    lab.plant("tokens", {"/etc/ssh/sshd_config": File(f"{_CONFIG}{settings}\n".encode())})
    lab.restart_sshd("tokens")
    assert {name for name in _KEYS if _enters(lab, f"{kind}-{name}", options)} == expected


def _enters(lab: Lab, key: str, options: str) -> bool:
    public = lab.exec_root("tokens", ["cat", f"/root/{key}.pub"]).stdout.decode()
    line = f"{options} {public}".lstrip().encode()
    lab.plant("tokens", {"/home/alice/.ssh/authorized_keys": File(line, 0o600, 1000, 1000)})
    done = lab.exec_root("tokens", ["sh", "/root/ssh.sh", key])
    assert done.returncode in (0, 255), done.stderr.decode()
    return done.returncode == 0
