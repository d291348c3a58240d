"""Answers into counts and weighted sums, batch by batch, so that ten million respondents need no more memory than one block.

A batch's column is a dictionary of distinct texts and each row's index into it; texts are looked at once per batch, rows
only as integers. Every respondent falls into a class per question: no answer, no, yes.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kyodo.estimate import effective_n, wilson
from kyodo.intake.answers import Coded
from kyodo.intake.mapping import NO, NONE, ODD, YES, Question, answer_key

FEWEST = 10  # valid answers a group must have to be shown
NO_CATEGORY = "無回答"
POOL, POOL_UNNAMED = "その他", "その他・無回答"
MAX_CATEGORIES = 500
CLASSES = 3  # an answer not foreseen refuses the file, so it need not be counted
ANSWERED = slice(NO, YES + 1)
_MAX_CELLS = 200_000  # combinations counted at once
_KNOWN = 100_000  # distinct answers remembered a question


# Counts, sums of weights and of their squares: three in the first axis; then category and class, or all combinations of
# a batch's columns.
_Sums = np.ndarray


def _zero(*shape: int) -> _Sums:
    return np.zeros((3, *shape))


def _add(sums: _Sums, cells: np.ndarray, weights: np.ndarray | None) -> None:
    """Add rows to the cells they fall into (flat numbers)."""
    flat, cells = sums.reshape(3, -1), cells.astype(np.intp)
    size = flat.shape[1]
    counts = np.bincount(cells, minlength=size)
    if weights is None:
        flat += counts
    else:
        flat[0] += counts
        flat[1] += np.bincount(cells, weights=weights, minlength=size)
        flat[2] += np.bincount(cells, weights=weights * weights, minlength=size)


_Axis = tuple[np.ndarray, int]  # each row's place along it, and its size


def _cells(axes: Sequence[_Axis]) -> np.ndarray:
    """Each row's flat cell number."""
    cells = np.zeros(len(axes[0][0]), dtype=np.int32)
    for places, size in axes:
        cells *= size
        cells += places
    return cells


def _over_others(joint: _Sums, *kept: int) -> _Sums:
    """The combinations' sums over all axes but the kept ones."""
    return joint.sum(axis=tuple(axis for axis in range(1, joint.ndim) if axis not in kept))


