"""What only all rows together show: years that do not fit, the same indicator twice, ratios, printed values, gaps."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo.fiscal import label
from kyodo.intake.codes import Findings
from kyodo.intake.columns import Columns
from kyodo.intake.grid import Grid, quoted
from kyodo.intake.names import IndicatorNames
from kyodo.intake.printed import check_printed
from kyodo.intake.table import Header
from kyodo.intake.years import check_years, minority_rows
from kyodo.plan import Plan


@dataclass(slots=True)
class Entry:
    """One row's reading: where it stands and what it says."""

    row: int
    indicator: int
    fiscal_year: int
    value: float
    n: int | None = None
    population: int | None = None
    decimals: int | None = None
    explicit: bool = False


class EntryChecks:
    """The checks of one summary table's entries; ``run()`` notes what is wrong and removes rows that say the same twice."""

    def __init__(
        self, grid: Grid, header: Header, columns: Columns, plan: Plan, today: dt.date, findings: Findings
    ) -> None:
        """Take the table and what it must agree with."""
        self.grid, self.header, self.columns = grid, header, columns
        self.plan, self.today, self.findings = plan, today, findings
        self.names = IndicatorNames(plan.indicators)

    def run(self, entries: list[Entry], years: Mapping[int, int], left_out: Iterable[int]) -> None:
        """Check ``entries``; ``years`` are the fiscal years by row, ``left_out`` the indicators marked as missing."""
        self.left_out = set(left_out)
        kinds = self.plan.values
        printed = set(kinds.loc[kinds["kind"] != "target", "fiscal_year"].astype(int))
        last_target = int(kinds.loc[kinds["kind"] == "target", "fiscal_year"].max())
        title = self.header.title(self.columns.years[0]) if self.columns.years else "年度"
        places = years if self.columns.years else dict(list(years.items())[:1])
        check_years(places, title, printed, last_target, self.today, self.findings)
        self._check_hidden(entries)
        self._check_duplicates(entries)
        self._check_mixed_years(entries, title)
        self._check_ratios(entries)
        values = [(entry.indicator, entry.fiscal_year, entry.value, entry.n, entry.row) for entry in entries]
        check_printed(self.plan, values, self.header.title(self.columns.value), self.findings)
        if not self.findings.problems:
            self._tell_missing(entries)

    def _check_hidden(self, entries: list[Entry]) -> None:
        hidden = [entry for entry in entries if entry.row in self.grid.hidden_rows]
        visible = {entry.fiscal_year for entry in entries if entry not in hidden}
        if any(entry.fiscal_year not in visible for entry in hidden):
            for entry in hidden:
                self.findings.refuse(
                    "hidden", "非表示の行にデータがあります。登録してよいか分かりません。", row=entry.row
                )
        elif hidden:
            rows = "、".join(f"{entry.row}行目" for entry in hidden)
            self.findings.tell("hidden", f"非表示の行({rows})の値も読みました。", row=hidden[0].row)
        for column in sorted(self.columns.used & self.grid.hidden_columns):
            self.findings.tell(
                "hidden",
                f"非表示の列{quoted(self.header.title(column))}の内容も読みました。",
                column=self.header.title(column),
            )

    def _check_duplicates(self, entries: list[Entry]) -> None:
        """The same indicator and year twice: told where the rows say the same, refused with all rows where not."""
        places: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        for entry in entries:
            places[entry.indicator, entry.fiscal_year].append(entry)
        for (indicator, year), same in places.items():
            if len(same) == 1:
                continue
            rows = "、".join(f"{entry.row}行目" for entry in same)
            if len({(entry.value, entry.n) for entry in same}) == 1:
                self.findings.tell(
                    "dup",
                    f"指標{indicator}の{label(year)}が{rows}に重複しています(同じ内容なので1件として登録します)。",
                    row=same[1].row,
                )
                for entry in same[1:]:
                    entries.remove(entry)
                continue
            hidden = "非表示の行を含みます。" if any(entry.row in self.grid.hidden_rows for entry in same) else ""
            for entry in same:
                text = f"指標{indicator}の{label(year)}が複数の行({rows})にあり、値が異なります(重複)。{hidden}"
                self.findings.refuse(
                    "dup", text, row=entry.row, column=self.header.title(self.columns.number or self.columns.name)
                )

    def _check_mixed_years(self, entries: list[Entry], title: str) -> None:
        """Several years in one file are fine where each has the same indicators; one odd row is a slip."""
        by_year: dict[int, set[int]] = defaultdict(set)
        for entry in entries:
            by_year[entry.fiscal_year].add(entry.indicator)
        if len(by_year) > 1 and len({frozenset(found) for found in by_year.values()}) > 1 and not self.left_out:
            counted = Counter(entry.fiscal_year for entry in entries)
            usual = "、".join(f"{label(year)}が{count}行" for year, count in counted.most_common())
            for row in minority_rows({entry.row: entry.fiscal_year for entry in entries}):
                self.findings.refuse(
                    "year_mixed",
                    f"年度がほかの行と異なります({usual})。年度ごとに指標がそろっていません。",
                    row=row,
                    column=title,
                )

    def _check_ratios(self, entries: list[Entry]) -> None:
        """0.372 in a column of percentages: a ratio, or really 0.372 %? Only the clerk knows."""
        title = self.header.title(self.columns.value)
        small = [entry for entry in entries if 0 < entry.value <= 1 and not entry.explicit]
        everything = len(small) == len([entry for entry in entries if entry.value > 0])
        for entry in small:
            if everything or (entry.decimals or 0) >= 2:
                text = f"値{entry.value:g}は割合(比率)のままのようです。百分率なら{entry.value * 100:g}%ですか。範囲は0から100の百分率です。"
                self.findings.refuse("ratio", text, row=entry.row, column=title)
            else:
                self.findings.tell(
                    "unusual",
                    f"値{entry.value:g}%は1%以下です。割合(比率)のままでないか確かめてください。",
                    row=entry.row,
                    column=title,
                )
        for entry in entries:
            if entry.value in (0, 100) or (0 < entry.value <= 1 and entry.explicit):
                self.findings.tell(
                    "unusual", f"値が{entry.value:g}%です。誤りでないか確かめてください。", row=entry.row, column=title
                )

    def _tell_missing(self, entries: list[Entry]) -> None:
        found = {entry.indicator for entry in entries} | self.left_out
        for number, name in self.names.names.items():
            if number not in found:
                self.findings.tell(
                    "missing_indicator",
                    f"指標{number}がない表です({quoted(name)}の行がありません)。登録済みの値は変わりません。",
                )
        if self.columns.number is None or self.columns.name is None:
            only = "指標名" if self.columns.number is None else "指標番号"
            self.findings.tell("no_name", f"{only}だけで指標を判断しました。")
        if self.columns.n is None and entries:
            self.findings.tell("n_unknown", "回答者数の列がないため、誤差は計算しません。")
