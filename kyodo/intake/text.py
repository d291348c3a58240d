"""A text file as a grid: the delimiter is the one under which a known header appears."""

import csv
import re
from collections.abc import Callable, Sequence

from kyodo.intake.codes import Findings
from kyodo.intake.decode import records
from kyodo.intake.grid import Cell, Grid

DELIMITERS = {",": "カンマ", "\t": "タブ", ";": "セミコロン", "|": "縦棒", "，": "全角カンマ", "、": "読点"}
USUAL = frozenset(",\t;")
MAX_COLUMNS = 2_000
MAX_CELL = 1_000_000
csv.field_size_limit(MAX_CELL)
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


def split_directive(text: str) -> tuple[str, str]:
    """Excel's own first line ``sep=;`` (which Excel does not show) apart from the rest."""
    match = _SEP_LINE.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)


def grid_of(text: str, score: Callable[[Grid], int], findings: Findings, *, partial: bool = False) -> Grid:
    """The text cut at the delimiter whose grid ``score``s highest; comma where none does.

    Problems: a line too long, too many columns, quotes that do not close (at the record where they open).
    """
    stated, text = split_directive(text)
    present = [mark for mark in DELIMITERS if mark in text]
    candidates = [stated] if stated in DELIMITERS else present or [","]
    best, best_score, best_faults = None, -1, findings
    for mark in candidates:
        faults = Findings()
        grid = _cut(text, mark, faults, partial)
        if (reached := score(grid)) > best_score:
            best, best_score, best_faults = grid, reached, faults
    if best_faults is not findings:
        findings.add(best_faults)
    if best.delimiter not in USUAL and best_score > 0:
        findings.tell("delimiter_notice", f"{DELIMITERS[best.delimiter]}で区切られた表として読みました。")
    return best


def _cut(text: str, delimiter: str, findings: Findings, partial: bool) -> Grid:
    rows, unclosed = records(text, delimiter)
    if unclosed is not None and not partial:
        if any(len(line) > MAX_CELL for line in text.splitlines()):
            findings.refuse(
                "too_large", f"{unclosed}行目が長すぎます(1つのセルの上限 {MAX_CELL:,}文字)。", row=unclosed
            )
        else:
            findings.refuse(
                "quote", '二重引用符(")の開きと閉じが合わず、ここから後ろが1つのセルになっています。', row=unclosed
            )
    widest = max((len(row) for row in rows), default=0)
    if widest > MAX_COLUMNS:
        row = next(number for number, row in enumerate(rows, 1) if len(row) > MAX_COLUMNS)
        findings.refuse("too_large", f"列数が多すぎます({widest:,}列、上限 {MAX_COLUMNS:,}列)。", row=row)
    return grid_from_records(rows, delimiter, partial)


def grid_from_records(rows: Sequence[Sequence[str]], delimiter: str, partial: bool = False) -> Grid:
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
        for cell in cells.values()
        if holds_rows(cell.text, grid.delimiter, width)
    ]


def holds_rows(text: str, delimiter: str, width: int) -> bool:
    r"""Whether a cell's text has, after a line break, a line with about as many delimiters as a row of ``width`` fields.

    >>> holds_rows("b\n12,1,2,c", ",", 4), holds_rows("一行目\n二行目, と", ",", 4)
    (True, False)
    """
    return any(line.count(delimiter) >= max(width - 2, 2) for line in re.split(r"[\r\n]+", text)[1:])
