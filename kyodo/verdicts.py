"""How far an indicator has come towards its targets, at which pace, and the verdict.

A target has three lives (``state``). It is *open* (見通し) while no survey of its year or later is known, and read
against the newest actual; *closed* (結果) by the survey of its own year, against that actual for ever; *unmeasured*
(未調査) where only a later year was surveyed: then nothing is judged. What was measured after its year is told beside
the verdict and never changes it.

Frames in, frames out. ``assess`` adds one column after another to one row per indicator and target. Values are percentages, gaps and
changes points, ratios fractions, paces points a year; what is undefined is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kyodo.estimate import answers_needed
from kyodo.measured import add_change, exact, floats, fraction, join_survey, latest_actuals

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
        .pipe(add_state, known, today)
        .pipe(join_survey, known[known["kind"] == "baseline"], "baseline")
        .pipe(_join_actual, known)
        .sort_values(["indicator", "target_year"], ignore_index=True)
        .pipe(add_distance)
        .pipe(add_pace)
        .pipe(add_projection, known)
        .pipe(add_change)
        .pipe(add_verdict, cutoffs)
        .pipe(add_against_target)
        .pipe(add_later, known)
    )


def add_state(frame: pd.DataFrame, known: pd.DataFrame, today: int | None = None) -> pd.DataFrame:
    """Add ``state`` (a key of :data:`STATES`), ``overdue``, and ``read_year``, the year of the actual it is read against.

    ``read_year`` is the newest actual's for an open target, the target's own for a closed one, else missing.
    """
    actuals = known[known["kind"] == "actual"]
    newest = frame["indicator"].map(actuals.groupby("indicator")["fiscal_year"].max()).astype("Int64")
    own = pd.MultiIndex.from_frame(frame[["indicator", "target_year"]]).isin(
        pd.MultiIndex.from_frame(actuals[["indicator", "fiscal_year"]])
    )
    target = frame["target_year"].astype("Int64")
    state = np.select([own, (newest > target).fillna(False)], ["closed", "unmeasured"], "open")
    ended = False if today is None else target < today
    return frame.assign(
        state=state,
        overdue=(state == "open") & ended,
        read_year=target.where(own, newest.mask(state == "unmeasured")),
    )


def _join_actual(frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Bring the actual each target is read against, and the actuals on both sides.

    ``before_year`` and ``before`` are the actual before the one it is read against, or before the target's own year
    where that was not surveyed; ``after_year`` and ``after`` the first one after the target's year.
    """
    actuals = known[known["kind"] == "actual"]
    columns = {"fiscal_year": "read_year", "value": "actual", "n": "actual_n", "n_effective": "actual_n_effective"}
    columns |= {"low": "actual_low", "high": "actual_high"}
    joined = frame.merge(
        actuals[["indicator", *columns]].rename(columns=columns), on=["indicator", "read_year"], how="left"
    ).rename(columns={"read_year": "actual_year"})
    limit = joined["actual_year"].fillna(joined["target_year"])
    before, after = _pairs(joined, actuals, limit), _pairs(joined, actuals, joined["target_year"])
    return joined.pipe(_side, before[before["fiscal_year"] < before["limit"]], "before", -1).pipe(
        _side, after[after["fiscal_year"] > after["limit"]], "after", 0
    )


def _pairs(frame: pd.DataFrame, actuals: pd.DataFrame, limit: pd.Series) -> pd.DataFrame:
    """Every row of ``frame`` (by its place) with every actual of its indicator, and the row's limit."""
    return frame[["indicator"]].assign(row=range(len(frame)), limit=limit.to_numpy()).merge(actuals, on="indicator")


def _side(frame: pd.DataFrame, pairs: pd.DataFrame, name: str, nearest: int) -> pd.DataFrame:
    """Add ``{name}_year`` and ``name``: each row's first (0) or last (−1) actual of those left in ``pairs``."""
    found = pairs.sort_values("fiscal_year").groupby("row").nth(nearest).set_index("row")
    found = found.reindex(range(len(frame))).set_axis(frame.index)
    return frame.assign(**{f"{name}_year": found["fiscal_year"].astype("Int64"), name: floats(found["value"])})


def add_distance(frame: pd.DataFrame) -> pd.DataFrame:
    """Add gap (points still to go), attainment and improvement (fractions)."""
    return frame.assign(
        gap=exact(frame["target"] - frame["actual"]),
        attainment=fraction(frame["actual"], frame["target"]),
        improvement=fraction(frame["actual"] - frame["baseline"], frame["target"] - frame["baseline"]),
    )


def add_pace(frame: pd.DataFrame) -> pd.DataFrame:
    """Add elapsed and pace (fractions), pace_so_far, pace_lately and pace_needed (points a year)."""
    passed = floats(frame["actual_year"]) - floats(frame["baseline_year"])
    left = floats(frame["target_year"]) - floats(frame["actual_year"])
    elapsed = fraction(passed, floats(frame["target_year"]) - floats(frame["baseline_year"]))
    return frame.assign(
        elapsed=elapsed,
        pace=fraction(frame["improvement"], elapsed).where(left > 0),
        pace_so_far=fraction(frame["actual"] - frame["baseline"], passed),
        pace_lately=fraction(
            frame["actual"] - frame["before"], floats(frame["actual_year"]) - floats(frame["before_year"])
        ),
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
    groups = points["indicator"]
    years = floats(points["fiscal_year"])
    values = points["value"]
    apart = years - years.groupby(groups).transform("mean")
    spread = (apart**2).groupby(groups).sum()
    slope = (apart * values).groupby(groups).sum() / spread.where(spread > 0)
    return pd.DataFrame(
        {"centre": years.groupby(groups).mean(), "level": values.groupby(groups).mean(), "slope": slope}
    ).where(spread > 0)


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


def add_later(frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add ``later_year``, ``later`` and ``later_reaches``: the newest actual of a year after the target's, if any."""
    newest = latest_actuals(known).set_index("indicator")[["fiscal_year", "value"]]
    found = newest.reindex(frame["indicator"]).set_axis(frame.index)
    after = (found["fiscal_year"] > frame["target_year"]).fillna(False).astype(bool)
    later = floats(found["value"]).where(after)
    return frame.assign(
        later_year=found["fiscal_year"].where(after).astype("Int64"),
        later=later,
        later_reaches=(exact(later) >= frame["target"]).astype("boolean").mask(~after),
    )


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
