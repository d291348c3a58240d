"""The items' years as people look at them: narrowed by filters, as a grid, side by side, in sentences with links.

Frames of :class:`kyodo.cycle.year.Progress` in, frames and findings out; nothing here draws.
"""

from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from kyodo.cycle import judge, tallies
from kyodo.cycle.year import Progress
from kyodo.findings import Finding
from kyodo.fiscal import short_label
from kyodo.items import criterion_words, filter_items, fitting, those, with_total
from kyodo.plan import Plan
from kyodo.wording import listed, shorten

PAGE = 200  # rows of the grid on one page
SERVES_NONE = "none"  # what the filter of indicators calls the items that serve no indicator
YEARS = 5  # years of the grid beside each other
_SEARCHED = itemgetter("item", "title", "section", "criterion", "result", "evidence", "issue", "next_step", "partners")


def first_year(progress: Progress) -> int:
    """The year to open with: the newest one begun, else the plan's first."""
    return progress.years[-1] if progress.years else int(progress.plan.years[0])


def sections(rows: pd.DataFrame) -> list[str]:
    """Every section that answers and every printed department, each once, in the plan's order."""
    named = rows["section"].tolist() + [name for names in rows["departments"] for name in names]
    return [name for name in dict.fromkeys(named) if name]


_FILTERS = {
    "policy": "policy", "measure": "measure", "against": "against_plan", "status": "status", "stage": "stage", "state": "state",
    "actor": "actors",
}  # fmt: skip


def found(progress: Progress, year: int, **asked: Collection[str]) -> pd.DataFrame:
    """One year's rows that fit every filter of the address (:func:`kyodo.items.fitting`).

    Besides those: ``department`` fits the section and the printed names, ``indicator`` and ``odd`` as :func:`items_of`.
    """
    rows = progress.year(year)
    if departments := asked.get("department"):
        named = zip(rows["section"], rows["departments"], strict=True)
        rows = those(rows, [not {section, *names}.isdisjoint(departments) for section, names in named])
    items = items_of(progress, year, asked.get("indicator", ()), asked.get("odd", ()))
    return fitting(rows if items is None else rows[rows["item"].isin(items)], asked, _FILTERS, _SEARCHED)


def years_beside(years: Iterable[int], year: int, most: int = YEARS) -> list[int]:
    """At most so many years with ``year`` among them: the years before it, and those after where there is room."""
    every = sorted(int(each) for each in years)
    start = max(0, min(every.index(year) - most + 2, len(every) - most))
    return every[start : start + most]


def grid(progress: Progress, items: Collection[str], years: Collection[int]) -> pd.DataFrame:
    """Rows of these items in these years with ``answer``, ``plan_text``, ``against_text``: symbol and word each.

    An unanswered cell says its state; before anything was handed out it holds the plan alone.
    """
    rows = progress.rows[progress.rows["item"].isin(items) & progress.rows["fiscal_year"].isin(years)]
    marks = judge.marked(progress.plan, "against_plan")
    answered = rows["status"] != ""
    return rows.assign(
        answer=rows["marked"].mask(~answered, rows["state"].where(rows["state"] != judge.NOT_OUT, "")),
        plan_text="計画 " + rows["stage"].mask(rows["stage"].eq(""), "なし"),
        against_text=rows["against_plan"].map(marks).where(answered, ""),
        state_word=rows["state_text"].where(answered, ""),
    )


_BESIDE = {
    "stage": "年次計画", "marked": "実施状況", "against_text": "計画との比較", "state_text": "状態", "section": "回答する課", "result": "実績",
    "value_text": "実績の数", "criterion_met": "目安に達したか", "evidence": "根拠", "issue": "課題", "next_step": "次年度へ向けた取組",
    "disposition_text": "今後の取扱い", "partners": "協働の相手", "checks": "六つの考え方の自己点検", "supplements": "補足",
    "sent_back": "差戻しの理由", "correction": "訂正の理由", "told": "気を付けるところ",
}  # fmt: skip


def side_by_side(progress: Progress, item: str, years: Collection[int]) -> pd.DataFrame:
    """One item's years beside each other: ``what`` (a line's title) and a column per year; empty lines are left out."""
    rows = progress.of_item(item)
    rows = rows[rows["fiscal_year"].isin(years)]
    extra = progress.kept.supplements
    extra = extra[extra["item"] == item]
    found = progress.findings
    found = found[found["item"] == item]
    told = rows.assign(
        against_text=rows["against_plan"].map(judge.marked(progress.plan, "against_plan")).where(rows["state"].ne(judge.NOT_OUT), ""),
        value_text=[_valued(row) for row in rows.to_dict("records")],
        disposition_text=rows["disposition"] + rows["into_item"].where(rows["into_item"].eq(""), "(" + rows["into_item"] + "へ)"),
        checks=[_checks(progress.plan, row) for row in rows.to_dict("records")],
        supplements=[_joined(extra, year, lambda row: f"{row['section']}: {row['supplement']}") for year in rows["fiscal_year"]],
        told=[_joined(found, year, lambda row: row["text"]) for year in rows["fiscal_year"]],
    )  # fmt: skip
    lines = [
        {"what": title} | dict(zip(told["fiscal_year"].map(short_label), told[name], strict=True))
        for name, title in _BESIDE.items()
        if told[name].ne("").any()
    ]
    return pd.DataFrame(lines, columns=["what", *map(short_label, rows["fiscal_year"])])


