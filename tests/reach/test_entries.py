"""Which entries of password lists belong to which accounts: as lists write systems and users, and as they do not."""

from __future__ import annotations

import pytest

from hygiene.model import EntryAccount, EntryTie, HostFacts, PasswordEntry
from hygiene.reach.entries import Named, by_name, systems, tie
from hygiene.store.store import Store
from hygiene.testing.planting import plant, planted, rows_of


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("web1", [Named("web1")], id="name"),
        pytest.param(" WEB1.Example.ORG. ", [Named("web1.example.org")], id="case, blanks and the last dot"),
        pytest.param("web1:2222", [Named("web1", 2222)], id="port"),
        pytest.param("root@web1", [Named("web1", user="root")], id="user"),
        pytest.param("ssh://root:x@web1:2222/", [Named("web1", 2222, "root")], id="ssh, with a password"),
        pytest.param("https://web1.example.org:8443/x?y=@z", [Named("web1.example.org", 8443)], id="url"),
        pytest.param("//web1/share", [Named("web1")], id="url without scheme"),
        pytest.param("web1.example.org/login", [Named("web1.example.org")], id="host and path"),
        pytest.param("web1:/srv/data", [Named("web1")], id="as scp writes it"),
        pytest.param("\\\\web1\\c$", [Named("web1")], id="share"),
        pytest.param("10.0.0.1", [Named("10.0.0.1")], id="IPv4"),
        pytest.param("2001:DB8::0:1", [Named("2001:db8::1")], id="IPv6"),
        pytest.param("[2001:db8::1]:22", [Named("2001:db8::1", 22)], id="IPv6 with port"),
        pytest.param("ssh://[2001:db8::1]", [Named("2001:db8::1")], id="IPv6 in a url"),
        pytest.param(
            "web1, web2;db1\ndb2 / db3", [Named(f"{n}") for n in ("web1", "web2", "db1", "db2", "db3")], id="many"
        ),
        pytest.param("web1 (old)", [Named("web1")], id="note in brackets"),
        pytest.param("backup of db1", [], id="a title is no name"),
        pytest.param("", [], id="empty"),
        pytest.param("://, @, :, http://", [], id="nothing but signs"),
        pytest.param("[::1", [Named("[::1")], id="damaged"),
    ],
)
def test_systems(cell: str, expected: list[Named]) -> None:
    assert list(systems(cell)) == expected


HOSTS = """
hosts: host=web1 address=10.0.0.1 tenant=acme
accounts: host=web1 account=root
accounts: host=web1 account=anna
accounts: host=web1 account=Anna
accounts: host=web1 account=CORP\\\\eve
hosts: host=db1.acme.example tenant=acme
accounts: host=db1.acme.example account=root
hosts: host=db2.acme.example address=10.0.0.2 tenant=acme
accounts: host=db2.acme.example account=root
hosts: host=db2.bravo.example address=10.0.1.2 tenant=bravo
accounts: host=db2.bravo.example account=root
hosts: host=a address=10.0.0.9 port=22
accounts: host=a account=root
hosts: host=b address=10.0.0.9 port=2222
accounts: host=b account=root
hosts: host=v6 address=2001:db8::1
accounts: host=v6 account=root
hosts: host=image address=/srv/image
accounts: host=image account=root
hosts: host=dark status=unreachable
"""


