"""The survey of real files: each sample is accepted with its values or refused with its place and its reason."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pytest

from kyodo.intake import read_upload

SAMPLES = Path(__file__).with_name("samples")
CASES = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))
TODAY = dt.date(2026, 11, 24)


def many_rows():
    """70,000 rows of 1,000 characters: 210 MB of XML in under a megabyte."""
    row = b'<row><c t="inlineStr"><is><t>' + b"A" * 2970 + b"</t></is></c></row>"
    return archive({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": row * 110_000})


def many_entries():
    """20,000 zip entries."""
    return archive({"xl/workbook.xml": b"<workbook/>"} | {f"xl/media/{i}.png": b"" for i in range(20_000)})


def archive(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return out.getvalue()


GENERATED = {"Z02": many_rows, "Z04": many_entries}


@pytest.fixture(
    params=[pytest.param(case, id=case["id"], marks=[pytest.mark.slow] * (case["id"] in GENERATED)) for case in CASES]
)
def case(request):
    return request.param


def fits(reading, expected):
    """Whether a reading is the expected outcome: these values and no others, or this place and one of these words."""
    if expected["verdict"] == "accept":
        got = {(row.indicator, row.fiscal_year): (row.value, row.n) for row in reading.values.itertuples()}
        wanted = {(v["indicator"], v["fiscal_year"]): (v["value"], v["n"]) for v in expected["values"]}
        return (
            reading.accepted
            and got.keys() == wanted.keys()
            and all(abs(got[key][0] - value) < 1e-6 and got[key][1] == n for key, (value, n) in wanted.items())
        )
    point, said = expected["point"], " ".join(map(str, reading.problems))
    in_row = not point.get("rows") or any(problem.row in point["rows"] for problem in reading.problems)
    in_column = not point.get("column") or bool(point.get("rows")) or point["column"] in said
    return not reading.accepted and in_row and in_column and any(word in said for word in point["keywords_any"])


def test_every_sample_has_the_outcome_its_manifest_names(case, plan):
    data = GENERATED[case["id"]]() if case["file"] is None else (SAMPLES / case["file"]).read_bytes()
    reading = read_upload(data, case["upload_name"], plan=plan, today=TODAY, **case["given"])
    outcomes = [case["expect"], *case.get("also_ok", [])]
    assert any(fits(reading, outcome) for outcome in outcomes), [*map(str, reading.problems)]
    assert not case.get("must_warn") or reading.problems or reading.notices
    assert all("\x00" not in str(found) and len(str(found)) < 1000 for found in (*reading.problems, *reading.notices))
    assert "/" not in reading.name
