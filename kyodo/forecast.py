"""What the survey of a target's year will probably show, and how likely it reaches the target.

A share p is worked on as the angle asin √p, whose noise is as wide near 0 and 100 as in the middle. A level follows the surveys
and may drift (a local-level filter: a gap of five years counts as five); a quarter of a year's trend is added once. Around it lie
the noise from year to year (the series' own, held towards that of published ones), the sampling error where n is known, the drift.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from statistics import linear_regression

import pandas as pd

from kyodo.rows import Row, rows_by

# Whether the model passed `python -m benchmarks.forecast`; a test runs it and compares. Where False, nothing is forecast.
EARNED = True
BASES = {"sampled": "年ごとの揺れと標本誤差を含む", "unsampled": "年ごとの揺れのみ(回答者数が不明の年がある)"}
_ASKED = ["indicator", "target_year", "target", "actual_year", "actual", "state"]  # what a forecast follows from
_COLUMNS = ["forecast", "forecast_low", "forecast_high", "likelihood", "forecast_basis"]
_T6_95 = 1.94318  # 90 % of Student's t with six degrees lie between ± this: the noise is known from seven series


@dataclass(frozen=True, slots=True)
class Model:
    """The forecast's numbers: three that the benchmark estimates on other cities' series alone, and three set beforehand.

    ``noise``: standard deviation (angle) of a survey around the level, 0.025 being 2.5 points at 50 %. ``drift``: variance the
    level gains a year, a part of noise². ``trend``: years of the least-squares trend that are added. Set: ``own``, changes after
    which a series' own noise weighs as much as the published one; ``jump``, the noises that the newest value may lie off the level
    (a step is followed); ``moves``, the part of noise² that is no sampling error, published surveys taken to have 1,000 answers.
    """

    noise: float = 0.025
    drift: float = 0.1
    trend: float = 0.25
    own: float = 12
    jump: float = 3
    moves: float = 0.6


@dataclass(frozen=True, slots=True)
class Outlook:
    """A series' forecast: newest year, centre (angle), variance of a survey in that year, what a year adds, and the key of BASES."""

    year: int
    centre: float
    variance: float
    drift: float
    basis: str

    def spread(self, year: int) -> float:
        """Standard deviation (angle) of that year's survey."""
        return math.sqrt(self.variance + self.drift * (year - self.year))

    def band(self, year: int) -> tuple[float, float, float]:
        """Value and 90 % interval of that year's survey, in percent."""
        half = _T6_95 * self.spread(year)
        ends = (min(max(self.centre + side * half, 0), math.pi / 2) for side in (0, -1, 1))
        return tuple(100 * math.sin(end) ** 2 for end in ends)

    def chance(self, target: float, year: int) -> float:
        """The chance (fraction) that that year's survey shows the target (percent) or more."""
        return _t6((self.centre - angle(target)) / self.spread(year))


def outlook(years, values, answers=(), model: Model = Model()) -> Outlook | None:
    """The outlook of a series of years and values (percent), in any order; None where fewer than two years are known.

    ``answers``: effective numbers of answers, nan where unknown. They widen or narrow the band and never move it.
    """
    if len({*years}) < 2:
        return None
    points = sorted(zip(years, map(angle, values), answers or [math.nan] * len(years), strict=True))
    times, angles, numbers = zip(*points, strict=True)
    level, noise2, steps = _follow(points, model)
    variances = [model.moves * noise2 + 1 / (4 * n) if n > 0 else noise2 for n in numbers]
    variance, drift = variances[0], noise2 * model.drift
    for (gap, gain), survey in zip(steps, variances[1:], strict=True):
        variance = (1 - gain) ** 2 * (variance + drift * gap) + gain**2 * survey
    slope = linear_regression(times, angles).slope
    basis = "sampled" if all(n > 0 for n in numbers) else "unsampled"
    centre = min(max(level + model.trend * slope, 0), math.pi / 2)  # no share lies beyond: 0 % has an error, too
    return Outlook(int(times[-1]), centre, variance + variances[-1], drift, basis)


