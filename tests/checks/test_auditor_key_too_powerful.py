from __future__ import annotations

import pytest
from hygiene_checks.auditor_key_too_powerful import AuditorKeyTooPowerful
from scenarios import Found, ask

KEY = "key SHA256:audit"
LOOSE = "by lines that lack a forced command, restrict or from="
ROOT = """
hosts: host=web{1..2} tenant=acme login_user=root login_fingerprint=SHA256:audit
hosts: host=db1
accounts: host=web{1..2} account=root uid=0 root_by=uid0
"""
OWN = "grants: host=web{1..2} account=root fingerprint=SHA256:audit"


def found(message: str, hosts: int, *first: str, confidence: str = "high") -> list[Found]:
    return [Found("medium", confidence, KEY, f"the auditor's key {message}", {"root_hosts": hosts}, hosts, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="no line of ours was seen"),
        pytest.param(
            f"{OWN} opens_root=yes",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd False True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd False True",
            ),
            id="an ordinary line",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c options=restrict,command from_patterns=10.0.0.1",
            [],
            id="forced command, restrict and from=",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c options=Restrict from_patterns=10.0.0.1",
            [],
            id="options are case-insensitive",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c from_patterns=10.0.0.1",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd /bin/c False ['10.0.0.1'] True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd /bin/c False ['10.0.0.1'] True",
            ),
            id="restrict is missing: it forwards ports as root",
        ),
        pytest.param(
            f"{OWN} opens_root=yes restricted=yes options=restrict from_patterns=10.0.0.1",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd True ['10.0.0.1'] True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd True ['10.0.0.1'] True",
            ),
            id="the forced command is missing",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c options=restrict from_patterns=*",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd /bin/c True ['*'] True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd /bin/c True ['*'] True",
            ),
            id="a from= that limits nothing",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c options=restrict from_patterns=::/0",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd /bin/c True ['::/0'] True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd /bin/c True ['::/0'] True",
            ),
            id="a from= that lets in all of IPv6",
        ),
        pytest.param(
            f"{OWN} opens_root=no restricted=yes command=/bin/c options=restrict",
            found(
                f"enters root on 2 of 3 hosts {LOOSE}",
                2,
                "SHA256:audit web1 acme root .ssh/authorized_keys 1 sshd /bin/c True True",
                "SHA256:audit web2 acme root .ssh/authorized_keys 1 sshd /bin/c True True",
            ),
            id="no from= at all",
        ),
        pytest.param(f"{OWN} opens_root=no accepted=no", [], id="a dead line"),
        pytest.param(
            "grants: host=web{1..2} account=deploy fingerprint=SHA256:audit opens_root=yes",
            [],
            id="our key for another account is for the other checks",
        ),
    ],
)
def test_root_login(rows: str, expected: list[Found]) -> None:
    assert ask(AuditorKeyTooPowerful(), ROOT + rows) == expected


@pytest.mark.parametrize(
    ("root_by", "opens_root", "expected"),
    [
        pytest.param("none", "no", [], id="an account without rights, by any line"),
        pytest.param(
            "sudo",
            "yes",
            found(
                f"enters root on 1 of 1 host {LOOSE}",
                1,
                "SHA256:audit web1 audit .ssh/authorized_keys 1 sshd False True",
            ),
            id="everything by sudo",
        ),
        pytest.param(
            "unknown",
            "unknown",
            found(
                f"enters root on 1 of 1 host (1 of them not proven) {LOOSE}",
                1,
                "SHA256:audit web1 audit .ssh/authorized_keys 1 sshd False False",
                confidence="medium",
            ),
            id="what sudo allows is not known",
        ),
    ],
)
def test_login_as_an_ordinary_account(root_by: str, opens_root: str, expected: list[Found]) -> None:
    rows = f"""
    hosts: host=web1 login_user=audit login_fingerprint=SHA256:audit
    accounts: host=web1 account=audit root_by={root_by}
    grants: host=web1 account=audit fingerprint=SHA256:audit opens_root={opens_root}
    """

    assert ask(AuditorKeyTooPowerful(), rows) == expected


def test_a_key_that_the_policy_names_is_judged_wherever_it_opens() -> None:
    rows = "grants: host=web{1..2} account=root fingerprint=SHA256:named opens_root=yes"

    assert ask(AuditorKeyTooPowerful(), rows) == []
    assert [
        (found.subject, found.measure)
        for found in ask(AuditorKeyTooPowerful(), rows, auditor_keys=["SHA256:named", "SHA256:elsewhere"])
    ] == [("key SHA256:named", {"root_hosts": 2})]


@pytest.mark.parametrize(
    ("check", "hosts", "severity"),
    [
        pytest.param(AuditorKeyTooPowerful(), 99, ["medium"], id="below high"),
        pytest.param(AuditorKeyTooPowerful(), 100, ["high"], id="from 100 high"),
        pytest.param(AuditorKeyTooPowerful(medium=10), 9, [], id="a policy that tolerates nine"),
    ],
)
def test_thresholds(check: AuditorKeyTooPowerful, hosts: int, severity: list[str]) -> None:
    rows = f"""
    hosts: host=web{{1..{hosts}}} login_user=root login_fingerprint=SHA256:audit
    grants: host=web{{1..{hosts}}} account=root fingerprint=SHA256:audit opens_root=yes
    """

    assert [found.severity for found in ask(check, rows)] == severity
