"""Lists of breached passwords: what the command line gives to look passwords up in, and the index made of one."""

from __future__ import annotations

import shlex
import signal
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from hygiene.cli import exits, output
from hygiene.cli.progress import Watch, say, watching
from hygiene.counted import counted
from hygiene.errors import UsageError
from hygiene.passwords.breach import open_given, open_text
from hygiene.passwords.breach.breaches import Breaches
from hygiene.passwords.breach.build import build
from hygiene.passwords.breach.online import PUBLIC_SERVICE, RangeApi, Service
from hygiene.policy.policy import Policy

_LOOKING_UP = "breached"
_INDEXING = "index"


Lookup = tuple[Path, ...] | Service
"""What passwords are looked up in: a list of breached ones, with its index or without; no path for nothing."""


def lookup_of(args: Namespace, policy: Policy, passwords: Sequence[Path]) -> Lookup:
    """Give what the command line says, UsageError for what cannot be meant. `passwords`: lists of those to look up."""
    if (args.breached or args.breached_online) and not passwords:
        raise UsageError("--breached and --breached-online look passwords up; add a list with --passwords FILE")
    if args.breached and args.breached_online:
        raise UsageError("--breached and --breached-online are two ways to ask the same; give one of them")
    if len(args.breached) > 2:
        raise UsageError("--breached: give one list, or an index and the list that it was made of")
    if not args.breached_online:
        return tuple(args.breached)
    told = policy.range_api
    if told is None:
        raise UsageError(
            "--breached-online sends the first 5 of 40 digits of each password's SHA-1 to a service; to allow that,"
            f" write a table [range_api] into {policy.path or 'hygiene.toml'} (url = and proxy = may stand in it)"
        )
    return Service(told.get("url", PUBLIC_SERVICE), told.get("proxy"))


@contextmanager
def opened(lookup: Lookup, watch: Watch) -> Iterator[Breaches | RangeApi | None]:
    """What the passwords of this run are looked up in; None: nothing. InputError for no such list."""
    if isinstance(lookup, Service):
        api = RangeApi(lookup, partial(watch.step, _LOOKING_UP))
        say(f"asking {api.source}: the first 5 of 40 digits of each password's SHA-1 leave this machine")
        yield api
    elif lookup:
        with open_given(lookup) as breaches:
            yield breaches
    else:
        yield None


def run_breached_index(args: Namespace) -> int:
    """Make the compact index of a list, and say what to do with it."""
    if args.output.exists():
        raise UsageError(f"{args.output}: is there already; remove it, or give another name with -o")
    # as by Ctrl-C: gigabytes that were begun must not stay
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with watching(quiet=args.quiet, verbose=False) as watch, open_text(args.list) as text:
        lines = build(text, args.output, partial(watch.step, _INDEXING))
    index, made_of = shlex.quote(str(args.output)), shlex.quote(str(args.list))
    size = args.output.stat().st_size
    output.text(
        f"{args.output}: {counted(lines, 'line')}, {size / 1e6:,.0f} MB ({text.kind.value})\n"
        f"look passwords up:          hygiene passwords FILE --breached {index}\n"
        f"where the list stays here:  hygiene passwords FILE --breached {index} --breached {made_of}\n"
    )
    return exits.CLEAN
