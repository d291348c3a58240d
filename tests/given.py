"""What tests start from: files and values made from plain rows."""

import datetime as dt
from pathlib import Path

import pandas as pd

from kyodo.fiscal import JAPAN
from kyodo.plan import load_plan

ROOT = Path(__file__).parents[1]
NOW = dt.datetime(2014, 5, 1, 10, tzinfo=JAPAN)


def summary_csv(values, year="H25", n=1000, names=None) -> bytes:
    """A survey file in the summary form; ``values`` maps indicator to percent, ``names`` are taken from the plan."""
    names = names or load_plan(ROOT / "data").indicators.set_index("indicator")["name"]
    rows = [f"{number},{names[number]},{year},{value},{n}" for number, value in values.items()]
    return "\r\n".join(["指標番号,指標名,年度,値(%),回答者数", *rows, ""]).encode("utf-8-sig")


GOOD = {1: 39.6, 2: 14.3, 3: 25.1, 4: 32.6, 5: 90.1}


def recorded(rows):
    """Registered values as :meth:`kyodo.record.Record.values` gives them, from (indicator, year, value, n) rows."""
    frame = pd.DataFrame(rows, columns=["indicator", "fiscal_year", "value", "n"])
    return frame.assign(n_effective=frame["n"]).astype(
        {"indicator": "Int64", "fiscal_year": "Int64", "value": "float64", "n": "Int64", "n_effective": "float64"}
    )
