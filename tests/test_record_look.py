"""A look at a record in a file that need not open it: it sees all that a look that does would see."""

import datetime as dt
import shutil

import pytest

from kyodo.record import Record, RecordError
from tests.test_record import AT, reading


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "kyodo.db"
    Record(f"sqlite:///{file}").submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
    return file


def after(file, seconds):
    return dt.datetime.fromtimestamp(file.stat().st_mtime + seconds, dt.UTC)


def test_it_sees_what_others_wrote_and_that_the_file_is_gone(file):
    record = Record(f"sqlite:///{file}")
    seen = record.fingerprint(after(file, 60))
    assert record.fingerprint(after(file, 60)) == seen == record.fingerprint()
    Record(f"sqlite:///{file}").undo(1, by="別の人", at=AT)

    assert record.fingerprint(after(file, 60)) == record.fingerprint() != seen
    file.rename(file.with_suffix(".away"))
    with pytest.raises(RecordError):
        record.fingerprint(dt.datetime.now(dt.UTC))


def test_another_file_in_its_place_is_noticed(file, tmp_path):
    record = Record(f"sqlite:///{file}")
    record.fingerprint(after(file, 60))
    other = tmp_path / "other.db"
    Record(f"sqlite:///{other}").submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
    other.replace(file)

    with pytest.raises(RecordError, match="別"):
        record.fingerprint(after(file, 60))


@pytest.mark.parametrize(("seconds", "sure"), [(0, False), (2, False), (60, True), (-60, False)])
def test_only_a_file_not_written_just_now_is_known_by_its_time(file, seconds, sure):
    database = Record(f"sqlite:///{file}")._database

    assert (database.stamp(after(file, seconds)) is not None) is sure
    assert database.stamp(None) is None
    file.with_name(f"{file.name}-wal").touch()  # what is written there does not touch the file
    assert database.stamp(after(file, seconds)) is None


def test_copies_of_a_record_that_name_other_moments_are_not_taken_for_each_other(tmp_path):
    records = []
    Record(f"sqlite:///{tmp_path}/1.db").revision()
    shutil.copy(tmp_path / "1.db", tmp_path / "2.db")
    for number, name in ((1, "第1回"), (2, "第2回")):
        records.append(Record(f"sqlite:///{tmp_path}/{number}.db"))
        records[-1].name_snapshot(name, by="山田", at=AT)
    assert records[0].fingerprint() != records[1].fingerprint()
