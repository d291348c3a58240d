"""Where the table is in a grid: its header (over one to three rows), what each column means, and what stands above.

The header is the row that names most of 指標番号, 指標名, 年度, 値(%), 回答者数. A group heading above it (目標, 平成25年度調査)
belongs to the columns below it; a row of units below it ((%), (人)) belongs to the header too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from kyodo.intake import cells
from kyodo.intake.cells import is_numeric
from kyodo.intake.grid import Cell, Grid
from kyodo.intake.headers import Label, label_of
from kyodo.intake.names import key_of
from kyodo.wording import shorten

CORE = {"number", "name", "year", "value", "n"}
_VALUES = {"value", "year_value", "head_count"}
_UNIT_KEYS = {
    "%",
    "(%)",
    "[%]",
    "人",
    "(人)",
    "[人]",
    "(名)",
    "名",
    "(年度)",
    "(票)",
    "(件)",
    "-",
    "単位",
    "(単位)",
    "(単位:%)",
    "パーセント",
}
_WIDEST = 200  # columns a summary's header may have
_LONGEST = 1_000  # characters of a cell looked at: no heading is nearly as long
_SEARCHED = 200  # rows looked through for a header: title blocks are shorter


@dataclass(frozen=True)
class Header:
    """A header found: its first and last row, each column's text and label."""

    top: int
    bottom: int
    texts: Mapping[int, str]
    labels: Mapping[int, Label]

    def columns(self, *roles: str) -> list[int]:
        """Columns of any of these roles, left to right."""
        return [column for column, label in sorted(self.labels.items()) if label.role in roles]

    def title(self, column: int) -> str:
        """A column's header for a message, on one line."""
        return shorten(self.texts.get(column, ""))

    @property
    def core(self) -> set[str]:
        """Which of the form's own columns are named."""
        return {label.role for label in self.labels.values()} & CORE

    @property
    def is_summary(self) -> bool:
        """Whether this is the header of a summary table: indicators down the rows and something said of each."""
        roles = {label.role for label in self.labels.values()}
        if "name" in roles:
            return bool(roles & (_VALUES | {"n", "target", "count", "number", "year"})) and len(self.labels) > 1
        return "number" in roles and bool(roles & _VALUES)


def find_header(grid: Grid) -> Header | None:
    """The best summary header of a grid, the topmost of equals; None where there is none."""
    best: Header | None = None
    for header in _candidates(grid):
        if header.is_summary and (best is None or _rank(header) > _rank(best)):
            best = header
    return best


def _rank(header: Header) -> tuple[int, int, int]:
    certain = sum(not label.weak for label in header.labels.values() if label.role in CORE | _VALUES)
    return len(header.core) + bool(set(header.columns(*_VALUES))), min(certain, 6), header.top - header.bottom


def _candidates(grid: Grid) -> Iterator[Header]:
    rows = list(islice(grid.rows, _SEARCHED))
    for position, row in enumerate(rows):
        if len(grid.filled(row)) > _WIDEST:
            continue
        single = header_at(grid, row)
        yield single
        for height in (2, 3):
            if position + height <= len(rows) and rows[position + height - 1] == row + height - 1:
                stacked = _stacked(grid, range(row, row + height), single)
                if stacked is None:
                    break
                yield stacked


def header_at(grid: Grid, row: int, bottom: int | None = None) -> Header:
    """The header standing in one row, with group headings directly above and units directly below taken in."""
    bottom = row if bottom is None else bottom
    texts = {column: _line(cell.text) for column, cell in grid.filled(row).items() if cleaned(cell)}
    groups = _groups_above(grid, row, texts)
    if (units := _units_below(grid, bottom)) is not None:
        bottom += 1
        texts = {
            column: text + (f"({_bare(units[column])})" if column in units else "") for column, text in texts.items()
        }
    labels = {column: label_of(text, groups.get(column, "")) for column, text in texts.items()}
    return Header(row, bottom, texts, labels)


def _stacked(grid: Grid, rows: range, single: Header) -> Header | None:
    """A header over several rows: the lowest text of each column counts, the ones above it are its group."""
    if any(is_numeric(cell) and not _year_like(cell.text) for row in rows for cell in grid.filled(row).values()):
        return None
    columns = sorted({column for row in rows for column in grid.filled(row) if cleaned(grid.cell(row, column))})
    stacks = {
        column: [_line(grid.cell(row, column).text) for row in rows if cleaned(grid.cell(row, column))]
        for column in columns
    }
    groups = _groups_above(grid, rows[-1], dict.fromkeys(columns, ""))
    labels = {}
    for column, stack in stacks.items():
        above = "".join(stack[:-1]) or groups.get(column, "")
        label = label_of(stack[-1], above if len(stack) > 1 or above != stack[-1] else "")
        labels[column] = label_of(above + stack[-1]) if label.role == "other" and len(stack) > 1 else label
    header = Header(rows[0], rows[-1], {column: stack[-1] for column, stack in stacks.items()}, labels)
    return header if len(header.core) > len(single.core) else None


def _year_like(text: str) -> bool:
    key = key_of(text[:_LONGEST])
    return len(key) == 4 and key.startswith(("19", "20"))


def cleaned(cell: Cell) -> str:
    """A cell's cleaned text, of a very long one its beginning."""
    return cells.cleaned(cell if len(cell.text) <= _LONGEST else replace(cell, text=cell.text[:_LONGEST]))


def _groups_above(grid: Grid, row: int, texts: Mapping[int, str]) -> dict[int, str]:
    """Group headings of the row above, spread over the columns they stand over; a lone title in the first column is none."""
    above = {column: cell.text[:_LONGEST] for column, cell in grid.filled(row - 1).items() if cleaned(cell)}
    if not above or not texts or (len(above) == 1 and min(above) <= min(texts)):
        return {}
    groups, current = {}, ""
    for column in range(min(min(above), min(texts)), max(texts) + 1):
        spread = next(
            (right for top, left, bottom, right in grid.merges if top <= row - 1 <= bottom and left == column), None
        )
        if column in above:
            current = above[column]
            ends = spread if grid.merges else None
        elif current and ends is not None and column > ends:
            current = ""
        groups[column] = current
    return groups


def _units_below(grid: Grid, row: int) -> dict[int, str] | None:
    """A row of nothing but units directly below the header, by column."""
    units = {column: key_of(cell.text[:_LONGEST]) for column, cell in grid.filled(row + 1).items() if cleaned(cell)}
    return units if units and set(units.values()) <= _UNIT_KEYS else None


def _bare(unit: str) -> str:
    return unit.strip("()[]-").removeprefix("単位:") or ""


def _line(text: str) -> str:
    """A header's text on one line."""
    return "".join(part.strip("\t ") for part in text[:_LONGEST].replace("\r", "\n").split("\n")).strip()


def is_transposed(grid: Grid) -> bool:
    """Whether the words of the header stand below each other in a column: the table lies on its side."""
    rows = list(islice(grid.rows, _SEARCHED))
    for column in range(1, min(grid.width, 12) + 1):
        found = [
            label_of(cell.text).role for row in rows if cleaned(cell := grid.cell(row, column)) and not is_numeric(cell)
        ]
        if len(set(found) & (CORE | {"year_value"})) >= 3:
            return True
    return False
