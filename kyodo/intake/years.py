"""Which fiscal year each row speaks of: its own cells, the value column's heading and the screen must agree."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from kyodo.fiscal import FIRST, fiscal_year_of, label, parse_fiscal_year
from kyodo.intake.cells import LONGEST, CellFault, cleaned, is_blank
from kyodo.intake.codes import Findings
from kyodo.intake.columns import Columns
from kyodo.intake.grid import Cell, Grid, quoted
from kyodo.intake.headers import year_in
from kyodo.intake.names import key_of
from kyodo.intake.table import Header

_DITTO = {"〃", "同上", "々", "″", '"', "''", "仝", "〟", "ゝ", "同"}
_SURVEY_WORDS = re.compile("調査|集計|結果|アンケート|指標")


def read_year(cell: Cell) -> int:
    """A year cell into a fiscal year; a real date counts only where calendar and fiscal year agree.

    Raises:
        CellFault: ``year``.
    """
    if cell.kind in {"error", "formula", "bool", "percent"}:
        raise CellFault("year", f"年度{quoted(cell.text)}を年度として読み取れません。")
    if cell.kind == "date":
        try:
            day = dt.date.fromisoformat(cell.text[:10])
        except ValueError as error:
            raise CellFault("year", f"年度{quoted(cell.text)}を日付としても年度としても読み取れません。") from error
        if day.year < FIRST:
            raise CellFault("year", f"年度が日付{quoted(cell.text[:10])}になっていて、読み取れません。")
        if fiscal_year_of(day) != day.year:
            raise CellFault(
                "year",
                f"年度が日付{quoted(cell.text[:10])}で、暦の年({day.year}年)と年度({label(fiscal_year_of(day))})が異なります。",
            )
        return day.year
    if len(cell.text) > LONGEST:
        raise CellFault("year", f"年度{quoted(cell.text)}を読み取れません。")
    for text in (cell.shown, cell.text):
        if text and cell.kind == "number":
            try:
                return parse_fiscal_year(text)
            except ValueError:
                continue
    try:
        return parse_fiscal_year(cleaned(cell))
    except ValueError as error:
        plain = len(cell.text) <= 40 and cell.text.isprintable()
        raise CellFault("year", str(error) if plain else f"年度{quoted(cell.text)}を読み取れません。") from error


class Years:
    """The fiscal year of every data row of one table, settled before the rows are read."""

    def __init__(
        self, grid: Grid, header: Header, columns: Columns, rows: Sequence[int], screen: int | None, findings: Findings
    ) -> None:
        """Take the table and what the screen says (None: nothing)."""
        self.grid, self.header, self.columns, self.rows = grid, header, columns, rows
        self.screen, self.findings = screen, findings
        self.heading = header.labels[columns.value].year if columns.value in header.labels else None
        self.filled: list[int] = []

    def by_row(self) -> dict[int, int]:
        """Fiscal year by row number; rows whose year is faulty are left out, their problems noted."""
        if not self.columns.years:
            return self._without_column()
        years = {}
        blanks = []
        for row in self.rows:
            found = self._cells_of(row)
            if found is None:
                continue
            if not found:
                blanks.append(row)
            elif self._agrees(row, found):
                years[row] = found.pop()
        self._fill_blanks(years, blanks)
        self._tell_filled()
        return years

    def _title(self) -> str:
        return self.header.title(self.columns.years[0]) if self.columns.years else "年度"

    def _cells_of(self, row: int) -> set[int] | None:
        """The years a row's cells say, empty where all are blank, None where one is faulty."""
        found = set()
        for column in self.columns.years:
            cell = self.grid.cell(row, column)
            if is_blank(cell) and (origin := self.grid.merged_from(row, column)) and origin[1] == column:
                cell = self.grid.cell(*origin)
                self.filled.append(row)
            if is_blank(cell) or cleaned(cell) in _DITTO:
                continue
            try:
                found.add(read_year(cell))
            except CellFault as fault:
                self.findings.refuse("year", str(fault), row=row, column=self.header.title(column))
                return None
        return found

    def _agrees(self, row: int, found: set[int]) -> bool:
        """Whether a row's years are one, and the one of the heading and the screen; a problem where not."""
        place = {"row": row, "column": self._title()}
        if len(found) > 1:
            self.findings.refuse(
                "year", f"年度の列どうしが食い違っています({'と'.join(map(label, sorted(found)))})。", **place
            )
            return False
        (year,) = found
        if self.screen is not None and year != self.screen:
            self.findings.refuse(
                "year_differs",
                f"年度が一致しません。ファイルは{label(year)}、画面で選んだ年度は{label(self.screen)}です。",
                **place,
            )
            return False
        if self.heading is not None and year != self.heading:
            text = f"年度の列は{label(year)}ですが、値の列の見出しは{label(self.heading)}で、食い違っています。"
            self.findings.refuse("year_differs", text, **place)
            return False
        return True

    def _fill_blanks(self, years: dict[int, int], blanks: list[int]) -> None:
        """Blank year cells: filled where only the first row says it (a merged cell saved as CSV) or all are blank."""
        if not blanks:
            return
        known, distinct = [row for row in self.rows if row in years], set(years.values())
        dittoed = all(
            any(cleaned(self.grid.cell(row, column)) in _DITTO for column in self.columns.years) for row in blanks
        )
        if len(distinct) == 1 and known[:1] == list(self.rows[:1]) and (len(known) == 1 < len(self.rows) or dittoed):
            years.update(dict.fromkeys(blanks, distinct.pop()))
            self.filled += blanks
        elif not known and (year := self.screen if self.screen is not None else self.heading) is not None:
            years.update(dict.fromkeys(blanks, year))
            self.findings.tell("filled", f"年度の列が空欄のため、{label(year)}として読みました。", column=self._title())
        else:
            for row in blanks:
                self.findings.refuse("year", "年度が空欄です。", row=row, column=self._title())

    def _tell_filled(self) -> None:
        if self.filled:
            rows = "、".join(f"{row}行目" for row in self.filled[:10])
            self.findings.tell(
                "filled", f"結合または省略された年度を、上の行の年度で補いました({rows})。", column=self._title()
            )

    def _without_column(self) -> dict[int, int]:
        """The year of a table without a year column: the screen's, or the heading's; titles may only contradict."""
        title_year, title_row, surely = self._titled()
        year = self.screen if self.screen is not None else self.heading
        if year is None:
            said = f"表題などに{label(title_year)}とありますが、確かめられません。" if title_year else ""
            self.findings.refuse(
                "year_needed", f"ファイルに年度の列がなく、画面でも年度が選ばれていません。{said}", column="年度"
            )
            return {}
        if self.heading is not None and self.heading != year:
            text = f"値の列の見出しは{label(self.heading)}、画面で選んだ年度は{label(year)}で、一致しません。"
            self.findings.refuse(
                "year_differs", text, row=self.header.bottom, column=self.header.title(self.columns.value)
            )
            return {}
        if surely and title_year != year:
            text = f"表題やシート名は{label(title_year)}、画面で選んだ年度は{label(year)}で、一致しません。"
            self.findings.refuse("year_differs", text, row=title_row, column="年度")
            return {}
        source = "画面で選んだ年度" if self.screen is not None else "値の列の見出し"
        self.findings.tell("year_notice", f"年度の列がないため、{source}({label(year)})の値として読みました。")
        return dict.fromkeys(self.rows, year)

    def _titled(self) -> tuple[int | None, int | None, bool]:
        """The fiscal year named above the table or by the sheet, its row, and whether it surely dates the survey."""
        for row in self.grid.rows:
            if row >= self.header.top:
                break
            for cell in self.grid.filled(row).values():
                if (year := year_in(key_of(cell.text[:LONGEST]), strict=True)) is not None:
                    return year, row, bool(_SURVEY_WORDS.search(cell.text))
        year = year_in(key_of(self.grid.sheet))
        return year, None, year is not None


def check_years(
    years: dict[int, int], title: str, printed: set[int], last_target: int, today: dt.date, findings: Findings
) -> set[int]:
    """Refuse years before the plan's baseline and in the future; tell years after its last target. Returns the good ones."""
    first, now = min(printed), fiscal_year_of(today)
    for row, year in sorted(years.items()):
        if year < first:
            findings.refuse(
                "year",
                f"年度{label(year)}は計画の基準年度({label(first)})より前で、登録できません。",
                row=row,
                column=title,
            )
        elif year > now:
            findings.refuse("year", f"年度{label(year)}は未来の年度です(今年度は{label(now)})。", row=row, column=title)
    good = {year for year in years.values() if first <= year <= now}
    if later := sorted(year for year in good if year > last_target):
        findings.tell(
            "year_notice", f"{'、'.join(map(label, later))}は計画の最終目標年度({label(last_target)})より後です。"
        )
    return good


def minority_rows(years: dict[int, int]) -> list[int]:
    """Rows whose year is not the most frequent one; the first of equals counts as the usual one."""
    usual = Counter(years.values()).most_common(1)[0][0]
    return [row for row, year in years.items() if year != usual]
