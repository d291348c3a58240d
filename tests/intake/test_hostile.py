"""Files that are no surveys or mean harm end as a message in Japanese, quickly, and nothing of them is run."""

import io
import json
import tracemalloc
import zipfile

import pytest
from intake.builders import as_csv, as_xlsx, changed, plain_xlsx, sheet_xml, table, with_column
from intake.laws import TODAY, assert_law, bad, good, parametrised

from kyodo.intake import read_upload


def zipped(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600
BILLION = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><worksheet>&j;</worksheet>"
)
OTHERS = [
    bad("old .xls", OLE + "Workbook".encode("utf-16-le"), "password", name="調査.xls"),
    bad("password", OLE + "EncryptedPackage".encode("utf-16-le"), "password", name="調査.xlsx"),
    bad("pdf", b"%PDF-1.7\n%\xe2\xe3", "format", name="調査.pdf"),
    bad("png called csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "format"),
    bad("jpeg", b"\xff\xd8\xff\xe0" + bytes(100), "format", name="a.csv"),
    bad("gzip", b"\x1f\x8b\x08" + bytes(50), "format", name="a.csv.gz"),
    bad("login page", b"<!DOCTYPE html><html><title>login</title></html>", "format"),
    bad(
        "html table called xls",
        "\ufeff<html><table><tr><td>指標番号</td></tr></table></html>".encode(),
        "format",
        name="調査.xls",
    ),
    bad("html in UTF-16", "<html><body>x</body></html>".encode("utf-16"), "format"),
    bad("xml spreadsheet", b'<?xml version="1.0"?><Workbook/>', "format", name="調査.xml"),
    bad("json", json.dumps([{"指標番号": 1}]).encode(), "format", name="a.json"),
    bad("owner file", b"\x05yamada" + b" " * 158, "format", name="~$調査.xlsx"),
    bad("docx", zipped({"word/document.xml": "<a/>"}), "format", name="調査.docx"),
    bad("pptx", zipped({"ppt/presentation.xml": "<a/>"}), "format", name="調査.pptx"),
    bad(
        "ods",
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        "format",
        name="調査.ods",
    ),
    bad("numbers", zipped({"Index/Document.iwa": "x"}), "format", name="調査.numbers"),
    bad("xlsb", zipped({"xl/workbook.bin": "x"}), "format", name="調査.xlsb"),
    bad("zip of a csv", zipped({"調査.csv": as_csv(table())}), "format", name="調査.zip"),
    bad("executable", b"MZ\x90\x00" + bytes(100), "format", name="a.exe"),
    bad("random bytes", bytes((i * 7919) % 256 for i in range(5000)), "encoding"),
    bad("nothing", b"", "empty"),
    bad("NULs", bytes(1000), "empty"),
    bad("spaces of a workbook", b"PK\x03\x04" + bytes(500), "corrupt", name="a.xlsx"),
    bad("workbook without sheets", zipped({"xl/workbook.xml": "<workbook/>"}), "corrupt", name="a.xlsx"),
    bad("billion laughs", as_xlsx(("調査", BILLION)), "format", name="a.xlsx"),
    bad(
        "entities in the strings",
        as_xlsx(("調査", sheet_xml(table())), extra={"xl/_rels/workbook.xml.rels": BILLION}),
        "format",
        name="a.xlsx",
    ),
    bad(
        "external entity",
        as_xlsx(("調査", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>')),
        "format",
        name="a.xlsx",
    ),
    bad(
        "deep nesting",
        as_xlsx(("調査", "<worksheet>" + "<a>" * 5000 + "</a>" * 5000 + "</worksheet>")),
        "empty",
        name="a.xlsx",
    ),
    bad("a workbook over 20 MB", lambda: b"PK\x03\x04" + bytes(21 * 2**20), "too_large", name="a.xlsx"),
    bad("two hundred thousand columns", lambda: b",".join(b"%d" % i for i in range(200_000)) + b"\r\n", "too_large"),
    bad("a line of fifty million characters", lambda: b"1," + b"x" * 50_000_000, "too_large"),
    bad("ten million quotes", lambda: b'"' * 10_000_001, "too_large"),
]
ECHOED = [
    "<script>alert(1)</script>",
    "**太字** [a](javascript:alert(1))",
    "$\\frac{1}{2}$",
    ":red[赤] :material/home:",
    "=cmd|'/C calc'!A0",
    "\x1b[31m\x07\u202e",
    "x" * 100_000,
    "{{7*7}}",
    "'; DROP TABLE x;--",
]
NOTES = [good(f"note {number}", as_csv(with_column(5, ["備考", text]))) for number, text in enumerate(ECHOED)]
ECHOES = [
    bad(f"value {number}", as_csv(changed((3, 3, text))), "encoding" if "\x1b" in text else "number", 3)
    for number, text in enumerate(ECHOED)
]


SHEET = sheet_xml(table())
LONG_TEXT = f"<si><t>{'A' * 100_000}</t></si>"
LONG_ROW = "<row>" + '<c t="s"><v>0</v></c>' * 5 + "</row>"
BAIT = "[a" * 50_000 + "\\" * 50_001


def worksheet(rows):
    return SHEET[: SHEET.index("<row")] + rows + "</sheetData></worksheet>"


COSTLY = [
    bad(
        "a part of a gigabyte of zeros",
        lambda: zipped({"xl/workbook.xml": "<workbook/>", "xl/big.xml": bytes(310 * 2**20)}),
        "too_large",
        name="a.xlsx",
    ),
    bad("a million line breaks", lambda: b"\r\n" * 1_000_000 + b"x", "header"),
    bad(
        "an attribute of 200 MB",
        lambda: as_xlsx(("調査", SHEET.replace("<sheetData>", f'<sheetData a="{"x" * 200_000_000}">'))),
        "too_large",
        name="a.xlsx",
    ),
    bad(
        "a comment of 200 MB",
        lambda: as_xlsx(("調査", SHEET.replace("<sheetData>", f"<!--{'x' * 200_000_000}--><sheetData>"))),
        "too_large",
        name="a.xlsx",
    ),
    bad(
        "a long text in 100,000 cells",
        lambda: as_xlsx(("調査", worksheet(LONG_ROW * 20_000)), shared=LONG_TEXT),
        "header",
        name="a.xlsx",
    ),
    bad(
        "a million rows",
        lambda: as_xlsx(("調査", worksheet("<row><c><v>1</v></c></row>" * 1_000_000))),
        "too_large",
        name="a.xlsx",
    ),
    good(
        "a format of 200,000 brackets",
        lambda: as_xlsx(
            (
                "調査",
                sheet_xml(
                    [
                        [{"s": 1, "v": text} if row and column == 3 else text for column, text in enumerate(cells)]
                        for row, cells in enumerate(table())
                    ]
                ),
            ),
            formats=[BAIT],
        ),
        name="a.xlsx",
    ),
]


@parametrised([*OTHERS, *NOTES, *ECHOES])
def test_a_strange_file_ends_as_a_message(case, plan):
    assert_law(case, plan)


@pytest.mark.slow
@parametrised(COSTLY)
def test_a_costly_file_ends_as_a_message(case, plan):
    assert_law(case, plan)


@pytest.mark.parametrize("text", ECHOED)
def test_what_is_echoed_is_short_and_printable(text, plan):
    reading = read_upload(
        as_csv(changed((3, 3, text), (4, 1, text), (5, 2, text), (6, 4, text))), f"{text}.csv", plan=plan, today=TODAY
    )
    for found in (*reading.problems, *reading.notices):
        assert len(found.message) < 400 and len(found.column) < 200
        assert all(character.isprintable() for character in found.message + found.column + found.hint)
    assert reading.name.isprintable() and len(reading.name) <= 120


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../../etc/cron.d/x.csv", "x.csv"),
        ("C:\\Users\\yamada\\調査.CSV", "調査.CSV"),
        ("/etc/passwd", "passwd"),
        ("調査\x00.csv", "調査.csv"),
        ("..", "ファイル"),
        ("", "ファイル"),
        ("CON.csv", "_CON.csv"),
        ("調査\u202evsc.csv", "調査vsc.csv"),
        ("a\r\nb.csv", "ab.csv"),
        ("=1+1.csv", "=1+1.csv"),
        ("x.csv ", "x.csv"),
    ],
)
def test_a_file_name_is_only_its_last_part(given, kept, plan):
    reading = read_upload(as_csv(table()), given, plan=plan, today=TODAY)
    assert reading.accepted and reading.name == kept


def test_a_very_long_name_keeps_its_extension(plan):
    assert read_upload(plain_xlsx(), "長" * 500 + ".xlsx", plan=plan, today=TODAY).name.endswith(".xlsx")


def lying(size):
    """A workbook with a part of many zeros whose directory and header say that it is small."""
    book = zipped({"xl/workbook.xml": "<workbook/>", "xl/big.xml": bytes(size)})
    return book.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(("data", "code"), [
    (zipped({"xl/workbook.xml": "<workbook/>", "xl/media/big.png": bytes(64 * 2**20)}), "too_large"),
    (lying(64 * 2**20), "corrupt"),
])  # fmt: skip
def test_a_bomb_is_never_unpacked_whether_its_directory_tells_or_lies(data, code, plan):
    tracemalloc.start()
    reading = read_upload(data, "a.xlsx", plan=plan, today=TODAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [problem.code for problem in reading.problems] == [code] and peak < 16 * 2**20
