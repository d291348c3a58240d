"""What is worth saying of the indicators: the sentences of pages, slides and speech, generated from the numbers.

Every template stands here once. A finding is a sentence with the place on the dashboard where it can be
checked; nothing is said that the frames do not hold. A sentence on an open target names the survey it rests on, one on
a result the survey of the target's own year.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

import pandas as pd

from kyodo.aims import OUTLOOK, RESULT, WAITING, by_life, by_year, each_indicator, last_and_next, until_next
from kyodo.fiscal import short_label
from kyodo.forecast import BASES, likelihood_words
from kyodo.measured import TESTED
from kyodo.rows import Row
from kyodo.surveys import years_label
from kyodo.verdicts import AGAINST, VERDICTS, Cutoffs, answers_needed_for
from kyodo.wording import circled, number, percent, points, ratio, signed

ATTENTION = ("未達成", "後退", "遅れ", "横ばい", "やや遅れ", "未調査")  # calling for attention, gravest first
MOST = 5  # sentences of attention, unless more targets were missed
MOST_ANSWERS = 10_000  # answers a year: more than a city's survey usually gets


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and the page (with its query) that shows it."""

    text: str
    link: str = ""


def indicator_label(indicators: pd.DataFrame, indicator: int, *, short: bool = True) -> str:
    """``①地域活動への参加``; the plan's full name where not ``short``."""
    place = indicators["indicator"].tolist().index(indicator)
    return f"{circled(indicator)}{indicators['short_name' if short else 'name'].iloc[place]}"


def indicator_names(indicators: pd.DataFrame, *, short: bool = True) -> dict[int, str]:
    """Indicator → its :func:`indicator_label`."""
    names = indicators["short_name" if short else "name"]
    pairs = zip(indicators["indicator"].tolist(), names.tolist(), strict=True)
    return {number: f"{circled(number)}{name}" for number, name in pairs}


def verdicts_of(targets: pd.DataFrame) -> dict[int, str]:
    """Indicator → verdict, of one target each."""
    return dict(zip(targets["indicator"].tolist(), targets["verdict"], strict=True))


def headline(targets: Iterable[Row]) -> str:
    """The finding of the whole: one sentence of results, one of the outlook (``targets`` are assessed rows).

    「H24目標の結果: 達成1・未達成4。H29目標の見通し(H24調査時点): 順調1・遅れ4。」
    """
    each = each_indicator(targets)
    told = by_life(chain.from_iterable(each))
    if all(pd.isna(row["actual"]) for row in chain.from_iterable(told.values())):
        return "判定できる実績値がまだありません。"
    waiting = by_year(told[WAITING], "actual_year")
    coming = by_life(until_next(rows)[-1] for rows in each)[OUTLOOK]
    parts = [_results(told[RESULT]), *(_overdue(rows, survey) for survey, rows in waiting.items()), _outlook(coming)]
    return "".join(f"{part}。" for part in parts if part)


def _results(rows: Iterable[Row]) -> str:
    return "、".join(f"{short_label(year)}目標の結果: {_counts(each)}" for year, each in by_year(rows).items())


def _overdue(rows: Sequence[Row], survey: int) -> str:
    by_target = by_year(rows)
    said = "、".join(f"{short_label(year)}目標に対し、{_counts(each)}" for year, each in by_target.items())
    return f"{years_label(by_target)}の調査は未登録。{short_label(survey)}調査の時点では、{said}"


def _outlook(rows: Iterable[Row]) -> str:
    return "、".join(
        f"{short_label(year)}目標の見通し({years_label({row['actual_year'] for row in each})}調査時点): {_counts(each)}"
        for year, each in by_year(rows).items()
    )


def _counts(rows: Iterable[Row]) -> str:
    counts = Counter(row["verdict"] for row in rows)
    return "・".join(f"{verdict}{counts[verdict]}" for verdict in VERDICTS if counts[verdict])


