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


def asked(rows, plan, **given):
    """Whether the table is asked about, and nothing else is wrong with it."""
    reading = read(rows, plan, **given)
    assert {problem.code for problem in reading.problems} <= {"table_says"}
    assert reading.accepted or read(rows, plan, confirmed=["table_says"], **given).accepted
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
    "heading",
    [
        "知っている人の割合",
        "利用率(%)",
        "必要だと思う人の割合(%)",
        "賛成率",
        "参加したいと思う割合(%)",
        "できない割合(%)",
        "どちらかといえばそう思う割合(%)",
        "やや思う割合(%)",
        "「ない」の割合(%)",
    ],
)
def test_a_heading_with_words_of_its_own_is_the_value_only_where_the_clerk_says_so(heading, plan):
    rows = shares(heading=heading)
    assert {problem.code for problem in read(rows, plan).problems} == {"header"}
    assert read(rows, plan, columns={"name": "指標名", "value": heading}).accepted


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


@pytest.mark.parametrize("title", ["次期計画の成果指標", "今後も続けたい人", "計画"])
def test_a_title_of_what_is_only_planned_or_wished_is_asked(title, plan):
    assert asked([[title], *shares()], plan)


def test_a_note_of_another_year_or_of_some_people_only_is_asked(plan):
    for note, doubtful in (
        ("※値は平成24年度のもの", True),
        ("※本表は令和6年度の数値", True),
        ("※値は職員のみ", True),
        ("※値は平成25年度のもの", False),
        ("※値は小数第2位を四捨五入", False),
    ):
        assert asked(shares(VALUES, "割合(%)", [note]), plan) == doubtful, note


@pytest.mark.parametrize(
    ("heading", "text", "doubtful"),
    [
        ("データ年", "R4", True),
        ("取得年度", "2022", True),
        ("最新の調査", "令和4年度", True),
        ("備考", "令和4年度調査", True),
        ("備考", "H25", False),
        ("備考", "R4より増えた", False),
        ("配布数", "2022", False),
    ],
)
def test_a_cell_that_says_nothing_but_another_year_is_asked(heading, text, doubtful, plan):
    rows = [["指標名", "割合(%)", heading], *[[NAMES[i], VALUES[i], text] for i in NAMES]]
    assert asked(rows, plan) == doubtful


def test_years_to_come_side_by_side_are_a_plan(plan):
    rows = [["指標名", "R6", "R7", "R12"], *[[NAMES[i], VALUES[i], VALUES[i] + 1, VALUES[i] + 2] for i in NAMES]]
    assert asked(rows, plan, fiscal_year=2025)
    assert not asked([row[:3] for row in rows], plan, fiscal_year=2025)


def test_values_of_a_few_points_may_be_scores(plan):
    scores = dict(zip(NAMES, (3.4, 2.8, 3.1, 2.2, 4.1), strict=True))
    assert asked(shares(scores), plan) and read(shares(scores), plan, confirmed=["table_says"]).accepted


def test_a_column_of_answers_beside_the_values_is_asked(plan):
    rows = [["指標名", "選択肢", "割合(%)"], *[[NAMES[i], "よく参加している", VALUES[i]] for i in NAMES]]
    assert asked(rows, plan)


def test_a_share_of_yes_that_makes_100_with_no_answer_is_asked(plan):
    for blank, doubtful in ((3.0, True), (13.0, False)):  # 13: several of these answers could be given
        head = ["指標名", "はい(%)", "いいえ(%)", "無回答(%)"]
        rows = [head, *[[NAMES[i], value, round(97 - value, 1), blank] for i, value in VALUES.items()]]
        assert asked(rows, plan) == doubtful


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


def test_values_of_the_survey_before_are_told_and_never_stored(plan):
    rows = [["指標名", "今回", "前回"], *[[NAMES[i], VALUES[i], LAST[i]] for i in NAMES]]
    reading = read(rows, plan)
    assert reading.accepted and reading.values["value"].tolist() == list(VALUES.values())
    assert ["前回" in n.message for n in reading.notices if n.code == "unused_columns"] == [True]
    assert {problem.code for problem in read(rows, plan, fiscal_year=None).problems} == {"year_needed"}


def lined(above=(), between=(), below=(), heading=("指標名", "割合(%)")):
    """A table with lines above it, below its heading, and at its end."""
    values = [[NAMES[number], VALUES[number]] for number in NAMES]
    lines = [[[line] for line in each] for each in (above, between, below)]
    return [*lines[0], list(heading), *lines[1], *values, *lines[2]]


