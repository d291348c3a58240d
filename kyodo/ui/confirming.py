"""What the secretariat does with answers: confirm them, send them back, report a year to a meeting and close it."""

from functools import partial

import streamlit as st

from kyodo.brief import Brief
from kyodo.cycle import judge
from kyodo.fiscal import short_label
from kyodo.ui import itemlist
from kyodo.ui.moments import meeting_number
from kyodo.ui.pieces import empty, heading, note, table
from kyodo.ui.signing import ask_name, attempt, refuse, signer, value
from kyodo.ui.state import now, record
from kyodo.wording import nth_meeting, one_line


def confirm_all(shown: Brief, year: int) -> None:
    """The answers that wait to be confirmed, to be read and confirmed at once but for the ones left out."""
    progress = shown.progress
    rows = progress.year(year)
    waiting = rows[rows["state"] == judge.ANSWERED]
    if waiting.empty:
        empty("確認を待つ回答はありません。")
        return
    odd = progress.findings
    odd = odd[odd["fiscal_year"] == year].groupby("item")["text"].agg("、".join)
    listed = waiting.assign(
        against=waiting["against_plan"].map(judge.marked(progress.plan, "against_plan")),
        short=waiting["result"].map(partial(one_line, limit=90)),
        odd=waiting["item"].map(odd).fillna(""),
    )
    titles = {
        "item": "項目", "title": "推進項目", "section": "回答した課", "marked": "実施状況", "against": "計画との比較",
        "short": "実績", "odd": "気を付けるところ",
    }  # fmt: skip
    table(listed, titles, caption=f"確認を待つ回答 {len(listed)}件", short=["item", "marked", "against"])
    names = itemlist.names(waiting)
    left_out = st.multiselect(
        "まだ確認しない項目",
        list(names),
        format_func=names.get,
        key=f"left_out_{year}",
        placeholder="なし(すべて確認する)",
    )
    items = [item for item in names if item not in left_out]
    st.button(
        f"{len(items)}項目を確認済にする", type="primary", disabled=not items, key="confirm_all",
        on_click=_confirm, args=(list(names), year, shown.revision, f"left_out_{year}"),
    )  # fmt: skip


def _confirm(items: list[str], year: int, revision: int, left_out: str = "") -> None:
    items = [item for item in items if item not in value(left_out)]
    attempt(
        lambda: record().confirm(items, year, by=signer(), at=now(), expected_revision=revision),
        f"{short_label(year)}の{len(items)}項目を確認済にしました。「履歴」から元に戻せます。",
    )


def judge_one(shown: Brief, year: int, item: str) -> None:
    """Confirm one item's answer, or send it back with a reason; nothing while it has no answer."""
    rows = shown.progress.year(year)
    row = rows[rows["item"] == item].to_dict("records")[0]
    if not row["status"]:
        return
    heading("この項目の確認と差戻し", level=3)
    first, second, third = st.columns([3, 1, 1], vertical_alignment="bottom")
    first.text_input("差し戻す理由(課の新しいシートに載ります)", key=f"back_{year}_{row['item']}")
    second.button("差し戻す", width="stretch", key="send_back", on_click=_send_back, args=(item, year, shown.revision))
    third.button(
        "確認済にする", width="stretch", key="confirm_one", disabled=row["state"] != judge.ANSWERED,
        on_click=_confirm, args=([item], year, shown.revision),
    )  # fmt: skip


def _send_back(item: str, year: int, revision: int) -> None:
    attempt(
        lambda: record().send_back(
            [item], year, value(f"back_{year}_{item}"), by=signer(), at=now(), expected_revision=revision
        ),
        f"{item}を差し戻しました。「まだの分だけのシート」に理由が載ります。",
    )


def close(shown: Brief, year: int) -> None:
    """Report a year's confirmed answers to a meeting and close it; a later change needs a reason."""
    progress = shown.progress
    rows = progress.year(year)
    closed = progress.kept.closings
    closed = closed[closed["fiscal_year"] == year].to_dict("records")
    if closed:
        which = nth_meeting(closed[0]["meeting"])
        which = f"{which}の委員会に" if which else ""
        note(f"{short_label(year)}は{which}報告済みです。これからの変更には理由が要り、訂正として残ります。")
    counts = rows["state"].value_counts().reindex(judge.STATES, fill_value=0)
    table(
        counts.rename_axis("state").reset_index(name="count"), {"state": "状態", "count": "項目数"},
        caption=f"{short_label(year)}の状態", numeric=["count"],
    )  # fmt: skip
    corrected = rows[rows["correction"] != ""]
    if len(corrected):
        table(
            corrected,
            {"item": "項目", "title": "推進項目", "correction": "訂正の理由"},
            caption=f"締めたあとの訂正 {len(corrected)}件",
        )
    ready = int(counts[judge.CONFIRMED])
    if not ready:
        empty("報告する、確認済の回答がありません。「記入・確認」で確認すると、報告できます。")
        return
    first, second, third = st.columns(3)
    first.text_input("委員会の回", key="close_meeting", placeholder="例: 3")
    second.text_input("開催日", key="close_day", placeholder="例: 2014-05-20")
    ask_name("報告する人の氏名(必須)", place=third)
    st.button(
        f"確認済の{ready}項目を報告して、{short_label(year)}を締める", type="primary", key="close_year",
        on_click=_close, args=(year,),
    )  # fmt: skip
    note("回答のない項目があっても締められます。「履歴」から元に戻すと、年度はまた開きます。")


def _close(year: int) -> None:
    try:
        number = meeting_number(value("close_meeting"))
    except ValueError as error:
        refuse(str(error))
        return
    attempt(
        lambda: record().close_year(year, meeting=number, held_on=value("close_day").strip(), by=signer(), at=now()),
        f"{short_label(year)}を報告済みにしました。",
    )
