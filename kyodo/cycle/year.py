"""The items' years as of a moment: one frozen value that page, slides, workbook, brief and open data draw."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from kyodo.cycle import judge, tallies
from kyodo.cycle.roster import Addressees, addressees, answering_by_year, standing_roster
from kyodo.items import counted, criterion_words, measure_keys
from kyodo.plan import Plan
from kyodo.record import empty_cycle
from kyodo.record.tables import PERSONS
from kyodo.rows import grouped
from kyodo.wording import nth_meeting

UNDONE = "未対応"  # the state of an opinion that has none
OPEN_RESPONSES = (UNDONE, "対応中", "")


@dataclass(frozen=True, eq=False)
class Kept:
    """What the record holds of the cycle at one revision, as :meth:`kyodo.record.Record.cycle` gives it."""

    progress: pd.DataFrame
    supplements: pd.DataFrame
    marks: pd.DataFrame
    closings: pd.DataFrame
    roster: pd.DataFrame
    answering: pd.DataFrame
    opinions: pd.DataFrame


def kept_of(record: Any, as_of: Any = None) -> Kept:
    """What a record holds now, or at a moment or revision."""
    return Kept(**record.cycle(as_of))


@dataclass(frozen=True, eq=False)
class Progress:
    """Every counted item in every year of the plan, judged.

    ``rows`` has one row per item × year in the plan's order: item, fiscal_year, title, policy, policy_title, measure
    (key), departments (list, as printed), actors (list), section (asked, or that answered), printed and stage of the
    schedule, criterion and has_criterion, the answer's columns (blank where there is none), number, at, by, note,
    against_plan, state, state_text, meeting, sent_back, correction, marked (symbol and word of the status). Who filled a
    sheet in is in ``kept.progress`` alone, so that no paper and no export can show it by mistake.
    """

    plan: Plan
    kept: Kept
    rows: pd.DataFrame

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years of which something was handed out or answered."""
        begun = self.rows.loc[self.rows["state"] != judge.NOT_OUT, "fiscal_year"]
        return tuple(int(year) for year in sorted(begun.unique()))

    @cached_property
    def latest(self) -> int | None:
        """The newest year with an answer, None before the first."""
        answered = self.rows.loc[self.rows["status"] != "", "fiscal_year"]
        return None if answered.empty else int(answered.max())

    def year(self, year: int) -> pd.DataFrame:
        """One year's rows."""
        if year not in self._years:
            self._years[year] = self.rows[self.rows["fiscal_year"] == year]
        return self._years[year]

    @cached_property
    def _years(self) -> dict[int, pd.DataFrame]:
        return {}

    def of_item(self, item: str) -> pd.DataFrame:
        """One item's years side by side, oldest first."""
        return self.rows[self.rows["item"] == item].sort_values("fiscal_year")

    def addressees(self, year: int) -> Addressees:
        """Who is asked in a year."""
        if year not in self._asked:
            self._asked[year] = addressees(self.plan, self.kept.roster, self.kept.answering, year)
        return self._asked[year]

    @cached_property
    def _asked(self) -> dict[int, Addressees]:
        return {}

    @cached_property
    def roster(self) -> pd.DataFrame:
        """The addressees in force, all years: department, section, from_year, to_year, contact."""
        return standing_roster(self.plan, self.kept.roster)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What is worth a second look: item, fiscal_year, code, text."""
        return judge.findings(self.rows)

    @cached_property
    def links(self) -> pd.DataFrame:
        """Which item serves which indicator: indicator, item, why."""
        return tallies.links(self.plan)

    @cached_property
    def newest(self) -> pd.DataFrame:
        """Each item's newest answer: the rows of that year."""
        answered = self.rows[self.rows["status"] != ""].sort_values("fiscal_year", kind="stable")
        return answered.drop_duplicates("item", keep="last")

    @cached_property
    def opinions(self) -> pd.DataFrame:
        """What the committee said, by meeting: the table's columns, is_open; in words what it is about, meeting and state."""
        names = subjects(self.plan)
        rows = self.kept.opinions
        return rows.assign(
            about_text=[names.get(about, about) for about in rows["about"]],
            meeting_text=rows["meeting"].map(nth_meeting),
            state_text=rows["state"].mask(rows["state"].eq(""), UNDONE),
            is_open=rows["state"].isin(OPEN_RESPONSES),
        ).sort_values(["meeting", "opinion"], kind="stable", ignore_index=True)

    def said_before(self, meeting: int | None) -> pd.DataFrame:
        """「前回の指摘と対応」: what was said at earlier meetings and is open, or was said at the one before."""
        rows = self.opinions
        earlier = rows if meeting is None else rows[rows["meeting"].isna() | (rows["meeting"] < meeting)]
        return earlier[earlier["is_open"] | (earlier["meeting"] == earlier["meeting"].max())].reset_index(drop=True)

    @cached_property
    def public(self) -> dict[str, pd.DataFrame]:
        """The open data: tables progress, opinions and roster as declared. No person's name is in them."""
        shown = self.rows[self.rows["fiscal_year"].isin(self.years)]
        frames = {
            "progress": shown.assign(department=shown["section"], state=shown["state_text"]),
            "opinions": self.opinions,
            "roster": self.roster,
        }
        tables = self.plan.package.tables
        return {
            name: frame[[column.name for column in tables[name].columns]].reset_index(drop=True)
            for name, frame in frames.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Facts, counts and findings of every begun year, and the opinions' state, as JSON values."""
        return {
            "fiscal_years": [self._year_json(year) for year in self.years],
            "opinions": {"count": len(self.opinions), "open": int(self.opinions["is_open"].sum())},
        }

    def _year_json(self, year: int) -> dict[str, Any]:
        rows = self.year(year)
        found = self.findings[self.findings["fiscal_year"] == year]
        states = rows["state"].value_counts().reindex(judge.STATES, fill_value=0)
        policies = tallies.by_policy(rows, self.statuses)
        served = tallies.by_indicator(rows, self.links)
        return {
            "fiscal_year": year,
            "items": len(rows),
            "answered": int(rows["status"].ne("").sum()),
            "sentence": tallies.sentence(rows, year),
            "closed": bool(self.kept.closings["fiscal_year"].eq(year).any()),
            "against_plan": tallies.against_plan(rows),
            "state": {str(name): int(count) for name, count in states.items()},
            "by_policy": {policy: {name: int(n) for name, n in row.items()} for policy, row in policies.iterrows()},
            "by_indicator": [{name: int(n) for name, n in row.items()} for row in served.to_dict("records")],
            "missing": tallies.missing(rows).to_dict("records"),
            "findings": found.drop(columns="fiscal_year").to_dict("records"),
        }

    @property
    def statuses(self) -> list[str]:
        """The words of 実施状況, furthest first."""
        return judge.choices(self.plan, "status")["choice"].tolist()


@lru_cache(maxsize=8)
def build_progress(plan: Plan, kept: Kept | None = None) -> Progress:
    """Judge what the record holds of the items' years. Made once of the same objects."""
    kept = kept or Kept(**empty_cycle())
    rows = _items(plan).merge(plan.item_schedule.astype({"fiscal_year": "Int64"}), on="item", how="left")
    answers = kept.progress.drop(columns=list(PERSONS))
    rows = rows.merge(answers, on=["item", "fiscal_year"], how="left")
    texts = [name for name in (*answers.columns, "printed", "stage") if pd.api.types.is_string_dtype(rows[name])]
    rows = rows.assign(**{name: rows[name].fillna("") for name in texts})
    rows = _add_section(rows, plan, kept)
    rows = judge.add_state_text(judge.add_state(judge.add_against_plan(rows, plan), kept.marks, kept.closings))
    symbols = judge.marked(plan)
    return Progress(plan, kept, rows.assign(marked=rows["status"].map(symbols).fillna("")))


def _items(plan: Plan) -> pd.DataFrame:
    """The counted items with what is known of them in every year."""
    items = counted(plan.items)
    lists = {
        name: grouped(frame["item"], frame[column])
        for name, frame, column in (
            ("departments", plan.item_departments, "department"),
            ("actors", plan.item_actors, "actor"),
        )
    }
    return items[["item", "title", "policy"]].assign(
        policy_title=items["policy"].map(plan.policy_titles),
        measure=measure_keys(items),
        criterion=criterion_words(items),
        has_criterion=items["done_when"].ne(""),
        **{name: items["item"].map(each) for name, each in lists.items()},
    )


def _add_section(rows: pd.DataFrame, plan: Plan, kept: Kept) -> pd.DataFrame:
    """The section that answered; where none has, the one that is asked in that year."""
    pairs = answering_by_year(plan, kept.roster, kept.answering, plan.years)
    found = rows.merge(pairs, on=["item", "fiscal_year"], how="left")
    return found.assign(section=found["department"].mask(found["department"].eq(""), found["section"]))


def subjects(plan: Plan) -> dict[str, str]:
    """What an opinion may be about → the words for it."""
    found = {"all": "全体"}
    found |= {
        str(row["indicator"]): f"指標{row['indicator']} {row['short_name']}"
        for row in plan.indicators.to_dict("records")
    }
    found |= {row["policy"]: f"方針{row['policy']} {row['title']}" for row in plan.policies.to_dict("records")}
    return found | {row["item"]: f"{row['item']} {row['title']}" for row in plan.items.to_dict("records")}
