"""The year and what the committee said, on slides, sheet and workbook: twelve slides, everything whole, nobody's name."""

import io
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from given import GOOD, NOW, breakdown, recorded
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

from kyodo import agenda
from kyodo.agenda import Choice, Meeting
from kyodo.breaking import phrases, two_lines, wrapped
from kyodo.brief import brief_of, build_brief
from kyodo.cycle import judge, tallies
from kyodo.deck import build_deck, build_summary
from kyodo.record import Record
from kyodo.verdicts import VERDICTS
from kyodo.workbook import build_workbook

MEETING = Meeting(number=3, document="資料1", wanted=("次回の日程",))
VALUES = recorded([(number, 2012, value, 1000) for number, value in GOOD.items()])
PERSONS = ("記入太郎", "所属花子", "担当次郎")
SAID = [
    {"meeting": 1, "about": "3", "kind": "意見", "text": "公募委員の数も示すこと", "state": "対応済", "response": "示した"},
    {"meeting": 2, "about": "I-2-3", "kind": "意見", "text": "周知は出向いて行うべきだ", "owner": PERSONS[2]},
    {"meeting": 2, "about": "all", "kind": "決定", "text": "遅れの対応案を出すこと", "state": "対応中", "due": "9月"},
    {"meeting": 3, "about": "1", "kind": "意見", "text": "この会議で言われたこと"},
]  # fmt: skip
LATE = ("I-1-1", "I-2-1", "III-2-1", "IV-1-1")


@pytest.fixture(scope="module")
def record(plan, tmp_path_factory):
    """A year of 43 answers of 44, four of them behind their plan, and what was said at three meetings."""
    made = Record(f"sqlite:///{tmp_path_factory.mktemp('papers') / 'kyodo.db'}")
    stages = plan.item_schedule.query("fiscal_year == 2013").set_index("item")["stage"]
    planned = dict(zip(plan.stages["stage"], plan.stages["as_planned"].str.split().str[0], strict=True))
    items = plan.items.loc[plan.items["relisted_of"] == "", "item"].tolist()
    answers = [
        {
            "item": item,
            "fiscal_year": 2013,
            "department": "協働推進課",
            "status": "検討中" if item in LATE else planned.get(stages[item], "検討中"),
            "result": "説明会を開いた",
            "result_value": 4.0,
            "result_unit": "回",
            "next_step": f"{item}を進める",
            "written_by": PERSONS[0],
            "head": PERSONS[1],
        }
        for item in items[:-1]
    ]
    made.collect(answers, by="事務局", at=NOW)
    for each in SAID:
        made.opine(each, by="事務局", at=NOW)
    return made


@pytest.fixture(scope="module")
def brief(plan, record):
    return brief_of(plan, record, now=NOW)


@pytest.fixture(scope="module")
def deck(brief):
    return build_deck(brief, meeting=MEETING)


@pytest.fixture(scope="module")
def slides(brief):
    return agenda.agenda(brief, meeting=MEETING)


def tables(data):
    """Slide by slide the tables as frames, by their names."""
    for slide in Presentation(io.BytesIO(data)).slides:
        found = {}
        for shape in slide.shapes:
            if shape.has_table:
                cells = [[cell.text.replace("\v", "") for cell in row.cells] for row in shape.table.rows]
                found[shape.name] = pd.DataFrame(cells[1:], columns=cells[0])
        yield found


def all_of(data, name):
    return pd.concat([found[name] for found in tables(data) if name in found], ignore_index=True)


def test_twelve_slides_are_presented_and_the_annex_stands_behind_them(slides):
    presented = [slide.part for slide in slides if not slide.annex]
    expected = ["cover", "conclusion", "overview", *["indicators"] * 5, "progress", "late", "opinions", "decisions"]
    assert presented == expected
    assert [slide.annex for slide in slides] == sorted(slide.annex for slide in slides)


def test_what_the_record_has_nothing_of_is_left_out(plan):
    parts = {slide.part for slide in agenda.agenda(build_brief(plan, recorded([]), as_of=NOW))}
    assert not parts & {"progress", "late", "opinions", "doubts", "breakdown", "changes"}
    assert {"conclusion", "policies", "decisions", "criteria"} <= parts


