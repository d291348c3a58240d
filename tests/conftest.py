"""What tests share: the plan as shipped, a record of their own, and an accepted reading."""

import gc
import os
import shutil
import sys

import pytest
from given import GOOD, NOW, ROOT, summary_csv
from hypothesis import settings
from streamlit.testing.v1 import AppTest

from kyodo.access import Person
from kyodo.access.person import seal
from kyodo.access.server import seek_no_components
from kyodo.intake import read_upload
from kyodo.plan import load_plan
from kyodo.record import Record

seek_no_components()  # as the server: it takes longer than many a page
# Compiled once: every worker and every child would else compile all of the program anew, where the shell forbids keeping it.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where memory serves as a disk and is roomy, the tests' folders are there: thousands of commits need not wait for a disk, and
# no test cuts the power. What is written, synced and locked is the same.
if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")

# No deadline: how long an example takes is the machine's affair, not a law.
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("slow", deadline=None, max_examples=30)
# The files that take longest begin, so that no worker is left with one of them at the end.
FIRST = (
    "test_record_kills.py", "test_record_model.py", "test_record_faults.py", "test_reach.py", "test_flows.py", "test_stage.py", "test_look.py", "test_sign_in.py",
    "test_paper.py", "test_many.py", "test_pictures.py", "test_isolation.py", "test_whole_year.py", "test_offline.py", "test_raw_kinds.py",
    "test_command_line.py", "test_progress_page.py", "test_returned.py", "test_deck.py", "test_commands.py", "test_pages.py",
)  # fmt: skip


LONG = "starts servers, kills processes, draws documents or tries hundreds of cases"


def pytest_configure(config):
    settings.load_profile("slow" if config.getoption("--slow") else "quick")


def pytest_collection_finish():
    gc.freeze()  # what all tests stand on is looked through once, not at every collection of garbage


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help=f"also what {LONG}")


@pytest.hookimpl(trylast=True)  # after the folders' own have marked what is theirs
def pytest_collection_modifyitems(config, items):
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path.name, len(FIRST)))
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason=f"{LONG}: runs with --slow"))


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch):
    """Tests of pages sit at the machine itself, as the gate would say of them; another person is ``at.user``."""
    begin = AppTest.__init__

    def begin_here(at, *given, **named):
        begin(at, *given, **named)
        at.user = {"person": seal(Person(own=True)).decode()}

    monkeypatch.setattr(AppTest, "__init__", begin_here)


@pytest.fixture(scope="session")
def plan():
    return load_plan(ROOT / "data")


@pytest.fixture(scope="session")
def blank(tmp_path_factory):
    """The file of an empty record, made once. Copies of it that were told the same are in the same state, by their heads."""
    file = tmp_path_factory.mktemp("blank") / "kyodo.db"
    Record(f"sqlite:///{file}").revision()
    return file


@pytest.fixture
def database(blank, tmp_path, monkeypatch):
    """An empty record of its own, for pages and command line too; what pages made of the same state is there already."""
    url = f"sqlite:///{shutil.copy(blank, tmp_path / 'kyodo.db')}"
    monkeypatch.setenv("KYODO_DATABASE", url)
    monkeypatch.setenv("KYODO_DATA", str(ROOT / "data"))
    return url


@pytest.fixture
def record(database):
    return Record(database)


@pytest.fixture(scope="session")
def reading(plan):
    return read_upload(summary_csv(GOOD), "調査.csv", plan=plan, today=NOW.date())
