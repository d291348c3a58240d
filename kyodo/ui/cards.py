"""The indicators as cards: newest value, verdicts in full, three facts, a small labelled trend; the last field is the key."""

import html
from collections.abc import Mapping, Sequence
from operator import itemgetter
from urllib.parse import quote

import pandas as pd

from kyodo.aims import last_and_next
from kyodo.brief import Brief
from kyodo.findings import distance, forecast_sentence, indicator_names, reason
from kyodo.fiscal import short_label
from kyodo.forecast import likelihood_words
from kyodo.palette import AIM_INK, FONT_FAMILY, GRID, QUIET, SERIES
from kyodo.rows import Row
from kyodo.ui.flow import put
from kyodo.ui.moments import kept as kept_moment
from kyodo.ui.moments import with_moment
from kyodo.ui.once import kept
from kyodo.ui.pieces import verdict_mark
from kyodo.ui.text import said
from kyodo.verdicts import AGAINST
from kyodo.wording import percent, signed

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _LOW = 240, 66, 62, 168, 10, 40  # the trend's picture and the field of its marks
_APART = 34  # pixels two years under the trend need


def cards(shown: Brief) -> None:
    """The indicators as cards, and the key beside the last."""
    put(kept(_cards, shown, kept_moment()))


def _cards(shown: Brief, moment: str) -> str:
    full = indicator_names(shown.plan.indicators, short=False)
    each = "".join(_card(number, full[number], shown, moment) for number in shown.rows)
    return f'<ul class="k-cards">{each}{_KEY}</ul>'


_KEY = """<li class="k-card k-legend"><h2>見方</h2><dl>
<dt>● ◆</dt><dd>実績値と目標値。下は年度、左右は両端の値</dd>
<dt>結果</dt><dd>目標の年度の調査で決まる★達成・☆未達成。後の調査では変わらない</dd>
<dt>見通し</dt><dd>いちばん新しい調査によるこれからの目標の判定</dd>
<dt>差</dt><dd>ポイント。▲はマイナス</dd>
<dt>誤差</dt><dd>標本調査の誤差。回答者数が不明なら未検定</dd></dl></li>"""


def _card(number: int, full: str, shown: Brief, moment: str) -> str:
    """One indicator: newest value, the result of the last target, the outlook of the next, whether the change is real."""
    full, name = html.escape(full), html.escape(shown.labels[number])
    link = html.escape(with_moment(f"indicators?indicator={number}", moment))
    known, told = shown.values[number], last_and_next(shown.rows[number])
    newest = [row for row in known if row["kind"] == "actual"][-1:]
    value = percent(newest[0]["value"]) if newest else "未調査"
    year = f"{short_label(newest[0]['fiscal_year'])}実績" if newest else ""
    targets = "".join(_target(each, shown) for each in told)
    return f"""<li class="k-card"><div class="k-head"><h2><a href="{link}" target="_self" title="{full}">{name}</a></h2><p>{_change(told[-1])}</p></div>
<div class="k-now"><div class="k-value">{value}<small>{year}</small></div>{_trend(known, name)}</div>
<dl>{targets}</dl></li>"""


def _target(row: Mapping, shown: Brief) -> str:
    """A target: the mark in full and the distance; below, whether that is a result or an outlook, by which survey, and why."""
    return (
        f"<dt>{short_label(row['target_year'])}目標{percent(row['target'])}</dt>"
        f"<dd>{verdict_mark(row['verdict'])} <b class='k-w'>{html.escape(distance(row))}</b></dd>"
        f'<dd class="k-why">{said(_why(row, shown))}</dd>'
    )


def _why(row: Mapping, shown: Brief) -> str:
    if row["state"] == "closed":
        survey = f"{short_label(row['actual_year'])}調査 {percent(row['actual'])}"
        return f"結果({survey}): {AGAINST[row['against_target']]}"
    why = reason(row, shown.cutoffs).partition("(")[0]
    if row["state"] == "unmeasured" or not row["verdict"]:
        return f"結果なし: {why}"
    likely = f"、届く見込み{likelihood_words(row['likelihood'])}" if forecast_sentence(row) else ""
    return f"見通し({short_label(row['actual_year'])}調査): {why}{likely}"


