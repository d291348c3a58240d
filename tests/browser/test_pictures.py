"""画像で保存: the file is the card as the reader sees it, with its title, key and source on it."""

import io

import numpy as np
import pytest
from looking import visit, whole
from PIL import Image

PAGES = {"/indicators": 6, "/indicators?indicator=3": 1}
PLAIN = """.k-foot { display:block !important; } .k-foot button { display:none; }
[class*=st-key-figure_] { border-color:#fff !important; border-radius:0 !important; }"""  # with the source a picture has
BELOW = """() => document.querySelectorAll('[class*=st-key-figure_]').forEach(
  card => card.append(card.querySelector('.k-foot')))"""  # where it stands there


def open_menu(page):
    page.get_by_role("button", name="保存・印刷").click()
    page.get_by_role("button", name="このページを印刷").wait_for()


def apart(one, other):
    """The mean difference of two images' greys, 0 to 255, at a quarter of the other's size: a pixel aside is no fault."""
    size = [max(1, side // 4) for side in other.size]
    grey = [np.asarray(each.convert("L").resize(size, Image.Resampling.BOX), dtype=float) for each in (one, other)]
    return np.abs(grey[0] - grey[1]).mean()


def ink(image, width):
    """How dark an image is from left to right, half a sign at a time: the same words give the same."""
    return 255 - np.asarray(image.convert("L").resize((width // 7, 1), Image.Resampling.BOX), dtype=float)[0]


def saved(page, place):
    """The picture of a card: (name, image)."""
    with page.expect_download() as download:
        page.locator(".k-pictures .k-picture").nth(place).click()
    return download.value.suggested_filename, Image.open(download.value.path()).convert("RGB")


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("path", PAGES)
def test_a_saved_picture_is_the_card_with_its_source(path, width, server, new_page):
    page = visit(new_page(width), server.url + path)
    whole(page)
    open_menu(page)
    assert page.locator(".k-pictures .k-picture").count() == page.locator(".js-plotly-plot").count() == PAGES[path]
    pictures = [saved(page, place) for place in range(PAGES[path])]
    cards = [each.get_attribute("data-card") for each in page.locator(".k-pictures .k-picture").all()]
    page.keyboard.press("Escape")
    page.locator(".k-pictures .k-picture").first.wait_for(state="detached")
    page.add_style_tag(content=PLAIN)
    page.evaluate(BELOW)
    for place, (name, picture) in enumerate(pictures):
        card = page.locator(f".st-key-{cards[place]}")
        shot = Image.open(io.BytesIO(card.screenshot(animations="disabled"))).convert("RGB")
        shot = shot.crop((1, 1, shot.width - 1, shot.height - 1))  # within the card's edge
        assert name.endswith(".png")
        assert name[:9] == card.locator(".k-title").inner_text()[:9].replace(":", "_")  # no file may hold a colon
        assert picture.width >= 2400
        figure, frame, note = (card.locator(part).bounding_box() for part in (".svg-container", ":scope", ".k-note"))
        if figure["width"] > frame["width"]:  # a phone shows a part of a wide figure, its picture the whole
            assert picture.width / picture.height > frame["width"] / frame["height"]
            continue
        assert picture.width / picture.height == pytest.approx(shot.width / shot.height, rel=0.02)
        assert apart(picture, shot) < 5
        foot = (0, note["y"] - frame["y"], note["width"] / 2, note["y"] + note["height"] - frame["y"])
        scale = picture.width / frame["width"]
        line, seen = picture.crop([round(scale * side) for side in foot]), shot.crop([round(side) for side in foot])
        assert np.corrcoef(ink(line, seen.width), ink(seen, seen.width))[0, 1] > 0.8


def test_a_picture_that_cannot_be_drawn_says_so_and_can_be_asked_for_again(server, new_page):
    page = visit(new_page(), server.url + "/indicators?indicator=3")
    open_menu(page)
    page.evaluate(
        "() => { window.kept = Image.prototype.decode; Image.prototype.decode = () => Promise.reject(Error('no')); }"
    )
    button = page.locator(".k-pictures .k-picture")
    button.click()
    page.get_by_text("画像にできませんでした").wait_for()
    page.evaluate("() => { Image.prototype.decode = window.kept; }")
    button.get_by_text("画像で保存: ").wait_for()
    assert saved(page, 0)[1].width >= 2400
