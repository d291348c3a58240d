"""Bars and points laid out by name: distances to targets, items by stage, groups of answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kyodo.charts.frame import AXIS, counts_axis, empty, figure, ink_on, points_axis
from kyodo.findings import distance
from kyodo.fiscal import short_label
from kyodo.items import NO_PLAN
from kyodo.palette import CARD, FOUR, INK, LINE, SERIES, STEPS, shades
from kyodo.wording import percent, ratio

_TARGET_COLOURS, _PATTERNS = (FOUR[0], FOUR[3], FOUR[2], FOUR[1]), ("", "/", ".", "x")


def stage_key(stages: pd.DataFrame) -> dict[str, str]:
    """The stages a chart shows and the colour of each, in its order."""
    return {stage: shade for stage, shade in shades(stages.columns, NO_PLAN).items() if stages[stage].sum()}


def _names(rows: Sequence[str], height: float) -> list[dict[str, Any]]:
    """The rows' names above their bars, so that long names leave the whole width to the bars."""
    return [
        {
            "text": name,
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": place,
            "yanchor": "bottom",
            "yshift": height,
            "showarrow": False,
            "align": "left",
            "font": {"size": 14},
        }
        for place, name in enumerate(rows)
    ]


def _rows_axis(rows: Sequence[str]) -> dict[str, Any]:
    return {**AXIS, "showticklabels": False, "showgrid": False, "range": [len(rows) - 0.6, -0.85], "showline": False}


