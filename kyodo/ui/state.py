"""The state a page shows: the plan and the record of this process, and the brief of one revision, each made once."""

import datetime as dt

import pandas as pd
import streamlit as st

from kyodo.access import GuardedRecord
from kyodo.brief import Brief, brief_of, build_brief
from kyodo.fiscal import JAPAN, fiscal_year_of
from kyodo.plan import Plan, load_plan
from kyodo.record import EntryDetail, Record, default_url
from kyodo.ui import follow, moments


def now() -> dt.datetime:
    """The moment on Japan's clock: the one place where the screen reads it."""
    return dt.datetime.now(JAPAN)


@st.cache_resource(show_spinner="計画のデータを読み込んでいます…")
def plan() -> Plan:
    """The plan's tables, read and checked once per process."""
    return load_plan()


@st.cache_resource(show_spinner=False)
def _record(url: str) -> GuardedRecord:
    return GuardedRecord(Record(url), now)


def record() -> GuardedRecord:
    """The record of this process, with the methods of :class:`kyodo.record.Record`: what writes asks first who may."""
    return _record(default_url())


def brief() -> Brief:
    """The brief of the moment this session looks at: the newest, or the one its address names."""
    past = moments.chosen(record())
    if past is not None and past.at is not None:
        return brief_at(past.revision, past.at)
    fingerprint = record().fingerprint()
    follow.saw(fingerprint)
    shown = _revision(fingerprint) if past is None else past.revision
    return _brief(fingerprint, shown, past is None, fiscal_year_of(now().date()))


def newest_brief() -> Brief:
    """The brief of the newest revision, for whoever asks without a page."""
    fingerprint = record().fingerprint()
    return _brief(fingerprint, _revision(fingerprint), True, fiscal_year_of(now().date()))


def _revision(fingerprint: str) -> int:
    """The newest entry's number, with which the record's head begins: one look at the record, not two."""
    return int(fingerprint.partition(":")[0])


@st.cache_resource(show_spinner=False, max_entries=32)
def _brief(identity: str, revision: int, newest: bool, fiscal_year: int) -> Brief:
    """One brief per state of the record; the fiscal year is part of the key, as what is missing follows it."""
    return brief_of(plan(), record(), now=now(), as_of=None if newest else revision)


def history(shown: Brief) -> pd.DataFrame:
    """All entries up to the brief this page shows, one state on one page; all there are beside a past moment."""
    return _history(record().fingerprint(), shown.revision if moments.chosen(record()) is None else None)


@st.cache_resource(show_spinner=False, max_entries=2)
def _history(identity: str, revision: int | None) -> pd.DataFrame:
    return record().history(as_of=revision)


def entry(number: int) -> EntryDetail:
    """One entry with what it changed, made once a state of the record."""
    return _entry(record().fingerprint(), number)


@st.cache_resource(show_spinner=False, max_entries=8)
def _entry(identity: str, number: int) -> EntryDetail:
    return record().entry(number)


def brief_at(revision: int, moment: dt.datetime) -> Brief:
    """The brief of a revision as it was shown at a moment: what a named snapshot stands for, whatever came later."""
    return _past_brief(record().fingerprint(), revision, moment)


@st.cache_resource(show_spinner=False, max_entries=8)
def _past_brief(identity: str, revision: int, moment: dt.datetime) -> Brief:
    return brief_of(plan(), record(), now=now(), as_of=revision, moment=moment)


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
