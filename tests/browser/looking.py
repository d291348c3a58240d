"""What the browser tests look at, in the page itself."""

import re
from pathlib import Path

from kyodo.ui.places import MANAGE, PLACES

PAGES = {f"/{each.path}": each.title for each in PLACES}
NAMES = {f"/{each.path}": each.name for each in PLACES}  # as the navigation and the browser's tab say them
SIZES = [(1280, 720), (1366, 768), (1920, 1080), (390, 844)]

_AT_REST = """() => { const app = document.querySelector('[data-testid="stApp"]');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
      && !document.querySelector('[data-testid="stSkeleton"]') && !document.querySelector('[data-stale="true"]')
      && document.querySelector('h1')
      && [...document.querySelectorAll('.js-plotly-plot')].every(p => p.querySelector('.main-svg')); }"""

_TEXTS = """() => { const found = [];
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    const frame = plot.getBoundingClientRect(), boxes = [];
    if (!frame.width) continue;
    const drawn = plot.querySelectorAll(
        '.annotation-text, .xtick text, .ytick text, .bartext, .textpoint text, .g-xtitle text, .g-ytitle text');
    for (const text of drawn) {
      const box = text.getBoundingClientRect();
      if (!text.textContent.trim() || !box.width) continue;
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        found.push('cut: ' + text.textContent);
      for (const [other, said] of boxes)
        if (box.left < other.right - 2 && other.left < box.right - 2 && box.top < other.bottom - 3 && other.top < box.bottom - 3)
          found.push('over each other: ' + text.textContent + ' / ' + said);
      boxes.push([box, text.textContent]);
    } }
  return found; }"""

_WORDS = """() => { const hidden = document.querySelectorAll('[data-testid="stIconMaterial"]');
  hidden.forEach(icon => icon.setAttribute('hidden', ''));  // an icon's name in its font, drawn as a picture
  const said = document.body.innerText;
  hidden.forEach(icon => icon.removeAttribute('hidden'));
  const labels = [...document.querySelectorAll('[aria-label], [placeholder], [title], [alt], [data-title]')].flatMap(
    each => ['aria-label', 'placeholder', 'title', 'alt', 'data-title'].map(name => each.getAttribute(name) || ''));
  return said + '\\n' + labels.join('\\n'); }"""


def at_rest(page, timeout=60_000):
    page.wait_for_function(_AT_REST, timeout=timeout)
    return page


def visit(page, url):
    page.goto(url)
    return at_rest(page)


def go_by_navigation(page, path):
    """Follow the navigation's link to a page."""
    place = next(each for each in PLACES if f"/{each.path}" == path)
    if place.group == MANAGE:
        page.get_by_role("button", name=MANAGE).click()
    link = page.locator("[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink]")
    link.filter(has_text=re.compile(f"^{place.name}$")).first.click()
    page.get_by_role("heading", level=1, name=place.title).wait_for()
    return at_rest(page)


def whole(page):
    """Make the window as high as the page, so that everything is drawn."""
    size = page.viewport_size
    high = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], high + 20), 9000)})
    page.wait_for_timeout(400)  # plotly draws again a moment after the window has changed


def text_faults(page):
    """Words of charts that are cut off or written over each other."""
    return page.evaluate(_TEXTS)


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def latin_words(page, allowed):
    """English words a reader sees or hears."""
    said = page.evaluate(_WORDS)
    return sorted(set(re.findall(r"[A-Za-z][A-Za-z' ]{3,}[A-Za-z]", said)) - set(allowed))


def axe_source():
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def axe(page, source):
    """axe's findings as {rule: [html of each element]}."""
    page.evaluate(source)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run({runOnly: rules})", rules)
    return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found["violations"]}
