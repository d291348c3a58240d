"""What the clerk is asked about a file that does not say it itself: its sheet, its columns, what its answers mean, doubts."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kyodo.findings import indicator_label
from kyodo.intake import COLUMNS, ColumnSummary, Reading
from kyodo.plan import Plan
from kyodo.ui.begun import allowed, keep
from kyodo.ui.pieces import note
from kyodo.ui.state import record

NONE = "(使わない)"
_MEANINGS = {"positive": "はい", "negative": "いいえ", "missing": "無回答"}
_MISSING = {"", "9", "99", "999", "無回答", "未回答", "不明", "わからない", "NA"}
_PILLS = 12  # answers up to which each is a button of its own
_DOUBTS = {
    "table_says": "この表は、この計画の指標の、市全体の実績の値です",
    "n_is_count": "回答者数の列は「はい」の数ではなく、有効回答数です",
    "unknown": "計画の指標でない行は登録しません",
}


def confirmed(reading: Reading) -> list[str]:
    """Codes of the doubts that the clerk has ticked; a tick stands for every doubt of the file."""
    codes = [code for code in _DOUBTS if any(each.code == code for each in (*reading.problems, *reading.notices))]
    for code in codes:
        st.checkbox(_DOUBTS[code], key=f"confirm_{code}")
        keep(f"confirm_{code}")
    return [code for code in codes if st.session_state[f"confirm_{code}"]]


def sheet(reading: Reading) -> str | None:
    """The sheet to read, where a book has several; None for the one the reader chooses."""
    if len(reading.sheets) < 2:
        return None
    options = ["", *reading.sheets]
    allowed("sheet", options)
    st.selectbox("読み取るシート", options, format_func=lambda name: name or "自動で選ぶ", key="sheet")
    return keep("sheet") or None


def as_raw(reading: Reading) -> bool:
    """Whether the clerk has the file read as a list of answers; asked where no summary was accepted."""
    if reading.form == "raw" and not st.session_state.get("as_raw"):
        return False
    if reading.accepted and reading.form == "summary":
        return False
    st.checkbox("回答の一覧(1行が1人)として読む", key="as_raw")
    return bool(keep("as_raw"))


def columns(reading: Reading) -> dict[str, str] | None:
    """Which column of a summary is what; opens with what the headers say, or with what was said last time."""
    names = [column.name for column in reading.columns]
    kept = record().latest_mapping("summary")
    before = ((kept.mapping or {}).get("columns") if kept else None) or {}
    note("見出しからは列を決められません。どの列が何かを選んでください(選んだ対応は来年も初めから入ります)。")
    said = {}
    for place, (role, word) in zip(st.columns(len(COLUMNS)), COLUMNS.items(), strict=True):
        key, options = f"role_{role}", [NONE, *names]
        offered = next((name for name in (before.get(role), reading.proposed_columns.get(role)) if name in names), NONE)
        place.selectbox(word, options, key=key, **({} if allowed(key, options) else {"index": options.index(offered)}))
        if keep(key) != NONE:
            said[role] = st.session_state[key]
    return said if "value" in said and len(said) > 1 else None


def mapping(reading: Reading, plan: Plan) -> dict[str, Any] | None:
    """Which column is which question and what its answers mean, one line an indicator; None until one is complete.

    It opens with last year's mapping where its columns are there, else with what the columns' words say. What the clerk
    said of one question is offered for the next with the same answers, never taken without being seen.
    """
    found = {column.name: column for column in reading.columns if not column.looks_personal}
    kept = record().latest_mapping()
    last = {key: entry for key, entry in ((kept.mapping if kept else None) or {}).items() if _fits(entry, found)}
    if last:
        note(f"登録番号{kept.number}の対応を初期値にしています。今年の調査票と同じか確かめてください。")
    said: dict[int, dict[str, Any]] = {}
    for number in map(int, plan.indicators["indicator"]):
        before = {**(reading.proposal.get(str(number)) or {}), **(last.get(str(number)) or {})}
        asked = _indicator(number, indicator_label(plan.indicators, number, short=False), found, before, said)
        if asked:
            said[number] = asked
    weight, groups = _weight_and_groups(list(found), reading, kept)
    complete = {
        number: {key: value for key, value in entry.items() if key != "of"}
        for number, entry in said.items()
        if entry["positive"] and entry["negative"]
    }
    if not complete or len(complete) < len(said) or weight is None:
        note("1つ以上の指標で、列と「はい」「いいえ」にあたる回答を選ぶと読み取ります。")
        return None
    return {"mapping": complete, "weight_column": weight or None, "groups": groups}


def _fits(entry: Mapping[str, Any], found: Mapping[str, ColumnSummary]) -> bool:
    return all(name in found for name in entry.get("columns") or [entry.get("column")])


def _indicator(
    number: int,
    label: str,
    found: Mapping[str, ColumnSummary],
    before: Mapping[str, Any],
    said: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any] | None:
    """One indicator's columns (several for a question of several answers) and the meaning of the answers."""
    first, second, third, fourth = st.columns([4, 3, 3, 2])
    options, key = list(found), f"columns_{number}"
    offered = [name for name in before.get("columns") or [before.get("column")] if name in found]
    first.multiselect(
        label,
        options,
        key=key,
        placeholder="見出しの一部を入力して選ぶ",
        **({} if allowed(key, options) else {"default": offered}),
    )
    names = keep(key)
    if not names:
        return None
    words = _answers([found[name] for name in names])
    same = next((entry for entry in said.values() if entry["of"] == sorted(words)), None)
    given = same or (before if offered == names else {})
    chosen: dict[str, list[str]] = {}
    for place, meaning in zip((second, third, fourth), _MEANINGS, strict=True):
        chosen[meaning] = _meaning(place, number, meaning, names, words, given, chosen)
    one = {"column": names[0]} if len(names) == 1 else {"columns": names}
    return one | chosen | {"of": sorted(words)}


