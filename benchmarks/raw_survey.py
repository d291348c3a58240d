"""A million answers: reading, checking, weighted shares overall and by two groupings, against pyarrow merely reading the file.

Run ``python -m benchmarks raw_survey``. Runs are interleaved; medians and spread of each, and their ratio.
"""

import io
import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.report import Line, ratio
from kyodo.intake import read_upload
from kyodo.plan import load_plan

RUNS = 7
BUDGET = 1.5
GROUPS = ["性別", "年代"]
MAPPING = {i: {"column": f"問{i}", "positive": ["1"], "negative": ["2"], "missing": ["", "9"]} for i in range(1, 6)}


def survey(rows: int, encoding: str, identity: str) -> bytes:
    """A raw file of so many respondents: a number in some form, two sexes, seven ages, five regions, five questions, a weight."""
    draw = np.random.default_rng(1)
    columns = [
        np.char.mod(identity, np.arange(1, rows + 1)),
        draw.choice(["男性", "女性"], rows),
        draw.choice(["10代", "20代", "30代", "40代", "50代", "60代", "70代以上"], rows),
        draw.choice(["中央", "東部", "西部", "南部", "北部"], rows),
        *[draw.choice(["1", "2", "2", "", "9"], rows) for _ in range(5)],
        np.char.mod("%.4f", draw.uniform(0.1, 2, rows)),
    ]
    out = io.StringIO()
    out.write("回答者ID,性別,年代,地域,問1,問2,問3,問4,問5,ウェイト\r\n")
    out.writelines(",".join(row) + "\r\n" for row in zip(*columns, strict=True))
    return out.getvalue().encode(encoding)


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(rows: int = 1_000_000) -> Iterator[Line]:
    """Both ways to count, of each kind of file."""
    plan = load_plan()
    for encoding, identity in (("utf-8", "%d"), ("cp932", "%d"), ("utf-8", "R%08d"), ("cp932", "R%08d")):
        data = survey(rows, encoding, identity)
        works = {
            "pyarrow": lambda data=data, encoding=encoding: csv.read_csv(
                pa.BufferReader(data), csv.ReadOptions(encoding=encoding)
            ),
            "read": lambda data=data: read_upload(
                data, "a.csv", fiscal_year=2013, mapping=MAPPING, groups=GROUPS, plan=plan
            ),
            "read, weighted": lambda data=data: read_upload(
                data, "a.csv", fiscal_year=2013, mapping=MAPPING, weight_column="ウェイト", groups=GROUPS, plan=plan
            ),
        }
        assert works["read, weighted"]().accepted
        times = {name: [] for name in works}
        for _ in range(RUNS):
            for name, work in works.items():
                times[name].append(seconds(work))
        base = times.pop("pyarrow")
        for name, taken in times.items():
            work = f"{rows:,} answers {name}: {encoding}, {identity % 1}, {len(data) / 1e6:.0f} MB"
            yield ratio(work, taken, base, BUDGET, "pyarrow's read")
