import datetime as dt
import json

import pandas as pd
import pytest
from given import GOOD, NOW, recorded, summary_csv

from kyodo.brief import brief_of, build_brief
from kyodo.changes import changed_verdicts
from kyodo.findings import previous_sentence
from kyodo.intake import read_upload

LATER = dt.datetime(2016, 5, 1, 10, tzinfo=NOW.tzinfo)


def test_the_brief_of_the_plan_alone(plan):
    brief = build_brief(plan, recorded([]), as_of=NOW)
    assert brief.headline == (
        "H24の調査は未登録。H23調査の時点では、H24目標に対し、順調2・やや遅れ1・遅れ1・横ばい1。"
        "H29目標の見通し(H23調査時点): 順調1・やや遅れ2・遅れ1・横ばい1。"
    )
    assert [each.text for each in brief.missing] == [
        "H24〜H25の市民アンケートが未登録です。", "H24〜H25の職員アンケートが未登録です。",
    ]  # fmt: skip
    assert brief.stage_year == 2014
    assert brief.survey_years == (2006, 2011)


def test_json_holds_fractions_points_and_null(plan):
    document = json.loads(json.dumps(build_brief(plan, recorded([]), as_of=NOW).to_json(), allow_nan=False))
    third = document["indicators"][2]
    assert third["actual"] == {"fiscal_year": 2011, "value": 22.1, "n": None, "low": None, "high": None}
    target = third["targets"][0]
    assert (target["fiscal_year"], target["verdict"], target["tested"]) == (2012, "やや遅れ", "none")
    assert (target["state"], target["overdue"], target["actual_year"], target["actual"]) == ("open", True, 2011, 22.1)
    assert [target[key] for key in ("against_target", "later_year", "later", "later_reaches")] == [None] * 4
    assert target["pace"] == pytest.approx(0.942857, abs=1e-6)
    assert document["items"]["count"] == 44


def test_a_target_ahead_is_the_next_one_and_the_last_stays(plan):
    brief = build_brief(plan, recorded([(1, 2013, 40.0, 900), (2, 2017, 16.0, 900)]))
    years = brief.upcoming.set_index("indicator")["target_year"]
    assert (years[1], years[2], years[3]) == (2017, 2017, 2012)
    assert brief.past.set_index("indicator")["target_year"].to_dict() == {1: 2012, 2: 2012}
    assert "H24目標の結果: 未調査2、H29目標の結果: 達成1。" in brief.headline
    assert "H29目標の見通し(H25調査時点): 横ばい1" in brief.headline


def test_the_targets_the_plan_has_supposed_change_nothing(plan):
    shown = build_brief(plan, recorded([(3, 2013, 25.1, 1000)]), as_of=NOW)
    for number in plan.indicators["indicator"]:
        own = shown.indicator(number).reset_index(drop=True)
        supposed = shown.supposing(number, dict(zip(own["target_year"], own["target"], strict=True)))
        pd.testing.assert_frame_equal(supposed.reset_index(drop=True), own, check_dtype=False)
    assert shown.supposing(3, {2017: 25.0})["verdict"].tolist()[-1] == "到達"


def test_a_registered_survey_is_no_longer_missing(plan):
    rows = [(number, 2012, value, 900) for number, value in GOOD.items() if number < 5]
    missing = [each.text for each in build_brief(plan, recorded(rows), as_of=NOW).missing]
    assert missing == ["H25の市民アンケートが未登録です。", "H24〜H25の職員アンケートが未登録です。"]


def test_the_same_moment_gives_the_same_brief_before_and_after_an_undo(plan, record, reading):
    number = record.submit(reading, by="山田", at=NOW)
    then = brief_of(plan, record, now=NOW, as_of=NOW).to_json()
    record.undo(number, by="山田", at=NOW + dt.timedelta(hours=1))
    later = NOW + dt.timedelta(hours=2)
    assert brief_of(plan, record, now=later, as_of=NOW).to_json() == then
    assert brief_of(plan, record, now=later, as_of=number).to_json()["indicators"] == then["indicators"]
    assert (
        brief_of(plan, record, now=later).to_json()["indicators"]
        == build_brief(plan, recorded([]), as_of=later).to_json()["indicators"]
    )


def test_what_would_change_is_what_changes(plan, record):
    before = brief_of(plan, record, now=NOW)
    reading = read_upload(summary_csv({3: 23.4}, year="H24", n=40000), "調査.csv", today=NOW.date())
    record.submit(reading, by="山田", at=NOW)
    changed = changed_verdicts(before.targets, brief_of(plan, record, now=NOW).targets, plan.indicators)
    assert changed["text"].tolist() == [
        "③まちづくり・市民参画のH24目標の判定: やや遅れ → 達成", "③まちづくり・市民参画のH29目標の判定: やや遅れのまま",
    ]  # fmt: skip


def test_a_file_of_another_year_is_never_announced_as_changing_a_result(plan, record):
    for year, value in (("H24", 23.4), ("H26", 22.0)):
        before = brief_of(plan, record, now=LATER)
        record.submit(
            read_upload(summary_csv({3: value}, year=year), "調査.csv", today=LATER.date()), by="山田", at=LATER
        )
    changed = changed_verdicts(before.targets, brief_of(plan, record, now=LATER).targets, plan.indicators)
    assert changed["target_year"].tolist() == [2017]


def test_the_change_since_the_survey_before_is_said_only_where_there_was_one(plan):
    alone, again = (
        build_brief(plan, recorded([])),
        build_brief(plan, recorded([(2, 2013, 12.0, 800), (2, 2014, 16.0, 800)])),
    )
    assert previous_sentence(alone.latest, alone.known, 2) == ""
    said = previous_sentence(again.latest, again.known, 2)
    assert said.startswith("前回(H25)からの変化+4.0ポイント(95%区間 +0.6〜+7.4)は、誤差を超える変化です")
    untested = previous_sentence(
        *(getattr(build_brief(plan, recorded([(2, 2013, 12.0, None)])), name) for name in ("latest", "known")), 2
    )
    assert untested == "前回(H23)からの変化+0.4ポイントは、誤差未検定(回答者数不明)です。"


def test_a_missed_target_calls_for_attention_once_with_its_outlook_beside_it(plan):
    said = [each.text for each in build_brief(plan, recorded([(1, 2012, 38.0, 1200), (1, 2013, 46.0, 900)])).attention]
    assert said[0] == (
        "①地域活動への参加: H24目標45.0%に7.0ポイント届かず未達成(H24は38.0%、95%区間35.3〜40.8%)。その後H25は46.0%(目標以上)。"
        "H29目標50.0%は、H25調査の時点で順調(46.0%、あと4.0ポイント)。これまで年+1.21に対し、年+1.00ポイントが必要。"
    )
    assert sum("①" in each for each in said) == 1


def test_ages_come_in_their_order_and_what_has_no_number_stays_as_it_came(plan):
    given = [
        ("年代", "60代"),
        ("年代", "20代"),
        ("年代", "20歳未満"),
        ("年代", "無回答"),
        ("地域", "南部"),
        ("地域", "北部"),
    ]
    rows = [
        {"indicator": 1, "fiscal_year": 2013, "group": group, "category": category, "value": 1.0}
        for group, category in given
    ]
    shown = build_brief(plan, recorded([]), as_of=NOW, breakdown=pd.DataFrame(rows)).breakdown
    assert shown["category"].tolist() == ["20歳未満", "20代", "60代", "無回答", "南部", "北部"]
    assert shown.columns.tolist() == list(rows[0])
