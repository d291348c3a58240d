"""Who tried to write and was not allowed to: a list beside the record, of which the newest thousand are kept.

It is no part of the history (no digest, no copy to another database), so its table is made when first needed.
"""

import datetime as dt

import pandas as pd
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, delete, func, insert, inspect, select

from kyodo.fiscal import in_japan
from kyodo.record import frames
from kyodo.record.session import Database
from kyodo.record.tables import clean

KEPT = 1000
_LONGEST = 200  # characters of a name or deed
REFUSAL = Table(
    "record_refusal",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
)


def add(database: Database, who: str, what: str, at: dt.datetime) -> None:
    """Keep a refusal, and only the newest of them."""
    with database.writing() as session:
        REFUSAL.create(session.connection, checkfirst=True)
        moment = in_japan(at).isoformat(timespec="microseconds")
        row = {"at": moment, "who": clean(who)[:_LONGEST], "what": clean(what)[:_LONGEST]}
        session.connection.execute(insert(REFUSAL).values(row))
        newest = select(func.max(REFUSAL.c.number)).scalar_subquery()
        session.connection.execute(delete(REFUSAL).where(REFUSAL.c.number <= newest - KEPT))


def listed(database: Database) -> pd.DataFrame:
    """The refusals kept, newest first: at (Asia/Tokyo), who, what."""
    with database.reading() as session:
        there = inspect(session.connection).has_table(REFUSAL.name)
        rows = session.rows(REFUSAL, REFUSAL.c.number.desc()) if there else []
    return frames.typed([[dt.datetime.fromisoformat(row.at), row.who, row.what] for row in rows], frames.REFUSALS)
