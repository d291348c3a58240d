"""The record as pages get it: reading is free, and whatever writes asks first who may and signs with their name.

What writes is told by its signature: it takes ``by``. So no new kind of entry can forget to ask.
"""

import datetime as dt
import functools
import inspect
import logging
import time
from collections.abc import Callable
from typing import Any

from kyodo.access.person import person
from kyodo.access.rules import Person, rules
from kyodo.errors import KyodoError
from kyodo.record import Record

ACTIONS = {
    "submit": "調査データの登録", "undo": "取り消し", "remark": "要因・課題・今後の方向の登録", "name_snapshot": "時点に名前を付けること",
    "collect": "進行管理シートの取り込み", "hand_out": "進行管理シートの配布", "confirm": "進行管理の確認", "send_back": "進行管理の差し戻し",
    "close_year": "年度を締めること", "address": "宛先名簿の変更", "opine": "意見・決定の登録", "original": "元のファイルの保存",
}  # fmt: skip
_QUIET = 10.0  # seconds in which the same refusal is recorded once
_audit = logging.getLogger("kyodo.audit")
_recent: dict[tuple[str, str], float] = {}


class AccessDenied(KyodoError):
    """Somebody may not do this; it has been recorded that they tried."""


class GuardedRecord:
    """Stands before a :class:`kyodo.record.Record` with the same methods; those that write, and originals, ask first."""

    def __init__(
        self, record: Record, now: Callable[[], dt.datetime], wrote: Callable[[], None] = lambda: None
    ) -> None:
        """Stand before a record; ``now`` is the clock of what is refused, ``wrote`` hears of every attempt to write."""
        self._record, self._now, self._wrote = record, now, wrote

    def __getattr__(self, name: str) -> Any:
        """A method of the record, guarded where it needs to be."""
        method = getattr(self._record, name)
        if name == "original":
            return functools.partial(self._asked, name, method)
        return functools.partial(self._signed, name, method) if _writes(name) else method

    def to_save(self, number: int, place: int) -> Callable[[], bytes]:
        """What reads an original once it is to be saved; who asks is asked now, as then nobody is known."""
        self._permit("original")
        return lambda: self._record.original(number, place)[1]

    def _asked(self, name: str, method: Callable, *given: Any, **named: Any) -> Any:
        self._permit(name)
        return method(*given, **named)

    def _signed(self, name: str, method: Callable, *given: Any, by: str = "", **named: Any) -> Any:
        who = self._permit(name).identity or by
        try:
            made = method(*given, by=who, **named)
        except KyodoError as error:
            _audit.warning("%s by=%r not done: %s", name, who, getattr(error, "code", type(error).__name__))
            raise
        finally:
            self._wrote()
        _audit.info("%s by=%r number=%s", name, who, made)
        return made

    def _permit(self, name: str) -> Person:
        """Who asks, where they may; raises AccessDenied after recording that they tried."""
        asking, known = person(), rules()
        if known.may_write(asking):
            return asking
        self._refused(asking, ACTIONS.get(name, name))
        raise AccessDenied(known.refusal(asking))

    def _refused(self, asking: Person, what: str) -> None:
        """Record a refusal, once for the same attempt repeated at once: repeating must not fill log and disk."""
        key, moment = (asking.shown, what), time.monotonic()
        if moment - _recent.get(key, -_QUIET) < _QUIET:
            return
        if len(_recent) > 1000:
            _recent.clear()
        _recent[key] = moment
        _audit.warning("refused %s by=%r", what, asking.shown)
        try:
            self._record.refused(asking.shown, what, at=self._now())
        except KyodoError as error:
            _audit.error("refusal not recorded: %s", error)


@functools.cache
def _writes(name: str) -> bool:
    return "by" in inspect.signature(getattr(Record, name)).parameters
