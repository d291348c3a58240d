"""The start: it answers that it lives at once, and nothing else before all is loaded and checked."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from kyodo import start
from kyodo.ui import door


async def behind(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def ask(front, path):
    sent = []

    async def send(message):
        sent.append(message)

    await front({"type": "http", "method": "GET", "path": path, "headers": []}, None, send)
    return sent[0]["status"], sent[1]["body"]


def run(coroutine):
    """A coroutine's result, from a thread of its own: on this one a browser's loop may run."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture
def front(monkeypatch):
    monkeypatch.setattr(start, "_loaded", asyncio.Event())
    monkeypatch.setattr(door, "in_front_of", lambda app, routes: app)
    return start.Front(behind)


@pytest.mark.parametrize("path", ["/healthz", "/_stcore/health"])
def test_it_says_at_once_that_it_lives(front, path):
    assert run(ask(front, path)) == (200, b"ok")


@pytest.mark.parametrize("path", ["/", "/readyz", "/_stcore/stream", "/_stcore/healthier", "/open-data/items.csv"])
def test_everything_else_waits_until_all_is_loaded(front, path):
    async def asked():
        answer = asyncio.create_task(ask(front, path))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        early = answer.done()
        start._loaded.set()
        return early, await asyncio.wait_for(answer, 20)

    assert run(asked()) == (False, (204, b""))


def test_once_loaded_the_gate_judges_who_asks_for_health_too(front):
    async def asked():
        start._loaded.set()
        return await ask(front, "/_stcore/health")

    assert run(asked()) == (204, b"")
