import streamlit as st

from kyodo import readable, ui
from kyodo.changes import changed_verdicts
from kyodo.findings import judged_by
from kyodo.leads import preview_sentence
from kyodo.survey_form import template_csv, template_xlsx
from kyodo.ui import begun, registering, signing

ui.look_at(None)  # registering is always on top of the newest state
shown = ui.page("調査データの登録", "調査の結果のファイルを選び、読み取った値と判定の変化を確かめてから登録します。")
plan = shown.plan
signing.say_refusal()
if (number := registering.done()) is not None:
    st.button(f"登録番号{number}を元に戻す", on_click=signing.undo, args=(number,))

if ui.read_only():
    st.stop()
ui.heading("① ファイルを選ぶ")
begun.restore()
left, right = st.columns([3, 2], gap="large")
first = min(ui.kept(registering.open_years, plan, shown.known).values())
year = registering.ask_year(right, plan, first)
files = registering.ask_files(left)
if not files:
    ui.note(
        "集計済みの表(指標番号・指標名・年度・値(%)・回答者数)か、回答の一覧(1行が1人)を読み取ります。"
        "20MBを超える回答の一覧は、運用担当者がコマンドで登録できます。"
    )
    place = st.grid(2)
    start = year or first
    ui.save("様式をExcelで保存", lambda: template_xlsx(plan, start), "調査結果の様式.xlsx", place=place)
    ui.save("様式をCSVで保存", lambda: template_csv(plan, start), "調査結果の様式.csv", place=place)
    st.stop()

reading = registering.ask(plan, shown.known, year)

ui.heading("② 読み取りを確かめる")
ui.facts(readable.understood(reading))
registering.show_problems(reading)
if reading.values.empty:
    st.stop()

rows = readable.preview(reading.values, shown.known, plan.indicators)
columns = {
    "name": "成果指標", "year": "年度", "value_text": "ファイルの値", "n_text": "回答者数", "interval_text": "95%区間",
    "today_text": "今の値", "state": "扱い",
}  # fmt: skip
ui.table(rows, columns, caption="読み取った値", numeric=["value_text", "n_text", "interval_text", "today_text"])
if not reading.accepted:
    st.stop()
if (number := registering.registered_as(rows)) is not None:
    ui.empty(f"登録済みです(登録番号{number})。" if number else "計画書の値として登録済みです。")
    st.stop()

changed = changed_verdicts(shown.targets, ui.changed_brief(reading.values).targets, plan.indicators)
ui.heading("登録すると変わること", level=3)
if changed.empty:
    ui.empty("判定は変わりません。")
else:
    marks = changed.assign(
        before=changed["verdict_before"].map(ui.verdict_mark),
        after=changed["verdict_after"].map(ui.verdict_mark),
    )
    ui.table(
        marks, {"text": "判定の変化", "before": "今", "after": "登録後"}, caption="判定の変化", raw=["before", "after"]
    )
    ui.note(judged_by(shown.cutoffs))
if len(reading.breakdown):
    groups = readable.breakdown(reading.breakdown)
    ui.table(
        groups.assign(name=groups["indicator"].map(shown.labels)), {"name": "成果指標", **readable.BREAKDOWN},
        caption="区分ごとの値", numeric=["value_text", "n", "interval_text"],
    )  # fmt: skip

ui.heading("③ 登録する")
st.html(f'<p class="k-lead">{preview_sentence(rows, changed)}</p>')
place = st.grid(2)
by = registering.ask_by(place)
place.text_input("備考", key="note", max_chars=500, placeholder="例: 平成25年9月の市民アンケート")
begun.keep("note")
begun.keep("by")
agreed = registering.ask_ticks(rows, plan, shown.known)
st.button(
    "登録する",
    type="primary",
    disabled=not (by.strip() and agreed),
    on_click=registering.store,
    args=(reading, shown.revision, begun.draft().token),
    key="register",
)
if not by.strip():
    ui.note("登録者の氏名を入力すると登録できます。")
