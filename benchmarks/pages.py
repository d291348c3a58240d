"""How long the pages of indicators and items take to open, against bare Streamlit pages with the same elements.

Run: ``python -m benchmarks pages``. Needs Chromium and the packages of requirements-dev.txt. The bare pages draw
the same figures and tables with Streamlit's default settings. Both are opened in turn, cold (a browser without a cache),
cold at 20 Mbit/s, and again with what the browser has kept; printed are medians, spread and their ratio.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.report import Line, ratio
from benchmarks.serving import ROOT, serving

CHROMIUM = os.environ.get("KYODO_TEST_CHROMIUM", "/usr/bin/chromium")
BUDGETS = {"cold": 0.85, "20 Mbit/s": 0.55, "reload": 0.8}
_HEAD = """
import sys; sys.path.insert(0, {root!r})
import streamlit as st
from kyodo import charts, items, readable
from kyodo.brief import build_brief
from kyodo.findings import indicator_label
from kyodo.plan import load_plan
plan = load_plan()
shown = build_brief(plan, plan.values.rename(columns={{"n": "n_effective"}}).assign(n=None).iloc[:0])
names = {{number: indicator_label(plan.indicators, number) for number in plan.indicators["indicator"]}}
"""
BARE = {
    "indicators": """
st.title("成果指標")
for number in names:
    st.plotly_chart(charts.indicator_chart(shown.values_of(number), shown.indicator(number)), key=f"i{number}")
st.plotly_chart(charts.gap_chart(shown.targets, names))
st.dataframe(readable.assessed(shown.targets, plan.indicators))
""",
    "items": """
st.title("推進項目")
st.multiselect("推進方針", plan.policies["policy"]), st.multiselect("担当課", plan.item_departments["department"].unique())
st.multiselect("対象となる主体", plan.item_actors["actor"].unique()), st.text_input("言葉で探す")
st.dataframe(items.by_actor(shown.table, shown.plan))
st.dataframe(items.by_department(shown.table))
st.dataframe(shown.table)
""",
}
_CHARTS = {"indicators": 6, "items": 0}
_AT_REST = """most => document.querySelector('[data-testid="stApp"]')?.getAttribute('data-test-script-state') === 'notRunning'
  && document.querySelectorAll('.js-plotly-plot .main-svg').length >= most && !document.querySelector('[data-testid="stSkeleton"]')"""


def opened(browser: Browser, url: str, charts: int) -> dict[str, float]:
    """Seconds until a page is at rest: cold, at 20 Mbit/s, and again."""
    found = {}
    for way, bytes_a_second in (("cold", None), ("20 Mbit/s", 20_000_000 / 8)):
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
        page = context.new_page()
        if bytes_a_second:
            line = {
                "offline": False,
                "latency": 20,
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second,
            }
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
        found[way] = _timed(page, lambda page=page: page.goto(url), charts)
        if not bytes_a_second:
            found["reload"] = _timed(page, page.reload, charts)
        context.close()
    return found


def _timed(page, go, charts: int) -> float:
    start = time.perf_counter()
    go()
    page.wait_for_function(_AT_REST, arg=3 * charts, timeout=60_000)
    return time.perf_counter() - start


def measure(runs: int = 5) -> Iterator[Line]:
    """Serve, open in turn, compare."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, ExitStack() as stack:
        folder = Path(name)
        ours = stack.enter_context(serving(ROOT / "dashboard.py", folder))
        urls = {}
        for page, body in BARE.items():
            script = folder / f"{page}.py"
            script.write_text(_HEAD.format(root=str(ROOT)) + body, encoding="utf-8")
            bare = stack.enter_context(serving(script, folder))
            urls[page] = {"bare": f"{bare.url}/", "ours": f"{ours.url}/{page}"}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for page, both in urls.items():
            seen = [{who: opened(browser, url, _CHARTS[page]) for who, url in both.items()} for _ in range(runs + 1)][
                1:
            ]
            for way, budget in BUDGETS.items():
                taken = {who: [run[who][way] for run in seen] for who in both}
                yield ratio(f"{page}: {way}", taken["ours"], taken["bare"], budget, "bare Streamlit")
        browser.close()
