"""An .xlsx or .xlsm workbook as grids, by openpyxl's own stream parser.

Its public read-only mode drops what decides here (hidden rows, merged ranges, formulas without a result), its full mode
needs 9 s and 450 MB for 100,000 x 10 cells, twice for values and formulas. Its parser, fed directly, gives all of it in
one pass: 5.5 s and 190 MB, against 6.8 s and 300 MB of the 750 lines that stood here before. Sizes are checked before
anything is unpacked (``zipfile`` never yields more than the directory declares), the rest while rows come in.
"""

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.escape import unescape
from openpyxl.worksheet import _reader
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from kyodo.intake.grid import Cell, Grid, column_letter
from kyodo.intake.words import Fault, Phrase

MAX_ENTRIES = 2_000
MAX_UNZIPPED = 300 * 2**20
MAX_RATIO = 250  # a survey of nothing but 1 and 2 shrinks to a sixtieth; bombs to a thousandth
MAX_TAG = 4 * 2**20  # bytes without the end of a tag: the parser looks at an unfinished one again and again
MAX_SHEETS = 200
MAX_CELLS = 3_000_000
MAX_COLUMN = 2_000
MAX_GAP = 20_000  # rows between two filled rows: a stray cell far below is no part of a survey
MAX_ROWS = 200_000  # filled rows: more people than any survey asks, and as many as are read in time
_CHUNK = 1 << 16
_OTHERS = (
    ("xl/workbook.bin", "kind_book", "Excel バイナリ ブック(.xlsb)"),
    ("content.xml", "kind_book", "OpenDocument(.ods)"),
    ("word/", "kind_other", "Word 文書"),
    ("ppt/", "kind_other", "PowerPoint 文書"),
    ("index/", "kind_other", "Numbers・Pages の文書"),
)
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"  # openpyxl does not read it
_DOCTYPES = ["<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
_STYLES = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_CLEARED = {_reader.ROW_TAG, _reader.COL_TAG, _reader.MERGE_TAG, _reader.CF_TAG, _reader.VALIDATION_TAG}
_KINDS = {"formula": "formula", "e": "error", "b": "bool", "d": "date"}
_JAPANESE_DATES = {*range(27, 37), *range(50, 59)}  # formats without a code
_LONGEST_FORMAT = 255  # characters Excel lets a format have; a longer one says nothing
_ELAPSED = r"\[(?:h+|m+|s+)\]"
_UNSAID = re.compile(rf'"[^"]*"|\\.|_.|\*.|(?!{_ELAPSED})\[[^\[\]]*\]|general|g/標準', re.IGNORECASE)
# Literal texts around one whole number; whatever else a format may do is not in it.
_TEXTS = r'((?:"[^"]*"|\\[^"\\]|[^\W\d_eE]|[-() +¥$€‰▲△])*?)'
_AROUND = re.compile(rf"(?:\[[^\[\]]*\])*{_TEXTS}(?:General|G/標準|[0#,]+(?:\.[0#]+)?){_TEXTS}", re.IGNORECASE)
_PADDING = re.compile(r"_.|\*.")


def read_book(data: bytes) -> tuple[list[Grid], bool]:
    """All worksheets in order, and whether the book has macros; raises :class:`Fault` for what cannot be read."""
    try:
        has_macros = _check(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of parts it leaves out
            return list(_grids(data)), has_macros
    except (Fault, MemoryError):
        raise
    except Exception as error:
        raise Fault("corrupt_book") from error


def _check(data: bytes) -> bool:
    """Whether a book has macros, once its sizes and its XML are harmless."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = _checked_names(entries)
        for entry in entries:
            if entry.flag_bits & 1:
                raise Fault("kind_password")
            if entry.filename.lower().endswith((".xml", ".rels")):
                _check_xml(archive, entry)
        return any(name.endswith("vbaproject.bin") for name in names)


def _checked_names(entries: list[zipfile.ZipInfo]) -> set[str]:
    """The parts' names in lower case, once there are not too many, too large ones, or ones of another kind of file."""
    dense = any(entry.file_size > max(2**22, MAX_RATIO * entry.compress_size) for entry in entries)
    if dense or len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNZIPPED:
        raise Fault("too_large_book")
    names = {entry.filename.replace("\\", "/").lstrip("/").lower() for entry in entries}
    if len(names) < len(entries):
        raise Fault("corrupt_place", where=Phrase("ブックの部品"))
    if not any(name.endswith("workbook.xml") for name in names):
        raise _no_book(names)
    return names


def _no_book(names: set[str]) -> Fault:
    """What a zip is that is no workbook."""
    for prefix, message, shown in _OTHERS:
        if any(name.startswith(prefix) for name in names):
            return Fault(message, shown=Phrase(shown))
    return Fault("kind_zip")


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse document types, the strict namespace and endless tags in one part."""
    tail, since = b"", 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            seen, tail = tail + chunk, chunk[-64:]
            if any(mark in seen for mark in _DOCTYPES):
                raise Fault("doctype")
            if _STRICT in seen:
                raise Fault("kind_book", shown=Phrase("Strict Open XML"))
            end = chunk.rfind(b">")
            since = len(chunk) - end if end >= 0 else since + len(chunk)
            if since > MAX_TAG:
                raise Fault("too_large_book")


def _grids(data: bytes) -> Iterator[Grid]:
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False, rich_text=True)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    sheets = [(sheet, part) for sheet, part in reader.parser.find_sheets() if part.Type.endswith("/worksheet")]
    if not 0 < len(sheets) <= MAX_SHEETS:
        raise Fault("too_large_book" if sheets else "no_sheets")
    formats = _formats(reader)
    for sheet, part in sheets:
        with reader.archive.open(part.target) as stream:
            yield _Sheet(reader, formats, unescape(sheet.name)[:100], stream).grid(sheet.state != "visible")


@dataclass(frozen=True, slots=True)
class Format:
    """What a number format makes of a number: a ``date``, a ``percent``, or a ``number`` with texts around it."""

    kind: str = "number"
    before: str = ""
    after: str = ""

    def shown(self, value: float) -> str:
        """The number with the texts around it; empty where they say nothing more."""
        number = int(value) if value == int(value) else value
        return f"{self.before}{number}{self.after}".strip() if (self.before + self.after).strip() else ""


@lru_cache(maxsize=4096)
def format_of(number: int, code: str) -> Format:
    r"""A format by its id and its code; Japanese dates with e and g too.

    >>> format_of(164, '[$-411]ge"年度"').kind, format_of(9, "0%").kind, format_of(164, '0.0"%"').kind
    ('date', 'percent', 'number')
    >>> format_of(164, '"平成"0"年度"').shown(25), format_of(0, "General").shown(25), format_of(164, '0.0"点"').shown(3.5)
    ('平成25年度', '', '3.5点')
    """
    if len(code) > _LONGEST_FORMAT:
        return Format()
    positive = code.split(";")[0]
    said = _UNSAID.sub("", positive)
    dated = re.search(r"[ymdhsge年月日]", said, re.IGNORECASE) and not re.search(r"[0#]", said.replace("ss.0", ""))
    if dated or "[" in said or number in _JAPANESE_DATES:
        return Format("date")
    if "%" in said:
        return Format("percent")
    return Format("number", *_around(positive)) if positive or not code else Format("number", "(", "は表示しない書式)")


def _around(code: str) -> tuple[str, ...]:
    """The texts a format puts before and after a number; none where it does more."""
    around = _AROUND.fullmatch(_PADDING.sub("", code))
    return tuple(re.sub(r'["\\]', "", text) for text in around.groups()) if around else ()


def _formats(reader: Any) -> list[Format]:
    """Every cell style's number format.

    Read here: openpyxl refuses a book for an empty fill or an odd border, as other programs write them.
    """
    part = reader.package.find(_STYLES)
    if part is None:
        return [Format()]
    root, space = fromstring(reader.archive.read(part.PartName[1:])), f"{{{SHEET_MAIN_NS}}}"
    codes = {int(each.get("numFmtId")): each.get("formatCode", "") for each in root.iter(f"{space}numFmt")}
    codes |= BUILTIN_FORMATS
    styles = root.find(f"{space}cellXfs")
    used = [int(each.get("numFmtId", "0")) for each in (styles if styles is not None else ())]
    return [format_of(number, codes.get(number, "")) for number in used] or [Format()]


class _Sheet(_reader.WorkSheetParser):
    """One worksheet by openpyxl's stream parser: its cells as ours, with limits and with no place filled twice."""

    def __init__(self, reader: Any, formats: list[Format], name: str, stream: IO[bytes]) -> None:
        dates = {style for style, each in enumerate(formats) if each.kind == "date"}
        epoch, strings = reader.wb.epoch, reader.shared_strings
        super().__init__(stream, strings, data_only=True, epoch=epoch, date_formats=dates, rich_text=True)
        self.name, self.formats = name, formats
        self.known: dict[tuple[str, Any, int], Cell | None] = {}  # most cells of a survey are alike

    def grid(self, hidden: bool) -> Grid:
        """Read all rows."""
        rows = self._rows()
        hidden_rows = {int(row) for row, facts in self.row_dimensions.items() if _is_hidden(facts)}
        spans = [(int(each["min"]), int(each["max"])) for each in self.column_dimensions.values() if _is_hidden(each)]
        areas = self.merged_cells.mergeCell if self.merged_cells else ()
        return Grid(
            rows,
            self.name,
            hidden,
            frozenset(hidden_rows & rows.keys()),
            frozenset(column for first, last in spans for column in range(first, min(last, MAX_COLUMN) + 1)),
            tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in areas),
        )

    def parse(self) -> Iterator[tuple[int, list[tuple[int, int, Cell | None]]]]:
        """Rows, hidden columns and merged ranges; what else a sheet holds is passed over."""
        for _, element in _reader.iterparse(self.source):
            if element.tag == _reader.ROW_TAG:
                yield self.parse_row(element)
            elif element.tag == _reader.COL_TAG:
                self.parse_column_dimensions(element)
            elif element.tag == _reader.MERGE_TAG:
                self.merged_cells = _reader.MergeCells.from_tree(element)
            if element.tag in _CLEARED:
                element.clear()

    def parse_cell(self, element: Any) -> tuple[int, int, Cell | None]:
        """A cell with its place; of formulas without a result and of doubled values openpyxl does not tell."""
        found = super().parse_cell(element)
        kind, value = found["data_type"], found["value"]
        if len(element) > 1 and len(element.findall(_reader.VALUE_TAG)) > 1:
            raise Fault("corrupt_place", where=Phrase(f"セル {element.get('r')}"))
        if value is None and element.get("t") != "str" and element.find(_reader.FORMULA_TAG) is not None:
            kind, value = "formula", "(数式)"
        key = kind, _joined(value) if isinstance(value, list) else value, found["style_id"]
        if key not in self.known:
            self.known[key] = self._made(*key)
        return found["row"], found["column"], self.known[key]

    def _rows(self) -> dict[int, dict[int, Cell]]:
        rows: dict[int, dict[int, Cell]] = {}
        before = last = count = 0
        for row, found in self.parse():
            columns = [column for _, column, _ in found]
            if row <= before or columns != sorted(set(columns)) or any(place != row for place, _, _ in found):
                raise Fault("corrupt_place", where=Phrase(f"{row}行目"), row=row, sheet=self.name)
            before = row
            if cells := {column: cell for _, column, cell in found if cell is not None}:
                count += len(cells)
                self._check_size(row, max(cells), row - last, count, len(rows))
                rows[row], last = cells, row
        return rows

    def _check_size(self, row: int, column: int, gap: int, cells: int, rows: int) -> None:
        place = {"sheet": self.name, "row": row}
        if column > MAX_COLUMN or gap > MAX_GAP:
            cell = Phrase(f"{column_letter(column)}{row}")
            raise Fault("too_far", cell=cell, columns=MAX_COLUMN, rows=MAX_GAP, **place)
        if cells > MAX_CELLS or rows >= MAX_ROWS:
            raise Fault("too_long_sheet", cells=MAX_CELLS, rows=MAX_ROWS, **place)

    def _made(self, kind: str, value: Any, style: int) -> Cell | None:
        """A stored value as a cell, by its type and its number format; None for what shows nothing."""
        if value is None:
            return None
        if kind in _KINDS:
            return Cell(str(value)[:19].upper().removesuffix(" 00:00:00"), _KINDS[kind])
        if kind != "n":
            text = unescape(value)
            return Cell(text) if text.strip() else None
        if not math.isfinite(value):
            return Cell(str(value), "error")
        text = str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
        return Cell(text, self.formats[style].kind, float(value), self.formats[style].shown(value))


def _is_hidden(facts: dict[str, str]) -> bool:
    return facts.get("hidden") in {"1", "true"}


def _joined(parts: list[Any]) -> str:
    """A text of several runs; what is raised or lowered becomes the mark of a note, as it would be typed."""
    marks = (getattr(getattr(part, "font", None), "vertAlign", None) in {"superscript", "subscript"} for part in parts)
    return "".join("※" if marked else str(part) for part, marked in zip(parts, marks, strict=True))
