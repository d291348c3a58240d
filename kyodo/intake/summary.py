"""The summary form: one row an indicator, its percentage and number of answers. Every row is read, skipped aloud, or refused."""

import datetime as dt
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from kyodo.estimate import finite_n, wilson
from kyodo.fiscal import label
from kyodo.intake.cells import CellFault, Measured, cleaned, is_blank, is_missing_mark, is_numeric, read_count, read_percent
from kyodo.intake.codes import Findings
from kyodo.intake.columns import SEGMENT_PART, SEGMENT_WHOLE, Columns, choose_columns
from kyodo.intake.decode import check_characters
from kyodo.intake.grid import EMPTY, Cell, Grid, quoted
from kyodo.intake.headers import COLUMNS, label_of
from kyodo.intake.names import IndicatorNames, key_of
from kyodo.intake.printed import check_printed
from kyodo.intake.table import CORE, Header
from kyodo.intake.text import swallowed_rows
from kyodo.intake.years import Years, check_years, minority_rows
from kyodo.plan import Plan
from kyodo.wording import round_half_up

_NOTE = re.compile(
    r"\s*(?:※|[*＊]|[(（〔【\[]?\s*(?:注|出典|資料|備考|参考|出所|凡例)|→|⇒|・|●|■|○|◇|以上\s*$|単位|作成|調査(?:時期|対象|方法|期間)|問い?合わ?せ|＜|<注)"
)
_TOTAL = re.compile(r"(?:総|小|合|累)?計|合計.*|総合計|.{0,8}平均値?|全体|総数|(?:grand)?total|average|mean|平均.{0,6}|(?:.{0,6})(?:小計|合計)")
_SAMPLE_ROW = re.compile(r"^[(（【]?(?:例|記入例|サンプル|見本)[)）】]?")
SMALL_N = 10


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


