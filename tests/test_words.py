"""Streamlit's own words: every one is found in the installed version, and none is left in what the browser gets."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from kyodo.ui.door import JapanesePage
from kyodo.ui.program import FOLDER, Program, files
from kyodo.ui.words import WORDS, translated

FILES = {stem: sorted((FOLDER / "js").glob(f"{stem}.*.js")) for stem in WORDS}


@pytest.mark.parametrize(("stem", "english"), [(stem, english) for stem, words in WORDS.items() for english in words])
def test_a_word_is_in_streamlits_files_and_is_gone_from_ours(stem, english):
    texts = {file.name: file.read_text(encoding="utf-8") for file in FILES[stem]}
    holders = [name for name, text in texts.items() if english in text]
    assert holders, "Streamlit says this otherwise now: look at its widget and correct the table"
    assert not any(english.encode() in translated(name, texts[name].encode()) for name in holders)


@pytest.mark.parametrize("name", ["nothing.js", "../index.html", "../js/nothing.js", "index.js", "", "index.html"])
def test_what_is_no_file_of_the_program_is_not_ours(name):
    assert ("js", name) not in files()
    assert get(f"/static/js/{name}")[2] == PAGE


PAGE = '<html lang="en"><head><title>Streamlit</title></head><noscript><p>Reading this</p></noscript></html>'


def get(path, **asked):
    """Ask the door for a path as a web server does; returns status, headers, text."""
    sent = []

    async def send(message):
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in asked.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
    door = JapanesePage(Program(HTMLResponse(PAGE)))
    with ThreadPoolExecutor(1) as own:  # a browser test before may have left a running loop in this thread
        own.submit(lambda: asyncio.run(door(scope, None, send))).result()
    body, headers = b"".join(message.get("body", b"") for message in sent[1:]), Headers(raw=sent[0]["headers"])
    return sent[0]["status"], headers, READ[headers.get("content-encoding", "")](body).decode()


READ = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


def test_a_translated_file_is_kept_by_the_browser_and_asked_for_by_its_mark():
    path = f"/static/js/{FILES['FileUploader'][0].name}"
    status, headers, text = get(path)
    assert status == 200
    assert "ファイルを選ぶ" in text
    assert "max-age" in headers["cache-control"]
    assert get(path, if_none_match=headers["etag"])[::2] == (304, "")


@pytest.mark.parametrize(
    ("asked", "coding"), [("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("gzip;q=0.5", "gzip"), ("", "")]
)
def test_the_program_comes_in_the_best_coding_the_browser_reads(asked, coding):
    path = f"/static/js/{FILES['index'][0].name}"
    _, headers, text = get(path, accept_encoding=asked)
    assert headers.get("content-encoding", "") == coding
    assert headers["vary"] == "accept-encoding"
    assert text == get(path)[2]
    if coding:
        assert int(headers["content-length"]) < 0.4 * len(text.encode())
        assert headers["etag"] != get(path)[1]["etag"]


def test_a_page_is_served_in_japanese_even_when_asked_for_compressed():
    status, headers, text = get("/items", accept="text/html", accept_encoding="gzip, br")
    assert status == 200
    assert '<html lang="ja">' in text
    assert "<title>協働推進ダッシュボード</title>" in text
    assert "Reading" not in text
    assert headers["content-language"] == "ja"
    assert int(headers["content-length"]) == len(text.encode())
