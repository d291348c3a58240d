from functools import partial

import streamlit as st

from kyodo import items, readable, ui, yearview
from kyodo.cycle import judge
from kyodo.fiscal import short_label
from kyodo.leads import count_sentence, items_sentence
from kyodo.ui import filters, itemlist, narrowing

shown = ui.page("推進項目", ui.kept(items_sentence, ui.brief().table))
plan, table, progress = shown.plan, shown.table, shown.progress
marked = judge.marked(plan) | {items.NO_FORMER: items.NO_FORMER}
years = {year: short_label(year) for year in plan.years}

with narrowing.line():
    place = narrowing.places(9)
    filters.words("言葉で探す", "q", example="例: 交付金 支援", place=narrowing.wide(place))
    policies = filters.many("推進方針", plan.policy_names, "policy", place=place)
    filters.many("担当課", ui.kept(items.departments, table), "department", place=place)
    filters.many("対象となる主体", plan.actors, "actor", place=place)
    filters.one("年度", years, "year", empty="いずれか", place=place)
    filters.many("段階", plan.stage_names, "stage", place=place)
    more = narrowing.more(place, "measure", "kind", "status", "past")
    within = {key: name for key, name in plan.measure_names.items() if not policies or key.split("-")[0] in policies}
    filters.many("推進施策", within, "measure", place=more)
    filters.many("新規・継続", plan.allowed("items", "kind"), "kind", place=more)
    filters.many("実施状況(最新の報告)", yearview.newest_choices(progress), "status", place=more)
    filters.many("前期の実施状況", marked, "past", place=more)
    order = filters.one("並べ替え", list(items.ORDERS), "order", place=place)

narrowed = narrowing.chosen(
    itemlist.NAMES,
    plan.policy_names | marked | yearview.newest_choices(progress) | {str(year): name for year, name in years.items()},
)
found = ui.kept(yearview.items_found, table, progress, **narrowed.asked)
with narrowing.over_the_list():
    narrowing.chips(narrowed, ui.kept(count_sentence, found, table))
    one = filters.one("項目を開く", itemlist.names(table), "item", empty="項目を開く(番号または名称)", hidden=True)
if one:
    itemlist.show_item(shown, one)
if found.empty:
    without = items.without_each(partial(yearview.items_found, table, progress), narrowed.asked)
    narrowing.nothing_left(narrowed, without)
    st.stop()

listed = ui.kept(items.sort_items, found, order, plan)
spans = ui.kept(readable.stage_years, plan.item_schedule)
itemlist.show(listed, spans, plan.stage_names)
columns = {
    "item": "番号", "title": "推進項目", "relisted_of": "再掲の元", "kind": "種別", "departments": "担当課", "actors": "対象となる主体",
    **{name: f"{name}の段階" for name in spans.columns}, "newest": "実施状況(最新の報告)", "past_statuses": "前期の実施状況",
}  # fmt: skip
ui.download(
    "推進項目の一覧をCSVで保存",
    narrowing.named(partial(listed.merge, spans, left_on="item", right_index=True), narrowed),
    narrowed.file_name("推進項目"),
    narrowing.titled(columns),
)

with ui.beside("k-wider"):
    with ui.together():
        ui.heading("推進方針 × 対象となる主体")
        ui.counts(
            ui.kept(items.by_actor, found, plan), ui.link_here, caption="項目数(1項目が複数の主体を持ちます。欄を選ぶと絞り込みます)",
            rows=plan.policy_names, head="推進方針", key="policy", columns={actor: actor for actor in plan.actors}, across="actor", total="",
        )  # fmt: skip
    with ui.together():
        ui.heading("担当課ごとの項目数")
        itemlist.departments(ui.kept(items.by_department, found))
