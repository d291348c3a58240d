"""Choosing the summary form's columns: one for each thing that is needed, or the question which of two is meant."""

import re
from dataclasses import dataclass

from kyodo.intake.codes import Findings
from kyodo.intake.grid import quoted
from kyodo.intake.headers import COLUMNS, PERSONS, is_unknown_unit, n_tier
from kyodo.intake.table import Header


@dataclass(frozen=True, slots=True)
class Columns:
    """Column numbers by role, None where a column is absent; ``years`` may be several (和暦 and 西暦)."""

    number: int | None
    name: int | None
    years: tuple[int, ...]
    value: int | None
    n: int | None
    count: int | None
    population: int | None
    population_weak: bool
    segments: tuple[int, ...]
    unit: int | None = None

    @property
    def used(self) -> set[int]:
        """All column numbers that are read."""
        single = {self.unit, self.number, self.name, self.value, self.n, self.count, self.population}
        return (single | set(self.years) | set(self.segments)) - {None}


def choose_columns(header: Header, findings: Findings) -> Columns:
    """Pick the columns of a summary header; problems for a missing value column and for every unclear choice."""
    population = header.columns("population")
    chosen = Columns(
        number=_preferring(header, "number", findings),
        name=_preferring(header, "name", findings),
        years=tuple(header.columns("year")),
        value=_value(header, findings),
        n=_n(header, findings),
        count=_count(header),
        population=population[0] if population else _first(header, "population_weak"),
        population_weak=not population,
        segments=tuple(header.columns("segment")),
        unit=_first(header, "unit"),
    )
    if chosen.n is None and chosen.population is not None:
        title = header.title(chosen.population)
        findings.tell(
            "n_choice",
            f"{quoted(title)}は回答者数とは限らないため、回答者数として使いません。",
            row=header.bottom,
            column=title,
        )
    for column in header.columns("scaled_n"):
        findings.refuse(
            "unit",
            f"{quoted(header.title(column))}は人単位ではありません。回答者数は人数で記入してください。",
            row=header.bottom,
            column=header.title(column),
        )
    unused = [
        header.title(c) for c in sorted(header.labels) if c not in chosen.used and header.labels[c].role != "note"
    ]
    if unused and not findings.problems:
        findings.tell("unused_columns", f"次の列は使いません: {'、'.join(map(quoted, unused[:20]))}", row=header.bottom)
    return chosen


def _first(header: Header, *roles: str) -> int | None:
    columns = header.columns(*roles)
    return columns[0] if columns else None


def _count(header: Header) -> int | None:
    """The count of yes: a column that says so, else a value in persons; never a value in hours or per mille."""
    heads = (column for column in header.columns("head_count") if header.labels[column].unit in PERSONS)
    return next(iter(header.columns("count")), next(heads, None))


def _preferring(header: Header, role: str, findings: Findings) -> int | None:
    """The one column of a role; of several the only one that says 指標, else a question."""
    columns = header.columns(role)
    if len(columns) > 1:
        sure = [column for column in columns if "指標" in header.labels[column].key]
        if len(sure) == 1:
            return sure[0]
        _ask(header, columns, COLUMNS[role], findings)
    return columns[0] if columns else None


def _ask(header: Header, columns: list[int], what: str, findings: Findings) -> None:
    titles = "と".join(quoted(header.title(column)) for column in columns[:6])
    findings.refuse(
        "header",
        f"見出しが重複していて、{what}の列が複数あります({titles})。どの列か分かりません。",
        hint="使う列だけを残すか、ほかの列の見出しを「目標値(%)」「前回値(%)」のように区別してください。",
        row=header.bottom,
        column=header.title(columns[0]),
    )


def _value(header: Header, findings: Findings) -> int | None:
    """The value's column: the one that says so, else one that names a year, else one in percent of unknown name."""
    named = [column for column in header.columns("value") if not header.labels[column].weak]
    weak = [column for column in header.columns("value") if header.labels[column].weak]
    by_year = header.columns("year_value")
    years = {header.labels[column].year for column in named or by_year} - {None}
    if len(named or by_year) > 1 and len(years) > 1:
        titles = "、".join(quoted(header.title(column)) for column in (named or by_year)[:8])
        findings.refuse(
            "layout",
            f"年度が横に並んだ表です({titles})。どの列が登録する値か分かりません。年度の列を設けて縦に並べてください。",
            row=header.bottom,
        )
        return None
    candidates = named or by_year or weak
    unclear = [
        column
        for column in header.columns("head_count")
        if is_unknown_unit(header.labels[column]) and not header.labels[column].weak
    ]
    if len(candidates) > 1 or (named and unclear):
        _ask(header, sorted(candidates + unclear), COLUMNS["value"], findings)
    if candidates:
        if not named and len(candidates) == 1:
            title = header.title(candidates[0])
            findings.tell("header_rows", f"列{quoted(title)}を値(%)として読みました。", row=header.bottom, column=title)
        return candidates[0]
    if heads := header.columns("head_count"):
        title = header.title(heads[0])
        text = f"見出し{quoted(title)}の単位は{quoted(header.labels[heads[0]].unit)}で、百分率(%)ではありません。値(%)の列が必要です。"
        findings.refuse("unit", text, row=header.bottom, column=title)
    else:
        seen = "、".join(quoted(text) for text in list(header.texts.values())[:12])
        findings.refuse(
            "header",
            f"必要な列「{COLUMNS['value']}」が見出しにありません(見出し: {seen})。",
            row=header.bottom,
            column=COLUMNS["value"],
        )
    return None


def _n(header: Header, findings: Findings) -> int | None:
    """The number of valid answers: the surest of several words, told; a question where two are equally sure."""
    columns = header.columns("n")
    if len(columns) < 2:
        return columns[0] if columns else None
    tiers = {column: n_tier(header.labels[column].key) for column in columns}
    best = [column for column in columns if tiers[column] == min(tiers.values())]
    if len(best) > 1:
        _ask(header, best, COLUMNS["n"], findings)
    else:
        others = "、".join(quoted(header.title(column)) for column in columns if column != best[0])
        title = header.title(best[0])
        findings.tell(
            "n_choice",
            f"回答者数として{quoted(title)}を使います({others}は使いません)。",
            row=header.bottom,
            column=title,
        )
    return best[0]


# What a column of parts (性別, 区分) may say of a row about all the people asked; whatever else it says names a part.
SEGMENT_WHOLE = re.compile(
    r"全体|全|合計|計|総数|総計|全市|市全体|市|男女計|男女合計|男女とも|全年代|全年齢|全世代|全域|全地域|全地区|市内全域|[-ー…/]+|total|all|全市民|全職員|市職員|"
    r"(?:市民|職員)?(?:意識)?(?:調査|アンケート)?(?:調査)?(?:結果)?|成果(?:指標|値)?|指標|確定値?|速報値?|確報値?|実績値?|現状値?|結果|今回値?|本年度|今年度|当年度|"
    r"加重後|補正後|actual|result|割合|百分率|%"
)
OTHER_KIND = re.compile(
    r"目標|計画値|基準|当初|前回|前年|予測|見込|推計|target|baseline|goal|forecast"
)  # 区分 of a row that is no result
