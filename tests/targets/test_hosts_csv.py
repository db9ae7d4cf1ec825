"""CSV tables of hosts."""

from __future__ import annotations

import pytest

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets.csv import parse
from hygiene.targets.reading import Problems


def read(text: str) -> tuple[list[Target], list[str]]:
    problems = Problems()
    return parse(text, "h.csv", problems), problems.shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "host,address,port,user,tenant,tags\nweb1,192.0.2.1,2222,ops,Acme Ltd,web eu\n",
            [Target("web1", "192.0.2.1", 2222, "ops", "Acme Ltd", ("eu", "web"), "h.csv:2")],
            id="all-columns",
        ),
        pytest.param(
            'Host;Tags\r\nweb1;"a;b"\r\n', [Target("web1", "web1", tags=("a", "b"), place="h.csv:2")], id="semicolons"
        ),
        pytest.param("host\taddress\nweb1\t::1\n", [Target("web1", "::1", place="h.csv:2")], id="tabs"),
        pytest.param("host,cmdb id\nweb1,77\n", [Target("web1", "web1", place="h.csv:2")], id="other-column"),
        pytest.param("host,port\n\nweb1\n,,\n", [Target("web1", "web1", place="h.csv:3")], id="short-and-empty-rows"),
        pytest.param("host\n[2001:DB8::1]\n", [Target("2001:db8::1", "2001:db8::1", place="h.csv:2")], id="ipv6-host"),
        pytest.param(
            'host,tenant\n"web1","a\nb"\nweb2,x\n',
            [Target("web2", "web2", tenant="x", place="h.csv:4")],
            id="line-in-cell",
        ),
    ],
)
def test_table(text: str, expected: list[Target]) -> None:
    assert read(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "host,port\nweb1,ssh\n", ["h.csv:2: port 'ssh' is not a number from 1 to 65535"], id="port-is-a-word"
        ),
        pytest.param(
            "host,address\nbig web,192.0.2.1\n",
            ["h.csv:2: host name 'big web' is empty, too long, or holds a blank, `/` or a leading hyphen"],
            id="blank-in-name",
        ),
        pytest.param(
            "host,address\nweb1,web1:22\n",
            [
                (
                    "h.csv:2: 'web1:22' is not a host name; expected letters, digits, dots and hyphens; "
                    "port and user have columns of their own"
                ),
            ],
            id="port-in-address",
        ),
        pytest.param(
            "host,tags\nweb1,a,b\n", ["h.csv:2: 3 cells, the header has 2; quote a cell that holds ','"], id="long-row"
        ),
    ],
)
def test_bad_row(text: str, shown: list[str]) -> None:
    assert read(text) == ([], shown)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "web1,22\n",
            "h.csv:1: no column named host among 'web1, 22'; "
            "expected a header line with host and any of address, port, user, tenant, tags",
            id="no-header",
        ),
        pytest.param(
            "\n",
            "h.csv: is empty; expected a header line with host and any of address, port, user, tenant, tags",
            id="empty",
        ),
        pytest.param("host,port,port\n", "h.csv:1: column port is there twice; keep one", id="twice"),
        pytest.param(
            "host,tenent\n",
            "h.csv:1: column 'tenent': is tenant meant? rename it; "
            "expected a header line with host and any of address, port, user, tenant, tags",
            id="a-typo-would-lose-the-tenants",
        ),
        pytest.param(
            'host\n"web1\n', "h.csv:2: is not CSV: unexpected end of data; check the quotes", id="quote-left-open"
        ),
    ],
)
def test_bad_table(text: str, message: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read(text)
    assert str(caught.value) == message
