"""One style sheet and one page frame for every screen and for paper."""

import html

import streamlit as st

from kyodo.brief import Brief
from kyodo.fiscal import in_japan, short_label
from kyodo.palette import BAD, CARD, CAUTION, FONT_FAMILY, GOOD, GRID, GROUND, INK, LINE, PRIMARY, QUIET
from kyodo.ui.pieces import say_now
from kyodo.ui.state import AS_OF, brief, show_state_of

CSS = f"""
:root {{ --ground:{GROUND}; --card:{CARD}; --grid:{GRID}; --line:{LINE}; --ink:{INK}; --quiet:{QUIET};
  --good:{GOOD}; --bad:{BAD}; --caution:{CAUTION}; --primary:{PRIMARY}; }}
html, body, .stApp, .stApp button, .stApp input {{ font-family:{FONT_FAMILY}; }}
.stMain .block-container {{ max-width:1480px; padding:4.2rem 2rem 3rem; }}
.stMain h1 {{ font-size:1.75rem; line-height:1.4; padding:0 0 .25rem; }}
.stMain h2 {{ font-size:1.3rem; line-height:1.5; padding:1.2rem 0 .25rem; }}
.stMain h3 {{ font-size:1.06rem; line-height:1.5; padding:.4rem 0 .1rem; }}
.stMain .k-cards, .stMain .k-card, .stMain dl, .stMain dt, .stMain dd, .stMain dl div {{ margin:0; padding:0; }}
.k-lead {{ font-size:1.25rem; line-height:1.7; font-weight:700; margin:0; }}
.k-facts {{ display:flex; flex-wrap:wrap; gap:.25rem 1.5rem; color:var(--quiet); font-size:.875rem; }}
.stMain .k-facts {{ margin:.35rem 0 0; }}
.k-facts dt, .k-facts dd {{ display:inline; }}
.k-facts dt::after {{ content:"："; }}
.k-note {{ color:var(--quiet); font-size:.875rem; line-height:1.7; margin:0; }}
.k-cards {{ display:grid; grid-template-columns:repeat(auto-fit,minmax(220px,1fr)); gap:.9rem; list-style:none; margin:0; padding:0; }}
.stMain .k-card {{ background:var(--card); border:1px solid var(--grid); border-radius:10px; padding:1rem 1.1rem .9rem; display:flex; flex-direction:column; }}
.k-card h3 {{ font-size:.98rem; line-height:1.45; margin:0 0 .3rem; padding:0; min-height:2.9em; }}
.k-card a.k-open {{ color:var(--ink); text-decoration:none; }}
.k-card a.k-open:hover {{ text-decoration:underline; }}
.k-value {{ font-size:2.1rem; font-weight:700; line-height:1.2; }}
.k-value small {{ font-size:.85rem; font-weight:400; color:var(--quiet); margin-left:.45rem; }}
.stMain .k-card dl {{ display:grid; grid-template-columns:auto 1fr; gap:.12rem .5rem; margin:.5rem 0 0; font-size:.9rem; line-height:1.6; }}
.k-card dt {{ color:var(--quiet); white-space:nowrap; }} .k-card dd {{ margin:0; text-align:right; font-variant-numeric:tabular-nums; }}
.k-card img {{ width:100%; height:64px; margin-top:.6rem; }}
.k-verdict {{ display:inline-block; font-weight:700; white-space:nowrap; border:1.5px solid currentColor; border-radius:6px; padding:.02rem .5rem; line-height:1.6; background:var(--card); }}
.k-good {{ color:var(--good); }} .k-bad {{ color:var(--bad); }} .k-caution {{ color:var(--caution); }} .k-even {{ color:var(--quiet); }}
.k-scroll {{ overflow-x:auto; background:var(--card); border:1px solid var(--grid); border-radius:10px; }}
.k-scroll:focus-visible {{ outline:3px solid var(--primary); outline-offset:2px; }}
table.k-table {{ border-collapse:collapse; width:100%; font-size:.92rem; line-height:1.55; }}
table.k-table caption {{ text-align:left; color:var(--quiet); font-size:.85rem; padding:.6rem .8rem .2rem; caption-side:top; }}
table.k-table th, table.k-table td {{ padding:.42rem .7rem; border-bottom:1px solid var(--grid); text-align:left; vertical-align:top; }}
table.k-table thead th {{ background:#F1F1F4; white-space:nowrap; position:sticky; top:0; border-bottom:1px solid var(--line); }}
table.k-table td.k-num, table.k-table th.k-num {{ text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums; }}
table.k-table td.k-short {{ white-space:nowrap; }}
table.k-table tr:last-child td {{ border-bottom:0; }}
ul.k-findings {{ margin:.2rem 0 0; padding-left:1.3rem; line-height:1.85; }}
.stMain .k-list {{ display:grid; grid-template-columns:8.5rem 1fr; gap:.3rem 1rem; background:var(--card); border:1px solid var(--grid); border-radius:10px; padding:.9rem 1.1rem; margin:0; line-height:1.7; }}
.k-list dt {{ color:var(--quiet); }} .k-list dd {{ margin:0; }}
.k-box {{ background:var(--card); border:1px solid var(--grid); border-left:6px solid var(--primary); border-radius:8px; padding:.7rem 1rem; line-height:1.8; }}
.k-box.k-warn {{ border-left-color:var(--bad); }}
.k-past {{ background:#FFF8E5; border:1px solid #B78F00; border-radius:8px; padding:.5rem 1rem; line-height:1.7; }}
.k-sr {{ position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%); white-space:nowrap; }}
.stPlotlyChart {{ background:var(--card); border:1px solid var(--grid); border-radius:10px; overflow:hidden; }}
.stApp a:focus-visible, .stApp button:focus-visible {{ outline:3px solid var(--primary); outline-offset:2px; }}
@media (max-width:640px) {{ .stMain .block-container {{ padding:4.2rem 1rem 2rem; }} .k-lead {{ font-size:1.08rem; }} .k-card h3 {{ min-height:0; }} }}
@media print {{
  @page {{ size:A4 landscape; margin:12mm; }}
  header, [data-testid="stSidebar"], [data-testid="stToolbar"], .stButton, .stDownloadButton, .stFileUploader,
  .stMultiSelect, .stSelectbox, .stTextInput, .stSegmentedControl, .stPills, .stExpander summary svg {{ display:none !important; }}
  .stApp, .stMain {{ background:#fff !important; position:static !important; overflow:visible !important; height:auto !important; }}
  .stMain .block-container {{ padding:0; max-width:none; }}
  .k-scroll {{ overflow:visible; }} .stPlotlyChart, .k-card, tr {{ break-inside:avoid; }}
}}
"""


