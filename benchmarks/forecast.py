"""Whether the forecast earned its place: every series of other cities in ``backtest/``, forecast from every earlier year.

Run: ``python -m benchmarks.forecast``, or with a folder of other series in the same columns, which the model with the numbers in
use then forecasts unseen. Every way of forecasting is asked for the chance that a later value reaches a target 5 % below,
at, or 5 % above the last value, and the targets the series' owners printed. Compared are Brier scores (mean squared error of the
chance; 0 is perfect, lower is better). Nothing is judged on a series it was estimated on: the model's numbers, the noise around
line and last value, and the frequencies of the others come from all series but the one forecast (leave one series out; a city
cannot be left out, as one city alone publishes shares long enough). The model passes where it is better than all of them
and its 90 % intervals hold 85 to 95 % of what came. What no split can undo: the form of the model was chosen with these
series in sight, and 111 forecasts of seven series are far fewer than 111 independent ones.
"""

import itertools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from kyodo.forecast import Model, angle, outlook

FOLDER = Path(__file__).parent / "backtest"
TARGETS = (0.95, 1.0, 1.05)
GRID = {
    "noise": (0.0175, 0.02, 0.0225, 0.025, 0.0275, 0.03, 0.0325),
    "drift": (0.0, 0.05, 0.1, 0.2, 0.4, 0.8),
    "trend": (0.0, 0.125, 0.25, 0.375, 0.5, 1.0),
}
ATTAINMENT = (0.8, 0.95, 1.0, 1.05)
COMPOUND = (0.6, 0.95)
HORIZONS = {1: "1 year", 2: "2", 3: "3", 4: "4 and more"}


@dataclass(frozen=True, slots=True)
class Case:
    """One forecast: what was known of a series, and what came in a later year."""

    series: tuple[str, int]
    years: tuple[int, ...]
    values: tuple[float, ...]
    year: int
    came: float
    printed: float

    @property
    def ahead(self) -> int:
        """Years from the newest known value to the one that came."""
        return self.year - self.years[-1]


def shares(folder: Path = FOLDER) -> pd.DataFrame:
    """All rows of a folder about shares in percent, with the body they come from; less is better as the share that is left."""
    frames = [pd.read_csv(file).assign(body=file.stem) for file in sorted(folder.glob("*.csv"))]
    rows = pd.concat(frames).query("unit == '%' and better in ('up', 'down')")
    value = pd.to_numeric(rows["value"])
    return rows.assign(value=value.where(rows["better"] == "up", 100 - value)).dropna(subset="value")


def cases(rows: pd.DataFrame) -> list[Case]:
    """Every series forecast from every year with at least one before it, for every later year."""
    found = []
    targets = rows[rows["kind"] == "target"].set_index(["body", "indicator", "year"])["value"].to_dict()
    observed = rows[rows["kind"].isin(["baseline", "actual"])].drop_duplicates(
        ["body", "indicator", "year"], keep="last"
    )
    observed = observed.sort_values("year")
    for key, series in observed.groupby(["body", "indicator"]):
        years, values = tuple(series["year"]), tuple(series["value"])
        found += [
            Case(key, years[:now], values[:now], years[then], values[then], targets.get((*key, years[then]), math.nan))
            for now in range(2, len(years))
            for then in range(now, len(years))
        ]
    return found


def log_scores(tried: list[Case]) -> pd.DataFrame:
    """Summed log density of what came under a normal law: a row per combination of the grid, a column per series."""
    rows = {}
    for numbers in itertools.product(*GRID.values()):
        model = replace(Model(), **dict(zip(GRID, numbers, strict=True)))
        rows[numbers] = pd.Series(dict.fromkeys((case.series for case in tried), 0.0))
        for (series, years, values), later in itertools.groupby(
            tried, lambda case: (case.series, case.years, case.values)
        ):
            found = outlook(years, values, model=model)
            for case in later:
                spread = found.spread(case.year)
                rows[numbers][series] -= ((angle(case.came) - found.centre) / spread) ** 2 / 2 + math.log(spread)
    return pd.DataFrame(rows).T


