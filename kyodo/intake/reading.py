"""What the clerk says of a file, what came of it, and what goes out again: the empty form, the list of problems."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kyodo.errors import Problem
from kyodo.fiscal import short_label
from kyodo.intake.headers import COLUMNS
from kyodo.intake.words import CODES, RULE_NAME
from kyodo.plan import Plan

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
    blank = {"str": ""}
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name, blank.get(kind)) for row in rows or []], dtype=kind)
            for name, kind in _TYPES.items()
        }
    )


def breakdown_frame(rows: list[Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """The same columns per group and category, and ``withheld``: True where the numbers are left out (秘匿)."""
    withheld = [bool(row.get("withheld", False)) for row in rows or []]
    return values_frame(rows).assign(withheld=pd.Series(withheld, dtype="bool"))


@dataclass(frozen=True)
class Request:
    """Everything the clerk said about a file, and what it must agree with."""

    plan: Plan
    today: dt.date
    year: int | None = None
    mapping: Mapping[Any, Mapping[str, Any]] | None = None
    weight_column: str | None = None
    groups: Sequence[str] | Mapping[str, str] | None = None
    sheet: str | None = None
    form: str | None = None
    columns: Mapping[str, str] | None = None
    confirmed: frozenset[str] = frozenset()
    known: Mapping[tuple[int, int], float] = field(default_factory=dict)
    progress: Callable[[float, str], None] = lambda fraction, phrase: None


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


_COLUMNS = ("シート", "行", "列", "種類", "内容", "対処")


def _rows(plan: Plan, fiscal_year: int) -> list[list[Any]]:
    year = short_label(fiscal_year)
    named = zip(plan.indicators["indicator"], plan.indicators["name"], strict=True)
    return [[int(number), name, year, "", ""] for number, name in named]


def template_csv(plan: Plan, fiscal_year: int) -> bytes:
    """The form of one fiscal year as CSV (UTF-8 with BOM, CRLF), value and number of answers blank."""
    return csv_bytes([list(COLUMNS.values()), *_rows(plan, fiscal_year)])


def template_xlsx(plan: Plan, fiscal_year: int) -> bytes:
    """The same form as an Excel workbook with one sheet 調査結果."""
    import xlsxwriter  # only when a workbook is asked for

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("調査結果")
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F8F8FB"})
        percent, people = book.add_format({"num_format": "0.0"}), book.add_format({"num_format": "#,##0"})
        sheet.write_row(0, 0, list(COLUMNS.values()), bold)
        for row, (number, name, year, _, _) in enumerate(_rows(plan, fiscal_year), start=1):
            sheet.write_row(row, 0, [number, name, year])
            sheet.write_blank(row, 3, None, percent)
            sheet.write_blank(row, 4, None, people)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 52)
        sheet.set_column(2, 4, 12)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """Problems with Japanese column titles, one row each; ``行`` is an integer or NA."""
    rows = [(p.sheet or p.file, p.row, p.column, _title(p), p.message, p.hint) for p in problems]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.assign(行=frame["行"].astype("Int64")).astype(
        dict.fromkeys(("シート", "列", "種類", "内容", "対処"), "str")
    )


def _title(found: Problem) -> str:
    """A problem's kind in words, with the national rule's item where it has one."""
    code = CODES.get(found.code)
    if code is None:
        return found.code
    return f"{code.title}({RULE_NAME} {code.rule})" if code.rule else code.title


def problems_csv(problems: Iterable[Problem]) -> bytes:
    """The same table as CSV: UTF-8 with BOM, CRLF, active cells neutralised."""
    rows = problems_frame(problems).itertuples(index=False)
    shown = [
        ["" if pd.isna(cell) else neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    ]
    return csv_bytes([_COLUMNS, *shown])
