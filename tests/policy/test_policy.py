"""The policy file: what it sets, and one message with a line for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from hygiene.api import Check, Finding, Fleet, Severity, SubjectKind
from hygiene.errors import PolicyError
from hygiene.model import Gap
from hygiene.policy.policy import AcceptedGap, CheckPolicy, Policy, load


@dataclass(frozen=True)
class ManyRoots(Check):
    id: ClassVar[str] = "many-roots"
    title: ClassVar[str] = "many roots"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    high_from: int = field(default=10, metadata={"min": 1})
    name: str = "x"

    def run(self, fleet: Fleet) -> Iterator[Finding]:  # noqa: ARG002  # nothing to find here
        yield from ()


def read(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "hygiene.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, [ManyRoots])


def test_whole_policy(tmp_path: Path) -> None:
    fingerprint = "SHA256:" + "A" * 43
    policy = read(
        tmp_path,
        f"""
fail_on = "critical"
auditor_keys = ["{fingerprint}"]

[checks.many-roots]
severity = "medium"
high_from = 20

[identities.vpn]
user = "Account"
second_factor = "2FA"

[passwords]
organisation = ["Example AG", "EXA"]
digest_key = "digests.key"

[passwords.safe]
password = "Geheimwort"
tenant = "Kd."

[[accepted_gap]]
subject = "web*"
area = "accounts"
owner = "platform team"
reason = "accounts come from the directory"
until = 2027-06-30
""",
    )
    assert policy.fail_on is Severity.CRITICAL
    assert policy.auditor_keys == {fingerprint}
    assert policy.checks == {"many-roots": CheckPolicy(True, Severity.MEDIUM, {"high_from": 20})}
    assert policy.identities == {"vpn": {"user": "Account", "second_factor": "2FA"}}
    assert policy.password_columns == {"safe": {"password": "Geheimwort", "tenant": "Kd."}}
    assert policy.organisation == ("Example AG", "EXA")
    assert policy.digest_key == tmp_path / "digests.key", "beside the policy, wherever the command runs"
    assert policy.accepted_gaps == (
        AcceptedGap("web*", "accounts", "platform team", "accounts come from the directory", date(2027, 6, 30), 21),
    )
    assert policy.configure([ManyRoots]) == (ManyRoots(high_from=20),)


PEOPLE = "[identities.vpn]\nuser = 'Account'\n"
GAP = '[[accepted_gap]]\nsubject = "a"\narea = "accounts"\nowner = "o"\nreason = "r"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("fail-on = 'high'", "1: unknown entry `fail-on`", id="top-level-typo"),
        pytest.param("fail_on = 'urgent'", "1: `fail_on` is 'urgent'; expected one of critical, high", id="severity"),
        pytest.param(
            "\n\n[checks.many-root]\n", "3: there is no check `many-root` (did you mean `many-roots`?)", id="check"
        ),
        pytest.param(
            "[checks.many-roots]\n\nhigh_form = 3", "3: `many-roots` has no parameter `high_form`", id="parameter"
        ),
        pytest.param(
            "[checks.many-roots]\nhigh_from = '3'", "2: `high_from` is '3'; expected a whole number", id="type"
        ),
        pytest.param(
            "[checks.many-roots]\nhigh_from = true", "2: `high_from` is True; expected a whole", id="bool-is-no-int"
        ),
        pytest.param("[checks.many-roots]\nhigh_from = 0", "2: `high_from` is 0; expected at least 1", id="minimum"),
        pytest.param("checks.many-roots.enabled = 1", "1: `enabled` is 1; expected true or false", id="dotted-key"),
        pytest.param("auditor_keys = ['SHA256:abc']", "1: 'SHA256:abc' is no fingerprint", id="fingerprint"),
        pytest.param("auditor_keys = 'x'", "1: `auditor_keys` is not a list", id="not-a-list"),
        pytest.param(GAP, "1: `until` is 'None'; expected a date", id="no-expiry"),
        pytest.param(GAP + "until = 2027-13-01", "is not valid TOML", id="no-such-month"),
        pytest.param(GAP + 'until = "2027-06-30"', "6: `until` is '2027-06-30'; expected a date", id="date-in-quotes"),
        pytest.param(
            GAP + "until = 2027-06-30\nuntill = 1", "7: unknown entry `untill` (did you mean `until`?)", id="gap-typo"
        ),
        pytest.param("[[accepted_gap]]\narea = 'accounts'", "`owner` is missing", id="gap-owner"),
        pytest.param(
            GAP.replace("accounts", "account"), "3: `area` is 'account'; expected one of accounts", id="gap-area"
        ),
        pytest.param("identities = 'x'", "1: `identities` is not a table; expected [identities.NAME]", id="no-tables"),
        pytest.param("[identities]\nvpn = 'x'", "2: `vpn` is not a table; expected [identities.vpn]", id="no-table"),
        pytest.param(
            PEOPLE + "methods = 'Token'\nadmins = 'Role'",
            "4: unknown entry `admins` (did you mean `admin`?); expected user, admin, enabled, methods, second_factor",
            id="column-typo",
        ),
        pytest.param(
            PEOPLE + "methods = 3", "3: `methods` is 3; expected the name of a column", id="column-that-is-no-name"
        ),
        pytest.param(PEOPLE + "methods = '-'", "3: `methods` is '-'; expected the name of a column", id="no-letters"),
        pytest.param(
            "[identities.vpn]\nmethods = 'Token'", "1: `vpn` names no column for `user`", id="people-without-names"
        ),
        pytest.param(
            PEOPLE,
            "1: `vpn` names no column for `methods` or `second_factor`; expected one of them",
            id="people-without-factors",
        ),
        pytest.param("passwords = 3", "1: `passwords` is not a table; expected [passwords.NAME]", id="no-lists"),
        pytest.param(
            "[passwords.safe]\nusers = 'A'",
            "2: unknown entry `users` (did you mean `user`?); expected password, user, system, tenant",
            id="list-typo",
        ),
        pytest.param(
            "[passwords.safe]\nuser = 'A'", "1: `safe` names no column for `password`", id="list-without-passwords"
        ),
        pytest.param(
            "[passwords]\norganisation = 'Example AG'",
            '2: expected `organisation` to be a list of names, like ["Example AG", "EXA"]',
            id="organisation-that-is-no-list",
        ),
        pytest.param("[passwords]\norganisation = ['A', ' ']", "2: expected `organisation` to", id="empty-name"),
        pytest.param("[passwords]\n\norganisation = [3]", "3: expected `organisation` to", id="name-that-is-no-text"),
        pytest.param("[passwords.organisation]\npassword = 'A'", "1: expected `organisation` to", id="name-taken"),
        pytest.param(
            "[passwords]\ndigest_key = 3", "2: expected `digest_key` to be the name of a file", id="key-that-is-no-name"
        ),
        pytest.param("[passwords]\ndigest_key = ''", "2: expected `digest_key` to be", id="empty-key-name"),
        pytest.param("a = [", "is not valid TOML: ", id="not-toml"),
    ],
)
def test_bad_policy_names_file_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'hygiene.toml'}:")
    assert message in str(error.value)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as error:
        read(tmp_path, "x = 1\nfail_on = 2\n[checks.no-such]\n")
    assert [line.split(":", 2)[1] for line in str(error.value).splitlines()] == ["1", "2", "3"]


def test_a_key_where_its_file_belongs_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as error:
        read(tmp_path, "[passwords]\ndigest_key = ['c0ffee']\n")
    assert "c0ffee" not in str(error.value)


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml", [])


@pytest.mark.parametrize(
    ("subject", "area", "gap", "covered"),
    [
        pytest.param("web*", "accounts", Gap("web1", "web1", "accounts", "r"), True, id="glob"),
        pytest.param("web*", "sudo", Gap("web1", "web1", "accounts", "r"), False, id="other-area"),
        pytest.param("web1", "*", Gap("web1", "web1", "accounts", "r"), True, id="any-area"),
        pytest.param("web1", "*", Gap("web1", "web1:root", "accounts", "r"), False, id="account-is-another-subject"),
        pytest.param(
            "[fe80::1]:*", "*", Gap("fe80::1", "[fe80::1]:root", "pam", "r"), True, id="brackets-are-not-a-set"
        ),
    ],
)
def test_accepted_gap_covers(subject: str, area: str, gap: Gap, covered: bool) -> None:
    accepted = AcceptedGap(subject, area, "o", "r", date(2027, 1, 1))
    assert accepted.covers(gap, date(2027, 1, 1)) is covered
    assert not accepted.covers(gap, date(2027, 1, 2)), "nothing is accepted after its last day"
