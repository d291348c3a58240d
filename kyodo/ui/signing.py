"""Writing from a page: who signs, and what is said when the record took it or refused.

The one place where the pages of the plan's year ask for a name. Whoever types and presses a button at once sends both
together, so a button's callback asks for the values of fields (:func:`value`) and is not given those of the run before.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from kyodo.errors import KyodoError
from kyodo.ui import pieces
from kyodo.ui.pieces import literal, say_later

_NAME, _FIELD, _REFUSED = "by", "signer", "refused"


def ask_name(label: str, *, place: Any = st) -> None:
    """Ask who signs what is written on this page; a name given is offered again on every page of this session."""
    if name := pieces.ask_name(label, key=_FIELD, place=place).strip():
        st.session_state[_NAME] = name


def signer() -> str:
    """Who signs, as the field says now; blank where nobody was named."""
    return value(_FIELD)


def value(key: str) -> Any:
    """What a field holds now; blank for one that is not on the page."""
    return st.session_state.get(key, "")


def attempt(write: Callable[[], Any], said: str | Callable[[Any], str]) -> bool:
    """Write into the record from a callback; the page that follows says what came of it. True where it was taken."""
    try:
        made = write()
    except KyodoError as error:
        st.session_state[_REFUSED] = str(error)
        return False
    say_later(said(made) if callable(said) else said)
    return True


def outcome() -> str:
    """What came of the last attempt, once, for a screen that says it in its own way."""
    return st.session_state.pop(_REFUSED, "") or st.session_state.pop("said", "")


def say_refusal() -> None:
    """Say once why the last attempt was refused; nothing of it was stored."""
    if text := st.session_state.pop(_REFUSED, ""):
        st.error(literal(text))


def refuse(text: str) -> None:
    """Keep why something was not even tried, for the page that follows."""
    st.session_state[_REFUSED] = text
