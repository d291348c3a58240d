"""Every accepted cell is what was typed; every damage is named with its place and what to do."""

import csv
import io

import openpyxl
import pytest
from given import NOW

from kyodo.cycle.drop import read_drop
from kyodo.cycle.returned import read_returned
from kyodo.handout import sheet_files
from tests.cycle.year import DONE, HEAD, changed, filled, handed_out, progress_of

SECTION = "行革推進課"  # answers IV-1-3 alone and adds to I-2-12


@pytest.fixture(scope="module")
def start(plan):
    return progress_of(plan)


@pytest.fixture(scope="module")
def sheet(start):
    return handed_out(start, SECTION)


def read(data, progress, name="返送.xlsx", year=2013):
    return read_returned(data, name, progress, year)


def put(title, value, row=HEAD + 1):
    """A change that writes one cell."""
    return lambda made, place: setattr(made.cell(row, place(title)), "value", value)


def only(found):
    """The single problem."""
    assert len(found.problems) == 1, [str(each) for each in found.problems]
    return found.problems[0]


class TestAccepted:
    def test_every_cell_comes_back_as_it_was_typed(self, start, sheet):
        typed = DONE | {
            "課題": "- 予算", "次年度へ向けた取組": "　・周知 \n　・募集", "今後の取扱い": "統合", "統合先": "I-1-1", "協働の相手": "協議会(委託)",
            "自己点検(評価)": "まだ", "記入者": "山田", "所属長": "佐藤", "記入日": "平成26年4月20日",
        }  # fmt: skip
        found = read(filled(sheet, typed), start)
        assert found.problems == ()
        row = found.answers.iloc[0].to_dict()
        want = {
            "item": "IV-1-3", "fiscal_year": 2013, "department": SECTION, "status": "実施済", "result": "3館を\n改築",
            "result_value": 3.5, "result_unit": "館", "criterion_met": "はい", "evidence": "工事完了報告", "issue": "- 予算",
            "next_step": "　・周知 \n　・募集", "disposition": "統合", "into_item": "I-1-1", "partners": "協議会(委託)", "check_review": "まだ",
            "check_purpose": "", "written_by": "山田", "head": "佐藤", "written_on": "2014-04-20",
        }  # fmt: skip
        assert {name: row[name] for name in want} == want

    @pytest.mark.parametrize(
        ("written", "status"),
        [
            ("◎", "実施済"), ("実施済", "実施済"), ("◎ 実施済", "実施済"), ("実施済(◎)", "実施済"), ("○", "継続推進"), ("〇", "継続推進"),
            ("◯", "継続推進"), ("O", "継続推進"), ("Ｏ", "継続推進"), ("△一部実施", "一部実施"), ("×", "検討中"), ("✕", "検討中"),
            ("x", "検討中"), ("検討", "検討中"),
        ],
    )  # fmt: skip
    def test_symbols_are_read_as_what_they_are(self, start, sheet, written, status):
        assert read(filled(sheet, {"実施状況": written}), start).answers["status"].tolist() == [status]

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            (NOW.replace(tzinfo=None, hour=0), "2014-05-01"),
            ("2014/5/1", "2014-05-01"),
            ("H26.5.1", "2014-05-01"),
            (41760, "2014-05-01"),
        ],
    )
    def test_a_spreadsheets_date_is_a_date(self, start, sheet, written, day):
        found = read(filled(sheet, {"実施状況": "◎", "記入日": written}), start)
        assert (found.answers["written_on"].tolist(), found.notices) == ([day], ())

    def test_a_date_whose_format_was_lost_is_read_and_told(self, start, sheet):
        def lose(made, place):
            made.cell(HEAD + 1, place("記入日")).number_format = "General"

        found = read(changed(filled(sheet, {"実施状況": "◎", "記入日": 41760}), lose), start)
        assert (found.answers["written_on"].tolist(), found.notices[0].code) == (["2014-05-01"], "date")

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "utf-16"])
    def test_a_csv_in_any_encoding_says_the_same_as_the_workbook(self, start, sheet, encoding):
        name, data = next(
            (n, d) for n, d in sheet_files(start, 2013, csv=True).items() if n.startswith(f"進行管理シート_{SECTION}")
        )
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        for title, value in DONE.items():
            rows[1][rows[0].index(title)] = str(value)
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        found = read(out.getvalue().encode(encoding), start, name)
        assert found.problems == ()
        own = read(filled(sheet), start)
        assert found.answers.drop(columns=["sheet", "row"]).equals(own.answers.drop(columns=["sheet", "row"]))

    def test_what_was_not_filled_in_is_told_and_left_out(self, start):
        data = changed(handed_out(start, "職員課"), put("実施状況", "○"))
        found = read(data, start)
        assert (found.accepted, found.answers["item"].tolist()) == (True, ["I-6-1"])
        assert "IV-2-1" in found.notices[0].message

    def test_a_supplement_is_kept_beside_the_answer(self, start, sheet):
        found = read(filled(sheet, {"補足": "定数を見直した"}, "補足"), start)
        assert found.supplements[["item", "section", "supplement"]].to_numpy().tolist() == [
            ["I-2-12", SECTION, "定数を見直した"]
        ]


