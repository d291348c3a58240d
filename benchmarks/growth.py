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

    known = len(pd.read_csv(folder / "indicators.csv"))

    def measured(frame: pd.DataFrame) -> pd.DataFrame:
        names = [name for name in ("name", "short_name") if name in frame]
        return pd.concat(
            frame.assign(
                indicator=(frame["indicator"].astype(int) + place * known).astype(str),
                **{name: frame[name] + str(place) for name in names},
            )
            for place in range(-(-indicators // known))
        )

    table("indicators", measured)
    table("indicator_values", measured)
    listed = pd.read_csv(folder / "items.csv", dtype=str, keep_default_na=False)
    again = set(listed.loc[listed["relisted_of"] != "", "item"])
    copies = -(-items // (len(listed) - len(again))) - 1
    for name in ("items", "item_schedule", "item_departments", "item_actors"):
        table(name, lambda frame: _more_items(frame, again, copies))
    return folder


def _more_items(frame: pd.DataFrame, again: set[str], copies: int) -> pd.DataFrame:
    """The rows, and those of the items that repeat no other again under numbers from 101 on."""
    kept = frame[~frame["item"].isin(again)]
    parts = [frame]
    for copy in range(1, copies + 1):
        number = kept["item"].str.rpartition("-")[2].astype(int) + 100 * copy
        more = kept.assign(item=kept["item"].str.rpartition("-")[0] + "-" + number.astype(str))
        if "number" in kept:
            more = more.assign(number=number.astype(str), title=kept["title"] + str(copy))
        parts.append(more)
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
