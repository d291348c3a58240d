"""Tables as offices make them: what is not the plan's indicators never comes in; what is, is read or asked, never lost."""

import pytest
from intake.builders import NAMES, as_csv, as_xlsx, numbered, sheet_xml
from intake.laws import TODAY

from kyodo.intake import read_upload

VALUES = {1: 38.4, 2: 12.1, 3: 23.0, 4: 30.3, 5: 90.1}
H18, H23 = {1: 37.5, 2: 10.8, 3: 18.8, 4: 26.0, 5: 26.0}, {1: 37.2, 2: 11.6, 3: 22.1, 4: 29.3, 5: 88.5}
FORM = ["指標番号", "指標名", "年度", "値(%)", "回答者数"]
ROWS = [[i, NAMES[i], "R7", VALUES[i], 1000 + i] for i in NAMES]


def table(*rows):
    return as_csv([[str(cell) for cell in row] for row in rows])


def each(*columns, of=NAMES):
    """A row an indicator; a column is a text, or what makes one of the indicator's number."""
    return [[column(i) if callable(column) else column for column in columns] for i in of]


def name(i):
    return NAMES[i]


def value(i):
    return VALUES[i]


def number(i):
    return i


def read(data, plan, year=None, **given):
    called = "表.xlsx" if data[:2] == b"PK" else "表.csv"
    return read_upload(data, called, plan=plan, today=TODAY, fiscal_year=year, **given)


def beside(text, *, header="備考"):
    return table([*FORM, header], *[[*row, text] for row in ROWS])


def count_of(*rows, header):
    return table(header, *rows)


OTHERS = {
    "a firm's count": table(["問1 参加"], ["No.", "カテゴリー名", "n", "%"], [1, "参加している", 222, 18.0], [2, "無回答", 37, 3.0], ["", "全体", 1234, 100.0]),
    "choices": table(["番号", "選択肢", "回答数", "割合"], *[[i, f"選択肢{i}", 100, 10.0 * i] for i in range(1, 6)]),
    "codes": table(["コード", "件数", "構成比"], *[[i, 100, 10.0 * i] for i in range(1, 6)]),
    "questions": table(["No.", "設問", "割合(%)"], [1, "地域活動に参加している", 38.0], [2, "広報を読んでいる", 60.0]),
    "persons by item": table(["項番", "人数"], *[[i, 30] for i in range(1, 6)]),
    "satisfaction": table(["番号", "施策名", "満足度"], [1, "市民活動", 61.0], [2, "地域活動", 52.0]),
    "satisfaction in %": table(["番号", "施策名", "満足度(%)", "回答者数"], [1, "地域活動", 61.0, 1000], [2, "市民活動", 52.0, 1000]),
    "bare numbers": table(["No.", "%"], *each(number, value)),
    "numbers that say nothing": table(["番号", "年度", "値(%)"], *each(number, "R7", value)),
    "choices under 指標番号": table(["指標番号", "選択肢", "年度", "値(%)"], [1, "はい", "R7", 38.4], [2, "いいえ", "R7", 61.6]),
    "short words of policies": table(["指標", "値(%)", "年度"], ["地域活動", 38.4, "R7"], ["市民活動", 12.1, "R7"]),
    "the opposite of the indicators": table(["指標名", "年度", "値(%)"], ["地域活動に参加していない市民の割合", "R7", 61.6]),
    "budget": table(["No", "事業名", "予算額"], [1, "地域活動支援", 1000], [2, "市民活動センター", 500]),
    "towns": table(["地区", "人口", "割合"], ["小郡", 25000, 12.5], ["湯田", 15000, 7.5]),
    "importance": table(["番号", "指標名", "重要度(%)", "年度"], *each(number, name, value, "R7")),
    "satisfaction of the indicators": table(["番号", "指標名", "満足度(%)", "年度"], *each(number, name, value, "R7")),
    "targets": table(["番号", "成果指標", "H24目標", "H29目標"], *each(number, name, 45, 50)),
    "numbers of yes as n": table(FORM, *each(number, name, "R7", value, lambda i: round(VALUES[i] * 12.34))),
    "men alone": table(["指標番号", "指標名", "年度", "性別", "値(%)"], *each(number, name, "R7", "男性", value)),
    "years across, one printed value wrong": table(["指標名", "H18", "H25"], *each(name, 30.1, value)),
    **{f"title {text}": table([text], FORM, *ROWS) for text in ("成果指標 目標値一覧", "山口県 市民活動調査", "防府市 市民意識調査", "「いいえ」と答えた割合", "市民意識調査(男性)", "全国の状況", "見込み値")},
    **{f"note {text}": beside(text) for text in ("目標値", "男性のみ", "県平均", "推計値")},
    "another column says men": beside("男性", header="対象"),
    "another city": beside("宇部市", header="市名"),
    "a sheet of targets": as_xlsx(("目標値", numbered([FORM, *[list(map(str, row)) for row in ROWS]]))),
}  # fmt: skip


