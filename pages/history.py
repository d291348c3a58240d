import streamlit as st

from kyodo import readable, ui, yearview
from kyodo.access import may_write
from kyodo.leads import history_sentence
from kyodo.rows import row_by
from kyodo.ui import filters, signing, watch

shown = ui.brief()
entries = ui.history(shown)
ui.page("履歴", ui.kept(history_sentence, entries), shown=shown)
signing.say_refusal()
if may_write() and len(refused := ui.record().refusals(ui.now())):
    with st.expander(f"権限がなく断った操作 {len(refused)}件"):
        ui.table(
            readable.moments(refused),
            {"at_text": "日時", "who": "だれが", "what": "何を"},
            caption="断った操作(新しい順)",
            short=["at_text"],
        )
if entries.empty:
    ui.empty("登録はまだありません。「調査データの登録」からファイルを登録すると、ここに残ります。")
    st.stop()

listing, detail = ui.list_and_row("number")
columns = {
    "at_text": "日時", "by": "登録者", "kind_text": "種類", "file_text": "ファイル", "years_text": "年度",
    "indicators_text": "指標", "note": "備考", "state": "状態",
}  # fmt: skip
rows = ui.kept(readable.history, entries)
with listing, ui.together():
    ui.heading("登録の一覧")
    ui.table(
        ui.opening(rows, "number"), {"link": "登録番号", **columns},
        caption=f"登録 {len(rows)}件(新しい順。登録番号を選ぶと内容が開きます)", numeric=["link"], short=["at_text", "state"], raw=["link"],
    )  # fmt: skip
ui.download("一覧をCSVで保存", rows, "登録の履歴.csv", {"number": "登録番号", **columns})

with detail:
    ui.heading("ひとつの登録を見る")
    found = ui.kept(row_by, rows, "number")
    labels = {
        number: f"登録番号{number} {row['at_text']} {row['by']} {row['kind_text']}" for number, row in found.items()
    }
    number = filters.one("登録番号", labels, "number")
    entry, row = ui.entry(number), found[number]
    facts = {
        "登録者": "by",
        "日時": "at_text",
        "ファイル": "file",
        "SHA-256": "sha256",
        "備考": "note",
        "状態": "state",
    }
    ui.facts({title: row[name] for title, name in facts.items()})
    brought = ui.kept(yearview.brought, entry.kept, shown.plan)
    if len(brought):
        ui.table(brought, yearview.BROUGHT, caption=f"この登録が加えたもの {len(brought)}件", short=["what", "year"])
    elif entry.changes.empty:
        ui.note("この登録で変わった値はありません。")
    else:
        ui.table(
            ui.kept(readable.changes, entry.changes, shown.plan.indicators),
            {"name": "成果指標", "year": "年度", "old_text": "前の値", "new_text": "この登録の値"},
            caption="この登録で変わった値",
            numeric=["old_text", "new_text"],
        )
        verdicts = watch.verdicts_of(number, row["at"])
        changed = ui.kept(readable.changed, verdicts, shown.plan.indicators)
        if changed.empty:
            ui.note("この登録で変わった判定はありません。")
        else:
            columns = {"name": "成果指標", "target_label": "目標", "verdict_text": "判定の変化"}
            ui.table(changed, columns, caption="この登録で変わった判定")

    grid = st.grid(2)
    if (names := ui.file_names(number)) and may_write():
        place = filters.one("元のファイル", dict(enumerate(names)), "file", place=grid)
        ui.save("元のファイルを保存", ui.record().to_save(number, place), names[place], place=grid)
    grid.button("この登録の時点で画面を見る", on_click=ui.look_at, args=(number,), width="stretch")

    ui.heading("この登録を元に戻す", level=3)
    if ui.read_only():
        st.stop()
    if row["state"].startswith("登録番号"):
        ui.note(f"この登録は{row['state']}済みです。取り消しをやめるには、その取り消しの登録番号を選んで元に戻します。")
        st.stop()
    ui.note("取り消しも履歴に残り、あとで取り消しを取り消せます。")
    by = signing.ask_name("取り消す人の氏名(必須)", key="undo_by")
    st.text_input("取り消す理由(報告済みの年度を変えるときは必須)", key="undo_reason")
    st.button(
        f"登録番号{number}を元に戻す", type="primary", key="undo", disabled=not by,
        on_click=signing.undo, args=(number, "undo_by", "undo_reason"),
    )  # fmt: skip
