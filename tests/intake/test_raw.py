"""The raw form: shares are what a second, plainer count says; codes are matched whole; what is unclear is asked."""

import dataclasses
import random

import numpy as np
import pytest
from intake.builders import NAMES, as_csv, as_xlsx
from intake.laws import TODAY

from kyodo.estimate import finite_n
from kyodo.intake import grids, read_upload, text
from kyodo.intake.tally import withheld

HEADER = ["回答者ID", "性別", "年代", "地域", "問1", "問2", "問3", "問4", "問5"]
MAPPING = {
    i: {"column": f"問{i}", "positive": ["1"], "negative": ["2"], "missing": ["", "9", "99", "無回答"]}
    for i in range(1, 6)
}


def people(count=200, seed=1, header=HEADER):
    """Respondents with known answers; the weight is the last column where the header has one more."""
    draw = random.Random(seed)
    rows = [list(header)]
    for number in range(1, count + 1):
        row = [
            str(number),
            draw.choice(["男性", "女性"]),
            draw.choice(["20代", "30代", "40代", "70代以上"]),
            draw.choice(["中央", "東部"]),
        ]
        row += [draw.choice(["1", "2", "2", "", "9"]) for _ in range(5)]
        rows.append(row + [f"{draw.random() + 0.5:.4f}"] * (len(header) - len(row)))
    return rows


WEIGHTED = [*HEADER, "ウェイト"]


def read(rows, plan, **given):
    data = rows if isinstance(rows, bytes) else as_csv(rows)
    given = {"fiscal_year": 2013, "mapping": MAPPING} | given
    return read_upload(data, "個票.csv", plan=plan, today=TODAY, **given)


def changed(*changes, rows=None):
    rows = [list(row) for row in rows or people()]
    for row, column, value in changes:
        rows[row - 1][column] = value
    return rows


def refused(reading, code):
    """Rows (and columns) at which a reading is refused with a code."""
    assert not reading.accepted and len(reading.values) == 0
    found = [problem for problem in reading.problems if problem.code == code]
    assert found, [*map(str, reading.problems)]
    return {problem.row for problem in found}


def counted(rows, column, where=lambda row: True):
    valid = [row for row in rows[1:] if row[column] in {"1", "2"} and where(row)]
    return 100 * sum(row[column] == "1" for row in valid) / len(valid), len(valid)


def test_shares_are_those_of_valid_answers(plan):
    rows = people()
    values = read(rows, plan).values.set_index("indicator")
    for indicator in range(1, 6):
        share, n = counted(rows, 3 + indicator)
        assert (
            values.at[indicator, "value"] == pytest.approx(share)
            and values.at[indicator, "n"] == n == values.at[indicator, "n_effective"]
        )


def test_a_breakdown_counts_each_group(plan):
    rows = people()
    found = read(rows, plan).breakdown.query("indicator == 2 and group == '性別' and category == '女性'").iloc[0]
    share, n = counted(rows, 5, lambda row: row[1] == "女性")
    assert found["value"] == pytest.approx(share) and found["n"] == n and not found["withheld"]


def test_weighted_shares_and_intervals_equal_statsmodels(plan):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    rows = [[*row[:9], f"{random.Random(i).uniform(0.2, 3):.4f}"] for i, row in enumerate(people(400))]
    rows[0] = WEIGHTED
    values = read(rows, plan, weight_column="ウェイト").values.set_index("indicator")
    for indicator in range(1, 6):
        valid = [(row[3 + indicator] == "1", float(row[9])) for row in rows[1:] if row[3 + indicator] in {"1", "2"}]
        answers, weights = (np.array(part, dtype=float) for part in zip(*valid, strict=True))
        share = weightstats.DescrStatsW(answers, weights).mean
        effective = weights.sum() ** 2 / (weights**2).sum()
        low, high = proportion.proportion_confint(share * effective, effective, method="wilson")
        found = values.loc[indicator]
        assert found["value"] == pytest.approx(100 * share) and found["n"] == len(valid)
        assert found["n_effective"] == pytest.approx(effective)
        assert (found["low"], found["high"]) == pytest.approx((100 * low, 100 * high))


