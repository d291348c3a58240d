"""Where a raw file is wrong: its one year, respondents' numbers, and one pass over the rows that names the places."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from kyodo.fiscal import label
from kyodo.intake.answers import Answers, AnswersError, weight_of
from kyodo.intake.grid import Cell, day_of, read_year
from kyodo.intake.mapping import ODD, Question, answer_key
from kyodo.intake.respondents import RawColumns
from kyodo.intake.rows import tell_dated, years_agree
from kyodo.intake.tally import Tally
from kyodo.intake.text import holds_rows, swallowed_rows
from kyodo.intake.words import Fault, Phrase, is_total, quoted

LISTED = 20  # rows named per kind


def settle_year(counts: Counter, columns: RawColumns, screen: int | None) -> tuple[int | None, dict[str, Fault]]:
    """The one year of the file and of the screen, None where they are not one; and which of the file's texts are wrong."""
    findings, column = columns.findings, columns.title(columns.year)
    years, faults = _read_years(counts, columns, screen)
    if faults := faults | _mixed(years, counts):
        return None, faults
    if not years and screen is None:
        findings.refuse("year_ask", column="年度")
    if not years:
        return screen, {}
    said = next(iter(years.values()))
    if blank := counts[""]:
        findings.tell("years_some_blank", count=blank, year=Phrase(label(said)), column=column)
    both = {"ファイル": said, "画面で選んだ年度": screen}
    return said if years_agree(both, findings, row=columns.head.bottom + 1, column=column) else None, {}


def _read_years(counts: Counter, columns: RawColumns, screen: int | None) -> tuple[dict[str, int], dict[str, Fault]]:
    """The fiscal year each text says, and what is wrong with the others."""
    years, faults, column = {}, {}, columns.title(columns.year)
    for text in filter(None, counts):
        try:
            years[text] = read_year(Cell(text), column, screen)
        except Fault as fault:
            faults[text] = fault
    dated = [(text, year) for text, year in years.items() if day_of(Cell(text)) is not None]
    tell_dated(dict(dated[:LISTED]), column, columns.findings)
    return years, faults


def _mixed(years: Mapping[str, int], counts: Counter) -> dict[str, Fault]:
    """Where several years are said, what is wrong with all texts but those of the most usual one."""
    found: Counter = Counter()
    for text, year in years.items():
        found[year] += counts[text]
    shown = Phrase("、".join(f"{label(year)}が{found[year]:,}件" for year in sorted(found)))
    usual = max(sorted(found), key=found.__getitem__, default=None)
    return {text: Fault("years_mixed", shown=shown) for text, year in years.items() if year != usual}


def odd_identities(chunks: Sequence[Any]) -> tuple[list[bytes], list[bytes]]:
    """The respondents' numbers (as Arrow's bytes) that occur twice, and those that may be words: they end in no digit.

    Where all rise, as they mostly do, none need be counted, and a word can only be the last.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = pa.chunked_array(chunks, pa.binary())
    twice, every = [], keys[-1:]
    if not _rises(keys):
        every, counts = keys.value_counts().flatten()
        twice = every.filter(pc.greater(counts, 1)).to_pylist()
    return twice, every.filter(pc.invert(pc.match_substring_regex(every, "[0-9]$"))).to_pylist()


def _rises(keys: Any) -> bool:
    """Whether each is longer than the one before, or as long and later in order (9, 10; R01, R02)."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(keys)
    later = pc.less(keys[:-1], keys[1:])
    if len(set(pc.min_max(lengths).as_py().values())) > 1:
        before, after = lengths[:-1], lengths[1:]
        later = pc.or_(pc.less(before, after), pc.and_(pc.equal(before, after), later))
    return pc.all(later).as_py() is not False


_Find = Callable[[str, Sequence[str]], Fault | None]  # what is wrong with a column's text, of its record
_Judge = tuple[int, _Find]  # a column, or 0 where whole rows are judged


def _look_for(judges: Sequence[_Judge], source: Answers) -> None:
    """One pass over the rows that names where they are wrong, so many of each kind."""
    columns, left = source.columns, [LISTED] * len(judges)
    for row, record in source.records() if judges else ():
        for place, (column, find) in enumerate(judges):
            if left[place] and (fault := find(_at(record, column), record)):
                columns.findings.refuse(fault.message, **fault.values, row=row, column=columns.title(column))
                left[place] -= 1
        if not any(left):
            break


def _at(record: Sequence[str], column: int) -> str:
    """What stands in a column; nothing in a row too short."""
    return "".join(record[column - 1 : column])


def name_undecoded(source: Answers) -> None:
    """Name the rows that do not decode; a broken CSV where all do."""
    try:
        _look_for([(0, _undecoded)], source)
    except AnswersError:
        source.columns.findings.refuse("quote_long")
    if not source.columns.findings.problems:
        source.columns.findings.refuse("quote_widths")


