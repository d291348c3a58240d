"""How long slides, the one-page summary, workbook and PDF take: the plan as it is, and 11 years with breakdowns and 500 items.

Run: ``python -m benchmarks documents``
"""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterator

import pandas as pd

from benchmarks.report import Line, at_most
from kyodo.brief import Brief, build_brief
from kyodo.deck import build_deck, build_summary
from kyodo.pdf import find_office, to_pdf
from kyodo.plan import Plan, load_plan
from kyodo.workbook import build_workbook

NOW = dt.datetime(2024, 5, 1, 10)
TYPES = {"indicator": "Int64", "fiscal_year": "Int64", "value": "float64", "n": "Int64", "n_effective": "float64"}


def as_it_is(plan: Plan) -> Brief:
    return build_brief(plan, pd.DataFrame(columns=list(TYPES)).astype(TYPES), as_of=NOW)


def large(plan: Plan) -> Brief:
    years = range(2012, 2023)
    numbers = plan.indicators["indicator"]
    rows = [[number, year, 20.0 + number + (year - 2012) * 1.3, 1200, 1200.0] for number in numbers for year in years]
    groups = [
        [number, 2022, group, f"{group}{place}", 20.0 + place, 100, 100.0, 15.0 + place, 27.0 + place, False]
        for number in numbers
        for group, count in (("性別", 3), ("年代", 8), ("地域", 21))
        for place in range(count)
    ]
    names = ["indicator", "fiscal_year", "group", "category", "value", "n", "n_effective", "low", "high", "withheld"]
    values = pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)
    brief = build_brief(
        plan, values, as_of=NOW, revision=11, changed_at=NOW, breakdown=pd.DataFrame(groups, columns=names)
    )
    copies = [f".{place}" if place else "" for place in range(11)]
    table = pd.concat([brief.table.assign(item=brief.table["item"] + copy) for copy in copies], ignore_index=True)
    schedule = pd.concat([plan.item_schedule.assign(item=plan.item_schedule["item"] + copy) for copy in copies])
    return dataclasses.replace(brief, plan=dataclasses.replace(plan, item_schedule=schedule), table=table.head(500))


def seconds(make: Callable[[], bytes], times: int) -> list[float]:
    """How long each of several runs took."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        make()
        found.append(time.perf_counter() - begun)
    return found


def measure(times: int = 5) -> Iterator[Line]:
    """A line for each document of both plans; the PDF where LibreOffice is installed."""
    plan = load_plan()
    for name, brief, limit in (
        ("plan as it is", as_it_is(plan), 1.0),
        ("11 years, breakdowns, 500 items", large(plan), 10.0),
    ):
        for document, make in (("deck", build_deck), ("summary", build_summary), ("workbook", build_workbook)):
            yield at_most(f"{document}: {name}", seconds(lambda brief=brief, make=make: make(brief), times), limit, "s")
        if find_office():
            deck = build_deck(brief)
            yield at_most(f"PDF: {name}", seconds(lambda deck=deck: to_pdf(deck), 1), 10, "s")