@dataclass
class Tally:
    """All sums of one file, fed by ``add``; ``unexpected`` counts answers that no mapping foresees."""

    questions: list[Question]
    groups: list[str]
    rows: int = 0
    bad_weights: bool = False
    zero_weights: int = 0
    whole_floats: int = 0
    unexpected: dict[int, Counter] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)  # groups with too many categories

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.categories: dict[str, dict[str, int]] = {group: {} for group in self.groups}
        self.labels: dict[str, list[str]] = {group: [] for group in self.groups}
        self.pooled: dict[str, set[str]] = {}
        self._overall = {question.indicator: _zero(1, CLASSES) for question in self.questions}
        pairs = [(question.indicator, group) for question in self.questions for group in self.groups]
        self._by_group = {pair: _zero(0, CLASSES) for pair in pairs}
        self._joint: _Sums | None = None
        self._known: dict[int, dict[str, tuple[int, bool]]] = {question.indicator: {} for question in self.questions}

    def begin_file(self) -> None:
        """Forget what was wrong with the file before."""
        self.bad_weights, self.unexpected = False, {}

    def add(
        self, answers: Mapping[int, Sequence[Coded]], groups: Mapping[str, Coded], weights: np.ndarray | None
    ) -> None:
        """Add one batch: answers by indicator (one column each, or several), groups by name, weights per row or None.

        Weights are NaN where unreadable; a weight of 0 leaves the respondent out. A batch is counted once, by the
        combination of all its classes and categories; the sums per question and group are drawn from these
        combinations only when categories appear or at the end.
        """
        classes = [self._classes(question, answers[question.indicator]) for question in self.questions]
        self.rows += len(classes[0])
        axes = self._group_axes(groups)
        shown = len(axes)
        axes += [(found, CLASSES) for found in classes]
        if weights is not None and not weights.min(initial=1) > 0:
            weights = self._checked(weights, classes)
            kept = weights > 0
            weights, axes = weights[kept], [(places[kept], size) for places, size in axes]
        if math.prod(size for _, size in axes) > _MAX_CELLS:
            self._flush()
            self._add_singly(axes[:shown], axes[shown:], weights)
        else:
            self._add_jointly(axes, weights)

    def _group_axes(self, groups: Mapping[str, Coded]) -> list[_Axis]:
        """Each row's category in each group; groups with too many are dropped."""
        codes = {group: self._codes(group, groups[group]) for group in self._shown}
        if crowded := {group for group in codes if len(self.labels[group]) > MAX_CATEGORIES}:
            self._flush()
            self.dropped |= crowded
        return [
            (codes[group].take(groups[group].indices, mode="clip"), len(self.labels[group])) for group in self._shown
        ]

    @property
    def _shown(self) -> list[str]:
        return [group for group in self.groups if group not in self.dropped]

    def _add_jointly(self, axes: list[_Axis], weights: np.ndarray | None) -> None:
        shape = tuple(size for _, size in axes)
        if self._joint is None or self._joint.shape[1:] != shape:
            self._flush()
            self._joint = _zero(*shape)
        _add(self._joint, _cells(axes), weights)

    def _add_singly(self, by_group: list[_Axis], by_question: list[_Axis], weights: np.ndarray | None) -> None:
        """Count question by question and group by group: for many questions or categories."""
        for question, asked in zip(self.questions, by_question, strict=True):
            _add(self._overall[question.indicator], _cells([asked]), weights)
            for group, divided in zip(self._shown, by_group, strict=True):
                _add(self._grown(question.indicator, group), _cells([divided, asked]), weights)

    def _grown(self, indicator: int, group: str) -> _Sums:
        """A question's sums by a group, with room for all categories seen so far."""
        sums = self._by_group[indicator, group]
        more = len(self.labels[group]) - sums.shape[1]
        self._by_group[indicator, group] = np.pad(sums, ((0, 0), (0, more), (0, 0))) if more else sums
        return self._by_group[indicator, group]

    def _flush(self) -> None:
        """Draw the sums per question, and per question and group, from the combinations counted so far."""
        if self._joint is None:
            return
        joint, self._joint = self._joint, None
        groups = dict(enumerate(self._shown, 1))
        for axis, question in enumerate(self.questions, 1 + len(groups)):
            asked = _over_others(joint, *groups, axis)
            self._overall[question.indicator] += _over_others(asked, asked.ndim - 1)[:, None]
            for of_group, group in groups.items():
                sums = _over_others(asked, of_group, asked.ndim - 1)
                self._grown(question.indicator, group)[:, : sums.shape[1]] += sums  # categories may have appeared since

    def _classes(self, question: Question, columns: Sequence[Coded]) -> np.ndarray:
        """Each row's class; of several columns the highest."""
        return np.maximum.reduce([self._class_of_rows(question, coded) for coded in columns])

    def _class_of_rows(self, question: Question, coded: Coded) -> np.ndarray:
        """Each row's class in one column; what is not foreseen is counted by its text and then no answer."""
        known = self._known[question.indicator]
        if len(known) > _KNOWN:
            known.clear()
        for text in coded.texts:
            if text not in known:
                known[text] = question.classify(text)
        table = np.array([known[text][0] for text in coded.texts] or [NONE], dtype=np.uint8)
        self.whole_floats += sum(known[text][1] for text in coded.texts)
        classes = table.take(coded.indices, mode="clip")
        if classes.max(initial=NONE) == ODD:
            counts = np.bincount(coded.indices, minlength=len(coded.texts))
            odd = self.unexpected.setdefault(question.indicator, Counter())
            for position in np.flatnonzero((table == ODD) & (counts > 0))[:1000]:
                odd[coded.texts[position]] += int(counts[position])
            classes[classes == ODD] = NONE
        return classes

    def _checked(self, weights: np.ndarray, classes: Sequence[np.ndarray]) -> np.ndarray:
        """Weights with faulty ones as 0 and remembered; a row without any answer needs none."""
        faulty = ~(np.isfinite(weights) & (weights >= 0))
        self.zero_weights += int((weights == 0).sum())
        if faulty.any():
            self.bad_weights |= bool((faulty & (np.maximum.reduce(classes) != NONE)).any())
            weights = np.where(faulty, 0.0, weights)
        return weights

    def _codes(self, group: str, coded: Coded) -> np.ndarray:
        """Each distinct text's category number within a group; the label is the first spelling seen."""
        known, labels = self.categories[group], self.labels[group]
        table = np.empty(max(len(coded.texts), 1), dtype=np.int32)
        for position, text in enumerate(coded.texts):
            key = answer_key(text)
            key = "" if key == NO_CATEGORY else key
            if key not in known:
                known[key] = len(labels)
                labels.append(text.strip() if key else NO_CATEGORY)
            table[position] = known[key]
        return table

    def overall(self) -> list[dict[str, Any]]:
        """One row an indicator that has valid answers: value in percent, n, n_effective, interval."""
        self._flush()
        return [{"indicator": n} | estimate(*sums[:, 0]) for n, sums in self._overall.items() if self.valid(n)]

    def valid(self, indicator: int) -> int:
        """Number of valid answers to a question."""
        self._flush()
        return int(self._overall[indicator][0, 0, ANSWERED].sum())

    def unanswered(self, indicator: int) -> int:
        """Number of respondents without an answer to a question."""
        self._flush()
        return int(self._overall[indicator][0, 0, NONE])

    def breakdown(self) -> list[dict[str, Any]]:
        """Rows per indicator, group and category, those too small to show pooled or withheld."""
        self._flush()
        pairs = [(pair, sums) for pair, sums in self._by_group.items() if pair[1] not in self.dropped]
        return [
            {"indicator": indicator, "group": group} | row
            for (indicator, group), sums in pairs
            for row in self._rows_of(group, sums)
        ]

    def _rows_of(self, group: str, sums: _Sums) -> Iterator[dict[str, Any]]:
        """The categories of one question and group, in the order met."""
        labels = self.labels[group]
        seen = np.flatnonzero(sums[0].any(axis=1)).tolist()
        pooled, unseen = _too_small(seen, labels, sums)
        for place in seen:
            if place not in pooled:
                shown = {} if place in unseen else estimate(*sums[:, place])
                yield {"category": labels[place], "withheld": place in unseen} | shown
        if pooled:
            yield self._pool(group, sorted(pooled), sums)

    def _pool(self, group: str, pooled: list[int], sums: _Sums) -> dict[str, Any]:
        """Several categories as one."""
        names = {self.labels[group][place] for place in pooled}
        self.pooled.setdefault(group, set()).update(names)
        name = POOL_UNNAMED if NO_CATEGORY in names else POOL
        name += "(少数の区分)" if name in self.labels[group] else ""
        return {"category": name, "withheld": False} | estimate(*sums[:, pooled].sum(axis=1))


