"""What pure functions make of the same things, made once for all readers: most reruns change one widget of a page.

Not ``st.cache_data``, which hashes frames whole at each look and copies what it gives: here a frame, a brief,
a plan is known by its identity, so that what was made of it is kept for as long as it lives, and no longer. What is
kept is bounded by its bytes.
"""

import atexit
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from types import MethodType
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from kyodo.ui import moments

Made = TypeVar("Made")
MOST = 64 * 2**20  # bytes of all that is kept
_COLUMN = 5_000  # bytes a column of a frame takes beside its values
_made: OrderedDict[Hashable, tuple[Any, int, Any]] = (
    OrderedDict()
)  # key → result, bytes, what tells the end of what it was made of
_making: dict[Hashable, Any] = {}  # locks of what is being made
_lock = threading.RLock()  # what is let go may end what other results were made of
_held = 0


def kept(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """The result of a pure function, the kept one where the very same things were given before.

    Values are the same where they are equal, frames, briefs and the like where they are one object: what is made of a frame
    that nobody keeps is not kept either. What comes back is shared: it is not to be changed.
    """
    known: list[Any] = []
    key = (_key(make, known), _key(given, known), _key(named, known))
    with _lock:
        if key in _made:
            return _found(key)
        own = _making.setdefault(key, threading.RLock())
    with own:  # whoever asks for the same meanwhile waits for it; whoever asks for another thing does not
        with _lock:
            if key in _made:
                return _found(key)
        try:
            result = make(*given, **named)
            _keep(key, result, known)
        finally:
            with _lock:
                _making.pop(key, None)
    return result


def _found(key: Hashable) -> Any:
    _made.move_to_end(key)
    return _made[key][0]


def _keep(key: Hashable, result: Any, known: list[Any]) -> None:
    global _held
    size, ends = _size(result) + _size(key), [weakref.ref(each, lambda _: _drop(key)) for each in known]
    with _lock:
        _drop(key)
        _made[key] = result, size, ends
        _held += size
        while _held > MOST:
            _drop(next(iter(_made)))


def _drop(key: Hashable) -> None:
    global _held
    with _lock:
        dropped = _made.pop(key, None)
        _held -= dropped[1] if dropped else 0


def kept_here(make: Callable[..., Made], *given: Any) -> Made:
    """As :func:`kept`, for what also holds links of this page: they keep its filters and its moment."""
    address = tuple((key, tuple(st.query_params.get_all(key))) for key in sorted(st.query_params))
    return kept(_made_here, make, address, moments.kept(), *given)


def _made_here(make: Callable[..., Made], address: Hashable, moment: str, *given: Any) -> Made:
    return make(*given)


def forget() -> None:
    """Forget all that is kept."""
    global _held
    with _lock:
        _made.clear()
        _held = 0


atexit.register(forget)  # at the very end nothing is there any more to drop from


def _key(value: Any, known: list[Any]) -> Hashable:
    """What tells a value from others; what is known by its identity alone is added to ``known``."""
    if isinstance(value, Mapping):
        return tuple((name, _key(each, known)) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_key(each, known) for each in value)
    if isinstance(value, MethodType):
        return value.__func__, _key(value.__self__, known)
    if _is_itself(value):
        known.append(value)
        return "one object", id(value)
    return type(value), value


def _is_itself(value: Any) -> bool:
    """Whether a value is equal to itself alone: a frame, a brief."""
    try:
        hash(value)
    except TypeError:
        return True
    own = type(value).__hash__ is object.__hash__
    return own and type(value).__weakrefoffset__ != 0 and not callable(value)


def _size(value: Any) -> int:
    """About how many bytes a value takes, with all that hangs on it."""
    if isinstance(value, type):
        return 0  # is there whatever is kept
    if isinstance(value, (pd.DataFrame, pd.Series)):
        frame = pd.DataFrame(value)
        return int(frame.memory_usage(deep=True).sum()) + _COLUMN * (1 + len(frame.columns))
    return sum(map(_size, _parts(value)), getattr(value, "nbytes", 0) or sys.getsizeof(value))


def _parts(value: Any) -> Iterable[Any]:
    """What hangs on a value."""
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, (list, tuple)):
        return value
    if is_dataclass(value):
        return [getattr(value, each.name) for each in fields(value)]
    return [value.to_plotly_json()] if hasattr(value, "to_plotly_json") else []
