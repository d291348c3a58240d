"""What the record keeps of the plan's yearly cycle: addressees, answers, the secretariat's marks, opinions.

One law serves all of it: of every key the row of the newest entry that is not undone stands, so undo, the undo of an
undo, and the state as of any moment need nothing of their own. A blank text takes away what stood there.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Unpack

import pandas as pd
from sqlalchemy import Table, func, select

from kyodo.fiscal import short_label
from kyodo.record import faults, frames, rules, submission
from kyodo.record.ledger import Entry, Ledger, Submission, append, load, standing
from kyodo.record.session import Database, Session
from kyodo.record.standing import changed_rows, holder, refuse_unseen, to_report
from kyodo.record.submission import Stamp
from kyodo.record.tables import (
    ANSWERING,
    CLOSING,
    CONFIRMED,
    ENTRY,
    HANDED_OUT,
    MARK,
    OPINION,
    PROGRESS,
    REPORTED,
    ROSTER,
    SENT_BACK,
    SUPPLEMENT,
    content_columns,
)
from kyodo.wording import listed

Moment = dt.datetime | int | None
Rows = Iterable[Mapping[str, Any]]
COLLECTION, MARKS, CLOSES, ADDRESSES, OPINIONS = "collection", "marks", "closing", "roster", "opinion"
CHANGED_NOTHING = "変わったところがありません。"


class Yearly:
    """The part of :class:`kyodo.record.Record` that knows the yearly cycle; every method is one transaction.

    Methods that write return the entry's number, take ``by`` and ``at``, and raise RecordError as those of the record
    do; the same ``token`` once more is the same entry. Frames carry ``number``, ``at``, ``by`` and ``note`` of the
    entry that brought each row.
    """

    _database: Database

    # What writes

    def collect(
        self,
        answers: Rows,
        supplements: Rows = (),
        *,
        by: str,
        files: Sequence[tuple[str, bytes]] = (),
        reason: str = "",
        expected_revision: int | None = None,
        **stamp: Unpack[Stamp],
    ) -> int:
        """Keep answers (and supplements) with the files they came in as one entry.

        Only what differs from what stands, or was sent back since, is kept; where nothing does, the number of the
        newest entry that holds it is returned: the same files twice are one entry.

        ``answers`` have the columns of ``record_progress`` from ``item`` to ``written_on`` (missing texts are blank),
        ``supplements`` item, fiscal_year, section, supplement, written_by, head, written_on; ``files`` are names and
        bytes, kept as they are; ``reason`` says why a closed year changes; ``expected_revision`` is what was seen.

        Raises:
            MovedError: since ``expected_revision`` somebody changed the same items.
            RecordError: the year is closed and no reason given, or there is nothing to keep.
        """
        given = {
            PROGRESS: submission.checked(PROGRESS, answers),
            SUPPLEMENT: submission.checked(SUPPLEMENT, supplements),
        }

        def make(session: Session, ledger: Ledger) -> Submission | Entry:
            changed = {table: changed_rows(session, ledger, table, rows) for table, rows in given.items()}
            if not any(changed.values()):
                return holder(session, ledger, given)
            new = submission.kept(COLLECTION, changed, files, by=by, note=_collected(changed, reason), **stamp)
            rules.refuse_moved(session, ledger, new, expected_revision)
            years = {row["fiscal_year"] for rows in changed.values() for row in rows}
            rules.refuse_unreasoned(session, ledger, years, reason)
            return new

        return self._keep(make, stamp)

    def hand_out(self, items: Iterable[str], year: int, *, by: str, **stamp: Unpack[Stamp]) -> int:
        """Note that the year's sheets of these items were handed out."""
        return self._mark(HANDED_OUT, items, year, by=by, **stamp)

    def confirm(
        self, items: Iterable[str], year: int, *, by: str, expected_revision: int | None = None, **stamp: Unpack[Stamp]
    ) -> int:
        """Note that the secretariat has confirmed these items' answers, as they were at ``expected_revision``.

        Raises:
            MovedError: an answer was changed since.
            RecordError: an item has no answer.
        """
        return self._mark(CONFIRMED, items, year, by=by, seen=expected_revision, **stamp)

    def send_back(
        self,
        items: Iterable[str],
        year: int,
        reason: str,
        *,
        by: str,
        expected_revision: int | None = None,
        **stamp: Unpack[Stamp],
    ) -> int:
        """Ask the section again for these items; raises as :meth:`confirm` does, and RecordError without a reason."""
        if not reason.strip():
            raise faults.RecordError("差し戻す理由を入力してください。", "reasonless")
        return self._mark(SENT_BACK, items, year, text=reason.strip(), by=by, seen=expected_revision, **stamp)

    def close_year(self, year: int, *, meeting: int | None, held_on: str = "", by: str, **stamp: Unpack[Stamp]) -> int:
        """Report the year's confirmed answers to a meeting, and close the year.

        Once more, with another meeting, it reports what was confirmed since; an undo opens the year again.

        Raises:
            RecordError: an answer is not confirmed, or there is none to report.
        """

        def make(session: Session, ledger: Ledger) -> Submission:
            confirmed = to_report(session, ledger, year)
            open_year = year not in {row.fiscal_year for row in standing(session, ledger, CLOSING)}
            rows = {
                MARK: [{"item": item, "fiscal_year": year, "mark": REPORTED, "meeting": meeting} for item in confirmed],
                CLOSING: [{"fiscal_year": year, "meeting": meeting, "held_on": held_on}] if open_year else [],
            }
            which = f"第{meeting}回の委員会に" if meeting else ""
            note = f"{short_label(year)}の進行管理 {len(confirmed)}項目を{which}報告"
            return submission.kept(CLOSES, rows, by=by, note=note, **stamp)

        return self._keep(make, stamp)

    def address(
        self,
        roster: Rows = (),
        answering: Rows = (),
        *,
        by: str,
        files: Sequence[tuple[str, bytes]] = (),
        expected_revision: int | None = None,
        **stamp: Unpack[Stamp],
    ) -> int:
        """Keep which sections stand for printed names, and which section answers for items.

        ``roster`` has rows with department (as printed), section, from_year, to_year, contact: all rows of a department
        are replaced together, and one row with a blank section leaves it without any. ``answering`` has rows with
        item, from_year, section. The rest as for :meth:`collect`.
        """
        given = {ROSTER: submission.checked(ROSTER, roster), ANSWERING: submission.checked(ANSWERING, answering)}

        def make(session: Session, ledger: Ledger) -> Submission:
            changed = {table: changed_rows(session, ledger, table, rows) for table, rows in given.items()}
            if not any(changed.values()):
                raise faults.RecordError(CHANGED_NOTHING, "same")
            names = [row["department"] for row in changed[ROSTER]] + [row["item"] for row in changed[ANSWERING]]
            note = f"宛先 {listed(names, 5, unit='件')}"
            new = submission.kept(ADDRESSES, changed, files, by=by, note=note, **stamp)
            rules.refuse_moved(session, ledger, new, expected_revision)
            return new

        return self._keep(make, stamp)

    def opine(self, said: Mapping[str, Any], opinion: int | None = None, *, by: str, **stamp: Unpack[Stamp]) -> int:
        """Keep what a committee said or decided, or what became of it; returns the opinion's own number.

        ``said`` has meeting, held_on, about (``all``, an indicator, a policy or an item), kind, text, response, owner,
        due, state; for a known ``opinion`` only what changes, and a blank text takes it away.
        """
        names = {column.name for column in content_columns(OPINION)} - {"opinion"}
        if unknown := said.keys() - names:
            raise TypeError(f"opine: {unknown}")

        def make(session: Session, ledger: Ledger) -> Submission:
            before = {row.opinion: dict(row._mapping) for row in standing(session, ledger, OPINION)}
            if opinion is not None and opinion not in before:
                raise faults.RecordError(f"意見{opinion}はありません。", "unknown")
            if opinion is None and not str(said.get("text", "")).strip():
                raise faults.RecordError("意見の内容を入力してください。", "empty")
            number = opinion or 1 + (session.connection.scalar(select(func.max(OPINION.c.opinion))) or 0)
            row = before.get(number, {}) | dict(said) | {"opinion": number}
            if row == before.get(number):
                raise faults.RecordError(CHANGED_NOTHING, "same")
            note = f"意見{number} {'対応' if opinion else str(said.get('text', ''))[:30]}"
            return submission.kept(OPINIONS, {OPINION: [row]}, by=by, note=note, **stamp)

        entry = self._keep(make, stamp)
        with self._database.reading() as session:
            return session.rows(OPINION, where=OPINION.c.number == entry)[0].opinion

    # What reads

    def cycle(self, as_of: Moment = None) -> dict[str, pd.DataFrame]:
        """All of it at one revision, by name, each a frame with the columns of its table.

        ``progress``: the answers that stand; ``supplements``: what other sections added; ``marks``: the newest of each
        kind, ``text`` being why a sheet was sent back; ``closings``: the years that are closed; ``roster`` and
        ``answering``: what was entered of the addressees; ``opinions``: what the committee said and what became of it.
        """
        with self._reading(as_of) as (session, ledger):
            return {name: _frame(session, ledger, name) for name in _FRAMES}

    def cycle_state(self, as_of: Moment = None) -> str:
        """A text that changes with every entry that touches any of it: what is made of :meth:`cycle` stays till then."""
        with self._reading(as_of) as (_, ledger):
            names = {table.name for table in _FRAMES.values()}
            touching = [each for each in ledger.entries if names & ledger.undone_of(each).parts.keys()]
            return f"{touching[-1].number}:{touching[-1].row.digest}" if touching else f"0:{ledger.identity}"

    # How

    def _mark(
        self,
        mark: str,
        items: Iterable[str],
        year: int,
        *,
        text: str = "",
        seen: int | None = None,
        by: str,
        **stamp: Unpack[Stamp],
    ) -> int:
        items = list(dict.fromkeys(items))

        def make(session: Session, ledger: Ledger) -> Submission:
            if not items:
                raise faults.RecordError("項目を選んでください。", "empty")
            if mark != HANDED_OUT:
                refuse_unseen(session, ledger, items, year, seen)
            rows = [{"item": item, "fiscal_year": year, "mark": mark, "text": text} for item in items]
            note = f"{short_label(year)} {_WORDS[mark]} {listed(items, 5, unit='件')}" + (f": {text}" if text else "")
            return submission.kept(MARKS, {MARK: rows}, by=by, note=note, **stamp)

        return self._keep(make, stamp)

    def _keep(self, make: Callable[[Session, Ledger], Submission | Entry], stamp: Stamp) -> int:
        """One entry in one transaction: what ``make`` makes, or the known one it finds."""
        with self._database.writing() as session:
            ledger = load(session)
            made = rules.of_token(ledger, stamp.get("token")) or make(session, ledger)
            if isinstance(made, Entry):
                return made.number
            number, digest = append(session, ledger, made)
        self._confirm(number, digest)
        return number

    def _kept(self, session: Session, ledger: Ledger, entry: Entry) -> dict[str, pd.DataFrame]:
        """The rows one entry brought, by the names of :meth:`cycle`; names without any are left out."""
        return {
            name: frames.rows_frame(table, rules.brought(session, ledger, table, entry), ledger, *_SIGNED)
            for name, table in _FRAMES.items()
            if table.name in entry.parts
        }

    @contextmanager
    def _reading(self, as_of: Moment = None) -> Iterator[tuple[Session, Ledger]]:
        with self._database.reading() as session:
            yield session, load(session).upto(as_of)

    def _confirm(self, number: int, digest: str) -> None:
        """See by a new connection that the entry is there: a file moved away in mid-write would have taken it along."""
        try:
            with self._database.reading() as session:
                seen = [row.digest for row in session.rows(ENTRY, where=ENTRY.c.number == number)]
        except faults.RecordError as error:
            raise faults.unconfirmed(str(error)) from error
        if seen != [digest]:
            raise faults.unconfirmed(f"({self._database.place})")


