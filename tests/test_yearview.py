"""The items' years as they are looked at: narrowed, as a grid, in sentences whose numbers are links."""

from functools import partial
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from cycle.year import progress_of
from given import NOW

from kyodo import served, yearview
from kyodo.items import without_each

ANSWER = {
    "department": "協働推進課", "result": "", "result_value": None, "result_unit": "", "criterion_met": "", "evidence": "", "issue": "",
    "next_step": "", "disposition": "", "into_item": "", "partners": "", "written_by": "", "head": "", "written_on": "",
} | {f"check_{name}": "" for name in ("purpose", "understanding", "equality", "autonomy", "openness", "review")}  # fmt: skip


def answer(item, status, year=2013, **more):
    return ANSWER | {"item": item, "fiscal_year": year, "status": status} | more


@pytest.fixture
def progress(plan, record):
    """I-1-1 as planned (実施), I-1-2 late, I-2-1 done a year after, all others not answered."""
    record.hand_out(["I-1-1", "I-1-2", "I-2-6"], 2013, by="山田", at=NOW)
    record.collect(
        [
            answer("I-1-1", "実施済", result="3館 <b>改築</b>"),
            answer("I-1-2", "検討中"),
            answer("I-2-1", "実施済", 2014),
        ],
        by="山田",
        at=NOW,
    )
    return progress_of(plan, record)


def test_each_number_of_the_sentence_links_to_exactly_its_items(progress):
    parts = yearview.lead(progress, 2013)
    assert "".join(part.text for part in parts) == "H25: 44項目のうち回答2、計画どおり1・遅れ1、未回答42。"
    for part in parts:
        if part.link and not part.text.endswith("項目"):
            asked = parse_qs(urlsplit(part.link).query)
            found = yearview.found(progress, 2013, against=asked["against"])
            assert part.text.endswith(str(len(found)))


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ({"status": ["検討中"]}, ["I-1-2"]),
        ({"against": ["遅れ", "計画どおり"]}, ["I-1-1", "I-1-2"]),
        ({"state": ["配布済"]}, ["I-2-6"]),
        ({"status": ["実施済", "検討中"], "department": ["管財課"]}, ["I-1-2"]),
        ({"q": ["改築 ３館"]}, ["I-1-1"]),
        ({"q": ["改築 存在しない"]}, []),
    ],
)
def test_filters_let_through_what_fits_every_one_of_them(progress, asked, items):
    assert yearview.found(progress, 2013, **asked)["item"].tolist() == items


def test_the_same_filter_finds_printed_names_and_todays_sections(progress):
    rows = progress.year(2013)
    for name in yearview.sections(rows):
        assert len(yearview.found(progress, 2013, department=[name]))


@pytest.mark.parametrize(
    ("year", "beside"),
    [(2013, range(2013, 2018)), (2016, range(2013, 2018)), (2040, range(2037, 2042)), (2072, range(2068, 2073))],
)
def test_the_year_asked_for_stands_among_those_beside_each_other(year, beside):
    years = range(2013, 2018) if year < 2018 else range(2013, 2073)
    assert yearview.years_beside(years, year) == list(beside)


def test_a_cell_says_answer_plan_and_how_they_stand_in_words(progress):
    cells = yearview.grid(progress, ["I-1-1", "I-1-2", "I-2-6"], [2013, 2014]).set_index(["item", "fiscal_year"])
    assert cells.loc[("I-1-2", 2013), ["answer", "plan_text", "against_text"]].tolist() == [
        "×検討中",
        "計画 実施",
        "−遅れ",
    ]
    assert cells.loc[("I-2-6", 2013), ["answer", "against_text"]].tolist() == ["配布済", ""]
    assert cells.loc[("I-1-1", 2014), ["answer", "plan_text"]].tolist() == ["", "計画 実施"]


def test_years_side_by_side_leave_out_lines_that_say_nothing(progress):
    beside = yearview.side_by_side(progress, "I-1-1", [2013, 2014]).set_index("what")
    assert beside.loc["実績"].tolist() == ["3館 <b>改築</b>", ""]
    assert beside.loc["計画との比較"].tolist() == ["＝計画どおり", ""]
    assert "課題" not in beside.index