def attention(targets: Iterable[Row], labels: Mapping[int, str]) -> tuple[Finding, ...]:
    """What needs attention: every indicator at most once, gravest first, with its result and its outlook.

    At most five sentences, unless more indicators missed a target: none of these is left out.
    """
    ranked = sorted(filter(None, map(_calling, each_indicator(targets))), key=itemgetter(0))
    missed = sum(rank[0] == 0 for rank, _, _ in ranked)
    return tuple(
        Finding(f"{labels[number]}: {'。'.join(map(fact, told))}。", f"indicators?indicator={number}&target={year}")
        for (_, _, number), year, told in ranked[: max(MOST, missed)]
    )


def _calling(rows: Sequence[Row]) -> tuple[tuple[int, float, int], int, list[Row]] | None:
    """How grave one indicator's facts are (rank, pace, number), the gravest target's year, the rows to tell; None for nothing."""
    *past, coming = until_next(rows)
    told = [row for row in past if row["verdict"] in ATTENTION] + [coming] * bool(coming["verdict"])
    calling = [row for row in told if row["verdict"] in ATTENTION]
    if not calling:
        return None
    gravest = min(calling, key=lambda row: ATTENTION.index(row["verdict"]))
    pace = gravest["pace"] if pd.notna(gravest["pace"]) else 0.0
    return (ATTENTION.index(gravest["verdict"]), pace, gravest["indicator"]), gravest["target_year"], told


def indicator_sentence(row: Mapping, indicators: pd.DataFrame) -> str:
    """One indicator against one target, in one or two plain sentences with every number it needs."""
    return f"{indicator_label(indicators, row['indicator'])}: {fact(row)}。"


def fact(row: Mapping) -> str:
    """What is to be said of one target, without the indicator's name: its result, or its outlook."""
    target = f"{short_label(row['target_year'])}目標{percent(row['target'])}"
    if not row["verdict"]:
        return f"実績値がまだなく、{target}への判定ができません"
    if row["state"] == "unmeasured":
        return f"{target}は未調査({short_label(row['target_year'])}の調査が未登録){_both_sides(row)}"
    return (_result if row["state"] == "closed" else _prospect)(row, target)


def _both_sides(row: Mapping) -> str:
    """What was measured before and after a target's year that was not surveyed itself."""
    sides = [
        f"{short_label(row[f'{side}_year'])} {percent(row[side])}"
        for side in ("before", "after")
        if pd.notna(row[side])
    ]
    return f"。前後の調査は{'、'.join(sides)}"


def _result(row: Mapping, target: str) -> str:
    """達成 or 未達成, whether the sample can tell, and what was measured afterwards."""
    within = "、ただし誤差の範囲" if row["against_target"] == "within" else ""
    gap = number(row["gap"], unit="ポイント")
    said = f"{target}を達成{within}" if row["gap"] <= 0 else f"{target}に{gap}届かず未達成{within}"
    return f"{said}({measured(row)}){later(row)}"


def measured(row: Mapping) -> str:
    """The actual a target is read against with its error: 「H24は22.8%、95%区間20.5〜25.3%」, 「H24は22.8%、誤差未検定」."""
    value = f"{short_label(row['actual_year'])}は{percent(row['actual'])}"
    if pd.isna(row["actual_low"]):
        return f"{value}、{AGAINST['untested']}"
    return f"{value}、95%区間{number(row['actual_low'])}〜{percent(row['actual_high'])}"


def later(row: Mapping) -> str:
    """What was measured after the target's year, beside its verdict; empty where nothing was."""
    if pd.isna(row["later"]):
        return ""
    reaches = "目標以上" if row["later_reaches"] else "目標を下回る"
    return f"。その後{short_label(row['later_year'])}は{percent(row['later'])}({reaches})"


