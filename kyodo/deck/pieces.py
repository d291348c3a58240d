"""The pieces slides are made of: titles, texts that fit their box, real tables, notes, descriptions.

Runs are written as XML with all three fonts set, since a font set for Latin letters alone leaves Japanese to chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_AUTO_SIZE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.util import Pt

from kyodo.agenda import Listing
from kyodo.deck.stationery import FONT, HEIGHT, Box, Stationery
from kyodo.palette import GRID, INK, LINE, VERDICT_COLOURS
from kyodo.wording import width

LEADING = 1.25  # height of a line of text, in its size
HEAD = "#F1F1F4"
_FONTS = "".join(f'<a:{script} typeface="{FONT}"/>' for script in ("latin", "ea", "cs"))
_MARGIN = 0.06  # inches beside a cell's text
_PAD = 0.035  # inches above and below it


def fill_xml(colour: str, *, namespace: bool = False) -> str:
    """A solid fill of ``#RRGGBB``."""
    declared = f" {nsdecls('a')}" if namespace else ""
    return f'<a:solidFill{declared}><a:srgbClr val="{colour[1:]}"/></a:solidFill>'


def run_xml(text: str, size: float, *, bold: bool = False, colour: str = INK) -> str:
    """One run of text; characters that XML cannot hold are left out."""
    clean = escape("".join(sign for sign in text if sign.isprintable()))
    return (
        f'<a:r><a:rPr lang="ja-JP" altLang="en-US" sz="{round(size * 100)}" b="{int(bold)}">{fill_xml(colour)}{_FONTS}</a:rPr>'
        f"<a:t>{clean}</a:t></a:r>"
    )


def paragraph_xml(runs: str, size: float, *, align: str = "l", namespace: bool = False) -> str:
    """One paragraph; its end carries the size, so that an empty one is as high as the text typed into it."""
    declared = f" {nsdecls('a')}" if namespace else ""
    end = f'<a:endParaRPr lang="ja-JP" sz="{round(size * 100)}">{_FONTS}</a:endParaRPr>'
    return f'<a:p{declared}><a:pPr algn="{align}"/>{runs}{end}</a:p>'


