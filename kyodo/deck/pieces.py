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
from kyodo.breaking import two_lines, wrapped
from kyodo.deck.stationery import FONT, HEIGHT, Box, Stationery
from kyodo.palette import GRID, INK, LINE, VERDICT_COLOURS

LEADING = 1.25  # height of a line of text, in its size
HEAD = "#F1F1F4"
_FONTS = "".join(f'<a:{script} typeface="{FONT}"/>' for script in ("latin", "ea", "cs"))
_MARGIN = 0.06  # inches beside a cell's text
_PAD = 0.035  # inches above and below it
_TITLE_SIZES = (24, 22, 20, 18, 16)
TABLE_SIZES = (18, 17, 16, 15, 14, 13, 12)  # points: a table is as large as its slide lets it be, and never smaller
LINE_BREAK = "<a:br/>"
_BOLD = ("mark", "head", "number")  # columns that lead the eye


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


def paragraph_xml(runs: str, size: float, *, align: str = "l", namespace: bool = False, before: float = 0) -> str:
    """One paragraph; its end carries the size, so that an empty one is as high as the text typed into it."""
    declared = f" {nsdecls('a')}" if namespace else ""
    end = f'<a:endParaRPr lang="ja-JP" sz="{round(size * 100)}">{_FONTS}</a:endParaRPr>'
    space = f'<a:spcBef><a:spcPts val="{round(before * 100)}"/></a:spcBef>'
    return f'<a:p{declared}><a:pPr algn="{align}">{space}</a:pPr>{runs}{end}</a:p>'


def fitting(told: Sequence[str], inches: float, height: float, sizes: Sequence[float], apart: float = 0.0) -> float:
    """The largest of ``sizes`` (points, falling) at which paragraphs fit a box of that many inches; else the smallest."""
    for size in sizes:
        if (_lines(told, inches, size) + apart * len(told)) * size * LEADING <= height * 72:
            return size
    return sizes[-1]


def _lines(told: Sequence[str], inches: float, size: float) -> int:
    """How many lines paragraphs take."""
    return sum(len(wrapped(text, _room(inches, size))) for text in told)


def _room(inches: float, size: float) -> float:
    """Characters in a line of that many inches; some programs set brackets a little wider than ours."""
    return max(0.97 * inches * 72 / size - 0.3, 1)


def write(shape: BaseShape, paragraphs: Sequence[str]) -> None:
    """Replace a shape's text by paragraphs of XML."""
    body = shape.text_frame._txBody
    for each in body.findall(qn("a:p")):
        body.remove(each)
    for xml in paragraphs:
        body.append(parse_xml(xml))


def add_title(paper: Stationery, slide: Slide, text: str) -> None:
    """Write the finding into the title placeholder, on one or two lines that break between words."""
    title = slide.shapes.title
    write(title, [title_xml(text, title.width / 914400 - 0.2, _TITLE_SIZES)])


def title_xml(text: str, inches: float, sizes: Sequence[float]) -> str:
    """A bold paragraph on one or two lines of that many inches, in the largest size that lets it."""
    tried = ((size, two_lines(text, inches * 72 / size - 0.5)) for size in sizes)
    size, lines = next(((size, lines) for size, lines in tried if lines), (sizes[-1], [text]))
    runs = LINE_BREAK.join(run_xml(line, size, bold=True) for line in lines)
    return paragraph_xml(runs, size, namespace=True)


def add_text(
    paper: Stationery,
    slide: Slide,
    box: Box,
    told: Sequence[str | tuple[str, str]],
    *,
    name: str,
    sizes: Sequence[float] = (18, 16, 14),
    apart: float = 0.0,
    ruled: bool = False,
) -> BaseShape:
    """A text box of paragraphs, all as large as they fit together; a pair is a bold head and what follows it.

    ``apart`` is the room between two paragraphs in their size, ``ruled`` draws a border.
    """
    place = paper.place(box)
    shape = slide.shapes.add_textbox(*place)
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    beside, above = (6, 3) if ruled else (2, 1)
    frame.margin_left = frame.margin_right = Pt(beside)
    frame.margin_top = frame.margin_bottom = Pt(above)
    if ruled:
        shape.line.color.rgb = RGBColor.from_string(LINE[1:])
        shape.line.width = Pt(0.75)
    inches, height = place[2] / 914400 - beside / 36, place[3] / 914400 - above / 36
    heads, texts = ["" if isinstance(each, str) else each[0] for each in told], list(map(paragraph, told))
    size = fitting(texts, inches, height, [size * paper.scale for size in sizes], apart)
    laid = (wrapped(text, _room(inches, size)) for text in texts)
    write(shape, [_told_xml(head, lines, size, apart) for head, lines in zip(heads, laid, strict=True)])
    return shape


