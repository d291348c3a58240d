"""Words as data: what the words of a file mean (``vocabulary.csv``), and every sentence the reader says of it.

``codes.csv`` declares each kind of problem once; ``rule`` is the item of 総務省「統計表における機械判読可能なデータ作成に関する
表記方法」(令和2年12月, 機械可読性ルール) that such a file departs from. ``messages.csv`` holds the sentences with their kind.
Codes are stable: they stand in exported problem lists. A row of ``vocabulary.csv`` says what its ``words`` (parted by
blanks) mean; where ``about`` says so they are regular expressions over keys.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from kyodo.errors import Problem
from kyodo.wording import shorten

RULE_NAME = "機械可読性ルール"
NAMED = 10  # rows or texts a sentence names
_DASHES = str.maketrans("−‐‑‒–—―－〜～⁓", "--------~~~")
_IGNORED = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]+")
_POLITE = re.compile(
    r"^あなたの|(?:を|について)(?:お?(?:教え|答え|選び|選んで|聞かせ)て?(?:ください|下さい)|伺います)[。.]?$|は(?:どちらですか|何ですか)?[。.?]?$"
)
_CIRCLED = {
    ord(c): str(n) for row in ("❶❷❸❹❺❻❼❽❾", "➀➁➂➃➄➅➆➇➈", "➊➋➌➍➎➏➐➑➒", "⓵⓶⓷⓸⓹⓺⓻⓼⓽") for n, c in enumerate(row, 1)
}


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: Japanese title, what to do about it unless the place knows better, and the national rule's item."""

    title: str
    hint: str = ""
    rule: str = ""


CODES = {row.pop("code"): Code(**row) for row in _rows("codes.csv")}


# The vocabulary.


def key_of(text: str) -> str:
    """A text's key for comparisons: NFKC, dashes and waves folded, blanks and invisible marks out, lower case."""
    folded = unicodedata.normalize("NFKC", str(text).translate(_CIRCLED)).translate(_DASHES)
    return _IGNORED.sub("", folded).casefold()


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows("vocabulary.csv"):
        found[row["means"]] += row["words"].split()
    return {means: tuple(words) for means, words in found.items()}


@cache
def raw_words(means: str) -> frozenset[str]:
    """The words of one meaning as they are written."""
    return frozenset(_vocabulary()[means])


@cache
def words(means: str) -> frozenset[str]:
    """The keys of one meaning's words."""
    return frozenset(map(key_of, _vocabulary()[means]))


@cache
def pattern(means: str) -> re.Pattern[str]:
    """One meaning's regular expressions as one."""
    return re.compile("|".join(_vocabulary()[means]), re.IGNORECASE)


@cache
def members(name: str) -> tuple[str, ...]:
    """The last parts of a family's meanings (``header.value``, ``header.n`` …), in order."""
    return tuple(means.partition(".")[2] for means in _vocabulary() if means.startswith(f"{name}."))


@cache
def family(name: str) -> dict[str, str]:
    """Of a family of meanings each word's key with the meaning's last part."""
    return {key: member for member in members(name) for key in words(f"{name}.{member}")}


def is_total(text: str) -> bool:
    """Whether a respondent's cell is nothing but a total's or a statistic's label.

    >>> is_total("合　計"), is_total("中央計"), is_total("合計が合わない"), is_total("会計"), is_total("計2")
    (True, True, False, False, False)
    """
    return len(text) <= 40 and _is_label_of_total(text)


@lru_cache(maxsize=4096)  # of a large file every block has the same few texts
def _is_label_of_total(text: str) -> bool:
    if text.isascii() and text.strip()[-1:].isdigit():
        return False
    key = re.sub(r"\([^()]{1,6}\)$|:$", "", key_of(text))
    counted = family("header").get(key) == "n" and key.endswith("数")
    return counted or key in words("answers_total") or bool(pattern("answers_total.like").fullmatch(key))


def is_called(header: str, means: str) -> bool:
    """Whether a header matches a meaning (``weight``, ``personal``) and not what only looks like it (``not_weight``).

    >>> is_called("WT", "weight"), is_called("ウェイト値", "weight"), is_called("体重", "weight")
    (True, True, False)
    """
    key = key_of(header)
    return bool(pattern(means).search(key)) and not pattern(f"not_{means}").search(key)


def is_identity(header: str) -> bool:
    """Whether a column numbers the respondents (回答者ID, 整理番号, No.)."""
    return bool(pattern("identity").search(key_of(header)))


def group_name(header: str) -> str:
    """性別, 年代 or 地域 for a header that means it, as a word or as a polite question; empty for others.

    >>> group_name("性別"), group_name("あなたの性別をお選びください。"), group_name("お住まいの地域はどちらですか"), group_name("性別役割")
    ('性別', '性別', '地域', '')
    """
    key = key_of(header)
    return family("group").get(key) or family("group").get(_POLITE.sub("", key), "")


# The sentences.


@cache
def _messages() -> dict[str, tuple[str, str, str]]:
    return {row["message"]: (row["code"], row["text"], row["hint"]) for row in _rows("messages.csv")}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of our own for a sentence, taken as they are; nothing of a file."""

    text: str


def quoted(text: str, limit: int = 40) -> str:
    """A text from the file in brackets, shortened and on one line, for a message."""
    return f"「{shorten(' '.join(str(text).split()), limit)}」"


def _shown(value: Any) -> Any:
    """A value as a sentence takes it: texts in brackets, several parted by commas, row numbers in words."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Phrase):
        return value.text
    if not isinstance(value, Collection):
        return value
    several = list(value)
    if several and isinstance(several[0], int):
        several = [Phrase(f"{row}行目") for row in sorted(set(several))]
    return "、".join(str(_shown(each)) for each in several[:NAMED]) + ("など" if len(several) > NAMED else "")


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


class Fault(ValueError):
    """Something that cannot be read: a message's name and its values; the place is known by whoever catches it."""

    def __init__(self, message: str, **values: Any) -> None:
        """Keep what will be said."""
        super().__init__(message)
        self.message, self.values = message, values

    def __str__(self) -> str:
        """The sentence."""
        return problem(self.message, **self.values).message


@dataclass(slots=True)
class Findings:
    """What reading one table has found so far: problems refuse the file, notices only tell. Places carry the sheet.

    A doubt is a problem until the clerk has ``confirmed`` its code; then it is told.
    """

    sheet: str = ""
    confirmed: Collection[str] = ()
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

    def add(self, problems: Iterable[Problem], notices: Iterable[Problem]) -> None:
        """Take over what was found elsewhere."""
        self.problems += problems
        self.notices += notices
