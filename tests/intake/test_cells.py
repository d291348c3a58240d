"""Values, numbers of answers, names, rows and years: what is certain is read, all else is refused where it stands."""

import pytest
from intake.builders import ANSWERS, NAMES, VALUES, as_csv, changed, table, with_column
from intake.laws import TODAY, assert_law, bad, good, parametrised

from kyodo.intake import read_upload
from kyodo.intake.words import raw_words


def value(text, row=2):
    return as_csv(changed((row, 3, text)))


def answers(text, row=2):
    return as_csv(changed((row, 4, text)))


def valued(number):
    return VALUES | {1: number}


FOUR = {i: v for i, v in VALUES.items() if i != 1}
VALUES_READ = [
    *[
        good(f"value {text}", value(text), values=valued(number))
        for text, number in (
            ("38.2%", 38.2),
            ("38.2％", 38.2),
            ("38.2 %", 38.2),
            (" 38.2 ", 38.2),
            ("38", 38.0),
            ("38.", 38.0),
            ("038.2", 38.2),
            ("38.25", 38.25),
            ("38.249999999999996", 38.25),
            ("38.2パーセント", 38.2),
        )
    ],
    *[
        good(f"value {text}", value(text), "normalised", values=valued(number))
        for text, number in (
            ("３８．２", 38.2),
            ("38．2", 38.2),
            ("38.2*", 38.2),
            ("38.2※1", 38.2),
            ("38.2(注1)", 38.2),
            ("38.2 ※", 38.2),
            ("3.82E+01", 38.2),
            ("\u200b38.2", 38.2),
        )
    ],
    good("value 0", value("0"), "unusual", values=valued(0.0)),
    good("value 100", value("100"), "unusual", values=valued(100.0)),
    good("value 0.4", value("0.4"), "unusual", values=valued(0.4)),
    good("value 0.37% in words", value("0.37%"), "unusual", values=valued(0.37)),
    *[
        bad(f"value {text}", value(text), "number", 2)
        for text in (
            "abc",
            "38.2.1",
            "38,2",
            "1_0.5",
            "約38",
            "38.2¹",
            "㊳",
            "三八",
            "38.2±1.0",
            "37.2～38.0",
            "37-38",
            "37〜38",
            "3月7日",
            "2013/3/7",
            "38.2(参考)",
            "=38.2",
            "'38.2",
            "38 .2",
            "nan",
            "inf",
            "Infinity",
            "1e400",
            "0x26",
            "TRUE",
            "38.2点",
            "+38.2",
            "<b>38.2</b>",
            "③",
            "38.2\n39.1",
            "½",
            "٣٨",
            "{{7*7}}",
            "$x$",
            "-0",
            "0,038",
            "38.2)",
            "n=38",
        )
    ],
    *[
        bad(f"value {text}", value(text), "range", 2)
        for text in (
            "-1",
            "▲3.2",
            "△3.2",
            "−3.2",
            "－3.2",
            "ー3.2",
            "(3.2)",
            "100.1",
            "101",
            "372",
            "1,234",
            "9" * 400,
            "-0.1",
        )
    ],
    *[bad(f"value {text}", value(text), "error_cell", 2) for text in ("#N/A", "#DIV/0!", "#REF!", "######")],
    *[bad(f"ratio {text}", value(text), "ratio", 2) for text in ("0.38", "0.382", ".382")],
    bad(
        "all ratios",
        as_csv([table()[0], *[[*row[:3], f"{float(row[3]) / 100:.3f}", row[4]] for row in table()[1:]]]),
        "ratio",
        2,
    ),
    bad("all ratios of one decimal", as_csv(changed(*[(row, 3, "0.4") for row in range(2, 7)])), "ratio", 2),
    bad("blank value", value(""), "blank", 2),
    bad("blank value of spaces", value("　 "), "blank", 2),
    *[
        good(
            f"missing mark {text}",
            value(text),
            "missing_mark",
            values=FOUR,
            answers={i: n for i, n in ANSWERS.items() if i != 1},
        )
        for text in ("－", "-", "…", "***", "x", "未集計", "調査なし", "N/A", "―", "欠測", "（未集計）")
    ],
]
NUMBERS = [
    *[
        good(f"n {text}", answers(text), answers=ANSWERS | {1: n})
        for text, n in (
            ("1,070", 1070),
            ("1070人", 1070),
            ("1,070人", 1070),
            ("1070.0", 1070),
            (" 1070 ", 1070),
            ("n=1070", 1070),
            ("1070名", 1070),
        )
    ],
    good("n １，０７０", answers("１，０７０"), "normalised", answers=ANSWERS),
    good("n blank", answers(""), "n_unknown", answers=ANSWERS | {1: None}),
    good("n －", answers("－"), "n_unknown", answers=ANSWERS | {1: None}),
    *[
        bad(f"n {text}", answers(text), "n", 2)
        for text in (
            "0",
            "-5",
            "1070.5",
            "約1,000",
            "1,07",
            "10,70",
            "0,382",
            "-0",
            "1e3",
            "abc",
            "1e3x",
            "▲5",
            "1070/3000",
            "107%",
            "99999999999",
            "9" * 400,
            "1_070",
            "1070~1080",
            "千",
        )
    ],
    bad("n #N/A", answers("#N/A"), "error_cell", 2),
    bad("n too small for the share", answers("1"), "n", 2),
    good("count agrees", as_csv(with_column(5, ["該当者数", "409", "145", "281", "387", "1151"]))),
    bad(
        "count disagrees", as_csv(with_column(5, ["該当者数", "490", "145", "281", "387", "1151"])), "count_mismatch", 2
    ),
    bad(
        "count above n", as_csv(with_column(5, ["該当者数", "4090", "145", "281", "387", "1151"])), "count_mismatch", 2
    ),
    good("population of the staff", as_csv(with_column(5, ["全職員数", "", "", "", "", "1800"])), "population"),
    bad("population below n", as_csv(with_column(5, ["全職員数", "", "", "", "", "1000"])), "n", 6),
    good(
        "those asked are no population",
        as_csv(with_column(5, ["対象者数", "3000", "3000", "3000", "3000", ""])),
        "unused_columns",
    ),
]
ROWS = [
    good("short name with number", as_csv(changed((2, 1, "地域活動に参加している市民"))), "short_name"),
    good("the plan's short name", as_csv(changed((2, 1, "地域活動への参加"))), "short_name"),
    good("name cut with dots", as_csv(changed((4, 1, "まちづくりや市民参画の活動に…"))), "short_name"),
    good("short name without number", as_csv(changed((2, 0, ""), (2, 1, "地域活動に参加している"))), "short_name"),
    *[
        good(f"number {text}", as_csv(changed((2, 0, text))))
        for text in ("①", "１", "1.0", "指標1", "(1)", "No.1", "1.", "01", "❶", "第1", "[1]")
    ],
    *[
        good(f"name {text}", as_csv(changed((2, 1, text))))
        for text in (
            f"①{NAMES[1]}",
            f"1. {NAMES[1]}",
            f"{NAMES[1]}(%)",
            f"「{NAMES[1]}」",
            f"{NAMES[1]}※1",
            f"指標1 {NAMES[1]}",
            "地域活動に\n参加している市民の割合",
            f"{NAMES[1]}（％）",
        )
    ],
    *[
        bad(f"name {text}", as_csv(changed((2, 1, text))), "mismatch", 2)
        for text in (
            NAMES[2],
            f"②{NAMES[1]}",
            "地域活動に参加していない市民の割合",
            "公園の満足度",
            f"{NAMES[1]}(男性)",
            "地域",
            f"{NAMES[1]}・{NAMES[2]}",
            "地城活動に参加している市民の割合",
            "…",
            "." * 100_000,
            NAMES[1] + "x" * 1000,
        )
    ],
    *[
        bad(f"number {text}", as_csv(changed((2, 0, text))), "unknown", 2)
        for text in ("6", "0", "-1", "1.5", "A", "Ⅰ", "1,2", "999999999999", "一")
    ],
    bad("neither number nor name", as_csv(changed((2, 0, ""), (2, 1, ""))), "unknown", 2),
    bad("ambiguous short name", as_csv(changed((2, 0, ""), (2, 1, "活動に参加している市民の割合"))), "unknown", 2),
    bad("unknown sixth row", as_csv([*table(), ["6", "公園の満足度", "H25", "50.0", "1000"]]), "unknown", 7),
    bad("unknown name without number", as_csv([*table(), ["", "公園の満足度", "H25", "50.0", "1000"]]), "unknown", 7),
    good("identical row twice", as_csv([*table(), table()[1]]), "dup"),
    bad("another value twice", as_csv([*table(), [*table()[2][:3], "17.4", "1127"]]), "dup", 3),
    bad("another n twice", as_csv([*table(), [*table()[2][:3], "12.9", "9"]]), "n", 7),
    bad("value and missing mark apart", as_csv([*table(), [*table()[2][:3], "13.9", "1127"]]), "dup", 7),
    good("one indicator alone", as_csv(table()[:2]), "missing_indicator", values={1: 38.2}, answers={1: 1070}),
]
YEARS_READ = {
    "H25": 2013, "h25": 2013, "Ｈ２５": 2013, "平成25年度": 2013, "平成25年": 2013, "平25": 2013, "㍻25": 2013, "平成二十五年度": 2013, "2013": 2013, "2013年度": 2013, "2013.0": 2013,
    "２０１３": 2013, "2013(H25)": 2013, "平成25年度（2013）": 2013, "H.25": 2013, "H 25": 2013, "FY2013": 2013, "H25年度": 2013, "R元": 2019, "R1": 2019, "令和元年度": 2019, "平成31年度": 2019, "R6": 2024, "Ｒ０６": 2024,
    "H24": 2012, "H19": 2007, "H29": 2017, "R7": 2025, "R8": 2026,
}  # fmt: skip
YEARS_REFUSED = [
    "25",
    "25年度",
    "H0",
    "H40",
    "平成40年度",
    "令和0年度",
    "平成26年2月",
    "2014/2/1",
    "平成25年度(2014)",
    "H25-H26",
    "H25～H29",
    "S63",
    "H17",
    "2005",
    "R9",
    "2030",
    "R99",
    "第25回",
    "201",
    "20130",
    "今年度",
    "H25.5",
    "MMXIII",
    "平成",
    "1e3",
    "T15",
]
YEARS = [
    *[good(f"year {text}", as_csv(table(text)), year=year) for text, year in YEARS_READ.items()],
    *[bad(f"year {text}", as_csv(table(text)), "year", 2) for text in YEARS_REFUSED],
    bad("one row of another year", as_csv(changed((4, 2, "H24"))), "year_mixed", 4),
    bad("printed value changed", as_csv(table("H23")), "conflict", 2),
    bad("baseline changed", as_csv(table("H18")), "conflict", 2),
]


