import math

import numpy as np
import pandas as pd
import pytest
from given import recorded
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.forecast import backtest, passes
from kyodo import forecast
from kyodo.forecast import Model, add_forecast, forecast_band, likelihood_words, outlook
from kyodo.measured import observations
from kyodo.verdicts import assess


@pytest.fixture(scope="module")
def student():
    """Student's distribution as scipy has it, loaded where it is asked for: it takes a second."""
    from scipy.stats import t

    return t


COLUMNS = ["forecast", "forecast_low", "forecast_high", "likelihood"]
HISTORIES = st.dictionaries(st.integers(2000, 2012), st.floats(0, 100), min_size=2, max_size=8)
YEARS = st.integers(2013, 2030)
ANSWERS = st.one_of(st.just(math.nan), st.integers(1, 5000))


def of(history, answers=()):
    return outlook(list(history), list(history.values()), answers)


@pytest.fixture
def known(plan):
    """The plan's values with surveys of H24 and H25; only the first indicator's numbers of answers are all known."""
    rows = [
        (1, 2006, 37.5, 900),
        (1, 2011, 37.2, 1000),
        (1, 2012, 38.0, 1100),
        (1, 2013, 41.0, 950),
        (2, 2012, 12.0, 1100),
    ]
    return observations(plan.values, recorded(rows))


@pytest.mark.slow
def test_the_backtest_gives_the_numbers_in_use_and_the_model_has_earned_its_place():
    made, best = backtest()
    assert best == Model()
    for frame in made.values():
        assert passes(frame) == forecast.EARNED
    assert [len(frame) for frame in made.values()] == [111, 75, 111]


def test_an_example_by_hand(student):
    # 25 % is the angle π/6, 50 % is π/4. The step between is beyond three noises, so the level stays 0.075 below the newest
    # value, and the surprise counts as 0.075². Noise² = (12 × 0.025² + 0.075²) / 13 = 0.00100962. The gain is 1.1 / 2.1;
    # the level's variance is the same part of noise², the next survey's one noise² more, two years on two tenths more.
    found = outlook([2010, 2011], [25.0, 50.0])
    spread = math.sqrt((0.1 * 2 + 1 + 1.1 / 2.1) * 0.0131250 / 13)
    centre = math.pi / 4 - 0.075 + math.pi / 12 / 4
    assert found.spread(2013) == pytest.approx(spread)
    assert found.band(2013) == pytest.approx(
        [100 * math.sin(centre + side * 1.94318 * spread) ** 2 for side in (0, -1, 1)]
    )
    assert found.band(2013) == pytest.approx([49.05, 40.99, 57.13], abs=0.005)
    assert found.chance(50.0, 2013) == pytest.approx(student.cdf((centre - math.pi / 4) / spread, 6))


def test_known_answers_count_beside_the_movement_from_year_to_year():
    # Two equal values: noise² = 12 / 13 of 0.025². Six tenths of it are movement, the rest is told by n.
    noise2 = 0.025**2 * 12 / 13
    survey = 0.6 * noise2 + 1 / 4000
    gain = 1.1 / 2.1
    level = (1 - gain) ** 2 * (survey + 0.1 * noise2) + gain**2 * survey
    found = outlook([2010, 2011], [40.0, 40.0], [1000, 1000])
    assert found.spread(2012) ** 2 == pytest.approx(level + survey + 0.1 * noise2)
    assert found.basis == "sampled"
    assert outlook([2010, 2011], [40.0, 40.0], [math.nan, 1000]).basis == "unsampled"


@given(st.floats(-50, 50))
def test_the_closed_form_is_students_distribution(student, t):
    assert forecast._t6(t) == pytest.approx(student.cdf(t, 6), abs=1e-12)


def test_the_quantile_is_students(student):
    assert pytest.approx(student.ppf(0.95, 6), abs=1e-5) == forecast._T6_95


@given(HISTORIES, YEARS, st.floats(0, 100), st.floats(0, 100))
def test_the_likelihood_falls_as_the_target_rises(history, year, one, other):
    lower, higher = sorted((one, other))
    assert of(history).chance(lower, year) >= of(history).chance(higher, year)
    assert higher < lower + 1 or of(history).chance(lower, year) > of(history).chance(higher, year)


@given(HISTORIES, YEARS, YEARS)
def test_the_interval_holds_the_forecast_and_widens_with_the_years(history, one, other):
    value, low, high = of(history).band(min(one, other))
    later, lowest, highest = of(history).band(max(one, other))
    assert 0 <= lowest <= low <= value == later <= high <= highest <= 100
    assert low < high


