"""The record's tables, declared once, and the digests that bind their rows together.

``record_entry`` is the history: one row per submission or undo, numbered from 1 without gaps; its number is also the
record's revision. Everything a submission brings hangs on it in rows tables. Another kind of submission is one more
table made by :func:`_rows_table`; of every key of it the rows of the newest entry that is not undone stand.

Every entry lists its parts with their digests in ``record_part``, and its own digest covers them together with the
digest of the entry before. ``record_meta`` holds the last one as ``head``. So a row that no submission wrote, a lost
one and a flipped bit all show when they are read.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy import types as sql

# A record of an earlier version opens as it is: the tables it has not (``since``) are empty, and made by its next entry.
SCHEMA_VERSION = 2
TABLES = MetaData()


def _number() -> Column:
    """The entry a row belongs to. Numbers are given by :func:`kyodo.record.ledger.append`, never by a sequence."""
    return Column("number", Integer, ForeignKey("record_entry.number"), primary_key=True, autoincrement=False)


META = Table(
    "record_meta",
    TABLES,
    Column("key", String, primary_key=True),  # identity, schema, head
    Column("text", Text, nullable=False),
)
ENTRY = Table(
    "record_entry",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=False),
    # ISO 8601 on Japan's clock: exact in every database, and text order is time order.
    Column("at", String, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", String, nullable=False),  # survey, undo, remark and those of kyodo.record.yearly
    Column("undoes", Integer, ForeignKey("record_entry.number")),
    Column("note", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String, nullable=False),  # of the file as it was sent
    Column("form", String, nullable=False),
    # JSON: mapping, weight column, groups, notices, whether the original is reduced.
    Column("details", Text, nullable=False),
    Column("token", String, unique=True),
    Column("digest", String, nullable=False),
)
PART = Table(
    "record_part",
    TABLES,
    _number(),
    Column("part", String, primary_key=True),  # a rows table's name, or the original's
    Column("rows", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)
ORIGINAL = Table("record_original", TABLES, _number(), Column("data", LargeBinary, nullable=False))
FILE = Table(  # where one entry came in several files
    "record_file",
    TABLES,
    _number(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    info={"since": 2},
)
SNAPSHOT = Table(
    "record_snapshot",
    TABLES,
    Column("name", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("by", Text, nullable=False),
    Column("digest", String, nullable=False),
)


def _rows_table(name: str, *columns: Column, since: int = 1, key: tuple[str, ...] = ()) -> Table:
    """``key`` names what one entry replaces as a whole; the primary key where nothing is said."""
    return Table(name, TABLES, _number(), *columns, info={"since": since, "key": key})


def _set_key() -> tuple[Column, Column]:
    return (
        Column("indicator", Integer, primary_key=True, autoincrement=False),
        Column("fiscal_year", Integer, primary_key=True, autoincrement=False),
    )


def _measured() -> tuple[Column, ...]:
    return (
        Column("value", Double),
        Column("n", BigInteger),
        Column("n_effective", Double),
        Column("low", Double),
        Column("high", Double),
    )


VALUE = _rows_table("record_value", *_set_key(), *_measured())
BREAKDOWN = _rows_table(
    "record_breakdown",
    *_set_key(),
    Column("position", Integer, nullable=False),  # from 0 within its set: the order in which the reading had it
    Column("group", String, primary_key=True),
    Column("category", String, primary_key=True),
    *_measured(),
    Column("withheld", Integer, nullable=False),  # 0 or 1
)
REMARK = _rows_table(  # what a committee is told besides the numbers
    "record_remark",
    Column("indicator", Integer, primary_key=True, autoincrement=False),
    Column("heading", String, primary_key=True),
    Column("text", Text, nullable=False),  # blank: what stood there before is taken away
)


def _item_key(*further: Column) -> tuple[Column, ...]:
    return (
        Column("item", String, primary_key=True),
        Column("fiscal_year", Integer, primary_key=True, autoincrement=False),
        *further,
    )


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Text, nullable=False) for name in names)


CHECKS = ("purpose", "understanding", "equality", "autonomy", "openness", "review")  # 自己点検, in the plan's order
PERSONS = ("written_by", "head", "written_on")  # who filled a sheet in: never leaves the record
HANDED_OUT, CONFIRMED, SENT_BACK, REPORTED = "handed_out", "confirmed", "sent_back", "reported"
PROGRESS = _rows_table(  # what an item's answering section reported of a year
    "record_progress",
    *_item_key(),
    *_texts("department", "status", "result"),
    Column("result_value", Double),
    *_texts("result_unit", "criterion_met", "evidence", "issue", "next_step", "disposition", "into_item", "partners"),
    *_texts(*(f"check_{name}" for name in CHECKS), *PERSONS),
    since=2,
)
SUPPLEMENT = _rows_table(  # what another section of the same item adds
    "record_supplement",
    *_item_key(Column("section", String, primary_key=True)),
    *_texts("supplement", *PERSONS),
    since=2,
)
MARK = _rows_table(  # what the secretariat did with an item's sheet
    "record_mark",
    *_item_key(Column("mark", String, primary_key=True)),
    Column("meeting", Integer),
    *_texts("text"),
    since=2,
)
CLOSING = _rows_table(  # a year that was reported: later changes need a reason
    "record_closing",
    Column("fiscal_year", Integer, primary_key=True, autoincrement=False),
    Column("meeting", Integer),
    *_texts("held_on"),
    since=2,
)
ROSTER = _rows_table(  # which sections answer for a printed name; a blank section: none
    "record_roster",
    Column("department", String, primary_key=True),
    Column("section", String, primary_key=True),
    Column("from_year", Integer, primary_key=True, autoincrement=False),
    Column("to_year", Integer),
    *_texts("contact"),
    since=2,
    key=("department",),
)
ANSWERING = _rows_table(  # which section answers for an item, from a year on; blank: none
    "record_answering",
    Column("item", String, primary_key=True),
    Column("from_year", Integer, primary_key=True, autoincrement=False),
    *_texts("section"),
    since=2,
)
OPINION = _rows_table(  # what the committee said, and what became of it
    "record_opinion",
    Column("opinion", Integer, primary_key=True, autoincrement=False),
    Column("meeting", Integer),
    *_texts("held_on", "about", "kind", "text", "response", "owner", "due", "state"),
    since=2,
)
ROWS_TABLES = (VALUE, BREAKDOWN, REMARK, PROGRESS, SUPPLEMENT, MARK, CLOSING, ROSTER, ANSWERING, OPINION)


def key_columns(table: Table) -> list[str]:
    """The columns of which one combination is replaced as a whole by a newer entry."""
    return list(table.info["key"]) or [column.name for column in table.primary_key if column.name != "number"]


def key_of(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What stands in a row's :func:`key_columns`."""
    return tuple(row[name] for name in key_columns(table))


