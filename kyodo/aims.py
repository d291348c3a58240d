"""Which of an indicator's targets is spoken of, and how: its next one, the one before, as a result or an outlook."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter

import pandas as pd

from kyodo.rows import Row, grouped

# How a target is spoken of; it waits where its year's survey is overdue.
LIVES = RESULT, WAITING, OUTLOOK = ("結果", "結果待ち", "見通し")


def each_indicator(targets: Iterable[Row]) -> list[list[Row]]:
    """The rows of each indicator, oldest target first."""
    rows = sorted(targets, key=itemgetter("indicator", "target_year"))
    return [*grouped((row["indicator"] for row in rows), rows).values()]


def until_next(rows: Sequence[Row]) -> Sequence[Row]:
    """One indicator's rows, oldest target first, up to its next one.

    That is the first open one whose year has not ended; else the last open one, else the last.
    """
    open_ = [place for place, row in enumerate(rows) if row["state"] == "open"]
    coming = [place for place in open_ if not rows[place]["overdue"]]
    return rows[: 1 + (coming[:1] or open_[-1:] or [len(rows) - 1])[0]]


def last_and_next(rows: Sequence[Row]) -> Sequence[Row]:
    """Of one indicator's rows, oldest target first, the one before its next target (where there is one) and that one."""
    return until_next(rows)[-2:]


def next_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the row of its next target."""
    return _of_each(targets, slice(-1, None))


def last_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the row of the target before its next one; an indicator without one has no row."""
    return _of_each(targets, slice(-2, -1))


def _of_each(targets: pd.DataFrame, which: slice) -> pd.DataFrame:
    rows = targets[["indicator", "target_year", "state", "overdue"]].assign(label=targets.index).to_dict("records")
    found = chain.from_iterable(until_next(own)[which] for own in each_indicator(rows))
    return targets.loc[[row["label"] for row in found]].reset_index(drop=True)


def by_life(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by how their targets are spoken of, one of :data:`LIVES` each; those without a verdict are left out."""
    judged = [row for row in rows if row["verdict"]]
    lives = (WAITING if row["overdue"] else OUTLOOK if row["state"] == "open" else RESULT for row in judged)
    return {life: [] for life in LIVES} | grouped(lives, judged)


def by_year(rows: Iterable[Row], column: str = "target_year") -> dict[int, list[Row]]:
    """Rows by the year in a column, the oldest first."""
    rows = list(rows)
    return dict(sorted(grouped((row[column] for row in rows), rows).items()))
