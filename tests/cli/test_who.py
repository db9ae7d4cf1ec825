"""`hygiene who`: each way in with all that limits it, and what is not known."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hygiene.model import TABLES, HostFacts
from hygiene.store.store import Store
from hygiene.testing.planting import rows_of

from .commands import Answer, Hygiene

HOST = "hosts: host=web1 status=partial reason='not seen whole: pam' sshd_version=9.2p1 os='Debian GNU/Linux 12'"
ROWS = """
accounts: host=web1 account=root uid=0 root_by=uid0
accounts: host=web1 account=anna uid=1000 root_by=sudo
accounts: host=web1 account=ben uid=1001 state=locked
accounts: host=web1 account=bin uid=2
accounts: host=web1 account=old uid=1002
grants: host=web1 account=root fingerprint=SHA256:ops file=/root/.ssh/authorized_keys line=3 comment=ops@laptop
  opens_root=yes
grants: host=web1 account=root fingerprint=SHA256:copy file=/root/.ssh/authorized_keys line=4
  options='from="10.0.0.0/8",no-pty' from_patterns=10.0.0.0/8 command='/usr/bin/rsync --server' restricted=yes
  expires_at=2027-01-02T03:04:05
grants: host=web1 account=anna fingerprint=SHA256:inside file=/home/anna/.ssh/authorized_keys line=1
  accepted_from=192.168.0.0/16 writable_by='group staff'
grants: host=web1 account=anna fingerprint=SHA256:ca file=/etc/ssh/ca.pub line=2 is_authority=yes principals=ops,dba
grants: host=web1 account=anna fingerprint=SHA256:line file=/home/anna/.ssh/authorized_keys line=2 is_authority=yes
  options=cert-authority,no-pty
grants: host=web1 account=ben fingerprint=SHA256:maybe file=/home/ben/.ssh/authorized_keys line=1 accepted=unknown
  reason='the groups of the account are not known'
grants: host=web1 account=old file=/home/old/.ssh/authorized_keys line=9 accepted=no cause=typo
  reason='there is no key in the line'
login_paths: host=web1 account=root source=* methods=publickey kinds=key factors=1
login_paths: host=web1 account=root source=10.0.0.0/8 methods=publickey kinds=key factors=1
  via='/usr/bin/rsync --server'
login_paths: host=web1 account=anna source=* methods=publickey,password kinds=key,password factors=2 verdict=two
login_paths: host=web1 account=anna source=* methods=keyboard-interactive kinds=code factors=1
  condition='the server of pam_duo cannot be reached'
login_paths: host=web1 account=anna source=192.168.0.0/16 methods=publickey kinds=key factors=1
  reason='/etc/pam.d/sshd:4: pam_duo is skipped: sshd runs no PAM auth for keys'
tokens: host=web1 account=anna module=pam_duo fails_open=yes
tokens: host=web1 account=root module=pam_duo fails_open=yes
root_paths: host=web1 account=root source=* methods=publickey step=uid0
root_paths: host=web1 account=anna source=192.168.0.0/16 methods=publickey
  reason='sudo asks for nothing (NOPASSWD)'
login_paths: host=web1 account=ben source=* methods=publickey factors=1 verdict=unknown
  reason='the groups of the account are not known'
dynamic_sources: host=web1 program=/usr/bin/keys run_as=nobody fault='/usr/bin is writable by others'
settings: host=web1 keyword=port value=22
gaps: host=web1 area=pam reason='the PAM files were not seen'
gaps: host=web1 area=private_keys reason='not of interest here'
gaps: host=web1 subject=web1:ben area=authorized_keys reason='whether keys let in is unknown'
"""
WHOLE = """\
web1: OpenSSH 9.2p1, Debian GNU/Linux 12, seen 2026-06-01 12:00 UTC
  partial: not seen whole: pam
  not seen: pam: the PAM files were not seen
  AuthorizedKeysCommand: /usr/bin/keys as nobody: /usr/bin is writable by others

root: uid 0, root
  way in: key SHA256:ops from anywhere: one factor
  way in: key SHA256:copy from 10.0.0.0/8, runs only /usr/bin/rsync --server: one factor
  key SHA256:ops (ssh-ed25519, ops@laptop) from anywhere; /root/.ssh/authorized_keys:3
  key SHA256:copy from 10.0.0.0/8, runs only /usr/bin/rsync --server, until 2027-01-02 03:04:05, with no-pty; \
