"""What `hygiene who` says of one way in and one way to root: a line that a person understands."""

from __future__ import annotations

import pytest

from hygiene.cli.ways import way_in, ways_to_root
from hygiene.model import Account, Grant, Key, LoginPath, RootPath, Setting, Token, Truth
from hygiene.reach.openers import openers
from hygiene.reach.who import Entrance
from hygiene.testing.planting import rows_of

PAM = "tokens: host=web1 account=anna\n"
KEY = "grants: host=web1 account=anna fingerprint=SHA256:k\n"
SK = KEY.replace(":k", ":sk") + "keys: fingerprint=SHA256:sk type=sk-ssh-ed25519@openssh.com\n"
PIN = SK.replace("SHA256:sk\n", "SHA256:sk options=verify-required\n", 1)
BOTH = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two"
WORD = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password"
SKIPPED = "'/etc/pam.d/sshd:4: pam_google_authenticator is skipped: sshd runs no PAM auth for keys'"
NULLOK = "'/etc/pam.d/sshd:4: /home/anna/.google_authenticator is not there, and nullok passes over who has none'"
ISSUER = "'by certificate: its authority may have asked for more before it signed'"
PATH = "login_paths: host=web1 account=anna"


def told(rows: str) -> list[str]:
    planted_rows = rows_of(f"accounts: host=web1 account=anna\n{rows}")
    of = {kind: tuple(row for row in planted_rows if type(row) is kind) for kind in {type(row) for row in planted_rows}}
    grants = tuple(grant for grant in of.get(Grant, ()) if grant.accepted is not Truth.NO)
    paths = of.get(LoginPath, ())
    anna = Entrance(of[Account][-1], grants, (), paths, of.get(RootPath, ()), of.get(Token, ()), ())
    known = {key.fingerprint: key for key in of.get(Key, ())}
    lines = [way_in(path, openers(path, grants, known, of.get(Setting, ())), known, anna.tokens) for path in paths]
    return [*lines, *(words for _, words in ways_to_root(anna))]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        pytest.param(KEY + PATH, "key SHA256:k from anywhere: one factor", id="a key"),
        pytest.param(
            f"{PAM}{KEY}{PATH} reason={SKIPPED}",
            "key SHA256:k from anywhere: one factor; PAM's one-time code is skipped because sshd runs no PAM auth for "
            "keys (pam_google_authenticator, /etc/pam.d/sshd:4)",
            id="a key, past the code",
        ),
        pytest.param(
            f"{KEY}{PATH} reason={SKIPPED}",
            f"key SHA256:k from anywhere: one factor; {SKIPPED[1:-1]}",
            id="what the rule asks for is not known",
        ),
        pytest.param(
            f"{PAM}{PAM.strip()} module=pam_u2f place=/etc/pam.d/sshd:5 form=key\n"
            f"{PATH} methods=gssapi-with-mic kinds=ticket reason={SKIPPED}",
            "Kerberos ticket from anywhere (by gssapi-with-mic): one factor; PAM's one-time code and security key is "
            "skipped because sshd runs no PAM auth for tickets (pam_google_authenticator, /etc/pam.d/sshd:4; pam_u2f, "
            "/etc/pam.d/sshd:5)",
            id="a ticket, past two rules",
        ),
        pytest.param(
            f"{PATH} methods=hostbased kinds=host",
            "the word of another host from anywhere (by hostbased): one factor",
            id="another host",
        ),
        pytest.param(PATH, "key from anywhere: one factor", id="no line is known for it"),
        pytest.param(
            KEY.replace("SHA256:k", "SHA256:k{1..5}") + PATH,
            "key SHA256:k1 or SHA256:k2 or SHA256:k3 or 2 more from anywhere: one factor",
            id="many keys",
        ),
        pytest.param(
            KEY.strip() + " command=/bin/menu from_patterns=192.0.2.1\n" + PATH + " via=/bin/menu source=10.0.0.0/8",
            "key from 10.0.0.0/8, runs only /bin/menu: one factor",
            id="the line is for another source",
        ),
        pytest.param(
            KEY.strip() + " command=/bin/menu from_patterns=10.0.0.0/8\n" + PATH + " via=/bin/menu source=10.0.0.0/8",
            "key SHA256:k from 10.0.0.0/8, runs only /bin/menu: one factor",
            id="a forced command, from somewhere",
        ),
        pytest.param(
            f"{KEY}{KEY.replace(':k', ':ca')[:-1]} is_authority=yes\n{PATH} reason={ISSUER}",
            "certificate of authority SHA256:ca from anywhere: one factor; its authority may have asked for more "
            "before it signed",
            id="a certificate",
        ),
        pytest.param(
            SK + PATH, "key SHA256:sk (security key, touch alone) from anywhere: one factor", id="touch alone"
        ),
        pytest.param(
            f"{KEY}{PIN}{PATH} kinds=verified-key factors=2 verdict=two",
            "key SHA256:sk with PIN or finger from anywhere: two factors",
            id="a key with a PIN",
        ),
        pytest.param(
            f"{SK}settings: host=web1 keyword=pubkeyauthoptions value=verify-required\n"
            f"{PATH} kinds=verified-key factors=2 verdict=two",
            "key SHA256:sk with PIN or finger from anywhere: two factors",
            id="a PIN that the settings ask for",
        ),
        pytest.param(
            f"{PATH} kinds=verified-key factors=2 verdict=two",
            "key with PIN or finger from anywhere: two factors",
            id="a PIN, no line known",
        ),
        pytest.param(
            WORD.replace("methods=keyboard-interactive", "methods='password keyboard-interactive'"),
            "password from anywhere (by password or keyboard-interactive): one factor",
            id="a password",
        ),
        pytest.param(
            BOTH,
            "password and one-time code from anywhere (by keyboard-interactive): two factors",
            id="password and code",
        ),
        pytest.param(
            WORD.replace("kinds=password", "kinds=code"),
            "one-time code from anywhere (by keyboard-interactive): one factor",
            id="a code alone",
        ),
        pytest.param(
            f"{PAM.strip()} enrolled=no passes_without=yes\n{WORD} reason={NULLOK}",
            "password from anywhere (by keyboard-interactive): one factor; no one-time code is asked for: "
            "/home/anna/.google_authenticator is not there, and nullok passes over who has none "
            "(pam_google_authenticator, /etc/pam.d/sshd:4)",
            id="no token, and nullok",
        ),
        pytest.param(
            f"{PAM}{WORD} reason='/etc/pam.d/sshd:4: pam_google_authenticator is not asked'",
            "password from anywhere (by keyboard-interactive): one factor; no one-time code is asked for: the stack "
            "does not get there (pam_google_authenticator, /etc/pam.d/sshd:4)",
            id="jumped over",
        ),
        pytest.param(
            f"{PAM}{WORD.replace('kinds=password', 'kinds=code')} reason='/etc/pam.d/sshd:4: x'",
            "one-time code from anywhere (by keyboard-interactive): one factor; x (pam_google_authenticator, "
            "/etc/pam.d/sshd:4)",
            id="another rule asks for the same form",
        ),
        pytest.param(
            f"{WORD} condition='the server of pam_duo cannot be reached' reason='/etc/pam.d/sshd:5: failmode = safe'",
            "password from anywhere (by keyboard-interactive), while the server of pam_duo cannot be reached: one "
            "factor; /etc/pam.d/sshd:5: failmode = safe",
            id="while a server is away",
        ),
        pytest.param(
            f"{PATH} methods=none kinds= factors=0",
            "nothing from anywhere (by none): no credential is asked for",
            id="nothing at all",
        ),
        pytest.param(
            f"{PATH} methods=keyboard-interactive kinds= factors=0 source=*,!10.0.0.0/8,!fd00::/8",
            "any answer from anywhere but 10.0.0.0/8,fd00::/8 (by keyboard-interactive): no credential is asked for",
            id="a stack that lets everybody pass, but not from there",
        ),
        pytest.param(
            f"{KEY}{PATH} methods='publickey,password,keyboard-interactive publickey,keyboard-interactive' "
            "kinds=code,key,password factors=3 verdict=two source=10.0.0.0/8,192.168.0.0/16",
            "key SHA256:k, then password and one-time code from 10.0.0.0/8,192.168.0.0/16 (by "
            "publickey,password,keyboard-interactive or publickey,keyboard-interactive): three factors",
            id="three in a chain",
        ),
        pytest.param(
            f"{KEY}{PATH} methods=publickey,keyboard-interactive",
            "key SHA256:k, then any answer from anywhere (by publickey,keyboard-interactive): one factor",
            id="two methods, one factor",
        ),
        pytest.param(
            f"{KEY}{KEY.replace(':k', ':l')}{PATH} methods=publickey,publickey",
            "2 keys of SHA256:k or SHA256:l from anywhere (by publickey,publickey): one factor, since keys are stolen "
            "together",
            id="two keys, one factor",
        ),
        pytest.param(
            f"{PATH} methods=publickey,gssapi-with-mic,hostbased,x kinds=host,key,retina,ticket factors=4 verdict=two",
            "key, then the word of another host, then Kerberos ticket, then retina from anywhere (by "
            "publickey,gssapi-with-mic,hostbased,x): 4 factors",
            id="everything",
        ),
        pytest.param(
            f"{KEY[:-1]} accepted=unknown reason='its groups are not known'\n{KEY.replace(':k', ':l')[:-1]} "
            f"accepted=unknown reason=other\n{PATH} verdict=unknown kinds= reason='its groups are not known'",
            "key SHA256:k from anywhere: unknown: its groups are not known",
            id="a key of which it is not known",
        ),
        pytest.param(
            f"{PATH} methods='publickey,keyboard-interactive publickey,password' verdict=unknown kinds= reason='pam_x'",
            "key, then keyboard-interactive from anywhere (by publickey,keyboard-interactive or publickey,password): "
            "unknown: pam_x",
            id="a chain of which it is not known",
        ),
        pytest.param(
            f"{PATH} methods='password keyboard-interactive' verdict=unknown kinds= reason='pam_x'",
            "password or keyboard-interactive from anywhere: unknown: pam_x",
            id="two methods of which it is not known",
        ),
        pytest.param(
            f"{PATH} methods=x verdict=unknown kinds=", "x from anywhere: unknown: no reason is given", id="x"
        ),
    ],
)
def test_way_in(rows: str, line: str) -> None:
    assert told(rows) == [line]


