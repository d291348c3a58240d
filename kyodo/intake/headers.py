"""Which column means what: header texts into roles, declared as tables of words.

A column is the value only if its words say so and nothing in them (or in the group heading above) says target, last
year, difference, or another rate. Where two columns could be it, nobody chooses but the clerk.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from kyodo.fiscal import parse_fiscal_year
from kyodo.intake.names import key_of

COLUMNS = {
    "number": "指標番号",
    "name": "指標名",
    "year": "年度",
    "value": "値(%)",
    "n": "回答者数",
}  # template and messages

_WORDS = {
    "number": "指標番号 番号 no no. no.. 指標no 指標no. 成果指標番号 成果指標no 成果指標no. 指標コード 指標id id コード code # 項番 "
    "指標の番号 ナンバー 指標ナンバー indicator indicatorno indicator_no indicatorno. indicator_id indicatorid 連番 通番 指標番",
    "name": "指標名 指標 成果指標 成果指標名 指標名称 成果指標名称 指標の名称 成果指標の名称 名称 項目 項目名 指標項目 指標内容 指標の内容 "
    "name indicatorname indicator_name 指標(名称) 成果目標 評価指標 評価指標名 数値目標項目 調査項目 指標等",
    "year": "年度 調査年度 実施年度 対象年度 年 調査年 実施年 年次 西暦 和暦 西暦年度 和暦年度 会計年度 評価年度 測定年度 集計年度 該当年度 調査の年度 実施の年度 対象の年度 "
    "fiscalyear fiscal_year year fy 時点 調査時点 年度表記 データ年度 年月 調査年月 実施時期 調査時期 調査実施年度",
    "value": "値 実績値 実績 割合 比率 率 数値 結果 調査結果 調査値 回答割合 構成比 構成割合 百分率 パーセント パーセンテージ 指標値 成果指標値 "
    "成果値 測定値 集計値 集計結果 現状値 現況値 現状 現況 今回 今回値 今回調査 今年度 本年度 当年度 今年度値 本年度値 当年度値 今年度実績 本年度実績 "
    "当年度実績 今年度実績値 該当割合 該当者割合 該当率 肯定率 肯定割合 肯定的回答割合 はいの割合 はい割合 確定値 実測値 速報値 "
    "value percent percentage pct rate share 実績割合 実績率 値パーセント 指標の値 割合値 調査結果値 達成値 成果 市民割合 値[%] 全体 全体値 回答者割合",
    "n": "回答者数 有効回答数 有効回答者数 回答数 有効回答 回収数 有効回収数 有効票数 有効回収票数 回収票数 n n数 n= nsize サンプル数 サンプルサイズ "
    "有効サンプル数 標本数 標本サイズ 標本の大きさ 調査数 集計対象者数 集計対象数 集計数 回答人数 有効人数 有効回答人数 回答者 分母 samplesize sample_size "
    "sample respondents 回答総数 総回答数 有効件数 回答件数 有効回答件数 有効回答票数 回答票数 有効回答者 調査回答者数 回答者総数 総数 人数 n(人) 有効数",
    "count": "該当者数 該当数 該当人数 該当者 該当回答数 該当件数 該当回答者数 分子 はい はいの数 はいの人数 はいの回答数 はいと回答した人数 はいと答えた人数 "
    "はいと回答した者 はいの回答者数 肯定回答数 肯定者数 肯定数 肯定回答者数 肯定的回答数 度数 実数 yes 参加者数",
    "population": "母集団 母集団数 母集団の大きさ 母集団人数 母集団人口 母数 全職員数 職員数 職員総数 対象職員数 人口 総人口 市人口 population "
    "母集団(人) 母集団規模 n(母集団)",
    "population_weak": "対象者数 対象数 調査対象者数 調査対象数 対象人数 対象者 調査対象者 調査対象",
    "segment": "性別 年代 年齢 年齢層 年齢階級 年齢区分 年代別 男女 男女別 地域 地区 居住地域 居住地区 地域別 地区別 区分 属性 層別 内訳 種別 種類 kind 値の種類 データ区分",
    "unit": "単位 unit 単位(%)",
    "note": "備考 注記 注 摘要 メモ コメント 出典 note notes remarks",
}
ROLE_OF = {word: role for role, words in _WORDS.items() for word in words.split()}
# Columns of numbers of answers, the surest first; the first tier with one column is taken, and the choice is told.
_N_TIERS = ("有効", "回答|^n|分母|respond|集計", "回収", "サンプル|標本|調査|sample")

_TARGET = re.compile(r"目標|計画値|目指|めざす|target|goal")
_PREVIOUS = re.compile(r"前回|前年|前期|前々|昨年|一昨年|基準値|当初|策定時|従前|旧|過去|以前|baseline|previous|last")
_CHANGE = re.compile(r"差|増減|対比|前年比|前回比|伸び|変化|推移|改善幅|改善|difference|change")
_OTHER_RATE = re.compile(
    r"達成率|達成度|達成状況|達成見込|到達|進捗|回収率|^回答率|有効回答率|無回答|不明|誤差|信頼|下限|上限|順位|全国|県平均|県内|県値|他市|類似|平均|偏差|"
    r"予測|見込|推計|推定|期待|いいえ|否定|非該当|ペース|判定|評価(?!指標|年度)|ウェイト|ウエイト|重み|配布|発送|抽出|依頼|累計|男性|女性|\d代|\d歳|地区|(?:東|西|南|北|中央)部"
)
_PAREN = re.compile(r"[(\[【〔<](.*?)[)\]】〕>]")
_QUOTES = str.maketrans("", "", "「」『』\"'")
_UNIT_LINE = re.compile(r"(?:^|[(\[【〔<])単位(?:[:=]|(?=[%‰‱人名件票]))([^()\[\]【】〔〕<>]+)")
_UNIT_PREFIX = re.compile(r"^単位[:：]?")
_ERA = r"(?:平成|令和|昭和|[hrs])\.?(?:元|\d{1,2})|(?:19|20)\d{2}"
_YEAR_LABEL = re.compile(rf"(?<![\d.])({_ERA})(?:年度|年(?!\d|度|.?月))?(?![\d.年月/-])", re.ASCII)
_YEAR_FULL = re.compile(rf"(?<![\d.])({_ERA})年度", re.ASCII)
_PERCENT_UNITS = {"%", "パーセント", "percent", "pct", "百分率"}
PERSONS = {"人", "名", "件", "票", "人数"}
_HEAD_UNITS = PERSONS | {"人/年", "戸", "世帯", "団体", "回", "点", "円"}
_SCALED = re.compile("[百千万億]")
# Remarks in brackets that leave a column what it is; any other text there may be a unit, so it is taken for one.
_REMARKS = {
    "any": "確定 確定値 確報 確報値 速報 速報値 暫定 暫定値 実績 実績値 全体 全数 総数 総計 合計 計 市全体 全市 男女計 全年代 加重後 補正後 修正後 訂正後 集計後 再集計後 "
    "結果 調査 調査結果 単純集計 集計 今回 今年度 本年度 当年度 今年 本年 年度 直近 最新 最終 現状 現在 市民 職員 有効 "
    "市民意識調査 意識調査 アンケート 市民アンケート 職員アンケート 必須 任意 入力 入力欄 記入 記入欄 半角 半角数字 数値 数字 整数 四捨五入 0~100 0-100",
    "value": "はい 該当 肯定 はいの割合 はいと回答 はいと答えた人",
}
_NEUTRAL = frozenset(_REMARKS["any"].split())
_NEUTRAL_VALUE = frozenset(_REMARKS["value"].split())
_NEUTRAL_FORMS = re.compile(
    r"小数点?(?:以下)?第?[一二12](?:位|桁)(?:まで|表示|四捨五入)?|(?:※|注|\*)\d*|[a-f](?:[=/÷][a-f])*|n=[\d,]+|\d{1,2}年度|"
    r"(?:平成|令和|[hr])?(?:元|\d{1,4})年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月(?:\d{1,2}日|末)?",
    re.ASCII,
)
_TIME_ENDING = re.compile(r"(?:実施|現在|時点|調査|調査結果|実績)$")
# What may stand before 回答者数 without making it the number of other people (未回答者数, 想定回答者数, Web回答者数).
_N_PREFIX = re.compile(
    r"(?:有効|総|全体?|調査|集計|アンケート|市民|職員|意識|本年度|今年度|当年度|今回|最終|確定|設問|質問|指標|実|合計|男女計|票|回収|回答|対象|の|[・:_-])*"
)
_N_ENDING = re.compile(r"(?:回答者数|回答数|回収数|サンプル数|標本数)$")


LONGEST = 200  # characters of a header that are looked at


@dataclass(frozen=True, slots=True)
class Label:
    """One header cell understood: its role, unit, the fiscal year it names (None without), and how sure the role is."""

    role: str
    unit: str = ""
    year: int | None = None
    key: str = ""
    weak: bool = False


def year_in(key: str, *, strict: bool = False) -> int | None:
    """The one fiscal year a header or title names; with ``strict`` only where 年度 follows. None for none or several."""
    found = {_parsed(text) for text in (_YEAR_FULL if strict else _YEAR_LABEL).findall(key)} - {None}
    return found.pop() if len(found) == 1 else None


def _parsed(text: str) -> int | None:
    try:
        return parse_fiscal_year(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def label_of(text: str, group: str = "") -> Label:
    """What a header's text says, the group heading above it taken into account.

    >>> label_of("実績値(％)").role, label_of("H24目標").role, label_of("値(人)").role, label_of("値(%)", "目標").role
    ('value', 'target', 'head_count', 'target')
    """
    own = _own_label(key_of(text[:LONGEST]).translate(_QUOTES))
    above = key_of(group[:LONGEST])
    if not above or own.role in {"number", "name", "year", "note", "segment", "unit"}:
        return own
    year = own.year if own.year is not None else year_in(above)
    if own.role in {"value", "year_value", "n", "count", "other"} and (excluded := _excluded(above)):
        return Label(excluded, own.unit, year, own.key)
    return Label(own.role, own.unit, year, own.key, own.weak)


def _excluded(key: str) -> str:
    """The role of a column that is certainly not the value: target, previous, change or another rate."""
    for role, pattern in (("target", _TARGET), ("change", _CHANGE), ("previous", _PREVIOUS), ("other", _OTHER_RATE)):
        if pattern.search(key):
            return role
    return ""


def _own_label(key: str) -> Label:
    insides = [_UNIT_PREFIX.sub("", inside) for inside in _PAREN.findall(key)]
    base = _PAREN.sub("", key).strip(":：_-*※")
    year = year_in(key)
    unit = next((inside for inside in insides if inside in _PERCENT_UNITS | _HEAD_UNITS or _SCALED.search(inside)), "")
    if not unit and base.endswith(("%", "パーセント")) and base != "パーセント":
        unit, base = "%", base.removesuffix("%").removesuffix("パーセント")
    if not unit and any("ポイント" in inside or inside in {"pt", "点"} for inside in insides):
        return Label("change", "ポイント", year, key)
    if key in ROLE_OF:
        return _with_unit(Label(ROLE_OF[key], unit, None, key))
    if base in ROLE_OF and not _excluded("".join(insides)):
        return _with_unit(Label(ROLE_OF[base], unit, year, key))
    if excluded := _excluded(key):
        return Label(excluded, unit, year, key)
    bare = _YEAR_LABEL.sub("", base).strip("の年度:_-")
    if bare in ROLE_OF and ROLE_OF[bare] in {"value", "n", "count"}:
        return _with_unit(Label(ROLE_OF[bare], unit, year, key))
    if year is not None and bare in {"", "調査", "調査結果", "市民意識調査", "意識調査", "アンケート"}:
        return _with_unit(Label("year_value", unit, year, key))
    if not base and unit:
        return _with_unit(Label("value", unit, year, key))
    return _by_ending(base, unit, year, key)


def _by_ending(base: str, unit: str, year: int | None, key: str) -> Label:
    """Roles of headers known by their last words only."""
    if _N_ENDING.search(base) and not re.search("はい|いいえ|肯定|該当", base):
        known = _N_PREFIX.fullmatch(_N_ENDING.sub("", _YEAR_LABEL.sub("", base)).removeprefix("年度"))
        return _with_unit(Label("n" if known else "other", unit, year, key))
    if re.search("はい|肯定|該当", base) and (unit in _HEAD_UNITS or base.endswith(("数", "人"))):
        return Label("count", unit, year, key)
    if base.endswith(("実績値", "実績", "の割合", "割合", "比率")) or unit == "%":
        return _with_unit(Label("value", unit, year, key, weak=True))
    return Label("other", unit, year, key)


def _with_unit(label: Label) -> Label:
    """Let the unit overrule: a value in persons is a head count, a number of answers in % is another rate."""
    if label.role in {"value", "year_value", "n"} and not label.unit and (foreign := _foreign(label.key, label.role)):
        weak = label.weak or label.role == "year_value"
        return Label("other" if label.role == "n" else "head_count", foreign, label.year, label.key, weak)
    if label.role in {"value", "year_value"} and label.unit and label.unit not in _PERCENT_UNITS:
        return Label("head_count", label.unit, label.year, label.key)
    if label.role == "n" and label.unit in _PERCENT_UNITS:
        return Label("other", label.unit, label.year, label.key)
    if label.role == "count" and label.unit in _PERCENT_UNITS:
        return Label("value", label.unit, label.year, label.key, weak=True)
    if label.role in {"n", "count"} and label.unit and label.unit not in PERSONS:
        return Label("scaled_n", label.unit, label.year, label.key)
    return label


def _foreign(key: str, role: str) -> str:
    """The first text in brackets that is neither percent, a year nor a known remark: it may be a unit."""
    insides = (_UNIT_PREFIX.sub("", inside) for inside in _PAREN.findall(key))
    return next(
        (inside for inside in insides if not all(_is_neutral(part, role) for part in re.split("[、,・;]", inside))), ""
    )


def _is_neutral(part: str, role: str) -> bool:
    said = _TIME_ENDING.sub("", _YEAR_LABEL.sub("", part))
    known = {part, said} & (_NEUTRAL | _PERCENT_UNITS) or not said or ROLE_OF.get(part) == role
    if role != "n" and part in _NEUTRAL_VALUE:
        return True
    return bool(known or _NEUTRAL_FORMS.fullmatch(said))


def is_unknown_unit(label: Label) -> bool:
    """Whether a value's bracket was taken for a unit only because nothing else is known of it."""
    return label.role == "head_count" and label.unit not in _HEAD_UNITS and not _SCALED.search(label.unit)


def units_in(text: str) -> tuple[str, ...]:
    """The units a line above the table names: (単位：%、人).

    >>> units_in("（単位：％、人）"), units_in("単位互換制度")
    (('%', '人'), ())
    """
    match = _UNIT_LINE.search(key_of(text[:LONGEST]))
    return tuple(part for part in re.split("[、,・/]", match[1]) if part) if match else ()


def is_percent_unit(unit: str) -> bool:
    """Whether a unit's key says percent."""
    return any(word in unit for word in _PERCENT_UNITS)


def n_tier(key: str) -> int:
    """How surely a header means the number of valid answers, 0 the surest."""
    return next((tier for tier, words in enumerate(_N_TIERS) if re.search(words, key)), len(_N_TIERS))
