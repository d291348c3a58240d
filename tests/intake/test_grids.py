"""The seam that every table from an office enters by: bytes into grids, whatever the table is about."""

import pytest
from intake.builders import as_csv, as_xlsx, plain_xlsx, sheet_xml

from kyodo.intake import StoppedError, read_grids, run_isolated

SHEET = [["項目", "実績", "課題"], ["I-1-1", "12回開催", "参加者が減った"], ["I-1-2", "", "なし"]]


def texts(grid):
    return {row: {column: cell.text for column, cell in cells.items()} for row, cells in grid.rows.items()}


CELLS = {
    1: {1: "項目", 2: "実績", 3: "課題"},
    2: {1: "I-1-1", 2: "12回開催", 3: "参加者が減った"},
    3: {1: "I-1-2", 3: "なし"},
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_text_in_any_usual_encoding_is_the_same_grid(encoding, delimiter):
    (grid,) = read_grids(as_csv(SHEET, encoding, delimiter), "進捗.csv").sheets
    assert texts(grid) == CELLS


def test_a_workbook_gives_every_sheet_with_its_state():
    book = as_xlsx(("進捗", sheet_xml(SHEET, hidden=[2], merges=["A2:A3"])), ("控え", SHEET), states={"控え": "hidden"})
    first, second = read_grids(book, "進捗.xlsx").sheets
    assert texts(first) == texts(second) == CELLS
    assert (first.sheet, first.hidden, second.sheet, second.hidden) == ("進捗", False, "控え", True)
    assert (first.hidden_rows, first.merges) == ({2}, ((2, 1, 3, 1),))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", plain_xlsx()[:300], b"a,b\n1,\x81\xff\n"])
def test_what_is_no_table_is_a_problem_and_no_grid(data):
    grids = read_grids(data, "進捗.csv")
    assert grids.problems and not grids.sheets and all(found.message for found in grids.problems)


def test_a_child_may_run_any_function_of_the_package():
    assert run_isolated(read_grids, as_csv(SHEET), "進捗.csv").sheets == read_grids(as_csv(SHEET), "進捗.csv").sheets


def test_processor_time_decides_not_the_clock():
    big = as_csv([SHEET[0], *[SHEET[1]] * 50_000])
    with pytest.raises(StoppedError) as stopped:
        run_isolated(read_grids, big, "進捗.csv", seconds=0.02)
    assert stopped.value.problem.code == "too_slow"
