"""What the registration page asks where a file does not say it: several answers in a cell, two summaries."""

import pytest
from given import GOOD, ROOT, summary_csv
from streamlit.testing.v1 import AppTest


@pytest.fixture
def page(record):
    return AppTest.from_file(str(ROOT / "pages" / "register.py"), default_timeout=60).run()


def said(at):
    return " ".join(
        str(each.value) for kind in ("markdown", "html", "caption", "error") for each in getattr(at, kind, ())
    )


def test_cells_of_several_answers_are_counted_by_their_parts(page):
    answers = ["自治会;ＰＴＡ", "PTA", "どれもない", ""]
    rows = "".join(f"{row},{'男女'[row % 2]}性,{answers[row % 4]}\r\n" for row in range(80))
    at = page.file_uploader[0].upload("a.csv", f"番号,性別,参加した活動\r\n{rows}".encode(), "text/csv").run()
    at.selectbox(key="year").set_value(2013).run()
    at.multiselect(key="columns_1").set_value(["参加した活動"]).run()
    at.checkbox(key="split_1").check().run()
    group = at.button_group(key="positive_1_参加した活動_split")
    assert len(group.options) == 4  # 自治会, PTA, どれもない and a blank, whatever their combinations
    assert (
        len(at.button_group(key="missing_1_参加した活動_split_[]").value) == 4
    )  # nothing is left from before the split
    group.set_value(["自治会"]).run()
    assert "33.3%" in said(at)  # 20 of the 60 who said something


def test_two_summaries_are_refused_with_a_way_on(page):
    files = [(f"{year}.csv", summary_csv(GOOD, year=year), "text/csv") for year in ("H24", "H25")]
    for file in files:
        page.file_uploader[0].upload(*file)
    assert "1つずつ" in said(page.run())
