"""進行管理 and 宛先 as a clerk uses them: a year handed out, collected, corrected, confirmed, closed, and taken back."""

import pytest
from cycle.year import changed, filled, handed_out, progress_of
from given import NOW, ROOT
from streamlit.testing.v1 import AppTest
from test_pages import open_page, said

pytestmark = pytest.mark.usefixtures("database")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DONE = {"実施状況": "◎実施済", "実績": "<b>三館</b>を改築", "目安に達したか": "はい", "根拠": "工事完了報告"}


def collected(record, plan, year=2013, sections=None):
    """The record with the year's answers of these sections (all of them where none are named)."""
    progress = progress_of(plan, record)
    rows = progress.year(year)
    rows = rows[rows["section"].isin(sections)] if sections else rows
    from test_yearview import answer

    answers = [answer(row["item"], "実施済", year, department=row["section"]) for row in rows.to_dict("records")]
    record.collect(answers, by="山田", at=NOW)


def sign(at, name="山田"):
    at.text_input(key="signer").set_value(name).run()
    return at


@pytest.mark.parametrize("query", [{}, {"view": "collect"}, {"view": "fill"}, {"view": "close"}, {"item": "I-1-1"}])
def test_every_part_opens_before_anything_began(query):
    at = open_page("progress", **query)
    assert not at.exception
    assert "H25: " in said(at)
    assert "未回答44" in said(at)


def test_the_grid_is_a_real_table_readable_without_colour(plan, record):
    collected(record, plan, sections=["学校教育課"])
    text = said(open_page("progress"))
    assert text.count('<th scope="row"') >= 44
    assert "<b>◎実施済</b>" in text
    assert "＝計画どおり" in text
    assert "計画 実施" in text


def test_a_link_of_the_sentence_filters_the_grid(plan, record):
    collected(record, plan, sections=["学校教育課"])
    at = open_page("progress", year="2013", against="計画どおり")
    assert at.multiselect(key="against").value == ["計画どおり"]
    assert "44項目のうち1項目" in said(at)


def test_the_year_lives_in_the_address_and_the_sentence_follows_the_field():
    at = open_page("progress", year="2014")
    assert "H26: " in said(at)
    assert "2014" in "".join(at.query_params["year"])
    at.selectbox(key="year").set_value(2015).run()
    assert "H27: " in said(at)
    assert "2015" in "".join(at.query_params["year"])
    at.selectbox(key="year").set_value(2013).run()
    assert "H25: " in said(at)
    assert "year" not in at.query_params  # the year to open with needs no word


def test_an_item_opens_with_its_years_and_what_was_typed_shows_literally(plan, record):
    data = filled(handed_out(progress_of(plan), "学校教育課"), DONE)
    at = drop(open_page("progress", view="collect"), data)
    sign(at).button(key="store").click().run()
    text = said(open_page("progress", item="I-2-11"))
    assert "&lt;b&gt;三館&lt;/b&gt;を改築" in text
    assert "<b>三館" not in text


def drop(at, *files):
    at.file_uploader[0].set_value([(f"{place}.xlsx", data, XLSX) for place, data in enumerate(files)]).run(timeout=120)
    return at


def test_good_files_of_a_drop_are_stored_while_bad_ones_are_refused(plan, record):
    progress = progress_of(plan)
    good = filled(handed_out(progress, "学校教育課"), DONE)
    bad = filled(handed_out(progress, "企画経営課"), DONE | {"実施状況": "☆"})
    at = drop(open_page("progress", view="collect"), good, bad)
    assert not at.exception
    text = said(at)
    assert "2件のうち1件を受け取れます" in text
    assert "5行目「実施状況」" in text
    sign(at).button(key="store").click().run()
    assert not at.exception
    assert record.cycle()["progress"]["item"].tolist() == ["I-2-11"]
    assert "登録番号1" in at.success[0].value


def test_what_would_be_replaced_is_shown_and_needs_a_yes(plan, record):
    collected(record, plan, sections=["学校教育課"])
    again = filled(handed_out(progress_of(plan, record), "学校教育課"), {"実施状況": "×検討中"})
    at = drop(sign(open_page("progress", view="collect")), again)
    assert "登録すると変わるところ" in said(at)
    assert at.button(key="store").disabled
    at.checkbox(key="replace_answers").check().run()
    at.button(key="store").click().run()
    assert record.cycle()["progress"]["status"].tolist() == ["検討中"]


def test_nothing_is_stored_without_a_name(plan, record):
    at = drop(open_page("progress", view="collect"), filled(handed_out(progress_of(plan), "学校教育課"), DONE))
    at.button(key="store").click().run()
    assert "名前" in at.error[0].value
    assert record.revision() == 0


