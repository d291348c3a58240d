"""The clerk's way from a file to the record: read once, ask what the file does not say, store what was seen.

What is stored is what the screen showed: the callback gets the reading and the revision of that very screen.
"""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from kyodo import access
from kyodo.export import problems_csv
from kyodo.fiscal import fiscal_year_of, label, short_label
from kyodo.intake import Reading, read_isolated, warm_up
from kyodo.plan import Plan
from kyodo.ui import asking, follow, sent
from kyodo.ui.begun import allowed, draft, forget, keep, take_files
from kyodo.ui.pieces import empty, note, problems, save, warn
from kyodo.ui.signing import ask_name, attempt, value
from kyodo.ui.state import now, record

_DONE = "registered"
_READ = ("csv", "tsv", "txt", "xlsx", "xlsm", "sav")
_REFUSED_IN_WORDS = ("xls", "ods", "zip", "pdf", "htm", "html")  # let in, so that our sentence tells the way on
_SHOWN = 50  # problems on screen; the others are counted and in the CSV
_QUESTIONS = ("mapping_needed", "year_needed")  # nothing is wrong with the file, the clerk has something to say


def open_years(plan: Plan, known: pd.DataFrame) -> dict[str, int]:
    """By survey (citizen, staff) the oldest fiscal year after the last printed one that has no value yet."""
    values = known[known["kind"] != "target"]
    last = int(plan.values.loc[plan.values["kind"] == "actual", "fiscal_year"].max())
    found = {}
    for survey, asked in plan.indicators.groupby("survey")["indicator"]:
        there = values[values["indicator"].isin(asked)].groupby("fiscal_year")["indicator"].nunique()
        years = range(last + 1, fiscal_year_of(now().date()) + 1)
        found[survey] = next((year for year in years if there.get(year, 0) < len(asked)), years[-1] if years else last)
    return found


def ask_year(place: Any, plan: Plan, first: int) -> int | None:
    """The survey's fiscal year, from the oldest one without values on, then earlier ones; None where the file decides."""
    warm_up()  # whoever chooses a year is about to choose a file
    newest, oldest = fiscal_year_of(now().date()), int(plan.values["fiscal_year"].min())
    years = [*range(first, newest + 1), *range(first - 1, oldest - 1, -1)]
    words = {0: "ファイルの「年度」の列に従う"} | {year: label(year) for year in years}
    help_text = "ファイルに年度の列がないとき、または回答の一覧を読み取るときに選びます。"
    allowed("year", words)
    place.selectbox("調査の年度", list(words), format_func=words.get, key="year", help=help_text)
    return keep("year") or None


def ask_files(place: Any) -> list[tuple[bytes, str]]:
    """The files chosen now or earlier: one, or the halves of one survey (郵送 and WEB)."""
    key = sent.field("upload")
    uploads = place.file_uploader(
        "調査結果のファイル(CSV または Excel の .xlsx、20MBまで。郵送とWEBなど、同じ調査の2つまで)",
        type=[*_READ, *_REFUSED_IN_WORDS],
        accept_multiple_files=True,
        key=key,
        on_change=_forget_removed,
        args=(key,),
    )
    if uploads:
        take_files([(each.getvalue(), each.name) for each in uploads])
    elif draft().files:
        names = "、".join(f"「{name}」" for _, name in draft().files)
        note(f"前に選んだ{names}の続きです。")
        place.button("別のファイルを選ぶ", on_click=forget)
    return draft().files


def _forget_removed(key: str) -> None:
    """What is taken out of the field is gone; an empty field of a page come back to is not."""
    if not st.session_state[key]:
        forget()


def read(plan: Plan, known: pd.DataFrame, **options: Any) -> Reading:
    """Read the chosen files in a child process, once for the same answers, with progress on screen."""
    follow.hold()
    (data, name), *more = draft().files
    readings, key = draft().readings, repr(sorted(options.items(), key=str))
    if key not in readings:
        bar = st.progress(0.0, "ファイルを読み取っています…")
        readings[key] = read_isolated(data, name, plan=plan, known=known, more=more, progress=bar.progress, **options)
        bar.empty()
    return readings[key]


