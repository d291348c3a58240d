"""A workbook in our type: sheets with a title, a source line, one filtered table and charts below it.

Numbers are written as numbers, unrounded, and shown rounded by their format; texts are never taken for formulas or
addresses, whoever wrote them.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kyodo.palette import GRID, INK, LINE
from kyodo.wording import width

FONT = "BIZ UDPゴシック"
HEAD_ROW = 3  # the header stands in the fourth row, below title, source and a blank one
A3, A4 = 8, 9  # Excel's numbers of paper sizes
BASE = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
_GRID = {"border": 1, "border_color": LINE}
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "text": {**_GRID, "text_wrap": True},
    "centre": {**_GRID, "align": "center"},
    "whole": {**_GRID, "num_format": "#,##0"},
    "plain": {**_GRID, "num_format": "General"},  # a whole number whole, another as it was given
    "year": {**_GRID, "num_format": "0", "align": "center"},
    "percent": {**_GRID, "num_format": "0.0"},
    "signed": {**_GRID, "num_format": '+0.0;"▲"0.0;±0.0'},
    "pace": {**_GRID, "num_format": '+0.00;"▲"0.00;±0.00'},
    "ratio": {**_GRID, "num_format": '0.0%;"▲"0.0%'},
    "input": {**_GRID, "num_format": "0.0", "bg_color": "#FFF8E5", "locked": False},
    "written": {**_GRID, "text_wrap": True, "valign": "top", "bg_color": "#FFF8E5", "locked": False},
    "head": {**_GRID, "bold": True, "bg_color": "#F1F1F4", "text_wrap": True, "valign": "vcenter"},
    "title": {"bold": True, "font_size": 16, "valign": "vcenter"},
    "part": {"bold": True, "font_size": 13},
    "note": {},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: the frame's column, its title, its width in full-width characters, its format."""

    name: str
    title: str
    width: float
    format: str = "text"


class Book:
    """A workbook being written."""

    def __init__(self) -> None:
        """Begin an empty one, in memory."""
        self._out = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.file = xlsxwriter.Workbook(self._out, options)
        self._formats = {name: self.file.add_format({**BASE, **facts}) for name, facts in FORMATS.items()}

    def format(self, name: str) -> Format:
        """One of :data:`FORMATS`."""
        return self._formats[name]

    def sheet(self, name: str, title: str, source: str, *, paper: int = A4, pages: int = 0) -> Worksheet:
        """A sheet that prints as wide as its paper, with title, source line and page numbers.

        ``pages`` is how many pages long it may be (0: as many as it takes).
        """
        sheet = self.file.add_worksheet(name)
        sheet.write_string(0, 0, title, self.format("title"))
        sheet.write_string(1, 0, source, self.format("note"))
        sheet.set_row(0, 26)
        sheet.set_landscape()
        sheet.set_paper(paper)
        sheet.fit_to_pages(1, pages)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f'&L&"{FONT}"{_escaped(source)}&R&P / &N')
        sheet.hide_gridlines(2)
        return sheet

    def table(self, sheet: Worksheet, rows: pd.DataFrame, columns: Sequence[Column], *, freeze: int = 2) -> int:
        """The sheet's main table with filters and a header that stays; returns the first free row."""
        for place, column in enumerate(columns):
            self.widen(sheet, place, column.width)
        after = self.block(sheet, HEAD_ROW, rows, columns)
        sheet.autofilter(HEAD_ROW, 0, max(after - 1, HEAD_ROW), len(columns) - 1)
        sheet.freeze_panes(HEAD_ROW + 1, freeze)
        sheet.repeat_rows(HEAD_ROW)
        return after

    def block(self, sheet: Worksheet, top: int, rows: pd.DataFrame, columns: Sequence[Column]) -> int:
        """A table at a row; returns the first free row."""
        for place, column in enumerate(columns):
            sheet.write_string(top, place, column.title, self.format("head"))
        sheet.set_row(top, _height([column.title for column in columns], columns))
        names = [column.name for column in columns]
        for down, row in enumerate(rows[names].itertuples(index=False, name=None), start=top + 1):
            texts = [
                value if isinstance(value, str) else "・".join(value) if isinstance(value, list) else ""
                for value in row
            ]
            sheet.set_row(down, _height(texts, columns))
            for across, (value, column) in enumerate(zip(row, columns, strict=True)):
                self.cell(sheet, down, across, value, column.format)
        return top + 1 + len(rows)

    def widen(self, sheet: Worksheet, place: int, width: float) -> None:
        """Make a column so many full-width characters wide; Excel counts in digits of its own font, about half of one."""
        sheet.set_column(place, place, round(width * 2.1 + 1.2, 1))

    def cell(self, sheet: Worksheet, row: int, column: int, value: Any, form: str | Format) -> None:
        """One value as what it is: text, number or blank, in one of :data:`FORMATS` or another format."""
        form = self.format(form) if isinstance(form, str) else form
        value = "・".join(map(str, value)) if isinstance(value, list) else value
        if pd.isna(value) or value == "":
            sheet.write_blank(row, column, None, form)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, form)
        else:
            sheet.write_number(row, column, float(value), form)

    def line(self, sheet: Worksheet, row: int, text: str, form: str = "note") -> None:
        """A sentence across the sheet."""
        sheet.write_string(row, 0, text, self.format(form))

    def chart(self, kind: str, title: str, said: str, *, subtype: str | None = None) -> Chart:
        """A chart in our type; ``said`` is read aloud in its place once it is inserted."""
        chart = self.file.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
        font = {"name": FONT, "size": 10, "color": INK}
        chart.set_title({"name": title, "name_font": {**font, "size": 12, "bold": True}, "overlay": False})
        chart.set_legend({"position": "bottom", "font": font})
        chart.set_x_axis({"num_font": font, "line": {"color": LINE}})
        chart.set_y_axis(
            {"num_font": font, "major_gridlines": {"visible": True, "line": {"color": GRID}}, "line": {"none": True}}
        )
        chart.show_hidden_data()  # a filter on the table must not take points out of a chart
        return chart

    def place(
        self, sheet: Worksheet, row: int, chart: Chart, said: str, size: tuple[int, int], *, left: int = 0
    ) -> None:
        """Put a chart on a sheet, ``size`` and ``left`` in pixels; filters neither move nor squeeze it."""
        chart.set_size({"width": size[0], "height": size[1]})
        sheet.insert_chart(row, 0, chart, {"object_position": 3, "description": said, "x_offset": left})

    def bytes(self) -> bytes:
        """The finished file."""
        self.file.close()
        return self._out.getvalue()


def _height(texts: Sequence[str], columns: Sequence[Column]) -> float:
    """A row's height in points: neither Excel nor LibreOffice fits rows to wrapped text when it opens a file."""
    lines = max(-(-width(text) // column.width) or 1 for text, column in zip(texts, columns, strict=True))
    return 15 * lines + 3


def _escaped(text: str) -> str:
    """A text for a header or footer, where ``&`` begins a code; at most what Excel lets stand there."""
    return text.replace("&", "&&")[:200]


def addresses(sheet: Worksheet, first: tuple[int, int], last: tuple[int, int]) -> list:
    """A range for a chart, as XlsxWriter wants it."""
    return [sheet.get_name(), *first, *last]
