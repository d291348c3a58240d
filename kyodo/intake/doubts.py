"""What is said in or beside a table against its numbers being the indicators' values: asked, and told once confirmed.

Parts of one whole (構成比), a value's heading with a matter of its own (認知度), and what a title, a sheet's name, a note or
an unnamed column says (目標値, 山口県, いいえ, 男性).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, takewhile

from kyodo.fiscal import label
from kyodo.intake.grid import cleaned, is_numeric, percent_of
from kyodo.intake.headers import own_words
from kyodo.intake.rows import NOTE, OUTSIDE, TOTAL, Summary, titled_year
from kyodo.intake.words import Phrase, family, key_of, members, pattern

_CELL, _NOTE = 25, 60  # characters a cell and a note may have to be taken at their word: longer ones explain
_PARTS = 3  # shares from which a sum of 100 says something
_ROUNDED = 0.15  # by which rounded shares miss 100


class Doubts:
    """The questions that one summary table raises about the numbers ``read`` of it, ``(indicator, fiscal year, n)`` each."""

    def __init__(self, table: Summary, read: Sequence[tuple[int, int, int | None]]) -> None:
        """Take the table and what was read."""
        self.table, self.value = table, table.columns.value
        self.indicators, self.years, self.answers = map(set, zip(*read, strict=True))

    def run(self, years: Mapping[int, int], rows: Sequence[int]) -> None:
        """Ask everything; ``years`` are the fiscal years by row, ``rows`` those with data."""
        if self._has_a_total_of_100() or self._are_parts(years, rows):
            self._doubt("whole")
        self._check_matter()
        self._check_words(rows)

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
        return (None in self.answers or len(self.answers) == 1) and any(map(_is_hundred, sums))

    def _check_matter(self) -> None:
        """What the value's heading names besides values (認知, 利用) must be the matter of every row."""
        names = [key_of(self.table.names.names[indicator]) for indicator in self.indicators]
        group = self.table.header.groups.get(self.value, "")
        heading = group * (key_of(group) in family("answer")) + " " + self.table.header.texts.get(self.value, "")
        odd = [word for word in own_words(heading) if not all(word in name for name in names)]
        if odd and "value" not in (self.table.asked.columns or {}):
            self._doubt("heading_matter", text=heading, word=odd[0])

    def _check_words(self, rows: Sequence[int]) -> None:
        """What stands beside the table must not contradict it: asked, with the words and their place."""
        asked, explained, bottom = {}, self._explained(), self.table.header.bottom
        beside = list(self._beside(rows))
        both = any("市民" in text for _, _, text in beside)
        for row, column, text in beside:
            aside = {"previous"} if row in rows else explained if row is None or row <= bottom else set()
            aside |= {"staff"} if both or not self._is_of_citizens(row, rows) else set()
            for means in set(members("says")) - aside:
                if match := pattern(f"says.{means}").search(key_of(text)):
                    asked.setdefault((means, text), {"word": match[0], "row": row, "column": column})
        for (_, text), said in asked.items():
            self.table.findings.doubt("table_says", text=text, **said)
        titled, row = titled_year(self.table)
        if self.table.columns.years and titled not in {None, *self.years}:
            shown = Phrase("、".join(map(label, sorted(self.years))))
            self.table.tell("year_title", row, None, title=Phrase(label(titled)), years=shown)

    def _is_of_citizens(self, row: int | None, rows: Sequence[int]) -> bool:
        """Whether the row's indicator, or one of the table's beside no row, is the citizens' by its name."""
        about = {self.table.indicator(row)} if row in rows else self.indicators
        return any("市民" in self.table.names.names.get(indicator, "") for indicator in about)

    def _explained(self) -> set[str]:
        """What a title may say because the value's own heading says more."""
        value = self.table.header.labels.get(self.table.columns.value)
        key, unit = (value.key, value.unit) if value else ("", "")
        others = " ".join(label.key for label in self.table.header.labels.values())
        explained = {"measure"} if pattern("says.measure").search(others) else set()
        explained |= {"previous"} if self.table.header.columns("previous") else set()
        explained |= {"target"} if self.table.header.columns("target") or "実績" in key else set()
        return explained | ({"unit"} if unit or "割合" in key or "率" in key else set())

    def _beside(self, rows: Sequence[int]) -> Iterator[tuple[int | None, str, str]]:
        """Row (None: the sheet's name), column and text of titles, the value's headings, and short texts that are not read."""
        table, header, value = self.table, self.table.header, self.table.columns.value
        yield None, "", table.grid.sheet
        yield header.bottom, table.title(value), header.groups.get(value, "")
        yield header.bottom, table.title(value), table.title(value)
        for row in takewhile(lambda row: row < header.top, table.grid.rows):
            yield from ((row, "", cell.text[:200]) for cell in table.grid.filled(row).values())
        known = table.columns.used | set(header.columns("target", "previous", "change", "segment"))
        between = {row for row in chain(table.skipped[OUTSIDE], table.skipped[NOTE]) if row < max(rows)}
        for row in filter(lambda row: row in rows or row in between or self._is_note(row), table.grid.below(header.bottom)):
            longest = _CELL if row in rows else _NOTE
            for column, cell in table.grid.shown(row).items():
                if (column not in known or row not in rows) and not is_numeric(cell) and len(cell.text) <= longest:
                    yield row, table.title(column), cleaned(cell)

    def _is_note(self, row: int) -> bool:
        """Whether a row says what the values are; one with a percentage of its own only compares."""
        text = self.table.grid.first_text(row).strip()
        return bool(pattern("note").match(text) and pattern("note_of_values").search(text) and "%" not in key_of(text))


def _is_hundred(total: float) -> bool:
    return abs(total - 100) <= _ROUNDED
