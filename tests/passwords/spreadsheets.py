"""XLS and ODS for tests, written by hand: what the formats demand and nothing more."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

Cells = Sequence[Sequence[object]]
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(sheets: Mapping[str, Cells], hidden: Sequence[str] = (), *, locked: bool = False) -> bytes:
    """BIFF8 ([MS-XLS]) in a compound file."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    lock = _record(0x2F, b"\x01\x00" + bytes(52)) if locked else b""  # FilePass
    names = [_unicode(name, "<B") for name in sheets]
    offset = len(_bof(5)) + len(lock) + sum(4 + 6 + len(name) for name in names) + 4
    globals_ = _bof(5) + lock
    for title, name, body in zip(sheets, names, bodies, strict=True):
        globals_ += _record(0x85, struct.pack("<IBB", offset, title in hidden, 0) + name)  # BoundSheet8
        offset += len(body)
    return _compound(globals_ + _record(0x0A, b"") + b"".join(bodies))


def _sheet(rows: Cells) -> bytes:
    records = _bof(0x10)
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            place = struct.pack("<HHH", y, x, 0)
            match cell:
                case None:
                    continue
                case bool():
                    records += _record(0x205, place + bytes((cell, 0)))
                case int() | float():
                    records += _record(0x203, place + struct.pack("<d", cell))
                case _:
                    records += _record(0x204, place + _unicode(str(cell), "<H"))
    return records + _record(0x0A, b"")


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 6))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _unicode(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _compound(stream: bytes) -> bytes:
    """[MS-CFB], version 3: a header, the table of sectors, the folder, then the stream `Workbook`."""
    stream += bytes(max(4096 - len(stream), 0))  # what is shorter would go to the mini stream
    stream += bytes(-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    table = [_FAT, _END, *range(3, sectors + 2), _END]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    folder = _folder_entry("Root Entry", 5, 1, _END, 0) + _folder_entry("Workbook", 2, _FREE, 2, len(stream))
    return header + struct.pack("<128I", *table) + folder + bytes(_SECTOR - len(folder)) + stream


def _folder_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def ods(sheets: Mapping[str, str], **parts: str) -> bytes:
    """A package with these tables; each is the XML of its rows."""
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:automatic-styles>'
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        + "".join(
            f"<table:table table:name={quoteattr(name)} table:style-name={quoteattr(name.lower())}>{rows}</table:table>"
            for name, rows in sheets.items()
        )
        + "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", parts.get("content", content))
        archive.writestr("META-INF/manifest.xml", parts.get("manifest", "<manifest/>"))
    return out.getvalue()


def ods_rows(*rows: Sequence[object], repeated: int = 1) -> str:
    """Rows as LibreOffice writes them."""
    text = ""
    for cells in rows:
        text += f'<table:table-row table:number-rows-repeated="{repeated}">' if repeated > 1 else "<table:table-row>"
        for cell in cells:
            match cell:
                case None:
                    text += "<table:table-cell/>"
                case int() | float():
                    text += f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p>'
                    text += "</table:table-cell>"
                case str() if cell.startswith("<table:"):
                    text += cell
                case _:
                    shown = escape(str(cell)).replace("  ", '<text:s text:c="2"/>')
                    text += f'<table:table-cell office:value-type="string"><text:p>{shown}</text:p></table:table-cell>'
        text += "</table:table-row>"
    return text
