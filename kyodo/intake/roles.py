"""Choosing a summary's columns: one for each thing that is needed, or the question which of two is meant.

What the clerk has said of the columns goes before every word in the header.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo.fiscal import label
from kyodo.intake.codes import Findings, Phrase
from kyodo.intake.headers import COLUMNS, Label, is_unknown_unit, n_tier
from kyodo.intake.table import Header
from kyodo.intake.vocabulary import key_of, words


@dataclass(frozen=True, slots=True)
class Columns:
    """Column numbers by role, None where a column is absent; ``years`` may be several (和暦 and 西暦).

    ``across`` are the other columns of values in a table whose years stand side by side, by fiscal year.
    """

    number: int | None = None
    name: int | None = None
    years: tuple[int, ...] = ()
    value: int | None = None
    n: int | None = None
    count: int | None = None
    population: int | None = None
    segments: tuple[int, ...] = ()
    unit: int | None = None
    across: Mapping[int, int] | None = None

    @property
    def used(self) -> set[int]:
        """All column numbers that are read."""
        single = {self.unit, self.number, self.name, self.value, self.n, self.count, self.population}
        return (single | set(self.years) | set(self.segments)) - {None}


def confirmed_columns(header: Header, said: Mapping[str, str], findings: Findings) -> Columns:
    """The columns the clerk has named, ``{role: header}`` with the roles of the form; problems for headers not there."""
    found = {role: places[0] for role, title in said.items() if len(places := _called(header, title)) == 1}
    for role in said.keys() - (found.keys() & COLUMNS.keys()):
        findings.refuse("columns_missing", what=COLUMNS.get(role, role), text=said[role], row=header.bottom)
    if "value" not in found:
        findings.refuse("header_value", seen=list(header.texts.values()), row=header.bottom, column=COLUMNS["value"])
    return Columns(
        years=(found["year"],) if "year" in found else (),
        segments=tuple(header.columns("segment")),
        unit=_first(header, "unit"),
        **{role: place for role, place in found.items() if role in COLUMNS and role != "year"},
    )


def _called(header: Header, title: str) -> list[int]:
    """Columns of a title: with the heading above it, else alone."""
    key = key_of(title)
    whole = [column for column, text in header.titles.items() if key_of(text) == key]
    return whole or [column for column, text in header.texts.items() if key_of(text) == key]


def choose_columns(header: Header, year: int | None, findings: Findings) -> Columns:
    """Pick the columns of a summary header; problems for a missing value column and for every unclear choice.

    ``year`` is the one the clerk has chosen (None: none); it picks among years that stand side by side.
    """
    value, across = _value(header, year, findings)
    of_year = header.labels[value].year if value is not None else None
    chosen = Columns(
        number=_preferring(header, "number", findings),
        name=_preferring(header, "name", findings),
        years=tuple(header.columns("year")),
        value=value,
        n=_n(header, of_year if across else None, findings),
        count=_count(header),
        population=_first(header, "population"),
        segments=tuple(header.columns("segment")),
        unit=_first(header, "unit"),
        across=across,
    )
    notes = set(header.columns("note")) | chosen.used
    if (unused := [header.title(c) for c in sorted(header.labels) if c not in notes]) and not findings.problems:
        findings.tell("unused", columns=unused, row=header.bottom)
    return chosen


def proposed_columns(header: Header) -> dict[str, str]:
    """What the headers' words say of the columns, ``{role: header}``, for the clerk to confirm."""
    chosen = {}
    for role in COLUMNS:
        columns = header.columns(role, "year_value") if role == "value" else header.columns(role)
        if len(columns) == 1:
            chosen[role] = header.titles[columns[0]]
    return chosen


def _first(header: Header, *roles: str) -> int | None:
    return next(iter(header.columns(*roles)), None)


def _count(header: Header) -> int | None:
    """The count of yes: a column that says so, else a value in persons; never a value in hours or per mille."""
    heads = (c for c in header.columns("head_count") if header.labels[c].unit in words("unit.persons"))
    return next(iter(header.columns("count")), next(heads, None))