def _change(row: Mapping) -> str:
    """The change since the baseline, and whether it is more than sampling error."""
    if pd.isna(row["change"]):
        return "実績値がまだない"
    tested = "" if row["tested"] == "none" else ("誤差を超える" if row["significant"] else "誤差の範囲")
    since = short_label(row["baseline_year"])
    return said(f"{since}から{signed(row['change'])}、{tested or AGAINST['untested']}")


def _trend(known: Sequence[Row], name: str) -> str:
    """A small trend with the newest value and the last target, as an image (inline SVG does not pass Streamlit's filter)."""
    ordered = sorted(known, key=itemgetter("fiscal_year"))
    measured = [row for row in ordered if row["kind"] != "target"]
    targets = [row for row in ordered if row["kind"] == "target"]
    at = _places(known)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, measured))
    ends = sorted([*measured, *targets], key=itemgetter("fiscal_year"))
    marks = _marks([*measured[-1:], *measured[:1], *targets[::-1]], at)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="{html.escape(FONT_FAMILY)}" font-size="14">'
        f'<path d="M{_LEFT} {_LOW + 8}H{_RIGHT}" stroke="{GRID}"/><polyline points="{line}" fill="none" stroke="{SERIES[0]}" stroke-width="2.5"/>'
        f"{marks}{_value(ends[0], at, 'end', -9)}{_value(ends[-1], at, 'start', 9) if len(ends) > 1 else ''}{_years([ends[0], ends[-1], *measured[-1:]], at)}</svg>"
    )
    told = "、".join(f"{short_label(row['fiscal_year'])} {percent(row['value'])}" for row in ends)
    return f'<img src="data:image/svg+xml,{quote(svg)}" alt="{name}の推移: {told}">'


def _places(known: Sequence[Row]):
    years, values = ([row[name] for row in known] for name in ("fiscal_year", "value"))
    span, room = max(max(years) - min(years), 1), max(max(values) - min(values), 1)

    def at(row: Row) -> tuple[float, float]:
        across = _LEFT + (_RIGHT - _LEFT) * (row["fiscal_year"] - min(years)) / span
        return across, _LOW - (_LOW - _TOP) * (row["value"] - min(values)) / room

    return at


def _marks(rows: list[Mapping], at) -> str:
    """The marks in this order, each left out that would touch one before."""
    drawn: list[tuple[float, float]] = []
    made = []
    for row in rows:
        x, y = at(row)
        if all(abs(x - other) + abs(y - up) >= 12 for other, up in drawn):
            drawn.append((x, y))
            made.append(
                f'<path d="M{x - 5:.1f} {y:.1f} L{x:.1f} {y - 5:.1f} L{x + 5:.1f} {y:.1f} L{x:.1f} {y + 5:.1f}Z" fill="{SERIES[1]}"/>'
                if row["kind"] == "target"
                else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{SERIES[0]}"/>'
            )
    return "".join(made)


def _value(row: Mapping, at, anchor: str, aside: int) -> str:
    """A value beside its mark, outside the field of marks."""
    x, y = at(row)
    ink = AIM_INK if row["kind"] == "target" else SERIES[0]
    return (
        f'<text x="{x + aside:.1f}" y="{y + 5:.1f}" text-anchor="{anchor}" fill="{ink}">{percent(row["value"])}</text>'
    )


def _years(rows: list[Mapping], at) -> str:
    """The years under the trend: first, last, and the newest survey's where there is room."""
    shown: list[float] = []
    made = []
    for row in rows:
        x = at(row)[0]
        if all(abs(x - other) >= _APART for other in shown):
            shown.append(x)
            made.append(
                f'<text x="{x:.1f}" y="{_HIGH - 3}" text-anchor="middle" fill="{QUIET}">{short_label(row["fiscal_year"])}</text>'
            )
    return "".join(made)
