"""Where a raw file's respondents come from: a grid in memory, or a large CSV read in blocks. Both answer the same questions."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from kyodo.intake.answers import AnswersError, CsvAnswers, cell_text, from_grid, record_end, tail_records
from kyodo.intake.cells import cleaned
from kyodo.intake.codes import Findings
from kyodo.intake.grid import EMPTY, Grid, quoted
from kyodo.intake.mapping import Question
from kyodo.intake.names import key_of
from kyodo.intake.tally import Coded
from kyodo.intake.text import holds_rows, swallowed_rows

_TOTAL = re.compile(r"(?:総|小|合|累)?計|合計.*|総合計|平均値?|総数|全体|(?:grand)?total|average|mean|はいの数|有効回答数|該当数|度数|標準偏差|構成比|割合")
_NOTE = re.compile(r"\s*(?:※|[*＊]|[(（〔【\[]?\s*(?:注|出典|資料|備考|凡例)|以上\s*$)")
_SWALLOWED = "1つのセルに複数の行が入り、回答者が欠けています。二重引用符(\")の開きと閉じを確かめてください。"
_LISTED = 20  # rows named per kind
_LONG = 5  # characters from which a text under a question is its wording rather than a code


class GridSource:
    """A grid's rows below the header, with question texts, totals and notes set apart."""

    def __init__(self, grid: Grid, header_row: int, headers: Mapping[int, str], questions: Mapping[int, Question], findings: Findings) -> None:
        """Sort the rows below ``header_row``; ``questions`` by column."""
        self.grid, self.width = grid, max(headers, default=0)
        self.rows: list[int] = []
        self.shortest = max(questions, default=0)
        for row in grid.below(header_row):
            kind = self._kind(row, questions, first=not self.rows)
            if kind == "":
                self.rows.append(row)
            elif kind != "空":
                code = "total_row" if kind == "合計・平均" else "skipped_rows"
                findings.tell(code, f"{kind}の行は回答として数えません: {quoted(self._first(row), 24)}", row=row, sheet=grid.sheet)
        self._check_widths(findings)
        for row in dict.fromkeys(swallowed_rows(grid, self.width) if grid.fields else ()):
            findings.refuse("quote", _SWALLOWED, row=row)
        if hidden := [row for row in self.rows if row in grid.hidden_rows]:
            findings.tell("hidden", f"非表示の行({len(hidden):,}行)も回答として数えました。", row=hidden[0], sheet=grid.sheet)

    def _first(self, row: int) -> str:
        return next((cell.text for cell in self.grid.filled(row).values() if cleaned(cell)), "")

    def _kind(self, row: int, questions: Mapping[int, Question], *, first: bool) -> str:
        filled = {column: cell for column, cell in self.grid.filled(row).items() if cleaned(cell)}
        if not filled:
            return "空"
        if _TOTAL.fullmatch(key_of(self._first(row))):
            return "合計・平均"
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
                findings.refuse("extra", f"列数が多い行です(見出し{self.width}列、この行{got}列)。カンマで列がずれている可能性があります。", row=row)
            elif got is not None and got < self.shortest:
                findings.refuse("short", f"列数が不足しています(見出し{self.width}列、この行{got}列)。", row=row)

    def batches(self, columns: Sequence[int], progress: Callable[[float], None], number: int | None = None) -> Iterator[dict[int, Coded]]:
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
    unknown = [text for column, text in asked.items() if questions[column].classify(text)[0] == 3 and not re.search(r"^\d", text.strip())]
    return len(unknown) == len(asked) and sum(len(text.strip()) >= _LONG for text in unknown) * 2 >= len(questions)


class CsvSource:
    """A large CSV's records after the header; question texts after it and totals or notes at its end are set apart."""

    def __init__(
        self, data: bytes, grid: Grid, header_row: int, headers: Mapping[int, str], questions: Mapping[int, Question], encoding: str, findings: Findings
    ) -> None:
        """Find where the respondents begin and end; ``grid`` holds the head of the file."""
        start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        row = 1
        while row <= header_row:
            start, row = record_end(data, start), row + 1
        while row in grid.rows and self._is_text_row(grid, row, questions):
            findings.tell("skipped_rows", f"質問文の行は回答として数えません: {quoted(next(iter(grid.rows[row].values())).text, 24)}", row=row)
            start, row = record_end(data, start), row + 1
        width = grid.fields.get(header_row, max(headers))
        codec = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
        self.answers = CsvAnswers(data, start, len(data), row, width, grid.delimiter, codec)
        self.answers.labels = frozenset(headers) - frozenset(questions)
        self.width, self.head = width, (data, grid)
        self._cut_tail(findings)

    def _is_text_row(self, grid: Grid, row: int, questions: Mapping[int, Question]) -> bool:
        asked = {column: cell.text for column, cell in grid.filled(row).items() if column in questions and cleaned(cell)}
        return bool(asked) and is_question_text(asked, questions)

    def _cut_tail(self, findings: Findings) -> None:
        """Blank lines, totals and notes at the end, however many, are no respondents."""
        while found := tail_records(self.answers):
            for begin, record in reversed(found):
                first = next((text for text in record if text.strip()), "")
                if first and not _TOTAL.fullmatch(key_of(first)) and not (_NOTE.match(first) and sum(bool(t.strip()) for t in record) == 1):
                    return
                self.answers.stop = begin
                if first:
                    findings.tell("total_row", f"末尾の{quoted(first, 24)}の行は回答として数えません。")

    def batches(self, columns: Sequence[int], progress: Callable[[float], None], number: int | None = None) -> Iterator[dict[int, Coded]]:
        """Batches in file order."""
        return self.answers.batches(columns, progress, number)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record's number and texts."""
        return self.answers.records()

    def everything(self) -> Iterator[list[str]]:
        """All records of the file from the top."""
        data, _ = self.head
        whole = CsvAnswers(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0, len(data), 1, self.width, self.answers.delimiter, self.answers.encoding)
        return (record for _, record in whole.records())

    def check(self, findings: Findings) -> None:
        """Refuse rows that swallow others and rows that did not have the header's number of fields, with their places."""
        if self.answers.may_hide_rows():
            self._check_swallowed(findings)
        if self.answers.odd_rows:
            self._check_widths(findings)

    def _check_swallowed(self, findings: Findings) -> None:
        mark = self.answers.delimiter
        rows = (row for row, record in self.records() if any(holds_rows(text, mark, self.width) for text in record if "\n" in text or "\r" in text))
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
            findings.refuse("quote", "二重引用符(\")の開きと閉じが合わず、列数がそろいません。")


__all__ = ["AnswersError", "CsvSource", "GridSource", "is_question_text"]
