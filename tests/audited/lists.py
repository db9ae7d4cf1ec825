"""The password list that is audited, and what is true of each entry. The passwords stand nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from zxcvbn import zxcvbn

NAME = "list.xlsx"
_HEADER = ("Kunde", "System", "Benutzername", "Kennwort", "Bemerkung")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list; `score` None: that of the reference, `group` a number for equal passwords."""

    tenant: str
    system: str
    account: str
    password: str = field(repr=False)
    band: str | None
    reasons: tuple[str, ...] = ()
    score: int | None = None
    group: int | None = None


def write(path: Path, entries: list[Entry]) -> Path:
    """A workbook as people keep them: a title, an empty row, German headers, then the entries."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Zugangsdaten"])
    sheet.append([])
    sheet.append(_HEADER)
    for entry in entries:
        sheet.append([entry.tenant, entry.system, entry.account, entry.password, "siehe Wiki"])
    book.save(path)
    return path


def rows(entries: list[Entry]) -> list[dict[str, object]]:
    """What the table password_entries holds of them."""
    sizes = {entry.group: sum(other.group == entry.group for other in entries) for entry in entries}
    found: list[dict[str, object]] = []
    for number, entry in enumerate(entries, 4):  # title, empty row and header stand above
        reference = zxcvbn(entry.password)["score"]
        found.append(
            {
                "list": NAME,
                "row": number,
                "account": entry.account,
                "system": entry.system,
                "tenant": entry.tenant,
                "length_band": entry.band,
                "zxcvbn_score": reference,
                "score": reference if entry.score is None else entry.score,
                "group_id": entry.group,
                "group_size": 1 if entry.group is None else sizes[entry.group],
                "reasons": list(entry.reasons),
            }
        )
    return found


WEAK = [
    Entry("acme", "db1", "postgres", "q7#Zk!p", "<8", ("short",)),
    # an account that is locked, and one that a password alone enters
    Entry("bravo", "b-acct", "barred", "Sommer2023!", "8-11", ("short", "common"), score=1),
    Entry("acme", "web1", "admin", "Xw4-tRuv9kMe", "12-14", ("short", "reused"), group=1),
    Entry("bravo", "web1", "admin", "Xw4-tRuv9kMe", "12-14", ("short", "reused"), group=1),
    Entry("bravo", "nas", "operator", "Xw4-tRuv9kMe", "12-14", ("short", "reused"), group=1),
    Entry("bravo", "mail", "root", "qwertzuiop123", "12-14", ("short", "common"), score=1),
    Entry("Quxolin Werk", "grafana", "report", "quxolinwerk2024", None, ("context",), score=1),
    Entry("charlie", "backup", "svc-backup", "mUx3.pylon.Grat.oval-ten", "15+", ("reused",), group=2),
    Entry("charlie", "backup2", "svc-backup", "mUx3.pylon.Grat.oval-ten", "15+", ("reused",), group=2),
    Entry("charlie", "root@c-rootpw:22", "root", "wimple+Jacht%quer-Bolt7", "15+"),
]
STRONG = [
    Entry("xray", "erp", "import", "glut-Sturz.vexed,papier-9", "15+"),
    Entry("xray", "crm", "sync", "Ozean/knapp/fourth/lumen/3", "15+"),
    Entry("yankee", "shop", "export", "trumpet=violett=Sieb=gable", "15+"),
]
