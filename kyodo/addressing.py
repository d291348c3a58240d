"""The addressees as people fill them in: one line a printed name, from a year on; what came before stays in force till then."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kyodo.cycle.roster import CHOSEN, NAMED, SET
from kyodo.cycle.year import Progress
from kyodo.fiscal import short_label

HOW = {CHOSEN: "画面かファイルで決めた", SET: "事務局が仮に決めた課", NAMED: "計画書で最初に書かれた課"}


def sentence(progress: Progress, year: int) -> str:
    """Whether everything can be handed out, and to whom nothing is sent."""
    asked = progress.addressees(year)
    count = len(asked.answering)
    held = (
        f"{short_label(year)}: {count}項目のうち{len(asked.without)}項目に回答する課がなく、配れません。"
        if asked.without
        else f"{short_label(year)}: {count}項目のすべてに回答する課があります。"
    )
    open_names = asked.unresolved
    return held + (f"課の決まっていない宛先が{len(open_names)}あり、そこには補足を尋ねません。" if open_names else "")


def lines(progress: Progress, year: int) -> pd.DataFrame:
    """One line a printed name: department, sections (joined by 、), contact, items (how many name it)."""
    sections = progress.addressees(year).sections
    named = progress.plan.item_departments.merge(progress.year(year)[["item"]], on="item")
    grouped = sections.groupby("department", sort=False).agg({"section": list, "contact": list}).reset_index()
    return grouped.assign(
        sections=["、".join(filter(None, each)) for each in grouped["section"]],
        contact=["、".join(dict.fromkeys(filter(None, each))) for each in grouped["contact"]],
        items=grouped["department"].map(named.groupby("department").size()).fillna(0).astype(int),
    )


def sections(progress: Progress, year: int) -> list[str]:
    """Every section that was ever named or is asked in the year."""
    named = {*progress.addressees(year).names, *progress.roster["section"]}
    return sorted(name for name in named if name)


def split(text: str) -> list[str]:
    """Sections written in one line, each once.

    >>> split("総務課、 防災課・総務課,税務課")
    ['総務課', '防災課', '税務課']
    """
    # ・ also joins the words of one name (生涯学習・スポーツ振興課): it parts two only after a 課, 室, 所, センター …
    parts = re.split(r"[、,,\n]|(?<=[課室所局部館係会ー])・", text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def changed_roster(progress: Progress, year: int, typed: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The roster's rows of those names of which the line (sections, contact) differs, in force from ``year`` on.

    What was in force till then ends the year before; what begins in a later year stays. A name without section keeps
    one blank row.
    """
    before = lines(progress, year).set_index("department")
    rows: list[dict[str, Any]] = []
    for name, (text, contact) in typed.items():
        sections, contact = split(text), contact.strip()
        if set(sections) == set(split(before.at[name, "sections"])) and contact == before.at[name, "contact"]:
            continue
        rows += [*_earlier(progress, year, name)]
        rows += [
            {"department": name, "section": each, "from_year": year, "to_year": None, "contact": contact}
            for each in sections or [""]
        ]
    return rows


def _earlier(progress: Progress, year: int, name: str) -> list[dict[str, Any]]:
    """The rows of a name that stay: those over, those of later years, and those in force, which end before ``year``."""
    found = progress.roster[progress.roster["department"] == name].to_dict("records")
    stays = []
    for row in found:
        until = None if pd.isna(row["to_year"]) else int(row["to_year"])
        begun = int(row["from_year"])
        if begun < year and (until is None or until >= year):
            until = year - 1
        if row["section"] and begun != year:
            stays.append(dict(row) | {"from_year": begun, "to_year": until})
    return stays


def asked_table(progress: Progress, year: int) -> pd.DataFrame:
    """Who answers and who adds, item by item: item, title, departments, section, how_text, others (list)."""
    asked = progress.addressees(year)
    others = asked.supplementing.groupby("item")["section"].agg(list)
    rows = asked.answering.merge(progress.year(year)[["item", "title", "departments"]], on="item")
    return rows.assign(
        section=rows["section"].mask(rows["section"].eq(""), "(決まっていません)"),
        how_text=rows["how"].map(HOW).fillna(""),
        others=[others.get(item, []) for item in rows["item"]],
    )
