from __future__ import annotations

import pytest
from hygiene_checks.hash_shared import HashShared
from scenarios import Found, ask

from hygiene.testing.planting import findings, rows_of

A, B, C = (f"digest={digits} digest_key=77" for digits in ("0a1b", "2c3d", "4e5f"))


def found(
    severity: str, subject: str, measure: tuple[int, int], message: str, *first: str, total: int | None = None
) -> Found:
    hosts, accounts = measure
    return Found(severity, "high", subject, message, {"hosts": hosts, "accounts": accounts}, total or accounts, first)


@pytest.mark.parametrize(
    ("rows", "check", "expected"),
    [
        pytest.param("hosts: host=web1", HashShared(), [], id="no row"),
        pytest.param(
            f"host_hashes: host=web1 account=root {A}\nhost_hashes: host=web2 account=root {B}",
            HashShared(),
            [],
            id="all differ",
        ),
        pytest.param(
            "host_hashes: host=web{1..3} account=root\nhost_hashes: host=web{4..6} account=root digest_key=77",
            HashShared(),
            [],
            id="what has no digest is not compared",
        ),
        pytest.param(
            "host_hashes: host=web1 account=root digest=0a1b digest_key=77\n"
            "host_hashes: host=web2 account=root digest=0a1b digest_key=88",
            HashShared(),
            [],
            id="digests of two keys say nothing of each other",
        ),
        pytest.param(
            f"""
            accounts: host=web{{1..4}} account=toor uid=0
            host_hashes: host=web{{1..3}} account=toor {A}
            host_hashes: host=web4 account=toor {B}
            """,
            HashShared(),
            [
                found(
                    "critical",
                    "account toor",
                    (3, 3),
                    "3 accounts on 3 of 4 hosts have one password hash: it was copied",
                    "toor web1 toor 0 yescrypt j9T set 1 3",
                    "toor web2 toor 0 yescrypt j9T set 1 3",
                )
            ],
            id="root by whatever name",
        ),
        pytest.param(
            f"accounts: host=web{{1..2}} account=root uid=0\nhost_hashes: host=web{{1..2}} account=root {A}",
            HashShared(min_hosts=3),
            [
                found(
                    "high",
                    "account root",
                    (2, 2),
                    "2 accounts on 2 of 2 hosts have one password hash: it was copied",
                    "root web1 root 0 yescrypt j9T set 1 2",
                    "root web2 root 0 yescrypt j9T set 1 2",
                )
            ],
            id="how many hosts are many is a parameter",
        ),
        pytest.param(
            f"accounts: host=web{{1..2}} account=ubuntu\nhost_hashes: host=web{{1..2}} account=ubuntu scheme=nt {A}",
            HashShared(),
            [
                found(
                    "high",
                    "account ubuntu",
                    (2, 2),
                    "2 accounts on 2 of 2 hosts have one password hash: equal passwords without a salt",
                    "ubuntu web1 ubuntu 1000 nt j9T set 1 2",
                    "ubuntu web2 ubuntu 1000 nt j9T set 1 2",
                )
            ],
            id="without a salt it need not be a copy",
        ),
        pytest.param(
            f"host_hashes: host=web1 account=anna {A}\nhost_hashes: host=web1 account=eve {A} state=locked-hash",
            HashShared(),
            [
                found(
                    "medium",
                    f"account {name}",
                    (1, 2),
                    "2 accounts on 1 of 1 host have one password hash: it was copied; 1 of them under another name; "
                    "1 of them locked",
                    f"{name} web1 anna yescrypt j9T set 1 2",
                    f"{name} web1 eve yescrypt j9T locked-hash 1 2",
                )
                for name in ("anna", "eve")
            ],
            id="two names of one host, one of them locked",
        ),
        pytest.param(
            f"accounts: host=web{{1..2}} account=root uid=0\n"
            f"host_hashes: host=web{{1..2}} account=root {A} state=locked-hash",
            HashShared(),
            [
                found(
                    "medium",
                    "account root",
                    (2, 2),
                    "2 accounts on 2 of 2 hosts have one password hash: it was copied; 2 of them locked",
                    "root web1 root 0 yescrypt j9T locked-hash 1 2",
                    "root web2 root 0 yescrypt j9T locked-hash 1 2",
                )
            ],
            id="a locked root is not critical",
        ),
        pytest.param(
            f"""
            host_hashes: host=web{{1..3}} account=anna {B}
            host_hashes: host=web{{4..5}} account=anna {A}
            host_hashes: host=web6 account=anna {C}
            """,
            HashShared(),
            [
                found(
                    "high",
                    "account anna",
                    (5, 5),
                    "5 accounts on 5 of 6 hosts have 2 password hashes between them, 3 of them the same one: copied",
                    "anna web1 anna yescrypt j9T set 1 3",
                    "anna web2 anna yescrypt j9T set 1 3",
                )
            ],
            id="several copies under one name, the largest first",
        ),
        pytest.param(
            f"""
            hosts: host=web{{1..2}}
            accounts: host=web1 account=root uid=0
            host_hashes: host=web1 account=root {A}
            list_hashes: list=web1.shadow host=web1 account=root {A}
            """,
            HashShared(),
            [],
            id="a file of a host that was read tells of the same account",
        ),
        pytest.param(
            f"""
            accounts: host=web1 account=root uid=0
            host_hashes: host=web1 account=root {A}
            list_hashes: list=old.shadow row=7 account=root {A}
            """,
            HashShared(),
            [
                found(
                    "critical",
                    "account root",
                    (2, 2),
                    "2 accounts on 1 of 1 host and in 1 list have one password hash: it was copied",
                    "root web1 root 0 yescrypt j9T set 1 2",
                    "root old.shadow 7 root yescrypt j9T set 1 2",
                )
            ],
            id="a file of nobody is a place of its own",
        ),
        pytest.param(
            f"list_hashes: list=dump row={{1..3}} {A}",
            HashShared(),
            [
                found(
                    "high",
                    "list dump",
                    (1, 3),
                    "3 accounts in 1 list have one password hash: it was copied",
                    "dump dump 1 yescrypt j9T set 1 3",
                    "dump dump 2 yescrypt j9T set 1 3",
                )
            ],
            id="lines without an account",
        ),
    ],
)
def test_findings(rows: str, check: HashShared, expected: list[Found]) -> None:
    assert ask(check, rows) == expected


def test_no_digest_is_told() -> None:
    """Neither in a finding nor among the columns of its places."""
    rows = rows_of(f"host_hashes: host=web{{1..2}} account=root {A}\nlist_hashes: list=x row=1 account=root {A}")
    (finding,) = findings(HashShared(), rows)
    assert "0a1b" not in repr(finding)
    assert "digest" not in finding.places.sql.rpartition("SELECT")[2]
