"""The record in a database of a PostgreSQL server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kyodo.record import faults
from kyodo.record.session import Database, make_tables, new_identity
from kyodo.record.tables import META, TABLES

_PATIENCE = 2  # seconds: a page must not wait longer to be told that the server is away
_AGAIN = 1.0  # seconds until a server that was away is tried again; others are told at once
_CONNECTING = {
    "connect_timeout": _PATIENCE,
    "tcp_user_timeout": _PATIENCE * 1000,
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}
_WRITER_LOCK = 0x6B796F646F  # the advisory lock of all writers ("kyodo")


class PostgreSQL(Database):
    """A PostgreSQL database by psycopg 3; one writer at a time."""

    def __init__(self, url: URL, timeout: float) -> None:
        """``timeout`` in seconds is how long to wait for another writer."""
        engine = create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=_PATIENCE, connect_args=_CONNECTING
        )
        # On screen without host and user: they are nobody's business who only reads.
        super().__init__(url.render_as_string(hide_password=False), f"PostgreSQL {url.database}", engine)
        self._timeout, self._away_until = timeout, 0.0

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[Connection]:
        # A writer sees what the one before it committed only if its snapshot is taken after the lock was given:
        # READ COMMITTED takes one per statement, REPEATABLE READ would take it before waiting.
        level = "READ COMMITTED" if write else "REPEATABLE READ"
        if time.monotonic() < self._away_until:
            raise faults.unreachable(self.place)
        options = {"isolation_level": level, "postgresql_readonly": not write}
        with self._connected().execution_options(**options) as connection, connection.begin():
            if write:
                connection.execute(text(f"SET LOCAL lock_timeout = {int(self._timeout * 1000)}"))
                connection.execute(text("SET LOCAL synchronous_commit = on"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            yield connection

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except (OperationalError, PoolTimeout):
            self._away_until = time.monotonic() + _AGAIN
            raise

    def _made(self, *, needed: bool) -> bool:
        if self.seen is not None:
            return True
        with self._begun(write=False) as connection:
            if set(TABLES.tables) & set(inspect(connection).get_table_names()):
                return True
        try:
            with self._begun(write=True) as connection:
                if not inspect(connection).has_table(META.name):
                    make_tables(connection, new_identity())
        except DBAPIError:
            if needed:
                raise
            return False
        return True
