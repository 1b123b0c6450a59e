"""A table as a file for a spreadsheet: .xlsx with typed cells, or .csv that states its encoding.

Here: the two files. A number and a date of a workbook are the same in every language of the spreadsheet; those of a CSV are text,
which it reads by its own. Text is never a formula. Not here: Parquet (tables.py), or reading workbooks (promisekept/sources).
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa

from promisekept.errors import PublishingError

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook {_MAIN} xmlns:r="{_LINKS}">
<sheets><sheet name="promisekept" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>""",
    # 14 and 22 are the spreadsheet's own short date, and date with time.
    "xl/styles.xml": f"""<styleSheet {_MAIN}><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>""",
}
_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = date(1899, 12, 30)
_MOST_ROWS, _MOST_TEXT, _EXACT = 1_048_575, 32_767, 2**53
"""What a sheet, a cell, and a number of a spreadsheet hold."""


def write_spreadsheet(table: pa.Table, file: Path) -> None:
    """Write a table; the name of the file decides its format.

    Raises:
        PublishingError: the name ends in neither .xlsx nor .csv, the file is there, or a sheet holds fewer rows.
    """
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise PublishingError(f"{file}: this is neither .xlsx nor .csv.\n  Name one that is.")
    if file.exists():
        raise PublishingError(f"{file}: this file is there.\n  Name a new one: nothing is overwritten.")
    if file.suffix.lower() == ".csv":
        with file.open("w", encoding="utf-8-sig", newline="") as stream:  # the mark by which a spreadsheet knows UTF-8
            lines = csv.writer(stream)
            lines.writerow(table.column_names)
            lines.writerows([_text(cell) for cell in row.values()] for row in table.to_pylist())
        return
    if table.num_rows > _MOST_ROWS:
        raise PublishingError(f"{file}: a sheet holds {_MOST_ROWS:,} rows, and these are {table.num_rows:,}.\n  Name a .csv.")
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _XML_DECLARATION + text)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"{_XML_DECLARATION}<worksheet {_MAIN}><sheetData>".encode())
            for row in _rows(table):
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")


def _rows(table: pa.Table) -> Iterator[str]:
    yield f"<row>{''.join(map(_cell, table.column_names))}</row>"
    for batch in table.to_batches():
        for row in batch.to_pylist():
            yield f"<row>{''.join(map(_cell, row.values()))}</row>"


def _cell(value: object) -> str:
    """A cell in its type; text is given as text, so that none is computed."""
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, float | int | Decimal) and -_EXACT < value < _EXACT:
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        local = value.replace(tzinfo=None)
        seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        return f'<c s="2"><v>{(local.date() - _EPOCH).days + seconds / 86400!r}</v></c>'
    if isinstance(value, date):
        return f'<c s="1"><v>{(value - _EPOCH).days}</v></c>'
    text = escape(_NOT_XML.sub("\ufffd", _text(value))[:_MOST_TEXT])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "; ".join(map(_text, value)) if isinstance(value, list) else str(value)
