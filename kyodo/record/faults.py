"""What can go wrong with the record, in words that say what to do.

The drivers' errors end here: whatever SQLite or PostgreSQL reports becomes a :class:`RecordError` with a Japanese
message. In every case the transaction was rolled back, so the old state is whole.
"""

import datetime as dt
import errno
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kyodo.errors import KyodoError
from kyodo.fiscal import in_japan, label
from kyodo.wording import circled

RESTORE = (
    "元に戻すには、サーバを止め、バックアップ(python -m kyodo backup で取ったファイル)を元の場所に置いてください"
    "(PostgreSQL では空のデータベースへ copy-to で書き戻してください)。"
)
_UNCHANGED = "登録済みのデータは変わっていません。"
# Where the fault may have come after the commit:
_UNSURE = "登録の途中だった場合は、登録できたかどうかを履歴で確かめてください。"


class RecordError(KyodoError):
    """The record cannot do what was asked; ``code`` names the cause for programs, the text is for the reader."""

    def __init__(self, message: str, code: str = "refused") -> None:
        """Keep message and code."""
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One year × indicator that somebody else's submission already holds; values in percent, None where missing."""

    indicator: int
    fiscal_year: int
    old: float | None
    new: float | None
    number: int
    by: str
    at: dt.datetime

    def __str__(self) -> str:
        """One line: year, indicator, old → new, and whose it is."""
        change = f"{_figure(self.old)} → {_figure(self.new)}"
        return f"{label(self.fiscal_year)} {circled(self.indicator)} {change}({origin(self.number, self.by, self.at)})"


class _RowsError(RecordError):
    """A refusal that lists the sets it is about; ``rows`` is a tuple of :class:`Conflict`."""

    opening = closing = ""

    def __init__(self, rows: Sequence[Conflict], code: str) -> None:
        """Keep the rows and make their lines the text."""
        self.rows = tuple(rows)
        super().__init__("\n".join([self.opening, *map(str, self.rows), self.closing]), code)


class ConflictError(_RowsError):
    """Registered already with a different content, and replacing was not asked for."""

    opening = "既に登録済みの年度・指標があります。"
    closing = "置き換える場合は、内容を確かめたうえで「置き換える」を選んでください。"

    def __init__(self, rows: Sequence[Conflict]) -> None:
        """Keep the rows in the way."""
        super().__init__(rows, "conflict")


class StaleError(_RowsError):
    """The record moved on, since the reader looked, in what this submission touches."""

    opening = "内容を確認している間に、同じ年度・指標が変更されました。"
    closing = "もう一度内容を確認してから登録してください。"

    def __init__(self, rows: Sequence[Conflict]) -> None:
        """Keep the changes made meanwhile."""
        super().__init__(rows, "stale")


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that somebody changed meanwhile: what, and which entry did it."""

    what: str
    number: int
    by: str
    at: dt.datetime

    def __str__(self) -> str:
        """One line: what, and whose change it is."""
        return f"{self.what}({origin(self.number, self.by, self.at)})"


class MovedError(StaleError):
    """The same for what the plan's yearly cycle keeps; ``rows`` are :class:`Moved`."""

    opening = "内容を確認している間に、同じものが変更されました。"


def _figure(value: float | None) -> str:
    """A percentage with its decimal, and with more only where it has them (37.21 → 37.24 is a change)."""
    if value is None:
        return "空欄"
    return f"{value:.1f}" if round(value, 1) == value else f"{value:g}"


def moment(at: dt.datetime) -> str:
    """A moment on Japan's clock as text, ``2014年5月1日 10:00``."""
    at = in_japan(at)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def origin(number: int, by: str, at: dt.datetime) -> str:
    """Which entry, whose and when, as text."""
    return f"登録番号{number}、{by}、{moment(at)}"


def missing(place: str) -> RecordError:
    """The database was there and is gone."""
    return RecordError(
        f"記録のデータベース({place})がなくなっています。新しい記録は始めていません。{RESTORE}", "missing"
    )


def leftover(place: str, trace: str) -> RecordError:
    """The database is not there, but SQLite's working file for it is: it must have been there."""
    return RecordError(
        f"記録のデータベース({place})がなくなっています(作業ファイル {trace} が残っています)。新しい記録は始めていません。"
        f"{RESTORE}記録を初めから作り直してよい場合は、{trace} を削除してください。",
        "missing",
    )


def emptied(place: str) -> RecordError:
    """The database is there, without the record's tables."""
    return RecordError(
        f"記録のデータベース({place})が空か、このダッシュボードの記録ではありません。上書きはしていません。{RESTORE}",
        "foreign",
    )


def replaced(place: str) -> RecordError:
    """The database holds another record than before."""
    return RecordError(
        f"記録のデータベース({place})が別の記録に置き換わっています。読み書きを止めました。{RESTORE}"
        "意図して置き換えた場合は、サーバを起動し直してください。",
        "replaced",
    )


