"""On paper: A4 landscape, no widgets, charts whole, everything that is on the page."""

import re

import pytest
from looking import visit
from serving import ARTEFACTS

WIDE, HIGH = 1047, 718  # A4 landscape inside margins of 10 mm, at 96 pixels an inch
WIDGETS = ".stButton, .stDownloadButton, .stFileUploader, .stMultiSelect, .stSelectbox, .stTextInput, header"


@pytest.mark.parametrize("path", ["/", "/indicators", "/items", "/past", "/history", "/about"])
@pytest.mark.parametrize("width", [1366, 1920])
def test_a_page_is_printed_whole(path, width, filled, new_page):
    page = visit(new_page(width, 900), filled.url + path)
    said = page.locator("h2").all_inner_texts()
    drawn = page.evaluate("[...document.querySelectorAll('.js-plotly-plot')].map(p => [p.offsetWidth, p.offsetHeight])")
    page.emulate_media(media="print")
    assert [each for each in page.locator(WIDGETS).all() if each.is_visible()] == []
    scales = page.evaluate("[...document.querySelectorAll('.js-plotly-plot')].map(p => p.currentCSSZoom)")
    # The printer does not draw a chart anew: it keeps the pixels it has on screen, at the paper's scale.
    assert [
        size for size, scale in zip(drawn, scales, strict=True) if size[0] * scale > WIDE or size[1] * scale > HIGH
    ] == []
    cut = page.evaluate(
        "[...document.querySelectorAll('.k-scroll')].filter(e => e.scrollHeight > e.clientHeight + 2).length"
    )
    assert cut == 0
    ARTEFACTS.mkdir(exist_ok=True)
    name = ARTEFACTS / f"paper-{path.strip('/') or 'overview'}-{width}.pdf"
    made = page.pdf(path=name, prefer_css_page_size=True, print_background=True)
    sheets = re.findall(rb"/MediaBox \[([^\]]+)\]", made)
    assert {tuple(round(float(each)) for each in sheet.split()) for sheet in sheets} == {(0, 0, 842, 595)}
    assert len(sheets) >= (2 if len(said) > 3 else 1)
