"""What the meeting page asks and hands out: contents chosen in the address, named moments, remarks, documents."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from kyodo import access
from kyodo.agenda import PARTS, Asked, Choice, Meeting, Slide, agenda, file_stem, parse_day
from kyodo.brief import REMARKS, Brief
from kyodo.errors import KyodoError
from kyodo.pdf import NO_OFFICE, find_office, to_pdf
from kyodo.ui import filters, moments, sent
from kyodo.ui.moments import asked_number
from kyodo.ui.once import kept
from kyodo.ui.pieces import note, save, warn
from kyodo.ui.signing import ask_name, attempt, value
from kyodo.ui.state import brief, brief_at, now, record, snapshots


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What a meeting is shown: the brief, the one before it, what of them, for whom, slide by slide."""

    moments: dict[str, dict[str, Any]]
    shown: Brief
    before: Brief | None
    since: str
    choice: Choice
    meeting: Meeting
    slides: tuple[Slide, ...]

    @property
    def names(self) -> dict[int, str]:
        """All indicators, chosen or not."""
        return self.shown.labels

    @property
    def asked(self) -> Asked:
        """What the papers are asked for."""
        return Asked(meeting=self.meeting, choice=self.choice, before=self.before, since=self.since)

    @property
    def stem(self) -> str:
        """The files' name without its ending."""
        return kept(file_stem, self.meeting, self.shown)


def contents() -> Contents:
    """What the address asks for."""
    shown = brief()
    named = {row["name"]: row for row in snapshots().to_dict("records")}
    since = st.query_params.get("since", "")
    before = _brief_of(since, named)
    choice = Choice(
        indicators=_chosen("indicator", [int(number) for number in shown.plan.indicators["indicator"]]),
        policies=_chosen("policy", shown.plan.policies["policy"]),
        parts=_chosen("part", PARTS),
    )
    slides = kept(agenda, shown, meeting=_meeting(), choice=choice, before=before, since=since)
    return Contents(named, shown, before, since, choice, _meeting(), slides)


def _brief_of(name: str, moments: dict[str, dict[str, Any]]) -> Brief | None:
    """The brief of a named moment, None where there is no such name."""
    if name not in moments:
        return None
    return brief_at(int(moments[name]["revision"]), moments[name]["at"].to_pydatetime())


def _chosen(key: str, options: Any) -> tuple | None:
    """What the address chooses of the options; None for all of them."""
    return tuple(each for each in options if str(each) in st.query_params.get_all(key)) or None


def _meeting() -> Meeting:
    """The meeting the address names; a day that cannot be read is left out, and told by :func:`choose`."""
    asked = st.query_params
    try:
        day = parse_day(asked["date"]) if "date" in asked else None
    except ValueError:
        day = None
    name = asked.get("committee") or Meeting().committee
    return Meeting(name, asked_number("number"), day, asked.get("document", ""))


def choose(found: Contents) -> None:
    """The fields that choose what is shown, for whom and as of when."""
    place = st.grid(3)
    filters.many("成果指標", found.names, "indicator", place=place)
    filters.many("推進方針", found.shown.plan.policy_names, "policy", place=place)
    filters.many("スライドの種類", PARTS, "part", place=place)
    filters.words("委員会の名称", "committee", example=Meeting().committee, place=place)
    filters.words("回", "number", example="例: 3", place=place)
    day = filters.words("開催日", "date", example="例: 2014-05-12", place=place)
    filters.words("資料番号", "document", example="例: 資料1", place=place)
    labels = {
        name: f"{name}({row['at'].year}年{row['at'].month}月{row['at'].day}日、登録番号{row['revision']})"
        for name, row in found.moments.items()
    }
    _choose_moment(labels, place)
    filters.one("前回の時点(変更点を比べる相手)", labels, "since", empty="計画書の値", place=place)
    if day:
        try:
            parse_day(day)
        except ValueError as error:
            warn(str(error))


def _choose_moment(labels: dict[str, str], place: Any) -> None:
    """The moment shown here and, until it is left, on every page."""
    now_shown = moments.kept()
    if now_shown and now_shown not in labels:
        labels = {now_shown: f"登録番号{now_shown}", **labels}
    st.session_state["moment_shown"] = now_shown or None
    place.selectbox(
        "示す時点",
        list(labels),
        format_func=labels.get,
        key="moment_shown",
        placeholder="最新の状態",
        on_change=lambda: moments.look_at(st.session_state["moment_shown"]),
    )


