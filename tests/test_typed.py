"""An answer typed on the page goes the way of a returned sheet, and only its own item changes."""

import pytest
from cycle.year import progress_of
from given import NOW

from kyodo import typed
from kyodo.errors import KyodoError

TEXTS = {
    "status": "○",
    "result": "三回開いた\n次も開く",
    "result_value": "1,200",
    "result_unit": "人",
    "criterion_met": "いいえ",
}


def read(progress, item="I-2-6", section="協働推進課", kind=typed.ANSWER, texts=None):
    return typed.read_typed(progress, 2013, item, section, kind, TEXTS if texts is None else texts)


def test_what_is_typed_is_read_as_a_sheet_is(plan):
    found = read(progress_of(plan))
    assert found.problems == ()
    row = found.answers[found.answers["item"] == "I-2-6"].to_dict("records")[0]
    assert (row["status"], row["result_value"], row["department"]) == ("継続推進", 1200.0, "協働推進課")
    assert row["result"] == "三回開いた\n次も開く"


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"status": ""}, "実施状況"),
        ({"result_value": "たくさん"}, "実績の数"),
        ({"disposition": "統合"}, "統合先"),
        ({"result": "あ" * 2001}, "実績"),
    ],
)
def test_what_a_sheet_would_be_refused_for_is_refused_here(plan, wrong, column):
    found = read(progress_of(plan), texts=TEXTS | wrong)
    assert [problem.column for problem in found.problems] == [column]


def test_an_answer_stored_and_opened_again_is_what_was_typed(plan, record):
    found = read(progress_of(plan))
    record.collect(found.answers.drop(columns=["sheet", "row"]).to_dict("records"), by="山田", at=NOW)
    stands = typed.standing(progress_of(plan, record), 2013, "I-2-6", "協働推進課", typed.ANSWER)
    assert {name: stands[name] for name in ("status", "result", "result_value", "result_unit")} == {
        "status": "継続推進", "result": "三回開いた\n次も開く", "result_value": "1200", "result_unit": "人",
    }  # fmt: skip
    again = read(progress_of(plan, record), texts=stands)
    assert again.problems == ()


def test_a_section_that_is_not_asked_cannot_answer(plan):
    with pytest.raises(KyodoError, match="尋ねていません"):
        read(progress_of(plan), section="学校教育課")


def test_a_supplement_takes_its_own_fields_only(plan):
    progress = progress_of(plan)
    pair = progress.addressees(2013).supplementing.iloc[0]
    found = read(progress, pair["item"], pair["section"], typed.SUPPLEMENT, {"supplement": "手伝った"})
    assert found.problems == ()
    assert found.supplements[["item", "section", "supplement"]].iloc[0].tolist() == [*pair, "手伝った"]
