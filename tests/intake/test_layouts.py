"""Layouts: titles, notes, totals, two-row headers, headers in other words; what is unclear is asked, never chosen."""

import pytest
from intake.builders import ANSWERS, HEADER, NAMES, VALUES, as_csv, changed, table, with_column
from intake.laws import TODAY, assert_law, bad, good, parametrised

from kyodo.intake import read_upload


def renamed(**names):
    """The plain table with other headers, by position."""
    positions = {"number": 0, "name": 1, "year": 2, "value": 3, "n": 4}
    return table(header=[names.get(role, HEADER[place]) for role, place in positions.items()])


def without(*columns, rows=None):
    return [[cell for place, cell in enumerate(row) if place not in columns] for row in rows or table()]


def stacked(*above, rows=None):
    return [*above, *(rows or table())]


SYNONYMS = {
    "value": "実績値(％) 割合(%) 割合 実績値 実績(%) 結果(%) 値［％］ 数値(%) 比率(%) 値(パーセント) 構成比(%) 現状値(%) 値(単位：%) H25実績値(%) 平成25年度(%) 実績値(H25) 当年度値(%) 今回値(%) 市民の割合(%) %",
    "n": "有効回答数 n Ｎ ｎ数 サンプル数 標本数 回収数 回答数 有効回答者数(人) 回答者数(n) 回答者数［人］ 有効回収数 回答者(人) 集計対象者数 母数(n)",
    "number": "No. № NO 番号 指標No 指標№ 成果指標番号 ＃ 指標No.",
    "name": "成果指標 指標 指標名称 成果指標名 名称 項目",
    "year": "調査年度 実施年度 年 年度(和暦) 対象年度 年　度",
}
WORDS = [
    good(f"{role} called {word}", as_csv(renamed(**{role: word})))
    for role, words in SYNONYMS.items()
    for word in words.split(" ")
    if word != "母数(n)"
]
OTHER_COLUMNS = [
    "目標値(%)",
    "H29目標(%)",
    "前年度値(%)",
    "前回値(%)",
    "前年差",
    "増減(ポイント)",
    "達成率(%)",
    "回収率(%)",
    "基準値(H18)",
    "県平均(%)",
    "順位",
    "回答率(%)",
    "昨年度(%)",
    "目標",
    "信頼区間下限(%)",
    "標本誤差(%)",
    "いいえ(%)",
    "無回答(%)",
    "目標値(H24)",
]
BESIDE = [
    good(f"{word} before the value", as_csv(with_column(3, [word, "55.5"])), "unused_columns") for word in OTHER_COLUMNS
]

