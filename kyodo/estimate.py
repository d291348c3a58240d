"""How certain a survey's percentage is, and whether a change between two of them is real.

Shares are fractions (0 to 1) here, n may be effective numbers of answers; all functions take numbers
or numpy arrays alike. Intervals are two-sided 95 % unless told otherwise.

>>> low, high = wilson(0.5, 1000)
>>> print(f"{(high - low) / 2:.1%}")
3.1%
"""

from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95


def _z(confidence: float) -> float:
    """The normal quantile of a two-sided interval: 1.959964 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(share, n, confidence: float = CONFIDENCE):
    """Wilson score interval of a share, as ``(low, high)``; (0, 1) where n is 0, nan where n is unknown.

    Source: E. B. Wilson (1927), Journal of the American Statistical Association 22, 209–212.
    """
    share, n = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z2 = _z(confidence) ** 2
    # Multiplied through by n, so that n = 0 gives (0, 1) and an infinite n (a full census) gives the share itself.
    inverse = np.divide(1.0, n, out=np.full(np.broadcast(share, n).shape, np.inf), where=n > 0)
    inverse = np.where(np.isnan(n), np.nan, inverse)
    finite = np.where(np.isinf(inverse), 0.0, inverse)
    centre = (share + z2 * finite / 2) / (1 + z2 * finite)
    half = np.sqrt(z2 * finite * share * (1 - share) + (z2 * finite) ** 2 / 4) / (1 + z2 * finite)
    low = np.where(np.isinf(inverse), 0.0, np.clip(centre - half, 0, 1))
    high = np.where(np.isinf(inverse), 1.0, np.clip(centre + half, 0, 1))
    return low[()], high[()]


def newcombe(share_before, n_before, share_after, n_after, confidence: float = CONFIDENCE):
    """Newcombe's hybrid score interval of ``after − before`` for two independent surveys, as ``(low, high)``.

    Source: R. G. Newcombe (1998), Statistics in Medicine 17, 873–890, method 10.
    """
    before, after = np.asarray(share_before, dtype=float), np.asarray(share_after, dtype=float)
    low_before, high_before = wilson(before, n_before, confidence)
    low_after, high_after = wilson(after, n_after, confidence)
    difference = after - before
    low = difference - np.sqrt((after - low_after) ** 2 + (high_before - before) ** 2)
    high = difference + np.sqrt((high_after - after) ** 2 + (before - low_before) ** 2)
    return low[()], high[()]


def effective_n(sum_w, sum_w2):
    """Kish's effective number of answers under weights, (Σw)² / Σw²; the plain count where all weights are equal."""
    return np.asarray(sum_w, dtype=float) ** 2 / np.asarray(sum_w2, dtype=float)


def finite_n(n, population):
    """Number of answers corrected for a survey that reached a share f of its population: n / (1 − f), f = n / N.

    A full census (n = N) gives infinity: it has no sampling error.
    """
    n, population = np.asarray(n, dtype=float), np.asarray(population, dtype=float)
    left = 1 - n / population
    return np.where(left <= 0, np.inf, n / np.where(left <= 0, 1, left))[()]


def answers_needed(share_before: float, share_after: float, confidence: float = CONFIDENCE) -> int | None:
    """Smallest equal n of both surveys for which the change counts (Newcombe interval without 0).

    None where the shares are equal: no number of answers makes that a change.
    """
    if share_before == share_after:
        return None

    def first(sizes: np.ndarray) -> int:
        """The place of the first size for which the change counts; sizes grow."""
        low, high = newcombe(share_before, sizes, share_after, sizes, confidence)
        return int(((low > 0) | (high < 0)).argmax())

    powers = 2 ** np.arange(62)  # with the last of them every change of a printed percentage counts
    place = first(powers)
    enough, too_few = int(powers[place]), int(powers[place]) // 2
    while enough - too_few > 1:
        tried = np.unique(np.linspace(too_few, enough, 65).astype("int64"))
        place = 1 + first(tried[1:])
        too_few, enough = int(tried[place - 1]), int(tried[place])
    return enough
