"""Work on a file in a child process with limits of memory and time, so that no file can slow or stop what others look at.

Children are started by ``subprocess`` (never forked from a server with threads, never re-importing its main script), kept
ready between files and replaced after any mishap. At most ``MOST`` work at once; others wait their turn. Processor time
decides what is too slow, so a busy server refuses no good file; the wall clock only ends what does not work at all.

The two exchange pickles. The child says ``ready`` once its libraries are loaded, then calls one function a request and
answers with progress and one result. It ends when its input does, so it never outlives the server. The kernel limits
its memory and processor time; whatever exceeds them ends the child only.
"""

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from kyodo.errors import KyodoError
from kyodo.intake.words import problem
from kyodo.posix import COUNTS_CPU, ended_by_cpu_limit, limit_cpu, limit_memory, nice

Result = TypeVar("Result")
SECONDS = 20.0  # of processor time for a workbook or a small text
PATIENCE = 6 if COUNTS_CPU else 1  # the wall clock's seconds for one of the processor's
BYTES_A_SECOND = 10 * 2**20  # a larger text has a further second for each
MOST = 2
REUSED = 50  # files a child reads before a fresh one takes over
_PACKAGE = Path(__file__).resolve().parents[2]
_START = "from kyodo.intake.isolation import main; main()"  # with it every library the reader needs
NICE = 10  # other users' pages go first
MEMORY = 2**30  # bytes of data a child may hold, its libraries included


def send(stream: BinaryIO, *message: Any) -> None:
    """Write one message."""
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError where the other side has gone."""
    return pickle.load(stream)  # only ever between this process and its parent


def serve(stdin: BinaryIO, stdout: BinaryIO, memory: int) -> None:
    """Answer requests until the input ends, with no more than ``memory`` bytes of data."""
    limit_memory(memory)
    send(stdout, "ready")

    def told(fraction: float, phrase: str) -> None:
        send(stdout, "progress", fraction, phrase)

    while True:
        try:
            function, data, name, seconds, progress, options = receive(stdin)
        except EOFError:
            return
        limit_cpu(seconds)
        result = function(data, name, **options, **({"progress": told} if progress else {}))
        limit_cpu(0)
        send(stdout, "done", result)


def main() -> None:
    """Serve standard in and out; whatever prints goes to standard error."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nice(NICE)
    serve(stdin, stdout, int(sys.argv[1]))


class StoppedError(KyodoError):
    """Work that was stopped; ``problem`` (``too_heavy`` or ``too_slow``) says it to the clerk."""

    def __init__(self, message: str) -> None:
        """Keep the problem, by its message's name."""
        self.problem = problem(message, limit=MEMORY // 2**20)
        super().__init__(str(self.problem))


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
            [sys.executable, "-c", _START, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | settings,
        )
        self.read = 0
        self._ready = self._late = False

    def run(self, seconds: float, request: tuple[Any, ...], progress: Callable[[float, str], None] | None) -> Any:
        """Have one request answered; raises :class:`StoppedError`."""
        self.read += 1
        try:
            if not self._ready:
                with self._limited(SECONDS):
                    self._ready = bool(receive(self.process.stdout))
            with self._limited(seconds):
                send(self.process.stdin, *request)
                while (answer := receive(self.process.stdout))[0] == "progress":
                    progress(*answer[1:])
            return answer[1]
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.stop()
            slow = self._late or ended_by_cpu_limit(self.process.returncode)
            raise StoppedError("too_slow" if slow else "too_heavy") from error

    @contextmanager
    def _limited(self, seconds: float) -> Iterator[None]:
        """Within, the child is ended once the wall clock has given it its time."""
        timer = threading.Timer(seconds * PATIENCE, self._end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        self._late = True
        self.process.kill()

    def stop(self) -> None:
        """End the child and free its pipes."""
        with suppress(OSError), self.process:  # what was not yet sent is not wanted any more
            self.process.kill()


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
                if child.process.poll() is None:
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


def run_isolated(
    function: Callable[..., Result],
    data: bytes,
    name: str,
    *,
    progress: Callable[[float, str], None] | None = None,
    seconds: float | None = None,
    **options: Any,
) -> Result:
    """What ``function(data, name, **options)`` returns, called in a child process.

    ``function`` stands at the top of a module of this package; it and its options and result can be pickled. With
    ``progress`` it is given a function of a fraction and a phrase, which is then called in the caller's thread. Raises
    :class:`StoppedError` over the memory limit (1 GiB) or over ``seconds`` of processor time (None: by the file's
    size). Safe to call from several threads.
    """
    seconds = seconds_for(data) if seconds is None else seconds
    request = (function, bytes(data), name, seconds, progress is not None, options)
    with _POOL.places:
        child = _POOL.take()
        try:
            result = child.run(seconds, request, progress)
        except BaseException:
            child.stop()  # also where the caller gave up (Streamlit stops scripts by an exception): nothing half-read stays
            raise
        _POOL.give_back(child)
        return result
