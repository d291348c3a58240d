"""Sign-in by OpenID Connect in a browser, against a provider of our own on this machine."""

import subprocess
import sys
import urllib.request

import pytest
from given import GOOD, NOW, summary_csv
from serving import Server, free_port

from kyodo.intake import read_upload
from kyodo.record import Record

RULES = 'sign_in = "login"\nclaim = "email"\neditors = ["yamada@city.example"]\n'


@pytest.fixture(scope="module")
def provider():
    """A provider where any name signs in; in a process of its own, as its library warns of what is to come."""
    pytest.importorskip("authlib", reason="Authlib is not installed (requirements-dev.txt)")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module", params=["everyone", "signed-in"])
def served(provider, tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("signin")
    record = Record(f"sqlite:///{folder / 'kyodo.db'}")
    record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="だれか", at=NOW)
    port = free_port()
    (folder / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
        f'client_id = "kyodo"\nclient_secret = "secret"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    server = Server(
        folder,
        port=port,
        flags=("--secrets.files", str(folder / "secrets.toml")),
        rules=RULES + f'reading = "{request.param}"\n',
    ).wait()
    server.reading, server.record = request.param, record
    yield server
    server.stop()


def sign_in(page, name):
    page.get_by_role("button", name="サインイン").first.click()
    page.wait_for_url("**/oauth2/authorize*")
    page.locator("input[name=sub]").fill(name)
    page.get_by_role("button", name="Authorize").first.click()
    page.wait_for_url("**/")


def test_an_editor_signs_in_and_the_entry_bears_that_name(served, new_page):
    page = new_page()
    page.goto(served.url + "/history")
    if served.reading == "signed-in":
        page.get_by_text("サインインが必要です").wait_for()
        assert not page.get_by_text("登録の一覧").count()
    else:
        page.get_by_text("登録の一覧").wait_for()
        assert not page.get_by_role("button", name="を元に戻す").count()
    sign_in(page, "yamada@city.example")
    page.goto(served.url + "/history")
    page.get_by_role("button", name="を元に戻す").click()
    page.get_by_text("取り消しました").first.wait_for()
    assert served.record.history()["by"].iloc[0] == "yamada@city.example"
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert cookies["_streamlit_user"]["httpOnly"]
    assert not [each for each in page.seen.errors if served.url in each or "Security" in each]


def test_a_reader_signs_in_reads_and_is_told_that_writing_is_not_theirs(served, new_page):
    page, before = new_page(), served.record.revision()
    page.goto(served.url + "/register")
    sign_in(page, "sato@city.example")
    page.goto(served.url + "/register")
    page.get_by_text("sato@city.example には登録の権限がありません").wait_for()
    assert not page.locator('[data-testid="stFileUploader"]').count()
    assert served.record.revision() == before


def test_a_forged_cookie_is_nobody(served, new_page):
    page = new_page()
    page.context.add_cookies([{"name": "_streamlit_user", "value": "2|1:0|forged", "url": served.url}])
    page.goto(served.url + "/history")
    page.get_by_role("button", name="サインイン").first.wait_for()
    request = urllib.request.Request(served.url + "/open-data/items.csv", headers={"Cookie": "_streamlit_user=x"})
    if served.reading == "signed-in":
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=20)
