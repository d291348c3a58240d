"""Where a raw file's respondents come from: a grid in memory, or a large CSV read in blocks. Both answer the same questions."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from kyodo.intake.answers import AnswersError, CsvAnswers, cell_text, from_grid, record_end, tail_records
from kyodo.intake.cells import cleaned
from kyodo.intake.codes import Findings
from kyodo.intake.grid import EMPTY, Grid, quoted
from kyodo.intake.mapping import Question, group_name
from kyodo.intake.names import key_of
from kyodo.intake.rawhead import is_identity
from kyodo.intake.tally import Coded
from kyodo.intake.text import holds_rows, swallowed_rows

_TOTAL = re.compile(
    r"(?:(?:総|小|合|累)?計|総合計|合計(?:値|数|人数|件数)|平均値?|総数|全体|(?:grand)?total|average|mean|はいの数|有効回答数|該当数|度数|標準偏差|構成比|割合)(?:\([^()]{1,6}\))?"
)
_FREE = re.compile("意見|自由|記述|感想|要望|コメント|備考|理由|その他")
_NOTE = re.compile(r"\s*(?:※|[*＊]|[(（〔【\[]?\s*(?:注|出典|資料|備考|凡例)|以上\s*$)")
_SWALLOWED = '1つのセルに複数の行が入り、回答者が欠けています。二重引用符(")の開きと閉じを確かめてください。'
_LISTED = 20  # rows named per kind
_LONG = 5  # characters from which a text under a question is its wording rather than a code


def is_total(text: str) -> bool:
    """Whether a cell is nothing but a total's label.

    >>> is_total("合　計"), is_total("合計が合わない"), is_total("計2")
    (True, False, False)
    """
    return len(text) <= 40 and (not text.isascii() or text.strip().isalpha()) and bool(_TOTAL.fullmatch(key_of(text)))


class Labels:
    """The columns in which a total has its label: what numbers the respondents and their attributes, never free text."""

    def __init__(self, headers: Mapping[int, str], questions: Mapping[int, Question]) -> None:
        """Take a file's headers and questions by column."""
        self.identity = {column for column, text in headers.items() if column not in questions and is_identity(text)}
        before = {column for column in range(1, min(questions, default=1)) if not _FREE.search(headers.get(column, ""))}
        self.columns = (
            before | self.identity | {column for column, text in headers.items() if group_name(text)} - set(questions)
        )

    def judge(self, texts: Mapping[int, str]) -> str:
        """``total`` for a label with no attribute beside it, ``doubt`` where it may be either, empty for a respondent."""
        filled = {column: texts[column] for column in self.columns if texts.get(column, "").strip()}
        marked = {column for column, text in filled.items() if is_total(text)}
        others = filled.keys() - marked
        if not marked or (others - self.identity and not marked & self.identity):
            return ""
        return "doubt" if others else "total"

    def suspects(self, batch: Mapping[int, Coded]) -> bool:
        """Whether a batch may hold a total: a label where respondents have a number, or no attribute but blanks and labels."""
        if any(is_total(text) for column in self.identity & batch.keys() for text in batch[column].texts):
            return True
        rows: np.ndarray | bool = True
        for column in self.columns & batch.keys():
            coded = batch[column]
            blank = np.array([not text.strip() or is_total(text) for text in coded.texts], dtype=bool)
            if not blank.any():
                return False
            rows = rows & blank[coded.indices]
        return bool(np.any(rows))


def _refuse_total(row: int, text: str, findings: Findings) -> None:
    text = f"{quoted(text, 24)}の行が合計の行なのか回答なのか分かりません。合計の行は削除し、回答者の行は属性を記入してください。"
    findings.refuse("code", text, row=row)


