"""One item's answer typed on the page.

What is typed is a draft until it is stored (:mod:`kyodo.ui.drafts`); it is read by the rules of a returned sheet.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from kyodo import typed
from kyodo.brief import Brief
from kyodo.cycle import judge
from kyodo.cycle.words import LONGEST
from kyodo.cycle.year import Progress
from kyodo.errors import KyodoError
from kyodo.fiscal import short_label
from kyodo.items import counted
from kyodo.plan import Plan
from kyodo.ui import drafts, filters, follow, itemlist
from kyodo.ui.collecting import ask_reason
from kyodo.ui.pieces import empty, note, problems, table
from kyodo.ui.signing import attempt, refuse, signer, value
from kyodo.ui.state import now, record

_BLANK = ""
_UNSAID = "選んでください"
_HIGH = 110  # pixels of a field for sentences
_SENTENCES = 10  # width of a column that holds sentences
_FOUND = "typed_problems"


def fill(shown: Brief, year: int) -> str:
    """The form of one item (and section), what stands or the draft filled in; returns the item."""
    progress = shown.progress
    rows = progress.year(year)
    names = itemlist.names(rows)
    item = filters.one("記入する項目", names, "item")
    row = rows[rows["item"] == item].to_dict("records")[0]
    section, kind = _ask_section(progress, year, row)
    if not section:
        empty("この項目には回答する課がありません。「宛先」で決めると、記入できます。")
        return item
    table(
        pd.DataFrame([row]), {"stage": f"{short_label(year)}の年次計画", "criterion": "完了の目安", "state_text": "状態", "sent_back": "差戻しの理由"},
        caption=names[item],
    )  # fmt: skip
    follow.hold()
    topic = f"{year}|{item}|{section}|{kind}"
    _say_draft(topic)
    _ask(shown, year, item, section, kind, topic)
    if found := st.session_state.pop(_FOUND, ()):
        problems(found, "直すところ(まだ登録されていません。書いたものは下書きに残っています)")
    ask_reason(progress, year, "fill_reason")
    st.button(
        "この記入を登録する",
        type="primary",
        key="store_typed",
        on_click=_store,
        args=(shown, year, item, section, kind, topic),
    )
    return item


def _ask_section(progress: Progress, year: int, row: Mapping[str, Any]) -> tuple[str, str]:
    """Whose sheet is filled in: the answering section's, or that of one that supplements."""
    asked = progress.addressees(year)
    answering = asked.answering.set_index("item")["section"].get(row["item"], "")
    others = asked.supplementing.loc[asked.supplementing["item"] == row["item"], "section"].tolist()
    kinds = {answering: "回答"} | dict.fromkeys(others, "補足")
    if not others:
        return answering, typed.ANSWER
    section = st.radio(
        "記入する課",
        list(kinds),
        format_func=lambda name: f"{name}({kinds[name]})",
        horizontal=True,
        key=f"whose_{row['item']}",
    )
    return section, typed.ANSWER if section == answering else typed.SUPPLEMENT


def _say_draft(topic: str) -> None:
    """Say that there is a draft; in a place that is always there, so that the fields below keep the cursor."""
    with st.container(key="notice_of_draft"):
        if drafts.load(topic):
            first, second = st.columns([3, 1], vertical_alignment="center")
            with first:
                note("登録していない下書きがあります。続きから記入できます。")
            second.button("下書きを捨てる", on_click=drafts.forget, args=(topic,), width="stretch", key="forget")


def _ask(shown: Brief, year: int, item: str, section: str, kind: str, topic: str) -> None:
    """Every field to fill, some beside each other, each row for itself so that the keyboard goes as one reads."""
    declared = typed.fields(shown.progress, kind)
    values = typed.standing(shown.progress, year, item, section, kind)
    checks, persons = declared["list"] == "check", declared["part"] == "person"
    long = (declared["type"] == "text") & (declared["width"] >= _SENTENCES)
    for fields, across in ((~checks & ~persons & ~long, 4), (long, 2), (checks, 6), (persons, 4)):
        place = st.grid(across)
        for field in declared[fields].to_dict("records"):
            name, widget = field["name"], _widget(shown.plan, field, place)
            seed, revision = values.get(name, ""), shown.revision
            drafts.field(widget, field["title"], topic, name, seed=seed, revision=revision)


def _widget(plan: Plan, field: Mapping[str, Any], place: Any) -> Callable:
    """What asks for a field by its declared type: a choice, an item, a sentence, or a word."""
    if options := _options(plan, field):
        return partial(place.selectbox, options=list(options), format_func=options.get)
    if field["type"] == "text" and field["width"] >= _SENTENCES:
        return partial(place.text_area, height=_HIGH, max_chars=LONGEST)
    return partial(place.text_input, placeholder="例: 2014-04-20" if field["type"] == "date" else "")


def _options(plan: Plan, field: Mapping[str, Any]) -> dict[str, str]:
    if field["type"] == "item":
        return {_BLANK: _UNSAID} | itemlist.names(counted(plan.items))
    if field["type"] == "choice":
        return {_BLANK: _UNSAID} | judge.marked(plan, field["list"])
    return {}


def _store(shown: Brief, year: int, item: str, section: str, kind: str, topic: str) -> None:
    """Read what is typed now as a returned sheet, and store it; what is wrong is shown and stays a draft."""
    texts = drafts.typed(topic, typed.fields(shown.progress, kind)["name"])
    try:
        found = typed.read_typed(shown.progress, year, item, section, kind, texts)
    except KyodoError as error:
        refuse(str(error))
        return
    if found.problems:
        st.session_state[_FOUND] = found.problems
        return
    mine = {
        name: rows[rows["item"] == item].drop(columns=["sheet", "row"]).to_dict("records")
        for name, rows in (("answers", found.answers), ("supplements", found.supplements))
    }
    seen = drafts.begun_at(topic, shown.revision)
    taken = attempt(
        lambda: record().collect(**mine, by=signer(), at=now(), reason=value("fill_reason"), expected_revision=seen),
        lambda number: f"{item}({section})の記入を登録しました(登録番号{number})。「履歴」から元に戻せます。",
    )
    if taken:
        drafts.forget(topic)
