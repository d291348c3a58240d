"""Which column means what: a header's text (and the heading above it) into a role, by the vocabulary.

A header has a role only where every word of it is known: a year, who was asked, a remark, and at the end a word of the
role. Whatever says more (認知, 男性, ポイント), or stands under such a heading, is a column that only the clerk can name.
"""

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from kyodo.fiscal import fiscal_year_of, parse_fiscal_year
from kyodo.intake.grid import DATED, ERA, day_in
from kyodo.intake.words import family, key_of, members, pattern, words

COLUMNS = {
    "number": "指標番号",
    "name": "指標名",
    "year": "年度",
    "value": "値(%)",
    "n": "回答者数",
}  # the form's own headers, in its order
LONGEST = 200  # characters of a header that are looked at
_KEEP = {"number", "name", "year", "note", "segment", "unit"}  # roles that a group heading never changes
_PAREN = re.compile(r"[(\[【〔<](.*?)[)\]】〕>]")
_ROUND = re.compile(r"第\d+回")
_FOOTNOTE = re.compile(r"[※*注]\d{1,2}$")
_QUOTES = str.maketrans("", "", "「」『』\"'")
_UNIT_PREFIX = re.compile(r"^単位[:：]?")
_YEAR_LABEL = re.compile(rf"(?<![\d.])({ERA})(?:年度|年(?!\d|度|.?月))?(?![\d.年月/-])", re.ASCII)
_YEAR_FULL = re.compile(rf"(?<![\d.])({ERA})年度", re.ASCII)


@dataclass(frozen=True, slots=True)
class Label:
    """One header cell understood: its role, unit, and the fiscal year it names (None without).

    ``key`` is the header's key, ``insides`` what stands there in brackets, ``base`` what is left.
    """

    role: str
    unit: str = ""
    year: int | None = None
    key: str = ""
    insides: tuple[str, ...] = ()
    base: str = ""


def year_in(key: str, *, full: bool = False) -> int | None:
    """The one fiscal year a header or title names, with ``full`` only where 年度 follows; None for none or several."""
    found = set()
    for text in (_YEAR_FULL if full else _YEAR_LABEL).findall(key):
        try:
            found.add(parse_fiscal_year(text))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


def _year_of(key: str) -> int | None:
    """The fiscal year a header names, by itself or by the one month of the survey; not by the day a paper was made."""
    year, months = year_in(key), {match[0]: match for match in DATED.finditer(key)}
    if year is not None or len(months) != 1 or pattern("printing").search(key):
        return year
    ((text, match),) = months.items()
    surveyed = text.endswith(("調査", "実施")) or not (match["full"] or "日" in text)
    day = day_in(match) if surveyed else None
    return None if day is None else fiscal_year_of(day)


def without_years(text: str) -> str:
    """A header's text without the years and dates it names."""
    return _YEAR_LABEL.sub("", DATED.sub("", _ROUND.sub("", text)))


@lru_cache(maxsize=4096)
def label_of(text: str, group: str = "") -> Label:
    """What a header's text says, the group heading above it taken into account.

    >>> label_of("実績値(％)").role, label_of("H24目標").role, label_of("値(人)").role, label_of("値(%)", "目標").role
    ('value', 'target', 'count', 'target')
    """
    label, above = _taken_apart(key_of(text[:LONGEST]).translate(_QUOTES)), key_of(group[:LONGEST])
    label = replace(label, role=_role(label))
    if not above or label.role in _KEEP:
        return label
    role, silent = excluded(above), is_neutral(above) or pattern("paper").search(above)
    role = label.role if role == "other" and silent else role
    return replace(label, role=role, year=label.year if label.year is not None else _year_of(above))


def _taken_apart(key: str) -> Label:
    """A header's key taken apart, its role still unknown."""
    insides = tuple(_UNIT_PREFIX.sub("", inside) for inside in _PAREN.findall(key))
    base = _FOOTNOTE.sub("", _PAREN.sub("", key)).strip(":：_-*※")
    unit = next((inside for inside in insides if inside in family("unit")), "")
    if not unit and base.endswith(("%", "パーセント")) and base != "パーセント":
        unit, base = "%", base.removesuffix("%").removesuffix("パーセント")
    return Label("", unit, _year_of(key), key, insides, base)


def _role(label: Label) -> str:
    """The role of a header by itself."""
    role = _by_words(label)
    if role in _KEEP or label.key in family("header"):
        return role
    if not all(is_neutral(inside, role) for inside in label.insides if inside != label.unit):
        return excluded(label.key)
    return _weighed(role, family("unit").get(label.unit, ""))


def _weighed(role: str, unit: str) -> str:
    """The unit overrules: a value in persons counts, a count in percent is the value, a number of answers in % neither."""
    if role in {"value", "year_value", "count"} and unit:
        return {"percent": "value" if role == "count" else role, "persons": "count"}.get(unit, "other")
    return role if unit in {"", "persons"} else "other"


def _by_words(label: Label) -> str:
    """The role that the words of a header have outside its brackets: the longest word at its end, all before it known."""
    roles, dateless = family("header"), without_years(label.base).strip(":_-")
    rest = dateless.strip("の年度")
    spelt = (label.key, label.base, "" if dateless.endswith("年度") else rest)  # 最新値の年度 is a year
    if known := [text for text in spelt if text in roles]:
        return roles[known[0]]
    if label.year is not None and rest in words("survey") | {""}:
        return "year_value"
    return "value" if label.unit and not rest else _by_end(dateless) or excluded(label.key)  # of nothing but (%)


def _by_end(rest: str) -> str:
    """The role of a word at the end that may have any known words before it (市民意識調査の回答者数)."""
    ends = [(rest[:start], family("last").get(rest[start:])) for start in range(1, len(rest))]
    return next((role for before, role in ends if role and _neutral(role).fullmatch(before)), "")


def is_neutral(text: str, role: str = "value") -> bool:
    """Whether a text says no more than years, who was asked, and how sure the numbers are.

    >>> is_neutral("平成25年度市民意識調査"), is_neutral("山口県"), is_neutral("確定値、小数点第1位まで")
    (True, False, True)
    """
    parts = re.split(r"[、・;]|,(?!\d{3})", text)
    return all(_is_neutral(without_years(part), role) for part in parts)


def _is_neutral(part: str, role: str) -> bool:
    spelt = (part, pattern("time_ending").sub("", part))
    return any(_neutral(role).fullmatch(each) or pattern("remark.form").fullmatch(each) for each in spelt)


@cache
def _neutral(role: str) -> re.Pattern[str]:
    """Any words that say nothing against a role, one after the other."""
    known = words("remark.any") | words("survey") | words("unit.percent")
    known |= words("remark.n" if role == "n" else "remark.value")
    known |= {key for key, other in family("header").items() if other in {role, "value", "year"}}
    # Possessive: of 調査結果 and 調査 the longer one, for good; trying both would take for ever over a long heading.
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(known, key=len, reverse=True)))}|[の:_-])*+")


def excluded(key: str) -> str:
    """What a column that is not the value may be: ``target``, ``change``, ``previous``, else ``other``."""
    return next((role for role in members("not_value") if pattern(f"not_value.{role}").search(key)), "other")
