"""The gate before Streamlit: every request passes it, and only what this dashboard needs passes on.

It lets in the names and origins it knows and the paths there are, says who asks (:mod:`kyodo.access.person`), counts
the open pages and the bytes on their way in, and puts the browser's protections on every answer. It never reads a body.
"""

import base64
import hashlib
import html
import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from kyodo.access import peers
from kyodo.access.person import HEADER, seal
from kyodo.access.rules import Person, Rules, rules
from kyodo.access.uploads import Uploads
from kyodo.access.who import OWN_NAMES, person_of

_STREAM = "/_stcore/stream"
_UPLOAD = re.compile("/_stcore/upload_file/([0-9a-f-]{36})/([0-9a-f-]{36})")
_STREAMLIT = re.compile(
    r"/(static/(js|css|media)/[\w.-]+|favicon\.png|manifest\.json|_stcore/(health|host-config|stream)|media/[\w.-]+)"
)
_SIGN_IN = re.compile("/(auth/(login|logout)|oauth2callback)")
_READERS = ("/media/", "/open-data/")  # what is not for everybody where reading needs a sign-in
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_SAID = {
    403: "このURLからは開けません。運用担当者に、開いてよいURLを確かめてください。",
    404: "指定されたページはありません。",
    405: "この操作はできません。",
    413: "ファイルが大きすぎるか、預かっているファイルが多すぎます。ほかのファイルを外してから、選び直してください。",
    503: "いま開いている人が多いため、画面を開けません。しばらく待ってから開き直してください。",
}


