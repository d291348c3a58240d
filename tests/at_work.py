"""A record with a bit of everything, and fresh processes that work on one: for the tests of what may go wrong with it."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kyodo.record import Record, RecordError
from kyodo.record.tables import TABLES
from tests.test_record import AT, held, reading

ROOT = Path(__file__).parents[1]
# A process that has imported everything and makes a fresh one, by fork, for each line: [function, arguments…].
NURSERY = """
import json, os, signal, sys
from tests import at_work as work
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    name, *arguments = json.loads(line)
    if not (child := os.fork()):
        getattr(work, name)(*arguments)
        os._exit(0)
    print(child, flush=True)
"""


class Nursery:
    """Fresh processes that run the ``work_…`` functions below."""

    def __init__(self, process):
        self._process = process

    def start(self, work, *arguments):
        print(json.dumps([work.__name__, *map(str, arguments)]), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    @staticmethod
    def wait(*children):
        until = time.monotonic() + 60
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < until, "a child process hangs"
            time.sleep(0.0005)

    def run(self, work, *arguments):
        self.wait(self.start(work, *arguments))


@pytest.fixture(scope="module")
def nursery():
    if not Path("/proc/self").exists():
        pytest.skip("processes are watched through /proc")
    command = [sys.executable, "-c", NURSERY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Nursery(process)
        process.stdin.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kyodo.db"


@pytest.fixture
def kept(file):
    """A record in ``file`` with a bit of everything."""
    record = Record(f"sqlite:///{file}", timeout=0.3)
    record.submit(reading({(1, 2012): 37.2, (2, 2012): 11.6}, by_group=[("性別", "女性", 40.0)]), by="山田", at=AT)
    record.submit(reading({(1, 2012): 38.0}), by="佐藤", at=AT, replace=True)
    record.undo(2, by="鈴木", at=AT)
    record.name_snapshot("第1回", by="鈴木", at=AT)
    record.collect([ANSWER], files=[("返送.xlsx", b"PK returned")], by="山田", at=AT)
    record.opine({"about": "all", "text": "周知を急ぐ"}, by="山田", at=AT)
    return record


def look(record):
    """Everything a page may ask, as text."""
    frames = [
        record.values(), record.breakdown(), record.history(), record.snapshots(), record.cycle()["progress"], record.cycle()["opinions"],
    ]  # fmt: skip
    return "\n".join(frame.to_csv() for frame in frames) + repr(
        [record.original(1), record.original(4), record.entry(2).details]
    )


def look_or_code(record):
    """Everything a page may ask, or the code of the refusal."""
    try:
        return look(record)
    except RecordError as error:
        return error.code


ANSWER = {"item": "I-1-1", "fiscal_year": 2013, "department": "協働推進課", "status": "実施済", "result": "3館"}


def as_version_1(file):
    """Make an empty record, or the one in the file, as the first version of the program kept it."""
    Record(f"sqlite:///{file}").revision()
    with sqlite3.connect(file) as other:
        for table in TABLES.tables.values():
            if table.info.get("since", 1) > 1:
                other.execute(f"DROP TABLE {table.name}")
        other.execute("UPDATE record_meta SET text = '1' WHERE key = 'schema'")
    other.close()


# What the fresh processes do


def work_submit(address, year, by, start, answer):
    """Submit one year at a given time; answer with what came of it."""
    mine = reading({(1, int(year)): 37.0 + len(by)}, data=os.urandom(100))
    time.sleep(max(float(start) - time.time(), 0))
    try:
        said = f"stored {Record(address).submit(mine, by=by, at=AT)}"
    except RecordError as error:
        said = f"{type(error).__name__} {error}"
    Path(answer).write_text(said, encoding="utf-8")


def work_submit_large(address, year, ready):
    """Submit a file of a megabyte, after saying that it begins, and say so when it is stored."""
    mine, record = reading({(1, int(year)): 37.0}, data=os.urandom(1_000_000)), Record(address)
    record.revision()
    Path(ready).touch()
    record.submit(mine, by="山田", at=AT)
    Path(f"{ready}.stored").touch()


def work_as_nobody(address, answer):
    """Look and submit without the superuser's rights."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    record, out = Record(address), []
    for act in (lambda: held(record), lambda: record.submit(reading({(1, 2013): 37.2}), by="山田", at=AT)):
        try:
            out.append(repr(act()))
        except RecordError as error:
            out.append(f"{error.code}: {error}")
    Path(answer).write_text("\n".join(out), encoding="utf-8")


def work_with_little_room(address, answer):
    """Submit with files limited to a little more than there is, then look."""
    import resource

    record = Record(address)
    size = record._database.file.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, size + 20_000))
    try:
        said = str(record.submit(reading({(1, 2013): 37.2}, data=os.urandom(500_000)), by="山田", at=AT))
    except RecordError as error:
        said = f"{error.code}: {error}"
    Path(answer).write_text(f"{said}\n{held(record)!r}", encoding="utf-8")
