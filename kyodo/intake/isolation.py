"""Work on a file in a child process with limits of memory and time, so that no file can slow or stop what others look at.

Children are started by ``subprocess`` (never forked from a server with threads, never re-importing its main script), kept
ready between files and replaced after any mishap. At most ``MOST`` work at once; others wait their turn. Processor time
decides what is too slow, so a busy server refuses no good file; the wall clock only ends what does not work at all.

A frame between the two is eight bytes of length and a pickle. The child says ``ready`` once its libraries are loaded,
then calls one function a request and answers with progress frames and one result. It ends when its input does, so it
never outlives the server. The kernel limits its memory and processor time; whatever exceeds them fails there only.
"""

import atexit
import os
import pickle
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
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
LENGTH = struct.Struct(">Q")
NICE = 10  # other users' pages go first
MEMORY = 2**30  # bytes of data a child may hold, its libraries included


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    rest = memoryview(LENGTH.pack(len(body)) + body)
    while rest:  # a raw pipe may take less than it is given
        rest = rest[stream.write(rest) :]
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError where the other side has gone."""
    (size,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return pickle.loads(_exactly(stream, size))  # only ever between this process and its parent


def _exactly(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size:
        part = stream.read(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def serve(stdin: BinaryIO, stdout: BinaryIO, memory: int) -> None:
    """Answer requests until the input ends, with no more than ``memory`` bytes of data."""
    limit_memory(memory)
    send(stdout, ("ready",))

    def told(fraction: float, phrase: str) -> None:
        send(stdout, ("progress", fraction, phrase))

    while True:
        try:
            function, data, name, seconds, progress, options = receive(stdin)
        except EOFError:
            return
        limit_cpu(seconds)
        try:
            answer = ("done", function(data, name, **options, **({"progress": told} if progress else {})))
        except MemoryError:
            answer = ("heavy",)
        limit_cpu(0)
        send(stdout, answer)
        if answer[0] == "heavy":
            return


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
            bufsize=0,  # what select sees is then all there is
            env=os.environ | settings,
        )
        self.read = 0
        self._ready = False

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def run(self, seconds: float, request: tuple[Any, ...], progress: Callable[[float, str], None] | None) -> Any:
        """Have one request answered; raises :class:`StoppedError`."""
        end = time.monotonic() + seconds * PATIENCE
        self.read += 1
        try:
            if not self._ready:
                self._receive(time.monotonic() + SECONDS * PATIENCE)
                self._ready = True
            send(self.process.stdin, request)
            while True:
                kind, *rest = self._receive(end)
                if kind == "done":
                    return rest[0]
                if kind == "heavy":
                    raise StoppedError("too_heavy")
                progress(*rest)
        except (EOFError, OSError) as error:
            self.stop()
            slow = ended_by_cpu_limit(self.process.returncode)
            raise StoppedError("too_slow" if slow else "too_heavy") from error

    def _receive(self, end: float) -> Any:
        """One message, or :class:`StoppedError` when the time is over before it begins; once begun it arrives whole or ends."""
        if not _readable(self.process.stdout, max(end - time.monotonic(), 0)):
            raise StoppedError("too_slow")
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


def _readable(stream: Any, seconds: float) -> bool:
    """Whether a pipe has something to read, or its end, within ``seconds``."""
    if os.name == "nt":  # pipes cannot be selected there: reading waits
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(seconds))


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
