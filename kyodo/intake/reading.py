"""What the clerk says of a file, and what came of it."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

from kyodo.errors import Problem
from kyodo.fiscal import JAPAN, parse_fiscal_year
from kyodo.plan import Plan, load_plan

_TYPES = {
    "indicator": "Int64",
    "fiscal_year": "Int64",
    "value": "float64",
    "n": "Int64",
    "n_effective": "float64",
    "low": "float64",
    "high": "float64",
    "group": "str",
    "category": "str",
}


def values_frame(rows: Sequence[dict[str, Any]] = ()) -> pd.DataFrame:
    """Values with their fixed columns and types; each row a mapping, missing entries become NA (or blank text)."""
    return _frame(rows) if rows else _no_values().copy()


@cache
def _no_values() -> pd.DataFrame:
    return _frame(())  # made once: it is most of what a refused file costs


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    missing = {"str": ""}
    columns = {name: [row.get(name, missing.get(kind)) for row in rows] for name, kind in _TYPES.items()}
    return pd.DataFrame({name: pd.Series(said, dtype=_TYPES[name]) for name, said in columns.items()})


def breakdown_frame(rows: Sequence[dict[str, Any]] = ()) -> pd.DataFrame:
    """The same columns per group and category, and ``withheld``: True where the numbers are left out (秘匿)."""
    withheld = [bool(row.get("withheld", False)) for row in rows]
    return values_frame(rows).assign(withheld=pd.Series(withheld, dtype="bool"))


@dataclass(frozen=True)
class Request:
    """Everything the clerk said about a file, and what it must agree with.

    Attributes:
        fiscal_year: the year picked on screen (2013 for H25), None where the file must say it.
        mapping: for the raw form, ``{indicator: {"column", "positive", "negative", "missing"}}``, with ``columns`` for
            several (one an option) and ``split`` where one cell holds several answers.
        weight_column: the raw form's weights; None counts every answer once.
        groups: breakdown columns by header; None takes 性別, 年代, 地域 where they exist.
        sheet: the worksheet to read, where a book has several.
        form: ``raw`` reads any table as one row a respondent.
        columns: the summary's columns as the clerk has named them, ``{"name", "value", "n", "year", "number": header}``.
        confirmed: codes of doubts the clerk has answered with yes.
        known: registered values (indicator, fiscal_year, value) a jump is measured against.
        plan: the plan to agree with.
        today: the day by which a year lies in the future; its default is the only clock below the screens.
        progress: called with a fraction and a Japanese phrase now and then.
    """

    fiscal_year: int | str | None = None
    mapping: Mapping[Any, Mapping[str, Any]] | None = None
    weight_column: str | None = None
    groups: Sequence[str] | None = None
    sheet: str | None = None
    form: str | None = None
    columns: Mapping[str, str] | None = None
    confirmed: Collection[str] = ()
    known: pd.DataFrame | None = None
    plan: Plan = field(default_factory=load_plan)
    today: dt.date = field(default_factory=lambda: dt.datetime.now(JAPAN).date())
    progress: Callable[[float, str], None] = lambda fraction, phrase: None

    @property
    def year(self) -> int | None:
        """The year picked on screen as an integer; raises ValueError where it is none."""
        return None if self.fiscal_year in (None, "") else parse_fiscal_year(self.fiscal_year)

    @property
    def registered(self) -> dict[tuple[int, int], float]:
        """The registered values by indicator and fiscal year."""
        rows = () if self.known is None else self.known.dropna(subset=["value"]).itertuples()
        return {(int(row.indicator), int(row.fiscal_year)): float(row.value) for row in rows}


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One column of a raw file: its name, the number of distinct answers, and the answers in order with their counts.

    ``answers`` is cut where a column holds more than a question's answers; ``labels`` are a code book's words for codes,
    ``about`` what it says is asked.
    """

    name: str
    distinct: int = 0
    answers: tuple[tuple[str, int], ...] = ()
    looks_personal: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """How a file was taken: its encoding, delimiter, sheet, header rows, table range, and which header for what."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_rows: tuple[int, ...] = ()
    table: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # (what, header text)


@dataclass(frozen=True)
class Reading:
    """The result of reading one file; see :func:`kyodo.intake.read_upload`.

    ``values`` holds the overall values (percent, n, n_effective, interval in percent), ``breakdown`` those by group.
    ``original`` is what may be kept: the file's bytes, or with ``original_reduced`` a CSV without personal columns.
    ``sheets`` are the tables of a book to choose from; ``weights`` the columns named like a weight; ``proposal`` what
    the headers' words say, in the shape of ``mapping``, and ``proposed_columns`` in that of a summary's columns.
    """

    name: str
    sha256: str
    original: bytes = field(repr=False)
    form: str = ""
    values: pd.DataFrame = field(default_factory=values_frame, repr=False)
    breakdown: pd.DataFrame = field(default_factory=breakdown_frame, repr=False)
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    original_reduced: bool = False
    understood: Understood = Understood()
    mapping: Mapping[str, Any] | None = None
    weight_column: str | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnSummary, ...] = ()
    proposal: Mapping[str, Any] = field(default_factory=dict)
    proposed_columns: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the file may be stored: it has values and nothing is wrong."""
        return not self.problems and len(self.values) > 0
