"""What may go wrong with the record, and what must then be true: the old state or the new one, whole, and told in Japanese."""

import contextlib
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url

from kyodo.record import Record, RecordError, StaleError
from tests.at_work import (  # noqa: F401 - fixtures
    ANSWER,
    ROOT,
    as_version_1,
    file,
    kept,
    look,
    look_or_code,
    nursery,
    work_as_nobody,
    work_submit,
    work_with_little_room,
)
from tests.test_record import AT, held, postgres, reading, url  # noqa: F401 - fixtures

# ruff: noqa: F811 - a test's argument is the fixture of that name


class TestTwoAtOnce:
    @pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.slow)])
    def test_of_two_editors_one_is_stored_and_the_other_told_who(self, rounds, nursery, url, tmp_path):
        record = Record(url)
        record.revision()
        for year in range(1950, 1950 + rounds):
            answers = [tmp_path / f"{year}-{by}" for by in ("山田", "佐藤太")]
            start = time.time() + 0.02
            nursery.wait(
                *(
                    nursery.start(work_submit, url, year, by, start, answer)
                    for by, answer in zip(("山田", "佐藤太"), answers, strict=True)
                )
            )
            said = sorted(answer.read_text(encoding="utf-8") for answer in answers)
            assert said[0].startswith("ConflictError 既に登録済み")
            assert said[1] == f"stored {year - 1949}"
        assert len(held(record)) == record.revision() == rounds
        assert record.check() == []
        record.close()

    def test_a_long_wait_for_another_writer_is_told_and_nothing_is_lost(self, kept, file):
        before = look(kept)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordError, match="少し待って") as refusal:
            kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        assert refusal.value.code == "busy"
        assert look(kept) == before
        other.rollback()
        other.close()
        assert kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 6


class TestNoRoom:
    def test_a_full_disk_is_told_and_the_old_state_is_whole(self, nursery, kept, file, tmp_path):
        before = look(kept)
        nursery.run(work_with_little_room, f"sqlite:///{file}", tmp_path / "answer")
        said, seen = (tmp_path / "answer").read_text(encoding="utf-8").splitlines()

        assert said.startswith("disk: ディスクの読み書きに失敗しました。")
        assert seen == repr(held(kept))
        assert look(kept) == before
        assert kept.check() == []
        assert kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 6

    @pytest.mark.slow
    def test_a_small_disk_is_told_and_works_again_with_room(self, tmp_path):
        script = (
            "import os, sys; from tests.at_work import *; record = Record('sqlite:///kyodo.db'); "
            "big = reading({(1, 2013): 1.0}, data=os.urandom(2_000_000)); "
            "small = reading({(1, 2013): 37.2}); "
            "record.submit(reading({(1, 2012): 37.2}), by='山田', at=AT)\n"
            "try: record.submit(big, by='山田', at=AT)\n"
            "except RecordError as error: print(error.code, error, len(held(record)), record.check(), record.submit(small, by='山田', at=AT))"
        )
        mount = 'mount -t tmpfs -o size=1m tmpfs "$0" && cd "$0" && exec "$@"'
        command = ["unshare", "-rm", "sh", "-c", mount, str(tmp_path), sys.executable, "-c", script]
        if (
            not shutil.which("unshare")
            or subprocess.run([*command[:6], "true"], check=False, capture_output=True).returncode
        ):
            pytest.skip("a small disk cannot be mounted here")
        ended = subprocess.run(
            command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )

        assert ended.stdout.startswith("full ディスクの空きがない")
        assert ended.stdout.endswith(" 1 [] 2\n")


