"""Frames as people read them: the same rows with their numbers in words, for tables on screen, slides and paper."""

from typing import Any

import pandas as pd

from kyodo.changes import verdict_change
from kyodo.findings import indicator_names
from kyodo.fiscal import in_japan, short_label
from kyodo.forecast import likelihood_words
from kyodo.items import HOWS, TOTAL, onward, past_tally, tally_differences, with_total
from kyodo.plan import GOES_ON, Plan
from kyodo.rows import grouped
from kyodo.verdicts import AGAINST, STATES, VERDICTS, Cutoffs, basis
from kyodo.wording import circled, people, percent, ratio, round_half_up, shorten, signed, signed_pace

KINDS = {"baseline": "基準値", "actual": "実績値", "target": "目標値"}
BREAKDOWN = {  # the columns of :func:`breakdown` that a table shows
    "group": "区分", "category": "内訳", "value_text": "値", "n": "回答者数", "interval_text": "95%区間",
    "withheld_text": "備考",
}  # fmt: skip
_ASSESSED = {
    "attainment": ratio, "improvement": ratio, "elapsed": ratio, "pace": ratio, "pace_so_far": signed_pace,
    "pace_lately": signed_pace, "pace_needed": signed_pace, "projection": percent, "forecast": percent,
    "change": signed,
}  # fmt: skip


