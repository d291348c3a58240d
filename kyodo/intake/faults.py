"""Where a raw file is wrong: its one year, respondents' numbers, and one pass over the rows that names the places."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    found: Counter = Counter()
    for text, year in years.items():
        found[year] += counts[text]
    if len(found) > 1:
        shown = Phrase("、".join(f"{label(year)}が{found[year]:,}件" for year in sorted(found)))
        usual = max(sorted(found), key=found.__getitem__)
        faults |= {text: Fault("years_mixed", shown=shown) for text, year in years.items() if year != usual}
    if faults:
        return None, faults
    if not found:
        if screen is None:
            findings.refuse("year_ask", column="年度")
        return screen, {}
    (said,) = found
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


_Find = Callable[[int, Sequence[str]], Fault | None]  # what is wrong with a record, of its number and its texts


@dataclass
class Judge:
    """What is looked for in every row; so many places are named. ``must`` says that it is somewhere."""

    find: _Find
    column: str = ""
    must: bool = False
    left: int = LISTED


def look_for(judges: Sequence[Judge], source: Answers) -> None:
    """One pass over the rows that names where they are wrong."""
    findings = source.columns.findings
    try:
        for row, record in source.records() if judges else ():
            for judge in judges:
                if judge.left and (fault := judge.find(row, record)):
                    findings.refuse(fault.message, **fault.values, row=row, column=judge.column)
                    judge.left -= 1
            if not any(judge.left for judge in judges):
                break
    except AnswersError:
        findings.refuse("quote_long")
    else:
        if any(judge.must and judge.left == LISTED for judge in judges):
            findings.refuse("quote_widths")


def name_undecoded(source: Answers) -> None:
    """Name the rows that do not decode; a broken CSV where all do."""
    look_for([Judge(_undecoded, must=True)], source)


def name_faults(
    source: Answers, counted: int, tally: Tally, years: Mapping[str, Fault], identities: Sequence[Any]
) -> None:
    """Name where rows, answers, weights, years and respondents' numbers are wrong; tell of a number that stands twice."""
    columns, findings = source.columns, source.columns.findings
    for row in swallowed_rows(source.grid, source.width):
        if row <= columns.head.bottom:
            findings.refuse("answers_swallowed", row=row)
    if source.hidden:
        findings.tell("answers_hidden", count=len(source.hidden), row=source.hidden[0])
    _sum_up(columns, tally)
    twice, words = odd_identities(identities)
    totals = set(filter(is_total, map(source.decoded, words)))
    repeated = {key: [] for key in map(answer_key, map(source.decoded, twice)) if key}
    judges = [*_shape(source, counted), *_content(columns, tally, years)]
    if totals:
        judges.append(Judge(partial(_total, totals, columns.identity), columns.title(columns.identity)))
    if repeated:
        judges.append(Judge(partial(_remember, repeated, columns.identity)))
    look_for(judges, source)
    _tell_repeated(repeated.values(), columns)


def _shape(source: Answers, counted: int) -> Iterator[Judge]:
    """Rows such as swallow others, and those of another width than the header, once so many are counted."""
    if source.may_hide_rows(counted):
        yield Judge(partial(_swallows, source.grid.delimiter, source.width))
    if source.odd_rows:
        yield Judge(partial(_other_width, source.width), must=True)


def _undecoded(_: int, record: Sequence[str]) -> Fault | None:
    ruined = any("\udc80" <= character <= "\udcff" for character in "".join(record))
    return Fault("encoding_answers") if ruined else None


def _swallows(delimiter: str, width: int, _: int, record: Sequence[str]) -> Fault | None:
    return Fault("answers_swallowed") if any(holds_rows(text, delimiter, width) for text in record) else None


def _other_width(width: int, _: int, record: Sequence[str]) -> Fault | None:
    got = len(record) or width  # a blank line is none
    return Fault("extra" if got > width else "short", width=width, got=got) if got != width else None


def _content(columns: RawColumns, tally: Tally, years: Mapping[str, Fault]) -> Iterator[Judge]:
    """Answers, weights and years that are wrong."""
    for column, question in columns.questions.items():
        if question.indicator in tally.unexpected:
            yield Judge(partial(_odd_answer, question, column), columns.title(column))
    if tally.bad_weights:
        yield Judge(partial(_bad_weight, columns), columns.title(columns.weight))
    for column in columns.years if years else ():
        yield Judge(partial(_bad_year, years, column), columns.title(column))


def _sum_up(columns: RawColumns, tally: Tally) -> None:
    """Say which answers no mapping foresees, once an indicator."""
    first = {question.indicator: column for column, question in reversed(columns.questions.items())}
    for indicator, unexpected in tally.unexpected.items():
        shown = [Phrase(f"{quoted(text, 20)}{count:,}件") for text, count in unexpected.most_common(8)]
        columns.findings.refuse("code_kinds", shown=shown, column=columns.title(first[indicator]))


def _at(record: Sequence[str], column: int) -> str:
    """What stands in a column; nothing in a row too short."""
    return "".join(record[column - 1 : column])


def _odd_answer(question: Question, column: int, _: int, record: Sequence[str]) -> Fault | None:
    text = _at(record, column)
    if question.classify(text) != ODD:
        return None
    return Fault("code_total" if any(map(is_total, record)) else "code", text=text)


def _bad_weight(columns: RawColumns, _: int, record: Sequence[str]) -> Fault | None:
    """The weight of a respondent who answered something must be a number."""
    text, answered = _at(record, columns.weight), any(answer_key(_at(record, column)) for column in columns.questions)
    wrong = answered and np.isnan(weight_of(text))
    return Fault("weight" if text.strip() else "weight_blank", text=text) if wrong else None


def _bad_year(years: Mapping[str, Fault], column: int, _: int, record: Sequence[str]) -> Fault | None:
    fault = years.get(answer_key(_at(record, column)))
    return fault and Fault("year_of_row", fault=Phrase(str(fault)))


def _total(words: Collection[str], column: int, _: int, record: Sequence[str]) -> Fault | None:
    text = _at(record, column)
    return Fault("total_doubt", text=text) if text in words else None


def _remember(rows: Mapping[str, list[int]], column: int, row: int, record: Sequence[str]) -> None:
    """Keep where the repeated numbers stand."""
    rows.get(answer_key(_at(record, column)), []).append(row)


def _tell_repeated(rows: Iterable[list[int]], columns: RawColumns) -> None:
    """A notice where one respondent's number stands in several rows."""
    if twice := [found for found in rows if len(found) > 1]:
        shown = sorted(chain.from_iterable(found[:3] for found in twice[:3]))
        place = {"row": min(found[1] for found in twice), "column": columns.title(columns.identity)}
        columns.findings.tell("dup_id", count=len(twice), rows=shown, **place)
