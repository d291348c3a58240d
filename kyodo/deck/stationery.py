"""The paper the slides are drawn on: ours, black on white, or a city's own template with its masters and layouts."""

import copy
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout
from pptx.util import Emu, Inches

from kyodo.errors import KyodoError
from kyodo.fiscal import in_japan
from kyodo.wording import width

FONT = "BIZ UDPゴシック"
WIDTH, HEIGHT = 12.43, 5.6  # inches of the body the slides are designed for; a template's body is scaled to it
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_FEET = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide in design inches from the body's upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Stationery:
    """An empty presentation, its two layouts, and where a slide's body lies (EMU)."""

    deck: Deck
    cover: SlideLayout
    content: SlideLayout
    left: int
    top: int
    width: int
    height: int

    @property
    def scale(self) -> float:
        """How much smaller than designed the body is; text shrinks with it."""
        return min(self.width / Inches(WIDTH), self.height / Inches(HEIGHT), 1.0)

    def place(self, box: Box) -> tuple[Emu, Emu, Emu, Emu]:
        """A design box as left, top, width and height on this paper."""
        across, down = self.width / WIDTH, self.height / HEIGHT
        return (
            Emu(round(self.left + box.left * across)),
            Emu(round(self.top + box.top * down)),
            Emu(round(box.width * across)),
            Emu(round(box.height * down)),
        )

    def slide(self, *, cover: bool = False) -> Slide:
        """A new slide with its title placeholder and no other empty ones."""
        slide = self.deck.slides.add_slide(self.cover if cover else self.content)
        kept = (*_TITLES, PP_PLACEHOLDER.SUBTITLE) if cover else _TITLES
        for each in list(slide.placeholders):
            if each.placeholder_format.type not in kept:
                each.element.getparent().remove(each.element)
        return slide


def own_paper() -> Stationery:
    """Our paper, 16:9: a title on the left, the source and the page number at the foot."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    kept = {"Title Slide", "Title Only"}
    for layout in [each for each in deck.slide_layouts if each.name not in kept]:
        deck.slide_layouts.remove(layout)
    cover, content = deck.slide_layouts
    cover.name, content.name = "表紙", "タイトルのみ"
    for layout in (deck.slide_master, cover, content):
        _arrange(layout, is_cover=layout is cover)
    _set_type(deck)
    return Stationery(deck, cover, content, Inches(0.45), Inches(1.35), Inches(WIDTH), Inches(HEIGHT))


def _arrange(layout: SlideLayout, *, is_cover: bool) -> None:
    """Give the placeholders of a layout (or the master) their places on 16:9 paper."""
    title = (0.9, 2.0, 11.5, 1.5) if is_cover else (0.45, 0.3, WIDTH, 0.95)
    places = {
        PP_PLACEHOLDER.TITLE: title,
        PP_PLACEHOLDER.CENTER_TITLE: title,
        PP_PLACEHOLDER.SUBTITLE: (0.9, 3.7, 11.5, 2.4),
        PP_PLACEHOLDER.BODY: (0.45, 1.35, WIDTH, HEIGHT),
        PP_PLACEHOLDER.FOOTER: (0.45, 7.05, 11.2, 0.3),
        PP_PLACEHOLDER.SLIDE_NUMBER: (11.9, 7.05, 0.98, 0.3),
    }
    for each in list(layout.placeholders):
        place = places.get(each.placeholder_format.type)
        if place is None:
            each.element.getparent().remove(each.element)
            continue
        each.left, each.top, each.width, each.height = map(Inches, place)


def _set_type(deck: Deck) -> None:
    """Our type on the master, so that what a reader adds looks like the rest."""
    master = deck.slide_master.element
    for fonts in master.iter(qn("a:defRPr")):
        _set_fonts(fonts)
    title = master.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")
    title.find(qn("a:defRPr")).set("sz", "2200")
    title.find(qn("a:defRPr")).set("b", "1")
    # The theme is a part without a model in python-pptx, so its bytes are replaced.
    theme = next(rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme"))
    tree = parse_xml(theme.blob)
    for kind in ("majorFont", "minorFont"):
        for script in ("latin", "ea"):
            tree.find(f".//{qn(f'a:{kind}')}/{qn(f'a:{script}')}").set("typeface", FONT)
    theme._blob = serialize_part_xml(tree)
    for layout in (deck.slide_master, *deck.slide_layouts):
        for each in layout.placeholders:
            if each.placeholder_format.type in _FEET:
                _set_foot(each.element, right=each.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER)


def _set_foot(element, *, right: bool) -> None:
    style = element.find(f".//{qn('a:lstStyle')}")
    for each in list(style):
        style.remove(each)
    style.append(
        parse_xml(
            f'<a:lvl1pPr {nsdecls("a")} algn="{"r" if right else "l"}"><a:defRPr sz="{1200 if right else 1000}">'
            f'<a:solidFill><a:srgbClr val="595959"/></a:solidFill></a:defRPr></a:lvl1pPr>'
        )
    )


def _set_fonts(properties) -> None:
    """Latin, East Asian and complex script fonts of text properties, in the schema's order."""
    for script in ("latin", "ea", "cs"):
        found = properties.find(qn(f"a:{script}"))
        if found is None:
            found = parse_xml(f"<a:{script} {nsdecls('a')}/>")
            later = [properties.find(qn(f"a:{name}")) for name in ("ea", "cs", "sym", "hlinkClick", "extLst")]
            places = [each for each in later if each is not None and each.tag != found.tag]
            places[0].addprevious(found) if places and script == "latin" else properties.append(found)
        found.set("typeface", FONT)


