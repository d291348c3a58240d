"""The raw form, one row a respondent: the clerk's mapping turns answers into shares, never a guess about codes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kyodo.intake.codes import Findings
from kyodo.intake.grid import Grid, quoted
from kyodo.intake.mapping import Question, propose, read_mapping
from kyodo.intake.names import IndicatorNames, key_of
from kyodo.intake.personal import without_columns
from kyodo.intake.printed import check_printed
from kyodo.intake.rawcolumns import RawColumns
from kyodo.intake.rawfaults import (
    LISTED,
    Identities,
    RawYear,
    contradictions,
    refuse_contradictions,
    refuse_places,
    tell_repeated,
    weights_of,
)
from kyodo.intake.rawhead import head_rows, is_on_its_side, raw_header_row, row_score
from kyodo.intake.reading import ColumnSummary, Reading, Understood, breakdown_frame, values_frame
from kyodo.intake.sources import AnswersError, CsvSource, GridSource
from kyodo.intake.tally import MAX_CATEGORIES, Tally

if TYPE_CHECKING:
    from kyodo.intake.upload import Request

_TOTALS = frozenset({"合計", "小計", "総計", "計", "全体", "総数"})


def read_raw(request: "Request", grid: Grid, encoding: str, findings: Findings, understood: Understood) -> Reading:
    """Read a raw table; a grid that is only the head of ``request.body`` (in ``encoding``) is read on in blocks."""
    return _RawReader(request, grid, encoding if grid.partial else "", findings, understood).read()


class _RawReader:
    """One raw file: its header, the mapping's columns, the tally, and what becomes of them."""

    def __init__(
        self, request: "Request", grid: Grid, encoding: str, findings: Findings, understood: Understood
    ) -> None:
        self.request, self.grid, self.encoding = request, grid, encoding
        self.findings, self.understood = findings, understood
        self.names = IndicatorNames(request.plan.indicators)
        self.fiscal_year: int | None = None
        self.columns: RawColumns | None = None
        self.source: GridSource | CsvSource | None = None
        self.tally: Tally | None = None
        self.identities, self.years_differ = Identities(), False

    def read(self) -> Reading:
        mapping = self.request.mapping
        questions = [] if mapping is None else read_mapping(mapping, self.names.names, self.findings)
        row = self._header_row(questions)
        if row is None:
            return self._reading()
        self.columns = columns = RawColumns(self.grid, row, self.findings)
        columns.choose(questions, self.request.weight_column, self.request.groups)
        headers = tuple(
            (self.names.names[question.indicator], question.column) for question in columns.questions.values()
        )
        self.understood = replace(self.understood, header_rows=(row,), headers=headers)
        self.source = self._source()
        if mapping is None:
            return self._ask()
        if not self.findings.problems:
            self._count()
        return self._reading()

    def _source(self) -> GridSource | CsvSource:
        columns = self.columns
        if self.encoding:
            return CsvSource(
                self.request.body,
                self.grid,
                columns.header_row,
                columns.headers,
                columns.questions,
                self.encoding,
                self.findings,
            )
        return GridSource(self.grid, columns.header_row, columns.headers, columns.questions, self.findings)

    def _header_row(self, questions: list[Question]) -> int | None:
        """The row of the header; a problem where the mapped columns are nowhere."""
        mapping, place = self.request.mapping, {"sheet": self.grid.sheet}
        if mapping is None:
            return raw_header_row(self.grid, self.request.plan)
        if not self.grid.rows:
            self.findings.refuse("empty", "表が空です(データ行がありません)。", **place)
            return None
        best = max(head_rows(self.grid), key=lambda row: row_score(self.grid, row, mapping))
        place["row"] = min(self.grid.rows)
        if is_on_its_side(self.grid, best, {key_of(question.column) for question in questions}):
            text = "表の縦と横が逆のようです(質問が縦、回答者が横に並んでいます)。1行に1人、質問を見出しの列に並べてください。"
            self.findings.refuse("layout", text, hint="", **place)
            return None
        if row_score(self.grid, best, mapping):
            return best
        if questions:
            names = "、".join(quoted(question.column) for question in questions)
            self.findings.refuse(
                "header", f"対応付けの列({names})が見出しにありません。", column=questions[0].column, **place
            )
        return None

    # without a mapping

    def _ask(self) -> Reading:
        """The question to the clerk: which column is which indicator; words are proposed, codes never."""
        columns, place = self.columns, {"row": self.columns.header_row, "sheet": self.grid.sheet}
        summaries = self._summaries()
        if not any(summary.distinct for summary in summaries):
            self.findings.refuse("empty", "見出しの下にデータ行がありません。", **place)
            return self._reading()
        text = "回答者ごとの表のようです。どの列がどの指標か、どの回答が「はい」かを選んでください(見出しの対応付け)。"
        self.findings.refuse("mapping_needed", text, hint="", **place)
        if self.request.fiscal_year is None and columns.year is None:
            self.findings.refuse("year_needed", "何年度の調査か、年度を選んでください。", column="年度")
        answers = {
            column: [text for text, _ in summary.frequent] if summary.distinct <= 12 else []
            for column, summary in zip(columns.headers, summaries, strict=True)
        }
        return self._reading(columns=summaries, proposal=propose(columns.headers, answers, self.names))

    def _summaries(self) -> tuple[ColumnSummary, ...]:
        """Every column's distinct answers and the most frequent ones; personal columns show only their name."""
        columns = self.columns
        shown = [column for column in columns.headers if column not in columns.personal]
        counters: dict[int, Counter] = {column: Counter() for column in shown}
        try:
            for batch in self.source.batches(shown, lambda fraction: None):
                for column, coded in batch.items():
                    counts = np.bincount(coded.indices, minlength=len(coded.texts))
                    for text, count in zip(coded.texts, counts, strict=True):
                        if count:
                            counters[column][text.strip()] += int(count)
        except AnswersError:
            if not self.findings.problems:
                self._refuse_undecoded()
        return tuple(
            ColumnSummary(text, looks_personal=True)
            if column in columns.personal
            else ColumnSummary(text, len(counters[column]), tuple(counters[column].most_common(12)))
            for column, text in columns.headers.items()
        )

    # with a mapping

    def _count(self) -> None:
        """Tally every respondent, then say where something is wrong."""
        try:
            years = self._fill_tally()
            self.source.check(self.findings)
            if not self.tally.rows:
                self.findings.refuse(
                    "empty",
                    "見出しの下にデータ行がありません(回答が0件です)。",
                    row=self.columns.header_row,
                    sheet=self.grid.sheet,
                )
                return
            year = RawYear(self.columns, self.request.fiscal_year, self.request.plan, self.request.today, self.findings)
            self.fiscal_year = year.settle(years)
            refuse_places(self.columns, self.tally, self.source, years, year.faults, self.findings)
            if self.years_differ:
                refuse_contradictions(self.columns, self.source, self.findings)
            tell_repeated(self.identities, self.columns, self.source, self.findings)
        except AnswersError:
            self._refuse_undecoded()
            return
        self._check_totals()
        if not self.findings.problems:
            self._tell()

    def _fill_tally(self) -> Counter:
        """Count all batches; returns how often each text of the year column occurs."""
        columns = self.columns
        tally = self.tally = Tally(list(columns.questions.values()), list(columns.groups))
        years: Counter = Counter()

        def told(fraction: float) -> None:
            self.request.progress(fraction, f"{tally.rows:,}人の回答を集計しました")

        numbers = {column for column in (columns.weight, columns.identity) if column is not None}
        for batch in self.source.batches(list(dict.fromkeys([*columns.needed, *numbers])), told, numbers):
            answers = {question.indicator: batch[column] for column, question in columns.questions.items()}
            groups = {name: batch[column] for name, column in columns.groups.items()}
            tally.add(answers, groups, weights_of(batch[columns.weight]) if columns.weight else None)
            if columns.identity:
                self.identities.add(batch[columns.identity])
            if columns.year:
                coded = batch[columns.year]
                self.years_differ |= any(contradictions(batch[other], coded) for other in columns.other_years)
                counts = np.bincount(coded.indices, minlength=len(coded.texts))
                years.update({text: int(count) for text, count in zip(coded.texts, counts, strict=True) if count})
        return years

    def _refuse_undecoded(self) -> None:
        """Locate the rows that do not decode; a broken CSV where all do."""
        found = 0
        try:
            for row, record in self.source.records():
                if any("\udc80" <= character <= "\udcff" for text in record for character in text):
                    self.findings.refuse("encoding", "この行の文字コードがほかの行と違い、文字化けします。", row=row)
                    found += 1
                    if found >= LISTED:
                        return
        except AnswersError:
            self.findings.refuse("too_large", '1つのセルが長すぎるか、二重引用符(")が閉じていません。')
            return
        if not found:
            self.findings.refuse(
                "quote", '行ごとの列数がそろわず、CSV として読み取れません。二重引用符(")の閉じ忘れを確かめてください。'
            )

    def _check_totals(self) -> None:
        """Every question has answers, and no group is a total."""
        tally, columns, place = self.tally, self.columns, {"sheet": self.grid.sheet}
        for column, question in columns.questions.items():
            if not tally.valid(question.indicator) and question.indicator not in tally.unexpected:
                text = f"指標{question.indicator}の列に有効な回答がありません(すべて空欄か無回答)。"
                self.findings.refuse("no_answers", text, column=columns.title(column), **place)
        for name, column in columns.groups.items():
            if wrong := [text for text in tally.labels[name] if key_of(text) in _TOTALS]:
                text = f"内訳の列に{quoted(wrong[0])}があり、合計の行が回答に混じっています。"
                self.findings.refuse("code", text, column=columns.title(column), **place)

    def _tell(self) -> None:
        """What a clerk should know of an accepted file."""
        tally, questions = self.tally, self.columns.questions.values()
        unanswered = "、".join(
            f"指標{question.indicator}が{tally.unanswered(question.indicator):,}件" for question in questions
        )
        self.findings.tell(
            "answers_notice", f"{tally.rows:,}人の回答を集計しました。無回答として除いたのは{unanswered}です。"
        )
        if tally.whole_floats:
            self.findings.tell("answers_notice", "小数で書かれたコード(1.0 など)を整数のコードとして読みました。")
        for name in tally.dropped:
            self.findings.tell(
                "withheld", f"{quoted(name)}は区分が多すぎるため({MAX_CATEGORIES}超)、内訳を作りません。"
            )
        if hidden := sum(row["withheld"] for row in tally.breakdown()):
            self.findings.tell("withheld", f"回答が10件未満の区分などを秘匿しました({hidden}か所)。")
        found = {question.indicator for question in questions}
        for number, name in self.names.names.items():
            if number not in found:
                self.findings.tell(
                    "missing_indicator", f"指標{number}がない対応付けです({quoted(name)})。登録済みの値は変わりません。"
                )

    def _reading(self, **parts: Any) -> Reading:
        """What is known so far as a reading; values only where nothing is wrong."""
        columns = self.columns
        if columns is not None:
            if columns.personal:
                parts |= {
                    "original": without_columns(self.source.everything(), columns.personal),
                    "original_reduced": True,
                }
            if self.findings.problems and "columns" not in parts:
                parts["columns"] = self._summaries()
            used: Mapping[str, Any] = {
                str(question.indicator): question.as_json() for question in columns.questions.values()
            }
            parts |= {"mapping": used or None, "weight_column": columns.title(columns.weight) or None}
            parts["groups"] = {name: columns.title(column) for name, column in columns.groups.items()}
        values, breakdown = self._values()
        return self.request.reading(
            self.findings, form="raw", values=values, breakdown=breakdown, understood=self.understood, **parts
        )

    def _values(self):
        if self.tally is not None and not self.findings.problems:
            year = {"fiscal_year": self.fiscal_year}
            rows = [row | year for row in self.tally.overall()]
            check_printed(
                self.request.plan,
                [(row["indicator"], self.fiscal_year, row["value"], row["n"], None) for row in rows],
                "",
                self.findings,
            )
            if not self.findings.problems:
                return values_frame(rows), breakdown_frame([row | year for row in self.tally.breakdown()])
        return values_frame(), breakdown_frame()
