"""What all tests share: the Debian tree of the lab, and an honest last line when something could not be tested."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from lab.tree import ensure_tree, why_no_lab

_MARKER = "real_sshd"
_NEEDS = "real-sshd tests need"


@pytest.fixture(scope="session")
def lab_tree() -> Path:
    """The unpacked Debian tree that a Lab stands on; downloaded by the first run, see tests/lab."""
    return ensure_tree()


def _must_not_skip() -> bool:
    """In CI a run that asked no daemon proves too little: there the missing lab is a failure."""
    return os.environ.get("CI") == "true" or os.environ.get("HYGIENE_REQUIRE_REAL_SSHD") == "1"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker(_MARKER) is None:
        return
    missing = why_no_lab()
    if missing is None:
        return
    if _must_not_skip():
        pytest.fail(f"real-sshd tests must run here, but they need {missing}", pytrace=False)
    pytest.skip(f"{_NEEDS} {missing}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write after pytest's own last line, so that a skip cannot be overlooked; in CI none may be."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter is not None else []
    if reports and _must_not_skip():
        reporter.ensure_newline()
        reporter.write_line(f"{len(reports)} tests were skipped, and here all have to run: that is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    skipped = sum(_NEEDS in str(report.longrepr) for report in reports)
    if skipped:
        tests = "real-sshd test was" if skipped == 1 else "real-sshd tests were"
        reporter.ensure_newline()
        reporter.write_line(f"{skipped} {tests} skipped: they need {why_no_lab()}", yellow=True)
