"""このプラン: its parts beside each other, and the plan's three levels as one indented list."""

import html

import pandas as pd
import streamlit as st

from kyodo.ui.flow import put
from kyodo.ui.moments import kept as kept_moment
from kyodo.ui.once import kept
from kyodo.ui.pieces import link, tabs
from kyodo.ui.text import said

PARTS = {
    "about": "方針・施策・項目",
    "past": "前期の検証",
    "about?part=words": "言葉と計算",
    "about?part=data": "データ",
}


def part(here: str = "") -> str:
    """Show the parts, ``here`` (the address' own part, if blank) among them; returns the one shown."""
    asked = st.query_params.get("part", "data" if "table" in st.query_params else "")
    shown = here or next((address for address in PARTS if address.endswith(f"?part={asked}")), "about")
    tabs("このプランの中", PARTS, shown)
    return shown


def show(table: pd.DataFrame) -> None:
    """Policies, measures and items, each item a link to its page, relisted ones told apart."""
    put(kept(_tree, table, kept_moment()))


def _tree(table: pd.DataFrame, moment: str) -> str:
    return f'<ul class="k-tree">{"".join(_policy(rows) for _, rows in table.groupby("policy", sort=False))}</ul>'


def _policy(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    count = int((rows["relisted_of"] == "").sum())
    name = link("items?policy=" + first["policy"], f"{first['policy']} {first['policy_title']}")
    inner = "".join(_measure(each) for _, each in rows.groupby("measure", sort=False))
    return f"<li><b>{name}</b> {count}項目<ul>{inner}</ul></li>"


def _measure(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    items = "".join(
        f"<li>{link('items?item=' + row['item'], row['item'])} {said(row['title'])}{_origin(row['relisted_of'])}</li>"
        for row in rows.to_dict("records")
    )
    return f"<li>({first['measure']}) {said(first['measure_title'])}<ul>{items}</ul></li>"


def _origin(relisted_of: str) -> str:
    return f"【再掲 {html.escape(relisted_of)}】" if relisted_of else ""
