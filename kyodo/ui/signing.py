"""Writing from a page: who signs, and what is said when the record took it or refused.

The one place where pages ask for a name. Whoever types and presses a button at once sends both
together, so a button's callback asks for the values of fields (:func:`value`) and is not given those of the run before.
"""

import html
from collections.abc import Callable
from time import monotonic
from typing import Any

import streamlit as st

from kyodo import access
from kyodo.errors import KyodoError
from kyodo.ui.pieces import literal
from kyodo.ui.state import now, record

_NAME, _FIELD, _REFUSED, _TAKEN = "by", "signer", "refused", "said"
_UNREAD = 1.0  # seconds in which nobody reads a sentence and does something else


def ask_name(label: str, *, key: str = _FIELD, place: Any = st) -> str:
    """Who signs what is written: the identity somebody vouches for, else a field for the name (of this machine).

    A name given is offered again on every page of this session.
    """
    if name := access.person().identity:
        place.html(f'<p class="k-note">署名: {html.escape(name)}</p>')
    elif name := place.text_input(label, key=key, value=st.session_state.get(_NAME, ""), max_chars=60).strip():
        st.session_state[_NAME] = name
    return name


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
        refuse(str(error))
        return False
    _keep(_TAKEN, said(made) if callable(said) else said)
    return True


def outcome() -> str:
    """What came of the last attempt, once, for a screen that says it in its own way."""
    return _told(_REFUSED) or _told(_TAKEN)


def say_now() -> None:
    """Say once what was taken in the run before; a page does so under its title."""
    if text := _told(_TAKEN):
        st.success(literal(text))


def say_refusal() -> None:
    """Say once why the last attempt was refused; nothing of it was stored."""
    if text := _told(_REFUSED):
        st.error(literal(text))


def refuse(text: str) -> None:
    """Keep why something was not even tried, for the page that follows."""
    _keep(_REFUSED, text)


def _keep(key: str, text: str) -> None:
    """Keep what came of an attempt in the place of what came of the one before."""
    st.session_state.pop(_REFUSED, None)
    st.session_state.pop(_TAKEN, None)
    st.session_state[key] = text, []


def _told(key: str) -> str:
    """What is kept to be told: once, and again by a run that begins before anybody can have read it.

    Whoever leaves a field by pressing a button sends the button first and the field a moment later, as a run of its own.
    """
    text, since = st.session_state.get(key, ("", []))
    since.append(monotonic())
    if since[-1] - since[0] < _UNREAD:
        return text
    del st.session_state[key]
    return ""


def undo(number: int, signer: str = "by", reason: str = "") -> None:
    """Take an entry back, signed and for the reason that the fields of these keys hold."""
    attempt(
        lambda: record().undo(number, by=value(signer), note=value(reason), at=now()),
        lambda made: f"登録番号{number}を取り消しました(登録番号{made})。",
    )