def name_faults(
    source: Answers, counted: int, tally: Tally, years: Mapping[str, Fault], identities: Sequence[Any]
) -> None:
    """Name where rows, answers, weights, years and respondents' numbers are wrong; tell of a number that stands twice.

    Raises :class:`AnswersError` where the rows do not hold together.
    """
    columns, findings = source.columns, source.columns.findings
    for row in swallowed_rows(source.grid, source.width):
        if row <= columns.head.bottom:
            findings.refuse("answers_swallowed", row=row)
    if source.hidden:
        findings.tell("answers_hidden", count=len(source.hidden), row=source.hidden[0])
    _sum_up(columns, tally)
    twice, words = (list(map(source.decoded, keys)) for keys in odd_identities(identities))
    totals = set(_odd_among_numbers(words, counted))
    judges = [*_judges(source, counted, tally, years), *[(columns.identity, partial(_total, totals))] * bool(totals)]
    _look_for(judges, source)
    if source.odd_rows and not findings.problems:
        findings.refuse("quote_widths")
    _tell_repeated(set(map(answer_key, twice)) - {""}, source)


def _odd_among_numbers(words: Sequence[str], counted: int) -> Iterator[str]:
    """What stands for a respondent's number and is none: a total's label, or where nearly all are numbers any word."""
    are_numbers = 20 * len(words) <= counted
    return (word for word in words if is_total(word) or (are_numbers and re.fullmatch(r"\D*\w\D*", word)))


def _judges(source: Answers, counted: int, tally: Tally, years: Mapping[str, Fault]) -> Iterator[_Judge]:
    """What must be wrong somewhere, once so many are counted."""
    columns = source.columns
    if source.may_hide_rows(counted):
        yield 0, partial(_swallows, source)
    if source.odd_rows:
        yield 0, partial(_other_width, source.width)
    for column, question in columns.questions.items():
        if question.indicator in tally.unexpected:
            yield column, partial(_odd_answer, question)
    if tally.bad_weights:
        yield columns.weight, partial(_bad_weight, columns)
    yield from ((column, partial(_bad_year, years)) for column in columns.years if years)


def _undecoded(_: str, record: Sequence[str]) -> Fault | None:
    ruined = any("\udc80" <= character <= "\udcff" for character in "".join(record))
    return Fault("encoding_answers") if ruined else None


def _swallows(source: Answers, _: str, record: Sequence[str]) -> Fault | None:
    hold = any(holds_rows(text, source.grid.delimiter, source.width) for text in record)
    return Fault("answers_swallowed") if hold else None


def _other_width(width: int, _: str, record: Sequence[str]) -> Fault | None:
    got = len(record) or width  # a blank line is none
    return Fault("extra" if got > width else "short", width=width, got=got) if got != width else None


def _sum_up(columns: RawColumns, tally: Tally) -> None:
    """Say which answers no mapping foresees, once an indicator."""
    first = {question.indicator: column for column, question in reversed(columns.questions.items())}
    for indicator, unexpected in tally.unexpected.items():
        shown = [Phrase(f"{quoted(text, 20)}{count:,}件") for text, count in unexpected.most_common(8)]
        columns.findings.refuse("code_kinds", shown=shown, column=columns.title(first[indicator]))


def _odd_answer(question: Question, text: str, record: Sequence[str]) -> Fault | None:
    if question.classify(text) != ODD:
        return None
    return Fault("code_total" if any(map(is_total, record)) else "code", text=text)


def _bad_weight(columns: RawColumns, text: str, record: Sequence[str]) -> Fault | None:
    """The weight of a respondent who answered something must be a number."""
    answered = any(answer_key(_at(record, column)) for column in columns.questions)
    wrong = answered and np.isnan(weight_of(text))
    return Fault("weight" if text.strip() else "weight_blank", text=text) if wrong else None


def _bad_year(years: Mapping[str, Fault], text: str, _: Sequence[str]) -> Fault | None:
    fault = years.get(answer_key(text))
    return fault and Fault("year_of_row", fault=Phrase(str(fault)))


def _total(words: Collection[str], text: str, _: Sequence[str]) -> Fault | None:
    return Fault("total_doubt", text=text) if text in words else None


def _tell_repeated(keys: Collection[str], source: Answers) -> None:
    """A notice where one respondent's number stands in several rows."""
    columns, rows = source.columns, defaultdict(list)
    for row, record in source.records() if keys else ():
        if (key := answer_key(_at(record, columns.identity))) in keys:
            rows[key].append(row)
    if twice := [found for found in rows.values() if len(found) > 1]:
        shown = sorted(chain.from_iterable(found[:3] for found in twice[:3]))
        place = {"row": min(found[1] for found in twice), "column": columns.title(columns.identity)}
        columns.findings.tell("dup_id", count=len(twice), rows=shown, **place)
