"""Checks and reports from entry points, or from lists in tests; nothing enters that is not whole."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from hygiene.api import CHECK_ID, Check, Confidence, Report, Severity, SubjectKind
from hygiene.errors import UsageError
from hygiene.model import TABLES
from hygiene.registry.page import page_of

CHECKS_GROUP: Final = "hygiene.checks"
REPORTS_GROUP: Final = "hygiene.reports"

_NAME: Final = re.compile(r"[a-z][a-z0-9]*+(?:-[a-z0-9]++)*+")


@dataclass(frozen=True, slots=True)
class Package:
    """Where checks or reports come from, and what an entry point of it gave."""

    name: str
    classes: Iterable[Any]


@dataclass(frozen=True, slots=True)
class Registry:
    """All checks by id and all reports by name, in the order of their packages' lists."""

    checks: Mapping[str, type[Check]]
    reports: Mapping[str, type[Report]]
    origins: Mapping[str, str]  # check id or report name -> the distribution it comes with


def load() -> Registry:
    """Load what is installed. Raises UsageError that names the package which is broken."""
    return _registry(_packages(CHECKS_GROUP), _packages(REPORTS_GROUP))


def registry_of(checks: Iterable[type[Check]] = (), reports: Iterable[type[Report]] = ()) -> Registry:
    """Give a registry of these classes alone, validated like installed ones."""
    return _registry([Package("given", checks)], [Package("given", reports)])


def _packages(group: str) -> list[Package]:
    found = sorted(entry_points(group=group), key=lambda entry: (_distribution(entry), entry.name))
    return [Package(_distribution(entry), _loaded(entry)) for entry in found]


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.module


def _loaded(entry: EntryPoint) -> Iterable[Any]:
    try:
        classes = entry.load()
    # importing a package runs its code: it can fail with anything, and that must name the package
    except Exception as error:
        raise UsageError(
            f"package {_distribution(entry)}: its entry point {entry.name} = {entry.value} in {entry.group} cannot be "
            f"loaded ({type(error).__name__}: {error}); repair or uninstall the package"
        ) from error
    if not isinstance(classes, (list, tuple)):
        raise UsageError(
            f"package {_distribution(entry)}: {entry.value} in {entry.group} is {type(classes).__name__}; "
            "expected a list of classes: repair or uninstall the package"
        )
    return classes


def _registry(check_packages: Iterable[Package], report_packages: Iterable[Package]) -> Registry:
    checks: dict[str, type[Check]] = {}
    reports: dict[str, type[Report]] = {}
    origins: dict[str, str] = {}
    for package in check_packages:
        for found in package.classes:
            problem = _check_problem(found)
            if problem is None and found.id in checks:
                problem = f"the id {found.id} is taken by package {origins[found.id]}"
            if problem is not None:
                raise _broken(package, "check", found, problem)
            checks[found.id] = found
            origins[found.id] = package.name
    for package in report_packages:
        for found in package.classes:
            problem = _report_problem(found)
            if problem is None and found.name in reports:
                problem = f"the name {found.name} is taken by package {origins[found.name]}"
            if problem is not None:
                raise _broken(package, "report", found, problem)
            reports[found.name] = found
            origins[found.name] = package.name
    return Registry(checks, reports, origins)


def _broken(package: Package, what: str, found: Any, problem: str) -> UsageError:
    name = found.__qualname__ if isinstance(found, type) else repr(found)
    return UsageError(f"package {package.name}: {what} {name}: {problem}; repair or uninstall the package")


def _check_problem(found: Any) -> str | None:
    """Give what is wrong with a class that says it is a check, None when it is whole."""
    if not (isinstance(found, type) and issubclass(found, Check)):
        return "it does not derive from hygiene.api.Check"
    if inspect.isabstract(found):
        return "it has no run()"
    if not (isinstance(getattr(found, "id", None), str) and re.fullmatch(CHECK_ID, found.id)):
        return f"its id is {getattr(found, 'id', None)!r}; expected lower-case words joined by hyphens"
    if not (isinstance(getattr(found, "title", None), str) and found.title.strip()):
        return "it has no title"
    expected = (("severity", Severity), ("confidence", Confidence), ("subject", SubjectKind), ("needs", frozenset))
    for name, kind in expected:
        if not isinstance(getattr(found, name, None), kind):
            return f"its {name} is {getattr(found, name, None)!r}; expected {kind.__name__}"
    if not found.needs <= TABLES.keys():
        return f"it needs {', '.join(sorted(found.needs - TABLES.keys()))}; expected tables of hygiene"
    if not (isinstance(found.controls, tuple) and all(isinstance(control, str) for control in found.controls)):
        return "its controls are not a tuple of texts"
    try:
        page_of(found)
        # its own bounds on parameters, if it has any, hold for its defaults
        found()
    except (TypeError, ValueError) as error:
        return str(error)
    if not found.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # page_of has seen that it is a dataclass
        return "it is a dataclass that can be changed; expected @dataclass(frozen=True, slots=True)"
    return None


def _report_problem(found: Any) -> str | None:
    if not (isinstance(found, type) and issubclass(found, Report)):
        return "it does not derive from hygiene.api.Report"
    if inspect.isabstract(found):
        return "it has no render()"
    for name in ("name", "extension"):
        value = getattr(found, name, None)
        if not (isinstance(value, str) and _NAME.fullmatch(value)):
            return f"its {name} is {value!r}; expected lower-case words joined by hyphens"
    return None
