"""Names beside a password are kept, so what is secret in them is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import RawEntry
from hygiene.passwords.read.rows import name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://user:geheim@host/x", "https://user@host/x", id="url"),
        pytest.param("https://user:p/w?#@host", "https://user@host", id="signs that should have been escaped"),
        pytest.param("https://u:p@ss@host:22/", "https://u@host:22/", id="an at sign too"),
        pytest.param("https://u:a://b@host", "https://u@host", id="two schemes"),
        pytest.param("https://u:1234@host", "https://u@host", id="digits"),
        pytest.param("root:geheim@web1", "root@web1", id="without a scheme"),
        pytest.param("see https://a:b@c and ssh://d:e@f", "see https://a@c and ssh://d@f", id="two in a text"),
        pytest.param("x" * 250 + ":geheim@host", "x" * 250 + "@host"[:5], id="before it is cut"),
        pytest.param("https://host:8443/x?y=a@b", "https://host:8443/x", id="port, and at sign in a query"),
        pytest.param("https://host/login?user=a&password=geheim", "https://host/login", id="query"),
        pytest.param("https://host/#token=geheim (old)", "https://host/ (old)", id="fragment"),
        pytest.param("what? web1#2", "what? web1#2", id="no address"),
        pytest.param("https://host/a:b@c", "https://host/a:b@c", id="both in a path"),
        pytest.param("web1:/srv root@x", "web1:/srv root@x", id="apart"),
        pytest.param("root@[2001:db8::1]:22", "root@[2001:db8::1]:22", id="IPv6"),
        pytest.param("mailto:anna@example.org", "mailto:anna@example.org", id="mail"),
        pytest.param(" anna@example.org ", "anna@example.org", id="blanks around it"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_name(text: str, expected: str | None) -> None:
    assert name(text) == expected


def test_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("user;password;url\nroot;geheim;ssh://root:geheim@web1\n")
    with open_list(path) as reader:
        assert list(reader) == [RawEntry(2, "geheim", "root", "ssh://root@web1")]
