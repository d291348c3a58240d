"""The finding above each chart, in one short sentence: what a reader should take from it before looking."""

from collections.abc import Sequence

import pandas as pd

from kyodo.aims import last_and_next
from kyodo.findings import distance, indicator_label
from kyodo.fiscal import short_label
from kyodo.rows import Row
from kyodo.surveys import years_label
from kyodo.wording import number, percent


def trend_title(label: str, rows: Sequence[Row]) -> str:
    """One indicator's last result and its next target: 「④…: H24目標は未達成(1.0届かず)、H29目標はやや遅れ(あと4.0)」.

    ``rows`` are its assessed rows, oldest target first.
    """
    return f"{label}: {'、'.join(map(_verdict, last_and_next(rows)))}"


def _verdict(row: Row) -> str:
    target = f"{short_label(row['target_year'])}目標"
    if not row["verdict"]:
        return f"{target}{percent(row['target'])}は実績値がまだない"
    if row["state"] == "unmeasured":
        return f"{target}は未調査"
    survey = f"{short_label(row['actual_year'])}時点で" if row["state"] == "open" else ""
    return f"{target}は{survey}{row['verdict']}({distance(row)})"


def gap_title(targets: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """Which open target is furthest off (all that tie); which was missed by most where none is open any more."""
    rows = targets[targets["gap"].notna()]
    rows = rows[rows["state"] == "open"] if (rows["state"] == "open").any() else rows
    if rows.empty:
        return "実績値がまだないため、目標との差を示せません"
    most = rows["gap"].max()
    if most <= 0:
        return f"{years_label(rows['target_year'].unique())}の目標には、すべて届いています"
    rows = rows[rows["gap"].round(1) == round(most, 1)].to_dict("records")
    named = "と".join(
        f"{indicator_label(indicators, row['indicator'])}の{short_label(row['target_year'])}目標" for row in rows
    )
    if rows[0]["state"] == "open":
        return f"見通しで最も遠いのは{named}で、あと{number(most)}ポイント"
    return f"最も届かなかったのは{named}で、{number(most)}ポイント"


def stage_title(stages: pd.DataFrame, year: int) -> str:
    """How many items are at 実施 in one year's schedule."""
    total, done = int(stages.to_numpy().sum()), int(stages["実施"].sum())
    if not total:
        return f"{short_label(year)}年度の年次計画に、該当する項目がありません"
    if done == total:
        return f"計画では、{short_label(year)}年度に{total}項目すべてが実施の段階"
    return f"計画では、{short_label(year)}年度に{total}項目のうち{done}項目が実施の段階、{total - done}項目はその前"
