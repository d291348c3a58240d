"""Where a raw file is wrong: its years, repeated respondents, and one pass over the rows to name faulty answers and weights."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Coded
from kyodo.intake.cells import FOLD, LONGEST, read_year
from kyodo.intake.codes import Fault, Findings, Phrase, quoted
from kyodo.intake.grid import Cell
from kyodo.intake.mapping import ODD, answer_key
from kyodo.intake.respondents import RawColumns
from kyodo.intake.sources import LISTED, CsvSource, GridSource
from kyodo.intake.tally import Tally
from kyodo.intake.vocabulary import is_total

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
        return np.where((coded.numbers >= 0) & (coded.numbers < _MAX_WEIGHT), coded.numbers, np.nan)
    return np.array([_weight(text) for text in coded.texts] or [np.nan])[coded.indices]


@dataclass
class FileYears:
    """The texts of a raw file's year column with their counts; which are faulty and why, and the one year they say."""

    columns: RawColumns
    counts: Counter
    faults: dict[str, Fault]

    def settled(self, screen: int | None, findings: Findings) -> int | None:
        """The year of the file and of the screen, None with a problem where they are not one."""
        found = self._read()
        stated = sorted(found.keys() - {None})
        if len(stated) > 1:
            self._mark_mixed(found, stated)
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

    def _mark_mixed(self, found: Counter, stated: list[int]) -> None:
        """All texts that do not say the most usual year are faulty."""
        shown = Phrase("、".join(f"{label(year)}が{found[year]:,}行" for year in stated))
        usual = max(stated, key=found.__getitem__)
        odd = [text for text in self.counts if text not in self.faults and year_in(text) not in {0, usual}]
        self.faults |= dict.fromkeys(odd, Fault("years_mixed", shown=shown))

    def _read(self) -> Counter:
        found: Counter = Counter()
        for text, count in self.counts.items():
            try:
                found[read_year(Cell(text)) if text.strip() else None] += count
            except Fault as fault:
                self.faults[text] = fault
        return found


def year_in(text: str) -> int:
    """The fiscal year a text says, 0 where it says none."""
    try:
        return read_year(Cell(text)) if text.strip() else 0
    except Fault:
        return 0


def contradictions(coded: Coded, year: Coded) -> bool:
    """Whether two year columns of a batch name different fiscal years in one row."""
    one, other = (np.array([year_in(text) for text in part.texts] or [0])[part.indices] for part in (coded, year))
    return bool(((one != other) & (one > 0) & (other > 0)).any())


class Identities:
    """The respondents' numbers, to see whether one occurs twice."""

    def __init__(self) -> None:
        """Start with none."""
        self._numbers: list[np.ndarray] = []
        self._raw: list = []
        self._texts: Counter = Counter()

    def add(self, coded: Coded) -> None:
        """Add one batch."""
        if coded.numbers is not None:
            self._numbers.append(coded.numbers)
        elif coded.raw is not None:
            self._raw.append(coded.raw)
        else:
            counts = np.bincount(coded.indices, minlength=len(coded.texts))
            for text, count in zip(coded.texts, counts, strict=True):
                self._texts[answer_key(text)] += int(count)

    def may_repeat(self) -> bool:
        """Whether anything but blanks may occur more than once."""
        if any(count > 1 for text, count in self._texts.items() if text):
            return True
        if self._numbers and not (np.diff(np.concatenate(self._numbers)) > 0).all():
            return True
        return bool(self._raw) and self._raw_repeats()

    def _raw_repeats(self) -> bool:
        """Bytes in rising order are all different; only others are counted."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._numbers:
            return True  # some batches were numbers, some not: gone through one by one
        chunks = pa.chunked_array(self._raw)
        rising = pc.all(pc.less(chunks.slice(0, max(len(chunks) - 1, 0)), chunks.slice(1))).as_py()
        return rising is False and pc.count_distinct(chunks).as_py() < len(chunks)


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

    def __init__(
        self, columns: RawColumns, tally: Tally, years: FileYears, contradict: bool, findings: Findings
    ) -> None:
        """Take what was found wrong while counting."""
        self.columns, self.tally, self.years, self.findings = columns, tally, years, findings
        odd = [column for column, question in columns.questions.items() if question.indicator in tally.unexpected]
        self.left: dict[object, int] = dict.fromkeys(odd, LISTED)
        self.left |= {"weight": LISTED if tally.bad_weights else 0}
        self.left |= {"year": LISTED if years.faults else 0, "years": LISTED if contradict else 0}

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
        text = texts.get(self.columns.year, "")
        if fault := self.years.faults.get(text):
            self._name("year", "year_of_row", row, self.columns.year, fault=Phrase(str(fault)))
        first = year_in(text) if self.left["years"] else 0
        for column in self.columns.years[1:] if first else ():
            other = year_in(texts.get(column, ""))
            if other and other != first:
                years = Phrase("と".join(map(label, sorted({first, other}))))
                self._name("years", "year_columns", row, column, years=years)