/root/.ssh/authorized_keys:4

anna: uid 1000, root by sudo without a password
  way in: key SHA256:inside from 192.168.0.0/16: one factor; PAM's one-time code is skipped because sshd runs no PAM \
auth for keys (pam_duo, /etc/pam.d/sshd:4)
  way in: key, then password from anywhere (by publickey,password): two factors
  way in: one-time code from anywhere (by keyboard-interactive), while the server of pam_duo cannot be reached: \
one factor
  becomes root by sudo without a password: one factor in all (after key from 192.168.0.0/16)
  key SHA256:inside from 192.168.0.0/16, can be changed by group staff; /home/anna/.ssh/authorized_keys:1
  certificates of the authority SHA256:ca naming ops or dba from anywhere; /etc/ssh/ca.pub:2
  certificates of the authority SHA256:line naming the account or nobody from anywhere, with no-pty; \
/home/anna/.ssh/authorized_keys:2

ben: uid 1001, locked
  way in: key SHA256:maybe from anywhere: unknown: the groups of the account are not known
  unknown: key SHA256:maybe from anywhere; /home/ben/.ssh/authorized_keys:1: the groups of the account are not known
  not seen: authorized_keys: whether keys let in is unknown

"""
NOBODY = """\
No way in was seen as (2): bin, old
Lines that let nobody in: 1 (-v shows them)
"""


@pytest.fixture
def stored(hygiene: Hygiene) -> Hygiene:
    (host,) = rows_of(HOST)
    rows = [*rows_of(ROWS), *rows_of("keys: fingerprint=SHA256:ops")]
    parts = {
        field.name: tuple(row for row in rows if type(row) is TABLES[field.name])
        for field in fields(HostFacts)
        if field.name in TABLES
    }
    with Store.open(hygiene.work / "hygiene.duckdb", create=True) as store:
        store.put_hosts([HostFacts(host, **parts)])
        store.finish()
    return hygiene


def test_every_way_into_every_account_is_told(stored: Hygiene) -> None:
    assert stored("who", "web1") == Answer(3, WHOLE + NOBODY, "")


def test_dead_lines_are_told_on_request(stored: Hygiene) -> None:
    dead = """\
old: uid 1002, nobody gets in
  dead line: no key, there is no key in the line; /home/old/.ssh/authorized_keys:9

No way in was seen as (1): bin
"""
    assert stored("who", "web1", "-v") == Answer(3, WHOLE + dead, "")


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        pytest.param("web1:bin", 3, "No way in was seen as (1): bin", id="nobody, and PAM was not seen"),
        pytest.param(
            "web1:old", 3, "  dead line: no key, there is no key in the line;", id="dead lines of one account"
        ),
        pytest.param("web1:root", 3, "  key SHA256:ops (ssh-ed25519, ops@laptop) from anywhere;", id="a key"),
    ],
)
def test_one_account_of_a_host(stored: Hygiene, name: str, code: int, told: str) -> None:
    answer = stored("who", name)
    assert (answer.code, answer.err) == (code, "")
    assert told in answer.out
    others = {"root:", "anna:", "ben:", "old:", "bin:"} - {name.partition(":")[2] + ":"}
    assert not [line for line in answer.out.splitlines() if line.split(" ")[0] in others]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("web", "hygiene: web: no such host is stored; did you mean web1?", id="a part of a name"),
        pytest.param(
            "db",
            "hygiene: db: no such host is stored; `hygiene export hosts` lists those that were scanned",
            id="no host",
        ),
        pytest.param(
            "web1:eve", "hygiene: web1: there is no account 'eve' in what was seen of this host", id="no such account"
        ),
        pytest.param(
            "[web1]:eve",
            "hygiene: web1: there is no account 'eve' in what was seen of this host",
            id="brackets, as around IPv6",
        ),
    ],
)
def test_what_is_not_stored_is_named(stored: Hygiene, name: str, told: str) -> None:
    assert stored("who", name) == Answer(2, "", f"{told}\n")


def test_nobody_gets_in_where_all_was_seen(hygiene: Hygiene) -> None:
    with Store.open(hygiene.work / "hygiene.duckdb", create=True) as store:
        (host,) = rows_of("hosts: host=web2")
        store.put_hosts([HostFacts(host, accounts=tuple(rows_of("accounts: host=web2 account=bin uid=2")))])
        store.finish()
    answer = hygiene("who", "web2")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "Nobody gets in as (1): bin")
