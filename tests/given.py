"""What tests start from: files and values made from plain rows."""

import datetime as dt
import functools
from pathlib import Path

import pandas as pd

from kyodo.fiscal import JAPAN
from kyodo.plan import load_plan

ROOT = Path(__file__).parents[1]
NOW = dt.datetime(2014, 5, 1, 10, tzinfo=JAPAN)


@functools.cache
def printed_names():
    """The indicators' names by number, as the plan has them."""
    return load_plan(ROOT / "data").indicators.set_index("indicator")["name"]


def summary_csv(values, year="H25", n=1000, names=None) -> bytes:
    """A survey file in the summary form; ``values`` maps indicator to percent, ``names`` are taken from the plan."""
    names = names or printed_names()
    rows = [f"{number},{names[number]},{year},{value},{n}" for number, value in values.items()]
    return "\r\n".join(["指標番号,指標名,年度,値(%),回答者数", *rows, ""]).encode("utf-8-sig")


GOOD = {1: 39.6, 2: 14.3, 3: 25.1, 4: 32.6, 5: 90.1}


def recorded(rows):
    """Registered values as :meth:`kyodo.record.Record.values` gives them, from (indicator, year, value, n) rows."""
    frame = pd.DataFrame(rows, columns=["indicator", "fiscal_year", "value", "n"])
    return frame.assign(n_effective=frame["n"]).astype(
        {"indicator": "Int64", "fiscal_year": "Int64", "value": "float64", "n": "Int64", "n_effective": "float64"}
    )


def breakdown(indicator=1, year=2013, categories=("男性", "女性", "回答なし")):
    """A raw survey's shares by group as the record gives them; the last category is withheld."""
    rows = [
        [indicator, year, "性別", category, 30.0 + 7 * place, 400, 400.0, 25.5 + 7 * place, 34.8 + 7 * place, False]
        for place, category in enumerate(categories[:-1])
    ]
    rows.append([indicator, year, "性別", categories[-1], None, None, None, None, None, True])
    columns = ["indicator", "fiscal_year", "group", "category", "value", "n", "n_effective", "low", "high", "withheld"]
    types = {"indicator": "Int64", "fiscal_year": "Int64", "n": "Int64"} | dict.fromkeys(columns[6:9], "float64")
    return pd.DataFrame(rows, columns=columns).astype(types | {"value": "float64"})


ELEVEN_YEARS = [
    (indicator, year, value + (year - 2012) * 1.15, 900 + 13 * year % 350)
    for indicator, value in {1: 37.9, 2: 11.9, 3: 22.8, 4: 30.1, 5: 88.0}.items()
    for year in range(2012, 2023)
]

# Who may write where a reverse proxy vouches for people.
HEADER_RULES = """
hosts = ["kyodo.example.jp"]
sign_in = "header"
header = "X-Remote-User"
proxies = ["127.0.0.1"]
editors = ["yamada", "山田"]
"""
