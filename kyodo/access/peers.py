"""Several servers on one record without sticky addresses: what another one holds is asked of it.

A page's connection is with one server, which holds the files sent to it and those to be saved. Where a request for one
of them comes to another server, that one passes it on, once, to the server that has it.
"""

from collections.abc import AsyncIterator

import httpx2
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from kyodo.access.rules import Rules

PASSED_ON = "x-kyodo-passed-on"
_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-authorization"}
_PATIENCE = httpx2.Timeout(30.0, connect=2.0)


async def holder(scope: Scope, known: Rules, headers: Headers) -> str:
    """The server that has what a path names; blank where none does, and for a request that was passed on already."""
    if PASSED_ON in headers:
        return ""
    async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        for peer in known.peers:
            try:
                asked = {"host": headers["host"], "cookie": headers.get("cookie", ""), PASSED_ON: "1"} | _identity(
                    known, headers
                )
                if (await client.head(peer + scope["path"], headers=asked)).is_success:
                    return peer
            except httpx2.HTTPError:
                continue
    return ""


async def pass_on(peer: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request to another server and its answer back, both as they flow."""
    headers = [(name, value) for name, value in scope["headers"] if name.decode("latin-1") not in _HOP]
    body = _body(receive) if scope["method"] == "PUT" else None
    async with (
        httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as client,
        client.stream(
            scope["method"], peer + scope["path"], headers=[*headers, (PASSED_ON.encode(), b"1")], content=body
        ) as answer,
    ):
        back = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode("latin-1") not in _HOP
        ]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": back})
        async for chunk in answer.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message: Message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


def _identity(known: Rules, headers: Headers) -> dict[str, str]:
    """Who asks, as the proxy said it."""
    return {known.header: headers[known.header]} if known.header and known.header in headers else {}
