"""Transactions on the record: one per question, each beginning with the look whether this is still the same record."""

import datetime as dt
import re
import secrets
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, create_engine, insert, select, update
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import StaticPool

from kyodo.record import faults
from kyodo.record.tables import META, SCHEMA_VERSION, TABLES

Read = TypeVar("Read")
_SEEN: dict[str, str] = {}  # address → identity: what this process has read must not turn into something else
_HEAD = re.compile("[0-9]{1,9}:.*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """One transaction on a recognised record: its connection, what the record said of itself, its name on screen."""

    connection: Connection
    identity: str
    head: str
    place: str
    version: int = SCHEMA_VERSION

    def has(self, table: Table) -> bool:
        """Whether the record is of a version that knows the table."""
        return table.info.get("since", 1) <= self.version

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
        self._known: dict[str, tuple[Hashable, Any]] = {}

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one revision, of an empty record where none could be made yet.

        Raises:
            RecordError: the database vanished, is another one, damaged, or cannot be reached.
        """
        with faults.translated(self.place):
            if self._made(needed=False):
                with self._begun(write=False) as connection:
                    yield self._recognise(connection)
            else:
                with blank() as connection:
                    yield self._recognise(connection, remember=False)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction of the only writer; committed at the end, rolled back by any error.

        Raises:
            RecordError: as in :meth:`reading`, and where nothing can be written.
        """
        committing = False
        try:
            with faults.translated(self.place):
                self._made(needed=True)
                with self._begun(write=True) as connection:
                    yield _upgraded(self._recognise(connection))
                    committing = True
        except faults.RecordError as error:
            if committing and error.code not in ("busy", "full", "disk"):  # these say themselves what is sure
                raise faults.unconfirmed(str(error)) from error
            raise

    @property
    def seen(self) -> str | None:
        """The identity this process has found at the address before."""
        return _SEEN.get(self.address)

    def expect(self, identity: str) -> None:
        """Take this identity, from now on, for the one that belongs at the address."""
        _SEEN[self.address] = identity

    def read_anew(self, read: Callable[[], Read], now: dt.datetime | None) -> Read:
        """What a method of the record reads; what it read before, where the record has surely not been written since."""
        stamp = self.stamp(now)
        if stamp is None:
            return read()
        known, kept = self._known.get(read.__name__, (None, None))
        if stamp != known:
            kept = read()
            self._known[read.__name__] = stamp, kept
        return kept

    def stamp(self, now: dt.datetime | None) -> Hashable | None:
        """What differs after every commit and costs less than a transaction; None where there is no such thing."""
        return None

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
        return Session(connection, meta["identity"], meta["head"], self.place, int(version))

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

    def _begun(self, *, write: bool) -> AbstractContextManager[Connection]:
        """A transaction, committed at the end."""
        raise NotImplementedError


@contextmanager
def blank(identity: str = "") -> Iterator[Connection]:
    """An empty record in memory: what a reader sees before anything could be made."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            make_tables(connection, identity)
            yield connection
    finally:
        engine.dispose()


def new_identity() -> str:
    """What tells one record from every other."""
    return secrets.token_hex(16)


def _upgraded(session: Session) -> Session:
    """The record with every table of this version, made within the writer's transaction."""
    if session.version == SCHEMA_VERSION:
        return session
    TABLES.create_all(session.connection)
    moved = update(META).where(META.c.key == "schema").values(text=str(SCHEMA_VERSION))
    session.connection.execute(moved)
    return replace(session, version=SCHEMA_VERSION)


def make_tables(connection: Connection, identity: str) -> None:
    """Make the tables of a new, empty record."""
    TABLES.create_all(connection)
    meta = {"identity": identity, "schema": str(SCHEMA_VERSION), "head": f"0:{identity}"}
    connection.execute(insert(META), [{"key": key, "text": value} for key, value in meta.items()])
