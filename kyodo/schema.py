"""What a table is: named, typed columns with a title, allowed values, a key and references.

The declaration is a Frictionless data package (``datapackage.json``), so that any tool of that standard
reads ``data/`` and every export. Loader, checks, templates, export and the data dictionary derive from it.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from kyodo.errors import KyodoError, Problem

TYPE_TITLES = {"string": "文字", "integer": "整数", "number": "数値"}
DTYPES = {"string": "str", "integer": "Int64", "number": "Float64"}
_READS = {"string": r"[\s\S]*", "integer": r"-?\d+", "number": r"-?\d+(\.\d+)?"}
# What a column may declare, in the order it is looked at: when a text breaks it, and what is said then.
_LAWS: Mapping[str, tuple[Callable[[str, Any], bool], str]] = {
    "type": (lambda text, kind: not re.fullmatch(_READS[kind], text), "「{text}」は{limit}ではありません。"),
    "allowed": (lambda text, words: text not in words, "「{text}」は使えません(使える値: {limit})。"),
    "pattern": (lambda text, form: not re.fullmatch(form, text), "「{text}」は決められた形({limit})ではありません。"),
    "max_length": (lambda text, most: len(text) > most, "{length}字あります({limit}字以内)。"),
    "minimum": (lambda text, least: float(text) < least, "{text} は小さすぎます({limit} 以上)。"),
    "maximum": (lambda text, most: float(text) > most, "{text} は大きすぎます({limit} 以下)。"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in code, its title on screen, its type and what may stand in it."""

    name: str
    title: str
    type: str = "string"
    unit: str = ""
    description: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    max_length: int | None = None

    def fault(self, text: str) -> str:
        """What is wrong with one cell, as a Japanese sentence; empty when it is right."""
        if not text:
            return "必須の値が空欄です。" if self.required else ""
        for name, (breaks, sentence) in _LAWS.items():
            limit = getattr(self, name)
            if limit not in (None, "", ()) and breaks(text, limit):
                return sentence.format(text=text, length=len(text), limit=_shown(name, limit))
        return ""


def _shown(law: str, limit: Any) -> str:
    """What a column declares, in words."""
    if law == "type":
        return TYPE_TITLES[limit]
    return "、".join(limit) if law == "allowed" else f"{limit:g}" if law in ("minimum", "maximum") else str(limit)


