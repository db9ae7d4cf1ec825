"""What modules say to sudo and su: no remote host, a terminal that is not known, and somebody who runs them."""

from __future__ import annotations

import pytest

from hygiene.model import Truth
from hygiene.pam.account import account_stage
from hygiene.pam.codes import Code
from hygiene.pam.modules import known
from hygiene.pam.modules.simple import rootok
from hygiene.pam.question import LOCAL, Conf, Question
from hygiene.pam.stack import read

from .hosts import Host

SUCCESS, AUTH_ERR, DENIED = Code.SUCCESS, Code.AUTH_ERR, Code.PERM_DENIED
HOST = Host(
    security={
        "local": b"+:alice:LOCAL\n-:ALL:ALL\n",
        "remote": b"-:alice:192.0.2. .example.org 10.0.0.0/8 web1 tty1\n",
        "terminal": b"-:alice:pts/1\n",
        "service": b"-:alice:su\n",
        "names": b"bob\nalice\n",
        "tty.conf": b"*;tty1;alice;!Al0000-2400\n",
        "any.conf": b"su;*;alice;!Al0000-2400\n",
    }
)
FOLDER = "/etc/security"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(f"pam_access.so accessfile={FOLDER}/local", {SUCCESS}, id="it is LOCAL"),
        pytest.param(f"pam_access.so accessfile={FOLDER}/remote", {SUCCESS}, id="no host, network or other terminal"),
        pytest.param(f"pam_access.so accessfile={FOLDER}/terminal", {SUCCESS, DENIED}, id="perhaps that terminal"),
        pytest.param(f"pam_access.so accessfile={FOLDER}/service", {SUCCESS, DENIED}, id="the service has none"),
        pytest.param(f"pam_listfile.so item=ruser sense=deny file={FOLDER}/names", {AUTH_ERR}, id="the caller is bob"),
        pytest.param(f"pam_listfile.so item=rhost sense=deny file={FOLDER}/names", {SUCCESS}, id="no host is no match"),
        pytest.param(
            f"pam_listfile.so item=tty sense=deny file={FOLDER}/names", {SUCCESS, AUTH_ERR}, id="any terminal"
        ),
        pytest.param("pam_succeed_if.so user = alice", {SUCCESS}, id="the account"),
        pytest.param("pam_succeed_if.so use_uid user = bob", {SUCCESS}, id="who runs it"),
        pytest.param("pam_succeed_if.so use_uid uid = 0", {AUTH_ERR}, id="who is not root"),
        pytest.param("pam_succeed_if.so use_uid user ingroup ops", {SUCCESS}, id="and has groups"),
        pytest.param("pam_succeed_if.so ruser = bob rhost = ''", {AUTH_ERR}, id="words are taken as they stand"),
        pytest.param("pam_succeed_if.so ruser = bob service = su", {SUCCESS}, id="named by su"),
        pytest.param("pam_succeed_if.so tty = ssh", {SUCCESS, AUTH_ERR}, id="not sshd's terminal"),
        pytest.param(f"pam_time.so conffile={FOLDER}/tty.conf", {SUCCESS, DENIED}, id="times at a terminal"),
        pytest.param(f"pam_time.so conffile={FOLDER}/any.conf", {DENIED}, id="times at any"),
        pytest.param("pam_wheel.so group=ops", {Code.IGNORE}, id="a member of the group"),
    ],
)
def test_what_they_say(rule: str, expected: set[Code]) -> None:
    text = f"account [default=bad success=ok ignore=ignore] {rule}\n".encode()
    (asked,) = read({"/etc/pam.d/su": text}, "su", debian=True).stages["account"]
    question = Question((), HOST.person("alice"), LOCAL, HOST.conf((1, 5, 2)), "su", caller=HOST.person("bob"))
    assert {outcome.code for outcome in known.model(known.ACCOUNT, question)(asked)} == expected


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        pytest.param("bob", {AUTH_ERR}, id="su of another"),
        pytest.param("root", {SUCCESS, AUTH_ERR}, id="su of root; SELinux may object"),
        pytest.param(None, {SUCCESS, AUTH_ERR}, id="sshd is root"),
    ],
)
def test_rootok_asks_who_runs_it(caller: str | None, expected: set[Code]) -> None:
    by = HOST.person(caller) if caller is not None else None
    question = Question((), HOST.person("root"), LOCAL, Conf(), "su", in_auth=True, caller=by)
    assert {outcome.code for outcome in rootok(question)} == expected


def test_the_account_stage_is_told_who_runs_it() -> None:
    stacks = read({"/etc/pam.d/su": b"account required pam_succeed_if.so use_uid user = bob\n"}, "su", debian=True)
    asked = [
        account_stage(stacks, HOST.person("root"), LOCAL, Conf(), caller=HOST.person(name)).answer
        for name in ("bob", "carol")
    ]
    assert asked == [Truth.YES, Truth.NO]
