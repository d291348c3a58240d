import streamlit as st

from kyodo import charts, titles, ui, yearview
from kyodo.fiscal import short_label
from kyodo.ui import yearly

shown = ui.page("概要")
plan = shown.plan

ui.heading("成果指標の現在地")
ui.cards(shown)
ui.note(
    "差と変化の単位はポイント、●は実績値、◆は目標値。結果は目標の年度の調査、見通しは最新の調査による判定です。基準と根拠は「成果指標」のページにあります。"
)

left, right = st.columns([3, 2], gap="large")
with left:
    ui.heading("注意が必要な点")
    if shown.attention:
        ui.findings(shown.attention)
    else:
        ui.empty("注意が必要な指標はありません。")
with right:
    ui.heading("まだ足りないもの")
    if shown.missing:
        ui.findings(shown.missing)
    else:
        ui.empty(shown.complete)

progress = shown.progress
if progress.years:
    year = yearview.first_year(progress)
    ui.heading("推進項目の進み具合")
    ui.sentence(yearview.lead(progress, year))
    ui.findings(yearview.facts(progress))
    ui.findings(yearview.gaps(progress, year))
    yearly.show_tally(shown, year)
if progress.latest is not None:
    st.stop()

ui.heading("推進項目の計画")
ui.findings([shown.planned])
names = plan.policies.set_index("policy")["title"].to_dict()
ui.chart(
    ui.kept(charts.stage_chart, shown.stages, names),
    f"推進方針ごとの、計画された推進項目の段階({short_label(shown.stage_year)}年度)。下の表に同じ数があります。",
    key="stages",
    title=titles.stage_title(shown.stages, shown.stage_year),
    colours=charts.stage_key(shown.stages),
    source=f"出典: 山口市協働推進プラン改訂版 年度別実行計画。時点: {short_label(shown.stage_year)}年度の計画。再掲は数えていません。",
)
rows = shown.stages.reset_index().assign(title=lambda frame: frame["policy"].map(names))
ui.table(
    rows,
    {"policy": "方針", "title": "推進方針", **{stage: stage for stage in shown.stages.columns}},
    caption=f"推進方針ごとの項目数({short_label(shown.stage_year)}年度)",
    numeric=list(shown.stages.columns),
)
ui.download("表をCSVで保存", rows, "項目の段階.csv")
