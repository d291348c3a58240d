import streamlit as st

from kyodo import addressing as lines
from kyodo import ui
from kyodo.ui import addressing, filters, signing, yearly

ui.look_at(None)  # the addressees are always those of the newest state
progress = ui.brief().progress
year = yearly.asked_year(progress)
shown = ui.page("宛先", ui.kept(lines.sentence, progress, year))
signing.say_refusal()
view = filters.part("宛先の作業", addressing.VIEWS, "view")
yearly.ask_year(progress, "いつの年度の宛先")
if asked := progress.addressees(year).without:
    ui.warn(
        f"回答する課の決まっていない項目: {'、'.join(asked)}。「{addressing.VIEWS['look']}」で課を決めるまで、シートは配れません。"
    )

if view == "look":
    ui.heading("項目ごとの回答する課と補足する課")
    columns = {
        "item": "項目", "title": "推進項目", "departments": "担当課(計画書)", "section": "回答する課", "how_text": "決まりかた",
        "others": "補足する課",
    }  # fmt: skip
    table = ui.kept(lines.asked_table, progress, year)
    ui.table(table, columns, caption=f"{len(table)}項目の宛先", short=["item"])
if ui.read_only():
    st.stop()

signing.ask_name("登録する人の氏名(必須)")
if view == "look":
    addressing.choose_answering(shown, year)
elif view == "roster":
    ui.heading("宛先名簿: 計画書の担当課と、いまの課")
    ui.note(
        "計画書の担当課の名には、関係課・各課のように課でないものがあります。いまの課を書くと、その課に補足を尋ねます。"
    )
    addressing.fill_roster(shown, year)
else:
    ui.heading("ファイルで直す")
    addressing.correct_by_file(shown, year)
