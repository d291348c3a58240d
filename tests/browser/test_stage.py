"""On the projector: a larger screen shows the same slide larger, chart and tables alike, and nothing under the bar."""

import pytest
from looking import at_rest, text_faults, visit

_SEEN = """() => { const box = each => each.getBoundingClientRect();
  const column = box(document.querySelector('[class*="st-key-stage_figure"]')), bar = box(document.querySelector('.st-key-stage_bar'));
  const drawn = box(document.querySelector('.main-svg')), lowest = Math.max(...[...document.querySelectorAll('table, .main-svg, .k-source')]
    .filter(each => !each.closest('.st-key-stage_bar')).map(each => box(each).bottom));
  const high = name => box([...document.querySelectorAll(name)].at(-1)).height;
  return {column, drawn, bar: bar.top, lowest, tick: high('.xtick text'), cell: high('table td'), title: high('h1')}; }"""

_CUT = """() => [...document.querySelectorAll('th, td')].filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent)"""


@pytest.mark.parametrize("slide", [2, 3, 4, 9, 10, 11])
def test_nothing_on_a_slide_is_cut(slide, filled, new_page):
    page = visit(new_page(1280, 720), f"{filled.url}/meeting?slide={slide}")
    page.wait_for_timeout(500)
    assert page.evaluate(_CUT) == []
    assert text_faults(page) == []


@pytest.mark.parametrize(
    ("width", "height", "larger"), [(1280, 720, 1), (1600, 900, 1.2), (1920, 1080, 1.45), (2560, 1440, 1.9)]
)
@pytest.mark.parametrize("slide", [4, 10, 11])  # an indicator, the policies, a breakdown
def test_a_larger_screen_shows_the_same_larger(slide, width, height, larger, filled, new_page):
    small, page = (
        visit(new_page(*size), f"{filled.url}/meeting?slide={slide}") for size in ((1280, 720), (width, height))
    )
    for each in (small, page):
        each.wait_for_selector(".main-svg")
    usual = small.evaluate(_SEEN)
    page.wait_for_function(f"() => {{ const seen = ({_SEEN})(); return seen.drawn.width > 0.9 * seen.column.width; }}")
    seen = page.evaluate(_SEEN)
    assert seen["drawn"]["left"] == pytest.approx(seen["column"]["left"], abs=25 * larger)
    assert seen["drawn"]["width"] <= seen["column"]["width"] + 1
    assert seen["drawn"]["height"] == pytest.approx(larger * usual["drawn"]["height"], rel=0.02)
    assert seen["tick"] == pytest.approx(larger * usual["tick"], rel=0.1)
    assert seen["lowest"] <= seen["bar"] + 1


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_question_is_opened_by_q_fits_the_screen_and_is_left_by_esc(width, height, filled, new_page):
    page = visit(new_page(width, height), f"{filled.url}/meeting?slide=4")
    page.get_by_text("質問", exact=True).wait_for(state="attached")
    page.keyboard.press("q")
    page.wait_for_url("**floor=1")
    page.get_by_role("heading", name="ご質問").wait_for()
    page.get_by_text("スライドに戻る").wait_for(state="attached")
    page.get_by_text("終了", exact=True).wait_for(state="detached")  # until then Esc is that of the slide before
    at_rest(page)
    bottom, bar = (
        page.locator(each).bounding_box() for each in (".k-floor >> nth=-1", ".st-key-stage_bar")
    )  # the last answer above the foot
    assert bottom["y"] + bottom["height"] <= bar["y"]
    page.keyboard.press("Escape")
    page.wait_for_url("**slide=4")
    page.locator(".main-svg").first.wait_for()


def test_what_is_refused_of_an_opinion_is_said_in_its_panel_and_the_keys_are_not_over_it(fresh, new_page):
    page = visit(new_page(1366, 768), f"{fresh.url}/meeting?slide=4")
    page.keyboard.press("m")
    panel = page.locator(".st-key-opinion_panel")
    panel.wait_for()
    page.mouse.move(600, 300)
    keys, fields = page.locator(".st-key-stage_keys").bounding_box(), panel.bounding_box()
    assert keys["y"] + keys["height"] <= fields["y"]
    panel.get_by_role("button", name="記録する", exact=True).click()
    panel.get_by_text("意見の内容を入力してください。").wait_for()