def ask(plan: Plan, known: pd.DataFrame, year: int | None) -> Reading:
    """Read, and read again with what the clerk says to each question the file raises; the last reading."""
    options: dict[str, Any] = {"fiscal_year": year}
    values = known.loc[known["kind"] != "target", ["indicator", "fiscal_year", "value"]]
    reading = read(plan, values, **options)
    mapping = partial(asking.mapping, plan=plan)
    for question in (asking.sheet, asking.as_raw, asking.columns, mapping, asking.confirmed):
        if answer := question(reading):
            options |= answer
            reading = read(plan, values, **options)
    return reading


def show_problems(reading: Reading) -> None:
    """What keeps the file from being registered: questions to the clerk apart from faults of the file."""
    for each in reading.problems:
        if each.code in _QUESTIONS:
            empty(f"{each.message}{each.hint}")
    faults = [each for each in reading.problems if each.code not in _QUESTIONS]
    if faults:
        warn(
            f"{len(faults):,}件の問題があるため登録できません。何も登録されていません。下の「対処」のとおりに直してください。"
        )
        more = f"(初めの{_SHOWN}件。全{len(faults):,}件はCSVにあります)" if len(faults) > _SHOWN else ""
        problems(faults[:_SHOWN], f"直すところ{more}")
        save("直すところをCSVで保存", problems_csv(faults), "直すところ.csv", width="content")
    if reading.notices:
        more = f"(初めの{_SHOWN}件。ほか{len(reading.notices) - _SHOWN:,}件)" if len(reading.notices) > _SHOWN else ""
        problems(reading.notices[:_SHOWN], f"お知らせ(登録はできます){more}")


def registered_as(rows: pd.DataFrame) -> int | None:
    """The number under which exactly these values stand already; None where anything is new. ``rows`` as previewed."""
    if not (rows["state"] == "同じ値").all():
        return None
    entries, years = record().history(), set(rows["fiscal_year"].astype(int))
    same = [int(each.number) for each in entries.itertuples() if each.active and years & set(each.years)]
    return max(same, default=0)


def ask_ticks(rows: pd.DataFrame, plan: Plan, known: pd.DataFrame) -> bool:
    """The ticks a registration needs before its button: replacing values, and a year that leaves a gap or is late."""
    ticks = []
    if (rows["state"] == "置き換え").any():
        ticks.append(("replace", "今の値を、このファイルの値で置き換えます(前の値は履歴に残ります)"))
    if text := _odd_years(rows, plan, known):
        ticks.append(("gap", text))
    for key, words in ticks:
        st.checkbox(words, key=key)
        keep(key)
    return all(st.session_state[key] for key, _ in ticks)


def _odd_years(rows: pd.DataFrame, plan: Plan, known: pd.DataFrame) -> str:
    """What is unusual about a file's years, in words; empty where nothing is."""
    surveys = plan.indicators.set_index("indicator")["survey"]
    first = open_years(plan, known)
    last = int(plan.values["fiscal_year"].max())
    new = rows[rows["state"] == "新規"]
    years = {(surveys[int(row.indicator)], int(row.fiscal_year)) for row in new.itertuples()}
    late = sorted({year for _, year in years if year > last})
    gaps = sorted({first[survey] for survey, year in years if first[survey] < min(y for s, y in years if s == survey)})
    words = []
    if gaps:
        words.append(f"{'、'.join(map(short_label, gaps))}年度が未登録のまま、後の年度を登録します")
    if late:
        words.append(f"計画の最終年度({short_label(last)})より後の{'、'.join(map(short_label, late))}年度を登録します")
    return "。".join(words)


def ask_by(place: Any) -> str:
    """Who registers: the identity that signed in, else the name given on this machine, kept for the session."""
    if access.person().identity:
        return ask_name("登録者", key="by", place=place)
    return place.text_input("登録者の氏名(必須)", key="by", persist_state="session", max_chars=60)


def store(reading: Reading, revision: int, token: str) -> None:
    """Store what the screen showed; the sentence of success or refusal is said on the page that follows."""
    seen = {"token": token, "expected_revision": revision, "replace": bool(value("replace"))}

    def write() -> int:
        st.session_state[_DONE] = record().submit(reading, by=value("by"), note=value("note"), at=now(), **seen)
        return st.session_state[_DONE]

    if attempt(write, lambda number: f"登録しました(登録番号{number})。すべての画面に反映されています。"):
        forget()
        sent.taken("upload")
    else:
        draft().readings.clear()  # what was refused is looked at anew, or not at all
        st.session_state.pop("replace", None)


def done() -> int | None:
    """The number of what this session has just registered, once."""
    return st.session_state.pop(_DONE, None)
