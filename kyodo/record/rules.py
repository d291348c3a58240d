"""When a submission is refused, and when it is one that is there already."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row, Table

from kyodo.fiscal import short_label
from kyodo.record import faults
from kyodo.record.ledger import Entry, Ledger, SetKey, Submission, breakdown, rows_of, standing
from kyodo.record.session import Session
from kyodo.record.tables import BREAKDOWN, CLOSING, PROGRESS, SUPPLEMENT, VALUE, key_columns


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
    entry = root(ledger, entry)
    if CLOSING.name not in entry.parts:
        rows = [row for table in (PROGRESS, SUPPLEMENT) for row in brought(session, ledger, table, entry)]
        refuse_unreasoned(session, ledger, {row.fiscal_year for row in rows}, reason)


def refuse_moved(session: Session, ledger: Ledger, new: Submission, expected: int | None) -> None:
    """Refuse rows that somebody else changed since they were looked at. Raises MovedError."""
    if expected is None:
        return
    if expected > ledger.revision:
        raise faults.MovedError([])
    later = [(entry, root(ledger, entry)) for entry in ledger.entries[expected:]]
    moved = [
        faults.Moved(_named(row), entry.number, entry.row.by, entry.at)
        for table, rows in new.rows.items()
        for entry, source in later
        for row in brought(session, ledger, table, source)
        if _key_of(table, row._mapping) in {_key_of(table, each) for each in rows}
    ]
    if moved:
        raise faults.MovedError(moved)


def root(ledger: Ledger, entry: Entry) -> Entry:
    """The entry an undo is about in the end; any other one itself."""
    while entry.row.undoes is not None:
        entry = ledger.entry(entry.row.undoes)
    return entry


def brought(session: Session, ledger: Ledger, table: Table, entry: Entry) -> list[Row]:
    """The rows of one rows table an entry came with."""
    return rows_of(session, ledger, table, [entry.number]).get(entry.number, [])


def _key_of(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key_columns(table))


def _named(row: Row) -> str:
    """What a row is about, for a message: 「H25 I-1-1」."""
    facts = row._mapping
    year = short_label(facts["fiscal_year"]) if "fiscal_year" in facts else ""
    what = next((str(facts[name]) for name in ("item", "department", "opinion") if name in facts), "")
    return f"{year} {what}".strip()


def _conflicts(session: Session, ledger: Ledger, new: Submission) -> Iterator[faults.Conflict]:
    holders = {_key(row): ledger.in_force.get(_key(row)) for row in new.rows[VALUE]}
    stored = breakdown(session, ledger, {holder.number for holder in holders.values() if holder})
    old_groups = _grouped((number, list(row)[1:]) for number, rows in stored.items() for row in rows)
    new_groups = _grouped((0, list(row.values())) for row in new.rows[BREAKDOWN])
    for row in new.rows[VALUE]:
        key, holder = _key(row), holders[_key(row)]
        if holder is None:
            continue
        old = holder.values[key]
        if list(old)[1:] != list(row.values()) or old_groups[holder.number, key] != new_groups[0, key]:
            yield faults.Conflict(*key, old.value, row["value"], holder.number, holder.row.by, holder.at)


def _grouped(rows: Iterator[tuple[int, list[Any]]]) -> dict[tuple[int, SetKey], list[list[Any]]]:
    """Breakdown rows by entry and set, in the order of the reading."""
    found: dict[tuple[int, SetKey], list[list[Any]]] = defaultdict(list)
    for number, row in sorted(rows, key=lambda each: each[1][:3]):
        found[number, (row[0], row[1])].append(row)
    return found


def _moved(ledger: Ledger, before: Ledger, entry: Entry, keys: set[SetKey]) -> Iterator[faults.Conflict]:
    """What an entry made of the sets named, beside what was ``before``."""
    after = ledger.upto(entry.number)
    for key in sorted(ledger.touched(entry) & keys):
        yield faults.Conflict(*key, before.value(key), after.value(key), entry.number, entry.row.by, entry.at)


def _key(row: dict[str, Any]) -> SetKey:
    return row["indicator"], row["fiscal_year"]
