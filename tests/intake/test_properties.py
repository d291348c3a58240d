"""Laws that hold for any file: no bytes make the reader raise, and a table's dress never changes its values."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake.builders import HEADER, NAMES, as_csv, as_xlsx, numbered, plain_xlsx, table
from intake.laws import TODAY

from kyodo.export import problems_csv, problems_frame
from kyodo.fiscal import label, parse_fiscal_year, short_label
from kyodo.intake import read_upload
from kyodo.intake.grid import Cell, read_count, read_percent

SLOWLY = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
CSV, BOOK = as_csv(table()), plain_xlsx()


def never_raises(data, plan, name="a.csv", **given):
    reading = read_upload(data, name, plan=plan, today=TODAY, **given)
    assert reading.accepted or reading.problems
    assert "unreadable" not in {problem.code for problem in reading.problems}
    problems_frame(reading.problems)
    problems_csv(reading.problems)
    return reading


@settings(**SLOWLY)
@given(data=st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(data, plan):
    never_raises(data, plan)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff\x00", b'"', b"\x00\x00\x00,", b",\x00", b"sep=", b"\r", b"\xef\xbb"],
)
def test_no_beginning_of_a_file_makes_the_reader_raise(data, plan):
    never_raises(data, plan)


@settings(**SLOWLY)
@given(place=st.integers(0, len(CSV) - 1), inserted=st.binary(min_size=1, max_size=4), removed=st.integers(0, 4))
def test_no_damage_to_a_csv_makes_the_reader_raise(place, inserted, removed, plan):
    never_raises(CSV[:place] + inserted + CSV[place + removed :], plan)


@settings(**SLOWLY)
@given(place=st.integers(0, len(BOOK) - 1), inserted=st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_workbook_makes_the_reader_raise(place, inserted, plan):
    never_raises(BOOK[:place] + inserted + BOOK[place + len(inserted) :], plan, "a.xlsx")


CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "38.2", "H25", "値(%)", "指標番号", "合計", "※", "-", NAMES[1], "問1", "0.3", "2013", '"']
    ),
    st.text(max_size=8),
)


@settings(**SLOWLY)
@given(rows=st.lists(st.lists(CELLS, max_size=7), max_size=8))
def test_no_table_makes_the_reader_raise(rows, plan):
    never_raises(as_csv([HEADER, *rows], "utf-8", ",").replace(b"\xed", b"?"), plan)
    never_raises(
        as_xlsx(("a", [[c for c in row if c.isprintable() and "\ufffe" not in c] for row in [HEADER, *rows]])),
        plan,
        "a.xlsx",
    )
    never_raises(
        as_csv([["回答者ID", "性別", "問1"], *rows]),
        plan,
        mapping={1: {"column": "問1", "positive": ["1"], "negative": ["2"]}},
        fiscal_year=2013,
    )


tables = st.tuples(
    st.lists(
        st.integers(51, 1000).map(lambda tenths: tenths / 10), min_size=5, max_size=5
    ),  # more than a score's points
    st.lists(st.integers(10, 9999), min_size=5, max_size=5),
    st.integers(2012, 2026).filter(lambda year: year not in {2006, 2011}),
    st.permutations(range(1, 6)),
)


@settings(**SLOWLY)
@given(
    content=tables,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]),
    mark=st.sampled_from([",", "\t", ";"]),
    columns=st.permutations(range(5)),
)
def test_the_dress_of_a_table_never_changes_its_values(content, encoding, mark, columns, plan):
    values, answers, year, order = content
    rows = [HEADER, *[[str(i), NAMES[i], short_label(year), str(values[i - 1]), str(answers[i - 1])] for i in order]]
    plain = never_raises(as_csv(rows), plan)
    assert plain.accepted, [*map(str, plain.problems)]
    assert dict(zip(plain.values["indicator"], plain.values["value"], strict=True)) == {
        i: values[i - 1] for i in range(1, 6)
    }
    shuffled = [[row[column] for column in columns] for row in rows]
    quoting = csv.QUOTE_ALL if mark == ";" else csv.QUOTE_MINIMAL
    for data in (
        as_csv(rows, encoding, mark),
        as_csv(shuffled, encoding, mark, quoting=quoting),
        as_xlsx(("表", numbered(rows))),
        as_xlsx(("表", shuffled)),
    ):
        assert never_raises(data, plan).values.equals(plain.values)


@given(tenths=st.integers(0, 1000), wide=st.booleans())
def test_percentages_round_trip(tenths, wide):
    text = f"{tenths / 10:.1f}"
    folded = text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．")) if wide else text
    assert (
        read_percent(Cell(f"{folded}%")).value == float(text) == read_percent(Cell(text, "number", float(text))).value
    )


@given(ratio=st.integers(0, 10_000))
def test_percent_formatted_numbers_are_what_the_cell_shows(ratio):
    assert read_percent(Cell(repr(ratio / 10_000), "percent", ratio / 10_000)).value == pytest.approx(
        ratio / 100, abs=1e-9
    )


@given(number=st.integers(1, 9_999_999))
def test_counts_round_trip(number):
    assert {read_count(Cell(text)).value for text in (str(number), f"{number:,}", f"{number:,}人", f"{number}.0")} == {
        number
    }


@given(year=st.integers(1989, 2060))
def test_years_round_trip(year):
    assert {parse_fiscal_year(text) for text in (short_label(year), label(year), f"{year}年度", str(year))} == {year}


@settings(**SLOWLY)
@given(message=st.text(max_size=30))
def test_no_cell_of_a_problem_list_is_active(message, plan):
    reading = read_upload(as_csv([HEADER, ["1", message, "H25", message, "1"]]), "a.csv", plan=plan, today=TODAY)
    for row in csv.reader(io.StringIO(problems_csv(reading.problems).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)
