"""What is wrong with a command is one clear message and an exit code, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncssh
import pytest

from .commands import Answer, Hygiene

HOSTS = {"hosts.txt": "web1\nweb2 tenant=acme tag=prod\n"}
AUDIT = ("audit", "-i", "hosts.txt")
ROOT = {"image/etc/passwd": "root:x:0:0::/root:/bin/sh\n"}
NO_DATABASE = (
    "hygiene.duckdb: there is no database; expected one made by `hygiene audit` or `hygiene collect`: run one of them"
    " first, or name the file with --db"
)
NOT_OURS = (
    "hygiene.duckdb: not a database of hygiene; expected one of version 4: name another file with --db, or move this"
    " one away and collect or import again"
)
NO_PASSWORDS = (
    "list.csv: no password column; expected a column named like Passwort, Kennwort or password (beside Benutzer/user,"
    " System/host, Kunde/tenant); found the columns system, user (comma separated); name the column, or give a list of"
    " passwords alone as .txt"
)
AWS = "user,arn,password_enabled,mfa_active\nuser1,arn:aws:iam::123456789012:user/user1,TRUE,true\n"
NO_EXPORT = (
    "people.csv: no export that is known; found the columns `name`, `mfa`; expected one of: AWS IAM credential report,"
    " Microsoft Entra registration details, Okta report MFA Enrollment by User, Okta report MFA Usage, Google Workspace"
    " users, Google Workspace account report, GitLab users, GitHub people, Atlassian accounts; for another table name"
    " its columns in the policy with [identities.NAME]"
)
POLICY = 'fail_on = "hihg"\n\n[checks.root-key-reus]\n[checks.key-reuse]\nroot_host = 3\n'
POLICY_PROBLEMS = (
    "hygiene.toml:1: `fail_on` is 'hihg'; expected one of critical, high, medium, low\n"
    "hygiene.toml:3: there is no check `root-key-reus` (did you mean `root-key-reuse`?); `hygiene checks` lists them\n"
    "hygiene.toml:5: `key-reuse` has no parameter `root_host` (did you mean `root_hosts`?); it has enabled, severity,"
    " low, medium, root_hosts"
)

ROWS = [
    # inventories
    ("inventory-missing", ("audit", "-i", "none.txt"), {}, 2,
     "none.txt: cannot be read: No such file or directory; check the path given with -i"),
    ("inventory-is-a-folder", ("audit", "-i", "image"), ROOT, 2,
     "image: is a folder; expected a file, name the inventory inside it"),
    ("inventory-with-bad-lines-names-all-of-them", AUDIT, {"hosts.txt": "web1\nweb 2\nweb3:99999\n"}, 2,
     ("hosts.txt:2: word 2 is neither tenant=X nor tag=Y; write one host a line\n"
     "hosts.txt:3: port '99999' is not a number from 1 to 65535")),
    ("inventory-empty", AUDIT, {"hosts.txt": "# nobody\n\n"}, 2, "hosts.txt: names no host; expected at least one"),
    ("csv-without-host-column", ("audit", "-i", "hosts.csv"), {"hosts.csv": "name,addr\nweb1,10.0.0.1\n"}, 2,
     ("hosts.csv:1: no column named host among 'name, addr'; expected a header line with host and any of address, port,"
     " user, tenant, tags")),
    ("ansible-that-is-no-yaml", ("audit", "-i", "hosts.yml"), {"hosts.yml": "all: [\n"}, 2,
     "hosts.yml:2: is not YAML: did not find expected node content; mend the line"),
    ("nothing-to-audit", ("audit",), {}, 2,
     ("nothing to audit: give hosts with -i FILE, an image with --root DIR, a list with --passwords FILE, hashes with"
     " --hashes FILE, or an export with --identities FILE")),
    ("nothing-to-collect", ("collect",), {}, 2,
     "nothing to collect: give hosts with -i FILE or an image with --root DIR"),
    ("limit-matches-nothing", (*AUDIT, "--limit", "db*"), HOSTS, 2,
     "--limit 'db*' matches none of 2 hosts; check names, tags and tenants"),
    ("exclude-leaves-nothing", (*AUDIT, "--exclude", "web*"), HOSTS, 2, "no host is left to scan; check --exclude"),
    # what to do with it
    ("format-unknown", (*AUDIT, "--format", "pdf"), HOSTS, 2,
     "--format pdf: there is no such report; expected one of html, json, table"),
    ("two-formats-and-no-folder", (*AUDIT, "--format", "json", "--format", "html"), HOSTS, 2,
     "several formats need a folder to write to: add -o DIR"),
    ("folder-and-no-format", (*AUDIT, "-o", "out"), HOSTS, 2,
     "-o DIR writes report.EXT for each --format; add one, as --format json"),
    ("folder-is-a-file", (*AUDIT, "--format", "json", "-o", "hosts.txt"), HOSTS, 1,
     "hosts.txt: cannot be made: File exists; name another folder with -o"),
    ("check-unknown-select", (*AUDIT, "--select", "root-key-reus"), HOSTS, 2,
     "there is no check 'root-key-reus' (did you mean root-key-reuse?); `hygiene checks` lists them"),
    ("check-unknown-ignore", (*AUDIT, "--ignore", "xyz"), HOSTS, 2,
     "there is no check 'xyz'; `hygiene checks` lists them"),
    ("check-unknown-explain", ("explain", "root-key-reus"), {}, 2,
     "there is no check 'root-key-reus' (did you mean root-key-reuse?); `hygiene checks` lists them"),
    ("no-check-left", (*AUDIT, "--select", "key-reuse", "--ignore", "key-reuse"), HOSTS, 2,
     "no check is left to run; look at --select, --ignore and the policy"),
    ("policy-with-typos-names-all-of-them", AUDIT, {**HOSTS, "hygiene.toml": POLICY}, 2, POLICY_PROBLEMS),
    ("policy-that-is-no-toml", AUDIT, {**HOSTS, "hygiene.toml": "fail_on = = 3\n"}, 2,
     "hygiene.toml: is not valid TOML: Invalid value (at line 1, column 11)"),
    ("policy-typo-stops-a-collection-too", ("collect", "-i", "hosts.txt"), {**HOSTS, "hygiene.toml": "fail = 1\n"}, 2,
     ("hygiene.toml:1: unknown entry `fail`; expected one of accepted_gap, auditor_keys, checks, fail_on,"
     " identities, passwords, range_api (did you mean `fail_on`?)")),
    ("policy-missing", (*AUDIT, "--policy", "p.toml"), HOSTS, 2,
     "p.toml: cannot be read: No such file or directory; give another file with --policy"),
    ("baseline-missing", (*AUDIT, "--baseline", "old.json"), HOSTS, 2,
     "old.json: cannot be read: No such file or directory; give the report.json of an earlier run"),
    ("baseline-cut", (*AUDIT, "--baseline", "old.json"), {**HOSTS, "old.json": '{"schema": '}, 2,
     "old.json: is not JSON; give the report.json of an earlier run"),
    ("baseline-of-another-version", (*AUDIT, "--baseline", "old.json"),
     {**HOSTS, "old.json": '{"schema": "hygiene.report/9"}'}, 2,
     "old.json: its schema is 'hygiene.report/9'; expected 'hygiene.report/1': the report.json of an earlier run"),
    # databases
    ("check-without-database", ("check",), {}, 2, NO_DATABASE),
    ("export-without-database", ("export", "grants"), {}, 2, NO_DATABASE),
    ("database-is-something-else", ("check",), {"hygiene.duckdb": "a text of some length\n" * 1000}, 2, NOT_OURS),
    ("audit-into-something-else", (*AUDIT, "--key", "key"),
     {**HOSTS, "key": "", "hygiene.duckdb": "a text of some length\n" * 1000}, 2, None),
    # lists
    ("list-missing", ("audit", "--passwords", "list.csv"), {}, 2,
     "list.csv: cannot be read (No such file or directory); check the path and its permissions"),
    ("list-without-password-column", ("audit", "--passwords", "list.csv"), {"list.csv": "system,user\nweb,anna\n"}, 2,
     NO_PASSWORDS),
    ("list-corrupt-workbook", ("passwords", "list.xlsx"), {"list.xlsx": b"PK\3\4 no workbook"}, 2,
     "list.xlsx: the workbook is damaged or cut; copy it again, or save it again as XLSX"),
    # exports
    ("export-missing", ("audit", "--identities", "people.csv"), {}, 2,
     "people.csv: cannot be read (No such file or directory); check the path and its permissions"),
    ("export-of-no-known-kind-stores-nothing", ("identities", "good.csv", "people.csv"),
     {"good.csv": AWS, "people.csv": "name,mfa\nuser1,yes\n"}, 2, NO_EXPORT),
    ("export-with-a-word-that-is-not-known", ("audit", "--identities", "people.csv"),
     {"people.csv": AWS.replace("true", "maybe")}, 2,
     ("people.csv: row 2: column `mfa_active` is 'maybe'; expected yes or no; check that the columns stand under their"
     " headers, or map them in the policy with [identities.NAME]")),
    # bundles
    ("bundle-missing", ("import", "fleet.bundle"), {}, 2,
     "fleet.bundle: cannot be read as a bundle: No such file or directory"),
    ("bundle-is-something-else", ("import", "fleet.bundle"), {"fleet.bundle": "xx"}, 2,
     "fleet.bundle: at byte 0: is not evidence of this version; copy the bundle again, or write it anew with --bundle"),
    # offline roots
    ("root-missing", ("audit", "--root", "none"), {}, 2,
     "--root none: none is no folder; expected the root of an unpacked image"),
    ("root-without-a-name", ("audit", "--root", "/"), {}, 2,
     "--root /: the folder has no name; give the image one: --root NAME=DIR"),
    ("root-named-twice", ("audit", "--root", "a=image", "--root", "a=image"), ROOT, 2,
     "--root a=image: the name a is taken; give the image another: --root NAME=DIR"),
    ("root-named-as-a-host", (*AUDIT, "--root", "web1=image"), {**HOSTS, **ROOT}, 2,
     "--root web1=image: the name web1 is taken; give the image another: --root NAME=DIR"),
    ("owners-without-root", (*AUDIT, "--owners", "image.mtree"), HOSTS, 2,
     "--owners and --sshd-version belong to an offline image; add --root DIR"),
    ("owners-missing", ("audit", "--root", "image", "--owners", "image.mtree"), ROOT, 2,
     "--owners image.mtree: there is no such file; expected an mtree file or a tar listing"),
    ("sshd-version-that-is-none", ("audit", "--root", "image", "--sshd-version", "new"), ROOT, 2,
     "--sshd-version new: expected a version like 9.2p1, or that of its package"),
    # ways in
    ("no-key-at-all", AUDIT, HOSTS, 2,
     "there is no key to log in with; name one with --key FILE, or load one into an agent"),
    ("no-key-to-collect-with", ("collect", "-i", "hosts.txt"), HOSTS, 2,
     "there is no key to log in with; name one with --key FILE, or load one into an agent"),
    ("key-missing", (*AUDIT, "--key", "key"), HOSTS, 2,
     "key: cannot read the private key: No such file or directory; check the path given with --key"),
    ("key-that-is-none", (*AUDIT, "--key", "hosts.txt"), HOSTS, 2,
     "hosts.txt: not a private key that can be used (OpenSSH, PEM and PKCS#8 files can be read)"),
    ("passphrase-without-key", (*AUDIT, "--passphrase-file", "secret"), HOSTS, 2,
     "--passphrase-file belongs to a key; add --key FILE"),
    ("one-standard-input-for-two", ("audit", "-i", "-", "--key", "key", "--passphrase-file", "-"), {}, 2,
     "-i - and --passphrase-file - both want standard input; give one of them as a file"),
    ("jump-that-is-no-host", (*AUDIT, "--jump", "a b"), HOSTS, 2,
     "--jump a b: 'a b' is not a host name; expected letters, digits, dots and hyphens"),
    # the demo
    ("demo-too-small", ("demo", "--hosts", "3"), {}, 2,
     "--hosts 3: expected 16 to 100,000; 1034 is the size of the breach"),
    ("demo-in-a-folder-of-another", ("demo", "--hosts", "16"), {"hygiene-demo/mine": ""}, 2, None),
]  # fmt: skip


def _told(message: str) -> str:
    return "".join(f"hygiene: {line}\n" for line in message.split("\n"))


@pytest.mark.parametrize(("args", "files", "code", "message"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_one_message_and_nothing_left(
    hygiene: Hygiene, args: Sequence[str], files: Mapping[str, str | bytes], code: int, message: str | None
) -> None:
    for name, content in files.items():
        hygiene.write(name, content)
    if message is None:
        message = {
            "demo": f"{hygiene.work / 'hygiene-demo'} is there and no demo made it; name another folder with"
            " -o DIR --format html",
            "audit": "key: not a private key that can be used (OpenSSH, PEM and PKCS#8 files can be read)",
        }[args[0]]
    assert hygiene(*args) == Answer(code, "", _told(message))
    assert hygiene.left() == sorted({name.partition("/")[0] for name in files})


@pytest.fixture(scope="module")
def encrypted() -> bytes:
    """A key file as ssh-keygen writes it; slow to make, as it should be."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase="open sesame", rounds=50)


