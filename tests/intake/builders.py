"""Small survey files made in code: a plain table, changed by hand for each law, in any encoding or as a workbook."""

import csv
import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

HEADER = ["指標番号", "指標名", "年度", "値(%)", "回答者数"]
NAMES = {
    1: "地域活動に参加している市民の割合",
    2: "市民活動を行っている市民の割合",
    3: "まちづくりや市民参画の活動に参加している市民の割合",
    4: "市政に市民の声が反映されていると思う市民の割合",
    5: "協働ということを説明できる職員の割合",
}
VALUES = {1: 38.2, 2: 12.9, 3: 23.7, 4: 31.2, 5: 88.7}
ANSWERS = {1: 1070, 2: 1127, 3: 1184, 4: 1241, 5: 1298}


def table(year="H25", header=None):
    """The plain table, one list of cells a row."""
    rows = [[str(i), NAMES[i], year, str(VALUES[i]), str(ANSWERS[i])] for i in NAMES]
    return [list(header or HEADER), *rows]


def changed(*changes, year="H25", header=None):
    """The plain table with (row as Excel counts, column from 0, new text) changes."""
    rows = table(year, header)
    for row, column, text in changes:
        rows[row - 1][column] = text
    return rows


def with_column(position, cells, rows=None):
    """The table with a further column before ``position``; ``cells`` is its header and one text, or one text a row."""
    rows = rows or table()
    texts = cells if len(cells) == len(rows) else [cells[0], *[cells[1]] * (len(rows) - 1)]
    return [[*row[:position], text, *row[position:]] for row, text in zip(rows, texts, strict=True)]


def as_csv(rows, encoding="utf-8", delimiter=",", ending="\r\n", quoting=csv.QUOTE_MINIMAL):
    """Rows as the bytes of a CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def _letters(column):
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)


def cell_xml(reference, value):
    """One cell: None, a number, a text, or ready XML as ``{"xml": …}`` / attributes as ``{"s": 1, "v": 0.3, "f": …}``."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        if "xml" in value:
            return value["xml"].replace("REF", reference)
        style = f' s="{value["s"]}"' if "s" in value else ""
        kind = f' t="{value["t"]}"' if "t" in value else ""
        formula = f"<f>{escape(value['f'])}</f>" if "f" in value else ""
        stored = f"<v>{escape(str(value['v']))}</v>" if "v" in value else ""
        return f'<c r="{reference}"{style}{kind}>{formula}{stored}</c>'
    if isinstance(value, (int, float)):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_xml(rows, *, hidden=(), merges=(), columns="", top=1, left=0, dimension=""):
    """A worksheet part from rows of cells."""
    parts = []
    for number, row in enumerate(rows, start=top):
        cells = "".join(cell_xml(f"{_letters(column + left)}{number}", value) for column, value in enumerate(row))
        parts.append(
            f'<row r="{number}"{" hidden=" + chr(34) + "1" + chr(34) if number in hidden else ""}>{cells}</row>'
        )
    merged = f"<mergeCells>{''.join(f'<mergeCell ref={quoteattr(m)}/>' for m in merges)}</mergeCells>" if merges else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{dimension}{columns}<sheetData>{''.join(parts)}</sheetData>{merged}</worksheet>"
    )


def numbered(rows):
    """Rows whose number, value and n cells are numbers, as Excel stores them."""
    return [rows[0], *[[int(r[0]), r[1], r[2], float(r[3]), int(r[4]), *r[5:]] for r in rows[1:]]]


PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _content_types(sheets, shared):
    """The list of a workbook's parts with their types."""
    parts = {"workbook": "sheet.main", "styles": "styles", **({"sharedStrings": "sharedStrings"} if shared else {})}
    parts |= {f"worksheets/sheet{i}": "worksheet" for i in range(1, sheets + 1)}
    listed = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{KIND}.{kind}+xml"/>' for part, kind in parts.items()
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{listed}</Types>'
    )


def as_xlsx(*sheets, formats=(), states=None, extra=None, shared=None, date1904=False):
    """A workbook from (name, worksheet XML or rows) pairs; ``formats`` are number format codes of styles 1, 2, …"""
    sheets = [(name, part if isinstance(part, str) else sheet_xml(part)) for name, part in sheets]
    states = states or {}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"{" state=" + quoteattr(states[name]) if name in states else ""}/>'
        for i, (name, _) in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    custom = "".join(
        f'<numFmt numFmtId="{163 + i}" formatCode={quoteattr(code)}/>' for i, code in enumerate(formats, 1)
    )
    custom = f'<numFmts count="{len(formats)}">{custom}</numFmts>' if formats else ""
    styles = "".join(
        f'<xf numFmtId="{163 + i}" fontId="0" fillId="0" borderId="0"/>' for i in range(1, len(formats) + 1)
    )
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    parts = {
        "[Content_Types].xml": _content_types(len(sheets), shared is not None),
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{"<workbookPr date1904=" + chr(34) + "1" + chr(34) + "/>" if date1904 else ""}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{custom}<fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        f'<borders count="1"><border/></borders><cellStyleXfs count="1">{plain}</cellStyleXfs>'
        f'<cellXfs count="{len(formats) + 1}">{plain}{styles}</cellXfs></styleSheet>',
        **{f"xl/worksheets/sheet{i}.xml": part for i, (_, part) in enumerate(sheets, 1)},
        **(extra or {}),
    }
    if shared is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{shared}</sst>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def plain_xlsx(rows=None, **options):
    """The plain table as a workbook with one sheet."""
    return as_xlsx(("調査", sheet_xml(numbered(rows or table()), **options)))
