"""Frames as people read them: the same rows with their numbers in words, for tables on screen, slides and paper."""

import pandas as pd

from kyodo.findings import indicator_label
from kyodo.fiscal import in_japan, short_label
from kyodo.items import past_tally, tally_differences
from kyodo.plan import GOES_ON, STATUSES, Plan
from kyodo.progress import Cutoffs, basis
from kyodo.wording import circled, percent, ratio, signed, signed_pace

HOWS = {"explicit": "計画書に明記", "same_title": "同じ名称", "inferred": "内容からの推定"}
_ASSESSED = {
    "gap": signed,
    "attainment": ratio,
    "improvement": ratio,
    "elapsed": ratio,
    "pace": ratio,
    "pace_so_far": signed_pace,
    "pace_needed": signed_pace,
    "projection": percent,
    "change": signed,
}


def assessed(targets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The assessed rows with name, target_label and a ``…_text`` column for every number."""
    return targets.assign(
        name=[indicator_label(indicators, number) for number in targets["indicator"]],
        target_label=[f"{short_label(year)}目標" for year in targets["target_year"]],
        target_text=targets["target"].map(percent),
        baseline_text=_with_year(targets["baseline"], targets["baseline_year"]),
        actual_text=_with_year(targets["actual"], targets["actual_year"]),
        **{f"{column}_text": targets[column].map(write) for column, write in _ASSESSED.items()},
    )


def _with_year(values: pd.Series, years: pd.Series) -> list[str]:
    """``37.2%(H23)``; blank for a missing value."""
    return [
        "" if pd.isna(value) else f"{percent(value)}({short_label(year)})"
        for value, year in zip(values, years, strict=True)
    ]


def neighbours(targets: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """What neighbouring rules would say (:func:`kyodo.progress.basis`), the measure in words."""
    frame = basis(targets, cutoffs)
    return frame.assign(measure_text=frame["measure"].map(ratio))


def breakdown(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares by group with interval in words; a withheld group says so instead of its numbers."""
    return rows.assign(
        value_text=rows["value"].map(percent),
        interval_text=[
            "" if pd.isna(low) else f"{percent(low)}〜{percent(high)}"
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
        withheld_text=rows["withheld"].map({True: "秘匿", False: ""}),
    )


def tally(plan: Plan) -> pd.DataFrame:
    """The former items' tally: policy, title, one column per status, total, and whether it agrees with the print."""
    counts = past_tally(plan.past_items)
    agrees = tally_differences(plan).groupby("policy")["agrees"].all()
    titles = plan.past_policies.set_index("policy")["title"]
    whole = pd.concat([counts, counts.sum().to_frame("計").T]).rename_axis("policy")
    return whole.assign(
        title=[titles.get(policy, "") for policy in whole.index],
        total=whole.sum(axis=1),
        agrees=["一致" if (agrees.all() if policy == "計" else agrees[policy]) else "不一致" for policy in whole.index],
    ).reset_index()


def stages(schedule: pd.DataFrame) -> pd.Series:
    """Each item's printed schedule on one line: ``検討 → 一部実施 → 実施 → →``, a blank year as ―."""
    ordered = schedule.sort_values(["item", "fiscal_year"])
    texts = ordered["printed"].replace({"": "―", GOES_ON: "→"})
    return texts.groupby(ordered["item"]).agg(" ".join)


def former(plan: Plan, item: str) -> pd.DataFrame:
    """The former items an item goes on from: past_item, title, status (with mark), disposition, review, how_text."""
    rows = plan.lineage[plan.lineage["item"] == item].merge(plan.past_items, on="past_item")
    return rows.assign(status=rows["status"].map(STATUSES) + rows["status"], how_text=rows["how"].map(HOWS))


def history(entries: pd.DataFrame) -> pd.DataFrame:
    """The record's entries with moment, kind, years and indicators in words, and what has become of them."""
    return entries.assign(
        at_text=[f"{in_japan(moment):%Y-%m-%d %H:%M}" for moment in entries["at"]],
        kind_text=[_kind(kind, undoes) for kind, undoes in zip(entries["kind"], entries["undoes"], strict=True)],
        years_text=["・".join(short_label(year) for year in years) for years in entries["years"]],
        indicators_text=["".join(circled(number) for number in numbers) for numbers in entries["indicators"]],
        state=[
            f"第{undone}版で取り消し" if pd.notna(undone) else ("有効" if active else "置き換え済み")
            for active, undone in zip(entries["active"], entries["undone_by"], strict=True)
        ],
    )


def _kind(kind: str, undoes: int) -> str:
    return f"第{undoes}版の取り消し" if kind == "undo" else "調査の登録"


def changes(found: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Values old and new by indicator and year: name, year, old_text, new_text (blank for none)."""
    return found.assign(
        name=[indicator_label(indicators, number) for number in found["indicator"]],
        year=[short_label(year) for year in found["fiscal_year"]],
        old_text=found["old"].map(percent),
        new_text=found["new"].map(percent),
    )