@dataclass(slots=True)
class Summary:
    """What a summary table holds, with what was found on the way."""

    entries: list[Entry]
    findings: Findings
    header: Header
    columns: Columns | None = None
    last_row: int = 0
    left_out: set[int] = field(default_factory=set)


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
        self.columns = columns = choose_columns(self.header, self.findings)
        rows = self._data_rows()
        used = {column: self.header.title(column) for column in columns.used}
        check_characters(self.grid, used, [self.header.bottom, *rows], self.findings)
        self._check_shape(rows)
        self._check_segments(rows)
        entries: list[Entry] = []
        if not rows:
            self.findings.refuse("empty", "見出しの下にデータ行がありません。", row=self.header.bottom, hint="値の入った行を加えてください。")
        elif columns.value is not None:
            years = Years(self.grid, self.header, columns, rows, self.screen, self.findings).by_row()
            entries = [entry for row in rows if (entry := self._entry(row, years.get(row)))]
            self._check_entries(entries, years)
        self._tell_remarks()
        return Summary(entries, self.findings, self.header, columns, max(rows, default=self.header.bottom), self.left_out)

    # which rows are data

    def _data_rows(self) -> list[int]:
        """Rows to read; notes, totals and repeated headers are told and left out, a second table is refused."""
        rows, skipped = [], defaultdict(list)
        for row in self.grid.below(self.header.bottom):
            kind = self._kind(row)
            if kind == "data":
                rows.append(row)
            elif kind == "table":
                self.findings.refuse("tables", "この行から別の見出しの表が始まっています。表が複数あり、どれを登録するか分かりません。", row=row)
                break
            elif kind:
                skipped[kind].append(row)
        for kind, numbers in skipped.items():
            code = "total_row" if kind == "合計・平均" else "skipped_rows"
            shown = "、".join(f"{row}行目{quoted(self._first_text(row), 24)}" for row in numbers[:8])
            self.findings.tell(code, f"{kind}の行は登録しません: {shown}", row=numbers[0])
        return rows

    def _first_text(self, row: int) -> str:
        return next((cell.text for cell in self.grid.filled(row).values() if cleaned(cell)), "")

    def _kind(self, row: int) -> str:
        cells = {column: cell for column, cell in self.grid.filled(row).items() if not is_blank(cell)}
        if not cells:
            return ""
        first = self._first_text(row)
        number, name = self._cell(row, self.columns.number), self._cell(row, self.columns.name)
        value = self._cell(row, self.columns.value)
        if self._is_header(cells):
            same = {c: key_of(cell.text) for c, cell in cells.items()} == {c: key_of(t) for c, t in self._lowest_texts().items()}
            return "繰り返しの見出し" if same else "table"
        if any(_TOTAL.fullmatch(key_of(cell.text)) for cell in (number, name, Cell(first)) if cleaned(cell)):
            return "合計・平均"
        if _SAMPLE_ROW.match(first.strip()):
            return "記入例"
        if is_numeric(number) or self._resolves(number, name):
            return "data"
        if _NOTE.match(first) and not is_numeric(value):
            return "注記"
        if is_blank(value) and not any(is_numeric(cell) for cell in cells.values()) and len(cells) <= 2:
            return "表の外の文"
        return "data"

    def _lowest_texts(self) -> dict[int, str]:
        return {c: cell.text for c, cell in self.grid.filled(self.header.bottom).items() if cleaned(cell)}

    def _is_header(self, cells) -> bool:
        if any(is_numeric(cell) for cell in cells.values()):
            return False
        return len({label_of(cell.text).role for cell in cells.values()} & (CORE | {"target"})) >= 3

    def _resolves(self, number: Cell, name: Cell) -> bool:
        try:
            self.names.resolve(number, name)
        except CellFault:
            return False
        return True

    def _cell(self, row: int, column: int | None) -> Cell:
        return EMPTY if column is None else self.grid.cell(row, column)

    def _title(self, column: int | None, role: str) -> str:
        return self.header.title(column) or COLUMNS[role]

    # shape of the rows

    def _check_shape(self, rows: list[int]) -> None:
        """Fields beyond the header, thousands torn apart by a comma, whole rows swallowed by a quote."""
        last = max(self.header.labels, default=0)
        for row in rows:
            beyond = {c: cell for c, cell in self.grid.filled(row).items() if c > last and not is_blank(cell)}
            if any(is_numeric(cell) or self.grid.fields for cell in beyond.values()):
                got = self.grid.fields.get(row, max(beyond))
                text = f"列数が多い行です(見出し{last}列、この行{got}列)。桁区切りのカンマで列がずれている可能性があります。"
                self.findings.refuse("extra", text, row=row, column=self.header.title(last))
            elif self._torn_thousands(row):
                self.findings.refuse("extra", "回答者数の桁区切りのカンマで、列がずれている可能性があります。", row=row, column=self.header.title(self.columns.n))
        if self.grid.fields:
            for row in swallowed_rows(self.grid, len(self.header.labels)):
                self.findings.refuse("quote", "1つのセルに複数の行が入っています。二重引用符(\")の開きと閉じを確かめてください。", row=row)

    def _torn_thousands(self, row: int) -> bool:
        """Whether 1,686 without quotes may have become 1 and 686 in a column of notes."""
        if self.grid.delimiter != "," or self.columns.n is None or self.columns.n + 1 in self.columns.used:
            return False
        head, tail = (cleaned(self.grid.cell(row, self.columns.n + offset)) for offset in (0, 1))
        numeric = self.header.labels.get(self.columns.n + 1)
        torn = bool(re.fullmatch(r"\d{1,3}", head) and re.fullmatch(r"\d{3}", tail, re.ASCII))
        return torn and (numeric is None or numeric.role in {"note", "other"})

    def _check_segments(self, rows: list[int]) -> None:
        """Rows of a part of the people (男性, 30代, 東部地区) are not the indicator."""
        for column in self.columns.segments:
            strict = not re.search("区分|属性|内訳", self.header.labels[column].key)
            for row in rows:
                key = key_of(self.grid.cell(row, column).text)
                if key and not SEGMENT_WHOLE.fullmatch(key) and (strict or SEGMENT_PART.search(key)):
                    text = f"{quoted(self.header.title(column))}が{quoted(self.grid.cell(row, column).text)}の内訳の行です。全体の値だけを登録できます。"
                    self.findings.refuse("segment", text, row=row, column=self.header.title(column))

    # one row

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
            self.findings.refuse(fault.code, str(fault), row=row, column=self._title(column, "name"))
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
            self.findings.refuse("short", f"列数が不足しています(この行は{self.grid.fields[row]}列)。値がありません。", **place)
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
                self.findings.tell("n_unknown", "回答者数が空欄です。誤差は計算しません。", row=row, column=self.header.title(column))
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
        if min(abs(100 * count / n - measured.value) for count in range(n + 1)) > (0.5 if measured.decimals == 0 else 0.1):
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
                self.findings.tell("population", f"指標{indicator}の{quoted(title)}は調査した人数とも読めるため、誤差の計算に使いません。", row=row, column=title)
            return None
        if population < n:
            self.findings.refuse("n", f"{quoted(title)}{population:,}が回答者数{n:,}より少なくなっています。", row=row, column=title)
            return None
        self.findings.tell("population", f"指標{indicator}の誤差を母集団{population:,}人で補正しました。", row=row, column=title)
        return population

    # all rows together

    def _check_entries(self, entries: list[Entry], years: dict[int, int]) -> None:
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
        values = [(e.indicator, e.fiscal_year, e.value, e.n, e.row) for e in entries]
        check_printed(self.plan, values, self.header.title(self.columns.value), self.findings)
        if not self.findings.problems:
            self._tell_missing(entries)

    def _check_hidden(self, entries: list[Entry]) -> None:
        hidden = [entry for entry in entries if entry.row in self.grid.hidden_rows]
        visible = {entry.fiscal_year for entry in entries} - {None} if not hidden else {e.fiscal_year for e in entries if e not in hidden}
        if hidden and (not visible or any(entry.fiscal_year not in visible for entry in hidden)):
            for entry in hidden:
                self.findings.refuse("hidden", "非表示の行にデータがあります。登録してよいか分かりません。", row=entry.row)
        elif hidden:
            rows = "、".join(f"{entry.row}行目" for entry in hidden)
            self.findings.tell("hidden", f"非表示の行({rows})の値も読みました。", row=hidden[0].row)
        for column in sorted(self.columns.used & self.grid.hidden_columns):
            self.findings.tell("hidden", f"非表示の列{quoted(self.header.title(column))}の内容も読みました。", column=self.header.title(column))

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
                self.findings.tell("dup", f"指標{indicator}の{label(year)}が{rows}に重複しています(同じ内容なので1件として登録します)。", row=same[1].row)
                for entry in same[1:]:
                    entries.remove(entry)
                continue
            hidden = "非表示の行を含みます。" if any(entry.row in self.grid.hidden_rows for entry in same) else ""
            for entry in same:
                text = f"指標{indicator}の{label(year)}が複数の行({rows})にあり、値が異なります(重複)。{hidden}"
                self.findings.refuse("dup", text, row=entry.row, column=self._title(self.columns.number or self.columns.name, "name"))

    def _check_mixed_years(self, entries: list[Entry], title: str) -> None:
        """Several years in one file are fine where each has the same indicators; one odd row is a slip."""
        by_year: dict[int, set[int]] = defaultdict(set)
        for entry in entries:
            by_year[entry.fiscal_year].add(entry.indicator)
        if len(by_year) > 1 and len({frozenset(found) for found in by_year.values()}) > 1 and not self.left_out:
            counted = Counter(entry.fiscal_year for entry in entries)
            usual = "、".join(f"{label(year)}が{count}行" for year, count in counted.most_common())
            for row in minority_rows({entry.row: entry.fiscal_year for entry in entries}):
                self.findings.refuse("year_mixed", f"年度がほかの行と異なります({usual})。年度ごとに指標がそろっていません。", row=row, column=title)

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
                self.findings.tell("unusual", f"値{entry.value:g}%は1%以下です。割合(比率)のままでないか確かめてください。", row=entry.row, column=title)
        for entry in entries:
            if entry.value in (0, 100) or (0 < entry.value <= 1 and entry.explicit):
                self.findings.tell("unusual", f"値が{entry.value:g}%です。誤りでないか確かめてください。", row=entry.row, column=title)

    def _tell_missing(self, entries: list[Entry]) -> None:
        found = {entry.indicator for entry in entries} | self.left_out
        for number, name in self.names.names.items():
            if number not in found:
                self.findings.tell("missing_indicator", f"指標{number}がない表です({quoted(name)}の行がありません)。登録済みの値は変わりません。")
        if self.columns.number is None or self.columns.name is None:
            only = "指標名" if self.columns.number is None else "指標番号"
            self.findings.tell("no_name", f"{only}だけで指標を判断しました。")
        if self.columns.n is None and entries:
            self.findings.tell("n_unknown", "回答者数の列がないため、誤差は計算しません。")

    def _tell_remarks(self) -> None:
        for remark, rows in self.remarks.items():
            code = "percent_format" if remark.startswith("パーセント") else "filled" if remark.startswith("結合") else "normalised"
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
