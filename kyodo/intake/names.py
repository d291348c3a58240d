"""Which indicator a row speaks of: its number and its name must agree, and a shortened name must fit exactly one.

No fuzzy matching: 参加している and 参加していない differ by two characters and mean the opposite.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kyodo.intake.grid import Cell, cleaned, is_blank
from kyodo.intake.words import Fault, Phrase, key_of

_NUMBER = re.compile(r"(?:(?:成果指標|指標|no|番号|第)[.:_-]?)?[(\[]?(\d{1,4})[)\]]?(?:\.0+)?[.:)、]?(?:番)?", re.ASCII)
_LEADING = re.compile(r"(?:成果指標|指標|no)?[.:]?[(\[]?(\d{1,2})[)\]]?(?:[.:)、,_-]+|(?=[^\d.:)、,]))", re.ASCII)
_TRAILING = re.compile(r"(?:[(\[](?:%|パーセント|単位:?%)[)\]]|%|[(\[]?[※注]\d*[)\]]?|\*+\d*|[。、.]+)$")
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|・{3,})$")
_BRACKETS = str.maketrans("", "", "「」『』\"'【】")
_PARTICLES = re.compile("市民の割合|職員の割合|の割合|[ぁ-ん]+|[、。・()（）「」?？0-9a-z]+")
_LONGEST = 300  # characters of a name that are looked at
_SHORTEST = 4  # characters a shortened name must have: 割合 alone says nothing
_MOST = 0.6  # of a name's characters that name it beyond doubt


@dataclass(frozen=True, slots=True)
class Match:
    """An indicator found, and the shortened name that had to be assumed to mean it (empty where none)."""

    indicator: int
    short: str = ""


class IndicatorNames:
    """The plan's indicators by number, full name and short name."""

    def __init__(self, indicators: pd.DataFrame) -> None:
        """Take a frame with ``indicator``, ``name`` and ``short_name``."""
        numbers = [int(number) for number in indicators["indicator"]]
        self.names: Mapping[int, str] = dict(zip(numbers, indicators["name"].astype(str), strict=True))
        self._full = {key_of(name): number for number, name in self.names.items()}
        self._short = {key_of(name): n for n, name in zip(numbers, indicators["short_name"], strict=True)}

    def resolve(self, number: Cell, name: Cell) -> Match:
        """The indicator a row's number cell and name cell agree on.

        Raises:
            Fault: ``unknown`` where neither says it, ``mismatch`` where they disagree.
        """
        inside, key = self._split(name)
        said = {self._stated(number), inside} - {None}
        if is_blank(name) and said:
            return Match(*said)
        fits = self._fits(key) if key else set()
        found = said or fits
        if len(found) == 1 and found <= fits:
            (indicator,) = found
            return Match(indicator, "" if self._full.get(key) == indicator else name.text)
        raise self._fault(said, name, fits)

    def _fault(self, said: set[int], name: Cell, fits: set[int]) -> Fault:
        if said:
            own = [self.names[indicator] for indicator in sorted(said)]
            return Fault("mismatch", number=min(said), name=name.text, own=own)
        message = "unknown_blank" if is_blank(name) else "unknown_several" if fits else "unknown"
        return Fault(message, name=name.text, several=Phrase("、".join(map(str, sorted(fits)))))

    def surely_named(self, name: Cell) -> bool:
        """Whether a text alone names an indicator beyond doubt: in full, by the plan's short name, or by most of the name.

        A word such as 市民活動 may be a policy, a category or a question; it does not make a table one of indicators.
        """
        _, key = self._split(name)
        key = _ELLIPSIS.sub("", key)
        if key in self._full or key in self._short:
            return True
        return any(key in full and len(key) >= _MOST * len(full) for full in self._full)

    def column_indicator(self, header: str) -> int | None:
        """The indicator a raw file's column is named for, by full or short name or an unambiguous part; None otherwise."""
        _, key = self._split(Cell(header))
        fits = self._fits(key) if key else set()
        return fits.pop() if len(fits) == 1 else None

    def matter(self, text: str) -> int | None:
        """The one indicator whose matter a whole sentence speaks of, by the words only that indicator's name has.

        A question in a sentence of its own (地域活動に参加していますか。) is proposed by this, never read.
        """
        key = key_of(text)
        counts = {number: sum(word in key for word in words) for number, words in self._own_words().items()}
        best = max(counts.values())
        found = [number for number, count in counts.items() if count == best]
        return found[0] if best and len(found) == 1 else None

    def _own_words(self) -> dict[int, set[str]]:
        """Each indicator's words (runs without kana) of two characters and more that no other indicator's name has."""
        said = {n: {w for w in _PARTICLES.split(key_of(name)) if len(w) > 1} for n, name in self.names.items()}
        return {
            n: {w for w in words if not any(w in key_of(name) for m, name in self.names.items() if m != n)}
            for n, words in said.items()
        }

    def is_number(self, cell: Cell) -> bool:
        """Whether a cell holds the number of an indicator."""
        try:
            return self._stated(cell) is not None
        except Fault:
            return False

    def _stated(self, cell: Cell) -> int | None:
        text = cleaned(cell)
        if cell.kind in {"error", "formula"}:
            raise Fault("number_formula" if cell.kind == "formula" else "number_error")
        if not text:
            return None
        if cell.kind == "number":
            number = int(cell.number) if cell.number == int(cell.number) else None
        else:
            match = _NUMBER.fullmatch(key_of(text[:_LONGEST]))
            number = int(match[1]) if match else None
        if number not in self.names:
            raise Fault("unknown_number", text=cell.text, last=max(self.names))
        return number

    def _split(self, name: Cell) -> tuple[int | None, str]:
        """A name's leading number and its key without number, units and footnotes."""
        if is_blank(name) or name.kind != "text":
            return None, ""
        key = key_of(name.text[: _LONGEST + 1]).translate(_BRACKETS)
        if len(name.text) > _LONGEST:
            return None, key + "…"  # longer than any name, and no shortened one
        number = None
        if (match := _LEADING.match(key)) and int(match[1]) in self.names and match.end() < len(key):
            number, key = int(match[1]), key[match.end() :]
        while (shorter := _TRAILING.sub("", key)) != key:
            key = shorter
        return number, key

    def _fits(self, key: str) -> set[int]:
        """Indicators a name's key may mean: itself, the plan's short name, or a part of the full name."""
        key = _ELLIPSIS.sub("", key)
        if key in self._full:
            return {self._full[key]}
        if key in self._short:
            return {self._short[key]}
        return {number for name, number in self._full.items() if key in name} if len(key) >= _SHORTEST else set()
