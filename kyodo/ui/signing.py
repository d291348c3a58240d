"""Writing from a page: who signs, and what is said when the record took it or refused.

The one place where pages ask for a name. Whoever types and presses a button at once sends both
together, so a button's callback asks for the values of fields (:func:`value`) and is not given those of the run before.
"""

import html
from collections.abc import Callable
from typing import Any

import streamlit as st

from kyodo import access
from kyodo.errors import KyodoError
from kyodo.ui.pieces import literal
from kyodo.ui.state import now, record

_NAME, _FIELD, _REFUSED, _TAKEN = "by", "signer", "refused", "said"


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
        st.session_state[_REFUSED] = str(error)
        return False
    st.session_state[_TAKEN] = said(made) if callable(said) else said
    return True


def outcome() -> str:
    """What came of the last attempt, once, for a screen that says it in its own way."""
    return st.session_state.pop(_REFUSED, "") or st.session_state.pop(_TAKEN, "")


def say_now() -> None:
    """Say once what was taken in the run before; a page does so under its title."""
    if text := st.session_state.pop(_TAKEN, ""):
        st.success(literal(text))


def say_refusal() -> None:
    """Say once why the last attempt was refused; nothing of it was stored."""
    if text := st.session_state.pop(_REFUSED, ""):
        st.error(literal(text))


def refuse(text: str) -> None:
    """Keep why something was not even tried, for the page that follows."""
    st.session_state[_REFUSED] = text


def undo(number: int, signer: str = "by", reason: str = "") -> None:
    """Take an entry back, signed and for the reason that the fields of these keys hold."""
    attempt(
        lambda: record().undo(number, by=value(signer), note=value(reason), at=now()),
        lambda made: f"登録番号{number}を取り消しました(登録番号{made})。",
    )
