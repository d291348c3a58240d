import streamlit as st

from kyodo import access, ui
from kyodo.ui import door, places, runs
from kyodo.ui.door import ICON, TITLE

with runs.run():
    shown = st.navigation(ui.navigation(places.grouped(access.may_write())), position="top")
    st.set_page_config(page_title=f"{shown.title} | {TITLE}", page_icon=ICON, layout="wide")
    door.ask_to_sign_in()
    shown.run()
