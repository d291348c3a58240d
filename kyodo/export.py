"""Open data: every table as CSV that Excel opens by double click, as JSON, and the Frictionless description.

Text that begins like a formula is neutralised with a leading apostrophe; numbers stay numbers.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from kyodo.brief import Brief
from kyodo.errors import Problem
from kyodo.intake import CODES, RULE_NAME
from kyodo.rows import plain_rows
from kyodo.wording import round_half_up

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def tables(brief: Brief) -> dict[str, pd.DataFrame]:
    """Every declared table as of the brief: the plan's, with the registered values among ``indicator_values``.

    ``progress``, ``opinions`` and ``roster`` are what the record holds; no person's name is in them.
    """
    frames = {table.name: frame for table, frame in brief.plan.tables()}
    columns = list(frames["indicator_values"].columns)
    known = brief.known.assign(low=_one_decimal(brief.known["low"]), high=_one_decimal(brief.known["high"]))
    values = known[columns].sort_values(["indicator", "fiscal_year", "kind"])
    return {**frames, "indicator_values": values, **brief.progress.public}


def _one_decimal(series: pd.Series) -> pd.Series:
    return series.map(round_half_up).astype("float64")


def neutral(value: Any) -> Any:
    """A text cell that a spreadsheet would run as a formula, made plain; everything else unchanged."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_bytes(frame: pd.DataFrame, titles: Mapping[str, str] | None = None) -> bytes:
    """UTF-8 with BOM and CRLF; columns named by ``titles`` where given; lists joined by ・; missing left blank."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutral((titles or {}).get(name, name)) for name in frame.columns])
    writer.writerows([_cell(value) for value in row] for row in frame.itertuples(index=False, name=None))
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return neutral("・".join(map(str, value)))
    return "" if pd.isna(value) else neutral(value)


def problems_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """What is wrong with a file, one row each, with Japanese titles; ``行`` is an integer or NA."""
    rows = [(each.sheet or each.file, each.row, each.column, _kind(each), each.message, each.hint) for each in problems]
    titles = {"シート": "str", "行": "Int64", "列": "str", "種類": "str", "内容": "str", "対処": "str"}
    return pd.DataFrame(rows, columns=list(titles), dtype=object).astype(titles)


def _kind(found: Problem) -> str:
    """A problem's kind in words, with the national rule's item where it has one."""
    code = CODES.get(found.code)
    if code is None:
        return found.code
    return f"{code.title}({RULE_NAME} {code.rule})" if code.rule else code.title


def problems_csv(problems: Iterable[Problem]) -> bytes:
    """The same table as CSV."""
    return csv_bytes(problems_frame(problems))


def json_bytes(frame: pd.DataFrame) -> bytes:
    """A JSON list of objects, missing as null."""
    return json.dumps(plain_rows(frame), ensure_ascii=False, indent=1).encode("utf-8")


def datapackage(brief: Brief) -> dict[str, Any]:
    """The declaration of ``data/`` as a description of the exported files (every table has one, CSV with BOM and CRLF)."""
    source = brief.plan.package.descriptor
    resources = [
        {
            **table.descriptor,
            "path": f"{table.name}.csv",
            "profile": "tabular-data-resource",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"lineTerminator": "\r\n", "header": True},
        }
        for table, _ in brief.plan.tables()
    ]
    moment = {"created": brief.as_of.isoformat()} if brief.as_of else {}
    return {**source, **moment, "version": str(brief.revision), "resources": resources}


def write_all(brief: Brief, folder: Path) -> list[Path]:
    """Write every table as CSV and JSON and ``datapackage.json`` into the folder (made if missing); returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"datapackage.json": json.dumps(datapackage(brief), ensure_ascii=False, indent=1).encode("utf-8")}
    for name, frame in tables(brief).items():
        contents |= {f"{name}.csv": csv_bytes(frame), f"{name}.json": json_bytes(frame)}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in contents]
