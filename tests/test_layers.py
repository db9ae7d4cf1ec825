"""The layers of the house: each room imports only rooms above it; checks and reports import hygiene.api only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]

# from top to bottom; a room uses only those above it
ROOMS = (
    "errors",
    "counted",
    "model",
    "visible",
    "accounts",
    "openssh",
    "pam",
    "factors",
    "passwords",
    "identities",
    "targets",
    "evidence",
    "collect",
    "facts",
    "store",
    "reach",
    "api",
    "registry",
    "policy",
    "audit",
    "testing",
    "demo",
    "cli",
    "__main__",
)
# who may use what others must not: the network libraries and the terminal
ONLY_IN = {
    "asyncssh": {"collect", "testing"},
    "paramiko": {"collect", "testing"},
    "duckdb": {"store"},
    "zxcvbn": {"passwords"},
    "tqdm": {"cli"},
    "argparse": {"cli", "registry"},
}


def _modules(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(path: Path) -> str:
    return path.relative_to(REPOSITORY / "hygiene").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules("hygiene"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_engine_modules_import_only_rooms_above_their_own(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        assert not [name for name in _imports(path) if name.startswith("hygiene.")]
        return
    assert room in ROOMS, f"{room} is no room of the house: give it a place in ROOMS"
    below = {
        name
        for name in _imports(path)
        if name.startswith("hygiene.")
        and (used := name.split(".")[1]) in ROOMS
        and ROOMS.index(used) > ROOMS.index(room)
    }
    assert not below, f"{room} stands above what it imports"


@pytest.mark.parametrize("path", _modules("hygiene"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_engine_knows_no_check_and_no_report(path: Path) -> None:
    assert not [name for name in _imports(path) if name.startswith(("hygiene_checks", "hygiene_reports"))]


@pytest.mark.parametrize("path", _modules("hygiene"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_special_libraries_stay_in_their_rooms(path: Path) -> None:
    strangers = {
        name
        for name in _imports(path)
        if (library := name.split(".")[0]) in ONLY_IN and _room(path) not in ONLY_IN[library]
    }
    assert not strangers


@pytest.mark.parametrize(
    "path",
    [*_modules("checks/hygiene_checks"), *_modules("reports/hygiene_reports")],
    ids=lambda path: str(path.relative_to(REPOSITORY)),
)
def test_checks_and_reports_import_the_api_only(path: Path) -> None:
    ours = {name for name in _imports(path) if name.split(".")[0] == "hygiene"}
    assert not {name for name in ours if name not in ("hygiene", "hygiene.api") and not name.startswith("hygiene.api.")}


def test_only_the_command_line_prints() -> None:
    printing = [
        str(path.relative_to(REPOSITORY))
        for path in _modules("hygiene")
        if _room(path) not in ("cli", "registry")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing
