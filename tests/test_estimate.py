import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo import estimate

shares = st.floats(0, 1)
numbers = st.integers(1, 100_000)


@pytest.mark.parametrize(("percent", "half"), [(10, 1.9), (20, 2.5), (30, 2.8), (40, 3.0), (50, 3.1)])
def test_half_widths_of_a_thousand_answers(percent, half):
    low, high = estimate.wilson(percent / 100, 1000)
    assert round((high - low) / 2 * 100, 1) == half


@given(st.integers(1, 5000), st.data())
def test_wilson_equals_statsmodels(n, data):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    yes = data.draw(st.integers(0, n))
    assert estimate.wilson(yes / n, n) == pytest.approx(
        proportion.proportion_confint(yes, n, method="wilson"), abs=1e-6
    )


@given(st.integers(1, 3000), st.integers(1, 3000), st.data())
def test_newcombe_equals_statsmodels(n_before, n_after, data):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    before, after = data.draw(st.integers(0, n_before)), data.draw(st.integers(0, n_after))
    theirs = proportion.confint_proportions_2indep(after, n_after, before, n_before, compare="diff", method="newcomb")
    assert estimate.newcombe(before / n_before, n_before, after / n_after, n_after) == pytest.approx(theirs, abs=1e-6)


@given(shares, numbers)
def test_an_interval_holds_its_share_and_stays_in_bounds(share, n):
    low, high = estimate.wilson(share, n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_no_answers_say_nothing_and_a_census_says_all():
    assert estimate.wilson(0.4, 0) == (0, 1)
    assert estimate.wilson(0.4, np.inf) == pytest.approx((0.4, 0.4))
    assert np.isnan(estimate.wilson(0.4, np.nan)).all()


def test_equal_weights_leave_n_as_it_is():
    assert estimate.effective_n(35.7 * 10, 35.7**2 * 10) == pytest.approx(10)


def test_half_the_population_doubles_n_and_all_of_it_has_no_error():
    assert estimate.finite_n(500, 1000) == 1000
    assert estimate.finite_n(1000, 1000) == np.inf


def test_answers_needed_is_the_smallest_n_that_counts():
    n = estimate.answers_needed(0.188, 0.221)
    low, high = estimate.newcombe(0.188, n, 0.221, n)
    assert low > 0
    low, high = estimate.newcombe(0.188, n - 1, 0.221, n - 1)
    assert low <= 0 <= high
    assert estimate.answers_needed(0.3, 0.3) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_a_weighted_share_is_as_wide_as_a_bootstraps(seed):
    random = np.random.default_rng(seed)
    n = 800
    weight, yes = random.uniform(0.3, 2.5, n), random.random(n) < 0.3
    share = (weight * yes).sum() / weight.sum()
    low, high = estimate.wilson(share, estimate.effective_n(weight.sum(), (weight**2).sum()))
    drawn = random.integers(0, n, (4000, n))
    again = (weight[drawn] * yes[drawn]).sum(axis=1) / weight[drawn].sum(axis=1)
    assert (low, high) == pytest.approx(tuple(np.quantile(again, [0.025, 0.975])), abs=0.007)
