"""What the server does for many: processor time of every page's rerun, sessions opened and held, memory, a commit meanwhile.

One light client in a process of its own speaks Streamlit's protocol for all sessions: it looks for the end of a run and
reads nothing else, so that it does not take the processor from the server it measures.
"""

import asyncio
import datetime as dt
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.report import Line, at_most
from benchmarks.serving import ROOT, Server, serving
from kyodo.fiscal import JAPAN
from kyodo.intake import read_upload
from kyodo.plan import load_plan
from kyodo.record import Record
from kyodo.ui.places import PLACES

LOOKED_AT = (
    "",
    "indicators",
    "items",
    "progress",
    "about",
    "past",
    "history",
)  # by readers; registering is one person's
HEAVIEST, OTHERS = 20, 10  # ms of processor time a rerun
THINK, SECONDS = 10.0, 30.0
_SHORT = 400  # bytes; longer messages are elements


class Session:
    """One open page."""

    def __init__(self, socket: ClientConnection, page: str) -> None:
        """Opened by :func:`opened`."""
        self.socket, self.page = socket, page

    async def rerun(self) -> float:
        """Ask for a run; seconds until its end."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        began = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await self._until_finished()
        return time.perf_counter() - began

    async def _until_finished(self) -> None:
        while True:
            data = await self.socket.recv()
            if len(data) < _SHORT and ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
                return

    async def waiting(self, seconds: float) -> None:
        """Take what comes by itself while the reader thinks."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        except TimeoutError:
            return


async def opened(url: str, page: str) -> Session:
    """Open a page and wait for its first run."""
    socket = await connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        origin=url,
        subprotocols=["streamlit"],
        max_size=None,
        ping_interval=None,
        open_timeout=30,
    )
    session = Session(socket, page)
    await session.rerun()
    return session


async def cpu_of_pages(server: Server, rounds: int = 7, times: int = 20) -> list[Line]:
    """Processor time of a rerun of every page, with one registered survey; all pages in turn, several rounds."""
    pages = {place.name: await opened(server.url, place.path) for place in PLACES}
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):
        for name, session in pages.items():
            await session.rerun()
            began = server.cpu()
            for _ in range(times):
                await session.rerun()
            taken[name].append((server.cpu() - began) / times * 1000)
    await asyncio.gather(*(session.socket.close() for session in pages.values()))
    heaviest = max(taken, key=lambda name: statistics.median(taken[name]))
    return [
        at_most(f"CPU of a rerun: {name}", spent, HEAVIEST if name == heaviest else OTHERS, "ms", 1)
        for name, spent in taken.items()
    ]


async def many(server: Server, count: int, record: Record) -> list[Line]:
    """Open ``count`` sessions, let each click every ten seconds while surveys are registered, then all at once."""
    await (await opened(server.url, "about")).socket.close()  # all is loaded now
    before, began = server.memory(), time.perf_counter()
    sessions: list[Session] = []
    for first in range(0, count, 5):
        pages = [LOOKED_AT[place % len(LOOKED_AT)] for place in range(first, min(first + 5, count))]
        sessions += await asyncio.gather(*(opened(server.url, page) for page in pages))
    rate, each = count / (time.perf_counter() - began), (server.memory() - before) / count
    lines = [
        Line(f"{count} sessions: opened a second", "≥ 43", f"{rate:.0f}", rate >= 43),
        at_most(f"{count} sessions: memory of one", [each], 1, "MiB"),
    ]
    for how, commits in (("", 0), (" while 3 surveys are registered", 3)):
        clicks = await _clicking(sessions, record, commits)
        late = sorted(clicks)[int(len(clicks) * 0.95)] * 1000
        most = 2000 if commits else 100
        middle = statistics.median(clicks) * 1000
        text = f"p95 {late:.0f} ms, median {middle:.0f} ms, {len(clicks)} clicks"
        lines.append(Line(f"{count} sessions, a click every {THINK:g} s{how}", f"p95 ≤ {most} ms", text, late <= most))
    began = time.perf_counter()
    await asyncio.gather(*(session.rerun() for session in sessions))
    burst = count / (time.perf_counter() - began)
    lines.append(Line(f"{count} sessions at once: reruns a second", "≥ 60", f"{burst:.0f}", burst >= 60))
    await asyncio.gather(*(session.socket.close() for session in sessions))
    return lines


async def _clicking(sessions: list[Session], record: Record, commits: int) -> list[float]:
    end, clicks = time.perf_counter() + SECONDS, []

    async def reader(session: Session, draw: random.Random) -> None:
        await session.waiting(draw.uniform(0, THINK))
        while time.perf_counter() < end:
            clicks.append(await session.rerun())
            await session.waiting(THINK * draw.uniform(0.8, 1.2))

    async def clerk() -> None:
        for number in range(commits):
            await asyncio.sleep(SECONDS / (commits + 1))
            await asyncio.to_thread(_register, record, 40 + number / 10)

    readers = (reader(session, random.Random(place)) for place, session in enumerate(sessions))
    await asyncio.gather(clerk(), *readers)
    return clicks


def _register(record: Record, value: float) -> None:
    names = load_plan().indicators.set_index("indicator")["name"]
    rows = "".join(f"{number},{name},H24,{value},500\r\n" for number, name in names.items())
    reading = read_upload(f"指標番号,指標名,年度,値(%),回答者数\r\n{rows}".encode("utf-8-sig"), "a.csv")
    record.submit(reading, by="計測", at=dt.datetime(2013, 5, 1, 9, tzinfo=JAPAN), replace=True)


async def _look_once(server: Server) -> None:
    await (await opened(server.url, "")).socket.close()


async def level(server: Server, reruns: int = 5000) -> Line:
    """Memory after many reruns of a few sessions, against that before."""
    sessions = [await opened(server.url, page) for page in LOOKED_AT]
    before = server.memory()
    for _ in range(reruns // len(sessions)):
        await asyncio.gather(*(session.rerun() for session in sessions))
    grown = server.memory() - before
    await asyncio.gather(*(session.socket.close() for session in sessions))
    return at_most(f"memory gained by {reruns} reruns", [grown], 10, "MiB", 1)


def measure(counts: tuple[int, ...] = (50, 100, 200, 300)) -> Iterator[Line]:
    """All lines; each number of sessions on a server of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = Record(f"sqlite:///{folder / 'kyodo.db'}")
        _register(record, 39.9)
        with serving(ROOT / "dashboard.py", folder) as server:
            asyncio.run(_look_once(server))
            yield at_most("memory at rest, one session", [server.memory()], 190, "MiB", 0)
            yield from asyncio.run(cpu_of_pages(server))
            yield Line("memory at rest, after ten sessions, one on every page", "", f"{server.memory():.0f} MiB", True)
            yield asyncio.run(level(server))
        for count in counts:
            with serving(ROOT / "dashboard.py", folder) as server:
                yield from asyncio.run(many(server, count, record))
