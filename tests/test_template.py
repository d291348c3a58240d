"""A city's template is read in a process with limits, and only its paper comes back."""

import io
import resource

import pytest
from deck_templates import (
    OUT,
    bomb,
    deep,
    entities,
    linked_picture,
    linked_template,
    mangled,
    many_elements,
    parts,
    plain,
    with_macros,
    with_object,
)
from pptx import Presentation

from kyodo.deck.stationery import city_paper
from kyodo.deck.template import cleaned, read_template
from kyodo.errors import KyodoError


@pytest.mark.slow
def test_a_good_template_keeps_its_paper_and_layouts_and_loses_its_slides():
    paper = city_paper(read_template(plain()))
    before = Presentation(io.BytesIO(plain()))
    assert [each.name for each in paper.deck.slide_layouts] == [each.name for each in before.slide_layouts]
    assert len(paper.deck.slides) == 0


@pytest.mark.parametrize("make", [linked_picture, linked_template, with_macros, with_object])
def test_what_reaches_out_or_runs_is_taken_out(make):
    kept = parts(cleaned(make()))
    everything = b"".join(kept.values())
    for trace in (
        OUT.encode(),
        b"External",
        b"vbaProject",
        b"macroEnabled",
        b"oleObject",
        b"rIdX",
        b"Attribute VB_Name",
    ):
        assert trace not in everything
    assert b"presentationml.presentation.main+xml" in kept["[Content_Types].xml"]
    city_paper(cleaned(make()))


@pytest.mark.parametrize("make", [many_elements, bomb, entities])
def test_what_costs_too_much_is_refused_before_it_is_read(make):
    with pytest.raises(KyodoError, match="様式のファイル"):
        cleaned(make())


@pytest.mark.slow
@pytest.mark.parametrize("make", [many_elements, bomb, entities, deep])
def test_what_costs_too_much_is_refused_in_a_sentence_and_costs_this_process_nothing(make):
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(KyodoError, match="様式のファイル") as refusal:
        read_template(data)
    assert str(refusal.value).count("。") == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 20_000


MANGLED = dict(mangled())


@pytest.mark.parametrize("name", MANGLED)
def test_whatever_is_malformed_is_refused_in_one_sentence_or_harmless(name):
    try:
        city_paper(cleaned(MANGLED[name]))
    except KyodoError as error:
        assert "様式" in str(error)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7", bytes(1000)])
def test_what_is_no_template_is_refused(data):
    with pytest.raises(KyodoError, match="PowerPoint"):
        cleaned(data)


def test_a_refusal_comes_out_of_the_process_that_reads():
    with pytest.raises(KyodoError, match="PowerPoint"):
        read_template(b"%PDF-1.7")


@pytest.mark.slow
@pytest.mark.parametrize("make", [plain, linked_picture, with_macros, with_object])
def test_what_comes_back_is_what_the_standard_allows(make, tmp_path):
    audit = pytest.importorskip("openxml_audit", reason="openxml-audit is not installed")
    file = tmp_path / "template.pptx"
    file.write_bytes(cleaned(make()))
    before = tmp_path / "before.pptx"
    before.write_bytes(plain())
    found, known = (
        {str(each) for each in audit.OpenXmlValidator().validate(str(each)).errors} for each in (file, before)
    )
    assert found <= known
