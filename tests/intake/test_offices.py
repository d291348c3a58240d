"""Files as offices have them: forms' exports, a firm's delivery, tables that are not the indicators, two halves of one survey.

Made data, no persons. ``manifest.json`` names what the clerk gives and what must come: accepted with these values; asked
for the columns; refused with one of these words; or either refused or accepted with one of these sets of values.
"""

import json
from pathlib import Path

import pandas as pd
import pytest
from intake.laws import TODAY

from kyodo.intake import read_upload

OFFICES = Path(__file__).with_name("offices")
CASES = json.loads((OFFICES / "manifest.json").read_text(encoding="utf-8"))


def values_of(reading):
    rows = reading.values.itertuples()
    return {(row.indicator, row.fiscal_year): (round(row.value, 6), None if pd.isna(row.n) else row.n) for row in rows}


def wanted(values):
    return {(v["indicator"], v["fiscal_year"]): (round(v["value"], 6), v["n"]) for v in values}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_an_offices_file_has_the_outcome_its_manifest_names(case, plan):
    data = (OFFICES / case["file"]).read_bytes()
    reading = read_upload(data, case["upload_name"], plan=plan, today=TODAY, **case["given"])
    said, expected = " ".join(map(str, reading.problems)), case["expect"]
    assert "unreadable" not in {problem.code for problem in reading.problems}
    if expected["verdict"] == "accept":
        assert values_of(reading) == wanted(expected["values"]), said
    elif expected["verdict"] == "ask":
        assert "mapping_needed" in {problem.code for problem in reading.problems} and reading.form == "raw"
        assert set(expected["columns"]) <= {column.name for column in reading.columns}
    elif expected["verdict"] == "refuse":
        assert not reading.accepted and any(word in said for word in expected["keywords"])
    else:
        assert not reading.accepted or values_of(reading) in map(wanted, expected["any_of"])
    assert reading.accepted or all(problem.hint or len(problem.message) > 20 for problem in reading.problems)


# What the manifest leaves open, and this reader serves.
SERVED = ["F05", "G03", "H03", "J07", "L03", "C06"]


@pytest.mark.parametrize("id", SERVED)
def test_what_may_be_read_is_read(id, plan):
    (case,) = (case for case in CASES if case["id"] == id)
    data = (OFFICES / case["file"]).read_bytes()
    reading = read_upload(data, case["upload_name"], plan=plan, today=TODAY, **case["given"])
    assert reading.accepted, [*map(str, reading.problems)]
