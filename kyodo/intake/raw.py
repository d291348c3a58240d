"""The raw form, one row a respondent: the clerk's mapping turns answers into shares, never a guess about codes."""

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake.cells import _FOLD, CellFault, cleaned, is_numeric
from kyodo.intake.codes import Findings
from kyodo.intake.decode import Decoded, decode
from kyodo.intake.grid import Cell, Grid, quoted
from kyodo.intake.headers import label_of
from kyodo.intake.mapping import GROUPS, Question, answer_key, group_name, propose, read_mapping
from kyodo.intake.names import IndicatorNames, key_of
from kyodo.intake.personal import is_personal, without_columns
from kyodo.intake.reading import ColumnSummary, Reading, Understood, breakdown_frame, values_frame
from kyodo.intake.sources import AnswersError, CsvSource, GridSource
from kyodo.intake.table import Header
from kyodo.intake.tally import MAX_CATEGORIES, Coded, Tally
from kyodo.intake.years import read_year
from kyodo.plan import Plan

if TYPE_CHECKING:
    from kyodo.intake.upload import Request

HEAD = 1 << 15  # bytes of a large file that are decoded to find its header
_SEARCHED = 60
_LISTED = 20
MAX_WEIGHT = 1e12
_QUESTION = re.compile(r"^(?:問|設問|質問|q|f)\.?_?\d{1,3}")
_PERSON = re.compile(r"回答者(?:id|番号|no\.?)?$|^(?:id|整理番号|票番号|調査票番号|回答番号|受付番号|通し番号|respondent.*|sampleid)$")
_WEIGHT = re.compile(r"ウェイト|ウエイト|重み|^weight|補正係数|拡大係数|ウエート|加重")
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


def decode_head(data: bytes) -> Decoded:
    """Decode the head of a large file in UTF-8 or CP932, cut at a line."""
    head = data[:HEAD]
    return decode(head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head)


def headers_in(grid: Grid, row: int) -> dict[int, str]:
    """A row's texts on one line each, by column."""
    return {column: " ".join(cell.text.split()) for column, cell in grid.filled(row).items() if cleaned(cell)}


def _head_rows(grid: Grid) -> list[int]:
    return list(grid.rows)[:_SEARCHED]


def score(grid: Grid, mapping: Mapping[Any, Any] | None) -> int:
    """How many mapped columns (or, without a mapping, columns of a raw file's kind) the best row of the head names."""
    return max((_row_score(grid, row, mapping) for row in _head_rows(grid)), default=0)


def _row_score(grid: Grid, row: int, mapping: Mapping[Any, Any] | None) -> int:
    keys = {key_of(text) for text in headers_in(grid, row).values()}
    if mapping is not None:
        wanted = {key_of(entry["column"]) for entry in mapping.values() if isinstance(entry, Mapping) and isinstance(entry.get("column"), str)}
        return 10 * bool(keys & wanted) + len(keys & wanted)
    return min(sum(bool(_QUESTION.match(key) or _PERSON.search(key) or group_name(key)) for key in keys), 9)


def looks_raw(grid: Grid, header: Header, plan: Plan) -> bool:
    """Whether what passes for a summary header is a raw file's: questions or indicators as columns, no value column."""
    names = IndicatorNames(plan.indicators)
    values = [column for column in header.columns("value", "year_value", "head_count") if not header.labels[column].weak]
    texts = [header.title(column) for column in header.texts]
    asked = [text for text in texts if _QUESTION.match(key_of(text)) or names.column_indicator(text) is not None]
    return not values and bool(asked)


def is_raw(grid: Grid, plan: Plan) -> bool:
    """Whether a grid without a summary header looks like one row a respondent."""
    return raw_header_row(grid, plan) is not None


