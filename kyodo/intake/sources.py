"""Where a raw file's respondents come from: a grid in memory, or a large CSV read in blocks. Both answer the same questions.

And where a raw file is wrong: its years, repeated respondents, and one pass over the rows that names faulty answers.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Coded, CsvAnswers, Wanted, blanks, cell_text, from_grid, record_end
from kyodo.intake.grid import EMPTY, FOLD, LONGEST, Cell, Grid, cleaned, read_year
from kyodo.intake.mapping import ODD, answer_key
from kyodo.intake.respondents import Head, RawColumns
from kyodo.intake.tally import Tally
from kyodo.intake.text import holds_rows, swallowed_rows
from kyodo.intake.words import Fault, Findings, Phrase, group_name, is_identity, is_total, key_of, pattern, quoted

LISTED = 20  # rows named per kind
Progress = Callable[[float], None]


class Labels:
    """The columns in which a total has its label: what numbers the respondents and their attributes, never free text."""

    def __init__(self, head: Head, questions: Collection[int]) -> None:
        """Take a file's head and the columns of its questions."""
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

    def suspects(self, batch: Mapping[int, Coded]) -> bool:
        """Whether a batch may hold a total: a label where respondents have a number, or no attribute but blanks and labels."""
        rows: np.ndarray | bool = True
        for column in self.columns & batch.keys():
            labelled, blank = _labelled(batch[column])
            if column in self.identity and labelled:
                return True
            rows = rows & blank
        return bool(np.any(rows))


def _labelled(coded: Coded) -> tuple[bool, np.ndarray | bool]:
    """Whether a column holds a total's label, and for each row whether it is blank or such a label."""
    if coded.numbers is not None:
        return False, False
    if coded.raw is not None:  # no total's label ends with a digit
        return any(map(is_total, coded.texts)), blanks(coded.raw)
    totals = [is_total(text) for text in coded.texts]
    blank = np.array([total or not text.strip() for text, total in zip(coded.texts, totals, strict=True)], dtype=bool)
    return any(totals), blank[coded.indices] if blank.any() else False


class GridSource:
    """A grid's rows below the header, with totals and notes set apart."""

    def __init__(self, grid: Grid, head: Head, questions: Collection[int], findings: Findings) -> None:
        """Sort the rows below the header; ``questions`` are the columns that are asked."""
        self.grid, self.width = grid, max(head.titles, default=0)
        self.rows: list[int] = []
        self.labels, self.questions = Labels(head, questions), questions
        for row in grid.below(head.bottom):
            kind = self._kind(row)
            if not kind:
                self.rows.append(row)
            elif kind != "blank":
                note = findings.refuse if kind == "total_doubt" else findings.tell
                note(kind, text=self.grid.first_text(row), row=row)
        self._check_widths(findings, max(questions, default=0))
        for row in swallowed_rows(grid, self.width):
            findings.refuse("answers_swallowed", row=row)
        if hidden := [row for row in self.rows if row in grid.hidden_rows]:
            findings.tell("answers_hidden", count=len(hidden), row=hidden[0])

    def _kind(self, row: int) -> str:
        """Empty for a respondent, else ``blank`` or the message that tells of the row."""
        filled = {column: cell.text for column, cell in self.grid.filled(row).items() if cleaned(cell)}
        if not filled:
            return "blank"
        if judged := self.labels.judge(filled):
            return "answers_total" if judged == "total" else "total_doubt"
        asked = any(column in self.questions for column in filled)
        return "answers_note" if not asked and pattern("note").match(self.grid.first_text(row).strip()) else ""

    def _check_widths(self, findings: Findings, shortest: int) -> None:
        """A CSV's rows that have more fields than the header, or fewer than the questions need."""
        for row in self.rows:
            got = self.grid.fields.get(row)
            if got is not None and max(self.grid.filled(row), default=0) > self.width:
                findings.refuse("extra", width=self.width, got=got, row=row)
            elif got is not None and got < shortest:
                findings.refuse("short", width=self.width, got=got, row=row)

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

    def check(self, findings: Findings) -> None:
        """Nothing is left to check after the batches."""


