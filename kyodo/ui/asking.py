"""What the clerk is asked about a file that does not say it itself: its sheet, its columns, what its answers mean, doubts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from kyodo.findings import indicator_label
from kyodo.intake import COLUMNS, ColumnSummary, Reading
from kyodo.intake.mapping import is_no_answer, is_unsure, parts_of
from kyodo.plan import Plan
from kyodo.ui.begun import allowed, keep
from kyodo.ui.pieces import note
from kyodo.ui.state import record

NONE = "(使わない)"
_MEANINGS = {"positive": "はい", "negative": "いいえ", "missing": "無回答"}
_WORDS = "words"  # of what is said of an indicator: each answer as it is shown, which the mapping has not
_COLUMNS = {"header", "layout", "unit"}  # what the clerk can settle by naming the columns
_PILLS = 12  # answers up to which each is a button of its own
_DOUBTS = {
    "table_says": "この表は、この計画の指標の、市全体の実績の値です",
    "sideways": "表の縦と横を入れ替えて読みます",
    "n_is_count": "回答者数の列は「はい」の数ではなく、有効回答数です",
    "unknown": "計画の指標でない行は登録しません",
}


def confirmed(reading: Reading) -> dict[str, Any]:
    """The codes of the doubts that the clerk has ticked; a tick stands for every doubt of the file."""
    codes = [code for code in _DOUBTS if any(each.code == code for each in (*reading.problems, *reading.notices))]
    for code in codes:
        st.checkbox(_DOUBTS[code], key=f"confirm_{code}")
        keep(f"confirm_{code}")
    ticked = [code for code in codes if st.session_state[f"confirm_{code}"]]
    return {"confirmed": ticked} if ticked else {}


def sheet(reading: Reading) -> dict[str, Any]:
    """The sheet to read, where a book has several; nothing for the one the reader chooses."""
    if len(reading.sheets) < 2:
        return {}
    options = ["", *reading.sheets]
    allowed("sheet", options)
    st.selectbox("読み取るシート", options, format_func=lambda name: name or "自動で選ぶ", key="sheet")
    chosen = keep("sheet")
    return {"sheet": chosen} if chosen else {}


def as_raw(reading: Reading) -> dict[str, Any]:
    """Whether the clerk has the file read as a list of answers; asked where no summary was accepted."""
    if reading.form == "raw" and not st.session_state.get("as_raw"):
        return {}
    if reading.accepted and reading.form == "summary":
        return {}
    st.checkbox("回答の一覧(1行が1人)として読む", key="as_raw")
    return {"form": "raw"} if keep("as_raw") else {}


def columns(reading: Reading) -> dict[str, Any]:
    """Which column of a summary is what, where its headers do not say; opens with what was said last time, or with theirs."""
    if not _is_unclear(reading):
        return {}
    names = [NONE, *(column.name for column in reading.columns)]
    kept = record().latest_mapping("summary")
    before = (getattr(kept, "mapping", None) or {}).get("columns", {})
    note("見出しからは列を決められません。どの列が何かを選んでください(選んだ対応は来年も初めから入ります)。")
    chosen = {}
    for place, (role, word) in zip(st.columns(len(COLUMNS)), COLUMNS.items(), strict=True):
        offered = [name for name in (before.get(role), reading.proposed_columns.get(role), NONE) if name in names]
        key = f"role_{role}"
        place.selectbox(word, names, key=key, **_start(key, names, index=names.index(offered[0])))
        if (name := keep(key)) != NONE:
            chosen[role] = name
    return {"columns": chosen} if "value" in chosen and len(chosen) > 1 else {}


def _is_unclear(reading: Reading) -> bool:
    """Whether naming the columns of a summary may settle what is wrong with it."""
    return reading.form == "summary" and bool(reading.columns) and any(e.code in _COLUMNS for e in reading.problems)


def _start(key: str, options: Iterable[Any], **start: Any) -> dict[str, Any]:
    """What a widget starts with, unless it holds something already."""
    return {} if allowed(key, options) else start


def mapping(reading: Reading, plan: Plan) -> dict[str, Any]:
    """Which column of a list of answers is which question and what they mean, one line an indicator, once one is complete.

    It opens with last year's mapping where its columns are there, else with what the columns' words say. What the clerk
    said of one question is offered for the next with the same answers, never taken without being seen.
    """
    if reading.form != "raw":
        return {}
    found = {column.name: column for column in reading.columns if not column.looks_personal}
    kept = record().latest_mapping()
    said = _ask_all(plan, found, dict(reading.proposal) | _last(kept, found))
    weight, groups = _weight_and_groups(list(found), reading, kept)
    if weight is None or not _is_complete(said):
        note("1つ以上の指標で、列と「はい」「いいえ」にあたる回答を選ぶと読み取ります。")
        return {}
    _say_left_out(said.values())
    for entry in said.values():
        del entry[_WORDS]
    return {"mapping": said, "weight_column": weight or None, "groups": groups}


def _is_complete(said: Mapping[int, Mapping[str, Any]]) -> bool:
    """Whether something is said of any indicator, and of each what means はい and what いいえ."""
    return bool(said) and all(entry["positive"] and entry["negative"] for entry in said.values())


def _ask_all(
    plan: Plan, found: Mapping[str, ColumnSummary], before: Mapping[str, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """What is said of each indicator that has a column."""
    said: dict[int, dict[str, Any]] = {}
    for number in map(int, plan.indicators["indicator"]):
        label = indicator_label(plan.indicators, number, short=False)
        if asked := _indicator(number, label, found, before.get(str(number)) or {}, said):
            said[number] = asked
    return said


def _say_left_out(said: Iterable[Mapping[str, Any]]) -> None:
    """Say which answers that are no blank count as none."""
    left = dict.fromkeys(
        entry[_WORDS][answer] for entry in said for answer in entry["missing"] if not is_no_answer(answer)
    )
    if left:
        which = "」「".join(left)
        note(f"「{which}」は、無回答と同じく割合の分母から除きます。除かないときは「いいえ」に入れてください。")


def _last(kept: Any, found: Mapping[str, ColumnSummary]) -> dict[str, Any]:
    """The entries of the last mapping whose columns are there, with a word of where they are from."""
    entries = (getattr(kept, "mapping", None) or {}).items()
    last = {number: entry for number, entry in entries if _fits(entry, found)}
    if last:
        note(f"登録番号{kept.number}の対応を初期値にしています。今年の調査票と同じか確かめてください。")
    return last


def _fits(entry: Mapping[str, Any], found: Mapping[str, ColumnSummary]) -> bool:
    return all(name in found for name in _named(entry)) and bool(_named(entry))


def _indicator(
    number: int,
    label: str,
    found: Mapping[str, ColumnSummary],
    before: Mapping[str, Any],
    said: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any] | None:
    """One indicator's columns (several for a question of several answers) and the meaning of the answers."""
    first, *others = st.columns([4, 3, 3, 2])
    offered = [name for name in _named(before) if name in found]
    names = _columns_of(first, number, label, list(found), offered)
    if not names:
        return None
    asked = [found[name] for name in names]
    split = _is_split(first, number, asked, before)
    words = _parts(asked) if split else _answers(asked)
    alike = (entry for entry in said.values() if entry[_WORDS].keys() == words.keys())
    given = next(alike, before if offered == names else {})
    chosen, which = {}, f"{number}_{'|'.join(names)}" + "_split" * split
    for place, meaning in zip(others, _MEANINGS, strict=True):
        chosen[meaning] = _meaning(place, which, meaning, words, given, chosen)
    return _entry(names, split) | chosen | {_WORDS: words}


