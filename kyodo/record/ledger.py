"""The entries in their order, and what follows from them: who stands, who is undone, what replaced what.

Nothing of that is stored; it is worked out from the entries up to a revision. Of every year × indicator the newest
submission that is not undone is in force. Reading verifies every digest, so that damage shows here and not as a
plausible number on a page.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from numbers import Integral
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, Table, insert, select, update

from kyodo.fiscal import in_japan
from kyodo.record import faults
from kyodo.record.session import Session
from kyodo.record.tables import (
    BREAKDOWN,
    ENTRY,
    FILE,
    META,
    ORIGINAL,
    PART,
    VALUE,
    content_columns,
    digest_chain,
    digest_rows,
    key_columns,
)

SURVEY, UNDO, REMARKS = "survey", "undo", "remark"
SetKey = tuple[int, int]  # indicator, fiscal_year
_CONTENT = [column for column in ENTRY.columns if column.name != "digest"]


@dataclass(frozen=True, slots=True)
class Submission:
    """An entry to be, with everything that hangs on it: ``rows`` by rows table, as plain values."""

    kind: str
    by: str
    at: dt.datetime
    note: str = ""
    undoes: int | None = None
    file: str = ""
    sha256: str = ""
    form: str = ""
    details: str = "{}"
    token: str | None = None
    original: bytes | None = None
    files: tuple[tuple[str, bytes], ...] = ()  # names and bytes, where the entry came in several
    rows: Mapping[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def parts(self) -> dict[str, tuple[int, str]]:
        """Name → number of rows and digest of each part."""
        parts = {
            table.name: (len(rows), digest_rows(row.values() for row in rows))
            for table, rows in self.rows.items()
            if rows
        }
        if self.original is not None:
            parts[ORIGINAL.name] = original_part(self.original)
        return parts | ({FILE.name: files_part(self.files)} if self.files else {})


def original_part(data: bytes) -> tuple[int, str]:
    """The part an original file makes."""
    return 1, hashlib.sha256(data).hexdigest()


def files_part(files: Sequence[tuple[str, bytes]]) -> tuple[int, str]:
    """The part several files make, in their order."""
    rows = [[place, name, hashlib.sha256(data).hexdigest()] for place, (name, data) in enumerate(files)]
    return len(rows), digest_rows(rows)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line of the history as it is stored, its parts, and the values it brought (by indicator and year)."""

    row: Row
    at: dt.datetime
    parts: Mapping[str, tuple[int, str]]
    values: Mapping[SetKey, Row]

    @property
    def number(self) -> int:
        """Its number, which is the revision it made."""
        return self.row.number

    @property
    def origin(self) -> str:
        """Number, who and when, for messages."""
        return faults.origin(self.number, self.row.by, self.at)


