"""What is known of the indicators: the plan's printed values joined with the registered ones, and their changes.

Frames in, frames out. Values are percentages, changes points; what is unknown is NaN. At the foot stand the three
ways numbers are kept plain here: missing as NaN, without binary noise, no division by zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

import numpy as np
import pandas as pd

from kyodo.estimate import newcombe, wilson
from kyodo.rows import Row, rows_by

TESTED = {"both": "誤差を考慮", "actual_only": "基準値の誤差を含まず", "none": "誤差未検定(回答者数不明)"}
_KINDS = ("baseline", "actual", "target")
_TYPES = {
    "indicator": "Int64", "fiscal_year": "Int64", "kind": "str", "value": "float64", "n": "Int64", "n_effective": "float64",
    "low": "float64", "high": "float64", "source": "str", "registered": "bool",
}  # fmt: skip
_OF_SURVEY = {  # a survey's columns and what they are called behind its name where it is brought to a target
    "fiscal_year": "_year", "value": "", "n": "_n", "n_effective": "_n_effective", "low": "_low", "high": "_high",
}  # fmt: skip
_NO_SURVEY = {name: None if _TYPES[name] == "Int64" else np.nan for name in _OF_SURVEY}


def observations(printed: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """All known values: the printed ones, and the registered ones as further actuals.

    ``printed`` has indicator, fiscal_year, kind, value, n, source; ``recorded`` has indicator, fiscal_year,
    value, n, n_effective. A year registered again for its n gives the printed figure that n, not another row.
    Returns indicator, fiscal_year, kind, value, n, n_effective, low, high (percent), source, sorted.
    """
    given = {_survey(row): row for row in recorded.to_dict("records")}
    rows = [_with_answers(row, given) for row in printed.to_dict("records")]
    measured = {_survey(row) for row in rows if row["kind"] != "target"}
    new = {"kind": "actual", "source": "登録した調査", "registered": True}
    rows += [row | new for survey, row in given.items() if survey not in measured]
    rows.sort(key=lambda row: (row["indicator"], _KINDS.index(row["kind"]), row["fiscal_year"]))
    frame = pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
    return add_interval(frame.assign(n_effective=frame["n_effective"].fillna(floats(frame["n"]))))


def _survey(row: Row) -> tuple[int, int]:
    return row["indicator"], row["fiscal_year"]


def _with_answers(row: Row, given: Mapping[tuple[int, int], Row]) -> Row:
    """A printed row, with the numbers of answers where its survey was registered for them."""
    again = None if row["kind"] == "target" else given.get(_survey(row))
    answers = {} if again is None else {"n_effective": again["n_effective"]}
    if again is not None and pd.notna(again["n"]):
        answers["n"] = again["n"]
    return row | {"registered": False, "n_effective": np.nan} | answers


def add_interval(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``low`` and ``high``, the 95 % Wilson interval in percent where n is known."""
    low, high = wilson(frame["value"] / 100, frame["n_effective"])
    return frame.assign(low=low * 100, high=high * 100)


def surveyed(known: pd.DataFrame, *kinds: str) -> dict[int, list[Row]]:
    """The rows of these kinds by indicator, each oldest first."""
    rows = rows_by(known[known["kind"].isin(kinds)], "indicator")
    return {indicator: sorted(own, key=itemgetter("fiscal_year")) for indicator, own in rows.items()}


def survey_columns(name: str, surveys: Iterable[Row | None], *, briefly: bool = False) -> dict[str, pd.array]:
    """One survey for each row of a frame (None for none) as columns: ``{name}_year``, ``name`` (its value), ``{name}_n`` …

    ``briefly`` are year and value alone.
    """
    columns = ("fiscal_year", "value") if briefly else _OF_SURVEY
    rows = [survey or _NO_SURVEY for survey in surveys]
    return {
        name + _OF_SURVEY[column]: pd.array([row[column] for row in rows], dtype=_TYPES[column]) for column in columns
    }


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
    rows = surveyed(known, "baseline", "actual")
    newest = {number: own[-1] for number, own in sorted(surveyed(known, "actual").items())}
    before = [until(rows[number], newest[number]["fiscal_year"]) for number in newest]
    frame = pd.DataFrame({"indicator": pd.array([*newest], dtype="Int64")})
    columns = survey_columns("baseline", before) | survey_columns("actual", newest.values())
    return add_change(frame.assign(**columns))


def until(surveys: Sequence[Row], year: int) -> Row | None:
    """The last of surveys (oldest first) before a year; None where there is none."""
    return next((each for each in reversed(surveys) if each["fiscal_year"] < year), None)


def floats(series: pd.Series) -> pd.Series:
    """Nullable numbers as plain floats, missing as NaN, so that comparisons are plainly false there."""
    return series.astype("Float64").astype("float64")


def exact(series: pd.Series) -> pd.Series:
    """Binary noise removed (twelve decimals), so that 0.75 of 7.5 is not less than a tenth."""
    return series.round(12)


def fraction(part: pd.Series, whole: pd.Series) -> pd.Series:
    """A fraction without binary noise; NaN where the whole is 0."""
    return exact(part / whole.where(whole != 0))
