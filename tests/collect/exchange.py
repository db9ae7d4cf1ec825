"""A small collector for tests of the way to a host: what it says is short, and its end can be told."""

from __future__ import annotations

from hygiene.collect.host import Exchange

SCRIPT = b"""\
main() {
  while [ $# -gt 1 ]; do root=$2; shift 2; done
  printf '@BEGIN %s\\n' "$1"
  cat "$root/etc/passwd" </dev/null
  printf '@END %s\\n' "$1"
}
main "$@"
"""
ANSWER = b"@BEGIN NONCE\nroot:x:0:0::/root:/bin/sh\n@END NONCE\n"


def _problem(stream: bytes, nonce: str) -> str | None:
    return None if stream.endswith(f"@END {nonce}\n".encode()) else "the output has no end"


def _begun(stream: bytes, nonce: str) -> bool:
    return f"@BEGIN {nonce}\n".encode() in stream


EXCHANGE = Exchange(
    command=lambda nonce, sudo: ("sudo -n " if sudo else "") + f"sh -s -- {nonce}",
    payload=lambda nonce: f": {nonce}\n".encode() + SCRIPT,
    problem=_problem,
    begun=_begun,
)
