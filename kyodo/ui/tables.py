"""Tables that are only read, as real HTML: printable, read aloud, escaped; counts with a bar or shade and a link that filters."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from kyodo.ui.flow import put
from kyodo.ui.once import kept, kept_here
from kyodo.ui.text import said

_LIST_FROM = 4  # columns: on a phone a table of so many is a list of cards


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell made by this package: its HTML, its classes, how much of the most it is (0 to 1)."""

    html: str
    css: str = ""
    share: float | None = None


def table(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    caption: str,
    numeric: Sequence[str] = (),
    short: Sequence[str] = (),
    raw: Sequence[str] = (),
    fold: str = "",
    grid: bool = False,
) -> None:
    """Show a table; the first column heads its row.

    ``titles`` names the columns shown, in order; ``numeric`` are set right, ``short`` are not wrapped, ``raw`` hold
    HTML made by this package; a value may be a :class:`Cell`, or a tuple of lines. ``fold`` hides it under these words;
    a ``grid`` stays one on a phone, where another table of many columns becomes a list.
    """
    kind = dict.fromkeys(numeric, "k-num") | dict.fromkeys(short, "k-short")
    made = kept(_table, rows, titles, caption, kind, raw, grid)
    put(f'<details class="k-fold"><summary>{html.escape(fold)}</summary>{made}</details>' if fold else made)


def _table(
    rows: pd.DataFrame, titles: Mapping[str, str], caption: str, kind: Mapping[str, str], raw: Sequence[str], grid: bool
) -> str:
    head = "".join(
        f'<th scope="col" class="{kind.get(name, "")}">{"<br>".join(map(said, title.splitlines()))}</th>'
        for name, title in titles.items()
    )
    body = "".join(_row(row, titles, kind, raw) for row in rows.to_dict("records"))
    label = html.escape(caption)
    form = "k-table" if grid or len(titles) < _LIST_FROM else "k-table k-stack"
    return (
        f'<div class="k-scroll" tabindex="0" role="region" aria-label="{label}"><table class="{form}">'
        f"<caption>{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Mapping, titles: Mapping[str, str], kind: Mapping[str, str], raw: Sequence[str]) -> str:
    first, *others = titles
    cells = [_element("th", 'scope="row"', row[first], kind.get(first, ""), first in raw)]
    cells += [
        _element("td", f'data-name="{html.escape(titles[name])}"', row[name], kind.get(name, ""), name in raw)
        for name in others
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _element(tag: str, attributes: str, value: object, css: str, raw: bool) -> str:
    cell = value if isinstance(value, Cell) else Cell(_html(value, raw))
    style = "" if cell.share is None else f' style="--s:{cell.share:.3f}"'
    names = f"{css} {cell.css} {'' if cell.html else 'k-blank'}".split()
    return f'<{tag} {attributes} class="{" ".join(names)}"{style}>{cell.html}</{tag}>'


def _html(value: object, raw: bool) -> str:
    if isinstance(value, tuple):
        return "<br>".join(str(each) if raw else said(str(each)) for each in value if each)
    if isinstance(value, list):
        return said("・".join(map(str, value)))
    if pd.isna(value):
        return ""
    return str(value) if raw else said(str(value))


def page_of(rows: pd.DataFrame, most: int, key: str = "page") -> tuple[pd.DataFrame, str]:
    """The rows of the page chosen in the address, and which of how many they are, in words (blank for all of them)."""
    if len(rows) <= most:
        return rows, ""
    first = (st.pagination(-(-len(rows) // most), key=key, bind="query-params") - 1) * most
    shown = kept(_between, rows, first, first + most)
    return shown, f"({first + 1}〜{first + len(shown)}行目)"


def _between(rows: pd.DataFrame, first: int, end: int) -> pd.DataFrame:
    return rows.iloc[first:end]


def counts(
    frame: pd.DataFrame,
    address: Callable[..., str],
    *,
    caption: str,
    rows: Mapping[str, str],
    head: str,
    key: str,
    columns: Mapping[str, str],
    across: str,
    total: str = "計",
) -> None:
    """Counts in two directions: every field a shade and a link that filters, its row's total (under that word) at the end.

    ``frame`` has the keys of ``rows`` (key → name) down and of ``columns`` (key → title) across; ``key`` and ``across``
    are the filters' keys in the address; ``address(text, **query)`` makes the link.
    """
    titles = {"": head, **columns} | ({total: total} if total else {})
    listed = kept_here(_counted, frame, address, rows, key, columns, across, total)
    table(listed, titles, caption=caption, numeric=list(titles)[1:], grid=True)


def _counted(
    frame: pd.DataFrame,
    address: Callable[..., str],
    rows: Mapping[str, str],
    key: str,
    columns: Mapping[str, str],
    across: str,
    total: str,
) -> pd.DataFrame:
    most = max(int(frame.to_numpy().max(initial=0)), 1)
    listed = [
        {"": name}
        | {
            column: count(number, most, address(f"{number}", **{key: row, across: column}))
            for column, number in frame.loc[row, list(columns)].items()
        }
        | ({total: Cell(address(f"{frame.loc[row].sum()}", **{key: row}), "k-num")} if total else {})
        for row, name in rows.items()
        if row in frame.index
    ]
    return pd.DataFrame(listed, columns=["", *columns, *([total] if total else [])])


def count(number: int, most: int, shown: str) -> Cell:
    """A number of things among others: shaded by its share of the most; 0 is no link."""
    return Cell(shown, "k-count", number / most) if number else Cell("0", "k-count k-none", 0.0)


def bar(number: int, most: int, shown: str) -> Cell:
    """A number with a bar of its share of the most behind it."""
    return Cell(shown, "k-count k-bar", number / most)


def stage_cell(word: str, stages: Sequence[str]) -> Cell:
    """A stage of the schedule (one of ``stages``): its word on its shade, of which there are four; blank for none."""
    return Cell(html.escape(word), f"k-stage-{min(stages.index(word), 3) + 1}" if word in stages else "")
