"""The operator's file: what it may say, and what follows for whom."""

import pytest

from kyodo.access import AccessError, Person, load_rules, rules
from kyodo.access.rules import Rules, read_rules

PROXY = 'sign_in = "header"\nheader = "X-Remote-User"\nproxies = ["10.0.0.0/8"]\neditors = ["yamada"]\n'


def test_without_a_file_this_machine_writes_and_nobody_else():
    assert Rules().may_write(Person(own=True))
    assert not Rules().may_write(Person("yamada", address="10.0.0.1"))
    assert Rules().may_read(Person())


def test_with_a_file_only_named_identities_write_not_even_this_machine():
    found = read_rules(PROXY.encode())
    assert found.may_write(Person("yamada"))
    assert not found.may_write(Person("sato"))
    assert not found.may_write(Person(own=True))
    assert not found.may_write(Person(""))
    assert found.believes("10.1.2.3")
    assert not found.believes("192.168.0.1")
    assert not found.believes("")


def test_reading_may_need_a_sign_in_too():
    found = read_rules((PROXY + 'reading = "signed-in"').encode())
    assert found.may_read(Person("sato"))
    assert not found.may_read(Person())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('editor = ["yamada"]', "editor"),
        ('editors = "yamada"', "editors"),
        ('editors = ["yamada"]', "sign_in"),
        ('sign_in = "password"', "sign_in"),
        ('sign_in = "header"', "header"),
        ('sign_in = "header"\nheader = "X-Remote-User"', "proxies"),
        ('proxies = ["everywhere"]', "proxies"),
        ('reading = "signed-in"', "reading"),
        ("sessions = 0", "sessions"),
        ("hosts = [", "access.toml"),
    ],
)
def test_what_has_no_meaning_is_refused_by_its_name(text, key):
    with pytest.raises(AccessError, match=key):
        read_rules(text.encode())


def test_a_change_of_the_file_counts_at_once_and_a_broken_one_leaves_nobody_who_may_write(tmp_path, monkeypatch):
    file = tmp_path / "access.toml"
    monkeypatch.setenv("KYODO_ACCESS", str(file))
    with pytest.raises(AccessError, match="ありません"):
        load_rules()
    file.write_text(PROXY)
    assert rules().may_write(Person("yamada"))
    file.write_text(PROXY.replace("yamada", "suzuki"))
    assert not rules().may_write(Person("yamada"))
    file.write_text(PROXY + "proxies = 3")
    assert not rules().may_write(Person("suzuki"))
    assert rules().header == "X-Remote-User"