def raw_header_row(grid: Grid, plan: Plan) -> int | None:
    """The row that names questions (問1, Q1, an indicator) beside something of a person, or several questions."""
    names = IndicatorNames(plan.indicators)
    for row in _head_rows(grid):
        texts = headers_in(grid, row)
        keys = [key_of(text) for text in texts.values()]
        asked = sum(bool(_QUESTION.match(key)) for key in keys) + sum(names.column_indicator(text) is not None for text in texts.values())
        person = sum(bool(_PERSON.search(key) or group_name(key)) for key in keys)
        if asked >= 2 or (asked and person) or (person >= 2 and len(texts) > person):
            below = [cell.text for later in list(grid.below(row))[:5] for cell in grid.filled(later).values()]
            if sum(bool(re.fullmatch(r"\d{1,3}\.\d", text.strip())) for text in below) * 3 > len(below) > 0 and not person:
                return None  # percentages under indicator names: a summary on its side
            return row
    return None


def read_text(request: "Request", grid: Grid, decoded: Decoded, findings: Findings, understood: Understood) -> Reading:
    """Read a raw CSV: a small one from its grid, a large one in blocks."""
    if not grid.partial:
        return read_grid(request, grid, findings, understood)
    return _RawReader(request, grid, findings, understood, decoded.encoding).read()


def read_grid(request: "Request", grid: Grid, findings: Findings, understood: Understood) -> Reading:
    """Read a raw table that is in memory as a grid."""
    return _RawReader(request, grid, findings, understood, "").read()


