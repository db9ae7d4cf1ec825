"""Each model of a module against the module itself, with accounts and files of our own."""

from __future__ import annotations

import pytest

from hygiene.pam.codes import ALL_BAD, Code
from hygiene.pam.modules import known
from hygiene.pam.question import Question
from hygiene.pam.stack import Kind, Rule

from . import real
from .hosts import TODAY, Host, source
from .real import Ask

pytestmark = pytest.mark.real_sshd  # modules look at paths that only root can put files over

SUCCESS, AUTH_ERR, SERVICE_ERR, DENIED = Code.SUCCESS, Code.AUTH_ERR, Code.SERVICE_ERR, Code.PERM_DENIED
IGNORE, UNKNOWN = Code.IGNORE, Code.MODULE_UNKNOWN
V4, V6 = "192.0.2.7", "2001:db8::7"

HOST = Host(
    security={
        "access.conf": b"""\
# comment : x : y
+ : root : 192.0.2. 10.0.0.0/8
-:root:ALL EXCEPT LOCAL
-:ALL EXCEPT alice (ops) : 192.0.2.0/255.255.255.0
+:wheel:2001:db8::/32
-:alice:2001:db8::7
- : carol : .example.org
- : bob : tty1 :0 LOCAL
 + : ALL : ALL
""",
        "access.d/10.conf": b"-:nobody:ALL\n-:ALL:198.51.100.1",
        "nogroups": b"-:ops:ALL\n-:(wheel):ALL\n",
        "zero": b"-:ALL:0.0.0.0/0\n-:bob:0.0.0.0/0.0.0.0\n-:carol:192.0.2.7/0x18\n-:alice:192.0.2.7/33\n",
        "odd": b"+|ALICE|ALL\n-:ALL:ALL\n:-|x|y\n-|ALL|ALL",
        "except": b"-:ALL EXCEPT (ops) EXCEPT alice:ALL EXCEPT 10.0.0.0/8 except 10.0.0.1\n",
        "hostnames": b"+:root:cron crond NONE\n+:@admins:ALL\n+:bob@ALL:ALL\n+:carol@elsewhere:ALL\n-:ALL:ALL\n",
        "numbers": b"-:1000:ALL\n-:(100):ALL\n-:(1002):ALL\n",
        "names": b"root\nalice\r\nbob \n\n/bin/bash\nssh\n",
        "groups": b"staff\nops\n",
        "hosts": b"192.0.2.7\n2001:DB8::7\n",
        "time.conf": b"""\
# rules
sshd|s*;*;alice;!Al0000-2400
s*;ssh;!root & !alice;Al0000-2400 # for all
*;*;@staff;Al0000-2400
other;*;*;!Al0000-2400
*;tty*;bob;!Al0000-2400
*;*;carol;Al0000-0000|Wk
*;!ssh | x\
y;carol;!Al0000-2400
incomplete;*;bob
""",
        "late.conf": b"*;*;bob;Al0000-2400",
        "garbled.conf": b"* *;*;bob;!Al0000-2400\n*;*;bob;Xx0000-2400\n*;*;carol;AlAl0000-2400\n",
        "faillock.conf": b"deny = 3\n",
        "passwd": b"alice:x\nbob\n",
    },
    etc={
        "shells": b"# shells\n/bin/sh\n/bin/bash\n bin/odd\n",
        "login.defs": b"# UID_MIN 5\nUID_MIN 1001 # first\nSYS_UID_MAX\t999\n",
    },
    shadow={
        "root": (TODAY - 10, 0, 99999, 7, "", ""),
        "alice": (TODAY - 10, 0, 9, 7, 30, ""),
        "bob": (TODAY - 100, 0, 50, 7, 10, ""),
        "nobody": (0, 0, 99999, 7, "", ""),
        "daemon": (TODAY - 10, 0, 99999, 7, "", TODAY),
    },
)


def row(rule: str, *people: tuple[str, Code | set[Code]], rhost: str = V4, id: str) -> list[object]:  # noqa: A002
    """One rule, asked for several accounts, with what our model says of each."""
    return [
        pytest.param(rule, name, rhost, expected if isinstance(expected, set) else {expected}, id=f"{id}-{name}")
        for name, expected in people
    ]


