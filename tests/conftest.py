"""What tests share: the plan as shipped, a record of their own, and an accepted reading."""

import pytest
from given import GOOD, NOW, ROOT, summary_csv
from hypothesis import settings

from kyodo.intake import read_upload
from kyodo.plan import load_plan
from kyodo.record import Record

# No deadline: how long an example takes is the machine's affair, not a law.
settings.register_profile("kyodo", deadline=None, max_examples=60)
settings.load_profile("kyodo")


@pytest.fixture(scope="session")
def plan():
    return load_plan(ROOT / "data")


@pytest.fixture
def database(tmp_path, monkeypatch):
    """An empty record of its own, for pages and command line too."""
    url = f"sqlite:///{tmp_path / 'kyodo.db'}"
    monkeypatch.setenv("KYODO_DATABASE", url)
    monkeypatch.setenv("KYODO_DATA", str(ROOT / "data"))
    return url


@pytest.fixture
def record(database):
    return Record(database)


@pytest.fixture
def reading():
    return read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date())