@pytest.mark.parametrize(("value", "text"), [(3.0, "3館"), (1234.5, "1,234.5館"), (0.25, "0.25館")])
def test_a_reported_number_is_shown_as_it_was_written(plan, record, value, text):
    record.collect([answer("I-1-1", "実施済", result_value=value, result_unit="館")], by="山田", at=NOW)
    beside = yearview.side_by_side(progress_of(plan, record), "I-1-1", [2013]).set_index("what")
    assert beside.at["実績の数", "H25"] == text


def test_no_filter_after_one_that_left_nothing_fails_and_typed_letters_are_whole_words(progress):
    asked = {"against": ["先"], "department": ["財政課"], "actor": ["市民"], "q": ["交付金"], "indicator": ["1"]}
    assert yearview.found(progress, 2013, **asked).empty
    without = without_each(partial(yearview.found, progress, 2013), {"against": ["先"], "policy": ["II"]})
    assert without == {"against": 14, "policy": 0}
    assert set(yearview.found(progress, 2013, q=["II"])["policy"]) == {"II"}


def test_the_tally_has_the_form_of_the_former_phase_and_adds_up(progress):
    rows = yearview.tally(progress, 2013).set_index("policy")
    whole = rows.loc["計", ["実施済", "継続推進", "一部実施", "検討中", "未回答", "total"]].tolist()
    assert whole == [1, 0, 0, 1, 42, 44]
    assert rows.drop(index="計")["total"].sum() == 44


def test_facts_say_who_is_late_who_is_missing_and_what_the_committee_waits_for(plan, record, progress):
    for meeting, text, state in (
        (2, "広く知らせること", "対応中"),
        (3, "理由を示すこと", "対応済"),
        (3, "図を足すこと", ""),
    ):
        record.opine(
            {"meeting": meeting, "about": "I-1-2", "kind": "意見", "text": text, "state": state}, by="山田", at=NOW
        )
    sections = {"I-1-2": "協働推進課", "I-2-3": "協働推進課", "I-6-1": "職員課"}
    late = [answer(item, "検討中", 2014, department=section) for item, section in sections.items()]
    record.collect(late, by="山田", at=NOW)
    told = [fact.text for fact in yearview.facts(progress_of(plan, record))]
    assert not yearview.facts(progress_of(plan))  # nothing is said before anything began
    late = "H26は3項目が計画より遅れ。I-1-2・I-2-3(協働推進課)、I-6-1(職員課)。"
    asked = "第3回委員会の意見・決定は2件、うち対応済1。図を足すこと(未対応)ほか1。それより前の1件も対応済でない。"
    assert late in told and asked in told, told
    assert any(text.startswith("まだの課が") for text in told)


def test_an_indicator_stands_beside_its_items_both_ways(progress):
    rows = served.beside_indicators(progress, 2013, {2: "遅れ"}).set_index("indicator")
    serving = served.serving(progress, 2013, 2)
    assert rows.at[2, "text"].startswith("②市民活動の実践は遅れ。関係する")
    assert rows.at[2, "items"] == len(serving)
    for item in serving["item"]:
        assert (
            2
            in served.by_item(progress, item, pd.DataFrame({"indicator": [2], "verdict": ["遅れ"]}))[
                "indicator"
            ].tolist()
        )


def test_gaps_name_the_still_indicator_and_the_items_that_serve_none(progress):
    told = served.gaps(progress, 2013)
    alone = yearview.items_of(progress, 2013, [yearview.SERVES_NONE], [])
    assert told[-1].text.startswith(f"どの成果指標にも関係しない項目が{len(alone)}。")
    assert not alone & set(progress.links["item"])
    assert any(text.text.startswith("②市民活動の実践に関係する項目は") for text in told)


def test_the_newest_report_counts_for_relisted_items_too(plan, progress):
    from kyodo.items import item_table

    table = yearview.add_newest(item_table(plan), progress)
    newest = table.set_index("item")["newest"]
    assert newest["I-2-1"] == "◎実施済(H26)"
    for row in table[table["relisted_of"] != ""].to_dict("records"):
        assert row["newest"] == newest[row["relisted_of"]]
    assert yearview.add_newest(item_table(plan), progress, ["検討中"])["item"].tolist() == ["I-1-2"]
