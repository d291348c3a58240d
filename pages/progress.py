import streamlit as st

from kyodo import ui, yearview
from kyodo.cycle import judge
from kyodo.findings import indicator_label
from kyodo.fiscal import short_label
from kyodo.plan import ACTORS, STAGES
from kyodo.ui import answering, collecting, confirming, filters, signing, yearly

if st.query_params.get("view", "look") != "look":
    ui.look_at(None)  # whoever writes writes on top of the newest state
progress = ui.brief().progress
year = yearly.asked_year(progress)
shown = ui.page("進行管理", yearview.lead(progress, year))
signing.say_refusal()
view = filters.part("進行管理の作業", yearly.VIEWS, "view")
plan, progress = shown.plan, shown.progress

if view == "look":
    first, second = st.columns(5), st.columns(5)
    filters.one("年度", yearly.years(progress), "year", default=year, place=first[0])
    policies = {row["policy"]: f"{row['policy']} {row['title']}" for row in plan.policies.to_dict("records")}
    chosen = filters.many("推進方針", policies, "policy", place=first[1])
    measures = {f"{row['policy']}-{row['measure']}": row["title"] for row in plan.measures.to_dict("records")}
    within = {key: f"{key} {name}" for key, name in measures.items() if not chosen or key.split("-")[0] in chosen}
    measure = filters.many("推進施策", within, "measure", place=first[2])
    rows = progress.year(year)
    departments = filters.many("回答する課・担当課", ui.kept(yearview.sections, rows), "department", place=first[3])
    actors = filters.many("対象となる主体", ACTORS, "actor", place=first[4])
    among = {
        "policy": chosen,
        "measure": measure,
        "stage": filters.many("計画の段階", STAGES, "stage", place=second[0]),
        "status": filters.many("実施状況", judge.marked(plan), "status", place=second[1]),
        "against_plan": filters.many("計画との比較", judge.marked(plan, "against_plan"), "against", place=second[2]),
        "state": filters.many("状態", judge.STATES, "state", place=second[3]),
    }
    text = filters.words("言葉で探す", "q", example="例: 交付金", place=second[4])
    third = st.columns(2)
    names = {str(number): indicator_label(plan.indicators, number) for number in plan.indicators["indicator"]}
    names[yearview.SERVES_NONE] = "どの指標にも関係しない"
    indicators = filters.many("関係する成果指標", names, "indicator", place=third[0])
    odd = filters.many("気を付けるところ", judge.FINDINGS, "odd", place=third[1])
    found = yearview.narrow(
        rows, among=among, departments=departments, actors=actors, text=text,
        items=yearview.items_of(progress, year, indicators, odd),
    )  # fmt: skip
    st.html(f'<p class="k-note" role="status">{len(rows)}項目のうち{len(found)}項目({short_label(year)})</p>')
    if found.empty:
        ui.empty("条件に合う項目がありません。条件を一つずつ外してください。")
        st.stop()

    titles = {row["item"]: f"{row['item']} {row['title']}" for row in found.to_dict("records")}
    item = filters.one("ひとつの項目を見る(番号を選んでも開きます)", titles, "item", empty="番号または名称")
    if item:
        ui.heading(titles[item])
        yearly.show_item(shown, item, year)

    ui.heading("項目と年度")
    yearly.show_grid(progress, found, year)
    ui.download(
        "一覧をCSVで保存", progress.public()["progress"], "進行管理.csv", yearly.titles(plan.package.tables["progress"])
    )
    yearly.show_findings(progress, found, year, odd)

    ui.heading("推進方針ごとの実施状況")
    left, right = st.columns(2, gap="large")
    with left:
        yearly.show_tally(shown, year)
    with right:
        yearly.show_former_tally(shown)

    ui.heading("成果指標と項目")
    verdicts = shown.upcoming.set_index("indicator")["verdict"].to_dict()
    ui.findings(yearview.indicator_findings(progress, year, verdicts))
    ui.findings(yearview.gaps(progress, year))
    ui.note("どの項目がどの指標に関係するかは計画書になく、当ダッシュボードの読み方です。")

    ui.heading("計画との比較の決まり")
    yearly.show_rule(shown)
elif ui.read_only():
    st.stop()
elif view == "collect":
    filters.one("年度", yearly.years(progress), "year", default=year)
    ui.heading("① 配る")
    collecting.hand_out(progress, year)
    ui.heading("② 集める")
    collecting.collect(shown, year)
    ui.heading("③ まだの課")
    collecting.show_missing(progress, year)
elif view == "fill":
    filters.one("年度", yearly.years(progress), "year", default=year)
    signing.ask_name("記入・確認する人の氏名(必須)")
    ui.heading("① 確認を待つ回答")
    confirming.confirm_all(shown, year)
    ui.heading("② ひとつの項目を記入・訂正する")
    item = answering.fill(shown, year)
    confirming.judge_one(shown, year, item)
elif view == "close":
    filters.one("年度", yearly.years(progress), "year", default=year)
    confirming.close(shown, year)
