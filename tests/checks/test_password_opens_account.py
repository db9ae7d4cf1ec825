from __future__ import annotations

import pytest
from hygiene_checks.password_opens_account import PasswordOpensAccount
from scenarios import Found, ask

from hygiene.api import Share
from hygiene.testing.planting import planted, rows_of

ROOT = "accounts: host=web1 account=root root_by=uid0 password_state=set\n"
ANNA = "accounts: host=web1 account=anna password_state=set\n"
ALONE = "login_paths: host=web1 account={} methods=password kinds=password\n"
TWO = "login_paths: host=web1 account={} methods=publickey,password kinds=key,password factors=2 verdict=two\n"
KEY = "login_paths: host=web1 account={}\n"


def entry(account: str, more: str = "", tie: str = "name", host: str = "web1") -> str:
    return (
        f"password_entries: list=a.csv row=2 account={account} system={host} {more}\n"
        f"entry_accounts: list=a.csv row=2 host={host} account={account} tie={tie}\n"
    )


def found(
    severity: str, confidence: str, account: str, rest: str, how: str = "names the account", told: str = "15+ 4"
) -> Found:
    subject = account if ":" in account else f"web1:{account}"
    host, _, name = subject.rpartition(":")
    return Found(
        severity,
        confidence,
        f"account {subject}",
        f"1 entry of password lists is for {subject}{rest}",
        {"entries": 1},
        1,
        (f"{subject} a.csv 2 {name} {host} {how} {told}",),
    )


ENTERS = ", which a password alone enters"
MAY_ENTER = ", which a password alone may enter (not proven)"
BESIDE = ", which a password enters with a second factor beside it"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(ROOT + ALONE.format("root"), [], id="no entry"),
        pytest.param(
            ROOT + ALONE.format("root") + entry("root"), [found("critical", "medium", "root", ENTERS)], id="root"
        ),
        pytest.param(
            ROOT + ALONE.format("root") + entry("root", "length_band=<8 score=1"),
            [
                found(
                    "critical",
                    "medium",
                    "root",
                    f"{ENTERS}; 1 is shorter than 8 characters, 1 easy to guess",
                    told="<8 1",
                )
            ],
            id="short password, root, one factor",
        ),
        pytest.param(
            "accounts: host=web1 account=test state=locked password_state=locked\n"
            + entry("test", "length_band=<8 score=1"),
            [],
            id="the same on a disabled account",
        ),
        pytest.param(
            "accounts: host=web1 account=test state=expired password_state=set\n" + entry("test", "length_band=<8"),
            [],
            id="and on an expired one",
        ),
        pytest.param(ROOT + KEY.format("root") + entry("root"), [], id="keys alone are accepted"),
        pytest.param(
            "login_paths: host=web1 account=root methods=none kinds= factors=0\n" + ROOT + entry("root"),
            [],
            id="nothing is asked for",
        ),
        pytest.param(
            ANNA + ALONE.format("anna") + entry("anna"), [found("high", "medium", "anna", ENTERS)], id="no root"
        ),
        pytest.param(
            ANNA + KEY.format("anna") + ALONE.format("anna") + entry("anna"),
            [found("high", "medium", "anna", ENTERS)],
            id="keys too",
        ),
        pytest.param(
            ANNA.replace("password_state", "root_by=sudo password_state") + ALONE.format("anna") + entry("anna"),
            [found("critical", "medium", "anna", f" (root){ENTERS}")],
            id="root by sudo without a password",
        ),
        pytest.param(
            ANNA
            + ALONE.format("anna")
            + "root_paths: host=web1 account=anna methods=password kinds=password\n"
            + entry("anna"),
            [found("critical", "medium", "anna", f" (root){ENTERS}")],
            id="root by sudo with the same password",
        ),
        pytest.param(
            ANNA
            + ALONE.format("anna")
            + "root_paths: host=web1 account=anna methods=password kinds=code,password factors=2 verdict=two\n"
            + entry("anna"),
            [found("high", "medium", "anna", ENTERS)],
            id="sudo asks for more",
        ),
        pytest.param(
            ANNA.replace("password_state", "root_by=unknown password_state") + ALONE.format("anna") + entry("anna"),
            [found("high", "medium", "anna", f" (perhaps root by sudo, not proven){ENTERS}")],
            id="root is not known",
        ),
        pytest.param(
            ROOT + TWO.format("root") + entry("root"),
            [found("medium", "medium", "root", BESIDE)],
            id="second factor beside it",
        ),
        pytest.param(
            ROOT + ALONE.format("root").replace("\n", " condition='the server of pam_duo is away'\n") + entry("root"),
            [found("medium", "medium", "root", BESIDE)],
            id="enough only while a server is away",
        ),
        pytest.param(
            ROOT + TWO.format("root") + ALONE.format("root") + entry("root"),
            [found("critical", "medium", "root", ENTERS)],
            id="the weakest way counts",
        ),
        pytest.param(
            ROOT
            + "login_paths: host=web1 account=root methods='keyboard-interactive publickey' kinds= verdict=unknown\n"
            + entry("root"),
            [found("critical", "low", "root", MAY_ENTER)],
            id="not known whether a password alone enters",
        ),
        pytest.param(
            ROOT
            + "login_paths: host=web1 account=root methods=publickey,password kinds= verdict=unknown\n"
            + entry("root"),
            [
                found(
                    "medium",
                    "low",
                    "root",
                    ", which a password may enter with a second factor beside it (not proven)",
                )
            ],
            id="not known whether a password enters with a key",
        ),
        pytest.param(
            ROOT + "login_paths: host=web1 account=root kinds= verdict=unknown\n" + entry("root"),
            [],
            id="not known, but of keys",
        ),
        pytest.param(
            ROOT + entry("root", tie="hash"),
            [found("critical", "high", "root", "; 1 opens its hash", "opens the hash")],
            id="opens the hash of root, whatever sshd takes",
        ),
        pytest.param(
            ANNA.replace("password_state=set", "state=locked password_state=locked") + entry("anna", tie="hash"),
            [],
            id="opens a hash of an account that is locked",
        ),
        pytest.param(
            "list_hashes: list=s host=db1 account=root\npassword_lists: list=s format=shadow\n"
            + entry("root", tie="hash", host="db1"),
            [found("critical", "high", "db1:root", "; 1 opens its hash", "opens the hash")],
            id="root of a host that was not scanned",
        ),
        pytest.param(
            "list_hashes: list=s host=db1 account=root state=locked-hash\n" + entry("root", tie="hash", host="db1"),
            [],
            id="a locked hash of a host that was not scanned",
        ),
        pytest.param(
            "list_hashes: list=users account=root\npassword_lists: list=users format=htpasswd\n"
            + entry("root", tie="hash", host="users"),
            [found("high", "high", "users:root", "; 1 opens its hash", "opens the hash")],
            id="root of a web server is no root",
        ),
        pytest.param(
            ROOT.replace("web1", "2001:db8::1")
            + ALONE.format("root").replace("web1", "2001:db8::1")
            + entry("root", host="2001:db8::1"),
            [
                Found(
                    "critical",
                    "medium",
                    "account [2001:db8::1]:root",
                    f"1 entry of password lists is for [2001:db8::1]:root{ENTERS}",
                    {"entries": 1},
                    1,
                    ("[2001:db8::1]:root a.csv 2 root 2001:db8::1 names the account 15+ 4",),
                )
            ],
            id="IPv6",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordOpensAccount(), rows) == expected


