"""Each page runs, empty and filled, and says what it must."""

import re

import pytest
from given import GOOD, NOW, ROOT, summary_csv
from streamlit.testing.v1 import AppTest

from kyodo.intake import read_upload
from kyodo.ui import once
from kyodo.ui.places import LOOK, MANAGE, PLACES, WITHIN, grouped

PAGES = [each.script for each in PLACES if each.script != "meeting"]


pytestmark = pytest.mark.usefixtures("database")  # what the pages keep is kept by the record's address


def open_page(name, **query):
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


@pytest.mark.parametrize("page", ["items", "progress"])
def test_a_filter_that_is_seldom_used_stands_there_once_it_is_asked_for(page):
    at = open_page(page)
    assert "measure" not in {each.key for each in at.multiselect}
    at = open_page(page, measure="I-1")  # a link
    assert at.multiselect(key="measure").value == ["I-1"]
    at.multiselect(key="measure").set_value([]).run()
    assert "measure" not in at.query_params
    assert "measure" not in {each.key for each in at.run().multiselect}
    at.session_state["more"] = True  # 条件を足す was pressed
    assert at.run().multiselect(key="measure").value == []


def said(at):
    """Everything a reader sees as text, what must not be broken unmarked."""
    text = "\n".join(
        [
            *(each.value for each in at.title),
            *(str(each.proto.body) for each in at.get("html")),
            *(each.value for each in at.header),
        ]
    )
    return re.sub(r'<span class="k-w">([^<]*)</span>', r"\1", text)


