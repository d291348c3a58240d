"""How far an indicator has come towards its targets, at which pace, and the verdict.

Frames in, frames out. ``observations`` joins what the plan prints with what was registered; ``assess``
adds one column after another to one row per indicator and target. Values are percentages, gaps and
changes points, ratios fractions, paces points a year; what is undefined is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kyodo.estimate import CONFIDENCE, answers_needed, newcombe, wilson

VERDICTS = {"達成": "★", "順調": "●", "やや遅れ": "◆", "遅れ": "■", "横ばい": "＝", "後退": "▼", "未達成": "☆"}
TESTED = {
    "both": "誤差を考慮",
    "actual_only": "基準値の誤差を含まず",
    "none": "誤差未検定(回答者数不明)",
}
_KINDS = ("baseline", "actual", "target")


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Where the verdicts change: pace for 順調 and やや遅れ, share of the distance for 横ばい, and the confidence.

    95 and 60 % are those of the European and UN progress methods, the 10 % rule and the place of the
    sampling error those of the US Healthy People programme.
    """

    on_track: float = 0.95
    slow: float = 0.60
    flat: float = 0.10
    confidence: float = CONFIDENCE

    def moved(self, by: float) -> "Cutoffs":
        """The same with both pace cut-offs moved, to see how close a verdict stands to its neighbour."""
        return replace(self, on_track=self.on_track + by, slow=self.slow + by)