def test_an_item_is_filled_in_by_the_keyboard_and_its_draft_survives_a_reload(record):
    at = open_page("progress", view="fill", item="I-2-11")
    field = next(each for each in at.text_area if each.label == "実績")
    field.set_value("三回開いた").run()
    assert record.revision() == 0
    at = open_page("progress", view="fill", item="I-2-11")  # another session, as after a reload
    assert next(each for each in at.text_area if each.label == "実績").value == "三回開いた"
    assert "登録していない下書きがあります" in said(at)
    sign(at).button(key="store_typed").click().run()
    assert "実施状況が空欄" in said(at)
    assert record.revision() == 0
    next(each for each in at.selectbox if each.label == "実施状況").set_value("継続推進").run()
    at.button(key="store_typed").click().run()
    assert record.cycle()["progress"][["item", "status", "result"]].to_numpy().tolist() == [
        ["I-2-11", "継続推進", "三回開いた"]
    ]
    assert "下書きがあります" not in said(open_page("progress", view="fill", item="I-2-11"))


def test_a_draft_begun_before_somebody_else_answered_is_not_stored_over_it(plan, record):
    at = open_page("progress", view="fill", item="I-2-11")
    next(each for each in at.text_area if each.label == "実績").set_value("下書き").run()
    collected(record, plan, sections=["学校教育課"])
    at = open_page("progress", view="fill", item="I-2-11")
    sign(at).button(key="store_typed").click().run()
    assert "山田" in at.error[0].value
    assert record.revision() == 1


def test_answers_are_confirmed_at_once_but_for_those_left_out_and_sent_back_with_a_reason(plan, record):
    collected(record, plan)
    at = sign(open_page("progress", view="fill", item="I-1-2"))
    at.multiselect(key="left_out_2013").set_value(["I-1-1"]).run()
    at.button(key="confirm_all").click().run()
    states = progress_of(plan, record).year(2013).set_index("item")["state"]
    assert states["I-1-1"] == "回答"
    assert (states.drop("I-1-1") == "確認済").all()
    at.button(key="send_back").click().run()
    assert "理由" in at.error[0].value
    at.text_input(key="back_2013_I-1-2").set_value("根拠がない").run()
    at.button(key="send_back").click().run()
    row = progress_of(plan, record).year(2013).set_index("item").loc["I-1-2"]
    assert (row["state"], row["sent_back"]) == ("配布済", "根拠がない")
    assert "根拠がない" in said(open_page("progress", view="fill", item="I-1-2"))


@pytest.mark.slow
def test_a_year_is_closed_a_later_change_needs_a_reason_and_undo_opens_it_again(plan, record):
    collected(record, plan)
    record.confirm(progress_of(plan).year(2013)["item"], 2013, by="山田", at=NOW)
    at = sign(open_page("progress", view="close"))
    at.text_input(key="close_meeting").set_value("三").run()
    at.button(key="close_year").click().run()
    assert "数だけ" in at.error[0].value
    at.text_input(key="close_meeting").set_value("3").run()
    at.button(key="close_year").click().run()
    assert set(progress_of(plan, record).year(2013)["state_text"]) == {"報告済(第3回)"}
    at = sign(open_page("progress", view="fill", item="I-1-1"))
    next(each for each in at.selectbox if each.label == "実施状況").set_value("検討中").run()
    at.button(key="store_typed").click().run()
    assert "理由" in at.error[0].value
    at.text_input(key="fill_reason").set_value("数え直した").run()
    at.button(key="store_typed").click().run()
    assert progress_of(plan, record).year(2013).set_index("item").at["I-1-1", "correction"] == "数え直した"
    history = said(open_page("history"))
    assert "進行管理の報告" in history
    assert "進行管理の回答" in history
    record.undo(4, by="山田", at=NOW, note="元に戻す")
    record.undo(3, by="山田", at=NOW)
    assert progress_of(plan, record).kept.closings.empty


def test_the_history_shows_what_a_collection_brought_gives_its_files_back_and_undoes_it(plan, record):
    data = filled(handed_out(progress_of(plan), "学校教育課"), DONE | {"記入者": "秘密の人"})
    sign(drop(open_page("progress", view="collect"), data)).button(key="store").click().run()
    at = open_page("history", number="1")
    text = said(at)
    assert "進行管理の回答" in text
    assert "◎実施済 &lt;b&gt;三館&lt;/b&gt;を改築" in text
    assert "秘密の人" not in text
    assert at.selectbox(key="file").options == ["0.xlsx"]
    at.text_input(key="undo_by").set_value("佐藤").run()
    at.button(key="undo").click().run()
    assert record.cycle()["progress"].empty


def test_undoing_what_a_closed_year_holds_needs_a_reason(plan, record):
    collected(record, plan)
    record.confirm(progress_of(plan).year(2013)["item"], 2013, by="山田", at=NOW)
    record.close_year(2013, meeting=3, by="山田", at=NOW)
    at = open_page("history", number="1")
    at.text_input(key="undo_by").set_value("佐藤").run()
    at.button(key="undo").click().run()
    assert "理由" in at.error[0].value
    assert len(record.cycle()["progress"])
    at.text_input(key="undo_reason").set_value("取り違えた").run()
    at.button(key="undo").click().run()
    assert not at.exception
    assert record.cycle()["progress"].empty