def _entry(names: list[str], split: bool) -> dict[str, Any]:
    one = {"column": names[0]} if len(names) == 1 else {"columns": names}
    return one | ({"split": True} if split else {})


def _columns_of(place: Any, number: int, label: str, names: list[str], offered: list[str]) -> list[str]:
    key = f"columns_{number}"
    start = _start(key, names, default=offered)
    place.multiselect(label, names, key=key, placeholder="見出しの一部を入力して選ぶ", **start)
    return keep(key)


def _named(entry: Mapping[str, Any]) -> list[str]:
    """The columns a mapping's entry names."""
    return entry.get("columns") or [name for name in (entry.get("column"),) if name]


def _answers(asked: Sequence[ColumnSummary]) -> dict[str, str]:
    """Every answer of the columns, in order, with its words and (of one column) how many gave it."""
    words: dict[str, str] = {}
    for column in asked:
        labels = dict(column.labels)
        for answer, count in column.answers:
            people = f"({count:,}人)" if len(asked) == 1 else ""
            words.setdefault(answer, " ".join(filter(None, (answer or "(空欄)", labels.get(answer)))) + people)
    return words


def _is_split(place: Any, number: int, asked: Sequence[ColumnSummary], before: Mapping[str, Any]) -> bool:
    """Whether cells hold several answers each; asked where any looks like it."""
    if not any(len(parts_of(answer)) > 1 for column in asked for answer, _ in column.answers):
        return False
    key = f"split_{number}"
    place.checkbox(
        "1つの欄にいくつもの回答があります(カンマやセミコロンで区切る)",
        key=key,
        **_start(key, [True, False], value=bool(before.get("split"))),
    )
    return bool(keep(key))


