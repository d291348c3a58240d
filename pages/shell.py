import streamlit as st

from kyodo.ui import door
from kyodo.ui.door import ICON, TITLE

shown = st.navigation(
    [
        st.Page("overview.py", title="概要", default=True),
        st.Page("indicators.py", title="成果指標"),
        st.Page("items.py", title="推進項目"),
        st.Page("progress.py", title="進行管理"),
        st.Page("past.py", title="前期の検証"),
        st.Page("register.py", title="調査データの登録"),
        st.Page("addressees.py", title="宛先"),
        st.Page("history.py", title="履歴"),
        st.Page("meeting.py", title="会議"),
        st.Page("about.py", title="このプランについて"),
    ],
    position="top",
)
st.set_page_config(page_title=f"{shown.title} | {TITLE}", page_icon=ICON, layout="wide")
door.ask_to_sign_in()
shown.run()