@dataclass(frozen=True)
class Ledger:
    """All entries up to one revision, oldest first."""

    entries: tuple[Entry, ...]
    identity: str

    @property
    def revision(self) -> int:
        """The newest entry's number, 0 for an empty record."""
        return len(self.entries)

    @property
    def head(self) -> str:
        """Where the record stands: its newest entry's number and digest (0 and the identity when empty)."""
        return f"{self.revision}:{self.entries[-1].row.digest if self.entries else self.identity}"

    def entry(self, number: int) -> Entry:
        """One entry. Raises RecordError where there is none of that number."""
        if not 1 <= number <= self.revision:
            raise faults.RecordError(f"登録番号{number}はありません(1から{self.revision}まで)。", "unknown")
        return self.entries[number - 1]

    def upto(self, as_of: dt.datetime | int | None) -> "Ledger":
        """The ledger as it was: up to a revision, or up to the newest entry whose clock said ``as_of`` or earlier.

        Order is by revision: where the clock was set back in between, an entry with a later time that was made
        before the one found belongs to it all the same.
        """
        if as_of is None:
            return self
        if isinstance(as_of, Integral) and not isinstance(as_of, bool):
            return replace(self, entries=self.entries[: max(int(as_of), 0)])
        if not isinstance(as_of, dt.datetime):
            raise TypeError(f"as_of: datetime or int, not {type(as_of).__name__}")
        moment = in_japan(as_of)
        return self.upto(max((each.number for each in self.entries if each.at <= moment), default=0))

    @cached_property
    def undone_by(self) -> dict[int, int]:
        """Undone entry → the newest undo that holds. Newest first, since only a later entry can undo an undo."""
        undone: dict[int, int] = {}
        for entry in reversed(self.entries):
            if entry.row.undoes is not None and entry.number not in undone:
                undone.setdefault(entry.row.undoes, entry.number)
        return undone

    @cached_property
    def in_force(self) -> dict[SetKey, Entry]:
        """Indicator and year → the entry whose values hold."""
        return {key: entry for entry in self.entries if entry.number not in self.undone_by for key in entry.values}

    def value(self, key: SetKey) -> float | None:
        """The value in force of an indicator and year, None where there is none."""
        holder = self.in_force.get(key)
        return holder.values[key].value if holder else None

    def undone_of(self, entry: Entry) -> Entry:
        """The entry that an undo (of an undo …) is about in the end; any other is about itself."""
        while entry.row.undoes is not None:
            entry = self.entry(entry.row.undoes)
        return entry

    def bringing(self, table: Table) -> list[int]:
        """The numbers of the entries that brought rows of a rows table and are not undone, oldest first."""
        numbers = (each.number for each in self.entries if table.name in each.parts)
        return [number for number in numbers if number not in self.undone_by]

    def touched(self, entry: Entry) -> frozenset[SetKey]:
        """The sets an entry is about: its own, or those of what it undoes."""
        return frozenset(self.undone_of(entry).values)

    def holds(self, entry: Entry) -> bool:
        """Whether an entry has an effect now: some of its values in force, or an undo that is not undone."""
        if entry.row.kind != SURVEY:
            return entry.number not in self.undone_by
        return any(holder is entry for holder in map(self.in_force.get, entry.values))

    def replaced_by(self, entry: Entry) -> tuple[int, ...]:
        """The entries that hold, in place of this one, sets it brought; none for an undone one."""
        if entry.number in self.undone_by:
            return ()
        return tuple(sorted({self.in_force[key].number for key in entry.values} - {entry.number}))


