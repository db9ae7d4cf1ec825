"""--limit and --exclude."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.errors import UsageError
from hygiene.model import Target
from hygiene.targets.select import Selection, select

A = Target("web1", "web1", tenant="acme", tags=("eu", "web"))
B = Target("web2", "web2", tenant="Beta Ltd", tags=("us", "web"))
C = Target("db1", "db1", tenant="acme", tags=("eu",))
D = Target("2001:db8::1", "2001:db8::1")
ALL = (A, B, C, D)


@pytest.mark.parametrize(
    ("limit", "exclude", "kept", "unmatched"),
    [
        pytest.param([], [], ALL, (), id="no-flags"),
        pytest.param(["web1"], [], (A,), (), id="name"),
        pytest.param(["WEB1"], [], (A,), (), id="case-does-not-matter"),
        pytest.param(["web*"], [], (A, B), (), id="glob"),
        pytest.param(["web"], [], (A, B), (), id="tag"),
        pytest.param(["tag=eu"], [], (A, C), (), id="tag-said-so"),
        pytest.param(["tenant=acme"], [], (A, C), (), id="tenant"),
        pytest.param(["tenant=beta*"], [], (B,), (), id="tenant-glob-with-blank"),
        pytest.param(["acme", "db1"], [], (C,), ("acme",), id="a-tenant-needs-its-prefix"),
        pytest.param(["db1,web2"], [], (B, C), (), id="commas-add-up"),
        pytest.param(["db1", "web2"], [], (B, C), (), id="repeated-flag-adds-up"),
        pytest.param(["web,&eu"], [], (A,), (), id="intersection"),
        pytest.param(["&eu,web"], [], (A,), (), id="intersection-wherever-it-stands"),
        pytest.param(["!web"], [], (C, D), (), id="only-a-negation"),
        pytest.param(["eu,!db*"], [], (A,), (), id="negation"),
        pytest.param(["[2001:db8::1]"], [], (D,), (), id="ipv6-in-brackets"),
        pytest.param(["web[12]"], [], (A, B), (), id="character-class"),
        pytest.param(["*"], [], ALL, (), id="everything"),
        pytest.param([], ["web"], (C, D), (), id="exclude"),
        pytest.param([], ["nothing"], ALL, ("nothing",), id="exclude-that-matches-nothing-is-told"),
        pytest.param(["eu"], ["db1"], (A,), (), id="both"),
        pytest.param(["web1"], ["web1"], (), (), id="nothing-left"),
    ],
)
def test_select(limit: list[str], exclude: list[str], kept: tuple[Target, ...], unmatched: tuple[str, ...]) -> None:
    rest = tuple(target for target in ALL if target not in kept)
    assert select(ALL, limit, exclude) == Selection(kept, rest, unmatched)


def test_file_of_names(tmp_path: Path) -> None:
    path = tmp_path / "retry"
    path.write_text("# failed\nweb1\n\ndb1 # twice\n")
    assert select(ALL, [f"@{path}"]).kept == (A, C)


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        pytest.param(["wbe1"], "--limit 'wbe1' matches none of 4 hosts; check names, tags and tenants", id="typo"),
        pytest.param(
            ["web,&db1"], "--limit 'web,&db1' matches none of 4 hosts; check names, tags and tenants", id="empty"
        ),
        pytest.param([" , "], "--limit is empty; expected a host name, a tag, tenant=X or @FILE", id="blank"),
        pytest.param(
            ["@/nowhere/x"],
            "--limit @/nowhere/x: cannot be read: No such file or directory; expected a file of names, one a line",
            id="no-file",
        ),
    ],
)
def test_bad_limit(limit: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(ALL, limit)
    assert str(caught.value) == message


def test_a_file_without_names(tmp_path: Path) -> None:
    path = tmp_path / "none"
    path.write_text("# nothing\n")
    with pytest.raises(UsageError, match="names nothing; expected host names, one a line"):
        select(ALL, [f"@{path}"])
