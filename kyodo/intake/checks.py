"""What only the whole table shows: whether it is ours at all, years that do not fit, the same indicator twice, ratios, printed values, jumps."""

import functools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake.doubts import Doubts
from kyodo.intake.grid import cleaned, is_numeric, percent_of
from kyodo.intake.reading import Request
from kyodo.intake.rows import Summary
from kyodo.intake.text import swallowed_rows
from kyodo.intake.words import Findings, Phrase, key_of, words
from kyodo.plan import Plan
from kyodo.rows import grouped
from kyodo.wording import round_half_up

_SMALL_N = 10
JUMP = 30.0  # points from which a change against every earlier year is told
_PROPORTIONAL = 0.03  # how far n over value may vary where n is the count of yes


@dataclass(slots=True)
class Entry:
    """One row's reading: where it stands and what it says; ``part`` is (column, category) of a part of the people."""

    row: int | None
    indicator: int
    fiscal_year: int
    value: float
    n: int | None = None
    count: int | None = None
    population: int | None = None
    decimals: int | None = None
    explicit: bool = False
    part: tuple[str, str] | None = None

    @property
    def may_be_ratio(self) -> bool:
        """Whether the value is small enough to be a ratio and does not say % itself."""
        return 0 < self.value <= 1 and not self.explicit