def test_nothing_is_handed_out_while_an_item_has_no_answering_section(plan, record):
    at = open_page("addressees")
    assert "44項目のすべてに回答する課があります" in said(at)
    names = plan.item_departments.loc[plan.item_departments["item"] == "I-2-11", "department"]
    rows = [{"department": name, "section": "", "from_year": 2013, "to_year": None, "contact": ""} for name in names]
    record.address(roster=rows, by="山田", at=NOW)
    text = said(open_page("progress", view="collect"))
    assert "配れません" in text
    assert "I-2-11" in text
    at = sign(open_page("addressees"))
    assert "I-2-11" in said(at)
    at.selectbox(key="answering_section").set_value("企画経営課").run()
    at.button(key="store_answering").click().run()
    assert progress_of(plan, record).addressees(2013).without == []
    assert "配れません" not in said(open_page("progress", view="collect"))


def test_the_roster_is_filled_in_line_by_line(plan, record):
    at = sign(open_page("addressees", view="roster"))
    field = next(each for each in at.text_input if each.label.startswith("関係課("))
    field.set_value("総務課、防災課")
    at.button(key="store_roster").click().run()
    assert not at.exception
    assert set(record.cycle()["roster"]["section"]) == {"総務課", "防災課"}


def test_a_corrected_roster_file_is_read_seen_and_stored(record):
    at = sign(open_page("addressees", view="file"))
    data = "担当課,課,から,まで,連絡先\r\n関係課,総務課,H25,,\r\n".encode("cp932")
    at.file_uploader[0].set_value(("名簿.csv", data, "text/csv")).run(timeout=60)
    assert "登録すると変わる行" in said(at)
    at.button(key="store_file").click().run()
    assert record.cycle()["roster"]["section"].tolist() == ["総務課"]


def test_the_overview_tells_the_year_with_links_once_it_began(plan, record):
    assert "推進項目の進み具合" not in said(open_page("overview"))
    collected(record, plan, sections=["学校教育課"])
    text = said(open_page("overview"))
    assert "推進項目の進み具合" in text
    assert "progress?year=2013&amp;against=" in text


def test_items_show_the_newest_report_and_mark_the_former_one(plan, record):
    collected(record, plan, sections=["学校教育課"])
    text = said(open_page("items", item="I-2-11"))
    assert "◎実施済(H25)" in text
    assert "実施状況(最新の報告)" in text
    lost = said(open_page("items", item="I-2-3"))
    assert "走査で失われ不明" in lost


def test_a_longer_list_is_shown_page_by_page(monkeypatch):
    from kyodo import yearview

    monkeypatch.setattr(yearview, "PAGE", 20)
    at = open_page("progress")
    assert "(1〜20行目)" in said(at)
    assert said(at).count('href="?item=') == 20


def present(**query):
    at = AppTest.from_file(str(ROOT / "pages" / "meeting.py"), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def test_an_opinion_is_typed_over_a_slide_and_survives_a_reload_until_it_is_stored(record):
    at = present(slide="4", number="3", date="2014-05-12")
    at.button(key="stage_say").click().run()
    mark = "".join(at.query_params["saying"])
    at.text_area[0].set_value("若い世代への手立てを").run()
    at = present(slide="4", number="3", date="2014-05-12", saying=mark)
    assert at.text_area[0].value == "若い世代への手立てを"
    at.text_input(key="signer").set_value("記録係")
    at.button(key="store_opinion").click().run()
    row = record.cycle()["opinions"].to_dict("records")[0]
    assert (row["meeting"], row["held_on"], row["kind"], row["about"]) == (3, "2014-05-12", "意見", "1")
    assert row["text"] == "若い世代への手立てを"
    assert "saying" not in at.query_params
    assert "意見1を記録しました" in said(at)


def test_what_becomes_of_an_opinion_is_written_on_the_meeting_page(record):
    record.opine(
        {"meeting": 3, "about": "all", "kind": "意見", "text": "理由を示すこと", "state": "未対応"}, by="山田", at=NOW
    )
    at = present(opinion="1")
    assert "うち対応済でないもの1件" in said(at)
    next(each for each in at.text_input if each.label == "対応方針").set_value("次回示す").run()
    next(each for each in at.selectbox if each.label == "状態").set_value("対応済").run()
    at.text_input(key="signer").set_value("山田").run()
    at.button(key="store_follow").click().run()
    assert not at.exception
    row = record.cycle()["opinions"].to_dict("records")[0]
    assert (row["response"], row["state"], row["text"]) == ("次回示す", "対応済", "理由を示すこと")


def test_a_copied_sheet_is_named_before_anything_is_stored(plan):
    data = handed_out(progress_of(plan), "学校教育課")
    moved = changed(data, lambda made, place: made.cell(5, place("推進項目")).__setattr__("value", "別の項目"))
    text = said(drop(open_page("progress", view="collect"), filled(moved, DONE)))
    assert "1件のうち0件を受け取れます" in text
    assert "別の項目" in text
