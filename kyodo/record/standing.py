"""What stands of the plan's yearly cycle, beside what is to be written: what differs, what is seen, what can be reported."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, Table

from kyodo.fiscal import short_label
from kyodo.record import faults
from kyodo.record.ledger import Entry, Ledger, standing
from kyodo.record.session import Session
from kyodo.record.tables import CONFIRMED, MARK, PROGRESS, REPORTED, SENT_BACK, content_columns, key_of
from kyodo.wording import listed


def refuse_unseen(session: Session, ledger: Ledger, items: list[str], year: int, seen: int | None) -> None:
    """Refuse to mark an answer that is not there, or that changed since the revision that was looked at."""
    known = {row.item: row.number for row in standing(session, ledger, PROGRESS, [year])}
    if missing := [item for item in items if item not in known]:
        raise faults.RecordError(
            f"{short_label(year)}の回答がありません({listed(missing, 5, unit='件')})。", "unanswered"
        )
    later = {item: ledger.entry(known[item]) for item in items if seen is not None and known[item] > seen}
    if later:
        raise faults.MovedError(
            [faults.Moved(f"{short_label(year)} {item}", e.number, e.row.by, e.at) for item, e in later.items()]
        )


def changed_rows(session: Session, ledger: Ledger, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of those keys of which anything differs from what stands, or that were sent back since."""
    if not rows:
        return []
    years = _years(table, rows)
    old, new = _by_key(table, standing(session, ledger, table, years)), _by_key(table, rows)
    sent_back = _sent_back(session, ledger, years) if table is PROGRESS else set()
    alike = {key for key, each in new.items() if each == old.get(key) and key not in sent_back}
    return [row for row in rows if key_of(table, row) not in alike]


def _years(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[int] | None:
    """The fiscal years of rows, where their table's key has one."""
    return sorted({row["fiscal_year"] for row in rows}) if "fiscal_year" in table.columns else None


def _by_key(table: Table, rows: Iterable[Any]) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    """Key → contents of the rows that share it, sorted; stored rows and new ones alike."""
    names, found = [column.name for column in content_columns(table)], {}
    for row in rows:
        facts = row._mapping if isinstance(row, Row) else row
        found.setdefault(key_of(table, facts), []).append(tuple(facts[name] for name in names))
    return {key: sorted(each, key=repr) for key, each in found.items()}


def _sent_back(session: Session, ledger: Ledger, years: list[int]) -> set[tuple[str, int]]:
    """Items and years whose answer was sent back and has not come again."""
    marks = standing(session, ledger, MARK, years)
    back = {(row.item, row.fiscal_year): row.number for row in marks if row.mark == SENT_BACK}
    answered = {(row.item, row.fiscal_year): row.number for row in standing(session, ledger, PROGRESS, years)}
    return {key for key, number in back.items() if number > answered.get(key, 0)}


def to_report(session: Session, ledger: Ledger, year: int) -> list[str]:
    """The items of one year whose answer is confirmed and was not reported since.

    Raises:
        RecordError: an answer is neither confirmed nor sent back, or there is nothing to report.
    """
    marks = {(row.item, row.mark): row.number for row in standing(session, ledger, MARK, [year])}
    answers = {row.item: row.number for row in standing(session, ledger, PROGRESS, [year])}
    newest = {item: _newest(marks, item) for item in answers}
    if waiting := [item for item, number in answers.items() if newest[item][0] < number]:
        raise faults.RecordError(f"確認していない回答があります({listed(waiting, 5, unit='件')})。", "unconfirmed")
    confirmed = [item for item, (_, mark) in newest.items() if mark == CONFIRMED]
    if not confirmed:
        raise faults.RecordError("報告する、確認済の回答がありません。", "empty")
    return confirmed


def _newest(marks: Mapping[tuple[str, str], int], item: str) -> tuple[int, str]:
    """The entry of an item's newest mark, and the mark."""
    return max((marks.get((item, mark), 0), mark) for mark in (CONFIRMED, SENT_BACK, REPORTED))


def holder(session: Session, ledger: Ledger, given: Mapping[Table, list[dict[str, Any]]]) -> Entry:
    """The newest entry that holds all of these rows already. Raises RecordError where there are no rows."""
    numbers = []
    for table, rows in given.items():
        keys, stands = _by_key(table, rows), standing(session, ledger, table, _years(table, rows))
        numbers += [row.number for row in stands if key_of(table, row._mapping) in keys]
    if not numbers:
        raise faults.RecordError("登録する回答がありません。", "empty")
    return ledger.entry(max(numbers))
