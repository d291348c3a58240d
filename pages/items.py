import streamlit as st

from kyodo import charts, items, readable, ui
from kyodo.findings import count_sentence
from kyodo.fiscal import short_label
from kyodo.plan import ACTORS, STAGES, STATUSES

shown = ui.page("推進項目", "方針・担当課・対象となる主体から推進項目を探し、年次計画の段階を確かめます。")
plan, table = shown.plan, shown.table
titles = plan.policies.set_index("policy")["title"].to_dict()
measures = {f"{row['policy']}-{row['measure']}": row["title"] for row in plan.measures.to_dict("records")}

ui.take_click("actor_map")
first, second, third = st.columns(3), st.columns(3), st.columns([1, 1, 2])
policies = first[0].multiselect(
    "推進方針",
    list(titles),
    format_func=lambda key: f"{key} {titles[key]}",
    key="policy",
    bind="query-params",
    placeholder="すべて",
)
within = [key for key in measures if not policies or key.split("-")[0] in policies]
chosen = first[1].multiselect(
    "推進施策",
    within,
    format_func=lambda key: f"{key} {measures[key]}",
    key="measure",
    bind="query-params",
    placeholder="すべて",
)
departments = first[2].multiselect(
    "担当課",
    items.by_department(table)["department"].tolist(),
    key="department",
    bind="query-params",
    placeholder="すべて",
)
actors = second[0].multiselect("対象となる主体", list(ACTORS), key="actor", bind="query-params", placeholder="すべて")
kinds = second[1].multiselect("新規・継続", ["新規", "継続"], key="kind", bind="query-params", placeholder="すべて")
past = second[2].multiselect(
    "前期の実施状況",
    [*STATUSES, items.NO_FORMER],
    format_func=lambda each: f"{STATUSES.get(each, '')}{each}",
    key="past",
    bind="query-params",
    placeholder="すべて",
)
year = third[0].selectbox(
    "年度",
    list(plan.years),
    index=None,
    format_func=short_label,
    key="year",
    bind="query-params",
    placeholder="いずれかの年度",
)
stages = third[1].multiselect("段階", list(STAGES), key="stage", bind="query-params", placeholder="すべて")
text = third[2].text_input(
    "言葉で探す", key="q", bind="query-params", placeholder="例: 交付金 支援(すべての言葉を含む項目)"
)

found = items.filter_items(
    table, plan.item_schedule, policies=policies, measures=chosen, departments=departments, actors=actors, kinds=kinds,
    year=year, stages=stages, past_statuses=past, text=text,
)  # fmt: skip
st.html(f'<p class="k-lead" role="status">{count_sentence(found, table)}</p>')
if found.empty:
    ui.empty("条件に合う項目がありません。条件を一つずつ外してください。")
    st.stop()

ui.heading("項目の内容")
names = dict(zip(found["item"], found["title"], strict=True))
one = st.selectbox(
    "項目を選ぶ",
    list(names),
    index=None,
    format_func=lambda key: f"{key} {names[key]}",
    key="item",
    bind="query-params",
    placeholder="番号または名称",
)
if one:
    row = found[found["item"] == one].to_dict("records")[0]
    ui.heading(f"{row['item']} {row['title']}", level=3)
    ui.facts(
        {
            "推進方針": f"{row['policy']} {row['policy_title']}", "推進施策": f"({row['measure']}) {row['measure_title']}",
            "種別": row["kind"], "担当課": "・".join(row["departments"]), "対象となる主体": "・".join(row["actors"]),
            "目的": row["purpose"], "推進内容": row["content"], "完了の目安": row["done_when"], "年次計画": readable.stages(plan.item_schedule)[one],
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
                "status": "実施状況",
                "disposition": "今後の取扱い",
                "review": "検証内容(要約)",
                "how_text": "つながりの根拠",
            },
            caption="前期の項目とのつながり",
            numeric=["past_item"],
        )

left, right = st.columns(2, gap="large")
with left:
    ui.heading("推進方針 × 対象となる主体")
    clicked = ui.chart(
        charts.actor_map(items.by_actor(found)),
        "推進方針と対象となる主体の組み合わせごとの項目数。欄を選ぶと絞り込みます。",
        key="actor_map",
        source="欄を選ぶと、その方針と主体で絞り込みます。1項目が複数の主体を持ちます。",
        clickable=True,
    )
    ui.filter_by_click(clicked, {"y": "policy", "x": "actor"}, key="actor_map")
with right:
    ui.heading("担当課ごとの項目数")
    ui.chart(
        charts.department_chart(items.by_department(found)),
        "担当課ごとの項目数。多い順。",
        key="departments",
        source="1項目が複数の担当課を持ちます。",
    )

ui.heading("項目の一覧")
order = st.selectbox("並べ替え", list(items.ORDERS), key="order", bind="query-params")
listed = items.sort_items(found, order)
rows = listed.assign(
    link=[ui.link_here(item, item=item) for item in listed["item"]],
    shown_title=listed["title"] + listed["relisted_of"].map(lambda origin: f"【再掲 {origin}】" if origin else ""),
    stage=listed["item"].map(readable.stages(plan.item_schedule)),
)
columns = {
    "link": "番号", "shown_title": "推進項目", "kind": "種別", "departments": "担当課", "actors": "対象となる主体",
    "stage": "年次計画(H25〜H29)", "past_statuses": "前期の実施状況",
}  # fmt: skip
ui.table(
    rows, columns, caption=f"推進項目 {len(rows)}行(番号を選ぶと内容が開きます)", short=["link", "kind"], raw=["link"]
)
ui.download("一覧をCSVで保存", rows.assign(link=rows["item"]), "推進項目.csv", columns)

ui.heading("年次計画")
ui.chart(
    charts.timeline(listed, plan.item_schedule),
    "推進項目ごとの年次計画。段階は一覧表の「年次計画」の列にあります。",
    key="timeline",
    source="出典: 山口市協働推進プラン改訂版 年度別実行計画。→は前の段階が続くものとして読み替えています。",
)
