"""Where a raw file is wrong: its weights, its years, repeated respondents, and one pass over the rows that names the places."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Coded
from kyodo.intake.grid import FOLD, LONGEST, Cell, day_of, read_year
from kyodo.intake.mapping import ODD, Question, answer_key
from kyodo.intake.respondents import RawColumns
from kyodo.intake.rows import tell_dated, years_agree
from kyodo.intake.sources import LISTED, Source
from kyodo.intake.tally import Tally
from kyodo.intake.words import Fault, Phrase, is_total, quoted

_MAX_WEIGHT = 1e12
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


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

    def settled(self, screen: int | None) -> int | None:
        """The year of the file and of the screen, None with a problem where they are not one."""
        findings, column = self.columns.findings, self.columns.title(self.columns.year)
        years, found = self._read(screen, column), Counter()
        for text, year in years.items():
            found[year] += self.counts[text]
        blank = found.pop(None, 0)
        if len(found) > 1:
            self._mark_mixed(years, found)
        if self.faults:
            return None
        if not found:
            if screen is None:
                findings.refuse("year_ask", column="年度")
            return screen
        (said,) = found
        if blank:
            findings.tell("years_some_blank", count=blank, year=Phrase(label(said)), column=column)
        both = {"ファイル": said, "画面で選んだ年度": screen}
        return said if years_agree(both, findings, row=self.columns.head.bottom + 1, column=column) else None

    def _mark_mixed(self, years: dict[str, int | None], found: Counter) -> None:
        """All texts that do not say the most usual year are faulty."""
        shown = Phrase("、".join(f"{label(year)}が{found[year]:,}件" for year in sorted(found)))
        usual = max(sorted(found), key=found.__getitem__)
        odd = [text for text, year in years.items() if year not in {None, usual}]
        self.faults |= dict.fromkeys(odd, Fault("years_mixed", shown=shown))

    def _read(self, screen: int | None, title: str) -> dict[str, int | None]:
        """The fiscal year each text says, None for a blank one."""
        years: dict[str, int | None] = {}
        for text in self.counts:
            try:
                years[text] = read_year(Cell(text), title, screen) if text else None
            except Fault as fault:
                self.faults[text] = fault
        dated = [(text, year) for text, year in years.items() if day_of(Cell(text)) is not None]
        tell_dated(dict(dated[:LISTED]), title, self.columns.findings)
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

        keys = coded.raw
        if keys is None:
            keys = pa.array([answer_key(text).encode() for text in coded.texts], pa.binary()).take(coded.indices)
        last = [chunk[-1:] for chunk in self._chunks[-1:]]
        self._rising = self._rising and _rises(pa.chunked_array([*last, keys]))
        self._chunks.append(keys)

    def repeated(self) -> list[bytes]:
        """The numbers that occur more than once; where all rise, as they mostly do, none need be counted."""
        import pyarrow as pa

        if self._rising:
            return []
        counts = pa.chunked_array(self._chunks).value_counts()
        return counts.field("values").filter(pa.array(counts.field("counts").to_numpy() > 1)).to_pylist()

    def named(self) -> list[bytes]:
        """Those that may be words: all that end in no digit; where all rise, a word can only be the last."""
        import pyarrow as pa

        last = [chunk[-1:] for chunk in self._chunks[-1:]] if self._rising else self._chunks
        return [key for key in pa.chunked_array(last, pa.binary()).unique().to_pylist() if not key[-1:].isdigit()]


def _rises(keys: Any) -> bool:
    """Whether each is longer than the one before, or as long and later in order (9, 10; R01, R02)."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(keys)
    later = pc.less(keys[:-1], keys[1:])
    if len(set(pc.min_max(lengths).as_py().values())) > 1:
        before, after = lengths[:-1], lengths[1:]
        later = pc.or_(pc.less(before, after), pc.and_(pc.equal(before, after), later))
    return pc.all(later).as_py() is not False


