"""What lands in site-packages: no generic names."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def test_wheel_holds_three_packages_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("hygiene", "checks", "reports"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)

    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", source],
        check=True,
        capture_output=True,
    )

    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "hygiene",
        "hygiene_checks",
        "hygiene_reports",
        "ssh_hygiene-0.1.0.dist-info",
    }
    collect = REPOSITORY / "hygiene/collect"
    data = {
        "hygiene/collect/collector.sh",
        *(f"hygiene/collect/awk/{path.name}" for path in (collect / "awk").iterdir()),
        "hygiene/py.typed",
        "hygiene_reports/page/style.css",
        "hygiene_reports/report.schema.json",
    }
    assert data <= set(names)
    # all that the collector is made of: what lies beside the modules, and nothing else
    assert {name for name in names if name.startswith("hygiene/collect/") and not name.endswith(".py")} <= data
