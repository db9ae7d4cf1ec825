"""The command `hygiene`: one message for whatever goes wrong, one exit code for what came out."""

from __future__ import annotations

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.metadata import version

from hygiene.cli import arguments, exits
from hygiene.errors import HygieneError

_OURS = "ssh-hygiene"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    # what libraries log is not for the user, and without any handler it would go to standard error
    logging.getLogger().addHandler(logging.NullHandler())
    os.umask(0o077)  # whatever is written is for its owner alone
    args = arguments.parser(version(_OURS)).parse_args(argv)
    try:
        return _run(args)
    except HygieneError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return exits.INTERRUPTED
    except BrokenPipeError:
        return exits.BROKEN  # whoever read our output has gone; nothing more can be told


def _run(args: Namespace) -> int:
    # imported here: a command that only prints must not wait for the SSH and arithmetic libraries
    if args.command in ("checks", "explain", "collector", "doctor", "export"):
        from hygiene.cli import show

        return show.run(args)
    if args.command == "who":
        from hygiene.cli.who import run_who

        return run_who(args)
    from hygiene.cli import scan
    from hygiene.registry.load import load

    match args.command:
        case "audit":
            return scan.run_audit(args, load(), version(_OURS))
        case "collect":
            return scan.run_collect(args, load())
        case "import":
            return scan.run_import(args)
        case "check":
            return scan.run_check(args, load(), version(_OURS))
        case "passwords":
            return scan.run_passwords(args, load(), version(_OURS))
        case "breached-index":
            from hygiene.cli.breached import run_breached_index

            return run_breached_index(args)
        case "identities":
            return scan.run_identities(args, load(), version(_OURS))
        case _:
            from hygiene.cli.demo import run_demo

            return run_demo(args, load(), version(_OURS))


def _complain(message: str) -> None:
    for line in message.splitlines() or [""]:
        sys.stderr.write(f"hygiene: {line}\n")
