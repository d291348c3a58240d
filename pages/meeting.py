import streamlit as st

from kyodo import readable, ui
from kyodo.agenda import PARTS, Choice, Meeting, agenda, parse_day
from kyodo.brief import REMARKS
from kyodo.errors import KyodoError
from kyodo.findings import indicator_label
from kyodo.pdf import NO_OFFICE, find_office, to_pdf
from kyodo.ui import filters, stage

newest = ui.brief()
plan, named = newest.plan, ui.record().snapshots()
moments = {row["name"]: row for row in named.to_dict("records")}
asked = st.query_params


def brief_of(name):
    """The brief of a named moment; the one on the screen for none."""
    return ui.brief_at(moments[name]["revision"], moments[name]["at"].to_pydatetime()) if name in moments else newest


def chosen(key, options):
    """What the address chooses of the options; None for all of them."""
    wanted = tuple(each for each in options if str(each) in asked.get_all(key))
    return wanted or None


def meeting_of():
    """The meeting the address names; a day that cannot be read is left out."""
    try:
        day = parse_day(asked["date"]) if "date" in asked else None
    except ValueError:
        day = None
    number = asked.get("number", "")
    name = asked.get("committee") or Meeting().committee
    return Meeting(name, int(number) if number.isdecimal() else None, day, asked.get("document", ""))


choice = Choice(
    indicators=chosen("indicator", [int(number) for number in plan.indicators["indicator"]]),
    policies=chosen("policy", plan.policies["policy"]),
    parts=chosen("part", PARTS),
)
since = asked.get("since", "")
shown = brief_of(asked.get("moment", ""))
before = brief_of(since) if since in moments else None
place = stage.on_stage()
if place is not None:
    stage.present(agenda(shown, choice=choice, before=before, since=since), place, shown, meeting_of())
    st.stop()

ui.page(
    "会議",
    f"委員会に示すスライドは{len(agenda(shown, choice=choice, before=before, since=since))}枚です。{shown.headline}",
    shown=shown,
)

first, second = st.columns(2)
first.button("最初から映す", type="primary", on_click=stage.go_to, args=(1,), width="stretch", key="start")
left_at = stage.left_at()
second.button(
    f"{left_at}枚目から続ける" if left_at else "続きから映す",
    on_click=stage.resume,
    disabled=left_at is None,
    width="stretch",
    key="resume",
)
ui.note(
    "← → で前後のスライドへ、Esc で終わります。映しているスライドの番号は住所(URL)に残り、開き直しても同じところから始まります。"
)

ui.heading("内容を選ぶ")
names = {int(number): indicator_label(plan.indicators, number) for number in plan.indicators["indicator"]}
policies = {row["policy"]: f"{row['policy']} {row['title']}" for row in plan.policies.to_dict("records")}
columns = st.columns(3)
filters.many("成果指標", names, "indicator", place=columns[0])
filters.many("推進方針", policies, "policy", place=columns[1])
filters.many("スライドの種類", PARTS, "part", place=columns[2])
columns = st.columns(4)
filters.words("委員会の名称", "committee", example=Meeting().committee, place=columns[0])
filters.words("回", "number", example="例: 3", place=columns[1])
date = filters.words("開催日", "date", example="例: 2014-05-12", place=columns[2])
filters.words("資料番号", "document", example="例: 資料1", place=columns[3])
if date:
    try:
        parse_day(date)
    except ValueError as error:
        ui.warn(str(error))
columns = st.columns(2)
labels = {name: f"{name}({row['at']:%Y年%-m月%-d日}、登録番号{row['revision']})" for name, row in moments.items()}
filters.one("示す時点", labels, "moment", empty="最新の状態", place=columns[0])
filters.one("前回の時点(変更点を比べる相手)", labels, "since", empty="比べない", place=columns[1])

