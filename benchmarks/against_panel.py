"""How long a filter of 推進項目 takes against the same page in Panel, in turn, until all that it changes is there.

Run: ``python -m benchmarks against_panel``. Panel is in an environment of its own, with this project's requirements:
``KYODO_BENCH_PANEL`` names its ``panel`` command. Without it nothing is compared.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks import pages
from benchmarks.report import Line, ratio
from benchmarks.serving import ROOT, free_port, serving
from kyodo.items import by_department, filter_items, item_table
from kyodo.leads import count_sentence
from kyodo.plan import load_plan

_PAUSE = 400  # ms between what is typed and the key that takes it, on both sides
_AT_REST = """([said, rows, departments]) => {
  const all = [], within = (root) => { for (const each of root.querySelectorAll('*')) {
    all.push(each); if (each.shadowRoot) within(each.shadowRoot); } };
  within(document);
  const bodies = all.filter(each => each.tagName === 'TBODY').map(each => each.rows.length);
  return all.some(each => each.tagName === 'P' && each.textContent.includes(said))
    && all.filter(each => each.classList.contains('tabulator-row')).length === rows && bodies.includes(departments);
}"""


def _filtered(page: Page, url: str) -> float:
    """Choose a policy in Panel; until the count, the list and the counts show it."""
    plan = load_plan()
    table = item_table(plan)
    found = filter_items(table, plan.item_schedule, policy=["IV"])
    _answering(page, url)
    page.wait_for_function(_AT_REST, arg=[count_sentence(table, table), len(table), len(by_department(table))])
    field = page.locator("input[type=search]").first
    field.click()
    field.press_sequentially("IV")
    page.wait_for_timeout(_PAUSE)
    began = time.perf_counter()
    field.press("Enter")
    page.wait_for_function(_AT_REST, arg=[count_sentence(found, table), len(found), len(by_department(found))])
    return time.perf_counter() - began


def _answering(page: Page, url: str) -> None:
    """Open the page once its server, which was just started, answers."""
    for _ in range(100):
        with contextlib.suppress(Error):
            page.goto(url)
            return
        time.sleep(0.2)
    raise SystemExit(f"no server at {url}")


def _filtered_here(page: Page, url: str) -> float:
    """The same on this dashboard."""
    page.goto(f"{url}/items")
    pages.wait(page, "items")
    return pages.filtered(page, _PAUSE)


@contextlib.contextmanager
def _panel(command: str) -> Iterator[str]:
    """The page in Panel, served for a while; its address."""
    port = free_port()
    app = Path(__file__).with_name("panel_items.py")
    process = subprocess.Popen(
        [command, "serve", str(app), "--port", str(port), "--allow-websocket-origin", f"127.0.0.1:{port}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/panel_items"
    finally:
        process.terminate()
        process.wait(20)


def _fresh(browser: Browser, use: Callable[[Page, str], float], url: str) -> float:
    """What a page of a browser without a cache takes."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    taken = use(context.new_page(), url)
    context.close()
    return taken


def measure(runs: int = 11) -> Iterator[Line]:
    """Serve both, filter in turn, compare."""
    command = os.environ.get("KYODO_BENCH_PANEL")
    if not command:
        yield Line("items: filter → updated, against Panel", "", "KYODO_BENCH_PANEL names no panel command", True)
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, _panel(command) as theirs:
        browser = playwright.chromium.launch(executable_path=pages.CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with serving(ROOT / "dashboard.py", Path(folder)) as server:
            both = ((_filtered_here, server.url), (_filtered, theirs))
            taken = [[_fresh(browser, use, url) for use, url in both] for _ in range(runs + 1)][1:]
        browser.close()
    ours, panel = zip(*taken, strict=True)
    yield ratio("items: filter → updated, against Panel", ours, panel, 1, "Panel")
