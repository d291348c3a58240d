"""Lists of answers from the usual forms: asked with a proposal, read with the mapping, pooled where there are two."""

import io
import random
import zipfile

import pytest
from intake.builders import as_csv, as_xlsx
from intake.laws import TODAY

from kyodo.intake import read_upload

Q = [
    "あなたは、自治会・町内会などの地域活動に参加していますか。(1つ選択)",
    "あなたは、NPO・ボランティアなどの市民活動を行っていますか。",
    "あなたは、まちづくりや市民参画の活動に参加したことがありますか。",
    "市政に市民の声が反映されていると思いますか。",
]
DRAW = random.Random(3)
ANSWERS = [
    [DRAW.choice(["参加している", "参加していない", ""]), *(DRAW.choice(["はい", "いいえ"]) for _ in range(2)), DRAW.choice(["そう思う", "そう思わない", "わからない"])]
    for _ in range(80)
]  # fmt: skip
MEANT = [{"positive": ["参加している"], "negative": ["参加していない"]}, {"positive": ["はい"], "negative": ["いいえ"]}]


def mapped(*columns):
    return {
        str(i): {"column": column, **meant} for i, (column, meant) in enumerate(zip(columns, MEANT, strict=True), 1)
    }


def listed(*before, header, titles=Q):
    """Answers with texts (or what makes one of the row's number) before them."""
    rows = [[text(i) if callable(text) else text for text in before] + answers for i, answers in enumerate(ANSWERS, 1)]
    return [[*header, *titles], *rows]


def count(i):
    return str(i)


FORMS = {
    "Microsoft Forms": listed(count, "2025/9/1 9:00", "2025/9/1 9:05", "anonymous", "", header=["ID", "開始時刻", "完了時刻", "メール", "名前"]),
    "kintone": listed(count, "yamada", "2025-09-01 09:00", "男性", header=["レコード番号", "作成者", "作成日時", "性別"]),
    "LoGoフォーム": listed(lambda i: f"R{i:06d}", "2025/09/01", "完了", header=["受付番号", "申請日時", "ステータス"]),
    "LINE": listed("2025/09/01", lambda i: f"U{i:032x}", "女性", header=["回答日時", "LINEユーザーID", "性別"]),
    "sentences alone": listed(header=[]),
    "under a title": [["令和7年度市民意識調査"], [], *listed(count, "男性", header=["ID", "性別"])],
}  # fmt: skip


def read(rows, plan, book=False, **given):
    data = as_xlsx(("回答", rows)) if book else as_csv(rows)
    given = {"fiscal_year": 2025} | given
    return read_upload(data, "回答.xlsx" if book else "回答.csv", plan=plan, today=TODAY, **given)


def share(column, yes, no):
    valid = [row[column] for row in ANSWERS if row[column] in {yes, no}]
    return pytest.approx(100 * valid.count(yes) / len(valid))


@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
@pytest.mark.parametrize("form", FORMS)
def test_a_forms_export_is_asked_with_a_proposal_and_read_with_the_mapping(form, book, plan):
    asked = read(FORMS[form], plan, book)
    assert [problem.code for problem in asked.problems] == ["mapping_needed"] and asked.form == "raw"
    assert {n: entry["column"] for n, entry in asked.proposal.items()} == dict(zip("1234", Q, strict=True))
    assert asked.proposal["4"] == {
        "column": Q[3],
        "positive": ["そう思う"],
        "negative": ["そう思わない"],
        "missing": [""],
    }
    values = read(FORMS[form], plan, book, mapping=mapped(*Q[:2])).values.set_index("indicator")["value"]
    assert (values[1], values[2]) == (share(0, "参加している", "参加していない"), share(1, "はい", "いいえ"))


def test_any_table_can_be_read_as_answers_where_the_clerk_says_so(plan):
    rows = listed(header=[], titles=["a", "b", "c", "d"])
    assert [problem.code for problem in read(rows, plan).problems] == ["header"]
    assert [problem.code for problem in read(rows, plan, form="raw").problems] == ["mapping_needed"]
    assert read(rows, plan, mapping=mapped("a", "b")).accepted


@pytest.mark.parametrize("book", [False, True], ids=["csv", "xlsx"])
def test_headings_over_several_rows_become_one(book, plan):
    titles = [["属性", "", "活動", "", "", ""], ["性別", "年代", "1 地域活動", "2 市民活動", "3 参画", "4 声"]]
    rows = [*titles, *listed("男性", "20代", header=["性別", "年代"])[1:]]
    asked = read(rows, plan, book)
    assert [column.name for column in asked.columns][1:4] == ["属性 / 年代", "活動 / 1 地域活動", "活動 / 2 市民活動"]
    for columns in (("活動 / 1 地域活動", "活動 / 2 市民活動"), ("1 地域活動", "2 市民活動")):
        assert read(rows, plan, book, mapping=mapped(*columns)).values["value"][0] == share(
            0, "参加している", "参加していない"
        )


