"""An .xlsx or .xlsm workbook as grids, one a worksheet, read as a stream.

Read here rather than by openpyxl, because what decides is what that library drops: formulas without a stored result,
hidden rows, merged ranges and number formats in one pass, cells where they say they are (not where <dimension> says),
furigana apart from the text, and limits that hold while reading. Values come from what is stored; nothing is calculated.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kyodo.intake.archive import Archive, BookError
from kyodo.intake.formats import code_of
from kyodo.intake.grid import Cell, Grid
from kyodo.intake.sheet import STRINGS, WORKSHEET, SheetReader, TextReader, integer, unescaped
from kyodo.intake.xml import ROOT, elements, local, parse

MAX_SHEETS = 200
_STYLES = {
    "styleSheet": (ROOT,),
    "numFmts": ("styleSheet",),
    "numFmt": ("numFmts",),
    "cellXfs": ("styleSheet",),
    "xf": ("cellXfs",),
}


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
        reader = SheetReader(sheet.name, sheet.hidden, self)
        parse(self._watched(sheet.part, progress), reader.start, reader.end, reader.characters, WORKSHEET)
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
                yield Sheet(
                    unescaped(attributes.get("name", ""))[:100], part, attributes.get("state", "visible") != "visible"
                )

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
                custom[integer(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                number = integer(attributes.get("numFmtId"))
                styles.append((number, code_of(number, custom)))

        def end(name: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        part = self._part_of("styles", "xl/styles.xml")
        if part in self.archive:
            parse(self.archive.chunks(part), start, end, parents=_STYLES)
        return styles

    def style(self, index: int) -> tuple[int, str]:
        """Number format id and code of a style; General where the index is unknown."""
        return self._styles[index] if 0 <= index < len(self._styles) else (0, "General")

    @property
    def strings(self) -> list[Cell]:
        """The shared strings, read when first needed."""
        if self._strings is None:
            reader = TextReader("si")
            part = self._part_of("sharedStrings", "xl/sharedStrings.xml")
            if part in self.archive:
                parse(self.archive.chunks(part), reader.start, reader.end, reader.characters, STRINGS)
            self._strings = reader.cells
        return self._strings
