"""Which rows below a summary's header are data, and whether the table is one of the plan's indicators at all.

Notes, totals, repeated headers, examples and other indicators are told and left out. What the rows' shape betrays is
refused: fields beyond the header, a thousands comma that tore a number, rows swallowed by a quote.

Which fiscal year a row speaks of: its own cells, the value column's heading and the screen must agree.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kyodo.fiscal import label
from kyodo.intake.grid import Cell, Grid, cleaned, is_blank, is_ditto, is_numeric, read_year
from kyodo.intake.headers import label_of, year_in
from kyodo.intake.names import IndicatorNames
from kyodo.intake.table import CORE, Columns, Header
from kyodo.intake.text import swallowed_rows
from kyodo.intake.words import Fault, Findings, Phrase, family, key_of, pattern, quoted, raw_words, words

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

    def title(self, column: int | None) -> str:
        """A column's header for a message."""
        return self.header.title(column)

    def merged(self, row: int, column: int | None) -> Cell | None:
        """The cell above that a blank one is merged with, below the header; None where it is not."""
        origin = self.grid.merged_from(row, column) if column and is_blank(self.grid.cell(row, column)) else None
        own = origin is not None and origin[1] == column and origin[0] > self.header.bottom
        return self.grid.cell(*origin) if own else None

    def indicator(self, row: int) -> int | None:
        """The indicator that a row's number and name agree on."""
        cells = (self.grid.cell(row, column) for column in (self.columns.number, self.columns.name))
        try:
            return self.names.resolve(*cells).indicator
        except Fault:
            return None

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
        if not table.grid.shown(row):
            continue
        looked = _Row(table, row)
        kind = next((kind for kind, rule in _KINDS if rule(looked)), "")
        if kind == "別の表":
            findings.refuse("tables", row=row)
            break
        if not kind:
            rows.append(row)
        else:
            skipped[kind].append(row)
    for kind, numbers in skipped.items():
        texts = [Phrase(f"{row}行目{quoted(table.grid.first_text(row), 24)}") for row in numbers[:8]]
        findings.tell(_SKIPPED.get(kind, "skipped_rows"), kind=Phrase(kind), rows=texts, row=numbers[0])
    return rows


class _Row:
    """One row below the header, and what may be asked of it."""

    def __init__(self, table: Summary, row: int) -> None:
        self.table, self.cells, self.text = table, table.grid.shown(row), table.grid.first_text(row).strip()
        columns = (table.columns.number, table.columns.name, table.columns.value, table.columns.unit)
        self.number, self.name, self.value, self.unit = (table.grid.cell(row, column) for column in columns)
        self.kinds = [key_of(table.grid.cell(row, column).text[:50]) for column in table.columns.segments]
        self.numeric = any(map(is_numeric, self.cells.values()))
        self.numbered = table.names.is_number(self.number)
        self.resolves = table.indicator(row) is not None

    def repeats_header(self) -> bool:
        return _keys(self.cells) == _keys(self.table.grid.shown(self.table.header.bottom))

    def is_header(self) -> bool:
        roles = {label_of(cell.text).role for cell in self.cells.values()}
        return not self.numeric and len(roles & (CORE | {"target"})) >= 3

    def is_other_indicator(self) -> bool:
        """Whether it is about something counted in persons, groups or times, and none of the plan's indicators."""
        if self.table.columns.name is None or self.resolves:
            return False
        name = key_of(self.name.text)
        inside = re.search(r"[(\[]([^()\[\]]+)[)\]]$", name)
        unit = key_of(self.unit.text).strip("()") or (inside[1] if inside else "")
        if unit in family("unit"):
            return family("unit")[unit] != "percent"
        return re.sub(r"[(\[].*$", "", name).endswith(tuple(words("counted"))) and not self.numbered

    def is_total(self) -> bool:
        keys = (key_of(text[:100]).strip(_BRACKETS) for text in (self.number.text, self.name.text, self.text))
        return any(key in words("total") or pattern("total.like").fullmatch(key) for key in filter(None, keys))


def _keys(cells: Mapping[int, Cell]) -> dict[int, str]:
    return {column: key_of(cell.text) for column, cell in cells.items()}


