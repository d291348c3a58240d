import streamlit as st

from kyodo import charts, items, readable, titles, ui
from kyodo.leads import past_sentence
from kyodo.plan import STATUSES
from kyodo.ui import filters

shown = ui.page("前期の検証", past_sentence(ui.plan()))
plan = shown.plan
policy_names = plan.past_policies.set_index("policy")["title"].to_dict()

ui.heading("推進方針ごとの実施状況")
tally = ui.kept(items.past_tally, plan.past_items)
ui.chart(
    ui.kept(charts.status_chart, tally, policy_names),
    "前期の推進方針ごとの実施状況。下の表に同じ数があります。",
    key="statuses",
    title=titles.status_title(tally),
    colours=charts.status_key(tally),
    source="出典: 山口市協働推進プラン改訂版 実施状況一覧(47項目)。時点: 平成24年度末の検証。再掲は数えていません。",
)
ui.table(
    ui.kept(readable.tally, plan),
    {
        "policy": "方針",
        "title": "前期の推進方針",
        **{status: f"{mark}{status}" for status, mark in STATUSES.items()},
        "total": "計",
        "agrees": "計画書の集計との一致",
    },
    caption="一覧から数え直した数(計画書の印刷値と照らし合わせ)",
    numeric=[*STATUSES, "total"],
)

ui.heading("前期から新しい計画へ")
flows = ui.kept(items.flows, plan)
ui.chart(
    ui.kept(charts.flow_chart, flows),
    "前期の47項目が、実施状況と今後の取扱いを経て新しい推進方針へ引き継がれる流れ。項目ごとのつながりは下の一覧にあります。",
    key="flow",
    title=titles.flow_title(flows),
    source="濃い帯は計画書に明記された引継ぎ、薄い帯は同じ名称、橙の帯は内容からの推定。出典: 山口市協働推進プラン改訂版 実施状況一覧。",
)

ui.heading("47項目")
first = st.columns(5)
policies = filters.many(
    "前期の推進方針", {key: f"{key} {title}" for key, title in policy_names.items()}, "policy", place=first[0]
)
marked = {status: f"{mark}{status}" for status, mark in STATUSES.items()}
statuses = filters.many("実施状況", marked, "status", place=first[1])
dispositions = filters.many("今後の取扱い", ["完了", "継続", "廃止"], "disposition", place=first[2])
order = filters.one("並べ替え", list(items.PAST_ORDERS), "order", place=first[3])
text = filters.words("言葉で探す", "q", example="例: 交付金", place=first[4])
found = ui.kept(
    items.filter_past,
    ui.kept(items.past_table, plan),
    policies=policies,
    statuses=statuses,
    dispositions=dispositions,
    text=text,
)
st.html(f'<p class="k-lead" role="status">前期の{len(plan.past_items)}項目のうち{len(found)}項目</p>')
if found.empty:
    ui.empty("条件に合う項目がありません。条件を一つずつ外してください。")
else:
    listed = ui.kept(items.sort_items, found, order)
    rows = listed.assign(
        shown_status=listed["mark"] + listed["status"],
        how_text=[[readable.HOWS[how] for how in hows] for hows in listed["hows"]],
        successors=[ui.links(each, "items?item={}") for each in listed["items"]],
    )
    columns = {
        "past_item": "番号",
        "policy": "方針",
        "title": "推進項目",
        "shown_status": "実施状況",
        "disposition": "今後の取扱い",
        "review": "検証内容(要約)",
        "successors": "引継ぎ先",
        "how_text": "つながりの根拠",
    }
    ui.table(
        rows,
        columns,
        caption=f"前期の推進項目 {len(rows)}行",
        numeric=["past_item"],
        short=["policy", "shown_status", "disposition", "successors"],
        raw=["successors"],
    )
    ui.download("一覧をCSVで保存", rows.assign(successors=rows["items"]), "前期の推進項目.csv", columns)
