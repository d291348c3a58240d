"""The past moment a session looks at: in the address of every page and every link until it is left.

A moment is a registration's number or a name given in 会議. What the address asks for and nobody knows is left out,
with a word on the page.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pandas as pd
import streamlit as st

from kyodo.wording import shorten

AS_OF = "as_of"  # the address' key of a past moment
_KEPT, _IGNORED = "as_of_kept", "ignored"


@dataclass(frozen=True, slots=True)
class Moment:
    """A past revision; ``at`` is when it was given its name, None for a registration's own moment."""

    key: str
    revision: int
    at: dt.datetime | None = None

    @property
    def label(self) -> str:
        """How the page names it."""
        return f"登録番号{self.revision}" if self.at is None else f"{self.key}、登録番号{self.revision}"


def chosen(revision: Callable[[], int], snapshots: Callable[[], pd.DataFrame]) -> Moment | None:
    """The moment the address asks for, else the one this session chose before; None for the newest state.

    ``revision`` tells the newest entry's number, ``snapshots`` the named moments. It is written into the address again,
    which a change of page empties.
    """
    key = st.query_params.get(AS_OF, st.session_state.get(_KEPT, ""))
    found = _known(key, revision, snapshots)
    if key and found is None:
        ignore(AS_OF, key)
        look_at(None)
    elif found:
        look_at(found.key)
    return found


def _known(key: str, revision: Callable[[], int], snapshots: Callable[[], pd.DataFrame]) -> Moment | None:
    if (number := whole_number(key)) is not None:
        return Moment(key, number) if number <= revision() else None
    for row in snapshots().to_dict("records") if key else []:
        if row["name"] == key:
            return Moment(key, int(row["revision"]), row["at"].to_pydatetime())
    return None


def look_at(key: str | int | None) -> None:
    """Let this session look at a past moment, or (None) at the newest state again."""
    st.session_state[_KEPT] = "" if key is None else str(key)
    if key is None:
        st.query_params.pop(AS_OF, None)
    elif st.query_params.get(AS_OF) != str(key):
        st.query_params[AS_OF] = str(key)


def kept() -> str:
    """The moment's key for links; blank at the newest state."""
    return st.session_state.get(_KEPT, "")


def with_moment(address: str, key: str) -> str:
    """An address of this application that keeps the moment.

    >>> with_moment("items?policy=I", "3"), with_moment("register", ""), with_moment("items", "第1回")
    ('items?policy=I&as_of=3', 'register', 'items?as_of=%E7%AC%AC1%E5%9B%9E')
    """
    return f"{address}{'&' if '?' in address else '?'}{AS_OF}={quote(key)}" if key else address


def whole_number(text: str) -> int | None:
    """A small whole number as addresses hold it; None for anything else.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 5000), whole_number("")
    (12, None, None, None)
    """
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def meeting_number(text: str) -> int | None:
    """A meeting's 回 as typed; None for a blank.

    Raises:
        ValueError: with a Japanese message, for anything but a small whole number.
    """
    number = whole_number(text.strip())
    if text.strip() and number is None:
        raise ValueError(f"委員会の回「{text.strip()[:20]}」は、3 のように数だけで入力してください。")
    return number


def asked_number(key: str) -> int | None:
    """The whole number the address has under a key; what is none is left out with a word."""
    text = st.query_params.get(key, "")
    number = whole_number(text)
    if text and number is None:
        ignore(key, text)
        st.query_params.pop(key, None)
    return number


def ignore(key: str, text: str) -> None:
    """Remember for the page's head that a part of the address was left out."""
    st.session_state.setdefault(_IGNORED, {})[key] = shorten(text, 20)


def ignored() -> list[str]:
    """What is to be said of parts of the address that were left out, once."""
    return [
        f"URLの {key}={text} は使えない値のため、無視しました。"
        for key, text in st.session_state.pop(_IGNORED, {}).items()
    ]
