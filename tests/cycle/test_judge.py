"""How an item stands beside its plan follows from what is known, and every finding from its own rule."""

import pandas as pd
import pytest
from given import NOW

from kyodo.cycle import judge
from kyodo.record import empty_cycle
from tests.cycle.year import progress_of


@pytest.mark.parametrize(
    ("stage", "status", "word"),
    [
        ("検討", "検討中", "計画どおり"),  # × in a year that plans 検討 is no failure
        ("検討", "一部実施", "先"),
        ("一部実施", "検討中", "遅れ"),
        ("検討・実施", "継続推進", "計画どおり"),
        ("実施", "継続推進", "遅れ"),
        ("実施", "実施済", "計画どおり"),
        ("", "実施済", "予定なし"),
        ("実施", "", "未回答"),
        ("", "", "未回答"),
    ],
)
def test_the_planned_stage_against_the_reported_status(plan, stage, status, word):
    rows = pd.DataFrame({"stage": [stage], "status": [status]}, dtype="str")
    assert judge.add_against_plan(rows, plan)["against_plan"].tolist() == [word]


def rows_of(*years, criterion=True, **first):
    blank = dict.fromkeys(("status", "criterion_met", "evidence", "issue", "next_step", "disposition"), "")
    rows = [
        blank | {"item": "I-1-1", "fiscal_year": 2013 + place, "has_criterion": criterion} | year
        for place, year in enumerate(years)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (rows_of({"status": "実施済", "criterion_met": "はい", "evidence": "報告書"}), []),
        (rows_of({"status": "実施済", "criterion_met": "はい"}), [(2013, "unproven")]),
        (rows_of({"status": "実施済", "evidence": "報告書"}), [(2013, "unproven")]),
        (rows_of({"status": "実施済", "evidence": "報告書"}, criterion=False), []),
        (rows_of({"status": "一部実施"}), []),
        (
            rows_of({"status": "実施済", "criterion_met": "はい", "evidence": "書"}, {"status": "継続推進"}),
            [(2014, "fell_back")],
        ),
        (rows_of({"status": "実施済", "criterion_met": "はい", "evidence": "書"}, {}), []),
        (rows_of({"issue": "担い手 不足"}, {"issue": "担い手不足"}, {"issue": "担い手不足"}), [(2015, "same_issue")]),
        (rows_of({"issue": "担い手"}, {"issue": "周知"}, {"issue": "担い手"}), []),
        (rows_of({}, {}, {}), []),
        (rows_of({"disposition": "廃止", "next_step": "周知"}), [(2013, "dropped")]),
        (rows_of({"disposition": "廃止"}), []),
    ],
)
def test_what_is_worth_a_second_look(rows, found):
    assert judge.findings(rows)[["fiscal_year", "code"]].apply(tuple, axis=1).tolist() == found


def test_the_three_years_of_an_issue_are_of_one_item_and_follow_each_other():
    rows = pd.concat(
        [rows_of({"issue": "a"}, {"issue": "a"}), rows_of({"issue": "a"}).assign(item="I-1-2", fiscal_year=2015)]
    )
    assert judge.findings(rows).empty
    gap = rows_of({"issue": "a"}, {"issue": "a"}, {"issue": "a"}).assign(fiscal_year=[2013, 2014, 2016])
    assert judge.findings(gap).empty


class TestState:
    ITEM = ("I-1-1",)

    def state(self, record):
        asked = pd.DataFrame({"item": ["I-1-1"], "fiscal_year": [2013]}).astype({"fiscal_year": "Int64"})
        stands = record.cycle()["progress"][["item", "fiscal_year", "number", "note"]]
        rows = asked.merge(stands, on=["item", "fiscal_year"], how="left").fillna({"note": ""})
        row = judge.add_state_text(judge.add_state(rows, record.cycle()["marks"], record.cycle()["closings"])).iloc[0]
        return row["state_text"], row["sent_back"], row["correction"]

    def test_each_step_is_a_state_and_an_undo_goes_back(self, record):
        def answer(status, **more):
            return record.collect([{"item": "I-1-1", "fiscal_year": 2013, "status": status}], by="山田", at=NOW, **more)

        by = {"by": "山田", "at": NOW}
        seen = [self.state(record)]
        for step in (
            lambda: record.hand_out(self.ITEM, 2013, **by),
            lambda: answer("検討中"),
            lambda: record.send_back(self.ITEM, 2013, "根拠を", **by),
            lambda: answer("実施済"),
            lambda: record.confirm(self.ITEM, 2013, **by),
            lambda: record.close_year(2013, meeting=3, **by),
            lambda: answer("継続推進", reason="集計の誤り"),
            lambda: record.confirm(self.ITEM, 2013, **by),
            lambda: record.close_year(2013, meeting=4, **by),
        ):
            step()
            seen.append(self.state(record))
        assert seen == [
            ("未配布", "", ""), ("配布済", "", ""), ("回答", "", ""), ("配布済", "根拠を", ""), ("回答", "", ""), ("確認済", "", ""),
            ("報告済(第3回)", "", ""), ("回答", "", "集計の誤り"), ("確認済", "", "集計の誤り"), ("報告済(第4回)", "", "集計の誤り"),
        ]  # fmt: skip
        for number in range(9, 0, -1):
            record.undo(number, note="戻す", **by)
            assert self.state(record) == seen[number - 1]


def test_no_record_at_all_is_a_plan_without_answers(plan):
    progress = progress_of(plan)
    assert (len(progress.rows), progress.years, progress.latest) == (44 * 5, (), None)
    assert set(progress.rows["state"]) == {"未配布"}
    assert all(frame.empty for name, frame in empty_cycle().items() if name)
