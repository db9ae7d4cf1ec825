"""Programs that name keys: whether sshd runs them, and who else could change them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hygiene.accounts import group, passwd
from hygiene.model import Truth
from hygiene.openssh.members import Members
from hygiene.openssh.permissions import StrictModes
from hygiene.openssh.programs import Program, judge
from hygiene.openssh.version import Vendor

from .trees import tree

PASSWD = b"root:x:0:0::/root:/bin/sh\nsvc:x:998:998::/:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"
GROUPS = b"root:x:0:\nsvc:x:998:\nann:x:1000:\nkeys:x:2000:svc\n"
MEMBERS = Members.of(passwd.parse(PASSWD), group.parse(GROUPS))
PARTLY = Members.of(passwd.parse(PASSWD + b"+\n"), group.parse(GROUPS))
PROGRAM = "/usr/libexec/keys"


def works(fault: str | None = None, run_as: str = "svc") -> Program:
    return Program(PROGRAM, run_as, Truth.YES, fault)


def fails(fault: str, run_as: str | None = "svc", path: str = PROGRAM) -> Program:
    return Program(path, run_as, Truth.NO, fault)


def unclear(fault: str, run_as: str | None = "svc") -> Program:
    return Program(PROGRAM, run_as, Truth.UNKNOWN, fault)


ROWS: dict[str, tuple[str, str | None, Mapping[str, str], Program]] = {
    "root's-program": (PROGRAM, "svc", {}, works()),
    "arguments": (f"{PROGRAM} %u %k", "svc", {}, works()),
    "quoted-whole": (f'"{PROGRAM}" %u', "svc", {}, fails("the path of the program is not absolute")),
    "quoted-in-part": ('/usr/"libexec/keys" %u', "svc", {}, works()),
    "relative": ("keys %u", "svc", {}, fails("the path of the program is not absolute", path="keys")),
    "open-quote": (f'{PROGRAM} "%u', "svc", {}, fails("in the command a quote is not closed")),
    "nobody-to-run-it": (PROGRAM, None, {}, fails("no account is set to run the program", None)),
    "none-to-run-it": (PROGRAM, "none", {}, fails("no account is set to run the program", "none")),
    "unknown-account": (
        PROGRAM, "gone", {}, fails("the account gone, which shall run the program, is not there", "gone"),
    ),
    "absent": (PROGRAM, "svc", {PROGRAM: "l 0 0 /gone"}, fails("/gone is not there")),
    "another's": (PROGRAM, "svc", {PROGRAM: "f 0755 1000 1000"}, fails(f"{PROGRAM} belongs to another account")),
    "of-the-account-that-runs-it": (
        PROGRAM, "svc", {PROGRAM: "f 0755 998 998"}, fails(f"{PROGRAM} belongs to another account"),
    ),
    "writable-by-a-group": (PROGRAM, "svc", {PROGRAM: "f 0775 0 2000"}, fails(f"{PROGRAM} is writable by its group")),
    "writable-by-root's-group": (PROGRAM, "svc", {PROGRAM: "f 0775 0 0"}, works()),
    "folder-writable-by-others": (
        PROGRAM, "svc", {"/usr": "d 0777 0 0"}, fails("/usr is writable by others"),
    ),
    "not-executable-for-it": (
        PROGRAM, "svc", {PROGRAM: "f 0750 0 1000"},
        fails(f"{PROGRAM} cannot be executed by the account that shall run it"),
    ),
    "executable-by-its-group": (PROGRAM, "svc", {PROGRAM: "f 0750 0 2000"}, works()),
    "folder-that-it-cannot-enter": (
        PROGRAM, "svc", {"/usr/libexec": "d 0700 0 0"}, fails("/usr/libexec cannot be entered by the account"),
    ),
    "root-enters": (PROGRAM, "root", {"/usr/libexec": "d 0700 0 0"}, works(run_as="root")),
    "link-in-an-open-folder": (
        PROGRAM, "svc", {PROGRAM: "l 0 0 /opt/keys", "/usr/libexec": "d 0777 0 0", "/opt/keys": "f 0755 0 0"},
        works("it can be changed by others (/usr/libexec is writable by others)"),
    ),
    "as-who-logs-in": (PROGRAM, "%u", {}, works(run_as="%u")),
    "as-who-logs-in-for-some": (
        PROGRAM, "%u", {PROGRAM: "f 0750 0 2000"}, unclear("the groups of the account are not known", "%u"),
    ),
    "unseen": (PROGRAM, "svc", {PROGRAM: "unseen"}, unclear(f"the owner and mode of {PROGRAM} were not seen")),
}  # fmt: skip


@pytest.mark.parametrize(("command", "user", "nodes", "expected"), ROWS.values(), ids=ROWS)
def test_judge(command: str, user: str | None, nodes: Mapping[str, str], expected: Program) -> None:
    look = tree({PROGRAM: "f 0755 0 0"} | dict(nodes))
    assert judge(command, user, look, StrictModes(True, Vendor.DEBIAN, MEMBERS)) == expected


def test_accounts_that_are_not_all_known() -> None:
    look = tree({PROGRAM: "f 0755 0 0"})
    partly = StrictModes(None, Vendor.OTHER, PARTLY)
    assert judge(PROGRAM, "svc", look, partly) == works()
    reason = "whether the account gone, which shall run the program, is there is not known"
    assert judge(PROGRAM, "gone", look, partly) == unclear(reason, "gone")
    assert judge(PROGRAM, "gone", look, StrictModes(None, Vendor.OTHER)) == unclear(reason, "gone")
