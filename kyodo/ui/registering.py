"""The clerk's way from a file to the record: read once, ask for the mapping of a raw file, store what was seen.

What is stored is what the screen showed: the callback gets the reading and the revision of that very screen.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st

from kyodo import access
from kyodo.errors import KyodoError
from kyodo.findings import indicator_label
from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake import ColumnSummary, Reading, problems_csv, read_isolated, warm_up
from kyodo.plan import Plan
from kyodo.ui import follow
from kyodo.ui.pieces import ask_name, empty, literal, note, problems, say_later, warn
from kyodo.ui.state import now, record

_NONE = "(使わない)"
_DONE = "registered"
_MEANINGS = {"positive": "はい", "negative": "いいえ", "missing": "無回答"}
_QUESTIONS = ("mapping_needed", "year_needed")  # nothing is wrong with the file, the clerk has something to say


def ask_year(place: Any, plan: Plan) -> int | None:
    """The survey's fiscal year, newest first; None where the file's own year column decides."""
    warm_up()  # whoever chooses a year is about to choose a file
    newest, oldest = fiscal_year_of(now().date()), int(plan.values["fiscal_year"].min())
    words = {0: "ファイルの「年度」の列に従う"} | {year: label(year) for year in range(newest, oldest - 1, -1)}
    help_text = "ファイルに年度の列がないとき、または回答の一覧を読み取るときに選びます。"
    return place.selectbox("調査の年度", list(words), format_func=words.get, key="year", help=help_text) or None


def read(upload: Any, plan: Plan, **options: Any) -> Reading:
    """Read an uploaded file in a child process, once for the same file and answers, with progress on screen."""
    follow.hold()
    if st.session_state.get("read_file") != upload.file_id:
        st.session_state["read_file"], st.session_state["readings"] = upload.file_id, {}
        st.session_state["token"] = secrets.token_hex(16)
    readings, key = st.session_state["readings"], repr(sorted(options.items(), key=str))
    if key not in readings:
        bar = st.progress(0.0, "ファイルを読み取っています…")
        readings[key] = read_isolated(upload.getvalue(), upload.name, plan=plan, progress=bar.progress, **options)
        bar.empty()
    return readings[key]


def ask_mapping(reading: Reading, plan: Plan) -> dict[str, Any] | None:
    """The form that says which column is which question and what its answers mean; None until it is complete.

    It opens with what the columns' names say (the reading's proposal), else with last year's mapping. What the clerk
    said of one indicator's answers is offered for the next ones, never taken without being seen.
    """
    columns = {column.name: column for column in reading.columns if not column.looks_personal}
    kept = record().latest_mapping()
    before = reading.proposal or (kept.mapping if kept else {}) or {}
    if kept and not reading.proposal:
        note(f"登録番号{kept.number}の対応を初期値にしています。今年の調査票と同じか確かめてください。")
    mapping, said = {}, {}
    for number in plan.indicators["indicator"]:
        offered = said | (before.get(str(number)) or before.get(number) or {})
        with st.expander(indicator_label(plan.indicators, number, short=False), expanded=True):
            asked = _ask_indicator(int(number), columns, offered)
        if asked:
            mapping[int(number)] = asked
            said = said or {key: asked[key] for key in _MEANINGS}
    weight, groups = _ask_weight_and_groups(list(columns), reading, kept)
    if not mapping or not all(each["positive"] and each["negative"] for each in mapping.values()):
        note("1つ以上の指標で、列と「はい」「いいえ」にあたる回答を選ぶと読み取ります。")
        return None
    return {"mapping": mapping, "weight_column": weight, "groups": groups}


def _ask_weight_and_groups(names: list[str], reading: Reading, kept: Any) -> tuple[str | None, list[str]]:
    """The weight's column, and the columns to break the shares down by."""
    first, second = st.columns(2)
    options = [_NONE, *names]
    place = _place(options, kept.weight_column if kept else None)
    weight = first.selectbox("重み(ウェイト)の列", options, index=place, key="weight")
    usual = [name for name in reading.groups.values() if name in names]
    groups = second.multiselect("内訳の列(性別・年代・地域)", names, default=usual, key="groups", placeholder="なし")
    return None if weight == _NONE else weight, groups


