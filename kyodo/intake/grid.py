"""A table as it lies in a file: sparse cells under the row and column numbers a spreadsheet shows.

A CSV and a worksheet both become a :class:`Grid`; what follows (headers, cells, the two forms) no longer knows which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kyodo.wording import shorten

Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, all 1-based


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and for worksheets what kind of value stands behind it.

    ``kind`` is ``text``, ``number``, ``percent`` (a number shown with %), ``date``, ``bool``, ``error`` or ``formula``
    (a formula without a stored result). ``shown`` is what a number's own format makes of it where that says more
    than the number (``H25`` for 25), ``superscript`` a raised mark cut from the text.
    """

    text: str
    kind: str = "text"
    number: float | None = None
    shown: str = ""
    superscript: str = ""


EMPTY = Cell("")


@dataclass(frozen=True)
class Grid:
    """Sparse rows of one table. ``fields`` counts a CSV record's fields; ``partial`` marks the head of a longer file."""

    rows: Mapping[int, Mapping[int, Cell]]
    sheet: str = ""
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()
    fields: Mapping[int, int] = field(default_factory=dict)
    delimiter: str = ""
    partial: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a place, empty where nothing stands."""
        return self.rows.get(row, {}).get(column, EMPTY)

    def filled(self, row: int) -> Mapping[int, Cell]:
        """A row's cells that hold something, by column."""
        return self.rows.get(row, {})

    def below(self, row: int) -> Iterator[int]:
        """Numbers of the rows after ``row`` that hold something."""
        return (number for number in self.rows if number > row)

    @property
    def width(self) -> int:
        """The last column that holds something."""
        return max((max(cells) for cells in self.rows.values() if cells), default=0)

    def merged_from(self, row: int, column: int) -> tuple[int, int] | None:
        """The top left cell of the merged range a place belongs to, if it is another cell."""
        for top, left, bottom, right in self.merges:
            if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
                return top, left
        return None


def column_letter(column: int) -> str:
    """A column's letters as a spreadsheet shows them.

    >>> column_letter(1), column_letter(28), column_letter(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def quoted(text: str, limit: int = 40) -> str:
    """A text from the file in brackets, shortened and on one line, for a message."""
    return f"「{shorten(' '.join(str(text).split()), limit)}」"
