"""A record of eleven surveys, with and without numbers of answers, the last one as single answers with groups."""

import datetime as dt
import random
import sys

from kyodo.fiscal import JAPAN
from kyodo.intake import read_upload
from kyodo.plan import Plan, load_plan
from kyodo.record import Record

SHARES = {
    1: [37.4, 37.9, 36.8, 37.1, 38.0, 39.6, 41.2, 42.7, 43.5, 45.9, 47.3],
    2: [10.9, 11.0, 11.4, 11.2, 11.9, 12.1, 12.4, 12.2, 12.9, 13.1, 12.8],
    3: [19.2, 19.9, 20.6, 21.5, 22.4, 24.0, 25.2, 26.9, 28.0, 29.4, 30.6],
    4: [26.4, 27.1, 27.9, 28.6, 29.0, 28.1, 27.4, 26.0, 25.1, 24.8, 23.9],
    5: [31.0, 42.5, 60.2, 77.0, 89.3, 91.0, 93.8, 95.1, 96.4, 98.2, 99.1],
}
YEARS = [2007, 2008, 2009, 2010, 2012, 2013, 2014, 2015, 2016, 2017]  # H23 is printed in the plan
RAW = {
    number: {"column": f"問{number}", "positive": ["1"], "negative": ["2"], "missing": ["9"]} for number in range(1, 5)
}


def summary(plan: Plan, place: int, year: int, with_n: bool) -> bytes:
    """One year's file in the summary form."""
    rows = [
        f"{row['indicator']},{row['name']},H{year - 1988},{SHARES[row['indicator']][place]},{1480 if with_n else ''}"
        for row in plan.indicators.to_dict("records")
    ]
    return "\r\n".join(["指標番号,指標名,年度,値(%),回答者数", *rows, ""]).encode("cp932")


def answers(people: int = 700, seed: int = 1) -> bytes:
    """One survey as single answers: 性別, 年代, 地域 and four questions; few people in one district."""
    chance = random.Random(seed)
    rows = []
    for person in range(1, people + 1):
        sex, age = chance.choice(["男性", "女性"]), chance.choice(["20代", "30代", "40代", "50代", "60代", "70代以上"])
        place = chance.choices(["北部", "中部", "南部", "東部", "島しょ部"], [30, 40, 20, 9, 0.7])[0]
        shift = (0.08 if age in ("60代", "70代以上") else -0.06) + (0.03 if place == "北部" else 0)
        said = ["1" if chance.random() < share + shift else "2" for share in (0.47, 0.14, 0.31, 0.24)]
        rows.append(f"{person},{sex},{age},{place},{','.join(said)}")
    return "\r\n".join(["回答者ID,性別,年代,地域,問1,問2,問3,問4", *rows, ""]).encode("cp932")


def fill(url: str, raw_year: int = 2018) -> None:
    """Register ten summary files and one file of answers."""
    plan, record = load_plan(), Record(url)
    at = dt.datetime(2014, 5, 1, 10, 0, tzinfo=JAPAN)
    for place, year in enumerate(YEARS):
        name = f"H{year - 1988}市民アンケート集計.csv"
        reading = read_upload(summary(plan, place, year, year >= 2010), name, plan=plan)
        record.submit(reading, by="総務課 山田", note=f"{year}年度の集計", at=at + dt.timedelta(days=30 * place))
    reading = read_upload(answers(), "回答一覧.csv", plan=plan, fiscal_year=raw_year, mapping=RAW)
    record.submit(reading, by="総務課 佐藤", at=at + dt.timedelta(days=400), replace=True)


if __name__ == "__main__":
    fill(sys.argv[1])
