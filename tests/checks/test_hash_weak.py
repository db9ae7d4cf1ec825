from __future__ import annotations

import pytest
from hygiene_checks.hash_weak import HashWeak
from scenarios import Found, ask


def found(severity: str, subject: str, accounts: int, message: str, *first: str, total: int | None = None) -> Found:
    return Found(severity, "high", subject, message, {"accounts": accounts}, total or accounts, first)


@pytest.mark.parametrize(
    ("rows", "check", "expected"),
    [
        pytest.param("hosts: host=web1", HashWeak(), [], id="no row"),
        pytest.param(
            """
            host_hashes: host=web1 account=root
            host_hashes: host=web1 account=anna scheme=sha512crypt cost=rounds=5000
            host_hashes: host=web1 account=bob scheme=bcrypt cost=10
            host_hashes: host=web1 account=eve state=locked
            host_hashes: host=web1 account=max state=none
            """,
            HashWeak(),
            [],
            id="what is set up today is clean",
        ),
        pytest.param(
            """
            host_hashes: host=web1 account=root
            host_hashes: host=web1 account=anna scheme=sha512crypt cost=rounds=5000
            host_hashes: host=web1 account=bob scheme=bcrypt cost=10
            """,
            HashWeak(profile="strict"),
            [
                found(
                    "medium",
                    "host web1",
                    2,
                    "2 accounts have a weak password hash "
                    "(1 bcrypt of too low a cost, 1 sha512crypt of too low a cost)",
                    "web1 anna set sha512crypt rounds=5000 cheap False",
                    "web1 bob set bcrypt 10 cheap False",
                )
            ],
            id="the profile decides, not what is stored",
        ),
        pytest.param(
            """
            host_hashes: host=web1 account=anna scheme=des cost=
            host_hashes: host=web2 account=anna scheme=yescrypt cost=j75 changed_at=2019-03-04
            host_hashes: host=web2 account=bob scheme=yescrypt cost=j75 changed_at=2018-01-02
            """,
            HashWeak(),
            [
                found(
                    "high",
                    "host web1",
                    1,
                    "1 account has a weak password hash (1 des)",
                    "web1 anna set des  broken False",
                ),
                found(
                    "medium",
                    "host web2",
                    2,
                    "2 accounts have a weak password hash (2 yescrypt of too low a cost); the oldest of these was set "
                    "on 2018-01-02",
                    "web2 anna set yescrypt j75 cheap 2019-03-04T00:00:00Z False",
                    "web2 bob set yescrypt j75 cheap 2018-01-02T00:00:00Z False",
                ),
            ],
            id="one finding for each host",
        ),
        pytest.param(
            "host_hashes: host=web1 account=anna scheme=md5 state=locked-hash cost=",
            HashWeak(),
            [
                found(
                    "medium",
                    "host web1",
                    1,
                    "1 account has a weak password hash (1 md5), 1 of them locked",
                    "web1 anna locked-hash md5  broken False",
                )
            ],
            id="behind a lock a broken one is one step less",
        ),
        pytest.param(
            "host_hashes: host=web1 account=anna cost=j75 state=locked-hash",
            HashWeak(),
            [
                found(
                    "low",
                    "host web1",
                    1,
                    "1 account has a weak password hash (1 yescrypt of too low a cost), 1 of them locked",
                    "web1 anna locked-hash yescrypt j75 cheap False",
                )
            ],
            id="behind a lock a cheap one is one step less",
        ),
        pytest.param(
            """
            host_hashes: host=web1 account=anna state=empty scheme= cost=
            host_hashes: host=web1 account=eve scheme=other cost=
            """,
            HashWeak(),
            [
                found(
                    "medium",
                    "host web1",
                    1,
                    "1 account has an empty password; 1 account has a hash of unknown worth",
                    "web1 anna empty   empty False",
                )
            ],
            id="an empty password, and beside it what is not understood",
        ),
        pytest.param("host_hashes: host=web1 account=eve scheme=other cost=", HashWeak(), [], id="unknown alone"),
        pytest.param("host_hashes: host=web1 cost=wild=;", HashWeak(), [], id="a cost that is none is unknown"),
        pytest.param(
            "host_hashes: host=web1 account=anna changed_at=2016-06-01",
            HashWeak(),
            [],
            id="by default no age is too old",
        ),
        pytest.param(
            """
            host_hashes: host=web1 account=anna changed_at=2025-05-31
            host_hashes: host=web1 account=bob changed_at=2025-06-02
            host_hashes: host=web1 account=eve
            host_hashes: host=web1 account=max changed_at=2016-06-01 state=locked-hash
            """,
            HashWeak(max_age_days=365),
            [
                found(
                    "low",
                    "host web1",
                    1,
                    "1 account has a password older than 365 days",
                    "web1 anna set yescrypt j9T 2025-05-31T00:00:00Z False",
                )
            ],
            id="old by the day on which the host was read",
        ),
        pytest.param(
            """
            hosts: host=web1
            list_hashes: list=shadow row=3 account=anna scheme=nt cost=
            list_hashes: list=shadow row=2 account=bob state=empty scheme= cost=
            list_hashes: list=shadow row=1 account=root
            """,
            HashWeak(),
            [
                found(
                    "high",
                    "list shadow",
                    2,
                    "1 account has a weak password hash (1 nt); 1 account has an empty password",
                    "shadow 2 bob empty   empty False",
                    "shadow 3 anna set nt  broken False",
                )
            ],
            id="a file of hashes is a subject of its own",
        ),
    ],
)
def test_findings(rows: str, check: HashWeak, expected: list[Found]) -> None:
    assert ask(check, rows) == expected
