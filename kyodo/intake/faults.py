"""Where a raw file is wrong: its weights, its years, repeated respondents, and one pass over the rows that names the places."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Coded
from kyodo.intake.grid import FOLD, LONGEST, Cell, day_of, read_year
from kyodo.intake.mapping import ODD, answer_key
from kyodo.intake.respondents import RawColumns
from kyodo.intake.rows import tell_dated
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
        years, found, findings = self._read(screen), Counter(), self.columns.findings
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
        both = {"one": Phrase("ファイル"), "year": Phrase(label(said)), "other": Phrase("画面で選んだ年度")}
        findings.refuse(
            "year_differs", **both, named=Phrase(label(screen)), row=self.columns.head.bottom + 1, column=column
        )
        return None

    def _mark_mixed(self, years: dict[str, int | None], found: Counter) -> None:
        """All texts that do not say the most usual year are faulty."""
        del found[None]
        shown = Phrase("、".join(f"{label(year)}が{found[year]:,}件" for year in sorted(found)))
        usual = max(sorted(found), key=found.__getitem__)
        odd = [text for text, year in years.items() if year not in {None, usual}]
        self.faults |= dict.fromkeys(odd, Fault("years_mixed", shown=shown))

    def _read(self, screen: int | None) -> dict[str, int | None]:
        """The fiscal year each text says, None for a blank one."""
        years: dict[str, int | None] = {}
        dated, title = {}, self.columns.title(self.columns.year)
        for text in self.counts:
            try:
                years[text] = read_year(cell := Cell(text), title, screen) if text else None
            except Fault as fault:
                self.faults[text] = fault
            else:
                dated |= {text: years[text]} if text and day_of(cell) else {}
        tell_dated(dict(list(dated.items())[:LISTED]), title, self.columns.findings)
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


def _rises(keys: Any) -> bool:
    """Whether each is longer than the one before, or as long and later in order (9, 10; R01, R02)."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(keys)
    later = pc.less(keys[:-1], keys[1:])
    if len(set(pc.min_max(lengths).as_py().values())) > 1:
        before, after = lengths[:-1], lengths[1:]
        later = pc.or_(pc.less(before, after), pc.and_(pc.equal(before, after), later))
    return pc.all(later).as_py() is not False


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


def name_faults(columns: RawColumns, tally: Tally, years: FileYears, source: Source) -> None:
    """One pass over the rows that names where answers, weights and years are wrong, so many of each."""
    odd = [column for column, question in columns.questions.items() if question.indicator in tally.unexpected]
    _sum_up(odd, columns, tally)
    weights, dates = [columns.weight] * tally.bad_weights, columns.years if years.faults else []
    left = dict.fromkeys([*odd, *weights, *dates], LISTED)
    for row, record in source.records() if left else ():
        texts = dict(enumerate(record, 1))
        found = chain(
            _odd_answers(texts, columns, left), _bad_weight(texts, columns, left), _bad_years(texts, years, left)
        )
        for column, message, said in list(found):
            columns.findings.refuse(message, row=row, column=columns.title(column), **said)
            left[column] -= 1
            if not left[column]:
                del left[column]
        if not left:
            break


def _sum_up(odd: list[int], columns: RawColumns, tally: Tally) -> None:
    """Say which answers no mapping foresees, once an indicator."""
    first = {columns.questions[column].indicator: column for column in reversed(odd)}
    for indicator, column in reversed(first.items()):
        common = tally.unexpected[indicator].most_common(8)
        shown = [Phrase(f"{quoted(text, 20)}{count:,}件") for text, count in common]
        columns.findings.refuse("code_kinds", shown=shown, column=columns.title(column))


_Found = Iterator[tuple[int, str, dict[str, object]]]  # column, message, what is said


def _odd_answers(texts: Mapping[int, str], columns: RawColumns, left: Collection[int]) -> _Found:
    for column in [column for column in columns.questions if column in left]:
        text = texts.get(column, "")
        if columns.questions[column].classify(text)[0] == ODD:
            yield column, "code_total" if any(map(is_total, texts.values())) else "code", {"text": text}


def _bad_weight(texts: Mapping[int, str], columns: RawColumns, left: Collection[int]) -> _Found:
    """The weight of a respondent who answered something must be a number."""
    text = texts.get(columns.weight, "")
    answers = (answer_key(texts.get(column, "")) for column in columns.questions)
    if columns.weight in left and np.isnan(_weight(text)) and any(answers):
        yield columns.weight, "weight" if text.strip() else "weight_blank", {"text": text}


def _bad_years(texts: Mapping[int, str], years: FileYears, left: Collection[int]) -> _Found:
    for column in set(left) & set(years.columns.years):
        if fault := years.faults.get(texts.get(column, "").strip()):
            yield column, "year_of_row", {"fault": Phrase(str(fault))}
