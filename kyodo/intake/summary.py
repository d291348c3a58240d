"""The summary form: one row an indicator, its percentage and number of answers. Every row is read, skipped aloud, or refused."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from kyodo.estimate import finite_n, wilson
from kyodo.intake.checks import Entry, EntryChecks, check_shape, is_ours
from kyodo.intake.grid import (
    PERCENT,
    Cell,
    Grid,
    Measured,
    column_letter,
    is_blank,
    is_missing_mark,
    is_numeric,
    read_count,
    read_percent,
)
from kyodo.intake.headers import COLUMNS
from kyodo.intake.names import IndicatorNames
from kyodo.intake.reading import ColumnSummary, Request, Understood, breakdown_frame, values_frame
from kyodo.intake.rows import MERGED, NAMELESS, OMITTED, Summary, Years, data_rows
from kyodo.intake.sheets import Choice
from kyodo.intake.table import Columns, Header, choose_columns, proposed_columns
from kyodo.intake.tally import withheld
from kyodo.intake.text import check_characters
from kyodo.intake.words import Fault, Findings, Phrase

_MAY_BE_SKIPPED = {"unknown", "unknown_number"}  # rows of other indicators, if the clerk says so
_REMARKS = {PERCENT: "percent_format", MERGED: "filled_cells", OMITTED: "filled_cells", NAMELESS: "filled_cells"}


class SummaryReader:
    """One summary table on its way to entries."""

    def __init__(self, grid: Grid, header: Header, asked: Request, findings: Findings) -> None:
        """Choose the columns."""
        columns = choose_columns(header, asked.columns or {}, asked.year, findings)
        self.table = Summary(grid, header, columns, IndicatorNames(asked.plan.indicators), asked, findings)
        self.table.columns = self._by_cells()
        self.rows: list[int] = []
        self.entries: list[Entry] = []
        self.parts: list[Entry] = []
        self.left_out: set[int] = set()

    def read(self) -> None:
        """Read every row below the header."""
        table, findings = self.table, self.table.findings
        self.rows = rows = data_rows(table)
        if not rows:
            findings.refuse("no_rows", row=table.header.bottom)
            return
        if not is_ours(table, rows):
            findings.problems.clear()  # what is wrong with the cells of another table is nobody's concern
            findings.refuse("not_ours", columns=list(table.header.texts.values()), row=table.header.bottom)
            return
        used = {column: table.title(column) for column in table.columns.used}
        check_characters(table.grid, used, [table.header.bottom, *rows], findings)
        check_shape(table, rows)
        if table.columns.value is not None:
            self._read_rows(rows)
        for remark, found in table.remarks.items():
            said = {"remark": Phrase(remark), "rows": found, "row": min(found)}
            findings.tell(_REMARKS.get(remark, "normalised"), **said)

    def _read_rows(self, rows: list[int]) -> None:
        years = Years(self.table, rows).by_row()
        chosen = years if len(years) < len(rows) and not self.table.findings.problems else rows
        found = [entry for row in chosen if (entry := self._entry(row, years.get(row)))]
        self.entries = [entry for entry in found if entry.part is None]
        self.parts = [entry for entry in found if entry.part is not None]
        self._check_parts()
        EntryChecks(self.table, self.entries, self.parts).run(years, rows, whole=not self.left_out)

    def _by_cells(self) -> Columns:
        """Columns that no header names, known by what stands in them: the indicators' names, numbers left of them, parts right."""
        grid, columns, header, names = self.table.grid, self.table.columns, self.table.header, self.table.names
        cells: dict[int, dict[int, Cell]] = defaultdict(dict)
        for row in grid.below(header.bottom):
            for column, cell in grid.shown(row).items():
                cells[column][row] = cell
        named = {column for column, below in cells.items() if any(map(names.surely_named, below.values()))}
        if len(named) == 1 and not named & columns.used:
            columns = replace(columns, name=named.pop())
            title = self.table.title(columns.name) or column_letter(columns.name)
            self.table.findings.tell("name_read_as", text=title, row=header.bottom)
        return columns if columns.name is None else self._beside_names(columns, cells)

    def _beside_names(self, columns: Columns, cells: Mapping[int, Mapping[int, Cell]]) -> Columns:
        """Numbers under no header must agree with the names; texts in each block's first row only are parts (男性, 実績)."""
        left, right, header = columns.name - 1, columns.name + 1, self.table.header
        numbers, texts = cells.get(left, {}), cells.get(right, {})
        untitled = left not in header.labels or header.labels[left].role == "name"
        if columns.number is None and untitled and numbers and all(map(self.table.names.is_number, numbers.values())):
            columns = replace(columns, number=left)
            self.table.findings.tell("number_read_as", row=header.bottom)
        nameless = sum(is_blank(self.table.grid.cell(row, columns.name)) for row in texts)
        if right not in columns.used and 2 * nameless >= len(texts) and not any(map(is_numeric, texts.values())):
            columns = replace(columns, segments=(*columns.segments, right))
        return columns

    def _check_parts(self) -> None:
        """Parts of the people are told; parts without a whole are refused."""
        self._leave_out_crossed()
        known = {(entry.indicator, entry.fiscal_year) for entry in self.entries}
        for entry in self.parts:
            title, category = entry.part
            if (entry.indicator, entry.fiscal_year) not in known:
                self.table.findings.refuse("segment", title=title, text=category, row=entry.row, column=title)
        if self.parts:
            titles = sorted({entry.part[0] for entry in self.parts})
            self.table.findings.tell(
                "parts", titles=titles, rows=[entry.row for entry in self.parts], row=self.parts[0].row
            )

    def _leave_out_crossed(self) -> None:
        """Parts that stand there twice (30代 of men, of women) are parts of a part whose name is left out: told."""
        places = Counter((entry.indicator, entry.fiscal_year, entry.part) for entry in self.parts)
        if twice := sorted({part[0] for (_, _, part), count in places.items() if count > 1}):
            rows = [entry.row for entry in self.parts if entry.part[0] in twice]
            self.table.findings.tell("parts_twice", titles=twice, rows=rows, row=rows[0])
            self.parts = [entry for entry in self.parts if entry.part[0] not in twice]

    def _entry(self, row: int, year: int | None) -> Entry | None:
        """Read one row; None where it is faulty or says that it has no value."""
        columns = self.table.columns
        indicator, measured = self._indicator(row), self._value(row)
        n = self._n(row) if measured is not None else None
        if indicator is None or measured is None or year is None:
            self._note_missing(row, indicator)
            return None
        entry = Entry(row, indicator, year, measured.value, n, part=self.table.part(row))
        entry.decimals, entry.explicit = measured.decimals, measured.explicit
        entry.count = self._count(row, columns.count, "該当者数", lowest=0)
        entry.population = self._population(entry) if n is not None else None
        return entry

    def _indicator(self, row: int) -> int | None:
        """Which indicator a row is about; a problem where it is none of the plan's."""
        table, columns = self.table, self.table.columns
        number, name = table.named[row]
        title = table.title(columns.name if is_blank(number) or columns.number is None else columns.number)
        try:
            match = table.names.resolve(number, name)
        except Fault as fault:
            note = table.findings.doubt if fault.message in _MAY_BE_SKIPPED else table.findings.refuse
            note(fault.message, **fault.values, row=row, column=title or COLUMNS["name"])
            return None
        if match.short:
            said = {"text": match.short, "indicator": match.indicator, "name": table.names.names[match.indicator]}
            table.tell("short_name", row, table.columns.name, **said)
        return match.indicator

    def _measured(self, row: int, column: int | None, cell: Cell, read: Callable[[Cell], Measured]) -> Measured | None:
        """A cell's number; None where there is none, or a faulty one."""
        if is_blank(cell) or is_missing_mark(cell):
            return None
        try:
            measured = read(cell)
        except Fault as fault:
            self.table.refuse(fault.message, row, column, **fault.values)
            return None
        if measured.remark:
            self.table.remarks[measured.remark].append(row)
        return measured

    def _is_short(self, row: int, column: int) -> bool:
        """Whether a row of a CSV ends before a column; refused."""
        fields = self.table.grid.fields.get(row, column)
        if 0 < fields < column:
            self.table.refuse("short", row, column, width=max(self.table.header.labels), got=fields)
        return 0 < fields < column

    def _value(self, row: int) -> Measured | None:
        column, grid = self.table.columns.value, self.table.grid
        if is_blank(grid.cell(row, column)) and not self._is_short(row, column):
            self.table.refuse("merged" if grid.merged_from(row, column) else "blank", row, column)
        return self._measured(row, column, grid.cell(row, column), read_percent)

    def _note_missing(self, row: int, indicator: int | None) -> None:
        """Remember an indicator whose value is said to be missing."""
        column = self.table.columns.value
        if indicator is not None and is_missing_mark(cell := self.table.grid.cell(row, column)):
            self.left_out.add(indicator)
            self.table.tell("missing_mark", row, column, indicator=indicator, text=cell.text)

    def _n(self, row: int) -> int | None:
        column = self.table.columns.n
        if column is None:
            return None
        cell = self.table.cell(row, column)
        if not is_blank(cell) and not is_missing_mark(cell):
            return self._count(row, column, "回答者数", lowest=1)
        if not self._is_short(row, column):
            self.table.tell("n_blank", row, column)
        return None

    def _count(self, row: int, column: int | None, what: str, lowest: int) -> int | None:
        cell = self.table.cell(row, column)
        measured = self._measured(row, column, cell, lambda cell: read_count(cell, what, lowest))
        return None if measured is None else int(measured.value)

    def _population(self, entry: Entry) -> int | None:
        """The population for the finite correction."""
        column = self.table.columns.population
        title = self.table.title(column)
        population = self._count(entry.row, column, title, lowest=1)
        if population is None:
            return None
        note, message = self.table.tell, "population"
        if population < entry.n:
            note, message = self.table.refuse, "population_small"
        said = {"title": title, "population": population, "indicator": entry.indicator, "n": entry.n}
        note(message, entry.row, column, **said)
        return population


