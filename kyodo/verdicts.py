"""How far an indicator has come towards its targets, at which pace, and the verdict.

A target has three lives (``state``). It is *open* (見通し) while no survey of its year or later is known, and read
against the newest actual; *closed* (結果) by the survey of its own year, against that actual for ever; *unmeasured*
(未調査) where only a later year was surveyed: then nothing is judged. What was measured after its year is told beside
the verdict and never changes it.

Frames in, frames out. ``assess`` adds one column after another to one row per indicator and target. Values are percentages, gaps and
changes points, ratios fractions, paces points a year; what is undefined is NaN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from kyodo.estimate import answers_needed
from kyodo.measured import add_change, exact, floats, fraction, survey_columns, surveyed, until
from kyodo.rows import Row
from kyodo.wording import number

VERDICTS = {
    "達成": "★", "未達成": "☆", "未調査": "□", "到達": "↑", "順調": "●", "やや遅れ": "◆", "遅れ": "■", "横ばい": "＝", "後退": "▼",
}  # fmt: skip
STATES = {"open": "見通し", "closed": "結果", "unmeasured": "未調査"}
AGAINST = {"clear": "誤差を超える", "within": "誤差の範囲", "untested": "誤差未検定"}


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Where the verdicts change: pace for 順調 and やや遅れ, share of the distance for 横ばい.

    95 and 60 % are those of the European progress method, which measures compound growth; here they are put to the
    straight line. The 10 % of the way follow the US Healthy People programme, which takes 10 % of the baseline where
    an indicator moves away; here it is 10 % of the way on both sides.
    """

    on_track: float = 0.95
    slow: float = 0.60
    flat: float = 0.10

    def moved(self, by: float) -> "Cutoffs":
        """The same with both pace cut-offs moved, to see how close a verdict stands to its neighbour."""
        return replace(self, on_track=self.on_track + by, slow=self.slow + by)

    @property
    def words(self) -> tuple[str, ...]:
        """The three as sentences have them: 「95%」, 「60%」, 「10%」."""
        return tuple(number(each, digits=0, scale=100, unit="%") for each in (self.on_track, self.slow, self.flat))


def assess(known: pd.DataFrame, cutoffs: Cutoffs | None = None, *, today: int | None = None) -> pd.DataFrame:
    """One row per indicator and target, with its state, every distance, pace and verdict.

    ``known`` is what :func:`kyodo.measured.observations` returns; ``today`` is the fiscal year of the moment shown, None where no
    target is to count as overdue. Where there is no actual to read a target against (none at all, or the target is
    unmeasured), everything that needs one is NaN; the verdict is then 未調査, or blank where nothing was ever measured.
    """
    cutoffs = cutoffs or Cutoffs()
    return (
        known.loc[known["kind"] == "target", ["indicator", "fiscal_year", "value"]]
        .rename(columns={"fiscal_year": "target_year", "value": "target"})
        .sort_values(["indicator", "target_year"], ignore_index=True)
        .pipe(add_surveys, known, today)
        .pipe(add_distance)
        .pipe(add_pace)
        .pipe(add_projection, known)
        .pipe(add_change)
        .pipe(add_verdict, cutoffs)
        .pipe(add_against_target)
        .pipe(add_later)
    )


def add_surveys(frame: pd.DataFrame, known: pd.DataFrame, today: int | None = None) -> pd.DataFrame:
    """Add ``state`` (a key of :data:`STATES`), ``overdue``, and the surveys that count for each target.

    ``baseline`` and ``actual`` come with year, numbers of answers and interval; ``before``, ``after`` and ``later`` with year
    and value (:class:`_Reading`).
    """
    baselines, actuals = surveyed(known, "baseline"), surveyed(known, "actual")
    aims = zip(frame["indicator"].tolist(), frame["target_year"].tolist(), strict=True)
    read = [_read(year, baselines.get(number, [None])[0], actuals.get(number, [])) for number, year in aims]
    state = pd.Series([each.state for each in read], index=frame.index, dtype="str")
    columns: dict[str, pd.array] = {}
    for name in _Reading._fields[1:]:
        surveys = [getattr(each, name) for each in read]
        columns |= survey_columns(name, surveys, briefly=name not in ("baseline", "actual"))
    over = frame["target_year"] < (today or 0)
    return frame.assign(state=state, overdue=(state.eq("open") & over).astype("boolean"), **columns)


