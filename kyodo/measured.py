"""What is known of the indicators: the plan's printed values joined with the registered ones, and their changes.

Frames in, frames out. Values are percentages, changes points; what is unknown is NaN. At the foot stand the three
ways numbers are kept plain here: missing as NaN, without binary noise, no division by zero.
"""

import numpy as np
import pandas as pd

from kyodo.estimate import newcombe, wilson

TESTED = {
    "both": "誤差を考慮",
    "actual_only": "基準値の誤差を含まず",
    "none": "誤差未検定(回答者数不明)",
}
_KINDS = ("baseline", "actual", "target")


def observations(printed: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
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
            n_effective=floats(frame["n_effective"]).fillna(floats(frame["n"])),
            value=floats(frame["value"]),
            order=order,
        )
        .sort_values(["indicator", "order", "fiscal_year"], ignore_index=True)
        .pipe(add_interval)[[*keys, "kind", "value", "n", "n_effective", "low", "high", "source", "registered"]]
    )


def add_interval(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``low`` and ``high``, the 95 % Wilson interval in percent where n is known."""
    low, high = wilson(frame["value"] / 100, frame["n_effective"])
    return frame.assign(low=low * 100, high=high * 100)


def latest_actuals(known: pd.DataFrame, back: int = 0) -> pd.DataFrame:
    """Each indicator's newest actual, or the one ``back`` surveys before it."""
    actuals = known[known["kind"] == "actual"].sort_values(["indicator", "fiscal_year"], ascending=[True, False])
    return actuals[actuals.groupby("indicator").cumcount() == back]


def join_survey(frame: pd.DataFrame, survey: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring one survey's year, value and numbers of answers to every target of its indicator."""
    columns = {"fiscal_year": f"{name}_year", "value": name, "n": f"{name}_n", "n_effective": f"{name}_n_effective"}
    columns |= {"low": f"{name}_low", "high": f"{name}_high"}
    return frame.merge(survey[["indicator", *columns]].rename(columns=columns), on="indicator", how="left")


def add_change(frame: pd.DataFrame) -> pd.DataFrame:
    """Add change since the baseline (points), its interval, ``tested`` and ``significant``.

    ``tested`` says whose sampling error the interval takes in: both surveys' (Newcombe), the actual's only
    (Wilson, baseline taken as exact), or none.
    """
    before, after = frame["baseline"] / 100, frame["actual"] / 100
    n_before, n_after = frame["baseline_n_effective"], frame["actual_n_effective"]
    low_both, high_both = newcombe(before, n_before, after, n_after)
    low_actual, high_actual = wilson(after, n_after)
    tested = np.select([n_before.notna() & n_after.notna(), n_after.notna()], ["both", "actual_only"], "none")
    low = np.select([tested == "both", tested == "actual_only"], [low_both, low_actual - before], np.nan) * 100
    high = np.select([tested == "both", tested == "actual_only"], [high_both, high_actual - before], np.nan) * 100
    return frame.assign(
        change=exact(frame["actual"] - frame["baseline"]),
        change_low=low,
        change_high=high,
        tested=tested,
        significant=pd.Series((low > 0) | (high < 0), index=frame.index, dtype="boolean").mask(tested == "none"),
    )


def changes_since(known: pd.DataFrame) -> pd.DataFrame:
    """Per indicator the newest actual against the survey before it (前回比), or the baseline where there is none.

    Returns indicator, baseline_year/baseline (the survey before), actual_year/actual, change, change_low,
    change_high, tested, significant.
    """
    measured = known[known["kind"] != "target"]
    newest = latest_actuals(known)
    years = measured["indicator"].map(newest.set_index("indicator")["fiscal_year"])
    earlier = measured[floats(measured["fiscal_year"]) < floats(years)]
    before = earlier.sort_values("fiscal_year").groupby("indicator").tail(1)
    frame = newest[["indicator"]].pipe(join_survey, before, "baseline").pipe(join_survey, newest, "actual")
    return add_change(frame)


def floats(series: pd.Series) -> pd.Series:
    """Nullable numbers as plain floats, missing as NaN, so that comparisons are plainly false there."""
    return series.astype("Float64").astype("float64")


def exact(series: pd.Series) -> pd.Series:
    """Binary noise removed (twelve decimals), so that 0.75 of 7.5 is not less than a tenth."""
    return series.round(12)


def fraction(part: pd.Series, whole: pd.Series) -> pd.Series:
    """A fraction without binary noise; NaN where the whole is 0."""
    return exact(part / whole.where(whole != 0))
