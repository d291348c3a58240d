"""Reading in a child process with limits of memory and time, so that no file can slow or stop what others look at.

Children are started by ``subprocess`` (never forked from a server with threads, never re-importing its main script), kept
ready between files and replaced after any mishap. At most ``MOST`` read at once; others wait their turn.
"""

import atexit
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kyodo.intake.reading import Reading
from kyodo.intake.upload import refused
from kyodo.intake.worker import MEMORY, receive, send

SECONDS = 20.0  # for a workbook or a small text
BYTES_A_SECOND = 10 * 2**20  # a larger text has a further second for each
MOST = 2
REUSED = 50  # files a child reads before a fresh one takes over
_PACKAGE = Path(__file__).resolve().parents[2]


class _Stopped(Exception):
    """A child that was stopped or has ended; ``code`` and ``message`` say it to the clerk."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Child:
    """One reading process."""

    def __init__(self, memory: int = MEMORY) -> None:
        """Start it; it loads its libraries while nobody waits."""
        path = os.pathsep.join(filter(None, [str(_PACKAGE), os.environ.get("PYTHONPATH", "")]))
        # One memory pool and few arenas: what they reserve would count against the limit.
        settings = {
            "PYTHONPATH": path,
            "MALLOC_ARENA_MAX": "2",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kyodo.intake.worker", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # what select sees is then all there is
            env=os.environ | settings,
        )
        self.read = 0
        self._ready = False

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def run(
        self,
        data: bytes,
        name: str,
        seconds: float,
        options: dict[str, Any],
        progress: Callable[[float, str], None] | None,
    ) -> Reading:
        """Have one file read; raises :class:`_Stopped`."""
        end = time.monotonic() + seconds
        self.read += 1
        try:
            if not self._ready:
                self._receive(end)
                self._ready = True
            send(self.process.stdin, (data, name, seconds, options))
            while True:
                kind, *rest = self._receive(end)
                if kind == "done":
                    reading, same_bytes = rest
                    return replace(reading, original=data) if same_bytes else reading
                if kind == "heavy":
                    raise _Stopped("too_heavy", _heavy())
                if progress is not None:
                    progress(*rest)
        except (EOFError, BrokenPipeError, OSError) as error:
            raise _Stopped("too_heavy", _heavy()) from error

    def _receive(self, end: float) -> Any:
        """One message, or :class:`_Stopped` when the time is over before it begins; once begun it arrives whole or ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(max(end - time.monotonic(), 0)):
                raise _Stopped("too_slow", "読み取りに時間がかかりすぎたため中止しました(大きすぎるか複雑すぎます)。")
        return receive(self.process.stdout)

    def stop(self) -> None:
        """End the child and free its pipes."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                continue  # what was not yet sent is not wanted any more


def _heavy() -> str:
    return f"読み取りに必要なメモリが上限({MEMORY // 2**20:,}MB)を超えたため中止しました。ファイルが大きすぎます。"


class _Pool:
    """Idle children and a count of those at work."""

    def __init__(self) -> None:
        self.idle: list[_Child] = []
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(MOST)

    def take(self) -> _Child:
        with self.lock:
            while self.idle:
                child = self.idle.pop()
                if child.alive:
                    return child
                child.stop()
        return _Child()

    def give_back(self, child: _Child) -> None:
        """Keep a sound child for the next file; replace one that has read many by a fresh one."""
        if child.read >= REUSED:
            child.stop()
            child = _Child()
        with self.lock:
            self.idle.append(child)

    def close(self) -> None:
        with self.lock:
            while self.idle:
                self.idle.pop().stop()


_POOL = _Pool()
atexit.register(_POOL.close)


def warm_up() -> None:
    """Start a child before the first file comes, so that nobody waits for its libraries."""
    with _POOL.lock:
        if not _POOL.idle:
            _POOL.idle.append(_Child())


def seconds_for(data: bytes) -> float:
    """How long the reading of a file may take; only text may be large, and needs more time for it."""
    return SECONDS if data.startswith(b"PK") else SECONDS + len(data) // BYTES_A_SECOND


def read_isolated(
    data: bytes,
    name: str,
    *,
    progress: Callable[[float, str], None] | None = None,
    seconds: float | None = None,
    **options: Any,
) -> Reading:
    """Read a file as :func:`kyodo.intake.read_upload` does, in a child process.

    Takes the same arguments and gives the same reading. Over the memory limit (1 GiB) the reading is one problem
    ``too_heavy``, over ``seconds`` (None: by the file's size) one problem ``too_slow``. Safe to call from several
    threads; ``progress`` is called in the caller's thread.
    """
    with _POOL.places:
        child = _POOL.take()
        try:
            reading = child.run(bytes(data), name, seconds_for(data) if seconds is None else seconds, options, progress)
        except _Stopped as stopped:
            child.stop()
            return refused(data, name, stopped.code, str(stopped))
        except BaseException:
            child.stop()  # the caller gave up (Streamlit stops scripts by an exception): nothing half-read stays
            raise
        _POOL.give_back(child)
        return reading