@pytest.fixture
def key(hygiene: Hygiene) -> asyncssh.SSHKey:
    hygiene.write("hosts.txt", "web1 \n")
    hygiene.write("known_hosts", "")
    return asyncssh.generate_private_key("ssh-ed25519")


ENCRYPTED = [
    ("no-passphrase-and-no-terminal", (), b"",
     "key: the private key is encrypted; give its passphrase with --passphrase-file, or use an agent"),
    ("wrong-passphrase", ("--passphrase-file", "wrong"), b"", "key: the passphrase does not open this private key"),
    ("wrong-passphrase-on-standard-input", ("--passphrase-file", "-"), b"xyzzy\n",
     "key: the passphrase does not open this private key"),
    ("passphrase-file-missing", ("--passphrase-file", "none"), b"",
     "none: cannot read the passphrase: No such file or directory; check the path given with --passphrase-file"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "stdin", "message"), [pytest.param(*row[1:], id=row[0]) for row in ENCRYPTED])
def test_an_encrypted_key_that_does_not_open(
    hygiene: Hygiene, encrypted: bytes, args: Sequence[str], stdin: bytes, message: str
) -> None:
    hygiene.write("hosts.txt", "web1\n")
    hygiene.write("key", encrypted)
    hygiene.write("wrong", "xyzzy\n")
    before = hygiene.left()
    assert hygiene(*AUDIT, "--key", "key", *args, stdin=stdin) == Answer(2, "", _told(message))
    assert hygiene.left() == before


