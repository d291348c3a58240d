"""What goes back to the department: the form to fill in, and the list of problems."""

import csv
import io

import openpyxl
import pytest
from intake.builders import ANSWERS, HEADER, NAMES, VALUES, as_csv, changed
from intake.laws import TODAY

from kyodo.errors import Problem
from kyodo.export import problems_csv, problems_frame
from kyodo.intake import CODES, read_upload
from kyodo.survey_form import template_csv, template_xlsx


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_form_names_every_indicator_and_the_year(plan):
    rows = rows_of(template_csv(plan, 2013))
    assert rows[0] == HEADER and [row[1:3] for row in rows[1:]] == [[name, "H25"] for name in NAMES.values()]
    assert template_csv(plan, 2013).startswith(b"\xef\xbb\xbf") and b"\r\n" in template_csv(plan, 2013)


def test_a_form_filled_in_is_accepted_and_an_empty_one_refused_row_by_row(plan):
    rows = rows_of(template_csv(plan, 2013))
    filled = [rows[0], *[[*row[:3], str(VALUES[int(row[0])]), str(ANSWERS[int(row[0])])] for row in rows[1:]]]
    assert read_upload(as_csv(filled), "a.csv", plan=plan, today=TODAY).accepted
    empty = read_upload(template_csv(plan, 2013), "a.csv", plan=plan, today=TODAY)
    assert [(problem.code, problem.row) for problem in empty.problems] == [("blank", row) for row in range(2, 7)]


def test_the_workbook_form_is_the_same_form(plan):
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(plan, 2013)))
    sheet = book.active
    assert [cell.value for cell in sheet[1]] == HEADER and sheet.cell(2, 2).value == NAMES[1]
    for row in range(2, 7):
        sheet.cell(row, 4, VALUES[row - 1])
        sheet.cell(row, 5, ANSWERS[row - 1])
    out = io.BytesIO()
    book.save(out)
    assert read_upload(out.getvalue(), "a.xlsx", plan=plan, today=TODAY).accepted
    assert not read_upload(template_xlsx(plan, 2013), "a.xlsx", plan=plan, today=TODAY).accepted


def test_problems_become_a_table_with_japanese_titles(plan):
    frame = problems_frame(read_upload(as_csv(changed((3, 3, "abc"))), "a.csv", plan=plan, today=TODAY).problems)
    assert list(frame.columns) == ["シート", "行", "列", "種類", "内容", "対処"]
    assert frame.loc[0, "行"] == 3 and frame.loc[0, "列"] == "値(%)" and "機械可読性ルール 1-3" in frame.loc[0, "種類"]
    assert problems_frame([]).empty


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_active_cells_are_neutralised(first):
    data = problems_csv([Problem("number", f"{first}cmd", column=f"{first}x", row=-3)])
    (_, row) = rows_of(data)
    assert row[1] == "-3" and row[4].startswith("'") and row[2].startswith("'")
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")


def test_every_kind_of_problem_has_a_title():
    assert all(code.title for code in CODES.values())
