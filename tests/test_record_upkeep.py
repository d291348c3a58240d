"""Checks, backups and moves of the record: a copy is whole and the same, or there is none."""

import shutil
import sqlite3
import threading

import pytest

from kyodo.record import Record, RecordError
from kyodo.record.tables import TABLES
from tests.at_work import file, kept, look  # noqa: F401 - fixtures
from tests.test_record import AT, held, postgres, reading, url  # noqa: F401 - fixtures

# ruff: noqa: F811 - a test's argument is the fixture of that name


def spoil(file):
    """Change a value behind the record's back."""
    with sqlite3.connect(file) as other:
        other.execute("UPDATE record_value SET value = 99 WHERE number = 1")
    other.close()


class TestFile:
    def test_a_commit_is_on_disk_before_it_is_reported(self, kept):
        connection = kept._database.connect()
        said = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        connection.close()

        assert said == {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1}

    def test_a_whole_record_has_no_problems(self, url):
        record = Record(url)
        assert record.check() == []
        record.submit(reading({(1, 2013): 37.2}, by_group=[("性別", "女性", 40.0)]), by="山田", at=AT)
        record.undo(1, by="山田", at=AT)
        assert record.check() == []
        record.close()

    def test_a_file_that_is_not_the_one_sent_is_found(self, tmp_path):
        record = Record(f"sqlite:///{tmp_path}/kyodo.db")
        record.submit(reading({(1, 2013): 37.2}, sha256="0" * 64), by="山田", at=AT)
        assert [problem.code for problem in record.check()] == ["original"]

    def test_a_file_without_what_identifies_people_is_no_problem(self, tmp_path):
        record = Record(f"sqlite:///{tmp_path}/kyodo.db")
        record.submit(reading({(1, 2013): 37.2}, sha256="0" * 64, original_reduced=True), by="山田", at=AT)
        assert record.check() == []


class TestBackup:
    def test_a_backup_is_the_record(self, kept, tmp_path):
        assert kept.backup(tmp_path / "写し 1.db") == 5

        assert look(Record(f"sqlite:///{tmp_path}/写し 1.db")) == look(kept)
        assert {file.name for file in tmp_path.iterdir()} == {"kyodo.db", "写し 1.db"}

    @pytest.mark.slow
    def test_every_backup_taken_during_submissions_is_whole(self, kept, tmp_path):
        stop = threading.Event()

        def submit():
            year = 1950
            while not stop.is_set() and year < 2060:
                kept.submit(reading({(3, year): 20.0}), by="山田", at=AT)
                year += 1

        writer = threading.Thread(target=submit)
        writer.start()
        revisions = []
        for number in range(8):
            revisions.append(kept.backup(tmp_path / f"{number}.db"))
            copy = Record(f"sqlite:///{tmp_path}/{number}.db")
            assert copy.check() == []
            assert held(copy) == held(kept, revisions[-1])
        stop.set()
        writer.join()
        assert revisions == sorted(revisions)
        assert len(set(revisions)) > 1

    def test_nothing_is_overwritten(self, kept, tmp_path):
        (tmp_path / "backup.db").write_text("an older one")
        with pytest.raises(RecordError, match="既にあります"):
            kept.backup(tmp_path / "backup.db")

        assert (tmp_path / "backup.db").read_text() == "an older one"

    def test_a_damaged_record_makes_no_backup(self, kept, file, tmp_path):
        spoil(file)
        with pytest.raises(RecordError, match="壊れています"):
            kept.backup(tmp_path / "backup.db")

        assert [each.name for each in tmp_path.iterdir()] == ["kyodo.db"]

    def test_a_missing_folder_is_told(self, kept, tmp_path):
        with pytest.raises(RecordError, match="書き込めません"):
            kept.backup(tmp_path / "none" / "backup.db")


class TestCopy:
    def test_a_copy_is_the_record_and_can_go_on(self, kept, tmp_path):
        counts = kept.copy_to(f"sqlite:///{tmp_path}/copy.db")

        copy = Record(f"sqlite:///{tmp_path}/copy.db")
        assert (counts["record_entry"], counts["record_original"], counts["record_snapshot"]) == (5, 2, 1)
        assert look(copy) == look(kept)
        assert copy.fingerprint() == kept.fingerprint()
        assert copy.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 6

    def test_an_empty_record_takes_a_copy(self, kept, tmp_path):
        copy = Record(f"sqlite:///{tmp_path}/copy.db")
        assert held(copy) == {}
        kept.copy_to(f"sqlite:///{tmp_path}/copy.db")

        assert look(copy) == look(kept)

    def test_a_record_that_holds_something_takes_none(self, kept, tmp_path):
        other = Record(f"sqlite:///{tmp_path}/other.db")
        other.submit(reading({(5, 2013): 90.0}), by="他人", at=AT)
        with pytest.raises(RecordError, match="既に登録があります"):
            kept.copy_to(f"sqlite:///{tmp_path}/other.db")

        assert held(other) == {(5, 2013): 90.0}

    def test_a_record_is_not_copied_onto_itself(self, kept, file):
        with pytest.raises(RecordError, match="同じ"):
            kept.copy_to(f"sqlite:///{file}")

    def test_a_damaged_record_is_not_copied(self, kept, file, tmp_path):
        spoil(file)
        with pytest.raises(RecordError, match="壊れています"):
            kept.copy_to(f"sqlite:///{tmp_path}/copy.db")

        assert not (tmp_path / "copy.db").exists()

    @pytest.mark.postgres
    def test_a_record_moves_to_postgresql_and_goes_on_and_comes_back(self, kept, postgres, tmp_path):
        before = look(kept)
        kept.copy_to(postgres)
        moved = Record(postgres)
        assert look(moved) == before
        assert moved.fingerprint() == kept.fingerprint()
        assert moved.check() == []
        assert moved.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 6
        assert moved.undo(6, by="山田", at=AT) == 7

        assert moved.backup(tmp_path / "backup.db") == 7
        assert look(Record(f"sqlite:///{tmp_path}/backup.db")) == look(moved)
        moved.close()

    @pytest.mark.postgres
    def test_a_postgresql_database_that_lost_its_tables_is_not_begun_anew(self, postgres):
        record = Record(postgres)
        record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        with record._database.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE {', '.join(TABLES.tables)}")
        for ask in (record.values, record.revision, lambda: record.undo(1, by="山田", at=AT)):
            with pytest.raises(RecordError, match="バックアップ"):
                ask()
        record.close()

    def test_copies_by_hand_are_the_same_record(self, kept, file, tmp_path):
        shutil.copy(file, tmp_path / "copied.db")
        assert look(Record(f"sqlite:///{tmp_path}/copied.db")) == look(kept)
