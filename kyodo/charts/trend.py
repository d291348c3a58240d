"""An indicator over the years: baseline, actuals with intervals, targets, the straight path, the band of the forecast."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from kyodo.charts import notes
from kyodo.charts.frame import AXIS, empty, figure
from kyodo.fiscal import short_label
from kyodo.forecast import forecast_band
from kyodo.labels import Frame, Label, margin
from kyodo.palette import AIM_INK, BAND, CARD, LINE, QUIET, SERIES
from kyodo.wording import percent

_WIDTH = 300  # pixels to the right of the values' axis on a phone: the narrowest the picture is drawn
_SCALE = 50  # pixels for the widest of the values beside the axis, 37.5%
_TICK = 42  # pixels a year needs on the axis


def indicator_chart(known: pd.DataFrame, targets: pd.DataFrame, height: int = 280) -> go.Figure:
    """One indicator over the years; ``known`` and ``targets`` are its rows of the brief.

    Labelled are the baseline, the newest actual, the targets and the forecast for the last open target's year, whose 90 %
    band widens from the newest actual.
    """
    measured = known[known["kind"] != "target"].sort_values("fiscal_year")
    if measured.empty:
        return empty("値がまだありません。", height)
    way = known[known["kind"] != "actual"].sort_values("fiscal_year")
    band = forecast_band(known, targets)
    pointed = [*zip(band["year"], band["value"], strict=True)][-1:]
    labels = [*_aims(targets), *_newest(measured), *_first(measured), *_pointed(pointed, targets)]
    last = known["fiscal_year"].max()
    ends, within = [each for each in labels if each.x == last], [each for each in labels if each.x < last]
    frame = _frame(known, band, _WIDTH - margin(ends), height)
    corners = [*zip(measured["fiscal_year"], measured["value"], strict=True)]
    aims = [*zip(targets["target_year"], targets["target"], strict=True)]
    bars = [
        ((row["fiscal_year"], row["low"]), (row["fiscal_year"], row["high"]))
        for row in measured[measured["low"].notna()].to_dict("records")
    ]
    lines = [*bars, *_pairs(corners), *_pairs([*zip(way["fiscal_year"], way["value"], strict=True)])]
    return figure(
        [*_forecast(band), _path(way), _measured(measured), _target_marks(targets)],
        height,
        xaxis=_years(known, targets, frame),
        yaxis={**AXIS, "ticksuffix": "%", "nticks": 5, "range": list(frame.y)},
        margin={"l": _SCALE, "r": margin(ends), "t": 10, "b": 26},
        annotations=[
            *notes.around(within, [*corners, *aims, *pointed, *sum(bars, ())], lines, frame),
            *notes.beside(ends, frame),
        ],
    )


def _frame(known: pd.DataFrame, band: pd.DataFrame, width: int, height: int) -> Frame:
    """The ranges of both axes with room for labels, and the narrowest size."""
    reach = pd.concat([known["value"], known["low"], known["high"], band["low"], band["high"]]).dropna()
    room = max(reach.max() - reach.min(), 2) * 0.2
    first, last = int(known["fiscal_year"].min()), int(known["fiscal_year"].max())
    side = max(last - first, 2) * 0.09
    return Frame((first - side, last + side / 6), (reach.min() - room, reach.max() + room), width, height - 40)


def _years(known: pd.DataFrame, targets: pd.DataFrame, frame: Frame) -> dict[str, Any]:
    """An axis that names years with a value: first, last and newest before the others, none touching the next."""
    years = sorted({int(year) for year in known["fiscal_year"]})
    newest = known.loc[known["kind"] == "actual", "fiscal_year"].max()
    apart = _TICK / (frame.width / (frame.x[1] - frame.x[0]))
    shown: list[int] = []
    for year in [years[0], years[-1], *([int(newest)] if pd.notna(newest) else []), *targets["target_year"], *years]:
        if all(abs(year - other) >= apart for other in shown):
            shown.append(int(year))
    return {
        **AXIS,
        "tickvals": sorted(shown),
        "ticktext": [short_label(year) for year in sorted(shown)],
        "range": list(frame.x),
        "showgrid": False,
        "tickangle": 0,
    }


def _newest(measured: pd.DataFrame) -> list[Label]:
    row = measured.iloc[-1]
    return [Label(short_label(row["fiscal_year"]), percent(row["value"]), *_at(row), SERIES[0], size=14, bold=True)]


def _first(measured: pd.DataFrame) -> list[Label]:
    row = measured.iloc[0]
    alone = len(measured) == 1
    return [] if alone else [Label(short_label(row["fiscal_year"]), percent(row["value"]), *_at(row), SERIES[0])]


def _aims(targets: pd.DataFrame) -> list[Label]:
    return [
        Label(f"{short_label(row['target_year'])}目標", percent(row["target"]), row["target_year"], row["target"], AIM_INK, above=True)
        for row in targets.sort_values("target_year", ascending=False).to_dict("records")
    ]  # fmt: skip


def _pointed(line: Sequence[tuple[int, float]], targets: pd.DataFrame) -> list[Label]:
    """What is forecast; nothing where that is the target itself, whose label stands there already."""
    at_target = {(row["target_year"], percent(row["target"])) for row in targets.to_dict("records")}
    return [
        Label("見込み", percent(value), year, value, QUIET)
        for year, value in line
        if (year, percent(value)) not in at_target
    ]


def _said(year: int, value: float) -> str:
    return f"{short_label(year)} {percent(value)}"


def _at(row: pd.Series) -> tuple[int, float]:
    return int(row["fiscal_year"]), float(row["value"])


def _pairs(corners: Sequence[tuple[float, float]]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [*pairwise(corners)]


def _path(way: pd.DataFrame) -> dict[str, Any]:
    """The straight way from the baseline through the dated targets."""
    return {
        "type": "scatter",
        "name": "目標への道すじ",
        "mode": "lines",
        "x": way["fiscal_year"].tolist(),
        "y": way["value"].tolist(),
        "line": {"color": LINE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _forecast(band: pd.DataFrame) -> list[dict[str, Any]]:
    """The band of 90 % and its middle, dashed; nothing where nothing is forecast."""
    if band.empty:
        return []
    last = band.iloc[-1]
    said = f"見込み {_said(last['year'], last['value'])}<br>90%区間 {percent(last['low'])}〜{percent(last['high'])}"
    edge = {"type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "x": band["year"].tolist()}
    return [
        {**edge, "name": "90%区間の下", "y": band["low"].tolist()},
        {**edge, "name": "見込みの90%区間", "y": band["high"].tolist(), "fill": "tonexty", "fillcolor": BAND},
        {
            "type": "scatter",
            "name": "見込み",
            "mode": "lines",
            "x": band["year"].tolist(),
            "y": band["value"].tolist(),
            "line": {"color": SERIES[0], "width": 1.5, "dash": "dash"},
            "cliponaxis": False,
            "hovertemplate": f"{said}<extra></extra>",
        },
    ]


def _measured(measured: pd.DataFrame) -> dict[str, Any]:
    """Baseline and actuals, with their 95 % intervals where n is known."""
    rows = measured.to_dict("records")
    hover = [
        f"{short_label(row['fiscal_year'])} {'基準値' if row['kind'] == 'baseline' else '実績値'} {percent(row['value'])}"
        + (f"<br>95%区間 {percent(row['low'])}〜{percent(row['high'])}" if pd.notna(row["low"]) else "")
        for row in rows
    ]
    known_n = measured["low"].notna()
    return {
        "type": "scatter",
        "name": "基準値・実績値",
        "mode": "lines+markers",
        "x": measured["fiscal_year"].tolist(),
        "y": measured["value"].tolist(),
        "line": {"color": SERIES[0], "width": 2.5},
        "marker": {
            "size": 9 if len(rows) <= 6 else 7,
            "color": [CARD if row["kind"] == "baseline" else SERIES[0] for row in rows],
            "line": {"color": SERIES[0], "width": 2},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (measured["high"] - measured["value"]).where(known_n, 0).tolist(),
            "arrayminus": (measured["value"] - measured["low"]).where(known_n, 0).tolist(),
            "color": SERIES[0],
            "thickness": 1,
            "width": 3,
        },
        "cliponaxis": False,
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _target_marks(targets: pd.DataFrame) -> dict[str, Any]:
    """Targets as diamonds: form as well as colour."""
    rows = targets.sort_values("target_year").to_dict("records")
    return {
        "type": "scatter",
        "name": "目標値",
        "mode": "markers",
        "x": [row["target_year"] for row in rows],
        "y": [row["target"] for row in rows],
        "marker": {"symbol": "diamond", "size": 12, "color": SERIES[1], "line": {"color": CARD, "width": 1}},
        "cliponaxis": False,
        "hovertext": [f"{short_label(row['target_year'])}目標値 {percent(row['target'])}" for row in rows],
        "hoverinfo": "text",
    }
