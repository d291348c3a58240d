"""Which rows below a summary's header are data, and whether the table is one of the plan's indicators at all.

Notes, totals, repeated headers, examples and other indicators are told and left out. What the rows' shape betrays is
refused: fields beyond the header, a thousands comma that tore a number, rows swallowed by a quote.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kyodo.intake.cells import cleaned, is_blank, is_numeric
from kyodo.intake.codes import Fault, Findings, Phrase, quoted
from kyodo.intake.grid import EMPTY, Cell, Grid
from kyodo.intake.headers import label_of
from kyodo.intake.names import IndicatorNames
from kyodo.intake.roles import Columns
from kyodo.intake.table import CORE, Header
from kyodo.intake.text import swallowed_rows
from kyodo.intake.vocabulary import family, key_of, pattern, raw_words, words

_BRACKETS = "【】〔〕[]()<>《》"
_SKIPPED = {
    "合計・平均": "total_row",
    "ほかの指標": "other_indicator",
}


@dataclass(frozen=True)
class Summary:
    """One summary table: its grid, header, chosen columns, and the plan's names its rows must agree with."""

    grid: Grid
    header: Header
    columns: Columns
    names: IndicatorNames

    def cell(self, row: int, column: int | None) -> Cell:
        """A cell of a chosen column, empty where there is none."""
        return EMPTY if column is None else self.grid.cell(row, column)

    def title(self, column: int | None) -> str:
        """A column's header for a message."""
        return self.header.title(column)

    def filled(self, row: int) -> Mapping[int, Cell]:
        """A row's cells that show something."""
        return {column: cell for column, cell in self.grid.filled(row).items() if not is_blank(cell)}

    def first_text(self, row: int) -> str:
        """What a row begins with, for a message."""
        return next((cell.text for cell in self.grid.filled(row).values() if cleaned(cell)), "")

    def resolves(self, row: int) -> bool:
        """Whether a row's number and name agree on an indicator."""
        try:
            self.names.resolve(self.cell(row, self.columns.number), self.cell(row, self.columns.name))
        except Fault:
            return False
        return True

    def part(self, row: int) -> tuple[str, str] | None:
        """Which part of the people a row is about, as (column, category); None for all of them."""
        for column in self.columns.segments:
            key = key_of(text := self.grid.cell(row, column).text)
            if key and key not in words("whole") and not pattern("whole_mark").fullmatch(key):
                return self.title(column), text.strip()
        return None


def data_rows(table: Summary, findings: Findings) -> list[int]:
    """Rows to read; what is left out is told, a second table refused."""
    rows, skipped = [], defaultdict(list)
    for row in table.grid.below(table.header.bottom):
        if not (cells := table.filled(row)):
            continue
        kind = next((kind for kind, rule in _KINDS if rule(table, row, cells)), "")
        if kind == "別の表":
            findings.refuse("tables", row=row)
            break
        if not kind:
            rows.append(row)
        else:
            skipped[kind].append(row)
    for kind, numbers in skipped.items():
        texts = [Phrase(f"{row}行目{quoted(table.first_text(row), 24)}") for row in numbers[:8]]
        findings.tell(_SKIPPED.get(kind, "skipped_rows"), kind=Phrase(kind), rows=texts, row=numbers[0])
    return rows


