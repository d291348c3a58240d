"""Which indicator a row speaks of: its number and its name must agree, and a shortened name must fit exactly one.

No fuzzy matching: 参加している and 参加していない differ by two characters and mean the opposite.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kyodo.intake.cells import CellFault, cleaned, is_blank
from kyodo.intake.grid import Cell, quoted

_DASHES = str.maketrans("−‐‑‒–—―－〜～⁓", "--------~~~")
_IGNORED = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]+")
_CIRCLED = {
    ord(c): str(n) for row in ("❶❷❸❹❺❻❼❽❾", "➀➁➂➃➄➅➆➇➈", "➊➋➌➍➎➏➐➑➒", "⓵⓶⓷⓸⓹⓺⓻⓼⓽") for n, c in enumerate(row, 1)
}
_NUMBER = re.compile(r"(?:(?:成果指標|指標|no|番号|第)[.:_-]?)?[(\[]?(\d{1,4})[)\]]?(?:\.0+)?[.:)、]?(?:番)?", re.ASCII)
_LEADING = re.compile(r"(?:成果指標|指標|no)?[.:]?[(\[]?(\d{1,2})[)\]]?(?:[.:)、,_-]+|(?=[^\d.:)、,]))", re.ASCII)
_TRAILING = re.compile(r"(?:[(\[](?:%|パーセント|単位:?%)[)\]]|%|※\d*|注\d*\)?|\*+\d*|[。、.]+)$")
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|・{3,})$")
_BRACKETS = str.maketrans("", "", "「」『』\"'【】")
LONGEST = 300  # characters of a name that are looked at
SHORTEST = 4  # characters a shortened name must have: 割合 alone says nothing


def key_of(text: str) -> str:
    """A text's key for comparisons: NFKC, dashes and waves folded, blanks and invisible marks out, lower case."""
    folded = unicodedata.normalize("NFKC", str(text).translate(_CIRCLED)).translate(_DASHES)
    return _IGNORED.sub("", folded).casefold()


@dataclass(frozen=True, slots=True)
class Match:
    """An indicator found, and in words what had to be assumed (a shortened name), or nothing."""

    indicator: int
    remark: str = ""


class IndicatorNames:
    """The plan's indicators by number, full name and short name."""

    def __init__(self, indicators: pd.DataFrame) -> None:
        """Take a frame with ``indicator``, ``name`` and ``short_name``."""
        self.names: Mapping[int, str] = dict(
            zip(indicators["indicator"].astype(int), indicators["name"].astype(str), strict=True)
        )
        self._full = {key_of(name): number for number, name in self.names.items()}
        self._short = {
            key_of(name): int(number)
            for number, name in zip(indicators["indicator"], indicators["short_name"], strict=True)
        }

    def resolve(self, number: Cell, name: Cell) -> Match:
        """The indicator a row's number cell and name cell agree on.

        Raises:
            CellFault: ``unknown`` where neither says it, ``mismatch`` where they disagree.
        """
        stated = self._stated(number)
        inside, key = self._split(name)
        if stated is not None and inside is not None and stated != inside:
            raise CellFault("mismatch", f"指標番号{stated}と指標名{quoted(name.text)}の番号が一致しません。")
        stated = inside if stated is None else stated
        if not key:
            if not is_blank(name):
                raise CellFault("mismatch", f"指標名{quoted(name.text)}はどの指標とも一致しません。")
            if stated is None:
                raise CellFault("unknown", "指標番号と指標名が空欄で、該当する指標が分かりません。")
            return Match(stated)
        fits = self._fits(key)
        if stated is None:
            return self._by_name(key, fits, name)
        if stated in fits:
            return Match(stated, self._remark(key, stated, name))
        raise CellFault("mismatch", self._disagreement(stated, fits, name))

    def column_indicator(self, header: str) -> int | None:
        """The indicator a raw file's column is named for, by full or short name or an unambiguous part; None otherwise."""
        _, key = self._split(Cell(header))
        fits = self._fits(key) if key else set()
        return fits.pop() if len(fits) == 1 else None

    def is_number(self, cell: Cell) -> bool:
        """Whether a cell holds the number of an indicator."""
        try:
            return self._stated(cell) is not None
        except CellFault:
            return False

    def _stated(self, cell: Cell) -> int | None:
        text = cleaned(cell)
        if cell.kind in {"error", "formula"}:
            raise CellFault(
                "formula" if cell.kind == "formula" else "error_cell", "指標番号が数式やエラー値で、読み取れません。"
            )
        if cell.kind == "number":
            number = int(cell.number) if cell.number == int(cell.number) else None
        elif not text:
            return None
        else:
            match = _NUMBER.fullmatch(key_of(text[:LONGEST]))
            number = int(match[1]) if match else None
        if number not in self.names:
            raise CellFault(
                "unknown",
                f"指標番号{quoted(text)}に該当する指標がありません({min(self.names)}から{max(self.names)}まで)。",
            )
        return number

    def _split(self, cell: Cell) -> tuple[int | None, str]:
        """A name's own leading number (①, 1., 指標1) and the rest as a key."""
        if cell.kind in {"error", "formula"}:
            raise CellFault(
                "formula" if cell.kind == "formula" else "error_cell", "指標名が数式やエラー値で、読み取れません。"
            )
        key = key_of(cleaned(cell)[:LONGEST]).translate(_BRACKETS)
        number = None
        if (match := _LEADING.match(key)) and int(match[1]) in self.names and key not in self._full:
            number, key = int(match[1]), key[match.end() :]
        if len(cell.text) > LONGEST:
            return number, f"{key}…"  # longer than any name: fits none
        while (shorter := _TRAILING.sub("", key)) != key:
            key = shorter
        return number, _ELLIPSIS.sub("", key)

    def _fits(self, key: str) -> set[int]:
        if key in self._full:
            return {self._full[key]}
        if key in self._short:
            return {self._short[key]}
        if len(key) < SHORTEST:
            return set()
        return {number for name, number in self._full.items() if key in name}

    def _by_name(self, key: str, fits: set[int], name: Cell) -> Match:
        if len(fits) == 1:
            (found,) = fits
            return Match(found, self._remark(key, found, name))
        if not fits:
            raise CellFault("unknown", f"指標名{quoted(name.text)}に該当する指標がありません。")
        several = "、".join(f"{number}" for number in sorted(fits))
        raise CellFault(
            "unknown", f"指標名{quoted(name.text)}に該当する指標が複数あり(指標{several})、どれか不明です。"
        )

    def _remark(self, key: str, indicator: int, name: Cell) -> str:
        if self._full.get(key) == indicator:
            return ""
        return f"略記{quoted(name.text)}を指標{indicator}{quoted(self.names[indicator])}と読みました。"

    def _disagreement(self, stated: int, fits: set[int], name: Cell) -> str:
        other = f"(この指標名は指標{min(fits)}のものです)" if len(fits) == 1 else ""
        return f"指標番号{stated}と指標名{quoted(name.text)}が一致しません{other}。指標{stated}は{quoted(self.names[stated])}です。"
