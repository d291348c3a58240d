"""What is being typed, kept on the server's disk until it is stored: a reload, or the end of the server, loses nothing.

A draft is what was typed about one topic (an item's year, an opinion): names and texts, in one small file beside the
record. It is no part of the record, and what is stored takes its draft away.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from kyodo.record import default_place
from kyodo.ui.state import now

_DAYS = 60  # a draft nobody came back to
_REVISION = "revision"  # of the record when typing began


def folder() -> Path:
    """Where drafts are: beside the record's file, else beside the plan's tables."""
    return default_place() / "kyodo-drafts"


def load(topic: str) -> dict[str, Any]:
    """What was typed about a topic: name → text; empty for nothing."""
    try:
        return json.loads(_file(topic).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def keep(topic: str, name: str, key: str, revision: int) -> None:
    """A widget's callback: keep what it holds now."""
    typed = {_REVISION: revision} | load(topic) | {name: st.session_state[key]}
    file = _file(topic)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(typed, out, ensure_ascii=False)
    os.replace(made, file)
    _tidy(file.parent)


def begun_at(topic: str, revision: int) -> int:
    """The record's revision when the typing of a topic began; ``revision`` where nothing was typed."""
    return load(topic).get(_REVISION, revision)


def forget(topic: str) -> None:
    """Take a draft away, and what the fields of the topic hold."""
    _file(topic).unlink(missing_ok=True)
    for key in [each for each in st.session_state if str(each).startswith(_key(topic, ""))]:
        del st.session_state[key]


def field(widget: Callable, label: str, topic: str, name: str, *, seed: Any, revision: int, **facts: Any) -> Any:
    """A field whose value is a draft until it is stored; it opens with the draft, else with ``seed``."""
    key = _key(topic, name)
    if key not in st.session_state:
        st.session_state[key] = load(topic).get(name, seed)
    return widget(label, key=key, on_change=keep, args=(topic, name, key, revision), **facts)


def typed(topic: str, names: Iterable[str]) -> dict[str, Any]:
    """What the fields of a topic hold now: name → value."""
    return {name: st.session_state.get(_key(topic, name), "") for name in names}


def _key(topic: str, name: str) -> str:
    # typing.js knows the fields of drafts by the beginning of their keys
    return f"draft_{topic.replace('|', '_')}_{name}"


def _file(topic: str) -> Path:
    return folder() / f"{hashlib.sha256(topic.encode()).hexdigest()[:32]}.json"


def _tidy(place: Path) -> None:
    before = now().timestamp() - _DAYS * 86_400
    for file in place.glob("*.json"):
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
