"""Check: files of passwords or hashes that others can read, or that are not encrypted though they could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_FILES: Final = """
SELECT list, format, entries, hashes, readable_by, encryptable FROM password_lists
WHERE encrypted <> 'yes' AND mode IS NOT NULL AND entries + hashes > 0 AND (readable_by IS NOT NULL OR encryptable)
ORDER BY list
"""
_PLACES: Final = """
SELECT list, path, format, mode, readable_by, entries, hashes FROM password_lists WHERE list = $list ORDER BY path
"""


@dataclass(frozen=True, slots=True)
class PasswordListExposed(Check):
    """A file of passwords or hashes can be read by others, or is not encrypted.

    ## What it looks for

    Files that were read as lists of passwords or of hashes. It is high when somebody besides the owner and root can
    read the file: by its mode, by its access list (`getfacl`), or through a group; a folder above it that others cannot
    enter protects it. It is medium when nobody else can read it, but it lies there without encryption although its
    format has one: workbooks (XLSX, XLS, ODS) and the JSON export of Bitwarden.

    Encrypted vaults are not reported, whoever can read them, and neither is what came through a pipe.

    ## Why it matters

    In the breach that this tool comes from, a list of passwords was passed around in plain. Whoever reads such a file
    has every account in it, and nobody can tell afterwards who did. A file without encryption is also in each backup
    and on each disk that is thrown away.

    ## Example

        password_lists: list=hosts.csv format=CSV rows=121 entries=120 mode=0644 readable_by=everybody
        finds: high hosts.csv files=1 hosts.csv (CSV) can be read by everybody: 120 passwords in plain

        password_lists: list=hosts.xlsx format=XLSX rows=2 entries=1 mode=0600 encryptable=yes
        finds: medium hosts.xlsx files=1
            hosts.xlsx holds 1 password in plain, though XLSX has encryption

        password_lists: list=hosts.csv format=CSV entries=120 mode=0600
        password_lists: list=vault.kdbx format='KDBX 4' entries=120 mode=0644 readable_by=everybody encrypted=yes
            encryptable=yes
        finds: nothing

    ## What to do

    Move the passwords into a vault that many people can use and that logs who read what. Until then `chmod 600` on the
    file and `chmod 700` on its folder, and encryption with a long passphrase. Delete copies and exports, and change
    the passwords that others could read: nobody knows who did.

    ## Limits

    - Judged is the file as it was when it was read, on this machine. What a share, a backup, a mail or a version
      control system gave to others is not seen.
    - Members of a group are taken as the system lists them. A group with the owner's name and no other member is the
      owner's own.
    - A file with more than one name (hard links) is judged as if each folder above it were open.
    - How good the encryption of a workbook or vault is, is not judged here; what is said with a KeePass database when
      it is read tells its key transformation.
    - Hashes are in plain too, and none of their formats has encryption: such files are only judged by who can read.

    ## References

    - acl(5), path_resolution(7)
    - NIST SP 800-53 r5 IA-5(6): protect authenticators as what they give access to
    """

    id: ClassVar[str] = "password-list-exposed"
    title: ClassVar[str] = "Password list that others can read"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_lists"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(6)", "BSI ORP.4.A8", "PCI DSS 4.0.1 8.3.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each file."""
        for name, kind, entries, hashes, readers, encryptable in fleet.query(_FILES):
            held = ((entries, "password", "passwords"), (hashes, "hash", "hashes"))
            what = " and ".join(counted(number, *words) for number, *words in held if number)
            if readers is None:
                message = f"{name} holds {what} in plain, though {kind} has encryption"
            else:
                message = f"{name} ({kind}) can be read by {readers}: {what} in plain"
                message += f", though {kind} has encryption" if encryptable else ""
            yield Finding(
                self.id,
                Severity.MEDIUM if readers is None else Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                message,
                {"files": 1},
                Places(_PLACES, {"list": name}),
            )
