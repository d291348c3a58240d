"""What all figures share: ground, type, axes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from kyodo.palette import CARD, FONT_FAMILY, GRID, INK, LINE, QUIET
from kyodo.wording import number

CONFIG = {"displayModeBar": False, "scrollZoom": False}  # saving is the card's: a figure alone has no source on it
AXIS = {
    "gridcolor": GRID,
    "zeroline": False,
    "linecolor": LINE,
    "fixedrange": True,
    "tickfont": {"size": 14},
}


def figure(data: Sequence[Mapping[str, Any]], height: int, **layout: Any) -> go.Figure:
    """A figure in the house's style; ``layout`` adds to it."""
    base = {
        "template": {},
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 32},
        "paper_bgcolor": CARD,
        "plot_bgcolor": CARD,
        "font": {"family": FONT_FAMILY, "size": 14, "color": INK},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"bgcolor": CARD, "font": {"family": FONT_FAMILY, "size": 14, "color": INK}},
        "separators": ".,",
    }
    return go.Figure({"data": list(data), "layout": {**base, **layout}})


def empty(sentence: str, height: int = 160) -> go.Figure:
    """A figure that says why there is nothing to draw."""
    note = {"text": sentence, "showarrow": False, "font": {"size": 14, "color": QUIET}}
    return figure([], height, xaxis={"visible": False}, yaxis={"visible": False}, annotations=[note])


def counts_axis(most: int, **more: Any) -> dict[str, Any]:
    """An axis of numbers of items from zero, the unit at its last tick."""
    return {**AXIS, "range": [0, most], "dtick": _step(most), "ticksuffix": "項目", "showticksuffix": "last", **more}


def points_axis(low: float, high: float) -> dict[str, Any]:
    """An axis of differences in points, ▲ below zero, the unit at its last tick."""
    step = _step(high - low)
    ticks = [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
    texts = [number(tick, digits=0) for tick in ticks]
    return {**AXIS, "range": [low, high], "tickvals": ticks, "ticktext": [*texts[:-1], f"{texts[-1]}ポイント"]}


def _step(span: float) -> int:
    """The distance of an axis' ticks, at most seven of them."""
    return next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if span / step <= 6), 1000)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on that ground."""
    return max((INK, CARD), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG defines it, 1 to 21.

    >>> round(contrast("#000000", "#FFFFFF")), round(contrast("#767676", "#FFFFFF"), 2)
    (21, 4.54)
    """
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
