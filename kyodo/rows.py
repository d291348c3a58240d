"""Frames as plain rows, for sentences and for joins of a few rows: to ask a frame of forty columns for one row takes longer than to say it.

What is computed of all rows at once stays a frame.

>>> frame = pd.DataFrame({"indicator": [1, 2, 1], "value": [37.5, 10.8, 37.2]})
>>> rows_by(frame, "indicator")[1]
[{'indicator': 1, 'value': 37.5}, {'indicator': 1, 'value': 37.2}]
>>> grouped(frame["indicator"], frame["value"])
{1: [37.5, 37.2], 2: [10.8]}
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

Row = Mapping[str, Any]


def plain(value: Any) -> Any:
    """A frame's value as JSON knows it: missing and infinite as None, moments as texts, lists as lists."""
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if not isinstance(value, str) and (pd.isna(value) or value in (math.inf, -math.inf)):
        return None
    return value.item() if hasattr(value, "item") else value


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON knows them (:func:`plain`)."""
    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def rows_by(frame: pd.DataFrame, column: str) -> dict[Any, list[dict[str, Any]]]:
    """The rows by what stands in a column, each group in their order; missing is NaN, or None in nullable columns."""
    rows = frame.to_dict("records")
    return grouped((row[column] for row in rows), rows)


def row_by(frame: pd.DataFrame, column: str) -> dict[Any, dict[str, Any]]:
    """The one row of each value that stands in a column."""
    return {row[column]: row for row in frame.to_dict("records")}


def grouped(keys: Iterable[Any], values: Iterable[Any]) -> dict[Any, list[Any]]:
    """The values by key, keys and values as they come."""
    found: dict[Any, list[Any]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(key, []).append(value)
    return found
