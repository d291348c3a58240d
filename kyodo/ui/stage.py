"""A meeting on the projector: one finding per screen, black on white, in large type, moved by the arrow keys."""

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from kyodo import agenda, charts, findings, readable
from kyodo.access import may_write
from kyodo.agenda import Listing, Meeting, Slide
from kyodo.brief import REMARKS, Brief
from kyodo.findings import indicator_label
from kyodo.ui import opinions, signing
from kyodo.ui.moments import asked_number
from kyodo.ui.pieces import chart, table, verdict_mark
from kyodo.ui.style import CSS

_LARGER = 1.25  # type of charts on the stage, against the other pages
_TALL, _SHORTER = 312, 232  # pixels of a trend without and with remarks under it, before it is enlarged
_PADDING = 1.0  # beside a cell's text, in its size
SLIDE = "slide"  # the address' key of the slide on the screen, counted from 1

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
.stMain .block-container { max-width:none; padding:1.2rem 2.4rem 4.2rem; }
.stMain h1.k-finding { font-size:2rem; line-height:1.4; font-weight:700; margin:0 0 .6rem; padding:0; color:#000; }
.k-stage, .k-stage p { font-size:1.35rem; line-height:1.6; color:#000; }
.k-cover { font-size:1.6rem; line-height:1.9; padding:8vh 4vw 0; } .k-cover h1 { font-size:2.8rem !important; }
table.k-table { line-height:1.45; color:#000; } table.k-table caption { font-size:.95rem; padding:.1rem .6rem; }
table.k-table th, table.k-table td { padding:.25em .45em; } table.k-table tbody th { min-width:0 !important; }
.stMain .k-said { font-size:1.15rem; margin:.4rem 0 0; }
.stMain ul.k-key li { font-size:1.15rem; }
.k-scroll { max-height:none; border:0; } .stMain [data-testid="stVerticalBlock"] { gap:.5rem; }
[class*="st-key-figure_"], .stPlotlyChart { border:0; }
.stMain .k-remarks { display:grid; grid-template-columns:7rem 1fr; gap:.2rem 1rem; margin:.6rem 0 0; font-size:1.15rem; line-height:1.55; }
.k-remarks dt { font-weight:700; } .k-remarks dd { margin:0; overflow-wrap:anywhere; }
.st-key-stage_bar { position:fixed; left:0; right:0; bottom:0; background:#fff; border-top:1px solid #767676; padding:.35rem 2.4rem; z-index:99; }
.st-key-opinion_panel { border:2px solid #0017C1; border-radius:8px; padding:.6rem .9rem; background:#fff; }
.k-page { font-size:1.15rem; text-align:right; margin:0; font-variant-numeric:tabular-nums; color:#000; }
.k-source { font-size:.9rem; margin:0; color:#595959; }
.stPlotlyChart { pointer-events:none; }  /* nothing hovers under a lecturer's hand, and every value has its label */
@media (max-width:640px) { .stMain .block-container { padding:.8rem 1rem 8rem; } .stMain h1.k-finding { font-size:1.4rem; } table.k-table { font-size:1rem; } .k-cover h1 { font-size:1.7rem !important; } }
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
    kept = st.session_state.get("stage")
    return int(kept[SLIDE][0]) if kept else None


def resume() -> None:
    """Show again what this session showed last, with the same choice."""
    st.query_params.from_dict(st.session_state["stage"])


def present(slides: Sequence[Slide], place: int, brief: Brief, meeting: Meeting) -> None:
    """Draw the slide at a place (1 to the number of slides; others are brought within) and the bar to move with."""
    place = min(max(place, 1), len(slides))
    slide = slides[place - 1]
    st.session_state["stage"] = {key: st.query_params.get_all(key) for key in st.query_params} | {SLIDE: [str(place)]}
    st.html(f"<style>{CSS}{_STAGE}</style>")
    if slide.part == "cover":
        _cover(brief, meeting)
    else:
        st.html(f'<h1 class="k-finding">{html.escape(slide.heading)}</h1>')
        _DRAW.get(slide.part, _listings)(brief, slide)
    with st.container(key="stage_bar"):
        opinions.panel(brief, slide, meeting)
        _bar(place, len(slides), f"{meeting.document}  {agenda.source(brief)}".strip())


def _bar(place: int, count: int, source: str) -> None:
    """Source (or what came of writing an opinion), page number, and the buttons that the keys press."""
    foot, page, say, back, on, end = st.columns([5, 1.1, 1.3, 1.3, 1.3, 1.3], vertical_alignment="center")
    told = signing.outcome()
    text = f"<b>{html.escape(told)}</b>" if told else html.escape(source)
    foot.html(f'<p class="k-source" role="{"alert" if told else "note"}">{text}</p>')
    if may_write():
        say.button("意見", on_click=opinions.open_panel, shortcut="M", width="stretch", key="stage_say")
    page.html(f'<p class="k-page" role="status">{place} / {count}</p>')
    back.button(
        "前へ",
        on_click=go_to,
        args=(place - 1,),
        disabled=place == 1,
        shortcut="Left",
        width="stretch",
        key="stage_back",
    )
    on.button(
        "次へ",
        on_click=go_to,
        args=(place + 1,),
        disabled=place == count,
        shortcut="Right",
        width="stretch",
        key="stage_on",
    )
    end.button("終了", on_click=go_to, args=(None,), shortcut="Esc", width="stretch", key="stage_end")


def _cover(brief: Brief, meeting: Meeting) -> None:
    facts = (
        meeting.title,
        meeting.date_text,
        meeting.document,
        agenda.source(brief),
        f"更新日: {agenda.moment(brief)}",
    )
    lines = "".join(f"<div>{html.escape(text)}</div>" for text in facts if text)
    title = f'<h1 class="k-finding">{html.escape(brief.plan.title)}<br>成果指標と推進項目の進み具合</h1>'
    st.html(f'<div class="k-stage k-cover">{title}{lines}</div>')


def _listings(brief: Brief, slide: Slide, share: float = 1.0) -> None:
    for place, listing in enumerate(slide.listings):
        if len(listing.rows):
            _table(listing, agenda.PARTS[slide.part], f"{slide.part}_{place}", share)


def _table(listing: Listing, caption: str, key: str, share: float = 1.0) -> None:
    """A listing as large as it fits into its share of the screen's width."""
    rows, titles = listing.rows, {field.name: field.title for field in listing.fields}
    marked = "mark" in titles
    if marked:
        rows = rows.assign(mark=rows["verdict"].map(verdict_mark))
    numeric = [field.name for field in listing.fields if field.right]
    wide = sum(field.width + _PADDING for field in listing.fields)
    size = f"clamp(15px, calc({94 * share / wide:.2f}vw / var(--larger, 1)), 1.6rem)"
    st.html(f"<style>.st-key-stage_{key} table.k-table {{ font-size:{size}; }}</style>")
    with st.container(key=f"stage_{key}"):
        table(rows, titles, caption=caption, numeric=numeric, short=_SHORT, raw=["mark"] if marked else ())


_SHORT = ("mark", "item", "target_label", "term", "kind")


def _figure(figure: go.Figure, said: str, key: str, colours: Mapping[str, str] | None = None) -> None:
    """A chart in larger type than on the other pages."""
    larger = _enlarged(figure)
    st.html(f"<style>.st-key-stage_figure_{key} {{ --high:{larger.layout.height:.0f}px; }}</style>")
    with st.container(key=f"stage_figure_{key}"):
        chart(larger, said, key=f"on_stage_{key}", colours=colours)


def _enlarged(figure: go.Figure) -> go.Figure:
    """The same figure for a projector: type, height, margins and the ways of labels all larger by one factor."""
    layout = figure.layout
    layout.height *= _LARGER
    layout.margin = {side: _LARGER * layout.margin[side] for side in "lrtb"}
    for note in layout.annotations:
        note.xshift, note.yshift = _LARGER * (note.xshift or 0), _LARGER * (note.yshift or 0)
    fonts = [layout.font, layout.xaxis.tickfont, layout.yaxis.tickfont]
    fonts += [note.font for note in layout.annotations] + [trace.textfont for trace in figure.data]
    for font in fonts:
        if font.size is not None:
            font.size = round(font.size * _LARGER)
    return figure


def _criteria(brief: Brief, slide: Slide) -> None:
    rules, terms = slide.listings
    left, right = st.columns(2, gap="medium")
    with left:
        _table(rules, "判定の規則", "rules", 0.48)
    with right:
        _table(terms, "判定に使う数", "terms", 0.48)


def _overview(brief: Brief, slide: Slide) -> None:
    _listings(brief, slide)
    st.html(f'<p class="k-stage">{html.escape(findings.lesson(brief.upcoming, brief.plan.indicators))}</p>')
    _rules(brief)


def _rules(brief: Brief) -> None:
    """The rules of the verdicts, wherever one is shown."""
    st.html(f'<p class="k-source">{html.escape(findings.judged_by(brief.cutoffs))}</p>')


def _indicator(brief: Brief, slide: Slide) -> None:
    number = slide.indicator
    known, targets = brief.values_of(number), brief.indicator(number)
    rows = readable.assessed(targets, brief.plan.indicators)
    rows = rows.assign(mark=rows["verdict"].map(agenda.mark))
    entered = brief.remark(number)
    left, right = st.columns(2, gap="medium")
    with left:
        said = findings.trend_sentence(indicator_label(brief.plan.indicators, number), known, targets)
        _figure(charts.indicator_chart(known, targets, _SHORTER if entered else _TALL), said, str(number))
    with right:
        _table(Listing(rows, agenda.DISTANCE), "目標との差(ポイント)と判定", "distance", 0.48)
        _table(Listing(rows, agenda.PACE), "歩み(ポイント/年)", "pace", 0.48)
        said = "".join([findings.slide_sentence(targets, brief.plan.indicators), *agenda.tested(targets)])
        st.html(f'<p class="k-stage k-said">{html.escape(said)}</p>')
    _remarks(entered)
    _rules(brief)


def _remarks(entered: Mapping[str, str]) -> None:
    """要因, 課題 and 今後の方向 where they were entered."""
    lines = "".join(f"<dt>{head}</dt><dd>{html.escape(entered[head])}</dd>" for head in REMARKS if entered.get(head))
    if lines:
        st.html(f'<dl class="k-remarks">{lines}</dl>')


def _breakdown(brief: Brief, slide: Slide) -> None:
    rows, known = slide.listings[0].rows, brief.known
    overall = known[(known["indicator"] == slide.indicator) & (known["fiscal_year"] == rows["fiscal_year"].iloc[0])]
    left, right = st.columns(2, gap="medium")
    with left:
        measured = overall.loc[overall["kind"] != "target", "value"].iloc[0]
        _figure(charts.breakdown_chart(rows, measured), slide.title, f"breakdown_{slide.indicator}")
    with right:
        _listings(brief, slide, 0.48)


def _policies(brief: Brief, slide: Slide) -> None:
    titles = brief.plan.policies.set_index("policy")["title"].to_dict()
    left, right = st.columns(2, gap="medium")
    with left:
        _figure(charts.stage_chart(brief.stages, titles), slide.title, "stages", charts.stage_key(brief.stages))
    with right:
        _listings(brief, slide, 0.48)


_DRAW = {
    "criteria": _criteria,
    "overview": _overview,
    "indicators": _indicator,
    "breakdown": _breakdown,
    "policies": _policies,
}
