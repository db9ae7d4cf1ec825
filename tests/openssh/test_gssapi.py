"""Whose ticket opens an account, by a keytab, krb5.conf and .k5login."""

from __future__ import annotations

import pytest

from hygiene.model import Truth
from hygiene.openssh import gssapi
from hygiene.openssh.gssapi import Krb5Conf, Logins
from hygiene.openssh.permissions import YES, Judgement


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param([], Krb5Conf(), id="none"),
        pytest.param([("f", b"#\n[libdefaults]\n  default_realm = X\n")], Krb5Conf(), id="nothing that matters"),
        pytest.param(
            [("f", b"[libdefaults]\n\tdefault_keytab_name = FILE:/k\r\nk5login_directory = /d\n")],
            Krb5Conf(keytab="FILE:/k", directory="/d"),
            id="other places",
        ),
        pytest.param(
            [("f", b"[libdefaults]\nk5login_authoritative = No\nk5login_authoritative = yes\n")],
            Krb5Conf(authoritative=False),
            id="the first value holds",
        ),
        pytest.param(
            [("f", b"[libdefaults]\n"), ("g", b"[libdefaults]\nk5login_authoritative = 0\n")],
            Krb5Conf(authoritative=False),
            id="in a file that is included",
        ),
        pytest.param([("f", b"[realms]\nk5login_directory = /d\n")], Krb5Conf(), id="in another section"),
        pytest.param([("f", b"[realms]\n#\nauth_to_local = ?\n}\n")], Krb5Conf(maps=True), id="rules"),
        pytest.param([("f", b"[plugins]\nlocalauth = ?\n#\n}\n")], Krb5Conf(maps=True), id="modules"),
        pytest.param([("f", None)], Krb5Conf(doubt="f was not seen"), id="not seen"),
        pytest.param(
            [("f", b"module /x.so:y\n")],
            Krb5Conf(doubt="f holds lines that were not collected"),
            id="a module reads it",
        ),
        pytest.param([("f", b"\xff[\n=\n")], Krb5Conf(), id="no text"),
    ],
)
def test_krb5_conf(files: list[tuple[str, bytes | None]], expected: Krb5Conf) -> None:
    assert gssapi.read_conf(files) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", Logins("f", ()), id="empty"),
        pytest.param(b"ann@X\nhost/a@X", Logins("f", ("ann@X", "host/a@X")), id="principals"),
        pytest.param(b"#\n\n ann@X\nann@X \nann@X\r\n", Logins("f", ()), id="lines that no principal equals"),
        pytest.param(b"hyg:dropped 5\nann@X\n", Logins("f", ("ann@X",), cut=True), id="not all was collected"),
    ],
)
def test_k5login(data: bytes, expected: Logins) -> None:
    assert gssapi.read_logins(data, "f") == expected


ABSENT, UNSEEN = Judgement(Truth.NO, "no keytab"), Judgement(Truth.UNKNOWN, "not seen")
BY_NAME = Judgement(Truth.YES, "a ticket of ann in the default realm")
NAMED, NOBODY, CUT = Logins("f", ("a@X", "b@X")), Logins("f", ()), Logins("f", (), cut=True)
MAPS = Judgement(Truth.UNKNOWN, "whose ticket opens which account is decided by auth_to_local or a module")


@pytest.mark.parametrize(
    ("keytab", "conf", "logins", "expected"),
    [
        pytest.param(ABSENT, Krb5Conf(), NAMED, ABSENT, id="no keytab"),
        pytest.param(ABSENT, Krb5Conf(doubt="x"), NAMED, ABSENT, id="no keytab, whatever else"),
        pytest.param(UNSEEN, Krb5Conf(), None, UNSEEN, id="keytab not seen"),
        pytest.param(YES, Krb5Conf(doubt="x"), None, Judgement(Truth.UNKNOWN, "x"), id="krb5.conf not seen"),
        pytest.param(YES, Krb5Conf(), None, BY_NAME, id="its own name"),
        pytest.param(YES, Krb5Conf(maps=True), None, MAPS, id="names are mapped"),
        pytest.param(
            YES, Krb5Conf(), NAMED, Judgement(Truth.YES, "a ticket of a@X and 1 more, by f"), id="those in k5login"
        ),
        pytest.param(
            *(YES, Krb5Conf(maps=True), Logins("f", ("a@X",)), Judgement(Truth.YES, "a ticket of a@X, by f")),
            id="whatever is mapped",
        ),
        pytest.param(YES, Krb5Conf(), NOBODY, Judgement(Truth.NO, "f names nobody"), id="an empty k5login"),
        pytest.param(YES, Krb5Conf(authoritative=False), NOBODY, BY_NAME, id="that keeps nobody out"),
        pytest.param(
            *(YES, Krb5Conf(), CUT, Judgement(Truth.UNKNOWN, "f holds lines that were not collected")),
            id="a k5login of which lines are missing",
        ),
        pytest.param(YES, Krb5Conf(), UNSEEN, UNSEEN, id="a k5login that was not seen"),
        pytest.param(
            *(YES, Krb5Conf(), Judgement(Truth.NO, "of another"), Judgement(Truth.NO, "of another")),
            id="a k5login that is not read",
        ),
    ],
)
def test_tickets(keytab: Judgement, conf: Krb5Conf, logins: Logins | Judgement | None, expected: Judgement) -> None:
    assert gssapi.judge("ann", keytab, conf, logins) == expected
