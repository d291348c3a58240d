"""A text as a grid: the delimiter is the one that cuts most rows into the same number of fields."""

import csv
import io
import re

from kyodo.intake.codes import Findings
from kyodo.intake.grid import Cell, Grid

DELIMITERS = {",": "カンマ", "\t": "タブ", ";": "セミコロン", "|": "縦棒", "，": "全角カンマ", "、": "読点"}
_USUAL = frozenset(",\t;")
MAX_COLUMNS = 2_000
MAX_CELL = 1_000_000
csv.field_size_limit(MAX_CELL)
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_JUDGED = 200  # rows a delimiter is judged by


def grid_of(text: str, findings: Findings, *, partial: bool = False) -> Grid:
    """The text cut at the delimiter under which it is most of a table; comma where none is.

    Problems: a line too long, too many columns, quotes that do not close (at the record where they open).
    """
    text, candidates = _candidates(text)
    cut = {mark: _records(text, mark) for mark in candidates}
    best = max(candidates, key=lambda mark: (_evenness(cut[mark][0]), mark in _USUAL))
    rows, unclosed = cut[best]
    if unclosed is not None and not partial:
        long = any(len(line) > MAX_CELL for line in text.splitlines())
        findings.refuse("long_cell" if long else "quote_open", row=unclosed, limit=MAX_CELL)
    if wide := next((number for number, row in enumerate(rows, 1) if len(row) > MAX_COLUMNS), None):
        findings.refuse("wide", row=wide, width=len(rows[wide - 1]), limit=MAX_COLUMNS)
    if best not in _USUAL:
        findings.tell("delimiter", delimiter=DELIMITERS[best])
    return _grid(rows, best, partial)


def _candidates(text: str) -> tuple[str, list[str]]:
    """The text without Excel's own first line ``sep=;`` (which Excel does not show), and the delimiters it may have."""
    match = _SEP_LINE.match(text)
    if match and match[1] in DELIMITERS:
        return text[match.end() :], [match[1]]
    text = text[match.end() :] if match else text
    return text, [mark for mark in DELIMITERS if mark in text] or [","]


def _records(text: str, delimiter: str) -> tuple[list[list[str]], int | None]:
    """A CSV text's records, and the number of the record whose quotes do not close (None where all do)."""
    rows: list[list[str]] = []
    spaced = bool(re.search(rf'(?:^|{re.escape(delimiter)})[ 　]+"', text, re.MULTILINE))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=spaced)
    try:
        rows.extend(reader)
    except csv.Error:
        return rows, len(rows) + 1
    return rows, None


def _evenness(rows: list[list[str]]) -> tuple[int, int]:
    """How many of the first rows have the most usual number of fields above one, and that number."""
    widths = [len(row) for row in rows if len(row) > 1][:_JUDGED]
    usual = max(sorted(set(widths), reverse=True), key=widths.count, default=0)
    return widths.count(usual), usual


def _grid(rows: list[list[str]], delimiter: str, partial: bool) -> Grid:
    """Records as a sparse grid; blank fields are left out, field counts kept."""
    cells = {
        number: {column: Cell(text) for column, text in enumerate(row[:MAX_COLUMNS], 1) if text.strip()}
        for number, row in enumerate(rows, 1)
    }
    return Grid(
        rows={number: row for number, row in cells.items() if row},
        fields={number: len(row) for number, row in enumerate(rows, 1)},
        delimiter=delimiter,
        partial=partial,
    )


def swallowed_rows(grid: Grid, width: int) -> list[int]:
    """Rows with a cell that holds whole further rows: a quote that closed too late, or not where it should."""
    return [
        row
        for row, cells in grid.rows.items()
        if grid.fields and any(holds_rows(cell.text, grid.delimiter, width) for cell in cells.values())
    ]


def holds_rows(text: str, delimiter: str, width: int) -> bool:
    r"""Whether a cell's text has, after a line break, a line with about as many delimiters as a row of ``width`` fields.

    >>> holds_rows("b\n12,1,2,c", ",", 4), holds_rows("一行目\n二行目, と", ",", 4)
    (True, False)
    """
    return any(line.count(delimiter) >= max(width - 2, 2) for line in re.split(r"[\r\n]+", text)[1:])
