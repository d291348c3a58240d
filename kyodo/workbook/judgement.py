"""判定: every distance, pace and verdict as numbers, and beside them what another target would mean.

The only formulas of the workbook stand here. Until somebody changes the yellow cells they give the brief's own numbers.
"""

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell as cell
from xlsxwriter.worksheet import Worksheet

from kyodo import agenda, findings
from kyodo.brief import Brief
from kyodo.measured import TESTED
from kyodo.palette import LINE, STEPS
from kyodo.verdicts import Cutoffs
from kyodo.workbook.book import A3, HEAD_ROW, Book, Column, addresses

_HEAD = (Column("name", "成果指標", 13), Column("target_label", "目標", 5))
_COLUMNS = (
    *_HEAD, Column("state_text", "結果か見通しか", 4.5), Column("baseline_year", "基準の年度", 3.5, "year"),
    Column("baseline", "基準値", 4, "percent"), Column("actual_year", "実績の年度", 3.5, "year"), Column("actual", "実績値", 4, "percent"),
    Column("actual_n", "回答者数", 4.5, "whole"), Column("target_year", "目標の年度", 3.5, "year"), Column("target", "目標値", 4, "percent"),
    Column("difference", "目標との差", 4.5, "signed"), Column("attainment", "到達率", 4.5, "ratio"), Column("improvement", "改善幅率", 4.5, "ratio"),
    Column("mark", "判定", 6.5), Column("against_text", "目標との差と誤差", 6.5),
)  # fmt: skip
_BASIS = (
    *_HEAD, Column("elapsed", "経過率", 4.5, "ratio"), Column("pace", "ペース比", 4.5, "ratio"), Column("pace_so_far", "これまでの歩み", 5, "pace"),
    Column("pace_lately", "直近の歩み", 5, "pace"), Column("pace_needed", "必要な歩み", 5, "pace"), Column("projection", "直線で延ばすと", 5, "percent"),
    Column("forecast", "見込み", 4, "percent"), Column("forecast_low", "見込みの90%区間(下)", 5, "percent"),
    Column("forecast_high", "見込みの90%区間(上)", 5, "percent"), Column("likelihood", "目標に届く見込み", 5, "ratio"), Column("change", "基準値からの変化", 5, "signed"),
    Column("change_low", "変化の95%区間(下)", 5, "signed"), Column("change_high", "変化の95%区間(上)", 5, "signed"),
    Column("tested_text", "変化の誤差の扱い", 12), Column("later_text", "目標の年度より後の値", 11), Column("mark", "判定", 6.5),
)  # fmt: skip
_TRIED = (
    Column("trial", "試しの目標値", 5, "input"), Column("difference", "差", 4.5, "signed"), Column("attainment", "到達率", 4.5, "ratio"),
    Column("improvement", "改善幅率", 4.5, "ratio"), Column("pace", "ペース比", 4.5, "ratio"), Column("pace_needed", "必要な歩み", 5, "pace"),
    Column("verdict", "判定", 5),
)  # fmt: skip
_AT = {column.name: place for place, column in enumerate(_COLUMNS)}
_TRY = {column.name: len(_COLUMNS) + place for place, column in enumerate(_TRIED)}


def judgement(book: Book, brief: Brief, source: str) -> None:
    """判定: one line per indicator and target, the trial columns on the right, the chart of both ratios below."""
    sheet = book.sheet("判定", brief.headline, source, paper=A3, pages=1)
    rows = _rows(brief)
    after = book.table(sheet, rows, _COLUMNS)
    for column in _TRIED:
        place = _TRY[column.name]
        book.widen(sheet, place, column.width)
        sheet.write_string(HEAD_ROW, place, column.title, book.format("head"))
    sheet.write_string(
        HEAD_ROW - 1, _TRY["trial"], "黄色の目標値を変えると、右の欄が計算し直されます。", book.format("note")
    )
    for down, row in enumerate(rows.to_dict("records"), start=HEAD_ROW + 1):
        _try(book, sheet, down, row, brief.cutoffs)
    rules = [f"{rule}。" for rule in findings.judged_by(brief.cutoffs).split("。") if rule]
    for place, rule in enumerate(rules):  # a line each, since what is longer than the table is cut on paper
        book.line(sheet, after + place, rule)
    _chart(book, sheet, rows, after + len(rules) - 1)


