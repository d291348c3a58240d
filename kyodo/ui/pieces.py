"""The pieces pages are made of: verdict marks, cards, real HTML tables, charts with their alt sentence, downloads.

Whatever somebody else wrote is escaped here, so that a name or note with HTML or Markdown shows literally.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from kyodo import access
from kyodo.brief import Brief
from kyodo.charts import CONFIG
from kyodo.errors import Problem
from kyodo.export import csv_bytes
from kyodo.findings import Finding, distance, forecast_sentence, indicator_label, later, reason
from kyodo.fiscal import short_label
from kyodo.forecast import likelihood_words
from kyodo.palette import GRID, LINE, SERIES
from kyodo.schema import Table
from kyodo.ui.moments import AS_OF, with_moment
from kyodo.ui.moments import kept as kept_moment
from kyodo.ui.once import kept
from kyodo.verdicts import VERDICTS
from kyodo.wording import percent, shorten, signed

_NOT_IN_A_NAME = '\\/:*?"<>|'  # signs a file's name cannot have on some desk
_TONES = {"達成": "good", "到達": "good", "順調": "good", "やや遅れ": "caution", "横ばい": "even", "未調査": "even"}


def heading(text: str, level: int = 2) -> None:
    """A heading of the page's outline."""
    (st.header if level == 2 else st.subheader)(text, anchor=False)


def note(text: str) -> None:
    """A quiet sentence under a chart or table: source, 時点, how to read it."""
    st.html(f'<p class="k-note">{html.escape(text)}</p>')


def say(text: str) -> None:
    """A sentence to be seen first, in a frame; nothing for an empty one."""
    if text:
        st.html(f'<p class="k-box">{html.escape(text)}</p>')


def empty(text: str) -> None:
    """An empty state: what is not there and what to do."""
    st.html(f'<p class="k-box" role="status">{html.escape(text)}</p>')


def warn(text: str) -> None:
    """What stands in the way, said at once to screen readers too."""
    st.html(f'<p class="k-box k-warn" role="alert">{html.escape(text)}</p>')


def verdict_mark(verdict: str) -> str:
    """A verdict as HTML: symbol and word in a frame, coloured besides."""
    if not verdict:
        return '<span class="k-verdict k-even">判定なし</span>'
    return f'<span class="k-verdict k-{_TONES.get(verdict, "bad")}">{VERDICTS[verdict]} {verdict}</span>'


def findings(found: Iterable[Finding]) -> None:
    """Generated sentences; the first part of each is a link to the page that shows it."""
    st.html(f'<ul class="k-findings">{"".join(map(_finding, found))}</ul>')


def _finding(each: Finding) -> str:
    first, stop, rest = each.text.partition("。")
    lead = f"<b>{html.escape(first + stop)}</b>"
    link = html.escape(with_moment(each.link, kept_moment()))
    shown = f'<a href="{link}" target="_self">{lead}</a>' if each.link else lead
    return f"<li>{shown}{html.escape(rest)}</li>"


def cards(shown: Brief) -> None:
    """The indicators as cards: newest value and year, verdict and why, change, gap, projection, trend with target."""
    st.html(kept(_cards, shown, kept_moment()))


def _cards(shown: Brief, moment: str) -> str:
    past = {row["indicator"]: row for row in shown.past.to_dict("records")}
    each = "".join(_card(row, past.get(row["indicator"]), shown, moment) for row in shown.upcoming.to_dict("records"))
    return f'<ul class="k-cards">{each}</ul>'