def content_columns(table: Table) -> list[Column]:
    """The columns that say something: all but the number of the entry the row hangs on."""
    return [column for column in table.columns if column.name != "number"]


def native(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row (of a frame, say) as the plain values its columns are declared with; missing is None.

    Raises:
        ValueError, TypeError: where a value is not of the declared type.
    """
    return {column.name: _native(column, row.get(column.name)) for column in content_columns(table)}


def _native(column: Column, value: Any) -> Any:
    if _is_missing(value):
        if isinstance(column.type, sql.String):
            return ""
        if column.primary_key:
            raise ValueError(f"{column.name}: 空欄")
        return None
    if isinstance(column.type, sql.String):
        return clean(value)
    number = float(value) + 0.0  # + 0.0 turns −0.0 into 0.0, which is what SQLite gives back
    if not isinstance(column.type, sql.Integer):
        return number
    if not number.is_integer():
        raise ValueError(f"{column.name}: {value}")
    return int(number)


def _is_missing(value: Any) -> bool:
    # pandas' NA is neither None nor a float, and comparing it gives NA: its type's name is the test without pandas.
    return (
        value is None
        or type(value).__name__ in {"NAType", "NaTType"}
        or (isinstance(value, float) and math.isnan(value))
    )


def clean(text: object) -> str:
    """Text that every database keeps as it is: no NUL (PostgreSQL) and no half characters (UTF-8)."""
    return str(text).replace("\0", "").encode("utf-8", "replace").decode("utf-8")


_LINE = json.JSONEncoder(separators=(",", ":"), default=repr).encode


def digest_rows(rows: Iterable[Sequence[Any]]) -> str:
    """SHA-256 of rows whatever their order; equal for the same values read from SQLite and PostgreSQL."""
    return hashlib.sha256("\n".join(sorted(_LINE(list(row)) for row in rows)).encode()).hexdigest()


def digest_chain(previous: str, entry: Sequence[Any], parts: Iterable[Sequence[Any]]) -> str:
    """SHA-256 of one entry with its parts, bound to the entry before it (to the record's identity for the first)."""
    return hashlib.sha256(_LINE([previous, list(entry), list(map(list, parts))]).encode()).hexdigest()
