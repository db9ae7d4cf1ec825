"""Host lists: what a line gives, and what a bad line says."""

from __future__ import annotations

import pytest

from hygiene.model import Target
from hygiene.targets.hostlist import parse
from hygiene.targets.reading import Problems


def read(text: str) -> tuple[list[Target], list[str]]:
    problems = Problems()
    return parse(text, "hosts.txt", problems), problems.shown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("web1", Target("web1", "web1", place="hosts.txt:1"), id="name-alone"),
        pytest.param("ops@web1:2222", Target("web1", "web1", 2222, "ops", place="hosts.txt:1"), id="user-and-port"),
        pytest.param(
            "web1 tag=b tenant=acme tag=a tag=b # front door",
            Target("web1", "web1", 22, None, "acme", ("a", "b"), "hosts.txt:1"),
            id="tags-sorted-once-tenant-comment",
        ),
        pytest.param("web1 tag=a,b", Target("web1", "web1", tags=("a", "b"), place="hosts.txt:1"), id="tags-by-comma"),
        pytest.param("\tweb1 \r", Target("web1", "web1", place="hosts.txt:1"), id="blanks-and-crlf"),
        pytest.param(
            "ops@[2001:DB8:0::1]:22",
            Target("2001:db8::1", "2001:db8::1", 22, "ops", place="hosts.txt:1"),
            id="ipv6-canonical",
        ),
        pytest.param("[fe80::1%eth0]", Target("fe80::1%eth0", "fe80::1%eth0", place="hosts.txt:1"), id="ipv6-zone"),
        pytest.param("192.0.2.7", Target("192.0.2.7", "192.0.2.7", place="hosts.txt:1"), id="ipv4"),
        pytest.param(
            "web_1.example.com.", Target("web_1.example.com.", "web_1.example.com.", place="hosts.txt:1"), id="dot"
        ),
    ],
)
def test_line(line: str, expected: Target) -> None:
    assert read(line) == ([expected], [])


def test_comments_and_empty_lines_are_passed_over_and_counted() -> None:
    assert read("# fleet\n\n  # more\nweb1\n") == ([Target("web1", "web1", place="hosts.txt:4")], [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "2001:db8::1",
            "'2001:db8::1' has several colons; write an IPv6 address in brackets, like [2001:db8::1]:22",
            id="ipv6-bare",
        ),
        pytest.param("web1:", "port '' is not a number from 1 to 65535", id="port-empty"),
        pytest.param("web1:70000", "port '70000' is not a number from 1 to 65535", id="port-too-large"),
        pytest.param("web1:٢٢", "port '٢٢' is not a number from 1 to 65535", id="port-in-other-digits"),
        pytest.param("ssh://web1", "'ssh://web1' is a URL; write host:port", id="url"),
        pytest.param("ops@", "the host is missing; write [user@]host[:port]", id="host-missing"),
        pytest.param(
            "-oProxyCommand=x",
            "'-oProxyCommand=x' is not a host name; expected letters, digits, dots and hyphens",
            id="an-option-of-ssh",
        ),
        pytest.param("10.1", "'10.1' is no IP address; write all four numbers, without leading zeros", id="short-ipv4"),
        pytest.param(
            "010.0.0.1", "'010.0.0.1' is no IP address; write all four numbers, without leading zeros", id="octal-ipv4"
        ),
        pytest.param(
            "bücher.example", "'bücher.example' is not ASCII; write the name's xn-- form, or its IP address", id="idn"
        ),
        pytest.param(
            "web1\x1b[31m",
            "'web1\\x1b[31m' is not a host name; expected letters, digits, dots and hyphens",
            id="terminal-escape",
        ),
        pytest.param("[web1]:22", "'web1' in brackets is no IPv6 address; write it like [2001:db8::1]", id="brackets"),
        pytest.param("[::1", "'[::1' is not an address in brackets; write it like [2001:db8::1]:22", id="bracket-open"),
        pytest.param("web1 tenant=a tenant=b", "two tenants on one line; a host has one", id="two-tenants"),
        pytest.param("web1 tag=", "tag '' is empty, too long, or holds a comma or control character", id="tag-empty"),
        pytest.param(
            "web1 tag=a hunter2 tag=b",
            "word 3 is neither tenant=X nor tag=Y; write one host a line",
            id="a-password-is-not-repeated",
        ),
        pytest.param(
            "ops:hunter2@web1",
            "the user name before @ is empty or holds `:`, `/`, a blank or a leading hyphen; write user@host",
            id="nor-one-before-the-at",
        ),
    ],
)
def test_bad_line(line: str, message: str) -> None:
    assert read(line) == ([], [f"hosts.txt:1: {message}"])
