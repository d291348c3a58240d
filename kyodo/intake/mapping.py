"""What the clerk says of a raw file: which column is which indicator, and which answers mean はい, いいえ and no answer.

Answers are matched whole, after NFKC and stripping; never by prefix (参加している, 参加していない). Words are proposed,
codes such as 1 and 2 never: in one file 1 is はい, in the next いいえ.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kyodo.intake.codes import Findings
from kyodo.intake.grid import quoted
from kyodo.intake.names import IndicatorNames, key_of

USUAL_MISSING = ("", "99", "無回答")
GROUPS = {
    "性別": "性別 性 男女 男女別 sex gender あなたの性別 性別(回答者)",
    "年代": "年代 年齢層 年齢階級 年齢区分 年代別 年齢(年代) 年齢別 agegroup age_group あなたの年代 年齢階層",
    "地域": "地域 地区 居住地域 居住地区 お住まいの地域 お住まいの地区 住んでいる地域 小学校区 中学校区 校区 area region 地域名 地区名 居住区 行政区",
}
_GROUP_OF = {word: name for name, words in GROUPS.items() for word in words.split()}
_YES = (
    "はい いる ある できる 思う そう思う 知っている yes y ○ 〇 ◯ 参加している 参加した 参加したことがある 行っている 行った 説明できる 反映されている "
    "反映されていると思う どちらかといえばそう思う どちらかといえば思う とてもそう思う ややそう思う まあそう思う 活動している したことがある true 該当 該当する"
)
_NO = (
    "いいえ いない ない できない 思わない そう思わない 知らない no × 参加していない 参加したことがない 行っていない 説明できない 反映されていない "
    "反映されていないと思う 反映されていると思わない どちらかといえばそう思わない どちらかといえば思わない あまりそう思わない まったくそう思わない 全くそう思わない "
    "活動していない したことがない false 非該当 該当しない"
)
_NONE = "無回答 未回答 不明 na n/a 無記入 99 999 回答なし"
_WORDS = [(set(words.split()), kind) for words, kind in ((_YES, "positive"), (_NO, "negative"), (_NONE, "missing"))]
_KEPT = ("<super>", "<sub>", "<circle>")  # ¹ is a footnote, ① another code than 1
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+", re.ASCII)


def answer_key(text: str) -> str:
    """An answer for comparison: NFKC, surrounding blanks off; raised, lowered and circled marks stay what they are.

    >>> answer_key(" １"), answer_key("¹"), answer_key("①")
    ('1', '¹', '①')
    """
    text = str(text)
    if text.isascii():
        return text.strip()
    marks = "".join({character for character in text if unicodedata.decomposition(character).startswith(_KEPT)})
    parts = re.split(f"([{marks}])", text) if marks else [text]
    return "".join(part if part and part in marks else unicodedata.normalize("NFKC", part) for part in parts).strip()


@dataclass(frozen=True)
class Question:
    """One indicator's question: its column's header and the answers' meanings, as keys."""

    indicator: int
    column: str
    positive: frozenset[str]
    negative: frozenset[str]
    missing: frozenset[str]

    def classify(self, answer: str) -> tuple[int, bool]:
        """0 no, 1 yes, 2 no answer, 3 not foreseen; and whether ``1.0`` had to be read as ``1``."""
        key = answer_key(answer)
        found = self._class(key)
        if found == 3 and (whole := _WHOLE_FLOAT.fullmatch(key)):
            found = self._class(whole[1])
            return found, found != 3
        return found, False

    def _class(self, key: str) -> int:
        if key in self.positive:
            return 1
        if key in self.negative:
            return 0
        return 2 if not key or key in self.missing else 3

    def as_json(self) -> dict[str, Any]:
        """The mapping to keep for next year's file."""
        return {
            "column": self.column,
            "positive": sorted(self.positive),
            "negative": sorted(self.negative),
            "missing": sorted(self.missing),
        }


def read_mapping(mapping: Mapping[Any, Any], known: Iterable[int], findings: Findings) -> list[Question]:
    """A mapping as questions; problems for everything that makes no sense in it."""
    questions, known = [], set(known)
    for given, entry in mapping.items():
        number = int(given) if re.fullmatch(r"\d{1,4}", str(given)) else None
        if number not in known:
            findings.refuse("mapping", f"対応付けの指標{quoted(str(given))}は計画にありません。")
            continue
        if not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str) or not entry["column"].strip():
            findings.refuse("mapping", f"指標{number}の対応付けに列の名前がありません。")
            continue
        positive, negative = (_keys(entry.get(name, ())) - {""} for name in ("positive", "negative"))
        missing = _keys(entry["missing"] if entry.get("missing") is not None else USUAL_MISSING)
        overlap = (positive & negative) | (missing & (positive | negative))
        place = {"column": entry["column"]}
        if not positive or not negative:
            findings.refuse("mapping", f"指標{number}の「はい」または「いいえ」の回答が選ばれていません。", **place)
        elif overlap:
            findings.refuse(
                "mapping", f"指標{number}の回答{quoted(min(overlap))}が二つの意味に対応付けられています。", **place
            )
        else:
            questions.append(
                Question(number, entry["column"], frozenset(positive), frozenset(negative), frozenset(missing))
            )
    columns = [key_of(question.column) for question in questions]
    for question, column in zip(questions, columns, strict=True):
        if columns.count(column) > 1:
            findings.refuse(
                "mapping",
                f"列{quoted(question.column)}が複数の指標に対応付けられています(重複)。",
                column=question.column,
            )
    if not questions and not findings.problems:
        findings.refuse("mapping_needed", "列の対応付けが空です。どの列がどの指標か、見出しを選んでください。")
    return sorted(questions, key=lambda question: question.indicator)


def _keys(answers: Any) -> set[str]:
    given = answers if isinstance(answers, (list, tuple, set, frozenset)) else [answers]
    keys = set()
    for answer in given:
        whole = answer if not isinstance(answer, float) or not answer.is_integer() else int(answer)
        keys.add(answer_key("" if answer is None else whole))
    return keys


def propose(headers: Mapping[int, str], answers: Mapping[int, Sequence[str]], names: IndicatorNames) -> dict[str, Any]:
    """A mapping for columns named like an indicator whose answers are all known words; codes are never guessed."""
    proposal = {}
    for column, header in headers.items():
        indicator = names.column_indicator(header)
        if indicator is None or not answers.get(column):
            continue
        sorted_out: dict[str, list[str]] = {"positive": [], "negative": [], "missing": [""]}
        for answer in answers[column]:
            kind = next(
                (kind for words, kind in _WORDS if key_of(answer) in words), "missing" if not answer.strip() else ""
            )
            if not kind:
                break
            if answer.strip():
                sorted_out[kind].append(answer)
        else:
            if sorted_out["positive"] and sorted_out["negative"] and str(indicator) not in proposal:
                proposal[str(indicator)] = {"column": header, **sorted_out}
    return proposal


def group_name(header: str) -> str:
    """性別, 年代 or 地域 for a header that means it; empty for others."""
    return _GROUP_OF.get(key_of(header), "")
