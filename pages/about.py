import streamlit as st

from kyodo import ui
from kyodo.findings import judged_by
from kyodo.leads import plan_sentence
from kyodo.schema import codebook
from kyodo.ui import filters, plantree

shown = ui.page("このプランについて", ui.kept(plan_sentence, ui.plan()))
plan = shown.plan
part = plantree.part()

if part == "about":
    with ui.together():
        ui.heading("推進方針・推進施策・推進項目")
        plantree.show(shown.table)
        ui.heading("地域づくりの三つの段階")
        ui.table(
            plan.phases,
            {"phase": "段階", "period": "期間", "actor": "担い手", "step": "すること(要約)"},
            caption="準備期・成長期・成熟期に、誰が何をするか",
            short=["phase", "period", "actor"],
        )
if part == "about?part=words":
    with ui.together():
        ui.heading("言葉と計算のしかた")
        ui.note(judged_by(shown.cutoffs))
        ui.table(
            plan.terms,
            {"term": "言葉", "meaning": "意味", "formula": "計算", "source": "出典"},
            caption="画面・資料・データで使う言葉",
            short=["term"],
        )
if part != "about?part=data":
    st.stop()

ui.heading("データの定義とオープンデータ")
ui.note("表計算ソフトの「Webから」「テキストまたはCSVから」で下のURLを読み込むと、登録のあとに更新できます。")
ui.table(
    ui.open_data(plan.package.tables.values(), "open-data"),
    {"title": "表", "description": "内容", "csv": "CSV", "json": "JSON"},
    caption="公開している表",
    raw=["csv", "json"],
)
name = filters.one("表の定義を見る", {key: table.title for key, table in plan.package.tables.items()}, "table")
columns = {
    "name": "列", "title": "名称", "type": "型", "unit": "単位", "required": "必須", "allowed": "使える値", "description": "説明",
}  # fmt: skip
ui.table(codebook(plan.package.tables[name]), columns, caption=f"{plan.package.tables[name].title}の列")
