"""What came of a file: values or problems, and everything a clerk or an auditor may want to know about how it was read."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kyodo.errors import Problem

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


def values_frame(rows: list[Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """Values with their fixed columns and types; each row a mapping, missing entries become NA (or blank text)."""
    frame = pd.DataFrame(rows or [], columns=list(_TYPES))
    return frame.assign(
        group=frame["group"].astype("object").fillna(""), category=frame["category"].astype("object").fillna("")
    ).astype(_TYPES)


def breakdown_frame(rows: list[Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """The same columns per group and category, and ``withheld``: True where the numbers are left out (秘匿)."""
    withheld = [bool(row.get("withheld", False)) for row in rows or []]
    return values_frame(rows).assign(withheld=pd.Series(withheld, dtype="bool"))


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


def neutral(text: str) -> str:
    """A text cell that no spreadsheet will take for a formula.

    >>> neutral("=1+1"), neutral("37.2")
    ("'=1+1", '37.2')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as the CSV that Excel opens by double click: UTF-8 with BOM, CRLF."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig", errors="replace")