def _valued(row: Mapping[str, Any]) -> str:
    value = row["result_value"]
    return "" if pd.isna(value) else f"{int(value) if value == int(value) else value:,}{row['result_unit']}"


def _checks(plan: Plan, row: Mapping[str, Any]) -> str:
    names = plan.sheet_columns[plan.sheet_columns["list"] == "check"]
    told = zip(names["name"], names["read_as"], strict=True)
    return "、".join(f"{title} {row[name]}" for name, title in told if row[name])


def _joined(rows: pd.DataFrame, year: int, told: Any) -> str:
    return " / ".join(told(row) for row in rows[rows["fiscal_year"] == year].to_dict("records"))


def view(year: int | None = None, **query: Any) -> str:
    """The address of 進行管理 with these filters."""
    asked = ({} if year is None else {"year": int(year)}) | {name: value for name, value in query.items() if value}
    return f"progress?{urlencode(asked, doseq=True)}"


def lead(progress: Progress, year: int) -> list[Finding]:
    """The year in one sentence, part by part; each number links to its items: 「H25: 44項目のうち回答41、計画どおり33・遅れ5」."""
    rows = progress.year(year)
    counts = tallies.against_plan(rows)
    missing = counts.pop(judge.UNANSWERED)
    answered = [word for word, count in counts.items() if count]
    parts = [Finding(f"{short_label(year)}: "), Finding(f"{len(rows)}項目", view(year)), Finding("のうち")]
    parts.append(Finding(f"回答{len(rows) - missing}", view(year, against=answered) if answered else ""))
    for place, word in enumerate(answered):
        parts += [Finding("・" if place else "、"), Finding(f"{word}{counts[word]}", view(year, against=word))]
    if missing:
        parts += [Finding("、"), Finding(f"未回答{missing}", view(year, against=judge.UNANSWERED))]
    return [*parts, Finding("。")]


def facts(progress: Progress) -> tuple[Finding, ...]:
    """What a manager must know of the newest year and of what was promised: each with its link; nothing before a year began."""
    said = (_year_facts(progress, first_year(progress)) if progress.years else []) + opinion_facts(progress)
    return tuple(said)


def _year_facts(progress: Progress, year: int) -> list[Finding]:
    rows = progress.year(year)
    late = rows[rows["against_plan"] == judge.LATE]
    owed = tallies.missing(rows)
    found = progress.findings
    odd = found[found["fiscal_year"] == year]
    told = []
    if len(late):
        told.append(
            Finding(
                f"{short_label(year)}は{len(late)}項目が計画より遅れ。{_by_section(late)}。",
                view(year, against=judge.LATE),
            )
        )
    if len(owed):
        count = sum(map(len, owed["items"]))
        told.append(
            Finding(f"まだの課が{len(owed)}、{count}項目。{listed(owed['section'])}。", view(year, view="collect"))
        )
    if len(odd):
        told.append(Finding(f"回答に気を付けるところが{len(odd)}。", view(year, odd=list(odd["code"].unique()))))
    return told  # fmt: skip


def _by_section(rows: pd.DataFrame) -> str:
    """Items with who answers for them: 「I-2-3・I-2-12(協働推進課)、I-6-1(職員課)」."""
    sections = rows["section"].mask(rows["section"].eq(""), "回答する課は未定")
    groups = rows.groupby(sections, sort=False)["item"]
    return listed((f"{listed(items, joined='・')}({section})" for section, items in groups), 3)


def opinion_facts(progress: Progress) -> list[Finding]:
    """What the committee said at its last meeting and what came of it, and how much is open from before; none for nothing."""
    rows = progress.opinions
    if rows.empty:
        return []
    newest = rows["meeting"].fillna(0).eq(rows["meeting"].fillna(0).max())
    last, before = rows[newest], int(rows.loc[~newest, "is_open"].sum())
    done = len(last) - int(last["is_open"].sum())
    waiting = last.sort_values("is_open", ascending=False, kind="stable").to_dict("records")
    told = listed((f"{shorten(row['text'], 16)}({row['state_text']})" for row in waiting), 1)
    also = f"それより前の{before}件も対応済でない。" if before else ""
    return [
        Finding(
            f"{last['meeting_text'].iloc[0]}委員会の意見・決定は{len(last)}件、うち対応済{done}。{told}。{also}",
            "meeting",
        )
    ]


