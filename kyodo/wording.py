"""Numbers into the words of Japanese official documents.

Rounding is 四捨五入 (half away from zero) on the decimal the reader means, not on its binary image;
a negative number is ▲ on screen and paper; a missing one is blank, never 0.

>>> percent(37.25), points(22.15 - 18.8), points(37.2 - 37.5), ratio(-0.04), percent(None)
('37.3%', '+3.4ポイント', '▲0.3ポイント', '▲4.0%', '')
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from itertools import pairwise
from unicodedata import east_asian_width

import pandas as pd


def round_half_up(value: float | None, digits: int = 1) -> float | None:
    """Round half away from zero to ``digits`` decimals; None for a missing value.

    Nine decimals are kept first, so that 3.3499999999999979 (22.15 − 18.8 in binary) counts as 3.35.
    """
    if pd.isna(value):
        return None
    exact = Decimal(f"{value:.9f}").quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return float(exact) + 0.0  # + 0.0 turns −0.0 into 0.0


def number(value: float | None, *, digits: int = 1, unit: str = "", signed: bool = False, scale: int = 1) -> str:
    """Write a number: rounded half up, thousands with commas, ▲ for minus, ``+``/``±`` where signed."""
    if pd.isna(value):
        return ""
    rounded = round_half_up(value * scale, digits)
    sign = "▲" if rounded < 0 else ("" if not signed else "+" if rounded > 0 else "±")
    return f"{sign}{abs(rounded):,.{digits}f}{unit}"


percent = partial(number, unit="%")  # a share of people, already in percent
ratio = partial(number, scale=100, unit="%")  # a fraction: 到達率, 改善幅率, 経過率, ペース比
points = partial(number, unit="ポイント", signed=True)  # a difference of percentages
signed = partial(number, signed=True)  # the same where a column's title already says ポイント
pace = partial(number, digits=2, unit="ポイント/年", signed=True)
signed_pace = partial(number, digits=2, signed=True)
people = partial(number, digits=0, unit="人")
count = partial(number, digits=0, unit="件")


def circled(indicator: int) -> str:
    """The plan's mark of an indicator or item number: ① for 1, up to ㊿; plain ``(51)`` beyond.

    >>> circled(1), circled(12), circled(21), circled(51)
    ('①', '⑫', '㉑', '(51)')
    """
    for first, last, start in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= indicator <= last:
            return chr(start + indicator - first)
    return f"({indicator})"


@lru_cache(maxsize=32768)  # texts are measured again in every size that is tried
def width(text: str) -> float:
    """How wide a text is set in BIZ UDPゴシック, in full-width characters, rather more than less.

    Programs put a quarter of a character between Latin letters or digits and Japanese.

    >>> width("目標値"), width("H24目標"), width("37.2%")
    (3.0, 4.5, 3.49)
    """
    wide = [east_asian_width(sign) in "WFA" for sign in text]
    changes = sum(
        before != after and (text[place] + text[place + 1]).replace("%", "0").isalnum()
        for place, (before, after) in enumerate(pairwise(wide))
    )
    advances = sum(
        1.0 if is_wide else 0.75 if sign.isupper() or sign.isdigit() else 0.62
        for sign, is_wide in zip(text, wide, strict=True)
    )
    return round(advances + 0.25 * changes, 2)


def listed(names: Iterable[str], most: int = 4, *, joined: str = "、", unit: str = "") -> str:
    """The first of these names, each once, and how many more (of a ``unit``).

    >>> listed(["I-1-1", "I-1-2", "I-1-1", "II-1-4"], 2, joined="・")
    'I-1-1・I-1-2ほか1'
    """
    every = list(dict.fromkeys(names))
    return joined.join(every[:most]) + (f"ほか{len(every) - most}{unit}" if len(every) > most else "")


def nth_meeting(number: int | None) -> str:
    """「第3回」; blank where no meeting is named."""
    return "" if pd.isna(number) else f"第{int(number)}回"


def one_line(text: str, limit: int) -> str:
    """A text of any number of lines on one, as :func:`shorten` cuts it."""
    return shorten(" ".join(text.split()), limit)


def shorten(text: str, limit: int = 60) -> str:
    """Cut a text that somebody else wrote to ``limit`` characters, control characters made visible."""
    visible = "".join("�" if not character.isprintable() else character for character in str(text))
    return visible if len(visible) <= limit else f"{visible[: limit - 1]}…"
