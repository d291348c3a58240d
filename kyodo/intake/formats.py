"""What a worksheet's number formats make of a number, as far as the reading depends on it: %, dates, and H25 for 25."""

import datetime as dt
import re
from functools import lru_cache

_BUILTIN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKET = re.compile(r"\[[^\[\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LONGEST = 255  # characters Excel lets a format have; a longer one says nothing
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|(General|G/標準|[0#]+)|(_.|\*.)|(.)', re.IGNORECASE)


@lru_cache(maxsize=4096)
def is_percent(code: str) -> bool:
    r"""Whether a format multiplies by 100: a % outside quotes.

    >>> is_percent("0.0%"), is_percent('0.0"%"'), is_percent("0.0\\%")
    (True, False, False)
    """
    return len(code) <= _LONGEST and "%" in _QUOTED.sub("", code.split(";")[0])


@lru_cache(maxsize=4096)
def is_date(number: int, code: str) -> bool:
    """Whether a format (its id and its code) shows a date or time; Japanese ones with e and g too."""
    if number in _BUILTIN_DATES:
        return True
    if len(code) > _LONGEST:
        return False
    first = _QUOTED.sub("", code.split(";")[0])
    bare = re.sub("general|g/標準", "", _BRACKET.sub("", first), flags=re.IGNORECASE)
    dated = re.search(r"[ymdhsge年月日]", bare, re.IGNORECASE) and not re.search(r"[0#]", bare.replace("ss.0", ""))
    return bool(_ELAPSED.search(first) or dated)


def shown_integer(value: float, code: str) -> str:
    """A whole number with the literal text its format puts around it; empty where the format says nothing more.

    >>> shown_integer(25, '"平成"0"年度"'), shown_integer(25, "0")
    ('平成25年度', '')
    """
    parts = _literals(code)
    if value != int(value) or sum(bool(digits) for _, digits in parts) != 1:
        return ""
    shown = "".join(str(int(value)) if digits else text for text, digits in parts).strip()
    return "" if shown == str(int(value)) else shown


@lru_cache(maxsize=4096)
def _literals(code: str) -> tuple[tuple[str, str], ...]:
    """A format as (literal text, digits) pairs; none where it does more than put text around a whole number."""
    if len(code) > _LONGEST or ";" in code:
        return ()
    parts = _LITERAL.findall(_BRACKET.sub("", code))
    if any(other and other in ".,%eE/?@" for *_, other in parts):
        return ()
    return tuple((quoted + escaped + other, digits) for quoted, escaped, digits, _, other in parts)


def date_of(serial: float, epoch: dt.datetime) -> str:
    """A date serial as ISO text; the serial itself where it is no date."""
    try:
        return (epoch + dt.timedelta(days=serial)).isoformat(sep=" ").removesuffix(" 00:00:00")
    except (OverflowError, ValueError):
        return f"{serial:g}"
