"""Marked passwords in lists of every format, readable and damaged, and the search for them in what leaves the room."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import json
import tempfile
import traceback
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from hygiene.passwords.breach.md4 import md4
from passwords.hashes_made import made
from passwords.kdbx import kdbx3
from passwords.spreadsheets import ods, ods_rows, xls
from passwords.workbooks import with_part, workbook

CANARIES = ("Kw7canary-Eins!", "Zq8canary-Zwöi€9", "vx7kolibri")
PASSPHRASE = "Zq8wombat-Sesäm5"
_LONG = 12  # of a secret so long, its beginning and its end alone are one as well
_END = 7


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may look where it was written without thought."""
    data = secret.encode()
    yield data
    yield ascii(secret)[1:-1].encode()
    yield secret.upper().encode()
    yield secret[::-1].encode()
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-16-be")
    yield secret.encode("cp1252", "replace")
    yield data.hex().encode()
    yield base64.b64encode(data).rstrip(b"=")
    for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s"):
        digest = hashlib.new(algorithm, data).digest()
        yield from (digest, digest.hex().encode(), base64.b64encode(digest).rstrip(b"="))
    yield md4(secret.encode("utf-16-le")).hex().encode()
    yield secret[0].encode() + b"*" * (len(secret) - 2) + secret[-1].encode()
    yield secret[:2].encode() + b"*" * (len(secret) - 2)
    if len(secret) >= _LONG:
        yield from (secret[:_END].encode(), secret[-_END:].encode())


def found_in(output: bytes, secrets: Sequence[str] = (*CANARIES, PASSPHRASE)) -> list[str]:
    """The secrets that are in there, in any case and form."""
    lower = output.lower()
    return [secret for secret in secrets if any(form.lower() in lower for form in forms(secret))]


