"""The child process that works on a file for the server: ``python -m kyodo.intake.worker BYTES PACKAGE``, frames on standard in and out.

A frame is eight bytes of length and a pickle. The child says ``ready`` once its libraries are loaded, then calls one
function a request and answers with progress frames and one result. It ends when its input does, so it never outlives
the server. The kernel limits its memory and its processor time; whatever exceeds them fails here and nowhere else.
"""

import importlib
import os
import pickle
import struct
import sys
from typing import Any, BinaryIO

from kyodo.posix import limit_cpu, limit_memory, nice

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


def serve(stdin: BinaryIO, stdout: BinaryIO, memory: int, package: str) -> None:
    """Answer requests until the input ends, with no more than ``memory`` bytes of data; ``package`` is loaded first."""
    importlib.import_module(package)  # its libraries load while nobody waits
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
    serve(stdin, stdout, int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main()
