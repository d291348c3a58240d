"""The append-only history of what was submitted; the only place that knows the database.

A submission is never changed or deleted: a replacement is a newer submission, an undo is an entry that points
at an older one, and what holds now (or held at any moment) is worked out from the entries in their order.

>>> from kyodo.record import Record
>>> record = Record("sqlite:////var/lib/kyodo/kyodo.db")  # doctest: +SKIP
>>> number = record.submit(reading, by="企画課 山田", at=now)  # doctest: +SKIP
>>> record.values(as_of=number)  # doctest: +SKIP
"""

from kyodo.record.database import check_url, default_place, default_url
from kyodo.record.faults import Conflict, ConflictError, MovedError, RecordError, StaleError
from kyodo.record.record import EntryDetail, Record, RememberedMapping
from kyodo.record.yearly import empty_cycle

__all__ = [
    "Conflict", "ConflictError", "EntryDetail", "MovedError", "Record", "RecordError", "RememberedMapping",
    "StaleError", "check_url", "default_place", "default_url", "empty_cycle",
]  # fmt: skip