class _Reading(NamedTuple):
    """A target's state and the surveys it is read with.

    ``actual`` is the target's own year's for a closed one, the newest for an open one; ``before`` the one before that, or before
    the target's year where that was not surveyed; ``after`` the first one after the target's year, ``later`` the newest such.
    """

    state: str
    baseline: Row | None
    actual: Row | None
    before: Row | None
    after: Row | None
    later: Row | None


def _read(target: int, baseline: Row | None, actuals: Sequence[Row]) -> _Reading:
    """How a target of that year stands after these actuals of its indicator, oldest first."""
    own = {each["fiscal_year"]: each for each in actuals}.get(target)
    after = [each for each in actuals if each["fiscal_year"] > target]
    state = "closed" if own else "unmeasured" if after else "open"
    actual = {"closed": own, "unmeasured": None, "open": [None, *actuals][-1]}[state]
    before = until(actuals, actual["fiscal_year"] if actual else target)
    return _Reading(state, baseline, actual, before, [*after, None][0], [None, *after][-1])


def add_distance(frame: pd.DataFrame) -> pd.DataFrame:
    """Add gap (points still to go), attainment and improvement (fractions)."""
    return frame.assign(
        gap=exact(frame["target"] - frame["actual"]),
        attainment=fraction(frame["actual"], frame["target"]),
        improvement=fraction(frame["actual"] - frame["baseline"], frame["target"] - frame["baseline"]),
    )


def add_pace(frame: pd.DataFrame) -> pd.DataFrame:
    """Add elapsed and pace (fractions), pace_so_far, pace_lately and pace_needed (points a year)."""
    began, read, before, ends = (floats(frame[f"{name}_year"]) for name in ("baseline", "actual", "before", "target"))
    left = ends - read
    elapsed = fraction(read - began, ends - began)
    return frame.assign(
        elapsed=elapsed,
        pace=fraction(frame["improvement"], elapsed).where(left > 0),
        pace_so_far=fraction(frame["actual"] - frame["baseline"], read - began),
        pace_lately=fraction(frame["actual"] - frame["before"], read - before),
        pace_needed=fraction(frame["gap"], left).where(left > 0),
    )


