"""Answers into counts and weighted sums, batch by batch, so that ten million respondents need no more memory than one block.

A batch's column is a dictionary of distinct texts and each row's index into it; texts are looked at once per batch, rows
only as integers. Every respondent falls into a class per question: no, yes, no answer, an answer not foreseen.
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
CLASSES = 4
_MAX_CELLS = 200_000  # combinations counted at once
_KNOWN = 100_000  # distinct answers remembered a question
_STRENGTH = np.array([NONE, NO, ODD, YES], dtype=np.int32)  # of several columns the strongest answer counts
_RANK = np.argsort(_STRENGTH).astype(np.int32)


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
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.count, self.weight, self.square

    def grown(self, categories: int) -> "_Sums":
        more = categories - len(self.count)
        return self if more <= 0 else _Sums(*(np.vstack([part, np.zeros((more, CLASSES))]) for part in self.parts))

    def add(self, cells: np.ndarray, weights: np.ndarray | None) -> None:
        """Add rows to the cells they fall into (flat numbers)."""
        shape, size = self.count.shape, self.count.size
        counts = np.bincount(cells, minlength=size).reshape(shape)
        self.count += counts
        for part, given in ((self.weight, weights), (self.square, None if weights is None else weights * weights)):
            part += counts if given is None else np.bincount(cells, weights=given, minlength=size).reshape(shape)

    def take(self, joint: "_Sums", kept: tuple[int, ...]) -> None:
        """Add the combinations' sums over all axes but the kept ones; categories may have appeared since they were counted."""
        others = tuple(axis for axis in range(len(joint.count.shape)) if axis not in kept)
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
        self._overall = {question.indicator: _Sums.zero((1, CLASSES)) for question in self.questions}
        pairs = [(question.indicator, group) for question in self.questions for group in self.groups]
        self._by_group = {pair: _Sums.zero((0, CLASSES)) for pair in pairs}
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
        self.rows += len(classes[0][1])
        axes = self._group_axes(groups)
        shown = len(axes)
        axes += [(table, indices, CLASSES) for table, indices in classes]
        if weights is not None:
            weights = self._checked(weights, classes)
            kept = weights > 0
            if not kept.all():
                weights, axes = weights[kept], [(table, indices[kept], size) for table, indices, size in axes]
        if math.prod(size for _, _, size in axes) > _MAX_CELLS:
            self._flush()
            self._add_singly(axes[:shown], axes[shown:], weights)
        else:
            self._add_jointly(axes, weights)

    def _group_axes(self, groups: Mapping[str, Coded]) -> list[tuple[np.ndarray, np.ndarray, int]]:
        """Each group's table of categories and each row's index into it; groups with too many are dropped."""
        codes = {group: self._codes(group, groups[group]) for group in self._shown}
        if crowded := {group for group in codes if len(self.labels[group]) > MAX_CATEGORIES}:
            self._flush()
            self.dropped |= crowded
        return [(codes[group], groups[group].indices, len(self.labels[group])) for group in self._shown]

    @property
    def _shown(self) -> list[str]:
        return [group for group in self.groups if group not in self.dropped]

    def _add_jointly(self, axes: list[tuple[np.ndarray, np.ndarray, int]], weights: np.ndarray | None) -> None:
        shape = tuple(size for _, _, size in axes)
        if self._joint is None or self._joint.count.shape != shape:
            self._flush()
            self._joint = _Sums.zero(shape)
        self._joint.add(_cells(axes), weights)

    def _add_singly(self, by_group: list[Any], by_question: list[Any], weights: np.ndarray | None) -> None:
        """Count question by question and group by group: for many questions or categories."""
        for question, asked in zip(self.questions, by_question, strict=True):
            self._overall[question.indicator].add(_cells([asked]), weights)
            for group, divided in zip(self._shown, by_group, strict=True):
                self._grown(question.indicator, group).add(_cells([divided, asked]), weights)

    def _grown(self, indicator: int, group: str) -> _Sums:
        """A question's sums by a group, with room for all categories seen so far."""
        sums = self._by_group[indicator, group] = self._by_group[indicator, group].grown(len(self.labels[group]))
        return sums

    def _flush(self) -> None:
        """Draw the sums per question, and per question and group, from the combinations counted so far."""
        if self._joint is None:
            return
        joint, self._joint = self._joint, None
        groups = self._shown
        for place, question in enumerate(self.questions, len(groups)):
            self._overall[question.indicator].take(joint, (place,))
            for axis, group in enumerate(groups):
                self._grown(question.indicator, group).take(joint, (axis, place))

    def _classes(self, question: Question, columns: Sequence[Coded]) -> tuple[np.ndarray, np.ndarray]:
        """A table of classes and each row's index into it; of several columns the strongest answer of a row."""
        tables = [self._table(question, coded) for coded in columns]
        if len(columns) == 1:
            return tables[0], columns[0].indices
        ranks = [_RANK[table][coded.indices] for table, coded in zip(tables, columns, strict=True)]
        return _STRENGTH, np.maximum.reduce(ranks)

    def _table(self, question: Question, coded: Coded) -> np.ndarray:
        """Each distinct text's class; what is not foreseen is counted by its text."""
        known = self._known[question.indicator]
        if len(known) > _KNOWN:
            known.clear()
        for text in coded.texts:
            if text not in known:
                known[text] = question.classify(text)
        table = np.array([known[text][0] for text in coded.texts] or [NONE], dtype=np.int32)
        self.whole_floats += sum(known[text][1] for text in coded.texts)
        if (table == ODD).any():
            counts = np.bincount(coded.indices, minlength=len(coded.texts))
            odd = self.unexpected.setdefault(question.indicator, Counter())
            for position in np.flatnonzero(table == ODD)[:1000]:
                odd[coded.texts[position]] += int(counts[position])
        return table

    def _checked(self, weights: np.ndarray, classes: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """Weights with faulty ones as 0 and remembered; a row without any answer needs none."""
        faulty = ~(np.isfinite(weights) & (weights >= 0))
        self.zero_weights += int((weights == 0).sum())
        if faulty.any():
            blank = np.ones(len(weights), dtype=bool)
            for table, indices in classes:
                blank &= (table == NONE)[indices]
            self.bad_weights |= bool((faulty & ~blank).any())
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
        sums = {question.indicator: self._overall[question.indicator].parts for question in self.questions}
        return [{"indicator": n} | estimate(*(part[0] for part in parts)) for n, parts in sums.items() if self.valid(n)]

    def valid(self, indicator: int) -> int:
        """Number of valid answers to a question."""
        self._flush()
        return int(self._overall[indicator].count[0, :2].sum())

    def unanswered(self, indicator: int) -> int:
        """Number of respondents without an answer to a question."""
        self._flush()
        return int(self._overall[indicator].count[0, NONE])

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
        seen = [place for place in range(len(sums.count)) if sums.count[place].any()]
        pooled, unseen = _too_small(seen, labels, sums)
        for place in seen:
            if place not in pooled:
                shown = {} if place in unseen else estimate(*(part[place] for part in sums.parts))
                yield {"category": labels[place], "withheld": place in unseen} | shown
        if pooled:
            yield self._pool(group, sorted(pooled), sums)

    def _pool(self, group: str, pooled: list[int], sums: _Sums) -> dict[str, Any]:
        """Several categories as one."""
        names = {self.labels[group][place] for place in pooled}
        self.pooled.setdefault(group, set()).update(names)
        name = POOL_UNNAMED if NO_CATEGORY in names else POOL
        name += "(少数の区分)" if name in self.labels[group] else ""
        together = (part[pooled].sum(axis=0) for part in sums.parts)
        return {"category": name, "withheld": False} | estimate(*together)


def _too_small(seen: list[int], labels: Sequence[str], sums: _Sums) -> tuple[set[int], set[int]]:
    """Categories to pool and to withhold; by their names, so that of equals the same is withheld in any order of rows."""
    in_order = sorted(seen, key=labels.__getitem__)
    names = [labels[place] for place in in_order]
    blank = names.index(NO_CATEGORY) if NO_CATEGORY in names else None
    pool, hidden = withheld(sums.count[in_order, :2].sum(axis=1).astype(int), blank)
    return {in_order[place] for place in pool}, {in_order[place] for place in hidden}


def estimate(count: np.ndarray, weight: np.ndarray, square: np.ndarray) -> dict[str, Any]:
    """Weighted share in percent with its interval, from sums by class (0 no, 1 yes)."""
    share = weight[YES] / weight[:2].sum()
    effective = float(effective_n(weight[:2].sum(), square[:2].sum()))
    low, high = wilson(share, effective)
    value, low, high = (100 * float(part) for part in (share, low, high))
    return {"value": value, "n": int(count[:2].sum()), "n_effective": effective, "low": low, "high": high}


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
