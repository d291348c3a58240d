"""What a worksheet's number formats make of a number, as far as the reading depends on it: %, dates, and H25 for 25."""

import datetime as dt
import re
from functools import lru_cache

_BUILTIN = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"}
_BUILTIN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKET = re.compile(r"\[[^\[\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
LONGEST = 255  # characters Excel lets a format have
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|(General|G/標準|[0#]+)|(_.|\*.)|(.)', re.IGNORECASE)


def code_of(number: int, custom: dict[int, str]) -> str:
    """A format's code by its id; empty where it is not known, General where it is longer than any format may be."""
    code = custom.get(number, _BUILTIN.get(number, ""))
    return code if len(code) <= LONGEST else "General"


@lru_cache(maxsize=4096)
def is_percent(code: str) -> bool:
    r"""Whether a format multiplies by 100: a % outside quotes.

    >>> is_percent("0.0%"), is_percent('0.0"%"'), is_percent("0.0\\%")
    (True, False, False)
    """
    return "%" in _QUOTED.sub("", code.split(";")[0])


@lru_cache(maxsize=4096)
def is_date(number: int, code: str) -> bool:
    """Whether a format shows a date or time."""
    if not code:
        return number in _BUILTIN_DATES
    first = _QUOTED.sub("", code.split(";")[0])
    if _ELAPSED.search(first):
        return True
    bare = re.sub("general|g/標準", "", _BRACKET.sub("", first), flags=re.IGNORECASE)
    return bool(re.search(r"[ymdhsge年月日]", bare, re.IGNORECASE)) and not re.search(r"[0#]", bare.replace("ss.0", ""))


def shown_integer(value: float, code: str) -> str:
    """A whole number with the literal text its format puts around it; empty where the format says nothing more.

    >>> shown_integer(25, '"平成"0"年度"'), shown_integer(25, "0")
    ('平成25年度', '')
    """
    if value != int(value) or not code or ";" in code:
        return ""
    shown, literal, placed = "", False, False
    for quoted, escaped, digits, _, other in _LITERAL.findall(_BRACKET.sub("", code)):
        if digits:
            if placed:
                return ""
            shown, placed = shown + str(int(value)), True
        elif quoted or escaped:
            shown, literal = shown + quoted + escaped, True
        elif other.strip():
            if other in ".,%eE/?@":
                return ""
            shown, literal = shown + other, True
    return shown if literal and placed else ""


def date_of(serial: float, from_1904: bool) -> str:
    """A date serial as ISO text; the serial itself where it is no date."""
    start = dt.datetime(1904, 1, 1) if from_1904 else dt.datetime(1899, 12, 30)
    try:
        return (start + dt.timedelta(days=serial)).isoformat(sep=" ").removesuffix(" 00:00:00")
    except (OverflowError, ValueError):
        return f"{serial:g}"
