"""The command line: every command, option and help text, and nothing that runs them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from hygiene.model import TABLES, Severity

EXIT_CODES = """\
exit codes:
  0   clean
  1   we broke: a check crashed, a disk was full; what could be judged is reported
  2   usage, configuration, no targets, a list or export that cannot be read
  3   something was not seen (unknown host key, denied, hanging, unreadable) and is not accepted in the policy
  10  findings at or above --fail-on (default high)
  Several at once: 2, 1, 10, 3 in this order.
"""

_LIST = "table, workbook, plain lines, export of a vault, KeePass database, or file of hashes"
_KEY_FILE = "key file of the KeePass databases"
_EXPORT = (
    "people's accounts as CSV or JSON, exported from Microsoft Entra, Okta, Google Workspace, Keycloak, AWS IAM,"
    " GitHub, GitLab or Atlassian"
)

Add = Callable[[argparse.ArgumentParser], None]


def parser(version: str) -> argparse.ArgumentParser:
    """Build the parser; the chosen command's name is in `command`."""
    top = argparse.ArgumentParser(
        prog="hygiene",
        description="Who can get into our servers, with what, and what opens if one key is stolen?",
        epilog="Start with `hygiene demo`, then `hygiene audit -i hosts.txt`. `hygiene COMMAND --help` says more.\n\n"
        + EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"hygiene {version}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, does: str, groups: Iterable[Add], more: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=does,
            description=f"{does[0].upper()}{does[1:]}. {more}".strip(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            epilog=EXIT_CODES if _judging in groups else None,
        )
        for add in groups:
            add(made)
        _verbosity(made)
        return made

    command(
        "audit",
        "the main job: collect from hosts, read lists and exports, run the checks, write reports, set the exit code",
        (_where_from, _lists, _how_in, _how, _database, _outputs, _judging),
        "Needs at least one host, root, list or export. Read-only on the hosts.",
    )
    collect = command(
        "collect",
        "collect evidence from hosts into the store, without checks",
        (_where_from, _how_in, _how, _database, _policy),
    )
    collect.add_argument(
        "--bundle", metavar="FILE", type=Path, help="also write the evidence as one file to carry away"
    )
    imported = command("import", "take bundles of evidence into the store", (_database,))
    imported.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="bundle written by `hygiene collect --bundle`"
    )
    command("check", "run the checks on what is stored", (_database, _outputs, _judging))
    passwords = command(
        "passwords", "score password lists and judge files of hashes alone", (_database, _outputs, _judging)
    )
    passwords.add_argument("files", metavar="FILE", nargs="*", type=Path, help=_LIST)
    passwords.add_argument("--key-file", metavar="FILE", type=Path, help=_KEY_FILE)
    passwords.add_argument(
        "--passphrase-file", metavar="FILE", help="passphrase of the vaults; `-` is standard input (default: asked for)"
    )
    _defaults(passwords)
    _breached(passwords)
    _hashes(passwords)
    indexed = command(
        "breached-index",
        "make a compact index of a list of breached passwords, an eighth of its size and faster to look up",
        (),
        "It is made once, in minutes, and found again with --breached. Where the list itself is given beside it, hits"
        " are looked up there too.",
    )
    indexed.add_argument(
        "list", metavar="LIST", type=Path, help="the Pwned Passwords list: one sorted text, or the folder of prefixes"
    )
    indexed.add_argument(
        "-o", "--output", metavar="FILE", type=Path, required=True, help="the index; nothing is overwritten"
    )
    identities = command(
        "identities",
        "show who has a second factor in exports of identity providers alone",
        (_database, _outputs, _judging),
        "Exports are recognised by what is in them; other tables are mapped in the policy with [identities.NAME].",
    )
    identities.add_argument("files", metavar="FILE", nargs="+", type=Path, help=_EXPORT)
    who = command(
        "who",
        "show who can get into a host that was scanned: every account with each way in",
        (_database,),
        "Ends with 3 when something of that is unknown. With -v, or for one account, dead key lines are shown too.",
    )
    who.add_argument("who", metavar="HOST[:ACCOUNT]", help="a host's name as in the inventory, an account of it")
    export = command("export", "write one table of what is stored", (_database,))
    export.add_argument("table", metavar="TABLE", choices=sorted(TABLES), help=", ".join(TABLES))
    export.add_argument("--format", choices=("jsonl", "csv", "parquet"), default="jsonl", help="default jsonl")
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="write there instead of to standard output")
    command("checks", "list the checks with their worst severity", ())
    explain = command("explain", "print a check's page: what it looks for, why, what to do", ())
    explain.add_argument("id", metavar="ID", help="a check's id, as `hygiene checks` lists them")
    collector = command(
        "collector",
        "print the collector, the script that runs on the hosts, so that it can be read before it runs anywhere",
        (),
        "The script goes to standard output; how to install it as a forced command (the key line and the sudoers rule)"
        " goes to standard error.",
    )
    collector.add_argument(
        "--notes", action="store_true", help="only the key line and the sudoers rule, to standard output"
    )
    collector.add_argument(
        "--logs", action="store_true", help="print one that also reads which keys were used from the logs of sshd"
    )
    command("doctor", "check that this machine has what a scan needs", (_how_in, _database))
    demo = command(
        "demo",
        "audit a breached fleet made on this machine: no root and no network needed",
        (_demo_database, _outputs, _judging),
        "It starts SSH hosts on loopback addresses and runs the real audit on them.",
    )
    demo.add_argument(
        "--hosts", metavar="N", type=_positive, default=60, help="how many hosts (default 60; 1034 as in the breach)"
    )
    return top


