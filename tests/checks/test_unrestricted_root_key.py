from __future__ import annotations

import pytest
from hygiene_checks.unrestricted_root_key import UnrestrictedRootKey
from scenarios import Found, ask

KEY = "key SHA256:ops"
WITHOUT = "by lines without from=, command= or restrict"
ROOT = "grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes"


def found(message: str, hosts: int, total: int, *places: str, confidence: str = "high") -> list[Found]:
    words = f"1 key opens root on {message} {WITHOUT}"
    return [Found("low", confidence, KEY, words, {"root_hosts": hosts}, total, places)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(
            """
            hosts: host=web1 tenant=acme
            hosts: host=web3 status=unreachable
            grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes line=3
            grants: host=web1 account=toor fingerprint=SHA256:ops opens_root=yes line=4 options=no-pty
            grants: host=web2 account=root fingerprint=SHA256:ops opens_root=yes
            """,
            found(
                "2 of 3 hosts",
                2,
                3,
                "SHA256:ops web1 acme root .ssh/authorized_keys 3 sshd True",
                "SHA256:ops web1 acme toor .ssh/authorized_keys 4 sshd True",
            ),
            id="hosts are counted, not lines; no-pty alone is no limit that counts",
        ),
        pytest.param(f"{ROOT} restricted=yes from_patterns=10.0.0.1", [], id="a from= that limits"),
        pytest.param(
            f"{ROOT} from_patterns=* marks=from-everyone",
            found("1 of 1 host", 1, 1, "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True"),
            id="a from= that keeps nobody out is none",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops opens_root=no restricted=yes command=/bin/id",
            [],
            id="a forced command does not open root",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops opens_root=unknown restricted=yes command=/bin/id",
            [],
            id="a forced command limits also where root is not known",
        ),
        pytest.param(f"{ROOT} options=restrict", [], id="restrict"),
        pytest.param(f"{ROOT} options=no-pty,RESTRICT,pty", [], id="options are case-insensitive"),
        pytest.param(
            f"{ROOT} options=environment=restrict",
            found("1 of 1 host", 1, 1, "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True"),
            id="restrict as a part of another option is none",
        ),
        pytest.param(
            f"{ROOT} options=restrict line=1\n{ROOT} line=2",
            found("1 of 1 host", 1, 1, "SHA256:ops web1 root .ssh/authorized_keys 2 sshd True"),
            id="of two lines for one key the free one",
        ),
        pytest.param(
            f"{ROOT}\ngrants: host=web2 account=adm fingerprint=SHA256:ops opens_root=unknown",
            found(
                "2 of 2 hosts (1 of them not proven)",
                2,
                2,
                "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True",
                "SHA256:ops web2 adm .ssh/authorized_keys 1 sshd False",
            ),
            id="what is not known counts, and is said",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops accepted=unknown opens_root=unknown",
            found(
                "1 of 1 host (1 of them not proven)",
                1,
                1,
                "SHA256:ops web1 root .ssh/authorized_keys 1 sshd False",
                confidence="medium",
            ),
            id="where nothing is proven, confidence drops",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops accepted=unknown opens_root=yes",
            found(
                "1 of 1 host (1 of them not proven)",
                1,
                1,
                "SHA256:ops web1 root .ssh/authorized_keys 1 sshd False",
                confidence="medium",
            ),
            id="root for certain, by a line of which it is not known whether it lets in",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops accepted=no opens_root=unknown", [], id="a dead line"
        ),
        pytest.param("grants: host=web1 fingerprint=SHA256:ops", [], id="no root"),
        pytest.param(f"{ROOT} is_authority=yes", [], id="an authority has a check of its own"),
        pytest.param(
            f"hosts: host=web1 login_user=root login_fingerprint=SHA256:ops\n{ROOT}",
            [],
            id="our own key has a check of its own",
        ),
        pytest.param(
            f"hosts: host=web1 login_user=audit login_fingerprint=SHA256:ops\n{ROOT}",
            found("1 of 1 host", 1, 1, "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True"),
            id="our own key for another account than ours is judged like any key",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(UnrestrictedRootKey(), rows) == expected


def test_a_key_that_the_policy_names_as_the_auditors_is_left_out() -> None:
    assert ask(UnrestrictedRootKey(), ROOT, auditor_keys=["SHA256:ops"]) == []


def test_a_policy_that_tolerates_one_host() -> None:
    rows = f"{ROOT}\ngrants: host=web{{1..2}} account=root fingerprint=SHA256:wide opens_root=yes"

    assert [found.subject for found in ask(UnrestrictedRootKey(low=2), rows)] == ["key SHA256:wide"]