def rendered(error: BaseException) -> str:
    """All that a careless handler could show of an error: its text, its repr, its chain whether hidden or not."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        parts += [str(seen), repr(seen), repr(vars(seen)), *traceback.format_exception(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


ONE, TWO, THREE = CANARIES
TABLE = f"Benutzer;Kennwort;System\nroot;{ONE};web1\nhans;{TWO};zq8\neva;{THREE};vx7kolibr\nx;{ONE};y\n"
SHEET = [["Benutzer", "Passwort"], ["root", ONE], ["hans", TWO], ["eva", THREE]]


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def bitwarden() -> bytes:
    items = [
        {"login": {"password": one, "username": "u"}, "passwordHistory": [{"password": THREE}]} for one in CANARIES
    ]
    return json.dumps({"items": items}, ensure_ascii=False).encode()


def pux(tail: bytes = b"") -> bytes:
    items = [{"details": {"password": one}} for one in CANARIES]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export.data", json.dumps({"accounts": [{"vaults": [{"items": items}]}]}).encode() + tail)
    return out.getvalue()


def keepass() -> bytes:
    entries = "".join(f"<Entry><String><Key>Password</Key><Value>{one}</Value></String></Entry>" for one in CANARIES)
    return f"<?xml version='1.0'?><KeePassFile><Root><Group>{entries}</Group></Root></KeePassFile>".encode()


READABLE = {
    "utf-8.csv": TABLE.encode(),
    "bom.csv": TABLE.encode("utf-8-sig"),
    "utf-16.csv": TABLE.encode("utf-16"),
    "cp1252.csv": TABLE.encode("cp1252"),
    "tabs.tsv": TABLE.replace(";", "\t").encode(),
    "two.csv": f"user;pw alt;pw neu\nroot;{ONE};{TWO}\neva;{THREE};n/a\n".encode(),
    "wide.csv": f"user;password\nroot;x;{ONE}\nroot;{TWO};{THREE}\n".encode(),
    "plain.txt": f"{ONE}\n{TWO}\n{THREE}\n".encode(),
    "address.csv": f"user;password;system\nroot;{THREE};https://root:{ONE}@web1/\neva;{THREE};ssh://eva:{TWO}@h:22\n".encode(),
    "titles.csv": f"{ONE}\n{TABLE}".encode(),
    "pairs.txt": f"root:{ONE}\nhans:{TWO}\n{THREE}\n".encode(),
    "bitwarden.json": bitwarden(),
    "vault.1pux": pux(),
    "keepass.xml": keepass(),
    "lastpass.csv": f"url,username,password,totp,extra,name,grouping,fav\nh,u,{ONE},,,,,\nh,u,{TWO},,,,,\n".encode(),
    "keepass1.csv": f'Account,Login Name,Password,Web Site,Comments\n"","","{ONE}","",""\n"","","{TWO}"\n'.encode(),
    "sheet.xls": xls({"T": SHEET}),
    "sheet.ods": ods({"T": ods_rows(*SHEET)}),
    "hashed.csv": f"user;password\na;$6$saltsalt${'x' * 86}\nb;{TWO}\nc;{ONE}\n".encode(),
    "keeper.csv": f",T,u,{ONE},https://h,,\n,T,u,{TWO},,,\n".encode(),
    "one-column.csv": f"Passwort\n{ONE}\n{TWO}\n".encode(),
    "sheet.xlsx": workbook({"T": SHEET}),
    "hidden.xlsx": workbook({"T": SHEET, "H": SHEET, "Info": [[ONE, TWO]]}, hidden=("H",)),
    "titles.xlsx": workbook({"T": [[ONE], [], *SHEET]}),
}
# exports as the programs write them; each line twice, so that equal passwords are there too
_EXPORTS = {
    "chrome": ("name,url,username,password,note", "h.de,https://h.de/,u,{},"),
    "firefox": (
        '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated"',
        '"https://h.de","u","{}",,"https://h.de","{{a-b}}","1"',
    ),
    "safari": ("Title,URL,Username,Password,Notes,OTPAuth", "web1,,u,{},,"),
    "1password": (
        "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes",
        "T,https://h,u,{},,false,false,,",
    ),
    "bitwarden": (
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp",
        ",,login,T,,,0,https://h,u,{},",
    ),
    "dashlane": ("username,username2,username3,title,password,note,url,category,otpSecret", "u,,,T,{},,h.de,,"),
    "nordpass": (
        "name,url,additional_urls,username,password,note,cardholdername,cardnumber,cvc,pin,folder,full_name,type",
        "T,https://h,,u,{},,,,,,,,password",
    ),
    "keepassxc": (
        '"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"',
        '"Root/K","T","u","{}","","","","0","",""',
    ),
    "proton": (
        "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault",
        "login,T,https://h,e@x,u,{},,,1,2,V",
    ),
}
READABLE |= {
    f"{name}.csv": "\n".join((header, *map(line.format, CANARIES * 2), "")).encode()
    for name, (header, line) in _EXPORTS.items()
}


_SCHEMES = ("sha512crypt", "yescrypt", "bcrypt", "md5", "des", "apr1", "sha1")


def hash_files() -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Files of hashes of each kind, made now, and what must not be told of them: the hashes, and what they are of."""
    fields = {scheme: made(scheme, ONE) for scheme in _SCHEMES}
    nt = made("nt", TWO).rpartition("$")[2]
    files = {
        "shadow": "".join(f"{name}:{field}:19000:0:99999:7:::\n" for name, field in fields.items())
        + f"old:!{fields['sha512crypt']}:1:0:99999:7:::\nnobody:*:19000::::::\n",
        "htpasswd": f"web:{fields['apr1']}\nadmin:{fields['sha1']}\nsvc:{fields['bcrypt']}\n",
        "master.passwd": f"root:{fields['sha512crypt']}:0:0::0:0:Charlie &:/root:/bin/csh\n",
        "passwd": f"root:{fields['md5']}:0:0:root:/root:/bin/sh\nweb:x:33:33::/:/bin/false\n",
        "dump.pwdump": f"Administrator:500:aad3b435b51404eeaad3b435b51404ee:{nt}:::\n",
    }
    return {name: text.encode() for name, text in files.items()}, (*fields.values(), nt)


