"""Workbooks written byte by byte: each cell as the file formats have it, so that a test can write what no program would.

Here: the least that a reader of .xlsx (ECMA-376) and of .ods (OpenDocument 1.3) needs. Not here: any expectation.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = f"""<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy hh:mm"/></numFmts>
<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>
<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="20" applyNumberFormat="1"/></cellXfs></styleSheet>"""
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE = f'xmlns:office="{_ODF}:office:1.0" xmlns:table="{_ODF}:table:1.0" xmlns:text="{_ODF}:text:1.0" office:version="1.3"'
_HIDDEN = ' state="hidden"'
Rows = Sequence[Sequence[Any]]


def write_xlsx(path: Path, sheets: Mapping[str, Rows | str], *, merged: Sequence[str] = (), hidden: Sequence[str] = ()) -> Path:
    """A workbook; a sheet given as text is the XML of its `sheetData`."""
    names = list(sheets)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"{_HIDDEN if name in hidden else ""}/>'
            for n, name in enumerate(names, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(names) + 1)
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in range(1, len(names) + 1)
        )
        file.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{parts}</Types>',
        )
        relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        main = f'<Relationship Id="r" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/>'
        file.writestr("_rels/.rels", f'<Relationships xmlns="{relations}">{main}</Relationships>')
        file.writestr("xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="{_LINKS}"><sheets>{listed}</sheets></workbook>')
        style = f'<Relationship Id="rIds" Type="{_LINKS}/styles" Target="styles.xml"/>'
        file.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{relations}">{links}{style}</Relationships>')
        file.writestr("xl/styles.xml", _STYLES)
        ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
        for n, rows in enumerate(sheets.values(), 1):
            data = rows if isinstance(rows, str) else _xlsx_rows(rows)
            merge = f"<mergeCells>{ranges}</mergeCells>" if merged and n == 1 else ""
            file.writestr(f"xl/worksheets/sheet{n}.xml", f"<worksheet {_MAIN}><sheetData>{data}</sheetData>{merge}</worksheet>")
    return path


def write_ods(path: Path, sheets: Mapping[str, Rows | str]) -> Path:
    """The same as OpenDocument; a sheet given as text is the XML of its rows."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{rows if isinstance(rows, str) else _ods_rows(rows)}</table:table>'
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        file.writestr("content.xml", f"<office:document-content {_OFFICE}>{body}</office:document-content>")
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        file.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>')
    return path


def _xlsx_rows(rows: Rows) -> str:
    return "".join(
        f'<row r="{number}">{"".join(_xlsx_cell(f"{_letters(at)}{number}", value) for at, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )


def _letters(at: int) -> str:
    return (_letters(at // 26 - 1) if at > 25 else "") + chr(65 + at % 26)


def _xlsx_cell(at: str, value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{at}"><v>{value!r}</v></c>'
        case datetime():
            return f'<c r="{at}" s="2"><v>{_serial(value)!r}</v></c>'
        case date():
            return f'<c r="{at}" s="1"><v>{_serial(datetime.combine(value, time()))!r}</v></c>'
        case time():
            return f'<c r="{at}" s="3"><v>{(value.hour * 60 + value.minute) / 1440!r}</v></c>'
        case str() if value.startswith("#"):
            return f'<c r="{at}" t="e"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _serial(at: datetime) -> float:
    passed = at - datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
    return passed.days + passed.seconds / 86400


def _ods_rows(rows: Rows) -> str:
    return "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)


def _ods_cell(value: Any) -> str:
    match value:
        case None | "":
            return "<table:table-cell/>"
        case bool():
            kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case int() | float():
            kind = f'office:value-type="float" office:value="{value!r}"'
        case datetime() | date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case time():
            kind = f'office:value-type="time" office:time-value="PT{value.hour:02}H{value.minute:02}M00S"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"