def paragraph(told: str | tuple[str, str]) -> str:
    """A paragraph's text: what is said, or a head and what follows it."""
    return told if isinstance(told, str) else " ".join(told)


def _told_xml(head: str, lines: Sequence[str], size: float, apart: float) -> str:
    """A paragraph whose first line opens with its head in bold."""
    first = lines[0].removeprefix(head)
    runs = [(run_xml(head, size, bold=True) if head else "") + run_xml(first, size)]
    runs += [run_xml(line, size) for line in lines[1:]]
    return paragraph_xml(LINE_BREAK.join(runs), size, namespace=True, before=size * apart)


def text_height(paper: Stationery, told: Sequence[str], inches: float, size: float) -> float:
    """How high paragraphs of a size are in a box of that width, in design inches."""
    across = paper.place(Box(0, 0, inches, 1))[2] / 914400
    lines = _lines(told, across - 0.06, size * paper.scale)
    return lines * size * paper.scale * LEADING / 72 / (paper.height / 914400) * HEIGHT + 0.05


def add_table(
    paper: Stationery, slide: Slide, box: Box, listing: Listing, *, said: str, size: float | None = None
) -> float:
    """A real table as wide as the box, in the largest type at which it fits; returns its height in design inches.

    Columns share the width as their fields say; a field named ``mark`` is set in its verdict's colour.
    """
    size = size or table_size(paper, box, listing)
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
    describe(frame, listing.name, said)
    return table_height(paper, box, listing, size=size)


def table_size(paper: Stationery, box: Box, listing: Listing) -> float:
    """The largest of :data:`TABLE_SIZES` at which a table fits its box; the smallest where none does."""
    sizes = (size for size in TABLE_SIZES if table_height(paper, box, listing, size=size) <= box.height)
    return next(sizes, TABLE_SIZES[-1])


def table_height(paper: Stationery, box: Box, listing: Listing, *, size: float) -> float:
    """How high a table as wide as the box will be, in design inches."""
    return sum(_lay(paper, box, listing, size).heights) / paper.height * HEIGHT


@dataclass(frozen=True, slots=True)
class _Laid:
    """A table's cells as lines (head first) with its size of type in points, widths and heights in EMU."""

    rows: list[list[list[str]]]
    size: float
    widths: list[int]
    heights: list[int]


def _lay(paper: Stationery, box: Box, listing: Listing, size: float) -> _Laid:
    _, _, across, _ = paper.place(box)
    size = min(size * paper.scale, _widest(listing, across / 914400))
    beside = 2 * _MARGIN * 72 / size  # what the margins take, in characters
    whole = sum(field.width + beside for field in listing.fields)
    widths = [round(across * (field.width + beside) / whole) for field in listing.fields]
    rooms = [max((each / 914400 - 2 * _MARGIN) * 72 / size, 1) for each in widths]
    texts = [[field.title for field in listing.fields], *listing.texts]
    rows = [
        [
            wrapped(text, room) if head or not field.right else [text]  # a number is never cut
            for text, room, field in zip(row, rooms, listing.fields, strict=True)
        ]
        for head, row in zip([True] + [False] * len(listing.rows), texts, strict=True)
    ]
    return _Laid(rows, size, widths, [_row_height(max(map(len, row)), size) for row in rows])


def _tones(listing: Listing) -> list[str]:
    """The colour of each row's verdict."""
    if "mark" not in [field.name for field in listing.fields]:
        return [INK] * len(listing.rows)
    return [VERDICT_COLOURS.get(verdict, INK) for verdict in listing.rows["verdict"]]


def _widest(listing: Listing, inches: float) -> float:
    """The largest size (points) at which every column is as wide as its field says."""
    margins = 2 * _MARGIN * len(listing.fields)
    return round((inches - margins) * 72 / sum(field.width for field in listing.fields) - 0.05, 1)


def _row_height(lines: int, size: float) -> int:
    """A row's height in EMU."""
    return round((lines * size * LEADING / 72 + 2 * _PAD) * 914400)


def _row_xml(row: Sequence[Sequence[str]], listing: Listing, height: int, size: float, *, head: bool, tone: str) -> str:
    cells = "".join(
        _cell_xml(
            lines, size, right=field.right, head=head, bold=head or field.name in _BOLD,
            colour=tone if field.name == "mark" else INK,
        )
        for lines, field in zip(row, listing.fields, strict=True)
    )  # fmt: skip
    return f'<a:tr h="{height}">{cells}</a:tr>'


def _cell_xml(lines: Sequence[str], size: float, *, right: bool, head: bool, bold: bool, colour: str) -> str:
    runs = LINE_BREAK.join(run_xml(line, size, bold=bold, colour=colour) for line in lines) if any(lines) else ""
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