def test_weights_of_one_change_nothing(plan):
    plain = read(people(), plan).values
    ones = read(
        [row + (["ウェイト"] if place == 0 else ["1.0"]) for place, row in enumerate(people())],
        plan,
        weight_column="ウェイト",
    ).values
    np.testing.assert_allclose(plain[["value", "low", "high"]], ones[["value", "low", "high"]])


def test_a_census_of_the_staff_has_no_sampling_error():
    assert finite_n(100, 100) == np.inf


# blocks and grids: a large file must give what a small one gives


@pytest.fixture
def in_blocks(monkeypatch):
    """Every file counts as large."""
    monkeypatch.setattr(grids, "SMALL_TEXT", 100)


@pytest.fixture(params=[False, True], ids=["whole", "blocks"])
def either(request, monkeypatch):
    """Read whole, then as a large file."""
    if request.param:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    return request.param


ENCODINGS = ["utf-8", "utf-8-sig", "cp932", "utf-16"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_excels_own_first_line_is_no_record(encoding, either, plan):
    rows = as_csv(people(600), encoding)
    mark = b"\xff\xfe" if encoding == "utf-16" else b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
    line = "sep=,\r\n".encode("utf-16-le" if encoding == "utf-16" else encoding.removesuffix("-sig"))
    plain, marked = (
        read_upload(data, "個票.csv", plan=plan, today=TODAY, fiscal_year=2013, mapping=MAPPING)
        for data in (rows, mark + line + rows.removeprefix(mark))
    )
    assert marked.accepted and marked.values.equals(plain.values)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_file_read_in_blocks_equals_one_read_whole(encoding, mark, plan, monkeypatch):
    rows = people(300, header=WEIGHTED)
    data = as_csv([["市民意識調査"], *rows, ["※ 無回答は空欄"]], encoding, mark)
    whole = read(data, plan, weight_column="ウェイト")
    monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    blocks = read(data, plan, weight_column="ウェイト")
    assert whole.accepted and blocks.accepted, [*map(str, blocks.problems)]
    np.testing.assert_allclose(
        whole.values[["value", "n", "n_effective", "low", "high"]].astype(float),
        blocks.values[["value", "n", "n_effective", "low", "high"]].astype(float),
    )
    assert whole.breakdown["withheld"].tolist() == blocks.breakdown["withheld"].tolist()


def test_a_workbook_equals_a_csv(plan):
    rows = [
        HEADER,
        *[[int(row[0]), *row[1:4], *[int(cell) if cell else None for cell in row[4:]]] for row in people()[1:]],
    ]
    book = read_upload(as_xlsx(("個票", rows)), "a.xlsx", plan=plan, today=TODAY, fiscal_year=2013, mapping=MAPPING)
    assert book.accepted and book.values.equals(read(people(), plan).values)


FAULTS = [
    ("code", 7, 4, "3"),
    ("code", 7, 4, "1,2"),
    ("code", 7, 4, "はい"),
    ("code", 7, 4, "11"),
    ("code", 7, 4, "#N/A"),
    ("weight", 7, 9, "-1"),
    ("weight", 7, 9, "nan"),
    ("weight", 7, 9, "inf"),
    ("weight", 7, 9, ""),
    ("weight", 7, 9, "abc"),
    ("weight", 7, 9, "1e400"),
    ("weight", 7, 9, "1_0"),
]


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "blocks"])
@pytest.mark.parametrize(("code", "row", "column", "value"), FAULTS)
def test_a_fault_is_named_with_its_row(code, row, column, value, blocks, plan, monkeypatch):
    if blocks:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    reading = read(
        changed((row, column, value), (row, 5, "1"), rows=people(header=WEIGHTED)), plan, weight_column="ウェイト"
    )
    assert row in refused(reading, code)
    assert all(problem.column for problem in reading.problems if problem.code == code)


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "blocks"])
def test_rows_of_another_width_are_named(blocks, plan, monkeypatch):
    if blocks:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    rows = people()
    long, short = [*rows[:10], [*rows[10], "1"], *rows[11:]], [*rows[:10], rows[10][:5], *rows[11:]]
    assert refused(read(long, plan), "extra") == {11}
    assert refused(read(short, plan), "short") == {11}


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "blocks"])
def test_quoted_line_breaks_count_as_one_row(blocks, plan, monkeypatch):
    if blocks:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    rows = [[*row, "自由記述" if place == 0 else "一行目\n二行目, と"] for place, row in enumerate(people())]
    assert read(rows, plan).accepted
    assert refused(read(changed((30, 4, "5"), rows=rows), plan), "code") == {None, 30}


