"""The workbook holds the brief's numbers as numbers, and its few formulas give the brief's own until a target is changed."""

import dataclasses
import functools
import io
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from given import ELEVEN_YEARS, GOOD, NOW, recorded

from kyodo.agenda import Choice, Meeting
from kyodo.brief import build_brief
from kyodo.fiscal import short_label
from kyodo.workbook import build_workbook as build

build_workbook = functools.cache(build)  # the same brief, the same book: made once

SHEETS = ["指標", "項目", "進行管理", "前期", "判定", "判定の根拠", "用語"]  # and 指摘, where something was said
TRIED = {
    "差": "difference",
    "到達率": "attainment",
    "改善幅率": "improvement",
    "ペース比": "pace",
    "必要な歩み": "pace_needed",
    "判定": "verdict",
}
VALUES = [(number, 2013, value, 1000) for number, value in GOOD.items()]


@pytest.fixture(scope="module", params=[[], VALUES, ELEVEN_YEARS], ids=["printed", "one survey", "eleven years"])
def brief(plan, request):
    return build_brief(plan, recorded(request.param), as_of=NOW)


@pytest.fixture(scope="module")
def printed(plan):
    return build_brief(plan, recorded([]), as_of=NOW)


@functools.cache  # read only
def opened(data, **how):
    return openpyxl.load_workbook(io.BytesIO(data), **how)


def rows_of(sheet):
    """The main table as a frame, its header in the fourth row; it ends at the first row without a first cell or with a note."""
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    width = next((place for place, title in enumerate(rows[0]) if title is None), len(rows[0]))
    last = int(re.search(r"\d+$", sheet.auto_filter.ref)[0])
    return pd.DataFrame([row[:width] for row in rows[1 : last - 3]], columns=rows[0][:width])


def test_the_sheets_stand_in_order_with_filters_a_header_that_stays_and_a_print_layout(brief):
    book = opened(build_workbook(brief, meeting=Meeting(document="資料2")))
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.auto_filter.ref.startswith("A4:")
        assert sheet.freeze_panes.endswith("5")
        assert sheet.print_title_rows == "$4:$4"
        assert (sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)
        assert sheet.page_setup.paperSize in (8, 9)
        assert "資料2" in sheet["A2"].value


def test_every_known_value_stands_once_as_a_number(brief):
    rows = rows_of(opened(build_workbook(brief))["指標"]).set_index(["番号", "系列"])
    series = {"baseline": "基準値・実績値", "actual": "基準値・実績値", "target": "目標値"}
    for each in brief.known.to_dict("records"):
        year = short_label(each["fiscal_year"])
        assert rows.at[(each["indicator"], series[each["kind"]]), year] == pytest.approx(each["value"], abs=1e-12)
        if pd.notna(each["n"]):
            assert rows.at[(each["indicator"], "回答者数"), year] == each["n"]
            assert rows.at[(each["indicator"], "95%区間(下)"), year] == pytest.approx(each["low"], abs=1e-12)
            assert rows.at[(each["indicator"], "95%区間(上)"), year] == pytest.approx(each["high"], abs=1e-12)
    values = rows.loc[rows.index.isin(["基準値・実績値", "目標値"], level=1)].iloc[:, 1:]
    assert values.notna().to_numpy().sum() == len(brief.known)


def test_every_distance_pace_and_verdict_stands_as_the_brief_has_it(brief):
    titles = {
        "difference": "目標との差", "attainment": "到達率", "improvement": "改善幅率", "elapsed": "経過率", "pace": "ペース比", "pace_so_far": "これまでの歩み",
        "pace_lately": "直近の歩み", "pace_needed": "必要な歩み", "projection": "直線で延ばすと", "forecast": "見込み", "likelihood": "目標に届く見込み", "change": "基準値からの変化", "change_low": "変化の95%区間(下)",
        "change_high": "変化の95%区間(上)", "target": "目標値", "actual": "実績値", "baseline": "基準値",
    }  # fmt: skip
    book = opened(build_workbook(brief))
    sheet, heads = book["判定"], [cell.value for cell in book["判定"][4]]
    own = heads.index("試しの目標値")  # from there on the trial repeats the titles
    places = {
        cell.value: (each, cell.column)
        for each in (book["判定の根拠"], sheet)
        for cell in each[4][: own if each is sheet else None]
    }
    for down, row in enumerate(rows_as_read(brief), start=5):
        for name, title in titles.items():
            there, column = places[title]
            found = there.cell(down, column).value
            assert found is None if pd.isna(row[name]) else found == pytest.approx(row[name], abs=1e-12)
        assert row["verdict"] in sheet.cell(down, heads.index("判定") + 1).value


def test_signed_numbers_are_written_with_their_sign_and_a_triangle_for_minus(printed):
    book = opened(build_workbook(printed))
    formats = {
        cell.value: sheet.cell(5, cell.column).number_format
        for sheet in (book["判定"], book["判定の根拠"])
        for cell in sheet[4]
        if cell.value in ("目標値", "目標との差", "改善幅率", "必要な歩み")
    }
    assert formats == {
        "目標値": "0.0", "目標との差": '+0.0;"▲"0.0;±0.0', "改善幅率": '0.0%;"▲"0.0%', "必要な歩み": '+0.00;"▲"0.00;±0.00',
    }  # fmt: skip