class EntryChecks:
    """The checks of one summary table's entries; ``run()`` notes what is wrong and removes rows that say the same twice."""

    def __init__(self, table: Summary, entries: list[Entry], parts: list[Entry]) -> None:
        """Take the table, its entries, and those of parts of the people."""
        self.table, self.entries, self.parts = table, entries, parts

    def run(self, years: Mapping[int, int], rows: Sequence[int], *, whole: bool) -> None:
        """Check everything; ``years`` are the fiscal years by row, ``whole`` whether no indicator was marked as missing."""
        table, columns = self.table, self.table.columns
        places, title = (
            (years, table.title(columns.years[0])) if columns.years else (dict(list(years.items())[:1]), "年度")
        )
        check_years(places, title, table.asked, table.findings)
        for entry in chain(self.entries, self.parts):
            self._check_n(entry)
        self._check_hidden()
        self._check_duplicates()
        if whole:
            self._check_mixed_years(title)
        self._check_ratios()
        self._check_counts_of_yes()
        self._check_across()
        check_known(table.asked, self.entries, table.title(columns.value), table.findings)
        if self.entries:
            Doubts(table, [(entry.value, entry.fiscal_year, entry.n) for entry in self.entries]).run(years, rows)
        if not table.findings.problems:
            self._tell_unchecked()

    def _check_n(self, entry: Entry) -> None:
        """The count of yes must give the value, within one unit of its last written decimal, at most one decimal.

        And a share of very few answers can take few values only: 38.2 % of one answer is a slip.
        """
        if entry.n is None:
            return
        columns, unit = self.table.columns, 1.0 if entry.decimals == 0 else 0.1
        if entry.count is not None:
            share = 100 * entry.count / entry.n
            if entry.count > entry.n or abs(share - entry.value) > unit + 1e-9:
                said = {"count": entry.count, "n": entry.n, "share": round_half_up(share), "value": entry.value}
                self.table.refuse("count_mismatch", entry.row, columns.count, **said)
        off = abs(entry.value - 100 * round(entry.value * entry.n / 100) / entry.n)
        if entry.n < _SMALL_N and off > max(unit / 2, 0.1):
            self.table.refuse("n_unattainable", entry.row, columns.n, n=entry.n, value=entry.value)

    def _is_hidden(self, entry: Entry) -> bool:
        return entry.row in self.table.grid.hidden_rows

    def _check_hidden(self) -> None:
        """A year that only hidden rows speak of is asked; other hidden rows and columns are told."""
        hidden = list(filter(self._is_hidden, self.entries))
        seen = {entry.fiscal_year for entry in self.entries if entry not in hidden}
        if any(entry.fiscal_year not in seen for entry in hidden):
            self.table.refuse_all("hidden_row", [entry.row for entry in hidden], None)
        elif hidden:
            self.table.tell("hidden_rows_read", hidden[0].row, None, rows=[entry.row for entry in hidden])
        for column in sorted(self.table.columns.used & self.table.grid.hidden_columns):
            is_value, findings = column == self.table.columns.value, self.table.findings
            note, message = (findings.doubt, "hidden_value") if is_value else (findings.tell, "hidden_column_read")
            note(message, text=self.table.title(column), column=self.table.title(column))

    def _check_duplicates(self) -> None:
        """The same indicator and year twice: told where the rows say the same, refused with all rows where not."""
        places: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            places[entry.indicator, entry.fiscal_year].append(entry)
        column = self.table.columns.number or self.table.columns.name
        for (indicator, year), same in places.items():
            said = {"indicator": indicator, "year": Phrase(label(year)), "rows": [entry.row for entry in same]}
            if len({(entry.value, entry.n) for entry in same}) > 1:
                self.table.refuse_all("dup", said["rows"], column, **said)
            elif len(same) > 1:
                self.table.tell("dup_same", same[1].row, None, **said)
                for entry in same[1:]:
                    self.entries.remove(entry)

    def _check_mixed_years(self, title: str) -> None:
        """Several years in one file are fine where each has the same indicators; one odd row is a slip."""
        by_year: dict[int, set[int]] = defaultdict(set)
        for entry in self.entries:
            by_year[entry.fiscal_year].add(entry.indicator)
        if len(set(map(frozenset, by_year.values()))) > 1:
            counted = Counter(entry.fiscal_year for entry in self.entries).most_common()
            usual = Phrase("、".join(f"{label(year)}が{count}行" for year, count in counted))
            for entry in self.entries:
                if entry.fiscal_year != counted[0][0]:
                    self.table.findings.refuse("year_mixed", usual=usual, row=entry.row, column=title)

    def _check_ratios(self) -> None:
        """0.372 in a column of percentages: a ratio, or really 0.372 %? Only the clerk knows."""
        everything = all(entry.may_be_ratio for entry in self.entries if entry.value)
        for entry in self.entries:
            place = (entry.row, self.table.columns.value)
            if entry.may_be_ratio and (everything or (entry.decimals or 0) >= 2):
                self.table.refuse("ratio", *place, value=entry.value, percent=entry.value * 100)
            elif not 1 < entry.value < 100:
                self.table.tell("unusual_small" if entry.may_be_ratio else "unusual", *place, value=entry.value)

    def _check_counts_of_yes(self) -> None:
        """Numbers of answers that rise and fall with the values of one survey are numbers of yes."""
        surveys = self.table.asked.plan.indicators.set_index("indicator")["survey"]
        by_survey = grouped((surveys[entry.indicator] for entry in self.entries), self.entries)
        if any(map(_is_proportional, by_survey.values())):
            title = self.table.title(self.table.columns.n)
            self.table.findings.doubt("n_is_count", text=title, column=title, row=self.table.header.bottom)

    def _check_across(self) -> None:
        """Years side by side: what the plan has printed of the other years must stand there; years to come are a plan's."""
        table, across = self.table, self.table.columns.across or {}
        if ahead := [year for year in across if year > fiscal_year_of(table.asked.today)]:
            table.findings.doubt("across_future", years=Phrase("、".join(map(label, ahead))), row=table.header.bottom)
        for year, column in across.items():
            for row in table.grid.below(table.header.bottom):
                self._check_printed(row, year, column)

    def _check_printed(self, row: int, year: int, column: int) -> None:
        indicator, value = self.table.indicator(row), percent_of(self.table.grid.cell(row, column))
        known = known_values(self.table.asked.plan).get((indicator, year))
        if known is not None and value is not None and round_half_up(value) != known:
            said = {"year": Phrase(label(year)), "indicator": indicator, "known": known, "value": value}
            self.table.findings.refuse("conflict", **said, row=row, column=self.table.header.titles[column])

    def _tell_unchecked(self) -> None:
        columns = self.table.columns
        if columns.number is None or columns.name is None:
            self.table.findings.tell("only_one", only=Phrase("指標名" if columns.number is None else "指標番号"))
        if columns.n is None and self.entries:
            self.table.findings.tell("n_none")


