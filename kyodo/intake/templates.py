"""The empty summary form to fill in; its headers are the ones the reader knows first."""

import csv
import io

from kyodo.fiscal import short_label
from kyodo.intake.headers import COLUMNS
from kyodo.plan import Plan


def _rows(plan: Plan, fiscal_year: int) -> list[list]:
    year = short_label(fiscal_year)
    return [
        [int(number), name, year, "", ""]
        for number, name in zip(plan.indicators["indicator"], plan.indicators["name"], strict=True)
    ]


def template_csv(plan: Plan, fiscal_year: int) -> bytes:
    """The form of one fiscal year as CSV (UTF-8 with BOM, CRLF), value and number of answers blank."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([list(COLUMNS.values()), *_rows(plan, fiscal_year)])
    return out.getvalue().encode("utf-8-sig")


def template_xlsx(plan: Plan, fiscal_year: int) -> bytes:
    """The same form as an Excel workbook with one sheet 調査結果."""
    import xlsxwriter  # only when a workbook is asked for

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("調査結果")
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F8F8FB"})
        percent, people = book.add_format({"num_format": "0.0"}), book.add_format({"num_format": "#,##0"})
        sheet.write_row(0, 0, list(COLUMNS.values()), bold)
        for row, (number, name, year, _, _) in enumerate(_rows(plan, fiscal_year), start=1):
            sheet.write_number(row, 0, number)
            sheet.write_string(row, 1, name)
            sheet.write_string(row, 2, year)
            sheet.write_blank(row, 3, None, percent)
            sheet.write_blank(row, 4, None, people)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 52)
        sheet.set_column(2, 4, 12)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
