"""An actor and a policy added in ``data/`` alone stand in every filter, count, chart and document."""

import csv
import io
import json
import re
import shutil

import openpyxl
import pytest
import streamlit as st
from given import NOW, ROOT, recorded
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from kyodo import charts, items
from kyodo.brief import build_brief
from kyodo.deck import build_deck
from kyodo.plan import load_plan
from kyodo.ui import text
from kyodo.workbook import build_workbook

ACTOR, POLICY, TITLE = "社会福祉協議会", "V", "支え合いの輪を広げます"


def add(folder, table, *rows):
    """Rows at a table's end; a row's missing cells are blank."""
    file = folder / f"{table}.csv"
    whole = file.read_text(encoding="utf-8")
    width = len(next(csv.reader(io.StringIO(whole))))
    lines = [",".join([*map(str, row), *[""] * (width - len(row))]) for row in rows]
    file.write_text("\n".join([whole.rstrip("\n"), *lines, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The plan's tables with one policy, one item and one kind of actor more."""
    folder = shutil.copytree(
        ROOT / "data", tmp_path_factory.mktemp("plan") / "data", ignore=shutil.ignore_patterns("*.db*")
    )
    add(folder, "policies", (POLICY, TITLE))
    add(folder, "measures", (POLICY, 1, "見守りの充実"))
    add(folder, "items", (f"{POLICY}-1-1", POLICY, 1, 1, "見守りの会の設置", "新規"))
    add(folder, "item_departments", (f"{POLICY}-1-1", "高齢障害課"))
    add(folder, "item_actors", (f"{POLICY}-1-1", ACTOR))
    add(folder, "item_schedule", *((f"{POLICY}-1-1", year, "検討", "検討") for year in range(2013, 2018)))
    add(folder, "questionnaires", (3, 2012, "参画していると思うか", "", "無作為抽出、郵送", "", 3000, 1440), (3, 2013))
    file = folder / "datapackage.json"
    declared = json.loads(file.read_text(encoding="utf-8"))
    table = next(each for each in declared["resources"] if each["name"] == "item_actors")
    next(each for each in table["schema"]["fields"] if each["name"] == "actor")["constraints"]["enum"].append(ACTOR)
    file.write_text(json.dumps(declared, ensure_ascii=False), encoding="utf-8")
    return folder


@pytest.fixture
def pages(folder, database, monkeypatch):
    """The pages over that plan; what a process keeps of its plan is let go before and after."""
    monkeypatch.setenv("KYODO_DATA", str(folder))
    forget()
    yield open_page
    forget()


def open_page(name, **query):
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def forget():
    st.cache_resource.clear()
    text._whole.cache_clear()


@pytest.fixture(scope="module")
def shown(folder):
    return build_brief(load_plan(folder), recorded([]), as_of=NOW)


def options(at, label):
    return next(each.options for each in at.multiselect if each.label == label)


def test_every_page_filters_and_counts_by_them(pages):
    for page in ("items", "progress", "past", "about"):
        at = pages(page)
        assert not at.exception
        said = "\n".join(str(each.proto.body) for each in at.get("html"))
        assert TITLE in said or f"新方針{POLICY}" in said
        if page in ("items", "progress"):
            at.session_state["more"] = True  # 条件を足す stands open
            at.run()
            assert f"{POLICY} {TITLE}" in options(at, "推進方針")
            assert ACTOR in options(at, "対象となる主体")
            assert options(at, "推進施策")[-1] == f"{POLICY}-1 見守りの充実"
        assert page != "items" or f">{ACTOR}<" in said


def test_what_is_known_of_a_survey_stands_on_its_indicators_page_and_nowhere_else(pages):
    caption = "設問と調査の方法"
    shown = [next((str(each.proto.body) for each in pages("indicators", indicator=number).get("html")
                   if caption in str(each.proto.body)), "") for number in ("3", "4")]  # fmt: skip
    assert [bool(each) for each in shown] == [True, False]
    text = re.sub("<[^>]+>", "|", shown[0])
    assert all(
        told in text for told in ("参画していると思うか", "無作為抽出、郵送", "3,000人", "1,440人", "48.0%", "回収率")
    )
    assert "はいと数えた選択肢" not in text  # nobody filled it in


def test_every_count_and_chart_has_them(shown):
    plan = shown.plan
    by_actor, stages = items.by_actor(shown.table, plan), items.by_stage(shown.table, plan, 2017)
    assert by_actor.loc[POLICY, ACTOR] == 1 and by_actor[ACTOR].sum() == 1
    assert stages.loc[POLICY].to_dict() == {"検討": 1, "一部実施": 0, "検討・実施": 0, "実施": 0}
    figure = charts.stage_chart(stages, plan.policies.set_index("policy")["title"].to_dict())
    assert [each.text for each in figure.layout.annotations][-1].startswith(f"{POLICY} {TITLE}(1項目)")
    assert [bar.x[-1] for bar in figure.data] == [1, 0, 0]  # a stage nobody has draws no bar


def test_the_documents_have_them(shown):
    deck = Presentation(io.BytesIO(build_deck(shown)))
    drawn = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert f"{POLICY} {TITLE}" in {name for chart in drawn for name in chart.plots[0].categories}
    book = openpyxl.load_workbook(io.BytesIO(build_workbook(shown)))
    cells = {str(cell.value) for row in book["項目"].iter_rows() for cell in row}
    assert {TITLE, "見守りの会の設置"} <= cells and any(ACTOR in each for each in cells)
