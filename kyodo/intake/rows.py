"""Which rows below a summary's header are data: notes, totals, repeated headers, examples, other indicators are told and left out.

Which fiscal year a row speaks of: its own cells, the value column's heading and the screen must agree.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any

from kyodo.fiscal import label
from kyodo.intake.grid import EMPTY, Cell, Grid, cleaned, day_of, is_blank, is_ditto, is_numeric, read_year
from kyodo.intake.headers import label_of, year_in
from kyodo.intake.names import IndicatorNames
from kyodo.intake.reading import Request
from kyodo.intake.table import CORE, Columns, Header
from kyodo.intake.words import Fault, Findings, Phrase, family, key_of, pattern, quoted, raw_words, words

_BRACKETS = "【】〔〕[]()<>《》"
TOTAL, OUTSIDE = "合計・平均", "表の外の文"
_SKIPPED = {TOTAL: "total_row", "ほかの指標": "other_indicator"}
MERGED, OMITTED, NAMELESS = (
    "結合されたセルの値を下の行にも",
    "省略された年度を上の行の年度で",
    "省略された指標名を上の行の指標で",
)


@dataclass
class Summary:
    """One summary table: its grid, header, chosen columns, the names its rows must agree with, what was asked and found.

    ``remarks`` are the rows in which something had to be read in another way, by what it was, ``skipped`` those that
    are not read, by their kind.
    """

    grid: Grid
    header: Header
    columns: Columns
    names: IndicatorNames
    asked: Request
    findings: Findings
    remarks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    skipped: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def title(self, column: int | None) -> str:
        """A column's header for a message."""
        return self.header.title(column)

    def refuse(self, message: str, row: int | None, column: int | None, **said: object) -> None:
        """Note a problem at a place."""
        self.findings.refuse(message, row=row, column=self.title(column), **said)

    def refuse_all(self, message: str, at: Iterable[int | None], column: int | None, **said: object) -> None:
        """Note the same problem in several rows."""
        for row in at:
            self.refuse(message, row, column, **said)

    def tell(self, message: str, row: int | None, column: int | None, **said: object) -> None:
        """Note at a place what does not refuse the file."""
        self.findings.tell(message, row=row, column=self.title(column), **said)

    def cell(self, row: int, column: int | None) -> Cell:
        """A cell, or where it is blank the one above that it is merged with, which is remarked."""
        cell = self.grid.cell(row, column)
        origin = self.grid.merged_from(row, column) if column and is_blank(cell) else None
        if origin is None or origin[1] != column or origin[0] <= self.header.bottom:
            return cell
        self.remarks[MERGED].append(row)
        return self.grid.cell(*origin)

    @cached_property
    def named(self) -> Mapping[int, tuple[Cell, Cell]]:
        """Each row's number and name; without either, a row of a part, a kind or another year is about the one above."""
        found, above, years = {}, (EMPTY, EMPTY), set()
        for row in self.grid.below(self.header.bottom):
            own = self.grid.cell(row, self.columns.number), self.grid.cell(row, self.columns.name)
            if all(map(is_blank, own)):
                own = self.cell(row, self.columns.number), self.cell(row, self.columns.name)
            if not all(map(is_blank, own)):
                above = own
                years = {cleaned(self.grid.cell(row, column)) for column in self.columns.years}
            elif above[1].text and self._is_of_above(row, years):
                own = above
                self.remarks[NAMELESS].append(row)
            found[row] = own
        return found

    def _is_of_above(self, row: int, years: Collection[str]) -> bool:
        """Whether a row without a name says which part, kind or other year of the indicator above it is."""
        parted = any(cleaned(self.grid.cell(row, column)) for column in self.columns.segments)
        own = {cleaned(self.grid.cell(row, column)) for column in self.columns.years}
        return parted or bool(own - {""} and own != years)

    def indicator(self, row: int) -> int | None:
        """The indicator that a row's number and name agree on."""
        try:
            return self.names.resolve(*self.named[row]).indicator
        except Fault:
            return None

    def titled_year(self) -> tuple[int | None, int | None]:
        """The fiscal year named above the table, by the sheet or by a line outside, and its row (None: the sheet)."""
        above = takewhile(lambda row: row < self.header.top, self.grid.rows)
        return titled_year(self.grid, [*above, *self.skipped[OUTSIDE]])

    def part(self, row: int) -> tuple[str, str] | None:
        """Which part of the people a row is about, as (column, category); None for all of them."""
        return next(iter(self.parts(row)), None)

    def parts(self, row: int) -> list[tuple[str, str]]:
        """Every part that a row names: of several (男性 of 30代) it is none of them."""
        texts = {column: self.cell(row, column).text for column in self.columns.segments}
        keys = {column: key_of(text) for column, text in texts.items()}
        named = [
            c
            for c, key in keys.items()
            if key not in words("whole") | {""} and not pattern("whole_mark").fullmatch(key)
        ]
        return [(self.title(column) or "区分", texts[column].strip()) for column in named]