@pytest.mark.parametrize("line", ["目標", "順位", "男女差", "基準値", "中核市平均", "回答件数", "無回答を含めた割合", "職員アンケート", "管理職のみ", "湯田地域 集計表", "浜松市 市民意識調査結果"])  # fmt: skip
def test_a_line_above_or_between_that_says_what_else_the_numbers_are_is_asked(line, plan):
    assert asked(lined([line]), plan) and asked(lined(between=[line]), plan)


def test_a_line_of_another_year_between_heading_and_rows_contradicts_the_chosen_one(plan):
    assert {problem.code for problem in read(lined(between=["平成23年度"]), plan).problems} == {"year_differs"}
    assert read(lined(between=["平成25年度"]), plan).accepted


@pytest.mark.parametrize("line", ["作成:協働推進課", "協働推進プラン 進行管理", "前回調査との比較", "回収率 45.2%", "加重後の値", "無回答を除く", "山口県山口市", "市民意識調査・職員アンケート結果", "資料1 指標の推移"])  # fmt: skip
def test_a_title_that_names_the_paper_is_no_question(line, plan):
    assert not asked(lined([line]), plan)


def test_a_line_of_the_staff_stands_over_the_staffs_row(plan):
    rows = lined()
    assert not asked([*rows[:-1], ["職員アンケート"], rows[-1]], plan)
    assert asked([*rows[:-2], ["職員アンケート"], *rows[-2:]], plan)


@pytest.mark.parametrize(("note", "told"), [("※値は推計", True), ("※数値は県の値", True), ("※上記は前年度の数値", True), ("上記は目標値です。", True), ("単位:人", True), ("※値は有効回答に占める割合で、前年度より上昇した。", False), ("※5は職員のみを対象", False)])  # fmt: skip
def test_a_note_that_says_what_the_values_are_is_taken_at_its_word(note, told, plan):
    heading = ("指標名", "値") if "単位" in note else ("指標名", "割合(%)")
    assert asked(lined(below=[note], heading=heading), plan) == told


def test_a_footnote_behind_a_heading_changes_nothing(plan):
    assert read(lined(heading=("指標名*1", "割合(%)※2")), plan).accepted


FORM = ["指標番号", "指標名", "年度", "値(%)", "回答者数"]
LINES = [[i, NAMES[i], "H25", VALUES[i], 1200 + i] for i in NAMES]


@pytest.mark.parametrize("place", [3, 4])
@pytest.mark.parametrize("right", ["単位：％", "令和8年5月20日", "協働推進課", "秘(複製禁止)"])
def test_a_title_with_something_at_its_right_is_no_heading(right, place, plan):
    title = ["まちづくりの取組について", "", "", "", ""]
    title[place] = right
    reading = read([title, FORM, *LINES], plan)
    assert reading.accepted and reading.values["n"].tolist() == [1200 + i for i in NAMES]


def test_a_block_of_a_form_above_is_not_asked_cell_by_cell(plan):
    above = [["起案日", "令和8年4月15日", "", "起案者", "山田太郎"], ["課長", "", "係長", "", "担当"], []]
    assert not asked([*above, FORM, *LINES], plan)


def test_years_in_brackets_below_the_headings_belong_to_them(plan):
    head = [["指標", "現状値", "目標値", "回答者数"], ["", "(H25)", "(H29)", ""]]
    reading = read([*head, *[[NAMES[i], VALUES[i], 50, 1200] for i in NAMES]], plan)
    assert reading.accepted and reading.values["value"].tolist() == list(VALUES.values())


@pytest.mark.parametrize("period", ["8月1日～8月31日", "H25.8.1～H25.8.31", "H25.8"])
def test_a_period_without_a_certain_year_is_of_the_year_that_was_chosen(period, plan):
    rows = [["指標名", "調査期間", "割合(%)"], *[[NAMES[i], period, VALUES[i]] for i in NAMES]]
    assert read(rows, plan).accepted
    assert not read(rows, plan, fiscal_year=None).accepted


@pytest.mark.parametrize(
    ("remark", "doubtful"),
    [
        ("70代以上の参加が多い", False),
        ("県平均を上回る", False),
        ("達成率82.6%", False),
        ("目標値を上回った", False),
        ("男性のみ", True),
        ("前年度の数値", True),
        (
            "令和6年度の実績が出ていないため、前回調査の数値をそのまま仮に転記していますので、確定し次第差し替えます。",
            True,
        ),
    ],
)
def test_a_remark_that_compares_is_no_doubt_and_one_that_denies_is(remark, doubtful, plan):
    assert asked([[*FORM, "備考"], *[[*line, remark if line[0] == 1 else ""] for line in LINES]], plan) == doubtful


def test_a_long_note_is_read_to_its_end(plan):
    note = "※この表に掲げた値は、市民意識調査の回答者のうち、男性(18歳以上)の回答のみを集計したものであり、女性及び性別無回答の者は含まれていない。"
    assert asked([FORM, *LINES, [note]], plan)
