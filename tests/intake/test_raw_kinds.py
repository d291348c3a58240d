"""Large raw files: what appears late, what a quote swallows, totals, years and identifiers, whole or in blocks."""

import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.test_raw import MAPPING, people, read, refused

from kyodo.intake import answers, grids
from kyodo.intake.faults import odd_identities
from kyodo.intake.mapping import NO, NONE, YES, Question
from kyodo.intake.tally import Coded, Tally

QUESTIONS = [Question(i, (f"問{i}",), {"1": YES, "2": NO, "": NONE, "9": NONE}) for i in (1, 2)]


@pytest.fixture(params=[False, True], ids=["whole", "blocks"])
def either(request, monkeypatch):
    """Read whole, then as a large file in many pieces."""
    if request.param:
        monkeypatch.setattr(grids, "SMALL_TEXT", 100)
        monkeypatch.setattr(answers, "_PIECE", 3_000)
    return request.param


def coded(texts):
    """A column of a batch."""
    distinct = list(dict.fromkeys(texts))
    return Coded(tuple(distinct), np.array([distinct.index(text) for text in texts], dtype=np.int32))


def table(rows, cuts):
    """What a tally makes of rows (性別, 地域, 問1, 問2, weight) fed in pieces."""
    tally = Tally(QUESTIONS, ["性別", "地域"])
    bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(rows)}), len(rows)]
    for begin, end in itertools.pairwise(bounds):
        sex, area, one, two, weight = zip(*rows[begin:end], strict=True)
        tally.add({1: [coded(one)], 2: [coded(two)]}, {"性別": coded(sex), "地域": coded(area)}, np.array(weight))
    found = {row["indicator"]: row for row in tally.overall()}
    found |= {(row["indicator"], row["group"], row["category"]): row for row in tally.breakdown()}
    return tally.rows, {
        key: {name: value for name, value in row.items() if not isinstance(value, str)} for key, row in found.items()
    }


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["男性", "女性", ""]),
        st.sampled_from(["中央", "東部", "西部", "南部", ""]),
        st.sampled_from(["1", "2", "", "9"]),
        st.sampled_from(["1", "2", ""]),
        st.sampled_from([0.5, 1.0, 2.0]),
    ),
    min_size=1,
    max_size=120,
)


@given(
    ROWS,
    st.lists(st.integers(1, 119), max_size=6),
    st.lists(st.integers(1, 119), max_size=6),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_cut_give_the_same_table(rows, cuts, others, draw):
    shuffled = list(rows)
    draw.shuffle(shuffled)
    (count, one), (again, other) = table(rows, cuts), table(shuffled, others)
    assert count == again and one.keys() == other.keys()
    assert all(one[key] == pytest.approx(other[key]) for key in one)


def late(kind):
    """Rows whose last ones bring a category not seen before."""
    rows = people(60_000)
    blank = [""] * 8
    last = {
        "sex": [[*rows[5][:1], "", *rows[5][2:]]],
        "area": [[*rows[5][:3], "離島", *rows[5][4:]]],
        "commas": [["", *blank]] * 80,
        "ids": [[str(70_000 + i), *blank] for i in range(80)],
    }
    return rows + last[kind]


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) for kind in ("sex", "area", "commas", "ids")]
)
def test_a_category_that_appears_late_is_counted(kind, plan, monkeypatch):
    rows = late(kind)
    blocks = read(rows, plan)
    monkeypatch.setattr(grids, "SMALL_TEXT", 1 << 30)
    whole = read(rows, plan)
    assert whole.accepted and blocks.accepted, [*map(str, blocks.problems)]
    assert blocks.values.round(9).equals(whole.values.round(9))
    keys = ["indicator", "group", "category"]
    one, other = (reading.breakdown.sort_values(keys, ignore_index=True).round(9) for reading in (whole, blocks))
    assert one.equals(other)


def commented(comments, count=600):
    """A file with a column of free text; ``comments`` by row number, quotes and line breaks as they stand in the file."""
    lines = [
        ",".join([*row, "意見" if place == 1 else comments.get(place, "a")])
        for place, row in enumerate(people(count), 1)
    ]
    return "\r\n".join([*lines, ""]).encode()


