"""Frames into figures: the only rooms that know plotly. A chart places numbers, it never computes one.

Every function takes what the brief or :mod:`kyodo.items` computed and returns a figure without a template and
without a title: the page sets the finding above it. An empty frame gives an empty figure with a sentence.
"""

from kyodo.charts.bars import (
    RATIO_KEY,
    breakdown_chart,
    department_chart,
    gap_chart,
    ratio_chart,
    stage_chart,
    stage_key,
    status_chart,
    status_key,
)
from kyodo.charts.frame import CONFIG, empty
from kyodo.charts.grids import actor_map, flow_chart, plan_tree, timeline
from kyodo.charts.trend import indicator_chart

__all__ = [
    "CONFIG",
    "RATIO_KEY",
    "actor_map",
    "breakdown_chart",
    "department_chart",
    "empty",
    "flow_chart",
    "gap_chart",
    "indicator_chart",
    "plan_tree",
    "ratio_chart",
    "stage_chart",
    "stage_key",
    "status_chart",
    "status_key",
    "timeline",
]
