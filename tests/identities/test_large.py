"""A million people in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .exporting import ENTRA_HEADER

PEOPLE = 1_000_000
MOST_MIB = 400  # measured: 255, of which 60 before the first row
MEASURE = """
import resource, sys
from pathlib import Path
from hygiene.identities.exports import read_exports
audit = read_exports([Path(sys.argv[1])])
print(len(audit.people), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.prove
def test_a_million_people(tmp_path: Path) -> None:
    path = tmp_path / "export"
    with path.open("w", encoding="utf-8") as file:
        file.write(ENTRA_HEADER + "\n")
        for number in range(PEOPLE):
            file.write(
                f"user{number}@example.org,Name,member,False,True,True,True,True,True,False,"
                '"mobilePhone, softwareOneTimePasscode",none,2026-11-01\n'
            )
    done = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
    people, mib = map(int, done.stdout.split())

    assert people == PEOPLE
    assert mib < MOST_MIB
