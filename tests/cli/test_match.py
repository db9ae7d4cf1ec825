"""Hashes handed in on the command line, and passwords of lists tried on them: what opens is found, exactly."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from passwords.hashes_made import crypt, made, setting

from .commands import Hygiene

# the account names say what is planted; each password opens what stands beside it in WEB1 and WEB2
OPENING = {
    "yescrypt": "Zq8canary-Eins!",
    "sha512crypt": "Zq8canary-Zwöi€9",
    "bcrypt": "vx7kolibri-drei",
    "md5": "Yr3wanderfalke",
    "des": "langespasswort",
    "nt": "Größe-ist-alles7",
    "apr1": "apr-web-login!",
    "salted-sha1": "verzeichnis/2",
    "argon2": "m3moryhard",
}
NOBODYS = ["Qw5nicht-dabei", "langes", "Langespasswort", "verzeichnis/20", "vx7kolibri", "Zq8canary"]
HASHED = [scheme for scheme in OPENING if scheme not in ("apr1", "salted-sha1", "argon2")]


def shadow(fields: dict[str, str]) -> str:
    return "".join(f"{account}:{field}:19000:0:99999:7:::\n" for account, field in fields.items())


def passwords(rows: list[tuple[str, str]]) -> str:
    return "user;password;system\n" + "".join(f"{user};{password};s{n}\n" for n, (user, password) in enumerate(rows))


def hashed(scheme: str, password: str) -> str:
    # DES reads 8 letters
    return made(scheme, password[:8] + "anders" if scheme == "des" else password)


def plant(hygiene: Hygiene) -> None:
    web1 = {
        **{f"{scheme}-opened": hashed(scheme, OPENING[scheme]) for scheme in HASHED},
        **{f"{scheme}-closed": made(scheme, f"Nt0{scheme}-unknown") for scheme in HASHED},
        "root": made("sha512crypt", OPENING["nt"]),
        "bin": "*",
        "nobody": "!",
    }
    web2 = {"root": made("sha512crypt", OPENING["nt"]), "old": "!" + made("md5", OPENING["md5"]), "daemon": "!!"}
    htpasswd = {scheme: made(scheme, OPENING[scheme]) for scheme in ("apr1", "salted-sha1", "argon2")}
    hygiene.write("shadow1", shadow(web1))
    hygiene.write("shadow2", shadow(web2))
    hygiene.write("shadow3", shadow({"root": "!" + made("sha512crypt", OPENING["nt"])}))
    hygiene.write(
        "htpasswd", "".join(f"{name}:{field}\n" for name, field in htpasswd.items()) + f"x:{made('apr1', 'Nt0')}\n"
    )
    rows = [("alice", password) for password in OPENING.values()]
    hygiene.write("list.csv", passwords([*rows, ("bob", OPENING["nt"]), *(("eve", password) for password in NOBODYS)]))


FILES = ("--hashes", "web1=shadow1", "--hashes", "web2=shadow2", "--hashes", "web3=shadow3", "--hashes", "htpasswd")


def test_what_opens_is_found_exactly(hygiene: Hygiene) -> None:
    plant(hygiene)
    answer = hygiene("passwords", "list.csv", *FILES, "--match", "--exit-zero")
    row = {scheme: number for number, scheme in enumerate(OPENING, 2)}
    nobodys = len(OPENING) + 2  # that of bob, with the password of the NT hash
    planted = {
        *((row[scheme], "web1", f"{scheme}-opened") for scheme in HASHED),
        (nobodys, "web1", "nt-opened"),
        *((number, host, "root") for number in (row["nt"], nobodys) for host in ("web1", "web2", "web3")),
        (row["md5"], "web2", "old"),
        *((row[scheme], "htpasswd", scheme) for scheme in ("apr1", "salted-sha1", "argon2")),
    }
    ties = hygiene.rows("entry_accounts")
    found = {(tie["row"], tie["host"], tie["account"]) for tie in ties}
    assert found == planted
    assert len(ties) == len(planted)
    assert {(tie["list"], tie["tie"]) for tie in ties} == {("list.csv", "hash")}
    hashes = hygiene.rows("list_hashes")
    tried = {(one["list"], one["account"]): one["tried"] for one in hashes}
    unheld = {("shadow1", "bin"), ("shadow1", "nobody"), ("shadow2", "daemon")}
    assert {place for place, word in tried.items() if word == "no"} == unheld
    assert set(tried.values()) == {"yes", "no"}
    states = {(one["host"], one["account"]): one["state"] for one in hashes}
    assert states["web2", "old"] == "locked-hash"
    assert answer.code == 0
    assert answer.err.splitlines()[-1] == (
        "hygiene: list.csv opens root on 2 hosts and 9 other accounts on 2 hosts, and would open 2 accounts if unlocked"
    )
    kept = hygiene.tables(("password_lists", "password_entries", "list_hashes", "entry_accounts", "gaps"))
    assert secrets_in(answer.out + answer.err + repr(kept)) == []
    fields = [
        line.split(":")[1].lstrip("!")
        for name in ("shadow1", "shadow2", "shadow3", "htpasswd")
        for line in lines(hygiene, name)
    ]
    assert not [field for field in fields if len(field) > 8 and field[-12:] in answer.out + answer.err + repr(kept)]


def lines(hygiene: Hygiene, name: str) -> list[str]:
    return (hygiene.work / name).read_text().splitlines()


def secrets_in(text: str) -> list[str]:
    return [password for password in (*OPENING.values(), *NOBODYS) if password in text]


def test_without_match_hashes_are_judged_and_nothing_is_tried(hygiene: Hygiene) -> None:
    hygiene.write("shadow1", shadow({"root": made("sha512crypt", "x")}))
    hygiene.write("list.csv", passwords([("root", "x")]))
    answer = hygiene("passwords", "list.csv", "--hashes", "web1=shadow1", "--exit-zero")
    (row,) = hygiene.rows("list_hashes")
    assert (row["host"], row["account"], row["scheme"], row["tried"]) == ("web1", "root", "sha512crypt", None)
    assert (answer.code, hygiene.rows("entry_accounts")) == (0, [])


def test_hashes_alone_can_be_judged(hygiene: Hygiene) -> None:
    hygiene.write("shadow1", shadow({"root": made("md5", "x")}))
    for command in (("passwords",), ("audit",)):
        answer = hygiene(*command, "--hashes", "web1=shadow1", "--exit-zero")
        assert answer.code == 0
        assert [(row["host"], row["weakness"]) for row in hygiene.rows("list_hashes")] == [("web1", "broken")]


def test_a_budget_that_is_too_small_is_a_gap(hygiene: Hygiene) -> None:
    dear = setting("$2b$", 13) + "a" * 31
    hygiene.write("shadow1", shadow({"root": dear, "eva": made("nt", "abcdef7")}))
    hygiene.write("list.csv", passwords([("u", f"Wq7-{n}xkv") for n in range(300)] + [("u", "abcdef7")]))
    answer = hygiene(
        *("passwords", "list.csv", "--hashes", "web1=shadow1", "--match", "--match-budget", "1"),
        *("--select", "password-from-context"),
    )
    assert answer.code == 3
    assert {row["account"]: row["tried"] for row in hygiene.rows("list_hashes")} == {"root": "unknown", "eva": "yes"}
    assert [(row["row"], row["account"]) for row in hygiene.rows("entry_accounts")] == [(302, "eva")]
    reason = "1 of 2 hashes not tried with all passwords of the lists: 1 for lack of time (--match-budget)"
    assert [(gap["subject"], gap["area"], gap["reason"]) for gap in hygiene.rows("gaps")] == [
        ("shadow1", "passwords", reason)
    ]
    estimate = answer.err.splitlines()[0]
    assert estimate.startswith("hygiene: trying passwords on hashes: 602 guesses on 2 hashes would take about ")
    assert estimate.endswith("; as many as 1 s allow")


NO_HASHES = (
    "list.csv: no file of hashes; expected lines of shadow, master.passwd, passwd, htpasswd or pwdump; a list of"
    " passwords is given without --hashes"
)
USAGE = [
    ("match-without-list", ("audit", "--hashes", "shadow1", "--match"),
     "--match tries the passwords of lists on hashes; add a list with passwords in it"),
    ("match-without-list-alone", ("passwords", "--hashes", "shadow1", "--match"),
     "--match tries the passwords of lists on hashes; add a list with passwords in it"),
    ("match-without-hashes", ("passwords", "list.csv", "--match"),
     "nothing to match: none of the files holds a hash; give one of hashes with --hashes FILE"),
    ("match-without-passwords", ("passwords", "shadow1", "--match"),
     "nothing to match: none of the lists holds a password; give a list of passwords besides"),
    ("budget-without-match", ("passwords", "list.csv", "--match-budget", "9"),
     "--match-budget bounds how long passwords are tried on hashes; add --match"),
    ("nothing", ("passwords",), "nothing to read: give a list of passwords, or hashes with --hashes FILE"),
    ("host-without-name", ("passwords", "--hashes", "=shadow1"),
     "--hashes =shadow1: expected a file, or a host's name and a file: --hashes HOST=FILE"),
    ("host-without-file", ("passwords", "--hashes", "web1="),
     "--hashes web1=: expected a file, or a host's name and a file: --hashes HOST=FILE"),
    ("file-of-two-hosts", ("passwords", "--hashes", "web1=shadow1", "--hashes", "web2=./shadow1"),
     "--hashes web2=./shadow1: the file is given for web1 too; name one host"),
    ("list-as-hashes", ("passwords", "--hashes", "web1=list.csv"),
     NO_HASHES),
]  # fmt: skip


@pytest.mark.parametrize(("args", "message"), [row[1:] for row in USAGE], ids=[row[0] for row in USAGE])
def test_what_cannot_be_meant_is_one_line(hygiene: Hygiene, args: tuple[str, ...], message: str) -> None:
    hygiene.write("shadow1", "root:$1$saltsalt$0123456789abcdefghijkl:19000:0:99999:7:::\n")
    hygiene.write("list.csv", passwords([("root", "x")]))
    answer = hygiene(*args)
    assert (answer.code, answer.out, answer.err) == (2, "", f"hygiene: {message}\n")
    assert hygiene.left() == ["list.csv", "shadow1"]


def test_root_of_a_web_server_is_an_account_like_others(hygiene: Hygiene) -> None:
    hygiene.write("htpasswd", f"root:{made('apr1', 'abcdef7')}\n")
    hygiene.write("list.csv", passwords([("root", "abcdef7")]))
    answer = hygiene("passwords", "list.csv", "--hashes", "web1=htpasswd", "--match", "--exit-zero")
    assert answer.err.splitlines()[-1] == "hygiene: list.csv opens 1 account on 1 host"


def test_an_opened_hash_that_is_nobodys_is_a_gap(hygiene: Hygiene) -> None:
    hygiene.write("list.csv", f"password\nabcdef7\n{made('apr1', 'abcdef7')}\n")
    answer = hygiene("passwords", "list.csv", "--match", "--select", "password-from-context")
    reason = (
        "1 hash is opened by a password of the lists without being of an account; no entry can be tied to an account"
    )
    assert [(gap["subject"], gap["reason"]) for gap in hygiene.rows("gaps")] == [("fleet", reason)]
    assert answer.code == 3


def test_a_file_of_hashes_that_is_also_given_as_a_list_is_read_once(hygiene: Hygiene) -> None:
    hygiene.write("shadow1", shadow({"root": made("md5", "abcdef7")}))
    hygiene.write("list.csv", passwords([("root", "abcdef7")]))
    hygiene("passwords", "list.csv", "shadow1", "--hashes", "web1=shadow1", "--match", "--exit-zero")
    assert [(row["list"], row["host"]) for row in hygiene.rows("list_hashes")] == [("shadow1", "web1")]
    assert [(row["row"], row["host"]) for row in hygiene.rows("entry_accounts")] == [(2, "web1")]


def test_an_interrupt_leaves_nothing_half_written_and_shows_no_password(hygiene: Hygiene) -> None:
    secrets = [f"Wq7canary{n}xkv" for n in range(400)]
    hygiene.write("shadow1", shadow({"root": crypt("Nt0unknown", setting("$2b$", 8))}))
    hygiene.write("list.csv", passwords([("u", secret) for secret in secrets]))
    command = [sys.executable, "-m", "hygiene", "passwords", "list.csv", "--hashes", "web1=shadow1", "--match"]
    with subprocess.Popen(
        command, cwd=hygiene.work, env=hygiene.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = next(_lines_with(process.stderr, "trying passwords on hashes"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert said.startswith("hygiene: trying passwords on hashes: 400 guesses on 1 hash")
    assert (process.returncode, out, err) == (130, "", "hygiene: interrupted\n")
    assert hygiene.rows("list_hashes") == hygiene.rows("entry_accounts") == hygiene.rows("password_entries") == []
    kept = b"".join(path.read_bytes() for path in hygiene.work.glob("hygiene.*") if path.is_file())
    assert not [secret for secret in secrets if secret.encode() in kept]


def _lines_with(stream: Any, text: str) -> Iterator[str]:
    return (line for line in stream if text in line)