class GridSource:
    """A grid's rows below the header, with question texts, totals and notes set apart."""

    def __init__(
        self,
        grid: Grid,
        header_row: int,
        headers: Mapping[int, str],
        questions: Mapping[int, Question],
        findings: Findings,
    ) -> None:
        """Sort the rows below ``header_row``; ``questions`` by column."""
        self.grid, self.width = grid, max(headers, default=0)
        self.rows: list[int] = []
        self.shortest = max(questions, default=0)
        self.labels = Labels(headers, questions)
        for row in grid.below(header_row):
            kind = self._kind(row, questions, first=not self.rows)
            if kind == "":
                self.rows.append(row)
            elif kind == "不明":
                _refuse_total(row, self._first(row), findings)
            elif kind != "空":
                code = "total_row" if kind == "合計・平均" else "skipped_rows"
                findings.tell(
                    code, f"{kind}の行は回答として数えません: {quoted(self._first(row), 24)}", row=row, sheet=grid.sheet
                )
        self._check_widths(findings)
        for row in dict.fromkeys(swallowed_rows(grid, self.width) if grid.fields else ()):
            findings.refuse("quote", _SWALLOWED, row=row)
        if hidden := [row for row in self.rows if row in grid.hidden_rows]:
            findings.tell(
                "hidden", f"非表示の行({len(hidden):,}行)も回答として数えました。", row=hidden[0], sheet=grid.sheet
            )

    def _first(self, row: int) -> str:
        return next((cell.text for cell in self.grid.filled(row).values() if cleaned(cell)), "")

    def _kind(self, row: int, questions: Mapping[int, Question], *, first: bool) -> str:
        filled = {column: cell for column, cell in self.grid.filled(row).items() if cleaned(cell)}
        if not filled:
            return "空"
        if judged := self.labels.judge({column: cell.text for column, cell in filled.items()}):
            return "合計・平均" if judged == "total" else "不明"
        asked = {column: cell for column, cell in filled.items() if column in questions}
        if not asked and _NOTE.match(self._first(row)):
            return "注記"
        if first and asked and is_question_text({column: cell.text for column, cell in asked.items()}, questions):
            return "質問文"
        return ""

    def _check_widths(self, findings: Findings) -> None:
        """A CSV's rows that have more fields than the header, or fewer than the questions need."""
        for row in self.rows:
            got = self.grid.fields.get(row)
            if got is not None and max(self.grid.filled(row), default=0) > self.width:
                findings.refuse(
                    "extra",
                    f"列数が多い行です(見出し{self.width}列、この行{got}列)。カンマで列がずれている可能性があります。",
                    row=row,
                )
            elif got is not None and got < self.shortest:
                findings.refuse("short", f"列数が不足しています(見出し{self.width}列、この行{got}列)。", row=row)

    def batches(
        self, columns: Sequence[int], progress: Callable[[float], None], numbers: Collection[int] = ()
    ) -> Iterator[dict[int, Coded]]:
        """One batch with all rows."""
        if self.rows:
            yield {column: from_grid(self.grid, self.rows, column) for column in columns}

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row's number and texts."""
        for row in self.rows:
            yield row, [cell_text(self.grid.rows[row].get(column, EMPTY)) for column in range(1, self.width + 1)]

    def everything(self) -> Iterator[list[str]]:
        """All rows of the sheet from the top, for what is kept."""
        width = self.grid.width
        for row in self.grid.rows:
            yield [cell_text(self.grid.cell(row, column)) for column in range(1, width + 1)]

    def check(self, findings: Findings) -> None:
        """Nothing is left to check after the batches."""


def is_question_text(asked: Mapping[int, str], questions: Mapping[int, Question]) -> bool:
    """Whether the texts under the questions are their wordings: none is a known answer, and most are long."""
    unknown = [
        text
        for column, text in asked.items()
        if questions[column].classify(text)[0] == 3 and not re.search(r"^\d", text.strip())
    ]
    return len(unknown) == len(asked) and sum(len(text.strip()) >= _LONG for text in unknown) * 2 >= len(questions)


