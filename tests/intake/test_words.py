"""Words of the summary form known by whitelist: units, answers counted, kinds of rows; an unknown word is never guessed."""

import datetime as dt

import pytest
from intake.builders import ANSWERS, HEADER, NAMES, as_csv, changed, table, with_column
from intake.laws import assert_law, bad, good, parametrised

from kyodo.intake import read_upload
from kyodo.intake.headers import label_of

WORDS = {
    "units": "ppm 万人 時間 倍 位 割 歳 校 指数 件数 ㎡ 社 km 0～1 小数 ‱ ‰ 人 世帯 点 円 千円 日 kg 人/千人 台 箇所 か所 ha 度 段階 回答数 単位：‰ 単位：人 H25・人 レベル 男",
    "remarks": "確定 確定値 速報 速報値 実績 実績値 全体 総数 加重後 補正後 結果 今回 今年度 本年度 小数第1位まで 小数点以下第１位まで H25 平成25年度 H25実績 平成25年9月実施 ％ %、小数第1位まで 単位：％ 百分率 はい ※ 注1 b/a 市民・職員 0～100 半角",
    "not answering": "未 非 不 否 無効 未有効 計画 想定 予定 Web 郵送 男 若年 延べ 予備 重複",
    "answering": "有効 総 全 全体 調査 集計 アンケート 市民 職員 本年度 今回 最終 設問 実 アンケート有効 H25 H25有効 平成25年度アンケート",
    "parts": "自営業 会社員 学生 未婚 Aグループ 子育て世帯 市外 職員以外 男性 30代 参考 Web 加重前 市民以外",
    "whole": "全体 合計 総数 市民 職員 市民意識調査 職員アンケート 実績 実績値 確定 速報値 全市 男女計 全年代 － 成果指標",
    "names of no indicator": "合計 全体 総数 市民活動の平均 平均 計 【合計】 集計 記入例 ※参考",
    "totals": "合計 【合計】 集計 （計） 〔総計〕 全体 平均",
}
NO_ANSWERS = dict.fromkeys(ANSWERS)


def headed(place, word):
    """The plain table with another word in one place of the header."""
    return as_csv(table(header=[*HEADER[:place], word, *HEADER[place + 1 :]]))


FOREIGN = WORDS["units"].split()
UNITS = [
    bad(f"{word}({unit})", headed(3, f"{word}（{unit}）"), "header", 1) for word in ("値", "割合") for unit in FOREIGN
]
REMARKS = WORDS["remarks"].split()
SAID = [good(f"値({remark})", headed(3, f"値（{remark}）")) for remark in REMARKS]

NOT_ANSWERING = WORDS["not answering"].split()
OTHERS = [
    good(f"{prefix}{word}", headed(4, prefix + word), answers=NO_ANSWERS)
    for prefix in NOT_ANSWERING
    for word in ("回答者数", "回収数", "標本数")
]
ANSWERING = WORDS["answering"].split()
ANSWERED = [
    good(f"{prefix}{word}", headed(4, prefix + word))
    for prefix in ANSWERING
    for word in ("回答者数", "回答数", "標本数")
]
ANSWER_UNITS = [
    good("of men", headed(4, "回答者数(男)"), answers=NO_ANSWERS),
    good("of yes", headed(4, "回答者数(はい)"), answers=NO_ANSWERS),
    good("of the survey", headed(4, "回答者数(H25調査)")),
    good("in ten thousands", headed(4, "回答者数(万人)"), answers=NO_ANSWERS),
    good("in households", headed(4, "回答者数(世帯)"), answers=NO_ANSWERS),
]

PARTS = WORDS["parts"].split()
KINDS = [
    bad(f"{kind} says {part}", as_csv(with_column(2, [kind, "全体", "全体", part, "全体", "全体"])), "segment", 4)
    for kind in ("区分", "属性", "内訳", "種別")
    for part in PARTS
]
WHOLE = WORDS["whole"].split()
KINDS_WHOLE = [good(f"区分 says {whole}", as_csv(with_column(2, ["区分", whole]))) for whole in WHOLE]

NAMED = WORDS["names of no indicator"].split()
OWN_ROWS = [bad(f"{name} under an indicator's number", as_csv(changed((2, 1, name))), "mismatch", 2) for name in NAMED]
TOTALS = [
    good(f"{name} below", as_csv([*table(), ["", name, "", "38.9", "5920"]]), "total_row")
    for name in WORDS["totals"].split()
]

