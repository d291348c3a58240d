"""Problems as a table for the page, and as a CSV to send back to the department."""

import csv
import io
from collections.abc import Iterable

import pandas as pd

from kyodo.errors import Problem
from kyodo.intake.codes import CODES, RULE_NAME

_COLUMNS = ("シート", "行", "列", "種類", "内容", "対処")
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """Problems with Japanese column titles, one row each; ``行`` is an integer or NA."""
    rows = [(p.sheet, p.row, p.column, _title(p), p.message, p.hint) for p in problems]
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


def neutral(text: str) -> str:
    """A text cell that no spreadsheet will take for a formula.

    >>> neutral("=1+1"), neutral("37.2")
    ("'=1+1", '37.2')
    """
    return f"'{text}" if text.startswith(_ACTIVE) else text


def problems_csv(problems: Iterable[Problem]) -> bytes:
    """The same table as CSV: UTF-8 with BOM, CRLF, active cells neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in problems_frame(problems).itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else neutral(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")
