"""One style sheet and one page frame for every screen and for paper."""

import functools
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from kyodo import palette
from kyodo.brief import Brief
from kyodo.findings import Finding
from kyodo.fiscal import in_japan
from kyodo.surveys import years_label
from kyodo.ui import moments
from kyodo.ui.menu import no_menu, open_menu
from kyodo.ui.once import kept
from kyodo.ui.pieces import linked, note
from kyodo.ui.places import WITHIN, Place
from kyodo.ui.signing import say_now
from kyodo.ui.state import brief
from kyodo.ui.state import past as looked_at

_COLOURS = {
    "ground": palette.GROUND, "card": palette.CARD, "grid": palette.GRID, "line": palette.LINE, "ink": palette.INK, "quiet": palette.QUIET,
    "good": palette.GOOD, "bad": palette.BAD, "caution": palette.CAUTION, "primary": palette.PRIMARY, "head": palette.HEAD,
    "past": palette.PAST, "past-line": palette.PAST_LINE, "font": palette.FONT_FAMILY,
}  # fmt: skip
CSS = f":root {{ {' '.join(f'--{name}:{value};' for name, value in _COLOURS.items())} }}\n" + Path(__file__).with_name(
    "style.css"
).read_text(encoding="utf-8")


def navigation(groups: Mapping[str, Sequence[Place]]) -> dict[str, list]:
    """The pages for ``st.navigation``: the first group stands open in the header, pages within another are not shown."""
    no_menu()
    titles = {group: "" if place == 0 else group for place, group in enumerate(groups)}
    return {
        titles[group]: [_page(each, "hidden" if group == WITHIN else "visible") for each in places]
        for group, places in groups.items()
    }


@functools.cache  # every run names all pages, and each looks for its file
def _page(place: Place, visibility: Literal["hidden", "visible"]) -> Any:
    return st.Page(
        f"{place.script}.py", title=place.name, url_path=place.path or None, default=place.first, visibility=visibility
    )


def page(title: str, lead: str | Iterable[Finding] | None = None, *, shown: Brief | None = None) -> Brief:
    """Open a page: title, the sentence that answers its question, 時点 and 更新日, the menu of what can be taken along.

    ``lead`` defaults to the brief's headline; given as parts, those with a link are links. Returns the brief it shows.
    """
    shown = shown or brief()
    told = linked(shown.headline if lead is None else lead)
    head = f'<h1>{html.escape(title)}</h1><p class="k-lead">{told}</p>{kept(_facts, shown)}'
    st.html(f'<div class="k-open">{head}</div>')
    open_menu(f"{title}。{kept(_when, shown)}")
    say_now()
    for text in moments.ignored():
        note(text)
    if past := looked_at():
        st.html(f'<p class="k-past" role="status">過去の時点({html.escape(past.label)})を表示しています。</p>')
        st.button("最新の状態に戻る", on_click=moments.look_at, args=(None,), key="back_to_newest")
    return shown


def _when(shown: Brief) -> str:
    return f"時点: {years_label(shown.survey_years)}年度調査。出典: {shown.plan.title}"


def _facts(shown: Brief) -> str:
    """時点, 更新日 and 出典: always visible, once a page."""
    if shown.changed_at is None:
        changed = "登録はまだありません(計画書の値のみ)"
    else:
        at = in_japan(shown.changed_at)
        changed = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}(登録番号{shown.revision})"
    facts = {"時点": f"{years_label(shown.survey_years)}年度調査", "更新日": changed, "出典": shown.plan.title}
    rows = "".join(f"<div><dt>{name}</dt><dd>{html.escape(value)}</dd></div>" for name, value in facts.items())
    return f'<dl class="k-facts">{rows}</dl>'
