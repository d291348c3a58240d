"""What the web server does besides running pages: the page language, the open data by address, errors in our words."""

import functools
import html
import json
import logging
import re
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from kyodo import access
from kyodo.access import server
from kyodo.access.gate import Gate, Place, pages_of
from kyodo.errors import KyodoError
from kyodo.export import csv_bytes, datapackage, json_bytes, tables
from kyodo.ui import follow, program
from kyodo.ui.state import newest_brief, plan, record
from kyodo.ui.style import CSS

TITLE = "協働推進ダッシュボード"
_ICON = str(Path(__file__).with_name("icon.svg"))
_OURS = tuple(Path(__file__).with_name(f"{name}.js").read_bytes() for name in ("picture", "page", "typing", "moving"))
_SOON = ("Html", "Multiselect", "Selectbox", "TextInput")  # parts of the program every page needs: asked for at once
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_WITHOUT_PROGRAM = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_NEEDS_PROGRAM = "<noscript><p>この画面には JavaScript が必要です。</p></noscript>".encode()


@functools.cache
def _words() -> dict[bytes, bytes]:
    """What of the program's page is ours: its language and title, the plan's name, the style sheet, our scripts.

    The style sheet stands at the body's end: what the program's own styles set must not come after it. The name stands
    there too, as the link to the content must be the first that the keyboard reaches.
    """
    name = html.escape(plan().title.partition("(")[0])
    site = f'<nav class="k-site" aria-label="{TITLE}"><a href="./">{name}</a></nav>'
    scripts = b"".join(b"<script>" + each + b"</script>" for each in _OURS)
    return {
        b'<html lang="en">': b'<html lang="ja">',
        b"<title>Streamlit</title>": f"<title>{TITLE}</title>".encode(),
        b"</head>": "".join(map(_preload, _SOON)).encode() + scripts + b"</head>",
        b"</body>": f"{site}<style>{CSS}</style></body>".encode(),
    }


def _preload(stem: str) -> str:
    """Ask for a part of the program with the page, so that nothing stands in its place first and jumps then."""
    file = next((program.FOLDER / "js").glob(f"{stem}.*.js"))
    return f'<link rel="modulepreload" crossorigin href="./static/js/{file.name}">'


class JapanesePage:
    """Answers pages as ``lang="ja"``: what reads aloud and which glyphs are chosen follow from it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application behind."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; rewrite HTML answers, asked for without compression so that the words can be found."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            if "text/html" in headers.get("content-type", ""):
                for english, japanese in _words().items():
                    body = body.replace(english, japanese)
                body = _WITHOUT_PROGRAM.sub(_NEEDS_PROGRAM, body)
                headers["content-length"] = str(len(body))
                headers["content-language"] = "ja"
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": plain}, receive, collect)


def in_front_of(app: ASGIApp, routes: tuple[str, ...]) -> ASGIApp:
    """The application behind what every request passes, the gate first; ``routes`` are beginnings of paths of our own."""
    place = Place(
        address=config.get_option("server.address") or "",
        pages=pages_of(Path(__file__).parents[2] / "pages"),
        routes=routes,
        inline=(*_OURS, *_SCRIPT.findall((program.FOLDER.parent / "index.html").read_bytes())),
    )
    return Gate(JapanesePage(program.Program(app)), place, server.uploads)


def say_start() -> None:
    """Say on the terminal where the pages are, and who may register."""
    address, port = config.get_option("server.address") or "0.0.0.0", config.get_option("server.port")
    print(f"{TITLE}: http://{address}:{port}", flush=True)
    if not access.rules().configured and not Place(address, frozenset()).own:
        print(
            f"ほかの機械に開いていますが、編集者が決められていないため、画面は閲覧専用です({access.HOW})。", flush=True
        )


async def ready(request: Request) -> Response:
    """Whether the server can work, for who watches over it."""
    return await run_in_threadpool(_answer_ready)


def _answer_ready() -> Response:
    """200 where the record opens and the rules can be read; 503 with the kind of the fault, for an operator's eyes."""
    try:
        access.load_rules()
        return JSONResponse({"ready": True, "revision": record().revision()})
    except KyodoError as error:
        return JSONResponse({"ready": False, "code": getattr(error, "code", "access")}, 503)


async def open_data(request: Request) -> Response:
    """Open data by address, so that a spreadsheet can refresh itself from it."""
    return await run_in_threadpool(_answer, request.path_params["name"])


def _answer(name: str) -> Response:
    """One table as ``NAME.csv`` or ``NAME.json``, or ``datapackage.json``; 404 with a sentence for anything else."""
    try:
        shown = newest_brief()
    except KyodoError as error:
        return JSONResponse({"error": str(error)}, 503)
    stem, _, form = name.rpartition(".")
    if name == "datapackage.json":
        return Response(json.dumps(datapackage(shown), ensure_ascii=False, indent=1), media_type="application/json")
    makers: dict[str, Any] = {"csv": (csv_bytes, "text/csv; charset=utf-8"), "json": (json_bytes, "application/json")}
    frames = tables(shown)
    if stem not in frames or form not in makers:
        return JSONResponse({"error": f"{name} という表はありません。", "tables": sorted(frames)}, 404)
    make, media_type = makers[form]
    return Response(make(frames[stem]), media_type=media_type)


def window(page: str) -> None:
    """Name the browser's window by a page, once as long as it stays: the browser sets its whole frame up for it."""
    if st.session_state.get("window") != page:
        st.session_state["window"] = page
        st.set_page_config(page_title=f"{page} | {TITLE}", page_icon=_ICON, layout="wide")


def ask_to_sign_in() -> None:
    """Show nothing but the way in, where reading needs a sign-in that this reader has not made."""
    if (known := access.sign_in_wanted()) is None:
        return
    st.title(TITLE, anchor=False)
    st.html('<p role="status">この画面を見るには、サインインが必要です。</p>')
    if known.sign_in == "login":
        st.button("サインイン", on_click=access.login, type="primary")
    st.stop()


def say_error(error: Exception) -> bool:
    """Show an error in the reader's words; what we did not foresee goes to the log whole."""
    follow.saw("")  # run anew once the record can be looked at again
    if isinstance(error, KyodoError):
        cause = getattr(error.__cause__, "orig", error.__cause__)  # the driver's own, without what was sent to it
        why = str(cause).partition("\n")[0] if cause else ""
        logging.getLogger("kyodo").warning(
            "page refused: %s %s %s", type(error).__name__, getattr(error, "code", ""), why
        )
        st.error(str(error))
        return True
    logging.getLogger("kyodo").error("unforeseen error on a page", exc_info=error)
    st.error(
        "思いがけない誤りが起きました。画面を再読み込みしても続くときは、運用担当者に記録(ログ)の確認を依頼してください。"
    )
    return True