@pytest.mark.parametrize("last", ['d"', '"d"'])
@pytest.mark.parametrize("row", [5, 500])
def test_respondents_swallowed_by_a_quote_are_refused(row, last, either, plan):
    reading = read(commented({row: '"b', row + 1: "c", row + 2: last}), plan)
    assert refused(reading, "quote") == {row}
    assert "引用符" in str(next(problem for problem in reading.problems if problem.code == "quote"))


def test_free_text_on_several_lines_is_no_swallowed_row(either, plan):
    comments = dict.fromkeys(range(2, 900, 7), '"良い, と\n\n""もっと"", 早く\n"')
    assert read(commented(comments), plan).values.equals(read(commented({}), plan).values)


MIDDLE = ["合計", "", "", "", "301", "299", "310", "290", "305"]


@pytest.mark.parametrize(
    "label",
    [MIDDLE, ["", "合　計", *MIDDLE[2:]], ["平均", *MIDDLE[1:]], ["総数(人)", *MIDDLE[1:]], ["回答数", *MIDDLE[1:]]],
)
@pytest.mark.parametrize(
    "groups", [None, pytest.param([], marks=pytest.mark.slow), pytest.param(["年代"], marks=pytest.mark.slow)]
)
def test_a_total_among_the_respondents_is_never_counted(label, groups, either, plan):
    rows = people(600)
    reading = read([*rows[:300], label, *rows[300:]], plan, groups=groups)
    if either:
        assert refused(reading, "code") >= {301}
    else:
        assert reading.values.equals(read(rows, plan).values) and "total_row" in {
            notice.code for notice in reading.notices
        }
    assert read([*rows, label], plan, groups=groups).values.equals(read(rows, plan).values)


@pytest.mark.parametrize("row", [300, 600])
@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("意見", "合計が合わない"),
        ("意見", "合計"),
        ("職業", "計理士"),
        ("職業", "会計"),
        ("職業", "計"),
    ],
)
def test_words_like_a_total_do_not_drop_a_respondent(title, text, row, either, plan):
    rows = [
        [title if place == 0 else text if place == row else "良い", *line[1:]] for place, line in enumerate(people(600))
    ]
    reading = read(rows, plan)
    assert reading.accepted, [*map(str, reading.problems)]
    assert reading.values.equals(read(people(600), plan).values)


@pytest.mark.parametrize(
    ("number", "wrong"), [("モード", True), ("以上", True), ("管理者", True), ("計2", False), ("", False)]
)
def test_a_word_among_respondents_numbers_is_no_respondent(number, wrong, either, plan):
    rows = people(600)
    reading = read([*rows[:300], [number, *rows[300][1:]], *rows[301:]], plan)
    assert reading.accepted != wrong
    if wrong:
        assert refused(reading, "code") == {301}


@pytest.mark.parametrize(
    ("title", "word"), [("令和4年度 市民意識調査", "R4年度"), ("宇部市 市民意識調査", "宇部市"), ("市民意識調査", "")]
)
def test_a_title_of_another_year_or_place_over_answers_is_asked(title, word, plan):
    rows = [[title], *people(600)]
    found = [problem for problem in read(rows, plan).problems if problem.code == "table_says"]
    assert [word in problem.message and problem.row == 1 for problem in found] == [True] * bool(word)
    assert read(rows, plan, confirmed=["table_says"]).accepted


def test_a_total_with_attributes_is_refused(plan):
    rows = people(600)
    assert refused(read([*rows[:300], ["合計", *rows[3][1:]], *rows[300:]], plan), "code") == {301}


def test_two_year_columns_must_agree(either, plan):
    rows = [
        ["年度", *row, "調査年度"] if place == 0 else ["H25", *row, "平成25年度"]
        for place, row in enumerate(people(900))
    ]
    assert read(rows, plan, fiscal_year=None).accepted
    reading = read([*rows[:800], [*rows[800][:-1], "H24"], *rows[801:]], plan, fiscal_year=None)
    assert refused(reading, "year_mixed") == {801} and {problem.column for problem in reading.problems} == {"調査年度"}


