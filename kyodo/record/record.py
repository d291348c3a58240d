"""The record as its users see it: submit, undo, values, history, originals, named moments."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Unpack

import pandas as pd
from sqlalchemy import Row, insert, select

from kyodo.errors import Problem
from kyodo.fiscal import in_japan
from kyodo.record import faults, frames, refusals, rules, submission, upkeep
from kyodo.record.database import default_url, open_database
from kyodo.record.ledger import SURVEY, UNDO, Entry, Ledger, Submission, breakdown, files, standing
from kyodo.record.session import Session
from kyodo.record.submission import Stamp
from kyodo.record.tables import BREAKDOWN, REMARK, SNAPSHOT, VALUE, clean, digest_rows
from kyodo.record.yearly import CHANGED_NOTHING, Moment, Yearly


@dataclass(frozen=True)
class EntryDetail:
    """One entry with all it brought and what it changed.

    ``values`` and ``breakdown`` are its own rows as in :meth:`Record.values` and :meth:`Record.breakdown`; ``changes``
    has indicator, fiscal_year, old, new (percent, missing where nothing was or is in force), old_number, new_number.
    ``facts`` is its row of :meth:`Record.history`, ``details`` has mapping, weight_column, groups, notices and
    original_reduced (empty for an undo). ``kept`` are the rows it brought of the plan's yearly cycle, by the names of
    :meth:`Record.cycle` (persons too: not for everybody's eyes).
    """

    facts: dict[str, Any]
    details: dict[str, Any]
    values: pd.DataFrame
    breakdown: pd.DataFrame
    changes: pd.DataFrame
    kept: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class RememberedMapping:
    """How the newest file of a form was understood: for next year's file."""

    number: int
    fiscal_year: int
    mapping: dict[str, Any] | None
    weight_column: str | None
    groups: Any


class Record(Yearly):
    """The submissions in one database; what it keeps of the plan's yearly cycle is in :class:`Yearly`.

    Every method is one transaction and raises RecordError, with a Japanese message that says what to do, where the
    database is missing, replaced, damaged, busy, full, read-only or out of reach.

    ``as_of`` is None for now, a revision, or a moment (without a zone: Japan's), which stands for every entry up to
    the newest one whose clock said that moment or earlier: order is by revision, not by time.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 30.0) -> None:
        """Name the database (``default_url()`` for None); nothing is opened yet.

        ``timeout``: seconds to wait for other writers.

        Raises:
            RecordError: where the URL is none of a SQLite file or a PostgreSQL database.
        """
        self._database = open_database(url or default_url(), timeout)
        self._timeout = timeout

    def __repr__(self) -> str:
        """The place, without a password."""
        return f"Record({self._database.place})"

    # What writes

    def submit(
        self,
        reading: Any,
        *,
        by: str,
        note: str = "",
        replace: bool = False,
        expected_revision: int | None = None,
        **stamp: Unpack[Stamp],
    ) -> int:
        """Store an accepted reading with its file, all of it or nothing; returns the submission's number.

        The same file with the same values while those are in force, or the same ``token`` once more, is the same
        submission: its number is returned and nothing is stored. ``expected_revision`` is what the reader saw.

        Raises:
            ConflictError: a year × indicator is in force with another content, and ``replace`` is False.
            StaleError: since ``expected_revision`` somebody changed what this reading touches.
            RecordError: the reading was not accepted or is empty, ``by`` is blank, or the database fails.
        """
        new = submission.survey(reading, by=by, note=note, **stamp)

        def make(session: Session, ledger: Ledger) -> Submission | Entry:
            if (known := rules.same(ledger, new)) is not None:
                return known
            rules.refuse_stale(ledger, new, expected_revision)
            if not replace:
                rules.refuse_conflicts(session, ledger, new)
            return new

        return self._keep(make, stamp)

    def undo(self, number: int, *, by: str, note: str = "", **stamp: Unpack[Stamp]) -> int:
        """Take an entry back by another entry, whose number is returned; undoing that one brings it into force again.

        Raises:
            RecordError: there is no such entry, it is undone already, ``by`` is blank, it changes a closed year without
                a reason in ``note``, or the database fails.
        """
        new = submission.signed(UNDO, by=by, note=note, undoes=number, **stamp)

        def make(session: Session, ledger: Ledger) -> Submission:
            rules.refuse_undone(ledger, ledger.entry(number))
            rules.refuse_unreasoned_undo(session, ledger, ledger.entry(number), note)
            return new

        return self._keep(make, stamp)

    def remark(self, indicator: int, texts: Mapping[str, str], *, by: str, **stamp: Unpack[Stamp]) -> int:
        """Keep what is said of an indicator, heading → text, as a new entry; returns its number.

        Only what differs from what stands is kept; a blank text takes away what stood there.

        Raises:
            RecordError: nothing differs, a text is too long, ``by`` is blank, or the database fails.
        """

        def make(session: Session, ledger: Ledger) -> Submission:
            now = {row.heading: row.text for row in standing(session, ledger, REMARK) if row.indicator == indicator}
            changed = {head: text for head, text in texts.items() if clean(text).strip() != now.get(clean(head), "")}
            new = submission.remark(indicator, changed, by=by, **stamp)
            if not changed:
                raise faults.RecordError(CHANGED_NOTHING, "same")
            return new

        return self._keep(make, stamp)

    def name_snapshot(self, name: str, *, by: str, at: dt.datetime) -> None:
        """Give the present revision a lasting name, such as 「第3回委員会時点」.

        Raises:
            RecordError: the name or ``by`` is blank, or the name is taken.
        """
        name, by = submission.short("時点の名前", clean(name).strip(), 100), submission.name_of(by)
        if not name:
            raise faults.RecordError("時点の名前を入力してください。", "nameless")
        with self._database.writing() as session:
            taken = [row for row in _named(session) if row.name == name]
            if taken:
                raise faults.RecordError(
                    f"「{name}」という時点は既にあります(第{taken[0].revision}版、{taken[0].by})。", "taken"
                )
            row = [name, session.revision, in_japan(at).isoformat(timespec="microseconds"), by]
            session.connection.execute(insert(SNAPSHOT).values([*row, digest_rows([row])]))

    # What reads

    def values(self, as_of: Moment = None) -> pd.DataFrame:
        """The values in force, sorted by indicator and year.

        Columns: indicator, fiscal_year, value (percent), n, n_effective, low, high, number (submission), form.
        """
        with self._reading(as_of) as (_, ledger):
            rows = (entry.values[key] for key, entry in ledger.in_force.items())
            return frames.rows_frame(VALUE, rows, ledger, "form")

    def breakdown(self, as_of: Moment = None) -> pd.DataFrame:
        """The groups' values of the sets in force: as :meth:`values`, with group, category and withheld.

        Within a set the groups stand in the order in which the reading had them.
        """
        with self._reading(as_of) as (session, ledger):
            holder = {key: entry.number for key, entry in ledger.in_force.items()}
            found = breakdown(session, ledger, holder.values())
            rows = chain.from_iterable(found.values())
            stands = (row for row in rows if holder.get((row.indicator, row.fiscal_year)) == row.number)
            return frames.rows_frame(BREAKDOWN, stands, ledger, "form")

    def remarks(self, as_of: Moment = None) -> pd.DataFrame:
        """What is said of the indicators, sorted by indicator and heading: indicator, heading, text, number, form."""
        with self._reading(as_of) as (session, ledger):
            rows = (row for row in standing(session, ledger, REMARK) if row.text)
            return frames.rows_frame(REMARK, rows, ledger, "form")

    def history(self, as_of: Moment = None) -> pd.DataFrame:
        """All entries, newest first.

        Columns: number, revision (the same), at (Asia/Tokyo), by, kind (survey, undo, remark), undoes, file, sha256, note,
        form, years and indicators (tuples, of what it undoes for an undo), active (it has an effect), undone_by,
        replaced_by (tuple of the entries now in force in its place).
        """
        with self._reading(as_of) as (_, ledger):
            rows = [tuple(frames.facts(ledger, entry).values()) for entry in reversed(ledger.entries)]
            return frames.typed(rows, frames.HISTORY)

    def entry(self, number: int) -> EntryDetail:
        """One entry with its rows, and old → new of every set it changed.

        Raises:
            RecordError: there is no entry of that number.
        """
        with self._reading() as (session, ledger):
            entry = ledger.entry(number)
            rows = breakdown(session, ledger, [number]).get(number, [])
            return EntryDetail(
                facts=frames.facts(ledger, entry),
                details=submission.read_details(entry.row.details),
                values=frames.rows_frame(VALUE, entry.values.values(), ledger, "form"),
                breakdown=frames.rows_frame(BREAKDOWN, rows, ledger, "form"),
                changes=frames.changes(ledger, entry),
                kept=self._kept(session, ledger, entry),
            )

    def original(self, number: int, place: int = 0) -> tuple[str, bytes]:
        """An entry's file (the first of several, or the one at ``place``): its name and the bytes kept.

        Raises:
            RecordError: where there is none.
        """
        with self._reading() as (session, ledger):
            kept = files(session, ledger.entry(number))
            if not 0 <= place < len(kept):
                raise faults.RecordError(f"登録番号{number}には元のファイルがありません。", "unknown")
            return kept[place]

    def file_names(self, number: int) -> list[str]:
        """The names of an entry's files, in the order of their places."""
        with self._reading() as (session, ledger):
            return [name for name, _ in files(session, ledger.entry(number))]

    def revision(self) -> int:
        """The newest entry's number; 0 for an empty record."""
        with self._database.reading() as session:
            return session.revision

    def changed_at(self) -> dt.datetime | None:
        """When the newest entry was made, on Japan's clock; None for an empty record."""
        with self._reading() as (_, ledger):
            return ledger.entries[-1].at if ledger.entries else None

    def fingerprint(self, now: dt.datetime | None = None) -> str:
        """A text that changes with every entry and every named snapshot, for caches: another one, another record.

        With ``now`` the record is not opened where its file has surely not been written since the look before.
        """
        return self._database.read_anew(self._head, now)

    def _head(self) -> str:
        with self._database.reading() as session:
            named = session.connection.scalars(select(SNAPSHOT.c.digest).order_by(SNAPSHOT.c.digest)).all()
            return "+".join([session.head, *(str(digest)[:8] for digest in named)])

    def latest_mapping(self, form: str = "raw") -> RememberedMapping | None:
        """How the newest submission of a form that is not undone was mapped; None where there is none."""
        with self._reading() as (_, ledger):
            for entry in reversed(ledger.entries):
                if entry.row.kind == SURVEY and entry.row.form == form and entry.number not in ledger.undone_by:
                    kept = submission.read_details(entry.row.details)
                    year = max(year for _, year in entry.values)
                    return RememberedMapping(entry.number, year, kept["mapping"], kept["weight_column"], kept["groups"])
        return None

    def snapshots(self) -> pd.DataFrame:
        """The named moments, newest first: name, revision, at (Asia/Tokyo), by."""
        with self._database.reading() as session:
            rows = [[row.name, row.revision, dt.datetime.fromisoformat(row.at), row.by] for row in _named(session)]
        frame = frames.typed(rows, frames.SNAPSHOTS)
        return frame.sort_values(["revision", "at", "name"], ascending=False, ignore_index=True)

    # Who was not allowed to write

    def refused(self, who: str, what: str, *, at: dt.datetime) -> None:
        """Keep that somebody tried to write who may not."""
        refusals.add(self._database, who, what, at)

    def refusals(self, now: dt.datetime | None = None) -> pd.DataFrame:
        """The newest thousand refusals, newest first: at (Asia/Tokyo), who, what; ``now`` as in :meth:`fingerprint`."""
        return self._database.read_anew(self._refusals, now)

    def _refusals(self) -> pd.DataFrame:
        return refusals.listed(self._database)

    # What keeps it safe

    def check(self) -> list[Problem]:
        """Everything that is wrong with the record: file, references, history, rows and originals; empty when whole."""
        return upkeep.check(self._database)

    def backup(self, out_path: str | Path) -> int:
        """Write a consistent, checked copy as a SQLite file while others go on; returns the revision it holds.

        Raises:
            RecordError: ``out_path`` exists already or cannot be written, or the record is not whole.
        """
        return upkeep.backup(self._database, Path(out_path))

    def copy_to(self, url: str) -> dict[str, int]:
        """Copy the whole record, verified row by row, into another database; returns table → number of rows.

        Raises:
            RecordError: the target holds submissions already, cannot be written, or would differ from the source.
        """
        target = open_database(url, self._timeout)
        try:
            return upkeep.copy(self._database, target)
        finally:
            target.close()

    def close(self) -> None:
        """Let go of idle connections (PostgreSQL keeps some); the record may be used again."""
        self._database.close()


def _named(session: Session) -> list[Row]:
    rows = session.rows(SNAPSHOT)
    if any(digest_rows([row[:-1]]) != row.digest for row in rows):
        raise session.damaged(SNAPSHOT.name)
    return rows
