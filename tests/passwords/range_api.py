"""A range API on the loopback, which remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    def __init__(self, answer: Answer) -> None:
        asked: list[tuple[str, str | None, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, self.headers["Add-Padding"], self.headers["User-Agent"]))
                answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
                pass

        self.asked = asked
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    server = Server(answer)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def ranges(counts: Mapping[bytes, int], end: str = "\r\n") -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        prefix = handler.path.rpartition("/range/")[2].partition("?")[0]
        width = 2 * len(next(iter(counts))) - 5
        rows = [f"{key.hex().upper()[5:]}:{n}" for key, n in counts.items() if key.hex().upper().startswith(prefix)]
        padding = [f"{number:0{width}X}:0" for number in range(7)]
        send(handler, end.join(rows + padding).encode())

    return answer