def estimated(scores: pd.DataFrame, without: tuple[str, int] | None = None) -> Model:
    """The combination most likely on all series but one."""
    kept = scores if without is None else scores.drop(columns=[without])
    return replace(Model(), **dict(zip(GRID, map(float, kept.sum(axis=1).idxmax()), strict=True)))


def forecasts(tried: list[Case], model_of: Callable[[tuple[str, int]], Model]) -> pd.DataFrame:
    """A row per forecast: horizon, what came, the last value, the line, and whether the model's 90 % interval held it."""
    rows = []
    for case in tried:
        found = outlook(case.years, case.values, model=model_of(case.series))
        _, low, high = found.band(case.year)
        line = float(np.clip(np.polyval(np.polyfit(np.array(case.years) - case.year, case.values, 1), 0), 0, 100))
        rows.append(
            {"case": case, "found": found, "series": case.series, "ahead": case.ahead, "came": case.came, "held": low <= case.came <= high}
            | {"last": case.values[-1], "line": line}
        )  # fmt: skip
    return pd.DataFrame(rows)


def asked(made: pd.DataFrame, printed: bool = False) -> pd.DataFrame:
    """Every forecast with every target it is asked for, whether it was reached, and each method's chance."""
    if printed:
        frame = made.assign(target=[case.printed for case in made["case"]]).dropna(subset="target")
    else:
        frame = pd.concat([made.assign(target=made["last"] * factor, kind=factor) for factor in TARGETS])
    frame = frame.reset_index(drop=True)
    frame = frame.assign(
        reached=(frame["came"] >= frame["target"]).astype(float), compound=frame.apply(_compound, axis=1)
    )
    everything = pd.Series(0, index=frame.index)
    met = (frame["last"] >= frame["target"]).astype(int) * 9
    return frame.assign(
        **{
            "model": [found.chance(target, case.year) for found, target, case in zip(frame["found"], frame["target"], frame["case"], strict=True)],
            "base rate": _frequency(frame, everything),
            "到達率 bands": _frequency(frame, np.digitize(frame["last"] / frame["target"], ATTAINMENT)),
            "compound growth": _frequency(frame, np.digitize(frame["compound"].fillna(-np.inf), COMPOUND) + met),
            "last value": (frame["last"] >= frame["target"]).astype(float),
            "last value, with noise": _with_noise(frame, "last"),
            "straight line": (frame["line"] >= frame["target"]).astype(float),
            "straight line, with noise": _with_noise(frame, "line"),
        }
    )  # fmt: skip


METHODS = [
    "model", "base rate", "到達率 bands", "compound growth", "last value", "last value, with noise",
    "straight line", "straight line, with noise",
]  # fmt: skip


def brier(frame: pd.DataFrame) -> pd.Series:
    """Each method's mean squared error of the chance."""
    return frame[METHODS].sub(frame["reached"], axis=0).pow(2).mean()


def backtest() -> tuple[dict[str, pd.DataFrame], Model]:
    """Forecasts out of sample, the same from two values each, and with the numbers in use; the numbers all series give."""
    tried = cases(shares())
    scores = log_scores(tried)
    outside = {series: estimated(scores, series) for series in scores.columns}
    made = {
        "out of sample": forecasts(tried, outside.get),
        "out of sample, from the first and the last known value only": forecasts(
            [ends_only(case) for case in tried if len(case.years) > 2], outside.get
        ),
        "in sample, with the numbers in use": forecasts(tried, lambda _: Model()),
    }
    return made, estimated(scores)


def passes(made: pd.DataFrame) -> bool:
    """Better than every other way, and 85 to 95 % of what came within the 90 % intervals."""
    scores = brier(asked(made))
    return bool((scores.drop("model") > scores["model"]).all() and 0.85 <= made["held"].mean() <= 0.95)


