"""One worksheet's events into sparse rows: what is stored, with its format, its place, and whether it is hidden or merged."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from kyodo.intake.archive import BookError
from kyodo.intake.formats import date_of, is_date, is_percent, shown_integer
from kyodo.intake.grid import Cell, Grid, Merge, column_letter
from kyodo.intake.xml import ROOT

MAX_CELLS = 3_000_000
MAX_COLUMN = 2_000
MAX_GAP = 20_000  # rows between two filled rows: a stray cell far below is no part of a survey
MAX_TEXT = 100_000_000  # characters of shared strings
MAX_ROWS = 200_000  # filled rows: more people than any survey asks, and as many as are read in time
STRINGS = {
    "sst": (ROOT,),
    "si": ("sst",),
    "r": ("si",),
    "rPr": ("r",),
    "vertAlign": ("rPr",),
    "rPh": ("si",),
    "t": ("si", "r", "rPh"),
}
WORKSHEET = {
    "worksheet": (ROOT,),
    "cols": ("worksheet",),
    "col": ("cols",),
    "sheetData": ("worksheet",),
    "row": ("sheetData",),
    "c": ("row",),
    "f": ("c",),
    "v": ("c",),
    "is": ("c",),
    **{
        name: tuple("is" if parent == "si" else parent for parent in within)
        for name, within in STRINGS.items()
        if name not in {"sst", "si"}
    },
    "mergeCells": ("worksheet",),
    "mergeCell": ("mergeCells",),
}
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Book(Protocol):
    """What a worksheet needs of its workbook."""

    from_1904: bool

    @property
    def strings(self) -> Sequence[Cell]:
        """The shared strings."""

    def style(self, index: int) -> tuple[int, str]:
        """Number format id and code of a style."""


def integer(text: str | None, default: int = 0) -> int:
    """A short unsigned integer, or the default."""
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else default


def unescaped(text: str) -> str:
    """Excel's ``_x000D_`` back into the character."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class TextReader:
    """Collects the text of ``si`` or ``is`` elements: runs joined, furigana left out, raised marks kept apart."""

    def __init__(self, element: str) -> None:
        """Collect from elements of this name."""
        self.element, self.cells = element, []
        self._size = 0
        self.reset()

    def reset(self) -> None:
        """Begin a new text."""
        self.text: list[str] = []
        self.raised: list[str] = []
        self.in_text = self.in_phonetic = self.is_raised = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name == self.element:
            self.reset()
        elif name == "rPh":
            self.in_phonetic = True
        elif name == "r":
            self.is_raised = False
        elif name == "vertAlign":
            self.is_raised = attributes.get("val") in {"superscript", "subscript"}
        elif name == "t":
            self.in_text = not self.in_phonetic

    def characters(self, text: str) -> None:
        """Text inside the current element."""
        if self.in_text:
            self._size += len(text)
            if self._size > MAX_TEXT:
                raise BookError("too_large", f"文字の量が大きすぎます(上限 {MAX_TEXT:,}文字)。")
            (self.raised if self.is_raised else self.text).append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t":
            self.in_text = False
        elif name == "rPh":
            self.in_phonetic = False
        elif name == self.element:
            self.cells.append(Cell(unescaped("".join(self.text)), superscript="".join(self.raised)))