def page(title: str, lead: str | None = None, *, shown: Brief | None = None) -> Brief:
    """Open a page: style, title, the sentence that answers its question, 時点 and 更新日; returns the brief it shows.

    ``lead`` defaults to the brief's headline.
    """
    shown = shown or brief()
    st.html(f"<style>{CSS}</style>")
    st.title(title, anchor=False)
    st.html(f'<p class="k-lead">{html.escape(shown.headline if lead is None else lead)}</p>{_facts(shown)}')
    say_now()
    if st.session_state.get(AS_OF):
        st.html(f'<p class="k-past" role="status">過去の時点(登録番号{shown.revision})を表示しています。</p>')
        st.button("最新の状態に戻る", on_click=show_state_of, args=(None,), key="back_to_newest")
    return shown


def _facts(shown: Brief) -> str:
    """時点 and 更新日: two separate facts, always visible."""
    years = "・".join(short_label(year) for year in shown.survey_years)
    if shown.changed_at is None:
        changed = "登録はまだありません(計画書の値のみ)"
    else:
        changed = f"{in_japan(shown.changed_at):%Y年%-m月%-d日 %H:%M}(登録番号{shown.revision})"
    return f'<dl class="k-facts"><div><dt>時点</dt><dd>{years}年度調査</dd></div><div><dt>更新日</dt><dd>{changed}</dd></div></dl>'
