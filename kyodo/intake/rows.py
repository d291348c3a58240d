"""Which rows below the header are data: notes, totals, repeated headers and examples are told and left out.

Also what the rows' shape betrays: fields beyond the header, a thousands comma that tore a number, rows swallowed by a quote.
"""

import re
from collections import defaultdict

from kyodo.intake.cells import CellFault, cleaned, is_blank, is_numeric
from kyodo.intake.codes import Findings
from kyodo.intake.columns import OTHER_KIND, SEGMENT_WHOLE, Columns
from kyodo.intake.grid import EMPTY, Cell, Grid, quoted
from kyodo.intake.headers import PERSONS, is_percent_unit, label_of, units_in
from kyodo.intake.names import IndicatorNames, key_of
from kyodo.intake.table import CORE, Header
from kyodo.intake.text import swallowed_rows

_NOTE = re.compile(
    r"\s*(?:※|[*＊]|[(（〔【\[]?\s*(?:注|出典|資料|備考|参考|出所|凡例)|→|⇒|・|●|■|○|◇|以上\s*$|単位|作成|調査(?:時期|対象|方法|期間)|問い?合わ?せ|＜|<注)"
)
_TOTAL = re.compile(
    r"(?:総|小|合|累|集)?計|合計.*|総合計|.{0,8}平均値?|全体|総数|(?:grand)?total|average|mean|平均.{0,6}|(?:.{0,6})(?:小計|合計)"
)
_BRACKETS = "【】〔〕[]()<>《》"
_RATE = re.compile("割合|率|構成比|パーセン|百分|%")
_SAMPLE_ROW = re.compile(r"^[(（【]?(?:例|記入例|サンプル|見本)[)）】]?")


class RowSorter:
    """Sorts the rows of one summary table; ``data_rows()`` gives those to read."""

    def __init__(self, grid: Grid, header: Header, columns: Columns, names: IndicatorNames, findings: Findings) -> None:
        """Take the table with its columns chosen."""
        self.grid, self.header, self.columns = grid, header, columns
        self.names, self.findings = names, findings

    def data_rows(self) -> list[int]:
        """Rows to read; notes, totals and repeated headers are told and left out, a second table is refused."""
        rows, skipped = [], defaultdict(list)
        for row in self.grid.below(self.header.bottom):
            kind = self._kind(row)
            if kind == "data":
                rows.append(row)
            elif kind == "table":
                self.findings.refuse(
                    "tables",
                    "この行から別の見出しの表が始まっています。表が複数あり、どれを登録するか分かりません。",
                    row=row,
                )
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
            same = {c: key_of(cell.text) for c, cell in cells.items()} == {
                c: key_of(t) for c, t in self._lowest_texts().items()
            }
            return "繰り返しの見出し" if same else "table"
        if self.names.is_number(number):  # an indicator's own row, whatever it is called: a wrong name is refused
            return "目標・基準など" if self._is_other_kind(row) else "data"
        if any(
            _TOTAL.fullmatch(key_of(cell.text).strip(_BRACKETS))
            for cell in (number, name, Cell(first))
            if cleaned(cell)
        ):
            return "合計・平均"
        if _SAMPLE_ROW.match(first.strip()):
            return "記入例"
        if self._is_other_kind(row):
            return "目標・基準など"
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

    def _is_other_kind(self, row: int) -> bool:
        """Whether a column of kinds (区分, 種別) says that the row holds a target or a baseline."""
        return any(OTHER_KIND.search(key_of(self.grid.cell(row, column).text[:50])) for column in self.columns.segments)

    def _resolves(self, number: Cell, name: Cell) -> bool:
        try:
            self.names.resolve(number, name)
        except CellFault:
            return False
        return True

    def _cell(self, row: int, column: int | None) -> Cell:
        return EMPTY if column is None else self.grid.cell(row, column)

    def check_shape(self, rows: list[int]) -> None:
        """Fields beyond the header, thousands torn apart by a comma, whole rows swallowed by a quote."""
        last = max(self.header.labels, default=0)
        for row in rows:
            beyond = {c: cell for c, cell in self.grid.filled(row).items() if c > last and not is_blank(cell)}
            if any(is_numeric(cell) or self.grid.fields for cell in beyond.values()):
                got = self.grid.fields.get(row, max(beyond))
                text = f"列数が多い行です(見出し{last}列、この行{got}列)。桁区切りのカンマで列がずれている可能性があります。"
                self.findings.refuse("extra", text, row=row, column=self.header.title(last))
            elif self._torn_thousands(row):
                self.findings.refuse(
                    "extra",
                    "回答者数の桁区切りのカンマで、列がずれている可能性があります。",
                    row=row,
                    column=self.header.title(self.columns.n),
                )
        if self.grid.fields:
            for row in swallowed_rows(self.grid, len(self.header.labels)):
                self.findings.refuse(
                    "quote", '1つのセルに複数の行が入っています。二重引用符(")の開きと閉じを確かめてください。', row=row
                )

    def _torn_thousands(self, row: int) -> bool:
        """Whether 1,686 without quotes may have become 1 and 686 in a column of notes."""
        if self.grid.delimiter != "," or self.columns.n is None or self.columns.n + 1 in self.columns.used:
            return False
        head, tail = (cleaned(self.grid.cell(row, self.columns.n + offset)) for offset in (0, 1))
        numeric = self.header.labels.get(self.columns.n + 1)
        torn = bool(re.fullmatch(r"\d{1,3}", head) and re.fullmatch(r"\d{3}", tail, re.ASCII))
        return torn and (numeric is None or numeric.role in {"note", "other"})

    def check_units(self, rows: list[int]) -> None:
        """A column of units must say % in every row; without one, a line of units above the table must not leave it out."""
        if self.columns.unit is None:
            self._check_unit_line()
        for row in rows if self.columns.unit is not None else ():
            text = self.grid.cell(row, self.columns.unit).text
            if key_of(text) not in {"", "%", "パーセント", "(%)", "percent"}:
                title = self.header.title(self.columns.unit)
                self.findings.refuse(
                    "unit", f"単位が{quoted(text)}で、百分率(%)ではありません。", row=row, column=title
                )

    def _check_unit_line(self) -> None:
        """A bare 値 under (単位：人) is no percentage; a rate may stand beside answers counted in persons."""
        label = self.header.labels.get(self.columns.value)
        if label is None or label.unit:
            return
        above = (row for row in self.grid.rows if row < self.header.top)
        units = {unit: row for row in above for cell in self.grid.filled(row).values() for unit in units_in(cell.text)}
        if not units or any(map(is_percent_unit, units)) or (_RATE.search(label.key) and set(units) <= PERSONS):
            return
        shown = "、".join(map(quoted, units))
        text = f"表の上に単位が{shown}とあり、百分率(%)ではありません。"
        self.findings.refuse("unit", text, row=min(units.values()), column=self.header.title(self.columns.value))

    def check_segments(self, rows: list[int]) -> None:
        """Rows of a part of the people (男性, 30代, 東部地区) are not the indicator."""
        for column in self.columns.segments:
            for row in rows:
                key = key_of(self.grid.cell(row, column).text)
                if key and not SEGMENT_WHOLE.fullmatch(key):
                    text = f"{quoted(self.header.title(column))}が{quoted(self.grid.cell(row, column).text)}の内訳の行です。全体の値だけを登録できます。"
                    self.findings.refuse("segment", text, row=row, column=self.header.title(column))
