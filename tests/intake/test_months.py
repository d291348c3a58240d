"""A survey's month gives its fiscal year, April to March; where the calendar's year is another, who wrote it must mean it."""

import pytest
from intake.builders import NAMES, VALUES, as_csv, table
from intake.laws import TODAY

from kyodo.intake import read_upload


def read(rows, plan, **given):
    return read_upload(as_csv(rows), "a.csv", plan=plan, today=TODAY, **given)


def called(heading, text):
    return table(text, header=["指標番号", "指標名", heading, "値(%)", "回答者数"])


@pytest.mark.parametrize(
    "text",
    ["2013年10月", "平成25年10月", "H25年10月", "２０１３年１０月", "2013-10", "2013/10/1", "平成25年10月～11月", "平成25年10月実施"],
)  # fmt: skip
def test_a_month_from_april_on_is_of_the_year_it_names(text, plan):
    reading = read(called("年度", text), plan)
    assert reading.accepted and set(reading.values["fiscal_year"]) == {2013}
    assert any("調査の時期" in notice.message for notice in reading.notices)


def test_a_month_before_april_is_of_the_year_before(plan):
    assert set(read(called("調査時期", "平成26年2月"), plan).values["fiscal_year"]) == {2013}
    assert set(read(called("年度", "平成26年2月"), plan, fiscal_year=2013).values["fiscal_year"]) == {2013}


def test_under_the_word_fiscal_year_such_a_month_may_mean_either(plan):
    (problem, *_) = read(called("年度", "平成26年2月"), plan).problems
    assert problem.code == "year" and "H25年度" in problem.message and "画面" in problem.hint


@pytest.mark.parametrize("text", ["25年10月", "2013年13月", "平成25年10", "2014年3月～4月", "2013.10"])
def test_what_is_no_month_of_one_fiscal_year_is_refused(text, plan):
    assert {problem.code for problem in read(called("調査時期", text), plan).problems} == {"year"}


def headed(*headings):
    return [
        ["指標名", *headings],
        *[[NAMES[i], *[str(VALUES[i] + place) for place in range(len(headings))]] for i in NAMES],
    ]


def test_a_heading_may_name_the_survey_by_its_month(plan):
    reading = read(headed("平成26年2月調査(%)"), plan)
    assert reading.accepted and set(reading.values["fiscal_year"]) == {2013}
    across = headed("2013年10月", "2012年10月")
    assert [problem.code for problem in read(across, plan).problems] == ["layout"]
    assert read(across, plan, fiscal_year=2013).values["value"].tolist() == list(VALUES.values())


def test_the_day_a_paper_was_made_is_no_survey(plan):
    for heading in ("値(%)(平成27年3月末現在)", "値(平成27年3月31日)"):
        reading = read(headed(heading), plan, fiscal_year=2013)
        assert reading.accepted or {problem.code for problem in reading.problems} == {"unit"}


def test_the_respondents_months_give_a_raw_files_year(plan):
    rows = [["No", "年月", "問1"], *[[str(i), "2026年2月", "1"] for i in range(1, 13)]]
    mapping = {"1": {"column": "問1", "positive": ["1"], "negative": ["2"]}}
    reading = read(rows, plan, mapping=mapping)
    assert reading.accepted and set(reading.values["fiscal_year"]) == {2025}