def _parts(asked: Sequence[ColumnSummary]) -> dict[str, str]:
    """Every single answer in cells of several, with how many gave it."""
    counts: Counter[str] = Counter()
    for column in asked:
        for answer, count in column.answers:
            counts.update(dict.fromkeys(parts_of(answer) or [""], count))
    return {answer: f"{answer or '(空欄)'}({count:,}人)" for answer, count in counts.items()}


def _meaning(
    place: Any,
    which: str,
    meaning: str,
    words: Mapping[str, str],
    given: Mapping[str, Any],
    chosen: Mapping[str, list[str]],
) -> list[str]:
    """The answers of one meaning; what is left after はい is offered as いいえ, except what usually is no answer."""
    taken = [answer for answers in chosen.values() for answer in answers]
    options = [answer for answer in words if answer not in taken]
    key = f"{meaning}_{which}" + (f"_{taken}" if chosen else "")
    start = _start(key, options, default=_offered(meaning, options, given, chosen))
    label = f"{_MEANINGS[meaning]}にあたる回答"
    if len(words) <= _PILLS:
        place.pills(label, options, selection_mode="multi", wrap=True, format_func=words.get, key=key, **start)
    else:
        place.multiselect(label, options, placeholder="選んでください", format_func=words.get, key=key, **start)
    return list(keep(key) or [])


def _offered(meaning: str, options: list[str], given: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> list[str]:
    """What one meaning opens with: what was said before, else what is left."""
    if meaning == "missing":
        return options
    said = [answer for answer in given.get(meaning, ()) if answer in options]
    if said or meaning == "positive" or not chosen["positive"]:
        return said
    none = {*given.get("missing", ()), *filter(is_no_answer, options), *filter(is_unsure, options)}
    return [answer for answer in options if answer not in none]


def _weight_and_groups(names: list[str], reading: Reading, kept: Any) -> tuple[str | None, list[str]]:
    """The weight's column (empty: none; None: one is named like a weight and must be used or be left out on purpose)."""
    first, second = st.columns(2)
    options, usual = [NONE, *names], [getattr(kept, "weight_column", None), *reading.weights, NONE]
    place = options.index(next(name for name in usual if name in options))
    first.selectbox("重み(ウェイト)の列", options, key="weight", **_start("weight", options, index=place))
    start = _start("groups", names, default=[name for name in reading.groups.values() if name in names])
    second.multiselect("内訳の列(性別・年代・地域)", names, key="groups", placeholder="なし", **start)
    weight, groups = keep("weight"), keep("groups")
    if weight != NONE:
        return weight, groups
    return ("" if _left_out(first, [name for name in reading.weights if name in names]) else None), groups


def _left_out(place: Any, weights: list[str]) -> bool:
    """Whether a column named like a weight is left out on purpose, or there is none."""
    if not weights:
        return True
    place.checkbox(
        f"重み(ウェイト)らしい列「{weights[0]}」を使わずに集計します(値が数ポイント違うことがあります)", key="no_weight"
    )
    return bool(keep("no_weight"))
