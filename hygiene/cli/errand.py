"""What the command line asks to collect: targets, offline roots, and the way in."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tabulate import tabulate

from hygiene import audit
from hygiene.cli import exits, output
from hygiene.cli.progress import say
from hygiene.collect.gather import Errand
from hygiene.collect.identity import PassphraseNeededError, from_file
from hygiene.collect.offline import Root
from hygiene.collect.run import Access
from hygiene.errors import UsageError
from hygiene.model import Target
from hygiene.openssh import version
from hygiene.targets.address import parse_login
from hygiene.targets.inventory import load
from hygiene.targets.select import select

_KNOWN_HOSTS = Path("~/.ssh/known_hosts")


def errand_of(args: Namespace, digest_key: str) -> Errand:
    """What the command line asks to collect; raises what is wrong with it before any host is touched."""
    if "-" in args.inventory and args.passphrase_file == "-":  # noqa: S105  # standard input
        raise UsageError("-i - and --passphrase-file - both want standard input; give one of them as a file")
    targets = load(args.inventory, sys.stdin.buffer) if args.inventory else ()
    roots, more = _roots(args, {target.host for target in targets})
    chosen = select((*targets, *more), args.limit, args.exclude)
    for pattern in chosen.unmatched:
        say(f"{pattern}: matches no host; check --limit and --exclude")
    if not chosen.kept:
        raise UsageError("no host is left to scan; check --exclude")
    return Errand(
        targets=chosen.kept,
        access=_access(args),
        excluded=tuple(target.host for target in chosen.excluded),
        roots=roots,
        jobs=args.jobs,
        deadline_s=args.deadline,
        fresh=args.fresh,
        logs=args.logs,
        digest_key=digest_key,
        ask=audit.ask if args.probe else None,
    )


def _access(args: Namespace) -> Access:
    # collect reads no lists
    if args.key is None and args.passphrase_file is not None and not getattr(args, "passwords", []):
        raise UsageError("--passphrase-file belongs to a key; add --key FILE")
    default = _KNOWN_HOSTS.expanduser()
    return Access(
        user=args.user or me(),
        known_hosts=[args.known_hosts] if args.known_hosts is not None else [default] if default.exists() else [],
        key_files=[args.key] if args.key is not None else [],
        passphrase=_passphrase(args) if args.key is not None and not args.dry_run else None,
        agent_socket=os.environ.get("SSH_AUTH_SOCK"),
        sudo=args.sudo,
        jump=_jump(args.jump) if args.jump is not None else None,
    )


def _jump(text: str) -> Target:
    try:
        user, address, port = parse_login(text)
    except ValueError as error:
        raise UsageError(f"--jump {text}: {error}") from None
    return Target(address, address, port or 22, user, place="--jump")


def _passphrase(args: Namespace) -> bytes | None:
    """The passphrase of the key, from the file or asked for; one line end after it is dropped."""
    name = args.passphrase_file
    if name is None:
        try:
            from_file(args.key)
        except PassphraseNeededError:
            if not sys.stdin.isatty():
                raise
            return getpass.getpass(f"Passphrase of {args.key}: ").encode()
        return None
    return read_passphrase(name)


@cache  # of standard input there is one, and a key and a vault may want it
def read_passphrase(name: str) -> bytes:
    """What the passphrase file holds, `-` for standard input; one line end after it is dropped."""
    try:
        data = sys.stdin.buffer.read(1 << 16) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{name}: cannot read the passphrase: {error.strerror}; check the path given with --passphrase-file"
        ) from None
    return data.removesuffix(b"\n").removesuffix(b"\r")


def _roots(args: Namespace, taken: set[str]) -> tuple[dict[str, Root], list[Target]]:
    roots: dict[str, Root] = {}
    targets = []
    for given in args.root:
        name, equals, folder = given.partition("=")
        path = Path(folder if equals else given)
        host = name if equals else path.resolve().name
        if not path.is_dir():
            raise UsageError(f"--root {given}: {path} is no folder; expected the root of an unpacked image")
        if not host:
            raise UsageError(f"--root {given}: the folder has no name; give the image one: --root NAME=DIR")
        if host in taken or host in roots:
            raise UsageError(f"--root {given}: the name {host} is taken; give the image another: --root NAME=DIR")
        roots[host] = Root(args.owners, args.sshd_version)
        targets.append(Target(host, str(path.resolve()), place=f"--root {given}"))
    if (args.owners or args.sshd_version) and not args.root:
        raise UsageError("--owners and --sshd-version belong to an offline image; add --root DIR")
    if args.owners and not args.owners.is_file():
        raise UsageError(f"--owners {args.owners}: there is no such file; expected an mtree file or a tar listing")
    if args.sshd_version and version.from_package(args.sshd_version) is None:
        raise UsageError(f"--sshd-version {args.sshd_version}: expected a version like 9.2p1, or that of its package")
    return roots, targets


def dry_run(
    errand: Errand | None, lists: Iterable[Path], exports: Iterable[Path] = (), hashes: Iterable[Path] = ()
) -> int:
    """List what would be scanned."""
    rows = [
        (
            t.host,
            "offline" if errand and t.host in errand.roots else _endpoint(t),
            t.user or "",
            t.tenant or "",
            " ".join(t.tags),
        )
        for t in (errand.targets if errand else ())
    ]
    rows += [(path.name, "password list", "", "", "") for path in lists]
    rows += [(path.name, "file of hashes", "", "", "") for path in hashes]
    rows += [(path.name, "identity export", "", "", "") for path in exports]
    output.text(tabulate(rows, ["host", "address", "user", "tenant", "tags"], disable_numparse=True) + "\n")
    excluded = len(errand.excluded) if errand else 0
    output.text(f"\n{len(rows):,} would be scanned, {excluded:,} {'is' if excluded == 1 else 'are'} left out\n")
    return exits.CLEAN


def _endpoint(target: Target) -> str:
    address = f"[{target.address}]" if ":" in target.address else target.address
    return f"{address}:{target.port}"


def me() -> str:
    """Who runs this; in a container the user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the one before Python 3.13, the other since
        return str(os.getuid())
