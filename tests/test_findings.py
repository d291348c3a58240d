"""The table of all sentences: what is said of plain numbers, of one, of a tie, and of nothing."""

import inspect
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from given import NOW, ROOT, recorded

from kyodo import changes, findings, groups, leads, surveys, titles
from kyodo import items as plan_items
from kyodo.brief import build_brief
from kyodo.plan import load_plan
from kyodo.verdicts import Cutoffs

INDICATORS = pd.DataFrame(
    {"indicator": [1, 2, 3], "short_name": ["参加", "実践", "参画"], "name": ["参加の割合", "実践の割合", "参画の割合"]}
)
CUTOFFS, PLAN = Cutoffs(), load_plan(ROOT / "data")


def row(**other):
    """One assessed row; 37.2 % of 45 % in the plain case."""
    plain = {
        "indicator": 1, "target_year": 2012, "target": 45.0, "baseline_year": 2006, "baseline": 37.5, "actual_year": 2011,
        "actual": 37.2, "gap": 7.8, "attainment": 0.827, "improvement": -0.04, "elapsed": 0.833, "pace": -0.048,
        "pace_so_far": -0.06, "pace_needed": 7.8, "projection": 37.1, "change": -0.3, "change_low": np.nan,
        "change_high": np.nan, "significant": pd.NA, "tested": "none", "verdict": "横ばい", "state": "open", "overdue": False,
        "actual_low": np.nan, "actual_high": np.nan, "against_target": "", "pace_lately": np.nan, "later_year": pd.NA,
        "later": np.nan, "later_reaches": pd.NA, "before_year": pd.NA, "before": np.nan, "after_year": pd.NA, "after": np.nan,
        "forecast": np.nan,
    }  # fmt: skip
    return plain | other


SLOW = row(indicator=2, target=13.0, baseline=10.8, actual=11.6, gap=1.4, attainment=0.892, improvement=0.364, pace=0.436,
           pace_so_far=0.16, pace_needed=1.4, projection=11.8, change=0.8, verdict="遅れ")  # fmt: skip
ON_TRACK = row(
    indicator=3,
    target=30.0,
    baseline=26.0,
    actual=29.3,
    gap=0.7,
    pace=0.99,
    projection=29.96,
    change=3.3,
    verdict="順調",
)
EARLY = row(
    indicator=3,
    target=30.0,
    baseline=26.0,
    actual=30.6,
    gap=-0.6,
    pace=1.2,
    change=4.6,
    verdict="到達",
    against_target="untested",
)
RESULT = {"state": "closed", "actual_year": 2012, "pace": np.nan, "pace_needed": np.nan, "projection": np.nan}
REACHED = EARLY | RESULT | {"verdict": "達成"}
JUST = REACHED | {"actual": 30.0, "gap": 0.0}
WITHIN_ERROR = {"actual_low": 28.1, "actual_high": 33.2, "against_target": "within"}
MISSED = row(indicator=2, target=15.0, target_year=2017, actual=12.4, gap=2.6, change=1.6, verdict="未達成",
             against_target="untested") | RESULT | {"actual_year": 2017}  # fmt: skip
AFTERWARDS = {"later_year": 2019, "later": 15.2, "later_reaches": True}
PASSED_OVER = row(actual_year=pd.NA, actual=np.nan, gap=np.nan, change=np.nan, pace=np.nan, projection=np.nan, attainment=np.nan, improvement=np.nan,
                  state="unmeasured", verdict="未調査", before_year=2011, before=37.2, after_year=2013, after=38.0)  # fmt: skip
UNKNOWN = row(actual_year=pd.NA, actual=np.nan, gap=np.nan, change=np.nan, pace=np.nan, projection=np.nan, attainment=np.nan,
              improvement=np.nan, verdict="")  # fmt: skip
LIKELY = {
    "forecast": 37.0,
    "forecast_low": 33.0,
    "forecast_high": 41.0,
    "likelihood": 0.02,
    "forecast_basis": "unsampled",
}
TESTED = row(change=3.0, change_low=0.4, change_high=5.6, significant=True, tested="both")
WITHIN = row(change=0.3, change_low=-2.1, change_high=2.7, significant=False, tested="actual_only")


