"""One cell of a returned sheet into what it says, or a sentence why not: nothing is taken that could mean two things."""

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kyodo.cycle.judge import choices
from kyodo.errors import Problem
from kyodo.fiscal import parse_day, parse_fiscal_year
from kyodo.intake import Cell
from kyodo.plan import Plan

LONGEST = 2000  # characters of one answer
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー_", "-") | dict.fromkeys("〜～", "~"))
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_SERIALS = range(36526, 73051)  # a day of the years 2000 to 2099 as a spreadsheet counts days
_ACTIVE = ("=", "+", "-", "@")


@cache
def _messages() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("messages.csv").open(encoding="utf-8", newline="") as file:
        return {row.pop("message"): row for row in csv.DictReader(file)}


def problem(message: str, *, sheet: str = "", row: int | None = None, column: str = "", **said: Any) -> Problem:
    """A problem or notice by its message's name in ``messages.csv``; ``said`` are the values of its sentences."""
    known, said = _messages()[message], said | {"sheet": sheet, "row": row}
    return Problem(known["code"], known["text"].format(**said), known["hint"].format(**said), "", sheet, row, column)


class UnclearError(ValueError):
    """A cell that cannot be taken: the text says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep both sentences."""
        self.hint = hint
        super().__init__(message)


def fold(text: str) -> str:
    """A text without what spelling and spreadsheets change: width, case, spaces, punctuation and kinds of dashes.

    >>> fold("自己点検（目的共有）") == fold("自己点検 目的共有")
    True
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).casefold()
    return re.sub(r"[\s()\[\]【】「」・:;,、。.]", "", plain)


def read_text(cell: Cell) -> str:
    """Text as it was typed, line ends alike; a number as it is shown; blank where nothing but spaces stand."""
    if cell.kind == "error":
        raise UnclearError(f"エラー({cell.text})になっています。", "文字で入力し直してください。")
    if cell.kind == "formula":
        raise UnclearError("数式の結果が保存されていません。", "Excel で開いて保存し直すか、文字で入力してください。")
    text = (cell.shown or cell.text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return ""
    if text.startswith("'") and text[1:].startswith(_ACTIVE):
        text = text[1:]  # what keeps a spreadsheet from taking a CSV's text for a formula
    if len(text) > LONGEST:
        raise UnclearError(f"{len(text):,}字あります。", f"{LONGEST:,}字以内にしてください。")
    return text


def read_written(cell: Cell) -> str:
    """A text field; a date in it is what a spreadsheet made of something else (3-4 becomes 3月4日)."""
    if cell.kind == "date":
        raise UnclearError(f"日付({cell.text})になっています。", "セルの書式を「文字列」にして、入力し直してください。")
    return read_text(cell)


def read_number(cell: Cell) -> float | None:
    """A number: 1,200, １２.５; missing is None."""
    if cell.kind in ("number", "percent"):
        return cell.number
    text = read_written(cell)
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).replace(",", "").replace(" ", "")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise UnclearError(f"「{text[:40]}」は数ではありません。", "数だけを書き、単位は「単位」の欄に書いてください。")
    return float(plain)


def read_date(cell: Cell) -> str:
    """A day as ``2014-04-20``: a spreadsheet's date, 2014/4/20, 平成26年4月20日, H26.4.20; a serial with its format lost."""
    if cell.kind == "number" and cell.number in _SERIALS:
        return (dt.date(1899, 12, 30) + dt.timedelta(days=int(cell.number))).isoformat()
    text = read_text(cell)
    if not text:
        return ""
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise UnclearError(
            f"「{text[:40]}」は日付として読めません。", "2014-04-20 のように、年から書いてください。"
        ) from None


def read_year(cell: Cell) -> int:
    """A fiscal year in any usual spelling."""
    try:
        return parse_fiscal_year(read_text(cell))
    except ValueError as error:
        raise UnclearError(str(error), "配ったシートの年度に戻してください。") from None


def item_key(text: str) -> str:
    """An item's key as the plan's tables write it.

    >>> item_key("Ⅰ－(2)－③"), item_key(" i-2-3 ")
    ('I-2-3', 'I-2-3')
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
    return re.sub(r"[\s()]", "", plain)


class Chooser:
    """Reads the choices of one list: the symbol, the word, both, or what is read as them."""

    def __init__(self, plan: Plan, name: str) -> None:
        """Take the list from the plan's table ``choices``."""
        rows = choices(plan, name).to_dict("records")
        self.offered = [row["mark"] + row["choice"] for row in rows]
        self._known: dict[str, str] = {}
        for row in rows:
            marks = [row["mark"], *row["read_as"].split()]
            spellings = [
                row["choice"],
                *marks,
                *(mark + row["choice"] for mark in marks),
                *(row["choice"] + mark for mark in marks),
            ]
            self._known |= {fold(each): row["choice"] for each in spellings if each}

    def read(self, cell: Cell) -> str:
        """The choice's word, blank for a blank."""
        text = read_text(cell)
        if not text:
            return ""
        if (found := self._known.get(fold(text))) is None:
            raise UnclearError(
                f"「{text[:40]}」は選択肢にありません。", f"{'、'.join(self.offered)} から選んでください。"
            )
        return found


def readers(plan: Plan) -> Mapping[str, Callable[[Cell], Any]]:
    """Column name → what reads its cells, by the declared types and lists."""
    by_type: dict[str, Callable[[Cell], Any]] = {
        "text": read_written, "number": read_number, "date": read_date, "year": read_year,
        "item": lambda cell: item_key(read_text(cell)),
    }  # fmt: skip
    lists = {name: Chooser(plan, name).read for name in plan.sheet_columns["list"].unique() if name}
    return {
        row["name"]: lists[row["list"]] if row["type"] == "choice" else by_type[row["type"]]
        for row in plan.sheet_columns.to_dict("records")
    }
