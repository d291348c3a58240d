"""The record's laws: what is stored, what holds, what is refused. Each runs on SQLite, and on PostgreSQL where there is one."""

import datetime as dt
import hashlib
import os
import uuid
from types import MappingProxyType, SimpleNamespace

import pandas as pd
import pytest
import sqlalchemy

from kyodo.errors import Problem
from kyodo.fiscal import JAPAN
from kyodo.intake import read_upload
from kyodo.record import ConflictError, Record, RecordError, StaleError, default_url

AT = dt.datetime(2014, 5, 1, 10, 0, tzinfo=JAPAN)
HOUR = dt.timedelta(hours=1)
SERVER = os.environ.get("KYODO_TEST_POSTGRES")
# Without a server every law would be one more skipped line; the tests that need one say so themselves.
KINDS = ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgres)] if SERVER else [])]


def reading(values, /, *, name="調査.csv", by_group=(), form="aggregated", data=None, **changes):
    """An accepted reading, as the intake gives one: ``values`` by (indicator, year), ``by_group`` as breakdown rows."""
    rows = [
        {"indicator": indicator, "fiscal_year": year, "value": value, "n": 1000, "low": value - 3, "high": value + 3}
        for (indicator, year), value in values.items()
    ]
    columns = ["indicator", "fiscal_year", "value", "n", "n_effective", "low", "high", "group", "category", "withheld"]
    frame = pd.DataFrame(rows, columns=columns).assign(group="", category="")
    breakdown = pd.DataFrame(
        [
            {**rows[0], "group": group, "category": category, "value": value, "withheld": value is None}
            for group, category, value in by_group
        ],
        columns=columns,
    )
    data = data if data is not None else f"{name}{values}{by_group}".encode(errors="replace")
    facts = {
        "accepted": True, "name": name, "sha256": hashlib.sha256(data).hexdigest(), "original": data,
        "original_reduced": False, "values": frame.drop(columns="withheld"), "breakdown": breakdown, "form": form,
        "mapping": None, "weight_column": None, "groups": {}, "notices": [],
    }  # fmt: skip
    return SimpleNamespace(**(facts | changes))


def held(record, as_of=None):
    """What holds, as (indicator, year) → value."""
    frame = record.values(as_of)
    keys = zip(frame["indicator"].tolist(), frame["fiscal_year"].tolist(), strict=True)
    return dict(zip(keys, frame["value"].tolist(), strict=True))


@pytest.fixture
def postgres():
    """The address of an empty schema in the PostgreSQL database of KYODO_TEST_POSTGRES."""
    if not SERVER:
        pytest.skip("KYODO_TEST_POSTGRES names no PostgreSQL database")
    url, schema = sqlalchemy.make_url(SERVER).set(drivername="postgresql+psycopg"), f"test_{uuid.uuid4().hex}"
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        own = url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    """The address of an empty database."""
    return f"sqlite:///{tmp_path}/記録 1.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def record(url):
    """An empty record."""
    record = Record(url)
    yield record
    record.close()