def frame(*rows):
    types = dict.fromkeys(["actual_year", "later_year", "before_year", "after_year"], "Int64")
    types |= dict.fromkeys(["significant", "later_reaches"], "boolean")
    return pd.DataFrame([*rows]).astype(types) if rows else pd.DataFrame([row()]).astype(types).iloc[:0]


def short(*stages):
    return pd.DataFrame({"item": [f"I-1-{place}" for place, _ in enumerate(stages)], "stage": [*stages]})


def counts(rows, index=("I", "II"), columns=("検討", "一部実施", "検討・実施", "実施")):
    return pd.DataFrame(rows, index=[*index], columns=[*columns])


def tally(*rows):
    return pd.DataFrame([*rows], columns=[*load_plan().statuses])


def flows(*rows):
    return pd.DataFrame([*rows], columns=["source", "target", "how", "items"])


def parted(*rows):
    columns = ["group", "category", "value", "low", "high"]
    return pd.DataFrame([*rows], columns=columns).assign(indicator=1, fiscal_year=2018)


def departments(*rows):
    return pd.DataFrame([*rows], columns=["department", "items"])


def entries(*kinds):
    at = pd.Timestamp("2014-05-01 10:00", tz="Asia/Tokyo")
    return pd.DataFrame([{"at": at, "by": "山田", "kind": kind} for kind in kinds], columns=["at", "by", "kind"])


def changed(*pairs):
    columns = ["indicator", "verdict_before", "verdict_after"]
    frame = pd.DataFrame([(place, *pair) for place, pair in enumerate(pairs, 1)], columns=columns)
    return frame.assign(
        target_year=2012, state_after=["unmeasured" if after == "未調査" else "open" for _, after in pairs]
    )


def known(*rows):
    return pd.DataFrame([*rows], columns=["kind", "fiscal_year", "value"])


def schedule(*rows):
    return pd.DataFrame([*rows], columns=["item", "fiscal_year", "stage"])


def keyed(*keys):
    return pd.DataFrame({"item": [*keys]})


def previewed(*states, year="H25"):
    return pd.DataFrame({"year": [year for _ in states], "state": [*states]})