def _card(row: Mapping, past: Mapping | None, shown: Brief, moment: str) -> str:
    """One indicator: newest value, the result of the last target, the outlook of the next."""
    name = html.escape(indicator_label(shown.plan.indicators, row["indicator"], short=False))
    link = html.escape(with_moment(f"indicators?indicator={row['indicator']}&target={row['target_year']}", moment))
    known = shown.values_of(row["indicator"])
    newest = known[known["kind"] == "actual"].sort_values("fiscal_year").tail(1).to_dict("records")
    value = percent(newest[0]["value"]) if newest else "未調査"
    year = f"{short_label(newest[0]['fiscal_year'])}実績" if newest else ""
    change = newest[0]["value"] - row["baseline"] if newest else None
    chips = [each for each in (past, row) if each]
    verdicts = "".join(_chip(each, shown) for each in chips)
    pairs = f"<dt>{short_label(row['baseline_year'])}基準から</dt><dd>{signed(change) or '―'}</dd>"
    pairs += "".join(
        f"<dt>{short_label(each['target_year'])}目標{percent(each['target'])}</dt><dd>{distance(each)}</dd>"
        for each in chips
    )
    return f"""<li class="k-card"><h3><a class="k-open" href="{link}" target="_self">{name}</a></h3>
<div class="k-value">{value}<small>{year}</small></div>
<div class="k-why">{verdicts}</div>
<dl>{pairs}</dl>
{_trend(known, name)}</li>"""


def _chip(row: Mapping, shown: Brief) -> str:
    """A target's verdict: what it is (結果, 見通し and by which survey), the mark, why, and what came later."""
    target = short_label(row["target_year"])
    survey = f"({short_label(row['actual_year'])}時点)" if pd.notna(row["actual_year"]) else ""
    kind = "の結果" if row["state"] != "open" else f"の見通し{survey}"
    why = reason(row, shown.cutoffs) + later(row)
    likely = f"目標に届く見込み {likelihood_words(row['likelihood'])}" if forecast_sentence(row) else ""
    return (
        f"<p><small>{target}目標{kind}</small> {verdict_mark(row['verdict'])} {html.escape(why)}</p>"
        f"{f'<p><small>{likely}</small></p>' if likely else ''}"
    )


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
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{SERIES[0]}"/>' for x, y in map(at, measured.to_dict("records"))
    )
    aims = "".join(
        f'<path d="M{x - 5:.1f} {y:.1f} L{x:.1f} {y - 5:.1f} L{x + 5:.1f} {y:.1f} L{x:.1f} {y + 5:.1f}Z" fill="{SERIES[1]}"/>'
        for x, y in map(at, targets.to_dict("records"))
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 64">'
        f'<path d="M0 58H240" stroke="{GRID}"/><polyline points="{line}" fill="none" stroke="{SERIES[0]}" stroke-width="2.5"/>'
        f'{dots}<g stroke="{LINE}" stroke-width="0">{aims}</g></svg>'
    )
    said = "、".join(
        f"{short_label(row['fiscal_year'])} {percent(row['value'])}"
        for row in known.sort_values("fiscal_year").to_dict("records")
    )
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
    """A table that is only read, as real HTML: printable, read aloud, escaped; the first column heads its row.

    ``titles`` names the columns shown, in order; ``numeric`` are set right, ``short`` are not wrapped, ``raw`` hold
    HTML made by this package.
    """
    kind = dict.fromkeys(numeric, "k-num") | dict.fromkeys(short, "k-short")
    opened = {name: f'class="{kind[name]}"' if name in kind else "" for name in titles}
    head = "".join(f'<th scope="col" {opened[name]}>{html.escape(title)}</th>' for name, title in titles.items())
    first = next(iter(titles))
    tags = {name: ('th scope="row"', "th") if name == first else ("td", "td") for name in titles}
    body = "".join(
        "<tr>"
        + "".join(
            f"<{tags[name][0]} {opened[name]}>{_cell(row[name], name in raw)}</{tags[name][1]}>" for name in titles
        )
        + "</tr>"
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


def chart(
    figure: go.Figure,
    alt: str,
    *,
    key: str,
    title: str = "",
    colours: Mapping[str, str] | None = None,
    source: str = "",
    clickable: bool = False,
) -> list[dict]:
    """A chart on a card: the finding as its title, a key of colours, the figure with its alt sentence, its source.

    Returns the clicked points where ``clickable``.
    """
    with st.container(key=f"figure_{key}", gap=None):
        head = (f'<h3 class="k-title">{html.escape(title)}</h3>' if title else "") + _key(colours or {})
        if head:
            st.html(head)
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
            st.html(_foot(source, title))
    return list(chosen["selection"]["points"]) if clickable else []


def _foot(source: str, title: str) -> str:
    """The source and the button that saves the card as a picture, its source on it (``picture.js``)."""
    name = "".join("_" if sign in _NOT_IN_A_NAME else sign for sign in title or "図")
    return f'''<div class="k-foot"><p class="k-note">{html.escape(source)}</p>
<button type="button" class="k-picture" value="{html.escape(shorten(name, 60))}">画像で保存</button></div>'''


def _key(colours: Mapping[str, str]) -> str:
    """What each colour means, as words beside a field of it."""
    rows = "".join(f'<li><i style="background:{each}"></i>{html.escape(name)}</li>' for name, each in colours.items())
    return f'<ul class="k-key">{rows}</ul>' if rows else ""


def download(label: str, rows: pd.DataFrame, name: str, titles: Mapping[str, str] | None = None) -> None:
    """A button that hands out a table as CSV for Excel (UTF-8 with BOM)."""
    shown = rows[list(titles)] if titles else rows
    st.download_button(
        label,
        lambda: csv_bytes(shown, titles),
        name,
        "text/csv",
        key=f"download_{name}",
        on_click="ignore",
    )


def link(address: str, text: str) -> str:
    """A link of the same tab as HTML, for the ``raw`` columns of a table; it keeps the moment that is looked at."""
    return f'<a href="{html.escape(with_moment(address, kept_moment()))}" target="_self">{html.escape(text)}</a>'


def linked(sentence: str | Iterable[Finding]) -> str:
    """A sentence as HTML; of one given part by part, the parts are links where they have one."""
    parts = [Finding(sentence)] if isinstance(sentence, str) else sentence
    return "".join(link(each.link, each.text) if each.link else html.escape(each.text) for each in parts)


def sentence(parts: Iterable[Finding]) -> None:
    """A finding in large type, its numbers links."""
    st.html(f'<p class="k-lead">{linked(parts)}</p>')


def link_here(text: str, **query: str) -> str:
    """A link to this page as it is filtered now, with the given values in its address."""
    asked = {key: st.query_params.get_all(key) for key in st.query_params if key != AS_OF}
    return link(f"?{urlencode({**asked, **query}, doseq=True)}", text)


def links(texts: Sequence[str], address: str) -> str:
    """Several links, ``{}`` in the address standing for each text."""
    return "・".join(link(address.format(text), text) for text in texts)


def facts(pairs: Mapping[str, str]) -> None:
    """Names and values of one thing, as a definition list; blank ones are left out."""
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in pairs.items() if value
    )
    st.html(f'<dl class="k-list">{rows}</dl>')


