"""What pure functions make of the same things, made once for all readers: most reruns change one widget of a page.

Not ``st.cache_data``, which hashes frames whole at each look and copies what it gives: here frames are known by
their identity, and what is kept is bounded by its bytes. Those of a brief or plan it was made of are not counted again
for every result: they are held beside, once.
"""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from kyodo.ui import moments

Made = TypeVar("Made")
MOST = 64 * 2**20  # bytes of all that is kept, with what it was made of
_made: OrderedDict[Hashable, tuple[Any, Any, int]] = OrderedDict()
_making: dict[Hashable, Any] = {}  # locks of what is being made
_lock = threading.Lock()
_held = 0


def kept(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """The result of a pure function, the kept one where the very same things were given before.

    Values are the same where they are equal, frames and the like where they are one object, so that a frame to be
    recognised must itself be kept (or belong to the brief). What comes back is shared: it is not to be changed.
    """
    key = (make, _key(given), _key(named))
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
            _keep(key, result, given, named)
        finally:
            with _lock:
                _making.pop(key, None)
    return result


def _found(key: Hashable) -> Any:
    _made.move_to_end(key)
    return _made[key][0]


def _keep(key: Hashable, result: Any, given: tuple, named: Mapping[str, Any]) -> None:
    global _held
    size = _size(result) + sum(_size(each) for each in (*given, *named.values()) if not is_dataclass(each))
    with _lock:
        _held += size - _made.get(key, (None, None, 0))[2]
        _made[key] = (result, (given, named), size)  # with what it was made of, whose identity would else be given anew
        while _held > MOST:
            _held -= _made.popitem(last=False)[1][2]


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


def _key(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple((name, _key(each)) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    try:
        hash(value)
    except TypeError:
        return "one object", id(value)
    return type(value), value


def _size(value: Any) -> int:
    """About how many bytes a value takes, with all that hangs on it."""
    if is_dataclass(value) and not isinstance(value, type):
        return sum(_size(getattr(value, each.name)) for each in fields(value)) + sys.getsizeof(value)
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return int(pd.DataFrame(value).memory_usage(deep=True).sum())
    if isinstance(value, Mapping):
        return sum(_size(each) for each in value.values()) + sys.getsizeof(value)
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value)) + sys.getsizeof(value)
    if hasattr(value, "to_plotly_json"):
        return _size(value.to_plotly_json())
    if hasattr(value, "nbytes"):
        return int(value.nbytes)
    return sys.getsizeof(value)