def observations(printed: pd.DataFrame, recorded: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """All known values: the printed ones, and the registered ones as further actuals.

    ``printed`` has indicator, fiscal_year, kind, value, n, source; ``recorded`` has indicator, fiscal_year,
    value, n, n_effective. A year registered again for its n gives the printed figure that n, not another row.
    Returns indicator, fiscal_year, kind, value, n, n_effective, low, high (percent), source, sorted.
    """
    keys = ["indicator", "fiscal_year"]
    measured = printed[printed["kind"] != "target"]
    recorded = recorded.assign(registered=True)[[*keys, "value", "n", "n_effective", "registered"]]
    both = measured.drop(columns=["n", "low", "high"]).merge(
        recorded.drop(columns="value"), on=keys, how="left", validate="many_to_one"
    )
    new = recorded.merge(measured[keys], on=keys, how="left", indicator=True).query("_merge == 'left_only'")
    frame = pd.concat(
        [
            both.assign(n=both["n"].fillna(measured["n"].set_axis(both.index)), registered=False),
            new.drop(columns="_merge").assign(kind="actual", source="登録した調査"),
            printed[printed["kind"] == "target"].assign(registered=False),
        ],
        ignore_index=True,
    )
    order = frame["kind"].map(_KINDS.index)
    return (
        frame.assign(
            n=frame["n"].astype("Int64"),
            n_effective=_floats(frame["n_effective"]).fillna(_floats(frame["n"])),
            value=_floats(frame["value"]),
            order=order,
        )
        .sort_values(["indicator", "order", "fiscal_year"], ignore_index=True)
        .pipe(add_interval, confidence)[
            [*keys, "kind", "value", "n", "n_effective", "low", "high", "source", "registered"]
        ]
    )


def add_interval(frame: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Add ``low`` and ``high``, the Wilson interval in percent where n is known."""
    low, high = wilson(frame["value"] / 100, frame["n_effective"], confidence)
    return frame.assign(low=low * 100, high=high * 100)


def assess(known: pd.DataFrame, cutoffs: Cutoffs | None = None) -> pd.DataFrame:
    """One row per indicator and target, with every distance, pace and verdict.

    ``known`` is what :func:`observations` returns. An indicator without an actual keeps its targets, with
    everything that needs the actual left NaN and a blank verdict.
    """
    cutoffs = cutoffs or Cutoffs()
    return (
        known.loc[known["kind"] == "target", ["indicator", "fiscal_year", "value"]]
        .rename(columns={"fiscal_year": "target_year", "value": "target"})
        .pipe(_join_survey, known[known["kind"] == "baseline"], "baseline")
        .pipe(_join_survey, latest_actuals(known), "actual")
        .sort_values(["indicator", "target_year"], ignore_index=True)
        .pipe(add_distance)
        .pipe(add_pace)
        .pipe(add_projection, known)
        .pipe(add_change, cutoffs.confidence)
        .pipe(add_verdict, cutoffs)
    )


def latest_actuals(known: pd.DataFrame, back: int = 0) -> pd.DataFrame:
    """Each indicator's newest actual, or the one ``back`` surveys before it."""
    actuals = known[known["kind"] == "actual"].sort_values(["indicator", "fiscal_year"], ascending=[True, False])
    return actuals[actuals.groupby("indicator").cumcount() == back]


def _join_survey(frame: pd.DataFrame, survey: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring one survey's year, value and numbers of answers to every target of its indicator."""
    columns = {"fiscal_year": f"{name}_year", "value": name, "n": f"{name}_n", "n_effective": f"{name}_n_effective"}
    columns |= {"low": f"{name}_low", "high": f"{name}_high"}
    return frame.merge(survey[["indicator", *columns]].rename(columns=columns), on="indicator", how="left")


def add_distance(frame: pd.DataFrame) -> pd.DataFrame:
    """Add gap (points still to go), attainment and improvement (fractions)."""
    return frame.assign(
        gap=_exact(frame["target"] - frame["actual"]),
        attainment=_ratio(frame["actual"], frame["target"]),
        improvement=_ratio(frame["actual"] - frame["baseline"], frame["target"] - frame["baseline"]),
    )


def add_pace(frame: pd.DataFrame) -> pd.DataFrame:
    """Add elapsed and pace (fractions), pace_so_far and pace_needed (points a year)."""
    passed = _floats(frame["actual_year"]) - _floats(frame["baseline_year"])
    left = _floats(frame["target_year"]) - _floats(frame["actual_year"])
    elapsed = _ratio(passed, _floats(frame["target_year"]) - _floats(frame["baseline_year"]))
    return frame.assign(
        elapsed=elapsed,
        pace=_ratio(frame["improvement"], elapsed).where(left > 0),
        pace_so_far=_ratio(frame["actual"] - frame["baseline"], passed),
        pace_needed=_ratio(frame["gap"], left).where(left > 0),
    )


def add_projection(frame: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add the least-squares line through baseline and all actuals, read at the target's year, within 0 and 100."""
    lines = trend_lines(known)
    line = lines.reindex(frame["indicator"]).set_axis(frame.index)
    reading = line["level"] + line["slope"] * (_floats(frame["target_year"]) - line["centre"])
    return frame.assign(projection=_exact(reading.clip(0, 100)))


def trend_lines(known: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the least-squares line ``level + slope × (year − centre)``; NaN with fewer than two points."""
    points = known[known["kind"] != "target"]
    groups = points["indicator"]
    years = _floats(points["fiscal_year"])
    values = points["value"]
    apart = years - years.groupby(groups).transform("mean")
    spread = (apart**2).groupby(groups).sum()
    slope = (apart * values).groupby(groups).sum() / spread.where(spread > 0)
    return pd.DataFrame(
        {"centre": years.groupby(groups).mean(), "level": values.groupby(groups).mean(), "slope": slope}
    ).where(spread > 0)


def add_change(frame: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Add change since the baseline (points), its interval, ``tested`` and ``significant``.

    ``tested`` says whose sampling error the interval takes in: both surveys' (Newcombe), the actual's only
    (Wilson, baseline taken as exact), or none.
    """
    before, after = frame["baseline"] / 100, frame["actual"] / 100
    n_before, n_after = frame["baseline_n_effective"], frame["actual_n_effective"]
    low_both, high_both = newcombe(before, n_before, after, n_after, confidence)
    low_actual, high_actual = wilson(after, n_after, confidence)
    tested = np.select([n_before.notna() & n_after.notna(), n_after.notna()], ["both", "actual_only"], "none")
    low = np.select([tested == "both", tested == "actual_only"], [low_both, low_actual - before], np.nan) * 100
    high = np.select([tested == "both", tested == "actual_only"], [high_both, high_actual - before], np.nan) * 100
    return frame.assign(
        change=_exact(frame["actual"] - frame["baseline"]),
        change_low=low,
        change_high=high,
        tested=tested,
        significant=pd.Series((low > 0) | (high < 0), index=frame.index, dtype="boolean").mask(tested == "none"),
    )


def add_verdict(frame: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """Add the verdict; the first rule that applies decides, a blank where none can (no actual)."""
    distance = (frame["target"] - frame["baseline"]).abs()
    within = _exact(frame["change"].abs()) < _exact(cutoffs.flat * distance)
    flat = (~frame["significant"]).fillna(within).astype(bool)
    rules = [
        ("", frame["actual"].isna()),
        ("達成", frame["gap"] <= 0),
        ("未達成", _floats(frame["actual_year"]) >= _floats(frame["target_year"])),
        ("横ばい", flat),
        ("後退", frame["change"] < 0),
        ("順調", frame["pace"] >= cutoffs.on_track),
        ("やや遅れ", frame["pace"] >= cutoffs.slow),
        ("遅れ", frame["pace"] < cutoffs.slow),
    ]
    return frame.assign(verdict=np.select([rule for _, rule in rules], [word for word, _ in rules], ""))


def ahead(known: pd.DataFrame, targets: pd.DataFrame) -> list[tuple[int, float]]:
    """このまま行くと of one indicator as a line: (year, value) of the newest value and of the last target's year.

    Empty where that year has come or nothing can be projected. ``known`` and ``targets`` are the indicator's rows.
    """
    newest = known[known["kind"] != "target"].sort_values("fiscal_year").tail(1).to_dict("records")
    last = targets.sort_values("target_year").tail(1).to_dict("records")
    if not newest or not last or pd.isna(last[0]["projection"]) or last[0]["target_year"] <= newest[0]["fiscal_year"]:
        return []
    return [
        (int(newest[0]["fiscal_year"]), float(newest[0]["value"])),
        (int(last[0]["target_year"]), float(last[0]["projection"])),
    ]


def changes_since(known: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Per indicator the newest actual against the survey before it (前回比), or the baseline where there is none.

    Returns indicator, baseline_year/baseline (the survey before), actual_year/actual, change, change_low,
    change_high, tested, significant.
    """
    measured = known[known["kind"] != "target"]
    newest = latest_actuals(known)
    years = measured["indicator"].map(newest.set_index("indicator")["fiscal_year"])
    earlier = measured[_floats(measured["fiscal_year"]) < _floats(years)]
    before = earlier.sort_values("fiscal_year").groupby("indicator").tail(1)
    frame = newest[["indicator"]].pipe(_join_survey, before, "baseline").pipe(_join_survey, newest, "actual")
    return add_change(frame, confidence)


def basis(assessed: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """What neighbouring rules would say of every assessed row.

    Returns indicator, target_year, rule, measure (a fraction), verdict: the verdict itself, attainment alone
    and the ratio of compound growth with the same cut-offs, and the verdict with the cut-offs moved by 5 points.
    """
    compound = _ratio(
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


def answers_needed_for(row: Mapping[str, float], confidence: float = CONFIDENCE) -> int | None:
    """How many answers a year (equal in both) the observed change would have taken to count; None for no change."""
    return answers_needed(row["baseline"] / 100, row["actual"] / 100, confidence)


def _growth(value: pd.Series, start: pd.Series, years: pd.Series) -> pd.Series:
    """Compound growth a year as a fraction; NaN where it is not defined."""
    years = _floats(years)
    return (value / start.where(start > 0)) ** (1 / years.where(years > 0)) - 1


def _by_cutoffs(measure: pd.Series, gap: pd.Series, cutoffs: Cutoffs) -> np.ndarray:
    """A measure judged by the pace's cut-offs alone; blank where it is undefined."""
    rules = [gap <= 0, measure >= cutoffs.on_track, measure >= cutoffs.slow, measure < cutoffs.slow]
    return np.select(rules, ["達成", "順調", "やや遅れ", "遅れ"], "")


def _floats(series: pd.Series) -> pd.Series:
    """Nullable numbers as plain floats, missing as NaN, so that comparisons are plainly false there."""
    return series.astype("Float64").astype("float64")


def _exact(series: pd.Series) -> pd.Series:
    """Binary noise removed (twelve decimals), so that 0.75 of 7.5 is not less than a tenth."""
    return series.round(12)


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """A fraction without binary noise; NaN where the whole is 0."""
    return _exact(part / whole.where(whole != 0))