def test_the_year_is_read_back_as_the_brief_has_it(brief, deck):
    year = brief.to_json()["progress"]["fiscal_years"][0]
    assert year["against_plan"]["遅れ"] == len(LATE)
    shown = all_of(deck, "推進方針ごとの項目数")
    total = shown[shown["推進方針"] == "計"].iloc[0]
    marks = judge.marked(brief.plan)
    statuses = {name: sum(row[name] for row in year["by_policy"].values()) for name in marks}
    assert {name: int(total[mark]) for name, mark in marks.items()} == statuses
    assert {name: int(total[name]) for name in year["against_plan"]} == year["against_plan"]
    served = all_of(deck, "関係する項目の進み具合")
    assert served["関係する項目"].astype(int).tolist() == [row["items"] for row in year["by_indicator"]]
    assert served["遅れ"].astype(int).tolist() == [row["遅れ"] for row in year["by_indicator"]]
    assert year["sentence"] == tallies.sentence(brief.progress.year(2013), 2013)


def test_every_late_item_is_named_with_its_plan_and_no_other_is(deck):
    shown = all_of(deck, "H25に計画より遅れている項目")
    assert tuple(shown["番号"]) == LATE
    assert set(shown["実施状況"]) == {"×検討中"}
    assert shown["次年度へ向けた取組"].tolist() == [f"{item}を進める" for item in LATE]


def test_what_was_said_at_the_last_meeting_or_is_open_stands_with_what_came_of_it(deck):
    shown = all_of(deck, "前回の指摘と対応")
    assert shown["指摘・決定"].tolist() == ["周知は出向いて行うべきだ", "【決定】遅れの対応案を出すこと"]
    assert shown["状態"].tolist() == ["未対応", "対応中"]
    assert shown["対応"].tolist() == ["―", "―"]
    assert shown["対象"].iloc[0].startswith("I-2-3 ")


def test_what_is_asked_for_rests_on_what_is_shown(deck, slides):
    shown = all_of(deck, "ご審議いただきたいこと")
    asked = "".join(shown["ご審議いただきたいこと"])
    for text in ("次回の日程", "H25年度の進行管理の報告を了承するか", "遅れている4項目", "指摘2件"):
        assert text in asked
    assert "・".join(LATE) in "".join(shown["もとになる事実"])
    conclusion = next(slide for slide in slides if slide.part == "conclusion")
    assert "次回の日程" in conclusion.spoken


def test_nobodys_name_leaves_the_record(brief, record, deck):
    assert record.cycle()["progress"]["written_by"].eq(PERSONS[0]).any()
    papers = (deck, build_summary(brief, meeting=MEETING), build_workbook(brief, meeting=MEETING))
    for data in papers:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            text = " ".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
        assert not [person for person in PERSONS if person in text]


def test_type_is_large_enough_to_read(deck):
    for slide in Presentation(io.BytesIO(deck)).slides:
        for shape in slide.shapes:
            sizes = [int(each.get("sz")) for each in shape.element.iter(qn("a:rPr")) if each.get("sz")]
            if shape.name in ("時点と出典", "ページ番号"):
                continue
            assert min(sizes, default=1400) >= (1200 if shape.has_table else 1400), shape.name


def test_titles_take_two_lines_at_most_and_break_between_words(deck, slides):
    pages = Presentation(io.BytesIO(deck)).slides
    for page, slide in list(zip(pages, slides, strict=True))[1:]:
        lines = page.shapes.title.text_frame.text.split("\v")
        assert "".join(lines) == slide.heading
        assert len(lines) <= 2
        assert len(page.shapes.title.text_frame.paragraphs) == 1
        assert sum(sum(line.count(verdict) for verdict in VERDICTS) for line in lines) == sum(
            slide.heading.count(verdict) for verdict in VERDICTS
        )


@given(st.text("H24目標39.8%に届かず、やや遅れ。I-3-2は(横ばい)▲0.3ポイント・先 \n①", max_size=60), st.integers(8, 40))
def test_lines_lose_nothing_and_cut_no_word_that_fits(text, room):
    assert "".join(phrases(text)) == text
    lines = wrapped(text, room)
    assert "".join(lines) == text.replace("\n", "")
    assert "".join(two_lines(text, room) or [text]) == text
    for word in ("やや遅れ", "横ばい", "届かず"):
        assert sum(line.count(word) for line in lines) == text.replace("\n", "|").count(word)


