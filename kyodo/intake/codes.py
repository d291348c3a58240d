"""What may be wrong with a survey file: kinds with title, usual remedy and national rule, and the sentences, as tables.

``codes.csv`` declares every kind once; ``rule`` is the item of 総務省「統計表における機械判読可能なデータ作成に関する表記方法」
(令和2年12月, 機械可読性ルール) that such a file departs from. ``messages.csv`` holds every sentence the reader says, with
its kind. Codes are stable: they stand in exported problem lists and in tests.
"""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kyodo.errors import Problem
from kyodo.intake.grid import quoted
from kyodo.wording import shorten

RULE_NAME = "機械可読性ルール"
MOST = 200  # problems kept of one file; more are only counted
NAMED = 10  # rows or texts a sentence names
_HERE = Path(__file__)


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: Japanese title, what to do about it unless the place knows better, and the national rule's item."""

    title: str
    hint: str = ""
    rule: str = ""


def _rows(name: str) -> list[dict[str, str]]:
    with _HERE.with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CODES = {row.pop("code"): Code(**row) for row in _rows("codes.csv")}


@cache
def _messages() -> dict[str, tuple[str, str, str]]:
    return {row["message"]: (row["code"], row["text"], row["hint"]) for row in _rows("messages.csv")}


def rows_named(rows: Iterable[int]) -> str:
    """Row numbers in words: the first ten, and that there are more."""
    rows = sorted(set(rows))
    return "、".join(f"{row}行目" for row in rows[:NAMED]) + ("など" if len(rows) > NAMED else "")


def _shown(value: Any) -> Any:
    """A value as a sentence takes it: texts in brackets, several parted by commas; numbers as they are."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Phrase):
        return value.text
    if isinstance(value, Collection):
        several = list(value)
        if several and isinstance(several[0], int):
            return rows_named(several)
        return "、".join(str(_shown(each)) for each in several[:NAMED]) + ("など" if len(several) > NAMED else "")
    return value


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of our own for a sentence, taken as they are; nothing of a file."""

    text: str


def problem(message: str, *, sheet: str = "", row: int | None = None, column: str = "", **values: Any) -> Problem:
    """A problem or notice by its message's name; texts among ``values`` come from the file and are shortened in brackets."""
    code, text, hint = _messages()[message]  # a KeyError here is a mistake in this package, never in a file
    shown = {name: _shown(value) for name, value in values.items()} | {"row": row}
    return Problem(
        code=code,
        message=text.format(**shown),
        hint="" if hint == "-" else hint.format(**shown) if hint else CODES[code].hint,
        sheet=shorten(sheet),
        row=row,
        column=shorten(column),
    )


@dataclass(slots=True)
class Findings:
    """What reading one table has found so far: problems refuse the file, notices only tell. Places carry the sheet.

    A doubt is a problem until the clerk has ``confirmed`` its code; then it is told.
    """

    sheet: str = ""
    confirmed: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def refuse(self, message: str, **said: Any) -> None:
        """Note a problem."""
        self.problems.append(problem(message, **{"sheet": self.sheet} | said))

    def tell(self, message: str, **said: Any) -> None:
        """Note something worth telling that does not refuse the file."""
        self.notices.append(problem(message, **{"sheet": self.sheet} | said))

    def doubt(self, message: str, **said: Any) -> None:
        """Ask, or where the clerk has confirmed it, tell."""
        found = problem(message, **{"sheet": self.sheet} | said)
        (self.notices if found.code in self.confirmed else self.problems).append(found)

    def fault(self, fault: "Fault", **place: Any) -> None:
        """Note a problem that a cell raised."""
        self.refuse(fault.message, **fault.values, **place)

    def add(self, other: "Findings") -> None:
        """Take over what another reading found."""
        self.problems += other.problems
        self.notices += other.notices


class Fault(ValueError):
    """Something that cannot be read: a message's name and its values; the place is known by whoever catches it."""

    def __init__(self, message: str, **values: Any) -> None:
        """Keep what will be said."""
        super().__init__(message)
        self.message, self.values = message, values

    @property
    def code(self) -> str:
        """The code of the problem it makes."""
        return _messages()[self.message][0]

    def __str__(self) -> str:
        """The sentence."""
        return problem(self.message, **self.values).message