ui.heading("要因・課題・今後の方向を書く")
number = filters.one("成果指標", names, "remark", place=st)
with st.form(f"remark_{number}", border=False):
    entered = newest.remark(number)
    columns = st.columns(len(REMARKS))
    texts = {
        head: column.text_area(head, entered.get(head, ""), key=f"remark_{number}_{head}", max_chars=200, height=140)
        for head, column in zip(REMARKS, columns, strict=True)
    }
    columns = st.columns([3, 1], vertical_alignment="bottom")
    by = columns[0].text_input("書く人の氏名(必須)", value=st.session_state.get("by", ""), key="remark_by")
    if columns[1].form_submit_button("スライドに載せる", width="stretch", key="remark_submit"):
        try:
            made = ui.record().remark(number, texts, by=by, at=ui.now())
        except KyodoError as error:
            ui.warn(str(error))
        else:
            st.session_state["by"] = by
            ui.say_later(
                f"{names[number]}の要因・課題・今後の方向を登録しました(登録番号{made})。「履歴」から元に戻せます。"
            )
            st.rerun()

ui.heading("配る資料")
meeting = meeting_of()
template = st.file_uploader("市のスライドの様式(任意、.pptx)", type=["pptx"], key="template", max_upload_size=20)
paper = template.getvalue() if template else None
if paper:
    from kyodo.deck.stationery import city_paper

    try:
        city_paper(paper)
    except KyodoError as error:
        ui.warn(str(error))
        paper = None


def deck():
    """The slides, made when they are asked for."""
    from kyodo.deck import build_deck

    return build_deck(shown, meeting=meeting, choice=choice, template=paper, before=before, since=since)


def workbook():
    """The workbook, made when it is asked for."""
    from kyodo.workbook import build_workbook

    return build_workbook(shown, meeting=meeting, choice=choice)


first, second, third = st.columns(3)
stem = f"{meeting.title}_{shown.survey_years[-1]}" if shown.survey_years else meeting.title
office = "application/vnd.openxmlformats-officedocument."
first.download_button(
    "スライド(PowerPoint)を保存", deck, f"{stem}.pptx", f"{office}presentationml.presentation", on_click="ignore", width="stretch", key="deck"
)  # fmt: skip
second.download_button(
    "表(Excel)を保存", workbook, f"{stem}.xlsx", f"{office}spreadsheetml.sheet", on_click="ignore", width="stretch", key="workbook"
)  # fmt: skip
if find_office() is None:
    third.write(NO_OFFICE)
elif third.button("PDFを作る", width="stretch", key="make_pdf"):
    try:
        with st.spinner("LibreOffice でPDFを作っています(ほかの人のPDFが先のときは待ちます)…", show_time=True):
            pdf = to_pdf(deck())
        third.download_button(
            "PDFを保存", pdf, f"{stem}.pdf", "application/pdf", on_click="ignore", width="stretch", key="pdf"
        )
    except KyodoError as error:
        ui.warn(str(error))

ui.heading("時点に名前を付ける")
ui.note(
    "いまの状態に「第3回委員会時点」のような名前を付けると、あとで登録や取り消しがあっても、同じものをもう一度示せます。"
)
columns = st.columns([2, 2, 1], vertical_alignment="bottom")
default = f"{meeting.title}時点" if meeting.number else ""
name = columns[0].text_input("時点の名前", value=default, placeholder="例: 第3回委員会時点", key="snapshot_name")
by = columns[1].text_input("名前を付ける人の氏名", value=st.session_state.get("by", ""), key="snapshot_by")
if columns[2].button("名前を付ける", width="stretch", key="name_snapshot"):
    try:
        ui.record().name_snapshot(name, by=by, at=ui.now())
    except KyodoError as error:
        ui.warn(str(error))
    else:
        ui.say_later(f"「{name.strip()}」という名前を付けました。")
        st.rerun()
if moments:
    columns = {"name": "時点", "at_text": "付けた日時", "revision": "登録番号", "by": "付けた人"}
    ui.table(
        readable.moments(named),
        columns,
        caption=f"名前のある時点 {len(named)}件",
        numeric=["revision"],
        short=["at_text"],
    )
else:
    ui.empty("名前のある時点はまだありません。")
