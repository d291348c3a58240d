"""Counts of one year's items: by policy as the plan printed the former phase, beside the indicators, who is missing."""

import pandas as pd

from kyodo.cycle.judge import AGAINST, AHEAD, AS_PLANNED, LATE, UNANSWERED
from kyodo.fiscal import short_label
from kyodo.plan import Plan
from kyodo.rows import Row


def by_policy(rows: pd.DataFrame, statuses: list[str]) -> pd.DataFrame:
    """Numbers of one year's items, policies down, statuses and 未回答 across: the form of the plan's 47 = 8/33/2/4."""
    status = rows["status"].mask(rows["status"].eq(""), UNANSWERED)
    return pd.crosstab(rows["policy"], status).reindex(columns=[*statuses, UNANSWERED], fill_value=0)


def against_plan(rows: pd.DataFrame) -> dict[str, int]:
    """Word → number of one year's items, each of the five words."""
    return {
        str(word): int(count)
        for word, count in rows["against_plan"].value_counts().reindex(AGAINST, fill_value=0).items()
    }


def sentence(rows: pd.DataFrame, year: int) -> str:
    """One year's facts: 「H25: 44項目のうち回答41、計画どおり33・遅れ5・先3」."""
    counts = against_plan(rows)
    answered = len(rows) - counts.pop(UNANSWERED)
    told = "・".join(f"{word}{count}" for word, count in counts.items() if count)
    return f"{short_label(year)}: {len(rows)}項目のうち回答{answered}" + (f"、{told}" if told else "")


def links(plan: Plan) -> pd.DataFrame:
    """Which item serves which indicator, one row a pair: indicator, item, why. This project's reading."""
    items = plan.items.loc[plan.items["relisted_of"] == "", ["item", "policy", "measure"]]
    keyed = items.assign(measure=items["policy"] + "-" + items["measure"].astype("str"))
    whole = plan.indicator_items[plan.indicator_items["item"] == ""].drop(columns="item").merge(keyed, on="measure")
    single = plan.indicator_items[plan.indicator_items["item"].isin(items["item"])]
    both = pd.concat([single, whole])[["indicator", "item", "why"]]
    return both.drop_duplicates(["indicator", "item"]).sort_values("indicator", kind="stable", ignore_index=True)


def by_indicator(rows: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """One year's items beside the indicators they serve: indicator, items, then the number at each word of the judgement."""
    pairs = links.merge(rows[["item", "against_plan"]], on="item")
    counts = pd.crosstab(pairs["indicator"], pairs["against_plan"]).reindex(columns=list(AGAINST), fill_value=0)
    return counts.assign(items=counts.sum(axis=1)).reset_index()[["indicator", "items", *AGAINST]]


def unmoved(rows: pd.DataFrame, links: pd.DataFrame, indicators: pd.DataFrame) -> list[int]:
    """Indicators none of whose items stands as planned or ahead, among those that have an answer or have no item."""
    counts = by_indicator(rows, links).set_index("indicator").reindex(indicators["indicator"], fill_value=0)
    answered = counts["items"] - counts[UNANSWERED]
    still = (counts[AS_PLANNED] + counts[AHEAD]).eq(0) & (answered.gt(0) | counts["items"].eq(0))
    return [int(number) for number in counts.index[still]]


def serving_none(rows: pd.DataFrame, links: pd.DataFrame) -> list[str]:
    """Items that serve no indicator, by this project's reading."""
    return rows.loc[~rows["item"].isin(links["item"]), "item"].drop_duplicates().tolist()


def owed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not answered, or were sent back since."""
    return rows[rows["status"].eq("") | rows["sent_back"].ne("")]


def missing(rows: pd.DataFrame) -> pd.DataFrame:
    """What each section still owes of one year: section, items (list), sent_back (number of them)."""
    grouped = owed(rows).groupby("section", sort=False)
    return grouped.agg(items=("item", list), sent_back=("sent_back", lambda each: int(each.ne("").sum()))).reset_index()


def indicator_sentence(row: Row, name: str, verdict: str) -> str:
    """「③まちづくり・市民参画は遅れ。関係する12項目のうち3項目が計画より遅れ」."""
    told = f"{row[LATE]}項目が計画より遅れ" if row[LATE] else "計画より遅れた項目はない"
    return (
        f"{name}は{verdict}。関係する{row['items']}項目のうち{told}"
        if row["items"]
        else f"{name}は{verdict}。関係する項目がない"
    )
