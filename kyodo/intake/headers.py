"""Which column means what: a header's text (and the heading above it) into a role, by the vocabulary.

A column is the value only if its words say so and nothing in them (or in the group heading above) says target, last
year, difference, or another rate. Where two columns could be it, nobody chooses but the clerk.
"""

import re
from collections.abc import Callable
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
_VALUES = {"value", "year_value"}
_KEEP = {"number", "name", "year", "note", "segment", "unit"}  # roles that a group heading never changes
_PAREN = re.compile(r"[(\[【〔<](.*?)[)\]】〕>]")
_ROUND = re.compile(r"第\d+回")
_WORDS = re.compile(r"[ぁ-ん]*ない[ぁ-ん]*|(?<![^\W\d_])[ぁ-ん]+|[^\W\d_ぁ-んー][^\W_ぁ-ん]*")
_REMARK = re.compile(r"\(.*?\)|\[.*?\]")
_FOOTNOTE = re.compile(r"[※*注]\d{1,2}$")
_QUOTES = str.maketrans("", "", "「」『』\"'")
_UNIT_PREFIX = re.compile(r"^単位[:：]?")
_YEAR_LABEL = re.compile(rf"(?<![\d.])({ERA})(?:年度|年(?!\d|度|.?月))?(?![\d.年月/-])", re.ASCII)
_YEAR_FULL = re.compile(rf"(?<![\d.])({ERA})年度", re.ASCII)


@dataclass(frozen=True, slots=True)
class Label:
    """One header cell understood: its role, unit, the fiscal year it names (None without), and how sure the role is.

    ``key`` is the header's key, ``insides`` what stands there in brackets, ``base`` what is left.
    """

    role: str
    unit: str = ""
    year: int | None = None
    key: str = ""
    weak: bool = False
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
    ('value', 'target', 'head_count', 'target')
    """
    parts = _taken_apart(key_of(text[:LONGEST]).translate(_QUOTES))
    role = next(filter(None, (rule(parts) for rule in _RULES)), "other")
    own = _weighed(replace(parts, role="value" if role == "weak" else role, weak=role == "weak"))
    above = key_of(group[:LONGEST])
    if not above or own.role in _KEEP:
        return own
    year = own.year if own.year is not None else _year_of(above)
    against = excluded(above) if own.role in {*_VALUES, "n", "count", "other"} else ""
    return replace(own, role=against or own.role, year=year, weak=own.weak and not against)


@lru_cache(maxsize=4096)
def own_words(heading: str) -> tuple[str, ...]:
    """What a value's heading names besides values, years and those who were asked: a matter that its rows must have too.

    >>> own_words("H25市民の割合(%)"), own_words("知っている人の割合"), own_words("利用率")
    ((), ('知',), ('利用',))
    """
    key = _value_words().sub(" ", _REMARK.sub(" ", without_years(key_of(heading[:LONGEST]))))
    return tuple(word for word in _WORDS.findall(key) if not pattern("kana").fullmatch(word))


@cache
def _value_words() -> re.Pattern[str]:
    """All words that say no more than that something is a value, the longest first."""
    roles = family("header")
    known = {key for key, role in roles.items() if role in {"value", "year", "n", "unit"}}
    known |= (
        words("remark.any") | words("remark.value") | words("survey") | words("unit.percent") | words("value_phrase")
    )
    return re.compile("|".join([*map(re.escape, sorted(known, key=len, reverse=True)), "率"]))


def _taken_apart(key: str) -> Label:
    """A header's key taken apart, its role still unknown."""
    insides = tuple(_UNIT_PREFIX.sub("", inside) for inside in _PAREN.findall(key))
    base = _FOOTNOTE.sub("", _PAREN.sub("", key)).strip(":：_-*※")
    unit = next((inside for inside in insides if inside in family("unit")), "")
    if not unit and base.endswith(("%", "パーセント")) and base != "パーセント":
        unit, base = "%", base.removesuffix("%").removesuffix("パーセント")
    return Label("", unit, _year_of(key), key, insides=insides, base=base)


