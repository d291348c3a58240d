from functools import partial

import pytest

from kyodo import items


@pytest.fixture(scope="module")
def table(plan):
    return items.item_table(plan)


def keys(frame):
    return set(frame["item"])


def test_an_empty_filter_lets_everything_through(plan, table):
    assert len(items.filter_items(table, plan.item_schedule)) == 46


def test_values_of_one_filter_add_up_and_filters_narrow_each_other(plan, table):
    either = items.filter_items(table, plan.item_schedule, department=["財政課", "学校教育課"])
    assert keys(either) == {"I-2-9", "I-2-11"}
    both = items.filter_items(table, plan.item_schedule, department=["財政課", "学校教育課"], actor=["教育機関"])
    assert keys(both) == {"I-2-11"}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"policy": ["III"], "kind": ["新規"]}, {"III-1-1", "III-2-2"}),
        ({"measure": ["I-3"]}, {"I-3-1", "I-3-2"}),
        ({"year": ["2013"], "stage": ["検討"]}, {"I-2-9", "I-5-1", "II-4-2", "III-2-3"}),
        ({"stage": ["一部実施"]}, {"I-2-9", "I-5-2"}),
        ({"past": ["一部実施"]}, {"I-1-2", "I-3-2"}),
        ({"q": ["地域　アドバイザー"]}, {"I-2-7", "I-2-10"}),
        ({"q": ["ｵﾘﾝﾋﾟｯｸ"]}, set()),
    ],
)
def test_filters(plan, table, filters, found):
    assert keys(items.filter_items(table, plan.item_schedule, **filters)) == found


def test_relisted_items_are_shown_but_counted_once(plan, table):
    shown = items.filter_items(table, plan.item_schedule, policy=["IV"])
    assert len(shown) == 7
    assert items.by_actor(shown, plan).loc["IV"].sum() == 5
    assert items.by_department(table).set_index("department")["items"]["生涯学習・スポーツ振興課"] == 1


def test_stages_of_a_year_add_up_to_all_items(plan, table):
    for year in plan.years:
        assert items.by_stage(table, plan, year).to_numpy().sum() == 44
    assert "計画なし" in items.by_stage(table, plan, 2015)


def test_every_former_item_went_somewhere_once(plan):
    rows = items.onward(plan)
    assert rows["past_item"].tolist() == plan.past_items["past_item"].tolist()
    assert (rows["to"] != items.NO_SUCCESSOR).sum() == 41
    assert rows.loc[rows["to"] == items.NO_SUCCESSOR, "how"].eq("").all()
    assert set(items.filter_past(items.past_table(plan), to=["なし"])["past_item"]) == {15, 16, 23, 26, 37, 46}


def test_typed_letters_are_whole_words(plan, table):
    found = items.filter_items(table, plan.item_schedule, q=["II"])
    assert set(found["policy"]) <= {"II", "IV"}  # IV-2-2 is relisted from II
    assert len(found) >= 14
    assert keys(items.filter_items(table, plan.item_schedule, q=["III-2"])) == {"III-2-1", "III-2-2", "III-2-3"}


def test_what_to_drop_is_each_filter_with_what_it_would_leave(plan, table):
    chosen = {"policy": ["III"], "kind": ["新規"], "q": ["ないはずの言葉"], "stage": []}
    assert items.filter_items(table, plan.item_schedule, **chosen).empty
    both = items.filter_items(table, plan.item_schedule, policy=["III"], department=["財政課"], q=["II"])
    assert list(both.columns) == list(table.columns)
    assert items.without_each(partial(items.filter_items, table, plan.item_schedule), chosen) == {
        "q": 2,
        "policy": 0,
        "kind": 0,
    }


def test_items_the_plan_leaves_before_実施_are_its_last_years_and_nothing_of_the_former_phase(plan):
    short = items.planned_short(items.item_table(plan), plan)
    assert short[["item", "stage"]].to_numpy().tolist() == [["I-2-8", "検討・実施"], ["I-3-2", "検討・実施"]]


def test_sorting_keeps_every_row(plan, table):
    for order in items.ORDERS:
        assert keys(items.sort_items(table, order, plan)) == keys(table)


def test_former_items_are_sorted_by_their_own_orders(plan):
    past = items.past_table(plan)
    by_status = items.sort_items(past, "実施状況", plan)["status"].drop_duplicates().tolist()
    assert by_status == ["実施済", "継続推進", "一部実施", "検討中"]
    for order in items.PAST_ORDERS:
        assert sorted(items.sort_items(past, order, plan)["past_item"]) == list(range(1, 48))
    same = items.sort_items(past, "今後の取扱い", plan).groupby("disposition", sort=False)["past_item"]
    assert all(each.is_monotonic_increasing for _, each in same)


def test_former_items_are_filtered_like_items(plan):
    past = items.past_table(plan)
    assert items.filter_past(past, status=["検討中"])["past_item"].tolist() == [22, 23, 26, 46]
    assert items.filter_past(past, policy=["V"], disposition=["廃止"])["past_item"].tolist() == [46]
    assert items.filter_past(past, q=["路傍塾"])["past_item"].tolist() == [30]
