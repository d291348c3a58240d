"""All budgets in one table: ``python -m benchmarks [part …]``; without a part all of them, and the results are kept."""

import argparse
import importlib

from benchmarks.report import keep, machine, table

PARTS = ("starting", "sessions", "uploads", "pages", "against_panel", "growth", "raw_survey", "documents")

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}")
wanted = parser.parse_args().parts or PARTS
if unknown := set(wanted) - set(PARTS):
    parser.error(f"no such part: {', '.join(sorted(unknown))}")

on, lines = machine(), []
for part in wanted:
    for line in importlib.import_module(f"benchmarks.{part}").measure():
        print(*line.cells, sep="  |  ", flush=True)
        lines.append(line)
print(f"\n{on}\n\n{table(lines)}")
if len(wanted) == len(PARTS):
    keep(lines, on)