class TestReadOnly:
    @pytest.fixture
    def place(self):
        """A folder that every user can reach, unlike pytest's own."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            yield Path(folder)
            os.chmod(folder, 0o755)

    def test_a_read_only_database_can_be_read_and_says_why_it_cannot_be_written(self, nursery, place, tmp_path):
        Record(f"sqlite:///{place}/kyodo.db").submit(reading({(1, 2012): 37.2}), by="山田", at=AT)
        os.chmod(place / "kyodo.db", 0o444)
        os.chmod(place, 0o555)
        looked, refused = self.as_nobody(nursery, place, tmp_path)

        assert looked == "{(1, 2012): 37.2}"
        assert refused.startswith("read_only: ")
        assert "書き込み禁止" in refused
        assert [file.name for file in place.iterdir()] == ["kyodo.db"]

    def test_a_read_only_folder_can_be_read_and_says_why_it_cannot_be_written(self, nursery, place, tmp_path):
        Record(f"sqlite:///{place}/kyodo.db").submit(reading({(1, 2012): 37.2}), by="山田", at=AT)
        os.chmod(place / "kyodo.db", 0o666)
        os.chmod(place, 0o555)
        looked, refused = self.as_nobody(nursery, place, tmp_path)

        assert looked == "{(1, 2012): 37.2}"
        assert refused.startswith(("closed: ", "read_only: "))

    def test_without_a_database_a_read_only_folder_shows_an_empty_record(self, nursery, place, tmp_path):
        os.chmod(place, 0o555)
        looked, refused = self.as_nobody(nursery, place, tmp_path)

        assert looked == "{}"
        assert "作れません" in refused
        assert list(place.iterdir()) == []

    def test_a_folder_that_cannot_be_entered_is_told(self, nursery, place, tmp_path):
        os.chmod(place, 0o000)
        looked, refused = self.as_nobody(nursery, place, tmp_path)

        assert looked.startswith("closed: ")
        assert refused == looked

    @staticmethod
    def as_nobody(nursery, place, tmp_path):
        answer = place.parent / f"{place.name}.answer"
        answer.touch()
        os.chmod(answer, 0o666)
        nursery.run(work_as_nobody, f"sqlite:///{place}/kyodo.db", answer)
        said = answer.read_text(encoding="utf-8").splitlines()
        answer.unlink()
        return said


def refusals(record):
    """The codes with which everything one may ask is refused."""
    asked = [
        record.values, record.breakdown, record.history, record.snapshots, record.revision, record.fingerprint,
        record.changed_at, record.latest_mapping, lambda: record.original(1), lambda: record.entry(1),
        lambda: record.undo(1, by="山田", at=AT), lambda: record.name_snapshot("第2回", by="山田", at=AT),
        lambda: record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT),
    ]  # fmt: skip
    codes = set()
    for ask in asked:
        with pytest.raises(RecordError, match=r"バックアップ|更新してください") as refusal:
            ask()
        codes.add(refusal.value.code)
    return codes


class TestAnotherDatabase:
    def test_a_deleted_database_is_not_begun_anew(self, kept, file):
        file.unlink()

        assert refusals(kept) == {"missing"}
        assert not file.exists()
        assert [problem.code for problem in kept.check()] == ["missing", "missing"]

    def test_another_page_of_the_same_process_knows_it_too(self, kept, file):
        file.unlink()

        assert refusals(Record(f"sqlite:///{file}")) == {"missing"}

    def test_a_database_put_back_works_again(self, kept, file, tmp_path):
        before = look(kept)
        kept.backup(tmp_path / "backup.db")
        file.unlink()
        shutil.copy(tmp_path / "backup.db", file)

        assert look(kept) == before
        assert kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 6

    def test_after_an_older_backup_came_back_an_old_preview_is_refused(self, kept, file, tmp_path):
        kept.backup(tmp_path / "backup.db")
        seen = kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)
        shutil.copy(tmp_path / "backup.db", file)
        with pytest.raises(StaleError):
            kept.submit(reading({(5, 2013): 90.0}), by="佐藤", at=AT, expected_revision=seen)

    def test_a_replaced_database_is_neither_shown_nor_written(self, kept, file, tmp_path):
        Record(f"sqlite:///{tmp_path}/other.db").submit(reading({(5, 2013): 90.0}), by="他人", at=AT)
        (tmp_path / "other.db").replace(file)
        data = file.read_bytes()

        assert refusals(kept) == {"replaced"}
        assert file.read_bytes() == data

    def test_an_emptied_database_is_not_begun_anew(self, kept, file):
        file.write_bytes(b"")

        assert refusals(kept) == {"foreign"}
        assert file.read_bytes() == b""

    def test_a_cut_database_is_not_repaired(self, kept, file):
        data = file.read_bytes()
        for length in (10, 100, 4096, len(data) // 2, len(data) - 4096):
            file.write_bytes(data[:length])
            assert refusals(kept) <= {"foreign", "damaged"}
            assert file.read_bytes() == data[:length]

    @pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(5000), "年度,値\n2013,37.2\n".encode("cp932"), bytes(8192)])
    def test_another_file_is_left_alone(self, data, file):
        file.write_bytes(data)

        assert refusals(Record(f"sqlite:///{file}")) == {"damaged"}
        assert file.read_bytes() == data

    def test_another_programs_database_is_left_alone(self, file):
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE places (url TEXT)")
        other.close()
        data = file.read_bytes()

        assert refusals(Record(f"sqlite:///{file}")) == {"foreign"}
        assert file.read_bytes() == data

    def test_a_newer_version_is_left_alone(self, kept, file):
        with sqlite3.connect(file) as other:
            other.execute("UPDATE record_meta SET text = '99' WHERE key = 'schema'")
        other.close()
        data = file.read_bytes()

        assert refusals(kept) == {"newer"}
        assert file.read_bytes() == data

    def test_traces_of_a_lost_database_are_not_written_over(self, file):
        file.with_name("kyodo.db-journal").write_bytes(b"journal")

        assert refusals(Record(f"sqlite:///{file}")) == {"missing"}

    def test_a_missing_folder_is_told(self, tmp_path):
        with pytest.raises(RecordError, match="作れません"):
            Record(f"sqlite:///{tmp_path}/none/kyodo.db").values()

    def test_a_file_moved_away_in_mid_write_is_not_reported_as_stored(self, kept, file, monkeypatch):
        from kyodo.record import yearly as module

        append = module.append

        def appended_to_a_file_that_goes(session, ledger, new):
            result = append(session, ledger, new)
            file.rename(file.with_suffix(".gone"))
            return result

        monkeypatch.setattr(module, "append", appended_to_a_file_that_goes)
        with pytest.raises(RecordError, match="なくなって"):
            kept.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)


class TestDamage:
    @pytest.mark.parametrize("rounds", [12, pytest.param(2000, marks=pytest.mark.slow)])
    def test_a_flipped_bit_is_told_or_does_not_matter_and_is_never_written_over(self, rounds, kept, file):
        data, whole, chance, codes = file.read_bytes(), look(kept), random.Random(2), set()
        for _ in range(rounds):
            flipped = bytearray(data)
            flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(flipped)
            if (seen := look_or_code(kept)) != whole:
                codes.add(seen)
                assert kept.check() != []
                with pytest.raises(RecordError):
                    kept.submit(reading({(1, 2012): 39.0}), by="山田", at=AT, expected_revision=0)
            assert file.read_bytes() == flipped
        assert "damaged" in codes
        assert codes <= {"damaged", "foreign", "replaced", "newer", "closed", "read_only"}

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE record_value SET value = 99 WHERE number = 1 AND indicator = 1",
            "UPDATE record_value SET value = 'abc' WHERE number = 1 AND indicator = 1",
            "DELETE FROM record_value WHERE number = 2",
            "INSERT INTO record_value (number, indicator, fiscal_year, value) VALUES (9, 1, 2013, 50)",
            "UPDATE record_entry SET note = 'x' WHERE number = 1",
            "UPDATE record_entry SET \"by\" = x'ff' WHERE number = 1",
            "DELETE FROM record_entry WHERE number = 3",
            "UPDATE record_part SET part = 7 WHERE number = 1 AND part = 'record_value'",
            "UPDATE record_breakdown SET value = 41",
            "UPDATE record_snapshot SET revision = 2",
            "UPDATE record_original SET data = 'text' WHERE number = 1",
            "DELETE FROM record_original WHERE number = 1",
            "INSERT INTO record_original VALUES (3, x'00')",
            'INSERT INTO record_breakdown SELECT 2, indicator, fiscal_year, position, "group", category, value, n, n_effective, low, high, withheld FROM record_breakdown',
        ],
    )
    def test_what_no_submission_wrote_is_found(self, change, kept, file):
        other = sqlite3.connect(file)
        other.execute(change)
        other.commit()
        other.close()

        assert kept.check() != []


class TestLocked:
    def test_an_exclusive_lock_is_told_to_writer_and_reader(self, file):
        record = Record(f"sqlite:///{file}", timeout=1.2)
        record.revision()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for act in (lambda: record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT), record.revision):
            with pytest.raises(RecordError, match="少し待って"):
                act()
        other.rollback()
        other.close()
        assert record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 1


class Line:
    """A line to PostgreSQL that can be cut: a port that forwards, or is silent."""

    def __init__(self, target=None):
        self.target, self.ends = target, []
        self.ear = socket.create_server(("127.0.0.1", 0))
        self.port = self.ear.getsockname()[1]
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        with contextlib.suppress(OSError):
            while True:
                caller = self.ear.accept()[0]
                self.ends.append(caller)
                if self.target:
                    there = socket.create_connection(self.target)
                    self.ends.append(there)
                    for one, other in ((caller, there), (there, caller)):
                        threading.Thread(target=self.forward, args=(one, other), daemon=True).start()

    @staticmethod
    def forward(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def cut(self):
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends = []


class TestServerAway:
    @pytest.mark.slow
    def test_a_silent_server_is_told_without_its_host_and_user_and_others_are_told_at_once(self):
        line = Line()
        record = Record(f"postgresql+psycopg://geheim:pw@127.0.0.1:{line.port}/kyodo")
        for _ in range(3):
            with pytest.raises(RecordError, match="接続できません") as refusal:
                record.values()
            assert refusal.value.code == "unreachable"
            assert "geheim" not in str(refusal.value)
            assert "127.0.0.1" not in str(refusal.value)
        assert len(line.ends) == 1  # the second and third did not wait for the line again
        line.ear.close()
        line.cut()

    @pytest.mark.postgres
    def test_a_line_that_was_cut_is_told_and_taken_up_again_by_itself(self, postgres):
        url = make_url(postgres)
        line = Line((url.host, url.port or 5432))
        record = Record(url.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False))
        record.submit(reading({(1, 2012): 37.2}), by="山田", at=AT)
        target, line.target = line.target, None
        line.cut()
        with pytest.raises(RecordError, match="接続できません"):
            record.values()
        line.target = target
        line.cut()
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(RecordError):
                assert len(record.values()) == 1
                break
            time.sleep(0.1)
        assert record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT) == 2
        record.close()
        line.ear.close()
        line.cut()