class TestSubmit:
    def test_what_was_submitted_comes_back(self, record):
        number = record.submit(reading({(1, 2013): 37.25, (2, 2013): 11.6}), by="企画課 山田", note="第1回", at=AT)

        assert number == record.revision() == 1
        frame = record.values()
        assert list(frame.columns) == [
            "indicator",
            "fiscal_year",
            "value",
            "n",
            "n_effective",
            "low",
            "high",
            "number",
            "form",
        ]
        assert frame.iloc[0].to_dict() | {"n_effective": None} == {
            "indicator": 1, "fiscal_year": 2013, "value": 37.25, "n": 1000, "n_effective": None, "low": 34.25,
            "high": 40.25, "number": 1, "form": "aggregated",
        }  # fmt: skip
        assert frame["n_effective"].isna().all()

    def test_what_the_intake_read_comes_back(self, record):
        answers = ["はい"] * 14 + ["いいえ"] * 26
        lines = [f"{answer},{'女性' if number % 2 else '男性'}" for number, answer in enumerate(answers)]
        mapping = {1: {"column": "問1", "positive": ["はい"], "negative": ["いいえ"], "missing": []}}
        data = "\n".join(["問1,性別", *lines]).encode()
        read = read_upload(data, "回答.csv", fiscal_year=2013, mapping=mapping)
        record.submit(read, by="山田", at=AT)

        assert held(record) == {(1, 2013): 35.0}
        assert record.breakdown()["category"].tolist() == read.breakdown["category"].tolist() != []
        assert read_upload(data, "回答.csv", fiscal_year=2014, mapping=record.latest_mapping().mapping).accepted
        assert record.check() == []

    def test_the_original_comes_back_byte_by_byte(self, record):
        data = bytes(range(256)) * 40
        record.submit(reading({(1, 2013): 37.2}, name="調査 (最終).xlsx", data=data), by="山田", at=AT)

        assert record.original(1) == ("調査 (最終).xlsx", data)

    def test_groups_come_back_with_what_is_withheld(self, record):
        groups = [("性別", "女性", 40.0), ("性別", "男性", None)]
        record.submit(reading({(1, 2013): 37.2}, by_group=groups), by="山田", at=AT)

        frame = record.breakdown()
        assert list(frame["category"]) == ["女性", "男性"]
        assert list(frame["withheld"]) == [False, True]
        assert frame["value"].isna().tolist() == [False, True]

    def test_groups_among_the_values_are_not_overall_values(self, record):
        both = reading({(1, 2013): 37.2, (1, 2012): 40.0})
        both.values.loc[1, ["group", "category", "fiscal_year"]] = ["性別", "女性", 2013]
        record.submit(both, by="山田", at=AT)

        assert held(record) == {(1, 2013): 37.2}
        assert record.breakdown()[["group", "category", "value"]].values.tolist() == [["性別", "女性", 40.0]]

    @pytest.mark.parametrize(
        ("changes", "by", "word"),
        [
            ({"accepted": False}, "山田", "問題のある"),
            ({}, " 　", "名前"),
            ({"values": pd.DataFrame()}, "山田", "値がありません"),
        ],
    )
    def test_nothing_is_stored_of_what_is_refused(self, record, changes, by, word):
        with pytest.raises(RecordError, match=word):
            record.submit(reading({(1, 2013): 37.2}, **changes), by=by, at=AT)

        assert record.revision() == 0

    def test_a_year_and_indicator_twice_in_one_file_is_refused(self, record):
        twice = reading({(1, 2013): 37.2})
        twice.values = pd.concat([twice.values, twice.values])
        with pytest.raises(RecordError, match="二つ"):
            record.submit(twice, by="山田", at=AT)

    def test_a_value_of_no_year_is_refused(self, record):
        yearless = reading({(1, 2013): 37.2})
        yearless.values["fiscal_year"] = float("nan")
        with pytest.raises(RecordError, match="fiscal_year: 空欄"):
            record.submit(yearless, by="山田", at=AT)

    def test_characters_no_database_keeps_do_no_harm(self, record):
        record.submit(reading({(1, 2013): 37.2}, name="a\0\udcff.csv"), by="山\0田", note="\ud800", at=AT)

        assert record.check() == []


