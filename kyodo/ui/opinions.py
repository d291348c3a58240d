"""What the committee says: typed while slides are shown, in a small panel, and followed up on the page 会議.

What is being typed is a draft (:mod:`kyodo.ui.drafts`) whose mark stands in the address, until the record holds it.
"""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from kyodo.agenda import Meeting, Slide, parse_day
from kyodo.brief import Brief
from kyodo.cycle import judge
from kyodo.cycle.year import UNDONE, subjects
from kyodo.rows import row_by
from kyodo.ui import drafts, filters
from kyodo.ui.moments import meeting_number
from kyodo.ui.once import kept
from kyodo.ui.pieces import empty, table
from kyodo.ui.signing import ask_name, attempt, refuse, say_refusal, signer
from kyodo.ui.state import newest_brief, now, record
from kyodo.ui.yearly import OPINIONS

SAID = "saying"  # the address' key of the open panel: the mark of its draft
_FIELDS = ("kind", "about", "text", "meeting", "held_on")
_LATER = {"response": "対応方針", "owner": "担当", "due": "期限"}
_LONGEST = 1000


def open_panel() -> None:
    """Open the panel, with the draft of this session where one was left."""
    st.session_state.setdefault(SAID, secrets.token_hex(8))
    st.query_params[SAID] = st.session_state[SAID]


def _close_panel() -> None:
    st.query_params.pop(SAID, None)


def panel(brief: Brief, slide: Slide, meeting: Meeting) -> None:
    """The panel over a slide: the text, and the button one Tab further; what it is about is guessed from the slide."""
    if SAID in st.query_params:
        _panel(brief, slide, meeting)


@st.fragment  # while somebody types, the slide behind is not drawn anew
def _panel(brief: Brief, slide: Slide, meeting: Meeting) -> None:
    if SAID not in st.query_params:  # it was stored, or put aside
        st.rerun()
    mark = st.session_state[SAID] = st.query_params[SAID][:40]
    topic = f"{SAID}|{mark}"
    with st.container(key="opinion_panel"):
        say_refusal()  # a press is a run of the panel alone
        first, second = st.columns([5, 1], vertical_alignment="bottom")
        place = second.container()
        _ask(topic, brief, _guess(slide, meeting), first, st.columns([1, 3, 1, 1.5, 2]))
        place.button(
            "記録する", type="primary", width="stretch", key="store_opinion", on_click=_store_said, args=(topic,)
        )
        place.button("閉じる", width="stretch", key="close_panel", on_click=_close_panel)


def _guess(slide: Slide, meeting: Meeting) -> dict[str, Any]:
    """What the fields open with: this meeting, and what the slide is about."""
    about = str(slide.indicator) if getattr(slide, "indicator", None) else "all"
    number = "" if meeting.number is None else str(meeting.number)
    return {"kind": "意見", "about": about, "text": "", "meeting": number, "held_on": _day(meeting)}


def _day(meeting: Meeting) -> str:
    return meeting.date.isoformat() if meeting.date else ""


def _ask(topic: str, brief: Brief, seeds: Mapping[str, Any], place: Any, columns: Any) -> None:
    """The fields of what was said: text first, then what it is, about what, at which meeting."""
    asked = partial(drafts.field, topic=topic, revision=brief.revision)
    kinds, names = list(judge.marked(brief.plan, "opinion")), kept(subjects, brief.plan)
    widget = partial(place.text_area, height=90, max_chars=_LONGEST, placeholder="委員会で出た意見、決まったこと")
    asked(widget, "委員会の意見・決定", name="text", seed=seeds["text"])
    asked(partial(columns[0].selectbox, options=kinds), "種類", name="kind", seed=seeds["kind"])
    asked(
        partial(columns[1].selectbox, options=list(names), format_func=names.get),
        "何について", name="about", seed=seeds["about"] if seeds["about"] in names else "all",
    )  # fmt: skip
    asked(partial(columns[2].text_input, placeholder="例: 3"), "回", name="meeting", seed=seeds["meeting"])
    asked(partial(columns[3].text_input, placeholder="例: 2014-05-12"), "開催日", name="held_on", seed=seeds["held_on"])
    ask_name("意見を書く人の氏名(必須)", place=columns[4])


def _store_said(topic: str) -> None:
    if _store(topic, None):
        st.session_state.pop(SAID, None)
        _close_panel()


def _store(topic: str, opinion: int | None) -> bool:
    """Keep it; what cannot be read is said, and stays a draft."""
    values = {"state": UNDONE} if opinion is None else {}
    values |= drafts.typed(topic, _FIELDS if topic.startswith(SAID) else (*_FIELDS, *_LATER, "state"))
    try:
        number = meeting_number(values["meeting"])
        day = parse_day(values["held_on"].strip()).isoformat() if values["held_on"].strip() else ""
    except ValueError as error:
        refuse(str(error))
        return False
    said = values | {"meeting": number, "held_on": day, "text": values["text"].strip()}
    taken = attempt(
        lambda: record().opine(said, opinion, by=signer(), at=now()),
        lambda made: f"意見{made}を記録しました。「履歴」から元に戻せます。",
    )
    if taken:
        drafts.forget(topic)
    return taken


def follow_up() -> None:
    """All that was said, open ones first, and the form that writes down what becomes of it."""
    rows = newest_brief().progress.opinions
    if rows.empty:
        empty("委員会の意見・決定はまだありません。スライドを映しているあいだに M キーを押すか、下に書くと残ります。")
    else:
        waiting = int(rows["is_open"].sum())
        table(
            kept(_open_first, rows), OPINIONS,
            caption=f"意見・決定 {len(rows)}件(うち対応済でないもの{waiting}件)", numeric=["opinion"], short=["meeting_text", "kind", "state"],
        )  # fmt: skip


def _open_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["is_open", "meeting"], ascending=[False, False], kind="stable")


def write() -> None:
    """The form of one opinion: a new one, or what became of a known one."""
    brief = newest_brief()
    rows = brief.progress.opinions
    known = kept(row_by, rows, "opinion")
    names = {0: "新しい意見・決定"} | {
        number: f"{number} {row['text'][:40]}({row['state_text']})" for number, row in known.items()
    }
    chosen = filters.one("書く意見・決定", names, "opinion")
    row = known.get(chosen, {})
    topic = f"opinion|{chosen}|{row.get('number', 0)}"
    seeds = {name: _seed(row.get(name)) for name in (*_FIELDS, *_LATER)} | (
        {} if row else {"kind": "意見", "about": "all"}
    )
    text, place = st.container(), st.grid(3)
    _ask(topic, brief, seeds, text, [place] * 5)
    asked = partial(drafts.field, topic=topic, revision=brief.revision)
    for name, title in _LATER.items():
        asked(place.text_input, title, name=name, seed=seeds[name])
    states = list(judge.marked(brief.plan, "response"))
    seed = row.get("state") or states[0]
    asked(partial(place.selectbox, options=states), "状態", name="state", seed=seed)
    st.button("意見・決定を記録する", key="store_follow", on_click=_store, args=(topic, chosen or None))


def _seed(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
