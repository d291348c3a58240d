"""Where a summary stands in a grid: its header (over one to three rows) and what each of its columns means.

The header is the row that names most of 指標番号, 指標名, 年度, 値(%), 回答者数. A group heading above it (目標, 平成25年度調査)
belongs to the columns below it; a row of units below it ((%), (人)) belongs to the header too.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from kyodo.intake.cells import cleaned, is_numeric
from kyodo.intake.grid import Grid
from kyodo.intake.headers import Label, label_of
from kyodo.intake.names import IndicatorNames
from kyodo.intake.vocabulary import key_of, words
from kyodo.wording import shorten

CORE = {"number", "name", "year", "value", "n"}
VALUES = {"value", "year_value", "head_count"}
_WIDEST = 200  # columns a summary's header may have
_SEARCHED = 200  # rows looked through for a header: title blocks are shorter


@dataclass(frozen=True)
class Header:
    """A header found: its first and last row, each column's text, the headings above it, and its label."""

    top: int
    bottom: int
    texts: Mapping[int, str]
    labels: Mapping[int, Label]
    groups: Mapping[int, str] = field(default_factory=dict)

    def columns(self, *roles: str) -> list[int]:
        """Columns of any of these roles, left to right."""
        return [column for column, label in sorted(self.labels.items()) if label.role in roles]

    def title(self, column: int | None) -> str:
        """A column's header for a message, on one line; empty for none."""
        return shorten(self.texts.get(column, ""))

    @property
    def titles(self) -> dict[int, str]:
        """Every column's header as the clerk may choose it: with the heading above it where it is not alone of its name."""
        common = Counter(self.texts.values())
        return {
            column: f"{self.groups[column]} / {text}" if common[text] > 1 and self.groups.get(column) else text
            for column, text in self.texts.items()
        }

    @property
    def core(self) -> set[str]:
        """Which of the form's own columns are named."""
        return {label.role for label in self.labels.values()} & CORE

    @property
    def is_summary(self) -> bool:
        """Whether this is the header of a summary table: indicators down the rows and something said of each."""
        roles = {label.role for label in self.labels.values()}
        if "name" in roles:
            return bool(roles & (VALUES | {"n", "target", "count", "number", "year"})) and len(self.labels) > 1
        return "number" in roles and bool(roles & VALUES)


def find_header(grid: Grid) -> Header | None:
    """The best summary header of a grid, the topmost of equals; None where there is none."""
    best: Header | None = None
    for header in candidates(grid):
        if header.is_summary and (best is None or _rank(header) > _rank(best)):
            best = header
    return best


def _rank(header: Header) -> tuple[int, int, int]:
    certain = sum(not label.weak for label in header.labels.values() if label.role in CORE | VALUES)
    return len(header.core) + bool(header.columns(*VALUES)), min(certain, 6), header.top - header.bottom


def candidates(grid: Grid) -> Iterator[Header]:
    """Every header the first rows may make."""
    rows = list(islice(grid.rows, _SEARCHED))
    for position, row in enumerate(rows):
        if len(grid.filled(row)) > _WIDEST:
            continue
        single = header_at(grid, row)
        yield single
        for height in (2, 3):
            if rows[position + height - 1 : position + height] == [row + height - 1]:
                stacked = _stacked(grid, range(row, row + height))
                if stacked is None or len(stacked.core) <= len(single.core):
                    break
                yield stacked


def header_at(grid: Grid, row: int) -> Header:
    """The header standing in one row, with group headings directly above and units directly below taken in."""
    texts = {column: one_line(cell.text) for column, cell in grid.filled(row).items() if cleaned(cell)}
    return _labelled(grid, row, row, texts, _groups_above(grid, row, texts))


