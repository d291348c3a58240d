"""What every page owes the eye: type of 14 pixels and more, nothing that jumps or breaks in its middle, an end in sight."""

import re

import pytest
from looking import PAGES, at_rest, go_by_navigation, visit

_SMALL = """() => [...document.querySelectorAll('.stMain *, header *, .k-site *')].filter(each => {
  const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const box = each.getBoundingClientRect();
  return own && box.width > 2 && box.height > 2 && each.checkVisibility({visibilityProperty: true})
      && !each.closest('[data-testid="stIconMaterial"]') && parseFloat(getComputedStyle(each).fontSize) < 13.9;
}).map(each => each.textContent.slice(0, 40))"""
_SHIFT = """window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(
  each => { if (!each.hadRecentInput) window.shift += each.value; })).observe({type: 'layout-shift', buffered: true})"""
_BROKEN = """() => [...document.querySelectorAll('.k-w')].filter(each => {
  const tops = new Set([...each.getClientRects()].map(box => Math.round(box.top)));
  return tops.size > 1; }).map(each => each.textContent)"""
_LONGEST = """() => { const lists = [...document.querySelectorAll('.k-scroll')].map(each => each.offsetHeight);
  return document.querySelector('[data-testid="stMain"]').scrollHeight - Math.max(0, ...lists); }"""
ROOM = 1800  # pixels a page may be high at 1366, its one long list apart
FORMS = ("/meeting",)  # what is filled in step by step may be longer


@pytest.mark.parametrize("path", [*PAGES, "/indicators?indicator=3"])
@pytest.mark.parametrize("state", ["server", "filled"])
def test_a_page_is_large_enough_stands_still_and_ends(state, path, new_page, request):
    page = new_page()
    page.add_init_script(_SHIFT)
    visit(page, request.getfixturevalue(state).url + path)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") <= 0.05
    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_BROKEN) == []
    assert path in FORMS or page.evaluate(_LONGEST) <= ROOM


@pytest.mark.parametrize("width", [1366, 390])
def test_what_belongs_together_is_on_one_line(width, filled, new_page):
    page = visit(new_page(width, 844), filled.url + "/items")
    assert page.evaluate(_BROKEN) == []
    said = page.locator(".k-w").all_inner_texts()
    assert {"I-3-2", "一部実施"} <= set(said)
    page = visit(page, filled.url + "/indicators?indicator=3")
    assert page.evaluate(_BROKEN) == []
    assert any(re.fullmatch(r"\d+\.\d%", each) for each in page.locator(".k-w").all_inner_texts())


def test_the_program_loads_no_charts_for_a_page_without_one(server, new_page):
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, server.url + "/items")
    assert not [each for each in asked if "PlotlyChart" in each]


def test_the_window_stays_wide_and_bears_the_pages_name_whatever_is_clicked(filled, new_page):
    page = visit(new_page(1920, 1080), filled.url + "/items")
    room = ".stMain .block-container"

    def seen():
        return page.title().partition(" | ")[0], page.locator(room).bounding_box()["width"]

    assert seen() == ("推進項目", 1480)
    page.get_by_role("link", name="8項目").first.click()
    page.get_by_role("link", name="すべて解除").wait_for()
    assert seen() == ("推進項目", 1480)
    go_by_navigation(page, "/progress")
    assert seen() == ("進行管理", 1480)
    go_by_navigation(page, "/items")
    page.reload()
    at_rest(page)
    assert seen() == ("推進項目", 1480)


def _times_drawn(page, url):
    """How often the browser calls the function of plotly that draws a chart, while a page comes."""
    session = page.context.new_cdp_session(page)
    session.send("Profiler.enable")
    session.send("Debugger.enable")
    session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
    visit(page, url)
    page.wait_for_timeout(500)
    covered = session.send("Profiler.takePreciseCoverage")["result"]
    (script,) = [each for each in covered if "PlotlyChart" in each["url"]]
    text = session.send("Debugger.getScriptSource", {"scriptId": script["scriptId"]})["scriptSource"]
    functions = [each["ranges"][0] for each in script["functions"]]
    drawing = [each for each in functions if "plotly_beforeplot" in text[each["startOffset"] : each["endOffset"]]]
    return min(drawing, key=lambda each: each["endOffset"] - each["startOffset"])["count"]


def test_a_chart_is_drawn_once(filled, new_page):
    """The framework hands each chart over twice; drawing is most of what a page with charts costs."""
    page = new_page()
    assert _times_drawn(page, filled.url + "/indicators") == page.locator(".js-plotly-plot").count() == 6


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720)])
@pytest.mark.parametrize("state", ["server", "filled"])
def test_the_first_screen_holds_every_indicator_and_where_the_facts_begin(state, width, height, new_page, request):
    page = visit(new_page(width, height), request.getfixturevalue(state).url)
    cards, facts = (page.locator(each).bounding_box() for each in (".k-cards", ".k-watch h2"))
    assert cards["y"] + cards["height"] <= height and facts["y"] + facts["height"] <= height
    if width >= 1366:  # the facts, too
        facts = page.locator(".k-watch ul").bounding_box()
        assert facts["y"] + facts["height"] <= height
