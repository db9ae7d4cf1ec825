"""What is not understood ends the run, says what was found and what to do, and shows nobody's data."""

from __future__ import annotations

import os
import random
import string
from pathlib import Path

import pytest

from hygiene.errors import ExportError
from hygiene.identities import documents
from hygiene.identities.exports import read_exports
from hygiene.identities.file import JSON_BYTES
from hygiene.identities.providers import FORMATS
from hygiene.visible import visible

from .exporting import (
    AWS_HEADER,
    as_json,
    aws,
    entra,
    google,
    graph,
    keycloak,
    okta_user,
    read,
    realm_user,
    registration,
)

KNOWN = ", ".join(format_.name for format_ in FORMATS)
TABLES = ", ".join(format_.name for format_ in FORMATS if not format_.nested)
MAP = "check that the columns stand under their headers, or map them in the policy with [identities.NAME]"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "the file is empty; expected an export as CSV or JSON", id="empty"),
        pytest.param(" \r\n ", "the file is empty; expected an export as CSV or JSON", id="blank"),
        pytest.param(b"PK\x03\x04x", "a workbook or zip file; expected an export as CSV or JSON", id="a workbook"),
        pytest.param(
            "<!DOCTYPE html><title>Sign in</title>",
            "HTML or XML, perhaps a sign-in page that was saved; expected an export as CSV or JSON",
            id="a page",
        ),
        pytest.param(
            "Name,Phone\nA,1\n",
            f"no export that is known; found the columns `Name`, `Phone`; expected one of: {TABLES}; for another table"
            " name its columns in the policy with [identities.NAME]",
            id="another table",
        ),
        pytest.param(
            "a@example.org,12345,Max\nb@example.org,6,Eva\n",
            f"no export that is known; found the columns `Max` and 2 more; expected one of: {TABLES}; for another table"
            " name its columns in the policy with [identities.NAME]",
            id="no header: addresses and numbers are not shown",
        ),
        pytest.param(
            as_json([{"id": "1", "\x1b[31mname\u202e": "x", "n" * 80: 1}]),
            "no export that is known; found the keys `id`, `\\x1b[31mname\\u202e`,"
            f" `{'n' * 40}...`; expected one of: {KNOWN}; for another table name its columns in the policy with"
            " [identities.NAME]",
            id="other JSON: names are made harmless",
        ),
        pytest.param("[]", "there is nobody in it; export again, with users", id="an empty list"),
        pytest.param(
            AWS_HEADER + "\n", "AWS IAM credential report with nobody in it; export again", id="a header and no rows"
        ),
        pytest.param(
            '["a", "b"]', "entry 1 is no object; expected a list of users as the provider exports it", id="texts"
        ),
        pytest.param(
            as_json({"realm": "r", "clients": []}),
            "a Keycloak realm without its users; export it with `kc.sh export --users realm_file`",
            id="a realm without users",
        ),
        pytest.param(
            '[{"a": 1}, {"a": ', "line 1: no JSON (Expecting value); the file may be cut: export again", id="cut JSON"
        ),
        pytest.param("[" * 200_000, "nested deeper than any export; expected a list of users", id="deep JSON"),
        pytest.param(
            '[{"isAdmin": true, "isAdmin": false}]',
            "an object has the key `isAdmin` twice, so which counts is not known; export again",
            id="a key twice",
        ),
        pytest.param(
            as_json([{"username": "a", "is_admin": True, "isAdmin": False, "two_factor_enabled": True}]),
            "column `is_admin` is there twice; remove the one that does not count",
            id="a key twice in two spellings",
        ),
        pytest.param(
            "login,2FA enabled,role,2FA Enabled\na,yes,Owner,no\n",
            "column `2FA enabled` is there twice; remove the one that does not count",
            id="a column twice",
        ),
    ],
)
def test_files(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(tmp_path, content)

    assert str(caught.value) == f"{tmp_path / 'export'}: {message}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            entra("a@example.org|perhaps|True|True|fido2"),
            f"row 2: column `isAdmin` is 'perhaps'; expected yes or no; {MAP}",
            id="neither yes nor no",
        ),
        pytest.param(
            entra("a@example.org|b@example.org|True|True|fido2"),
            f"row 2: column `isAdmin` holds something else; expected yes or no; {MAP}",
            id="an address in the wrong column is not shown",
        ),
        pytest.param(
            google("a@example.org|Sleeping|True|"),
            "row 2: column `Status [READ ONLY]` is 'Sleeping'; expected one of active, suspended, archived, deleted;"
            f" {MAP}",
            id="a state that is not known",
        ),
        pytest.param(
            as_json([okta_user("a", "sms WHATEVER")]),
            "entry 1: column `factors.status` is 'WHATEVER'; expected ACTIVE, PENDING_ACTIVATION or another state of"
            f" the Factors API; {MAP}",
            id="a factor's state",
        ),
        pytest.param(
            as_json([okta_user("a") | {"factors": [{"status": "ACTIVE"}]}]),
            "entry 1: a factor has no factorType; expected the answer of /api/v1/users/ID/factors, unchanged",
            id="a factor without a type",
        ),
        pytest.param(
            as_json([{"username": "a", "two_factor_enabled": {"x": 1}}]),
            f"entry 1: column `two_factor_enabled` holds something else; expected one word or text; {MAP}",
            id="an object in place of a word",
        ),
        pytest.param(
            graph(registration("a", "fido2"), registration("b") | {"methodsRegistered": ["fido2", ["x"]]}),
            f"entry 2: column `methodsRegistered` holds something else; expected a list of words; {MAP}",
            id="a list in a list",
        ),
        pytest.param(
            keycloak(realm_user("a", "otp"), {"username": "b", "enabled": True, "credentials": "x"}),
            f"entry 2: column `credentials` is 'x'; expected a list of objects; {MAP}",
            id="a text in place of a list",
        ),
        pytest.param(
            aws("user1|true|true", " |true|true"),
            "row 3: there is no user name in column `user`; remove the row, or export again",
            id="no name",
        ),
        pytest.param(
            aws("x" * 1025 + "|true|true"),
            "row 2: column `user` holds more than 1,024 characters, which no user name has; check that the columns"
            " stand under their headers",
            id="a long name",
        ),
        pytest.param(
            aws("user1|true|true", "user2|true|true", "User1|true|false"),
            "row 4: the same user as in an earlier row, of whom something else was said; export again, with one row for"
            " each user",
            id="a user of whom two things are said",
        ),
        pytest.param(
            aws("Doe, Jane|true|true"),
            "row 2: has more cells than the header; quote the cells that hold a delimiter",
            id="an unquoted delimiter",
        ),
        pytest.param(
            aws("user1|true|true") + "user2,arn:aws",
            "row 3: ends before the last column that is read; the file may be cut: export again",
            id="a cut table",
        ),
        pytest.param(
            aws('"user1|true|true', "user2|true|true"),
            "row 2: a quoted cell does not end as CSV demands; export again",
            id="a quote that is not closed",
        ),
    ],
)
def test_rows(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(tmp_path, content)

    assert str(caught.value) == f"{tmp_path / 'export'}: {message}"


def test_a_quote_that_swallows_the_file_is_told_where_it_begins(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="a quoted cell spans more than 1,000 lines; look for a quote"):
        read(tmp_path, aws('"user1|true|true') + "x\n" * 2000)


def test_large_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        read(tmp_path, b"[" + b" " * JSON_BYTES)

    assert str(caught.value) == (f"{tmp_path / 'export'}: more than 64 MiB of JSON; export as CSV, or in several files")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        read_exports([tmp_path / "no"])

    assert str(caught.value) == (
        f"{tmp_path / 'no'}: cannot be read (No such file or directory); check the path and its permissions"
    )


def test_bytes_that_are_not_of_their_encoding(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"not utf-8 \(byte order mark\), which its first bytes promise"):
        read(tmp_path, b'\xef\xbb\xbf[{"a": "\xff"}]')
    with pytest.raises(ExportError, match=r"near line 1: not utf-8 \(byte order mark\)"):
        read(tmp_path, b"\xef\xbb\xbfuser,b\n\xff,x\n")


def test_an_error_holds_nothing_of_the_file(tmp_path: Path) -> None:
    """A handler that shows an error's context must not show hashes and seeds."""
    with pytest.raises(ExportError) as caught:
        read(tmp_path, '[{"secretData": "canary-1"}, {"secretData": "canary-2" oops')

    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in repr(error) + repr(vars(error)) + str(error)
        error = error.__cause__ or error.__context__


def test_hashes_and_seeds_are_dropped_while_reading() -> None:
    text = keycloak(realm_user("a", "otp"))
    assert "secretData" in text

    assert "value" not in repr(documents.read(Path("export"), text).entries)


def test_numbers_cost_nothing_however_long(tmp_path: Path) -> None:
    huge = "9" * 1_000_000
    content = f'[{{"id": {huge}, "x": -{huge}.5e{huge}, "y": NaN, "username": "a", "two_factor_enabled": 1}}]'

    assert [row.second_factor for row in read(tmp_path, content).people] == ["unknown"]


SAMPLES = {
    "entra": entra("a@example.org|True|True|True|fido2, sms", "b@example.org|False|False|False|"),
    "graph": graph(registration("a", "fido2"), registration("b", "sms")),
    "aws": aws("<root_account>|not_supported|false", "user1|true|true"),
    "google": google("a@example.org|Active|True|False"),
    "keycloak": keycloak(realm_user("a", "password", "otp"), realm_user("b", "password", realmRoles=["admin"])),
    "okta": as_json([okta_user("a", "push", "sms INACTIVE", roles=[])]),
}
_PIECES = [
    '"',
    ",",
    ";",
    "\n",
    "\0",
    "\u202e",
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "-1e9",
    "\ufeff",
    "\\u0000",
    "\x1b[0m",
]


def _damage(data: bytes, random_: random.Random) -> bytes:
    for _ in range(random_.randint(1, 4)):
        at, to = sorted(random_.randrange(len(data) + 1) for _ in range(2))
        match random_.randrange(5):
            case 0:
                data = data[:at] + random_.choice(_PIECES).encode() + data[at:]
            case 1:
                data = data[:at] + data[min(to, at + 8) :]
            case 2:
                data = data[:at] + data[at:to] * 2 + data[to:]
            case 3:
                data = data[:at] + bytes([random_.randrange(256)]) + data[at + 1 :]
            case _:
                data = data[:at] or b"x"
    return data


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_exports_are_read_or_refused(tmp_path: Path, name: str) -> None:
    random_ = random.Random(name)
    outcomes = set()
    for _ in range(80):
        try:
            read(tmp_path, _damage(SAMPLES[name].encode(), random_))
            outcomes.add("read")
        except ExportError as error:
            outcomes.add("refused")
            message = str(error).replace(os.fspath(tmp_path), "")
            assert message == visible(message)
            assert len(message) < 1500, message
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize("start", ["[", "{", "a,b\n", ""])
def test_noise_is_refused(tmp_path: Path, start: str) -> None:
    random_ = random.Random(start)
    for _ in range(50):
        noise = "".join(random_.choices(string.printable, k=200))
        with pytest.raises(ExportError):
            read(tmp_path, start + noise)