def filter_by_click(clicked: Sequence[Mapping], keys: Mapping[str, str], *, key: str) -> None:
    """Turn a new click on a chart into the values of filters: chart axis → the filter widget's key."""
    point = {axis: clicked[0][axis] for axis in keys} if clicked else None
    if point is None or st.session_state.get(f"{key}_seen") == point:
        return
    st.session_state[f"{key}_seen"] = point
    st.session_state[f"{key}_wanted"] = {widget: [point[axis]] for axis, widget in keys.items()}
    st.rerun()


def take_click(key: str) -> None:
    """Set the filters a click asked for; stands before the filter widgets, as their values cannot change after."""
    for widget, values in st.session_state.pop(f"{key}_wanted", {}).items():
        st.session_state[widget] = values


def ask_name(label: str, *, key: str, place: Any = st) -> str:
    """Who signs what is written: the identity somebody vouches for, else a field for the name (of this machine)."""
    if identity := access.person().identity:
        place.html(f'<p class="k-note">署名: {html.escape(identity)}</p>')
        return identity
    return place.text_input(label, key=key, value=st.session_state.get("by", ""), max_chars=60)


def read_only() -> bool:
    """Whether the page's reader may not write; says why, and offers to sign in where that may help."""
    if access.may_write():
        return False
    note(access.why_not())
    if access.rules().sign_in == "login" and not access.person().identity:
        st.button("サインイン", on_click=access.login, key="login")
    return True


def say_later(text: str) -> None:
    """Keep a sentence for the next run of a page, which says it once under its title."""
    st.session_state["said"] = text


def say_now() -> None:
    """Say what an earlier run kept."""
    if text := st.session_state.pop("said", ""):
        st.success(literal(text))


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