class TestConflict:
    def test_another_content_is_refused_with_who_and_when(self, record):
        record.submit(reading({(1, 2013): 37.2, (2, 2013): 11.6}), by="山田", at=AT)
        with pytest.raises(ConflictError, match="既に登録済み") as refusal:
            record.submit(reading({(1, 2013): 38.0, (2, 2013): 11.6}), by="佐藤", at=AT + HOUR)

        assert [
            (row.indicator, row.fiscal_year, row.old, row.new, row.number, row.by, row.at) for row in refusal.value.rows
        ] == [(1, 2013, 37.2, 38.0, 1, "山田", AT)]
        assert "H25年度(2013) ① 37.2 → 38.0(登録番号1、山田、2014年5月1日 10:00)" in str(refusal.value)
        assert record.revision() == 1

    def test_other_groups_are_another_content(self, record):
        record.submit(reading({(1, 2013): 37.2}, by_group=[("性別", "女性", 40.0)]), by="山田", at=AT)
        with pytest.raises(ConflictError):
            record.submit(reading({(1, 2013): 37.2}, by_group=[("性別", "女性", 41.0)]), by="佐藤", at=AT)

    def test_a_part_of_a_year_that_is_not_there_yet_is_no_conflict(self, record):
        record.submit(reading({(number, 2013): 30.0 for number in (1, 2, 3, 4)}), by="山田", at=AT)
        record.submit(reading({(5, 2013): 90.0}), by="佐藤", at=AT)

        assert len(held(record)) == 5

    def test_a_replacement_holds_and_the_rest_stays(self, record):
        record.submit(reading({(1, 2013): 37.2, (2, 2013): 11.6}), by="山田", at=AT)
        number = record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)

        assert held(record) == {(1, 2013): 38.0, (2, 2013): 11.6}
        history = record.history().set_index("number")
        assert history["active"].to_dict() == {1: True, 2: True}
        assert history["replaced_by"].to_dict() == {1: (number,), 2: ()}

    def test_groups_of_a_replaced_set_are_gone(self, record):
        record.submit(reading({(1, 2013): 37.2}, by_group=[("性別", "女性", 40.0)]), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)

        assert record.breakdown().empty
        assert len(record.breakdown(as_of=1)) == 1


class TestOnce:
    def test_the_same_file_again_is_the_same_submission(self, record):
        first = record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        again = record.submit(reading({(1, 2013): 37.2}), by="佐藤", at=AT + HOUR)

        assert (first, again, record.revision()) == (1, 1, 1)

    def test_the_same_token_again_is_the_same_submission(self, record):
        first = record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT, token="press-1")
        again = record.submit(reading({(1, 2013): 99.9}), by="山田", at=AT, token="press-1", replace=True)

        assert (first, again, held(record)) == (1, 1, {(1, 2013): 37.2})

    def test_the_same_file_after_it_was_replaced_is_a_new_submission(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)
        number = record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT, replace=True)

        assert (number, held(record)) == (3, {(1, 2013): 37.2})


class TestStale:
    def test_a_look_before_a_change_of_the_same_set_is_refused(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        with pytest.raises(StaleError, match="山田") as refusal:
            record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True, expected_revision=0)

        assert [(row.old, row.new, row.number) for row in refusal.value.rows] == [(None, 37.2, 1)]
        assert record.revision() == 1

    def test_a_change_of_other_sets_does_not_matter(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)

        assert record.submit(reading({(2, 2013): 11.6}), by="佐藤", at=AT, expected_revision=0) == 2

    def test_an_undo_is_a_change_too(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.undo(1, by="鈴木", at=AT)
        with pytest.raises(StaleError, match="鈴木"):
            record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, expected_revision=1)

    def test_a_look_at_a_later_record_than_this_one_is_refused(self, record):
        with pytest.raises(StaleError):
            record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, expected_revision=7)


