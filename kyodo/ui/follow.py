"""A new revision reaches the open pages by itself: one look at the record a second for all of them.

A page that shows an older state and has nothing to do is run anew, as if its reader had asked; what is being typed
stays in the browser. Whoever is looking at a preview is left alone: registering compares the revisions anyway.
"""

import asyncio
import gc
import logging
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kyodo.access import server
from kyodo.errors import KyodoError
from kyodo.posix import return_memory

EVERY = 1.0  # seconds
AT_ONCE = 2  # pages run anew together: whoever presses something meanwhile waits for no more than these
_SLOW = 3.0  # seconds after which a page is no longer waited for
_TIDY = 15.0  # seconds between two collections of what sessions left behind
_shown: dict[str, str] = {}  # session → fingerprint of the record its page shows


def saw(fingerprint: str) -> None:
    """The running page shows this state of the record."""
    if (context := get_script_run_ctx(suppress_warning=True)) is not None:
        _shown[context.session_id] = fingerprint


def hold() -> None:
    """The running page must not change by itself."""
    if (context := get_script_run_ctx(suppress_warning=True)) is not None:
        _shown.pop(context.session_id, None)


async def keep_house() -> None:
    """While the server runs: follow the record, and clear away the sessions whose pages are gone."""
    left, tidied = 0, time.monotonic()
    while True:
        await asyncio.sleep(EVERY)
        try:
            left += _close_what_is_over()
            if _shown:
                await _follow()
            if left and time.monotonic() - tidied > _TIDY:
                left, tidied = 0, time.monotonic()
                await run_in_threadpool(_tidy)
        except Exception:  # the loop must go on; the log tells
            logging.getLogger("kyodo").exception("keeping house failed")


async def _follow() -> None:
    if not (newest := await _newest()):
        return
    late = [session for session, fingerprint in _shown.items() if fingerprint != newest]
    running: list[tuple[Any, float]] = []
    for name in late:
        while len(running) >= AT_ONCE:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            running = [(each, end) for each, end in running if each._scriptrunner is not None and now < end]
        if session := _run_anew(name, newest):
            running.append((session, time.monotonic() + _SLOW))


async def _newest() -> str:
    """The record's fingerprint; blank where it cannot be looked at: whoever asks for a page is told."""
    from kyodo.ui.state import now, record

    try:
        return await run_in_threadpool(lambda: record().fingerprint(now()))
    except KyodoError:
        return ""


def _run_anew(name: str, newest: str) -> Any:
    """Run a session's page again, and return the session, unless it is running: a press in it must not be lost."""
    found = runtime.get_instance()._session_mgr.get_active_session_info(name)
    if found is None:
        _shown.pop(name, None)
        return None
    if found.session._scriptrunner is not None or name not in _shown:
        return None
    _shown[name] = newest
    found.session.request_rerun(found.session._client_state)
    return found.session


def _close_what_is_over() -> int:
    """Close the sessions whose pages did not come back; returns how many."""
    over = list(server.sessions.over())
    for session in over:
        runtime.get_instance().close_session(session)
        _shown.pop(session, None)
    return len(over)


def _tidy() -> None:
    """Reruns do not collect (that would be most of their cost), so sessions leave cycles behind."""
    gc.collect()
    return_memory()
