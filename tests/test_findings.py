"""The table of all sentences: what is said of plain numbers, of one, of a tie, and of nothing."""

import inspect

import numpy as np
import pandas as pd
import pytest
from given import NOW, recorded

from kyodo import findings, items, leads, titles
from kyodo.brief import build_brief
from kyodo.plan import STATUSES
from kyodo.progress import Cutoffs

INDICATORS = pd.DataFrame(
    {"indicator": [1, 2, 3], "short_name": ["参加", "実践", "参画"], "name": ["参加の割合", "実践の割合", "参画の割合"]}
)
CUTOFFS = Cutoffs()


def row(**changes):
    """One assessed row; 37.2 % of 45 % in the plain case."""
    plain = {
        "indicator": 1, "target_year": 2012, "target": 45.0, "baseline_year": 2006, "baseline": 37.5, "actual_year": 2011,
        "actual": 37.2, "gap": 7.8, "attainment": 0.827, "improvement": -0.04, "elapsed": 0.833, "pace": -0.048,
        "pace_so_far": -0.06, "pace_needed": 7.8, "projection": 37.1, "change": -0.3, "change_low": np.nan,
        "change_high": np.nan, "significant": pd.NA, "tested": "none", "verdict": "横ばい",
    }  # fmt: skip
    return plain | changes


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
REACHED = row(
    indicator=3,
    target=30.0,
    baseline=26.0,
    actual=30.6,
    gap=-0.6,
    pace=1.2,
    projection=31.0,
    change=4.6,
    verdict="達成",
)
JUST = REACHED | {"actual": 30.0, "gap": 0.0}
MISSED = row(indicator=2, target=15.0, actual_year=2017, target_year=2017, actual=12.4, gap=2.6, change=1.6, pace=np.nan, pace_needed=np.nan, verdict="未達成")  # fmt: skip
UNKNOWN = row(actual_year=pd.NA, actual=np.nan, gap=np.nan, change=np.nan, pace=np.nan, projection=np.nan, attainment=np.nan,
              improvement=np.nan, verdict="")  # fmt: skip
TESTED = row(change=3.0, change_low=0.4, change_high=5.6, significant=True, tested="both")
WITHIN = row(change=0.3, change_low=-2.1, change_high=2.7, significant=False, tested="actual_only")


def frame(*rows):
    types = {"actual_year": "Int64", "significant": "boolean"}
    return pd.DataFrame([*rows]).astype(types) if rows else pd.DataFrame([row()]).astype(types).iloc[:0]


def stuck(*keys):
    return pd.DataFrame(
        {"item": [*keys], "title": [f"題{key}" for key in keys], "reason": ["年次計画で検討の段階" for _ in keys]}
    )


def counts(rows, index=("I", "II"), columns=("検討", "一部実施", "検討・実施", "実施")):
    return pd.DataFrame(rows, index=[*index], columns=[*columns])


def tally(*rows):
    return pd.DataFrame([*rows], columns=[*STATUSES])


def flows(*rows):
    return pd.DataFrame([*rows], columns=["source", "target", "how", "items"])


def groups(*rows):
    return pd.DataFrame([*rows], columns=["group", "category", "value"]).assign(indicator=1, fiscal_year=2018)


def departments(*rows):
    return pd.DataFrame([*rows], columns=["department", "items"])


def entries(*kinds):
    at = pd.Timestamp("2014-05-01 10:00", tz="Asia/Tokyo")
    return pd.DataFrame([{"at": at, "by": "山田", "kind": kind} for kind in kinds], columns=["at", "by", "kind"])


def changed(*pairs):
    columns = ["indicator", "verdict_before", "verdict_after"]
    return pd.DataFrame([(place, *pair) for place, pair in enumerate(pairs, 1)], columns=columns)


def known(*rows):
    return pd.DataFrame([*rows], columns=["kind", "fiscal_year", "value"])


def schedule(*rows):
    return pd.DataFrame([*rows], columns=["item", "fiscal_year", "stage"])


def keyed(*keys):
    return pd.DataFrame({"item": [*keys]})


def previewed(*states, year="H25"):
    return pd.DataFrame({"year": [year for _ in states], "state": [*states]})