DAMAGES = [
    ("another year's sheet", put("年度", "H26"), "year", "H26"),
    ("a year nobody can read", put("年度", "25"), "cell", "年度"),
    ("a changed title", put("推進項目", "地域内分権"), "changed", "元に戻して"),
    ("a changed stage", put("年次計画", "済"), "changed", "年次計画"),
    ("a changed criterion", put("完了の目安", "なし"), "changed", "完了の目安"),
    ("an item of no plan", put("項目", "V-9-9"), "item", "この計画にありません"),
    ("a relisted item", put("項目", "IV-2-2"), "item", "II-3-3"),
    ("another section", put("担当課", "財政課"), "section", "行革推進課"),
    ("a symbol outside the list", put("実施状況", "☆"), "cell", "◎実施済、○継続推進、△一部実施、×検討中"),
    ("symbol and word that differ", put("実施状況", "◎継続推進"), "cell", "選択肢"),
    ("words for a number", put("実績の数", "3館"), "cell", "数ではありません"),
    ("no day", put("記入日", "4月20日"), "cell", "年から"),
    ("a date where text belongs", put("実績", NOW.replace(tzinfo=None)), "cell", "日付"),
    ("an error value", put("課題", "#REF!"), "cell", "エラー"),
    ("a formula without a result", put("課題", "=A1"), "cell", "数式"),
    ("a text too long", put("課題", "長" * 2001), "cell", "2,000字"),
    ("no status", put("実施状況", None), "status", "空欄"),
    ("merged into nothing", put("今後の取扱い", "統合"), "into", "統合先がありません"),
    ("a target without a merger", put("統合先", "I-1-1"), "into", "統合ではありません"),
    ("an answer without an item", put("実績", "済", HEAD + 3), "stray", "項目のない行"),
    ("a cell beside the table", lambda made, place: setattr(made.cell(HEAD + 1, 40), "value", "x"), "stray", "AN列"),
    ("merged cells", lambda made, place: made.merge_cells(start_row=HEAD + 1, end_row=HEAD + 2, start_column=11, end_column=11), "merged", "K5:K6"),
    ("a deleted column", lambda made, place: made.delete_cols(place("根拠")), "column", "根拠"),
    ("a column twice", lambda made, place: setattr(made.cell(HEAD, 40), "value", "課題"), "column", "二つ"),
    ("an unknown column", lambda made, place: (setattr(made.cell(HEAD, 40), "value", "備考"), setattr(made.cell(HEAD + 1, 40), "value", "x")), "column", "備考"),
]  # fmt: skip


class TestDamaged:
    @pytest.mark.parametrize(
        ("change", "code", "word"), [case[1:] for case in DAMAGES], ids=[case[0] for case in DAMAGES]
    )
    def test_it_is_named_with_file_sheet_place_and_remedy(self, start, sheet, change, code, word):
        found = read(changed(filled(sheet), change), start)
        problem = only(found)
        assert problem.code == code
        assert word in str(problem) + problem.column
        assert (problem.file, problem.sheet, bool(problem.hint), bool(problem.row)) == (
            "返送.xlsx",
            "進行管理",
            True,
            True,
        )

    def test_a_deleted_row_is_named(self, start):
        data = changed(filled(handed_out(start, "職員課")), lambda made, place: made.delete_rows(HEAD + 1))
        assert "I-6-1" in only(read(data, start)).message

    def test_a_deleted_row_of_an_answered_item_is_none_of_our_business(self, plan, record):
        record.collect([{"item": "I-6-1", "fiscal_year": 2013, "status": "実施済"}], by="山田", at=NOW)
        progress = progress_of(plan, record)
        data = changed(filled(handed_out(progress, "職員課")), lambda made, place: made.delete_rows(HEAD + 1))
        assert read(data, progress).accepted

    def test_an_added_row_is_named(self, start):
        data = filled(handed_out(start, "職員課"))

        def add(made, place):
            for cell in list(made[HEAD + 1]):
                made.cell(HEAD + 3, cell.column).value = cell.value
            made.cell(HEAD + 3, place("項目")).value = "I-1-1"

        codes = {problem.code for problem in read(changed(data, add), start).problems}
        assert codes == {"section", "changed"}

    def test_a_copied_row_and_a_copied_sheet_are_named(self, start, sheet):
        def copy_row(made, place):
            for cell in list(made[HEAD + 1]):
                made.cell(HEAD + 2, cell.column).value = cell.value

        assert "5行目と 6行目" in only(read(changed(filled(sheet), copy_row), start)).message
        book = openpyxl.load_workbook(io.BytesIO(filled(sheet)))
        book.copy_worksheet(book["進行管理"]).title = "進行管理 (2)"
        out = io.BytesIO()
        book.save(out)
        assert "進行管理 (2)" in only(read(out.getvalue(), start)).message

    def test_a_supplementing_section_is_not_asked_for_the_status(self, start, sheet):
        def answer(made, place):
            made.cell(HEAD, 30).value = "実施状況"
            made.cell(HEAD + 1, 30).value = "◎"

        assert only(read(changed(sheet, answer, "補足"), start)).code == "not_asked"

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (b"", "空.xlsx"),
            (b"PK\x03\x04 broken", "壊.xlsx"),
            ("見出し,値\r\n1,2\r\n".encode(), "別.csv"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧.xls"),
        ],
    )
    def test_what_is_no_sheet_is_named(self, start, data, name):
        problem = read(data, start, name).problems[0]
        assert (problem.file, bool(problem.hint)) == (name, True)

    def test_a_blank_sheet_that_comes_back_is_named(self, start, sheet):
        assert only(read(sheet, start)).code == "empty"

    def test_a_section_with_nothing_to_add_may_say_so(self, start):
        found = read(handed_out(start, "管財課"), start)
        assert (found.accepted, found.notices[0].code, len(found.supplements)) == (True, "empty", 0)


