"""Where a raw file's respondents come from: a grid in memory, or a large CSV read in blocks. Both answer the same questions."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from kyodo.intake.answers import Coded, CsvAnswers, Wanted, cell_text, from_grid, record_end
from kyodo.intake.grid import EMPTY, cleaned
from kyodo.intake.respondents import RawColumns
from kyodo.intake.text import holds_rows, swallowed_rows
from kyodo.intake.words import group_name, is_identity, is_total, key_of, pattern

LISTED = 20  # rows named per kind
Progress = Callable[[float], None]


class Labels:
    """The columns in which a total has its label: what numbers the respondents and their attributes, never free text."""

    def __init__(self, columns: RawColumns) -> None:
        """Take a file's columns."""
        head, questions = columns.head, columns.questions
        said = {column: head.said(column) for column in head.titles if column not in questions}
        self.identity = {column for column, text in said.items() if is_identity(text)}
        first = min(questions, default=1)
        before = {c for c in range(1, first) if not pattern("free_text").search(key_of(said.get(c, "")))}
        self.columns = before | self.identity | {column for column, text in said.items() if group_name(text)}

    def judge(self, texts: Mapping[int, str]) -> str:
        """``total`` for a label with no attribute beside it, ``doubt`` where it may be either, empty for a respondent."""
        filled = {column: texts[column] for column in self.columns if texts.get(column, "").strip()}
        marked = {column for column, text in filled.items() if is_total(text)}
        others = filled.keys() - marked
        if not marked or (others - self.identity and not marked & self.identity):
            return ""
        return "doubt" if others else "total"


class GridSource:
    """A grid's rows below the header, with totals and notes set apart."""

    encoding = "utf-8"  # of the identifiers as bytes

    def __init__(self, columns: RawColumns) -> None:
        """Sort the rows below the header."""
        self.columns, self.grid = columns, columns.grid
        self.width, findings = max(columns.head.titles, default=0), columns.findings
        self.rows: list[int] = []
        self.labels = Labels(columns)
        for row in self.grid.below(columns.head.bottom):
            kind = self._kind(row)
            if not kind:
                self.rows.append(row)
            elif kind != "blank":
                note = findings.refuse if kind == "total_doubt" else findings.tell
                note(kind, text=self.grid.first_text(row), row=row)

    def _kind(self, row: int) -> str:
        """Empty for a respondent, else ``blank`` or the message that tells of the row."""
        filled = {column: cell.text for column, cell in self.grid.filled(row).items() if cleaned(cell)}
        if not filled:
            return "blank"
        if judged := self.labels.judge(filled):
            return "answers_total" if judged == "total" else "total_doubt"
        asked = any(column in self.columns.questions for column in filled)
        return "answers_note" if not asked and pattern("note").match(self.grid.first_text(row).strip()) else ""

    def check(self, rows: int) -> None:
        """Refuse rows that swallow others, and a CSV's with more fields than the header or fewer than the questions need."""
        findings, shortest = self.columns.findings, max(self.columns.questions, default=0)
        for row in self.rows:
            got = self.grid.fields.get(row)
            if got is not None and max(self.grid.filled(row), default=0) > self.width:
                findings.refuse("extra", width=self.width, got=got, row=row)
            elif got is not None and got < shortest:
                findings.refuse("short", width=self.width, got=got, row=row)
        for row in swallowed_rows(self.grid, self.width):
            findings.refuse("answers_swallowed", row=row)
        if hidden := [row for row in self.rows if row in self.grid.hidden_rows]:
            findings.tell("answers_hidden", count=len(hidden), row=hidden[0])

    def batches(self, wanted: Wanted, progress: Progress) -> Iterator[dict[int, Coded]]:
        """One batch with all rows."""
        if self.rows:
            yield {column: from_grid(self.grid, self.rows, column) for column in wanted.all}

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row's number and texts."""
        for row in self.rows:
            yield row, [cell_text(self.grid.rows[row].get(column, EMPTY)) for column in range(1, self.width + 1)]

    def everything(self) -> Iterator[list[str]]:
        """All rows of the sheet from the top, for what is kept."""
        width = self.grid.width
        for row in self.grid.rows:
            yield [cell_text(self.grid.cell(row, column)) for column in range(1, width + 1)]


class CsvSource(CsvAnswers):
    """A large CSV's records after the header; totals or notes at its end are set apart."""

    def __init__(self, columns: RawColumns, body: bytes, codec: str) -> None:
        """Find where the respondents begin and end; the columns' grid holds the head of the file."""
        self.columns, head, grid = columns, columns.head, columns.grid
        start = 3 if body.startswith(b"\xef\xbb\xbf") else 0
        for _ in range(head.bottom):
            start = record_end(body, start)
        width = grid.fields.get(head.top, max(head.titles))
        super().__init__(body, start, head.bottom + 1, width, grid.delimiter, codec)
        self.repeated = frozenset(head.titles) - columns.questions.keys()
        self.labels = Labels(columns)
        self._cut_tail()

    def _cut_tail(self) -> None:
        """Blank lines, totals and notes at the end, however many, are no respondents."""
        while found := self.tail():
            for begin, record in reversed(found):
                filled = [text for text in record if text.strip().strip("\x1a")]
                if filled and not self._is_no_respondent(record, filled):
                    return
                self.stop = begin
                if filled:
                    self.columns.findings.tell("answers_tail", text=filled[0])

    def _is_no_respondent(self, record: list[str], filled: list[str]) -> bool:
        total = self.labels.judge(dict(enumerate(record, 1))) == "total"
        return total or (len(filled) == 1 and bool(pattern("note").match(filled[0].strip())))

    def everything(self) -> Iterator[list[str]]:
        """All records of the file from the top."""
        begin = 3 if self.data.startswith(b"\xef\xbb\xbf") else 0
        whole = CsvAnswers(self.data, begin, 1, self.width, self.delimiter, self.encoding)
        return (record for _, record in whole.records())

    def check(self, rows: int) -> None:
        """Once ``rows`` are read, refuse such as swallow others, and those of another width than the header."""
        if self.may_hide_rows(rows):
            for row, _ in islice(filter(self._swallows, self.records()), LISTED):
                self.columns.findings.refuse("answers_swallowed", row=row)
        if self.odd_rows:
            self._check_widths()

    def _swallows(self, numbered: tuple[int, list[str]]) -> bool:
        return any(holds_rows(text, self.delimiter, self.width) for text in numbered[1])

    def _check_widths(self) -> None:
        odd = ((row, len(record)) for row, record in self.records() if record and len(record) != self.width)
        found = list(islice(odd, LISTED))
        for row, got in found:
            self.columns.findings.refuse("extra" if got > self.width else "short", width=self.width, got=got, row=row)
        if not found:
            self.columns.findings.refuse("quote_widths")


Source = GridSource | CsvSource