LINES = [
    bad(f"line {line}", as_csv([[line], [*HEADER[:3], "値", "回答者数"], *table()[1:]]), "table_says", 1)
    for line in ("（単位：人）", "単位:‰", "(単位：世帯)", "平成25年度調査結果（単位：千人、人）")
] + [
    good(f"line {line} over {word}", as_csv([[line], [*HEADER[:3], word, "回答者数"], *table()[1:]]))
    for line, word in (
        ("（単位：％）", "値"),
        ("(単位：人、％)", "値"),
        ("（単位：人）", "割合"),
        ("（単位：人）", "値(%)"),
        ("単位互換制度の調査", "値"),
    )
]
MIXED = [
    good(
        "hours beside percent are no count of yes", as_csv(with_column(3, ["参加率(時間)", "55.5"])), "unused_columns"
    ),
    bad("an unknown remark beside percent", as_csv(with_column(3, ["値(見直し)", "55.5"])), "header", 1),
    good("the survey's year", headed(2, "調査の年度")),
]


@parametrised(
    [*UNITS, *SAID, *OTHERS, *ANSWERED, *ANSWER_UNITS, *KINDS, *KINDS_WHOLE, *OWN_ROWS, *TOTALS, *LINES, *MIXED]
)
def test_a_word_has_the_outcome_of_its_kind(case, plan):
    assert_law(case, plan)


@pytest.mark.parametrize("unit", ["ppm", "‰", "万人", "時間"])
def test_the_message_names_the_heading_with_its_unit(unit, plan):
    reading = read_upload(headed(3, f"値({unit})"), "調査.csv", plan=plan, today=dt.date(2026, 11, 24))
    assert [f"値({unit})" in problem.message and "百分率" in problem.message for problem in reading.problems] == [True]


@pytest.mark.parametrize("rows", [range(2, 7), range(3, 5)])
def test_a_table_of_missing_marks_names_the_rows_without_a_value(rows, plan):
    lines = changed(*[(row, 3, "－") for row in rows])
    data = as_csv([lines[0], *[lines[row - 1] for row in rows]])
    reading = read_upload(data, "調査.csv", plan=plan, today=dt.date(2026, 11, 24))
    (problem,) = reading.problems
    assert (problem.code, problem.row, problem.column) == ("empty", 2, HEADER[3])
    assert "値がありません" in problem.message
    assert all(f"{row}行目" in problem.message for row in range(2, len(rows) + 2))


@pytest.mark.parametrize(
    "word",
    [
        "有効" * 100,
        "集計" * 99 + "回答者数",
        "調査票" * 60 + "x回答者数",
        "(" * 200,
        "値(" + "小数" * 90 + ")",
        "調査結果" * 49 + "x",
    ],
)
def test_long_headers_are_looked_at_quickly(word):
    assert label_of(word).role in {"n", "other"}


def test_a_number_beyond_the_plans_may_stand_beside_a_total(plan):
    assert_law(
        good("numbered total", as_csv([*table(), [str(len(NAMES) + 1), "合計", "", "38.9", "5920"]]), "total_row"), plan
    )


HEADINGS = {
    "value": "市民の割合 平成25年度の割合(%) 令和7年度調査結果（％） 今年度の実績値 市民意識調査の結果 割合(無回答を除く) はいと答えた人の割合 実績値（R7年度） 割合（令和７年１０月実施）",
    "n": "市民意識調査有効回答者数 有効回収数 サンプル数(n) 職員回答者数 令和7年度有効回答数 有効回答者数(R7)",
    "": "有効率 回答率 対象人数 職員人数 回答者全体 目標割合 割合(目標) 値(女) 男性割合 無回答割合 該当しない人の割合 割合の増減 加重前割合 未回答者数 Web回答者数 配布数 実績(累計) 認知割合",
}


@pytest.mark.parametrize(("role", "word"), [(role, word) for role, said in HEADINGS.items() for word in said.split()])
def test_a_heading_has_a_role_only_where_all_its_words_are_known(role, word):
    found = label_of(word).role.replace("year_value", "value")
    assert (found if found in {"value", "n"} else "") == role