class TestUndo:
    def test_undo_brings_back_what_held_before(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0, (5, 2013): 90.0}), by="佐藤", at=AT, replace=True)
        record.undo(2, by="鈴木", at=AT, note="誤り")

        assert held(record) == {(1, 2013): 37.2}
        newest = record.history().iloc[0]
        assert (newest["kind"], newest["undoes"], newest["years"], newest["indicators"]) == ("undo", 2, (2013,), (1, 5))

    def test_undoing_an_undo_does_it_again(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        undone = record.undo(1, by="山田", at=AT)
        record.undo(undone, by="山田", at=AT)

        assert held(record) == {(1, 2013): 37.2}
        assert record.history().set_index("number")["active"].to_dict() == {1: True, 2: False, 3: True}

    def test_undoing_twice_is_refused_with_the_way_back(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.undo(1, by="鈴木", at=AT)
        with pytest.raises(RecordError, match=r"既に元に戻されています.*鈴木.*登録番号2を元に戻して"):
            record.undo(1, by="山田", at=AT)

    def test_undoing_what_nobody_submitted_is_refused(self, record):
        with pytest.raises(RecordError, match="登録番号3はありません"):
            record.undo(3, by="山田", at=AT)

    def test_undoing_what_has_no_effect_is_kept_all_the_same(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)
        number = record.undo(1, by="山田", at=AT)

        assert held(record) == {(1, 2013): 38.0}
        assert record.entry(number).changes.empty

    def test_after_an_undo_the_year_is_free(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.undo(1, by="山田", at=AT)

        assert record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT) == 3


class TestAsOf:
    def test_every_revision_shows_what_held_then(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)
        record.undo(2, by="山田", at=AT)

        assert [held(record, revision).get((1, 2013)) for revision in (0, 1, 2, 3, 9)] == [None, 37.2, 38.0, 37.2, 37.2]
        assert record.history(as_of=2).set_index("number")["active"].to_dict() == {1: False, 2: True}

    def test_order_is_by_revision_when_the_clock_was_set_back(self, record):
        for hours, value in ((0, 1.0), (2, 2.0), (1, 3.0)):
            record.submit(reading({(1, 2013): value}), by="山田", at=AT + hours * HOUR, replace=True)

        assert held(record, AT + 0.5 * HOUR) == {(1, 2013): 1.0}
        assert held(record, AT + 1.5 * HOUR) == {(1, 2013): 3.0}
        assert held(record, AT - HOUR) == {}

    def test_a_moment_without_a_zone_is_japans(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=dt.datetime(2014, 5, 1, 1, 0, tzinfo=dt.UTC))

        assert held(record, dt.datetime(2014, 5, 1, 9, 59)) == {}
        assert held(record, dt.datetime(2014, 5, 1, 10, 0)) == {(1, 2013): 37.2}
        assert record.changed_at() == AT
        assert str(record.history()["at"].iloc[0]) == "2014-05-01 10:00:00+09:00"

    def test_a_named_moment_is_frozen(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.name_snapshot("第3回委員会時点", by="鈴木", at=AT)
        record.submit(reading({(1, 2013): 38.0}), by="佐藤", at=AT, replace=True)

        named = record.snapshots().iloc[0]
        assert (named["name"], named["revision"], named["by"]) == ("第3回委員会時点", 1, "鈴木")
        assert held(record, int(named["revision"])) == {(1, 2013): 37.2}

    def test_a_name_is_taken_once(self, record):
        record.name_snapshot("第3回", by="鈴木", at=AT)
        with pytest.raises(RecordError, match="「第3回」という時点は既にあります"):
            record.name_snapshot(" 第3回 ", by="山田", at=AT)


class TestLookingBack:
    def test_an_empty_record_has_frames_of_the_same_columns(self, record):
        filled = [record.values(), record.breakdown(), record.history(), record.snapshots()]
        assert all(frame.empty for frame in filled)
        assert (record.revision(), record.changed_at(), record.latest_mapping()) == (0, None, None)

        types = [frame.dtypes.to_dict() for frame in filled]
        record.submit(reading({(1, 2013): 37.2}, by_group=[("性別", "女性", 40.0)]), by="山田", at=AT)
        record.name_snapshot("第1回", by="山田", at=AT)
        assert [
            frame.dtypes.to_dict()
            for frame in (record.values(), record.breakdown(), record.history(), record.snapshots())
        ] == types

    def test_history_is_newest_first(self, record):
        record.submit(reading({(1, 2013): 37.2, (2, 2012): 11.6}, name="a.csv"), by="山田", note="速報", at=AT)
        record.undo(1, by="鈴木", at=AT + HOUR)

        history = record.history()
        assert history["number"].tolist() == history["revision"].tolist() == [2, 1]
        first = history.iloc[1]
        assert (first["by"], first["note"], first["file"], first["years"], first["indicators"]) == (
            "山田", "速報", "a.csv", (2012, 2013), (1, 2),
        )  # fmt: skip
        assert (first["undone_by"], first["active"]) == (2, False)

    def test_an_entry_tells_what_it_changed(self, record):
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        record.submit(reading({(1, 2013): 38.0, (5, 2013): 90.0}), by="佐藤", at=AT, replace=True)

        entry = record.entry(2)
        assert entry.values["value"].tolist() == [38.0, 90.0]
        assert entry.changes.astype(object).where(entry.changes.notna(), None).values.tolist() == [
            [1, 2013, 37.2, 38.0, 1, 2],
            [5, 2013, None, 90.0, None, 2],
        ]
        assert record.entry(1).changes["new_number"].tolist() == [1]

    def test_the_mapping_of_the_newest_file_is_there_for_next_year(self, record):
        mapping = {"1": {"column": "問3", "positive": ["1"], "negative": ["2"], "missing": ["99"]}}
        raw = reading(
            {(1, 2013): 37.2},
            form="raw",
            mapping=mapping,
            weight_column="重み",
            groups=MappingProxyType({"性別": "F1"}),
        )
        record.submit(raw, by="山田", at=AT)
        record.submit(reading({(5, 2014): 90.0}), by="山田", at=AT)

        kept = record.latest_mapping()
        assert (kept.number, kept.fiscal_year, kept.mapping, kept.weight_column, kept.groups) == (
            1,
            2013,
            mapping,
            "重み",
            {"性別": "F1"},
        )

    def test_notices_are_kept(self, record):
        notice = Problem("rounded", "四捨五入しました。", row=3)
        record.submit(reading({(1, 2013): 37.2}, notices=[notice]), by="山田", at=AT)

        assert Problem(**record.entry(1).details["notices"][0]) == notice

    def test_the_fingerprint_changes_with_everything_one_can_see(self, record):
        seen = [record.fingerprint()]
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        seen.append(record.fingerprint())
        record.undo(1, by="山田", at=AT)
        seen.append(record.fingerprint())
        record.name_snapshot("第1回", by="山田", at=AT)
        seen.append(record.fingerprint())

        assert len(set(seen)) == 4
        assert record.fingerprint() == seen[-1]


class TestAddress:
    def test_the_default_is_a_file_beside_the_plan(self, monkeypatch, tmp_path):
        monkeypatch.delenv("KYODO_DATABASE", raising=False)
        monkeypatch.setenv("KYODO_DATA", str(tmp_path / "計画 50%?#"))
        (tmp_path / "計画 50%?#").mkdir()

        record = Record(default_url())
        assert record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 1
        assert [file.name for file in (tmp_path / "計画 50%?#").iterdir()] == ["kyodo.db"]

    def test_the_environment_names_another(self, monkeypatch, tmp_path):
        monkeypatch.setenv("KYODO_DATABASE", f"sqlite:///{tmp_path}/other.db")
        Record().revision()

        assert (tmp_path / "other.db").exists()

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "kyodo.db"])
    def test_other_addresses_are_refused(self, url):
        with pytest.raises(RecordError, match=r"SQLite|KYODO_DATABASE"):
            Record(url)

    def test_a_password_is_never_shown(self):
        record = Record("postgresql://user:geheim@127.0.0.1:1/none")
        with pytest.raises(RecordError, match="接続できません") as refusal:
            record.values()

        assert "geheim" not in repr(record) + str(refusal.value)


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (lambda record: record.submit(reading({(1, 2013): 37.2}), by="山" * 201, at=AT), "名前"),
        (lambda record: record.submit(reading({(1, 2013): 37.2}), by="山田", note="あ" * 2001, at=AT), "備考"),
        (lambda record: record.name_snapshot("あ" * 101, by="山田", at=AT), "時点の名前"),
    ],
)
def test_a_text_longer_than_what_it_is_for_is_refused(record, write, what):
    with pytest.raises(RecordError, match=f"{what}は[0-9]+字以内"):
        write(record)
    assert record.revision() == 0