@dataclass(frozen=True, slots=True)
class Reference:
    """Values of ``columns`` must stand in ``other_columns`` of the table ``other`` (blank ones excepted)."""

    columns: tuple[str, ...]
    other: str
    other_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table; ``path`` is its file beside the declaration, empty for one kept in the record."""

    name: str
    title: str
    path: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    descriptor: Mapping[str, Any] = field(repr=False)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def titles(self) -> dict[str, str]:
        """Column name → Japanese title (with the unit), for screens and spreadsheets."""
        return {
            column.name: f"{column.title}({column.unit})" if column.unit else column.title for column in self.columns
        }

    def empty(self) -> pd.DataFrame:
        """A frame with the declared columns and types and no row."""
        return self.typed(pd.DataFrame(columns=[column.name for column in self.columns], dtype="str"))

    def typed(self, texts: pd.DataFrame) -> pd.DataFrame:
        """Texts (blank for missing) as the declared types; blanks of strings stay blank texts."""
        return texts.assign(
            **{
                column.name: texts[column.name].mask(texts[column.name].eq("")).astype(DTYPES[column.type])
                for column in self.columns
                if column.type != "string"
            }
        )


@dataclass(frozen=True, slots=True)
class Package:
    """A folder of declared tables with the facts about the whole."""

    tables: Mapping[str, Table]
    descriptor: Mapping[str, Any] = field(repr=False)


def read_package(file: Path) -> Package:
    """Read a ``datapackage.json``.

    Raises:
        KyodoError: where the file is missing or is no JSON, or names a list of choices that is not there.
    """
    try:
        descriptor = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KyodoError(f"表の定義 {file} がありません。KYODO_DATA の指定を確かめてください。") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise KyodoError(f"表の定義 {file} を読めません: {error}") from None
    _give_choices(descriptor["resources"], file.parent)
    return Package({each["name"]: _table(each) for each in descriptor["resources"]}, descriptor)


def _give_choices(resources: list[dict[str, Any]], folder: Path) -> None:
    """Write out the allowed values of every field that names a list of the table ``choices``, where they stand once.

    Raises KyodoError where that list is not there.
    """
    paths = {each["name"]: folder / each.get("path", "") for each in resources}
    lists: dict[str, list[str]] = {}
    if "choices" in paths and paths["choices"].is_file():
        text = paths["choices"].read_text(
            encoding="utf-8-sig", errors="replace"
        )  # a damaged table is named as it loads
        for row in csv.DictReader(io.StringIO(text, newline="")):
            lists.setdefault(row.get("list", ""), []).append(row.get("choice", ""))
    columns = chain.from_iterable(table["schema"]["fields"] for table in resources)
    for each in filter(lambda column: "choices" in column, columns):
        name = each.pop("choices")
        if name not in lists:
            raise KyodoError(f"列 {each['name']} の選択肢「{name}」が表 choices にありません。")
        each["constraints"] = each.get("constraints", {}) | {"enum": lists[name]}


def _table(descriptor: Mapping[str, Any]) -> Table:
    schema = descriptor["schema"]
    return Table(
        name=descriptor["name"],
        title=descriptor["title"],
        path=descriptor.get("path", ""),
        columns=tuple(_column(each) for each in schema["fields"]),
        key=tuple(schema.get("primaryKey", ())),
        references=tuple(
            Reference(tuple(each["fields"]), each["reference"]["resource"], tuple(each["reference"]["fields"]))
            for each in schema.get("foreignKeys", ())
        ),
        descriptor=descriptor,
    )


def _column(descriptor: Mapping[str, Any]) -> Column:
    limits = descriptor.get("constraints", {})
    return Column(
        name=descriptor["name"],
        title=descriptor["title"],
        type=descriptor["type"],
        unit=descriptor.get("unit", ""),
        description=descriptor.get("description", ""),
        required=limits.get("required", False),
        allowed=tuple(limits.get("enum", ())),
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        pattern=limits.get("pattern", ""),
        max_length=limits.get("maxLength"),
    )


def parse_table(data: bytes, table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one table's CSV (UTF-8, with or without BOM) against its declaration.

    Returns the frame, typed as declared (empty where there are problems), and every problem found, with the
    row as a spreadsheet shows it.
    """
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problem = Problem(
            "encoding", f"CSV(UTF-8)として読めません({error})。", "UTF-8 で保存し直してください。", table.path
        )
        return table.empty(), [problem]
    names = [column.name for column in table.columns]
    if not rows or rows[0] != names:
        found = "、".join(rows[0]) if rows else "(空のファイル)"
        message = f"列が定義と異なります。定義: {'、'.join(names)} / ファイル: {found}。"
        return table.empty(), [Problem("columns", message, "列名と順序を定義に合わせてください。", table.path, row=1)]
    problems = [*_cell_problems(rows[1:], table), *_key_problems(rows[1:], table)]
    if problems:
        return table.empty(), problems
    return table.typed(pd.DataFrame(rows[1:], columns=names, dtype="str")), []


def _cell_problems(rows: list[list[str]], table: Table) -> Iterator[Problem]:
    for number, row in enumerate(rows, start=2):
        if len(row) != len(table.columns):
            message = f"列が {len(row)} 個あります({len(table.columns)} 個のはずです)。"
            yield Problem("width", message, "カンマと引用符を確かめてください。", table.path, row=number)
            continue
        for column, text in zip(table.columns, row, strict=True):
            if fault := column.fault(text):
                yield Problem("cell", fault, "この欄を直してください。", table.path, row=number, column=column.name)


def _key_problems(rows: list[list[str]], table: Table) -> Iterator[Problem]:
    at = [[column.name for column in table.columns].index(name) for name in table.key]
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows, start=2):
        if not at or len(row) != len(table.columns):
            continue
        key = tuple(row[index] for index in at)
        if key in seen:
            message = f"{seen[key]}行目と同じ行です({'、'.join(key)})。"
            yield Problem("key", message, "どちらかを消してください。", table.path, row=number, column=table.key[-1])
        seen.setdefault(key, number)


def reference_problems(frames: Mapping[str, pd.DataFrame], tables: Iterable[Table]) -> Iterator[Problem]:
    """Every row that names something another table does not have."""
    for table in tables:
        for reference in table.references:
            other = frames[reference.other]
            known = set(other[list(reference.other_columns)].itertuples(index=False, name=None))
            keys = frames[table.name][list(reference.columns)].itertuples(index=False, name=None)
            for number, key in enumerate(keys, start=2):
                if any(pd.isna(part) or part == "" for part in key) or key in known:
                    continue
                message = f"「{'、'.join(map(str, key))}」は表 {reference.other} にありません。"
                yield Problem(
                    "reference",
                    message,
                    "どちらかの表を直してください。",
                    table.path,
                    row=number,
                    column=reference.columns[-1],
                )


def codebook(table: Table) -> pd.DataFrame:
    """The table's columns as a data dictionary: name, title, type, unit, required, allowed, description."""
    return pd.DataFrame(
        {
            "name": column.name,
            "title": column.title,
            "type": TYPE_TITLES[column.type],
            "unit": column.unit,
            "required": "必須" if column.required else "",
            "allowed": list(column.allowed),
            "description": column.description,
        }
        for column in table.columns
    )