def vaults() -> dict[str, bytes]:
    """KeePass databases of both versions under PASSPHRASE; none where pykeepass is not there."""
    if importlib.util.find_spec("pykeepass") is None:
        return {}
    import pykeepass  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vault.kdbx"
        vault = pykeepass.create_database(str(path), password=PASSPHRASE)
        for number, secret in enumerate(CANARIES):
            vault.add_entry(vault.root_group, f"web{number}", "root", secret)
        parameters = vault.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
        parameters["M"].value, parameters["I"].value = 64 << 10, 1
        vault.save()
        return {"four.kdbx": path.read_bytes(), "three.kdbx": kdbx3(keepass().decode(), secret=PASSPHRASE)}


REFUSED = {
    "no-header.csv": f"root;{ONE};web1\nhans;{TWO};web2\n".encode(),
    "no-header.txt": f"root;{ONE};web1\nhans;{TWO};web2\n".encode(),
    "no-header-but-names.csv": f"Benutzer;Server;{ONE}\nhans;web2;{TWO}\n".encode(),
    "no-header.xlsx": workbook({"T": [["root", ONE], ["user", TWO, "host"]]}),
    "one.csv": f"{ONE}\n{TWO}\n".encode(),
    "quote.csv": f'user;password\nroot;"{ONE}\nhans;{TWO}\n'.encode(),
    "quote-text.csv": f'user;password\nroot;"{ONE}"{TWO}\n'.encode(),
    "quote-long.csv": (f'user;password\nroot;"{ONE}\n' + f"{TWO}\n" * 2000).encode(),
    "long.txt": (ONE * 20_000).encode(),
    "nul.txt": f"{ONE}\n{TWO}\0\n{THREE * 2000}".encode(),
    "cut-utf-16.txt": f"{ONE}\n{TWO}\n".encode("utf-16")[:-1],
    "lying-mark.csv": b"\xef\xbb\xbf" + TABLE.encode("cp1252"),
    "cut.json": bitwarden()[:-9],
    "another.json": f'[{{"password": "{ONE}"}}]'.encode(),
    "encrypted.json": f'{{"encrypted": true, "data": "{ONE}"}}'.encode(),
    "deep.json": (f'{{"items": ["{ONE}", ' + "[" * 100_000).encode(),
    "cut.1pux": pux()[:-30],
    "torn.1pux": pux(b"x"),
    "list.xml": f"<?xml version='1.0'?><p>{ONE}</p>".encode(),
    "cut.xml": keepass()[:-30],
    "torn.xml": keepass().replace(b"</Value>", f"</{TWO[:7]}>".encode(), 2),
    "entity.xml": keepass().replace(b"<KeePassFile>", f'<!DOCTYPE a [<!ENTITY b "{ONE}">]><KeePassFile>'.encode()),
    "protected.xml": keepass().replace(b"<Value>", b'<Value Protected="True">'),
    "long.xml": keepass().replace(THREE.encode(), THREE.encode() * 20_000),
    "cut.xlsx": cut(workbook({"T": SHEET})),
    "entity.xlsx": with_part(
        workbook({"T": SHEET}),
        "xl/worksheets/sheet1.xml",
        f'<!DOCTYPE x [<!ENTITY a "{ONE}">]><x>&a;{TWO}</x>'.encode(),
    ),
    "broken.xlsx": with_part(workbook({"T": SHEET}), "xl/worksheets/sheet1.xml", f"<x><c>{ONE}</x>".encode()),
    "cut.xls": xls({"T": SHEET})[:1700],
    "locked.xls": xls({"T": SHEET}, locked=True),
    "torn.ods": ods({"T": ods_rows(*SHEET)}, content=f"<a><b>{TWO}</a>"),
    "place.xlsx": with_part(
        workbook({"T": SHEET}), "xl/worksheets/sheet1.xml", f'<x><c r="{THREE.upper()}1">{ONE}</c></x>'.encode()
    ),
    "encrypted.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + ONE.encode() + "EncryptedPackage".encode("utf-16-le"),
}
