"""The plan's action items: one table to filter, its counts, the schedule, the former items and their lineage.

Relisted items (再掲) are shown where they are relisted but counted once, so every count leaves them out.
"""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import itemgetter
from typing import Any

import pandas as pd

from kyodo.plan import Plan
from kyodo.rows import grouped

NO_FORMER = "前期項目なし"


@functools.lru_cache(maxsize=8)
def item_table(plan: Plan) -> pd.DataFrame:
    """One row per action sheet (relisted ones too), with its lists joined into lists. Made once a plan; not to be changed.

    Columns: those of ``items``, policy_title, measure_title, departments, actors (lists), past_statuses (list
    of the former items' statuses, ``前期項目なし`` where there is none).
    """
    items, measures = plan.items, zip(plan.measures["policy"], plan.measures["measure"], strict=True)
    titles = dict(zip(measures, plan.measures["title"], strict=True))
    origin = items["relisted_of"].where(items["relisted_of"] != "", items["item"])
    status_of = dict(zip(plan.past_items["past_item"], plan.past_items["status"], strict=True))
    statuses = grouped(plan.lineage["item"], plan.lineage["past_item"].map(status_of))
    return items.assign(
        policy_title=items["policy"].map(plan.policy_titles),
        measure_title=[titles[key] for key in zip(items["policy"], items["measure"], strict=True)],
        departments=_listed(items, plan.item_departments, "department"),
        actors=_listed(items, plan.item_actors, "actor"),
        past_statuses=[[*dict.fromkeys(statuses.get(item, [NO_FORMER]))] for item in origin],
    )


def _listed(items: pd.DataFrame, frame: pd.DataFrame, column: str) -> list[list[str]]:
    """Of each item what stands in a column of its rows in another table."""
    own = grouped(frame["item"], frame[column])
    return [own[item] for item in items["item"]]


LOST, NONE_PRINTED = "走査で失われ不明", "目安なし"


def criterion_words(items: pd.DataFrame) -> pd.Series:
    """Each item's criterion of completion, or why there is none: lost in the scan, or not printed."""
    lost = items["lost"].str.split().map(lambda names: "done_when" in names)
    return items["done_when"].mask(items["done_when"].eq(""), NONE_PRINTED).mask(lost, LOST)


