import csv
import io
import json

import pandas as pd
from given import NOW, recorded

from kyodo.brief import build_brief
from kyodo.export import csv_bytes, json_bytes, tables, write_all


def test_excel_opens_the_csv_and_a_formula_stays_text():
    frame = pd.DataFrame(
        {"text": ["=1+1", "+81", "-3", "@x", "\tx", "普通"], "number": [-0.3, 1.0, None, 2.0, 3.0, 4.0]}
    )
    data = csv_bytes(frame)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 7
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+81", "'-3", "'@x", "'\tx", "普通"]
    assert [row[1] for row in rows[1:4]] == ["-0.3", "1.0", ""]


def test_json_holds_null_for_missing_and_numbers_as_numbers():
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "value": [0.5, None]})
    assert json.loads(json_bytes(frame)) == [{"n": 1, "value": 0.5}, {"n": None, "value": None}]


def test_the_export_describes_every_column_it_writes(plan, tmp_path):
    brief = build_brief(plan, recorded([]), as_of=NOW)
    write_all(brief, tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        with (tmp_path / resource["path"]).open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
        assert (tmp_path / f"{resource['name']}.json").exists()


def test_the_export_writes_out_the_choices_that_the_plan_declares_once(plan, tmp_path):
    write_all(build_brief(plan, recorded([])), tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    fields = {
        (each["name"], field["name"]): field for each in package["resources"] for field in each["schema"]["fields"]
    }
    assert fields["past_items", "status"]["constraints"]["enum"] == ["実施済", "継続推進", "一部実施", "検討中"]
    assert not any("choices" in field for field in fields.values())


def test_what_is_exported_holds_the_same_rows(plan, tmp_path):
    write_all(build_brief(plan, recorded([])), tmp_path)
    for name in ("items", "item_schedule", "past_items", "lineage"):
        theirs = pd.read_csv(tmp_path / f"{name}.csv", dtype="str", keep_default_na=False)
        ours = getattr(plan, name).astype("str").replace("<NA>", "")
        assert theirs.to_numpy().tolist() == ours.to_numpy().tolist()


def test_a_registered_value_is_exported_with_its_interval(plan):
    frame = tables(build_brief(plan, recorded([(1, 2013, 40.0, 1000)])))["indicator_values"]
    row = frame.query("indicator == 1 and fiscal_year == 2013").iloc[0]
    assert (row["kind"], row["value"], row["n"], row["low"], row["high"]) == ("actual", 40.0, 1000, 37.0, 43.1)
