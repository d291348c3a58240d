"""The pieces pages are made of: headings, sentences, charts with their alt sentence, links, downloads.

Whatever somebody else wrote is escaped here, so that a name or note with HTML or Markdown shows literally.
"""

import html
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from kyodo import access
from kyodo.charts import CONFIG
from kyodo.errors import Problem
from kyodo.export import csv_bytes
from kyodo.findings import Finding
from kyodo.schema import Table
from kyodo.ui import menu
from kyodo.ui.flow import put
from kyodo.ui.moments import AS_OF, with_moment
from kyodo.ui.moments import kept as kept_moment
from kyodo.ui.once import kept, kept_here
from kyodo.ui.tables import table
from kyodo.ui.text import said
from kyodo.verdicts import VERDICTS
from kyodo.wording import shorten

_NOT_IN_A_NAME = '\\/:*?"<>|'  # signs a file's name cannot have on some desk
_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS = {  # of files by the ending of their names
    "csv": "text/csv", "zip": "application/zip", "pdf": "application/pdf", "docx": f"{_OFFICE}wordprocessingml.document",
    "pptx": f"{_OFFICE}presentationml.presentation", "xlsx": f"{_OFFICE}spreadsheetml.sheet",
}  # fmt: skip
_TONES = {"達成": "good", "到達": "good", "順調": "good", "やや遅れ": "caution", "横ばい": "even", "未調査": "even"}


def heading(text: str, level: int = 2) -> None:
    """A heading of the page's outline."""
    put(f"<h{level}>{html.escape(text)}</h{level}>")


def note(text: str) -> None:
    """A quiet sentence under a chart or table: source, 時点, how to read it."""
    put(f'<p class="k-note">{said(text)}</p>')


def say(text: str) -> None:
    """A sentence to be seen first, in a frame; nothing for an empty one."""
    if text:
        put(f'<p class="k-box">{said(text)}</p>')


def empty(text: str) -> None:
    """An empty state: what is not there and what to do."""
    put(f'<p class="k-box" role="status">{said(text)}</p>')


def warn(text: str) -> None:
    """What stands in the way, said at once to screen readers too."""
    put(f'<p class="k-box k-warn" role="alert">{said(text)}</p>')


def verdict_mark(verdict: str) -> str:
    """A verdict as HTML: symbol and word in a frame, coloured besides."""
    if not verdict:
        return '<span class="k-verdict k-even">判定なし</span>'
    return f'<span class="k-verdict k-{_TONES.get(verdict, "bad")}">{VERDICTS[verdict]} {verdict}</span>'


def findings(found: Iterable[Finding]) -> None:
    """Generated sentences; the first part of each is a link to the page that shows it."""
    put(kept_here(_findings, tuple(found)))


def _findings(found: Sequence[Finding]) -> str:
    return f'<ul class="k-findings">{"".join(map(_finding, found))}</ul>'


def _finding(each: Finding) -> str:
    first, stop, rest = each.text.partition("。")
    lead = f"<b>{said(first + stop)}</b>"
    link = html.escape(with_moment(each.link, kept_moment()))
    shown = f'<a href="{link}" target="_self">{lead}</a>' if each.link else lead
    return f"<li>{shown}{said(rest)}</li>"


def problems(found: Sequence[Problem], caption: str) -> None:
    """Problems or notices as a table with place, what and what to do."""
    rows = pd.DataFrame(
        [
            {
                "place": shorten(each.place or "ファイル全体", 80),
                "message": shorten(each.message, 300),
                "hint": shorten(each.hint, 200),
            }
            for each in found
        ]
    )
    table(rows, {"place": "場所", "message": "内容", "hint": "対処"}, caption=caption, short=["place"])


def chart(
    figure: go.Figure,
    alt: str,
    *,
    key: str,
    title: str = "",
    colours: Mapping[str, str] | None = None,
    source: str = "",
) -> None:
    """A chart on a card: the finding as its title, a key of colours, the figure with its alt sentence; its picture says its source too.

    The card reserves the figure's height before it is drawn.
    """
    figure = kept(_ready, figure)
    with st.container(key=f"figure_{key}", gap=None):
        if title or colours:
            st.html(kept(_head, f"figure_{key}", title, colours or {}, source or menu.source()))
        st.plotly_chart(figure, theme=None, config=CONFIG, alt=alt, key=key, height=figure.layout.height or "content")


def _head(card: str, title: str, colours: Mapping[str, str], source: str) -> str:
    """A card's title and key; hidden, what its picture needs: its source, and the button that the page's menu shows."""
    shown = f'<h3 class="k-title">{said(title)}</h3>' if title else ""
    name = html.escape(file_name(shorten(title, 60)))
    button = f'<button type="button" class="k-picture" data-card="{card}" value="{name}">画像で保存: {html.escape(title)}</button>'
    return f'{shown}{_key(colours)}<div class="k-foot"><p class="k-note">{html.escape(source)}</p>{button}</div>'


def _ready(figure: go.Figure) -> go.Figure:
    """A figure that is not changed any more, its specification made: plotly would copy the whole at every use.

    The browser compares what it has drawn with what it is handed a moment later as another object, the same in content:
    a template always counts as changed, lists do without a revision, and all would be drawn a second time.
    """
    made = figure.to_dict()
    made["layout"].pop("template", None)
    made["layout"]["datarevision"] = zlib.crc32(repr(made).encode())
    object.__setattr__(figure, "to_dict", lambda: made)
    return figure


