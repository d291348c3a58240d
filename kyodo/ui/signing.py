"""Writing from a page: who signs, and what is said when the record took it or refused.

The one place where the pages of the plan's year ask for a name.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from kyodo.errors import KyodoError
from kyodo.ui import pieces
from kyodo.ui.pieces import literal, say_later

_NAME, _REFUSED = "by", "refused"


def ask_name(label: str, *, key: str, place: Any = st) -> str:
    """Who signs what is written; a name given is offered again on every page of this session."""
    name = pieces.ask_name(label, key=key, place=place)
    if name.strip():
        st.session_state[_NAME] = name
    return name


def attempt(write: Callable[[], Any], said: str | Callable[[Any], str]) -> bool:
    """Write into the record from a callback; the page that follows says what came of it. True where it was taken."""
    try:
        made = write()
    except KyodoError as error:
        st.session_state[_REFUSED] = str(error)
        return False
    say_later(said(made) if callable(said) else said)
    return True


def say_refusal() -> None:
    """Say once why the last attempt was refused; nothing of it was stored."""
    if text := st.session_state.pop(_REFUSED, ""):
        st.error(literal(text))
