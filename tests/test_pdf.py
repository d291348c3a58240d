"""A PDF is made one at a time, within a limit, and where it cannot be made a sentence says so."""

import os
import shutil
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
from given import NOW, recorded

from kyodo.agenda import Choice
from kyodo.brief import build_brief
from kyodo.deck import build_deck
from kyodo.pdf import NO_OFFICE, PdfError, find_office, to_pdf

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="the stand-in for LibreOffice is a shell script")


def office(tmp_path, does):
    """A stand-in for LibreOffice; ``$out`` is the folder it is told to write to."""
    program = tmp_path / "soffice"
    program.write_text(f'#!/bin/sh\nwhile [ "$1" != "--outdir" ]; do shift; done\nout=$2\n{does}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_where_libreoffice_is_missing_a_sentence_says_how(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert find_office() is None
    with pytest.raises(PdfError, match="LibreOffice がないため") as raised:
        to_pdf(b"")
    assert str(raised.value) == NO_OFFICE


def test_what_libreoffice_made_is_handed_on(tmp_path):
    assert to_pdf(b"slides", office(tmp_path, 'cat "$out/slides.pptx" > "$out/slides.pdf"')) == b"slides"


def test_a_program_that_makes_nothing_is_reported(tmp_path):
    with pytest.raises(PdfError, match="作れませんでした"):
        to_pdf(b"", office(tmp_path, "exit 0"))


def test_a_program_that_cannot_be_run_is_reported(tmp_path):
    with pytest.raises(PdfError, match="動かせません"):
        to_pdf(b"", tmp_path / "missing")


def lives(process):
    """Whether a process is there and is more than a name that nobody has read yet."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # gone in between, or a system without /proc
        return Path("/proc/self").exists() is False


def test_a_program_that_takes_too_long_is_ended_with_what_it_started(tmp_path):
    begun = tmp_path / "begun"
    with pytest.raises(PdfError, match="秒でできあがらない"):
        to_pdf(b"", office(tmp_path, f'sleep 600 & echo $! > "{begun}"; wait'), limit=1)
    until = time.monotonic() + 20
    while lives(started := int(begun.read_text())) and time.monotonic() < until:
        time.sleep(0.01)
    assert not lives(started)


def test_decks_are_made_one_after_another(tmp_path):
    log = tmp_path / "log"
    slow = office(tmp_path, f'echo begin >> "{log}"; sleep 0.1; echo end >> "{log}"; touch "$out/slides.pdf"')
    threads = [threading.Thread(target=to_pdf, args=(b"", slow)) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert log.read_text().split() == ["begin", "end"] * 3


def test_whoever_waits_too_long_for_another_deck_is_told(tmp_path):
    begun, done = tmp_path / "begun", tmp_path / "done"
    busy = f'touch "{begun}"; while [ ! -e "{done}" ]; do sleep 0.02; done; touch "$out/slides.pdf"'
    slow = office(tmp_path, busy)
    first = threading.Thread(target=to_pdf, args=(b"", slow))
    first.start()
    while not begun.exists():
        time.sleep(0.01)
    with pytest.raises(PdfError, match="ほかの PDF"):
        to_pdf(b"", slow, limit=0.2)
    done.touch()
    first.join()


@pytest.mark.slow
@pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed")
def test_libreoffice_makes_a_pdf_of_the_slides(plan):
    deck = build_deck(build_brief(plan, recorded([]), as_of=NOW), choice=Choice(parts=("overview",)))
    assert to_pdf(deck).startswith(b"%PDF-")


@pytest.mark.slow
@pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed")
def test_a_linked_picture_makes_libreoffice_call_nobody(tmp_path, monkeypatch):
    """The same deck is drawn twice: without a network of its own the call is heard, so the ear works."""
    from deck_templates import OUT, linked_picture, packed, parts

    from kyodo import pdf

    heard = []
    for confined in (True, False):
        with socket.create_server(("127.0.0.1", 0)) as ear:
            ear.settimeout(0.2)
            address = f"http://127.0.0.1:{ear.getsockname()[1]}/spy.png".encode()
            content = parts(linked_picture("ppt/slides/slide1.xml"))
            deck = packed({name: body.replace(OUT.encode(), address) for name, body in content.items()})
            if not confined:
                monkeypatch.setattr(pdf, "_confined", lambda: ())
            elif "unshare" not in pdf._confined():
                pytest.skip("a network of its own needs unshare -n, which is not permitted here")
            assert to_pdf(deck).startswith(b"%PDF")
            try:
                ear.accept()[0].close()
                heard.append(True)
            except TimeoutError:
                heard.append(False)
    assert heard == [False, True]