def test_formulas_stand_only_beside_the_targets_to_try(brief):
    book = opened(build_workbook(brief))
    found = {
        (sheet.title, sheet.cell(4, cell.column).value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    assert found == {("判定", title) for title in TRIED}


def rows_as_read(brief):
    """The assessed rows with 目標との差 as people read it: what was measured less what is aimed at."""
    return brief.targets.assign(difference=brief.targets["actual"] - brief.targets["target"]).to_dict("records")


def trial(data):
    """The trial columns as values, one row per indicator and target."""
    sheet = opened(data, data_only=True)["判定"]
    heads = [cell.value for cell in sheet[4]]
    first = heads.index("試しの目標値")
    rows = [[cell.value for cell in row][first : first + 7] for row in sheet.iter_rows(min_row=5, max_row=14)]
    return pd.DataFrame(rows, columns=heads[first : first + 7])


def same(found, expected):
    if pd.isna(expected) or expected == "":
        return pd.isna(found) or found == ""
    return found == expected if isinstance(expected, str) else found == pytest.approx(expected, abs=1e-9)


def test_what_is_kept_for_the_trial_is_the_briefs(brief):
    rows = trial(build_workbook(brief))
    for found, row in zip(rows.to_dict("records"), rows_as_read(brief), strict=True):
        assert found["試しの目標値"] == row["target"]
        assert all(same(found[title], row[name]) for title, name in TRIED.items())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_that_calculates_anew_finds_the_briefs_numbers(brief, tmp_path):
    # The kept results are taken out, so that what is read back was calculated.
    file = tmp_path / "brief.xlsx"
    with zipfile.ZipFile(io.BytesIO(build_workbook(brief))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", old.read(name)))
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run([*command, "--outdir", tmp_path / "out", file], check=True, capture_output=True, timeout=120)
    rows = trial((tmp_path / "out/brief.xlsx").read_bytes())
    for found, row in zip(rows.to_dict("records"), rows_as_read(brief), strict=True):
        assert {title: found[title] for title, name in TRIED.items() if not same(found[title], row[name])} == {}


def test_a_chart_points_at_the_cells_it_shows(brief):
    data = build_workbook(brief)
    book, seen = opened(data, data_only=True), 0
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in (each for each in parts.namelist() if each.startswith("xl/charts/chart")):
            for series in ElementTree.fromstring(parts.read(name)).iter(f"{{{CHART}}}ser"):
                title, values = (series.find(f".//{{{CHART}}}{part}//{{{CHART}}}f").text for part in ("tx", "val"))
                assert cells(book, title)[0]
                assert any(isinstance(value, (int, float)) for value in cells(book, values))
                seen += 1
    assert seen >= 5 * 3 + 4 + 4 + 2


CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def cells(book, address):
    sheet, _, area = address.replace("$", "").replace("'", "").partition("!")
    found = book[sheet][area]
    rows = found if isinstance(found, tuple) else ((found,),)
    return [cell.value for row in rows for cell in (row if isinstance(row, tuple) else (row,))]


def test_every_item_and_every_former_item_has_its_line(printed):
    book = opened(build_workbook(printed))
    assert rows_of(book["項目"])["番号"].tolist() == printed.table["item"].tolist()
    assert rows_of(book["前期"])["番号"].tolist() == printed.plan.past_items["past_item"].tolist()
    assert len(rows_of(book["進行管理"])) == 44
    assert rows_of(book["用語"])["言葉"].tolist() == printed.plan.terms["term"].tolist()


def test_a_choice_narrows_the_sheets(printed):
    book = opened(build_workbook(printed, choice=Choice(indicators=(2,), policies=("IV",))))
    assert set(rows_of(book["指標"])["番号"]) == {2}
    assert {item.split("-")[0] for item in rows_of(book["項目"])["番号"]} == {"IV"}


def test_what_looks_like_a_formula_or_an_address_stays_text(printed):
    strange = ["=1+1", "https://example.jp/x", "@SUM(A1)", "髙﨑①～\x07"]
    titles = [*strange, *printed.table["title"].iloc[len(strange) :]]
    data = build_workbook(dataclasses.replace(printed, table=printed.table.assign(title=titles)))
    sheet = opened(data)["項目"]
    assert [(cell.value, cell.data_type) for cell in sheet["B"][4:7]] == [(text, "s") for text in strange[:3]]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name]
        assert not any(
            b"hyperlink" in parts.read(name) for name in parts.namelist() if name.endswith((".xml", ".rels"))
        )


def test_the_file_names_no_author_and_the_briefs_moment(printed):
    facts = opened(build_workbook(printed)).properties
    assert facts.creator in (None, "")
    assert facts.created == NOW.replace(tzinfo=None)


@pytest.mark.slow
def test_the_file_is_what_the_standard_allows(brief, tmp_path):
    audit = pytest.importorskip("openxml_audit", reason="openxml-audit is not installed")
    file = tmp_path / "brief.xlsx"
    file.write_bytes(build_workbook(brief))
    assert [str(error) for error in audit.OpenXmlValidator().validate(str(file)).errors] == []
