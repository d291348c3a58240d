"""The server's CPU for a rerun of every page, and many open pages on one process: a click every ten seconds each, and all at once.

Run: ``python -m benchmarks.sessions [sessions …]`` (50, 100 and 200 without a number). A rerun's CPU is what the process used, so that
a busy machine stretches it less than the time; the times of many sessions need a quiet one.
"""

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "access"), str(ROOT / "tests" / "browser")]

from serving import Server  # noqa: E402 - the tests' own client and server, from the folders above
from speaking import Client  # noqa: E402

PAGES = ("", "indicators", "items", "past", "progress", "register", "addressees", "history", "meeting", "about")
HEAVIEST, OTHERS = 20, 10  # milliseconds a rerun
SECONDS, THINK = 30, 10


def cpu(server: Server) -> float:
    """Seconds of CPU the server has used (Linux only, as the tests' machine)."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(server: Server) -> float:
    """Megabytes the server holds."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def reruns(server: Server, times: int = 30) -> None:
    """Print the CPU of a rerun with nothing changed, page by page."""
    found = {}
    for page in PAGES:
        with Client(server.url, page) as client:
            for _ in range(5):
                client.rerun(page)
            before = cpu(server)
            for _ in range(times):
                client.rerun(page)
            found[page or "overview"] = 1000 * (cpu(server) - before) / times
    heaviest = max(found, key=found.get)
    for page, taken in found.items():
        budget = HEAVIEST if page == heaviest else OTHERS
        print(f"{page:12} {taken:5.1f} ms of CPU a rerun, budget {budget}: {'met' if taken <= budget else 'not met'}")


def many(server: Server, count: int) -> None:
    """Open so many pages, let each click every ten seconds, then as fast as it is answered."""
    began = time.perf_counter()
    clients = [Client(server.url, PAGES[place % 5]) for place in range(count)]
    print(f"{count} sessions: {count / (time.perf_counter() - began):.1f} opened a second", end=", ")
    for name, think in (("a click every 10 s", THINK), ("burst", 0)):
        times: list[float] = []
        end = time.perf_counter() + SECONDS
        threads = [
            threading.Thread(target=_live, args=(client, PAGES[place % 5], end, think, times))
            for place, client in enumerate(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        p95 = 1000 * statistics.quantiles(times, n=20)[-1]
        print(f"{name}: p95 {p95:.0f} ms, {len(times) / SECONDS:.1f} reruns a second", end="; ")
    print(f"{memory(server):.0f} MB")
    for client in clients:
        client.close()


def _live(client: Client, page: str, end: float, think: float, times: list[float]) -> None:
    time.sleep(random.uniform(0, think))
    while (began := time.perf_counter()) < end:
        client.rerun(page)
        times.append(time.perf_counter() - began)
        time.sleep(think)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).wait()
        try:
            reruns(server)
            for count in map(int, sys.argv[1:] or ("50", "100", "200")):
                many(server, count)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
