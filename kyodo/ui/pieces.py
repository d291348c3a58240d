"""The pieces pages are made of: verdict marks, cards, real HTML tables, charts with their alt sentence, downloads.

Whatever somebody else wrote is escaped here, so that a name or note with HTML or Markdown shows literally.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from kyodo.brief import Brief
from kyodo.charts import CONFIG
from kyodo.errors import Problem
from kyodo.export import csv_bytes
from kyodo.findings import Finding, indicator_label
from kyodo.fiscal import short_label
from kyodo.palette import GRID, LINE, SERIES
from kyodo.progress import VERDICTS
from kyodo.wording import number, percent, points, shorten

_TONES = {"達成": "good", "順調": "good", "やや遅れ": "caution", "横ばい": "even"}


def heading(text: str, level: int = 2) -> None:
    """A heading of the page's outline."""
    (st.header if level == 2 else st.subheader)(text, anchor=False)


def note(text: str) -> None:
    """A quiet sentence under a chart or table: source, 時点, how to read it."""
    st.html(f'<p class="k-note">{html.escape(text)}</p>')


def empty(text: str) -> None:
    """An empty state: what is not there and what to do."""
    st.html(f'<p class="k-box" role="status">{html.escape(text)}</p>')


def verdict_mark(verdict: str) -> str:
    """A verdict as HTML: symbol and word in a frame, coloured besides."""
    if not verdict:
        return '<span class="k-verdict k-even">判定なし</span>'
    return f'<span class="k-verdict k-{_TONES.get(verdict, "bad")}">{VERDICTS[verdict]} {verdict}</span>'


def findings(found: Iterable[Finding]) -> None:
    """Generated sentences, each a link to the page that shows it."""
    rows = "".join(
        f'<li><a href="{html.escape(each.link)}" target="_self">{html.escape(each.text)}</a></li>'
        if each.link
        else f"<li>{html.escape(each.text)}</li>"
        for each in found
    )
    st.html(f'<ul class="k-findings">{rows}</ul>')


def cards(shown: Brief) -> None:
    """The indicators as cards: newest value and year, change, gap to the next target, verdict, trend with target."""
    each = "".join(_card(row, shown) for row in shown.upcoming.to_dict("records"))
    st.html(f'<ul class="k-cards">{each}</ul>')


def _card(row: Mapping, shown: Brief) -> str:
    name = html.escape(indicator_label(shown.plan.indicators, row["indicator"], short=False))
    link = f"indicators?indicator={row['indicator']}&amp;target={row['target_year']}"
    known = shown.known[shown.known["indicator"] == row["indicator"]]
    value = percent(row["actual"]) or "未調査"
    year = f"{short_label(row['actual_year'])}実績" if pd.notna(row["actual_year"]) else ""
    target = short_label(row["target_year"])
    gap = "達成" if row["gap"] <= 0 else f"あと{number(row['gap'])}ポイント"
    return f"""<li class="k-card"><h3><a class="k-open" href="{link}" target="_self">{name}</a></h3>
<div class="k-value">{value}<small>{year}</small></div>
<div>{verdict_mark(row["verdict"])}</div>
<dl><dt>{short_label(row["baseline_year"])}基準から</dt><dd>{points(row["change"]) or "―"}</dd>
<dt>{target}目標{percent(row["target"])}</dt><dd>{gap if pd.notna(row["gap"]) else "―"}</dd></dl>
{_trend(known, name)}</li>"""


def _trend(known: pd.DataFrame, name: str) -> str:
    """A small trend line with its targets, as an image (inline SVG does not pass Streamlit's filter)."""
    measured = known[known["kind"] != "target"].sort_values("fiscal_year")
    targets = known[known["kind"] == "target"]
    years, values = known["fiscal_year"].astype(float), known["value"]
    span, room = max(years.max() - years.min(), 1), max(values.max() - values.min(), 1)

    def at(row: Mapping) -> tuple[float, float]:
        across = 10 + 220 * (row["fiscal_year"] - years.min()) / span
        return across, 52 - 40 * (row["value"] - values.min()) / room

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, measured.to_dict("records")))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{SERIES[0]}"/>' for x, y in map(at, measured.to_dict("records")))
    aims = "".join(
        f'<path d="M{x - 5:.1f} {y:.1f} L{x:.1f} {y - 5:.1f} L{x + 5:.1f} {y:.1f} L{x:.1f} {y + 5:.1f}Z" fill="{SERIES[1]}"/>'
        for x, y in map(at, targets.to_dict("records"))
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 64" preserveAspectRatio="none">'
        f'<path d="M0 58H240" stroke="{GRID}"/><polyline points="{line}" fill="none" stroke="{SERIES[0]}" stroke-width="2.5"/>'
        f'{dots}<g stroke="{LINE}" stroke-width="0">{aims}</g></svg>'
    )
    said = "、".join(f"{short_label(row['fiscal_year'])} {percent(row['value'])}" for row in known.sort_values("fiscal_year").to_dict("records"))
    return f'<img src="data:image/svg+xml,{quote(svg)}" alt="{name}の推移(◆は目標): {said}">'


def table(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    caption: str,
    numeric: Sequence[str] = (),
    short: Sequence[str] = (),
    raw: Sequence[str] = (),
) -> None:
    """A table that is only read, as real HTML: printable, read aloud, escaped.

    ``titles`` names the columns shown, in order; ``numeric`` are set right, ``short`` are not wrapped, ``raw`` hold
    HTML made by this package.
    """
    kind = {name: "k-num" for name in numeric} | {name: "k-short" for name in short}
    head = "".join(f'<th scope="col" class="{kind.get(name, "")}">{html.escape(title)}</th>' for name, title in titles.items())
    body = "".join(
        "<tr>" + "".join(f'<td class="{kind.get(name, "")}">{_cell(row[name], name in raw)}</td>' for name in titles) + "</tr>"
        for row in rows.to_dict("records")
    )
    label = html.escape(caption)
    st.html(
        f'<div class="k-scroll" tabindex="0" role="region" aria-label="{label}"><table class="k-table">'
        f"<caption>{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: object, raw: bool) -> str:
    if isinstance(value, list):
        return html.escape("・".join(map(str, value)))
    if pd.isna(value):
        return ""
    return str(value) if raw else html.escape(str(value))


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


def chart(figure: go.Figure, alt: str, *, key: str, source: str = "", clickable: bool = False) -> list[dict]:
    """A chart with its alt sentence and its source line; returns the clicked points where ``clickable``."""
    chosen = st.plotly_chart(
        figure,
        theme=None,
        config=CONFIG,
        alt=alt,
        key=key,
        on_select="rerun" if clickable else "ignore",
        **({"selection_mode": "points"} if clickable else {}),
    )
    if source:
        note(source)
    return list(chosen["selection"]["points"]) if clickable else []


def download(label: str, rows: pd.DataFrame, name: str, titles: Mapping[str, str] | None = None) -> None:
    """A button that hands out a table as CSV for Excel (UTF-8 with BOM)."""
    shown = rows[list(titles)] if titles else rows
    st.download_button(
        label, lambda: csv_bytes(shown, titles), name, "text/csv", icon=":material/download:", key=f"download_{name}", on_click="ignore"
    )
