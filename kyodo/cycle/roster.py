"""Who is asked for which item: the printed names made today's sections, one of which answers and the others add to it.

What the record holds of a printed name, or of an item, goes before what ``data/`` starts from.
"""

from dataclasses import dataclass

import pandas as pd

from kyodo.items import counted
from kyodo.plan import Plan

ROSTER = ["department", "section", "from_year", "to_year", "contact"]
CHOSEN, SET, NAMED = "chosen", "set", "named"  # how an item came to its answering section: record, data/, first named


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

    @property
    def unresolved(self) -> list[str]:
        """The printed names no section stands for."""
        return list(dict.fromkeys(self.sections.loc[self.sections["section"] == "", "department"]))

    @property
    def without(self) -> list[str]:
        """The items nobody answers for: while there is one, nothing is handed out."""
        return self.answering.loc[self.answering["section"] == "", "item"].tolist()

    @property
    def names(self) -> list[str]:
        """Every section that is asked for something, those that answer first."""
        both = [*self.answering["section"], *self.supplementing["section"]]
        return [name for name in dict.fromkeys(both) if name]


def standing_roster(plan: Plan, entered: pd.DataFrame) -> pd.DataFrame:
    """The roster in force, all years: department, section, from_year, to_year, contact, in the plan's order.

    ``entered`` is :meth:`kyodo.record.Record.roster`: what was entered of a printed name replaces all of its start.
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
    """Who is asked in a year; ``entered`` and ``chosen`` are the record's ``roster()`` and ``answering()``."""
    roster = standing_roster(plan, entered)
    holds = (roster["from_year"] <= year) & (roster["to_year"].isna() | (roster["to_year"] >= year))
    now = roster[holds & (roster["section"] != "")]
    named = plan.item_departments[["department"]].drop_duplicates()
    sections = named.merge(now[["department", "section", "contact"]], on="department", how="left").fillna("")
    items = counted(plan.items)[["item"]]
    asked = items.merge(plan.item_departments, on="item").merge(sections, on="department")
    asked = asked[asked["section"] != ""].drop_duplicates(["item", "section"])
    answering = _answering(items, asked, [(chosen, CHOSEN), (plan.answering, SET)], year)
    pairs = asked.merge(answering.rename(columns={"section": "answers"})[["item", "answers"]], on="item")
    others = pairs[pairs["section"] != pairs["answers"]]
    return Addressees(year, sections, answering, others[["item", "section"]].reset_index(drop=True))


def _answering(items: pd.DataFrame, asked: pd.DataFrame, given: list, year: int) -> pd.DataFrame:
    """Item, section, how: the newest choice that holds in the year, first of the record, else the first section named."""
    found = [
        frame[frame["from_year"] <= year].sort_values("from_year").drop_duplicates("item", keep="last").assign(how=how)
        for frame, how in given
    ]
    every = pd.concat([*(each[["item", "section", "how"]] for each in found), asked.assign(how=NAMED)])
    first = every.drop_duplicates("item")[["item", "section", "how"]]
    return items.merge(first, on="item", how="left").fillna("")
