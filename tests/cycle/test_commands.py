"""The plan's year from the command line: out, in, undone; with the exit status and the JSON that scripts rely on."""

import io
import json

import openpyxl
import pytest
from docx import Document
from given import NOW

from kyodo.__main__ import main
from kyodo.handout import sheet_files
from tests.cycle.year import HEAD, changed, filled, progress_of


@pytest.fixture
def run(database, capsys):
    def command(*arguments):
        try:
            status = main([str(each) for each in arguments], now=lambda: NOW)
        except SystemExit as error:
            status = error.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture(scope="module")
def made(plan):
    return sheet_files(progress_of(plan), 2013)


@pytest.fixture
def out(made, tmp_path):
    """A folder with the year's sheets, as the command writes them."""
    (tmp_path / "out").mkdir()
    for name, data in made.items():
        (tmp_path / "out" / name).write_bytes(data)
    return tmp_path / "out"


def test_the_command_writes_the_sheets_and_notes_that_they_are_out(run, made, record, tmp_path):
    assert run("sheets", tmp_path / "new", "--year", "H25", "--by", "事務局")[0] == 0
    assert {file.name for file in (tmp_path / "new").iterdir()} == set(made)
    assert (len(record.cycle()["marks"]), set(record.cycle()["marks"]["mark"])) == (44, {"handed_out"})


def test_each_item_is_asked_of_one_section_and_only_what_is_to_fill_is_unlocked(out, plan):
    asked = []
    for file in out.iterdir():
        if "全課" in file.name:
            continue
        book = openpyxl.load_workbook(file)
        for made in book:
            assert made.protection.sheet
            titles = [cell.value for cell in made[HEAD]]
            asked += [row[0].value for row in made.iter_rows(min_row=HEAD + 1) if made.title == "進行管理"]
            open_titles = {
                titles[cell.column - 1]
                for row in made.iter_rows(min_row=HEAD + 1)
                for cell in row
                if not cell.protection.locked
            }
            parts = ("answer", "person") if made.title == "進行管理" else ("supplement", "person")
            declared = plan.sheet_columns
            assert open_titles == set(declared.loc[declared["part"].isin(parts), "title"])
            assert ("実施状況" in titles) == (made.title == "進行管理")
    assert sorted(asked) == sorted(plan.items.loc[plan.items["relisted_of"] == "", "item"])


def test_nothing_is_overwritten_and_no_other_year_is_made(run, out, tmp_path):
    status, _, said = run("sheets", out, "--year", "H25")
    assert (status, "何も作りませんでした" in said) == (1, True)
    assert run("sheets", tmp_path / "other", "--year", "H20")[0] == 1
    assert run("sheets", tmp_path / "other")[0] == 2
    assert not (tmp_path / "other").exists()


def test_nothing_is_handed_out_while_an_item_has_no_answering_section(run, record, tmp_path):
    record.address(answering=[{"item": "I-2-7", "from_year": 2013, "section": ""}], by="山田", at=NOW)
    status, _, said = run("sheets", tmp_path / "out", "--year", "H25")
    assert (status, "I-2-7" in said, (tmp_path / "out").exists()) == (1, True, False)


def test_csv_files_carry_a_mark_that_excel_knows(run, tmp_path):
    assert run("sheets", tmp_path / "csv", "--year", "H25", "--csv")[0] == 0
    assert {file.read_bytes()[:3] for file in (tmp_path / "csv").iterdir()} == {b"\xef\xbb\xbf"}


def test_collect_checks_stores_and_is_one_entry(run, out, record, tmp_path):
    good, bad = out / "進行管理シート_職員課_H25.xlsx", out / "進行管理シート_学校教育課_H25.xlsx"
    good.write_bytes(filled(good.read_bytes()))
    bad.write_bytes(
        changed(filled(bad.read_bytes()), lambda made, place: setattr(made.cell(5, place("実施状況")), "value", "☆"))
    )
    status, said, _ = run("collect", good, "--year", "H25", "--check", "--json")
    answers = json.loads(said)
    assert (status, answers["accepted"], record.revision()) == (0, True, 0)
    assert [row["item"] for row in answers["files"][0]["answers"]] == ["I-6-1", "IV-2-1"]
    status, said, _ = run("collect", good, bad, "--year", "平成25年度", "--by", "山田", "--json")
    answers = json.loads(said)
    assert (status, [file["accepted"] for file in answers["files"]]) == (1, [True, False])
    assert answers["files"][1]["problems"][0]["row"] == 5
    assert answers["number"] == record.revision() == 1
    assert run("collect", good, "--year", "H25", "--by", "山田")[:2] == (0, "1\n")
    assert run("original", 1, tmp_path / "back.xlsx")[0] == 0
    assert (tmp_path / "back.xlsx").read_bytes() == good.read_bytes()
    assert record.cycle()["progress"]["department"].tolist() == ["職員課", "職員課"]
    assert run("undo", 1, "--by", "山田")[0] == 0
    assert record.cycle()["progress"].empty


