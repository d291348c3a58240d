"""Many people at once: new revisions reach open pages, whoever is over the cap is told, memory comes back."""

import contextlib
import os
import time
from pathlib import Path

import pytest
from conftest import serving
from given import GOOD, NOW, summary_csv
from speaking import Client
from test_gate import ask, put, token

from kyodo.access import server as settings
from kyodo.intake import read_upload
from kyodo.record import Record

capped = serving("capped", rules="sessions = 3\n")


def register(database, **values):
    values = {int(name[1:]): value for name, value in values.items()} or GOOD
    reading = read_upload(summary_csv(values), "調査.csv", today=NOW.date())
    return Record(database).submit(reading, by="山田", at=NOW, replace=True)


def test_a_new_revision_reaches_open_pages_by_itself(own):
    with Client(own.url) as first, Client(own.url, "items") as second:
        number = register(own.database, _1=41.5)
        for client in (first, second):
            client.read(seconds=5)
            assert f"登録番号{number}" in client.text


def test_a_preview_does_not_change_under_the_clerks_eyes(own):
    with Client(own.url, "register") as client:
        (upload,) = client.ids("upload_0")
        (place,) = client.ask_to_upload("調査.csv")
        assert put(own, place.upload_url, summary_csv({1: 42.5})) == 204
        client.choose_file("register", upload, place)
        assert "読み取りを確かめる" in client.text
        register(own.database, _1=43.5)
        with pytest.raises(TimeoutError):
            client.read(seconds=3)


def test_whoever_is_over_the_cap_is_told_in_japanese_and_comes_in_when_there_is_room(capped):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(capped.url)) for _ in range(3)]
        status, headers, body = ask(capped, Accept="text/html")
        assert status == 503
        assert headers["retry-after"] == "60"
        assert "開いている人が多い" in body
        assert ask(capped, "/healthz")[0] == 200
        clients[0].close()
        time.sleep(0.3)
        assert ask(capped, Accept="text/html")[0] == 200


@pytest.mark.slow
def test_what_a_session_uploaded_goes_with_it(own):
    def memory():
        pages = Path(f"/proc/{own.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20

    with Client(own.url, "register") as client:
        before = memory()
        for _ in range(3):
            (place,) = client.ask_to_upload("a.csv")
            assert put(own, place.upload_url, os.urandom(15 * 2**20)) == 204
        assert memory() > before + 30
    until = time.monotonic() + settings.GRACE + 25
    while memory() > before + 8 and time.monotonic() < until:
        time.sleep(0.5)
    assert memory() < before + 8


@pytest.mark.slow
def test_five_hundred_uploads_leave_files_and_memory_level(own):
    def held():
        pages = int(Path(f"/proc/{own.process.pid}/statm").read_text().split()[1])
        return len(os.listdir(f"/proc/{own.process.pid}/fd")), pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    with Client(own.url, "register") as client:
        for number in range(500):
            if number == 20:
                files, memory = held()
            (place,) = client.ask_to_upload("a.csv")
            assert put(own, place.upload_url, os.urandom(100_000)) == 204
            assert ask(own, place.delete_url, "DELETE", **token(own))[0] == 204
        assert held()[0] <= files + 5
        assert held()[1] <= memory + 15
