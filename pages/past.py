from functools import partial

from kyodo import items, readable, ui
from kyodo.cycle import judge
from kyodo.leads import past_sentence
from kyodo.ui import filters, narrowing, once, plantree

shown = ui.page("前期の検証", ui.kept(past_sentence, ui.plan()))
plan = shown.plan
plantree.part("past")
marked, former = judge.marked(plan), ui.kept(items.former_policies, plan)

ui.heading("47項目")
with narrowing.line():
    place = narrowing.places(7)
    filters.many("前期の推進方針", former, "policy", place=place)
    filters.many("実施状況", marked, "status", place=place)
    filters.many("今後の取扱い", plan.allowed("past_items", "disposition"), "disposition", place=place)
    onward = {**{policy: f"新方針{policy}" for policy in plan.policies["policy"]}, items.NO_SUCCESSOR: "引継ぎなし"}
    filters.many("引継ぎ先", onward, "to", place=place)
    order = filters.one("並べ替え", list(items.PAST_ORDERS), "order", place=place)
    filters.words("言葉で探す", "q", example="例: 交付金", place=narrowing.wide(place))
chosen = narrowing.chosen(
    {"policy": "方針", "status": "実施状況", "disposition": "取扱い", "to": "引継ぎ先", "q": "言葉"}, marked | onward
)
table = ui.kept(items.past_table, plan)
found = ui.kept(items.filter_past, table, **chosen.asked)
narrowing.chips(chosen, f"前期の{len(plan.past_items)}項目のうち{len(found)}項目")
if found.empty:
    narrowing.nothing_left(chosen, items.without_each(partial(items.filter_past, table), chosen.asked))
else:
    listed = ui.kept(items.sort_items, found, order, plan)
    rows = once.kept_here(narrowing.past_rows, listed)
    columns = {
        "past_item": "番号", "policy": "方針", "title": "推進項目", "shown_status": "実施状況", "disposition": "今後の取扱い",
        "review": "検証内容(要約)", "successors": "引継ぎ先", "how_text": "つながりの根拠",
    }  # fmt: skip
    ui.table(
        rows,
        columns,
        caption=f"前期の推進項目 {len(rows)}行",
        numeric=["past_item"],
        short=["policy", "shown_status", "disposition", "successors"],
        raw=["successors"],
    )
    ui.download(
        "前期の推進項目をCSVで保存",
        narrowing.named(partial(rows.assign, successors=rows["items"]), chosen),
        chosen.file_name("前期の推進項目"),
        narrowing.titled(columns),
    )

with ui.together():
    ui.heading("推進方針ごとの実施状況")
    ui.counts(
        ui.kept(items.past_tally, plan), ui.view("past"), caption="一覧から数え直した数(再掲は数えない。欄を選ぶと絞り込みます)",
        rows=former, head="前期の推進方針", key="policy", columns=marked, across="status",
    )  # fmt: skip
    ui.table(
        ui.kept(readable.tally, plan),
        {"policy": "方針", "title": "前期の推進方針", **marked, "total": "計", "agrees": "計画書の集計との一致"},
        caption="計画書に印刷された集計と照らし合わせた表",
        numeric=[*plan.statuses, "total"],
        fold="計画書の集計と照らし合わせる",
    )

    ui.heading("前期から新しい計画へ")
    ui.note("実施状況と今後の取扱いごとに、どの新しい推進方針へ引き継がれたか。つながりの根拠は言葉で示します。")
    narrowing.matrix(ui.kept(readable.onward_words, plan), onward, marked)