def odd(progress: Progress, rows: pd.DataFrame, year: int, codes: Collection[str]) -> dict[str, list[str]]:
    """What is worth a second look in one year's answers of ``rows`` → its items; of these ``codes`` only, where any."""
    found = progress.findings
    found = found[(found["fiscal_year"] == year) & found["item"].isin(rows["item"])]
    found = found[found["code"].isin(codes)] if codes else found
    return {text: items.tolist() for text, items in found.groupby("text", sort=False)["item"]}


def tally(progress: Progress, year: int) -> pd.DataFrame:
    """One year by policy in the form of the plan's former tally: policy, title, a column per status, 未回答, total."""
    return with_total(tallies.by_policy(progress.year(year), progress.statuses), progress.plan.policies)


def answers(progress: Progress, rows: pd.DataFrame) -> pd.DataFrame:
    """Everything reported of the items of ``rows``, without names of persons."""
    public = progress.public["progress"]
    return public[public["item"].isin(rows["item"])]


def newest_choices(progress: Progress) -> dict[str, str]:
    """The statuses an item's newest report may have, with their marks, and that there is none."""
    return judge.marked(progress.plan) | {judge.UNANSWERED: "まだ報告がない"}


def items_found(table: pd.DataFrame, progress: Progress, **asked: Collection[str]) -> pd.DataFrame:
    """The plan's items that fit every filter of the address (:func:`kyodo.items.filter_items`, and the newest ``status``)."""
    return add_newest(filter_items(table, progress.plan.item_schedule, **asked), progress, asked.get("status", ()))


def add_newest(table: pd.DataFrame, progress: Progress, statuses: Collection[str] = ()) -> pd.DataFrame:
    """Item rows (relisted ones too) with ``newest`` (「◎実施済(H25)」) and ``criterion``; only those of the statuses."""
    origin = table["relisted_of"].mask(table["relisted_of"].eq(""), table["item"])
    rows = progress.newest.to_dict("records")
    words = {row["item"]: f"{row['marked']}({short_label(row['fiscal_year'])})" for row in rows}
    statuses_of = {row["item"]: row["status"] for row in rows}
    found = table.assign(
        newest=[words.get(item, "") for item in origin],
        newest_status=[statuses_of.get(item, judge.UNANSWERED) for item in origin],
        criterion=criterion_words(table),
    )
    return found[found["newest_status"].isin(statuses)] if statuses else found


def items_of(progress: Progress, year: int, indicators: Collection[str], odd: Collection[str]) -> set[str] | None:
    """The items that serve any of these indicators (``none``: those that serve none) and have any of these findings.

    None where neither is asked for: all items.
    """
    wanted: list[set[str]] = []
    if indicators:
        links = progress.links
        served = set(links.loc[links["indicator"].astype("str").isin(indicators), "item"])
        alone = set(tallies.serving_none(progress.year(year), links)) if SERVES_NONE in indicators else set()
        wanted.append(served | alone)
    if odd:
        found = progress.findings
        wanted.append(set(found.loc[(found["fiscal_year"] == year) & found["code"].isin(odd), "item"]))
    return set.intersection(*wanted) if wanted else None


BROUGHT = {"what": "何を", "year": "年度", "text": "内容"}
_MARKS = {"handed_out": "配布", "confirmed": "確認", "sent_back": "差戻し", "reported": "報告"}


def brought(kept: Mapping[str, pd.DataFrame], plan: Plan) -> pd.DataFrame:
    """What an entry of the plan's year brought, in words: what, year, text; no person's name is in it."""
    marks = judge.marked(plan)
    told = {
        "progress": lambda row: (row["item"], f"{marks.get(row['status'], row['status'])} {row['result']}"),
        "supplements": lambda row: (row["item"], f"{row['section']}の補足: {row['supplement']}"),
        "marks": lambda row: (row["item"], f"{_MARKS[row['mark']]} {row['text']}"),
        "closings": lambda row: ("年度", f"締める {row['held_on']}"),
        "roster": lambda row: (row["department"], f"{row['section'] or '(なし)'} {short_label(row['from_year'])}から"),
        "answering": lambda row: (row["item"], f"回答する課 {row['section']} {short_label(row['from_year'])}から"),
        "opinions": lambda row: (f"意見{row['opinion']}", f"{row['text']} {row['response']} {row['state']}"),
    }
    rows = [
        (*tell(row), short_label(row["fiscal_year"]) if "fiscal_year" in row else "")
        for name, tell in told.items()
        for row in (kept[name].to_dict("records") if name in kept else ())
    ]
    return pd.DataFrame(rows, columns=["what", "text", "year"])