def plain(text):
    """A text without its marks."""
    return re.sub("<[^>]+>", "", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_record(page):
    at = open_page(page)
    assert not at.exception
    assert "登録はまだありません" in said(at)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_filled_record_and_shows_when(page, record, reading):
    record.submit(reading, by="山田", at=NOW)
    at = open_page(page)
    assert not at.exception
    assert "2014年5月1日 10:00" in said(at)
    assert "H18・H23・H25年度調査" in said(at)


@pytest.mark.parametrize("left", [["1"], "1"])
def test_what_another_page_left_under_the_name_of_a_filter_is_no_choice_here(left):
    """会議 and 進行管理 take many indicators under the name by which 成果指標 takes one."""
    for page in ("indicators", "progress", "meeting"):
        at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
        at.session_state["indicator"], at.session_state["indicator@address"] = left, []
        assert not at.run().exception


@pytest.mark.parametrize("page", ["overview", "indicators", "items", "past", "progress"])
def test_a_rerun_with_nothing_changed_makes_nothing_anew(page):
    at = open_page(page).run()
    before = once._made.copy()
    at.run()
    assert once._made.keys() == before.keys()


def test_the_overview_says_the_finding_and_what_is_missing():
    text = said(open_page("overview"))
    assert "H23調査の時点では、H24目標に対し、順調2・やや遅れ1・遅れ1・横ばい1、H29目標に対し、" in text
    assert "H29年度の年次計画では、44項目のうち検討・実施2・実施42。" in text
    assert "職員アンケートが未登録" in text


def test_a_card_says_whether_its_target_has_a_result_or_an_outlook_and_by_which_survey(record):
    assert said(open_page("overview")).count("見通し(H23調査): ") == 10
    record.submit(read_upload(summary_csv(GOOD, year="H24"), "調査.csv", today=NOW.date()), by="山田", at=NOW)
    text = said(open_page("overview"))
    assert "結果(H24調査 39.6%): 誤差を超える" in text
    assert text.count("結果(H24調査 ") == text.count("見通し(H24調査): ") == 5


def test_the_indicator_page_shows_both_rates_and_the_basis_of_the_chosen_verdict():
    at = open_page("indicators", indicator="3", target="2017")
    text = said(at)
    assert "到達率" in text
    assert "改善幅率" in text
    assert at.selectbox(key="indicator").value == 3
    assert "64.8%" in text


def test_filters_come_from_the_address_and_narrow_the_table():
    at = open_page("items", policy="III", kind="新規")
    assert "44項目のうち2項目" in said(at)
    at.multiselect(key="kind").set_value([]).run()
    assert "44項目のうち4項目" in said(at)
    assert "kind" not in at.query_params


def test_an_item_opens_with_its_former_item():
    text = said(open_page("items", item="I-2-2"))
    assert "地域づくり運営支援交付金の創設・活用" in text


def test_a_search_without_result_says_which_condition_to_drop_and_what_it_leaves():
    text = said(open_page("items", q="存在しない言葉", policy="III"))
    assert "「言葉 存在しない言葉」を外す</a>: 4項目" in text
    assert "「推進方針 III 人づくりを通じて、協働の意識醸成を図ります」を外す</a>: 0項目" in text


@pytest.mark.parametrize(
    ("page", "chosen", "offer"),
    [
        ("past", {"status": "検討中", "disposition": "完了"}, "「実施状況 ×検討中」を外す</a>: 8項目"),
        ("progress", {"policy": "III", "q": "ないはずの言葉"}, "「言葉 ないはずの言葉」を外す</a>: 4項目"),
    ],
)
def test_every_list_says_which_condition_to_drop(page, chosen, offer):
    assert offer in said(open_page(page, **chosen))


def test_what_is_chosen_stands_below_the_filters_as_links_that_take_it_away():
    text = said(open_page("items", policy=["I", "II"], kind="新規"))
    assert '<a class="k-chip" href="?policy=II&amp;kind=%E6%96%B0%E8%A6%8F"' in text
    assert "すべて解除" in text
    assert "すべて解除" not in said(open_page("items"))
    assert "言葉 II <b>を外す</b>" in said(open_page("items", q="II"))


def test_a_count_is_a_link_to_what_it_counts():
    text = said(open_page("items"))
    assert "?policy=IV&amp;actor=%E8%A1%8C%E6%94%BF" in text
    assert "44項目のうち5項目" in plain(said(open_page("items", policy="IV", actor="行政")))


def test_every_script_of_a_page_has_its_place_and_only_editors_see_what_is_for_managing():
    scripts = {file.stem for file in (ROOT / "pages").glob("*.py")} - {"shell"}
    assert {each.script for each in PLACES} == scripts
    assert set(grouped(writes=True)) == {LOOK, MANAGE, WITHIN}
    assert set(grouped(writes=False)) == {LOOK, WITHIN}
    for writes in (True, False):
        assert sorted(each.script for group in grouped(writes).values() for each in group) == sorted(scripts)


def test_the_former_phase_agrees_with_the_print():
    text = said(open_page("past"))
    assert "前期の47項目は実施済8・継続推進33・一部実施2・検討中4" in text
    assert "不一致" not in text


def upload(at, data, name="調査.csv"):
    return at.file_uploader[0].upload(name, data, "text/csv").run()


def test_a_good_file_is_previewed_and_registered_with_four_clicks(record):
    at = upload(open_page("register"), summary_csv(GOOD, year="H24"))
    assert not at.exception
    assert "順調 → 達成" in said(at)
    assert at.button(key="register").disabled
    at.text_input(key="by").set_value("山田").run()
    assert not at.checkbox  # the oldest year without values: nothing to tick
    at.button(key="register").click().run()
    assert not at.exception
    assert [each.value for each in at.success]
    assert record.values()["value"].tolist() == list(GOOD.values())


RAW = "\r\n".join(
    [
        "番号,性別,問1,問2",
        *(f"{row},{'男性' if row % 2 else '女性'},{1 + (row % 5 > 1)},{1 + (row % 4 > 0)}" for row in range(100)),
        "",
    ]
).encode("cp932")


def test_a_raw_file_is_read_after_the_clerk_said_what_its_answers_mean(record):
    at = upload(open_page("register"), RAW)
    at.selectbox(key="year").set_value(2013).run()
    assert record.revision() == 0
    at.multiselect(key="columns_1").set_value(["問1"]).run()
    at.button_group(key="positive_1_問1").set_value(["1"]).run()
    assert at.button_group(key="negative_1_問1_['1']").value == ["2"]  # what is left is offered, and seen
    at.multiselect(key="columns_2").set_value(["問2"]).run()
    assert at.button_group(key="positive_2_問2").value == ["1"]  # offered, and seen
    assert "40.0%" in said(at)
    at.text_input(key="by").set_value("山田").run()
    at.checkbox(key="gap").check().run()
    at.button(key="register").click().run()
    assert record.values()["value"].tolist() == [40.0, 25.0]
    assert set(record.breakdown()["category"]) == {"男性", "女性"}
    at = open_page("indicators", indicator="1")
    assert "女性" in said(at)
    at = upload(open_page("register"), RAW)  # next year's file opens with this year's mapping
    assert at.multiselect(key="columns_1").value == ["問1"]
    assert at.button_group(key="positive_1_問1").value == ["1"]


def test_what_is_left_out_besides_no_answer_is_said_before_it_is_counted(record):
    answers = ["はい", "いいえ", "わからない", "無回答"]
    rows = "".join(f"{row},{'男女'[row % 2]}性,{answers[row % 4]}\r\n" for row in range(80))
    at = upload(open_page("register"), f"番号,性別,問1\r\n{rows}".encode())
    at.selectbox(key="year").set_value(2013).run()
    at.multiselect(key="columns_1").set_value(["問1"]).run()
    at.button_group(key="positive_1_問1").set_value(["はい"]).run()
    assert "50.0%" in said(at)  # of those who said yes or no
    assert "「わからない(20人)」は、無回答と同じく割合の分母から除きます" in said(at)
    at.button_group(key="negative_1_問1_['はい']").set_value(["いいえ", "わからない"]).run()
    assert "33.3%" in said(at) and "割合の分母から除きます" not in said(at)


def test_a_bad_file_shows_its_place_and_cannot_be_registered(record):
    at = upload(open_page("register"), summary_csv({**GOOD, 2: "<script>alert(1)</script>"}))
    text = said(at)
    assert "3行目" in text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert not [each for each in at.button if each.key == "register"]
    assert record.revision() == 0


def test_replacing_needs_an_explicit_yes(record, reading):
    record.submit(reading, by="山田", at=NOW)
    at = upload(open_page("register"), summary_csv({**GOOD, 1: 41.0}))
    at.text_input(key="by").set_value("佐藤").run()
    assert at.button(key="register").disabled
    at.checkbox(key="replace").check().run()
    at.button(key="register").click().run()
    assert record.values()["value"].iloc[0] == 41.0


@pytest.mark.parametrize(("year", "said_of"), [("H25", "H24年度が未登録のまま"), ("R1", "計画の最終年度(H29)より後")])
def test_a_year_that_leaves_a_gap_or_is_late_needs_a_tick(year, said_of, record):
    at = upload(open_page("register"), summary_csv(GOOD, year=year))
    at.text_input(key="by").set_value("山田").run()
    assert said_of in at.checkbox(key="gap").label and at.button(key="register").disabled
    at.checkbox(key="gap").check().run()
    assert not at.button(key="register").disabled


def test_the_same_values_again_are_named_with_their_number_and_cannot_be_registered(record, reading):
    number = record.submit(reading, by="山田", at=NOW)
    at = upload(open_page("register"), summary_csv(GOOD, n=1000))
    assert f"登録済みです(登録番号{number})" in said(at)
    assert not [each for each in at.button if each.key == "register"]


def test_a_column_named_like_a_weight_is_preselected_and_leaving_it_out_takes_a_tick(record):
    rows = RAW.decode("cp932").splitlines()
    data = "\r\n".join([rows[0] + ",WT", *(row + ",1.5" for row in rows[1:]), ""]).encode()
    at = upload(open_page("register"), data)
    at.selectbox(key="year").set_value(2013).run()
    at.multiselect(key="columns_1").set_value(["問1"]).run()
    at.button_group(key="positive_1_問1").set_value(["1"]).run()
    assert at.selectbox(key="weight").value == "WT" and "40.0%" in said(at)
    at.selectbox(key="weight").set_value("(使わない)").run()
    assert "40.0%" not in said(at)
    at.checkbox(key="no_weight").check().run()
    assert "40.0%" in said(at)


def test_what_was_chosen_and_typed_is_there_again_after_a_reload(record):
    at = upload(open_page("register"), RAW)
    at.selectbox(key="year").set_value(2013).run()
    at.multiselect(key="columns_1").set_value(["問1"]).run()
    at.button_group(key="positive_1_問1").set_value(["1"]).run()
    at.text_input(key="note").set_value("WEBだけ").run()
    again = open_page("register", draft=at.query_params["draft"])
    assert again.selectbox(key="year").value == 2013 and "40.0%" in said(again)
    assert again.text_input(key="note").value == "WEBだけ"


def test_whoever_saw_an_older_state_is_told_and_nothing_is_stored(record):
    at = upload(open_page("register"), summary_csv(GOOD))
    at.text_input(key="by").set_value("佐藤").run()
    at.checkbox(key="gap").check().run()
    other = read_upload(summary_csv({**GOOD, 1: 41.0}), "別.csv", today=NOW.date())
    record.submit(other, by="山田", at=NOW)
    at.button(key="register").click().run()
    assert "山田" in at.error[0].value
    assert record.revision() == 1


def test_a_row_of_the_history_opens_with_the_values_and_verdicts_it_changed(record):
    record.submit(read_upload(summary_csv(GOOD, year="H24"), "調査.csv", today=NOW.date()), by="山田", at=NOW)
    assert 'href="?number=1"' in said(open_page("history"))
    text = said(open_page("history", number="1"))
    assert text.index("この登録で変わった判定") < text.index("登録 1件")
    assert "順調 → 達成" in text


def test_undo_on_the_history_page_and_undo_of_the_undo(record, reading):
    record.submit(reading, by="山田", at=NOW)
    at = open_page("history")
    at.text_input(key="undo_by").set_value("佐藤").run()
    at.button(key="undo").click().run()
    assert record.values().empty
    at = open_page("history", number="2")
    at.text_input(key="undo_by").set_value("佐藤").run()
    at.button(key="undo").click().run()
    assert len(record.values()) == 5


def test_a_past_moment_can_be_looked_at(record, reading):
    record.submit(reading, by="山田", at=NOW)
    record.undo(1, by="山田", at=NOW)
    at = open_page("overview", as_of="1")
    assert "過去の時点" in said(at)
    assert "達成2" in said(at) or "H29目標" in said(at)
