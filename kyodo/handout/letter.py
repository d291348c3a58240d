"""The letter that asks sections for their sheets (照会文, .docx), and a reminder as a text ready to paste."""

import io

import pandas as pd
from docx import Document
from docx.document import Document as Letter
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from kyodo.cycle import tallies
from kyodo.cycle.year import Progress
from kyodo.errors import KyodoError
from kyodo.fiscal import short_label

_FONT = "BIZ UDPゴシック"


def letter(progress: Progress, year: int, *, due: str = "") -> bytes:
    """The letter as a .docx: who it is for, what is asked, and a table of what each section owes: not answered, or sent back.

    Raises:
        KyodoError: where nobody owes anything.
    """
    owed = _owed(progress, year)
    if owed.empty:
        raise KyodoError(f"{short_label(year)}年度の回答はすべてそろっています。照会する課はありません。")
    made = _blank()
    _line(made, f"{progress.plan.title} {short_label(year)}年度の進行管理について(照会)", bold=True, centre=True)
    _line(made, "、".join(f"{name}長" for name in owed["section"].unique()) + " 様")
    _line(made, "協働推進プラン 事務局", right=True)
    ask = (
        f"別添の進行管理シートに記入し、{due}までに返送してください。"
        if due
        else "別添の進行管理シートに記入し、返送してください。"
    )
    _line(made, f"{short_label(year)}年度の推進項目の実施状況を取りまとめています。{ask}")
    _line(made, "項目ごとに尋ねる課は一つです。答えのない項目は、空欄のまま返送できます。")
    table = made.add_table(rows=1, cols=3, style="Table Grid")
    _row(table.rows[0].cells, ("課", "項目", "差し戻しの理由・補足"))
    first = ~owed["section"].duplicated()
    for section, item, note in zip(owed["section"].where(first, ""), owed["shown"], owed["note"], strict=True):
        _row(table.add_row().cells, (section, item, note))
    for column, width in zip(table.columns, (Mm(35), Mm(85), Mm(50)), strict=True):
        for cell in column.cells:
            cell.width = width
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


SUPPLEMENT = "補足があれば記入"


def _owed(progress: Progress, year: int) -> pd.DataFrame:
    """What each section still owes, sections together: section, shown (the item), note (why again, or a supplement)."""
    rows = progress.year(year)[["item", "title", "section", "status", "sent_back"]]
    answers = tallies.owed(rows)
    if answers.empty:
        return answers
    given = progress.kept.supplements.query("fiscal_year == @year")[["item", "section"]].assign(given=True)
    extra = progress.addressees(year).supplementing.merge(given, on=["item", "section"], how="left")
    extra = extra[extra["given"].isna()].merge(rows[["item", "title"]], on="item")
    both = pd.concat([answers.assign(note=answers["sent_back"]), extra.assign(note=SUPPLEMENT)], ignore_index=True)
    rank = {name: place for place, name in enumerate(both["section"].unique())}
    both = both.sort_values("section", key=lambda names: names.map(rank), kind="stable")
    return both.assign(shown=both["item"] + " " + both["title"])


def reminder(progress: Progress, year: int, section: str, *, due: str = "") -> str:
    """A reminder to one section, ready to paste; blank where it owes nothing."""
    owed = tallies.owed(progress.year(year))
    rows = owed[owed["section"] == section].to_dict("records")
    if not rows:
        return ""
    listed = [
        f"・{row['item']} {row['title']}" + (f"(差し戻し: {row['sent_back']})" if row["sent_back"] else "")
        for row in rows
    ]
    until = f"{due}までに" if due else ""
    lines = [
        f"{section} 御中",
        f"{short_label(year)}年度の進行管理シートについて、次の{len(rows)}項目の回答がまだ届いていません。{until}お送りください。",
        *listed,
        "行き違いの場合はご容赦ください。",
    ]
    return "\n".join(lines)


def _blank() -> Letter:
    """An A4 page in our type."""
    made = Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    style = made.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    made.core_properties.author = ""
    return made


def _line(made: Letter, text: str, *, bold: bool = False, centre: bool = False, right: bool = False) -> None:
    paragraph = made.add_paragraph()
    paragraph.add_run(text).bold = bold
    if centre or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT


def _row(cells: tuple, texts: tuple[str, ...]) -> None:
    for cell, text in zip(cells, texts, strict=True):
        cell.text = text