@pytest.mark.parametrize("year", [None, 2025, 2013])
@pytest.mark.parametrize("kind", OTHERS)
def test_a_table_that_is_not_ours_never_comes_in(kind, year, plan):
    reading = read(OTHERS[kind], plan, year)
    assert not reading.accepted and reading.problems
    assert "unreadable" not in {problem.code for problem in reading.problems}


def test_a_table_that_names_no_indicator_is_refused_once(plan):
    for kind in ("a firm's count", "choices", "bare numbers"):
        assert [problem.code for problem in read(OTHERS[kind], plan, 2025).problems] == ["not_ours"]


def test_what_a_clerk_has_confirmed_is_told_and_taken(plan):
    for kind, code in (("title 山口県 市民活動調査", "table_says"), ("numbers of yes as n", "n_is_count")):
        assert {problem.code for problem in read(OTHERS[kind], plan).problems} == {code}
        reading = read(OTHERS[kind], plan, confirmed=[code])
        assert reading.accepted and code in {notice.code for notice in reading.notices}
    data = table(FORM, *ROWS, ["", "公園の満足度", "R7", 50.0, 1000])
    assert read(data, plan, confirmed=["unknown"]).accepted and not read(data, plan).accepted


def test_a_confirmation_never_covers_a_name_that_contradicts_its_number(plan):
    data = table(FORM, [1, NAMES[2], "R7", 38.4, 1000], *ROWS[1:])
    assert not read(data, plan, confirmed=["unknown", "mismatch", "table_says"]).accepted


def years(*known):
    """Rows with a column a year, from (heading, values) pairs."""
    return table(
        ["No", "成果指標", *[heading for heading, _ in known]],
        *[[i, NAMES[i], *[v[i] for _, v in known]] for i in NAMES],
    )