A, B, C, R = "alice", "bob", "carol", "root"
CASES = [
    *row("pam_permit.so", (R, SUCCESS), id="permit"),
    *row("pam_deny.so", (R, AUTH_ERR), id="deny"),
    *row("pam_warn.so", (R, IGNORE), id="warn"),
    *row("pam_env.so", (R, SERVICE_ERR), id="env-does-not-belong-here"),
    *row("pam_faildelay.so", (R, UNKNOWN), id="no-account-stage"),
    *row("pam_umask.so", (R, UNKNOWN), id="no-account-stage-either"),
    *row("pam_permit", (R, UNKNOWN), id="no-so"),
    *row("pam_debug.so acct=cred_err acct=success", (R, Code.CRED_ERR), id="first-word-counts"),
    # ages
    *row(
        "pam_unix.so",
        (R, SUCCESS),
        (A, Code.NEW_AUTHTOK_REQD),
        (B, Code.AUTHTOK_EXPIRED),
        ("nobody", Code.NEW_AUTHTOK_REQD),
        ("daemon", Code.ACCT_EXPIRED),
        (C, Code.AUTHINFO_UNAVAIL),
        ("open", SUCCESS),
        id="unix",
    ),
    *row("pam_unix.so broken_shadow", (C, SUCCESS), (B, Code.AUTHTOK_EXPIRED), id="unix-broken-shadow"),
    *row(
        "pam_unix.so no_pass_expiry",
        (A, {SUCCESS, Code.NEW_AUTHTOK_REQD}),
        (B, {SUCCESS, Code.AUTHTOK_EXPIRED}),
        ("daemon", Code.ACCT_EXPIRED),
        id="unix-no-pass-expiry-by-key",
    ),
    # access
    *row("pam_access.so", (R, SUCCESS), (A, SUCCESS), (B, SUCCESS), (C, DENIED), ("nobody", DENIED), id="access"),
    *row("pam_access.so", (R, SUCCESS), (A, SUCCESS), (C, SUCCESS), rhost="10.1.2.3", id="access-network"),
    *row("pam_access.so", (R, DENIED), ("nobody", DENIED), (C, SUCCESS), rhost="203.0.113.1", id="access-elsewhere"),
    *row("pam_access.so", (A, SUCCESS), (B, SUCCESS), (R, DENIED), rhost=V6, id="access-six"),
    *row("pam_access.so", (A, SUCCESS), rhost="198.51.100.1", id="access-last-line-without-end"),
    *row(
        "pam_access.so accessfile=/etc/security/nogroups nodefgroup",
        (A, DENIED),
        (B, SUCCESS),
        id="access-groups-in-brackets-only",
    ),
    *row("pam_access.so accessfile=/etc/security/nogroups", (B, DENIED), (C, SUCCESS), id="access-group-names"),
    *row("pam_access.so accessfile=/etc/security/none", (R, Code.ABORT), id="access-no-file"),
    *row(
        "pam_access.so accessfile=/etc/security/zero",
        (A, SUCCESS),
        (B, DENIED),
        (C, DENIED),
        ("nobody", SUCCESS),
        id="access-zero-bits-is-one-address",
    ),
    *row(
        "pam_access.so accessfile=/etc/security/odd fieldsep=|",
        (A, SUCCESS),
        (B, SUCCESS),
        id="access-other-separator-and-no-last-end",
    ),
    *row("pam_access.so accessfile=/etc/security/odd fieldsep=:|", (A, SUCCESS), (B, DENIED), id="access-separators"),
    *row(
        "pam_access.so accessfile=/etc/security/except",
        (R, DENIED),
        (A, DENIED),
        (B, SUCCESS),
        id="access-except-of-except",
    ),
    *row("pam_access.so accessfile=/etc/security/except", (R, SUCCESS), rhost="10.0.0.2", id="access-except-origin"),
    *row(
        "pam_access.so accessfile=/etc/security/except",
        (R, DENIED),
        (B, SUCCESS),
        rhost="10.0.0.1",
        id="access-except-origin-of-except",
    ),
    *row(
        "pam_access.so accessfile=/etc/security/hostnames",
        (R, {SUCCESS, DENIED}),
        (A, {SUCCESS, DENIED}),
        (B, SUCCESS),
        (C, {SUCCESS, DENIED}),
        id="access-names-and-netgroups-are-not-known",
    ),
    *row(
        "pam_access.so accessfile=/etc/security/numbers",
        (A, {SUCCESS, DENIED}),
        (B, {SUCCESS, DENIED}),
        (C, {SUCCESS, DENIED}),
        (R, SUCCESS),
        id="access-ids-since-1.7",
    ),
    # listfile
    *row(
        "pam_listfile.so item=user sense=allow file=/etc/security/names",
        (R, SUCCESS),
        (A, SUCCESS),
        (B, AUTH_ERR),
        id="listfile-blank-counts-carriage-return-does-not",
    ),
    *row(
        "pam_listfile.so item=user sense=deny file=/etc/security/names",
        (R, AUTH_ERR),
        (B, SUCCESS),
        id="listfile-deny",
    ),
    *row(
        "pam_listfile.so item=group sense=allow file=/etc/security/groups",
        (A, SUCCESS),
        (B, SUCCESS),
        (C, AUTH_ERR),
        id="listfile-group",
    ),
    *row(
        "pam_listfile.so item=shell sense=allow file=/etc/security/names",
        (A, SUCCESS),
        (B, AUTH_ERR),
        (C, AUTH_ERR),
        id="listfile-shell",
    ),
    *row("pam_listfile.so item=rhost sense=deny file=/etc/security/hosts", (A, AUTH_ERR), id="listfile-host"),
    *row(
        "pam_listfile.so item=rhost sense=deny file=/etc/security/hosts",
        (A, SUCCESS),
        rhost=V6,
        id="listfile-host-as-text",
    ),
    *row("pam_listfile.so item=tty sense=allow file=/etc/security/names", (A, SUCCESS), id="listfile-tty"),
    *row("pam_listfile.so item=ruser sense=allow file=/etc/security/names", (A, AUTH_ERR), id="listfile-no-ruser"),
    *row("pam_listfile.so item=ruser sense=deny file=/etc/security/none", (A, SUCCESS), id="listfile-no-ruser-deny"),
    *row("pam_listfile.so item=user sense=deny file=/etc/security/none", (A, SERVICE_ERR), id="listfile-no-file"),
    *row(
        "pam_listfile.so item=user sense=deny file=/etc/security/none onerr=succeed",
        (A, SUCCESS),
        id="listfile-no-file-succeeds",
    ),
    *row("pam_listfile.so item=user sense=deny bad=x onerr=succeed", (A, SERVICE_ERR), id="listfile-order-of-options"),
    *row("pam_listfile.so onerr=succeed item=user sense=deny bad=x", (A, SUCCESS), id="listfile-order-the-other-way"),
    *row("pam_listfile.so onerr=maybe item=user", (A, SERVICE_ERR), id="listfile-bad-onerr"),
    *row(
        "pam_listfile.so item=tty sense=allow file=/etc/security/none apply=alice",
        (A, SERVICE_ERR),
        (B, IGNORE),
        id="listfile-apply",
    ),
    *row(
        "pam_listfile.so item=rhost sense=allow file=/etc/security/hosts apply=@ops",
        (B, SUCCESS),
        (C, IGNORE),
        id="listfile-apply-group",
    ),
    *row(
        "pam_listfile.so item=user sense=allow file=/etc/security/names apply=@wheel",
        (B, AUTH_ERR),
        id="listfile-apply-is-nonsense-for-users",
    ),
    *row(
        "pam_listfile.so item=shell sense=allow file=/etc/security/none apply=alice",
        (B, SERVICE_ERR),
        id="listfile-apply-is-nonsense-for-shells",
    ),
    # succeed_if
    *row("pam_succeed_if.so uid >= 1000", (R, AUTH_ERR), (A, SUCCESS), id="if-uid"),
    *row("pam_succeed_if.so uid >= 1000 quiet uid < 0x3e9", (A, SUCCESS), (B, AUTH_ERR), id="if-two-hexadecimal"),
    *row("pam_succeed_if.so uid < 01750", (R, SUCCESS), (A, AUTH_ERR), id="if-octal"),
    *row("pam_succeed_if.so gid eq 100 gid ne 5", (B, SUCCESS), (A, AUTH_ERR), id="if-gid"),
    *row("pam_succeed_if.so uid = 1000", (A, SUCCESS), (B, AUTH_ERR), id="if-text"),
    *row("pam_succeed_if.so user != alice", (A, AUTH_ERR), (B, SUCCESS), id="if-not"),
    *row("pam_succeed_if.so user in root:alice:x", (A, SUCCESS), (B, AUTH_ERR), (R, SUCCESS), id="if-in"),
    *row("pam_succeed_if.so user notin rooter:alice", (A, AUTH_ERR), (R, SUCCESS), id="if-notin"),
    *row("pam_succeed_if.so user ingroup wheel:ops", (A, SUCCESS), (B, SUCCESS), (C, AUTH_ERR), id="if-ingroup"),
    *row("pam_succeed_if.so user ingroup users", (B, SUCCESS), (A, AUTH_ERR), id="if-primary-group"),
    *row("pam_succeed_if.so user notingroup ops", (B, AUTH_ERR), (C, SUCCESS), id="if-notingroup"),
    *row("pam_succeed_if.so home =~ /home/*", (A, SUCCESS), (B, AUTH_ERR), id="if-glob"),
    *row("pam_succeed_if.so home !~ /*/[a-b]*", (A, AUTH_ERR), (B, AUTH_ERR), (C, SUCCESS), id="if-noglob-bracket"),
    *row("pam_succeed_if.so home glob *", (A, SUCCESS), id="if-star-takes-slashes"),
    *row("pam_succeed_if.so shell = /bin/bash", (A, SUCCESS), (B, AUTH_ERR), (C, AUTH_ERR), id="if-shell"),
    *row("pam_succeed_if.so service = service", (A, AUTH_ERR), id="if-service"),
    *row("pam_succeed_if.so rhost = 192.0.2.7 tty = ssh", (A, SUCCESS), id="if-rhost-and-tty"),
    *row("pam_succeed_if.so ruser = x", (A, AUTH_ERR), id="if-ruser"),
    *row("pam_succeed_if.so user eq 5", (A, SERVICE_ERR), id="if-not-a-number"),
    *row("pam_succeed_if.so uid eq five", (A, SERVICE_ERR), id="if-not-a-number-right"),
    *row("pam_succeed_if.so uid >", (A, SERVICE_ERR), id="if-not-whole"),
    *row("pam_succeed_if.so uid > 5 gid", (A, SERVICE_ERR), (R, AUTH_ERR), id="if-last-not-whole"),
    *row("pam_succeed_if.so uid like 5", (A, SERVICE_ERR), id="if-unknown-relation"),
    *row("pam_succeed_if.so what = 5", (A, SERVICE_ERR), id="if-unknown-word"),
    *row("pam_succeed_if.so", (A, SUCCESS), id="if-nothing"),
    *row("pam_succeed_if.so quiet UID GE 1000", (A, SUCCESS), id="if-case"),
    *row("pam_succeed_if.so use_uid user = root", (A, SUCCESS), id="if-of-the-process"),
    *row("pam_succeed_if.so user [=] alice", (A, SUCCESS), id="if-brackets-in-arguments"),
    # the others
    *row("pam_localuser.so", (A, SUCCESS), id="localuser"),
    *row("pam_localuser.so file=/etc/security/passwd", (A, SUCCESS), (B, DENIED), id="localuser-file"),
    *row("pam_nologin.so", (A, IGNORE), id="nologin-not-there"),
    *row("pam_nologin.so successok", (A, SUCCESS), id="nologin-successok"),
    *row("pam_nologin.so file=/etc/security/names", (A, AUTH_ERR), (R, IGNORE), id="nologin-file"),
    *row("pam_shells.so", (A, SUCCESS), (B, AUTH_ERR), (C, SUCCESS), id="shells"),
    *row("pam_usertype.so issystem", (R, SUCCESS), (A, AUTH_ERR), (B, AUTH_ERR), ("nobody", SUCCESS), id="usertype"),
    *row("pam_usertype.so isregular", (R, AUTH_ERR), (A, SUCCESS), (B, SUCCESS), id="usertype-regular"),
    *row("pam_usertype.so", (R, SERVICE_ERR), id="usertype-nothing"),
    *row("pam_faillock.so", (A, SUCCESS), id="faillock"),
    *row("pam_faillock.so conf=/etc/security/none", (A, SERVICE_ERR), id="faillock-no-file"),
    *row("pam_rootok.so", (A, {SUCCESS, AUTH_ERR}), id="rootok"),
    *row(
        "pam_time.so", (R, SUCCESS), (A, DENIED), (B, SUCCESS), (C, SUCCESS), id="time"
    ),
    *row("pam_time.so conffile=/etc/security/late.conf", (A, SUCCESS), (B, DENIED), id="time-no-last-end"),
    *row("pam_time.so conffile=/etc/security/garbled.conf", (A, SUCCESS), (B, DENIED), (C, DENIED), id="time-garbled"),
    *row("pam_time.so conffile=/etc/security/none", (A, SUCCESS), id="time-no-file"),
]  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Code]:
    """What the modules return, all asked in one process."""
    folder = tmp_path_factory.mktemp("host")
    services = folder / "pam.d"
    services.mkdir()
    keys = list(dict.fromkeys((str(case.values[0]), str(case.values[1]), str(case.values[2])) for case in CASES))
    rules = list(dict.fromkeys(rule for rule, _, _ in keys))
    real.plant(services, {f"s{n}": f"account [default=ok] {rule}\n".encode() for n, rule in enumerate(rules)})
    asks = [Ask(f"s{rules.index(rule)}", user=name, rhost=rhost) for rule, name, rhost in keys]
    codes = real.answers(services, asks, HOST.plant(folder))
    return dict(zip(keys, map(Code, codes), strict=True))


@pytest.mark.parametrize(("text", "name", "rhost", "expected"), CASES)
def test_models_say_what_modules_say(
    said: dict[tuple[str, str, str], Code], text: str, name: str, rhost: str, expected: set[Code]
) -> None:
    module, *arguments = text.replace("[=]", "=").split()
    rule = Rule("sshd:1", Kind.MODULE, 0, ALL_BAD, "required", module, tuple(arguments))
    question = Question((), HOST.person(name), source(rhost), HOST.conf(), "s1")
    told = known.model(known.ACCOUNT, question)(rule)
    assert {outcome.code for outcome in told} == expected
    assert all((outcome.doubt is None) == (len(told) == 1) for outcome in told)
    assert said[text, name, rhost] in expected