@dataclass(frozen=True)
class Place:
    """What the gate knows of the server: the address it listens on, its pages, and the routes of our own."""

    address: str
    pages: frozenset[str]
    routes: tuple[str, ...] = ()  # beginnings of paths
    inline: tuple[bytes, ...] = ()  # scripts written into the page

    @property
    def own(self) -> bool:
        """Whether only this machine can reach it."""
        return self.address in OWN_NAMES

    def knows(self, path: str) -> bool:
        """Whether there is anything at a path."""
        page = path.strip("/")
        return (
            page in self.pages
            or any(path == each or (each.endswith("/") and path.startswith(each)) for each in self.routes)
            or bool(_STREAMLIT.fullmatch(path))
        )

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: nothing from other hosts, and no script but the program's and ours."""
        digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in self.inline)
        scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
        return (
            f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self'; "
            "worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        )


def pages_of(folder: Path) -> frozenset[str]:
    """The paths of the pages in a folder; the first one is also the root's."""
    return frozenset({"", *(file.stem for file in folder.glob("*.py") if file.stem != "shell")})


@dataclass(frozen=True)
class Asked:
    """A request as the gate judges it; ``believed``: its sender may speak for others, ``secure``: it came by TLS."""

    path: str
    method: str
    headers: Headers
    known: Rules
    person: Person
    believed: bool
    secure: bool


def asked_of(scope: Scope, known: Rules, place: Place) -> Asked:
    """Read a request's head."""
    headers, peer = Headers(scope=scope), (scope.get("client") or ("",))[0]
    believed = known.believes(peer)
    secure = scope["scheme"] in ("https", "wss") or (believed and headers.get("x-forwarded-proto") == "https")
    person = person_of(headers, peer, known, own=place.own)
    return Asked(scope["path"], scope.get("method", "GET"), headers, known, person, believed, secure)


class Gate:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp, place: Place, uploads: Uploads) -> None:
        """Wrap the application behind."""
        self.app, self.place, self.uploads = app, place, uploads
        self.policy, self.open = place.policy, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with who asks in its headers, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        asked = asked_of(scope, rules(), self.place)
        send = self._protecting(send, asked.secure) if scope["type"] == "http" else send
        if status := self._refusal(asked):
            await self._say(status, scope, receive, send)
        elif peer := await self._elsewhere(scope, asked):
            await peers.pass_on(peer, scope, receive, send)
        else:
            await self._pass(_inner(scope, asked), receive, send)

    async def _elsewhere(self, scope: Scope, asked: Asked) -> str:
        """The other server that holds what is asked for; blank where it is here or nowhere."""
        if not (asked.known.peers and asked.believed):
            return ""
        sent = _UPLOAD.fullmatch(asked.path)
        here = self.uploads.issued(*sent.groups()) if sent else _held_media(asked.path)
        return "" if here else await peers.holder(scope, asked.known, asked.headers)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, counted while it lasts."""
        sent = _UPLOAD.fullmatch(scope["path"])
        if sent and not self.uploads.issued(*sent.groups()):
            await self._say(403, scope, receive, send)
        elif sent and scope["method"] == "HEAD":  # another server asks
            await Response(status_code=204)(scope, receive, send)
        elif scope["type"] == "websocket":
            self.open += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.open -= 1
        elif sent and scope["method"] == "PUT":
            with self.uploads.expecting(*sent.groups(), _length(Headers(scope=scope))) as room:
                if room:
                    await self.app(scope, receive, send)
                else:
                    await self._say(413, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, asked: Asked) -> int | None:
        """The status to refuse with, by the first law that is broken; None for a request that may pass."""
        laws = (
            (403, self._is_strange),
            (404, self._leads_nowhere),
            (405, self._wants_to_change),
            (403, self._is_not_for),
            (503, self._is_one_too_many),
        )
        return next((status for status, broken in laws if broken(asked)), None)

    def _is_strange(self, asked: Asked) -> bool:
        """Whether it calls us by a name that is not ours, or comes from a page that is not ours."""
        return not _welcome(asked.headers, asked.known, self.place)

    def _leads_nowhere(self, asked: Asked) -> bool:
        return not (
            self.place.knows(asked.path)
            or _UPLOAD.fullmatch(asked.path)
            or (asked.known.sign_in == "login" and _SIGN_IN.fullmatch(asked.path))
        )

    def _wants_to_change(self, asked: Asked) -> bool:
        allowed = ("PUT", "DELETE", "HEAD") if _UPLOAD.fullmatch(asked.path) else ("GET", "HEAD")
        return asked.method not in allowed

    def _is_not_for(self, asked: Asked) -> bool:
        if _UPLOAD.fullmatch(asked.path):
            return not asked.known.may_write(asked.person)
        return asked.path.startswith(_READERS) and not asked.known.may_read(asked.person)

    def _is_one_too_many(self, asked: Asked) -> bool:
        a_page = asked.path == _STREAM or asked.path.strip("/") in self.place.pages
        return a_page and self.open >= asked.known.sessions

    async def _say(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in a sentence; a websocket is refused before it is one, which browsers see as 403."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        more = {"retry-after": "60"} if status == 503 else {}
        if "text/html" in Headers(scope=scope).get("accept", ""):
            answer = HTMLResponse(_page(_SAID[status]), status, more)
        else:
            answer = PlainTextResponse(_SAID[status], status, more)
        await answer(scope, receive, send)

    def _protecting(self, send: Send, secure: bool) -> Send:
        """Put the browser's protections on an answer, and its cookies out of reach."""

        async def protecting(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["content-security-policy"] = self.policy
                message["headers"] = [
                    (name, _cookie(value, secure) if name == b"set-cookie" else value) for name, value in headers.raw
                ]
            await send(message)

        return protecting


def _held_media(path: str) -> bool:
    """Whether a file to be saved is here; what is no such file is looked for nowhere else."""
    if not path.startswith("/media/"):
        return True
    name = path.removeprefix("/media/").partition(".")[0]
    return name in runtime.get_instance().media_file_mgr._storage._files_by_id


def _welcome(headers: Headers, known: Rules, place: Place) -> bool:
    """Whether the request names us by a name of ours, and comes from a page of ours (or from no page)."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or len(origins) > 1 or not _ours(_name(f"//{hosts[0]}"), known, place):
        return False
    if not origins:
        return True
    return urlsplit(origins[0]).netloc == hosts[0] or _name(origins[0]) in known.hosts


def _ours(name: str, known: Rules, place: Place) -> bool:
    """Whether a host's name is ours. An address as such cannot be bound to another server by anybody's name service."""
    if name in OWN_NAMES or name in known.hosts:
        return True
    if known.hosts or place.own:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == socket.gethostname().lower()
    return True


def _name(address: str) -> str:
    """The host's name in an address; blank where there is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _inner(scope: Scope, asked: Asked) -> Scope:
    """The request as Streamlit gets it: who asks, and the host its browser knows, so that it looks nothing up."""
    origin = urlsplit(asked.headers.get("origin", "")).netloc or asked.headers["host"]
    kept = [(name, value) for name, value in scope["headers"] if name not in (HEADER, b"host")]
    headers = [*kept, (b"host", origin.encode("latin-1")), (HEADER, seal(asked.person))]
    scheme = scope["scheme"].rstrip("s") + ("s" if asked.secure else "")
    return {**scope, "headers": headers, "scheme": scheme}


def _length(headers: Headers) -> int | None:
    said = headers.get("content-length", "")
    return int(said) if said.isdecimal() and len(said) < 12 else None


def _cookie(value: bytes, secure: bool) -> bytes:
    """A cookie no script reads (but the token against forged requests, which the program must) and, on TLS, no wire."""
    said = value.lower()
    if b"httponly" not in said and not said.startswith(b"_streamlit_xsrf="):
        value += b"; HttpOnly"
    return value + b"; Secure" if secure and b"; secure" not in said else value


def _page(sentence: str) -> str:
    return (
        '<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>協働推進ダッシュボード</title>'
        f'<body style="font-family:sans-serif;margin:3rem"><p>{html.escape(sentence)}</p><p><a href="/">概要へ</a></p>'
    )