DOWN = table(
    ["指標名", "年度", "実績値(%)"],
    *[[NAMES[i], year, v[i]] for i in NAMES for year, v in (("H18", H18), ("H23", H23), ("H25", VALUES))],
)
BY_SEX = [
    [NAMES[i], "R7", sex, VALUES[i] + more, n]
    for i in NAMES
    for sex, more, n in (("全体", 0, 1000), ("男", 1, 480), ("女", -1, 512))
]
GOOD = {
    "years across": (years(("H18", H18), ("H23", H23), ("H25", VALUES)), 2013),
    "years across in full": (years(("平成18年度実績", H18), ("平成23年度実績", H23), ("平成25年度実績", VALUES), ("平成29年度目標", VALUES)), 2013),
    "years across in the western calendar": (years(("2006年度", H18), ("2011年度", H23), ("2013年度", VALUES)), 2013),
    "baseline, present, target": (years(("基準値(H18)", H18), ("現状値(R7)", VALUES), ("目標値(H29)", VALUES)), 2025),
    "years down": (DOWN, 2013),
    "men and women beside all": (table(["成果指標", "年度", "性別", "値(%)", "回答者数"], *BY_SEX), None),
    "a table of progress with other indicators": (
        table(["番号", "成果指標", "単位", "R6実績", "R7目標", "R7実績", "達成率"], *each(number, name, "％", 10.0, 50, value, 0.7),
              [6, "NPO法人数", "団体", 40, 50, 45, 0.9], [7, "ボランティア登録者数", "人", 1000, 2000, 1500, 0.75]), 2025),
    "other indicators known by their names": (table(["番号", "成果指標", "R7実績"], *each(number, name, value), [6, "NPO法人数(団体)", 45], [7, "利用者数", 1500]), 2025),
    "footnotes": (table(FORM, *[[i, NAMES[i] + "※2" * (i == 5), "R7", f"{VALUES[i]}{mark}", 1000] for i, mark in zip(NAMES, ("", "(注1)", "＊", "※1", "*"), strict=True)]), None),
    "units in full-width brackets": (table(["指標番号", "指標名", "年度", "値", "回答者数"], ["", "", "", "（％）", "（人）"], *ROWS), None),
    "units of two columns in one cell": (table(["指標番号", "指標名", "年度", "値", "回答者数"], ["", "", "", "", "（％）（人）"], *ROWS), None),
    "columns of notes": (table([*FORM, "備考", "担当課"], *[[*row, "市民意識調査", "市民協働課"] for row in ROWS]), None),
    "a title of targets and results": (table(["目標値と実績値"], ["番号", "指標名", "目標値(%)", "実績値(%)", "年度"], *each(number, name, 50, value, "R7")), None),
    "the plan's short names": (table(["指標", "年度", "値(%)"], ["地域活動への参加", "R7", 38.4], ["市民活動の実践", "R7", 12.1], ["まちづくり・市民参画", "R7", 23.0], ["市民の声の反映", "R7", 30.3], ["協働の理解(職員)", "R7", 90.1]), None),
    "names under no header": (table(["", "R7"], *each(name, value)), 2025),
    "two surveys below each other": (table(FORM, ["市民意識調査"], *ROWS[:4], ["職員アンケート"], FORM, ROWS[4]), None),
    "citizens and staff on two sheets": (as_xlsx(*[(sheet, numbered([FORM, *[list(map(str, row)) for row in rows]])) for sheet, rows in (("市民", ROWS[:4]), ("職員", ROWS[4:]))]), None),
    "this time and last time": (table(["指標名", "今回", "", "前回", ""], ["", "回答者数", "割合(%)", "回答者数", "割合(%)"], *each(name, 1000, value, 1500, lambda i: H23[i])), 2025),
    "our city beside the prefecture": (table(["指標名", "山口市(%)", "山口県(%)"], *each(name, value, 50.0)), 2025),
    "rows of our city and of others": (table(["指標名", "地域", "割合(%)"], *[[NAMES[i], area, v] for i in NAMES for area, v in (("山口市", VALUES[i]), ("山口県", 50.0))]), 2025),
    "years below actuals and targets": (table(["指標", "実績値", "", "目標値", ""], ["", "H23", "H25", "H24", "H29"], *each(name, lambda i: H23[i], value, 45, 50)), 2013),
    "years below single headings": (table(["番号", "成果指標", "基準値", "目標値", "実績値"], ["", "", "H18", "H29", "H25"], *each(number, name, lambda i: H18[i], 50, value)), 2013),
    "a dated present value beside years": (table(["指標", "現状値(H23)", "H24", "H25"], *each(name, lambda i: H23[i], "-", value)), 2013),
    "targets and actuals below each other": (table(["No", "成果指標", "区分", "H24", "H25"], *[row for i in NAMES for row in ([i, NAMES[i], "目標", 45, 46], ["", "", "実績", 40, VALUES[i]], ["", "", "達成率", "80%", "81%"])]), 2013),
    "targets and actuals under no heading": (table(["成果指標", "", "H25"], *[row for i in NAMES for row in ([NAMES[i], "目標値", 46], ["", "実績値", VALUES[i]])]), 2013),
    "years below each other under one name": (table(["成果指標", "年度", "割合(%)"], *[row for i in NAMES for row in ([NAMES[i], "H23", H23[i]], ["", "H25", VALUES[i]])]), 2013),
    "names beside their numbers under one heading": (table(["方針", "成果指標", "", "実績"], *each("Ⅰ", lambda i: "①②③④⑤"[i - 1], name, value)), 2025),
    "a title in the middle": (table(["", "協働推進プラン 成果指標の推移"], ["指標", "割合(%)"], *each(name, value)), 2025),
    "a number of answers in the heading": (table(["指標", "割合(n=1,234)"], *each(name, value)), 2025),
    "merged years with their numbers": (as_xlsx(("管理表", sheet_xml([["番号", "指標名", "R6", "", "R7", ""], ["", "", "値(%)", "回答者数", "値(%)", "回答者数"], *each(number, name, 10.0, 900, value, 1000)], merges=["A1:A2", "B1:B2", "C1:D1", "E1:F1"]))), 2025),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_a_table_of_the_indicators_is_read(kind, plan):
    data, year = GOOD[kind]
    reading = read(data, plan, year)
    assert reading.accepted, [*map(str, reading.problems)]
    assert dict(zip(reading.values["indicator"], reading.values["value"], strict=True)) == VALUES


def test_parts_of_the_people_become_the_breakdown(plan):
    breakdown = read(GOOD["men and women beside all"][0], plan).breakdown.query("indicator == 1").set_index("category")
    assert (breakdown.at["男", "value"], breakdown.at["女", "n"]) == (39.4, 512)


def test_parts_of_parts_and_other_areas_are_no_breakdown(plan):
    parts = [
        ("全体", "全体", 0),
        ("男性", "全体", 1),
        ("男性", "30代", 2),
        ("", "30代", 3),
        ("女性", "全体", 4),
        ("", "30代", 5),
    ]
    rows = [[NAMES[i], sex, age, VALUES[i] + more] for i in NAMES for sex, age, more in parts]
    reading = read(table(["成果指標", "性別", "年代", "値(%)"], *rows), plan, 2025)
    assert reading.accepted and set(reading.breakdown["category"]) == {"男性", "女性"}
    areas = read(GOOD["rows of our city and of others"][0], plan, 2025)
    assert areas.accepted and areas.breakdown.empty


def test_years_side_by_side_need_the_year_and_say_which_there_are(plan):
    (problem,) = read(GOOD["years across"][0], plan).problems
    assert problem.code == "layout" and "H25年度" in problem.message and "年度" in problem.hint


def test_unknown_headings_are_asked_and_what_the_clerk_says_is_read_and_kept(plan):
    data = table(["内容", "時", "結果はこれ"], *each(name, "R7", value))
    asked = read(data, plan)
    assert [problem.code for problem in asked.problems] == ["header"] and asked.form == "summary"
    assert [column.name for column in asked.columns] == ["内容", "時", "結果はこれ"]
    said = {"name": "内容", "year": "時", "value": "結果はこれ"}
    reading = read(data, plan, columns=said)
    assert reading.accepted and reading.mapping == {"columns": said}


def test_a_jump_against_every_earlier_year_is_told(plan):
    for first, told in ((70.0, True), (60.0, False)):
        reading = read(table(FORM, [1, NAMES[1], "R7", first, 1000], *ROWS[1:]), plan)
        assert reading.accepted and any("30ポイント以上" in notice.message for notice in reading.notices) == told


def test_a_title_of_another_year_is_told(plan):
    reading = read(table(["平成24年度 市民意識調査"], FORM, *[[*row[:2], "H25", *row[3:]] for row in ROWS]), plan)
    assert reading.accepted and any("H24年度(2012)" in notice.message for notice in reading.notices)


@pytest.mark.parametrize(
    "ending",
    ["調査.exe", "調査.csv.scr", "調査.js", "調査.exe\u202e", "調査\u202evsc.exe", "調査.js;.csv", "a.bat:.csv"],
)
def test_a_name_that_ends_in_what_is_no_survey_is_refused(ending, plan):
    reading = read_upload(table(FORM, *ROWS), ending, plan=plan, today=TODAY)
    assert [problem.code for problem in reading.problems] == ["file_name"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["指標名", "参加していない割合(%)"]], "header"),
        ([["指標名", "不参加率(%)"]], "header"),
        ([["指標名", "高齢者の割合(%)"]], "header"),
        ([["対象:自治会長"], ["指標名", "割合(%)"]], "table_says"),
        ([["大学生アンケート"], ["指標名", "割合(%)"]], "table_says"),
        ([["指標名", "累積割合(%)"]], "header"),
    ],
)
def test_a_heading_or_a_title_against_the_indicators_is_asked(rows, code, plan):
    values = [[name, 38.4 - number] for number, name in NAMES.items()]
    reading = read_upload(as_csv([*rows, *values]), "a.csv", fiscal_year=2013, plan=plan, today=TODAY)
    assert {problem.code for problem in reading.problems} == {code}


