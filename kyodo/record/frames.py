"""Stored rows as frames, with the types the plan's tables have."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import Row, Table
from sqlalchemy import types as sql

from kyodo.fiscal import JAPAN
from kyodo.record.ledger import Entry, Ledger
from kyodo.record.tables import content_columns

MOMENT = f"datetime64[us, {JAPAN.key}]"
HISTORY = {
    "number": "Int64", "revision": "Int64", "at": MOMENT, "by": "str", "kind": "str", "undoes": "Int64",
    "file": "str", "sha256": "str", "note": "str", "form": "str", "years": "object", "indicators": "object",
    "active": "bool", "undone_by": "Int64", "replaced_by": "object",
}  # fmt: skip
CHANGES = {
    "indicator": "Int64", "fiscal_year": "Int64", "old": "Float64", "new": "Float64", "old_number": "Int64",
    "new_number": "Int64",
}  # fmt: skip
REFUSALS = {"at": MOMENT, "who": "str", "what": "str"}
SNAPSHOTS = {"name": "str", "revision": "Int64", "at": MOMENT, "by": "str"}


def typed(rows: Sequence[Any], types: dict[str, str]) -> pd.DataFrame:
    """Rows in the order of ``types`` (name → dtype) as a frame."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(types)
    # Column by column: a frame made whole is guessed first and then converted, which takes five times as long.
    return pd.DataFrame(
        {name: pd.Series(list(each), dtype=kind) for (name, kind), each in zip(types.items(), columns, strict=True)}
    )


def rows_frame(table: Table, rows: Iterable[Row], ledger: Ledger, *told: str) -> pd.DataFrame:
    """Rows of a rows table, sorted by key (groups as they were read), each with its entry's number and what of it is ``told``."""
    columns = content_columns(table)
    order = [place for place, each in enumerate(columns, start=1) if each.primary_key or each.name == "position"]
    rows = sorted(rows, key=itemgetter(*order))
    tails = {number: _told(ledger.entry(number), told) for number in {row.number for row in rows}}
    types = {column.name: _dtype(column) for column in columns} | {"number": "Int64"}
    types |= {name: MOMENT if name == "at" else "str" for name in told}
    return typed([[*row[1:], *tails[row.number]] for row in rows], types).drop(columns="position", errors="ignore")


def _told(entry: Entry, names: Iterable[str]) -> list[Any]:
    return [entry.number, *(entry.at if name == "at" else entry.row._mapping[name] for name in names)]


def facts(ledger: Ledger, entry: Entry) -> dict[str, Any]:
    """An entry's line of the history, as of the ledger's revision."""
    keys = ledger.touched(entry)
    return {
        "number": entry.number,
        "revision": entry.number,
        "at": entry.at,
        **{name: entry.row._mapping[name] for name in ("by", "kind", "undoes", "file", "sha256", "note", "form")},
        "years": tuple(sorted({year for _, year in keys})),
        "indicators": tuple(sorted({indicator for indicator, _ in keys})),
        "active": ledger.holds(entry),
        "undone_by": ledger.undone_by.get(entry.number),
        "replaced_by": ledger.replaced_by(entry),
    }


def changes(ledger: Ledger, entry: Entry) -> pd.DataFrame:
    """What an entry changed when it was made: the sets another submission holds after it than before it."""
    before, after = ledger.upto(entry.number - 1), ledger.upto(entry.number)
    rows = [
        [*key, before.value(key), after.value(key), _number(before, key), _number(after, key)]
        for key in sorted(ledger.touched(entry))
        if _number(before, key) != _number(after, key)
    ]
    return typed(rows, CHANGES)


def _number(ledger: Ledger, key: tuple[int, int]) -> int | None:
    holder = ledger.in_force.get(key)
    return holder.number if holder else None


def _dtype(column: Any) -> str:
    if column.name == "withheld":
        return "bool"
    return (
        "Int64" if isinstance(column.type, sql.Integer) else "str" if isinstance(column.type, sql.String) else "Float64"
    )
