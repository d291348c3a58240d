"""The raw form, one row a respondent: the clerk's mapping turns answers into shares, never a guess about codes."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Answers, AnswersError
from kyodo.intake.checks import Entry, check_known, check_years
from kyodo.intake.faults import name_faults, name_undecoded, settle_year
from kyodo.intake.grid import Grid
from kyodo.intake.grids import Grids
from kyodo.intake.mapping import Question, answer_key, parts_of, propose, read_mapping, wanted_columns
from kyodo.intake.names import IndicatorNames
from kyodo.intake.reading import ColumnSummary, Request, Understood, breakdown_frame, values_frame
from kyodo.intake.respondents import TEXT, Asked, Head, RawColumns, any_head, find_head, read_codebook
from kyodo.intake.rows import titled_year
from kyodo.intake.tally import MAX_CATEGORIES, Coded, Tally
from kyodo.intake.words import Findings, Phrase, is_total, key_of, pattern

SHOWN = 60  # distinct answers of a column that are offered to the clerk
_AGAINST = ("elsewhere", "forecast", "previous")  # what a title may say against the answers below it
_FREE = 1000  # distinct texts from which a column is no question


def read_raw(
    request: Request,
    tables: Sequence[tuple[Grids, Grid, Head | None]],
    understood: Understood,
    found: Sequence[Findings],
) -> dict[str, Any]:
    """Read raw tables of one survey into one tally; the parts of a reading that this form fills.

    A table's header is given where it is known. ``found`` takes what is noted of each. What is said of all together is noted of the first.
    """
    readers = [_RawReader(request, *table, findings) for table, findings in zip(tables, found, strict=True)]
    prepared = [reader.prepare() for reader in readers]  # each says what is wrong with its file
    if all(prepared) and request.mapping is not None:
        _count_together(readers)
    parts = [reader.described(understood) for reader in readers]
    originals = [part.pop("original", None) for part in parts]
    counted = {"rows": [reader.counted for reader in readers]} if len(readers) > 1 else {}
    return parts[0] | {"originals": originals} | counted


def _count_together(readers: Sequence["_RawReader"]) -> None:
    """One tally of all files, with the groups that every one of them has."""
    first, *others = readers
    shared = dict(first.columns.groups)
    for reader in others:
        shared = {name: column for name, column in shared.items() if name in reader.columns.groups}
    tally = Tally(first.questions, list(shared))
    for reader in readers:
        reader.columns.groups = {name: reader.columns.groups[name] for name in shared}
        reader.count(tally)
    years = sorted({reader.year for reader in readers} - {None})
    if len(years) > 1:
        first.findings.refuse("years_of_files", years=Phrase("、".join(map(label, years))))
    if not any(reader.findings.problems for reader in readers):
        first.keep(years[0], tally)


class _RawReader:
    """One raw file: its header, the mapping's columns, and its part in the tally."""

    def __init__(self, request: Request, file: Grids, grid: Grid, head: Head | None, findings: Findings) -> None:
        self.request, self.file, self.grid, self.head, self.findings = request, file, grid, head, findings
        self.names = IndicatorNames(request.plan.indicators)
        self.questions: list[Question] = []
        self.columns: RawColumns | None = None
        self.counted, self.year = 0, None
        self.parts: dict[str, Any] = {}

    def prepare(self) -> bool:
        """Find header and columns, or without a mapping ask; whether the file may be counted."""
        mapping = self.request.mapping
        self.questions = [] if mapping is None else read_mapping(mapping, self.names.names, self.findings)
        head = self._head()
        if head is None:
            return False
        self.columns = RawColumns(self.grid, head, self.findings)
        self.columns.choose(self.questions, self.request.weight_column, self.request.groups)
        self.source = Answers(self.columns, self.file.body, self.file.codec)
        if mapping is None:
            self._ask()
        return not self.findings.problems

    def _head(self) -> Head | None:
        """The header; a problem where there is none, or the mapped columns are nowhere."""
        if not self.grid.rows:
            self.findings.refuse("empty_table")
            return None
        wanted = wanted_columns(self.request.mapping)
        head = self.head or find_head(self.grid, wanted, self.names)
        if head is None and wanted:
            self.findings.refuse("raw_columns_missing", titles=wanted, column=wanted[0], row=min(self.grid.rows))
        head = head or any_head(self.grid)
        if head is None:
            self.findings.refuse("raw_headerless")
        return head

    # without a mapping

    def _ask(self) -> None:
        """The question to the clerk: which column is which indicator; words are proposed, codes never."""
        if not any(summary.distinct for summary in self.summaries):
            self.findings.refuse("no_rows", row=self.columns.head.bottom)
            return
        self.findings.refuse("mapping_needed", row=self.columns.head.bottom)
        if self.request.year is None and self.columns.year is None:
            self.findings.refuse("year_ask", column="年度")
        asked = [each for each in self.summaries if 1 < each.distinct <= SHOWN]
        answers = {each.name: {text: dict(each.labels).get(text, text) for text, _ in each.answers} for each in asked}
        self.parts["proposal"] = propose(
            {each.name: f"{each.name} {each.about}" for each in asked}, answers, self.names
        )

    @cached_property
    def summaries(self) -> tuple[ColumnSummary, ...]:
        """Every column's answers in order with their counts; personal columns show only their name."""
        titles = self.columns.head.titles
        counters = {column: Counter() for column in titles if column not in self.columns.personal}
        try:
            for batch in self.source.batches(dict.fromkeys(counters, TEXT)):
                for column, coded in batch.items():
                    _count_answers(counters[column], coded)
        except AnswersError:
            if not self.findings.problems:
                name_undecoded(self.source)
        codebook = read_codebook(*(each for each in self.file.sheets if each is not self.grid))
        return tuple(
            _summary(title, counters.get(c), codebook.get(key_of(title), Asked())) for c, title in titles.items()
        )

    # with a mapping

    def count(self, tally: Tally) -> None:
        """Add every respondent to the tally, settle the file's fiscal year, and say where something is wrong."""
        try:
            self._count(tally)
        except AnswersError:
            name_undecoded(self.source)
        if self.year is not None:
            title = self.columns.title(self.columns.year) or "年度"
            check_years({None: self.year}, title, self.request, self.findings)
            self._check_titles()

    def _check_titles(self) -> None:
        """A title or the sheet's name must not speak of another year, another place or a trial: asked."""
        above = [row for row in self.grid.rows if row < self.columns.head.top]
        titled, row = titled_year(self.grid, above)
        if titled not in {None, self.year}:
            text = self.grid.first_text(row) if row else self.grid.sheet
            self.findings.doubt("table_says", text=text, word=label(titled), row=row)
        texts = [(None, self.grid.sheet), *((row, self.grid.first_text(row)) for row in above)]
        for row, text in texts:
            for found in filter(None, (pattern(f"says.{means}").search(key_of(text)) for means in _AGAINST)):
                self.findings.doubt("table_says", text=text, word=found[0], row=row)

    def _count(self, tally: Tally) -> None:
        columns, before = self.columns, tally.rows
        years, identities, wrong = Counter(), [], {}
        tally.begin_file()
        for batch in self.source.batches(columns.wanted):
            tally.add(*columns.parted(batch))
            for column in columns.years:
                _count_answers(years, batch[column])
            identities += [batch[columns.identity]] if columns.identity else ()
            self.request.progress(self.source.done, f"{tally.rows:,}人の回答を集計しました")
        self.counted = tally.rows - before
        if self.counted:
            self.year, wrong = settle_year(years, columns, self.request.year)
        elif not self.source.odd_rows:
            self.findings.refuse("no_rows", row=columns.head.bottom)
        name_faults(self.source, self.counted, tally, wrong, identities)

    # the tally of all files

    def keep(self, year: int | None, tally: Tally) -> None:
        """The shares as values and breakdown, once they are plausible and agree with what is printed."""
        self._check_totals(tally)
        rows = [row | {"fiscal_year": year} for row in tally.overall()]
        entries = [Entry(None, row["indicator"], year, row["value"], row["n"]) for row in rows]
        check_known(self.request, entries, "", self.findings)
        if not self.findings.problems:
            self.parts["values"] = values_frame(rows)
            self.parts["breakdown"] = breakdown_frame([row | {"fiscal_year": year} for row in tally.breakdown()])
            self._tell(tally)

    def _check_totals(self, tally: Tally) -> None:
        """Every question has answers, and no group is a total."""
        for question in self.questions:
            if not tally.valid(question.indicator):
                message = "weight_all_zero" if tally.zero_weights else "no_answers"
                self.findings.refuse(message, indicator=question.indicator, column=question.columns[0])
        for name, column in self.columns.groups.items():
            if wrong := list(filter(is_total, tally.labels[name].values())):
                self.findings.refuse("group_total", text=wrong[0], column=self.columns.title(column))

    def _tell(self, tally: Tally) -> None:
        """What a clerk should know of an accepted file."""
        tell = self.findings.tell
        left = [f"指標{each.indicator}が{tally.unanswered(each.indicator):,}件" for each in self.questions]
        tell("answers_counted", count=tally.rows, left=Phrase("、".join(left)))
        if tally.zero_weights:
            tell("weight_zero", count=tally.zero_weights, column=self.columns.title(self.columns.weight))
        for name in tally.dropped:
            tell("group_crowded", text=name, limit=MAX_CATEGORIES)
        for name, labels in tally.pooled.items():
            tell("pooled", text=name, labels=sorted(labels))
        if hidden := int(self.parts["breakdown"]["withheld"].sum()):
            tell("withheld", count=hidden)
        for number in self.names.names.keys() - {question.indicator for question in self.questions}:
            tell("missing_mapping", indicator=number, name=self.names.names[number])

    def described(self, understood: Understood) -> dict[str, Any]:
        """What the reading says of the file; without personal columns in what is kept."""
        columns = self.columns
        if columns is None:
            return self.parts | {"understood": understood}
        if columns.personal:
            self.parts |= {"original": self._impersonal(), "original_reduced": True}
        if self.findings.problems:
            self.parts["columns"] = self.summaries
        asked = columns.questions.items()
        headers = tuple((self.names.names[question.indicator], columns.title(column)) for column, question in asked)
        rows = tuple(range(columns.head.top, columns.head.bottom + 1))
        return self.parts | {
            "mapping": {str(question.indicator): question.as_json() for _, question in asked} or None,
            "weight_column": columns.title(columns.weight) or None,
            "groups": {name: columns.title(column) for name, column in columns.groups.items()},
            "weights": tuple(columns.weights_named),
            "understood": replace(understood, header_rows=rows, headers=headers),
        }

    def _impersonal(self) -> bytes:
        """All records without the columns about persons, as a CSV that Excel opens by double click."""
        out = io.StringIO(newline="")
        writer, personal = csv.writer(out, lineterminator="\r\n"), self.columns.personal
        for record in self.source.everything():
            writer.writerow([text for column, text in enumerate(record, 1) if column not in personal])
        return out.getvalue().encode("utf-8-sig", errors="replace")


def _summary(title: str, counter: Counter | None, said: Asked) -> ColumnSummary:
    """One column's answers as far as they may be a question's; of cells with several all, for their parts are few."""
    if counter is None:
        return ColumnSummary(title, looks_personal=True)
    answers = sorted(counter.items(), key=lambda item: _natural(item[0])) if len(counter) <= _FREE else []
    several = any(len(parts_of(text)) > 1 for text, _ in answers)
    shown = tuple(answers if several else answers[:SHOWN])
    return ColumnSummary(title, len(counter), shown, labels=tuple(said.labels.items()), about=said.text)


def _count_answers(counter: Counter, coded: Coded) -> None:
    """Add one batch's texts with their counts, as long as there are few enough to be answers."""
    if len(counter) < _FREE:
        counts = np.bincount(coded.indices, minlength=len(coded.texts)).tolist()
        for text, count in zip(coded.texts, counts, strict=True):
            if count:
                counter[answer_key(text)] += count


def _natural(text: str) -> tuple[bool, float, str]:
    """Codes in their order, then words."""
    number = re.fullmatch(r"(\d{1,9})(?:\.\d+)?\D{0,40}", text)
    return (number is None, float(number[1]) if number else 0.0, text)