def test_a_note_below_the_table_that_speaks_of_another_area_is_asked(plan):
    rows = [["指標名", "割合(%)"], *[[name, 38.4 - number] for number, name in NAMES.items()]]
    silent = (
        "※四捨五入しています",
        "※目標値は計画書による",
        "※参考:県平均の値は35.0%",
        "※18歳以上の市民のみ",
        "※20代は少数",
    )
    for note, codes in (("※値は県全体の推計", {"table_says"}), *((each, set()) for each in silent)):
        reading = read_upload(as_csv([*rows, [note]]), "a.csv", fiscal_year=2013, plan=plan, today=TODAY)
        assert {problem.code for problem in reading.problems} == codes


def test_numbers_of_yes_are_known_by_the_rows_of_one_survey(plan):
    n = {1: 1234, 2: 1228, 3: 1230, 4: 1219, 5: 812}  # the staff's is another survey
    values = {1: 38.4, 2: 12.1, 3: 23.0, 4: 30.3, 5: 90.1}
    rows = [[name, values[number], round(values[number] * n[number] / 100)] for number, name in NAMES.items()]
    data = as_csv([["指標名", "割合(%)", "回答数"], *rows])
    reading = read_upload(data, "a.csv", fiscal_year=2013, plan=plan, today=TODAY)
    assert {problem.code for problem in reading.problems} == {"n_is_count"}


