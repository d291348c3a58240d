"""SPSS files: answers and labels as they stand; without the optional package, or broken, a sentence with a remedy."""

import pytest
from intake.laws import TODAY

from kyodo.intake import read_upload

MAPPING = {"1": {"column": "Q1", "positive": ["1", "2"], "negative": ["3"], "missing": ["9", ""]}}


def test_a_broken_or_unreadable_file_is_a_message(plan):
    (problem,) = read_upload(b"$FL2" + bytes(300), "調査.sav", plan=plan, today=TODAY).problems
    assert problem.code in {"corrupt", "format"} and problem.hint


def test_labels_give_the_words_and_the_mapping_counts(plan, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    import pandas as pd

    frame = pd.DataFrame({"ID": range(1, 41), "Q1": [1.0, 2.0, 3.0, 9.0] * 10, "性別": [1.0, 2.0] * 20})
    labels = {"Q1": {1: "参加している", 2: "ときどき参加している", 3: "参加していない", 9: "無回答"}}
    about = {"Q1": "地域活動への参加"}
    pyreadstat.write_sav(frame, tmp_path / "a.sav", column_labels=about, variable_value_labels=labels)
    data = (tmp_path / "a.sav").read_bytes()
    asked = read_upload(data, "調査.sav", plan=plan, today=TODAY, fiscal_year=2013)
    question = next(column for column in asked.columns if column.name == "Q1")
    assert dict(question.labels)["3"] == "参加していない" and question.about == "地域活動への参加"
    assert asked.proposal["1"] == {"column": "Q1", "positive": ["1", "2"], "negative": ["3"], "missing": ["", "9"]}
    read = read_upload(data, "調査.sav", plan=plan, today=TODAY, fiscal_year=2013, mapping=MAPPING)
    assert read.values.loc[0, "value"] == pytest.approx(200 / 3) and read.values.loc[0, "n"] == 30