def data_rows(table: Summary) -> list[int]:
    """Rows to read; what is left out is told, a second table refused."""
    rows, skipped = [], table.skipped
    for row in table.grid.below(table.header.bottom):
        if not table.grid.shown(row):
            continue
        looked = _Row(table, row)
        kind = next((kind for kind, rule in _KINDS if rule(looked)), "")
        if kind == "別の表":
            table.findings.refuse("tables", row=row)
            break
        if not kind:
            rows.append(row)
        else:
            skipped[kind].append(row)
    for kind, numbers in skipped.items():
        texts = [Phrase(f"{row}行目{quoted(table.grid.first_text(row), 24)}") for row in numbers[:8]]
        table.findings.tell(_SKIPPED.get(kind, "skipped_rows"), kind=Phrase(kind), rows=texts, row=numbers[0])
    return rows


class _Row:
    """One row below the header, and what may be asked of it."""

    def __init__(self, table: Summary, row: int) -> None:
        self.table, self.cells, self.text = table, table.grid.shown(row), table.grid.first_text(row).strip()
        self.number, self.name = table.named[row]
        self.value, self.unit = (table.grid.cell(row, column) for column in (table.columns.value, table.columns.unit))
        self.kinds = [key_of(table.grid.cell(row, column).text[:50]) for column in table.columns.segments]
        self.crossed = len(table.parts(row)) > 1
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


def _is_no_result(kind: str) -> bool:
    """Whether a row's kind (目標, 達成率, 回答者数) says that its number is not the value."""
    counts = kind not in words("whole") and label_of(kind).role in {"n", "count", "population"}
    return counts or bool(pattern("other_kind").search(kind))


# The first rule that holds decides; an indicator's own row, whatever it is called, is data: a wrong name is refused.
_KINDS: tuple[tuple[str, Callable[[_Row], object]], ...] = (
    ("繰り返しの見出し", _Row.repeats_header),
    ("別の表", _Row.is_header),
    ("目標・基準など", lambda row: any(map(_is_no_result, row.kinds))),
    ("ほかの地域", lambda row: any(map(pattern("says.elsewhere").search, row.kinds))),
    ("区分を掛け合わせた値", lambda row: row.crossed),
    ("ほかの指標", _Row.is_other_indicator),
    ("", lambda row: row.numbered),
    (TOTAL, _Row.is_total),
    ("記入例", lambda row: row.text.lstrip("(（【").startswith(tuple(raw_words("example")))),
    ("", lambda row: is_numeric(row.number) or row.resolves),
    ("注記", lambda row: pattern("note").match(row.text) and not is_numeric(row.value)),
    (OUTSIDE, lambda row: is_blank(row.value) and len(row.cells) <= 2 and not row.numeric),
)