def grouped(sizes):
    """A breakdown of groups of so many categories."""
    rows = [
        breakdown(categories=[f"{group}{place}" for place in range(size)] + ["無回答"]).assign(group=group)
        for group, size in sizes.items()
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("sizes", [{"性別": 2}, {"性別": 2, "年代": 7, "地域": 5}, {"性別": 2, "年代": 7, "地域": 20}])
def test_a_group_of_a_breakdown_is_never_torn(plan, sizes):
    brief = build_brief(plan, recorded([(1, 2013, 39.6, 1000)]), as_of=NOW, breakdown=grouped(sizes))
    data = build_deck(brief, choice=Choice(parts=("breakdown",)))
    pages = [pd.concat(found.values()) for found in list(tables(data))[1:]] if sum(sizes.values()) < 25 else None
    slides = agenda.agenda(brief, choice=Choice(parts=("breakdown",)))[1:]
    for group, size in sizes.items():
        holding = [slide for slide in slides if group in set(slide.listings[0].rows["group"])]
        assert len(holding) == 1
        assert (holding[0].listings[0].rows["group"] == group).sum() == size + 1
    if pages:
        assert sum(len(page) for page in pages) == sum(sizes.values()) + len(sizes)
    for shape in (shape for slide in Presentation(io.BytesIO(data)).slides for shape in slide.shapes):
        assert shape.top + shape.height <= Inches(7.5)


def test_a_long_list_is_cut_into_pages_that_are_about_alike(slides):
    items = [slide.listings[0] for slide in slides if slide.part == "items"]
    heights = [sum(listing.lines()) + 0.3 * len(listing.rows) for listing in items]
    assert max(heights) <= 20
    assert min(heights) > 0.5 * max(heights)


def test_the_summary_is_one_page_that_says_what_the_deck_says(brief, slides):
    page = Presentation(io.BytesIO(build_summary(brief, meeting=MEETING)))
    assert (len(page.slides), page.slide_width, page.slide_height) == (1, Inches(8.27), Inches(11.69))
    for shape in page.slides[0].shapes:
        assert shape.top + shape.height <= page.slide_height
    found = next(tables(build_summary(brief, meeting=MEETING)))
    overview = next(slide for slide in slides if slide.part == "overview").listings[0].rows
    assert found["成果指標の一覧"]["差"].tolist() == overview["gap_text"].tolist()
    assert found["成果指標の一覧"]["次の目標の判定"].tolist() == overview["mark"].tolist()
    assert "次回の日程" in found["ご審議いただきたいこと"]["ご審議いただきたいこと"].iloc[0]


def sheet_rows(data, name):
    sheet = openpyxl.load_workbook(io.BytesIO(data))[name]
    last = int(re.search(r"\d+$", sheet.auto_filter.ref)[0])
    rows = list(sheet.iter_rows(min_row=4, max_row=last, values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_the_workbook_has_the_answers_judged_and_what_was_said(brief):
    data = build_workbook(brief, meeting=MEETING)
    answers = sheet_rows(data, "進行管理")
    assert len(answers) == 44
    assert set(answers["年度"]) == {"H25"}
    assert answers["実績の数"].dropna().tolist() == [4] * 43
    cell = openpyxl.load_workbook(io.BytesIO(data))["進行管理"].cell(5, 9)
    assert (cell.value, cell.number_format) == (4, "General"), "a whole number is shown whole"
    assert answers.loc[answers["計画との比較"] == "−遅れ", "番号"].tolist() == list(LATE)
    said = sheet_rows(data, "指摘")
    assert said["指摘・決定"].tolist() == [each["text"] for each in SAID]
    assert said["状態"].tolist() == ["対応済", "未対応", "対応中", "未対応"]


def test_files_are_named_in_the_plans_era(plan):
    brief = build_brief(plan, VALUES, as_of=NOW)
    assert agenda.file_stem(Meeting(number=3), brief) == "第3回協働のまちづくり推進委員会_H24調査まで"
