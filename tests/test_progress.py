import numpy as np
import pandas as pd
import pytest
from given import recorded
from hypothesis import given
from hypothesis import strategies as st

from kyodo.progress import Cutoffs, assess, basis, changes_since, observations

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
        ({"b": 10, "c": 20, "target": 20}, "達成"),
        ({"b": 10, "c": 25, "target": 20, "t1": 2018}, "達成"),
        ({"b": 10, "c": 19.9, "target": 20, "t1": 2017}, "未達成"),
        ({"b": 10, "c": 9, "target": 20, "t1": 2018}, "未達成"),
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
        row = assess(observations(plan.values, recorded(order))).query("indicator == 2").iloc[0]
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
def test_達成_is_said_exactly_when_the_target_is_reached(b, c, target, t1):
    row = judged(b, c, target, t1=t1)
    assert (row["verdict"] == "達成") == (round(target - c, 12) <= 0)


def test_the_callers_frames_are_untouched(plan):
    before = plan.values.copy(deep=True)
    assess(observations(plan.values, recorded([(1, 2013, 40.0, 100)])))
    pd.testing.assert_frame_equal(plan.values, before)
