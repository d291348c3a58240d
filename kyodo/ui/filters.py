"""Filters that live in the address: a view is a link.

The address holds short keys (``policy=I``, ``item=I-2-3``), which stay right when a title changes; Streamlit's own
binding would write the labels. An address that differs from what was last written (a link, the back button) sets
the filter; otherwise the filter sets the address.
"""

import html
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from kyodo.wording import shorten

Key = TypeVar("Key", bound=Hashable)
ALL = "すべて"


def many(label: str, options: Mapping[Key, str] | Sequence[Key], key: str, *, place=st) -> list[Key]:
    """Any number of the options (key → label, or plain values); none chosen means no filter, as where it has no place."""
    if place is None:
        return []
    labels = _labels(options)
    asked = _asked(key, list)
    if asked is not None:
        st.session_state[key] = [each for each in labels if str(each) in asked]
        _say_unknown(key, asked, labels, place)
    # A narrower filter above may have taken options away.
    st.session_state[key] = [each for each in st.session_state[key] if each in labels]
    chosen = place.multiselect(
        label, list(labels), format_func=labels.get, key=key, placeholder=ALL, filter_mode="contains", select_all=False
    )
    _write(key, [str(each) for each in chosen])
    return chosen


def one(
    label: str,
    options: Mapping[Key, str] | Sequence[Key],
    key: str,
    *,
    empty: str = "",
    default: Key | None = None,
    hidden: bool = False,
    place=st,
) -> Key | None:
    """One of the options (``default``, else the first); with ``empty`` (what the blank field says) also none."""
    labels = _labels(options)
    default = None if empty else next(iter(labels)) if default is None else default
    asked = _asked(key)
    if asked is not None:
        st.session_state[key] = next((each for each in labels if str(each) in asked), default)
        _say_unknown(key, asked, labels, place)
    if st.session_state[key] not in labels:
        st.session_state[key] = default
    chosen = place.selectbox(
        label, list(labels), format_func=labels.get, key=key, placeholder=empty, filter_mode="contains",
        label_visibility="collapsed" if hidden else "visible",
    )  # fmt: skip
    _write(key, [] if chosen == default else [str(chosen)])
    return chosen


def asked(key: str, options: Iterable[Key]) -> Key | None:
    """What :func:`one` will say, for what stands above it; None for none of the options."""
    wanted = _asked(key)
    wanted = [str(st.session_state[key])] if wanted is None else wanted
    return next((each for each in options if str(each) in wanted), None)


def part(label: str, options: Mapping[Key, str], key: str) -> Key:
    """The part of a page to show, as buttons beside each other; the first one needs no word in the address."""
    default = next(iter(options))
    asked = _asked(key)
    if asked is not None:
        st.session_state[key] = next((each for each in options if str(each) in asked), default)
    chosen = st.segmented_control(
        label, list(options), format_func=options.get, key=key, required=True, label_visibility="collapsed"
    )
    _write(key, [] if chosen == default else [str(chosen)])
    return chosen


def words(label: str, key: str, *, example: str, place=st) -> str:
    """Free text to search for."""
    asked = _asked(key)
    if asked is not None:
        st.session_state[key] = " ".join(asked)
    text = place.text_input(label, key=key, placeholder=example, max_chars=100)
    _write(key, [text] if text else [])
    return text


def _say_unknown(key: str, asked: Sequence[str], labels: Mapping, place) -> None:
    """Say under its field what the address asks for and the filter does not have."""
    known = set(map(str, labels))
    if unknown := [each for each in asked if each not in known]:
        place.html(f'<p class="k-note">URLの {key}={html.escape(shorten("・".join(unknown), 20))} は無視しました。</p>')


def ahead(key: str) -> str:
    """What a filter is about to say, for what stands above it on the page; blank for nothing."""
    asked = _asked(key)
    values = [str(st.session_state[key])] if asked is None else asked
    return values[0] if values else ""


def _asked(key: str, kind: type = Hashable) -> list[str] | None:
    """What the address asks for, where it decides: on a fresh page, or when it is not what was last written.

    A page is fresh, too, when another one left a filter of the same name and of another ``kind`` (one, or many).
    """
    asked = st.query_params.get_all(key)
    fresh = key not in st.session_state or not isinstance(st.session_state[key], kind)
    return asked if fresh or asked != st.session_state.get(_written(key)) else None


def _write(key: str, values: list[str]) -> None:
    """Let the address say what the filter says; a filter at its default needs no word."""
    if values != st.query_params.get_all(key):
        if values:
            st.query_params[key] = values
        else:
            st.query_params.pop(key, None)
    st.session_state[_written(key)] = values


def _written(key: str) -> str:
    return f"{key}@address"


def _labels(options: Mapping[Key, str] | Sequence[Key]) -> dict[Key, str]:
    return dict(options) if isinstance(options, Mapping) else {each: str(each) for each in options}