class CsvSource(CsvAnswers):
    """A large CSV's records after the header; totals or notes at its end are set apart."""

    def __init__(
        self, body: bytes, codec: str, grid: Grid, head: Head, questions: Collection[int], findings: Findings
    ) -> None:
        """Find where the respondents begin and end; ``grid`` holds the head of the file."""
        start = 3 if body.startswith(b"\xef\xbb\xbf") else 0
        for _ in range(head.bottom):
            start = record_end(body, start)
        width = grid.fields.get(head.top, max(head.titles))
        super().__init__(body, start, head.bottom + 1, width, grid.delimiter, codec)
        self.repeated = frozenset(head.titles) - frozenset(questions)
        self.labels, self._suspected = Labels(head, questions), False
        self._cut_tail(findings)

    def _cut_tail(self, findings: Findings) -> None:
        """Blank lines, totals and notes at the end, however many, are no respondents."""
        while found := self.tail():
            for begin, record in reversed(found):
                filled = [text for text in record if text.strip()]
                if filled and not self._is_no_respondent(record, filled):
                    return
                self.stop = begin
                if filled:
                    findings.tell("answers_tail", text=filled[0])

    def _is_no_respondent(self, record: list[str], filled: list[str]) -> bool:
        total = self.labels.judge(dict(enumerate(record, 1))) == "total"
        return total or (len(filled) == 1 and bool(pattern("note").match(filled[0].strip())))

    def batches(self, wanted: Wanted, progress: Progress) -> Iterator[dict[int, Coded]]:
        """Batches in file order."""
        self._suspected = not self.labels.columns & set(wanted.all)
        for batch in super().batches(wanted, progress):
            self._suspected = self._suspected or self.labels.suspects(batch)
            yield batch

    def everything(self) -> Iterator[list[str]]:
        """All records of the file from the top."""
        begin = 3 if self.data.startswith(b"\xef\xbb\xbf") else 0
        whole = CsvAnswers(self.data, begin, 1, self.width, self.delimiter, self.encoding)
        return (record for _, record in whole.records())

    def check(self, findings: Findings) -> None:
        """Refuse rows that swallow others, totals among them, and rows without the header's number of fields."""
        if self.may_hide_rows():
            for row, _ in islice(filter(self._swallows, self.records()), LISTED):
                findings.refuse("answers_swallowed", row=row)
        if self.odd_rows:
            self._check_widths(findings)
        if self._suspected and self.labels.columns:
            for row, record in islice(filter(self._may_be_total, self.records()), LISTED):
                findings.refuse("total_doubt", text=next(filter(str.strip, record)), row=row)

    def _may_be_total(self, numbered: tuple[int, list[str]]) -> bool:
        return bool(self.labels.judge(dict(enumerate(numbered[1], 1))))

    def _swallows(self, numbered: tuple[int, list[str]]) -> bool:
        return any(holds_rows(text, self.delimiter, self.width) for text in numbered[1])

    def _check_widths(self, findings: Findings) -> None:
        odd = ((row, len(record)) for row, record in self.records() if record and len(record) != self.width)
        found = list(islice(odd, LISTED))
        for row, got in found:
            findings.refuse("extra" if got > self.width else "short", width=self.width, got=got, row=row)
        if not found:
            findings.refuse("quote_widths")


_MAX_WEIGHT = 1e12
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
Source = GridSource | CsvSource


def _weight(text: str) -> float:
    """A weight of zero or more, NaN for anything else."""
    folded = text[:LONGEST].translate(FOLD).strip()
    value = float(folded.replace(",", "")) if _NUMBER.fullmatch(folded) else np.nan
    return value if value < _MAX_WEIGHT else np.nan


def weights_of(coded: Coded) -> np.ndarray:
    """Each row's weight; NaN where it is no number of zero or more."""
    if coded.numbers is not None:
        if coded.numbers.min(initial=0) >= 0 and coded.numbers.max(initial=0) < _MAX_WEIGHT:
            return coded.numbers
        return np.where((coded.numbers >= 0) & (coded.numbers < _MAX_WEIGHT), coded.numbers, np.nan)
    return np.array([_weight(text) for text in coded.texts] or [np.nan])[coded.indices]


@dataclass
class FileYears:
    """The texts of a raw file's year column with their counts; which are faulty and why, and the one year they say."""

    columns: RawColumns
    counts: Counter
    faults: dict[str, Fault] = field(default_factory=dict)

    def settled(self, screen: int | None, findings: Findings) -> int | None:
        """The year of the file and of the screen, None with a problem where they are not one."""
        years, found = self._read(), Counter()
        for text, year in years.items():
            found[year] += self.counts[text]
        stated = sorted(found.keys() - {None})
        if len(stated) > 1:
            self._mark_mixed(years, found)
        if self.faults:
            return None
        said, column = next(iter(stated), None), self.columns.title(self.columns.year)
        if said is None:
            if screen is None:
                findings.refuse("year_ask", column="年度")
            return screen
        if None in found:
            findings.tell("years_some_blank", count=found[None], year=Phrase(label(said)), column=column)
        if screen in {None, said}:
            return said
        years = {"year": Phrase(label(said)), "screen": Phrase(label(screen))}
        findings.refuse("year_screen", **years, row=self.columns.head.bottom + 1, column=column)
        return None

    def _mark_mixed(self, years: dict[str, int | None], found: Counter) -> None:
        """All texts that do not say the most usual year are faulty."""
        del found[None]
        shown = Phrase("、".join(f"{label(year)}が{found[year]:,}件" for year in sorted(found)))
        usual = max(sorted(found), key=found.__getitem__)
        odd = [text for text, year in years.items() if year not in {None, usual}]
        self.faults |= dict.fromkeys(odd, Fault("years_mixed", shown=shown))

    def _read(self) -> dict[str, int | None]:
        """The fiscal year each text says, None for a blank one."""
        years: dict[str, int | None] = {}
        for text in self.counts:
            try:
                years[text] = read_year(Cell(text)) if text else None
            except Fault as fault:
                self.faults[text] = fault
        return years


