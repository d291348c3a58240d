"""A real Chromium against a real server, each test module with a record of its own."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path[:0] = [str(Path(__file__).parent)]
from serving import ARTEFACTS, CHROMIUM, FLAGS, Server  # noqa: E402 (the folder of these tests comes first)


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (requirements-dev.txt)")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set KYODO_TEST_CHROMIUM")
    sync_api.expect.set_options(timeout=20_000)  # a busy machine is not a fault
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """A server whose record is empty when the module begins."""
    running = Server(tmp_path_factory.mktemp("server")).wait()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def filled(chromium, tmp_path_factory):
    """A server with eleven years of surveys, the last one with groups."""
    from years import fill

    folder = tmp_path_factory.mktemp("filled")
    fill(f"sqlite:///{folder / 'kyodo.db'}")
    running = Server(folder).wait()
    yield running
    running.stop()


@pytest.fixture
def fresh(chromium, tmp_path):
    """A server that no page was ever asked of."""
    running = Server(tmp_path).wait()
    yield running
    running.stop()


class Seen:
    """What a page asked for and complained about."""

    def __init__(self, page):
        self.hosts, self.errors = set(), []
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).netloc))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._note(said))
        # Streamlit itself probes <page>/_stcore/… on a deep link and falls back: that 404 is its habit.
        page.on("response", lambda answer: self._refused(answer))

    def _note(self, said):
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.errors.append(said.text)

    def _refused(self, answer):
        if answer.status >= 400 and "/_stcore/" not in answer.url:
            self.errors.append(f"{answer.status} {answer.url}")


@pytest.fixture
def new_page(chromium, request):
    """Open pages with ``new_page(width, height)``; a screenshot of each is kept in artefacts/."""
    made = []

    def make(width=1366, height=768, **more):
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="ja-JP", **more)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.seen = Seen(page)
        made.append(page)
        return page

    yield make
    ARTEFACTS.mkdir(exist_ok=True)
    for place, page in enumerate(made):
        name = "".join(sign if sign.isalnum() else "-" for sign in request.node.name)
        if not page.is_closed():
            page.screenshot(path=ARTEFACTS / f"{name}-{place}.png")
        page.context.close()