def test_codes_stand_in_order_and_all_of_them(plan):
    rows = [["ID", "Q1", "Q2"], *[[str(i), str(i % 15 + 1), "1"] for i in range(150)]]
    (question,) = [column for column in read(rows, plan).columns if column.name == "Q1"]
    assert [answer for answer, _ in question.answers] == [str(code) for code in range(1, 16)]


@pytest.mark.parametrize(("yes", "no", "negative", "missing"), [("1", "0", ["0"], [""]), ("○", "", [""], [])])
def test_several_columns_say_yes_where_any_does(yes, no, negative, missing, plan):
    rows = [
        ["ID", "Q1_1", "Q1_2", "Q2"],
        *[[str(i), yes if i % 4 == 0 else no, yes if i % 4 == 1 else no, "1"] for i in range(80)],
    ]
    mapping = {"1": {"columns": ["Q1_1", "Q1_2"], "positive": [yes], "negative": negative, "missing": missing}}
    reading = read(rows, plan, mapping=mapping)
    assert (reading.values["value"][0], reading.values["n"][0]) == (50.0, 80)
    assert read(rows, plan, mapping=reading.mapping).values.equals(reading.values)


def test_one_cell_may_hold_several_answers(plan):
    rows = [["ID", "Q1", "Q2"], *[[str(i), ["自治会, 防災", "防災", ""][i % 3], "1"] for i in range(90)]]
    mapping = {"1": {"column": "Q1", "positive": ["自治会"], "negative": ["防災"], "missing": [""], "split": True}}
    reading = read(rows, plan, mapping=mapping)
    assert (reading.values["value"][0], reading.values["n"][0]) == (50.0, 60)


def test_a_code_book_gives_the_words(plan):
    data = [["ID", "Q1", "Q2"], *[[str(i), str(i % 3 + 1), "1"] for i in range(60)]]
    book = [
        ["設問", "内容", "コード", "選択肢"],
        ["Q1", "地域活動への参加", "1", "参加している"],
        ["", "", "2", "参加していない"],
        ["", "", "3", "無回答"],
    ]
    reading = read_upload(
        as_xlsx(("データ", data), ("コード表", book)), "a.xlsx", plan=plan, today=TODAY, fiscal_year=2025
    )
    assert reading.proposal["1"] == {"column": "Q1", "positive": ["1"], "negative": ["2"], "missing": ["", "3"]}


def test_a_count_beside_raw_data_is_not_read(plan):
    data = [["ID", "F1", "Q1", "Q2"], *[[i, 1 + i % 2, 1 + i % 3, 1] for i in range(60)]]
    count = [["No.", "カテゴリー名", "n", "%"], [1, "参加している", 222, 18.0], [2, "参加していない", 370, 30.0]]
    reading = read_upload(as_xlsx(("GT", count), ("データ", data)), "a.xlsx", plan=plan, today=TODAY, fiscal_year=2025)
    assert reading.form == "raw" and reading.understood.sheet == "データ"


def test_of_several_lists_the_clerk_chooses_the_sheet(plan):
    book = as_xlsx(
        *[
            (sheet, [["ID", "性別", *Q], *[[str(i), "男性", *row] for i, row in enumerate(ANSWERS)]])
            for sheet in ("市民", "職員")
        ]
    )
    asked = read_upload(book, "a.xlsx", plan=plan, today=TODAY, fiscal_year=2025)
    assert [problem.code for problem in asked.problems] == ["sheets"] and asked.sheets == ("市民", "職員")
    chosen = read_upload(book, "a.xlsx", plan=plan, today=TODAY, fiscal_year=2025, sheet="職員", mapping=mapped(*Q[:2]))
    assert chosen.accepted and chosen.understood.sheet == "職員"


def test_two_files_of_one_survey_are_one_submission_with_both_originals(plan):
    whole = listed(count, "男性", header=["ID", "性別"])
    first, second = as_csv([whole[0], *whole[1:50]]), as_csv([whole[0], *whole[50:]], "cp932")
    given = {"plan": plan, "today": TODAY, "fiscal_year": 2025, "mapping": mapped(*Q[:2])}
    together = read_upload(first, "郵送.csv", more=[(second, "WEB.csv")], **given)
    assert together.accepted and together.values.equals(read(whole, plan, mapping=mapped(*Q[:2])).values)
    with zipfile.ZipFile(io.BytesIO(together.original)) as kept:
        assert {name: kept.read(name) for name in kept.namelist()} == {"郵送.csv": first, "WEB.csv": second}
    assert any("郵送.csv 49人" in notice.message and "WEB.csv 31人" in notice.message for notice in together.notices)
    assert together.original == read_upload(first, "郵送.csv", more=[(second, "WEB.csv")], **given).original


def test_a_fault_in_the_second_file_names_it(plan):
    rows = listed(count, "男性", header=["ID", "性別"])
    other = as_csv([rows[0], ["1", "男性", "？", *rows[1][3:]]])
    reading = read_upload(
        as_csv(rows),
        "郵送.csv",
        more=[(other, "WEB.csv")],
        plan=plan,
        today=TODAY,
        fiscal_year=2025,
        mapping=mapped(*Q[:2]),
    )
    assert not reading.accepted and {problem.file for problem in reading.problems} == {"WEB.csv"}
