import numpy as np
import pandas as pd
import pytest
from given import recorded
from hypothesis import given
from hypothesis import strategies as st

from kyodo.measured import changes_since, observations
from kyodo.verdicts import Cutoffs, assess, basis

# Indicator, target year: gap, attainment, improvement, pace (percent, one decimal), verdict, pt a year so far and needed.
WORKED = {
    (1, 2012): (7.8, 82.7, -4.0, -4.8, "横ばい", -0.06, 7.80),
    (1, 2017): (12.8, 74.4, -2.4, -5.3, "横ばい", -0.06, 2.13),
    (2, 2012): (1.4, 89.2, 36.4, 43.6, "遅れ", 0.16, 1.40),
    (2, 2017): (3.4, 77.3, 19.0, 41.9, "遅れ", 0.16, 0.57),
    (3, 2012): (0.9, 96.1, 78.6, 94.3, "やや遅れ", 0.66, 0.90),
    (3, 2017): (7.9, 73.7, 29.5, 64.8, "やや遅れ", 0.66, 1.32),
    (4, 2012): (0.7, 97.7, 82.5, 99.0, "順調", 0.66, 0.70),
    (4, 2017): (5.7, 83.7, 36.7, 80.7, "やや遅れ", 0.66, 0.95),
    (5, 2012): (11.5, 88.5, 84.5, 101.4, "順調", 12.50, 11.50),
    (5, 2017): (11.5, 88.5, 84.5, 185.8, "順調", 12.50, 1.92),
}


def printed(*rows):
    """A plan's values from (kind, year, value) rows of indicator 1."""
    frame = pd.DataFrame(rows, columns=["kind", "fiscal_year", "value"])
    frame = frame.assign(indicator=1, n=pd.NA, low=np.nan, high=np.nan, source="試験").astype({"n": "Int64"})
    return frame.astype({"indicator": "Int64", "fiscal_year": "Int64", "value": "Float64"})


def judged(b, c, target, *, t0=2006, t1=2011, year=2017, n=(None, None)):
    """The one assessed row of a baseline, an actual and a target, with numbers of answers where given."""
    rows = [("baseline", t0, b), ("actual", t1, c), ("target", year, target)]
    known = [(1, at, value, number) for at, value, number in zip((t0, t1), (b, c), n, strict=True) if number]
    return assess(observations(printed(*rows), recorded(known))).iloc[0]


@pytest.mark.parametrize(("key", "expected"), WORKED.items())
def test_the_worked_table(plan, key, expected):
    frame = assess(observations(plan.values, recorded([])))
    row = frame.set_index(["indicator", "target_year"]).loc[key]
    shown = (row["gap"], row["attainment"] * 100, row["improvement"] * 100, row["pace"] * 100)
    assert [float(f"{value + 1e-9:.1f}") for value in shown] == list(expected[:4])
    assert row["verdict"] == expected[4]
    assert [round(row["pace_so_far"], 2), round(row["pace_needed"], 2)] == [
        pytest.approx(each) for each in expected[5:]
    ]
    assert row["tested"] == "none"


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        ({"b": 10, "c": 20, "target": 20}, "到達"),
        ({"b": 10, "c": 20, "target": 20, "t1": 2017}, "達成"),
        ({"b": 10, "c": 19.9, "target": 20, "t1": 2017}, "未達成"),
        ({"b": 10, "c": 25, "target": 20, "t1": 2018}, "未調査"),
        ({"b": 10, "c": 9, "target": 20, "t1": 2018}, "未調査"),
        ({"b": 10, "c": 10.9, "target": 20}, "横ばい"),
        ({"b": 10, "c": 11, "target": 20}, "遅れ"),  # exactly a tenth of the way is no longer flat
        ({"b": 10, "c": 9.1, "target": 20}, "横ばい"),
        ({"b": 10, "c": 9, "target": 20}, "後退"),
        ({"b": 0, "c": 19, "target": 40, "t0": 2007, "t1": 2012}, "順調"),  # pace exactly 95 %
        ({"b": 0, "c": 12, "target": 40, "t0": 2007, "t1": 2012}, "やや遅れ"),  # pace exactly 60 %
        ({"b": 0, "c": 11.9, "target": 40, "t0": 2007, "t1": 2012}, "遅れ"),
        ({"b": 10, "c": 12, "target": 20, "n": (None, 200)}, "横ばい"),  # Wilson 8.2 to 17.2 holds the baseline
        ({"b": 10, "c": 12, "target": 20, "n": (None, 20000)}, "遅れ"),
        ({"b": 10, "c": 10.5, "target": 20, "n": (100000, 100000)}, "遅れ"),  # small but certain
        ({"b": 37.5, "c": 37.2, "target": 50, "n": (10**7, 10**7)}, "後退"),
    ],
)
def test_the_first_rule_that_applies_decides(case, verdict):
    assert judged(**case)["verdict"] == verdict


