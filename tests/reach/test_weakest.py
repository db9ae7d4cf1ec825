"""The weakest way into each account and to root, counted; people by their second factor."""

from __future__ import annotations

import pytest

from hygiene.model import LoginCounts, PeopleCounts, SecondFactor, UnknownReason, WeakestPath
from hygiene.reach.weakest import REASONS_MAX, logins, people
from hygiene.testing.planting import planted, rows_of

AWAY = "condition='the server of pam_duo cannot be reached'"
NOTHING = "login_paths: host=web1 account=anna methods=none kinds= factors=0"
ONE = "login_paths: host=web1 account=anna"
TWO = "login_paths: host=web1 account=anna methods=publickey,password kinds=key,password factors=2 verdict=two"
UNKNOWN = (
    "login_paths: host=web1 account=anna methods=keyboard-interactive kinds= verdict=unknown reason='pam_x is new'"
)
ANNA = "accounts: host=web1 account=anna\n"
ROOT = "accounts: host=web1 account=anna root_by=uid0 uid=0\n"


def counted(rows: str) -> LoginCounts:
    with planted(rows_of(rows)) as fleet:
        return logins(fleet)


def told(counts: LoginCounts) -> str:
    """`one 1; roots one 1`: only what is there, conditions after a slash, reasons at the end."""

    def words(every: dict[WeakestPath, int], some: dict[WeakestPath, int]) -> str:
        assert tuple(every) == tuple(some) == tuple(WeakestPath)
        return ", ".join(
            f"{word} {number}{f'/{some[word]}' if some[word] else ''}" for word, number in every.items() if number
        )

    parts = [words(dict(counts.accounts), dict(counts.accounts_on_condition))]
    roots = words(dict(counts.roots), dict(counts.roots_on_condition))
    parts += [f"roots {roots}"] if roots else []
    parts += [f"{why.reason}: {why.accounts}, {why.roots}" for why in counts.reasons]
    assert counts.reasons_total == len(counts.reasons)
    return "; ".join(parts)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", "", id="no account was seen"),
        pytest.param(ANNA, "closed 1", id="all was seen and nobody gets in"),
        pytest.param(ANNA + NOTHING, "nothing 1", id="nothing is asked for"),
        pytest.param(ANNA + ONE, "one 1", id="one factor"),
        pytest.param(ANNA + TWO, "two 1", id="two factors"),
        pytest.param(ANNA + UNKNOWN, "unknown 1; pam_x is new: 1, 0", id="not known"),
        pytest.param(f"{ANNA}{ONE}\n{TWO}\n{NOTHING}", "nothing 1", id="the weakest counts"),
        pytest.param(f"{ANNA}{ONE}\n{UNKNOWN}", "one 1", id="one stays one beside what is not known"),
        pytest.param(
            f"{ANNA}{TWO}\n{UNKNOWN}", "unknown 1; pam_x is new: 1, 0", id="two beside what is not known is not two"
        ),
        pytest.param(f"{ANNA}{TWO}\n{ONE} {AWAY}", "one 1/1", id="one while a server is away, else two"),
        pytest.param(f"{ANNA}{ONE}\n{ONE} {AWAY}", "one 1", id="one with and without a condition"),
        pytest.param(f"{ANNA}{ONE} {AWAY}", "one 1/1", id="else closed"),
        pytest.param(
            f"{ANNA}{UNKNOWN}\n{TWO} {AWAY}", "unknown 1; pam_x is new: 1, 0", id="two on a condition hides nothing"
        ),
        pytest.param(
            ONE,
            "one 1; roots unknown 1; whether the account becomes root is not known: 0, 1",
            id="an account that the host does not list",
        ),
        pytest.param(
            f"{ANNA}{ANNA.replace('web1', 'web2')}{ONE} source=10.0.0.0/8\n{ONE} daemon=sshd2\n"
            + ONE.replace("web1", "web2"),
            "one 2",
            id="accounts of hosts are counted, not paths",
        ),
        # ---- what was not seen is not closed
        pytest.param(
            ANNA + "gaps: host=web1 subject=web1:anna area=authorized_keys reason='not readable'",
            "unknown 1; not readable: 1, 0",
            id="a key file that was not read",
        ),
        pytest.param(
            "accounts: host=fe80::1 account=anna\n"
            "gaps: host=fe80::1 subject=[fe80::1]:anna area=authorized_keys reason='not readable' accepted=yes",
            "unknown 1; not readable: 1, 0",
            id="an accepted gap is a gap, of an IPv6 host as well",
        ),
        pytest.param(
            ANNA + "gaps: host=web1 area=authorized_keys reason='a program gives keys'\n"
            "gaps: host=web1 area=collect reason='not whole'\n" + ANNA.replace("anna", "bert"),
            "unknown 2; a program gives keys: 2, 0; not whole: 2, 0",
            id="what the whole host may hold besides; each reason counts",
        ),
        pytest.param(
            ANNA + "areas: host=web1 area=sshd state=partial\ngaps: host=web1 area=sshd reason='dropbear'",
            "unknown 1; dropbear: 1, 0",
            id="a server that is not understood",
        ),
        pytest.param(
            ANNA + "areas: host=web1 area=sshd\ngaps: host=web1 area=sshd reason='one setting'",
            "closed 1",
            id="a doubt about a setting",
        ),
        pytest.param(
            ANNA + "gaps: host=web1 area=private_keys reason='not searched'\n"
            "gaps: host=web1 area=accounts reason='a directory has more'",
            "closed 1",
            id="gaps that hide no way into this account",
        ),
        pytest.param(
            f"{ANNA}{ONE}\ngaps: host=web1 area=authorized_keys reason='a program gives keys'",
            "one 1",
            id="one factor whatever else was not seen",
        ),
        # ---- root
        pytest.param(ROOT, "closed 1; roots closed 1", id="root that nobody enters"),
        pytest.param(f"{ROOT}{ONE}\nroot_paths: host=web1 account=anna step=uid0", "one 1; roots one 1", id="uid 0"),
        pytest.param(
            f"{ANNA}{ONE}\nroot_paths: host=web1 account=anna kinds=key,password factors=2 verdict=two",
            "one 1; roots two 1",
            id="sudo asks for the password besides",
        ),
        pytest.param(
            f"{ANNA}{ONE}\nroot_paths: host=web1 account=anna verdict=unknown reason='sudoers was not read'",
            "one 1; roots unknown 1; sudoers was not read: 0, 1",
            id="the step to root is not known",
        ),
        pytest.param(
            f"{ANNA}{TWO}\nroot_paths: host=web1 account=anna {AWAY}",
            "two 1; roots one 1/1",
            id="root on a condition",
        ),
        pytest.param(
            f"{ROOT}{ONE} via=/bin/menu", "one 1; roots closed 1", id="a forced command is not everything as root"
        ),
        pytest.param(
            f"{ROOT}{UNKNOWN}\nroot_paths: host=web1 account=anna step=uid0 verdict=unknown reason='pam_x is new'",
            "unknown 1; roots unknown 1; pam_x is new: 1, 1",
            id="not known whether root can be entered",
        ),
        pytest.param(
            ROOT + "gaps: host=web1 area=authorized_keys reason='a program gives keys'",
            "unknown 1; roots unknown 1; a program gives keys: 1, 1",
            id="a way to root that was not seen",
        ),
        pytest.param(
            f"{ONE}\naccounts: host=web1 account=anna root_by=unknown\n"
            "accounts: host=web1 account=bert root_by=unknown\n"
            "gaps: host=web1 subject=web1:bert area=authorized_keys reason='not readable'",
            "one 1, unknown 1; roots unknown 1; not readable: 1, 0; "
            "whether the account becomes root is not known: 0, 1",
            id="not known whether one becomes root whom nobody is known to enter",
        ),
        pytest.param(f"{ANNA}{ONE}", "one 1", id="no root"),
    ],
)
def test_weakest_way(rows: str, expected: str) -> None:
    assert told(counted(rows)) == expected


