"""Nothing is written without asking who may, whatever is added to the record."""

import ast
import inspect

import pytest
from given import NOW, ROOT
from streamlit.testing.v1 import AppTest

from kyodo.access import Person, guard
from kyodo.access.guard import AccessDenied, GuardedRecord
from kyodo.access.person import seal, unseal
from kyodo.record import Record, RecordError


@pytest.fixture
def guarded(record):
    guard._recent.clear()
    return GuardedRecord(record, lambda: NOW)


def test_nobody_writes_where_nobody_vouches_for_anybody_and_the_attempt_is_kept(guarded, record):
    for name in guard.ACTIONS:
        with pytest.raises(AccessDenied, match="閲覧専用"):
            getattr(guarded, name)(by="市長")
    assert record.revision() == 0
    kept = guarded.refusals()
    assert list(kept["what"]) == list(reversed(guard.ACTIONS.values()))
    assert set(kept["at"]) == {NOW}
    assert "市長" not in kept.to_csv()  # who it was, not what was typed


def test_the_same_attempt_repeated_at_once_is_kept_once(guarded):
    for _ in range(20):
        with pytest.raises(AccessDenied):
            guarded.undo(1, by="", at=NOW)
    assert len(guarded.refusals()) == 1


def test_only_the_newest_thousand_refusals_are_kept(record):
    for number in range(3):
        record.refused("だれか", f"{number}", at=NOW)
    assert list(record.refusals()["what"]) == ["2", "1", "0"]
    assert record.check() == []


def test_every_method_that_writes_takes_the_name_the_guard_looks_for():
    methods = {name: inspect.getsource(each) for name, each in inspect.getmembers(Record, inspect.isfunction)}
    writing = {name for name, source in methods.items() if "_database.writing()" in source}
    while (
        more := {name for name, source in methods.items() if any(f"self.{each}(" in source for each in writing)}
        - writing
    ):
        writing |= more
    public = {name for name in writing if not name.startswith("_")}
    assert {"submit", "undo", "remark", "name_snapshot", "collect", "confirm"} <= public
    assert all("by" in inspect.signature(getattr(Record, name)).parameters for name in public)
    assert public | {"original"} == set(guard.ACTIONS)


@pytest.mark.parametrize(
    "file", sorted([*(ROOT / "pages").glob("*.py"), *(ROOT / "kyodo" / "ui").glob("*.py")]), ids=lambda file: file.name
)
def test_pages_and_screens_have_no_other_record_than_the_guarded_one(file):
    text = file.read_text(encoding="utf-8")
    assert (
        "Record(" not in text.replace("GuardedRecord(Record(url), now, wrote=runs.look_anew)", "")
        or file.name != "state.py"
    )
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert file.name == "state.py" or not any(
        (node.module or "").startswith("kyodo.record") and {"Record", "record"} & {each.name for each in node.names}
        for node in imported
    )
    assert "._record" not in text


def test_only_what_this_process_sealed_is_believed():
    person = Person("山田:太郎", address="10.0.0.1")
    assert unseal(seal(person).decode()) == person
    assert unseal(seal(Person(own=True)).decode()).own
    for forged in ("own", "", None, "0" * 32 + ":own::", seal(person).decode() + ":own"):
        assert unseal(forged) == Person()


def page(name, person):
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    at.user = {"person": seal(person).decode()}
    return at.run()


@pytest.fixture
def editors(tmp_path, monkeypatch):
    file = tmp_path / "access.toml"
    file.write_text(
        'sign_in = "header"\nheader = "X-User"\nproxies = ["127.0.0.1"]\neditors = ["山田"]\n', encoding="utf-8"
    )
    monkeypatch.setenv("KYODO_ACCESS", str(file))
    return file


@pytest.mark.parametrize("name", ["register", "history", "meeting"])
def test_readers_see_no_field_to_write_in_and_why(name, editors, record, reading):
    record.submit(reading, by="山田", at=NOW)
    at = page(name, Person("佐藤"))
    assert not at.exception
    assert "佐藤 には登録の権限がありません" in "".join(str(each.proto.body) for each in at.get("html"))
    keys = {each.key for each in (*at.text_input, *at.text_area, *at.button)}
    assert not keys & {"by", "undo_by", "undo", "remark_by", "snapshot_by", "name_snapshot", "register"}
    assert not at.file_uploader
    assert not any("元のファイル" in each.label for each in at.get("download_button"))


def test_the_name_on_an_entry_is_the_identity(editors, record, reading):
    record.submit(reading, by="だれか", at=NOW)
    at = page("history", Person("山田"))
    at.button(key="undo").click().run()
    assert not at.exception
    assert record.history()["by"].iloc[0] == "山田"


def test_a_permission_withdrawn_after_the_page_was_shown_is_gone(editors, record, reading):
    record.submit(reading, by="だれか", at=NOW)
    at = page("history", Person("山田"))
    editors.write_text(editors.read_text(encoding="utf-8").replace("山田", "鈴木"), encoding="utf-8")
    at.button(key="undo").click().run()
    assert record.revision() == 1


def test_a_withdrawn_permission_is_refused_in_the_function_itself(editors, record, reading):
    """The page above no longer shows the button; a callback runs before the page does."""
    from given import GOOD, summary_csv

    guard._recent.clear()
    at = page("register", Person("山田"))
    at = at.file_uploader[0].upload("調査.csv", summary_csv(GOOD, year="H24"), "text/csv").run()
    editors.write_text(editors.read_text(encoding="utf-8").replace("山田", "鈴木"), encoding="utf-8")
    at.button(key="register").click().run()
    assert "山田 には登録の権限がありません" in at.error[0].value.replace("\\", "")
    assert record.revision() == 0
    assert list(record.refusals()["who"]) == ["山田"]


def test_after_every_attempt_to_write_the_page_looks_anew(record, reading, monkeypatch):
    monkeypatch.setattr(guard, "person", lambda: Person(own=True))
    seen = []
    guarded = GuardedRecord(record, lambda: NOW, wrote=lambda: seen.append(record.revision()))
    guarded.submit(reading, by="山田", at=NOW)
    with pytest.raises(RecordError):
        guarded.undo(7, by="山田", at=NOW)
    guarded.history()
    assert seen == [1, 1]