_FRAMES = {
    "progress": PROGRESS, "supplements": SUPPLEMENT, "marks": MARK, "closings": CLOSING, "roster": ROSTER,
    "answering": ANSWERING, "opinions": OPINION,
}  # fmt: skip
_SIGNED = ("at", "by", "note")  # of the entry that brought a row
_TAKEN_AWAY = {"supplements": "supplement", "opinions": "text"}  # what is gone once this is blank
_WORDS = {HANDED_OUT: "配布", CONFIRMED: "確認", SENT_BACK: "差し戻し"}


def _frame(session: Session, ledger: Ledger, name: str) -> pd.DataFrame:
    frame = frames.rows_frame(_FRAMES[name], standing(session, ledger, _FRAMES[name]), ledger, *_SIGNED)
    told = _TAKEN_AWAY.get(name)
    return frame[frame[told].str.strip() != ""].reset_index(drop=True) if told else frame


def empty_cycle() -> dict[str, pd.DataFrame]:
    """What :meth:`Yearly.cycle` gives of an empty record."""
    return {name: frames.rows_frame(table, [], Ledger((), ""), *_SIGNED) for name, table in _FRAMES.items()}


def _collected(changed: Mapping[Table, list[dict[str, Any]]], reason: str) -> str:
    """A collection's note: how many answers of which years, or why a closed year was corrected."""
    rows = [row for each in changed.values() for row in each]
    years = "・".join(short_label(year) for year in sorted({row["fiscal_year"] for row in rows}))
    parts = [f"回答{len(changed[PROGRESS])}件"] if changed[PROGRESS] else []
    parts += [f"補足{len(changed[SUPPLEMENT])}件"] if changed[SUPPLEMENT] else []
    return f"{years} {'・'.join(parts)}" + (f" 訂正: {reason.strip()}" if reason.strip() else "")