class _RawReader:
    """One raw file: its header, the mapping's columns, the tally, and where the problems are."""

    def __init__(self, request: "Request", grid: Grid, findings: Findings, understood: Understood, encoding: str) -> None:
        self.request, self.grid, self.encoding = request, grid, encoding
        self.findings, self.understood = findings, understood
        self.names = IndicatorNames(request.plan.indicators)
        self.questions: dict[int, Question] = {}
        self.groups: dict[str, int] = {}
        self.weight = self.year = None
        self.tally: Tally | None = None

    def read(self) -> Reading:
        mapping = self.request.mapping
        questions = [] if mapping is None else read_mapping(mapping, self.names.names, self.findings)
        row = self._header_row(questions)
        if row is None:
            return self._reading()
        self.headers = headers_in(self.grid, row)
        self.header_row = row
        sample = {column: [self.grid.cell(later, column).text for later in list(self.grid.below(row))[:50]] for column in self.headers}
        self.personal = {column for column, text in self.headers.items() if is_personal(text, sample[column])}
        self.understood = replace(self.understood, header_rows=(row,), headers=tuple((q.column, self.names.names[q.indicator]) for q in questions))
        self._choose(questions)
        self.personal -= {*self.questions, *({self.weight} - {None})}
        self._tell_personal()
        self.source = self._source()
        if mapping is None:
            return self._ask()
        if self.findings.problems:
            return self._reading()
        self._count()
        return self._reading()

    # columns

    def _header_row(self, questions: list[Question]) -> int | None:
        """The row of the header; a problem where the mapped columns are nowhere."""
        if self.request.mapping is None:
            return raw_header_row(self.grid, self.request.plan)
        if not self.grid.rows:
            self.findings.refuse("empty", "表が空です(データ行がありません)。", sheet=self.grid.sheet)
            return None
        best = max(_head_rows(self.grid), key=lambda row: _row_score(self.grid, row, self.request.mapping))
        wanted = {key_of(question.column) for question in questions}
        if self._on_its_side(best, wanted):
            text = "表の縦と横が逆のようです(質問が縦、回答者が横に並んでいます)。1行に1人、質問を見出しの列に並べてください。"
            self.findings.refuse("layout", text, sheet=self.grid.sheet, row=min(self.grid.rows), hint="")
            return None
        if _row_score(self.grid, best, self.request.mapping):
            return best
        if questions:
            names = "、".join(quoted(question.column) for question in questions)
            self.findings.refuse("header", f"対応付けの列({names})が見出しにありません。", row=min(self.grid.rows), column=questions[0].column, sheet=self.grid.sheet)
        return None

    def _on_its_side(self, row: int, wanted: set[str]) -> bool:
        """Whether the mapped questions stand below each other, with answers beside them."""
        down = {key_of(cells[min(cells)].text) for cells in self.grid.rows.values()} & wanted
        cells = self.grid.filled(row)
        across = {key_of(cell.text) for cell in cells.values()} & wanted
        beside = [cell for cell in cells.values() if key_of(cell.text) not in wanted]
        return bool(down) and len(down) >= len(across) and bool(beside) and all(is_numeric(cell) for cell in beside) and min(cells) == 1

    def _column(self, name: str, what: str) -> int | None:
        """The one column of a header; a problem where it is missing or there twice."""
        key = key_of(name)
        found = [column for column, text in self.headers.items() if key_of(text) == key]
        place = {"row": self.header_row, "column": name, "sheet": self.grid.sheet}
        if not found:
            self.findings.refuse("header", f"{what}の列{quoted(name)}が見出しにありません。", **place)
        elif len(found) > 1:
            self.findings.refuse("header", f"{what}の列{quoted(name)}が見出しに複数あります(重複)。どの列か分かりません。", **place)
        return found[0] if len(found) == 1 else None

    def _choose(self, questions: list[Question]) -> None:
        for question in questions:
            column = self._column(question.column, f"指標{question.indicator}")
            if column is not None:
                self.questions[column] = question
        if self.request.weight_column:
            self.weight = self._column(self.request.weight_column, "ウェイト(重み)")
        elif self.request.mapping is not None and (unused := [text for text in self.headers.values() if _WEIGHT.search(key_of(text))]):
            self.findings.tell("unused_columns", f"ウェイト(重み)らしい列{quoted(unused[0])}は使っていません。", column=unused[0])
        years = [column for column, text in self.headers.items() if label_of(text).role == "year" and "年" in key_of(text)[:4]]
        self.year = years[0] if years else None
        self._choose_groups()

    def _choose_groups(self) -> None:
        asked = self.request.groups
        if asked is None:
            for column, text in self.headers.items():
                name = group_name(text)
                if name and name not in self.groups and column not in self.personal and column not in self.questions:
                    self.groups[name] = column
            self.groups = {name: self.groups[name] for name in GROUPS if name in self.groups}
            return
        pairs = dict(asked) if isinstance(asked, Mapping) else {group_name(name) or name: name for name in asked}
        for name, header in pairs.items():
            column = self._column(header, "内訳")
            if column in self.personal:
                self.findings.tell("personal", f"個人情報の列{quoted(header)}は内訳に使いません。", column=header)
            elif column is not None:
                self.groups[str(name)] = column

    def _tell_personal(self) -> None:
        if self.personal:
            names = "、".join(quoted(self.headers[column]) for column in sorted(self.personal))
            self.findings.tell("personal", f"個人情報とみられる列({names})は読まず、保存する元ファイルからも除きます。", sheet=self.grid.sheet)

    def _source(self) -> GridSource | CsvSource:
        if self.encoding:
            return CsvSource(self.request.body, self.grid, self.header_row, self.headers, self.questions, self.encoding, self.findings)
        return GridSource(self.grid, self.header_row, self.headers, self.questions, self.findings)

    # without a mapping

    def _ask(self) -> Reading:
        """The question to the clerk: which column is which indicator; words are proposed, codes never."""
        summaries = self._summaries()
        if not summaries or not any(summary.distinct for summary in summaries):
            self.findings.refuse("empty", "見出しの下にデータ行がありません。", row=self.header_row, sheet=self.grid.sheet)
            return self._reading()
        texts = "回答者ごとの表のようです。どの列がどの指標か、どの回答が「はい」かを選んでください(見出しの対応付け)。"
        self.findings.refuse("mapping_needed", texts, row=self.header_row, sheet=self.grid.sheet)
        if self.request.fiscal_year is None and self.year is None:
            self.findings.refuse("year_needed", "何年度の調査か、年度を選んでください。", column="年度")
        answers = {
            column: [text for text, _ in summary.frequent] if summary.distinct <= 12 else []
            for column, summary in zip(self.headers, summaries, strict=True)
        }
        return self._reading(columns=summaries, proposal=propose(self.headers, answers, self.names))

    def _summaries(self) -> tuple[ColumnSummary, ...]:
        """Every column's distinct answers and the most frequent ones; personal columns show only their name."""
        shown = [column for column in self.headers if column not in self.personal]
        counters: dict[int, Counter] = {column: Counter() for column in shown}
        try:
            for batch in self.source.batches(shown, lambda fraction: None):
                for column, coded in batch.items():
                    counts = np.bincount(coded.indices, minlength=len(coded.texts))
                    counters[column].update({text.strip(): int(count) for text, count in zip(coded.texts, counts, strict=True)})
        except AnswersError:
            self._refuse_undecoded()
        return tuple(
            ColumnSummary(text, looks_personal=True)
            if column in self.personal
            else ColumnSummary(text, len(counters[column]), tuple(counters[column].most_common(12)))
            for column, text in self.headers.items()
        )

    # with a mapping

    def _count(self) -> None:
        """Tally every respondent, then say where something is wrong."""
        tally = self.tally = Tally(list(self.questions.values()), list(self.groups), self.weight is not None)
        columns = [*self.questions, *self.groups.values(), *([self.weight] if self.weight else []), *([self.year] if self.year else [])]
        columns = list(dict.fromkeys(columns))
        years: Counter = Counter()
        try:
            for batch in self.source.batches(columns, lambda fraction: self.request.progress(fraction, f"{tally.rows:,}人の回答を集計しました"), self.weight):
                answers = {question.indicator: batch[column] for column, question in self.questions.items()}
                groups = {name: batch[column] for name, column in self.groups.items()}
                tally.add(answers, groups, _weights(batch[self.weight]) if self.weight else None)
                if self.year:
                    coded = batch[self.year]
                    years.update(dict(zip(coded.texts, np.bincount(coded.indices, minlength=len(coded.texts)).tolist(), strict=True)))
        except AnswersError as error:
            return self._refuse_undecoded(str(error))
        self.source.check(self.findings)
        if not tally.rows:
            self.findings.refuse("empty", "見出しの下にデータ行がありません(回答が0件です)。", row=self.header_row, sheet=self.grid.sheet)
            return None
        year = self._fiscal_year(years)
        self._refuse_places(years)
        self._check_totals()
        if not self.findings.problems:
            self.fiscal_year = year
            self._tell()
        return None

    def _refuse_undecoded(self, reason: str = "encoding") -> None:
        """Locate the rows that do not decode; a broken CSV where all do."""
        found = 0
        try:
            for row, record in self.source.records():
                if any("\udc80" <= character <= "\udcff" for text in record for character in text):
                    self.findings.refuse("encoding", "この行の文字コードがほかの行と違い、文字化けします。", row=row)
                    found += 1
                    if found >= _LISTED:
                        return
        except csv.Error:
            self.findings.refuse("too_large", "1つのセルが長すぎるか、二重引用符(\")が閉じていません。")
            return
        if not found:
            self.findings.refuse("quote", "行ごとの列数がそろわず、CSV として読み取れません。二重引用符(\")の閉じ忘れを確かめてください。")

    def _fiscal_year(self, years: Counter) -> int | None:
        """The year of the file and of the screen, which must be one."""
        screen = self.request.fiscal_year
        self.year_faults: dict[str, str] = {}
        found: Counter = Counter()
        for text, count in years.items():
            try:
                found[read_year(Cell(text)) if text.strip() else None] += count
            except CellFault as fault:
                self.year_faults[text] = str(fault)
        stated = {year for year in found if year is not None}
        if len(stated) > 1:
            usual = max(stated, key=lambda year: found[year])
            shown = "、".join(f"{label(year)}が{found[year]:,}行" for year in sorted(stated))
            self.year_faults |= {t: f"年度が混在しています({shown})。" for t in years if t.strip() and t not in self.year_faults and read_year(Cell(t)) != usual}
            return None
        if stated and None in found:
            self.findings.tell("year_notice", f"年度が空欄の行が{found[None]:,}行あり、{label(min(stated))}として読みました。", column=self.headers[self.year])
        if self.year_faults:
            return None
        if screen is not None and stated and stated != {screen}:
            text = f"年度が一致しません。ファイルは{label(min(stated))}、画面で選んだ年度は{label(screen)}です。"
            self.findings.refuse("year_differs", text, row=self.header_row + 1, column=self.headers[self.year])
            return None
        year = screen if screen is not None else min(stated, default=None)
        if year is None:
            self.findings.refuse("year_needed", "何年度の調査か、年度を選んでください。", column="年度")
            return None
        return self._plausible(year)

    def _plausible(self, year: int) -> int:
        values = self.request.plan.values
        first = int(values.loc[values["kind"] != "target", "fiscal_year"].min())
        last = int(values.loc[values["kind"] == "target", "fiscal_year"].max())
        column = self.headers.get(self.year, "年度")
        if year < first:
            self.findings.refuse("year", f"年度{label(year)}は計画の基準年度({label(first)})より前で、登録できません。", column=column)
        elif year > fiscal_year_of(self.request.today):
            self.findings.refuse("year", f"年度{label(year)}は未来の年度です。", column=column)
        elif year > last:
            self.findings.tell("year_notice", f"{label(year)}は計画の最終目標年度({label(last)})より後です。")
        return year

    def _refuse_places(self, years: Counter) -> None:
        """Go through the rows once to say where answers, weights and years are wrong."""
        tally = self.tally
        left = {column: min(sum(tally.unexpected[q.indicator].values()), _LISTED) for column, q in self.questions.items() if q.indicator in tally.unexpected}
        weights = _LISTED if tally.bad_weights else 0
        wrong_years = min(sum(years[text] for text in self.year_faults), _LISTED)
        if not (left or weights or wrong_years):
            return
        for column in left:
            odd = tally.unexpected[self.questions[column].indicator]
            shown = "、".join(f"{quoted(text, 20)}{count:,}件" for text, count in odd.most_common(8))
            self.findings.refuse("code", f"対応付けにない想定外の回答があります: {shown}。", column=self.headers[column], sheet=self.grid.sheet)
        for row, record in self.source.records():
            texts = dict(enumerate(record, 1))
            for column in [column for column, count in left.items() if count]:
                text = texts.get(column, "")
                if self.questions[column].classify(text)[0] == 3:
                    left[column] -= 1
                    total = "合計の行のようです。" if any(key_of(t) in {"合計", "計", "総計", "平均"} for t in record) else ""
                    message = f"回答{quoted(text)}は想定外で、選択肢のコードにありません。{total}"
                    self.findings.refuse("code", message, row=row, column=self.headers[column], sheet=self.grid.sheet)
            if weights and not _weight(text := texts.get(self.weight, "")) and any(answer_key(texts.get(c, "")) for c in self.questions):
                weights -= 1
                message = f"ウェイト(重み){quoted(text)}は正の数ではありません。" if text.strip() else "ウェイト(重み)が空欄です。"
                self.findings.refuse("weight", message, row=row, column=self.headers[self.weight], sheet=self.grid.sheet)
            if wrong_years and (text := texts.get(self.year, "")) in self.year_faults:
                wrong_years -= 1
                self.findings.refuse("year_mixed", self.year_faults[text], row=row, column=self.headers[self.year], sheet=self.grid.sheet)
            if not (any(left.values()) or weights or wrong_years):
                break

    def _check_totals(self) -> None:
        tally = self.tally
        for column, question in self.questions.items():
            if not tally.valid(question.indicator) and question.indicator not in tally.unexpected:
                self.findings.refuse("no_answers", f"指標{question.indicator}の列に有効な回答がありません(すべて空欄か無回答)。", column=self.headers[column])
        for name, column in self.groups.items():
            if wrong := [text for text in tally.labels[name] if key_of(text) in {"合計", "小計", "総計", "計", "全体", "総数"}]:
                message = f"内訳の列に{quoted(wrong[0])}があり、合計の行が回答に混じっています。"
                self.findings.refuse("code", message, column=self.headers[column], sheet=self.grid.sheet)

    def _tell(self) -> None:
        """What a clerk should know of an accepted file."""
        tally = self.tally
        unanswered = "、".join(f"指標{q.indicator}が{tally.unanswered(q.indicator):,}件" for q in self.questions.values())
        self.findings.tell("answers_notice", f"{tally.rows:,}人の回答を集計しました。無回答として除いたのは{unanswered}です。")
        if tally.whole_floats:
            self.findings.tell("answers_notice", "小数で書かれたコード(1.0 など)を整数のコードとして読みました。")
        for name in tally.dropped:
            self.findings.tell("withheld", f"{quoted(name)}は区分が多すぎるため({MAX_CATEGORIES}超)、内訳を作りません。")
        if hidden := sum(row["withheld"] for row in tally.breakdown()):
            self.findings.tell("withheld", f"回答が10件未満の区分などを秘匿しました({hidden}か所)。")
        found = {question.indicator for question in self.questions.values()}
        for number, name in self.names.names.items():
            if number not in found:
                self.findings.tell("missing_indicator", f"指標{number}がない対応付けです({quoted(name)})。登録済みの値は変わりません。")

    def _check_printed(self, rows: list[dict]) -> None:
        """Values of a year the plan prints must round to the printed ones."""
        from kyodo.intake.printed import check_printed

        check_printed(self.request.plan, [(r["indicator"], r["fiscal_year"], r["value"], r["n"], None) for r in rows], "", self.findings)

    def _reading(self, **parts: Any) -> Reading:
        values, breakdown = values_frame(), breakdown_frame()
        if self.tally is not None and not self.findings.problems:
            rows = [row | {"fiscal_year": self.fiscal_year} for row in self.tally.overall()]
            self._check_printed(rows)
            if not self.findings.problems:
                values = values_frame(rows)
                breakdown = breakdown_frame([row | {"fiscal_year": self.fiscal_year} for row in self.tally.breakdown()])
        if getattr(self, "personal", None) and not parts.get("original"):
            parts |= {"original": without_columns(self.source.everything(), self.personal), "original_reduced": True}
        if self.request.mapping is not None and self.findings.problems and hasattr(self, "source") and "columns" not in parts:
            parts["columns"] = self._summaries()
        return self.request.reading(
            self.findings,
            form="raw",
            values=values,
            breakdown=breakdown,
            understood=self.understood,
            mapping={str(q.indicator): q.as_json() for q in self.questions.values()} or None,
            weight_column=self.headers[self.weight] if self.weight else None,
            groups={name: self.headers[column] for name, column in self.groups.items()},
            **parts,
        )


