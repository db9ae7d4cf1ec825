from __future__ import annotations

import pytest
from hygiene_checks.host_key_shared import HostKeyShared
from scenarios import Found, ask

KEYS = "host_keys: host=web{1..3} fingerprint=SHA256:image\n"


def found(hosts: int, machines: int, *first: str) -> list[Found]:
    message = f"1 host key is shown by {hosts} hosts, at least {machines} different machines"
    return [Found("high", "high", "key SHA256:image", message, {"hosts": hosts}, hosts, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(
            "hosts: host=web{1..3} machine_id=m{1..3}\n host_keys: host=web{1..3} fingerprint=SHA256:own{1..3}",
            [],
            id="each machine has its own",
        ),
        pytest.param(
            "hosts: host=web{1..3} tenant=acme machine_id=m{1..3}\n" + KEYS,
            found(
                3,
                3,
                "SHA256:image web1 acme web1 m1 ssh-ed25519",
                "SHA256:image web2 acme web2 m2 ssh-ed25519",
            ),
            id="different machine-ids",
        ),
        pytest.param(
            "hosts: host=web{1..3} machine_id=same boot_id=b{1..3}\n" + KEYS,
            found(
                3,
                3,
                "SHA256:image web1 web1 same b1 ssh-ed25519",
                "SHA256:image web2 web2 same b2 ssh-ed25519",
            ),
            id="copied with their machine-id, running under different boot ids",
        ),
        pytest.param(
            "hosts: host=web{1..3} machine_id=m{1..3} boot_id=kernel\n" + KEYS,
            found(
                3,
                3,
                "SHA256:image web1 web1 m1 kernel ssh-ed25519",
                "SHA256:image web2 web2 m2 kernel ssh-ed25519",
            ),
            id="containers of one kernel",
        ),
        pytest.param(
            """
            hosts: host=web{1..2} machine_id=m{1..2}
            hosts: host=web3
            """
            + KEYS,
            found(3, 2, "SHA256:image web1 web1 m1 ssh-ed25519", "SHA256:image web2 web2 m2 ssh-ed25519"),
            id="one more that shows no ids",
        ),
        pytest.param("hosts: host=web{1..3} machine_id=same boot_id=b1\n" + KEYS, [], id="one machine, several names"),
        pytest.param(KEYS, [], id="no ids prove no difference"),
        pytest.param(
            """
            hosts: host=web1 machine_id=m1
            hosts: host=web2 boot_id=b2
            """
            + KEYS,
            [],
            id="ids of different kinds prove no difference",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(HostKeyShared(), rows) == expected
