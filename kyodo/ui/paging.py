"""Long lists page by page: a browser sets up some hundred rows at once, not thousands."""

import pandas as pd
import streamlit as st

from kyodo.ui import once

PAGE = 200  # rows


def paged(rows: pd.DataFrame, key: str = "page") -> tuple[pd.DataFrame, str]:
    """The rows of the page the reader is on, and which they are in words; all of them and no word where they fit."""
    pages = -(-len(rows) // PAGE)
    if pages <= 1:
        return rows, ""
    first = (st.pagination(pages, key=key, bind="query-params") - 1) * PAGE
    shown = once.kept(_part, rows, first)
    return shown, f"({first + 1}〜{first + len(shown)}行目)"


def _part(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    return rows.iloc[first : first + PAGE]