def test_a_key_that_others_can_read(hygiene: Hygiene, key: asyncssh.SSHKey) -> None:
    hygiene.write("key", key.export_private_key(), 0o644)
    assert hygiene(*AUDIT, "--key", "key") == Answer(
        2, "", _told("key: mode 0644 lets others read this private key; chmod 600 it")
    )


def test_known_hosts_that_is_named_must_be_there(hygiene: Hygiene, key: asyncssh.SSHKey) -> None:
    hygiene.write("key", key.export_private_key())
    assert hygiene(*AUDIT, "--key", "key", "--known-hosts", "none") == Answer(
        2,
        "",
        _told("none: cannot read known_hosts: No such file or directory; name the right file with --known-hosts FILE"),
    )
    assert hygiene.left() == ["hosts.txt", "key", "known_hosts"]


def test_a_database_in_a_folder_that_is_not_there(hygiene: Hygiene, key: asyncssh.SSHKey) -> None:
    hygiene.write("key", key.export_private_key())
    assert hygiene(*AUDIT, "--key", "key", "--db", "none/fleet.duckdb") == Answer(
        1,
        "",
        _told(
            "none/fleet.duckdb: cannot create the database: No such file or directory; name a file in a folder you can"
            " write with --db"
        ),
    )


USAGE = [
    ("no-command", (), "hygiene: error: the following arguments are required: COMMAND"),
    ("no-jobs", ("audit", "-j", "0"), "hygiene audit: error: argument -j/--jobs: '0' is not a whole number above 0"),
    ("quiet-and-verbose", ("audit", "-q", "-v"),
     "hygiene audit: error: argument -v/--verbose: not allowed with argument -q/--quiet"),
    ("fail-on-nothing-known", ("audit", "--fail-on", "worst"),
     "hygiene audit: error: argument --fail-on: invalid choice: 'worst'"),
    ("no-such-table", ("export", "hsots"), "hygiene export: error: argument TABLE: invalid choice: 'hsots'"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "message"), [pytest.param(*row[1:], id=row[0]) for row in USAGE])
def test_a_command_line_that_cannot_be_read_shows_the_usage(
    hygiene: Hygiene, args: Sequence[str], message: str
) -> None:
    answer = hygiene(*args)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("usage: hygiene")
    assert answer.err.splitlines()[-1].startswith(message)
