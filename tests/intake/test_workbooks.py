"""Workbooks: what Excel stores beside the values decides; hidden, merged, formatted and far cells are never silent."""

import io
import warnings
import zipfile

import openpyxl
import pytest
from intake.builders import (
    ANSWERS,
    HEADER,
    NAMES,
    VALUES,
    as_csv,
    as_xlsx,
    changed,
    numbered,
    plain_xlsx,
    sheet_xml,
    table,
    with_column,
)
from intake.laws import TODAY, assert_law, bad, good, parametrised

from kyodo.intake import read_upload

XLSX = {"name": "調査.xlsx"}
ROWS = numbered(table())


def cells(*changes, rows=None):
    rows = [list(row) for row in rows or ROWS]
    for row, column, cell in changes:
        rows[row - 1][column] = cell
    return rows


def one(rows, **options):
    return as_xlsx(("調査", sheet_xml(rows, **options)))


def ratios(style):
    return [ROWS[0], *[[*row[:3], {"s": style, "v": row[3] / 100}, row[4]] for row in ROWS[1:]]]


def formatted(code, rows):
    return as_xlsx(("調査", sheet_xml(rows)), formats=[code])


def styled(column, code, values):
    return formatted(
        code,
        [
            ROWS[0],
            *[
                [*row[:column], {"s": 1, "v": value}, *row[column + 1 :]]
                for row, value in zip(ROWS[1:], values, strict=True)
            ],
        ],
    )


def text_cell(xml):
    return {"xml": f'<c r="REF" t="inlineStr"><is>{xml}</is></c>'}


def by_openpyxl(change=lambda sheet: None):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FURIGANA = "".join(
    f"<si><t>{name}</t><rPh sb='0' eb='2'><t>チイキカツドウ</t></rPh><phoneticPr fontId='1'/></si>"
    for name in NAMES.values()
)
SHARED_NAMES = [ROWS[0], *[[row[0], {"t": "s", "v": place}, *row[2:]] for place, row in enumerate(ROWS[1:])]]
RICH = "<r><t>地域活動に</t></r><r><rPr><b/></rPr><t>参加している</t></r><r><t>市民の割合</t></r>"
RAISED = "<r><t>38.2</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r>"
SHEET = sheet_xml(ROWS)
STRICT = SHEET.replace(
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
)
X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
OTHER = '<sheetData><row r="2"><c r="D2"><v>55.5</v></c></row></sheetData>'
AGAIN = OTHER.replace("<", "<x14:").replace("<x14:/", "</x14:")
D3 = '<c r="D3"><v>12.9</v></c>'


def extended(inside):
    return as_xlsx(("調査", SHEET.replace("</worksheet>", f"<extLst><ext {X14}>{inside}</ext></extLst></worksheet>")))


def altered(old, new):
    assert SHEET.count(old) == 1
    return as_xlsx(("調査", SHEET.replace(old, new)))


def ending(rows):
    return altered("</sheetData>", rows + "</sheetData>")


def twice(part):
    out = io.BytesIO(plain_xlsx())
    with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(part, SHEET.replace("38.2", "55.5"))
    return out.getvalue()


