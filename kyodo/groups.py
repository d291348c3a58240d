"""What a breakdown by 性別, 年代 or 地域 says: compared within one breakdown, of one year, with its error."""

import pandas as pd

from kyodo.findings import indicator_label
from kyodo.fiscal import short_label
from kyodo.wording import number, percent

_TOO_FEW = "回答が少なく、区分ごとの割合を示せません"


def breakdown_title(rows: pd.DataFrame) -> str:
    """The two categories furthest apart within one breakdown, their year, and whether their intervals overlap.

    ``rows`` are one indicator's groups of one year (group, category, value, low, high, fiscal_year).
    """
    pair = _furthest(rows)
    if pair is None:
        return _TOO_FEW
    low, high = pair
    year, apart = short_label(high["fiscal_year"]), number(high["value"] - low["value"])
    return (
        f"{year}の{high['group']}では、最も高いのは{high['category']}の{percent(high['value'])}、"
        f"最も低いのは{low['category']}の{percent(low['value'])}(差{apart}ポイント{_overlap(low, high)})"
    )


def breakdown_sentence(rows: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """The same as a sentence that names the indicator."""
    return f"{indicator_label(indicators, rows['indicator'].iloc[0])}: {breakdown_title(rows)}。"


def group_lines(rows: pd.DataFrame) -> list[str]:
    """The newest shares by group, a line each: 「R1 性別: 男性45.0%、女性48.3%」; withheld categories say so, none for none."""
    if rows.empty:
        return []
    newest = rows[rows["fiscal_year"] == rows["fiscal_year"].max()]
    shown = newest.assign(text=newest["category"] + newest["value"].map(percent).mask(newest["value"].isna(), "(秘匿)"))
    year = short_label(newest["fiscal_year"].iloc[0])
    lines = shown.groupby("group", sort=False)["text"].agg("、".join)
    return [f"{year} {group}: {text}" for group, text in lines.items()]


def _furthest(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """The lowest and the highest category of the breakdown in which they are furthest apart; None for fewer than two."""
    shown = rows[rows["value"].notna()]
    spans = shown.groupby("group", sort=False)["value"].agg(lambda values: values.max() - values.min())
    sizes = shown.groupby("group", sort=False).size()
    if not (sizes > 1).any():
        return None
    group = shown[shown["group"] == spans[sizes > 1].idxmax()]
    return group.loc[group["value"].idxmin()], group.loc[group["value"].idxmax()]


def _overlap(low: pd.Series, high: pd.Series) -> str:
    if pd.isna(low.get("high")) or pd.isna(high.get("low")):
        return ""
    return "、95%区間は重なる" if low["high"] >= high["low"] else "、95%区間は重ならない"


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Each group of one breakdown in an order to read it: ages and the like as they come, others by value, highest first.

    What is withheld stands last.
    """
    ordered = rows["category"].str.contains(r"\d").groupby(rows["group"]).transform("any")
    place = rows["group"].map({name: place for place, name in enumerate(rows["group"].unique())})
    keyed = rows.assign(_place=place, _last=rows["value"].isna(), _rank=(-rows["value"]).mask(ordered, 0.0))
    return keyed.sort_values(["_place", "_last", "_rank"], kind="stable", ignore_index=True)[rows.columns]