def _is_proportional(entries: Sequence[Entry]) -> bool:
    """Whether n over value hardly varies over three and more different values."""
    told = [entry for entry in entries if entry.n and entry.value]
    ratios, values = [entry.n / entry.value for entry in told], [entry.value for entry in told]
    if len(told) < 3 or max(values) < 1.5 * min(values):
        return False
    return max(ratios) - min(ratios) <= _PROPORTIONAL * max(ratios)


@functools.lru_cache(maxsize=8)
def known_values(plan: Plan) -> dict[tuple[int, int], float]:
    """The plan's printed values by indicator and fiscal year, targets left out."""
    frame = plan.values.loc[plan.values["kind"] != "target"]
    keys = zip(frame["indicator"].astype(int), frame["fiscal_year"].astype(int), strict=True)
    return dict(zip(keys, frame["value"].astype(float), strict=True))


def is_ours(table: Summary, rows: list[int]) -> bool:
    """Whether the table is one of the plan's indicators: a row names one, or the header says 指標 and no text contradicts."""
    if table.columns.name is not None:
        return any(table.names.surely_named(table.named[row][1]) for row in rows)
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


def check_shape(table: Summary, rows: list[int]) -> None:
    """Fields beyond the header (a thousands comma tore a number), whole rows swallowed by a quote, units other than %."""
    last, unit = max(table.header.labels, default=0), table.columns.unit
    for row in rows:
        beyond = {column: cell for column, cell in table.grid.shown(row).items() if column > last}
        if any(is_numeric(cell) or table.grid.fields for cell in beyond.values()):
            table.refuse("extra", row, last, width=last, got=table.grid.fields.get(row, max(beyond)))
        said = table.grid.cell(row, unit).text
        if key_of(said).strip("()") not in words("unit.percent") | {""}:
            table.refuse("unit_row", row, unit, text=said)
    for row in swallowed_rows(table.grid, len(table.header.labels)):
        table.findings.refuse("quote_swallowed", row=row)


def check_known(asked: Request, entries: Iterable[Entry], column: str, findings: Findings) -> None:
    """Compare values with what is known: a printed value may gain its number of answers and not change; jumps are told."""
    printed = known_values(asked.plan)
    every = {**asked.registered, **printed}
    for entry in entries:
        known = printed.get((entry.indicator, entry.fiscal_year))
        said = {
            "year": Phrase(label(entry.fiscal_year)),
            "indicator": entry.indicator,
            "row": entry.row,
            "column": column,
        }
        said["value"] = round_half_up(entry.value, 2)
        if known is None:
            _tell_jump(entry, every, findings, said)
        elif round_half_up(entry.value) == known:
            added = Phrase("(回答者数が加わります)" if entry.n is not None else "")
            findings.tell("printed", known=known, added=added, **said)
        else:
            findings.refuse("conflict", known=known, **said)


def _tell_jump(
    entry: Entry, every: Mapping[tuple[int, int], float], findings: Findings, said: dict[str, object]
) -> None:
    earlier = {y: v for (indicator, y), v in every.items() if indicator == entry.indicator and y < entry.fiscal_year}
    if earlier and all(abs(entry.value - value) >= JUMP for value in earlier.values()):
        shown = "、".join(f"{label(year)}は{round_half_up(value)}%" for year, value in sorted(earlier.items())[-3:])
        findings.tell("jump", earlier=Phrase(shown), limit=JUMP, **said)


def check_years(years: Mapping[int | None, int], title: str, asked: Request, findings: Findings) -> None:
    """Refuse years before the plan's baseline and in the future; tell years after its last target; ``years`` by row."""
    (first, last), now = _span(asked.plan), fiscal_year_of(asked.today)
    for row, year in years.items():
        if not first <= year <= now:
            said = {"year": Phrase(label(year)), "first": Phrase(label(first)), "now": Phrase(label(now))}
            findings.refuse("year_early" if year < first else "year_future", **said, row=row, column=title)
    if later := sorted({year for year in years.values() if last < year <= now}):
        findings.tell("year_late", years=Phrase("、".join(map(label, later))), last=Phrase(label(last)))


@functools.lru_cache(maxsize=8)
def _span(plan: Plan) -> tuple[int, int]:
    """The plan's first year with a value, and the year of its last target."""
    is_target, years = plan.values["kind"] == "target", plan.values["fiscal_year"]
    return int(years[~is_target].min()), int(years[is_target].max())
