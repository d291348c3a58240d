"""What is only read, sent in stretches: an element costs the browser more than all the words in it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

import streamlit as st

_STRETCH: ContextVar[list[str] | None] = ContextVar("stretch", default=None)


def put(made: str) -> None:
    """Show HTML made by this package: an element of its own, or a part of the stretch that is open."""
    stretch = _STRETCH.get()
    if stretch is None:
        st.html(made)
    else:
        stretch.append(made)


@contextmanager
def together(css: str = "k-flow") -> Iterator[None]:
    """Make one element of all that is put inside, below each other.

    Widgets and charts must not stand there, they would come first; a page does not end there, nothing would be shown.
    """
    stretch: list[str] = []
    before = _STRETCH.set(stretch)
    try:
        yield
    finally:
        _STRETCH.reset(before)
    if stretch:
        put(f'<div class="{css}">{"".join(stretch)}</div>')


def beside(css: str = "") -> AbstractContextManager[None]:
    """Two pieces or stretches beside each other, below each other on a phone; ``k-wider`` gives the first more room."""
    return together(f"k-beside {css}".strip())