def value_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries with their interval, ready for the values frame (percent); parts with their group and category."""
    rows = []
    for entry in sorted(entries, key=lambda entry: (entry.fiscal_year, entry.indicator)):
        row = {"indicator": entry.indicator, "fiscal_year": entry.fiscal_year, "value": entry.value, "n": entry.n}
        if entry.part is not None:
            row |= {"group": entry.part[0], "category": entry.part[1]}
        if entry.n is not None:
            effective = float(finite_n(entry.n, entry.population)) if entry.population else float(entry.n)
            low, high = wilson(entry.value / 100, effective)
            row |= {"n_effective": effective, "low": 100 * float(low), "high": 100 * float(high)}
        rows.append(row)
    return rows


def read_summaries(said: Request, choice: Choice, understood: Understood, findings: Findings) -> dict[str, Any]:
    """Read the chosen tables; the parts of a reading that this form fills."""
    if any(grid.partial for grid in choice.grids):
        findings.refuse("too_large_summary", row=choice.headers[0].bottom)
        return {"form": "summary", "understood": understood}
    readers = _read_all(said, choice, findings)
    entries = list(chain.from_iterable(reader.entries for reader in readers))
    if not findings.problems:
        _tell_missing(readers, findings)
        if not entries:
            _refuse_valueless(readers[0].table, findings)
    made = {"form": "summary", "understood": replace(understood, **_understood(readers[0]))}
    made |= {"mapping": {"columns": dict(said.columns)} if said.columns else None}
    return made | (_asked_for(choice.headers) if findings.problems else _kept(readers, entries))


def _read_all(said: Request, choice: Choice, findings: Findings) -> list[SummaryReader]:
    readers = []
    for grid, header in zip(choice.grids, choice.headers, strict=True):
        own = Findings(grid.sheet, findings.confirmed)
        readers.append(SummaryReader(grid, header, said, own))
        readers[-1].read()
        findings.add(own.problems, own.notices)
    return readers


def _asked_for(headers: Sequence[Header]) -> dict[str, Any]:
    """The columns the clerk may choose from, and what their words say."""
    titles = [title for header in headers for title in header.titles.values()]
    return {"columns": tuple(map(ColumnSummary, titles)), "proposed_columns": proposed_columns(headers[0])}


def _kept(readers: Sequence[SummaryReader], entries: Sequence[Entry]) -> dict[str, Any]:
    parts = list(chain.from_iterable(reader.parts for reader in readers))
    return {"values": values_frame(value_rows(entries)), "breakdown": breakdown_frame(_without_small(parts))}


def _tell_missing(readers: Sequence[SummaryReader], findings: Findings) -> None:
    """Of several tables only what none of them has is missing."""
    found = set().union(*(reader.left_out | {entry.indicator for entry in reader.entries} for reader in readers))
    sheet = "、".join(reader.table.grid.sheet for reader in readers)
    for number, name in readers[0].table.names.names.items():
        if number not in found:
            findings.tell("missing_indicator", indicator=number, name=name, sheet=sheet)


def _refuse_valueless(table: Summary, findings: Findings) -> None:
    rows = [notice.row for notice in findings.notices if notice.code == "missing_mark"]
    column = table.title(table.columns.value)
    findings.refuse("no_values", rows=rows, row=min(rows, default=None), column=column)


def _without_small(parts: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows of parts of the people, those withheld that are too small or by which such could be worked out."""
    places: dict[tuple[int, int, str], list[Entry]] = defaultdict(list)
    for entry in parts:
        places[entry.indicator, entry.fiscal_year, entry.part[0]].append(entry)
    rows = []
    for same in places.values():
        pool, hidden = withheld([entry.n if entry.n is not None else 10**9 for entry in same])
        for place, entry in enumerate(same):
            row = value_rows([entry])[0]
            blank = dict.fromkeys(("value", "n", "n_effective", "low", "high")) | {"withheld": True}
            rows.append(row | blank if place in pool | hidden else row)
    return rows


def _understood(reader: SummaryReader) -> dict[str, Any]:
    """Header rows, range and columns of a summary, for the screen."""
    header, columns = reader.table.header, reader.table.columns
    if not header.labels:
        return {}
    roles = {"number": columns.number, "name": columns.name, "value": columns.value, "n": columns.n}
    shown = ((role, column) for role, column in roles.items() if column is not None)
    headers = [(COLUMNS[role], header.title(column) or f"{column_letter(column)}列") for role, column in shown]
    headers += [(COLUMNS["year"], header.title(column)) for column in columns.years]
    left, right = column_letter(min(header.labels)), column_letter(max(header.labels))
    last = max(reader.rows, default=header.bottom)
    return {
        "header_rows": tuple(range(header.top, header.bottom + 1)),
        "table": f"{left}{header.top}:{right}{last}",
        "headers": tuple(headers),
    }