LAYOUTS = [
    good("title and unit line", as_csv(stacked(["平成25年度 市民意識調査結果"], ["", "", "", "", "(単位：%、人)"]))),
    good("a title block of ten rows", as_csv(stacked(*[[f"説明{i}"] for i in range(10)]))),
    good("total row", as_csv([*table(), ["", "合計", "", "", "5920"]]), "total_row"),
    good("average row", as_csv([*table(), ["平均", "", "", "38.9", "1184"]]), "total_row"),
    good(
        "average of the citizens' four in between",
        as_csv([*table()[:5], ["", "市民平均", "H25", "26.5", ""], table()[5]]),
        "total_row",
    ),
    good(
        "subtotals",
        as_csv([*table()[:5], ["小計", "", "H25", "26.5", "4622"], table()[5], ["総計", "", "", "", "5920"]]),
        "total_row",
    ),
    good(
        "notes below",
        as_csv([*table(), ["※1 無回答を除く"], ["（注）指標5は職員"], ["出典：市民意識調査"], ["以上"]]),
        "skipped_rows",
    ),
    good(
        "section lines",
        as_csv([table()[0], ["市民意識調査"], *table()[1:5], ["職員アンケート"], table()[5]]),
        "skipped_rows",
    ),
    good("header repeated", as_csv([*table()[:4], HEADER, *table()[4:]]), "skipped_rows"),
    good("group heading above", as_csv(stacked(["指標", "", "平成25年度調査", "", ""]))),
    good("units in a second row", as_csv([[*HEADER[:3], "値", "回答者数"], ["", "", "", "(%)", "(人)"], *table()[1:]])),
    good(
        "header over two rows",
        as_csv([["指標番号", "指標名", "年度", "調査結果", ""], ["", "", "", "値(%)", "回答者数"], *table()[1:]]),
    ),
    good(
        "target group beside result group",
        as_csv(
            [
                ["", "", "", "目標", "結果", ""],
                [*HEADER[:3], "値(%)", "値(%)", "回答者数"],
                *with_column(3, ["x", "50.0"])[1:],
            ]
        ),
    ),
    good("English headers", as_csv(table(header=["indicator", "name", "fiscal_year", "value", "n"]))),
    good(
        "headers with blanks and breaks",
        as_csv(table(header=["指標\n番号", "指 標 名", "年 度", "値\r\n(％)", " 回答者数 "])),
    ),
    good("index column of pandas", as_csv(with_column(0, ["", "0", "1", "2", "3", "4"]))),
    good(
        "number of the row beside the indicator's",
        as_csv(with_column(0, ["連番", "1", "2", "3", "4", "5"])),
        "unused_columns",
    ),
    good("both calendars agree", as_csv(with_column(3, ["西暦", "2013"]))),
    good(
        "response numbers, the surest taken",
        as_csv(with_column(4, ["標本数", "3000"], with_column(5, ["回収数", "1500"]))),
        "unused_columns",
    ),
    good("year only on the first row", as_csv(changed(*[(row, 2, "") for row in (3, 4, 5, 6)])), "filled"),
    good("ditto marks", as_csv(changed(*[(row, 2, "〃") for row in (3, 4, 5, 6)])), "filled"),
    good(
        "blank year column, year picked",
        as_csv(changed(*[(row, 2, "") for row in range(2, 7)])),
        "filled",
        given={"fiscal_year": 2013},
    ),
    good("no year column, year picked", as_csv(without(2)), "year_notice", given={"fiscal_year": 2013}),
    good(
        "no year column, year in the value's header",
        as_csv(without(2, rows=renamed(value="H25実績(%)"))),
        "year_notice",
    ),
    good("no number column", as_csv(without(0)), "no_name"),
    good("no name column", as_csv(without(1)), "no_name"),
    good("no number of answers", as_csv(without(4)), "n_unknown", answers={1: None}),
    good("year of the file and the screen", as_csv(table()), given={"fiscal_year": 2013}),
    good("column of all the people", as_csv(with_column(2, ["性別", "全体"]))),
    good("column of the survey's kind", as_csv(with_column(2, ["区分", "市民", "市民", "市民", "市民", "職員"]))),
    good("blank columns between", as_csv([[cell for one in row for cell in (one, "")] for row in table()])),
    good("a column of units", as_csv(with_column(4, ["単位", "%"]))),
    good(
        "targets among the rows",
        as_csv([*with_column(3, ["区分", "実績"]), ["1", NAMES[1], "H29", "目標", "50.0", ""]]),
        "skipped_rows",
    ),
    good("numbers without a header", as_csv(table(header=["", *HEADER[1:]])), "header_rows"),
    good(
        "all the people beside men and women",
        as_csv(with_column(4, ["男性(%)", "1"], with_column(4, ["女性(%)", "2"], renamed(value="全体(%)")))),
        "unused_columns",
    ),
    good(
        "share of yes beside no",
        as_csv(with_column(4, ["いいえ(%)", "61.8"], renamed(value="はい(%)"))),
        "unused_columns",
    ),
    good("table twice in one file", as_csv(table()) * 2, "dup"),
    good("a number of those asked for", as_csv(renamed(n="調査対象者数")), "unused_columns", answers={1: None}),
    bad("a unit of persons", as_csv(with_column(4, ["単位", "人"])), "unit", 2),
    bad(
        "numbers without a header, names swapped",
        as_csv(changed((2, 1, NAMES[2]), (3, 1, NAMES[1]), header=["", *HEADER[1:]])),
        "mismatch",
        2,
    ),
    bad("no value column", as_csv(without(3)), "header", 1),
    bad("no header", as_csv(table()[1:]), "header"),
    bad("value in persons", as_csv(renamed(value="値(人)")), "header", 1),
    bad("value per mille", as_csv(renamed(value="値(千人)")), "header", 1),
    good("answers in thousands", as_csv(renamed(n="回答者数(千人)")), "unused_columns", answers={1: None}),
    bad("two value columns", as_csv(with_column(3, ["値(%)", "55.5"])), "header", 1),
    bad("two words for the value", as_csv(with_column(3, ["実績値(%)", "55.5"])), "header", 1),
    bad("men and women", as_csv(with_column(4, ["値(%)", "1"], renamed(value="値(%)"))), "header", 1),
    bad("years across", as_csv(table(header=["番号", "指標名", "H18", "H23", "H25"])), "layout", 1),
    bad(
        "years across with results",
        as_csv(table(header=["番号", "指標名", "H23実績(%)", "H25実績(%)", "回答者数"])),
        "layout",
        1,
    ),
    bad("on its side", as_csv([list(column) for column in zip(*table(), strict=True)]), "sideways"),
    bad(
        "indicators across",
        as_csv(
            [["年度", *NAMES.values()], ["H25", *map(str, VALUES.values())], ["回答者数", *map(str, ANSWERS.values())]]
        ),
        "sideways",
    ),
    bad(
        "a second table below",
        as_csv([*table(), [], ["指標番号", "指標名", "年度", "目標値(%)", "備考"], ["1", NAMES[1], "H29", "50", ""]]),
        "tables",
        8,
    ),
    bad("side by side", as_csv([[*row, "", *row] for row in table()]), "header", 1),
    bad("header alone", as_csv([HEADER]), "empty", 1),
    bad("header and notes alone", as_csv([HEADER, ["※ 集計中"]]), "empty", 1),
    bad(
        "title contradicts the screen",
        as_csv(stacked(["平成24年度 市民意識調査結果"], rows=without(2))),
        "year_differs",
        1,
        given={"fiscal_year": 2013},
    ),
    bad("no year anywhere", as_csv(without(2)), "year_needed"),
    bad("year only in the title", as_csv(stacked(["平成25年度 市民意識調査結果"], rows=without(2))), "year_needed"),
    bad("screen says another year", as_csv(table()), "year_differs", 2, given={"fiscal_year": 2014}),
    bad("value's header says another year", as_csv(renamed(value="H24実績(%)")), "year_differs", 2),
    bad("one year cell blank", as_csv(changed((4, 2, ""))), "year", 4),
    bad("calendars disagree", as_csv(with_column(3, ["西暦", "2014"])), "year", 2),
    bad("one row of men", as_csv(with_column(2, ["性別", "全体", "全体", "男性", "全体", "全体"])), "segment", 4),
    bad("by age", as_csv(with_column(2, ["年代", "30代"])), "segment", 2),
    bad("list of action items", as_csv([["項目番号", "推進項目", "担当課"], ["1", "講座", "市民協働課"]]), "header", 1),
    bad("prose", "市民意識調査の結果を送ります。\r\nよろしくお願いします。\r\n".encode(), "header"),
]


@parametrised([*WORDS, *BESIDE, *LAYOUTS])
def test_a_layout_has_the_outcome_of_its_kind(case, plan):
    assert_law(case, plan)


SIDEWAYS = {
    "the form": [list(column) for column in zip(*table(), strict=True)],
    "years down": [["", *NAMES.values()], ["H24", *(51.0 for _ in NAMES)], ["H25", *VALUES.values()]],
    "groups down": [["", *NAMES.values()], ["全体", *VALUES.values()], ["男性", *(50.0 for _ in NAMES)]],
}


@pytest.mark.parametrize("kind", SIDEWAYS)
def test_a_table_on_its_side_is_read_where_the_clerk_says_so(kind, plan):
    data = as_csv([[str(cell) for cell in row] for row in SIDEWAYS[kind]])
    given = {"plan": plan, "today": TODAY, "fiscal_year": 2013}
    assert {problem.code for problem in read_upload(data, "a.csv", **given).problems} == {"sideways"}
    reading = read_upload(data, "a.csv", confirmed=["sideways"], **given)
    assert dict(zip(reading.values["indicator"], reading.values["value"], strict=True)) == VALUES
