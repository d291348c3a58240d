"""What only the whole table shows: years that do not fit, the same indicator twice, ratios, printed values, jumps, words.

Also what a title, a sheet's name, a note or an unnamed column says against the table (目標値, 山口県, いいえ, 男性): asked.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake.grid import Cell, cleaned, is_numeric, read_percent
from kyodo.intake.rows import Summary, minority_rows, titled_year
from kyodo.intake.words import Fault, Findings, Phrase, key_of, members, pattern
from kyodo.plan import Plan
from kyodo.wording import round_half_up

_SMALL_N = 10
JUMP = 30.0  # points from which a change against every earlier year is told
_NOTE = 25  # characters a note may have to be taken at its word: longer ones explain
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

    def __init__(
        self, table: Summary, plan: Plan, today: dt.date, known: Mapping[tuple[int, int], float], findings: Findings
    ) -> None:
        """Take the table and what it must agree with; ``known`` are registered values by indicator and year."""
        self.table, self.plan, self.today, self.known, self.findings = table, plan, today, known, findings
        columns = table.columns
        self.value_title = table.title(columns.value)
        self.year_title = table.title(columns.years[0]) if columns.years else "年度"

    def run(
        self,
        entries: list[Entry],
        parts: list[Entry],
        years: Mapping[int, int],
        left_out: set[int],
        rows: Sequence[int],
    ) -> None:
        """Check ``entries`` and those of ``parts`` of the people; ``years`` are the fiscal years by row, ``left_out`` the indicators marked as missing."""
        places = years if self.table.columns.years else dict(list(years.items())[:1])
        check_years(places, self.year_title, self.plan, self.today, self.findings)
        for entry in filter(lambda entry: entry.n is not None, chain(entries, parts)):
            self._check_count(entry)
            self._check_attainable(entry)
        self._check_hidden(entries)
        self._check_duplicates(entries)
        if not left_out:
            self._check_mixed_years(entries)
        self._check_ratios(entries)
        self._check_counts_of_yes(entries)
        self._check_across()
        check_known(self.plan, entries, self.value_title, self.findings, self.known)
        if entries:
            self._check_words(entries, rows)
        if not self.findings.problems:
            self._tell_unchecked(bool(entries))

    def _check_count(self, entry: Entry) -> None:
        """The count of yes must give the value: within one unit of its last written decimal, at most one decimal."""
        if entry.count is None:
            return
        share = 100 * entry.count / entry.n
        if entry.count > entry.n or abs(share - entry.value) > (1.0 if entry.decimals == 0 else 0.1) + 1e-9:
            said = {"count": entry.count, "n": entry.n, "share": round_half_up(share), "value": entry.value}
            column = self.table.title(self.table.columns.count)
            self.findings.refuse("count_mismatch", **said, row=entry.row, column=column)

    def _check_attainable(self, entry: Entry) -> None:
        """A share of very few answers can take few values only: 38.2 % of one answer is a slip."""
        possible = (100 * count / entry.n for count in range(entry.n + 1)) if entry.n < _SMALL_N else ()
        nearest = min((abs(value - entry.value) for value in possible), default=0)
        if nearest > (0.5 if entry.decimals == 0 else 0.1):
            column = self.table.title(self.table.columns.n)
            self.findings.refuse("n_unattainable", n=entry.n, value=entry.value, row=entry.row, column=column)

    def _check_hidden(self, entries: list[Entry]) -> None:
        """A year that only hidden rows speak of is asked; other hidden rows and columns are told."""
        hidden, visible = [], []
        for entry in entries:
            (hidden if entry.row in self.table.grid.hidden_rows else visible).append(entry)
        if not {entry.fiscal_year for entry in hidden} <= {entry.fiscal_year for entry in visible}:
            for entry in hidden:
                self.findings.refuse("hidden_row", row=entry.row)
        elif hidden:
            self.findings.tell("hidden_rows_read", rows=[entry.row for entry in hidden], row=hidden[0].row)
        for title in map(self.table.title, sorted(self.table.columns.used & self.table.grid.hidden_columns)):
            self.findings.tell("hidden_column_read", text=title, column=title)

    def _check_duplicates(self, entries: list[Entry]) -> None:
        """The same indicator and year twice: told where the rows say the same, refused with all rows where not."""
        places: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        for entry in entries:
            places[entry.indicator, entry.fiscal_year].append(entry)
        for (indicator, year), same in places.items():
            said = {"indicator": indicator, "year": Phrase(label(year)), "rows": [entry.row for entry in same]}
            if len({(entry.value, entry.n) for entry in same}) > 1:
                self._refuse_different(same, said)
            elif len(same) > 1:
                self.findings.tell("dup_same", **said, row=same[1].row)
                for entry in same[1:]:
                    entries.remove(entry)

    def _refuse_different(self, same: list[Entry], said: dict[str, object]) -> None:
        column = self.table.title(self.table.columns.number or self.table.columns.name)
        hidden = any(entry.row in self.table.grid.hidden_rows for entry in same)
        for entry in same:
            self.findings.refuse("dup_hidden" if hidden else "dup", **said, row=entry.row, column=column)

    def _check_mixed_years(self, entries: list[Entry]) -> None:
        """Several years in one file are fine where each has the same indicators; one odd row is a slip."""
        by_year: dict[int, set[int]] = defaultdict(set)
        for entry in entries:
            by_year[entry.fiscal_year].add(entry.indicator)
        if len({frozenset(found) for found in by_year.values()}) > 1:
            counted = Counter(entry.fiscal_year for entry in entries)
            usual = Phrase("、".join(f"{label(year)}が{count}行" for year, count in counted.most_common()))
            for row in minority_rows({entry.row: entry.fiscal_year for entry in entries}):
                self.findings.refuse("year_mixed", usual=usual, row=row, column=self.year_title)

    def _check_ratios(self, entries: list[Entry]) -> None:
        """0.372 in a column of percentages: a ratio, or really 0.372 %? Only the clerk knows."""
        everything = all(entry.may_be_ratio for entry in entries if entry.value)
        for entry in entries:
            said = {"value": entry.value, "percent": entry.value * 100, "row": entry.row, "column": self.value_title}
            if entry.may_be_ratio:
                sure = not everything and (entry.decimals or 0) < 2
                (self.findings.tell if sure else self.findings.refuse)("unusual_small" if sure else "ratio", **said)
            elif not 1 < entry.value < 100:
                self.findings.tell("unusual", **said)

    def _check_counts_of_yes(self, entries: list[Entry]) -> None:
        """Numbers of answers that rise and fall with the values are numbers of yes."""
        ratios = [entry.n / entry.value for entry in entries if entry.n and entry.value]
        if len(ratios) < 3 or max(entry.value for entry in entries) < 1.5 * min(entry.value for entry in entries):
            return
        if max(ratios) - min(ratios) <= _PROPORTIONAL * max(ratios):
            title = self.table.title(self.table.columns.n)
            self.findings.doubt("n_is_count", text=title, column=title, row=self.table.header.bottom)

    def _check_across(self) -> None:
        """Years side by side: what the plan has printed of the other years must stand there."""
        table, printed = self.table, known_values(self.plan)
        for row in table.grid.below(table.header.bottom) if table.columns.across else ():
            indicator = table.indicator(row)
            for year, column in table.columns.across.items():
                known, value = printed.get((indicator, year)), _percent(table.grid.cell(row, column))
                if known is not None and value is not None and round_half_up(value) != known:
                    said = {"year": Phrase(label(year)), "indicator": indicator, "known": known, "value": value}
                    self.findings.refuse("conflict", **said, row=row, column=table.header.titles[column])

    def _check_words(self, entries: list[Entry], rows: Sequence[int]) -> None:
        """What stands beside the table must not contradict it: asked, with the words and their place."""
        asked = {}
        for row, column, text in self._beside(rows):
            above = row is None or row < self.table.header.top
            for means in set(members("says")) - (self._explained() if above else set()):
                if match := pattern(f"says.{means}").search(key_of(text)):
                    asked.setdefault((means, text), {"word": match[0], "row": row, "column": column})
        for (_, text), said in asked.items():
            self.findings.doubt("table_says", text=text, **said)
        years, (titled, row) = {entry.fiscal_year for entry in entries}, titled_year(self.table)
        if self.table.columns.years and titled not in {None, *years}:
            shown = Phrase("、".join(map(label, sorted(years))))
            self.findings.tell("year_title", title=Phrase(label(titled)), years=shown, row=row)

    def _explained(self) -> set[str]:
        """What a title may say because the value's own heading says more."""
        value = self.table.header.labels.get(self.table.columns.value)
        key, unit = (value.key, value.unit) if value else ("", "")
        explained = {"target"} if self.table.header.columns("target") or "実績" in key else set()
        return explained | ({"unit"} if unit or "割合" in key or "率" in key else set())

    def _beside(self, rows: Sequence[int]) -> Iterator[tuple[int | None, str, str]]:
        """Row (None: the sheet's name), column and text of titles, and of short texts in columns that are not read."""
        table = self.table
        yield None, "", table.grid.sheet
        for row in table.grid.rows:
            if row < table.header.top:
                yield from ((row, "", cell.text[:200]) for cell in table.grid.filled(row).values())
        known = table.columns.used | set(table.header.columns("target", "previous", "change", "segment"))
        for row in rows:
            for column, cell in table.grid.shown(row).items():
                if column not in known and not is_numeric(cell) and len(cell.text) <= _NOTE:
                    yield row, table.title(column), cleaned(cell)

    def _tell_unchecked(self, some: bool) -> None:
        columns = self.table.columns
        if columns.number is None or columns.name is None:
            self.findings.tell("only_one", only=Phrase("指標名" if columns.number is None else "指標番号"))
        if columns.n is None and some:
            self.findings.tell("n_none")