MEANT = "結果は目標の年度の調査だけで決め(目標値以上なら達成、届かなければ未達成、その年度の調査がなければ未調査)、後の調査では変えません。"
S, T, L, C, G, V = findings, titles, leads, changes, groups, surveys
TABLE = [
    # results and outlook of all: the plan alone, the year a target falls due, the year after, a gap year, nothing registered
    (S.headline([row(), SLOW, ON_TRACK]), "H24目標の見通し(H23調査時点): 順調1・遅れ1・横ばい1。"),
    (S.headline([row(), row(target_year=2017), SLOW]), "H24目標の見通し(H23調査時点): 遅れ1・横ばい1。"),
    (S.headline([REACHED, MISSED | {"target_year": 2012}, REACHED | {"target_year": 2017, "state": "open", "verdict": "順調"}, SLOW | {"target_year": 2017}]), "H24目標の結果: 達成1・未達成1。H29目標の見通し(H23・H24調査時点): 順調1・遅れ1。"),
    (S.headline([REACHED, MISSED]), "H24目標の結果: 達成1、H29目標の結果: 未達成1。"),
    (S.headline([PASSED_OVER, row(target_year=2017, actual_year=2013)]), "H24目標の結果: 未調査1。H29目標の見通し(H25調査時点): 横ばい1。"),
    (S.headline([row(overdue=True), row(target_year=2017)]), "H24の調査は未登録。H23調査の時点では、H24目標に対し、横ばい1。H29目標の見通し(H23調査時点): 横ばい1。"),
    (S.headline([row(overdue=True), row(target_year=2017, overdue=True)]), "H24・H29の調査は未登録。H23調査の時点では、H24目標に対し、横ばい1、H29目標に対し、横ばい1。"),
    (S.headline([UNKNOWN]), "判定できる実績値がまだありません。"),
    # one indicator against one target
    (S.indicator_sentence(row(), INDICATORS), "①参加: H24目標45.0%は、H23調査の時点で横ばい。到達率82.7%に見えても、改善幅率は▲4.0%で、基準値37.5%より0.3ポイント低い(37.2%)。"),
    (S.indicator_sentence(SLOW, INDICATORS), "②実践: H24目標13.0%は、H23調査の時点で遅れ(11.6%、あと1.4ポイント)。これまで年+0.16に対し、年+1.40ポイントが必要。"),
    (S.indicator_sentence(SLOW | {"overdue": True}, INDICATORS), "②実践: H24目標13.0%(H24の調査は未登録)は、H23調査の時点で遅れ(11.6%、あと1.4ポイント)。"),
    (S.indicator_sentence(ON_TRACK | {"pace_lately": 0.5}, INDICATORS), "③参画: H24目標30.0%は、H23調査の時点で順調(29.3%、あと0.7ポイント)。これまで年▲0.06に対し、年+7.80ポイントが必要。ただし直近の歩みは年+0.50で足りない。"),
    (S.indicator_sentence(SLOW | {"verdict": "横ばい", "tested": "both"}, INDICATORS), "②実践: H24目標13.0%は、H23調査の時点で横ばい。誤差の範囲で、変化を確認できません(11.6%、あと1.4ポイント)。これまで年+0.16に対し、年+1.40ポイントが必要。"),
    (S.indicator_sentence(EARLY, INDICATORS), "③参画: H24目標30.0%は、H23調査の時点で到達(H23は30.6%、誤差未検定)。H24の調査で結果が決まる。"),
    (S.indicator_sentence(REACHED, INDICATORS), "③参画: H24目標30.0%を達成(H24は30.6%、誤差未検定)。"),
    (S.indicator_sentence(REACHED | WITHIN_ERROR, INDICATORS), "③参画: H24目標30.0%を達成、ただし誤差の範囲(H24は30.6%、95%区間28.1〜33.2%)。"),
    (S.indicator_sentence(MISSED, INDICATORS), "②実践: H29目標15.0%に2.6ポイント届かず未達成(H29は12.4%、誤差未検定)。"),
    (S.indicator_sentence(MISSED | AFTERWARDS, INDICATORS), "②実践: H29目標15.0%に2.6ポイント届かず未達成(H29は12.4%、誤差未検定)。その後R1は15.2%(目標以上)。"),
    (S.indicator_sentence(REACHED | {"later_year": 2014, "later": 22.0, "later_reaches": False}, INDICATORS), "③参画: H24目標30.0%を達成(H24は30.6%、誤差未検定)。その後H26は22.0%(目標を下回る)。"),
    (S.indicator_sentence(PASSED_OVER, INDICATORS), "①参加: H24目標45.0%は未調査(H24の調査が未登録)。前後の調査はH23 37.2%、H25 38.0%。"),
    (S.indicator_sentence(UNKNOWN, INDICATORS), "①参加: 実績値がまだなく、H24目標45.0%への判定ができません。"),
    (S.fact(MISSED), "H29目標15.0%に2.6ポイント届かず未達成(H29は12.4%、誤差未検定)"),
    (S.measured(MISSED), "H29は12.4%、誤差未検定"),
    (S.measured(REACHED | WITHIN_ERROR), "H24は30.6%、95%区間28.1〜33.2%"),
    (S.later(MISSED), ""),
    (S.later(MISSED | AFTERWARDS), "。その後R1は15.2%(目標以上)"),
    (S.slide_sentence("③参画", [REACHED, SLOW | {"indicator": 3, "target_year": 2017}]), "③参画: H24目標30.0%を達成(H24は30.6%、誤差未検定)。H29目標13.0%は、H23調査の時点で遅れ(11.6%、あと1.4ポイント)。これまで年+0.16に対し、年+1.40ポイントが必要。"),
    (S.slide_sentence("①参加", [UNKNOWN]), "①参加: 実績値がまだなく、H24目標45.0%への判定ができません。"),
    (S.forecast_sentence(row()), ""),
    (S.forecast_sentence(row(**LIKELY)), "H24の見込みは37.0%(90%区間33.0〜41.0%、年ごとの揺れのみ(回答者数が不明の年がある))、目標45.0%に届く見込みは2 %(低い)。"),
    (S.forecast_sentence(row(**LIKELY, overdue=True)), ""),
    (S.distance(row()), "あと7.8"),
    (S.distance(EARLY), "0.6上回る"),
    (S.distance(JUST), "ちょうど"),
    (S.distance(MISSED), "2.6届かず"),
    (S.distance(PASSED_OVER), "未調査"),
    (S.distance(UNKNOWN), "実績値なし"),
    (S.indicator_label(INDICATORS, 2), "②実践"),
    (S.indicator_label(INDICATORS, 2, short=False), "②実践の割合"),
    # why the verdict
    (S.reason(row(), CUTOFFS), "変化▲0.3は道のり7.5の10%未満"),
    (S.reason(WITHIN, CUTOFFS), "変化+0.3は誤差の範囲内"),
    (S.reason(SLOW, CUTOFFS), "ペース比43.6%(60%未満)"),
    (S.reason(SLOW | {"pace": 0.943, "verdict": "やや遅れ"}, CUTOFFS), "ペース比94.3%(60%以上95%未満)"),
    (S.reason(ON_TRACK, CUTOFFS), "ペース比99.0%(95%以上)"),
    (S.reason(EARLY, CUTOFFS), "年度を待たず目標値以上"),
    (S.reason(REACHED, CUTOFFS), "目標の年度の実績値が目標値以上"),
    (S.reason(MISSED, CUTOFFS), "目標の年度に目標値へ届かず"),
    (S.reason(PASSED_OVER, CUTOFFS), "H24の調査が未登録"),
    (S.reason(row(verdict="後退"), CUTOFFS), "基準値から▲0.3"),
    (S.reason(UNKNOWN, CUTOFFS), "実績値がまだない"),
    (S.significance_sentence(row()), "基準値からの変化▲0.3ポイントは、誤差未検定(回答者数不明)です。"),
    (S.significance_sentence(TESTED), "基準値からの変化+3.0ポイント(95%区間 +0.4〜+5.6)は、誤差を超える変化です(誤差を考慮)。"),
    (S.significance_sentence(WITHIN), "基準値からの変化+0.3ポイント(95%区間 ▲2.1〜+2.7)は、誤差の範囲内で、変化を確認できません(基準値の誤差を含まず)。"),
    (S.significance_sentence(row(), "前回(H23)"), "前回(H23)からの変化▲0.3ポイントは、誤差未検定(回答者数不明)です。"),
    (S.previous_sentence(frame(), known().assign(indicator=[]), 1), ""),
    (S.needed_sentence(row()), "この大きさの変化は、ふつうの規模の調査(数千人まで)では誤差と見分けられません。"),
    (S.needed_sentence(row(actual=40.5, change=3.0)), "両年とも1年あたり2,031人以上が答えていれば、誤差を超える変化といえます。"),
    (S.needed_sentence(row(actual=37.5, change=0.0)), ""),
    (S.needed_sentence(TESTED), ""),
    (S.needed_sentence(UNKNOWN), ""),
    (S.lesson(frame(row(), SLOW), INDICATORS), "①参加はH23調査でH24目標の82.7%にあたりますが、基準値から目標値までの道のりは▲4.0%で、基準値より後ろにいます。どちらか一方だけでは見誤ります。"),
    (S.lesson(frame(SLOW), INDICATORS), "②実践はH23調査でH24目標の89.2%にあたりますが、基準値から目標値までの道のりは36.4%で、道のりは残っています。どちらか一方だけでは見誤ります。"),
    (S.lesson(frame(EARLY), INDICATORS), "③参画はH23調査でH24目標の82.7%にあたりますが、基準値から目標値までの道のりは▲4.0%で、目標値に届いています。どちらか一方だけでは見誤ります。"),
    (S.lesson(frame(UNKNOWN), INDICATORS), "到達率は目標値に対する実績値、改善幅率は基準値から目標値までの道のりのうち進んだ割合です。"),
    (S.judged_by(CUTOFFS), f"判定の基準: {MEANT}見通しは最新の調査により、目標値以上なら到達、変化が誤差の範囲内(回答者数が不明のときは目標までの距離の10%未満)なら横ばい、基準値を下回れば後退、ペース比95%以上は順調、60%以上はやや遅れ、60%未満は遅れ。"),
    # items
    (L.planned_finding(short("検討・実施", "検討・実施"), 2017).text, "計画では、H29に検討・実施にとどまる項目が2。"),
    (L.planned_finding(short("検討", "一部実施"), 2017).text, "計画では、H29に検討や一部実施にとどまる項目が2。"),
    (L.planned_finding(short(), 2017).text, "計画では、H29にすべての項目が実施の段階に入ります。"),
    (L.stage_sentence(counts([[0, 0, 2, 19], [1, 0, 0, 13]]), 2017), "H29年度の年次計画では、35項目のうち検討1・検討・実施2・実施32。"),
    (L.count_sentence(pd.DataFrame({"relisted_of": [""]}), pd.DataFrame({"relisted_of": ["", "", "I-1-1"]})), "2項目のうち1項目"),
    (L.count_sentence(pd.DataFrame({"relisted_of": ["", "I-1-1"]}), pd.DataFrame({"relisted_of": ["", "", "I-1-1"]})), "2項目のうち1項目(ほかに再掲1)"),
    (L.count_sentence(pd.DataFrame({"relisted_of": []}), pd.DataFrame({"relisted_of": [""]})), "1項目のうち0項目"),
    (
        L.items_sentence(pd.DataFrame({"relisted_of": ["", "", "I-1-1"], "kind": ["新規", "継続", "新規"]})),
        "推進項目は2項目(ほかに再掲1)、うち新規1項目。",
    ),
    (
        L.items_sentence(pd.DataFrame({"relisted_of": [""], "kind": ["継続"]})),
        "推進項目は1項目、うち新規0項目。",
    ),
    # groups of answers
    (G.breakdown_sentence(parted(("年代", "20代", 40.0, 35.0, 45.1), ("年代", "30代", 48.0, 44.0, 52.0)), INDICATORS), "①参加: H30の年代では、最も高いのは30代の48.0%、最も低いのは20代の40.0%(差8.0ポイント、95%区間は重なる)。"),
    (G.breakdown_sentence(parted(("年代", "20代", 40.0, 35.0, 45.1), ("年代", "30代", np.nan, np.nan, np.nan)), INDICATORS), "①参加: 回答が少なく、区分ごとの割合を示せません。"),
    (G.breakdown_title(parted(("年代", "20代", 40.0, 38.0, 42.0), ("年代", "30代", 48.0, 46.0, 50.0), ("性別", "男性", 60.0, 58.0, 62.0), ("性別", "女性", 59.0, 57.0, 61.0))), "H30の年代では、最も高いのは30代の48.0%、最も低いのは20代の40.0%(差8.0ポイント、95%区間は重ならない)"),
    (G.breakdown_title(parted(("年代", "20代", 40.0, 38.0, 42.0), ("性別", "男性", 60.0, 58.0, 62.0))), "回答が少なく、区分ごとの割合を示せません"),
    # surveys
    (V.complete_sentence(PLAN, None), "調査が要る年度は、まだ終わっていません。"),
    (V.complete_sentence(PLAN, 2012), "調査が要る年度は、まだ終わっていません。"),
    (V.complete_sentence(PLAN, 2014), "計画期間のうち終わった年度(H24〜H25)の調査は、すべて登録されています。"),
    (V.complete_sentence(PLAN, 2026), "計画期間のうち終わった年度(H24〜H29)の調査は、すべて登録されています。その後の年度の調査は、この計画に目標がありません。"),
    # registering and the record
    (L.preview_sentence(previewed("新規"), changed()), "H25年度の1件の値を登録します。判定は変わりません。"),
    (L.preview_sentence(previewed("新規", "置き換え"), changed(("順調", "達成"))), "H25年度の2件の値を登録します(うち1件は今の値を置き換え)。判定が1件変わります。"),
    (L.preview_sentence(previewed("新規"), changed(("やや遅れ", "未調査"))), "H25年度の1件の値を登録します。判定は変わりません。"),
    (L.history_sentence(entries()), "まだ何も登録されていません。画面の値はすべて計画書の印刷値です。"),
    (L.history_sentence(entries("survey")), "これまでに調査の登録が1件、取り消しが0件。最後は2014年5月1日、山田。"),
    (L.history_sentence(entries("undo", "survey")), "これまでに調査の登録が1件、取り消しが1件。最後は2014年5月1日、山田。"),
    (C.since_sentence(changed(), "前回(第1回)"), "前回(第1回)から変わった実績値・判定はありません。"),
    (C.since_sentence(changed(("順調", "達成"), ("遅れ", "遅れ")), "計画書の値"), "計画書の値から2指標の実績値が変わり、判定が変わったのは1件です。"),
    (C.verdict_change({"verdict_before": "順調", "verdict_after": "達成", "state_after": "closed", "target_year": 2012}), "順調 → 達成"),
    (C.verdict_change({"verdict_before": "", "verdict_after": "順調", "state_after": "open", "target_year": 2012}), "判定なし → 順調"),
    (C.verdict_change({"verdict_before": "順調", "verdict_after": "順調", "state_after": "open", "target_year": 2012}), "順調のまま"),
    (C.verdict_change({"verdict_before": "順調", "verdict_after": "未調査", "state_after": "unmeasured", "target_year": 2012}), "見通し(順調)を終え、未調査(H24の調査が未登録のまま、後の年度の調査があるため)"),
    # years and sources
    (V.years_label((2006, 2011)), "H18・H23"),
    (V.years_label((2011, 2012)), "H23・H24"),
    (V.years_label((2006, 2011, 2012, 2013, 2019)), "H18・H23〜H25・R1"),
    (V.years_label(()), ""),
    (V.source_sentence((2006, 2011), 0, False), "時点: H18・H23年度調査  出典: 山口市協働推進プラン改訂版"),
    (V.source_sentence((2011, 2012, 2013), 4, True), "時点: H23〜H25年度調査  出典: 山口市協働推進プラン改訂版、登録した調査(登録番号4まで)"),
    (S.trend_sentence("①参加", known(("baseline", 2006, 37.5), ("actual", 2011, 37.2)).to_dict("records"), [row()]), "①参加の推移。H18 37.5%、H23 37.2%。H24目標 45.0%(あと7.8)。"),
    (S.trend_sentence("①参加", known(("baseline", 2006, 37.5)).to_dict("records"), [UNKNOWN]), "①参加の推移。H18 37.5%。H24目標 45.0%(実績値なし)。"),
    # titles of charts
    (T.trend_title("①参加", [row()]), "①参加: H24目標はH23時点で横ばい(あと7.8)"),
    (T.trend_title("③参画", [REACHED, SLOW | {"indicator": 3, "target_year": 2017}]), "③参画: H24目標は達成(0.6上回る)、H29目標はH23時点で遅れ(あと1.4)"),
    (T.trend_title("③参画", [JUST]), "③参画: H24目標は達成(ちょうど)"),
    (T.trend_title("②実践", [MISSED]), "②実践: H29目標は未達成(2.6届かず)"),
    (T.trend_title("①参加", [PASSED_OVER, row(target_year=2017, actual_year=2013)]), "①参加: H24目標は未調査、H29目標はH25時点で横ばい(あと7.8)"),
    (T.trend_title("①参加", [UNKNOWN]), "①参加: H24目標45.0%は実績値がまだない"),
    (T.gap_title(frame(row(), SLOW), INDICATORS), "見通しで最も遠いのは①参加のH24目標で、あと7.8ポイント"),
    (T.gap_title(frame(row(), SLOW | {"gap": 7.8}), INDICATORS), "見通しで最も遠いのは①参加のH24目標と②実践のH24目標で、あと7.8ポイント"),
    (T.gap_title(frame(MISSED | {"gap": 9.0}, SLOW), INDICATORS), "見通しで最も遠いのは②実践のH24目標で、あと1.4ポイント"),
    (T.gap_title(frame(MISSED, REACHED), INDICATORS), "最も届かなかったのは②実践のH29目標で、2.6ポイント"),
    (T.gap_title(frame(REACHED), INDICATORS), "H24の目標には、すべて届いています"),
    (T.gap_title(frame(UNKNOWN), INDICATORS), "実績値がまだないため、目標との差を示せません"),
    (T.stage_title(counts([[0, 0, 2, 19], [0, 0, 0, 14]]), 2017), "計画では、H29年度に35項目のうち33項目が実施の段階、2項目はその前"),
    (T.stage_title(counts([[0, 0, 0, 1], [0, 0, 0, 0]]), 2017), "計画では、H29年度に1項目すべてが実施の段階"),
    (T.stage_title(counts([[0, 0, 0, 0], [0, 0, 0, 0]]), 2013), "H25年度の年次計画に、該当する項目がありません"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), TABLE, ids=[meant[:40] or "nothing to say" for _, meant in TABLE])