def fitting(text: str, inches: float, height: float, sizes: Sequence[float]) -> float:
    """The largest of ``sizes`` (points, falling) at which the text fits a box of that many inches; else the smallest."""
    for size in sizes:
        room = inches * 72 / size - 1  # one character a line is lost to where lines may break
        lines = sum(max(1, -(-width(line) // max(room, 1))) for line in text.split("\n"))
        if lines * size * LEADING <= height * 72:
            return size
    return sizes[-1]


def write(shape: BaseShape, paragraphs: Sequence[str]) -> None:
    """Replace a shape's text by paragraphs of XML."""
    body = shape.text_frame._txBody
    for each in body.findall(qn("a:p")):
        body.remove(each)
    for xml in paragraphs:
        body.append(parse_xml(xml))


def add_title(paper: Stationery, slide: Slide, text: str) -> None:
    """Write the finding into the title placeholder, as large as it fits."""
    title = slide.shapes.title
    inches, height = title.width / 914400 - 0.2, title.height / 914400 - 0.1
    size = fitting(text, inches, height, (24, 22, 20, 18, 16, 14))
    write(title, [paragraph_xml(run_xml(text, size, bold=True), size, namespace=True)])


def add_text(
    paper: Stationery,
    slide: Slide,
    box: Box,
    runs: Sequence[tuple[str, bool, str]],
    *,
    name: str,
    sizes: Sequence[float] = (14, 13, 12, 11, 10),
    framed: bool = False,
) -> BaseShape:
    """A text box; each of ``runs`` (text, bold, colour) is a paragraph, all as large as they fit together.

    A ``framed`` one has a border, and its runs follow each other on the line.
    """
    place = paper.place(box)
    shape = slide.shapes.add_textbox(*place)
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = Pt(6 if framed else 2)
    frame.margin_top = frame.margin_bottom = Pt(4 if framed else 1)
    if framed:
        shape.line.color.rgb = RGBColor.from_string(LINE[1:])
        shape.line.width = Pt(0.75)
    inches, height = place[2] / 914400 - (0.17 if framed else 0.06), place[3] / 914400 - (0.12 if framed else 0.03)
    scaled = [size * paper.scale for size in sizes]
    size = fitting(("" if framed else "\n").join(text for text, _, _ in runs), inches, height, scaled)
    written = [run_xml(text, size, bold=bold, colour=colour) for text, bold, colour in runs]
    paragraphs = ["".join(written)] if framed else written
    write(shape, [paragraph_xml(each, size, namespace=True) for each in paragraphs])
    return shape


def add_table(
    paper: Stationery, slide: Slide, box: Box, listing: Listing, *, name: str, said: str, size: float = 14
) -> float:
    """A real table as wide as the box; returns its height in design inches.

    Columns share the width as their fields say; a field named ``mark`` is set in its verdict's colour.
    """
    laid = _lay(paper, box, listing, size)
    left, top, _, _ = paper.place(box)
    rows = zip(laid.rows, laid.heights, [INK, *_tones(listing)], strict=True)
    body = "".join(
        _row_xml(row, listing, height, laid.size, head=place == 0, tone=tone)
        for place, (row, height, tone) in enumerate(rows)
    )
    grid = "".join(f'<a:gridCol w="{each}"/>' for each in laid.widths)
    frame = slide.shapes.add_table(1, 1, left, top, sum(laid.widths), sum(laid.heights))
    tbl = frame.element.find(f".//{qn('a:tbl')}")
    tbl.getparent().replace(
        tbl, parse_xml(f'<a:tbl {nsdecls("a")}><a:tblPr firstRow="1"/><a:tblGrid>{grid}</a:tblGrid>{body}</a:tbl>')
    )
    describe(frame, name, said)
    return table_height(paper, box, listing, size=size)


def table_height(paper: Stationery, box: Box, listing: Listing, *, size: float = 14) -> float:
    """How high a table as wide as the box will be, in design inches."""
    return sum(_lay(paper, box, listing, size).heights) / paper.height * HEIGHT


@dataclass(frozen=True, slots=True)
class _Laid:
    """A table's texts (head first) with its size of type in points, widths and heights in EMU."""

    rows: list[list[str]]
    size: float
    widths: list[int]
    heights: list[int]


def _lay(paper: Stationery, box: Box, listing: Listing, size: float) -> _Laid:
    _, _, across, _ = paper.place(box)
    size = min(size * paper.scale, _widest(listing, across / 914400))
    beside = 2 * _MARGIN * 72 / size  # what the margins take, in characters
    whole = sum(field.width + beside for field in listing.fields)
    widths = [round(across * (field.width + beside) / whole) for field in listing.fields]
    rows = [[field.title for field in listing.fields], *listing.texts()]
    return _Laid(rows, size, widths, [_row_height(row, widths, size) for row in rows])


def _tones(listing: Listing) -> list[str]:
    """The colour of each row's verdict."""
    if "mark" not in [field.name for field in listing.fields]:
        return [INK] * len(listing.rows)
    return [VERDICT_COLOURS.get(verdict, INK) for verdict in listing.rows["verdict"]]


def _widest(listing: Listing, inches: float) -> float:
    """The largest size (points) at which every column is as wide as its field says."""
    margins = 2 * _MARGIN * len(listing.fields)
    return round((inches - margins) * 72 / sum(field.width for field in listing.fields) - 0.05, 1)


def _row_height(row: Sequence[str], widths: Sequence[int], size: float) -> int:
    """A row's height in EMU, from how often its longest cell breaks."""
    rooms = [max((each / 914400 - 2 * _MARGIN) * 72 / size, 1) for each in widths]
    lines = max(-(-width(text) // room) or 1 for text, room in zip(row, rooms, strict=True))
    return round((lines * size * LEADING / 72 + 2 * _PAD) * 914400)


def _row_xml(row: Sequence[str], listing: Listing, height: int, size: float, *, head: bool, tone: str) -> str:
    cells = "".join(
        _cell_xml(
            text, size, right=field.right, head=head, bold=head or field.name == "mark",
            colour=tone if field.name == "mark" else INK,
        )
        for text, field in zip(row, listing.fields, strict=True)
    )  # fmt: skip
    return f'<a:tr h="{height}">{cells}</a:tr>'


def _cell_xml(text: str, size: float, *, right: bool, head: bool, bold: bool, colour: str) -> str:
    runs = run_xml(text, size, bold=bold, colour=colour) if text else ""
    line = fill_xml(LINE if head else GRID)
    none = "".join(f'<a:{side} w="0"><a:noFill/></a:{side}>' for side in ("lnL", "lnR"))
    edges = f'{none}<a:lnT w="9525">{line}</a:lnT><a:lnB w="9525">{line}</a:lnB>'
    beside, above = round(_MARGIN * 914400), round(_PAD * 914400)
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{paragraph_xml(runs, size, align='r' if right else 'l')}</a:txBody>"
        f'<a:tcPr marL="{beside}" marR="{beside}" marT="{above}" marB="{above}" anchor="ctr">{edges}'
        f"{fill_xml(HEAD) if head else '<a:noFill/>'}</a:tcPr></a:tc>"
    )


def describe(shape: BaseShape, name: str, said: str) -> None:
    """A shape's name in the selection pane and what is read aloud in its place."""
    properties = shape.element.find(f".//{qn('p:cNvPr')}")
    properties.set("name", name)
    properties.set("descr", said)


def add_notes(slide: Slide, text: str) -> None:
    """What the speaker says."""
    slide.notes_slide.notes_text_frame.text = text
