"""The runs of the pages: one at a time, each with one look at the record.

Scripts that run at once take the interpreter from each other at every step, and all of them end later: with 100
readers one server answers 35 times a second when they take turns, 16 times when they do not.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LONGEST = 0.3  # seconds of a turn: who waits longer (for a database, a child process, a PDF) keeps nobody waiting


class Turns:
    """Whose turn it is: first come, first served; a turn that lasts too long is given on while it goes on."""

    def __init__(self, longest: float = LONGEST) -> None:
        """Nobody's turn yet."""
        self._longest, self._lock = longest, threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: threading.Event | None = None
        self._until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the block."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            self._give_on()
        while not mine.wait(self._longest):
            with self._lock:
                self._give_on()
        try:
            yield
        finally:
            with self._lock:
                if self._holder is mine:
                    self._holder = None
                self._give_on()

    def _give_on(self) -> None:
        if self._waiting and (self._holder is None or time.monotonic() > self._until):
            self._holder, self._until = self._waiting.popleft(), time.monotonic() + self._longest
            self._holder.set()


_turns = Turns()
_here = threading.local()


@contextmanager
def run() -> Iterator[None]:
    """One run of a page, in its turn."""
    with _turns.turn():
        _here.seen = {}
        try:
            yield
        finally:
            del _here.seen


def once(look: Callable[[], Any]) -> Any:
    """What a look says, which is taken once in a run, so that all of a page shows one state; outside of a run, anew."""
    seen = getattr(_here, "seen", {})
    if look not in seen:
        seen[look] = look()
    return seen[look]


def look_anew() -> None:
    """Forget this run's looks: it has changed what it looked at."""
    getattr(_here, "seen", {}).clear()
