"""Files sent to a page: what was read of them, read once, and a field that is empty again once they are kept."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

Read = TypeVar("Read")


def field(name: str) -> str:
    """The key of an uploader of that name: another one, so that it is empty, after :func:`taken`."""
    return f"{name}_{st.session_state.get(f'{name}_round', 0)}"


def read_once(name: str, files: Hashable, read: Callable[[], Read]) -> Read:
    """What ``read`` makes of the files that ``files`` tells from others, kept in this session until there are others."""
    if st.session_state.get(f"{name}_read", ("",))[0] != files:
        st.session_state[f"{name}_read"] = files, read()
    return st.session_state[f"{name}_read"][1]


def taken(name: str) -> None:
    """The files are kept: what was read of them is forgotten, and the field is empty."""
    st.session_state.pop(f"{name}_read", None)
    st.session_state[f"{name}_round"] = st.session_state.get(f"{name}_round", 0) + 1