@parametrised([*VALUES_READ, *NUMBERS, *ROWS, *YEARS])
def test_a_cell_has_the_outcome_of_its_kind(case, plan):
    assert_law(case, plan)


@pytest.mark.parametrize("mark", sorted(raw_words("missing")))
def test_every_missing_mark_leaves_the_indicator_out_and_says_so(mark, plan):
    reading = read_upload(value(mark), "調査.csv", plan=plan, today=TODAY)
    assert reading.accepted and 1 not in set(reading.values["indicator"])
    assert {"missing_mark"} <= {notice.code for notice in reading.notices}


def test_several_years_are_taken_where_each_is_complete(plan):
    rows = [*table("H24"), *table("H25")[1:]]
    reading = read_upload(as_csv(rows), "調査.csv", plan=plan, today=TODAY)
    assert reading.accepted and len(reading.values) == 10


def test_printed_values_may_gain_their_number_of_answers(plan):
    printed = {1: 37.2, 2: 11.6, 3: 22.1, 4: 29.3, 5: 88.5}
    rows = [table()[0], *[[str(i), NAMES[i], "H23", str(v), "1500"] for i, v in printed.items()]]
    reading = read_upload(as_csv(rows), "調査.csv", plan=plan, today=TODAY)
    assert reading.accepted and set(reading.values["n"]) == {1500}
    assert sum(notice.code == "printed" for notice in reading.notices) == 5


def test_a_years_end_counts_in_japan(plan):
    reading = read_upload(as_csv(table("R9")), "調査.csv", plan=plan, today=TODAY.replace(year=2027, month=4, day=1))
    assert reading.accepted


def test_all_problems_are_found_at_once(plan):
    reading = read_upload(
        as_csv(changed((2, 3, "abc"), (3, 4, "0"), (4, 0, "9"), (5, 2, "25"))), "調査.csv", plan=plan, today=TODAY
    )
    assert {(p.row, p.code) for p in reading.problems} == {(2, "number"), (3, "n"), (4, "unknown"), (5, "year")}