OLD = [["旧"], *table("H24")]
BOOKS = [
    good("openpyxl", by_openpyxl()),
    good("date system of 1904", as_xlsx(("調査", sheet_xml(ROWS)), date1904=True)),
    good("numbers as text", as_xlsx(("調査", sheet_xml(table())))),
    good("percent format", formatted("0.0%", ratios(1)), "percent_format"),
    good(
        "built-in percent format",
        by_openpyxl(
            lambda s: [
                (
                    setattr(s.cell(r, 4), "value", s.cell(r, 4).value / 100),
                    setattr(s.cell(r, 4), "number_format", "0.00%"),
                )
                for r in range(2, 7)
            ]
        ),
        "percent_format",
    ),
    good("percent sign in quotes", styled(3, '0.0"%"', VALUES.values())),
    good("escaped percent sign", styled(3, "0.0\\%", VALUES.values())),
    good("coloured negative format", styled(3, "0.0_ ;[Red]\\-0.0\\ ", VALUES.values())),
    good("year by its format", styled(2, '"H"0', [25] * 5)),
    good("year by a longer format", styled(2, '"平成"0"年度"', [25] * 5)),
    good("year as a date of April", styled(2, '[$-411]ge"年度"', [41365] * 5)),
    good("year as a number", one(cells(*[(row, 2, 2013) for row in range(2, 7)]))),
    good("furigana in shared strings", as_xlsx(("調査", sheet_xml(SHARED_NAMES)), shared=FURIGANA)),
    good("rich text", one(cells((2, 1, text_cell(RICH))))),
    good("raised footnote mark", one(cells((2, 3, text_cell(RAISED)))), "normalised"),
    good("table from C5", one(ROWS, top=5, left=2)),
    good("wrong dimension", one(ROWS, dimension='<dimension ref="A1"/>')),
    good("formulas with results", one(cells((2, 3, {"f": "38+0.2", "v": 38.2}), (3, 4, {"f": "SUM(1)", "v": 1127})))),
    good("text formula with a result", one(cells((2, 2, {"f": '"H"&25', "t": "str", "v": "H25"})))),
    good("merged years", one(cells(*[(row, 2, "") for row in range(3, 7)]), merges=["C2:C6"]), "filled"),
    good("merged title", one([["平成25年度市民意識調査"], *ROWS], merges=["A1:E1"])),
    good(
        "merged two-row header",
        one(
            [[*HEADER[:3], "平成25年度", ""], ["", "", "", "値(%)", "回答者数"], *ROWS[1:]],
            merges=["A1:A2", "B1:B2", "C1:C2", "D1:E1"],
        ),
    ),
    good(
        "merged groups, target first",
        one(
            [
                ["", "", "", "目標", "", "結果", ""],
                ["指標番号", "指標名", "年度", "値(%)", "回答者数", "値(%)", "回答者数"],
                *[[*row[:3], 55.5, 9, *row[3:]] for row in ROWS[1:]],
            ],
            merges=["D1:E1", "F1:G1"],
        ),
    ),
    good(
        "merged n of the citizens' survey",
        one(cells(*[(row, 4, "") for row in (3, 4, 5)]), merges=["E2:E5"]),
        "filled",
        answers={1: 1070, 2: 1070, 3: 1070, 4: 1070, 5: 1298},
    ),
    good(
        "hidden sheet of last year",
        as_xlsx(("旧", table("H24")), ("調査", ROWS), states={"旧": "hidden"}),
        "skipped_sheets",
    ),
    good(
        "very hidden sheet",
        as_xlsx(("旧", table("H24")), ("調査", ROWS), states={"旧": "veryHidden"}),
        "skipped_sheets",
    ),
    good(
        "other sheets",
        as_xlsx(("表紙", [["市民意識調査"]]), ("調査", ROWS), ("メモ", [["担当", "企画課"]])),
        "skipped_sheets",
    ),
    good("a sheet with an example", as_xlsx(("記入例", table("H24")), ("調査", ROWS)), "skipped_sheets"),
    good("an empty form beside", as_xlsx(("様式", [HEADER]), ("調査", ROWS)), "skipped_sheets"),
    good("empty sheets", as_xlsx(("調査", ROWS), ("Sheet2", []), ("Sheet3", []))),
    good("a hidden row of the same year", one(ROWS, hidden=[4]), "hidden"),
    good("a hidden column", one(ROWS, columns='<cols><col min="5" max="5" hidden="1"/></cols>'), "hidden"),
    good("formatted empty cells far away", one([*ROWS, *[[]] * 3, [{"s": 0}]])),
    good("line breaks escaped by Excel", one(cells((2, 1, "地域活動に_x000D_\n参加している市民の割合")))),
    good("macro book", as_xlsx(("調査", ROWS), extra={"xl/vbaProject.bin": "x"}), "macro", name="調査.xlsm"),
    good("workbook called .csv", plain_xlsx(), "file_kind", name="調査.csv"),
    good("csv called .xlsx", as_csv(table()), "file_kind", name="調査.xlsx"),
    bad("formula without a result", one(cells((3, 3, {"f": "A1"}))), "formula", 3),
    bad("formula with an error", one(cells((3, 3, {"f": "1/0", "t": "e", "v": "#DIV/0!"}))), "error_cell", 3),
    bad("n as a formula without a result", one(cells((3, 4, {"f": "A1"}))), "formula", 3),
    bad("error cell", one(cells((3, 3, {"t": "e", "v": "#N/A"}))), "error_cell", 3),
    bad("truth value", one(cells((3, 3, {"t": "b", "v": 1}))), "number", 3),
    bad("value turned into a date", styled(3, "m/d", [41340] * 5), "number", 2),
    bad("ratios without a format", one([ROWS[0], *[[*row[:3], row[3] / 100, row[4]] for row in ROWS[1:]]]), "ratio", 2),
    bad("percent format over a percentage", styled(3, "0%", VALUES.values()), "range", 2),
    bad("year as a date of February", styled(2, "yyyy/m/d", [41671] * 5), "year", 2),
    bad("year as a bare 25", one(cells(*[(row, 2, 25) for row in range(2, 7)])), "year", 2),
    bad("year 2013 shown as a date", styled(2, "yyyy", [2013] * 5), "year", 2),
    bad("merged value", one(cells((3, 3, "")), merges=["D2:D3"]), "merged", 3),
    bad("two sheets with tables", as_xlsx(("H24", table("H24")), ("H25", ROWS)), "sheets"),
    bad(
        "table on a hidden sheet only",
        as_xlsx(("表紙", [["結果"]]), ("調査", ROWS), states={"調査": "hidden"}),
        "hidden",
    ),
    bad("a hidden row of another year", one([*ROWS, [1, NAMES[1], "H24", 37.0, 1000]], hidden=[7]), "hidden", 7),
    bad("a hidden row that contradicts", one([*ROWS, [1, NAMES[1], "H25", 37.0, 1000]], hidden=[7]), "dup", 7),
    bad(
        "sheet named for another year",
        as_xlsx(("H24", sheet_xml([[*r[:2], *r[3:]] for r in ROWS]))),
        "year_differs",
        given={"fiscal_year": 2013},
    ),
    bad("no sheet has anything", as_xlsx(("Sheet1", []), ("Sheet2", [])), "empty"),
    bad("cut in half", plain_xlsx()[:700], "corrupt"),
    bad("a byte flipped in the middle", plain_xlsx()[:900] + b"\x00\x01\x02" + plain_xlsx()[903:], "corrupt"),
    bad("broken sheet XML", as_xlsx(("調査", "<worksheet><sheetData><row>")), "corrupt"),
    bad("string index out of range", as_xlsx(("調査", sheet_xml(SHARED_NAMES)), shared="<si><t>x</t></si>"), "corrupt"),
    bad("document type with entities", as_xlsx(("調査", '<!DOCTYPE a [<!ENTITY b "bb">]><worksheet/>')), "format"),
    bad("far cell", ending('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "too_large"),
    bad("far row", ending('<row r="900000"><c r="A900000"><v>1</v></c></row>'), "too_large"),
    bad("far column", one([*ROWS, [{"xml": '<c r="ZZZ7"><v>1</v></c>'}]]), "too_large"),
    bad("the strict namespace", as_xlsx(("調査", STRICT)), "format"),
    good("cells of an extension", extended('<c r="D2"><v>55.5</v></c>')),
    bad("a table in an extension", extended(OTHER), "corrupt"),
    good("a table in an extension's namespace", extended(AGAIN)),
    good("a value of another namespace", altered(D3, f'<c r="D3"><x14:v {X14}>55.5</x14:v><v>12.9</v></c>')),
    bad("no worksheet's namespace", as_xlsx(("調査", SHEET.replace("spreadsheetml/2006", "else"))), "empty"),
    bad("two tables of data", altered("</sheetData>", "</sheetData>" + OTHER), "corrupt"),
    bad("a cell twice", altered(D3, D3 + D3.replace("12.9", "55.5")), "corrupt", 3),
    bad("a cell twice, once empty", altered(D3, D3 + '<c r="D3"/>'), "corrupt", 3),
    bad("a cell again in a later row", altered('<c r="D4"><v>23.7</v></c>', D3), "corrupt", 4),
    bad("two values in a cell", altered(D3, '<c r="D3"><v>1</v><v>2.9</v></c>'), "corrupt"),
    bad("rows out of order", ending('<row r="9"><c r="A9"/></row><row r="8"><c r="A8"/></row>'), "corrupt", 8),
    bad("cells out of order", altered(D3, '<c r="E3"><v>12.9</v></c><c r="D3"><v>1127</v></c>'), "corrupt", 3),
    bad("two rows of one number", altered('<row r="4">', '<row r="3">'), "corrupt", 3),
    bad("a part twice", twice("xl/worksheets/sheet1.xml"), "corrupt"),
    bad("a part twice in other letters", twice("xl/worksheets/Sheet1.xml"), "corrupt"),
    bad("n in percent format", styled(4, "0%", [0.5] * 5), "n", 2),
    bad(
        "rows below a torn comma",
        one([[*row, "686"] if place == 2 else row for place, row in enumerate(ROWS)]),
        "extra",
        3,
    ),
]


@parametrised(
    [case if case.name != "調査.csv" or "called" in case.id else type(case)(**{**vars(case), **XLSX}) for case in BOOKS]
)
def test_a_workbook_has_the_outcome_of_its_kind(case, plan):
    assert_law(case, plan)


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_workbooks_of_the_usual_writers_read_alike(engine, plan, tmp_path):
    import pandas as pd

    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    frame.to_excel(tmp_path / "a.xlsx", index=False, engine=engine)
    reading = read_upload((tmp_path / "a.xlsx").read_bytes(), "a.xlsx", plan=plan, today=TODAY)
    assert reading.accepted and dict(zip(reading.values["indicator"], reading.values["n"], strict=True)) == ANSWERS


def test_a_problem_names_sheet_row_and_column(plan):
    reading = read_upload(
        one(
            cells((3, 3, "abc")),
        ),
        "a.xlsx",
        plan=plan,
        today=TODAY,
    )
    (problem,) = reading.problems
    assert (problem.sheet, problem.row, problem.column) == ("調査", 3, "値(%)")
    assert reading.understood.sheet == "調査" and reading.understood.table == "A1:E6"


def test_a_workbook_of_changed_rows_is_as_good_as_a_csv(plan):
    rows = with_column(5, ["備考", "=1+1"], changed((3, 3, "13.0")))
    book = read_upload(as_xlsx(("調査", rows)), "a.xlsx", plan=plan, today=TODAY)
    text = read_upload(as_csv(rows), "a.csv", plan=plan, today=TODAY)
    assert book.values.equals(text.values)


@pytest.mark.parametrize("code", ['0.0"点"', '0"人"', "0.0‰", '"目標 "0', ";;;", '0.0"ポイント"', '#,##0"位"'])
def test_a_value_whose_format_says_other_than_percent_is_no_percentage(code, plan):
    assert_law(bad(code, styled(3, code, VALUES.values()), "number", 2, **XLSX), plan)


@pytest.mark.parametrize("code", ['0.0"%"', "0.0_ ", "#,##0.0_);[Red](#,##0.0)", "0.00", "General"])
def test_a_format_that_says_percent_or_nothing_leaves_the_value(code, plan):
    assert_law(good(code, styled(3, code, VALUES.values()), **XLSX), plan)
