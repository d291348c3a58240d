"""What the clerk says of a raw file: which columns are which indicator, and which answers mean はい, いいえ and no answer.

Answers are matched whole, after NFKC and stripping; never by prefix (参加している, 参加していない). Words are proposed,
codes such as 1 and 2 never: in one file 1 is はい, in the next いいえ.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kyodo.intake.names import IndicatorNames
from kyodo.intake.words import Findings, family, key_of, raw_words, words

NONE, NO, YES, ODD = 0, 1, 2, 3  # what an answer may be; of several the highest counts, but for what is not foreseen
_MEANINGS = {"positive": YES, "negative": NO, "missing": NONE}
USUAL_MISSING = ("", *raw_words("no_answer.taken"))
_KEPT = ("<super>", "<sub>", "<circle>")  # ¹ is a footnote, ① another code than 1
_WHOLE_FLOAT = re.compile(r"^(\d+)\.0+$", re.ASCII)
_SEVERAL = re.compile(r"\s*[;；\n]\s*|\s*[,、，]\s*")


def answer_key(text: str) -> str:
    """An answer for comparison: NFKC, surrounding blanks off, 1.0 is 1; raised, lowered and circled marks stay what they are.

    >>> answer_key(" １"), answer_key("1.0"), answer_key("¹"), answer_key("①")
    ('1', '1', '¹', '①')
    """
    text = str(text).strip()
    if len(text) < 2 and text.isascii():
        return text  # by far the most
    if not text.isascii():
        marks = "".join({character for character in text if unicodedata.decomposition(character).startswith(_KEPT)})
        parts = re.split(f"([{marks}])", text) if marks else [text]
        text = "".join(
            part if part and part in marks else unicodedata.normalize("NFKC", part) for part in parts
        ).strip()
    return _WHOLE_FLOAT.sub(r"\1", text)


def is_no_answer(text: str) -> bool:
    """Whether an answer usually means that none was given; what is not sure is offered to the clerk, never taken unseen."""
    return not text.strip() or key_of(text) in family("no_answer")


def is_unsure(text: str) -> bool:
    """Whether an answer may be one or none (わからない)."""
    return key_of(text) in words("unsure")


def parts_of(answer: str) -> list[str]:
    """The several answers of one cell, parted by commas, semicolons or line breaks.

    >>> parts_of("自治会;ＰＴＡ; "), parts_of("はい")
    (['自治会', 'PTA'], ['はい'])
    """
    return list(filter(None, map(answer_key, _SEVERAL.split(answer))))


@dataclass(frozen=True)
class Question:
    """One indicator's question: its columns' headers and what each answer means (NONE, NO or YES), by its key.

    With several ``columns`` (one an option) a respondent says はい where any of them does. With ``split`` a cell may
    hold several answers parted by commas or semicolons, and says はい where any of them does.
    """

    indicator: int
    columns: tuple[str, ...]
    meanings: Mapping[str, int]
    split: bool = False

    def classify(self, answer: str) -> int:
        """NO, YES, NONE or ODD; of several answers in a cell はい where any says it, else いいえ where any is that."""
        key = answer_key(answer)
        found = self.meanings.get(key, ODD)
        if found == ODD and self.split:
            parts = {self.meanings.get(part, ODD) for part in parts_of(key)}
            found = next((each for each in (YES, ODD, NO) if each in parts), NONE)
        return found

    def as_json(self) -> dict[str, Any]:
        """The mapping to keep for next year's file."""
        said = {name: sorted(k for k, c in self.meanings.items() if c == means) for name, means in _MEANINGS.items()}
        columns = {"column": self.columns[0]} if len(self.columns) == 1 else {"columns": list(self.columns)}
        return columns | said | ({"split": True} if self.split else {})


def read_mapping(mapping: Mapping[Any, Any], known: Collection[int], findings: Findings) -> list[Question]:
    """A mapping as questions; problems for everything that makes no sense in it."""
    questions = [question for given, entry in mapping.items() if (question := _question(given, entry, known, findings))]
    if not questions and not findings.problems:
        findings.refuse("mapping_empty")
    return sorted(questions, key=lambda question: question.indicator)


def _question(given: Any, entry: Any, known: Collection[int], findings: Findings) -> Question | None:
    number = int(given) if re.fullmatch(r"\d{1,4}", str(given)) else None
    if number not in known:
        findings.refuse("mapping_indicator", text=str(given))
        return None
    columns = columns_of(entry)
    if not columns:
        findings.refuse("mapping_column", indicator=number)
        return None
    positive = _keys(entry.get("positive", ())) - {""}
    negative = _keys(entry.get("negative", ())) - ({""} if len(columns) == 1 else set())
    missing = _keys(entry["missing"] if entry.get("missing") is not None else USUAL_MISSING) | {""}
    missing -= negative & {""}  # with one column an option, a blank cell may say that it was not chosen
    place = {"indicator": number, "column": columns[0]}
    if not positive or not negative:
        findings.refuse("mapping_answers", **place)
    elif overlap := (positive & negative) | (missing & (positive | negative)):
        findings.refuse("mapping_overlap", text=min(overlap), **place)
    else:
        meanings = dict.fromkeys(missing, NONE) | dict.fromkeys(negative, NO) | dict.fromkeys(positive, YES)
        return Question(number, columns, meanings, bool(entry.get("split")))
    return None


def columns_of(entry: Any) -> tuple[str, ...]:
    """The headers a mapping's entry names under ``column`` or ``columns``; none where it makes no sense."""
    if not isinstance(entry, Mapping):
        return ()
    given = entry.get("columns") or [entry.get("column")]
    columns = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    return columns if all(isinstance(column, str) and column.strip() for column in columns) else ()


def wanted_columns(mapping: Mapping[Any, Any] | None) -> list[str]:
    """All headers a mapping names, in its order."""
    return [column for entry in (mapping or {}).values() for column in columns_of(entry)]


def _keys(answers: Any) -> set[str]:
    given = answers if isinstance(answers, (list, tuple, set, frozenset)) else [answers]
    return {answer_key("" if answer is None else answer) for answer in given}


def propose(
    headers: Mapping[str, str], answers: Mapping[str, Mapping[str, str]], names: IndicatorNames
) -> dict[str, Any]:
    """What columns' words say for the clerk to confirm: ``headers`` are column names with all that is said of each.

    ``answers`` are each column's answers with their words (a code book's label, else themselves). A column named like an indicator goes before
    one that only speaks of its matter; where two are as near, none is proposed. Codes are never proposed.
    """
    found: dict[int, list[str]] = {}
    for test in (names.column_indicator, names.matter):
        told = {column: test(said) for column, said in headers.items()}
        for indicator in set(told.values()) - {None, *found}:
            found[indicator] = [column for column, about in told.items() if about == indicator]
    single = {indicator: columns[0] for indicator, columns in found.items() if len(columns) == 1}
    return {str(n): {"column": column, **_sorted(answers.get(column, {}))} for n, column in sorted(single.items())}


def _sorted(answers: Mapping[str, str]) -> dict[str, list[str]]:
    """Answers in known words by what they mean; codes and words not known are left to the clerk."""
    meanings: dict[str, list[str]] = {"positive": [], "negative": [], "missing": [""]}
    for answer, said in answers.items():
        kind = "missing" if is_no_answer(said) else family("answer").get(key_of(said))
        if kind is not None and answer.strip():
            meanings[kind].append(answer)
    worded = meanings["positive"] or meanings["negative"]
    return meanings if worded else {"positive": [], "negative": [], "missing": [""]}
