"""Streamlit's own words in Japanese: what no argument sets is translated in the files the browser loads.

A word covered by a style sheet would still be read aloud in English. ``WORDS`` names the files by the first part of
their name and holds the exact text of the pinned version; a test finds every one of them there, so that a new version
of Streamlit with other words fails the build and not the reader.
"""

WORDS = {
    "index": {
        "`Skip to main content`": "`本文へ移動`",
        "`App pages`": "`ページ`",
        "`Sidebar`": "`サイドバー`",
        "`Expand sidebar`": "`メニューを開く`",
        "`Collapse sidebar`": "`メニューを閉じる`",
        "`${i.flat().length} more`": "`ほか${i.flat().length}ページ`",
        "`View less`": "`表示を減らす`",
        "`View ${x-m} more`": "`ほか${x-m}件を表示`",
        "`Notifications`": "`お知らせ`",
        "`Main menu`": "`メニュー`",
        "`Close`": "`閉じる`",
        "`Shortcut ${l}`": "`${l}キー`",
        "`Running...`": "`処理しています`",
        "title:e?`Stopping...`:`Stop`": "title:e?`停止しています`:`停止`",
        "`Connecting`": "`接続しています`",
        "`Connecting to Streamlit server`": "`サーバーに接続しています`",
        "`Unable to connect to Streamlit server`": "`サーバーに接続できません`",
        "showError(`Connection error`": "showError(`サーバーに接続できません`",
        "showError(`Page not found`": "showError(`ページが見つかりません`",
        "`Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:`,codeBlock:`streamlit run yourscript.py`": "`サーバーが応答しません。しばらく待っても続くときは、運用担当者に連絡してください。`",
        "`Streamlit server is not responding. Are you connected to the internet?`": "`サーバーが応答しません。庁内ネットワークへの接続を確かめ、続くときは運用担当者に連絡してください。`",
        "Cannot connect to Streamlit (HTTP status: 403).": "このURLからは接続が許されていません(403)。運用担当者に連絡してください。",
        "If you are trying to access a Streamlit app running on another server, this could be due to the app's [CORS](${rD}) settings.": "",
        "`You have requested page /${e}, but no corresponding file was found in the app's pages/ directory`": "`「${e}」というページはありません`",
        "`The page that you have requested does not seem to exist`": "`指定されたページはありません`",
        "`${t}. Running the app's main page.`": "`${t}。「概要」を表示します。`",
        "`Connection lost. Please wait for the app to reconnect, then try again.`": "`接続が切れました。つながるのを待って、もう一度選んでください。`",
        "`Please wait...`": "`お待ちください…`",
    },
    "FileUploader": {
        "`Drag and drop a file here`": "`ここにファイルを置いてください`",
        "`Drag and drop files here`": "`ここにファイルを置いてください`",
        "e({tabIndex:-1})": "e({tabIndex:-1,role:`group`})",  # named, so not mere decoration: axe presentation-role-conflict
        "icon:`:material/upload:`,": "",  # the font's name for the icon, read as a word where pictures are off
        ":`Upload`": ":`ファイルを選ぶ`",
        "`Add files`": "`別のファイルを選ぶ`",
        "} per file`": "}まで`",
        "`${e.type} files are not allowed.`": "`この種類のファイルは選べません。`",
    },
    "utils": {
        '"aria-label":`file upload`': '"aria-label":`ファイルを選ぶ`',
        "`File must be ${$(n,`b`)} or smaller.`": "`${$(n,`b`)}以下のファイルを選んでください。`",
        "`${t.type} files are not allowed.`": "`この種類のファイルは選べません。CSVかExcelの.xlsxを選んでください。`",
        "`File size is too small.`": "`ファイルが小さすぎます。`",
        "`Only one file is allowed.`": "`ファイルは一つだけ選べます。`",
        "`Upload failed`": "`送信できませんでした`",
        "`Cancel upload of ${e.name}`": "`${e.name}の送信をやめる`",
        "`Remove ${e.name}`": "`${e.name}を外す`",
        "`Click to retry upload`": "`もう一度送信する`",
        "`Error: `": "`誤り: `",
        "`Choose an option`": "`選んでください`",
        "`Choose options`": "`選んでください`",
        "`No options to select`": "`選べるものがありません`",
    },
    "Selectbox": {
        "`No results`": "`該当する候補がありません`",
        "`Clear value`": "`選択を外す`",
        "`Open`": "`候補を開く`",
        "`Selectbox options`": "`候補`",
    },
    "Multiselect": {
        "`No results`": "`該当する候補がありません`",
        "`Clear all`": "`すべて外す`",
        "`Open`": "`候補を開く`",
        "`Multiselect options`": "`候補`",
        "`Selected values`": "`選んだもの`",
        "`Select all`": "`すべて選ぶ`",
        "`Select ${p.length} matches`": "`該当する${p.length}件を選ぶ`",
        "`Remove ${e}`": "`${e}を外す`",
        "`You can only select up to ${t.maxSelections} ${e}. Remove an option first.`": "`選べるのは${t.maxSelections}件までです。`",
    },
    "InputInstructions": {
        "`Press Enter to ${e}`": "`Enterキーで${e}`",
        "`Press ${r()?`⌘`:`Ctrl`}+Enter to ${e}`": "`${r()?`⌘`:`Ctrl`}+Enterキーで${e}`",
        "`submit form`": "`送信`",
        "`apply`": "`反映`",
    },
    "TextInput": {"`Clear entry`": "`入力を消す`", "`Invalid input.`": "`入力を確かめてください。`"},
    "StreamlitMarkdown": {"`Help for ${": "`説明: ${", "`Help`": "`説明`"},
    "DynamicIcon": {"`${n} icon`": "``", "return`Loading`": "return`処理中`"},
    "Toolbar": {"`Fullscreen`,": "`画面いっぱいに表示`,", "`Close fullscreen`": "`元の大きさに戻す`"},
    "DownloadButton": {"`Download failed`": "`保存できませんでした`"},
    "Pagination": {
        '"aria-label":`Pagination`': '"aria-label":`ページを選ぶ`',
        "`Previous page`": "`前のページ`",
        "`Next page`": "`次のページ`",
        "`Page ${e.page}`": "`${e.page}ページ`",
    },
    "Spinner": {" seconds)": "秒)"},
}


def translated(name: str, body: bytes) -> bytes:
    """A file of the browser's program with our words in it."""
    for english, japanese in WORDS.get(name.partition(".")[0], {}).items():
        body = body.replace(english.encode(), japanese.encode())
    return body