def test_entries_are_counted_once_and_told_together() -> None:
    rows = (
        ROOT
        + ALONE.format("root")
        + """
        password_entries: list=a.csv row={2..1201} account=root system=web1 length_band=<8 score=0 breached=yes
        password_entries: list=b.xlsx row=3 sheet=S account=root system=web1 reasons=default score=2 group_size=2
        password_entries: list=b.xlsx row=3 sheet=T account=root system=web1
        password_entries: list=b.xlsx row=4 account=root system=web1
        entry_accounts: list=a.csv row={2..1201} host=web1 account=root
        entry_accounts: list=b.xlsx row=3 sheet=S host=web1 account=root
        entry_accounts: list=b.xlsx row=3 sheet=S host=web1 account=root tie=hash
        """
    )
    assert ask(PasswordOpensAccount(), rows) == [
        Found(
            "critical",
            "high",
            "account web1:root",
            "1,201 entries of password lists are for web1:root; 1 opens its hash, 1,200 are shorter than 8 characters, "
            "1,200 easy to guess, 1,200 known from breaches, 1 a vendor's default, 1 used elsewhere too",
            {"entries": 1201},
            1201,
            (
                "web1:root a.csv 2 root web1 names the account <8 0",
                "web1:root a.csv 3 root web1 names the account <8 0",
            ),
        )
    ]


def test_each_account_is_a_finding() -> None:
    rows = "".join(
        f"accounts: host=web{n} account=root root_by=uid0\n"
        f"login_paths: host=web{n} account=root methods=password kinds=password\n"
        f"password_entries: list=a.csv row={n} account=root system=web{n}\n"
        f"entry_accounts: list=a.csv row={n} host=web{n} account=root\n"
        for n in (1, 2)
    )
    assert [(one.subject, one.places) for one in ask(PasswordOpensAccount(), rows)] == [
        ("account web1:root", ("web1:root a.csv 1 root web1 names the account 15+ 4",)),
        ("account web2:root", ("web2:root a.csv 2 root web2 names the account 15+ 4",)),
    ]


def test_what_each_list_comes_to_over_several_accounts() -> None:
    rows = (
        ROOT
        + ALONE.format("root")
        + ANNA
        + ALONE.format("anna")
        + "accounts: host=web1 account=eve password_state=set\n"
        + TWO.format("eve")
        + """
        password_entries: list=a.csv row={2..4} account=someone system=web1
        password_entries: list=b.csv row={2..3} account=someone system=web1
        entry_accounts: list=a.csv row=2 host=web1 account=root
        entry_accounts: list=a.csv row=2 host=web1 account=root tie=hash
        entry_accounts: list=a.csv row=3 host=web1 account=root
        entry_accounts: list=b.csv row=2 host=web1 account=root
        entry_accounts: list=b.csv row=3 host=web1 account=anna
        entry_accounts: list=a.csv row=4 host=web1 account=eve
        """
    )
    with planted(rows_of(rows)) as fleet:
        found = {finding.subject.id: finding.shares for finding in PasswordOpensAccount().run(fleet)}
    assert found == {
        "web1:root": (
            Share("a.csv opens root on ", "host", "", "web1", proven=True),
            Share("b.csv holds passwords for root on ", "host", ENTERS, "web1", proven=False),
        ),
        "web1:anna": (Share("b.csv holds passwords for ", "account", ENTERS, "web1:anna", proven=False),),
        "web1:eve": (),
    }