def _prospect(row: Mapping, target: str) -> str:
    """The outlook on a target, by the survey named; for one whose own survey is overdue, no pace is needed any more."""
    unregistered = f"({short_label(row['target_year'])}の調査は未登録)" if row["overdue"] else ""
    doubt = "。誤差の範囲で、変化を確認できません" if row["verdict"] == "横ばい" and row["tested"] != "none" else ""
    head = f"{target}{unregistered}は、{short_label(row['actual_year'])}調査の時点で{row['verdict']}{doubt}"
    if row["gap"] <= 0:
        return f"{head}({measured(row)})。{short_label(row['target_year'])}の調査で結果が決まる"
    if row["change"] < 0:
        return (
            f"{head}。到達率{ratio(row['attainment'])}に見えても、改善幅率は{ratio(row['improvement'])}で、"
            f"基準値{percent(row['baseline'])}より{number(-row['change'], unit='ポイント')}低い({percent(row['actual'])})"
        )
    return f"{head}({percent(row['actual'])}、あと{number(row['gap'])}ポイント){'' if row['overdue'] else _paces(row)}"


def _paces(row: Mapping) -> str:
    """The pace so far beside the one needed, and the latest one where it would not do."""
    needed = f"年{number(row['pace_needed'], digits=2, signed=True)}ポイントが必要"
    said = f"。これまで年{number(row['pace_so_far'], digits=2, signed=True)}に対し、{needed}"
    if row["verdict"] == "順調" and row["pace_lately"] < row["pace_needed"]:
        said += f"。ただし直近の歩みは年{number(row['pace_lately'], digits=2, signed=True)}で足りない"
    return said


def forecast_sentence(row: Mapping) -> str:
    """What the survey of an open target's year will probably show and how likely it reaches the target; empty for none."""
    if pd.isna(row["forecast"]) or row["overdue"]:
        return ""
    interval = f"{number(row['forecast_low'])}〜{percent(row['forecast_high'])}"
    return (
        f"{short_label(row['target_year'])}の見込みは{percent(row['forecast'])}(90%区間{interval}、{BASES[row['forecast_basis']]})、"
        f"目標{percent(row['target'])}に届く見込みは{likelihood_words(row['likelihood'])}。"
    )


def distance(row: Mapping) -> str:
    """How far the actual is from a target, in a few signs: 「あと7.8」, 「7.8届かず」, 「0.4上回る」, 「ちょうど」."""
    if pd.isna(row["gap"]):
        return "未調査" if row["state"] == "unmeasured" else "実績値なし"
    size = number(abs(row["gap"]))
    if row["gap"] > 0:
        return f"{size}届かず" if row["state"] == "closed" else f"あと{size}"
    return f"{size}上回る" if size != "0.0" else "ちょうど"


def reason(row: Mapping, cutoffs: Cutoffs) -> str:
    """Why the verdict is what it is, in a few words with the number that decided: for the cards."""
    on_track, slow, flat = cutoffs.words
    pace, change = f"ペース比{ratio(row['pace'])}", signed(row["change"])
    way = number(abs(row["target"] - row["baseline"]))
    return {
        "": "実績値がまだない",
        "達成": "目標の年度の実績値が目標値以上",
        "未達成": "目標の年度に目標値へ届かず",
        "未調査": f"{short_label(row['target_year'])}の調査が未登録",
        "到達": "年度を待たず目標値以上",
        "横ばい": f"変化{change}は道のり{way}の{flat}未満"
        if row["tested"] == "none"
        else f"変化{change}は誤差の範囲内",
        "後退": f"基準値から{change}",
        "順調": f"{pace}({on_track}以上)",
        "やや遅れ": f"{pace}({slow}以上{on_track}未満)",
        "遅れ": f"{pace}({slow}未満)",
    }[row["verdict"]]


def significance_sentence(row: Mapping, since: str = "基準値") -> str:
    """Whether the change since the baseline (or another survey) is more than sampling error, and what that rests on."""
    change, basis = points(row["change"]), TESTED[row["tested"]].replace("基準値", since)
    if row["tested"] == "none":
        return f"{since}からの変化{change}は、{basis}です。"
    interval = f"95%区間 {number(row['change_low'], signed=True)}〜{number(row['change_high'], signed=True)}"
    real = "誤差を超える変化です" if row["significant"] else "誤差の範囲内で、変化を確認できません"
    return f"{since}からの変化{change}({interval})は、{real}({basis})。"