def _preferring(header: Header, role: str, findings: Findings) -> int | None:
    """The one column of a role; of several the only one that says 指標, else a question."""
    columns = header.columns(role)
    sure = [column for column in columns if "指標" in header.labels[column].key]
    if len(columns) > 1 and len(sure) != 1:
        _ask(header, columns, COLUMNS[role], findings)
    return next(iter(sure if len(sure) == 1 else columns), None)


def _ask(header: Header, columns: Iterable[int], what: str, findings: Findings) -> None:
    columns = list(columns)
    titles = [header.title(column) for column in columns]
    findings.refuse("header_twice", what=what, titles=titles, row=header.bottom, column=titles[0])


def _value(header: Header, year: int | None, findings: Findings) -> tuple[int | None, dict[int, int] | None]:
    """The value's column: the one that says so, else one that names a year, else one in percent of unknown name."""
    named, weak = _values(header, weak=False), _values(header, weak=True)
    candidates = named or header.columns("year_value") or weak
    if len({header.labels[column].year for column in candidates} - {None}) > 1:
        return _of_years(header, candidates, year, findings)
    unclear = list(filter(lambda c: _may_be_value(header.labels[c]), header.columns("head_count") if named else ()))
    if len(candidates) + len(unclear) > 1:
        _ask(header, sorted(candidates + unclear), COLUMNS["value"], findings)
    elif not candidates:
        _refuse_valueless(header, header.columns("head_count"), findings)
    elif not named:
        title = header.title(candidates[0])
        findings.tell("value_read_as", text=title, row=header.bottom, column=title)
    return next(iter(candidates), None), None


def _values(header: Header, *, weak: bool) -> list[int]:
    return [column for column in header.columns("value") if header.labels[column].weak is weak]


def _may_be_value(label: Label) -> bool:
    return is_unknown_unit(label) and not label.weak


def _of_years(
    header: Header, columns: list[int], year: int | None, findings: Findings
) -> tuple[int | None, dict[int, int] | None]:
    """Years side by side: the chosen year's column, and the others to be compared with what is known of them."""
    dated = [(header.labels[column].year, column) for column in columns]
    by_year, chosen = dict(dated), [column for each, column in dated if each == year]
    shown = Phrase("、".join(label(each) for each in sorted(by_year.keys() - {None})))
    said = {"titles": [header.title(column) for column in columns], "years": shown, "row": header.bottom}
    if year is None:
        findings.refuse("years_across", **said)
    elif len(chosen) != 1:
        findings.refuse("years_across_other", year=Phrase(label(year)), **said)
    elif len(by_year.keys() - {None}) < len(columns):
        _ask(header, columns, COLUMNS["value"], findings)
    else:
        del by_year[year]
        titles = [header.titles[column] for column in by_year.values()]
        findings.tell("years_across_chosen", year=Phrase(label(year)), titles=titles)
        return chosen[0], by_year
    return None, None


def _refuse_valueless(header: Header, heads: list[int], findings: Findings) -> None:
    if heads:
        title = header.title(heads[0])
        findings.refuse("unit_header", text=title, unit=header.labels[heads[0]].unit, row=header.bottom, column=title)
    else:
        seen = list(header.texts.values())
        findings.refuse("header_value", seen=seen, row=header.bottom, column=COLUMNS["value"])


def _n(header: Header, year: int | None, findings: Findings) -> int | None:
    """The number of valid answers: of the value's year, the surest of several words; a question where two are equally sure."""
    columns = [c for c in header.columns("n") if year in {None, header.labels[c].year}]
    if len(columns) < 2:
        return next(iter(columns), None)
    first, second, *_ = sorted(columns, key=lambda column: n_tier(header.labels[column].key))
    if n_tier(header.labels[first].key) == n_tier(header.labels[second].key):
        _ask(header, [first, second], COLUMNS["n"], findings)
    else:
        title, others = header.title(first), [header.title(column) for column in columns if column != first]
        findings.tell("n_choice", text=title, others=others, row=header.bottom, column=title)
    return first
