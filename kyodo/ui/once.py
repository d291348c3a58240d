"""What pure functions make of the same things, made once for all readers: most reruns change one widget of a page.

Streamlit's own caches know an argument by its content, which for a frame costs more at every rerun than most of what is kept
here took to make, hand out copies, and are bounded by the number of entries, not by what they hold.
"""

import pickle
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import streamlit as st

from kyodo.ui import moments

Made = TypeVar("Made")
MOST = 48 * 2**20  # bytes of results and of the frames they were made of


class _Kept(NamedTuple):
    result: Any
    given: Any  # held, as its identity would else be given anew
    size: int


_made: OrderedDict[Hashable, _Kept] = OrderedDict()
_objects: Counter[int] = Counter()  # the identities of the results
_lock = threading.Lock()
_held = 0  # bytes in all


def kept(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """The result of a pure function, the kept one where the very same things were given before.

    Values are the same where they are equal, frames and the like where they are one object, so that a frame to be
    recognised must itself be kept (or belong to the brief). What comes back is shared: it is not to be changed.
    """
    key = (make, _key(given), _key(named))
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key].result
    result = make(*given, **named)  # outside the lock: two readers may make the same, none waits for another
    frames = sum(map(size_of, (each for each in (*given, *named.values()) if isinstance(each, pd.DataFrame))))
    _keep(key, _Kept(result, (make, given, named), size_of(result) + frames))
    return result


def kept_here(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """:func:`kept` for what has links in it: they depend on the page's address and the moment that is looked at, too."""
    address = [(key, *st.query_params.get_all(key)) for key in st.query_params]
    return kept(_at, address, moments.kept(), make, *given, **named)


def _at(address: Any, moment: str, make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    return make(*given, **named)


def again(make: Callable[..., Made], first: Any, *given: Any, **named: Any) -> Made:
    """:func:`kept` where the first thing given is itself kept; else made, as nobody could ask for the same again."""
    return (kept if id(first) in _objects else _call)(make, first, *given, **named)


def _call(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    return make(*given, **named)


def _keep(key: Hashable, new: _Kept) -> None:
    global _held
    with _lock:
        if key in _made:
            _drop(_made.pop(key))
        _made[key] = new
        _objects[id(new.result)] += 1
        _held += new.size
        while _held > MOST:
            _drop(_made.popitem(last=False)[1])


def _drop(old: _Kept) -> None:
    global _held
    _held -= old.size
    _objects[id(old.result)] -= 1
    if not _objects[id(old.result)]:
        del _objects[id(old.result)]


def forget() -> None:
    """Keep nothing."""
    global _held
    with _lock:
        _made.clear()
        _objects.clear()
        _held = 0


def held() -> int:
    """Bytes that are kept."""
    return _held


def size_of(value: Any) -> int:
    """About the bytes a value takes: of frames what pandas says, of anything else as it would be stored."""
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage(deep=True).sum())
    try:
        return max(len(pickle.dumps(value)), sys.getsizeof(value))
    except (pickle.PicklingError, TypeError, AttributeError):  # something of a reader's own: only its shell is known
        return sys.getsizeof(value)


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
