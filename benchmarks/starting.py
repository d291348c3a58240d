"""How long it takes to begin: the command line, and the server's first healthy answer against that of bare Streamlit."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Line, at_most, ratio
from benchmarks.serving import ROOT, Server
from benchmarks.sessions import opened

RUNS = 5


def measure() -> Iterator[Line]:
    """Both, interleaved."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = folder / "bare.py"
        bare.write_text("import streamlit as st\nst.title('概要')\n", encoding="utf-8")
        brief, ours, theirs, page = [], [], [], []
        for _ in range(RUNS + 1):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "kyodo", "brief"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                env={"PATH": "/usr/bin", "KYODO_DATABASE": f"sqlite:///{folder / 'kyodo.db'}", "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
            brief.append(time.perf_counter() - began)
            for script, seconds in ((ROOT / "dashboard.py", ours), (bare, theirs)):
                server = Server(script, folder)
                seconds.append(server.wait())
                if seconds is ours:
                    asyncio.run(opened(server.url, ""))
                    page.append(time.perf_counter() - server.began)
                server.stop()
        yield at_most("start of python -m kyodo brief", brief[1:], 1.2, "s")
        yield ratio("server to the first healthy answer", ours[1:], theirs[1:], 1.2, "bare Streamlit")
        yield at_most("server to the first page", page[1:], 3, "s")
