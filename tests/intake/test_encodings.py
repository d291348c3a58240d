"""Encodings and delimiters: the same table in any usual dress gives the same values; a mixture names its rows."""

import csv

import pytest
from intake.builders import as_csv, changed, table, with_column
from intake.laws import assert_law, bad, good, parametrised

from kyodo.intake.text import decode
from kyodo.intake.words import Findings

PLAIN = table()
NOTED = with_column(5, ["備考", "確定"])


def joined(*lines, ending="\r\n"):
    return ending.join(lines) + ending


LINES = as_csv(PLAIN).decode().splitlines()
CP932_ROW = as_csv(PLAIN).splitlines(keepends=True)
MIXED = b"".join(line.decode().encode("cp932") if number == 4 else line for number, line in enumerate(CP932_ROW, 1))
MIXED_BACK = b"".join(
    line if number == 3 else line.decode().encode("cp932") for number, line in enumerate(CP932_ROW, 1)
)
NOTED_LINES = as_csv(NOTED).splitlines(keepends=True)
MIXED_NOTE = (
    b"".join(NOTED_LINES[:2])
    + NOTED_LINES[2].replace("確定".encode(), "確定値".encode("cp932"))
    + b"".join(NOTED_LINES[3:])
)

CASES = [
    *[
        good(f"{encoding} {name}", as_csv(PLAIN, encoding, mark))
        for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16")
        for name, mark in (("comma", ","), ("tab", "\t"), ("semicolon", ";"))
    ],
    good("UTF-16BE with BOM", b"\xfe\xff" + as_csv(PLAIN, "utf-16-be", "\t")),
    bad("UTF-16LE without BOM", as_csv(PLAIN, "utf-16-le", "\t"), "encoding"),
    bad("UTF-16BE without BOM", as_csv(PLAIN, "utf-16-be"), "encoding"),
    bad("UTF-32 with BOM", as_csv(PLAIN, "utf-32"), "encoding"),
    bad("UTF-16 cut in half a character", as_csv(PLAIN, "utf-16")[:-1], "encoding"),
    bad("UTF-16LE bytes under a BE mark", b"\xfe\xff" + as_csv(PLAIN, "utf-16-le"), "encoding"),
    good("BOM twice", b"\xef\xbb\xbf" + as_csv(PLAIN, "utf-8-sig")),
    good("LF", as_csv(PLAIN, ending="\n")),
    good("CR alone", as_csv(PLAIN, ending="\r")),
    good("CR CR LF", as_csv(PLAIN, ending="\r\r\n")),
    good("no line break at the end", as_csv(PLAIN).rstrip()),
    good("DOS end mark", as_csv(PLAIN, "cp932") + b"\x1a"),
    good("everything quoted", as_csv(PLAIN, quoting=csv.QUOTE_ALL)),
    good("blank before quotes", joined(*[", ".join(f'"{cell}"' for cell in row) for row in PLAIN]).encode()),
    good("sep line of Excel", b"sep=;\r\n" + as_csv(PLAIN, delimiter=";")),
    good("trailing tabs", as_csv([[*row, "", ""] for row in PLAIN], delimiter="\t")),
    good("blank rows between", joined(LINES[0], "", *LINES[1:3], ",,,,", *LINES[3:]).encode()),
    good("half-width katakana in a note", as_csv(with_column(5, ["備考", "ｱﾝｹｰﾄ"]), "cp932")),
    good("wave dash and minus of CP932", as_csv(with_column(5, ["備考", "～－∥￠￡￢"]), "cp932")),
    good("gaiji in a note", as_csv(NOTED, "cp932").replace("確定".encode("cp932"), b"\xf0\x40"), "encoding_notice"),
    good("escape sequence in a note", as_csv(with_column(5, ["備考", "\x1b[31m\x07"])), "encoding_notice"),
    good("emoji in a note", as_csv(with_column(5, ["備考", "👪🏽"]))),
    bad("gaiji in a name", as_csv(PLAIN, "cp932").replace("協働".encode("cp932"), b"\xf0\x40"), "encoding", 6),
    bad("a byte 0x80 in CP932", as_csv(NOTED, "cp932").replace("確定".encode("cp932"), b"\x80"), "encoding", 2),
    bad("NUL in a value", as_csv(changed((4, 3, "23\x00.7"))), "encoding", 4),
    bad("replacement character in a name", as_csv(changed((4, 1, "まちづくり\ufffd活動"))), "encoding", 4),
    bad("UTF-8 with one CP932 row", MIXED, "encoding", 4),
    bad("CP932 with one UTF-8 row", MIXED_BACK, "encoding", 3),
    bad("one note in CP932", MIXED_NOTE, "encoding", 3),
    bad("EUC-JP", as_csv(PLAIN, "euc_jp"), "encoding"),
    bad("ISO-2022-JP", as_csv(PLAIN, "iso2022_jp"), "encoding"),
    bad("GB18030", as_csv(PLAIN, "gb18030"), "encoding"),
    bad("UTF-8 taken for Latin-1 and saved", as_csv(PLAIN).decode("latin-1").encode(), "encoding"),
    bad("UTF-8 cut within a character", as_csv(PLAIN)[: as_csv(PLAIN).index("協働".encode()) + 1], "encoding", 6),
    bad(
        "a quote opened in row 3",
        joined(*LINES[:2], LINES[2].replace("市民活動", '"市民活動'), *LINES[3:]).encode(),
        "quote",
        3,
    ),
    bad(
        "a quote closed two rows later",
        joined(
            LINES[0] + ",備考",
            LINES[1] + ',"確定',
            LINES[2] + ",確定",
            LINES[3] + ',確定"',
            *[line + "," for line in LINES[4:]],
        ).encode(),
        "quote",
        2,
    ),
    bad(
        "thousands torn into a note",
        as_csv(
            changed((3, 4, "1"), header=[*PLAIN[0]])[:1]
            and [[*row, "備考" if i == 0 else "686" if i == 2 else ""] for i, row in enumerate(changed((3, 4, "1")))]
        ),
        "n",
        3,
    ),
    bad(
        "thousands torn beside trailing commas",
        as_csv([[*row, "686" if i == 2 else "", ""] for i, row in enumerate(changed((3, 4, "1")))]),
        "n",
        3,
    ),
    bad("text beyond the header", as_csv([*PLAIN[:2], [*PLAIN[2], "確定"], *PLAIN[3:]]), "extra", 3),
    bad("a row of two fields", as_csv([*PLAIN[:3], PLAIN[3][:2], *PLAIN[4:]]), "short", 4),
    *[bad(f"cut at {mark}", as_csv(PLAIN, delimiter=mark), "header", 1) for mark in "|，、^"],
    bad("fixed width", joined(*["  ".join(row) for row in PLAIN]).encode(), "header"),
    bad(
        "decimal commas",
        as_csv(
            [[*row[:3], row[3].replace(".", ","), row[4]] if i else row for i, row in enumerate(PLAIN)], delimiter=";"
        ),
        "number",
        2,
    ),
    bad("a line of two million characters", as_csv([PLAIN[0], ["x" * 2_000_000]]), "too_large"),
    bad("three thousand columns", as_csv([[*row, *["1"] * 3000] for row in PLAIN]), "too_large"),
    bad("BOM and nothing", b"\xef\xbb\xbf", "empty"),
    bad("only line breaks", b"\r\n\r\n \r\n", "empty"),
    bad("only commas", b",,,,\r\n,,,,\r\n", "empty"),
]


@parametrised(CASES)
def test_a_text_file_has_the_outcome_of_its_kind(case, plan):
    assert_law(case, plan)


def test_utf8_goes_before_cp932_also_where_both_would_do(plan):
    data = "番号,値\r\n".encode()
    assert data.decode("cp932") != "番号,値\r\n"  # it decodes, into other characters
    assert decode(data, Findings()) == ("番号,値\r\n", "utf-8-sig")
    assert decode("番号,値\r\n".encode("cp932"), Findings()) == ("番号,値\r\n", "cp932")


@pytest.mark.parametrize("text", ["18歳以上が対象", "10代から70代", "今後さらに増やす", "九か所で調査", "向上した"])
def test_bytes_of_cp932_that_look_like_kana_of_utf8_are_no_other_encoding(text, plan):
    assert_law(good("kana by chance", as_csv(with_column(5, ["備考", text]), "cp932")), plan)