class CsvSource:
    """A large CSV's records after the header; question texts after it and totals or notes at its end are set apart."""

    def __init__(
        self,
        data: bytes,
        grid: Grid,
        header_row: int,
        headers: Mapping[int, str],
        questions: Mapping[int, Question],
        encoding: str,
        findings: Findings,
    ) -> None:
        """Find where the respondents begin and end; ``grid`` holds the head of the file."""
        start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        row = 1
        while row <= header_row:
            start, row = record_end(data, start), row + 1
        while row in grid.rows and self._is_text_row(grid, row, questions):
            findings.tell(
                "skipped_rows",
                f"質問文の行は回答として数えません: {quoted(next(iter(grid.rows[row].values())).text, 24)}",
                row=row,
            )
            start, row = record_end(data, start), row + 1
        width = grid.fields.get(header_row, max(headers))
        codec = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
        self.answers = CsvAnswers(data, start, len(data), row, width, grid.delimiter, codec)
        self.answers.labels = frozenset(headers) - frozenset(questions)
        self.width, self.head = width, (data, grid)
        self.labels, self._suspected = Labels(headers, questions), False
        self._cut_tail(findings)

    def _is_text_row(self, grid: Grid, row: int, questions: Mapping[int, Question]) -> bool:
        asked = {
            column: cell.text for column, cell in grid.filled(row).items() if column in questions and cleaned(cell)
        }
        return bool(asked) and is_question_text(asked, questions)

    def _cut_tail(self, findings: Findings) -> None:
        """Blank lines, totals and notes at the end, however many, are no respondents."""
        while found := tail_records(self.answers):
            for begin, record in reversed(found):
                first = next((text for text in record if text.strip()), "")
                total = self.labels.judge(dict(enumerate(record, 1))) == "total"
                if first and not total and not (_NOTE.match(first) and sum(bool(t.strip()) for t in record) == 1):
                    return
                self.answers.stop = begin
                if first:
                    findings.tell("total_row", f"末尾の{quoted(first, 24)}の行は回答として数えません。")

    def batches(
        self, columns: Sequence[int], progress: Callable[[float], None], numbers: Collection[int] = ()
    ) -> Iterator[dict[int, Coded]]:
        """Batches in file order."""
        self._suspected = not self.labels.columns & set(columns)
        for batch in self.answers.batches(columns, progress, numbers):
            self._suspected = self._suspected or self.labels.suspects(batch)
            yield batch

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record's number and texts."""
        return self.answers.records()

    def everything(self) -> Iterator[list[str]]:
        """All records of the file from the top."""
        data, _ = self.head
        whole = CsvAnswers(
            data,
            3 if data.startswith(b"\xef\xbb\xbf") else 0,
            len(data),
            1,
            self.width,
            self.answers.delimiter,
            self.answers.encoding,
        )
        return (record for _, record in whole.records())

    def check(self, findings: Findings) -> None:
        """Refuse rows that swallow others and rows that did not have the header's number of fields, with their places."""
        if self.answers.may_hide_rows():
            self._check_swallowed(findings)
        if self.answers.odd_rows:
            self._check_widths(findings)
        if self._suspected and self.labels.columns:
            self._check_totals(findings)

    def _check_totals(self, findings: Findings) -> None:
        """Refuse totals between the respondents, which cannot be left out of what is counted."""
        rows = ((row, record) for row, record in self.records() if self.labels.judge(dict(enumerate(record, 1))))
        for row, record in islice(rows, _LISTED):
            _refuse_total(row, next(text for text in record if text.strip()), findings)

    def _check_swallowed(self, findings: Findings) -> None:
        mark = self.answers.delimiter
        rows = (
            row
            for row, record in self.records()
            if any(holds_rows(text, mark, self.width) for text in record if "\n" in text or "\r" in text)
        )
        for row in islice(rows, _LISTED):
            findings.refuse("quote", _SWALLOWED, row=row)

    def _check_widths(self, findings: Findings) -> None:
        found = 0
        for row, record in self.records():
            if record and len(record) != self.width:
                code, word = ("extra", "多い") if len(record) > self.width else ("short", "不足している")
                findings.refuse(code, f"列数が{word}行です(見出し{self.width}列、この行{len(record)}列)。", row=row)
                found += 1
                if found >= _LISTED:
                    break
        if not found:
            findings.refuse("quote", '二重引用符(")の開きと閉じが合わず、列数がそろいません。')


__all__ = ["AnswersError", "CsvSource", "GridSource", "is_question_text"]