S, T, L = findings, titles, leads
TABLE = [
    # which verdicts, and which targets will be missed
    (S.headline(frame(row(), SLOW, ON_TRACK)), "H24目標に対し、順調1・遅れ1・横ばい1。"),
    (S.headline(frame(row())), "H24目標に対し、横ばい1。"),
    (S.headline(frame(row(), ON_TRACK | {"target_year": 2017})), "H24目標に対し、横ばい1。H29目標に対し、順調1。"),
    (S.headline(frame(UNKNOWN)), "判定できる実績値がまだありません。"),
    (S.shortfall_sentence(frame(row(), SLOW, ON_TRACK), INDICATORS), "このまま行くと、H24目標に①参加が7.9ポイント、②実践が1.2ポイント不足する見込みです。"),
    (S.shortfall_sentence(frame(ON_TRACK), INDICATORS), "このまま行くと、H24目標にはすべて届く見込みです。"),
    (S.shortfall_sentence(frame(row(), ON_TRACK | {"target_year": 2017}), INDICATORS), "このまま行くと、H24目標に①参加が7.9ポイント不足する見込みです。H29目標にはすべて届く見込みです。"),
    (S.shortfall_sentence(frame(MISSED), INDICATORS), ""),
    (S.shortfall_sentence(frame(UNKNOWN), INDICATORS), ""),
    # one indicator against one target
    (S.indicator_sentence(row(), INDICATORS), "①参加は横ばい。H24目標45.0%の到達率82.7%に見えても、改善幅率は▲4.0%で、基準値37.5%より0.3ポイント低い(H23は37.2%)。"),
    (S.indicator_sentence(SLOW, INDICATORS), "②実践は遅れ。H24目標13.0%まであと1.4ポイントで、これまで年+0.16に対し、年+1.40ポイントが必要(H23は11.6%)。"),
    (S.indicator_sentence(REACHED, INDICATORS), "③参画はH24目標30.0%を達成(H23は30.6%)。"),
    (S.indicator_sentence(MISSED, INDICATORS), "②実践はH29目標15.0%に2.6ポイント届かず未達成(H29は12.4%)。"),
    (S.unknown_sentence(UNKNOWN, INDICATORS), "①参加は実績値がまだなく、H24目標45.0%への判定ができません。"),
    (S.slide_sentence(UNKNOWN, INDICATORS), "①参加は実績値がまだなく、H24目標45.0%への判定ができません。"),
    (S.slide_sentence(REACHED, INDICATORS), "③参画はH24目標30.0%を達成(H23は30.6%)。"),
    (S.indicator_label(INDICATORS, 2), "②実践"),
    (S.indicator_label(INDICATORS, 2, short=False), "②実践の割合"),
    # why the verdict
    (S.reason(row(), CUTOFFS), "変化▲0.3は道のり7.5の10%未満"),
    (S.reason(WITHIN, CUTOFFS), "変化+0.3は誤差の範囲内"),
    (S.reason(SLOW, CUTOFFS), "ペース比43.6%(60%未満)"),
    (S.reason(SLOW | {"pace": 0.943, "verdict": "やや遅れ"}, CUTOFFS), "ペース比94.3%(60%以上95%未満)"),
    (S.reason(ON_TRACK, CUTOFFS), "ペース比99.0%(95%以上)"),
    (S.reason(REACHED, CUTOFFS), "実績値が目標値以上"),
    (S.reason(MISSED, CUTOFFS), "目標の年度に目標値へ届かず"),
    (S.reason(row(verdict="後退"), CUTOFFS), "基準値から▲0.3"),
    (S.reason(UNKNOWN, CUTOFFS), "実績値がまだない"),
    (S.significance_sentence(row()), "基準値からの変化▲0.3ポイントは、誤差未検定(回答者数不明)です。"),
    (S.significance_sentence(TESTED), "基準値からの変化+3.0ポイント(95%区間 +0.4〜+5.6)は、誤差を超える変化です(誤差を考慮)。"),
    (S.significance_sentence(WITHIN), "基準値からの変化+0.3ポイント(95%区間 ▲2.1〜+2.7)は、誤差の範囲内です(基準値の誤差を含まず)。"),
    (S.significance_sentence(row(), "前回(H23)"), "前回(H23)からの変化▲0.3ポイントは、誤差未検定(回答者数不明)です。"),
    (S.previous_sentence(frame(), known().assign(indicator=[]), 1), ""),
    (S.needed_sentence(row(), 0.95), "両年とも1年あたり199,754人以上が答えていれば、誤差を超える変化といえます。"),
    (S.needed_sentence(row(actual=37.5, change=0.0), 0.95), ""),
    (S.needed_sentence(TESTED, 0.95), ""),
    (S.lesson(frame(row(), SLOW), INDICATORS), "①参加はH24目標の82.7%に到達していますが、基準値から目標値までの道のりは▲4.0%で、基準値より後ろにいます。どちらか一方だけでは見誤ります。"),
    (S.lesson(frame(SLOW), INDICATORS), "②実践はH24目標の89.2%に到達していますが、基準値から目標値までの道のりは36.4%で、道のりは残っています。どちらか一方だけでは見誤ります。"),
    (S.lesson(frame(UNKNOWN), INDICATORS), "到達率は目標値に対する実績値、改善幅率は基準値から目標値までの道のりのうち進んだ割合です。"),
    (S.judged_by(CUTOFFS), "判定の基準: 実績値が目標値以上なら達成、目標年度に届かなければ未達成。変化が誤差の範囲内(回答者数が不明のときは目標までの距離の10%未満)なら横ばい、基準値を下回れば後退。ペース比95%以上は順調、60%以上はやや遅れ、60%未満は遅れ。"),
    # items
    (S.stuck_sentence(stuck("I-1-2")), "実施に至っていない推進項目が1項目あります。I-1-2 題I-1-2。"),
    (S.stuck_sentence(stuck("a", "b", "c", "d")), "実施に至っていない推進項目が4項目あります。a 題a、b 題b、c 題cほか1項目。"),
    (S.stuck_sentence(stuck()), ""),
    (S.attention_sentence(stuck()), "実施に至っていない推進項目はありません。"),
    (S.attention_sentence(stuck("I-1-2")), "実施に至っていない推進項目が1項目あります。I-1-2 題I-1-2。"),
    (S.stage_sentence(counts([[0, 0, 2, 19], [1, 0, 0, 13]]), 2017), "H29年度の年次計画では、35項目のうち検討1・検討・実施2・実施32。"),
    (L.count_sentence(pd.DataFrame({"relisted_of": [""]}), pd.DataFrame({"relisted_of": ["", "", "I-1-1"]})), "2項目のうち1項目"),
    (L.count_sentence(pd.DataFrame({"relisted_of": ["", "I-1-1"]}), pd.DataFrame({"relisted_of": ["", "", "I-1-1"]})), "2項目のうち1項目(ほかに再掲1)"),
    (L.count_sentence(pd.DataFrame({"relisted_of": []}), pd.DataFrame({"relisted_of": [""]})), "1項目のうち0項目"),
    (L.filter_sentence({"推進方針": ["I", "II"], "年度": "H26", "担当課": [], "言葉": ""}), "絞り込み: 推進方針 I・II、年度 H26。"),
    (L.filter_sentence({"推進方針": [], "年度": None}), ""),
    (
        S.items_sentence(pd.DataFrame({"relisted_of": ["", "", "I-1-1"], "kind": ["新規", "継続", "新規"]})),
        "推進項目は2項目(ほかに再掲1)、うち新規1項目。",
    ),
    (
        S.items_sentence(pd.DataFrame({"relisted_of": [""], "kind": ["継続"]})),
        "推進項目は1項目、うち新規0項目。",
    ),
    # groups of answers
    (S.breakdown_sentence(groups(("年代", "20代", 40.0), ("年代", "30代", 48.0)), INDICATORS), "①参加(H30)は、年代「30代」の48.0%が最も高く、年代「20代」の40.0%が最も低い。"),
    (S.breakdown_sentence(groups(("年代", "20代", 40.0), ("年代", "30代", np.nan)), INDICATORS), "①参加(H30)は、回答が少なく区分ごとの割合を示せません。"),
    # registering and the record
    (L.preview_sentence(previewed("新規"), changed()), "H25年度の1件の値を登録します。判定は変わりません。"),
    (L.preview_sentence(previewed("新規", "置き換え"), changed(("順調", "達成"))), "H25年度の2件の値を登録します(うち1件は今の値を置き換え)。判定が1件変わります。"),
    (L.history_sentence(entries()), "まだ何も登録されていません。画面の値はすべて計画書の印刷値です。"),
    (L.history_sentence(entries("survey")), "これまでに調査の登録が1件、取り消しが0件。最後は2014年5月1日、山田。"),
    (L.history_sentence(entries("undo", "survey")), "これまでに調査の登録が1件、取り消しが1件。最後は2014年5月1日、山田。"),
    (S.since_sentence(changed(), "前回(第1回)"), "前回(第1回)から変わった実績値・判定はありません。"),
    (S.since_sentence(changed(("順調", "達成"), ("遅れ", "遅れ")), "計画書の値"), "計画書の値から2指標の実績値が変わり、判定が変わったのは1件です。"),
    # years and sources
    (S.years_label((2006, 2011)), "H18・H23"),
    (S.years_label((2011, 2012)), "H23・H24"),
    (S.years_label((2006, 2011, 2012, 2013, 2019)), "H18・H23〜H25・R1"),
    (S.years_label(()), ""),
    (S.source_sentence((2006, 2011), 0, False), "時点: H18・H23年度調査  出典: 山口市協働推進プラン改訂版"),
    (S.source_sentence((2011, 2012, 2013), 4, True), "時点: H23〜H25年度調査  出典: 山口市協働推進プラン改訂版、登録した調査(登録番号4まで)"),
    (S.trend_sentence("①参加", known(("baseline", 2006, 37.5), ("actual", 2011, 37.2)), frame(row())), "①参加の推移。H18 37.5%、H23 37.2%。H24目標 45.0%(差 +7.8ポイント)。"),
    (S.trend_sentence("①参加", known(("baseline", 2006, 37.5)), frame(UNKNOWN)), "①参加の推移。H18 37.5%。H24目標 45.0%(実績値なし)。"),
    # titles of charts
    (T.trend_title(row(), INDICATORS), "①参加は横ばい、H24目標まであと7.8ポイント"),
    (T.trend_title(REACHED, INDICATORS), "③参画はH24目標を0.6ポイント上回り達成"),
    (T.trend_title(JUST, INDICATORS), "③参画はH24目標をちょうど達成"),
    (T.trend_title(MISSED, INDICATORS), "②実践は未達成、H29目標に2.6ポイント届かず"),
    (T.trend_title(UNKNOWN, INDICATORS), "①参加は実績値がまだない(H24目標45.0%)"),
    (T.gap_title(frame(row(), SLOW), INDICATORS), "最も遠いのは①参加のH24目標で、あと7.8ポイント"),
    (T.gap_title(frame(row(), SLOW | {"gap": 7.8}), INDICATORS), "最も遠いのは①参加のH24目標と②実践のH24目標で、あと7.8ポイント"),
    (T.gap_title(frame(REACHED), INDICATORS), "すべての目標を達成"),
    (T.gap_title(frame(UNKNOWN), INDICATORS), "実績値がまだないため、目標との差を示せません"),
    (T.stage_title(counts([[0, 0, 2, 19], [0, 0, 0, 14]]), 2017), "H29年度は35項目のうち33項目が実施の段階、2項目はその前"),
    (T.stage_title(counts([[0, 0, 0, 1], [0, 0, 0, 0]]), 2017), "H29年度は1項目すべてが実施の段階"),
    (T.stage_title(counts([[0, 0, 0, 0], [0, 0, 0, 0]]), 2013), "H25年度の年次計画に、該当する項目がありません"),
    (T.status_title(tally([6, 8, 2, 0], [1, 11, 0, 3])), "前期の31項目のうち26項目が実施済か継続推進、5項目は一部実施か検討中"),
    (T.status_title(tally([0, 4, 0, 0])), "前期の4項目は、すべて実施済か継続推進"),
    (T.flow_title(flows(("継続", "新方針 I", "explicit", 3), ("継続", "新方針 II", "inferred", 2), ("廃止", "引継ぎなし", "", 1))), "5項目が新しい計画につながる(うち2項目は内容からの推定)"),
    (T.flow_title(flows(("継続", "新方針 I", "explicit", 1))), "1項目が新しい計画につながる"),
    (T.flow_title(flows(("廃止", "引継ぎなし", "", 1))), "新しい計画につながる項目はありません"),
    (T.actor_title(counts([[1, 2], [0, 1]], columns=("市民", "行政"))), "最も多いのは方針Iの行政で2項目"),
    (T.actor_title(counts([[2, 2], [0, 1]], columns=("市民", "行政"))), "最も多いのは方針Iの市民と方針Iの行政で2項目"),
    (T.actor_title(counts([[1, 1], [1, 0]], columns=("市民", "行政"))), "最も多い組み合わせは3つあり、それぞれ1項目"),
    (T.actor_title(counts([], index=(), columns=("市民",))), "該当する項目がありません"),
    (T.department_title(departments(("協働推進課", 36), ("職員課", 4))), "最も多いのは協働推進課で36項目"),
    (T.department_title(departments(("協働推進課", 4), ("職員課", 4))), "最も多いのは協働推進課と職員課で4項目"),
    (T.department_title(departments(("甲課", 1), ("乙課", 1), ("丙課", 1))), "最も多い担当課は3つあり、それぞれ1項目"),
    (T.department_title(departments()), "該当する項目がありません"),
    (T.schedule_title(keyed("a", "b"), schedule(("a", 2013, "実施"), ("b", 2013, "検討"), ("a", 2017, "実施"), ("b", 2017, "実施"))), "実施の段階はH25年度の1行からH29年度の2行へ(全2行)"),
    (T.schedule_title(keyed("a"), schedule(("a", 2013, "実施"), ("a", 2017, "実施"))), "実施の段階にあるのはH25年度もH29年度も1行のうち1行"),
    (T.schedule_title(keyed(), schedule()), "該当する項目がありません"),
    (T.breakdown_title(groups(("年代", "20代", 40.0), ("年代", "30代", 48.0))), "最も高いのは30代の48.0%、最も低いのは20代の40.0%(差8.0ポイント)"),
    (T.breakdown_title(groups(("年代", "20代", 40.0))), "回答が少なく、区分ごとの割合を示せません"),
    (T.tree_title(pd.DataFrame({"policy": ["I", "I", "II"], "policy_title": ["甲", "甲", "乙"], "relisted_of": ["", "", "I-1-1"]})), "2項目のうち2項目が方針I「甲」"),
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
        for letter, room in {"S": findings, "T": titles, "L": leads}.items()
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is str
    ]
    assert [name for name in said if name not in here] == []


