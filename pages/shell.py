import streamlit as st

from kyodo.ui.door import TITLE

st.set_page_config(page_title=TITLE, page_icon=":material/monitoring:", layout="wide")
shown = st.navigation(
    [
        st.Page("overview.py", title="概要", icon=":material/dashboard:", default=True),
        st.Page("indicators.py", title="成果指標", icon=":material/trending_up:"),
        st.Page("items.py", title="推進項目", icon=":material/checklist:"),
        st.Page("past.py", title="前期の検証", icon=":material/fact_check:"),
        st.Page("register.py", title="調査データの登録", icon=":material/upload_file:"),
        st.Page("history.py", title="履歴", icon=":material/history:"),
        st.Page("about.py", title="このプランについて", icon=":material/menu_book:"),
    ],
    position="top",
)
shown.run()
