"""What the clerk says of a list of answers: columns and meanings as said, refused where they make no sense, asked without."""

import json

import pytest
from intake.builders import NAMES
from intake.test_raw import HEADER, MAPPING, people, read, refused

from kyodo.intake.mapping import propose
from kyodo.intake.names import IndicatorNames


def test_answers_match_whole_after_normalisation(plan):
    words = {"1": "参加している", "2": "参加していない", "": "", "9": "無回答"}
    rows = [
        row if place == 0 else [*row[:4], *[f"　{words[cell]} " if words[cell] else "" for cell in row[4:]]]
        for place, row in enumerate(people())
    ]
    mapping = {
        i: entry | {"positive": ["参加している"], "negative": ["参加していない"]} for i, entry in MAPPING.items()
    }
    assert read(rows, plan, mapping=mapping).values.equals(read(people(), plan).values)


def test_codes_as_floats_and_full_width_are_the_same_codes(plan):
    floats = [
        row if place == 0 else [*row[:4], *[f"{cell}.0" if cell else "" for cell in row[4:]]]
        for place, row in enumerate(people())
    ]
    wide = [
        row if place == 0 else [*row[:4], *[cell.translate({49: "１", 50: "２", 57: "９"}) for cell in row[4:]]]
        for place, row in enumerate(people())
    ]
    assert read(floats, plan).values.equals(read(people(), plan).values) and read(wide, plan).values.equals(
        read(people(), plan).values
    )
    assert "answers_notice" in {notice.code for notice in read(floats, plan).notices}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"column": "問9"}, "header"),
        ({"column": ""}, "mapping"),
        ({"positive": []}, "mapping"),
        ({"negative": []}, "mapping"),
        ({"negative": ["1"]}, "mapping"),
        ({"missing": ["1"]}, "mapping"),
        ({"column": "問2"}, "mapping"),
        ({"column": 3}, "mapping"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(change, code, plan):
    assert refused(read(people(), plan, mapping=MAPPING | {1: MAPPING[1] | change}), code)


@pytest.mark.parametrize("mapping", [{"9": MAPPING[1]}, {"x": MAPPING[1]}, {1: None}, {1: "問1"}])
def test_a_mapping_of_another_shape_is_refused(mapping, plan):
    assert not read(people(), plan, mapping=mapping).accepted


def test_the_mapping_used_can_be_kept_and_used_again(plan):
    first = read(people(), plan)
    assert read(people(), plan, mapping=json.loads(json.dumps(first.mapping))).values.equals(first.values)


def test_integer_and_missing_marks_in_a_mapping(plan):
    mapping = {
        str(i): {"column": f"問{i}", "positive": [1], "negative": [2.0]} | ({"missing": [None, 9]}) for i in range(1, 6)
    }
    assert read(people(), plan, mapping=mapping).values.equals(read(people(), plan).values)


def test_a_duplicate_question_column_is_refused(plan):
    assert refused(
        read([["回答者ID", "性別", "年代", "地域", "問1", "問2", "問3", "問4", "問4"], *people()[1:]], plan), "header"
    )


def test_persons_across_are_refused(plan):
    assert refused(read([list(column) for column in zip(*people(12), strict=True)], plan), "header")


def test_missing_columns_are_named(plan):
    assert refused(read(people(), plan, weight_column="重み"), "header")
    assert refused(read(people(), plan, groups=["職業"]), "header")
    assert refused(read(people(), plan, mapping={1: MAPPING[1] | {"column": "Q1"}}), "header")


@pytest.mark.parametrize("rows", [[HEADER], [HEADER, [""] * 9], [["市民意識調査"], HEADER]])
def test_a_header_alone_is_empty(rows, plan):
    assert refused(read(rows, plan), "empty")


def test_no_valid_answer_at_all_is_refused(plan):
    assert refused(
        read([row if place == 0 else [*row[:4], "9", *row[5:]] for place, row in enumerate(people())], plan),
        "no_answers",
    )


def test_without_a_mapping_the_clerk_is_asked(plan):
    reading = read(people(), plan, mapping=None)
    assert refused(reading, "mapping_needed") and reading.form == "raw" and reading.proposal == {}
    question = next(column for column in reading.columns if column.name == "問1")
    assert question.distinct == 4 and sum(count for _, count in question.answers) == 200


def test_words_under_an_indicators_name_are_proposed_and_codes_never(plan):
    words = {"1": "はい", "2": "いいえ", "": "", "9": "無回答"}
    rows = [[*HEADER[:4], *NAMES.values()], *[[*row[:4], *[words[cell] for cell in row[4:]]] for row in people()[1:]]]
    asked = read(rows, plan, mapping=None)
    assert set(asked.proposal) == {"1", "2", "3", "4", "5"}
    assert asked.proposal["1"]["positive"] == ["はい"] and asked.proposal["1"]["negative"] == ["いいえ"]
    assert read(rows, plan, mapping=asked.proposal).values.equals(read(people(), plan).values)
    names = IndicatorNames(plan.indicators)
    codes = propose({"問1": NAMES[1]}, {"問1": {"1": "1", "2": "2", "99": "99"}}, names)
    assert codes == {"1": {"column": "問1", "positive": [], "negative": [], "missing": [""]}}
    part = propose({"問1": NAMES[1]}, {"問1": {word: word for word in ("はい", "いいえ", "わからない")}}, names)["1"]
    assert (part["positive"], part["negative"], part["missing"]) == (["はい"], ["いいえ"], [""])