def excluded(key: str) -> str:
    """The role of a column that is certainly not the value: target, change, previous or another rate."""
    return next((role for role in members("not_value") if pattern(f"not_value.{role}").search(key)), "")


# Each rule gives the role that it sees in a header, or none; ``weak`` is a value by its last words only.


def _points(parts: Label) -> str:
    pointed = not parts.unit and any("ポイント" in inside or inside in {"pt", "点"} for inside in parts.insides)
    return "change" if pointed else ""


def _known(parts: Label) -> str:
    roles = family("header")
    by_base = "" if excluded("".join(parts.insides)) else roles.get(parts.base, "")
    return roles.get(parts.key) or by_base


def _not_value(parts: Label) -> str:
    return excluded(parts.key)


def _dated(parts: Label) -> str:
    bare = without_years(parts.base).strip("の年度:_-")
    role = family("header").get(bare, "")
    if role in {"value", "n", "count"}:
        return role
    return "year_value" if parts.year is not None and bare in words("survey") | {""} else ""


def _answers(parts: Label) -> str:
    if not pattern("n_ending").search(parts.base) or pattern("answer_named").search(parts.base):
        return ""
    before = pattern("n_ending").sub("", without_years(parts.base)).removeprefix("年度")
    return "n" if pattern("n_before").fullmatch(before) else "other"


def _ending(parts: Label) -> str:
    """Roles of headers known by their last words or their unit only."""
    if not parts.base and parts.unit:
        return "value"
    counted = parts.base.endswith(("数", "人")) or (parts.unit and parts.unit not in words("unit.percent"))
    if pattern("yes_named").search(parts.base) and counted:
        return "count"
    return "weak" if pattern("rate").search(parts.base) else ""


_RULES: tuple[Callable[[Label], str], ...] = (_points, _known, _not_value, _dated, _answers, _ending)


def _weighed(label: Label) -> Label:
    """Let the unit overrule: a value in persons is a head count, a number of answers in % is another rate."""
    weigh = {"value": _weighed_value, "year_value": _weighed_value, "n": _weighed_people, "count": _weighed_people}
    return weigh.get(label.role, lambda same: same)(label)


def _weighed_value(label: Label) -> Label:
    if label.unit:
        return label if label.unit in words("unit.percent") else replace(label, role="head_count", weak=False)
    foreign = _foreign(label)
    weak = label.weak or label.role == "year_value"
    return replace(label, role="head_count", unit=foreign, weak=weak) if foreign else label


def _weighed_people(label: Label) -> Label:
    if label.role == "count" and label.unit in words("unit.percent"):
        return replace(label, role="value", weak=True)
    foreign = label.unit or (_foreign(label) if label.role == "n" else "")
    return replace(label, role="other", unit=foreign) if foreign and foreign not in words("unit.persons") else label


def _foreign(label: Label) -> str:
    """The first text in brackets that is neither percent, a year nor a known remark: it may be a unit."""
    parts = {inside: re.split(r"[、・;]|,(?!\d{3})", inside) for inside in label.insides}
    odd = (inside for inside, each in parts.items() if not all(_is_neutral(part, label.role) for part in each))
    return next(odd, "")


def _is_neutral(part: str, role: str) -> bool:
    said = pattern("time_ending").sub("", without_years(part))
    known = {part, said} & (words("remark.any") | words("unit.percent"))
    if role != "n" and part in words("remark.value"):
        return True
    return bool(known or not said or family("header").get(part) == role or pattern("remark.form").fullmatch(said))


def is_unclear(label: Label) -> bool:
    """Whether a value's bracket was taken for a unit only because nothing else is known of it."""
    return label.role == "head_count" and label.unit not in family("unit") and not label.weak


def n_tier(key: str) -> int:
    """How surely a header means the number of valid answers, 0 the surest."""
    tiers = members("n_tier")
    return next((tier for tier, name in enumerate(tiers) if pattern(f"n_tier.{name}").search(key)), len(tiers))
