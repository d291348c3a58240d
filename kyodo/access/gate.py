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
from collections.abc import Iterable
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

_STREAM = "/_stcore/stream"
_UPLOAD = re.compile("/_stcore/upload_file/([0-9a-f-]{36})/([0-9a-f-]{36})")
_STREAMLIT = re.compile(
    r"/(static/(js|css|media)/[\w.-]+|favicon\.png|manifest\.json|_stcore/(health|host-config|stream)|media/[\w.-]+)"
)
_SIGN_IN = re.compile("/(auth/(login|logout)|oauth2callback)")
_READERS = ("/media/", "/open-data/")  # what is not for everybody where reading needs a sign-in
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
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
        return self.address in _OWN_NAMES

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
        known, headers = rules(), Headers(scope=scope)
        peer = (scope.get("client") or ("",))[0]
        believed = known.believes(peer)
        person = person_of(headers, peer, known, own=self.place.own)
        secure = scope["scheme"] in ("https", "wss") or (believed and headers.get("x-forwarded-proto") == "https")
        if status := self._refusal(scope, headers, known, person):
            await self._say(status, scope, receive, self._protecting(send, secure))
            return
        if known.peers and believed and (peer_with := await self._elsewhere(scope, known, headers)):
            await peers.pass_on(peer_with, scope, receive, self._protecting(send, secure))
            return
        inner = {**scope, "headers": _inner_headers(scope["headers"], headers, person)}
        if secure:
            inner["scheme"] = "wss" if scope["type"] == "websocket" else "https"
        await self._pass(inner, receive, self._protecting(send, secure))

    async def _elsewhere(self, scope: Scope, known: Rules, headers: Headers) -> str:
        """The other server that holds what is asked for; blank where it is here or nowhere."""
        sent = _UPLOAD.fullmatch(scope["path"])
        here = self.uploads.issued(*sent.groups()) if sent else _held_media(scope["path"])
        return "" if here else await peers.holder(scope, known, headers)

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

    def _refusal(self, scope: Scope, headers: Headers, known: Rules, person: Person) -> int | None:
        """The status to refuse with; None for a request that may pass."""
        path, method = scope["path"], scope.get("method", "GET")
        if not _welcome(headers, known, self.place):
            return 403
        if _UPLOAD.fullmatch(path):
            if method not in ("PUT", "DELETE", "HEAD"):
                return 405
            return None if known.may_write(person) else 403
        if not (self.place.knows(path) or (known.sign_in == "login" and _SIGN_IN.fullmatch(path))):
            return 404
        if method not in ("GET", "HEAD") and not (method == "POST" and path == "/oauth2callback"):
            return 405
        if path.startswith(_READERS) and not known.may_read(person):
            return 403
        full = self.open >= known.sessions and (path == _STREAM or path.strip("/") in self.place.pages)
        return 503 if full else None

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


def person_of(headers: Headers, peer: str, known: Rules, *, own: bool) -> Person:
    """Who a request comes from, as far as anybody vouches for it."""
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip() if known.believes(peer) else ""
    here = own and peer in _OWN_NAMES and not any(each in headers for each in _FORWARDED)
    if not known.configured:
        return Person(own=here, address=peer)
    identity = ""
    if known.sign_in == "header" and known.believes(peer):
        said = headers.getlist(known.header)
        identity = _text(said[0]) if len(said) == 1 else ""  # two of them: one is forged
    elif known.sign_in == "login":
        from kyodo.access.cookie import identity_of  # Streamlit's sign-in, only where it is used

        identity = identity_of(headers, known.claim)
    return Person(identity[:200], address=address or peer)


def _held_media(path: str) -> bool:
    """Whether a file to be saved is here; what is no such file is looked for nowhere else."""
    if not path.startswith("/media/"):
        return True
    name = path.removeprefix("/media/").partition(".")[0]
    return name in runtime.get_instance().media_file_mgr._storage._files_by_id


def _text(value: str) -> str:
    """A header's text; proxies send names beyond ASCII as UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.strip()


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
    if name in _OWN_NAMES or name in known.hosts:
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


def _inner_headers(raw: Iterable[tuple[bytes, bytes]], headers: Headers, person: Person) -> list[tuple[bytes, bytes]]:
    """The headers as Streamlit gets them: who asks, and the host its browser knows, so that it looks nothing up."""
    origin = urlsplit(headers.get("origin", "")).netloc.encode("latin-1")
    kept = [(name, value) for name, value in raw if name not in (HEADER, b"host")]
    return [*kept, (b"host", origin or headers["host"].encode("latin-1")), (HEADER, seal(person))]


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
