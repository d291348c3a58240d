import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo import fiscal


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("H25", 2013), ("h25", 2013), ("Ｈ25", 2013), ("平成25年度", 2013), ("平成25年", 2013), ("平25", 2013),
        ("平成 25 年度", 2013), ("㍻25", 2013), ("平成二十五年度", 2013), ("平成十年", 1998), ("H.25", 2013),
        ("R元", 2019), ("令和元年度", 2019), ("H31", 2019), ("R6", 2024), ("S63", 1988), ("昭和63年度", 1988),
        ("2013", 2013), ("2013年度", 2013), ("2013.0", 2013), (2013, 2013), (2013.0, 2013), ("FY2013", 2013),
        ("２０１３", 2013), ("2013(H25)", 2013), ("平成25年度（2013）", 2013),
    ],
)  # fmt: skip
def test_every_usual_spelling_is_read(text, year):
    assert fiscal.parse_fiscal_year(text) == year


@pytest.mark.parametrize(
    "text",
    ["25", "25年度", "", " ", "平成40年度", "令和0年度", "S64", "R99", "平成26年2月", "2014/2/1", "平成25年度(2014)", "来年", "1850",
     "2013.5", "H", "平成", "H25H25", "nan", "None", "十五", "一二"],
)  # fmt: skip
def test_whatever_is_not_certain_is_refused_in_japanese(text):
    with pytest.raises(ValueError, match="年度"):
        fiscal.parse_fiscal_year(text)


@pytest.mark.parametrize(
    "text",
    [
        "H²5",
        "201³",
        "20₁3",
        "H25¹",
        "H①5",
        "平成㉕年度",
        "H2⑤",
        "平成㊀年度",
        "½013",
        "H⒉5",
        "H25(2013²)",
        "H㉕",
        "平成25年度⑴",
    ],
)
def test_raised_circled_and_broken_digits_are_no_year(text):
    with pytest.raises(ValueError, match=r"年度.*(?:上付き|丸囲み)"):
        fiscal.parse_fiscal_year(text)


@pytest.mark.parametrize(
    "text", ["㍻25", "㍻２５年度", "Ｈ２５", "２０１３年度", "Ｈ２５（２０１３）", "平成　25　年度", "H\u00a025"]
)
def test_wide_forms_and_the_square_era_stay_a_year(text):
    assert fiscal.parse_fiscal_year(text) == 2013


def test_a_bare_number_asks_for_the_era():
    with pytest.raises(ValueError, match="元号"):
        fiscal.parse_fiscal_year("25")


@given(st.integers(fiscal.FIRST, fiscal.LAST))
def test_what_the_screen_shows_is_read_back(year):
    assert fiscal.parse_fiscal_year(fiscal.label(year)) == year
    assert fiscal.parse_fiscal_year(fiscal.short_label(year)) == year


@given(st.text(max_size=12))
def test_no_text_raises_anything_but_a_value_error(text):
    try:
        assert fiscal.FIRST <= fiscal.parse_fiscal_year(text) <= fiscal.LAST
    except ValueError as error:
        assert "年度" in str(error)


def test_the_fiscal_year_turns_on_the_first_of_april():
    assert fiscal.fiscal_year_of(dt.date(2014, 3, 31)) == 2013
    assert fiscal.fiscal_year_of(dt.date(2014, 4, 1)) == 2014


def test_a_moment_in_utc_counts_in_japan():
    moment = dt.datetime(2014, 3, 31, 15, 0, tzinfo=dt.UTC)
    assert fiscal.fiscal_year_of(fiscal.in_japan(moment).date()) == 2014
    assert fiscal.in_japan(dt.datetime(2014, 5, 1)).utcoffset() == dt.timedelta(hours=9)
