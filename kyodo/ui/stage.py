"""A meeting on the projector: one finding per screen, black on white, in large type, moved by the arrow keys.

What stands on a slide is the agenda's; here it is laid out for a screen of 1280 x 720, and a larger one shows the same
larger.
"""

import html
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from kyodo import agenda, charts, findings
from kyodo.access import may_write
from kyodo.agenda import Listing, Meeting, Slide
from kyodo.agenda.results import remark_lines
from kyodo.breaking import phrases, two_lines
from kyodo.brief import Brief
from kyodo.ui import floor, opinions, signing
from kyodo.ui.menu import no_menu
from kyodo.ui.moments import asked_number
from kyodo.ui.once import kept
from kyodo.ui.pieces import chart, table, verdict_mark
from kyodo.ui.style import CSS
from kyodo.wording import width

SLIDE = "slide"  # the address' key of the slide on the screen, counted from 1
_LARGER = 1.4  # type of charts on the stage, against the other pages
_WIDE, _HIGH = 1200, 505  # pixels of a slide's body
_TITLE, _SIZES = 30, (26, 24, 22, 21, 20, 19, 18)  # pixels of type: titles; tables, as large as they fit
# In a table's size: a line, the room about a row, and about a framed verdict.
_LEADING, _PADDING, _FRAMED = 1.3, 0.4, 0.75
_WHOLE = 8  # characters of a word that no line may break
_BESIDE = 0.9  # the room beside a cell's text, in its size
_TEXT = 27  # pixels of a line of body text

# The stage is laid out for 1280 x 720; a larger screen shows the same larger: (width, height, times).
_SCREENS = ((1560, 860, 1.2), (1880, 980, 1.45), (2500, 1300, 1.9), (3760, 1960, 2.9))
# A chart asks for its frame's size in pixels of the screen and draws in those of the zoomed page: its frame is made
# smaller by as much, and what it draws stands over its edge.
_LARGER_CHARTS = """
[class*="st-key-stage_figure"] .stElementContainer:has(.stPlotlyChart) { width:calc(100% / var(--larger)) !important; }
[class*="st-key-stage_figure"] :is(.stElementContainer:has(.stPlotlyChart), .stPlotlyChart) { height:calc(var(--high) / var(--larger)) !important; }
[class*="st-key-stage_figure"] .stElementContainer:has(.stPlotlyChart), [class*="st-key-stage_figure"] .stElementContainer:has(.stPlotlyChart) * { overflow:visible !important; }
"""
_STAGE = """
.stApp, .stMain { background:#fff; }
header[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stToolbar"] { display:none !important; }
.stMain .block-container { max-width:none; padding:1rem 2.4rem 3.2rem; }
.stMain h1.k-finding { font-size:30px; line-height:1.35; font-weight:700; margin:0 0 .5rem; padding:0; color:#000; word-break:auto-phrase; }
.k-stage, .k-stage p { font-size:1.35rem; line-height:1.6; color:#000; }
.k-cover { font-size:1.6rem; line-height:1.9; padding:8vh 4vw 0; } .k-cover h1 { font-size:2.8rem !important; }
.stMain table.k-table { line-height:1.3; color:#000; } .stMain table.k-table caption { position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%); }
.stMain table.k-table th, .stMain table.k-table td { padding:.2em .45em; word-break:auto-phrase; vertical-align:middle; } table.k-table tbody th { min-width:0 !important; }
.stMain table.k-table { table-layout:fixed; } .stMain table.k-table thead th { white-space:normal; } .stMain table.k-table td { overflow-wrap:anywhere; }
.k-whole { white-space:nowrap; }
.stMain .k-told { font-size:18px; line-height:1.5; margin:.3rem 0 0; color:#000; word-break:auto-phrase; } .stMain .k-told p { font-size:18px; line-height:1.5; margin:0 0 .45em; }
.stMain ul.k-key li { font-size:1.15rem; }
.k-scroll { max-height:none; border:0; } .stMain [data-testid="stVerticalBlock"] { gap:.5rem; }
[class*="st-key-figure_"], .stPlotlyChart { border:0; }
.stMain .k-remarks { display:grid; grid-template-columns:6.5rem 1fr; gap:.1rem 1rem; margin:.3rem 0 0; padding:.3rem .6rem; border:1px solid #767676; font-size:18px; line-height:1.45; }
.k-remarks dt { font-weight:700; } .k-remarks dd { margin:0; overflow-wrap:anywhere; word-break:auto-phrase; }
.st-key-stage_bar { position:fixed; left:0; right:0; bottom:0; background:#fff; border-top:1px solid #767676; padding:.2rem 2.4rem; z-index:99; }
.stMain .k-source { font-size:18px; line-height:1.6; margin:0; color:#595959; white-space:nowrap; overflow:hidden; text-overflow:ellipsis; }
.k-page { float:right; font-size:18px; line-height:1.6; margin-left:1.5rem; color:#000; font-variant-numeric:tabular-nums; }
/* the buttons come when the mouse moves (moving.js) or a key reaches them, and go again */
.st-key-stage_keys { position:fixed; right:2.4rem; bottom:3rem; width:42rem; z-index:100; opacity:0; }
html.k-moved .st-key-stage_keys, .st-key-stage_keys:focus-within, .st-key-stage_keys:hover { opacity:1; transition:opacity .3s; }
.st-key-opinion_panel { border:2px solid #0017C1; border-radius:8px; padding:.6rem .9rem; background:#fff; }
.stMain:has(.st-key-opinion_panel) .st-key-stage_keys { bottom:auto; top:.6rem; }  /* not over the fields */
.st-key-stage_keys button :is(p, kbd) { font-size:18px !important; }
.stPlotlyChart { pointer-events:none; }  /* nothing hovers under a lecturer's hand, and every value has its label */
@media (hover:none) { .st-key-stage_keys { opacity:1; position:static; width:auto; } }
@media (max-width:640px) { .stMain .block-container { padding:.8rem 1rem 8rem; } .stMain h1.k-finding { font-size:1.4rem; } .stMain h1 br { display:none; } .stMain table.k-table { font-size:1rem !important; } .k-cover h1 { font-size:1.7rem !important; } }
@media print { .st-key-stage_keys { display:none; } }
""" + "".join(
    f"@media (min-width:{width}px) and (min-height:{height}px) {{ .stMain .block-container {{ --larger:{times}; zoom:{times}; }}{_LARGER_CHARTS}}}\n"
    for width, height, times in _SCREENS
)