def _ask_indicator(
    number: int, columns: Mapping[str, ColumnSummary], before: Mapping[str, Any]
) -> dict[str, Any] | None:
    """One indicator's column and the meaning of its answers; None where no column is chosen."""
    names = [_NONE, *columns]
    first, second, third, fourth = st.columns(4)
    name = first.selectbox("列", names, index=_place(names, before.get("column")), key=f"column_{number}")
    if name == _NONE:
        return None
    answers = [answer for answer, _ in columns[name].frequent]
    counts = dict(columns[name].frequent)
    chosen = {}
    for place, (key, word) in zip((second, third, fourth), _MEANINGS.items(), strict=True):
        chosen[key] = place.multiselect(
            f"{word}にあたる回答",
            answers,
            default=[answer for answer in before.get(key, ()) if answer in answers],
            format_func=lambda answer: f"{answer or '(空欄)'}({counts[answer]}人)",
            key=f"{key}_{number}_{name}",
            placeholder="選んでください",
        )
    return {"column": name, **chosen}


def _place(names: list[str], wanted: str | None) -> int:
    return names.index(wanted) if wanted in names else 0


def show_problems(reading: Reading) -> None:
    """What keeps the file from being registered: questions to the clerk apart from faults of the file."""
    for each in reading.problems:
        if each.code in _QUESTIONS:
            empty(f"{each.message}{each.hint}")
    faults = [each for each in reading.problems if each.code not in _QUESTIONS]
    if faults:
        warn(
            f"{len(faults)}件の問題があるため登録できません。ファイルを直して選び直してください。何も登録されていません。"
        )
        problems(faults, "直すところ")
        st.download_button("直すところをCSVで保存", problems_csv(faults), "直すところ.csv", on_click="ignore")
    if reading.notices:
        problems(reading.notices, "お知らせ(登録はできます)")


def ask_by(place: Any) -> str:
    """Who registers: the identity that signed in, else the name given on this machine, kept for the session."""
    if access.person().identity:
        return ask_name("登録者", key="by", place=place)
    return place.text_input("登録者の氏名(必須)", key="by", persist_state="session", max_chars=60)


def store(reading: Reading, revision: int, token: str) -> None:
    """Store what the screen showed; the sentence of success or refusal is said on the page that follows."""
    by, note_text = st.session_state.get("by", ""), st.session_state.get("note", "")
    try:
        number = record().submit(
            reading,
            by=by,
            note=note_text,
            at=now(),
            replace=bool(st.session_state.get("replace")),
            token=token,
            expected_revision=revision,
        )
    except KyodoError as error:
        st.session_state["refused"] = str(error)
        _forget("readings", "read_file", "token", "replace")  # what was refused is looked at anew, or not at all
        return
    st.session_state[_DONE] = number
    _forget("readings", "read_file", "token", "note", "replace")
    st.session_state["upload_round"] = st.session_state.get("upload_round", 0) + 1
    say_later(f"登録しました(登録番号{number})。すべての画面に反映されています。")


def _forget(*keys: str) -> None:
    for key in keys:
        st.session_state.pop(key, None)


def say_refusal() -> None:
    """Say once why the last attempt was refused."""
    if text := st.session_state.pop("refused", ""):
        st.error(literal(text))


def done() -> int | None:
    """The number of what this session has just registered, once."""
    return st.session_state.pop(_DONE, None)


def undo_last(number: int) -> None:
    """Take back what was just registered."""
    try:
        made = record().undo(number, by=st.session_state.get("by", ""), at=now())
    except KyodoError as error:
        st.session_state["refused"] = str(error)
        return
    say_later(f"登録番号{number}を取り消しました(登録番号{made})。")
