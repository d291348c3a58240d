"""推進項目 to look at: the list with its schedule, one item opened, items per department."""

from collections.abc import Mapping, Sequence

import pandas as pd

from kyodo import yearview
from kyodo.brief import Brief
from kyodo.readable import former
from kyodo.ui.flow import put
from kyodo.ui.once import kept, kept_here
from kyodo.ui.pieces import facts, heading, link, link_here, note
from kyodo.ui.tables import Cell, bar, page_of, stage_cell, table
from kyodo.ui.text import said

NAMES = {
    "q": "言葉", "policy": "推進方針", "department": "担当課", "actor": "対象", "year": "年度", "stage": "段階", "measure": "推進施策",
    "kind": "種別", "status": "実施状況", "past": "前期",
}  # fmt: skip
_FORMER = {
    "past_item": "前期番号", "title": "前期の推進項目", "status": "前期の実施状況", "disposition": "今後の取扱い", "review": "検証内容(要約)",
    "how_text": "つながりの根拠",
}  # fmt: skip


def show(listed: pd.DataFrame, stages: pd.DataFrame, order: Sequence[str]) -> None:
    """The items, a line each: number (opens it), title, who, and the stage (of those in ``order``) of every year."""
    paged, part = page_of(listed, yearview.PAGE)
    rows, titles = kept_here(_listed, paged, stages, order)
    span = f"{stages.columns[0]}〜{stages.columns[-1]}"
    caption = f"推進項目 {len(listed)}行{part}。{span}は年次計画の段階(番号を選ぶと内容が開きます)"
    table(rows, titles, caption=caption, short=["link"], raw=["link"])


def _listed(listed: pd.DataFrame, stages: pd.DataFrame, order: Sequence[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows of the list and the titles of its columns."""
    reported = {"newest": "最新の報告"} if listed["newest"].ne("").any() else {"past_statuses": "前期の実施状況"}
    titles = {"link": "番号", "shown_title": "推進項目", "departments": "担当課", "actors": "対象となる主体"}
    rows = listed.assign(
        link=[link_here(item, item=item) for item in listed["item"]],
        shown_title=[_titled(row) for row in listed.to_dict("records")],
        **{year: [stage_cell(stages.at[item, year], order) for item in listed["item"]] for year in stages.columns},
    )
    return rows, titles | {year: year for year in stages.columns} | reported


def _titled(row: Mapping) -> Cell:
    again = f"【再掲 {row['relisted_of']}】" if row["relisted_of"] else ""
    new = '<span class="k-w"> [新規]</span>' if row["kind"] == "新規" else ""
    return Cell(said(row["title"] + again) + new)


def names(table: pd.DataFrame) -> dict[str, str]:
    """The items to choose from, each with its number."""
    return kept(_names, table)


def _names(table: pd.DataFrame) -> dict[str, str]:
    return {row["item"]: f"{row['item']} {row['title']}" for row in table.to_dict("records")}


def show_item(shown: Brief, one: str) -> None:
    """One item: what the plan says of it, and its former items."""
    found = shown.table[shown.table["item"] == one]
    row = yearview.add_newest(found, shown.progress).to_dict("records")[0]
    heading(f"{one} {row['title']}")
    facts(
        {
            "推進方針": f"{row['policy']} {row['policy_title']}", "推進施策": f"({row['measure']}) {row['measure_title']}",
            "種別": row["kind"], "担当課": "・".join(row["departments"]), "対象となる主体": "・".join(row["actors"]),
            "目的": row["purpose"], "推進内容": row["content"], "完了の目安": row["criterion"], "実施状況(最新の報告)": row["newest"],
        }
    )  # fmt: skip
    show_former(shown, row["relisted_of"] or one)
    put(f'<p class="k-note">{link(f"progress?item={one}", "この項目の進行管理を見る")}</p>')


def show_former(shown: Brief, item: str) -> None:
    """The former items an item goes on from."""
    rows = former(shown.plan, item)
    if rows.empty:
        note("前期の項目からの引継ぎはありません。")
    else:
        table(rows, _FORMER, caption="前期の項目とのつながり", numeric=["past_item"], short=["status"])


def departments(counts: pd.DataFrame) -> None:
    """Items per department, most first, as bars that filter."""
    table(
        kept_here(_departments, counts),
        {"department": "担当課", "shown": "項目数"},
        caption="担当課ごとの項目数(多い順。1項目が複数の担当課を持ちます)",
    )


def _departments(counts: pd.DataFrame) -> pd.DataFrame:
    most = int(counts["items"].max())
    return counts.assign(
        shown=[
            bar(number, most, link_here(f"{number}項目", department=name))
            for name, number in zip(counts["department"], counts["items"], strict=True)
        ]
    )