def previous_sentence(latest: pd.DataFrame, known: pd.DataFrame, indicator: int) -> str:
    """前回比: the newest actual against the survey before it, judged the same way; empty where that is the baseline."""
    row = latest[latest["indicator"] == indicator].to_dict("records")
    baselines = known[known["kind"] == "baseline"].set_index("indicator")["fiscal_year"]
    if not row or pd.isna(row[0]["baseline_year"]) or row[0]["baseline_year"] == baselines.get(indicator):
        return ""
    return significance_sentence(row[0], f"前回({short_label(row[0]['baseline_year'])})")


def needed_sentence(row: Mapping) -> str:
    """How many answers a year the observed change would have taken to count; empty where it was tested or is none."""
    answers = None if row["tested"] != "none" or pd.isna(row["change"]) else answers_needed_for(row)
    if answers is None:
        return ""
    if answers > MOST_ANSWERS:
        return "この大きさの変化は、ふつうの規模の調査(数千人まで)では誤差と見分けられません。"
    return f"両年とも1年あたり{number(answers, digits=0)}人以上が答えていれば、誤差を超える変化といえます。"


def lesson(upcoming: pd.DataFrame, indicators: pd.DataFrame) -> str:
    """Why 到達率 and 改善幅率 stand side by side, shown on the indicator where they are furthest apart."""
    both = upcoming[upcoming["attainment"].notna() & upcoming["improvement"].notna()]
    if both.empty:
        return "到達率は目標値に対する実績値、改善幅率は基準値から目標値までの道のりのうち進んだ割合です。"
    row = both.loc[(both["attainment"] - both["improvement"]).idxmax()].to_dict()
    reached = "目標値に届いています" if row["gap"] <= 0 else "道のりは残っています"
    position = "基準値より後ろにいます" if row["change"] < 0 else reached
    return (
        f"{indicator_label(indicators, row['indicator'])}は{short_label(row['actual_year'])}調査で"
        f"{short_label(row['target_year'])}目標の{ratio(row['attainment'])}にあたりますが、"
        f"基準値から目標値までの道のりは{ratio(row['improvement'])}で、{position}。どちらか一方だけでは見誤ります。"
    )


def judged_by(cutoffs: Cutoffs) -> str:
    """The rules of the verdicts with the cut-offs in force, for wherever a verdict is shown."""
    on_track, slow, flat = cutoffs.words
    return (
        "判定の基準: 結果は目標の年度の調査だけで決め(目標値以上なら達成、届かなければ未達成、その年度の調査がなければ未調査)、後の調査では変えません。"
        f"見通しは最新の調査により、目標値以上なら到達、変化が誤差の範囲内(回答者数が不明のときは目標までの距離の{flat}未満)なら横ばい、"
        f"基準値を下回れば後退、ペース比{on_track}以上は順調、{slow}以上はやや遅れ、{slow}未満は遅れ。"
    )


def trend_sentence(name: str, known: Iterable[Row], targets: Iterable[Row]) -> str:
    """One indicator's values and targets in words: what is read aloud in place of its chart."""
    surveyed = sorted((row for row in known if row["kind"] != "target"), key=itemgetter("fiscal_year"))
    values = "、".join(f"{short_label(row['fiscal_year'])} {percent(row['value'])}" for row in surveyed)
    aims = "、".join(
        f"{short_label(row['target_year'])}目標 {percent(row['target'])}({distance(row)})" for row in targets
    )
    return f"{name}の推移。{values}。{aims}。"


def slide_sentence(label: str, rows: Sequence[Row]) -> str:
    """The finding of one indicator: its last result, and the outlook on its next target (``rows`` are its targets)."""
    return f"{label}: {'。'.join(map(fact, last_and_next(rows)))}。"
