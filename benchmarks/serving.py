"""Servers to measure: this dashboard, or a script of plain Streamlit with its default settings."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """A running server, its address, its processor time and its memory."""

    def __init__(self, script: Path, folder: Path, data: Path | None = None) -> None:
        """Start it; the record is a file of ``folder``, the plan's tables those of ``data``."""
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self.database = f"sqlite:///{folder / 'kyodo.db'}"
        places = {"PYTHONPATH": str(ROOT), "KYODO_DATABASE": self.database, "KYODO_DATA": str(data or ROOT / "data")}
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address", "127.0.0.1"]
        command += ["--server.port", port, "--server.headless", "true", "--browser.gatherUsageStats", "false"]
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=script.parent,
            env={**os.environ, **places},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> float:
        """Seconds from the start to the first healthy answer."""
        while time.perf_counter() - self.began < 60:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
            except OSError:
                time.sleep(0.02)
            else:
                return time.perf_counter() - self.began
        raise SystemExit(f"no server at {self.url}")

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MiB in memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def serving(script: Path, folder: Path, data: Path | None = None):
    """A healthy server for a while."""
    server = Server(script, folder, data)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
