"""The meeting on one sheet of A4, for whoever reads one page: results, outlook, what was done, what there is to decide.

It is a slide of that size, so that PowerPoint edits it and what makes the slides' PDF makes its own.
"""

from dataclasses import replace
from typing import Unpack

from pptx.slide import Slide as Page
from pptx.util import Inches

from kyodo import agenda, findings
from kyodo.agenda import Asked, Choice, Listing, Meeting, Slide
from kyodo.brief import Brief
from kyodo.deck.pieces import add_notes, add_table, add_text, paragraph, table_height, text_height, title_xml, write
from kyodo.deck.stationery import HEIGHT, WIDTH, Box, Stationery, finished, own_paper

ACROSS, DOWN = 7.27, 10.9  # inches between the margins of a portrait A4 page
_LEFT, _TOP, _TITLE = 0.5, 0.4, 1.0
_SIZES = (12, 11.5, 11, 10.5, 10, 9.5, 9, 8.5, 8)  # points: as large as all of it fits
_READABLE = 10  # points: why each indicator stands as it does is added where that leaves the type as large
_MOST = 8  # decisions on the sheet; the slides have all
_APART = 0.14
_COLUMNS = ("name", "result", "actual_text", "aim", "gap_text", "attainment_text", "mark")
_SAID = ("取組", "前回の指摘", "変化")  # of the conclusion's rows what the table does not say
Block = Listing | list[str] | list[tuple[str, str]]


def build_summary(brief: Brief, **asked: Unpack[Asked]) -> bytes:
    """One page as a .pptx file, drawn from the deck's own slides."""
    meeting = asked.get("meeting") or Meeting()
    choice = replace(asked.get("choice") or Choice(), parts=("conclusion", "overview", "decisions"))
    slides = agenda.agenda(brief, **asked | {"choice": choice})
    shown = {slide.part: slide for slide in reversed(slides)}
    paper = _sheet()
    page = paper.slide()
    _head(paper, page, shown["conclusion"], meeting)
    whole = agenda.chosen(brief, choice)
    why = [(name, text) for name, _, text in (finding.text.partition(": ") for finding in whole.attention)]
    blocks = _blocks(whole, shown)
    wide = [blocks[0], why, *blocks[1:]]
    _place(paper, page, wide if _fitting(paper, wide) >= _READABLE else blocks)
    add_notes(page, shown["conclusion"].spoken)
    return finished(paper, f"{meeting.title} {brief.plan.title}", agenda.source(brief), brief.as_of)


def _sheet() -> Stationery:
    """Our paper as a portrait A4 page whose boxes are in inches from its upper left margin."""
    paper = own_paper()
    paper.deck.slide_width, paper.deck.slide_height = Inches(8.27), Inches(11.69)
    for layout in (paper.deck.slide_master, *paper.deck.slide_layouts):
        for each in layout.placeholders:
            each.left, each.width = Inches(_LEFT), Inches(ACROSS)
    return replace(paper, left=Inches(_LEFT), top=Inches(_TOP), width=Inches(WIDTH), height=Inches(HEIGHT))


def _head(paper: Stationery, page: Page, conclusion: Slide, meeting: Meeting) -> None:
    """The meeting, and the finding of the whole as the page's title."""
    title = page.shapes.title
    title.left, title.top, title.width, title.height = paper.place(Box(0, 0.3, ACROSS, _TITLE - 0.35))
    write(title, [title_xml(conclusion.title, ACROSS - 0.2, (15, 14, 13, 12, 11))])
    facts = "  ".join(text for text in (meeting.title, meeting.date_text, meeting.document) if text)
    add_text(paper, page, Box(0, 0, ACROSS, 0.28), [facts], name="会議", sizes=(11, 10, 9))


def _blocks(brief: Brief, shown: dict[str, Slide]) -> list[Block]:
    """What stands on the page, from top to bottom: tables, paragraphs with a head, and at the foot sentences."""
    overview, rows = shown["overview"].listings[0], shown["conclusion"].listings[0].rows
    fields = tuple(field for field in overview.fields if field.name in _COLUMNS)
    told = [(row["head"], row["text"]) for row in rows[rows["head"].isin(_SAID)].to_dict("records")]
    blocks: list[Block] = [replace(overview, fields=fields), told]
    if "decisions" in shown:
        asked = shown["decisions"].listings[0]
        blocks.append(replace(asked, rows=asked.rows.head(_MOST)))
    lesson, moment = shown["overview"].told[0], f"{agenda.source(brief)}  {agenda.moment(brief)}"
    return [*blocks, [lesson, findings.judged_by(brief.cutoffs), moment]]


def _place(paper: Stationery, page: Page, blocks: list[Block]) -> None:
    """Set the blocks under each other in the largest type at which the page holds them all."""
    top, size = _TITLE, _fitting(paper, blocks)
    for block in blocks:
        high = _height(paper, block, size)
        box = Box(0, top, ACROSS, high)
        if isinstance(block, Listing):
            add_table(paper, page, box, block, said=block.name, size=size)
        elif block:
            add_text(paper, page, box, block, name="要点", sizes=(_small(block, size),), apart=_BETWEEN)
        top += high + _APART


def _fitting(paper: Stationery, blocks: list[Block]) -> float:
    room = DOWN - _TITLE - _APART * len(blocks)
    fits = (size for size in _SIZES if sum(_height(paper, block, size) for block in blocks) <= room)
    return next(fits, _SIZES[-1])


_BETWEEN = 0.3  # between two paragraphs, in their size


def _small(block: Block, size: float) -> float:
    """Explanations are a size smaller than what they explain."""
    return size if isinstance(block[0], tuple) else size - 1


def _height(paper: Stationery, block: Block, size: float) -> float:
    if isinstance(block, Listing):
        return table_height(paper, Box(0, 0, ACROSS, 1), block, size=size)
    if not block:
        return 0.0
    size = _small(block, size)
    return text_height(paper, list(map(paragraph, block)), ACROSS, size) + _BETWEEN * size / 72 * 1.25 * len(block)