class Years:
    """The fiscal year of every data row of one table, settled before the rows are read."""

    def __init__(self, table: Summary, rows: Sequence[int]) -> None:
        """Take the table and its rows; what the screen says goes before the value's heading."""
        self.table, self.rows, self.columns, labels = table, rows, table.columns.years, table.header.labels
        heading = labels[table.columns.value].year if table.columns.value in labels else None
        self.said = {"画面で選んだ年度": table.asked.year, "値の列の見出し": heading}
        self.given = next((year for year in self.said.values() if year is not None), None)
        self.dated: dict[str, int] = {}

    def by_row(self) -> dict[int, int]:
        """Fiscal year by row number; rows whose year is faulty or not the chosen one of several are left out."""
        if not self.columns:
            return self._without_column()
        found = {row: years for row in self.rows if (years := self._cells_of(row)) is not None}
        tell_dated(self.dated, self._title, self.table.findings)
        blanks = [row for row, years in found.items() if not years]
        years = {row: min(said) for row, said in found.items() if said}
        self._fill_blanks(years, blanks)
        chosen = self._of_chosen_year(years).items()
        return dict(filter(lambda each: self._agree({"年度の列": each[1]} | self.said, each[0]), chosen))

    def _without_column(self) -> dict[int, int]:
        """The year of a table without a year column: the screen's, or the heading's; titles may only contradict."""
        findings, (titled, row) = self.table.findings, self.table.titled_year()
        if self.given is None:
            said = Phrase(f"表題などに{label(titled)}とありますが、確かめられません。" if titled else "")
            findings.refuse("year_needed", said=said, column="年度")
        elif self._agree(self.said, self.table.header.bottom) and self._agree(
            self.said | {"表題やシート名": titled}, row
        ):
            source = next(name for name, year in self.said.items() if year is not None)
            findings.tell("year_source", source=Phrase(source), year=_shown([self.given]))
            return dict.fromkeys(self.rows, self.given)
        return {}

    def _agree(self, said: Mapping[str, int | None], row: int | None) -> bool:
        return years_agree(said, self.table.findings, row=row, column=self._title)

    @property
    def _title(self) -> str:
        return self.table.title(self.columns[0]) if self.columns else "年度"

    def _cells_of(self, row: int) -> set[int] | None:
        """The year a row's cells (in 和暦 and 西暦) say, empty where all are blank, None where one is faulty or they differ."""
        found, screen = set(), self.table.asked.year
        for column in self.columns:
            cell = self.table.cell(row, column)
            if is_blank(cell) or is_ditto(cell):
                continue
            try:
                year = read_year(cell, self.table.title(column), screen)
            except Fault as fault:
                if screen is not None and pattern("survey_time").search(key_of(self.table.title(column))):
                    continue  # 8月1日~31日: of the year that was chosen
                self.table.refuse(fault.message, row, column, **fault.values)
                return None
            found.add(year)
            self.dated |= {cleaned(cell): year} if day_of(cell) is not None else {}
        if len(found) > 1:
            self.table.findings.refuse("year_columns", years=_shown(found), row=row, column=self._title)
        return found if len(found) < 2 else None

    def _fill_blanks(self, years: dict[int, int], blanks: list[int]) -> None:
        """Blank year cells: filled where only the first row says it (a merged cell saved as CSV) or all are blank."""
        findings = self.table.findings
        if blanks and not years and self.given is not None:
            years.update(dict.fromkeys(blanks, self.given))
            findings.tell("years_all_blank", year=_shown([self.given]), column=self._title)
        elif blanks and self._repeats_the_first(years, blanks):
            years.update(dict.fromkeys(blanks, years[self.rows[0]]))
            self.table.remarks[OMITTED] += blanks
        else:
            for row in blanks:
                findings.refuse("year_blank", row=row, column=self._title)

    def _repeats_the_first(self, years: dict[int, int], blanks: list[int]) -> bool:
        """Whether one year is said, in the first row, and nowhere else or everywhere else by a ditto mark."""
        if len(set(years.values())) != 1 or self.rows[0] not in years:
            return False
        dittos = (any(is_ditto(self.table.grid.cell(row, column)) for column in self.columns) for row in blanks)
        return len(years) == 1 < len(self.rows) or all(dittos)

    def _of_chosen_year(self, years: dict[int, int]) -> dict[int, int]:
        """Of several years below each other the chosen one's rows, where every indicator of the table has one."""
        screen = self.table.asked.year
        chosen = {row: year for row, year in years.items() if year == screen}
        others = years.keys() - chosen.keys()
        if not chosen or not others or not self._names(others) <= self._names(chosen):
            return years
        shown = _shown({years[row] for row in others})
        self.table.findings.tell("years_down_chosen", year=_shown([screen]), years=shown)
        return chosen

    def _names(self, rows: Iterable[int]) -> set[str]:
        """The names in some rows; a name of its own for a row without."""
        texts = {row: key_of(self.table.named[row][1].text) for row in rows}
        return {text or f"{row}行目" for row, text in texts.items()}


def years_agree(said: Mapping[str, int | None], findings: Findings, **place: Any) -> bool:
    """Whether all that name a year name the same; a problem with two that do not."""
    (one, year), *others = [(name, year) for name, year in said.items() if year is not None]
    odd = next(((name, named) for name, named in others if named != year), None)
    if odd:
        both = {"one": Phrase(one), "year": _shown([year]), "other": Phrase(odd[0]), "named": _shown([odd[1]])}
        findings.refuse("year_differs", **both, **place)
    return odd is None


def tell_dated(years: Mapping[str, int], column: str, findings: Findings) -> None:
    """Say which fiscal years were read from the dates of surveys."""
    for text, year in years.items():
        findings.tell("year_dated", text=text, year=Phrase(label(year)), column=column)


def _shown(years: Iterable[int]) -> Phrase:
    return Phrase("、".join(map(label, sorted(years))))


def titled_year(grid: Grid, rows: Iterable[int]) -> tuple[int | None, int | None]:
    """The fiscal year named in these rows or by the sheet, and its row (None for the sheet's name)."""
    for row in rows:
        for cell in grid.filled(row).values():
            if (year := year_in(key_of(cell.text[:1_000]), full=True)) is not None:
                return year, row
    return year_in(key_of(grid.sheet)), None
