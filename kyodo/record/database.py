"""Opening the database of the record: made once, recognised ever after, never begun anew.

SQLite with a rollback journal (the 3.40 that many systems link predates the repair of a fault in WAL), or PostgreSQL
by URL. One transaction per question, so that an answer never mixes two revisions; one writer at a time.
"""

import os
import re
import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Row,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool, StaticPool

from kyodo.plan import default_folder
from kyodo.record import faults
from kyodo.record.tables import META, SCHEMA_VERSION, TABLES

_SEEN: dict[str, str] = {}  # address → identity: what this process has read must not turn into something else
_WRITER_LOCK = 0x6B796F646F  # PostgreSQL's advisory lock of all writers ("kyodo")
_LEFTOVERS = ("-journal", "-wal")
_HEAD = re.compile("[0-9]{1,9}:.*", re.ASCII)
_BEGIN = "kyodo_begin"


def default_url() -> str:
    """``KYODO_DATABASE``, else the file ``kyodo.db`` beside the plan's tables."""
    if url := os.environ.get("KYODO_DATABASE", "").strip():
        return url
    file = (default_folder() / "kyodo.db").resolve()
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def open_database(url: str, timeout: float) -> "Database":
    """The database of a URL; nothing is opened yet.

    Raises:
        RecordError: where the URL is none, or of another kind than SQLite (a file) and PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise faults.RecordError(
            "KYODO_DATABASE の書き方が違います(例: sqlite:////srv/kyodo/kyodo.db)。", "url"
        ) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return SQLite(Path(parsed.database).absolute(), timeout)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return PostgreSQL(parsed.set(drivername="postgresql+psycopg"), timeout)
    raise faults.RecordError("記録のデータベースには SQLite のファイルか PostgreSQL を指定してください。", "url")


@dataclass(frozen=True, slots=True)
class Session:
    """One transaction on a recognised record: its connection, what the record said of itself, its name on screen."""

    connection: Connection
    identity: str
    head: str
    place: str

    @property
    def revision(self) -> int:
        """The newest entry's number as the head says it."""
        return int(self.head.partition(":")[0])

    def rows(self, table: Table, *order: Any, where: Any = None) -> list[Row]:
        """All rows of a table, or those ``where`` says.

        Raises:
            RecordError: where a stored value is not even of its column's type.
        """
        query = select(table).order_by(*order)
        try:
            return list(self.connection.execute(query if where is None else query.where(where)).all())
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self.damaged(f"{table.name} {error}") from error

    def damaged(self, what: str) -> faults.RecordError:
        """The error for something that no submission wrote."""
        return faults.damaged(self.place, what)


class Database:
    """What both databases share: transactions that begin by recognising the record."""

    def __init__(self, address: str, place: str, engine: Engine) -> None:
        """``address`` tells databases apart within the process, ``place`` is its name on screen (no password)."""
        self.address, self.place, self.engine = address, place, engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one revision, of an empty record where none could be made yet.

        Raises:
            RecordError: the database vanished, is another one, damaged, or cannot be reached.
        """
        with faults.translated(self.place):
            made = self._made(needed=False)
            with self._begun(self.engine if made else _blank_engine(), write=False) as connection:
                yield self._recognise(connection, remember=made)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction of the only writer; committed at the end, rolled back by any error.

        Raises:
            RecordError: as in :meth:`reading`, and where nothing can be written.
        """
        with faults.translated(self.place):
            self._made(needed=True)
            with self._begun(self.engine, write=True) as connection:
                yield self._recognise(connection)

    @property
    def seen(self) -> str | None:
        """The identity this process has found at the address before."""
        return _SEEN.get(self.address)

    def expect(self, identity: str) -> None:
        """Take this identity, from now on, for the one that belongs at the address."""
        _SEEN[self.address] = identity

    def close(self) -> None:
        """Close idle connections."""
        self.engine.dispose()

    def _recognise(self, connection: Connection, remember: bool = True) -> Session:
        """Refuse whatever is not the record that was here before."""
        meta = self._meta(connection)
        if not {"identity", "schema", "head"} <= set(meta) or not _HEAD.fullmatch(str(meta["head"])):
            raise faults.damaged(self.place, META.name)
        if not re.fullmatch("[0-9]{1,9}", version := str(meta["schema"])):
            raise faults.damaged(self.place, META.name)
        if int(version) > SCHEMA_VERSION:
            raise faults.newer(self.place, int(version), SCHEMA_VERSION)
        if self.seen not in (None, meta["identity"]):
            raise faults.replaced(self.place)
        if remember:
            self.expect(meta["identity"])
        return Session(connection, meta["identity"], meta["head"], self.place)

    def _meta(self, connection: Connection) -> dict[str, str]:
        try:
            return dict(connection.execute(select(META.c.key, META.c.text)).all())
        except (OperationalError, ProgrammingError) as error:
            if faults.is_no_table(error):
                raise faults.emptied(self.place) from error
            raise

    def _made(self, *, needed: bool) -> bool:
        """See to it that there is a record; False where there is none, none could be made and none is needed."""
        raise NotImplementedError

    def _begun(self, engine: Engine, *, write: bool) -> AbstractContextManager[Connection]:
        """A transaction, committed at the end."""
        raise NotImplementedError


