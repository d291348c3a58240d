"""What is said in or beside a table against its numbers being the indicators' values: asked, and told once confirmed.

Parts of one whole (構成比), scores, no answers in the base, and what a title, a sheet's name, a note or a column that is
not read says (目標値, 山口県, いいえ, 男性, another year).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile

from kyodo.fiscal import label
from kyodo.intake.grid import Cell, cleaned, is_numeric, percent_of
from kyodo.intake.headers import is_neutral, label_of, without_years, year_in
from kyodo.intake.rows import OUTSIDE, TOTAL, Summary
from kyodo.intake.table import one_line
from kyodo.intake.words import Phrase, family, key_of, members, pattern, words

_LONGEST = 200  # characters a text may have to be taken at its word: longer ones explain
_TITLE = 14  # characters of a title that says what the numbers are and nothing else
_Text = tuple[int | None, str, str]  # row (None: the sheet's name), column, text
_PARTS = 3  # shares from which a sum of 100 says something
_BLOCK = 2  # cells from which a line above is a form's block rather than a title
_POINTS = 5  # most points of usual scores
_ROUNDED = 0.15  # by which rounded shares miss 100


class Doubts:
    """The questions that one summary table raises about the numbers ``read`` of it, ``(indicator, fiscal year, n)`` each."""

    def __init__(self, table: Summary, read: Sequence[tuple[float, int, int | None]]) -> None:
        """Take the table and what was read."""
        self.table, self.value = table, table.columns.value
        self.values, self.years, self.answers = zip(*read, strict=True)

    def run(self, years: Mapping[int, int], rows: Sequence[int]) -> None:
        """Ask everything; ``years`` are the fiscal years by row, ``rows`` those with data."""
        if self._has_a_total_of_100() or self._are_parts(years, rows):
            self._doubt("whole")
        if len(self.values) >= _PARTS and 1 < max(self.values) <= _POINTS:
            self._doubt("scores", most=_POINTS)
        self._check_base(rows)
        self._check_words(rows, years)
        self._tell_title()

    def _doubt(self, message: str, **said: object) -> None:
        """Ask about the value's column."""
        title = self.table.title(self.value)
        self.table.findings.doubt(message, **{"text": title} | said, column=title, row=self.table.header.bottom)

    def _has_a_total_of_100(self) -> bool:
        """Whether a row of totals says that the values make 100: then they are parts of one whole (構成比)."""
        totals = (percent_of(self.table.grid.cell(row, self.value)) for row in self.table.skipped[TOTAL])
        return any(total is not None and _is_hundred(total) for total in totals)

    def _are_parts(self, years: Mapping[int, int], rows: Sequence[int]) -> bool:
        """Whether the values of a year make 100 and no numbers of answers tell the questions apart, or a heading says parts."""
        values: dict[int | None, list[float]] = defaultdict(list)
        for row in filter(lambda row: self.table.part(row) is None, rows):
            values[years.get(row)].append(percent_of(self.table.grid.cell(row, self.value)) or 0.0)
        sums = [sum(each) for each in values.values() if len(each) >= _PARTS]
        heading = self.table.title(self.value) + self.table.header.groups.get(self.value, "")
        if pattern("composition").search(key_of(heading)):
            return any(each <= 100 + _ROUNDED for each in sums)
        return (None in self.answers or len(set(self.answers)) == 1) and any(map(_is_hundred, sums))

    def _check_base(self, rows: Sequence[int]) -> None:
        """Where yes, no and no answer stand side by side and make 100, the share of yes has those who gave none in its base."""
        by_base = [(label.base, column) for column, label in self.table.header.labels.items()]
        blank = [column for base, column in by_base if base in family("no_answer")]
        shares = [self.value, *blank, *(column for base, column in by_base if base in words("answer.negative"))]
        if blank and any(_is_hundred(sum(self._percents(row, shares))) for row in rows):
            self._doubt("base", columns=[self.table.title(column) for column in shares])

    def _percents(self, row: int, columns: Iterable[int | None]) -> list[float]:
        return [percent_of(self.table.grid.cell(row, column)) or 0.0 for column in columns]

    def _check_words(self, rows: Sequence[int], years: Mapping[int, int]) -> None:
        """What stands beside the table must not contradict it: asked, with the words and their place."""
        asked: dict[tuple[str, str], dict[str, object]] = {}
        for (row, column, text), aside in self._beside(rows):
            for word in (*self._words_against(text, aside), *self._other_year(text, years.get(row))):
                asked.setdefault((word, text), {"row": row, "column": column})
        for (word, text), place in asked.items():
            self.table.findings.doubt("table_says", text=text, word=word, **place)

    def _tell_title(self) -> None:
        """A title's year is told where the column of years says another."""
        titled, row = self.table.titled_year()
        if self.table.columns.years and titled not in {None, *self.years}:
            shown = Phrase("、".join(map(label, sorted(set(self.years)))))
            self.table.tell("year_title", row, None, title=Phrase(label(titled)), years=shown)

    def _beside(self, rows: Sequence[int]) -> Iterator[tuple[_Text, set[str]]]:
        """Texts with the meanings that say nothing against the values there: 職員 not over the staff's rows alone."""
        above, below, explained = list(self._above()), list(self._below(rows)), self._explained()
        both, data = any("市民" in text for _, _, text in above + below), set(rows)
        citizens = set() if both else set(filter(self._is_of_citizens, rows))
        last = max(citizens, default=0)
        explained |= set() if citizens else {"staff"}
        yield from ((text, explained | ({"heading"} if self._in_block(text[0]) else set())) for text in above)
        for text in below:
            row = text[0]
            over_citizens = row in citizens if row in data else row < last
            aside = {"previous", "heading"} if row in data else set()
            yield text, aside | (set() if over_citizens else {"staff"})

    def _in_block(self, row: int | None) -> bool:
        return row is not None and len(self.table.grid.filled(row)) > _BLOCK

    def _is_of_citizens(self, row: int) -> bool:
        return "市民" in self.table.names.names.get(self.table.indicator(row), "")

    def _words_against(self, text: str, aside: set[str]) -> Iterator[str]:
        """The words of one text that speak against the values; of a line also what it would be as a heading."""
        if "heading" not in aside and self._is_another_heading(text):
            yield text
        yield from self._limits(key_of(text))
        found = (pattern(f"says.{means}").search(key_of(text)) for means in members("says") if means not in aside)
        yield from (match[0] for match in found if match)

    def _other_year(self, text: str, year: int | None) -> Iterator[str]:
        """What a row's cell says, where it is nothing but another year than the row's (データ年 R4, 令和4年度調査)."""
        said = label_of(text).year
        if year is not None and said not in {None, year} and is_neutral(key_of(text)):
            yield label(said)

    def _limits(self, key: str) -> Iterator[str]:
        """The year or the limit to some people that a text says of the values themselves (値は…のみ)."""
        if pattern("of_values").search(without_years(key)):
            year, only = year_in(key), pattern("only").search(key)
            yield from ([only[0]] if only else []) + ([label(year)] if year not in {None, *self.years} else [])

    def _is_another_heading(self, text: str) -> bool:
        """Whether a short title says something (目標, 順位, 期待) that is neither a paper's name nor of all values."""
        key, role = without_years(key_of(text)), label_of(text).role
        known = any(pattern(each).search(key) for each in ("paper", "note")) or is_neutral(key)
        return len(key) <= _TITLE and not known and role not in {"value", "year_value", "number", "name"}

    def _explained(self) -> set[str]:
        """What a title may say because the value's own heading says more."""
        value = self.table.header.labels.get(self.table.columns.value)
        key, unit = (value.key, value.unit) if value else ("", "")
        others = " ".join(label.key for label in self.table.header.labels.values())
        explained = {"measure"} if pattern("says.measure").search(others) else set()
        explained |= {"previous"} if self.table.header.columns("previous") else set()
        explained |= {"target"} if self.table.header.columns("target") or "実績" in key else set()
        return explained | ({"unit"} if unit or "割合" in key or "率" in key else set())

    def _above(self) -> Iterator[_Text]:
        """The sheet's name, and what stands above the header, its own headings left out."""
        table, header = self.table, self.table.header
        yield None, "", table.grid.sheet
        yield header.bottom, table.title(table.columns.value), header.groups.get(table.columns.value, "")
        unread = header.texts.keys() - table.columns.used
        yield from (
            (header.bottom, header.titles[c], header.texts[c])
            for c in unread
            if pattern("says.answers").search(header.labels[c].key)
        )
        for row in takewhile(lambda row: row < header.top, table.grid.rows):
            texts = (cell.text[:200] for cell in table.grid.filled(row).values())
            yield from ((row, "", text) for text in texts if one_line(text) not in header.groups.values())

    def _below(self, rows: Sequence[int]) -> Iterator[_Text]:
        """Lines, notes of the values, and short texts that are not read."""
        data = set(rows)
        for row in self.table.grid.below(self.table.header.bottom):
            shown = self.table.grid.shown(row)
            if row in data:
                yield from self._remarks(row, shown)
            elif self._is_line(row, rows):
                yield from ((row, "", cleaned(cell)[:_LONGEST]) for cell in shown.values() if not is_numeric(cell))

    def _remarks(self, row: int, shown: Mapping[int, Cell]) -> Iterator[_Text]:
        """What stands beside a value in columns that are not read."""
        known = self.table.columns.used | set(self.table.header.columns("target", "previous", "change", "segment"))
        cells = ((column, cell) for column, cell in shown.items() if column not in known)
        yield from ((row, self.table.title(c), cleaned(cell)) for c, cell in cells if self._speaks(c, cell))

    def _speaks(self, column: int, cell: Cell) -> bool:
        """Whether what stands beside a value may say what it is: a text that does not compare, or a year."""
        said = column in self._dated if is_numeric(cell) else not pattern("comment").search(key_of(cell.text))
        return said and len(cell.text) <= _LONGEST

    @cached_property
    def _dated(self) -> set[int]:
        """Columns not read whose heading ends in a word for years: there 2022 is one."""
        ends = tuple(word for word, role in family("last").items() if role == "year")
        return {column for column, label in self.table.header.labels.items() if label.base.endswith(ends)}

    def _is_line(self, row: int, rows: Sequence[int]) -> bool:
        """Whether a lone text stands over rows, or a note says what the values are; one with a percentage only compares."""
        if row < max(rows) and len(self.table.grid.shown(row)) == 1:
            return True
        text = self.table.grid.first_text(row).strip()
        outside = pattern("note").match(text) or row in self.table.skipped[OUTSIDE]
        return bool(outside and pattern("note_of_values").search(text) and "%" not in key_of(text))


def _is_hundred(total: float) -> bool:
    return abs(total - 100) <= _ROUNDED
