"""進行管理 to look at: the items' years as one HTML table, page by page, and one item's years side by side."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from kyodo import served, yearview
from kyodo.brief import Brief
from kyodo.cycle import judge
from kyodo.cycle.year import Progress
from kyodo.fiscal import short_label
from kyodo.items import LOST
from kyodo.readable import tally
from kyodo.schema import Table
from kyodo.ui import filters, itemlist
from kyodo.ui.flow import beside, put
from kyodo.ui.moments import whole_number
from kyodo.ui.once import kept, kept_here
from kyodo.ui.pieces import facts, heading, link, link_here, note, table, verdict_mark
from kyodo.ui.tables import page_of
from kyodo.ui.text import said


def show_grid(progress: Progress, rows: pd.DataFrame, year: int) -> None:
    """The items of ``rows`` (one year's) in the years around it; more than a page's worth page by page."""
    years = yearview.years_beside(progress.plan.years, year)
    shown, part = page_of(rows, yearview.PAGE)
    titles = {"link": "推進項目", "section": "回答する課"} | {f"y{each}": short_label(each) for each in years}
    span = f"{short_label(years[0])}〜{short_label(years[-1])}"
    caption = f"{len(rows)}項目の{span}{part}。欄は上から、報告された実施状況(または状態)、年次計画の段階、計画との比較"
    listed = kept_here(_grid, progress, shown, years)
    table(listed, titles, caption=caption, raw=["link", *(f"y{each}" for each in years)])


def _grid(progress: Progress, shown: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    cells = yearview.grid(progress, shown["item"].tolist(), years)
    found = {(row["item"], row["fiscal_year"]): _cell(row) for row in cells.to_dict("records")}
    return shown.assign(
        link=[_named(row) for row in shown.to_dict("records")],
        **{f"y{each}": [found.get((item, each), "") for item in shown["item"]] for each in years},
    )


def _named(row: Mapping[str, Any]) -> str:
    return f"{link_here(row['item'], item=row['item'])} {html.escape(row['title'])}"


def _cell(row: Mapping[str, Any]) -> str:
    """A year of an item: what was reported, what was planned, how both stand; late is underlined besides its word."""
    late = ' class="k-late"' if row["against_plan"] == judge.LATE and row["against_text"] else ""
    against = f" <em{late}>{html.escape(row['against_text'])}</em>" if row["against_text"] else ""
    state = html.escape(f"{row['state_word']}{'、差戻し' if row['sent_back'] else ''}")
    answer = f"<b>{html.escape(row['answer'])}</b> <small>{state}</small>" if row["answer"] else ""
    return f'<div class="k-year"><p>{answer}</p><p><small>{html.escape(row["plan_text"])}</small>{against}</p></div>'


def show_item(shown: Brief, item: str, year: int) -> None:
    """One item: what the plan says, its years side by side, its former items, the indicators it serves, what was said of it."""
    progress = shown.progress
    row = progress.of_item(item).to_dict("records")[0]
    facts(
        {
            "推進方針": f"{row['policy']} {row['policy_title']}", "担当課(計画書)": "・".join(row["departments"]),
            "対象となる主体": "・".join(row["actors"]), "完了の目安": row["criterion"],
        }
    )  # fmt: skip
    if row["criterion"] == LOST:
        note("完了の目安は計画書の走査で失われ、目安のない項目かどうかも分かりません。")
    years = yearview.years_beside(progress.plan.years, year)
    report = yearview.side_by_side(progress, item, years)
    titles = {"what": "内容"} | {name: name for name in report.columns[1:]}
    table(report, titles, caption=f"{item} の年度ごとの計画と報告", short=["what"])
    with beside("k-wider"):
        itemlist.show_former(shown, item)
        _served(shown, item)
    told = progress.opinions[progress.opinions["about"].isin([item, row["policy"]])]
    if len(told):
        table(told, OPINIONS, caption="この項目と方針への意見・決定")


def _served(shown: Brief, item: str) -> None:
    rows = served.by_item(shown.progress, item, shown.upcoming)
    if rows.empty:
        note("どの成果指標にも関係しない項目です(当ダッシュボードの読み方)。")
        return
    listed = rows.assign(
        link=[
            link(f"indicators?indicator={number}", name)
            for number, name in zip(rows["indicator"], rows["name"], strict=True)
        ],
        mark=rows["verdict"].map(verdict_mark),
    )
    titles = {"link": "成果指標", "mark": "次の目標の見通し", "why": "どう関係するか(当ダッシュボードの読み方)"}
    table(listed, titles, caption="関係する成果指標", raw=["link", "mark"], short=["mark"])


OPINIONS = {
    "opinion": "番号", "meeting_text": "委員会", "about_text": "何について", "kind": "種類", "text": "意見・決定", "response": "対応方針",
    "owner": "担当", "due": "期限", "state": "状態",
}  # fmt: skip


def show_tally(shown: Brief, year: int) -> None:
    """The year by policy, in the form the plan printed for the former phase."""
    marks = judge.marked(shown.plan)
    titles = {"policy": "方針", "title": "推進方針"} | marks | {judge.UNANSWERED: "未回答", "total": "計"}
    rows = kept(yearview.tally, shown.progress, year)
    table(rows, titles, caption=f"{short_label(year)}の報告", numeric=[*marks, judge.UNANSWERED, "total"])


def show_former_tally(shown: Brief) -> None:
    """The former phase's tally, to compare with."""
    marks = judge.marked(shown.plan)
    titles = {"policy": "方針", "title": "前期の推進方針"} | marks | {"total": "計"}
    caption = "前期の検証(計画書の集計と同じ数え方)"
    table(kept(tally, shown.plan), titles, caption=caption, numeric=[*marks, "total"])


def show_rule(shown: Brief) -> None:
    """How an item is judged: the rule as a table, from the data that holds it."""
    words = kept(judge.rule, shown.plan)
    note(
        "年次計画の段階(検討 < 一部実施 < 検討・実施 < 実施)と、報告された実施状況(× < △ < ○ < ◎)から決まります。"
        "検討の年度の ×(検討中)は計画どおりで、失敗ではありません。回答がなければ「未回答」です。"
    )
    columns = {"stage": "計画の段階"} | {name: name for name in words.columns}
    table(
        kept(pd.DataFrame.reset_index, words),
        columns,
        caption="計画との比較の決まり",
        fold="段階と実施状況の組み合わせを表で見る",
    )


def show_findings(progress: Progress, rows: pd.DataFrame, year: int, codes: Sequence[str]) -> None:
    """What is worth a second look in the year's answers shown."""
    found = kept(yearview.odd, progress, rows, year, codes)
    if found:
        heading(f"{short_label(year)}の回答で気を付けるところ({sum(map(len, found.values()))}件)")
        lines = [
            f"<li>{said(f'{text}: {len(items)}件。')}{'・'.join(link_here(item, item=item) for item in items)}</li>"
            for text, items in found.items()
        ]
        put(f'<ul class="k-findings">{"".join(lines)}</ul>')


FILTERS = {
    "q": "言葉", "policy": "推進方針", "department": "課", "against": "計画との比較", "status": "実施状況", "measure": "推進施策", "actor": "対象",
    "stage": "計画の段階", "state": "状態", "indicator": "成果指標", "odd": "気を付けるところ",
}  # fmt: skip
VIEWS = {"look": "見る", "collect": "配る・集める", "fill": "記入・確認", "close": "報告して締める"}


def years(progress: Progress) -> dict[int, str]:
    """The plan's years with their short names."""
    return {int(year): short_label(year) for year in progress.plan.years}


def asked_year(progress: Progress) -> int:
    """The year the filter :func:`ask_year` is about to say: the newest begun where nothing was chosen."""
    asked = whole_number(filters.ahead("year"))
    return asked if asked in years(progress) else yearview.first_year(progress)


def ask_year(progress: Progress, label: str = "年度", place: Any = st) -> None:
    """The filter of the year."""
    filters.one(label, years(progress), "year", default=yearview.first_year(progress), place=place)


def titles(declared: Table) -> dict[str, str]:
    """Column → title of a declared table."""
    return {column.name: column.title for column in declared.columns}