def add_projection(frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add ``projection``: the least-squares line through baseline and all actuals at the year of an open target.

    It is held within 0 and 100; ``projection_held`` says where. A calculation, never a forecast.
    """
    lines = trend_lines(known)
    line = lines.reindex(frame["indicator"]).set_axis(frame.index)
    reading = line["level"] + line["slope"] * (floats(frame["target_year"]) - line["centre"])
    reading = reading.where((frame["state"] == "open") & frame["actual"].notna())
    held = reading.clip(0, 100)
    return frame.assign(projection=exact(held), projection_held=(reading - held).abs() > 1e-9)


def trend_lines(known: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the least-squares line ``level + slope × (year − centre)``; NaN with fewer than two points."""
    points = known[known["kind"] != "target"]
    points = points[["indicator", "value"]].assign(year=floats(points["fiscal_year"]))
    own = points.groupby("indicator")
    means, apart = own[["year", "value"]].mean(), points["year"] - own["year"].transform("mean")
    sums = pd.DataFrame({"spread": apart**2, "moved": apart * points["value"]}).groupby(points["indicator"]).sum()
    spread = sums["spread"].where(sums["spread"] > 0)
    lines = {"centre": means["year"], "level": means["value"], "slope": sums["moved"] / spread}
    return pd.DataFrame(lines).where(spread.notna(), axis=0)


def add_verdict(frame: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """Add the verdict; the first rule that applies decides, a blank where none can (nothing was measured)."""
    distance = (frame["target"] - frame["baseline"]).abs()
    within = exact(frame["change"].abs()) < exact(cutoffs.flat * distance)
    flat = (~frame["significant"]).fillna(within).astype(bool)
    closed, reached = frame["state"] == "closed", frame["gap"] <= 0
    rules = [
        ("未調査", frame["state"] == "unmeasured"),
        ("", frame["actual"].isna()),
        ("達成", closed & reached),
        ("未達成", closed),
        ("到達", reached),
        ("横ばい", flat),
        ("後退", frame["change"] < 0),
        ("順調", frame["pace"] >= cutoffs.on_track),
        ("やや遅れ", frame["pace"] >= cutoffs.slow),
        ("遅れ", frame["pace"] < cutoffs.slow),
    ]
    return frame.assign(verdict=np.select([rule for _, rule in rules], [word for word, _ in rules], ""))


def add_against_target(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``against_target``: whether the sample of the actual can tell it from the target.

    A key of :data:`AGAINST` for 達成, 未達成 and 到達, blank for the other verdicts.
    """
    outside = (frame["target"] < frame["actual_low"]) | (frame["target"] > frame["actual_high"])
    word = np.select([frame["actual_low"].isna(), outside], ["untested", "clear"], "within")
    asked = frame["verdict"].isin(["達成", "未達成", "到達"])
    return frame.assign(against_target=pd.Series(word, index=frame.index).where(asked, ""))


def add_later(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``later_reaches``: whether what was measured after a target's year reaches it; missing where nothing was."""
    reaches = (exact(frame["later"]) >= frame["target"]).astype("boolean")
    return frame.assign(later_reaches=reaches.mask(frame["later"].isna()))


def basis(assessed: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """What neighbouring rules would say of every open target; a result leaves nothing to a rule.

    Returns indicator, target_year, rule, measure (a fraction), verdict: the verdict itself, attainment alone
    and the ratio of compound growth with the same cut-offs, and the verdict with the cut-offs moved by 5 points.
    """
    assessed = assessed[(assessed["state"] == "open") & assessed["actual"].notna()]
    compound = fraction(
        _growth(assessed["actual"], assessed["baseline"], assessed["actual_year"] - assessed["baseline_year"]),
        _growth(assessed["target"], assessed["baseline"], assessed["target_year"] - assessed["baseline_year"]),
    )
    readings = {
        "この判定": (assessed["pace"], assessed["verdict"]),
        "到達率だけで見ると": (assessed["attainment"], _by_cutoffs(assessed["attainment"], assessed["gap"], cutoffs)),
        "複利の伸び率で見ると": (compound, _by_cutoffs(compound, assessed["gap"], cutoffs)),
        "区切りを5ポイント厳しくすると": (assessed["pace"], add_verdict(assessed, cutoffs.moved(0.05))["verdict"]),
        "区切りを5ポイント緩くすると": (assessed["pace"], add_verdict(assessed, cutoffs.moved(-0.05))["verdict"]),
    }
    keys = assessed[["indicator", "target_year"]]
    rows = [keys.assign(rule=rule, measure=measure, verdict=word) for rule, (measure, word) in readings.items()]
    return pd.concat(rows).sort_values(["indicator", "target_year"], kind="stable", ignore_index=True)


def answers_needed_for(row: Mapping[str, float]) -> int | None:
    """How many answers a year (equal in both) the observed change would have taken to count; None for no change."""
    return answers_needed(row["baseline"] / 100, row["actual"] / 100)


def _growth(value: pd.Series, start: pd.Series, years: pd.Series) -> pd.Series:
    """Compound growth a year as a fraction; NaN where it is not defined."""
    years = floats(years)
    return (value / start.where(start > 0)) ** (1 / years.where(years > 0)) - 1


def _by_cutoffs(measure: pd.Series, gap: pd.Series, cutoffs: Cutoffs) -> np.ndarray:
    """A measure judged by the pace's cut-offs alone; blank where it is undefined."""
    rules = [gap <= 0, measure >= cutoffs.on_track, measure >= cutoffs.slow, measure < cutoffs.slow]
    return np.select(rules, ["到達", "順調", "やや遅れ", "遅れ"], "")