def _others(frame: pd.DataFrame) -> Iterator[tuple[pd.Index, pd.DataFrame]]:
    """The rows of each series, with all rows of the other series."""
    for series in frame["series"].unique():
        mine = frame["series"] == series
        yield frame.index[mine], frame[~mine]


def _frequency(frame: pd.DataFrame, bands: pd.Series) -> pd.Series:
    """How often targets in the same band were reached in the other series; the base rate where they have no such band."""
    frame, chance = frame.assign(band=bands), pd.Series(np.nan, index=frame.index)
    for mine, others in _others(frame):
        rates = others.groupby("band")["reached"].mean()
        chance[mine] = frame.loc[mine, "band"].map(rates).fillna(others["reached"].mean())
    return chance


def _with_noise(frame: pd.DataFrame, value: str) -> pd.Series:
    """The chance where a value is taken for the centre of a normal law as wide as it erred elsewhere at that horizon."""
    centre, came, target = (frame[name].map(angle) for name in (value, "came", "target"))
    frame = frame.assign(squared=(came - centre) ** 2, horizon=frame["ahead"].clip(upper=5))
    chance = pd.Series(np.nan, index=frame.index)
    for mine, others in _others(frame):
        spread = frame.loc[mine, "horizon"].map(others.groupby("horizon")["squared"].mean() ** 0.5)
        chance[mine] = ((centre - target)[mine] / spread).map(lambda z: 0.5 + math.erf(z / math.sqrt(2)) / 2)
    return chance


def _compound(row: pd.Series) -> float:
    """Growth a year so far against the growth a year it takes, compounded."""
    case, first = row["case"], row["case"].values[0] or math.nan
    so_far = (row["last"] / first) ** (1 / (case.years[-1] - case.years[0])) - 1
    needed = (row["target"] / first) ** (1 / (case.year - case.years[0])) - 1
    return so_far / needed if needed else math.nan


def table(made: pd.DataFrame) -> pd.DataFrame:
    """Brier scores by method: all, by horizon, and of the printed targets; the number of chances and the coverage below."""
    both, own = asked(made), asked(made, printed=True)
    groups = {"all": both} | {
        name: both[both["ahead"].clip(upper=4) == ahead] for ahead, name in HORIZONS.items()
    } | {"printed targets": own}  # fmt: skip
    scores = pd.DataFrame({name: brier(frame) for name, frame in groups.items()}).map("{:.3f}".format)
    by_series = pd.DataFrame({key: brier(rows) for key, rows in both.groupby("series")})
    scores["model better in"] = (
        by_series.gt(by_series.loc["model"]).sum(axis=1).map(f"{{}} of {by_series.shape[1]}".format)
    )
    scores.loc["model", "model better in"] = ""
    scores.loc["(chances asked)"] = {name: str(len(frame)) for name, frame in groups.items()}
    scores.loc["(90 % intervals hold)"] = {name: f"{frame['held'].mean():.1%}" for name, frame in groups.items()}
    return scores.fillna("")


def ends_only(case: Case) -> Case:
    """The same forecast with only the first and the last known value, as a plan's baseline and actual are."""
    return replace(case, years=case.years[:: len(case.years) - 1], values=case.values[:: len(case.values) - 1])


def main() -> None:
    if len(sys.argv) > 1:
        tried = cases(shares(Path(sys.argv[1])))
        made = {"unseen, with the numbers in use": forecasts(tried, lambda _: Model())}
    else:
        made, best = backtest()
        print(f"estimated on all: {best}\nin use:           {Model()}")
    for name, each in made.items():
        count, bodies = each["series"].nunique(), ", ".join(sorted({body for body, _ in each["series"]}))
        print(
            f"\n{len(each)} forecasts of {count} series of {bodies}: Brier scores {name}",
            table(each).to_string(),
            sep="\n",
        )
    print("\nPASSES" if passes(next(iter(made.values()))) else "\nDOES NOT PASS")


if __name__ == "__main__":
    main()
