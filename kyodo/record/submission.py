"""A reading into rows: what the record keeps of a survey file, as plain values, checked before anything is written."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, Required, TypedDict, Unpack

import pandas as pd
from sqlalchemy import Table

from kyodo.record.faults import RecordError
from kyodo.record.ledger import REMARKS, SURVEY, Submission
from kyodo.record.tables import BREAKDOWN, REMARK, VALUE, clean, native

_OVERALL = {"", "全体"}
LONGEST = 200  # characters of a remark: what fits its box on a slide


class Stamp(TypedDict, total=False):
    """When an entry is made, and by which press of a button: the same ``token`` once more is the same entry."""

    at: Required[dt.datetime]
    token: str | None


def survey(reading: Any, *, by: str, note: str, **stamp: Unpack[Stamp]) -> Submission:
    """What a reading (see ``kyodo.intake.Reading``) and its circumstances say, ready to be appended.

    Raises:
        RecordError: where the reading was not accepted, holds no value, or the same year × indicator twice.
    """
    if not reading.accepted:
        raise RecordError("問題のあるファイルは登録できません。指摘された箇所を直してください。", "not_accepted")
    values, breakdown = _split(reading)
    rows = {VALUE: _rows(VALUE, values), BREAKDOWN: _rows(BREAKDOWN, _with_position(breakdown))}
    if not rows[VALUE]:
        raise RecordError("登録する値がありません。", "empty")
    what = {"file": clean(reading.name), "sha256": reading.sha256, "form": clean(reading.form), "rows": rows}
    kept = {"details": _details(reading), "original": bytes(reading.original)}
    return signed(SURVEY, by=by, note=note, **stamp, **what, **kept)


def signed(kind: str, *, by: str, at: dt.datetime, note: str = "", token: str | None = None, **what: Any) -> Submission:
    """An entry to be: who makes it and when, and ``what`` it holds (the other fields of :class:`Submission`).

    Raises:
        RecordError: where ``by`` is blank, or it or the note is too long.
    """
    note, token = short("備考", clean(note).strip(), 2000), clean(token) if token else None
    return Submission(kind=kind, by=name_of(by), at=at, note=note, token=token, **what)


def remark(indicator: int, texts: Mapping[str, str], *, by: str, **stamp: Unpack[Stamp]) -> Submission:
    """The entry that says something of an indicator, by heading; a blank text takes away what stood there.

    Raises:
        RecordError: where ``by`` is blank, or a text is too long for its place.
    """
    rows = [
        {"indicator": int(indicator), "heading": clean(head), "text": clean(text).strip()}
        for head, text in texts.items()
    ]
    if long := [row for row in rows if len(row["text"]) > LONGEST]:
        raise RecordError(
            f"「{long[0]['heading']}」は{LONGEST}字以内で入力してください({len(long[0]['text'])}字あります)。", "long"
        )
    note = f"指標{indicator}の{'・'.join(row['heading'] for row in rows)}"
    return signed(REMARKS, by=by, note=note, rows={REMARK: sorted(rows, key=itemgetter("heading"))}, **stamp)


def kept(
    kind: str, rows: Mapping[Table, Iterable[Mapping[str, Any]]], files: Sequence[tuple[str, bytes]] = (), **by: Any
) -> Submission:
    """An entry of the plan's yearly cycle: rows by rows table, with the files they came in; ``by`` as for :func:`signed`.

    Raises:
        RecordError: as there, and where a value is of another type than its column, or a key comes twice.
    """
    return signed(
        kind,
        file=clean("、".join(name for name, _ in files)),
        files=tuple((clean(name), bytes(data)) for name, data in files),
        rows={table: checked(table, each) for table, each in rows.items()},
        **by,
    )


def name_of(by: str) -> str:
    """Who acts; never nobody. Raises RecordError where the name is blank."""
    if not (name := clean(by or "").strip()):
        raise RecordError("登録者の名前を入力してください。", "nobody")
    return short("名前", name, 200)


def short(what: str, text: str, most: int) -> str:
    """A text as it is. Raises RecordError where it is longer than what it is for."""
    if len(text) > most:
        raise RecordError(f"{what}は{most}字以内で入力してください({len(text)}字あります)。", "long")
    return text


def read_details(text: str) -> dict[str, Any]:
    """An entry's details back from JSON (so the keys of a mapping are texts)."""
    return json.loads(text)


def _details(reading: Any) -> str:
    details = {
        "mapping": reading.mapping,
        "weight_column": reading.weight_column,
        "groups": reading.groups,
        "notices": list(reading.notices or ()),
        "original_reduced": bool(reading.original_reduced),
    }
    return clean(json.dumps(details, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    """What JSON does not know: problems and other values by field, mappings, NumPy's numbers, sets; text otherwise."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):
        return value.item()
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


def _split(reading: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The overall rows, and the rows of groups wherever the reading keeps them."""
    values, breakdown = reading.values, reading.breakdown
    if "group" in values:
        overall = values["group"].isna() | values["group"].isin(_OVERALL)
        values, grouped = values[overall], values[~overall]
        breakdown = grouped if breakdown is None or breakdown.empty else breakdown
    return values, pd.DataFrame() if breakdown is None else breakdown


def _with_position(breakdown: pd.DataFrame) -> pd.DataFrame:
    if breakdown.empty:
        return breakdown
    return breakdown.assign(position=breakdown.groupby(["indicator", "fiscal_year"]).cumcount())


def _rows(table: Table, frame: pd.DataFrame) -> list[dict[str, Any]]:
    return checked(table, ({"withheld": False} | row for row in frame.to_dict("records")))


def checked(table: Table, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as plain values of the types their columns are declared with, sorted by key.

    Raises:
        RecordError: where a value is of another type, or a key comes twice.
    """
    key = [column.name for column in table.primary_key if column.name != "number"]
    try:
        rows = [native(table, row) for row in records]
    except (TypeError, ValueError) as error:
        raise RecordError(f"値の形が正しくありません({error})。", "value") from error
    rows.sort(key=lambda row: [row[name] for name in key])
    for before, row in pairwise(rows):
        if all(before[name] == row[name] for name in key):
            raise RecordError(f"{_TWICE.get(table, '同じ行')}が二つあります。どちらか一つにしてください。", "twice")
    return rows


_TWICE = {VALUE: "同じ年度・指標の値", BREAKDOWN: "同じ年度・指標の値"}
