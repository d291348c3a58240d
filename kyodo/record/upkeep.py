"""What keeps the record safe: the check of the whole, backups while the server runs, the move to another database."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, insert, select

from kyodo.errors import Problem
from kyodo.record import faults
from kyodo.record.ledger import SURVEY, Entry, Ledger, files, load, original, original_part, rows_of
from kyodo.record.session import Database, Session
from kyodo.record.sqlite import SQLite, keep_file
from kyodo.record.submission import read_details
from kyodo.record.tables import ENTRY, FILE, META, ORIGINAL, PART, ROWS_TABLES, SNAPSHOT, TABLES, digest_rows

_LARGE = {ORIGINAL.name: 1, FILE.name: 1}  # rows fetched at a time: originals are files of megabytes
_BATCH = 1000


def check(database: Database) -> list[Problem]:
    """All problems found, each as soon as one can be told from another; empty for a whole record."""
    return [*_found(database, _structure_problems), *_found(database, _content_problems)]


def backup(database: Database, out: Path) -> int:
    """See :meth:`kyodo.record.Record.backup`."""
    if out.exists():
        raise faults.RecordError(f"{out} は既にあります。別の名前にしてください。", "taken")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
            copied = Path(folder) / "record.db"
            _write_file(database, copied)
            revision = _whole(SQLite(copied, timeout=30.0))
            keep_file(copied, out)
    except OSError as error:
        raise faults.RecordError(f"{out} に書き込めません({faults.reason(error)})。", "closed") from error
    return revision


def copy(source: Database, target: Database) -> dict[str, int]:
    """See :meth:`kyodo.record.Record.copy_to`. Source and target are read in one transaction each."""
    if source.address == target.address:
        raise faults.RecordError("写す先が元の記録と同じです。別のデータベースを指定してください。", "same")
    _whole(source)
    with source.reading() as old, target.writing() as new:
        if new.revision or new.rows(SNAPSHOT):
            raise faults.RecordError(
                f"写す先({target.place})には既に登録があります。空のデータベースを指定してください。", "taken"
            )
        new.connection.execute(delete(META))
        counts = {table.name: _copy_table(old, new, table) for table in TABLES.sorted_tables if old.has(table)}
    target.expect(old.identity)
    _whole(target)
    return counts


def _write_file(database: Database, file: Path) -> None:
    """Write the record into a new SQLite file that is on disk at the end."""
    with database.reading():
        pass  # a record that cannot be recognised must not become a backup
    if isinstance(database, SQLite):
        with faults.translated(database.place):
            connection = database.connect()
            try:
                connection.execute("VACUUM INTO ?", (str(file),))
            finally:
                connection.close()
    else:
        copy(database, SQLite(file, timeout=30.0))
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _whole(database: Database) -> int:
    """The revision of a copy that is whole. Raises RecordError where it is not."""
    if problems := check(database):
        raise faults.damaged(database.place, "、".join(problem.message for problem in problems[:3]))
    with database.reading() as session:
        return session.revision


def _copy_table(old: Session, new: Session, table: Table) -> int:
    """Copy one table and read it back. Raises RecordError where a row came out differently."""
    query = (
        select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_LARGE.get(table.name, _BATCH))
    )
    for rows in old.connection.execute(query).partitions():
        new.connection.execute(insert(table), [dict(row._mapping) for row in rows])
    count, digest = _digest(old, table)
    if (count, digest) != _digest(new, table):
        raise faults.RecordError(f"写した結果が元と一致しません({table.name})。何も写していません。", "differs")
    return count


def _digest(session: Session, table: Table) -> tuple[int, str]:
    """Number of rows and their digest, whatever the database's order."""
    query = select(table).execution_options(yield_per=_LARGE.get(table.name, _BATCH))
    lines = [digest_rows([_hashed(row)]) for row in session.connection.execute(query)]
    return len(lines), hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def _hashed(row: Any) -> list[Any]:
    return [hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value for value in row]


def _found(database: Database, problems: Any) -> list[Problem]:
    """What a check finds, or the one problem that kept it from looking."""
    try:
        with database.reading() as session:
            return list(problems(session))
    except faults.RecordError as error:
        return [Problem(error.code, str(error))]


def _structure_problems(session: Session) -> Iterator[Problem]:
    """What SQLite says about its file; PostgreSQL watches over its own."""
    if session.connection.dialect.name != "sqlite":
        return
    for (said,) in session.connection.exec_driver_sql("PRAGMA integrity_check"):
        if said != "ok":
            yield Problem("integrity", f"データベースのファイルが壊れています({said})。", faults.RESTORE)
    for row in session.connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Problem("reference", f"{row[0]} に、登録のない行があります。", faults.RESTORE)
    mode = session.connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if mode not in ("delete", "memory"):
        yield Problem("journal", f"データベースの journal_mode が {mode} です。", "delete に戻してください。")


def _content_problems(session: Session) -> Iterator[Problem]:
    """Where the rows are not those of the entries. :func:`load` has verified the history and the values."""
    ledger = load(session)
    for table in filter(session.has, (PART, *ROWS_TABLES, ORIGINAL, FILE)):
        yield from _strays(session, table)
    for entry in ledger.entries:
        yield from _entry_problems(session, ledger, entry)
    if any(digest_rows([row[:-1]]) != row.digest for row in session.rows(SNAPSHOT)):
        yield Problem("snapshot", "名前を付けた時点が、付けたときのものと異なります。", faults.RESTORE)


def _strays(session: Session, table: Table) -> Iterator[Problem]:
    """Rows of a table that no entry lists among its parts."""
    listed = select(PART.c.number).where(PART.c.part == table.name) if table is not PART else select(ENTRY.c.number)
    query = select(func.count()).select_from(table).where(table.c.number.not_in(listed))
    if count := session.connection.scalar(query):
        yield Problem("stray", f"{table.name} に、登録のない行が{count}行あります。", faults.RESTORE)


def _entry_problems(session: Session, ledger: Ledger, entry: Entry) -> Iterator[Problem]:
    """Whether an entry has its rows, and a survey the file that was sent."""
    try:
        for table in ROWS_TABLES:
            rows_of(session, ledger, table, [entry.number])
        data = original(session, entry)
        files(session, entry)
    except faults.RecordError as error:
        yield Problem(error.code, str(error))
        return
    reduced = read_details(entry.row.details).get("original_reduced", False)
    if entry.row.kind == SURVEY and (data is None or (not reduced and original_part(data)[1] != entry.row.sha256)):
        message = f"登録番号{entry.number}の元のファイルがないか、その SHA-256 が履歴と異なります。"
        yield Problem("original", message, faults.RESTORE)