# The first rule that holds decides; an indicator's own row, whatever it is called, is data: a wrong name is refused.
_KINDS: tuple[tuple[str, Callable[[_Row], object]], ...] = (
    ("繰り返しの見出し", _Row.repeats_header),
    ("別の表", _Row.is_header),
    ("目標・基準など", lambda row: any(map(pattern("other_kind").search, row.kinds))),
    ("ほかの指標", _Row.is_other_indicator),
    ("", lambda row: row.numbered),
    ("合計・平均", _Row.is_total),
    ("記入例", lambda row: row.text.lstrip("(（【").startswith(tuple(raw_words("example")))),
    ("", lambda row: is_numeric(row.number) or row.resolves),
    ("注記", lambda row: pattern("note").match(row.text) and not is_numeric(row.value)),
    ("表の外の文", lambda row: is_blank(row.value) and len(row.cells) <= 2 and not row.numeric),
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
        for column, cell in table.grid.shown(row).items():
            if column not in known and not is_numeric(cell) and cell.kind == "text":
                texts[column].add(cleaned(cell))
    return any(len(found) > 1 for found in texts.values())


def check_shape(table: Summary, rows: list[int], findings: Findings) -> None:
    """Fields beyond the header (a thousands comma tore a number), whole rows swallowed by a quote."""
    last = max(table.header.labels, default=0)
    for row in rows:
        beyond = {column: cell for column, cell in table.grid.shown(row).items() if column > last}
        if any(is_numeric(cell) or table.grid.fields for cell in beyond.values()):
            got = table.grid.fields.get(row, max(beyond))
            findings.refuse("extra", width=last, got=got, row=row, column=table.title(last))
    for row in swallowed_rows(table.grid, len(table.header.labels)):
        findings.refuse("quote_swallowed", row=row)


def check_units(table: Summary, rows: list[int], findings: Findings) -> None:
    """A column of units must say % in every row that is read."""
    for row in rows if table.columns.unit is not None else ():
        text = table.grid.cell(row, table.columns.unit).text
        if key_of(text).strip("()") not in words("unit.percent") | {""}:
            findings.refuse("unit_row", text=text, row=row, column=table.title(table.columns.unit))


class Years:
    """The fiscal year of every data row of one table, settled before the rows are read."""

    def __init__(self, table: Summary, rows: Sequence[int], screen: int | None, findings: Findings) -> None:
        """Take the table and what the screen says (None: nothing)."""
        self.table, self.rows, self.screen, self.findings = table, rows, screen, findings
        columns, labels = table.columns, table.header.labels
        self.heading = labels[columns.value].year if columns.value in labels else None
        self.title = table.title(columns.years[0]) if columns.years else "年度"
        self.filled: list[int] = []

    def by_row(self) -> dict[int, int]:
        """Fiscal year by row number; rows whose year is faulty or not the chosen one of several are left out."""
        if not self.table.columns.years:
            return self._without_column()
        found = {row: years for row in self.rows if (years := self._cells_of(row)) is not None}
        blanks = [row for row, years in found.items() if not years]
        years = {row: min(said) for row, said in found.items() if said and self._is_one(row, said)}
        self._fill_blanks(years, blanks)
        if self.filled:
            self.findings.tell("years_filled", rows=self.filled, column=self.title)
        return self._agreed(self._of_chosen_year(years))

    def _cells_of(self, row: int) -> set[int] | None:
        """The years a row's cells say, empty where all are blank, None where one is faulty."""
        found = set()
        for column in self.table.columns.years:
            cell = self.table.grid.cell(row, column)
            if (above := self.table.merged(row, column)) is not None:
                cell = above
                self.filled.append(row)
            if is_blank(cell) or is_ditto(cell):
                continue
            try:
                found.add(read_year(cell))
            except Fault as fault:
                self.findings.fault(fault, row=row, column=self.table.title(column))
                return None
        return found

    def _is_one(self, row: int, found: set[int]) -> bool:
        """Whether a row's years are one (in 和暦 and 西暦)."""
        if len(found) > 1:
            self.findings.refuse("year_columns", years=_shown(found), row=row, column=self.title)
        return len(found) == 1

    def _fill_blanks(self, years: dict[int, int], blanks: list[int]) -> None:
        """Blank year cells: filled where only the first row says it (a merged cell saved as CSV) or all are blank."""
        given = self.screen if self.screen is not None else self.heading
        if blanks and not years and given is not None:
            years.update(dict.fromkeys(blanks, given))
            self.findings.tell("years_all_blank", year=_shown([given]), column=self.title)
        elif blanks and self._repeats_the_first(years, blanks):
            years.update(dict.fromkeys(blanks, years[self.rows[0]]))
            self.filled += blanks
        else:
            for row in blanks:
                self.findings.refuse("year_blank", row=row, column=self.title)

    def _repeats_the_first(self, years: dict[int, int], blanks: list[int]) -> bool:
        """Whether one year is said, in the first row, and nowhere else or everywhere else by a ditto mark."""
        if len(set(years.values())) != 1 or self.rows[0] not in years:
            return False
        return len(years) == 1 < len(self.rows) or all(map(self._is_ditto, blanks))

    def _is_ditto(self, row: int) -> bool:
        return any(is_ditto(self.table.grid.cell(row, column)) for column in self.table.columns.years)

    def _of_chosen_year(self, years: dict[int, int]) -> dict[int, int]:
        """Of several years below each other the chosen one's rows, where every indicator of the table has one."""
        chosen = {row: year for row, year in years.items() if year == self.screen}
        others = years.keys() - chosen.keys()
        if not chosen or not others or not self._names(others) <= self._names(chosen):
            return years
        self.findings.tell(
            "years_down_chosen", year=_shown([self.screen]), years=_shown({years[row] for row in others})
        )
        return chosen

    def _names(self, rows: Iterable[int]) -> set[str]:
        """The names in some rows; a name of its own for a row without."""
        texts = {row: key_of(self.table.grid.cell(row, self.table.columns.name).text) for row in rows}
        return {text or f"{row}行目" for row, text in texts.items()}

    def _agreed(self, years: dict[int, int]) -> dict[int, int]:
        """The rows whose year is that of the screen and of the value's heading; problems for the others."""
        agreed = {}
        for row, year in years.items():
            place = {"row": row, "column": self.title, "year": _shown([year])}
            if self.screen is not None and year != self.screen:
                self.findings.refuse("year_screen", screen=_shown([self.screen]), **place)
            elif self.heading is not None and year != self.heading:
                self.findings.refuse("year_heading", heading=_shown([self.heading]), **place)
            else:
                agreed[row] = year
        return agreed

    def _without_column(self) -> dict[int, int]:
        """The year of a table without a year column: the screen's, or the heading's; titles may only contradict."""
        title_year, title_row = titled_year(self.table)
        year = self.screen if self.screen is not None else self.heading
        if year is None:
            said = Phrase(f"表題などに{label(title_year)}とありますが、確かめられません。" if title_year else "")
            self.findings.refuse("year_needed", said=said, column="年度")
            return {}
        if self.heading is not None and self.heading != year:
            place = {"row": self.table.header.bottom, "column": self.table.title(self.table.columns.value)}
            self.findings.refuse("year_screen_heading", heading=_shown([self.heading]), screen=_shown([year]), **place)
            return {}
        if title_year not in {None, year}:
            said = {"title": _shown([title_year]), "screen": _shown([year])}
            self.findings.refuse("year_screen_title", row=title_row, column="年度", **said)
            return {}
        source = "画面で選んだ年度" if self.screen is not None else "値の列の見出し"
        self.findings.tell("year_source", source=Phrase(source), year=_shown([year]))
        return dict.fromkeys(self.rows, year)


def _shown(years: Iterable[int]) -> Phrase:
    return Phrase("、".join(map(label, sorted(years))))


def titled_year(table: Summary) -> tuple[int | None, int | None]:
    """The fiscal year named above the table or by the sheet, and its row (None for the sheet's name)."""
    for row in table.grid.rows:
        if row >= table.header.top:
            break
        for cell in table.grid.filled(row).values():
            if (year := year_in(key_of(cell.text[:1_000]), full=True)) is not None:
                return year, row
    return year_in(key_of(table.grid.sheet)), None


def minority_rows(years: dict[int, int]) -> list[int]:
    """Rows whose year is not the most frequent one; the first of equals counts as the usual one."""
    usual = Counter(years.values()).most_common(1)[0][0]
    return [row for row, year in years.items() if year != usual]
