"""What a clerk has begun and not yet registered: files and answers, found again after a reload or a change of page.

Kept in this process only, under a random token in the address; the oldest give way, and what is registered is forgotten.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_TOKEN = "draft"  # the address' key, and the session's
_MOST = 20
_BYTES = 80 * 2**20  # of all drafts' files together
_LOCK = threading.Lock()


@dataclass
class Draft:
    """The files chosen (bytes, name) and the answers by widget key; ``token`` makes a double click one registration."""

    files: list[tuple[bytes, str]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    readings: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(len(data) for data, _ in self.files)


@st.cache_resource(show_spinner=False)
def _all() -> "OrderedDict[str, Draft]":
    return OrderedDict()


def draft() -> Draft:
    """The draft of this visitor, an empty one at first."""
    token = st.query_params.get(_TOKEN) or st.session_state.get(_TOKEN, "")
    with _LOCK:
        drafts = _all()
        if token not in drafts:
            token = secrets.token_urlsafe(16)
            drafts[token] = Draft()
        drafts.move_to_end(token)
        while len(drafts) > 1 and (len(drafts) > _MOST or sum(each.size for each in drafts.values()) > _BYTES):
            drafts.popitem(last=False)
        st.session_state[_TOKEN] = token
        return drafts[token]


def restore() -> Draft:
    """Give this session's widgets the answers of its draft; stands before every widget of the page."""
    found = draft()
    for key, value in found.answers.items():
        st.session_state.setdefault(key, value)
    if found.files:
        st.query_params[_TOKEN] = st.session_state[_TOKEN]
    return found


def take_files(files: Sequence[tuple[bytes, str]]) -> None:
    """Keep newly chosen files; answers about the columns of others are forgotten."""
    found = draft()
    if files and list(files) != found.files:
        found.files, found.readings, found.token = list(files), {}, secrets.token_hex(16)
        st.query_params[_TOKEN] = st.session_state[_TOKEN]


def keep(key: str) -> Any:
    """Keep what a widget holds, and give it back."""
    value = st.session_state.get(key)
    draft().answers[key] = value
    return value


def allowed(key: str, options: Iterable[Any]) -> bool:
    """Whether a widget of this key holds something already; what is no longer among its options is dropped."""
    options = list(options)
    if key not in st.session_state:
        return False
    held = st.session_state[key]
    if isinstance(held, list):
        st.session_state[key] = [each for each in held if each in options]
    elif held not in options:
        del st.session_state[key]
    return key in st.session_state


def forget() -> None:
    """Begin anew: nothing of this draft stays, neither here nor in the address."""
    with _LOCK:
        found = _all().pop(st.session_state.pop(_TOKEN, ""), None)
    for key in found.answers if found else ():
        if key not in {"by"}:
            st.session_state.pop(key, None)
    st.query_params.pop(_TOKEN, None)
