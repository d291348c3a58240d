"""The meeting page shows the agenda slide by slide, at the moment chosen, and goes on where it was."""

import datetime as dt
import re
from urllib.parse import quote

import pytest
from given import GOOD, NOW, ROOT, summary_csv
from streamlit.testing.v1 import AppTest

from kyodo import pdf
from kyodo.agenda import agenda
from kyodo.brief import brief_of
from kyodo.intake import read_upload

pytestmark = pytest.mark.usefixtures("database")  # what the pages keep is kept by the record's address


def open_page(**query):
    at = AppTest.from_file(str(ROOT / "pages/meeting.py"), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def said(at):
    shown = "\n".join([*(each.value for each in at.title), *(str(each.proto.body) for each in at.get("html"))])
    return re.sub(r'<span class="k-w(?:hole)?">([^<]*)</span>', r"\1", shown.replace("<br>", ""))


@pytest.fixture
def submitted(record, reading):
    record.submit(reading, by="山田", at=NOW)
    return record


def test_on_an_empty_record_the_page_opens_and_says_there_is_no_named_moment():
    at = open_page()
    assert not at.exception
    assert "名前のある時点はまだありません" in said(at)
    assert at.button(key="resume").disabled


@pytest.mark.parametrize("filled", [False, True])
def test_every_slide_of_the_agenda_is_shown(filled, plan, record, reading):
    if filled:
        record.submit(reading, by="山田", at=NOW)
    slides = agenda(brief_of(plan, record, now=dt.datetime.now(dt.UTC)))
    parts = [slide.part for slide in slides]
    for place, slide in enumerate(slides, start=1):
        if place - 1 > parts.index(slide.part) + filled:
            continue  # the first slides of each part
        at = open_page(slide=str(place))
        assert not at.exception
        assert f"{place} / {len(slides)}" in said(at)
        assert slide.part == "cover" or slide.heading in said(at)


def test_the_keys_go_on_and_back_and_end_and_the_address_keeps_the_place():
    at = open_page(slide="2")
    assert [at.button(key=f"stage_{name}").proto.shortcut for name in ("back", "on", "end")] == [
        "left",
        "right",
        "escape",
    ]
    at.button(key="stage_on").click().run()
    assert at.query_params["slide"] == "3"
    at.button(key="stage_back").click().run()
    at.button(key="stage_back").click().run()
    assert at.query_params["slide"] == "1"
    assert at.button(key="stage_back").disabled
    at.button(key="stage_end").click().run()
    assert "slide" not in at.query_params


def test_a_question_from_the_floor_is_answered_over_the_slide_and_left_with_one_key(record, reading):
    record.submit(reading, by="山田", at=NOW)
    at = open_page(slide="2", part="indicators", indicator="2")
    at.button(key="floor_open").click().run()
    assert at.query_params["floor"] == "2"
    text = re.sub("<[^>]+>", "", said(at))
    for told in (
        "ご質問: ②市民活動の実践",
        "14.3%",
        "H24目標13.0%",
        "H25の関係する14項目: 協働推進課",
        "登録されていない",
    ):
        assert told in text
    assert "H29目標15.0%(H29の調査は未登録)は、H25調査の時点で順調" in text
    at.number_input(key="floor_2_2017").set_value(99.0).run()
    assert "H29目標99.0%(H29の調査は未登録)は、H25調査の時点で遅れ" in re.sub("<[^>]+>", "", said(at))
    assert record.revision() == 1
    at.segmented_control(key="floor").set_value(5).run()
    assert at.query_params["floor"] == "5" and "ご質問: ⑤" in said(at)
    at.button(key="floor_end").click().run()
    assert "floor" not in at.query_params and at.query_params["slide"] == "2" and "②" in said(at)


def test_who_left_the_stage_resumes_there_with_the_same_choice():
    at = open_page(slide="3", indicator="2")
    at.button(key="stage_end").click().run()
    at.query_params.clear()
    assert at.button(key="resume").label == "3枚目から続ける"
    at.button(key="resume").click().run()
    assert at.query_params["slide"] == "3"
    assert at.query_params["indicator"] == "2"


def test_a_place_beyond_the_last_slide_is_the_last_slide():
    at = open_page(slide="999", part="overview")
    assert "2 / 2" in said(at)


def test_the_choice_in_the_address_narrows_the_slides():
    at = open_page(slide="2", part="overview", indicator="3")
    assert "H24目標に対し、やや遅れ1、H29目標に対し、やや遅れ1。" in said(at)
    assert "市民活動の実践" not in said(at)


def test_a_named_moment_is_shown_again_as_it_was_and_compared_with_today(submitted):
    submitted.name_snapshot("第1回委員会時点", by="山田", at=NOW)
    as_named = said(open_page(slide="3", as_of="第1回委員会時点"))
    later = {**GOOD, 1: 46.0}
    submitted.submit(
        read_upload(summary_csv(later, year="H26"), "調査2.csv", today=dt.date(2015, 5, 1)),
        by="山田",
        at=NOW + dt.timedelta(days=365),
    )
    assert said(open_page(slide="3", as_of="第1回委員会時点")) == as_named
    assert said(open_page(slide="3")) != as_named
    changes = said(open_page(slide="2", part="changes", since="第1回委員会時点"))
    assert "前回(第1回委員会時点)から" in changes
    assert "39.6%(H25)" in changes
    assert "46.0%(H26)" in changes


def test_the_present_revision_is_given_a_name(submitted):
    at = open_page(number="3")
    assert at.text_input(key="snapshot_name").value == "第3回協働のまちづくり推進委員会時点"
    at.text_input(key="snapshot_by").set_value("山田").run()
    at.button(key="name_snapshot").click().run()
    named = submitted.snapshots()
    assert (named["name"].iloc[0], named["revision"].iloc[0]) == ("第3回協働のまちづくり推進委員会時点", 1)
    assert "第3回協働のまちづくり推進委員会時点" in said(at)


def test_a_name_without_a_person_is_refused_in_a_sentence():
    at = open_page(number="3")
    at.button(key="name_snapshot").click().run()
    assert not at.exception
    assert "名前を入力してください" in at.error[0].value


def test_a_day_that_is_none_is_told():
    assert "開催日「あした」を読み取れません" in said(open_page(date="あした"))


def test_without_libreoffice_the_page_says_how_to_make_a_pdf(monkeypatch):
    monkeypatch.setenv("PATH", "")
    at = open_page()
    assert pdf.NO_OFFICE in said(at)


def test_what_is_written_about_an_indicator_stands_on_its_slide(record):
    at = open_page(remark="2")
    at.text_area(key="remark_2_課題").set_value("担い手<b>の高齢化")
    at.text_input(key="remark_by").set_value("山田")
    at.button(key="remark_submit").click().run()
    assert not at.exception
    assert record.remarks()["text"].tolist() == ["担い手<b>の高齢化"]
    shown = said(open_page(slide="2", part="indicators", indicator="2"))
    assert "担い手&lt;b&gt;の高齢化" in shown


@pytest.mark.parametrize("indicator", [1, 5])
def test_after_a_registration_the_page_opens_with_one_indicator_chosen_and_again_on_reload(submitted, indicator):
    for _ in range(2):
        at = open_page(indicator=str(indicator))
        assert not at.exception
        assert "スライドは" in said(at)


@pytest.mark.parametrize(
    ("key", "text"), [("as_of", "²"), ("as_of", "9" * 5000), ("as_of", "99"), ("slide", "²"), ("number", "3" * 5000)]
)
def test_what_nobody_means_in_an_address_is_left_out_with_a_word(submitted, key, text):
    at = open_page(**{key: text})
    assert not at.exception
    assert f"URLの {key}={text[:5]}" in said(at)
    assert "は使えない値のため、無視しました" in said(at)


def test_a_past_moment_stays_in_the_address_of_every_page_and_link_until_it_is_left(submitted):
    submitted.name_snapshot("第1回", by="山田", at=NOW)
    submitted.undo(1, by="山田", at=NOW + dt.timedelta(days=1))
    for as_of in ("1", "第1回"):
        at = AppTest.from_file(str(ROOT / "pages/overview.py"), default_timeout=60)
        at.query_params["as_of"] = as_of
        at.run()
        assert "過去の時点" in said(at)
        links = re.findall(r'href="([^"]*)"', said(at))
        assert links
        assert all(f"as_of={quote(as_of)}" in link for link in links if not link.startswith(("#", "data:")))
        at.query_params.clear()  # what a change of page does to the address
        at.run()
        assert at.query_params["as_of"] == as_of
        at.button(key="back_to_newest").click().run()
        assert "as_of" not in at.query_params
        assert "過去の時点" not in said(at)
