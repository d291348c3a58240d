import json
import os
import subprocess
import sys

import pytest
from given import GOOD, NOW, ROOT, summary_csv

from kyodo.__main__ import main
from kyodo.record import Record


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


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "調査.csv"
    file.write_bytes(summary_csv(GOOD))
    return file


@pytest.fixture
def bad(tmp_path):
    file = tmp_path / "悪い.csv"
    file.write_bytes(summary_csv({**GOOD, 2: "多い"}))
    return file


def test_check_accepts_a_good_file_and_stores_nothing(run, good):
    status, out, _ = run("check", good, "--json")
    assert status == 0
    assert [row["value"] for row in json.loads(out)["values"]] == list(GOOD.values())
    assert run("history", "--json")[1].strip() == "[]"


def test_check_refuses_a_bad_file_with_the_place(run, bad):
    status, out, err = run("check", bad)
    assert status == 1
    assert "3行目" in err
    status, out, _ = run("check", bad, "--json")
    assert json.loads(out)["problems"][0]["row"] == 3


def test_register_history_undo_original(run, good, tmp_path):
    status, out, _ = run("register", good, "--by", "山田", "--note", "九月の調査")
    assert (status, out.strip()) == (0, "1")
    entries = json.loads(run("history", "--json")[1])
    assert [(row["number"], row["by"], row["note"]) for row in entries] == [(1, "山田", "九月の調査")]
    assert run("original", 1, tmp_path / "out.csv")[0] == 0
    assert (tmp_path / "out.csv").read_bytes() == good.read_bytes()
    verdict = lambda: json.loads(run("brief", "--json")[1])["indicators"][3]["targets"][0]["verdict"]  # noqa: E731
    assert verdict() == "未調査"
    assert run("undo", 1, "--by", "山田")[1].strip() == "2"
    assert verdict() == "順調"
    run("undo", 2, "--by", "山田")
    assert verdict() == "未調査"


def test_a_bad_file_is_not_registered(run, bad):
    assert run("register", bad, "--by", "山田")[0] == 1
    assert run("history")[1] == ""


def test_other_values_for_a_registered_year_need_replace(run, good, tmp_path):
    run("register", good, "--by", "山田")
    other = tmp_path / "訂正.csv"
    other.write_bytes(summary_csv({**GOOD, 1: 41.0}))
    status, _, err = run("register", other, "--by", "佐藤")
    assert status == 1
    assert "登録済み" in err
    assert run("register", other, "--by", "佐藤", "--replace")[0] == 0


def test_the_brief_as_of_a_past_moment(run, good):
    run("register", good, "--by", "山田")
    before = json.loads(run("brief", "--as-of", "2014-05-01T09:59", "--json")[1])
    after = json.loads(run("brief", "--as-of", "2014-05-01T10:00", "--json")[1])
    assert (before["revision"], after["revision"]) == (0, 1)


@pytest.mark.parametrize("arguments", [["foo"], ["check"], ["undo", "x", "--by", "a"], ["register", "x.csv"], []])
def test_a_wrong_call_is_a_usage_error(run, arguments):
    assert run(*arguments)[0] == 2


def test_a_missing_file_is_said_in_japanese(run, tmp_path):
    status, _, err = run("check", tmp_path / "ない.csv")
    assert status == 1
    assert "見つかりません" in err


def test_export_and_backup_write_files(run, good, tmp_path):
    run("register", good, "--by", "山田")
    assert run("export", tmp_path / "open")[0] == 0
    assert (tmp_path / "open" / "indicator_values.csv").read_text(encoding="utf-8-sig").count("登録した調査") == 5
    assert run("backup", tmp_path / "copy.db")[0] == 0
    assert run("copy-to", f"sqlite:///{tmp_path / 'other.db'}")[0] == 0


@pytest.mark.slow
def test_documents_name_the_meeting_and_the_deck_tells_what_changed(run, good, database, tmp_path):
    from openpyxl import load_workbook
    from pptx import Presentation

    Record(database).name_snapshot("第2回委員会時点", by="山田", at=NOW)
    run("register", good, "--by", "山田")
    deck, book, meeting = (
        tmp_path / "a.pptx",
        tmp_path / "a.xlsx",
        ("--number", 3, "--date", "2014/5/12", "--document", "資料1"),
    )
    assert run("deck", deck, *meeting, "--since", "第2回委員会時点")[0] == 0
    words = [
        shape.text_frame.text for slide in Presentation(deck).slides for shape in slide.shapes if shape.has_text_frame
    ]
    assert "第3回協働のまちづくり推進委員会\n2014年5月12日(H26年度)\n資料1" in words[1]
    assert any(text.startswith("前回(第2回委員会時点)から5指標の実績値が変わり") for text in words)
    assert run("workbook", book, *meeting)[0] == 0
    assert "第3回" in load_workbook(book).properties.title


def test_a_deck_since_a_moment_that_has_no_name_is_refused_with_the_names_there_are(run, database, tmp_path):
    Record(database).name_snapshot("第2回委員会時点", by="山田", at=NOW)
    status, _, said = run("deck", tmp_path / "b.pptx", "--since", "第9回")
    assert (status, (tmp_path / "b.pptx").exists()) == (1, False)
    assert "第2回委員会時点" in said
    assert run("deck", tmp_path / "b.pptx", "--date", "五月")[0] == 2


@pytest.mark.slow
def test_names_are_stored_as_they_were_typed_whatever_the_locale(database, tmp_path):
    file = tmp_path / "調査.csv"
    file.write_bytes(summary_csv(GOOD, year="H24"))
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    arguments = [sys.executable, "-m", "kyodo", "register", str(file), "--by", "総務課 山田", "--note", "備考"]
    subprocess.run(arguments, cwd=ROOT, env=os.environ | plain, check=True, capture_output=True)
    (entry,) = Record(database).history().to_dict("records")
    assert (entry["by"], entry["note"], entry["file"]) == ("総務課 山田", "備考", "調査.csv")