def go_to(slide: int | None) -> None:
    """Show a slide, or (None) leave the stage."""
    if slide is None:
        st.query_params.pop(SLIDE, None)
    else:
        st.query_params[SLIDE] = str(slide)


def on_stage() -> int | None:
    """The slide the address asks for; None where the stage is not open."""
    return asked_number(SLIDE)


def left_at() -> int | None:
    """The slide this session showed last, None where it showed none."""
    left = st.session_state.get("stage")
    return int(left[SLIDE][0]) if left else None


def resume() -> None:
    """Show again what this session showed last, with the same choice."""
    st.query_params.from_dict(st.session_state["stage"])


def present(slides: Sequence[Slide], place: int, brief: Brief, meeting: Meeting) -> None:
    """Draw the slide at a place (1 to the number of slides; others are brought within) and the bar to move with."""
    no_menu()  # the page before had one
    place = min(max(place, 1), len(slides))
    slide = slides[place - 1]
    st.session_state["stage"] = {key: st.query_params.get_all(key) for key in st.query_params} | {SLIDE: [str(place)]}
    st.html(f"<style>{CSS}{_STAGE}{floor.CSS}</style>")
    asked = floor.is_open(brief)
    if asked:
        floor.show(brief)
    elif slide.part == "cover":
        _cover(brief, meeting)
    else:
        lines = two_lines(slide.heading, _WIDE / _TITLE - 0.5) or [slide.heading]
        st.html(f'<h1 class="k-finding">{"<br>".join(map(html.escape, lines))}</h1>')
        _DRAW.get(slide.part, _listings)(brief, slide)
    with st.container(key="stage_bar"):
        opinions.panel(brief, slide, meeting)
        _foot(place, len(slides), agenda.foot(slide, meeting, brief))
    number = slide.indicator or int(brief.plan.indicators["indicator"].iloc[0])
    _keys(place, len(slides), number, asked)