def test_a_row_in_another_encoding_is_named(in_blocks, plan):
    lines = as_csv(people()).splitlines(keepends=True)
    lines[20] = lines[20].decode().encode("cp932")
    assert refused(read(b"".join(lines), plan), "encoding") == {21}


def test_years_in_the_file_must_agree(plan):
    rows = [["年度" if place == 0 else "H25", *row] for place, row in enumerate(people())]
    assert read(rows, plan, fiscal_year=None).accepted
    assert refused(read(rows, plan, fiscal_year=2014), "year_differs")
    assert refused(read(changed((9, 0, "H24"), rows=rows), plan), "year_mixed") == {9}
    assert refused(read(changed((9, 0, "25"), rows=rows), plan), "year_mixed") == {9}


def test_a_year_is_needed(plan):
    assert refused(read(people(), plan, fiscal_year=None), "year_needed")


@pytest.mark.parametrize(
    "word", ["合計", "計", "平均", "総数", "小計", "回答数", "有効回答数", "回答者数", "回収数", "標本数", "最大値"]
)
def test_total_rows_are_not_respondents(word, plan):
    rows = [*people(), [word, "", "", "", "40", "41", "42", "43", "44"]]
    reading = read(rows, plan)
    assert reading.accepted and reading.values.equals(read(people(), plan).values)
    assert "total_row" in {notice.code for notice in reading.notices}


def test_a_total_among_the_groups_is_refused(plan):
    assert refused(read(changed((5, 1, "合計")), plan), "code")


def test_question_texts_below_the_header_are_not_answers(plan):
    rows = people()
    texts = ["", "", "", "", *NAMES.values()]
    assert read([rows[0], texts, *rows[1:]], plan).values.equals(read(rows, plan).values)


PERSONAL = ["氏名", "お名前", "住所", "電話番号", "ﾒｰﾙｱﾄﾞﾚｽ", "E-mail", "生年月日", "フリガナ", "郵便番号"]


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "blocks"])
@pytest.mark.parametrize("title", PERSONAL)
def test_personal_columns_are_named_and_not_kept(title, blocks, plan, monkeypatch):
    if blocks:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
    rows = [[row[0], title if place == 0 else "山田花子", *row[1:]] for place, row in enumerate(people())]
    counted = read(rows, plan)
    for reading in (counted, read(rows, plan, mapping=None)):
        assert reading.original_reduced and "山田花子".encode() not in reading.original
        assert reading.original.startswith(b"\xef\xbb\xbf") and "personal" in {
            notice.code for notice in reading.notices
        }
        assert "山田花子" not in repr(reading.columns) + repr(reading.problems) + repr(reading.notices)
    assert counted.accepted
    assert read(reading.original, plan).values.equals(counted.values)


def test_columns_full_of_addresses_of_mail_are_personal(plan):
    rows = [[*row, "その他" if place == 0 else f"a{place}@example.jp"] for place, row in enumerate(people())]
    assert read(rows, plan).original_reduced and b"@example" not in read(rows, plan).original


def test_without_personal_columns_the_original_is_the_file(plan):
    data = as_csv(people(), "cp932")
    reading = read(data, plan)
    assert reading.original == data and not reading.original_reduced


@pytest.mark.parametrize(
    ("counts", "blank", "pooled", "hidden"),
    [
        ([100, 50], None, set(), set()),
        ([100, 10, 50], None, set(), set()),
        ([100, 9, 50], None, set(), {1, 2}),
        ([100, 4], None, set(), {0, 1}),
        ([100, 4, 30, 50], None, set(), {1, 2}),
        ([100, 4, 7, 50], None, {1, 2}, set()),
        ([100, 4, 5, 50], None, set(), {1, 2, 3}),
        ([100, 0, 50], None, set(), {1}),
        ([100, 0, 4, 30], None, set(), {1, 2, 3}),
        ([518, 600, 8], 2, set(), {2}),
        ([518, 600, 4, 30], 3, {2, 3}, set()),
        ([518, 600, 4, 3], 3, set(), {0, 2, 3}),
        ([3], None, set(), {0}),
        ([], None, set(), set()),
    ],
)
def test_small_groups_are_pooled_before_any_is_withheld(counts, blank, pooled, hidden):
    assert withheld(counts, blank) == (pooled, hidden)


