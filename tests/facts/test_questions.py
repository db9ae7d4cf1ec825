"""What a host is asked by its rows, and what its answers come to beside them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import asyncssh
import pytest
from evidence.streams import NONCE, batch, whole

from hygiene.facts.questions import answered, question
from hygiene.model import (
    TABLES,
    AfterKey,
    Answers,
    Evidence,
    Gap,
    HostFacts,
    KeyAnswer,
    Probe,
    Query,
    Question,
    Status,
    Target,
    Truth,
)
from hygiene.openssh.keys import fingerprint
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


def asks(user: str, *keys: str, algorithm: str = "ssh-ed25519", signed: str | None = None) -> Question:
    ours = None if signed is None else Query(signed, algorithm, BLOBS[signed])
    return Question(user, tuple(Query(key, algorithm, BLOBS[key]) for key in keys), ours)


def methods(value: str, *text: str) -> str:
    """All methods on, and this AuthenticationMethods."""
    rows = lines(*text).replace("value=any", f"value='{value}'")
    for name in ("password", "kbdinteractive"):
        rows = rows.replace(f"{name}authentication value=no", f"{name}authentication value=yes")
    return rows


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


LATER = "publickey,keyboard-interactive"
OF_ANNA = "settings: host=web1 scope=anna keyword=authenticationmethods value=publickey,password"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(methods("any", line(OURS)), asks("root", OURS), id="the collection has entered with it"),
        pytest.param(methods("publickey", line(OURS)), asks("root", OURS), id="a key is enough by the settings"),
        pytest.param(methods(LATER, line(OURS)), asks("root", OURS, signed=OURS), id="it may not be enough"),
        pytest.param(
            methods(f"publickey {LATER}", line(OURS)), asks("root", OURS, signed=OURS), id="by one of two lists"
        ),
        pytest.param(
            methods("password,publickey", line(OURS)), asks("root"), id="a password comes before any key"
        ),
        pytest.param(
            methods("any", line(A), line(B), line(OURS, "anna"), OF_ANNA),
            asks("anna", OURS, signed=OURS),
            id="where it may not be enough before root and before more keys",
        ),
        pytest.param(
            methods("any", line(A), line(B), line(OURS, "anna"), OF_ANNA.replace("publickey,", "hostbased,")),
            asks("root", A),
            id="not where no key is asked for to begin with",
        ),
        pytest.param(
            methods(LATER, dead(OURS), line(A)), asks("root", OURS, A), id="dead for us: it could only be refused"
        ),
        pytest.param(
            methods(LATER, line(OURS, accepted="unknown"), line(A)),
            asks("root", OURS, A, signed=OURS),
            id="nobody knows whether it enters",
        ),
        pytest.param(
            methods(LATER, line(OURS, from_patterns="10.0.0.0/8"), line(A)),
            asks("root", A, signed=OURS),
            id="from here it has entered",
        ),
        pytest.param(methods(LATER, line(A)), asks("root", A), id="another's key does not sign"),
        pytest.param(
            methods("any", line(OURS)).replace("login_user=root", "login_user=anna"),
            asks("root", OURS, signed=OURS),
            id="it entered as another account",
        ),
        pytest.param(
            methods(LATER, dead(A), dead(B), dead(C), line(OURS)).replace("value=6", "value=3"),
            asks("root", A, signed=OURS),
            id="a signature may be refused too",
        ),
        pytest.param(
            methods(LATER, line(OURS)).replace("value=6", "value=1"), asks("root"), id="the first refusal ends it all"
        ),
        pytest.param(
            methods(LATER, line(A), f"grants: host=web1 account=root file=/gone fingerprint={OURS}"),
            asks("root", A),
            id="its line is not in the evidence",
        ),
    ],
)  # fmt: skip
def test_a_login_is_begun_where_it_tells_something(rows: str, expected: Question) -> None:
    assert question(evidence_of(), host_of(rows)) == expected


def test_a_security_key_is_not_touched_again() -> None:
    sk = "sk-ssh-ed25519@openssh.com"
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in (sk.encode(), bytes(32), b"ssh:"))
    text = f"{sk} {base64.b64encode(blob).decode()}\n"
    ours = fingerprint(blob)
    stream = whole(batch("akeys", {FILE.encode(): text.encode()}))
    rows = methods(LATER, line(ours)).replace(f"login_fingerprint={OURS}", f"login_fingerprint={ours}")
    assert question(evidence_of(stream=stream), host_of(rows)) == Question("root", (Query(ours, sk, blob),))


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


def behind(rows: str, became: AfterKey, *offered: str) -> dict[str, tuple[Truth, Truth]]:
    answers = replace(said(), signed=KeyAnswer(OURS, became, offered))
    found = answered(host_of(rows), evidence_of(answers=answers))
    return {
        "key" if row.what == OURS else row.what: (row.expected, row.observed)
        for row in found.probes
        if row.after is not None
    }


IN, MORE, OUT = AfterKey.ENTERED, AfterKey.MORE, AfterKey.REFUSED
KBD, PW = "keyboard-interactive", "password"
FROM_THERE = "settings: host=web1 scope='root from 10.0.0.0/8' keyword=authenticationmethods value=any"


@pytest.mark.parametrize(
    ("rows", "became", "offered", "expected"),
    [
        pytest.param(
            methods(LATER, line(OURS)), MORE, (KBD,),
            {"key": (YES, YES), "login": (NO, NO), "publickey": (NO, NO), PW: (NO, NO), KBD: (YES, YES)},
            id="as the settings say",
        ),
        pytest.param(methods(LATER, line(OURS)), IN, (), {"key": (YES, YES), "login": (NO, YES)}, id="it was enough"),
        pytest.param(
            methods(LATER, line(OURS)), OUT, ("publickey",), {"key": (YES, NO), "login": (NO, NO)}, id="it was refused"
        ),
        pytest.param(
            methods("any", line(OURS)), MORE, (PW,),
            {"key": (YES, YES), "login": (YES, NO)},
            id="it should be enough: what stands behind it is no other contradiction",
        ),
        pytest.param(
            methods(f"publickey,{PW} {KBD}", line(OURS)), MORE, (PW, KBD),
            {"key": (YES, YES), "login": (NO, NO), "publickey": (NO, NO), PW: (YES, YES), KBD: (YES, YES)},
            id="a list that the key does not stand in is still open",
        ),
        pytest.param(
            methods(f"{LATER}:pam", line(OURS)), MORE, (KBD,),
            {"key": (YES, YES), "login": (NO, NO), "publickey": (NO, NO), PW: (NO, NO), KBD: (YES, YES)},
            id="a device behind the method",
        ),
        pytest.param(
            methods("publickey,publickey", line(OURS)), MORE, ("publickey",),
            {"key": (YES, YES), "login": (NO, NO), "publickey": (YES, YES), PW: (NO, NO), KBD: (NO, NO)},
            id="a second key",
        ),
        pytest.param(
            methods(f"publickey,{PW} publickey,hostbased", line(OURS)), MORE, (PW, "hostbased"),
            {
                "key": (YES, YES), "login": (NO, NO), "publickey": (NO, NO), PW: (YES, YES), KBD: (NO, NO),
                "hostbased": (UNKNOWN, YES),
            },
            id="a list of which it is not known whether it counts",
        ),
        pytest.param(
            methods(f"publickey,{PW} publickey", line(OURS)).replace("passwordauthentication value=yes",
            "passwordauthentication value=no"), IN, (), {"key": (YES, YES), "login": (YES, YES)},
            id="a list that does not count",
        ),
        pytest.param(
            methods(LATER, line(OURS, accepted="unknown")), OUT, (), {"key": (UNKNOWN, NO), "login": (NO, NO)},
            id="nobody knew",
        ),
        pytest.param(
            methods("publickey", line(OURS, from_patterns="10.0.0.0/8")), OUT, (),
            {"key": (UNKNOWN, NO), "login": (UNKNOWN, NO)},
            id="it depends on the source",
        ),
        pytest.param(
            methods("publickey", line(OURS, expires_at="2026-06-02T11:00:00+00:00")), OUT, (),
            {"key": (UNKNOWN, NO), "login": (UNKNOWN, NO)},
            id="it may have expired",
        ),
        pytest.param(
            methods("publickey", dead(OURS)), IN, (), {"key": (NO, YES), "login": (NO, YES)}, id="its line is dead"
        ),
        pytest.param(
            methods(LATER, line(OURS), FROM_THERE), MORE, (KBD,),
            {
                "key": (YES, YES), "login": (UNKNOWN, NO), "publickey": (UNKNOWN, NO), PW: (UNKNOWN, NO),
                KBD: (UNKNOWN, YES),
            },
            id="what is asked for depends on the source",
        ),
    ],
)  # fmt: skip
def test_what_stands_behind_our_key(
    rows: str, became: AfterKey, offered: Sequence[str], expected: dict[str, tuple[Truth, Truth]]
) -> None:
    assert behind(rows, became, *offered) == expected


def test_whole_rows_behind_our_key() -> None:
    answers = replace(said(), signed=KeyAnswer(OURS, MORE, (KBD, PW)))
    found = answered(host_of(methods(LATER, line(OURS))), evidence_of(answers=answers))
    besides = "keyboard-interactive, password is asked for besides"
    assert [row for row in found.probes if row.after is not None] == [
        Probe("web1", "sshd", "root", OURS, YES, YES, besides, OURS),
        Probe("web1", "sshd", "root", "login", NO, NO, besides, OURS),
        Probe("web1", "sshd", "root", "publickey", NO, NO, "not offered", OURS),
        Probe("web1", "sshd", "root", PW, NO, YES, "offered", OURS),
        Probe("web1", "sshd", "root", KBD, YES, YES, "offered", OURS),
    ]


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
