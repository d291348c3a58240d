"""Where a raw file is wrong: its year, and one pass over the rows to name those with faulty answers, weights and years."""

import re
from collections import Counter

import numpy as np

from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake.cells import _FOLD, LONGEST, CellFault
from kyodo.intake.codes import Findings
from kyodo.intake.grid import Cell, quoted
from kyodo.intake.mapping import answer_key
from kyodo.intake.names import key_of
from kyodo.intake.rawcolumns import RawColumns
from kyodo.intake.sources import CsvSource, GridSource
from kyodo.intake.tally import Coded, Tally
from kyodo.intake.years import read_year
from kyodo.plan import Plan

LISTED = 20  # rows named per column and kind
MAX_WEIGHT = 1e12
_NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_TOTALS = frozenset({"合計", "計", "総計", "平均", "小計"})


def _weight(text: str) -> float:
    """A weight as a positive finite number, 0 for anything else."""
    folded = text[:LONGEST].translate(_FOLD).strip()
    if not _NUMBER.fullmatch(folded):
        return 0.0
    value = float(folded.replace(",", ""))
    return value if 0 < value < MAX_WEIGHT else 0.0


def weights_of(coded: Coded) -> np.ndarray:
    """Each row's weight; NaN where it is no positive number."""
    if coded.numbers is not None:
        return np.where(coded.numbers < MAX_WEIGHT, coded.numbers, np.nan)
    table = np.array([_weight(text) or np.nan for text in coded.texts] or [np.nan])
    return table[coded.indices]


class RawYear:
    """The fiscal year of a raw file: its year column and the screen must say one and the same."""

    def __init__(self, columns: RawColumns, screen: int | None, plan: Plan, today, findings: Findings) -> None:
        """Take what the screen says (None: nothing), the plan, and the day by which a year lies in the future."""
        self.columns, self.screen, self.plan, self.today, self.findings = columns, screen, plan, today, findings
        self.faults: dict[str, str] = {}  # texts of the year column that are wrong, with the reason

    def settle(self, years: Counter) -> int | None:
        """The year of the file and of the screen, None with a problem where they are not one; ``years`` counts its texts."""
        screen, column = self.screen, self.columns.title(self.columns.year)
        found: Counter = Counter()
        for text, count in years.items():
            try:
                found[read_year(Cell(text)) if text.strip() else None] += count
            except CellFault as fault:
                self.faults[text] = str(fault)
        stated = {year for year in found if year is not None}
        if len(stated) > 1:
            usual = max(stated, key=lambda year: found[year])
            shown = "、".join(f"{label(year)}が{found[year]:,}行" for year in sorted(stated))
            self.faults |= {
                t: f"年度が混在しています({shown})。"
                for t in years
                if t.strip() and t not in self.faults and read_year(Cell(t)) != usual
            }
            return None
        if stated and None in found:
            self.findings.tell(
                "year_notice",
                f"年度が空欄の行が{found[None]:,}行あり、{label(min(stated))}として読みました。",
                column=column,
            )
        if self.faults:
            return None
        if screen is not None and stated and stated != {screen}:
            text = f"年度が一致しません。ファイルは{label(min(stated))}、画面で選んだ年度は{label(screen)}です。"
            self.findings.refuse("year_differs", text, row=self.columns.header_row + 1, column=column)
            return None
        year = screen if screen is not None else min(stated, default=None)
        if year is None:
            self.findings.refuse("year_needed", "何年度の調査か、年度を選んでください。", column="年度")
            return None
        return self._plausible(year)

    def _plausible(self, year: int) -> int:
        values = self.plan.values
        first = int(values.loc[values["kind"] != "target", "fiscal_year"].min())
        last = int(values.loc[values["kind"] == "target", "fiscal_year"].max())
        column = self.columns.title(self.columns.year) or "年度"
        if year < first:
            self.findings.refuse(
                "year", f"年度{label(year)}は計画の基準年度({label(first)})より前で、登録できません。", column=column
            )
        elif year > fiscal_year_of(self.today):
            self.findings.refuse("year", f"年度{label(year)}は未来の年度です。", column=column)
        elif year > last:
            self.findings.tell("year_notice", f"{label(year)}は計画の最終目標年度({label(last)})より後です。")
        return year


def contradictions(coded: Coded, year: Coded) -> bool:
    """Whether two year columns of a batch name different fiscal years in one row."""
    one, other = (np.array([_year_in(text) for text in part.texts] or [0])[part.indices] for part in (coded, year))
    return bool(((one != other) & (one > 0) & (other > 0)).any())


def _year_in(text: str) -> int:
    try:
        return read_year(Cell(text)) if text.strip() else 0
    except CellFault:
        return 0


