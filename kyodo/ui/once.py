"""What pure functions make of the same things, made once for all readers: most reruns change one widget of a page."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

Made = TypeVar("Made")
MOST = 256  # results; a figure takes some 50 KB
_made: OrderedDict[Hashable, tuple[Any, Any]] = OrderedDict()
_lock = threading.Lock()


def kept(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """The result of a pure function, the kept one where the very same things were given before.

    Values are the same where they are equal, frames and the like where they are one object, so that a frame to be
    recognised must itself be kept (or belong to the brief). What comes back is shared: it is not to be changed.
    """
    key = (make, _key(given), _key(named))
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key][0]
    result = make(*given, **named)  # outside the lock: two readers may make the same, none waits for another
    with _lock:
        _made[key] = (result, (given, named))  # held with what it was made of, whose identity would else be given anew
        while len(_made) > MOST:
            _made.popitem(last=False)
    return result


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
