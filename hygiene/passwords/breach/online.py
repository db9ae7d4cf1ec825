"""Asks the range API of Pwned Passwords, where the admin wants that: five digits of each digest leave this process.

Nothing else does: the service answers with all hashes of that prefix, padded so that the size of an encrypted answer
tells nothing, and the comparing is done here. Distinct prefixes are asked for in random order.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from itertools import islice
from random import SystemRandom
from typing import IO, Final
from urllib.parse import urlsplit

from hygiene.errors import UsageError
from hygiene.passwords.breach.breaches import BATCH
from hygiene.passwords.breach.kind import Kind

PUBLIC_SERVICE: Final = "https://api.pwnedpasswords.com"
_PREFIX_DIGITS: Final = 5
# about 40 kB today, padded to at most 1,000 lines more
_ANSWER_MAX: Final = 4 << 20
_FAILURES_MAX: Final = 3  # one after the other: then the service is taken to be away
_LINE: Final = re.compile(rb"([0-9A-Fa-f]{27}|[0-9A-Fa-f]{35}):([0-9]{1,12})\r?")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Service:
    """Where to ask. `proxy` is a URL, or None for none: the environment is not looked at.

    UsageError for a service that is asked in the clear.
    """

    url: str = PUBLIC_SERVICE
    proxy: str | None = None
    timeout_s: float = 20.0
    kind: Kind = Kind.SHA1

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in _LOOPBACK):
            raise UsageError(
                "[range_api] url: the address of the range API has to begin with https://, so that no one reads along"
            )


class RangeApi:
    """A service that counts digests by their prefix. `failures` says why some stayed without an answer."""

    def __init__(self, service: Service, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        self.kind = service.kind
        self.counted = True
        self.failures: list[str] = []  # one line for each way to fail, without anything that was asked for
        self._unanswered = 0  # one after the other, over all batches
        self._service = service
        self.source = urlsplit(service.url).netloc.rpartition("@")[2]
        self._progress = progress
        proxies = {} if service.proxy is None else {"http": service.proxy, "https": service.proxy}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _NoRedirect)

    def count(self, digests: Iterable[bytes]) -> Iterator[int | None]:
        """How often each digest was seen, in the order given; None: the service did not answer."""
        rest = iter(digests)
        while batch := list(islice(rest, BATCH)):
            if set(map(len, batch)) != {self.kind.size}:
                raise ValueError(f"a digest of another size than {self.kind.value} has")
            yield from self._counts([digest.hex().upper().encode() for digest in batch])

    def _counts(self, keys: list[bytes]) -> list[int | None]:
        wanted: dict[bytes, list[int]] = {}
        for at, key in enumerate(keys):
            wanted.setdefault(key[:_PREFIX_DIGITS], []).append(at)
        prefixes = list(wanted)
        SystemRandom().shuffle(prefixes)
        counts: list[int | None] = [None] * len(keys)
        for number, prefix in enumerate(prefixes, 1):
            if self._unanswered >= _FAILURES_MAX:
                self._failed("gave no answer several times; the rest was not asked for")
                break
            answer = self._ask(prefix)
            self._unanswered = self._unanswered + 1 if answer is None else 0
            if answer is not None:
                for at in wanted[prefix]:
                    counts[at] = answer.get(keys[at][_PREFIX_DIGITS:], 0)
            self._progress(number, len(prefixes))
        return counts

    def _ask(self, prefix: bytes) -> dict[bytes, int] | None:
        mode = "?mode=ntlm" if self.kind is Kind.NTLM else ""
        request = urllib.request.Request(  # noqa: S310  # https, or the loopback: looked at above
            f"{self._service.url.rstrip('/')}/range/{prefix.decode()}{mode}",
            headers={"Add-Padding": "true", "User-Agent": "ssh-hygiene"},
        )
        try:
            with self._opener.open(request, timeout=self._service.timeout_s) as response:
                body = response.read(_ANSWER_MAX + 1)
        except urllib.error.HTTPError as error:
            self._failed(f"answered with status {error.code}")
            error.close()
            return None
        except TimeoutError:
            self._failed(f"gave no answer within {self._service.timeout_s:g} s")
            return None
        except (OSError, HTTPException, ValueError) as error:
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            late = isinstance(cause, TimeoutError)
            self._failed(f"gave no answer within {self._service.timeout_s:g} s" if late else "cannot be reached")
            return None
        answer = _parse(body, 2 * self.kind.size - _PREFIX_DIGITS)
        if answer is None:
            self._failed("answered with something else than lines SUFFIX:COUNT")
        return answer

    def _failed(self, what: str) -> None:
        line = f"{self.source}: the range API {what}"
        if line not in self.failures:
            self.failures.append(line)


def _parse(body: bytes, digits: int) -> dict[bytes, int] | None:
    """Counts by suffix, those of padding left out; None for what is no whole answer."""
    if len(body) > _ANSWER_MAX:
        return None
    answer = {}
    for line in body.rstrip(b"\r\n").split(b"\n"):
        found = _LINE.fullmatch(line)
        if found is None or len(found[1]) != digits:
            return None
        if int(found[2]):  # 0: padding
            answer[found[1].upper()] = int(found[2])
    return answer


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Prefixes go to the service that was named, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None
