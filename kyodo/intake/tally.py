"""Answers into counts and weighted sums, batch by batch, so that ten million respondents need no more memory than one block.

A batch's column is a dictionary of distinct texts and each row's index into it; texts are looked at once per batch, rows
only as integers. Every respondent falls into a class per question: no answer, no, yes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kyodo.estimate import effective_n, wilson
from kyodo.intake.mapping import NO, NONE, ODD, YES, Question, answer_key

FEWEST = 10  # valid answers a group must have to be shown
NO_CATEGORY = "無回答"
POOL, POOL_UNNAMED = "その他", "その他・無回答"
MAX_CATEGORIES = 500
CLASSES = 3  # an answer not foreseen refuses the file, so it need not be counted
ANSWERED = slice(NO, YES + 1)
_TOGETHER = 5  # questions counted at once, by the combination of their classes
_EVERYONE = ""  # the group of one category


class Coded(NamedTuple):
    """One column of a batch: distinct texts and each row's index into them."""

    texts: Sequence[str]
    indices: np.ndarray


@dataclass
class Tally:
    """All sums of one file, fed by ``add``; ``unexpected`` counts answers that no mapping foresees."""

    questions: list[Question]
    groups: list[str]
    rows: int = 0
    bad_weights: bool = False
    zero_weights: int = 0
    unexpected: dict[int, Counter] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)  # groups with too many categories

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.labels: dict[str, dict[str, str]] = {group: {} for group in self.groups} | {_EVERYONE: {"": ""}}
        self.pooled: dict[str, set[str]] = {}
        every = self.questions
        self._sets = [every[start : start + _TOGETHER] for start in range(0, len(every), _TOGETHER)]
        # Counts, sums of weights and of their squares, by category and by the class in each question of a set.
        self._sums = {
            (place, group): np.zeros((3, MAX_CATEGORIES, *[CLASSES] * len(asked)))
            for place, asked in enumerate(self._sets)
            for group in self.labels
        }

    def begin_file(self) -> None:
        """Forget what was wrong with the file before."""
        self.bad_weights, self.unexpected = False, {}

    def add(
        self, answers: Mapping[int, Sequence[Coded]], groups: Mapping[str, Coded], weights: np.ndarray | None
    ) -> None:
        """Add one batch: answers by indicator (one column each, or several), groups by name, weights per row or None.

        Weights are NaN where unreadable; a weight of 0 leaves the respondent out.
        """
        classes = {each.indicator: self._classes(each, answers[each.indicator]) for each in self.questions}
        self.rows += len(next(iter(classes.values())))
        codes = {_EVERYONE: 0} | self._categories(groups)
        if weights is not None and not weights.min(initial=1) > 0:
            weights = self._checked(weights, list(classes.values()))
            kept = weights > 0
            weights = weights[kept]
            classes = {indicator: each[kept] for indicator, each in classes.items()}
            codes = {group: each[kept] if group else each for group, each in codes.items()}
        for place, asked in enumerate(self._sets):
            cells = np.zeros(len(classes[asked[0].indicator]), dtype=np.intp)
            for question in asked:
                cells *= CLASSES
                cells += classes[question.indicator]
            for group, found in codes.items():
                _add(self._sums[place, group], cells + found * CLASSES ** len(asked), weights)

    def _categories(self, groups: Mapping[str, Coded]) -> dict[str, np.ndarray]:
        """Each row's category in each group; groups with too many are dropped."""
        codes = {
            group: self._codes(self.labels[group], groups[group]) for group in self.groups if group not in self.dropped
        }
        self.dropped |= {group for group in codes if len(self.labels[group]) > MAX_CATEGORIES}
        return {group: found for group, found in codes.items() if group not in self.dropped}

    def _codes(self, labels: dict[str, str], coded: Coded) -> np.ndarray:
        """Each row's category within a group, of which ``labels`` are the first spellings seen."""
        keys = ["" if (key := answer_key(text)) == NO_CATEGORY else key for text in coded.texts]
        for key, text in zip(keys, coded.texts, strict=True):
            labels.setdefault(key, text.strip() or NO_CATEGORY)
        places = {key: place for place, key in enumerate(labels)}
        return np.array([places[key] for key in keys] or [0], dtype=np.intp).take(coded.indices, mode="clip")

    def _of(self, indicator: int, group: str) -> np.ndarray:
        """One question's sums by a group, drawn from the combinations."""
        numbers = [question.indicator for question in self.questions]
        place, position = divmod(numbers.index(indicator), _TOGETHER)
        sums = self._sums[place, group][:, : len(self.labels[group])]
        return sums.sum(axis=tuple(axis for axis in range(2, sums.ndim) if axis != 2 + position))

    def _classes(self, question: Question, columns: Sequence[Coded]) -> np.ndarray:
        """Each row's class; of several columns the highest."""
        return np.maximum.reduce([self._class_of_rows(question, coded) for coded in columns])

    def _class_of_rows(self, question: Question, coded: Coded) -> np.ndarray:
        """Each row's class in one column; what is not foreseen is counted by its text and then no answer."""
        table = np.array(list(map(question.classify, coded.texts)) or [NONE], dtype=np.uint8)
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

    def overall(self) -> list[dict[str, Any]]:
        """One row an indicator that has valid answers: value in percent, n, n_effective, interval."""
        answered = [question.indicator for question in self.questions if self.valid(question.indicator)]
        return [{"indicator": n} | estimate(*self._of(n, _EVERYONE)[:, 0]) for n in answered]

    def valid(self, indicator: int) -> int:
        """Number of valid answers to a question."""
        return int(self._of(indicator, _EVERYONE)[0, 0, ANSWERED].sum())

    def unanswered(self, indicator: int) -> int:
        """Number of respondents without an answer to a question."""
        return int(self._of(indicator, _EVERYONE)[0, 0, NONE])

    def breakdown(self) -> list[dict[str, Any]]:
        """Rows per indicator, group and category, those too small to show pooled or withheld."""
        shown = [group for group in self.groups if group not in self.dropped]
        return [
            {"indicator": question.indicator, "group": group} | row
            for question in self.questions
            for group in shown
            for row in self._rows_of(group, self._of(question.indicator, group))
        ]

    def _rows_of(self, group: str, sums: np.ndarray) -> Iterator[dict[str, Any]]:
        """The categories of one question and group, in the order met."""
        labels = list(self.labels[group].values())
        seen = np.flatnonzero(sums[0].any(axis=1)).tolist()
        pooled, unseen = _too_small(seen, labels, sums)
        for place in seen:
            if place not in pooled:
                shown = {} if place in unseen else estimate(*sums[:, place])
                yield {"category": labels[place], "withheld": place in unseen} | shown
        if pooled:
            yield self._pool(group, {labels[place] for place in pooled}, sums[:, sorted(pooled)].sum(axis=1))

    def _pool(self, group: str, names: set[str], sums: np.ndarray) -> dict[str, Any]:
        """Several categories as one."""
        self.pooled.setdefault(group, set()).update(names)
        name = POOL_UNNAMED if NO_CATEGORY in names else POOL
        name += "(少数の区分)" if name in self.labels[group].values() else ""
        return {"category": name, "withheld": False} | estimate(*sums)


def _add(sums: np.ndarray, cells: np.ndarray, weights: np.ndarray | None) -> None:
    """Add rows to the cells they fall into (flat numbers)."""
    flat = sums.reshape(3, -1)
    counts = np.bincount(cells)
    if weights is None:
        flat[:, : counts.size] += counts
    else:
        flat[0, : counts.size] += counts
        flat[1, : counts.size] += np.bincount(cells, weights)
        flat[2, : counts.size] += np.bincount(cells, weights * weights)


def _too_small(seen: list[int], labels: Sequence[str], sums: np.ndarray) -> tuple[set[int], set[int]]:
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
