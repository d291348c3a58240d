"""A new revision reaches an open page while its reader types, and takes nothing from under the hands."""

from given import GOOD, NOW, summary_csv
from looking import at_rest

from kyodo.intake import read_upload
from kyodo.record import Record


def test_what_is_being_typed_stays_while_a_new_revision_arrives(server, new_page):
    page = new_page()
    page.goto(server.url + "/meeting")
    at_rest(page)
    field = page.get_by_label("時点の名前", exact=True)
    field.click()
    field.press_sequentially("第3回委員会")
    area = page.get_by_label("課題", exact=True)
    area.click()
    area.press_sequentially("担い手が減っている")
    record = Record(server.database)
    number = record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="山田", at=NOW)
    page.get_by_text(f"登録番号{number}").first.wait_for(timeout=10_000)
    record.remark(1, {"課題": "ほかの人の言葉"}, by="佐藤", at=NOW)
    page.get_by_text(f"登録番号{number + 1}").first.wait_for(timeout=10_000)
    assert area.input_value() == "担い手が減っている"
    assert field.input_value() == "第3回委員会"
    assert area.evaluate("each => each === document.activeElement")
    page.keyboard.type("。")
    assert area.input_value() == "担い手が減っている。"
    assert not page.seen.errors


def test_a_page_of_an_error_comes_back_by_itself_once_the_record_does(fresh, new_page):
    from pathlib import Path

    file = Path(fresh.database.removeprefix("sqlite:///"))
    page = new_page()
    page.goto(fresh.url)
    at_rest(page)
    file.rename(file.with_suffix(".away"))
    page.reload()
    page.get_by_text("なくなっています").first.wait_for()
    file.with_suffix(".away").rename(file)
    page.get_by_text("登録はまだありません").first.wait_for()