def _where_from(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("where from")
    group.add_argument(
        "-i",
        "--inventory",
        metavar="FILE",
        action="append",
        default=[],
        help="hosts to scan, repeatable: Ansible inventory (.ini .yml .yaml), .csv with columns host,address,port,user,"
        "tenant,tags, else lines `[user@]host[:port] [tenant=X] [tag=Y]...`; `-` is standard input;"
        " `ansible:FILE` forces Ansible",
    )
    group.add_argument(
        "--limit", metavar="PATTERN", action="append", default=[], help="scan only these: names, globs, tags, `!not`"
    )
    group.add_argument(
        "--exclude", metavar="PATTERN", action="append", default=[], help="leave these out; every report says so"
    )
    group.add_argument(
        "--root",
        metavar="[NAME=]DIR",
        action="append",
        default=[],
        help="an offline image unpacked in DIR, repeatable; nothing in it is run",
    )
    group.add_argument(
        "--owners",
        metavar="FILE",
        type=Path,
        help="mtree file or `tar tv` listing with the owners of the files under --root",
    )
    group.add_argument(
        "--sshd-version", metavar="X.Y", help="the sshd of the offline roots, where their package database does not say"
    )


def _lists(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("lists and exports")
    group.add_argument(
        "--passwords",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help=f"password list, repeatable: {_LIST}",
    )
    group.add_argument("--key-file", metavar="FILE", type=Path, help=_KEY_FILE)
    _defaults(group)
    _breached(group)
    _hashes(group)
    group.add_argument(
        "--identities",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help=f"{_EXPORT}; repeatable",
    )


def _defaults(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    to.add_argument(
        "--defaults",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="more default passwords, repeatable: CSV with the columns `user` (or `username`) and `password`",
    )


def _breached(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    to.add_argument(
        "--breached",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="look the passwords up in this list of breached ones: the Pwned Passwords list (SHA-1 or NTLM) as one text"
        " or a folder, or the index of it; twice: the index, and the list that it was made of",
    )
    to.add_argument(
        "--breached-online",
        action="store_true",
        help="ask the range API of Pwned Passwords instead: 5 of 40 digits of each SHA-1 leave this machine; the policy"
        " has to allow it with a table [range_api]",
    )


def _hashes(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    to.add_argument(
        "--hashes",
        metavar="[HOST=]FILE",
        action="append",
        default=[],
        help="file of password hashes, repeatable: shadow, master.passwd, passwd, htpasswd or pwdump; HOST says whose"
        " it is",
    )
    to.add_argument(
        "--match",
        action="store_true",
        help="try the passwords of the lists on these hashes; those of scanned hosts never leave them",
    )
    to.add_argument("--match-budget", metavar="SECONDS", type=_positive, help="try no longer than this (default 60)")


def _how_in(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("how in")
    group.add_argument("-u", "--user", metavar="NAME", help="log in as (default: the inventory's, else you)")
    group.add_argument(
        "--key", metavar="FILE", type=Path, help="private key to log in with (default: the keys of the agent)"
    )
    group.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="passphrase of the key or vault; `-` is standard input (default: asked for)",
    )
    group.add_argument(
        "--known-hosts", metavar="FILE", type=Path, help="host keys that are trusted (default ~/.ssh/known_hosts)"
    )
    group.add_argument("--jump", metavar="[USER@]HOST[:PORT]", help="go through this host")
    group.add_argument(
        "--sudo",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="use `sudo -n` when not root (default); --no-sudo reports what could not be read as unseen",
    )


def _how(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("how")
    group.add_argument("-j", "--jobs", metavar="N", type=_positive, default=200, help="hosts at a time (default 200)")
    group.add_argument(
        "--deadline", metavar="SECONDS", type=_positive, help="stop then; hosts not tried yet are reported as skipped"
    )
    group.add_argument("--dry-run", action="store_true", help="list what would be scanned and stop")
    group.add_argument(
        "--fresh", action="store_true", help="start anew instead of resuming an unfinished scan of the same hosts"
    )
    group.add_argument(
        "--logs",
        action="store_true",
        help="also read which keys were used, when and from where, from the hosts' logs of sshd; an installed collector"
        " does so when it was printed by `hygiene collector --logs`",
    )
    group.add_argument(
        "--probe",
        action="store_true",
        help="when all hosts are collected, connect to each once more and ask what it accepts: at most 3 public keys of"
        " one account and the methods offered. Where that account has our own key, a login with it is begun last of all"
        " and no session is opened; no password is ever sent. Refused keys are logged there as failed logins",
    )


def _database(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--db",
        metavar="FILE",
        type=Path,
        default=Path("hygiene.duckdb"),
        help="where results are kept (default hygiene.duckdb)",
    )


def _demo_database(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--db", metavar="FILE", type=Path, help="keep the results there (default: in the folder of the report)"
    )


def _policy(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="thresholds, severities, accepted gaps (default hygiene.toml if it is here)",
    )


def _outputs(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("what out")
    group.add_argument(
        "--format", metavar="NAME", action="append", default=[], dest="formats", help="table, json or html, repeatable"
    )
    group.add_argument("-o", "--output", metavar="DIR", type=Path, help="write report.EXT for each format there")
    group.add_argument("--no-color", action="store_true", help="no colours (NO_COLOR is honoured too)")


def _judging(to: argparse.ArgumentParser) -> None:
    _policy(to)
    group = to.add_argument_group("what counts")
    group.add_argument(
        "--baseline", metavar="FILE", type=Path, help="report.json of an earlier run: only what is new or grew gates"
    )
    group.add_argument(
        "--fail-on", choices=[s.value for s in Severity], help="end with 10 from this severity on (default high)"
    )
    group.add_argument("--exit-zero", action="store_true", help="end with 0 in spite of findings and gaps")
    group.add_argument("--select", metavar="CHECK", action="append", default=[], help="run only these checks")
    group.add_argument("--ignore", metavar="CHECK", action="append", default=[], help="leave these checks out")


def _verbosity(to: argparse.ArgumentParser) -> None:
    group = to.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="only results, warnings and errors")
    group.add_argument("-v", "--verbose", action="store_true", help="a line for each host as it is done")


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return value