def city_paper(template: bytes) -> Stationery:
    """A city's template: its masters and layouts, without its slides.

    What somebody else made goes through :func:`kyodo.deck.template.read_template` first, which bounds its cost.

    Raises:
        KyodoError: where it is no .pptx, or has no layout with a title.
    """
    try:
        deck = Presentation(io.BytesIO(template))
    except (PythonPptxError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:  # lxml's is a SyntaxError
        raise KyodoError(
            "様式のファイルを PowerPoint(.pptx)として読めません。.pptx で保存し直してください。"
        ) from error
    _empty(deck)
    layouts = [layout for layout in deck.slide_layouts if any(_placeholders(layout, _TITLES))]
    if not layouts:
        raise KyodoError("様式にタイトルのあるレイアウトがありません。「タイトルのみ」のレイアウトを加えてください。")
    kinds = {layout.element.get("type"): layout for layout in reversed(layouts)}
    content = kinds.get("titleOnly") or min(layouts, key=lambda layout: len(layout.placeholders))
    return Stationery(deck, kinds.get("title") or content, content, *_body(deck, content))


def _empty(deck: Deck) -> None:
    """Take the template's own slides out, and the sections that name them."""
    listed = deck.slides._sldIdLst
    for each in list(listed):
        deck.part.drop_rel(each.rId)
        listed.remove(each)
    for section in list(deck.element.iter("{http://schemas.microsoft.com/office/powerpoint/2010/main}sectionLst")):
        extension = section.getparent()
        extension.getparent().remove(extension)


def _placeholders(layout: SlideLayout, kinds: tuple) -> Iterator:
    return (each for each in layout.placeholders if each.placeholder_format.type in kinds)


def _body(deck: Deck, layout: SlideLayout) -> tuple[int, int, int, int]:
    """Where a slide's body may lie: under the title, above the foot, as wide as the title."""
    title = next(_placeholders(layout, _TITLES))
    top = title.top + title.height + Inches(0.1)
    feet = [
        each.top for each in _placeholders(layout, (*_FEET, PP_PLACEHOLDER.DATE)) if each.top > deck.slide_height / 2
    ]
    bottom = min([*feet, deck.slide_height - Inches(0.4)]) - Inches(0.05)
    if bottom - top < deck.slide_height / 3:  # a layout whose title stands in the middle: take the paper's own shape
        top, bottom = round(deck.slide_height * 0.2), round(deck.slide_height * 0.93)
    return title.left, top, title.width, bottom - top


def finished(paper: Stationery, title: str, source: str, at: dt.datetime | None) -> bytes:
    """The file, with its own properties; nobody is named as its author."""
    facts = paper.deck.core_properties
    facts.title, facts.subject, facts.language = title, source, "ja-JP"
    facts.author = facts.last_modified_by = facts.keywords = facts.comments = facts.category = ""
    facts.revision = 1
    if at is not None:
        facts.created = facts.modified = in_japan(at).replace(tzinfo=None, microsecond=0)
    out = io.BytesIO()
    paper.deck.save(out)
    return out.getvalue()


def add_foot(paper: Stationery, slide: Slide, text: str) -> None:
    """The source line and the page number at the foot, last in the reading order."""
    layout = slide.slide_layout
    found = {each.placeholder_format.type: each for each in _placeholders(layout, _FEET)}
    for kind, place in ((PP_PLACEHOLDER.FOOTER, (0.0, 0.85)), (PP_PLACEHOLDER.SLIDE_NUMBER, (0.88, 0.12))):
        if kind in found:
            element = copy.deepcopy(found[kind].element)
            slide.shapes._spTree.append(element)
        else:
            bottom = paper.deck.slide_height - Inches(0.38)
            left, across = paper.left + round(paper.width * place[0]), round(paper.width * place[1])
            element = slide.shapes.add_textbox(left, bottom, across, Inches(0.3)).element
        element.find(f".//{qn('p:cNvPr')}").set("id", str(_next_id(slide)))
        _write_foot(element, text, number=kind == PP_PLACEHOLDER.SLIDE_NUMBER)


def _next_id(slide: Slide) -> int:
    return max(int(each.get("id")) for each in slide.shapes._spTree.iter(qn("p:cNvPr"))) + 1


def _foot_size(element, text: str) -> int:
    """Hundredths of a point at which the source line takes at most two lines of its place; 7 to 10 points."""
    extent = element.find(f".//{qn('a:ext')}")
    inches = int(extent.get("cx")) / 914400 if extent is not None and extent.get("cx") else WIDTH
    return round(100 * max(7, min(10, 1.8 * inches * 72 / max(width(text), 1))))


def _write_foot(element, text: str, *, number: bool) -> None:
    fonts = "".join(f'<a:{script} typeface="{FONT}"/>' for script in ("latin", "ea", "cs"))
    size = 1200 if number else _foot_size(element, text)
    properties = f'<a:rPr lang="ja-JP" altLang="en-US" sz="{size}">{fonts}</a:rPr>'
    body = element.find(qn("p:txBody"))
    for paragraph in body.findall(qn("a:p")):
        body.remove(paragraph)
    run = (
        f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">{properties}<a:t>‹#›</a:t></a:fld>'
        if number
        else f"<a:r>{properties}<a:t/></a:r>"
    )
    align = "r" if number else "l"
    paragraph = parse_xml(f'<a:p {nsdecls("a")}><a:pPr algn="{align}"/>{run}</a:p>')
    if not number:
        paragraph.find(f".//{qn('a:t')}").text = text
    body.append(paragraph)
    element.find(f".//{qn('p:cNvPr')}").set("name", "ページ番号" if number else "時点と出典")
