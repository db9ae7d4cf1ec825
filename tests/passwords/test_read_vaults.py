"""Exports of vaults and browsers: what is read of which bytes, written as the programs write them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import HashLine

Row = tuple[int | str | None, ...]


def read(path: Path) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    """Rows as (row, password, account, system); notes; what was not read."""
    rows: list[Row] = []
    with open_list(path) as reader:
        for entry in reader:
            assert not isinstance(entry, HashLine)
            rows.append((entry.row, entry.password, entry.account, entry.system))
    return rows, reader.tally.notes(), reader.tally.unread()


def saved(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


EMPTY = "1 row without a password (cell or line empty or blank)"


@pytest.mark.parametrize(
    ("text", "rows", "notes"),
    [
        pytest.param(
            "name,url,username,password,note\nh.de,https://h.de/,u,p1,\n",
            [(2, "p1", "u", "https://h.de/")],
            (),
            id="Chrome and Edge",
        ),
        pytest.param(
            '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated","timeLastUsed",'
            '"timePasswordChanged"\r\n"https://h.de","u","p""1",,"https://h.de","{a-b}","1","2","3"',
            [(2, 'p"1', "u", "https://h.de")],
            (),
            id="Firefox: when a password was changed is no password",
        ),
        pytest.param(
            "Title,URL,Username,Password,Notes,OTPAuth\nweb1,,u,p1,,\n",
            [(2, "p1", "u", "web1")],
            (),
            id="Safari, 1Password: the title where there is no address",
        ),
        pytest.param(
            "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\nT,https://h,u,p1,,false,false,,\n",
            [(2, "p1", "u", "https://h")],
            (),
            id="1Password 8",
        ),
        pytest.param(
            "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n"
            ",,login,T,,,0,https://h,u,p1,\n,,note,N,text,,0,,,,\n",
            [(2, "p1", "u", "https://h")],
            (EMPTY,),
            id="Bitwarden: a note has no password",
        ),
        pytest.param(
            "url,username,password,totp,extra,name,grouping,fav\n"
            "https://h,a&amp;b,&lt;p&quot;&#39;&gt;&euro;,,,T,G,0\nhttp://sn,,,,text,N,,0\n",
            [(2, "<p\"'>&euro;", "a&b", "https://h")],
            (EMPTY, "read as an export of LastPass"),
            id="LastPass escapes as HTML does",
        ),
        pytest.param(
            "username,username2,username3,title,password,note,url,category,otpSecret\nu,,,T,p1,,h.de,,\n",
            [(2, "p1", "u", "h.de")],
            (),
            id="Dashlane",
        ),
        pytest.param(
            "name,url,additional_urls,username,password,note,cardholdername,cardnumber,cvc,pin,expirydate,zipcode,folder"
            ",full_name,phone_number,email,address1,address2,city,country,state,type\n"
            "T,https://h,,u,p1,,,,,,,,,,,,,,,,,password\n",
            [(2, "p1", "u", "https://h")],
            (),
            id="NordPass",
        ),
        pytest.param(
            "F,T,u,p1,https://h,,\n,T2,u2,p2,,note,Shared,Field,value\n",
            [(1, "p1", "u", "https://h"), (2, "p2", "u2", "T2")],
            (),
            id="Keeper has no header",
        ),
        pytest.param(
            '"Account","Login Name","Password","Web Site","Comments"\r\n"T","u","p\\"1\\\\","h","a\r\nb"\r\n'
            '"T2","u2","p2","",""\r\n',
            [(2, 'p"1\\', "u", "h"), (3, "p2", "u2", None)],
            ("read as an export of KeePass 1",),
            id="KeePass 1 escapes with backslashes",
        ),
        pytest.param(
            '"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"\n'
            '"Root/K","T","u","p""\\1","","","","0","",""\n',
            [(2, 'p"\\1', "u", "T")],
            (),
            id="KeePassXC doubles quotes",
        ),
        pytest.param(
            "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault\n"
            "login,T,https://h,e@x,u,p1,,,1,2,V\n",
            [(2, "p1", "u", "https://h")],
            (),
            id="Proton Pass",
        ),
    ],
)
def test_csv(tmp_path: Path, text: str, rows: list[Row], notes: tuple[str, ...]) -> None:
    assert read(saved(tmp_path, "export.csv", text)) == (rows, notes, ())


BITWARDEN = {
    "encrypted": False,
    "folders": [{"id": "f", "name": "K"}],
    "items": [
        {
            "type": 1,
            "name": "web1",
            "login": {"uris": [{"match": None, "uri": "https://h"}], "username": "u", "password": "p2", "totp": None},
            "passwordHistory": [{"lastUsedDate": "2024-01-01T00:00:00Z", "password": "p1"}],
            "fields": [
                {"name": "root password", "value": "p3", "type": 1},
                {"name": "PIN", "value": "1234", "type": 1},
                {"name": "Passwort", "value": "shown", "type": 0},
            ],
        },
        {"type": 2, "name": "note", "notes": "text", "secureNote": {"type": 0}},
        {"type": 1, "name": "db", "login": {"username": None, "password": "p4"}, "deletedDate": "2024-01-01"},
    ],
}
BITWARDEN_ROWS = [(1, "p2", "u", "https://h"), (1, "p3", "u", "https://h"), (1, "p1", "u", "https://h")]
OLDER = "1 row with an older version of a password, kept by the vault"
BIN = "1 row in the vault's bin or archive; read as all others"
PUX = {
    "accounts": [
        {
            "attrs": {"name": "Wendy"},
            "vaults": [
                {
                    "items": [
                        {
                            "state": "active",
                            "categoryUuid": "001",
                            "details": {
                                "loginFields": [
                                    {"value": "u", "designation": "username"},
                                    {"value": "p2", "designation": "password"},
                                    {"value": "x", "name": "search"},
                                ],
                                "passwordHistory": [{"value": "p1", "time": 1}],
                            },
                            "overview": {"title": "T", "url": "https://h", "urls": [{"url": "https://h"}]},
                        },
                        {
                            "item": {
                                "trashed": True,
                                "details": {
                                    "sections": [
                                        {
                                            "fields": [
                                                {"id": "url", "value": {"string": "web2"}},
                                                {"id": "username", "value": {"string": "root"}},
                                                {"id": "password", "value": {"concealed": "p3"}},
                                                {"id": "x", "title": "PIN", "value": {"concealed": "1234"}},
                                            ]
                                        }
                                    ]
                                },
                                "overview": {"title": "Server"},
                            }
                        },
                        {"details": {"password": "p4"}, "overview": {"title": "alone"}},
                    ]
                }
            ],
        }
    ]
}
PUX_ROWS = [
    (1, "p2", "u", "https://h"),
    (1, "p1", "u", "https://h"),
    (2, "p3", "root", "web2"),
    (3, "p4", None, "alone"),
]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def pux(document: object) -> bytes:
    return zipped(export_attributes=b'{"version": 3}', export_data=json.dumps(document).encode())


@pytest.mark.parametrize(
    ("name", "data", "rows", "notes"),
    [
        pytest.param(
            "b.json",
            json.dumps(BITWARDEN, indent=2).encode(),
            [*BITWARDEN_ROWS, (3, "p4", None, "db")],
            (EMPTY, OLDER, BIN, "read as an export of Bitwarden; rows are numbers of items"),
            id="Bitwarden: history, hidden fields named so, the bin",
        ),
        pytest.param(
            "export",
            b"\xef\xbb\xbf" + json.dumps(BITWARDEN).encode(),
            [*BITWARDEN_ROWS, (3, "p4", None, "db")],
            (EMPTY, OLDER, BIN, "read as an export of Bitwarden; rows are numbers of items"),
            id="Bitwarden by its content alone",
        ),
        pytest.param(
            "b.json",
            b'{"items": [null, 1, {"login": []}, {"login": {"password": 7, "uris": {}}},'
            b' {"login": {"password": "p"}}]}',
            [(5, "p", None, None)],
            (
                "4 rows without a password (cell or line empty or blank)",
                "read as an export of Bitwarden; rows are numbers of items",
            ),
            id="values of other kinds than expected",
        ),
        pytest.param(
            "k.json",
            b'{"records": [{"title": "T", "login": "u", "password": "p1", "login_url": "h",'
            b' "custom_fields": {"Root-Passwort": "p2", "x": "y"}}]}',
            [(1, "p1", "u", "h"), (1, "p2", "u", "h")],
            ("read as an export of Keeper; rows are numbers of items",),
            id="Keeper",
        ),
        pytest.param(
            "e.1pux",
            pux(PUX),
            PUX_ROWS,
            (OLDER, BIN, "read as an export of 1Password; rows are numbers of items"),
            id="1PUX: logins, servers, passwords alone",
        ),
        pytest.param(
            "e.zip",
            pux(PUX),
            PUX_ROWS,
            (OLDER, BIN, "read as an export of 1Password; rows are numbers of items"),
            id="1PUX by its content alone",
        ),
        pytest.param(
            "export.data",
            json.dumps(PUX).encode(),
            PUX_ROWS,
            (OLDER, BIN, "read as an export of 1Password; rows are numbers of items"),
            id="what is in a 1PUX, unpacked",
        ),
        pytest.param("l.txt", b'{"a\n{"b\n', [(1, '{"a', None, None), (2, '{"b', None, None)], (), id="plain lines"),
    ],
)
def test_json(tmp_path: Path, name: str, data: bytes, rows: list[Row], notes: tuple[str, ...]) -> None:
    assert read(saved(tmp_path, name, data)) == (rows, notes, ())


UNKNOWN_JSON = "expected an export of Bitwarden, Keeper or 1Password: export it again, or as CSV"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param(
            "b.json",
            b'{"encrypted": true, "passwordProtected": true, "data": "2.abc"}',
            "an encrypted export of Bitwarden, which cannot be read; export again as .json without encryption, and"
            " delete the copy after",
            id="encrypted",
        ),
        pytest.param(
            "b.json", b'{"items": [{"a', f"a JSON file, cut, damaged or nested too deeply; {UNKNOWN_JSON}", id="cut"
        ),
        pytest.param(
            "b.json",
            b'{"items": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
            f"a JSON file, cut, damaged or nested too deeply; {UNKNOWN_JSON}",
            id="deep",
        ),
        pytest.param(
            "b.json",
            b'{"items": ' + b"9" * 5000 + b"}",
            f"a JSON file, cut, damaged or nested too deeply; {UNKNOWN_JSON}",
            id="a number that Python refuses",
        ),
        pytest.param(
            "b.json", b"\xff{}", f"a JSON file, cut, damaged or nested too deeply; {UNKNOWN_JSON}", id="bytes"
        ),
        pytest.param("b.json", b'[{"a": 1}]', f"a JSON file, of no vault that is known; {UNKNOWN_JSON}", id="another"),
        pytest.param(
            "b.json",
            b'{"items": [' + b" " * (64 << 20) + b"]}",
            "a JSON file of more than 64 MiB; export the vault as CSV",
            id="too large",
        ),
        pytest.param(
            "e.1pux",
            pux(PUX)[:-40],
            "the 1Password export is damaged, cut or encrypted; export it again",
            id="1PUX cut",
        ),
        pytest.param(
            "e.1pux",
            zipped(export_data=b" " * 50_000_000),
            "the 1Password export unpacks to far more than a vault needs; export it again, or as CSV",
            id="1PUX as a zip bomb",
        ),
        pytest.param(
            "e.1pux",
            zipped(export_data=b'{"accounts'),
            "the 1Password export holds no accounts, or is damaged; export it again, or as CSV",
            id="1PUX with a JSON that is cut",
        ),
    ],
)
def test_json_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = saved(tmp_path, name, data)
    with pytest.raises(ListError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


def field(key: str, value: str) -> str:
    return f"<String><Key>{key}</Key><Value>{value}</Value></String>"


KEEPASS = f"""<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<KeePassFile><Meta><Generator>KeePass</Generator><RecycleBinUUID>bin=</RecycleBinUUID></Meta>
<Root><Group><UUID>r=</UUID><Name>Root</Name>
<Entry><UUID>1=</UUID>{field("Title", "web1")}{field("UserName", "root")}{field("URL", "")}
<History><Entry><UUID>1=</UUID>{field("UserName", "old")}
<String><Key>Password</Key><Value ProtectInMemory="True">p1</Value></String></Entry></History>
{field("Password", " p&amp;2  ")}{field("SSH-Passwort", "p3")}{field("Notes", "x" * 200_000)}</Entry>
<Entry>{field("Title", "ref")}{field("Password", "{REF:P@I:0123}")}</Entry>
<Group><UUID>bin=</UUID><Group><UUID>in=</UUID>
<Entry>{field("Password", "p4")}{field("URL", "ssh://h")}</Entry></Group></Group>
<Entry>{field("Title", "empty")}{field("Password", "")}</Entry>
</Group><DeletedObjects/></Root></KeePassFile>
"""
KEEPASS_ROWS = [(1, " p&2  ", "root", "web1"), (1, "p3", "root", "web1"), (1, "p1", "root", "web1")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(KEEPASS.encode(), id="utf-8"),
        pytest.param(KEEPASS.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(KEEPASS.replace("utf-8", "utf-16").encode("utf-16"), id="utf-16"),
        pytest.param(KEEPASS.partition("?>")[2].encode(), id="without a declaration"),
    ],
)
def test_keepass_xml(tmp_path: Path, data: bytes) -> None:
    assert read(saved(tmp_path, "k.xml", data)) == (
        [*KEEPASS_ROWS, (3, "p4", None, "ssh://h")],
        (
            EMPTY,
            "1 row with a placeholder where a password should be",
            OLDER,
            BIN,
            "read as an export of KeePass; rows are numbers of entries",
        ),
        (),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(KEEPASS[:900], "the XML is damaged or cut; export it again", id="cut"),
        pytest.param(
            KEEPASS.replace("</Group>", "</Gruppe>", 1), "the XML is damaged or cut; export it again", id="torn"
        ),
        pytest.param(
            KEEPASS.replace("utf-8", "klingon", 1), "the XML is damaged or cut; export it again", id="encoding unknown"
        ),
        pytest.param(
            KEEPASS.replace("<KeePassFile>", '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><KeePassFile>'),
            "the XML has a document type declaration, which KeePass does not write; export it again",
            id="entity bomb",
        ),
        pytest.param("<KeePassFile>" + "<Group>" * 100_000, "the XML is nested too deeply; export it again", id="deep"),
        pytest.param(
            KEEPASS.replace("ProtectInMemory", "Protected"),
            "the XML has encrypted values; export the database again from KeePass",
            id="taken out of a database",
        ),
        pytest.param(
            KEEPASS.replace("p4", "p" * 200_000),
            "a password has more than 131,072 characters; expected an export of KeePass",
            id="a password without an end",
        ),
        pytest.param(
            "<?xml version='1.0'?><pwlist/>",
            "an XML file that is no export of KeePass 2; export it as CSV, TSV, plain lines or XLSX",
            id="other XML",
        ),
    ],
)
def test_keepass_xml_refused(tmp_path: Path, data: str, message: str) -> None:
    path = saved(tmp_path, "k.xml", data)
    with pytest.raises(ListError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"