@pytest.mark.parametrize(
    ("rows", "opened_by"),
    [
        pytest.param(KEY[:-1] + " daemon=sshd2", "key", id="a line for another daemon"),
        pytest.param(KEY[:-1] + " accepted=unknown", "key", id="a line of which it is not known"),
        pytest.param(KEY[:-1] + " accepted=no", "key", id="a dead line"),
        pytest.param(KEY[:-1] + " is_authority=yes", "key", id="an authority"),
        pytest.param(KEY[:-1] + " command=/bin/menu", "key", id="another command"),
        pytest.param(KEY[:-1] + " from_patterns=192.0.2.1", "key", id="another source"),
        pytest.param(KEY[:-1] + " accepted_from=192.0.2.0/24", "key", id="taken from elsewhere alone"),
        pytest.param(KEY[:-1] + " accepted_from=10.0.0.0/8,192.0.2.0/24", "key SHA256:k", id="taken from there too"),
        pytest.param(KEY[:-1] + " from_patterns=10.1.0.0/16", "key", id="within that source"),
        pytest.param(KEY, "key SHA256:k", id="taken from everywhere"),
        pytest.param(PIN, "key", id="it asks for a PIN"),
        pytest.param(
            SK.replace(":sk\n", ":sk options=no-verify-required\n", 1)
            + "settings: host=web1 keyword=pubkeyauthoptions value=verify-required\n",
            "key SHA256:sk (security key, touch alone)",
            id="it asks for none, whatever the settings say",
        ),
        pytest.param(
            SK
            + "settings: host=web1 keyword=pubkeyauthoptions value=verify-required\n"
            + "settings: host=web1 keyword=pubkeyauthoptions value=none scope='anna from 10.0.0.0/8'\n",
            "key SHA256:sk (security key, touch alone)",
            id="the settings ask for none of this account",
        ),
    ],
)
def test_only_the_keys_that_open_a_way_are_named(rows: str, opened_by: str) -> None:
    own = rows if rows.endswith("\n") else f"{rows}\n"
    assert told(f"{own}{PATH} source=10.0.0.0/8") == [f"{opened_by} from 10.0.0.0/8: one factor"]


