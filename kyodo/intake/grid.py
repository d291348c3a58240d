"""A table as it lies in a file: sparse cells under the row and column numbers a spreadsheet shows, and what one cell says.

A CSV and a worksheet both become a :class:`Grid`; what follows no longer knows which. Of a number only digits, points,
signs and percent signs that Japanese keyboards produce are folded; the wider NFKC would turn 38.2¹ (a footnote) into
38.21 and ㊲ into 37. Nothing uncertain becomes a number.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kyodo.fiscal import fiscal_year_of, label, parse_fiscal_year
from kyodo.intake.words import Fault, Phrase, key_of, pattern, raw_words

FOLD = str.maketrans("０１２３４５６７８９．，％＋（）", "0123456789.,%+()")
MAX_N = 10_000_000
PERCENT = "パーセント書式の値"
FOLDED = "全角の文字、見えない文字、注の印、指数表記など"
LONGEST = 1_000  # characters a number may have with all its blanks
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
# A written number: what makes it negative (with a digit other than 0), its digits, and the unit that may follow.
_MINUS = r"(?P<minus>[-−－‐‑‒–—―ー▲△▼▽(]\s*(?=[0-9.,]*[1-9]))?"
_DIGITS = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_POWER = r"[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}"
_PERCENTAGE = re.compile(rf"{_MINUS}(?P<digits>{_DIGITS}|{_POWER})\s*(?P<unit>%|パーセント|㌫)?(?(minus)\)?)")
_PEOPLE = re.compile(rf"(?:[nN]\s*=\s*)?{_MINUS}(?P<digits>{_DIGITS})\s*(?P<unit>人|名|票|件)?(?(minus)\)?)")
_ERROR = re.compile("#(?:N/A|[A-Z0/]+[!?]|GETTING_DATA|#+)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=[\d%人])\s*(?:※\d{0,2}|[(（][※注]\s?\d{0,2}[)）]|注\d{1,2}\)?|[*＊]\d?)$", re.ASCII)

ERA = r"(?:平成|令和|昭和|[hrs])\.?(?:元|\d{1,2})|(?:19|20)\d{2}"
DATED = re.compile(  # 平成25年10月, R7.10.1, 2013/10/1 0:00, 2013-10, 令和7年6月20日~7月10日
    rf"(?P<year>{ERA})(?:[年./-](?P<worded>\d{{1,2}})月(?:\d{{1,2}}日)?|[/-](?P<bare>\d{{1,2}})(?![\d./-])"
    r"|(?P<cut>[./-])(?P<full>\d{1,2})(?P=cut)\d{1,2}(?:T?\d{1,2}:\d\d(?::\d\d)?)?)"
    r"(?:[~～〜-](?P<last>\d{1,2})月(?:\d{1,2}日)?)?(?:実施|調査)?",
    re.IGNORECASE | re.ASCII,
)

Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, all 1-based


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and for worksheets what kind of value stands behind it.

    ``kind`` is ``text``, ``number``, ``percent`` (a number shown with %), ``date``, ``bool``, ``error`` or ``formula``
    (a formula without a stored result). ``shown`` is what a number's own format makes of it where that says more
    than the number (``H25`` for 25).
    """

    text: str
    kind: str = "text"
    number: float | None = None
    shown: str = ""


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

    def cell(self, row: int, column: int | None) -> Cell:
        """The cell at a place, empty where nothing stands or no column is meant."""
        return self.rows.get(row, {}).get(column, EMPTY)

    def filled(self, row: int) -> Mapping[int, Cell]:
        """A row's cells that hold something, by column."""
        return self.rows.get(row, {})

    def shown(self, row: int) -> dict[int, Cell]:
        """A row's cells that show something, by column."""
        return {column: cell for column, cell in self.filled(row).items() if not is_blank(cell)}

    def turned(self) -> "Grid":
        """The same cells with rows and columns changed over."""
        columns: dict[int, dict[int, Cell]] = defaultdict(dict)
        for row, cells in self.rows.items():
            for column, cell in cells.items():
                columns[column][row] = cell
        merges = tuple((left, top, right, bottom) for top, left, bottom, right in self.merges)
        hidden = {"hidden_rows": self.hidden_columns, "hidden_columns": self.hidden_rows}
        return replace(self, rows=dict(sorted(columns.items())), merges=merges, fields={}, **hidden)

    def first_text(self, row: int) -> str:
        """What a row begins with, for a message."""
        return next((cell.text for cell in self.filled(row).values() if cleaned(cell)), "")

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

    def over(self, row: int, column: int) -> Cell:
        """What stands over a column in a row of headings: its own cell, else the one spread from the left.

        A heading stands over the blanks to its right; where a sheet has merged cells, over those it is merged with only.
        """
        while column > 1 and not cleaned(self.cell(row, column)):
            origin = self.merged_from(row, column)
            if self.merges and (origin is None or origin[1] == column):
                break
            column -= 1
        return self.cell(row, column)