def test_a_sentence_says_what_is_meant(said, meant):
    assert said == meant


def test_the_sentences_of_the_whole_plan(plan):
    assert L.past_sentence(plan) == (
        "前期の47項目は実施済8・継続推進33・一部実施2・検討中4。35項目を継続、8項目を完了、4項目を廃止とし、41項目が新しい計画の項目につながっています。"
    )
    assert L.plan_sentence(plan) == (
        "4つの推進方針、16の推進施策、44の推進項目(ほかに再掲2)を、H25からH29年度に進め、5つの成果指標で測ります。"
    )


def test_every_template_is_in_the_table():
    here = inspect.getsource(inspect.getmodule(test_every_template_is_in_the_table))
    said = [
        f"{letter}.{name}("
        for letter, room in {"S": findings, "T": titles, "L": leads, "C": changes, "G": groups, "V": surveys}.items()
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is str
    ]
    assert [name for name in said if name not in here] == []


def test_attention_names_the_gravest_first_and_every_indicator_once():
    labels = S.indicator_names(INDICATORS)
    rows = [ON_TRACK, SLOW | {"target_year": 2017}, row(), MISSED | {"target_year": 2012}]
    found = S.attention(rows, labels)
    assert [each.text[:1] for each in found] == ["②", "①"]
    assert found[0].link == "indicators?indicator=2&target=2012"
    assert S.attention([ON_TRACK], labels) == ()


