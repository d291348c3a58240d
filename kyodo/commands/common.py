"""What every command shares: how it is declared, how it speaks, and its exit status."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kyodo.errors import Problem
from kyodo.fiscal import parse_fiscal_year
from kyodo.record import Record, default_url

DONE, REFUSED, USAGE = 0, 1, 2


def add_command(commands: Any, name: str, run: Callable[..., int | None], words: str) -> argparse.ArgumentParser:
    """A command's parser; ``run(arguments, now)`` gives the exit status, or None where all was done."""
    parser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    return parser


def year(text: str) -> int:
    """A fiscal year as an argument."""
    try:
        return parse_fiscal_year(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def text(given: str) -> str:
    """Words as an argument: the bytes of the command line in UTF-8, whatever the locale made of them (LC_ALL=C).

    >>> text("総務課 山田")
    '総務課 山田'
    """
    try:
        return os.fsencode(given).decode("utf-8")
    except UnicodeError:
        return given


def open_record() -> Record:
    """The record of ``KYODO_DATABASE``, or the one beside the plan's tables."""
    return Record(default_url())


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=1))


def say(text: str) -> None:
    """A message on standard error."""
    print(text, file=sys.stderr)


def write(out: Path, data: bytes) -> None:
    """Write what a command made, and say so."""
    out.write_bytes(data)
    say(f"{out} を作りました。")


def say_problems(problems: Sequence[Problem]) -> None:
    """Each problem on a line of standard error."""
    for problem in problems:
        say(str(problem))
