"""The gate of real servers, asked as no browser would: forged names, headers, events and files."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
from given import GOOD, HEADER_RULES, NOW, summary_csv
from speaking import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kyodo.intake import read_upload
from kyodo.record import Record

EDITOR, READER = {"X-Remote-User": "yamada"}, {"X-Remote-User": "sato"}


def ask(server, path="/", method="GET", body=None, **headers):
    """Status, headers and body of one request."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body.decode("utf-8", "replace")


def token(server):
    """What the program shows that a request is not forged: header and cookie of the same token."""
    cookie = ask(server, "/_stcore/health")[1]["set-cookie"].partition(";")[0]
    return {"X_Xsrftoken": cookie.partition("=")[2], "Cookie": cookie}


def put(server, address, data, **headers):
    boundary = b'--b\r\nContent-Disposition: form-data; name="a.csv"; filename="a.csv"\r\n\r\n'
    body = boundary + data + b"\r\n--b--\r\n"
    kind = "multipart/form-data; boundary=b"
    return ask(server, address, "PUT", body, Content_Type=kind, **token(server), **headers)[0]


class TestHostsAndOrigins:
    @pytest.mark.parametrize(
        "name", ["evil.example", "203.0.113.5", "127.0.0.1.evil.example", "localhost@evil.example", ""]
    )
    def test_a_server_for_this_machine_is_called_by_no_other_name(self, own, name):
        assert ask(own, Host=name)[0] == 403
        assert ask(own, Host=name, Origin=f"http://{name}")[0] == 403

    def test_it_answers_to_its_own_names(self, own):
        port = urlsplit(own.url).port
        assert [ask(own, Host=f"{name}:{port}")[0] for name in ("127.0.0.1", "localhost", "[::1]")] == [200] * 3

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
    def test_no_page_of_another_place_speaks_to_it(self, own, origin):
        assert ask(own, "/_stcore/host-config", Origin=origin)[0] == 403
        with pytest.raises(InvalidStatus) as refusal:
            Client(own.url, origin=origin)
        assert refusal.value.response.status_code == 403

    def test_host_and_origin_both_foreign_are_refused(self, own):
        with pytest.raises(InvalidStatus) as refusal:
            Client(own.url, origin="http://evil.example", headers={"Host": "evil.example"})
        assert refusal.value.response.status_code in (400, 403)  # 400: the client sends its own Host besides

    def test_opened_to_the_network_it_answers_to_addresses_but_no_foreign_name(self, opened):
        assert ask(opened, Host="192.168.1.5:8501")[0] == 200
        assert ask(opened, Host="evil.example")[0] == 403

    def test_behind_a_proxy_the_configured_name_is_enough(self, proxied):
        assert ask(proxied, Host="kyodo.example.jp")[0] == 200
        with Client(proxied.url, origin="https://kyodo.example.jp") as client:
            assert "協働" in client.text or client.elements


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/script-health-check",
         "/nowhere", "/shell", "/component/x", "/auth/login", "/wp-login.php", "/register/_stcore/health", "/app/static/x"],
    )  # fmt: skip
    def test_what_this_dashboard_does_not_need_is_not_there(self, own, path):
        assert ask(own, path)[0] == 404
        assert ask(own, path, "POST", "x")[0] == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
    def test_pages_are_only_read(self, own, method):
        assert ask(own, "/", method)[0] == 405

    @pytest.mark.parametrize(
        "path", ["/", "/register", "/_stcore/health", "/open-data/items.csv", "/nowhere", "/open-data/x"]
    )
    def test_every_answer_carries_the_protections(self, own, path):
        headers = ask(own, path)[1]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"https?://|\*|unsafe-eval|script-src[^;]*unsafe", policy)

    def test_cookies_are_for_the_wire_that_brought_them(self, own, proxied):
        plain = ask(own, "/_stcore/health")[1]["set-cookie"]
        assert "Secure" not in plain
        behind_tls = ask(proxied, "/_stcore/health", Host="kyodo.example.jp", X_Forwarded_Proto="https")[1][
            "set-cookie"
        ]
        assert "Secure" in behind_tls
        assert "Secure" not in ask(own, "/_stcore/health", X_Forwarded_Proto="https")[1]["set-cookie"]


class TestWho:
    def test_this_machine_writes_and_what_comes_through_a_proxy_nobody_named_does_not(self, own):
        with Client(own.url, "register") as client:
            assert client.ids("upload_0")
        with Client(own.url, "register", headers={"X-Forwarded-For": "10.0.0.9"}) as client:
            assert not client.ids("upload_0")
            assert "閲覧専用" in client.text

    def test_a_server_opened_to_the_network_without_rules_is_for_reading(self, opened):
        with Client(opened.url, "register") as client:
            assert not client.ids("upload_0")
            assert "閲覧専用" in client.text
        assert "閲覧専用" in opened.log.read_text(encoding="utf-8")

    def test_a_named_proxy_says_who_and_editors_write(self, proxied):
        with Client(proxied.url, "register", headers=EDITOR) as client:
            assert client.ids("upload_0")
        with Client(proxied.url, "register", headers={"X-Remote-User": "山田".encode().decode("latin-1")}) as client:
            assert client.ids("upload_0")
        with Client(proxied.url, "register", headers=READER) as client:
            assert not client.ids("upload_0")
            assert "sato には登録の権限がありません" in client.text
        with Client(proxied.url, "register") as client:
            assert not client.ids("upload_0")

    @pytest.mark.parametrize("name", ["X-Kyodo-Person", "x-kyodo-person"])
    def test_our_own_header_from_outside_says_nothing(self, proxied, opened, name):
        for server, said in ((proxied, "yamada"), (opened, "own"), (opened, "x:own::"), (opened, ":own::127.0.0.1")):
            with Client(server.url, "register", headers={name: said}) as client:
                assert not client.ids("upload_0")

    @pytest.mark.slow
    def test_the_identity_of_somebody_who_is_not_the_proxy_says_nothing(self, tmp_path):
        from serving import Server

        server = Server(tmp_path, rules=HEADER_RULES.replace('"127.0.0.1"', '"10.9.9.9"')).wait()
        try:
            for more in ({}, {"X-Forwarded-For": "10.9.9.9"}, {"Forwarded": "for=10.9.9.9"}):
                with Client(server.url, "register", headers=EDITOR | more) as client:
                    assert not client.ids("upload_0")
        finally:
            server.stop()

    def test_where_reading_needs_a_sign_in_nothing_is_shown_without(self, private):
        with Client(private.url, "items") as client:
            assert "サインイン" in client.text
            assert "推進項目" not in client.text
        assert ask(private, "/open-data/items.csv")[0] == 403
        assert ask(private, "/open-data/items.csv", X_Remote_User="sato")[0] == 200
        with Client(private.url, "items", headers=READER) as client:
            assert "項目" in client.text


