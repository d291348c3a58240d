"""Which fiscal year each row of a summary speaks of: its own cells, the value column's heading and the screen must agree."""

from collections import Counter
from collections.abc import Iterable, Sequence

from kyodo.fiscal import label
from kyodo.intake.cells import is_blank, is_ditto, read_year
from kyodo.intake.codes import Fault, Findings, Phrase
from kyodo.intake.headers import year_in
from kyodo.intake.rows import Summary
from kyodo.intake.vocabulary import key_of


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
            if is_blank(cell) and (origin := self.table.grid.merged_from(row, column)) and origin[1] == column:
                cell = self.table.grid.cell(*origin)
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
        texts = {row: key_of(self.table.cell(row, self.table.columns.name).text) for row in rows}
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
