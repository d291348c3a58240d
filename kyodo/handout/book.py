"""A section's sheets as a workbook: what is known is locked, what is to fill is not, and each sheet prints on A4."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from kyodo.cycle.sheets import TITLES, Sheet, choices_of, columns
from kyodo.cycle.year import Progress
from kyodo.fiscal import short_label
from kyodo.wording import width
from kyodo.workbook.book import BASE, FONT, FORMATS, HEAD_ROW, Book

_REPEATED = 1  # the last column that stands on every page: item and title
_NUMBER_FORMATS = {"number": {"num_format": "General"}, "date": {"num_format": "yyyy-mm-dd"}}
_HINTS = {
    "answer": "薄い黄色の欄に記入し、形を変えずに返送してください。実施状況などは一覧から選べます。",
    "supplement": "補足する課の方へ: 補足の欄だけ記入してください。実施状況は回答する課が答えます。",
}


def workbook(progress: Progress, sheets: Sequence[Sheet]) -> bytes:
    """One .xlsx: of a section its answers and its supplements, of several sections a sheet for each of both."""
    book = Book()
    for sheet in sheets:
        name = f"_{sheet.section}" if len(sheets) > 1 else ""
        for kind, rows in sheet.parts.items():
            _sheet(book, progress, sheet, kind, f"{TITLES[kind]}{name}"[:31], rows)
    book.file.set_properties(
        {"title": f"{TITLES['answer']} {short_label(sheets[0].year)}", "author": "", "company": ""}
    )
    return book.bytes()


def _sheet(book: Book, progress: Progress, sheet: Sheet, kind: str, name: str, rows: pd.DataFrame) -> None:
    declared = columns(progress, kind)
    title = f"{short_label(sheet.year)}年度 {name.partition('_')[0]}シート {sheet.section}"
    made = book.sheet(name, title, _HINTS[kind])
    made.set_footer(f'&L&"{FONT}"{title}&R&P / &N')  # the title's cell is cut on the second page across
    form = {
        each: book.file.add_format({**BASE, **FORMATS["written"], **_NUMBER_FORMATS.get(each, {})})
        for each in set(declared["type"])
    }
    for place, column in enumerate(declared.to_dict("records")):
        book.widen(made, place, column["width"])
        made.write_string(HEAD_ROW, place, column["title"], book.format("head"))
        for down, value in enumerate(rows[column["name"]], start=HEAD_ROW + 1):
            book.cell(made, down, place, value, "text" if column["part"] in ("known", "told") else form[column["type"]])
    made.set_row(HEAD_ROW, 48)
    for down, row in enumerate(rows.to_dict("records"), start=HEAD_ROW + 1):
        made.set_row(down, _height(row, declared))
    _drop_downs(progress, made, declared, len(rows))
    _print(made, kind, declared, len(rows))
    made.protect("", {"format_columns": True, "format_rows": True, "format_cells": False})


def _height(row: dict[str, Any], declared: pd.DataFrame) -> float:
    """A row's height in points: as many lines as its longest text wraps to, and room to write."""
    lines = [
        sum(-(-width(line) // column) or 1 for line in str(row[name]).splitlines())
        for name, column in zip(declared["name"], declared["width"], strict=True)
        if isinstance(row[name], str)
    ]
    return min(max(15 * max(lines) + 3, 78), 400)  # Excel's highest row is 409 points


def _drop_downs(progress: Progress, made: Worksheet, declared: pd.DataFrame, rows: int) -> None:
    for place, column in enumerate(declared.to_dict("records")):
        if column["type"] == "choice":
            rule = {
                "validate": "list", "source": choices_of(progress, column["list"]), "error_title": column["title"],
                "error_message": "一覧から選んでください。", "error_type": "warning",
            }  # fmt: skip
            made.data_validation(HEAD_ROW + 1, place, HEAD_ROW + rows, place, rule)


def _print(made: Worksheet, kind: str, declared: pd.DataFrame, rows: int) -> None:
    """A4 across; the header and the item stand on every page, of which there are as many as the columns say."""
    pages = declared["page"].tolist() if kind == "answer" else [1] * len(declared)
    made.fit_to_pages(max(pages), 0)
    made.set_v_pagebreaks([place for place, (before, page) in enumerate(pairwise(pages), 1) if page != before])
    made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    made.print_across()  # the pages of one item follow each other
    made.repeat_rows(HEAD_ROW)
    made.repeat_columns(0, _REPEATED)
    made.print_area(0, 0, HEAD_ROW + rows, len(declared) - 1)
    made.freeze_panes(HEAD_ROW + 1, _REPEATED + 1)