def _answers(asked: Sequence[ColumnSummary]) -> dict[str, str]:
    """Every answer of the columns, in order, with its words and how many gave it."""
    words: dict[str, str] = {}
    for column in asked:
        labels = dict(column.labels)
        for answer, count in column.answers:
            label = f" {labels[answer]}" if answer in labels else ""
            words.setdefault(
                answer,
                f"{answer or '(空欄)'}{label}({count:,}人)" if len(asked) == 1 else f"{answer or '(空欄)'}{label}",
            )
    return words


def _meaning(
    place: Any,
    number: int,
    meaning: str,
    names: Sequence[str],
    words: Mapping[str, str],
    given: Mapping[str, Any],
    chosen: Mapping[str, list[str]],
) -> list[str]:
    """The answers of one meaning; what is left after はい is offered as いいえ, except what usually is no answer."""
    taken = [answer for answers in chosen.values() for answer in answers]
    options = [answer for answer in words if answer not in taken]
    offered = [answer for answer in given.get(meaning, ()) if answer in options]
    if not offered and meaning == "negative" and chosen["positive"]:
        offered = [answer for answer in options if answer not in _MISSING and answer not in given.get("missing", ())]
    if meaning == "missing":
        offered = options
    key = f"{meaning}_{number}_{'|'.join(names)}" + ("" if meaning == "positive" else f"_{taken}")
    options_of = {} if allowed(key, options) else {"default": offered}
    asked = {"format_func": words.get, "key": key, **options_of}
    label = f"{_MEANINGS[meaning]}にあたる回答"
    if len(words) <= _PILLS:
        place.pills(label, options, selection_mode="multi", wrap=True, **asked)
    else:
        place.multiselect(label, options, placeholder="選んでください", **asked)
    return list(keep(key) or [])


def _weight_and_groups(names: list[str], reading: Reading, kept: Any) -> tuple[str | None, list[str]]:
    """The weight's column (empty: none; None: one is named like a weight and must be used or be left out on purpose)."""
    first, second = st.columns(2)
    options = [NONE, *names]
    usual = next((name for name in (kept.weight_column if kept else None, *reading.weights) if name in names), NONE)
    index = {} if allowed("weight", options) else {"index": options.index(usual)}
    first.selectbox("重み(ウェイト)の列", options, key="weight", **index)
    default = {} if allowed("groups", names) else {"default": [n for n in reading.groups.values() if n in names]}
    second.multiselect("内訳の列(性別・年代・地域)", names, key="groups", placeholder="なし", **default)
    weight, groups = keep("weight"), keep("groups")
    left_out = [name for name in reading.weights if name in names] if weight == NONE else []
    if left_out:
        text = f"重み(ウェイト)らしい列「{left_out[0]}」を使わずに集計します(値が数ポイント違うことがあります)"
        first.checkbox(text, key="no_weight")
        if not keep("no_weight"):
            return None, groups
    return "" if weight == NONE else weight, groups