def counted(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that count: relisted ones left out, where there may be such."""
    return table[table["relisted_of"] == ""] if "relisted_of" in table else table


_FILTERS = {
    "policy": "policy", "kind": "kind", "department": "departments", "actor": "actors", "past": "past_statuses",
}  # fmt: skip


def filter_items(table: pd.DataFrame, schedule: pd.DataFrame, **asked: Collection[str]) -> pd.DataFrame:
    """The rows of :func:`item_table` that fit every filter of the address; an empty filter lets everything through.

    Besides those of :data:`_FILTERS` and ``q`` (:func:`fitting`): ``measure`` are keys such as ``I-2``; ``stage`` are
    those in force in any year of ``year`` (in any at all without one).
    """
    if asked.get("measure"):
        table = table[measure_keys(table).isin(asked["measure"])]
    if asked.get("stage"):
        rows = schedule[schedule["stage"].isin(asked["stage"])]
        years = [int(year) for year in asked.get("year", ())] or rows["fiscal_year"]
        table = table[table["item"].isin(rows.loc[rows["fiscal_year"].isin(years), "item"])]
    return fitting(table, asked, _FILTERS, _searchable)


def fitting(
    table: pd.DataFrame,
    asked: Mapping[str, Collection[str]],
    filters: Mapping[str, str],
    words: Callable[[dict], Iterable[str]],
) -> pd.DataFrame:
    """The rows that fit what an address asks for (key → values) of the ``filters`` (key → column), and of ``q``.

    Within one filter any of its values is enough; ``q`` needs all its words, in any of a row's ``words``.
    """
    chosen = {column: asked.get(key, ()) for key, column in filters.items()}
    return saying(having(table, chosen), " ".join(asked.get("q", ())), words)


def having(table: pd.DataFrame, chosen: Mapping[str, Collection]) -> pd.DataFrame:
    """The rows that have in every column one of the values chosen (column → values); lists in cells need share only one."""
    for column, values in chosen.items():
        if values:
            wanted, cells = set(values), table[column]
            table = those(table, [not wanted.isdisjoint(each if isinstance(each, list) else [each]) for each in cells])
    return table


def saying(table: pd.DataFrame, text: str, words: Callable[[dict], Iterable[str]]) -> pd.DataFrame:
    """The rows of whose ``words`` any has each word of what was typed."""
    if not text.split():
        return table
    return those(table, [says(" ".join(words(row)), text) for row in table.to_dict("records")])


def those(table: pd.DataFrame, flags: list[bool]) -> pd.DataFrame:
    """The rows that are flagged; of none, none (a bare empty list would take the columns away)."""
    return table[pd.Series(flags, index=table.index, dtype="bool")]


def without_each(narrow: Callable[..., pd.DataFrame], chosen: Mapping[str, Any]) -> dict[str, int]:
    """How many rows ``narrow(**chosen)`` would find without each filter that is set: its name → count, most first."""
    found = {
        name: len(counted(narrow(**{other: value for other, value in chosen.items() if other != name})))
        for name, value in chosen.items()
        if value
    }
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def measure_keys(table: pd.DataFrame) -> pd.Series:
    """The key of each row's measure, ``I-2``."""
    return table["policy"] + "-" + table["measure"].astype("str")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def says(said: str, text: str) -> bool:
    """Whether a text has every word of what was typed; Latin letters and digits only as whole words (II is not III).

    >>> says("III-2-1 地域の拠点", "II"), says("II-2-1 地域の拠点", "ii-2 拠点")
    (False, True)
    """
    said = _plain(said)
    return all(_whole(word).search(said) for word in _plain(text).split())


@functools.cache
def _whole(word: str) -> re.Pattern[str]:
    before, after = (bool(re.match("[a-z0-9]", sign)) for sign in (word[0], word[-1]))
    return re.compile(f"{'(?<![a-z0-9])' if before else ''}{re.escape(word)}{'(?![a-z0-9])' if after else ''}")


_SEARCHED = itemgetter("item", "title", "purpose", "content", "done_when", "measure_title")


def _searchable(row: dict) -> Iterable[str]:
    return *_SEARCHED(row), *row["departments"], *row["actors"]


def _crossed(policies: pd.Series, across: pd.Series, columns: Iterable[str]) -> pd.DataFrame:
    """Numbers of rows, policies down in the order they stand in, ``columns`` across."""
    counts, names = Counter(zip(policies, across, strict=True)), policies.unique()
    columns = pd.Index([*columns], name=across.name)
    found = [[counts[policy, column] for column in columns] for policy in names]
    return pd.DataFrame(found, index=pd.Index(names, name=policies.name), columns=columns, dtype="int64")


def by_actor(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Numbers of items, policies down and actors across; an item counts once for each of its actors."""
    each = counted(table).explode("actors")
    return _crossed(each["policy"], each["actors"], plan.actors).reindex(table["policy"].unique(), fill_value=0)


def by_department(table: pd.DataFrame) -> pd.DataFrame:
    """Columns department and items (count), most first; an item counts once for each of its departments."""
    each = counted(table).explode("departments")
    sizes = each.groupby("departments", sort=False).size()
    return sizes.sort_values(ascending=False, kind="stable").rename_axis("department").reset_index(name="items")


def departments(table: pd.DataFrame) -> list[str]:
    """The departments of :func:`by_department`, those of most items first."""
    return by_department(table)["department"].tolist()


NO_PLAN = "計画なし"


@functools.lru_cache(maxsize=16)
def planned_stages(plan: Plan, year: int) -> pd.DataFrame:
    """:func:`by_stage` of all items. Made once a plan and year; not to be changed."""
    return by_stage(item_table(plan), plan, year)


def by_stage(table: pd.DataFrame, plan: Plan, year: int) -> pd.DataFrame:
    """Numbers of items, policies down and the stages of one year across (``計画なし`` where the year is blank)."""
    schedule, rows = plan.item_schedule, counted(table)
    stages = rows["item"].map(schedule[schedule["fiscal_year"] == year].set_index("item")["stage"].replace("", NO_PLAN))
    return _crossed(rows["policy"], stages, [*plan.stage_names, *([NO_PLAN] if NO_PLAN in set(stages) else [])])


TOTAL = "計"


def with_total(counts: pd.DataFrame, policies: pd.DataFrame) -> pd.DataFrame:
    """Counts by policy (the index) and their sum as last row, with ``title`` (blank for the sum) and each row's ``total``."""
    titles = policies.set_index("policy")["title"]
    whole = pd.concat([counts, counts.sum().to_frame(TOTAL).T]).rename_axis("policy")
    return whole.assign(title=[titles.get(policy, "") for policy in whole.index], total=whole.sum(axis=1)).reset_index()


def past_tally(plan: Plan) -> pd.DataFrame:
    """Numbers of former items, policies down and statuses across."""
    return _crossed(plan.past_items["policy"], plan.past_items["status"], plan.statuses)


def tally_differences(plan: Plan) -> pd.DataFrame:
    """Printed against recounted numbers of former items: policy, status, printed, counted, agrees."""
    counted_here = past_tally(plan).stack().rename("counted").reset_index()
    frame = plan.past_tally.rename(columns={"items": "printed"}).merge(
        counted_here, on=["policy", "status"], how="outer"
    )
    frame = frame.fillna({"printed": 0, "counted": 0})
    return frame.assign(agrees=frame["printed"] == frame["counted"])


def former_policies(plan: Plan) -> dict[str, str]:
    """Policy of the former phase → its key and title."""
    rows = plan.past_policies
    return {key: f"{key} {title}" for key, title in zip(rows["policy"], rows["title"], strict=True)}


def past_table(plan: Plan) -> pd.DataFrame:
    """One row per former item with its headings and successors.

    Columns: those of ``past_items``, mark (◎○△×), policy_title, measure_title, items (list of successors' keys),
    hows (list, how each link is known).
    """
    links = plan.lineage.groupby("past_item").agg({"item": list, "how": list})
    return (
        plan.past_items.merge(plan.past_policies.rename(columns={"title": "policy_title"}), on="policy")
        .merge(plan.past_measures.rename(columns={"title": "measure_title"}), on=["policy", "measure"])
        .assign(
            mark=lambda frame: frame["status"].map(plan.statuses),
            items=lambda frame: [links["item"].get(number, []) for number in frame["past_item"]],
            hows=lambda frame: [links["how"].get(number, []) for number in frame["past_item"]],
            to=onward(plan)["to"].to_numpy(),
        )
    )


HOWS = {"explicit": "計画書に明記", "same_title": "同じ名称", "inferred": "内容からの推定"}  # best known first
NO_SUCCESSOR = "なし"


def onward(plan: Plan) -> pd.DataFrame:
    """Where each former item went: past_item, status, disposition, to (the successor's policy, ``なし`` without one), how.

    One with several successors counts once, by its best known link; ``how`` is blank where there is none.
    """
    rank = {how: place for place, how in enumerate(HOWS)}
    best = (
        plan.lineage.assign(rank=plan.lineage["how"].map(rank))
        .sort_values("rank", kind="stable")
        .drop_duplicates("past_item")
    )
    rows = plan.past_items.merge(best[["past_item", "item", "how"]], on="past_item", how="left")
    policies = plan.items.set_index("item")["policy"]
    return rows.assign(to=rows["item"].map(policies).fillna(NO_SUCCESSOR), how=rows["how"].fillna(""))[
        ["past_item", "status", "disposition", "to", "how"]
    ]


def planned_short(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Items whose schedule ends before 実施: item, title, stage in the plan's last year. A plan, not a progress."""
    last = plan.item_schedule[plan.item_schedule["fiscal_year"] == plan.years[-1]]
    stages = counted(table)["item"].map(dict(zip(last["item"], last["stage"], strict=True)))
    waiting = counted(table)[["item", "title"]].assign(stage=stages)
    return waiting[stages.isin(plan.stage_names[:-1])].reset_index(drop=True)


ORDERS = {"計画の順": None, "担当課": "departments", "種別": "kind", "推進項目名": "title"}
PAST_ORDERS = {"計画の順": None, "実施状況": "status", "今後の取扱い": "disposition", "推進項目名": "title"}


def sort_items(table: pd.DataFrame, order: str, plan: Plan) -> pd.DataFrame:
    """The rows in one of :data:`ORDERS` or :data:`PAST_ORDERS`; the plan's order decides among equals."""
    column = {**ORDERS, **PAST_ORDERS}[order]
    if column is None:
        return table
    ranks = {"status": list(plan.statuses), "disposition": plan.allowed("past_items", "disposition")}
    rank = ranks[column].index if column in ranks else str
    return table.sort_values(column, key=lambda each: each.map(rank), kind="stable")


_PAST_FILTERS = {key: key for key in ("policy", "status", "disposition", "to")}


def filter_past(table: pd.DataFrame, **asked: Collection[str]) -> pd.DataFrame:
    """The rows of :func:`past_table` that fit every filter of the address (:func:`fitting`)."""
    return fitting(table, asked, _PAST_FILTERS, itemgetter("title", "review", "measure_title"))
