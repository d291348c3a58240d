import re
import shutil

import pytest
from given import ROOT

from kyodo.errors import KyodoError, ProblemsError
from kyodo.items import counted, past_tally, tally_differences
from kyodo.plan import load_plan, resolve_stages


@pytest.fixture
def folder(tmp_path):
    """A copy of the plan's tables to break."""
    return shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.db*"))


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def broken(folder):
    with pytest.raises(ProblemsError) as error:
        load_plan(folder)
    return error.value.problems


def test_the_printed_tally_of_the_former_items(plan):
    tally = past_tally(plan)
    assert tally.sum().tolist() == [8, 33, 2, 4]
    assert tally.to_numpy().tolist() == [[6, 8, 2, 0], [1, 11, 0, 3], [0, 4, 0, 0], [1, 5, 0, 0], [0, 5, 0, 1]]
    assert tally_differences(plan)["agrees"].all()


def test_the_sheets_by_policy(plan):
    assert plan.items.groupby("policy", sort=False).size().tolist() == [21, 14, 4, 7]
    assert len(counted(plan.items)) == 44
    assert plan.items.loc[plan.items["relisted_of"] != "", "item"].tolist() == ["IV-2-2", "IV-2-3"]


def test_the_shape_of_the_plan(plan):
    shape = [len(plan.indicators), len(plan.values), len(plan.policies), len(plan.measures), len(plan.item_schedule)]
    assert shape == [5, 20, 4, 16, 230]
    assert (len(plan.past_items), len(plan.past_relistings), len(plan.past_policies)) == (47, 5, 5)


def test_every_former_item_carried_on_has_a_successor_and_every_continued_item_a_predecessor(plan):
    carried = plan.past_items.loc[plan.past_items["disposition"] == "継続", "past_item"]
    assert set(carried) <= set(plan.lineage["past_item"])
    continued = counted(plan.items).query("kind == '継続'")["item"]
    assert set(continued) <= set(plan.lineage["item"])


def test_status_and_disposition_go_together(plan):
    pairs = set(zip(plan.past_items["status"], plan.past_items["disposition"], strict=True))
    assert pairs == {("実施済", "完了"), ("継続推進", "継続"), ("一部実施", "継続"), ("検討中", "廃止")}


def test_a_relisted_item_is_its_original_again(plan):
    for row in plan.items.query("relisted_of != ''").to_dict("records"):
        for frame, column in (
            (plan.item_departments, "department"),
            (plan.item_actors, "actor"),
            (plan.item_schedule, "stage"),
        ):
            own, original = (
                frame.loc[frame["item"] == key, column].tolist() for key in (row["item"], row["relisted_of"])
            )
            assert own == original


def test_names_the_scan_would_have_split_are_whole(plan):
    departments = set(plan.item_departments["department"])
    assert {"生涯学習・スポーツ振興課", "(仮称)地域活性化センター", "各課", "関係課", "全所属"} <= departments
    assert set(plan.item_actors["actor"]) == set(plan.actors)


def test_summaries_are_short(plan):
    for frame, columns in ((plan.items, ("purpose", "content", "done_when")), (plan.past_items, ("review",))):
        for column in columns:
            assert frame[column].str.len().max() <= 60


def test_an_arrow_carries_the_stage_before_it_on(plan):
    rows = plan.item_schedule.query("item == 'I-2-9'")
    assert rows["printed"].tolist() == ["検討", "一部実施", "実施", "→", "→"]
    assert (
        rows["stage"].tolist()
        == resolve_stages(rows["printed"], rows["item"]).tolist()
        == ["検討", "一部実施", "実施", "実施", "実施"]
    )
    assert plan.item_schedule.query("item == 'II-4-2'")["stage"].tolist() == ["検討", "実施", "", "検討", "実施"]


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column"),
    [
        ("items.csv", "I-1-2,I,1,2,市民活動の拠点の検討,継続", "I-1-2,I,1,2,市民活動の拠点の検討,継続中", 3, "kind"),
        ("indicator_values.csv", "1,2006,baseline,37.5", "1,2006,baseline,多い", 2, "value"),
        ("indicator_values.csv", "1,2006,baseline,37.5", "1,2006,baseline,137.5", 2, "value"),
        ("indicator_values.csv", "1,2012,target,45.0", "1,2012,target,37.4", 4, "value"),  # below the baseline
        ("indicator_values.csv", "1,2017,target,50.0", "1,2017,target,44.9", 5, "value"),  # below the target before
        ("items.csv", "I-1-1,I,1,1,", "I-1-2,I,1,1,", 3, "item"),
        ("item_actors.csv", "I-1-1,市民\n", "I-9-9,市民\n", 2, "item"),
        ("lineage.csv", ",explicit", ",maybe", None, "how"),
        ("item_schedule.csv", "I-1-1,2014,→,実施", "I-1-1,2014,→,検討", 3, "stage"),
        ("policies.csv", "I,参加しやすく、活動しやすい環境づくりを進めます", "I,", 2, "title"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_named_by_file_row_and_column(folder, file, old, new, row, column):
    edit(folder / file, old, new)
    problems = broken(folder)
    found = [each for each in problems if each.file == file and each.column == column and row in (None, each.row)]
    assert found, [str(each) for each in problems]
    assert re.search("[ぁ-ん]", found[0].message)


def test_a_choice_more_is_declared_in_its_table_alone(folder):
    edit(folder / "choices.csv", "opinion,意見,,,", "opinion,意見,,,\nopinion,質問,,,")
    opinions = load_plan(folder).package.tables["opinions"]
    assert opinions.column("kind").allowed == ("意見", "質問", "決定")


def test_a_list_of_choices_that_is_not_there_is_named(folder):
    edit(folder / "choices.csv", "opinion,意見,,,\nopinion,決定,,,\n", "")
    with pytest.raises(KyodoError, match="opinion"):
        load_plan(folder)


def test_all_problems_are_found_at_once(folder):
    edit(folder / "items.csv", ",新規,", ",新,")
    edit(folder / "past_items.csv", ",完了,", ",済,")
    assert {each.file for each in broken(folder)} == {"items.csv", "past_items.csv"}


@pytest.mark.parametrize(
    "damage", ["missing", "header", "encoding", "width", "second_baseline", "gone_year", "no_actor"]
)
def test_a_damaged_table_is_refused_with_its_name(folder, damage):
    if damage == "missing":
        (folder / "measures.csv").unlink()
    elif damage == "header":
        edit(folder / "measures.csv", "policy,measure", "方針,measure")
    elif damage == "encoding":
        file = folder / "measures.csv"
        file.write_bytes(file.read_text(encoding="utf-8").encode("cp932"))
    elif damage == "width":
        edit(folder / "measures.csv", "I,1,", "I,1,1,")
    elif damage == "second_baseline":
        edit(folder / "indicator_values.csv", "1,2011,actual", "1,2011,baseline")
    elif damage == "gone_year":
        edit(folder / "item_schedule.csv", "I-1-1,2014,→,実施\n", "")
    else:
        edit(folder / "item_actors.csv", "I-2-1,地域コミュニティ\n", "")
    assert broken(folder)[0].file.endswith(".csv")


def test_a_missing_declaration_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(KyodoError, match=r"datapackage\.json"):
        load_plan(tmp_path)
