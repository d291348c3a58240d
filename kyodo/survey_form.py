"""The empty form of a survey's results: what the registration page hands out and reads again."""

import pandas as pd

from kyodo.export import csv_bytes
from kyodo.fiscal import short_label
from kyodo.intake import COLUMNS
from kyodo.plan import Plan

_WIDTHS = {"number": 5, "name": 26, "year": 6, "value": 6, "n": 6}
_FORMATS = {"number": "year", "value": "percent", "n": "whole"}


def template_csv(plan: Plan, fiscal_year: int) -> bytes:
    """The form of one fiscal year as CSV (UTF-8 with BOM, CRLF), value and number of answers blank."""
    return csv_bytes(_rows(plan, fiscal_year), COLUMNS)


def template_xlsx(plan: Plan, fiscal_year: int) -> bytes:
    """The same form as an Excel workbook with one sheet 調査結果."""
    from kyodo.workbook.book import Book, Column  # only when a workbook is asked for

    book = Book()
    sheet = book.file.add_worksheet("調査結果")
    columns = [Column(name, title, _WIDTHS[name], _FORMATS.get(name, "text")) for name, title in COLUMNS.items()]
    for place, column in enumerate(columns):
        book.widen(sheet, place, column.width)
    book.block(sheet, 0, _rows(plan, fiscal_year), columns)
    sheet.freeze_panes(1, 0)
    return book.bytes()


def _rows(plan: Plan, fiscal_year: int) -> pd.DataFrame:
    named = plan.indicators[["indicator", "name"]].rename(columns={"indicator": "number"})
    return named.assign(year=short_label(fiscal_year), value=None, n=None)
