"""Which database the record is in: the default, or the one of a URL."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from kyodo.plan import default_folder
from kyodo.record import faults
from kyodo.record.postgresql import PostgreSQL
from kyodo.record.session import Database
from kyodo.record.sqlite import SQLite


def default_url() -> str:
    """``KYODO_DATABASE``, else the file ``kyodo.db`` beside the plan's tables."""
    if url := os.environ.get("KYODO_DATABASE", "").strip():
        return url
    file = (default_folder() / "kyodo.db").resolve()
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def check_url(url: str) -> None:
    """See that a URL names a database that can be there.

    Raises:
        RecordError: as :func:`open_database`, and where the folder of a SQLite file is not there.
    """
    database = open_database(url, 1.0)
    if isinstance(database, SQLite) and not database.file.parent.is_dir():
        raise faults.RecordError(
            f"記録のフォルダ({database.file.parent})がありません。作るか、KYODO_DATABASE を直してください。", "url"
        )


def default_place() -> Path:
    """The folder of the record's file; that of the plan's tables where the record is on a server."""
    url = make_url(default_url())
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Path(file).resolve().parent if file else default_folder()


def open_database(url: str, timeout: float) -> Database:
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
