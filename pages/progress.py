from functools import partial

import streamlit as st

from kyodo import items, served, ui, yearview
from kyodo.cycle import judge
from kyodo.findings import verdicts_of
from kyodo.fiscal import short_label
from kyodo.ui import answering, collecting, confirming, filters, itemlist, narrowing, signing, yearly

if st.query_params.get("view", "look") != "look":
    ui.look_at(None)  # whoever writes writes on top of the newest state
progress = ui.brief().progress
year = yearly.asked_year(progress)
shown = ui.page("進行管理", ui.kept(yearview.lead, progress, year))
signing.say_refusal()
view = filters.part("進行管理の作業", yearly.VIEWS, "view")
plan, progress = shown.plan, shown.progress

if view == "look":
    rows = progress.year(year)
    policies, names = plan.policy_names, ui.kept(served.choices, plan)
    statuses, against = judge.marked(plan), judge.marked(plan, "against_plan")
    with narrowing.line():
        place = narrowing.places(8)
        filters.words("言葉で探す", "q", example="例: 交付金", place=narrowing.wide(place))
        yearly.ask_year(progress, place=place)
        chosen = filters.many("推進方針", policies, "policy", place=place)
        filters.many("回答する課・担当課", ui.kept(yearview.sections, rows), "department", place=place)
        filters.many("計画との比較", against, "against", place=place)
        filters.many("実施状況", statuses, "status", place=place)
        more = narrowing.more(place, "measure", "actor", "stage", "state", "indicator", "odd")
        within = {key: name for key, name in plan.measure_names.items() if not chosen or key.split("-")[0] in chosen}
        filters.many("推進施策", within, "measure", place=more)
        filters.many("対象となる主体", plan.actors, "actor", place=more)
        filters.many("計画の段階", plan.stage_names, "stage", place=more)
        filters.many("状態", judge.STATES, "state", place=more)
        filters.many("関係する成果指標", names, "indicator", place=more)
        odd = filters.many("気を付けるところ", judge.FINDINGS, "odd", place=more)
    narrowed = narrowing.chosen(yearly.FILTERS, policies | statuses | against | names | judge.FINDINGS)
    found = ui.kept(yearview.found, progress, year, **narrowed.asked)
    titles = itemlist.names(rows)
    with narrowing.over_the_list():
        narrowing.chips(narrowed, f"{len(rows)}項目のうち{len(found)}項目({short_label(year)})")
        item = filters.one("項目を開く", titles, "item", empty="項目を開く(番号または名称)", hidden=True)
    if item:
        with ui.together():
            ui.heading(titles[item])
            ui.put(f'<p class="k-note">{ui.link_here("一覧に戻る", item=[])}</p>')
            yearly.show_item(shown, item, year)
        st.stop()
    if found.empty:
        narrowing.nothing_left(narrowed, items.without_each(partial(yearview.found, progress, year), narrowed.asked))
        st.stop()

    ui.download(
        "進行管理の一覧をCSVで保存",
        narrowing.named(partial(yearview.answers, progress, found), narrowed),
        narrowed.file_name("進行管理"),
        narrowing.titled(yearly.titles(plan.package.tables["progress"])),
    )
    ui.heading("項目と年度")
    yearly.show_grid(progress, found, year)
    with ui.together():
        yearly.show_findings(progress, found, year, odd)

        ui.heading("推進方針ごとの実施状況")
        with ui.beside():
            yearly.show_tally(shown, year)
            yearly.show_former_tally(shown)

        ui.heading("成果指標と項目")
        ui.findings(ui.kept(served.indicator_findings, progress, year, ui.kept(verdicts_of, shown.upcoming)))
        ui.findings(ui.kept(served.gaps, progress, year))
        ui.note("どの項目がどの指標に関係するかは計画書になく、当ダッシュボードの読み方です。")

        ui.heading("計画との比較の決まり")
        yearly.show_rule(shown)
elif ui.read_only():
    st.stop()
elif view == "collect":
    yearly.ask_year(progress)
    ui.heading("① 配る")
    collecting.hand_out(progress, year)
    ui.heading("② 集める")
    collecting.collect(shown, year)
    ui.heading("③ まだの課")
    collecting.show_missing(progress, year)
elif view == "fill":
    yearly.ask_year(progress)
    signing.ask_name("記入・確認する人の氏名(必須)")
    ui.heading("① 確認を待つ回答")
    confirming.confirm_all(shown, year)
    ui.heading("② ひとつの項目を記入・訂正する")
    item = answering.fill(shown, year)
    confirming.judge_one(shown, year, item)
elif view == "close":
    yearly.ask_year(progress)
    confirming.close(shown, year)