def _foot(place: int, count: int, source: str) -> None:
    """Source (or what came of writing an opinion) and page number on one line."""
    told = signing.outcome()
    text, role = (f"<b>{html.escape(told)}</b>", "alert") if told else (html.escape(source), "note")
    page = f'<span class="k-page" role="status">{place} / {count}</span>'
    st.html(f'<div>{page}<p class="k-source" role="{role}">{text}</p></div>')


def _keys(place: int, count: int, number: int, asked: bool) -> None:
    """The buttons that the keys press, unseen until the mouse moves; a question (on an indicator) has only the way back."""
    press = partial(st.button, width="stretch")
    with st.container(key="stage_keys"):
        if asked:
            press("スライドに戻る", on_click=floor.close, shortcut="Esc", key="floor_end")
            return
        ask, say, back, on, end = st.columns(5)
        with ask:
            press("質問", on_click=floor.open_for, args=(number,), shortcut="Q", key="floor_open")
        with say:
            if may_write():
                press("意見", on_click=opinions.open_panel, shortcut="M", key="stage_say")
        with back:
            press("前へ", on_click=go_to, args=(place - 1,), disabled=place == 1, shortcut="Left", key="stage_back")
        with on:
            press("次へ", on_click=go_to, args=(place + 1,), disabled=place == count, shortcut="Right", key="stage_on")
        with end:
            press("終了", on_click=go_to, args=(None,), shortcut="Esc", key="stage_end")


def _cover(brief: Brief, meeting: Meeting) -> None:
    lines = "".join(f"<div>{html.escape(text)}</div>" for text in agenda.cover_facts(brief, meeting))
    title = f'<h1 class="k-finding">{html.escape(brief.plan.title)}<br>成果指標と推進項目の進み具合</h1>'
    st.html(f'<div class="k-stage k-cover">{title}{lines}</div>')


def _told(sentences: Sequence[str]) -> None:
    if sentences:
        st.html(f'<div class="k-told">{"".join(f"<p>{html.escape(text)}</p>" for text in sentences)}</div>')


def _listings(brief: Brief, slide: Slide) -> None:
    """A slide of tables over each other, its sentences under them."""
    shown = [listing for listing in slide.listings if len(listing.rows)]
    high = (_HIGH - _TEXT * 1.6 * len(slide.told)) / max(len(shown), 1)
    sizes = [_size(listing, _WIDE, high) for listing in shown]
    for place, listing in enumerate(shown):
        _table(listing, f"{slide.part}_{place}", min(sizes))
    _told(slide.told)


def _size(listing: Listing, wide: float, high: float) -> float:
    """The largest of the sizes at which a table fits so many pixels; the smallest where none does."""
    least = sum(field.width + _BESIDE for field in listing.fields)
    padding = _FRAMED if "mark" in {field.name for field in listing.fields} else _PADDING
    for size in (each for each in _SIZES if each * least <= wide):
        heights = [lines * _LEADING + padding for lines in [1, *listing.lines(wide / size)]]
        if size * sum(heights) <= high:
            return size
    return _SIZES[-1]


def _table(listing: Listing, key: str, size: float) -> None:
    """A listing in type of a size."""
    titles = {field.name: field.title for field in listing.fields}
    rows = pd.DataFrame([map(_unbroken, row) for row in listing.texts], columns=list(titles))
    if "mark" in titles:
        rows["mark"] = listing.rows["verdict"].map(verdict_mark).to_numpy()
    numeric = [field.name for field in listing.fields if field.right]
    whole = sum(field.width + _BESIDE for field in listing.fields)
    shares = "".join(
        f".st-key-stage_{key} th:nth-child({place}) {{ width:{100 * (field.width + _BESIDE) / whole:.2f}%; }}"
        for place, field in enumerate(listing.fields, start=1)
    )
    st.html(f"<style>.st-key-stage_{key} table.k-table {{ font-size:{size}px; }} {shares}</style>")
    with st.container(key=f"stage_{key}"):
        table(rows, titles, caption=listing.name, numeric=numeric, raw=list(titles))


def _unbroken(text: str) -> str:
    """A cell's HTML whose lines break between words."""
    return "<br>".join("".join(map(_piece, phrases(line))) for line in text.split("\n"))


