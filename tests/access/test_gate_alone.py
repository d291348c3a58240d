"""The gate by itself, in this process: what it lets through, as whom, and what it answers to the rest (real servers: test_gate)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from given import HEADER_RULES, ROOT
from starlette.datastructures import Headers

from kyodo import start
from kyodo.access import Person
from kyodo.access.gate import Gate, Place, pages_of
from kyodo.access.person import HEADER, unseal
from kyodo.access.uploads import Uploads
from kyodo.ui import door

ROUTES = start.PATHS
OWN, NETWORK = "127.0.0.1", "0.0.0.0"


def ask(path="/", method="GET", address=OWN, peer="127.0.0.1", scheme="http", host=None, sessions_open=0, **headers):
    """Status and headers of the answer, and the headers of what was let through (None where nothing was)."""
    gate = Gate(behind := Behind(), Place(address, pages_of(ROOT / "pages"), ROUTES), Uploads("/_stcore/upload_file"))
    gate.open = sessions_open
    sent = []

    async def send(message):
        sent.append(message)

    named = {"host": "localhost:8501" if host is None else host} | headers
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in named.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "client": (peer, 1), "scheme": scheme}
    with ThreadPoolExecutor(1) as pool:  # on this thread a browser's loop may run
        pool.submit(asyncio.run, gate(scope, None, send)).result()
    return sent[0]["status"], Headers(raw=sent[0]["headers"]), behind.seen


class Behind:
    """What stands behind the gate: notes what came and sets a cookie."""

    seen = None

    async def __call__(self, scope, receive, send):
        self.seen = Headers(scope=scope)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", b"a=b")]})
        await send({"type": "http.response.body", "body": b""})


def who(**asked):
    """As whom a request is let through."""
    return unseal(ask(**asked)[2][HEADER.decode()])


@pytest.fixture
def behind_proxy(tmp_path, monkeypatch):
    (tmp_path / "access.toml").write_text(HEADER_RULES, encoding="utf-8")
    monkeypatch.setenv("KYODO_ACCESS", str(tmp_path / "access.toml"))


@pytest.mark.parametrize(
    "name", ["evil.example", "203.0.113.5", "localhost.evil.example", "localhost@evil.example", ""]
)
def test_a_server_for_this_machine_is_called_by_no_other_name(name):
    assert ask(host=name)[::2] == (403, None)
    assert ask(host=name, origin=f"http://{name}")[::2] == (403, None)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_it_answers_to_its_own_names_and_to_pages_of_its_own(name):
    assert ask(host=f"{name}:8501", origin=f"http://{name}:8501")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
def test_no_page_of_another_place_speaks_to_it(origin):
    assert ask("/_stcore/host-config", origin=origin)[::2] == (403, None)


def test_opened_to_the_network_it_answers_to_addresses_but_no_foreign_name():
    assert ask(address=NETWORK, host="192.168.1.5:8501")[0] == 200
    assert ask(address=NETWORK, host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/nowhere", "/shell", "/component/x", "/auth/login", "/app/static/x"]
)
def test_what_this_dashboard_does_not_need_is_not_there(path):
    assert [ask(path, method)[0] for method in ("GET", "POST")] == [404, 404]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_pages_are_only_read(method):
    assert ask("/", method)[::2] == (405, None)


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/register", 200), ("/open-data/items.csv", 200), ("/no", 404)]
)
def test_every_answer_carries_the_protections(path, status):
    found, headers, _ = ask(path)
    assert (found, headers["x-content-type-options"], headers["x-frame-options"]) == (status, "nosniff", "DENY")
    assert "default-src 'none'" in headers["content-security-policy"]


def test_cookies_are_for_the_wire_that_brought_them(behind_proxy):
    assert ask(host="kyodo.example.jp", x_forwarded_proto="https")[1]["set-cookie"] == "a=b; HttpOnly; Secure"
    assert ask(host="kyodo.example.jp", x_forwarded_proto="https", peer="10.0.0.9")[1]["set-cookie"] == "a=b; HttpOnly"


def test_this_machine_writes_and_what_comes_through_a_proxy_nobody_named_does_not():
    assert who() == Person(own=True, address="127.0.0.1")
    assert not who(x_forwarded_for="10.0.0.9").own
    assert not who(address=NETWORK).own


def test_a_named_proxy_says_who_and_nobody_else_does(behind_proxy):
    asked = {"host": "kyodo.example.jp", "x_remote_user": "yamada"}
    assert who(**asked).identity == "yamada"
    assert who(**asked, peer="10.0.0.9").identity == ""
    assert who(**asked | {"x_remote_user": "山田".encode().decode("latin-1")}).identity == "山田"


@pytest.mark.parametrize("said", ["own", "x:own::", ":own::127.0.0.1"])
def test_our_own_header_from_outside_says_nothing(said):
    assert who(address=NETWORK, x_kyodo_person=said) == Person(address="127.0.0.1")


@pytest.mark.parametrize(("method", "status"), [("PUT", 403), ("DELETE", 403), ("GET", 405)])
def test_an_invented_id_is_refused(method, status):
    of_nobody = f"/_stcore/upload_file/{'0' * 8}-0000-0000-0000-{'0' * 12}/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    assert ask(of_nobody, method)[::2] == (status, None)


def test_whoever_is_over_the_cap_is_told_when_to_come_again(tmp_path, monkeypatch):
    (tmp_path / "access.toml").write_text("sessions = 3\n", encoding="utf-8")
    monkeypatch.setenv("KYODO_ACCESS", str(tmp_path / "access.toml"))
    status, headers, seen = ask(sessions_open=3)
    assert (status, headers["retry-after"], seen) == (503, "60", None)
    assert ask("/healthz", sessions_open=3)[0] == ask(sessions_open=2)[0] == 200


def test_who_watches_is_told_that_the_record_opens_and_which_fault_it_has(record, tmp_path):
    def answer():
        said = door._answer_ready()
        return said.status_code, said.body

    assert answer() == (200, b'{"ready":true,"revision":0}')
    away = (tmp_path / "kyodo.db").rename(tmp_path / "away.db")
    status, body = answer()
    assert (status, b'"missing"' in body) == (503, True)
    away.rename(tmp_path / "kyodo.db")
    assert answer()[0] == 200


@pytest.mark.parametrize(
    ("name", "status"), [("items.csv", 200), ("items.json", 200), ("items.exe", 404), ("x.csv", 404)]
)
def test_open_data_has_an_address_for_every_table_and_no_other(database, name, status):
    assert door._answer(name).status_code == status