def _labelled(grid: Grid, top: int, bottom: int, texts: dict[int, str], groups: dict[int, str]) -> Header:
    units = {column: key_of(cell.text) for column, cell in grid.filled(bottom + 1).items() if cleaned(cell)}
    if units and set(units.values()) <= words("unit_row"):
        bottom += 1
        texts = {
            column: f"{text}({unit})" if (unit := units.get(column, "").strip("()[]-")) else text
            for column, text in texts.items()
        }
    labels = {column: label_of(text, groups.get(column, "")) for column, text in texts.items()}
    return Header(top, bottom, texts, labels, groups)


def _stacked(grid: Grid, rows: range) -> Header | None:
    """A header over several rows: the lowest text of each column counts, the ones above it are its group."""
    stacks: dict[int, list[str]] = {}
    for row in rows:
        for column, cell in grid.filled(row).items():
            if is_numeric(cell) and not _is_year(cell.text):
                return None
            if cleaned(cell):
                stacks.setdefault(column, []).append(one_line(cell.text))
    stacks = dict(sorted(stacks.items()))
    above = _groups_above(grid, rows[-1], dict.fromkeys(stacks, ""))
    groups = {column: _group_of(stack, above.get(column, "")) for column, stack in stacks.items()}
    header = _labelled(grid, rows[0], rows[-1], {column: stack[-1] for column, stack in stacks.items()}, groups)
    return replace(header, labels={column: _joined(header, column, stack) for column, stack in stacks.items()})


def _joined(header: Header, column: int, stack: list[str]) -> Label:
    """A column's label; where its lowest text says nothing by itself, that of all its texts together."""
    label = header.labels[column]
    return label_of(header.groups[column] + stack[-1]) if label.role == "other" and len(stack) > 1 else label


def _is_year(text: str) -> bool:
    key = key_of(text)
    return len(key) == 4 and key.startswith(("19", "20"))


def _group_of(stack: list[str], above: str) -> str:
    """What stands over a column's lowest text: the texts above it, else a heading spread from the left."""
    return "".join(stack[:-1]) or (above if above != stack[-1] else "")


def _groups_above(grid: Grid, row: int, texts: Mapping[int, str]) -> dict[int, str]:
    """Group headings of the row above, spread over the columns they stand over; a lone title in the first column is none."""
    above = {column: one_line(cell.text) for column, cell in grid.filled(row - 1).items() if cleaned(cell)}
    if not above or not texts or (len(above) == 1 and min(above) <= min(texts)):
        return {}
    starts = sorted(above)
    groups = {}
    for start, following in itertools.pairwise([*starts, max(*texts, *starts) + 1]):
        end = min(_end_of(grid, row - 1, start, following - 1), following - 1)
        groups.update(dict.fromkeys(range(start, end + 1), above[start]))
    return groups


def _end_of(grid: Grid, row: int, column: int, otherwise: int) -> int:
    """The last column a heading is merged over; ``otherwise`` in a grid without merged cells."""
    ends = (right for top, left, bottom, right in grid.merges if left == column and top <= row <= bottom)
    return next(ends, column if grid.merges else otherwise)


def one_line(text: str) -> str:
    """A header's text on one line."""
    return "".join(part.strip("\t ") for part in text[:1_000].replace("\r", "\n").split("\n")).strip()


def is_transposed(grid: Grid) -> bool:
    """Whether the words of the header stand below each other in a column: the table lies on its side."""
    rows = list(islice(grid.rows, _SEARCHED))
    for column in range(1, min(grid.width, 12) + 1):
        cells = [cell for row in rows if cleaned(cell := grid.cell(row, column)) and not is_numeric(cell)]
        if len({label_of(cell.text).role for cell in cells} & (CORE | {"year_value"})) >= 3:
            return True
    return False


def first_indicator_row(grid: Grid, names: IndicatorNames) -> int | None:
    """The first row with a text that names an indicator beyond doubt, None without."""
    rows = islice(grid.rows, _SEARCHED)
    return next((row for row in rows if any(map(names.surely_named, grid.filled(row).values()))), None)
