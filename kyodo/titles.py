"""The finding above each chart, in one short sentence: what a reader should take from it before looking."""

from collections.abc import Mapping

import pandas as pd

from kyodo.findings import distance, indicator_label, last_targets, next_targets
from kyodo.fiscal import short_label
from kyodo.surveys import years_label
from kyodo.wording import number, percent


def trend_title(rows: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """One indicator's last result and its next target: 「④…: H24目標は未達成(1.0届かず)、H29目標はやや遅れ(あと4.0)」."""
    told = pd.concat([last_targets(rows), next_targets(rows)]).to_dict("records")
    return f"{indicator_label(indicators, rows['indicator'].iloc[0])}: {'、'.join(map(_verdict, told))}"


def _verdict(row: Mapping) -> str:
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


def status_title(tally: pd.DataFrame) -> str:
    """How many of the former items were carried out or carried on."""
    total = int(tally.to_numpy().sum())
    done, on = int(tally["実施済"].sum()), int(tally["継続推進"].sum())
    if done + on == total:
        return f"前期の{total}項目は、すべて実施済か継続推進"
    return f"前期の{total}項目のうち{done + on}項目が実施済か継続推進、{total - done - on}項目は一部実施か検討中"


def flow_title(flows: pd.DataFrame) -> str:
    """How many former items go on into the new plan, and how many links are only inferred."""
    second = flows[flows["target"].str.startswith("新方針")]
    onward, inferred = int(second["items"].sum()), int(second.loc[second["how"] == "inferred", "items"].sum())
    if not onward:
        return "新しい計画につながる項目はありません"
    return f"{onward}項目が新しい計画につながる" + (f"(うち{inferred}項目は内容からの推定)" if inferred else "")


def actor_title(counts: pd.DataFrame) -> str:
    """In which field of policy and actor most items lie; the number of fields where they tie."""
    most = int(counts.to_numpy().max()) if counts.size else 0
    if not most:
        return "該当する項目がありません"
    fields = [
        (policy, actor) for actor in counts.columns for policy in counts.index if counts.at[policy, actor] == most
    ]
    if len(fields) > 2:
        return f"最も多い組み合わせは{len(fields)}つあり、それぞれ{most}項目"
    return f"最も多いのは{'と'.join(f'方針{policy}の{actor}' for policy, actor in fields)}で{most}項目"


def department_title(counts: pd.DataFrame) -> str:
    """Which department has most items; the number of departments where they tie."""
    if counts.empty:
        return "該当する項目がありません"
    most = int(counts["items"].max())
    first = counts.loc[counts["items"] == most, "department"].tolist()
    if len(first) > 2:
        return f"最も多い担当課は{len(first)}つあり、それぞれ{most}項目"
    return f"最も多いのは{'と'.join(first)}で{most}項目"


def schedule_title(items: pd.DataFrame, schedule: pd.DataFrame) -> str:
    """From how many items at 実施 in the first year to how many in the last."""
    rows = schedule[schedule["item"].isin(items["item"]) & (schedule["stage"] == "実施")]
    years = sorted(schedule["fiscal_year"].unique())
    if items.empty or not years:
        return "該当する項目がありません"
    done = rows.groupby("fiscal_year").size().reindex(years, fill_value=0)
    first, last = (short_label(year) for year in (years[0], years[-1]))
    if done.iloc[0] == done.iloc[-1]:
        return f"計画で実施の段階にあるのは{first}年度も{last}年度も{len(items)}行のうち{done.iloc[0]}行"
    return f"計画で実施の段階にあるのは{first}年度の{done.iloc[0]}行、{last}年度の{done.iloc[-1]}行(全{len(items)}行)"


def tree_title(table: pd.DataFrame) -> str:
    """Which policy holds most of the plan's items (relisted ones left out)."""
    sizes = table[table["relisted_of"] == ""].groupby(["policy", "policy_title"], sort=False).size()
    (policy, title), most = sizes.idxmax(), int(sizes.max())
    return f"{sizes.sum()}項目のうち{most}項目が方針{policy}「{title}」"
