"""The command line: ``python -m kyodo COMMAND``. Results go to standard output, messages to standard error in Japanese."""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kyodo.brief import Brief, brief_of
from kyodo.commands import cycle
from kyodo.commands.common import (
    DONE,
    REFUSED,
    USAGE,
    add_command,
    open_record,
    print_json,
    say,
    say_problems,
    text,
    write,
    year,
)
from kyodo.errors import KyodoError
from kyodo.fiscal import JAPAN, in_japan
from kyodo.intake.grids import safe_name
from kyodo.plan import Plan, load_plan
from kyodo.rows import plain, plain_rows

_REASONS = {
    FileNotFoundError: "見つかりません",
    PermissionError: "権限がありません",
    IsADirectoryError: "フォルダです",
    NotADirectoryError: "フォルダではありません",
    FileExistsError: "同じ名前のファイルがあります",
}


def main(
    arguments: Sequence[str] | None = None, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(JAPAN)
) -> int:
    """Run one command; returns the exit status (0 done, 1 refused, 2 usage)."""
    parsed = _parser().parse_args(arguments)
    try:
        return parsed.run(parsed, now()) or DONE
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return DONE
    except OSError as error:
        why = _REASONS.get(type(error), error.strerror)
        say(f"{error.filename or 'ファイル'} を扱えません({why})。場所と権限を確かめてください。")
        return REFUSED
    except KyodoError as error:
        say(str(error))
        return REFUSED


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks Japanese where it can."""

    def error(self, message: str) -> None:
        self.exit(USAGE, f"{self.format_usage()}使い方の誤り: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m kyodo", description="協働推進ダッシュボードの操作")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_command(commands, "export", _export, "表をCSV・JSONとデータの説明つきで書き出す").add_argument("dir", type=Path)

    check = add_command(commands, "check", _check, "調査のファイルを登録せずに確かめる")
    register = add_command(commands, "register", _register, "調査のファイルを登録する")
    for each in (check, register):
        each.add_argument("file", type=Path)
        each.add_argument("--year", type=year, help="調査の年度(例: H25、2013)")
        each.add_argument("--mapping", type=Path, help="回答の一覧の、列と回答の対応(JSON)")
        each.add_argument("--weight", type=text, help="重みの列の名前")
        each.add_argument(
            "--with", type=Path, dest="more", action="append", default=[], help="合わせて集計するファイル"
        )
        each.add_argument("--sheet", type=text, help="読み取るシートの名前")
        each.add_argument("--raw", action="store_const", const="raw", help="回答の一覧(1行が1人)として読む")
        each.add_argument("--confirm", action="append", default=[], metavar="CODE", help="確かめた点(--json の code)")
    check.add_argument("--json", action="store_true", help="JSONひとつで出力する")
    register.add_argument("--by", required=True, type=text, help="登録者の氏名")
    register.add_argument("--note", default="", type=text, help="備考")
    register.add_argument("--replace", action="store_true", help="登録済みの値を置き換える")

    add_command(commands, "history", _history, "登録の履歴").add_argument("--json", action="store_true")
    undo = add_command(commands, "undo", _undo, "登録を取り消す(取り消しの取り消しもできる)")
    undo.add_argument("number", type=int)
    undo.add_argument("--by", required=True, type=text, help="取り消す人の氏名")
    undo.add_argument("--note", default="", help="理由(報告済みの年度を変えるときは必ず)")
    original = add_command(commands, "original", _original, "登録した元のファイルを取り出す")
    original.add_argument("number", type=int)
    original.add_argument("out", type=Path)

    brief = add_command(commands, "brief", _brief, "概要のすべての数字と判定")
    brief.add_argument("--json", action="store_true", help="JSONひとつで出力する")
    deck = add_command(commands, "deck", _deck, "会議資料(PowerPoint)を作る")
    summary = add_command(commands, "summary", _summary, "A4 1枚の要約を作る(.pptx、LibreOffice があれば .pdf)")
    workbook = add_command(commands, "workbook", _workbook, "集計表(Excel)を作る")
    for each in (deck, summary, workbook):
        each.add_argument("out", type=Path)
        each.add_argument("--committee", help="委員会の名称")
        each.add_argument("--number", type=int, help="回(例: 3)")
        each.add_argument("--date", type=_day, help="開催日(例: 2014-05-12)")
        each.add_argument("--document", default="", help="資料番号(例: 資料1)")
    deck.add_argument("--template", type=Path, help="市のスライドの様式(.pptx)")
    for each in (deck, summary):
        each.add_argument("--since", default="", help="変更点を比べる、名前のある時点(例: 第2回委員会時点)")
        each.add_argument("--ask", action="append", default=[], help="審議をお願いすること(何度でも書ける)")
    cycle.add_to(commands)
    for each in (brief, deck, summary, workbook):
        each.add_argument("--as-of", type=_moment, help="この時点の状態(例: 2014-05-01T10:00)")

    add_command(commands, "backup", _backup, "動いているまま、記録の写しを取る").add_argument("out", type=Path)
    add_command(commands, "copy-to", _copy_to, "記録をそっくり別のデータベースへ写す").add_argument("url")
    return parser


def _day(text: str) -> dt.date:
    from kyodo.agenda import parse_day

    try:
        return parse_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _moment(text: str) -> dt.datetime:
    try:
        return in_japan(dt.datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"時点「{text}」を読めません(例: 2014-05-01T10:00)。") from None


def _export(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.export import write_all

    files = write_all(_brief_of(now), arguments.dir)
    say(f"{arguments.dir} に {len(files)} 個のファイルを書き出しました。")


def _check(arguments: argparse.Namespace, now: dt.datetime) -> int | None:
    reading = _read(arguments, load_plan(), now)
    if arguments.json:
        print_json(_reading_json(reading))
    else:
        _print_reading(reading)
    return None if reading.accepted else REFUSED


def _register(arguments: argparse.Namespace, now: dt.datetime) -> None:
    reading = _read(arguments, load_plan(), now)
    say_problems([*reading.problems, *reading.notices])
    if not reading.accepted:
        raise KyodoError("問題があるため、何も登録していません。")
    number = open_record().submit(reading, by=arguments.by, note=arguments.note, at=now, replace=arguments.replace)
    print(number)
    say(f"登録しました(登録番号{number})。")


def _read(arguments: argparse.Namespace, plan: Plan, now: dt.datetime) -> Any:
    """The file as read in a child process with limits."""
    from kyodo.intake import read_isolated

    return read_isolated(
        arguments.file.read_bytes(),
        text(arguments.file.name),
        fiscal_year=arguments.year,
        mapping=_mapping(arguments.mapping),
        weight_column=arguments.weight,
        sheet=arguments.sheet,
        form=arguments.raw,
        confirmed=arguments.confirm,
        more=[(each.read_bytes(), text(each.name)) for each in arguments.more],
        plan=plan,
        today=in_japan(now).date(),
    )


def _mapping(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise KyodoError(f"対応のファイル {file} をJSON(UTF-8)として読めません: {error}") from None


def _history(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.readable import history

    entries = open_record().history()
    if arguments.json:
        print_json(plain_rows(entries))
    for row in [] if arguments.json else history(entries).to_dict("records"):
        columns = ("number", "at_text", "by", "kind_text", "file", "years_text", "indicators_text", "state", "note")
        print("\t".join(str(row[column]) for column in columns))


def _undo(arguments: argparse.Namespace, now: dt.datetime) -> None:
    number = open_record().undo(arguments.number, by=arguments.by, at=now, note=arguments.note)
    print(number)
    say(f"登録番号{arguments.number}を取り消しました(登録番号{number})。")


def _original(arguments: argparse.Namespace, now: dt.datetime) -> None:
    record = open_record()
    names = record.file_names(arguments.number) or [""]
    if len(names) > 1:  # a collection: a folder with all of them, numbered since names may repeat
        arguments.out.mkdir(parents=True)
    for place in range(len(names)):
        name, data = record.original(arguments.number, place)
        out = arguments.out / f"{place + 1:02}_{safe_name(name)}" if len(names) > 1 else arguments.out
        out.write_bytes(data)
        say(f"{name} を {out} に書き出しました。")


def _brief(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.findings import indicator_sentence

    shown = _brief_of(now, arguments.as_of)
    if arguments.json:
        print_json(shown.to_json())
        return
    print(shown.headline)
    for row in shown.upcoming.to_dict("records"):
        print(indicator_sentence(row, shown.plan.indicators))
    for finding in shown.missing:
        print(finding.text)


def _deck(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.deck import build_deck
    from kyodo.deck.template import read_template

    template = read_template(arguments.template.read_bytes()) if arguments.template else None
    write(arguments.out, build_deck(_brief_of(now, arguments.as_of), template=template, **_asked(arguments, now)))


def _summary(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.deck import build_summary
    from kyodo.pdf import to_pdf

    made = build_summary(_brief_of(now, arguments.as_of), **_asked(arguments, now))
    write(arguments.out, to_pdf(made) if arguments.out.suffix.lower() == ".pdf" else made)


def _workbook(arguments: argparse.Namespace, now: dt.datetime) -> None:
    from kyodo.workbook import build_workbook

    write(arguments.out, build_workbook(_brief_of(now, arguments.as_of), meeting=_meeting(arguments)))


def _asked(arguments: argparse.Namespace, now: dt.datetime) -> dict[str, Any]:
    """Which meeting the papers are for, and the moment they are compared with."""
    before = _brief_named(arguments.since, now) if arguments.since else None
    return {"meeting": _meeting(arguments), "before": before, "since": arguments.since}


def _meeting(arguments: argparse.Namespace) -> Any:
    from kyodo.agenda import Meeting

    name = arguments.committee or Meeting().committee
    wanted = tuple(getattr(arguments, "ask", ()))
    return Meeting(name, arguments.number, arguments.date, arguments.document, wanted)


def _brief_named(name: str, now: dt.datetime) -> Brief:
    """The brief of a named moment.

    Raises:
        KyodoError: where no moment has that name; the message lists those there are.
    """
    moments = open_record().snapshots().set_index("name")
    if name not in moments.index:
        known = "、".join(moments.index) or "まだありません"
        raise KyodoError(f"「{name}」という名前の時点はありません。名前のある時点: {known}。")
    found = moments.loc[name]
    return brief_of(
        load_plan(), open_record(), now=now, as_of=int(found["revision"]), moment=found["at"].to_pydatetime()
    )


def _backup(arguments: argparse.Namespace, now: dt.datetime) -> None:
    revision = open_record().backup(arguments.out)
    say(f"{arguments.out} に写しを取りました(登録番号{revision}まで)。")


def _copy_to(arguments: argparse.Namespace, now: dt.datetime) -> None:
    counts = open_record().copy_to(arguments.url)
    say("写しました: " + "、".join(f"{name} {count}行" for name, count in counts.items()))


def _brief_of(now: dt.datetime, as_of: dt.datetime | None = None) -> Brief:
    return brief_of(load_plan(), open_record(), now=now, as_of=as_of)


def _reading_json(reading: Any) -> dict[str, Any]:
    return {
        "accepted": reading.accepted,
        "form": reading.form,
        "values": plain_rows(reading.values),
        "problems": [each.to_json() for each in reading.problems],
        "notices": [each.to_json() for each in reading.notices],
    }


def _print_reading(reading: Any) -> None:
    for row in reading.values.to_dict("records"):
        print(f"{row['indicator']}\t{row['fiscal_year']}\t{row['value']:.10g}\t{plain(row['n']) or ''}")
    say_problems([*reading.problems, *reading.notices])
    say("登録できます。" if reading.accepted else "登録できません。")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # whatever the console's code page
    sys.exit(main())
