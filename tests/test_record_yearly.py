"""What the plan's yearly cycle keeps obeys the laws of the record: once, undoable, as of a moment, whole or not at all."""

import datetime as dt
import itertools
import sqlite3

import pytest
from given import NOW

from kyodo.record import Record, RecordError, StaleError
from tests.at_work import as_version_1
from tests.test_record import postgres, reading, url  # noqa: F401 - fixtures

LATER = NOW + dt.timedelta(days=1)
BY = {"by": "事務局", "at": NOW}


@pytest.fixture
def record(url):  # noqa: F811
    record = Record(url)
    yield record
    assert record.check() == []
    record.close()


def answer(item="I-1-1", status="実施済", year=2013, **more):
    return {"item": item, "fiscal_year": year, "department": "協働推進課", "status": status, **more}


def statuses(record, as_of=None):
    frame = record.cycle(as_of)["progress"]
    return dict(zip(frame["item"], frame["status"], strict=True))


class TestCollect:
    def test_answers_come_back_as_they_were_given_with_all_their_files(self, record):
        files = [("協働推進課.xlsx", b"PK\0\xff"), ("職員課.csv", "項目".encode("cp932"))]
        given = answer(
            result="3館を改築", result_value=3.5, check_review="まだ", written_by="山田", written_on="2014-04-20"
        )
        number = record.collect([given, answer("I-1-2", "一部実施")], files=files, **BY)
        row = record.cycle()["progress"].iloc[0].to_dict()
        assert given.items() <= row.items()
        assert (row["issue"], row["number"], row["by"], row["at"]) == ("", number, "事務局", NOW)
        assert record.cycle()["progress"]["result_value"].isna().tolist() == [False, True]
        assert [record.original(number, place) for place in range(2)] == files
        assert record.file_names(number) == [name for name, _ in files]

    def test_a_supplement_stands_beside_the_answer(self, record):
        extra = {"item": "I-1-1", "fiscal_year": 2013, "section": "管財課", "supplement": "用地を確保"}
        record.collect([answer()], [extra], **BY)
        assert record.cycle()["supplements"][["section", "supplement"]].to_numpy().tolist() == [
            ["管財課", "用地を確保"]
        ]

    def test_the_same_twice_is_one_entry(self, record):
        first = record.collect([answer(), answer("I-1-2")], files=[("a.csv", b"a")], **BY)
        assert record.collect([answer()], files=[("b.csv", b"b")], **BY) == first
        assert record.collect([answer(status="検討中")], token="t", **BY) == 2
        assert record.collect([answer(status="継続推進")], token="t", **BY) == 2
        assert record.revision() == 2

    def test_only_what_changes_is_kept_so_the_rest_stays_confirmed(self, record):
        record.collect([answer(), answer("I-1-2")], **BY)
        second = record.collect([answer(), answer("I-1-2", "検討中")], **BY)
        assert record.cycle()["progress"]["number"].tolist() == [1, second]

    def test_an_entry_tells_what_it_brought(self, record):
        record.collect([answer(), answer("I-1-2")], **BY)
        number = record.collect([answer("I-1-2", "検討中")], **BY)
        assert {name: frame["status"].tolist() for name, frame in record.entry(number).kept.items()} == {
            "progress": ["検討中"]
        }
        assert record.entry(record.undo(number, **BY)).kept == {}

    def test_an_undo_brings_back_what_stood_and_its_undo_does_it_again(self, record):
        record.collect([answer()], **BY)
        second = record.collect([answer(status="検討中"), answer("I-1-2")], **BY)
        undo = record.undo(second, **BY)
        assert statuses(record) == {"I-1-1": "実施済"}
        record.undo(undo, **BY)
        assert statuses(record) == {"I-1-1": "検討中", "I-1-2": "実施済"}
        assert [statuses(record, as_of) for as_of in (0, 1, undo)] == [{}, {"I-1-1": "実施済"}, {"I-1-1": "実施済"}]

    def test_what_others_changed_since_one_looked_is_not_overwritten(self, record):
        record.collect([answer()], **BY)
        record.collect([answer(status="検討中")], by="佐藤", at=LATER)
        with pytest.raises(StaleError, match=r"H25 I-1-1.*佐藤"):
            record.collect([answer(status="継続推進")], expected_revision=1, **BY)
        assert record.collect([answer("I-1-2")], expected_revision=1, **BY) == 3
        with pytest.raises(StaleError):
            record.collect([answer("I-1-2", "検討中")], expected_revision=9, **BY)

    @pytest.mark.parametrize(
        ("rows", "by", "why"),
        [
            ([], "山田", "登録する回答がありません"),
            ([answer()], " ", "名前"),
            ([answer(), answer()], "山田", "二つ"),
            ([answer(result_value="多数")], "山田", "値の形"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_whole(self, record, rows, by, why):
        with pytest.raises(RecordError, match=why):
            record.collect(rows, by=by, at=NOW)
        assert record.revision() == 0


class TestMarks:
    def test_what_was_sent_back_may_come_again_unchanged(self, record):
        record.collect([answer()], **BY)
        record.send_back(["I-1-1"], 2013, "根拠を書いてください", **BY)
        assert record.cycle()["marks"][["mark", "text"]].to_numpy().tolist() == [["sent_back", "根拠を書いてください"]]
        assert record.collect([answer()], **BY) == 3

    def test_a_confirmation_is_of_the_answer_that_was_seen(self, record):
        record.collect([answer()], **BY)
        record.collect([answer(status="検討中")], by="佐藤", at=LATER)
        with pytest.raises(StaleError, match="佐藤"):
            record.confirm(["I-1-1"], 2013, expected_revision=1, **BY)
        assert record.confirm(["I-1-1"], 2013, expected_revision=2, **BY) == 3

    @pytest.mark.parametrize("mark", [Record.confirm, lambda *args, **by: Record.send_back(*args, "理由", **by)])
    def test_there_is_nothing_to_confirm_or_send_back_without_an_answer(self, record, mark):
        with pytest.raises(RecordError, match="回答がありません"):
            mark(record, ["I-1-1"], 2013, **BY)
        with pytest.raises(RecordError, match="項目を選んで"):
            mark(record, [], 2013, **BY)

    def test_sending_back_takes_a_reason(self, record):
        record.collect([answer()], **BY)
        with pytest.raises(RecordError, match="理由"):
            record.send_back(["I-1-1"], 2013, " ", **BY)


class TestClosing:
    @pytest.fixture
    def closed(self, record):
        record.collect([answer(), answer("I-1-2")], **BY)
        record.confirm(["I-1-1", "I-1-2"], 2013, **BY)
        record.close_year(2013, meeting=3, held_on="2014-07-01", **BY)
        return record

    def test_only_confirmed_answers_are_reported(self, record):
        record.collect([answer(), answer("I-1-2")], **BY)
        record.confirm(["I-1-1"], 2013, **BY)
        with pytest.raises(RecordError, match="I-1-2"):
            record.close_year(2013, meeting=3, **BY)
        record.send_back(["I-1-2"], 2013, "根拠", **BY)
        record.close_year(2013, meeting=3, **BY)
        assert record.cycle()["marks"].query("mark == 'reported'")[["item", "meeting"]].to_numpy().tolist() == [
            ["I-1-1", 3]
        ]

    def test_a_closed_year_changes_with_a_reason_only(self, closed):
        with pytest.raises(RecordError, match="理由"):
            closed.collect([answer(status="検討中")], **BY)
        with pytest.raises(RecordError, match="理由"):
            closed.undo(1, **BY)
        number = closed.collect([answer(status="検討中")], reason="集計の誤り", **BY)
        assert "集計の誤り" in closed.cycle()["progress"].iloc[0]["note"]
        closed.undo(number, note="取り違え", **BY)
        assert closed.collect([answer(year=2014)], **BY) == 6

    def test_undoing_the_closing_opens_the_year(self, closed):
        closed.undo(3, **BY)
        assert closed.cycle()["closings"].empty
        assert closed.collect([answer(status="検討中")], **BY) == 5

    def test_what_is_confirmed_later_is_reported_to_a_later_meeting(self, closed):
        closed.collect([answer("I-2-1")], reason="遅れて届いた", **BY)
        closed.confirm(["I-2-1"], 2013, **BY)
        closed.close_year(2013, meeting=4, **BY)
        assert closed.cycle()["closings"][["meeting", "number"]].to_numpy().tolist() == [[3, 3]]
        reported = closed.cycle()["marks"].query("mark == 'reported'").set_index("item")["meeting"].to_dict()
        assert reported == {"I-1-1": 3, "I-1-2": 3, "I-2-1": 4}


class TestAddresses:
    def test_all_sections_of_a_printed_name_are_replaced_together(self, record):
        rows = [{"department": "関係課", "section": name, "from_year": 2013} for name in ("商工課", "農林課")]
        record.address(rows, **BY)
        second = record.address([rows[0] | {"to_year": 2014, "contact": "内線1"}], [answering("商工課")], **BY)
        assert record.cycle()["roster"][["section", "to_year"]].to_numpy().tolist() == [["商工課", 2014]]
        assert record.cycle()["answering"]["section"].tolist() == ["商工課"]
        record.undo(second, **BY)
        assert record.cycle()["roster"]["section"].tolist() == ["商工課", "農林課"]
        assert record.cycle()["answering"].empty

    def test_the_same_again_changes_nothing_and_is_told(self, record):
        record.address(answering=[answering("商工課")], **BY)
        with pytest.raises(RecordError, match="変わったところ"):
            record.address(answering=[answering("商工課")], **BY)


def answering(section):
    return {"item": "I-2-7", "from_year": 2013, "section": section}


class TestOpinions:
    def test_each_gets_a_number_and_keeps_what_is_not_changed(self, record):
        said = {"meeting": 3, "held_on": "2014-07-01", "about": "I-1-1", "kind": "意見", "text": "周知を急ぐ"}
        assert record.opine(said, **BY) == 1
        assert record.opine(said | {"about": "all", "text": "資料を早く"}, **BY) == 2
        assert record.opine({"response": "市報に載せる", "state": "対応中"}, 1, by="佐藤", at=LATER) == 1
        first = record.cycle()["opinions"].iloc[0]
        assert (first["text"], first["response"], first["meeting"], first["by"]) == (
            "周知を急ぐ",
            "市報に載せる",
            3,
            "佐藤",
        )

    def test_a_number_is_never_given_twice(self, record):
        record.opine({"about": "all", "text": "一"}, **BY)
        record.undo(1, **BY)
        assert record.opine({"about": "all", "text": "二"}, **BY) == 2
        assert record.opine({"about": "all", "text": "三"}, token="t", **BY) == 3
        assert record.opine({"about": "all", "text": "三"}, token="t", **BY) == 3

    def test_a_blank_takes_it_away_and_an_empty_one_is_refused(self, record):
        record.opine({"about": "all", "text": "一"}, **BY)
        record.opine({"text": ""}, 1, **BY)
        assert record.cycle()["opinions"].empty
        for said, opinion in [({"about": "all", "text": " "}, None), ({"text": "二"}, 7)]:
            with pytest.raises(RecordError):
                record.opine(said, opinion, **BY)


class TestOlderRecords:
    def test_a_record_of_the_first_version_opens_as_it_is_and_grows_with_its_next_entry(self, tmp_path):
        file = tmp_path / "old.db"
        record = Record(f"sqlite:///{file}")
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=NOW)
        as_version_1(file)
        before = file.read_bytes()
        assert (record.check(), record.cycle()["progress"].empty, record.values()["value"].tolist()) == (
            [],
            True,
            [37.2],
        )
        record.backup(tmp_path / "backup.db")
        record.copy_to(f"sqlite:///{tmp_path}/copy.db")
        assert file.read_bytes() == before
        for name in ("old.db", "backup.db", "copy.db"):
            each = Record(f"sqlite:///{tmp_path / name}")
            assert each.collect([answer()], files=[("a.csv", b"a")], **BY) == 2
            assert (each.check(), each.values()["value"].tolist()) == ([], [37.2])
            with sqlite3.connect(tmp_path / name) as other:
                assert other.execute("SELECT text FROM record_meta WHERE key = 'schema'").fetchone() == ("2",)
            other.close()

    @pytest.mark.parametrize("table", ["record_progress", "record_file", "record_opinion"])
    def test_what_nobody_wrote_is_found(self, tmp_path, table):
        record = Record(f"sqlite:///{tmp_path}/kyodo.db")
        record.collect([answer()], files=[("a.csv", b"a")], **BY)
        record.opine({"about": "all", "text": "一"}, **BY)
        column = {"record_progress": "result", "record_file": "data", "record_opinion": "response"}[table]
        with sqlite3.connect(tmp_path / "kyodo.db") as other:
            other.execute(f"UPDATE {table} SET {column} = 'x'")
        other.close()
        assert record.check() != []


def test_the_cycles_state_changes_with_what_touches_it_and_with_nothing_else(record, reading):
    states, cycles = [], []

    def did(step):
        step()
        states.append(record.cycle_state())
        cycles.append({name: frame.to_csv() for name, frame in record.cycle().items()})

    did(lambda: None)
    did(lambda: record.submit(reading, **BY))
    did(lambda: record.collect([answer()], **BY))
    did(lambda: record.undo(1, **BY))
    did(lambda: record.opine({"kind": "意見", "about": "all", "text": "早く"}, **BY))
    did(lambda: record.undo(3, **BY))  # of the survey's undo
    did(lambda: record.undo(4, **BY))  # of the opinion
    did(lambda: record.undo(6, **BY))  # and of that
    did(lambda: record.remark(1, {"要因": "雨"}, **BY))
    did(lambda: record.name_snapshot("第1回", **BY))
    changed = [earlier != later for earlier, later in itertools.pairwise(states)]
    assert changed == [False, True, False, True, False, True, True, False, False]
    assert [a != b for a, b in itertools.pairwise(cycles)] == changed
    assert [record.cycle_state(revision) for revision in range(9)] == states[:9]