def _is_repeated_header(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    lowest = {c: key_of(cell.text) for c, cell in table.filled(table.header.bottom).items()}
    return {c: key_of(cell.text) for c, cell in cells.items()} == lowest


def _is_other_header(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    if any(is_numeric(cell) for cell in cells.values()):
        return False
    return len({label_of(cell.text).role for cell in cells.values()} & (CORE | {"target"})) >= 3


def _is_other_kind(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    """Whether a column of kinds (区分, 種別) says that the row holds a target or a baseline."""
    texts = (table.grid.cell(row, column).text[:50] for column in table.columns.segments)
    return any(pattern("other_kind").search(key_of(text)) for text in texts)


def _is_other_indicator(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    """Whether a row is about something counted in persons, groups or times, and none of the plan's indicators."""
    if table.columns.name is None or table.resolves(row):
        return False
    name = key_of(table.cell(row, table.columns.name).text)
    unit = key_of(table.cell(row, table.columns.unit).text).strip("()")
    inside = re.search(r"[(\[]([^()\[\]]+)[)\]]$", name)
    said = unit or (inside[1] if inside else "")
    units = family("unit")
    if said in units:
        return units[said] != "percent"
    counted = re.sub(r"[(\[].*$", "", name).endswith(tuple(words("counted")))
    return counted and not table.names.is_number(table.cell(row, table.columns.number))


def _has_own_number(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    return table.names.is_number(table.cell(row, table.columns.number))


def _is_total(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    looked = (table.cell(row, table.columns.number), table.cell(row, table.columns.name), Cell(table.first_text(row)))
    keys = [key_of(cell.text[:100]).strip(_BRACKETS) for cell in looked if cleaned(cell)]
    return any(key in words("total") or pattern("total.like").fullmatch(key) for key in keys)


def _is_example(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    first = table.first_text(row).strip().lstrip("(（【")
    return first.startswith(tuple(raw_words("example")))


def _is_data(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    return is_numeric(table.cell(row, table.columns.number)) or table.resolves(row)


def _is_note(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    return bool(pattern("note").match(table.first_text(row).strip())) and not is_numeric(
        table.cell(row, table.columns.value)
    )


def _is_prose(table: Summary, row: int, cells: Mapping[int, Cell]) -> bool:
    value = table.cell(row, table.columns.value)
    return is_blank(value) and len(cells) <= 2 and not any(is_numeric(cell) for cell in cells.values())


# The first rule that holds decides; an indicator's own row, whatever it is called, is data: a wrong name is refused.
_KINDS: tuple[tuple[str, Callable[[Summary, int, Mapping[int, Cell]], bool]], ...] = (
    ("繰り返しの見出し", _is_repeated_header),
    ("別の表", _is_other_header),
    ("目標・基準など", _is_other_kind),
    ("ほかの指標", _is_other_indicator),
    ("", _has_own_number),
    ("合計・平均", _is_total),
    ("記入例", _is_example),
    ("", _is_data),
    ("注記", _is_note),
    ("表の外の文", _is_prose),
)


def is_ours(table: Summary, rows: list[int]) -> bool:
    """Whether the table is one of the plan's indicators: a row names one, or the header says 指標 and no text contradicts."""
    named = table.columns.name
    if named is not None:
        return any(table.names.surely_named(table.grid.cell(row, named)) for row in rows)
    label = table.header.labels.get(table.columns.number)
    return label is not None and "指標" in label.key and not _other_texts(table, rows)


def _other_texts(table: Summary, rows: list[int]) -> bool:
    """Whether a column that is not read holds different texts: it may say what the rows are about."""
    known = table.columns.used | set(table.header.columns("note", "segment", "unit"))
    texts: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        for column, cell in table.filled(row).items():
            if column not in known and not is_numeric(cell) and cell.kind == "text":
                texts[column].add(cleaned(cell))
    return any(len(found) > 1 for found in texts.values())


def check_shape(table: Summary, rows: list[int], findings: Findings) -> None:
    """Fields beyond the header, thousands torn apart by a comma, whole rows swallowed by a quote."""
    last = max(table.header.labels, default=0)
    for row in rows:
        beyond = {column: cell for column, cell in table.filled(row).items() if column > last}
        if any(is_numeric(cell) or table.grid.fields for cell in beyond.values()):
            got = table.grid.fields.get(row, max(beyond))
            findings.refuse("extra", width=last, got=got, row=row, column=table.title(last))
        elif _torn_thousands(table, row):
            findings.refuse("extra_torn", row=row, column=table.title(table.columns.n))
    for row in swallowed_rows(table.grid, len(table.header.labels)):
        findings.refuse("quote_swallowed", row=row)


def _torn_thousands(table: Summary, row: int) -> bool:
    """Whether 1,686 without quotes may have become 1 and 686 in a column of notes."""
    n = table.columns.n
    if table.grid.delimiter != "," or n is None or n + 1 in table.columns.used:
        return False
    head, tail = (cleaned(table.grid.cell(row, n + offset)) for offset in (0, 1))
    beside = table.header.labels.get(n + 1)
    torn = bool(re.fullmatch(r"\d{1,3}", head) and re.fullmatch(r"\d{3}", tail, re.ASCII))
    return torn and (beside is None or beside.role in {"note", "other"})


def check_units(table: Summary, rows: list[int], findings: Findings) -> None:
    """A column of units must say % in every row that is read."""
    for row in rows if table.columns.unit is not None else ():
        text = table.grid.cell(row, table.columns.unit).text
        if key_of(text).strip("()") not in words("unit.percent") | {""}:
            findings.refuse("unit_row", text=text, row=row, column=table.title(table.columns.unit))
