"""The start of the server: it answers that it lives before anything heavy is loaded; everything else waits for that.

Whatever the server cannot work with is said on the terminal and ends it: until all is loaded and checked, nobody else
was answered.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from kyodo.errors import KyodoError

# Before pyarrow is there: its own pool keeps megabytes for a plan's few columns.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
_ALIVE = ("/healthz", "/_stcore/health")
_loaded = asyncio.Event()


class Front:
    """The first of what stands before Streamlit: lets a request on to the gate once all is loaded."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self.app = app
        self._inside: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell whoever asks that the server lives; let everybody else wait."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif not _loaded.is_set() and scope["path"] in _ALIVE:
            await PlainTextResponse("ok")(scope, receive, send)
        else:
            await _loaded.wait()
            await self._gate()(scope, receive, send)

    def _gate(self) -> ASGIApp:
        from kyodo.ui.door import in_front_of

        if self._inside is None:
            self._inside = in_front_of(self.app, PATHS)
        return self._inside


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[None]:
    """While the server runs: load, then follow the record and keep house."""
    task = asyncio.create_task(_serve())
    yield
    task.cancel()


async def _serve() -> None:
    try:
        await run_in_threadpool(_load)
    except KyodoError as error:
        _end(f"起動できません。\n{error}")
    except Exception:  # else everybody would wait for ever
        logging.getLogger("kyodo").exception("start failed")
        _end("起動できません。")
    _loaded.set()
    from kyodo.ui.follow import keep_house

    await keep_house()


def _load() -> None:
    """Read and check what the server works with. Raises KyodoError where that cannot be."""
    from kyodo.access import load_rules
    from kyodo.record import check_url, default_url
    from kyodo.ui import logs, plan, record
    from kyodo.ui.door import say_start

    logs.begin()
    plan()  # a broken table stops the start, not a meeting
    load_rules()
    check_url(default_url())
    with contextlib.suppress(KyodoError):  # a page says it; a record that was there once is missed from now on
        record().revision()
    say_start()


def _end(why: str) -> None:
    print(why, file=sys.stderr, flush=True)
    os._exit(1)  # nothing is open yet, and an error raised here would only be logged


async def _open_data(request: Request) -> Response:
    from kyodo.ui import door

    return await door.open_data(request)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok")


async def _ready(request: Request) -> Response:
    from kyodo.ui import door

    return await door.ready(request)


ROUTES = (Route("/open-data/{name}", _open_data), Route("/healthz", _alive), Route("/readyz", _ready))


PATHS = tuple(route.path.partition("{")[0] for route in ROUTES)


def say_error(error: Exception) -> bool:
    """Show an error of a page in the reader's words."""
    from kyodo.ui import door

    return door.say_error(error)