class SQLite(Database):
    """A database file. Every transaction opens the file anew, so that a moved or deleted one is noticed."""

    def __init__(self, file: Path, timeout: float) -> None:
        """Connections are made on demand; ``timeout`` in seconds is how long to wait for others."""
        super().__init__(f"sqlite:{file}", file.name, _sqlite_engine(self.connect))
        self.file, self._timeout = file, timeout

    def connect(self) -> sqlite3.Connection:
        """A connection of the driver's own, outside any transaction."""
        # mode=rw: a file that was deleted meanwhile must be an error, not a new empty database.
        connection = sqlite3.connect(
            f"{self.file.as_uri()}?mode=rw",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
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

    @contextmanager
    def _begun(self, engine: Engine, *, write: bool) -> Iterator[Connection]:
        begin = "BEGIN IMMEDIATE" if write else "BEGIN"
        with engine.connect().execution_options(**{_BEGIN: begin}) as connection, connection.begin():
            yield connection

    def _made(self, *, needed: bool) -> bool:
        """See to it that the file is there; False where it is not and could not be made (and is not needed)."""
        if self.file.exists():
            if self.file.stat().st_size == 0:
                raise faults.emptied(self.place)
            return True
        if self.seen is not None:
            raise faults.missing(self.place)
        for trace in (self.file.name + end for end in _LEFTOVERS):
            if self.file.with_name(trace).exists():
                raise faults.leftover(self.place, trace)
        try:
            make_file(self.file, _blank_bytes())
        except FileExistsError:
            return True  # another process was first: its record is the record
        except OSError as error:
            if needed or isinstance(error, FileNotFoundError):
                reason = error.strerror or str(error)
                raise faults.RecordError(
                    f"記録のデータベース({self.file})を作れません({reason})。", "closed"
                ) from error
            return False
        return True


class PostgreSQL(Database):
    """A database of a PostgreSQL server, by psycopg 3."""

    def __init__(self, url: URL, timeout: float) -> None:
        """``timeout`` in seconds is how long to wait for another writer."""
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        super().__init__(url.render_as_string(hide_password=False), url.render_as_string(hide_password=True), engine)
        self._timeout = timeout

    @contextmanager
    def _begun(self, engine: Engine, *, write: bool) -> Iterator[Connection]:
        # A writer sees what the one before it committed only if its snapshot is taken after the lock was given:
        # READ COMMITTED takes one per statement, REPEATABLE READ would take it before waiting.
        level = "READ COMMITTED" if write else "REPEATABLE READ"
        options = {"isolation_level": level, "postgresql_readonly": not write} if engine is self.engine else {}
        with engine.connect().execution_options(**options) as connection, connection.begin():
            if write:
                connection.execute(text(f"SET LOCAL lock_timeout = {int(self._timeout * 1000)}"))
                connection.execute(text("SET LOCAL synchronous_commit = on"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            yield connection

    def _made(self, *, needed: bool) -> bool:
        if self.seen is not None:
            return True
        with self._begun(self.engine, write=False) as connection:
            if set(TABLES.tables) & set(inspect(connection).get_table_names()):
                return True
        try:
            with self._begun(self.engine, write=True) as connection:
                if not inspect(connection).has_table(META.name):
                    _make_tables(connection, secrets.token_hex(16))
        except DBAPIError:
            if needed:
                raise
            return False
        return True


def make_file(file: Path, data: bytes) -> None:
    """Make a file that is whole from the moment it has its name, and stays after a power cut.

    Raises:
        FileExistsError: the name is taken; that file is untouched.
        OSError: the folder is missing, full or read-only.
    """
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        keep_file(Path(temporary), file)
    finally:
        os.unlink(temporary)


def keep_file(temporary: Path, file: Path) -> None:
    """Give a finished, synced file a second, lasting name. Raises FileExistsError where that name is taken."""
    os.link(temporary, file)  # unlike a rename, a link never overwrites
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sqlite_engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine whose transactions begin as their connection's options say (the driver would begin too late)."""
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _blank_engine(identity: str = "") -> Engine:
    """An empty record in memory: what a reader sees before anything could be made."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        _make_tables(connection, identity)
    return engine


def _blank_bytes() -> bytes:
    """The file of a new, empty record."""
    engine = _blank_engine(secrets.token_hex(16))
    try:
        return engine.raw_connection().driver_connection.serialize()
    finally:
        engine.dispose()


def _make_tables(connection: Connection, identity: str) -> None:
    TABLES.create_all(connection)
    meta = {"identity": identity, "schema": str(SCHEMA_VERSION), "head": f"0:{identity}"}
    connection.execute(insert(META), [{"key": key, "text": value} for key, value in meta.items()])