@pytest.mark.parametrize("text", ["¹", "²", "①", "₁"])
def test_raised_and_circled_digits_are_no_codes(text, either, plan):
    rows = people(900)
    rows[700][4] = text
    assert 701 in refused(read(rows, plan), "code")


def test_circled_codes_count_where_the_mapping_says_so(either, plan):
    circled = {"1": "①", "2": "②"}
    rows = [
        row if place == 0 else [*row[:4], *[circled.get(cell, cell) for cell in row[4:]]]
        for place, row in enumerate(people(900))
    ]
    mapping = {i: entry | {"positive": ["①"], "negative": ["②"]} for i, entry in MAPPING.items()}
    assert read(rows, plan, mapping=mapping).values.equals(read(people(900), plan).values)


@pytest.mark.parametrize(
    ("title", "prefix"),
    [
        ("回答者ID", ""), ("No.", "A-"), ("整理番号", "００"),
        *(
            pytest.param(title, prefix, marks=pytest.mark.slow)
            for title, prefix in itertools.product(["回答者ID", "No.", "整理番号"], ["", "A-", "００"])
            if (title, prefix) not in [("回答者ID", ""), ("No.", "A-"), ("整理番号", "００")]
        ),
    ],
)  # fmt: skip
def test_a_respondent_twice_is_told(title, prefix, either, plan):
    rows = [[title if place == 0 else prefix + row[0], *row[1:]] for place, row in enumerate(people(900))]
    assert "dup" not in {notice.code for notice in read(rows, plan).notices}
    reading = read([*rows, rows[9], rows[19]], plan)
    (notice,) = [notice for notice in reading.notices if notice.code == "dup"]
    assert (
        reading.accepted
        and "回答者IDが重複" in notice.message
        and "2件" in notice.message
        and "10行目、20行目、902行目" in notice.message
    )


@given(
    st.lists(st.sampled_from(["1", "2", "9", "10", "11", "R1", "R02", "R2", "R10", ""]), min_size=1), st.integers(1, 9)
)
def test_a_repeated_number_is_seen_wherever_the_file_is_cut(ids, cut):
    chunks = [pa.array([text.encode() for text in part], pa.binary()) for part in (ids[:cut], ids[cut:])]
    counts = Counter(filter(None, ids))
    assert set(odd_identities(chunks)[0]) - {b""} == {text.encode() for text in counts if counts[text] > 1}


@pytest.mark.parametrize("weight", ["１．５", "1.5e0", " 1.5 ", "1.50"])
def test_a_weight_written_in_another_way_late_in_the_file_is_the_same_weight(weight, either, plan):
    plain = [[*row, "1.5" if place else "ウェイト"] for place, row in enumerate(people(900))]
    other = [*plain[:700], [*plain[700][:-1], weight], *plain[701:]]
    one, two = (read(table, plan, weight_column="ウェイト").values for table in (plain, other))
    assert len(one) and one.equals(two)


@pytest.mark.parametrize("row", [1, 300])
@pytest.mark.parametrize(
    "label",
    [
        "最小値",
        "MAX",
        "中央値",
        "中央 小計",
        "全体",
        "中央計",
        "モード",
        "第1四分位",
        "第３四分位数",
        "データの個数",
        "75%",
    ],
)
def test_a_total_of_nothing_but_codes_is_no_respondent(label, row, either, plan):
    rows = people(600)
    reading = read([*rows[:row], [label, "", "", "", "1", "1", "1", "1", "1"], *rows[row:]], plan)
    if either:
        assert refused(reading, "code") == {row + 1}
    else:
        assert reading.values.equals(read(rows, plan).values)


@pytest.mark.parametrize("label", ["中央計", "女性計", "30代計"])
@pytest.mark.parametrize("column", [1, 2, 3])
def test_a_sub_total_under_its_attribute_is_no_respondent(label, column, either, plan):
    rows = people(600)
    total = [label if place == column else "" for place in range(4)]
    reading = read([*rows[:300], [*total, "1", "1", "1", "1", "1"], *rows[300:]], plan)
    if either:
        assert refused(reading, "code")
    else:
        assert reading.values.equals(read(rows, plan).values)