def test_tested_says_whose_error_the_verdict_takes_in():
    assert judged(10, 15, 20)["tested"] == "none"
    assert judged(10, 15, 20, n=(None, 500))["tested"] == "actual_only"
    assert judged(10, 15, 20, n=(500, 500))["tested"] == "both"


def test_what_is_undefined_is_missing_never_a_number():
    row = judged(20, 15, 20)
    assert np.isnan(row["improvement"])
    assert np.isnan(row["pace"])
    row = judged(10, 15, 20, t1=2017)
    assert np.isnan(row["pace"])
    assert np.isnan(row["pace_needed"])
    assert np.isnan(judged(0, 5, 0)["attainment"])
    assert np.isnan(judged(10, 12, 20, t0=2011, t1=2011)["pace_so_far"])


def test_without_an_actual_nothing_is_judged():
    known = observations(printed(("baseline", 2006, 10), ("target", 2017, 20)), recorded([]))
    row = assess(known).iloc[0]
    assert row["verdict"] == ""
    assert np.isnan(row["gap"])
    assert np.isnan(row["projection"])


def test_the_projection_is_the_least_squares_line_held_within_0_and_100(plan):
    known = observations(plan.values, recorded([(1, 2013, 40.0, 900), (1, 2014, 36.0, 900)]))
    row = assess(known).query("indicator == 1 and target_year == 2017").iloc[0]
    years, values = [2006, 2011, 2013, 2014], [37.5, 37.2, 40.0, 36.0]
    assert row["projection"] == pytest.approx(np.polyval(np.polyfit(years, values, 1), 2017))
    assert assess(known).query("indicator == 5")["projection"].tolist() == [100, 100]


def test_a_printed_year_registered_with_n_keeps_its_value_and_gains_n(plan):
    known = observations(plan.values, recorded([(3, 2006, 18.8, 1200), (3, 2011, 22.1, 1100)]))
    row = assess(known).query("indicator == 3").iloc[0]
    assert (row["baseline_n"], row["actual_n"], row["tested"]) == (1200, 1100, "both")
    assert len(known) == len(plan.values)


def test_the_newest_actual_counts_whatever_the_order_of_registration(plan):
    rows = [(2, 2014, 13.0, 800), (2, 2013, 12.0, 800)]
    for order in (rows, rows[::-1]):
        row = assess(observations(plan.values, recorded(order))).query("indicator == 2").iloc[1]
        assert (row["actual_year"], row["actual"]) == (2014, 13.0)


def test_the_change_since_the_survey_before(plan):
    known = observations(plan.values, recorded([(2, 2013, 12.0, 800), (2, 2014, 16.0, 800)]))
    row = changes_since(known).set_index("indicator").loc[2]
    assert (row["baseline_year"], row["actual_year"], row["change"]) == (2013, 2014, 4.0)
    assert row["tested"] == "both"
    assert bool(row["significant"])


def test_neighbouring_rules_are_shown_beside_the_verdict(plan):
    frame = basis(assess(observations(plan.values, recorded([]))), Cutoffs())
    of_first = frame.query("indicator == 1 and target_year == 2012").set_index("rule")["verdict"]
    assert of_first["この判定"] == "横ばい"
    assert of_first["到達率だけで見ると"] == "やや遅れ"
    third = frame.query("indicator == 3 and target_year == 2012").set_index("rule")
    assert third["verdict"]["区切りを5ポイント緩くすると"] == "順調"
    growth = ((22.1 / 18.8) ** (1 / 5) - 1) / ((23.0 / 18.8) ** (1 / 6) - 1)
    assert third["measure"]["複利の伸び率で見ると"] == pytest.approx(growth)


