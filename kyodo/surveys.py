"""Which surveys there are, which are missing, and how years are named in a sentence."""

from collections.abc import Collection

import pandas as pd

from kyodo.fiscal import short_label
from kyodo.plan import Plan

SURVEYS = {"citizen": "市民アンケート", "staff": "職員アンケート"}


def missing_years(known: pd.DataFrame, plan: Plan, until: int) -> dict[str, list[int]]:
    """Survey → the fiscal years of the plan's period, ended before ``until``, of which an indicator has no value."""
    actuals = known[known["kind"] == "actual"]
    found = {}
    for survey in SURVEYS:
        expected = plan.indicators.loc[plan.indicators["survey"] == survey, "indicator"]
        have = actuals[actuals["indicator"].isin(expected)].groupby("fiscal_year")["indicator"].nunique()
        found[survey] = [year for year in _ended(plan, until) if have.get(year, 0) < len(expected)]
    return found


def _ended(plan: Plan, until: int) -> range:
    """The years a survey is due in: after the last printed actual, up to the last target, ended before ``until``."""
    first = int(plan.values.loc[plan.values["kind"] == "actual", "fiscal_year"].max()) + 1
    return range(first, min(until, int(plan.values["fiscal_year"].max()) + 1))


def missing_sentences(missing: dict[str, list[int]]) -> list[str]:
    """One sentence for each unbroken run of years a survey is missing in."""
    return [f"{_run(run)}の{SURVEYS[survey]}が未登録です。" for survey, years in missing.items() for run in runs(years)]


def complete_sentence(plan: Plan, until: int | None) -> str:
    """What is said where none is missing: which years that speaks of."""
    ended = [] if until is None else [*_ended(plan, until)]
    if not ended:
        return "調査が要る年度は、まだ終わっていません。"
    after = (
        "その後の年度の調査は、この計画に目標がありません。"
        if until > int(plan.values["fiscal_year"].max()) + 1
        else ""
    )
    return f"計画期間のうち終わった年度({_run(ended)})の調査は、すべて登録されています。{after}"


def runs(years: Collection[int]) -> list[list[int]]:
    """Years grouped into unbroken runs.

    >>> runs([2012, 2013, 2017])
    [[2012, 2013], [2017]]
    """
    found: list[list[int]] = []
    for year in years:
        if found and found[-1][-1] == year - 1:
            found[-1].append(year)
        else:
            found.append([year])
    return found


def _run(years: list[int]) -> str:
    return short_label(years[0]) if len(years) == 1 else f"{short_label(years[0])}〜{short_label(years[-1])}"


def years_label(years: Collection[int]) -> str:
    """Fiscal years in a few signs: 「H18・H23」, three or more in a row as a run: 「H18・H23〜H29」."""
    return "・".join(_run(run) if len(run) > 2 else "・".join(map(short_label, run)) for run in runs(sorted(years)))


def source_sentence(years: tuple[int, ...], revision: int, registered: bool) -> str:
    """Where the numbers come from and when they were measured: the line at the foot of every slide and sheet."""
    source = "山口市協働推進プラン改訂版" + (f"、登録した調査(登録番号{revision}まで)" if registered else "")
    return f"時点: {years_label(years)}年度調査  出典: {source}"
