"""The door: ``streamlit run dashboard.py``. The pages are in ``pages/``, what they know is in ``kyodo/``."""

import streamlit as st
from starlette.middleware import Middleware

from kyodo import start
from kyodo.access import server
from kyodo.posix import more_files

more_files()
server.settle()
app = st.App(
    "pages/shell.py",
    routes=start.ROUTES,
    middleware=[Middleware(start.Front)],
    lifespan=start.serving,
    on_script_error=start.say_error,
)
