"""The record in a database of a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from kyodo.record.session import Database, make_tables, new_identity
from kyodo.record.tables import META, TABLES

_WRITER_LOCK = 0x6B796F646F  # the advisory lock of all writers ("kyodo")


class PostgreSQL(Database):
    """A PostgreSQL database by psycopg 3; one writer at a time."""

    def __init__(self, url: URL, timeout: float) -> None:
        """``timeout`` in seconds is how long to wait for another writer."""
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        super().__init__(url.render_as_string(hide_password=False), url.render_as_string(hide_password=True), engine)
        self._timeout = timeout

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[Connection]:
        # A writer sees what the one before it committed only if its snapshot is taken after the lock was given:
        # READ COMMITTED takes one per statement, REPEATABLE READ would take it before waiting.
        level = "READ COMMITTED" if write else "REPEATABLE READ"
        options = {"isolation_level": level, "postgresql_readonly": not write}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            if write:
                connection.execute(text(f"SET LOCAL lock_timeout = {int(self._timeout * 1000)}"))
                connection.execute(text("SET LOCAL synchronous_commit = on"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            yield connection

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
