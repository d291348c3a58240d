"""What goes out to the departments: the empty summary form to fill in, and the list of what is wrong with a file."""

import io
from collections.abc import Iterable
from typing import Any

import pandas as pd

from kyodo.errors import Problem
from kyodo.fiscal import short_label
from kyodo.intake.codes import CODES, RULE_NAME
from kyodo.intake.headers import COLUMNS
from kyodo.intake.reading import csv_bytes, neutral
from kyodo.plan import Plan

_COLUMNS = ("シート", "行", "列", "種類", "内容", "対処")


def _rows(plan: Plan, fiscal_year: int) -> list[list[Any]]:
    year = short_label(fiscal_year)
    named = zip(plan.indicators["indicator"], plan.indicators["name"], strict=True)
    return [[int(number), name, year, "", ""] for number, name in named]


def template_csv(plan: Plan, fiscal_year: int) -> bytes:
    """The form of one fiscal year as CSV (UTF-8 with BOM, CRLF), value and number of answers blank."""
    return csv_bytes([list(COLUMNS.values()), *_rows(plan, fiscal_year)])


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
            sheet.write_row(row, 0, [number, name, year])
            sheet.write_blank(row, 3, None, percent)
            sheet.write_blank(row, 4, None, people)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 52)
        sheet.set_column(2, 4, 12)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """Problems with Japanese column titles, one row each; ``行`` is an integer or NA."""
    rows = [(p.sheet or p.file, p.row, p.column, _title(p), p.message, p.hint) for p in problems]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.assign(行=frame["行"].astype("Int64")).astype(
        dict.fromkeys(("シート", "列", "種類", "内容", "対処"), "str")
    )


def _title(found: Problem) -> str:
    """A problem's kind in words, with the national rule's item where it has one."""
    code = CODES.get(found.code)
    if code is None:
        return found.code
    return f"{code.title}({RULE_NAME} {code.rule})" if code.rule else code.title


def problems_csv(problems: Iterable[Problem]) -> bytes:
    """The same table as CSV: UTF-8 with BOM, CRLF, active cells neutralised."""
    rows = problems_frame(problems).itertuples(index=False)
    shown = [
        ["" if pd.isna(cell) else neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    ]
    return csv_bytes([_COLUMNS, *shown])
