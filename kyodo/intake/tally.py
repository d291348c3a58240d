"""Answers into counts and weighted sums, batch by batch, so that ten million respondents need no more memory than one block.

A batch's column is a dictionary of distinct texts and each row's index into it; texts are looked at once per batch, rows
only as integers. Every respondent falls into a class per question: 0 no, 1 yes, 2 no answer, 3 an answer not foreseen.
"""

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


@dataclass(frozen=True)
class Coded:
    """One column of a batch: distinct texts and each row's index into them."""

    texts: Sequence[str]
    indices: np.ndarray


@dataclass
class _Sums:
    """Counts, sums of weights and of their squares by category and class."""

    count: np.ndarray
    weight: np.ndarray
    square: np.ndarray

    @classmethod
    def zero(cls, categories: int) -> "_Sums":
        return cls(*(np.zeros((categories, CLASSES)) for _ in range(3)))

    def grown(self, categories: int) -> "_Sums":
        missing = categories - len(self.count)
        return self if missing <= 0 else _Sums(*(np.vstack([a, np.zeros((missing, CLASSES))]) for a in (self.count, self.weight, self.square)))


@dataclass
class Tally:
    """All sums of one file, fed by ``add``; ``unexpected`` counts answers that no mapping foresees."""

    questions: Sequence[Question]
    groups: Sequence[str]
    weighted: bool = False
    rows: int = 0
    unexpected: dict[int, Counter] = field(default_factory=dict)
    whole_floats: int = 0
    bad_weights: bool = False

    def __post_init__(self) -> None:
        """Start at zero."""
        self.dropped: set[str] = set()  # groups with too many categories for a breakdown
        self.categories: dict[str, dict[str, int]] = {group: {} for group in self.groups}
        self.labels: dict[str, list[str]] = {group: [] for group in self.groups}
        self._overall = {question.indicator: _Sums.zero(1) for question in self.questions}
        self._by_group = {(question.indicator, group): _Sums.zero(0) for question in self.questions for group in self.groups}
        self._known = {question.indicator: {} for question in self.questions}

    def add(self, answers: Mapping[int, Coded], groups: Mapping[str, Coded], weights: np.ndarray | None) -> None:
        """Add one batch: answers by indicator, groups by name, weights per row (NaN where unreadable) or None."""
        classes = {indicator: self._classes(indicator, coded) for indicator, coded in answers.items()}
        size = len(next(iter(classes.values())))
        self.rows += size
        if weights is not None:
            weights = self._checked(weights, answers)
        codes = {group: self._codes(group, coded) for group, coded in groups.items() if group not in self.dropped}
        self.dropped |= {group for group in codes if len(self.labels[group]) > MAX_CATEGORIES}
        for indicator, found in classes.items():
            _accumulate(self._overall[indicator], found, weights)
        for group, code in codes.items():
            if group in self.dropped:
                continue
            base = code * CLASSES
            width = len(self.labels[group])
            for indicator, found in classes.items():
                sums = self._by_group[indicator, group] = self._by_group[indicator, group].grown(width)
                _accumulate(sums, base + found, weights)

    def _classes(self, indicator: int, coded: Coded) -> np.ndarray:
        """Each row's class; what is not foreseen is counted by its text."""
        question = next(question for question in self.questions if question.indicator == indicator)
        known = self._known[indicator]
        for text in coded.texts:
            if text not in known:
                if len(known) > 100_000:
                    known.clear()
                known[text] = question.classify(text)
        table = np.array([known[text][0] for text in coded.texts] or [2], dtype=np.int32)
        self.whole_floats += sum(known[text][1] for text in coded.texts)
        found = table[coded.indices]
        if (table == 3).any():
            counts = np.bincount(coded.indices, minlength=len(coded.texts))
            odd = self.unexpected.setdefault(indicator, Counter())
            for position in np.flatnonzero(table == 3)[:1000]:
                if counts[position]:
                    odd[coded.texts[position]] += int(counts[position])
        return found

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
        """Each row's category number within a group; the label is the first spelling seen."""
        known, labels = self.categories[group], self.labels[group]
        table = np.empty(max(len(coded.texts), 1), dtype=np.int32)
        for position, text in enumerate(coded.texts):
            key = answer_key(text)
            if key not in known:
                known[key] = len(labels)
                labels.append(text.strip() or NO_CATEGORY)
            table[position] = known[key]
        return table[coded.indices]

    def overall(self) -> list[dict]:
        """One row an indicator that has valid answers: value in percent, n, n_effective, interval."""
        return [
            {"indicator": question.indicator} | _estimate(*(part[0] for part in _parts(self._overall[question.indicator])))
            for question in self.questions
            if self.valid(question.indicator)
        ]

    def valid(self, indicator: int) -> int:
        """Number of valid answers to a question."""
        return int(self._overall[indicator].count[0, :2].sum())

    def unanswered(self, indicator: int) -> int:
        """Number of respondents without an answer to a question."""
        return int(self._overall[indicator].count[0, 2])

    def breakdown(self) -> list[dict]:
        """Rows per indicator, group and category; small groups withheld, with the next smallest where they could be derived."""
        rows = []
        for (indicator, group), sums in self._by_group.items():
            if group in self.dropped:
                continue
            counts, weights, squares = _parts(sums)
            answered = counts[:, :2].sum(axis=1) if len(counts) else np.zeros(0)
            hidden = withheld(answered.astype(int))
            for position, category in enumerate(self.labels[group][: len(answered)]):
                place = {"indicator": indicator, "group": group, "category": category, "withheld": bool(hidden[position])}
                if not hidden[position]:
                    place |= _estimate(counts[position], weights[position], squares[position])
                rows.append(place)
        return rows


def _parts(sums: _Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return sums.count, sums.weight, sums.square


def _accumulate(sums: _Sums, cells: np.ndarray, weights: np.ndarray | None) -> None:
    """Add rows to the cells (category × class) they fall into."""
    shape, size = sums.count.shape, sums.count.size
    counts = np.bincount(cells, minlength=size).reshape(shape)
    sums.count += counts
    if weights is None:
        sums.weight += counts
        sums.square += counts
    else:
        sums.weight += np.bincount(cells, weights=weights, minlength=size).reshape(shape)
        sums.square += np.bincount(cells, weights=weights * weights, minlength=size).reshape(shape)


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
