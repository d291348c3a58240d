"""From a file's bytes to a :class:`Reading`: its tables, which of them is meant, which of the two forms it has."""

import hashlib
import io
import logging
import traceback
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from kyodo.fiscal import fiscal_year_of, label
from kyodo.intake.grids import Grids, read_grids, safe_name
from kyodo.intake.isolation import StoppedError, run_isolated
from kyodo.intake.raw import read_raw
from kyodo.intake.reading import Reading, Request, Understood
from kyodo.intake.sheets import Choice, choose_sheets
from kyodo.intake.summary import read_summaries
from kyodo.intake.text import DELIMITERS
from kyodo.intake.words import Findings, Phrase

MOST_PROBLEMS = 1_000  # kept of one file; a page shows far fewer


def read_upload(data: bytes, name: str, *, more: Sequence[tuple[bytes, str]] = (), **asked: Any) -> Reading:
    """Read a survey file, summary or raw form; never raises for anything that is in the file.

    ``asked`` is what the clerk said of it and what it must agree with, each a field of :class:`Request`; ``more`` are
    further files of the same survey and year, pooled with the first (raw form). Of a name only the last part is kept.
    """
    files = [(bytes(data), name), *((bytes(other), called) for other, called in more)]
    request = Request(**{name: value for name, value in asked.items() if value is not None})
    findings = Findings(confirmed=request.confirmed)
    _check_year(request, findings)
    with ThreadPoolExecutor(1) as beside:  # a large file's digest takes a fifth of the time of its reading
        digest = beside.submit(_sha256, files[0][0])
        parts = {} if findings.problems else _guarded(request, files, findings)
    return _reading(files, digest.result(), parts, findings)


def _reading(files: list[tuple[bytes, str]], digest: str, parts: dict[str, Any], findings: Findings) -> Reading:
    """The parts as a reading; several files as one archive."""
    originals = parts.pop("originals", files[0][:1])
    bodies = [kept or body for kept, (body, _) in zip(originals, files, strict=False)]
    names = [safe_name(called) for _, called in files[: len(bodies)]]
    several = len(bodies) > 1
    original = _zipped(bodies, names) if several else bodies[0]
    return Reading(
        name=safe_name("と".join(names) + ".zip" * several),
        sha256=_sha256(original) if several else digest,
        original=original,
        problems=tuple(findings.problems[:MOST_PROBLEMS]),
        notices=tuple(findings.notices[:MOST_PROBLEMS]),
        **parts,
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _zipped(bodies: Sequence[bytes], names: Sequence[str]) -> bytes:
    """Several originals as one archive, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (body, name) in enumerate(zip(bodies, names, strict=True), 1):
            archive.writestr(zipfile.ZipInfo(name if names.count(name) == 1 else f"{place}_{name}"), body)
    return out.getvalue()


def _guarded(request: Request, files: list[tuple[bytes, str]], findings: Findings) -> dict[str, Any]:
    """The border: a fault of this package's own must reach the clerk as a message too, and the log without the file's text."""
    try:
        return _read(request, files, findings)
    except MemoryError:
        raise  # the isolating process says this better
    except Exception as error:  # noqa: BLE001 whatever it is, the clerk gets an answer and nothing is stored
        frame = traceback.extract_tb(error.__traceback__)[-1]
        logging.getLogger(__name__).error("%s at %s:%s", type(error).__name__, frame.name, frame.lineno)
        findings.refuse("unreadable")
        return {}


def _check_year(request: Request, findings: Findings) -> None:
    """The year picked on screen as an integer, a problem where it is none or lies in the future."""
    try:
        year = request.year
    except ValueError as error:
        findings.refuse("year_picked", said=Phrase(str(error)), column="年度")
    else:
        if year is not None and year > fiscal_year_of(request.today):
            findings.refuse("year_picked_future", year=Phrase(label(year)), column="年度")


def _read(request: Request, files: list[tuple[bytes, str]], findings: Findings) -> dict[str, Any]:
    """Bytes to tables, tables to the one that is meant, and on by its form."""
    found = [findings, *(Findings(confirmed=request.confirmed) for _ in files[1:])]
    opened, choices = [], []
    for (data, name), each in zip(files, found, strict=True):
        opened.append(grids := read_grids(data, name, large=True))
        each.add(grids.problems, grids.notices)
        choices.append(Choice() if each.problems else choose_sheets(grids, request, each))
    parts = _read_chosen(request, opened, choices, found)
    _note_files([safe_name(name) for _, name in files], found, parts.pop("rows", ()))
    return parts


def _note_files(names: list[str], found: list[Findings], rows: Sequence[int]) -> None:
    """What was found in further files, under their names, and how many respondents each file has."""
    for each, name in zip(found[1:], names[1:], strict=True):
        found[0].add(*([replace(one, file=name) for one in noted] for noted in (each.problems, each.notices)))
    if rows:
        counted = [Phrase(f"{name} {count:,}人") for name, count in zip(names, rows, strict=True)]
        found[0].tell("files_pooled", files=counted)


def _read_chosen(request: Request, opened: list[Grids], choices: list[Choice], found: list[Findings]) -> dict[str, Any]:
    """The chosen tables by their form; several files only where all are raw."""
    first, choice = opened[0], choices[0]
    understood = Understood(encoding=first.encoding, delimiter=DELIMITERS.get(first.delimiter, ""))
    if len(choices) > 1 and {each.form for each in choices} - {"", "raw"}:
        found[0].refuse("more_raw_only")
    if any(each.problems for each in found):
        return {"sheets": choice.sheets, "understood": understood, "form": choice.form}
    understood = replace(understood, sheet="、".join(grid.sheet for grid in choice.grids))
    if choice.form == "summary":
        return {"sheets": choice.sheets} | read_summaries(request, choice, understood, found[0])
    tables = []
    for grids, chosen, each in zip(opened, choices, found, strict=True):
        each.sheet = chosen.grids[0].sheet
        tables.append((grids, chosen.grids[0], next(iter(chosen.headers), None)))
    return {"sheets": choice.sheets, "form": "raw"} | read_raw(request, tables, understood, found)


def read_isolated(data: bytes, name: str, **options: Any) -> Reading:
    """Read a file as :func:`read_upload` does, in a child process: the same arguments, the same reading.

    Over the memory limit the reading is one problem ``too_heavy``, over ``seconds`` of processor time (by default by
    the file's size) one problem ``too_slow``. Safe to call from several threads.
    """
    try:
        reading = run_isolated(_read_lightly, data, name, **options)
    except StoppedError as stopped:
        return Reading(safe_name(name), _sha256(data), bytes(data), problems=(stopped.problem,))
    return reading if reading.original else replace(reading, original=bytes(data))


def _read_lightly(data: bytes, name: str, **options: Any) -> Reading:
    """The reading without the file's bytes, which the parent has."""
    reading = read_upload(data, name, **options)
    return replace(reading, original=b"") if reading.original == data else reading
