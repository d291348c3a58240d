"""One style sheet and one page frame for every screen and for paper."""

import html
from collections.abc import Sequence

import streamlit as st

from kyodo.brief import Brief
from kyodo.findings import Finding
from kyodo.fiscal import in_japan
from kyodo.palette import (
    BAD,
    CARD,
    CAUTION,
    FONT_FAMILY,
    GOOD,
    GRID,
    GROUND,
    HEAD,
    INK,
    LINE,
    PAST,
    PAST_LINE,
    PRIMARY,
    QUIET,
)
from kyodo.surveys import years_label
from kyodo.ui import moments
from kyodo.ui.pieces import linked, note, say_now
from kyodo.ui.state import brief, record

CSS = f"""
:root {{ --ground:{GROUND}; --card:{CARD}; --grid:{GRID}; --line:{LINE}; --ink:{INK}; --quiet:{QUIET};
  --good:{GOOD}; --bad:{BAD}; --caution:{CAUTION}; --primary:{PRIMARY}; --head:{HEAD}; --past:{PAST}; --past-line:{PAST_LINE}; }}
html, body, .stApp, .stApp button, .stApp input {{ font-family:{FONT_FAMILY}; }}
.stMain .block-container {{ max-width:1480px; padding:4rem 2rem 3rem; }}
.stMain h1 {{ font-size:1.75rem; line-height:1.4; padding:0 0 .2rem; }}
.stMain h2 {{ font-size:1.3rem; line-height:1.5; padding:1rem 0 .2rem; }}
.stMain h3 {{ font-size:1.06rem; line-height:1.5; padding:.4rem 0 .1rem; }}
.stMain .k-cards, .stMain .k-card, .stMain dl, .stMain dt, .stMain dd, .stMain dl div {{ margin:0; padding:0; }}
.k-lead {{ font-size:1.25rem; line-height:1.65; font-weight:700; margin:0; }}
.stMain h2, .stMain h3, .k-lead {{ word-break:auto-phrase; text-wrap:pretty; }}
.k-facts {{ display:flex; flex-wrap:wrap; gap:.25rem 1.5rem; color:var(--quiet); font-size:.9rem; }}
.stMain .k-facts {{ margin:.3rem 0 0; }}
.k-facts dt, .k-facts dd {{ display:inline; }}
.k-facts dt::after {{ content:"："; }}
.k-note {{ color:var(--quiet); font-size:.875rem; line-height:1.7; margin:0; }}
.stApp .stMain a {{ color:var(--primary); text-decoration:underline; text-underline-offset:.18em; }}
.k-cards {{ display:grid; grid-template-columns:repeat(auto-fit,minmax(220px,1fr)); gap:.8rem; list-style:none; margin:0; padding:0; }}
/* a card's five parts stand level with its neighbours', however many lines a name takes */
.stMain .k-card {{ background:var(--card); border:1px solid var(--grid); border-radius:10px; padding:.8rem 1rem .7rem;
  display:grid; grid-row:span 5; grid-template-rows:subgrid; grid-template-columns:100%; row-gap:0; }}
.stMain .k-card h3 {{ font-size:.98rem; line-height:1.45; margin:0 0 .2rem; padding:0; word-break:normal; }}
.stApp .stMain a.k-open {{ color:var(--ink); text-decoration:none; }}
.stApp .stMain a.k-open:hover, .stApp .stMain a.k-open:focus-visible {{ text-decoration:underline; }}
.k-value {{ font-size:2.1rem; font-weight:700; line-height:1.25; }}
.k-value small {{ font-size:.85rem; font-weight:400; color:var(--quiet); margin-left:.45rem; }}
.k-why {{ font-size:.85rem; line-height:1.5; }}
.k-why .k-verdict {{ font-size:.98rem; margin-right:.15rem; }}
.stMain .k-card dl {{ display:grid; grid-template-columns:auto 1fr; gap:.1rem .5rem; margin:.3rem 0 0; font-size:.9rem; line-height:1.55; }}
.k-card dt {{ color:var(--quiet); }} .k-card dd {{ margin:0; text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums; }}
.k-card img {{ width:100%; max-width:300px; height:auto; margin:.4rem auto 0; }}
.k-verdict {{ display:inline-block; font-weight:700; white-space:nowrap; border:1.5px solid currentColor; border-radius:6px; padding:.02rem .5rem; line-height:1.6; background:var(--card); }}
.k-good {{ color:var(--good); }} .k-bad {{ color:var(--bad); }} .k-caution {{ color:var(--caution); }} .k-even {{ color:var(--quiet); }}
.k-scroll {{ overflow:auto; max-height:85vh; background:var(--card); border:1px solid var(--grid); border-radius:10px; }}
.k-scroll:focus-visible, .stMain:focus-visible {{ outline:3px solid var(--primary); outline-offset:2px; }}
table.k-table {{ border-collapse:separate; border-spacing:0; width:100%; font-size:.92rem; line-height:1.55; }}
table.k-table caption {{ text-align:left; color:var(--quiet); font-size:.875rem; padding:.6rem .8rem .2rem; caption-side:top; }}
table.k-table th, table.k-table td {{ padding:.42rem .6rem; border-bottom:1px solid var(--grid); text-align:left; vertical-align:top; font-weight:400; }}
table.k-table thead th {{ background:var(--head); font-weight:700; white-space:nowrap; position:sticky; top:0; border-bottom:1px solid var(--line); }}
table.k-table tbody th {{ min-width:4em; }} .stApp .stMain .k-table a {{ text-underline-offset:.3em; }}
table.k-table td.k-num, table.k-table th.k-num {{ text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums; }}
table.k-table td.k-short, table.k-table th.k-short {{ white-space:nowrap; }}
table.k-table tbody tr:last-child > * {{ border-bottom:0; }}
.stMain ul.k-findings {{ margin:.2rem 0 0; padding-left:1.3rem; line-height:1.7; }} .stMain ul.k-findings li {{ margin:0 0 .45rem; padding:0; font-size:1rem; }}
.stMain .k-list {{ display:grid; grid-template-columns:minmax(6rem,8.5rem) 1fr; gap:.3rem 1rem; background:var(--card); border:1px solid var(--grid); border-radius:10px; padding:.9rem 1.1rem; margin:0; line-height:1.7; }}
.k-list dt {{ color:var(--quiet); }} .k-list dd {{ margin:0; overflow-wrap:anywhere; }}
.k-box {{ background:var(--card); border:1px solid var(--grid); border-left:6px solid var(--primary); border-radius:8px; padding:.7rem 1rem; line-height:1.8; }}
.k-box.k-warn {{ border-left-color:var(--bad); }}
.k-past {{ background:var(--past); border:1px solid var(--past-line); border-radius:8px; padding:.5rem 1rem; line-height:1.7; }}
[class*="st-key-figure_"] {{ background:var(--card); border:1px solid var(--grid); border-radius:10px; padding:.7rem .9rem .6rem; }}
[class*="st-key-figure_"] .k-title {{ font-size:1.06rem; line-height:1.5; padding:0 0 .3rem; margin:0; }}
.st-key-trends .k-title {{ min-height:3em; }}
.stMain ul.k-key {{ display:flex; flex-wrap:wrap; gap:.1rem 1.1rem; list-style:none; margin:0 0 .2rem; padding:0; font-size:.9rem; }}
.stMain ul.k-key li {{ margin:0; padding:0; font-size:.9rem; }}
.k-year p {{ margin:0; white-space:nowrap; line-height:1.5; }} .k-year small {{ font-size:.82rem; color:var(--quiet); }} .k-year em {{ font-style:normal; font-size:.85rem; }}
.k-year em.k-late {{ font-weight:700; color:var(--bad); border-bottom:2px solid var(--bad); }}
.k-key i {{ display:inline-block; width:.95rem; height:.95rem; border:1px solid var(--line); margin-right:.4rem; vertical-align:-.12em; }}
.k-foot {{ display:flex; flex-wrap:wrap; gap:.2rem 1rem; align-items:end; justify-content:end; }} .k-foot .k-note {{ flex:1 1 22em; }}
.k-picture {{ flex:none; font:inherit; font-size:.875rem; color:var(--primary); background:var(--card); border:1px solid var(--line); border-radius:6px; padding:.15rem .7rem; cursor:pointer; }}
.k-picture:hover {{ background:var(--head); }} .k-picture:disabled {{ color:var(--quiet); cursor:progress; }}
.stMain .block-container > div > .stElementContainer .stPlotlyChart {{ background:var(--card); }}
.stApp a:focus-visible, .stApp button:focus-visible {{ outline:3px solid var(--primary); outline-offset:2px; }}
[data-testid="stSkipToContent"]:focus {{ background:var(--card); color:var(--primary); outline:3px solid var(--primary); }}
[data-testid="stToolbar"] [data-testid="stMainMenu"], [data-testid="stAppDeployButton"], [data-testid="stDecoration"] {{ display:none; }}
@media (max-width:640px) {{
  .stMain .block-container {{ padding:4rem 1rem 2rem; }} .k-lead {{ font-size:1.08rem; }}
  .st-key-trends .k-title {{ min-height:0; }} table.k-table td:not(.k-num, .k-short) {{ min-width:9em; }}
  [class*="st-key-figure_"] {{ padding:.6rem .5rem; }}
  :is(.st-key-figure_tree, .st-key-figure_flow, .st-key-figure_timeline) > :has(.stPlotlyChart) {{ overflow-x:auto; }}
  :is(.st-key-figure_tree, .st-key-figure_flow, .st-key-figure_timeline) [data-testid="stFullScreenFrame"] {{ min-width:680px; }}
  [data-testid="stExpandSidebarButton"] {{ width:auto; }} [data-testid="stExpandSidebarButton"]::after {{ content:"メニュー"; padding:0 .3rem; }}
}}
@media print {{
  @page {{ size:A4 landscape; margin:10mm; }}
  header, [data-testid="stSidebar"], [data-testid="stToolbar"], [data-testid="stSkipToContent"], .stButton, .stDownloadButton, .stFileUploader, .k-picture,
  .stMultiSelect, .stSelectbox, .stTextInput, .stCheckbox, .stPopover, .stSegmentedControl, .stPills, .stElementToolbar {{ display:none !important; }}
  html, body, #root, #root > div, .stApp, .stApp > div, [data-testid="stAppViewContainer"], [data-testid="stMain"] {{
    background:#fff !important; position:static !important; overflow:visible !important; height:auto !important; min-height:0 !important; max-height:none !important; }}
  /* a chart keeps the pixels it was drawn with: the widest page of the screen fits the paper at this scale */
  .stMain .block-container {{ padding:0; max-width:none; zoom:.72; }}
  .st-key-figure_timeline, .st-key-figure_tree {{ zoom:.72; }}
  .stHorizontalBlock {{ display:flex !important; flex-flow:row nowrap !important; }}
  .stColumn {{ flex:1 1 0 !important; width:auto !important; min-width:0 !important; }}
  .k-cards {{ grid-template-columns:repeat(5,1fr) !important; }}
  .k-scroll {{ overflow:visible; max-height:none; border-radius:0; }}
  table.k-table {{ font-size:11pt; }} table.k-table thead {{ display:table-header-group; }} table.k-table thead th {{ position:static; }}
  [class*="st-key-figure_"], .k-card, .k-box, .k-list, tr {{ break-inside:avoid; }}
  .stMain h1, .stMain h2, .stMain h3, caption {{ break-after:avoid; }}
  .stApp .stMain a {{ color:var(--ink); text-decoration:none; }}
  * {{ -webkit-print-color-adjust:exact; print-color-adjust:exact; }}
}}
"""


