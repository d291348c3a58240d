"""The browser's program as this server gives it: with our words in it, in a third of the bytes, kept by the browser.

Streamlit sends its scripts as they lie on the disk, 7.6 MB for a first page: half the wait on an office line.
"""

import asyncio
import functools
import gzip
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kyodo.ui.words import translated

FOLDER = Path(streamlit.__file__).parent / "static" / "static"
_KINDS = {"js": "application/javascript", "css": "text/css"}
_CODINGS: dict[str, Callable[[bytes], bytes]] = {  # best first; a browser asks for br on https and this machine only
    "br": lambda body: brotli.compress(body, quality=6, lgwin=20),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "": lambda body: body,
}


class Program:
    """Answers the scripts and styles of the browser's program."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application behind."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a file of the program in a coding the browser reads; pass everything else on."""
        folder, _, name = scope.get("path", "").rpartition("/")
        kind = folder.rpartition("/static/")[2]
        if scope["type"] != "http" or scope["method"] != "GET" or (kind, name) not in files():
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        coding = coding_of(asked.get("accept-encoding", ""))
        body, mark = await asyncio.get_running_loop().run_in_executor(_maker, program, kind, name, coding)
        headers = {"etag": mark, "cache-control": "public, max-age=86400", "vary": "accept-encoding"}
        if coding:
            headers["content-encoding"] = coding
        known = asked.get("if-none-match") == mark
        answer = Response(b"" if known else body, 304 if known else 200, headers, _KINDS[kind])
        await answer(scope, receive, send)


@functools.cache
def files() -> frozenset[tuple[str, str]]:
    """The program's files, (kind, name); what is asked for is looked up here and never made a path of before."""
    return frozenset((kind, file.name) for kind in _KINDS for file in (FOLDER / kind).glob(f"*.{kind}"))


def coding_of(accepted: str) -> str:
    """The best coding an ``Accept-Encoding`` allows; blank for none.

    >>> coding_of("gzip, deflate, br;q=1.0"), coding_of("br;q=0, gzip;q=0.5"), coding_of("")
    ('br', 'gzip', '')
    """
    parts = [each.replace(" ", "").partition(";q=") for each in accepted.split(",")]
    read = {name for name, _, weight in parts if weight.strip("0.") or not weight}
    return next(each for each in _CODINGS if each in read or not each)


# A first page asks for a hundred files at once: one thread makes them, as each that compresses keeps memory for itself.
_maker = ThreadPoolExecutor(1, "program")


@functools.cache
def program(kind: str, name: str, coding: str) -> tuple[bytes, str]:
    """A file of the program in our words and a coding, and its mark of identity."""
    body = translated(name, (FOLDER / kind / name).read_bytes())
    return _CODINGS[coding](body), f'"{hashlib.sha256(body).hexdigest()[:32]}-{coding}"'
