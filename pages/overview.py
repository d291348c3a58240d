from kyodo import served, ui, yearview
from kyodo.fiscal import short_label
from kyodo.titles import stage_title
from kyodo.ui import watch, yearly

shown = ui.page("概要")
plan = shown.plan

with ui.together():
    ui.cards(shown)
    with ui.together("k-flow k-watch"):
        ui.heading("いま知っておくこと")
        ui.findings(watch.facts(shown))

    ui.heading("注意が必要な指標")
    if shown.attention:
        ui.findings(shown.attention)
    else:
        ui.empty("注意が必要な指標はありません。")

    if shown.progress.years:
        year = yearview.first_year(shown.progress)
        ui.heading(f"推進項目の進み具合({short_label(year)})")
        ui.sentence(ui.kept(yearview.lead, shown.progress, year))
        ui.findings(ui.kept(served.gaps, shown.progress, year))
        yearly.show_tally(shown, year)

    ui.heading(f"推進項目の計画({short_label(shown.stage_year)}年度)")
    ui.counts(
        shown.stages, ui.planned_in(shown.stage_year), caption=f"{ui.kept(stage_title, shown.stages, shown.stage_year)}(再掲は数えない。欄を選ぶとその項目を開きます)",
        rows=plan.policy_names, head="推進方針", key="policy",
        columns={stage: stage for stage in shown.stages.columns}, across="stage",
    )  # fmt: skip
ui.download("計画の段階の表をCSVで保存", shown.stages.reset_index, "項目の段階.csv")
