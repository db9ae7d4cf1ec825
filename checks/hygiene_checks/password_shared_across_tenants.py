"""Check: one password at several tenants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_SHARED: Final = """
WITH shared AS (
    SELECT group_id, count(DISTINCT tenant) AS tenants FROM password_entries
    WHERE group_id IS NOT NULL AND tenant IS NOT NULL GROUP BY group_id HAVING count(DISTINCT tenant) >= 2
)
"""
# a list is told of every tenant that a password of its own is used at, whichever list says so
_LISTS: Final = (
    _SHARED  # noqa: S608  both parts are ours
    + """
, touched AS (
    SELECT DISTINCT list, group_id FROM password_entries JOIN shared USING (group_id) WHERE tenant IS NOT NULL
), counts AS (
    SELECT touched.list, count(DISTINCT entry.tenant) AS tenants, count(DISTINCT touched.group_id) AS passwords
    FROM touched JOIN password_entries AS entry ON entry.group_id = touched.group_id GROUP BY touched.list
)
SELECT list, any_value(counts.tenants), any_value(passwords), max(shared.tenants)
FROM counts JOIN touched USING (list) JOIN shared USING (group_id) GROUP BY list ORDER BY list
"""
)
_PLACES: Final = (
    _SHARED
    + """
SELECT list, row, account, system, tenant, group_id, tenants FROM password_entries JOIN shared USING (group_id)
WHERE list = $list AND tenant IS NOT NULL ORDER BY tenants DESC, group_id, tenant, row, account, system
"""
)


@dataclass(frozen=True, slots=True)
class PasswordSharedAcrossTenants(Check):
    """One password is used at several tenants.

    ## What it looks for

    Passwords that stand in the lists for more than one tenant (customer), as the lists name them: in one list, or in
    several lists of the same run.

    ## Why it matters

    Tenants are promised to be apart. A password that several of them share ties their fates together: what is stolen
    at one opens the others, one customer's administrator can enter another's systems, and one customer's incident has
    to be told to all.

    ## Example

        password_entries: list=all.csv row=2 account=root system=db1 tenant=acme group_id=1 group_size=2
        password_entries: list=all.csv row=3 account=root system=db2 tenant=bravo group_id=1 group_size=2
        password_entries: list=all.csv row=4 account=root system=db3 tenant=corp
        finds: critical all.csv tenants=2 1 password is shared by 2 tenants

        password_entries: list=all.csv row=2 account=root system=db1 tenant=acme group_id=1 group_size=2
        password_entries: list=all.csv row=3 account=root system=db2 tenant=acme group_id=1 group_size=2
        finds: nothing

    ## What to do

    Give each tenant passwords of its own at once, beginning with the password that most of them share, and keep a list
    for each tenant that only its people can read. Better still, replace shared passwords by keys for each person.

    ## Limits

    - Tenants are the names in the lists, compared as they stand there; a list without them says nothing of tenants.
    - Only passwords that are exactly equal. Similar ones are found by `password-similar`.

    ## References

    - BSI IT-Grundschutz ORP.4.A8: passwords must not be used more than once
    - PCI DSS 4.0.1, 8.2.2: shared credentials are an exception that somebody has allowed
    """

    id: ClassVar[str] = "password-shared-across-tenants"
    title: ClassVar[str] = "One password at several tenants"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(8)", "BSI ORP.4.A8", "PCI DSS 4.0.1 8.2.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, tenants, passwords, most in fleet.query(_LISTS):
            yield Finding(
                self.id,
                Severity.CRITICAL,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                self._message(tenants, passwords, most),
                {"tenants": tenants},
                Places(_PLACES, {"list": name}),
            )

    def _message(self, tenants: int, passwords: int, most: int) -> str:
        if passwords == 1:
            return f"1 password is shared by {counted(tenants, 'tenant')}"
        return f"{passwords:,} passwords are shared by {counted(tenants, 'tenant')}, one of them by {most:,}"
