"""A whole year as an office lives it: sixteen files come back, saved by LibreOffice in two ways, a fifth of them damaged."""

import datetime as dt
import io
import json
import shutil
import subprocess

import openpyxl
import pytest
from docx import Document
from given import GOOD, NOW, summary_csv

from kyodo.__main__ import main
from kyodo.record import Record
from tests.cycle.year import HEAD, changed

SECTIONS = {  # what the secretariat decided for the six names that are no section
    "地域交流センター": "地域交流センター事務局", "各地域交流センター": "生涯学習センター", "関係課": "商工振興課",
    "(仮称)地域活性化センター": "地域活性化センター", "全所属": "総務課", "各課": "市民課",
}  # fmt: skip
TYPED = [
    {"実施状況": "◎実施済", "実績": "講座を12回\n開いた", "実績の数": 12, "単位": "回", "目安に達したか": "はい", "根拠": "報告書 3頁"},
    {"実施状況": "○", "実績": "-3回減らした", "実績の数": 1234.5, "単位": "人", "目安に達したか": "終わりのない項目"},
    {"実施状況": "検討中", "課題": "担い手、「資金」, 場所", "次年度へ向けた取組": "2~3回の協議", "今後の取扱い": "継続"},
    {"実施状況": "△", "協働の相手": "NPO(委託)", "自己点検(対等)": "一部", "記入者": "山田", "記入日": dt.date(2014, 4, 20)},
]  # fmt: skip
COLUMNS = {
    "実施状況": "status", "実績": "result", "実績の数": "result_value", "単位": "result_unit", "目安に達したか": "criterion_met",
    "根拠": "evidence", "課題": "issue", "次年度へ向けた取組": "next_step", "今後の取扱い": "disposition", "協働の相手": "partners",
    "自己点検(対等)": "check_equality", "記入者": "written_by", "記入日": "written_on",
}  # fmt: skip
STATUS = {"◎実施済": "実施済", "○": "継続推進", "検討中": "検討中", "△": "一部実施"}
CP932_CSV = "csv:Text - txt - csv (StarCalc):44,34,64,1,,0,false,true,false,false,false,-1"


def fill(data, wanted):
    """A returned workbook, every row typed; ``wanted`` takes item → what was typed."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for made in book:
        titles = [cell.value for cell in made[HEAD]]
        for row in range(HEAD + 1, made.max_row + 1):
            item = made.cell(row, 1).value
            typed = TYPED[row % len(TYPED)] if made.title == "進行管理" else {"補足": f"{item} を手伝った"}
            for title, value in typed.items():
                made.cell(row, titles.index(title) + 1).value = value
            if made.title == "進行管理":
                wanted[item] = typed
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def saved_by_office(folder, form):
    """Every workbook of a folder saved again by LibreOffice."""
    out = folder.parent / f"{folder.name}-{form.partition(':')[0]}"
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", form, "--outdir", out, *folder.iterdir()],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return sorted(out.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_the_whole_year(database, capsys, tmp_path, plan):
    def run(*arguments):
        status = main([str(each) for each in arguments], now=lambda: NOW)
        return status, capsys.readouterr()

    record, by = Record(database), {"by": "事務局", "at": NOW}
    record.address([{"department": name, "section": to, "from_year": 2013} for name, to in SECTIONS.items()], **by)
    assert run("sheets", tmp_path / "out", "--year", "H25", "--by", "事務局")[0] == 0
    files = [file for file in (tmp_path / "out").iterdir() if "全課" not in file.name]
    assert len(files) == 16

    wanted: dict = {}
    for place, file in enumerate(sorted(files)):
        folder = tmp_path / ("xlsx" if place % 2 else "csv")
        folder.mkdir(exist_ok=True)
        (folder / file.name).write_bytes(fill(file.read_bytes(), wanted))
    assert len(wanted) == 44
    back = [*saved_by_office(tmp_path / "xlsx", "xlsx"), *saved_by_office(tmp_path / "csv", CP932_CSV)]

    good = {}
    for file in [
        file for file in back if file.suffix == ".xlsx" and "進行管理" in openpyxl.load_workbook(file).sheetnames
    ][:3]:
        good[file] = file.read_bytes()
        file.write_bytes(
            changed(good[file], lambda made, place: setattr(made.cell(HEAD + 1, place("実施状況")), "value", "☆"))
        )
    assert len(good) == 3
    status, said = run("collect", *back, "--year", "H25", "--by", "事務局", "--json")
    answer = json.loads(said.out)
    refused = {file["file"]: file["problems"] for file in answer["files"] if not file["accepted"]}
    assert (status, set(refused)) == (1, {file.name for file in good})
    assert {(each["row"], each["column"]) for problems in refused.values() for each in problems} == {
        (HEAD + 1, "実施状況")
    }

    assert run("letter", tmp_path / "照会.docx", "--year", "H25")[0] == 0
    rows = [[cell.text for cell in row.cells] for row in Document(tmp_path / "照会.docx").tables[0].rows[1:]]
    owed = {row[1].split(" ")[0] for row in rows if "補足" not in row[2]}
    assert owed == set(wanted) - set(record.cycle()["progress"]["item"])

    for file, data in good.items():
        file.write_bytes(data)
    assert run("collect", *good, "--year", "H25", "--by", "事務局")[0] == 0
    stored = record.cycle()["progress"].set_index("item")
    for item, typed in wanted.items():
        for title, value in typed.items():
            value = STATUS.get(value, value) if title == "実施状況" else value
            assert stored.at[item, COLUMNS[title]] == (value.isoformat() if isinstance(value, dt.date) else value), (
                item,
                title,
            )
    assert (
        len(record.cycle()["progress"]) + len(record.cycle()["supplements"]) == 79
    )  # items and sections named, relisted ones left out

    record.confirm(stored.index, 2013, **by)
    record.close_year(2013, meeting=3, held_on="2014-07-01", **by)
    for name, indicators in {"市民": [1, 2, 3, 4], "職員": [5]}.items():
        (tmp_path / f"{name}.csv").write_bytes(summary_csv({each: GOOD[each] for each in indicators}))
        assert run("register", tmp_path / f"{name}.csv", "--by", "事務局")[0] == 0
    year = json.loads(run("brief", "--json")[1].out)["progress"]["fiscal_years"][0]
    assert (year["answered"], year["closed"], year["missing"], year["state"]["報告済"]) == (44, True, [], 44)
    assert run("deck", tmp_path / "会議.pptx")[0] == 0
    assert run("workbook", tmp_path / "集計.xlsx")[0] == 0
    assert record.check() == []