percentages = st.integers(0, 1000).map(lambda tenths: tenths / 10)


@given(percentages, percentages, percentages, st.integers(2007, 2020))
def test_a_target_is_reached_exactly_where_the_actual_it_is_read_against_is_no_less(b, c, target, t1):
    row = judged(b, c, target, t1=t1)
    assert (row["verdict"] in {"達成", "到達"}) == (t1 <= 2017 and round(target - c, 12) <= 0)
    assert (row["verdict"] in {"達成", "未達成"}) == (t1 == 2017)


def lived(*actuals, target=23.0, today=None):
    """The assessed row of a target of H24 after these (year, value) surveys; the baseline is 18.8 in H18."""
    rows = [("baseline", 2006, 18.8), ("target", 2012, target), ("target", 2017, 30.0)]
    known = recorded([(1, year, value, None) for year, value in actuals])
    return assess(observations(printed(*rows), known), today=today).iloc[0]


def test_a_target_is_open_until_a_survey_of_its_year_or_later():
    row = lived((2011, 22.1))
    assert (row["state"], row["actual_year"], row["verdict"]) == ("open", 2011, "やや遅れ")
    assert pd.isna(row["later_year"])


def test_the_survey_of_its_own_year_closes_a_target_for_ever():
    for later in ([], [(2014, 22.0)], [(2013, 40.0), (2014, 22.0)]):
        row = lived((2011, 22.1), (2012, 23.5), *later)
        assert (row["state"], row["actual_year"], row["actual"], row["verdict"]) == ("closed", 2012, 23.5, "達成")
        assert row[["pace", "pace_needed", "projection"]].isna().all()
    assert (row["later_year"], row["later"], row["later_reaches"]) == (2014, 22.0, False)


def test_a_target_whose_year_was_passed_over_has_no_verdict_but_what_stands_on_both_sides():
    row = lived((2011, 22.1), (2013, 23.5), (2014, 24.0))
    assert (row["state"], row["verdict"]) == ("unmeasured", "未調査")
    assert row[["actual", "gap", "attainment", "improvement", "pace", "projection"]].isna().all()
    assert (row["before_year"], row["before"], row["after_year"], row["after"]) == (2011, 22.1, 2013, 23.5)
    assert (row["later_year"], row["later"], row["later_reaches"]) == (2014, 24.0, True)


def test_an_open_target_whose_year_has_ended_is_overdue_and_no_other():
    assert [lived((2011, 22.1), today=today)["overdue"] for today in (None, 2011, 2012, 2013, 2026)] == [
        False, False, False, True, True,
    ]  # fmt: skip
    assert not lived((2011, 22.1), (2012, 23.5), today=2026)["overdue"]
    assert not lived((2011, 22.1), (2013, 23.5), today=2026)["overdue"]


def test_the_latest_pace_is_that_between_the_last_two_surveys_besides_the_baseline():
    assert np.isnan(lived((2010, 22.0))["pace_lately"])
    assert lived((2008, 20.0), (2011, 23.0), target=30.0)["pace_lately"] == 1.0


@pytest.mark.parametrize(
    ("c", "n", "t1", "word"),
    [(22.8, 1200, 2017, "within"), (20.0, 1200, 2017, "clear"), (22.8, None, 2017, "untested"), (25.0, 1200, 2016, "within")],
)  # fmt: skip
def test_a_result_says_whether_the_sample_can_tell_it_from_the_target(c, n, t1, word):
    target = 24.0 if t1 == 2016 else 23.0
    assert judged(18.8, c, target, t1=t1, n=(None, n))["against_target"] == word


def test_only_what_compares_with_the_target_carries_that_word():
    assert judged(18.8, 20.0, 30.0, n=(None, 1200))["against_target"] == ""


def test_the_callers_frames_are_untouched(plan):
    before = plan.values.copy(deep=True)
    assess(observations(plan.values, recorded([(1, 2013, 40.0, 100)])))
    pd.testing.assert_frame_equal(plan.values, before)