@pytest.mark.parametrize(
    ("source", "patterns", "classes"),
    [
        pytest.param("10.1.0.0/16 within 10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8", id="a list within a class"),
        pytest.param("*,!10.0.0.0/8", "*", "*", id="all but a class"),
        pytest.param("*", "*", "*", id="everywhere"),
        pytest.param("10.1.0.0/16", "10.1.0.0/16", "*,10.0.0.0/8", id="a list, from everywhere"),
        pytest.param("10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8", id="a list that is a class"),
    ],
)
def test_a_line_is_found_by_its_list_and_its_class(source: str, patterns: str, classes: str) -> None:
    own = f"{KEY[:-1]} from_patterns={patterns} accepted_from={classes}\n"
    assert told(f"{own}{PATH} source='{source}'")[0].startswith("key SHA256:k from ")
    other = f"{KEY[:-1]} from_patterns={patterns} accepted_from=192.0.2.0/24\n"
    assert told(f"{other}{PATH} source='{source}'")[0].startswith("key from ")


FREE = "accounts: host=web1 account=anna root_by=sudo\n"
ROOT = "root_paths: host=web1 account=anna"
SAME = "the password that sudo asks for is no factor of its own"


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        pytest.param(
            f"{FREE}{PATH}\n{ROOT} reason='sudo asks for nothing (NOPASSWD)'",
            "becomes root by sudo without a password: one factor in all (after key from anywhere)",
            id="NOPASSWD",
        ),
        pytest.param(
            f"{FREE}{PATH}\n{ROOT}",
            "becomes root by sudo without a password: one factor in all (after key from anywhere)",
            id="NOPASSWD, by the account's row",
        ),
        pytest.param(
            f"{PATH}\n{ROOT}",
            "becomes root by sudo without being asked for more: one factor in all (after key from anywhere)",
            id="sudo's stack lets pass",
        ),
        pytest.param(
            f"{PATH}\n{ROOT} kinds=key,password factors=2 verdict=two",
            "becomes root by sudo with its password: two factors in all (after key from anywhere)",
            id="sudo asks for the password",
        ),
        pytest.param(
            f"{PATH} source=10.0.0.0/8 reason=told\n"
            f"{ROOT} source=10.0.0.0/8 kinds=code,key,password factors=3 verdict=two reason='told; sudo asks the PAM "
            "service sudo-i'",
            "becomes root by sudo with its password and one-time code: three factors in all (after key from "
            "10.0.0.0/8); sudo asks the PAM service sudo-i",
            id="and a code; what the login says is not said again",
        ),
        pytest.param(
            f"{WORD}\n{ROOT} methods=keyboard-interactive kinds=password reason='{SAME}'",
            "becomes root by sudo with the same password: one factor in all (after password from anywhere)",
            id="the same password",
        ),
        pytest.param(
            f"{WORD}\n{ROOT} methods=keyboard-interactive step=su kinds=password "
            "reason='su asks for what root shows; the password that su asks for is no factor of its own'",
            "becomes root by su with root's password: one factor in all (after password from anywhere)",
            id="root's password is a password too",
        ),
        pytest.param(
            f"{PATH}\n{ROOT} kinds=key,password factors=2 verdict=two step=su reason='su asks for what toor shows' "
            "condition='the server of pam_duo cannot be reached'",
            "becomes root by su with toor's password, while the server of pam_duo cannot be reached: two factors in "
            "all (after key from anywhere)",
            id="while a server is away",
        ),
        pytest.param(
            f"{PATH}\n{ROOT} verdict=unknown kinds= reason='sudoers was not read'",
            "becomes root by sudo: unknown: sudoers was not read (after key from anywhere)",
            id="not known",
        ),
    ],
)
def test_way_to_root(rows: str, line: str) -> None:
    assert told(rows)[1:] == [line]


def test_root_itself_becomes_nothing() -> None:
    assert told(f"{KEY}{PATH}\n{ROOT} step=uid0") == ["key SHA256:k from anywhere: one factor"]
