"""Work on a file in a child process with limits of memory and time, so that no file can slow or stop what others look at.

Children are started by ``subprocess`` (never forked from a server with threads, never re-importing its main script), kept
ready between files and replaced after any mishap. At most ``MOST`` work at once; others wait their turn. Processor time
decides what is too slow, so a busy server refuses no good file; the wall clock only ends what does not work at all.

The two exchange pickles. The child calls one function a request and answers with progress and one result. It ends when
its input does, so it never outlives the server. The kernel limits its memory and processor time; whatever exceeds them
ends the child only.
"""

import atexit
import os
import pickle
import queue
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
SECONDS = 20.0  # of processor time for a workbook or a small text, and for a child to load its libraries
PATIENCE = 6 if COUNTS_CPU else 1  # the wall clock's seconds for one of the processor's
BYTES_A_SECOND = 10 * 2**20  # a larger text has a further second for each
MOST = 2
REUSED = 50  # files a child reads before a fresh one takes over
_PACKAGE = Path(__file__).resolve().parents[2]
_START = "from kyodo.intake.isolation import main; main()"  # with it every library the reader needs
NICE = 10  # other users' pages go first
MEMORY = 2**30  # bytes of data a child may hold, its libraries included


def main() -> None:
    """Serve standard in and out until the input ends; whatever prints goes to standard error."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nice(NICE)
    limit_memory(int(sys.argv[1]))

    def told(fraction: float, phrase: str) -> None:
        _send(stdout, "progress", fraction, phrase)

    while True:
        try:
            function, data, name, seconds, progress, options = pickle.load(stdin)
        except EOFError:
            return
        limit_cpu(seconds)
        result = function(data, name, **options, **({"progress": told} if progress else {}))
        limit_cpu(0)
        _send(stdout, "done", result)


def _send(stream: BinaryIO, *message: Any) -> None:
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


class StoppedError(KyodoError):
    """Work that was stopped; ``problem`` (``too_heavy`` or ``too_slow``) says it to the clerk."""

    def __init__(self, message: str) -> None:
        """Keep the problem, by its message's name."""
        self.problem = problem(message, limit=MEMORY // 2**20)
        super().__init__(str(self.problem))


class _Child:
    """A place for one reading process, which is started before it is needed and again after any mishap."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.read, self.late = 0, False

    def start(self) -> None:
        """Have a process that runs; a new one loads its libraries while nobody waits."""
        if self.process is not None and self.process.poll() is None:
            return
        self.stop()
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
            [sys.executable, "-c", _START, str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | settings,
        )
        self.read, self.late = 0, False

    def run(self, seconds: float, request: tuple[Any, ...], progress: Callable[[float, str], None] | None) -> Any:
        """Have one request answered; raises :class:`StoppedError`."""
        self.start()
        process, loading = self.process, 0 if self.read else SECONDS

        def end() -> None:
            self.late = True
            process.kill()

        timer = threading.Timer((seconds + loading) * PATIENCE, end)
        timer.start()
        try:
            _send(process.stdin, *request)
            while (answer := pickle.load(process.stdout))[0] == "progress":  # only ever between the two of us
                progress(*answer[1:])
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.stop()
            slow = self.late or ended_by_cpu_limit(process.returncode)
            raise StoppedError("too_slow" if slow else "too_heavy") from error
        finally:
            timer.cancel()
        self.read += 1
        if self.read >= REUSED:
            self.stop()
            self.start()
        return answer[1]

    def stop(self) -> None:
        """End the process, where there is one, and free its pipes."""
        if self.process is not None:
            with suppress(OSError), self.process:  # what was not yet sent is not wanted any more
                self.process.kill()


_PLACES: queue.LifoQueue[_Child] = queue.LifoQueue()  # those not at work; the last one used is the warmest
for _ in range(MOST):
    _PLACES.put(_Child())


@contextmanager
def _place(*, wait: bool) -> Iterator[_Child]:
    """A child that works for nobody else meanwhile; raises :class:`queue.Empty` where none is left and nobody waits."""
    child = _PLACES.get(wait)
    try:
        yield child
    except BaseException:
        child.stop()  # also where the caller gave up (Streamlit stops scripts by an exception): nothing half-read stays
        raise
    finally:
        _PLACES.put(child)


def warm_up() -> None:
    """Start a child before the first file comes, so that nobody waits for its libraries."""
    with suppress(queue.Empty), _place(wait=False) as child:
        child.start()


@atexit.register
def close() -> None:
    """End every child that is not at work."""
    for child in _PLACES.queue:
        child.stop()


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
    with _place(wait=True) as child:
        return child.run(seconds, request, progress)
