"""A list narrowed down: its filters on one line, what is chosen as links that take it away, what to drop when nothing is left."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from kyodo.items import HOWS
from kyodo.ui.once import kept_here
from kyodo.ui.pieces import file_name, link, links
from kyodo.ui.tables import Cell, table
from kyodo.ui.text import said
from kyodo.wording import shorten

TYPED = "q"  # the key of the words to search for, in every list


def line() -> AbstractContextManager:
    """The line of the filters; on a phone a sheet that a button opens."""
    st.html('<button type="button" class="k-sheet" aria-expanded="false">絞り込み・並べ替え</button>')
    place = st.container(key="filters", gap="small")
    place.html('<button type="button" class="k-sheet-close">閉じて結果を見る</button>')
    return place


def places(count: int) -> Any:
    """So many places beside each other for the line's filters, fewer where the window is narrow."""
    return st.grid(count, min_column_width=110, vertical_alignment="bottom")


def wide(place: Any) -> Any:
    """Two of the places in one: what is typed is longer, and how it takes effect is said only where there is room."""
    return place.cell(column_span=2)


def more(place: Any, *keys: str) -> Any:
    """Where the filters ``keys`` stand, which are seldom used; None while it is closed and the address has none of them."""
    opened = place.popover("条件を足す", width="stretch", key="more", on_change="rerun")
    return opened if opened.open or any(key in st.query_params for key in keys) else None


@dataclass(frozen=True)
class Chosen:
    """What is chosen of a page's filters: key → the filter's name, key → values, value → its words."""

    names: Mapping[str, str]
    asked: Mapping[str, list[str]]
    words: Mapping[str, str]

    def word(self, key: str, value: str) -> str:
        """A value as the reader chose it; what was typed stays as it was typed."""
        return value if key == TYPED else self.words.get(value, value)

    @property
    def said(self) -> str:
        """All that is chosen, in one line: 「推進方針 I・II、担当課 財政課」."""
        return "、".join(map(self.told, self.asked))

    def told(self, key: str) -> str:
        """One filter with its values: 「推進方針 I・II」."""
        return f"{self.names[key]} {'・'.join(self.word(key, each) for each in self.asked[key])}"

    def without(self, key: str, value: str = "") -> str:
        """The address without a filter, or without one of its values."""
        kept = {name: [each for each in values if (name, each) != (key, value)] for name, values in self.asked.items()}
        return f"?{urlencode(kept if value else kept | {key: []}, doseq=True)}"

    def file_name(self, stem: str) -> str:
        """A file's name with what is chosen in it."""
        return file_name(f"{stem}({shorten(self.said, 50)})" if self.asked else stem, "csv")


def chosen(names: Mapping[str, str], words: Mapping[str, str]) -> Chosen:
    """What the address asks for of the filters ``names``, once they have been drawn."""
    asked = {key: st.query_params.get_all(key) for key in names}
    return Chosen(names, {key: values for key, values in asked.items() if values}, words)


def over_the_list() -> AbstractContextManager:
    """The line over a list: how many were found, and beside it the choice of one."""
    return st.container(key="over_list", horizontal=True, vertical_alignment="center", gap="small")


def chips(chosen: Chosen, count: str) -> None:
    """How many were found, and what is chosen as links that take it away."""
    made = "".join(
        _chip(chosen.without(key, value), f"{name} {chosen.word(key, value)}")
        for key, name in chosen.names.items()
        for value in chosen.asked.get(key, [])
    )
    rest = link("?", "すべて解除") if made else ""
    st.html(f'<div class="k-chips k-stay"><p role="status">{said(count)}</p>{made}{rest}</div>')


def _chip(address: str, text: str) -> str:
    return link(address, text).replace("<a ", '<a class="k-chip" ').replace("</a>", " <b>を外す</b></a>")


def nothing_left(chosen: Chosen, without: Mapping[str, int]) -> None:
    """Which condition to drop: each with what would be found, as a link."""
    offers = "".join(
        f"<li>{link(chosen.without(key), f'「{chosen.told(key)}」を外す')}: {said(f'{count}項目')}</li>"
        for key, count in without.items()
        if key in chosen.asked
    )
    st.html(
        f'<div class="k-box" role="status"><p>条件に合う項目がありません。</p><ul class="k-findings">{offers}</ul></div>'
    )


def named(make: Callable[[], pd.DataFrame], chosen: Chosen) -> Callable[[], pd.DataFrame]:
    """What makes the rows of a file with the filter they were found by, for :func:`titled`."""
    return lambda: make().assign(filtered_by=chosen.said or "なし")


def titled(columns: Mapping[str, str]) -> dict[str, str]:
    """The columns of :func:`named`."""
    return {**columns, "filtered_by": "絞り込み"}


def matrix(rows: pd.DataFrame, onward: Mapping[str, str], marked: Mapping[str, str]) -> None:
    """Status × disposition × where it went: each count a link to its items, how the links are known in words."""
    titles = {"from": "実施状況", "disposition": "今後の取扱い", **onward}
    table(
        kept_here(_matrix, rows, onward, marked),
        titles,
        caption="前期の項目の行き先(一項目は一度だけ数える)",
        short=["from", "disposition"],
    )


def _matrix(rows: pd.DataFrame, onward: Mapping[str, str], marked: Mapping[str, str]) -> pd.DataFrame:
    cells = {(row["status"], row["disposition"], row["to"]): _went(row) for row in rows.to_dict("records")}
    pairs = list(dict.fromkeys((status, disposition) for status, disposition, _ in cells))
    listed = [
        {"from": marked[status], "disposition": disposition}
        | {to: cells.get((status, disposition, to), Cell("")) for to in onward}
        for status, disposition in pairs
    ]
    return pd.DataFrame(listed)


def past_rows(listed: pd.DataFrame) -> pd.DataFrame:
    """Former items as the page lists them, with shown_status, how_text and successors as links."""
    return listed.assign(
        shown_status=listed["mark"] + listed["status"],
        how_text=[[HOWS[how] for how in hows] for hows in listed["hows"]],
        successors=[links(each, "items?item={}") for each in listed["items"]],
    )


def _went(row: Mapping) -> Cell:
    query = urlencode({"status": row["status"], "disposition": row["disposition"], "to": row["to"]})
    told = f"<br>{said(row['told'])}" if row["told"] else ""
    return Cell(link(f"past?{query}", f"{row['items']}項目") + told)
