"""When a submission is refused, and when it is one that is there already."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, Table

from kyodo.fiscal import short_label
from kyodo.record import faults
from kyodo.record.ledger import Entry, Ledger, SetKey, Submission, breakdown, rows_of, standing
from kyodo.record.session import Session
from kyodo.record.tables import BREAKDOWN, CLOSING, PROGRESS, SUPPLEMENT, VALUE, key_of
from kyodo.rows import grouped


def of_token(ledger: Ledger, token: str | None) -> Entry | None:
    """The entry made by the same press of the same button, if any."""
    return next((entry for entry in ledger.entries if token and entry.row.token == token), None)


def same(ledger: Ledger, new: Submission) -> Entry | None:
    """The entry with the same file and rows, all of them in force, if any."""
    keys, parts = {_key(row) for row in new.rows[VALUE]}, new.parts()
    holders = {ledger.in_force.get(key) for key in keys}
    holder = holders.pop()
    alike = holder is not None and not holders and holder.row.sha256 == new.sha256 and holder.parts == parts
    return holder if alike else None


def refuse_stale(ledger: Ledger, new: Submission, expected: int | None) -> None:
    """Refuse what was looked at before somebody changed the same sets. Raises StaleError.

    A record that stands before the expected revision was restored from a backup: whoever looked saw another one.
    """
    if expected is None:
        return
    keys = {_key(row) for row in new.rows[VALUE]}
    before = ledger.upto(expected)
    rows = [row for entry in ledger.entries[expected:] for row in _moved(ledger, before, entry, keys)]
    if rows or expected > ledger.revision:
        raise faults.StaleError(rows)


def refuse_conflicts(session: Session, ledger: Ledger, new: Submission) -> None:
    """Refuse to replace what is in force with another content. Raises ConflictError."""
    if rows := list(_conflicts(session, ledger, new)):
        raise faults.ConflictError(rows)


def refuse_undone(ledger: Ledger, entry: Entry) -> None:
    """Refuse to undo twice. Raises RecordError."""
    if (undo := ledger.undone_by.get(entry.number)) is not None:
        raise faults.RecordError(
            f"登録番号{entry.number}は既に元に戻されています({ledger.entry(undo).origin})。"
            f"もう一度有効にするには、登録番号{undo}を元に戻してください。",
            "undone",
        )


def refuse_unreasoned(session: Session, ledger: Ledger, years: Iterable[int], reason: str) -> None:
    """Refuse to change what was reported of a closed year without saying why. Raises RecordError."""
    closed = {row.fiscal_year: row.number for row in standing(session, ledger, CLOSING)}
    touched = sorted(closed.keys() & set(years))
    if touched and not reason.strip():
        raise faults.RecordError(
            f"{'・'.join(map(short_label, touched))}年度は報告済みとして締めています"
            f"({ledger.entry(closed[touched[0]]).origin})。訂正するときは、理由を入力してください。",
            "closed",
        )


def refuse_unreasoned_undo(session: Session, ledger: Ledger, entry: Entry, reason: str) -> None:
    """The same for an undo, except that of the closing itself. Raises RecordError."""
    entry = ledger.undone_of(entry)
    if CLOSING.name not in entry.parts:
        rows = [row for table in (PROGRESS, SUPPLEMENT) for row in brought(session, ledger, table, entry)]
        refuse_unreasoned(session, ledger, {row.fiscal_year for row in rows}, reason)


def refuse_moved(session: Session, ledger: Ledger, new: Submission, expected: int | None) -> None:
    """Refuse rows that somebody else changed since they were looked at. Raises MovedError."""
    if expected is None:
        return
    if expected > ledger.revision:
        raise faults.MovedError([])
    moved = []
    for table, rows in new.rows.items():
        keys = {key_of(table, row) for row in rows}
        for entry in ledger.entries[expected:]:
            found = brought(session, ledger, table, ledger.undone_of(entry))
            moved += [_moved_row(row, entry) for row in found if key_of(table, row._mapping) in keys]
    if moved:
        raise faults.MovedError(moved)


def brought(session: Session, ledger: Ledger, table: Table, entry: Entry) -> list[Row]:
    """The rows of one rows table an entry came with."""
    return rows_of(session, ledger, table, [entry.number]).get(entry.number, [])


def _moved_row(row: Row, entry: Entry) -> faults.Moved:
    """A row that an entry changed; what it is about as a message names it: 「H25 I-1-1」."""
    facts = row._mapping
    year = short_label(facts["fiscal_year"]) if "fiscal_year" in facts else ""
    what = next((str(facts[name]) for name in ("item", "department", "opinion") if name in facts), "")
    return faults.Moved(f"{year} {what}".strip(), entry.number, entry.row.by, entry.at)


def _conflicts(session: Session, ledger: Ledger, new: Submission) -> Iterator[faults.Conflict]:
    held = {key: ledger.in_force[key] for key in map(_key, new.rows[VALUE]) if key in ledger.in_force}
    stored = breakdown(session, ledger, [holder.number for holder in held.values()])
    groups = _by_set(list(row.values()) for row in new.rows[BREAKDOWN])
    for row in new.rows[VALUE]:
        if (holder := held.get(key := _key(row))) is None:
            continue
        old, old_groups = holder.values[key], _by_set(list(each)[1:] for each in stored.get(holder.number, ()))
        if list(old)[1:] != list(row.values()) or old_groups.get(key) != groups.get(key):
            yield faults.Conflict(*key, old.value, row["value"], holder.number, holder.row.by, holder.at)


def _by_set(rows: Iterable[list[Any]]) -> dict[SetKey, list[list[Any]]]:
    """One entry's breakdown rows by set, in the order of the reading."""
    rows = sorted(rows, key=itemgetter(slice(3)))
    return grouped((tuple(row[:2]) for row in rows), rows)


def _moved(ledger: Ledger, before: Ledger, entry: Entry, keys: set[SetKey]) -> Iterator[faults.Conflict]:
    """What an entry made of the sets named, beside what was ``before``."""
    after = ledger.upto(entry.number)
    for key in sorted(ledger.touched(entry) & keys):
        yield faults.Conflict(*key, before.value(key), after.value(key), entry.number, entry.row.by, entry.at)


def _key(row: dict[str, Any]) -> SetKey:
    return row["indicator"], row["fiscal_year"]
