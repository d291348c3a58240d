"""The clerk's round of a year: sheets and letter out, who owes what, and many returned files in at once.

What is stored is what the screen showed: the callback gets the drop and the revision of that very screen.
"""

import io
import secrets
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain, count
from typing import Any

import pandas as pd
import streamlit as st

from kyodo.brief import Brief
from kyodo.cycle import drop as dropping
from kyodo.cycle import judge, tallies
from kyodo.cycle.drop import Drop, read_drop
from kyodo.cycle.returned import isolated
from kyodo.cycle.year import Progress
from kyodo.export import problems_csv
from kyodo.findings import Finding
from kyodo.fiscal import short_label
from kyodo.intake import warm_up
from kyodo.ui import follow, sent
from kyodo.ui.pieces import empty, findings, heading, links, note, problems, save, table, warn
from kyodo.ui.signing import ask_name, attempt, signer, value
from kyodo.ui.state import now, record
from kyodo.wording import listed
from kyodo.yearview import view

_KINDS = ["xlsx", "xlsm", "csv", "tsv", "txt"]


def hand_out(progress: Progress, year: int) -> None:
    """The buttons that make sheets and letter; while an item has no answering section there are none."""
    asked = progress.addressees(year)
    if asked.without:
        warn(f"回答する課の決まっていない項目が{len(asked.without)}あるため、配れません: {listed(asked.without, 10)}")
        findings([Finding("「宛先」で回答する課を決めてください。", f"addressees?year={year}")])
        return
    if asked.unresolved:
        names = "、".join(asked.unresolved)
        findings([Finding(f"課の決まっていない宛先があり、補足を尋ねません。{names}。", f"addressees?year={year}")])
    first, second = st.columns(2)
    ask_name("配る人・登録する人の氏名(必須)", place=first)
    due = second.text_input(
        "回答の期限(照会文と催促に載ります)", key="due", placeholder="例: 5月16日", persist_state="session"
    )
    first, second, third = st.columns(3)
    name, done = f"進行管理シート_{short_label(year)}.zip", tallies.missing(progress.year(year)).empty
    save(
        "シートを作り、配布済にする", partial(_sheets, progress, year), name, place=first, key="sheets", type="primary",
        on_click=_mark_handed_out, args=(progress, year),
    )  # fmt: skip
    missing = partial(_sheets, progress, year, only_missing=True)
    save("まだの分だけのシートを保存", missing, f"まだの{name}", place=second, key="sheets_missing", disabled=done)
    letter, name = partial(_letter, progress, year, due), f"照会文_{short_label(year)}.docx"
    save("照会文(Word)を保存", letter, name, place=third, key="letter", disabled=done)
    note(
        "シートは課ごとの Excel と、全課を一つにした Excel が、一つの zip に入っています。前に答えたことは記入済みです。"
    )


def _sheets(progress: Progress, year: int, **how: Any) -> bytes:
    from kyodo.handout import sheet_files

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in sheet_files(progress, year, **how).items():
            made.writestr(name, data)
    return out.getvalue()


def _letter(progress: Progress, year: int, due: str) -> bytes:
    from kyodo.handout import letter

    return letter(progress, year, due=due)


def _mark_handed_out(progress: Progress, year: int) -> None:
    """Note which items' sheets went out; those already answered keep their state."""
    rows = progress.year(year)
    items = rows.loc[rows["state"] == judge.NOT_OUT, "item"].tolist()
    if items:
        attempt(
            lambda: record().hand_out(items, year, by=signer(), at=now()),
            f"{short_label(year)}の{len(items)}項目を配布済にしました。「履歴」から元に戻せます。",
        )


def show_missing(progress: Progress, year: int) -> None:
    """まだの課 with what each owes, and a reminder ready to paste."""
    owed = tallies.missing(progress.year(year))
    if owed.empty:
        empty(f"{short_label(year)}の回答はすべてそろっています。")
        return
    address = view(year, view="fill") + "&item={}"
    rows = owed.assign(
        count=owed["items"].map(len),
        link=[links(each, address) for each in owed["items"]],
        back=owed["sent_back"].map(lambda each: f"うち差戻し{each}" if each else ""),
    )
    titles = {"section": "課", "count": "項目数", "link": "項目(選ぶと記入できます)", "back": "備考"}
    table(rows, titles, caption=f"まだの課 {len(rows)}", numeric=["count"], short=["section", "back"], raw=["link"])
    section = st.selectbox("催促の文を作る課", owed["section"].tolist(), key="remind")
    from kyodo.handout import reminder

    text = reminder(progress, year, section, due=st.session_state.get("due", ""))
    st.text_area("催促の文(選んで写し取れます)", text, height=180, key=f"reminder_{hash(text)}")