def grid_from(rows: list[list[str]], **about: object) -> Grid:
    """Texts in rows as a grid; blank ones are left out."""
    cells = {
        number: {column: Cell(text) for column, text in enumerate(row, 1) if text.strip()}
        for number, row in enumerate(rows, 1)
    }
    return Grid({number: row for number, row in cells.items() if row}, **about)


def column_letter(column: int) -> str:
    """A column's letters as a spreadsheet shows them.

    >>> column_letter(1), column_letter(28), column_letter(16384)
    ('A', 'AB', 'XFD')
    """
    before, last = divmod(column - 1, 26)
    return (column_letter(before) if before else "") + chr(65 + last)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number from a cell; ``decimals`` as written (None where unknown), ``explicit`` a unit of its own, ``remark`` what was folded."""

    value: float
    decimals: int | None = None
    explicit: bool = False
    remark: str = ""


def cleaned(cell: Cell) -> str:
    """A cell's text without surrounding blanks and invisible marks; of a very long one its beginning."""
    return _INVISIBLE.sub("", cell.text[:LONGEST]).strip()


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing that shows."""
    return cell.kind == "text" and not cleaned(cell)


def is_missing_mark(cell: Cell) -> bool:
    """Whether a cell says in a usual way that there is no value (－, …, ***, 未集計)."""
    return cell.kind == "text" and "".join(cleaned(cell).split()) in raw_words("missing")


def is_ditto(cell: Cell) -> bool:
    """Whether a cell repeats the one above (〃, 同上)."""
    return cleaned(cell) in raw_words("ditto")


def is_numeric(cell: Cell) -> bool:
    """Whether a cell looks like a number, of whatever kind."""
    if cell.kind != "text":
        return cell.kind in {"number", "percent"}
    match = _PERCENTAGE.fullmatch(cleaned(cell).translate(FOLD))
    return match is not None and not match["minus"]


def _measured(cell: Cell, what: str, written: re.Pattern[str]) -> Measured | None:
    """The number a cell holds, stored or written so; None where it holds none. Raises :class:`Fault` for failed formulas."""
    if cell.kind == "formula":
        raise Fault("formula", what=Phrase(what))
    if cell.kind == "error" or _ERROR.fullmatch(cleaned(cell)):
        raise Fault("error_cell", what=Phrase(what), text=cell.text)
    if cell.kind == "number" and cell.shown:
        return _written(cell.shown, written)  # 48 shown as 48点 is no percentage
    if cell.kind == "number":
        return Measured(cell.number, _decimals(repr(cell.number)))
    return _written(cell.text, written) if cell.kind == "text" and len(cell.text) <= LONGEST else None


def _written(text: str, written: re.Pattern[str]) -> Measured | None:
    bare = _FOOTNOTE.sub("", cleaned(Cell(text)).translate(FOLD))
    if (match := written.fullmatch(bare)) is None:
        return None
    digits = match["digits"].replace(",", "")
    has_power = not digits.replace(".", "").isdigit()
    return Measured(
        float(f"-{digits}" if match["minus"] else digits),
        None if has_power else _decimals(digits),
        match["unit"] is not None,
        FOLDED if has_power or bare != text.strip() else "",
    )


def _decimals(digits: str) -> int:
    """Decimals written in a plain number."""
    return len(digits.partition(".")[2].rstrip("0"))


def read_percent(cell: Cell) -> Measured:
    """A percentage as written, 0 to 100; a percent-formatted worksheet number counts a hundredfold. Raises :class:`Fault`."""
    if cell.kind == "percent":
        value = round(cell.number * 100, 10)  # 0.378 * 100 is 37.800000000000004 in binary; the cell shows 37.8
        measured = Measured(value, _decimals(repr(value)), explicit=True, remark=PERCENT)
    elif (measured := _measured(cell, "値", _PERCENTAGE)) is None:
        raise Fault("number", text=cell.shown or cell.text)
    if not 0 <= measured.value <= 100:
        raise Fault("range", text=cell.text, value=measured.value)
    return measured


def percent_of(cell: Cell) -> float | None:
    """A percentage as :func:`read_percent` reads it; None where the cell holds none."""
    try:
        return read_percent(cell).value
    except Fault:
        return None


def read_count(cell: Cell, what: str = "回答者数", lowest: int = 1) -> Measured:
    """A number of persons, a whole number of at least ``lowest``; thousands commas and 人 are allowed. Raises :class:`Fault`."""
    measured = _measured(cell, what, _PEOPLE)
    if measured is None or not lowest <= measured.value <= MAX_N or measured.value % 1:
        raise Fault("n", what=Phrase(what), text=cell.shown or cell.text, lowest=lowest, most=MAX_N)
    return measured


def read_year(cell: Cell, heading: str = "", screen: int | None = None) -> int:
    """A year cell into a fiscal year. Raises :class:`Fault`.

    A month in which the calendar has another year counts under a ``heading`` of a survey's time (調査時期) only, or where
    the fiscal year is the one chosen on ``screen``: who writes 平成26年2月 under 年度 may mean either.
    """
    if cell.kind in {"error", "formula", "bool", "percent"} or len(cell.text) > LONGEST:
        raise Fault("year_text", text=cell.text)
    if (day := day_of(cell)) is None:
        return _written_year(cell)
    fiscal = fiscal_year_of(day)
    if fiscal not in {day.year, screen} and not pattern("survey_time").search(key_of(heading)):
        raise Fault("year_date", text=cell.text[:20], year=day.year, fiscal=Phrase(label(fiscal)))
    return fiscal


def _written_year(cell: Cell) -> int:
    try:
        return parse_fiscal_year(pattern("time_ending").sub("", cell.shown or cleaned(cell)))
    except ValueError as error:
        is_plain = len(cell.text) <= 40 and cell.text.isprintable()
        raise Fault("year_said", said=Phrase(str(error))) if is_plain else Fault("year_text", text=cell.text) from error


def day_of(cell: Cell) -> dt.date | None:
    """The day, or the first of the month, that a cell says: a real date, or as it is written; None for anything else.

    >>> day_of(Cell("平成25年10月~11月")), day_of(Cell("2014/2/1")), day_of(Cell("H25"))
    (datetime.date(2013, 10, 1), datetime.date(2014, 2, 1), None)
    """
    match = DATED.fullmatch("".join(cleaned(cell)[:40].translate(FOLD).split()))
    return match and day_in(match)


def day_in(match: re.Match[str]) -> dt.date | None:
    """The first of the month that a text names; None where it is none, or the last one is of another fiscal year."""
    first = match["worded"] or match["bare"] or match["full"]
    try:
        days = [dt.date(parse_fiscal_year(match["year"]), int(month), 1) for month in (first, match["last"] or first)]
    except ValueError:
        return None
    return days[0] if len(set(map(fiscal_year_of, days))) == 1 else None
