"""What the account stage says of an account: yes, no or unknown, with the line that it stands on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hygiene.model import Truth
from hygiene.openssh.connection import Source
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.account import account_stage, places
from hygiene.pam.codes import Code
from hygiene.pam.question import Conf, Person
from hygiene.pam.stack import read

from .distributions import RHEL_7, RHEL_FAILLOCK, SSSD, debian, rhel

ALICE = Person(
    "alice", 1000, 1000, frozenset({"alice", "ops"}), "/home/alice", "/bin/bash", True, shadow=frozenset({Code.SUCCESS})
)
ROOT = replace(ALICE, name="root", uid=0, gid=0, groups=frozenset({"root"}), home="/root")
OUTSIDE = Source("*")
INSIDE = Source("10.0.0.0/8", address="10.0.0.1")
QUIET = Conf(absent=frozenset({"/etc/security/sepermit.conf"}), access_d=(), nologin=Truth.NO)
RHEL_CONF = replace(QUIET, files={"/etc/security/sepermit.conf": b"# nobody\n"}, absent=frozenset())


def host(files: dict[str, bytes | None]) -> dict[str, bytes | None]:
    return {f"/etc/pam.d/{name}": data for name, data in files.items()}


def sshd(text: str) -> dict[str, bytes | None]:
    return {"sshd": text.encode(), "other": b"account required pam_deny.so\n"}


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def becoming(*codes: Code) -> Person:
    return replace(ALICE, shadow=frozenset(codes))


DEBIAN = debian()
EXPIRED = becoming(Code.ACCT_EXPIRED)
AT = "/etc/pam.d/sshd"


@pytest.mark.parametrize(
    ("files", "person", "conf", "expected"),
    [
        pytest.param(DEBIAN, ALICE, QUIET, YES, id="debian"),
        pytest.param(
            DEBIAN, EXPIRED, QUIET, no("/etc/pam.d/common-account:1: the account has expired"), id="debian-expired"
        ),
        pytest.param(DEBIAN, becoming(Code.NEW_AUTHTOK_REQD), QUIET, YES, id="debian-password-to-change"),
        pytest.param(
            DEBIAN,
            replace(ALICE, shadow=frozenset({Code.SUCCESS, Code.ACCT_EXPIRED})),
            QUIET,
            unknown("/etc/pam.d/common-account:1: whether the account has expired is not known"),
            id="debian-ages-not-seen",
        ),
        pytest.param(
            DEBIAN,
            replace(ALICE, shadow=frozenset({Code.SUCCESS, Code.NEW_AUTHTOK_REQD})),
            QUIET,
            YES,
            id="either-way-in",
        ),
        pytest.param(
            DEBIAN,
            becoming(Code.AUTHINFO_UNAVAIL),
            QUIET,
            no("/etc/pam.d/common-account:1: the account has no shadow line"),
            id="debian-no-shadow-line",
        ),
        pytest.param(
            DEBIAN, ALICE, replace(QUIET, nologin=Truth.YES), no(f"{AT}:4: a nologin file is there"), id="nologin"
        ),
        pytest.param(DEBIAN, ROOT, replace(QUIET, nologin=Truth.YES), YES, id="nologin-does-not-stop-root"),
        pytest.param(
            DEBIAN,
            ALICE,
            replace(QUIET, nologin=Truth.UNKNOWN),
            unknown(f"{AT}:4: whether a nologin file is there is not known"),
            id="nologin-not-seen",
        ),
        pytest.param(rhel(RHEL_FAILLOCK), ALICE, RHEL_CONF, YES, id="rhel"),
        pytest.param(
            rhel(RHEL_FAILLOCK),
            ALICE,
            QUIET,
            no(f"{AT}:4: /etc/security/sepermit.conf is not there"),
            id="rhel-without-sepermit-conf",
        ),
        pytest.param(
            rhel(RHEL_FAILLOCK),
            ALICE,
            Conf(nologin=Truth.NO),
            unknown(f"{AT}:4: /etc/security/sepermit.conf was not seen"),
            id="rhel-sepermit-conf-not-seen",
        ),
        pytest.param(rhel(RHEL_7), ALICE, RHEL_CONF, YES, id="rhel-7"),
        pytest.param(rhel(SSSD), ALICE, RHEL_CONF, YES, id="sssd-local-account"),
        pytest.param(
            rhel(SSSD),
            replace(ALICE, local=False),
            RHEL_CONF,
            unknown("/etc/pam.d/password-auth:8: /etc/login.defs was not seen"),
            id="sssd-account-of-the-directory",
        ),
        pytest.param(
            sshd("account required pam_slurm_adopt.so\naccount required pam_unix.so\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:1: what pam_slurm_adopt.so says is not known"),
            id="unknown-module",
        ),
        pytest.param(
            sshd("account optional pam_slurm_adopt.so\naccount required pam_unix.so\n"),
            ALICE,
            QUIET,
            YES,
            id="unknown-module-that-does-not-count",
        ),
        pytest.param(
            sshd("account required pam_unix.so\naccount required pam_slurm_adopt.so\n"),
            EXPIRED,
            QUIET,
            no(f"{AT}:1: the account has expired"),
            id="unknown-module-cannot-undo-a-refusal",
        ),
        pytest.param(
            sshd("account sufficient pam_unix.so\naccount required pam_slurm_adopt.so\n"),
            ALICE,
            QUIET,
            YES,
            id="unknown-module-behind-the-end",
        ),
        pytest.param(
            sshd("account required /opt/lib/pam_unix.so\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:1: what /opt/lib/pam_unix.so says is not known"),
            id="known-name-in-another-folder",
        ),
        pytest.param(
            sshd("account required /lib/x86_64-linux-gnu/security/pam_unix.so\n"), ALICE, QUIET, YES, id="full-path"
        ),
        pytest.param(
            sshd("account required pam_access.so\n"),
            ALICE,
            replace(QUIET, files={"/etc/security/access.conf": b"-:ALL EXCEPT root:ALL\n"}),
            no(f"{AT}:1: /etc/security/access.conf:1 refuses it"),
            id="access",
        ),
        pytest.param(
            sshd("account required pam_access.so\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:1: /etc/security/access.conf was not seen"),
            id="access-not-seen",
        ),
        pytest.param(
            sshd("account required pam_deny.so\n"), ROOT, QUIET, no(f"{AT}:1: pam_deny.so refuses everybody"), id="no"
        ),
        pytest.param(sshd("account required pam_warn.so\n"), ALICE, QUIET, no("no rule let it pass"), id="all-ignored"),
        pytest.param(
            sshd("auth required pam_unix.so\n"),
            ALICE,
            QUIET,
            no("/etc/pam.d/other:1: pam_deny.so refuses everybody"),
            id="no-account-stage-takes-other",
        ),
        pytest.param({"sshd": b"auth required pam_unix.so\n"}, ALICE, QUIET, no("there is no rule for it"), id="none"),
        pytest.param(
            sshd("account required pam_nope.so [x\naccount foo\n"),
            replace(ALICE, name="bob"),
            QUIET,
            no(f"{AT}:2: not a rule; expected a type, a control and a module"),
            id="half-a-rule",
        ),
        pytest.param(
            {**DEBIAN, "common-account": None},
            ALICE,
            QUIET,
            unknown(f"{AT}:6: /etc/pam.d/common-account could not be read"),
            id="unreadable-include",
        ),
        pytest.param(
            {**DEBIAN, "common-session": None},
            ALICE,
            QUIET,
            unknown(f"{AT}:8: /etc/pam.d/common-session could not be read"),
            id="an-unreadable-file-may-hold-account-rules",
        ),
        pytest.param(
            {name: data for name, data in DEBIAN.items() if name != "common-session"},
            ALICE,
            QUIET,
            no(f"PAM does not start: {AT}:8: common-session is not there"),
            id="any-missing-include-of-debian-stops-all",
        ),
        pytest.param({"sshd": None}, ALICE, QUIET, unknown(f"{AT} could not be read"), id="unreadable"),
        pytest.param(
            {"other": b"account required pam_permit.so\n"},
            ALICE,
            QUIET,
            unknown(f"{AT} is not there, and a folder of the vendor was not seen"),
            id="no-service",
        ),
        pytest.param(
            {"other": b"account required pam_permit.so\n", "common-session-noninteractive": b""},
            ALICE,
            QUIET,
            YES,
            id="no-service-on-debian-takes-other",
        ),
        pytest.param(
            sshd("account [success=1] pam_permit.so\naccount include /etc/elsewhere\naccount required pam_permit.so\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:2: /etc/elsewhere was not seen"),
            id="jump-over-what-is-not-known",
        ),
        pytest.param(
            sshd("account required pam_permit.so " + "x" * 1100 + "\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:1: the line has more than 1,022 bytes, which libpam before 1.6 cuts"),
            id="long-line",
        ),
        pytest.param(
            sshd("account [success=4294967297 default=ignore] pam_permit.so\naccount required pam_permit.so\n"),
            ALICE,
            QUIET,
            unknown(f"{AT}:1: the jump is longer than a number can be"),
            id="long-jump",
        ),
    ],
)  # fmt: skip
def test_account_stage(files: dict[str, bytes | None], person: Person, conf: Conf, expected: Judgement) -> None:
    stacks = read(host(files))
    # the same file is seen by libpam whatever stands in the others
    assert account_stage(stacks, person, OUTSIDE, conf) == expected


@pytest.mark.parametrize(
    ("by_password", "expected"),
    [
        pytest.param(False, YES, id="a-key-needs-no-password"),
        pytest.param(True, no(f"{AT}:1: the password has been overdue for too long"), id="a-password-does"),
    ],
)
def test_no_pass_expiry(by_password: bool, expected: Judgement) -> None:
    stacks = read(host(sshd("account required pam_unix.so no_pass_expiry\n")))
    conf = replace(QUIET, version=(1, 5, 2))
    person = becoming(Code.AUTHTOK_EXPIRED)
    assert account_stage(stacks, person, OUTSIDE, conf, by_password=by_password) == expected


TABLE = b"""\
+:root:192.168. 10.0.0.0/8 2001:db8::/33
-:ALL:ALL EXCEPT 192.168.0.0/255.255.0.0 172.16.0.1 0.0.0.0/0 10.0.0.0/99 host.example.org
"""


def test_each_place_gets_its_own_answer() -> None:
    stacks = read(host(sshd("account required pam_access.so\naccount required pam_unix.so\n")))
    conf = replace(QUIET, files={"/etc/security/access.conf": TABLE}, version=(1, 5, 2))
    assert places(stacks, conf) == (
        "192.168.0.0/16", "10.0.0.0/8", "2001:db8::/33", "172.16.0.1", "0.0.0.0",
    )  # fmt: skip
    answers = {
        (person.name, source.label): account_stage(stacks, person, source, conf).answer
        for person in (ROOT, ALICE)
        for source in (OUTSIDE, INSIDE, Source("192.168.0.0/16", address="192.168.7.7"))
    }
    assert answers == {
        ("root", "*"): Truth.NO,
        ("root", "10.0.0.0/8"): Truth.YES,
        ("root", "192.168.0.0/16"): Truth.YES,
        ("alice", "*"): Truth.NO,
        ("alice", "10.0.0.0/8"): Truth.NO,
        ("alice", "192.168.0.0/16"): Truth.YES,
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"/etc/pam.conf": b"SSHD account required pam_permit.so\n"}, YES, id="of-the-service"),
        pytest.param({"/etc/pam.conf": b"other account required pam_permit.so\n"}, YES, id="other"),
        pytest.param({"/etc/pam.conf": b"su account required pam_permit.so\n"}, no("there is no rule for it"), id="su"),
        pytest.param(
            {
                "/etc/pam.conf": b"sshd account required pam_permit.so\n",
                "/etc/pam.d/sshd": b"account required pam_deny.so\n",
            },
            no("/etc/pam.d/sshd:1: pam_deny.so refuses everybody"),
            id="not-where-there-is-a-folder",
        ),
        pytest.param({}, no("PAM does not start: there are no PAM files"), id="nothing"),
        pytest.param({"/usr/lib/pam.d/sshd": b"account required pam_permit.so\n"}, YES, id="vendor-folder"),
        pytest.param(
            {
                "/usr/lib/pam.d/sshd": b"account required pam_permit.so\n",
                "/etc/pam.d/sshd": b"account required pam_deny.so\n",
            },
            no("/etc/pam.d/sshd:1: pam_deny.so refuses everybody"),
            id="own-folder-first",
        ),
    ],
)
def test_other_places_of_configuration(files: dict[str, bytes | None], expected: Judgement) -> None:
    assert account_stage(read(files), ALICE, OUTSIDE, QUIET) == expected


def test_at_include_is_debians_alone() -> None:
    files: dict[str, bytes | None] = {
        "/etc/pam.d/sshd": b"@include more\naccount required pam_permit.so\n",
        "/etc/pam.d/more": b"account required pam_deny.so\n",
    }
    reasons = {debian: account_stage(read(files, debian=debian), ALICE, OUTSIDE, QUIET) for debian in (True, False)}
    assert reasons == {True: no("/etc/pam.d/more:1: pam_deny.so refuses everybody"), False: YES}


def test_another_service() -> None:
    files = host({"sshd": b"account required pam_deny.so\n", "ssh-ops": b"account required pam_permit.so\n"})
    assert account_stage(read(files, "SSH-ops"), ALICE, OUTSIDE, QUIET) == YES


@pytest.mark.real_sshd
def test_debian_as_it_is_installed(lab_tree: Path) -> None:
    folder = lab_tree / "etc/pam.d"
    stacks = read(host({path.name: path.read_bytes() for path in folder.iterdir()}))
    people = (ALICE, EXPIRED, becoming(Code.NEW_AUTHTOK_REQD))
    answers = [account_stage(stacks, person, OUTSIDE, QUIET).answer for person in people]
    assert answers == [Truth.YES, Truth.NO, Truth.YES]


STORM = b"account [default=3] pam_debug.so\naccount substack storm2\n" * 400


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"sshd": b"account include sshd\n" * 1000}, id="including-itself-often"),
        pytest.param({"sshd": b"account substack sshd\naccount substack sshd\n"}, id="substack-of-itself-twice"),
        pytest.param({"sshd": b"account required pam_x.so\n" * 100_000}, id="endless-stack"),
        pytest.param({"sshd": b"session required pam_x.so\n" * 100_000}, id="endless-other-stage"),
        pytest.param({"sshd": b"account [" + b"success=1 " * 100_000}, id="endless-control"),
        pytest.param({"sshd": b"account [" + b"\\]" * 500_000}, id="endless-brackets"),
        pytest.param({"sshd": b"\\\n" * 300_000}, id="endless-continuation"),
        pytest.param({"sshd": b"#\n\\\n" * 300_000}, id="endless-comments-continued"),
        pytest.param({"sshd": b"account [default=9] pam_x.so\n" * 1900}, id="jumps-of-unknown-modules"),
        pytest.param({"sshd": b"account [success=2 default=1 ignore=reset] pam_x.so\n" * 1900}, id="jump-storm"),
        pytest.param({"sshd": STORM, "storm2": b"account [ignore=reset success=1] pam_y.so\n" * 2}, id="resets"),
        pytest.param(
            {
                "sshd": b"account substack s0\n",
                **{f"s{n}": b"account [ignore=reset default=ok] pam_x.so\n" * 4 + b"account substack s%d\n" % (n + 1)
                   + b"account [ignore=reset default=bad] pam_y.so\n" * 4 for n in range(15)},
            },
            id="deep-frames",
        ),
        pytest.param({"sshd": bytes(range(256)) * 4000}, id="noise"),
        pytest.param({"sshd": b"account required pam_succeed_if.so" + b" user ingroup a" * 60 + b"\n"}, id="words"),
    ],
)  # fmt: skip
def test_hostile_stacks_end_soon(files: dict[str, bytes | None]) -> None:
    stacks = read(host({**files, "other": b"account required pam_deny.so\n"}))
    judged = account_stage(stacks, replace(ALICE, groups=None), OUTSIDE, Conf())
    assert judged.answer in (Truth.NO, Truth.UNKNOWN)
