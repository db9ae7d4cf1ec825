"""What we say of a login is what the daemon does: never `no` where it lets in, never `yes` where it refuses."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lab.releases import DEFAULT, RELEASES
from lab.tree import ensure_tree

from hygiene.model import Truth

from . import suite
from .agreement import Result, run
from .telling import How

pytestmark = pytest.mark.real_sshd


@pytest.fixture(scope="module")
def brief() -> Sequence[Result]:
    return run(ensure_tree(RELEASES[DEFAULT]), DEFAULT, suite.brief(DEFAULT))


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> Sequence[Result]:
    version: str = request.param
    return run(ensure_tree(RELEASES[version]), version, suite.everything(version), suite.ways(version))


def _wrong(results: Sequence[Result], how: How) -> list[str]:
    return [str(result) for result in results if result.how is how and result.disagreements]


@pytest.mark.parametrize("how", list(How))
def test_a_part_of_the_suite_on_one_version(brief: Sequence[Result], how: How) -> None:
    assert _wrong(brief, how) == []


@pytest.mark.parametrize("how", list(How))
def test_of_that_part_nothing_is_unknown(brief: Sequence[Result], how: How) -> None:
    unknown = [result for result in brief if result.how is how and result.told.answer is Truth.UNKNOWN]
    assert [str(result) for result in unknown if result.case.unknowable is None] == []


@pytest.mark.prove
@pytest.mark.timeout(1800)  # the first run downloads the release
@pytest.mark.parametrize("whole", RELEASES, indirect=True)
@pytest.mark.parametrize("how", list(How))
def test_the_whole_suite_on_every_version(whole: Sequence[Result], how: How) -> None:
    assert _wrong(whole, how) == []
