"""The summary form: one row an indicator, its percentage and number of answers. Every row is read, skipped aloud, or refused."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace

from kyodo.estimate import finite_n, wilson
from kyodo.intake.cells import CellFault, Measured, is_blank, is_missing_mark, read_count, read_percent
from kyodo.intake.checks import Entry, EntryChecks
from kyodo.intake.codes import Findings
from kyodo.intake.columns import Columns, choose_columns
from kyodo.intake.decode import check_characters
from kyodo.intake.grid import EMPTY, Cell, Grid, quoted
from kyodo.intake.headers import COLUMNS
from kyodo.intake.names import IndicatorNames
from kyodo.intake.rows import RowSorter
from kyodo.intake.table import Header
from kyodo.intake.years import Years
from kyodo.plan import Plan
from kyodo.wording import round_half_up

SMALL_N = 10


@dataclass(slots=True)
class Summary:
    """What a summary table holds, with what was found on the way."""

    entries: list[Entry]
    findings: Findings
    header: Header
    columns: Columns | None = None
    last_row: int = 0


class SummaryReader:
    """Reads one grid with a known header; ``read()`` gives the entries and everything found."""

    def __init__(self, grid: Grid, header: Header, plan: Plan, fiscal_year: int | None, today: dt.date) -> None:
        """Take the table, the plan it must agree with, the year picked on screen (None: none) and today's date."""
        self.grid, self.header, self.plan = grid, header, plan
        self.names = IndicatorNames(plan.indicators)
        self.screen, self.today = fiscal_year, today
        self.findings = Findings(grid.sheet)
        self.remarks: dict[str, list[int]] = defaultdict(list)
        self.left_out: set[int] = set()

    def read(self) -> Summary:
        """Read every row below the header."""
        self.columns = columns = self._with_unnamed_number(choose_columns(self.header, self.findings))
        sorter = RowSorter(self.grid, self.header, columns, self.names, self.findings)
        rows = sorter.data_rows()
        used = {column: self.header.title(column) for column in columns.used}
        check_characters(self.grid, used, [self.header.bottom, *rows], self.findings)
        sorter.check_shape(rows)
        sorter.check_segments(rows)
        sorter.check_units(rows)
        entries: list[Entry] = []
        if not rows:
            self.findings.refuse(
                "empty",
                "見出しの下にデータ行がありません。",
                row=self.header.bottom,
                hint="値の入った行を加えてください。",
            )
        elif columns.value is not None:
            years = Years(self.grid, self.header, columns, rows, self.screen, self.findings).by_row()
            entries = [entry for row in rows if (entry := self._entry(row, years.get(row)))]
            EntryChecks(self.grid, self.header, columns, self.plan, self.today, self.findings).run(
                entries, years, self.left_out
            )
        self._tell_remarks()
        return Summary(entries, self.findings, self.header, columns, max(rows, default=self.header.bottom))

    def _with_unnamed_number(self, columns: Columns) -> Columns:
        """Numbers 1 to 5 under no header, left of the names, are the indicators' numbers: they must agree too."""
        if columns.number is not None or columns.name is None or (left := columns.name - 1) in self.header.labels:
            return columns
        below = [cell for row in self.grid.below(self.header.bottom) if not is_blank(cell := self.grid.cell(row, left))]
        if not below or any(not self.names.is_number(cell) for cell in below):
            return columns
        self.findings.tell(
            "header_rows", f"見出しのない列を{COLUMNS['number']}として読みました。", row=self.header.bottom
        )
        return replace(columns, number=left)

    def _cell(self, row: int, column: int | None) -> Cell:
        return EMPTY if column is None else self.grid.cell(row, column)

    def _entry(self, row: int, year: int | None) -> Entry | None:
        """Read one row; None where it is faulty or says that it has no value."""
        indicator = self._indicator(row)
        measured = self._value(row)
        if measured is None and self._marked_missing(row, indicator):
            return None
        n = self._n(row) if measured is not None else None
        if indicator is None or measured is None or year is None:
            return None
        count = self._count(row, self.columns.count, "該当者数", lowest=0)
        self._check_count(row, measured, n, count)
        self._check_attainable(row, measured, n)
        entry = Entry(row, indicator, year, measured.value, n, decimals=measured.decimals, explicit=measured.explicit)
        entry.population = self._population(row, indicator, n)
        return entry

    def _indicator(self, row: int) -> int | None:
        number, name = self._cell(row, self.columns.number), self._cell(row, self.columns.name)
        column = self.columns.name if is_blank(number) or self.columns.number is None else self.columns.number
        if is_blank(number) and is_blank(name):
            number, name = (self._merged(row, c) for c in (self.columns.number, self.columns.name))
        try:
            match = self.names.resolve(number, name)
        except CellFault as fault:
            self.findings.refuse(fault.code, str(fault), row=row, column=self.header.title(column) or COLUMNS["name"])
            return None
        if match.remark:
            self.findings.tell("short_name", match.remark, row=row, column=self.header.title(self.columns.name))
        return match.indicator

    def _merged(self, row: int, column: int | None) -> Cell:
        """A cell, or the one it is merged with from above."""
        if column is None or not is_blank(self.grid.cell(row, column)):
            return self._cell(row, column)
        origin = self.grid.merged_from(row, column)
        if origin is None or origin[1] != column or origin[0] <= self.header.bottom:
            return EMPTY
        self.remarks[f"結合されたセル{quoted(self.header.title(column))}の値を下の行にも"].append(row)
        return self.grid.cell(*origin)

    def _value(self, row: int) -> Measured | None:
        column = self.columns.value
        cell = self.grid.cell(row, column)
        if is_blank(cell):
            self._refuse_blank(row, column)
            return None
        if is_missing_mark(cell):
            return None
        try:
            measured = read_percent(cell)
        except CellFault as fault:
            self.findings.refuse(fault.code, str(fault), row=row, column=self.header.title(column))
            return None
        if measured.remark:
            self.remarks[measured.remark].append(row)
        if measured.explicit and cell.kind == "percent":
            self.remarks["パーセント書式の値"].append(row)
        return measured

    def _refuse_blank(self, row: int, column: int) -> None:
        place = {"row": row, "column": self.header.title(column)}
        if self.grid.merged_from(row, column):
            self.findings.refuse("merged", "値のセルが結合されていて、この行の値がありません(空欄)。", **place)
        elif 0 < self.grid.fields.get(row, column) < column:
            self.findings.refuse(
                "short", f"列数が不足しています(この行は{self.grid.fields[row]}列)。値がありません。", **place
            )
        else:
            self.findings.refuse("blank", "値が空欄です(未入力)。", **place)

    def _marked_missing(self, row: int, indicator: int | None) -> bool:
        cell = self.grid.cell(row, self.columns.value)
        if not is_missing_mark(cell) or indicator is None:
            return False
        self.left_out.add(indicator)
        text = f"指標{indicator}は{quoted(cell.text)}と書かれているため、値がないものとして登録しません。"
        self.findings.tell("missing_mark", text, row=row, column=self.header.title(self.columns.value))
        return True

    def _n(self, row: int) -> int | None:
        column = self.columns.n
        cell = self._merged(row, column) if column is not None else EMPTY
        if is_blank(cell) or is_missing_mark(cell):
            if column is not None:
                if 0 < self.grid.fields.get(row, column) < column:
                    text = f"列数が不足しています(この行は{self.grid.fields[row]}列)。回答者数がありません。"
                    self.findings.refuse("short", text, row=row, column=self.header.title(column))
                self.findings.tell(
                    "n_unknown", "回答者数が空欄です。誤差は計算しません。", row=row, column=self.header.title(column)
                )
            return None
        return self._count(row, column, "回答者数", lowest=1)

    def _count(self, row: int, column: int | None, what: str, lowest: int) -> int | None:
        cell = EMPTY if column is None else self._merged(row, column)
        if is_blank(cell) or is_missing_mark(cell):
            return None
        try:
            measured = read_count(cell, what, lowest)
        except CellFault as fault:
            self.findings.refuse(fault.code, str(fault), row=row, column=self.header.title(column))
            return None
        if measured.remark:
            self.remarks[measured.remark].append(row)
        return int(measured.value)

    def _check_count(self, row: int, measured: Measured, n: int | None, count: int | None) -> None:
        """The count of yes must give the value: within one unit of its last written decimal, at most one decimal."""
        if n is None or count is None:
            return
        share = 100 * count / n
        tolerance = 1.0 if measured.decimals == 0 else 0.1
        if count > n or abs(share - measured.value) > tolerance + 1e-9:
            text = f"該当者数{count:,}÷回答者数{n:,}は{round_half_up(share)}%で、値{measured.value:g}%と一致しません。"
            self.findings.refuse("count_mismatch", text, row=row, column=self.header.title(self.columns.count))

    def _check_attainable(self, row: int, measured: Measured, n: int | None) -> None:
        """A share of very few answers can take few values only: 38.2 % of one answer is a slip."""
        if n is None or n >= SMALL_N:
            return
        if min(abs(100 * count / n - measured.value) for count in range(n + 1)) > (
            0.5 if measured.decimals == 0 else 0.1
        ):
            text = f"回答者数{n}人では値{measured.value:g}%になりません。回答者数を確かめてください。"
            self.findings.refuse("n", text, row=row, column=self.header.title(self.columns.n))

    def _population(self, row: int, indicator: int, n: int | None) -> int | None:
        """The population for the finite correction; a word that may mean those asked counts for the staff survey only."""
        column = self.columns.population
        if column is None or n is None:
            return None
        title = self.header.title(column)
        population = self._count(row, column, f"{title}", lowest=1)
        survey = self.plan.indicators.set_index("indicator").at[indicator, "survey"]
        if population is None or (self.columns.population_weak and survey != "staff"):
            if population is not None:
                self.findings.tell(
                    "population",
                    f"指標{indicator}の{quoted(title)}は調査した人数とも読めるため、誤差の計算に使いません。",
                    row=row,
                    column=title,
                )
            return None
        if population < n:
            self.findings.refuse(
                "n", f"{quoted(title)}{population:,}が回答者数{n:,}より少なくなっています。", row=row, column=title
            )
            return None
        self.findings.tell(
            "population", f"指標{indicator}の誤差を母集団{population:,}人で補正しました。", row=row, column=title
        )
        return population

    def _tell_remarks(self) -> None:
        for remark, rows in self.remarks.items():
            code = (
                "percent_format"
                if remark.startswith("パーセント")
                else "filled"
                if remark.startswith("結合")
                else "normalised"
            )
            shown = "、".join(f"{row}行目" for row in sorted(set(rows))[:10])
            self.findings.tell(code, f"{remark}を読み替えました({shown})。", row=min(rows))


def value_rows(entries: list[Entry]) -> list[dict]:
    """Entries with their interval, ready for the values frame (percent)."""
    rows = []
    for entry in sorted(entries, key=lambda entry: (entry.fiscal_year, entry.indicator)):
        row = {"indicator": entry.indicator, "fiscal_year": entry.fiscal_year, "value": entry.value, "n": entry.n}
        if entry.n is not None:
            effective = float(finite_n(entry.n, entry.population)) if entry.population else float(entry.n)
            low, high = wilson(entry.value / 100, effective)
            row |= {"n_effective": effective, "low": 100 * float(low), "high": 100 * float(high)}
        rows.append(row)
    return rows
