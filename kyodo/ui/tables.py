"""Tables that are only read, as real HTML: printable, read aloud, escaped; counts with a bar or shade and a link that filters."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from kyodo.plan import STAGES
from kyodo.ui import once
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
    """Show a table; the first column heads its row. The same table of a frame that is kept is made once.

    ``titles`` names the columns shown, in order; ``numeric`` are set right, ``short`` are not wrapped, ``raw`` hold
    HTML made by this package; a value may be a :class:`Cell`, or a tuple of lines. ``fold`` hides it under these words;
    a ``grid`` stays one on a phone, where another table of many columns becomes a list.
    """
    facts = {"caption": caption, "numeric": numeric, "short": short, "raw": raw, "fold": fold, "grid": grid}
    st.html(once.again(table_html, rows, titles, **facts))


def table_html(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    caption: str,
    numeric: Sequence[str] = (),
    short: Sequence[str] = (),
    raw: Sequence[str] = (),
    fold: str = "",
    grid: bool = False,
) -> str:
    """The same as HTML."""
    kind = dict.fromkeys(numeric, "k-num") | dict.fromkeys(short, "k-short")
    head = "".join(
        f'<th scope="col" class="{kind.get(name, "")}">{"<br>".join(map(said, title.splitlines()))}</th>'
        for name, title in titles.items()
    )
    body = "".join(_row(row, titles, kind, raw) for row in rows.to_dict("records"))
    label = html.escape(caption)
    form = "k-table" if grid or len(titles) < _LIST_FROM else "k-table k-stack"
    made = (
        f'<div class="k-scroll" tabindex="0" role="region" aria-label="{label}"><table class="{form}">'
        f"<caption>{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return f'<details class="k-fold"><summary>{html.escape(fold)}</summary>{made}</details>' if fold else made


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
    facts = {"caption": caption, "rows": rows, "head": head, "key": key, "columns": columns, "across": across}
    st.html(once.kept_here(_counts, frame, address, **facts, total=total))


def _counts(
    frame: pd.DataFrame,
    address: Callable[..., str],
    *,
    caption: str,
    rows: Mapping[str, str],
    head: str,
    key: str,
    columns: Mapping[str, str],
    across: str,
    total: str,
) -> str:
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
    titles = {"": head, **columns} | ({total: total} if total else {})
    made = pd.DataFrame(listed, columns=list(titles))
    return table_html(made, titles, caption=caption, numeric=list(titles)[1:], grid=True)


def count(number: int, most: int, shown: str) -> Cell:
    """A number of things among others: shaded by its share of the most; 0 is no link."""
    return Cell(shown, "k-count", number / most) if number else Cell("0", "k-count k-none", 0.0)


def bar(number: int, most: int, shown: str) -> Cell:
    """A number with a bar of its share of the most behind it."""
    return Cell(shown, "k-count k-bar", number / most)


def stage_cell(word: str) -> Cell:
    """A stage of the schedule: its word on its shade; blank where nothing is planned."""
    return Cell(html.escape(word), f"k-stage-{STAGES.index(word) + 1}") if word in STAGES else Cell(html.escape(word))