def gap_chart(targets: pd.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """実績 − 目標 in points, all indicators and targets; a bar to the left of 0 is short of its target."""
    rows = targets[targets["gap"].notna()]
    if rows.empty:
        return empty("実績値がまだありません。")
    indicators = list(dict.fromkeys(rows["indicator"]))
    years = sorted(rows["target_year"].unique())
    low, high = min(-rows["gap"].max(), -1.0), max(0.0, -rows["gap"].min())
    room = (high - low) * (1.0 if high > 0 else 0.6)  # for the labels beside the longest bars, on a phone too
    heights = {indicator: place for place, indicator in enumerate(indicators)}
    bars = [
        _gap_bars(rows[rows["target_year"] == year], names, heights, place, len(years))
        for place, year in enumerate(years)
    ]
    return figure(
        bars,
        48 + (26 + 22 * len(years)) * len(indicators),
        barmode="overlay",
        margin={"l": 8, "r": 40, "t": 8, "b": 32},
        annotations=_names([names[indicator] for indicator in indicators], 7 + 5 * len(years)),
        xaxis=points_axis(low - room, high + room if high > 0 else 0) | {"zeroline": True, "zerolinecolor": LINE},
        yaxis=_rows_axis(indicators),
    )  # fmt: skip


def _gap_bars(
    rows: pd.DataFrame, names: Mapping[int, str], heights: Mapping[int, int], place: int, count: int
) -> dict[str, Any]:
    """The bars of one year's targets, the year ``place`` of ``count``, beside the height of each indicator."""
    thick = 0.56 / count
    beside = (place - (count - 1) / 2) * (thick + 0.03) + 0.08
    each = rows.to_dict("records")
    year = short_label(each[0]["target_year"])
    return {
        "type": "bar",
        "name": f"{year}目標との差",
        "orientation": "h",
        "y": [heights[row["indicator"]] + beside for row in each],
        "width": thick,
        "x": [-row["gap"] for row in each],
        "text": [f"{year} {distance(row)}" for row in each],
        "textposition": "outside",
        "textfont": {"size": 14},
        "textangle": 0,
        "cliponaxis": False,
        "marker": {
            "color": _TARGET_COLOURS[place % 4],
            "pattern": {"shape": _PATTERNS[place % 4], "fillmode": "overlay", "fgcolor": CARD, "fgopacity": 0.7, "size": 7},
        },
        "hovertext": [f"{names[row['indicator']]}<br>{year}目標 {distance(row)}(ポイント)" for row in each],
        "hoverinfo": "text",
    }  # fmt: skip


def ratio_chart(rows: pd.DataFrame, height: int = 240) -> go.Figure:
    """到達率 and 改善幅率 of each indicator side by side (``rows`` of :func:`kyodo.readable.assessed`)."""
    traces = [
        go.Bar(
            name=title, x=rows["name"], y=rows[column], text=[ratio(value) for value in rows[column]], textposition="outside",
            marker={"color": colour, "line": {"color": LINE, "width": 1}}, cliponaxis=False, textfont={"size": 13},
        )
        for title, column, colour in (("到達率", "attainment", STEPS[1]), ("改善幅率", "improvement", STEPS[3]))
    ]  # fmt: skip
    values = [0.0, 0.1, *rows["attainment"].dropna(), *rows["improvement"].dropna()]
    low, high = min(values), max(values)
    room = (high - low) * 0.4  # for the numbers beyond the bars
    made = figure(traces, height)
    made.update_layout(barmode="group", bargap=0.35, margin={"l": 10, "r": 10, "t": 4, "b": 30})
    made.update_xaxes(**AXIS | {"showgrid": False, "automargin": True})
    made.update_yaxes(visible=False, range=[low - room if low < 0 else 0, high + room])
    return made


RATIO_KEY = {"到達率": STEPS[1], "改善幅率": STEPS[3]}


def stage_chart(stages: pd.DataFrame, titles: Mapping[str, str]) -> go.Figure:
    """Items by policy and stage of one year, stacked, each part labelled."""
    if stages.empty:
        return empty("該当する項目がありません。")
    return _stacked(stages, titles, stage_key(stages))


def _stacked(counts: pd.DataFrame, titles: Mapping[str, str], colours: Mapping[str, str]) -> go.Figure:
    rows = [f"{policy} {_folded(titles[policy])}({total}項目)" for policy, total in counts.sum(axis=1).items()]
    lines = 1 + any("<br>" in row for row in rows)
    most = int(counts.sum(axis=1).max())
    bars = [
        {
            "type": "bar",
            "name": name,
            "orientation": "h",
            "y": list(range(len(rows))),
            "width": 26 / (38 + 20 * lines),
            "x": counts[name].tolist(),
            "text": [f"{name} {count}" if count >= most / 3 else str(count) if count else "" for count in counts[name]],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "textfont": {"color": ink_on(colour), "size": 14},
            "marker": {"color": colour, "line": {"color": LINE, "width": 1}},
            "hovertext": [f"{row}<br>{name} {count}項目" for row, count in zip(rows, counts[name], strict=True)],
            "hoverinfo": "text",
        }
        for name, colour in colours.items()
    ]
    return figure(
        bars,
        46 + (38 + 20 * lines) * len(rows),
        barmode="stack",
        annotations=_names(rows, 14),
        xaxis=counts_axis(most),
        yaxis=_rows_axis(rows),
        margin={"l": 8, "r": 28, "t": 8, "b": 32},
    )


def _folded(name: str, limit: int = 20) -> str:
    """A long name on two lines, folded after its first comma."""
    return name if len(name) <= limit else name.replace("、", "、<br>", 1)


def breakdown_chart(breakdown: pd.DataFrame, overall: float) -> go.Figure:
    """Shares by group with their 95 % intervals, and the overall share as a line; withheld groups are left out."""
    shown = breakdown[breakdown["value"].notna()]
    if shown.empty:
        return empty("表示できる区分がありません(回答が少ない区分は秘匿しています)。")
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": shown["value"].tolist(),
        "y": (shown["group"] + " " + shown["category"] + " <b>" + shown["value"].map(percent) + "</b>").tolist(),
        "marker": {"size": 10, "color": SERIES[0]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (shown["high"] - shown["value"]).tolist(),
            "arrayminus": (shown["value"] - shown["low"]).tolist(),
            "color": SERIES[0],
            "thickness": 1.2,
        },
        "hovertemplate": "%{y}<extra></extra>",
    }
    line = {"type": "line", "x0": overall, "x1": overall, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": LINE, "dash": "dot", "width": 1.5}}  # fmt: skip
    note = {"x": overall, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
            "text": f"全体 {percent(overall)}", "font": {"color": INK}}  # fmt: skip
    return figure(
        [points],
        64 + 28 * len(shown),
        shapes=[line],
        annotations=[note],
        margin={"l": 8, "r": 14, "t": 30, "b": 32},
        xaxis={**AXIS, "ticksuffix": "%", "rangemode": "tozero", "nticks": 5},
        yaxis={**AXIS, "autorange": "reversed", "automargin": True},
    )
