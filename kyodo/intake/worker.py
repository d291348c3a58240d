"""The child process that reads a file for the server: ``python -m kyodo.intake.worker BYTES``, frames on standard in and out.

A frame is eight bytes of length and a pickle. The child says ``ready`` once its libraries are loaded, then answers each
request with progress frames and one result. It ends when its input does, so it never outlives the server. Its memory
is limited by the kernel; whatever exceeds it fails here and nowhere else.
"""

import os
import pickle
import struct
import sys
from dataclasses import replace
from typing import Any, BinaryIO

from kyodo.posix import end_after, limit_memory, nice

LENGTH = struct.Struct(">Q")
MEMORY = 2**30  # bytes of data a child may hold, its libraries included
NICE = 10  # other users' pages go first


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
    from kyodo.intake.upload import read_upload

    limit_memory(memory)
    send(stdout, ("ready", os.getpid()))
    while True:
        try:
            data, name, seconds, options = receive(stdin)
        except EOFError:
            return
        end_after(int(seconds) + 5)  # should the parent be unable to stop us
        try:
            reading = read_upload(
                data, name, progress=lambda fraction, phrase: send(stdout, ("progress", fraction, phrase)), **options
            )
            # The parent has the file's bytes: only a reduced original is worth sending.
            answer = (
                "done",
                reading if reading.original_reduced else replace(reading, original=b""),
                not reading.original_reduced,
            )
        except MemoryError:
            answer = ("heavy",)
        end_after(0)
        send(stdout, answer)
        if answer[0] == "heavy":
            return


def main() -> None:
    """Serve standard in and out; whatever prints goes to standard error."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nice(NICE)
    serve(stdin, stdout, int(sys.argv[1]))


if __name__ == "__main__":
    main()
