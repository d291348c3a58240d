"""An .xlsx or .xlsm workbook as grids, one a worksheet, read as a stream.

Read here rather than by openpyxl, because what decides is what that library drops: formulas without a stored result,
hidden rows, merged ranges and number formats in one pass, cells where they say they are (not where <dimension> says),
furigana apart from the text, and limits that hold while reading. Values come from what is stored; nothing is calculated.
"""

import math
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kyodo.intake.archive import Archive, BookError
from kyodo.intake.formats import code_of, date_of, is_date, is_percent, shown_integer
from kyodo.intake.grid import Cell, Grid, Merge, column_letter
from kyodo.intake.xml import elements, local, parse

MAX_CELLS = 3_000_000
MAX_COLUMN = 2_000
MAX_GAP = 20_000  # rows between two filled rows: a stray cell far below is no part of a survey
MAX_TEXT = 100_000_000  # characters of shared strings
MAX_SHEETS = 200
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Sheet:
    """A worksheet's name, part and state."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """An opened workbook: its worksheets, and ``grid(sheet)`` to read one."""

    def __init__(self, data: bytes) -> None:
        """Open and check; raises :class:`BookError`."""
        self.archive = archive = Archive(data)
        archive.require_workbook()
        self.has_macros = any(name.endswith("vbaproject.bin") for name in archive.parts)
        self._part = self._workbook_part()
        self._relations = self._read_relations(self._part)
        self.from_1904 = False
        self.sheets = tuple(self._read_sheets())
        if not self.sheets:
            raise BookError("corrupt", "ブックにワークシートがなく、読み込めません。")
        self._styles = self._read_styles()
        self._strings: list[Cell] | None = None

    def grid(self, sheet: Sheet, progress: Callable[[int], None] | None = None) -> Grid:
        """Read one worksheet; raises :class:`BookError` where it is broken or too large."""
        reader = _SheetReader(self, sheet)
        parse(self._watched(sheet.part, progress), reader.start, reader.end, reader.characters)
        return reader.grid()

    def _watched(self, part: str, progress: Callable[[int], None] | None) -> Iterator[bytes]:
        got = 0
        for chunk in self.archive.chunks(part):
            got += len(chunk)
            if progress is not None:
                progress(got)
            yield chunk

    def _workbook_part(self) -> str:
        for _, attributes in self._elements("_rels/.rels", "Relationship"):
            if attributes.get("Type", "").endswith("/officeDocument"):
                return attributes.get("Target", "").lstrip("/")
        return "xl/workbook.xml"

    def _elements(self, part: str, *names: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        return elements(self.archive.chunks(part), *names) if part in self.archive else iter(())

    def _read_relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Targets and types of a part's relationships by id."""
        folder, name = posixpath.split(part)
        found = {}
        for _, attributes in self._elements(f"{folder}/_rels/{name}.rels", "Relationship"):
            target = attributes.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (path, attributes.get("Type", "").rpartition("/")[2])
        return found

    def _read_sheets(self) -> Iterator[Sheet]:
        count = 0
        for name, attributes in self._elements(self._part, "sheet", "workbookPr"):
            if name == "workbookPr":
                self.from_1904 = attributes.get("date1904", "") in {"1", "true"}
                continue
            part, kind = self._relations.get(local(attributes, "id"), ("", ""))
            count += 1
            if count > MAX_SHEETS:
                raise BookError("too_large", f"シートが多すぎます(上限 {MAX_SHEETS})。")
            if kind == "worksheet":
                yield Sheet(_unescaped(attributes.get("name", ""))[:100], part, attributes.get("state", "visible") != "visible")

    def _part_of(self, kind: str, usual: str) -> str:
        return next((part for part, found in self._relations.values() if found == kind), usual)

    def _read_styles(self) -> list[tuple[int, str]]:
        """Number format id and code of every cell style."""
        custom: dict[int, str] = {}
        styles: list[tuple[int, str]] = []
        inside = False

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal inside
            if name == "numFmt":
                custom[_integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                number = _integer(attributes.get("numFmtId"))
                styles.append((number, code_of(number, custom)))

        def end(name: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        part = self._part_of("styles", "xl/styles.xml")
        if part in self.archive:
            parse(self.archive.chunks(part), start, end)
        return styles

    def style(self, index: int) -> tuple[int, str]:
        """Number format id and code of a style; General where the index is unknown."""
        return self._styles[index] if 0 <= index < len(self._styles) else (0, "General")

    @property
    def strings(self) -> list[Cell]:
        """The shared strings, read when first needed."""
        if self._strings is None:
            reader = _TextReader("si")
            part = self._part_of("sharedStrings", "xl/sharedStrings.xml")
            if part in self.archive:
                parse(self.archive.chunks(part), reader.start, reader.end, reader.characters)
            self._strings = reader.cells
        return self._strings


def _integer(text: str | None, default: int = 0) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else default


def _unescaped(text: str) -> str:
    """Excel's ``_x000D_`` back into the character."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _TextReader:
    """Collects the text of ``si`` or ``is`` elements: runs joined, furigana left out, raised marks kept apart."""

    def __init__(self, element: str) -> None:
        self.element, self.cells = element, []
        self._size = 0
        self.reset()

    def reset(self) -> None:
        self.text: list[str] = []
        self.raised: list[str] = []
        self.in_text = self.in_phonetic = self.is_raised = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
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
        if self.in_text:
            self._size += len(text)
            if self._size > MAX_TEXT:
                raise BookError("too_large", f"文字の量が大きすぎます(上限 {MAX_TEXT:,}文字)。")
            (self.raised if self.is_raised else self.text).append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self.in_text = False
        elif name == "rPh":
            self.in_phonetic = False
        elif name == self.element:
            self.cells.append(Cell(_unescaped("".join(self.text)), superscript="".join(self.raised)))


class _SheetReader:
    """Turns the events of one worksheet into sparse rows."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.rows: dict[int, dict[int, Cell]] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merges: list[Merge] = []
        self.row = self.column = self.count = self.last_filled = 0
        self.known: dict[tuple[str, str, str, bool], Cell] = {}
        self.inline = _TextReader("is")
        self.in_value = False
        self.kind = self.style = ""
        self.value: list[str] = []
        self.formula = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._place(attributes.get("r"))
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.value, self.formula = [], False
            self.inline.cells.clear()
        elif name == "v":
            self.in_value = True
        elif name == "f":
            self.formula = True
        elif name == "row":
            self.row = _integer(attributes.get("r"), self.row + 1)
            self.column = 0
            if attributes.get("hidden") in {"1", "true"} or attributes.get("zeroHeight") == "1":
                self.hidden_rows.add(self.row)
        elif name in {"is", "r", "rPh", "t", "vertAlign"}:
            self.inline.start(name, attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = _integer(attributes.get("min")), _integer(attributes.get("max"))
            self.hidden_columns.update(range(first, min(last, MAX_COLUMN) + 1))

    def characters(self, text: str) -> None:
        if self.in_value:
            self.value.append(text)
        else:
            self.inline.characters(text)

    def end(self, name: str) -> None:
        if name == "v":
            self.in_value = False
        elif name == "c":
            self._keep()
        elif name in {"is", "rPh", "t"}:
            self.inline.end(name)

    def grid(self) -> Grid:
        rows = {row: dict(sorted(cells.items())) for row, cells in sorted(self.rows.items()) if cells}
        return Grid(
            rows, self.sheet.name, self.sheet.hidden, frozenset(self.hidden_rows & rows.keys()), frozenset(self.hidden_columns), tuple(self.merges)
        )

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
            raise BookError("too_large", f"セル {place} まで使われていて、列数が多すぎます(上限 {MAX_COLUMN:,}列)。", sheet=self.sheet.name, row=self.row)
        if self.row - self.last_filled > MAX_GAP:
            text = f"セル {place} が表から離れすぎています(空の行数の上限 {MAX_GAP:,}行)。不要なセルを削除してください。"
            raise BookError("too_large", text, sheet=self.sheet.name, row=self.row)
        if self.count > MAX_CELLS:
            raise BookError("too_large", f"セルの数が多すぎます(上限 {MAX_CELLS:,})。CSV で保存し直してください。", sheet=self.sheet.name)
        self.last_filled = max(self.last_filled, self.row)

    def _cell(self, text: str) -> Cell | None:
        """A stored value as a cell, by its type and its number format."""
        if self.kind == "s":
            index = _integer(text, -1)
            if not 0 <= index < len(self.book.strings):
                raise BookError("corrupt", "文字列の一覧が壊れていて、読み込めません。", sheet=self.sheet.name, row=self.row)
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
            return Cell(_unescaped(text))
        return self._number(text)

    def _number(self, text: str) -> Cell:
        try:
            number = float(text.strip())
        except ValueError:
            return Cell(text, "error")
        if not math.isfinite(number) or "_" in text:
            return Cell(text, "error")
        format_id, code = self.book.style(_integer(self.style))
        if is_date(format_id, code):
            shown = date_of(number, self.book.from_1904)
            return Cell(shown, "date") if re.match(r"\d{4}-", shown) else Cell(shown, "error")
        if is_percent(code):
            return Cell(_plain(number), "percent", number)
        return Cell(_plain(number), "number", number, shown_integer(number, code))


def _plain(number: float) -> str:
    """A number's shortest text, whole numbers without a point."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
