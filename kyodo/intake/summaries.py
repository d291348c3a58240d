"""The summary form's part of a reading: one table, or several of different indicators (市民 and 職員) as one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol

from kyodo.intake.checks import Entry
from kyodo.intake.codes import Findings
from kyodo.intake.grid import column_letter
from kyodo.intake.headers import COLUMNS
from kyodo.intake.reading import ColumnSummary, Understood, breakdown_frame, values_frame
from kyodo.intake.roles import proposed_columns
from kyodo.intake.sheets import Choice
from kyodo.intake.summary import Asked, SummaryReader, read_summary, value_rows
from kyodo.intake.table import Header
from kyodo.intake.tally import withheld
from kyodo.plan import Plan


class Said(Protocol):
    """What a summary is read by."""

    plan: Plan
    today: Any
    year: int | None
    columns: Mapping[str, str] | None
    known: Mapping[tuple[int, int], float]


def read_summaries(said: Said, choice: Choice, understood: Understood, findings: Findings) -> dict[str, Any]:
    """Read the chosen tables; the parts of a reading that this form fills."""
    if any(grid.partial for grid in choice.grids):
        findings.refuse("too_large_summary", row=choice.headers[0].bottom)
        return {"form": "summary", "understood": understood}
    readers = _read_all(said, choice, findings)
    entries = list(chain.from_iterable(reader.entries for reader in readers))
    if len(readers) > 1:
        _tell_missing(readers[0].names.names, entries, findings)
    if not findings.problems and not entries:
        _refuse_valueless(readers, findings)
    made = {"form": "summary", "understood": replace(understood, **_understood(readers[0]))}
    made |= {"mapping": {"columns": dict(said.columns)} if said.columns else None}
    return made | (_asked_for(choice.headers) if findings.problems else _kept(readers, entries))


def _read_all(said: Said, choice: Choice, findings: Findings) -> list[SummaryReader]:
    asked = Asked(said.plan, said.today, said.year, said.columns, said.known)
    readers = []
    for grid, header in zip(choice.grids, choice.headers, strict=True):
        own = Findings(grid.sheet, findings.confirmed)
        readers.append(read_summary(grid, header, asked, own))
        findings.add(own)
    return readers


def _asked_for(headers: Sequence[Header]) -> dict[str, Any]:
    """The columns the clerk may choose from, and what their words say."""
    titles = [title for header in headers for title in header.titles.values()]
    return {"columns": tuple(map(ColumnSummary, titles)), "proposed_columns": proposed_columns(headers[0])}


def _kept(readers: Sequence[SummaryReader], entries: Sequence[Entry]) -> dict[str, Any]:
    parts = list(chain.from_iterable(reader.parts for reader in readers))
    return {"values": values_frame(value_rows(entries)), "breakdown": breakdown_frame(_without_small(parts))}


def _tell_missing(names: Mapping[int, str], entries: Sequence[Entry], findings: Findings) -> None:
    """Of several tables only what none of them has is missing."""
    findings.notices = [notice for notice in findings.notices if notice.code != "missing_indicator"]
    found = {entry.indicator for entry in entries}
    for number in names.keys() - found if not findings.problems else ():
        findings.tell("missing_indicator", indicator=number, name=names[number])


def _without_small(parts: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows of parts of the people, those withheld that are too small or by which such could be worked out."""
    places: dict[tuple[int, int, str], list[Entry]] = defaultdict(list)
    for entry in parts:
        places[entry.indicator, entry.fiscal_year, entry.part[0]].append(entry)
    rows = []
    for same in places.values():
        pool, hidden = withheld([entry.n if entry.n is not None else 10**9 for entry in same])
        for place, entry in enumerate(same):
            row = value_rows([entry])[0]
            blank = dict.fromkeys(("value", "n", "n_effective", "low", "high")) | {"withheld": True}
            rows.append(row | blank if place in pool | hidden else row)
    return rows


def _understood(reader: SummaryReader) -> dict[str, Any]:
    """Header rows, range and columns of a summary, for the screen."""
    header, columns = reader.table.header, reader.table.columns
    if not header.labels:
        return {}
    roles = {"number": columns.number, "name": columns.name, "value": columns.value, "n": columns.n}
    headers = [(COLUMNS[role], header.title(column)) for role, column in roles.items() if column is not None]
    headers += [(COLUMNS["year"], header.title(column)) for column in columns.years]
    left, right = column_letter(min(header.labels)), column_letter(max(header.labels))
    last = max(reader.rows, default=header.bottom)
    return {
        "header_rows": tuple(range(header.top, header.bottom + 1)),
        "table": f"{left}{header.top}:{right}{last}",
        "headers": tuple(headers),
    }


def _refuse_valueless(readers: Sequence[SummaryReader], findings: Findings) -> None:
    """A table whose every row says in a usual way that it has no value: say which rows."""
    missing = [notice for notice in findings.notices if notice.code == "missing_mark" and notice.row is not None]
    if not missing:
        findings.refuse("no_values", row=readers[0].table.header.bottom)
        return
    rows = [notice.row for notice in missing]
    findings.refuse("no_values_marked", rows=rows, row=missing[0].row, column=missing[0].column)
