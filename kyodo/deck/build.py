"""The agenda's slides placed on paper: what stands where."""

from collections.abc import Callable, Sequence
from typing import Unpack

from pptx.slide import Slide as Page

from kyodo import agenda, findings
from kyodo.agenda import Asked, Choice, Meeting, Slide
from kyodo.agenda.results import BODY, remark_lines
from kyodo.brief import Brief
from kyodo.deck import native
from kyodo.deck.pieces import (
    LEADING,
    add_notes,
    add_table,
    add_text,
    add_title,
    paragraph_xml,
    run_xml,
    table_size,
    text_height,
    write,
)
from kyodo.deck.stationery import HEIGHT, WIDTH, Box, Stationery, add_foot, city_paper, finished, own_paper

TEXT = 14  # points of body text
_LINE = TEXT * LEADING / 72  # inches
_LEFT, _RIGHT, _GAP = 6.95, 5.28, 0.2  # the two columns of an indicator's slide


def build_deck(brief: Brief, *, template: bytes | None = None, **asked: Unpack[Asked]) -> bytes:
    """The slides of a meeting as a .pptx file; ``template`` is a city's own .pptx.

    Raises:
        KyodoError: where the template cannot be used.
    """
    choice, meeting = asked.get("choice") or Choice(), asked.get("meeting") or Meeting()
    paper = own_paper() if template is None else city_paper(template)
    shown = agenda.chosen(brief, choice)
    for slide in agenda.agenda(brief, **asked):
        page = paper.slide(cover=slide.part == "cover")
        if slide.part == "cover":
            _cover(paper, page, shown, meeting)
        else:
            add_title(paper, page, slide.heading)
            _DRAW.get(slide.part, _listing)(paper, page, shown, slide)
            add_foot(paper, page, agenda.foot(slide, meeting, brief))
        add_notes(page, slide.spoken)
    return finished(paper, f"{meeting.title} {brief.plan.title}", agenda.source(brief), brief.as_of)


def _cover(paper: Stationery, page: Page, brief: Brief, meeting: Meeting) -> None:
    title = page.shapes.title
    lines = (brief.plan.title, "成果指標と推進項目の進み具合")
    write(title, [paragraph_xml(run_xml(line, 32, bold=True), 32, namespace=True) for line in lines])
    facts = agenda.cover_facts(brief, meeting)
    below = [each for each in page.placeholders if each != title]
    if below:
        write(below[0], [paragraph_xml(run_xml(text, 18), 18, namespace=True) for text in facts])
    else:
        add_text(paper, page, Box(0, 0.5, WIDTH, 2.5), facts, name="会議と時点")


def _listing(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    """A slide of tables over each other, its sentences at the foot; a finding without rows stands alone."""
    top, room = 0.0, _over(paper, page, slide.told)
    listings = [listing for listing in slide.listings if len(listing.rows)]
    share = (room - 0.15 * (len(listings) - 1)) / max(len(listings), 1)
    sizes = [table_size(paper, Box(0, 0, WIDTH, share), listing) for listing in listings]
    for listing in listings:
        box = Box(0, top, WIDTH, share)
        top += 0.15 + add_table(paper, page, box, listing, said=slide.heading, size=min(sizes))


def _over(paper: Stationery, page: Page, told: Sequence[str]) -> float:
    """Write sentences at the foot of the body; returns the height that is left above them."""
    if not told:
        return HEIGHT
    high = text_height(paper, told, WIDTH, TEXT)
    add_text(paper, page, Box(0, HEIGHT - high, WIDTH, high), told, name="説明", sizes=(TEXT,))
    return HEIGHT - high - 0.08


def _overview(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    listing, room = slide.listings[0], _over(paper, page, slide.told)
    used = add_table(paper, page, Box(0, 0, WIDTH, 3), listing, said=slide.title)
    said = "到達率と改善幅率。" + "、".join(
        f"{row['name']} {row['attainment_text'] or '不明'}と{row['improvement_text'] or '不明'}"
        for row in listing.rows.to_dict("records")
    )
    if len(listing.rows):
        box = Box(0, used + 0.1, WIDTH, room - used - 0.1)
        native.ratio_chart(paper, page, box, listing.rows, name="到達率と改善幅率の図", said=said)


def _indicator(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    indicator = slide.indicator
    known, targets, name = brief.values[indicator], brief.rows[indicator], brief.labels[indicator]
    tall = _remarks(paper, page, slide)
    said = findings.trend_sentence(name, known, targets)
    native.indicator_chart(paper, page, Box(0, 0, _LEFT, tall), known, targets, name=f"{name}の推移", said=said)
    at = _LEFT + _GAP
    used = add_table(paper, page, Box(at, 0, _RIGHT, 1.5), slide.listings[0], said=slide.spoken, size=TEXT)
    box = Box(at, used + 0.1, _RIGHT, tall - used - 0.1)
    add_text(paper, page, box, slide.told, name="結果と見通し", sizes=(18, 17, 16, 15, TEXT), apart=0.4)


def _remarks(paper: Stationery, page: Page, slide: Slide) -> float:
    """What was entered, across the foot of an indicator's slide; returns the height that is left above it."""
    if not slide.remarks:
        return HEIGHT
    high = HEIGHT * remark_lines(slide.remarks) / BODY + 0.1
    box = Box(0, HEIGHT - high, WIDTH, high)
    add_text(
        paper, page, box, slide.remarks, name="要因・課題・今後の方向", sizes=(16, 15, TEXT), apart=0.25, ruled=True
    )
    return HEIGHT - high - 0.1


def _breakdown(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    note = "線は95%区間。有効回答が10人に満たない区分と、それを差し引きで求められる区分は秘匿しています。"
    listing, room = slide.listings[0], _over(paper, page, [note])
    if agenda.beside_a_chart(listing):
        add_table(paper, page, Box(6.3, 0, WIDTH - 6.3, room), listing, said=slide.title)
        measured = agenda.overall(brief, slide)
        box = Box(0, 0, 6.1, room)
        native.breakdown_chart(paper, page, box, listing.rows, measured, name="区分ごとの割合の図", said=slide.title)
        return
    half = (WIDTH - 0.25) / 2
    for place, each in enumerate(agenda.halves(listing)):
        add_table(paper, page, Box(place * (half + 0.25), 0, half, room), each, said=slide.title)


def _policies(paper: Stationery, page: Page, brief: Brief, slide: Slide) -> None:
    room = _over(paper, page, slide.told)
    used = add_table(paper, page, Box(0, 0, WIDTH, 2.4), slide.listings[0], said=slide.title)
    if len(brief.stages):
        box, titles = Box(0, used + 0.15, WIDTH, room - used - 0.15), brief.plan.policy_titles
        native.stage_chart(paper, page, box, brief.stages, titles, name="推進方針ごとの段階の図", said=slide.title)


_DRAW: dict[str, Callable[[Stationery, Page, Brief, Slide], None]] = {
    "overview": _overview,
    "indicators": _indicator,
    "breakdown": _breakdown,
    "policies": _policies,
}
