"""What there is and how much of it, where it is not the finding of the indicators: items, filters, the record, the plan."""

from urllib.parse import urlencode

import pandas as pd

from kyodo.changes import verdicts_changed
from kyodo.findings import Finding
from kyodo.fiscal import short_label
from kyodo.plan import Plan


def planned_finding(short: pd.DataFrame, year: int) -> Finding:
    """Which items the plan itself leaves before 実施 in its last year, with a link that filters to exactly those.

    ``short`` is :func:`kyodo.items.planned_short`. It speaks of the plan, not of what was done.
    """
    if short.empty:
        return Finding(f"計画では、{short_label(year)}にすべての項目が実施の段階に入ります。", "items")
    stages = list(dict.fromkeys(short["stage"]))
    link = f"items?{urlencode({'year': year, 'stage': stages}, doseq=True)}"
    return Finding(f"計画では、{short_label(year)}に{'や'.join(stages)}にとどまる項目が{len(short)}。", link)


def stage_sentence(stages: pd.DataFrame, year: int) -> str:
    """How many items are at which stage of one year's schedule."""
    totals = stages.sum()
    parts = "・".join(f"{stage}{count}" for stage, count in totals.items() if count)
    return f"{short_label(year)}年度の年次計画では、{int(totals.sum())}項目のうち{parts}。"


def items_sentence(table: pd.DataFrame) -> str:
    """How many items there are and how many of them are new; relisted ones are counted once."""
    rows = table[table["relisted_of"] == ""]
    relisted = len(table) - len(rows)
    also = f"(ほかに再掲{relisted})" if relisted else ""
    return f"推進項目は{len(rows)}項目{also}、うち新規{int((rows['kind'] == '新規').sum())}項目。"


def count_sentence(found: pd.DataFrame, table: pd.DataFrame) -> str:
    """How many items a filter found, relisted ones counted once."""
    here, everywhere = (len(frame[frame["relisted_of"] == ""]) for frame in (found, table))
    relisted = len(found) - here
    return f"{everywhere}項目のうち{here}項目" + (f"(ほかに再掲{relisted})" if relisted else "")


def past_sentence(plan: Plan) -> str:
    """The finding of the former phase."""
    statuses, dispositions = plan.past_items["status"].value_counts(), plan.past_items["disposition"].value_counts()
    parts = "・".join(f"{status}{statuses.get(status, 0)}" for status in plan.statuses)
    onward = plan.past_items["past_item"].isin(plan.lineage["past_item"]).sum()
    return (
        f"前期の{len(plan.past_items)}項目は{parts}。{dispositions.get('継続', 0)}項目を継続、{dispositions.get('完了', 0)}項目を完了、"
        f"{dispositions.get('廃止', 0)}項目を廃止とし、{onward}項目が新しい計画の項目につながっています。"
    )


def preview_sentence(rows: pd.DataFrame, changed: pd.DataFrame) -> str:
    """What registering would do, in one sentence: how many values of which years, how many verdicts."""
    years = "・".join(dict.fromkeys(rows["year"]))
    verdicts = verdicts_changed(changed)
    replaced = (rows["state"] == "置き換え").sum()
    return (
        f"{years}年度の{len(rows)}件の値を登録します"
        + (f"(うち{replaced}件は今の値を置き換え)" if replaced else "")
        + (f"。判定が{verdicts}件変わります。" if verdicts else "。判定は変わりません。")
    )


def history_sentence(entries: pd.DataFrame) -> str:
    """How many submissions there are, and the newest."""
    if entries.empty:
        return "まだ何も登録されていません。画面の値はすべて計画書の印刷値です。"
    newest = entries.iloc[0]
    surveys, undone, remarks = ((entries["kind"] == kind).sum() for kind in ("survey", "undo", "remark"))
    also = f"、要因・課題などの記入が{remarks}件" if remarks else ""
    yearly = len(entries) - surveys - undone - remarks
    also += f"、進行管理・宛先・意見の登録が{yearly}件" if yearly else ""
    return f"これまでに調査の登録が{surveys}件、取り消しが{undone}件{also}。最後は{newest['at'].year}年{newest['at'].month}月{newest['at'].day}日、{newest['by']}。"


def plan_sentence(plan: Plan) -> str:
    """What the plan consists of."""
    relisted = (plan.items["relisted_of"] != "").sum()
    return (
        f"{len(plan.policies)}つの推進方針、{len(plan.measures)}の推進施策、{len(plan.items) - relisted}の推進項目(ほかに再掲{relisted})を、"
        f"{short_label(plan.years[0])}から{short_label(plan.years[-1])}年度に進め、{len(plan.indicators)}つの成果指標で測ります。"
    )