def _piece(piece: str) -> str:
    safe = html.escape(piece)
    return f'<span class="k-whole">{safe}</span>' if width(piece) <= _WHOLE else safe


def _figure(larger: go.Figure, said: str, key: str, colours: Mapping[str, str] | None = None) -> None:
    """A chart in larger type than on the other pages, by :func:`_enlarged`."""
    st.html(f"<style>.st-key-stage_figure_{key} {{ --high:{larger.layout.height:.0f}px; }}</style>")
    with st.container(key=f"stage_figure_{key}"):
        chart(larger, said, key=f"on_stage_{key}", colours=colours)


def _enlarged(draw: Callable[..., go.Figure], *given: Any, most: float = math.inf) -> go.Figure:
    """A figure drawn for a projector: type, height (at most ``most``), margins and the ways of labels larger by one factor."""
    figure = draw(*given)
    layout = figure.layout
    layout.height = min(layout.height, most)
    layout.height = round(_LARGER * layout.height)
    layout.margin = {side: _LARGER * layout.margin[side] for side in "lrtb"}
    for note in layout.annotations:
        note.xshift, note.yshift = _LARGER * (note.xshift or 0), _LARGER * (note.yshift or 0)
    fonts = [layout.font, layout.xaxis.tickfont, layout.yaxis.tickfont]
    fonts += [note.font for note in layout.annotations] + [trace.textfont for trace in figure.data]
    for font in fonts:
        if font.size is not None:
            font.size = max(18, round(font.size * _LARGER))
    return figure


def _overview(brief: Brief, slide: Slide) -> None:
    listing = slide.listings[0]
    _table(listing, "overview", _size(listing, _WIDE, 230))
    figure = kept(_enlarged, charts.ratio_chart, listing.rows, round((_HIGH - 345) / _LARGER))
    _figure(figure, slide.title, "ratios", charts.RATIO_KEY)
    _told(slide.told)


def _indicator(brief: Brief, slide: Slide) -> None:
    number = slide.indicator
    known, targets = kept(brief.values_of, number), kept(brief.indicator, number)
    left, right = st.columns([55, 45], gap="medium")
    with left:
        said = findings.trend_sentence(brief.labels[number], brief.values[number], brief.rows[number])
        high = _HIGH - _TEXT * remark_lines(slide.remarks) - 20 * bool(slide.remarks)
        _figure(
            kept(_enlarged, charts.indicator_chart, known, targets, max(round(high / _LARGER), 150)), said, str(number)
        )
    with right:
        _table(slide.listings[0], "targets", 18)
        _told(slide.told)
    _remarks(slide)


def _remarks(slide: Slide) -> None:
    """要因, 課題 and 今後の方向 where they were entered."""
    lines = "".join(f"<dt>{head}</dt><dd>{html.escape(text)}</dd>" for head, text in slide.remarks)
    if lines:
        st.html(f'<dl class="k-remarks">{lines}</dl>')


def _breakdown(brief: Brief, slide: Slide) -> None:
    listing = slide.listings[0]
    if not agenda.beside_a_chart(listing):
        for place, (column, each) in enumerate(zip(st.columns(2, gap="medium"), agenda.halves(listing), strict=True)):
            with column:
                _table(each, f"half_{place}", _size(each, _WIDE / 2 - 10, _HIGH - _TEXT))
        return
    left, right = st.columns([46, 54], gap="medium")
    with left:
        whole = agenda.overall(brief, slide)
        figure = kept(_enlarged, charts.breakdown_chart, listing.rows, whole, most=_HIGH / _LARGER)
        _figure(figure, slide.title, f"breakdown_{slide.indicator}")
    with right:
        _table(listing, "breakdown", _size(listing, 0.54 * _WIDE - 16, _HIGH))


def _policies(brief: Brief, slide: Slide) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        figure = kept(_enlarged, charts.stage_chart, brief.stages, brief.plan.policy_titles)
        _figure(figure, slide.title, "stages", charts.stage_key(brief.stages))
    with right:
        _table(slide.listings[0], "policies", _size(slide.listings[0], _WIDE / 2 - 10, _HIGH))
    _told(slide.told)


_DRAW = {"overview": _overview, "indicators": _indicator, "breakdown": _breakdown, "policies": _policies}