@given(HISTORIES, YEARS, st.data())
def test_more_answers_never_widen_the_interval_nor_move_the_forecast(history, year, data):
    few = [data.draw(st.integers(1, 5000)) for _ in history]
    many = [n + data.draw(st.one_of(st.just(math.inf), st.integers(0, 5000))) for n in few]
    value, low, high = of(history, many).band(year)
    same, lower, higher = of(history, few).band(year)
    assert lower - 1e-9 <= low <= value == same <= high <= higher + 1e-9


@given(HISTORIES, YEARS)
def test_a_share_and_what_it_leaves_are_forecast_alike(history, year):
    value, low, high = of(history).band(year)
    rest = of({at: 100 - share for at, share in history.items()}).band(year)
    assert rest == pytest.approx((100 - value, 100 - high, 100 - low), abs=1e-6)


@given(HISTORIES, st.data())
def test_the_order_of_rows_does_not_matter(history, data):
    rows = [(year, value, data.draw(ANSWERS)) for year, value in history.items()]
    mixed = data.draw(st.permutations(rows))
    assert outlook(*map(list, zip(*rows, strict=True))) == outlook(*map(list, zip(*mixed, strict=True)))


def test_rows_of_the_frames_may_come_in_any_order(known):
    assessed = assess(known)
    frame = add_forecast(assessed.sample(frac=1, random_state=1), known.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(frame.sort_index(), add_forecast(assessed, known))


def test_only_open_targets_are_forecast(known):
    frame = add_forecast(assess(known), known).set_index(["indicator", "target_year"])
    assert frame.loc[(slice(None), 2017), COLUMNS].notna().all(axis=None)
    ahead = [(number, 2012) for number in (3, 4, 5)]
    assert frame.loc[ahead, COLUMNS].notna().all(axis=None)
    assert frame.loc[[(1, 2012), (2, 2012)], COLUMNS].isna().all(axis=None)
    assert frame["forecast_basis"].value_counts().to_dict() == {"unsampled": 7, "": 2, "sampled": 1}
    assert frame.loc[(1, 2017), "forecast_basis"] == "sampled"


def test_a_state_that_is_not_open_has_no_forecast(known):
    assessed = assess(known).assign(state=["open", "closed", "unmeasured", *["open"] * 7])
    frame = add_forecast(assessed, known)
    assert frame.loc[[1, 2], COLUMNS].isna().all(axis=None)
    assert frame.loc[3:, "forecast"].notna().all()


def test_one_value_is_not_enough(known):
    only = known[known["kind"] != "baseline"]
    frame = add_forecast(assess(only), only)
    assert frame.loc[frame["indicator"].isin([3, 4, 5]), COLUMNS].isna().all(axis=None)
    assert forecast_band(only[only["indicator"] == 3], frame[frame["indicator"] == 3]).empty


def test_no_targets_no_forecast_but_the_columns(known):
    frame = add_forecast(assess(known).iloc[:0], known)
    assert frame.empty
    assert {*COLUMNS, "forecast_basis"} <= set(frame.columns)
    assert (frame.dtypes[COLUMNS] == "float64").all()


def test_what_has_not_earned_its_place_is_not_told(known, monkeypatch):
    monkeypatch.setattr(forecast, "EARNED", False)
    assessed = assess(known)
    assert add_forecast(assessed, known)[COLUMNS].isna().all(axis=None)
    assert forecast_band(known[known["indicator"] == 1], assessed[assessed["indicator"] == 1]).empty


def test_the_band_runs_from_the_newest_value_to_the_forecast_of_the_last_target(known):
    frame = add_forecast(assess(known), known)
    mine = frame[frame["indicator"] == 1]
    band = forecast_band(known[known["indicator"] == 1], mine)
    assert band["year"].tolist() == [2013, 2014, 2015, 2016, 2017]
    assert band.iloc[0].tolist() == [2013, 41.0, 41.0, 41.0]
    assert band.iloc[-1, 1:].tolist() == mine[COLUMNS[:3]].iloc[-1].tolist()
    assert np.all(np.diff(band["high"] - band["low"]) > 0)


@pytest.mark.parametrize(
    ("likelihood", "words"),
    [
        (0.003, "1 %未満(低い)"), (0.2049, "20 %(低い)"), (0.205, "21 %(五分五分)"), (0.34, "34 %(五分五分)"),
        (0.7949, "79 %(五分五分)"), (0.795, "80 %(高い)"), (0.999, "99 %超(高い)"),
    ],
)  # fmt: skip
def test_the_word_follows_the_number_that_is_shown(likelihood, words):
    assert likelihood_words(likelihood) == words
