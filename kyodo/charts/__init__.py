"""Frames into figures: the only rooms that know plotly. A chart places numbers, it never computes one.

Every function takes what the brief or :mod:`kyodo.items` computed and returns a figure without a template and
without a title: the page sets the finding above it. An empty frame gives an empty figure with a sentence. What is only
counted is no figure but a table (:mod:`kyodo.ui.tables`).
"""

from kyodo.charts.bars import RATIO_KEY, breakdown_chart, gap_chart, ratio_chart, stage_chart, stage_key
from kyodo.charts.frame import CONFIG, empty
from kyodo.charts.trend import indicator_chart

__all__ = [
    "CONFIG", "RATIO_KEY", "breakdown_chart", "empty", "gap_chart", "indicator_chart", "ratio_chart", "stage_chart",
    "stage_key",
]  # fmt: skip
