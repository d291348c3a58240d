"""What is said against the numbers being the indicators' values is asked; what only sounds like it is not."""

import pytest
from intake.builders import NAMES, VALUES, as_csv
from intake.laws import TODAY

from kyodo.intake import read_upload

PARTS = {1: 38.4, 2: 12.1, 3: 23.0, 4: 20.3, 5: 6.2}  # make 100
LAST = {1: 37.2, 2: 11.6, 3: 22.1, 4: 29.3, 5: 88.5}


def read(rows, plan, **given):
    data = as_csv([[str(cell) for cell in row] for row in rows])
    return read_upload(data, "a.csv", **{"fiscal_year": 2013, "plan": plan, "today": TODAY} | given)


def asked(rows, plan):
    """Whether the table is asked about, and nothing else is wrong with it."""
    reading = read(rows, plan)
    assert {problem.code for problem in reading.problems} <= {"table_says"}
    assert reading.accepted or read(rows, plan, confirmed=["table_says"]).accepted
    return not reading.accepted


def shares(values=VALUES, heading="割合(%)", *below):
    return [["指標名", heading], *[[name, values[number]] for number, name in NAMES.items()], *below]


def test_shares_that_make_100_are_parts_of_one_whole(plan):
    assert asked(shares(PARTS), plan)
    assert asked(shares(PARTS | {5: 6.3}), plan)  # 100.1: rounded
    assert not asked(shares(PARTS | {5: 7.2}), plan)
    assert not asked([["指標名", "割合(%)"], [NAMES[1], 60.0], [NAMES[2], 40.0]], plan)  # two may by chance


def test_numbers_of_answers_that_differ_tell_questions_apart(plan):
    for numbers, parts in (({1: 1234, 2: 1228, 3: 1230, 4: 1219, 5: 812}, False), (dict.fromkeys(NAMES, 1234), True)):
        rows = [["指標名", "割合(%)", "回答者数"], *[[NAMES[i], PARTS[i], numbers[i]] for i in NAMES]]
        assert asked(rows, plan) == parts


def test_a_total_of_100_or_a_heading_of_parts_is_asked(plan):
    halves = {number: round(value / 2, 1) for number, value in PARTS.items()}
    assert asked(shares(VALUES, "割合(%)", ["計", "100.0"]), plan)
    assert asked(shares(halves, "構成比(%)"), plan)
    assert not asked(shares(VALUES, "構成比(%)"), plan)  # together far above 100


@pytest.mark.parametrize(
    "heading", ["知っている人の割合", "利用率(%)", "必要だと思う人の割合(%)", "賛成率", "参加したいと思う割合(%)"]
)
def test_a_heading_with_a_matter_of_its_own_is_asked(heading, plan):
    assert asked(shares(heading=heading), plan)


@pytest.mark.parametrize(
    "heading",
    ["できない割合(%)", "わからない割合(%)", "どちらかといえばそう思う割合(%)", "やや思う割合(%)", "「ない」の割合(%)"],
)
def test_a_heading_of_no_or_of_one_of_several_answers_is_asked(heading, plan):
    assert asked(shares(heading=heading), plan)


@pytest.mark.parametrize(
    "heading",
    [
        "市民の割合(%)",
        "そう思う割合(%)",
        "はいと答えた人の割合(%)",
        "肯定的な回答の割合",
        "H25市民意識調査による割合(%)",
    ],
)
def test_a_heading_of_nothing_but_values_is_read(heading, plan):
    assert not asked(shares(heading=heading), plan)


def test_a_matter_that_every_row_has_is_no_other_matter(plan):
    assert not asked([["指標名", "参加している割合(%)"], [NAMES[1], 38.2], [NAMES[3], 23.7]], plan)
    assert asked([["指標名", "参加している割合(%)"], [NAMES[1], 38.2], [NAMES[2], 12.9]], plan)


def test_what_the_clerk_has_named_the_value_is_not_asked_about(plan):
    said = {"name": "指標名", "value": "利用率(%)"}
    assert read(shares(heading="利用率(%)"), plan, columns=said).accepted


@pytest.mark.parametrize(
    "title",
    ["前回調査の結果", "前年度の状況", "自治会長アンケート", "転入者アンケート", "事業者意識調査", "湯田地区の集計結果", "達成率の一覧", "試算", "回答者のうち自治会加入者"],
)  # fmt: skip
def test_a_title_of_other_people_or_another_survey_is_asked(title, plan):
    assert asked([[title], *shares()], plan)


@pytest.mark.parametrize(
    "title",
    ["市民アンケート調査報告書", "前回調査との比較", "有効回答者1,234人の調査", "18歳以上の市民のうち3,000人を無作為抽出", "市民満足度調査"],
)  # fmt: skip
def test_a_title_that_only_speaks_of_them_is_not(title, plan):
    assert not asked([[title], *shares()], plan)


def test_a_note_that_says_what_the_values_are_is_asked(plan):
    for note, doubtful in (
        ("※上記は目標値である。", True),
        ("※前回調査の値です。", True),
        ("※前回調査は平成23年度", False),
    ):
        assert asked(shares(VALUES, "割合(%)", [note]), plan) == doubtful


@pytest.mark.parametrize("weighted", ["加重後割合(%)", "ウェイトバック後割合(%)", "割合(補正後)(%)"])
def test_a_weighted_value_beside_an_unweighted_one_is_for_the_clerk_to_choose(weighted, plan):
    rows = [["指標名", "割合(%)", weighted], *[[NAMES[i], LAST[i], VALUES[i]] for i in NAMES]]
    assert {problem.code for problem in read(rows, plan).problems} == {"header"}


def test_values_of_the_survey_before_are_compared_and_never_stored(plan):
    for last, told in ((LAST, False), (LAST | {1: 40.0}, True)):
        rows = [["指標名", "今回", "前回"], *[[NAMES[i], VALUES[i], last[i]] for i in NAMES]]
        reading = read(rows, plan)
        assert reading.accepted and reading.values["value"].tolist() == list(VALUES.values())
        assert any("前回" in n.message and "一致しません" in n.message for n in reading.notices) == told
    assert {problem.code for problem in read(rows, plan, fiscal_year=None).problems} == {"year_needed"}