def test_no_missed_target_is_left_out_of_attention_for_want_of_room():
    labels = {number: f"指標{number}" for number in range(1, 21)}
    missed = [MISSED | {"indicator": number} for number in range(1, 9)]
    others = [row(indicator=number) for number in range(9, 21)]
    assert len(S.attention([*missed, *others], labels)) == 8
    assert len(S.attention(others, labels)) == S.MOST


def test_the_link_of_what_is_planned_filters_to_exactly_those(plan):
    brief = build_brief(plan, recorded([]), as_of=NOW)
    asked = parse_qs(urlsplit(brief.planned.link).query)
    found = plan_items.filter_items(brief.table, plan.item_schedule, **asked)
    assert found["item"].tolist() == brief.planned_short["item"].tolist()


def test_missing_surveys_are_joined_into_runs(plan):
    brief = build_brief(plan, recorded([(number, 2013, 40.0, 900) for number in (1, 2, 3, 4)]), as_of=NOW)
    said = V.missing_sentences(V.missing_years(brief.known, plan, 2016))
    assert said == [
        "H24の市民アンケートが未登録です。",
        "H26〜H27の市民アンケートが未登録です。",
        "H24〜H27の職員アンケートが未登録です。",
    ]


def test_a_change_of_verdict_and_a_change_of_value_alone_are_told_apart(plan):
    before = build_brief(plan, recorded([]), as_of=NOW)
    after = build_brief(plan, recorded([(3, 2012, 23.4, 900)]), as_of=NOW)
    said = C.changed_verdicts(before.targets, after.targets, plan.indicators)["text"].tolist()
    assert said == [
        "③まちづくり・市民参画のH24目標の判定: やや遅れ → 達成",
        "③まちづくり・市民参画のH29目標の判定: やや遅れのまま",
    ]
    assert C.changed_verdicts(before.targets, before.targets, plan.indicators).empty
