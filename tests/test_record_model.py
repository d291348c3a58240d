"""The record against a plain list of what was done: whatever the order of events, both show the same.

Surveys and answers of the plan's yearly cycle are told apart by their keys: (indicator, year) and (item, year).
"""

import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kyodo.record import ConflictError, Record, RecordError, StaleError
from tests.test_record import AT, held, reading

KEYS = st.tuples(st.sampled_from([1, 2]), st.sampled_from([2012, 2013]))
ITEMS = st.tuples(st.sampled_from(["I-1-1", "I-1-2"]), st.sampled_from([2012, 2013]))
ANSWERS = st.dictionaries(ITEMS, st.sampled_from(["実施済", "検討中"]), min_size=1, max_size=3)
VALUES = st.dictionaries(KEYS, st.sampled_from([10.0, 20.0]), min_size=1, max_size=3)
MOMENTS = st.integers(-5, 5).map(lambda hours: AT + dt.timedelta(hours=hours))


def attempt(ask):
    """What was answered, and with what it was refused."""
    try:
        return ask(), None
    except RecordError as error:
        return None, error


def answered(record, as_of=None):
    """What was answered, as (item, year) → status."""
    frame = record.cycle(as_of)["progress"]
    return dict(zip(zip(frame["item"], frame["fiscal_year"].tolist(), strict=True), frame["status"], strict=True))


class Model:
    """The events as a list of ("submit", values or answers, at) and ("undo", number, at); all else is found by replaying it."""

    def __init__(self, events=()):
        self.events = list(events)

    def undone(self):
        """Numbers of the events without effect."""
        return {number for number in range(1, len(self.events) + 1) if self._is_undone(number)}

    def _is_undone(self, number):
        undos = (later for later, (kind, what, _) in enumerate(self.events, 1) if kind == "undo" and what == number)
        return any(not self._is_undone(undo) for undo in undos)

    def held(self, revision=None):
        events = Model(self.events[:revision])
        off, found = events.undone(), {}
        for number, (kind, what, _) in enumerate(events.events, start=1):
            if kind == "submit" and number not in off:
                found |= dict.fromkeys(what, number)
        return {key: (self.events[number - 1][1][key], number) for key, number in found.items()}

    def values(self, revision=None):
        return {key: found for key, found in self.held(revision).items() if isinstance(key[0], int)}

    def answers(self, revision=None):
        return {key: found for key, found in self.held(revision).items() if isinstance(key[0], str)}


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        self.record, self.model = Record(f"sqlite:///{self.folder}/kyodo.db"), Model()

    def teardown(self):
        assert self.record.check() == []
        shutil.rmtree(self.folder)

    @rule(values=VALUES, at=MOMENTS, replace=st.booleans(), behind=st.sampled_from([None, 0, 1, 2]))
    def submit(self, values, at, replace, behind):
        now = self.model.values()
        expected = None if behind is None else max(len(self.model.events) - behind, 0)
        number, refusal = attempt(
            lambda: self.record.submit(reading(values), by="山田", at=at, replace=replace, expected_revision=expected)
        )
        if isinstance(refusal, StaleError):
            touched = {key for event in range(expected, len(self.model.events)) for key in self.touched(event + 1)}
            assert touched & set(values)
        elif isinstance(refusal, ConflictError):
            assert not replace
            in_the_way = {key for key in values if key in now and now[key][0] != values[key]}
            assert {(row.indicator, row.fiscal_year) for row in refusal.rows} == in_the_way
        elif number <= len(self.model.events):  # the same file as one in force
            assert {key: (value, number) for key, value in values.items()}.items() <= now.items()
        else:
            assert replace or all(now[key][0] == value for key, value in values.items() if key in now)
            self.model.events.append(("submit", values, at))
            assert number == len(self.model.events)

    @rule(answers=ANSWERS, at=MOMENTS, behind=st.sampled_from([None, 0, 1, 2]))
    def collect(self, answers, at, behind):
        now = self.model.answers()
        new = {key: status for key, status in answers.items() if key not in now or now[key][0] != status}
        expected = None if behind is None else max(len(self.model.events) - behind, 0)
        rows = [{"item": item, "fiscal_year": year, "status": status} for (item, year), status in answers.items()]
        number, refusal = attempt(lambda: self.record.collect(rows, by="山田", at=at, expected_revision=expected))
        if isinstance(refusal, StaleError):
            touched = {key for event in range(expected, len(self.model.events)) for key in self.touched(event + 1)}
            assert touched & set(new)
        elif not new:
            assert number == max(now[key][1] for key in answers)
        else:
            self.model.events.append(("submit", new, at))
            assert number == len(self.model.events)

    @precondition(lambda self: self.model.events)
    @rule(data=st.data(), at=MOMENTS)
    def undo(self, data, at):
        target = data.draw(st.integers(1, len(self.model.events)))
        undone = target in self.model.undone()
        number, refusal = attempt(lambda: self.record.undo(target, by="山田", at=at))
        assert (refusal is not None) == undone
        if undone:
            assert "既に元に戻されています" in str(refusal)
        else:
            self.model.events.append(("undo", target, at))
            assert number == len(self.model.events)

    @rule(moment=MOMENTS)
    def look_back_in_time(self, moment):
        revision = max((number for number, (*_, at) in enumerate(self.model.events, 1) if at <= moment), default=0)
        assert held(self.record, moment) == held(self.record, revision)
        assert answered(self.record, moment) == answered(self.record, revision)

    @precondition(lambda self: self.model.events)
    @rule(data=st.data())
    def look_back(self, data):
        revision = data.draw(st.integers(0, len(self.model.events)))
        assert held(self.record, revision) == {key: value for key, (value, _) in self.model.values(revision).items()}
        assert answered(self.record, revision) == {key: said for key, (said, _) in self.model.answers(revision).items()}

    @invariant()
    def both_show_the_same(self):
        frame = self.record.values()
        numbers = dict(zip(held(self.record), frame["number"].tolist(), strict=True))
        assert {key: (value, numbers[key]) for key, value in held(self.record).items()} == self.model.values()
        answers = self.record.cycle()["progress"]
        assert (
            dict(
                zip(answered(self.record), zip(answers["status"], answers["number"].tolist(), strict=True), strict=True)
            )
            == self.model.answers()
        )
        assert self.record.revision() == len(self.model.events)

    def touched(self, number):
        kind, what, _ = self.model.events[number - 1]
        return what if kind == "submit" else self.touched(what)


class TestRecordAndModel(Machine.TestCase):
    settings = settings(
        max_examples=3,
        stateful_step_count=8,
        deadline=None,  # a commit waits for the disk
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.mark.slow
class TestRecordAndModelAtLength(Machine.TestCase):
    settings = settings(TestRecordAndModel.settings, max_examples=150, stateful_step_count=30)
