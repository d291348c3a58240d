"""Reading in a child process: the same reading, and whatever the file does to the child, the server only gets a message."""

import functools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from intake.builders import as_csv, as_xlsx, plain_xlsx, sheet_xml, table
from intake.laws import TODAY
from intake.test_raw import MAPPING, people

from kyodo.intake import isolation, read_isolated, read_upload

ROOT = Path(__file__).parents[2]


@functools.cache
def big():
    """A raw file that takes a while."""
    return as_csv([*people(8_000), *people(8_000)[1:] * 9])


@pytest.fixture(autouse=True, scope="module")
def closed():
    yield
    isolation.close()


def running():
    """The processes of the children, the warmest last."""
    started = [child.process for child in isolation._PLACES.queue if child.process is not None]
    return [process.pid for process in started if process.poll() is None]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("data", "name"),
    [(as_csv(table()), "調査.csv"), (plain_xlsx(), "調査.xlsx"), (b"", "x.csv"), (b"\xff\xd8\xff", "x.csv")],
)
def test_a_child_reads_what_this_process_reads(data, name, plan):
    here, there = read_upload(data, name, plan=plan, today=TODAY), read_isolated(data, name, plan=plan, today=TODAY)
    assert there.values.equals(here.values) and there.problems == here.problems and there.notices == here.notices
    assert (there.original, there.sha256, there.name) == (data, here.sha256, here.name)


@pytest.mark.slow
def test_a_raw_file_comes_back_with_its_breakdown_and_progress():
    told = []
    reading = read_isolated(
        big(), "個票.csv", fiscal_year=2013, mapping=MAPPING, today=TODAY, progress=lambda *step: told.append(step)
    )
    assert reading.accepted and len(reading.breakdown) and reading.original == big() and told


def test_a_reduced_original_comes_back():
    rows = [[*row, "氏名" if place == 0 else "山田"] for place, row in enumerate(people())]
    reading = read_isolated(as_csv(rows), "個票.csv", fiscal_year=2013, mapping=MAPPING, today=TODAY)
    assert reading.original_reduced and "山田".encode() not in reading.original


def test_the_next_file_is_read_by_the_child_that_is_warm():
    read_isolated(as_csv(table()), "a.csv", today=TODAY)
    waiting = running()
    isolation.warm_up()
    read_isolated(as_csv(table()), "a.csv", today=TODAY)
    assert running() == waiting != []


@pytest.mark.slow
def test_a_child_that_has_read_many_files_is_replaced_before_the_next_comes(monkeypatch):
    monkeypatch.setattr(isolation, "REUSED", 2)
    isolation.close()
    isolation.warm_up()
    first = running()
    read_isolated(as_csv(table()), "a.csv", today=TODAY)
    assert running() == first
    read_isolated(as_csv(table()), "a.csv", today=TODAY)
    assert len(running()) == 1 and running() != first


def test_too_slow_a_file_is_stopped_and_the_next_one_read():
    assert [problem.code for problem in read_isolated(big(), "a.csv", seconds=0.01, today=TODAY).problems] == [
        "too_slow"
    ]
    assert read_isolated(as_csv(table()), "a.csv", today=TODAY).accepted


@pytest.mark.parametrize(
    ("data", "seconds"),
    [(as_csv(table()), 20), (plain_xlsx(), 20), (b"PK" + bytes(19 * 2**20), 20), (b"1" * 200 * 2**20, 40)],
)
def test_only_a_large_text_has_more_than_twenty_seconds(data, seconds):
    assert isolation.seconds_for(data) == seconds


@pytest.mark.slow
def test_too_heavy_a_file_is_stopped_and_the_next_one_read(monkeypatch):
    wide = as_xlsx(("調査", sheet_xml([[f"{row}.{column}" for column in range(26)] for row in range(12_000)])))
    isolation.close()
    monkeypatch.setattr(isolation, "MEMORY", 150 * 2**20)
    assert [problem.code for problem in read_isolated(wide, "a.xlsx", today=TODAY).problems] == ["too_heavy"]
    monkeypatch.undo()
    assert read_isolated(as_csv(table()), "a.csv", today=TODAY).accepted


@pytest.mark.slow
def test_a_child_that_dies_is_replaced():
    read_isolated(as_csv(table()), "a.csv", today=TODAY)
    child = isolation._PLACES.queue[-1].process
    child.kill()
    child.wait()
    assert read_isolated(as_csv(table()), "a.csv", today=TODAY).accepted


@pytest.mark.slow
def test_a_caller_that_gives_up_leaves_no_half_read_file():
    def gives_up(fraction, phrase):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_isolated(big(), "a.csv", fiscal_year=2013, mapping=MAPPING, today=TODAY, progress=gives_up)
    assert read_isolated(as_csv(table()), "a.csv", today=TODAY).accepted


@pytest.mark.slow
def test_several_threads_read_at_once():
    readings = {}

    def read(number):
        readings[number] = read_isolated(as_csv(table(f"H{number}")), f"{number}.csv", today=TODAY)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(24, 29)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: set(reading.values["fiscal_year"]) for number, reading in readings.items()} == {
        n: {n + 1988} for n in range(24, 29)
    }
    assert len(running()) <= isolation.MOST == isolation._PLACES.qsize()


@pytest.mark.slow
def test_a_child_does_not_outlive_its_parent_and_needs_no_locale():
    script = (
        "from kyodo.intake import read_isolated, isolation\n"
        "import os\n"
        f"reading = read_isolated({as_csv(table())!r}, '調査.csv')\n"
        "print(isolation._PLACES.queue[-1].process.pid if reading.accepted else reading.problems)\n"
        "import sys; sys.stdout.flush(); os._exit(9)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"LANG": "C", "LC_ALL": "C", "TZ": "UTC"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    pid = int(run.stdout)
    end = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(pid)
