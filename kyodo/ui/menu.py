"""What can be taken along from a page, in one menu at its head: pictures of its charts, its tables as CSV, the page on paper."""

import streamlit as st

_MENU, _SOURCE = "page_menu", "page_source"


def open_menu(source: str) -> None:
    """Begin a page's menu; ``source`` is what every picture of the page says of its moment and origin."""
    with st.container(key=_MENU):
        st.session_state[_MENU] = st.popover("保存・印刷")
    st.session_state[_SOURCE] = source
    # picture.js puts the pictures of the page's cards there
    st.session_state[_MENU].html(
        '<button type="button" class="k-print">このページを印刷</button><div class="k-pictures"></div>'
    )


def no_menu() -> None:
    """Forget the menu of the run before: a page without one offers nothing to take along."""
    st.session_state.pop(_MENU, None)


def source() -> str:
    """The page's moment and origin."""
    return st.session_state.get(_SOURCE, "")


def place():
    """The menu of the page that runs, for what else can be taken along; the page itself before it has a menu."""
    return st.session_state.get(_MENU, st)
