"""The plan's year on the command line: sheets out, sheets in, the letter."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from kyodo.brief import brief_of
from kyodo.commands.common import REFUSED, add_command, open_record, print_json, say, say_problems, text, write, year
from kyodo.cycle.drop import Drop, read_drop
from kyodo.cycle.year import Progress
from kyodo.errors import KyodoError, ProblemsError
from kyodo.plan import load_plan
from kyodo.record import Record


def add_to(commands: Any) -> None:
    """Declare the commands of this topic."""
    sheets = add_command(commands, "sheets", _sheets, "進行管理シートを、回答する課ごとに作る")
    sheets.add_argument("dir", type=Path)
    sheets.add_argument("--csv", action="store_true", help="Excel の代わりに CSV(UTF-8、BOM 付き)で作る")
    sheets.add_argument("--missing", action="store_true", help="まだの項目と差し戻した項目だけ")
    sheets.add_argument("--by", default="", type=text, help="配布した人の氏名(書くと、配布済みとして記録する)")
    collect = add_command(commands, "collect", _collect, "返ってきた進行管理シートをまとめて受け取る")
    collect.add_argument("files", type=Path, nargs="+", metavar="FILE")
    collect.add_argument("--check", action="store_true", help="確かめるだけで、登録しない")
    collect.add_argument("--by", default="", type=text, help="登録する人の氏名")
    collect.add_argument("--reason", default="", help="報告済みの年度を訂正する理由")
    collect.add_argument("--json", action="store_true", help="JSONひとつで出力する")
    collect.set_defaults(usage=collect.error)
    letter = add_command(commands, "letter", _letter, "照会文(Word)を、課ごとのまだの項目つきで作る")
    letter.add_argument("out", type=Path)
    letter.add_argument("--due", default="", help="回答の期限(例: 5月16日)")
    roster = add_command(commands, "roster", _roster, "宛先名簿を CSV で書き出すか、記入したファイルを登録する")
    roster.add_argument("dir_or_file", type=Path, help="書き出すフォルダ、または記入した CSV・Excel")
    roster.add_argument("--by", default="", help="登録する人の氏名(書くと、ファイルを登録する)")
    for each in (sheets, collect, letter, roster):
        each.add_argument("--year", type=year, required=True, help="対象の年度(例: H25)")


def _progress(now: dt.datetime) -> Progress:
    return brief_of(load_plan(), open_record(), now=now).progress


def _sheets(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.handout import sheet_files

    progress = _progress(now)
    made = sheet_files(progress, arguments.year, csv=arguments.csv, only_missing=arguments.missing)
    files = {arguments.dir / name: data for name, data in made.items()}
    if there := [file.name for file in files if file.exists()]:
        raise KyodoError(f"記入済みかもしれない同じ名前のファイルがあるため、何も作りませんでした: {'、'.join(there)}")
    arguments.dir.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        file.write_bytes(data)
    if arguments.by:
        items = progress.addressees(arguments.year).answering["item"]
        open_record().hand_out(items, arguments.year, by=arguments.by, at=now)
    say(f"{arguments.dir} に進行管理シートを{len(files)}件作りました。")
    if unresolved := progress.addressees(arguments.year).unresolved:
        say(f"宛先の課が決まっていないため、補足を尋ねていません: {'、'.join(unresolved)}")


def _collect(arguments: argparse.Namespace, now: dt.datetime) -> int | None:
    from kyodo.cycle.returned import isolated

    if not arguments.check and not arguments.by.strip():
        arguments.usage("登録するには --by に氏名を書いてください(確かめるだけなら --check)。")
    record = open_record()
    brief = brief_of(load_plan(), record, now=now)
    given = [(file.name, file.read_bytes()) for file in arguments.files]
    drop = read_drop(given, brief.progress, arguments.year, read=isolated)
    said = drop.to_json()
    try:
        number = None if arguments.check else _kept(record, drop, arguments, now, brief.revision)
    except KyodoError as error:  # a closed year, another editor: scripts get one JSON document all the same
        if not arguments.json:
            raise
        print_json(said | {"accepted": False, "number": None, "error": str(error)})
        return REFUSED
    if arguments.json:
        print_json(said | {"number": number})
    else:
        _say_drop(drop, number)
    return None if drop.accepted else REFUSED


def _say_drop(drop: Drop, number: int | None) -> None:
    """What came of each file, how many answers are new or change, and the number of the entry that keeps them."""
    for file in drop.files:
        say_problems([*file.problems, *file.notices])
        said = "受け取れます" if file.accepted else "受け取れません"
        say(f"{file.file}: {said}(回答{len(file.answers)}件、補足{len(file.supplements)}件)")
    for how, count in drop.counts.items():
        say(f"{how}: {count}件")
    if number is not None:
        print(number)
        say(f"登録しました(登録番号{number})。")


def _kept(record: Record, drop: Drop, arguments: argparse.Namespace, now: dt.datetime, seen: int) -> int | None:
    """The number of the entry that holds what was accepted, None where nothing was."""
    if drop.answers.empty and drop.supplements.empty:
        return None
    named = {"by": arguments.by, "at": now, "reason": arguments.reason, "expected_revision": seen}
    return record.collect(**drop.to_keep, **named)


def _letter(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.handout import letter

    write(arguments.out, letter(_progress(now), arguments.year, due=arguments.due))


def _roster(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.cycle.returned import isolated
    from kyodo.cycle.roster_file import read_roster, roster_frames
    from kyodo.export import csv_bytes

    place, progress = arguments.dir_or_file, _progress(now)
    if not arguments.by:
        place.mkdir(parents=True, exist_ok=True)
        for name, frame in roster_frames(progress, arguments.year).items():
            (place / f"{name}.csv").write_bytes(csv_bytes(frame))
        say(f"{place} に宛先名簿(roster.csv)と回答する課(answering.csv)を書き出しました。")
        return
    found = read_roster(place.read_bytes(), place.name, progress, read=isolated)
    if found.problems:
        raise ProblemsError(found.problems)
    number = open_record().address(**found.to_keep, by=arguments.by, at=now)
    print(number)
    say(f"宛先を登録しました(登録番号{number})。")