def file_name(text: str, ending: str = "") -> str:
    """A file's name without the signs some desk does not take."""
    stem = "".join("_" if sign in _NOT_IN_A_NAME else sign for sign in text)
    return f"{stem}.{ending}" if ending else stem


def _key(colours: Mapping[str, str]) -> str:
    """What each colour means, as words beside a field of it."""
    rows = "".join(f'<li><i style="background:{each}"></i>{html.escape(name)}</li>' for name, each in colours.items())
    return f'<ul class="k-key">{rows}</ul>' if rows else ""


def download(
    label: str, rows: pd.DataFrame | Callable[[], pd.DataFrame], name: str, titles: Mapping[str, str] | None = None
) -> None:
    """Offer a table, or what makes it when it is asked for, as CSV for Excel (UTF-8 with BOM) in the page's menu."""
    save(label, partial(_csv, rows, titles), name, place=menu.place(), key=f"download_{name}")


def save(label: str, data: bytes | Callable[[], bytes], name: str, *, place: Any = st, **facts: Any) -> None:
    """A button that saves a file, made when it is pressed where ``data`` makes it; ``facts`` are the button's."""
    kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    place.download_button(label, data, name, kind, **{"on_click": "ignore", "width": "stretch"} | facts)


def _csv(rows: pd.DataFrame | Callable[[], pd.DataFrame], titles: Mapping[str, str] | None) -> bytes:
    made = rows() if callable(rows) else rows
    return csv_bytes(made[list(titles)] if titles else made, titles)


def link(address: str, text: str) -> str:
    """A link of the same tab as HTML, for the ``raw`` columns of a table; it keeps the moment that is looked at."""
    return f'<a href="{html.escape(with_moment(address, kept_moment()))}" target="_self">{said(text)}</a>'


@dataclass(frozen=True)
class View:
    """Makes links to a page with values of its filters; known by its values where results are kept."""

    page: str
    year: int | None = None

    def __call__(self, text: str, **query: str) -> str:
        """The link."""
        asked = query if self.year is None else {"year": self.year, **query}
        return link(f"{self.page}?{urlencode(asked, doseq=True)}", text)


def view(page: str) -> View:
    """What makes links to a page: ``view("items")("5", policy="I")``."""
    return View(page)


def planned_in(year: int) -> View:
    """What makes links to the items of a policy and stage in one year's schedule."""
    return View("items", year)


def linked(sentence: str | Iterable[Finding]) -> str:
    """A sentence as HTML; of one given part by part, the parts are links where they have one."""
    parts = [Finding(sentence)] if isinstance(sentence, str) else sentence
    return "".join(link(each.link, each.text) if each.link else said(each.text) for each in parts)


def sentence(parts: Iterable[Finding]) -> None:
    """A finding in large type, its numbers links."""
    put(f'<p class="k-lead">{linked(parts)}</p>')


def link_here(text: str, **query: str | Sequence[str]) -> str:
    """A link to this page as it is filtered now, with the given values in its address (without those given as [])."""
    asked = {key: st.query_params.get_all(key) for key in st.query_params if key != AS_OF}
    return link(f"?{urlencode({**asked, **query}, doseq=True)}", text)


def links(texts: Sequence[str], address: str) -> str:
    """Several links, ``{}`` in the address standing for each text."""
    return "・".join(link(address.format(text), text) for text in texts)


def opening(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows with ``link``: their column ``key`` as links that open each on this page."""
    return kept_here(_opening, rows, key)


def _opening(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    return rows.assign(link=[link_here(str(each), **{key: str(each)}) for each in rows[key]])


def list_and_row(key: str) -> tuple[Any, Any]:
    """Two places over each other, for a list and its one row: the row is above where the address names it by ``key``."""
    first, second = st.container(), st.container()
    return (second, first) if key in st.query_params else (first, second)


def tabs(name: str, places: Mapping[str, str], here: str) -> None:
    """The parts of a page as links beside each other: address → title; ``here`` is the address shown."""
    made = "".join(
        link(address, title).replace("<a ", '<a aria-current="page" ' if address == here else "<a ")
        for address, title in places.items()
    )
    put(f'<nav class="k-tabs" aria-label="{name}">{made}</nav>')


def facts(pairs: Mapping[str, str]) -> None:
    """Names and values of one thing, as a definition list; blank ones are left out."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{said(value)}</dd>" for name, value in pairs.items() if value)
    put(f'<dl class="k-list">{rows}</dl>')


def read_only() -> bool:
    """Whether the page's reader may not write; says why, and offers to sign in where that may help."""
    if access.may_write():
        return False
    note(access.why_not())
    if access.rules().sign_in == "login" and not access.person().identity:
        st.button("サインイン", on_click=access.login, key="login")
    return True


def literal(text: str) -> str:
    """A text for Streamlit's own messages, every sign of Markdown, LaTeX or directives made literal."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|$:~&^=" else sign for sign in shorten(text, 300))


def open_data(tables: Iterable[Table], address: str) -> pd.DataFrame:
    """The open data as a table of links: title, description, csv, json."""
    return pd.DataFrame(
        {
            "title": each.title,
            "description": each.descriptor["description"],
            "csv": link(f"{address}/{each.name}.csv", f"{each.name}.csv"),
            "json": link(f"{address}/{each.name}.json", f"{each.name}.json"),
        }
        for each in tables
    )
