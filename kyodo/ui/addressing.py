"""宛先 on the page: the roster line by line, who answers for which item, and both as a file."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from kyodo import addressing
from kyodo.brief import Brief
from kyodo.cycle.returned import isolated
from kyodo.cycle.roster_file import RosterFile, read_roster, roster_frames
from kyodo.export import csv_bytes
from kyodo.fiscal import short_label
from kyodo.rows import row_by
from kyodo.ui import follow, itemlist, sent
from kyodo.ui.once import kept
from kyodo.ui.pieces import empty, note, problems, save, table
from kyodo.ui.signing import attempt, signer, value
from kyodo.ui.state import now, record

VIEWS = {"look": "項目ごとの課", "roster": "宛先名簿に書く", "file": "ファイルで直す"}


def fill_roster(shown: Brief, year: int) -> None:
    """One line a printed name: today's sections and a contact; all lines stored at once."""
    rows = kept(row_by, kept(addressing.lines, shown.progress, year), "department").values()
    with st.form(f"roster_{year}_{shown.revision}", border=False):
        typed, place = {}, st.grid(2, gap=("xsmall", "small"))
        for row in rows:
            label = f"{row['department']}({row['items']}項目)の課(いくつもあるときは、で区切る)"
            text = place.text_input(label, row["sections"], placeholder="課が決まっていません")
            typed[row["department"]] = (text, place.text_input(f"{row['department']}の連絡先", row["contact"]))
        pressed = st.form_submit_button(
            f"{short_label(year)}からの宛先として登録する", type="primary", key="store_roster"
        )
    if pressed:
        changed = addressing.changed_roster(shown.progress, year, typed)
        _address(shown.revision, roster=changed)
        st.rerun()


def choose_answering(shown: Brief, year: int) -> None:
    """Another answering section for some items, from a year on."""
    progress = shown.progress
    asked = progress.addressees(year)
    titles = itemlist.names(progress.year(year))
    place = st.grid(2)
    items = place.multiselect(
        "回答する課を変える項目", list(titles), default=asked.without, placeholder="選んでください",
        format_func=titles.get, key=f"answering_{year}_{shown.revision}",
    )  # fmt: skip
    names = kept(addressing.sections, progress, year)
    section = place.selectbox("回答する課", names, index=None, placeholder="選んでください", key="answering_section")
    st.button(
        f"{short_label(year)}から、この課が回答する", disabled=not (items and section), key="store_answering",
        on_click=_choose, args=(f"answering_{year}_{shown.revision}", year, shown.revision),
    )  # fmt: skip


def _choose(key: str, year: int, revision: int) -> None:
    rows = [{"item": item, "from_year": year, "section": value("answering_section")} for item in value(key)]
    _address(revision, answering=rows)


def _address(revision: int, **given: Any) -> None:
    attempt(
        lambda: record().address(**given, by=signer(), at=now(), expected_revision=revision),
        lambda number: f"宛先を登録しました(登録番号{number})。「履歴」から元に戻せます。",
    )


def correct_by_file(shown: Brief, year: int) -> None:
    """Both tables as files to correct, and a corrected one read back."""
    follow.hold()
    frames = kept(roster_frames, shown.progress, year)
    words = {"roster": "宛先名簿", "answering": "回答する課"}
    place = st.grid(2)
    for name, frame in frames.items():
        called = f"{words[name]}_{short_label(year)}.csv"
        save(f"{words[name]}をCSVで保存", kept(csv_bytes, frame), called, place=place, key=f"save_{name}")
    file = st.file_uploader(
        "直した表(CSV か Excel の .xlsx、20MBまで)", ["csv", "tsv", "txt", "xlsx", "xlsm"],
        key=sent.field("roster"),
    )  # fmt: skip
    if file is not None:
        read = partial(read_roster, file.getvalue(), file.name, shown.progress, read=isolated)
        _show_file(sent.read_once("roster", (file.file_id, shown.revision), read), shown.revision)


def _show_file(found: RosterFile, revision: int) -> None:
    if found.problems:
        problems(found.problems, "直すところ(何も登録されません)")
        return
    if not found.roster and not found.answering:
        empty("今の宛先と同じです。変わるところはありません。")
        return
    note(f"宛先名簿の{len(found.roster)}行と、回答する課の{len(found.answering)}行が変わります。")
    listed = [{"what": row["department"], **_shown(row)} for row in found.roster]
    listed += [{"what": row["item"], **_shown(row)} for row in found.answering]
    table(
        pd.DataFrame(listed),
        {"what": "担当課・項目", "section": "課", "from": "から", "to": "まで"},
        caption="登録すると変わる行",
    )
    st.button("この表を登録する", type="primary", key="store_file", on_click=_store_file, args=(found, revision))


def _shown(row: dict[str, Any]) -> dict[str, str]:
    until = row.get("to_year")
    return {"section": row["section"], "from": short_label(row["from_year"]), "to": short_label(until) if until else ""}


def _store_file(found: RosterFile, revision: int) -> None:
    _address(revision, **found.to_keep)
    sent.taken("roster")
