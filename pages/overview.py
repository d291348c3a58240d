import streamlit as st

from kyodo import charts, ui
from kyodo.fiscal import short_label

shown = ui.page("概要")
plan = shown.plan

ui.heading("成果指標の現在地")
ui.cards(shown)
ui.note("差と変化の単位はポイント、◆は目標値。「順調」などの判定の基準は「成果指標」のページにあります。")

left, right = st.columns([3, 2], gap="large")
with left:
    ui.heading("注意が必要な点")
    if shown.attention:
        ui.findings(shown.attention)
    else:
        ui.empty("注意が必要な指標・項目はありません。")
with right:
    ui.heading("まだ足りないもの")
    if shown.missing:
        ui.findings(shown.missing)
    else:
        ui.empty("終わった年度の調査はすべて登録されています。")

ui.heading(f"推進項目の段階({short_label(shown.stage_year)}年度の年次計画)")
titles = plan.policies.set_index("policy")["title"].to_dict()
ui.chart(
    charts.stage_chart(shown.stages, titles),
    f"推進方針ごとの推進項目の段階({short_label(shown.stage_year)}年度)。下の表に同じ数があります。",
    key="stages",
    source="出典: 山口市協働推進プラン改訂版 年度別実行計画。再掲は数えていません。",
)
rows = shown.stages.reset_index().assign(title=lambda frame: frame["policy"].map(titles))
ui.table(
    rows,
    {"policy": "方針", "title": "推進方針", **{stage: stage for stage in shown.stages.columns}},
    caption="推進方針ごとの項目数",
    numeric=list(shown.stages.columns),
)
ui.download("表をCSVで保存", rows, "項目の段階.csv")