class TestForgedEvents:
    def test_a_press_of_a_button_that_the_reader_was_never_shown_does_nothing(self, proxied):
        record = Record(proxied.database)
        number = record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="yamada", at=NOW)
        with Client(proxied.url, "history", headers=EDITOR) as client:
            (undo,) = client.ids("undo")
        with Client(proxied.url, "history", headers=READER) as client:
            client.rerun("history", **{undo: True})
        assert record.revision() == number

    def test_a_press_after_the_permission_was_withdrawn_does_nothing(self, proxied):
        record = Record(proxied.database)
        record.submit(read_upload(summary_csv(GOOD), "調査.csv", today=NOW.date()), by="yamada", at=NOW)
        before, rules = record.revision(), proxied.rules.read_text(encoding="utf-8")
        with Client(proxied.url, "history", headers=EDITOR) as client:
            (undo,) = client.ids("undo")
            proxied.rules.write_text(rules.replace('"yamada"', '"suzuki"'), encoding="utf-8")
            client.rerun("history", **{undo: True})
            assert record.revision() == before
            assert "yamada には登録の権限がありません" in client.text
            proxied.rules.write_text(rules, encoding="utf-8")
            client.rerun("history", **{undo: True})
        assert record.revision() == before + 1
        assert record.history()["by"].iloc[0] == "yamada"


class TestUploads:
    def test_an_upload_passes_every_layer_and_arrives(self, own):
        with Client(own.url, "register") as client:
            (place,) = client.ask_to_upload("a.csv")
            assert put(own, place.upload_url, b"x" * 3_000_000) == 204

    def test_only_editors_are_given_ids(self, proxied):
        with Client(proxied.url, "register", headers=READER) as client:
            assert client.ask_to_upload("a.csv") == []
        with Client(proxied.url, "register", headers=EDITOR) as client:
            (place,) = client.ask_to_upload("a.csv")
            assert put(proxied, place.upload_url, b"x", X_Remote_User="sato") == 403
            assert put(proxied, place.upload_url, b"x", X_Remote_User="yamada") == 204

    def test_an_invented_id_is_refused(self, own):
        with Client(own.url, "register") as client:
            (place,) = client.ask_to_upload("a.csv")
            invented = place.upload_url[:-12] + "0123456789ab"
            assert put(own, invented, b"x") == 403
            assert put(own, place.upload_url.replace(client.session, "0" * 8 + client.session[8:]), b"x") == 403
            assert put(own, "/_stcore/upload_file/a/b", b"x") == 404

    def test_a_session_has_room_for_some_files_and_no_more(self, own):
        with Client(own.url, "register") as client:
            places = [each for _ in range(5) for each in client.ask_to_upload("a.csv")]
            data = b"x" * (15 * 2**20)
            sent = [put(own, place.upload_url, data) for place in places]
            assert sent == [204] * 4 + [413]
            assert ask(own, places[0].delete_url, "DELETE", **token(own))[0] == 204
            assert put(own, places[4].upload_url, data) == 204

    def test_the_sheets_of_all_sections_may_be_sent_at_once(self, own):
        with Client(own.url, "register") as client:
            places = client.ask_to_upload(*(f"{number}.xlsx" for number in range(60)))
            assert len(places) == 60
            assert put(own, places[0].upload_url, b"x") == put(own, places[-1].upload_url, b"x") == 204

    def test_the_limit_of_one_file_is_told(self, own):
        with Client(own.url, "register") as client:
            (place,) = client.ask_to_upload("a.csv")
            assert put(own, place.upload_url, b"x" * (21 * 2**20)) == 413

    def test_a_foreign_page_cannot_send(self, own):
        with Client(own.url, "register") as client:
            (place,) = client.ask_to_upload("a.csv")
            assert put(own, place.upload_url, b"x", Origin="http://evil.example") == 403
            assert ask(own, place.upload_url, "PUT", b"x")[0] == 403  # without the token


def test_a_huge_message_ends_only_its_own_connection(own):
    with Client(own.url, "register") as client:
        client.socket.send(b"x" * 2_000_000)
        with pytest.raises(ConnectionClosed) as end:
            client.read("none of the messages there are")
        assert end.value.rcvd.code == 1009
    assert json.loads(ask(own, "/open-data/indicators.json")[2])
