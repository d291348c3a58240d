from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo import wording


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(1.25, 1.3), (6.25, 6.3), (8.75, 8.8), (0.05, 0.1), (-0.25, -0.3), (37.249999999999996, 37.3), (2.0, 2.0)],
)
def test_rounding_is_half_up_never_bankers(value, rounded):
    assert wording.round_half_up(value) == rounded


@given(st.decimals(-1000, 1000, places=4, allow_nan=False))
def test_rounding_agrees_with_decimal_arithmetic(value):
    expected = value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    assert wording.round_half_up(float(value)) == float(expected)


def test_a_difference_is_rounded_as_the_reader_would_subtract():
    assert wording.points(22.15 - 18.8) == "+3.4ポイント"  # 3.3499999999999979 in binary


def test_signs_are_the_official_ones():
    assert wording.points(3.3) == "+3.3ポイント"
    assert wording.points(-0.3) == "▲0.3ポイント"
    assert wording.points(0.0) == "±0.0ポイント"
    assert wording.points(-0.04) == "±0.0ポイント"
    assert wording.ratio(-0.04) == "▲4.0%"


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_number_is_blank_never_zero(missing):
    assert wording.percent(missing) == wording.points(missing) == wording.people(missing) == ""
    assert wording.round_half_up(missing) is None


def test_large_numbers_carry_commas():
    assert wording.people(199754) == "199,754人"


def test_a_foreign_text_is_shortened_and_made_visible():
    assert wording.shorten("あ" * 100_000, 10) == "あ" * 9 + "…"
    assert wording.shorten("a\x00b\u202ec") == "a�b�c"