def _follow(points: list[tuple], model: Model) -> tuple[float, float, list[tuple[int, float]]]:
    """The level after all points, the series' noise², and of each step the years and the gain."""
    limit = model.jump * model.noise
    level, ratio, surprises, steps = points[0][1], 1.0, 0.0, []
    for (before, _, _), (year, value, _) in pairwise(points):
        ratio += model.drift * (year - before)
        gain = ratio / (ratio + 1)
        surprises += min((value - level) ** 2 / (ratio + 1), limit**2)
        level = min(max(level + gain * (value - level), value - limit), value + limit)
        ratio *= 1 - gain
        steps.append((year - before, gain))
    return level, (model.own * model.noise**2 + surprises) / (model.own + len(steps)), steps


def angle(percent: float) -> float:
    """Percent as the angle asin √p, held within 0 and a right angle."""
    return math.asin(math.sqrt(min(max(percent, 0), 100) / 100))


def _t6(t: float) -> float:
    """Student's distribution with six degrees of freedom, in its closed form."""
    sine2 = t * t / (6 + t * t)
    return 0.5 + math.copysign(math.sqrt(sine2), t) * (1 + (1 - sine2) / 2 + 3 * (1 - sine2) ** 2 / 8) / 2


def add_forecast(assessed: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add forecast, forecast_low, forecast_high (percent, 90 % interval), likelihood (fraction) and forecast_basis.

    ``assessed`` has a row per indicator and target, ``known`` is what :func:`kyodo.measured.observations` returns. NaN and a blank
    basis (else a key of BASES) where the target is not open or not ahead of its actual, or fewer than two years are known.
    """
    series, asked = rows_by(known, "indicator"), assessed.filter(items=_ASKED).to_dict("records")
    rows = [_forecast(row, _outlook_of(row, series[row["indicator"]])) for row in asked]
    added = pd.DataFrame(rows, columns=_COLUMNS, index=assessed.index)
    return assessed.assign(**added.astype(dict.fromkeys(_COLUMNS[:-1], float)))


def forecast_band(known: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Year, value, low, high of one indicator's rows, from its newest value (a point) to its last open target, or nothing."""
    rows = band(known.to_dict("records"), targets.filter(items=_ASKED).to_dict("records"))
    return pd.DataFrame(rows, columns=["year", "value", "low", "high"])


def band(known: Sequence[Row], targets: Sequence[Row]) -> list[tuple[int, float, float, float]]:
    """The same of plain rows."""
    last = max(targets, key=itemgetter("target_year"), default=None)
    found = _outlook_of(last, known) if last else None
    if found is None:
        return []
    ahead = range(found.year + 1, int(last["target_year"]) + 1)
    return [(found.year, *[last["actual"]] * 3), *[(year, *found.band(year)) for year in ahead]]


def _outlook_of(row: Row, known: Sequence[Row]) -> Outlook | None:
    """The outlook from all that the row's indicator showed up to its actual; None where the target is not open."""
    ahead = pd.notna(row["actual_year"]) and row["target_year"] > row["actual_year"]
    if not (EARNED and ahead and row.get("state", "open") == "open"):
        return None
    rows = _measured(known, row["actual_year"])
    return outlook(*map(list, zip(*rows, strict=True))) if rows else None


def _measured(known: Sequence[Row], until: int) -> list[list[float]]:
    """Year, value and effective number of answers of all that was measured up to a year."""
    rows = [row for row in known if row["kind"] != "target" and pd.notna(row["value"]) and row["fiscal_year"] <= until]
    return [[float(row[name]) for name in ("fiscal_year", "value", "n_effective")] for row in rows]


def _forecast(row: Row, ahead: Outlook | None) -> tuple:
    year = row["target_year"]
    return (*ahead.band(year), ahead.chance(row["target"], year), ahead.basis) if ahead else (*[math.nan] * 4, "")


def likelihood_words(likelihood: float) -> str:
    """A chance as it is read: 「34 %(五分五分)」; never 0 or 100 %, since no forecast is certain."""
    percent = math.floor(likelihood * 100 + 0.5)  # half up, and the word follows the number shown
    word = "高い" if percent >= 80 else "低い" if percent <= 20 else "五分五分"
    number = "1 %未満" if percent < 1 else "99 %超" if percent > 99 else f"{percent} %"
    return f"{number}({word})"
