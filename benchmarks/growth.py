"""Larger plans and longer records: every page's first answer and the one after, the deck, and the plan's own checks.

The tables are this plan's, each row many times over under new keys: 500 indicators, 5,000 items, 60 years of surveys.
"""

import asyncio
import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.report import Line, at_most
from benchmarks.serving import ROOT, serving
from benchmarks.sessions import opened
from kyodo.brief import build_brief
from kyodo.deck import build_deck
from kyodo.plan import load_plan
from kyodo.ui.places import PLACES

FIRST, AGAIN = 2.0, 0.3
_TYPES = {"indicator": "Int64", "fiscal_year": "Int64", "value": "float64", "n": "Int64", "n_effective": "float64"}


def larger(folder: Path, indicators: int, items: int) -> Path:
    """The plan's tables with so many indicators and items."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("*.db*"))

    def table(name: str, change) -> None:
        file = folder / f"{name}.csv"
        change(pd.read_csv(file, dtype=str, keep_default_na=False)).to_csv(file, index=False)

    def times(frame: pd.DataFrame, name: str, count: int) -> Iterator[tuple[int, pd.DataFrame]]:
        known = frame[name].nunique()
        yield from ((place, frame) for place in range(max(-(-count // known), 1)))

    known = len(pd.read_csv(folder / "indicators.csv"))
    measured = lambda frame: pd.concat(  # noqa: E731
        part.assign(
            indicator=(part["indicator"].astype(int) + place * known).astype(str),
            **({"name": part["name"] + str(place), "short_name": part["short_name"] + str(place)} if "name" in part else {}),
        )
        for place, part in times(frame, "indicator", indicators)
    )
    table("indicators", measured)
    table("indicator_values", measured)
    firsts = len(pd.read_csv(folder / "items.csv").query("relisted_of.isna()"))
    for name in ("items", "item_schedule", "item_departments", "item_actors"):
        table(name, lambda frame, name=name: _more_items(frame, -(-items // firsts) - 1, name == "items"))
    return folder


def _more_items(frame: pd.DataFrame, copies: int, numbered: bool) -> pd.DataFrame:
    """The rows, and those of the items that are no repetition again under numbers from 101 on."""
    kept = frame[frame["relisted_of"] == ""] if "relisted_of" in frame else frame
    parts = [frame]
    for copy in range(1, copies + 1):
        number = kept["item"].str.rpartition("-")[2].astype(int) + 100 * copy
        again = kept.assign(item=kept["item"].str.rpartition("-")[0] + "-" + number.astype(str))
        parts.append(again.assign(number=number.astype(str), title=kept["title"] + str(copy)) if numbered else again)
    return pd.concat(parts)


def measure() -> Iterator[Line]:
    """A line for the plan's checks, each kind of growth and the deck."""
    with tempfile.TemporaryDirectory() as name:
        for indicators, items in ((5, 500), (5, 5000), (50, 46), (500, 46)):
            data = larger(Path(name) / f"{indicators}-{items}", indicators, items)
            began = time.perf_counter()
            plan = load_plan(data)
            loaded = time.perf_counter() - began
            yield at_most(f"{indicators} indicators, {items} items: plan read and checked", [loaded], 4, "s")
            folder = Path(name) / f"record-{indicators}-{items}"
            folder.mkdir()
            with serving(ROOT / "dashboard.py", folder, data) as server:
                yield from asyncio.run(_pages(server.url, f"{indicators} indicators, {items} items"))
            if indicators == 50:
                values = pd.DataFrame(columns=list(_TYPES)).astype(_TYPES)
                brief = build_brief(plan, values, as_of=dt.datetime(2014, 5, 1, 10))
                began = time.perf_counter()
                build_deck(brief)
                yield at_most("deck of 50 indicators", [time.perf_counter() - began], 3, "s")


async def _pages(url: str, what: str) -> list[Line]:
    first, again = {}, {}
    await opened(url, "about")  # the plan is read and checked at the first page, whichever it is
    for place in PLACES:
        began = time.perf_counter()
        session = await opened(url, place.path)
        first[place.name] = time.perf_counter() - began
        again[place.name] = min([await session.rerun() for _ in range(3)])
        await session.socket.close()
    lines = []
    for taken, most, how in ((first, FIRST, "first"), (again, AGAIN, "again")):
        slowest = max(taken, key=taken.get)
        lines.append(at_most(f"{what}: slowest page {how} ({slowest})", [taken[slowest]], most, "s"))
    return lines
