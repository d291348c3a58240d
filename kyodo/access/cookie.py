"""The identity in the signed cookie of Streamlit's own sign-in (``st.login``, OpenID Connect)."""

import json

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks


def identity_of(headers: Headers, claim: str) -> str:
    """The claim of whoever is signed in; blank for nobody, or for a mail address the service has not verified."""
    signed = _get_signed_cookie_with_chunks(cookie_parser(headers.get("cookie", "")), USER_COOKIE_NAME)
    said = json.loads(signed) if signed else {}
    if not said.get("is_logged_in") or (claim == "email" and said.get("email_verified") is False):
        return ""
    return str(said.get(claim) or "").strip()
