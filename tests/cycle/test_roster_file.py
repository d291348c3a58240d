"""The addressees go out as a file, come back corrected, and every fault in them is named."""

import pytest
from given import NOW

from kyodo.cycle.roster_file import read_roster, roster_frames
from kyodo.export import csv_bytes
from tests.cycle.year import progress_of


def lines(*rows):
    return "\r\n".join(rows).encode("utf-8-sig")


def test_what_goes_out_comes_back_and_changes_nothing(plan):
    progress = progress_of(plan)
    frames = roster_frames(progress, 2013)
    found = [read_roster(csv_bytes(frame), "a.csv", progress) for frame in frames.values()]
    assert [each.problems for each in found] == [(), ()]
    assert [(each.roster, each.answering) for each in found] == [([], []), ([], [])]


def test_only_what_was_changed_is_taken(plan):
    progress = progress_of(plan)
    frame = roster_frames(progress, 2013)["answering"]
    frame.loc[frame["項目"] == "I-1-1", "回答する課"] = "管財課"
    found = read_roster(csv_bytes(frame), "a.csv", progress)
    assert found.answering == [{"item": "I-1-1", "section": "管財課", "from_year": 2013}]


def test_a_corrected_roster_is_kept_with_its_file(plan, record):
    data = lines("担当課,課,から,まで,連絡先", "関係課,商工課,H25,,内線1", "関係課,農林課,平成25年度,H26,")
    found = read_roster(data, "宛先.csv", progress_of(plan))
    number = record.address(**found.to_keep, by="山田", at=NOW)
    assert record.original(number) == ("宛先.csv", data)
    assert progress_of(plan, record).addressees(2015).sections.query("department == '関係課'")["section"].tolist() == [
        "商工課"
    ]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (lines("担当課,課,から", "無い課,商工課,H25"), "計画書にない担当課"),
        (lines("項目,回答する課,から", "V-1-1,商工課,H25"), "計画書にない項目"),
        (lines("担当課,課,から", "関係課,商工課,25"), "H25"),
        (lines("担当課,課,から,まで", "関係課,商工課,H26,H25"), "より前"),
        (lines("担当課,課,から", "関係課,商工課,H25", "関係課,商工課,H25"), "二つ"),
        (lines("課,から", "商工課,H25"), "見出し"),
    ],
)
def test_a_fault_is_named_and_nothing_is_taken(plan, data, word):
    found = read_roster(data, "宛先.csv", progress_of(plan))
    assert word in str(found.problems[0])
    assert (found.problems[0].file, found.roster, found.answering) == ("宛先.csv", [], [])
