"""Each item is asked of one section; the others named add to it; what is no section must be resolved."""

import pandas as pd
import pytest

from kyodo.cycle.roster import addressees
from kyodo.record import empty_cycle

ROSTER = ["department", "section", "from_year", "to_year", "contact"]


def asked(plan, roster=(), answering=(), year=2013):
    entered = pd.DataFrame(roster, columns=ROSTER).astype(empty_cycle()["roster"][ROSTER].dtypes)
    chosen = pd.DataFrame(answering, columns=["item", "from_year", "section"])
    return addressees(plan, entered, chosen, year)


def section_of(asked, item):
    return asked.answering.set_index("item")["section"][item]


def test_every_counted_item_has_one_answering_section_from_the_start(plan):
    start = asked(plan)
    assert len(start.answering) == start.answering["item"].nunique() == 44
    assert start.without == []
    assert len(start.unresolved) == 6
    assert {"関係課", "各課", "全所属", "地域交流センター"} < set(start.unresolved)


@pytest.mark.parametrize(
    ("item", "section", "how"),
    [
        ("IV-2-1", "職員課", "named"),  # the first named of two
        ("III-1-1", "協働推進課", "named"),  # the first two named are no sections
        ("I-2-7", "協働推進課", "set"),  # only a name that is no section: data/ says who
    ],
)
def test_the_first_named_section_answers_unless_it_is_none(plan, item, section, how):
    row = asked(plan).answering.set_index("item").loc[item]
    assert (row["section"], row["how"]) == (section, how)


def test_the_others_named_add_to_it(plan):
    extra = asked(plan).supplementing
    assert extra[extra["item"] == "IV-1-3"]["section"].tolist() == ["職員課", "協働推進課"]
    answers = asked(plan).answering
    assert extra.merge(answers, on=["item", "section"]).empty


def test_a_name_may_stand_for_several_sections_and_for_others_later(plan):
    roster = [
        ["関係課", "商工課", 2013, None, ""], ["関係課", "農林課", 2013, 2014, ""], ["職員課", "人事課", 2015, None, "内線1"],
        ["職員課", "職員課", 2013, 2014, ""],
    ]  # fmt: skip
    assert "関係課" not in asked(plan, roster).unresolved
    extra = asked(plan, roster).supplementing
    assert extra[extra["item"] == "I-3-2"]["section"].tolist() == ["商工課", "農林課"]
    assert asked(plan, roster, year=2015).supplementing.query("item == 'I-3-2'")["section"].tolist() == ["商工課"]
    assert [section_of(asked(plan, roster, year=year), "IV-2-1") for year in (2014, 2015)] == ["職員課", "人事課"]


def test_what_data_falls_back_on_holds_until_a_named_one_is_a_section(plan):
    resolved = [["地域交流センター", "センター事務局", 2013, None, ""]]
    assert section_of(asked(plan, resolved), "I-2-7") == "センター事務局"
    assert section_of(asked(plan, resolved, [["I-2-7", 2013, "財政課"]]), "I-2-7") == "財政課"


def test_who_answers_can_be_chosen_from_a_year_on(plan):
    chosen = [["I-1-1", 2014, "管財課"], ["I-1-1", 2016, "財政課"]]
    found = [section_of(asked(plan, answering=chosen, year=year), "I-1-1") for year in (2013, 2014, 2015, 2016)]
    assert found == ["協働推進課", "管財課", "管財課", "財政課"]


def test_an_item_nobody_answers_for_is_told(plan):
    assert asked(plan, answering=[["I-2-7", 2013, ""]]).without == ["I-2-7"]
