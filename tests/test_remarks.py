"""What is said of an indicator is kept like everything else: undoable, as of a moment, checked."""

import datetime as dt

import pytest
from given import NOW
from sqlalchemy import create_engine, text

from kyodo.record import RecordError

LATER = NOW + dt.timedelta(days=1)


def said(record, **at):
    rows = record.remarks(**at)
    return {(row["indicator"], row["heading"]): row["text"] for row in rows.to_dict("records")}


def test_what_is_said_last_stands_and_the_rest_stays(record):
    first = record.remark(1, {"要因": "担い手の高齢化", "課題": "周知"}, by="山田", at=NOW)
    second = record.remark(1, {"要因": "担い手の不足", "課題": "周知"}, by="山田", at=LATER)
    assert said(record) == {(1, "要因"): "担い手の不足", (1, "課題"): "周知"}
    assert said(record, as_of=first) == {(1, "要因"): "担い手の高齢化", (1, "課題"): "周知"}
    assert record.remarks()["number"].tolist() == [second, first]


def test_an_undo_brings_back_what_stood_before(record):
    record.remark(1, {"要因": "前"}, by="山田", at=NOW)
    number = record.remark(1, {"要因": "後"}, by="山田", at=LATER)
    undone = record.undo(number, by="山田", at=LATER)
    assert said(record) == {(1, "要因"): "前"}
    record.undo(undone, by="山田", at=LATER)
    assert said(record) == {(1, "要因"): "後"}


def test_a_blank_takes_away_what_stood_there(record):
    record.remark(2, {"課題": "周知"}, by="山田", at=NOW)
    record.remark(2, {"課題": " "}, by="山田", at=LATER)
    assert said(record) == {}


@pytest.mark.parametrize(
    ("texts", "by", "why"),
    [
        ({"課題": "周知"}, " ", "名前"),
        ({"課題": "長" * 201}, "山田", "200字以内"),
        ({"課題": ""}, "山田", "変わったところ"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(record, texts, by, why):
    with pytest.raises(RecordError, match=why):
        record.remark(1, texts, by=by, at=NOW)
    assert record.revision() == 0


def test_the_same_press_of_the_button_is_one_entry(record):
    assert record.remark(1, {"要因": "a"}, by="山田", at=NOW, token="t") == record.remark(
        1, {"要因": "b"}, by="山田", at=NOW, token="t"
    )


def test_it_stands_in_the_history_and_changes_no_value(record, reading):
    record.submit(reading, by="山田", at=NOW)
    before = record.values()
    number = record.remark(3, {"今後の方向": "講座を増やす"}, by="佐藤", at=LATER)
    newest = record.history().iloc[0]
    assert (newest["number"], newest["kind"], newest["note"], newest["active"]) == (
        number,
        "remark",
        "指標3の今後の方向",
        True,
    )
    assert record.values().equals(before)
    assert record.entry(number).changes.empty


def test_a_check_a_backup_and_a_copy_take_it_along(record, tmp_path):
    record.remark(1, {"要因": "担い手"}, by="山田", at=NOW)
    assert record.check() == []
    record.backup(tmp_path / "backup.db")
    assert record.copy_to(f"sqlite:///{tmp_path / 'copy.db'}")["record_remark"] == 1


def test_a_remark_that_nobody_made_is_found(record, database):
    record.remark(1, {"要因": "担い手"}, by="山田", at=NOW)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE record_remark SET text = 'ほか'"))
    engine.dispose()
    assert record.check() != []
    with pytest.raises(RecordError):
        record.remarks()
