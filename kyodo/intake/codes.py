"""What may be wrong with a survey file: every kind declared once, with its title, its usual remedy and the national rule.

``rule`` is the item of 総務省「統計表における機械判読可能なデータ作成に関する表記方法」(令和2年12月, 機械可読性ルール)
that a file of this kind departs from; empty where that document has none. Codes are stable: they stand in exported
problem lists and in tests.
"""

from dataclasses import dataclass, field

from kyodo.errors import Problem
from kyodo.wording import shorten

RULE_NAME = "機械可読性ルール"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: Japanese title, what to do about it unless the place knows better, and the national rule's item."""

    title: str
    hint: str = ""
    rule: str = ""


_SAVE = "Excel で開き、「名前を付けて保存」から Excel ブック(.xlsx) か CSV UTF-8 を選んで保存し直してください。"
_TEMPLATE = "登録画面の様式(指標番号、指標名、年度、値(%)、回答者数)に合わせてください。"

CODES = {
    # the file as a whole
    "empty": Code("空のファイル", "中身の入ったファイルを選び直してください。"),
    "format": Code("ファイル形式", _SAVE, "1-1"),
    "password": Code("パスワード・古い形式", "パスワードを外し、Excel ブック(.xlsx) で保存し直してください。", "1-1"),
    "corrupt": Code("壊れたファイル", "元のファイルを Excel で開けるか確かめ、保存し直してください。", "1-1"),
    "too_large": Code("大きすぎるファイル", "調査の表だけを新しいブックか CSV に写して保存し直してください。"),
    "too_heavy": Code("大きすぎるファイル", "調査の表だけを新しいブックか CSV に写して保存し直してください。"),
    "too_slow": Code("時間切れ", "調査の表だけを新しいブックか CSV に写して保存し直してください。"),
    "unreadable": Code("読み取りの失敗", _SAVE),
    "encoding": Code("文字コード", "メモ帳か Excel で開き、UTF-8 で保存し直してください。", "1-10"),
    "quote": Code("引用符", '二重引用符(")の開きと閉じを確かめてください。'),
    "extra": Code("列数が多い行", "桁区切りのカンマが引用符で囲まれているか確かめてください。", "1-3"),
    "short": Code("列数が少ない行", "足りない列を記入してください。値がなければ「未集計」と書いてください。"),
    # the table's shape
    "header": Code("見出し", _TEMPLATE, "1-6"),
    "layout": Code("表の形", "1行に1指標・1年度の縦長の表にしてください。" + _TEMPLATE, "2-1"),
    "sheets": Code("複数のシート", "登録する表だけを残すか、ほかのシートを削除してください。", "2-2"),
    "tables": Code("複数の表", "1つのシートに表は1つにしてください。", "2-2"),
    "hidden": Code("非表示", "再表示して確かめ、不要なら削除してください。"),
    "merged": Code("結合されたセル", "セルの結合を解き、1行ずつ記入してください。", "1-4"),
    "segment": Code("内訳の行", "全体(男女計、全年代など)の行だけの表にしてください。"),
    # the summary form's cells
    "blank": Code("空欄", "値を記入するか、値がないことが分かるように「未集計」と書いてください。", "1-6"),
    "number": Code("数値でない値", "37.2 のように数字だけを記入してください。", "1-3"),
    "range": Code("範囲外の値", "百分率(0から100)で記入してください。"),
    "ratio": Code("割合か百分率か", "百分率(37.2)で書き直すか、セルをパーセント書式にしてください。", "1-9"),
    "unit": Code("単位", "百分率(%)の値の列を用意してください。", "1-9"),
    "n": Code("回答者数", "回答者数は 1 以上の整数(人数)で記入してください。", "1-3"),
    "count_mismatch": Code("人数と割合の食い違い", "値、回答者数、該当者数のどれが正しいか確かめてください。"),
    "formula": Code("計算結果のない数式", "Excel で開いて計算し、値として貼り付けて保存し直してください。", "1-7"),
    "error_cell": Code("エラー値", "#N/A などのエラーを直し、値がなければ「未集計」と書いてください。", "1-7"),
    "unknown": Code("該当する指標がない", "指標番号(1から)と指標名を計画書のとおりに書いてください。", "1-6"),
    "mismatch": Code("番号と指標名の食い違い", "どちらが正しいか確かめて直してください。"),
    "dup": Code("重複", "正しい行だけを残してください。"),
    "year": Code("年度", "H25、平成25年度、2013 のように書いてください。", "1-11"),
    "year_needed": Code("年度が必要", "登録画面で年度を選んでください。", "1-11"),
    "year_mixed": Code("年度の混在", "年度ごとにファイルを分けるか、誤りを直してください。", "1-11"),
    "year_differs": Code("年度の食い違い", "画面で選んだ年度とファイルの年度を確かめてください。", "1-11"),
    "conflict": Code("登録済みの値と異なる", "計画書の値が正しければ、この年度を除いてください。"),
    # the raw form
    "mapping_needed": Code(
        "列の対応付けが必要", "どの列がどの指標か、どの回答が「はい」かを登録画面で選んでください。"
    ),
    "mapping": Code("列の対応付け", "登録画面で列と回答の対応を選び直してください。"),
    "code": Code("想定外の回答", "選択肢のコードを確かめ、対応付けに加えるかデータを直してください。"),
    "weight": Code("ウェイト(重み)", "ウェイトは正の数で記入してください。", "1-3"),
    "no_answers": Code("有効な回答がない", "列と回答の対応付けを確かめてください。"),
    # notices
    "encoding_notice": Code("文字コードの読み替え"),
    "file_kind": Code("拡張子と中身の違い"),
    "delimiter_notice": Code("区切りの読み替え"),
    "skipped_rows": Code("読まなかった行"),
    "total_row": Code("合計・平均の行"),
    "skipped_sheets": Code("読まなかったシート", rule="2-2"),
    "unused_columns": Code("使わなかった列"),
    "normalised": Code("書き方の読み替え", rule="1-3"),
    "percent_format": Code("パーセント書式"),
    "missing_mark": Code("値がない指標", rule="1-13"),
    "missing_indicator": Code("ファイルにない指標"),
    "short_name": Code("指標名の略記"),
    "no_name": Code("番号または名称だけの表"),
    "n_unknown": Code("回答者数が不明"),
    "n_choice": Code("回答者数の列の選択"),
    "population": Code("母集団による補正"),
    "filled": Code("結合・省略の補い", rule="1-4"),
    "header_rows": Code("複数行の見出し", rule="1-6"),
    "year_notice": Code("年度の確認"),
    "printed": Code("計画書の値と一致"),
    "unusual": Code("確かめたい値"),
    "macro": Code("マクロ付きブック"),
    "personal": Code("個人情報の列"),
    "withheld": Code("秘匿"),
    "answers_notice": Code("回答の読み替え"),
}


def problem(
    code: str,
    message: str,
    *,
    hint: str | None = None,
    file: str = "",
    sheet: str = "",
    row: int | None = None,
    column: str = "",
) -> Problem:
    """A problem or notice of a declared kind, with that kind's hint unless another is given."""
    usual = CODES[code].hint  # a KeyError here is a mistake in this package, never in a file
    return Problem(
        code=code,
        message=message,
        hint=usual if hint is None else hint,
        file=file,
        sheet=shorten(sheet),
        row=row,
        column=shorten(column),
    )


@dataclass(slots=True)
class Findings:
    """What reading one table has found so far: problems refuse the file, notices only tell. Places carry the sheet."""

    sheet: str = ""
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, message: str, **place) -> None:
        """Note a problem."""
        self.problems.append(problem(code, message, **{"sheet": self.sheet} | place))

    def tell(self, code: str, message: str, **place) -> None:
        """Note something worth telling that does not refuse the file."""
        self.notices.append(problem(code, message, **{"sheet": self.sheet} | place))

    def add(self, other: "Findings") -> None:
        """Take over what another reading found."""
        self.problems += other.problems
        self.notices += other.notices