def assessed(targets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The assessed rows with name, target_label and a ``…_text`` column for every number.

    ``difference`` is 目標との差 as people read it, 実績 − 目標 (▲ is below the target); ``gap`` is what is still to go.
    """
    labels = indicator_names(indicators)
    return targets.assign(
        name=targets["indicator"].map(labels),
        target_label=[f"{short_label(year)}目標" for year in targets["target_year"]],
        target_text=targets["target"].map(percent),
        baseline_text=_with_year(targets["baseline"], targets["baseline_year"]),
        actual_text=_with_year(targets["actual"], targets["actual_year"]),
        difference=-targets["gap"],
        gap_text=(-targets["gap"]).map(signed),
        state_text=targets["state"].map(STATES),
        against_text=targets["against_target"].map(AGAINST).fillna(""),
        forecast_interval=_intervals(targets["forecast_low"], targets["forecast_high"]),
        likelihood_text=["" if pd.isna(each) else likelihood_words(each) for each in targets["likelihood"]],
        later_text=[_later(*row) for row in zip(*(targets[name] for name in _LATER), strict=True)],
        **{f"{column}_text": targets[column].map(write) for column, write in _ASSESSED.items()},
    )


_LATER = ("later_year", "later", "later_reaches")


def _later(year: int, value: float, reaches: bool) -> str:
    """What was measured after a target's year: 「22.0%(H26、目標を下回る)」; blank for nothing."""
    if pd.isna(value):
        return ""
    return f"{percent(value)}({short_label(year)}、{'目標以上' if reaches else '目標を下回る'})"


def _with_year(values: pd.Series, years: pd.Series) -> list[str]:
    """``37.2%(H23)``; blank for a missing value."""
    return [
        "" if pd.isna(value) else f"{percent(value)}({short_label(year)})"
        for value, year in zip(values, years, strict=True)
    ]


def neighbours(targets: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """What neighbouring rules would say (:func:`kyodo.verdicts.basis`), the measure in words."""
    frame = basis(targets, cutoffs)
    return frame.assign(measure_text=frame["measure"].map(ratio))


def breakdown(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares by group with interval in words; a withheld group says so instead of its numbers."""
    return rows.assign(
        value_text=rows["value"].map(percent),
        interval_text=_intervals(rows["low"], rows["high"]),
        withheld_text=rows["withheld"].map({True: "秘匿", False: ""}),
    )


def tally(plan: Plan) -> pd.DataFrame:
    """The former items' tally: policy, title, one column per status, total, and whether it agrees with the print."""
    compared, found = tally_differences(plan), with_total(past_tally(plan), plan.past_policies)
    wrong = {*compared.loc[~compared["agrees"], "policy"]}
    agrees = ["不一致" if policy in wrong or (policy == TOTAL and wrong) else "一致" for policy in found["policy"]]
    return found.assign(agrees=agrees)


def stages(schedule: pd.DataFrame) -> pd.Series:
    """Each item's printed schedule on one line: ``検討 → 一部実施 → 実施 → →``, a blank year as ―."""
    ordered = schedule.sort_values(["item", "fiscal_year"])
    texts = ordered["printed"].replace({"": "―", GOES_ON: "→"})
    return pd.Series({item: " ".join(own) for item, own in grouped(ordered["item"], texts).items()}, dtype="str")


def stage_years(schedule: pd.DataFrame) -> pd.DataFrame:
    """The stage in force of each item (index) in each year (columns ``H25`` …), in whole words; blank for none."""
    wide = schedule.pivot(index="item", columns="fiscal_year", values="stage").fillna("")
    return wide.rename(columns=short_label)


def onward_words(plan: Plan) -> pd.DataFrame:
    """The former items by status, disposition and where they went: counts, and how the links are known in words.

    Columns: status, disposition, to, items, told (「計画書に明記5・内容からの推定1」, blank where nothing goes on).
    """
    rows = onward(plan)
    keys = ["status", "disposition", "to"]
    told = rows[rows["how"] != ""].groupby([*keys, "how"], sort=False).size().reset_index(name="items")
    told = told.assign(told=told["how"].map(HOWS) + told["items"].astype("str"))
    words = told.groupby(keys, sort=False)["told"].agg("・".join)
    counts = rows.groupby(keys, sort=False).size().reset_index(name="items")
    return counts.merge(words.reset_index(), on=keys, how="left").fillna({"told": ""})


def former(plan: Plan, item: str) -> pd.DataFrame:
    """The former items an item goes on from: past_item, title, status (with mark), disposition, review, how_text."""
    rows = plan.lineage[plan.lineage["item"] == item].merge(plan.past_items, on="past_item")
    return rows.assign(status=rows["status"].map(plan.statuses) + rows["status"], how_text=rows["how"].map(HOWS))


def history(entries: pd.DataFrame) -> pd.DataFrame:
    """The record's entries with moment, kind, years and indicators in words, and what has become of them."""
    rows = entries.to_dict("records")
    return moments(entries).assign(
        kind_text=[_kind(row) for row in rows],
        file_text=entries["file"].map(shorten),
        years_text=["・".join(map(short_label, years)) for years in entries["years"]],
        indicators_text=["".join(map(circled, numbers)) for numbers in entries["indicators"]],
        state=[_fate(row) for row in rows],
    )


ENTRY_KINDS = {
    "survey": "調査の登録", "remark": "要因・課題・今後の方向の記入", "collection": "進行管理の回答", "marks": "進行管理の配布・確認",
    "closing": "進行管理の報告", "roster": "宛先", "opinion": "委員会の意見",
}  # fmt: skip


def _kind(row: dict) -> str:
    return f"登録番号{row['undoes']}の取り消し" if row["kind"] == "undo" else ENTRY_KINDS[row["kind"]]


def _fate(row: dict) -> str:
    if pd.notna(row["undone_by"]):
        return f"登録番号{row['undone_by']}で取り消し"
    return "有効" if row["active"] else "置き換え済み"


def changes(found: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Values old and new by indicator and year: name, year, old_text, new_text (blank for none)."""
    return found.assign(
        name=found["indicator"].map(indicator_names(indicators)),
        year=[short_label(year) for year in found["fiscal_year"]],
        old_text=found["old"].map(percent),
        new_text=found["new"].map(percent),
    )


def measured(known: pd.DataFrame) -> pd.DataFrame:
    """Known values in words: year, kind_text, value_text, n_text, interval_text (blank where n is unknown)."""
    return known.assign(
        year=known["fiscal_year"].map(short_label),
        kind_text=known["kind"].map(KINDS),
        value_text=known["value"].map(percent),
        n_text=known["n"].map(people),
        interval_text=_intervals(known["low"], known["high"]),
    )


def questionnaires(plan: Plan, indicator: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """The surveys an indicator was asked in, as far as they are known, newest first; and the titles of what is filled in."""
    rows = plan.questionnaires[plan.questionnaires["indicator"] == indicator].sort_values(
        "fiscal_year", ascending=False
    )
    shown = rows.assign(
        fiscal_year=rows["fiscal_year"].map(short_label),
        sample=rows["sample"].map(people),
        answers=rows["answers"].map(people),
        rate=(rows["answers"] / rows["sample"]).astype("Float64").astype("float64").map(ratio),
    ).drop(columns="indicator")
    titles = plan.package.tables["questionnaires"].titles | {"rate": "回収率"}
    return shown, {name: titles[name] for name in shown if shown[name].ne("").any()}


def rules(cutoffs: Cutoffs) -> pd.DataFrame:
    """The verdicts in the order they are tried: verdict, mark (symbol and word), when (the rule in words)."""
    on_track, slow, flat = cutoffs.words
    when = {
        "達成": "結果: 目標の年度の実績値が目標値以上",
        "未達成": "結果: 目標の年度の実績値が目標値に届かない",
        "未調査": "結果なし: 目標の年度の調査が未登録で、後の年度の調査がある",
        "到達": "見通し: 最新の実績値が、年度を待たず目標値以上",
        "横ばい": f"見通し: 基準値からの変化が誤差の範囲内(回答者数が不明のときは、目標までの距離の{flat}未満)",
        "後退": "見通し: 実績値が基準値を下回る",
        "順調": f"見通し: ペース比が{on_track}以上",
        "やや遅れ": f"見通し: ペース比が{slow}以上{on_track}未満",
        "遅れ": f"見通し: ペース比が{slow}未満",
    }
    return pd.DataFrame(
        [{"verdict": word, "mark": f"{VERDICTS[word]} {word}", "when": text} for word, text in when.items()]
    )


def changed(found: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`kyodo.changes.changed_verdicts` in words: name, target_label, before_text, after_text, verdict."""
    return found.assign(
        name=found["indicator"].map(indicator_names(indicators)),
        target_label=[f"{short_label(year)}目標" for year in found["target_year"]],
        before_text=_with_year(found["actual_before"], found["actual_year_before"]),
        after_text=_with_year(found["actual_after"], found["actual_year_after"]),
        verdict_text=[verdict_change(row) for row in found.to_dict("records")],
    )


def preview(values: pd.DataFrame, known: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """A file's values beside those of today: name, year, value_text, n_text, interval_text, today_text, state.

    ``state`` is 新規, 同じ値 or 置き換え; ``known`` are the brief's values.
    """
    keys = ["indicator", "fiscal_year"]
    today = known.loc[known["kind"] != "target", [*keys, "value", "n"]].rename(
        columns={"value": "today", "n": "today_n"}
    )
    rows = values[values["group"] == ""].merge(today, on=keys, how="left")
    return rows.assign(
        name=rows["indicator"].map(indicator_names(indicators)),
        year=[short_label(year) for year in rows["fiscal_year"]],
        value_text=rows["value"].map(percent),
        n_text=rows["n"].map(people),
        interval_text=_intervals(rows["low"], rows["high"]),
        today_text=rows["today"].map(percent),
        state=[_state(row) for row in rows.to_dict("records")],
    )


def _intervals(low: pd.Series, high: pd.Series) -> list[str]:
    """``20.5%〜25.3%``; blank where the number of answers is unknown."""
    pairs = zip(low, high, strict=True)
    return ["" if pd.isna(below) else f"{percent(below)}〜{percent(above)}" for below, above in pairs]


def _state(row: dict) -> str:
    if pd.isna(row["today"]):
        return "新規"
    if round_half_up(row["value"]) != round_half_up(row["today"]):
        return "置き換え"
    return "同じ値" if pd.isna(row["n"]) or row["n"] == row["today_n"] else "回答者数を追加"


def understood(reading: Any) -> dict[str, str]:
    """How a file was taken (:class:`kyodo.intake.Understood`), as names and words."""
    taken, forms = reading.understood, {"summary": "集計済みの表", "raw": "回答の一覧(1行が1人)"}
    return {
        "ファイル": reading.name,
        "形式": forms.get(reading.form, ""),
        "文字コード": taken.encoding,
        "区切り": taken.delimiter,
        "シート": taken.sheet,
        "見出しの行": "・".join(f"{row}行目" for row in taken.header_rows),
        "表の範囲": taken.table,
        "列の読み取り": "、".join(f"{what} ← 「{header}」" for what, header in taken.headers),
    }


def moments(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the record (entries, refusals, named moments) with their time in words."""
    return rows.assign(at_text=[f"{in_japan(moment):%Y-%m-%d %H:%M}" for moment in rows["at"]])