def load(session: Session) -> Ledger:
    """Read and verify the whole history.

    Raises:
        RecordError: where anything differs from what was submitted.
    """
    parts: dict[int, dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in session.rows(PART):
        parts[row.number][row.part] = (row.rows, row.sha256)
    values = by_number(session.rows(VALUE))
    ledger = Ledger((), session.identity)
    entries, previous = [], ledger.head
    for expected, row in enumerate(session.rows(ENTRY, ENTRY.c.number), start=1):
        digest = digest_chain(previous, list(row)[:-1], _listed(parts[expected]))
        if row.number != expected or row.digest != digest:
            raise session.damaged(f"登録番号{expected}の履歴")
        verify(parts[expected], VALUE, values.get(expected, []), expected, session)
        sets = {(value.indicator, value.fiscal_year): value for value in values.get(expected, [])}
        entries.append(Entry(row, dt.datetime.fromisoformat(row.at), parts[expected], sets))
        previous = f"{expected}:{digest}"
    if previous != session.head or set(values) - set(range(1, len(entries) + 1)):
        raise session.damaged("履歴の最後")
    return replace(ledger, entries=tuple(entries))


def by_number(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by the entry they hang on."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.number].append(row)
    return found


def verify(parts: Mapping[str, tuple[int, str]], table: Table, rows: list[Row], number: int, session: Session) -> None:
    """See that an entry's rows of one table are those it brought. Raises RecordError where they are not."""
    at = [table.columns.keys().index(column.name) for column in content_columns(table)]
    found = (len(rows), digest_rows([row[index] for index in at] for row in rows)) if rows else None
    if found != parts.get(table.name):
        raise session.damaged(f"登録番号{number}の {table.name}")


def breakdown(session: Session, ledger: Ledger, numbers: Iterable[int]) -> dict[int, list[Row]]:
    """The verified breakdown rows of the entries named."""
    return rows_of(session, ledger, BREAKDOWN, numbers)


def rows_of(session: Session, ledger: Ledger, table: Table, numbers: Iterable[int]) -> dict[int, list[Row]]:
    """The verified rows of one rows table, of the entries named that brought any."""
    numbers = sorted({number for number in numbers if table.name in ledger.entry(number).parts})
    rows = by_number(session.rows(table, where=table.c.number.in_(numbers))) if numbers else {}
    for number in numbers:
        verify(ledger.entry(number).parts, table, rows.get(number, []), number, session)
    return {number: rows[number] for number in numbers}


def standing(session: Session, ledger: Ledger, table: Table, years: Collection[int] | None = None) -> list[Row]:
    """The verified rows of one rows table that stand: of every key those of the newest entry that is not undone.

    What a key is, the table says (:func:`kyodo.record.tables.key_columns`). Oldest entry first. With ``years`` only
    those of these fiscal years, read from the entries that brought any.
    """
    numbers = ledger.bringing(table)
    if numbers and years is not None:
        query = select(table.c.number).where(table.c.fiscal_year.in_(years)).distinct()
        numbers = sorted(set(numbers) & set(session.connection.scalars(query)))
    rows = list(chain.from_iterable(rows_of(session, ledger, table, numbers).values()))
    key = itemgetter(*map(table.columns.keys().index, key_columns(table)))
    holder = {key(row): row.number for row in rows}
    stands = [row for row in rows if holder[key(row)] == row.number]
    return stands if years is None else [row for row in stands if row.fiscal_year in years]


def original(session: Session, entry: Entry) -> bytes | None:
    """The verified file of an entry, None where it brought none.

    Raises:
        RecordError: where the file is lost or is not the one that was kept.
    """
    if ORIGINAL.name not in entry.parts:
        return None
    data = next((row.data for row in session.rows(ORIGINAL, where=ORIGINAL.c.number == entry.number)), None)
    if not isinstance(data, bytes) or original_part(data) != entry.parts[ORIGINAL.name]:
        raise session.damaged(f"登録番号{entry.number}の元のファイル")
    return data


def files(session: Session, entry: Entry) -> list[tuple[str, bytes]]:
    """The verified files of an entry with their names, in their order; none where it brought none.

    Raises:
        RecordError: where a file is lost or is not the one that was kept.
    """
    if FILE.name not in entry.parts:
        data = original(session, entry)
        return [] if data is None else [(entry.row.file, data)]
    rows = session.rows(FILE, FILE.c.position, where=FILE.c.number == entry.number)
    found = [(row.name, row.data) for row in rows if isinstance(row.data, bytes)]
    if files_part(found) != entry.parts[FILE.name]:
        raise session.damaged(f"登録番号{entry.number}の元のファイル")
    return found


def append(session: Session, ledger: Ledger, new: Submission) -> tuple[int, str]:
    """Write a submission as the next entry, within the writer's transaction; returns its number and digest.

    Raises:
        RecordError: where another writer was faster, against all locks.
    """
    number, parts = ledger.revision + 1, new.parts()
    row = {column.name: getattr(new, column.name, None) for column in _CONTENT}
    row |= {"number": number, "at": in_japan(new.at).isoformat(timespec="microseconds")}
    digest = digest_chain(ledger.head, list(row.values()), _listed(parts))
    session.connection.execute(insert(ENTRY), row | {"digest": digest})
    for table, rows in new.rows.items():
        if rows:
            session.connection.execute(insert(table), [{"number": number, **each} for each in rows])
    if new.original is not None:
        session.connection.execute(insert(ORIGINAL), {"number": number, "data": new.original})
    for place, (name, data) in enumerate(new.files):
        session.connection.execute(insert(FILE), {"number": number, "position": place, "name": name, "data": data})
    if parts:
        listed = [{"number": number, "part": part, "rows": rows, "sha256": sha} for part, rows, sha in _listed(parts)]
        session.connection.execute(insert(PART), listed)
    moved = update(META).where(META.c.key == "head", META.c.text == ledger.head)
    if session.connection.execute(moved.values(text=f"{number}:{digest}")).rowcount != 1:
        raise faults.RecordError("ほかの登録と重なりました。もう一度登録してください。", "busy")
    return number, digest


def _listed(parts: Mapping[str, tuple[int, str]]) -> list[tuple[str, int, str]]:
    return sorted(((part, rows, sha256) for part, (rows, sha256) in parts.items()), key=repr)  # damage may mix types
