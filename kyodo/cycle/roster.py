"""Who is asked for which item: the printed names made today's sections, one of which answers and the others add to it.

What the record holds of a printed name, or of an item, goes before what ``data/`` starts from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kyodo.items import counted
from kyodo.plan import Plan

ROSTER = ["department", "section", "from_year", "to_year", "contact"]
CHOSEN, NAMED, SET = "chosen", "named", "set"  # how an item came to its answering section: record, first named, data/


@dataclass(frozen=True, eq=False)
class Addressees:
    """Who is asked in one year.

    ``sections`` has department, section, contact (one row per pair), ``answering`` item, section, how (the counted
    items in the plan's order; a blank section where nobody answers), ``supplementing`` item, section.
    """

    year: int
    sections: pd.DataFrame
    answering: pd.DataFrame
    supplementing: pd.DataFrame

    @cached_property
    def unresolved(self) -> list[str]:
        """The printed names no section stands for."""
        return list(dict.fromkeys(self.sections.loc[self.sections["section"] == "", "department"]))

    @cached_property
    def without(self) -> list[str]:
        """The items nobody answers for: while there is one, nothing is handed out."""
        return self.answering.loc[self.answering["section"] == "", "item"].tolist()

    @cached_property
    def names(self) -> list[str]:
        """Every section that is asked for something, those that answer first."""
        both = [*self.answering["section"], *self.supplementing["section"]]
        return [name for name in dict.fromkeys(both) if name]


def standing_roster(plan: Plan, entered: pd.DataFrame) -> pd.DataFrame:
    """The roster in force, all years: department, section, from_year, to_year, contact, in the plan's order.

    ``entered`` is ``roster`` of :meth:`kyodo.record.Record.cycle`: what was entered of a printed name replaces all of its start.
    """
    order = plan.item_departments["department"].drop_duplicates().reset_index(drop=True)
    start = plan.roster[~plan.roster["department"].isin(entered["department"])].assign(contact="")
    both = pd.concat([start[ROSTER], entered[ROSTER]], ignore_index=True)
    missing = order[~order.isin(both["department"])]
    blank = pd.DataFrame({"department": missing, "section": "", "from_year": plan.years[0], "contact": ""})
    rank = {name: place for place, name in enumerate(order)}
    every = pd.concat([both, blank], ignore_index=True).astype({"from_year": "Int64", "to_year": "Int64"})
    return every.sort_values(
        ["department", "from_year", "section"],
        key=lambda each: each.map(rank) if each.name == "department" else each,
        ignore_index=True,
    )


def addressees(plan: Plan, entered: pd.DataFrame, chosen: pd.DataFrame, year: int) -> Addressees:
    """Who is asked in a year; ``entered`` and ``chosen`` are the record's ``roster`` and ``answering``."""
    items, sections, asked = _asked(plan, standing_roster(plan, entered), year)
    answering = _answering(plan, items, asked, chosen, year)
    pairs = asked.merge(answering.rename(columns={"section": "answers"})[["item", "answers"]], on="item")
    others = pairs[pairs["section"] != pairs["answers"]]
    return Addressees(year, sections, answering, others[["item", "section"]].reset_index(drop=True))


def _asked(plan: Plan, roster: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The counted items, the sections of every printed name, and of each item the sections it names, in one year."""
    holds = (roster["from_year"] <= year) & (roster["to_year"].isna() | (roster["to_year"] >= year))
    now = roster[holds & (roster["section"] != "")]
    named = plan.item_departments[["department"]].drop_duplicates()
    sections = named.merge(now[["department", "section", "contact"]], on="department", how="left").fillna("")
    items = counted(plan.items)[["item"]]
    asked = items.merge(plan.item_departments, on="item").merge(sections, on="department")
    return items, sections, asked[asked["section"] != ""].drop_duplicates(["item", "section"])


def answering_by_year(plan: Plan, entered: pd.DataFrame, chosen: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Which section answers for each item in each year: item, fiscal_year, section.

    Worked out once for all years between two changes of the roster.
    """
    roster = standing_roster(plan, entered)
    changes = {
        *roster["from_year"],
        *(roster["to_year"].dropna() + 1),
        *chosen["from_year"],
        *plan.answering["from_year"],
    }
    starts = sorted(year for year in years if year == min(years) or year in changes)
    parts = []
    for place, start in enumerate(starts):
        until = starts[place + 1] if place + 1 < len(starts) else max(years) + 1
        items, _, asked = _asked(plan, roster, start)
        held = _answering(plan, items, asked, chosen, start)[["item", "section"]]
        parts.append(held.merge(pd.DataFrame({"fiscal_year": range(start, until)}), how="cross"))
    return pd.concat(parts, ignore_index=True).astype({"fiscal_year": "Int64"})


def _answering(plan: Plan, items: pd.DataFrame, asked: pd.DataFrame, chosen: pd.DataFrame, year: int) -> pd.DataFrame:
    """Item, section, how: what the record chose, else the first section named, else what ``data/`` falls back on."""
    found = [
        _held(chosen, year).assign(how=CHOSEN),
        asked.assign(how=NAMED),
        _held(plan.answering, year).assign(how=SET),
    ]
    first = pd.concat([each[["item", "section", "how"]] for each in found]).drop_duplicates("item")
    return items.merge(first, on="item", how="left").fillna("")


def _held(given: pd.DataFrame, year: int) -> pd.DataFrame:
    """Of each item the newest row that holds in the year."""
    return given[given["from_year"] <= year].sort_values("from_year").drop_duplicates("item", keep="last")