def write_remarks(found: Contents) -> None:
    """A form for 要因, 課題 and 今後の方向 of one indicator."""
    number = filters.one("書く成果指標", found.names, "remark")
    entered = found.shown.remark(number)
    with st.form(f"remark_{number}", border=False):
        place = st.grid(len(REMARKS), vertical_alignment="bottom")
        for head in REMARKS:
            place.text_area(head, entered.get(head, ""), key=f"remark_{number}_{head}", max_chars=200, height=140)
        ask_name("書く人の氏名(必須)", key="remark_by", place=place)
        place.form_submit_button(
            "スライドに載せる",
            width="stretch",
            key="remark_submit",
            on_click=_remark,
            args=(number, found.names[number]),
        )


def _remark(number: int, name: str) -> None:
    texts = {head: value(f"remark_{number}_{head}") for head in REMARKS}
    attempt(
        lambda: record().remark(number, texts, by=value("remark_by"), at=now()),
        f"{name}の要因・課題・今後の方向を登録しました。「履歴」から元に戻せます。",
    )


def name_moment(found: Contents) -> None:
    """The fields that give the present revision a lasting name."""
    place = st.grid(3, vertical_alignment="bottom")
    default = f"{found.meeting.title}時点" if found.meeting.number else ""
    place.text_input("時点の名前", value=default, placeholder="例: 第3回委員会時点", max_chars=100, key="snapshot_name")
    ask_name("名前を付ける人の氏名(必須)", key="snapshot_by", place=place)
    place.button("名前を付ける", width="stretch", key="name_snapshot", on_click=_name)


def _name() -> None:
    name = value("snapshot_name")
    attempt(
        lambda: record().name_snapshot(name, by=value("snapshot_by"), at=now()),
        f"「{name.strip()}」という名前を付けました。",
    )


def hand_out(found: Contents) -> None:
    """Buttons for slides, workbook and PDF; each is made when it is asked for."""
    deck = partial(_deck, found, _template())
    place = st.grid(4)
    save("スライド(PowerPoint)を保存", deck, f"{found.stem}.pptx", place=place, key="deck")
    save("表(Excel)を保存", partial(_workbook, found), f"{found.stem}.xlsx", place=place, key="workbook")
    page = partial(_summary, found)
    save("1枚の要約(PowerPoint)を保存", page, f"{found.stem}_要約.pptx", place=place, key="summary")
    if find_office() is None:
        note(NO_OFFICE)
    elif place.button("PDFを作る", width="stretch", key="make_pdf"):
        try:
            with st.spinner("LibreOffice でPDFを作っています(ほかの人のPDFが先のときは待ちます)…", show_time=True):
                made = to_pdf(deck())
            save("PDFを保存", made, f"{found.stem}.pdf", place=place, key="pdf")
        except KyodoError as error:
            warn(str(error))


def _template() -> bytes | None:
    """A city's own template, where one was chosen that can be used; files are taken from editors only."""
    if not access.may_write():
        return None
    file = st.file_uploader("市のスライドの様式(任意、.pptx、20MBまで)", type=["pptx"], key="template")
    if file is None:
        return None
    template, refusal = sent.read_once("template", file.file_id, partial(_read_template, file.getvalue()))
    if refusal:
        warn(refusal)
    return template


def _read_template(data: bytes) -> tuple[bytes | None, str]:
    """The template's paper, or why it cannot be used."""
    from kyodo.deck.stationery import city_paper
    from kyodo.deck.template import read_template

    try:
        template = read_template(data)
        city_paper(template)
    except KyodoError as error:
        return None, str(error)
    return template, ""


def _deck(found: Contents, template: bytes | None) -> bytes:
    from kyodo.deck import build_deck

    return build_deck(found.shown, template=template, **found.asked)


def _summary(found: Contents) -> bytes:
    from kyodo.deck import build_summary

    return build_summary(found.shown, **found.asked)


def _workbook(found: Contents) -> bytes:
    from kyodo.workbook import build_workbook

    return build_workbook(found.shown, meeting=found.meeting, choice=found.choice)