def _weight(text: str) -> float:
    """A weight as a positive finite number, 0 for anything else."""
    folded = text.translate(_FOLD).strip()
    if not _NUMBER.fullmatch(folded):
        return 0.0
    value = float(folded.replace(",", ""))
    return value if 0 < value < MAX_WEIGHT else 0.0


def _weights(coded: Coded) -> np.ndarray:
    """Each row's weight; NaN where it is no positive number."""
    if coded.numbers is not None:
        return np.where(coded.numbers < MAX_WEIGHT, coded.numbers, np.nan)
    table = np.array([_weight(text) or np.nan for text in coded.texts] or [np.nan])
    return table[coded.indices]


def column_summaries(grid: Grid) -> tuple[ColumnSummary, ...]:
    """Columns of any table with a first row of texts and at least ten rows, in case it is a raw file of unknown words."""
    rows = list(grid.rows)
    if len(rows) < 11:
        return ()
    headers = headers_in(grid, rows[0])
    summaries = []
    for column, text in headers.items():
        texts = Counter(grid.cell(row, column).text.strip() for row in rows[1:])
        personal = is_personal(text, list(texts)[:50])
        summaries.append(ColumnSummary(text, looks_personal=True) if personal else ColumnSummary(text, len(texts), tuple(texts.most_common(12))))
    return tuple(summaries)
