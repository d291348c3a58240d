"""Answers into counts and weighted sums, batch by batch, so that ten million respondents need no more memory than one block.

A batch's column is a dictionary of distinct texts and each row's index into it; texts are looked at once per batch, rows
only as integers. Every respondent falls into a class per question: 0 no, 1 yes, 2 no answer, 3 an answer not foreseen.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kyodo.estimate import effective_n, wilson
from kyodo.intake.mapping import Question, answer_key

FEWEST = 10  # valid answers a group must have to be shown
NO_CATEGORY = "無回答"
MAX_CATEGORIES = 500
CLASSES = 4
MAX_CELLS = 200_000  # combinations counted at once


@dataclass(frozen=True)
class Coded:
    """One column of a batch: distinct texts and each row's index into them; ``numbers`` instead where all are numbers."""

    texts: Sequence[str]
    indices: np.ndarray
    numbers: np.ndarray | None = None


@dataclass
class _Sums:
    """Counts, sums of weights and of their squares; category × class, or all combinations of a batch's columns."""

    count: np.ndarray
    weight: np.ndarray
    square: np.ndarray

    @classmethod
    def zero(cls, shape: tuple[int, ...]) -> "_Sums":
        return cls(*(np.zeros(shape) for _ in range(3)))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.count.shape

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.count, self.weight, self.square

    def grown(self, categories: int) -> "_Sums":
        more = categories - len(self.count)
        return self if more <= 0 else _Sums(*(np.vstack([part, np.zeros((more, CLASSES))]) for part in self.parts))

    def add(self, cells: np.ndarray, weights: np.ndarray | None) -> None:
        """Add rows to the cells they fall into (flat numbers)."""
        shape, size = self.shape, self.count.size
        counts = np.bincount(cells, minlength=size).reshape(shape)
        self.count += counts
        if weights is None:
            self.weight += counts
            self.square += counts
        else:
            self.weight += np.bincount(cells, weights=weights, minlength=size).reshape(shape)
            self.square += np.bincount(cells, weights=weights * weights, minlength=size).reshape(shape)

    def take(self, joint: "_Sums", kept: tuple[int, ...]) -> None:
        """Add the combinations' sums over all axes but the kept ones; categories may have appeared since they were counted."""
        others = tuple(axis for axis in range(len(joint.shape)) if axis not in kept)
        for own, part in zip(self.parts, joint.parts, strict=True):
            sums = part.sum(axis=others).reshape(-1, CLASSES)
            own[: len(sums)] += sums


def _cells(axes: Sequence[tuple[np.ndarray, np.ndarray, int]]) -> np.ndarray:
    """Each row's flat cell number from (table, indices, size) per axis."""
    stride = math.prod(size for _, _, size in axes)
    cells = 0
    for table, indices, size in axes:
        stride //= size
        cells = cells + (table * np.int32(stride))[indices]
    return cells


