"""Labels as plotly's annotations, standing where :mod:`kyodo.labels` says."""

from collections.abc import Iterable, Sequence
from typing import Any

from kyodo import labels
from kyodo.labels import GAP, Frame, Label, Place, Point
from kyodo.palette import CARD


def around(
    shown: Sequence[Label], points: Iterable[Point], lines: Iterable[tuple[Point, Point]], frame: Frame
) -> list[dict[str, Any]]:
    """Labels on one line near their points."""
    places = labels.placed(shown, points, lines, frame)
    return [_annotation(label, place, label.text) for label, place in zip(shown, places, strict=True)]


def beside(shown: Sequence[Label], frame: Frame) -> list[dict[str, Any]]:
    """Labels in the margin to the right of their points, name over value."""
    return [
        {
            **_annotation(label, ("left", "middle", 0), f"{label.name}<br>{label.value}"),
            "align": "left",
            "yshift": round(up),
        }
        for label, up in zip(shown, labels.beside(shown, frame), strict=True)
    ]


def _annotation(label: Label, place: Place, text: str) -> dict[str, Any]:
    across, up, further = place
    return {
        "x": label.x,
        "y": label.y,
        "text": f"<b>{text}</b>" if label.bold else text,
        "showarrow": False,
        "font": {"size": label.size, "color": label.colour},
        "bgcolor": CARD,
        "opacity": 1,
        "borderpad": 0,
        "xanchor": across,
        "yanchor": {"top": "bottom", "middle": "middle", "bottom": "top"}[up],
        "xshift": {"left": GAP, "center": 0, "right": -GAP}[across],
        "yshift": {"top": GAP + further, "middle": 0, "bottom": -GAP - further}[up],
    }
