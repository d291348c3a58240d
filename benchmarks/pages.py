"""How long the pages of indicators and items take in a browser, against ``benchmarks/bare.py``; how far pages jump.

Run: ``python -m benchmarks pages``. Needs Chromium and the packages of requirements-dev.txt. Both are used in turn: opened
cold (a browser without a cache), cold at 20 Mbit/s, again with what the browser has kept, from one page to the other,
and filtered until everything shows it. Printed are medians, spread and their ratio.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Line, at_most, ratio
from benchmarks.serving import ROOT, serving
from kyodo.items import filter_items, item_table
from kyodo.leads import count_sentence
from kyodo.plan import load_plan
from kyodo.ui.places import PLACES

CHROMIUM = os.environ.get("KYODO_TEST_CHROMIUM", "/usr/bin/chromium")
BUDGETS = {"cold": 0.85, "20 Mbit/s": 0.55, "reload": 0.8, "from the other page": 0.9, "filter → updated": 0.75}
JUMPS = 0.05  # the layout shift a page may make
_CHARTS = {"indicators": 6, "items": 0}
_NAMES = {"indicators": "成果指標", "items": "推進項目"}
_OTHER = {"indicators": "items", "items": "indicators"}
_LINE = {"offline": False, "latency": 20, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
_AT_REST = """([title, most, text]) => document.querySelector('h1')?.innerText.trim() === title && document.querySelector('[data-testid="stApp"]')?.getAttribute('data-test-script-state') === 'notRunning'
  && document.querySelectorAll('.js-plotly-plot .main-svg').length >= most && !document.querySelector('[data-testid="stSkeleton"]')
  && !document.querySelector('.stElementContainer[data-stale="true"]') && document.body.innerText.includes(text)"""
_SHIFT = """window.jumped = 0; new PerformanceObserver(list => { for (const each of list.getEntries())
  if (!each.hadRecentInput) window.jumped += each.value; }).observe({type: 'layout-shift', buffered: true});"""


def opened(browser: Browser, url: str, name: str) -> dict[str, float]:
    """Seconds until a page is at rest, by the way it was reached."""
    found = {}
    for way in ("cold", "20 Mbit/s"):
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
        page = context.new_page()
        if way != "cold":
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", _LINE)
        found[way] = _timed(page, lambda page=page: page.goto(f"{url}/{name}"), name)
        if way == "cold":
            found["reload"] = _timed(page, page.reload, name)
            if name == "items":
                found["filter → updated"] = filtered(page)
            page.goto(f"{url}/{_OTHER[name]}")
            wait(page, _OTHER[name])
            page.keyboard.press("Escape")  # an open list of choices covers the links
            link = page.get_by_role("banner").get_by_role("link", name=_NAMES[name], exact=True)
            found["from the other page"] = _timed(page, link.click, name)
        context.close()
    return found


def _rest(name: str, text: str = "") -> list:
    """What is there once a page is at rest: its title, the parts of its charts, a text."""
    return [_NAMES[name], 3 * _CHARTS[name], text]


def filtered(page: Page, pause: float = 0) -> float:
    """Choose a policy, with a pause of so many ms once it is typed; until the count, the list and both tables show it."""
    field = page.get_by_role("combobox", name=re.compile("推進方針")).first
    field.fill("IV")  # the only one with these signs in it
    page.wait_for_timeout(pause)
    return _timed(page, lambda: field.press("Enter"), "items", _counted())


def _counted() -> str:
    """What both pages say once the policy is chosen."""
    plan = load_plan()
    table = item_table(plan)
    return count_sentence(filter_items(table, plan.item_schedule, policy=["IV"]), table)


def wait(page: Page, name: str, text: str = "") -> None:
    """Until a page is at rest and says a text."""
    page.wait_for_function(_AT_REST, arg=_rest(name, text), timeout=60_000)


def _timed(page: Page, go: Callable[[], object], name: str, text: str = "") -> float:
    start = time.perf_counter()
    go()
    wait(page, name, text)
    return time.perf_counter() - start


def jumped(browser: Browser, url: str) -> Iterator[Line]:
    """The layout shift of every page, opened cold."""
    for place in PLACES:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
        context.add_init_script(_SHIFT)
        page = context.new_page()
        page.goto(f"{url}/{place.path}")
        page.wait_for_function(_AT_REST, arg=[place.title, 0, ""], timeout=60_000)
        page.wait_for_timeout(1000)  # what comes late jumps, too
        yield at_most(f"layout shift: {place.name}", [page.evaluate("window.jumped")], JUMPS, "", 3)
        context.close()


def measure(runs: int = 5) -> Iterator[Line]:
    """Serve, use in turn, compare."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        ours = stack.enter_context(serving(ROOT / "dashboard.py", Path(folder))).url
        bare = Path(folder) / "bare.py"  # beside no .streamlit: the default settings
        bare.write_bytes(Path(__file__).with_name("bare.py").read_bytes())
        urls = {"ours": ours, "bare": stack.enter_context(serving(bare, Path(folder))).url}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name in _CHARTS:
            seen = [{who: opened(browser, url, name) for who, url in urls.items()} for _ in range(runs + 1)][1:]
            for way in seen[0]["ours"]:
                taken = {who: [run[who][way] for run in seen] for who in urls}
                yield ratio(f"{name}: {way}", taken["ours"], taken["bare"], BUDGETS[way], "bare Streamlit")
        yield from jumped(browser, ours)
        browser.close()