class SheetReader:
    """Turns the events of one worksheet into sparse rows."""

    def __init__(self, name: str, hidden: bool, book: Book) -> None:
        """Take the worksheet's name and state, and the book for its strings and styles."""
        self.name, self.is_hidden, self.book = name, hidden, book
        self.rows: dict[int, dict[int, Cell]] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merges: list[Merge] = []
        self.row = self.column = self.count = self.last_filled = 0
        self.met_rows: set[int] = set()
        self.met_cells: set[tuple[int, int]] = set()  # of the current row
        self.is_worksheet = self.has_data = False
        self.known: dict[tuple[str, str, str, bool], Cell] = {}
        self.inline = TextReader("is")
        self.in_value = False
        self.kind = self.style = ""
        self.value: list[str] = []
        self.formula, self.values = False, 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._place(attributes.get("r"))
            self._meet()
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.value, self.formula, self.values = [], False, 0
            self.inline.cells.clear()
        elif name == "v":
            self.in_value = True
            self._one_value()
        elif name == "f":
            self.formula = True
        elif name == "row":
            self._begin_row(attributes.get("r"))
            if attributes.get("hidden") in {"1", "true"} or attributes.get("zeroHeight") == "1":
                self.hidden_rows.add(self.row)
        elif name in {"is", "r", "rPh", "t", "vertAlign"}:
            if name == "is":
                self._one_value()
            self.inline.start(name, attributes)
        elif name == "sheetData":
            if self.has_data:
                raise self._broken("表のデータが2つあります")
            self.has_data = True
        elif name == "worksheet":
            self.is_worksheet = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = integer(attributes.get("min")), integer(attributes.get("max"))
            self.hidden_columns.update(range(first, min(last, MAX_COLUMN) + 1))

    def characters(self, text: str) -> None:
        """Text inside the current element."""
        if self.in_value:
            self.value.append(text)
        else:
            self.inline.characters(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "v":
            self.in_value = False
        elif name == "c":
            self._keep()
        elif name in {"is", "rPh", "t"}:
            self.inline.end(name)

    def grid(self) -> Grid:
        """All rows read, in order."""
        if not self.is_worksheet:
            raise BookError("corrupt", "ワークシートの XML が壊れていて、読み込めません。", sheet=self.name)
        rows = {row: dict(sorted(cells.items())) for row, cells in sorted(self.rows.items()) if cells}
        return Grid(
            rows,
            self.name,
            self.is_hidden,
            frozenset(self.hidden_rows & rows.keys()),
            frozenset(self.hidden_columns),
            tuple(self.merges),
        )

    def _broken(self, what: str) -> BookError:
        return BookError(
            "corrupt",
            f"{what}。ブックが壊れていて、どの値が正しいか分からないため読み込めません。",
            sheet=self.name,
            row=self.row or None,
        )

    def _begin_row(self, number: str | None) -> None:
        self.row, self.column = integer(number, self.row + 1), 0
        if self.row in self.met_rows:
            raise self._broken(f"{self.row}行目が2つあります")
        self.met_rows.add(self.row)
        self.met_cells.clear()

    def _meet(self) -> None:
        """Refuse a cell met before: in this row, or filled by a row it does not belong to."""
        place = (self.row, self.column)
        if place in self.met_cells or self.column in self.rows.get(self.row, ()):
            raise self._broken(f"セル {column_letter(self.column)}{self.row} が2つあります")
        self.met_cells.add(place)

    def _one_value(self) -> None:
        self.values += 1
        if self.values > 1:
            raise self._broken(f"セル {column_letter(self.column)}{self.row} に値が2つあります")

    def _place(self, reference: str | None) -> None:
        match = _REFERENCE.fullmatch(reference or "")
        if match is None:
            self.column += 1
            self.row = max(self.row, 1)
            return
        self.column = 0
        for letter in match[1].upper():
            self.column = self.column * 26 + ord(letter) - 64
        self.row = int(match[2])

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        places = []
        for part in (first, last or first):
            self._place(part)
            places += [self.row, self.column]
        if len(self.merges) < 10_000:
            self.merges.append(tuple(places))

    def _keep(self) -> None:
        text = "".join(self.value)
        if self.kind == "inlineStr":
            cell = self.inline.cells[-1] if self.inline.cells else None
        else:
            key = (self.kind, self.style, text, self.formula)
            cell = self.known.get(key)
            if cell is None and (text or self.formula):
                cell = self.known[key] = self._cell(text)
        if cell is None or (not cell.text.strip() and cell.kind == "text"):
            return
        self._check_place()
        self.rows.setdefault(self.row, {})[self.column] = cell

    def _check_place(self) -> None:
        self.count += 1
        place = f"{column_letter(self.column)}{self.row}"
        if self.column > MAX_COLUMN:
            raise BookError(
                "too_large",
                f"セル {place} まで使われていて、列数が多すぎます(上限 {MAX_COLUMN:,}列)。",
                sheet=self.name,
                row=self.row,
            )
        if self.row - self.last_filled > MAX_GAP:
            text = (
                f"セル {place} が表から離れすぎています(空の行数の上限 {MAX_GAP:,}行)。不要なセルを削除してください。"
            )
            raise BookError("too_large", text, sheet=self.name, row=self.row)
        if self.count > MAX_CELLS:
            raise BookError(
                "too_large", f"セルの数が多すぎます(上限 {MAX_CELLS:,})。CSV で保存し直してください。", sheet=self.name
            )
        if len(self.rows) >= MAX_ROWS and self.row not in self.rows:
            raise BookError(
                "too_large", f"行数が多すぎます(上限 {MAX_ROWS:,}行)。CSV で保存し直してください。", sheet=self.name
            )
        self.last_filled = max(self.last_filled, self.row)

    def _cell(self, text: str) -> Cell | None:
        """A stored value as a cell, by its type and its number format."""
        if self.kind == "s":
            index = integer(text, -1)
            if not 0 <= index < len(self.book.strings):
                raise BookError("corrupt", "文字列の一覧が壊れていて、読み込めません。", sheet=self.name, row=self.row)
            return self.book.strings[index]
        if self.formula and not text and self.kind != "str":
            return Cell("(数式)", "formula")
        if self.kind == "e":
            return Cell(text, "error")
        if self.kind == "b":
            return Cell("TRUE" if text.strip() in {"1", "true"} else "FALSE", "bool")
        if self.kind == "d":
            return Cell(text.strip()[:19], "date")
        if self.kind == "str":
            return Cell(unescaped(text))
        return self._number(text)

    def _number(self, text: str) -> Cell:
        try:
            number = float(text.strip())
        except ValueError:
            return Cell(text, "error")
        if not math.isfinite(number) or "_" in text:
            return Cell(text, "error")
        format_id, code = self.book.style(integer(self.style))
        if is_date(format_id, code):
            shown = date_of(number, self.book.from_1904)
            return Cell(shown, "date") if re.match(r"\d{4}-", shown) else Cell(shown, "error")
        if is_percent(code):
            return Cell(_plain(number), "percent", number)
        return Cell(_plain(number), "number", number, shown_integer(number, code))


def _plain(number: float) -> str:
    """A number's shortest text, whole numbers without a point."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
