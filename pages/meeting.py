import streamlit as st

from kyodo import readable, ui
from kyodo.access import may_write
from kyodo.ui import meeting, opinions, signing, stage

found = meeting.contents()
if (place := stage.on_stage()) is not None:
    stage.present(found.slides, place, found.shown, found.meeting)
    st.stop()

ui.page("会議", f"委員会に示すスライドは{len(found.slides)}枚です。{found.shown.headline}", shown=found.shown)
signing.say_refusal()
place = st.grid(2)
place.button("最初から映す", type="primary", on_click=stage.go_to, args=(1,), width="stretch", key="start")
left_at = stage.left_at()
again = f"{left_at}枚目から続ける" if left_at else "続きから映す"
place.button(again, on_click=stage.resume, disabled=left_at is None, width="stretch", key="resume")
ui.note(
    "← → で前後のスライドへ、Esc で終わります。スライドの番号はURLに残り、開き直しても同じところから始まります。M で意見・決定を書く欄が、Q でご質問への答え(理由・推移・担当・区分ごとの値・目標を変えた場合)が開きます。"
)

ui.heading("内容を選ぶ")
meeting.choose(found)

ui.heading("配る資料")
meeting.hand_out(found)

ui.heading("委員会の意見・決定と対応")
opinions.follow_up()
if not ui.read_only():
    opinions.write()

ui.heading("要因・課題・今後の方向")
ui.note("成果指標ごとのスライドの下の枠に載ります。空欄のままなら、枠は出ません。")
if may_write():
    meeting.write_remarks(found)

ui.heading("時点に名前を付ける")
ui.note(
    "いまの状態に「第3回委員会時点」のような名前を付けると、あとで登録や取り消しがあっても、同じものをもう一度示せます。"
)
if may_write():
    meeting.name_moment(found)
if found.moments:
    named = ui.kept(readable.moments, ui.snapshots())
    columns = {"name": "時点", "at_text": "付けた日時", "revision": "登録番号", "by": "付けた人"}
    ui.table(named, columns, caption=f"名前のある時点 {len(named)}件", numeric=["revision"], short=["at_text"])
else:
    ui.empty("名前のある時点はまだありません。")