def _too_small(seen: list[int], labels: Sequence[str], sums: _Sums) -> tuple[set[int], set[int]]:
    """Categories to pool and to withhold; by their names, so that of equals the same is withheld in any order of rows."""
    in_order = sorted(seen, key=labels.__getitem__)
    names = [labels[place] for place in in_order]
    blank = names.index(NO_CATEGORY) if NO_CATEGORY in names else None
    pool, hidden = withheld(sums[0, in_order, ANSWERED].sum(axis=1).astype(int), blank)
    return {in_order[place] for place in pool}, {in_order[place] for place in hidden}


def estimate(count: np.ndarray, weight: np.ndarray, square: np.ndarray) -> dict[str, Any]:
    """Weighted share in percent with its interval, from sums by class."""
    share = weight[YES] / weight[ANSWERED].sum()
    effective = float(effective_n(weight[ANSWERED].sum(), square[ANSWERED].sum()))
    low, high = wilson(share, effective)
    value, low, high = (100 * float(part) for part in (share, low, high))
    return {"value": value, "n": int(count[ANSWERED].sum()), "n_effective": effective, "low": low, "high": high}


def withheld(counts: Sequence[int], blank: int | None = None) -> tuple[set[int], set[int]]:
    """Which categories are pooled, and which withheld, so that none under ten answers is shown or can be worked out.

    Categories too small to show are pooled, with those who gave none (at place ``blank``) first. Only if the pool
    itself is under ten is the next smallest withheld with it. Those who gave none hide nobody by themselves.

    >>> withheld([100, 4, 7, 50]), withheld([100, 4, 30]), withheld([518, 600, 8], blank=2), withheld([10, 100])
    (({1, 2}, set()), (set(), {1, 2}), (set(), {2}), (set(), set()))
    """
    sizes = dict(enumerate(map(int, counts)))
    small = {place for place, size in sizes.items() if size < FEWEST}
    named = {place for place in small - {blank} if sizes[place]}
    if not named:
        return set(), small
    pool = named | ({blank} if sizes.get(blank) else set())
    if sum(map(sizes.__getitem__, pool)) >= FEWEST:
        return pool, small - pool
    left = sizes.keys() - pool - small
    return set(), small | pool | ({min(left, key=lambda place: (sizes[place], place))} if left else set())
