"""A question from the floor, answered over the slide: why, since when, who, what if the target were another, by group.

Q opens it with the slide's indicator, Esc goes back; the indicator stands in the address, so that a reload keeps it.
"""

import html

import pandas as pd
import streamlit as st

from kyodo import served, yearview
from kyodo.brief import Brief
from kyodo.findings import fact, indicator_label
from kyodo.fiscal import short_label
from kyodo.groups import group_lines
from kyodo.ui.moments import asked_number
from kyodo.ui.pieces import verdict_mark
from kyodo.ui.tables import table
from kyodo.ui.text import said
from kyodo.wording import percent

FLOOR = "floor"  # the address' key: the number of the indicator asked about
_MOST_YEARS = 12  # of a line of values, at the stage's size
CSS = """
.k-floor, .stMain .k-floor p, .stMain .k-floor dd, .stMain .k-floor dt { font-size:18px; line-height:1.45; color:#000; margin:0; }
.stMain .k-floor { display:grid; grid-template-columns:6.5rem 1fr; gap:.55rem 1rem; } .k-floor dt { font-weight:700; }
.st-key-floor_values table.k-table, .st-key-question label p, .st-key-question button p, .st-key-question input { font-size:18px !important; }
"""


def is_open(brief: Brief) -> bool:
    """Whether the address asks for an indicator there is."""
    return asked_number(FLOOR) in set(brief.plan.indicators["indicator"])


def open_for(number: int) -> None:
    """Ask about an indicator."""
    st.query_params[FLOOR] = str(number)


def close() -> None:
    """Go back to the slide."""
    st.query_params.pop(FLOOR, None)


def _choose() -> None:
    st.query_params[FLOOR] = str(st.session_state[FLOOR])


def show(brief: Brief) -> None:
    """Everything a listener may ask of one indicator, on one screen; another is one click away."""
    numbers = [int(each) for each in brief.plan.indicators["indicator"]]
    st.session_state[FLOOR] = asked = asked_number(FLOOR)
    with st.container(key="question"):
        names = {number: indicator_label(brief.plan.indicators, number) for number in numbers}
        st.html(f'<h1 class="k-finding">ご質問: {html.escape(names[asked])}</h1>')
        st.segmented_control(
            "成果指標", numbers, format_func=names.get, key=FLOOR, on_change=_choose, required=True,
            label_visibility="collapsed", width="stretch",
        )  # fmt: skip
        _values(brief, asked)
        _answers(brief, asked)
        _suppose(brief, asked)


def _values(brief: Brief, number: int) -> None:
    """Since when: the newest values beside each other."""
    known = brief.values_of(number)
    rows = known[known["kind"] != "target"].sort_values("fiscal_year").tail(_MOST_YEARS)
    years = {f"y{year}": short_label(year) for year in rows["fiscal_year"]}
    line = dict(zip(years, rows["value"].map(percent), strict=True))
    with st.container(key="floor_values"):
        table(pd.DataFrame([{"what": "いつから"} | line]), {"what": "年度"} | years, caption="年度ごとの値", grid=True)


def _answers(brief: Brief, number: int) -> None:
    year = yearview.first_year(brief.progress)
    rows = brief.indicator(number).to_dict("records")
    groups = brief.breakdown[brief.breakdown["indicator"] == number] if len(brief.breakdown) else brief.breakdown
    told = {
        "なぜ": [f"{verdict_mark(row['verdict'])} {said(fact(row))}。" for row in rows],
        "だれが": [said(text) for text in served.who_serves(brief.progress, year, number)],
        "区分ごと": [said(text) for text in group_lines(groups)] or ["回答の一覧が登録されていないため、ありません。"],
    }
    lines = "".join(
        f"<dt>{name}</dt><dd>{''.join(f'<p>{each}</p>' for each in texts)}</dd>" for name, texts in told.items()
    )
    st.html(f'<dl class="k-floor">{lines}</dl>')


def _suppose(brief: Brief, number: int) -> None:
    """What if the last target were another: judged by the same rules, kept nowhere."""
    row = brief.indicator(number).to_dict("records")[-1]
    year = row["target_year"]
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    supposed = left.number_input(
        f"もし{short_label(year)}目標が(%)", 0.0, 100.0, row["target"], 0.5, format="%.1f", key=f"floor_{number}_{year}"
    )
    found = brief.supposing(number, {year: supposed}).to_dict("records")[-1]
    right.html(
        f'<div class="k-floor" role="status" style="display:block"><p>{verdict_mark(found["verdict"])} {said(fact(found))}。</p></div>'
    )
