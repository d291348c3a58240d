"""A real Chromium against a real server, each test module with a record of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]
CHROMIUM = os.environ.get("KYODO_TEST_CHROMIUM", shutil.which("chromium") or "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
ARTEFACTS = ROOT / "artefacts"


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


class Server:
    """One running dashboard with its own copies of the plan's tables and its own record."""

    def __init__(self, folder: Path, prefix=()):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.database = f"sqlite:///{folder / 'kyodo.db'}"
        shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("kyodo.db*"))
        places = {"KYODO_DATABASE": self.database, "KYODO_DATA": str(folder / "data")}
        self.log = folder / "log.txt"
        command = [*prefix, sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | places, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self) -> "Server":
        begun = time.monotonic()
        while not answers(self.url):
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() - begun < 60, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)
        return self

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (requirements-dev.txt)")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set KYODO_TEST_CHROMIUM")
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