def test_exactly_ten_answers_are_shown_and_nine_are_not(plan):
    for count in (9, 10):
        rows = [HEADER, *([str(i), "男性", "20代", "東部", "1", *"2222"] for i in range(count))]
        rows += [[str(100 + i), "女性", "20代", "東部", "2", *"2222"] for i in range(60)]
        men = read(rows, plan).breakdown.query("indicator == 1 and category == '男性'").iloc[0]
        assert (bool(men["withheld"]), str(men["n"])) == ((True, "<NA>") if count < 10 else (False, "10"))


def test_small_groups_are_shown_together_with_those_who_gave_none(plan):
    rows = people(400)
    rows = [
        rows[0],
        *[[row[0], "その他" if i < 6 else "" if i < 40 else row[1], *row[2:]] for i, row in enumerate(rows[1:])],
    ]
    reading = read(rows, plan)
    found = reading.breakdown.query("indicator == 1 and group == '性別'").set_index("category")
    share, n = counted(rows, 4, lambda row: row[1] in {"", "その他"})
    assert set(found.index) == {"男性", "女性", "その他・無回答"} and not found["withheld"].any()
    assert (found.at["その他・無回答", "value"], found.at["その他・無回答", "n"]) == (pytest.approx(share), n)
    assert any("まとめて" in notice.message for notice in reading.notices)


def test_a_weight_of_zero_drops_the_answer_and_says_so(either, plan):
    rows = people(300, header=WEIGHTED)
    zero = [rows[0], *[[*row[:-1], "0" if place < 20 else row[-1]] for place, row in enumerate(rows[1:])]]
    dropped, left = (read(each, plan, weight_column="ウェイト") for each in (zero, [rows[0], *rows[21:]]))
    assert dropped.accepted and dropped.values.round(9).equals(left.values.round(9))
    assert any("20人" in notice.message for notice in dropped.notices)
    every = [rows[0], *[[*row[:-1], "0"] for row in rows[1:]]]
    assert refused(read(every, plan, weight_column="ウェイト"), "weight")


def test_withheld_groups_show_no_number(plan):
    rows = changed(*[(row, 1, "その他") for row in (2, 3, 4)])
    breakdown = read(rows, plan).breakdown
    found = breakdown[breakdown["withheld"]]
    assert {"その他"} < set(found["category"]) and found[["value", "n", "n_effective", "low", "high"]].isna().all(
        axis=None
    )


def test_blank_groups_are_a_category_of_their_own(plan):
    rows = changed(*[(row, 1, "") for row in range(2, 80)])
    assert "無回答" in set(read(rows, plan).breakdown.query("group == '性別'")["category"])


def test_too_many_categories_give_no_breakdown(plan):
    rows = [[*row[:3], row[3] if place == 0 else f"町{place}", *row[4:]] for place, row in enumerate(people(900))]
    reading = read(rows, plan)
    assert (
        reading.accepted and "地域" not in set(reading.breakdown["group"]) and "性別" in set(reading.breakdown["group"])
    )
    assert reading.values.equals(read(people(900), plan).values)


def test_breakdown_columns_can_be_named(plan):
    assert set(read(people(), plan, groups=["年代"]).breakdown["group"]) == {"年代"}
    assert read(people(), plan, groups=[]).breakdown.empty


def test_progress_is_told(in_blocks, plan):
    told = []
    read_upload(
        as_csv(people()),
        "a.csv",
        plan=plan,
        today=TODAY,
        fiscal_year=2013,
        mapping=MAPPING,
        progress=lambda *step: told.append(step),
    )
    assert told and all(0 <= fraction <= 1 and phrase for fraction, phrase in told)


def test_a_reading_is_frozen(plan):
    reading = read(people(), plan)
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.form = "summary"


def test_a_record_longer_than_the_limit_ends_as_a_message(in_blocks, plan):
    rows = changed((50, 3, "x" * (text.MAX_CELL + 1)))
    assert not read(rows, plan).accepted or read(rows, plan).values.equals(read(people(), plan).values)