def known_values(plan: Plan) -> dict[tuple[int, int], float]:
    """The plan's printed values by indicator and fiscal year, targets left out."""
    frame = plan.values.loc[plan.values["kind"] != "target"]
    keys = zip(frame["indicator"].astype(int), frame["fiscal_year"].astype(int), strict=True)
    return dict(zip(keys, frame["value"].astype(float), strict=True))


def check_known(
    plan: Plan,
    entries: Iterable[Entry],
    column: str,
    findings: Findings,
    registered: Mapping[tuple[int, int], float] | None = None,
) -> None:
    """Compare values with what is known: a printed value may gain its number of answers and not change; jumps are told."""
    printed = known_values(plan)
    every = {**(registered or {}), **printed}
    for entry in entries:
        known = printed.get((entry.indicator, entry.fiscal_year))
        said = {
            "year": Phrase(label(entry.fiscal_year)),
            "indicator": entry.indicator,
            "value": round_half_up(entry.value, 2),
            "row": entry.row,
            "column": column,
        }
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


def check_years(years: Mapping[int | None, int], title: str, plan: Plan, today: dt.date, findings: Findings) -> None:
    """Refuse years before the plan's baseline and in the future; tell years after its last target; ``years`` by row."""
    kinds = plan.values
    first = int(kinds.loc[kinds["kind"] != "target", "fiscal_year"].min())
    last = int(kinds.loc[kinds["kind"] == "target", "fiscal_year"].max())
    now = fiscal_year_of(today)
    for row, year in years.items():
        if not first <= year <= now:
            said = {"year": Phrase(label(year)), "first": Phrase(label(first)), "now": Phrase(label(now))}
            findings.refuse("year_early" if year < first else "year_future", **said, row=row, column=title)
    if later := sorted({year for year in years.values() if last < year <= now}):
        findings.tell("year_late", years=Phrase("、".join(map(label, later))), last=Phrase(label(last)))


def _percent(cell: Cell) -> float | None:
    try:
        return read_percent(cell).value
    except Fault:
        return None