def tied(entries: str) -> list[str]:
    """`row host:account` of each tie, in order."""
    with planted(rows_of(HOSTS + entries)) as fleet:
        found = list(by_name(fleet))
    assert {(one.list, one.sheet, one.tie) for one in found} <= {("a.csv", None, EntryTie.NAME)}
    return [f"{one.row} {one.host}:{one.account}" for one in found]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param("system=web1 account=root", ["web1:root"], id="system and user"),
        pytest.param("system=10.0.0.1 account=root", ["web1:root"], id="address"),
        pytest.param("system=https://10.0.0.1:8443/ account=root", ["web1:root"], id="another service on the host"),
        pytest.param("system=[2001:DB8:0::1]:22 account=root", ["v6:root"], id="address written otherwise"),
        pytest.param("system=/srv/image account=root", [], id="the folder of an image is no address"),
        pytest.param("system=image account=root", ["image:root"], id="image"),
        pytest.param("system=WEB1 account=root", ["web1:root"], id="host in capitals"),
        pytest.param("system='web1, v6' account=root", ["v6:root", "web1:root"], id="two systems"),
        pytest.param("system='web1, WEB1; 10.0.0.1' account=root", ["web1:root"], id="one system three times"),
        pytest.param("system=db1 account=root", ["db1.acme.example:root"], id="first part of a name"),
        pytest.param("system=db2 account=root", [], id="first part of two names"),
        pytest.param("system=db2 account=root tenant=Bravo", ["db2.bravo.example:root"], id="the customer tells which"),
        pytest.param("system=db2 account=root tenant=zeta", [], id="neither is of that customer"),
        pytest.param("system=web1.acme.example account=root", ["web1:root"], id="host that has no domain here"),
        pytest.param("system=db1.zeta.example account=root", [], id="another domain"),
        pytest.param("system=web1 account=root tenant='ACME GmbH'", ["web1:root"], id="customer in other words"),
        pytest.param("system=web1 account=root tenant=bravo", [], id="another customer's host"),
        pytest.param("system=v6 account=root tenant=bravo", ["v6:root"], id="customer of the host not known"),
        pytest.param("system=10.0.0.9 account=root", [], id="two hosts behind one address"),
        pytest.param("system=10.0.0.9:2222 account=root", ["b:root"], id="the port tells which"),
        pytest.param("system=web1 account=anna", ["web1:anna"], id="case of the user counts where both are there"),
        pytest.param("system=web1 account=ANNA", [], id="two accounts fit"),
        pytest.param("system=web1 account=Root", ["web1:root"], id="user in capitals"),
        pytest.param("system=web1 account=ACME\\\\root", ["web1:root"], id="domain before the user"),
        pytest.param("system=web1 account=Root@acme.example", ["web1:root"], id="domain behind the user"),
        pytest.param("system=web1 account=CORP\\\\eve", ["web1:CORP\\eve"], id="the domain is part of the account"),
        pytest.param("system=web1 account=nobody", [], id="no such account"),
        pytest.param("system=web1", [], id="no user"),
        pytest.param("system=root@web1", ["web1:root"], id="the system names the user"),
        pytest.param("system=root@web1 account=anna", ["web1:anna"], id="the user's own column counts"),
        pytest.param("account=root@web1", ["web1:root"], id="user and system in one cell"),
        pytest.param("account=web1", [], id="no system"),
        pytest.param("system=dark account=root", [], id="host that was not seen"),
        pytest.param("system='login of web1' account=root", [], id="title"),
    ],
)
def test_entry_is_tied(values: str, expected: list[str]) -> None:
    assert tied(f"password_entries: list=a.csv row=2 {values}") == [f"2 {one}" for one in expected]


def test_a_host_without_domain_is_not_taken_for_two() -> None:
    rows = """
    password_entries: list=a.csv row=2 system=web1.acme.example account=root
    password_entries: list=a.csv row=3 system=web1.bravo.example account=root
    password_entries: list=a.csv row=4 system=web1 account=root
    """
    assert tied(rows) == ["4 web1:root"]


def test_rows_in_one_row_are_tied_once() -> None:
    rows = "password_entries: list=a.csv row=2 system=web1 account=root\n" * 2
    assert tied(rows) == ["2 web1:root"]


def test_ties_by_hash_stay_and_those_by_name_are_made_anew() -> None:
    by_hash = EntryAccount("a.csv", 3, "Sheet1", "other", "root", EntryTie.HASH)
    old = EntryAccount("a.csv", 9, None, "web1", "anna", EntryTie.NAME)
    entry = next(plant("password_entries", list="a.csv", row="3", sheet="Sheet1", system="web1", account="root"))
    new = EntryAccount("a.csv", 3, "Sheet1", "web1", "root", EntryTie.NAME)
    with Store.in_memory() as store:
        host, account = rows_of("hosts: host=web1\naccounts: host=web1 account=root")
        store.put_hosts([HostFacts(host, accounts=(account,))])
        store.put(EntryAccount, [by_hash, old])
        tie(store)
        assert list(store.fleet().rows(EntryAccount)) == [by_hash, old], "no list was read"
        store.put(PasswordEntry, [entry])
        for _ in range(2):
            tie(store)
            assert list(store.fleet().rows(EntryAccount)) == [by_hash, new]


def test_without_hosts_there_is_no_answer() -> None:
    with Store.in_memory() as store:
        store.put(PasswordEntry, plant("password_entries", list="a.csv", system="web1", account="root"))
        tie(store)
        assert not store.fleet().table_present("entry_accounts")