def test_reasons_are_counted_by_account_largest_first_and_cut() -> None:
    accounts = ANNA + ANNA.replace("anna", "bert") + ANNA.replace("anna", f"a{{1..{REASONS_MAX}}}")
    many = UNKNOWN.replace("anna", f"a{{1..{REASONS_MAX}}}").replace("pam_x", f"pam_{{1..{REASONS_MAX}}}")
    twice = f"{accounts}{UNKNOWN}\n{UNKNOWN} source=10.0.0.0/8\n{UNKNOWN.replace('anna', 'bert')}\n"
    found = counted(twice + many)
    assert found.reasons[:2] == (UnknownReason("pam_x is new", 2, 0), UnknownReason("pam_1 is new", 1, 0))
    assert (len(found.reasons), found.reasons_total) == (REASONS_MAX, REASONS_MAX + 1)


def test_people_are_counted_admins_apart_and_disabled_ones_not() -> None:
    rows = """
    identities: source=entra user=a admin=yes second_factor=none
    identities: source=entra user=b admin=yes second_factor=none enabled=no
    identities: source=entra user=c second_factor=none
    identities: source=okta user=c second_factor=phishable
    identities: source=okta user=d second_factor=unknown
    """
    unsaid = rows_of("identities: source=x user=e second_factor=strong")
    people_unsaid = [type(row)(row.source, row.user, None, None, row.second_factor, row.methods) for row in unsaid]
    with planted([*rows_of(rows), *people_unsaid]) as fleet:
        found = people(fleet)
    none, phishable, strong, unknown = SecondFactor
    assert found == PeopleCounts(
        admins={none: 1, phishable: 0, strong: 0, unknown: 0},
        others={none: 1, phishable: 1, strong: 0, unknown: 1},
        unsaid={none: 0, phishable: 0, strong: 1, unknown: 0},
        disabled=1,
    )


def test_nobody_is_counted_where_no_export_was_given() -> None:
    with planted(rows_of(ANNA)) as fleet:
        assert people(fleet) is None
