"""What is worth saying: the sentences of pages, slides and speech, generated from the numbers.

Every template stands here once. A finding is a sentence with the place on the dashboard where it can be
checked; nothing is said that the frames do not hold.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from kyodo.fiscal import short_label
from kyodo.plan import Plan
from kyodo.progress import TESTED, VERDICTS, Cutoffs, answers_needed_for
from kyodo.wording import circled, number, percent, points, ratio, round_half_up, signed

ATTENTION = ("未達成", "後退", "遅れ", "横ばい", "やや遅れ")  # the verdicts that call for attention, gravest first
MOST = 5
SURVEYS = {"citizen": "市民アンケート", "staff": "職員アンケート"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and the page (with its query) that shows it."""

    text: str
    link: str = ""


def indicator_label(indicators: pd.DataFrame, indicator: int, *, short: bool = True) -> str:
    """``①地域活動への参加``; the plan's full name where not ``short``."""
    name = indicators["short_name" if short else "name"].to_numpy()[indicators["indicator"].to_numpy() == indicator][0]
    return f"{circled(indicator)}{name}"


def next_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the target that lies ahead of its newest actual; the last one where none does."""
    ahead = targets["actual_year"].isna() | (targets["target_year"] > targets["actual_year"].fillna(0))
    ordered = targets.assign(behind=~ahead).sort_values(["indicator", "behind", "target_year"])
    first, last = ordered.groupby("indicator").head(1), ordered.groupby("indicator").tail(1)
    chosen = pd.concat([first[~first["behind"]], last[last["indicator"].isin(first.loc[first["behind"], "indicator"])]])
    return chosen.drop(columns="behind").sort_values("indicator", ignore_index=True)


def headline(upcoming: pd.DataFrame) -> str:
    """The finding of the whole: 「H24目標に対し、順調2・やや遅れ1・遅れ1・横ばい1」, one part per target year."""
    judged = upcoming[upcoming["verdict"] != ""]
    if judged.empty:
        return "判定できる実績値がまだありません。"
    parts = [
        f"{short_label(year)}目標に対し、{_counts(rows['verdict'])}" for year, rows in judged.groupby("target_year")
    ]
    return "。".join(parts) + "。"


def _counts(verdicts: pd.Series) -> str:
    counts = verdicts.value_counts()
    return "・".join(f"{verdict}{counts[verdict]}" for verdict in VERDICTS if verdict in counts)


def attention(upcoming: pd.DataFrame, indicators: pd.DataFrame, stuck: pd.DataFrame) -> tuple[Finding, ...]:
    """At most five sentences on what needs attention: indicators gravest first, then the items that wait."""
    rank = {verdict: place for place, verdict in enumerate(ATTENTION)}
    rows = upcoming[upcoming["verdict"].isin(ATTENTION)]
    rows = rows.assign(rank=rows["verdict"].map(rank)).sort_values(["rank", "pace", "indicator"], kind="stable")
    found = [
        Finding(
            indicator_sentence(row, indicators), f"indicators?indicator={row['indicator']}&target={row['target_year']}"
        )
        for row in rows.to_dict("records")
    ]
    items = stuck_sentence(stuck)
    return (*found[: MOST - bool(items)], *([Finding(items, "items")] if items else []))


def indicator_sentence(row: Mapping, indicators: pd.DataFrame) -> str:
    """One indicator against one target, in one or two plain sentences with every number it needs."""
    name = indicator_label(indicators, row["indicator"])
    target = f"{short_label(row['target_year'])}目標{percent(row['target'])}"
    actual = f"{short_label(row['actual_year'])}は{percent(row['actual'])}"
    verdict, gap = row["verdict"], number(row["gap"], unit="ポイント")
    if verdict == "達成":
        return f"{name}は{target}を達成({actual})。"
    if verdict == "未達成":
        return f"{name}は{target}に{gap}届かず未達成({actual})。"
    if row["change"] < 0:
        return (
            f"{name}は{verdict}。{target}の到達率{ratio(row['attainment'])}に見えても、改善幅率は{ratio(row['improvement'])}で、"
            f"基準値{percent(row['baseline'])}より{number(-row['change'], unit='ポイント')}低い({actual})。"
        )
    return (
        f"{name}は{verdict}。{target}まであと{gap}で、これまで年{number(row['pace_so_far'], digits=2, signed=True)}に対し、"
        f"年{number(row['pace_needed'], digits=2, signed=True)}ポイントが必要({actual})。"
    )


def reason(row: Mapping, cutoffs: Cutoffs) -> str:
    """Why the verdict is what it is, in a few words with the number that decided: for the cards."""
    on_track, slow, flat = (
        number(each, digits=0, scale=100, unit="%") for each in (cutoffs.on_track, cutoffs.slow, cutoffs.flat)
    )
    pace, change = f"ペース比{ratio(row['pace'])}", signed(row["change"])
    distance = number(abs(row["target"] - row["baseline"]))
    return {
        "": "実績値がまだない",
        "達成": "実績値が目標値以上",
        "未達成": "目標の年度に目標値へ届かず",
        "横ばい": f"変化{change}は道のり{distance}の{flat}未満"
        if row["tested"] == "none"
        else f"変化{change}は誤差の範囲内",
        "後退": f"基準値から{change}",
        "順調": f"{pace}({on_track}以上)",
        "やや遅れ": f"{pace}({slow}以上{on_track}未満)",
        "遅れ": f"{pace}({slow}未満)",
    }[row["verdict"]]


def shortfall_sentence(upcoming: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """Which indicators will miss their next target as things go, and by how much, as the page shows the numbers."""
    ahead = upcoming[upcoming["projection"].notna() & (upcoming["target_year"] > upcoming["actual_year"].fillna(0))]
    short = ahead.assign(short=ahead["target"].map(round_half_up) - ahead["projection"].map(round_half_up))
    parts = []
    for year, rows in short.groupby("target_year"):
        target, missing = f"{short_label(year)}目標", rows[rows["short"] > 0]
        named = "、".join(
            f"{indicator_label(indicators, row['indicator'])}が{number(row['short'])}ポイント"
            for row in missing.to_dict("records")
        )
        parts.append(f"{target}に{named}不足する見込みです" if named else f"{target}にはすべて届く見込みです")
    return f"このまま行くと、{'。'.join(parts)}。" if parts else ""


def stuck_sentence(stuck: pd.DataFrame, most: int = 3) -> str:
    """Which items have not reached 実施; empty where all have."""
    if stuck.empty:
        return ""
    named = "、".join(f"{row['item']} {row['title']}" for row in stuck.head(most).to_dict("records"))
    rest = f"ほか{len(stuck) - most}項目" if len(stuck) > most else ""
    return f"実施に至っていない推進項目が{len(stuck)}項目あります。{named}{rest}。"


def significance_sentence(row: Mapping, since: str = "基準値") -> str:
    """Whether the change since the baseline (or another survey) is more than sampling error, and what that rests on."""
    change, basis = points(row["change"]), TESTED[row["tested"]].replace("基準値", since)
    if row["tested"] == "none":
        return f"{since}からの変化{change}は、{basis}です。"
    interval = f"95%区間 {number(row['change_low'], signed=True)}〜{number(row['change_high'], signed=True)}"
    real = "誤差を超える変化です" if row["significant"] else "誤差の範囲内です"
    return f"{since}からの変化{change}({interval})は、{real}({basis})。"


def previous_sentence(latest: pd.DataFrame, known: pd.DataFrame, indicator: int) -> str:
    """前回比: the newest actual against the survey before it, judged the same way; empty where that is the baseline."""
    row = latest[latest["indicator"] == indicator].to_dict("records")
    baselines = known.loc[known["kind"] == "baseline", ["indicator", "fiscal_year"]].set_index("indicator")[
        "fiscal_year"
    ]
    if not row or pd.isna(row[0]["baseline_year"]) or row[0]["baseline_year"] == baselines.get(indicator):
        return ""
    return significance_sentence(row[0], f"前回({short_label(row[0]['baseline_year'])})")


def needed_sentence(row: Mapping, confidence: float) -> str:
    """How many answers a year the observed change would have taken to count; empty where it was tested or is none."""
    answers = None if row["tested"] != "none" else answers_needed_for(row, confidence)
    if answers is None:
        return ""
    return f"両年とも1年あたり{number(answers, digits=0)}人以上が答えていれば、誤差を超える変化といえます。"


def lesson(upcoming: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """Why 到達率 and 改善幅率 stand side by side, shown on the indicator where they are furthest apart."""
    both = upcoming[upcoming["attainment"].notna() & upcoming["improvement"].notna()]
    if both.empty:
        return "到達率は目標値に対する実績値、改善幅率は基準値から目標値までの道のりのうち進んだ割合です。"
    row = both.loc[(both["attainment"] - both["improvement"]).idxmax()].to_dict()
    position = (
        "基準値より後ろにいます"
        if row["change"] < 0
        else "道のりは残っています"
        if row["gap"] > 0
        else "達成しています"
    )
    return (
        f"{indicator_label(indicators, row['indicator'])}は{short_label(row['target_year'])}目標の{ratio(row['attainment'])}に"
        f"到達していますが、基準値から目標値までの道のりは{ratio(row['improvement'])}で、{position}。どちらか一方だけでは見誤ります。"
    )


def judged_by(cutoffs: Cutoffs) -> str:
    """The rules of the verdicts with the cut-offs in force, for wherever a verdict is shown."""
    on_track, slow, flat = (
        number(each, digits=0, scale=100, unit="%") for each in (cutoffs.on_track, cutoffs.slow, cutoffs.flat)
    )
    return (
        f"判定の基準: 実績値が目標値以上なら達成、目標年度に届かなければ未達成。変化が誤差の範囲内(回答者数が不明のときは目標までの距離の{flat}未満)なら横ばい、"
        f"基準値を下回れば後退。ペース比{on_track}以上は順調、{slow}以上はやや遅れ、{slow}未満は遅れ。"
    )


def missing_surveys(known: pd.DataFrame, plan: Plan, until: int | None) -> tuple[Finding, ...]:
    """Surveys of ended fiscal years (before ``until``) that were not registered, joined into runs of years."""
    if until is None:
        return ()
    actuals = known[known["kind"] == "actual"]
    first = int(plan.values.loc[plan.values["kind"] == "actual", "fiscal_year"].max()) + 1
    last = min(until, int(plan.values["fiscal_year"].max()) + 1)
    found = []
    for survey, name in SURVEYS.items():
        expected = plan.indicators.loc[plan.indicators["survey"] == survey, "indicator"]
        have = actuals[actuals["indicator"].isin(expected)].groupby("fiscal_year")["indicator"].nunique()
        years = [year for year in range(first, last) if have.get(year, 0) < len(expected)]
        found += [Finding(f"{_run(run)}の{name}が未登録です。", "register") for run in _runs(years)]
    return tuple(found)


def _runs(years: list[int]) -> list[list[int]]:
    """Years grouped into unbroken runs."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _run(years: list[int]) -> str:
    return short_label(years[0]) if len(years) == 1 else f"{short_label(years[0])}〜{short_label(years[-1])}"