def test_a_share_without_those_who_gave_no_answer_is_a_value(plan):
    rows = [["指標名", "割合(無回答を除く)(%)"], *[[name, 38.4 - number] for number, name in NAMES.items()]]
    assert read_upload(as_csv(rows), "a.csv", fiscal_year=2013, plan=plan, today=TODAY).accepted


def test_parts_of_the_people_under_a_blank_name_are_of_the_indicator_above(plan):
    parts = [("全体", 0), ("男", -2), ("女", 2)]
    rows = [
        [name if part == "全体" else "", part, 38.4 - number + more, 500]
        for number, name in NAMES.items()
        for part, more in parts
    ]
    data = as_csv([["指標名", "性別", "割合(%)", "回答者数"], *rows])
    reading = read_upload(data, "a.csv", fiscal_year=2013, plan=plan, today=TODAY)
    assert reading.accepted and reading.values["value"].tolist() == [38.4 - number for number in NAMES]
    assert reading.breakdown["indicator"].tolist() == [number for number in NAMES for _ in "男女"]
    blank = as_csv([["指標名", "性別", "割合(%)", "回答者数"], *rows[1:]])  # the first has nothing above
    assert {p.row for p in read_upload(blank, "a.csv", fiscal_year=2013, plan=plan, today=TODAY).problems} >= {2, 3}
