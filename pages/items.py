import streamlit as st

from kyodo import charts, items, readable, titles, ui, yearview
from kyodo.fiscal import short_label
from kyodo.leads import count_sentence, filter_sentence
from kyodo.plan import ACTORS, STAGES, STATUSES
from kyodo.ui import filters

shown = ui.page("推進項目", "方針・担当課・対象となる主体から推進項目を探し、年次計画の段階を確かめます。")
plan, table, progress = shown.plan, shown.table, shown.progress
policy_names = plan.policies.set_index("policy")["title"].to_dict()
measures = {f"{row['policy']}-{row['measure']}": row["title"] for row in plan.measures.to_dict("records")}

ui.take_click("actor_map")
first, second, third = st.columns(3), st.columns(3), st.columns([1, 1, 1, 2])
policies = filters.many(
    "推進方針", {key: f"{key} {title}" for key, title in policy_names.items()}, "policy", place=first[0]
)
within = {key: f"{key} {title}" for key, title in measures.items() if not policies or key.split("-")[0] in policies}
chosen = filters.many("推進施策", within, "measure", place=first[1])
departments = filters.many(
    "担当課", ui.kept(items.by_department, table)["department"].tolist(), "department", place=first[2]
)
actors = filters.many("対象となる主体", ACTORS, "actor", place=second[0])
kinds = filters.many("新規・継続", ["新規", "継続"], "kind", place=second[1])
marked = {status: f"{mark}{status}" for status, mark in STATUSES.items()}
past = filters.many("前期の実施状況", {**marked, items.NO_FORMER: items.NO_FORMER}, "past", place=second[2])
years = {year: short_label(year) for year in plan.years}
year = filters.one("年度", years, "year", empty="いずれかの年度", place=third[0])
stages = filters.many("段階", STAGES, "stage", place=third[1])
text = filters.words("言葉で探す", "q", example="例: 交付金 支援(すべての言葉を含む項目)", place=third[3])
reported = filters.many("実施状況(最新の報告)", yearview.newest_choices(progress), "status", place=third[2])

found = ui.kept(
    items.filter_items, table, plan.item_schedule, policies=policies, measures=chosen, departments=departments, actors=actors, kinds=kinds,
    year=year, stages=stages, past_statuses=past, text=text,
)  # fmt: skip
found = ui.kept(yearview.add_newest, found, progress, reported)
st.html(f'<p class="k-lead" role="status">{count_sentence(found, table)}</p>')
if found.empty:
    ui.empty("条件に合う項目がありません。条件を一つずつ外してください。")
    st.stop()

ui.heading("項目の内容")
names = {row["item"]: f"{row['item']} {row['title']}" for row in found.to_dict("records")}
one = filters.one("項目を選ぶ", names, "item", empty="番号または名称")
if one:
    row = found[found["item"] == one].to_dict("records")[0]
    ui.heading(f"{row['item']} {row['title']}", level=3)
    ui.facts(
        {
            "推進方針": f"{row['policy']} {row['policy_title']}", "推進施策": f"({row['measure']}) {row['measure_title']}",
            "種別": row["kind"], "担当課": "・".join(row["departments"]), "対象となる主体": "・".join(row["actors"]),
            "目的": row["purpose"], "推進内容": row["content"], "完了の目安": row["criterion"], "実施状況": row["newest"], "年次計画": ui.kept(readable.stages, plan.item_schedule)[one],
        }
    )  # fmt: skip
    former = readable.former(plan, row["relisted_of"] or one)
    if former.empty:
        ui.note("前期の項目からの引継ぎはありません。")
    else:
        ui.table(
            former,
            {
                "past_item": "前期番号",
                "title": "前期の推進項目",
                "status": "前期の実施状況",
                "disposition": "今後の取扱い",
                "review": "検証内容(要約)",
                "how_text": "つながりの根拠",
            },
            caption="前期の項目とのつながり",
            numeric=["past_item"],
        )

narrowed = filter_sentence(
    {
        "推進方針": policies, "推進施策": chosen, "担当課": departments, "対象となる主体": actors, "新規・継続": kinds,
        "前期の実施状況": past, "年度": year and years[year], "段階": stages, "実施状況": reported, "言葉": text,
    }
)  # fmt: skip
source = f"{narrowed}出典: 山口市協働推進プラン改訂版 推進項目一覧。時点: 計画策定時(平成25年3月)。"
left, right = st.columns(2, gap="large")
with left:
    ui.heading("推進方針 × 対象となる主体")
    by_actor = ui.kept(items.by_actor, found)
    clicked = ui.chart(
        ui.kept(charts.actor_map, by_actor),
        "推進方針と対象となる主体の組み合わせごとの項目数。欄を選ぶと絞り込みます。同じ数は下の表にあります。",
        key="actor_map",
        title=titles.actor_title(by_actor),
        source=f"1項目が複数の主体を持ちます。{source}",
        clickable=True,
    )
    ui.note("欄を選ぶと、その方針と主体で絞り込みます(同じ絞り込みは上の欄でもできます)。")
    ui.filter_by_click(clicked, {"y": "policy", "x": "actor"}, key="actor_map")
    ui.table(
        by_actor.reset_index(),
        {"policy": "方針", **{actor: actor for actor in by_actor.columns}},
        caption="推進方針と対象となる主体ごとの項目数",
        numeric=list(by_actor.columns),
    )
with right:
    ui.heading("担当課ごとの項目数")
    by_department = ui.kept(items.by_department, found)
    ui.chart(
        ui.kept(charts.department_chart, by_department),
        "担当課ごとの項目数。多い順。同じ数は下の表にあります。",
        key="departments",
        title=titles.department_title(by_department),
        source=f"1項目が複数の担当課を持ちます。{source}",
    )
    ui.table(
        by_department,
        {"department": "担当課", "items": "項目数"},
        caption="担当課ごとの項目数(多い順)",
        numeric=["items"],
    )

ui.heading("項目の一覧")
order = filters.one("並べ替え", list(items.ORDERS), "order")
listed = ui.kept(items.sort_items, found, order)
rows = listed.assign(
    link=[ui.link_here(item, item=item) for item in listed["item"]],
    shown_title=listed["title"] + listed["relisted_of"].map(lambda origin: f"【再掲 {origin}】" if origin else ""),
    stage=listed["item"].map(ui.kept(readable.stages, plan.item_schedule)),
)
columns = {
    "link": "番号", "shown_title": "推進項目", "kind": "種別", "departments": "担当課", "actors": "対象となる主体",
    "stage": "年次計画(H25〜H29)", "newest": "実施状況(最新の報告)", "past_statuses": "前期の実施状況",
}  # fmt: skip
ui.table(
    rows, columns, caption=f"推進項目 {len(rows)}行(番号を選ぶと内容が開きます)", short=["link", "kind"], raw=["link"]
)
ui.download("一覧をCSVで保存", rows.assign(link=rows["item"]), "推進項目.csv", columns)

ui.heading("年次計画")
ui.chart(
    ui.kept(charts.timeline, listed, plan.item_schedule),
    "推進項目ごとの年次計画。段階は一覧表の「年次計画」の列にあります。",
    key="timeline",
    title=ui.kept(titles.schedule_title, listed, plan.item_schedule),
    source=f"{narrowed}出典: 山口市協働推進プラン改訂版 年度別実行計画。→は前の段階が続くものとして読み替えています。",
)