def basis(book: Book, brief: Brief, source: str) -> None:
    """判定の根拠: paces, what may come, and whether the change is more than error, of the same lines."""
    sheet = book.sheet("判定の根拠", "判定の根拠(歩みはポイント/年)", source, paper=A3)
    after = book.table(sheet, _rows(brief), _BASIS)
    book.line(sheet, after + 1, "直線で延ばした値は計算であり、見込みではありません。")


def _rows(brief: Brief) -> pd.DataFrame:
    rows = brief.texts
    return rows.assign(mark=rows["verdict"].map(agenda.mark), tested_text=rows["tested"].map(TESTED))


def _try(book: Book, sheet: Worksheet, down: int, row: Mapping, cutoffs: Cutoffs) -> None:
    """One line's trial: the target to change, and what follows from it."""
    book.cell(sheet, down, _TRY["trial"], row["target"], "input")
    if pd.isna(row["actual"]):
        book.cell(sheet, down, _TRY["verdict"], row["verdict"], "text")
        return
    for name, formula in _formulas(down, row, cutoffs).items():
        form = next(column.format for column in _TRIED if column.name == name)
        value = row[name] if isinstance(row[name], str) else "" if pd.isna(row[name]) else float(row[name])
        sheet.write_formula(down, _TRY[name], f"={formula}", book.format(form), value)


def _formulas(down: int, row: Mapping, cutoffs: Cutoffs) -> dict[str, str]:
    """The definitions of :mod:`kyodo.verdicts` in Excel's words; blank where they are not defined."""
    b, c, t0, t1, t2 = (
        cell(down, _AT[name]) for name in ("baseline", "actual", "baseline_year", "actual_year", "target_year")
    )
    goal, ahead, improvement, pace = (cell(down, _TRY[name]) for name in ("trial", "difference", "improvement", "pace"))
    unchanged = f"ABS({c}-{b})<ROUND({cutoffs.flat}*ABS({goal}-{b}),12)"
    flat = unchanged if row["tested"] == "none" else "FALSE" if row["significant"] else "TRUE"
    return {
        "difference": f"ROUND({c}-{goal},12)",
        "attainment": f'IF({goal}=0,"",ROUND({c}/{goal},12))',
        "improvement": f'IF({goal}={b},"",ROUND(({c}-{b})/({goal}-{b}),12))',
        "pace": f'IF(OR({t1}>={t2},{t2}={t0},{improvement}=""),"",ROUND({improvement}/(({t1}-{t0})/({t2}-{t0})),12))',
        "pace_needed": f'IF({t1}>={t2},"",ROUND(({goal}-{c})/({t2}-{t1}),12))',
        "verdict": f'IF({t1}={t2},IF({ahead}>=0,"達成","未達成"),IF({ahead}>=0,"到達",IF({flat},"横ばい",IF({c}<{b},"後退",'
        f'IF({pace}="","",IF({pace}>={cutoffs.on_track},"順調",IF({pace}>={cutoffs.slow},"やや遅れ","遅れ")))))))',
    }


def _chart(book: Book, sheet: Worksheet, rows: pd.DataFrame, after: int) -> None:
    if rows.empty:
        return
    said = "指標と目標ごとの到達率と改善幅率。上の表に同じ数があります。"
    chart = book.chart("column", "到達率と改善幅率", said)
    for name, fill in (("attainment", STEPS[1]), ("improvement", STEPS[3])):
        chart.add_series(
            {
                "name": addresses(sheet, (HEAD_ROW, _AT[name]), (0, 0))[:3],
                "categories": addresses(sheet, (HEAD_ROW + 1, 0), (after - 1, 1)),
                "values": addresses(sheet, (HEAD_ROW + 1, _AT[name]), (after - 1, _AT[name])),
                "fill": {"color": fill},
                "border": {"color": LINE},
                "data_labels": {
                    "value": True,
                    "num_format": '0.0%;"▲"0.0%',
                    "font": {"name": "BIZ UDPゴシック", "size": 9},
                },
            }
        )
    chart.set_y_axis({"num_format": '0%;"▲"0%', "num_font": {"name": "BIZ UDPゴシック", "size": 10}})
    chart.set_x_axis({"num_font": {"name": "BIZ UDPゴシック", "size": 10}, "label_position": "low"})
    book.place(sheet, after + 2, chart, said, (1100, 360))
