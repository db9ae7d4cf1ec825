"""What a host is asked by its rows, and what its answers come to beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import asyncssh
import pytest
from evidence.streams import NONCE, batch, whole

from hygiene.facts.questions import answered, question
from hygiene.model import (
    TABLES,
    Answers,
    Evidence,
    Gap,
    HostFacts,
    Probe,
    Query,
    Question,
    Status,
    Target,
    Truth,
)
from hygiene.testing.planting import rows_of

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ALGORITHMS = ("ssh-ed25519",) * 6 + ("ssh-rsa",)
PAIRS = [asyncssh.generate_private_key(kind) for kind in ALGORITHMS]
A, B, C, D, E, OURS, RSA = (pair.get_fingerprint() for pair in PAIRS)
BLOBS = {pair.get_fingerprint(): pair.public_data for pair in PAIRS}
FILE = "/root/.ssh/authorized_keys"
STREAM = whole(batch("akeys", {FILE.encode(): b"".join(pair.export_public_key() for pair in PAIRS)}))
SETTINGS = "\n".join(
    f"settings: host=web1 keyword={keyword} value={value}"
    for keyword, value in {
        "port": "22",
        "pubkeyauthentication": "yes",
        "passwordauthentication": "no",
        "kbdinteractiveauthentication": "no",
        "authenticationmethods": "any",
        "permitrootlogin": "prohibit-password",
        "permitemptypasswords": "no",
        "maxauthtries": "6",
        "pubkeyacceptedalgorithms": "ssh-ed25519,rsa-sha2-256",
    }.items()
)
BASE = f"""
hosts: host=web1 login_user=root login_fingerprint={OURS}
areas: host=web1 area=authorized_keys
accounts: host=web1 account=root uid=0
accounts: host=web1 account=anna
{SETTINGS}
"""


def host_of(text: str) -> HostFacts:
    """The rows of one host."""
    rows = list(rows_of(text))
    (host,) = (row for row in rows if type(row) is TABLES["hosts"])
    of = {name: tuple(row for row in rows if type(row) is record) for name, record in TABLES.items()}
    names = ("areas", "accounts", "grants", "settings", "dynamic_sources", "gaps")
    return HostFacts(host=host, **{name: of[name] for name in names})


def evidence_of(**more: object) -> Evidence:
    made = Evidence("s", Target("web1", "10.0.0.1"), Status.COMPLETE, "done", "", NOW, NOW, NONCE, stream=STREAM)
    return replace(made, **more)  # type: ignore[arg-type]


def line(key: str, account: str = "root", **more: str) -> str:
    return f"grants: host=web1 account={account} file={FILE} fingerprint={key} " + " ".join(
        f"{name}={value}" for name, value in more.items()
    )


def dead(key: str, cause: str = "expired", **more: str) -> str:
    return line(key, accepted="no", cause=cause, **more)


def asks(user: str, *keys: str, algorithm: str = "ssh-ed25519") -> Question:
    return Question(user, tuple(Query(key, algorithm, BLOBS[key]) for key in keys))


def lines(*text: str) -> str:
    return "\n".join((BASE, *text))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(lines(), asks("root"), id="no key: the methods alone"),
        pytest.param(
            lines(line(A), dead(B), dead(C, "typo"), dead(D)), asks("root", B, C, A), id="two dead, one alive"
        ),
        pytest.param(
            lines(line(A, accepted="unknown"), dead(B)), asks("root", B, A), id="the unknown comes after the dead"
        ),
        pytest.param(lines(dead(A), dead(B), dead(C), dead(D)), asks("root", A, B, C), id="never more than three"),
        pytest.param(lines(line(OURS), line(A)), asks("root", A), id="our own key has let us in: another is asked"),
        pytest.param(lines(line(OURS)), asks("root", OURS), id="our own key, for want of another"),
        pytest.param(
            lines(line(A), line(B, "anna"), line(C, "anna")), asks("root", A), id="root before who has more keys"
        ),
        pytest.param(
            lines(line(A, from_patterns="10.0.0.0/8"), dead(B, account="anna"), line(C, "anna")),
            asks("anna", B, C),
            id="who has keys that do not depend on the source",
        ),
        pytest.param(
            lines(line(A), line(A, from_patterns="10.0.0.0/8"), dead(B)), asks("root", B), id="one line of the key does"
        ),
        pytest.param(lines(line(A, accepted_from="10.0.0.0/8"), dead(B)), asks("root", B), id="a Match block does"),
        pytest.param(
            lines(*(dead(key, cause) for key, cause in ((A, "account"), (B, "source"), (C, "authority"))), dead(D)),
            asks("root", D),
            id="causes that come after a query, or depend on the source",
        ),
        pytest.param(
            lines(dead(A, "settings"), dead(B)).replace("prohibit-password", "no"),
            asks("root", B),
            id="PermitRootLogin comes after a query",
        ),
        pytest.param(
            lines(dead(A, "settings"), dead(B)).replace("prohibit-password", "forced-commands-only"),
            asks("root", B),
            id="PermitRootLogin forced-commands-only, too",
        ),
        pytest.param(lines(dead(A, "settings")), asks("root", A), id="other settings come before a query"),
        pytest.param(
            lines(dead(A, "settings", account="anna")).replace("prohibit-password", "no"),
            asks("anna", A),
            id="PermitRootLogin is of root alone",
        ),
        pytest.param(
            lines(line(A, is_authority="yes"), dead(B, is_authority="yes")), asks("root"), id="authorities are no keys"
        ),
        pytest.param(
            lines(line(A, expires_at="2026-06-02T11:00:00+00:00"), dead(B)),
            asks("root", B),
            id="a key that expires before long",
        ),
        pytest.param(
            lines(line(A, expires_at="2026-06-12T11:00:00+00:00"), dead(B)), asks("root", B, A), id="a key that expires"
        ),
        pytest.param(
            lines(line(RSA)), asks("root", RSA, algorithm="rsa-sha2-256"), id="the best algorithm that is accepted"
        ),
        pytest.param(
            lines(line(RSA)).replace("ssh-ed25519,rsa-sha2-256", "ssh-ed25519"),
            asks("root", RSA, algorithm="rsa-sha2-512"),
            id="the best of all where none is accepted",
        ),
        pytest.param(lines("grants: host=web1 account=root"), asks("root"), id="a line without a key"),
        pytest.param(lines(dead("SHA256:else")), asks("root"), id="a key that is not in the evidence"),
        pytest.param(
            lines(line(A), dead(B), dead(C)).replace("value=6", "value=2"), asks("root", B), id="the second ends it"
        ),
        pytest.param(
            lines(line(A), dead(B)).replace("value=6", "value=1"), asks("root"), id="the first ends it"
        ),
        pytest.param(
            lines(line(A), line(B, "anna"), "settings: host=web1 scope=root keyword=maxauthtries value=1"),
            asks("root"),
            id="settings of the account",
        ),
        pytest.param(
            lines(line(A), line(B, "anna")).replace("value=any", "value=password,publickey"),
            asks("root"),
            id="another method comes first",
        ),
        pytest.param(
            lines(line(A)).replace("value=any", "value='publickey,password password'"),
            asks("root", A),
            id="one list begins with a key",
        ),
        pytest.param(
            lines(line(A), line(B, "anna")).replace("uid=0", "uid=0 password_state=empty").replace(
                "permitemptypasswords value=no", "permitemptypasswords value=yes"
            ),
            asks("anna", B),
            id="asking for methods would be a login",
        ),
        pytest.param(
            lines(line(A)).replace("uid=0", "uid=0 password_state=unknown"),
            asks("root", A),
            id="a password that was not seen, and empty ones let nobody in",
        ),
        pytest.param(
            lines(line(A)).replace("uid=0", "uid=0 password_state=empty")
            .replace("account=anna", "account=anna password_state=unknown")
            .replace("permitemptypasswords value=no", "permitemptypasswords state=unknown value=''"),
            "there is no account that is certain to be closed to those who show nothing",
            id="nobody is certain to be closed",
        ),
        pytest.param(lines().replace(SETTINGS, ""), "what its daemon is set to was not seen", id="no settings"),
        pytest.param(
            lines("settings: host=web1 daemon=b keyword=port value=2222", line(A), dead(B, daemon="b")),
            asks("root", A),
            id="the daemon at the port",
        ),
        pytest.param(
            lines(line(A)).replace("port value=22\n", "port value=2222\n"), asks("root", A), id="behind another port"
        ),
        pytest.param(
            lines("settings: host=web1 daemon=b keyword=port value=22"),
            "it runs several daemons, and which of them answers at port 22 is not known",
            id="two at one port",
        ),
        pytest.param(
            lines("settings: host=web1 daemon=b keyword=port value=2222").replace("port value=22\n", "port value=23\n"),
            "it runs several daemons, and which of them answers at port 22 is not known",
            id="none at this port",
        ),
        pytest.param(
            lines(line(A)).replace("account=anna", r"account=a\\\\xff").replace("account=root", r"account=r\\\\xff"),
            "there is no account that is certain to be closed to those who show nothing",
            id="names that cannot be sent",
        ),
        pytest.param(
            lines(line(A)).replace("account=anna", "account=a\u202e").replace("account=root", "account=\u202e"),
            "there is no account that is certain to be closed to those who show nothing",
            id="names that cannot be shown",
        ),
    ],
)  # fmt: skip
def test_questions(rows: str, expected: Question | str) -> None:
    assert question(evidence_of(), host_of(rows)) == expected


def test_nothing_is_asked_of_a_host_that_was_not_collected() -> None:
    evidence = evidence_of(status=Status.REFUSED, stream=b"")
    assert question(evidence, host_of(lines())) == "what its daemon is set to was not seen"


def test_the_key_of_a_certificate_is_not_asked_about() -> None:
    certificate = PAIRS[1].generate_user_certificate(PAIRS[0], "id").export_certificate()
    stream = whole(batch("akeys", {FILE.encode(): certificate}))
    assert question(evidence_of(stream=stream), host_of(lines(dead(A)))) == asks("root")


def said(*keys: tuple[str, bool], methods: Sequence[str] = ("publickey",), user: str = "root") -> Answers:
    return Answers(NOW, user, tuple(methods), keys)


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ELSEWHERE = [
    pytest.param(
        "dynamic_sources: host=web1", UNKNOWN, id="a program may name it"
    ),
    pytest.param("dynamic_sources: host=web1 daemon=b", NO, id="a program of another daemon"),
    pytest.param("dynamic_sources: host=web1 works=no", NO, id="a program that sshd refuses names nothing"),
    pytest.param(
        "dynamic_sources: host=web1 keyword=authorizedprincipalscommand", NO, id="a program that names no keys"
    ),
    pytest.param("gaps: host=web1 subject=web1:root area=authorized_keys", NO, id="seen whole, with a doubt"),
]  # fmt: skip


def keys_of(rows: str, answers: Answers) -> list[tuple[str, Truth, Truth, str]]:
    found = answered(host_of(rows), evidence_of(answers=answers))
    return [
        (row.what, row.expected, row.observed, row.detail) for row in found.probes if row.what.startswith("SHA256:")
    ]


@pytest.mark.parametrize(
    ("rows", "answers", "expected"),
    [
        pytest.param(
            lines(line(A)), said((A, True)), [(A, YES, YES, f"a signature was asked for; {FILE}:1 lets in")], id="alive"
        ),
        pytest.param(
            lines(line(A)), said((A, False)), [(A, YES, NO, f"refused; {FILE}:1 lets in")], id="alive and refused"
        ),
        pytest.param(
            lines(dead(A, reason="old")),
            said((A, True)),
            [(A, NO, YES, f"a signature was asked for; {FILE}:1 old")],
            id="dead",
        ),
        pytest.param(
            lines(dead(A, reason="old"), line(A, line="2")),
            said((A, False)),
            [(A, YES, NO, f"refused; {FILE}:1 old")],
            id="dead on one line, alive on another",
        ),
        pytest.param(
            lines(line(A, accepted="unknown")).replace("file=", "reason=why file="),
            said((A, False)),
            [(A, UNKNOWN, NO, f"refused; {FILE}:1 why")],
            id="not known",
        ),
        pytest.param(lines(), said((A, True)), [(A, UNKNOWN, YES, "a signature was asked for")], id="no line any more"),
        pytest.param(
            lines(dead(A, reason="old")).replace("area=authorized_keys", "area=authorized_keys state=partial")
            + "\ngaps: host=web1 subject=web1:root area=authorized_keys",
            said((A, True)),
            [(A, UNKNOWN, YES, f"a signature was asked for; {FILE}:1 old")],
            id="not all files of the account were read",
        ),
        pytest.param(
            lines(dead(A, reason="old")).replace("area=authorized_keys", "area=authorized_keys state=partial")
            + "\ngaps: host=web1 subject=web1:anna area=authorized_keys",
            said((A, True)),
            [(A, NO, YES, f"a signature was asked for; {FILE}:1 old")],
            id="not all files of another were read",
        ),
    ],
)
def test_answers_about_keys(rows: str, answers: Answers, expected: list[tuple[str, Truth, Truth, str]]) -> None:
    assert keys_of(rows, answers) == expected


@pytest.mark.parametrize(("row", "expected"), ELSEWHERE)
def test_a_key_may_stand_elsewhere(row: str, expected: Truth) -> None:
    ((_, found, _, _),) = keys_of(lines(dead(A), row), said((A, True)))
    assert found is expected


def methods_of(rows: str, answers: Answers) -> dict[str, tuple[Truth, Truth]]:
    found = answered(host_of(rows), evidence_of(answers=answers))
    return {row.what: (row.expected, row.observed) for row in found.probes if not row.what.startswith("SHA256:")}


OFF = {"none": (NO, NO), "publickey": (UNKNOWN, YES), "password": (NO, NO), "keyboard-interactive": (NO, NO)}


@pytest.mark.parametrize(
    ("rows", "answers", "expected"),
    [
        pytest.param(lines(), said(), OFF, id="no key: public keys are offered all the same"),
        pytest.param(lines(line(A)), said(), {**OFF, "publickey": (YES, YES)}, id="a key that enters"),
        pytest.param(lines(line(A)), said(methods=()), {**OFF, "publickey": (YES, NO)}, id="and is not offered"),
        pytest.param(
            lines(line(A)).replace("value=any", "value='publickey,password password,publickey'"),
            said(methods=("password",)),
            {**OFF, "publickey": (UNKNOWN, NO), "password": (NO, YES)},
            id="the list with the key first may be skipped",
        ),
        pytest.param(
            lines(line(A)).replace("passwordauthentication value=no", "passwordauthentication value=yes"),
            said(methods=("publickey",)),
            {**OFF, "publickey": (YES, YES), "password": (UNKNOWN, NO)},
            id="what is on need not be offered",
        ),
        pytest.param(
            lines().replace("value=any", "value=publickey").replace(
                "passwordauthentication value=no", "passwordauthentication value=yes"
            ),
            said(methods=("publickey", "password")),
            {**OFF, "password": (NO, YES)},
            id="no list begins with a password",
        ),
        pytest.param(
            lines().replace("passwordauthentication value=no", "passwordauthentication state=pending value=no"),
            said(methods=("publickey", "password")),
            {**OFF, "password": (UNKNOWN, YES)},
            id="the daemon may run with something else",
        ),
        pytest.param(
            lines("settings: host=web1 scope='root from 10.0.0.0/8' keyword=passwordauthentication value=yes"),
            said(methods=("publickey", "password")),
            {**OFF, "password": (UNKNOWN, YES)},
            id="it depends on the source",
        ),
        pytest.param(
            lines("settings: host=web1 scope='anna from 10.0.0.0/8' keyword=passwordauthentication value=yes"),
            said(methods=("publickey", "password")),
            {**OFF, "password": (NO, YES)},
            id="the source matters for another",
        ),
        pytest.param(
            lines("settings: host=web1 scope=root keyword=passwordauthentication value=yes"),
            said(methods=("publickey", "password")),
            {**OFF, "password": (UNKNOWN, YES)},
            id="on for this account",
        ),
        pytest.param(
            lines().replace("host=web1 login", "host=web1 sshd_version=8.4p1 login"),
            said(methods=("publickey", "keyboard-interactive")),
            {**OFF, "keyboard-interactive": (UNKNOWN, YES)},
            id="before 8.7 two keywords stood for it",
        ),
        pytest.param(
            lines(), said(methods=("publickey", "hostbased")), {**OFF, "hostbased": (UNKNOWN, YES)}, id="others"
        ),
        pytest.param(
            lines(
                "settings: host=web1 daemon=b keyword=port value=2222",
                "settings: host=web1 daemon=b keyword=passwordauthentication value=yes",
            ).replace(SETTINGS, "") + f"\n{SETTINGS}",
            said(methods=("publickey", "password")),
            {**OFF, "password": (NO, YES)},
            id="on at another daemon",
        ),
        pytest.param(lines(), Answers(NOW, "root", entered=True), {"none": (NO, YES)}, id="open without a word"),
        pytest.param(lines(), Answers(NOW, "root", problem="gone"), {}, id="no answer"),
        pytest.param(
            lines(),
            said(user="nobody"),
            {name: (UNKNOWN if name == "none" else its[0], its[1]) for name, its in OFF.items()},
            id="an account that is there no more",
        ),
    ],
)  # fmt: skip
def test_answers_about_methods(rows: str, answers: Answers, expected: dict[str, tuple[Truth, Truth]]) -> None:
    assert methods_of(rows, answers) == expected


def test_a_whole_row() -> None:
    (row, *_) = answered(host_of(lines()), evidence_of(answers=said())).probes
    assert row == Probe("web1", "sshd", "root", "none", NO, NO, "refused")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(None, (), id="not meant to be asked"),
        pytest.param(said(), (), id="asked"),
        pytest.param(Answers(NOW, problem="late"), ("was not asked what it accepts: late",), id="not asked"),
        pytest.param(
            replace(said(), problem="gone"), ("was not asked to the end what it accepts: gone",), id="not to the end"
        ),
    ],
)
def test_who_was_to_be_asked_and_was_not_is_a_gap(answers: Answers | None, expected: tuple[str, ...]) -> None:
    rows = host_of(lines())
    found = answered(rows, evidence_of(answers=answers))
    assert found.gaps == tuple(Gap("web1", "web1", "probe", reason) for reason in expected)
    assert replace(found, probes=(), gaps=()) == rows
