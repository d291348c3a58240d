"""The record in a SQLite file: made whole or not at all, opened anew for every transaction.

With a rollback journal, since the 3.40 that many systems link predates the repair of a fault in WAL.
"""

import datetime as dt
import os
import secrets
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from kyodo.record import faults
from kyodo.record.session import Database, blank, new_identity

_LEFTOVERS = ("-journal", "-wal")
_SURE = 3.0  # seconds since a file was written, after which the next write changes its time: some disks count in twos
_BEGIN, _WAIT = "kyodo_begin", "kyodo_wait"


class SQLite(Database):
    """A database file. Every transaction opens the file anew, so that a moved or deleted one is noticed."""

    def __init__(self, file: Path, timeout: float) -> None:
        """Connections are made on demand; ``timeout`` in seconds is how long to wait for others."""
        super().__init__(f"sqlite:{file}", file.name, _engine(self.connect))
        # Only another program holds what a look needs for longer than a moment: a look waits a sixth of the time, a
        # writer four, so that who presses a button is told in that time, with the look at the page that follows.
        self.file, self._look, self._write = file, timeout / 6, timeout * 4 / 6
        self._traces = [file.with_name(file.name + end) for end in _LEFTOVERS]

    def connect(self) -> sqlite3.Connection:
        """A connection of the driver's own, outside any transaction."""
        # mode=rw: a file that was deleted meanwhile must be an error, not a new empty database.
        connection = sqlite3.connect(
            f"{self.file.as_uri()}?mode=rw", uri=True, timeout=self._look, isolation_level=None, check_same_thread=False
        )
        # EXTRA is FULL that also syncs the folder after the journal is gone: what was reported as stored survives a
        # power cut. Temporary data stays in memory, so that no answers are left in a temporary folder.
        try:
            for setting in ("foreign_keys=ON", "synchronous=EXTRA", "temp_store=MEMORY", "trusted_schema=OFF"):
                connection.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def stamp(self, now: dt.datetime | None) -> Hashable | None:
        """The file's place, size and times; None without ``now``, or where they may not tell the next commit."""
        try:
            file = self.file.stat()
        except OSError:
            return None
        if now is None or now.timestamp() - file.st_mtime < _SURE or any(trace.exists() for trace in self._traces):
            return None
        return file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[Connection]:
        options = {_BEGIN: "BEGIN IMMEDIATE" if write else "BEGIN", _WAIT: self._write if write else self._look}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def _made(self, *, needed: bool) -> bool:
        """See to it that the file is there; False where it is not and could not be made (and is not needed)."""
        if self._is_there():
            return True
        try:
            make_file(self.file, _blank_bytes())
        except FileExistsError:
            return True  # another process was first: its record is the record
        except OSError as error:
            if needed or isinstance(error, FileNotFoundError):
                raise self._unusable("作れません", error) from error
            return False
        return True

    def _is_there(self) -> bool:
        """Whether there is a file. Raises RecordError where one must have been there, or an empty one is."""
        try:
            there, left = self.file.exists(), [trace.name for trace in self._traces if trace.exists()]
            empty = there and self.file.stat().st_size == 0
        except OSError as error:
            raise self._unusable("開けません", error) from error
        if empty:
            raise faults.emptied(self.place)
        if not there and self.seen is not None:
            raise faults.missing(self.place)
        if not there and left:
            raise faults.leftover(self.place, left[0])
        return there

    def _unusable(self, what: str, error: OSError) -> faults.RecordError:
        return faults.RecordError(f"記録のデータベース({self.place})を{what}({faults.reason(error)})。", "closed")


def make_file(file: Path, data: bytes) -> None:
    """Make a file that is whole from the moment it has its name, and stays after a power cut.

    Raises:
        FileExistsError: the name is taken; that file is untouched.
        OSError: the folder is missing, full or read-only.
    """
    temporary = file.with_name(f".{file.name}-{secrets.token_hex(4)}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        keep_file(temporary, file)
    finally:
        temporary.unlink()


def keep_file(temporary: Path, file: Path) -> None:
    """Give a finished, synced file a second, lasting name. Raises FileExistsError where that name is taken."""
    os.link(temporary, file)  # unlike a rename, a link never overwrites
    if os.name == "nt":
        return  # Windows has no way to sync a folder
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine whose transactions begin as their connection's options say (the driver would begin too late)."""
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={1000 * options.get(_WAIT, 0):.0f}")
        connection.exec_driver_sql(options.get(_BEGIN, "BEGIN"))

    return engine


def _blank_bytes() -> bytes:
    """The file of a new, empty record."""
    with blank(new_identity()) as connection:
        connection.commit()
        return connection.connection.driver_connection.serialize()