def unconfirmed(why: str) -> RecordError:
    """What was committed, or was about to be, cannot be seen when looked at again: nobody knows whether it is there."""
    return RecordError(
        "登録されたか確かめられません。履歴で確かめてください。なければ、もう一度登録してください。"
        + why.replace(_UNCHANGED, ""),
        "unconfirmed",
    )


def newer(place: str, version: int, known: int) -> RecordError:
    """The database was written by a later version of this program."""
    return RecordError(
        f"記録のデータベース({place})は新しい版のプログラムのものです(データベースの版{version}、このプログラムは版{known}まで)。"
        "プログラムを更新してください。データベースには触れていません。",
        "newer",
    )


def damaged(place: str, what: str) -> RecordError:
    """The database holds something no submission wrote."""
    return RecordError(f"記録のデータベース({place})が壊れています({what})。上書きはしていません。{RESTORE}", "damaged")


_FULL = "ディスクの空きがないため、登録できません。空きを作ってからやり直してください。" + _UNCHANGED
_READ_ONLY = (
    "記録のデータベースか、そのフォルダが書き込み禁止のため、登録できません(閲覧はできます)。"
    "管理者に書き込みの許可を求めてください。" + _UNCHANGED
)
_CLOSED = "記録のデータベースか、そのフォルダを開けません。読み書きの許可を管理者に確かめてください。" + _UNCHANGED
_DISK = "ディスクの読み書きに失敗しました。ディスクとその接続を管理者に確かめてください。" + _UNSURE
_UNREACHABLE = (
    "データベースサーバに接続できません。サーバの状態と KYODO_DATABASE の指定を管理者に確かめてください。" + _UNSURE
)
_WAIT = "ほかの登録や保存が続いているため、記録を使えませんでした。少し待ってからやり直してください。" + _UNCHANGED

_REASONS = {
    errno.ENOSPC: "空き容量がありません", errno.EDQUOT: "空き容量がありません", errno.EACCES: "許可がありません", errno.EPERM: "許可がありません",
    errno.EROFS: "書き込み禁止の場所です", errno.ENOENT: "フォルダがありません", errno.ENOTDIR: "フォルダがありません",
    errno.EMFILE: "開いているファイルが多すぎます", errno.ENFILE: "開いているファイルが多すぎます", errno.EIO: "ディスクの読み書きに失敗しました",
    errno.ENAMETOOLONG: "名前が長すぎます",
}  # fmt: skip
# Beginnings of SQLite's error names and of PostgreSQL's five-letter states; the first that fits is taken.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("SQLITE_BUSY", "busy", _WAIT),
    ("SQLITE_LOCKED", "busy", _WAIT),
    ("SQLITE_FULL", "full", _FULL),
    ("SQLITE_READONLY", "read_only", _READ_ONLY),
    ("SQLITE_PERM", "read_only", _READ_ONLY),
    ("SQLITE_CANTOPEN", "closed", _CLOSED),
    ("SQLITE_IOERR", "disk", _DISK),
    ("25006", "read_only", _READ_ONLY),
    ("42501", "read_only", _READ_ONLY),
    ("53100", "full", _FULL),
    ("40", "busy", _WAIT),
    ("55P03", "busy", _WAIT),
    ("57014", "busy", _WAIT),
    ("08", "unreachable", _UNREACHABLE),
    ("28", "unreachable", _UNREACHABLE),
    ("3D", "unreachable", _UNREACHABLE),
    ("53", "unreachable", _UNREACHABLE),
    ("57", "unreachable", _UNREACHABLE),
)


def unreachable(place: str) -> RecordError:
    """The database server does not answer."""
    return RecordError(f"{_UNREACHABLE}({place})", "unreachable")


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the driver's errors inside into a RecordError about the database at ``place``."""
    try:
        yield
    except DBAPIError as error:
        raise translate(error.orig, place) from error
    except PoolTimeout as error:
        raise unreachable(place) from error
    except sqlite3.Error as error:
        raise translate(error, place) from error
    except UnicodeDecodeError as error:  # what sqlite3 raises where the damage is quoted in SQLite's own message
        raise damaged(place, str(error)) from error


def translate(error: BaseException | None, place: str) -> RecordError:
    """The driver's error in words. What fits no known cause is damage: tables, columns or rows that make no sense."""
    name = _state(error)
    if name == "SQLITE_READONLY_DBMOVED":
        return missing(place)
    for beginning, code, message in _CAUSES:
        if name.startswith(beginning):
            return RecordError(f"{message}({place})", code)
    return damaged(place, name or type(error).__name__)  # the driver's own words are for the log


def reason(error: OSError) -> str:
    """Why the system refused, in words."""
    return _REASONS.get(error.errno, f"システムの番号 {error.errno}")


def is_no_table(error: DBAPIError) -> bool:
    """Whether the table asked for does not exist."""
    return _state(error.orig) == "42P01" or "no such table" in str(error.orig)


def _state(error: BaseException | None) -> str:
    """SQLite's name or PostgreSQL's five letters; empty where the driver found the fault by itself."""
    state = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    # psycopg reports a failed connection without a state.
    return state or ("08" if hasattr(error, "pgconn") else "")
