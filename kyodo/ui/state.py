"""The state a page shows: the plan and the record of this process, and the brief of one revision, each made once."""

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from kyodo.access.guard import GuardedRecord
from kyodo.brief import Brief, brief_of, build_brief
from kyodo.cycle.year import Kept, kept_of
from kyodo.fiscal import JAPAN, fiscal_year_of
from kyodo.plan import Plan, load_plan
from kyodo.record import EntryDetail, Record, default_url
from kyodo.ui import follow, moments, runs


def now() -> dt.datetime:
    """The moment on Japan's clock: the one place where the screen reads it."""
    return dt.datetime.now(JAPAN)


@st.cache_resource(show_spinner="計画のデータを読み込んでいます…")
def plan() -> Plan:
    """The plan's tables, read and checked once per process."""
    return load_plan()


@st.cache_resource(show_spinner=False)
def _record(url: str) -> GuardedRecord:
    return GuardedRecord(Record(url), now, wrote=runs.look_anew)


def record() -> GuardedRecord:
    """The record of this process, with the methods of :class:`kyodo.record.Record`: what writes asks first who may."""
    return _record(default_url())


def _look() -> str:
    """The record's state, looked at once in a run."""
    return runs.once(_fingerprint)


def _fingerprint() -> str:
    return record().fingerprint(now())


def _read(method: str, *given: Any) -> Any:
    """What a method of the record gives, read once a state of the record."""
    return _kept_read(_look(), method, *given)


@st.cache_resource(show_spinner=False, max_entries=16)
def _kept_read(state: str, method: str, *given: Any) -> Any:
    return getattr(record(), method)(*given)


def snapshots() -> pd.DataFrame:
    """The named moments, as :meth:`kyodo.record.Record.snapshots`, read once a state of the record."""
    return _read("snapshots")


def past() -> moments.Moment | None:
    """The past moment this session looks at, None for the newest state."""
    return moments.chosen(lambda: _revision(_look()), snapshots)


def brief() -> Brief:
    """The brief of the moment this session looks at: the newest, or the one its address names."""
    moment = past()
    if moment is not None and moment.at is not None:
        return brief_at(moment.revision, moment.at)
    state = _look()
    follow.saw(state)
    shown = _revision(state) if moment is None else moment.revision
    return _brief(state, shown, moment is None, fiscal_year_of(now().date()))


def newest_brief() -> Brief:
    """The brief of the newest revision, for whoever asks without a page."""
    state = _look()
    return _brief(state, _revision(state), True, fiscal_year_of(now().date()))


def _revision(state: str) -> int:
    """The newest entry's number, with which the record's head begins: one look at the record, not two."""
    return int(state.partition(":")[0])


@st.cache_resource(show_spinner=False, max_entries=32)
def _brief(state: str, revision: int, newest: bool, fiscal_year: int) -> Brief:
    """One brief per state of the record; the fiscal year is part of the key, as what is missing follows it."""
    return _made(revision, now() if newest else None)


def _made(revision: int, moment: dt.datetime | None) -> Brief:
    cycle = _cycle(record().cycle_state(revision), revision)
    return brief_of(plan(), record(), now=now(), as_of=revision, moment=moment, kept=cycle)


@st.cache_resource(show_spinner=False, max_entries=8)
def _cycle(state: str, _revision: int) -> Kept:
    """What is held of the plan's year: the same object, and all that is made of it, until an entry touches it."""
    return kept_of(record(), _revision)


def history(shown: Brief) -> pd.DataFrame:
    """All entries up to the brief this page shows, one state on one page; all there are beside a past moment."""
    return _read("history", shown.revision if past() is None else None)


def entry(number: int) -> EntryDetail:
    """One entry with what it changed, read once a state of the record."""
    return _read("entry", number)


def file_names(number: int) -> list[str]:
    """The names of an entry's files, read once a state of the record."""
    return _read("file_names", number)


def brief_at(revision: int, moment: dt.datetime) -> Brief:
    """The brief of a revision as it was shown at a moment: what a named snapshot stands for, whatever came later."""
    return _past_brief(_look(), revision, moment)


@st.cache_resource(show_spinner=False, max_entries=8)
def _past_brief(state: str, revision: int, moment: dt.datetime) -> Brief:
    return _made(revision, moment)


def changed_brief(values: pd.DataFrame) -> Brief:
    """What the brief would be with these values registered on top of the newest state."""
    kept = record().values()
    keys = ["indicator", "fiscal_year"]
    new = values[values["group"] == ""]
    stays = (
        kept.merge(new[keys], on=keys, how="left", indicator=True).query("_merge == 'left_only'").drop(columns="_merge")
    )
    columns = [*keys, "value", "n", "n_effective"]
    return build_brief(plan(), pd.concat([stays[columns], new[columns]], ignore_index=True), as_of=now())