class Identities:
    """The respondents' numbers, to see whether one occurs twice."""

    def __init__(self) -> None:
        """Start with none."""
        self._chunks: list[Any] = []
        self._rising = True

    def add(self, coded: Coded) -> None:
        """Add one batch."""
        import pyarrow as pa

        keys = coded.raw if coded.raw is not None else pa.array(map(answer_key, coded.texts)).take(coded.indices)
        last = [chunk[-1:] for chunk in self._chunks[-1:]]
        self._rising = self._rising and _rises(pa.chunked_array([*last, keys]))
        self._chunks.append(keys)

    def may_repeat(self) -> bool:
        """Whether anything may occur more than once: what rises all the way does not, only others are counted."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return not self._rising and pc.count_distinct(every := pa.chunked_array(self._chunks)).as_py() < len(every)


def _rises(keys: Any) -> bool:
    """Whether each is longer than the one before, or as long and later in order (9, 10; R01, R02)."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(keys)
    later = pc.less(keys[:-1], keys[1:])
    if len(lengths.unique()) > 1:
        before, after = lengths[:-1], lengths[1:]
        later = pc.or_(pc.less(before, after), pc.and_(pc.equal(before, after), later))
    return pc.all(later).as_py() is not False


def tell_repeated(identities: Identities, columns: RawColumns, source: Source, findings: Findings) -> None:
    """A notice where one respondent's number stands in several rows."""
    if columns.identity is None or not identities.may_repeat():
        return
    rows: dict[str, list[int]] = {}
    for row, record in source.records():
        rows.setdefault(answer_key("".join(record[columns.identity - 1 : columns.identity])), []).append(row)
    rows.pop("", None)
    twice = [found for found in rows.values() if len(found) > 1]
    if twice:
        shown = sorted(itertools.chain.from_iterable(found[:3] for found in twice[:3]))
        place = {"row": min(found[1] for found in twice), "column": columns.title(columns.identity)}
        findings.tell("dup_id", count=len(twice), rows=shown, **place)


class PlacesOfFaults:
    """One pass over the rows that names where answers, weights and years are wrong, so many of each."""

    def __init__(self, columns: RawColumns, tally: Tally, years: FileYears, findings: Findings) -> None:
        """Take what was found wrong while counting."""
        self.columns, self.tally, self.years, self.findings = columns, tally, years, findings
        odd = [column for column, question in columns.questions.items() if question.indicator in tally.unexpected]
        self.left: dict[object, int] = dict.fromkeys(odd, LISTED)
        self.left |= {"weight": LISTED if tally.bad_weights else 0}
        self.left |= {"year": LISTED if years.faults else 0}

    def run(self, source: Source) -> None:
        """Name the faults of each kind, up to the limit."""
        self._sum_up()
        if not any(self.left.values()):
            return
        for row, record in source.records():
            texts = dict(enumerate(record, 1))
            self._answers(row, texts)
            self._weights(row, texts)
            self._years(row, texts)
            if not any(self.left.values()):
                break

    def _sum_up(self) -> None:
        told = set()
        for column, question in self.columns.questions.items():
            odd = self.tally.unexpected.get(question.indicator)
            if odd and question.indicator not in told:
                told.add(question.indicator)
                shown = [Phrase(f"{quoted(text, 20)}{count:,}件") for text, count in odd.most_common(8)]
                self.findings.refuse("code_kinds", shown=shown, column=self.columns.title(column))

    def _name(self, kind: object, message: str, row: int, column: int | None, **said: object) -> None:
        if self.left.get(kind):
            self.left[kind] -= 1
            self.findings.refuse(message, row=row, column=self.columns.title(column), **said)

    def _answers(self, row: int, texts: dict[int, str]) -> None:
        for column, question in self.columns.questions.items():
            text = texts.get(column, "")
            if self.left.get(column) and question.classify(text)[0] == ODD:
                total = any(map(is_total, texts.values()))
                self._name(column, "code_total" if total else "code", row, column, text=text)

    def _weights(self, row: int, texts: dict[int, str]) -> None:
        text = texts.get(self.columns.weight, "")
        answered = any(answer_key(texts.get(column, "")) for column in self.columns.questions)
        if self.left["weight"] and answered and np.isnan(_weight(text)):
            self._name("weight", "weight" if text.strip() else "weight_blank", row, self.columns.weight, text=text)

    def _years(self, row: int, texts: dict[int, str]) -> None:
        for column in self.columns.years:
            if fault := self.years.faults.get(texts.get(column, "").strip()):
                self._name("year", "year_of_row", row, column, fault=Phrase(str(fault)))