class TestDrop:
    def test_good_files_are_taken_while_bad_ones_are_refused(self, start, sheet):
        bad = changed(filled(handed_out(start, "職員課")), put("実施状況", "☆"))
        drop = read_drop([("悪.xlsx", bad), ("良.xlsx", filled(sheet))], start, 2013)
        assert (drop.accepted, [file.accepted for file in drop.files]) == (False, [False, True])
        assert drop.answers["item"].tolist() == ["IV-1-3"]
        assert [name for name, _ in drop.to_keep["files"]] == ["良.xlsx"]

    def test_two_files_for_one_section_are_refused_where_they_differ(self, start, sheet):
        drop = read_drop([("一.xlsx", filled(sheet)), ("二.xlsx", filled(sheet, {"実施状況": "○"}))], start, 2013)
        assert [only(file).code for file in drop.files] == ["two_files", "two_files"]
        assert "二.xlsx" in drop.files[0].problems[0].message
        assert drop.answers.empty

    def test_the_same_file_twice_is_taken_once_and_told(self, start, sheet):
        data = filled(sheet)
        drop = read_drop([("一.xlsx", data), ("二.xlsx", data)], start, 2013)
        assert (drop.accepted, len(drop.answers)) == (True, 1)
        assert "一.xlsx" in drop.files[1].notices[0].message

    def test_a_supplement_that_contradicts_the_answer_is_told(self, start, sheet):
        extra = filled(sheet, {"補足": "まだ検討中である"}, "補足")
        answer = filled(handed_out(start, "協働推進課"))
        drop = read_drop([("補足.xlsx", extra), ("回答.xlsx", answer)], start, 2013)
        assert [problem.code for problem in drop.files[0].notices if problem.code == "contradicts"] == ["contradicts"]
        assert drop.accepted

    def test_the_preview_says_what_is_new_what_changes_and_what_does_not(self, plan, record, start):
        data = filled(handed_out(start, "職員課"))
        assert read_drop([("a.xlsx", data)], start, 2013).changes["how"].tolist() == ["新しい", "新しい"]
        record.collect(**read_drop([("a.xlsx", data)], start, 2013).to_keep, by="山田", at=NOW)
        now = progress_of(plan, record)
        assert read_drop([("a.xlsx", data)], now, 2013).changes["how"].tolist() == ["同じ", "同じ"]
        again = read_drop([("b.xlsx", changed(data, put("実施状況", "×")))], now, 2013).changes
        assert again[["item", "how", "column", "old", "new"]].to_numpy().tolist() == [
            ["I-6-1", "変わる", "実施状況", "実施済", "検討中"], ["IV-2-1", "同じ", "", "", ""],
        ]  # fmt: skip
        record.send_back(["I-6-1"], 2013, "根拠を", by="山田", at=NOW)
        now = progress_of(plan, record)
        assert read_drop([("a.xlsx", data)], now, 2013).changes["how"].tolist() == ["差戻しへの回答", "同じ"]

    @pytest.mark.parametrize("as_csv", [False, True])
    def test_a_sheet_handed_out_again_comes_back_as_it_stands(self, plan, record, as_csv):
        given = {
            "item": "IV-1-3",
            "fiscal_year": 2013,
            "department": SECTION,
            "status": "継続推進",
            "result": "- 3回\n= 減",
            "result_value": 1200.5,
        }
        record.collect([given | {"result_unit": "人", "issue": "@予算", "written_on": "2014-04-20"}], by="山田", at=NOW)
        progress = progress_of(plan, record)
        files = {
            name: data for name, data in sheet_files(progress, 2013, csv=as_csv).items() if f"シート_{SECTION}_" in name
        }
        drop = read_drop(files.items(), progress, 2013)
        assert drop.accepted
        assert drop.changes["how"].tolist() == ["同じ"]

    def test_the_json_has_no_persons_name(self, start, sheet):
        typed = filled(sheet, DONE | {"記入者": "山田太郎", "所属長": "佐藤次郎"})
        said = read_drop([("a.xlsx", typed)], start, 2013).to_json()
        assert said["files"][0]["answers"][0]["item"] == "IV-1-3"
        assert said["files"][0]["answers"][0]["fiscal_year"] == 2013
        assert "太郎" not in str(said)
        assert "次郎" not in str(said)