@pytest.mark.parametrize("missing", [["--year", "H25"], ["--by", "山田"], ["--year", "H25", "--by", " "]])
def test_collect_without_year_or_name_is_a_wrong_use(run, out, missing):
    assert run("collect", next(out.iterdir()), *missing)[0] == 2


def test_a_closed_year_is_refused_in_the_same_json(run, out, record):
    by = {"by": "山田", "at": NOW}
    record.collect([{"item": "I-6-1", "fiscal_year": 2013, "status": "検討中"}], **by)
    record.confirm(["I-6-1"], 2013, **by)
    record.close_year(2013, meeting=3, **by)
    file = out / "進行管理シート_職員課_H25.xlsx"
    file.write_bytes(filled(file.read_bytes()))
    status, said, _ = run("collect", file, "--year", "H25", "--by", "山田", "--json")
    assert (status, json.loads(said)["accepted"], "理由" in json.loads(said)["error"]) == (1, False, True)
    assert run("collect", file, "--year", "H25", "--by", "山田", "--reason", "集計の誤り")[0] == 0
    assert run("undo", 4, "--by", "山田")[0] == 1
    assert run("undo", 4, "--by", "山田", "--note", "取り違え")[0] == 0


@pytest.mark.slow
def test_the_brief_and_the_open_data_tell_the_year_without_names(run, out, tmp_path):
    files = [file for file in out.iterdir() if "全課" not in file.name and "職員課" not in file.name]
    for file in files:
        if "進行管理" in openpyxl.load_workbook(file).sheetnames:
            file.write_bytes(filled(file.read_bytes(), {"実施状況": "○", "記入者": "山田太郎"}))
    owing = [file for file in files if "進行管理" in openpyxl.load_workbook(file).sheetnames]
    assert run("collect", *owing, "--year", "H25", "--by", "事務局")[0] == 0
    year = json.loads(run("brief", "--json")[1])["progress"]["fiscal_years"][0]
    assert (year["items"], year["answered"], year["missing"]) == (
        44,
        42,
        [{"section": "職員課", "items": ["I-6-1", "IV-2-1"], "sent_back": 0}],
    )
    assert sum(year["against_plan"].values()) == 44
    assert year["sentence"].startswith("H25: 44項目のうち回答42、")
    assert run("export", tmp_path / "data")[0] == 0
    rows = json.loads((tmp_path / "data" / "progress.json").read_text(encoding="utf-8"))
    assert (len(rows), {row["state"] for row in rows}) == (44, {"回答", "未配布"})
    everything = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert "山田太郎".encode() not in everything


def test_the_letter_lists_what_each_section_owes(run, record, tmp_path):
    record.collect(
        [{"item": item, "fiscal_year": 2013, "status": "実施済"} for item in ("I-6-1", "IV-2-1")], by="山田", at=NOW
    )
    record.send_back(["IV-2-1"], 2013, "根拠を書いてください", by="山田", at=NOW)
    assert run("letter", tmp_path / "照会.docx", "--year", "H25", "--due", "5月16日")[0] == 0
    made = Document(io.BytesIO((tmp_path / "照会.docx").read_bytes()))
    rows = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    assert len([row for row in rows if row[2] != "補足があれば記入"]) == 1 + 43
    assert [row[1] for row in rows if row[0] == "管財課"] == ["I-1-2 市民活動の拠点の検討"]
    assert ["IV-2-1 階層別・体系的な職員研修の実施", "根拠を書いてください"] in [row[1:] for row in rows]
    assert [row[2] for row in rows if row[1].startswith("I-6-1 ")] == ["補足があれば記入"]
    assert any("5月16日" in each.text for each in made.paragraphs)