def page(title: str, lead: str | Sequence[Finding] | None = None, *, shown: Brief | None = None) -> Brief:
    """Open a page: style, title, the sentence that answers its question, 時点 and 更新日; returns the brief it shows.

    ``lead`` defaults to the brief's headline; in one given part by part, the parts are links where they have one.
    """
    shown = shown or brief()
    st.html(f"<style>{CSS}</style>")
    st.title(title, anchor=False)
    st.html(f'<p class="k-lead">{linked(shown.headline if lead is None else lead)}</p>{_facts(shown)}')
    say_now()
    for text in moments.ignored():
        note(text)
    if past := moments.chosen(record()):
        st.html(f'<p class="k-past" role="status">過去の時点({html.escape(past.label)})を表示しています。</p>')
        st.button("最新の状態に戻る", on_click=moments.look_at, args=(None,), key="back_to_newest")
    return shown


def _facts(shown: Brief) -> str:
    """時点 and 更新日: two separate facts, always visible."""
    if shown.changed_at is None:
        changed = "登録はまだありません(計画書の値のみ)"
    else:
        at = in_japan(shown.changed_at)
        changed = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}(登録番号{shown.revision})"
    return f'<dl class="k-facts"><div><dt>時点</dt><dd>{years_label(shown.survey_years)}年度調査</dd></div><div><dt>更新日</dt><dd>{changed}</dd></div></dl>'
