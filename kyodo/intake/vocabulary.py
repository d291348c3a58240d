"""Words as data: what headers, totals, notes, answers and units mean stands in ``vocabulary.csv`` and nowhere else.

A row says what its ``words`` (parted by blanks) mean; where ``about`` says so they are regular expressions over keys.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("vocabulary.csv")
_DASHES = str.maketrans("−‐‑‒–—―－〜～⁓", "--------~~~")
_IGNORED = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]+")
_CIRCLED = {
    ord(c): str(n) for row in ("❶❷❸❹❺❻❼❽❾", "➀➁➂➃➄➅➆➇➈", "➊➋➌➍➎➏➐➑➒", "⓵⓶⓷⓸⓹⓺⓻⓼⓽") for n, c in enumerate(row, 1)
}


def key_of(text: str) -> str:
    """A text's key for comparisons: NFKC, dashes and waves folded, blanks and invisible marks out, lower case."""
    folded = unicodedata.normalize("NFKC", str(text).translate(_CIRCLED)).translate(_DASHES)
    return _IGNORED.sub("", folded).casefold()


@cache
def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["means"]] += row["words"].split()
    return {means: tuple(words) for means, words in found.items()}


@cache
def raw_words(means: str) -> frozenset[str]:
    """The words of one meaning as they are written."""
    return frozenset(_table()[means])


@cache
def words(means: str) -> frozenset[str]:
    """The keys of one meaning's words."""
    return frozenset(map(key_of, _table()[means]))


@cache
def pattern(means: str) -> re.Pattern[str]:
    """One meaning's regular expressions as one."""
    return re.compile("|".join(_table()[means]), re.IGNORECASE)


@cache
def family(name: str) -> dict[str, str]:
    """Of a family of meanings (``header.value``, ``header.n`` …) each word's key with the meaning's last part."""
    return {
        key_of(word): means.partition(".")[2]
        for means, found in _table().items()
        if means.startswith(f"{name}.")
        for word in found
    }


@cache
def members(name: str) -> tuple[str, ...]:
    """The last parts of a family's meanings, in order."""
    return tuple(means.partition(".")[2] for means in _table() if means.startswith(f"{name}."))


def is_total(text: str) -> bool:
    """Whether a respondent's cell is nothing but a total's label.

    >>> is_total("合　計"), is_total("合計が合わない"), is_total("計2")
    (True, False, False)
    """
    if len(text) > 40 or (text.isascii() and not text.strip().isalpha()):
        return False
    return re.sub(r"\([^()]{1,6}\)$", "", key_of(text)) in words("answers_total")


def is_weight(header: str) -> bool:
    """Whether a column is named like a weight.

    >>> is_weight("WT"), is_weight("ウェイト値"), is_weight("体重")
    (True, True, False)
    """
    key = key_of(header)
    return bool(pattern("weight").search(key)) and not pattern("not_weight").search(key)


def group_name(header: str) -> str:
    """性別, 年代 or 地域 for a header that means it; empty for others."""
    return family("group").get(key_of(header), "")


def is_identity(header: str) -> bool:
    """Whether a column numbers the respondents (回答者ID, 整理番号, No.)."""
    return bool(pattern("identity").search(key_of(header)))
