"""Japanese fiscal years as the western year's integer: April 2013 to March 2014 is 2013, H25年度.

>>> parse_fiscal_year("平成25年度"), parse_fiscal_year("R元"), parse_fiscal_year("2013.0")
(2013, 2019, 2013)
>>> label(2011), short_label(2019)
('H23年度(2011)', 'R1')
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")
FIRST, LAST = 1926, 2068  # what a survey or a plan can plausibly name: 昭和元年度 to 令和50年度


@dataclass(frozen=True, slots=True)
class Era:
    """An era's letter and names, the western year before its year 1, and its last fiscal year's number."""

    letter: str
    names: tuple[str, ...]
    zero: int
    last: int


# 昭和64年 had seven days, all of them in 昭和63年度; 平成31年度 is in use beside 令和元年度.
ERAS = (
    Era("S", ("昭和", "昭"), 1925, 63),
    Era("H", ("平成", "平"), 1988, 31),
    Era("R", ("令和", "令"), 2018, LAST - 2018),
)
_BY_NAME = {name: era for era in ERAS for name in (era.letter, *era.names)}
_NAMES = "|".join(sorted(_BY_NAME, key=len, reverse=True))
_YEAR = rf"(?:(?P<era>{_NAMES})\.?(?P<number>元|\d{{1,2}}|[一二三四五六七八九十]{{1,4}})|(?:FY)?(?P<western>\d{{4}})(?:\.0+)?)"
_ONE = re.compile(rf"{_YEAR}(?:年度|年|FY)?")
_TWO = re.compile(r"(?P<first>[^()]+)\((?P<second>[^()]+)\)(?:年度)?")
_DAY = re.compile(
    rf"(?:(?P<western>\d{{4}})|(?P<era>{_NAMES})(?P<number>\d{{1,2}}|元))[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})日?(?: 00:00:00)?"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー_", "-"))
_DIGIT = re.compile(r"[\d一二三四五六七八九十元]")
_KANJI = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}


def parse_fiscal_year(text: object) -> int:
    """Read a fiscal year in any usual spelling: ``H25``, ``平成25年度``, ``R元``, ``2013``, ``2013(H25)`` …

    Raises:
        ValueError: with a Japanese message, wherever the year is not certain (``25``, ``平成40年度``,
            ``平成26年2月``, ``平成25年度(2014)``).
    """
    shown = str(text).strip()
    if any(map(_is_mark, shown)):
        raise ValueError(
            f"年度「{shown}」に上付きや丸囲みの数字などがあり、読み取れません。H25、平成25年度、2013 のように書いてください。"
        )
    key = re.sub(r"\s+", "", unicodedata.normalize("NFKC", shown)).upper()
    if not key:
        raise ValueError("年度が空欄です。")
    if re.fullmatch(r"\d{1,2}(?:年度?)?", key):
        raise ValueError(f"年度「{shown}」は元号が分かりません。H25、平成25年度、2013 のように書いてください。")
    if re.search(r"\d月|[/\-]\d", key):
        raise ValueError(
            f"年度「{shown}」は年月日のようです。暦の年と年度は1月から3月で異なるため、H25 のように年度で書いてください。"
        )
    pair = _TWO.fullmatch(key)
    years = {_single(part, shown) for part in (pair.groups() if pair else (key,))}
    if len(years) > 1:
        raise ValueError(f"年度「{shown}」は二つの書き方が食い違っています({'と'.join(map(str, sorted(years)))})。")
    return years.pop()


def parse_day(text: str) -> dt.date:
    """A day as people write it, the year first: ``2014-05-12``, ``2014/5/12``, ``平成26年5月12日``, ``H26.5.12``.

    Raises:
        ValueError: where it is none, or a short year has no era.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().upper()
    if not (found := _DAY.fullmatch(plain)):
        raise ValueError(text)
    year = int(found["western"]) if found["western"] else _BY_NAME[found["era"]].zero + _era_number(found["number"])
    return dt.date(year, int(found["month"]), int(found["day"]))


def _is_mark(char: str) -> bool:
    """Whether NFKC would turn a raised, lowered, circled or otherwise decorated character into a plain digit or letter."""
    tag, _, _ = unicodedata.decomposition(char).partition(" ")
    if tag in {"<super>", "<sub>", "<circle>", "<fraction>"}:
        return True
    decorated = tag.startswith("<") and tag not in {"<wide>", "<narrow>"}
    return decorated and bool(_DIGIT.search(unicodedata.normalize("NFKC", char)))


def _single(key: str, shown: str) -> int:
    """Read one spelling of one year, already normalised."""
    match = _ONE.fullmatch(key)
    if match is None:
        raise ValueError(f"年度「{shown}」を読み取れません。H25、平成25年度、2013 のように書いてください。")
    if match["western"]:
        year = int(match["western"])
    else:
        era, number = _BY_NAME[match["era"]], _era_number(match["number"])
        if not 1 <= number <= era.last:
            raise ValueError(f"年度「{shown}」という年度はありません({era.names[0]}は1から{era.last}までです)。")
        year = era.zero + number
    if not FIRST <= year <= LAST:
        raise ValueError(f"年度「{shown}」は扱える範囲({FIRST}から{LAST})の外です。")
    return year


def _era_number(text: str) -> int:
    """Read ``元``, ``25`` or ``二十五``; 0 where kanji digits make no number."""
    if text == "元":
        return 1
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _KANJI.get(text, 0)
    if (tens and tens not in _KANJI) or (ones and ones not in _KANJI):
        return 0
    return _KANJI.get(tens, 1) * 10 + _KANJI.get(ones, 0)


def short_label(year: int) -> str:
    """Era letter and number, ``H23``; the newer era where two share a fiscal year."""
    era = max((era for era in ERAS if era.zero < year), key=lambda era: era.zero)
    return f"{era.letter}{year - era.zero}"


def label(year: int) -> str:
    """The screen's form, ``H23年度(2011)``."""
    return f"{short_label(year)}年度({year})"


def fiscal_year_of(day: dt.date) -> int:
    """The fiscal year a day belongs to: 31 March 2014 is 2013, 1 April 2014 is 2014."""
    return day.year if day.month >= 4 else day.year - 1


def in_japan(moment: dt.datetime) -> dt.datetime:
    """The same moment on Japan's clock; a moment without a zone is taken as Japan's."""
    return moment.replace(tzinfo=JAPAN) if moment.tzinfo is None else moment.astimezone(JAPAN)