def collect(shown: Brief, year: int) -> None:
    """Many returned files at once: read, seen, and the good ones stored while bad ones are refused."""
    warm_up()
    files = st.file_uploader(
        "返ってきたシート(いくつでも一度に。Excel の .xlsx か CSV、1つ20MBまで)", _KINDS, accept_multiple_files=True,
        key=sent.field("returned"),
    )  # fmt: skip
    if not files:
        note(
            "ここに返ってきたファイルをまとめて置くと、登録する前に、新しい回答・変わる回答・食い違い・直すところが分かります。"
        )
        return
    follow.hold()
    key = (year, shown.revision, tuple(each.file_id for each in files))
    drop, token = sent.read_once("returned", key, partial(_read, files, shown.progress, year))
    _show(drop)
    if len(drop.answers) + len(drop.supplements):
        _ask_to_store(drop, token, shown, year)


def _read(files: Sequence[Any], progress: Progress, year: int) -> tuple[Drop, str]:
    """All files, each read in a child process, and a token that makes a double click one entry."""
    bar, places = st.progress(0.0, "ファイルを読み取っています…"), count()

    def read(data: bytes, name: str) -> Any:
        bar.progress(next(places) / len(files), f"{name} を読み取っています…")
        return isolated(data, name)

    drop = read_drop([(each.name, each.getvalue()) for each in files], progress, year, read=read)
    bar.empty()
    return drop, secrets.token_hex(16)


def _show(drop: Drop) -> None:
    st.html(f'<p class="k-lead" role="status">{_result(drop)}</p>')
    table(_files(drop), _FILES, caption="ファイルごとの結果", numeric=_NUMERIC, short=["said"])
    if faults := [*chain.from_iterable(each.problems for each in drop.files)]:
        problems(faults, f"直すところ {len(faults)}件(このファイルは何も登録されません)")
        save("直すところをCSVで保存", problems_csv(faults), "直すところ.csv", width="content")
    if told := [*chain.from_iterable(each.notices for each in drop.files)]:
        problems(told, f"お知らせ {len(told)}件(登録はできます)")
    changed = drop.changes[drop.changes["column"] != ""]
    titles = {
        "item": "項目", "section": "課", "column": "欄", "old": "今の回答", "new": "ファイルの回答", "file": "ファイル",
    }  # fmt: skip
    if len(changed):
        table(changed, titles, caption=f"登録すると変わるところ {len(changed)}件", short=["item"])


def _result(drop: Drop) -> str:
    """How many files can be taken, what they hold, and how many cannot."""
    good = sum(each.accepted for each in drop.files)
    counts = "、".join(f"{how}{size}" for how, size in drop.counts.items())
    held = f"(回答{len(drop.answers)}・補足{len(drop.supplements)}{f'。{counts}' if counts else ''})"
    bad = len(drop.files) - good
    refused = f" {bad}件は直すところがあり、登録されません。" if bad else ""
    return f"{len(drop.files)}件のうち{good}件を受け取れます{held}。{refused}"


_FILES = {
    "file": "ファイル", "said": "結果", "answers": "回答", "supplements": "補足", dropping.NEW: "新しい", dropping.CHANGED: "変わる",
    dropping.AGAIN: "差戻しへの回答", dropping.SAME: "同じ", "problems": "直すところ",
}  # fmt: skip
_NUMERIC = [name for name in _FILES if name not in ("file", "said")]


def _files(drop: Drop) -> pd.DataFrame:
    counts = Counter(zip(drop.hows["file"], drop.hows["how"], strict=True))
    return pd.DataFrame(
        {
            "file": each.file, "said": "受け取れます" if each.accepted else "受け取れません", "answers": len(each.answers),
            "supplements": len(each.supplements), "problems": len(each.problems),
        } | {how: counts[each.file, how] for how in (dropping.NEW, dropping.CHANGED, dropping.AGAIN, dropping.SAME)}
        for each in drop.files
    )  # fmt: skip


def _ask_to_store(drop: Drop, token: str, shown: Brief, year: int) -> None:
    """The button that stores, after a yes to what would be replaced and a reason for what was closed."""
    heading("登録する", level=3)
    replaced = drop.changes["how"].eq(dropping.CHANGED).any()
    agreed = not replaced or st.checkbox(
        "今の回答を、ファイルの回答で置き換えます(前の回答は履歴に残ります)", key="replace_answers"
    )
    ask_reason(shown.progress, year, "collect_reason")
    good = sum(each.accepted for each in drop.files)
    st.button(
        f"受け取れる{good}件を登録する", type="primary", disabled=not agreed, key="store",
        on_click=_store, args=(drop, shown.revision, token),
    )  # fmt: skip


def ask_reason(progress: Progress, year: int, key: str) -> None:
    """Ask why a closed year is changed; nothing is asked while the year is open."""
    if progress.kept.closings["fiscal_year"].eq(year).any():
        st.text_input(f"{short_label(year)}は報告済みです。訂正する理由(必須)", key=key)


def _store(drop: Drop, revision: int, token: str) -> None:
    taken = attempt(
        lambda: record().collect(
            **drop.to_keep,
            by=signer(),
            at=now(),
            reason=value("collect_reason"),
            token=token,
            expected_revision=revision,
        ),
        lambda number: (
            f"登録しました(登録番号{number}、回答{len(drop.answers)}・補足{len(drop.supplements)})。「履歴」から元に戻せます。"
        ),
    )
    if taken:
        sent.taken("returned")
        st.session_state.pop("replace_answers", None)
