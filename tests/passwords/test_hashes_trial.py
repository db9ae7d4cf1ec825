"""Passwords of lists tried on hashes handed in: what opens is tied to the accounts, what was not tried is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.model import EntryAccount, EntryTie, Truth
from hygiene.passwords.against import Against
from hygiene.passwords.hashes.crypt import load
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.trial import Candidates, Ties
from hygiene.passwords.lists import PasswordAudit, score_lists
from passwords.hashes_made import made, setting

ONE, TWO, THREE = "Zq8canary-Eins!", "Zq8canary-Zwöi€9", "vx7kolibri"
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
TABLE = f"user;password;host\nroot;{ONE};a\nhans;{TWO};b\nroot;{ONE};c\nroot;{THREE};d\n"


def shadow(folder: Path, name: str, fields: Sequence[tuple[str, str]]) -> Path:
    path = folder / name
    path.write_text("".join(f"{account}:{field}:19000:0:99999:7:::\n" for account, field in fields))
    return path


def run(folder: Path, hashes: Sequence[HashFile], budget_s: float = 60.0, text: str = TABLE) -> PasswordAudit:
    path = folder / "list.csv"
    path.write_text(text)
    return score_lists([path], processes=1, against=Against(match_budget_s=budget_s), hashes=hashes)


def opened(audit: PasswordAudit) -> list[tuple[int, str, str]]:
    assert audit.ties is not None
    ties = list(audit.ties)
    assert {(tie.list, tie.sheet, tie.tie) for tie in ties} <= {("list.csv", None, EntryTie.HASH)}
    assert list(audit.ties) == ties
    return [(tie.row, tie.host, tie.account) for tie in ties]


def test_every_entry_with_the_password_is_tied_to_each_account_that_it_opens(tmp_path: Path) -> None:
    first = [("root", made("sha512crypt", ONE)), ("hans", made("md5", "not-in-it")), ("bin", "*")]
    second = [("root", made("des", "vx7kolib")), ("eva", "!" + made("md5", TWO)), ("x", "")]
    files = [
        HashFile(shadow(tmp_path, "first", first), "web1"),
        HashFile(shadow(tmp_path, "second", second), None),
    ]
    audit = run(tmp_path, files)
    assert opened(audit) == [(3, "second", "eva"), (5, "second", "root"), (2, "web1", "root"), (4, "web1", "root")]
    assert [row.tried for row in audit.hashes] == [YES, YES, NO, YES, YES, NO]
    assert [info.unread for info in audit.lists] == [(), (), ()]
    assert audit.unmatched == ()


def test_without_being_asked_nothing_is_tried(tmp_path: Path) -> None:
    path = shadow(tmp_path, "shadow", [("root", made("md5", ONE))])
    audit = score_lists([path], processes=1)
    assert (audit.ties, [row.tried for row in audit.hashes]) == (None, [None])


def test_what_was_not_tried_is_unknown_with_its_reason(tmp_path: Path) -> None:
    fields = [
        ("a", made("md5", ONE)),
        ("b", "$99$abcdefgh$12345678901234"),
        ("c", setting("$6$", 999_999_999) + "$" + "a" * 86),
        ("d", "*"),
    ]
    audit = run(tmp_path, [HashFile(shadow(tmp_path, "shadow", fields))])
    assert [row.tried for row in audit.hashes] == [YES, UNKNOWN, UNKNOWN, NO]
    reason = (
        "2 of 3 hashes not tried with all passwords of the lists: 1 because their scheme cannot be tried here,"
        " 1 because one guess takes too long or too much memory"
    )
    assert audit.lists[1].unread == (
        "1 hash of a scheme or cost that is not judged: judge them by hand, then accept this",
        reason,
    )


@pytest.mark.prove  # the command line holds the same
def test_a_budget_that_is_too_small_leaves_hashes_unknown(tmp_path: Path) -> None:
    dear = setting("$2b$", 13) + "a" * 31
    path = shadow(tmp_path, "shadow", [("root", made("nt", THREE)), ("hans", dear)])
    audit = run(tmp_path, [HashFile(path, "web1")], 1.0, TABLE + "".join(f"u;word{n};h\n" for n in range(200)))
    assert [row.tried for row in audit.hashes] == [YES, UNKNOWN]
    assert opened(audit) == [(5, "web1", "root")]
    assert audit.lists[1].unread == (
        "1 of 2 hashes not tried with all passwords of the lists: 1 for lack of time (--match-budget)",
    )


def test_an_account_without_a_name_is_said(tmp_path: Path) -> None:
    table = f"password\n{ONE}\n{made('apr1', ONE)}\n{made('apr1', 'x')}\n"
    audit = run(tmp_path, [], text=table)
    assert (opened(audit), [row.tried for row in audit.hashes]) == ([], [YES, YES])
    assert audit.unmatched == (
        "1 hash is opened by a password of the lists without being of an account; no entry can be tied to an account",
    )


@pytest.mark.parametrize(
    ("text", "fields", "message"),
    [
        (TABLE, [], "nothing to match: none of the files holds a hash; give one of hashes with --hashes FILE"),
        ("", ["root"], "nothing to match: none of the lists holds a password; give a list of passwords besides"),
    ],
    ids=["no-hashes", "no-passwords"],
)
def test_nothing_to_match(tmp_path: Path, text: str, fields: list[str], message: str) -> None:
    with pytest.raises(ListError) as caught:
        run(
            tmp_path,
            [HashFile(shadow(tmp_path, "shadow", [(name, made("md5", "x")) for name in fields]))] if fields else [],
            text=text or "user;password\na;\n",
        )
    assert str(caught.value) == message


class Watched:
    def __init__(self) -> None:
        self.told: list[object] = []

    def estimate(self, text: str) -> None:
        self.told.append(text)

    def guesses(self, done_s: float, whole_s: float) -> None:
        self.told.append((done_s, whole_s))


def test_the_estimate_comes_before_the_first_guess_and_holds_no_secret(tmp_path: Path) -> None:
    field = made("md5", ONE)
    path = tmp_path / "list.csv"
    path.write_text(TABLE)
    watched = Watched()
    files = [HashFile(shadow(tmp_path, "shadow", [("root", field)]))]
    score_lists([path], processes=1, against=Against(match_budget_s=60.0), hashes=files, watcher=watched)
    assert watched.told[0] == "3 guesses on 1 hash, about 1 s"
    assert len(watched.told) > 1
    said = repr(watched.told)
    assert not [secret for secret in (ONE, TWO, THREE, field, field[-22:]) if secret in said]


def test_candidates_are_bounded_and_what_is_left_out_is_counted() -> None:
    candidates = Candidates(limit=3, bytes_limit=1040)
    for slot, password in enumerate((b"abcd", b"x" * 1025, b"x" * 1024, b"1234567890123", b"ab", b"cd")):
        candidates.add(slot, password)
    assert (list(candidates.slots), candidates.passwords) == ([0, 2, 4], [b"abcd", b"x" * 1024, b"ab"])
    assert candidates.left_out == 3
    assert repr(candidates) == "Candidates(3)"


def test_letters_of_western_europe_are_tried_in_their_older_encoding_too(tmp_path: Path) -> None:
    """As an old terminal or browser sends them: a htpasswd file keeps what it was given."""
    old, wide = "Grün-Öl 9", "Preis 9 € ü"
    fields = [
        ("latin1", _by_bytes(old.encode("latin-1"))),
        ("utf8", _by_bytes(old.encode())),
        ("cp1252", _by_bytes(wide.encode("cp1252"))),
        ("nt", made("nt", old)),
    ]
    audit = run(tmp_path, [HashFile(shadow(tmp_path, "shadow", fields), "web1")], text=f"password\n{old}\n{wide}\n")
    assert opened(audit) == [(2, "web1", "latin1"), (2, "web1", "nt"), (2, "web1", "utf8")]
    assert [row.tried for row in audit.hashes] == [YES] * 4
    candidates = Candidates()
    for slot, text in enumerate((old, wide, "plain", "\ud800ü", "страж")):
        candidates.add(slot, text.encode("utf-8", "surrogatepass"))
    assert list(candidates.slots) == [0, 0, 1, 2, 3, 4]
    assert candidates.passwords[:2] == [old.encode(), old.encode("latin-1")]


def _by_bytes(password: bytes) -> str:
    library = load()
    assert library is not None
    hashed = library.hash(password, setting("$1$").encode())
    assert hashed is not None
    return hashed.decode()


def test_ties_are_bounded_and_each_account_keeps_some() -> None:
    places = {0: [("l", row, None) for row in range(1, 7)], 1: [("l", 6, None)]}
    ties = Ties({("web1", "root"): {0, 1}, ("web2", "root"): {1}}, places, limit=4)
    assert [(tie.host, tie.row) for tie in ties] == [("web1", 1), ("web1", 2), ("web2", 6)]
    assert ties.left_out == 5
    whole = Ties({("web1", "root"): {0, 1}}, places)
    assert [tie.row for tie in whole] == [1, 2, 3, 4, 5, 6]
    assert whole.left_out == 0
    assert next(iter(whole)) == EntryAccount("l", 1, None, "web1", "root", EntryTie.HASH)