@dataclass
class Tally:
    """All sums of one file, fed by ``add``; ``unexpected`` counts answers that no mapping foresees."""

    questions: Sequence[Question]
    groups: Sequence[str]
    rows: int = 0
    unexpected: dict[int, Counter] = field(default_factory=dict)
    whole_floats: int = 0
    bad_weights: bool = False

    def __post_init__(self) -> None:
        """Start at zero."""
        self.dropped: set[str] = set()  # groups with too many categories for a breakdown
        self.categories: dict[str, dict[str, int]] = {group: {} for group in self.groups}
        self.labels: dict[str, list[str]] = {group: [] for group in self.groups}
        self._overall = {question.indicator: _Sums.zero((1, CLASSES)) for question in self.questions}
        self._by_group = {
            (question.indicator, group): _Sums.zero((0, CLASSES))
            for question in self.questions
            for group in self.groups
        }
        self._joint: _Sums | None = None
        self._known: dict[int, dict[str, tuple[int, bool]]] = {question.indicator: {} for question in self.questions}

    def add(self, answers: Mapping[int, Coded], groups: Mapping[str, Coded], weights: np.ndarray | None) -> None:
        """Add one batch: answers by indicator, groups by name, weights per row (NaN where unreadable) or None.

        A batch is counted once, by the combination of all its classes and categories; the sums per question and group
        are drawn from these combinations only when categories appear or at the end.
        """
        classes = [
            (self._classes(question, answers[question.indicator]), answers[question.indicator])
            for question in self.questions
        ]
        self.rows += len(classes[0][1].indices)
        if weights is not None:
            weights = self._checked(weights, answers)
        codes = {group: self._codes(group, groups[group]) for group in self.groups if group not in self.dropped}
        if crowded := {group for group in codes if len(self.labels[group]) > MAX_CATEGORIES}:
            self._flush()
            self.dropped |= crowded
        axes = [
            (codes[group], groups[group].indices, len(self.labels[group]))
            for group in self.groups
            if group not in self.dropped
        ]
        axes += [(table, coded.indices, CLASSES) for table, coded in classes]
        shape = tuple(size for _, _, size in axes)
        if math.prod(shape) > MAX_CELLS:
            self._flush()
            return self._add_singly([table[coded.indices] for table, coded in classes], codes, groups, weights)
        if self._joint is None or self._joint.shape != shape:
            self._flush()
            self._joint = _Sums.zero(shape)
        cells = _cells(axes)
        return self._joint.add(cells, weights)

    def _add_singly(
        self, classes: list[np.ndarray], codes: Mapping[str, np.ndarray], groups: Mapping[str, Coded], weights
    ) -> None:
        """Count question by question and group by group: for many questions or categories."""
        for question, found in zip(self.questions, classes, strict=True):
            self._overall[question.indicator].add(found, weights)
            for group in self.groups:
                if group not in self.dropped:
                    sums = self._grown(question.indicator, group)
                    sums.add(codes[group][groups[group].indices] * CLASSES + found, weights)

    def _grown(self, indicator: int, group: str) -> "_Sums":
        """A question's sums by a group, with room for all categories seen so far."""
        sums = self._by_group[indicator, group] = self._by_group[indicator, group].grown(len(self.labels[group]))
        return sums

    def _flush(self) -> None:
        """Draw the sums per question, and per question and group, from the combinations counted so far."""
        if self._joint is None:
            return
        joint, self._joint = self._joint, None
        groups = [group for group in self.groups if group not in self.dropped]
        for place, question in enumerate(self.questions, len(groups)):
            self._overall[question.indicator].take(joint, (place,))
            for axis, group in enumerate(groups):
                self._grown(question.indicator, group).take(joint, (axis, place))

    def _classes(self, question: Question, coded: Coded) -> np.ndarray:
        """Each distinct text's class; what is not foreseen is counted by its text."""
        known = self._known[question.indicator]
        if len(known) > 100_000:
            known.clear()
        for text in coded.texts:
            if text not in known:
                known[text] = question.classify(text)
        table = np.array([known[text][0] for text in coded.texts] or [2], dtype=np.int32)
        self.whole_floats += sum(known[text][1] for text in coded.texts)
        if (table == 3).any():
            counts = np.bincount(coded.indices, minlength=len(coded.texts))
            odd = self.unexpected.setdefault(question.indicator, Counter())
            for position in np.flatnonzero(table == 3)[:1000]:
                odd[coded.texts[position]] += int(counts[position])
        return table

    def _checked(self, weights: np.ndarray, answers: Mapping[int, Coded]) -> np.ndarray:
        """Weights with faulty ones as 0 and remembered; a row without any answer needs none."""
        faulty = ~(np.isfinite(weights) & (weights > 0))
        if faulty.any():
            blank = np.ones(len(weights), dtype=bool)
            for coded in answers.values():
                blank &= np.array([not answer_key(text) for text in coded.texts] or [True])[coded.indices]
            self.bad_weights |= bool((faulty & ~blank).any())
            weights = np.where(faulty, 0.0, weights)
        return weights

    def _codes(self, group: str, coded: Coded) -> np.ndarray:
        """Each distinct text's category number within a group; the label is the first spelling seen."""
        known, labels = self.categories[group], self.labels[group]
        table = np.empty(max(len(coded.texts), 1), dtype=np.int32)
        for position, text in enumerate(coded.texts):
            key = answer_key(text)
            if key not in known:
                known[key] = len(labels)
                labels.append(text.strip() or NO_CATEGORY)
            table[position] = known[key]
        return table

    def overall(self) -> list[dict]:
        """One row an indicator that has valid answers: value in percent, n, n_effective, interval."""
        self._flush()
        return [
            {"indicator": question.indicator}
            | _estimate(*(part[0] for part in self._overall[question.indicator].parts))
            for question in self.questions
            if self.valid(question.indicator)
        ]

    def valid(self, indicator: int) -> int:
        """Number of valid answers to a question."""
        self._flush()
        return int(self._overall[indicator].count[0, :2].sum())

    def unanswered(self, indicator: int) -> int:
        """Number of respondents without an answer to a question."""
        self._flush()
        return int(self._overall[indicator].count[0, 2])

    def breakdown(self) -> list[dict]:
        """Rows per indicator, group and category; small groups withheld, with the next smallest where they could be derived."""
        self._flush()
        rows = []
        for (indicator, group), sums in self._by_group.items():
            if group in self.dropped:
                continue
            counts, weights, squares = sums.parts
            labels = self.labels[group]
            seen = [position for position in range(len(counts)) if counts[position].any()]
            by_label = sorted(
                seen, key=lambda position: labels[position]
            )  # of equals the same one is withheld in any order of rows
            hidden = dict(zip(by_label, withheld(counts[by_label, :2].sum(axis=1).astype(int)), strict=True))
            for position in seen:
                place = {
                    "indicator": indicator,
                    "group": group,
                    "category": labels[position],
                    "withheld": bool(hidden[position]),
                }
                if not hidden[position]:
                    place |= _estimate(counts[position], weights[position], squares[position])
                rows.append(place)
        return rows


def _estimate(count: np.ndarray, weight: np.ndarray, square: np.ndarray) -> dict:
    """Weighted share in percent with its interval, from sums by class (0 no, 1 yes)."""
    share = weight[1] / weight[:2].sum()
    effective = float(effective_n(weight[:2].sum(), square[:2].sum()))
    low, high = wilson(share, effective)
    return {
        "value": 100 * float(share),
        "n": int(count[:2].sum()),
        "n_effective": effective,
        "low": 100 * float(low),
        "high": 100 * float(high),
    }


def withheld(counts: Sequence[int]) -> np.ndarray:
    """Which categories to withhold: fewer than ten valid answers, and the next smallest where these could be worked out.

    The total is known, so one withheld group is the total less the others; two whose sum is still below ten say as much.

    >>> withheld([100, 4, 30, 50]).tolist(), withheld([100, 50]).tolist()
    ([False, True, True, False], [False, False])
    """
    counts = np.asarray(counts)
    hidden = counts < FEWEST
    protected = hidden & (counts > 0)
    while protected.any() and not hidden.all() and (protected.sum() == 1 or counts[protected].sum() < FEWEST):
        smallest = int(pd.Series(np.where(hidden, np.iinfo(np.int64).max, counts)).idxmin())
        hidden[smallest] = protected[smallest] = True
    return hidden