def changed_verdicts(before: pd.DataFrame, after: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """What another state of the data would change: one row per indicator and target whose actual or verdict differs.

    Columns: indicator, target_year, actual_before, actual_after, verdict_before, verdict_after, text
    (「③のH24目標の判定: やや遅れ → 順調」).
    """
    keys = ["indicator", "target_year"]
    columns = [*keys, "actual_year", "actual", "actual_n", "verdict", "tested"]
    both = before[columns].merge(after[columns], on=keys, suffixes=("_before", "_after"))
    same = pd.concat(
        [_equal(both[f"{name}_before"], both[f"{name}_after"]) for name in columns if name not in keys], axis=1
    ).all(axis=1)
    changed = both[~same].reset_index(drop=True)
    return changed.assign(text=[_change_sentence(row, indicators) for row in changed.to_dict("records")])


def _equal(left: pd.Series, right: pd.Series) -> pd.Series:
    return (left == right).fillna(False).astype(bool) | (left.isna() & right.isna())


def _change_sentence(row: Mapping, indicators: pd.DataFrame) -> str:
    before, after = row["verdict_before"] or "判定なし", row["verdict_after"] or "判定なし"
    name = indicator_label(indicators, row["indicator"])
    target = f"{short_label(row['target_year'])}目標の判定"
    return f"{name}の{target}: {before} → {after}" if before != after else f"{name}の{target}: {after}のまま"


def trend_sentence(name: str, known: pd.DataFrame, targets: pd.DataFrame) -> str:
    """One indicator's values and targets in words: what is read aloud in place of its chart."""
    measured = known[known["kind"] != "target"].sort_values("fiscal_year")
    values = "、".join(
        f"{short_label(row['fiscal_year'])} {percent(row['value'])}" for row in measured.to_dict("records")
    )
    aims = "、".join(
        f"{short_label(row['target_year'])}目標 {percent(row['target'])}"
        + (f"(差 {signed(row['gap'])}ポイント)" if pd.notna(row["gap"]) else "(実績値なし)")
        for row in targets.to_dict("records")
    )
    return f"{name}の推移。{values}。{aims}。"


def unknown_sentence(row: Mapping, indicators: pd.DataFrame) -> str:
    """What is said of an indicator that cannot be judged."""
    name = indicator_label(indicators, row["indicator"])
    return (
        f"{name}は実績値がまだなく、{short_label(row['target_year'])}目標{percent(row['target'])}への判定ができません。"
    )


def slide_sentence(row: Mapping, indicators: pd.DataFrame) -> str:
    """The finding of one indicator, whether it can be judged or not."""
    return indicator_sentence(row, indicators) if row["verdict"] else unknown_sentence(row, indicators)


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


def attention_sentence(stuck: pd.DataFrame) -> str:
    """The items that wait, or that none does."""
    return stuck_sentence(stuck) or "実施に至っていない推進項目はありません。"


def breakdown_sentence(rows: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """Between which groups one indicator differs most in one survey; says so where too few are shown."""
    shown = rows[rows["value"].notna()]
    name = f"{indicator_label(indicators, rows['indicator'].iloc[0])}({short_label(rows['fiscal_year'].iloc[0])})"
    if len(shown) < 2:
        return f"{name}は、回答が少なく区分ごとの割合を示せません。"
    low, high = (shown.loc[place] for place in (shown["value"].idxmin(), shown["value"].idxmax()))
    return (
        f"{name}は、{high['group']}「{high['category']}」の{percent(high['value'])}が最も高く、"
        f"{low['group']}「{low['category']}」の{percent(low['value'])}が最も低い。"
    )


def since_sentence(changed: pd.DataFrame, since: str) -> str:
    """How many verdicts or values changed since ``since`` (``changed`` of :func:`changed_verdicts`)."""
    if changed.empty:
        return f"{since}から変わった実績値・判定はありません。"
    verdicts = int((changed["verdict_before"] != changed["verdict_after"]).sum())
    numbers = changed["indicator"].nunique()
    return f"{since}から{numbers}指標の実績値が変わり、判定が変わったのは{verdicts}件です。"


def years_label(years: Collection[int]) -> str:
    """Fiscal years in a few signs: 「H18・H23」, three or more in a row as a run: 「H18・H23〜H29」."""
    runs = _runs(sorted(years))
    return "・".join(_run(run) if len(run) > 2 else "・".join(map(short_label, run)) for run in runs)


def source_sentence(years: tuple[int, ...], revision: int, registered: bool) -> str:
    """Where the numbers come from and when they were measured: the line at the foot of every slide and sheet."""
    surveys = years_label(years)
    source = (
        f"山口市協働推進プラン改訂版、登録した調査(登録番号{revision}まで)"
        if registered
        else "山口市協働推進プラン改訂版"
    )
    return f"時点: {surveys}年度調査  出典: {source}"
