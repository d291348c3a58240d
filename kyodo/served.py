"""Which items serve which indicator, by this project's reading, and what both say of each other.

Frames of :class:`kyodo.cycle.year.Progress` in, frames and findings out; nothing here draws.
"""

from collections.abc import Collection, Mapping

import pandas as pd

from kyodo.cycle import judge, tallies
from kyodo.cycle.year import Progress
from kyodo.findings import Finding, indicator_names
from kyodo.fiscal import short_label
from kyodo.plan import Plan
from kyodo.wording import listed
from kyodo.yearview import SERVES_NONE, view


def beside_indicators(progress: Progress, year: int, verdicts: Mapping[int, str]) -> pd.DataFrame:
    """Indicator, text (「③は遅れ。関係する12項目のうち3項目が計画より遅れ」), items, and the number at each word."""
    rows = tallies.by_indicator(progress.year(year), progress.links)
    indicators = progress.plan.indicators
    every = indicators[["indicator"]].merge(rows, on="indicator", how="left").fillna(0)
    every = every.astype(dict.fromkeys(every.columns, "int64"))
    names = indicator_names(indicators)
    return every.assign(
        text=[
            tallies.indicator_sentence(row, names[row["indicator"]], verdicts.get(row["indicator"]) or "判定なし")
            for row in every.to_dict("records")
        ]
    )


def gaps(progress: Progress, year: int) -> tuple[Finding, ...]:
    """Indicators none of whose items moves, and items that serve no indicator, by this project's reading."""
    rows, indicators = progress.year(year), progress.plan.indicators
    names = indicator_names(indicators)
    still = [
        Finding(f"{names[each]}に関係する項目は、計画どおりか先に進んだものが一つもない。", view(year, indicator=each))
        for each in tallies.unmoved(rows, progress.links, indicators)
    ]
    alone = tallies.serving_none(rows, progress.links)
    told = Finding(
        f"どの成果指標にも関係しない項目が{len(alone)}。{listed(alone, 8)}。", view(year, indicator=SERVES_NONE)
    )
    return (*still, told) if alone else tuple(still)


def choices(plan: Plan) -> dict[str, str]:
    """What an item may serve, as a filter's choices: the indicators' names, and none of them."""
    names = indicator_names(plan.indicators)
    return {str(number): name for number, name in names.items()} | {SERVES_NONE: "どの指標にも関係しない"}


def by_item(progress: Progress, item: str, targets: pd.DataFrame) -> pd.DataFrame:
    """The indicators an item serves: indicator, name, verdict (of the given next targets), why."""
    rows = progress.links[progress.links["item"] == item]
    verdicts = targets.set_index("indicator")["verdict"]
    return rows.assign(
        name=rows["indicator"].map(indicator_names(progress.plan.indicators)),
        verdict=[verdicts.get(each, "") for each in rows["indicator"]],
    )


def serving(progress: Progress, year: int, indicator: int) -> pd.DataFrame:
    """The items that serve an indicator in one year: the year's columns, why, against_text."""
    pairs = progress.links[progress.links["indicator"] == indicator]
    rows = progress.year(year).merge(pairs[["item", "why"]], on="item")
    words = rows["against_plan"].map(judge.marked(progress.plan, "against_plan"))
    return rows.assign(against_text=words.where(rows["state"].ne(judge.NOT_OUT), ""))


def who_serves(progress: Progress, year: int, indicator: int) -> list[str]:
    """Who works for an indicator: a sentence of its items, and each section with how many, those behind by number."""
    rows = serving(progress, year, indicator)
    late = rows[rows["against_plan"] == judge.LATE].groupby("section")["item"].agg("・".join)
    parts = [
        f"{section or '未定'}{count}項目" + (f"(遅れ {late[section]})" if section in late else "")
        for section, count in rows["section"].value_counts().items()
    ]
    return [f"{short_label(year)}の関係する{len(rows)}項目: {listed(parts, 6)}"]


def indicator_findings(
    progress: Progress, year: int, verdicts: Mapping[int, str], only: Collection[int] = ()
) -> list[Finding]:
    """Each indicator (or those asked for) beside its items in one sentence, which links to the items."""
    rows = beside_indicators(progress, year, verdicts)
    rows = rows[rows["indicator"].isin(only)] if only else rows
    return [Finding(f"{row['text']}。", view(year, indicator=row["indicator"])) for row in rows.to_dict("records")]