def refuse_contradictions(columns: RawColumns, source: GridSource | CsvSource, findings: Findings) -> None:
    """Name the rows in which two year columns contradict each other."""
    found = 0
    for row, record in source.records():
        texts = dict(enumerate(record, 1))
        first = _year_in(texts.get(columns.year, ""))
        for column in columns.other_years:
            other = _year_in(texts.get(column, ""))
            if first and other and first != other and found < LISTED:
                found += 1
                text = f"年度の列どうしが食い違っています({columns.title(columns.year)}は{label(first)}、{columns.title(column)}は{label(other)})。"
                findings.refuse("year", text, row=row, column=columns.title(column), sheet=columns.grid.sheet)
        if found >= LISTED:
            return


class Identities:
    """The respondents' numbers as eight bytes each, to see whether one occurs twice."""

    def __init__(self) -> None:
        """Start with none."""
        self._parts: list[np.ndarray] = []

    def add(self, coded: Coded) -> None:
        """Add one batch."""
        if coded.numbers is not None:
            self._parts.append(coded.numbers)
            return
        table = np.array([_identity(text) for text in coded.texts] or [np.nan])
        self._parts.append(table[coded.indices])

    def repeated(self) -> set[float]:
        """What occurs more than once; different texts may share a key."""
        keys = np.concatenate(self._parts) if self._parts else np.zeros(0)
        if (np.diff(keys) > 0).all():
            return set()
        keys = np.sort(keys[np.isfinite(keys)])
        return set(keys[1:][keys[1:] == keys[:-1]].tolist())


def _identity(text: str) -> float:
    text = answer_key(text)
    try:
        return float(text or "nan")
    except ValueError:
        return float(hash(text) >> 10)


def tell_repeated(
    identities: Identities, columns: RawColumns, source: GridSource | CsvSource, findings: Findings
) -> None:
    """A notice where one respondent's number stands in several rows."""
    keys = identities.repeated()
    if not keys:
        return
    rows: dict[str, list[int]] = {}
    for row, record in source.records():
        text = answer_key(record[columns.identity - 1]) if columns.identity <= len(record) else ""
        if _identity(text) in keys:
            rows.setdefault(text, []).append(row)
    twice = [found for found in rows.values() if len(found) > 1]
    if twice:
        shown = "、".join(f"{row}行目" for row in sorted(row for found in twice[:3] for row in found[:3]))
        text = (
            f"回答者IDが重複しています({len(twice):,}件、{shown}など)。同じ回答が二度入っていないか確かめてください。"
        )
        findings.tell(
            "dup",
            text,
            hint="",
            row=min(found[1] for found in twice),
            column=columns.title(columns.identity),
            sheet=columns.grid.sheet,
        )


def refuse_places(
    columns: RawColumns,
    tally: Tally,
    source: GridSource | CsvSource,
    years: Counter,
    year_faults: dict[str, str],
    findings: Findings,
) -> None:
    """Go through the rows once to say where answers, weights and years are wrong."""
    left = {
        column: min(sum(tally.unexpected[q.indicator].values()), LISTED)
        for column, q in columns.questions.items()
        if q.indicator in tally.unexpected
    }
    weights = LISTED if tally.bad_weights else 0
    wrong_years = min(sum(years[text] for text in year_faults), LISTED)
    if not (left or weights or wrong_years):
        return
    for column in left:
        odd = tally.unexpected[columns.questions[column].indicator]
        shown = "、".join(f"{quoted(text, 20)}{count:,}件" for text, count in odd.most_common(8))
        findings.refuse(
            "code",
            f"対応付けにない想定外の回答があります: {shown}。",
            column=columns.title(column),
            sheet=columns.grid.sheet,
        )
    for row, record in source.records():
        texts = dict(enumerate(record, 1))
        for column in [column for column, count in left.items() if count]:
            text = texts.get(column, "")
            if columns.questions[column].classify(text)[0] == 3:
                left[column] -= 1
                total = "合計の行のようです。" if any(key_of(t) in _TOTALS for t in record) else ""
                message = f"回答{quoted(text)}は想定外で、選択肢のコードにありません。{total}"
                findings.refuse("code", message, row=row, column=columns.title(column), sheet=columns.grid.sheet)
        if (
            weights
            and not _weight(text := texts.get(columns.weight, ""))
            and any(answer_key(texts.get(c, "")) for c in columns.questions)
        ):
            weights -= 1
            message = (
                f"ウェイト(重み){quoted(text)}は正の数ではありません。"
                if text.strip()
                else "ウェイト(重み)が空欄です。"
            )
            findings.refuse("weight", message, row=row, column=columns.title(columns.weight), sheet=columns.grid.sheet)
        if wrong_years and (text := texts.get(columns.year, "")) in year_faults:
            wrong_years -= 1
            findings.refuse(
                "year_mixed", year_faults[text], row=row, column=columns.title(columns.year), sheet=columns.grid.sheet
            )
        if not (any(left.values()) or weights or wrong_years):
            break
