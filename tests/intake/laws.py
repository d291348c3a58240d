"""How the tests of kinds of files speak: a case is bytes and what must come of them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import pytest
from intake.builders import ANSWERS, VALUES

from kyodo.intake import read_upload

TODAY = dt.date(2026, 11, 24)


@dataclass(frozen=True)
class Case:
    """One file: its id, bytes (or what makes them, where they are many), name, what the clerk said, and the outcome."""

    id: str
    data: bytes | Callable[[], bytes]
    code: str = ""  # empty: accepted
    rows: tuple[int, ...] = ()
    notice: str = ""
    values: dict | None = None
    answers: dict | None = None
    year: int = 2013
    given: dict = field(default_factory=dict)
    name: str = "調査.csv"


def good(id, data, notice="", **rest):
    """A file that must be accepted, with a notice where something was assumed."""
    return Case(id, data, notice=notice, **rest)


def bad(id, data, code, *rows, **rest):
    """A file that must be refused with this code, at one of these rows where rows are given."""
    return Case(id, data, code, rows, **rest)


def parametrised(cases):
    """A pytest parametrisation with the cases' ids; ids must differ."""
    assert len({case.id for case in cases}) == len(cases), "two cases share an id"
    return pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])


def assert_law(case, plan):
    """The file has the outcome its case names, and nothing was repaired silently."""
    data = case.data() if callable(case.data) else case.data
    reading = read_upload(data, case.name, plan=plan, today=TODAY, **case.given)
    said = [f"{problem.code} {problem}" for problem in reading.problems]
    assert "unreadable" not in {problem.code for problem in reading.problems}
    if case.code:
        assert not reading.accepted
        found = [problem for problem in reading.problems if problem.code == case.code]
        assert found, said
        assert not case.rows or {problem.row for problem in found} & set(case.rows), said
        assert len(reading.values) == 0
        assert all(problem.message and (problem.hint or len(problem.message) > 20) for problem in reading.problems)
        return
    assert reading.accepted, said
    got = {row.indicator: (row.value, None if pd.isna(row.n) else int(row.n)) for row in reading.values.itertuples()}
    values, answers = case.values or VALUES, case.answers if case.answers is not None else ANSWERS
    assert got.keys() == values.keys()
    for indicator, value in values.items():
        assert got[indicator][0] == pytest.approx(value, abs=1e-9)
        assert got[indicator][1] == answers.get(indicator)
    assert set(reading.values["fiscal_year"]) == {case.year}
    assert not case.notice or case.notice in {notice.code for notice in reading.notices}, [*map(str, reading.notices)]