def refuse_totals(identities: Identities, columns: RawColumns, source: Source) -> None:
    """Rows of a large file that bear a total's label for a number: whatever stands in them, they are no respondents."""
    said = {text for key in identities.named() if is_total(text := key.decode(source.encoding, "surrogateescape"))}
    found = ((row, text) for row, record in source.records() for text in record[columns.identity - 1 :][:1])
    for row, text in islice((each for each in found if each[1] in said), LISTED) if said else ():
        columns.findings.refuse("total_doubt", text=text, row=row, column=columns.title(columns.identity))


def tell_repeated(identities: Identities, columns: RawColumns, source: Source) -> None:
    """A notice where one respondent's number stands in several rows."""
    keys = {answer_key(key.decode(source.encoding, "surrogateescape")) for key in identities.repeated()} - {""}
    rows: dict[str, list[int]] = defaultdict(list)
    for row, record in source.records() if keys else ():
        key = answer_key("".join(record[columns.identity - 1 : columns.identity]))
        if key in keys:
            rows[key].append(row)
    if twice := [found for found in rows.values() if len(found) > 1]:
        shown = sorted(chain.from_iterable(found[:3] for found in twice[:3]))
        place = {"row": min(found[1] for found in twice), "column": columns.title(columns.identity)}
        columns.findings.tell("dup_id", count=len(twice), rows=shown, **place)


_Judge = Callable[[Mapping[int, str], str], Fault | None]  # of a record's texts and the one that is judged


def _judges(columns: RawColumns, tally: Tally, years: FileYears) -> dict[int, _Judge]:
    """What is wrong with which column."""
    odd = [column for column, question in columns.questions.items() if question.indicator in tally.unexpected]
    _sum_up(odd, columns, tally)
    judges: dict[int, _Judge] = {column: partial(_odd_answer, columns.questions[column]) for column in odd}
    judges |= {columns.weight: partial(_bad_weight, columns)} if tally.bad_weights else {}
    return judges | dict.fromkeys(columns.years if years.faults else (), partial(_bad_year, years))


def name_faults(columns: RawColumns, tally: Tally, years: FileYears, source: Source) -> None:
    """One pass over the rows that names where answers, weights and years are wrong, so many of each."""
    judges = _judges(columns, tally, years)
    left = dict.fromkeys(judges, LISTED)
    for row, record in source.records() if judges else ():
        texts = dict(enumerate(record, 1))
        for column in [column for column in judges if left[column]]:
            if fault := judges[column](texts, texts.get(column, "")):
                columns.findings.refuse(fault.message, **fault.values, row=row, column=columns.title(column))
                left[column] -= 1
        if not any(left.values()):
            break


def _sum_up(odd: list[int], columns: RawColumns, tally: Tally) -> None:
    """Say which answers no mapping foresees, once an indicator."""
    first = {columns.questions[column].indicator: column for column in reversed(odd)}
    for indicator, column in reversed(first.items()):
        common = tally.unexpected[indicator].most_common(8)
        shown = [Phrase(f"{quoted(text, 20)}{count:,}件") for text, count in common]
        columns.findings.refuse("code_kinds", shown=shown, column=columns.title(column))


def _odd_answer(question: Question, texts: Mapping[int, str], text: str) -> Fault | None:
    if question.classify(text)[0] != ODD:
        return None
    return Fault("code_total" if any(map(is_total, texts.values())) else "code", text=text)


def _bad_weight(columns: RawColumns, texts: Mapping[int, str], text: str) -> Fault | None:
    """The weight of a respondent who answered something must be a number."""
    answered = any(answer_key(texts.get(column, "")) for column in columns.questions)
    wrong = answered and np.isnan(_weight(text))
    return Fault("weight" if text.strip() else "weight_blank", text=text) if wrong else None


def _bad_year(years: FileYears, _: Mapping[int, str], text: str) -> Fault | None:
    fault = years.faults.get(text.strip())
    return fault and Fault("year_of_row", fault=Phrase(str(fault)))
