"""The range API, asked of a server on the loopback: what leaves the process, and what an answer is worth."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler

import pytest

from hygiene.errors import UsageError
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.online import RangeApi, Service
from passwords.breaches import digests
from passwords.range_api import Answer, ranges, send, serving

WORDS = [f"word{number}" for number in range(40)]


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_only_distinct_prefixes_leave_in_another_order(kind: Kind) -> None:
    known = digests(kind, WORDS)
    counts = {key: number + 1 for number, key in enumerate(known[:20])}
    counts[known[30]] = 0  # as padding would have it
    with serving(ranges(counts)) as server:
        api = RangeApi(Service(server.url, kind=kind, timeout_s=30))
        questions = [*known, *known[:5]]
        assert list(api.count(questions)) == [counts.get(question, 0) for question in questions]
    mode = "?mode=ntlm" if kind is Kind.NTLM else ""
    paths = [f"/range/{key.hex().upper()[:5]}{mode}" for key in known]
    assert sorted(path for path, _, _ in server.asked) == sorted(set(paths))
    assert [path for path, _, _ in server.asked] != list(dict.fromkeys(paths))  # once in 10^47 runs it is the same
    assert {(padding, agent) for _, padding, agent in server.asked} == {("true", "ssh-hygiene")}
    assert api.failures == []


def status(code: int) -> Answer:
    return lambda handler: send(handler, b"", code)


def elsewhere(handler: BaseHTTPRequestHandler) -> None:
    if handler.path.startswith("/range/"):
        send(handler, b"", 302, Location="/stolen")
    else:
        send(handler, b"0" * 35 + b":1")


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"0" * 30)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (status(503), "answered with status 503"),
        (status(429), "answered with status 429"),
        (elsewhere, "answered with status 302"),
        (lambda handler: send(handler, b"<html>please log in</html>"), "something else than lines SUFFIX:COUNT"),
        (lambda handler: send(handler, b""), "something else than lines SUFFIX:COUNT"),
        (lambda handler: send(handler, b"0" * 27 + b":4"), "something else than lines SUFFIX:COUNT"),
        (lambda handler: send(handler, (b"0" * 35 + b":1\r\n") * 120_000), "something else than lines SUFFIX:COUNT"),
        (cut, "something else than lines SUFFIX:COUNT"),
    ],
    ids=["down", "too-many", "sent-elsewhere", "a-portal", "empty", "other-kind", "endless", "cut"],
)
def test_an_answer_that_is_none_is_not_seen_and_not_clean(answer: Answer, failure: str) -> None:
    known = digests(Kind.SHA1, WORDS)
    with serving(answer) as server:
        api = RangeApi(Service(server.url, timeout_s=30))
        assert list(api.count(known)) == [None] * len(known)
    assert len(server.asked) == 3  # then it is left alone
    assert len(api.failures) == 2
    assert failure in api.failures[0]
    assert api.failures[1].endswith("the range API gave no answer several times; the rest was not asked for")
    said = "".join(api.failures).replace(server.url.removeprefix("http://"), "")
    assert not [key for key in known if key.hex()[:5] in said.lower()]


def test_a_service_that_is_away_is_not_asked_for_the_next_batch() -> None:
    known = digests(Kind.SHA1, WORDS)
    with serving(lambda handler: send(handler, b"", 503)) as server:
        api = RangeApi(Service(server.url, timeout_s=30))
        assert list(api.count(known[:20])) + list(api.count(known[20:])) == [None] * 40
    assert len(server.asked) == 3


def test_one_failure_leaves_the_others_answered() -> None:
    known = digests(Kind.SHA1, WORDS)
    prefix = known[3].hex().upper()[:5]
    right = ranges(dict.fromkeys(known, 2))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith(prefix):
            send(handler, b"", 500)
        else:
            right(handler)

    with serving(answer) as server:
        api = RangeApi(Service(server.url, timeout_s=30))
        assert list(api.count(known)) == [None if at == 3 else 2 for at in range(len(known))]
    assert api.failures == [f"{server.url.removeprefix('http://')}: the range API answered with status 500"]


def test_a_server_that_says_nothing_ends_by_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        api = RangeApi(Service(f"http://{host}", timeout_s=0.05))
        assert list(api.count(digests(Kind.SHA1, WORDS[:1]))) == [None]
    assert api.failures == [f"{host}: the range API gave no answer within 0.05 s"]


def test_a_proxy_is_used_when_it_is_named() -> None:
    known = digests(Kind.SHA1, WORDS[:1])
    with serving(lambda handler: send(handler, known[0].hex().upper()[5:].encode() + b":9")) as proxy:
        service = Service("http://localhost:1", proxy=proxy.url, timeout_s=30)
        assert list(RangeApi(service).count(known)) == [9]
    assert [path for path, _, _ in proxy.asked] == [f"http://localhost:1/range/{known[0].hex().upper()[:5]}"]


def test_an_address_without_encryption_is_refused() -> None:
    with pytest.raises(UsageError, match="has to begin with https://"):
        Service("http://hibp.example.org")
