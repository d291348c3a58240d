"""What the tests of the yearly cycle start from: a plan's year, sheets filled in as a section would."""

import functools
import io

import openpyxl

from kyodo.cycle.sheets import build_sheets
from kyodo.cycle.year import Kept, build_progress
from kyodo.handout.book import workbook
from kyodo.record import empty_cycle

HEAD = 4  # the row of the sheet's header
DONE = {
    "実施状況": "◎実施済",
    "実績": "3館を\n改築",
    "実績の数": 3.5,
    "単位": "館",
    "目安に達したか": "はい",
    "根拠": "工事完了報告",
}


def progress_of(plan, record=None):
    return build_progress(plan, Kept(**record.cycle())) if record else _begun(plan)


@functools.cache
def _begun(plan):
    return build_progress(plan, Kept(**empty_cycle()))


@functools.cache  # a progress is one value: its sheets are the same each time
def handed_out(progress, section, year=2013, **how):
    """One section's workbook as it was handed out (of all that ``sheet_files`` makes, this one alone)."""
    (sheet,) = [each for each in build_sheets(progress, year, **how) if each.section == section]
    return workbook(progress, [sheet])


def changed(data, change, sheet="進行管理"):
    """The workbook after ``change(worksheet, place)``; ``place(title)`` is a column's number."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    made = book[sheet]
    titles = [cell.value for cell in made[HEAD]]
    change(made, lambda title: titles.index(title) + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(data, values=None, sheet="進行管理"):
    """The workbook with the same values in every row of a sheet."""
    return _filled(data, tuple((DONE if values is None else values).items()), sheet)


@functools.cache
def _filled(data, values, sheet):
    def fill(made, place):
        for row in range(HEAD + 1, made.max_row + 1):
            for title, value in values:
                made.cell(row, place(title)).value = value

    return changed(data, fill, sheet)
