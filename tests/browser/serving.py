"""A dashboard of its own for whoever looks at it: the browser tests and the pictures of the guides."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("KYODO_TEST_CHROMIUM", shutil.which("chromium") or "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
ARTEFACTS = ROOT / "artefacts"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answers(url: str) -> bool:
    """Whether the server has loaded all and answers, whatever it says."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=1):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Server:
    """One running dashboard with its own copies of the plan's tables and its own record."""

    def __init__(self, folder: Path, prefix=(), *, flags=(), rules="", port=None, database=""):
        self.url = f"http://127.0.0.1:{(port := port or free_port())}"
        self.database = database or f"sqlite:///{folder / 'kyodo.db'}"
        shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("kyodo.db*"))
        places = {"KYODO_DATABASE": self.database, "KYODO_DATA": str(folder / "data")}
        self.log, self.rules = folder / "log.txt", folder / "access.toml"
        if rules:
            self.rules.write_text(rules, encoding="utf-8")
            places["KYODO_ACCESS"] = str(self.rules)
        command = [
            *prefix,
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "dashboard.py",
            "--server.port",
            str(port),
            *flags,
        ]
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
