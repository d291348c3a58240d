"""The addressees line by line: what changes begins in the year named, what was before stays till then."""

from cycle.year import progress_of
from given import NOW

from kyodo import addressing


def roster(progress, year, **typed):
    before = addressing.lines(progress, year).set_index("department")
    lines = {name: (row["sections"], row["contact"]) for name, row in before.iterrows()}
    return addressing.changed_roster(progress, year, lines | typed)


def test_lines_that_say_the_same_change_nothing(plan):
    assert roster(progress_of(plan), 2013) == []


def test_a_new_section_begins_in_the_year_and_the_old_one_ends_before(plan, record):
    rows = roster(progress_of(plan), 2015, 管財課=("資産活用課、契約課", "内線 12"))
    record.address(roster=rows, by="山田", at=NOW)
    progress = progress_of(plan, record)
    sections = {
        year: addressing.lines(progress, year).set_index("department").at["管財課", "sections"] for year in (2014, 2015)
    }
    assert sections == {2014: "管財課", 2015: "契約課、資産活用課"}
    assert addressing.lines(progress, 2015).set_index("department").at["管財課", "contact"] == "内線 12"


def test_the_same_year_once_more_replaces_and_blank_takes_away(plan, record):
    record.address(roster=roster(progress_of(plan), 2013, 関係課=("総務課", "")), by="山田", at=NOW)
    record.address(roster=roster(progress_of(plan, record), 2013, 関係課=("防災課", "")), by="山田", at=NOW)
    progress = progress_of(plan, record)
    assert addressing.lines(progress, 2013).set_index("department").at["関係課", "sections"] == "防災課"
    record.address(roster=roster(progress, 2013, 関係課=("", "")), by="山田", at=NOW)
    assert "関係課" in progress_of(plan, record).addressees(2013).unresolved


def test_a_name_with_a_middle_dot_is_one_section(plan):
    lines = addressing.lines(progress_of(plan), 2013).set_index("department")
    name = "生涯学習・スポーツ振興課"
    assert addressing.split(lines.at[name, "sections"]) == [name]


def test_an_item_without_answering_section_is_named_in_the_first_sentence(plan, record):
    assert addressing.sentence(progress_of(plan), 2013).startswith("H25: 44項目のすべてに回答する課があります。")
    record.address(answering=[{"item": "I-2-7", "from_year": 2013, "section": ""}], by="山田", at=NOW)
    progress = progress_of(plan, record)
    table = addressing.asked_table(progress, 2013).set_index("item")
    if progress.addressees(2013).without:
        assert "1項目に回答する課がなく、配れません" in addressing.sentence(progress, 2013)
        assert table.at["I-2-7", "section"] == "(決まっていません)"