def test_attention_names_the_gravest_first_at_most_five_and_the_items_last():
    rows = frame(
        *(row(indicator=1, verdict=verdict) for verdict in ("順調", "やや遅れ", "後退", "遅れ", "横ばい", "未達成"))
    )
    found = S.attention(rows, INDICATORS, stuck("I-1-2"))
    assert len(found) == 5
    assert [each.text[:12] for each in found[:2]] == ["①参加はH24目標45.", "①参加は後退。H24目標"]
    assert found[-1].text.startswith("実施に至っていない推進項目が1項目")
    assert found[0].link == "indicators?indicator=1&target=2012"
    assert S.attention(frame(ON_TRACK), INDICATORS, stuck()) == ()


def test_missing_surveys_are_joined_into_runs(plan):
    brief = build_brief(plan, recorded([(number, 2013, 40.0, 900) for number in (1, 2, 3, 4)]), as_of=NOW)
    said = [each.text for each in S.missing_surveys(brief.known, plan, 2016)]
    assert said == [
        "H24の市民アンケートが未登録です。",
        "H26〜H27の市民アンケートが未登録です。",
        "H24〜H27の職員アンケートが未登録です。",
    ]
    assert S.missing_surveys(brief.known, plan, None) == ()


def test_a_change_of_verdict_and_a_change_of_value_alone_are_told_apart(plan):
    before = build_brief(plan, recorded([]), as_of=NOW)
    after = build_brief(plan, recorded([(3, 2012, 23.4, 900)]), as_of=NOW)
    said = S.changed_verdicts(before.targets, after.targets, plan.indicators)["text"].tolist()
    assert said == [
        "③まちづくり・市民参画のH24目標の判定: やや遅れ → 達成",
        "③まちづくり・市民参画のH29目標の判定: やや遅れのまま",
    ]
    assert S.changed_verdicts(before.targets, before.targets, plan.indicators).empty


def test_titles_of_the_plans_own_figures(plan):
    brief = build_brief(plan, recorded([]), as_of=NOW)
    assert T.flow_title(items.flows(plan)).startswith("41項目が新しい計画につながる")
    assert T.status_title(items.past_tally(plan.past_items)).startswith("前期の47項目のうち41項目")
    assert T.tree_title(brief.table) == "44項目のうち21項目が方針I「参加しやすく、活動しやすい環境づくりを進めます」"
